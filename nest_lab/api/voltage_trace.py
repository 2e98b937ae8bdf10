"""``nest.voltage_trace``: the membrane potential that a recorder has recorded; drawn by `nest_lab.plot`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab import errors
from nest_lab.api.nodes import NodeCollection, given_ids
from nest_lab.api.raster_plot import plotting, read_columns, recorded
from nest_lab.simulation import public

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["from_device", "from_file"]

_PER_MS = {"ms": 1.0, "s": 1e-3, "us": 1e3}


@public("voltage_trace.from_device()")
def from_device(
    detec: NodeCollection,
    neurons: Any = None,
    title: str | None = None,
    grayscale: bool = False,
    timeunit: str = "ms",
    ax: Axes | None = None,
) -> Axes:
    """Draw the membrane potential that a recorder has recorded.

    Parameters
    ----------
    detec : NodeCollection
        One voltmeter or multimeter that records V_m and keeps its events in memory.
    neurons : NodeCollection or sequence of int, optional
        The neurons to draw; all when left out.
    title : str, optional
        Title of the axes.
    grayscale : bool
        Whether to draw in grey.
    timeunit : {'ms', 's', 'us'}
        Unit of the time axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    errors.BadValue
        It is not one recorder, or it has recorded nothing.
    errors.UnknownName
        It does not record V_m, or there is no such unit of time.
    """
    events = recorded(detec, "voltmeter", "voltage_trace")
    if "V_m" not in events:
        raise errors.UnknownName(
            f"the {detec.model} does not record V_m",
            value=", ".join(repr(name) for name in events),
            allowed="a recorder with 'V_m' in record_from",
            todo="Give record_from=['V_m'] when you create it.",
        )
    times, senders, values = events["times"], events["senders"], events["V_m"]
    if neurons is not None:
        keep = np.isin(senders, np.asarray(given_ids(neurons)))
        times, senders, values = times[keep], senders[keep], values[keep]
    return _draw(times, senders, values, title or "Membrane potential", grayscale, timeunit, ax)


@public("voltage_trace.from_file()")
def from_file(fname: Any, title: str | None = None, grayscale: bool = False, ax: Axes | None = None) -> Axes:
    """Draw the membrane potential of text files: three columns, node id, time (ms) and potential (mV).

    Parameters
    ----------
    fname : str, path or sequence of them
        The files.
    title : str, optional
        Title of the axes.
    grayscale : bool
        Whether to draw in grey.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    files = [fname] if not isinstance(fname, (list, tuple)) else list(fname)
    data = np.concatenate([read_columns(each, 3) for each in files])
    senders = data[:, 0].astype(np.int64)
    return _draw(data[:, 1], senders, data[:, 2], title or "Membrane potential", grayscale, "ms", ax)


def _draw(
    times: Any, senders: Any, values: Any, title: str, grayscale: bool, timeunit: str, ax: Axes | None
) -> Axes:
    plot = plotting()
    errors.refuse_other("unit of time", timeunit, _PER_MS)
    axes: Axes = plot.traces(times * _PER_MS[timeunit], values, senders, ax=ax, unit="mV", name="V_m")
    axes.set(title=title, xlabel=f"time ({timeunit})")
    if grayscale:
        shades = np.linspace(0.2, 0.7, max(len(axes.lines), 1))
        for line, shade in zip(axes.lines, shades, strict=False):
            line.set_color(f"{shade:.2f}")
        if axes.get_legend() is not None:
            axes.legend(frameon=False)
    return axes


class _Module(ModuleType):
    """The module, which is also the function `from_device`, as a shorthand."""

    def __call__(self, *args: Any, **kwargs: Any) -> Axes:
        return from_device(*args, **kwargs)


sys.modules[__name__].__class__ = _Module
