"""From the description of a network to what is done, one step after the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from nest_lab.errors import BadType, BadValue, UnknownName
from nest_lab.widgets._network_values import (
    Call,
    DescriptionError,
    Method,
    Name,
    made,
    picked,
    read_end,
    read_value,
    text,
    variable,
)
from nest_lab.widgets._receptors import called

__all__ = ["Step", "plan", "variables_of"]


@dataclass(frozen=True)
class Step:
    """One line of the program.

    Attributes
    ----------
    path : str
        Which part of the description it is of.
    call : Call
        What is called.
    variable : str
        What the result is called, '' where there is none.
    then : Method or None
        What is called after it.
    note : str
        What a reader of the program is told about it, '' if nothing.
    """

    path: str
    call: Call
    variable: str = ""
    then: Method | None = None
    note: str = ""

    @property
    def lines(self) -> list[str]:
        """The step as a program."""
        line = f"{self.variable} = {text(self.call)}" if self.variable else text(self.call)
        note = [f"# {self.note}"] if self.note else []
        return [*note, line] if self.then is None else [*note, line, text(self.then)]

    def do(self, variables: dict[str, Any]) -> None:
        """Do it in the current simulation."""
        result = made(self.call, variables)
        if self.then is not None:
            made(self.then, {**variables, self.variable: result})
        if self.variable:
            variables[self.variable] = result


def variables_of(description: Mapping[str, Any]) -> dict[str, str]:
    """Variables of the program by the id of the node."""
    names: dict[str, str] = {}
    for node in description["nodes"]:
        names[node["id"]] = variable(node["label"], set(names.values()))
    return names


def plan(description: Mapping[str, Any]) -> Iterator[tuple[str, Any, Callable[[Any], Step]]]:
    """What is done, one after the other: which part, the entry of the description, and what reads it."""
    names = variables_of(description)
    if any(name != "time" for name in description["simulation"]):
        yield "simulation", description["simulation"], _settings
    models = description["models"]
    for model in models:
        if not _speaks_of_nodes(model["params"]):
            yield "models", model, partial(model_step, names={})
    for node in description["nodes"]:
        yield "nodes", node, partial(node_step, names=names)
    for model in models:
        if _speaks_of_nodes(model["params"]):
            yield "models", model, partial(model_step, names=names)
    for connection in description["connections"]:
        yield "connections", connection, partial(connection_step, names=names, description=description)


def _speaks_of_nodes(params: Mapping[str, Any]) -> bool:
    return any(isinstance(value, Mapping) and "node" in value for value in params.values())


def _settings(simulation: Mapping[str, Any]) -> Step:
    """Set what the simulation is like."""
    settings = {name: value for name, value in simulation.items() if name != "time"}
    return Step("simulation", Call("set", (), read_items(settings, "simulation", {})))


def model_step(model: Mapping[str, Any], names: Mapping[str, str]) -> Step:
    """Make a copy of a model, or change the defaults of one."""
    path = f"models/{model['name']}"
    params = read_items(model["params"], f"{path}/params", names)
    if model["base"] is None:
        return Step(path, Call("SetDefaults", (model["name"], params)))
    return Step(path, Call("CopyModel", (model["base"], model["name"], *([params] if params else []))))


def node_step(node: Mapping[str, Any], names: Mapping[str, str]) -> Step:
    """Create the nodes of a population or a device."""
    path = f"nodes/{node['id']}"
    params = read_items(node["params"], f"{path}/params", names)
    own = _own_values(params, Name(names[node["id"]]), path)
    if node["record"]:
        params["record_from"] = read_value(node["record"], f"{path}/record", {})
    placed = _positions(node["positions"], f"{path}/positions", names)
    said: list[Any] = [node["model"]]
    counts = node["size"] != 1 and not _counts_itself(node["positions"])
    if counts or params:
        said.append(node["size"] if counts else 1)
    if params:
        said.append(params)
    named = {"positions": placed} if placed is not None else {}
    return Step(path, Call("Create", tuple(said), named), names[node["id"]], own)


def _own_values(params: dict[str, Any], nodes: Name, path: str) -> Method | None:
    """Take out what is a list of its own for each node, ``{"each": [...]}``; the call that sets it."""
    own = {
        name: params.pop(name)["each"]
        for name in [
            name for name, value in params.items() if isinstance(value, dict) and [*value] == ["each"]
        ]
    }
    sizes = {len(each) if isinstance(each, list) else -1 for each in own.values()}
    if not own:
        return None
    if len(sizes) > 1 or -1 in sizes:
        raise DescriptionError(
            f"{path}/params/{next(iter(own))}",
            BadType(
                "what each node has of its own must be a list of one length",
                value=f"parameters {', '.join(own)}",
                allowed="{'each': [first, second]}, one for each node",
                todo="Give one value for each node.",
            ),
        )
    rows = [dict(zip(own, values, strict=True)) for values in zip(*own.values(), strict=True)]
    return Method(nodes, "set", (rows,))


_EXPANDED = {"weight": (int, float), "delay": (int, float)}  # other whole numbers are the same for all


def connection_step(
    connection: Mapping[str, Any], names: Mapping[str, str], description: Mapping[str, Any]
) -> Step:
    """Connect nodes."""
    path = f"connections/{connection['id']}"
    ends = [read_end(connection[end], f"{path}/{end}", names) for end in ("source", "target")]
    rule = read_items(connection["rule"], f"{path}/rule", names)
    if "pairs" in rule:
        pairs = rule.pop("pairs")
        if not isinstance(pairs, list) or len(pairs) != 2:
            pairs = [pairs, pairs]  # refused below
        ends = [picked(end, each, f"{path}/rule/pairs") for end, each in zip(ends, pairs, strict=True)]
    synapse = read_items(connection["synapse"], f"{path}/synapse", names)
    if "pairs" in connection["rule"]:  # one value for each, which the reference simulator wants
        number = len(ends[0].positions)
        synapse = {
            name: [value] * number if type(value) in _EXPANDED.get(name, (float,)) else value
            for name, value in synapse.items()
        }
    said: list[Any] = [*ends]
    if rule != {"rule": "all_to_all"} or synapse != {"synapse_model": "static_synapse"}:
        said.append(rule["rule"] if [*rule] == ["rule"] else rule)
    if synapse != {"synapse_model": "static_synapse"}:
        said.append(synapse["synapse_model"] if [*synapse] == ["synapse_model"] else synapse)
    receptor = called(description, connection)
    note = f"receptor_type {connection['synapse']['receptor_type']} is {receptor}" if receptor else ""
    return Step(path, Call("Connect", tuple(said)), note=note)


def read_items(params: Mapping[str, Any], path: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Read values by name."""
    return {name: read_value(value, f"{path}/{name}", names) for name, value in params.items()}


