"""Statistics of spikes: by hand, beside Elephant, and for processes whose statistics are known."""

from itertools import pairwise

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


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_fano_factor_is_that_of_elephant(spikes):
    """Of trains that are cut into windows, which takes a thousand times as long."""
    elephant = pytest.importorskip("elephant.statistics")
    neo = pytest.importorskip("neo")
    times, senders, neurons = spikes
    fano = analysis.fano(times, senders, neurons, START, STOP, bin=90.0)
    edges = START + 90.0 * np.arange(11)
    for neuron, value in zip(neurons[:-1], fano.values, strict=False):
        ours = np.sort(times[senders == neuron])
        # Elephant's windows are closed on both sides, so the spikes are moved by a little.
        cut = [ours[(ours > a) & (ours <= b)] - 1e-3 for a, b in pairwise(edges)]
        trains = [
            neo.SpikeTrain(part, units="ms", t_start=a - 1.0, t_stop=a + 90.0)
            for a, part in zip(edges, cut, strict=False)
        ]
        assert value == pytest.approx(elephant.fanofactor(trains), rel=1e-12, abs=1e-12)
    assert fano.values[:100].mean() == pytest.approx(0.9, abs=0.05)  # of ten windows
    assert fano.values[100] == 0.0
    assert np.isnan(fano.values[101])


def test_the_local_variation_is_that_of_its_definition(spikes):
    times, senders, neurons = spikes
    lv = analysis.lv(times, senders, neurons, START, STOP)
    inside = (times > START) & (times <= STOP)
    for neuron, value in zip(neurons[:-1], lv.values, strict=False):
        isi = np.diff(np.sort(times[inside & (senders == neuron)]))
        expected = 3.0 * np.mean(((isi[1:] - isi[:-1]) / (isi[1:] + isi[:-1])) ** 2)
        assert value == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert lv.values[:100].mean() == pytest.approx(1.0, abs=0.05)
    assert np.isnan(lv.values[101])


def test_a_rate_that_drifts_raises_the_cv_and_not_the_local_variation():
    generator = np.random.default_rng(4)
    times = np.cumsum(generator.gamma(4.0, np.linspace(0.5, 8.0, 4000)))
    arguments = (times, np.ones(4000), [1], 0.0, times[-1])
    assert analysis.lv(*arguments).values[0] == pytest.approx(3.0 / 9.0, rel=0.06)  # 3 / (2 k + 1)
    assert analysis.cv_isi(*arguments).values[0] > 0.65  # 0.5 without the drift


def test_ten_thousand_neurons_take_milliseconds():
    """10⁶ spikes; a tenth of this on a machine of 2020."""
    import time

    generator = np.random.default_rng(5)
    times = np.ceil(generator.uniform(0.0, 1e5, 10**6)) / 10.0
    senders, neurons = generator.integers(1, 10001, 10**6), np.arange(1, 10001)
    analysis.lv(times[:10], senders[:10], neurons[:3], 0.0, 1e4)  # Elephant is imported
    for measure, limit in (
        (analysis.rates, 1.0),
        (analysis.cv_isi, 5.0),
        (analysis.fano, 5.0),
        (analysis.lv, 8.0),
    ):
        begin = time.process_time()
        assert np.isfinite(measure(times, senders, neurons, 0.0, 1e4).values).all()
        assert time.process_time() - begin < limit, measure


def test_arrays_that_do_not_belong_together_are_refused():
    for measure in (analysis.rates, analysis.cv_isi, analysis.lv, analysis.fano, analysis.spike_trains):
        with pytest.raises(BadValue) as error:
            measure([1.0, 2.0], [1], [1], 0.0, 1000.0)
        assert str(error.value) == (
            "times and senders must have one entry per spike. Value: shapes (2,) and (1,). Allowed: two "
            "arrays of one "
            "length. Take both from the same recorder: recorder.events['times'] and "
            "recorder.events['senders']."
        )


@pytest.mark.parametrize("bin", [0.0, -1.0, np.nan, np.inf, "1"])
def test_bad_bins_are_refused(bin):
    for measure in (analysis.fano, analysis.correlations):
        with pytest.raises(BadValue, match=r"bin is out of bounds\. .* Allowed: a number above 0 ms\."):
            measure([1.0], [1], [1], 0.0, 100.0, bin=bin)


