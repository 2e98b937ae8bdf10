"""A network that exists becomes a description, which gives the same spikes when it is built again."""

import json

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, WrongState
from nest_lab.gallery.astrocytes import Astrocytes
from nest_lab.gallery.brunel import Brunel
from nest_lab.gallery.dendrites import Dendrites
from nest_lab.gallery.eprop_regression import EpropRegression
from nest_lab.widgets._network import Network

TIME = 200.0


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    nest.rng_seed = 11
    yield
    nest.ResetKernel()


def events_of(nodes):
    """Events of recorders, as lists."""
    return [
        {name: np.asarray(values).tolist() for name, values in each.get("events").items()} for each in nodes
    ]


def compare(simulation, network):
    """Run both, and compare all that was recorded; how many events that are."""
    saved = json.loads(json.dumps(network.description, allow_nan=False))
    assert Network.validate(saved) == []
    again, total = Network(saved), 0
    simulation.run(TIME)
    again.run(TIME)
    for node in again.description["nodes"]:
        if node["kind"] == "recorder":
            first = int(node["id"][1:])
            with simulation:
                here = events_of(nest.NodeCollection(range(first, first + node["size"])))
            there = events_of(again.nodes[node["id"]])
            assert here == there
            total += sum(len(each["senders"]) for each in here)
    return total


def simple():
    """Neurons with distributions, a rule with distributions, and recorders."""
    drive = nest.Create("poisson_generator", params={"rate": 9000.0})
    cells = nest.Create("iaf_psc_alpha", 60, {"V_m": nest.random.uniform(-70.0, -55.0), "tau_m": 12.0})
    meter = nest.Create("multimeter", params={"record_from": ["V_m", "I_syn_ex"], "interval": 0.5})
    spikes = nest.Create("spike_recorder")
    nest.Connect(drive, cells, syn_spec={"weight": 20.0})
    nest.Connect(
        cells, cells, {"rule": "fixed_indegree", "indegree": 5, "allow_autapses": False},
        {"weight": 2.0 * nest.random.normal(5.0, 1.0) - 1.0,
         "delay": nest.math.redraw(nest.random.exponential(2.0), 1.0, 5.0)},
    )  # fmt: skip
    nest.Connect(meter, cells[::3])
    nest.Connect(cells, spikes)
    return {"drive": drive, "cells": cells, "meter": meter, "spikes": spikes}


def in_space():
    """Layers, masks and connections that depend on distance."""
    grid = nest.Create("iaf_psc_exp", positions=nest.spatial.grid([6, 5], extent=[2.0, 2.0], edge_wrap=True))
    box = nest.Create(
        "iaf_psc_exp", 40, positions=nest.spatial.free(nest.random.uniform(-1.0, 1.0), extent=[2.0, 2.0])
    )
    tilted = nest.Create(
        "iaf_psc_exp",
        20,
        positions=nest.spatial.free(
            [nest.random.normal(0.0, 0.2), nest.random.uniform(-0.5, 0.5)], extent=[4.0, 4.0]
        ),
    )
    points = nest.Create("iaf_psc_exp", positions=nest.spatial.free([[0.0, 0.1], [0.3, -0.2]]))
    grid.I_e = nest.random.uniform(350.0, 600.0)
    spikes = nest.Create("spike_recorder")
    falling = 0.7 * nest.spatial_distributions.gaussian(nest.spatial.distance, std=0.5)
    near = {"rule": "pairwise_bernoulli", "p": falling, "mask": {"circular": {"radius": 0.9}}}
    for target in (box, tilted, points):
        nest.Connect(grid, target, near, {"weight": 3000.0 - 10.0 * nest.spatial.distance.x, "delay": 1.5})
        nest.Connect(target, spikes)


