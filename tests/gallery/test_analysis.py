"""Statistics of spikes: by hand, beside Elephant, and for processes whose statistics are known."""

import numpy as np
import pytest

from nest_lab import analysis
from nest_lab.errors import BadValue

START, STOP = 50.0, 950.0


@pytest.fixture(scope="module")
def spikes():
    """A hundred Poisson neurons of 40 spikes/s, a clock, and a silent one, as a recorder gives them."""
    generator = np.random.default_rng(1)
    senders = np.repeat(np.arange(1, 101), generator.poisson(40.0, 100))
    times = np.ceil(generator.uniform(0.0, 1000.0, len(senders)) * 10.0) / 10.0
    clock = np.arange(10.0, 1001.0, 10.0)
    times, senders = np.append(times, clock), np.append(senders, np.full(len(clock), 101))
    order = generator.permutation(len(times))
    return times[order], senders[order], np.arange(1, 103)


def test_rates(spikes):
    times, senders, neurons = spikes
    rates = analysis.rates(times, senders, neurons, START, STOP)
    assert rates.values[100] == pytest.approx(100.0)
    assert rates.values[101] == 0.0
    assert rates.neurons.tolist() == neurons.tolist()
    assert rates.mean == pytest.approx(np.count_nonzero((times > START) & (times <= STOP)) / 0.9 / 102)


def test_intervals_are_open_to_the_left():
    """A spike at a common edge is in the first of two intervals, although 0.1 is not exact in binary."""
    times = np.arange(1, 101) * 0.1
    for edge in times[:-1]:
        first = analysis.rates(times, np.ones(100), [1], 0.0, edge).values[0] * edge / 1000.0
        second = analysis.rates(times, np.ones(100), [1], edge, 10.0).values[0] * (10.0 - edge) / 1000.0
        assert (round(first), round(second)) == (round(edge * 10), 100 - round(edge * 10))
    counts = analysis.population_rate(times, 1, 0.0, 10.0, bin=0.1).counts
    assert counts.tolist() == [1] * 100


