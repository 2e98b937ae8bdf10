from __future__ import annotations

import numpy as np

from . import _equations, scenario

MODEL = "aeif_psc_delta_clopath"


def draw(rng, h):
    E_L = rng.uniform(-75, -65)
    V_th = E_L + rng.uniform(12, 20)
    return {
        "C_m": rng.uniform(200, 350),
        "g_L": rng.uniform(15, 35),
        "E_L": E_L,
        "V_m": E_L + rng.uniform(-5, 5),
        "V_th_rest": V_th,
        "V_th_max": V_th + rng.uniform(20, 80),
        "V_peak": rng.uniform(15, 35),
        "V_clamp": rng.uniform(0, 40),
        "V_reset": E_L + rng.uniform(0, 12),
        "Delta_T": rng.uniform(1, 3),
        "a": rng.uniform(0, 6),
        "b": rng.uniform(20, 120),
        "I_sp": rng.uniform(0, 400),
        "tau_w": rng.uniform(50, 200),
        "tau_z": rng.uniform(20, 60),
        "tau_V_th": rng.uniform(20, 80),
        "tau_u_bar_plus": rng.uniform(5, 20),
        "tau_u_bar_minus": rng.uniform(5, 20),
        "tau_u_bar_bar": rng.uniform(50, 500),
        "u_bar_plus": E_L + rng.uniform(0, 5),
        "u_bar_minus": E_L + rng.uniform(0, 5),
        "u_bar_bar": E_L + rng.uniform(0, 5),
        "w": rng.uniform(0, 50),
        "t_ref": rng.choice([0.0, rng.uniform(0, 4)]),
        "t_clamp": rng.uniform(0.1, 3) + 3 * h,
        "I_e": rng.uniform(0, 700),
    }


def no_upstroke(neurons, senders, taken):
    """V_m up to a potential below the threshold: beyond, a sample tells time and not potential."""
    highest = dict(
        zip(neurons.global_id, np.add(neurons.V_th_rest, np.multiply(4, neurons.Delta_T)), strict=True)
    )
    taken["V_m"] = np.minimum(taken["V_m"], [highest[sender] for sender in senders])


@scenario(cases=8, of_range=1e-3, resolutions=(0.1, 0.05, 0.25))
def random_parameters(nest, rng, h):
    """Driven by currents, with clamps that last a few steps.

    What arrives in a step acts at its end, and that is where a clamp ends. In the reference simulator both
    happen after the first of the steps that its integrator takes, of which there are several around spikes.
    """
    return _equations.run(nest, rng, h, MODEL, draw, weight=0, seen=no_upstroke)


@scenario(cases=4, of_range=1e-3, resolutions=(0.1, 0.05, 0.25))
def jumps(nest, rng, h):
    """Spikes that arrive far below the threshold, where the integrator takes one step."""

    def calm(rng, h):
        return draw(rng, h) | {"V_th_rest": 0.0, "V_th_max": 5.0, "I_e": 0.0}

    return _equations.run(nest, rng, h, MODEL, calm, weight=8, seen=no_upstroke)


@scenario(cases=3, of_range=1e-3, resolutions=(0.1, 0.05, 0.25))
def held(nest, rng, h):
    """Clamped and refractory for times at the edges of steps; spikes that arrive then are lost."""
    params = [
        {"t_clamp": clamp * h, "t_ref": ref * h, "V_clamp": 20.0}
        for clamp in (0.4, 0.5, 1, 1.6, 2.5, 7)
        for ref in (0, 0.4, 1, 2.5, 5)
    ]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = _equations.observe(nest, neurons, h, no_upstroke)
    times = np.round(h * np.arange(3, 23), 6)
    weights = np.where(np.arange(20) == 0, 120.0, 3.0)
    generator = nest.Create("spike_generator", params={"spike_times": times, "spike_weights": weights})
    nest.Connect(generator, neurons, syn_spec={"delay": h})
    nest.Simulate(40 * h)
    return result()


@scenario(cases=3, of_range=1e-3, resolutions=(0.1, 0.05, 0.25))
def nearly(nest, rng, h):
    """Jumps to a potential from which it takes no time to the peak: the spike belongs to the next step."""
    weights = rng.uniform(40, 103, 12)
    neurons = nest.Create(MODEL, len(weights))
    result = _equations.observe(nest, neurons, h, no_upstroke)
    generator = nest.Create("spike_generator", params={"spike_times": [20 * h]})
    nest.Connect(generator, neurons, syn_spec={"weight": np.reshape(weights, (-1, 1)), "delay": h})
    nest.Simulate(60 * h)
    return result()
