"""Tables of spikes, of samples and of events, in CSV and Parquet files.

A file holds one table, as programs for statistics want it: a row for each spike with its time and neuron;
or a row for each sample of a node, with a column for each quantity; or a row for each event of a weight
recorder. Names of columns end with the unit in parentheses. What is not in the rows (silent neurons,
populations, the time of the recording, annotations) stands in a first line ``# nest_lab {…}`` of a CSV
file, which readers skip as a comment, and in the metadata of a Parquet file. A table without it can be read
too.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nest_lab.errors import BadFile, BadValue, NESTError
from nest_lab.export.recording import (
    Floats,
    Ids,
    Recording,
    Samples,
    Spikes,
    from_text,
    grouped,
    known_unit,
    refuse_odd_texts,
    regular,
    to_text,
)
from nest_lab.units import quantities_name

__all__ = [
    "check",
    "from_header",
    "read_csv",
    "read_parquet",
    "to_header",
    "write_csv",
    "write_parquet",
]

_MARK = "# nest_lab "
_TIME = "time (ms)"
_COLUMN = re.compile(r"(?P<name>.*?)(?: \((?P<unit>(?:[^()]|\([^()]*\))*)\))?", re.DOTALL)
_IDS = frozenset({"senders", "targets", "receptors", "ports"})  # columns of a table of events
_OURS = frozenset({_TIME, "neuron", "node", "recorder", "population", "senders"})  # they say what a table is


# -- what is not in the rows


def to_header(recording: Recording) -> dict[str, Any]:
    """What must be known of a recording beside its spikes and samples, for JSON.

    Parameters
    ----------
    recording : Recording
        The recording.

    Returns
    -------
    dict
        What `from_header` reads.
    """
    header: dict[str, Any] = {"name": recording.name, "resolution": recording.resolution}
    header["annotations"] = {key: _for_json(key, value) for key, value in recording.annotations.items()}
    spikes = recording.spikes
    if spikes is not None:
        header["spikes"] = {
            "start": spikes.start,
            "stop": spikes.stop,
            "neurons": [
                {"population": name, "recorder": recorder, "nodes": to_text(members)}
                for name, recorder, members in spikes.pools()
            ],
        }
    header["samples"] = [
        {
            "name": each.name,
            "unit": each.unit,
            "interval": each.interval,
            "nodes": to_text(each.channels),
            "columns": list(each.columns),
            "recorder": each.recorder,
        }
        for each in recording.samples
    ]
    return header


def check(recording: Recording) -> None:
    """Refuse a recording with names and units that a file cannot keep."""
    refuse_odd_texts((recording.name, *recording.annotations))
    refuse_odd_texts(dict.fromkeys(recording.spikes.populations if recording.spikes else ()))
    for each in recording.samples:
        refuse_odd_texts((each.name, *each.columns))
        if not known_unit(each.unit):
            raise BadValue(
                "this is no unit that a file can keep",
                where="save()",
                value=f"{each.unit!r} of '{each.name}'",
                allowed="products of units and of their powers, like 'mV' or 'pA/ms**2'",
                todo="Give it in another unit: signal.rescale('ms').",
            )


def _for_json(key: str, value: Any) -> Any:
    """An annotation that JSON can hold."""
    if hasattr(value, "dimensionality"):  # a quantity
        value = (value.magnitude.tolist(), value.dimensionality.string)
    value = value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
    try:
        if isinstance(value, dict) and value.keys() == {"value", "unit"}:
            raise TypeError  # that is what a quantity looks like
        if isinstance(value, tuple):
            if not known_unit(quantities_name(value[1])):
                raise ValueError
            value = {"value": value[0], "unit": value[1]}
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise BadValue(
            f"the annotation '{key}' cannot be written",
            where="save()",
            value=f"{value!r} ({type(value).__name__})",
            allowed="finite numbers, texts, lists of them and quantities in units like 'mV' or 'pA/ms**2'",
            todo="Leave it out, or write it as a text.",
        ) from None
    return value


class Header:
    """What a file says about its rows.

    Attributes
    ----------
    name : str
        Name of the recording.
    resolution : float, ms
        Time step, 0 if it is not known.
    annotations : dict
        By name, as in `Recording`.
    spikes : Spikes or None
        Without times and senders.
    samples : list of Samples
        Without times and values.
    """

    def __init__(self, content: Mapping[str, Any], place: str) -> None:
        self._place = place
        self.name = str(self._get(content, "name", str, ""))
        self.resolution = self._number(content, "resolution")
        notes = self._get(content, "annotations", dict, {})
        self.annotations = {key: self._annotation(key, value) for key, value in notes.items()}
        spikes = self._get(content, "spikes", dict, None)
        self.spikes = None if spikes is None else self._spikes(spikes)
        self.samples = [self._samples(each) for each in self._get(content, "samples", list, [])]

    def _get(self, content: Any, key: str, kind: Any, default: Any) -> Any:
        if not isinstance(content, Mapping):
            raise broken(
                "a part of a header is not an object", self._place, f"{content!r:.60}", '{"name": …}'
            )
        value = content.get(key, default)
        if value is not default and not isinstance(value, kind):
            raise broken(
                f"'{key}' of a header is of another type",
                self._place,
                f"{value!r:.60}",
                {str: "a text", dict: "an object", list: "a list"}.get(kind, "a number"),
            )
        return value

    def _number(self, content: Any, key: str) -> float:
        value = self._get(content, key, (int, float), 0.0)
        with suppress(OverflowError):
            if math.isfinite(value):
                return float(value)
        raise broken(f"'{key}' of a header is not finite", self._place, f"{value!r:.60}", "a finite number")

    def _recorder(self, content: Any) -> int:
        value: int = self._get(content, "recorder", int, 0)
        if not 0 <= value < 2**63:
            raise broken(
                "'recorder' of a header is no node", self._place, f"{value!r:.60}", "a node id, or 0"
            )
        return value

    def _annotation(self, key: str, value: Any) -> Any:
        """An annotation; one with a unit is a pair of both."""
        if not (isinstance(value, dict) and value.keys() == {"value", "unit"}):
            return value
        number = False
        with suppress(ValueError):  # lists in it of different lengths
            number = np.asarray(value["value"]).dtype.kind in "iuf"
        if not number or not isinstance(value["unit"], str) or not known_unit(quantities_name(value["unit"])):
            raise broken(
                f"the annotation '{key}' cannot be read",
                self._place,
                f"{value!s:.60}",
                "a number with its unit",
            )
        return (value["value"], value["unit"])

    def _nodes(self, content: Any) -> Ids:
        try:
            return from_text(content["nodes"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise broken(
                "'nodes' of a header cannot be read", self._place, f"{error}", "text like '1-8000,8005'"
            ) from None

    def _spikes(self, content: Mapping[str, Any]) -> Spikes:
        start, stop = (self._number(content, key) for key in ("start", "stop"))
        pools = self._get(content, "neurons", list, [])
        members = [self._nodes(pool) for pool in pools]
        ids = np.concatenate([*members, np.empty(0, dtype=np.int64)])
        if len(np.unique(ids)) < len(ids) or not start <= stop:
            raise broken(
                "'spikes' of a header contradicts itself",
                self._place,
                f"{len(ids)} neurons of which {len(np.unique(ids))} are different, {start:g} … {stop:g} ms",
                "each neuron once, and a start that is not after the stop",
            )
        sizes = [len(ids) for ids in members]
        rank = np.argsort(ids, kind="stable")
        owners = np.repeat([self._recorder(pool) for pool in pools], sizes)
        names = np.repeat(
            np.asarray([self._get(pool, "population", str, "") for pool in pools], dtype=object), sizes
        )
        known = tuple(names[rank]) if any(names) else ()
        none = np.empty(0)
        return Spikes(
            none,
            none.astype(np.int64),
            ids[rank],
            known,
            owners.astype(np.int64)[rank],
            start,
            stop,
        )

    def _samples(self, content: Mapping[str, Any]) -> Samples:
        unit = self._get(content, "unit", str, "dimensionless")
        columns = self._get(content, "columns", list, [])
        if not all(isinstance(column, str) for column in columns):
            raise broken("'columns' of a header are no names", self._place, f"{columns!r:.60}", "texts")
        if not known_unit(unit):
            raise broken("a unit of the header is not known", self._place, repr(unit), "a unit like 'mV'")
        return Samples(
            self._get(content, "name", str, ""),
            unit,
            np.empty((0, 0)),
            np.empty(0),
            self._number(content, "interval"),
            self._nodes(content),
            tuple(columns),
            self._recorder(content),
        )


def from_header(text: str | bytes, place: str) -> Header:
    """Read a header.

    Parameters
    ----------
    text : str
        JSON.
    place : str
        File and line, for messages.

    Returns
    -------
    Header
        What it says.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise broken("the header is not JSON", place, f"{error}", f"{_MARK}{{…}}") from None
    if not isinstance(content, dict):
        raise broken("the header is not an object", place, f"{content!r:.60}", f"{_MARK}{{…}}")
    return Header(content, place)