def _counts_itself(positions: Any) -> bool:
    """Whether positions say how many nodes there are."""
    return isinstance(positions, Mapping) and (positions.get("type") == "grid" or "positions" in positions)


_PLACED = {
    "free": ("extent", "dimensions", "edge_wrap", "center", "positions", "pos"),
    "grid": ("shape", "extent", "edge_wrap", "center"),
}


def _positions(positions: Any, path: str, names: Mapping[str, str]) -> Any:
    """Positions of nodes in space."""
    if positions is None:
        return None
    kind = positions.get("type") if isinstance(positions, Mapping) else None
    if not isinstance(kind, str) or kind not in _PLACED:
        raise DescriptionError(
            path,
            BadValue(
                "positions are free or on a grid",
                value=repr(kind if isinstance(positions, Mapping) else positions),
                allowed="null, {'type': 'free', ...}, {'type': 'grid', ...}",
                todo="Say which type.",
            ),
        )
    for name in positions:
        if name not in ("type", *_PLACED[kind]):
            raise DescriptionError(
                f"{path}/{name}",
                UnknownName(
                    f"positions of the type '{kind}' have nothing of this name",
                    value=repr(name),
                    wrong=str(name),
                    candidates=_PLACED[kind],
                ),
            )
    said = {name: value for name, value in positions.items() if name != "type" and value is not None}
    if said.get("edge_wrap") is False:
        del said["edge_wrap"]
    if kind == "grid":
        shape = said.pop("shape", None)
        return Call("spatial.grid", (read_value(shape, f"{path}/shape", {}),), read_items(said, path, names))
    return _free(said, path, names)


def _free(said: dict[str, Any], path: str, names: Mapping[str, str]) -> Call:
    """Positions that are given, drawn from what is given, or drawn evenly in a box."""
    dimensions, center = said.pop("dimensions", None), said.pop("center", None)
    given = said.pop("positions", said.pop("pos", None))
    if given is not None:
        named = read_items(said, path, names)
        if dimensions is not None and isinstance(given, Mapping):
            named["num_dimensions"] = read_value(dimensions, f"{path}/dimensions", {})
        return Call("spatial.free", (read_value(given, f"{path}/positions", names),), named)
    extent = said.setdefault("extent", [1.0] * (dimensions if dimensions in (2, 3) else 2))
    numbers = _numbers(extent, f"{path}/extent")
    middle = [0.0] * len(numbers) if center is None else _numbers(center, f"{path}/center")
    if len(middle) != len(numbers) or (dimensions is not None and dimensions != len(numbers)):
        raise DescriptionError(
            f"{path}/extent",
            BadValue(
                "extent and center must have a number for each dimension",
                value=f"{len(numbers)} and {len(middle)} numbers in {dimensions} dimensions",
                allowed="2 or 3 numbers each",
                todo="Give one for each dimension.",
            ),
        )
    drawn = [
        Call("random.uniform", (), {"min": m - 0.5 * e, "max": m + 0.5 * e})
        for m, e in zip(middle, numbers, strict=True)
    ]
    return Call("spatial.free", (drawn,), read_items(said, path, names))


def _numbers(value: Any, path: str) -> list[float]:
    """A list of finite numbers."""
    right = isinstance(value, (list, tuple)) and all(
        type(each) in (int, float) and math.isfinite(each) for each in value
    )
    if not right:
        raise DescriptionError(
            path,
            BadType(
                "this must be a list of numbers",
                value=f"{value!r} ({type(value).__name__})",
                allowed="2 or 3 numbers",
                todo="Give one for each dimension.",
            ),
        )
    return [float(each) for each in value]
