"""Analog signals from multimeters, voltmeters and arrays: a line for each neuron and quantity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, UnknownName
from nest_lab.units import recordable_unit

__all__ = ["Line", "Panel", "extremes", "packed", "panels_of"]


@dataclass(frozen=True)
class Line:
    """A quantity of one neuron in time.

    Attributes
    ----------
    neuron : int
        Its node id.
    times, values : ndarray, shape (n,)
        Samples in the order of time, ms and the unit of the panel.
    """

    neuron: int
    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def inside(self, start: float, stop: float) -> slice:
        """Samples of a window, and the one before and after it."""
        first, last = np.searchsorted(self.times, [start, stop])
        return slice(max(int(first) - 1, 0), int(last) + 1)


@dataclass(frozen=True)
class Panel:
    """A quantity of several neurons.

    Attributes
    ----------
    name, unit : str
        What it is.
    lines : tuple of Line
        One for each neuron.
    everyone : int
        How many neurons were recorded.
    """

    name: str
    unit: str
    lines: tuple[Line, ...]
    everyone: int


def panels_of(
    source: Any, recordables: Iterable[str] | None, neurons: Any, *, where: str
) -> tuple[tuple[Panel, ...], float, float]:
    """Signals of anything that has some.

    Parameters
    ----------
    source : NodeCollection or mapping of str to array_like
        Multimeters and voltmeters; or events: ``times``, ms, ``senders``, which may be missing, and
        quantities.
    recordables : iterable of str, optional
        Which quantities; all when not given.
    neurons : int or iterable of int
        How many neurons at most, or which.
    where : str
        For errors.

    Returns
    -------
    panels : tuple of Panel
    start, stop : float, ms
        When they were recorded.

    Raises
    ------
    BadType, BadValue, UnknownName
        There are no signals in it, or not those that were asked for.
    """
    if isinstance(source, nest.NodeCollection):
        with source.simulation:
            parts = [part for meter in source for part in _recorded(meter, where)]
    elif isinstance(source, Mapping) and "times" in source:
        parts = _given(source, where)
    else:
        raise BadType(
            "there are no signals in this",
            where=where,
            value=f"{source!r} ({type(source).__name__})",
            allowed="a multimeter, a voltmeter, or its events",
            todo="Give what Create('multimeter', params={'record_from': ['V_m']}) returned.",
        )
    known = list(dict.fromkeys(name for name, _, _, _, _ in parts))
    wanted = (
        known if recordables is None else [recordables] if isinstance(recordables, str) else [*recordables]
    )
    for name in wanted:
        if name not in known:
            raise UnknownName(
                "this was not recorded", where=where, value=repr(name), wrong=str(name), candidates=known
            )
    panels = tuple(
        _panel(name, [part for part in parts if part[0] == name], neurons, where) for name in wanted
    )
    ends = [line.times[[0, -1]] for panel in panels for line in panel.lines if len(line.times)]
    start, stop = (float(min(e[0] for e in ends)), float(max(e[1] for e in ends))) if ends else (0.0, 1.0)
    return panels, start, stop if stop > start else start + 1.0


def _recorded(meter: Any, where: str) -> list[tuple[str, str, Any, Any, Any]]:
    """Name, unit, times, senders and values of each quantity of a multimeter, by model of the neurons."""
    facts = meter.get()
    if "record_from" not in facts:
        raise BadType(
            "only a multimeter or a voltmeter has signals",
            where=where,
            value=f"{facts['model']} (node {meter.global_id})",
            allowed="multimeter, voltmeter",
            todo="Give the meter instead of what it records from.",
        )
    events = facts["events"]
    senders = np.asarray(events["senders"], dtype=np.int64)
    times = np.asarray(events["times"], dtype=np.float64)
    if "offsets" in events:  # it counts in steps
        times = times * nest.resolution - np.asarray(events["offsets"])
    first = int(senders[0]) if len(senders) else None
    model = None if first is None else nest.GetDefaults(nest.NodeCollection([first]).get("model"), "type_id")
    return [
        (
            name,
            "" if model is None else recordable_unit(model, name),
            times,
            senders,
            np.asarray(events.get(name, [])),
        )
        for name in facts["record_from"]
    ]


def _given(events: Mapping[str, Any], where: str) -> list[tuple[str, str, Any, Any, Any]]:
    """The same of events; their units are not known."""
    times = np.asarray(events["times"], dtype=np.float64)
    senders = np.asarray(events.get("senders", np.zeros(times.shape)), dtype=np.int64)
    parts = [
        (name, "", times, senders, np.asarray(values, dtype=np.float64))
        for name, values in events.items()
        if name not in {"times", "senders", "offsets"}
    ]
    for name, _, _, _, values in parts:
        if not times.shape == senders.shape == values.shape or times.ndim != 1:
            raise BadValue(
                f"times, senders and {name} must have one entry per sample",
                where=where,
                value=f"shapes {times.shape}, {senders.shape} and {values.shape}",
                allowed="arrays of one length",
                todo="Take them from one recorder, e.g. multimeter.events.",
            )
    return parts


def _panel(name: str, parts: list[tuple[str, str, Any, Any, Any]], neurons: Any, where: str) -> Panel:
    """The lines of one quantity."""
    times, senders, values = (np.concatenate([part[i] for part in parts]) for i in (2, 3, 4))
    everyone = np.unique(senders)
    lines = []
    for neuron in _chosen(everyone, neurons, where):
        ours = senders == neuron
        order = np.argsort(times[ours], kind="stable")
        lines.append(Line(int(neuron), times[ours][order], values[ours][order].astype(np.float64)))
    return Panel(name, next((unit for _, unit, *_ in parts if unit), ""), tuple(lines), len(everyone))


def _chosen(everyone: NDArray[np.int64], neurons: Any, where: str) -> list[int]:
    """Which neurons: the first ones, or those that are named."""
    if isinstance(neurons, (int, np.integer)) and not isinstance(neurons, bool):
        if neurons < 1:
            raise BadValue(
                "at least one neuron must be shown",
                where=where,
                value=str(neurons),
                allowed="a number above 0, or node ids",
                todo="Say how many neurons to show.",
            )
        return [int(neuron) for neuron in everyone[:neurons]]
    wanted = neurons.tolist() if hasattr(neurons, "tolist") else [*neurons]
    for neuron in wanted:
        if neuron not in everyone:
            raise BadValue(
                "this neuron was not recorded",
                where=where,
                value=f"neuron {neuron}",
                allowed=f"one of {len(everyone)} neurons: {', '.join(map(str, everyone[:8]))}"
                + (" …" if len(everyone) > 8 else ""),
                todo="Connect the multimeter to it before the run.",
            )
    return [int(neuron) for neuron in wanted]


def packed(values: Any) -> NDArray[np.float32]:
    """Numbers as the page gets them; what is beyond their range is put at its end."""
    numbers: NDArray[np.float32] = np.clip(values, -3e38, 3e38).astype(np.float32)
    return numbers


def extremes(times: Any, values: Any, most: int) -> tuple[Any, Any]:
    """A line that looks the same with fewer samples: of each stretch the lowest and the highest.

    Parameters
    ----------
    times, values : ndarray, shape (n,)
        The line.
    most : int
        How many stretches.

    Returns
    -------
    times, values : ndarray
        As they were if there are not more than two samples in a stretch.
    """
    n = len(values)
    if n <= 2 * most:
        return times, values
    starts = np.linspace(0, n, most + 1).astype(np.int64)[:-1]
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return np.repeat(times[starts], 2), np.column_stack((low, high)).ravel()
