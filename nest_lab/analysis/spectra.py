"""Power spectra of the activity of a population, by several estimators.

An estimate from a finite recording has a variance, a bias and a resolution, and an estimator can only trade
one for another. The periodogram has the finest resolution, but its standard deviation is as large as the
density itself however long the recording is, and strong components leak into others. Welch's method
averages segments under a taper that lets little leak, and pays with resolution. Thomson's method averages
the whole recording under several orthogonal tapers, over a band with sharp edges that can be chosen; its
last tapers leak more than Hann's.

References
----------
Percival DB, Walden AT (1993). Spectral Analysis for Physical Applications. Cambridge University Press,
chapters 6 and 7. doi:10.1017/CBO9780511622762
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab.analysis._result import Floats, Result, above, axes, elephant
from nest_lab.analysis.spikes import PopulationRate
from nest_lab.errors import BadValue, UnknownName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Spectrum", "spectrum"]


@dataclass(frozen=True)
class Spectrum(Result):
    """Power spectral density of a population rate.

    Attributes
    ----------
    frequencies : ndarray, shape (n,), Hz
        Frequencies above 0.
    power : ndarray, shape (n,), (spikes/s)²/Hz
        One-sided density.
    independent : float, (spikes/s)²/Hz
        Density of as many independent Poisson processes of the same mean rate.
    method : str
        The estimator.
    resolution : float, Hz
        Distance below which two components cannot be told apart.
    estimates : float
        Number of independent estimates that were averaged: the standard deviation of the density is its
        value over the square root of this number.
    """

    frequencies: Floats
    power: Floats
    independent: float
    method: str = ""
    resolution: float = float("nan")
    estimates: float = float("nan")

    def facts(self) -> list[tuple[str, str]]:
        """What it is and its most important numbers, with their units."""
        frequency, height = self.peak()
        rows = [
            ("method", self.method or "not said"),
            ("resolution", f"{self.resolution:.3g} Hz"),
            ("independent estimates", f"{self.estimates:.3g}"),
            ("independent neurons", f"{self.independent:.4g} (spikes/s)²/Hz"),
        ]
        if np.isfinite(frequency):
            rows.append(("peak", f"{frequency:.4g} Hz, {height:.3g} times that of independent neurons"))
        return rows

    def peak(self, lowest: float = 5.0) -> tuple[float, float]:
        """Frequency at which the population oscillates, and its power relative to independent neurons.

        This is the frequency of the largest power, or a whole fraction of it that has at least 0.7 times as
        much: short volleys have as much power at the multiples of their frequency as at the frequency itself.

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

    def plot(self, ax: Axes | None = None, highest: float = 500.0, **line: Any) -> Axes:
        """Draw it on a logarithmic scale.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw, a new figure when not given.
        highest : float, Hz
            End of the frequency axis.
        **line
            Colour, label and other properties of the line.

        Returns
        -------
        matplotlib.axes.Axes
            Where it was drawn.
        """
        ax = axes(ax)
        shown = self.frequencies <= highest
        if self.independent > 0.0:
            ax.semilogy(self.frequencies[shown], self.power[shown], **{"color": "C0", **line})
            known = "independent neurons" in ax.get_legend_handles_labels()[1]  # of another spectrum
            ax.axhline(
                self.independent, color="C1", linestyle="--", label=None if known else "independent neurons"
            )
            ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderpad=0.1)
        ax.set(xlabel="frequency (Hz)", ylabel="power ((spikes/s)²/Hz)", xlim=(0.0, highest))
        return ax


