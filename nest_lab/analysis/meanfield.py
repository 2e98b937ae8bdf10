r"""The stationary state of a sparse network of integrate-and-fire neurons, in the diffusion approximation.

A neuron that receives many small, independent inputs per membrane time constant sees white noise of mean
:math:`\mu` and strength :math:`\sigma` (its free membrane potential has the standard deviation
:math:`\sigma/\sqrt 2`). Its firing rate is the inverse of a mean first-passage time [1]_, and the variability
of its intervals follows from the second moment of the same time. In a network the rate enters :math:`\mu` and
:math:`\sigma`, so it solves an equation that contains itself [2]_.

The integrands are written with ``erfc``, the scaled ``erfcx`` and Dawson's integral, and the largest
exponential is kept apart, so that neither a threshold far above the mean input nor one far below it
overflows.

References
----------
.. [1] Siegert AJF (1951). On the first passage time probability problem. Physical Review 81:617-623.
       doi:10.1103/PhysRev.81.617
.. [2] Brunel N (2000). Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons.
       Journal of Computational Neuroscience 8:183-208. doi:10.1023/A:1008925309027
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Stationary",
    "cv_of_intervals",
    "firing_rate",
    "self_consistent",
    "self_consistent_populations",
]

Floats = NDArray[np.float64]

_ZETA = 1.4603545088095868  # minus Riemann's zeta function at 1/2
_MOST = 700.0  # largest exponent that a double holds; a neuron whose rate is below exp(-700) is silent


@dataclass(frozen=True)
class Stationary:
    """The stationary state that the diffusion approximation predicts.

    Attributes
    ----------
    rate : float
        Firing rate of a neuron, spikes/s.
    cv : float
        Coefficient of variation of its inter-spike intervals.
    mu : float
        Mean input, mV above the resting potential.
    sigma : float
        Strength of the fluctuations, mV.
    """

    rate: float
    cv: float
    mu: float
    sigma: float


def _bounds(mu: float, sigma: float, V_th: float, V_reset: float) -> tuple[float, float, float]:
    """Reset and threshold in units of the fluctuations, and the exponent that is kept apart."""
    sigma = max(sigma, 1e-9 * (V_th - V_reset))  # without noise it is the limit of little noise
    low, high = (V_reset - mu) / sigma, (V_th - mu) / sigma
    return low, high, max(high, 0.0) ** 2


def _passage(low: float, high: float, scale: float) -> float:
    r"""Integral of :math:`e^{u^2} (1 + \mathrm{erf}\, u)` from `low` to `high`, times ``exp(-scale)``."""
    from scipy.integrate import quad
    from scipy.special import dawsn, erfcx

    below, above = min(max(low, 0.0), high), max(high, 0.0)
    total = 0.0
    if low < 0.0:  # here the integrand is erfcx(-u), which is at most 1
        total += quad(lambda u: erfcx(-u), low, min(high, 0.0))[0] * math.exp(-scale)
    if above > 0.0:  # here it is 2 exp(u^2) - erfcx(u), and exp(u^2) integrates to Dawson's integral
        total += 2.0 * (dawsn(above) - math.exp(below**2 - scale) * dawsn(below))
        total -= quad(erfcx, below, above)[0] * math.exp(-scale)
    return float(total)


def firing_rate(mu: float, sigma: float, *, tau_m: float, V_th: float, V_reset: float, t_ref: float) -> float:
    r"""Firing rate of a leaky integrate-and-fire neuron that receives white noise.

    .. math:: \nu^{-1} = t_{ref} + \tau_m \sqrt\pi
              \int_{(V_{reset}-\mu)/\sigma}^{(V_{th}-\mu)/\sigma} e^{u^2} (1 + \mathrm{erf}\,u)\, du

    Parameters
    ----------
    mu : float, unit mV
        Mean of the input, above the resting potential.
    sigma : float, unit mV
        Strength of its fluctuations, at least 0.
    tau_m, t_ref : float, unit ms
        Membrane time constant and refractory time.
    V_th, V_reset : float, unit mV
        Threshold and reset, above the resting potential.

    Returns
    -------
    float
        Spikes/s.

    References
    ----------
    Brunel (2000), eq. 22. doi:10.1023/A:1008925309027

    Examples
    --------
    >>> round(firing_rate(15.0, 5.0, tau_m=20.0, V_th=20.0, V_reset=10.0, t_ref=2.0), 2)
    9.46
    """
    low, high, scale = _bounds(mu, sigma, V_th, V_reset)
    if scale > _MOST:
        return 0.0
    return 1000.0 / (t_ref + tau_m * math.sqrt(math.pi) * _passage(low, high, scale) * math.exp(scale))


def cv_of_intervals(
    mu: float, sigma: float, *, tau_m: float, V_th: float, V_reset: float, t_ref: float
) -> float:
    r"""Coefficient of variation of the inter-spike intervals of the same neuron.

    .. math:: CV^2 = 2\pi (\nu\tau_m)^2 \int_{(V_{reset}-\mu)/\sigma}^{(V_{th}-\mu)/\sigma} e^{x^2} dx
              \int_{-\infty}^{x} e^{y^2} (1 + \mathrm{erf}\,y)^2\, dy

    The order of integration is exchanged: the inner integral over x is then Dawson's integral, and one
    remains.

    Parameters
    ----------
    mu, sigma, tau_m, V_th, V_reset, t_ref
        As for `firing_rate`.

    Returns
    -------
    float
        0 for a clock, 1 for a Poisson process.

    References
    ----------
    Brunel (2000), appendix A.1. doi:10.1023/A:1008925309027

    Examples
    --------
    >>> round(cv_of_intervals(15.0, 5.0, tau_m=20.0, V_th=20.0, V_reset=10.0, t_ref=2.0), 3)
    0.815
    """
    from scipy.integrate import quad
    from scipy.special import dawsn, erfc, erfcx

    low, high, scale = _bounds(mu, sigma, V_th, V_reset)
    if scale > _MOST:
        return 1.0  # rare passages over a far threshold are a Poisson process

    def integrand(y: float) -> float:
        start = max(y, low)
        square, tail = (y * y, erfc(-y)) if y > 0.0 else (-y * y, erfcx(-y))
        whole = math.exp(square + high**2 - 2.0 * scale) * dawsn(high)
        return float(tail**2 * (whole - math.exp(square + start**2 - 2.0 * scale) * dawsn(start)))

    # Below the reset the integrand falls as exp(reset^2 - y^2): 50 e-folds are beyond the precision.
    lowest = -math.sqrt(min(low, 0.0) ** 2 + 50.0)
    inside = [y for y in (low, 0.0) if lowest < y < high]
    area = quad(integrand, lowest, high, points=inside or None, limit=200)[0]
    passage = t_ref * math.exp(-scale) + tau_m * math.sqrt(math.pi) * _passage(low, high, scale)
    return math.sqrt(2.0 * math.pi * area) * tau_m / passage


def self_consistent(
    inputs: Callable[[float], tuple[float, float]], *, tau_m: float, V_th: float, V_reset: float, t_ref: float
) -> Stationary:
    """Solve for the rate at which a network drives itself to fire.

    The rate is followed upwards from silence to the first point where a higher one would not sustain itself:
    of several solutions this is the stable one that a silent network meets first.

    Parameters
    ----------
    inputs : callable
        From the rate of the neurons, in spikes/s, to mu and sigma of their input, in mV.
    tau_m, V_th, V_reset, t_ref
        As for `firing_rate`.

    Returns
    -------
    Stationary
        Rate, variability and input in that state.

    Examples
    --------
    A neuron that is not connected to itself keeps the rate its input gives:

    >>> neuron = dict(tau_m=20.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
    >>> round(self_consistent(lambda rate: (15.0, 5.0), **neuron).rate, 2)
    9.46
    """
    from scipy.optimize import brentq

    neuron = {"tau_m": tau_m, "V_th": V_th, "V_reset": V_reset, "t_ref": t_ref}

    def excess(rate: float) -> float:
        return firing_rate(*inputs(rate), **neuron) - rate

    highest = 1000.0 / t_ref if t_ref > 0.0 else 1e5
    # The grid is fine at low rates, where two solutions may lie close together.
    grid = np.concatenate(([0.0], np.geomspace(1e-6 * highest, highest, 400)))
    rate = 0.0
    for lower, upper in pairwise(grid):
        if excess(lower) >= 0.0 >= excess(upper):
            rate = float(brentq(excess, lower, upper, xtol=1e-12 * highest))
            break
    mu, sigma = inputs(rate)
    return Stationary(rate, cv_of_intervals(mu, sigma, **neuron), mu, sigma)


def self_consistent_populations(
    inputs: Callable[[Floats], tuple[Floats, Floats]],
    n: int,
    *,
    tau_m: float,
    V_th: float,
    V_reset: float,
    t_ref: float,
    tau_syn: float = 0.0,
) -> list[Stationary]:
    r"""Solve for the rates at which populations drive each other to fire.

    The rates follow :math:`\dot\nu = \phi(\nu) - \nu` from silence to where they rest: of several solutions
    this is the one that a silent network reaches. Exponential synaptic currents, which are noise with a short
    memory, shift threshold and reset by :math:`\sigma\,|\zeta(1/2)|\sqrt{\tau_{syn}/2\tau_m}`.

    Parameters
    ----------
    inputs : callable
        From the rates of the populations, shape (n,), in spikes/s, to mu and sigma of their inputs, each of
        shape (n,), in mV.
    n : int
        Number of populations.
    tau_m, V_th, V_reset, t_ref
        As for `firing_rate`.
    tau_syn : float, unit ms
        Time constant of the synaptic currents, 0 for inputs that are jumps of the potential.

    Returns
    -------
    list of Stationary
        Rate, variability and input of each population in that state.

    References
    ----------
    Fourcaud N, Brunel N (2002). Dynamics of the firing probability of noisy integrate-and-fire neurons.
    Neural Computation 14:2057-2110, eq. 4.33, of which this is the first
    order in :math:`\sqrt{\tau_{syn}/\tau_m}`. doi:10.1162/089976602320264015

    Examples
    --------
    Two populations that are not connected keep the rates their inputs give:

    >>> neuron = dict(tau_m=20.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
    >>> given = lambda rates: (np.array([15.0, 12.0]), np.array([5.0, 5.0]))
    >>> [round(state.rate, 2) for state in self_consistent_populations(given, 2, **neuron)]
    [9.46, 2.86]
    """
    from scipy.integrate import solve_ivp

    memory = _ZETA * math.sqrt(tau_syn / (2.0 * tau_m))

    def neuron(sigma: float) -> dict[str, float]:
        shift = sigma * memory
        return {"tau_m": tau_m, "V_th": V_th + shift, "V_reset": V_reset + shift, "t_ref": t_ref}

    def change(_: float, rates: Floats) -> Floats:
        each = zip(*inputs(rates), strict=True)
        return np.array([firing_rate(mu, sigma, **neuron(sigma)) for mu, sigma in each]) - rates

    # 100 of its own time constants, in which a deviation falls below what can be seen
    rates = solve_ivp(change, (0.0, 100.0), np.zeros(n), method="LSODA", rtol=1e-6, atol=1e-8).y[:, -1]
    each = zip(rates.tolist(), *(values.tolist() for values in inputs(rates)), strict=True)
    return [
        Stationary(rate, cv_of_intervals(mu, sigma, **neuron(sigma)), mu, sigma) for rate, mu, sigma in each
    ]
