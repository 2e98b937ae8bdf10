"""A network as plain data: what it builds, the program that does the same, and what is refused."""

import copy
import json
import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadType, NESTError, UnknownName, WrongState
from nest_lab.widgets._network import Network
from nest_lab.widgets._network_description import complete, place

RANDOM = {
    "nodes": [
        {"id": "n1", "label": "drive", "kind": "stimulator", "model": "poisson_generator",
         "params": {"rate": 8000.0}},
        {"id": "n2", "label": "cells", "kind": "neuron", "model": "iaf_psc_alpha", "size": 80,
         "params": {"V_m": {"distribution": "uniform", "min": -70.0, "max": -55.0}, "tau_m": 15.0},
         "positions": {"type": "free", "extent": [1.0, 2.0], "edge_wrap": True}, "x": 120, "color": "#345"},
        {"id": "n3", "label": "for", "kind": "neuron", "model": "iaf_psc_exp",
         "positions": {"type": "grid", "shape": [4, 5]}},
        {"id": "n4", "label": "meter", "kind": "recorder", "model": "multimeter", "record": ["V_m"],
         "params": {"interval": 0.5}},
        {"id": "n5", "label": "cells", "kind": "recorder", "model": "spike_recorder"},
        {"id": "n6", "model": "parrot_neuron", "size": 2},
        {"id": "n7", "model": "parrot_neuron"},
    ],
    "connections": [
        {"id": "c1", "source": "n1", "target": "n2", "synapse": {"weight": 20.0}},
        {"id": "c2", "source": "n2", "target": "n2",
         "rule": {"rule": "pairwise_bernoulli", "mask": {"circular": {"radius": 0.4}},
                  "p": {"distribution": "mul", "x": 0.5, "y": {"distribution": "gaussian", "std": 0.2}}},
         "synapse": {"weight": {"distribution": "normal", "mean": 20.0, "std": 1.0}, "delay": 1.5}},
        {"id": "c3", "source": {"node": "n2", "slice": [0, 40, 2]}, "target": "n3",
         "rule": {"rule": "fixed_indegree", "indegree": 5},
         "synapse": {"synapse_model": "strong",
                     "delay": {"distribution": "uniform", "min": 1.0, "max": 3.0}}},
        {"id": "c4", "source": "n3", "target": "n2",
         "rule": {"rule": "one_to_one", "pairs": [[0, 0], [3, 4]]},
         "synapse": {"weight": [-5.0, 7.0]}},
        {"id": "c5", "source": "n4", "target": {"node": "n2", "items": [1, 3]}},
        {"id": "c6", "source": "n2", "target": "n5"},
        {"id": "c7", "source": ["n6", "n7"], "target": ["n6", "n7"], "rule": "one_to_one",
         "synapse": "static_synapse"},
    ],
    "models": [{"name": "strong", "base": "static_synapse", "params": {"weight": 50.0}}],
    "simulation": {"time": 200.0, "resolution": 0.1, "rng_seed": 5, "local_num_threads": 1},
}  # fmt: skip


def changed(path, value):
    """The description with another value at a path of keys and numbers."""
    description = copy.deepcopy(RANDOM)
    *way, last = path
    inner = description
    for key in way:
        inner = inner[key]
    inner[last] = value
    return description


def refused(kind, action):
    """Text of the error that an action raises."""
    with pytest.raises(kind) as error:
        action()
    return str(error.value)


def events(network, id):
    """Times and senders of a recorder."""
    found = network.nodes[id].events
    return found["times"].tolist(), found["senders"].tolist()


@pytest.fixture(scope="module")
def network():
    """One that was run."""
    return Network(RANDOM).run()


def test_the_program_gives_the_same_spikes_bit_for_bit(network):
    """In a process of its own, as a user runs it."""
    script = network.script()
    script += (
        "import json\nprint(json.dumps([cells_2.events['times'].tolist(), cells_2.events['senders'].tolist(),"
    )
    script += " meter.events['V_m'].tolist()]))\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    times, senders, V_m = json.loads(done.stdout)
    assert len(times) > 300
    assert (times, senders) == events(network, "n5")
    assert V_m == network.nodes["n4"].events["V_m"].tolist()


