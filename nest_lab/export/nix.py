"""Neo blocks in NIX files, by Neo's own writer and reader, with one addition for many spike trains.

In such a file each spike train costs about 10 ms and 20 kB, however few spikes it has. Trains are therefore
pooled: one for all neurons of a population, whose neurons stand in its annotation ``neurons`` as text
(``'1-8000'``). The neuron of each spike is a data array of the block, named like the train with
``.senders`` behind it, which the train refers to. Neo reads pooled trains like others; what `load` reads
has one train per neuron again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab.errors import BadFile, BadValue, NESTError
from nest_lab.export import hdf5
from nest_lab.export.neo import spike_train_list
from nest_lab.export.recording import Spikes, from_text, refuse_odd_texts, to_text

if TYPE_CHECKING:
    import neo

__all__ = ["check", "read", "write"]

_MOST = 200  # trains that are written one by one
_SENDERS = "nest_lab.senders"


def check(block: neo.Block) -> None:
    """Refuse what Neo would leave out of a file, write as something else, or stumble over.

    Parameters
    ----------
    block : neo.Block
        What is to be written.
    """
    for part in _parts(block):
        refuse_odd_texts([*part.annotations, *([] if part.name is None else [part.name])])
        for key, value in part.annotations.items():
            if "/" in key or not _fits(value):
                raise BadValue(
                    f"the annotation '{key}' cannot be written to a NIX file",
                    where="save()",
                    value=f"{value!r:.60} ({type(value).__name__})",
                    allowed="numbers of 64 bits, texts, times, quantities and lists of one kind of them; "
                    "names without a slash",
                    todo="Leave it out, or write it as a text.",
                )
    for segment in block.segments:
        spikes = _arrays(segment.spiketrains)
        refuse_odd_texts(dict.fromkeys(spikes.populations if spikes else ()))


def _fits(value: Any) -> bool:
    """Whether an annotation is read as it was written."""
    if isinstance(value, str):
        refuse_odd_texts([value])
        return True
    if isinstance(value, (list, tuple)):
        kinds = {str if isinstance(each, str) else type(each) for each in value}
        return (
            len(kinds) <= 1
            and not any(isinstance(each, (list, tuple)) for each in value)
            and all(map(_fits, value))
        )
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    odd = value is None or isinstance(value, (Mapping, bytes, complex))
    return not odd and getattr(value, "ndim", 0) < 2


def write(block: neo.Block, path: Path, pooled: bool | None = None) -> None:
    """Write a block.

    Parameters
    ----------
    block : neo.Block
        What to write; it stays as it is.
    path : Path
        A new file.
    pooled : bool, optional
        Whether spike trains are pooled, where `to_neo` made them; when not given, if there are many.
    """
    from neo.io import NixIO

    named = {id(each) for each in _parts(block) if "nix_name" in each.annotations}
    before = [segment.spiketrains for segment in block.segments]
    try:
        senders = _pool(block, pooled)
        with hdf5.in_memory():
            opened = NixIO(str(path), mode="ow")
        with opened as file:
            file.write_block(block)
            for name, numbers in senders.items():
                (inside,) = file.nix_file.blocks
                array = inside.create_data_array(f"{name}.senders", _SENDERS, data=numbers)
                array.append_set_dimension()
                inside.multi_tags[name].references.append(array)
            hdf5.write(file.nix_file._h5file, path)
    finally:
        for segment, trains in zip(block.segments, before, strict=True):
            segment.spiketrains = trains
        for each in _parts(block):
            if id(each) not in named:  # Neo would not write it again under the same name
                each.annotations.pop("nix_name", None)


def _parts(block: neo.Block) -> Iterator[Any]:
    """A block and all that is in it, but for the trains that are not objects yet."""
    yield block
    yield from block.groups
    for segment in block.segments:
        yield segment
        for kind in ("analogsignals", "irregularlysampledsignals", "events", "epochs", "imagesequences"):
            yield from getattr(segment, kind)
        if _arrays(segment.spiketrains) is None:
            yield from segment.spiketrains


def _arrays(trains: Any) -> Spikes | None:
    """Arrays of a list of trains that `to_neo` made."""
    found = getattr(trains, "arrays", None)
    return found if isinstance(found, Spikes) else None


def _pool(block: neo.Block, pooled: bool | None) -> dict[str, Any]:
    """Pool the trains of a block; return the neurons of their spikes by the trains' names in the file."""
    from neo.core.spiketrainlist import SpikeTrainList

    senders: dict[str, Any] = {}
    for number, segment in enumerate(block.segments):
        spikes = _arrays(segment.spiketrains)
        if spikes is None or not (len(spikes.neurons) > _MOST if pooled is None else pooled):
            continue
        trains = []
        for train, numbers in _pools(spikes, f"neo.spiketrain.segment{number}"):
            trains.append(train)
            senders[train.annotations["nix_name"]] = numbers
        segment.spiketrains = SpikeTrainList(trains)
    return senders


