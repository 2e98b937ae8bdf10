"""Receptors that differ from connection to connection, as `Connect` takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nest_lab import errors
from nest_lab.api.nodes import as_array
from nest_lab.simulation import Ids

__all__ = ["by_receptor", "has_receptors"]

Part = tuple[Ids, Ids, dict[str, Any], dict[str, Any]]


def has_receptors(synapse: dict[str, Any]) -> bool:
    """Whether a synapse has an array of receptors."""
    given = synapse.get("receptor_type")
    return isinstance(given, np.ndarray) and given.ndim > 0


def by_receptor(sources: Ids, targets: Ids, rule: dict[str, Any], synapse: dict[str, Any]) -> list[Part]:
    """What the kernel is told, once for each receptor: it knows one of them in a call.

    Parameters
    ----------
    sources, targets : range or ndarray of int
        Node ids.
    rule, synapse : dict
        As for the kernel.

    Returns
    -------
    list of tuple
        Sources, targets, rule and synapse of each call.

    Raises
    ------
    errors.BadRule
        The rule draws the pairs.
    errors.BadType, errors.BadValue
        The receptors are no whole numbers, or not one for each pair.
    """
    if not has_receptors(synapse):
        return [(sources, targets, rule, synapse)]
    first, second, shape = _pairs(sources, targets, rule)
    receptors = _whole(synapse["receptor_type"], shape)
    kept = (first != second) if rule.get("allow_autapses") is False else np.full(len(first), True)
    parts = []
    for receptor in np.unique(receptors[kept]).tolist():
        ours = kept & (receptors == receptor)
        said = {name: _of(value, ours) for name, value in synapse.items()} | {"receptor_type": receptor}
        parts.append((first[ours], second[ours], {"rule": "one_to_one"}, said))
    return parts


def _pairs(
    sources: Ids, targets: Ids, rule: dict[str, Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[int, ...]]:
    """Source and target of each connection, and the shape of arrays with a value for each."""
    first, second = as_array(sources), as_array(targets)
    symmetric = bool(rule.get("make_symmetric"))
    if rule["rule"] == "one_to_one" and len(first) == len(second) and not symmetric:
        return first, second, (len(first),)
    if rule["rule"] == "all_to_all" and not symmetric:
        return np.tile(first, len(second)), np.repeat(second, len(first)), (len(second), len(first))
    raise errors.BadRule(
        "an array of receptors needs pairs that are known beforehand",
        value=f"'{rule['rule']}'" + (" with make_symmetric" if symmetric else ""),
        allowed="'one_to_one' with as many sources as targets, or 'all_to_all'",
        todo="Give one receptor_type for all.",
    )


def _whole(given: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Receptors as whole numbers, one for each pair."""
    if given.shape != shape:
        raise errors.BadValue(
            "there must be one receptor_type for each connection",
            value=f"shape {given.shape}",
            allowed=f"shape {shape}, " + ("targets by sources" if len(shape) == 2 else "one for each pair"),
            todo="Give as many values as connections, or a single one.",
        )
    if given.dtype.kind not in "iuf" or not np.array_equal(given, np.rint(given)):
        raise errors.BadType(
            "receptor_type must be whole numbers",
            value=f"{given.tolist()!r:.60}",
            allowed="whole numbers",
            todo="Give values of this type.",
        )
    return given.astype(np.int64).ravel()


def _of(value: Any, ours: NDArray[np.bool_]) -> Any:
    """Of an array with a value for each pair those of some of them."""
    each = isinstance(value, np.ndarray) and value.size == len(ours)
    return value.ravel()[ours] if each else value
