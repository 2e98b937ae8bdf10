"""The diffusion approximation: beside direct integration where that works, and at its limits."""

import math
from itertools import pairwise

import numpy as np
import pytest

from nest_lab import analysis
from nest_lab.analysis import (
    cv_of_intervals,
    firing_rate,
    self_consistent,
    self_consistent_populations,
)

NEURON = {"tau_m": 20.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0}


def direct(mu, sigma):
    """Rate and CV by integrating the published formulas as they stand."""
    from scipy.integrate import dblquad, quad
    from scipy.special import erf

    low, high = (10.0 - mu) / sigma, (20.0 - mu) / sigma
    passage = quad(lambda u: math.exp(u * u) * (1.0 + erf(u)), low, high)[0]
    rate = 1.0 / (2.0 + 20.0 * math.sqrt(math.pi) * passage)
    area = dblquad(lambda y, x: math.exp(x * x + y * y) * (1.0 + erf(y)) ** 2, low, high, -6.0, lambda x: x)[
        0
    ]
    return 1000.0 * rate, math.sqrt(2.0 * math.pi * area) * 20.0 * rate


@pytest.mark.parametrize(("mu", "sigma"), [(15.0, 5.0), (5.0, 5.0), (22.0, 6.0), (19.0, 8.0)])
def test_it_is_the_published_formula(mu, sigma):
    rate, cv = direct(mu, sigma)
    assert firing_rate(mu, sigma, **NEURON) == pytest.approx(rate, rel=1e-9)
    assert cv_of_intervals(mu, sigma, **NEURON) == pytest.approx(cv, rel=1e-6)


@pytest.mark.parametrize("mu", [21.0, 25.0, 100.0, 1000.0])
def test_without_noise_it_is_a_clock(mu):
    """The rate is that of an integrator with constant input, and the intervals are all alike."""
    exact = 1000.0 / (2.0 + 20.0 * math.log((mu - 10.0) / (mu - 20.0)))
    assert firing_rate(mu, 1e-3, **NEURON) == pytest.approx(exact, rel=1e-6)
    assert cv_of_intervals(mu, 1e-3, **NEURON) < 1e-3


@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 1.0), (0.0, 0.8), (19.0, 0.04), (-100.0, 1.0), (-1e6, 1e-3)])
def test_far_below_threshold_it_is_a_poisson_process(mu, sigma):
    """However rare the spikes are, nothing overflows."""
    rate = firing_rate(mu, sigma, **NEURON)
    assert 0.0 <= rate < 1e-100
    assert cv_of_intervals(mu, sigma, **NEURON) == pytest.approx(1.0, abs=1e-9)


def test_rate_rises_with_input_across_all_magnitudes():
    rates = [firing_rate(mu, 2.0, **NEURON) for mu in range(-40, 200, 3)]
    assert all(a < b for a, b in pairwise(rates) if b > 0.0)
    assert rates[-1] < 500.0


def test_a_network_solves_its_own_equation():
    state = self_consistent(lambda rate: (25.0 - 0.2 * rate, 5.0), **NEURON)
    assert firing_rate(state.mu, state.sigma, **NEURON) == pytest.approx(state.rate, rel=1e-9)
    assert state.mu == pytest.approx(25.0 - 0.2 * state.rate)


def test_of_two_states_it_is_the_lower_one():
    """With strong excitation a silent network stays silent, although it could fire near saturation."""
    state = self_consistent(lambda rate: (5.0 + 0.5 * rate, 1.0), **NEURON)
    assert state.rate < 1e-6
    assert firing_rate(5.0 + 0.5 * 250.0, 1.0, **NEURON) > 250.0
    assert isinstance(state, analysis.Stationary)


def test_a_network_without_input_is_silent():
    assert self_consistent(lambda rate: (0.0, 1e-3), **NEURON).rate == 0.0


def test_one_population_is_a_network():
    state = self_consistent(lambda rate: (25.0 - 0.2 * rate, 5.0), **NEURON)
    (same,) = self_consistent_populations(lambda rate: (25.0 - 0.2 * rate, np.array([5.0])), 1, **NEURON)
    assert same.rate == pytest.approx(state.rate, rel=1e-5)
    assert same.cv == pytest.approx(state.cv, rel=1e-5)


def test_populations_solve_their_own_equations():
    coupling = np.array([[0.3, -0.5], [0.4, -0.3]])
    states = self_consistent_populations(
        lambda rates: (np.array([18.0, 17.0]) + coupling @ rates, np.array([4.0, 6.0])), 2, **NEURON
    )
    rates = np.array([state.rate for state in states])
    assert np.all(rates > 1.0)
    for state, mu in zip(states, np.array([18.0, 17.0]) + coupling @ rates, strict=True):
        assert state.mu == pytest.approx(mu)
        assert firing_rate(mu, state.sigma, **NEURON) == pytest.approx(state.rate, rel=1e-4)


def test_of_two_states_of_populations_it_is_the_one_reached_from_silence():
    (state,) = self_consistent_populations(lambda rate: (5.0 + 0.5 * rate, np.array([1.0])), 1, **NEURON)
    assert state.rate < 1e-6


def test_synaptic_time_constants_lower_the_rate():
    """Neurons with many small exponential currents have the rate that the shift of the threshold gives."""
    import nest_lab as nest

    tau_m, tau_syn, weight, rate = 10.0, 0.5, 20.0, 40_000.0  # ms, ms, pA, spikes/s
    membrane = {"tau_m": tau_m, "V_th": 15.0, "V_reset": 0.0, "t_ref": 2.0}
    jump = weight * tau_syn / 250.0  # mV
    sigma = jump * math.sqrt(2.0 * rate * tau_m * 1e-3)
    given = lambda rates: (np.array([8.0]), np.array([sigma]))  # noqa: E731
    (state,) = self_consistent_populations(given, 1, **membrane, tau_syn=tau_syn)
    assert state.rate < 0.9 * firing_rate(8.0, sigma, **membrane)

    nest.ResetKernel()
    nest.rng_seed = 4
    synapse = {"tau_syn_ex": tau_syn, "tau_syn_in": tau_syn}
    neurons = nest.Create("iaf_psc_exp", 400, {**membrane, **synapse, "E_L": 0.0, "V_m": 0.0, "I_e": 200.0})
    recorder = nest.Create("spike_recorder", params={"start": 200.0})
    for sign in (1.0, -1.0):
        noise = nest.Create("poisson_generator", params={"rate": rate})
        nest.Connect(noise, neurons, syn_spec={"weight": sign * weight})
    nest.Connect(neurons, recorder)
    nest.Simulate(2200.0)
    assert recorder.n_events / 400 / 2.0 == pytest.approx(state.rate, rel=0.05)
