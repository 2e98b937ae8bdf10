"""The files of a SONATA network: configurations, tables of types, nodes, edges, and spikes of virtual nodes.

The format is described by Dai et al. (2020), doi:10.1371/journal.pcbi.1007696. Whatever is wrong with a
file is said
with the file, the field in it, and the line or row.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nest_lab import errors

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Edges",
    "Population",
    "Row",
    "broken",
    "need_h5py",
    "read_config",
    "read_edges",
    "read_nodes",
    "read_parameters",
    "read_spikes",
    "read_types",
]

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_IS_PATH = re.compile(r"\w+_(?:file|dir)|network")  # keys of a configuration whose values are paths


class Row(NamedTuple):
    """One line of a table of types.

    Attributes
    ----------
    cells : dict of str to str
        By the names of the columns, without those that are empty or NULL.
    place : str
        File and line, for messages.
    """

    cells: dict[str, str]
    place: str


class Population(NamedTuple):
    """Nodes of a population.

    Attributes
    ----------
    name : str
        Its name.
    types : ndarray of int
        Type of each node, by its id in the file.
    place : str
        File and group, for messages.
    """

    name: str
    types: NDArray[np.int64]
    place: str


class Edges(NamedTuple):
    """Edges of one population and one type, from one stretch of a file.

    Attributes
    ----------
    type : int
        Their type.
    ends : tuple of str
        Populations of the sources and of the targets.
    sources, targets : ndarray of int
        Ids of the nodes in the file, from 0 on.
    values : dict of str to ndarray
        What is stored for each edge: ``weight``, ``delay`` (ms), or nothing.
    place : str
        File and group, for messages.
    """

    type: int
    ends: tuple[str, str]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]
    place: str


def broken(
    what: str,
    place: Any,
    *,
    value: str,
    allowed: str = "",
    todo: str,
    wrong: str = "",
    candidates: Iterable[str] = (),
) -> errors.NESTError:
    """Say what is wrong with a file, and where in it."""
    return errors.BadFile(
        what, value=f"{value} in {place}", allowed=allowed, todo=todo, wrong=wrong, candidates=candidates
    )


def _existing(path: Any, what: str) -> Path:
    file = Path(path)
    if file.is_file():
        return file
    raise errors.MissingFile(
        f"there is no such file of {what}",
        value=repr(str(file)),
        allowed="the path of a file",
        todo="Check the path, and the variables of the manifest that it is made of.",
    )


# -- configurations, which are JSON


def _read_json(path: Any, what: str) -> tuple[Path, dict[str, Any]]:
    file = _existing(path, what)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        at = f", line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise broken(
            f"a file of {what} is not JSON",
            f"{file}{at}",
            value=error.msg if isinstance(error, json.JSONDecodeError) else error.reason,
            allowed="JSON",
            todo="Correct the file there.",
        ) from None
    if not isinstance(content, dict):
        raise broken(
            f"a file of {what} must hold an object",
            file,
            value=type(content).__name__,
            allowed="names and values between braces",
            todo="Correct the file.",
        )
    return file, content


def read_parameters(path: Any, what: str) -> dict[str, Any]:
    """Read the values of parameters by name."""
    return _read_json(path, what)[1]


def read_config(path: Any) -> dict[str, Any]:
    """Read a configuration, with the variables of its manifest put in.

    Where it names that of a circuit, that is read too. Paths that are not absolute start at the folder of the
    file.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise errors.BadType(
            "the configuration must be given by its path",
            value=f"{path!r} ({type(path).__name__})",
            allowed="a path",
            todo="Give the path of the JSON file.",
        )
    file, raw = _read_json(path, "configuration")
    config: dict[str, Any] = _put_in(raw, _Variables(raw.get("manifest", {}), file), "")
    if isinstance(config.get("network"), str) and "networks" not in config:
        config = read_config(config["network"]) | config
    return config


