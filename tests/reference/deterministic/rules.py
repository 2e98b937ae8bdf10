"""Connection rules where they leave nothing to chance, and the bookkeeping of connections."""

from __future__ import annotations

import numpy as np

from . import grid, scenario
from ._connections import table
from ._neurons import prefixed


@scenario(cases=1, resolutions=(0.1,))
def certain_rules(nest, rng, h):
    """Every rule with parameters that leave one outcome; autapses left out where that is asked for."""
    result = {}
    for name, spec in {
        "all": "all_to_all",
        "all, none with itself": {"rule": "all_to_all", "allow_autapses": False},
        "one": "one_to_one",
        "one, none with itself": {"rule": "one_to_one", "allow_autapses": False},
        "bernoulli 1": {"rule": "pairwise_bernoulli", "p": 1.0},
        "bernoulli 1, none with itself": {"rule": "pairwise_bernoulli", "p": 1.0, "allow_autapses": False},
        "bernoulli 0": {"rule": "pairwise_bernoulli", "p": 0.0},
        "indegree 0": {"rule": "fixed_indegree", "indegree": 0},
        "indegree n": {"rule": "fixed_indegree", "indegree": 4, "allow_multapses": False},
        "indegree n - 1": {
            "rule": "fixed_indegree",
            "indegree": 3,
            "allow_multapses": False,
            "allow_autapses": False,
        },
        "total 0": {"rule": "fixed_total_number", "N": 0},
    }.items():
        nest.ResetKernel()
        neurons = nest.Create("iaf_psc_exp", 4)
        nest.Connect(neurons, neurons, spec)
        result |= prefixed(name, table(nest))
    return result


@scenario(cases=4)
def arrays_without_autapses(nest, rng, h):
    """The array keeps its full shape, the values of the pairs left out are passed over."""
    neurons = nest.Create("iaf_psc_exp", 5)
    syn_spec = {
        "weight": rng.normal(0, 1, (5, 5)),
        "delay": np.reshape(grid(rng.uniform(h, 5, 25), h), (5, 5)),
    }
    nest.Connect(neurons, neurons, {"rule": "all_to_all", "allow_autapses": False}, syn_spec)
    return table(nest)


@scenario(cases=2)
def delays_of_pairs_left_out(nest, rng, h):
    """The shortest and the longest delay of an array belong to autapses, which there are none of."""
    neurons = nest.Create("iaf_psc_exp", 4)
    delays = np.reshape(grid(rng.uniform(2, 5, 16), h), (4, 4))
    np.fill_diagonal(delays, grid([1.0, 9.0, 3.0, 3.0], h))
    nest.Connect(neurons, neurons, {"rule": "all_to_all", "allow_autapses": False}, {"delay": delays})
    return table(nest)


@scenario(cases=2)
def nonsense_for_pairs_left_out(nest, rng, h):
    """Delays as distances have 0 on the diagonal, and weights may have nothing there."""
    neurons, parrots = nest.Create("iaf_psc_exp", 4), nest.Create("parrot_neuron", 4)
    weights, delays = rng.normal(3, 1, (4, 4)), np.reshape(grid(rng.uniform(2, 5, 16), h), (4, 4))
    np.fill_diagonal(weights, np.nan)
    np.fill_diagonal(delays, 0.0)
    conn_spec = {"rule": "all_to_all", "allow_autapses": False}
    nest.Connect(neurons, neurons, conn_spec, {"weight": weights, "delay": delays})
    spec = {
        "synapse_model": "stdp_synapse",
        "alpha": -weights,
        "weight": weights,
        "Wmax": 100.0,
        "delay": delays,
    }
    nest.Connect(parrots, parrots, conn_spec, spec)
    return table(nest)


