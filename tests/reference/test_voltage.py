"""Plasticity that depends on the potential: neurons beside solutions of high accuracy, weights from traces.

The weights of either simulator follow from its own traces by the published rule; so they differ between
the two by no more than the solvers of the neurons do, whose errors are measured here, too.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import nest_lab
from nest_lab.testing import reference, run, samples

STEP = 0.1
BOTH = {"theirs": reference, "ours": lambda: nest_lab}


def recorded_traces(model, params, until, recorded, pulses, port=0):
    """The traces of both simulators: theirs, ours."""

    def scenario(nest):
        neuron = nest.Create(model, params=params)
        meter = nest.Create("multimeter", params={"record_from": recorded, "interval": STEP})
        nest.Connect(meter, neuron)
        for time, weight, *own in pulses:
            source = nest.Create("spike_generator", params={"spike_times": [time - 1.0]})
            spec = {"weight": weight, "delay": 1.0, "receptor_type": own[0] if own else port}
            nest.Connect(source, neuron, syn_spec=spec)
        nest.Simulate(until + 1.0)
        return samples(meter)

    steps = round(until / STEP)
    for simulator in (reference(), nest_lab):
        taken = run(scenario, simulator, resolution=STEP)
        yield np.array([taken[name][:steps] for name in recorded]).T


def assert_close(exact, theirs, ours, recorded):
    """Below 1e-3 of the range, and as close to the solution as the reference, or closer."""
    for i, name in enumerate(recorded):
        spread = np.ptp(exact[:, i])
        error, their_error = (np.abs(trace[:, i] - exact[:, i]).max() for trace in (ours, theirs))
        print(f"{name}: error {error / spread:.1e} of the range, of the reference {their_error / spread:.1e}")
        assert error < 1e-3 * spread, name
        assert error <= their_error * (1 + 1e-3) + 1e-9 * spread, name


def solve_clopath(p, current, until, pulses):
    """The seven variables; while V_m runs away, exp(-V_m/Delta_T) is solved for."""
    C, g, E, D, T0 = p["C_m"], p["g_L"], p["E_L"], p["Delta_T"], p["V_th_rest"]
    clamp_steps = round(p["t_clamp"] / STEP)

    def filters(V, y, clamped):
        _, w, z, V_th, plus, minus, bar = y
        return [
            0.0 if clamped else (p["a"] * (V - E) - w) / p["tau_w"],
            -z / p["tau_z"],
            (T0 - V_th) / p["tau_V_th"],
            (V - plus) / p["tau_u_bar_plus"],
            (V - minus) / p["tau_u_bar_minus"],
            (minus - bar) / p["tau_u_bar_bar"],
        ]

    def others(V, y):
        return -g * (V - E) - y[1] + y[2] + current

    def slopes(_, y):
        return [(others(y[0], y) + g * D * np.exp((y[0] - y[3]) / D)) / C, *filters(y[0], y, False)]

    def straight(_, y):
        u = max(y[0], peak)
        V = T0 - D * np.log(u)
        return [-g / C * np.exp((T0 - y[3]) / D) - u / D * others(V, y) / C, *filters(V, y, False)]

    def held(_, y):
        return [0.0, *filters(p["V_clamp"], y, True)]

    def high(_, y):
        return y[0] - (y[3] + D)

    def spiking(_, y):
        return y[0] - peak

    peak = np.exp(-(p["V_peak"] - T0) / D)
    high.terminal = spiking.terminal = True
    high.direction, spiking.direction = 1, -1
    y, out, left = np.array([p["V_m"], 0.0, 0.0, T0, *[p["u_bar_plus"]] * 3]), [], 0

    def fire(y):
        return np.array([p["V_clamp"], y[1] + p["b"], p["I_sp"], p["V_th_max"], *y[4:]])

    for k in range(round(until / STEP)):
        t, heard = 0.0, left == 0
        while t < STEP - 1e-13:
            run_away = left == 0 and y[0] >= y[3] + D - 1e-9
            if run_away:
                y[0] = np.exp(-(y[0] - T0) / D)
            function, event = (held, None) if left else (straight, spiking) if run_away else (slopes, high)
            s = solve_ivp(function, (t, STEP), y, method="DOP853", rtol=1e-12, atol=1e-14, events=event)
            t, y = s.t[-1], s.y[:, -1].copy()
            if run_away:
                y[0] = T0 - D * np.log(max(y[0], peak))
                if s.status == 1:
                    y, left = fire(y), clamp_steps + 1
        if left == 0 and heard:
            y[0] += sum(weight for time, weight in pulses if round(time / STEP) == k + 1)
            if y[0] >= p["V_peak"]:
                y, left = fire(y), clamp_steps + 1
        left = max(0, left - 1)
        if left == 0 and y[0] == p["V_clamp"]:
            y[0] = p["V_reset"]
        out.append(y.copy())
    return np.array(out)


CLOPATH = ["V_m", "w", "z", "V_th", "u_bar_plus", "u_bar_minus", "u_bar_bar"]


@pytest.mark.parametrize("current", [0.0, 700.0, 1400.0])
def test_aeif_psc_delta_clopath(current):
    p = nest_lab.GetDefaults("aeif_psc_delta_clopath")
    pulses = [(10.0, 4.0), (30.0, -6.0), (45.0, 8.0), (60.0, 130.0)]
    exact = solve_clopath(p, current, 100.0, pulses)
    params = {"I_e": current}
    taken = recorded_traces("aeif_psc_delta_clopath", params, 100.0, CLOPATH, pulses)
    assert_close(exact, *taken, CLOPATH)


URBANCZIK = ["V_m.s", "V_m.p", "g_ex.s", "g_in.s", "I_ex.p", "I_in.p"]


@pytest.mark.parametrize("g_ps", [0.0, 150.0])
def test_pp_cond_exp_mc_urbanczik(g_ps):
    d = nest_lab.GetDefaults("pp_cond_exp_mc_urbanczik")
    soma, dend = d["soma"], d["dendritic"]
    pulses = [(5.0, 20.0, 1), (9.0, 300.0, 3), (20.0, 30.0, 2), (30.0, 200.0, 4), (31.0, 15.0, 1)]

    def slopes(_, y):
        V_s, V_p, g_ex, g_in, I_ex, I_in = y
        synapses = g_ex * (soma["E_ex"] - V_s) + g_in * (soma["E_in"] - V_s)
        dV_s = soma["g_L"] * (soma["E_L"] - V_s) + synapses + d["g_sp"] * (V_p - V_s) + 50.0
        dV_p = dend["g_L"] * (dend["E_L"] - V_p) + I_ex + I_in + g_ps * (V_s - V_p)
        decays = [-x / 3.0 for x in y[2:]]
        return [dV_s / soma["C_m"], dV_p / dend["C_m"], *decays]

    y, exact = np.array([-70.0, -70.0, 0, 0, 0, 0]), []
    for k in range(600):
        y = solve_ivp(slopes, (0.0, STEP), y, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
        for time, weight, port in pulses:
            if round(time / STEP) == k + 1:
                y[1 + port] += -weight if port == 4 else weight
        exact.append(y.copy())
    params = {"g_ps": g_ps, "soma": {"I_e": 50.0}}
    taken = recorded_traces("pp_cond_exp_mc_urbanczik", params, 60.0, URBANCZIK, pulses)
    assert_close(np.array(exact), *taken, URBANCZIK)


def forced(nest, model, synapse, params, synapse_params, pre, post, traces, delay, port=0, until=150.0):
    """One synapse; its weight every ms, and the traces of its target."""
    neuron = nest.Create(model, params=params)
    relay = nest.Create("parrot_neuron")
    for times, node, spec in ((pre, relay, {}), (post, neuron, {"weight": 150.0, "receptor_type": port})):
        generator = nest.Create(
            "spike_generator", params={"spike_times": np.round(np.subtract(times, 1.0), 6)}
        )
        nest.Connect(generator, node, syn_spec={"delay": 1.0} | spec)
    spec = {"synapse_model": synapse, "delay": delay, "receptor_type": port} | synapse_params
    nest.Connect(relay, neuron, syn_spec=spec)
    meter = nest.Create("multimeter", params={"record_from": traces, "interval": STEP})
    nest.Connect(meter, neuron, syn_spec={"delay": STEP})
    recorder = nest.Create("spike_recorder")
    nest.Connect(neuron, recorder, syn_spec={"delay": STEP})
    connection = nest.GetConnections(relay, neuron)
    weights = []
    for _ in range(round(until)):
        nest.Simulate(1.0)
        weights.append(connection.weight)
    return samples(meter) | {"weight": np.array(weights), "spikes": np.sort(recorder.events["times"])}


def changes(weights):
    return weights[np.flatnonzero(np.diff(weights)) + 1]


def follow_clopath(taken, p, s, pre, delay):
    """Weights after each spike of the source, from the traces."""
    lag, d = round(p["delay_u_bars"] / STEP), round(delay / STEP)
    start = -70.6
    plus, minus = (
        np.r_[np.full(lag, start), taken[n]][: len(taken[n])] for n in ("u_bar_plus", "u_bar_minus")
    )
    above = np.maximum(taken["V_m"] - p["theta_plus"], 0)
    potentiation = p["A_LTP"] * above * np.maximum(plus - p["theta_minus"], 0) * STEP
    scale = 1.0 if p["A_LTD_const"] else taken["u_bar_bar"] ** 2 / p["u_ref_squared"]
    depression = p["A_LTD"] * np.maximum(minus - p["theta_minus"], 0) * scale
    w, x_bar, last, out = s["weight"], 0.0, 0, []
    for step in np.rint(np.divide(pre, STEP)).astype(int):
        for k in range(max(last - d, 0) + 1, step - d + 1):
            w = min(s["Wmax"], w + potentiation[k - 1] * x_bar * np.exp(-(k + d - last) * STEP / s["tau_x"]))
        w = max(s["Wmin"], w - (depression[step - d - 1] if step > d else 0.0))
        x_bar = x_bar * np.exp(-(step - last) * STEP / s["tau_x"]) + 1 / s["tau_x"]
        last = step
        out.append(w)
    return out


PRE = [12.0, 13.3, 30.0, 31.1, 52.4, 70.0, 95.7, 96.0, 120.0, 140.2]


@pytest.mark.parametrize("simulator", BOTH)
@pytest.mark.parametrize("delay", [0.1, 1.0, 4.3])
@pytest.mark.parametrize("constant", [True, False])
def test_clopath_synapse(simulator, delay, constant):
    """To 1e-9 from the traces."""
    params = {"A_LTD_const": constant, "u_ref_squared": 6000.0, "theta_minus": -71.0, "I_e": 300.0}
    s = {"weight": 0.5, "Wmin": 0.45, "Wmax": 0.62, "tau_x": 12.0}
    post = [20.0, 33.0, 54.0, 56.0, 71.5, 100.0, 122.2, 139.0]

    def scenario(nest):
        traces = ["V_m", "u_bar_plus", "u_bar_minus", "u_bar_bar"]
        return forced(nest, "aeif_psc_delta_clopath", "clopath_synapse", params, s, PRE, post, traces, delay)

    taken = run(scenario, BOTH[simulator](), resolution=STEP)
    p = nest_lab.GetDefaults("aeif_psc_delta_clopath") | params
    found, expected = changes(taken["weight"]), np.array(follow_clopath(taken, p, s, PRE, delay))
    expected = changes(np.r_[s["weight"], expected])
    assert len(found) == len(expected) > 5
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def follow_urbanczik(taken, p, s, pre, delay):
    soma, dend = p["soma"], p["dendritic"]
    u = (soma["g_L"] * soma["E_L"] + p["g_sp"] * taken["V_m.p"]) / (soma["g_L"] + p["g_sp"])
    rise = np.exp(p["beta"] * (p["theta"] - u))
    spikes = np.zeros(len(u))
    for t in taken["spikes"]:
        if round(t / STEP) <= len(u):
            spikes[round(t / STEP) - 1] += 1
    phi = p["phi_max"] / (1 + p["rate_slope"] * rise)
    error = (spikes - phi * STEP) * 15 * p["beta"] / (1 + 1 / (p["rate_slope"] * rise))
    tau_L, tau_s, d = dend["C_m"] / dend["g_L"], dend["tau_syn_ex"], round(delay / STEP)
    factor = s["eta"] * 15 * dend["C_m"] * tau_s / (dend["g_L"] * (tau_L - tau_s))
    slow = fast = total = filtered = 0.0
    last, out = 0, []
    for step in np.rint(np.divide(pre, STEP)).astype(int):
        k = np.arange(max(last - d, 0) + 1, step - d + 1)
        since = (k + d - last) * STEP
        products = (slow * np.exp(-since / tau_L) - fast * np.exp(-since / tau_s)) * error[k - 1]
        gap = (step - last) * STEP
        total += products.sum()
        filtered *= np.exp(-gap / s["tau_Delta"])
        filtered += (products * np.exp(-(gap - since) / s["tau_Delta"])).sum()
        out.append(np.clip(s["weight"] + factor * (total - filtered), s["Wmin"], s["Wmax"]))
        slow, fast = slow * np.exp(-gap / tau_L) + 1, fast * np.exp(-gap / tau_s) + 1
        last = step
    return out


@pytest.mark.parametrize("simulator", BOTH)
@pytest.mark.parametrize("delay", [0.1, 1.0, 4.3])
@pytest.mark.parametrize("t_ref", [0.0, 3.0])
def test_urbanczik_synapse(simulator, delay, t_ref):
    """To 1e-9 from the traces and the spikes of the target, which are random."""
    params = {
        "t_ref": t_ref,
        "phi_max": 0.4,
        "dendritic": {"tau_syn_ex": 2.0, "tau_syn_in": 2.0, "C_m": 250.0},
    }
    s = {"weight": 1.0, "Wmin": -2.0, "Wmax": 3.0, "tau_Delta": 60.0, "eta": 0.01}

    def scenario(nest):
        post = np.arange(2.0, 148.0, 0.7)
        traces = ["V_m.p"]
        model, synapse = "pp_cond_exp_mc_urbanczik", "urbanczik_synapse"
        return forced(nest, model, synapse, params, s, PRE, post, traces, delay, port=3)

    taken = run(scenario, BOTH[simulator](), resolution=STEP)
    assert len(taken["spikes"]) > 5
    p = nest_lab.GetDefaults("pp_cond_exp_mc_urbanczik")
    p |= params | {"dendritic": p["dendritic"] | params["dendritic"]}
    expected = changes(np.r_[s["weight"], follow_urbanczik(taken, p, s, PRE, delay)])
    found = changes(taken["weight"])
    assert len(found) == len(expected) > 5
    np.testing.assert_allclose(found, expected, rtol=1e-9)