def _pools(spikes: Spikes, prefix: str) -> Iterator[tuple[neo.SpikeTrain, Any]]:
    """One train for each population of each recorder, and the neurons of its spikes."""
    import neo

    pools = list(spikes.pools())
    pool_of = np.zeros(len(spikes.neurons), dtype=np.intp)
    for number, (_, _, members) in enumerate(pools):
        pool_of[np.searchsorted(spikes.neurons, members)] = number
    owner = pool_of[np.searchsorted(spikes.neurons, spikes.senders)]
    for number, (population, recorder, members) in enumerate(pools):
        ours = slice(None) if len(pools) == 1 else np.flatnonzero(owner == number)
        train = neo.SpikeTrain(
            spikes.times[ours],
            units="ms",
            t_start=spikes.start,
            t_stop=spikes.stop,
            name=population or None,
            pooled=True,
            neurons=to_text(members),
            recorder=recorder,
            nix_name=f"{prefix}.{number}",
            **({"population": population} if population else {}),
        )
        yield train, spikes.senders[ours]


# -- reading


def read(path: Path) -> neo.Block:
    """Read the only block of a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    neo.Block
        Pooled trains are taken apart.

    Raises
    ------
    BadFile
        If something in it is wrong.
    """
    import nixio
    from neo.io import NixIO

    try:
        with nixio.File.open(str(path), nixio.FileMode.ReadOnly) as file:
            _check(file, path)
            senders = {
                train.name: np.asarray(array[:])
                for inside in file.blocks
                for train in inside.multi_tags
                for array in train.references
                if array.type == _SENDERS
            }
        with NixIO(str(path), mode="ro") as file:
            block: neo.Block = file.read_all_blocks()[0]
        for segment in block.segments:
            _single(segment, senders, path)
    except BadFile:
        raise
    except (OSError, ValueError, KeyError, RuntimeError, AttributeError, TypeError, IndexError) as error:
        raise _broken(
            "this is not a NIX file, or a part of it is missing",
            path,
            f"{type(error).__name__}: {error}",
            "a NIX file that Neo wrote",
        ) from error
    for each in _parts(block):
        each.annotations.pop("nix_name", None)
        each.name = each.name or None
    return block


def _broken(what: str, place: Path | str, value: str, allowed: str) -> NESTError:
    """Say what is wrong, and where in the file."""
    return BadFile(
        what,
        value=f"{value} in {place}",
        allowed=allowed,
        todo="Write the file anew; what you have loaded already is still there.",
    )


