"""The compiled kernel, in the build that suits this CPU.

Only `nest_lab.simulation` and `nest_lab.models` import it. The wheel carries the kernel once per instruction
set (``v2``, ``v3``, ``v4`` of x86-64, or ``generic``). The results do not depend on the choice, only the
speed does. The environment variable ``NEST_LAB_ISA`` overrides it; ``NEST_LAB_KERNEL`` names a folder with
builds to take instead, for example those that `make sanitize` makes.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The names come from the compiled module.
    def __getattr__(name: str) -> Any: ...


cpu: Any = importlib.import_module(f"{__name__}.cpu")

_LEVELS = ("v1", "v2", "v3", "v4")  # of x86-64; a CPU runs its own and all before it


def _builds() -> dict[str, Path]:
    """Builds of the kernel by instruction set."""
    other = os.environ.get("NEST_LAB_KERNEL")
    return {
        path.parent.name: path
        for folder in ([other] if other else __path__)
        for suffix in EXTENSION_SUFFIXES
        for path in sorted(Path(folder).glob(f"*/native{suffix}"))
    }


def _runnable(best: str) -> list[str]:
    """Instruction sets that a CPU of level `best` can run, the fastest first."""
    if best in _LEVELS:
        return list(reversed(_LEVELS[: _LEVELS.index(best) + 1]))
    return [best]


def _choose(builds: dict[str, Path], best: str, wanted: str | None) -> Path:
    """The build to load: the one asked for, else the fastest that this CPU can run."""
    usable = [isa for isa in _runnable(best) if isa in builds]
    where = f"importing nest_lab on a CPU of instruction set '{best}'"
    if wanted:
        if wanted in usable:
            return builds[wanted]
        reason = "is not supported by this CPU" if wanted in builds else "is not in this installation"
        raise ImportError(
            f"{where}: the environment variable NEST_LAB_ISA asks for a kernel that {reason}. "
            f"Value: '{wanted}'. Allowed here: {', '.join(usable) or 'none'}. "
            "Unset NEST_LAB_ISA to take the fastest one."
        )
    if not usable:
        raise ImportError(
            f"{where}: there is no compiled kernel that it can run. "
            f"Installed: {', '.join(sorted(builds)) or 'none'}. Allowed here: {', '.join(_runnable(best))}. "
            "Build it here from the source folder: pip install ."
        )
    return builds[usable[0]]


def _load(path: Path) -> ModuleType:
    """Import the build at `path` as ``nest_lab._kernel.native``: its name does not depend on the CPU."""
    name = f"{__name__}.native"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(
            f"importing nest_lab: {path} is not a Python extension module. Install nest_lab again."
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


native = _load(_choose(_builds(), cpu.best(), os.environ.get("NEST_LAB_ISA")))
globals().update({name: value for name, value in vars(native).items() if not name.startswith("_")})
