"""A network as plain data: what an editor draws, saves and runs.

A *description* is a dictionary of JSON::

    {
        "version": 1,
        "models": [{"name": "strong", "base": "static_synapse", "params": {"weight": 5.0}}],
        "nodes": [
            {"id": "n1", "label": "drive", "kind": "stimulator", "model": "poisson_generator",
             "params": {"rate": 8000.0}},
            {"id": "n2", "label": "cells", "kind": "neuron", "model": "iaf_psc_alpha", "size": 100,
             "params": {"V_m": {"distribution": "uniform", "min": -70.0, "max": -55.0}},
             "positions": {"type": "free", "extent": [1.0, 1.0], "dimensions": 2}},
            {"id": "n3", "label": "meter", "kind": "recorder", "model": "multimeter", "record": ["V_m"]},
        ],
        "connections": [
            {"id": "c1", "source": "n1", "target": "n2", "synapse": {"synapse_model": "strong"}},
            {"id": "c2", "source": "n2", "target": "n2",
             "rule": {"rule": "fixed_indegree", "indegree": 10}, "synapse": {"weight": 20.0}},
            {"id": "c3", "source": "n3", "target": "n2"},
        ],
        "simulation": {"time": 1000.0, "resolution": 0.1, "rng_seed": 1},
    }

``models`` are copies that `CopyModel` makes, or without a base defaults that `SetDefaults` changes; most
networks need none. What else stands in a node or a connection, such as its place and its colour, is kept.
Values are those of `_network_values`; where each node has a list of its own, a parameter is
``{"each": [first, second]}``.
Ends of connections may be parts of populations, or several together;
the rule ``{"rule": "one_to_one", "pairs": [[sources], [targets]]}`` connects single nodes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, NESTError, at

__all__ = ["complete", "place"]

VERSION = 1
_TIME = 1000.0  # ms
_COLUMNS = {"stimulator": 90, "neuron": 280, "recorder": 470}
_TOP, _DOWN = 130, 140  # place of the first node of a column, distance to the next
_AWAY = 60  # closer nodes cover each other


def complete(description: Any) -> dict[str, Any]:
    """A description with all defaults, of its own.

    Parameters
    ----------
    description : dict
        What is missing takes its default; what is not known stays.

    Returns
    -------
    dict

    Raises
    ------
    NESTError
        It is not built like a description.
    """
    found: dict[str, Any] = dict(_a(dict, description, "", "a description"))
    try:
        found = json.loads(json.dumps(found, default=_as_json), parse_int=_as_int)
    except (TypeError, ValueError, RecursionError) as error:
        raise at(_not_plain(error), "Network()") from None
    if found.setdefault("version", VERSION) != VERSION:
        raise BadValue(
            "this version of descriptions is not known",
            where="Network()",
            value=repr(found["version"]),
            allowed=str(VERSION),
            todo="It was saved by a later version of this package: update the package.",
        )
    for part in ("models", "nodes", "connections"):
        entries = _a(list, found.setdefault(part, []), part, f"the {part}")
        for number, entry in enumerate(entries):
            _a(dict, entry, f"{part}/{number}", f"one of the {part}")
    simulation = _a(dict, found.setdefault("simulation", {}), "simulation", "the simulation")
    simulation.setdefault("time", _TIME)
    simulation.setdefault("resolution", 0.1)
    for number, model in enumerate(found["models"]):
        _needs("name", model, f"models/{number}")
        if model.setdefault("base", None) is not None:
            _text(model["base"], f"models/{model['name']}/base", "the base")
        model["params"] = _a(dict, model.get("params") or {}, f"models/{model['name']}/params", "parameters")
    _complete_nodes(found["nodes"])
    _complete_connections(found["connections"])
    return found


def _complete_nodes(nodes: list[dict[str, Any]]) -> None:
    _name_all(nodes, "n", "nodes")
    registry = nest.models.registry
    for node in nodes:
        path = f"nodes/{node['id']}"
        model = _needs("model", node, path)
        known = registry[model].element_type if model in registry else "neuron"
        node["label"] = _text(node.get("label") or model, f"{path}/label", "a label")
        node.setdefault("kind", known)
        node.setdefault("size", 1)
        node["params"] = _a(dict, node.get("params") or {}, f"{path}/params", "parameters")
        node["record"] = _a(list, node.get("record") or [], f"{path}/record", "what is recorded")
        node.setdefault("positions", None)


def _complete_connections(connections: list[dict[str, Any]]) -> None:
    _name_all(connections, "c", "connections")
    for each in connections:
        path = f"connections/{each['id']}"
        for end in ("source", "target"):
            if end not in each:
                raise _missing(end, path)
        rule, synapse = each.get("rule") or {}, each.get("synapse") or {}
        rule = {"rule": rule} if isinstance(rule, str) else _a(dict, rule, f"{path}/rule", "a rule")
        synapse = (
            {"synapse_model": synapse}
            if isinstance(synapse, str)
            else _a(dict, synapse, f"{path}/synapse", "a synapse")
        )
        each["rule"] = {"rule": "all_to_all", **rule}
        each["synapse"] = {"synapse_model": "static_synapse", **synapse}
        _needs("rule", each["rule"], f"{path}/rule")
        _needs("synapse_model", each["synapse"], f"{path}/synapse")


def _name_all(entries: list[dict[str, Any]], letter: str, part: str) -> None:
    """Give an id to each that has none; refuse those that repeat."""
    taken: set[str] = set()
    for number, entry in enumerate(entries):
        if "id" not in entry:
            continue
        id = _text(entry["id"], f"{part}/{number}/id", "an id")
        if id in taken:
            raise BadValue(
                "two have the same id",
                where=f"{part}/{id}",
                value=repr(id),
                allowed="each id once",
                todo="Change one of them.",
            )
        taken.add(id)
    number = 0
    for entry in entries:
        while "id" not in entry:
            number += 1
            if f"{letter}{number}" not in taken:
                entry["id"] = f"{letter}{number}"


def _a(kind: type, value: Any, path: str, what: str) -> Any:
    """A dictionary, or a list."""
    if isinstance(value, kind) or (kind is dict and isinstance(value, Mapping)):
        return value
    raise BadType(
        f"{what} must be a {'dictionary' if kind is dict else 'list'}",
        where=path or "Network()",
        value=f"{value!r:.60} ({type(value).__name__})",
        allowed='{"name": value}' if kind is dict else "[first, second]",
        todo="Look at the example in the documentation of nest_lab.widgets._network_description.",
    )


def _text(value: Any, path: str, what: str) -> str:
    if isinstance(value, str) and value:
        return value
    raise BadType(
        f"{what} must be text",
        where=path,
        value=f"{value!r} ({type(value).__name__})",
        allowed="text that is not empty",
        todo="Put it in quotes.",
    )


def _needs(name: str, entry: Mapping[str, Any], path: str) -> str:
    if name not in entry:
        raise _missing(name, path)
    return _text(entry[name], f"{path}/{name}", f"the {name}")


def _missing(name: str, path: str) -> NESTError:
    return BadValue(
        f"there is no {name}",
        where=path,
        value="nothing",
        allowed=f"a dictionary with '{name}'",
        todo="Add it.",
    )


def _as_json(value: Any) -> Any:
    """Numbers and arrays of NumPy as those of Python."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r:.60} ({type(value).__name__})")


