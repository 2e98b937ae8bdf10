"""Projects of NEST Desktop: read from the files that it exports, and written for it to load.

A project is a dictionary of JSON with a ``network`` of ``nodes``, ``connections`` and copied ``models``, and
a ``simulation``. Nodes are told by their number; parameters are lists of ``{"id": name, "value": value}``,
and those with ``"visible": false`` are as by default. This reads what versions 3 and 4 write, and writes what
version 4 does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

import nest_lab as nest
from nest_lab.errors import BadFile, BadValue, NESTError, UnknownName, at
from nest_lab.widgets._network_description import complete, place
from nest_lab.widgets._network_values import functions

__all__ = ["from_desktop", "to_desktop"]

_READ, _WRITE = "Network.from_desktop()", "Network.to_desktop()"
_AGAIN = "Export the project from NEST Desktop again."
_VERSION = "4.0.0"  # of the files that are written
_KERNEL = {"resolution": "resolution", "localNumThreads": "local_num_threads", "rngSeed": "rng_seed"}
_POSITIONS = {"edgeWrap": "edge_wrap", "extent": "extent", "center": "center", "shape": "shape"}
_PARTS = {
    "compartments": {"parentIdx": "parent_idx"},
    "receptors": {"compIdx": "comp_idx", "id": "receptor_type"},
}
_LINEAR = "spatial.distance"  # slope times distance plus shift


class _Field:
    """A value of a file, and where it stands."""

    def __init__(self, value: Any, path: str) -> None:
        self.value, self.path = value, path

    def refuse(self, what: str, allowed: str, todo: str = _AGAIN) -> NESTError:
        """An error about this value."""
        value = f"{self.value!r:.60}" if self.value is not None else "nothing"
        where = f"{_READ}: {self.path}" if self.path else _READ
        return BadFile(what, where=where, value=value, allowed=allowed, todo=todo)

    def has(self, name: str) -> bool:
        """Whether there is something of this name."""
        return isinstance(self.value, Mapping) and self.value.get(name) is not None

    def get(self, name: str) -> _Field:
        """What is in a dictionary; nothing if it is not there."""
        if not isinstance(self.value, Mapping):
            raise self.refuse("this must be a dictionary", '{"name": value}')
        return _Field(self.value.get(name), f"{self.path}.{name}" if self.path else name)

    def each(self) -> Iterator[_Field]:
        """What is in a list; nothing if there is none."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.refuse("this must be a list", "[first, second]")
        for number, value in enumerate(self.value):
            yield _Field(value, f"{self.path}[{number}]")

    def dictionary(self) -> dict[str, Any]:
        """A dictionary; an empty one if there is none."""
        if self.value is not None and not isinstance(self.value, Mapping):
            raise self.refuse("this must be a dictionary", '{"name": value}')
        return dict(self.value or {})

    def text(self) -> str:
        """A name."""
        if not isinstance(self.value, str) or not self.value:
            raise self.refuse("this must be text", "a name in quotes")
        return self.value

    def whole(self, below: int | None = None) -> int:
        """A whole number from 0 on."""
        value = self.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int or value < 0 or (below is not None and value >= below):
            end = "" if below is None else f" … {below - 1}"
            raise self.refuse("this must be a whole number", f"0{end}" if end else "0, 1, …")
        return value

    def number(self) -> float | int:
        """A finite number, also as text; one that does not fit into 64 bits is not whole."""
        value = self.value
        try:
            if type(value) is str:
                value = float(value)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
                return value if abs(value) < 2**63 else float(value)
        except (ValueError, OverflowError):
            pass
        raise self.refuse("this must be a number", "a number")


