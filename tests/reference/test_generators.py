"""Generators agree in distribution with what they are said to do, and with the reference simulator.

As in test_distributions.py: each test states statistic and sample size, the right hypothesis must be
plausible (p above 1e-4) and wrong ones, off by 2 % where nothing else is said, implausible (p below 1e-6).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import nest_lab
from nest_lab.testing import reference

PLAUSIBLE, IMPLAUSIBLE = 1e-4, 1e-6


@pytest.fixture(params=["nest_lab", "reference"])
def simulator(request):
    module = reference() if request.param == "reference" else nest_lab
    module.ResetKernel()
    if request.param == "reference":
        module.verbosity = module.VerbosityLevel.ERROR
    module.rng_seed = 30_011
    yield module
    module.ResetKernel()


def judge(p_value, right, wrong):
    """The right hypothesis is plausible, each wrong one is not; `p_value` maps a hypothesis to its p."""
    p = p_value(right)
    assert p > PLAUSIBLE, f"{right}: p = {p:.1e}"
    for hypothesis in wrong:
        p = p_value(hypothesis)
        assert p < IMPLAUSIBLE, f"the test has no power against {hypothesis}: p = {p:.1e}"


def normal_test(observed, expected, variance):
    return 2 * stats.norm.sf(abs(observed - expected) / np.sqrt(variance))


def trains(simulator, generator, n, ms, relay="parrot_neuron"):
    """Times (ms) and numbers of the relays that a generator drives; the delay of 0.1 ms is taken off."""
    relays = simulator.Create(relay, n)
    recorder = simulator.Create("spike_recorder")
    simulator.Connect(generator, relays, syn_spec={"delay": 0.1})
    simulator.Connect(relays, recorder, syn_spec={"delay": 0.1})
    simulator.Simulate(ms)
    events = recorder.get("events")
    return np.asarray(events["times"]) - 0.1, np.asarray(events["senders"]) - relays[0].global_id


def counts_of(times, senders, n, steps):
    """Spikes of each train in each step, shape (n, steps); step k ends at (k + 1) * 0.1 ms."""
    counts = np.zeros((n, steps), np.int64)
    at = np.rint(times * 10).astype(int) - 1
    inside = at < steps
    np.add.at(counts, (senders[inside], at[inside]), 1)
    return counts


def follows(counts, rate):
    """p of all counts under a rate (spikes/s) for each step: a z-test of a sum that sees time and size.

    Each step is weighted with its rate, so that wrong amplitudes, phases and times of change show.
    """
    mean = np.asarray(rate) * 1e-4
    return min(
        normal_test((counts * w).sum(), (mean * w).sum() * len(counts), (mean * w**2).sum() * len(counts))
        for w in (np.ones_like(mean), mean, np.gradient(mean) + 1e-12, np.arange(mean.size))
    )


# -- rates that change ---------------------------------------------------------------------------


@pytest.mark.parametrize("individual", [True, False])
def test_sinusoidal_rate(simulator, individual):
    """z-tests of the counts in 1000 steps: 2000 trains, or 100 generators of a common train each."""
    simulator.CopyModel("sinusoidal_poisson_generator", "mine", {"individual_spike_trains": individual})
    params = {"rate": 3_000.0, "amplitude": 2_500.0, "frequency": 17.0, "phase": 30.0}
    n = 2_000 if individual else 100
    generators = simulator.Create("mine", 1 if individual else n, params=params)
    if individual:
        times, senders = trains(simulator, generators, n, 100.2)
    else:
        recorder = simulator.Create("spike_recorder")
        simulator.Connect(generators, recorder)
        simulator.Simulate(100.2)
        events = recorder.get("events")
        times, senders = np.asarray(events["times"]), np.asarray(events["senders"]) - generators[0].global_id
    counts = counts_of(times, senders, n, 1_000)

    def p_value(hypothesis):
        factor, shift = hypothesis
        time = 0.1 * (np.arange(1_000) + 1) + shift
        rate = 3_000 + 2_500 * factor * np.sin(2 * np.pi * 17e-3 * time + np.deg2rad(30))
        return follows(counts, rate)

    judge(
        p_value,
        (1.0, 0.0),
        [(0.95, 0.0), (1.0, 1.0), (1.0, -1.0)] if individual else [(0.75, 0.0), (1.0, 4.0), (1.0, -4.0)],
    )
    assert (
        stats.chi2.sf(((counts.sum(1) - counts.sum(1).mean()) ** 2).sum() / counts.sum(1).mean(), n - 1)
        > PLAUSIBLE
    )


def test_sinusoidal_rate_is_cut_off_at_nought(simulator):
    """z-tests of 1000 trains over 1000 steps; the rate would be negative for nearly half of the time."""
    params = {"rate": 500.0, "amplitude": 4_000.0, "frequency": 20.0}
    generator = simulator.Create("sinusoidal_poisson_generator", params=params)
    counts = counts_of(*trains(simulator, generator, 1_000, 100.2), 1_000, 1_000)
    sine = np.sin(2 * np.pi * 20e-3 * 0.1 * (np.arange(1_000) + 1))
    judge(
        lambda factor: follows(counts, np.maximum(0, 500 * factor + 4_000 * sine) + 1e-9),
        1.0,
        [0.5, 1.5],
    )
    assert counts[:, 4_000 * sine < -500].sum() == 0


def test_one_train_for_all(simulator):
    """With individual_spike_trains off all targets and the recorder see the same spikes."""
    simulator.CopyModel("sinusoidal_poisson_generator", "common", {"individual_spike_trains": False})
    generator = simulator.Create("common", params={"rate": 5_000.0, "amplitude": 1_000.0, "frequency": 50.0})
    counts = counts_of(*trains(simulator, generator, 30, 50.2), 30, 500)
    assert counts.sum() > 30 * 150
    assert (counts == counts[0]).all()


def test_few_targets_of_a_changing_rate(simulator):
    """200 generators with one target each (no table of the distribution is made): z-tests over 2000 steps."""
    params = {"rate": 20_000.0, "amplitude": 15_000.0, "frequency": 8.0}
    generators = simulator.Create("sinusoidal_poisson_generator", 200, params=params)
    relays, recorder = simulator.Create("parrot_neuron", 200), simulator.Create("spike_recorder")
    simulator.Connect(generators, relays, "one_to_one", {"delay": 0.1})
    simulator.Connect(relays, recorder, syn_spec={"delay": 0.1})
    simulator.Simulate(200.2)
    events = recorder.get("events")
    senders = np.asarray(events["senders"]) - relays[0].global_id
    counts = counts_of(np.asarray(events["times"]) - 0.1, senders, 200, 2_000)
    sine = np.sin(2 * np.pi * 8e-3 * 0.1 * (np.arange(2_000) + 1))
    judge(lambda f: follows(counts, 20_000 * f + 15_000 * sine), 1.0, [0.98, 1.02])
    # Trains share the rate and nothing else.
    rest = counts - counts.mean(0)
    assert abs(np.corrcoef(rest[:100].ravel(), rest[100:].ravel())[0, 1]) < 0.015


def test_inhomogeneous_rate(simulator):
    """Steps of the rate, also to nought: z-tests of 2000 trains over 600 steps; new lists on the way."""
    params = {"rate_times": [5.0, 20.0, 30.0], "rate_values": [2_000.0, 0.0, 10_000.0]}
    generator = simulator.Create("inhomogeneous_poisson_generator", params=params)
    relays, recorder = simulator.Create("parrot_neuron", 2_000), simulator.Create("spike_recorder")
    simulator.Connect(generator, relays, syn_spec={"delay": 0.1})
    simulator.Connect(relays, recorder, syn_spec={"delay": 0.1})
    simulator.Simulate(35.0)
    generator.set(rate_times=[40.0, 50.0], rate_values=[500.0, 4_000.0])
    simulator.Simulate(25.2)
    events = recorder.get("events")
    senders = np.asarray(events["senders"]) - relays[0].global_id
    counts = counts_of(np.asarray(events["times"]) - 0.1, senders, 2_000, 600)

    def p_value(hypothesis):
        factor, shift = hypothesis
        ends = 0.1 * (np.arange(600) + 1) + shift + 1e-6
        edges = [0.0, 5.0, 20.0, 30.0, 40.0, 50.0, 1e9]
        rate = np.array([0.0, 2_000.0, 0.0, 10_000.0, 500.0, 4_000.0])[
            np.searchsorted(edges, ends, "right") - 1
        ]
        if (counts.sum(0)[rate == 0] > 0).any():
            return 0.0
        return follows(counts, factor * rate + 1e-9)

    judge(p_value, (1.0, 0.0), [(0.98, 0.0), (1.02, 0.0), (1.0, 0.1), (1.0, -0.1)])


# -- copies of a train ---------------------------------------------------------------------------


def test_mip(simulator):
    """Counts of 40 trains in 40,000 steps: the rate (z), and the correlation of pairs (error 1e-3)."""
    rate, p = 2_000.0, 0.3
    generator = simulator.Create("mip_generator", params={"rate": rate, "p_copy": p})
    counts = counts_of(*trains(simulator, generator, 40, 4_000.2), 40, 40_000)
    # All trains share the mother: the variance of the sum is n p m (1 + (n - 1) p).
    mean = 40 * p * rate * 4.0
    judge(lambda f: normal_test(counts.sum(), f * mean, mean * (1 + 39 * p)), 1.0, [0.9, 1.1])
    matrix = np.corrcoef(counts)
    pairs = matrix[np.triu_indices(40, 1)]
    assert pairs.mean() == pytest.approx(p, abs=0.02)
    assert pairs.std() < 0.02
    # Given the mother's spikes the copies are independent: three at once come with p^3.
    triples = (counts[0] > 0) & (counts[1] > 0) & (counts[2] > 0)
    expected = 40_000 * rate * 1e-4 * p**3
    assert abs(triples.sum() - expected) < 5 * np.sqrt(expected) + 0.2 * expected
    lagged = np.corrcoef(counts[:20, 1:].ravel(), counts[20:, :-1].ravel())[0, 1]
    assert abs(lagged) < 0.01


@pytest.mark.parametrize("many", [False, True])
def test_dilutor(simulator, many):
    """Copies of given spikes: binomial test of all; copies of two targets of one spike are independent."""
    p, n = 0.35, 500
    times = np.round(np.arange(1, 200) * 0.5, 1)
    source = simulator.Create(
        "spike_generator", params={"spike_times": times, "spike_multiplicities": [4 if many else 1] * 199}
    )
    dilutor = simulator.Create("spike_dilutor", params={"p_copy": p})
    simulator.Connect(source, dilutor, syn_spec={"delay": 0.1})
    at, senders = trains(simulator, dilutor, n, 110.0)
    copies = 199 * n * (4 if many else 1)
    judge(lambda q: stats.binomtest(at.size, copies, q).pvalue, p, [0.94 * p, 1.06 * p])
    counts = counts_of(at, senders, n, 1_005)[:, np.rint(times * 10).astype(int)]
    assert counts.max() == (4 if many else 1)
    variance = counts.var(0).mean()
    assert variance == pytest.approx((4 if many else 1) * p * (1 - p), rel=0.03)


def test_dilutor_with_random_input(simulator):
    """A dilutor behind a Poisson generator: its input is one train, its output has p_copy of the rate."""
    source = simulator.Create("poisson_generator", params={"rate": 5_000.0})
    dilutor = simulator.Create("spike_dilutor", params={"p_copy": 0.2})
    simulator.Connect(source, dilutor, syn_spec={"delay": 0.1})
    times, _ = trains(simulator, dilutor, 20, 4_000.0)
    mean = 20 * 0.2 * 5.0 * 4_000.0
    judge(lambda f: normal_test(times.size, f * mean, mean * (1 + 19 * 0.2)), 1.0, [0.9, 1.1])


# -- packets -------------------------------------------------------------------------------------


def test_pulse_packets(simulator):
    """Times of 50 packets of 400 spikes: Kolmogorov-Smirnov of 20,000 against the normal distribution."""
    centres = np.arange(50.0, 5_050.0, 100.0)
    params = {"pulse_times": centres, "activity": 400, "sdev": 5.0}
    generator = simulator.Create("pulsepacket_generator", params=params)
    recorder = simulator.Create("spike_recorder")
    simulator.Connect(generator, recorder)
    simulator.Simulate(5_100.0)
    times = np.asarray(recorder.get("events")["times"])
    assert times.size == 50 * 400
    # A spike is sent in the step after the grid point that follows it: 0.15 ms late on average.
    shifts = times - 0.15 - centres[np.argmin(np.abs(times[:, None] - centres), axis=1)]
    jitter = np.random.default_rng(1).uniform(-0.05, 0.05, times.size)
    judge(
        lambda h: stats.kstest(shifts + jitter, "norm", h).pvalue,
        (0.0, 5.0),
        [(0.0, 4.5), (0.0, 5.5), (0.3, 5.0), (-0.3, 5.0)],
    )


@pytest.mark.parametrize("delay", [0.1, 2.0])
def test_windows_of_pulse_packets(delay):
    """Packets without width at each step: those with start < t <= stop arrive, for any slices."""
    nest_lab.ResetKernel()
    params = {
        "pulse_times": np.round(np.arange(1, 200) * 0.1, 1),
        "activity": 2,
        "start": 3.0,
        "stop": 7.0,
        "origin": 1.0,
    }
    generator = nest_lab.Create("pulsepacket_generator", params=params)
    recorder = nest_lab.Create("spike_recorder")
    nest_lab.Connect(generator, recorder, syn_spec={"delay": delay})
    nest_lab.Simulate(30.0)
    expected = np.repeat(np.round(np.arange(41, 81) * 0.1, 1), 2)
    np.testing.assert_allclose(recorder.get("events")["times"], expected)


# -- renewal processes ---------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [1, 3, 10])
def test_gamma_intervals(simulator, shape):
    """Intervals of 400 single gamma processes: Kolmogorov-Smirnov, jitter of a step; the counts (z)."""
    rate = 40.0
    params = {"rate": rate, "gamma_shape": shape, "n_proc": 1}
    generator = simulator.Create("gamma_sup_generator", params=params)
    times, senders = trains(simulator, generator, 400, 2_000.0)
    order = np.lexsort((times, senders))
    intervals = np.diff(times[order])[np.diff(senders[order]) == 0]
    # A waiting time of shape geometric stages, seen on the grid.
    p = rate * shape * 1e-4
    steps = np.rint(intervals * 10).astype(int)
    jittered = stats.nbinom.cdf(steps - shape - 1, shape, p) + np.random.default_rng(2).uniform(
        size=steps.size
    ) * stats.nbinom.pmf(steps - shape, shape, p)
    # Long intervals are cut off by the end of the run, one in 80: a small sample near the start is whole.
    assert steps.size > 25_000
    early = order[:-1][np.diff(senders[order]) == 0]
    whole = times[early] < 1_700.0
    assert stats.kstest(jittered[whole], "uniform").pvalue > PLAUSIBLE
    assert (
        stats.kstest(stats.nbinom.cdf(steps - shape, shape, 1.05 * p)[whole], "uniform").pvalue < IMPLAUSIBLE
    )


def test_gamma_superposition(simulator):
    """1000 trains of 20 processes of order 5: rate (z) and the variance of counts below that of Poisson."""
    params = {"rate": 50.0, "gamma_shape": 5, "n_proc": 20}
    generator = simulator.Create("gamma_sup_generator", params=params)
    times, senders = trains(simulator, generator, 1_000, 500.2)
    counts = np.bincount(senders, minlength=1_000)
    mean = 20 * 50.0 * 0.5
    assert abs(counts.mean() - mean) < 5 * np.sqrt(counts.var() / 1_000)
    assert abs(counts.mean() / mean - 1) < 0.01
    # Of a renewal process with intervals of squared variation 1/5, 25 in all: Fano 1/5 up to edges.
    assert 0.18 < counts.var() / counts.mean() < 0.24
    targets = np.corrcoef(counts_of(times, senders, 1_000, 5_000)[:, ::10].reshape(2, -1))[0, 1]
    assert abs(targets) < 4.5 / np.sqrt(500 * 500)


def test_gamma_rate_changes(simulator):
    """The rate doubles at 100 ms: counts of 2000 trains before and after (z)."""
    generator = simulator.Create("gamma_sup_generator", params={"rate": 20.0, "gamma_shape": 2, "n_proc": 10})
    relays, recorder = simulator.Create("parrot_neuron", 2_000), simulator.Create("spike_recorder")
    simulator.Connect(generator, relays, syn_spec={"delay": 0.1})
    simulator.Connect(relays, recorder, syn_spec={"delay": 0.1})
    simulator.Simulate(100.0)
    generator.rate = 40.0
    simulator.Simulate(100.0)
    times = np.asarray(recorder.get("events")["times"])
    for count, mean in (((times <= 100).sum(), 40_000), ((times > 100).sum(), 80_000)):
        assert abs(count / mean - 1) < 0.02


@pytest.mark.parametrize("dead_time", [0.0, 3.0])
def test_precise_poisson_intervals(simulator, dead_time):
    """Intervals of 400 trains (Kolmogorov-Smirnov of 38,000), the first spike, and offsets within a step."""
    rate = 50.0
    generator = simulator.Create("poisson_generator_ps", params={"rate": rate, "dead_time": dead_time})
    times, senders = trains(simulator, generator, 400, 2_000.0, "parrot_neuron_ps")
    order = np.lexsort((times, senders))
    times, senders = times[order], senders[order]
    same = np.diff(senders) == 0
    whole = same & (times[:-1] < 1_700.0)
    intervals = np.diff(times)[whole]
    assert intervals.min() > dead_time
    scale = 1e3 / rate - dead_time
    judge(lambda f: stats.kstest(intervals, "expon", (dead_time, f * scale)).pvalue, 1.0, [0.95, 1.05])
    assert abs(np.corrcoef(intervals[1:], intervals[:-1])[0, 1]) < 4.5 / np.sqrt(intervals.size)
    assert stats.kstest(np.mod(times, 0.1) / 0.1, "uniform").pvalue > PLAUSIBLE
    first = times[np.flatnonzero(np.append(True, ~same))]

    # The time from any moment to the next spike: flat over the dead time, then exponential.
    def residual(t):
        tail = 1 - rate * 1e-3 * dead_time
        late = rate * 1e-3 * dead_time + tail * -np.expm1(-np.maximum(0, t - dead_time) / scale)
        return np.where(t < dead_time, rate * 1e-3 * t, late)

    assert stats.kstest(first, residual).pvalue > PLAUSIBLE


def test_precise_poisson_on_the_grid(simulator):
    """Ordinary targets get the spikes in their steps: 500 trains, chi-square of the counts."""
    generator = simulator.Create("poisson_generator_ps", params={"rate": 8_000.0})
    counts = counts_of(*trains(simulator, generator, 500, 100.2), 500, 1_000)
    observed = np.bincount(counts.ravel(), minlength=6)[:6]
    expected = stats.poisson.pmf(np.arange(6), 0.8) * counts.size
    assert stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > PLAUSIBLE
    judge(lambda f: normal_test(counts.sum(), f * 0.8 * counts.size, 0.8 * counts.size), 1.0, [0.98, 1.02])


# -- binary neurons ------------------------------------------------------------------------------


def test_times_of_updates(simulator):
    """A current lifts 20,000 neurons at 0: waiting times to the first update are exponential (KS)."""
    neurons = simulator.Create("mcculloch_pitts_neuron", 20_000, params={"tau_m": 7.0, "theta": 1.0})
    simulator.Connect(
        simulator.Create("noise_generator", params={"mean": 2.0}), neurons, syn_spec={"delay": 0.1}
    )
    detector = simulator.Create("spin_detector")
    simulator.Connect(neurons, detector)
    simulator.Simulate(150.0)
    events = detector.get("events")
    times = np.asarray(events["times"])
    assert times.size == 20_000
    assert (np.asarray(events["state"]) == 1).all()
    # What lies in a step is seen at the end of the next one.
    early = times > 0.45
    jittered = times[early] - 0.1 - np.random.default_rng(3).uniform(0, 0.1, early.sum())
    judge(lambda f: stats.kstest(jittered - 0.3, "expon", (0, 7.0 * f)).pvalue, 1.0, [0.93, 1.08])


def test_balanced_binary_network():
    """500 neurons that inhibit each other: mean activity of 100 samples of all, in both simulators alike."""
    activities = []
    for simulator in (nest_lab, reference()):
        simulator.ResetKernel()
        neurons = simulator.Create("mcculloch_pitts_neuron", 500, params={"theta": -4.0})
        # Once for each pair: the reference mistakes two connections of a pair for each other.
        rule = {"rule": "fixed_indegree", "indegree": 50, "allow_multapses": False}
        simulator.Connect(neurons, neurons, rule, {"weight": -0.5, "delay": 0.1})
        params = {"record_from": ["S", "h"], "interval": 20.0, "start": 100.0}
        meter = simulator.Create("multimeter", params=params)
        simulator.Connect(meter, neurons)
        simulator.Simulate(2_101.0)
        events = meter.get("events")
        activity = np.asarray(events["S"]).reshape(-1)
        assert activity.size == 50_000
        # h sums the inputs that are up.
        assert np.asarray(events["h"]).mean() == pytest.approx(-25 * activity.mean(), rel=0.03)
        activities.append(activity.mean())
        simulator.ResetKernel()
    # 50,000 samples, of which about one in ten is independent of the others.
    assert abs(activities[0] - activities[1]) < 5 * np.sqrt(2 * 0.16 / 5_000)
    assert 0.1 < activities[0] < 0.3
