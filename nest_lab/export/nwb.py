"""Spike trains and signals in files of Neurodata Without Borders, by ``pynwb``.

Each neuron is a row of the table of units: its id is the node id, its times are in seconds as the format
wants them, and it says its population, its recorder and when it was observed. Signals are time series of
the acquisition, one column per node. What the format has no place for (node ids of columns, parameters,
names) stands as JSON in the notes of the file.

The format was described by Rübel et al. (2022), doi:10.7554/eLife.78362.
"""

from __future__ import annotations

import json
import re
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from nest_lab.errors import BadFile
from nest_lab.export import hdf5
from nest_lab.export.recording import Floats, Recording, Samples, Spikes, known_unit, regular
from nest_lab.export.tables import Header, broken, from_header, to_header

__all__ = ["read", "write"]

_PROGRAM = "nest_lab"


def write(recording: Recording, path: Path) -> None:
    """Write a recording.

    Parameters
    ----------
    recording : Recording
        What to write.
    path : Path
        A new file.
    """
    from pynwb import NWBHDF5IO, NWBFile

    notes = to_header(recording)
    names = [
        re.sub("[/:]", "_", f"{number:03d}_{each.name}") for number, each in enumerate(recording.samples)
    ]
    for name, each in zip(names, notes["samples"], strict=True):
        each["series"] = name
    file = NWBFile(
        session_description=recording.name or "simulation",
        identifier=str(uuid4()),
        session_start_time=datetime.now(UTC),
        experiment_description="simulation of a spiking neural network",
        source_script=str(recording.annotations.get("simulator", _PROGRAM)),
        source_script_file_name=_PROGRAM,
        notes=json.dumps(notes, ensure_ascii=False, allow_nan=False),
    )
    if recording.spikes is not None:
        file.units = _units(recording.spikes)
    for name, samples in zip(names, recording.samples, strict=True):
        file.add_acquisition(_series(name, samples))
    inside = hdf5.new(path)
    with NWBHDF5IO(file=inside, mode="w") as out:
        out.write(file)
        hdf5.write(inside, path)


def _units(spikes: Spikes) -> Any:
    """The table of units, made of whole columns: 10,000 units are no more calls than one."""
    from hdmf.common import ElementIdentifiers, VectorData, VectorIndex
    from pynwb.misc import Units

    rank = np.searchsorted(spikes.neurons, spikes.senders)
    order = np.argsort(rank.astype(np.uint16) if len(spikes.neurons) <= 2**16 else rank, kind="stable")
    ends = np.cumsum(np.bincount(rank, minlength=len(spikes.neurons)))
    times = VectorData(
        name="spike_times", description="times of the spikes, s", data=spikes.times[order] / 1000.0
    )
    n_units = len(spikes.neurons)
    interval = np.tile([[spikes.start / 1000.0, spikes.stop / 1000.0]], (n_units, 1))
    observed = VectorData(name="obs_intervals", description="when it was recorded, s", data=interval)
    columns = [
        VectorIndex(name="spike_times_index", data=ends.astype(np.uint64), target=times),
        times,
        VectorIndex(
            name="obs_intervals_index", data=np.arange(1, n_units + 1, dtype=np.uint64), target=observed
        ),
        observed,
        VectorData(name="recorder", description="node id of the recorder", data=spikes.recorders),
    ]
    names = ["spike_times", "obs_intervals", "recorder"]
    if spikes.populations:
        labels = list(spikes.populations)
        columns.append(VectorData(name="population", description="population of the neuron", data=labels))
        names.append("population")
    return Units(
        name="units",
        description="simulated neurons; the id is the node id",
        id=ElementIdentifiers(name="id", data=spikes.neurons),
        columns=columns,
        colnames=names,
    )


def _series(name: str, samples: Samples) -> Any:
    """A time series with a column per node."""
    from pynwb import TimeSeries

    facts: dict[str, Any] = {"name": name, "data": samples.values, "unit": samples.unit}
    facts["description"] = (
        f"columns: {', '.join(samples.columns)}"
        if samples.columns
        else f"{samples.name} of nodes {', '.join(map(str, samples.channels[:20].tolist()))}"
        + (" …" if len(samples.channels) > 20 else "")
    )
    if samples.interval:
        return TimeSeries(
            **facts, starting_time=float(samples.times[0]) / 1000.0, rate=1000.0 / samples.interval
        )
    return TimeSeries(**facts, timestamps=samples.times / 1000.0)


