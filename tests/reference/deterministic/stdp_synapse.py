from __future__ import annotations

from . import _plasticity as put
from . import scenario

MODEL = "stdp_synapse"
KEYS = ["weight", "Kplus", "alpha", "lambda", "mu_minus", "mu_plus", "tau_plus", "Wmax"]


def draw(rng):
    sign = rng.choice([-1, 1])
    Wmax = sign * rng.uniform(50, 150)
    return {
        "Wmax": Wmax,
        "weight": rng.uniform(0.1, 0.9) * Wmax,
        "Kplus": rng.uniform(0, 2),
        "alpha": rng.uniform(0.5, 2),
        "lambda": rng.uniform(0.001, 0.1),
        "mu_minus": rng.choice([0.0, 1.0, rng.uniform(0, 1)]),
        "mu_plus": rng.choice([0.0, 1.0, rng.uniform(0, 1)]),
        "tau_plus": rng.uniform(5, 50),
    }


@scenario(cases=8)
def pairs(nest, rng, h):
    return put.pairs(nest, rng, h, MODEL, KEYS, draw)


@scenario(cases=4)
def received(nest, rng, h):
    return put.received(nest, rng, h, MODEL, KEYS, draw)


@scenario(cases=4)
def recurrent(nest, rng, h):
    return put.recurrent(nest, rng, h, MODEL, KEYS, draw)


@scenario(cases=6)
def changed(nest, rng, h):
    return put.changed(nest, rng, h, MODEL, KEYS, draw)


@scenario(cases=1, resolutions=(0.1,))
def told(nest, rng, h):
    return put.told(nest, MODEL)
