"""Spectra: processes whose spectrum is known, beside Elephant, and what each estimator costs."""

import numpy as np
import pytest

from nest_lab import analysis
from nest_lab.errors import BadValue, UnknownName

METHODS = ("periodogram", "welch", "multitaper")


def activity_of(values, bin=1.0, n_neurons=10):
    """A rate that is given."""
    times = bin * np.arange(1, len(values) + 1)
    return analysis.PopulationRate(times, values, np.zeros(len(values), dtype=np.int64), bin, n_neurons)


@pytest.mark.parametrize("frequency", [20.0, 100.0, 250.0])
def test_volleys_have_their_own_frequency(frequency):
    """Not one of its multiples, which have as much power."""
    times = np.repeat(np.arange(1000.0 / frequency, 2000.1, 1000.0 / frequency), 50)
    power = analysis.spectrum(analysis.population_rate(times, 50, 0.0, 2000.0, bin=0.5))
    assert power.peak()[0] == pytest.approx(frequency, abs=2.0)


def test_a_sine_has_its_power():
    """The integral of the density is the variance."""
    times = np.arange(1.0, 4001.0)
    values = 20.0 + 5.0 * np.sin(2.0 * np.pi * 0.04 * times)
    activity = analysis.PopulationRate(times, values, np.zeros(4000, dtype=np.int64), 1.0, 10)
    power = analysis.spectrum(activity)
    assert np.trapezoid(power.power, power.frequencies) == pytest.approx(12.5, rel=0.01)
    assert power.peak()[0] == 40.0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_estimates_are_those_of_elephant():
    spectral = pytest.importorskip("elephant.spectral")
    values = 20.0 + np.random.default_rng(1).normal(size=3001)
    activity = activity_of(values, bin=2.0)
    ours = analysis.spectrum(activity, window=400.0)
    frequencies, power = spectral.welch_psd(values, fs=500.0, len_segment=200)
    assert ours.frequencies == pytest.approx(frequencies[1:], rel=1e-12)
    assert ours.power == pytest.approx(power[1:], rel=1e-12)
    ours = analysis.spectrum(activity, method="multitaper", bandwidth=8.0)
    frequencies, power = spectral.multitaper_psd(values - values.mean(), fs=500.0, peak_resolution=8.0)
    assert ours.frequencies == pytest.approx(frequencies[1:], rel=1e-12)
    assert ours.power == pytest.approx(power[0, 1:], rel=1e-12)


@pytest.mark.parametrize("n", [4000, 4001])
@pytest.mark.parametrize("method", METHODS)
def test_the_integral_is_the_variance(method, n):
    values = 7.0 + np.random.default_rng(2).normal(scale=3.0, size=n)
    found = analysis.spectrum(activity_of(values), method=method)
    assert found.power.sum() * found.frequencies[0] == pytest.approx(values.var(), rel=0.03)


def test_the_highest_frequency_is_counted_once():
    """Elephant counts it twice: a rate that goes up and down from bin to bin has all its power there."""
    found = analysis.spectrum(activity_of(10.0 + (-1.0) ** np.arange(2000)), method="multitaper")
    assert found.power.sum() * found.frequencies[0] == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_the_number_of_estimates_tells_the_variance(method):
    """White noise of density 2: mean and standard deviation over 200 recordings, at 20 frequencies."""
    generator = np.random.default_rng(3)
    rows = []
    for _ in range(200):
        found = analysis.spectrum(activity_of(generator.normal(size=2000) * np.sqrt(1000.0)), method=method)
        rows.append(found.power[10:-10][:: len(found.power) // 20][:20])
    density = np.asarray(rows)
    assert density.mean() == pytest.approx(2.0, rel=0.05)
    assert density.std(axis=0).mean() == pytest.approx(2.0 / np.sqrt(found.estimates), rel=0.1)
    assert found.method == method


def test_what_a_taper_is_good_for():
    """What leaks from a strong line to far away: with Hann's taper a thousandth of that without any.

    Of the seven orthogonal tapers the last ones leak nearly as much as none.
    """
    times = np.arange(1, 2001) / 1000.0
    values = 1e3 * np.sin(2.0 * np.pi * 30.25 * times)
    far = {}
    for method in METHODS:
        found = analysis.spectrum(activity_of(values), method=method)
        far[method] = found.power[found.frequencies > 100.0].max() / found.power.max()
    assert far["welch"] < 1e-3 * far["periodogram"]
    assert far["multitaper"] < far["periodogram"]


def test_resolutions():
    activity = activity_of(np.random.default_rng(4).normal(size=2000))
    found = {method: analysis.spectrum(activity, method=method) for method in METHODS}
    assert found["periodogram"].resolution == pytest.approx(0.5)
    assert found["welch"].resolution == pytest.approx(3.0)
    assert found["multitaper"].resolution == pytest.approx(4.0)
    assert found["multitaper"].estimates == 7.0


def test_bad_arguments_are_refused():
    activity = activity_of(np.ones(100))
    with pytest.raises(UnknownName) as error:
        analysis.spectrum(activity, method="welsh")
    assert str(error.value) == (
        "spectrum(): there is no such estimator of a spectrum. Value: 'welsh'. "
        "Allowed: 'multitaper', 'periodogram', 'welch'. Did you mean 'welch'?"
    )
    with pytest.raises(BadValue) as error:
        analysis.spectrum(activity, window=0.0)
    assert str(error.value) == (
        "spectrum(): window is out of bounds. Value: 0.0 ms. Allowed: a number above 0 ms. Choose another "
        "window."
    )
    with pytest.raises(BadValue) as error:
        analysis.spectrum(activity, method="multitaper")
    assert str(error.value) == (
        "spectrum(): the bandwidth is too small for a recording of this length. Value: 4 Hz. "
        "Allowed: at least 20 Hz. Simulate longer, or choose a larger bandwidth."
    )
    with pytest.raises(BadValue) as error:
        analysis.spectrum(activity, method="multitaper", bandwidth=1e4)
    assert str(error.value) == (
        "spectrum(): the bandwidth is larger than the band that there is. Value: 10000 Hz. "
        "Allowed: below 1000 Hz. Choose a smaller bandwidth, or smaller bins of the rate."
    )


def test_a_spectrum_says_what_it_is():
    times = np.repeat(np.arange(10.0, 2000.1, 10.0), 50)
    power = analysis.spectrum(analysis.population_rate(times, 50, 0.0, 2000.0, bin=0.5))
    assert str(power) == (
        "Spectrum\n"
        "  method                 welch\n"
        "  resolution             3 Hz\n"
        "  independent estimates  6.68\n"
        "  independent neurons    4 (spikes/s)²/Hz\n"
        f"  peak                   100 Hz, {power.peak()[1]:.3g} times that of independent neurons"
    )
    assert power._repr_html_().startswith("<table")
