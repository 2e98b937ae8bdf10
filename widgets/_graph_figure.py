"""The drawing of a network by matplotlib, as the page of the editor has it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nest_lab.widgets._edits import ids_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_graph"]

_SIDES = {"stimulator": 6, "recorder": 4}
_REACH = 30  # from the middle of a node to where its connections end


def draw_graph(axes: Axes, network: dict[str, Any]) -> None:
    """Draw nodes and connections of a network.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to.
    network : dict
        A whole description, with places and colours.
    """
    nodes = {node["id"]: node for node in network["nodes"]}
    axes.set_aspect("equal")
    axes.axis("off")
    if not nodes:
        axes.text(0.5, 0.5, "no nodes yet", ha="center", va="center", transform=axes.transAxes)
        return
    xs, ys = ([node[axis] for node in nodes.values()] for axis in "xy")
    axes.set(xlim=(min(xs) - 80, max(xs) + 80), ylim=(max(ys) + 90, min(ys) - 90))
    for connection in network["connections"]:
        for source in ids_of(connection["source"]):
            for target in ids_of(connection["target"]):
                minus = _inhibits(network, connection)
                _arrow(axes, minus, nodes[source], nodes[target], _bend(network, source, target))
    for node in nodes.values():
        _node(axes, node)


def _node(axes: Axes, node: dict[str, Any]) -> None:
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Circle, RegularPolygon

    place, style = (
        (node["x"], node["y"]),
        {"ec": node["color"], "fc": to_rgba(node["color"], 0.16), "lw": 1.5},
    )
    sides = _SIDES.get(node["kind"])
    turn = math.pi / 4 if sides == 4 else math.pi / 6
    axes.add_patch(
        Circle(place, 26, **style)
        if sides is None
        else RegularPolygon(place, sides, radius=28, orientation=turn, **style)
    )
    if node["size"] != 1:
        axes.text(*place, f"{node['size']:,}", ha="center", va="center", fontsize="small")
    names = "\n".join(dict.fromkeys((node["label"], node["model"])))
    axes.text(place[0], place[1] + 34, names, ha="center", va="top", fontsize="small")


def _bend(network: dict[str, Any], source: str, target: str) -> float:
    """How much a line is bent: where there is one in the other direction."""
    ends = [(ids_of(each["source"]), ids_of(each["target"])) for each in network["connections"]]
    return 0.15 if any(target in here and source in there for here, there in ends) else 0.0


def _inhibits(network: dict[str, Any], connection: dict[str, Any]) -> bool:
    """Whether the weight, or that of the copied synapse model, is below 0."""
    synapse = connection["synapse"]
    copied = next((each for each in network["models"] if each["name"] == synapse["synapse_model"]), None)
    weight = synapse.get("weight", (copied or {"params": {}})["params"].get("weight", 1.0))
    return isinstance(weight, (int, float)) and weight < 0


def _arrow(axes: Axes, inhibits: bool, source: dict[str, Any], target: dict[str, Any], bend: float) -> None:
    """A line with an arrow, or with a dot where it inhibits."""
    from matplotlib.patches import FancyArrowPatch

    tip = "-[" if inhibits else "-|>"
    here, there = (source["x"], source["y"]), (target["x"], target["y"])
    shrink = 18.0
    if source is target:
        here, there, bend, shrink = (here[0] - 18, here[1] - 22), (here[0] + 18, here[1] - 22), -2.2, 0.0
    style = {
        "arrowstyle": tip,
        "mutation_scale": 5 if tip == "-[" else 12,
        "color": source["color"],
        "lw": 1.5,
    }
    axes.add_patch(
        FancyArrowPatch(
            here, there, connectionstyle=f"arc3,rad={bend}", shrinkA=shrink, shrinkB=shrink, **style
        )
    )
