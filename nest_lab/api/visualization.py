"""``nest.visualization``: a network as a graph, drawn by Graphviz."""

from __future__ import annotations

import os
import shutil
from typing import Any

import numpy as np

from nest_lab import errors
from nest_lab.api.connect import GetConnections
from nest_lab.api.messages import VerbosityLevel, message
from nest_lab.api.nodes import NodeCollection
from nest_lab.simulation import public

__all__ = ["plot_network"]

_FORMATS = ("pdf", "png")
_OUTSIDE = "ext"


@public("visualization.plot_network()")
def plot_network(
    nodes: NodeCollection, filename: Any, ext_conns: bool = False, plot_modelnames: bool = False
) -> None:
    """Draw nodes and the connections between them.

    Needs the package pydot and the program ``dot`` of Graphviz. Without the program, the graph is written
    as text in
    its language, with the suffix ``.dot``, and a message says so.

    Parameters
    ----------
    nodes : NodeCollection
        The nodes.
    filename : str or path
        Where to write to; ends in ``.pdf`` or ``.png``.
    ext_conns : bool
        Whether to draw connections to other nodes too, which then are one node of the name ``ext``.
    plot_modelnames : bool
        Whether nodes show the name of their model.

    Raises
    ------
    errors.BadType, errors.BadValue
        There are no nodes, or the file cannot be of this kind.
    errors.MissingPackage
        pydot is not installed.
    """
    ids = _ids(nodes)
    file = os.fspath(filename)
    kind = os.path.splitext(file)[1][1:]
    if kind not in _FORMATS:
        raise errors.BadValue(
            "the name of the file must say in which format it is",
            value=repr(file),
            allowed=" or ".join(f"a name that ends in .{each}" for each in _FORMATS),
            todo="Change the suffix.",
        )
    graph = _graph(nodes, ids, ext_conns, plot_modelnames)
    if shutil.which("dot"):
        graph.write(file, format=kind)
        return
    text = os.path.splitext(file)[0] + ".dot"
    with open(text, "w", encoding="utf-8") as opened:
        opened.write(graph.to_string())
    message(
        f"The program dot of Graphviz is not there: the graph was written to {text}, as text, and not drawn.",
        VerbosityLevel.WARNING,
    )


def _ids(nodes: Any) -> list[int]:
    if not isinstance(nodes, NodeCollection):
        raise errors.BadType(
            "the first argument must be nodes",
            value=f"{nodes!r} ({type(nodes).__name__})",
            allowed="a NodeCollection",
            todo="Make one with NodeCollection([ids]).",
        )
    if not nodes:
        raise errors.BadValue(
            "there are no nodes to draw",
            value="an empty collection",
            allowed="1 or more nodes",
            todo="Create nodes first.",
        )
    return nodes.tolist()


def _graph(nodes: NodeCollection, ids: list[int], outside: bool, named: bool) -> Any:
    try:
        import pydot
    except ImportError:
        raise errors.MissingPackage(
            "drawing a network needs the package pydot",
            value="pydot is not installed",
            allowed="pydot and the program dot of Graphviz",
            todo="Install it: pip install pydot.",
        ) from None
    graph = pydot.Dot(rankdir="LR", ranksep="5")
    if named:
        models = nodes.get("model")
        for node, model in zip(ids, [models] if len(ids) == 1 else models, strict=True):
            graph.add_node(pydot.Node(str(node), label=f"{model}\n{node}"))
    found = GetConnections(nodes)
    sources, targets = list(found.sources()), list(found.targets())
    for source, target, inside in zip(sources, targets, np.isin(targets, ids), strict=True):
        if inside or outside:
            graph.add_edge(pydot.Edge(str(source), str(target) if inside else _OUTSIDE))
    return graph
