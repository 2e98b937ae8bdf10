"""Solvers of differential equations beside a solution with high accuracy (SciPy's DOP853, rtol 1e-12).

Two statements for each model: the error is below 1e-3 of the range of the trace, and not above that of the reference.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import nest_lab
from nest_lab.testing import reference, run, samples

STEP = 0.1
PULSES = {10.0: 4.0, 30.0: -6.0, 45.0: 8.0}  # arrival (ms) and weight (nS, or hundreds of pA)


def solve(slopes, y, until, end_of_step: Callable = lambda k, y, before: y):
    """The solution on the grid: each step with DOP853, `end_of_step` does what a model does between steps."""
    out = []
    for k in range(round(until / STEP)):
        before = y.copy()
        y = solve_ivp(slopes, (0.0, STEP), y, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
        y = end_of_step(k, y, before)
        out.append(y.copy())
    return np.array(out)


def arriving(k):
    """Weight that arrives at the end of step k."""
    return PULSES.get(round((k + 1) * STEP, 6), 0.0)


def traces(model, params, until, recorded, scale=1.0):
    """The traces of both simulators: theirs, ours."""

    def scenario(nest):
        neuron = nest.Create(model, params=params)
        meter = nest.Create("multimeter", params={"record_from": recorded, "interval": STEP})
        nest.Connect(meter, neuron)
        for time, weight in PULSES.items():
            source = nest.Create("spike_generator", params={"spike_times": [time - 1.0]})
            nest.Connect(source, neuron, syn_spec={"weight": scale * weight, "delay": 1.0})
        nest.Simulate(until + 1.0)
        return samples(meter)

    steps = round(until / STEP)
    for simulator in (reference(), nest_lab):
        taken = run(scenario, simulator, resolution=STEP)
        yield np.array([taken[name][:steps] for name in recorded]).T


def assert_close(exact, theirs, ours, recorded):
    for i, name in enumerate(recorded):
        spread = np.ptp(exact[:, i])
        error, their_error = (np.abs(trace[:, i] - exact[:, i]).max() for trace in (ours, theirs))
        print(f"{name}: error {error / spread:.1e} of the range, of the reference {their_error / spread:.1e}")
        assert error < 1e-3 * spread, name
        # Equal but for rounding where both take the same steps.
        assert error <= their_error * (1 + 1e-3) + 1e-9 * spread, name


@pytest.mark.parametrize("current", [0.0, 300.0, 420.0])
def test_iaf_cond_exp(current):
    p = nest_lab.GetDefaults("iaf_cond_exp")
    hold = 0

    def slopes(_, y):
        V, g_ex, g_in = y
        drive = p["g_L"] * (p["E_L"] - V) + g_ex * (p["E_ex"] - V) + g_in * (p["E_in"] - V) + current
        return [drive / p["C_m"], -g_ex / p["tau_syn_ex"], -g_in / p["tau_syn_in"]]

    def end_of_step(k, y, before):
        nonlocal hold
        if hold:
            hold -= 1
            y[0] = p["V_reset"]
        elif y[0] >= p["V_th"]:
            hold, y[0] = round(p["t_ref"] / STEP), p["V_reset"]
        y[1] += max(arriving(k), 0)
        y[2] += max(-arriving(k), 0)
        return y

    recorded = ["V_m", "g_ex", "g_in"]
    exact = solve(slopes, np.array([p["V_m"], 0.0, 0.0]), 60.0, end_of_step)
    assert_close(exact, *traces("iaf_cond_exp", {"I_e": current}, 60.0, recorded), recorded)


def rates(V):
    """Opening and closing of the gates m, h, n of Hodgkin and Huxley."""
    with np.errstate(invalid="ignore"):
        alpha_n = 0.01 * (V + 55) / (1 - np.exp(-(V + 55) / 10))
        alpha_m = 0.1 * (V + 40) / (1 - np.exp(-(V + 40) / 10))
    opening = np.array([alpha_m, 0.07 * np.exp(-(V + 65) / 20), alpha_n])
    closing = np.array(
        [4 * np.exp(-(V + 65) / 18), 1 / (1 + np.exp(-(V + 35) / 10)), 0.125 * np.exp(-(V + 65) / 80)]
    )
    return opening, closing


@pytest.mark.parametrize("current", [0.0, 650.0, 1200.0])
def test_hh_psc_alpha(current):
    p = nest_lab.GetDefaults("hh_psc_alpha")

    def slopes(_, y):
        V, m, h, n, I_ex, I_in, dI_ex, dI_in = y
        sodium = p["g_Na"] * m**3 * h * (V - p["E_Na"])
        potassium = p["g_K"] * n**4 * (V - p["E_K"])
        dV = (-sodium - potassium - p["g_L"] * (V - p["E_L"]) + I_ex + I_in + current) / p["C_m"]
        opening, closing = rates(V)
        gates = opening * (1 - y[1:4]) - closing * y[1:4]
        fast, slow = p["tau_syn_ex"], p["tau_syn_in"]
        return [dV, *gates, dI_ex - I_ex / fast, dI_in - I_in / slow, -dI_ex / fast, -dI_in / slow]

    def end_of_step(k, y, before):
        y[6] += np.e / p["tau_syn_ex"] * 100 * max(arriving(k), 0)
        y[7] += np.e / p["tau_syn_in"] * 100 * min(arriving(k), 0)
        return y

    start = np.array([p["V_m"], p["Act_m"], p["Inact_h"], p["Act_n"], 0, 0, 0, 0])
    recorded = ["V_m", "Act_m", "Inact_h", "Act_n", "I_syn_ex", "I_syn_in"]
    exact = solve(slopes, start, 60.0, end_of_step)
    assert_close(exact, *traces("hh_psc_alpha", {"I_e": current}, 60.0, recorded, scale=100), recorded)


@pytest.mark.parametrize("current", [0.0, 200.0, 500.0])
def test_hh_cond_exp_traub(current):
    p = nest_lab.GetDefaults("hh_cond_exp_traub")

    def slopes(_, y):
        V, m, h, n, g_ex, g_in = y
        u = V - p["V_T"]
        opening = np.array(
            [
                0.32 * (13 - u) / (np.exp((13 - u) / 4) - 1),
                0.128 * np.exp((17 - u) / 18),
                0.032 * (15 - u) / (np.exp((15 - u) / 5) - 1),
            ]
        )
        closing = np.array(
            [
                0.28 * (u - 40) / (np.exp((u - 40) / 5) - 1),
                4 / (1 + np.exp((40 - u) / 5)),
                0.5 * np.exp((10 - u) / 40),
            ]
        )
        sodium = p["g_Na"] * m**3 * h * (V - p["E_Na"])
        potassium = p["g_K"] * n**4 * (V - p["E_K"])
        synapses = g_ex * (V - p["E_ex"]) + g_in * (V - p["E_in"])
        dV = (-sodium - potassium - p["g_L"] * (V - p["E_L"]) - synapses + current) / p["C_m"]
        gates = opening * (1 - y[1:4]) - closing * y[1:4]
        return [dV, *gates, -g_ex / p["tau_syn_ex"], -g_in / p["tau_syn_in"]]

    def end_of_step(k, y, before):
        y[4] += max(arriving(k), 0)
        y[5] += max(-arriving(k), 0)
        return y

    start = np.array([p["V_m"], p["Act_m"], p["Inact_h"], p["Act_n"], 0.0, 0.0])
    recorded = ["V_m", "Act_m", "Inact_h", "Act_n", "g_ex", "g_in"]
    exact = solve(slopes, start, 60.0, end_of_step)
    assert_close(exact, *traces("hh_cond_exp_traub", {"I_e": current}, 60.0, recorded), recorded)


def solve_aeif(p, current, until):
    """V_m, g_ex, g_in, w: while V_m runs away, exp(-(V_m - V_th)/Delta_T) is solved for, up to the peak and beyond it the reset."""
    C, g, E, T, D = p["C_m"], p["g_L"], p["E_L"], p["V_th"], p["Delta_T"]
    peak = np.exp(-(p["V_peak"] - T) / D)

    def others(V, g_ex, g_in, w):
        return -g * (V - E) - g_ex * (V - p["E_ex"]) - g_in * (V - p["E_in"]) - w + current

    def rest(V, g_ex, g_in, w):
        return [-g_ex / p["tau_syn_ex"], -g_in / p["tau_syn_in"], (p["a"] * (V - E) - w) / p["tau_w"]]

    def slopes(_, y):
        return [(others(*y) + g * D * np.exp((y[0] - T) / D)) / C, *rest(*y)]

    def straight(_, y):
        u = max(y[0], peak)
        V = T - D * np.log(u)
        return [-g / C - u / D * others(V, *y[1:]) / C, *rest(V, *y[1:])]

    def high(_, y):
        return y[0] - (T + D)

    def spiking(_, y):
        return y[0] - peak

    high.terminal = spiking.terminal = True
    high.direction, spiking.direction = 1, -1
    y, out = np.array([p["V_m"], 0.0, 0.0, 0.0]), []
    for k in range(round(until / STEP)):
        t = 0.0
        while t < STEP - 1e-13:
            run_away = y[0] >= T + D - 1e-9
            if run_away:
                y[0] = np.exp(-(y[0] - T) / D)
            function, event = (straight, spiking) if run_away else (slopes, high)
            s = solve_ivp(function, (t, STEP), y, method="DOP853", rtol=1e-12, atol=1e-14, events=event)
            t, y = s.t[-1], s.y[:, -1].copy()
            if run_away:
                y[0] = p["V_reset"] if s.status == 1 else T - D * np.log(max(y[0], peak))
                y[3] += p["b"] if s.status == 1 else 0.0
        y[1] += max(arriving(k), 0)
        y[2] += max(-arriving(k), 0)
        out.append(y.copy())
    return np.array(out)


@pytest.mark.parametrize("current", [0.0, 700.0, 1400.0])
def test_aeif_cond_exp(current):
    p = nest_lab.GetDefaults("aeif_cond_exp")
    recorded = ["V_m", "g_ex", "g_in", "w"]
    exact = solve_aeif(p, current, 100.0)
    assert_close(exact, *traces("aeif_cond_exp", {"I_e": current}, 100.0, recorded), recorded)
