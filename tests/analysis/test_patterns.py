"""Patterns beyond chance: what was put in is found, and nothing where nothing is."""

import numpy as np
import pytest

from nest_lab import analysis
from nest_lab.errors import BadValue

pytest.importorskip("elephant")


@pytest.fixture(scope="module")
def planted():
    """Six neurons of 5 spikes/s; three of them fire 6 ms one after the other, twelve times."""
    generator = np.random.default_rng(1)
    senders = np.repeat(np.arange(1, 7), generator.poisson(25, 6))
    times = np.ceil(generator.uniform(0.0, 5000.0, len(senders)) * 10.0) / 10.0
    begins = 100.0 + 390.0 * np.arange(12)
    times = np.concatenate((times, *(begins + 6.0 * k + 1.5 for k in range(3))))
    return times, np.concatenate((senders, np.repeat([4, 2, 5], 12))), begins


def test_a_pattern_is_found_and_significant(planted, capsys):
    times, senders, begins = planted
    found = analysis.spade(
        times, senders, range(1, 7), 0.0, 5000.0, min_spikes=3, min_occurrences=8, surrogates=100, alpha=0.05
    )
    (pattern,) = found.patterns
    assert pattern.neurons == (4, 2, 5)
    assert pattern.lags == (0.0, 6.0, 12.0)
    assert pattern.times == pytest.approx(begins, abs=3.0)
    assert 0.0 <= pattern.p_value < 0.05
    assert capsys.readouterr().out == ""  # Elephant tells how long it took
    assert "4 +0 ms, 2 +6 ms, 5 +12 ms" in str(found)
    assert len(found) == 1


def test_surrogates_are_those_of_the_seed(planted):
    times, senders, _ = planted
    np.random.seed(7)  # noqa: NPY002
    expected = np.random.get_state()[1].copy()  # noqa: NPY002
    arguments = (times, senders, range(1, 7), 0.0, 5000.0)
    one, two = (analysis.spade(*arguments, min_occurrences=6, surrogates=10, seed=3) for _ in range(2))
    assert [pattern.p_value for pattern in one.patterns] == [pattern.p_value for pattern in two.patterns]
    assert np.array_equal(np.random.get_state()[1], expected)  # noqa: NPY002


def test_no_spikes_no_patterns():
    found = analysis.spade([], [], [1, 2], 0.0, 1000.0)
    assert found.patterns == []
    assert "not tested" in str(found)
    from matplotlib.figure import Figure

    ax = found.plot(Figure().add_subplot())
    assert [text.get_text() for text in ax.texts] == ["no patterns"]


def coincident(extra, seed=2):
    """Two neurons of 20 spikes/s in 60 trials; `extra` common spikes per trial between 200 and 300 ms."""
    generator = np.random.default_rng(seed)
    starts = 1000.0 * np.arange(60)
    times, senders = [], []
    for start in starts:
        for neuron in (3, 8):
            own = generator.uniform(0.1, 500.0, generator.poisson(10.0))
            times.append(start + own)
            senders += [neuron] * len(own)
        common = start + generator.uniform(200.0, 300.0, generator.poisson(extra))
        times += [common, common]
        senders += [3] * len(common) + [8] * len(common)
    return np.concatenate(times), np.asarray(senders), starts


def test_unitary_events_are_where_they_were_put():
    times, senders, starts = coincident(1.0)
    found = analysis.unitary_events(times, senders, [3, 8], starts, 500.0)
    assert found.times[np.argmax(found.surprise)] == pytest.approx(250.0, abs=30.0)
    assert len(found.significant) > 5
    assert np.all(np.abs(found.significant - 250.0) <= 110.0)
    assert found.level == pytest.approx(np.log10(0.95 / 0.05))
    assert (found.n_trials, found.neurons.tolist()) == (60, [3, 8])


def test_trials_that_begin_anywhere_and_end_within_a_bin():
    """Whatever rounding makes of the difference of large times, and of a length over the bin."""
    begins = np.array([0.1, 300.7, 1000.3]) + 1e5
    together = np.repeat(begins + 50.05, 2)
    for length, bin in ((200.0, 5.0), (200.1, 0.1), (203.0, 5.0)):
        found = analysis.unitary_events(together, [3, 8] * 3, [3, 8], begins, length, bin=bin)
        assert len(found.times) == round((length // 5.0 * 5.0 - 100.0) / 5.0) + 1
        assert found.empirical.max() == 3.0
        assert "highest surprise" in str(found)
        assert "nan" not in str(found)
    silent = analysis.unitary_events([], [], [3, 8], begins, 200.0)
    assert "highest" not in str(silent)
    assert np.isnan(silent.surprise).all()


def test_independent_neurons_have_few_unitary_events():
    """At a level of 5 % one window in twenty, here of 4 data sets with 5 windows each that do not overlap."""
    found = [
        analysis.unitary_events(*coincident(0.0, seed)[:2], [3, 8], 1000.0 * np.arange(60), 500.0, step=100.0)
        for seed in range(4)
    ]
    assert [len(each.times) for each in found] == [5] * 4
    assert sum(len(each.significant) for each in found) <= 4  # more with a probability of 0.3 %


def test_bad_arguments_are_refused():
    times, senders, starts = coincident(1.0)
    text = (
        "unitary_events(): unitary events need neurons, trials and windows that fit. "
        "Value: {} neurons, {} trials of 500 ms, window {:g} ms, step 5 ms, alpha {:g}. "
        "Allowed: 2 neurons and 1 trial at least, multiples of 5 ms below the length, alpha in 0 … 1. "
        "Give more neurons or trials, or other windows."
    )
    for neurons, begins, window, alpha in (
        ([3], starts, 100.0, 0.05),
        ([3, 8], [], 100.0, 0.05),
        ([3, 8], starts, 12.0, 0.05),
        ([3, 8], starts, 600.0, 0.05),
        ([3, 8], starts, 100.0, 1.0),
    ):
        with pytest.raises(BadValue) as error:
            analysis.unitary_events(times, senders, neurons, begins, 500.0, window=window, alpha=alpha)
        assert str(error.value) == text.format(len(neurons), len(begins), window, alpha)
    for name, number in (("min_spikes", 2.5), ("surrogates", 0.5), ("seed", 2**32)):
        with pytest.raises(BadValue, match=rf"spade\(\): {name} must be a whole number\. Value: {number}\."):
            analysis.spade(times, senders, [3, 8], 0.0, 500.0, **{name: number})
    for name in ("bin", "window", "min_spikes", "min_occurrences", "surrogates", "seed"):
        with pytest.raises(BadValue, match=rf"spade\(\): {name} is out of bounds\."):
            analysis.spade(times, senders, [3, 8], 0.0, 500.0, **{name: -1})


def test_patterns_draw_themselves(planted):
    from matplotlib.figure import Figure

    times, senders, _ = planted
    found = analysis.spade(times, senders, range(1, 7), 0.0, 5000.0, min_spikes=3, min_occurrences=8)
    ax = found.plot(Figure().add_subplot())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["2", "4", "5"]
    assert len(ax.lines) == len(found.patterns[0].times)
    times, senders, starts = coincident(1.0)
    events = analysis.unitary_events(times, senders, [3, 8], starts, 500.0)
    ax = events.plot(Figure().add_subplot())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time in the trial (ms)", "joint surprise")
    for result in (found, events):
        assert result._repr_html_().startswith("<table")