def broken(what: str, place: str, value: str, allowed: str) -> NESTError:
    """Say what is wrong with a file, and where in it."""
    return BadFile(
        what, value=f"{value} in {place}", allowed=allowed, todo="Correct it there, or write the file anew."
    )


# -- from a recording to columns


def _columns(recording: Recording) -> dict[str, Any]:
    """Arrays of the columns of a table, by their names."""
    samples = [each for each in recording.samples if not each.columns]
    events = [each for each in recording.samples if each.columns]
    kinds = {"spikes": recording.spikes is not None, "samples": bool(samples), "events": bool(events)}
    if sum(kinds.values()) > 1 or len(events) > 1:
        raise BadValue(
            "a table holds one kind of recording",
            where="save()",
            value=" and ".join(kind for kind, there in kinds.items() if there),
            allowed="spikes, samples of nodes, or the events of one weight recorder",
            todo="Give the recorders one by one, or choose .nix or .nwb, which hold all.",
        )
    if recording.spikes is not None:
        return _spike_columns(recording.spikes)
    return _event_columns(events[0]) if events else _sample_columns(samples)


def _spike_columns(spikes: Spikes) -> dict[str, Any]:
    columns: dict[str, Any] = {_TIME: spikes.times, "neuron": spikes.senders}
    if spikes.populations:
        import pyarrow as pa

        names = list(dict.fromkeys(spikes.populations))
        code = np.asarray([names.index(name) for name in spikes.populations], dtype=np.int32)
        place = np.searchsorted(spikes.neurons, spikes.senders)
        columns["population"] = pa.DictionaryArray.from_arrays(code[place], pa.array(names))
    return columns


