"""Continuous coupling: who can be connected by which synapse model; threads and slices do not matter.

Everything is asked of the registry: which signal a model puts out or takes, which one a synapse carries.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from nest_lab._kernel import KernelError, Simulation, models

from .conftest import switched_on, third_factor

END = 12.0


def partners(signal, side):
    """Neuron models that put out (`emits`) or take (`takes`) a signal, by name; the plainest ones first."""
    found = [m for m in models() if m["element_type"] == "neuron" and signal in ends(m)[side]]
    return [m["name"] for m in sorted(found, key=lambda m: (bool(m["receptors"]), m["emits_after"]))]


def ends(model):
    """The signals that a model puts out, and those that it takes."""
    return {"emits": {model["emits"], model["also_emits"]} - {""}, "takes": {model["takes"]} - {""}}


def port(model):
    """A receptor_type at which a model takes signals."""
    return min(model["receptors"].values(), default=0)


def one(node):
    return range(node, node + 1)


def rule_for(coupling):
    return {"rule": "one_to_one"} | ({"make_symmetric": True} if coupling["both_ways"] else {})


def refused(simulation, *arguments):
    with pytest.raises(KernelError) as caught:
        simulation.connect(*arguments)
    error = caught.value
    assert error.what
    assert error.value
    assert error.allowed
    assert error.todo.endswith(".")
    assert simulation.num_connections == 0
    return error


def pair(coupling):
    """A simulation with a source and a target that the synapse model can connect, and the two nodes."""
    simulation = Simulation(threads=1)
    source = simulation.create(partners(coupling["carries"], "emits")[0], 1)
    target = simulation.create(partners(coupling["carries"], "takes")[0], 1)
    return simulation, one(source), one(target)


def test_every_signal_has_both_ends(coupling):
    assert partners(coupling["carries"], "emits")
    assert partners(coupling["carries"], "takes")


def test_connections_tell_what_they_are(coupling):
    simulation, source, target = pair(coupling)
    spec = {"synapse_model": coupling["name"]} | dict.fromkeys(coupling["factors"], 2.5)
    if coupling["has_delay"]:
        spec["delay"] = 3.5
    simulation.connect(source, target, rule_for(coupling), spec)
    connections = simulation.connections(None, None, coupling["name"], None)
    assert len(connections) == simulation.num_connections == 1 + coupling["both_ways"]
    for name in coupling["factors"]:
        assert name in connections.names()
        assert connections.get(name).tolist() == [2.5] * len(connections)
        connections.set(name, -1.5)
        assert connections.get(name).tolist() == [-1.5] * len(connections)
    assert connections.delay().tolist() == [3.5 if coupling["has_delay"] else 1.0] * len(connections)
    assert set(connections.synapse_model()) == {coupling["name"]}
    simulation.run(5.0)
    simulation.disconnect(simulation.connections(None, None, None, None))
    assert simulation.num_connections == 0
    simulation.run(5.0)


def test_what_a_synapse_model_lacks_is_refused(coupling):
    simulation, source, target = pair(coupling)
    rule, model = rule_for(coupling), {"synapse_model": coupling["name"]}
    if not coupling["has_delay"]:
        assert "has no delay" in refused(simulation, source, target, rule, model | {"delay": 2.0}).what
    if "weight" not in coupling["factors"]:
        assert "has no weight" in refused(simulation, source, target, rule, model | {"weight": 2.0}).what
    if coupling["both_ways"]:
        assert "both ways" in refused(simulation, source, target, {"rule": "one_to_one"}, model).what
    for name in coupling["factors"]:
        for value in (float("nan"), float("inf"), np.array([1.0, 2.0])):
            assert refused(simulation, source, target, rule, model | {name: value}).kind == "BadValue"
    assert (
        refused(simulation, source, target, rule, model | {"receptor_type": 77}).kind == "IllegalConnection"
    )


def test_nodes_without_the_signal_are_refused(coupling, neuron):
    simulation, source, target = pair(coupling)
    other = one(simulation.create(neuron["name"], 1))
    spec = {"synapse_model": coupling["name"]}
    if coupling["carries"] not in ends(neuron)["emits"]:
        error = refused(simulation, other, target, rule_for(coupling), spec)
        assert error.kind == "IllegalConnection"
        assert f"{neuron['name']} does not put out the signal" in error.what
    if neuron["takes"] != coupling["carries"]:
        error = refused(simulation, source, other, rule_for(coupling), spec)
        assert error.kind == "IllegalConnection"


def test_spikes_are_refused_where_there_are_none(neuron, spike_synapse):
    if neuron["spiking"]:
        pytest.skip("sends spikes")
    simulation = Simulation(threads=1)
    source = one(simulation.create(neuron["name"], 1))
    third_factor(simulation, spike_synapse)
    for target in ("parrot_neuron", "spike_recorder", neuron["name"]):
        error = refused(
            simulation,
            source,
            one(simulation.create(target, 1)),
            {},
            {"synapse_model": spike_synapse["name"]},
        )
        # a plastic synapse cannot end at a recorder either
        assert "sends no spikes" in error.what or "does not spike" in error.what


class Coupled:
    """Enough nodes for three threads, sparsely coupled by every synapse model that fits, all recorded."""

    def __init__(self, model, threads=1, seed=1, parts=(END,), n=1600, extrema=(0.5, 10.0)):
        self.simulation = s = Simulation(seed=seed, threads=threads)
        nodes = range(1, s.create(model["name"], n) + n)
        s.set_delay_extrema(*extrema)
        rng = np.random.default_rng(3)
        state = [p for p in model["params"] if p["state"] and not p["readonly"] and p["name"] != "Ca"]
        name, default = state[0]["name"], state[0]["default"]
        s.set(nodes, {name: default + rng.uniform(0, 0.1 * abs(default) + 0.1, n)})
        for synapse in (m for m in models() if m["carries"]):
            signal = synapse["carries"]
            emits, takes = signal in ends(model)["emits"], signal in ends(model)["takes"]
            if not (emits or takes) or (emits and model["emits_after"] and not synapse["has_delay"]):
                continue
            if emits and takes:
                sources = targets = nodes
                taker = model
            else:
                name = partners(signal, "takes" if emits else "emits")[0]
                known = next(m for m in models() if m["name"] == name)
                other = s.create(name, 300, {p["name"]: 0.0 for p in known["params"] if p["name"] == "sigma"})
                both = nodes, range(other, other + 300)
                sources, targets = both if emits else both[::-1]
                taker = known if emits else model
            self._connect(synapse, sources, targets, rng, port(taker))
        names = [r["name"] for r in model["recordables"]]
        self.meter = s.create("multimeter", 1, {"record_from": names, "interval": 0.1})
        s.connect(one(self.meter), nodes[::7], {}, {})
        for part in parts:
            s.run(part)
        assert len(set(s.get(nodes, ["thread"])[0])) == threads

    def _connect(self, synapse, sources, targets, rng, receptor):
        n = 3000
        pairs = rng.choice(sources, n), rng.choice(targets, n)
        spec = {"synapse_model": synapse["name"]} | {f: rng.uniform(0, 0.3, n) for f in synapse["factors"]}
        if synapse["has_delay"]:
            spec["delay"] = rng.integers(5, 100, n) * 0.1
        if receptor:
            spec["receptor_type"] = receptor
        self.simulation.connect(*pairs, rule_for(synapse), spec)

    def fingerprint(self):
        events = self.simulation.get([self.meter], ["events"])[0][0]
        order = np.lexsort((events["times"], events["senders"]))
        seen = np.asarray(events["times"])[order] <= END - 1.0
        digest = hashlib.sha256()
        for _, values in sorted(events.items()):
            digest.update(np.ascontiguousarray(np.asarray(values)[order][seen]).tobytes())
        return int(seen.sum()), digest.hexdigest()


@pytest.fixture(scope="module")
def plain():
    known = {}

    def fingerprint(model):
        if model["name"] not in known:
            known[model["name"]] = Coupled(model).fingerprint()
        return known[model["name"]]

    return fingerprint


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_do_not_matter(coupled, plain, threads):
    assert plain(coupled)[0] > 1000
    assert Coupled(coupled, threads=threads).fingerprint() == plain(coupled)


@pytest.mark.parametrize("parts", [[0.1, 0.2, 0.7, 1.5, 9.5], [0.1] * 120])
def test_parts_of_a_run_do_not_matter(coupled, plain, parts):
    assert Coupled(coupled, threads=2, parts=parts).fingerprint() == plain(coupled)


def test_slices_do_not_matter(coupled, plain):
    assert Coupled(coupled, threads=2, extrema=(0.1, 10.0)).fingerprint() == plain(coupled)


def test_another_seed_matters_only_to_noise(coupled, plain):
    same = Coupled(coupled, seed=2).fingerprint() == plain(coupled)
    assert same is not coupled["stochastic"]


@pytest.mark.parametrize(("case", "like"), [("made", "never"), ("changed", "always"), ("removed", "always")])
def test_values_under_way(coupling, case, like):
    """A connection carries what is put out while it is there, with the factor of then."""
    if not coupling["has_delay"]:
        pytest.skip("nothing is ever under way")
    first = np.flatnonzero((later(coupling, case) != later(coupling, like)).any(axis=0))[0]
    assert first in (149, 150)  # 10 ms, and 5 ms of delay


def feed(simulation, node, model):
    """Give a node that turns one signal into another a steady one to turn."""
    if model["takes"] in ("", model["emits"]):
        return
    generators = [m for m in models() if m["element_type"] == "stimulator" and m["emits"] == model["takes"]]
    carriers = [m["name"] for m in models() if m["carries"] == model["takes"] and m["has_delay"]]
    for generator in generators[:1]:
        spec = {"synapse_model": carriers[0], "delay": 0.1, "receptor_type": port(model)}
        simulation.connect(one(switched_on(simulation, generator)), node, {}, spec)


def later(coupling, case):
    """All that the target shows, where the connection is made, changed or removed at 10 ms."""
    known = {m["name"]: m for m in models()}
    simulation, source, target = pair(coupling)
    simulation.set_delay_extrema(0.1, 5.0)
    simulation.eprop_reset_neurons_on_update = False  # what they put out is to last
    spec = {"synapse_model": coupling["name"], "delay": 5.0}
    if case not in ("never", "made"):
        simulation.connect(source, target, {}, spec)
    giver, taker = (known[simulation.runs(node)[0][0]] for node in (source, target))
    for node, model in ((source, giver), (target, taker)):
        if any(p["name"] == "sigma" for p in model["params"]):
            simulation.set(node, {"sigma": 0.0})
    # One of the states brings the source to put something out.
    for p in giver["params"]:
        if p["state"] and not p["readonly"] and p["name"] != "Ca" and p["upper"] is None:
            simulation.set(source, {p["name"]: p["default"] + 1.0})
    feed(simulation, source, giver)
    names = [r["name"] for r in taker["recordables"]]
    meter = simulation.create("multimeter", 1, {"record_from": names, "interval": 0.1})
    simulation.connect(one(meter), target, {}, {"delay": 0.1})
    simulation.run(10.0)
    if case == "made":
        simulation.connect(source, target, {}, spec)
    elif case == "changed":
        simulation.connections(None, None, coupling["name"], None).set("weight", 3.0)
    elif case == "removed":
        simulation.disconnect(simulation.connections(None, None, coupling["name"], None))
    simulation.run(10.0)
    events = simulation.get([meter], ["events"])[0][0]
    return np.array([np.asarray(events[name]) for name in names])
