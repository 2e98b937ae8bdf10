"""What networks have in common that learn by e-prop: sequences, inputs, losses, and the way to continue."""

from __future__ import annotations

import math
import sys
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab import analysis, plot
from nest_lab.gallery._base import (
    Curve,
    Parameters,
    ReferenceNetwork,
    Results,
    Statistic,
    node_ids,
    parameter,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FEEDBACK", "LATENCY", "PAIRS", "RATE", "LearningNetwork", "LearningParameters"]

Floats = NDArray[np.float64]

LATENCY = 4.0  # ms from the first step of a sequence to its readout: generator, input, neuron and readout
SYNAPSE = "eprop_synapse_bsshslm_2020"
FEEDBACK = {"synapse_model": "eprop_learning_signal_connection_bsshslm_2020", "delay": 1.0}
RATE = {"synapse_model": "rate_connection_delayed", "delay": 1.0}
PAIRS = {"rule": "all_to_all", "allow_autapses": False}
_KEPT = 250  # points of a curve that is shown while the network runs


@dataclass(frozen=True, kw_only=True)
class LearningParameters(Parameters):
    """What the parameters of all networks have in common that learn by e-prop; steps are of 1 ms."""

    options: ClassVar[tuple[str, ...]] = ("iterations", "eta")

    iterations: int = parameter(
        100, "", "number of iterations that learn() and the command line make unless told otherwise", lower=1
    )
    c_reg: float = parameter(
        300.0, "", "weight of the regularization that pulls each neuron to the rate f_target", lower=0.0
    )
    f_target: float = parameter(10.0, "spikes/s", "rate to which each neuron is pulled", lower=0.0)

    @property
    def sequence(self) -> int:
        """Steps of a sequence."""
        raise NotImplementedError

    @property
    def neurons(self) -> tuple[int, int]:
        """Number of inputs and of recurrent neurons."""
        raise NotImplementedError

    @property
    def demand(self) -> dict[str, int]:
        """Bytes of the arrays with random numbers, which the kernel does not know."""
        n_in, n_rec = self.neurons
        inputs, weights = self.batch * self.sequence * n_in, (n_in + n_rec) * n_rec
        return {"the inputs of an iteration": 24 * inputs, "the first weights": 16 * weights}

    @property
    def window(self) -> int:
        """Steps at the end of a sequence in which there is an error to learn from."""
        raise NotImplementedError

    @property
    def batch(self) -> int:
        """Sequences after which weights change."""
        raise NotImplementedError

    @property
    def iteration(self) -> float:
        """Model time of an iteration, ms."""
        return float(self.batch * self.sequence)

    @property
    def duration(self) -> float:
        """Model time of all iterations, ms, with the steps that it takes until the last one is known."""
        return self.iterations * self.iteration + LATENCY + 1.0


L = TypeVar("L", bound=LearningParameters)


class LearningNetwork(ReferenceNetwork[L]):
    """A recurrent network with readouts, that learns a task by e-prop.

    Inputs and targets of an iteration are given to the generators shortly before it begins, so that a run may
    go on for any number of them; readouts are evaluated and forgotten as they come.

    Attributes
    ----------
    losses : list of float
        Loss of each iteration, before the weights change because of it.
    readout, target : ndarray, shape (n_readouts, batch, sequence)
        Signals of the last complete iteration.
    first : tuple of ndarray
        `readout` and `target` of the first iteration.

    Notes
    -----
    All random numbers, those of the weights first, come from one stream of ``numpy.random.RandomState``, in
    the order of the program of the authors.
    """

    citation = (
        "Bellec G, Scherr F, Subramoney A, Hajek E, Salaj D, Legenstein R, Maass W (2020). A solution to the "
        "learning dilemma for recurrent networks of spiking neurons. Nature Communications 11:3625"
    )
    doi = "10.1038/s41467-020-17236-y"
    recurrent: Any
    readouts: Any

    def _build(self) -> None:
        p = self.parameters
        nest.set(
            resolution=1.0,
            eprop_update_interval=float(p.sequence),
            eprop_learning_window=float(p.window),
            eprop_reset_neurons_on_update=True,
        )
        self._rng = np.random.RandomState(self.seed)
        self.losses: list[float] = []
        self.readout = self.target = np.empty((0, p.batch, p.sequence))
        self.first: tuple[Floats, Floats] = (self.readout, self.target)
        self._create()
        n_in, n_out = len(self.populations["input"]), len(self.readouts)
        self._generators = nest.Create("spike_generator", n_in)
        nest.Connect(self._generators, self.populations["input"], "one_to_one", {"delay": 1.0})
        self._targets = nest.Create("step_rate_generator", n_out)
        nest.Connect(self._targets, self.readouts, "one_to_one", RATE | {"receptor_type": 2})
        signals = {"record_from": ["readout_signal", "target_signal"], "interval": 1.0, "start": LATENCY}
        self._meter = nest.Create("multimeter", params=signals)
        nest.Connect(self._meter, self.readouts)
        self.recorder = nest.Create("spike_recorder")
        for nodes in self.populations.values():
            nest.Connect(nodes, self.recorder)
        self._begin()
        self._signals = np.empty((2, n_out, 0))  # what was recorded of the iteration that is under way
        self._given = 0  # iterations whose inputs and targets were given
        self._trains: list[Floats] = [np.empty(0)] * n_in
        self._course = np.empty(0), np.empty((n_out, 0))
        self._give(2.0 * p.iteration)

    @abstractmethod
    def _create(self) -> None:
        """Make and connect neurons; set `populations`, with ``input``, and `recurrent` and `readouts`."""

    def _begin(self) -> None:
        """Draw what stays the same in all iterations, and forget what was measured."""

    @abstractmethod
    def _draw(self) -> tuple[NDArray[np.bool_], Floats]:
        """Whether each input fires in each step of the next iteration, and the targets; steps are columns."""

    @abstractmethod
    def _loss(self, readout: Floats, target: Floats) -> float:
        """Loss of an iteration, of the signals of shape (n_readouts, batch, sequence)."""

    def _learner(self, **optimizer: Any) -> None:
        """Set what all synapses that learn have in common."""
        nest.SetDefaults(SYNAPSE, {"optimizer": optimizer})

    def _learn_between(self, sources: Any, targets: Any, weights: Floats, tau_m_readout: float) -> None:
        """Connect all pairs by synapses that learn; rows of the weights are targets."""
        spec = {"synapse_model": SYNAPSE, "delay": 1.0, "tau_m_readout": tau_m_readout}
        nest.Connect(sources, targets, PAIRS, spec | {"weight": single(weights)})

    def _apply(self, changed: L) -> None:
        self._learner(eta=changed.eta)  # type: ignore[attr-defined]

    # -- time

    def learn(self, iterations: int | None = None, *, progress: bool | None = None) -> Self:
        """Run for whole iterations; call it again to continue.

        Parameters
        ----------
        iterations : int, optional
            How many losses there shall be more; the parameter `iterations` when not given.
        progress : bool, optional
            Whether to write each loss to the terminal as it comes; if left out, there is a bar where
            ``print_time`` of the simulation asks for one.

        Returns
        -------
        LearningNetwork
            Itself.

        Raises
        ------
        WrongState
            If the network was not built.
        KeyboardInterrupt
            On Ctrl-C. What was learned until then stays, and can be continued.
        """
        self._needs_build("learn()")
        return self.simulate(self.time_to_learn(iterations), progress=progress)

    def time_to_learn(self, iterations: int | None = None) -> float:
        """Model time until there are so many losses more.

        Parameters
        ----------
        iterations : int, optional
            How many; the parameter `iterations` when not given.

        Returns
        -------
        float
            Time, ms.

        Raises
        ------
        BadType, BadValue
            If it is not a whole number above 0.
        """
        p = self.parameters
        count = p.iterations if iterations is None else p.replace(iterations=iterations).iterations
        self.follow()  # whoever ran it may have left losses behind
        end = (len(self.losses) + count) * p.iteration + LATENCY + 1.0
        return float(end - self.simulation.time)

    def simulate(self, time: float, *, progress: bool | None = None) -> Self:
        """Run for a while; call it again to continue.

        Parameters
        ----------
        time : float, ms
            Model time, a multiple of the resolution of 1 ms.
        progress : bool, optional
            Whether to write each loss to the terminal as it comes; if left out, there is a bar where
            ``print_time`` of the simulation asks for one.

        Returns
        -------
        LearningNetwork
            Itself.

        Raises
        ------
        WrongState
            If the network was not built.
        KeyboardInterrupt
            On Ctrl-C. What was learned until then stays, and can be continued.
        """
        self._needs_build("simulate()")
        left = time
        while True:
            piece = min(left, self.parameters.iteration) if math.isfinite(left) else left
            known = len(self.losses)
            try:
                super().simulate(piece, progress=False if progress else None)
            finally:
                self.follow()
            for number, loss in enumerate(self.losses[known:] if progress else [], known + 1):
                print(f"iteration {number}: loss {loss:.4g}", file=sys.stderr)
            left -= piece
            if not left > 0.0:
                return self

    def take_spikes(self) -> tuple[Any, Any]:
        """Take what was recorded out of the recorders; `losses` stay.

        Returns
        -------
        times : ndarray, shape (n_spikes,), ms
            Time of each spike since the last time they were taken.
        senders : ndarray, shape (n_spikes,), int
            Node id of the neuron that emitted it.

        Raises
        ------
        WrongState
            If the network was not built, or is running.
        """
        taken = super().take_spikes()
        self.follow()
        return taken

    def follow(self) -> None:
        """Evaluate what was recorded and give inputs to what comes, for whoever runs the simulation.

        To be called at least once in an iteration; `learn`, `simulate` and `take_spikes` do it.
        """
        with self.simulation:
            self._evaluate()

    def curves(self) -> list[Curve]:
        """Loss of each iteration, and readouts beside targets in the last one."""
        n = len(self.losses)
        loss = Curve(
            "loss", "iteration", self._loss_label, np.arange(1, n + 1), {"loss": np.array(self.losses)}
        )
        return [loss, *([self._last()] if n else [])]

    def _last(self) -> Curve:
        """Readouts and targets at the end of the last iteration."""
        p = self.parameters
        some = slice(-p.window, None, max(p.window // _KEPT, 1))
        lines: dict[str, Floats] = {}
        for number, (readout, target) in enumerate(zip(self.readout, self.target, strict=True), 1):
            which = f" {number}" if len(self.readout) > 1 else ""
            lines |= {f"target{which}": target[-1, some], f"readout{which}": readout[-1, some]}
        return Curve("readout", "time in the sequence (ms)", "signal", np.arange(p.sequence)[some], lines)

    def _evaluate(self) -> None:
        """Read the readouts, evaluate complete iterations, and see to it that the next one has inputs."""
        p = self.parameters
        if self._meter.get("n_events"):
            events = self._meter.get("events")
            self._meter.set(n_events=0)
            of_each = [np.asarray(events["senders"]) == node.global_id for node in self.readouts]
            signals = [np.asarray(events[name]) for name in ("readout_signal", "target_signal")]
            new = [[signal[own] for own in of_each] for signal in signals]
            self._signals = np.concatenate((self._signals, new), axis=2)
        steps = p.batch * p.sequence
        while self._signals.shape[2] >= steps:
            whole = self._signals[:, :, :steps].reshape(2, -1, p.batch, p.sequence)
            self._signals = self._signals[:, :, steps:]
            self.readout, self.target = whole
            self.first = self.first if self.losses else (self.readout, self.target)
            self.losses.append(self._loss(self.readout, self.target))
        self._give(nest.biological_time + 2.0 * p.iteration)

    def _give(self, until: float) -> None:
        """Give the generators the inputs and targets of all iterations that begin before this time."""
        p, now = self.parameters, nest.biological_time
        if until <= self._given * p.iteration:
            return
        while self._given * p.iteration < until:
            begin = self._given * p.iteration
            fires, targets = self._draw()
            self._trains = [
                np.append(train, np.flatnonzero(row) + begin + 1.0)
                for train, row in zip(self._trains, fires, strict=True)
            ]
            changes = np.append(True, (np.diff(targets, axis=1) != 0.0).any(axis=0))
            times = np.flatnonzero(changes) + begin + LATENCY
            self._course = (
                np.append(self._course[0], times),
                np.concatenate((self._course[1], targets[:, changes]), axis=1),
            )
            self._given += 1
        self._trains = [train[train > now] for train in self._trains]
        self._generators.set([{"spike_times": train} for train in self._trains])
        self._course = _later(*self._course, now)
        times, values = self._course
        self._targets.set([{"amplitude_times": times, "amplitude_values": row} for row in values])

    # -- what it showed

    _loss_label: ClassVar[str] = "loss"

    def _published(self) -> str:
        """Where the loss of the first iteration was published, empty if that was another network."""
        return ""

    def _results(self, start: float, stop: float) -> Results:
        events = self.recorder.events
        times, senders = events["times"], events["senders"]
        populations = {name: node_ids(nodes) for name, nodes in self.populations.items()}
        neurons = np.concatenate([np.asarray(ids) for name, ids in populations.items() if name != "input"])
        rate = analysis.rates(times, senders, neurons, start, stop)
        statistics = [
            *self._learned(),
            Statistic(
                "rate",
                "mean firing rate of the recurrent neurons",
                rate.mean,
                "spikes/s",
                self.parameters.f_target,
                None,
                "what the regularization pulls to",
            ),
        ]
        figures: dict[str, Callable[[Figure], None]] = {
            "Spikes of a sequence": partial(self._draw_raster, times, senders, populations, stop),
            "Learning curve": self._draw_losses,
            "Readout in the first and the last iteration": self._draw_readout,
        }
        return Results(times, senders, populations, start, stop, statistics, figures, self._notes())

    def _learned(self) -> list[Statistic]:
        """How far the loss fell."""
        losses = self.losses
        few = max(len(losses) // 10, 1)
        return [
            Statistic("iterations", "iterations", len(losses), ""),
            Statistic("loss_first", "loss of the first iteration", losses[0] if losses else math.nan, ""),
            Statistic(
                "loss_last",
                f"mean loss of the last {f'{few} iterations' if few > 1 else 'iteration'}",
                float(np.mean(losses[-few:])) if losses else math.nan,
                "",
            ),
        ]

    def _notes(self) -> list[str]:
        p = self.parameters
        if self.losses:
            return []
        needed = p.iteration + LATENCY + 1.0
        return [f"There is no loss yet: an iteration is complete after {needed:g} ms."]

    def _draw_raster(
        self, times: Any, senders: Any, populations: Mapping[str, range], stop: float, figure: Figure
    ) -> None:
        """The last sequence that is complete."""
        length = self.parameters.sequence
        start = max((stop - LATENCY) // length - 1, 0) * length
        shown = (times > start) & (times <= start + length)
        ax = figure.subplots()
        plot.raster(times[shown], senders[shown], ax=ax, populations=populations)
        ax.set(xlim=(start, start + length), ylabel=f"{sum(map(len, populations.values()))} neurons")

    def _draw_losses(self, figure: Figure) -> None:
        draw_losses(figure.subplots(), self.losses, self._loss_label)

    @abstractmethod
    def _draw_readout(self, figure: Figure) -> None:
        """Readouts beside targets, before and after."""


def draw_losses(ax: Axes, losses: list[float], label: str) -> None:
    """Draw a learning curve."""
    ax.plot(np.arange(1, len(losses) + 1), losses, marker="." if len(losses) < 50 else "")
    ax.set(xlabel="iteration", ylabel=label, ylim=(0.0, None))
    ax.locator_params(axis="x", integer=True)


def single(weights: Any) -> Floats:
    """Numbers rounded to single precision, which the program of the authors draws."""
    return np.asarray(weights, dtype=np.float32).astype(np.float64)


def _later(times: Floats, values: Floats, now: float) -> tuple[Floats, Floats]:
    """The part of a step function that lies after a time; it begins in the next step."""
    past = int(np.searchsorted(times, now, side="right"))
    if past == 0:
        return times, values
    if past < len(times) and times[past] == now + 1.0:
        return times[past:], values[:, past:]
    return np.append(now + 1.0, times[past:]), values[:, past - 1 :]
