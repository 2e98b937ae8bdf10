"""A network that is built by hand: each change is checked before it is taken, and can be undone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from pprint import pformat
from textwrap import indent
from typing import Any, TypeVar, cast

import traitlets

from nest_lab.errors import CannotConnect, NESTError, at
from nest_lab.widgets import _edits as edits
from nest_lab.widgets._choices import facts
from nest_lab.widgets._drawn import Drawn
from nest_lab.widgets._network import Network, contents_of
from nest_lab.widgets._network_check import mistakes
from nest_lab.widgets._network_description import complete
from nest_lab.widgets._network_history import History
from nest_lab.widgets._receptors import named, numbered

__all__ = ["Edited", "ends_of"]

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

Method = TypeVar("Method", bound=Callable[..., Any])


def in_turn(method: Method) -> Method:
    """Mark what begins with the network as it is and ends with another one: no thread may come in between.

    The page is heard while a cell runs. Errors without a place get the name of the method.
    """

    @wraps(method)
    def call(self: Edited, *args: Any, **kwargs: Any) -> Any:
        with self._turn:
            try:
                return method(self, *args, **kwargs)
            except NESTError as error:
                if error.where in ("", "nest_lab.models"):
                    raise at(error, f"{type(self).__name__}.{method.__name__}()") from None
                raise

    return cast(Method, call)


class Edited(Drawn):
    """A widget with a network that is changed by mouse or by calls.

    A subclass says in `_changed` what follows from a change.
    """

    network: Any = traitlets.Dict().tag(sync=True)
    _details: Any = traitlets.Dict().tag(sync=True)  # of the models that are used, by name
    _problems: Any = traitlets.Dict().tag(sync=True)  # what was refused, by the path of its control
    _code = traitlets.Unicode("").tag(sync=True)
    _cell = traitlets.Unicode("").tag(sync=True)  # what makes this editor again
    _notes: Any = traitlets.List().tag(sync=True)  # what of a file or a simulation could not be taken over
    _undo = traitlets.Unicode("").tag(sync=True)  # what would be undone
    _redo = traitlets.Unicode("").tag(sync=True)

    def __init__(self, network: Mapping[str, Any], **traits: Any) -> None:
        self._turn = threading.RLock()
        whole = _accepted(network, f"{type(self).__name__}()")
        self._history = History(whole)
        super().__init__(network=whole, **traits, **_about(whole))

    def _changed(self, network: Mapping[str, Any]) -> None:
        """Another network is shown."""

    # -- what a mouse does

    @in_turn
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

    @in_turn
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
            connection["rule"] = rule
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

    @in_turn
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

    @in_turn
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

    @in_turn
    def remove(self, id: str) -> None:
        """Take a node with its connections away, or a connection.

        Parameters
        ----------
        id : str
            Which.
        """
        self._change(edits.remove(self.network, id), "remove", "NetworkEditor.remove()")

    @in_turn
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

    @in_turn
    def undo(self) -> None:
        """Take the last change back.

        Raises
        ------
        WrongState
            There is none.
        """
        self._problems = {}
        self._take_over(self._history.undo())

    @in_turn
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

    @in_turn
    def _change(self, network: dict[str, Any], label: str, where: str) -> None:
        """Take a changed network, if the kernel accepts it."""
        whole = _accepted(network, where)
        if self._history.do(label, whole):
            self._take_over(whole)

    def _take_over(self, whole: dict[str, Any]) -> None:
        """Show a network that was accepted."""
        about = _about(whole)
        self._known = whole
        try:
            with self.hold_sync():  # the page gets all in one
                for name, value in about.items():
                    setattr(self, name, value)
                self.network = whole
                self._undo, self._redo = self._history.undoable, self._history.redoable
        finally:
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
        self._changed(change["new"])

    # -- files

    @in_turn
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

    @in_turn
    def _load(self, source: Any, label: str) -> None:
        source = contents_of(source)
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

    # -- what the browser asks for

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

    @in_turn
    def _do_distribute(self, path: list[str], distribution: str | None) -> None:
        network = edits.distribute(self.network, path, distribution)
        self._change(network, f"draw {path[-1]}", "NetworkEditor.set()")

    def _do_forget(self) -> None:
        self._problems = {}

    @in_turn
    def _do_undo(self) -> None:
        if self._history.undoable:  # the key may be pressed where there is nothing
            self.undo()

    @in_turn
    def _do_redo(self) -> None:
        if self._history.redoable:
            self.redo()

    def _do_example(self) -> None:
        self._change(complete(_EXAMPLE), "example", "NetworkEditor()")

    def _do_import_file(self, text: str, name: str) -> None:
        self._load(text, f"import {name}")

    def _do_export_file(self, page: str = "") -> None:
        project = json.dumps(self.project(), indent=1).encode()
        self.send({"what": "file", "saved": "network.json", "page": page}, [project])


# -- parts


def _accepted(network: Any, where: str) -> dict[str, Any]:
    """A whole description that the kernel accepts."""
    whole = edits.placed(complete(network))
    whole["simulation"].setdefault("rng_seed", 1)
    for wrong in mistakes(whole):
        raise at(wrong.error, _spoken(wrong.path, whole) or where)
    return whole


def _own(source: Any) -> dict[str, Any] | None:
    """A description as it is; None if this is something else."""
    if isinstance(source, (str, bytes)):
        try:
            source = json.loads(source)
        except ValueError:  # whoever reads projects says where it is broken
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
            return " → ".join(ends_of(each, network))
    return path


def ends_of(connection: Mapping[str, Any], network: Mapping[str, Any]) -> list[str]:
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
