"""``nest.raster_plot``: spikes of a recorder, of arrays or of files; drawn by `nest_lab.plot`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab import errors
from nest_lab.api.nodes import NodeCollection, given_ids
from nest_lab.simulation import public

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

__all__ = ["extract_events", "from_data", "from_device", "from_file", "from_file_numpy", "from_file_pandas"]


def extract_events(data: ArrayLike, time: Any = None, sel: Any = None) -> NDArray[np.float64]:
    """Pick events by time and by neuron.

    Parameters
    ----------
    data : array_like, shape (n, 2)
        Node id and time (ms) of each event.
    time : float or sequence of float, ms, optional
        ``t_max`` or ``[t_max]`` keeps ``t < t_max``; ``[t_min, t_max]`` keeps ``t_min <= t < t_max``.
    sel : sequence of int, optional
        Ids of the neurons to keep.

    Returns
    -------
    ndarray, shape (m, 2)

    Examples
    --------
    >>> extract_events([[1, 5.0], [2, 6.0], [1, 9.0]], time=[5.5, 10.0], sel=[1])
    array([[1., 9.]])
    """
    events = np.asarray(data, dtype=float).reshape(-1, 2)
    keep = np.ones(len(events), dtype=bool)
    if time is not None:
        bounds = np.atleast_1d(np.asarray(time, dtype=float))
        if len(bounds) not in (1, 2):
            raise errors.BadValue(
                "time has one or two bounds",
                where="raster_plot.extract_events()",
                value=f"{len(bounds)} values",
                allowed="[t_max] or [t_min, t_max], ms",
                todo="Give one or two times.",
            )
        low = bounds[0] if len(bounds) == 2 else -np.inf
        keep &= (low <= events[:, 1]) & (events[:, 1] < bounds[-1])
    if sel is not None:
        keep &= np.isin(events[:, 0], np.asarray(given_ids(sel)))
    return events[keep]


@public("raster_plot.from_device()")
def from_device(detec: NodeCollection, **kwargs: Any) -> Axes:
    """Draw the spikes of a recorder.

    Parameters
    ----------
    detec : NodeCollection
        One spike recorder that keeps its events in memory.
    **kwargs
        As for `from_data`.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the raster.

    Raises
    ------
    errors.BadValue
        It is not one spike recorder, or it has recorded nothing.
    """
    events = recorded(detec, "spike_recorder", "raster_plot")
    kwargs.setdefault("title", f"Raster plot from device '{detec.tolist()[0]}'")
    return _draw(events["times"], events["senders"], **kwargs)


def recorded(detec: Any, model: str, function: str) -> dict[str, NDArray[Any]]:
    """Events of one recorder; refuse anything that is not one, or has recorded nothing."""
    if not isinstance(detec, NodeCollection) or len(detec) != 1:
        raise errors.BadValue(
            f"{function} draws one recorder",
            value=f"{len(detec)} nodes"
            if isinstance(detec, NodeCollection)
            else f"{detec!r} ({type(detec).__name__})",
            allowed="a NodeCollection of 1 node",
            todo="Index the collection.",
        )
    if "events" not in detec._all_names():
        raise errors.BadValue(
            f"{function} draws recorders",
            value=detec.model,
            allowed=model,
            todo=f"Connect a {model} and give that.",
        )
    events: dict[str, NDArray[Any]] = detec.get("events")
    if not len(events["senders"]):
        raise errors.BadValue(
            f"the {detec.model} has recorded nothing",
            value="0 events",
            allowed="1 or more events",
            todo="Connect it, Simulate(), and look at its start and stop.",
        )
    return events


@public("raster_plot.from_data()")
def from_data(data: ArrayLike, sel: Sequence[int] | None = None, **kwargs: Any) -> Axes:
    """Draw spikes of an array.

    Parameters
    ----------
    data : array_like, shape (n, 2)
        Node id and time (ms) of each spike.
    sel : sequence of int, optional
        Ids of the neurons to draw.
    **kwargs
        ``ax`` to draw on these axes, ``title``, ``xlabel``, ``hist`` (whether to draw the rate below, True),
        ``hist_binwidth`` (ms, 5), ``grayscale`` (False).

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the raster.
    """
    events = extract_events(data, sel=sel)
    if not len(events):
        raise errors.BadValue(
            "there is nothing to draw",
            value="0 events",
            allowed="1 or more events",
            todo="Look at the ids in sel.",
        )
    return _draw(events[:, 1], events[:, 0].astype(np.int64), **kwargs)


@public("raster_plot.from_file()")
def from_file(fname: Any, **kwargs: Any) -> Axes:
    """Draw spikes of text files of two columns, node id and time (ms), with or without a line of names.

    Parameters
    ----------
    fname : str, path or sequence of them
        The files.
    **kwargs
        As for `from_data`.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the raster.
    """
    files = [fname] if not isinstance(fname, (list, tuple)) else list(fname)
    return from_data(np.concatenate([read_columns(each, 2) for each in files]), **kwargs)


from_file_numpy = from_file_pandas = from_file


def read_columns(file: Any, columns: int) -> NDArray[np.float64]:
    """Read the first columns of a text file of numbers."""
    rows = []
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            cells = line.split()
            if cells and not cells[0][0].isalpha() and cells[0][0] != "#":
                rows.append([float(cell) for cell in cells[:columns]])
    return np.array(rows, dtype=float).reshape(-1, columns)


def plotting() -> Any:
    """Return `nest_lab.plot`, which stands on the public functions and is there when a figure is drawn."""
    return import_module("nest_lab.plot")


def _draw(
    times: Any,
    senders: Any,
    *,
    ax: Any = None,
    title: str | None = None,
    xlabel: str | None = None,
    hist: bool = True,
    hist_binwidth: float = 5.0,
    grayscale: bool = False,
) -> Axes:
    plot = plotting()
    drawn = plot.raster(times, senders, ax=ax, hist=hist, bin=hist_binwidth)
    axes = list(drawn) if isinstance(drawn, tuple) else [drawn]
    if title:
        axes[0].set_title(title)
    if xlabel:
        axes[-1].set_xlabel(xlabel)
    if grayscale:
        for artist in [*axes[0].lines, *(patch for each in axes[1:] for patch in each.patches)]:
            artist.set_color("0.5")
    axes[0].set_ylabel("neuron ID")
    raster: Axes = axes[0]
    return raster


class _Module(ModuleType):
    """The module, which is also the function `from_device`, as a shorthand."""

    def __call__(self, *args: Any, **kwargs: Any) -> Axes:
        return from_device(*args, **kwargs)


sys.modules[__name__].__class__ = _Module