def plastic():
    """Copies of models, synapses that learn, short-term plasticity, receptors."""
    nest.CopyModel("stdp_synapse", "learning", {"lambda": 0.05, "Wmax": 90.0})
    nest.CopyModel("iaf_psc_exp_multisynapse", "many", {"tau_syn": [1.0, 5.0], "I_e": 380.0})
    nest.SetDefaults("tsodyks_synapse", {"U": 0.3})
    cells = nest.Create("many", 20, {"V_m": [-70.0 + 0.5 * i for i in range(20)]})
    sources = nest.Create("parrot_neuron", 20)
    drive = nest.Create("poisson_generator", 20, {"rate": [10.0 * i for i in range(20)]})
    recorder = nest.Create("weight_recorder")
    nest.CopyModel("learning", "watched", {"weight_recorder": recorder})
    spikes = nest.Create("spike_recorder")
    nest.Connect(drive, sources, "one_to_one")
    nest.Connect(
        sources, cells, "all_to_all", {"synapse_model": "watched", "weight": 40.0, "receptor_type": 1}
    )
    nest.Connect(
        cells,
        cells,
        {"rule": "fixed_total_number", "N": 60},
        {"synapse_model": "tsodyks_synapse", "weight": -20.0, "receptor_type": 2},
    )
    nest.Connect(cells, spikes)


def single():
    """A few devices made one by one, with lists as parameters, and a hundred neurons in a loop."""
    times = nest.Create("spike_generator", 2)
    times[0].spike_times = [5.0, 50.0]
    times[1].spike_times = [7.0]
    step = nest.Create(
        "step_current_generator", params={"amplitude_times": [10.0, 60.0], "amplitude_values": [500.0, 0.0]}
    )
    cells = [nest.Create("iaf_psc_exp", params={"I_e": 5.0 * i}) for i in range(100)]
    cells = sum(cells[1:], cells[0])
    spikes = nest.Create("spike_recorder")
    nest.Connect(step, cells[:50])
    nest.Connect(times, cells, syn_spec={"weight": 900.0})
    nest.Connect(cells, spikes)


BUILT = {each.__name__: each for each in (simple, in_space, plastic, single)}


def test_changed_defaults_of_a_neuron_model():
    """Nodes have them, and a new simulation does not."""
    nest.SetDefaults("iaf_psc_alpha", {"V_th": -50.0, "I_e": 500.0})
    nest.Create("iaf_psc_alpha", 3)
    network = Network.from_simulation()
    assert network.description["nodes"][0]["params"] == {"V_th": -50.0, "I_e": 500.0}
    assert network.build().nodes["n1"].V_th == (-50.0,) * 3


def test_weight_recorders_that_were_made_together():
    """A model names one of them."""
    recorders = nest.Create("weight_recorder", 2)
    cells = nest.Create("parrot_neuron", 2)
    for name, recorder in zip("ab", recorders, strict=True):
        nest.CopyModel("static_synapse", name, {"weight_recorder": recorder})
        nest.Connect(cells, cells, syn_spec=name)
    network = Network.from_simulation()
    assert [each["size"] for each in network.description["nodes"]] == [1, 1, 2]
    named = {each["name"]: each["params"] for each in network.description["models"]}
    assert named == {"a": {"weight_recorder": {"node": "n1"}}, "b": {"weight_recorder": {"node": "n2"}}}
    assert network.notes == []


@pytest.mark.parametrize("build", BUILT)
def test_it_gives_the_same_spikes(build):
    """Networks in the style of PyNEST."""
    BUILT[build]()
    network = Network.from_simulation()
    assert network.notes == []
    assert compare(nest.current(), network) > 50


def test_brunel():
    """The network of the gallery: rules, distributions and labels are those it was made with."""
    brunel = Brunel.preset("classroom", seed=3).build()
    network = Network.from_simulation(brunel)
    assert network.notes == []
    nodes = {node["label"]: node for node in network.description["nodes"]}
    assert list(nodes) == ["excitatory", "inhibitory", "external", "recorder"]
    assert nodes["inhibitory"]["params"]["V_m"] == {"distribution": "uniform", "min": 0, "max": 20}
    assert network.description["connections"][1]["rule"] == {"rule": "fixed_indegree", "indegree": 20}
    assert len(json.dumps(network.description)) < 3000
    assert compare(brunel.simulation, network) > 2000
    scope = {}
    exec(network.script(run=False), scope)
    nest.Simulate(TIME)
    assert events_of(scope["recorder"]) == events_of(network.run(TIME).nodes[nodes["recorder"]["id"]])


