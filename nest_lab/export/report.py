"""One page about one simulation: what was run, what came out and what was to be expected."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Picture", "Report", "draw_png", "draw_svg", "render"]

_INK = "#010203"  # stands for the colour of the text while a figure is drawn, which the page decides
# Two hues that differ for colour-blind readers too, with a contrast of at least 3 on white and on nearly
# black.
_HUES = ("#3d85c6", "#d1602b", "#2f9e6e", "#a066c9")


@dataclass(frozen=True)
class Picture:
    """A figure of a report.

    Attributes
    ----------
    title : str
        What it shows.
    svg : str
        The drawing, from `draw_svg`.
    """

    title: str
    svg: str


@dataclass(frozen=True)
class Report:
    """Contents of a report.

    Attributes
    ----------
    title, subtitle : str
        Headings.
    citation, doi : str
        The publication and its digital object identifier.
    notes : sequence of str
        What a reader must know first, as that the run was interrupted.
    facts : mapping of str to str
        The most important figures of the run.
    pictures : sequence of Picture
        The figures.
    statistics : sequence of mapping
        Rows with keys ``title``, ``population``, ``value``, ``unit``, ``predicted``, ``published``,
        ``predicted_by``, ``published_in``. Rows of one title that follow each other are shown as one
        quantity of several populations.
    parameters : sequence of mapping
        Rows with keys ``name``, ``value``, ``unit``, ``doc``, ``default``.
    versions : mapping of str to str
        Software by name.
    command : str
        What to type to get the same again.
    """

    title: str
    subtitle: str
    citation: str
    doi: str
    pictures: Sequence[Picture]
    statistics: Sequence[Mapping[str, Any]]
    parameters: Sequence[Mapping[str, Any]]
    versions: Mapping[str, str]
    command: str
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()


def _style(ink: str) -> AbstractContextManager[None]:
    """Settings of matplotlib for a figure whose lines and letters have the colour `ink`."""
    from cycler import cycler
    from matplotlib.style import context

    inked = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    ours: dict[str, Any] = {
        **dict.fromkeys(inked, ink),
        "axes.prop_cycle": cycler(color=_HUES),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "font.size": 10.0,
        "svg.fonttype": "path",
        "legend.frameon": False,
        "svg.hashsalt": "nest_lab",
    }
    return context(["default", ours])


def _figure(draw: Callable[[Figure], None], width: float, height: float) -> Figure:
    """A figure that was drawn without a screen."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    draw(figure)
    return figure


def draw_svg(draw: Callable[[Figure], None], name: str, *, width: float = 7.2, height: float = 4.0) -> str:
    """Draw a figure as SVG that takes the colour of the text around it.

    Parameters
    ----------
    draw : callable
        Draws onto an empty `matplotlib.figure.Figure`.
    name : str
        Tells the figures of one page apart.
    width, height : float, inches
        Size.

    Returns
    -------
    str
        An ``<svg>`` element for a page; it refers to nothing outside.
    """
    with _style(_INK):
        figure = _figure(draw, width, height)
        figure.patch.set_alpha(0.0)
        for axes in figure.axes:
            axes.patch.set_alpha(0.0)
        text = io.StringIO()
        figure.savefig(
            text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(_INK, "currentColor")
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>figure-{name}-", svg)


def draw_png(
    draw: Callable[[Figure], None], *, width: float = 7.2, height: float = 4.0, dpi: float = 150.0
) -> bytes:
    """Draw a figure as PNG, dark on white.

    Parameters
    ----------
    draw : callable
        Draws onto an empty `matplotlib.figure.Figure`.
    width, height : float, inches
        Size.
    dpi : float
        Pixels per inch.

    Returns
    -------
    bytes
        The contents of the file.
    """
    with _style("#1a1a1a"):
        data = io.BytesIO()
        _figure(draw, width, height).savefig(data, format="png", dpi=dpi)
    return data.getvalue()


def _number(value: Any) -> str:
    """A number for people: four digits, a dash for what is not known."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    digits = f"{value:.4g}"
    if "e" not in digits:
        return digits
    mantissa, exponent = digits.split("e")
    return f"{value:,.0f}" if 0 < int(exponent) < 9 else f"{mantissa}·10^{int(exponent)}"


def render(report: Report) -> str:
    """Make the page.

    Parameters
    ----------
    report : Report
        Its contents.

    Returns
    -------
    str
        HTML that needs no other file, in a light and a dark theme and for paper.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = _number
    # Rows about one quantity say only once what it is and where it comes from.
    about = itemgetter("title", "unit", "predicted_by", "published_in")
    quantities = [list(rows) for _, rows in groupby(report.statistics, about)]
    template = files(__package__).joinpath("report.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(template).render(report=report, quantities=quantities)
