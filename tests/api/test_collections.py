"""Collections of connections while the network changes, and several synapses per pair."""

from __future__ import annotations

import json

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def test_ids_as_they_come_from_a_file():
    """numpy.loadtxt gives floats."""
    nest.Create("parrot_neuron", 3)
    assert nest.NodeCollection(np.array([1.0, 3.0])).tolist() == [1, 3]
    assert nest.NodeCollection([2.0]).tolist() == [2]
    for bad in ([1.5], [np.nan], [True]):
        with pytest.raises(errors.BadType, match="must be a list of whole numbers"):
            nest.NodeCollection(bad)
    for bad in ([np.inf], [0.0], [4.0], [1e300]):
        with pytest.raises(errors.StaleCollection, match="there is no such node"):
            nest.NodeCollection(bad)


def test_connections_stay_what_they_are_when_others_are_added():
    neurons = nest.Create("iaf_psc_alpha", 6)
    nest.Connect(neurons, neurons, "all_to_all", {"weight": np.arange(36.0).reshape(6, 6)})
    nest.Connect(
        neurons, neurons, "one_to_one", {"weight": np.arange(100.0, 106.0)}
    )  # second ones of these pairs
    everything, some = nest.GetConnections(), nest.GetConnections(neurons[2:4])
    one, few = everything[7], some[::3]
    before = [each.get(["source", "target", "weight"]) for each in (everything, some, one, few)]
    nest.Connect(neurons, neurons, "all_to_all", {"weight": 500.0})
    nest.Connect(neurons, nest.Create("spike_recorder"))
    assert [each.get(["source", "target", "weight"]) for each in (everything, some, one, few)] == before
    one.weight = -1.0
    nest.Connect(neurons, neurons, "all_to_all", {"synapse_model": "static_synapse_hpc", "weight": 600.0})
    assert one.weight == everything[7].weight == -1.0
    assert everything.weight.count(-1.0) == nest.GetConnections().weight.count(-1.0) == 1
    assert len(everything) == 42
    assert len(nest.GetConnections(synapse_model="static_synapse")) == 84


def test_connections_stay_what_they_are_when_nodes_are_added():
    neurons = nest.Create("iaf_psc_alpha", 3)
    nest.Connect(neurons, neurons, "all_to_all", {"weight": np.arange(9.0).reshape(3, 3)})
    some = nest.GetConnections(neurons[1:])
    before = some.get(["source", "target", "weight"])
    nest.Create("iaf_psc_alpha", 2)
    assert len(nest.GetConnections()) == 9
    assert some.get(["source", "target", "weight"]) == before


def test_setting_what_moves_connections_in_the_kernel():
    """Signs and delays decide where the kernel keeps a connection."""
    neurons = nest.Create("iaf_psc_alpha", 4)
    nest.Connect(neurons, neurons, "all_to_all", {"weight": np.arange(1.0, 17.0).reshape(4, 4)})
    everything, some = nest.GetConnections(), nest.GetConnections(neurons[:2])
    source, target = everything.source, everything.target
    weights = dict(zip(zip(source, target, strict=True), everything.weight, strict=True))
    some[1].weight = -2.5
    weights[some[1].source, some[1].target] = -2.5
    for number, connection in enumerate(everything):
        connection.delay = 1.0 + 0.1 * (number % 5)
    everything[5].weight = -7.0
    weights[source[5], target[5]] = -7.0
    assert (everything.source, everything.target) == (source, target)
    assert everything.weight == [weights[pair] for pair in zip(source, target, strict=True)]
    assert some.weight == everything.weight[:8]
    assert np.allclose(everything.delay, [1.0 + 0.1 * (number % 5) for number in range(16)])


def test_of_several_connections_of_a_pair_each_stays_itself():
    neurons = nest.Create("iaf_psc_alpha", 2)
    for weight, delay in ((1.0, 3.0), (2.0, 2.0)):
        nest.Connect(neurons, neurons, "one_to_one", {"weight": weight, "delay": delay})
    held = nest.GetConnections()
    first = {weight: held[held.weight.index(weight)] for weight in (1.0, 2.0)}
    nest.Connect(
        neurons, neurons, "one_to_one", {"weight": 9.0, "delay": 1.0}
    )  # comes before them in the kernel
    assert sorted(held.weight) == [1.0, 1.0, 2.0, 2.0]
    assert {weight: each.get(["weight", "delay"]) for weight, each in first.items()} == {
        1.0: {"weight": 1.0, "delay": 3.0},
        2.0: {"weight": 2.0, "delay": 2.0},
    }
    first[2.0].weight = 5.0
    assert sorted(nest.GetConnections().weight) == [1.0, 1.0, 2.0, 5.0, 9.0, 9.0]
    assert sorted(held.weight) == [1.0, 1.0, 2.0, 5.0]


def test_connections_that_were_removed_say_so():
    neurons = nest.Create("iaf_psc_alpha", 3)
    nest.Connect(neurons, neurons)
    everything = nest.GetConnections()
    kept, gone = everything[1], everything[0]
    nest.Disconnect(neurons, neurons)
    assert kept.get(["source", "target"]) == {"source": 1, "target": 2}
    for collection, count in ((gone, "1 of 1"), (everything, "3 of 9")):
        with pytest.raises(errors.StaleCollection) as caught:
            collection.get("weight")
        assert str(caught.value) == (
            "SynapseCollection.get(): connections were removed since this collection was made. "
            f"Value: {count} connections cannot be told any more. Allowed: connections that are still there. "
            "Call GetConnections() again."
        )
    for connection in [everything[1], everything[2]]:
        connection.disconnect()
    assert nest.num_connections == 4


