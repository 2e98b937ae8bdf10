"""Existing programs: `install_as_nest` makes ``import nest`` mean this package, `run_script` runs a file."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from nest_lab import errors

__all__ = ["install_as_nest", "run_script"]

_PACKAGE = __name__.partition(".")[0]
_LIBRARY = re.compile(r"nest\.lib(\.hl_api_\w+)?")  # where the reference defines its functions


class _Alias:
    """Finds ``nest.x`` where ``nest_lab.x`` is, so that there are never two copies of a module.

    Some programs import functions from where the reference defines them; there they find the package itself.
    """

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "nest" and not fullname.startswith("nest."):
            return None
        loader: Any = self  # it has the methods of one, without the import of their base class
        return ModuleSpec(fullname, loader, is_package=fullname == "nest")

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        name = "" if _LIBRARY.fullmatch(spec.name) else spec.name.removeprefix("nest")
        module = importlib.import_module(_PACKAGE + name)
        self._true = module.__spec__, module.__loader__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # it was executed under its own name, which the import system has just written over
        module.__spec__, module.__loader__ = self._true


def install_as_nest() -> None:
    """Make ``import nest``, and the import of its submodules, mean this package in this process.

    Raises
    ------
    errors.WrongState
        The reference simulator was imported before, so that some modules would use one and some the other.

    Examples
    --------
    >>> import nest_lab
    >>> nest_lab.install_as_nest()  # doctest: +SKIP
    >>> import nest  # doctest: +SKIP
    """
    loaded = sys.modules.get("nest")
    package = sys.modules[_PACKAGE]
    if loaded is not None and loaded is not package:
        raise errors.WrongState(
            "'nest' is imported already and is not this package",
            where="install_as_nest()",
            value=str(getattr(loaded, "__file__", loaded)),
            allowed="before the first `import nest`",
            todo="Call it at the start of the program, in a new process.",
        )
    if not any(isinstance(finder, _Alias) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Alias())
    sys.modules["nest"] = package
    for name in [name for name in sys.modules if name.startswith(f"{_PACKAGE}.")]:
        if name.count(".") == 1:
            sys.modules[f"nest.{name.partition('.')[2]}"] = sys.modules[name]


def run_script(path: str | os.PathLike[str], argv: Sequence[str] = ()) -> dict[str, Any]:
    """Run a PyNEST program as ``python path *argv`` would, with ``import nest`` meaning this package.

    Parameters
    ----------
    path : str or path
        The program.
    argv : sequence of str
        Its arguments.

    Returns
    -------
    dict
        The global names of the program when it ended.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    SystemExit
        The program ended itself.
    """
    import runpy

    file = os.fspath(path)
    if not os.path.isfile(file):
        raise FileNotFoundError(
            errors.compose(
                where="run_script()",
                what="there is no such file",
                value=repr(file),
                allowed="the path of a Python program",
                todo="Check the path and the folder you are in.",
            )
        )
    install_as_nest()
    before = sys.argv, sys.path[:]
    sys.argv = [file, *argv]
    sys.path[0:1] = [os.path.dirname(os.path.abspath(file))]
    try:
        return runpy.run_path(file, run_name="__main__")
    finally:
        sys.argv, sys.path[:] = before
