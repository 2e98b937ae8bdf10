from __future__ import annotations

from . import _equations, scenario

MODEL = "aeif_cond_alpha"


def draw(rng, h):
    E_L = rng.uniform(-75, -65)
    return {
        "C_m": rng.uniform(150, 350),
        "g_L": rng.uniform(8, 25),
        "E_L": E_L,
        "V_m": E_L + rng.uniform(-5, 5),
        "V_th": E_L + rng.uniform(10, 18),
        "V_peak": rng.uniform(-15, 25),
        "V_reset": E_L + rng.uniform(0, 8),
        "Delta_T": rng.uniform(1, 3),
        "a": rng.uniform(0, 6),
        "b": rng.uniform(20, 120),
        "tau_w": rng.uniform(50, 200),
        "w": rng.uniform(0, 50),
        "E_ex": rng.uniform(-5, 5),
        "E_in": rng.uniform(-90, -80),
        "t_ref": rng.choice([0.0, rng.uniform(0, 4)]),
        "tau_syn_ex": rng.uniform(0.5, 6),
        "tau_syn_in": rng.uniform(0.5, 10),
        "I_e": rng.uniform(0, 700),
        "dg_ex": rng.uniform(0, 3),
        "dg_in": rng.uniform(0, 3),
    }


@scenario(cases=8, of_range=1e-3)
def random_parameters(nest, rng, h):
    return _equations.run(nest, rng, h, MODEL, draw, weight=20, seen=_equations.no_upstroke)


@scenario(cases=4, of_range=1e-3)
def edges(nest, rng, h):
    """Without exponential term; beyond the peak from the start; refractory times at their edges; many spikes in a step."""
    params = [
        {"Delta_T": 0.0, "I_e": 900.0},
        {"Delta_T": 0.0, "I_e": 900.0, "V_m": -40.0, "t_ref": 5.0},
        {"V_m": 10.0, "I_e": 500.0},
        {"V_m": 10.0, "I_e": 500.0, "t_ref": 3.0},
        *({"I_e": 4000.0, "b": 0.0, "t_ref": steps * h} for steps in (0.4, 0.5, 0.6, 1, 2.4, 2.5, 2.6)),
    ]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = _equations.observe(nest, neurons, h, _equations.no_upstroke)
    nest.Simulate(10.0)
    neurons.set(w=20.0)
    nest.Simulate(20.0)
    return result()
