"""Single calls with layers on both simulators: the same value, type and print, or a refusal caught alike."""

# ruff: noqa: E501  (a program is one line)

from __future__ import annotations

import math

import pytest

import nest_lab
from nest_lab.testing import reference
from tests.api.side_by_side import Refusal, caught_by, outcome

G = "g = nest.Create('iaf_psc_alpha', positions=nest.spatial.grid([3, 2]))\n"
G5 = "g = nest.Create('iaf_psc_alpha', positions=nest.spatial.grid([5, 5]))\n"
F = "f = nest.Create('iaf_psc_alpha', positions=nest.spatial.free([[0.0, 0.0], [1.0, 0.5], [0.25, -0.5]]))\n"
H = (
    "h = nest.Create('iaf_psc_alpha', positions=nest.spatial.grid([2, 3, 2], extent=[2.0, 3.0, 4.0], "
    "center=[1.0, 1.0, 1.0], edge_wrap=True))\n"
)
P = "g = nest.Create('iaf_psc_alpha', positions=nest.spatial.grid([4, 4], extent=[4.0, 4.0], edge_wrap=True))\n"
CIRCLE = "m = nest.CreateMask('circular', {'radius': 0.2})\n"
PAIRS = "c = nest.GetConnections()\nsorted(zip(c.sources(), c.targets()))"


def connected(spec, synapse="None", layers=G5):
    return f"{layers}nest.Connect(g, g, {spec}, {synapse})\n{PAIRS}"


def near(mask, **others):
    return connected({"rule": "pairwise_bernoulli", "p": 1.0, "mask": mask} | others)