class _Variables:
    """Values of the variables of a manifest, which may stand on each other."""

    def __init__(self, manifest: Any, file: Path) -> None:
        if not isinstance(manifest, dict):
            raise broken(
                "the manifest must be an object",
                f"{file}, 'manifest'",
                value=type(manifest).__name__,
                allowed="variables and their values",
                todo="Correct the file.",
            )
        self.file, self.folder = file, str(file.resolve().parent)
        self._said = {name.strip("${}"): value for name, value in manifest.items()}
        self._known = {"configdir": self.folder}

    def value(self, name: str, asked: tuple[str, ...] = ()) -> str:
        if name not in self._known:
            said = self._said.get(name)
            if not isinstance(said, str) or name in asked:
                raise broken(
                    "a variable stands on itself"
                    if name in asked
                    else "the manifest has no variable of this name",
                    f"{self.file}, 'manifest'",
                    value=f"'${name}'",
                    wrong=f"${name}",
                    candidates=[]
                    if name in asked
                    else [f"${known}" for known in {**self._said, **self._known}],
                    todo="Break the circle." if name in asked else "Define it in the manifest.",
                )
            self._known[name] = self.path(self.filled(said, (*asked, name)))
        return self._known[name]

    def filled(self, text: str, asked: tuple[str, ...] = ()) -> str:
        return _VARIABLE.sub(lambda found: self.value(found[1] or found[2], asked), text)

    def path(self, text: str) -> str:
        return os.path.normpath(os.path.join(self.folder, text))


