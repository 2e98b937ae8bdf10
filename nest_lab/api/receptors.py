"""Several synapses for a pair of nodes, and receptors that differ from connection to connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nest_lab import errors
from nest_lab.simulation import Ids, KernelParameter

__all__ = ["Part", "one_by_one", "varies"]

Synapse = dict[str, Any]
Nodes = NDArray[np.int64]
Part = tuple[Ids, Ids, dict[str, Any], Synapse]


def varies(receptor: Any) -> bool:
    """Whether a receptor_type is not the same for all connections."""
    return _each(receptor) or isinstance(receptor, KernelParameter)


def one_by_one(
    kernel: Any, sources: Ids, targets: Ids, rule: dict[str, Any], synapses: list[Synapse]
) -> Iterator[Part]:
    """What the kernel is told to connect the pairs of a rule once for each synapse, and each receptor of it.

    Parameters
    ----------
    kernel : object
        Of the simulation; it draws the pairs.
    sources, targets : range or ndarray of int
        Node ids.
    rule : dict
        As for the kernel.
    synapses : list of dict
        As for the kernel, but for receptors that are an array or a Parameter.

    Yields
    ------
    tuple
        Sources, targets, rule and synapse of a call.

    Raises
    ------
    errors.BadType, errors.BadValue
        The receptors are no whole numbers, or an array does not have a value for each connection.
    """
    arrays = [(name, value) for each in synapses for name, value in each.items() if _each(value)]
    shape = arrays[0][1].shape if arrays else ()
    places: Any = np.arange(np.prod(shape)).reshape(shape) if arrays else 0
    first, second, at = kernel.pairs(sources, targets, rule, places, arrays[0][0] if arrays else "")
    for name, array in arrays:
        if array.shape != shape:
            kernel.pairs(sources, targets, rule, array, name)  # says what is wrong with it
    if not len(first):
        return
    at = at.astype(int)
    for each in synapses:
        told = {name: value.ravel()[at] if _each(value) else value for name, value in each.items()}
        yield from _by_receptor(kernel, first, second, told)


def _each(value: Any) -> bool:
    """Whether there is a value for each connection."""
    return isinstance(value, np.ndarray) and value.ndim > 0


def _by_receptor(kernel: Any, first: Nodes, second: Nodes, synapse: Synapse) -> Iterator[Part]:
    """A call for each receptor: the kernel knows one of them in a call."""
    rule = {"rule": "one_to_one"}
    given: Any = synapse.get("receptor_type")
    if not varies(given):
        yield first, second, rule, synapse
        return
    each: Any = given if _each(given) else kernel.pairs(first, second, rule, given, "receptor_type")[2]
    if each.dtype.kind not in "iuf" or not np.array_equal(each, np.rint(each)):
        raise errors.BadType(
            "receptor_type must be whole numbers",
            value=f"{given.tolist() if _each(given) else given!r}"[:60],
            allowed="whole numbers",
            todo="Give values of this type.",
        )
    receptors = each.astype(np.int64)
    for receptor in np.unique(receptors).tolist():
        ours = receptors == receptor
        told = {name: value[ours] if _each(value) else value for name, value in synapse.items()}
        yield first[ours], second[ours], rule, told | {"receptor_type": receptor}
