"""Undo and redo: what a network was like before each action, and what the action was."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from nest_lab.errors import WrongState

__all__ = ["History"]

_MOST = 200  # steps


class History:
    """Descriptions of a network, one for each action of the user.

    Parameters
    ----------
    description : dict
        What it begins with.
    most : int
        How many actions can be undone; of more, the oldest are forgotten.

    Examples
    --------
    >>> history = History({"nodes": []})
    >>> history.do("add a neuron", {"nodes": [{"model": "iaf_psc_exp"}]})
    True
    >>> history.undoable, history.undo()
    ('add a neuron', {'nodes': []})
    >>> history.redoable, history.redo()
    ('add a neuron', {'nodes': [{'model': 'iaf_psc_exp'}]})
    """

    def __init__(self, description: Mapping[str, Any], *, most: int = _MOST) -> None:
        self._now = json.dumps(description)  # as text it cannot change behind our back
        self._past: deque[tuple[str, str]] = deque(maxlen=most)  # an action, and what was before it
        self._future: list[tuple[str, str]] = []  # an action, and what was after it

    @property
    def present(self) -> dict[str, Any]:
        """What the network is like now; a copy."""
        found: dict[str, Any] = json.loads(self._now)
        return found

    @property
    def undoable(self) -> str:
        """Name of the action that `undo` takes back, '' if there is none."""
        return self._past[-1][0] if self._past else ""

    @property
    def redoable(self) -> str:
        """Name of the action that `redo` does again, '' if there is none."""
        return self._future[-1][0] if self._future else ""

    @property
    def steps(self) -> list[str]:
        """Names of all actions that can be undone, the oldest first."""
        return [name for name, _ in self._past]

    def do(self, name: str, description: Mapping[str, Any]) -> bool:
        """Note an action.

        Parameters
        ----------
        name : str
            What the user did, such as ``'add a neuron'``.
        description : dict
            What the network is like after it.

        Returns
        -------
        bool
            Whether it changed anything; what changes nothing is not noted.
        """
        text = json.dumps(description)
        if json.loads(text) == self.present:
            return False
        self._past.append((name, self._now))
        self._now = text
        self._future.clear()
        return True

    def undo(self) -> dict[str, Any]:
        """Take the last action back.

        Returns
        -------
        dict
            What the network is like then.

        Raises
        ------
        WrongState
            There is nothing to take back.
        """
        return self._move(self._past, self._future, "undo")

    def redo(self) -> dict[str, Any]:
        """Do again what was taken back last.

        Returns
        -------
        dict
            What the network is like then.

        Raises
        ------
        WrongState
            Nothing was taken back, or another action came after it.
        """
        return self._move(self._future, self._past, "redo")

    def _move(self, source: Any, target: Any, what: str) -> dict[str, Any]:
        if not source:
            raise WrongState(
                f"there is nothing to {what}",
                where=f"NetworkEditor.{what}()",
                value="no action",
                allowed=f"after {'an action' if what == 'undo' else 'undo()'}",
                todo="Do something first." if what == "undo" else "Call undo() first.",
            )
        name, text = source.pop()
        target.append((name, self._now))
        self._now = text
        return self.present
