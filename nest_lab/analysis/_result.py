"""What all results of an analysis have in common, and how Elephant is called."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nest_lab.errors import BadValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Floats",
    "Ids",
    "Result",
    "above",
    "axes",
    "binned",
    "bins_between",
    "elephant",
    "inside",
    "select",
]

Floats = NDArray[np.floating[Any]]
Ids = NDArray[np.int64]


class Result:
    """A result that says what it is: as text, and as a table in a notebook.

    A subclass gives `facts` and `_draw`; `nest_lab.export.save` makes a file of it.
    """

    def facts(self) -> Sequence[tuple[str, str]]:
        """What it is and its most important numbers, with their units."""
        return []

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw, a new figure when not given.

        Returns
        -------
        matplotlib.axes.Axes
            Where it was drawn.
        """
        ax = axes(ax)
        self._draw(ax)
        return ax

    def _draw(self, ax: Axes) -> None:
        """Draw it on these axes."""
        raise NotImplementedError

    def __str__(self) -> str:
        rows = self.facts()
        width = max((len(name) for name, _ in rows), default=0)
        return "\n".join([type(self).__name__, *(f"  {name.ljust(width)}  {value}" for name, value in rows)])

    def _repr_html_(self) -> str:
        from nest_lab.tables import table

        return table(type(self).__name__, [], self.facts())


def axes(ax: Axes | None) -> Axes:
    """The axes to draw on, new ones if there are none."""
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.figure(figsize=(6.0, 3.0), layout="constrained").add_subplot()
    return ax


@contextmanager
def elephant() -> Iterator[None]:
    """Call Elephant without what it tells its own developers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        # the distance of a train to itself, which rounding makes negative, is set to 0
        warnings.filterwarnings("ignore", "van_rossum_distance: very small negative", RuntimeWarning)
        yield


def above(name: str, value: Any, lowest: float, unit: str, where: str) -> float:
    """Refuse a number that is not above a bound."""
    if not (isinstance(value, Real) and np.isfinite(float(value)) and float(value) > lowest):
        raise BadValue(
            f"{name} is out of bounds",
            where=where,
            value=f"{value!r} {unit}".strip(),
            allowed=f"a number above {lowest:g} {unit}".strip(),
            todo=f"Choose another {name}.",
        )
    return float(value)


def select(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float
) -> tuple[Floats, Ids, Ids]:
    """Spikes with start < t <= stop: their times, the ranks of their neurons, and the sorted neurons."""
    _refuse_empty(start, stop)
    t = np.asarray(times, dtype=np.float64)
    ids = np.asarray(senders, dtype=np.int64)
    if t.shape != ids.shape or t.ndim != 1:
        raise BadValue(
            "times and senders must have one entry per spike",
            value=f"shapes {t.shape} and {ids.shape}",
            allowed="two arrays of one length",
            todo="Take both from the same recorder: recorder.events['times'] and recorder.events['senders'].",
        )
    known = np.unique(np.asarray(neurons, dtype=np.int64))
    place = np.searchsorted(known, ids)
    ours = place < len(known)
    ours[ours] = known[place[ours]] == ids[ours]
    ours &= inside(t, start, stop)
    return t[ours], place[ours], known


def inside(times: Floats, start: float, stop: float) -> NDArray[np.bool_]:
    """Whether start < t <= stop, of each time.

    The edges are multiples of the resolution, which are not exact in binary: a spike belongs to one side for
    sure.
    """
    slack = 1e-12 * max(abs(start), abs(stop), 1.0)
    return (times > start + slack) & (times <= stop + slack)


def _refuse_empty(start: float, stop: float) -> None:
    """Refuse an interval that has no length, or none that is a number."""
    if not stop > start:
        raise BadValue(
            "the interval must not be empty",
            value=f"{start:g} … {stop:g} ms",
            allowed="stop above start",
            todo="Simulate longer, or begin earlier.",
        )
    if not np.isfinite(stop - start):
        raise BadValue(
            "the interval must be finite",
            value=f"{start:g} … {stop:g} ms",
            allowed="finite times",
            todo="Give the time of the simulation.",
        )


def bins_between(start: float, stop: float, bin: float) -> int:
    """Number of whole bins in an interval, at least one."""
    above("bin", bin, 0.0, "ms", "")
    _refuse_empty(start, stop)
    n_bins = int(np.floor((stop - start) / bin + 1e-9))
    if n_bins < 1:
        raise BadValue(
            "the interval must hold a whole bin",
            value=f"{start:g} … {stop:g} ms in bins of {bin:g} ms",
            allowed=f"an interval of at least {bin:g} ms",
            todo="Simulate longer, or make the bins smaller.",
        )
    return n_bins


def binned(times: Floats, start: float, bin: float, n_bins: int) -> NDArray[np.int64]:
    """Number of the bin of each spike; all must be `inside` of the interval.

    A spike at the edge of two bins belongs to the earlier one, whatever rounding does to the quotient.
    """
    places: NDArray[np.int64] = np.ceil((times - start) / bin - 1e-6).astype(np.int64) - 1
    return np.clip(places, 0, n_bins - 1)  # a precise spike may be next to the start
