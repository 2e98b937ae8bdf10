"""The network of an editor: checked, written as a program, built, run, and read from where it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import nest_lab as nest
from nest_lab.errors import MissingFile, NESTError, UnknownName, WrongState, at
from nest_lab.widgets._clock import Clock
from nest_lab.widgets._network_description import complete
from nest_lab.widgets._network_plan import plan, variables_of
from nest_lab.widgets._network_values import DescriptionError

__all__ = ["Network", "Recorded", "complete", "contents_of"]


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
        As in `_network_description`; what is missing takes its default.

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

        description, notes = from_desktop(contents_of(source), name)
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


def contents_of(source: Any) -> Any:
    """What is in a file, if it is the path of one; else what was given.

    Parameters
    ----------
    source : object
        A path, or text that neither begins as JSON does nor goes over several lines, is read.

    Returns
    -------
    object

    Raises
    ------
    MissingFile
        It cannot be read.
    """
    text = (
        isinstance(source, str) and source.strip() and source.lstrip()[0] not in "{[" and "\n" not in source
    )
    if not text and not isinstance(source, os.PathLike):
        return source
    path = Path(source)
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
