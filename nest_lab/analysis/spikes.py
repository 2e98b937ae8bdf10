"""Rates, regularity and synchrony of many neurons from the times and senders of a spike recorder.

Elephant has functions for all of them, of which `lv` calls one for each neuron. The others are written here
as sorts and counts over all neurons at once, for 10⁷ spikes in a second, and tested to be the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nest_lab.analysis._result import (
    Floats,
    Result,
    above,
    axes,
    binned,
    bins_between,
    elephant,
    inside,
    select,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Distribution",
    "PopulationRate",
    "correlations",
    "cv_isi",
    "fano",
    "lv",
    "mean_correlation",
    "population_rate",
    "rates",
]


@dataclass(frozen=True)
class Distribution(Result):
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

    def facts(self) -> list[tuple[str, str]]:
        """What it is and its most important numbers, with their units."""
        known, unit = self.known, f" {self.unit}" if self.unit else ""
        of = "neurons" if self.neurons.ndim == 1 else "pairs of neurons"
        rows = [("quantity", self.label), (of, f"{len(self.values):,}")]
        if len(known) < len(self.values):
            rows.append(("too few spikes", f"{len(self.values) - len(known):,} of them"))
        if len(known):
            rows.append(("mean ± standard deviation", f"{known.mean():.4g} ± {known.std():.4g}{unit}"))
            low, middle, high = np.quantile(known, (0.0, 0.5, 1.0))
            rows.append(("lowest, median, highest", f"{low:.4g}, {middle:.4g}, {high:.4g}{unit}"))
        return rows

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
        ax = axes(ax)
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
class PopulationRate(Result):
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

    def facts(self) -> list[tuple[str, str]]:
        """What it is and its most important numbers, with their units."""
        span = f"{self.times[0] - self.bin:g} … {self.times[-1]:g} ms in bins of {self.bin:g} ms"
        return [
            ("neurons", f"{self.n_neurons:,}"),
            ("time", span),
            ("spikes", f"{int(self.counts.sum()):,}"),
            ("mean rate", f"{self.values.mean():.4g} spikes/s"),
            ("modulation", f"{self.modulation:.3g}, of independent neurons {self.independent:.3g}"),
        ]

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

    def _draw(self, ax: Axes) -> None:
        """Draw it as steps."""
        edges = np.append(self.times - self.bin, self.times[-1])
        ax.stairs(self.values, edges, fill=True, color="C0", alpha=0.75)
        mean = float(self.values.mean())
        ax.axhline(mean, color="C1", linestyle="--", label=f"mean {mean:.3g} spikes/s")
        ax.set(xlabel="time (ms)", ylabel="rate (spikes/s)", xlim=(edges[0], edges[-1]), ylim=(0.0, None))
        ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderpad=0.1)


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
    _, place, known = select(times, senders, neurons, start, stop)
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
    t, place, known = select(times, senders, neurons, start, stop)
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


def lv(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float, *, at_least: int = 3
) -> Distribution:
    """Local variation of the inter-spike intervals of each neuron.

    It compares each interval with the next one only, so that a rate that drifts does not raise it: 0 for a
    clock and 1 for a Poisson process.

    Parameters
    ----------
    times, senders, neurons, start, stop
        As for `rates`.
    at_least : int
        Neurons with fewer intervals are `nan`.

    Returns
    -------
    Distribution
        Of ``elephant.statistics.lv``.

    Raises
    ------
    BadValue
        If `stop` is not above `start`.

    References
    ----------
    Shinomoto S, Shima K, Tanji J (2003). Differences in spiking patterns among cortical neurons. Neural
    Computation 15:2823-2842, eq. 2.1. doi:10.1162/089976603322518759

    Examples
    --------
    >>> lv([10.0, 20.0, 30.0, 40.0, 50.0], [1, 1, 1, 1, 2], [1, 2], 0.0, 100.0).values
    array([ 0., nan])
    """
    with elephant():
        from elephant.statistics import lv as lv_of

        t, place, known = select(times, senders, neurons, start, stop)
        order = np.lexsort((t, place))
        ends = np.cumsum(np.bincount(place, minlength=len(known)))
        values = np.full(len(known), np.nan)
        for number, each in enumerate(np.split(t[order], ends[:-1]) if len(known) else []):
            if len(each) > max(at_least, 2):
                with np.errstate(invalid="ignore"):  # a relay may send several spikes at once
                    values[number] = lv_of(np.diff(each))
    return Distribution(values, known, "local variation of the inter-spike intervals")


def fano(
    times: ArrayLike, senders: ArrayLike, neurons: ArrayLike, start: float, stop: float, *, bin: float = 100.0
) -> Distribution:
    """Fano factor of each neuron: variance over mean of its spike counts in windows.

    It is 1 for a Poisson process, and for long windows CV² for a renewal process.

    Parameters
    ----------
    times, senders, neurons
        As for `rates`.
    start, stop : float, ms
        Windows are ``(start + i bin, start + (i + 1) bin]``; an incomplete last one is left out.
    bin : float, ms
        Length of a window.

    Returns
    -------
    Distribution
        As ``elephant.statistics.fanofactor`` has it of trains that are cut into windows; `nan` for a neuron
        that is silent.

    Raises
    ------
    BadValue
        If `stop` is not above `start`, or there is no whole window.

    Examples
    --------
    >>> fano([1.0, 3.0, 3.5, 4.0], [1, 1, 1, 1], [1, 2], 0.0, 4.0, bin=2.0).values
    array([0.5, nan])
    """
    n_bins = bins_between(start, stop, bin)
    t, place, known = select(times, senders, neurons, start, start + n_bins * bin)
    cells, counts = np.unique(place * n_bins + binned(t, start, bin, n_bins), return_counts=True)
    owner = cells // n_bins
    mean = np.bincount(owner, counts, minlength=len(known)) / n_bins
    filled = np.bincount(owner, minlength=len(known))
    with np.errstate(invalid="ignore", divide="ignore"):
        square = np.bincount(owner, (counts - mean[owner]) ** 2, minlength=len(known))
        values = (square + (n_bins - filled) * mean**2) / n_bins / mean
    return Distribution(values, known, f"Fano factor of spike counts in {bin:g} ms")


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
    n_bins = bins_between(start, stop, bin)
    t, place, known = select(times, senders, neurons, start, start + n_bins * bin)
    counts = np.zeros((len(known), n_bins))
    np.add.at(counts, (place, binned(t, start, bin, n_bins)), 1.0)
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
    n_bins = bins_between(start, stop, bin)
    t, place, known = select(times, senders, neurons, start, start + n_bins * bin)
    cells, counts = np.unique(place * n_bins + binned(t, start, bin, n_bins), return_counts=True)
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
        If there is no whole bin, or no neuron.

    Examples
    --------
    >>> population_rate([1.0, 1.5, 2.0], 2, 0.0, 3.0).values
    array([ 500., 1000.,    0.])
    """
    above("n_neurons", n_neurons, 0.0, "", "population_rate()")
    n_bins = bins_between(start, stop, bin)
    t = np.asarray(times, dtype=np.float64)
    t = t[inside(t, start, start + n_bins * bin)]
    counts = np.bincount(binned(t, start, bin, n_bins), minlength=n_bins)
    ends = start + bin * np.arange(1, n_bins + 1)
    return PopulationRate(ends, counts * (1000.0 / (bin * n_neurons)), counts, bin, n_neurons)
