"""Small tables of HTML, for what a notebook shows of models, nodes, connections and simulations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["framed", "summary", "table"]

_CELL = "text-align:left;padding:.1em .8em .1em 0;vertical-align:top"


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; without colours, since those of the page are right in a light and in a dark theme.

    Parameters
    ----------
    title : str
        What stands above it.
    headings : sequence of str
        Names of the columns; none for a table without a head.
    rows : iterable of sequence of str
        Texts, which are escaped.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> "<td" in table("Synapses", ["weight"], [["2 pA"]])
    True
    """
    from html import escape  # its list of entities takes a while, and not everybody looks at tables

    caption = (
        f"<caption style='text-align:left;color:inherit'><em>{escape(title)}</em></caption>" if title else ""
    )
    head = "".join(f"<th scope='col' style='{_CELL}'>{escape(name)}</th>" for name in headings)
    body = "".join(
        "<tr style='background:none'>"
        + "".join(f"<td style='{_CELL}'>{escape(text)}</td>" for text in row)
        + "</tr>"
        for row in rows
    )
    return (
        "<table style='color:inherit;background:none;border-collapse:collapse'>"
        + caption
        + (f"<thead style='border-bottom:1px solid currentColor'><tr>{head}</tr></thead>" if head else "")
        + f"<tbody>{body}</tbody></table>"
    )


def framed(name: str, what: str, parts: Iterable[str]) -> str:
    """Put parts below a line with a name and what it is the name of."""
    from html import escape

    head = f"<div><strong>{escape(name)}</strong>" + (f" ({escape(what)})" if what else "")
    return "\n".join([head, *parts, "</div>"])


def summary(values: NDArray[Any] | Sequence[Any]) -> str:
    """Say in few words what many values are.

    Examples
    --------
    >>> import numpy as np
    >>> summary(np.array([1.0, 1.0])), summary(np.array([1.0, 2.0, 6.0])), summary(["a", "b"])
    ('1', '1 … 6, mean 3', '2 different values')
    """
    if isinstance(values, np.ndarray):
        low, high = values.min(), values.max()
        return _number(low) if low == high else f"{low:g} … {high:g}, mean {values.mean():.4g}"
    texts = {_number(value) for value in values}
    return texts.pop() if len(texts) == 1 else f"{len(texts)} different values"


def _number(value: Any) -> str:
    if isinstance(value, float):
        return "∞" if value > 1e300 else f"{value:g}"
    return str(value)
