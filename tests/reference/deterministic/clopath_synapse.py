"""Weights, of neurons whose spikes are forced by strong input, so that traces hardly differ.

The reference takes filtered potentials for 0 mV in the first delay_u_bars of a run: until then
nobody spikes.
"""

from __future__ import annotations

import numpy as np

from . import _plasticity as put
from . import grid, scenario, train

QUIET = 30.0


def network(nest, rng, h, params, n_sources=5, n_targets=3, until=200.0):
    """Sources and targets with trains of their own, all pairs connected with delays of their own."""
    sources = nest.Create("parrot_neuron", n_sources)
    neurons = nest.Create("aeif_psc_delta_clopath", n_targets, params=params)
    for nodes, weight in ((sources, 1.0), (neurons, 150.0)):
        for node in nodes:
            times = [t + QUIET for t in train(rng, h, until - QUIET, 30)]
            generator = nest.Create("spike_generator", params={"spike_times": grid(times, h)})
            nest.Connect(generator, node, syn_spec={"weight": weight, "delay": grid(1.3, h)})
    shape = (n_targets, n_sources)
    spec = {
        "synapse_model": "clopath_synapse",
        "weight": rng.uniform(0.1, 2.5, shape),
        "delay": np.reshape(grid(rng.uniform(h, 6, shape), h), shape),
        "tau_x": rng.uniform(5, 30, shape),
        "Wmax": rng.uniform(1.5, 3.0, shape),
        "Wmin": rng.uniform(0, 0.4, shape),
    }
    nest.Connect(sources, neurons, "all_to_all", spec)
    # The reference forgets what a synapse with the longest delay of all needs before its spike has left.
    nest.Connect(sources, nest.Create("parrot_neuron"), syn_spec={"delay": grid(20.0, h)})
    return sources, neurons


def draw(rng, h):
    # small errors of integration where the potential is held or at rest: no exponential on the way
    return {
        "A_LTD": rng.uniform(0.5e-4, 3e-4),
        "A_LTP": rng.uniform(2e-5, 1e-4),
        "theta_plus": rng.uniform(-55, -40),
        "theta_minus": rng.uniform(-75, -65),
        "u_ref_squared": rng.uniform(5000, 8000),
        "A_LTD_const": bool(rng.integers(2)),
        "delay_u_bars": grid(rng.uniform(0, 8), h),
        "tau_u_bar_plus": rng.uniform(5, 15),
        "tau_u_bar_minus": rng.uniform(5, 15),
        "tau_u_bar_bar": rng.uniform(50, 500),
        "t_clamp": grid(rng.uniform(1, 3), h),
        "I_sp": 0.0,
    }


def learnt(nest, rng, h):
    sources, neurons = network(nest, rng, h, [draw(rng, h) for _ in range(3)])
    connections = nest.GetConnections(sources, neurons)
    result = {}
    for part in range(5):
        nest.Simulate(grid(rng.uniform(20, 60), h))
        result |= put.prefixed(str(part), put.values(connections, ["weight", "x_bar"]))
    assert len(set(np.round(result["4.weight"], 6))) > 8
    return result


@scenario(cases=8, resolutions=(0.1, 0.05, 0.25))
def pairs(nest, rng, h):
    return learnt(nest, rng, h)
