"""Pairs of neurons: by hand, and beside Elephant."""

import numpy as np
import pytest

from nest_lab import analysis
from nest_lab.errors import BadValue

pytest.importorskip("elephant")
pq = pytest.importorskip("quantities")


@pytest.fixture(scope="module")
def spikes():
    """Ten Poisson neurons; the second fires 3 ms after each spike of the first, if at all."""
    generator = np.random.default_rng(1)
    senders = np.repeat(np.arange(1, 11), generator.poisson(200, 10))
    times = np.ceil(generator.uniform(0.0, 1e4, len(senders)) * 10.0) / 10.0
    first = np.sort(times[senders == 1])
    times = np.concatenate((times[senders != 2], first[::2] + 3.0))
    senders = np.concatenate((senders[senders != 2], np.full(len(first[::2]), 2)))
    return times, senders


def by_hand(one, other, start, n_bins, bin, n_lags):
    """Coincidences of counts, lag by lag."""
    a, b = (
        np.bincount(np.ceil((t[(t > start) & (t <= start + n_bins * bin)] - start) / bin - 1e-6).astype(int)
        - 1,
                    minlength=n_bins)
        for t in (one, other)
    )  # fmt: skip
    lags = range(-n_lags, n_lags + 1)
    raw = [np.sum(a[max(-k, 0) : n_bins - max(k, 0)] * b[max(k, 0) : n_bins - max(-k, 0)]) for k in lags]
    return np.asarray([value * n_bins / (n_bins - abs(k)) for value, k in zip(raw, lags, strict=True)])


@pytest.mark.parametrize(("one", "other"), [([1], [2]), ([2], [1]), ([1, 3, 4], [2, 5]), ([6], [7])])
def test_cross_correlations_by_hand(spikes, one, other):
    times, senders = spikes
    found = analysis.cross_correlation(times, senders, one, other, 500.0, 9500.5, bin=1.0, lag=20.0)
    ours = [times[np.isin(senders, group)] for group in (one, other)]
    assert found.counts == pytest.approx(by_hand(*ours, 500.0, 9000, 1.0, 20), rel=1e-9)
    assert found.lags.tolist() == list(range(-20, 21))
    assert found.counts.mean() == pytest.approx(found.expected, rel=1.0)


def test_who_comes_first(spikes):
    times, senders = spikes
    found = analysis.cross_correlation(times, senders, [1], [2], 0.0, 1e4)
    assert found.lags[np.argmax(found.counts)] == 3.0
    assert found.counts.max() > 20.0 * found.expected
    assert "highest           " in str(found)


def test_a_spike_is_no_pair_with_itself(spikes):
    times, senders = spikes
    found = analysis.cross_correlation(times, senders, [3], [3], 0.0, 1e4, lag=10.0)
    assert found.same
    bins = np.bincount(np.ceil(times[senders == 3] - 1e-6).astype(int))
    assert found.counts[10] == np.sum(bins * (bins - 1))
    assert found.counts[10] < 3.0 * found.expected
    assert found.counts == pytest.approx(found.counts[::-1])


def test_nor_is_it_where_two_populations_overlap():
    found = analysis.cross_correlation([10.0, 20.0, 30.0], [1, 2, 3], [1, 2], [2, 3], 0.0, 100.0, lag=2.0)
    assert not found.same
    assert not found.counts.any()


def test_silent_neurons_have_no_pairs(spikes):
    times, senders = spikes
    found = analysis.cross_correlation(times, senders, [1], [99], 0.0, 1e4)
    assert not found.counts.any()
    assert found.expected == 0.0


def test_ten_thousand_neurons_are_taken_together():
    import time

    generator = np.random.default_rng(2)
    times, senders = np.sort(generator.uniform(0.0, 1e4, 10**6)), generator.integers(1, 10001, 10**6)
    begin = time.process_time()
    found = analysis.cross_correlation(times, senders, range(1, 8001), range(8001, 10001), 0.0, 1e4)
    assert time.process_time() - begin < 20.0
    assert found.counts.mean() == pytest.approx(found.expected, rel=0.01)


