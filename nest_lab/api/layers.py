"""Where nodes are, how far from each other, and which are connected with which: nodes with positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab import errors
from nest_lab.api.connect import GetConnections
from nest_lab.api.masks import Mask, as_mask
from nest_lab.api.nodes import NodeCollection, as_array, as_ids, collection
from nest_lab.api.spatial import numbers, point
from nest_lab.simulation import public

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Displacement",
    "Distance",
    "FindCenterElement",
    "FindNearestElement",
    "GetPosition",
    "GetSourceNodes",
    "GetSourcePositions",
    "GetTargetNodes",
    "GetTargetPositions",
    "SelectNodesByMask",
]


def as_layer(nodes: Any, what: str) -> NodeCollection:
    """Take nodes that have positions in one layer, refuse anything else."""
    if not isinstance(nodes, NodeCollection):
        raise errors.BadType(
            f"{what} must be a collection of nodes",
            value=f"{nodes!r} ({type(nodes).__name__})",
            allowed="a NodeCollection",
            todo="Give what Create() gave.",
        )
    layer_of(nodes)
    return nodes


def layer_of(nodes: NodeCollection) -> dict[str, Any]:
    """What the kernel knows of the layer of nodes; an error where there is none."""
    known: dict[str, Any] = nodes.simulation.kernel.layer(nodes._ids)
    return known


def positions_of(nodes: NodeCollection) -> NDArray[np.float64]:
    """Positions as rows of an array."""
    found: NDArray[np.float64] = nodes.simulation.kernel.positions(nodes._ids)
    return found


@public("GetPosition()")
def GetPosition(nodes: NodeCollection) -> list[Any]:
    """Positions of nodes.

    Parameters
    ----------
    nodes : NodeCollection
        The nodes.

    Returns
    -------
    list of float, or list of list of float
        The position of a single node, or one for each.

    Raises
    ------
    errors.NoPositions
        The nodes have no positions.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([2, 1]))
    >>> nest.GetPosition(nodes), nest.GetPosition(nodes[0])
    ([[-0.25, 0.0], [0.25, 0.0]], [-0.25, 0.0])
    """
    found: list[Any] = positions_of(as_layer(nodes, "nodes")).tolist()
    return found[0] if len(found) == 1 else found


def ways(from_arg: Any, to_arg: Any) -> NDArray[np.float64]:
    """Displacements as rows of an array: from positions to nodes; between nodes the way back."""
    to = as_layer(to_arg, "to_arg")
    start: Any
    if isinstance(from_arg, NodeCollection):
        start = as_layer(from_arg, "from_arg")._ids
    else:
        start = numbers(from_arg)
        dimensions = layer_of(to)["dimensions"]
        if start is not None and start.shape == (dimensions,):
            start = start[None]
        if start is None or start.ndim != 2 or start.shape[1] != dimensions:
            raise errors.BadType(
                "from_arg must be nodes or positions",
                value=f"{from_arg!r} ({type(from_arg).__name__})",
                allowed=f"a NodeCollection, or a list of points of {dimensions} numbers each",
                todo="Write [[x, y], ...].",
            )
    if len(start) != len(to) and 1 not in (len(start), len(to)):
        raise errors.BadValue(
            "from_arg and to_arg must be of the same length, or one of them of length 1",
            value=f"{len(start)} and {len(to)}",
            allowed="the same length, or 1",
            todo="Choose as many of both.",
        )
    ends = (to._ids, start) if isinstance(from_arg, NodeCollection) else (start, to._ids)
    found: NDArray[np.float64] = to.simulation.kernel.displacements(*ends)
    return found


@public("Displacement()")
def Displacement(from_arg: Any, to_arg: NodeCollection) -> list[list[float]]:
    """Ways between nodes, or from positions to nodes, the shortest ones where edges are joined.

    From positions, a way is that to the node, in its layer. Between nodes it is the way back, from `to_arg`
    to `from_arg` in the layer of `from_arg`: so it is in the reference, whatever the names say, and programs
    rely on it.

    Parameters
    ----------
    from_arg : NodeCollection or sequence of sequence of float
        Nodes, or positions in the layer of `to_arg`.
    to_arg : NodeCollection
        Nodes. As many as `from_arg`, or one of both is a single one.

    Returns
    -------
    list of list of float
        For each way its parts along the axes.

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([4, 1], edge_wrap=True))
    >>> nest.Displacement([[-0.375, 0.0]], nodes)
    [[0.0, 0.0], [0.25, 0.0], [-0.5, 0.0], [-0.25, 0.0]]
    >>> nest.Displacement(nodes[0], nodes)
    [[0.0, 0.0], [-0.25, 0.0], [-0.5, 0.0], [0.25, 0.0]]
    """
    found: list[list[float]] = ways(from_arg, to_arg).tolist()
    return found


@public("Distance()")
def Distance(from_arg: Any, to_arg: NodeCollection) -> list[float]:
    """Distances of nodes or positions from nodes, along the shortest way where edges are joined.

    Parameters
    ----------
    from_arg : NodeCollection or sequence of sequence of float
        Where the ways begin; positions are positions in the layer of `to_arg`.
    to_arg : NodeCollection
        Where they end. As many as `from_arg`, or one of both is a single one.

    Returns
    -------
    list of float

    Raises
    ------
    errors.BadType, errors.BadValue, errors.NoPositions
        An argument is not right.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.free([[0.0, 0.0], [3.0, 4.0]]))
    >>> nest.Distance(nodes[0], nodes)
    [0.0, 5.0]
    """
    found: list[float] = lengths(ways(from_arg, to_arg)).tolist()
    return found


def lengths(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length of each way."""
    found: NDArray[np.float64] = np.sqrt((rows**2).sum(axis=1))
    return found


