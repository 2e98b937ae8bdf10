"""What leaky neurons with conductances have in common: their parameters, and what is asked at their edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _equations


def leaky(rng: np.random.Generator) -> dict[str, Any]:
    """Membrane and synapses of a neuron that fires now and then."""
    E_L = rng.uniform(-75, -65)
    return {
        "C_m": rng.uniform(150, 350),
        "g_L": rng.uniform(8, 25),
        "E_L": E_L,
        "V_m": E_L + rng.uniform(-5, 5),
        "V_th": E_L + rng.uniform(10, 18),
        "V_reset": E_L - rng.uniform(0, 5),
        "E_ex": rng.uniform(-5, 5),
        "E_in": rng.uniform(-90, -80),
        "t_ref": rng.uniform(0, 4),
        "tau_syn_ex": rng.uniform(0.5, 6),
        "tau_syn_in": rng.uniform(0.5, 10),
        "I_e": rng.uniform(0, 400),
        "g_ex": rng.uniform(0, 3),
        "g_in": rng.uniform(0, 3),
    }


def edges(nest: Any, h: float, model: str) -> dict[str, Any]:
    """Threshold and refractory time at their edges."""
    params = [
        {"V_m": -55.0},
        {"V_m": -30.0, "t_ref": 10.0},
        *({"I_e": 4000.0, "t_ref": steps * h} for steps in (0, 0.4, 0.5, 0.6, 1, 2.4, 2.5, 2.6)),
    ]
    neurons = nest.Create(model, len(params), params=params)
    result = _equations.observe(nest, neurons, h)
    nest.Simulate(10.0)
    neurons.set(V_m=-40.0)
    nest.Simulate(20.0)
    return result()
