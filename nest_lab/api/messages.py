"""What the package says besides results, and how much of it: `nest.message` and the verbosity."""

from __future__ import annotations

import enum
import sys
from typing import Any

from nest_lab import errors
from nest_lab.simulation import public

__all__ = ["VerbosityLevel", "get_verbosity", "message", "set_verbosity"]


class VerbosityLevel(enum.IntEnum):
    """How important a message is, or must be to be shown."""

    ALL = 0
    DEBUG = 5
    STATUS = 7
    INFO = 10
    PROGRESS = 15
    DEPRECATED = 18
    WARNING = 20
    ERROR = 30
    FATAL = 40
    QUIET = 100


_shown = [VerbosityLevel.INFO]  # of the process, as in the reference: a reset does not change it


def verbosity() -> VerbosityLevel:
    """Return the least level that is shown now."""
    return _shown[0]


def level_of(level: Any) -> VerbosityLevel:
    """Take a level, its number, or its name with or without ``M_``."""
    if isinstance(level, str):
        name = level.removeprefix("M_")
        if name in VerbosityLevel.__members__:
            return VerbosityLevel[name]
        candidates = list(VerbosityLevel.__members__)
        candidates += [f"M_{name}" for name in candidates] if level.startswith("M_") else []
        raise errors.UnknownName(
            "there is no verbosity level of this name", value=repr(level), wrong=level, candidates=candidates
        )
    try:
        return VerbosityLevel(level)
    except ValueError:
        raise errors.BadValue(
            "this is no verbosity level",
            value=f"{level!r} ({type(level).__name__})",
            allowed=", ".join(f"{each.name} = {each.value}" for each in VerbosityLevel),
            todo="Give a member of nest.VerbosityLevel.",
        ) from None


@public("set_verbosity()")
def set_verbosity(level: Any) -> None:
    """Set how important a message must be to be shown.

    Parameters
    ----------
    level : VerbosityLevel, str or int
        E.g. ``nest.VerbosityLevel.ERROR``, or ``"M_ERROR"``.

    Raises
    ------
    errors.UnknownName, errors.BadValue
        There is no such level.

    Examples
    --------
    >>> set_verbosity("M_WARNING")
    >>> get_verbosity()
    <VerbosityLevel.WARNING: 20>
    >>> set_verbosity(VerbosityLevel.INFO)
    """
    _shown[0] = level_of(level)


def get_verbosity() -> VerbosityLevel:
    """Return the least level that is shown.

    Returns
    -------
    VerbosityLevel
    """
    return verbosity()


@public("message()")
def message(
    message: str, severity: VerbosityLevel = VerbosityLevel.INFO, *, function: str | None = None, **_: Any
) -> None:
    """Write a message to the error output if it is important enough.

    Parameters
    ----------
    message : str
        The text.
    severity : VerbosityLevel
        How important it is.
    function : str, optional
        Who says it.
    """
    level = level_of(severity)
    if level < _shown[0]:
        return
    from datetime import datetime

    who = f" {function}:" if function else ""
    print(f"[{level.name}] [{datetime.now():%Y-%m-%d %H:%M:%S}]{who} {message}", file=sys.stderr)
