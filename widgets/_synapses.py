"""Numbers of many synapses: read from connections, or from what a weight recorder recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, UnknownName

__all__ = ["Quantity", "Reading", "Synapses", "known", "synapses_of"]

Floats = NDArray[np.float64]
_MIX = (
    0x9E3779B97F4A7C15,
    0xBF58476D1CE4E5B9,
    0x94D049BB133111EB,
)  # Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195
_EARLIER, _LATER = 200, 8  # points of time that a first and a later reading of a recorder is cut into


@dataclass(frozen=True)
class Quantity:
    """A number that each synapse has.

    Attributes
    ----------
    name, unit, doc : str
        What it is, from the registry.
    """

    name: str
    unit: str
    doc: str


@dataclass(frozen=True)
class Reading:
    """What the synapses were at one time.

    Attributes
    ----------
    time : float, ms
    values : ndarray, shape (n,)
        Of the synapses that are looked at.
    singles : ndarray, shape (n_singles,)
        Of those that are shown one by one.
    """

    time: float
    values: Floats
    singles: Floats


class Synapses(Protocol):
    """Where the numbers come from."""

    simulation: Any
    quantities: dict[str, Quantity]
    singles: list[str]

    def read(self, name: str, now: float) -> Iterator[Reading]:
        """What is new, in the order of time."""
        ...

    def __str__(self) -> str:
        """How many there are, and how many are looked at."""
        ...


def synapses_of(source: Any, most: int, singles: int, keep: bool, where: str) -> Synapses:
    """Synapses of anything that has some.

    Parameters
    ----------
    source : SynapseCollection or NodeCollection
        Connections, or a weight recorder.
    most : int
        Of how many synapses numbers are looked at.
    singles : int
        How many are shown one by one.
    keep : bool
        Whether a weight recorder keeps what was read.
    where : str
        For errors.

    Returns
    -------
    Synapses

    Raises
    ------
    BadType, BadValue
        There are none in it.
    """
    if isinstance(source, nest.SynapseCollection):
        if not len(source):
            raise BadValue(
                "there are no synapses to look at",
                where=where,
                value="0 connections",
                allowed="at least one",
                todo="Look at what GetConnections() was asked for.",
            )
        return _Connected(source, most, singles)
    if isinstance(source, nest.NodeCollection) and len(source) == 1:
        with source.simulation:
            facts = source.get()
        if facts["element_type"] == "recorder" and {"senders", "targets"} <= set(facts):
            return _Delivered(source, most, singles, keep)
    raise BadType(
        "there are no synapses in this",
        where=where,
        value=f"{source!r} ({type(source).__name__})",
        allowed="connections, or one weight_recorder",
        todo="Give what GetConnections() returned.",
    )


class _Connected:
    """A sample of connections, drawn once."""

    def __init__(self, connections: Any, most: int, singles: int) -> None:
        self._total, self.simulation = len(connections), connections.simulation
        chosen = np.arange(self._total)
        if self._total > most:
            chosen = np.sort(np.random.default_rng(0).choice(self._total, most, replace=False))
        self._some = connections[chosen]
        self._shown = np.unique(np.linspace(0, len(chosen) - 1, singles).astype(np.int64))
        shown = self._some[self._shown] if singles else None
        pairs = (
            []
            if shown is None
            else zip(*(_many(shown.get(end)) for end in ("source", "target")), strict=True)
        )
        self.singles = [f"{source} → {target}" for source, target in pairs]
        self.quantities: dict[str, Quantity] = {}
        for model in self._some.registered.values():
            for field in model.parameters.values():
                if field.type in {"float", "int"} and not field.writeonly:
                    self.quantities.setdefault(field.name, Quantity(field.name, field.unit, field.doc))
        self.quantities = {"weight": self.quantities["weight"], **self.quantities}  # it comes first

    def read(self, name: str, now: float) -> Iterator[Reading]:
        values = np.asarray(_many(self._some.get(name)), dtype=np.float64)  # None, where it has none, is nan
        yield Reading(now, values, values[self._shown] if self.singles else np.empty(0))

    def __str__(self) -> str:
        size = len(self._some)
        some = f"{size:,} of " if size < self._total else ""
        return f"{some}{self._total:,} synapse{'' if self._total == 1 else 's'}" + (
            ", drawn at random" if some else ""
        )


def _many(values: Any) -> list[Any]:
    """The values of a single connection come as one number."""
    return values if isinstance(values, list) else [values]


class _Delivered:
    """What synapses delivered last, of those that a recorder has heard of.

    Which synapses are looked at is decided by a hash of what they are, so it is a fair sample although nobody
    knows how many there will be: when there are too many, those with the larger hashes are left out.
    """

    def __init__(self, recorder: Any, most: int, singles: int, keep: bool) -> None:
        self.simulation, self._recorder, self._most, self._keep = recorder.simulation, recorder, most, keep
        with self.simulation:
            recorder.get("events")  # refused if they are not in memory
        self.quantities = {
            "weight": Quantity("weight", "", "What the target receives, in the unit of its input")
        }
        self.singles: list[str] = []
        self._n_singles = singles
        self._seen, self._until = 0, None
        self._limit = 2**64 - 1  # hashes below it are looked at
        self._keys, self._values = np.empty(0, dtype=np.uint64), np.empty(0)
        self._single_keys, self._single_values = np.empty(0, dtype=np.uint64), np.empty(0)

    _until: float | None

    def read(self, name: str, now: float) -> Iterator[Reading]:
        events, self._seen = self.simulation.events_since(self._recorder, self._seen)
        if not self._keep:
            with self.simulation:
                self._recorder.n_events = 0
            self._seen = 0
        times, weights = self._times(events), np.asarray(events.get("weights", ()), dtype=np.float64)
        first = self._until is None
        begin = self._until if self._until is not None else (float(times.min()) if len(times) else now)
        self._until = now
        order = np.argsort(times, kind="stable")
        times, weights, keys = times[order], weights[order], _hashes(events)[order]
        points = np.unique(np.linspace(begin, now, (_EARLIER if first else _LATER) + 1)[0 if first else 1 :])
        done = 0
        for point, last in zip(points, np.searchsorted(times, points + 1e-6, side="right"), strict=True):
            ends = {key: events[key][order[done:last]] for key in ("senders", "targets") if key in events}
            self._take(keys[done:last], weights[done:last], ends)
            done = int(last)
            yield Reading(float(point), self._values, self._single_values)

    def _times(self, events: Any) -> Floats:
        times = np.asarray(events["times"], dtype=np.float64)
        return times * self.simulation.resolution - events["offsets"] if "offsets" in events else times

    def _take(self, keys: NDArray[np.uint64], weights: Floats, ends: dict[str, Any]) -> None:
        """Remember what each synapse delivered last."""
        if not len(keys):
            return
        newest, place = np.unique(keys[::-1], return_index=True)  # the first of those that come last
        place = len(keys) - 1 - place
        for key, at in zip(newest[: self._n_singles - len(self.singles)], place, strict=False):
            if key not in self._single_keys:
                self._single_keys = np.append(self._single_keys, key)
                self._single_values = np.append(self._single_values, weights[at])
                self.singles.append(f"{ends['senders'][at]} → {ends['targets'][at]}")
        _, ours, theirs = np.intersect1d(self._single_keys, newest, assume_unique=True, return_indices=True)
        self._single_values = self._single_values.copy()
        self._single_values[ours] = weights[place[theirs]]
        looked_at = newest < np.uint64(self._limit)
        newest, place = newest[looked_at], place[looked_at]
        merged, first = np.unique(np.concatenate((newest, self._keys)), return_index=True)
        self._keys, self._values = merged, np.concatenate((weights[place], self._values))[first]
        if len(merged) > self._most:
            self._limit = int(merged[self._most])
            self._keys, self._values = merged[: self._most], self._values[: self._most]

    def __str__(self) -> str:
        size, share = len(self._keys), self._limit / (2**64 - 1)
        if share == 1.0:
            return f"{size:,} synapse{'' if size == 1 else 's'} that delivered spikes"
        return f"{size:,} of about {round(size / share, -2):,.0f} synapses that delivered spikes"


def _hashes(events: Any) -> NDArray[np.uint64]:
    """A number that stands for a synapse; evenly spread, and the same each time."""
    mixed = np.zeros(len(events["senders"]), dtype=np.uint64)
    for name in ("senders", "targets", "receptors", "ports") if len(mixed) else ():
        mixed = mixed * np.uint64(_MIX[0]) + np.asarray(events[name]).astype(np.uint64) + np.uint64(_MIX[0])
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_MIX[1])
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_MIX[2])
        mixed ^= mixed >> np.uint64(31)
    return mixed


def known(name: Any, quantities: dict[str, Quantity], where: str) -> str:
    """Name of a quantity, or an error.

    Raises
    ------
    UnknownName
        These synapses have no such number.
    """
    if name not in quantities:
        raise UnknownName(
            "these synapses have no number of this name",
            where=where,
            value=repr(name),
            wrong=str(name),
            candidates=list(quantities),
        )
    return str(name)
