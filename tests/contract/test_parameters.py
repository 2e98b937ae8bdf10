"""Every parameter of every model: documented, with a default inside its bounds, set and read without loss."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nest_lab._kernel import KernelError, Simulation


def settable(model, *types):
    return [p for p in model["params"] if not p["readonly"] and (not types or p["type"] in types)]


def readable(model):
    return [p for p in model["params"] if not p["writeonly"] and not p["when"]]


def make_all_readable(simulation, first, node):
    """Have a node record to where it shows all of its parameters."""
    choices = {choice for p in node["params"] for choice in p["when"]}
    if choices:
        most = max(sorted(choices), key=lambda choice: sum(choice in p["when"] for p in node["params"]))
        simulation.set(range(first, simulation.num_nodes + 1), {"record_to": most})


def outside(parameter):
    """Values just outside the bounds of a parameter."""
    values = []
    for bound, opened, sign in (
        (parameter["lower"], parameter["lower_open"], -1),
        (parameter["upper"], parameter["upper_open"], 1),
    ):
        if bound is None or math.isinf(bound) or abs(bound) > 1e300:
            continue
        values.append(bound + sign * (1 if parameter["type"] == "int" else max(1e-3, abs(bound) * 1e-3)))
        if opened:
            values.append(bound)
    return [int(v) if parameter["type"] == "int" else float(v) for v in values]


def same(a, b):
    return np.array_equal(np.asarray(a), np.asarray(b))


def read(simulation, node, name):
    return simulation.get([node], [name])[0][0]


def refusal(call, *arguments):
    """The error of a call that must fail; its four parts must be there (the façade adds where)."""
    with pytest.raises(KernelError) as caught:
        call(*arguments)
    error = caught.value
    assert all(isinstance(getattr(error, part), str) for part in ("kind", "what", "value", "allowed", "todo"))
    assert error.what
    assert error.todo.endswith(".")
    return error


def test_documentation(model):
    """A summary, and for each name its unit, type and one line."""
    lines = model["doc"].strip().splitlines()
    assert lines[0].strip()
    assert len(lines) >= 3, "the text says too little"
    for entry in (*model["params"], *model["recordables"]):
        assert entry["doc"].strip(), entry["name"]
        assert isinstance(entry["unit"], str), entry["name"]
    for table in ("params", "recordables"):
        names = [entry["name"] for entry in model[table]]
        assert len(names) == len(set(names))
    types = {"float", "int", "bool", "str", "array", "names", "dict", "dicts", "nodes"}
    assert {p["type"] for p in model["params"]} <= types


def test_physical_quantities_have_units(node):
    """Times, voltages, currents and capacities carry the unit of their name."""
    units = {"tau": "ms", "V": "mV", "I": "pA", "C": "pF", "E": "mV", "t": "ms"}
    for entry in (*node["params"], *node["recordables"]):
        expected = units.get(entry["name"].split("_")[0])
        if expected and "_" in entry["name"]:
            assert entry["unit"] == expected, entry["name"]


def test_defaults_lie_inside_the_bounds(model):
    for p in model["params"]:
        if p["type"] not in ("float", "int"):
            continue
        for value in np.ravel(p["default"]):
            if p["lower"] is not None:
                assert value > p["lower"] or (value == p["lower"] and not p["lower_open"]), p["name"]
            if p["upper"] is not None:
                assert value < p["upper"] or (value == p["upper"] and not p["upper_open"]), p["name"]


def test_defaults_round_trip(node):
    """Registry, GetDefaults and a new node say the same; setting a default again changes nothing."""
    simulation = Simulation(threads=1)
    defaults = simulation.get_defaults(node["name"])
    first = simulation.create(node["name"], 1)
    names = simulation.get_all_names(node["name"])
    assert names == sorted(names)
    before = {p["name"]: read(simulation, first, p["name"]) for p in readable(node)}
    for p in readable(node):
        assert p["name"] in names
        assert same(defaults[p["name"]], p["default"]), p["name"]
        assert same(before[p["name"]], p["default"]), p["name"]
    for p in settable(node):
        simulation.set([first], {p["name"]: defaults.get(p["name"], p["default"])})
        simulation.set_defaults(node["name"], {p["name"]: defaults.get(p["name"], p["default"])})
    assert all(same(before[name], read(simulation, first, name)) for name in before)
    assert all(same(defaults[name], simulation.get_defaults(node["name"])[name]) for name in before)


def test_synapse_defaults_round_trip(synapse):
    simulation = Simulation(threads=1)
    defaults = simulation.get_defaults(synapse["name"])
    for p in synapse["params"]:
        assert same(defaults[p["name"]], p["default"]), p["name"]
    for p in settable(synapse):
        simulation.set_defaults(synapse["name"], {p["name"]: defaults[p["name"]]})
    again = simulation.get_defaults(synapse["name"])
    assert all(same(again[p["name"]], p["default"]) for p in synapse["params"])


def test_values_round_trip(node):
    """A float inside the bounds comes back bit for bit, alone, one for each, and in a copied model."""
    rng = np.random.default_rng(3)
    for p in settable(node, "float"):
        simulation = Simulation(threads=1)
        first = simulation.create(node["name"], 3)
        low = p["lower"] if p["lower"] is not None and p["lower"] > -1e300 else -1e3
        high = p["upper"] if p["upper"] is not None and p["upper"] < 1e300 else low + 1e3
        values = rng.uniform(low, high, 3)
        try:
            simulation.set(range(first, first + 3), {p["name"]: values})
        except KernelError as error:
            # Some values are bound to others (V_reset < V_th) or to the grid of the steps.
            assert error.kind == "BadValue"  # noqa: PT017
            continue
        assert same(simulation.get(range(first, first + 3), [p["name"]])[0], values), p["name"]
        simulation.copy_model(node["name"], "copied", {p["name"]: float(values[1])})
        copied = simulation.create("copied", 1)
        assert read(simulation, copied, p["name"]) == values[1]
        assert simulation.get_defaults(node["name"])[p["name"]] == p["default"]


def test_bounds_refuse(node):
    """A value out of bounds or not a number is refused in Create, set, SetDefaults and CopyModel alike."""
    simulation = Simulation(threads=1)
    first = simulation.create(node["name"], 2)
    make_all_readable(simulation, first, node)
    for p in settable(node, "float", "int"):
        good = p["default"]
        bad = [*outside(p), math.nan]
        for value in bad:
            for call in (
                lambda p=p, value=value: simulation.create(node["name"], 1, {p["name"]: value}),
                lambda p=p, value=value: simulation.set(range(first, first + 2), {p["name"]: value}),
                lambda p=p, pair=[good, value]: simulation.set(range(first, first + 2), {p["name"]: pair}),
                lambda p=p, value=value: simulation.set_defaults(node["name"], {p["name"]: value}),
                lambda p=p, value=value: simulation.copy_model(node["name"], "bad", {p["name"]: value}),
            ):
                error = refusal(call)
                assert error.kind in ("BadValue", "BadType"), (p["name"], value, error)
                assert p["name"] in error.what, (p["name"], value, error)
                assert error.value, (p["name"], value)
                assert error.allowed, (p["name"], value)
        assert simulation.num_nodes == 2, p["name"]
        assert same(simulation.get(range(first, first + 2), [p["name"]])[0], [good, good]), p["name"]
        assert "bad" not in [name for name, _ in simulation.model_names()]


def test_a_threshold_that_is_never_reached(neuron, network):
    """Infinity says so: there are no spikes, what else there is stays finite, and threads do not matter."""
    never = {p["name"]: math.inf for p in neuron["params"] if p["never"]}
    if not never:
        pytest.skip("no threshold that can be out of reach")
    seen = []
    for threads in (1, 3):
        silent = network(neuron, threads=threads)
        silent.simulation.set(silent.neurons, never)
        silent.run(50.0)
        seen.append(silent.fingerprint(45.0))
        assert silent.spikes()[0].size == 0
        for name, values in silent.traces(45.0).items():
            assert not np.isnan(values).any(), name
            assert np.isfinite(values).all() or np.isinf(values).all(), name
        assert not neuron["population"] or not silent.traces(45.0)["mean"].any()  # exactly
    assert seen[0] == seen[1]
    for call in (silent.simulation.set, silent.simulation.set_defaults):
        for name in never:
            error = refusal(
                call, silent.neurons if call == silent.simulation.set else neuron["name"], {name: -math.inf}
            )
            assert error.allowed.endswith("or inf")


def test_spikes_by_a_clock_with_a_threshold_that_is_never_reached(neuron):
    """They take nothing off a potential that has no threshold."""
    names = {p["name"] for p in neuron["params"]}
    never = {p["name"]: math.inf for p in neuron["params"] if p["never"]}
    simulation = Simulation(threads=1)
    try:
        first = simulation.create(
            neuron["name"], 1, {"ignore_and_spike": True, "ignore_and_spike_interval": 5.0}
        )
    except KernelError:
        pytest.skip("takes no clock")
    if not never or "V_m" not in names:
        pytest.skip("no threshold that can be out of reach")
    simulation.set([first], never)
    simulation.run(23.0)
    assert math.isfinite(read(simulation, first, "V_m"))


def test_dictionaries(node):
    """Items come back as they were set, the others stay; what is refused changes nothing."""
    rng = np.random.default_rng(4)
    for group, item in [(g, item) for g in settable(node, "dict") for item in g["items"]]:
        simulation = Simulation(threads=1)
        first = simulation.create(node["name"], 2)
        nodes, name = range(first, first + 2), group["name"]
        before = read(simulation, first, name)
        assert before == group["default"]
        for value in [*outside(item), math.nan, "much", None]:
            bad = {name: {item["name"]: value}}
            for call, on in ((simulation.set, nodes), (simulation.set_defaults, node["name"])):
                error = refusal(call, on, bad)
                assert error.kind in ("BadValue", "BadType"), (item["name"], value)
                assert f"{name}.{item['name']}" in error.what
        assert refusal(simulation.set, nodes, {name: {"no such item": 1.0}}).kind == "UnknownName"
        assert read(simulation, first, name) == before
        value = item["default"] + rng.uniform(0.1, 1)
        simulation.set(nodes[1:], {name: {item["name"]: value}})
        assert read(simulation, first + 1, name) == before | {item["name"]: value}
        assert read(simulation, first, name) == before
        simulation.copy_model(node["name"], "copied", {name: {item["name"]: value}})
        copied = simulation.create("copied", 1)
        assert read(simulation, copied, name) == before | {item["name"]: value}


def test_wrong_types_are_refused(node):
    simulation = Simulation(threads=1)
    first = simulation.create(node["name"], 1)
    wrong = {
        "float": ["much", None, {"a": 1}],
        "int": ["much", None, 1.5],
        "bool": ["yes", None, 2.5],
        "str": [3, None],
        "array": ["much", None, ["a"]],
        "names": [3, None],
        "dict": [3, None, "much"],
        "dicts": [3, None, "much", [3.0]],
        "nodes": ["much", {"a": 1}, ["a"]],
    }
    make_all_readable(simulation, first, node)
    for p in settable(node):
        before = None if p["writeonly"] else read(simulation, first, p["name"])
        for value in wrong[p["type"]]:
            error = refusal(simulation.set, [first], {p["name"]: value})
            assert error.kind in ("BadType", "BadValue"), (p["name"], value, error)
            assert p["name"] in error.what, (p["name"], value, error)
        assert p["writeonly"] or same(before, read(simulation, first, p["name"])), p["name"]


def test_unknown_and_readonly_names_are_refused(node):
    simulation = Simulation(threads=1)
    first = simulation.create(node["name"], 1)
    for name in ("V_x", "", "v_m"):
        error = refusal(simulation.set, [first], {name: 1.0})
        assert error.kind == "UnknownName"
        assert error.wrong == name
        assert {p["name"] for p in settable(node)} <= set(error.candidates)
    for p in node["params"]:
        if p["readonly"]:
            refusal(simulation.set, [first], {p["name"]: p["default"]})


def test_a_refused_set_changes_nothing(node):
    """Good entries beside a bad one are not applied either."""
    numbers = settable(node, "float")
    if not numbers:
        pytest.skip("no float parameter")
    simulation = Simulation(threads=1)
    first = simulation.create(node["name"], 3)
    nodes = range(first, first + 3)
    good = {p["name"]: p["default"] + 0.0 for p in numbers[1:]}
    for name in good:
        refusal(simulation.set, nodes, {name: good[name], "no such name": 1.0})
    changed = numbers[0]["name"]
    before = simulation.get(nodes, [changed])[0].copy()
    refusal(simulation.set, nodes, {changed: [1.5, 2.5, math.nan]})
    refusal(simulation.set, nodes, {changed: [1.5, 2.5]})
    assert same(before, simulation.get(nodes, [changed])[0])
