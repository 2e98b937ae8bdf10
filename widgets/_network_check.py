"""What is wrong with the description of a network: each mistake beside what it is about.

Everything is asked of the kernel, in a simulation of its own. What it refuses is left out and the rest is
tried again, so that each of its messages stands beside the control it is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import nest_lab as nest
from nest_lab.errors import BadValue, NESTError
from nest_lab.widgets._clock import positive
from nest_lab.widgets._network_description import complete
from nest_lab.widgets._network_plan import Step, plan, variables_of
from nest_lab.widgets._network_values import DescriptionError

__all__ = ["mistakes", "problems"]

_MOST_PAIRS = 300_000  # of a network that is also prepared for a run, which builds all connections


def problems(description: Any) -> list[dict[str, str]]:
    """Say what is wrong with a description.

    Parameters
    ----------
    description : object
        Whatever should be a description.

    Returns
    -------
    list of dict
        For each mistake its ``path`` and the whole ``message``.
    """
    try:
        whole = complete(description)
    except NESTError as error:
        return [{"path": "" if error.where == "Network()" else error.where, "message": str(error)}]
    return [{"path": wrong.path, "message": str(wrong.error)} for wrong in mistakes(whole)]


def mistakes(whole: dict[str, Any]) -> Iterator[DescriptionError]:
    """What is wrong with a whole description, one after the other: where, and what the kernel says.

    Parameters
    ----------
    whole : dict
        Of `complete`.

    Yields
    ------
    DescriptionError
    """
    yield from _Check(whole).all()


class _Check:
    """Builds a network step by step, and looks closer where a step is refused."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.description = description
        self.missing: set[str] = set()  # nodes that could not be made
        self.variables: dict[str, Any] = {}
        self.simulation = nest.Simulation()
        self.names = variables_of(description)
        self.found = False  # whether there was a mistake

    def all(self) -> Iterator[DescriptionError]:
        """All mistakes, in the order of the description."""
        yield from self._time()
        for part, entry, read in plan(self.description):
            if part == "connections" and self.missing.intersection(_ids(entry)):
                continue  # nothing can be said of it
            yield from self._wrong(_Entry(part, entry, read))
        if not self.found and self._pairs() <= _MOST_PAIRS:
            yield from self._unready()

    def _pairs(self) -> int:
        """How many pairs of nodes there are that may be connected, at most."""
        total = 0
        for each in self.description["connections"]:
            sources, targets = (
                sum(len(self.variables[self.names[id]]) for id in _ids_of(each[end]))
                for end in ("source", "target")
            )
            total += sources * targets
        return total

    def _unready(self) -> Iterator[DescriptionError]:
        """What is said when it should run."""
        try:
            with self.simulation:
                nest.Prepare()
        except NESTError as error:
            yield DescriptionError(self._node_in(error), error)

    def _node_in(self, error: NESTError) -> str:
        """Path of the node that an error names, else of the simulation."""
        number = re.search(r"\bnode (\d+)", f"{error.value} {error.what}")
        for id, name in self.names.items():
            if number is not None and int(number[1]) in self.variables[name].tolist():
                words = _words(error)
                model = next(node["model"] for node in self.description["nodes"] if node["id"] == id)
                fields = nest.models.registry[model].parameters if model in nest.models.registry else {}
                field = next((word for word in words if word in fields), "")
                return f"nodes/{id}/params/{field}" if field else f"nodes/{id}"
        return "simulation"

    def _time(self) -> Iterator[DescriptionError]:
        """Whether the time to run is one."""
        facts, where = self.description["simulation"], "simulation/time"
        try:
            time, step = positive(facts["time"], "time to run", "ms", where), facts["resolution"]
            if time > (latest := self.simulation.latest):
                raise BadValue(
                    "the time to run is beyond what the clock can tell",
                    where=where,
                    value=f"{time:g} ms",
                    allowed=f"at most {latest:g} ms",
                    todo="Give the model time in ms.",
                )
            if type(step) in (int, float) and step > 0 and abs(time / step - round(time / step)) > 1e-6:
                raise BadValue(
                    "the time to run must be a multiple of the resolution",
                    where=where,
                    value=f"{time:g} ms",
                    allowed=f"multiples of {step:g} ms",
                    todo="Round it.",
                )
        except NESTError as error:
            yield DescriptionError(where, error)

    def _wrong(self, entry: _Entry) -> Iterator[DescriptionError]:
        """What is refused of an entry, until the rest of it can be made."""
        error = self._refused(entry)
        while error is not None:
            key, path = entry.about(error)
            for smaller in entry.without(key):
                again = self._refused(smaller)
                if again is None:
                    path = path if path != entry.path else entry.path_of(smaller.left_out[-1], error)
                    key = smaller.left_out[-1]
                    break
            self.found = True
            yield DescriptionError(path, error.error if isinstance(error, DescriptionError) else error)
            if key is None or len(key) == 1:  # there are none, or not as many or not where they should be
                self.missing.add(entry.content.get("id", ""))
            if key is None:
                return
            entry, error = smaller, again

    def _refused(self, entry: _Entry) -> DescriptionError | NESTError | None:
        """What is said against an entry; None if it is made."""
        try:
            step = entry.read(entry.content)
            with self.simulation:
                step.do(self.variables)
        except (DescriptionError, NESTError) as error:
            return error
        return None


