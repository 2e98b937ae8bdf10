"""The microcircuit of Potjans & Diesmann (2014): its tables, its scaling, and what a tenth of it does.

Published are the tables of the paper, and rates, irregularity and synchrony of full-scale simulations. The
full network is too large for a test, but its tables are not: the mean-field theory, which knows nothing but
them, has to end at the published rates. What a network of a tenth does is compared with NEST 3.10.
"""

import json
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import nest_lab as nest
from nest_lab import cli
from nest_lab.errors import BadType, BadValue, UnknownName
from nest_lab.gallery import microcircuit
from nest_lab.gallery.microcircuit import (
    EXTERNAL_INDEGREES,
    FULL_RATES,
    POPULATIONS,
    PROBABILITIES,
    SIZES,
    Microcircuit,
    MicrocircuitParameters,
    synapse_numbers,
)

L23E, L23I, L4E, L4I, L5E, L5I, L6E, L6I = range(8)


# -- tables


def test_table_5_sizes():
    """77,169 neurons, 80 % of them excitatory."""
    p = MicrocircuitParameters()
    assert dict(zip(POPULATIONS, p.sizes.tolist(), strict=True)) == {
        "L23E": 20683,
        "L23I": 5834,
        "L4E": 21915,
        "L4I": 5479,
        "L5E": 4850,
        "L5I": 1065,
        "L6E": 14395,
        "L6I": 2948,
    }
    assert p.sizes.sum() == 77169
    assert p.thalamic_size == 902
    assert EXTERNAL_INDEGREES.tolist() == [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100]
    assert p.bg_rate == 8.0


def test_table_5_connection_probabilities():
    """In per mille of a hundred, row by row: what a target gets from L2/3E, L2/3I, L4E … L6I."""
    rows = (PROBABILITIES * 10_000).round(6).astype(int).tolist()
    assert rows == [
        [1009, 1689, 437, 818, 323, 0, 76, 0],
        [1346, 1371, 316, 515, 755, 0, 42, 0],
        [77, 59, 497, 1350, 67, 3, 453, 0],
        [691, 29, 794, 1597, 33, 0, 1057, 0],
        [1004, 622, 505, 57, 831, 3726, 204, 0],
        [548, 269, 257, 22, 600, 3158, 86, 0],
        [156, 66, 211, 166, 572, 197, 396, 2252],
        [364, 10, 34, 5, 277, 80, 658, 1443],
    ]
    thalamic = (microcircuit.THALAMIC_PROBABILITIES * 10_000).round(6).astype(int).tolist()
    assert thalamic == [0, 0, 983, 619, 0, 0, 512, 196]


def test_table_5_neurons_and_synapses():
    p = MicrocircuitParameters()
    assert (p.C_m, p.tau_m, p.tau_syn, p.t_ref) == (250.0, 10.0, 0.5, 2.0)
    assert (p.E_L, p.V_th, p.V_reset) == (-65.0, -50.0, -65.0)
    assert (p.delay_ex, p.delay_in, p.delay_sd) == (1.5, 0.75, 0.5)
    assert (p.PSP, p.g, p.weight_sd, p.resolution) == (0.15, -4.0, 0.1, 0.1)


def test_synapse_numbers_give_the_probabilities():
    """So many pairs drawn with replacement leave one out with probability 1 - C; in exact arithmetic."""
    from fractions import Fraction

    p = MicrocircuitParameters()
    assert p.synapses.sum() == 298_880_970
    for target, source in ((L23E, L23E), (L4E, L5I), (L6I, L4I)):
        pairs = int(SIZES[target]) * int(SIZES[source])
        number = int(p.synapses[target, source])
        # ln(1 - 1/n) = -(1/n + 1/2n² + …); two terms are exact to 1e-14 here
        logarithm = -float(Fraction(number, pairs) + Fraction(number, 2 * pairs**2))
        assert 1.0 - math.exp(logarithm) == pytest.approx(PROBABILITIES[target, source], abs=1e-7)
    assert synapse_numbers(0.0, 10, 10) == 0.0
    assert synapse_numbers(1e-6, 1000, 1000) == pytest.approx(1.0, rel=1e-6)


