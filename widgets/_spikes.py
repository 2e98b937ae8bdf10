"""Spikes from wherever they are: recorders, results of the gallery, arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.errors import BadType, BadValue

__all__ = ["Spikes", "by_model", "spikes_of"]


@dataclass(frozen=True)
class Spikes:
    """Spikes of populations, in the order of their times.

    Attributes
    ----------
    times : ndarray, shape (n_spikes,), ms
        When.
    rows : ndarray, shape (n_spikes,), int
        Which neuron: its place in `populations`, one after the other.
    populations : dict of str to ndarray of int
        Sorted node ids by population.
    start, stop : float, ms
        When it was recorded.
    resolution : float, ms
        Times are multiples of it; 0 if that is not known.
    """

    times: NDArray[np.float64]
    rows: NDArray[np.int64]
    populations: dict[str, NDArray[np.int64]]
    start: float
    stop: float
    resolution: float = 0.0

    @property
    def sizes(self) -> dict[str, int]:
        """Number of neurons by population."""
        return {name: len(ids) for name, ids in self.populations.items()}

    @property
    def neurons(self) -> NDArray[np.int64]:
        """Node ids of all neurons, one population after the other."""
        return np.concatenate([*self.populations.values(), np.empty(0, dtype=np.int64)])

    @property
    def senders(self) -> NDArray[np.int64]:
        """Node id of each spike, shape (n_spikes,)."""
        return self.neurons[self.rows]

    def inside(self, start: float, stop: float) -> slice:
        """Which spikes are in ``(start, stop]``."""
        first, last = np.searchsorted(self.times, [start, stop], side="right")
        return slice(int(first), int(last))

    def counts(self, start: float, stop: float) -> NDArray[np.int64]:
        """Number of spikes of each population in ``(start, stop]``."""
        edges = np.cumsum([0, *self.sizes.values()])
        row = np.bincount(self.rows[self.inside(start, stop)], minlength=edges[-1])
        sums: NDArray[np.int64] = np.diff(np.concatenate(([0], np.cumsum(row)))[edges])
        return sums


def spikes_of(
    source: Any, senders: Any = None, populations: Mapping[str, Any] | None = None, *, where: str
) -> Spikes:
    """Spikes of anything that has some.

    Parameters
    ----------
    source : NodeCollection, ReferenceNetwork, Results, mapping or array_like
        Spike recorders; a built network of the gallery, or its results; events with ``times`` and
        ``senders``; or times, ms.
    senders : array_like, optional
        The neuron of each spike, when `source` is times.
    populations : mapping of str to NodeCollection or node ids, optional
        Neurons by population; those of the source when not given.
    where : str
        For errors.

    Returns
    -------
    Spikes

    Raises
    ------
    BadType, BadValue
        There are no spikes in it, or not one sender for each time.
    """
    if senders is not None:
        return _sorted(source, senders, populations, where)
    if isinstance(source, nest.NodeCollection):
        return _recorded(source, populations, where)
    if isinstance(source, Mapping) and {"times", "senders"} <= set(source):
        return _sorted(source["times"], source["senders"], populations, where)
    if all(hasattr(source, name) for name in ("times", "senders", "populations", "start", "stop")):
        found = populations or source.populations
        return _sorted(source.times, source.senders, found, where, (source.start, source.stop))
    if all(hasattr(source, name) for name in ("recorder", "populations", "built")) and source.built:
        return _recorded(source.recorder, populations or source.populations, where)
    raise BadType(
        "there are no spikes in this",
        where=where,
        value=f"{source!r} ({type(source).__name__})",
        allowed="a spike_recorder, a network of the gallery or its results, events, or times and senders",
        todo="Give what Create('spike_recorder') returned.",
    )


def by_model(nodes: Any) -> dict[str, Any]:
    """Neurons by model, those that were made one after the other together.

    Parameters
    ----------
    nodes : NodeCollection
        Any nodes; only neurons count.

    Returns
    -------
    dict of str to NodeCollection
    """
    facts = nodes.get(["model", "element_type"]) if nodes else {"model": (), "element_type": ()}
    pairs = list(zip(*(np.atleast_1d(facts[key]).tolist() for key in ("model", "element_type")), strict=True))
    found: dict[str, Any] = {}
    position = 0
    for (model, kind), group in groupby(pairs):
        count = len(list(group))
        if kind == "neuron":
            number = 1 + sum(name.split(" ")[0] == model for name in found)
            found[model if number == 1 else f"{model} {number}"] = nodes[position : position + count]
        position += count
    return found


def _recorded(recorder: Any, populations: Mapping[str, Any] | None, where: str) -> Spikes:
    """What spike recorders recorded of the neurons that are connected to them, silent ones too."""
    with recorder.simulation:
        for each in recorder:
            facts = each.get()
            if facts["element_type"] != "recorder" or "record_from" in facts:
                _refuse_node(each, where)
        events = [each.get("events") for each in recorder]
        start, stop = _period(recorder)
        resolution = float(nest.resolution)
        if populations is None:
            ids = np.unique(np.asarray(nest.GetConnections(target=recorder).get("source"), dtype=np.int64))
            populations = by_model(nest.NodeCollection(ids.tolist()))
    steps = [resolution if "offsets" in each else 1.0 for each in events]
    times = [
        np.asarray(each["times"]) * unit - each.get("offsets", 0.0)
        for each, unit in zip(events, steps, strict=True)
    ]
    senders = [np.asarray(each["senders"]) for each in events]
    joined = np.concatenate(times), np.concatenate(senders)
    return _sorted(*joined, populations, where, (start, stop), resolution)


def _period(recorder: Any) -> tuple[float, float]:
    """When recorders recorded, ms."""
    now = float(nest.biological_time)
    starts = [float(each.origin) + float(each.start) for each in recorder]
    stops = [float(each.origin) + float(each.stop) for each in recorder]
    return max(min(starts), 0.0), min(max(stops), now)


def _refuse_node(node: Any, where: str) -> NoReturn:
    raise BadType(
        "only a spike recorder has spikes",
        where=where,
        value=f"{node.get('model')} (node {node.global_id})",
        allowed="spike_recorder",
        todo="Give the recorder instead of what it records from.",
    )


def _sorted(
    times: Any,
    senders: Any,
    populations: Mapping[str, Any] | None,
    where: str,
    period: tuple[float, float] | None = None,
    resolution: float = 0.0,
) -> Spikes:
    """Spikes of the populations, in the order of time."""
    try:
        t, ids = np.asarray(times, dtype=np.float64), np.asarray(senders, dtype=np.int64)
    except (TypeError, ValueError):
        raise BadType(
            "times and senders must be numbers",
            where=where,
            value=f"{type(times).__name__} and {type(senders).__name__}",
            allowed="two arrays of one length",
            todo="Take both from one recorder: recorder.events['times'] and recorder.events['senders'].",
        ) from None
    if t.shape != ids.shape or t.ndim != 1 or not np.isfinite(t).all():
        raise BadValue(
            "times and senders must have one finite number per spike",
            where=where,
            value=f"shapes {t.shape} and {ids.shape}",
            allowed="two arrays of one length",
            todo="Take both from one recorder: recorder.events['times'] and recorder.events['senders'].",
        )
    if populations is None:
        populations = {"neurons": np.unique(ids)}
    members = {name: _ids(nodes) for name, nodes in populations.items()}
    rows = _rows(ids, members, where)
    order = np.argsort(t[rows >= 0], kind="stable")
    t, rows = t[rows >= 0][order], rows[rows >= 0][order]
    start, stop = period or (min(0.0, *t[:1]) if len(t) else 0.0, float(t[-1]) if len(t) else 1.0)
    return Spikes(t, rows, members, start, stop if stop > start else start + 1.0, resolution)


def _ids(nodes: Any) -> NDArray[np.int64]:
    """Node ids, however they are given, sorted."""
    return np.unique(np.asarray(nodes.tolist() if hasattr(nodes, "tolist") else list(nodes), dtype=np.int64))


def _rows(ids: NDArray[np.int64], members: dict[str, NDArray[np.int64]], where: str) -> NDArray[np.int64]:
    """For each spike the row of its neuron, -1 if it is in no population."""
    everyone = np.concatenate([*members.values(), np.empty(0, dtype=np.int64)])
    order = np.argsort(everyone, kind="stable")
    known = everyone[order]
    twice = known[1:][np.diff(known) == 0]
    if len(twice):
        raise BadValue(
            "a neuron is in two populations",
            where=where,
            value=f"neuron {twice[0]}",
            allowed="each neuron once",
            todo="Take it out of one of them.",
        )
    if not len(known):
        return np.full(len(ids), -1, dtype=np.int64)
    place = np.searchsorted(known, ids)
    place[place == len(known)] = 0
    return np.where(known[place] == ids, order[place], -1)
