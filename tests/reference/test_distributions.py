"""Stochastic models agree with what their definition says, and with the reference simulator.

Each test states its statistic and sample size, and judges twice: the sample must be plausible under the
definition (p above 1e-4) and implausible under a wrong one (p below 1e-6), off by 2 % where nothing else is
said. So a test that could not see an error of that size fails by itself. The seed is fixed: a test passes
always or never.

`simulator` is nest_lab and, to show that the definition is right, the reference simulator too.
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
    module.rng_seed = 20_001
    yield module
    module.ResetKernel()


def judge(p_value, right, wrong):
    """The right hypothesis is plausible, each wrong one is not; `p_value` maps a hypothesis to its p."""
    p = p_value(right)
    assert p > PLAUSIBLE, f"{right}: p = {p:.1e}"
    for hypothesis in np.atleast_1d(wrong):
        p = p_value(hypothesis)
        assert p < IMPLAUSIBLE, f"the test has no power against {hypothesis}: p = {p:.1e}"


def goodness(counts, probabilities):
    """Chi-square test of counts of 0, 1, 2 …; neighbours are pooled until 10 are expected in each class."""
    expected = np.append(probabilities, max(0.0, 1.0 - probabilities.sum())) * counts.sum()
    observed = np.append(counts, np.zeros(max(0, expected.size - counts.size)))[: expected.size]
    edges, pool = [0], 0.0
    for i, value in enumerate(expected):
        pool += value
        if pool >= 10 and expected[i + 1 :].sum() >= 10:
            edges.append(i + 1)
            pool = 0.0
    expected, observed = np.add.reduceat(expected, edges), np.add.reduceat(observed, edges)
    observed[-1] += counts.sum() - observed.sum()
    return stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue


def events_per_step(simulator, sources, n, steps, **syn_spec):
    """Number of spikes that reach each of n parrots in each step, shape (n, steps)."""
    parrots = simulator.Create("parrot_neuron", n)
    recorder = simulator.Create("spike_recorder", params={"time_in_steps": True})
    simulator.Connect(sources, parrots, syn_spec={"delay": 0.1} | syn_spec)
    simulator.Connect(parrots, recorder, syn_spec={"delay": 0.1})
    simulator.Simulate(round(0.1 * (steps + 2), 1))
    events = recorder.get("events")
    counts = np.zeros((n, steps), np.int64)
    # The first spike of a Poisson generator has the stamp of the second step, and needs one step to get here.
    np.add.at(
        counts, (np.asarray(events["senders"]) - parrots[0].global_id, np.asarray(events["times"]) - 3), 1
    )
    return counts


# -- poisson_generator -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "n", "steps"),
    [(100.0, 1000, 10_000), (8_000.0, 500, 1_000), (30_000.0, 100, 1_000), (400_000.0, 50, 500)],
)
def test_poisson_counts(simulator, rate, n, steps):
    """Chi-square of the counts per target and step against Poisson(rate * 0.1 ms); n * steps draws."""
    generator = simulator.Create("poisson_generator", params={"rate": rate})
    counts = events_per_step(simulator, generator, n, steps)

    def p_value(hypothesis):
        mean = hypothesis * 1e-4
        classes = np.arange(int(mean + 12 * np.sqrt(mean)) + 8)
        return goodness(np.bincount(counts.ravel()), stats.poisson.pmf(classes, mean))

    judge(p_value, rate, [0.98 * rate, 1.02 * rate])


@pytest.mark.parametrize("mean", [0.01, 0.5, 2.3, 9.0, 60.0, 3000.0])
def test_rare_poisson_counts(mean):
    """Chi-square of 4e6 counts, from jumps of neurons that forget nothing; wrong: tails of half the size."""
    nest_lab.ResetKernel()
    nest_lab.rng_seed = 20_002
    generator = nest_lab.Create("poisson_generator", params={"rate": mean * 1e4})
    params = {"E_L": 0.0, "V_m": 0.0, "V_th": 1e12, "tau_m": 1e15, "C_m": 1.0}
    neurons = nest_lab.Create("iaf_psc_delta", 20_000, params=params)
    meter = nest_lab.Create("multimeter", params={"record_from": ["V_m"], "interval": 0.1})
    nest_lab.Connect(generator, neurons)
    nest_lab.Connect(meter, neurons)
    nest_lab.Simulate(24.0)
    events = meter.events
    by_step = np.asarray(events["V_m"])[np.lexsort((events["times"], events["senders"]))].reshape(20_000, -1)
    counts = np.rint(np.diff(by_step[:, -201:], axis=1)).astype(int)
    classes = np.arange(int(mean + 12 * np.sqrt(mean)) + 8)

    def p_value(share):
        pmf = stats.poisson.pmf(classes, mean)
        pmf[pmf < 1e-3] *= share
        return goodness(np.bincount(counts.ravel()), pmf / pmf.sum())

    judge(p_value, 1.0, [0.5])


def test_poisson_counts_are_independent(simulator):
    """Correlations over 4e5 draws (standard error 1.6e-3) of targets, steps and generators are nought."""
    first, second = (simulator.Create("poisson_generator", params={"rate": 10_000.0}) for _ in range(2))
    counts = events_per_step(simulator, first, 200, 2_000)
    targets = np.corrcoef(counts[:100].ravel(), counts[100:].ravel())[0, 1]
    steps = np.corrcoef(counts[:, 1:].ravel(), counts[:, :-1].ravel())[0, 1]
    far = np.corrcoef(counts[:, 1000:].ravel(), counts[:, :1000].ravel())[0, 1]
    simulator.ResetKernel()
    first, second = (simulator.Create("poisson_generator", params={"rate": 10_000.0}) for _ in range(2))
    parrots = simulator.Create("parrot_neuron", 200)
    simulator.Connect(first, parrots[:100])
    simulator.Connect(second, parrots[100:])
    recorder = simulator.Create("spike_recorder", params={"time_in_steps": True})
    simulator.Connect(parrots, recorder)
    simulator.Simulate(200.0)
    counts = np.zeros((200, 2001), np.int64)
    events = recorder.get("events")
    np.add.at(counts, (np.asarray(events["senders"]) - 3, np.asarray(events["times"])), 1)
    generators = np.corrcoef(counts[:100, 12:].ravel(), counts[100:, 12:].ravel())[0, 1]
    assert np.abs([targets, steps, far]).max() < 4.5 / np.sqrt(100 * 2_000)
    assert abs(generators) < 4.5 / np.sqrt(100 * 1_989)


def test_poisson_draws_depend_on_the_seed(simulator):
    """The same seed gives the same spikes, another seed other ones (correlation of 10,000 bins)."""

    def sample(seed):
        simulator.ResetKernel()
        simulator.rng_seed = seed
        return events_per_step(
            simulator, simulator.Create("poisson_generator", params={"rate": 5e3}), 20, 500
        )

    first, again, other = sample(7), sample(7), sample(8)
    assert np.array_equal(first, again)
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 4.5 / 100


@pytest.mark.parametrize(("model", "recordable"), [("iaf_psc_delta", "V_m"), ("iaf_psc_exp", "I_syn_ex")])
def test_poisson_drive_of_neurons(simulator, model, recordable):
    """Mean and variance of shot noise in 1000 neurons; z-tests of 50 samples each, every five decay times.

    With n ~ Poisson(m) jumps w per step and decay by P per step, the mean is w m / (1 - P), the variance
    w² m / (1 - P²).
    """
    rate, weight, tau, n = 20_000.0, 0.1, 4.0, 1_000
    params = {"V_th": 1e6, "E_L": 0.0, "V_m": 0.0, "tau_m": 4.0}
    neurons = simulator.Create(model, n, params=params | ({"tau_syn_ex": tau} if "I" in recordable else {}))
    generator = simulator.Create("poisson_generator", params={"rate": rate})
    meter = simulator.Create(
        "multimeter", params={"record_from": [recordable], "interval": 20.0, "start": 100.0}
    )
    simulator.Connect(generator, neurons, syn_spec={"weight": weight})
    simulator.Connect(meter, neurons)
    simulator.Simulate(1_101.0)
    values = np.asarray(meter.get("events")[recordable])
    decay = np.exp(-0.1 / tau)

    def mean(hypothesis):
        expected = weight * hypothesis * 1e-4 / (1 - decay)
        return 2 * stats.norm.sf(abs(values.mean() - expected) / (values.std() / np.sqrt(values.size)))

    def variance(hypothesis):
        expected = weight**2 * hypothesis * 1e-4 / (1 - decay**2)
        return 2 * stats.norm.sf(abs(values.var() / expected - 1) / np.sqrt(2 / values.size))

    assert values.size == 50 * n
    judge(mean, rate, [0.98 * rate, 1.02 * rate])
    judge(variance, rate, [0.95 * rate, 1.05 * rate])


# -- noise_generator -------------------------------------------------------------------------------


def noise(simulator, n, steps, **params):
    """Current that n targets got in each step, shape (n, steps)."""
    passive = {"V_th": 1e15, "tau_m": 1e9, "C_m": 1.0, "E_L": 0.0, "V_m": 0.0}
    neurons = simulator.Create("iaf_psc_delta", n, params=passive)
    generator = simulator.Create("noise_generator", params=params)
    meter = simulator.Create("multimeter", params={"record_from": ["V_m"], "interval": 0.1})
    simulator.Connect(generator, neurons, syn_spec={"delay": 0.1})
    simulator.Connect(meter, neurons, syn_spec={"delay": 0.1})
    simulator.Simulate(round(0.1 * (steps + 4), 1))
    events = meter.get("events")
    order = np.lexsort((events["times"], events["senders"]))
    voltages = np.asarray(events["V_m"])[order].reshape(n, -1)
    # The membrane does not leak: its slope is the current; the first one comes two steps after the start.
    return np.diff(voltages, axis=1)[:, 1 : steps + 1] / 0.1


def test_noise_is_normal(simulator):
    """Mean (z), standard deviation (chi-square) and shape (Kolmogorov-Smirnov) of 50,000 draws."""
    current = noise(simulator, 500, 500, mean=200.0, std=50.0, dt=0.5)
    draws = current[:, ::5]
    assert np.allclose(np.repeat(draws, 5, axis=1), current, rtol=0, atol=1e-2)
    assert stats.kstest(draws.ravel(), "norm", (200.0, 50.0)).pvalue > PLAUSIBLE
    size = draws.size

    def mean(hypothesis):
        return 2 * stats.norm.sf(abs(draws.mean() - hypothesis) / (50.0 / np.sqrt(size)))

    def deviation(hypothesis):
        return 2 * stats.norm.sf(abs(draws.var() / hypothesis**2 - 1) / np.sqrt(2 / size))

    judge(mean, 200.0, [196.0, 204.0])
    judge(deviation, 50.0, [49.0, 51.0])
    targets = np.corrcoef(draws[:250].ravel(), draws[250:].ravel())[0, 1]
    times = np.corrcoef(draws[:, 1:].ravel(), draws[:, :-1].ravel())[0, 1]
    assert max(abs(targets), abs(times)) < 4.5 / np.sqrt(size / 2)


def test_noise_modulation(simulator):
    """Variance in 50 phases of the modulation, 4000 targets each: chi-square of all of them together.

    The wrong hypotheses shift the phase by one step or change the depth by 2 %.
    """
    std, depth, frequency, phase = 30.0, 30.0 * 0.98, 200.0, 40.0
    current = noise(
        simulator, 4_000, 50, std=std, std_mod=depth, frequency=frequency, phase=phase, dt=0.1, mean=7.0
    )
    draws = current - 7.0

    def p_value(hypothesis):
        shift, factor = hypothesis
        # Step k has the stamp (k + 1) h and draws with the phase of its stamp. (A generator that starts later
        # has another phase in the reference, which depends on how a run is cut into Simulates.)
        time = 0.1 * (np.arange(50) + 1) + shift
        modulation = np.sin(2 * np.pi * frequency * time / 1000 + np.deg2rad(phase))
        variance = std**2 + (factor * depth) ** 2 * modulation
        return 2 * min(
            tail((draws**2 / variance).sum(), draws.size) for tail in (stats.chi2.sf, stats.chi2.cdf)
        )

    assert p_value((0.0, 1.0)) > PLAUSIBLE
    for wrong in ((0.1, 1.0), (-0.1, 1.0), (0.0, 0.98)):
        assert p_value(wrong) < IMPLAUSIBLE, f"the test has no power against {wrong}"


# -- escape noise ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("rho", "delta", "below"), [(3_000.0, 1.0, 0.5), (6_000.0, 2.0, 2.0)])
def test_escape_noise(simulator, rho, delta, below):
    """Binomial test of 2000 neurons in 400 steps at one potential: p = rho exp((V_m - V_th) / delta) h."""
    rest = -55.0 - below
    params = {"rho": rho, "delta": delta, "V_m": rest, "E_L": rest, "V_reset": rest, "t_ref": 0.0}
    neurons = simulator.Create("iaf_psc_exp", 2_000, params=params)
    recorder = simulator.Create("spike_recorder")
    simulator.Connect(neurons, recorder, syn_spec={"delay": 0.1})
    simulator.Simulate(40.0)
    events = recorder.get("events")

    def p_value(hypothesis):
        chance = hypothesis * np.exp(-below / delta) * 1e-4
        return stats.binomtest(len(events["times"]), 800_000, chance).pvalue

    judge(p_value, rho, [0.98 * rho, 1.02 * rho])
    # Steps and neurons are independent: their sums are binomial too.
    chance = rho * np.exp(-below / delta) * 1e-4
    for sums, n in (
        (np.bincount(np.rint(np.asarray(events["times"]) * 10).astype(int), minlength=401)[1:], 2_000),
        (np.bincount(events["senders"], minlength=2_001)[1:], 400),
    ):
        statistic = ((sums - n * chance) ** 2).sum() / (n * chance * (1 - chance))
        assert PLAUSIBLE < stats.chi2.sf(statistic, sums.size) < 1 - PLAUSIBLE


def test_escape_noise_goes_on(simulator):
    """Waiting times of 20,000 neurons at one potential are geometric: chi-square, binomial test of all."""
    n, chance = 20_000, 0.02
    params = {"rho": chance * 1e4, "delta": 1.0, "V_m": -55.0, "E_L": -55.0, "V_reset": -1e6, "t_ref": 1e6}
    neurons = simulator.Create("iaf_psc_exp", n, params=params)
    recorder = simulator.Create("spike_recorder", params={"time_in_steps": True})
    simulator.Connect(neurons, recorder, syn_spec={"delay": 0.1})
    simulator.Simulate(60.0)
    waits = np.asarray(recorder.get("events")["times"]) - 1
    counts = np.append(np.bincount(waits, minlength=600), n - waits.size)

    def p_value(hypothesis):
        waited = int(waits.sum()) + waits.size + 600 * (n - waits.size)
        return stats.binomtest(waits.size, waited, hypothesis).pvalue

    assert goodness(counts, chance * (1 - chance) ** np.arange(600)) > PLAUSIBLE
    judge(p_value, chance, [0.95 * chance, 1.05 * chance])


# -- neurons that spike at random ------------------------------------------------------------------


def trains(simulator, model, n, ms, **params):
    """Steps in which n neurons spike, one array for each neuron; spikes of one step are several entries."""
    neurons = simulator.Create(model, n, params=params)
    recorder = simulator.Create("spike_recorder", params={"time_in_steps": True})
    simulator.Connect(neurons, recorder, syn_spec={"delay": 0.1})
    simulator.Simulate(ms)
    events = recorder.get("events")
    senders, times = np.asarray(events["senders"]), np.asarray(events["times"])
    order = np.lexsort((times, senders))
    return np.split(times[order], np.flatnonzero(np.diff(senders[order])) + 1)


def first_intervals(spikes):
    """As many intervals of each neuron, in steps: up to the end of a run there would be too few long ones."""
    n = min(map(len, spikes))
    return np.concatenate([np.diff(train[:n]) for train in spikes])


@pytest.mark.parametrize(("rate", "dead"), [(200.0, 2.0), (1_000.0, 0.25)])
def test_point_process_with_dead_time(simulator, rate, dead):
    """Intervals at a constant rate are the dead time plus a geometric wait: chi-square, binomial test."""
    silent = int(np.ceil(dead / 0.1 - 1e-9))
    spikes = trains(simulator, "pp_psc_delta", 1_000, 1_000.0, c_2=rate, c_3=0.0, dead_time=dead)
    waits = first_intervals(spikes) - silent - 1
    assert waits.size > 50_000

    def p_value(hypothesis):
        chance = -np.expm1(-hypothesis * 1e-4)
        return stats.binomtest(waits.size, int(waits.sum()) + waits.size, chance).pvalue

    chance = -np.expm1(-rate * 1e-4)
    classes = np.arange(int(3 / chance))
    assert goodness(np.bincount(waits), chance * (1 - chance) ** classes) > PLAUSIBLE
    judge(p_value, rate, [0.96 * rate, 1.04 * rate])


@pytest.mark.parametrize("shape", [1, 4])
def test_random_dead_times(simulator, shape):
    """Chi-square of the intervals of 1000 neurons that fire as soon as they may, against a gamma
    distribution."""
    mean = 1.0
    params = {"c_2": 1e9, "c_3": 0.0, "dead_time": mean, "dead_time_random": True, "dead_time_shape": shape}
    spikes = trains(simulator, "pp_psc_delta", 1_000, 200.0, **params)
    steps = first_intervals(spikes) - 1
    assert steps.size > 50_000

    def p_value(hypothesis):
        edges = np.arange(80) * 0.1 + 0.0005  # to the microsecond, then up to the next step
        cumulative = stats.gamma.cdf(edges, shape, scale=hypothesis / shape)
        return goodness(np.bincount(steps), np.diff(cumulative, prepend=0.0))

    judge(p_value, mean, [0.96 * mean, 1.04 * mean])


@pytest.mark.parametrize("rate", [500.0, 8_000.0, 400_000.0])
def test_several_spikes_in_a_step(simulator, rate):
    """Without dead time spikes in a million steps (20,000 at the high rate) are Poisson: chi-square."""
    n, steps = (1_000, 1_000) if rate < 1e5 else (50, 400)
    spikes = trains(simulator, "pp_psc_delta", n, steps * 0.1, c_2=rate, c_3=0.0, dead_time=0.0)
    counts = np.concatenate([np.bincount(train, minlength=steps + 1)[1:] for train in spikes])
    counts = np.append(counts, np.zeros(n * steps - counts.size, int))

    def p_value(hypothesis):
        mean = hypothesis * 1e-4
        classes = np.arange(int(mean + 12 * np.sqrt(mean)) + 8)
        return goodness(np.bincount(counts), stats.poisson.pmf(classes, mean))

    judge(p_value, rate, [0.95 * rate, 1.05 * rate])


@pytest.mark.parametrize(("lambda_0", "Delta_V", "below"), [(3_000.0, 1.0, 0.5), (6_000.0, 2.0, 2.0)])
def test_hazard_of_gif(simulator, lambda_0, Delta_V, below):
    """Binomial test of 2000 neurons in 400 steps at one potential below the threshold."""
    rest = -35.0 - below
    params = {
        "lambda_0": lambda_0,
        "Delta_V": Delta_V,
        "V_m": rest,
        "E_L": rest,
        "V_reset": rest,
        "t_ref": 0.0,
    }
    spikes = trains(simulator, "gif_psc_exp", 2_000, 40.0, **params)

    def p_value(hypothesis):
        chance = -np.expm1(-hypothesis * np.exp(-below / Delta_V) * 1e-4)
        return stats.binomtest(sum(map(len, spikes)), 800_000, chance).pvalue

    judge(p_value, lambda_0, [0.98 * lambda_0, 1.02 * lambda_0])


ESCAPE = {"theta": -68.0, "beta": 0.4, "rate_slope": 0.7}
AT_REST = 1 / (1 + 0.7 * np.exp(0.4 * 2.0))  # of the largest rate, at -70 mV


@pytest.mark.parametrize(("rate", "t_ref"), [(0.5, 2.0), (2.0, 0.25)])
def test_dendritic_prediction_with_dead_time(simulator, rate, t_ref):
    """30,000 intervals at rest are the dead time plus a geometric wait: chi-square, binomial test."""
    silent = int(np.ceil(t_ref / 0.1 - 1e-9))
    params = ESCAPE | {"phi_max": rate, "t_ref": t_ref}
    waits = first_intervals(trains(simulator, "pp_cond_exp_mc_urbanczik", 500, 700.0, **params)) - silent - 1
    assert waits.size > 30_000

    def p_value(hypothesis):
        chance = -np.expm1(-hypothesis * AT_REST * 0.1)
        return stats.binomtest(waits.size, int(waits.sum()) + waits.size, chance).pvalue

    chance = -np.expm1(-rate * AT_REST * 0.1)
    assert goodness(np.bincount(waits), chance * (1 - chance) ** np.arange(int(3 / chance))) > PLAUSIBLE
    judge(p_value, rate, [0.96 * rate, 1.04 * rate])


@pytest.mark.parametrize("rate", [5.0, 200.0])
def test_dendritic_prediction_without_dead_time(simulator, rate):
    """Numbers of spikes in 200,000 steps are Poisson: chi-square."""
    n, steps = 500, 400
    params = ESCAPE | {"phi_max": rate, "t_ref": 0.0}
    spikes = trains(simulator, "pp_cond_exp_mc_urbanczik", n, steps * 0.1, **params)
    counts = np.concatenate([np.bincount(train, minlength=steps + 1)[1:] for train in spikes])
    counts = np.append(counts, np.zeros(n * steps - counts.size, int))

    def p_value(hypothesis):
        mean = hypothesis * AT_REST * 0.1
        return goodness(
            np.bincount(counts), stats.poisson.pmf(np.arange(int(mean + 12 * np.sqrt(mean)) + 8), mean)
        )

    judge(p_value, rate, [0.95 * rate, 1.05 * rate])


GIF = {"I_e": 160.0, "lambda_0": 30.0, "Delta_V": 2.0, "tau_sfa": [20.0, 150.0], "q_sfa": [6.0, 2.0]}
GIF |= {"tau_stc": [15.0, 90.0], "q_stc": [30.0, 8.0]}
POINT = {"I_e": 120.0, "c_1": 2.0, "c_2": 30.0, "c_3": 0.4, "tau_sfa": [20.0, 150.0], "q_sfa": [1.0, 0.4]}


@pytest.mark.parametrize(
    ("model", "params", "wrong"),
    [
        ("gif_psc_exp", GIF, {"q_sfa": [6.6, 2.2]}),
        ("gif_psc_exp", GIF, {"q_stc": [36.0, 9.6]}),
        ("pp_psc_delta", POINT, {"q_sfa": [1.1, 0.44]}),
        ("pp_psc_delta", POINT, {"with_reset": False}),
    ],
)
def test_intervals_beside_the_reference(model, params, wrong):
    """Kolmogorov-Smirnov of two samples of intervals of 1000 adapting neurons, 9,000 or more each."""

    def intervals(simulator, **params):
        simulator.ResetKernel()
        simulator.rng_seed = 20_001
        spikes = trains(simulator, model, 1_000, 1_000.0 if model == "gif_psc_exp" else 600.0, **params)
        return np.concatenate([np.diff(train) for train in spikes])

    expected = intervals(reference(), **params)
    assert expected.size > 9_000
    assert stats.ks_2samp(expected, intervals(nest_lab, **params)).pvalue > PLAUSIBLE
    assert stats.ks_2samp(expected, intervals(nest_lab, **(params | wrong))).pvalue < IMPLAUSIBLE


def test_neurons_draw_each_for_itself():
    """Counts of neighbours, of steps one after the other and of two models are uncorrelated (8e5 draws)."""
    nest_lab.ResetKernel()
    counts = []
    recorders = []
    for model, params in (
        ("pp_psc_delta", {"c_2": 2_000.0, "c_3": 0.0, "dead_time": 0.0}),
        ("gif_psc_exp", {"lambda_0": 2_000.0, "V_T_star": -70.0, "V_reset": -70.0, "t_ref": 0.0}),
    ):
        neurons = nest_lab.Create(model, 1_000, params=params)
        recorders.append(
            (neurons[0].global_id, nest_lab.Create("spike_recorder", params={"time_in_steps": True}))
        )
        nest_lab.Connect(neurons, recorders[-1][1])
    nest_lab.Simulate(80.0)
    for first, recorder in recorders:
        counts.append(np.zeros((1_000, 801)))
        events = recorder.get("events")
        np.add.at(counts[-1], (np.asarray(events["senders"]) - first, np.asarray(events["times"])), 1)
    a, b = (x[:, 1:] for x in counts)
    assert min(a.sum(), b.sum()) > 100_000
    for x, y in ((a[1:], a[:-1]), (a[:, 1:], a[:, :-1]), (b[1:], b[:-1]), (b[:, 1:], b[:, :-1]), (a, b)):
        assert abs(np.corrcoef(x.ravel(), y.ravel())[0, 1]) < 4.5 / np.sqrt(x.size)


# -- random values ---------------------------------------------------------------------------------

DISTRIBUTIONS = {
    "uniform": ((-2.0, 3.0), lambda lo, hi: stats.uniform(lo, hi - lo)),
    "normal": ((1.0, 2.0), stats.norm),
    "exponential": ((1.5,), lambda beta: stats.expon(scale=beta)),
    "lognormal": ((0.2, 0.5), lambda mean, std: stats.lognorm(std, scale=np.exp(mean))),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("place", ["node parameter", "weight", "delay"])
def test_random_values(simulator, name, place):
    """Kolmogorov-Smirnov of 100,000 values in each place; the wrong ones have a scale off by 2 %."""
    arguments, distribution = DISTRIBUTIONS[name]
    parameter = getattr(simulator.random, name)(*arguments)
    if place == "node parameter":
        values = np.asarray(simulator.Create("iaf_psc_delta", 100_000, params={"I_e": parameter}).get("I_e"))
    else:
        sources, targets = simulator.Create("parrot_neuron", 200), simulator.Create("parrot_neuron", 500)
        # Delays live on the grid of 0.1 ms; a large scale makes the grid fine.
        spec = {"weight": parameter} if place == "weight" else {"delay": 1e3 + 20.0 * parameter}
        simulator.Connect(sources, targets, syn_spec=spec)
        values = np.asarray(simulator.GetConnections().get(place))
        values = values if place == "weight" else (values - 1e3) / 20.0
    right = distribution(*arguments)

    def p_value(factor):
        return stats.kstest(values, lambda x: right.cdf(right.mean() + (x - right.mean()) / factor)).pvalue

    assert p_value(1.0) > PLAUSIBLE
    assert p_value(1.1) < IMPLAUSIBLE
    assert len(np.unique(values)) > (0.9 * values.size if place != "delay" else 100)


def test_uniform_int(simulator):
    """Chi-square of 50,000 draws from 0 … 6."""
    values = np.asarray(
        simulator.Create("iaf_psc_delta", 50_000, params={"I_e": 1.0 * simulator.random.uniform_int(7)}).get(
            "I_e"
        )
    )
    counts = np.bincount(values.astype(int), minlength=7)
    assert counts.size == 7
    assert stats.chisquare(counts).pvalue > PLAUSIBLE


# -- rules -----------------------------------------------------------------------------------------


def matrix(simulator, n_sources, n_targets, same=False, **spec):
    """Number of connections of each pair, shape (n_sources, n_targets)."""
    sources = simulator.Create("parrot_neuron", n_sources)
    targets = sources[:n_targets] if same else simulator.Create("parrot_neuron", n_targets)
    simulator.Connect(sources, targets, spec)
    found = simulator.GetConnections()
    result = np.zeros((n_sources, n_targets), np.int64)
    rows = np.asarray(found.get("source")) - sources[0].global_id
    np.add.at(result, (rows, np.asarray(found.get("target")) - targets[0].global_id), 1)
    return result


@pytest.mark.parametrize("same", [False, True])
def test_fixed_indegree(simulator, same):
    """Chi-square of the multiplicity of 200 * 200 pairs (each Binomial(150, 1/200)) and of the sources."""
    counts = matrix(simulator, 200, 200, same, rule="fixed_indegree", indegree=150)
    assert (counts.sum(0) == 150).all()
    assert stats.chisquare(counts.sum(1)).pvalue > PLAUSIBLE

    def p_value(hypothesis):
        return goodness(np.bincount(counts.ravel()), stats.binom.pmf(np.arange(20), 150, hypothesis))

    judge(p_value, 1 / 200, [0.95 / 200, 1.05 / 200])


def test_fixed_indegree_without_multapses(simulator):
    """Each pair at most once; outdegrees are Binomial(300, 20/200), pairs of sources are uncorrelated."""
    counts = matrix(simulator, 200, 300, rule="fixed_indegree", indegree=20, allow_multapses=False)
    assert counts.max() == 1
    assert (counts.sum(0) == 20).all()
    # 199 degrees of freedom: the outdegrees sum to a constant.
    statistic = ((counts.sum(1) - 30) ** 2).sum() / (300 * 0.1 * 0.9)
    scale = 200 / 199
    assert PLAUSIBLE < stats.chi2.sf(statistic / scale, 199) < 1 - PLAUSIBLE
    # Given one partner, any other is as likely: counts of the distances between partners are flat.
    together = counts @ counts.T
    off = together[np.triu_indices(200, 1)]
    assert abs(off.mean() - 300 * 20 * 19 / (200 * 199)) < 1e-9
    assert off.var() == pytest.approx(off.mean() * (1 - off.mean() / 300), rel=0.1)


@pytest.mark.parametrize("multapses", [False, True])
def test_fixed_indegree_without_autapses(simulator, multapses):
    counts = matrix(
        simulator,
        60,
        60,
        True,
        rule="fixed_indegree",
        indegree=40,
        allow_autapses=False,
        allow_multapses=multapses,
    )
    assert np.trace(counts) == 0
    assert (counts.sum(0) == 40).all()
    if multapses:
        others = counts[~np.eye(60, dtype=bool)]
        assert goodness(np.bincount(others), stats.binom.pmf(np.arange(15), 40, 1 / 59)) > PLAUSIBLE
        assert goodness(np.bincount(others), stats.binom.pmf(np.arange(15), 40, 1 / 50)) < PLAUSIBLE
    else:
        assert counts.max() == 1
        assert stats.chi2.cdf(((counts.sum(1) - 40) ** 2).sum() / (59 * 40 / 59 * 19 / 59), 59) > PLAUSIBLE


def test_fixed_outdegree(simulator):
    """As indegree, with sources and targets changed over."""
    counts = matrix(simulator, 200, 200, rule="fixed_outdegree", outdegree=150)
    assert (counts.sum(1) == 150).all()
    assert stats.chisquare(counts.sum(0)).pvalue > PLAUSIBLE

    def p_value(hypothesis):
        return goodness(np.bincount(counts.ravel()), stats.binom.pmf(np.arange(20), 150, hypothesis))

    judge(p_value, 1 / 200, [0.95 / 200, 1.05 / 200])


def test_fixed_outdegree_without_multapses(simulator):
    counts = matrix(simulator, 300, 200, rule="fixed_outdegree", outdegree=20, allow_multapses=False)
    assert counts.max() == 1
    assert (counts.sum(1) == 20).all()
    statistic = ((counts.sum(0) - 30) ** 2).sum() / (300 * 0.1 * 0.9) * 199 / 200
    assert PLAUSIBLE < stats.chi2.sf(statistic, 199) < 1 - PLAUSIBLE


@pytest.mark.parametrize("autapses", [False, True])
def test_fixed_total_number(simulator, autapses):
    """Chi-square of 100,000 connections over the 2,500 (2,450) pairs."""
    counts = matrix(simulator, 50, 50, True, rule="fixed_total_number", N=100_000, allow_autapses=autapses)
    assert counts.sum() == 100_000
    if not autapses:
        assert np.trace(counts) == 0
        counts = counts[~np.eye(50, dtype=bool)]
    assert stats.chisquare(counts.ravel()).pvalue > PLAUSIBLE
    skewed = 1 + 0.1 * np.sign(np.arange(counts.size) - counts.size / 2 + 0.25)
    assert stats.chisquare(counts.ravel(), skewed * 100_000 / skewed.sum()).pvalue < IMPLAUSIBLE


@pytest.mark.parametrize("p", [0.1, 0.5, 0.003])
def test_pairwise_bernoulli(simulator, p):
    """Binomial test of the total over 1000 * 1000 pairs; in- and outdegrees are Binomial(1000, p)."""
    counts = matrix(simulator, 1_000, 1_000, rule="pairwise_bernoulli", p=p)
    assert counts.max() == 1
    total = int(counts.sum())
    wrong = [0.98 * p, 1.02 * p] if p > 0.05 else [0.85 * p, 1.15 * p]
    judge(lambda hypothesis: stats.binomtest(total, 1_000_000, hypothesis).pvalue, p, wrong)
    for degrees in (counts.sum(0), counts.sum(1)):
        assert goodness(np.bincount(degrees), stats.binom.pmf(np.arange(1_001), 1_000, p)) > PLAUSIBLE


def test_pairwise_bernoulli_without_autapses(simulator):
    counts = matrix(simulator, 700, 700, True, rule="pairwise_bernoulli", p=0.3, allow_autapses=False)
    assert np.trace(counts) == 0
    judge(lambda p: stats.binomtest(int(counts.sum()), 700 * 699, p).pvalue, 0.3, [0.294, 0.306])


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_symmetric_pairwise_bernoulli(simulator, p):
    """Both ways alike; a pair is looked at from both sides, so it is Binomial(2, p).

    Chi-square of the multiplicities of the 499,500 pairs, and binomial test of their total.
    """
    spec = {"rule": "symmetric_pairwise_bernoulli", "p": p, "allow_autapses": False, "make_symmetric": True}
    counts = matrix(simulator, 1_000, 1_000, True, **spec)
    assert np.array_equal(counts, counts.T)
    assert np.trace(counts) == 0
    pairs = counts[np.triu_indices(1_000, 1)]
    total = int(pairs.sum())
    judge(lambda x: stats.binomtest(total, 2 * len(pairs), x).pvalue, p, [0.98 * p, 1.02 * p])
    assert goodness(np.bincount(pairs, minlength=3), stats.binom.pmf(np.arange(3), 2, p)) > PLAUSIBLE


def test_symmetric_pairwise_bernoulli_between_populations(simulator):
    """What goes one way goes the other way too, once; 300 * 200 pairs are Bernoulli(0.3)."""
    sources, targets = simulator.Create("parrot_neuron", 300), simulator.Create("parrot_neuron", 200)
    spec = {"rule": "symmetric_pairwise_bernoulli", "p": 0.3, "allow_autapses": False, "make_symmetric": True}
    simulator.Connect(sources, targets, spec)
    pairs = []
    for one, other in ((sources, targets), (targets, sources)):
        found = simulator.GetConnections(one, other)
        pairs.append(list(zip(found.get("source"), found.get("target"), strict=True)))
    assert len(set(pairs[0])) == len(pairs[0])
    assert sorted(pairs[0]) == sorted((target, source) for source, target in pairs[1])
    judge(lambda p: stats.binomtest(len(pairs[0]), 60_000, p).pvalue, 0.3, [0.28, 0.32])


@pytest.mark.parametrize(("mean", "off"), [(0.01, 0.4), (0.7, 0.04), (5.0, 0.02)])
def test_pairwise_poisson(simulator, mean, off):
    """Connections of 300 * 300 pairs, of sources and of targets are Poisson, and so is their total.

    Chi-square of the multiplicities and of the degrees, exact test of the total.
    """
    counts = matrix(simulator, 300, 300, rule="pairwise_poisson", pairwise_avg_num_conns=mean)
    total = int(counts.sum())

    def p_value(hypothesis):
        of_total = stats.poisson(hypothesis * counts.size)
        return min(1.0, 2 * min(of_total.cdf(total), of_total.sf(total - 1)))

    judge(p_value, mean, [(1 - off) * mean, (1 + off) * mean])
    assert goodness(np.bincount(counts.ravel()), stats.poisson.pmf(np.arange(40), mean)) > PLAUSIBLE
    for degrees in (counts.sum(0), counts.sum(1)):
        expected = stats.poisson.pmf(np.arange(2_000), 300 * mean)
        assert goodness(np.bincount(degrees), expected) > PLAUSIBLE


def test_pairwise_poisson_without_autapses(simulator):
    counts = matrix(
        simulator, 200, 200, True, rule="pairwise_poisson", pairwise_avg_num_conns=2.0, allow_autapses=False
    )
    assert np.trace(counts) == 0
    others = counts[~np.eye(200, dtype=bool)]
    assert goodness(np.bincount(others), stats.poisson.pmf(np.arange(30), 2.0)) > PLAUSIBLE
    assert goodness(np.bincount(others), stats.poisson.pmf(np.arange(30), 2.06)) < IMPLAUSIBLE


def test_rules_depend_on_the_seed_and_the_call(simulator):
    """Two calls of a rule, and two seeds, choose partners independently; the same seed chooses the same."""

    def sample(seed):
        simulator.ResetKernel()
        simulator.rng_seed = seed
        neurons = simulator.Create("parrot_neuron", 200)
        pairs = []
        for model in ("static_synapse", "static_synapse_lbl"):
            spec = {"rule": "pairwise_bernoulli", "p": 0.5}
            simulator.Connect(neurons, neurons, spec, {"synapse_model": model})
            found = simulator.GetConnections(synapse_model=model)
            made = np.zeros((200, 200))
            made[np.asarray(found.get("source")) - 1, np.asarray(found.get("target")) - 1] = 1
            pairs.append(made.ravel())
        return pairs

    first, again, other = sample(5), sample(5), sample(6)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert abs(np.corrcoef(first[0], first[1])[0, 1]) < 4.5 / 200
    assert abs(np.corrcoef(first[0], other[0])[0, 1]) < 4.5 / 200


@pytest.mark.parametrize("rule", ["fixed_indegree", "fixed_outdegree"])
def test_random_degree(simulator, rule):
    """A random degree is drawn per node: chi-square of 3,000 degrees from 0 … 4."""
    degree = {rule.removeprefix("fixed_"): simulator.random.uniform_int(5)}
    sizes = (40, 3_000) if rule == "fixed_indegree" else (3_000, 40)
    counts = matrix(simulator, *sizes, rule=rule, **degree)
    degrees = counts.sum(0 if rule == "fixed_indegree" else 1)
    assert stats.chisquare(np.bincount(degrees, minlength=5)).pvalue > PLAUSIBLE
    assert degrees.max() == 4
