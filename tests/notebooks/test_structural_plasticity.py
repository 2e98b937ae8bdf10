"""What the tutorial on structural plasticity says, with other numbers than it shows itself."""

import numpy as np
import pytest

import nest_lab as nest

NU, EPS = 0.004, 0.05  # elements/ms, and the level of calcium that neurons like


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()


def growth(levels, eta, eps, nu=NU):
    """Elements that grow in a millisecond at fixed levels of calcium."""
    nest.ResetKernel()
    growing = {"growth_curve": "gaussian", "growth_rate": nu, "eta": eta, "eps": eps, "z": 10.0}
    neurons = nest.Create("iaf_psc_exp", len(levels), params={"tau_Ca": 1e12})
    neurons.set([{"Ca": level, "synaptic_elements": {"dendrite": growing}} for level in levels])
    nest.Simulate(10.0)
    return np.array([node.synaptic_elements["dendrite"]["z"] - 10.0 for node in neurons]) / 10.0


def grown(beta=0.005, seconds=60, rate=1000.0, size=60):
    """Neurons that begin without connections: mean calcium and rate of the last third, and the synapses."""
    nest.rng_seed = 2
    nest.resolution = 0.5
    nest.structural_plasticity_update_interval = 100.0
    nest.CopyModel("static_synapse", "grown", {"weight": 60.0, "delay": 1.0})
    ends = {"pre_synaptic_element": "axon", "post_synaptic_element": "dendrite", "allow_autapses": False}
    nest.structural_plasticity_synapses = {"grown": {"synapse_model": "grown", **ends}}
    growing = {"growth_curve": "gaussian", "growth_rate": NU, "eta": 0.0, "eps": EPS, "continuous": False}
    elements = {"axon": dict(growing), "dendrite": dict(growing)}
    params = {"tau_Ca": 2000.0, "beta_Ca": beta, "synaptic_elements": elements}
    neurons = nest.Create("iaf_psc_exp", size, params=params)
    outside = nest.Create("poisson_generator", params={"rate": rate})
    recorder = nest.Create("spike_recorder")
    nest.Connect(outside, neurons, syn_spec={"weight": 130.0})
    nest.Connect(neurons, recorder)
    nest.EnableStructuralPlasticity()
    calcium = []
    for _ in range(seconds):
        nest.Simulate(1000.0)
        calcium.append(np.mean(neurons.Ca))
    begin = seconds * 2 // 3
    fired = np.count_nonzero(recorder.events["times"] > 1000.0 * begin) / size / (seconds - begin)
    return np.mean(calcium[begin:]), fired, nest.GetConnections(neurons, neurons), neurons


@pytest.mark.parametrize(("beta", "tau"), [(0.005, 2000.0), (0.002, 5000.0), (0.01, 1000.0)])
def test_calcium_is_a_measure_of_the_rate(beta, tau):
    """Its mean is beta tau r, whatever the two are; the mean over the intervals between spikes is exact."""
    neuron = nest.Create("iaf_psc_exp", params={"tau_Ca": tau, "beta_Ca": beta, "I_e": 450.0})
    recorder = nest.Create("spike_recorder")
    nest.Connect(neuron, recorder)
    nest.Simulate(10.0 * tau)
    levels = []
    for _ in range(200):
        nest.Simulate(1.0)
        levels.append(neuron.Ca)
    interval = np.diff(recorder.events["times"])[-1]
    assert np.mean(levels) == pytest.approx(beta * tau / interval, rel=0.01)


@pytest.mark.parametrize(("eta", "eps"), [(0.01, 0.05), (0.1, 0.7), (0.0, 0.2)])
def test_the_growth_curve_is_the_published_one(eta, eps):
    """Zero at eta and epsilon, nu between them, half of nu where the bell says; Butz & van Ooyen (2013)."""
    middle, width = (eta + eps) / 2.0, (eta - eps) / 2.0
    # 2 exp(-x^2 ln 2) - 1 = 1/2 at x^2 = log2(4/3), in units of half the distance of the zeros
    half = middle + width * np.sqrt(np.log2(4.0 / 3.0))
    found = growth(np.array([eta, eps, middle, half, middle + 20.0 * (eps - eta)]), eta, eps)
    np.testing.assert_allclose(found, [0.0, 0.0, NU, NU / 2.0, -NU], rtol=0.0, atol=1e-10)


def test_neurons_settle_at_epsilon_and_not_at_eta():
    """More synapses mean more activity; so growth must fall with the calcium at a level that is held."""
    eta, eps, little = 0.01, 0.05, 1e-3
    below_eta, above_eta, below_eps, above_eps = growth(
        [eta - little, eta + little, eps - little, eps + little], eta, eps
    )
    assert below_eta < 0.0 < above_eta  # a neuron on either side goes away from eta
    assert above_eps < 0.0 < below_eps  # and comes back to epsilon


def test_a_network_grows_until_it_fires_as_it_likes():
    """From no connection to 5 spikes/s, and twice that with half the calcium for a spike (exercise 1)."""
    calcium, rate, synapses, neurons = grown()
    assert calcium == pytest.approx(EPS, rel=0.06)
    assert rate == pytest.approx(5.0, rel=0.06)
    sources, targets = (np.array(synapses.get(end)) - neurons[0].global_id for end in ("source", "target"))
    onto, away = np.bincount(targets, minlength=60), np.bincount(sources, minlength=60)
    assert np.corrcoef(onto, away)[0, 1] > 0.8  # exercise 2: one calcium for axon and dendrite
    assert not np.any(sources == targets)

    nest.ResetKernel()
    calcium, rate, more, _ = grown(beta=0.0025)
    assert calcium == pytest.approx(EPS, rel=0.06)
    assert rate == pytest.approx(10.0, rel=0.06)
    assert len(more) > len(synapses)


def test_more_input_needs_fewer_synapses():
    """The same calcium is reached with fewer of them."""
    calcium, _, synapses, _ = grown()
    nest.ResetKernel()
    with_more, _, fewer, _ = grown(rate=1040.0)
    assert with_more == pytest.approx(calcium, rel=0.06)
    assert len(fewer) < 0.8 * len(synapses)
