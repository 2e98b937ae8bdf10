"""What a mouse does to the description of a network: add, move, connect, change, remove.

Each function takes a description and gives a new one; none of them asks the kernel whether it is right.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, SupportsFloat

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, UnknownName, refuse_other
from nest_lab.widgets._network_description import place

__all__ = [
    "PALETTE",
    "add",
    "change",
    "connect",
    "distribute",
    "duplicate",
    "ids_of",
    "move",
    "placed",
    "remove",
]

# Colours that stay apart for all kinds of colour vision (Okabe and Ito 2008), as in the pages of the widgets.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_NAMES = {"stimulator": "stim", "neuron": "pop", "recorder": "rec"}
_STRONG = {"rate": 8000.0, "amplitude": 400.0}  # where a stimulus of 0 would show nothing
_POSITIONS: dict[str, Any] = {
    "none": None,
    "free": {"type": "free", "extent": [1.0, 1.0], "dimensions": 2, "edge_wrap": False},
    "grid": {"type": "grid", "shape": [10, 10], "extent": [1.0, 1.0], "edge_wrap": False},
}
Description = dict[str, Any]


def ids_of(end: Any) -> list[str]:
    """Ids of the nodes at an end of a connection.

    Parameters
    ----------
    end : str, dict or list
        As in a description.

    Returns
    -------
    list of str
    """
    if isinstance(end, list):
        return [id for each in end for id in ids_of(each)]
    return [end["node"] if isinstance(end, Mapping) else end]


def entry(network: Description, id: str, where: str) -> dict[str, Any]:
    """A node or a connection.

    Parameters
    ----------
    network : dict
        The description.
    id : str
        Which one.
    where : str
        For errors.

    Returns
    -------
    dict

    Raises
    ------
    UnknownName
        There is none of this id.
    """
    known: dict[str, dict[str, Any]] = {
        each["id"]: each for each in (*network["nodes"], *network["connections"])
    }
    if id not in known:
        raise UnknownName(
            "there is no node or connection of this id",
            where=where,
            value=repr(id),
            wrong=str(id),
            candidates=[*known],
            allowed="" if known else "none: the network is empty",
        )
    return known[id]


def _node(network: Description, id: str, where: str) -> dict[str, Any]:
    """A node; connections have no place, and are not duplicated."""
    entry({**network, "connections": []}, id, where)
    return entry(network, id, where)


# -- places and colours


def placed(network: Description) -> Description:
    """The same with a name of its own for each node, and a place and a colour where there is none.

    Parameters
    ----------
    network : dict
        A whole description.

    Returns
    -------
    dict
    """
    network = copy.deepcopy(network)
    taken: list[str] = []
    for node in network["nodes"]:
        label, number = node["label"], 1
        while node["label"] in taken:  # each has a name of its own
            number += 1
            node["label"] = f"{label} {number}"
        taken.append(node["label"])
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", str(node.get("color", ""))):
            node["color"] = _free_colour(network)
    return place(network)


def _free_colour(network: Description) -> str:
    """The colour that the fewest nodes have."""
    used = [node.get("color") for node in network["nodes"]]
    return min(PALETTE, key=used.count)


def _free_id(entries: Iterable[Mapping[str, Any]], letter: str) -> str:
    taken = {each["id"] for each in entries}
    return next(id for number in range(1, len(taken) + 2) if (id := f"{letter}{number}") not in taken)


def _free_label(network: Description, stem: str) -> str:
    taken = {node["label"] for node in network["nodes"]}
    return next(each for n in range(1, len(taken) + 2) if (each := f"{stem}{n}") not in taken)


# -- nodes


def add(network: Description, model: str, x: float | None = None, y: float | None = None) -> Description:
    """Add a node.

    Parameters
    ----------
    network : dict
        The description.
    model : str
        Name of a model of the registry.
    x, y : float, optional
        Where; at a free place when not given.

    Returns
    -------
    dict
    """
    facts = nest.models.registry[model]
    kind = facts.element_type if facts.element_type in _NAMES else "neuron"
    params = {
        name: value
        for name, value in _STRONG.items()
        if kind == "stimulator" and name in facts.parameters and facts.parameters[name].default == 0.0
    }
    node: dict[str, Any] = {
        "id": _free_id(network["nodes"], "n"),
        "label": _free_label(network, _NAMES[kind]),
        "kind": kind,
        "model": model,
        "size": 1,
        "params": {**copy.deepcopy(dict(facts.needs)), **params},
        "record": [],
        "positions": None,
    }
    if x is not None and y is not None:
        node |= {"x": _coordinate(x), "y": _coordinate(y)}
    return placed({**network, "nodes": [*network["nodes"], node]})


def move(network: Description, id: str, x: float, y: float) -> Description:
    """Put a node at another place of the drawing.

    Parameters
    ----------
    network : dict
        The description.
    id : str
        Which node.
    x, y : float
        Where to.

    Returns
    -------
    dict
    """
    network = copy.deepcopy(network)
    _node(network, id, "NetworkEditor.move()").update(x=_coordinate(x), y=_coordinate(y))
    return network


def _coordinate(value: Any) -> float:
    """Where something is in the drawing."""
    if isinstance(value, bool) or not isinstance(value, SupportsFloat) or not math.isfinite(value):
        raise BadType(
            "a place in the drawing must be two numbers",
            value=f"{value!r} ({type(value).__name__})",
            allowed="finite numbers; an empty drawing is 560 wide and 440 high",
            todo="Give x and y.",
        )
    return float(value)


def remove(network: Description, id: str) -> Description:
    """Take a node with its connections away, or a connection.

    Parameters
    ----------
    network : dict
        The description.
    id : str
        Which.

    Returns
    -------
    dict
    """
    entry(network, id, "NetworkEditor.remove()")
    nodes = [node for node in network["nodes"] if node["id"] != id]
    connections = [
        each
        for each in network["connections"]
        if each["id"] != id and id not in ids_of(each["source"]) and id not in ids_of(each["target"])
    ]
    return copy.deepcopy({**network, "nodes": nodes, "connections": connections})


def duplicate(network: Description, id: str) -> Description:
    """Make another node like one, with the same connections.

    Parameters
    ----------
    network : dict
        The description.
    id : str
        Which node.

    Returns
    -------
    dict
    """
    network = copy.deepcopy(network)
    node = copy.deepcopy(_node(network, id, "NetworkEditor.duplicate()"))
    fresh = _free_id(network["nodes"], "n")
    node |= {"id": fresh, "label": _free_label(network, re.sub(r"\d+$", "", node["label"]))}
    for own in ("x", "y", "color"):
        node.pop(own, None)
    for each in [*network["connections"]]:
        if id in (each["source"], each["target"]):  # alone, not with others
            ends = {end: fresh if each[end] == id else each[end] for end in ("source", "target")}
            network["connections"].append(
                {**copy.deepcopy(each), **ends, "id": _free_id(network["connections"], "c")}
            )
    network["nodes"].append(node)
    return placed(network)


# -- connections


def connect(network: Description, source: str, target: str) -> Description:
    """Connect two nodes; recorders and stimulators stand at the end where they belong.

    Parameters
    ----------
    network : dict
        The description.
    source, target : str
        Ids of the nodes.

    Returns
    -------
    dict
    """
    network = copy.deepcopy(network)
    ends = [entry(network, id, "NetworkEditor.connect()") for id in (source, target)]
    if (_belongs_first(ends[1]) and not _belongs_first(ends[0])) or (
        _belongs_last(ends[0]) and not _belongs_last(ends[1])
    ):
        source, target = target, source
    meter, neuron = (entry(network, id, "") for id in (source, target))
    if samples(meter["model"]) and not meter["record"] and "record_from" not in meter["params"]:
        meter["record"] = _first_recordable(meter["model"], neuron["model"])
    network["connections"].append(
        {
            "id": _free_id(network["connections"], "c"),
            "source": source,
            "target": target,
            "rule": {"rule": "all_to_all"},
            "synapse": {"synapse_model": "static_synapse"},
        }
    )
    return network


def samples(model: str) -> bool:
    """Whether a model asks what it is connected to, as a multimeter does.

    Parameters
    ----------
    model : str
        Its name.

    Returns
    -------
    bool
    """
    registry = nest.models.registry
    return model in registry and "record_from" in registry[model].parameters


def _belongs_first(node: Mapping[str, Any]) -> bool:
    return node["kind"] == "stimulator" or samples(node["model"])


def _belongs_last(node: Mapping[str, Any]) -> bool:
    return node["kind"] == "recorder" and not samples(node["model"])


def _first_recordable(meter: str, model: str) -> list[str]:
    """What a meter without a choice records: the first quantity of the neurons, V_m where it is one."""
    registry = nest.models.registry
    if model not in registry or registry[meter].parameters["record_from"].default:
        return []
    names = [*registry[model].recordables]
    return ["V_m"] if "V_m" in names else names[:1]


# -- values


def change(network: Description, path: list[str], value: Any) -> Description:
    """Set a value, or take it away so that it has its default.

    Parameters
    ----------
    network : dict
        The description.
    path : list of str
        Where, e.g. ``["nodes", "n1", "params", "C_m"]``.
    value : object
        What; None for the default.

    Returns
    -------
    dict
    """
    network = copy.deepcopy(network)
    match path:
        case ["nodes", id, "model"]:
            _change_model(entry(network, id, "NetworkEditor.set()"), value)
        case ["nodes", id, "positions", "type"]:
            _change_positions(entry(network, id, "NetworkEditor.set()"), value)
        case ["connections", id, "rule", "rule"]:
            entry(network, id, "NetworkEditor.set()")["rule"] = _rule(value)
        case ["connections", id, "synapse", "synapse_model"]:
            connection = entry(network, id, "NetworkEditor.set()")
            kept = {
                name: each
                for name, each in connection["synapse"].items()
                if name in ("weight", "delay", "receptor_type")
            }
            connection["synapse"] = {"synapse_model": value, **kept}
        case _:
            holder = _holder(network, path)
            _put(holder, path[-1], _like(network, path, value, holder.get(path[-1])))
            if path[2:3] == ["positions"]:
                _agree(holder, path[-1])
    for node in network["nodes"]:
        node["size"] = _on_grid(node)
    return network


def _agree(positions: dict[str, Any], name: str) -> None:
    """Give all that has a number for each dimension as many of them as what was set."""
    value = positions.get(name)
    count = len(value) if isinstance(value, list) else value if name == "dimensions" else None
    if type(count) is not int or count not in (2, 3) or name == "edge_wrap":
        return  # the kernel refuses it
    if "dimensions" in positions:
        positions["dimensions"] = count
    for each, filler in (("extent", 1.0), ("center", 0.0), ("shape", 10)):
        if isinstance(positions.get(each), list):
            positions[each] = [*positions[each], filler][:count]


def _on_grid(node: dict[str, Any]) -> Any:
    """The number of nodes, which that of the places of a grid decides."""
    positions = node.get("positions")
    shape = (
        positions.get("shape") if isinstance(positions, dict) and positions.get("type") == "grid" else None
    )
    whole = isinstance(shape, list) and all(type(each) is int for each in shape)
    return math.prod(shape) if whole and shape else node["size"]


def _holder(network: Description, path: list[str]) -> dict[str, Any]:
    """What holds the value at the end of a path."""
    part, *rest = path
    holder: Any = network["simulation"] if part == "simulation" else None
    if part in ("nodes", "connections") and rest:
        holder = entry(network, rest.pop(0), "NetworkEditor.set()")
    for name in rest[:-1]:
        holder = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(holder, dict) or not rest:
        raise BadValue(
            "there is nothing of this path to set",
            where="NetworkEditor.set()",
            value=repr("/".join(path)),
            allowed="a path such as 'nodes/n1/params/C_m', 'connections/c1/rule/rule' or 'simulation/time'",
            todo="Set the value as a whole.",
        )
    return holder


def _put(holder: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        holder.pop(name, None)
    else:
        holder[name] = value


def _field(network: Description, path: list[str]) -> Any:
    """What the registry knows of a value; None if nothing."""
    registry = nest.models.registry
    match path:
        case ["nodes", id, "params", name]:
            facts = registry.get(entry(network, id, "")["model"])
        case ["connections", id, "synapse", name]:
            facts = registry.get(entry(network, id, "")["synapse"]["synapse_model"])
        case ["connections", id, "rule", name]:
            facts = nest.models.rules.get(entry(network, id, "")["rule"]["rule"])
        case _:
            facts = None
    return facts.parameters.get(name) if facts else None


_FLOATS = {"weight", "delay", "time", "resolution"}  # of all synapses, and of the simulation


def _like(network: Description, path: list[str], value: Any, before: Any) -> Any:
    """A whole number that was typed for a real one, as a real one."""
    field = _field(network, path)
    real = type(before) is float or path[-1] in _FLOATS
    if field is not None:
        real = field.type in ("float", "array")
    if real and type(value) is int:
        return float(value)
    if real and isinstance(value, list):
        return [float(each) if type(each) is int else each for each in value]
    if field is not None and field.type == "array" and isinstance(value, float):
        return [value]
    if path[-1] in ("extent", "shape") and type(value) in (int, float):
        return [value]
    return value


def _change_model(node: dict[str, Any], model: Any) -> None:
    """Take another model; values of parameters that it has as well stay."""
    facts = nest.models.registry[model]
    kept = {name: value for name, value in node["params"].items() if name in facts.parameters}
    node["params"] = {**copy.deepcopy(dict(facts.needs)), **kept}
    node["model"] = model
    if not samples(model):
        node["record"] = []


def _change_positions(node: dict[str, Any], kind: Any) -> None:
    refuse_other("kind of positions", kind, _POSITIONS)
    old, fresh = node.get("positions") or {}, copy.deepcopy(_POSITIONS[kind])
    if fresh is not None:
        fresh.update({name: old[name] for name in ("extent", "edge_wrap") if name in old})
    node["positions"] = fresh


def _rule(name: Any) -> dict[str, Any]:
    """A rule with a value for each argument that must be given."""
    rule = nest.models.rules[name]
    given = {
        each.name: 10 if each.type == "int" else 0.1
        for each in rule.parameters.values()
        if each.default is None
    }
    return {"rule": name, **given, **rule.needs}


def distribute(network: Description, path: list[str], distribution: str | None) -> Description:
    """Draw a value at random for each node or connection, or give all the same.

    Parameters
    ----------
    network : dict
        The description.
    path : list of str
        Where the value is.
    distribution : str or None
        Name of the distribution; None for one value.

    Returns
    -------
    dict
    """
    network = copy.deepcopy(network)
    holder, field = _holder(network, path), _field(network, path)
    middle = _middle(holder.get(path[-1], getattr(field, "default", None)))
    if distribution is None:
        _put(holder, path[-1], middle)
    else:
        holder[path[-1]] = {"distribution": distribution, **_around(distribution, middle)}
    return network


def _middle(value: Any) -> float:
    """A value that stands for a distribution."""
    if not isinstance(value, Mapping):
        return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else 0.0
    numbers = {name: each for name, each in value.items() if isinstance(each, (int, float))}
    if "min" in numbers and "max" in numbers:
        return 0.5 * float(numbers["min"] + numbers["max"])
    if value["distribution"] == "lognormal":
        return round(math.exp(min(numbers.get("mean", 0.0), 50.0)), 6)
    return float(numbers.get("mean", numbers.get("beta", 0.0)))


def _around(distribution: str, middle: float) -> dict[str, Any]:
    """Arguments with which a distribution lies around a value."""
    width = 0.1 * abs(middle) or 1.0
    known: dict[str, dict[str, Any]] = {
        "uniform": {"min": round(middle - width, 6), "max": round(middle + width, 6)},
        "uniform_int": {"max": max(round(middle), 1)},
        "normal": {"mean": middle, "std": round(width, 6)},
        "lognormal": {"mean": round(math.log(abs(middle) or 1.0), 6), "std": 0.1},
        "exponential": {"beta": abs(middle) or 1.0},
    }
    return known.get(distribution, {})