# -- reading


def read(path: Path) -> Recording:
    """Read a file.

    Parameters
    ----------
    path : Path
        One that `write` made, or another with a table of units or time series.

    Returns
    -------
    Recording
        Units, and the time series of the acquisition.

    Raises
    ------
    BadFile
        If something in it is wrong.
    """
    from hdmf.build import ConstructError
    from pynwb import NWBHDF5IO

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other versions of the format
            with NWBHDF5IO(str(path), mode="r") as source:
                return _read(source.read(), path)
    except BadFile:
        raise
    except (
        *(OSError, ConstructError, LookupError, ValueError, TypeError, RuntimeError, AttributeError),
        ArithmeticError,
    ) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise broken(
            "this is not an NWB file, or a part of it is missing",
            str(path),
            reason,
            "an NWB file of version 2",
        ) from error


def _read(file: Any, path: Path) -> Recording:
    """A recording from what ``pynwb`` read."""
    notes = file.notes if file.source_script_file_name == _PROGRAM else None
    about = from_header(notes, f"{path}, /general/notes") if notes else Header({}, str(path))
    content = json.loads(notes) if notes else {}
    spikes = None if file.units is None else _spikes(file.units, about, f"{path}, /units")
    series = {name: each for name, each in file.acquisition.items() if hasattr(each, "data")}
    known = {str(facts.get("series")): number for number, facts in enumerate(content.get("samples", []))}
    missing = [name for name in known if name not in series]
    if missing:
        raise broken(
            "a time series that the notes name is not there",
            f"{path}, /acquisition",
            f"'{missing[0]}'",
            ", ".join(f"'{name}'" for name in series) or "nothing",
        )
    samples = [
        _samples(each, about.samples[known[name]] if name in known else None, f"{path}, /acquisition/{name}")
        for name, each in sorted(series.items(), key=lambda item: (known.get(item[0], len(known)), item[0]))
    ]
    return Recording(
        about.name if notes else file.session_description,
        about.annotations,
        spikes,
        samples,
        about.resolution,
    )


def _array(values: Any, kind: Any, place: str) -> NDArray[Any]:
    """A data set as an array of finite numbers."""
    try:
        array = np.asarray(values[:] if hasattr(values, "shape") else values).astype(kind)
    except (TypeError, ValueError) as error:
        raise broken("a data set is not of numbers", place, f"{error}", "numbers") from None
    return array


def _times(values: Any, place: str) -> Floats:
    """Times in ms."""
    seconds: Floats = _array(values, np.float64, place)
    wrong = np.flatnonzero(~np.isfinite(seconds))
    if len(wrong):
        raise broken("a time is not finite", f"{place}, entry {wrong[0]}", f"{seconds[wrong[0]]}", "s")
    return _in_ms(seconds)


def _in_ms(seconds: NDArray[Any]) -> Floats:
    """Times in ms; seconds are not exactly the same numbers.

    A simulation counts in steps of a whole number of microseconds: what is as near to one as a number can be
    is that one. All other times, as precise ones, may differ in their last digit.
    """
    times = seconds * 1000.0
    tics: Floats = np.rint(times * 1000.0) / 1000.0
    return np.where(np.abs(tics - times) <= 4e-16 * np.abs(times), tics, times)


