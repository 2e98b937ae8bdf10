"""Where events of recorders go that do not stay in memory: one file of this folder for each place.

The kernel keeps what a recorder gets until it was written, so that a full disk loses nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nest_lab.simulation import Network

__all__ = ["Stream", "Streams", "Table"]


class Table:
    r"""Events as rows of numbers, with the names that the reference gives to the columns.

    Parameters
    ----------
    events : dict of str to ndarray
        What the kernel has of a recorder.
    precision : int
        Digits after the point of numbers that are not whole.

    Examples
    --------
    >>> table = Table({"senders": np.array([7]), "times": np.array([1.5])}, precision=3)
    >>> table.head, table.text()
    ('sender\ttime_ms', '7\t1.500\n')
    """

    def __init__(self, events: dict[str, NDArray[Any]], precision: int) -> None:
        steps = "offsets" in events
        names = {
            "senders": "sender",
            "times": "time_step" if steps else "time_ms",
            "offsets": "time_offset",
        }
        order = ["senders", "times"] + (["offsets"] if steps else [])
        order += [name for name in events if name not in order]
        self.head = "\t".join(names.get(name, name) for name in order)
        self._columns = [events[name] for name in order]
        self._row = "\t".join(
            "%d" if np.issubdtype(column.dtype, np.integer) else f"%.{precision}f" for column in self._columns
        )

    def text(self) -> str:
        """The rows, each with its end of line."""
        row = self._row + "\n"
        return "".join(row % values for values in zip(*(c.tolist() for c in self._columns), strict=True))


class Stream(Protocol):
    """The way of one recorder's events to one place: the class of this name in a file of this folder."""

    def open(self, status: dict[str, Any]) -> None:
        """Get ready for a run, or raise what stands against it; called before each run."""

    def write(self, table: Table) -> None:
        """Write all rows, or none and raise why not."""


class Streams:
    """All recorders of a network whose events do not stay in memory.

    Parameters
    ----------
    network : Network
        Where they are.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._streams: dict[tuple[int, str], Stream] = {}

    def open(self) -> None:
        """Get ready for a run, or raise what stands against it before anything has run."""
        kernel = self._network.kernel
        settings = self._network.simulation.settings
        for node in kernel.streaming():
            status = self._status(node)
            key = node, status["record_to"]
            if key not in self._streams:
                place = import_module(f"nest_lab.recording.{status['record_to']}")
                self._streams[key] = place.Stream()
            self._streams[key].open(status | {"overwrite": settings.get("overwrite_files", False)})

    def write(self, last: bool = False) -> None:
        """Write what there is, and have the kernel forget it; at the end of a run write also nothing."""
        kernel = self._network.kernel
        for node in kernel.streaming():
            status = self._status(node)
            stream = self._streams.get((node, status["record_to"]))
            kept = kernel.kept(node)
            # A recorder that was told to write within the run waits for the next.
            if stream is None or (kept == 0 and not last):
                continue
            stream.write(Table(kernel.events(node), status["precision"]))
            kernel.forget(node, kept)

    def _status(self, node: int) -> dict[str, Any]:
        kernel = self._network.kernel
        names = sorted({"record_to", "precision", "filenames"}.intersection(kernel.get_names(node)))
        values = kernel.get(range(node, node + 1), names)
        return {name: value[0] for name, value in zip(names, values, strict=True)}
