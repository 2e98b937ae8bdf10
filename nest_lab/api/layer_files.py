"""Positions of nodes, and connections with their displacements, written to files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from nest_lab import errors
from nest_lab.api.connect import GetConnections
from nest_lab.api.layers import as_layer, layer_of, positions_of
from nest_lab.api.nodes import NodeCollection
from nest_lab.simulation import KernelError, public

__all__ = ["DumpLayerConnections", "DumpLayerNodes"]


def _write(outname: Any, lines: Iterable[str]) -> None:
    """Write lines to a file, which is there as a whole or not at all."""
    text = "".join(f"{line}\n" for line in lines)
    try:
        Path(outname).write_text(text, encoding="utf-8")
    except (OSError, TypeError) as error:
        raise errors.BadValue(
            "this file cannot be written",
            value=f"{outname!r}: {error}",
            allowed="the name of a file in a folder that is there",
            todo="Make the folder first, or choose another.",
        ) from None


@public("DumpLayerNodes()")
def DumpLayerNodes(layer: NodeCollection, outname: str) -> None:
    """Write ids and positions of nodes to a file, one line for each.

    Parameters
    ----------
    layer : NodeCollection
        Nodes with positions.
    outname : str
        Name of the file; what was in it is lost.

    Raises
    ------
    errors.NoPositions
        The nodes have no positions.
    errors.BadValue
        The file cannot be written.
    """
    nodes = as_layer(layer, "layer")
    rows = positions_of(nodes).tolist()
    _write(outname, (f"{node} {_line(row)}" for node, row in zip(nodes.tolist(), rows, strict=True)))


def _line(values: Iterable[float]) -> str:
    return " ".join(f"{value:g}" for value in values)


def _placed(nodes: NodeCollection) -> bool:
    try:
        layer_of(nodes)
    except KernelError:
        return False
    return True


@public("DumpLayerConnections()")
def DumpLayerConnections(
    source_layer: NodeCollection, target_layer: NodeCollection, synapse_model: str, outname: str
) -> None:
    """Write connections to a file: source, target, weight, delay and the parts of the way between them.

    Parameters
    ----------
    source_layer : NodeCollection
        Nodes with positions.
    target_layer : NodeCollection
        The targets; for those without positions the ways are ``nan``.
    synapse_model : str
        Only connections of this synapse model.
    outname : str
        Name of the file; what was in it is lost.

    Raises
    ------
    errors.BadType, errors.UnknownModel
        An argument is not right.
    errors.BadValue
        The file cannot be written.
    """
    sources = as_layer(source_layer, "source_layer")
    found = GetConnections(sources, target_layer, synapse_model)
    handle = found._handle
    from_ids, to_ids = handle.source(), handle.target()
    if not _placed(target_layer):
        ways = np.full((len(found), layer_of(sources)["dimensions"]), np.nan)
    elif len(found):
        ways = sources.simulation.kernel.displacements(from_ids, to_ids)
    else:
        ways = np.zeros((0, 2))
    columns = (from_ids, to_ids, handle.weight(), handle.delay())
    rows = zip(*(column.tolist() for column in columns), ways.tolist(), strict=True)
    _write(outname, (f"{s} {t} {_line([weight, delay, *way])}" for s, t, weight, delay, way in rows))
