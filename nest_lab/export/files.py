"""`save` and `load`: one function each for all formats, which the suffix of the file chooses."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nest_lab.errors import (
    BadFile,
    BadType,
    BadValue,
    CannotWrite,
    MissingFile,
    MissingPackage,
    NESTError,
    UnknownName,
)
from nest_lab.export import figures, neo, nix, nwb, sonata, tables
from nest_lab.export.recording import Recording, record

if TYPE_CHECKING:
    from neo import Block

__all__ = ["load", "save"]


class _Format(NamedTuple):
    """How files with a suffix are written and read, and the packages that this needs."""

    write: Callable[[Recording, Path], None]
    read: Callable[[Path], Recording]
    packages: tuple[str, ...]


_TABLES = ("pyarrow",)
_FORMATS = {
    ".csv": _Format(tables.write_csv, tables.read_csv, _TABLES),
    ".parquet": _Format(tables.write_parquet, tables.read_parquet, _TABLES),
    ".nwb": _Format(nwb.write, nwb.read, ("pynwb",)),
    ".h5": _Format(sonata.write, sonata.read, ("h5py",)),
}


def save(path: str | os.PathLike[str], data: Any = None, **arguments: Any) -> Path:
    """Write what was recorded, or a figure, to a file; its suffix chooses the format.

    ============  =====================================================================================
    suffix        what it holds
    ============  =====================================================================================
    ``.nix``      everything that a Neo block holds
    ``.nwb``      spike trains and signals, for the tools of Neurodata Without Borders
    ``.csv``      a table of spikes, of samples or of events, with a line of comment that says the rest
    ``.parquet``  the same table in binary, in an eighth of the space
    ``.h5``       spikes by population, as SONATA has them
    ``.png``      a figure of 150 pixels per inch
    ``.svg``      a figure of lines
    ``.pdf``      a figure for a publication
    ============  =====================================================================================

    Parameters
    ----------
    path : path
        The file. One that exists is replaced when the new one is complete; when something fails it stays.
    data : neo.Block, what `to_neo` takes, or a figure, optional
        What to write; without it, what all recorders of the current simulation hold. A figure is a
        ``matplotlib`` figure, axes, a result of `nest_lab.analysis` (anything that has ``plot(ax)``), or a
        function that draws onto an empty figure, as those in ``results().figures`` of a network of the
        gallery.
    **arguments
        As for `to_neo`, if there is no block yet. For ``.nix`` also ``pooled`` (bool): whether to write one
        train for all neurons of a population, with the neuron of each spike beside it, since single trains
        take 10 ms and 20 kB each in such a file. When not given, more than 200 trains are pooled. For figures
        ``width`` and ``height`` (inches) and, of ``.png``, ``dpi``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UnknownName
        If there is no such format.
    BadType, BadValue
        If the file cannot hold this.
    MissingFile
        If there is no such folder.
    MissingPackage
        If the package for this format is not installed.
    CannotWrite
        If the folder or the disk does not take the file; it is an `OSError`, too.

    Examples
    --------
    >>> import tempfile, nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons, recorder = nest.Create("iaf_psc_alpha", 2, {"I_e": 400.0}), nest.Create("spike_recorder")
    >>> nest.Connect(neurons, recorder)
    >>> nest.Simulate(100.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(f"{folder}/spikes.csv", recorder)
    ...     lines, block = path.read_text().splitlines(), load(path)
    >>> lines[1:3], len(block.segments[0].spiketrains)
    (['"time (ms)","neuron"', '27.8,1'], 2)
    """
    file = _path(path, "save()")
    suffix = _suffix(file, "save()", {*_FORMATS, ".nix", *figures.SUFFIXES})
    if not os.path.isdir(file.parent):  # unlike those of a Path it takes names of any length
        raise MissingFile(
            "there is no such folder",
            where="save()",
            value=repr(str(file.parent)),
            allowed="a folder that exists",
            todo="Make it first: pathlib.Path(…).mkdir(parents=True).",
        )
    if os.path.isdir(file):
        raise BadValue(
            "a folder is not replaced by a file",
            where="save()",
            value=repr(str(file)),
            allowed="the path of a file",
            todo="Choose another name.",
        )
    write = _writer(suffix, data, arguments)
    try:
        with _beside(Path(os.path.realpath(file))) as half:
            write(half)
    except OSError as error:
        raise _cannot_write(error, file) from error
    return file


def _cannot_write(error: OSError, file: Path) -> NESTError:
    """Say what the folder or the disk has against a file."""
    refused = CannotWrite(
        f"the file cannot be written: {error.strerror or error}",
        where="save()",
        value=repr(str(file)),
        allowed="a folder that can be written to, on a disk with room",
        todo="Make room, or choose another folder. An earlier file of this name is as it was.",
    )
    refused.errno, refused.strerror = error.errno, error.strerror  # type: ignore[attr-defined]
    return refused


def _writer(suffix: str, data: Any, arguments: dict[str, Any]) -> Callable[[Path], None]:
    """Prepare what is written, so that what is wrong with it is said before there is a file."""
    if suffix in figures.SUFFIXES:
        return figures.writer(data, **arguments)
    _need(suffix, ("neo", "nixio") if suffix == ".nix" else _FORMATS[suffix].packages, "save()")
    pooled = arguments.pop("pooled", None)
    finished = neo.given_block(data)
    if (pooled is not None and suffix != ".nix") or (finished and arguments):
        raise BadType(
            "an argument has nothing to do here",
            where="save()",
            value=", ".join(arguments) or "pooled",
            allowed="nothing else for a neo.Block, pooled for a .nix file",
            todo="Leave it out; a block is annotated by block.annotate(…).",
        )
    if not finished:
        known = {key: arguments.pop(key) for key in ("name", "populations") if key in arguments}
        recording = record(data, **known, annotations=arguments)
    if suffix == ".nix":
        block = data if finished else neo.make_block(recording)
        nix.check(block)
        return _said(lambda half: nix.write(block, half, pooled))
    if finished:
        recording = neo.from_block(data, "save()")
    tables.check(recording)
    return _said(lambda half: _FORMATS[suffix].write(recording, half))


def _said(write: Callable[[Path], None]) -> Callable[[Path], None]:
    """Say in our words what a package that writes a format has against what it is given."""

    def writing(half: Path) -> None:
        try:
            write(half)
        except (NESTError, OSError):
            raise
        except (ValueError, TypeError, LookupError, RuntimeError, OverflowError) as error:
            raise BadValue(
                f"a {half.suffix.lower()} file cannot hold this",
                where="save()",
                value=f"{type(error).__name__}: {error}",
                allowed="what to_neo() makes of recorders",
                todo="Choose another format, or leave out what is named here.",
            ) from error

    return writing


def load(path: str | os.PathLike[str]) -> Block:
    """Read a file that `save` wrote, or another one of the same format.

    Parameters
    ----------
    path : path
        A ``.nix``, ``.nwb``, ``.csv``, ``.parquet`` or ``.h5`` file.

    Returns
    -------
    neo.Block
        As `to_neo` makes it.

    Raises
    ------
    MissingFile
        If there is no such file.
    UnknownName
        If there is no such format.
    BadFile
        If something in the file is wrong; the text says where.
    MissingPackage
        If the package for this format is not installed.
    """
    file = _path(path, "load()")
    suffix = _suffix(file, "load()", {*_FORMATS, ".nix"})
    if not os.path.isfile(file):
        raise MissingFile(
            "there is no such file",
            where="load()",
            value=repr(str(file)),
            allowed="the path of a file",
            todo="Check the path and the folder you are in.",
        )
    _need(suffix, ("neo", "nixio") if suffix == ".nix" else ("neo", *_FORMATS[suffix].packages), "load()")
    try:
        if suffix == ".nix":
            return nix.read(file)
        return neo.make_block(_FORMATS[suffix].read(file))
    except BadFile as error:
        error.where = "load()"
        raise


def _path(path: Any, where: str) -> Path:
    """The path that was given."""
    if isinstance(path, (str, os.PathLike)) and isinstance(text := os.fspath(path), str) and "\0" not in text:
        return Path(text)
    raise BadType(
        "this is no path of a file",
        where=where,
        value=f"{path!r} ({type(path).__name__})",
        allowed="a text or a pathlib.Path",
        todo="Give the path of the file, e.g. 'spikes.csv'.",
    )


def _suffix(file: Path, where: str, known: set[str]) -> str:
    """Suffix of a file, in small letters."""
    suffix = file.suffix.lower()
    if suffix not in known:
        raise UnknownName(
            "the suffix of a file chooses its format, and there is none for this one",
            where=where,
            value=repr(file.name),
            allowed=", ".join(sorted(known)),
            todo="Give the file one of these.",
            wrong=suffix,
        )
    return suffix


def _need(suffix: str, packages: tuple[str, ...], where: str) -> None:
    """Say what is not installed."""
    from importlib.util import find_spec

    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise MissingPackage(
            f"{suffix} files need the package {missing[0]}",
            where=where,
            value=f"{missing[0]} is not installed",
            allowed="an environment with nest-lab[lab]",
            todo=f"Install it: pip install {missing[0]}.",
        )


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file to write, which replaces another one when it is complete."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".nest-lab-") as folder:
        half = Path(folder) / path.name
        yield half
        if path.exists():
            shutil.copymode(path, half)
        with half.open("rb+") as written:
            os.fsync(written.fileno())  # a file that is complete must also be on the disk
        half.replace(path)