def test_eprop():
    """Neurons that learn, with settings of the simulation and lists of spikes for each source."""
    built = EpropRegression.preset("classroom").build()
    with built.simulation:
        nest.eprop_reset_neurons_on_update = not nest.eprop_reset_neurons_on_update
    network = Network.from_simulation(built)
    assert "eprop_reset_neurons_on_update" in network.description["simulation"]
    assert compare(built.simulation, network) > 0


def test_compartments():
    """They are those that Create() was given; those that were set afterwards cannot be read: it says so."""
    root = {"parent_idx": -1, "params": {"g_L": 8.0, "e_L": -70.0}}
    cell = nest.Create(
        "cm_default", params={"compartments": [root], "receptors": [{"comp_idx": 0, "receptor_type": "AMPA"}]}
    )
    meter = nest.Create("multimeter", params={"record_from": ["v_comp0"]})
    times = nest.Create("spike_generator", params={"spike_times": [20.0]})
    nest.Connect(meter, cell)
    nest.Connect(times, cell, syn_spec={"receptor_type": 0, "weight": 1.0})
    assert compare(nest.current(), Network.from_simulation()) == 199
    with pytest.raises(BadValue) as error:
        Network.from_simulation(Dendrites.preset("active").build())
    assert str(error.value).startswith(
        "Network.from_simulation(): the compartments of a cm_default cannot be read."
    )


def test_what_is_made_in_another_way_is_read_connection_by_connection():
    """Three sides at once; it has the same connections, and says what it cannot promise."""
    built = Astrocytes.preset("weak").build()
    network = Network.from_simulation(built)
    assert len(network.notes) == 1
    assert "one by one" in network.notes[0]
    network.build()
    names = ["source", "target", "weight", "delay", "receptor", "synapse_model"]
    with network.simulation:
        there = nest.GetConnections().get(names)
    with built.simulation:
        assert nest.GetConnections().get(names) == there


