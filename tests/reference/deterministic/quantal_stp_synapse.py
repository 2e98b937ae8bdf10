from __future__ import annotations

import numpy as np

from . import _plasticity as put
from . import grid, scenario

MODEL = "quantal_stp_synapse"
KEYS = ["weight", "U", "tau_rec", "tau_fac", "n", "a", "u"]


def draw(rng):
    """Every full site releases, and all are full again at the next spike: nothing is left to chance."""
    n = rng.integers(1, 9)
    return {
        "weight": rng.uniform(-100, 100),
        "U": 1.0,
        "u": 1.0,
        "tau_rec": 1e-4,
        "tau_fac": rng.choice([0.0, rng.uniform(10, 900)]),
        "n": n,
        "a": rng.integers(0, n + 1),
    }


@scenario(cases=4)
def received(nest, rng, h):
    return put.received(nest, rng, h, MODEL, KEYS, draw)


@scenario(cases=4)
def probability_of_release(nest, rng, h):
    """u, which is not random; without full sites nothing else can happen."""
    sources, targets = put.relays(nest, rng, h, 3, 150.0), put.relays(nest, rng, h, 2, 150.0)
    syn_spec = {"synapse_model": MODEL, "receptor_type": 1, "n": 0, "a": 0, "delay": grid(1.0, h)}
    for name, low, high in (("U", 0, 1), ("u", 0, 1), ("tau_rec", 50, 900), ("tau_fac", 0, 900)):
        syn_spec[name] = np.round(rng.uniform(low, high, (2, 3)), 6)
    nest.Connect(sources, targets, "all_to_all", syn_spec)
    nest.Simulate(160.0)
    return put.values(nest.GetConnections(sources, targets), KEYS)


@scenario(cases=1, resolutions=(0.1,))
def told(nest, rng, h):
    return put.told(nest, MODEL)
