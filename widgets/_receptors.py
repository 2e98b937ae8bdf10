"""Names of the receptors that a connection can end at, as the registry has them.

A description has the number, as `nest.Connect` does; people are shown the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nest_lab as nest
from nest_lab.errors import UnknownName
from nest_lab.widgets._edits import ids_of

__all__ = ["called", "named", "numbered"]


def named(description: Mapping[str, Any], connection: Mapping[str, Any]) -> dict[str, int]:
    """Receptors of the target of a connection.

    Parameters
    ----------
    description : dict
        Of the network.
    connection : dict
        One of its connections.

    Returns
    -------
    dict of str to int
        The receptor_type by name; empty if the receptors have no names, or not the same for all targets.
    """
    registry = nest.models.registry
    bases = {each["name"]: each["base"] or each["name"] for each in description.get("models", [])}
    models = {node["id"]: bases.get(node["model"], node["model"]) for node in description["nodes"]}
    targets = {models.get(id, "") for id in ids_of(connection["target"])}
    found = [dict(registry[model].receptors) if model in registry else {} for model in targets]
    return found[0] if all(each == found[0] for each in found) else {}


def called(description: Mapping[str, Any], connection: Mapping[str, Any]) -> str:
    """What the receptor is called that a connection ends at.

    Parameters
    ----------
    description, connection : dict
        As in `named`.

    Returns
    -------
    str
        Its name; '' if it has none.
    """
    number = connection["synapse"].get("receptor_type")
    if type(number) is not int:
        return ""
    return next((name for name, each in named(description, connection).items() if each == number), "")


def numbered(description: Mapping[str, Any], connection: Mapping[str, Any], value: Any, where: str) -> Any:
    """The number of a receptor that somebody called by its name.

    Parameters
    ----------
    description, connection : dict
        As in `named`.
    value : object
        A name, or what else there can be.
    where : str
        For errors.

    Returns
    -------
    object
        Its number; `value` itself if it is no text, or the receptors have no names.

    Raises
    ------
    UnknownName
        There is no receptor of this name.
    """
    known = named(description, connection)
    if not isinstance(value, str) or not known:
        return value
    if value not in known:
        raise UnknownName(
            "the target has no such receptor",
            where=where,
            value=repr(value),
            wrong=value,
            candidates=list(known),
        )
    return known[value]
