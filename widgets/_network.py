"""A network as plain data: what an editor draws, saves and runs, and the program that does the same.

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
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, MissingFile, NESTError, UnknownName, WrongState, at
from nest_lab.widgets._clock import Clock
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

__all__ = ["Network", "Recorded", "Step", "complete", "place", "plan"]

VERSION = 1
_TIME = 1000.0  # ms


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
    """

    path: str
    call: Call
    variable: str = ""
    then: Method | None = None

    @property
    def lines(self) -> list[str]:
        """The step as a program."""
        line = f"{self.variable} = {text(self.call)}" if self.variable else text(self.call)
        return [line] if self.then is None else [line, text(self.then)]

    def do(self, variables: dict[str, Any]) -> None:
        """Do it in the current simulation."""
        result = made(self.call, variables)
        if self.then is not None:
            made(self.then, {**variables, self.variable: result})
        if self.variable:
            variables[self.variable] = result


@dataclass(frozen=True)
class Recorded:
    """A recorder of a network that was built.

    Attributes
    ----------
    id, label, model : str
        Which one.
    what : {'spikes', 'signals', 'events'}
        What it has: `SpikeRaster` shows spikes, `TraceView` signals; others are a table of events.
    recorder : NodeCollection
        Take it as the source of the widget.
    populations : dict of str to NodeCollection
        What it records from, by label.
    """

    id: str
    label: str
    model: str
    what: str
    recorder: Any
    populations: dict[str, Any]


