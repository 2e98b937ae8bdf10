"""Experiments on one neuron of any model: what it takes, its trace, its response curve, its phase plane.

Everything is asked of the registry and of the kernel: nothing here knows a model. Each experiment runs in a
simulation of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.errors import NESTError

__all__ = ["GENERATORS", "Curve", "Experiment", "Plane", "Trace", "accepted", "suggested"]

Floats = NDArray[np.floating[Any]]
GENERATORS = {"current": ("dc_generator", "amplitude"), "spikes": ("poisson_generator", "rate")}
_H = 0.1  # ms
_FINE = 0.01  # ms, of the flow in a phase plane
_ONSET = 0.1  # of the duration, when the input begins


@dataclass(frozen=True)
class Trace:
    """What one neuron did.

    Attributes
    ----------
    times : ndarray, shape (n,), ms
    values : mapping of str to ndarray, shape (n,)
        By recordable.
    spikes : ndarray, shape (n_spikes,), ms
    moving : tuple of str
        Recordables that did not stay as they were.
    """

    times: Floats
    values: Mapping[str, Floats]
    spikes: Floats
    moving: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """How the response depends on the strength of the input.

    Attributes
    ----------
    amounts, responses : ndarray, shape (n,)
    quantity, unit : str
        What the response is: the rate, or the mean of the first recordable of a model without spikes.
    """

    amounts: Floats
    responses: Floats
    quantity: str
    unit: str


@dataclass(frozen=True)
class Plane:
    """Where two variables go from each point of their plane.

    Attributes
    ----------
    names : (str, str)
        The variables.
    x, y : ndarray, shape (n_x,) and (n_y,)
        Their values on the grid.
    dx, dy : ndarray, shape (n_y, n_x)
        Change per ms; `nan` where the neuron spikes at once.
    """

    names: tuple[str, str]
    x: Floats
    y: Floats
    dx: Floats
    dy: Floats


@cache
def accepted(model: str, kind: str) -> tuple[int | None, str]:
    """Where a model takes an input.

    Parameters
    ----------
    model : str
        Name of a neuron model.
    kind : {'current', 'spikes'}
        What is injected.

    Returns
    -------
    receptor : int or None
        The receptor_type, None if it takes none.
    why : str
        What the kernel says against it, or ''.
    """
    facts, why = nest.models.registry[model], ""
    first = facts.spike_receptor if kind == "spikes" else 0
    for receptor in dict.fromkeys((first, 0, *facts.receptors.values())):
        try:
            Experiment(model, kind=kind, receptor=receptor).build([1.0])
        except NESTError as error:
            why = why or str(error)
        else:
            return receptor, ""
    return None, why


@dataclass(frozen=True)
class Experiment:
    """One neuron and its input.

    Attributes
    ----------
    model : str
        Name of a neuron model.
    params : mapping of str to object
        Parameters that differ from the defaults.
    kind : {'current', 'spikes', 'nothing'}
        What is injected.
    amount : float
        The current, pA, or the rate of a Poisson process, spikes/s.
    weight : float
        Of each spike.
    receptor : int
        Where the input goes.
    duration : float, ms
        Of the trace.
    """

    model: str
    params: Mapping[str, Any] | None = None
    kind: str = "nothing"
    amount: float = 0.0
    weight: float = 1.0
    receptor: int = 0
    duration: float = 500.0

    def build(
        self, amounts: Any, *, onset: float = 0.0, resolution: float = _H, weights: Any = None
    ) -> tuple[Any, Any, Any]:
        """A neuron for each amount in a new simulation.

        Parameters
        ----------
        amounts : array_like, shape (n,)
            Strength of the input of each.
        onset : float, ms
            When the input begins.
        resolution : float, ms
            Time step.
        weights : array_like, shape (n,), optional
            One for each neuron, the weight of the experiment when not given.

        Returns
        -------
        simulation : Simulation
        neurons : NodeCollection
        recorder : NodeCollection or None
            Of the spikes, None if the model has none.

        Raises
        ------
        NESTError
            The model refuses a parameter, or the input.
        """
        facts, n = nest.models.registry[self.model], len(amounts)
        simulation = nest.Simulation(resolution=resolution, threads=1)
        with simulation:
            neurons = nest.Create(self.model, n, {**facts.needs, **(self.params or {})} or None)
            if self.kind != "nothing":
                model, strength = GENERATORS[self.kind]
                sources = nest.Create(model, n, {strength: [float(a) for a in amounts], "start": onset})
                weight = self.weight if self.kind == "spikes" else 1.0
                spec: dict[str, Any] = {"receptor_type": self.receptor, "delay": resolution, "weight": weight}
                spec |= {} if weights is None else {"weight": np.asarray(weights, dtype=np.float64)}
                nest.Connect(sources, neurons, "one_to_one", spec)
            recorder = nest.Create("spike_recorder") if facts.spiking else None
            if recorder is not None:
                nest.Connect(neurons, recorder)
        return simulation, neurons, recorder

    def trace(self) -> Trace:
        """Run one neuron; the input begins after a tenth of the time."""
        simulation, neurons, recorder = self.build([self.amount], onset=round(_ONSET * self.duration, 1))
        with simulation:
            names = self._recordables(neurons)
            meter = (
                nest.Create("multimeter", params={"record_from": names, "interval": _H}) if names else None
            )
            if meter is not None:
                nest.Connect(meter, neurons)
            simulation.run(self.duration)
            events = meter.events if meter is not None else {"times": np.empty(0)}
            spikes = recorder.events["times"] if recorder is not None else np.empty(0)
        values = {name: np.asarray(events[name], dtype=np.float64) for name in names}
        moving = tuple(name for name, each in values.items() if len(each) and np.ptp(each) > 1e-9)
        return Trace(np.asarray(events["times"], dtype=np.float64), values, np.asarray(spikes), moving)

    def _recordables(self, neurons: Any) -> list[str]:
        """Names of all that can be recorded of a neuron, also of its compartments."""
        facts = nest.models.registry[self.model]
        if not (facts.recordables or facts.numbered):
            return []
        found = {str(name) for name in np.ravel(neurons.get("recordables"))}
        first = [name for name in facts.recordables if name in found]  # in the order of the model
        return [*first, *sorted(found.difference(first))]

    def curve(
        self, low: float, high: float, *, of: str = "", points: int = 25, time: float = 1000.0
    ) -> Curve:
        """Response to inputs of different strength, each in a neuron of its own.

        Parameters
        ----------
        low, high : float
            Range of the strength.
        of : str
            Recordable whose mean is the response of a model without spikes; the first when not given.
        points : int
            How many.
        time : float, ms
            How long the response is measured, after a fifth of that in which it settles.
        """
        amounts = np.linspace(low, high, points)
        facts = nest.models.registry[self.model]
        name = of or next(iter(facts.recordables), "")
        responses = self._responses(amounts, time, 0.2 * time, of=name)
        if facts.spiking:
            return Curve(amounts, responses, "rate", "spikes/s")
        return Curve(amounts, responses, f"mean {name}", facts.recordable(name).unit)

    def _responses(
        self, amounts: Any, time: float, warmup: float, *, weights: Any = None, of: str = ""
    ) -> Floats:
        """Rate, or mean of a recordable, of a neuron for each amount."""
        simulation, neurons, recorder = self.build(amounts, weights=weights)
        with simulation:
            if recorder is not None:
                recorder.start = warmup
                simulation.run(warmup + time)
                counts = np.bincount(_rows(recorder.events["senders"], neurons), minlength=len(amounts))
                return counts * (1000.0 / time)
            meter = nest.Create("multimeter", params={"record_from": [of], "start": warmup, "interval": 1.0})
            nest.Connect(meter, neurons)
            simulation.run(warmup + time)
            events = meter.events
        rows = _rows(events["senders"], neurons)
        sums = np.bincount(rows, events[of], minlength=len(amounts))
        return np.asarray(sums / np.maximum(np.bincount(rows, minlength=len(amounts)), 1), dtype=np.float64)

    def plane(self, trace: Trace, shape: tuple[int, int] = (41, 31)) -> tuple[Plane | None, str]:
        """The phase plane under a constant current, of a model in which two variables move.

        The flow is measured: a neuron is put on each point of a grid and makes one small step.

        Parameters
        ----------
        trace : Trace
            Of this experiment; its range is that of the plane.
        shape : (int, int)
            Points to the right and upwards.

        Returns
        -------
        plane : Plane or None
        why : str
            Why there is none, or ''.
        """
        fields = nest.models.registry[self.model].parameters
        if self.kind == "spikes":
            return None, "The phase plane is that of a constant input: choose the current."
        if len(trace.moving) != 2:
            moving = ", ".join(trace.moving) or "none"
            return None, f"A phase plane needs two variables that move; here these do: {moving}."
        for name in trace.moving:
            if name not in fields or fields[name].readonly or not fields[name].state:
                return None, f"A phase plane needs variables that can be set, which {name} cannot."
        first, second = trace.moving
        x, y = (
            _axis(trace.values[name], n, fields[name]) for name, n in zip(trace.moving, shape, strict=True)
        )
        grid_x, grid_y = (each.ravel() for each in np.meshgrid(x, y))
        dx, dy = self._flow((first, second), grid_x, grid_y)
        size = (shape[1], shape[0])
        return Plane((first, second), x, y, dx.reshape(size), dy.reshape(size)), ""

    def _flow(self, names: tuple[str, str], x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Change per ms at points of the plane."""
        simulation, neurons, recorder = self.build([self.amount] * len(x), resolution=_FINE)
        with simulation:
            simulation.run(3 * _FINE)  # the current has arrived
            before = 0 if recorder is None else recorder.n_events
            neurons.set({names[0]: x.tolist(), names[1]: y.tolist()})
            simulation.run(_FINE)
            after = neurons.get([*names])
            dx, dy = ((np.asarray(after[name]) - at) / _FINE for name, at in zip(names, (x, y), strict=True))
            if recorder is not None:
                spiked = _rows(recorder.events["senders"][before:], neurons)
                dx[spiked] = dy[spiked] = np.nan
        return dx, dy