def test_the_amplitude_of_the_current_gives_that_of_the_potential():
    """87.8 pA make 0.15 mV, by integration of the equations; also where the time constants are equal."""
    assert round(MicrocircuitParameters().PSC, 1) == 87.8
    for tau_syn in (0.5, 2.0, 10.0):
        p = MicrocircuitParameters(tau_syn=tau_syn)

        def equations(t, v, p=p):
            return -v / p.tau_m + p.PSC * math.exp(-t / p.tau_syn) / p.C_m

        times = np.linspace(0.0, 50.0, 5001)
        v = solve_ivp(equations, (0.0, 50.0), [0.0], t_eval=times, rtol=1e-9, atol=1e-12, max_step=0.5).y[0]
        assert v.max() == pytest.approx(0.15, rel=1e-5)


def test_the_weights_from_layer_4_to_2_3_are_doubled():
    p = MicrocircuitParameters()
    relative = p.weights / p.PSC
    expected = np.tile([1.0, -4.0], (8, 4))
    expected[L23E, L4E] = 2.0
    assert relative == pytest.approx(expected)


def test_the_theory_ends_at_the_published_rates():
    """Of the tables alone, for the full network; only L2/3E fires more, as its input is correlated.

    The published rates are those of a simulation with NEST, and those of Romaro et al. (2021), table A.1.
    """
    predicted = np.array([state.rate for state in MicrocircuitParameters().predict()])
    romaro = np.array([0.90, 2.80, 4.39, 5.70, 6.80, 8.22, 1.14, 7.60])
    assert predicted[1:] == pytest.approx(FULL_RATES[1:], rel=0.08)
    assert predicted == pytest.approx(romaro, rel=0.06, abs=0.15)
    cv = np.array([state.cv for state in MicrocircuitParameters().predict()])
    assert cv == pytest.approx([0.938, 0.916, 0.891, 0.873, 0.847, 0.809, 0.924, 0.819], abs=0.065)


# -- scaling


@pytest.mark.parametrize("drive", ["poisson", "dc"])
@pytest.mark.parametrize("scale", [1.0, 0.3, 0.05])
def test_mean_and_variance_of_the_input_are_kept(scale, drive):
    """Counted synapse by synapse: pulses w exp(-t/tau) at a rate r have mean r w tau, variance r w² tau/2."""
    p = MicrocircuitParameters(K_scale=scale, drive=drive)
    tau = 0.5e-3  # s
    for target in range(8):
        mean, variance = p.currents[target], 0.0
        full_mean, full_variance = 0.0, 0.0
        for source in range(8):
            full = math.log1p(-PROBABILITIES[target, source]) / math.log1p(
                -1 / (SIZES[target] * SIZES[source])
            )
            weight = (
                87.8084935 * (1.0 if source % 2 == 0 else -4.0) * (2.0 if (target, source) == (0, 2) else 1.0)
            )
            pulses = full / SIZES[target] * FULL_RATES[source]
            full_mean += pulses * weight * tau
            full_variance += pulses * weight**2 * tau / 2
            pulses = p.synapses[target, source] / p.sizes[target] * FULL_RATES[source]
            mean += pulses * p.weights[target, source] * tau
            variance += pulses * p.weights[target, source] ** 2 * tau / 2
        external = EXTERNAL_INDEGREES[target] * 8.0
        full_mean += external * 87.8084935 * tau
        if drive == "poisson":
            full_variance += external * 87.8084935**2 * tau / 2
            mean += p.external_rates[target] * p.external_weight * tau
            variance += p.external_rates[target] * p.external_weight**2 * tau / 2
        # numbers of synapses are rounded, in the smallest populations to one in a few thousand
        assert mean == pytest.approx(full_mean, abs=1.0)
        assert variance == pytest.approx(full_variance, rel=1e-3)


def test_the_full_network_needs_no_current():
    assert MicrocircuitParameters().currents.tolist() == [0.0] * 8
    assert MicrocircuitParameters(thalamus=True).thalamic_currents.tolist() == [0.0] * 8
    dc = MicrocircuitParameters(drive="dc").currents
    assert dc == pytest.approx(EXTERNAL_INDEGREES * 8.0 * 87.808494 * 0.5e-3)