def _event_columns(events: Samples) -> dict[str, Any]:
    strange = [
        f"'{name}'" if name not in _IDS else f"'{name}' of {column.dtype} with fractions"
        for name, column in zip(events.columns, events.values.T, strict=True)
        if name in _OURS - _IDS or events.columns.count(name) > 1 or name != name.strip()
        or (name in _IDS and not np.array_equal(column, np.rint(column)))
    ]  # fmt: skip
    if strange or "senders" not in events.columns:
        raise BadValue(
            "a table of events needs senders, and names that are not taken",
            where="save()",
            value=", ".join(strange or map(repr, events.columns)),
            allowed="a column 'senders' of whole numbers, and each name once",
            todo="Choose .nix or .nwb, or annotate the channels with channel_ids instead of channel_names.",
        )
    values = {
        name: column.astype(np.int64) if name in _IDS else column
        for name, column in zip(events.columns, events.values.T, strict=True)
    }
    return {_TIME: events.times, **values}


def _sample_columns(samples: Sequence[Samples]) -> dict[str, Any]:
    """A row for each time and node; quantities that were not recorded from a node are empty there."""
    import pyarrow as pa

    blocks: dict[tuple[int, bytes, bytes], dict[str, Samples]] = {}
    for each in samples:
        block = blocks.setdefault((each.recorder, each.channels.tobytes(), each.times.tobytes()), {})
        title = _title(each)
        if title in block:
            raise BadValue(
                "two signals of the same nodes have one name, which is the name of a column",
                where="save()",
                value=title,
                allowed="different names",
                todo="Rename one of the signals, or choose .nix or .nwb.",
            )
        block[title] = each
    titles = list(dict.fromkeys(title for block in blocks.values() for title in block))
    several = len({recorder for recorder, _, _ in blocks}) > 1
    rows: dict[str, list[Any]] = {name: [] for name in (_TIME, "node", *["recorder"] * several, *titles)}
    for (recorder, _, _), block in blocks.items():
        first = next(iter(block.values()))
        n_times, n_nodes = first.values.shape
        rows[_TIME].append(np.repeat(first.times, n_nodes))
        rows["node"].append(np.tile(first.channels, n_times))
        if several:
            rows["recorder"].append(np.full(n_times * n_nodes, recorder, dtype=np.int64))
        for title in titles:
            there = title in block
            rows[title].append(
                pa.array(block[title].values.ravel().astype(np.float64))
                if there
                else pa.nulls(n_times * n_nodes, pa.float64())
            )
    return {
        name: (pa.chunked_array(parts) if name in titles else np.concatenate(parts)) if parts else np.empty(0)
        for name, parts in rows.items()
    }