def test_a_run_again_and_other_threads_are_the_same(network):
    """Also in a simulation that was given; and what was saved as JSON is the same network."""
    home = nest.Simulation()
    saved = json.loads(json.dumps(network.description))
    saved["simulation"]["local_num_threads"] = 2
    again = Network(saved).build(home)
    home.run(200.0)
    assert events(again, "n5") == events(network, "n5")


def test_the_simulation_of_the_user_is_not_touched():
    """Neither by a check nor by a run."""
    nest.ResetKernel()
    nest.Create("parrot_neuron")
    assert Network.validate(RANDOM) == []
    Network(RANDOM).run(1.0)
    assert nest.GetNodes().get("model") == "parrot_neuron"
    assert nest.biological_time == 0.0


def test_what_came_out(network):
    """Recorders with what they record from, and only that."""
    meter, spikes = network.results()
    assert (meter.id, meter.label, meter.what) == ("n4", "meter", "signals")
    assert (spikes.id, spikes.label, spikes.what) == ("n5", "cells 2", "spikes")
    assert {name: len(nodes) for name, nodes in meter.populations.items()} == {"cells": 2}
    assert {name: len(nodes) for name, nodes in spikes.populations.items()} == {"cells": 80}
    assert {name: len(nodes) for name, nodes in network.populations.items()} == {
        "cells": 80, "for": 20, "parrot_neuron": 2, "parrot_neuron 2": 1
    }  # fmt: skip


def test_parts_of_populations(network):
    """A slice, single nodes, pairs, and several populations together."""

    def pairs(source, target):
        with network.simulation:
            found = nest.GetConnections(network.nodes[source], network.nodes[target])
            first = [network.nodes[id].tolist()[0] for id in (source, target)]
            return sorted(
                zip(
                    *(
                        np.atleast_1d(found.get(end)) - one
                        for end, one in zip(("source", "target"), first, strict=True)
                    ),
                    strict=True,
                )
            )

    assert {source for source, _ in pairs("n2", "n3")} <= set(range(0, 40, 2))
    assert len(pairs("n2", "n3")) == 5 * 20
    assert pairs("n3", "n2") == [(0, 3), (0, 4)]
    assert [target for _, target in pairs("n4", "n2")] == [1, 3]
    assert (pairs("n6", "n6"), pairs("n7", "n7"), pairs("n6", "n7")) == ([(0, 0), (1, 1)], [(0, 0)], [])


def test_events_come_in_pieces_on_the_clock():
    """What the clock reads piece by piece is what there is at the end, and the same as without a clock."""
    network, pieces, states = Network(RANDOM).build(), [], []

    def read():
        pieces.append(network.new_events()["n5"]["times"])

    clock = network.clock(read, lambda: states.append(1))
    clock.run(network.time)
    clock.wait()
    clock.stop()
    assert network.simulation.time == 200.0
    assert np.concatenate(pieces).tolist() == network.nodes["n5"].events["times"].tolist()


@pytest.mark.parametrize("large", [10**400, -(10**400), 2**64], ids=["large", "small", "65 bits"])
def test_numbers_that_do_not_fit_are_refused_or_do_not_matter(large):
    """They may stand in a file, which has no limit."""
    (node,) = place(complete({"nodes": [{"model": "iaf_psc_alpha", "x": 10**400, "y": large}]}))["nodes"]
    assert abs(node["x"]) < 1e3
    assert abs(node["y"]) < 1e3
    positions = {"type": "free", "extent": [1.0, 1.0], "center": [large, 10**400]}
    for part in ({"positions": positions}, {"size": large}, {"params": {"I_e": large * 10**400}}):
        assert Network().validate({"nodes": [{"model": "iaf_psc_alpha", **part}]})