Key = tuple[str, ...]
_FLAGS = {"allow_autapses", "allow_multapses"}  # of every rule


class _Entry:
    """A node, a connection, a model or the settings, and what was left out of it."""

    def __init__(
        self, part: str, content: Any, read: Callable[[Any], Step], left_out: tuple[Key, ...] = ()
    ) -> None:
        self.part, self.content, self.read, self.left_out = part, content, read, left_out
        name = content.get("id", content.get("name", ""))
        self.path = part if part == "simulation" else f"{part}/{name}"

    def keys(self) -> list[Key]:
        """Values that can be left out, and perhaps replaced by a default."""
        content = self.content
        if self.part == "simulation":
            return [(name,) for name in content if name != "time"]
        if self.part == "connections":
            return [
                (group, name)
                for group, last in (("synapse", "synapse_model"), ("rule", "rule"))
                for name in (*(each for each in content[group] if each != last), last)
            ]
        found: list[Key] = [("params", name) for name in content["params"]]
        usual: dict[str, Any] = {"positions": None, "record": [], "size": 1}
        return [*found, *((name,) for name, value in usual.items() if content.get(name, value) != value)]

    def about(self, error: DescriptionError | NESTError) -> tuple[Key | None, str]:
        """Which value an error is about, None if it does not say so; and the path of it."""
        keys = [key for key in self.keys() if key not in self.left_out]
        if isinstance(error, DescriptionError):
            parts = tuple(error.path.removeprefix(f"{self.path}/").split("/"))
            return next((key for key in keys if parts[: len(key)] == key), None), error.path
        if error.wrong and error.wrong in (self.content.get("model"), self.content.get("base")):
            return None, f"{self.path}/{'model' if self.part == 'nodes' else 'base'}"
        words = _words(error)
        for key in keys:
            value = self._value(key)
            if key[-1] in words or (isinstance(value, str) and value == error.wrong):
                return key, self.path_of(key, error)
        group, names = self._absent()
        name = next((word for word in words if word in names), "")
        return None, f"{self.path}/{group}/{name}" if name else self.path

    def _absent(self) -> tuple[str, Mapping[str, Any]]:
        """Values that are as by default, or should be there: their group, and what is known of them."""
        models, rules = nest.models.registry, nest.models.rules
        if self.part == "nodes":
            model = self.content["model"]
            return "params", models[model].parameters if model in models else {}
        if self.part != "connections":
            return "", {}
        rule, model = self.content["rule"]["rule"], self.content["synapse"]["synapse_model"]
        if rule in rules and not rules[rule].parameters.keys() <= self.content["rule"].keys() | _FLAGS:
            return "rule", rules[rule].parameters
        return "synapse", models[model].parameters if model in models else {}

    def path_of(self, key: Key, error: DescriptionError | NESTError) -> str:
        """Path of a value, or of what an error names in it."""
        value, words = self._value(key), _words(error)
        inside = [word for word in words if word in value] if isinstance(value, Mapping) else []
        return "/".join([self.path, *key, *inside[:1]])

    def _value(self, key: Key) -> Any:
        value = self.content
        for name in key:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def without(self, key: Key | None) -> Iterator[_Entry]:
        """The entry without a value; where none is given, without each of its values in turn."""
        for each in [key] if key is not None else self.keys():
            yield _Entry(self.part, self._smaller(each), self.read, (*self.left_out, each))

    def _smaller(self, key: Key) -> dict[str, Any]:
        content = self.content
        match key:
            case ("rule", _):
                return {**content, "rule": {"rule": "all_to_all"}}
            case ("synapse", "synapse_model"):
                return {**content, "synapse": {"synapse_model": "static_synapse"}}
            case ("params" | "synapse" as group, name):
                rest = {each: value for each, value in content[group].items() if each != name}
                model = content.get("model")
                needed = nest.models.registry[model].needs if model in nest.models.registry else {}
                return {**content, group: {**rest, **({name: needed[name]} if name in needed else {})}}
            case (name,) if self.part == "nodes":
                return {**content, name: {"positions": None, "record": [], "size": 1}[name]}
        return {name: value for name, value in content.items() if (name,) != key}


def _words(error: DescriptionError | NESTError) -> list[str]:
    """Names that an error may be about, in the order of its text."""
    said = error.error if isinstance(error, DescriptionError) else error
    return [*re.findall(r"\w+", said.what), said.wrong]


def _ids(connection: Mapping[str, Any]) -> Iterator[str]:
    """Nodes that a connection names."""
    yield from _ids_of(connection["source"])
    yield from _ids_of(connection["target"])


def _ids_of(end: Any) -> Iterator[str]:
    """Nodes at an end of a connection."""
    for each in end if isinstance(end, list) else [end]:
        id = each.get("node") if isinstance(each, Mapping) else each
        if isinstance(id, str):
            yield id
