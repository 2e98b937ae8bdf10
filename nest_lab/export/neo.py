"""Recordings as Neo objects, with units and annotations.

Spike trains are handed over as one array of times and one of neurons, as Neo's ``SpikeTrainList`` keeps them,
so that 10,000 trains take milliseconds. Single trains are made of them when one is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab.errors import BadType, BadValue
from nest_lab.export.recording import Recording, Samples, Spikes, record, regular
from nest_lab.units import quantities_name

if TYPE_CHECKING:
    import neo

__all__ = ["from_block", "make_block", "to_neo"]


def to_neo(
    source: Any = None,
    *,
    name: str = "",
    populations: Mapping[str, Any] | None = None,
    **annotations: Any,
) -> neo.Block:
    """Put what was recorded into a Neo block.

    Parameters
    ----------
    source : NodeCollection, iterable of NodeCollection, network of the gallery or Simulation, optional
        Recorders, in any number and of any kind; a built network of the gallery, of which also the
        populations and parameters are taken; or a simulation, of which all recorders are taken. Without it,
        the current simulation.
    name : str
        Name of the block.
    populations : mapping of str to NodeCollection or node ids, optional
        Neurons by population, also those that did not spike; each train is annotated with its ``population``.
        Without it there is a train for each neuron that is connected to a spike recorder.
    **annotations
        Annotations of the block: numbers, texts, quantities.

    Returns
    -------
    neo.Block
        With one segment. Its spike trains are in the order of their node ids, each with its node id as
        annotation ``channel_id``, the node id of its ``recorder`` and its ``population``. For each
        recordable of a multimeter there is a signal in the unit of the model, with one channel per node and
        their ids as array annotation ``channel_ids``; an ``IrregularlySampledSignal`` where samples are
        missing, as of a node that was frozen for a while. What a weight recorder got is an
        ``IrregularlySampledSignal`` with a row for each event and the columns ``senders``, ``weights``, …
        as array annotation ``channel_names``. Parameters of a network are annotations of the block, as
        quantities if they have a unit.

    Raises
    ------
    BadType
        If something given is not a recorder.
    BadValue
        If two spike recorders, or two populations, have the same neuron, or a recorder does not record to
        memory.
    WrongState
        If a network was not built.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_alpha", 3, {"I_e": 400.0})
    >>> spikes, voltage = nest.Create("spike_recorder"), nest.Create("voltmeter")
    >>> nest.Connect(neurons, spikes)
    >>> nest.Connect(voltage, neurons)
    >>> nest.Simulate(100.0)
    >>> (segment,) = to_neo().segments
    >>> len(segment.spiketrains), segment.analogsignals[0].units.dimensionality.string
    (3, 'mV')
    """
    return make_block(record(source, name=name, populations=populations, annotations=annotations))


def make_block(recording: Recording) -> neo.Block:
    """Make Neo objects of arrays.

    Parameters
    ----------
    recording : Recording
        The arrays, which the objects share.

    Returns
    -------
    neo.Block
        With one segment.
    """
    import neo
    import quantities as pq

    block = neo.Block(name=recording.name or None)
    for key, value in recording.annotations.items():
        if isinstance(value, tuple):  # a number and its unit
            value = pq.Quantity(value[0], quantities_name(value[1]))
        try:
            block.annotate(**{key: value})
        except (ValueError, TypeError):
            raise BadType(
                f"the annotation '{key}' is of a type that Neo does not keep",
                where="to_neo()",
                value=f"{value!r:.60} ({type(value).__name__})",
                allowed="numbers, texts, times, quantities, lists and dictionaries of them",
                todo="Leave it out, or write it as a text.",
            ) from None
    if recording.resolution:
        block.annotate(resolution=recording.resolution * pq.ms)
    segment = neo.Segment(name=recording.name or None)
    block.segments.append(segment)
    for samples in recording.samples:
        signal = _signal(samples)
        kind = (
            segment.analogsignals
            if isinstance(signal, neo.AnalogSignal)
            else segment.irregularlysampledsignals
        )
        kind.append(signal)
    if recording.spikes is not None:
        segment.spiketrains = spike_train_list(recording.spikes)
        segment.spiketrains.segment = segment
    return block


# -- spikes


@cache
def _list_of_trains() -> Any:
    """Make the class of lists of spike trains, when Neo is needed first."""
    from neo.core.spiketrainlist import SpikeTrainList

    class Trains(SpikeTrainList):  # type: ignore[misc]
        """Many spike trains in two arrays, until one of them is asked for.

        Neo itself looks through all spikes once for each train when single trains are wanted: 10,000 trains
        of 10⁶ spikes take 10 s. Here they are sorted once.
        """

        given: Spikes | None = None

        @property
        def arrays(self) -> Spikes | None:
            """The arrays it was made of, if nothing was changed since."""
            whole = self.given is not None and len(self) == len(self.given.neurons)
            return self.given if whole else None

        def _spiketrains_from_array(self) -> None:
            if self.arrays is None:
                super()._spiketrains_from_array()
            else:
                self._items = _single_trains(self.arrays, self.segment)
            self.given = None  # from now on the objects are what counts

        def __reduce__(self) -> Any:
            return (SpikeTrainList, (list(self),))

    return Trains


def spike_train_list(spikes: Spikes) -> Any:
    """Give Neo the arrays as they are; trains are in the order of their neurons."""
    import quantities as pq

    notes: dict[str, Any] = {"recorder": spikes.recorders.tolist()}
    if spikes.populations:
        notes["population"] = list(spikes.populations)
    trains = _list_of_trains().from_spike_time_array(
        spikes.times,
        spikes.senders,
        spikes.neurons.tolist(),  # a list: Neo joins the ids of two lists with +
        units="ms",
        t_start=spikes.start * pq.ms,
        t_stop=spikes.stop * pq.ms,
        **notes,
    )
    trains.given = spikes
    return trains


def _single_trains(spikes: Spikes, segment: Any) -> list[Any]:
    """Make one object for each neuron."""
    import neo
    import quantities as pq

    rank = np.searchsorted(spikes.neurons, spikes.senders)
    small = len(spikes.neurons) <= 2**16
    order = np.argsort(rank.astype(np.uint16) if small else rank, kind="stable")  # of 16 bits it counts
    times = np.split(spikes.times[order], np.searchsorted(rank[order], np.arange(1, len(spikes.neurons))))
    start, stop = spikes.start * pq.ms, spikes.stop * pq.ms
    trains = []
    for number, neuron in enumerate(spikes.neurons.tolist()):
        notes = {"channel_id": neuron, "recorder": int(spikes.recorders[number])}
        if spikes.populations:
            notes["population"] = spikes.populations[number]
        train = neo.SpikeTrain(times[number], units="ms", t_start=start, t_stop=stop, **notes)
        train.segment = segment
        trains.append(train)
    return trains


# -- signals


def _signal(samples: Samples) -> Any:
    """An analog signal, or an irregularly sampled one where samples are missing."""
    import neo
    import quantities as pq

    facts: dict[str, Any] = {"name": samples.name, "recorder": samples.recorder}
    if samples.columns:
        facts["array_annotations"] = {"channel_names": np.asarray(samples.columns)}
    else:
        facts["array_annotations"] = {"channel_ids": samples.channels}
    if not samples.interval:
        return neo.IrregularlySampledSignal(
            samples.times * pq.ms, samples.values, units=samples.unit, **facts
        )
    return neo.AnalogSignal(
        samples.values,
        units=samples.unit,
        t_start=samples.times[0] * pq.ms,
        sampling_period=samples.interval * pq.ms,
        **facts,
    )


# -- back from Neo


def from_block(block: neo.Block, where: str) -> Recording:
    """Take the arrays out of a block of one segment.

    Parameters
    ----------
    block : neo.Block
        From `to_neo`, or another one with spike trains and signals.
    where : str
        The public function that was called, for messages.

    Returns
    -------
    Recording
        Its arrays are those of the block where that is possible.

    Raises
    ------
    BadValue
        If the block holds what only a NIX file can keep, or trains or channels without numbers of their own.
    """
    segment = _only_segment(block, where)
    resolution = _resolution(block)
    notes = {
        key: _plain(value)
        for key, value in block.annotations.items()
        if key != "nix_name" and not (resolution and key == "resolution")
    }
    signals = [*segment.analogsignals, *segment.irregularlysampledsignals]
    return Recording(
        block.name or "",
        notes,
        _spikes_of(segment.spiketrains, where) if _has_trains(segment.spiketrains) else None,
        [_samples_of(signal, where) for signal in signals],
        resolution,
    )


def _resolution(block: neo.Block) -> float:
    """Time step in ms, 0 if the block does not say one; what else is called so is an annotation."""
    try:
        found = float(block.annotations["resolution"].rescale("ms"))
    except (KeyError, AttributeError, TypeError, ValueError):
        return 0.0
    return found if 0.0 < found < np.inf else 0.0


def _recorder(part: Any) -> int:
    """Node id of the recorder of a train or a signal, 0 if it does not say one."""
    found = part.annotations.get("recorder", 0)
    return int(found) if isinstance(found, (int, np.integer)) and 0 <= found < 2**63 else 0


def _has_trains(trains: Any) -> bool:
    """Whether there are any, or a spike recorder that was connected to nothing."""
    return len(trains) > 0 or isinstance(getattr(trains, "arrays", None), Spikes)


def _only_segment(block: neo.Block, where: str) -> Any:
    """The segment of a block that a table or an NWB file can hold."""
    found = [f"{len(block.segments)} segments"] if len(block.segments) != 1 else []
    for segment in block.segments:
        for kind in ("events", "epochs", "imagesequences"):
            if len(getattr(segment, kind)):
                found.append(f"{len(getattr(segment, kind))} {kind}")
    if found:
        raise BadValue(
            "this block holds what a file of this format does not",
            where=where,
            value=", ".join(found),
            allowed="one segment of spike trains and signals",
            todo="Choose a .nix file, which holds every Neo block, or write the segments one by one.",
        )
    return block.segments[0]


def _plain(value: Any) -> Any:
    """An annotation without objects of other packages."""
    import quantities as pq

    if isinstance(value, pq.Quantity):
        return (value.magnitude.tolist(), value.dimensionality.string)
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _spikes_of(trains: Any, where: str) -> Spikes:
    """Spikes of a list of trains, without making objects of one that `to_neo` made."""
    given = getattr(trains, "arrays", None)
    if isinstance(given, Spikes):
        return given
    parts = list(trains)
    numbers = [part.annotations.get("channel_id", number) for number, part in enumerate(parts, 1)]
    if not _are_ids(numbers):
        raise BadValue(
            "the spike trains of a file need a number each",
            where=where,
            value="annotations channel_id: " + ", ".join(repr(number) for number in numbers[:5]),
            allowed="different whole numbers from 0 on, or none at all",
            todo="Annotate each train with a channel_id of its own.",
        )
    rank = np.argsort(np.asarray(numbers, dtype=np.int64), kind="stable")
    parts = [parts[i] for i in rank]
    neurons = np.asarray(numbers, dtype=np.int64)[rank]
    times = [np.asarray(part.rescale("ms").magnitude, dtype=np.float64) for part in parts]
    when, senders = np.concatenate(times), np.repeat(neurons, [len(part) for part in times])
    order = np.argsort(when, kind="stable")
    populations = tuple(str(part.annotations.get("population", "")) for part in parts)
    return Spikes(
        when[order],
        senders[order],
        neurons,
        populations if any(populations) else (),
        np.asarray([_recorder(part) for part in parts], dtype=np.int64),
        min(float(part.t_start.rescale("ms")) for part in parts),
        max(float(part.t_stop.rescale("ms")) for part in parts),
    )


def _are_ids(numbers: list[Any]) -> bool:
    """Whether these are different whole numbers that can stand for nodes."""
    whole = all(isinstance(each, (int, np.integer)) and 0 <= each < 2**63 for each in numbers)
    return whole and len(set(numbers)) == len(numbers)


def _samples_of(signal: Any, where: str) -> Samples:
    """Arrays of a signal."""
    n_channels = signal.shape[1]
    names = signal.array_annotations.get("channel_names")
    ids = signal.array_annotations.get("channel_ids")
    columns: tuple[str, ...] = ()
    if ids is None and names is not None:
        columns = tuple(str(name) for name in names)
        ids = np.empty(0, dtype=np.int64)
    elif ids is None:
        ids = np.arange(1, n_channels + 1)
    elif not _are_ids(np.asarray(ids).tolist()):
        raise BadValue(
            "the channels of a signal need a number each",
            where=where,
            value="array annotation channel_ids: " + ", ".join(repr(each) for each in ids[:5].tolist()),
            allowed="different whole numbers from 0 on, or none at all",
            todo="Give each channel a number of its own: signal.array_annotate(channel_ids=[1, 2]).",
        )
    times = np.asarray(signal.times.rescale("ms").magnitude, dtype=np.float64)
    period = getattr(signal, "sampling_period", None)
    return Samples(
        signal.name or "signal",
        signal.units.dimensionality.string,
        np.asarray(signal.magnitude),
        times,
        0.0 if period is None else regular(times, float(period.rescale("ms"))),
        np.asarray(ids, dtype=np.int64),
        columns,
        _recorder(signal),
    )


def given_block(data: Any) -> bool:
    """Whether it is a Neo block, without importing Neo for that."""
    import sys

    neo = sys.modules.get("neo")
    if neo is None:
        return False
    if isinstance(data, neo.Segment):
        raise BadType(
            "a segment is written as a part of its block",
            where="save()",
            value="a neo.Segment",
            allowed="a neo.Block, or what to_neo() takes",
            todo="Put it into a block: block.segments.append(segment).",
        )
    return isinstance(data, neo.Block)