CIRCULAR = {"circular": {"radius": 0.25}}
PROGRAMS = [
    # layers
    *(G + last for last in (
        "g", "g.spatial", "g[1:3]", "g[1]", "g[::2]", "g[1:3].spatial", "g[1].spatial", "g[[0, 2]].spatial",
        "[each.spatial for each in g][0]", "len(g)", "nest.GetNodes().spatial", "nest.NodeCollection([1, 2]).spatial",
        "nest.GetPosition(g)", "nest.GetPosition(g[1])", "nest.GetPosition(g[1:3])",
        "g + nest.Create('iaf_psc_alpha', positions=nest.spatial.grid([3, 2]))", "g + nest.Create('iaf_psc_alpha')",
        "nest.spatial.pos.x.apply(g)", "nest.spatial.pos.y.apply(g[1])", "nest.spatial.distance.apply(g)",
        "nest.spatial.distance.apply(g[0], [[0.0, 0.0], [0.5, 0.5]])", "nest.spatial.distance.apply(g, [[0.0, 0.0]])",
        "nest.spatial.distance.apply(g[0], [0.0, 0.0])", "nest.spatial.pos.x.apply(g[0], [[0.0, 0.0]])",
        "nest.spatial.source_pos.x.apply(g[0], [[0.3, 0.0]])", "nest.spatial.target_pos.x.apply(g[0], [[0.3, 0.0]])",
        "nest.random.uniform_int(1).apply(g[0], [[0.3, 0.0]])",
    )),
    *(F + last for last in ("f", "f.spatial", "f[1:].spatial", "f[1].spatial", "nest.GetPosition(f)",
                            "nest.FindNearestElement(f, [0.9, 0.4])", "nest.FindNearestElement(f, [0.9, 0.4], True)")),
    *(H + last for last in ("h", "h.spatial", "nest.GetPosition(h)", "nest.FindCenterElement(h)",
                            "nest.Displacement(h[0], h)", "nest.Distance(h[3], h)")),
    "nest.GetPosition(n)",
    "n.spatial",
    "g = nest.Create('iaf_psc_alpha', params={'V_m': nest.spatial.pos.x}, positions=nest.spatial.grid([3, 2]))\ng.V_m",
    "nest.Create('iaf_psc_alpha', params={'V_m': nest.spatial.pos.z}, positions=nest.spatial.grid([3, 2]))",
    "nest.Create('iaf_psc_alpha', params={'V_m': nest.spatial.distance}, positions=nest.spatial.grid([3, 2]))",
    "nest.Create('iaf_psc_alpha', params={'V_m': nest.spatial.pos.x})",
    G + "g.V_m = nest.spatial.pos.y * 10\ng.V_m",
    G + "g[1:3].set(V_m=nest.spatial.pos.y)\ng.V_m",
    *(f"nest.Create('iaf_psc_alpha', {given}).spatial" for given in (
        "3, positions=nest.spatial.grid([3, 2])", "1, positions=nest.spatial.grid([3, 2])",
        "6, positions=nest.spatial.grid([3, 2])", "positions=[[0.0, 0.0]]",
        "2, positions=nest.spatial.free([[0.0, 0.0], [1.0, 0.5], [0.25, -0.5]])",
        "positions=nest.spatial.free([[0, 1], [2, 2]])", "positions=nest.spatial.free(((0, 1), (2, 2)))",
        "positions=nest.spatial.free([[0.0, 0.0], [1.0, 0.5]], extent=[2.0, 3.0])",
        "positions=nest.spatial.free([[0.0, 0.0], [1.0, 0.5]], extent=[4.0, 4.0], edge_wrap=True)",
        "positions=nest.spatial.free([[0.0, 0.0], [1.0, 0.5, 0.3]])", "positions=nest.spatial.free([[0.0], [1.0]])",
        "positions=nest.spatial.free([[0.0, 1.0]])", "positions=nest.spatial.free([])",
        "positions=nest.spatial.free([0.0, 1.0])", "5, positions=nest.spatial.free(nest.random.uniform())",
        "5, positions=nest.spatial.free(nest.random.uniform(0.0, 9.0), extent=[0.001, 0.001])",
        "5, positions=nest.spatial.free([nest.random.uniform()] * 4)",
        "5, positions=nest.spatial.free(nest.spatial.pos.x, num_dimensions=2)",
        "positions=nest.spatial.grid([3])", "positions=nest.spatial.grid([3, 0])", "positions=nest.spatial.grid(3)",
        "positions=nest.spatial.grid([3, -1])", "positions=nest.spatial.grid([3, 2], extent=[1.0])",
        "positions=nest.spatial.grid([3, 2], center=[1.0])", "positions=nest.spatial.grid((3, 2))",
        "positions=nest.spatial.grid([3, 2], extent=[1, 2], center=[1, 2])",
    )),
    # Parameters
    *(f"{p}.is_spatial()" for p in (
        "nest.spatial.pos.x", "nest.spatial.distance", "nest.random.uniform()",
        "(nest.random.uniform() + nest.spatial.pos.x)", "nest.math.exp(nest.spatial.distance)",
        "nest.CreateParameter('position', {'dimension': 0, 'synaptic_endpoint': 0})",
        "nest.CreateParameter('distance', {})",
        "nest.CreateParameter('gaussian', {'x': nest.spatial.distance, 'mean': 0.0, 'std': 1.0})",
        "nest.CreateParameter('exp_distribution', {'x': nest.spatial.distance, 'beta': 1.0})",
        "nest.CreateParameter('exponential', {'x': nest.spatial.distance})",
    )),
    "nest.spatial.pos.x.GetValue()",
    "nest.spatial.distance.GetValue()",
    *(f"nest.spatial_distributions.{call}" for call in (
        "gaussian(nest.spatial.distance, std=0.0)", "gaussian(nest.spatial.distance, std=-1.0)", "gaussian(3.0)",
        "exponential(nest.spatial.distance, beta=0.0)", "gamma(nest.spatial.distance, kappa=-1.0)",
        "gaussian2D(nest.spatial.distance.x, nest.spatial.distance.y, rho=1.0)",
        "gabor(nest.spatial.distance.x, nest.spatial.distance.y, std=0.0)", "gaussian(nest.spatial.distance, 'a')",
    )),
    # ways
    *(P + last for last in (
        "nest.Displacement(g[0], g[2])", "nest.Displacement(g[2], g[0])", "nest.Distance(g[0], g)",
        "nest.Displacement(g, g[0])", "nest.Displacement(g[:3], g[:3])", "nest.Displacement(g[:3], g[:2])",
        "nest.Displacement([[0.0, 0.0]], g[:2])", "nest.Displacement([[0.0, 0.0], [1.0, 1.0]], g[:2])", "nest.Displacement(g[0], [[0.0, 0.0]])",
        "nest.Displacement([(0.0, 0.0)], g[1])", "nest.Displacement(np.array([0.0, 0.0]), g[:2])",
        "nest.Distance(np.array([0.0, 0.0]), g[:2])", "nest.Distance(g[0], n)", "nest.Distance(n, g[0])",
        "nest.Distance([[0.0, 0.0, 0.0]], g[:2])", "nest.Distance(3, g[:2])", "nest.Distance([[10.0, 0.0]], g[:2])",
        "nest.FindCenterElement(g)", "nest.FindNearestElement(g, [1.9, 1.9])",
        "nest.FindNearestElement(g, [2.1, 1.9])",
    )),
    *(G5 + last for last in (
        "nest.FindNearestElement(g, [3.0, 4.0], True)", "nest.FindNearestElement(g, [0.0, 0.0])",
        "nest.FindNearestElement(g, [[0.0, 0.0], [0.1, 0.1]])", "nest.FindNearestElement(g, [0.1, 0.1], True)",
        "nest.FindNearestElement(g, [[0.1, 0.1], [0.0, 0.0]], True)", "nest.FindNearestElement(g, [[0.0, 0.0]])",
        "nest.FindNearestElement(g, np.array([[0.0, 0.0], [1.0, 1.0]]))", "nest.FindCenterElement(g[:5])",
        "nest.FindNearestElement(g[:5], [0.0, 0.0])", "nest.FindNearestElement(g, 5)",
        "nest.FindNearestElement([1, 2], [0.0, 0.0])", "nest.FindNearestElement(n, [0.0, 0.0])",
        "nest.GetTargetNodes(g[0], g)", "nest.GetTargetPositions(g[:2], g)", "nest.GetTargetNodes(3, g)",
        "nest.GetTargetNodes(g, [1, 2])", "nest.GetTargetNodes(g[0], g, 'stdp_synapse')",
    )),
    *(G5 + CIRCLE + last for last in (
        "nest.SelectNodesByMask(g, [0.0, 0.0], m)", "nest.SelectNodesByMask(g, [10.0, 0.0], m)",
        "nest.SelectNodesByMask(g[:10], [0.0, 0.0], m)", "nest.SelectNodesByMask(g, [0.0], m)",
        "nest.SelectNodesByMask(g, [0.0, 0.0], nest.CreateMask('spherical', {'radius': 0.2}))",
        "nest.SelectNodesByMask(g, [0.0, 0.0], nest.CreateMask('grid', {'shape': [2, 2]}))", "m + m",
        "m | nest.CreateMask('spherical', {'radius': 0.2})", "m | nest.CreateMask('grid', {'shape': [2, 2]})",
        "m.Inside([0.2, 0.0])", "m.Inside([0.0, 0.0, 0.0])", "m.Inside(3)",
    )),
    P + "nest.SelectNodesByMask(g, [2.0, 2.0], nest.CreateMask('circular', {'radius': 1.2})).tolist()",
    # masks
    *(f"nest.CreateMask({given}).Inside([0.5, 0.0])" for given in (
        "'circular', {'radius': -0.2}", "'circular', {'radius': 0.0}", "'circular', {}", "'circulr', {'radius': 1.0}",
        "'circular', {'radius': 1.0, 'x': 3}", "'circular', {'radius': 'a'}", "'circular', {'radius': 1}",
        "'rectangular', {'lower_left': [0.0, 0.0], 'upper_right': [-1.0, 1.0]}",
        "'rectangular', {'lower_left': [0.0, 0.0]}", "'rectangular', {'lower_left': [0, 0], 'upper_right': [1, 1]}",
        "'rectangular', {'lower_left': [0.0, 0.0, 0.0], 'upper_right': [1.0, 1.0, 1.0]}",
        "'doughnut', {'inner_radius': 1.0, 'outer_radius': 0.5}", "'doughnut', {'inner_radius': 0.5, 'outer_radius': 1}",
        "'doughnut', {'inner_radius': 0.0, 'outer_radius': 1}", "'doughnut', {'outer_radius': 0.5}",
        "'elliptical', {'major_axis': 1.0, 'minor_axis': 2.0}", "'elliptical', {'major_axis': 1.0, 'minor_axis': 0.0}",
        "'elliptical', {'major_axis': 1.0, 'minor_axis': 0.5, 'anchor': [1.0, 0.0]}",
        "'grid', {'shape': [2, 2]}", "'circular', {'radius': 1.0}, anchor=[1.0, 0.0]",
        "'circular', {'radius': 1.0}, anchor=[1.0]", "'circular', {'radius': 1.0}, anchor=3.0",
    )),
    "nest.Mask(3)",
    # connections
    near(CIRCULAR),
    near(CIRCULAR, allow_autapses=False),
    near({"rectangular": {"lower_left": [0.0, 0.0], "upper_right": [0.3, 0.1]}}),
    near({"rectangular": {"lower_left": [0.0, 0.0], "upper_right": [0.3, 0.1]}}, use_on_source=True),
    near({"circular": {"radius": 0.2}, "anchor": [0.2, 0.0]}),
    near({"grid": {"shape": [2, 3]}}),
    near({"grid": {"shape": [2, 3]}, "anchor": [1, 1]}),
    near({"grid": {"shape": [2, 3]}, "anchor": [1, 1]}, use_on_source=True),
    near({"grid": {"shape": [2, 3]}, "anchor": [-1, 0]}),
    near({"circulr": {"radius": 0.25}}),
    near(3),
    near({"spherical": {"radius": 0.25}}),
    near(CIRCULAR, foo=1),
    connected({"rule": "pairwise_bernoulli", "mask": CIRCULAR}),
    connected({"rule": "all_to_all", "mask": CIRCULAR}),
    connected({"rule": "one_to_one", "mask": CIRCULAR}),
    connected({"rule": "fixed_total_number", "N": 5, "mask": CIRCULAR}),
    connected({"rule": "fixed_indegree", "indegree": 30, "mask": CIRCULAR, "allow_multapses": False}),
    connected({"rule": "fixed_indegree", "indegree": 3, "mask": CIRCULAR, "use_on_source": True}),
    connected({"rule": "fixed_indegree", "indegree": 1, "mask": {"circular": {"radius": 0.05}},
               "allow_autapses": False}),
    connected({"rule": "fixed_indegree", "indegree": 3, "mask": {"grid": {"shape": [1, 3]}, "anchor": [0, 1]},
               "allow_multapses": False}, layers=G5.replace("5])", "5], edge_wrap=True)")),
    connected("{'rule': 'pairwise_bernoulli', 'p': nest.spatial.pos.x}"),
    connected("{'rule': 'pairwise_bernoulli', 'p': -1.0 * nest.spatial.distance}"),
    connected("{'rule': 'pairwise_bernoulli', 'p': 5.0 + nest.spatial.distance}"),
    *(connected({"rule": "pairwise_bernoulli", "p": 1.0, "mask": mask} | more, layers=P) for mask, more in (
        ({"circular": {"radius": 1.0}}, {}), ({"circular": {"radius": 2.0}}, {}), ({"circular": {"radius": 2.1}}, {}),
        ({"circular": {"radius": 2.1}}, {"allow_oversized_mask": True}), ({"grid": {"shape": [4, 1]}}, {}),
        ({"rectangular": {"lower_left": [-2.0, -0.1], "upper_right": [2.0, 0.1]}}, {}), ({"grid": {"shape": [5, 1]}}, {}),
    )),
    connected("{'rule': 'pairwise_bernoulli', 'p': nest.logic.conditional(nest.spatial.distance < 1.1, 1.0, 0.0)}",
              layers=P),
    G5 + f"nest.Connect(g, n, {{'rule': 'pairwise_bernoulli', 'p': 1.0, 'mask': {CIRCULAR}}})",
    G5 + "nest.Connect(n, g, {'rule': 'pairwise_bernoulli', 'p': nest.spatial.distance})",
    *(G5 + f"nest.Connect(g, g, {{'rule': 'pairwise_bernoulli', 'p': 1.0, 'mask': {CIRCULAR}}})\n" + last for last in (
        "[each.tolist() for each in nest.GetTargetNodes(g[:2], g)]", "nest.GetTargetNodes(g[0], g)",
        "[each.tolist() for each in nest.GetSourceNodes(g, g[3:6])]",
        "[sorted(each) for each in nest.GetTargetPositions(g[:3], g)]",
        "[sorted(each) for each in nest.GetSourcePositions(g, g[0])]",
        "nest.DumpLayerConnections(g, g, 'nosuch_synapse', '/dev/null')",
    )),
]  # fmt: skip


def agree(ours, theirs):
    """Whether two outcomes are the same, numbers to 1e-12."""
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-12)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(agree(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
        return len(ours) == len(theirs) and all(map(agree, ours, theirs))
    return type(ours) is type(theirs) and ours == theirs


@pytest.fixture(scope="module")
def nest():
    simulator = reference()
    simulator.ResetKernel()
    simulator.verbosity = simulator.VerbosityLevel.ERROR
    return simulator


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda text: text.strip().split("\n")[-1][:70])
def test_same_outcome(nest, program):
    ours, theirs = outcome(nest_lab, program), outcome(nest, program)
    if isinstance(theirs, Refusal):
        assert isinstance(ours, Refusal), f"not refused: {ours}; the reference says {theirs.text}"
        assert caught_by(ours, theirs), f"{ours.classes} instead of {theirs.classes}: {theirs.text}"
    else:
        assert agree(ours, theirs), f"{ours}\ninstead of\n{theirs}"
