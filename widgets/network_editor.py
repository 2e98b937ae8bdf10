"""A network that is built by mouse, and runs beside its drawing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pprint import pformat
from textwrap import indent
from time import perf_counter
from typing import TYPE_CHECKING, Any

import traitlets

from nest_lab.errors import BadValue, CannotConnect, NESTError, WrongState, at
from nest_lab.widgets import _edits as edits
from nest_lab.widgets._choices import choices, facts
from nest_lab.widgets._clock import Clock, positive
from nest_lab.widgets._clocked import Clocked
from nest_lab.widgets._drawn import Drawn
from nest_lab.widgets._graph_figure import draw_graph
from nest_lab.widgets._network import Network
from nest_lab.widgets._network_description import complete
from nest_lab.widgets._network_history import History
from nest_lab.widgets._receptors import called, named, numbered
from nest_lab.widgets._watched import Watched

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["NetworkEditor"]

_FRAME = 0.04  # s of wall time between two frames, at least
_SIGNALS = 0.15  # s of wall time between two pictures of the signals, at least
_EXAMPLE: dict[str, Any] = {
    "nodes": [
        {"id": "n1", "label": "stim1", "model": "poisson_generator", "params": {"rate": 8000.0}},
        {"id": "n2", "label": "pop1", "model": "iaf_psc_alpha", "size": 100},
        {"id": "n3", "label": "rec1", "model": "spike_recorder"},
        {"id": "n4", "label": "rec2", "model": "voltmeter"},
    ],
    "connections": [
        {"id": "c1", "source": "n1", "target": "n2", "synapse": {"weight": 10.0}},
        {"id": "c2", "source": "n2", "target": "n3"},
        {"id": "c3", "source": "n4", "target": "n2"},
    ],
}


class NetworkEditor(Clocked, Drawn):
    """A network that is built by mouse or keyboard: nodes, connections, parameters; and what it does.

    Nodes are added from a list of all models, moved, and connected by dragging from one to another. Rules,
    synapses and parameters stand beside the drawing, with units and help from the registry; what the kernel
    refuses is said there in its own words, and the last valid network stays. The network runs in a simulation
    of its own, in the background; Run builds it anew. It can be had as a program that gives the same spikes.

    Parameters
    ----------
    network : dict, optional
        Description of a network, as in `network`; an empty one when not given.
    speed : float, ms/s, optional
        Model time in a second of wall time; None for as fast as possible.

    Attributes
    ----------
    network : dict
        The description, as plain data: ``nodes``, ``connections``, ``simulation``. Can be set. It is saved in
        the notebook with the state of the widget.
    status : {'stopped', 'running', 'paused'}
        What it does.
    speed : float or None, ms/s
        Can be changed at any time.

    Raises
    ------
    NESTError
        It is no description of a network, or the kernel refuses it.

    Notes
    -----
    Without a browser, `print`, `figure` and `save` show the same; `add`, `connect` and `set` do what the
    mouse does.

    Examples
    --------
    >>> editor = NetworkEditor()
    >>> drive, cells = editor.add("poisson_generator"), editor.add("iaf_psc_alpha", size=100)
    >>> recorder = editor.add("spike_recorder")
    >>> editor.connect(drive, cells, weight=10.0)
    'c1'
    >>> editor.connect(cells, recorder)
    'c2'
    >>> editor.run()
    >>> editor.wait()
    True
    >>> editor.time, editor.rates["pop1"] > 5.0
    (1000.0, True)
    >>> editor.undo()
    >>> print(editor)
    NetworkEditor: 3 nodes, 1 connection; stopped at 1,000.0 ms
      stim1: poisson_generator, rate = 8000.0
      pop1: 100 iaf_psc_alpha
      rec1: spike_recorder
      stim1 → pop1: all_to_all, static_synapse, weight = 10.0
      pop1 fires 43.0 spikes/s
    """

    _uses = ("_chart", "_raster", "_traces", "_running", "_save", "_graph", "_form", "_panels")
    _size = (9.0, 4.8)
    network: Any = traitlets.Dict().tag(sync=True)
    status = traitlets.Unicode("stopped").tag(sync=True)
    speed = traitlets.Any(None, allow_none=True).tag(sync=True)
    _catalogue = traitlets.Dict().tag(sync=True)
    _details: Any = traitlets.Dict().tag(sync=True)  # of the models that are used, by name
    _problems: Any = traitlets.Dict().tag(sync=True)  # what was refused, by the path of its control
    _code = traitlets.Unicode("").tag(sync=True)
    _cell = traitlets.Unicode("").tag(sync=True)  # what makes this editor again
    _notes: Any = traitlets.List().tag(sync=True)  # what of a file or a simulation could not be taken over
    _undo = traitlets.Unicode("").tag(sync=True)  # what would be undone
    _redo = traitlets.Unicode("").tag(sync=True)
    _stale = traitlets.Bool(False).tag(sync=True)  # whether the network was changed since it was built
    _failure = traitlets.Unicode("").tag(sync=True)
    _populations: Any = traitlets.List().tag(sync=True)
    _window = traitlets.Float(1000.0).tag(sync=True)
    _total = traitlets.Any(None, allow_none=True).tag(sync=True)
    _can_reset = traitlets.Bool(True).tag(sync=True)

    def __init__(self, network: Mapping[str, Any] | None = None, *, speed: float | None = 1000.0) -> None:
        self._views: set[tuple[str, str]] = set()
        self._built: Network | None = None
        self._watched: Watched | None = None
        self._sent = self._drew = 0.0  # wall time of the last frame, and of the last signals
        whole = _accepted(network or {}, "NetworkEditor()")
        self._history = History(whole)
        super().__init__(network=whole, speed=speed, **_about(whole), _catalogue=choices())
        self._window = float(whole["simulation"]["time"])

    @classmethod
    def from_simulation(cls, simulation: Any = None, **more: Any) -> NetworkEditor:
        """Draw the network of a simulation.

        Parameters
        ----------
        simulation : Simulation, optional
            Which one; the current one when not given. It stays as it is: the editor works on a copy.
        **more
            As for the class.

        Returns
        -------
        NetworkEditor
        """
        network = Network.from_simulation(simulation)
        editor = cls(network.description, **more)
        editor._notes = network.notes
        return editor

    # -- what a mouse does

    def add(self, model: str, **facts: Any) -> str:
        """Add a node.

        Parameters
        ----------
        model : str
            Name of a neuron, stimulator or recorder.
        **facts
            What else stands in its description: ``label``, ``size``, ``params``, ``record``, ``positions``,
            ``x`` and ``y``.

        Returns
        -------
        str
            Its id.

        Raises
        ------
        NESTError
            There is no such model, or the kernel refuses it.
        """
        network = edits.add(self.network, model, facts.pop("x", None), facts.pop("y", None))
        network["nodes"][-1].update(facts)
        self._change(network, f"add {model}", "NetworkEditor.add()")
        return str(self.network["nodes"][-1]["id"])

    def connect(self, source: str, target: str, rule: Any = None, **synapse: Any) -> str:
        """Connect two nodes; a recorder or a stimulator is put at the end where it belongs.

        Parameters
        ----------
        source, target : str
            Ids of the nodes.
        rule : str or dict, optional
            As in `nest.Connect`.
        **synapse
            ``synapse_model``, ``weight``, ``delay`` and what else the synapse has. A ``receptor_type`` can
            be a name, where the target has names for them; without it the connection ends at the usual one,
            or at the first that takes it.

        Returns
        -------
        str
            Id of the connection.

        Raises
        ------
        NESTError
            The kernel refuses it.
        """
        network = edits.connect(self.network, source, target)
        connection = network["connections"][-1]
        if rule is not None:
            connection["rule"] = {"rule": rule} if isinstance(rule, str) else dict(rule)
        connection["synapse"] |= synapse
        self._connect(network, connection)
        return str(self.network["connections"][-1]["id"])

    def _connect(self, network: dict[str, Any], connection: dict[str, Any]) -> None:
        """Take over a new connection; to the first receptor that takes it if nobody chose one."""
        where, synapse = "NetworkEditor.connect()", connection["synapse"]
        chosen = "receptor_type" in synapse
        if chosen:
            synapse["receptor_type"] = numbered(network, connection, synapse["receptor_type"], where)
        try:
            self._change(network, "connect", where)
        except CannotConnect:
            for number in () if chosen else named(network, connection).values():
                synapse["receptor_type"] = number
                with suppress(CannotConnect):
                    return self._change(network, "connect", where)
            raise

    def set(self, path: str, value: Any) -> None:
        """Set a value, or give it its default again.

        Parameters
        ----------
        path : str
            Where, e.g. ``'nodes/n1/params/C_m'``, ``'connections/c1/rule/rule'``, ``'simulation/time'``.
        value : object
            A number, text, list, or a distribution such as ``{"distribution": "uniform", "min": 0.0, "max":
            1.0}``; None for the default. A receptor_type can be a name, where the target has names for them.

        Raises
        ------
        NESTError
            The kernel refuses it; the network stays as it was.
        """
        steps = path.split("/")
        if steps[0] == "connections" and steps[2:] == ["synapse", "receptor_type"]:
            where = "NetworkEditor.set()"
            value = numbered(self.network, edits.entry(self.network, steps[1], where), value, where)
        network = edits.change(self.network, steps, value)
        self._change(network, f"set {path.rpartition('/')[2]}", "NetworkEditor.set()")

    def move(self, id: str, x: float, y: float) -> None:
        """Put a node at another place of the drawing.

        Parameters
        ----------
        id : str
            Which node.
        x, y : float
            Where to; an empty drawing is 560 wide and 440 high.
        """
        label, network = f"move {_spoken(f'nodes/{id}', self.network)}", edits.move(self.network, id, x, y)
        if self._history.undoable == label:  # several steps of the keyboard are one
            self._history.undo()
        self._history.do(label, network)
        self._take_over(network)

    def remove(self, id: str) -> None:
        """Take a node with its connections away, or a connection.

        Parameters
        ----------
        id : str
            Which.
        """
        self._change(edits.remove(self.network, id), "remove", "NetworkEditor.remove()")

    def duplicate(self, id: str) -> str:
        """Make another node like one, with the same connections.

        Parameters
        ----------
        id : str
            Which node.

        Returns
        -------
        str
            Id of the new node.
        """
        self._change(edits.duplicate(self.network, id), "duplicate", "NetworkEditor.duplicate()")
        return str(self.network["nodes"][-1]["id"])

    def undo(self) -> None:
        """Take the last change back.

        Raises
        ------
        WrongState
            There is none.
        """
        self._problems = {}
        self._take_over(self._history.undo())

    def redo(self) -> None:
        """Make the change again that was taken back last.

        Raises
        ------
        WrongState
            There is none.
        """
        self._problems = {}
        self._take_over(self._history.redo())

    def script(self, module: str = "nest_lab") -> str:
        """The program that builds and runs the network.

        Parameters
        ----------
        module : {'nest_lab', 'nest'}
            What it imports.

        Returns
        -------
        str
            It gives the same spikes, bit for bit.
        """
        return Network(self.network).script(module)

    def _change(self, network: dict[str, Any], label: str, where: str) -> None:
        """Take a changed network, if the kernel accepts it."""
        whole = _accepted(network, where)
        if self._history.do(label, whole):
            self._take_over(whole)

    def _take_over(self, whole: dict[str, Any]) -> None:
        """Show a network that was accepted."""
        self._known = whole
        with self.hold_sync():  # the page gets all in one
            for name, value in _about(whole).items():
                setattr(self, name, value)
            self.network = whole
            self._undo, self._redo = self._history.undoable, self._history.redoable
        self._known = None

    _known: dict[str, Any] | None = None  # what needs no check

    @traitlets.validate("network")
    def _valid_network(self, proposal: Any) -> dict[str, Any]:
        given: dict[str, Any] = proposal["value"]
        return given if given is self._known else _accepted(given, "NetworkEditor.network")

    @traitlets.observe("network")
    def _new_network(self, change: Any) -> None:
        if self._known is None:  # somebody assigned it
            self._history.do("change", change["new"])
            self._undo, self._redo = self._history.undoable, self._history.redoable
            for name, value in _about(change["new"]).items():
                setattr(self, name, value)
        if self._built is not None:
            self._stale = _runs(change["new"]) != _runs(self._built.description)
            if self._stale and self.status == "paused":
                self.stop()  # Run would go on with what is no longer shown

    # -- files

    def load(self, source: Any) -> None:
        """Take over a network from a project of NEST Desktop, or from a description.

        Parameters
        ----------
        source : str, bytes, path or dict
            The file, its text, or what is in it.

        Raises
        ------
        BadFile, MissingFile
            It is neither; the error says in which line or field.
        NESTError
            The kernel refuses what is in it; the network stays as it was.
        """
        self._load(source, "load")

    def _load(self, source: Any, label: str) -> None:
        description = _own(source)
        notes: list[str] = []
        if description is None:
            network = Network.from_desktop(source)
            description, notes = network.description, network.notes
        self._change(description, label, "NetworkEditor.load()")
        self._notes = notes

    def project(self, name: str = "network") -> dict[str, Any]:
        """The network as a project of NEST Desktop.

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
            There is something in it that NEST Desktop has no words for.
        """
        return Network(self.network).to_desktop(name)

    # -- running

    def run(self) -> None:
        """Build the network and run it in the background, or go on after a pause.

        Raises
        ------
        WrongState
            There are no nodes.
        NESTError
            The kernel refuses it.
        """
        self._failure = ""
        if self._clock is not None and self.status != "stopped":
            self._clock.run()
        else:
            self._build()._clock_or_error().run(self._time)

    def step(self, ms: float = 10.0) -> None:
        """Run for a while, then pause; return when it is over.

        Parameters
        ----------
        ms : float, ms
            How long, a multiple of the resolution.
        """
        self._begin_step(ms)
        self.wait()

    def _begin_step(self, ms: float) -> None:
        self._failure = ""
        if self._clock is None or self.status == "stopped":
            self._build()
        clock = self._clock_or_error()
        begins = clock.status == "stopped"
        clock.step(min(ms, self._time) if begins else ms)
        clock.total = self._time

    def reset(self) -> None:
        """End the run and go back to 0 ms."""
        self._failure = ""
        self._build()
        self._show(fresh=True)
        self._show_signals()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run or the next pause, and until all of it is shown."""
        still = super().wait(timeout)
        if still and self._clock is not None:
            self._clock.ask(self._show_all).result()  # the clock says so a moment before all is read
        return still

    def _clock_or_error(self) -> Clock:
        if self._clock is None:
            raise WrongState(
                "there is nothing to run",
                where="NetworkEditor.run()",
                value="no nodes",
                allowed="a network with nodes",
                todo="Add some first.",
            )
        return self._clock

    @property
    def _time(self) -> float:
        """How long a run is, ms."""
        return float(self._built.time if self._built is not None else self.network["simulation"]["time"])

    def _build(self) -> NetworkEditor:
        """Make the nodes anew, in a simulation of its own."""
        self.stop()
        if not self.network["nodes"]:
            self._clock = self._built = self._watched = None
            return self
        network = Network(self.network).build()
        window = network.time
        self._watched = Watched(network, window)
        self._built = network
        self._clock = Clock(
            network.simulation, read=self._read, changed=self._notice, speed=self.speed, longest=window / 2
        )
        self._stale, self._window, self._total = False, window, None
        self._populations = self._facts(self._watched)
        self._show(fresh=True)
        return self

    def _facts(self, watched: Watched) -> list[dict[str, Any]]:
        """What the browser needs to know of the populations with spikes."""
        colours = {node["label"]: node["color"] for node in self.network["nodes"]}
        if watched.recent is None:
            return []
        return [
            {
                "name": name,
                "size": watched.recent.sizes[name],
                "shown": len(ids),
                "color": colours.get(name),
            }
            for name, ids in watched.recent.shown.items()
        ]

    # -- what came out

    @property
    def time(self) -> float:
        """Model time, ms."""
        return float(self._built.simulation.time) if self._built is not None else 0.0

    @property
    def rates(self) -> dict[str, float]:
        """Mean rate of each population with a spike recorder, spikes/s."""
        if self._clock is None or self._watched is None:
            return {}
        rates: dict[str, float] = self._clock.ask(self._watched.rates).result()
        return rates

    @property
    def recorders(self) -> dict[str, Any]:
        """Recorders by label, after a run: sources of `SpikeRaster` and `TraceView`."""
        if self._built is None:
            return {}
        return {each.label: each.recorder for each in self._built.results()}

    def __str__(self) -> str:
        network = self.network
        parts = [
            _count(len(network["nodes"]), "node"),
            _count(len(network["connections"]), "connection"),
        ]
        lines = [f"NetworkEditor: {', '.join(parts)}; {self.status} at {self.time:,.1f} ms"]
        lines += [f"  {_node_line(node)}" for node in network["nodes"]]
        lines += [f"  {_connection_line(each, network)}" for each in network["connections"]]
        for name, rate in self.rates.items():
            lines.append(f"  {name} fires {rate:.1f} spikes/s" if rate == rate else f"  {name}: no rate yet")
        return "\n".join(lines)

    def _draw(self, figure: Figure) -> None:
        left, right = figure.subfigures(1, 2, squeeze=False)[0]
        draw_graph(left.subplots(), self.network)
        if self._clock is None or self._watched is None:
            right.text(0.5, 0.5, "run() shows what it does", ha="center", va="center")
            return
        watched = self._watched
        colours = {node["label"]: node["color"] for node in self.network["nodes"]}
        self._clock.ask(lambda: watched.draw(right, colours)).result()

    # -- between the clock and the browser

    def _read(self) -> None:
        """Take in what the recorders have; show it if it is time."""
        if self._watched is None:
            return
        self._watched.read()
        now = perf_counter()
        if now - self._sent >= _FRAME:
            self._show()
        if now - self._drew >= _SIGNALS:
            self._show_signals()

    def _notice(self) -> None:
        """Say what the clock does now."""
        clock = self._clock
        if clock is None:
            return
        if clock.failure is not None:
            self._failure = str(clock.failure)  # first: who sees that it stopped can see why
        self.status, self._total = clock.status, clock.total
        if clock.status != "running":
            clock.ask(self._show_all)

    def _show_all(self) -> None:
        if self._watched is not None:
            self._watched.read(at_once=True)
        self._show()
        self._show_signals()

    def _show(self, fresh: bool = False) -> None:
        """Send spikes that are new, or everything."""
        if self._watched is None or self._clock is None:
            return
        self._sent = perf_counter()
        self.send(*self._watched.frame(self._clock, fresh))

    def _show_signals(self) -> None:
        """Send the signals so far."""
        if self._watched is not None:
            self.send(*self._watched.signals())
            self._drew = perf_counter()

    # -- what the browser asks for

    def _hear(self, _: Any, content: Mapping[str, Any], __: Any) -> None:
        """Do what the browser asks for; what is refused is shown beside its control, or above."""
        what = dict(content)
        name, path = what.pop("do"), "/".join(what.get("path", []))
        try:
            getattr(self, f"_do_{name}")(**what)
        except Exception as error:
            if name in ("run", "pause", "stop", "step", "reset", "save"):
                self._failure = str(error)
            else:
                self._problems = {**self._problems, path: str(error)}
        else:
            if name not in ("look", "leave", "save", "run", "pause", "stop", "step", "reset", "speed"):
                gone = {path, ""}
                self._problems = {key: text for key, text in self._problems.items() if key not in gone}

    def _do_add(self, model: str, **place: Any) -> None:
        self.add(model, **place)

    def _do_connect(self, source: str, target: str) -> None:
        self.connect(source, target)

    def _do_move(self, id: str, x: float, y: float) -> None:
        self.move(id, x, y)

    def _do_remove(self, id: str) -> None:
        self.remove(id)

    def _do_duplicate(self, id: str) -> None:
        self.duplicate(id)

    def _do_set(self, path: list[str], value: Any) -> None:
        self.set("/".join(path), value)

    def _do_distribute(self, path: list[str], distribution: str | None) -> None:
        network = edits.distribute(self.network, path, distribution)
        self._change(network, f"draw {path[-1]}", "NetworkEditor.set()")

    def _do_forget(self) -> None:
        self._problems = {}

    def _do_undo(self) -> None:
        if self._history.undoable:  # the key may be pressed where there is nothing
            self.undo()

    def _do_redo(self) -> None:
        if self._history.redoable:
            self.redo()

    def _do_example(self) -> None:
        self._change(complete(_EXAMPLE), "example", "NetworkEditor()")

    def _do_import_file(self, text: str, name: str) -> None:
        self._load(text, f"import {name}")

    def _do_export_file(self) -> None:
        self.send({"what": "file", "saved": "network.json"}, [json.dumps(self.project(), indent=1).encode()])

    def _do_run(self) -> None:
        self.run()

    def _do_pause(self) -> None:
        self.pause()

    def _do_stop(self) -> None:
        self.stop()

    def _do_step(self, ms: float) -> None:
        self._begin_step(ms)

    def _do_reset(self) -> None:
        self.reset()

    def _do_speed(self, value: float | None) -> None:
        self.speed = value

    def _do_look(self, page: str, view: str) -> None:
        # A page that is gone cannot say so; the first view of the next one stands for that.
        self._views = {(p, v) for p, v in self._views if p == page} | {(page, view)}
        if self._clock is not None:
            self._clock.ask(lambda: self._show(fresh=True))
            self._clock.ask(self._show_signals)

    def _do_leave(self, page: str, view: str) -> None:
        self._views.discard((page, view))
        if not self._views:
            self.pause()

    @traitlets.validate("speed")
    def _valid_speed(self, proposal: Any) -> float | None:
        speed = proposal["value"]
        return None if speed is None else positive(speed, "speed", "ms/s", "NetworkEditor.speed")

    @traitlets.observe("speed")  # of an assigned None only this one hears
    def _new_speed(self, change: Any) -> None:
        if self._clock is not None:
            self._clock.speed = change["new"]


