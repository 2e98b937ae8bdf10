from __future__ import annotations

from . import _plasticity as put
from . import scenario

MODEL = "stdp_pl_synapse_hom"
KEYS = ["weight", "Kplus"]


def draw(rng):
    return {"weight": rng.uniform(1, 100), "Kplus": rng.uniform(0, 2)}


def common(rng):
    return {
        "tau_plus": rng.uniform(5, 50),
        "lambda": rng.uniform(0.001, 0.1),
        "alpha": rng.uniform(0.5, 2),
        "mu": rng.choice([0.0, 0.4, 1.0, rng.uniform(0, 1)]),
    }


@scenario(cases=8)
def pairs(nest, rng, h):
    return put.pairs(nest, rng, h, MODEL, KEYS, draw, common(rng))


@scenario(cases=6)
def changed_for_all(nest, rng, h):
    """Of time constants see test_small_differences.py."""

    def change():
        return {name: value for name, value in common(rng).items() if name != "tau_plus"}

    return put.pairs(nest, rng, h, MODEL, KEYS, draw, common(rng), change)


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