def test_sizes_and_synapses_scale():
    """N_scale is about neurons, K_scale about the synapses of each; scale is both."""
    p = MicrocircuitParameters().replace(scale=0.1)
    assert (p.N_scale, p.K_scale) == (0.1, 0.1)
    assert p.sizes.tolist() == [2068, 583, 2192, 548, 485, 106, 1440, 295]
    assert p.synapses.sum() == pytest.approx(298_880_970 * 0.01, rel=1e-3)
    assert MicrocircuitParameters(N_scale=0.1).synapses.sum() == pytest.approx(298_880_970 * 0.1, rel=1e-3)
    assert MicrocircuitParameters(K_scale=0.1).synapses.sum() == pytest.approx(298_880_970 * 0.1, rel=1e-6)
    assert MicrocircuitParameters(N_scale=1e-6).sizes.tolist() == [1] * 8
    assert Microcircuit(scale=0.5, N_scale=0.2).parameters == MicrocircuitParameters(N_scale=0.2, K_scale=0.5)


# -- the network


def test_what_is_built():
    """Numbers, signs, means and deviations of all connections of a network of a twentieth."""
    network = Microcircuit(scale=0.05, seed=5).build()
    p = network.parameters
    assert nest.network_size == p.sizes.sum() + 8 + 1
    ids = {name: nodes.tolist() for name, nodes in network.populations.items()}
    found = nest.GetConnections(network.populations["L23E"] + network.populations["L4E"])
    source, target = np.asarray(found.get("source")), np.asarray(found.get("target"))
    weight, delay = np.asarray(found.get("weight")), np.asarray(found.get("delay"))
    for column, name in ((L23E, "L23E"), (L4E, "L4E")):
        for row, other in enumerate(POPULATIONS):
            ours = np.isin(source, ids[name]) & np.isin(target, ids[other])
            assert ours.sum() == p.synapses[row, column]
            mean = p.weights[row, column]
            if ours.sum() > 300:
                assert weight[ours].mean() == pytest.approx(mean, rel=0.4 / math.sqrt(ours.sum()))
                assert weight[ours].std() == pytest.approx(0.1 * mean, rel=3 / math.sqrt(ours.sum()))
    assert weight.min() > 0.0
    # a normal distribution with half its mean as deviation, cut off at one step of 0.1 ms
    from scipy.stats import truncnorm

    expected = truncnorm((0.1 - 1.5) / 0.75, np.inf, 1.5, 0.75)
    assert delay.min() == pytest.approx(0.1)
    assert delay.mean() == pytest.approx(expected.mean(), abs=4 * 0.75 / math.sqrt(len(delay)))
    assert delay.std() == pytest.approx(expected.std(), rel=4 / math.sqrt(len(delay)))
    inhibitory = nest.GetConnections(network.populations["L5I"], network.populations["L5I"])
    assert np.max(inhibitory.get("weight")) < 0.0
    expected = truncnorm((0.1 - 0.75) / 0.375, np.inf, 0.75, 0.375).mean()
    assert np.mean(inhibitory.get("delay")) == pytest.approx(expected, abs=0.06)