# -- parts


def _accepted(network: Any, where: str) -> dict[str, Any]:
    """A whole description that the kernel accepts."""
    whole = edits.placed(complete(network))
    whole["simulation"].setdefault("rng_seed", 1)
    if problems := Network.validate(whole):
        try:
            Network(whole).build()
        except NESTError as error:
            raise at(error, _spoken(error.where, whole) or where) from None
        raise BadValue(problems[0]["message"].rstrip("."))  # of the time to run, which nothing is built with
    return whole


def _own(source: Any) -> dict[str, Any] | None:
    """A description as it is; None if this is something else."""
    if isinstance(source, (str, bytes)):
        try:
            source = json.loads(source)
        except ValueError:  # a path, or broken: whoever reads projects says where
            return None
    right = isinstance(source, Mapping) and "nodes" in source and "connections" in source
    return dict(source) if right else None


def _spoken(path: str, network: Mapping[str, Any]) -> str:
    """A part of a description, called as its drawing calls it."""
    part, _, id = path.partition("/")
    for node in network["nodes"]:
        if part == "nodes" and node["id"] == id.partition("/")[0]:
            return str(node["label"])
    for each in network["connections"]:
        if part == "connections" and each["id"] == id.partition("/")[0]:
            return " → ".join(_ends(each, network))
    return path


