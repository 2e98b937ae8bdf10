"""Rates, regularity and synchrony of many neurons from the times and senders of a spike recorder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nest_lab.errors import BadValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Distribution",
    "PopulationRate",
    "Spectrum",
    "correlations",
    "cv_isi",
    "mean_correlation",
    "population_rate",
    "rates",
    "spectrum",
]

Floats = NDArray[np.floating[Any]]


def _axes(ax: Axes | None) -> Axes:
    """The axes to draw on, new ones if there are none."""
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.figure(figsize=(6.0, 3.0), layout="constrained").add_subplot()
    return ax


@dataclass(frozen=True)
class Distribution:
    """One number for each neuron, or for each pair of neurons.

    Attributes
    ----------
    values : ndarray, shape (n,)
        The numbers, `nan` for a neuron that has too few spikes to tell.
    neurons : ndarray, shape (n,) or, of pairs, (n, 2), int
        Node ids.
    label, unit : str
        What it is.
    step : float
        Distance of the values that are possible, 0 if any value is.
    """

    values: Floats
    neurons: NDArray[np.int64]
    label: str
    unit: str = ""
    step: float = 0.0

    @property
    def mean(self) -> float:
        """Mean over those that can tell, `nan` if there are none."""
        known = self.known
        return float(known.mean()) if len(known) else float("nan")

    @property
    def known(self) -> Floats:
        """Values of those that can tell."""
        return self.values[np.isfinite(self.values)]

    def plot(self, ax: Axes | None = None, expected: float | None = None, bins: int = 30) -> Axes:
        """Draw a histogram.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw, a new figure when not given.
        expected : float, optional
            Value to mark with a line.
        bins : int
            Number of bins, about.

        Returns
        -------
        matplotlib.axes.Axes
            Where it was drawn.
        """
        ax = _axes(ax)
        known = self.known
        if len(known):
            ax.hist(known, bins=self._edges(known, bins), color="C0", alpha=0.75)
            ax.axvline(
                self.mean, color="C0", label=f"mean {self.mean:.3g}{f' {self.unit}' if self.unit else ''}"
            )
        else:
            ax.text(0.5, 0.5, "too few spikes", transform=ax.transAxes, ha="center", va="center")
        if expected is not None:
            ax.axvline(expected, color="C1", linestyle="--", label=f"theory {expected:.3g}")
        of = "neurons" if self.neurons.ndim == 1 else "pairs of neurons"
        ax.set(xlabel=f"{self.label} ({self.unit})" if self.unit else self.label, ylabel=of)
        if len(known) or expected is not None:
            ax.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        return ax

    def _edges(self, known: Floats, bins: int) -> Any:
        """Edges of bins that hold equally many of the possible values each: none is empty by chance."""
        low, high = float(known.min()), float(known.max())
        if not self.step > 0.0:
            return bins
        width = self.step * max(round((high - low) / self.step / bins), 1)
        return np.arange(low - self.step / 2, high + width, width)


@dataclass(frozen=True)
class PopulationRate:
    """Activity of a population in time.

    Attributes
    ----------
    times : ndarray, shape (n_bins,), ms
        End of each bin.
    values : ndarray, shape (n_bins,), spikes/s
        Spikes per neuron and second.
    counts : ndarray, shape (n_bins,), int
        Spikes of the whole population.
    bin : float, ms
        Width of a bin.
    n_neurons : int
        Size of the population.
    """

    times: Floats
    values: Floats
    counts: NDArray[np.int64]
    bin: float
    n_neurons: int

    @property
    def modulation(self) -> float:
        """Standard deviation over mean: 0 for a constant rate, `nan` without spikes.

        It depends on the bins, and for neurons that fire in step not on their number.
        """
        mean = float(self.values.mean())
        return float(self.values.std()) / mean if mean > 0.0 else float("nan")

    @property
    def independent(self) -> float:
        """What `modulation` would be for as many independent Poisson processes of the same mean rate."""
        mean = float(self.counts.mean())
        return 1.0 / float(np.sqrt(mean)) if mean > 0.0 else float("nan")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw it as steps.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw, a new figure when not given.

        Returns
        -------
        matplotlib.axes.Axes
            Where it was drawn.
        """
        ax = _axes(ax)
        edges = np.append(self.times - self.bin, self.times[-1])
        ax.stairs(self.values, edges, fill=True, color="C0", alpha=0.75)
        mean = float(self.values.mean())
        ax.axhline(mean, color="C1", linestyle="--", label=f"mean {mean:.3g} spikes/s")
        ax.set(xlabel="time (ms)", ylabel="rate (spikes/s)", xlim=(edges[0], edges[-1]), ylim=(0.0, None))
        ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderpad=0.1)
        return ax


