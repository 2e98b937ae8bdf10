"""`GetStatus` and `SetStatus`: the older way to read and set parameters of nodes and connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nest_lab import errors
from nest_lab.api.connect import SynapseCollection
from nest_lab.api.nodes import NodeCollection, names_of
from nest_lab.api.output import to_json
from nest_lab.simulation import public

__all__ = ["GetStatus", "SetStatus"]


def _collection(nodes_or_conns: Any) -> NodeCollection | SynapseCollection:
    if isinstance(nodes_or_conns, (NodeCollection, SynapseCollection)):
        return nodes_or_conns
    raise errors.BadType(
        "the first argument must be nodes or connections",
        value=f"{nodes_or_conns!r} ({type(nodes_or_conns).__name__})",
        allowed="a NodeCollection or a SynapseCollection",
        todo="Make one with NodeCollection([ids]) or GetConnections().",
    )


@public("GetStatus()")
def GetStatus(nodes_or_conns: Any, keys: Any = None, output: str = "") -> Any:
    """Read parameters; ``nodes.get()`` does the same in fewer words.

    Parameters
    ----------
    nodes_or_conns : NodeCollection or SynapseCollection
        What to read from.
    keys : str or sequence of str, optional
        One name or several; all when left out.
    output : {'', 'json'}
        Whether to give a text in JSON.

    Returns
    -------
    tuple or list
        For each node or connection: a value, a tuple of values, or a dictionary of all values.

    Raises
    ------
    errors.UnknownName
        There is no such parameter; a KeyError.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_alpha", 2)
    >>> nest.GetStatus(neurons, "V_m"), nest.GetStatus(neurons, ["E_L", "V_th"])
    ((-70.0, -70.0), ((-70.0, -55.0), (-70.0, -55.0)))
    """
    result = _status(_collection(nodes_or_conns), keys)
    return to_json(result) if output == "json" else result


def _status(items: NodeCollection | SynapseCollection, keys: Any) -> Any:
    if not len(items):
        return ()
    if isinstance(keys, str):
        values = items.get(keys)
        return (values,) if len(items) == 1 else values
    columns = (
        items.get(None if keys is None else names_of(keys)) if isinstance(items, SynapseCollection) else None
    )
    if columns is None:
        columns = items.get() if keys is None else items.get(names_of(keys))
    rows = [tuple(columns.values())] if len(items) == 1 else zip(*columns.values(), strict=True)
    if keys is not None:
        return tuple(rows)
    return tuple(dict(zip(columns, row, strict=True)) for row in rows)


@public("SetStatus()")
def SetStatus(nodes_or_conns: Any, params: Any, val: Any = None) -> None:
    """Set parameters; ``nodes.set()`` does the same in fewer words.

    Parameters
    ----------
    nodes_or_conns : NodeCollection or SynapseCollection
        What to set.
    params : dict, sequence of dict, or str
        Values by name, or one dictionary for each; or the name of one parameter.
    val : object
        With a name: its value, or a sequence with one for each.

    Raises
    ------
    errors.UnknownName, errors.BadType, errors.BadValue
        A name, type or value is not right; then nothing is set.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_alpha", 2)
    >>> nest.SetStatus(neurons, "V_m", [-70.0, -60.0])
    >>> neurons.V_m
    (-70.0, -60.0)
    """
    items = _collection(nodes_or_conns)
    if isinstance(params, str):
        if val is None:
            raise errors.BadType(
                "there is a name but no value",
                value=repr(params),
                allowed="a dictionary, or a name and a value",
                todo=f"Write SetStatus(nodes, '{params}', value).",
            )
        params = {params: val}
    if isinstance(params, Mapping) and not params:
        return
    items.set(params)
