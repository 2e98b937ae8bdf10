"""One cell of a sweep: a network of the gallery with some parameters, simulated wherever there is room."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.errors import NESTError

__all__ = ["Cell", "Task", "ignore_interrupts", "ready", "simulate"]

_NEURONS = 1000  # whose spikes are kept, at most
_SPIKES = 50_000  # that are kept, at most: the last ones


@dataclass(frozen=True)
class Task:
    """What to simulate; can be sent to another process.

    Attributes
    ----------
    network : type
        Subclass of `ReferenceNetwork`.
    parameters : Parameters
        All of them.
    seed : int
        Of the random numbers.
    duration, warmup : float, ms
        How long, and how much of it the statistics leave out.
    flag : str
        Path of a file; when there is one, it stops.
    """

    network: Any
    parameters: Any
    seed: int
    duration: float
    warmup: float
    flag: str


@dataclass(frozen=True)
class Cell:
    """What a simulation of a sweep showed; a `SpikeRaster` shows its spikes.

    Attributes
    ----------
    statistics : tuple of Statistic
        All numbers that the network reports.
    times : ndarray, shape (n_spikes,), ms
    senders : ndarray, shape (n_spikes,), int
        Spikes of at most 1000 neurons, taken evenly from all populations; of more than 50,000 the last ones.
    populations : dict of str to ndarray of int
        Node ids of these neurons.
    everyone : int
        How many neurons there are.
    start, stop : float, ms
        These are all spikes of these neurons in ``(start, stop]``.
    seconds : float
        Wall time that it took.
    """

    statistics: tuple[Any, ...]
    times: NDArray[np.float64]
    senders: NDArray[np.int64]
    populations: dict[str, NDArray[np.int64]]
    everyone: int
    start: float
    stop: float
    seconds: float

    def __getitem__(self, name: str) -> Any:
        """One of the statistics by its name."""
        return next(each for each in self.statistics if each.name == name)


class _Stopped(Exception):  # noqa: N818  (it is none)
    """Nobody wants the result any more."""


def ignore_interrupts() -> None:
    """Leave it to the process that began a sweep to say what an interrupt means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def ready() -> None:
    """Do nothing: whoever asks for it knows that a process has begun."""


def simulate(task: Task) -> Cell | str | None:
    """Build, simulate and describe a network, with one thread, in a simulation of its own.

    Parameters
    ----------
    task : Task
        What.

    Returns
    -------
    Cell, str or None
        What it showed, or what is wrong with it; None if it was stopped.
    """

    def look(*_: float) -> None:
        if os.path.exists(task.flag):
            raise _Stopped

    begin = perf_counter()
    try:
        look()
        with nest.Simulation(threads=1) as simulation:
            simulation.on_progress(look)
            network = task.network(task.parameters, seed=task.seed, threads=1).build()
            look()
            results = network.simulate(task.duration).results(task.warmup)
            return _kept(results, perf_counter() - begin)
    except _Stopped:
        return None
    except NESTError as error:
        return str(error)
    except Exception as error:  # of the network: the other cells shall go on
        return f"{type(error).__name__}: {error}"


def _kept(results: Any, seconds: float) -> Cell:
    """What fits into memory for each of many cells."""
    populations = _some(results.populations)
    times, senders = np.asarray(results.times, dtype=np.float64), np.asarray(results.senders, dtype=np.int64)
    ours = np.isin(senders, np.concatenate([*populations.values(), np.empty(0, dtype=np.int64)]))
    times, senders = times[ours], senders[ours]
    order = np.argsort(times, kind="stable")
    times, senders = times[order], senders[order]
    start = 0.0 if len(times) and times[0] <= results.start else float(results.start)
    if len(times) > _SPIKES:
        start = float(times[-_SPIKES - 1])
        later = times > start  # of a time all spikes or none
        times, senders = times[later], senders[later]
    everyone = sum(len(ids) for ids in results.populations.values())
    statistics = tuple(results.statistics)
    return Cell(statistics, times, senders, populations, everyone, start, float(results.stop), seconds)


def _some(populations: Mapping[str, Any]) -> dict[str, NDArray[np.int64]]:
    """A part of each population, evenly, at least one neuron."""
    share = min(_NEURONS / max(sum(len(ids) for ids in populations.values()), 1), 1.0)
    return {
        name: np.asarray(ids)[np.linspace(0, len(ids) - 1, max(int(share * len(ids)), 1)).astype(np.int64)]
        for name, ids in populations.items()
        if len(ids)
    }