@dataclass(frozen=True)
class Spectrum:
    """Power spectral density of a population rate.

    Attributes
    ----------
    frequencies : ndarray, shape (n,), Hz
        Frequencies above 0.
    power : ndarray, shape (n,), (spikes/s)²/Hz
        One-sided density.
    independent : float, (spikes/s)²/Hz
        Density of as many independent Poisson processes of the same mean rate.
    """

    frequencies: Floats
    power: Floats
    independent: float

    def peak(self, lowest: float = 5.0) -> tuple[float, float]:
        """Frequency at which the population oscillates, and its power relative to independent neurons.

        This is the frequency of the largest power, or a whole fraction of it that has at least half as much:
        short volleys have as much power at the multiples of their frequency as at the frequency itself.

        Parameters
        ----------
        lowest : float, Hz
            Slower components are drift.

        Returns
        -------
        frequency : float, Hz
            `nan` if there is nothing.
        height : float
            Ratio to `independent`.
        """
        inside = self.frequencies >= lowest
        if not inside.any() or not self.independent > 0.0:
            return float("nan"), float("nan")
        frequencies, power = self.frequencies[inside], self.power[inside]
        best = int(np.argmax(power))
        resolution = self.frequencies[0]
        for part in range(int(frequencies[best] / max(lowest, 4.0 * resolution)), 1, -1):
            near = np.abs(frequencies - frequencies[best] / part) <= resolution
            lower = int(np.argmax(np.where(near, power, 0.0)))
            if near.any() and power[lower] >= 0.7 * power[best]:
                best = lower
                break
        return float(frequencies[best]), float(power[best] / self.independent)

    def plot(self, ax: Axes | None = None, highest: float = 500.0) -> Axes:
        """Draw it on a logarithmic scale.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw, a new figure when not given.
        highest : float, Hz
            End of the frequency axis.

        Returns
        -------
        matplotlib.axes.Axes
            Where it was drawn.
        """
        ax = _axes(ax)
        shown = self.frequencies <= highest
        if self.independent > 0.0:
            ax.semilogy(self.frequencies[shown], self.power[shown], color="C0")
            ax.axhline(self.independent, color="C1", linestyle="--", label="independent neurons")
            ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderpad=0.1)
        ax.set(xlabel="frequency (Hz)", ylabel="power ((spikes/s)²/Hz)", xlim=(0.0, highest))
        return ax


