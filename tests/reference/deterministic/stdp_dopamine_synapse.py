"""Weights with dopamine, whenever they are read.

Where the shortest delay is longer than a step, the reference counts what happens between a spike of a source
and the next delivery in its own way (see the model's doc); there, sources spike after everything else of a
slice.
"""

from __future__ import annotations

import numpy as np

from . import _plasticity as put
from . import grid, scenario
from ._neurons import prefixed

MODEL = "stdp_dopamine_synapse"
KEYS = ["weight", "c"]


def common(rng):
    return {
        "A_plus": rng.uniform(0.5, 2),
        "A_minus": rng.uniform(0.5, 2),
        "tau_plus": rng.uniform(5, 50),
        "tau_c": rng.uniform(50, 1000),
        "tau_n": rng.uniform(20, 300),
        "b": rng.choice([0.0, rng.uniform(0, 0.02)]),
        "Wmin": -20.0,
        "Wmax": 30.0,
    }


def draw(rng):
    return {
        "weight": rng.uniform(5, 15),
        "c": rng.uniform(-0.5, 0.5),
        "n": rng.uniform(0, 0.1),
        "Kplus": rng.uniform(0, 2),
    }


def dopamine(nest, rng, h, until=200.0, interval=1):
    """Neurons that release it, one of them without delay; the shortest delay is then one step."""
    transmitter = nest.Create("volume_transmitter", params={"deliver_interval": interval})
    neurons = put.relays(nest, rng, h, 3, until)
    delays = [[h, grid(rng.uniform(h, 4), h), grid(rng.uniform(h, 9), h)]]
    nest.Connect(neurons, transmitter, syn_spec={"delay": delays, "weight": rng.uniform(-2, 2)})
    return {"volume_transmitter": transmitter}


@scenario(cases=8)
def pairs(nest, rng, h):
    given = common(rng) | dopamine(nest, rng, h)
    return put.pairs(nest, rng, h, MODEL, [*KEYS, "n"], draw, given)


@scenario(cases=8)
def changed_for_all(nest, rng, h):
    """Time constants, too: the reference brings the synapses up to date in each step here, and so there is
    nothing left from before a change.
    """
    given = common(rng) | dopamine(nest, rng, h)
    return put.pairs(nest, rng, h, MODEL, [*KEYS, "n"], draw, given, lambda: common(rng))


@scenario(cases=8)
def rare_deliveries(nest, rng, h):
    given = common(rng) | dopamine(nest, rng, h, interval=int(rng.integers(2, 300)))
    return put.pairs(nest, rng, h, MODEL, KEYS, draw, given)


@scenario(cases=4)
def received(nest, rng, h):
    nest.SetDefaults(MODEL, common(rng) | dopamine(nest, rng, h))
    return put.received(nest, rng, h, MODEL, KEYS, draw)


@scenario(cases=4)
def recurrent(nest, rng, h):
    nest.SetDefaults(MODEL, common(rng) | dopamine(nest, rng, h))
    return put.recurrent(nest, rng, h, MODEL, KEYS, draw)


@scenario(cases=8, resolutions=(0.1, 0.25))
def long_slices(nest, rng, h):
    """Shortest delays of several steps and deliveries after several of them; the weights are read after
    each.
    """
    steps, interval = int(rng.integers(3, 12)), int(rng.integers(1, 4))
    slice_ = round(steps * h, 6)
    n = int(200 / slice_)

    def parrots(number, lags):
        nodes = nest.Create("parrot_neuron", number)
        for one in nodes:
            at = np.unique(rng.integers(2, n, 25)) * slice_
            times = np.round(at + rng.choice(lags, at.size) * h - slice_, 6)
            generator = nest.Create("spike_generator", params={"spike_times": times.tolist()})
            nest.Connect(generator, one, syn_spec={"delay": slice_})
        return nodes

    targets, releasing, sources = parrots(3, [1]), parrots(2, [1]), parrots(3, range(2, steps + 1))
    transmitter = nest.Create("volume_transmitter", params={"deliver_interval": interval})
    nest.Connect(releasing, transmitter, syn_spec={"delay": slice_})
    nest.CopyModel(MODEL, "mine", common(rng) | {"volume_transmitter": transmitter})
    delays = np.round(rng.integers(1, 4, (3, 3)) * slice_, 6)
    spec = {
        "synapse_model": "mine",
        "receptor_type": 1,
        "delay": delays,
        "weight": rng.uniform(5, 15, (3, 3)),
    }
    nest.Connect(sources, targets, syn_spec=spec)
    connections = nest.GetConnections(sources, targets)
    result = {"min_delay": nest.min_delay}
    for part in range(8):
        nest.Simulate(round(int(rng.integers(1, n // 8)) * slice_, 6))
        result |= prefixed(str(part), put.values(connections, KEYS))
    return result


@scenario(cases=1, resolutions=(0.1,))
def told(nest, rng, h):
    nest.SetDefaults(MODEL, {"volume_transmitter": nest.Create("volume_transmitter")})
    return put.told(nest, MODEL)
