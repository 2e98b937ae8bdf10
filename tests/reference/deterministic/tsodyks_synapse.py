from __future__ import annotations

from . import _plasticity as put
from . import scenario

MODEL = "tsodyks_synapse"
KEYS = ["weight", "U", "tau_psc", "tau_rec", "tau_fac", "x", "y", "u"]


def draw(rng):
    x = rng.uniform(0, 1)
    return {
        "weight": rng.uniform(-100, 100),
        "U": rng.uniform(0, 1),
        "tau_psc": rng.uniform(1, 10),
        "tau_rec": rng.uniform(50, 900),
        "tau_fac": rng.choice([0.0, rng.uniform(10, 900)]),
        "x": x,
        "y": rng.uniform(0, 1 - x),
        "u": rng.uniform(0, 1),
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