def _select(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Spikes with start < t <= stop: their times, the ranks of their neurons, and the sorted neurons."""
    if not stop > start:
        raise BadValue(
            "the interval must not be empty",
            value=f"{start:g} … {stop:g} ms",
            allowed="stop above start",
            todo="Simulate longer, or begin earlier.",
        )
    t = np.asarray(times, dtype=np.float64)
    ids = np.asarray(senders, dtype=np.int64)
    known = np.unique(np.asarray(neurons, dtype=np.int64))
    place = np.searchsorted(known, ids)
    ours = place < len(known)
    ours[ours] = known[place[ours]] == ids[ours]
    # The edges are multiples of the resolution, which are not exact in binary: a spike belongs to one side
    # for sure.
    slack = 1e-9 * max(abs(start), abs(stop), 1.0)
    ours &= (t > start + slack) & (t <= stop + slack)
    return t[ours], place[ours], known


def rates(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float
) -> Distribution:
    """Firing rate of each neuron.

    Parameters
    ----------
    times : array_like, shape (n_spikes,), ms
        Time of each spike.
    senders : array_like, shape (n_spikes,), int
        Its neuron. Spikes of neurons that are not in `neurons` do not count.
    neurons : array_like, shape (n_neurons,), int
        Node ids of the neurons, also of the silent ones.
    start, stop : float, ms
        Spikes with ``start < t <= stop`` count.

    Returns
    -------
    Distribution
        Spikes/s.

    Raises
    ------
    BadValue
        If `stop` is not above `start`.

    Examples
    --------
    >>> rates([10.0, 20.0, 30.0], [1, 2, 1], [1, 2, 3], 0.0, 100.0).values
    array([20., 10.,  0.])
    """
    _, place, known = _select(times, senders, neurons, start, stop)
    one = 1000.0 / (stop - start)
    return Distribution(np.bincount(place, minlength=len(known)) * one, known, "firing rate", "spikes/s", one)


def cv_isi(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float, *, at_least: int = 3
) -> Distribution:
    """Coefficient of variation of the inter-spike intervals of each neuron.

    It is 0 for a clock and 1 for a Poisson process.

    Parameters
    ----------
    times, senders, neurons, start, stop
        As for `rates`.
    at_least : int
        Neurons with fewer intervals are `nan`: few intervals leave out the long ones.

    Returns
    -------
    Distribution
        Standard deviation over mean, as ``elephant.statistics.cv`` has it.

    Raises
    ------
    BadValue
        If `stop` is not above `start`.

    Examples
    --------
    >>> cv_isi([10.0, 20.0, 30.0, 40.0, 50.0], [1, 1, 1, 1, 2], [1, 2], 0.0, 100.0).values
    array([ 0., nan])
    """
    t, place, known = _select(times, senders, neurons, start, stop)
    order = np.lexsort((t, place))
    same = np.diff(place[order]) == 0
    interval, owner = np.diff(t[order])[same], place[order][1:][same]
    n = np.bincount(owner, minlength=len(known))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(owner, interval, minlength=len(known)) / n
        # Deviations from the mean, not the difference of two large sums: exact also for a clock.
        variance = np.bincount(owner, (interval - mean[owner]) ** 2, minlength=len(known)) / n
        values = np.where(n >= max(at_least, 1), np.sqrt(variance) / mean, np.nan)
    return Distribution(values, known, "CV of the inter-spike intervals")


def _bins(start: float, stop: float, bin: float) -> int:
    """Number of whole bins in an interval, at least one."""
    n_bins = int(np.floor((stop - start) / bin + 1e-9))
    if n_bins < 1:
        raise BadValue(
            "the interval must hold a whole bin",
            value=f"{start:g} … {stop:g} ms in bins of {bin:g} ms",
            allowed=f"an interval of at least {bin:g} ms",
            todo="Simulate longer, or make the bins smaller.",
        )
    return n_bins


def _places(times: Floats, start: float, bin: float) -> NDArray[np.int64]:
    """Number of the bin of each spike.

    A spike at the edge of two bins belongs to the earlier one, whatever rounding does to the quotient.
    """
    places: NDArray[np.int64] = np.ceil((times - start) / bin - 1e-6).astype(np.int64) - 1
    return places


def correlations(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float, *, bin: float = 3.0
) -> Distribution:
    """Correlation of the spike counts of each pair of neurons.

    It needs memory for each pair and for each bin of each neuron: give a sample of a few hundred neurons, and
    see `mean_correlation` for the mean over all pairs of a large population.

    Parameters
    ----------
    times, senders, neurons
        As for `rates`.
    start, stop : float, ms
        Bins are ``(start + i bin, start + (i + 1) bin]``; an incomplete last one is left out.
    bin : float, ms
        Width, a multiple of the resolution.

    Returns
    -------
    Distribution
        Pearson's correlation coefficients, as ``elephant.spike_train_correlation.correlation_coefficient``
        has them; `nan` for a pair of which one neuron has the same count in all bins.

    Raises
    ------
    BadValue
        If `stop` is not above `start`, or there is no whole bin.

    Examples
    --------
    >>> correlations([1.0, 1.0, 3.0], [1, 2, 3], [1, 2, 3], 0.0, 4.0, bin=2.0).values.round(1)
    array([ 1., -1., -1.])
    """
    n_bins = _bins(start, stop, bin)
    t, place, known = _select(times, senders, neurons, start, start + n_bins * bin)
    counts = np.zeros((len(known), n_bins))
    np.add.at(counts, (place, _places(t, start, bin)), 1.0)
    one, other = np.triu_indices(len(known), k=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.atleast_2d(np.corrcoef(counts))[one, other]
    pairs = np.column_stack((known[one], known[other]))
    return Distribution(values, pairs, f"correlation of spike counts in {bin:g} ms")


def mean_correlation(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float, *, bin: float = 3.0
) -> float:
    r"""Mean of `correlations` over all pairs of a population of any size, without looking at pairs.

    Counts are brought to mean 0 and variance 1. The variance of their sum over n neurons is then
    :math:`n + n(n-1)\,\bar r`, which one pass over the spikes gives.

    Parameters
    ----------
    times, senders, neurons, start, stop, bin
        As for `correlations`.

    Returns
    -------
    float
        Mean over the pairs of neurons that fire, `nan` if fewer than two do.

    Raises
    ------
    BadValue
        If `stop` is not above `start`, or there is no whole bin.

    Examples
    --------
    >>> round(mean_correlation([1.0, 1.0, 3.0], [1, 2, 3], [1, 2, 3], 0.0, 4.0, bin=2.0), 3)
    -0.333
    """
    n_bins = _bins(start, stop, bin)
    t, place, known = _select(times, senders, neurons, start, start + n_bins * bin)
    cells, counts = np.unique(place * n_bins + _places(t, start, bin), return_counts=True)
    owner, where = np.divmod(cells, n_bins)
    mean = np.bincount(owner, counts, minlength=len(known)) / n_bins
    variance = np.bincount(owner, counts**2, minlength=len(known)) / n_bins - mean**2
    active = variance > 0.0
    n = int(active.sum())
    if n < 2:
        return float("nan")
    weight = np.where(active, 1.0 / np.sqrt(np.where(active, variance, 1.0)), 0.0)
    total = np.bincount(where, counts * weight[owner], minlength=n_bins)
    return float((total.var() - n) / (n * (n - 1)))


def population_rate(
    times: ArrayLike, n_neurons: int, start: float, stop: float, *, bin: float = 1.0
) -> PopulationRate:
    """Spikes per neuron and second, in bins.

    Parameters
    ----------
    times : array_like, shape (n_spikes,), ms
        Time of each spike of the population.
    n_neurons : int
        Number of its neurons.
    start, stop : float, ms
        Bins are ``(start + i bin, start + (i + 1) bin]``; an incomplete last one is left out.
    bin : float, ms
        Width, a multiple of the resolution.

    Returns
    -------
    PopulationRate
        Spikes/s.

    Raises
    ------
    BadValue
        If there is no whole bin.

    Examples
    --------
    >>> population_rate([1.0, 1.5, 2.0], 2, 0.0, 3.0).values
    array([ 500., 1000.,    0.])
    """
    n_bins = _bins(start, stop, bin)
    place = _places(np.asarray(times, dtype=np.float64), start, bin)
    counts = np.bincount(place[(place >= 0) & (place < n_bins)], minlength=n_bins)
    ends = start + bin * np.arange(1, n_bins + 1)
    return PopulationRate(ends, counts * (1000.0 / (bin * n_neurons)), counts, bin, n_neurons)


def spectrum(activity: PopulationRate, *, window: float = 500.0) -> Spectrum:
    """Power spectral density of a population rate, by Welch's method.

    Parameters
    ----------
    activity : PopulationRate
        Its bin sets the highest frequency, 500 / bin.
    window : float, ms
        Length of the overlapping segments that are averaged; its inverse is the resolution of the
        frequencies.

    Returns
    -------
    Spectrum
        Without frequency 0.

    References
    ----------
    ``scipy.signal.welch``

    Examples
    --------
    A population that fires together every 10 ms:

    >>> import numpy as np
    >>> spectrum(population_rate(np.arange(10.0, 1001.0, 10.0), 1, 0.0, 1000.0)).peak()[0]
    100.0
    """
    from scipy.signal import welch

    segment = min(len(activity.values), max(int(window / activity.bin), 1))
    frequencies, power = welch(activity.values, fs=1000.0 / activity.bin, nperseg=segment, detrend="constant")
    independent = 2.0 * float(activity.values.mean()) / activity.n_neurons
    return Spectrum(np.asarray(frequencies[1:]), np.asarray(power[1:]), independent)