def _rows(senders: Any, neurons: Any) -> NDArray[np.int64]:
    """Which of the neurons each event is from."""
    return np.asarray(senders, dtype=np.int64) - int(neurons[0].global_id)


def _axis(values: Floats, n: int, field: Any) -> Floats:
    """A range around most of the values, as far as they are allowed: spikes go beyond."""
    low, high = np.percentile(values, [0.0, 96.0])
    room = 0.35 * (high - low) or 1.0
    low, high = low - room, high + room
    low = low if field.lower is None else max(low, field.lower + field.lower_open * 1e-6 * room)
    high = high if field.upper is None else min(high, field.upper - field.upper_open * 1e-6 * room)
    return np.linspace(low, high, n)


@cache
def suggested(model: str, kind: str) -> tuple[float, float, float]:
    """An input that makes a neuron of a model with its default parameters fire.

    Inputs of all orders of magnitude are tried, each on a neuron of its own.

    Parameters
    ----------
    model : str
        Name of a neuron model.
    kind : {'current', 'spikes'}
        What is injected.

    Returns
    -------
    amount, highest : float
        A strength that makes it fire, and the end of a range for it.
    weight : float
        Weight of each spike.
    """
    receptor, _ = accepted(model, kind)
    tried = Experiment(model, kind=kind, receptor=receptor or 0)
    if kind == "current":
        found = _weakest(tried, 2.0 ** np.arange(-2, 15), by_weight=False)
        return (_round(1.5 * found), _round(4.0 * found), 1.0) if found else (100.0, 1000.0, 1.0)
    found = _weakest(tried, 2.0 ** np.arange(-10, 11), by_weight=True)
    return 1000.0, 4000.0, _round(1.5 * found) if found else 1.0


def _weakest(tried: Experiment, sizes: Floats, *, by_weight: bool) -> float | None:
    """The weakest of some inputs that makes it fire, None if none does; of those that it can stand."""
    if not nest.models.registry[tried.model].spiking:
        return None
    while len(sizes):
        try:
            strengths = np.append(0.0, sizes)
            amounts, weights = (
                (np.append(0.0, np.full(len(sizes), 1000.0)), strengths) if by_weight else (strengths, None)
            )
            rates = tried._responses(amounts, 300.0, 50.0, weights=weights)
        except NESTError:  # the strongest are more than it can stand
            sizes = sizes[:-3]
            continue
        fired = np.flatnonzero(rates[1:] >= 2.0 * rates[0] + 5.0)  # some fire by themselves
        return float(sizes[fired[0]]) if len(fired) else None
    return None


def _round(value: float) -> float:
    """Two digits."""
    return float(f"{value:.2g}")
