"""Every rule and every synapse model: what is asked for is what is there, for any number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from nest_lab._kernel import KernelError, Parameter, Simulation, rules

# A value for each parameter that a rule requires, by the type that the rule says it has.
VALUES = {"int": 7, "float": 0.3}


def spec(rule):
    required = {p["name"]: VALUES[p["type"]] for p in rule["params"] if p["default"] is None}
    return {"rule": rule["name"]} | required


def rule_parameters():
    return [pytest.param(rule, id=rule["name"]) for rule in rules()]


def population(n=30, threads=1, model="parrot_neuron", seed=3):
    simulation = Simulation(threads=threads, seed=seed)
    simulation.create(model, n)
    return simulation


def table(simulation):
    c = simulation.connections(None, None, None, None)
    order = np.lexsort((c.delay(), c.weight(), c.target(), c.source()))
    return [column[order].tolist() for column in (c.source(), c.target(), c.weight(), c.delay())]


@pytest.mark.parametrize("rule", rule_parameters())
def test_rules_are_documented(rule):
    assert rule["doc"].strip()
    assert all(p["doc"].strip() and p["type"] for p in rule["params"])


@pytest.mark.parametrize("rule", rule_parameters())
def test_rules_do_not_depend_on_threads(rule):
    """Same partners, weights and delays for 1, 2 and 3 threads, from random weights and delays."""
    tables = []
    for threads in (1, 2, 3):
        simulation = population(threads=threads)
        synapses = {"weight": Parameter.normal(0.0, 1.0), "delay": Parameter.uniform(0.5, 5.0)}
        simulation.connect(range(1, 31), range(1, 31), spec(rule), synapses)
        tables.append(table(simulation))
    assert tables[0] == tables[1] == tables[2]
    assert len(tables[0][0]) > 0


@pytest.mark.parametrize("rule", rule_parameters())
def test_autapses_can_be_left_out(rule):
    simulation = population()
    simulation.connect(range(1, 31), range(1, 31), spec(rule) | {"allow_autapses": False}, {})
    sources, targets, *_ = table(simulation)
    assert all(s != t for s, t in zip(sources, targets, strict=True))


@pytest.mark.parametrize("rule", rule_parameters())
def test_missing_unknown_and_wrong_arguments(rule):
    """Refused with the names that the rule knows, and nothing is connected."""
    simulation = population()
    nodes = range(1, 31)
    bad = [spec(rule) | {"no_such_key": 1}]
    for p in rule["params"]:
        if p["default"] is None:
            bad.append({key: value for key, value in spec(rule).items() if key != p["name"]})
            bad.extend(spec(rule) | {p["name"]: value} for value in (-1, "many", None, float("nan")))
    for conn in bad:
        with pytest.raises(KernelError) as caught:
            simulation.connect(nodes, nodes, conn, {})
        assert caught.value.kind in ("BadRule", "UnknownName", "BadType", "BadValue"), (conn, caught.value)
        assert caught.value.todo, conn
    assert simulation.num_connections == 0


@pytest.mark.parametrize("rule", rule_parameters())
def test_what_is_counted_is_what_is_there(rule):
    simulation = population()
    simulation.connect(range(1, 16), range(16, 31), spec(rule), {})
    connections = simulation.connections(None, None, None, None)
    assert len(connections) == simulation.num_connections > 0
    assert set(connections.source()) <= set(range(1, 16))
    assert set(connections.target()) <= set(range(16, 31))
    some = simulation.connections(range(1, 6), range(16, 20), None, None)
    inside = (connections.source() < 6) & (connections.target() < 20)
    assert len(some) == inside.sum()


def test_synapse_models(synapse):
    """Every synapse model connects, tells what it holds, and carries a spike after its delay."""
    simulation = population(n=2)
    target = simulation.create("parrot_neuron", 1)
    generator = simulation.create("spike_generator", 1, {"spike_times": [1.0]})
    recorder = simulation.create("spike_recorder", 1)
    simulation.connect(range(generator, generator + 1), range(1, 2), {}, {"delay": 1.0})
    specification = {"synapse_model": synapse["name"], "delay": 2.5}
    simulation.connect(range(1, 2), range(target, target + 1), {}, specification)
    simulation.connect(range(target, target + 1), range(recorder, recorder + 1), {}, {})
    connections = simulation.connections(range(1, 2), range(target, target + 1), synapse["name"], None)
    assert len(connections) == 1
    assert connections.synapse_model() == [synapse["name"]]
    for name in connections.names():
        assert len(connections.get(name)) == 1, name
    assert connections.delay().tolist() == [2.5]
    simulation.run(10.0)
    events = simulation.get([recorder], ["events"])[0][0]
    np.testing.assert_allclose(events["times"], [4.5])


def test_copied_synapse_models(synapse):
    """A copy has the defaults it was given, and leaves the original alone."""
    simulation = population(n=2)
    before = simulation.get_defaults(synapse["name"])
    simulation.copy_model(synapse["name"], "copied", {"delay": 3.5, "weight": 7.0})
    assert simulation.base_model("copied") == synapse["name"]
    simulation.connect(range(1, 2), range(2, 3), {}, {"synapse_model": "copied"})
    assert simulation.connections(None, None, "copied", None).delay().tolist() == [3.5]
    assert simulation.get_defaults("copied")["weight"] == 7.0
    after = simulation.get_defaults(synapse["name"])
    assert {k: v for k, v in before.items() if k != "weight_recorder"} == {
        k: v for k, v in after.items() if k != "weight_recorder"
    }
    with pytest.raises(KernelError):
        simulation.copy_model(synapse["name"], "copied", {})


@pytest.mark.parametrize(
    ("delay", "kind"),
    [(0.0, "BadDelay"), (-1.0, "BadDelay"), (0.04, "BadDelay"), (float("nan"), None), (float("inf"), None)],
)
def test_impossible_delays(synapse, delay, kind):
    simulation = population(n=2)
    with pytest.raises(KernelError) as caught:
        simulation.connect(range(1, 2), range(2, 3), {}, {"synapse_model": synapse["name"], "delay": delay})
    assert caught.value.kind == kind or (kind is None and caught.value.kind in ("BadDelay", "BadValue"))
    assert simulation.num_connections == 0


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_weights_must_be_finite(weight):
    simulation = population(n=2)
    for value in (weight, np.array([[weight]])):
        with pytest.raises(KernelError) as caught:
            simulation.connect(range(1, 2), range(2, 3), {}, {"weight": value})
        assert caught.value.kind == "BadValue"
    assert simulation.num_connections == 0


def test_connect_is_all_or_nothing():
    """A device among the targets: no connection at all is made."""
    simulation = population(n=4)
    simulation.create("dc_generator", 1)
    with pytest.raises(KernelError) as caught:
        simulation.connect(range(1, 5), range(1, 6), {}, {})
    assert caught.value.kind == "IllegalConnection"
    assert simulation.num_connections == 0


def test_weights_keep_every_bit():
    """Whatever width they are stored in: one value, single precision, double precision."""
    rng = np.random.default_rng(1)
    exact = rng.normal(0, 1, (30, 30))
    for weights in (np.full((30, 30), 0.1), exact.astype(np.float32).astype(float), exact):
        simulation = population()
        simulation.connect(range(1, 31), range(1, 31), {}, {"weight": weights})
        c = simulation.connections(None, None, None, None)
        assert np.array_equal(c.weight(), weights[c.target() - 1, c.source() - 1])


def test_many_delays_and_thin_rows():
    """Spikes arrive on time over delays from one step to a second, with one synapse per source and delay."""
    simulation = Simulation(threads=2)
    n = 500
    simulation.create("parrot_neuron", 1)
    simulation.create("parrot_neuron", n)
    generator = simulation.create("spike_generator", 1, {"spike_times": [1.0, 1.1, 30.0]})
    recorder = simulation.create("spike_recorder", 1)
    delays = np.round(np.linspace(0.1, 1000.0, n), 1)
    simulation.connect(range(generator, generator + 1), range(1, 2), {}, {"delay": 0.1})
    simulation.connect(range(1, 2), range(2, n + 2), {}, {"delay": delays.reshape(n, 1)})
    simulation.connect(range(2, n + 2), range(recorder, recorder + 1), {}, {"delay": 0.1})
    simulation.run(1100.0)
    events = simulation.get([recorder], ["events"])[0][0]
    for target in (2, 3, 250, n + 1):
        times = np.sort(np.asarray(events["times"])[np.asarray(events["senders"]) == target])
        np.testing.assert_allclose(times, np.array([1.1, 1.2, 30.1]) + delays[target - 2], rtol=1e-9)
    assert len(events["times"]) == 3 * n


def test_handles_go_stale():
    simulation = population(n=3)
    simulation.connect(range(1, 4), range(1, 4), {}, {})
    handle = simulation.connections(None, None, None, None)
    assert len(handle) == 9
    simulation.disconnect(handle.select(np.array([0])))
    assert simulation.num_connections == 8
    with pytest.raises(KernelError) as caught:
        handle.weight()
    assert caught.value.kind == "Stale"


def test_setting_many_weights():
    simulation = population(n=30, model="iaf_psc_exp")
    simulation.connect(range(1, 31), range(1, 31), {}, {})
    handle = simulation.connections(None, None, None, None)
    weights = np.arange(900.0)
    handle.set("weight", weights)
    assert np.array_equal(simulation.connections(None, None, None, None).weight(), weights)
    handle = simulation.connections(None, None, None, None)
    handle.select(np.arange(0, 900, 3)).set("weight", -1.0)
    weights[::3] = -1
    assert np.array_equal(simulation.connections(None, None, None, None).weight(), weights)
