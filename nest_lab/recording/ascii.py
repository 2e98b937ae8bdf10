"""Events as a text file of each recorder, with tabs between the columns.

The file begins with two lines of comment and one with the names of the columns, as those of the reference do,
so that readers of these read them too. There is one file for all threads, and a further run goes on in it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nest_lab
from nest_lab import errors

if TYPE_CHECKING:
    from nest_lab.recording import Table

__all__ = ["Stream"]


class Stream:
    """Appends to the file of a recorder, which is open only while something is written."""

    def __init__(self) -> None:
        self._file: Path | None = None
        self._size = 0  # of what is whole
        self._head = ""

    def open(self, status: dict[str, Any]) -> None:
        """Begin the file, unless it is under way already."""
        file = Path(status["filenames"][0])
        if file == self._file and file.exists():
            return
        if not file.parent.is_dir():
            raise errors.BadValue(
                "there is no such folder to record to",
                value=repr(str(file.parent)),
                allowed="a folder that exists",
                todo="Make the folder, or set nest.data_path to another one.",
            )
        if file.exists() and not status["overwrite"]:
            raise errors.WrongState(
                "the file of a recorder exists already",
                value=repr(str(file)),
                allowed="a new file, unless nest.overwrite_files is True",
                todo="Set nest.overwrite_files, or change nest.data_path, nest.data_prefix or the label of "
                "the recorder.",
            )
        self._append(file, "w", "")
        self._file, self._head = file, ""

    def write(self, table: Table) -> None:
        """Append all rows, or none: half a row would spoil the file."""
        assert self._file is not None
        head = ""
        if table.head != self._head:  # at the beginning, or where other columns begin
            head = f"# NEST Lab version: {nest_lab.__version__}\n# RecordingBackendASCII version: 2\n"
            head += table.head + "\n"
        self._append(self._file, "r+", head + table.text())
        self._head = table.head

    def _append(self, file: Path, mode: str, text: str) -> None:
        size = 0 if mode == "w" else self._size
        try:
            with file.open(mode, encoding="utf-8", newline="\n") as opened:
                opened.seek(size)
                try:
                    opened.write(text)
                    opened.flush()
                except OSError:
                    os.ftruncate(opened.fileno(), size)
                    raise
                self._size = opened.tell()
        except OSError as error:
            raise errors.WrongState(
                f"events cannot be written to a file: {error.strerror}",
                value=repr(str(file)),
                allowed="a disk with room, and a folder that may be written to",
                todo="What was not written is still in memory: make room and go on with the run, or set "
                "record_to to 'memory'.",
            ) from error
