from __future__ import annotations

from . import scenario
from ._neurons import membrane
from ._precise import changed_parameters, random_parameters, recurrent

MODEL = "iaf_psc_exp_ps"


def draw(rng, h):
    """Rounded times of refractoriness come from t_ref; the reference refuses less than a step."""
    drawn = membrane(rng, h)
    return drawn | {
        "t_ref": max(h, drawn["t_ref"]),
        "V_m": min(drawn["V_m"], drawn["V_th"] - 1.0),
        "tau_syn_ex": rng.uniform(0.5, 8),
        "tau_syn_in": rng.uniform(0.5, 8),
        "I_syn_ex": rng.uniform(0, 100),
    }


@scenario(cases=12)
def parameters(nest, rng, h):
    return random_parameters(nest, rng, h, MODEL, draw, 1.0)


@scenario(cases=8)
def changed(nest, rng, h):
    return changed_parameters(nest, rng, h, MODEL, draw, 1.0)


@scenario(cases=8)
def network(nest, rng, h):
    return recurrent(nest, rng, h, MODEL, draw, 1.0)
