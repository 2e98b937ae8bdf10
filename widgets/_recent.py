"""The last spikes of a network that runs, as its page shows them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nest_lab.widgets._clock import Clock

__all__ = ["Recent", "hands"]

_BINS = 200  # of the rate, in the window, about


class Recent:
    """The last spikes of a network: those of some neurons as they are, those of all neurons counted.

    Nothing older than the window is kept, so its memory does not grow with the length of a run.
    """

    def __init__(
        self,
        populations: Mapping[str, NDArray[np.int64]],
        shown: int,
        length: float,
        resolution: float,
        now: float,
    ) -> None:
        self.members = populations
        self.sizes = {name: len(ids) for name, ids in populations.items()}
        self.shown = _some(populations, shown)
        self.length, self.resolution = length, resolution
        self.bin_steps = max(int(_nice(length / _BINS) / resolution), 1)
        last = max(int(ids.max()) for ids in populations.values())
        self._row = np.full(last + 1, -1, dtype=np.int64)
        self._row[np.concatenate(list(self.shown.values()))] = np.arange(sum(map(len, self.shown.values())))
        self._population = np.full(last + 1, -1, dtype=np.int64)
        for number, ids in enumerate(populations.values()):
            self._population[ids] = number
        self.now = self.begin = now
        self.times, self.rows = np.empty(0), np.empty(0, dtype=np.uint32)
        self._new = 0  # of these, how many were not sent yet; they are the last ones
        self._first = self._bins_until(now, math.ceil)  # number of the first bin that is counted
        self._counts = np.zeros((len(populations), 0), dtype=np.int64)

    @property
    def bin(self) -> float:
        """Width of a bin, ms."""
        return self.bin_steps * self.resolution

    def _bins_until(self, time: float, rounded: Callable[[float], int] = math.floor) -> int:
        return rounded(round(time / self.resolution) / self.bin_steps)

    def add(self, times: NDArray[np.float64], senders: NDArray[np.int64], now: float) -> None:
        """Take new spikes in, in the order of time, and forget those that are too old by now."""
        self.now = now
        inside = (senders < len(self._row)) & (times > now - self.length)
        times, senders = times[inside], senders[inside]
        order = np.argsort(times, kind="stable")
        times, senders = times[order], senders[order]
        rows = self._row[senders]
        seen = rows >= 0
        self._new += int(seen.sum())
        self.times = np.concatenate((self.times, times[seen]))
        self.rows = np.concatenate((self.rows, rows[seen].astype(np.uint32)))
        keep = self.times > now - self.length
        if not keep.all():
            self.times, self.rows = self.times[keep], self.rows[keep]
        self._new = min(self._new, len(self.times))
        self._count(times, self._population[senders])

    def _count(self, times: NDArray[np.float64], populations: NDArray[np.int64]) -> None:
        """Count spikes by population and bin; a spike at the edge of two bins belongs to the earlier one."""
        end = self._bins_until(self.now, math.ceil)
        first = max(self._first, self._bins_until(self.now - self.length))
        old = self._counts[:, first - self._first :] if first > self._first else self._counts
        counts = np.zeros((len(self._counts), max(end - first, 0)), dtype=np.int64)
        counts[:, : old.shape[1]] = old
        bins = (np.rint(times / self.resolution).astype(np.int64) - 1) // self.bin_steps - first
        known = (bins >= 0) & (bins < counts.shape[1]) & (populations >= 0)
        flat = np.bincount(populations[known] * counts.shape[1] + bins[known], minlength=counts.size)
        self._first, self._counts = first, counts + flat.reshape(counts.shape)

    def rates(self) -> dict[str, float]:
        """Mean rate of each population in the window, spikes/s; `nan` before the first bin is full."""
        full = self._bins_until(self.now) - self._first
        if full <= 0:
            return dict.fromkeys(self.sizes, math.nan)
        sums = self._counts[:, :full].sum(axis=1) * (1000.0 / (full * self.bin))
        return {name: float(n / size) for (name, size), n in zip(self.sizes.items(), sums, strict=True)}

    def histogram(self) -> tuple[NDArray[np.float64], float]:
        """Mean rate of all neurons in each full bin, spikes/s, and the time at which the first one begins."""
        full = max(self._bins_until(self.now) - self._first, 0)
        counts = self._counts[:, :full].sum(axis=0)
        return counts * (1000.0 / (self.bin * sum(self.sizes.values()))), self._first * self.bin

    def new(self, everything: bool) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
        """Spikes that were not given yet, or all: times before now, and rows."""
        first = 0 if everything else len(self.times) - self._new
        self._new = 0
        return (self.times[first:] - self.now).astype(np.float32), self.rows[first:]

    def frame(self, clock: Clock, everything: bool) -> tuple[dict[str, Any], list[Any]]:
        """What the page gets: numbers, and the spikes that it does not have yet, or all.

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
        times, rows = self.new(everything)
        rate, first = self.histogram()
        content = hands(clock) | {"time": self.now}
        content |= {"fresh": everything, "begin": self.begin, "first": first, "bin": self.bin}
        content["rates"] = [_known(each) for each in self.rates().values()]
        return content, [times, rows, rate.astype(np.float32)]


def hands(clock: Clock) -> dict[str, Any]:
    """What a clock shows: ``time`` and ``done``, ms, ``factor`` and ``pace``; None where nothing is known.

    ``at`` is the wall time, s, by which the page knows how late it is.
    """
    numbers = {"done": clock.done, "factor": clock.real_time_factor, "pace": clock.pace}
    known = {name: _known(each) for name, each in numbers.items()}
    return {"time": float(clock.simulation.time), "at": perf_counter(), **known}


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def _some(populations: Mapping[str, NDArray[np.int64]], most: int) -> dict[str, NDArray[np.int64]]:
    """At most so many neurons, from all populations in proportion and evenly, at least one of each."""
    everyone = sum(map(len, populations.values()))
    share = min(most / everyone, 1.0)
    return {
        name: np.sort(ids)[np.linspace(0, len(ids) - 1, max(round(share * len(ids)), 1)).astype(np.int64)]
        for name, ids in populations.items()
    }


def _nice(value: float) -> float:
    """The largest of 1, 2, 5, 10 … (times a power of ten) that is not above a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return power * max(factor for factor in (1.0, 2.0, 5.0) if factor * power <= value * (1 + 1e-9))
