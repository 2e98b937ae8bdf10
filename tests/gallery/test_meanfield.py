"""The diffusion approximation: beside direct integration where that works, and at its limits."""

import math
from itertools import pairwise

import pytest

from nest_lab import analysis
from nest_lab.analysis import cv_of_intervals, firing_rate, self_consistent

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