def _as_int(text: str) -> float | int:
    """A whole number; one that does not fit into 64 bits is no number of anything."""
    return int(text) if len(text) < 20 and -(2**63) <= int(text) < 2**63 else float(text)


def _not_plain(error: Exception) -> NESTError:
    return BadType(
        "a description must be plain data",
        value=str(error),
        allowed="numbers, text, true, false, null, lists and dictionaries of these",
        todo="Write distributions as {'distribution': 'uniform', 'min': 0.0, 'max': 1.0}.",
    )


def place(description: dict[str, Any]) -> dict[str, Any]:
    """Give a place to nodes that have none: stimulators to the left, recorders to the right.

    Parameters
    ----------
    description : dict
        A complete one; it is changed.

    Returns
    -------
    dict
        The same.
    """
    taken = [(node["x"], node["y"]) for node in description["nodes"] if _has_place(node)]
    last: dict[int, int] = {}  # where the search in a column goes on
    for node in description["nodes"]:
        if not _has_place(node):
            x = _COLUMNS.get(node["kind"], _COLUMNS["neuron"])
            y = last.get(x, _TOP)
            while any(math.hypot(x - u, y - v) < _AWAY for u, v in taken):
                y += _DOWN
            node["x"], node["y"], last[x] = x, y, y
            taken.append((x, y))
    return description


def _has_place(node: dict[str, Any]) -> bool:
    return all(isinstance(at := node.get(axis), int | float) and math.isfinite(at) for axis in "xy")
