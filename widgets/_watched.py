"""What the recorders of a network of an editor have, while it runs: its spikes, and its signals as lines."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab import plot
from nest_lab.units import recordable_unit
from nest_lab.widgets._clock import Clock
from nest_lab.widgets._network import Network, Recorded
from nest_lab.widgets._recent import Recent, hands
from nest_lab.widgets._signals import Line, Panel, extremes, packed

__all__ = ["Watched"]

_SHOWN = 1000  # neurons in the raster
_LINES = 2  # neurons in a panel of signals
_STRETCHES = 2000  # of a line in a picture, so that a long run costs no more to show
_SHARE = 0.1  # of the time that reading may take


class Watched:
    """Spikes and signals of a network that was built.

    Parameters
    ----------
    network : Network
        After `build`.
    window : float, ms
        How much of the past the raster shows.

    Attributes
    ----------
    recent : Recent or None
        Spikes; None if no spike recorder is connected to anything.
    """

    def __init__(self, network: Network, window: float) -> None:
        self._network = network
        self._recorders = [each for each in network.results() if len(each.recorder) == 1]
        self.members, self._owner = _members(self._recorders)
        simulation = network.simulation
        self.recent = (
            Recent(self.members, _SHOWN, window, simulation.resolution, simulation.time)
            if self.members
            else None
        )
        self._lines: dict[tuple[str, str, int], list[tuple[Any, Any]]] = {}
        self._units: dict[str, Any] = {}
        self._cost, self._read_at = 0.0, 0.0

    def read(self, at_once: bool = False) -> None:
        """Take in what is new, unless that would take too much of the time.

        Parameters
        ----------
        at_once : bool
            Whether to do so in any case.
        """
        begin = perf_counter()
        if not at_once and begin - self._read_at < self._cost / _SHARE:
            return
        spikes = []
        for id, events in self._network.new_events().items():
            recorder = next((each for each in self._recorders if each.id == id), None)
            if recorder is None or not len(events["times"]):
                continue
            if recorder.what == "spikes":
                spikes.append(self._ours(recorder, events))
            elif recorder.what == "signals":
                self._keep(recorder, events)
        if self.recent is not None:
            times, senders = (
                np.concatenate([each[i] for each in spikes]) if spikes else np.empty(0) for i in (0, 1)
            )
            self.recent.add(times, senders.astype(np.int64), self._network.simulation.time)
        self._read_at = perf_counter()
        self._cost = self._read_at - begin

    def _ours(self, recorder: Recorded, events: Mapping[str, Any]) -> tuple[Any, Any]:
        """Spikes of the neurons that no other recorder has shown already."""
        senders = np.asarray(events["senders"], dtype=np.int64)
        ours = self._owner[senders] == self._recorders.index(recorder)
        return _times(events, self._network.simulation.resolution)[ours], senders[ours]

    def _keep(self, recorder: Recorded, events: Mapping[str, Any]) -> None:
        """Signals of the first neurons of a meter."""
        senders = np.asarray(events["senders"], dtype=np.int64)
        times = _times(events, self._network.simulation.resolution)
        for neuron in _first(recorder.populations):
            ours = senders == neuron
            for name in events:
                if name not in ("times", "senders", "offsets"):
                    self._lines.setdefault((recorder.id, name, neuron), []).append(
                        (times[ours], np.asarray(events[name])[ours])
                    )

    def rates(self) -> dict[str, float]:
        """Mean rate of each population until now, spikes/s."""
        self.read(at_once=True)
        return {} if self.recent is None else self.recent.rates()

    def frame(self, clock: Clock, everything: bool) -> tuple[dict[str, Any], list[Any]]:
        """The message with the spikes and numbers, as the page takes it.

        Parameters
        ----------
        clock : Clock
            What runs.
        everything : bool
            Whether the page has nothing yet.

        Returns
        -------
        dict, list of ndarray
            Content and buffers of a message.
        """
        if self.recent is not None:
            content, buffers = self.recent.frame(clock, everything)
        else:
            nothing = {"fresh": everything, "begin": 0.0, "first": 0.0, "bin": 1.0, "rates": []}
            content, buffers = hands(clock) | nothing, [np.empty(0, dtype=np.float32)] * 3
        return {**content, "what": "frame"}, buffers

    def panels(self) -> list[Panel]:
        """The signals so far, a panel for each meter and quantity."""
        found = []
        for recorder in self._recorders:
            for name in dict.fromkeys(name for id, name, _ in self._lines if id == recorder.id):
                neurons = [neuron for id, each, neuron in self._lines if (id, each) == (recorder.id, name)]
                lines = [self._line((recorder.id, name, neuron)) for neuron in neurons]
                everyone = sum(map(len, recorder.populations.values()))
                found.append(Panel(name, self._unit(name, neurons[0]), tuple(lines), everyone))
        return found

    def _unit(self, name: str, neuron: int) -> str:
        if name not in self._units:
            with self._network.simulation:
                model = nest.GetDefaults(nest.NodeCollection([neuron]).get("model"), "type_id")
            self._units[name] = recordable_unit(model, name)
        return str(self._units[name])

    def _line(self, key: tuple[str, str, int]) -> Line:
        times, values = (np.concatenate([part[i] for part in self._lines[key]]) for i in (0, 1))
        self._lines[key] = [(times, values)]
        return Line(key[2], times, values.astype(np.float64))

    def signals(self) -> tuple[dict[str, Any], list[Any]]:
        """The message with all signals so far, as the page takes it."""
        panels, facts, buffers = [], [], []
        for panel in self.panels():
            ids = [line.neuron for line in panel.lines]
            labels = [f"neuron {id}" for id in ids]
            panels.append({"name": panel.name, "unit": panel.unit, "neurons": ids, "lines": labels})
            for line in panel.lines:
                times, values = extremes(line.times, line.values, _STRETCHES)
                facts.append({"start": 0.0, "step": None})
                buffers += [packed(values), times]
        return {"what": "signals", "panels": panels, "lines": facts}, buffers

    def draw(self, figure: Any, colours: Mapping[str, str]) -> None:
        """Draw raster and signals with matplotlib.

        Parameters
        ----------
        figure : matplotlib.figure.FigureBase
            Where to.
        colours : mapping of str to str
            Colours by population.
        """
        self.read(at_once=True)
        panels = self.panels()
        count = (self.recent is not None) + len(panels)
        if not count:
            figure.text(0.5, 0.5, "nothing is recorded", ha="center", va="center")
            return
        heights = [2.0] * (self.recent is not None) + [1.0] * len(panels)
        rows = np.atleast_1d(figure.subplots(count, 1, sharex=True, height_ratios=heights))
        if self.recent is not None:
            recent, ids = self.recent, np.concatenate(list(self.recent.shown.values()))
            plot.raster(recent.times, ids[recent.rows], ax=rows[0], populations=recent.shown, colors=colours)
        for axes, panel in zip(rows[-len(panels) :] if panels else [], panels, strict=True):
            for line in panel.lines:
                times, values = extremes(line.times, line.values, _STRETCHES)
                plot.traces(times, values, ax=axes, unit=panel.unit, name=panel.name)
        for axes in rows:
            axes.set_xlabel("")
        rows[-1].set_xlabel("time (ms)")


def _members(recorders: list[Recorded]) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.int64]]:
    """Neurons with recorded spikes, by label, and for each node the number of the recorder that shows it."""
    spiking = [(number, each) for number, each in enumerate(recorders) if each.what == "spikes"]
    ids_ = [nodes.tolist() for _, each in spiking for nodes in each.populations.values()]
    owner = np.full(max((max(ids) for ids in ids_), default=0) + 1, -1, dtype=np.int64)
    members: dict[str, NDArray[np.int64]] = {}
    for number, each in spiking:
        for label, nodes in each.populations.items():
            ids = np.asarray(nodes.tolist(), dtype=np.int64)
            owner[ids[owner[ids] < 0]] = number
            members[label] = np.array(sorted({*members.get(label, ids).tolist(), *ids.tolist()}))
    return members, owner


def _first(populations: Mapping[str, Any]) -> list[int]:
    """Some neurons, of each population as many."""
    share = max(_LINES // max(len(populations), 1), 1)
    return [id for nodes in populations.values() for id in nodes.tolist()[:share]]


def _times(events: Mapping[str, Any], resolution: float) -> NDArray[np.float64]:
    times = np.asarray(events["times"], dtype=np.float64)
    return times * resolution - np.asarray(events["offsets"]) if "offsets" in events else times