def test_many_nodes_take_milliseconds():
    """Also those that stand in one column, or have ids that must differ."""
    begin = time.process_time()
    place(complete({"nodes": [{"model": "iaf_psc_alpha"} for _ in range(500)]}))
    complete({"nodes": [{"model": "iaf_psc_alpha", "id": f"n{i}"} for i in range(10_000)]})
    assert time.process_time() - begin < 2.0


def test_what_is_not_known_is_kept():
    """Places and colours are of no concern here."""
    node = Network(RANDOM).description["nodes"][1]
    assert (node["x"], node["color"]) == (120, "#345")


def test_defaults():
    """Nearly everything may be missing."""
    assert Network().description == {
        "version": 1, "models": [], "nodes": [], "connections": [],
        "simulation": {"time": 1000.0, "resolution": 0.1},
    }  # fmt: skip
    network = Network({"nodes": [{"model": "parrot_neuron"}, {"model": "parrot_neuron", "id": "n1"}],
                       "connections": [{"source": "n1", "target": "n2"}]})  # fmt: skip
    assert [node["id"] for node in network.description["nodes"]] == ["n2", "n1"]
    assert network.description["connections"][0] == {
        "id": "c1", "source": "n1", "target": "n2",
        "rule": {"rule": "all_to_all"}, "synapse": {"synapse_model": "static_synapse"},
    }  # fmt: skip
    assert network.script("nest").startswith("import nest\n")
    assert "parrot_neuron_2 = nest.Create('parrot_neuron')" in network.script()


