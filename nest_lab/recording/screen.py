"""Events as lines on the standard output of Python, which is the cell of a notebook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nest_lab.recording import Table

__all__ = ["Stream"]


class Stream:
    """Prints events; several times a second, those of a recorder together."""

    def open(self, status: dict[str, Any]) -> None:
        """Nothing stands against it."""

    def write(self, table: Table) -> None:
        """Print all rows."""
        sys.stdout.write(table.text())