def _check(file: Any, path: Path) -> None:
    """Look at what Neo takes for granted, so that a message can name it."""
    if len(file.blocks) != 1:
        raise _broken(
            "a file holds one block", path, f"{len(file.blocks)} blocks", "one; neo.io.NixIO reads several"
        )
    block = file.blocks[0]
    arrays = {array.name for array in block.data_arrays}
    for train in block.multi_tags:
        place = f"{path}, {block.name}/multi_tags/{train.name}"
        if train.type != "neo.spiketrain":
            continue
        facts: Any = train.metadata if train.metadata is not None else {}
        for name in ("t_start", "t_stop"):
            if name not in facts:
                raise _broken(
                    f"a spike train has no {name}", place, "no such property", "a time with its unit"
                )
        if f"{train.name}.times" not in arrays and train.positions is None:
            raise _broken("a spike train has no times", place, "no positions", "an array of times")
        times = np.asarray(train.positions[:])
        start, stop = (float(np.asarray(facts[name]).ravel()[0]) for name in ("t_start", "t_stop"))
        wrong = np.flatnonzero(~((times >= start) & (times <= stop)))
        same = all(facts.props[name].unit == train.positions.unit for name in ("t_start", "t_stop"))
        if same and len(wrong):
            raise _broken(
                "a spike lies outside of the recorded time",
                f"{place}, positions, entry {wrong[0]}",
                f"{times[wrong[0]]}",
                f"{start:g} … {stop:g} {train.positions.unit}",
            )
        _check_senders(train, facts, len(times), place)


def _check_senders(train: Any, facts: Any, n_spikes: int, place: str) -> None:
    """The neurons of a pooled train."""
    if "pooled" not in facts:
        return
    text = str(facts["neurons"]) if "neurons" in facts else ""
    try:
        neurons = from_text(text)
    except ValueError as error:
        raise _broken(
            "node ids cannot be read", f"{place}, neurons", f"{error}", "text like '1-8000'"
        ) from None
    arrays = [array for array in train.references if array.type == _SENDERS]
    if len(arrays) != 1 or len(arrays[0]) != n_spikes:
        raise _broken(
            "a pooled spike train must say which neuron each spike is from",
            f"{place}, references",
            f"{len(arrays[0]) if arrays else 'no'} neurons for {n_spikes} spikes",
            "one for each spike",
        )
    strange = np.flatnonzero(~np.isin(arrays[0][:], neurons))
    if len(strange):
        raise _broken(
            "a spike is from a neuron that is not in its population",
            f"{place}.senders, entry {strange[0]}",
            f"neuron {int(arrays[0][:][strange[0]])}",
            to_text(neurons),
        )


def _single(segment: Any, senders: dict[str, Any], path: Path) -> None:
    """Take the pooled trains of a segment apart."""
    parts = list(segment.spiketrains)
    if not parts or not all(part.annotations.get("pooled") for part in parts):
        return
    times, who, neurons, populations, recorders = [], [], [], [], []
    for part in parts:
        members = from_text(str(part.annotations["neurons"]))
        times.append(np.asarray(part.rescale("ms").magnitude, dtype=np.float64))
        who.append(np.asarray(senders[part.annotations["nix_name"]], dtype=np.int64))
        neurons.append(members)
        populations += [str(part.annotations.get("population", ""))] * len(members)
        recorders += [int(part.annotations.get("recorder", 0))] * len(members)
    ids, when, which = np.concatenate(neurons), np.concatenate(times), np.concatenate(who)
    if len(np.unique(ids)) < len(ids):
        twice = np.flatnonzero(np.bincount(ids) > 1)
        raise _broken(
            "a neuron is in two populations", path, f"neuron {twice[0]}", "populations without common neurons"
        )
    rank, order = np.argsort(ids, kind="stable"), np.argsort(when, kind="stable")
    segment.spiketrains = spike_train_list(
        Spikes(
            when[order],
            which[order],
            ids[rank],
            tuple(populations[i] for i in rank) if any(populations) else (),
            np.asarray(recorders, dtype=np.int64)[rank],
            float(parts[0].t_start.rescale("ms")),
            float(parts[0].t_stop.rescale("ms")),
        )
    )
    segment.spiketrains.segment = segment