class Network:
    """A network of an editor: checks its description, writes its program, builds and runs it.

    Parameters
    ----------
    description : dict
        As above; what is missing takes its default.

    Attributes
    ----------
    description : dict
        With all defaults, as it was given otherwise.
    simulation : Simulation or None
        Where it was built; of its own unless `build` was given one.
    nodes : dict of str to NodeCollection
        Nodes by id, after `build`.
    notes : list of str
        What could not be taken over as it was, from a simulation or a file.

    Raises
    ------
    NESTError
        It is no description of a network; `validate` tells all that is wrong.

    Examples
    --------
    >>> network = Network({
    ...     "nodes": [
    ...         {"id": "n1", "label": "cell", "model": "iaf_psc_alpha", "params": {"I_e": 500.0}},
    ...         {"id": "n2", "model": "spike_recorder"},
    ...     ],
    ...     "connections": [{"source": "n1", "target": "n2"}],
    ...     "simulation": {"time": 100.0, "rng_seed": 7},
    ... })
    >>> network.run().nodes["n2"].n_events
    6
    >>> print(network.script())
    import nest_lab as nest
    <BLANKLINE>
    nest.ResetKernel()
    nest.set(rng_seed=7, resolution=0.1)
    <BLANKLINE>
    cell = nest.Create('iaf_psc_alpha', 1, {'I_e': 500.0})
    spike_recorder = nest.Create('spike_recorder')
    <BLANKLINE>
    nest.Connect(cell, spike_recorder)
    <BLANKLINE>
    nest.Simulate(100.0)
    <BLANKLINE>
    """

    def __init__(self, description: Mapping[str, Any] | None = None) -> None:
        self.description = complete(description or {})
        try:
            self._steps = [read(entry) for _, entry, read in plan(self.description)]
        except DescriptionError as wrong:
            raise at(wrong.error, "Network()") from None
        self._names = variables_of(self.description)
        self.simulation: Any = None
        self.nodes: dict[str, Any] = {}
        self._seen: dict[str, int] = {}
        self.notes: list[str] = []

    @classmethod
    def from_simulation(cls, simulation: Any = None, labels: Mapping[str, Any] | None = None) -> Network:
        """Read a network that exists.

        Populations, rules and distributions are those that `Create` and `Connect` were told, as long as they
        give what there is. What was changed afterwards is read from the nodes and connections; what these
        were like before a run is not known.

        Parameters
        ----------
        simulation : Simulation or ReferenceNetwork, optional
            Where it is, or a network of the gallery that was built; the current simulation when not given. It
            is not changed.
        labels : mapping of str to object, optional
            Collections of nodes by name; ``globals()`` gives the names of the variables.

        Returns
        -------
        Network
            Not built. Its ``notes`` say what could not be told the way it was asked for.

        Raises
        ------
        NESTError
            There are no nodes, it is running, or it has too many connections that must be told one by one.

        Examples
        --------
        >>> nest.ResetKernel()
        >>> cells = nest.Create("iaf_psc_alpha", 50, {"V_m": nest.random.uniform(-70.0, -60.0)})
        >>> nest.Connect(cells, cells, {"rule": "fixed_indegree", "indegree": 5}, {"weight": 20.0})
        >>> network = Network.from_simulation(labels=globals())
        >>> network.description["connections"][0]["rule"]
        {'rule': 'fixed_indegree', 'indegree': 5}
        >>> network.description["nodes"][0]["params"]
        {'V_m': {'distribution': 'uniform', 'min': -70, 'max': -60}}
        """
        from nest_lab.widgets._network_reading import described

        if hasattr(simulation, "populations") and hasattr(simulation, "simulation"):
            labels = labels or {**vars(simulation), **simulation.populations}
            simulation = simulation.simulation
        description, notes = described(nest.current() if simulation is None else simulation, labels)
        network = cls(description)
        network.notes = notes
        return network

    @classmethod
    def from_desktop(cls, source: Any, name: str | None = None) -> Network:
        """Read a project of NEST Desktop.

        Parameters
        ----------
        source : str, bytes, path or dict
            The file, its text, or what is in it: one project, or a list of them.
        name : str, optional
            Which project of a list; the first when not given.

        Returns
        -------
        Network
            Not built, and not checked: `validate` tells what the kernel refuses in it. Its ``notes`` say what
            was left out.

        Raises
        ------
        BadFile
            It is no project; the error says in which line or field.
        MissingFile
            There is no such file.
        UnknownName
            There is no project of this name.

        Examples
        --------
        >>> network = Network.from_desktop('{"network": {"nodes": [{"model": "iaf_psc_exp", "size": 3}]}}')
        >>> network.description["nodes"][0]["size"]
        3
        >>> network.to_desktop()["network"]["nodes"][0]["model"]
        'iaf_psc_exp'
        """
        from nest_lab.widgets._network_desktop import from_desktop

        if isinstance(source, os.PathLike):
            source = _text_of(Path(source))
        description, notes = from_desktop(source, name)
        network = cls(description)
        network.notes = notes
        return network

    def to_desktop(self, name: str = "network") -> dict[str, Any]:
        """Write a project for NEST Desktop.

        Parameters
        ----------
        name : str
            Of the project.

        Returns
        -------
        dict
            What ``json.dumps`` turns into the text of the file.

        Raises
        ------
        BadValue
            There is something in it that NEST Desktop has no words for; the error says what and where.
        """
        from nest_lab.widgets._network_desktop import to_desktop

        return to_desktop(self.description, name)

    # -- what is wrong

    @staticmethod
    def validate(description: Any) -> list[dict[str, str]]:
        """Say what is wrong with a description; in simulations of its own.

        Parameters
        ----------
        description : object
            Whatever should be a description.

        Returns
        -------
        list of dict
            For each mistake its ``path``, such as ``nodes/n1/params/tau_m``, and the whole ``message``.
        """
        from nest_lab.widgets._network_check import problems

        return problems(description)

    # -- the program

    def script(self, module: str = "nest_lab", *, run: bool = True) -> str:
        """The program that builds and runs this network.

        Parameters
        ----------
        module : {'nest_lab', 'nest'}
            What it imports as ``nest``.
        run : bool
            Whether it ends with a run.

        Returns
        -------
        str
            A program in the style of PyNEST; it gives the same spikes as `run`, bit for bit.

        Raises
        ------
        UnknownName
            There is no such module.
        """
        if module not in ("nest_lab", "nest"):
            raise UnknownName(
                "there is no such module to import",
                where="Network.script()",
                value=repr(module),
                wrong=str(module),
                candidates=["nest_lab", "nest"],
            )
        blocks: list[list[str]] = [["import nest_lab as nest" if module == "nest_lab" else "import nest"]]
        lines: list[str] = ["nest.ResetKernel()"]
        part = "simulation"
        for step in self._steps:
            begin = step.path.partition("/")[0]
            if begin != part:
                blocks.append(lines)
                lines, part = [], begin
            lines += step.lines
        blocks.append(lines)
        if run:
            blocks.append([f"nest.Simulate({self.time!r})"])
        if any("np." in line for block in blocks for line in block):
            blocks[0].insert(0, "import numpy as np\n")
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    @property
    def time(self) -> float:
        """How long it runs, ms."""
        return float(self.description["simulation"]["time"])

    # -- the simulation

    def build(self, simulation: Any = None) -> Network:
        """Make the nodes and connections, in an empty simulation.

        Parameters
        ----------
        simulation : Simulation, optional
            Is reset before; when not given, the network takes one of its own, always the same.

        Returns
        -------
        Network
            Itself.

        Raises
        ------
        NESTError
            The kernel refuses something; then nothing is built, and what was built before stays.
        """
        home = nest.Simulation()
        nodes = self._make(home)  # first where nothing can break
        if simulation is not None:
            home = simulation
            home.reset()
            nodes = self._make(home)
        self.simulation, self.nodes, self._seen = home, nodes, {}
        return self

    def _make(self, simulation: Any) -> dict[str, Any]:
        """Do all steps of the program; nodes by id."""
        variables: dict[str, Any] = {}
        with simulation:
            for step in self._steps:
                try:
                    step.do(variables)
                except NESTError as error:
                    raise at(error, step.path) from None
        return {id: variables[name] for id, name in self._names.items()}

    @property
    def built(self) -> bool:
        """Whether `build` was called."""
        return self.simulation is not None

    @property
    def populations(self) -> dict[str, Any]:
        """Neurons by label, after `build`."""
        self._needs_build("Network.populations")
        kinds = {node["id"]: node["kind"] for node in self.description["nodes"]}
        return {self._labels[id]: nodes for id, nodes in self.nodes.items() if kinds[id] == "neuron"}

    @property
    def _labels(self) -> dict[str, str]:
        """Labels by id, each of them once."""
        labels: dict[str, str] = {}
        for node in self.description["nodes"]:
            label, number = node["label"], 1
            while label in labels.values():
                number += 1
                label = f"{node['label']} {number}"
            labels[node["id"]] = label
        return labels

    def run(self, ms: float | None = None) -> Network:
        """Build it anew and run it to the end; `clock` runs it in the background.

        Parameters
        ----------
        ms : float, ms, optional
            How long; the time of the description when not given.

        Returns
        -------
        Network
            Itself.

        Raises
        ------
        NESTError
            The kernel refuses something.
        KeyboardInterrupt
            After Ctrl-C; what was simulated until then stays.
        """
        self.build()
        self.simulation.run(self.time if ms is None else ms)
        return self

    def clock(
        self, read: Callable[[], None], changed: Callable[[], None], *, speed: float | None = None
    ) -> Clock:
        """The clock that runs what was built in the background, as that of `LiveSimulation`.

        Parameters
        ----------
        read, changed, speed
            As in `Clock`: what is called after each piece, and when its status has changed; ms/s.

        Returns
        -------
        Clock
            ``clock.run(network.time)`` begins; ``pause``, ``stop``, ``wait`` and ``ask`` do what they say.

        Raises
        ------
        WrongState
            It was not built.
        """
        self._needs_build("Network.clock()")
        return Clock(self.simulation, read=read, changed=changed, speed=speed)

    # -- what came out

    def results(self) -> list[Recorded]:
        """All recorders, in the order of the description.

        Returns
        -------
        list of Recorded

        Raises
        ------
        WrongState
            It was not built.
        """
        self._needs_build("Network.results()")
        labels, found = self._labels, []
        with self.simulation:
            for node in self.description["nodes"]:
                if node["kind"] != "recorder":
                    continue
                recorder = self.nodes[node["id"]]
                populations = self._recorded_by(recorder)
                what = _what_it_records(recorder)
                found.append(
                    Recorded(node["id"], labels[node["id"]], node["model"], what, recorder, populations)
                )
        return found

    def _recorded_by(self, recorder: Any) -> dict[str, Any]:
        """What is connected to a recorder, by label; in the current simulation."""
        ids: set[int] = set()
        for connections, end in (
            (nest.GetConnections(target=recorder), "source"),
            (nest.GetConnections(source=recorder), "target"),
        ):
            if len(connections):
                ids.update(np.atleast_1d(connections.get(end)).tolist())
        found = {}
        for id, nodes in self.nodes.items():
            ours = [each for each in nodes.tolist() if each in ids]
            if ours:
                found[self._labels[id]] = nest.NodeCollection(ours)
        return found

    def new_events(self) -> dict[str, dict[str, Any]]:
        """What recorders of one node got since this was called last.

        Returns
        -------
        dict of str to dict of str to ndarray
            Events by the id of the recorder: ``times``, ms, ``senders``, and what else it records.

        Raises
        ------
        WrongState
            It was not built.
        """
        self._needs_build("Network.new_events()")
        found = {}
        for node in self.description["nodes"]:
            id = node["id"]
            if node["kind"] == "recorder" and len(self.nodes[id]) == 1:
                found[id], self._seen[id] = self.simulation.events_since(
                    self.nodes[id], self._seen.get(id, 0)
                )
        return found

    def _needs_build(self, where: str) -> None:
        if self.simulation is None:
            raise WrongState(
                "the network has no nodes yet",
                where=where,
                value="not built",
                allowed="a network after build()",
                todo="Call build() or run() first.",
            )