def _ends(connection: Mapping[str, Any], network: Mapping[str, Any]) -> list[str]:
    """What the source and the target of a connection are called."""
    labels = {node["id"]: node["label"] for node in network["nodes"]}
    sides = [edits.ids_of(connection[end]) for end in ("source", "target")]
    return [", ".join(str(labels.get(id, id)) for id in ids) for ids in sides]


def _about(whole: dict[str, Any]) -> dict[str, Any]:
    """What the page needs to know of a network besides."""
    models = [node["model"] for node in whole["nodes"]]
    synapses = [each["synapse"]["synapse_model"] for each in whole["connections"]]
    copies = {each["name"]: (each["base"] or each["name"], each["params"]) for each in whole["models"]}
    names = dict.fromkeys([*models, *synapses])
    return {
        "_code": Network(whole).script(),
        "_cell": _cell(whole),
        "_details": {name: facts(*copies.get(name, (name, {}))) for name in names},
    }


def _cell(whole: Mapping[str, Any]) -> str:
    """A cell of a notebook that makes an editor with this network."""
    network = pformat(whole, sort_dicts=False, width=92)
    return f"from nest_lab.widgets import NetworkEditor\n\nNetworkEditor(\n{indent(network, '    ')}\n)\n"


def _runs(network: Mapping[str, Any]) -> Any:
    """What of a description a run depends on."""
    drawn = ("x", "y", "color")
    nodes = [{k: v for k, v in node.items() if k not in drawn} for node in network["nodes"]]
    return {**network, "nodes": nodes}


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _values(values: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in values.items()]


def _value(value: Any) -> str:
    if isinstance(value, Mapping) and "distribution" in value:
        inside = ", ".join(f"{_value(each)}" for name, each in value.items() if name != "distribution")
        return f"{value['distribution']}({inside})"
    return str(value)


def _node_line(node: Mapping[str, Any]) -> str:
    size = f"{node['size']:,} " if node["size"] != 1 else ""
    record = [f"records {', '.join(node['record'])}"] if node["record"] else []
    return ", ".join([f"{node['label']}: {size}{node['model']}", *record, *_values(node["params"])])


def _connection_line(connection: Mapping[str, Any], network: Mapping[str, Any]) -> str:
    rule, synapse = dict(connection["rule"]), dict(connection["synapse"])
    if receptor := called(network, connection):
        synapse["receptor_type"] = f"{synapse['receptor_type']} ({receptor})"
    names = [rule.pop("rule"), *_values(rule), synapse.pop("synapse_model"), *_values(synapse)]
    return f"{' → '.join(_ends(connection, network))}: {', '.join(names)}"
