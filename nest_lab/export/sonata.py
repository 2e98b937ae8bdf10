"""Spikes by population in files as SONATA has them, by ``h5py``.

Node ids in such a file count from 0 within each population. The node ids of the simulation stand in the
data set ``/nest_lab``, which other programs do not look at.

The format is described by Dai et al. (2020), doi:10.1371/journal.pcbi.1007696.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from nest_lab.errors import BadFile, BadValue
from nest_lab.export import hdf5
from nest_lab.export.recording import Floats, Ids, Recording, Spikes
from nest_lab.export.tables import Header, broken, from_header, to_header

__all__ = ["read", "write"]

_HEADER = "nest_lab"
_NAMELESS = "neurons"  # what neurons are called that belong to no population
_PER_MS = {"ms": 1.0, "milliseconds": 1.0, "s": 1000.0, "seconds": 1000.0, "": 1.0}


def write(recording: Recording, path: Path) -> None:
    """Write spikes.

    Parameters
    ----------
    recording : Recording
        What to write; it must have spikes only.
    path : Path
        A new file.
    """
    spikes = recording.spikes
    if spikes is None or recording.samples:
        raise BadValue(
            "a SONATA file of spikes holds spikes only",
            where="save()",
            value="samples" if recording.samples else "no spikes",
            allowed="what spike recorders got",
            todo="Give the spike recorders alone, or choose .nix or .nwb.",
        )
    header = json.dumps(to_header(recording), ensure_ascii=False, allow_nan=False)
    members_of = _members(spikes)
    _refuse_same_names(members_of)
    with hdf5.new(path) as file:
        file.attrs["magic"], file.attrs["version"] = np.uint32(0x0A7A), np.asarray([0, 1], dtype=np.uint32)
        file.create_dataset(_HEADER, data=header)
        file.create_group("spikes")
        for name, members in members_of.items():
            place = np.searchsorted(members, spikes.senders)
            place[place == len(members)] = 0
            ours = np.flatnonzero(members[place] == spikes.senders) if len(members) else place[:0]
            group = file.create_group(f"spikes/{_group(name)}")
            group.attrs["sorting"] = "by_time"
            group.create_dataset("node_ids", data=place[ours].astype(np.uint64))
            group.create_dataset("timestamps", data=spikes.times[ours]).attrs["units"] = "milliseconds"
        hdf5.write(file, path)


def _group(population: str) -> str:
    """What a population is called in a file, where a slash parts names of groups and a dot is a group."""
    return (population.replace("/", "_") if population.strip(".") else "_" * len(population)) or _NAMELESS


def _refuse_same_names(populations: Iterable[str]) -> None:
    """Refuse populations that a file cannot tell apart."""
    names: dict[str, str] = {}
    for population in populations:
        if (other := names.setdefault(_group(population), population)) != population:
            raise BadValue(
                "two populations have one name in a SONATA file",
                where="save()",
                value=f"'{other}' and '{population}', both '{_group(population)}'",
                allowed="names that differ, also with _ for /",
                todo="Give them other names, or choose .nix or .nwb.",
            )


def _members(spikes: Spikes) -> dict[str, Ids]:
    """Neurons of each population in ascending order."""
    parts: dict[str, list[Ids]] = {}
    for name, _, members in spikes.pools():
        parts.setdefault(name, []).append(members)
    return {name: np.sort(np.concatenate(ids)) for name, ids in parts.items()}


def read(path: Path) -> Recording:
    """Read spikes.

    Parameters
    ----------
    path : Path
        One that `write` made, or another one; of that, neurons get numbers from 1 on, one population after
        another.

    Returns
    -------
    Recording
        With spikes only.

    Raises
    ------
    BadFile
        If something in it is wrong.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return _read(file, path)
    except BadFile:
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise broken(
            "this is not a SONATA file of spikes", str(path), f"{error}", "a file with /spikes"
        ) from error


