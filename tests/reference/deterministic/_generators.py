"""Probes for generators: what arrives at a neuron, at a parrot and at a recorder, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nest_lab.testing import samples, spikes

from . import grid
from ._neurons import prefixed


def window(rng: np.random.Generator, h: float, until: float, closed: bool = False) -> dict[str, float]:
    """A random start, stop and origin on the grid; some stay at their defaults unless all must be given."""
    start, stop = sorted(grid(rng.uniform(0, until, 2), h))
    chosen = {"start": start, "stop": stop + grid(h, h), "origin": grid(rng.uniform(0, 5), h)}
    return {name: value for name, value in chosen.items() if closed or rng.random() < 0.7}


def probe_current(
    nest: Any, generators: Any, rng: np.random.Generator, h: float
) -> Callable[[], dict[str, Any]]:
    """Passive membranes behind several delays, and a multimeter on the generators."""
    n = len(generators)
    neurons = nest.Create("iaf_psc_delta", 2 * n, params={"V_th": 1e9, "tau_m": 7.0, "C_m": 130.0})
    for neuron_set in (neurons[:n], neurons[n:]):
        syn_spec = {"delay": grid(rng.uniform(h, 4, n), h), "weight": rng.uniform(-2, 2, n)}
        nest.Connect(generators, neuron_set, "one_to_one", syn_spec)
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": h})
    nest.Connect(meter, neurons)
    current_meter = nest.Create("multimeter", params={"record_from": ["I"], "interval": h})
    nest.Connect(current_meter, generators)
    return lambda: prefixed("neuron", samples(meter)) | prefixed("generator", samples(current_meter))


def probe_spikes(
    nest: Any, generators: Any, rng: np.random.Generator, h: float
) -> Callable[[], dict[str, Any]]:
    """A recorder at the generators, and parrots and neurons behind several delays."""
    n = len(generators)
    parrots = nest.Create("parrot_neuron", n)
    neurons = nest.Create("iaf_psc_exp", n, params={"V_th": 1e9})
    direct, repeated = nest.Create("spike_recorder", 2)
    meter = nest.Create("multimeter", params={"record_from": ["V_m", "I_syn_ex", "I_syn_in"], "interval": h})
    for targets in (parrots, neurons):
        syn_spec = {"delay": grid(rng.uniform(h, 4, n), h), "weight": rng.uniform(-100, 100, n)}
        nest.Connect(generators, targets, "one_to_one", syn_spec)
    nest.Connect(generators, direct, syn_spec={"delay": grid(rng.uniform(h, 4), h)})
    nest.Connect(parrots, repeated)
    nest.Connect(meter, neurons)
    return lambda: (
        prefixed("direct", spikes(direct))
        | prefixed("parrot", spikes(repeated))
        | prefixed("neuron", samples(meter))
    )


def connect_late(
    nest: Any, rng: np.random.Generator, h: float, model: str, params: list[dict]
) -> dict[str, Any]:
    """Generators that are on already get more targets while time runs, and another weight after that."""
    n = len(params)
    generators = nest.Create(model, n, params=params)
    passive = {"V_th": 1e9, "tau_m": 7.0, "C_m": 130.0}
    neurons = nest.Create("iaf_psc_delta", 3 * n, params=passive)
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": h})
    nest.Connect(meter, neurons, syn_spec={"delay": grid(0.5, h)})
    nest.Connect(generators, neurons[:n], "one_to_one", {"delay": grid(8.0, h)})
    for i in (1, 2):
        nest.Simulate(grid(rng.uniform(5, 15), h))
        syn_spec = {"delay": grid(rng.uniform(0.5, 8, n), h), "weight": rng.uniform(-2, 2, n)}
        nest.Connect(generators, neurons[i * n : (i + 1) * n], "one_to_one", syn_spec)
    nest.Simulate(20.0)
    return samples(meter)
