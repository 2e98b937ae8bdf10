"""Drawings of nodes with positions, of their connections, masks and probabilities; they need matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab import errors
from nest_lab.api.layers import GetSourcePositions, GetTargetPositions, as_layer, layer_of, positions_of
from nest_lab.api.masks import Mask, as_mask
from nest_lab.api.nodes import NodeCollection
from nest_lab.api.parameter import Parameter, as_parameter
from nest_lab.simulation import public

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["PlotLayer", "PlotProbabilityParameter", "PlotSources", "PlotTargets"]

_POINTS = 100  # values along each axis of a drawing of a mask or of probabilities


def _axes(fig: Figure | None, dimensions: int) -> Axes:
    """Axes of a figure that fit the dimensions, or those of a new figure."""
    if fig is None:
        from matplotlib import pyplot

        fig = pyplot.figure()
    kind = "3d" if dimensions == 3 else "rectilinear"
    for ax in fig.axes:
        if ax.name == kind:
            return ax
    return fig.add_subplot(projection=kind)


def _limit(ax: Axes, layer: NodeCollection) -> None:
    """Show the whole layer, and a little around it."""
    known = layer_of(layer)
    for axis, center, extent in zip("xyz", known["center"], known["extent"], strict=False):
        half = 0.55 * extent
        getattr(ax, f"set_{axis}lim")(center - half, center + half)
    ax.set_aspect("equal" if len(known["extent"]) == 2 else "auto")


def _points(ax: Axes, positions: NDArray[np.float64], color: Any, size: float) -> None:
    if len(positions):
        x, y, *z = positions.T
        ax.scatter(x, y, *z, s=size, color=color)  # type: ignore[misc]  # in a room the third is z


def _figure(ax: Axes) -> Figure:
    figure: Figure = ax.figure  # type: ignore[assignment]
    return figure


@public("PlotLayer()")
def PlotLayer(
    layer: NodeCollection, fig: Figure | None = None, nodecolor: Any = "b", nodesize: float = 20
) -> Figure:
    """Draw the nodes of a layer where they are.

    Parameters
    ----------
    layer : NodeCollection
        Nodes with positions.
    fig : matplotlib.figure.Figure, optional
        What to draw into; a new figure when left out.
    nodecolor : color
        Color of the nodes.
    nodesize : float
        Size of the nodes, in points squared.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    errors.NoPositions
        The nodes have no positions.
    """
    positions = positions_of(as_layer(layer, "layer"))
    ax = _axes(fig, positions.shape[1])
    _points(ax, positions, nodecolor, nodesize)
    _limit(ax, layer)
    return _figure(ax)


def _single(node: Any, what: str) -> NodeCollection:
    node = as_layer(node, what)
    if len(node) != 1:
        raise errors.BadValue(
            f"{what} must be a single node",
            value=f"{len(node)} nodes",
            allowed="1 node",
            todo="Index the collection.",
        )
    return node  # type: ignore[no-any-return]


def _draw_partners(
    node: NodeCollection,
    layer: NodeCollection,
    partners: list[list[float]],
    fig: Figure | None,
    shown: tuple[Any, Any, Any, Any],
    colors: tuple[tuple[Any, float], tuple[Any, float]],
) -> Figure:
    """Draw a node and those it is connected with, over a mask and probabilities."""
    probability, mask, cmap, mask_color = shown
    known = layer_of(layer)
    dimensions = known["dimensions"]
    ax = _axes(fig, dimensions)
    if dimensions == 2 and (probability is not None or mask is not None):
        low, high = known["center"] - known["extent"] / 2, known["center"] + known["extent"] / 2
        edges = [low[0], high[0], low[1], high[1]]
        _draw_region(ax, node, probability, mask, edges, (_POINTS, _POINTS), cmap, mask_color)
    (own_color, own_size), (color, size) = colors
    _points(ax, np.array(partners).reshape(-1, dimensions), color, size)
    _points(ax, positions_of(node), own_color, own_size)
    _limit(ax, layer)
    return _figure(ax)


@public("PlotTargets()")
def PlotTargets(
    src_nrn: NodeCollection,
    tgt_layer: NodeCollection,
    syn_type: str | None = None,
    fig: Figure | None = None,
    mask: Any = None,
    probability_parameter: Parameter | None = None,
    src_color: Any = "red",
    src_size: float = 50,
    tgt_color: Any = "blue",
    tgt_size: float = 20,
    mask_color: Any = "yellow",
    probability_cmap: Any = "Greens",
) -> Figure:
    """Draw a source and its targets.

    Parameters
    ----------
    src_nrn : NodeCollection
        A single node with a position.
    tgt_layer : NodeCollection
        Where to look for targets.
    syn_type : str, optional
        Only connections of this synapse model.
    fig : matplotlib.figure.Figure, optional
        What to draw into; a new figure when left out.
    mask : Mask or dict, optional
        A mask around the source, whose outline is drawn.
    probability_parameter : Parameter, optional
        A probability, which is drawn as a background.
    src_color, tgt_color, mask_color : color
        Colors of the source, of the targets and of the outline.
    src_size, tgt_size : float
        Sizes of the source and of the targets, in points squared.
    probability_cmap : colormap
        Colors of the probability.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    errors.BadType, errors.BadValue, errors.UnknownModel
        An argument is not right.
    """
    source = _single(src_nrn, "src_nrn")
    (targets,) = GetTargetPositions(source, tgt_layer, syn_type)
    shown = (probability_parameter, mask, probability_cmap, mask_color)
    colors = ((src_color, src_size), (tgt_color, tgt_size))
    return _draw_partners(source, tgt_layer, targets, fig, shown, colors)


@public("PlotSources()")
def PlotSources(
    src_layer: NodeCollection,
    tgt_nrn: NodeCollection,
    syn_type: str | None = None,
    fig: Figure | None = None,
    mask: Any = None,
    probability_parameter: Parameter | None = None,
    tgt_color: Any = "red",
    tgt_size: float = 50,
    src_color: Any = "blue",
    src_size: float = 20,
    mask_color: Any = "yellow",
    probability_cmap: Any = "Greens",
) -> Figure:
    """Draw a target and its sources.

    Parameters
    ----------
    src_layer : NodeCollection
        Where to look for sources.
    tgt_nrn : NodeCollection
        A single node with a position.
    syn_type : str, optional
        Only connections of this synapse model.
    fig : matplotlib.figure.Figure, optional
        What to draw into; a new figure when left out.
    mask : Mask or dict, optional
        A mask around the target, whose outline is drawn.
    probability_parameter : Parameter, optional
        A probability, which is drawn as a background.
    tgt_color, src_color, mask_color : color
        Colors of the target, of the sources and of the outline.
    tgt_size, src_size : float
        Sizes of the target and of the sources, in points squared.
    probability_cmap : colormap
        Colors of the probability.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    errors.BadType, errors.BadValue, errors.UnknownModel
        An argument is not right.
    """
    target = _single(tgt_nrn, "tgt_nrn")
    (sources,) = GetSourcePositions(src_layer, target, syn_type)
    shown = (probability_parameter, mask, probability_cmap, mask_color)
    colors = ((tgt_color, tgt_size), (src_color, src_size))
    return _draw_partners(target, src_layer, sources, fig, shown, colors)


def _draw_region(
    ax: Axes,
    node: NodeCollection,
    parameter: Parameter | None,
    mask: Any,
    edges: Sequence[float],
    shape: Sequence[int],
    cmap: Any,
    mask_color: Any,
) -> None:
    """Draw a probability as a background, and the outline of a mask."""
    x, y = np.linspace(edges[0], edges[1], shape[0]), np.linspace(edges[2], edges[3], shape[1])
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    covered = None
    if mask is not None:
        kernel = node.simulation.kernel
        covered = kernel.covers(node.tolist()[0], places, as_mask(mask)).reshape(len(y), len(x))
    if parameter is not None:
        as_parameter(parameter, "the probability", "Use nest.spatial_distributions, for example.")
        values = np.array(parameter.apply(node, places)).reshape(len(y), len(x))
        if covered is not None:
            values = np.where(covered, values, 0.0)
        ax.imshow(
            np.clip(values, 0.0, 1.0),
            extent=(edges[0], edges[1], edges[2], edges[3]),
            origin="lower",
            cmap=cmap,
            vmin=0.0,
            vmax=1.0,
            aspect="equal",
        )
    if covered is not None and covered.any() and not covered.all():
        ax.contour(x, y, covered.astype(float), levels=[0.5], colors=[mask_color], linewidths=2)


@public("PlotProbabilityParameter()")
def PlotProbabilityParameter(
    source: NodeCollection,
    parameter: Parameter | None = None,
    mask: Mask | dict[str, Any] | None = None,
    edges: Sequence[float] = (-0.5, 0.5, -0.5, 0.5),
    shape: Sequence[int] = (_POINTS, _POINTS),
    ax: Axes | None = None,
    prob_cmap: Any = "Greens",
    mask_color: Any = "yellow",
) -> Axes:
    """Draw how probable connections from a source are, and which region a mask holds.

    Parameters
    ----------
    source : NodeCollection
        A single node with a position in the plane.
    parameter : Parameter, optional
        The probability.
    mask : Mask or dict, optional
        A mask around the source.
    edges : sequence of float
        Region to draw: smallest and largest x, smallest and largest y.
    shape : sequence of int
        Number of values along each axis.
    ax : matplotlib.axes.Axes, optional
        What to draw on; axes of a new figure when left out.
    prob_cmap : colormap
        Colors of the probability.
    mask_color : color
        Color of the outline of the mask.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.
    """
    node = _single(source, "source")
    if layer_of(node)["dimensions"] != 2:
        raise errors.BadValue(
            "probabilities are drawn in the plane",
            value="3 dimensions",
            allowed="a layer in 2 dimensions",
            todo="Use Parameter.apply() for values in a room.",
        )
    if parameter is None and mask is None:
        raise errors.BadValue(
            "there is nothing to draw",
            value="no parameter, no mask",
            allowed="one of them or both",
            todo="Give what was used in Connect().",
        )
    drawn = ax if ax is not None else _axes(None, 2)
    _draw_region(drawn, node, parameter, mask, edges, shape, prob_cmap, mask_color)
    drawn.set_aspect("equal")
    drawn.set_xlim(edges[0], edges[1])
    drawn.set_ylim(edges[2], edges[3])
    return drawn
