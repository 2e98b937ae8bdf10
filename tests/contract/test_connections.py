"""Every rule and every synapse model: what is asked for is what is there, for any number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from nest_lab._kernel import KernelError, Parameter, Simulation, models, rules

from .conftest import third_factor

# A value for each parameter that a rule requires, by the type that the rule says it has.
VALUES = {"int": 7, "float": 0.3}


def spec(rule):
    required = {p["name"]: VALUES[p["type"]] for p in rule["params"] if p["default"] is None}
    return {"rule": rule["name"]} | required | rule["needs"]


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
    pairs = list(zip(connections.source(), connections.target(), strict=True))
    if rule["needs"].get("make_symmetric"):
        assert sorted(pairs) == sorted((target, source) for source, target in pairs)
        pairs = [(source, target) for source, target in pairs if source < target]
    assert all(source in range(1, 16) and target in range(16, 31) for source, target in pairs)
    some = simulation.connections(range(1, 6), range(16, 20), None, None)
    inside = (connections.source() < 6) & (connections.target() < 20)
    assert len(some) == inside.sum()


def fitting(synapse):
    """The first model of neurons at which a synapse may end, a relay if that will do."""
    asks = synapse["asks_for"]
    if not synapse["learns"] and not asks:
        return "parrot_neuron"
    fits = [m for m in models() if m["spiking"] and m["learns"] == synapse["learns"] and m["recalls"] == asks]
    return fits[0]["name"]


def first_port(model):
    """The receptor_type at which nodes of a model take spikes."""
    return {"receptor_type": next(m["spike_receptor"] for m in models() if m["name"] == model)}


@pytest.mark.parametrize("threads", [1, 3])
def test_synapses_that_ask_for_what_is_remembered(spike_synapse, threads):
    """They end at neurons that remember it, where a spike is felt after its delay, and nowhere else."""
    if not spike_synapse["asks_for"]:
        pytest.skip("asks for nothing")
    taken = {}
    for spikes in (True, False):
        simulation = Simulation(threads=threads)
        simulation.create("parrot_neuron", 1)
        target = simulation.create(fitting(spike_synapse), 1)
        ends = range(1, 2), range(target, target + 1)
        if spikes:
            generator = simulation.create("spike_generator", 1, {"spike_times": [1.0]})
            simulation.connect(range(generator, generator + 1), ends[0], {}, {"delay": 1.0})
        names = list(simulation.get([target], ["recordables"])[0][0])
        meter = simulation.create("multimeter", 1, {"record_from": names, "interval": simulation.resolution})
        simulation.connect(range(meter, meter + 1), ends[1], {}, {})
        name = spike_synapse["name"]
        spec = {"synapse_model": name, "delay": 2.5} | first_port(fitting(spike_synapse))
        simulation.connect(*ends, {}, spec)
        connections = simulation.connections(*ends, name, None)
        assert connections.synapse_model() == [name]
        for property_ in connections.names():
            assert len(connections.get(property_)) == 1, property_
        simulation.run(6.0)
        taken[spikes] = simulation.get([meter], ["events"])[0][0]
    parted = [np.asarray(taken[True][name]) != np.asarray(taken[False][name]) for name in names]
    first = np.flatnonzero(np.any(parted, axis=0))[0]
    assert taken[True]["times"][first] == pytest.approx(4.5)
    for m in models():
        if m["element_type"] == "neuron" and m["recalls"] != spike_synapse["asks_for"]:
            simulation = Simulation(threads=1)
            simulation.create("parrot_neuron", 1)
            simulation.create(m["name"], 1)
            with pytest.raises(KernelError) as caught:
                simulation.connect(range(1, 2), range(2, 3), {}, {"synapse_model": spike_synapse["name"]})
            assert caught.value.kind == "IllegalConnection", m["name"]
            assert fitting(spike_synapse) in caught.value.allowed, m["name"]


def test_synapse_models(spike_synapse):
    """Every synapse model for spikes connects, tells what it holds, and carries a spike after its delay."""
    if spike_synapse["asks_for"]:
        pytest.skip("has a test of its own")
    simulation = population(n=2)
    # Synapses that learn end at neurons that learn, after one step; a strong one makes these spike.
    learns = spike_synapse["learns"]
    target = simulation.create(fitting(spike_synapse), 1)
    third_factor(simulation, spike_synapse)
    delay, weight = (simulation.resolution, 99.0) if learns else (2.5, 1.0)
    generator = simulation.create("spike_generator", 1, {"spike_times": [1.0]})
    recorder = simulation.create("spike_recorder", 1)
    simulation.connect(range(generator, generator + 1), range(1, 2), {}, {"delay": 1.0})
    specification = {"synapse_model": spike_synapse["name"], "delay": delay}
    if learns:
        specification["weight"] = weight
    simulation.connect(range(1, 2), range(target, target + 1), {}, specification)
    simulation.connect(range(target, target + 1), range(recorder, recorder + 1), {}, {})
    connections = simulation.connections(range(1, 2), range(target, target + 1), spike_synapse["name"], None)
    assert len(connections) == 1
    assert connections.synapse_model() == [spike_synapse["name"]]
    for name in connections.names():
        assert len(connections.get(name)) == 1, name
    assert connections.delay().tolist() == [delay]
    simulation.run(2.0 + delay)
    events = simulation.get([recorder], ["events"])[0][0]
    np.testing.assert_allclose(events["times"], [2.0 + delay])


def test_copied_synapse_models(spike_synapse):
    """A copy has the defaults it was given, and leaves the original alone."""
    simulation = population(n=2)
    third_factor(simulation, spike_synapse)
    before = simulation.get_defaults(spike_synapse["name"])
    delay = simulation.resolution if spike_synapse["learns"] else 3.5
    simulation.copy_model(spike_synapse["name"], "copied", {"delay": delay, "weight": 7.0})
    assert simulation.base_model("copied") == spike_synapse["name"]
    target = simulation.create(fitting(spike_synapse), 1)
    ports = first_port(fitting(spike_synapse))
    simulation.connect(range(1, 2), range(target, target + 1), {}, {"synapse_model": "copied"} | ports)
    assert simulation.connections(None, None, "copied", None).delay().tolist() == [delay]
    assert simulation.get_defaults("copied")["weight"] == 7.0
    after = simulation.get_defaults(spike_synapse["name"])
    assert {k: v for k, v in before.items() if k != "weight_recorder"} == {
        k: v for k, v in after.items() if k != "weight_recorder"
    }
    with pytest.raises(KernelError):
        simulation.copy_model(spike_synapse["name"], "copied", {})


@pytest.mark.parametrize(
    ("delay", "kind"),
    [(0.0, "BadDelay"), (-1.0, "BadDelay"), (0.04, "BadDelay"), (float("nan"), None), (float("inf"), None)],
)
def test_impossible_delays(spike_synapse, delay, kind):
    simulation = population(n=2)
    third_factor(simulation, spike_synapse)
    with pytest.raises(KernelError) as caught:
        simulation.connect(
            range(1, 2), range(2, 3), {}, {"synapse_model": spike_synapse["name"], "delay": delay}
        )
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


def relays(later, threads=1, times=(3.0, 5.0, 9.0, 12.0), until=40.0):
    """A parrot that fires at 10.2, 12.2, 16.2 and 19.2 ms, and what reaches four targets over 0.5 to 12 ms.

    `later` is called with the simulation and the parrot at 12.3 ms, when spikes of two times are under way.
    """
    simulation = population(n=5, threads=threads)
    generator = simulation.create("spike_generator", 1, {"spike_times": [t + 0.2 for t in times]})
    recorder = simulation.create("spike_recorder", 1)
    simulation.connect(range(generator, generator + 1), range(1, 2), {}, {"delay": 7.0})
    delays = np.array([[0.5], [2.5], [7.0], [12.0]])
    simulation.connect(range(1, 2), range(2, 6), {}, {"delay": delays})
    simulation.connect(range(1, 6), range(recorder, recorder + 1), {}, {})
    simulation.run(12.3)
    later(simulation)
    simulation.run(until - 12.3)
    events = simulation.get([recorder], ["events"])[0][0]
    order = np.lexsort((events["times"], events["senders"]))
    return np.round(np.asarray(events["times"])[order], 6).tolist(), np.asarray(events["senders"])[
        order
    ].tolist()


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.create("dc_generator", 1),
        lambda s: s.create("parrot_neuron", 700),
        lambda s: s.create("iaf_psc_exp", 3),
        lambda s: (
            s.connect(range(5, 6), range(4, 5), {}, {"delay": 3.0, "synapse_model": "static_synapse_lbl"})
            or s.disconnect(s.connections(None, None, "static_synapse_lbl", None))
        ),
        lambda s: s.run(0.0),
        lambda s: len(s.connections(None, None, None, None)),
    ],
)
def test_spikes_under_way_are_not_touched_by_what_is_made_later(change, threads):
    """Nodes and connections that have nothing to do with them neither lose, double nor move spikes."""
    plain = relays(lambda s: None)
    assert len(plain[0]) == 4 + 4 * 4
    assert relays(change, threads=threads) == plain


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("delay", [0.5, 1.0, 3.0, 12.0])
def test_spikes_under_way_do_not_enter_new_connections(delay, threads):
    """A connection carries the spikes that are emitted after it was made, whatever its delay."""
    made = {}

    def connect(simulation):
        made["target"] = simulation.create("parrot_neuron", 1)
        made["recorder"] = simulation.create("spike_recorder", 1)
        new = range(made["target"], made["target"] + 1)
        simulation.connect(range(1, 2), new, {}, {"delay": delay})
        simulation.connect(new, range(made["recorder"], made["recorder"] + 1), {}, {})
        made["simulation"] = simulation

    assert relays(connect, threads=threads) == relays(lambda s: None)
    times = made["simulation"].get([made["recorder"]], ["events"])[0][0]["times"]
    np.testing.assert_allclose(np.sort(times), np.array([16.2, 19.2]) + delay)


def test_spikes_under_way_keep_their_weight():
    """A weight set later holds for spikes emitted later; a removed connection delivers its last ones."""
    for change, expected in (
        (lambda s, c: c.set("weight", 100.0), 2.0 + 200.0),
        (lambda s, c: s.disconnect(c), 2.0),
        (lambda s, c: None, 4.0),
    ):
        simulation = population(n=1)
        passive = {"V_m": 0.0, "E_L": 0.0, "V_th": 1e9, "tau_m": 1e9}
        neuron = simulation.create("iaf_psc_delta", 1, passive)
        generator = simulation.create("spike_generator", 1, {"spike_times": [1.0, 8.0, 13.0, 14.0]})
        simulation.connect(range(generator, generator + 1), range(1, 2), {}, {"delay": 1.0})
        simulation.connect(range(1, 2), range(neuron, neuron + 1), {}, {"delay": 5.0, "weight": 1.0})
        simulation.run(12.0)
        found = simulation.connections(range(1, 2), range(neuron, neuron + 1), None, None)
        change(simulation, found)
        simulation.run(20.0)
        assert simulation.get([neuron], ["V_m"])[0][0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("last", "expected"), [(1.0, [14.0, 15.0]), (1.3, [14.0, 15.0, 16.0])])
def test_a_connection_that_is_removed_ends_alike_in_every_model(spike_synapse, last, expected):
    """Spikes leave when their slice is over, whether or not the synapse changes by them."""
    arrived = {}
    for model in ("static_synapse", spike_synapse["name"]):
        simulation = population(n=2)
        generator = simulation.create("spike_generator", 1, {"spike_times": [8.0, 9.0, 10.0, 11.0]})
        simulation.connect(range(generator, generator + 1), range(1, 2), {}, {"delay": 1.0})
        try:
            simulation.connect(range(1, 2), range(2, 3), {}, {"delay": 5.0, "synapse_model": model})
        except Exception:
            pytest.skip("wants other ends")
        found = simulation.connections(range(1, 2), range(2, 3), None, None)
        simulation.run(10.0 + last)
        simulation.disconnect(found)
        recorder = simulation.create("spike_recorder", 1)
        simulation.connect(range(2, 3), range(recorder, recorder + 1), {}, {})
        simulation.run(20.0)
        arrived[model] = sorted(simulation.get([recorder], ["events"])[0][0]["times"])
    # Some release by chance: of the spikes that left, they may pass on fewer.
    assert np.allclose(arrived["static_synapse"], expected)
    assert set(arrived[spike_synapse["name"]]) <= set(arrived["static_synapse"])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("made", [10.0, 10.3])
def test_generators_start_when_they_are_connected(generator, made, threads, turn_on):
    """A new connection of a generator carries what it puts out from then on, over its whole delay."""
    if generator["emits"]:
        pytest.skip("puts out a signal that these neurons do not take")
    simulation = Simulation(threads=threads)
    neurons = range(1, simulation.create("iaf_psc_delta", 2, {"V_th": 1e9}) + 2)
    source = turn_on(simulation, generator)
    meter = simulation.create("multimeter", 1, {"record_from": ["V_m"], "interval": 0.1})
    simulation.connect(range(meter, meter + 1), neurons, {}, {"delay": 0.5})
    simulation.connect(range(source, source + 1), neurons[:1], {}, {"delay": 5.0})
    simulation.run(made)
    simulation.connect(range(source, source + 1), neurons[1:], {}, {"delay": 3.0})
    simulation.run(20.0 - made)
    events = simulation.get([meter], ["events"])[0][0]
    mine = np.asarray(events["senders"]) == neurons[1]
    voltage, times = np.asarray(events["V_m"])[mine], np.asarray(events["times"])[mine]
    first = times[np.flatnonzero(voltage != voltage[0])[0]]
    assert made + 3.0 < first < made + 3.0 + 0.35


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