def _title(samples: Samples) -> str:
    """Name of a column from which name and unit of a signal can be told."""
    plain = [samples.name] if samples.unit == "dimensionless" else []
    for title in (*plain, f"{samples.name} ({samples.unit})"):
        if title not in _OURS and title == title.strip() and _parts(title) == (samples.name, samples.unit):
            return title
    raise BadValue(
        "a signal has a name that a column of a table cannot have",
        where="save()",
        value=f"{samples.name!r} in {samples.unit}",
        allowed=f"names without space around them; '{_TIME}' is taken",
        todo="Rename the signal, or choose .nix or .nwb.",
    )


def _table(recording: Recording) -> Any:
    """An Arrow table that knows its header."""
    import pyarrow as pa

    header = json.dumps(to_header(recording), ensure_ascii=False, allow_nan=False)
    return pa.table(_columns(recording)).replace_schema_metadata({"nest_lab": header})


def write_csv(recording: Recording, path: Path) -> None:
    """Write a table as text."""
    import pyarrow as pa
    from pyarrow import csv

    table = _table(recording)
    plain = pa.table(
        {
            name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )
    with path.open("wb") as file:
        file.write(_MARK.encode() + table.schema.metadata[b"nest_lab"] + b"\n")
        csv.write_csv(plain, file)


def write_parquet(recording: Recording, path: Path) -> None:
    """Write a table in binary."""
    from pyarrow import parquet

    parquet.write_table(_table(recording), path, compression="zstd")


# -- from a file to columns


def read_parquet(path: Path) -> Recording:
    """Read a table in binary."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise broken(
            "this is not a Parquet file", str(path), str(error).splitlines()[0], "a Parquet file"
        ) from None
    text = (table.schema.metadata or {}).get(b"nest_lab")
    header = from_header(text, f"{path}, metadata 'nest_lab'") if text is not None else None
    return _recording(table, header, _Rows(path, lambda row: f"row {row + 1}"))


def read_csv(path: Path) -> Recording:
    """Read a table that is text."""
    import pyarrow as pa
    from pyarrow import csv

    with path.open("rb") as file:
        marked = file.read(len(_MARK)) == _MARK.encode()
        header = from_header(file.readline(), f"{path}, line 1") if marked else None
    skipped = 0
    with path.open("rb") as file:
        for line in file:
            if not line.startswith(b"#"):
                break
            skipped += 1
    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(skip_rows=skipped),
            parse_options=csv.ParseOptions(newlines_in_values="population" in _titles(path, skipped)),
            convert_options=csv.ConvertOptions(
                column_types=_types(path, skipped), strings_can_be_null=False, null_values=[""]
            ),
        )
        table.column_names  # noqa: B018  (they are read as text now)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _bad_line(path, skipped, str(error)) from None
    return _recording(table, header, _Rows(path, lambda row: f"line {_line(path, skipped, row + 1)}"))


def _types(path: Path, skipped: int) -> dict[str, Any]:
    """Types of the columns that are known by their names; all others are numbers."""
    import pyarrow as pa

    titles = _titles(path, skipped)
    whole = {"neuron", "node", "recorder", *_IDS}
    return {
        title: pa.dictionary(pa.int32(), pa.string())
        if title == "population"
        else pa.int64()
        if title in whole
        else pa.float64()
        for title in titles
    }


def _titles(path: Path, skipped: int) -> list[str]:
    """Names of the columns."""
    _, titles = next(_lines(path, skipped), (0, []))
    if not titles:
        raise broken(
            "there is no table", f"{path}, line {skipped + 1}", "nothing", "a line with names of columns"
        )
    return [title.strip() for title in titles]


def _lines(path: Path, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Cells of each line after those that are skipped, and its number; empty lines are none."""
    import csv

    number = skipped + 1
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for _ in range(skipped):
            next(file)
        reader = csv.reader(file)
        try:
            for cells in reader:
                if cells:
                    yield number, cells
                number = skipped + 1 + reader.line_num  # a cell may have several lines
        except csv.Error as error:
            raise broken(
                "a line cannot be read", f"{path}, line {number}", str(error), "a CSV file in UTF-8"
            ) from None


def _line(path: Path, skipped: int, row: int) -> int:
    """Number of the line of a row, of which the first has the names of the columns."""
    return next(islice(_lines(path, skipped), row, None), (skipped + 1 + row, []))[0]


def _bad_line(path: Path, skipped: int, reason: str) -> NESTError:
    """Find the line that could not be read: slowly, since it is done once."""
    titles = _titles(path, skipped)
    whole = {title for title, kind in _types(path, skipped).items() if str(kind) == "int64"}
    for number, cells in islice(_lines(path, skipped), 1, None):
        place = f"{path}, line {number}"
        if len(cells) != len(titles):
            return broken(
                "a line has not as many cells as there are columns",
                place,
                f"{len(cells)} cells",
                f"{len(titles)}: {', '.join(titles)}",
            )
        for title, cell in zip(titles, cells, strict=True):
            kind = int if title in whole else float
            if title == "population" or (not cell and title not in whole):
                continue
            try:
                kind(cell)
            except ValueError:
                allowed = "a whole number" if kind is int else "a number"
                return broken("a cell is not a number", f"{place}, column '{title}'", repr(cell), allowed)
    return broken("the table cannot be read", str(path), reason, "a CSV file in UTF-8")


class _Rows:
    """Where a row of a table is in its file, of which `where` says the line."""

    def __init__(self, path: Path, where: Callable[[int], str]) -> None:
        self.path, self._where = path, where

    def place(self, row: int, column: str) -> str:
        return f"{self.path}, {self._where(row)}, column '{column}'"


def _recording(table: Any, header: Header | None, rows: _Rows) -> Recording:
    """A recording from the columns of a table."""
    columns = {name.strip(): column for name, column in zip(table.column_names, table.columns, strict=True)}
    if _TIME not in columns or len(columns) < len(table.column_names):
        raise broken(
            f"a table needs a column '{_TIME}', and each column once",
            str(rows.path),
            ", ".join(f"'{name}'" for name in table.column_names),
            f"'{_TIME}' and 'neuron', or '{_TIME}', 'node' and quantities",
        )
    times = _numbers(columns, _TIME, rows)
    about = header or Header({}, str(rows.path))
    if "neuron" in columns:
        spikes, samples = _spikes(times, columns, about, rows), []
    elif "senders" in columns:
        spikes, samples = None, [_events(times, columns, about, rows)]
    elif "node" in columns:
        spikes, samples = None, list(_samples(times, columns, about, rows))
    else:
        raise broken(
            "a table needs a column that says whose the rows are",
            str(rows.path),
            ", ".join(f"'{name}'" for name in columns),
            "'neuron' for spikes, 'node' for samples, 'senders' for events",
        )
    return Recording(about.name, about.annotations, spikes, samples, about.resolution)


def _numbers(
    columns: Mapping[str, Any], name: str, rows: _Rows, *, whole: bool = False, finite: bool = True
) -> NDArray[Any]:
    """A column without gaps, of numbers that may have to be whole or finite."""
    import pyarrow as pa

    column = columns[name]
    kind = column.type
    fits = pa.types.is_integer(kind) or (not whole and pa.types.is_floating(kind)) or pa.types.is_null(kind)
    if not fits and len(column):
        raise broken(
            "a column is not of numbers",
            rows.place(0, name),
            str(kind),
            "whole numbers" if whole else "numbers",
        )
    if column.null_count:
        row = int(np.flatnonzero(np.asarray(column.is_null()))[0])
        raise broken("a cell is empty", rows.place(row, name), "nothing", "a number")
    values: NDArray[Any] = column.to_numpy().astype(np.int64 if whole else np.float64)
    wrong = np.flatnonzero(~np.isfinite(values))
    if finite and len(wrong):
        raise broken(
            "a number is not finite",
            rows.place(int(wrong[0]), name),
            f"{values[wrong[0]]}",
            "a finite number",
        )
    return values


def _spikes(times: Floats, columns: Mapping[str, Any], about: Header, rows: _Rows) -> Spikes:
    """Spikes of a table; without a header only those neurons are known that fired."""
    senders = _numbers(columns, "neuron", rows, whole=True)
    known = about.spikes
    if known is None:
        neurons, first = np.unique(senders, return_index=True)
        named = columns["population"].to_numpy()[first] if "population" in columns else ()
        stop = float(times.max(initial=0.0))
        owners = np.zeros(len(neurons), dtype=np.int64)
        known = Spikes(
            times, senders, neurons, tuple(map(str, named)), owners, min(0.0, times.min(initial=0.0)), stop
        )
    strange = np.flatnonzero(~np.isin(senders, known.neurons))
    if len(strange):
        row = int(strange[0])
        raise broken(
            "a neuron is not one of those that the header names",
            rows.place(row, "neuron"),
            f"{senders[row]}",
            to_text(known.neurons),
        )
    outside = np.flatnonzero((times < known.start) | (times > known.stop))
    if len(outside):
        row = int(outside[0])
        raise broken(
            "a spike lies outside of the recorded time",
            rows.place(row, _TIME),
            f"{times[row]}",
            f"{known.start:g} … {known.stop:g} ms",
        )
    order = slice(None) if bool((np.diff(times) >= 0.0).all()) else np.argsort(times, kind="stable")
    return Spikes(
        times[order],
        senders[order],
        known.neurons,
        known.populations,
        known.recorders,
        known.start,
        known.stop,
    )


def _events(times: Floats, columns: Mapping[str, Any], about: Header, rows: _Rows) -> Samples:
    """Events of a table."""
    names = tuple(name for name in columns if name != _TIME)
    values = np.stack(
        [_numbers(columns, name, rows, finite=name in _IDS).astype(np.float64) for name in names], axis=1
    )
    order = np.argsort(times, kind="stable")
    known = about.samples[0] if about.samples else None
    return Samples(
        known.name if known else "events",
        known.unit if known else "dimensionless",
        values[order],
        times[order],
        0.0,
        np.empty(0, dtype=np.int64),
        names,
        known.recorder if known else 0,
    )


def _samples(times: Floats, columns: Mapping[str, Any], about: Header, rows: _Rows) -> Iterator[Samples]:
    """Signals of a table, in the groups that the header names."""
    nodes = _numbers(columns, "node", rows, whole=True)
    owners = _numbers(columns, "recorder", rows, whole=True) if "recorder" in columns else None
    quantities = [name for name in columns if name not in (_TIME, "node", "recorder", "population")]
    units = {name: _unit(name, rows) for name in quantities}
    known = about.samples or [
        Samples(*units[name], np.empty((0, 0)), np.empty(0), -1.0, np.unique(nodes)) for name in quantities
    ]
    for each in known:
        title = next((name for name in quantities if units[name] == (each.name, each.unit)), None)
        if title is None:
            raise broken(
                "the header names a quantity that has no column",
                str(rows.path),
                f"{each.name} ({each.unit})",
                ", ".join(f"'{name}'" for name in quantities) or "no quantity",
            )
        values = columns[title].to_numpy().astype(np.float64)
        there = np.isin(nodes, each.channels) & ~np.asarray(columns[title].is_null())
        if owners is not None and each.recorder:
            there &= owners == each.recorder
        chosen = np.flatnonzero(there)
        for members, when, which in grouped(times[chosen], nodes[chosen]):
            steps = np.diff(when)
            if len(steps) and not steps.min() > 0.0:
                row = int(chosen[which[int(np.argmin(steps)) + 1, 0]])
                raise broken(
                    "a node has two samples at one time",
                    rows.place(row, _TIME),
                    f"{when[np.argmin(steps)]}",
                    "one",
                )
            interval = float(np.median(steps)) if each.interval < 0.0 and len(steps) else each.interval
            yield Samples(
                each.name,
                each.unit,
                values[chosen][which],
                when,
                regular(when, interval),
                members,
                recorder=each.recorder,
            )


def _unit(title: str, rows: _Rows) -> tuple[str, str]:
    """Name and unit of a quantity from the name of its column."""
    name, unit = _parts(title)
    if not known_unit(unit):
        raise broken(
            "the unit of a column is not known",
            f"{rows.path}, column '{title}'",
            repr(unit),
            "a unit in parentheses, like (mV), (pA), (nS) or (ms)",
        )
    return name, unit


def _parts(title: str) -> tuple[str, str]:
    """The name of a column without the unit, and the unit."""
    found = _COLUMN.fullmatch(title)
    return (found["name"], found["unit"] or "dimensionless") if found else (title, "dimensionless")
