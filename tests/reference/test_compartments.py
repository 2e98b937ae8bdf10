"""Trees of compartments beside exact solutions: the order of the scheme, and whose error is smaller."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import nest_lab
from nest_lab.testing import reference

PARENT = [-1, 0, 1, 1, 0, 4]
MEMBRANE = [
    {"C_m": c, "g_C": g, "g_L": leak, "e_L": e, "v_comp": v}
    for c, g, leak, e, v in zip(
        (1.0, 0.4, 0.3, 0.2, 0.5, 0.3),
        (0.0, 0.5, 0.2, 0.3, 0.4, 0.1),
        (0.1, 0.04, 0.03, 0.02, 0.05, 0.03),
        (-70.0, -72.0, -68.0, -75.0, -70.0, -66.0),
        (-60.0, -70.0, -50.0, -80.0, -65.0, -40.0),
        strict=True,
    )
]
CHANNELS = {"gbar_Na": 12.0, "e_Na": 52.0, "gbar_K": 4.0, "e_K": -88.0}
END = 8.0  # ms


def voltages(simulator, h, params):
    """Voltages of all compartments at every millisecond."""
    simulator.ResetKernel()
    if hasattr(simulator, "ll_api"):
        simulator.verbosity = simulator.VerbosityLevel.ERROR
    simulator.resolution = h
    cm = simulator.Create("cm_default")
    cm.compartments = [{"parent_idx": i, "params": p} for i, p in zip(PARENT, params, strict=True)]
    names = [f"v_comp{i}" for i in range(len(PARENT))]
    meter = simulator.Create("multimeter", params={"record_from": names, "interval": 1.0})
    simulator.Connect(meter, cm)
    simulator.Simulate(END + 2.0)
    return np.array([np.asarray(meter.events[name])[: int(END)] for name in names])


def system():
    """Matrix and constant part of C dv/dt = -A v + b."""
    A, b = np.zeros((6, 6)), np.zeros(6)
    for i, (parent, p) in enumerate(zip(PARENT, MEMBRANE, strict=True)):
        A[i, i] += p["g_L"]
        b[i] = p["g_L"] * p["e_L"]
        if parent >= 0:
            for x, y in ((i, parent), (parent, i)):
                A[x, x] += p["g_C"]
                A[x, y] -= p["g_C"]
    C = np.array([p["C_m"] for p in MEMBRANE])
    return A / C[:, None], b / C


def rates(v):
    """Rates of opening and closing of m, n (1/ms), and inf and rate of h."""

    def linoid(x, k):
        return k if abs(x) < 1e-9 else x / -np.expm1(-x / k)

    m = 3.21 * np.array([0.182 * linoid(v + 35.013, 9), 0.124 * linoid(-v - 35.013, 9)])
    n = 3.21 * np.array([0.02 * linoid(v - 25, 9), 0.002 * linoid(25 - v, 9)])
    h = 3.21 * (0.024 * linoid(v + 50.013, 5) + 0.0091 * linoid(-v - 75.013, 5))
    return m, n, 1 / (1 + np.exp((v + 65) / 6.2)), h


def exact_active():
    """DOP853 with tolerances of 1e-12, channels in all compartments, gates at rest at the start."""
    A, b = system()
    C = np.array([p["C_m"] for p in MEMBRANE])

    def slope(t, y):
        v, m, h, n = y.reshape(4, 6)
        dm, dh, dn = np.zeros((3, 6))
        for i in range(6):
            of_m, of_n, h_inf, of_h = rates(v[i])
            dm[i] = of_m[0] * (1 - m[i]) - of_m[1] * m[i]
            dn[i] = of_n[0] * (1 - n[i]) - of_n[1] * n[i]
            dh[i] = of_h * (h_inf - h[i])
        current = CHANNELS["gbar_Na"] * m**3 * h * (CHANNELS["e_Na"] - v)
        current += CHANNELS["gbar_K"] * n * (CHANNELS["e_K"] - v)
        return np.concatenate([b - A @ v + current / C, dm, dh, dn])

    v = np.array([p["v_comp"] for p in MEMBRANE])
    start = [rates(x) for x in v]
    m, n = ([r[i][0] / r[i].sum() for r in start] for i in (0, 1))
    y = np.concatenate([v, m, [r[2] for r in start], n])
    times = np.arange(1.0, END + 1)
    return solve_ivp(slope, (0, END), y, "DOP853", times, rtol=1e-12, atol=1e-12).y[:6]


def exact_passive():
    A, b = system()
    rest = np.linalg.solve(A, b)
    v = np.array([p["v_comp"] for p in MEMBRANE])
    return np.array([rest + expm(-A * t) @ (v - rest) for t in np.arange(1.0, END + 1)]).T


@pytest.mark.parametrize(
    ("exact", "channels", "order", "bound"),
    [(exact_passive, {}, 2, 1e-4), (exact_active, CHANNELS, 1, 0.03)],
    ids=["passive", "active"],
)
def test_error_falls_with_the_step(exact, channels, order, bound):
    """Second order for the tree alone; first with channels, whose gates are taken at the end of the step.

    The reference makes the same error: neither is nearer to the exact solution.
    """
    truth = exact()
    span = np.ptp(truth)
    steps = (0.1, 0.05, 0.025)
    params = [p | channels for p in MEMBRANE]
    ours = [np.abs(voltages(nest_lab, h, params) - truth).max() / span for h in steps]
    theirs = [np.abs(voltages(reference(), h, params) - truth).max() / span for h in steps]
    assert ours[0] < bound
    for coarse, fine in pairwise(ours):
        assert coarse / fine == pytest.approx(2**order, rel=0.15)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