@public("FindNearestElement()")
def FindNearestElement(layer: NodeCollection, locations: Any, find_all: bool = False) -> Any:
    """Nodes next to some places.

    Parameters
    ----------
    layer : NodeCollection
        The nodes to choose from.
    locations : sequence of float, or sequence of sequence of float
        One place or several.
    find_all : bool
        Whether to give all nodes that are equally near, instead of the first.

    Returns
    -------
    NodeCollection, or list of NodeCollection
        The nearest node of one place; for several places a list with one for each. With `find_all` a list of
        nodes in place of each.

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([3, 3]))
    >>> nest.FindNearestElement(nodes, [0.4, 0.4]).global_id
    7
    """
    nodes = as_layer(layer, "layer")
    found = [_nearest(nodes, place, find_all) for place in _places(locations, layer_of(nodes)["dimensions"])]
    return found[0] if len(found) == 1 else found


def _places(locations: Any, dimensions: int) -> NDArray[np.float64]:
    """Places as rows of an array."""
    array = numbers(locations)
    if array is None or array.ndim not in (1, 2) or not len(array) or array.shape[-1] != dimensions:
        raise errors.BadType(
            "locations must be one point or a list of points",
            value=f"{locations!r} ({type(locations).__name__})",
            allowed=f"points of {dimensions} numbers each",
            todo="Give a number for each dimension of the layer.",
        )
    return np.atleast_2d(array)


def _nearest(nodes: NodeCollection, place: NDArray[np.float64], find_all: bool) -> Any:
    distances = lengths(ways(place[None], nodes))
    if not find_all:
        return nodes[int(distances.argmin())]
    return [nodes[int(i)] for i in np.flatnonzero(distances <= distances.min() * (1 + 1e-14))]


@public("FindCenterElement()")
def FindCenterElement(layer: NodeCollection) -> NodeCollection:
    """Find the node next to the middle of a layer.

    Parameters
    ----------
    layer : NodeCollection
        Nodes with positions.

    Returns
    -------
    NodeCollection
        One node, the first of those that are equally near.

    Raises
    ------
    errors.NoPositions
        The nodes have no positions.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nest.FindCenterElement(nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([3, 3]))).global_id
    5
    """
    nodes = as_layer(layer, "layer")
    found: NodeCollection = _nearest(nodes, layer_of(nodes)["center"], False)
    return found


@public("SelectNodesByMask()")
def SelectNodesByMask(layer: NodeCollection, anchor: Sequence[float], mask_obj: Mask) -> NodeCollection:
    """Nodes that a mask at some place holds.

    Parameters
    ----------
    layer : NodeCollection
        The nodes to choose from.
    anchor : sequence of float
        Where the mask lies.
    mask_obj : Mask
        The mask.

    Returns
    -------
    NodeCollection

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([5, 5]))
    >>> nest.SelectNodesByMask(nodes, [0.0, 0.0], nest.CreateMask("circular", {"radius": 0.25})).tolist()
    [8, 12, 13, 14, 18]
    """
    nodes = as_layer(layer, "layer")
    place = point(anchor, "anchor", layer_of(nodes)["dimensions"])
    found = nodes.simulation.kernel.inside(nodes._ids, place, as_mask(mask_obj))
    return collection(nodes._network, as_ids(as_array(nodes._ids)[found]))