def spectrum(
    activity: PopulationRate, *, window: float = 500.0, method: str = "welch", bandwidth: float = 4.0
) -> Spectrum:
    """Power spectral density of a population rate.

    Parameters
    ----------
    activity : PopulationRate
        Its bin sets the highest frequency, 500 / bin.
    window : float, ms
        For ``welch``: length of the segments, which overlap by half and are averaged.
    method : str
        ``welch``, ``multitaper`` (Thomson's method) or ``periodogram``.
    bandwidth : float, Hz
        For ``multitaper``: width of the band over which it averages. The effort grows with it and with the
        square of the length of the recording: some seconds, or a narrower band.

    Returns
    -------
    Spectrum
        Without frequency 0. ``welch`` is ``scipy.signal.welch``, which Elephant calls too; ``multitaper`` is
        ``elephant.spectral.multitaper_psd``, of the rate without its mean and with the highest frequency
        counted once; ``periodogram`` is ``scipy.signal.periodogram``.

    Raises
    ------
    UnknownName
        If there is no such method.
    BadValue
        If the window or the bandwidth is not above 0, or the bandwidth too small or too large for the
        recording.

    References
    ----------
    Welch PD (1967), doi:10.1109/TAU.1967.1161901; Thomson DJ (1982), doi:10.1109/PROC.1982.12433.

    Examples
    --------
    A population that fires together every 10 ms:

    >>> import numpy as np
    >>> from nest_lab.analysis import population_rate
    >>> activity = population_rate(np.arange(10.0, 1001.0, 10.0), 1, 0.0, 1000.0)
    >>> [spectrum(activity, method=method).peak()[0] for method in ("welch", "periodogram")]
    [100.0, 100.0]
    """
    estimators = {"welch": _welch, "multitaper": _multitaper, "periodogram": _periodogram}
    if method not in estimators:
        raise UnknownName(
            "there is no such estimator of a spectrum",
            where="spectrum()",
            value=f"{method!r}",
            wrong=str(method),
            candidates=list(estimators),
        )
    above("window", window, 0.0, "ms", "spectrum()")
    above("bandwidth", bandwidth, 0.0, "Hz", "spectrum()")
    frequencies, power, resolution, estimates = estimators[method](
        activity.values, 1000.0 / activity.bin, window, bandwidth
    )
    independent = 2.0 * float(activity.values.mean()) / activity.n_neurons
    return Spectrum(
        np.asarray(frequencies[1:]), np.asarray(power[1:]), independent, method, resolution, estimates
    )


_Estimate = tuple[Floats, Floats, float, float]  # frequencies, power, resolution, independent estimates


def _welch(values: Floats, rate: float, window: float, _: float) -> _Estimate:
    from scipy.signal import welch

    segment = min(len(values), max(int(window * rate / 1000.0), 1))
    frequencies, power = welch(values, fs=rate, nperseg=segment, detrend="constant")
    n_segments = max((len(values) - segment // 2) // max(segment - segment // 2, 1), 1)
    # Neighbours share half of their data, of which Hann's window lets 1/6 count (Welch, 1967, section 5).
    shared = 1.0 + 2.0 * (1.0 - 1.0 / n_segments) / 36.0
    return frequencies, power, 1.5 * rate / segment, n_segments / shared


def _periodogram(values: Floats, rate: float, _: float, __: float) -> _Estimate:
    from scipy.signal import periodogram

    frequencies, power = periodogram(values, fs=rate, detrend="constant")
    return frequencies, power, rate / len(values), 1.0


def _multitaper(values: Floats, rate: float, _: float, bandwidth: float) -> _Estimate:
    smallest = 2.0 * rate / len(values)  # fewer than two tapers average nothing
    if not bandwidth < rate:
        raise BadValue(
            "the bandwidth is larger than the band that there is",
            where="spectrum()",
            value=f"{bandwidth:g} Hz",
            allowed=f"below {rate:g} Hz",
            todo="Choose a smaller bandwidth, or smaller bins of the rate.",
        )
    if bandwidth < smallest:
        raise BadValue(
            "the bandwidth is too small for a recording of this length",
            where="spectrum()",
            value=f"{bandwidth:g} Hz",
            allowed=f"at least {smallest:g} Hz",
            todo="Simulate longer, or choose a larger bandwidth.",
        )
    with elephant():
        from elephant.spectral import multitaper_psd

        half = bandwidth * len(values) / rate / 2.0  # time times half the bandwidth
        n_tapers = max(int(2.0 * half) - 1, 1)
        frequencies, power = multitaper_psd(values - values.mean(), fs=rate, nw=half, num_tapers=n_tapers)
    power = power[0]
    if len(values) % 2 == 0:
        power[-1] /= 2.0  # Elephant counts the highest frequency twice, which has no negative counterpart
    return frequencies, power, bandwidth, float(n_tapers)