def test_multapses_and_autapses_are_drawn():
    """Pairs are drawn with replacement; a tenth of a probability of 0.3158 is seen twice here and there."""
    network = Microcircuit(N_scale=0.05, K_scale=1.0, seed=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(microcircuit, "PROBABILITIES", np.diag([0, 0, 0, 0, 0, 0.3158, 0, 0]))
        network.build()
    found = nest.GetConnections(network.populations["L5I"])
    pairs = np.column_stack((found.get("source"), found.get("target")))
    assert len(np.unique(pairs, axis=0)) < len(pairs)
    assert np.any(pairs[:, 0] == pairs[:, 1])


@pytest.mark.parametrize(
    ("initial", "mean", "deviation"),
    [
        (
            "optimized",
            [-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43],
            [5.36, 4.57, 4.74, 4.94],
        ),
        ("original", [-58.0] * 8, [10.0] * 4),
    ],
)
def test_first_potentials(initial, mean, deviation):
    network = Microcircuit(N_scale=0.2, K_scale=0.001, initial=initial).build()
    for nodes, m in zip(network.populations.values(), mean, strict=True):
        assert np.mean(nodes.get("V_m")) == pytest.approx(m, abs=4 * 10.0 / math.sqrt(len(nodes)))
    for nodes, sd in zip(network.populations.values(), deviation, strict=False):
        assert np.std(nodes.get("V_m")) == pytest.approx(sd, rel=3 / math.sqrt(len(nodes)))


# -- what it does

NEST_TENTH = [0.399, 1.954, 3.964, 4.924, 6.242, 7.714, 0.837, 6.917]  # spikes/s, mean of 5 runs of 3 s


@pytest.fixture(scope="module")
def tenth():
    """Ten seconds of a network of a tenth."""
    return Microcircuit.preset("classroom", seed=11).build().simulate(10_000.0).results(warmup=500.0)


def values(results, quantity):
    return np.array([results[f"{quantity}_{name}"].value for name in POPULATIONS])


@pytest.mark.slow
def test_rates_of_a_network_of_a_tenth(tenth):
    """They are those of NEST at this size, and the order of the populations is the published one.

    They are lower than the published ones, and there are two reasons. A tenth of the synapses has a third of
    the feedback: when rates fall, less inhibition falls away. This the theory knows. And postsynaptic
    potentials that are three times as large make the potential less normal, which it does not.
    """
    rates = values(tenth, "rate")
    assert rates == pytest.approx(NEST_TENTH, rel=0.05)
    theory = np.array([tenth[f"rate_{name}"].predicted for name in POPULATIONS])
    assert np.all((0.7 * theory < rates) & (rates < theory) & (theory < 1.01 * FULL_RATES))
    assert np.corrcoef(rates, FULL_RATES)[0, 1] > 0.99
    assert [tenth[f"rate_{name}"].published for name in POPULATIONS] == FULL_RATES.tolist()


@pytest.mark.slow
def test_irregularity_of_a_network_of_a_tenth(tenth):
    """Near that of the full network where neurons have enough intervals in ten seconds to tell."""
    cv = values(tenth, "cv")
    published = np.array([tenth[f"cv_{name}"].published for name in POPULATIONS])
    assert cv[[L4E, L4I, L5E, L5I, L6I]] == pytest.approx(published[[L4E, L4I, L5E, L5I, L6I]], abs=0.06)
    assert np.all(cv < published + 0.02)


@pytest.mark.slow
def test_correlations_of_a_network_of_a_tenth(tenth):
    """Larger than those of the full network, as van Albada et al. (2015) say, and yet small: asynchronous.

    Only in L2/3E, which fires half as often as in the full network, they are not.
    """
    correlation = values(tenth, "correlation")
    published = np.array([tenth[f"correlation_{name}"].published for name in POPULATIONS])
    assert np.all(correlation[1:] > published[1:])
    assert np.all(correlation < 0.02)


@pytest.mark.slow
def test_rates_with_constant_current():
    """With a fifth of the synapses, of which the theory knows the rates; see also the next test."""
    network = Microcircuit(N_scale=0.1, K_scale=0.2, drive="dc", seed=1).build().simulate(2000.0)
    results = network.results(warmup=500.0)
    theory = np.array([results[f"rate_{name}"].predicted for name in POPULATIONS])
    assert values(results, "rate") == pytest.approx(theory, rel=0.15, abs=0.45)
    assert network.external == {}
    assert results["rate_L4E"].published is None
    assert results["cv_L4E"].published == 0.875


def test_a_tenth_of_the_synapses_and_constant_current_is_silent():
    """As in NEST 3.10. The results say so, and what to do."""
    results = Microcircuit(scale=0.1, drive="dc").build().simulate(300.0).results()
    assert values(results, "rate")[:7].tolist() == [0.0] * 7
    assert np.isnan(results["cv_L23E"].value)
    assert np.isnan(results["correlation_L23E"].value)
    assert results.notes == [
        "Silent: L2/3E, L2/3I, L4E, L4I, L5E, L5I, L6E. With a constant current and 0.1 of the synapses, a "
        "silent network stays silent, as the current that stands for the missing inhibition does not end "
        "with the spikes. Take drive=poisson, or K_scale of at least 0.2.",
        "The CV is that of neurons with at least three intervals in 200 ms. Long intervals do not fit into a "
        "short time, so it is too small where rates are low.",
    ]
    draw_all(results)


def test_what_to_know_of_a_small_network():
    results = Microcircuit(scale=0.05).build().simulate(150.0).results(warmup=50.0)
    assert results.notes == [
        "A neuron has 0.05 of its synapses, and each is 4.5 times as strong: mean and variance of its input "
        "are kept if the rates are. What is expected is that of this network, what is published that of the "
        "full one.",
        "The CV is that of neurons with at least three intervals in 100 ms. Long intervals do not fit into a "
        "short time, so it is too small where rates are low.",
    ]
    measured = results["rate_L23E"]
    assert (measured.title, measured.population, measured.unit) == ("mean firing rate", "L2/3E", "spikes/s")
    assert measured.published_in == "full-scale simulation with the reference simulator"
    assert results["cv_L23E"].published_in == (
        "full-scale simulation of Romaro et al. (2021), tables A.3 and A.5"
    )
    assert len(results.statistics) == 24


def test_a_changed_network_is_not_the_published_one():
    assert Microcircuit(scale=0.1, drive="dc", initial="original", th_rate=3.0)._as_published
    assert not Microcircuit(g=-5.0)._as_published
    assert not Microcircuit(thalamus=True)._as_published


def test_a_pulse_from_the_thalamus_is_seen():
    """In layers 4 and 6, which it reaches, and behind layer 4 in 2/3 and 5; not before it."""
    arguments = {"scale": 0.1, "th_start": 200.0, "th_rate": 120.0, "seed": 3}
    counts = {}
    for thalamus in (False, True):
        network = Microcircuit(thalamus=thalamus, **arguments).build().simulate(250.0)
        events = network.recorder.events
        counts[thalamus] = {
            name: np.histogram(events["times"][np.isin(events["senders"], nodes.tolist())], [0, 200, 220])[0]
            for name, nodes in network.populations.items()
        }
    for name in POPULATIONS:
        assert counts[True][name][0] == counts[False][name][0]  # the same bits until the pulse
    for name in ("L4E", "L4I", "L23E", "L5E"):
        assert counts[True][name][1] > 3 * counts[False][name][1], name
    assert counts[True]["L6I"][1] > 1.5 * counts[False]["L6I"][1]
    assert set(network.thalamus.model) == {"parrot_neuron"}
    assert len(network.thalamus) == 90


def test_the_thalamus_has_its_synapses():
    network = Microcircuit(scale=0.05, thalamus=True).build()
    for row, name in enumerate(POPULATIONS):
        found = len(nest.GetConnections(network.thalamus, network.populations[name]))
        probability = [0.0, 0.0, 0.0983, 0.0619, 0.0, 0.0, 0.0512, 0.0196][row]
        full = math.log1p(-probability) / math.log1p(-1.0 / (902 * SIZES[row]))
        assert found == pytest.approx(full * 0.05 * len(network.populations[name]) / SIZES[row], abs=1.0)


def test_mean_of_the_thalamic_input_is_kept():
    p = MicrocircuitParameters(K_scale=0.1)
    full = MicrocircuitParameters()
    mean = p.thalamic_indegrees * 0.1 * p.external_weight * 15.0 * 0.5e-3 + p.thalamic_currents
    assert mean == pytest.approx(full.thalamic_indegrees * full.PSC * 15.0 * 0.5e-3)
    assert full.thalamic_indegrees[L4E] == pytest.approx(93.3, abs=0.1)


def test_results_depend_on_the_seed_only():
    spikes = []
    for seed, threads in ((1, 1), (1, 2), (2, 1)):
        network = Microcircuit(scale=0.05, seed=seed, threads=threads).build().simulate(200.0)
        events = network.recorder.events
        order = np.lexsort((events["senders"], events["times"]))
        spikes.append(np.column_stack((events["times"], events["senders"]))[order])
    assert len(spikes[0]) > 1000
    assert np.array_equal(spikes[0], spikes[1])
    assert not np.array_equal(spikes[0], spikes[2])


@pytest.mark.parametrize("drive", ["poisson", "dc"])
def test_the_background_changes_while_it_runs(drive):
    """As spikes or as current; what compensates for missing synapses follows."""
    small = {"N_scale": 0.02, "K_scale": 0.2, "drive": drive}
    unchanged, spikes = 0, 0
    for seed in (1, 2, 3):
        unchanged += Microcircuit(**small, seed=seed).build().simulate(200.0).recorder.n_events
        network = Microcircuit(**small, seed=seed).build().simulate(100.0)
        network.set_parameter("bg_rate", 10.0)
        spikes += network.simulate(100.0).recorder.n_events
    changed = network.parameters
    for number, nodes in enumerate(network.populations.values()):
        assert set(np.ravel(nodes.get("I_e"))) == {changed.currents[number]}
    assert [float(generator.rate) for generator in network.external.values()] == (
        changed.external_rates.tolist() if drive == "poisson" else []
    )
    assert spikes > 1.08 * unchanged  # 12 % in three other networks with the current, 40 % with spikes


def test_nothing_random_about_weights_and_delays():
    """Without deviations all synapses of a kind are alike."""
    network = Microcircuit(scale=0.02, weight_sd=0.0, delay_sd=0.0).build()
    found = nest.GetConnections(network.populations["L4I"], network.populations["L4E"])
    assert set(found.get("delay")) == {0.8}  # 0.75 ms in steps of 0.1 ms
    assert len(set(found.get("weight"))) == 1


def draw_all(results):
    from matplotlib.figure import Figure

    for draw in results.figures.values():
        figure = Figure(layout="constrained")
        draw(figure)
        figure.draw_without_rendering()
        assert figure.axes


def test_figures_can_be_drawn():
    results = Microcircuit(scale=0.05, thalamus=True, th_start=150.0).build().simulate(300.0).results()
    draw_all(results)
    draw_all(Microcircuit(N_scale=0.001, K_scale=0.01, bg_rate=0.0).build().simulate(20.0).results())


# -- what is refused

WRONG = {
    "drive": (
        {"drive": "poison"},
        UnknownName,
        "MicrocircuitParameters.drive has no such choice. Value: 'poison'. Allowed: 'poisson' or 'dc'. "
        "Did you mean 'poisson'? drive is the kind of the external input, spikes or a current of the same "
        "mean.",
    ),
    "drive=1": (
        {"drive": 1},
        BadType,
        "MicrocircuitParameters.drive must be 'poisson' or 'dc'. Value: 1. Allowed: 'poisson' or 'dc'. "
        "drive is the kind of the external input, spikes or a current of the same mean.",
    ),
    "scale=0": (
        {"scale": 0.0},
        BadValue,
        "MicrocircuitParameters.N_scale is out of bounds. Value: 0.0. Allowed: a number above 0 … 1. "
        "N_scale is the number of neurons relative to the full one.",
    ),
    "scale=2": (
        {"scale": 2.0},
        BadValue,
        "MicrocircuitParameters.N_scale is out of bounds. Value: 2.0. Allowed: a number above 0 … 1. "
        "N_scale is the number of neurons relative to the full one.",
    ),
    "scales": (
        {"scales": 0.5},
        UnknownName,
        "MicrocircuitParameters has no parameter of this name. Value: 'scales'. "
        "Allowed: 'scale', 'N_scale', 'K_scale' or one of 22 others. Did you mean 'scale'? "
        "See table() for what each parameter means.",
    ),
    "g=4": (
        {"g": 4.0},
        BadValue,
        "MicrocircuitParameters.g is out of bounds. Value: 4.0. Allowed: a number -10000 … 0. "
        "g is the weight of inhibitory synapses relative to excitatory ones.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_parameters_are_refused(case):
    changes, kind, text = WRONG[case]
    with pytest.raises(kind) as error:
        Microcircuit(**changes)
    assert str(error.value) == text


# -- on the command line


def test_run(tmp_path, capsys):
    """The parameters that the class offers are options; the same command makes the same again."""
    command = ["run", "microcircuit", "--scale", "0.05", "--drive", "poisson", "--thalamus", "--time", "150"]
    command += ["--seed", "2", "--set", "th_start=100", "th_rate=120", "--out"]
    assert cli.main([*command, str(tmp_path)]) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "raster.png",
        "report.html",
        "spikes.nix",
        "summary.json",
    ]
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    shown = {name: row["value"] for name, row in summary["parameters"].items()}
    assert (shown["N_scale"], shown["K_scale"], shown["drive"], shown["thalamus"]) == (
        0.05,
        0.05,
        "poisson",
        True,
    )
    assert summary["size"]["neurons"]["L4E"] == 1096
    assert summary["statistics"]["rate_L4E"]["population"] == "L4E"
    assert len(summary["notes"]) == 2
    assert summary["command"] == (
        "nest-lab run microcircuit --scale 0.05 --drive poisson --thalamus --time 150 --seed 2 "
        f"--set th_start=100 th_rate=120 --out {tmp_path}"
    )
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert page.count("mean firing rate") == 1  # once for eight populations
    assert all(f"<td>{name.replace('L23', 'L2/3')}</td>" in page for name in POPULATIONS)
    out = capsys.readouterr().out
    assert "mean firing rate, L2/3E" in out
    assert "A neuron has 0.05 of its synapses" in out
    assert all(note in page.replace("&#39;", "'") for note in summary["notes"])


REFUSED = {
    "--drive dcc": "nest-lab run: MicrocircuitParameters.drive has no such choice. Value: 'dcc'. "
    "Allowed: 'poisson' or 'dc'. Did you mean 'dc'? drive is the kind of the external input, spikes or a "
    "current of the same mean.",
    "--scale small": "nest-lab run: MicrocircuitParameters.N_scale must be a number above 0 … 1. "
    "Value: 'small'. Allowed: a number above 0 … 1. N_scale is the number of neurons relative to the full "
    "one.",
    "--order 3": "nest-lab run: there is no such option. Value: '--order'. Allowed: '--classroom', "
    "'--drive', '--help' or one of 8 others. See nest-lab run --help.",
    "--regime AI": "nest-lab run: microcircuit has no parameter set of this name. Value: 'AI'. "
    "Allowed: 'classroom', 'dc', 'full', 'thalamic'. nest-lab list shows them.",
    "--set scales=0.1": "nest-lab run --set: there is no parameter of this name. Value: 'scales'. "
    "Allowed: 'scale', 'N_scale', 'K_scale' or one of 22 others. Did you mean 'scale'? "
    "nest-lab list NETWORK shows all of them.",
}


@pytest.mark.parametrize("arguments", REFUSED)
def test_wrong_arguments(arguments, tmp_path, capsys):
    out = tmp_path / "out"
    assert cli.main(["run", "microcircuit", *arguments.split(), "--out", str(out)]) == 2
    assert capsys.readouterr().err.strip() == REFUSED[arguments]
    assert not out.exists()


def test_help_is_about_the_named_network(capsys):
    for name, offered, other in (
        ("microcircuit", "--scale X", "--order"),
        ("brunel", "--order N", "--scale"),
    ):
        with pytest.raises(SystemExit):
            cli.main(["run", name, "--help"])
        shown = capsys.readouterr().out
        assert offered in shown
        assert other not in shown
    with pytest.raises(SystemExit):
        cli.main(["run", "--help"])
    shown = capsys.readouterr().out
    assert "--scale X" in shown
    assert "--order N" in shown


def test_list(capsys):
    assert cli.main(["list", "microcircuit"]) == 0
    shown = capsys.readouterr().out
    assert "drive          poisson            'poisson' or 'dc'" in shown
    assert "scale=… sets N_scale and K_scale." in shown
    assert "classroom  N_scale=0.1, K_scale=0.1" in shown
    assert "thalamic   thalamus=True" in shown
