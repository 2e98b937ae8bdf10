"""Live widgets for notebooks: one file, one widget.

A widget is found by its file: ``live_simulation.py`` holds ``LiveSimulation``. It is imported, and anywidget
with it, when it is first asked for.

Examples
--------
>>> from nest_lab import widgets
>>> "LiveSimulation" in dir(widgets)
True
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from nest_lab.errors import UnknownName

_FILES = {
    "".join(part.capitalize() for part in module.name.split("_")): module.name
    for module in pkgutil.iter_modules(__path__)
    if not module.name.startswith("_")
}

__all__ = sorted(_FILES)


def __getattr__(name: str) -> Any:
    if name in _FILES:
        return getattr(importlib.import_module(f"{__name__}.{_FILES[name]}"), name)
    if name.startswith("_"):
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    raise UnknownName(
        "there is no widget of this name",
        where="nest_lab.widgets",
        value=f"'{name}'",
        todo="dir(nest_lab.widgets) lists all.",
        wrong=name,
        candidates=__all__,
    )


def __dir__() -> list[str]:
    return [*__all__]