def _spikes(units: Any, about: Header, place: str) -> Spikes | None:
    """Spikes of the table of units."""
    ids = _array(units.id.data, np.int64, f"{place}/id")
    if len(np.unique(ids)) < len(ids):
        known, count = np.unique(ids, return_counts=True)
        raise broken("two units have the same id", f"{place}/id", f"{known[count > 1][0]}", "different ids")
    if "spike_times" not in units.colnames:
        raise broken("a table of units has no spike times", place, ", ".join(units.colnames), "spike_times")
    index = units["spike_times"]
    times = _times(index.target.data, f"{place}/spike_times")
    ends = _array(index.data, np.int64, f"{place}/spike_times_index")
    if len(ends) != len(ids) or (
        len(ends) and (np.diff(ends, prepend=0).min() < 0 or ends[-1] != len(times))
    ):
        raise broken(
            "the index of the spike times does not fit to them",
            f"{place}/spike_times_index",
            f"{len(ends)} ends up to {ends.max(initial=0)} for {len(ids)} units and {len(times)} spikes",
            "an ascending end for each unit, the last one that of all spikes",
        )
    # what is in the notes is in ms, as it was
    start, stop = (
        _observed(units, times, place) if not about.spikes else (about.spikes.start, about.spikes.stop)
    )
    senders = np.repeat(ids, np.diff(ends, prepend=0))
    slack = 1e-12 * max(abs(start), abs(stop))  # seconds are not exactly the same numbers
    outside = np.flatnonzero((times < start - slack) | (times > stop + slack))
    if len(outside):
        raise broken(
            "a spike lies outside of the observed interval",
            f"{place}/spike_times, entry {outside[0]}",
            f"{times[outside[0]] / 1000.0} s",
            f"{start / 1000.0:g} … {stop / 1000.0:g} s",
        )
    order, rank = np.argsort(times, kind="stable"), np.argsort(ids, kind="stable")
    names: tuple[str, ...] = ()
    if "population" in units.colnames:
        names = tuple(str(units["population"].data[i]) for i in rank.tolist())
    owners = np.zeros(len(ids), dtype=np.int64)
    if "recorder" in units.colnames:
        owners = _array(units["recorder"].data, np.int64, f"{place}/recorder")[rank]
    times = np.clip(times, start, stop)
    return Spikes(times[order], senders[order], ids[rank], names, owners, start, stop)


def _observed(units: Any, times: Floats, place: str) -> tuple[float, float]:
    """From when to when units were observed, ms."""
    if "obs_intervals" not in units.colnames or not len(units.id):
        return min(0.0, float(times.min(initial=0.0))), float(times.max(initial=0.0))
    intervals = _times(units["obs_intervals"].target.data, f"{place}/obs_intervals")
    return float(intervals.min()), float(intervals.max())


def _samples(series: Any, known: Samples | None, place: str) -> Samples:
    """A time series."""
    values = _array(series.data, np.float64, f"{place}/data")
    values = values[:, np.newaxis] if values.ndim == 1 else values
    if values.ndim != 2:
        raise broken(
            "data must have a row for each time",
            f"{place}/data",
            f"shape {values.shape}",
            "(n_times, n_channels)",
        )
    unit = known.unit if known else str(series.unit)
    if not known_unit(unit):
        raise broken("a unit is not known", f"{place}/data, unit", repr(unit), "a unit like 'mV' or 'volts'")
    if series.timestamps is not None:
        times, interval = _times(series.timestamps, f"{place}/timestamps"), 0.0
    else:
        if not series.rate or not series.rate > 0.0:
            raise broken("a rate must be above 0", f"{place}/starting_time, rate", f"{series.rate}", "Hz")
        interval = known.interval if known and known.interval else 1000.0 / float(series.rate)
        times = _in_ms(
            (float(series.starting_time or 0.0) * 1000.0 + interval * np.arange(len(values))) / 1000.0
        )
    if len(times) != len(values):
        raise broken(
            "there must be a time for each row", f"{place}/timestamps", f"{len(times)}", f"{len(values)}"
        )
    n_channels = len(known.columns) or len(known.channels) if known else values.shape[1]
    if n_channels != values.shape[1]:
        raise broken(
            "the notes name another number of columns", f"{place}/data", f"{values.shape[1]}", f"{n_channels}"
        )
    scale, offset = float(series.conversion or 1.0), float(series.offset or 0.0)
    return Samples(
        known.name if known else series.name,
        unit,
        values * scale + offset if (scale, offset) != (1.0, 0.0) else values,
        times,
        regular(times, interval),
        known.channels if known else np.arange(1, n_channels + 1),
        known.columns if known else (),
        known.recorder if known else 0,
    )
