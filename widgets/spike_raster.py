"""Spikes of a whole run, to look around in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nest_lab.widgets._rastered import Rastered
from nest_lab.widgets._spikes import Spikes, spikes_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SpikeRaster"]


class SpikeRaster(Rastered):
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

    _uses = ("_chart", "_raster", "_view", "_save", "_rastered")
    _spikes: Spikes

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
        self._spikes = spikes_of(*self._given, where="SpikeRaster.update()")
        self._read_again(self._take_over)
        self._count()
        self._do_look()

    @property
    def rates(self) -> dict[str, float]:
        """Mean rate of each population in the window, spikes/s."""
        return dict(zip(self._spikes.sizes, self._rates, strict=True))

    def _do_look(self) -> None:
        self._send_spikes()

    def _draw(self, figure: Figure) -> None:
        self._draw_spikes(figure)

    def __str__(self) -> str:
        lines = [self._begin_and_end("Spikes")]
        sizes = self._spikes.sizes
        for (name, size), count, rate in zip(sizes.items(), self._counts, self._rates, strict=True):
            lines.append(f"  {name}: {_many(size, 'neuron')}, {_many(count, 'spike')}, {rate:,.1f} spikes/s")
        return "\n".join(lines)


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
