"""The network of Brunel (2000): its four states, beside the figures of the publication and the theory.

Published are, for the simulations of fig. 8 with 12,500 neurons, the rates of the neurons and the frequencies
of the population: 60.7 spikes/s at 180 Hz (SI-fast), 37.7 spikes/s (AI), 5.5 spikes/s at 22 Hz (SI-slow). The
theory's rates for the same states are 55.8, 38.0 and 6.5 spikes/s.
"""

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import analysis, gallery
from nest_lab.gallery.brunel import Brunel, BrunelParameters, reported

TIME = {"SR": 500.0, "SI-fast": 1000.0, "AI": 1000.0, "SI-slow": 2000.0}


@pytest.fixture(scope="module")
def states():
    """Results of each state at the published size."""
    return {name: Brunel.preset(name).build().simulate(time).results() for name, time in TIME.items()}


@pytest.mark.parametrize(("name", "rate"), [("SI-fast", 55.8), ("AI", 38.0), ("SI-slow", 6.5)])
def test_the_theory_is_that_of_the_publication(name, rate):
    """The solution of the mean-field equations agrees with the published one in all its digits."""
    assert Brunel.presets[name].predict().rate == pytest.approx(rate, abs=0.051)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rate", "tolerance"),
    [("SI-fast", 60.7, 0.08), ("AI", 37.7, 0.03), ("SI-slow", 5.5, 0.15)],
)
def test_rates_are_the_published_ones(states, name, rate, tolerance):
    """A run of seconds, as in the publication; SI-slow has few cycles of its slow oscillation."""
    assert states[name]["rate"].published == rate
    assert states[name]["rate"].value == pytest.approx(rate, rel=tolerance)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "tolerance"), [("SR", 0.05), ("SI-fast", 0.08), ("AI", 0.03), ("SI-slow", 0.15)]
)
def test_rates_are_near_the_theory(states, name, tolerance):
    rate = states[name]["rate"]
    assert rate.value == pytest.approx(rate.predicted, rel=tolerance)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "tolerance"), [("SR", 0.15), ("SI-fast", 0.12), ("AI", 0.3), ("SI-slow", 0.2)]
)
def test_irregularity_is_near_the_theory(states, name, tolerance):
    """Absolute; the theory takes the recurrent input for Poisson spikes.

    Neurons that fire more regularly than that make less noise for each other, and so fire more regularly
    still. The effect is largest where most of the noise is recurrent (AI).
    """
    cv = states[name]["cv"]
    assert cv.value == pytest.approx(cv.predicted, abs=tolerance)


@pytest.mark.slow
def test_irregularity_tells_the_states_apart(states):
    """Neurons are clocks in SR and irregular in the others; figures from NEST 3.10."""
    assert states["SR"]["cv"].value < 0.02
    assert states["SI-fast"]["cv"].value == pytest.approx(0.75, abs=0.08)
    assert states["AI"]["cv"].value == pytest.approx(0.42, abs=0.04)
    assert states["SI-slow"]["cv"].value == pytest.approx(0.63, abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "frequency", "tolerance"), [("SI-fast", 180.0, 15.0), ("SI-slow", 22.0, 4.0)]
)
def test_the_population_oscillates_as_published(states, name, frequency, tolerance):
    assert states[name]["frequency"].published == frequency
    assert states[name]["frequency"].value == pytest.approx(frequency, abs=tolerance)


@pytest.mark.slow
def test_synchrony_tells_the_states_apart(states):
    """Steady in AI, volleys in SR, and population spikes with silence between them in SI-slow."""
    modulation = {name: results["modulation"].value for name, results in states.items()}
    assert modulation["AI"] < 0.7 < modulation["SI-fast"] < 1.2 < modulation["SR"]
    assert modulation["SI-slow"] > 1.8
    assert all(results["peak"].value > 100.0 for name, results in states.items() if name != "AI")