def test_spikes_of_other_neurons_do_not_count():
    assert analysis.rates([1.0, 2.0, 3.0], [1, 5, 9], [5], 0.0, 10.0).values.tolist() == [100.0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cv_is_that_of_elephant(spikes):
    elephant = pytest.importorskip("elephant.statistics")
    times, senders, neurons = spikes
    cv = analysis.cv_isi(times, senders, neurons, START, STOP)
    inside = (times > START) & (times <= STOP)
    for neuron, value in zip(neurons[:-1], cv.values, strict=False):
        expected = elephant.cv(np.diff(np.sort(times[inside & (senders == neuron)])))
        assert value == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert cv.values[100] < 1e-12
    assert np.isnan(cv.values[101])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_population_rate_is_that_of_elephant(spikes):
    elephant = pytest.importorskip("elephant.statistics")
    neo, pq = pytest.importorskip("neo"), pytest.importorskip("quantities")
    times, _, _ = spikes
    ours = analysis.population_rate(times, 102, 0.0, 1000.0, bin=5.0)
    # Elephant's bins are closed to the left, so the spikes are moved by a little.
    train = neo.SpikeTrain(np.sort(times) - 1e-3, units="ms", t_stop=1000.0)
    theirs = elephant.time_histogram([train], bin_size=5.0 * pq.ms).magnitude[:, 0]
    assert ours.counts.tolist() == theirs.tolist()
    assert ours.values == pytest.approx(theirs / 102 / 5e-3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_correlations_are_those_of_elephant(spikes):
    conversion = pytest.importorskip("elephant.conversion")
    correlation = pytest.importorskip("elephant.spike_train_correlation")
    neo, pq = pytest.importorskip("neo"), pytest.importorskip("quantities")
    times, senders, neurons = spikes
    few = neurons[:20]
    ours = analysis.correlations(times, senders, few, 0.0, 1000.0, bin=5.0)
    # Elephant's bins are closed to the left, so the spikes are moved by a little.
    trains = [neo.SpikeTrain(np.sort(times[senders == n]) - 1e-3, units="ms", t_stop=1000.0) for n in few]
    binned = conversion.BinnedSpikeTrain(trains, bin_size=5.0 * pq.ms)
    theirs = correlation.correlation_coefficient(binned)
    assert ours.values == pytest.approx(theirs[np.triu_indices(20, k=1)], abs=1e-12)
    assert ours.neurons.tolist() == [[a, b] for a in few for b in few if a < b]
    assert ours.label == "correlation of spike counts in 5 ms"


@pytest.mark.parametrize("bin", [3.0, 7.0])
def test_the_mean_correlation_needs_no_pairs(spikes, bin):
    """It is the mean of the correlations of all pairs, without those that cannot tell."""
    times, senders, neurons = spikes
    pairs = analysis.correlations(times, senders, neurons, START, STOP, bin=bin)
    mean = analysis.mean_correlation(times, senders, neurons, START, STOP, bin=bin)
    assert mean == pytest.approx(pairs.mean, abs=1e-12)
    assert np.isnan(pairs.values[pairs.neurons[:, 1] == 102]).all()


def test_neurons_with_a_common_source_are_correlated():
    """Each spike of a source is taken by each neuron with probability 0.3, which then is the correlation."""
    generator = np.random.default_rng(3)
    source = generator.uniform(0.0, 100_000.0, 2000)
    taken = generator.random((50, 2000)) < 0.3
    senders, which = np.nonzero(taken)
    found = analysis.mean_correlation(source[which], senders + 1, np.arange(1, 51), 0.0, 100_000.0, bin=2.0)
    assert found == pytest.approx(0.3, abs=0.02)


def test_too_few_neurons_have_no_correlation():
    assert np.isnan(analysis.mean_correlation([1.0], [1], [1, 2], 0.0, 10.0, bin=1.0))
    assert np.isnan(analysis.mean_correlation([], [], [1, 2], 0.0, 10.0, bin=1.0))
    assert analysis.correlations([], [], [1], 0.0, 10.0, bin=1.0).values.tolist() == []
    assert np.isnan(analysis.correlations([], [], [1, 2], 0.0, 10.0, bin=1.0).values).all()


def test_few_intervals_tell_nothing():
    values = analysis.cv_isi([1.0, 2.0, 4.0, 1.0, 3.0], [1, 1, 1, 2, 2], [1, 2], 0.0, 5.0, at_least=2).values
    assert values[0] == pytest.approx(1.0 / 3.0)
    assert np.isnan(values[1])


def test_independent_neurons():
    """A population of Poisson neurons has the modulation and the spectrum that it says it should have."""
    generator = np.random.default_rng(2)
    times = generator.uniform(0.0, 20000.0, generator.poisson(200 * 50.0 * 20.0))
    activity = analysis.population_rate(times, 200, 0.0, 20000.0, bin=1.0)
    assert activity.modulation == pytest.approx(activity.independent, rel=0.02)
    power = analysis.spectrum(activity)
    assert power.power.mean() == pytest.approx(power.independent, rel=0.05)
    assert power.peak()[1] < 3.0


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


def test_nothing_is_known_of_silence():
    activity = analysis.population_rate([], 10, 0.0, 100.0)
    assert np.isnan(activity.modulation)
    assert np.isnan(analysis.spectrum(activity).peak()).all()
    assert np.isnan(analysis.cv_isi([], [], [1, 2], 0.0, 1.0).mean)
    assert analysis.rates([], [], [1, 2], 0.0, 1.0).mean == 0.0


def test_bad_intervals_are_refused():
    with pytest.raises(BadValue) as error:
        analysis.rates([1.0], [1], [1], 5.0, 5.0)
    assert str(error.value) == (
        "the interval must not be empty. Value: 5 … 5 ms. Allowed: stop above start. Simulate longer, "
        "or begin earlier."
    )
    with pytest.raises(BadValue) as error:
        analysis.population_rate([1.0], 1, 0.0, 5.0, bin=10.0)
    too_short = (
        "the interval must hold a whole bin. Value: 0 … 5 ms in bins of 10 ms. "
        "Allowed: an interval of at least 10 ms. Simulate longer, or make the bins smaller."
    )
    assert str(error.value) == too_short
    for correlated in (analysis.correlations, analysis.mean_correlation):
        with pytest.raises(BadValue) as error:
            correlated([1.0], [1], [1], 0.0, 5.0, bin=10.0)
        assert str(error.value) == too_short


def test_results_draw_themselves(spikes):
    from matplotlib.figure import Figure

    times, senders, neurons = spikes
    figure = Figure()
    axes = figure.subplots(5)
    activity = analysis.population_rate(times, 102, 0.0, 1000.0)
    drawn = [
        analysis.rates(times, senders, neurons, START, STOP).plot(axes[0], expected=40.0),
        analysis.cv_isi(times, senders, neurons, START, STOP).plot(axes[1]),
        activity.plot(axes[2]),
        analysis.spectrum(activity).plot(axes[3]),
        analysis.correlations(times, senders, neurons, START, STOP).plot(axes[4]),
    ]
    assert drawn == list(axes)
    assert [ax.get_xlabel() for ax in axes] == [
        "firing rate (spikes/s)",
        "CV of the inter-spike intervals",
        "time (ms)",
        "frequency (Hz)",
        "correlation of spike counts in 3 ms",
    ]
    assert [ax.get_ylabel() for ax in axes] == [
        "neurons",
        "neurons",
        "rate (spikes/s)",
        "power ((spikes/s)²/Hz)",
        "pairs of neurons",
    ]


def test_no_neuron_that_can_tell_is_drawn_as_such():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    analysis.cv_isi([], [], [1, 2], 0.0, 1.0).plot(ax)
    assert [text.get_text() for text in ax.texts] == ["too few spikes"]