def test_several_synapses_per_pair():
    neurons = nest.Create("iaf_psc_alpha", 20)
    both = nest.CollocatedSynapses(
        {"weight": 5.0}, {"weight": -3.0, "synapse_model": "static_synapse_hpc"}, {"weight": 1.0}
    )
    nest.Connect(neurons, neurons, {"rule": "fixed_indegree", "indegree": 4}, {"weight": 7.0})
    nest.Connect(neurons, neurons, {"rule": "fixed_indegree", "indegree": 4}, both)
    assert len(both) == 3

    def pairs(weight):
        found = nest.GetConnections().get(["source", "target", "weight"])
        return sorted((s, t) for s, t, w in zip(*found.values(), strict=True) if w == weight)

    assert len(pairs(5.0)) == 80
    assert pairs(5.0) == pairs(-3.0) == pairs(1.0) != pairs(7.0)


def test_autapses_are_left_out_with_any_number_of_threads():
    for threads in (1, 2, 3):
        nest.ResetKernel()
        nest.local_num_threads = threads
        neurons = nest.Create("iaf_psc_alpha", 5)
        nest.Connect(neurons, neurons, {"rule": "one_to_one", "allow_autapses": False})
        assert nest.num_connections == len(nest.GetConnections()) == 0
        nest.Connect(neurons, neurons, {"rule": "all_to_all", "allow_autapses": False})
        assert nest.num_connections == len(nest.GetConnections()) == 20


def test_json_is_the_same_values():
    """What nodes share is written once, and reads as if each had been written."""
    nest.ResetKernel()
    some = nest.Create("iaf_psc_exp", 3, {"V_m": [-70.0, -65.5, -60.0]}) + nest.Create("parrot_neuron", 2)
    for nodes in (some, some[:3], nest.Create("multimeter", 2, {"record_from": ["V_m"]})):
        assert nodes.get(output="json") == json.dumps(nest.serialize_data(nodes.get()))
    names = ["V_m", "recordables", "frozen"]
    assert some[:3].get(names, output="json") == json.dumps(nest.serialize_data(some[:3].get(names)))
    assert nest.to_json({"nodes": some, 1: {2j}}, default=repr) == '{"nodes": [1, 2, 3, 4, 5], "1": "{2j}"}'
    with pytest.raises(TypeError, match="complex is not JSON serializable"):
        nest.to_json([2j])


def test_connections_know_their_simulation_and_their_models():
    """Of a copied model, what it is a copy of; after a reset they say so."""
    with nest.Simulation() as simulation:
        nest.CopyModel("stdp_synapse", "mine")
        nodes = nest.Create("parrot_neuron", 2)
        for model in ("mine", "static_synapse"):
            nest.Connect(nodes, nodes, syn_spec={"synapse_model": model, "receptor_type": 1})
        synapses = nest.GetConnections()
    assert synapses.simulation is simulation
    assert {name: model.name for name, model in synapses.registered.items()} == {
        "mine": "stdp_synapse",
        "static_synapse": "static_synapse",
    }
    simulation.reset()
    with pytest.raises(errors.StaleCollection):
        _ = synapses.simulation


def test_the_sign_of_a_zero_is_kept():
    nest.ResetKernel()
    nodes = nest.Create("iaf_psc_alpha", 3)
    nodes.V_m = [0.0, -0.0, 0.0]
    assert [str(value) for value in nodes.V_m] == ["0.0", "-0.0", "0.0"]
    assert nodes.get("V_m", output="json") == "[0.0, -0.0, 0.0]"


def growing(nodes=4):
    """Neurons with elements for two connections each, which they make at the first step of a run."""
    nest.structural_plasticity_update_interval = 10.0
    ends = {"pre_synaptic_element": "axon", "post_synaptic_element": "dendrite"}
    nest.structural_plasticity_synapses = {"grown": {"synapse_model": "static_synapse"} | ends}
    nest.EnableStructuralPlasticity()
    still = {"z": 2.0, "growth_rate": 0.0}
    return nest.Create("iaf_psc_alpha", nodes, {"synaptic_elements": {"axon": still, "dendrite": still}})


def test_connections_outlive_runs_that_change_others():
    """Runs with structural plasticity go on while collections are held, which are still what they were."""
    neurons = growing()
    nest.Connect(neurons[:2], neurons, syn_spec={"weight": [[1.0, 2.0]] * 4})
    held, none = nest.GetConnections(neurons[0]), nest.GetConnections(synapse_model="stdp_synapse")
    for _ in range(3):  # in the first one, connections come
        nest.Simulate(20.0)
        assert held.get(["source", "weight"]) == {"source": [1] * 4, "weight": [1.0] * 4}
        assert len(none) == 0
    assert nest.num_connections == 16


def test_connections_are_there_in_a_run_that_changes_others():
    """What is read while a run goes on is found again after what that run changes later."""
    neurons = growing()
    nest.Connect(neurons[0], neurons[1], syn_spec={"weight": 7.0})
    held = nest.GetConnections(neurons[0], neurons[1])
    seen = []
    with nest.RunManager():
        for _ in range(3):
            nest.Run(20.0)
            seen.append(held.weight)
    simulation = held.simulation
    forget = simulation.on_progress(lambda done, total: seen.append(held.weight))
    neurons.set(synaptic_elements_param={"axon": {"growth_rate": 0.1}, "dendrite": {"growth_rate": 0.1}})
    before = nest.num_connections
    simulation.run(300.0)
    forget()
    assert nest.num_connections > before
    assert len(seen) > 3
    assert set(seen) == {7.0}