@scenario(cases=4)
def arrays_by_degree(nest, rng, h):
    """Rows belong to targets (indegree) or sources (outdegree); which partner they meet is chance."""
    neurons = nest.Create("iaf_psc_exp", 8)
    indegree, outdegree, total = rng.normal(0, 1, (5, 3)), rng.normal(0, 1, (3, 4)), rng.normal(0, 1, 7)
    first, second = neurons[:3], neurons[3:]
    nest.Connect(first, second, {"rule": "fixed_indegree", "indegree": 3}, {"weight": indegree})
    inside = table(nest, ("target", "weight"))
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_exp", 8)
    first, second = neurons[:3], neurons[3:]
    nest.Connect(first, second, {"rule": "fixed_outdegree", "outdegree": 4}, {"weight": outdegree})
    outside = table(nest, ("source", "weight"))
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_exp", 8)
    nest.Connect(neurons[:3], neurons[3:], {"rule": "fixed_total_number", "N": 7}, {"weight": total})
    return prefixed("in", inside) | prefixed("out", outside) | prefixed("all", table(nest, ("weight",)))


@scenario(cases=4)
def slices_and_sums_of_populations(nest, rng, h):
    neurons = nest.Create("iaf_psc_exp", 6) + nest.Create("parrot_neuron", 4)
    nest.Connect(neurons[::2], neurons[1::2], "one_to_one", {"weight": rng.normal(0, 1, 5)})
    nest.Connect(neurons[::3], neurons[4:8], "all_to_all", {"weight": rng.normal(0, 1, (4, 4))})
    part = table(nest, source=neurons[2:5], target=neurons[5:])
    return prefixed("all", table(nest)) | prefixed("part", part)


@scenario(cases=4)
def devices_count(nest, rng, h):
    """Connections to and from devices count, and their delays too."""
    neurons = nest.Create("iaf_psc_exp", 3)
    devices = ("poisson_generator", "dc_generator", "multimeter")
    result = {}
    for name in devices:
        nest.Connect(nest.Create(name), neurons, syn_spec={"delay": grid(rng.uniform(h, 9), h)})
        result |= prefixed(name, table(nest))
    nest.Connect(neurons, nest.Create("spike_recorder"), syn_spec={"delay": grid(rng.uniform(h, 9), h)})
    nest.Connect(nest.Create("spike_train_injector"), neurons, syn_spec={"delay": grid(rng.uniform(h, 9), h)})
    return result | prefixed("all", table(nest))


@scenario(cases=1, resolutions=(0.1,))
def disconnect(nest, rng, h):
    """One connection per pair goes, of the model that is asked for; at first the earliest.

    After that the reference has lost the order of connections between the same nodes.
    """
    neurons = nest.Create("iaf_psc_exp", 4)
    nest.Connect(neurons, neurons, syn_spec={"weight": 1.0})
    nest.Connect(neurons, neurons, syn_spec={"weight": 2.0})
    nest.Connect(neurons, neurons, syn_spec={"synapse_model": "static_synapse_hom_w"})
    result = {}
    nest.Disconnect(neurons[0], neurons[1])
    result |= prefixed("pair", table(nest, synapse_model="static_synapse"))
    nest.Disconnect(neurons, neurons, conn_spec="one_to_one")
    pairs = ("source", "target", "delay")
    result |= prefixed("one", table(nest, pairs, synapse_model="static_synapse"))
    nest.Disconnect(neurons[1:], neurons[:1], conn_spec="all_to_all")
    result |= prefixed("all", table(nest, pairs, synapse_model="static_synapse"))
    nest.Disconnect(neurons[0], neurons[0], syn_spec={"synapse_model": "static_synapse_hom_w"})
    hom = table(nest, pairs, synapse_model="static_synapse_hom_w")
    nest.Simulate(3.0)
    nest.GetConnections(neurons[2]).disconnect()
    return result | prefixed("hom", hom) | prefixed("last", table(nest, pairs))


@scenario(cases=1, resolutions=(0.1,))
def symmetric(nest, rng, h):
    neurons = nest.Create("iaf_psc_exp", 4)
    nest.Connect(neurons[:2], neurons[2:], {"rule": "one_to_one", "make_symmetric": True}, {"weight": 3.0})
    return table(nest)
