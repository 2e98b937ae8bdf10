"""Weights, of neurons that spike for certain when the soma is driven, and not else."""

from __future__ import annotations

import numpy as np

from . import _plasticity as put
from . import grid, scenario, train


@scenario(cases=8)
def pairs(nest, rng, h):
    params = [
        {
            "phi_max": 200.0,
            "beta": 3.0,
            "theta": -45.0,
            "t_ref": 25.0,
            "soma": {"tau_syn_ex": 1.0},
            "dendritic": {"tau_syn_ex": rng.uniform(2, 4), "tau_syn_in": 2.0, "C_m": rng.uniform(200, 300)},
        }
        for _ in range(3)
    ]
    sources, neurons = (
        nest.Create("parrot_neuron", 5),
        nest.Create("pp_cond_exp_mc_urbanczik", 3, params=params),
    )
    for node in sources:
        generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, 190, 30)})
        nest.Connect(generator, node, syn_spec={"delay": grid(1.3, h)})
    for node in neurons:
        times = grid(np.arange(10, 190, 45) + rng.uniform(0, 8), h)
        generator = nest.Create("spike_generator", params={"spike_times": times})
        nest.Connect(generator, node, syn_spec={"weight": 3000.0, "delay": h, "receptor_type": 1})
    shape = (3, 5)
    spec = {
        "synapse_model": "urbanczik_synapse",
        "weight": rng.uniform(5, 10, shape),
        "delay": np.reshape(grid(rng.uniform(h, 6, shape), h), shape),
        "tau_Delta": rng.uniform(20, 120, shape),
        "eta": rng.uniform(0.0005, 0.002, shape),
        "Wmax": rng.uniform(12.0, 20.0, shape),
        "Wmin": rng.uniform(0, 3, shape),
        "receptor_type": 3,
    }
    nest.Connect(sources, neurons, "all_to_all", spec)
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    connections = nest.GetConnections(sources, neurons)
    result = {}
    for part in range(5):
        nest.Simulate(grid(rng.uniform(20, 60), h))
        result |= put.prefixed(str(part), put.values(connections, ["weight"]))
    assert len(recorder.get("events")["times"]) >= 6
    assert len(set(np.round(result["4.weight"], 6))) > 8
    return result