def _partners(
    asked: NodeCollection, pool: NodeCollection, syn_model: str | None, outgoing: bool
) -> list[NDArray[np.int64]]:
    """For each node that is asked about, the ids of those in the pool that it is connected with."""
    for what, nodes in (("sources", asked if outgoing else pool), ("targets", pool if outgoing else asked)):
        if not isinstance(nodes, NodeCollection):
            raise errors.BadType(
                f"{what} must be nodes",
                value=f"{nodes!r} ({type(nodes).__name__})",
                allowed="a NodeCollection",
                todo="Give what Create() gave.",
            )
    ends = (asked, pool) if outgoing else (pool, asked)
    found = GetConnections(*ends, synapse_model=syn_model)
    source, target = (
        (found._handle.source(), found._handle.target()) if len(found) else (np.zeros(0, np.int64),) * 2
    )
    own, others = (source, target) if outgoing else (target, source)
    order = np.lexsort((others, own))
    own, others = own[order], others[order]
    ids = as_array(asked._ids)
    return [
        others[first:last]
        for first, last in zip(np.searchsorted(own, ids), np.searchsorted(own, ids, "right"), strict=True)
    ]


def _collections(
    asked: NodeCollection, pool: NodeCollection, syn_model: str | None, outgoing: bool
) -> tuple[NodeCollection, ...]:
    return tuple(
        collection(asked._network, as_ids(np.unique(ids)))
        for ids in _partners(asked, pool, syn_model, outgoing)
    )


@public("GetTargetNodes()")
def GetTargetNodes(
    sources: NodeCollection, tgt_layer: NodeCollection, syn_model: str | None = None
) -> tuple[NodeCollection, ...]:
    """Targets that sources have in a layer.

    Parameters
    ----------
    sources : NodeCollection
        The sources.
    tgt_layer : NodeCollection
        Where to look for targets.
    syn_model : str, optional
        Only connections of this synapse model.

    Returns
    -------
    tuple of NodeCollection
        The targets of each source.

    Raises
    ------
    errors.BadType, errors.UnknownModel
        An argument is not right.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([3, 3]))
    >>> near = {"rule": "pairwise_bernoulli", "p": 1.0, "mask": {"circular": {"radius": 0.4}}}
    >>> nest.Connect(nodes, nodes, near)
    >>> [targets.tolist() for targets in nest.GetTargetNodes(nodes[:2], nodes)]
    [[1, 2, 4], [1, 2, 3, 5]]
    """
    return _collections(sources, tgt_layer, syn_model, outgoing=True)


@public("GetSourceNodes()")
def GetSourceNodes(
    src_layer: NodeCollection, targets: NodeCollection, syn_model: str | None = None
) -> tuple[NodeCollection, ...]:
    """Sources that targets have in a layer.

    Parameters
    ----------
    src_layer : NodeCollection
        Where to look for sources.
    targets : NodeCollection
        The targets.
    syn_model : str, optional
        Only connections of this synapse model.

    Returns
    -------
    tuple of NodeCollection
        The sources of each target.

    Raises
    ------
    errors.BadType, errors.UnknownModel
        An argument is not right.
    """
    return _collections(targets, src_layer, syn_model, outgoing=False)


def _positions(
    asked: NodeCollection, pool: NodeCollection, syn_model: str | None, outgoing: bool
) -> list[list[list[float]]]:
    as_layer(pool, "tgt_layer" if outgoing else "src_layer")
    kernel = pool.simulation.kernel
    return [
        kernel.positions(ids).tolist() if len(ids) else []
        for ids in _partners(asked, pool, syn_model, outgoing)
    ]


@public("GetTargetPositions()")
def GetTargetPositions(
    sources: NodeCollection, tgt_layer: NodeCollection, syn_model: str | None = None
) -> list[list[list[float]]]:
    """Positions of the targets that sources have in a layer.

    Parameters
    ----------
    sources : NodeCollection
        The sources.
    tgt_layer : NodeCollection
        Where to look for targets.
    syn_model : str, optional
        Only connections of this synapse model.

    Returns
    -------
    list of list of list of float
        For each source the positions of its targets.

    Raises
    ------
    errors.BadType, errors.UnknownModel
        An argument is not right.
    """
    return _positions(sources, tgt_layer, syn_model, outgoing=True)


@public("GetSourcePositions()")
def GetSourcePositions(
    src_layer: NodeCollection, targets: NodeCollection, syn_model: str | None = None
) -> list[list[list[float]]]:
    """Positions of the sources that targets have in a layer.

    Parameters
    ----------
    src_layer : NodeCollection
        Where to look for sources.
    targets : NodeCollection
        The targets.
    syn_model : str, optional
        Only connections of this synapse model.

    Returns
    -------
    list of list of list of float
        For each target the positions of its sources.

    Raises
    ------
    errors.BadType, errors.UnknownModel
        An argument is not right.
    """
    return _positions(targets, src_layer, syn_model, outgoing=False)
