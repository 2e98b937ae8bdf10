"""Recorders to Neo: spike trains and analog signals with units, and a file that Neo reads.

Spike trains are handed over as one array of times and one of neurons, as Neo's ``SpikeTrainList`` keeps them,
so that 10,000 trains take milliseconds. Neo makes single trains of them when one is asked for.

In a NIX file each spike train costs about 10 ms and 20 kB, however few spikes it has. A segment for a file
can therefore be pooled: one train for all neurons of a population, with the neuron of each spike beside it.
`read_nix` takes such trains apart again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, compose
from nest_lab.units import quantities_name, recordable_unit

if TYPE_CHECKING:
    import neo

__all__ = ["read_nix", "split", "to_block", "to_segment", "write_nix"]


def to_segment(
    recorders: Any,
    *,
    name: str = "",
    populations: Mapping[str, Any] | None = None,
    pooled: bool = False,
    **annotations: Any,
) -> neo.Segment:
    """Put what recorders recorded into one Neo segment.

    Parameters
    ----------
    recorders : NodeCollection or iterable of NodeCollection
        Spike recorders, multimeters and voltmeters, in any number.
    name : str
        Name of the segment.
    populations : mapping of str to NodeCollection or node ids, optional
        Neurons by population, also those that did not spike; each train is annotated with its ``population``.
        Without it there is a train for each neuron that is connected to a spike recorder.
    pooled : bool
        Whether to make one train per population, or per recorder, instead of one per neuron; `split` undoes
        it.
    **annotations
        Annotations of the segment.

    Returns
    -------
    neo.Segment
        Spike trains in the order of their node ids, each with its node id as annotation ``channel_id``. For
        each recordable of a multimeter a signal in the unit of the model, with one channel per node and their
        ids as array annotation ``channel_ids``; an ``IrregularlySampledSignal`` where samples are missing, as
        of a node that was frozen for a while.

    Raises
    ------
    BadType
        If something given is not a recorder.
    BadValue
        If two spike recorders recorded the same neuron.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_alpha", 3, {"I_e": 400.0})
    >>> spikes, voltage = nest.Create("spike_recorder"), nest.Create("voltmeter")
    >>> nest.Connect(neurons, spikes)
    >>> nest.Connect(voltage, neurons)
    >>> nest.Simulate(100.0)
    >>> segment = to_segment([spikes, voltage])
    >>> len(segment.spiketrains), segment.analogsignals[0].units.dimensionality.string
    (3, 'mV')
    """
    import neo

    segment = neo.Segment(name=name or None, **annotations)
    given = list(_each(recorders))
    spiking = [recorder for recorder in given if "record_from" not in recorder.get()]
    for recorder in given:
        if recorder not in spiking:
            for signal in _signals(recorder):
                kind = (
                    segment.analogsignals
                    if isinstance(signal, neo.AnalogSignal)
                    else segment.irregularlysampledsignals
                )
                kind.append(signal)
    if spiking and pooled:
        segment.spiketrains.extend(list(_pooled(spiking, populations)))  # Neo walks over it twice
    elif spiking:
        segment.spiketrains = _trains(spiking, populations)
        segment.spiketrains.segment = segment
    return segment


def to_block(
    recorders: Any, *, name: str = "", parameters: Iterable[Mapping[str, Any]] = (), **arguments: Any
) -> neo.Block:
    """Put what recorders recorded into a Neo block that says how it was made.

    Parameters
    ----------
    recorders : NodeCollection or iterable of NodeCollection
        As for `to_segment`.
    name : str
        Name of the block.
    parameters : iterable of mapping
        Rows with keys ``name``, ``value`` and ``unit``, as `Parameters.table` of a network of the gallery
        gives them; each becomes an annotation of the block, as a quantity if it has a unit.
    **arguments
        As for `to_segment`.

    Returns
    -------
    neo.Block
        With one segment.

    Raises
    ------
    BadType, BadValue
        As for `to_segment`.
    """
    import neo
    import quantities as pq

    block = neo.Block(name=name or None)
    for row in parameters:
        value, unit = row["value"], row["unit"]
        block.annotate(**{row["name"]: pq.Quantity(value, quantities_name(unit)) if unit else value})
    block.annotate(simulator=f"nest_lab {nest.__version__}")
    block.segments.append(to_segment(recorders, name=name, **arguments))
    return block


def write_nix(block: neo.Block, path: str | os.PathLike[str]) -> Path:
    """Write a block to a NIX file, which replaces an existing one when it is complete.

    Parameters
    ----------
    block : neo.Block
        What to write. Neo adds annotations ``nix_name`` to it.
    path : path
        The file.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written to.
    """
    from neo.io import NixIO

    path = Path(path)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        half = Path(folder) / path.name
        with NixIO(str(half), mode="ow") as file:
            file.write_block(block)
        half.replace(path)
    return path


def read_nix(path: str | os.PathLike[str]) -> neo.Block:
    """Read the first block of a NIX file, with one spike train per neuron.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    neo.Block
        Pooled trains are taken apart.

    Raises
    ------
    OSError
        If there is no such file.
    """
    from neo.io import NixIO

    if not Path(path).is_file():
        raise FileNotFoundError(
            compose(
                where="read_nix()",
                what="there is no such file",
                value=repr(str(path)),
                allowed="the path of a NIX file",
                todo="Check the path and the folder you are in.",
            )
        )
    with NixIO(str(path), mode="ro") as file:
        block: neo.Block = file.read_all_blocks()[0]
    for segment in block.segments:
        if len(segment.spiketrains) and all(train.annotations.get("pooled") for train in segment.spiketrains):
            segment.spiketrains = split(segment.spiketrains)
            segment.spiketrains.segment = segment
    return block


def split(trains: Iterable[neo.SpikeTrain]) -> Any:
    """Take pooled trains apart.

    Parameters
    ----------
    trains : iterable of neo.SpikeTrain
        As ``to_segment(…, pooled=True)`` makes them.

    Returns
    -------
    neo.spiketrainlist.SpikeTrainList
        One train per neuron, annotated like those of `to_segment`.
    """
    parts = list(trains)
    neurons = [np.atleast_1d(np.asarray(train.annotations["neurons"], dtype=np.int64)) for train in parts]
    return _train_list(
        np.concatenate([train.rescale("ms").magnitude for train in parts]),
        np.concatenate([np.asarray(train.array_annotations["senders"], dtype=np.int64) for train in parts]),
        np.concatenate(neurons),
        [
            train.annotations.get("population", "")
            for train, ids in zip(parts, neurons, strict=True)
            for _ in ids
        ],
        [int(train.annotations["recorder"]) for train, ids in zip(parts, neurons, strict=True) for _ in ids],
        float(parts[0].t_start.rescale("ms")),
        float(parts[0].t_stop.rescale("ms")),
    )


# -- recorders


def _each(recorders: Any) -> Iterable[Any]:
    """Recorders one by one, however they were given."""
    if isinstance(recorders, nest.NodeCollection):
        for recorder in recorders:
            if recorder.get("element_type") != "recorder":
                raise BadType(
                    "only recorders hold something to export",
                    where="to_segment()",
                    value=f"{recorder.get('model')} (node {recorder.global_id})",
                    allowed="spike_recorder, multimeter, voltmeter",
                    todo="Give the recorder instead of what it records from.",
                )
            yield recorder
        return
    if isinstance(recorders, (str, bytes)) or not isinstance(recorders, Iterable):
        raise BadType(
            "recorders are given as a NodeCollection",
            where="to_segment()",
            value=f"{recorders!r} ({type(recorders).__name__})",
            allowed="a NodeCollection, or a list of them",
            todo="Give what Create('spike_recorder') returned.",
        )
    for some in recorders:
        yield from _each(some)


def _period(recorder: Any) -> tuple[float, float]:
    """When a recorder recorded, ms."""
    origin, start, stop = (float(recorder.get(key)) for key in ("origin", "start", "stop"))
    now = float(nest.biological_time)
    return min(max(origin + start, 0.0), now), max(min(origin + stop, now), 0.0)


def _events(recorder: Any) -> tuple[dict[str, NDArray[Any]], NDArray[np.float64]]:
    """Events of a recorder and their times in ms."""
    events = recorder.get("events")
    times = np.asarray(events["times"], dtype=np.float64)
    if "offsets" in events:  # the recorder counts in steps
        times = times * nest.resolution - np.asarray(events["offsets"])
    return events, times


# -- spikes


def _ids(nodes: Any) -> NDArray[np.int64]:
    """Node ids, however they are given."""
    return np.asarray(nodes.tolist() if hasattr(nodes, "tolist") else list(nodes), dtype=np.int64)


def _neurons(recorder: Any, populations: Mapping[str, Any] | None) -> dict[str, NDArray[np.int64]]:
    """Neurons of a spike recorder by population; under an empty name if there are no populations."""
    connected = np.unique(np.asarray(nest.GetConnections(target=recorder).get("source"), dtype=np.int64))
    if populations is None:
        return {"": connected}
    named = {name: np.intersect1d(_ids(nodes), connected) for name, nodes in populations.items()}
    return {name: ids for name, ids in named.items() if len(ids)}


def _trains(recorders: list[Any], populations: Mapping[str, Any] | None) -> Any:
    """One train per neuron of all spike recorders."""
    times, senders, neurons, labels, owners = [], [], [], [], []
    for recorder in recorders:
        events, when = _events(recorder)
        known = _neurons(recorder, populations)
        everyone = np.concatenate([*known.values(), np.empty(0, dtype=np.int64)])
        ours = np.isin(events["senders"], everyone)
        times.append(when[ours])
        senders.append(np.asarray(events["senders"], dtype=np.int64)[ours])
        neurons.append(everyone)
        labels += [name for name, ids in known.items() for _ in ids]
        owners += [int(recorder.global_id)] * len(everyone)
    periods = [_period(recorder) for recorder in recorders]
    ids = np.concatenate(neurons)
    twice = np.flatnonzero(np.bincount(ids) > 1) if len(ids) else ids
    if len(twice):
        raise BadValue(
            "two of these spike recorders recorded the same neuron, and a segment has one train per neuron",
            where="to_segment()",
            value=f"neuron {twice[0]}" + (f" and {len(twice) - 1} others" if len(twice) > 1 else ""),
            allowed="recorders of different neurons",
            todo="Make one segment for each of the recorders.",
        )
    start, stop = min(period[0] for period in periods), max(period[1] for period in periods)
    return _train_list(np.concatenate(times), np.concatenate(senders), ids, labels, owners, start, stop)


def _train_list(
    times: ArrayLike,
    senders: NDArray[np.int64],
    neurons: NDArray[np.int64],
    labels: list[str],
    owners: list[int],
    start: float,
    stop: float,
) -> Any:
    """Give Neo the arrays as they are; trains are in the order of their neurons, spikes in that of time."""
    import quantities as pq
    from neo.core.spiketrainlist import SpikeTrainList

    when = np.asarray(times, dtype=np.float64)
    order, rank = np.argsort(when, kind="stable"), np.argsort(neurons, kind="stable")
    notes: dict[str, Any] = {"recorder": [owners[i] for i in rank]}
    if any(labels):
        notes["population"] = [labels[i] for i in rank]
    return SpikeTrainList.from_spike_time_array(
        when[order],
        senders[order],
        neurons[rank].tolist(),  # a list: Neo joins the ids of two lists with +
        units="ms",
        t_start=start * pq.ms,
        t_stop=stop * pq.ms,
        **notes,
    )


def _pooled(recorders: list[Any], populations: Mapping[str, Any] | None) -> Iterable[neo.SpikeTrain]:
    """One train per population of each spike recorder."""
    import neo

    for recorder in recorders:
        events, when = _events(recorder)
        start, stop = _period(recorder)
        for name, ids in _neurons(recorder, populations).items():
            ours = np.flatnonzero(np.isin(events["senders"], ids))
            ours = ours[np.argsort(when[ours], kind="stable")]
            notes = {"pooled": True, "neurons": ids, "recorder": int(recorder.global_id)}
            yield neo.SpikeTrain(
                when[ours],
                units="ms",
                t_start=start,
                t_stop=stop,
                name=name or None,
                array_annotations={"senders": np.asarray(events["senders"], dtype=np.int64)[ours]},
                **notes,
                **({"population": name} if name else {}),
            )


# -- signals


def _signals(multimeter: Any) -> Iterable[Any]:
    """A signal for each recordable, and for each group of nodes that were sampled at the same times."""
    events, times = _events(multimeter)
    nodes, first, count = np.unique(np.sort(events["senders"]), return_index=True, return_counts=True)
    order = np.lexsort((times, events["senders"]))
    groups: dict[tuple[str, bytes], list[int]] = {}
    models: Any = [] if not len(nodes) else np.atleast_1d(nest.NodeCollection(nodes.tolist()).get("model"))
    for number, model in enumerate(models):
        rows = order[first[number] : first[number] + count[number]]
        groups.setdefault((str(nest.GetDefaults(model, "type_id")), times[rows].tobytes()), []).append(number)
    for (model, when), members in groups.items():
        rows = np.stack([order[first[i] : first[i] + count[i]] for i in members], axis=1)
        for recordable in multimeter.get("record_from"):
            unit = quantities_name(recordable_unit(model, recordable))
            yield _signal(
                np.frombuffer(when),
                np.asarray(events[recordable])[rows],
                unit,
                multimeter,
                recordable,
                nodes[members],
            )


def _signal(
    times: NDArray[np.float64],
    values: NDArray[Any],
    unit: str,
    multimeter: Any,
    recordable: str,
    nodes: NDArray[np.int64],
) -> Any:
    """An analog signal, or an irregularly sampled one where samples are missing."""
    import neo
    import quantities as pq

    interval = float(multimeter.get("interval"))
    facts = {
        "name": recordable,
        "array_annotations": {"channel_ids": nodes},
        "recorder": int(multimeter.global_id),
    }
    if len(times) > 1 and np.abs(np.diff(times) - interval).max() > 1e-6 * interval:
        return neo.IrregularlySampledSignal(times * pq.ms, values, units=unit, **facts)
    return neo.AnalogSignal(
        values, units=unit, t_start=times[0] * pq.ms, sampling_period=interval * pq.ms, **facts
    )
