"""Layers, spatial Parameters and masks: what they give, and the whole text of what they refuse."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

from time import process_time

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def grid(shape=(5, 5), **kwargs):
    return nest.Create("iaf_psc_alpha", positions=nest.spatial.grid(list(shape), **kwargs))


def edges(**columns):
    found = nest.GetConnections()
    names = ["source", "target", *columns]
    return sorted(zip(*found.get(names).values(), strict=True))


# -- layers


def test_a_slice_keeps_positions():
    layer = grid([3, 2])
    for part in (layer[1:4], layer[::2], layer[-1:]):
        assert part.spatial["network_size"] == len(part)
        assert np.array_equal(part.spatial["shape"], [3, 2])
        assert (
            nest.GetPosition(part) == [nest.GetPosition(layer)[node - 1] for node in part.tolist()]
            or len(part) == 1
        )
    assert [nest.GetPosition(node) for node in layer] == nest.GetPosition(layer)
    assert layer[[0, 2]].spatial is None  # as in the reference
    assert nest.GetPosition(layer[[0, 2]]) == [nest.GetPosition(layer)[i] for i in (0, 2)]


def test_slices_print_as_in_the_reference():
    layer = grid([3, 2])
    assert repr(layer) == "NodeCollection(metadata=spatial, model=iaf_psc_alpha, size=6, first=1, last=6)"
    for part in (layer[1:3], layer[1], layer[::2], next(iter(layer))):
        assert repr(part).startswith(
            "NodeCollection(metadata=spatial,\n               model=iaf_psc_alpha, size="
        )
    assert repr(layer[::2]).endswith("size=3, first=1, last=5, step=2)")


def test_layers_belong_to_a_simulation():
    with nest.Simulation():
        here = grid([2, 2], extent=[4.0, 4.0])
    there = grid([2, 2])
    assert nest.GetPosition(here)[0] == [-1.0, 1.0]
    assert nest.GetPosition(there)[0] == [-0.25, 0.25]


def test_nothing_is_left_of_a_layer_that_could_not_be_made():
    with pytest.raises(errors.BadValue):
        nest.Create(
            "iaf_psc_alpha", params={"tau_m": nest.spatial.pos.x - 10.0}, positions=nest.spatial.grid([2, 2])
        )
    assert nest.network_size == 0
    with pytest.raises(errors.BadValue):
        nest.Create("iaf_psc_alpha", positions=nest.spatial.free([[0.0, 0.0], [3.0, 0.0]], extent=[1.0, 1.0]))
    assert nest.network_size == 0
    assert grid([1, 2]).tolist() == [1, 2]
    assert nest.GetPosition(nest.NodeCollection([2])) == [0.0, -0.25]


def test_positions_are_drawn_reproducibly():
    free = nest.spatial.free(nest.random.uniform(-1.0, 1.0), num_dimensions=3)
    first = nest.GetPosition(nest.Create("iaf_psc_alpha", 10, positions=free))
    assert nest.GetPosition(nest.Create("iaf_psc_alpha", 10, positions=free)) != first
    nest.ResetKernel()
    assert nest.GetPosition(nest.Create("iaf_psc_alpha", 10, positions=free)) == first
    assert np.shape(first) == (10, 3)


def test_devices_have_positions():
    detectors = nest.Create("spike_recorder", positions=nest.spatial.grid([2, 1]))
    assert nest.GetPosition(detectors) == [[-0.25, 0.0], [0.25, 0.0]]
    nest.Connect(
        grid([4, 1]), detectors, {"rule": "pairwise_bernoulli", "mask": {"circular": {"radius": 0.13}}}
    )
    assert edges() == [(3, 1), (4, 1), (5, 2), (6, 2)]


# -- connections


def test_a_mask_object_is_as_good_as_a_dictionary():
    specs = {"circular": {"radius": 0.25}, "anchor": [0.2, 0.0]}
    layer = grid()
    nest.Connect(layer, layer, {"rule": "pairwise_bernoulli", "p": 1.0, "mask": specs})
    expected = edges()
    nest.ResetKernel()
    layer = grid()
    mask = nest.CreateMask("circular", {"radius": 0.25}, anchor=[0.2, 0.0])
    nest.Connect(layer, layer, {"rule": "pairwise_bernoulli", "mask": mask})  # p is 1 if left out
    assert edges() == expected
    assert len(expected) > 60


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_buckets_find_what_a_search_through_all_finds(joined, dimensions):
    """400 places anywhere, some far from the others, and a mask beside the node: each pair is looked at."""
    rng = np.random.default_rng(3)
    at = np.concatenate((rng.normal(size=(380, dimensions)), rng.normal(9.0, 0.1, size=(20, dimensions))))
    layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.free(at.tolist(), edge_wrap=joined))
    extent = layer.spatial["extent"]
    kind, axes = ("rectangular", 2) if dimensions == 2 else ("box", 3)
    specs = {"lower_left": [-0.7, -0.2, -0.5][:axes], "upper_right": [0.4, 1.1, 0.6][:axes]}
    nest.Connect(layer, layer, {"rule": "pairwise_bernoulli", "mask": {kind: specs}})
    way = at[None] - at[:, None]
    if joined:
        way -= extent * np.floor(way / extent + 0.5)
    inside = ((way >= specs["lower_left"]) & (way <= specs["upper_right"])).all(axis=-1)
    assert edges() == [(int(s) + 1, int(t) + 1) for s, t in np.argwhere(inside)]


RULES = [
    {"rule": "pairwise_bernoulli", "p": nest.spatial_distributions.gaussian(nest.spatial.distance, std=0.03)},
    {"rule": "pairwise_bernoulli", "p": 0.4, "mask": {"circular": {"radius": 0.05}}},
    {"rule": "pairwise_bernoulli", "p": 0.4, "mask": {"grid": {"shape": [3, 4]}}, "use_on_source": True},
    {"rule": "fixed_indegree", "indegree": 7, "mask": {"circular": {"radius": 0.07}}, "allow_multapses": False},
    {"rule": "fixed_indegree", "indegree": 5, "p": nest.math.exp(-10.0 * nest.spatial.distance),
     "mask": {"circular": {"radius": 0.07}}},
    {"rule": "fixed_outdegree", "outdegree": 5, "mask": {"doughnut": {"inner_radius": 0.02, "outer_radius": 0.06}}},
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule['rule']}-{'mask' in rule}-{'p' in rule}")
def test_threads_do_not_matter(rule):
    """2,500 nodes, 10 chunks of them: connections, weights and delays are the same for 1, 2 and 3 threads."""
    found = []
    for threads in (1, 2, 3):
        nest.ResetKernel()
        nest.local_num_threads = threads
        layer = grid([50, 50], edge_wrap=True)
        synapse = {
            "weight": 1.0 + nest.spatial.distance * nest.random.normal(),
            "delay": 1.0 + nest.spatial.distance.x,
        }
        nest.Connect(layer, layer, rule, synapse)
        connections = nest.GetConnections()
        found.append(
            [np.array(column) for column in connections.get(["source", "target", "weight", "delay"]).values()]
        )
    assert len(found[0][0]) > 10_000
    for other in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0], other, strict=True))


@pytest.mark.parametrize("rule", ["fixed_indegree", "fixed_outdegree"])
@pytest.mark.parametrize("multapses", [False, True])
def test_no_autapses_where_there_shall_be_none(rule, multapses):
    """The reference makes autapses all the same by fixed_indegree with a mask."""
    layer = grid([10, 10], edge_wrap=True)
    spec = {"rule": rule, rule[6:]: 3, "mask": {"circular": {"radius": 0.12}}, "allow_autapses": False}
    nest.Connect(layer, layer, spec | {"allow_multapses": multapses})
    found = nest.GetConnections()
    assert len(found) == 300
    assert all(source != target for source, target in zip(found.sources(), found.targets(), strict=True))


def test_weights_are_exact():
    """Weights that follow from positions alone are kept in full."""
    layer = grid([4, 4])
    nest.Connect(layer, layer, "all_to_all", {"weight": nest.spatial.distance / 3.0})
    weights = np.array(nest.GetConnections().weight).reshape(16, 16)
    at = np.array(nest.GetPosition(layer))
    exact = np.sqrt(((at[None] - at[:, None]) ** 2).sum(axis=-1)) / 3.0
    assert np.abs(weights - exact).max() < 1e-15


def test_delays_widen_the_range_no_more_than_they_can():
    layer = grid([10, 10], extent=[3.0, 4.0])
    nest.Connect(
        layer, layer, {"rule": "pairwise_bernoulli", "p": 0.1}, {"delay": 1.0 + nest.spatial.distance}
    )
    assert nest.min_delay == 1.0
    assert nest.max_delay <= 1.0 + 5.0
    delays = np.array(nest.GetConnections().delay)
    assert delays.max() > 3.0


def test_collocated_synapses_share_pairs():
    layer = grid()
    both = nest.CollocatedSynapses({"weight": nest.spatial.distance}, {"weight": -1.0})
    nest.Connect(
        layer, layer, {"rule": "pairwise_bernoulli", "p": 0.5, "mask": {"circular": {"radius": 0.3}}}, both
    )
    found = nest.GetConnections()
    weights = np.array(found.weight)
    pairs = np.array(list(found.sources())) * 100 + np.array(list(found.targets()))
    assert np.array_equal(np.sort(pairs[weights < 0]), np.sort(pairs[weights >= 0]))
    assert len(weights) > 50


def test_three_populations():
    layer, third = grid([6, 6]), grid([6, 6])
    near = {"rule": "pairwise_bernoulli", "p": 1.0, "mask": {"circular": {"radius": 0.2}}}
    nest.TripartiteConnect(layer, layer, third, near,
        {"rule": "third_factor_bernoulli_with_pool", "pool_size": 1, "pool_type": "block"},
        {"third_in": {"weight": nest.spatial.distance}})  # fmt: skip
    primary = nest.GetConnections(layer, layer)
    assert len(primary) == len(nest.GetConnections(layer, third)) == len(nest.GetConnections(third, layer))
    ways = nest.Distance(nest.NodeCollection([1]), nest.NodeCollection([37 + 6]))
    assert ways == [pytest.approx(1 / 6)]
    found = nest.GetConnections(nest.NodeCollection([1]), nest.NodeCollection([37 + 6]))
    assert found.weight == pytest.approx(1 / 6)


def test_both_ways():
    layer = grid([4, 4])
    weight = nest.spatial.source_pos.x + 10.0 * nest.spatial.distance
    nest.Connect(layer[:4], layer[4:8], {"rule": "one_to_one", "make_symmetric": True}, {"weight": weight})
    found = {(source, target): weight for source, target, weight in edges(weight=True)}
    at = {node.global_id: nest.GetPosition(node) for node in layer}
    assert len(found) == 8
    for (source, target), weight in found.items():
        assert (target, source) in found
        assert weight == pytest.approx(at[source][0] + 2.5, rel=1e-12)


def test_few_pairs_are_looked_at():
    """90,000 nodes with 50 others near each: processor time is far below that of 8.1 billion pairs."""
    layer = grid([300, 300], edge_wrap=True)
    radius = np.sqrt(50 / (np.pi * 90_000))
    p = nest.spatial_distributions.gaussian(nest.spatial.distance, std=radius / 2)
    started = process_time()
    nest.Connect(
        layer, layer, {"rule": "pairwise_bernoulli", "p": p, "mask": {"circular": {"radius": radius}}}
    )
    nest.Prepare()
    assert process_time() - started < 5.0  # 0.2 s on a machine of 2026
    nest.Cleanup()
    assert 1_700_000 < nest.num_connections < 2_200_000


def test_redraw_keeps_to_its_place():
    """What a redraw tries again is the value of the same connection."""
    layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([100, 1], extent=[100.0, 1.0]))
    weight = nest.math.redraw(nest.spatial.distance + nest.random.normal(0.0, 0.1), 0.0, 1000.0)
    nest.Connect(layer[:1], layer, "all_to_all", {"weight": weight})
    assert np.abs(np.array(nest.GetConnections().weight) - np.arange(100)).max() < 0.6


def test_a_network_with_layers_runs():
    layer = grid([20, 20], edge_wrap=True)
    layer.I_e = 500.0 + 100.0 * nest.spatial.pos.x
    near = {"rule": "pairwise_bernoulli", "p": 0.5, "mask": {"circular": {"radius": 0.15}}}
    nest.Connect(layer, layer, near, {"weight": 20.0, "delay": 1.0 + 5.0 * nest.spatial.distance})
    recorder = nest.Create("spike_recorder")
    nest.Connect(layer, recorder)
    nest.Simulate(200.0)
    assert recorder.n_events > 1000


# -- Parameters


def test_kinds_of_parameters_in_space():
    distance = nest.spatial.distance
    source = nest.Create("iaf_psc_alpha", positions=nest.spatial.free([[0.0, 0.0]], extent=[9.0, 9.0]))
    there = [[3.0, 4.0]]
    for made, expected in (
        (nest.CreateParameter("distance", {}), 5.0),
        (nest.CreateParameter("distance", {"dimension": 1}), 3.0),
        (nest.CreateParameter("position", {"dimension": 1, "synaptic_endpoint": 2}), 4.0),
        (nest.CreateParameter("gaussian", {"x": distance, "std": 5.0}), np.exp(-0.5)),
        (nest.CreateParameter("exp_distribution", {"x": distance, "beta": 2.5}), np.exp(-2.0)),
        (nest.CreateParameter("gamma", {"x": distance, "kappa": 2.0, "theta": 5.0}), np.exp(-1.0) / 5.0),
        (nest.CreateParameter("gaussian2d", {"x": distance.x, "y": distance.y}), np.exp(-12.5)),
        (
            nest.CreateParameter("gabor", {"x": distance.x, "y": distance.y, "lam": 4.0, "std": 5.0}),
            np.exp(-0.5),
        ),
    ):
        assert made.is_spatial()
        assert made.apply(source, there) == (pytest.approx(expected, rel=1e-12),)


def test_a_profile_draws_its_argument_once():
    """gabor(x, y) uses x twice: it must be the same x."""
    layer = grid([2, 1])
    noisy = nest.spatial.distance.x * 0.0 + nest.random.uniform(0.0, 1.0)
    drawn = nest.spatial_distributions.gamma(noisy, kappa=2.0, theta=1.0).apply(layer[0], [[0.0, 0.0]] * 5000)
    assert max(drawn) <= np.exp(-1.0)  # x exp(-x) of one x; of two it could be nearly 1


def test_texts_of_parameters():
    distance, d = nest.spatial.distance, nest.spatial_distributions
    assert repr(2 * distance.x + nest.spatial.source_pos.y) == "Parameter(((2 * distance.x) + source_pos.y))"
    assert (
        repr(d.gaussian(distance, std=2.0))
        == "Parameter(spatial_distributions.gaussian(distance, mean=0, std=2))"
    )
    assert (
        repr(d.exponential(distance, beta=2.0))
        == "Parameter(spatial_distributions.exponential(distance, beta=2))"
    )


# -- what is refused

FREE, GRID = nest.spatial.free, nest.spatial.grid
NEAR = {"circular": {"radius": 0.2}}


def create(positions, n=1):
    return nest.Create("iaf_psc_alpha", n, positions=positions)


def ring():
    return grid(edge_wrap=True)


def free():
    return create(FREE([[0.0, 0.0], [1.0, 1.0]]))


def connect(spec, synapse=None, sources=None, targets=None):
    layer = grid()
    nest.Connect(sources or layer, targets or layer, spec, synapse)


BERNOULLI = {"rule": "pairwise_bernoulli", "p": 1.0}
REFUSED = {
    "shape of one axis": (
        lambda: GRID([3]),
        "spatial.grid(): the shape of a grid must be a list of 2 or 3 whole numbers. Value: [3]. Allowed: [columns, rows] or [columns, rows, layers]. Give how many nodes there are along each axis.",
    ),
    "shape with a part": (
        lambda: GRID([3, 2.5]),
        "spatial.grid(): the shape of a grid must be a list of 2 or 3 whole numbers. Value: [3, 2.5]. Allowed: [columns, rows] or [columns, rows, layers]. Give how many nodes there are along each axis.",
    ),
    "empty shape": (
        lambda: GRID([3, 0]),
        "spatial.grid(): a grid must have 1 or more nodes along each axis. Value: [3, 0]. Allowed: positive numbers. Give how many nodes there are along each axis.",
    ),
    "extent of one axis": (
        lambda: GRID([3, 2], extent=[1.0]),
        "spatial.grid(): extent must be a list of 2 numbers. Value: [1.0]. Allowed: 2 numbers. Give one number for each dimension.",
    ),
    "negative extent": (
        lambda: GRID([3, 2], extent=[1.0, -1.0]),
        "spatial.grid(): an extent must be above 0 along each axis. Value: [1.0, -1.0]. Allowed: positive numbers. Give the size of the layer.",
    ),
    "center with a letter": (
        lambda: GRID([3, 2], center=["a", 0.0]),
        "spatial.grid(): center must be a list of 2 numbers. Value: ['a', 0.0]. Allowed: 2 numbers. Give one number for each dimension.",
    ),
    "edge_wrap": (
        lambda: GRID([3, 2], edge_wrap=1),
        "spatial.grid(): edge_wrap must be True or False. Value: 1 (int). Allowed: True or False. Say whether opposite edges are joined.",
    ),
    "points of different lengths": (
        lambda: FREE([[0.0, 0.0], [1.0]]),
        "spatial.free(): positions must be a list of points, each of 2 or 3 numbers. Value: [[0.0, 0.0], [1.0]]. Allowed: [[x, y], …], [[x, y, z], …], a Parameter, or a Parameter for each axis. Give all points as many coordinates.",
    ),
    "no points": (
        lambda: FREE([]),
        "spatial.free(): there are no positions. Value: []. Allowed: 1 or more points. Give a position for each node.",
    ),
    "dimensions not said": (
        lambda: FREE(nest.random.uniform()),
        "spatial.free(): a single Parameter does not say how many dimensions there are. Value: Parameter(uniform(min=0, max=1)). Allowed: num_dimensions or extent as well. Write free(parameter, num_dimensions=2).",
    ),
    "four dimensions": (
        lambda: FREE([nest.random.uniform()] * 4),
        "spatial.free(): layers have 2 or 3 dimensions. Value: 4. Allowed: 2 or 3. Choose one of them.",
    ),
    "positions that are a list": (
        lambda: create([[0.0, 0.0]]),
        "Create(): positions must say where the nodes are. Value: [[0.0, 0.0]] (list). Allowed: nest.spatial.grid or nest.spatial.free. Write positions=nest.spatial.free([[x, y], ...]).",
    ),
    "number of a grid": (
        lambda: create(GRID([2, 2]), 4),
        "Create(): a grid says how many nodes there are. Value: n = 4. Allowed: 1, which stands for each cell. Leave n out.",
    ),
    "one position": (
        lambda: create(FREE([[0.0, 0.0]])),
        "Create(): a single position does not say how large the layer is. Value: 1 position and no extent. Allowed: an extent. Give extent, for example [1.0, 1.0].",
    ),
    "position that is nan": (
        lambda: create(FREE([[0.0, float("nan")], [1.0, 1.0]])),
        "Create(): positions must be finite. Value: y = nan. Allowed: finite numbers. Replace nan and inf.",
    ),
    "narrow extent": (
        lambda: create(FREE([[0.0, 0.0], [3.0, 1.0]], extent=[1.0, 1.0])),
        "Create(): the positions lie farther from each other than the extent. Value: 3. Allowed: at most 1. Enlarge extent, or leave it out.",
    ),
    "distance of a node": (
        lambda: nest.Create("iaf_psc_alpha", params={"V_m": nest.spatial.distance}, positions=GRID([2, 2])),
        "Create(): this parameter needs the positions of two nodes. Value: distance. Allowed: connections of nodes that have positions. Use it in Connect; for one node there is nest.spatial.pos.",
    ),
    "node without position": (
        lambda: nest.Create("iaf_psc_alpha", params={"V_m": nest.spatial.pos.x}),
        "Create(): these nodes have no positions. Value: 1 of 1 nodes. Allowed: nodes of one layer. Create them with positions, by nest.spatial.grid or nest.spatial.free.",
    ),
    "dimension": (
        lambda: nest.spatial.pos.n(3),
        "spatial.pos.n(): this is no dimension. Value: 3 (int). Allowed: 0, 1, 2. Give the number of the axis; x, y and z are attributes.",
    ),
    "dimension of distance": (
        lambda: nest.spatial.distance.n(4),
        "spatial.distance.n(): this is no dimension. Value: 4 (int). Allowed: 0, 1, 2, 3. Give the number of the axis; x, y and z are attributes.",
    ),
    "value without place": (
        lambda: nest.spatial.distance.GetValue(),
        "Parameter.GetValue(): this parameter needs the positions of two nodes. Value: distance. Allowed: connections of nodes that have positions. Use it in Connect; for one node there is nest.spatial.pos.",
    ),
    "default that depends": (
        lambda: nest.SetDefaults("static_synapse", {"weight": nest.spatial.distance}),
        "SetDefaults(): this parameter needs the positions of two nodes. Value: distance. Allowed: connections of nodes that have positions. Use it in Connect; for one node there is nest.spatial.pos.",
    ),
    "position of nothing": (
        lambda: nest.GetPosition(3),
        "GetPosition(): nodes must be a collection of nodes. Value: 3 (int). Allowed: a NodeCollection. Give what Create() gave.",
    ),
    "position of others": (
        lambda: nest.GetPosition(nest.Create("iaf_psc_alpha", 3)),
        "GetPosition(): these nodes have no positions. Value: 3 of 3 nodes. Allowed: nodes of one layer. Create them with positions, by nest.spatial.grid or nest.spatial.free.",
    ),
    "two layers": (
        lambda: nest.GetPosition(nest.NodeCollection([*grid().tolist(), *grid().tolist()])),
        "GetPosition(): these nodes belong to more than one layer. Value: nodes 1 to 50. Allowed: nodes of one layer. Create them with positions, by nest.spatial.grid or nest.spatial.free.",
    ),
    "joined layers": (
        lambda: grid() + grid(),
        "NodeCollection + other: nodes of a layer cannot be joined with other nodes. Value: nodes of 2 layers. Allowed: nodes of one layer. Keep them apart, or join lists of their ids by NodeCollection(a.tolist() + b.tolist()).",
    ),
    "joined with others": (
        lambda: grid() + nest.Create("iaf_psc_alpha"),
        "NodeCollection + other: nodes of a layer cannot be joined with other nodes. Value: nodes with and without positions. Allowed: nodes of one layer. Keep them apart, or join lists of their ids by NodeCollection(a.tolist() + b.tolist()).",
    ),
    "lengths of ways": (
        lambda: nest.Distance(grid()[:3], grid()[:2]),
        "Distance(): from_arg and to_arg must be of the same length, or one of them of length 1. Value: 3 and 2. Allowed: the same length, or 1. Choose as many of both.",
    ),
    "way from nowhere": (
        lambda: nest.Distance([[0.0]], grid()),
        "Distance(): from_arg must be nodes or positions. Value: [[0.0]] (list). Allowed: a NodeCollection, or a list of points of 2 numbers each. Write [[x, y], ...].",
    ),
    "nearest to nothing": (
        lambda: nest.FindNearestElement(grid(), "here"),
        "FindNearestElement(): locations must be one point or a list of points. Value: 'here' (str). Allowed: points of 2 numbers each. Give a number for each dimension of the layer.",
    ),
    "kind of mask": (
        lambda: nest.CreateMask("circluar", {"radius": 1.0}),
        "CreateMask(): there is no kind of mask of this name. Value: 'circluar'. Allowed: 'box', 'circular', 'doughnut', 'ellipsoidal', 'elliptical', 'grid', 'rectangular', 'spherical'. Did you mean 'circular'?",
    ),
    "specs of mask": (
        lambda: nest.CreateMask("circular", {"radios": 1.0}),
        "CreateMask(): a circular mask has nothing of this name. Value: 'radios'. Allowed: 'radius'. Did you mean 'radius'?",
    ),
    "nothing of mask": (
        lambda: nest.CreateMask("circular", {}),
        "CreateMask(): a circular mask needs radius. Value: a dictionary with nothing. Allowed: a dictionary with 'radius'. Write {'radius': ...}.",
    ),
    "no specs": (
        lambda: nest.CreateMask("circular", 1.0),
        "CreateMask(): what a circular mask is like must come by name. Value: 1.0 (float). Allowed: a dictionary. Write {'radius': ...}.",
    ),
    "radius": (
        lambda: nest.CreateMask("circular", {"radius": -1.0}),
        "CreateMask(): circular.radius must be above 0 and finite. Value: -1. Allowed: positive numbers. Give a length.",
    ),
    "corners": (
        lambda: nest.CreateMask("rectangular", {"lower_left": [0.0, 0.0], "upper_right": [-1.0, 1.0]}),
        "CreateMask(): rectangular.upper_right must lie above lower_left along each axis. Value: [0.0, 0.0] and [-1.0, 1.0]. Allowed: lower_left < upper_right. Exchange the corners.",
    ),
    "corner of a room": (
        lambda: nest.CreateMask("rectangular", {"lower_left": [0.0, 0.0, 0.0], "upper_right": [1.0, 1.0]}),
        "CreateMask(): rectangular.lower_left must be a list of 2 numbers. Value: [0.0, 0.0, 0.0]. Allowed: 2 numbers. Give one number for each dimension.",
    ),
    "doughnut": (
        lambda: nest.CreateMask("doughnut", {"inner_radius": 1.0, "outer_radius": 0.5}),
        "CreateMask(): doughnut.outer_radius must be above inner_radius. Value: inner_radius 1, outer_radius 0.5. Allowed: inner_radius < outer_radius. Exchange them.",
    ),
    "axes": (
        lambda: nest.CreateMask("elliptical", {"major_axis": 1.0, "minor_axis": 2.0}),
        "CreateMask(): elliptical.major_axis must not be below minor_axis. Value: major_axis 1, minor_axis 2. Allowed: minor_axis <= major_axis. Exchange them, and turn the mask by 90 degrees with azimuth_angle.",
    ),
    "cells": (
        lambda: nest.CreateMask("grid", {"shape": [2, 0.5]}),
        "CreateMask(): grid.shape must be a list of whole numbers. Value: [2, 0.5]. Allowed: 2 or 3 whole numbers. Count cells along each axis.",
    ),
    "mask of a value": (
        lambda: nest.Mask(3),
        "Mask(): a Mask is not made from a value. Value: 3 (int). Allowed: what CreateMask() gives. Use CreateMask().",
    ),
    "mask and number": (
        lambda: nest.CreateMask("circular", {"radius": 1.0}) | 3,
        "Mask | Mask: masks are combined with masks. Value: 3 (int). Allowed: a Mask. Make one with CreateMask().",
    ),
    "masks of different dimensions": (
        lambda: nest.CreateMask("circular", {"radius": 1.0}) & nest.CreateMask("spherical", {"radius": 1.0}),
        "Mask & Mask: masks that are combined must have the same number of dimensions. Value: 2 and 3. Allowed: both 2 or both 3. Use circular with rectangular, or spherical with box, for example.",
    ),
    "cells combined": (
        lambda: nest.CreateMask("circular", {"radius": 1.0}) - nest.CreateMask("grid", {"shape": [1, 1]}),
        "Mask - Mask: a grid mask cannot be combined. Value: a grid mask. Allowed: masks of other kinds. Use a rectangular mask.",
    ),
    "cells of a point": (
        lambda: nest.CreateMask("grid", {"shape": [1, 1]}).Inside([0.0, 0.0]),
        "Mask.Inside(): a grid mask counts cells of a layer, not points. Value: a grid mask. Allowed: masks of other kinds. Use SelectNodesByMask() with the layer.",
    ),
    "point in a room": (
        lambda: nest.CreateMask("circular", {"radius": 1.0}).Inside([0.0, 0.0, 0.0]),
        "Mask.Inside(): the point must be a list of 2 numbers. Value: [0.0, 0.0, 0.0]. Allowed: 2 numbers. Give one number for each dimension.",
    ),
    "mask that is a number": (
        lambda: connect(BERNOULLI | {"mask": 0.2}),
        "Connect(): mask must be a region. Value: 0.2 (float). Allowed: a Mask, or a dictionary such as {'circular': {'radius': 1.0}}. Make one with CreateMask().",
    ),
    "two masks": (
        lambda: connect(BERNOULLI | {"mask": NEAR | {"grid": {"shape": [1, 1]}}}),
        "Connect(): a dictionary describes one mask. Value: a dictionary with 'circular', 'grid'. Allowed: one kind of mask, and perhaps 'anchor'. Combine masks of CreateMask() by &, | and -.",
    ),
    "mask in a room": (
        lambda: connect(BERNOULLI | {"mask": {"spherical": {"radius": 1.0}}}),
        "Connect(): the mask has another number of dimensions than the layer. Value: 3 and 2. Allowed: masks of 2 dimensions. Use circular, doughnut, elliptical or rectangular.",
    ),
    "cells of free positions": (
        lambda: connect(BERNOULLI | {"mask": {"grid": {"shape": [1, 1]}}}, None, free(), free()),
        "Connect(): a grid mask counts the cells of a grid. Value: a layer of free positions. Allowed: layers made by a grid. Use a rectangular mask.",
    ),
    "mask without positions": (
        lambda: connect(BERNOULLI | {"mask": NEAR}, None, None, nest.Create("iaf_psc_alpha")),
        "Connect(): these nodes have no positions. Value: 1 of 1 nodes. Allowed: nodes of one layer. Create them with positions, by nest.spatial.grid or nest.spatial.free.",
    ),
    "mask of another rule": (
        lambda: connect({"rule": "all_to_all", "mask": NEAR}),
        "Connect(): all_to_all knows no mask, and no p that depends on positions. Value: a mask. Allowed: fixed_indegree, fixed_outdegree, pairwise_bernoulli. Choose one of these rules.",
    ),
    "p of another rule": (
        lambda: connect({"rule": "pairwise_poisson", "pairwise_avg_num_conns": nest.spatial.distance}),
        "Connect(): pairwise_poisson knows no mask, and no p that depends on positions. Value: a p that depends on positions. Allowed: fixed_indegree, fixed_outdegree, pairwise_bernoulli. Choose one of these rules.",
    ),
    "side of a degree": (
        lambda: connect({"rule": "fixed_indegree", "indegree": 1, "mask": NEAR, "use_on_source": True}),
        "Connect(): fixed_indegree says itself on which side the mask lies. Value: use_on_source=True. Allowed: False. Leave use_on_source out.",
    ),
    "oversized": (
        lambda: connect(BERNOULLI | {"mask": {"circular": {"radius": 0.6}}}, None, ring(), ring()),
        "Connect(): the mask is larger than the layer, whose edges are joined. Value: 1.2 wide, extent 1. Allowed: masks that are at most as wide as the layer. Choose a smaller mask, or set allow_oversized_mask to True: nodes may then be reached twice.",
    ),
    "too few": (
        lambda: connect({"rule": "fixed_indegree", "indegree": 9, "mask": NEAR, "allow_multapses": False}),
        "Connect(): fixed_indegree: a node finds too few sources inside the mask. Value: node 1 finds 1 of 9. Allowed: as many as it is connected with, or more. Enlarge the mask, or ask for fewer connections.",
    ),
    "none": (
        lambda: connect(
            {
                "rule": "fixed_outdegree",
                "outdegree": 1,
                "mask": {"circular": {"radius": 0.05}},
                "allow_autapses": False,
            }
        ),
        "Connect(): fixed_outdegree: a node finds too few targets inside the mask. Value: node 1 finds 0 of 1. Allowed: 1 or more. Enlarge the mask, or ask for fewer connections.",
    ),
    "negative weight of choice": (
        lambda: connect({"rule": "fixed_indegree", "indegree": 1, "p": -1.0 * nest.spatial.distance}),
        "Connect(): fixed_indegree: p must not be negative. Value: -0.20000000000000004. Allowed: 0 or more. Give how likely a node is chosen, compared with others.",
    ),
    "node in a connection": (
        lambda: connect(BERNOULLI | {"p": nest.spatial.pos.x}),
        "Connect(): connections depend on two nodes, not on one. Value: nest.spatial.pos. Allowed: nest.spatial.source_pos, target_pos and distance. Say which end of the connection is meant.",
    ),
    "third axis": (
        lambda: connect("all_to_all", {"weight": nest.spatial.distance.z}),
        "Connect(): the nodes have no position along this axis. Value: z of positions in 2 dimensions. Allowed: x or y. Create the layers in 3 dimensions.",
    ),
    "weight without positions": (
        lambda: connect("all_to_all", {"weight": nest.spatial.distance}, nest.Create("iaf_psc_alpha")),
        "Connect(): these nodes have no positions. Value: 1 of 1 nodes. Allowed: nodes of one layer. Create them with positions, by nest.spatial.grid or nest.spatial.free.",
    ),
    "plane and room": (
        lambda: connect(BERNOULLI | {"mask": NEAR}, None, None, grid([2, 2, 2])),
        "Connect(): sources and targets have positions in different numbers of dimensions. Value: 2 and 3. Allowed: both 2 or both 3. Create both layers in the plane, or both in space.",
    ),
    "delay": (
        lambda: connect("all_to_all", {"delay": nest.spatial.distance}),
        "Connect(): a delay must be at least the resolution. Value: 0 ms. Allowed: at least 0.1 ms. Raise the delay, or choose a finer resolution before nodes are created.",
    ),
    "misspelled": (
        lambda: connect(BERNOULLI | {"msak": NEAR}),
        "Connect(): conn_spec of pairwise_bernoulli has no key of this name. Value: 'msak'. Allowed: 'allow_autapses', 'allow_multapses', 'allow_oversized_mask', 'mask', 'p', 'rule', 'use_on_source'. Did you mean 'mask'? Check the spelling.",
    ),
    "growing": (
        lambda: nest.SetKernelStatus(
            {
                "structural_plasticity_synapses": {
                    "s": {
                        "synapse_model": "static_synapse",
                        "weight": nest.spatial.distance,
                        "pre_synaptic_element": "a",
                        "post_synaptic_element": "b",
                    }
                }
            }
        ),
        "SetKernelStatus(): structural_plasticity_synapses takes no values that depend on positions. Value: a parameter of nest.spatial. Allowed: a number or a random parameter. Give one value, or a random parameter such as nest.random.uniform().",
    ),
    "profile of a number": (
        lambda: nest.spatial_distributions.gaussian(3.0),
        "spatial_distributions.gaussian(): argument 1 must be a Parameter. Value: 3.0 (float). Allowed: what nest.random, nest.math, nest.logic and nest.spatial give. Use nest.spatial.distance, for example.",
    ),
    "width of a profile": (
        lambda: nest.spatial_distributions.gaussian(nest.spatial.distance, std=0.0),
        "spatial_distributions.gaussian(): std must be above 0. Value: 0. Allowed: above 0. Choose another value.",
    ),
    "correlation": (
        lambda: nest.spatial_distributions.gaussian2D(
            nest.spatial.distance.x, nest.spatial.distance.y, rho=1.0
        ),
        "spatial_distributions.gaussian2D(): rho must be between -1 and 1. Value: 1. Allowed: between -1 and 1. Choose another value.",
    ),
    "kind without x": (
        lambda: nest.CreateParameter("gaussian", {"std": 1.0}),
        "CreateParameter(): the parameter 'gaussian' needs x. Value: a dictionary with 'std'. Allowed: a dictionary with 'x'. Write {'x': nest.spatial.distance}, for example.",
    ),
    "endpoint": (
        lambda: nest.CreateParameter("position", {"dimension": 0, "synaptic_endpoint": 3}),
        "CreateParameter(): synaptic_endpoint says which node is meant. Value: 3. Allowed: 0 for a node, 1 for the source, 2 for the target. Choose one of them.",
    ),
    "no nodes": (
        lambda: nest.spatial.pos.x.apply(3),
        "Parameter.apply(): spatial_nc must be a collection of nodes. Value: 3 (int). Allowed: a NodeCollection. Give what Create() gave.",
    ),
    "several sources": (
        lambda: nest.spatial.distance.apply(grid(), [[0.0, 0.0]]),
        "Parameter.apply(): positions of targets need one source. Value: 25 nodes. Allowed: 1 node that has a position. Index the collection.",
    ),
    "place that is no list": (
        lambda: nest.spatial.distance.apply(grid()[0], [0.0, 0.0]),
        "Parameter.apply(): positions must be a list of points of the layer. Value: list of shape (2,). Allowed: a list of points of 2 numbers each. Put a single point into a list.",
    ),
    "file": (
        lambda: nest.DumpLayerNodes(grid(), "no/such/folder/file.txt"),
        "DumpLayerNodes(): this file cannot be written. Value: 'no/such/folder/file.txt': [Errno 2] No such file or directory: 'no/such/folder/file.txt'. Allowed: the name of a file in a folder that is there. Make the folder first, or choose another.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    call, text = REFUSED[case]
    with pytest.raises(errors.NESTError) as caught:
        call()
    assert str(caught.value) == text
    assert nest.num_connections == 0