def _text_of(path: Path) -> bytes:
    """What is in a file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MissingFile(
            "the file cannot be read",
            where="Network.from_desktop()",
            value=f"'{path}' ({error.strerror})",
            allowed="a file of NEST Desktop",
            todo="Check the path.",
        ) from None


def _what_it_records(recorder: Any) -> str:
    """Whether spikes, signals, or something else."""
    fields = nest.models.registry[nest.GetDefaults(recorder[0].get("model"), "type_id")].parameters
    if "record_from" in fields:
        return "signals"
    events = recorder[0].get()
    if "events" in events and set(events["events"]) <= {"times", "senders", "offsets"}:
        return "spikes"
    return "events"


# -- from the description to the program


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
        yield "connections", connection, partial(connection_step, names=names)


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


def connection_step(connection: Mapping[str, Any], names: Mapping[str, str]) -> Step:
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
    return Step(path, Call("Connect", tuple(said)))


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


# -- a description with all its parts


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
        found = json.loads(json.dumps(found, default=_as_json))
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
    taken = [entry["id"] for entry in entries if "id" in entry]
    for number, id in enumerate(taken):
        _text(id, f"{part}/{number}/id", "an id")
        if id in taken[:number]:
            raise BadValue(
                "two have the same id",
                where=f"{part}/{id}",
                value=repr(id),
                allowed="each id once",
                todo="Change one of them.",
            )
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
        todo="Look at the example in the documentation of nest_lab.widgets._network.",
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


def _not_plain(error: Exception) -> NESTError:
    return BadType(
        "a description must be plain data",
        value=str(error),
        allowed="numbers, text, true, false, null, lists and dictionaries of these",
        todo="Write distributions as {'distribution': 'uniform', 'min': 0.0, 'max': 1.0}.",
    )


# -- where nodes are drawn

_COLUMNS = {"stimulator": 0, "neuron": 1, "other": 1, "recorder": 2}
_WIDTH, _HEIGHT, _EDGE = 240.0, 110.0, 80.0


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
    used = {(node.get("x"), node.get("y")) for node in description["nodes"]}
    for node in description["nodes"]:
        if "x" in node and "y" in node:
            continue
        x, y = _EDGE + _WIDTH * _COLUMNS.get(node["kind"], 1), _EDGE
        while (x, y) in used:
            y += _HEIGHT
        used.add((x, y))
        node["x"], node["y"] = x, y
    return description
