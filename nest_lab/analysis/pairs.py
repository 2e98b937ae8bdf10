"""How pairs of neurons, or of populations, fire together, by Elephant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from nest_lab.analysis._result import Floats, Ids, Result, above, binned, bins_between, elephant, select
from nest_lab.errors import BadValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "CrossCorrelation",
    "Distances",
    "cross_correlation",
    "spike_trains",
    "van_rossum",
    "victor_purpura",
]


def spike_trains(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float
) -> list[Any]:
    """Spike trains for everything in Elephant that is not in here.

    Parameters
    ----------
    times, senders, neurons
        As for `rates`.
    start, stop : float, ms
        Spikes with ``start < t <= stop`` are taken.

    Returns
    -------
    list of neo.SpikeTrain
        One per neuron, in ascending order, with its node id as annotation ``channel_id``.

    Raises
    ------
    BadValue
        If `stop` is not above `start`.

    Examples
    --------
    >>> [len(train) for train in spike_trains([1.0, 2.0, 3.0], [1, 2, 1], [1, 2, 3], 0.0, 10.0)]
    [2, 1, 0]
    """
    import neo
    import quantities as pq

    t, place, known = select(times, senders, neurons, start, stop)
    order = np.lexsort((t, place))
    parts = np.split(t[order], np.cumsum(np.bincount(place, minlength=len(known)))[:-1])
    # A spike at the end may lie a rounding error behind it.
    return [
        neo.SpikeTrain(
            np.minimum(part, stop),
            units="ms",
            t_start=start * pq.ms,
            t_stop=stop * pq.ms,
            channel_id=int(neuron),
        )
        for part, neuron in zip(parts, known, strict=bool(len(known)))
    ]


@dataclass(frozen=True)
class CrossCorrelation(Result):
    """Histogram of the time from a spike of one neuron, or population, to those of another.

    Attributes
    ----------
    lags : ndarray, shape (n,), ms
        Positive where the second comes later.
    counts : ndarray, shape (n,)
        Number of pairs of spikes, corrected for the pairs that the ends of the recording cut off; a spike is
        no pair with itself.
    expected : float
        Number of pairs if the two were independent and stationary.
    bin : float, ms
        Width of a bin.
    same : bool
        Whether the two are the same neurons.
    """

    lags: Floats
    counts: Floats
    expected: float
    bin: float
    same: bool = False

    def facts(self) -> list[tuple[str, str]]:
        """What it is and its most important numbers, with their units."""
        best = int(np.argmax(self.counts))
        return [
            ("lags", f"{self.lags[0]:g} … {self.lags[-1]:g} ms in bins of {self.bin:g} ms"),
            ("pairs of spikes", f"{self.counts.sum():,.0f}"),
            ("expected per bin", f"{self.expected:.4g}"),
            ("highest", f"{self.counts[best]:.4g} at {self.lags[best]:g} ms"),
        ]

    def _draw(self, ax: Axes) -> None:
        """Draw it as steps."""
        edges = np.append(self.lags, self.lags[-1] + self.bin) - self.bin / 2.0
        ax.stairs(self.counts, edges, fill=True, color="C0", alpha=0.75)
        ax.axhline(self.expected, color="C1", linestyle="--", label="independent")
        ax.axvline(0.0, color="0.5", linewidth=0.8)
        ax.set(xlabel="lag (ms)", ylabel="pairs of spikes", xlim=(edges[0], edges[-1]), ylim=(0.0, None))
        ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderpad=0.1)


def cross_correlation(
    times: ArrayLike,
    senders: ArrayLike,
    one: ArrayLike,
    other: ArrayLike,
    start: float,
    stop: float,
    *,
    bin: float = 1.0,
    lag: float = 50.0,
) -> CrossCorrelation:
    """Cross-correlation histogram of two neurons, or of two populations.

    Parameters
    ----------
    times, senders
        As for `rates`.
    one, other : array_like of int
        Node ids; the spikes of each are taken together.
    start, stop : float, ms
        Bins are ``(start + i bin, start + (i + 1) bin]``; an incomplete last one is left out.
    bin : float, ms
        Width of the bins.
    lag : float, ms
        Longest lag, at least one bin.

    Returns
    -------
    CrossCorrelation
        Of ``elephant.spike_train_correlation.cross_correlation_histogram`` with ``border_correction``.

    Raises
    ------
    BadValue
        If the longest lag is shorter than a bin, or the interval not longer than it.

    Examples
    --------
    The second neuron fires 2 ms after the first:

    >>> found = cross_correlation([10.0, 12.0, 30.0, 32.0], [1, 2, 1, 2], [1], [2], 0.0, 100.0, lag=5.0)
    >>> float(found.lags[found.counts.argmax()])
    2.0
    """
    n_bins = bins_between(start, stop, bin)
    n_lags = int(np.floor(above("lag", lag, 0.0, "ms", "cross_correlation()") / bin + 1e-9))
    if not n_lags:
        raise BadValue(
            "the longest lag must not be shorter than a bin",
            where="cross_correlation()",
            value=f"{lag:g} ms in bins of {bin:g} ms",
            allowed=f"at least {bin:g} ms",
            todo="Make the bins smaller, or choose a longer lag.",
        )
    if not n_lags < n_bins:
        raise BadValue(
            "the longest lag must be shorter than the interval",
            where="cross_correlation()",
            value=f"{lag:g} ms in {stop - start:g} ms",
            allowed=f"below {n_bins * bin:g} ms",
            todo="Simulate longer, or choose a shorter lag.",
        )
    ids = [np.unique(np.asarray(group, dtype=np.int64)) for group in (one, other)]
    counts = [_counts(times, senders, group, start, n_bins, bin) for group in ids]
    lags = np.arange(-n_lags, n_lags + 1)
    same = bool(np.array_equal(ids[0], ids[1]))
    expected = float(counts[0].sum()) * float(counts[1].sum()) / n_bins
    if not expected:
        return CrossCorrelation(lags * bin, np.zeros(len(lags)), 0.0, bin, same)
    with elephant():
        from elephant.spike_train_correlation import cross_correlation_histogram

        trains = [_binned_train(each, bin) for each in counts]
        found, _ = cross_correlation_histogram(
            *trains, window=[-n_lags, n_lags], border_correction=True, method="memory"
        )
    values = np.asarray(found.magnitude, dtype=np.float64).ravel()
    both = np.intersect1d(ids[0], ids[1])
    values[n_lags] -= _counts(times, senders, both, start, n_bins, bin).sum()
    return CrossCorrelation(lags * bin, values, expected, bin, same)


def _counts(times: ArrayLike, senders: ArrayLike, ids: Ids, start: float, n_bins: int, bin: float) -> Ids:
    """Spikes of several neurons in each bin."""
    t, _, _ = select(times, senders, ids, start, start + n_bins * bin)
    return np.bincount(binned(t, start, bin, n_bins), minlength=n_bins).astype(np.int64)


def _binned_train(counts: Ids, bin: float) -> Any:
    """Counts as Elephant wants them: spikes in the middle of its bins, whose edges are on the other side."""
    import neo
    import quantities as pq
    from elephant.conversion import BinnedSpikeTrain

    middle = np.repeat((np.arange(len(counts)) + 0.5) * bin, counts)
    train = neo.SpikeTrain(middle, units="ms", t_stop=len(counts) * bin)
    return BinnedSpikeTrain(train, bin_size=bin * pq.ms, n_bins=len(counts), t_start=0.0 * pq.ms)


@dataclass(frozen=True)
class Distances(Result):
    """How different the spike trains of neurons are.

    Attributes
    ----------
    values : ndarray, shape (n_neurons, n_neurons)
        Distance of each pair, 0 for equal trains.
    neurons : ndarray, shape (n_neurons,), int
        Node ids.
    label : str
        Which distance it is.
    """

    values: Floats
    neurons: Ids
    label: str

    def facts(self) -> list[tuple[str, str]]:
        """What it is and its most important numbers."""
        pairs = self.values[np.triu_indices(len(self.neurons), k=1)]
        rows = [("quantity", self.label), ("neurons", f"{len(self.neurons):,}")]
        if len(pairs):
            rows.append(
                ("lowest, mean, highest", f"{pairs.min():.4g}, {pairs.mean():.4g}, {pairs.max():.4g}")
            )
        return rows

    def _draw(self, ax: Axes) -> None:
        """Draw the matrix."""
        image = ax.imshow(self.values, cmap="viridis", origin="lower")
        figure: Any = ax.get_figure()
        figure.colorbar(image, ax=ax, label=self.label)
        ticks = _ticks(self.neurons)
        ax.set_xticks(ticks, [str(self.neurons[i]) for i in ticks])
        ax.set_yticks(ticks, [str(self.neurons[i]) for i in ticks])
        ax.set(xlabel="neuron", ylabel="neuron")


def _ticks(neurons: Ids) -> Sequence[int]:
    """Places of at most eight labels."""
    return range(0, len(neurons), max(-(-len(neurons) // 8), 1))


def van_rossum(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float, *, tau: float = 20.0
) -> Distances:
    """Van Rossum's distance of each pair of spike trains.

    Each spike becomes an exponential of time constant `tau`, and the distance is the root of the integral
    of the squared difference: 1 / √2 for a spike that only one of the two has.

    Parameters
    ----------
    times, senders, neurons, start, stop
        As for `rates`; all pairs are compared, so give some hundreds of neurons.
    tau : float, ms
        Time constant.

    Returns
    -------
    Distances
        Of ``elephant.spike_train_dissimilarity.van_rossum_distance``, over √2: Elephant takes the integral
        over tau / 2.

    Raises
    ------
    BadValue
        If `tau` is not above 0, or `stop` not above `start`.

    References
    ----------
    van Rossum MCW (2001). A novel spike distance. Neural Computation 13:751-763, eq. 2.3.
    doi:10.1162/089976601300014321

    Examples
    --------
    >>> van_rossum([10.0, 10.0], [1, 2], [1, 2, 3], 0.0, 500.0, tau=5.0).values.round(3)[0]
    array([0.   , 0.   , 0.707])
    """
    import quantities as pq

    above("tau", tau, 0.0, "ms", "van_rossum()")
    trains = spike_trains(times, senders, neurons, start, stop)
    ids = np.unique(np.asarray(neurons, dtype=np.int64))
    values = np.zeros((len(ids), len(ids)))
    if len(ids):
        with elephant():
            from elephant.spike_train_dissimilarity import van_rossum_distance

            values = np.asarray(van_rossum_distance(trains, time_constant=tau * pq.ms)) / np.sqrt(2.0)
    return Distances(values, ids, f"van Rossum distance, tau {tau:g} ms")


def victor_purpura(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float, *, cost: float = 50.0
) -> Distances:
    """Victor and Purpura's distance of each pair of spike trains.

    It is the least cost of turning one train into the other: 1 for a spike that is added or removed, and
    `cost` for each second that one is moved.

    Parameters
    ----------
    times, senders, neurons, start, stop
        As for `rates`; all pairs are compared, so give some dozens of neurons.
    cost : float, 1/s
        Of moving a spike by 1 s. At 0 the distance is the difference of the counts.

    Returns
    -------
    Distances
        Of ``elephant.spike_train_dissimilarity.victor_purpura_distance``.

    Raises
    ------
    BadValue
        If `cost` is negative, or `stop` not above `start`.

    References
    ----------
    Victor JD, Purpura KP (1996). Nature and precision of temporal coding in visual cortex: a metric-space
    analysis. Journal of Neurophysiology 76:1310-1326. doi:10.1152/jn.1996.76.2.1310

    Examples
    --------
    >>> victor_purpura([10.0, 14.0], [1, 2], [1, 2, 3], 0.0, 100.0, cost=100.0).values.round(3)[0]
    array([0. , 0.4, 1. ])
    """
    import quantities as pq

    if cost != 0.0:
        above("cost", cost, 0.0, "1/s", "victor_purpura()")
    trains = spike_trains(times, senders, neurons, start, stop)
    ids = np.unique(np.asarray(neurons, dtype=np.int64))
    values = np.zeros((len(ids), len(ids)))
    if len(ids):
        with elephant():
            from elephant.spike_train_dissimilarity import victor_purpura_distance

            values = np.asarray(victor_purpura_distance(trains, cost_factor=cost * pq.Hz))
    return Distances(values, ids, f"Victor-Purpura distance, {cost:g} per s")
