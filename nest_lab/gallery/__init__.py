"""Reference networks of the literature, as classes that tutorials, widgets and the command line share.

One file in this package is one network; it is found by looking, no list names it. An entry has typed
parameters with units, bounds and documentation, and three verbs: ``build``, ``simulate``, ``results``.

Examples
--------
>>> from nest_lab import gallery
>>> "brunel" in gallery.names()
True
>>> gallery.get("brunel").title
'Sparse random network of excitatory and inhibitory neurons'
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from nest_lab.errors import NESTError, UnknownName
from nest_lab.gallery._base import Parameters, ReferenceNetwork, Results, Statistic, parameter

__all__ = ["Parameters", "ReferenceNetwork", "Results", "Statistic", "get", "names", "parameter"]


def names() -> list[str]:
    """Names of the networks of this gallery.

    Returns
    -------
    list of str
        Each is the name of the file that holds the network, in alphabetical order.
    """
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def get(name: str) -> type[ReferenceNetwork[Any]]:
    """Class of a network of this gallery.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    type
        Subclass of `ReferenceNetwork`.

    Raises
    ------
    UnknownName
        If there is no network of this name.
    """
    known = names()
    if name not in known:
        raise UnknownName(
            "there is no network of this name in the gallery",
            where="gallery.get()",
            value=f"'{name}'",
            todo="The networks are listed by nest-lab list.",
            wrong=name,
            candidates=known,
        )
    module = importlib.import_module(f"{__name__}.{name}")
    found = [
        entry
        for entry in vars(module).values()
        if isinstance(entry, type)
        and issubclass(entry, ReferenceNetwork)
        and entry.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise NESTError(
            f"a file of the gallery defines one network, '{name}' defines {len(found)}",
            where="gallery.get()",
            value=", ".join(entry.__name__ for entry in found) or "none",
            allowed="one subclass of ReferenceNetwork",
            todo="Give each network a file of its own.",
        )
    return found[0]
