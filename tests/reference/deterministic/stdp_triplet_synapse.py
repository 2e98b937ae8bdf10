from __future__ import annotations

from . import _plasticity as put
from . import scenario

MODEL = "stdp_triplet_synapse"
KEYS = [
    "weight",
    "Kplus",
    "Kplus_triplet",
    "Aplus",
    "Aminus",
    "Aplus_triplet",
    "Aminus_triplet",
    "tau_plus",
    "tau_plus_triplet",
    "Wmax",
]


def draw(rng):
    Wmax = rng.choice([-1, 1]) * rng.uniform(50, 150)
    return {
        "Wmax": Wmax,
        "weight": rng.uniform(0.1, 0.9) * Wmax,
        "Kplus": rng.uniform(0, 2),
        "Kplus_triplet": rng.uniform(0, 2),
        "Aplus": rng.uniform(0, 1),
        "Aminus": rng.uniform(0, 1),
        "Aplus_triplet": rng.uniform(0, 1),
        "Aminus_triplet": rng.uniform(0, 1),
        "tau_plus": rng.uniform(5, 50),
        "tau_plus_triplet": rng.uniform(50, 150),
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