MISTAKES = {
    "a parameter out of bounds": (("nodes", 1, "params", "tau_m"), -1.0, "nodes/n2/params/tau_m",
        "Create(): iaf_psc_alpha.tau_m is out of bounds. Value: -1 ms. Allowed: above 0 ms. Choose a "
        "value that is allowed."),
    "an unknown model": (("nodes", 0, "model"), "poisson_generatr", "nodes/n1/model",
        "Create(): there is no node model of this name. Value: 'poisson_generatr'. Allowed: "
        "'poisson_generator', 'poisson_generator_ps', 'noise_generator' or one of 55 others. Did you mean "
        "'poisson_generator'? Check the spelling."),
    "an argument of a distribution": (("nodes", 1, "params", "V_m", "max"), -80.0, "nodes/n2/params/V_m/max",
        "random.uniform(): uniform.max must be above min = -70. Value: -80. Allowed: above min = -70. "
        "Exchange min and max, or give a number in place of the Parameter."),
    "an unknown distribution": (("nodes", 1, "params", "V_m", "distribution"), "unifrm",
        "nodes/n2/params/V_m/distribution", None),
    "nothing to record": (("nodes", 3, "record"), ["V_n"], "connections/c5", None),
    "a size": (("nodes", 1, "size"), 0, "nodes/n2/size", None),
    "a shape": (("nodes", 2, "positions", "shape"), [4.5, 2], "nodes/n3/positions/shape", None),
    "a rule": (("connections", 1, "rule", "rule"), "fixed_indegre", "connections/c2/rule/rule", None),
    "an argument that is missing": (("connections", 2, "rule"), {"rule": "fixed_indegree"},
        "connections/c3/rule/indegree", None),
    "a synapse": (("connections", 2, "synapse", "synapse_model"), "stron",
        "connections/c3/synapse/synapse_model", None),
    "a parameter of a synapse": (("connections", 1, "synapse", "wight"), 1.0, "connections/c2/synapse/wight",
        None),
    "an end": (("connections", 1, "target"), "n9", "connections/c2/target", None),
    "a pair too many": (("connections", 3, "rule", "pairs"), [[0], [80]], "connections/c4", None),
    "pairs": (("connections", 3, "rule", "pairs"), [[0], [1.5]], "connections/c4/rule/pairs", None),
    "a resolution": (("simulation", "resolution"), 0.0, "simulation/resolution", None),
    "a time": (("simulation", "time"), "long", "simulation/time", None),
    "a time between steps": (("simulation", "time"), 0.25, "simulation/time", None),
    "a setting": (("simulation", "seed"), 3, "simulation/seed", None),
    "a copy of a model": (("models", 0, "base"), "static_synaps", "models/strong/base", None),
    "a version": (("version",), 2, "", None),
    "no list": (("nodes",), {"n1": {}}, "nodes", None),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_stands_beside_its_control(mistake):
    """One message for each, the kernel's own, at the path of the value."""
    way, value, path, message = MISTAKES[mistake]
    found = Network.validate(changed(way, value))
    assert path in [each["path"] for each in found]
    said = next(each["message"] for each in found if each["path"] == path)
    assert message in (None, said)
    assert "Value: " in said
    assert "Allowed: " in said


def test_what_should_be_there_has_a_path_too():
    """Also a default that does not fit, and what is only missed when it should run."""
    nodes = [{"id": "a", "model": "eprop_iaf"}, {"id": "b", "model": "cm_default"}]
    connections = [{"id": "c", "source": "a", "target": "a", "synapse": {"synapse_model": "eprop_synapse"}}]
    (wrong,) = Network.validate({"nodes": nodes, "connections": connections})
    assert wrong["path"] == "connections/c/synapse/delay"
    assert wrong["message"].startswith("Connect(): the delay of an eprop_synapse must be one step")
    (wrong,) = Network.validate({"nodes": nodes})
    assert wrong["path"] == "nodes/b/params/compartments"
    assert wrong["message"].startswith("Prepare(): cm_default has no compartments. Value: node 2.")


def test_all_mistakes_are_told_at_once():
    """In nodes, connections and settings."""
    description = changed(("nodes", 1, "params"), {"tau_m": -1.0, "tau_n": 2.0, "C_m": 0.0})
    description["connections"][1]["synapse"] = {"weight": "x", "delay": -1.0}
    description["simulation"]["rng_seed"] = 0
    assert {each["path"] for each in Network.validate(description)} == {
        "simulation/rng_seed",
        "nodes/n2/params/tau_m", "nodes/n2/params/tau_n", "nodes/n2/params/C_m",
        "connections/c2/synapse/weight", "connections/c2/synapse/delay",
    }  # fmt: skip


@pytest.mark.parametrize("junk", [None, 3, "text", [], {"nodes": 3}, {"nodes": [3]}, {"nodes": [{}]},
    {"nodes": [{"model": 3}]}, {"nodes": [{"model": "iaf_psc_exp", "params": 3}]},
    {"nodes": [{"model": "iaf_psc_exp", "size": "many"}]}, {"nodes": [{"model": "iaf_psc_exp", "id": 4}]},
    {"nodes": [{"model": "iaf_psc_exp", "positions": 4}]}, {"connections": [{}]},
    {"connections": [{"source": 1, "target": {}}]}, {"nodes": [{"model": "iaf_psc_exp", "record": 3}]},
    {"models": [{"base": "x"}]}, {"simulation": []}, {"simulation": {"time": None}},
    {"nodes": [{"model": {1, 2}}]},
    {"nodes": [{"id": "a", "model": "x"}, {"id": "a", "model": "x"}]},
    {"nodes": [{"model": "iaf_psc_exp", "params": {"V_m": {"distribution": []}}}]}])  # fmt: skip
def test_whatever_it_is_it_is_told(junk):
    """Nothing crashes, and all is said in five parts."""
    found = Network.validate(junk)
    assert found
    assert all("Value: " in each["message"] and "Allowed: " in each["message"] for each in found)


def test_every_value_can_be_wrong():
    """Whatever stands in the place of a value, it is valid, or refused in five parts."""

    def places(value, way=()):
        yield way
        for key, inner in (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        ):
            yield from places(inner, (*way, key))

    for number, way in enumerate([*places(RANDOM)][1:]):
        for value in ((None, "x", []), (-1, {}, [[]]), (1.5, {"node": "n1"}, True))[number % 3]:
            for each in Network.validate(changed(way, value)):
                assert "Value: " in each["message"], (way, value, each)
                assert "Allowed: " in each["message"], (way, value, each)


def test_what_is_refused_changes_nothing(network):
    """An error names the part, and what was built stays."""
    text = refused(NESTError, Network(changed(("nodes", 1, "params", "tau_m"), -1.0)).build)
    assert text.startswith("nodes/n2: iaf_psc_alpha.tau_m is out of bounds. Value: -1 ms.")
    assert refused(BadType, lambda: Network(3)) == (
        "Network(): a description must be a dictionary. Value: 3 (int). Allowed: {\"name\": value}. Look at "
        "the example in the documentation of nest_lab.widgets._network_description."
    )  # fmt: skip
    assert refused(WrongState, Network().results) == (
        "Network.results(): the network has no nodes yet. Value: not built. Allowed: a network after "
        "build(). Call build() or run() first."
    )
    assert "Did you mean 'nest'?" in refused(UnknownName, lambda: network.script("nst"))


STEADY = {
    "nodes": [
        {"id": "n1", "label": "step", "model": "step_current_generator",
         "params": {"amplitude_times": [1.0, 50.0], "amplitude_values": [600.0, 300.0]}},
        {"id": "n2", "label": "cells", "model": "iaf_psc_exp", "size": 5,
         "params": {"I_e": [380.0, 400.0, 420.0, 440.0, 460.0], "tau_m": 12.0}},
        {"id": "n3", "label": "spikes", "model": "spike_recorder"},
        {"id": "n4", "label": "given", "model": "spike_generator", "size": 2,
         "params": {"spike_times": {"each": [[5.0, 60.0], [7.5]]}}},
    ],
    "connections": [
        {"source": "n1", "target": {"node": "n2", "slice": [1, 4]}},
        {"source": "n2", "target": "n2", "rule": {"rule": "all_to_all", "allow_autapses": False},
         "synapse": {"weight": 40.0, "delay": 2.0}},
        {"source": "n2", "target": "n2", "rule": {"rule": "one_to_one", "pairs": [[0, 0, 4], [3, 2, 1]]},
         "synapse": {"synapse_model": "tsodyks_synapse", "weight": [90.0, -50.0, 30.0], "delay": 1.0}},
        {"source": "n4", "target": {"node": "n2", "items": [0, 3]}, "synapse": "strong"},
        {"source": "n2", "target": "n3"},
    ],
    "models": [{"name": "strong", "base": "static_synapse", "params": {"weight": 500.0}}],
    "simulation": {"time": 300.0, "resolution": 0.1, "rng_seed": 5},
}  # fmt: skip


def test_the_program_runs_on_the_reference_simulator():
    """The same spikes of a network without random numbers; the other one runs as well."""
    pytest.importorskip("nest")
    ask = "\nimport json\nevents = {0}.events\n"
    ask += "print('SPIKES', json.dumps([events['times'].tolist(), events['senders'].tolist()]))"

    def reference(description, recorder):
        script = Network(description).script("nest") + ask.format(recorder)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        return json.loads(done.stdout.rpartition("SPIKES")[2])

    ours = Network(STEADY).run()
    assert Network.validate(STEADY) == []
    times, senders = events(ours, "n3")
    assert len(times) > 50
    there = sorted(zip(*reference(STEADY, "spikes"), strict=True))
    assert np.allclose(sorted(zip(times, senders, strict=True)), there, rtol=0.0, atol=1e-9)
    assert len(reference(RANDOM, "cells_2")[0]) > 300


def test_the_live_widget_runs_it():
    """What was built can be handed to `LiveSimulation`, which gives the same spikes."""
    from nest_lab.widgets import LiveSimulation

    network, times = Network(STEADY).build(), []
    live = LiveSimulation(network.simulation, populations=network.populations, speed=None)
    live.listen(lambda new, senders, now: times.extend(new.tolist()))
    live.run(network.time)
    live.wait()
    assert sorted(times) == sorted(events(Network(STEADY).run(), "n3")[0])
    live.close()
