"""Spikes in a window of time: a raster with the rate below, and the numbers of each population."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from nest_lab import plot
from nest_lab.widgets._spikes import Spikes
from nest_lab.widgets._window import Windowed

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

__all__ = ["Rastered"]


class Rastered(Windowed):
    """A widget that shows spikes, all of which it sends to the page once."""

    _populations: Any = traitlets.List().tag(sync=True)
    _counts: Any = traitlets.List().tag(sync=True)
    _rates: Any = traitlets.List().tag(sync=True)
    _resolution = traitlets.Float(0.0).tag(sync=True)
    _spikes: Spikes | None = None

    def _take_over(self) -> None:
        """Tell the page what there is."""
        spikes = self._spikes
        assert spikes is not None
        self._resolution = spikes.resolution
        self._populations = [{"name": name, "size": n, "shown": n} for name, n in spikes.sizes.items()]
        self._whole = (spikes.start, spikes.stop)
        self._least = min(max(10 * spikes.resolution, 1e-6 * (spikes.stop - spikes.start)), 1.0)

    @traitlets.observe("window")
    def _count(self, _: Any = None) -> None:
        """The numbers of the window."""
        if self._spikes is None:
            return
        start, stop = self.window
        counts, sizes = self._spikes.counts(start, stop), list(self._spikes.sizes.values())
        self._counts = counts.tolist()
        self._rates = [
            1000.0 * n / (max(size, 1) * (stop - start)) for n, size in zip(self._counts, sizes, strict=True)
        ]

    def _send_spikes(self) -> None:
        """Send everything: times as whole numbers of a unit that spans the run, which no zoom can resolve."""
        spikes = self._spikes
        if spikes is None:
            return
        origin = min(spikes.start, float(spikes.times[0])) if len(spikes.times) else spikes.start
        last = max(spikes.stop, float(spikes.times[-1])) if len(spikes.times) else spikes.stop
        unit = (last - origin) / (2**32 - 1)
        times = np.rint((spikes.times - origin) / unit).astype(np.uint32)
        rows = spikes.rows.astype(np.uint16 if sum(spikes.sizes.values()) <= 2**16 else np.uint32)
        self.send({"what": "spikes", "origin": origin, "unit": unit}, [times, rows])

    def _draw_spikes(self, figure: Figure | SubFigure) -> None:
        """The same on a figure."""
        spikes = self._spikes
        assert spikes is not None
        (start, stop), bin = self.window, self._bin()
        ours = spikes.inside(start, stop)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        times, senders = spikes.times[ours], spikes.senders[ours]
        plot.raster(times, senders, ax=above, populations=spikes.populations)
        above.set(xlabel="", ylabel=f"{len(spikes.neurons):,} neurons", xlim=(start, stop))
        first, last = int(np.floor(start / bin + 1e-9)), int(np.ceil(stop / bin - 1e-9))
        edges = bin * np.arange(first, last + 1)
        # A spike at the edge of two bins belongs to the earlier one.
        counts = np.diff(np.searchsorted(spikes.times, edges + 1e-6 * bin, side="right"))
        rate = counts * (1000.0 / (bin * max(len(spikes.neurons), 1)))
        below.stairs(rate, edges, fill=True, color="C0", alpha=0.75)
        below.set(xlabel="time (ms)", ylabel="rate\n(spikes/s)", ylim=(0.0, None))

    def _bin(self) -> float:
        """Width of the bins of the rate, ms: about two hundred in the window, as on the page."""
        assert self._spikes is not None
        rough = (self.window[1] - self.window[0]) / 200.0
        power = 10.0 ** np.floor(np.log10(rough) + 1e-9)
        width = power * max(factor for factor in (1.0, 2.0, 5.0) if factor * power <= rough * (1 + 1e-9))
        return float(max(width, self._spikes.resolution))