CHANGES = {
    "weights": lambda nodes: nest.GetConnections(nodes["cells"], nodes["cells"]).set(
        weight=nest.random.uniform(3.0, 9.0)),
    "one weight": lambda nodes: nest.GetConnections(nodes["cells"], nodes["cells"])[7].set(weight=99.0),
    "removed": lambda nodes: nest.GetConnections(nodes["cells"], nodes["cells"])[:30].disconnect(),
    "single ones in a loop": lambda nodes: [
        nest.Connect(nodes["cells"][i], nodes["cells"][i + 1], syn_spec={"weight": 11.0}) for i in range(20)],
    "pairs": lambda nodes: nest.Connect(
        np.array([2, 3, 3]), np.array([5, 4, 4]), "one_to_one", {"weight": [1.0, 2.0, 3.0]}),
    "receptors": lambda nodes: [
        nest.Connect(np.array([2, 3]), nest.Create("iaf_psc_exp_multisynapse", 2, {"tau_syn": [1.0, 2.0]})
                     .tolist(), "one_to_one", {"receptor_type": port}) for port in (1, 2)],
    "parameters": lambda nodes: nodes["cells"][:10].set(tau_m=5.0, V_m=-60.0),
    "a distribution afterwards": lambda nodes: nodes["cells"].set(I_e=nest.random.uniform(0.0, 100.0)),
    "a default afterwards": lambda nodes: nest.SetDefaults("static_synapse", {"weight": 5.0}),
    "a setting": lambda nodes: nest.set(rng_seed=99),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_afterwards_is_read_as_it_is(change):
    """The same spikes again."""
    CHANGES[change](simple())
    assert compare(nest.current(), Network.from_simulation()) > 500


def one_by_one(cells, number):
    """Calls that connect a node to another, as a program that reads a file makes them."""
    for i in range(number):
        source, target = cells[7 * i % len(cells)], cells[3 * i % len(cells)]
        nest.Connect(source, target, syn_spec={"weight": 40.0 + i, "delay": 1.0 + i % 3})


def test_single_connections_are_calls_like_others():
    """What is drawn after them depends on how many they are: the program has them, in their places."""
    cells = nest.Create("iaf_psc_alpha", 60, {"I_e": 400.0, "V_m": nest.random.uniform(-70.0, -55.0)})
    one_by_one(cells, 20)
    nest.Connect(cells, cells, {"rule": "fixed_indegree", "indegree": 3}, {"weight": nest.random.normal(9.0)})
    one_by_one(cells, 5)
    nest.Connect(cells, nest.Create("spike_recorder"))
    network = Network.from_simulation()
    assert network.notes == []
    connections = network.description["connections"]
    assert len(connections) == 27
    assert [each["id"] for each in connections] == [f"c{i}" for i in range(1, 28)]
    assert connections[20]["rule"] == {"rule": "fixed_indegree", "indegree": 3}
    assert connections[19]["synapse"] == {"synapse_model": "static_synapse", "weight": 59.0, "delay": 2.0}
    there = nest.GetConnections().get(["source", "target", "weight", "delay"])
    exec(network.script(run=False), {})
    assert nest.GetConnections().get(["source", "target", "weight", "delay"]) == there
    assert compare(nest.current(), network) > 300


def test_many_single_connections_after_all_that_is_drawn_are_taken_together():
    """A picture with a line for each would be of no use, and the program is shorter."""
    drive = nest.Create("poisson_generator", params={"rate": 9000.0})
    cells = nest.Create("iaf_psc_alpha", 60, {"V_m": nest.random.uniform(-70.0, -55.0)})
    nest.Connect(drive, cells, syn_spec={"weight": 20.0})
    one_by_one(cells, 30)
    for i in range(12):
        nest.Connect(cells[i], cells[i], "one_to_one")
    nest.Connect(cells, nest.Create("spike_recorder"))
    network = Network.from_simulation()
    assert network.notes == []
    rules = [each["rule"] for each in network.description["connections"]]
    assert [len(rule.get("pairs", [[]])[0]) for rule in rules] == [0, 30, 12, 0]
    assert network.description["connections"][1]["synapse"]["weight"] == [40.0 + i for i in range(30)]
    there = nest.GetConnections().get(["source", "target", "weight", "delay"])
    exec(network.script(run=False), {})
    assert nest.GetConnections().get(["source", "target", "weight", "delay"]) == there
    assert compare(nest.current(), network) > 300


@pytest.mark.parametrize("number", [3, 1500])
def test_more_single_connections_than_are_remembered(number, monkeypatch):
    """They are read as they are, also where a network is too large to look at all others."""
    cells = nest.Create("iaf_psc_alpha", 60, {"I_e": 400.0})
    nest.Connect(cells[:10], cells, syn_spec={"weight": 3.0})
    nest.Connect(cells, nest.Create("spike_recorder"))
    one_by_one(cells[30:], number)
    monkeypatch.setattr("nest_lab.widgets._network_reading._COMPARED", 100)
    network = Network.from_simulation()
    assert len(network.notes) == 1
    assert ("one by one" in network.notes[0]) == (number > 1000)
    names = ["source", "target", "weight", "delay"]
    there = np.array(nest.GetConnections().get(names, output="pandas"))
    network.build()
    with network.simulation:
        found = np.array(nest.GetConnections().get(names, output="pandas"))
    for each in (there, found):
        assert len(each) == 660 + number
    np.testing.assert_array_equal(found[np.lexsort(found.T)], there[np.lexsort(there.T)])


def test_only_what_was_changed_is_told_one_by_one():
    """Other connections keep their rules."""
    nodes = simple()
    nest.GetConnections(nodes["drive"])[3].weight = 25.0
    network = Network.from_simulation(labels=nodes)
    rules = {each["source"]: each["rule"]["rule"] for each in network.description["connections"]}
    assert rules["n2"] in ("fixed_indegree", "all_to_all")
    assert [each["rule"]["rule"] for each in network.description["connections"]].count("fixed_indegree") == 1
    assert [node["label"] for node in network.description["nodes"]] == ["drive", "cells", "meter", "spikes"]


def test_calls_that_overlap():
    """What is changed in one of them is told one by one in both, and only there."""
    cells = simple()["cells"]
    others = nest.Create("parrot_neuron", 30)
    nest.Connect(cells[:10], cells, {"rule": "fixed_outdegree", "outdegree": 2}, {"weight": 3.0})
    nest.Connect(others, cells, {"rule": "pairwise_bernoulli", "p": 0.3})
    nest.GetConnections(cells[40:], cells)[0].weight = 4.5
    network = Network.from_simulation()
    assert len(network.notes) == 1
    rules = [each["rule"]["rule"] for each in network.description["connections"]]
    assert "pairwise_bernoulli" in rules
    assert not {"fixed_indegree", "fixed_outdegree"} & set(rules)
    assert compare(nest.current(), network) > 500


def test_a_network_that_has_run():
    """It is described as it was made; of plastic weights what they were at first."""
    cells = nest.Create("parrot_neuron", 10)
    drive = nest.Create("poisson_generator", params={"rate": 100.0})
    more = nest.Create("iaf_psc_exp", 10, {"V_m": nest.random.uniform(-70.0, -60.0)})
    nest.Connect(drive, cells)
    nest.Connect(cells, more, "all_to_all", {"synapse_model": "stdp_synapse", "weight": 50.0})
    before = Network.from_simulation().description
    nest.Simulate(300.0)
    network = Network.from_simulation()
    assert network.notes == []
    assert network.description["simulation"].pop("time") == 300.0
    del before["simulation"]["time"]
    assert network.description == before


def test_reading_changes_nothing():
    """A run goes on as if nobody had looked."""
    nodes = simple()
    nest.Simulate(50.0)
    Network.from_simulation()
    nest.Simulate(50.0)
    looked = events_of(nodes["spikes"])
    nest.ResetKernel()
    nest.rng_seed = 11
    nodes = simple()
    nest.Simulate(100.0)
    assert events_of(nodes["spikes"]) == looked


def test_what_cannot_be_read():
    """Errors in five parts."""
    with pytest.raises(BadValue) as error:
        Network.from_simulation()
    assert str(error.value) == (
        "Network.from_simulation(): there are no nodes. Value: an empty simulation. Allowed: a simulation "
        "with nodes. Create them first, e.g. nest.Create('iaf_psc_exp', 100)."
    )
    with pytest.raises(BadType) as error:
        Network.from_simulation(3)
    assert str(error.value) == (
        "Network.from_simulation(): there is no network in this. Value: 3 (int). Allowed: a Simulation, or "
        "None for the current one. Leave it out."
    )
    cells = nest.Create("iaf_psc_alpha", 500)
    nest.Connect(cells, cells)
    nest.GetConnections(cells[:3]).weight = 7.0
    with pytest.raises(BadValue) as error:
        Network.from_simulation()
    assert str(error.value) == (
        "Network.from_simulation(): there are too many connections to tell them one by one. Value: 250,000 "
        "connections that cannot be told as Connect() made them. Allowed: at most 200,000. Read the network "
        "before its connections are changed."
    )
    nest.current().start(1e6)
    try:
        with pytest.raises(WrongState, match="running already"):
            Network.from_simulation()
    finally:
        nest.current().stop()
        nest.current().wait()


def test_more_than_is_remembered():
    """After ten thousand calls only the nodes and connections say what there is."""
    for _ in range(10_001):
        nest.Create("parrot_neuron")
    cells = nest.Create("iaf_psc_exp", 20, {"I_e": 400.0})
    spikes = nest.Create("spike_recorder")
    nest.Connect(cells, spikes)
    network = Network.from_simulation()
    assert network.notes[0].startswith("More was made than is remembered")
    assert [node["size"] for node in network.description["nodes"]] == [10_001, 20, 1]
    assert compare(nest.current(), network) > 100