def from_desktop(source: Any, name: str | None = None) -> tuple[dict[str, Any], list[str]]:
    """Read a project.

    Parameters
    ----------
    source : str, bytes or dict
        Text of the file, or what is in it: one project, or a list of them.
    name : str, optional
        Which project of a list; the first when not given.

    Returns
    -------
    description : dict
        As of `Network`.
    notes : list of str
        What is in the file and was left out.

    Raises
    ------
    BadFile
        It is no project; the error says in which line or field.
    UnknownName
        There is no project of this name.
    """
    project = _chosen(_parsed(source), name)
    notes: list[str] = []
    network = project.get("network")
    if not network.has("nodes"):
        raise network.refuse("this is no network", '{"nodes": [...], "connections": [...]}')
    nodes, groups = _nodes(network.get("nodes"), notes)
    description = {
        "models": [_model(each, nodes) for each in network.get("models").each()],
        "nodes": nodes,
        "connections": [
            _connection(each, groups, nodes, number)
            for number, each in enumerate(network.get("connections").each(), 1)
        ],
        "simulation": _simulation(project.get("simulation"), notes),
    }
    try:
        whole = complete(description)
    except NESTError as error:
        raise at(error, _READ) from None
    _record_all(whole)
    return place(whole), notes


def _parsed(source: Any) -> _Field:
    """JSON, if it is text."""
    if isinstance(source, (str, bytes)):
        try:
            return _Field(json.loads(source), "")
        except (ValueError, RecursionError) as error:
            line = (
                f"line {error.lineno}, column {error.colno}"
                if isinstance(error, json.JSONDecodeError)
                else ""
            )
            said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            raise BadFile(
                "the file is not JSON",
                where=f"{_READ}: {line}" if line else _READ,
                value=said,
                allowed="what NEST Desktop exports as JSON",
                todo=_AGAIN,
            ) from None
    return _Field(source, "")


def _chosen(whole: _Field, name: str | None) -> _Field:
    """One project of the file."""
    projects = [*whole.each()] if isinstance(whole.value, list) else [whole]
    if not projects:
        raise whole.refuse("there is no project in it", "one project or more")
    if name is None:
        return projects[0]
    names = [str(each.get("name").value) for each in projects]
    if name not in names:
        raise UnknownName(
            "there is no project of this name",
            where=_READ,
            value=repr(name),
            wrong=str(name),
            candidates=names,
        )
    return projects[names.index(name)]


# -- nodes


