"""Drawings of layers show the nodes, the connections, the masks and the probabilities that there are."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors

pytest.importorskip("matplotlib")
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.figure import Figure

MASK = {"circular": {"radius": 0.3}}


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()
    pyplot.close("all")


def grid(shape=(9, 9), **kwargs):
    return nest.Create("iaf_psc_alpha", positions=nest.spatial.grid(list(shape), **kwargs))


def drawn(ax):
    """Points of each group, without order."""
    return [sorted(map(tuple, np.asarray(group.get_offsets()).tolist())) for group in ax.collections]


def test_layer():
    layer = grid()
    figure = nest.PlotLayer(layer, nodecolor="k", nodesize=3)
    (ax,) = figure.axes
    assert drawn(ax) == [sorted(map(tuple, nest.GetPosition(layer)))]
    assert ax.get_xlim() == pytest.approx((-0.55, 0.55))
    assert nest.PlotLayer(layer, fig=figure) is figure
    assert len(figure.axes) == 1


def test_layer_in_a_room():
    figure = nest.PlotLayer(grid([3, 3, 3]))
    assert figure.axes[0].name == "3d"


@pytest.mark.parametrize("plot", ["targets", "sources"])
def test_partners(plot):
    layer = grid()
    nest.Connect(layer, layer, {"rule": "pairwise_bernoulli", "p": 1.0, "mask": MASK})
    p = nest.spatial_distributions.gaussian(nest.spatial.distance, std=0.2)
    node, figure = nest.FindCenterElement(layer), Figure()
    if plot == "targets":
        assert nest.PlotTargets(node, layer, fig=figure, mask=MASK, probability_parameter=p) is figure
        (partners,) = nest.GetTargetPositions(node, layer)
    else:
        assert nest.PlotSources(layer, node, fig=figure, mask=MASK, probability_parameter=p) is figure
        (partners,) = nest.GetSourcePositions(layer, node)
    (ax,) = figure.axes
    assert sorted(map(tuple, partners)) in drawn(ax)
    assert [tuple(nest.GetPosition(node))] in drawn(ax)
    assert len(ax.images) == 1


def test_probability_and_mask():
    layer = grid()
    p = nest.spatial_distributions.gaussian(nest.spatial.distance, std=0.2)
    ax = nest.PlotProbabilityParameter(layer[0], p, mask=MASK, shape=[41, 51])
    values = ax.images[0].get_array()
    assert values.shape == (51, 41)
    x, y = np.linspace(-0.5, 0.5, 41), np.linspace(-0.5, 0.5, 51)
    own = nest.GetPosition(layer[0])
    squared = (x[None, :] - own[0]) ** 2 + (y[:, None] - own[1]) ** 2
    exact = np.where(squared <= 0.09, np.exp(-squared / 0.08), 0.0)
    assert np.allclose(values, exact, atol=1e-12)
    assert ax.get_xlim() == (-0.5, 0.5)


def test_masks_go_on_beyond_joined_edges():
    layer = grid(edge_wrap=True)
    p = nest.spatial.distance * 0.0 + 1.0
    ax = nest.PlotProbabilityParameter(layer[0], p, mask=MASK, shape=[21, 21])  # in the upper left corner
    corners = np.asarray(ax.images[0].get_array())[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.tolist() == [1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: nest.PlotTargets(grid(), grid()),
            "PlotTargets(): src_nrn must be a single node. Value: 81 nodes. Allowed: 1 node. Index the collection.",
        ),
        (
            lambda: nest.PlotLayer(nest.Create("iaf_psc_alpha")),
            "PlotLayer(): these nodes have no positions. Value: 1 of 1 nodes. Allowed: nodes of one layer. "
            "Create them with positions, by nest.spatial.grid or nest.spatial.free.",
        ),
        (
            lambda: nest.PlotProbabilityParameter(grid()[0]),
            "PlotProbabilityParameter(): there is nothing to draw. Value: no parameter, no mask. Allowed: one of them "
            "or both. Give what was used in Connect().",
        ),
        (
            lambda: nest.PlotProbabilityParameter(grid([2, 2, 2])[0], nest.spatial.distance),
            "PlotProbabilityParameter(): probabilities are drawn in the plane. Value: 3 dimensions. Allowed: a layer "
            "in 2 dimensions. Use Parameter.apply() for values in a room.",
        ),
    ],
)
def test_refused(call, text):
    with pytest.raises(errors.NESTError) as caught:
        call()
    assert str(caught.value) == text


def test_matplotlib_is_imported_only_for_drawing():
    code = (
        "import sys, nest_lab as nest; g = nest.Create('iaf_psc_alpha', positions=nest.spatial.grid([2, 2])); "
        "nest.Connect(g, g, {'rule': 'pairwise_bernoulli', 'mask': {'circular': {'radius': 1.0}}}); "
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
