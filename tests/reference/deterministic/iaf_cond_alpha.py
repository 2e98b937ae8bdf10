from __future__ import annotations

from . import _conductances, _equations, scenario

MODEL = "iaf_cond_alpha"


def draw(rng, h):
    return {
        **_conductances.leaky(rng),
        "dg_ex": rng.uniform(0, 3),
        "dg_in": rng.uniform(0, 3),
    }


@scenario(cases=8, of_range=1e-3)
def random_parameters(nest, rng, h):
    return _equations.run(nest, rng, h, MODEL, draw, weight=15)


@scenario(cases=4, of_range=1e-3)
def edges(nest, rng, h):
    """Threshold and refractory time at their edges."""
    return _conductances.edges(nest, h, MODEL)