def _nodes(field: _Field, notes: list[str]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Nodes, and for each number in the file what a connection to it is connected with."""
    nodes: list[dict[str, Any]] = []
    ends: list[Any] = []
    for each in field.each():
        if each.has("nodes"):  # a group of others
            ends.append([*each.get("nodes").each()])
            continue
        node = _node(each, f"n{len(nodes) + 1}", notes)
        nodes.append(node)
        ends.append(node["id"])
    return nodes, [_members(each, ends) if isinstance(each, list) else each for each in ends]


def _members(group: list[_Field], ends: list[Any]) -> list[str]:
    """Nodes of a group, also of groups in it."""
    found: list[str] = []
    for each in group:
        member = ends[each.whole(len(ends))]
        if isinstance(member, list):
            raise each.refuse("a group of groups cannot be read", "numbers of nodes", "Ungroup it.")
        found.append(member)
    return found


def _node(field: _Field, id: str, notes: list[str]) -> dict[str, Any]:
    model = field.get("model").text()
    params = _params(field.get("params"))
    for name, read in (("compartments", _compartment), ("receptors", _receptor)):
        if field.has(name):
            params[name] = [read(each) for each in field.get(name).each()]
    node: dict[str, Any] = {"id": id, "label": model, "model": model, "params": params}
    if field.has("size"):
        node["size"] = field.get("size").whole()
    if field.has("records"):
        node["record"] = [each.get("id").text() for each in field.get("records").each()]
    if field.has("spatial") and field.get("spatial").has("positions"):
        node["positions"] = _positions(field.get("spatial"))
    annotations = [each.text() for each in field.get("annotations").each()]
    if annotations:
        node["label"] = annotations[0]
    if len(annotations) > 1:
        notes.append(f"Of the annotations of '{annotations[0]}' all but the first are left out.")
    _view(field.get("view"), node)
    return node


def _view(field: _Field, node: dict[str, Any]) -> None:
    """Where a node is drawn, and in which colour."""
    if field.value is None:
        return
    if field.has("label"):
        node["label"] = field.get("label").text()
    if field.has("color"):
        node["color"] = field.get("color").text()
    position = field.get("position")
    if position.value is not None:
        node["x"], node["y"] = (position.get(axis).number() for axis in ("x", "y"))


def _compartment(field: _Field) -> dict[str, Any]:
    parent = field.get("parentIdx")
    number = parent.number()
    if not float(number).is_integer():
        raise parent.refuse("this must be a whole number", "-1, 0, 1, …")
    return {"parent_idx": int(number), "params": _params(field.get("params"))}


def _receptor(field: _Field) -> dict[str, Any]:
    return {
        "comp_idx": field.get("compIdx").whole(),
        "receptor_type": field.get("id").text(),
        "params": _params(field.get("params")),
    }


def _positions(field: _Field) -> dict[str, Any]:
    kind = field.get("positions").value
    if kind not in ("free", "grid"):
        raise field.get("positions").refuse("there are no such positions", '"free" or "grid"')
    specs = field.get("specs")
    found: dict[str, Any] = {"type": kind}
    if specs.value is None:
        return found
    found |= {ours: specs.get(theirs).value for theirs, ours in _POSITIONS.items() if specs.has(theirs)}
    if kind == "free":
        found.pop("shape", None)
        if specs.has("numDimensions"):
            found["dimensions"] = specs.get("numDimensions").whole()
        if specs.get("pos").value:
            found = {"type": kind, "positions": specs.get("pos").value}
            found |= {
                name: specs.get(their).value for their, name in [*_POSITIONS.items()][:2] if specs.has(their)
            }
    return found


# -- parameters


def _params(field: _Field) -> dict[str, Any]:
    """Parameters by name, those that are shown."""
    found: dict[str, Any] = {}
    for each in field.each():
        if not (each.has("visible") and each.get("visible").value is False):
            found[each.get("id").text()] = _value(each)
    return found


def _value(field: _Field) -> Any:
    """A number, a list, or a distribution."""
    kind = field.get("type")
    if kind.value is None or isinstance(kind.value, str):
        return field.get("value").value
    name = kind.get("id").text()
    specs = {each.get("id").text(): each.get("value") for each in kind.get("specs").each()}
    if name == "constant":
        return field.get("value").value
    if name in ("np.arange", "np.linspace"):
        numbers = {each: spec.number() for each, spec in specs.items()}
        return _spaced(name, numbers, kind)
    if name == _LINEAR:
        slope, shift = (
            specs[each].number() if each in specs else usual for each, usual in (("a", 1), ("c", 0))
        )
        distance = {"distribution": "distance"}
        scaled = {"distribution": "mul", "x": slope, "y": distance} if slope != 1 else distance
        return {"distribution": "add", "x": scaled, "y": shift} if shift else scaled
    path = name.removeprefix("nest.")
    known = next((each for each in functions().values() if each.path == path), None)
    if known is None:
        raise kind.get("id").refuse(
            "there is no such distribution",
            f"constant, np.arange, np.linspace, {_LINEAR}, random.uniform, spatial_distributions.gaussian, …",
            "Choose another type of this parameter in NEST Desktop.",
        )
    return {"distribution": known.name, **{each: spec.number() for each, spec in specs.items()}}


def _spaced(name: str, numbers: dict[str, float | int], field: _Field) -> list[float]:
    """A list of numbers with the same distance."""
    start, stop = numbers.get("start", 0), numbers.get("stop", 1)
    length = float(stop) - float(start)
    if name == "np.linspace":
        count = int(numbers.get("num", 50))
        if not (0 <= count <= 1_000_000 and math.isfinite(length)):
            raise field.refuse("this list is too long", "at most 1000000 numbers")
        values: list[float] = np.linspace(float(start), float(stop), count).tolist()
        return values
    step = numbers.get("step", 1)
    if not step or not 0 <= length / step <= 1_000_000:
        raise field.refuse("this list does not end, or is too long", "a step that leads to the end")
    values = np.arange(start, stop, step).tolist()
    return values


# -- connections and the rest


def _connection(field: _Field, ends: list[Any], nodes: list[dict[str, Any]], number: int) -> dict[str, Any]:
    found: dict[str, Any] = {"id": f"c{number}"}
    for end in ("source", "target"):
        node = ends[field.get(end).whole(len(ends))]
        found[end] = _sliced(node, field.get(f"{end}Slice"), nodes)
    rule: dict[str, Any] = {"rule": field.get("rule").text() if field.has("rule") else "all_to_all"}
    rule |= _params(field.get("params"))
    mask = field.get("mask")
    if mask.has("masktype") and mask.get("masktype").value != "none":
        rule["mask"] = {mask.get("masktype").text(): mask.get("specs").dictionary()}
    synapse = field.get("synapse")
    said: dict[str, Any] = {}
    if synapse.value is not None:
        said = {"synapse_model": synapse.get("model").text()} if synapse.has("model") else {}
        said |= _params(synapse.get("params"))
        if synapse.has("receptorIdx"):
            said["receptor_type"] = synapse.get("receptorIdx").whole()
    return found | {"rule": rule, "synapse": said}


def _sliced(node: Any, field: _Field, nodes: list[dict[str, Any]]) -> Any:
    """A part of a population."""
    part = {each.get("id").text(): each.get("value").whole() for each in field.each()}
    if not part:
        return node
    if isinstance(node, list):
        raise field.refuse("a group has no part", "a part of one population", "Ungroup it in NEST Desktop.")
    size = next((each.get("size", 1) for each in nodes if each["id"] == node), 1)
    bounds = [part.get("start", 0), part.get("stop", size)]
    return {"node": node, "slice": bounds + ([part["step"]] if part.get("step", 1) != 1 else [])}


def _model(field: _Field, nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """A copy of a model."""
    params = _params(field.get("params"))
    if "weight_recorder" in params:
        label = params["weight_recorder"]
        recorders = [each for each in nodes if each["model"] == "weight_recorder"]
        ours = [each for each in recorders if each["label"] == label] or recorders
        if not ours:
            raise field.refuse(
                "its weight_recorder is not in the network", "a node that is a weight_recorder"
            )
        digits = "".join(filter(str.isdecimal, str(label)))[:9]
        number = int(digits) - 1 if digits and 0 < int(digits) <= len(ours) else 0
        params["weight_recorder"] = {"node": ours[number]["id"]}
    return {"name": field.get("new").text(), "base": field.get("existing").text(), "params": params}


def _simulation(field: _Field, notes: list[str]) -> dict[str, Any]:
    if field.value is None:
        return {}
    found: dict[str, Any] = {}
    if field.has("time"):
        found["time"] = field.get("time").number()
    kernel = field.get("kernel")
    if kernel.value is not None:
        found |= {ours: kernel.get(theirs).number() for theirs, ours in _KERNEL.items() if kernel.has(theirs)}
    seed = found.setdefault("rng_seed", field.get("randomSeed").number() if field.has("randomSeed") else 1)
    if seed == 0:
        found["rng_seed"] = 1
        notes.append("The seed 0 is not allowed by NEST: it is 1.")
    for name in ("modules", "code"):
        if field.get(name).value:
            notes.append(f"The {name} of the simulation are left out.")
    return found


def _record_all(description: dict[str, Any]) -> None:
    """A multimeter for which nothing was chosen records all there is, as in NEST Desktop."""
    registry = nest.models.registry
    models = {node["id"]: node["model"] for node in description["nodes"]}
    copies = {model["name"]: model["base"] for model in description["models"]}
    for node in description["nodes"]:
        if node["record"] or node["model"] not in registry:
            continue
        if registry[node["model"]].defaults.get("record_from") != []:
            continue
        names: dict[str, None] = {}
        for each in description["connections"]:
            target = each["target"]
            for end in target if isinstance(target, list) else [target]:
                model = models.get(end["node"] if isinstance(end, Mapping) else end, "")
                model = copies.get(model, model)
                if each["source"] == node["id"] and model in registry:
                    names |= dict.fromkeys(registry[model].recordables)
        node["record"] = [*names]


# -- writing


def to_desktop(description: Mapping[str, Any], name: str = "network") -> dict[str, Any]:
    """Write a project.

    Parameters
    ----------
    description : dict
        A complete one.
    name : str
        Of the project.

    Returns
    -------
    dict
        To be written as JSON.

    Raises
    ------
    BadValue
        There is something in it that NEST Desktop has no words for; the error says what and where.
    """
    numbers = {node["id"]: number for number, node in enumerate(description["nodes"])}
    nodes = [_written_node(node) for node in description["nodes"]]
    connections = [_written_connection(each, numbers, nodes) for each in description["connections"]]
    simulation = dict(description["simulation"])
    kernel = {theirs: simulation.pop(ours) for theirs, ours in _KERNEL.items() if ours in simulation}
    time = simulation.pop("time")
    for setting in simulation:
        raise _wordless(f"simulation/{setting}", simulation[setting], ", ".join(_KERNEL.values()))
    labels = _labels_of_recorders(description["nodes"])
    return {
        "name": name,
        "network": {
            "connections": connections,
            "models": [_written_model(each, labels) for each in description["models"]],
            "nodes": nodes,
        },
        "simulation": {"kernel": kernel, "time": time},
        "version": _VERSION,
    }


def _labels_of_recorders(nodes: list[dict[str, Any]]) -> dict[str, str]:
    """What a weight recorder is called in a model: by its label, or by its number if others have the same."""
    recorders = [node for node in nodes if node["model"] == "weight_recorder"]
    labels = [node["label"] for node in recorders]
    return {
        node["id"]: node["label"] if labels.count(node["label"]) == 1 else f"wr{number}"
        for number, node in enumerate(recorders, 1)
    }


def _wordless(path: str, value: Any, allowed: str) -> NESTError:
    return BadValue(
        "NEST Desktop has no words for this",
        where=f"{_WRITE}: {path}",
        value=f"{value!r:.60}",
        allowed=allowed,
        todo="Change it, or save the network as a notebook or as a program.",
    )


def _written_node(node: Mapping[str, Any]) -> dict[str, Any]:
    path, params = f"nodes/{node['id']}", dict(node["params"])
    parts = {name: params.pop(name) for name in _PARTS if name in params}
    found: dict[str, Any] = {
        "model": node["model"],
        "view": {"position": {"x": node.get("x", 0), "y": node.get("y", 0)}},
    }
    if node.get("color"):
        found["view"]["color"] = node["color"]
    if node["size"] != 1:
        found["size"] = node["size"]
    if params:
        found["params"] = _written_params(params, f"{path}/params")
    if node["label"] != node["model"]:
        found["annotations"] = [node["label"]]
    if node["record"]:
        found["records"] = [{"id": each} for each in node["record"]]
    if node["positions"] is not None:
        found["spatial"] = _written_positions(node["positions"], f"{path}/positions")
    return found | {
        name: _written_parts(each, _PARTS[name], f"{path}/params/{name}") for name, each in parts.items()
    }


def _written_parts(parts: Any, names: Mapping[str, str], path: str) -> list[dict[str, Any]]:
    """Compartments, or receptors."""
    needed = f"a list of dictionaries with {' and '.join(names.values())}"
    if not isinstance(parts, list):
        raise _wordless(path, parts, needed)
    found = []
    for each in parts:
        whole = isinstance(each, Mapping) and all(name in each for name in names.values())
        if not whole or not isinstance(each.get("params", {}), Mapping):
            raise _wordless(path, each, needed)
        inner = _written_params(each.get("params", {}), path)
        found.append({theirs: each[ours] for theirs, ours in names.items()} | {"params": inner})
    return found


def _written_positions(positions: Mapping[str, Any], path: str) -> dict[str, Any]:
    if "pos" in positions:
        raise _wordless(f"{path}/pos", positions["pos"], "positions in a box, on a grid, or given")
    specs = {
        theirs: positions[ours] for theirs, ours in _POSITIONS.items() if positions.get(ours) is not None
    }
    specs.setdefault("edgeWrap", False)
    known = positions.get("extent") or positions.get("shape") or (positions.get("positions") or [[0, 0]])[0]
    specs["numDimensions"] = positions.get("dimensions") or len(known)
    if positions.get("positions"):
        specs["pos"] = positions["positions"]
    return {"positions": positions["type"], "specs": specs}


def _written_params(params: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
    return [{"id": name, **_written(value, f"{path}/{name}")} for name, value in params.items()]


def _written(value: Any, path: str) -> dict[str, Any]:
    """A value, and its type if it is drawn."""
    if not isinstance(value, Mapping):
        return {"value": value}
    linear = _as_linear(value)
    if linear is not None:
        specs = [{"id": "a", "value": linear[0]}, {"id": "c", "value": linear[1]}]
        return {"value": linear[0], "type": {"id": _LINEAR, "specs": specs}}
    function = functions().get(value.get("distribution", ""))
    allowed = (
        "numbers, lists, nest.random, nest.spatial_distributions of the distance, slope · distance + shift"
    )
    if function is None or function.group not in ("random", "spatial_distributions"):
        raise _wordless(path, dict(value), allowed)
    given = {each: value[each] for each in function.arguments if each in value}
    for each in ("x", "y"):
        if each in given and given[each] == function.arguments[each]:
            del given[each]
    if not all(type(each) in (int, float) for each in given.values()):
        raise _wordless(path, dict(value), allowed)
    usual = {
        each: default for each, default in function.arguments.items() if isinstance(default, (int, float))
    }
    specs = [{"id": each, "value": number} for each, number in {**usual, **given}.items()]
    return {"value": specs[0]["value"], "type": {"id": function.path, "specs": specs}}


def _as_linear(value: Any) -> tuple[float, float] | None:
    """Slope and shift, if a value is linear in the distance."""
    match value:
        case {"distribution": "distance", **rest} if not rest.get("axis"):
            return 1, 0
        case {"distribution": "add", "x": inner, "y": float() | int() as shift}:
            found = _as_linear(inner)
            return None if found is None or found[1] else (found[0], shift)
        case {
            "distribution": "mul",
            "x": float() | int() as slope,
            "y": {"distribution": "distance", **rest},
        }:
            return (slope, 0) if not rest.get("axis") else None
    return None


def _written_connection(
    connection: Mapping[str, Any], numbers: Mapping[str, int], nodes: list[dict[str, Any]]
) -> dict[str, Any]:
    path, found = f"connections/{connection['id']}", dict[str, Any]()
    for end in ("source", "target"):
        given = connection[end]
        if isinstance(given, Mapping) and "slice" in given:
            values = zip(("start", "stop", "step"), given["slice"], strict=False)
            found[f"{end}Slice"] = [{"id": name, "value": value} for name, value in values]
            given = given["node"]
        found[end] = _written_end(given, f"{path}/{end}", numbers, nodes)
    rule, synapse = dict(connection["rule"]), dict(connection["synapse"])
    if "pairs" in rule:
        raise _wordless(f"{path}/rule/pairs", "connections one by one", "a rule")
    mask = rule.pop("mask", None)
    if rule["rule"] != "all_to_all":
        found["rule"] = rule["rule"]
    del rule["rule"]
    if rule:
        found["params"] = _written_params(rule, f"{path}/rule")
    if mask is not None:
        ((kind, specs),) = mask.items() if len(mask) == 1 else [(None, None)]
        if kind is None:
            raise _wordless(f"{path}/rule/mask", mask, "one mask")
        found["mask"] = {"masktype": kind, "specs": specs}
    model, receptor = synapse.pop("synapse_model"), synapse.pop("receptor_type", 0)
    said: dict[str, Any] = {"model": model} if model != "static_synapse" else {}
    if synapse:
        said["params"] = _written_params(synapse, f"{path}/synapse")
    if receptor:
        if type(receptor) is not int:
            raise _wordless(f"{path}/synapse/receptor_type", receptor, "one number")
        said["receptorIdx"] = receptor
    return found | ({"synapse": said} if said else {})


def _written_end(end: Any, path: str, numbers: Mapping[str, int], nodes: list[dict[str, Any]]) -> int:
    """The number of a node, or of a group of nodes, which is made if there is none."""
    if isinstance(end, str) and end in numbers:
        return numbers[end]
    if not isinstance(end, list) or not all(isinstance(each, str) and each in numbers for each in end):
        raise _wordless(path, end, "a population, a slice of one, or several populations")
    group = {"nodes": [numbers[each] for each in end]}
    if group not in nodes:
        nodes.append(group)
    return nodes.index(group)


def _written_model(model: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    path = f"models/{model['name']}"
    if model["base"] is None:
        raise _wordless(path, "changed defaults", "copies of models")
    params = {
        name: labels.get(value["node"], "") if isinstance(value, Mapping) and "node" in value else value
        for name, value in model["params"].items()
    }
    return {
        "existing": model["base"],
        "new": model["name"],
        "params": _written_params(params, f"{path}/params"),
    }
