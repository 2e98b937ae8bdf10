"""What an editor knows of models, and how it takes actions back."""

import json

import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import UnknownModel, WrongState
from nest_lab.widgets._network import Network
from nest_lab.widgets._network_catalogue import catalogue, details
from nest_lab.widgets._network_history import History
from nest_lab.widgets._network_values import functions

REGISTRY = nest.models.registry


def test_the_catalogue_is_small_and_whole():
    """All models of the registry, all rules and all functions of the modules, in less than 100 kB of JSON."""
    found = catalogue()
    text = json.dumps(found, allow_nan=False)
    assert len(text.encode()) < 100_000
    listed = {each["name"] for group in (*found["kinds"].values(), found["synapses"]) for each in group}
    assert listed == set(REGISTRY)
    assert {each["name"] for each in found["rules"]} == set(nest.models.rules)
    drawn = {each["name"] for each in found["distributions"]}
    assert {*nest.random.__all__, *nest.spatial_distributions.__all__, *nest.math.__all__} <= drawn
    assert "exponential_distance" in drawn


@pytest.mark.parametrize("model", REGISTRY)
def test_details_are_those_of_the_registry(model):
    """In JSON; sliders stay inside the bounds; the defaults themselves make a valid network."""
    found, facts = details(model), REGISTRY[model]
    assert len(json.dumps(found, allow_nan=False).encode()) < 30_000
    assert [each["name"] for each in found["params"]] == list(facts.parameters)
    for each in found["params"]:
        field = facts.parameters[each["name"]]
        assert each.get("unit", "") == field.unit
        if "low" in each:
            assert each["low"] < each["high"]
            assert field.lower is None or each["low"] >= field.lower
            assert field.upper is None or each["high"] <= field.upper
    assert "meter" not in found or any(each["name"] == "record_from" for each in found["params"])


@pytest.mark.parametrize(
    "model", [name for name, facts in REGISTRY.items() if facts.element_type != "synapse"]
)
def test_every_model_of_nodes_can_be_put_into_a_network(model):
    """With the values that the page shows at first; what cannot be set is not among them."""
    params = {
        each["name"]: each["default"]
        for each in details(model)["params"]
        if each["type"] in ("float", "int", "bool") and "default" in each
        and not {"readonly", "fixed", "when", "writeonly"} & set(each)
    }  # fmt: skip
    params |= details(model)["needs"]
    assert Network.validate({"nodes": [{"model": model, "params": params}]}) == []


@pytest.mark.parametrize("name", functions())
def test_every_distribution_can_be_worked_out(name):
    """In a network with positions, with 1 for what must be given."""
    function = next(each for each in catalogue()["distributions"] if each["name"] == name)
    required = {each["name"]: 1 for each in function["params"] if each.get("required")}
    inner = {"distribution": "uniform", "min": 0.1, "max": 0.9}
    for each in required:
        if each in ("parameter", "x", "condition", "if_true", "value") and not (
            each == "value" and function["group"] == "math"
        ):
            required[each] = inner
    value = {"distribution": name, **required}
    if name == "redraw":
        value |= {"min": 0.2, "max": 0.8}
    on_nodes = name in ("pos",)
    value = {"distribution": "add", "x": {"distribution": "mul", "x": 1e-3, "y": value}, "y": 1.0}
    node = {
        "id": "n1", "model": "parrot_neuron" if not on_nodes else "iaf_psc_alpha",
        "positions": {"type": "grid", "shape": [3, 3]}, "params": {"V_m": value} if on_nodes else {},
    }  # fmt: skip
    connection = {"source": "n1", "target": "n1", "synapse": {} if on_nodes else {"weight": value}}
    description = {"nodes": [node], "connections": [connection]}
    assert Network.validate(description) == []
    network = Network(description)
    scope = {}
    exec(network.script(run=False), scope)
    weights = nest.GetConnections().weight
    network.build()
    with network.simulation:
        assert nest.GetConnections().weight == weights
    nest.ResetKernel()


def test_an_unknown_model():
    """The error names the nearest one."""
    with pytest.raises(UnknownModel, match=r"Did you mean 'iaf_psc_exp'\?"):
        details("iaf_psc_ex")


def test_undo_and_redo():
    """Each action is one step; a new one ends what could be done again; what changes nothing is none."""
    history = History({"nodes": []})
    descriptions = [{"nodes": [{"model": "a"}] * n} for n in range(4)]
    for n in (1, 2, 3):
        assert history.do(f"add {n}", descriptions[n])
    assert not history.do("nothing", descriptions[3])
    assert history.steps == ["add 1", "add 2", "add 3"]
    assert history.undo() == descriptions[2]
    assert history.undo() == descriptions[1]
    assert (history.undoable, history.redoable) == ("add 1", "add 2")
    assert history.redo() == descriptions[2]
    assert history.do("remove", descriptions[0])
    assert (history.undoable, history.redoable) == ("remove", "")
    assert history.undo() == history.present == descriptions[2]


def test_history_cannot_be_changed_from_outside():
    """What it was given, and what it gives, are copies."""
    description = {"nodes": [{"model": "a"}]}
    history = History(description)
    history.present["nodes"].clear()
    history.do("change", {"nodes": []})
    description["nodes"][0]["model"] = "b"
    assert history.undo() == {"nodes": [{"model": "a"}]}


def test_history_is_bounded():
    """The oldest actions are forgotten."""
    history = History({"nodes": 0}, most=3)
    for n in range(10):
        history.do(f"{n}", {"nodes": n + 1})
    assert history.steps == ["7", "8", "9"]
    for _ in range(3):
        history.undo()
    with pytest.raises(WrongState) as error:
        history.undo()
    assert str(error.value) == (
        "NetworkEditor.undo(): there is nothing to undo. Value: no action. Allowed: after an action. "
        "Do something first."
    )
    for _ in range(3):
        history.redo()
    with pytest.raises(WrongState) as error:
        history.redo()
    assert str(error.value) == (
        "NetworkEditor.redo(): there is nothing to redo. Value: no action. Allowed: after undo(). "
        "Call undo() first."
    )