def test_results_say_what_they_are(spikes):
    times, senders, neurons = spikes
    rate = analysis.rates([10.0, 20.0, 30.0], [1, 2, 1], [1, 2, 3], 0.0, 100.0)
    assert str(rate) == (
        "Distribution\n"
        "  quantity                   firing rate\n"
        "  neurons                    3\n"
        "  mean ± standard deviation  10 ± 8.165 spikes/s\n"
        "  lowest, median, highest    0, 10, 20 spikes/s"
    )
    few = analysis.cv_isi(times, senders, neurons, START, STOP)
    assert "too few spikes             1 of them" in str(few)
    activity = analysis.population_rate(times, 102, 0.0, 1000.0)
    assert "  time        0 … 1000 ms in bins of 1 ms\n" in str(activity)
    for result in (rate, few, activity, analysis.cv_isi([], [], [], 0.0, 1.0)):
        page = result._repr_html_()
        assert page.startswith("<table")
        for name, value in result.facts():
            assert name in page
            assert value in page


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


@pytest.mark.parametrize("neuron", [1, 2])
def test_a_precise_spike_next_to_the_start_is_in_the_first_bin(neuron):
    """Rounding at the edges must not send it to the bin before, which is that of another neuron."""
    times, senders = [5e-5, 150.0], [neuron, neuron]
    found = analysis.fano(times, senders, [1, 2], 0.0, 1000.0, bin=100.0).values
    assert found[neuron - 1] == pytest.approx(0.8)  # counts 1, 1 and eight times 0
    assert np.isnan(found[2 - neuron])
    assert analysis.population_rate(times, 1, 0.0, 1000.0, bin=100.0).counts.tolist() == [1, 1] + [0] * 8
    both = [5e-5, 150.0], [1, 2], [1, 2], 0.0, 1000.0
    assert analysis.correlations(*both, bin=100.0).values[0] == pytest.approx(-1 / 9)
    assert analysis.mean_correlation(*both, bin=100.0) == pytest.approx(-1 / 9)
    assert analysis.cross_correlation(*both[:2], [1], [2], 0.0, 1000.0, bin=100.0, lag=100.0).counts[2] > 1.0


def test_small_steps_after_a_long_time():
    """A step of 0.001 ms after 1000 s is no rounding error."""
    times = 1e6 + 0.001 * np.arange(4)
    assert analysis.rates(times, [1] * 4, [1], 1e6, 1e6 + 0.002).values == pytest.approx(2 / 0.002e-3)
    assert np.isnan(analysis.fano([1e6 + 5e-4], [1], [1, 2], 0.0, 1e6).values).all()


@pytest.mark.parametrize("stop", [np.inf, np.nan, -np.inf])
def test_intervals_without_an_end_are_refused(stop):
    measures = (analysis.rates, analysis.cv_isi, analysis.lv, analysis.fano, analysis.correlations)
    for measure in (*measures, analysis.mean_correlation, analysis.spike_trains):
        with pytest.raises(BadValue, match=r"the interval must (be finite|not be empty)\. Value: 0 … "):
            measure([1.0, 2.0], [1, 1], [1], 0.0, stop)
    with pytest.raises(BadValue, match=r"the interval must (be finite|not be empty)\. Value: 0 … "):
        analysis.population_rate([1.0], 1, 0.0, stop)


@pytest.mark.parametrize("n_neurons", [0, -1, np.nan])
def test_a_rate_of_nobody_is_refused(n_neurons):
    with pytest.raises(BadValue) as error:
        analysis.population_rate([1.0], n_neurons, 0.0, 10.0)
    assert str(error.value) == (
        f"population_rate(): n_neurons is out of bounds. Value: {n_neurons!r}. Allowed: a number above 0. "
        "Choose another n_neurons."
    )


def test_several_spikes_at_once():
    """As a relay sends them: their intervals have no mean to compare with."""
    for measure in (analysis.cv_isi, analysis.lv):
        assert np.isnan(measure([1.0] * 5, [1] * 5, [1], 0.0, 10.0).values).all()