@pytest.mark.slow
def test_all_neurons_fire_together_in_the_synchronous_state(states):
    """Nine of ten spikes are in the fullest tenth of the bins of 0.1 ms."""
    results = states["SR"]
    counts = np.sort(analysis.population_rate(results.times, 12500, 300.0, 500.0, bin=0.1).counts)
    assert counts[-len(counts) // 10 :].sum() > 0.9 * counts.sum()


def test_without_recurrent_connections_the_theory_is_exact():
    """Neurons with Poisson input of their own; jumps of finite size and time steps cost 5 %."""
    network = Brunel(BrunelParameters(order=200, epsilon=0.0, J=0.1, eta=1.05)).build().simulate(3000.0)
    results = network.results()
    assert results["rate"].value == pytest.approx(results["rate"].predicted, rel=0.05)
    assert results["cv"].value == pytest.approx(results["cv"].predicted, rel=0.05)
    assert results["modulation"].value == pytest.approx(results["modulation"].predicted, rel=0.1)


def test_sizes_and_connections():
    """Every neuron has as many inputs of each kind as the publication says."""
    network = Brunel.preset("classroom").build()
    p = network.parameters
    assert (p.N_E, p.N_I, p.C_E, p.C_I, p.rate_ext) == (800, 200, 80, 20, 1000.0)
    assert (BrunelParameters().N_E, BrunelParameters().N_I) == (10000, 2500)
    assert (BrunelParameters().C_E, BrunelParameters().C_I) == (1000, 250)
    for kind, indegree, weight in (("excitatory", 80, 1.0), ("inhibitory", 20, -5.0)):
        connections = nest.GetConnections(source=network.populations[kind], synapse_model=kind)
        assert np.all(np.bincount(connections.get("target"))[1:1001] == indegree)
        assert set(np.round(connections.get("delay"), 6)) == {1.5}
        assert nest.GetDefaults(kind, "weight") == weight
    assert network.external.rate == 1000.0


def test_the_classroom_network():
    """NEST 3.10 has 18.26 ± 0.50 spikes/s and a CV of 0.652 ± 0.008 (mean and deviation of 10 seeds, 2 s)."""
    results = Brunel.preset("classroom").build().simulate(2000.0).results()
    assert results["rate"].value == pytest.approx(18.26, abs=1.5)
    assert results["cv"].value == pytest.approx(0.652, abs=0.03)
    assert results["rate"].published is None


def test_a_changed_network_is_not_the_published_one():
    assert reported(Brunel.preset("AI", D=2.0).parameters).rate is None
    assert reported(Brunel.preset("AI").parameters).rate == 37.7


def test_parameters_change_while_it_runs():
    """Less inhibition lets it fire more, and the predicted state follows."""
    network = Brunel.preset("classroom").build().simulate(300.0)
    before = network.recorder.n_events
    network.set_parameter("g", 3.0)
    network.set_parameter("eta", 2.0)
    assert (network.parameters.g, network.parameters.eta) == (3.0, 2.0)
    assert nest.GetDefaults("inhibitory", "weight") == -3.0
    assert network.external.rate == 2000.0
    network.simulate(300.0)
    assert network.recorder.n_events > 4 * before


def test_networks_live_side_by_side():
    """A network keeps to the simulation it was built in."""
    with nest.Simulation():
        inner = Brunel.preset("classroom", seed=2).build()
    outer = Brunel.preset("classroom", seed=1).build()
    inner.set_parameter("g", 4.0)
    assert nest.GetDefaults("inhibitory", "weight") == -5.0
    inner.simulate(100.0)
    outer.simulate(50.0)
    assert (inner.simulation.time, outer.simulation.time) == (100.0, 50.0)


def test_results_depend_on_the_seed_only():
    runs = [
        Brunel.preset("classroom", seed=seed, threads=threads).build().simulate(200.0).results()
        for seed, threads in ((1, 1), (1, 2), (2, 1))
    ]
    spikes = [np.column_stack((run.times, run.senders))[np.lexsort((run.senders, run.times))] for run in runs]
    assert np.array_equal(spikes[0], spikes[1])
    assert not np.array_equal(spikes[0], spikes[2])


def test_figures_can_be_drawn():
    from matplotlib.figure import Figure

    results = gallery.get("brunel").preset("classroom").build().simulate(300.0).results()
    for draw in results.figures.values():
        figure = Figure(layout="constrained")
        draw(figure)
        figure.draw_without_rendering()
        assert all(axes.get_xlabel() for axes in figure.axes[-1:])


def test_a_silent_network_has_results():
    """Without external input nothing fires, and the statistics say that they do not know."""
    results = Brunel.preset("classroom", eta=0.0).build().simulate(100.0).results(warmup=0.0)
    assert results["rate"].value < 5.0
    results = Brunel.preset("classroom", eta=0.0, g=8.0).build().simulate(400.0).results(warmup=300.0)
    assert results["rate"].value == 0.0
    assert all(np.isnan(results[name].value) for name in ("cv", "frequency", "peak", "modulation"))
