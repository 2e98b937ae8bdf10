"""What recorders hold, as arrays: the form between a simulation and each kind of file.

No Neo in here: a table of 10⁷ spikes is written without making an object of it, and a file is checked before
anything is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, WrongState
from nest_lab.units import quantities_name, recordable_unit

__all__ = [
    "Recording",
    "Samples",
    "Spikes",
    "from_text",
    "grouped",
    "known_unit",
    "record",
    "refuse_odd_texts",
    "regular",
    "to_text",
]

_MOST = 10**7  # nodes that a file may name: a broken one must not fill the memory
_FACTOR = r"(?:1|[A-Za-zµΩ°%]+)(?:\*\*-?\d)?"
_UNIT = re.compile(rf"\(?{_FACTOR}(?:[*/]\(?{_FACTOR}\)?)*\)?")

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Spikes:
    """Spikes of many neurons.

    Attributes
    ----------
    times : ndarray, shape (n_spikes,), ms
        In ascending order.
    senders : ndarray, shape (n_spikes,), int
        The neuron of each.
    neurons : ndarray, shape (n_neurons,), int
        All neurons, also silent ones, in ascending order.
    populations : tuple of str
        Population of each neuron, empty if there are none.
    recorders : ndarray, shape (n_neurons,), int
        Node id of the recorder of each neuron, 0 if it is not known.
    start, stop : float, ms
        When they were recorded.
    """

    times: Floats
    senders: Ids
    neurons: Ids
    populations: tuple[str, ...]
    recorders: Ids
    start: float
    stop: float

    def pools(self) -> Iterator[tuple[str, int, Ids]]:
        """Population, recorder and neurons of each group of neurons that have both in common."""
        groups: dict[tuple[str, int], list[int]] = {}
        names: Sequence[str] = self.populations or [""] * len(self.neurons)
        for neuron, name, recorder in zip(self.neurons.tolist(), names, self.recorders.tolist(), strict=True):
            groups.setdefault((name, recorder), []).append(neuron)
        for (name, recorder), members in groups.items():
            yield name, recorder, np.asarray(members, dtype=np.int64)


@dataclass(frozen=True)
class Samples:
    """One quantity, sampled from several nodes at the same times, or the columns of a table of events.

    Attributes
    ----------
    name, unit : str
        What it is, and its unit as ``quantities`` writes it.
    values : ndarray, shape (n_times, n_channels)
        The samples.
    times : ndarray, shape (n_times,), ms
        In ascending order.
    interval : float, ms
        Distance of the samples; 0 if they have no fixed one.
    channels : ndarray, shape (n_channels,), int
        Node ids, empty for a table of events.
    columns : tuple of str
        Names of the columns of a table of events, empty for samples of nodes.
    recorder : int
        Node id of the recorder, 0 if it is not known.
    """

    name: str
    unit: str
    values: NDArray[Any]
    times: Floats
    interval: float
    channels: Ids
    columns: tuple[str, ...] = ()
    recorder: int = 0


@dataclass(frozen=True)
class Recording:
    """All that one simulation recorded.

    Attributes
    ----------
    name : str
        Name of the simulation.
    annotations : mapping of str to object
        Numbers, texts, and pairs of a number and its unit.
    spikes : Spikes or None
        None if there was no spike recorder.
    samples : sequence of Samples
        What multimeters and weight recorders got.
    resolution : float, ms
        Time step of the simulation; 0 if it is not known.
    """

    name: str = ""
    annotations: Mapping[str, Any] = field(default_factory=dict)
    spikes: Spikes | None = None
    samples: Sequence[Samples] = ()
    resolution: float = 0.0


# -- node ids as text


def to_text(ids: Ids) -> str:
    """Write node ids in few words.

    Examples
    --------
    >>> import numpy as np
    >>> to_text(np.array([1, 2, 3, 7, 9, 10]))
    '1-3,7,9-10'
    """
    if not len(ids):
        return ""
    parts = np.split(ids, np.flatnonzero(np.diff(ids) != 1) + 1)
    return ",".join(f"{part[0]}" if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def refuse_odd_texts(texts: Iterable[Any]) -> None:
    """Refuse names that files cannot keep.

    Parameters
    ----------
    texts : iterable of object
        What should be texts.
    """
    for text in texts:
        if not isinstance(text, str):
            kind: Any = BadType
            what = f"{text!r} ({type(text).__name__})"
        elif "\0" in text or text.encode("utf-8", "ignore").decode() != text:
            kind, what = BadValue, repr(text)
        else:
            continue
        raise kind(
            "this is no name that a file can keep",
            where="save()",
            value=what,
            allowed="a text in Unicode, without the character 0",
            todo="Choose another name.",
        )


def from_text(text: str) -> Ids:
    """Read what `to_text` wrote.

    Raises
    ------
    ValueError
        If it is something else.

    Examples
    --------
    >>> from_text("1-3,7").tolist()
    [1, 2, 3, 7]
    """
    parts: list[Ids] = []
    room = _MOST
    for part in text.split(",") if text else []:
        first, dash, last = part.partition("-")
        low, high = int(first), int(last if dash else first)
        room -= high - low + 1
        if not 0 <= low <= high or room < 0:  # other programs count from 0 on
            raise ValueError(f"'{part}' is not a range of node ids")
        parts.append(np.arange(low, high + 1, dtype=np.int64))
    return np.concatenate([*parts, np.empty(0, dtype=np.int64)])


def known_unit(text: str) -> bool:
    """Whether a text is a unit that ``quantities`` knows.

    ``quantities`` evaluates the text, so what comes from a file must look like a unit first.

    Examples
    --------
    >>> known_unit("mV"), known_unit("1/s"), known_unit("furlong_"), known_unit("exit()")
    (True, True, False, False)
    """
    import quantities as pq

    if len(text) > 40 or not _UNIT.fullmatch(text):
        return False
    try:
        pq.Quantity(1.0, text)
    except (LookupError, ValueError, SyntaxError, TypeError, AttributeError):
        return False
    return True


# -- from a simulation


def record(
    source: Any = None,
    *,
    name: str = "",
    populations: Mapping[str, Any] | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> Recording:
    """Take what recorders hold, as `to_neo` documents it."""
    _refuse_other_arguments(name, populations)
    notes: dict[str, Any] = {"simulator": f"nest_lab {nest.__version__}"}
    network = not isinstance(source, nest.NodeCollection) and hasattr(source, "recorder")
    if network and hasattr(source, "populations"):
        simulation, given = _of_network(source)
        notes |= _notes_of_network(source)
        name = name or type(source).__name__
        populations = source.populations if populations is None else populations
    else:
        simulation, given = _of_simulation(source)
    with simulation:
        recorders = _Recorders(given)
        return Recording(
            name,
            notes | {key: _listed(value) for key, value in (annotations or {}).items()},
            _spikes(recorders.spikes, populations) if recorders.spikes else None,
            [
                *(each for recorder in recorders.samplers for each in _samples(recorder)),
                *(_events_table(recorder) for recorder in recorders.others),
            ],
            float(nest.resolution),
        )


def _refuse_other_arguments(name: Any, populations: Any) -> None:
    """A name must be a text, populations must have names."""
    if not isinstance(name, str):
        raise BadType(
            "a name must be a text",
            where="to_neo()",
            value=f"{name!r} ({type(name).__name__})",
            allowed="a text",
            todo="Give a text, or leave it out.",
        )
    named = isinstance(populations, Mapping) and all(isinstance(each, str) for each in populations)
    if populations is not None and not named:
        raise BadType(
            "populations must be neurons by name",
            where="to_neo()",
            value=f"{populations!r:.60} ({type(populations).__name__})",
            allowed="a dictionary of texts and NodeCollections",
            todo="Write populations={'excitatory': neurons}.",
        )


def _listed(value: Any) -> Any:
    """An annotation; a tuple stands for a number and its unit in here."""
    return [*value] if isinstance(value, tuple) else value


def _of_network(network: Any) -> tuple[Any, list[Any]]:
    """Simulation of a network of the gallery, its spike recorder, and all that recorded something else."""
    if network.simulation is None:
        raise WrongState(
            "a network that was not built has recorded nothing",
            where="to_neo()",
            value=type(network).__name__,
            allowed="a network after build() and simulate()",
            todo="Call build() and simulate(1000.0) first.",
        )
    with network.simulation:
        others = [node for node in _all_recorders() if not _records_spikes(node)]
    return network.simulation, [*([] if network.recorder is None else _each(network.recorder)), *others]


def _notes_of_network(network: Any) -> dict[str, Any]:
    """Parameters of a network and where they come from."""
    notes = {key: getattr(network, key) for key in ("title", "citation", "doi") if hasattr(network, key)}
    for row in network.parameters.table():
        notes[row["name"]] = (row["value"], row["unit"]) if row["unit"] else row["value"]
    return notes | {"seed": int(network.seed)}


def _of_simulation(source: Any) -> tuple[Any, list[Any]]:
    """Simulation and recorders of what is not a network of the gallery."""
    if source is None or isinstance(source, nest.Simulation):
        simulation = nest.current() if source is None else source
        with simulation:
            return simulation, list(_all_recorders())
    given = list(_each(source))
    simulations = {id(recorder.simulation): recorder.simulation for recorder in given}
    if len(simulations) > 1:
        raise BadValue(
            "the recorders belong to different simulations",
            where="to_neo()",
            value=f"{len(simulations)} simulations",
            allowed="recorders of one simulation",
            todo="Export each simulation on its own.",
        )
    return next(iter(simulations.values()), nest.current()), given


def _all_recorders() -> Iterator[Any]:
    """All recorders of the current simulation that hold events in memory."""
    for recorder in nest.GetNodes({"element_type": "recorder"}):
        if "events" in recorder.get():
            yield recorder


def _records_spikes(recorder: Any) -> bool:
    """Whether it recorded times and senders, and nothing else."""
    return not recorder.get().keys() & {"record_from"} and not _more(recorder.get("events"))


def _more(events: Mapping[str, Any]) -> list[str]:
    """What events hold beside times and senders."""
    return [key for key in events if key not in ("times", "senders", "offsets")]


def _each(recorders: Any) -> Iterator[Any]:
    """Recorders one by one, however they were given."""
    if isinstance(recorders, nest.NodeCollection):
        for recorder in recorders:
            if recorder.get("element_type") != "recorder":
                raise BadType(
                    "only recorders hold something to export",
                    where="to_neo()",
                    value=f"{recorder.get('model')} (node {recorder.global_id})",
                    allowed="spike_recorder, multimeter, voltmeter, weight_recorder",
                    todo="Give the recorder instead of what it records from.",
                )
            if "events" not in recorder.get():
                raise BadValue(
                    "this recorder holds no events in memory",
                    where="to_neo()",
                    value=f"{recorder.get('model')} (node {recorder.global_id})",
                    allowed="a recorder of events with record_to 'memory'",
                    todo="Set record_to to 'memory' before the simulation, or read what it has instead.",
                )
            yield recorder
        return
    if isinstance(recorders, (str, bytes, Mapping)) or not isinstance(recorders, Iterable):
        raise BadType(
            "there is nothing to export in this",
            where="to_neo()",
            value=f"{recorders!r} ({type(recorders).__name__})",
            allowed="recorders, lists of recorders, a network of the gallery or a Simulation",
            todo="Give what Create('spike_recorder') returned.",
        )
    for some in recorders:
        yield from _each(some)


class _Recorders:
    """Recorders by what they hold."""

    def __init__(self, given: Iterable[Any]) -> None:
        self.spikes: list[Any] = []
        self.samplers: list[Any] = []
        self.others: list[Any] = []
        for recorder in {int(one.global_id): one for one in given}.values():
            status = recorder.get()
            if "record_from" in status:
                self.samplers.append(recorder)
            else:
                # Without events a recorder does not say which columns it has; those that may be connected to
                # synapses instead of neurons have them.
                more = _more(status["events"]) or "targets" in status
                (self.others if more else self.spikes).append(recorder)


def _period(recorder: Any) -> tuple[float, float]:
    """When a recorder recorded, ms."""
    origin, start, stop = (float(recorder.get(key)) for key in ("origin", "start", "stop"))
    now = float(nest.biological_time)
    return min(max(origin + start, 0.0), now), max(min(origin + stop, now), 0.0)


def _events(recorder: Any) -> tuple[dict[str, NDArray[Any]], Floats]:
    """Events of a recorder and their times in ms."""
    events = recorder.get("events")
    times = np.asarray(events["times"], dtype=np.float64)
    if "offsets" in events:  # the recorder counts in steps
        times = times * nest.tics_per_step / nest.tics_per_ms - np.asarray(events["offsets"])
    return events, times


# -- spikes


def _neurons(recorder: Any, populations: Mapping[str, Any] | None) -> dict[str, Ids]:
    """Neurons of a spike recorder by population; under an empty name if there are no populations."""
    connected = np.unique(np.asarray(nest.GetConnections(target=recorder).get("source"), dtype=np.int64))
    if populations is None:
        return {"": connected}
    named = {name: np.intersect1d(_ids(nodes), connected) for name, nodes in populations.items()}
    return {name: ids for name, ids in named.items() if len(ids)}


def _ids(nodes: Any) -> Ids:
    """Node ids, however they are given."""
    with suppress(TypeError, ValueError, OverflowError):
        given = np.asarray(nodes.tolist() if hasattr(nodes, "tolist") else list(nodes))
        if given.ndim == 1 and (given.dtype.kind in "iu" or not given.size):
            return given.astype(np.int64)
    raise BadType(
        "a population must be nodes",
        where="to_neo()",
        value=f"{nodes!r:.60} ({type(nodes).__name__})",
        allowed="a NodeCollection, or node ids",
        todo="Give what Create() returned.",
    )


def _spikes(recorders: list[Any], populations: Mapping[str, Any] | None) -> Spikes:
    """Spikes of all spike recorders."""
    times, senders, neurons, owners = [], [], [], []
    labels: list[str] = []
    for recorder in recorders:
        events, when = _events(recorder)
        who = np.asarray(events["senders"], dtype=np.int64)
        known = _neurons(recorder, populations)
        everyone = np.concatenate([*known.values(), np.empty(0, dtype=np.int64)])
        if populations is not None:
            ours = np.isin(who, everyone, kind="table" if len(everyone) else None)
            when, who = when[ours], who[ours]
        times.append(when)
        senders.append(who)
        neurons.append(everyone)
        labels += [name for name, ids in known.items() for _ in ids]
        owners += [int(recorder.global_id)] * len(everyone)
    ids = np.concatenate(neurons)
    _refuse_twice(ids)
    periods = [_period(recorder) for recorder in recorders]
    rank = np.argsort(ids, kind="stable")
    when, who = _in_order(np.concatenate(times), np.concatenate(senders))
    # A recorder whose start or stop was changed since may hold spikes from before.
    earliest, latest = (when[0], when[-1]) if len(when) else (np.inf, -np.inf)
    return Spikes(
        when,
        who,
        ids[rank],
        tuple(labels[i] for i in rank) if populations is not None else (),
        np.asarray(owners, dtype=np.int64)[rank],
        min(float(earliest), *(period[0] for period in periods)),
        max(float(latest), *(period[1] for period in periods)),
    )


def _refuse_twice(ids: Ids) -> None:
    """A neuron has one train."""
    twice = np.flatnonzero(np.bincount(ids) > 1) if len(ids) else ids
    if len(twice):
        raise BadValue(
            "a neuron has one train, and two of these spike recorders, or two populations, have the same one",
            where="to_neo()",
            value=f"neuron {twice[0]}" + (f" and {len(twice) - 1} others" if len(twice) > 1 else ""),
            allowed="recorders of different neurons, and populations that have none in common",
            todo="Give the recorders one by one.",
        )


def _in_order(times: Floats, senders: Ids) -> tuple[Floats, Ids]:
    """Sort spikes by time; recorders mostly have done so."""
    if len(times) < 2 or bool((times[1:] >= times[:-1]).all()):
        return times, senders
    order = np.argsort(times, kind="stable")
    return times[order], senders[order]


# -- samples


def grouped(times: Floats, senders: Ids) -> Iterator[tuple[Ids, Floats, NDArray[np.intp]]]:
    """Take nodes together that were sampled at the same times.

    Parameters
    ----------
    times : ndarray, shape (n,), ms
        Time of each sample.
    senders : ndarray, shape (n,), int
        Its node.

    Yields
    ------
    nodes : ndarray, shape (n_nodes,), int
        Nodes of a group, in ascending order.
    times : ndarray, shape (n_times,), ms
        When each of them was sampled.
    rows : ndarray, shape (n_times, n_nodes), int
        Which samples these are.
    """
    nodes, count = np.unique(senders, return_counts=True)
    first = np.cumsum(count) - count
    order = np.lexsort((times, senders))
    groups: dict[bytes, list[int]] = {}
    for number in range(len(nodes)):
        rows = order[first[number] : first[number] + count[number]]
        groups.setdefault(times[rows].tobytes(), []).append(number)
    for when, members in groups.items():
        rows = np.stack([order[first[i] : first[i] + count[i]] for i in members], axis=1)
        yield nodes[members], np.frombuffer(when), rows


def regular(times: Floats, interval: float) -> float:
    """The interval, if there are samples and all have this distance, else 0."""
    if (
        not interval > 0.0
        or not len(times)
        or (len(times) > 1 and np.abs(np.diff(times) - interval).max() > 1e-6 * interval)
    ):
        return 0.0
    return interval


def _samples(multimeter: Any) -> Iterator[Samples]:
    """Samples of each recordable, and of each group of nodes of a model that have the same times."""
    events, times = _events(multimeter)
    senders = np.asarray(events["senders"], dtype=np.int64)
    if not len(senders):
        return
    interval = float(multimeter.get("interval"))
    for model, ours in _by_model(senders):
        for nodes, when, rows in grouped(times[ours], senders[ours]):
            for recordable in multimeter.get("record_from"):
                yield Samples(
                    str(recordable),
                    quantities_name(recordable_unit(model, str(recordable))),
                    np.asarray(events[recordable])[ours][rows],
                    when,
                    regular(when, interval),
                    nodes,
                    recorder=int(multimeter.global_id),
                )


def _by_model(senders: Ids) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Samples of each model, of which a copy is the same model."""
    nodes, place = np.unique(senders, return_inverse=True)
    copies = [str(model) for model in np.atleast_1d(nest.NodeCollection(nodes.tolist()).get("model"))]
    model_of = {copy: str(nest.GetDefaults(copy, "type_id")) for copy in dict.fromkeys(copies)}
    models = list(dict.fromkeys(model_of.values()))
    number = np.asarray([models.index(model_of[copy]) for copy in copies])[place]
    for index, model in enumerate(models):
        yield model, np.flatnonzero(number == index)


def _events_table(recorder: Any) -> Samples:
    """Events of a recorder of something else than spikes: a row for each, a column for each quantity."""
    events, times = _events(recorder)
    columns = ["senders", *_more(events)]
    order = np.argsort(times, kind="stable")
    values = [np.asarray(events[name], dtype=np.float64)[order] for name in columns]
    return Samples(
        str(nest.GetDefaults(recorder.get("model"), "type_id")),
        "dimensionless",
        np.stack(values, axis=1),
        times[order],
        0.0,
        np.empty(0, dtype=np.int64),
        tuple(columns),
        int(recorder.global_id),
    )