def _read(file: Any, path: Path) -> Recording:
    """A recording from an open file."""
    import h5py

    about = Header({}, str(path))
    if _HEADER in file:
        about = from_header(file[_HEADER][()], f"{path}, /{_HEADER}")
    if not isinstance(file.get("spikes"), h5py.Group):
        raise broken("there are no spikes", f"{path}, /", ", ".join(file) or "nothing", "a group 'spikes'")
    known = _members(about.spikes) if about.spikes is not None else None
    times: list[Floats] = [np.empty(0)]
    senders: list[Ids] = [np.empty(0, dtype=np.int64)]
    found: dict[str, Ids] = {}
    for name, group in file["spikes"].items():
        place = f"{path}, /spikes/{name}"
        when, ids = _population(group, place)
        if known is None:
            first = 1 + sum(map(len, found.values()))
            members = np.arange(first, first + int(ids.max(initial=-1)) + 1, dtype=np.int64)
        else:
            members = next(
                (all_ids for each, all_ids in known.items() if _group(each) == name),
                np.empty(0, dtype=np.int64),
            )
        outside = np.flatnonzero(ids >= len(members))
        if len(outside):
            raise broken(
                "a spike is from a neuron that the population does not have",
                f"{place}/node_ids, entry {outside[0]}",
                f"{ids[outside[0]]}",
                f"0 … {len(members) - 1}",
            )
        found[name] = members
        times.append(when)
        senders.append(members[ids])
    when, who = np.concatenate(times), np.concatenate(senders)
    order = np.argsort(when, kind="stable")
    spikes = about.spikes if about.spikes is not None else _guessed(found, when)
    outside = np.flatnonzero((when < spikes.start) | (when > spikes.stop))
    if len(outside):
        raise broken(
            "a spike lies outside of the recorded time",
            f"{path}, /spikes",
            f"{when[outside[0]]} ms",
            f"{spikes.start:g} … {spikes.stop:g} ms",
        )
    whole = Spikes(
        when[order],
        who[order],
        spikes.neurons,
        spikes.populations,
        spikes.recorders,
        spikes.start,
        spikes.stop,
    )
    return Recording(about.name, about.annotations, whole, (), about.resolution)


def _guessed(found: dict[str, Ids], times: Floats) -> Spikes:
    """What a file that another program wrote does not say."""
    neurons = np.concatenate([*found.values(), np.empty(0, dtype=np.int64)])
    names = tuple(name for name, members in found.items() for _ in members)
    none = np.empty(0)
    return Spikes(
        none,
        none.astype(np.int64),
        neurons,
        names,
        np.zeros(len(neurons), dtype=np.int64),
        min(0.0, float(times.min(initial=0.0))),
        float(times.max(initial=0.0)),
    )


def _population(group: Any, place: str) -> tuple[Floats, Ids]:
    """Times in ms and node ids of a population."""
    for name in ("timestamps", "node_ids"):
        if name not in group:
            raise broken(
                f"a population has no '{name}'", place, ", ".join(group) or "nothing", f"a data set '{name}'"
            )
    unit = group["timestamps"].attrs.get("units", "")
    unit = unit.decode() if isinstance(unit, bytes) else str(unit)
    if unit not in _PER_MS:
        raise broken(
            "a unit is not known", f"{place}/timestamps, units", repr(unit), "'milliseconds' or 'seconds'"
        )
    times = np.asarray(group["timestamps"][()], dtype=np.float64) * _PER_MS[unit]
    ids = np.asarray(group["node_ids"][()])
    if ids.dtype.kind not in "iu" or (len(ids) and int(ids.min()) < 0) or int(ids.max(initial=0)) >= 10**7:
        raise broken(
            "node ids must be whole numbers",
            f"{place}/node_ids",
            f"{ids.dtype}",
            "0, 1, 2, … below 10 million",
        )
    if times.shape != ids.shape or times.ndim != 1:
        raise broken(
            "'timestamps' and 'node_ids' differ in length",
            place,
            f"{len(times)} and {len(ids)}",
            "one for each spike",
        )
    wrong = np.flatnonzero(~np.isfinite(times))
    if len(wrong):
        raise broken(
            "a time is not finite", f"{place}/timestamps, entry {wrong[0]}", f"{times[wrong[0]]}", "ms"
        )
    return times, ids.astype(np.int64)