def _put_in(value: Any, variables: _Variables, name: str) -> Any:
    """A part of a configuration with its variables and paths worked out."""
    if isinstance(value, dict):
        return {key: _put_in(each, variables, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_put_in(each, variables, name) for each in value]
    if isinstance(value, str) and value.startswith("$"):
        return os.path.normpath(variables.filled(value))
    if isinstance(value, str) and _IS_PATH.fullmatch(name) and Path(variables.path(value)).exists():
        return variables.path(value)
    return value


# -- tables of types, which are text in columns


def read_types(path: Any, key: str) -> dict[int, Row]:
    """Read a table of types by the number of the type, which stands in the column `key`."""
    import csv

    file = _existing(path, "types")
    rows: dict[int, Row] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(
            (line.strip().replace("\t", " ") for line in lines), delimiter=" ", skipinitialspace=True
        )
        names: list[str] = []
        for cells in reader:
            place = f"{file}, line {reader.line_num}"
            if not cells:
                continue
            if not names:
                names = cells
                require(names, key, place, "a table of types", "column")
                continue
            if len(cells) != len(names):
                raise broken(
                    "a line of a table has another number of columns than its first one",
                    place,
                    value=f"{len(cells)} columns",
                    allowed=f"{len(names)} columns: {', '.join(names)}",
                    todo="Write NULL for what is empty, and put texts with spaces in double quotes.",
                )
            said = {
                name: cell for name, cell in zip(names, cells, strict=True) if cell not in ("", "NULL", "NaN")
            }
            number = _whole(said.get(key, "NULL"), key, place)
            if number in rows:
                raise broken(
                    "a table has a type twice",
                    place,
                    value=f"{key} {number}, also in {rows[number].place}",
                    allowed="each type once",
                    todo="Remove one of the lines.",
                )
            rows[number] = Row(said, place)
    if not rows:
        raise broken(
            "a table of types is empty", file, value="0 types", allowed="1 or more", todo="Add its lines."
        )
    return rows


def _whole(text: str, name: str, place: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise broken(
            f"{name} must be a whole number",
            place,
            value=repr(text),
            allowed="0, 1, …",
            todo="Correct the line.",
        ) from None


def require(names: Iterable[str], name: str, place: Any, what: str, part: str) -> None:
    """Refuse what does not have a part of this name."""
    names = list(names)
    if name not in names:
        raise broken(
            f"{what} has no {part} '{name}'",
            place,
            value=", ".join(map(repr, names)) or "nothing",
            allowed=f"at least '{name}'",
            todo=f"Add the {part}.",
        )


# -- nodes, edges and spikes, which are HDF5


def need_h5py() -> Any:
    """Return the package that reads HDF5."""
    try:
        import h5py
    except ImportError:
        raise errors.MissingPackage(
            "SONATA networks need the package h5py",
            value="h5py is not installed",
            allowed="h5py 3 or newer",
            todo="Install it: pip install h5py.",
        ) from None
    return h5py


@contextmanager
def _opened(path: Any, what: str, group: str) -> Iterator[tuple[Path, Any]]:
    """Open a file, and its outermost group."""
    file = _existing(path, what)
    try:
        opened = need_h5py().File(file, "r")
    except OSError as error:
        raise broken(
            f"a file of {what} cannot be read as HDF5",
            file,
            value=str(error),
            allowed="HDF5",
            todo="Check that it is whole: a file of a large repository may be a mere pointer.",
        ) from None
    with opened:
        require(opened, group, file, f"a file of {what}", "group")
        yield file, opened[group]


def _dataset(group: Any, name: str, place: str, kinds: str) -> Any:
    """A column of numbers of a group."""
    require(group, name, place, "a group", "dataset")
    found = group[name]
    if getattr(found, "ndim", 0) != 1 or found.dtype.kind not in kinds:
        raise broken(
            f"'{name}' must be a column of {'numbers' if 'f' in kinds else 'whole numbers'}",
            place,
            value=f"{getattr(found, 'dtype', 'a group')} of shape {getattr(found, 'shape', ())}",
            allowed="a dataset of one dimension",
            todo="Write the file anew.",
        )
    return found


def read_nodes(path: Any) -> list[Population]:
    """Read the populations of a file of nodes."""
    populations = []
    with _opened(path, "nodes", "nodes") as (file, root):
        for name, group in root.items():
            place = f"{file}, /nodes/{name}"
            types = _dataset(group, "node_type_id", place, "iu")[:].astype(np.int64)
            if "node_id" in group:
                ids = _dataset(group, "node_id", place, "iu")[:].astype(np.int64)
                if not np.array_equal(np.sort(ids), np.arange(len(types))):
                    raise broken(
                        "the ids of nodes must be all from 0 on, each once",
                        f"{place}/node_id",
                        value=f"{len(ids)} ids for {len(types)} nodes"
                        + (f", from {ids.min()}" if len(ids) else ""),
                        allowed=f"0 … {len(types) - 1}",
                        todo="Number the nodes anew.",
                    )
                types = types[np.argsort(ids)]
            populations.append(Population(name, types, place))
    return populations


_SPIKES = ("node_ids", "gids")


def read_spikes(path: Any, population: str, size: int) -> list[NDArray[np.float64]]:
    """Read the times of the spikes (ms) of each node of a population, in order."""
    with _opened(path, "spikes", "spikes") as (file, root):
        place = f"{file}, /spikes"
        group = root
        if not any(name in root for name in (*_SPIKES, "timestamps")):
            require(root, population, place, "a file of spikes", "group")
            group, place = root[population], f"{place}/{population}"
        name = next((each for each in _SPIKES if each in group), _SPIKES[0])
        ids = _dataset(group, name, place, "iu")[:].astype(np.int64)
        times = _dataset(group, "timestamps", place, "iuf")[:].astype(float)
    if len(ids) != len(times):
        raise broken(
            f"'{name}' and 'timestamps' must have the same length",
            place,
            value=f"{len(ids)} and {len(times)}",
            allowed="one id for each time",
            todo="Write the file anew.",
        )
    _refuse_outside(ids, size, f"{place}/{name}", population)
    order = np.lexsort((times, ids))
    return np.split(times[order], np.searchsorted(ids[order], np.arange(1, size)))


def _refuse_outside(ids: NDArray[np.int64], size: int, place: str, population: str, first: int = 0) -> None:
    wrong = np.flatnonzero((ids < 0) | (ids >= size))
    if len(wrong):
        raise broken(
            f"the population '{population}' has no such node",
            f"{place}, row {first + int(wrong[0])}",
            value=str(int(ids[wrong[0]])),
            allowed=f"0 … {size - 1}",
            todo="Check that the files belong together.",
        )


def read_edges(path: Any, sizes: Mapping[str, int], block: int) -> Iterator[Edges]:
    """Read the edges of a file, so many rows at a time, and sort those by their types."""
    with _opened(path, "edges", "edges") as (file, root):
        for name, group in root.items():
            place = f"{file}, /edges/{name}"
            ends = (_end(group, "source", place, sizes), _end(group, "target", place, sizes))
            columns = {
                each: _dataset(group, each, place, "iu")
                for each in (
                    "source_node_id",
                    "target_node_id",
                    "edge_type_id",
                    "edge_group_id",
                    "edge_group_index",
                )
            }
            lengths = {each: len(column) for each, column in columns.items()}
            if len(set(lengths.values())) > 1:
                raise broken(
                    "the columns of edges must have the same length",
                    place,
                    value=", ".join(f"{each} {length}" for each, length in lengths.items()),
                    allowed="one row for each edge",
                    todo="Write the file anew.",
                )
            for first in range(0, lengths["edge_type_id"], block):
                rows = {
                    each: column[first : first + block].astype(np.int64) for each, column in columns.items()
                }
                for end, population in zip(("source", "target"), ends, strict=True):
                    _refuse_outside(
                        rows[f"{end}_node_id"], sizes[population], f"{place}/{end}_node_id", population, first
                    )
                yield from _by_type(rows, _values(group, rows, place), ends, place)


def _end(group: Any, end: str, place: str, sizes: Mapping[str, int]) -> str:
    """Population at one end of edges, which is an attribute of the column of ids."""
    column = _dataset(group, f"{end}_node_id", place, "iu")
    place = f"{place}/{end}_node_id"
    require(column.attrs, "node_population", place, "a column of nodes", "attribute")
    said = column.attrs["node_population"]
    name = said.decode() if isinstance(said, bytes) else str(said)
    if name not in sizes:
        raise broken(
            "edges name a population that no file of nodes has",
            place,
            value=repr(name),
            wrong=name,
            candidates=sorted(sizes),
            todo="Add its file of nodes to the configuration.",
        )
    return name


_STORED = {"weight": "syn_weight", "delay": "delay"}


def _values(group: Any, rows: dict[str, NDArray[np.int64]], place: str) -> dict[str, NDArray[np.float64]]:
    """Weights and delays of edges, nan where none is stored for an edge."""
    values: dict[str, NDArray[np.float64]] = {}
    for number in np.unique(rows["edge_group_id"]).tolist():
        require(group, str(number), place, "a population of edges", "group")
        part, mine = group[str(number)], np.flatnonzero(rows["edge_group_id"] == number)
        index = rows["edge_group_index"][mine]
        for name, stored in _STORED.items():
            if stored not in part:
                continue
            column = _dataset(part, stored, f"{place}/{number}", "iuf")
            _refuse_rows(index, len(column), f"{place}/edge_group_index", f"{number}/{stored}")
            low = int(index.min())
            read = column[low : int(index.max()) + 1].astype(float)
            values.setdefault(name, np.full(len(rows["edge_group_id"]), np.nan))[mine] = read[index - low]
    return values


def _refuse_rows(index: NDArray[np.int64], size: int, place: str, what: str) -> None:
    if index.min() < 0 or index.max() >= size:
        raise broken(
            f"'{what}' has no such row",
            place,
            value=str(int(index.min() if index.min() < 0 else index.max())),
            allowed=f"0 … {size - 1}",
            todo="Write the file anew.",
        )


def _by_type(
    rows: dict[str, NDArray[np.int64]],
    values: dict[str, NDArray[np.float64]],
    ends: tuple[str, str],
    place: str,
) -> Iterator[Edges]:
    """Rows in groups of one type and of the same kinds of stored values, each in the order of the file."""
    sources, targets = rows["source_node_id"], rows["target_node_id"]
    for number in np.unique(rows["edge_type_id"]).tolist():
        mine = np.flatnonzero(rows["edge_type_id"] == number)
        kinds = sum(np.isnan(column[mine]) << i for i, column in enumerate(values.values()))
        for kind in np.unique(kinds).tolist() if values else [None]:
            part = mine if kind is None else mine[kinds == kind]
            stored = {name: column[part] for name, column in values.items() if not np.isnan(column[part[0]])}
            yield Edges(number, ends, sources[part], targets[part], stored, place)