def test_distances_by_hand(spikes):
    times, senders = [10.0, 20.0, 12.0, 5.0], [1, 1, 2, 3]
    moved = analysis.victor_purpura(times, senders, [1, 2, 3, 4], 0.0, 1000.0, cost=100.0)
    # one spike moved by 2 ms and one removed; moved by 5 ms; moved by 7 ms
    assert moved.values[0] == pytest.approx([0.0, 1.2, 1.5, 2.0])
    assert moved.values[1] == pytest.approx([1.2, 0.0, 0.7, 1.0])
    far = analysis.victor_purpura(times, senders, [1, 2, 3, 4], 0.0, 1000.0, cost=0.0)
    assert far.values[0] == pytest.approx([0.0, 1.0, 1.0, 2.0])
    smooth = analysis.van_rossum(times, senders, [2, 3, 4], 0.0, 1000.0, tau=4.0)
    dt = 0.001
    t = np.arange(0.0, 200.0, dt)
    traces = [np.where(t >= when, np.exp(-(t - when) / 4.0), 0.0) for when in (12.0, 5.0)]
    expected = np.sqrt(np.sum((traces[0] - traces[1]) ** 2) * dt / 4.0)
    assert smooth.values[0, 1] == pytest.approx(expected, rel=1e-3)
    assert smooth.values[0, 2] == pytest.approx(1.0 / np.sqrt(2.0))
    for found in (moved, far, smooth):
        assert np.array_equal(found.values, found.values.T)
        assert not np.diag(found.values).any()


def test_distances_of_nobody():
    for distance in (analysis.van_rossum, analysis.victor_purpura):
        assert distance([], [], [], 0.0, 10.0).values.shape == (0, 0)
        assert distance([], [], [5], 0.0, 10.0).values.tolist() == [[0.0]]
        assert "neurons" in str(distance([], [], [5], 0.0, 10.0))


def test_trains_for_elephant():
    trains = analysis.spike_trains([5.0, 3.0, 9.0, 20.0], [7, 7, 5, 5], [5, 7, 8], 0.0, 10.0)
    assert [train.annotations["channel_id"] for train in trains] == [5, 7, 8]
    assert [train.magnitude.tolist() for train in trains] == [[9.0], [3.0, 5.0], []]
    assert all((train.t_start, train.t_stop) == (0.0 * pq.ms, 10.0 * pq.ms) for train in trains)
    assert analysis.spike_trains([], [], [], 0.0, 10.0) == []
    edges = analysis.spike_trains([0.1 * 3], [1], [1], 0.0, 0.3)  # 0.1 * 3 is above 0.3
    assert [len(train) for train in edges] == [1]


def test_bad_arguments_are_refused():
    with pytest.raises(BadValue) as error:
        analysis.cross_correlation([1.0], [1], [1], [1], 0.0, 10.0, lag=10.0)
    assert str(error.value) == (
        "cross_correlation(): the longest lag must be shorter than the interval. Value: 10 ms in 10 ms. "
        "Allowed: below 10 ms. Simulate longer, or choose a shorter lag."
    )
    with pytest.raises(BadValue) as error:
        analysis.cross_correlation([1.0], [1], [1], [1], 0.0, 100.0, bin=5.0, lag=3.0)
    assert str(error.value) == (
        "cross_correlation(): the longest lag must not be shorter than a bin. Value: 3 ms in bins of 5 ms. "
        "Allowed: at least 5 ms. Make the bins smaller, or choose a longer lag."
    )
    with pytest.raises(BadValue) as error:
        analysis.van_rossum([1.0], [1], [1], 0.0, 10.0, tau=-1.0)
    assert str(error.value) == (
        "van_rossum(): tau is out of bounds. Value: -1.0 ms. Allowed: a number above 0 ms. Choose another "
        "tau."
    )
    with pytest.raises(BadValue) as error:
        analysis.victor_purpura([1.0], [1], [1], 0.0, 10.0, cost=np.nan)
    assert str(error.value) == (
        "victor_purpura(): cost is out of bounds. Value: nan 1/s. Allowed: a number above 0 1/s. "
        "Choose another cost."
    )


def test_pairs_draw_themselves(spikes):
    from matplotlib.figure import Figure

    times, senders = spikes
    found = analysis.cross_correlation(times, senders, [1], [2], 0.0, 1e4)
    ax = found.plot(Figure().add_subplot())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("lag (ms)", "pairs of spikes")
    distances = analysis.van_rossum(times, senders, range(1, 11), 0.0, 1000.0)
    figure = Figure()
    ax = distances.plot(figure.add_subplot())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("neuron", "neuron")
    assert figure.axes[1].get_ylabel() == "van Rossum distance, tau 20 ms"
    for result in (found, distances):
        assert result._repr_html_().startswith("<table")
