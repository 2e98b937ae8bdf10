"""Spikes of a whole run, to look around in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from nest_lab import plot
from nest_lab.widgets._spikes import Spikes, spikes_of
from nest_lab.widgets._window import Windowed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SpikeRaster"]


class SpikeRaster(Windowed):
    """A raster of spikes with their rate below, to zoom and to move in; millions of spikes stay fluid.

    All spikes go to the browser once. From then on it draws by itself: the mouse, the keyboard and the
    buttons move and scale the window at once, also while the kernel computes.

    Parameters
    ----------
    source : NodeCollection, ReferenceNetwork, Results, mapping or array_like
        Spike recorders; a built network of the gallery, or its results; events, that is a mapping with
        ``times`` and ``senders``; or the times of the spikes, ms, with `senders`.
    senders : array_like, shape (n_spikes,), int, optional
        The neuron of each spike, when `source` is times.
    populations : mapping of str to NodeCollection or node ids, optional
        What is shown, in colours of its own; by default the populations of the network, of a recorder one
        for each model, of arrays all neurons that fired.

    Attributes
    ----------
    window : (float, float), ms
        Where the picture begins and ends; can be set.

    Raises
    ------
    BadType, BadValue
        There are no spikes in `source`, or not one sender for each time.

    Notes
    -----
    Without a browser, `print`, `figure` and `save` show the same window.

    Examples
    --------
    >>> raster = SpikeRaster([1.0, 2.0, 3.0, 8.0], [1, 2, 1, 2], {"E": [1], "I": [2, 3]})
    >>> raster.window = (0.0, 4.0)
    >>> print(raster)
    Spikes from 0.0 to 4.0 ms (of 0.0 to 8.0 ms)
      E: 1 neuron, 2 spikes, 500.0 spikes/s
      I: 2 neurons, 1 spike, 125.0 spikes/s
    """

    _uses = ("_chart", "_raster", "_view", "_save")
    _populations: Any = traitlets.List().tag(sync=True)
    _counts: Any = traitlets.List().tag(sync=True)
    _rates: Any = traitlets.List().tag(sync=True)
    _resolution = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self, source: Any, senders: Any = None, populations: Mapping[str, Any] | None = None
    ) -> None:
        self._given = (source, senders, populations)
        self._spikes: Spikes = spikes_of(*self._given, where="SpikeRaster()")
        super().__init__()
        self._take_over()
        self.window = self._whole
        self._count()

    def update(self) -> None:
        """Read the source again, after a further run; the window stays, or grows with the end.

        Raises
        ------
        StaleCollection
            The network was replaced by a reset; what is shown stays.
        """
        followed = self.window[1] == self._whole[1]
        self._spikes = spikes_of(*self._given, where="SpikeRaster.update()")
        self._take_over()
        if followed:
            self.window = (self.window[0], self._whole[1])
        self._count()
        self._do_look()

    def _take_over(self) -> None:
        """Tell the page what there is."""
        spikes = self._spikes
        self._resolution = spikes.resolution
        self._populations = [{"name": name, "size": n, "shown": n} for name, n in spikes.sizes.items()]
        self._whole = (spikes.start, spikes.stop)
        self._least = min(max(10 * spikes.resolution, 1e-6 * (spikes.stop - spikes.start)), 1.0)

    @traitlets.observe("window")
    def _count(self, _: Any = None) -> None:
        """The numbers of the window."""
        start, stop = self.window
        counts, sizes = self._spikes.counts(start, stop), list(self._spikes.sizes.values())
        self._counts = counts.tolist()
        self._rates = [
            1000.0 * n / (max(size, 1) * (stop - start)) for n, size in zip(self._counts, sizes, strict=True)
        ]

    @property
    def rates(self) -> dict[str, float]:
        """Mean rate of each population in the window, spikes/s."""
        return dict(zip(self._spikes.sizes, self._rates, strict=True))

    def _do_look(self) -> None:
        """Send everything: times as whole numbers of a unit that spans the run, which no zoom can resolve."""
        spikes = self._spikes
        origin = min(spikes.start, float(spikes.times[0])) if len(spikes.times) else spikes.start
        last = max(spikes.stop, float(spikes.times[-1])) if len(spikes.times) else spikes.stop
        unit = (last - origin) / (2**32 - 1)
        times = np.rint((spikes.times - origin) / unit).astype(np.uint32)
        rows = spikes.rows.astype(np.uint16 if sum(spikes.sizes.values()) <= 2**16 else np.uint32)
        self.send({"what": "spikes", "origin": origin, "unit": unit}, [times, rows])

    def _draw(self, figure: Figure) -> None:
        (start, stop), spikes, bin = self.window, self._spikes, self._bin()
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
        rough = (self.window[1] - self.window[0]) / 200.0
        power = 10.0 ** np.floor(np.log10(rough) + 1e-9)
        width = power * max(factor for factor in (1.0, 2.0, 5.0) if factor * power <= rough * (1 + 1e-9))
        return float(max(width, self._spikes.resolution))

    def __str__(self) -> str:
        (start, stop), (begin, end) = self.window, self._whole
        lines = [f"Spikes from {start:,.1f} to {stop:,.1f} ms (of {begin:,.1f} to {end:,.1f} ms)"]
        sizes = self._spikes.sizes
        for (name, size), count, rate in zip(sizes.items(), self._counts, self._rates, strict=True):
            lines.append(f"  {name}: {_many(size, 'neuron')}, {_many(count, 'spike')}, {rate:,.1f} spikes/s")
        return "\n".join(lines)


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
