"""Statistics of spikes at a glance: rates, regularity, intervals, spectrum; live if the spikes are."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from nest_lab import analysis
from nest_lab.widgets._clock import positive
from nest_lab.widgets._latest import Latest
from nest_lab.widgets._spikes import Spikes, spikes_of
from nest_lab.widgets._window import Windowed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["RatePanel"]

_BINS = 40  # of a histogram, about
_SHARE = 0.1  # of one core, for statistics of a simulation that runs
_KEPT = 5000.0  # ms of a simulation that runs
_HIGHEST = 250.0  # Hz


class RatePanel(Windowed):
    """Firing rates, coefficients of variation, intervals and spectra of populations, side by side.

    The numbers are those of `nest_lab.analysis`. They are of the spikes in the window, which can be moved and
    typed. Attached to a `LiveSimulation` they are those of its last five seconds of model time, and change
    while it runs.

    Parameters
    ----------
    source : NodeCollection, ReferenceNetwork, Results, LiveSimulation, mapping or array_like
        Spike recorders; a built network of the gallery, or its results; a live simulation; events, that is a
        mapping with ``times`` and ``senders``; or the times of the spikes, ms, with `senders`.
    senders : array_like, shape (n_spikes,), int, optional
        The neuron of each spike, when `source` is times.
    populations : mapping of str to NodeCollection or node ids, optional
        Neurons by population; those of the source when not given.
    bin : float, ms
        Width of the bins of the rate whose spectrum is shown.

    Attributes
    ----------
    window : (float, float), ms
        Spikes in ``(start, stop]`` count; can be set.

    Raises
    ------
    BadType, BadValue
        There are no spikes in `source`, or not one sender for each time.

    See Also
    --------
    nest_lab.analysis : The same numbers as arrays.

    Examples
    --------
    >>> panel = RatePanel([10.0, 20.0, 30.0, 40.0, 100.0], [1, 1, 1, 1, 2], {"clock": [1], "once": [2]})
    >>> print(panel)
    Statistics of the spikes from 0.0 to 100.0 ms
      clock: 1 neuron, 40.0 spikes/s, CV 0.00
      once: 1 neuron, 10.0 spikes/s, CV not known
    """

    _uses = ("_chart", "_lines", "_view", "_save")
    _size = (8.0, 6.0)
    _charts: Any = traitlets.List().tag(sync=True)
    _rows: Any = traitlets.List().tag(sync=True)  # of the table
    _live = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        source: Any,
        senders: Any = None,
        populations: Mapping[str, Any] | None = None,
        *,
        bin: float = 1.0,
    ) -> None:
        self._bin = positive(bin, "bin of the rate", "ms", "RatePanel(bin=...)")
        self._given = (source, senders, populations)
        self._latest = Latest(self._compute, self._notice, share=_SHARE)
        self._end: Callable[[], None] | None = None
        live = all(hasattr(source, name) for name in ("listen", "populations"))
        self._last = _Last(source.populations, _KEPT) if live else None
        self._spikes = self._last.spikes() if self._last else spikes_of(*self._given, where="RatePanel()")
        super().__init__(_live=live)
        self._whole = (self._spikes.start, self._spikes.stop)
        self.window = self._whole
        self._measure()
        if live:
            self._end = source.listen(self._take)

    def update(self) -> None:
        """Read the source again, after a further run; the window grows if it reached to the end.

        Raises
        ------
        StaleCollection
            The network was replaced by a reset; what is shown stays.
        """
        if self._last is not None:
            self._latest.ask()
            self._latest.wait()
            return
        self._spikes = spikes_of(*self._given, where="RatePanel.update()")
        self._read_again(lambda: setattr(self, "_whole", (self._spikes.start, self._spikes.stop)))
        self._measure()

    def close(self) -> None:
        """Listen no more, and remove the widget from all pages."""
        end = getattr(self, "_end", None)  # there is none if it was refused
        if end is not None:
            end()
        super().close()

    # -- live

    def _take(self, times: NDArray[np.float64], senders: NDArray[np.int64], now: float) -> None:
        """New spikes, in the thread that runs: kept now, looked at later."""
        assert self._last is not None
        self._last.add(times, senders, now)
        self._latest.ask()

    def _compute(self, _: Callable[[], bool]) -> None:
        assert self._last is not None
        spikes = self._last.spikes()
        if spikes.stop - spikes.start < 2.0 * self._bin:
            return
        with self.hold_sync():
            self._spikes, self._whole = spikes, (spikes.start, spikes.stop)
            self.window = self._whole
            self._measure()

    def _notice(self, busy: bool, failure: Exception | None) -> None:
        if failure is not None:
            self._wrong = str(failure)

    # -- the numbers

    @traitlets.observe("window")
    def _measure(self, _: Any = None) -> None:
        """All statistics of the window."""
        start, stop = self.window
        parts = [_Statistics(self._spikes, name, start, stop, self._bin) for name in self._spikes.sizes]
        self._parts = parts
        self._rows = [part.row() for part in parts]
        self._charts = [
            _chart("firing rate (spikes/s)", "neurons", parts, _rates, step=1000.0 / (stop - start)),
            _chart("CV of the intervals", "neurons", parts, lambda part: part.cv.known),
            _chart("inter-spike interval (ms)", "intervals", parts, lambda part: part.intervals, most=99.0),
            _spectra(parts),
        ]

    @property
    def rates(self) -> dict[str, float]:
        """Mean rate of each population in the window, spikes/s."""
        return {part.name: part.rate.mean for part in self._parts}

    @property
    def cvs(self) -> dict[str, float]:
        """Mean coefficient of variation of each population; `nan` where there are too few spikes."""
        return {part.name: part.cv.mean for part in self._parts}

    def _do_look(self) -> None:
        """Everything is in the traits."""

    def _draw(self, figure: Figure) -> None:
        for axes, chart in zip(figure.subplots(2, 2).ravel(), self._charts, strict=True):
            for number, line in enumerate(chart["lines"]):
                color = f"C{number % 10}"
                if chart["steps"] and line["y"]:
                    axes.stairs(line["y"], line["x"], color=color, label=line["name"])
                elif line["y"]:
                    axes.plot(line["x"], line["y"], color=color, label=line["name"], linewidth=1.0)
            axes.set(xlabel=chart["labels"][0], ylabel=chart["labels"][1])
            if chart["log"] and any(line["y"] for line in chart["lines"]):
                axes.set_yscale("log")
        figure.axes[0].legend(frameon=False)

    def __str__(self) -> str:
        start, stop = self.window
        lines = [f"Statistics of the spikes from {start:,.1f} to {stop:,.1f} ms"]
        for part in self._parts:
            size = self._spikes.sizes[part.name]
            many = f"{size:,} neuron" + ("" if size == 1 else "s")
            cv = f"CV {part.cv.mean:.2f}" if math.isfinite(part.cv.mean) else "CV not known"
            lines.append(f"  {part.name}: {many}, {part.rate.mean:.1f} spikes/s, {cv}")
        return "\n".join(lines)


def _rates(part: _Statistics) -> Any:
    return part.rate.known


class _Statistics:
    """The numbers of one population in a window."""

    def __init__(self, spikes: Spikes, name: str, start: float, stop: float, bin: float) -> None:
        inside, neurons = spikes.inside(start, stop), spikes.populations[name]
        times, senders = spikes.times[inside], spikes.senders[inside]
        ours = np.isin(senders, neurons)
        times, senders = times[ours], senders[ours]
        self.name, self.size = name, len(neurons)
        self.rate = analysis.rates(times, senders, neurons, start, stop)
        self.cv = analysis.cv_isi(times, senders, neurons, start, stop)
        order = np.lexsort((times, senders))
        same = np.diff(senders[order]) == 0
        self.intervals = np.diff(times[order])[same]
        self.spectrum = None
        if stop - start >= 16.0 * bin and len(times) > 1:
            activity = analysis.population_rate(times, self.size, start, stop, bin=bin)
            self.spectrum = analysis.spectrum(activity, window=min(500.0, stop - start))

    def row(self) -> dict[str, Any]:
        """Numbers for the table; None is not known."""
        peak = self.spectrum.peak() if self.spectrum is not None else (math.nan, math.nan)
        numbers = {"rate": self.rate.mean, "cv": self.cv.mean, "peak": peak[0], "height": peak[1]}
        known = {key: value if math.isfinite(value) else None for key, value in numbers.items()}
        return {"name": self.name, "size": self.size, **known}


def _chart(
    across: str,
    up: str,
    parts: list[_Statistics],
    values: Callable[[_Statistics], Any],
    *,
    step: float = 0.0,
    most: float = 100.0,
) -> dict[str, Any]:
    """Histograms of all populations with the same bins, which hold equally many of the possible values."""
    known = [np.asarray(values(part), dtype=np.float64) for part in parts]
    everything = np.concatenate([*known, np.empty(0)])
    lines: list[dict[str, Any]] = [{"name": part.name, "x": [], "y": []} for part in parts]
    if len(everything):
        high = float(np.percentile(everything, most)) or 1.0
        width = step * max(round(high / step / _BINS), 1) if step else high / _BINS
        edges = width * np.arange(math.ceil(high / width) + 2) - (step / 2 if step else 0.0)
        for line, each in zip(lines, known, strict=True):
            line["x"] = np.maximum(edges, 0.0).tolist()  # nothing is below 0, also not around it
            line["y"] = np.histogram(each, edges)[0].tolist()
    return {"labels": [across, up], "lines": lines, "steps": True, "log": False}


def _spectra(parts: list[_Statistics]) -> dict[str, Any]:
    lines = []
    for part in parts:
        line: dict[str, Any] = {"name": part.name, "x": [], "y": []}
        if part.spectrum is not None:
            shown = (part.spectrum.frequencies <= _HIGHEST) & (part.spectrum.power > 0.0)
            line |= {"x": part.spectrum.frequencies[shown].tolist(), "y": part.spectrum.power[shown].tolist()}
        lines.append(line)
    labels = ["frequency (Hz)", "power ((spikes/s)²/Hz)"]
    return {"labels": labels, "lines": lines, "steps": False, "log": True}


class _Last:
    """The last spikes of a simulation that runs; filled in one thread and read in others."""

    def __init__(self, populations: Mapping[str, NDArray[np.int64]], length: float) -> None:
        self._populations, self._length = dict(populations), length
        self._pieces: deque[tuple[NDArray[np.float64], NDArray[np.int64], float]] = deque()
        self._lock = threading.Lock()
        self._begin: float | None = None

    def add(self, times: NDArray[np.float64], senders: NDArray[np.int64], now: float) -> None:
        """Take spikes in, and forget those that are too old."""
        with self._lock:
            if self._pieces and now < self._pieces[-1][2]:  # a reset
                self._pieces.clear()
                self._begin = 0.0
            if self._begin is None:
                self._begin = float(times.min()) if len(times) else now
            self._pieces.append((times, senders, now))
            while self._pieces[0][2] < now - self._length:
                self._pieces.popleft()

    def spikes(self) -> Spikes:
        """What there is now."""
        with self._lock:
            pieces, begin = tuple(self._pieces), self._begin or 0.0
        times = np.concatenate([*(piece[0] for piece in pieces), np.empty(0)])
        senders = np.concatenate([*(piece[1] for piece in pieces), np.empty(0, dtype=np.int64)])
        now = pieces[-1][2] if pieces else begin + 1.0
        found = spikes_of(times, senders, self._populations, where="RatePanel()")
        start = max(begin, now - self._length)
        return Spikes(found.times, found.rows, found.populations, start, max(now, start + 1e-3))
