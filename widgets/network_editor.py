"""A network that is built by mouse, and runs beside its drawing."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import traitlets

from nest_lab.errors import WrongState
from nest_lab.widgets._choices import choices
from nest_lab.widgets._clock import Clock, positive
from nest_lab.widgets._clocked import Clocked
from nest_lab.widgets._edited import Edited, ends_of, in_turn
from nest_lab.widgets._graph_figure import draw_graph
from nest_lab.widgets._network import Network
from nest_lab.widgets._receptors import called
from nest_lab.widgets._watched import Watched

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["NetworkEditor"]

_SIGNALS = 0.15  # s of wall time between two pictures of the signals, at least


_RUNS = ("run", "pause", "stop", "step", "reset")


class NetworkEditor(Clocked, Edited):
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
      pop1 fires 43.6 spikes/s
    """

    _uses = ("_chart", "_raster", "_traces", "_frames", "_running", "_save", "_graph", "_form", "_panels")
    _size = (9.0, 4.8)
    speed = traitlets.Any(None, allow_none=True).tag(sync=True)
    _catalogue = traitlets.Dict().tag(sync=True)
    _stale = traitlets.Bool(False).tag(sync=True)  # whether the network was changed since it was built
    _populations: Any = traitlets.List().tag(sync=True)
    _window = traitlets.Float(1000.0).tag(sync=True)
    _total = traitlets.Any(None, allow_none=True).tag(sync=True)
    _can_reset = traitlets.Bool(True).tag(sync=True)

    def __init__(self, network: Mapping[str, Any] | None = None, *, speed: float | None = 1000.0) -> None:
        self._views: set[tuple[str, str]] = set()
        self._built: Network | None = None
        self._watched: Watched | None = None
        self._drew = 0.0  # wall time of the last signals
        super().__init__(network or {}, speed=speed, _catalogue=choices())
        self._window = float(self.network["simulation"]["time"])

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

    def _changed(self, network: Mapping[str, Any]) -> None:
        if self._built is not None:
            self._stale = _runs(network) != _runs(self._built.description)
            if self._stale and self._clock is not None and self._clock.status == "paused":
                self.stop()  # Run would go on with what is no longer shown

    # -- running

    @in_turn
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
        if self._clock is None or not self._clock.go_on():
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

    @in_turn
    def _begin_step(self, ms: float) -> None:
        self._failure = ""
        ms = positive(ms, "time to run", "ms", "NetworkEditor.step()")
        if self._clock is None or self._clock.status == "stopped":
            self._build()
        clock = self._clock_or_error()
        begins = clock.status == "stopped"
        clock.step(min(ms, self._time) if begins else ms)
        clock.total = self._time

    @in_turn
    def reset(self) -> None:
        """End the run and go back to 0 ms."""
        self._failure = ""
        self._build()
        self._show(fresh=True)
        self._show_signals()

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
            network.simulation,
            read=self._read,
            changed=self._notice,
            speed=self.speed,
            longest=window / 2,
            owner="NetworkEditor",
            frames=self._frames,
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
        if self._watched is None or self._clock is None:
            return
        self._watched.read()
        if self._frames.due():
            self._show()
            if perf_counter() - self._drew >= _SIGNALS:
                self._show_signals()

    def _notice(self) -> None:
        if self._clock is not None:
            self._total = self._clock.total
        super()._notice()

    def _show_all(self) -> None:
        if self._watched is not None:
            self._watched.read(at_once=True)
        self._show()
        self._show_signals()

    def _show(self, fresh: bool = False) -> None:
        """Send spikes that are new, or everything."""
        if self._watched is None or self._clock is None:
            return
        self._frames.sent()
        self.send(*self._watched.frame(self._clock, fresh))

    def _show_signals(self) -> None:
        """Send the signals so far."""
        if self._watched is not None:
            self.send(*self._watched.signals())
            self._drew = perf_counter()

    # -- what the browser asks for

    def _heard_of(self, name: str, what: Mapping[str, Any], refused: str | None) -> None:
        """What is refused is shown beside its control, or above."""
        given = what.get("path")
        path = "/".join(map(str, given)) if isinstance(given, list) else ""
        if refused is not None and name in (*_RUNS, "save", "pace"):
            self._failure = refused
        elif refused is not None:
            self._problems = {**self._problems, path: refused}
        elif name not in (*_RUNS, "look", "leave", "save", "speed", "pace"):
            gone = {path, ""}
            self._problems = {key: text for key, text in self._problems.items() if key not in gone}

    def _do_run(self) -> None:
        self.run()

    def _do_step(self, ms: float) -> None:
        self._begin_step(ms)

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
    return f"{' → '.join(ends_of(connection, network))}: {', '.join(names)}"
