"""Analog signals of neurons, to look around in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from nest_lab import plot
from nest_lab.units import with_unit
from nest_lab.widgets._signals import Line, extremes, packed, panels_of
from nest_lab.widgets._window import Windowed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["TraceView"]


class TraceView(Windowed):
    """Membrane potentials and whatever else a multimeter recorded, to zoom and to move in.

    Each quantity has an axis of its own, with its unit; all share the axis of time. The samples go to the
    browser once. Where more of them fall on a pixel than can be seen it draws the lowest and the highest, so
    that a million stay fluid and no spike is lost.

    Parameters
    ----------
    source : NodeCollection or mapping of str to array_like
        Multimeters and voltmeters; or events: ``times``, ms, ``senders``, which may be missing, and
        quantities by name.
    recordables : iterable of str, optional
        Which quantities; all when not given.
    neurons : int or iterable of int
        How many neurons at most, or which.

    Attributes
    ----------
    window : (float, float), ms
        Where the picture begins and ends; can be set.

    Raises
    ------
    BadType, BadValue, UnknownName
        There are no signals in `source`, or not those that were asked for.

    Notes
    -----
    Without a browser, `print`, `figure` and `save` show the same window.

    Examples
    --------
    >>> import nest_lab as nest
    >>> with nest.Simulation() as simulation:
    ...     neuron = nest.Create("iaf_psc_alpha", params={"I_e": 200.0})
    ...     meter = nest.Create("voltmeter")
    ...     nest.Connect(meter, neuron)
    >>> simulation.run(101.0)
    True
    >>> print(TraceView(meter))
    Signals from 1.0 to 100.0 ms (of 1.0 to 100.0 ms)
      V_m of neuron 1: -69.24 … -62 mV
    """

    _uses = ("_chart", "_traces", "_view", "_save")
    _panels: Any = traitlets.List().tag(sync=True)
    _ranges: Any = traitlets.List().tag(sync=True)  # in the window, by panel and line

    def __init__(
        self, source: Any, recordables: Iterable[str] | None = None, neurons: int | Iterable[int] = 6
    ) -> None:
        self._given = (source, recordables, neurons)
        self._signals, *whole = panels_of(*self._given, where="TraceView()")
        super().__init__()
        self._take_over(whole)
        self.window = self._whole
        self._measure()

    def update(self) -> None:
        """Read the source again, after a further run; the window stays, or grows with the end.

        Raises
        ------
        StaleCollection
            The network was replaced by a reset; what is shown stays.
        """
        self._signals, *whole = panels_of(*self._given, where="TraceView.update()")
        self._read_again(lambda: self._take_over(whole))
        self._measure()
        self._do_look()

    def _take_over(self, whole: list[Any]) -> None:
        """Tell the page what there is."""
        self._whole = tuple(whole)
        self._least = min(1.0, self._whole[1] - self._whole[0])
        self._panels = [
            {"name": panel.name, "unit": panel.unit, "neurons": [line.neuron for line in panel.lines]}
            for panel in self._signals
        ]

    @traitlets.observe("window")
    def _measure(self, _: Any = None) -> None:
        """Lowest and highest value of each line in the window."""
        self._ranges = [[_range(line, *self.window) for line in panel.lines] for panel in self._signals]

    def _do_look(self) -> None:
        """Send everything: values of each line, times only where samples are missing."""
        facts: list[dict[str, Any]] = []
        buffers: list[Any] = []
        for panel in self._signals:
            for line in panel.lines:
                step = _step(line)
                start = float(line.times[0]) if len(line.times) else 0.0
                facts.append({"start": start, "step": step})
                buffers.append(packed(line.values))
                if step is None:
                    buffers.append(line.times)
        self.send({"what": "signals", "lines": facts}, buffers)

    def _draw(self, figure: Figure) -> None:
        start, stop = self.window
        count = max(len(self._signals), 1)
        rows = np.atleast_1d(np.asarray(figure.subplots(count, 1, sharex=True), dtype=object))
        for panel, axes in zip(self._signals, rows, strict=False):
            for line in panel.lines:
                ours = line.inside(start, stop)
                times, values = extremes(line.times[ours], line.values[ours], 2000)
                plot.traces(times, values, ax=axes, unit=panel.unit, name=panel.name)
            axes.set(xlabel="", xlim=(start, stop))
        rows[-1].set(xlabel="time (ms)", xlim=(start, stop))
        for axes, panel in zip(rows[:1], self._signals[:1], strict=False):
            if len(panel.lines) > 1:
                axes.legend(
                    axes.lines,
                    [f"neuron {line.neuron}" for line in panel.lines],
                    frameon=False,
                    ncols=6,
                    loc="lower right",
                    bbox_to_anchor=(1.0, 1.0),
                    borderpad=0.1,
                    fontsize="small",
                    handlelength=1.2,
                    columnspacing=1.0,
                )

    def __str__(self) -> str:
        lines = [self._begin_and_end("Signals")]
        for panel, ranges in zip(self._signals, self._ranges, strict=True):
            for line, limits in zip(panel.lines, ranges, strict=True):
                text = with_unit(f"{limits[0]:.4g} … {limits[1]:.4g}", panel.unit) if limits else "no samples"
                lines.append(f"  {panel.name} of neuron {line.neuron}: {text}")
            if len(panel.lines) < panel.everyone:
                lines.append(
                    f"  {panel.name} of {panel.everyone - len(panel.lines)} more neurons is not shown"
                )
        return "\n".join(lines)


def _range(line: Line, start: float, stop: float) -> list[float] | None:
    """Lowest and highest value in a window, None if there are no samples."""
    first, last = np.searchsorted(line.times, [start, stop + 1e-9])
    values = line.values[first:last]
    values = values[np.isfinite(values)]
    return [float(values.min()), float(values.max())] if len(values) else None


def _step(line: Line) -> float | None:
    """Time between two samples, None if it is not always the same."""
    n = len(line.times)
    if n < 2:
        return 1.0
    step = float(line.times[-1] - line.times[0]) / (n - 1)
    even = line.times[0] + step * np.arange(n)
    return step if np.abs(even - line.times).max() < 1e-6 * step + 1e-9 else None
