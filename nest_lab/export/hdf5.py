"""HDF5 files are made in memory, and written when they are complete.

The library cannot let go of a file that the disk does not take: it tries again with each further file, and in
the end it breaks down with the whole process. Here a full disk is an error like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import local
from typing import Any

__all__ = ["in_memory", "new", "write"]

_here = local()


def new(path: Path) -> Any:
    """Make a file in memory, an ``h5py.File``; the path is its name only."""
    import h5py

    return h5py.File(path, "w", driver="core", backing_store=False)


@contextmanager
def in_memory() -> Iterator[None]:
    """Have ``nixio`` make its next file in memory; it offers no choice of the driver."""
    import nixio.file

    if not hasattr(nixio.file.make_fapl, "theirs"):
        nixio.file.make_fapl = _chosen(nixio.file.make_fapl)
    _here.wanted = True
    try:
        yield
    finally:
        _here.wanted = False


def _chosen(make: Any) -> Any:
    """What chooses a driver, for the thread that asks for it only."""

    def made() -> Any:
        properties = make()
        if getattr(_here, "wanted", False):
            properties.set_fapl_core(backing_store=False)
        return properties

    made.theirs = make  # type: ignore[attr-defined]
    return made


def write(file: Any, path: Path) -> None:
    """Write a file that is in memory to the disk."""
    file.flush()
    path.write_bytes(file.id.get_file_image())
