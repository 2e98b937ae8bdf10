"""Who is connected, where positions and chance decide, is distributed as in theory and as in the reference.

Chi-square tests of counts by distance class, of our connections and of the reference's against the exact
expectation, and Kolmogorov-Smirnov tests of two samples. The level is 0.001 each; seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import nest_lab
from nest_lab.testing import reference

LEVEL = 1e-3


@pytest.fixture(params=["reference", "nest_lab"])
def nest(request):
    simulator = nest_lab if request.param == "nest_lab" else reference()
    simulator.ResetKernel()
    if simulator is not nest_lab:
        simulator.verbosity = simulator.VerbosityLevel.ERROR
    simulator.rng_seed = 4711
    yield simulator
    simulator.ResetKernel()


def pairs(nest, sources, targets):
    """Numbers of the source and the target of each connection in their layers."""
    found = nest.GetConnections(sources, targets)
    source, target = np.array(list(found.sources())), np.array(list(found.targets()))
    return source - sources[0].global_id, target - targets[0].global_id


def distances(positions, extent=None):
    way = positions[None, :, :] - positions[:, None, :]
    if extent is not None:
        way -= extent * np.round(way / extent)
    return np.sqrt((way**2).sum(axis=-1))


def chi_square(counts, expected):
    """The p-value of counts by class, the last classes put together until each expects 10."""
    counts, expected = np.asarray(counts, float), np.asarray(expected, float)
    keep = expected >= 10
    counts = np.append(counts[keep], counts[~keep].sum())
    expected = np.append(expected[keep], expected[~keep].sum())
    if expected[-1] < 10:
        counts, expected = counts[:-1], expected[:-1]
    return stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), len(counts))


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("mask", [None, {"circular": {"radius": 0.31}}])
def test_probability_by_distance(nest, joined, mask):
    """30 × 30 nodes, p = exp(-d² / 0.02): counts in 20 classes of distance and for each source."""
    layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([30, 30], edge_wrap=joined))
    p = nest.spatial_distributions.gaussian(nest.spatial.distance, std=0.1)
    spec = {"rule": "pairwise_bernoulli", "p": p} | ({} if mask is None else {"mask": mask})
    nest.Connect(layer, layer, spec)
    d = distances(np.array(nest.GetPosition(layer)), 1.0 if joined else None)
    exact = np.exp(-(d**2) / 0.02) * (1.0 if mask is None else d <= 0.31)
    source, target = pairs(nest, layer, layer)
    edges = np.linspace(0.0, 0.5, 21)
    counts, _ = np.histogram(d[source, target], edges)
    expected, _ = np.histogram(d, edges, weights=exact)
    variance, _ = np.histogram(d, edges, weights=exact * (1 - exact))
    sure = variance < 1e-9
    assert (counts[sure] == np.round(expected[sure])).all()
    z2 = (counts[~sure] - expected[~sure]) ** 2 / variance[~sure]
    many = variance[~sure] > 5
    assert stats.chi2.sf(z2[many].sum(), many.sum()) > LEVEL
    assert abs(len(source) - exact.sum()) < 4 * np.sqrt((exact * (1 - exact)).sum())
    out = np.bincount(source, minlength=len(layer)) - exact.sum(axis=1)
    assert stats.chi2.sf((out**2 / (exact * (1 - exact)).sum(axis=1)).sum(), len(layer)) > LEVEL


def exact_choice(weights, k):
    """Expected number of connections of each pair: k draws with replacement for each row."""
    return k * weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("rule", ["fixed_indegree", "fixed_outdegree"])
@pytest.mark.parametrize("joined", [False, True])
def test_degree_with_weights_by_distance(nest, rule, joined):
    """15 × 15 nodes, 40 partners each, drawn with weights exp(-d / 0.2): counts in 20 classes of distance."""
    layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([15, 15], edge_wrap=joined))
    p = nest.spatial_distributions.exponential(nest.spatial.distance, beta=0.2)
    nest.Connect(layer, layer, {"rule": rule, rule[6:]: 40, "p": p})
    source, target = pairs(nest, layer, layer)
    own, other = (target, source) if rule == "fixed_indegree" else (source, target)
    assert (np.bincount(own, minlength=len(layer)) == 40).all()
    d = distances(np.array(nest.GetPosition(layer)), 1.0 if joined else None)
    expected = exact_choice(np.exp(-d / 0.2), 40)
    edges = np.linspace(0.0, 1.5, 21)
    counts, _ = np.histogram(d[own, other], edges)
    assert chi_square(counts, np.histogram(d, edges, weights=expected)[0]) > LEVEL
    assert chi_square(np.bincount(other, minlength=len(layer)), expected.sum(axis=0)) > LEVEL


@pytest.mark.parametrize("rule", ["fixed_indegree", "fixed_outdegree"])
@pytest.mark.parametrize("multapses", [False, True])
def test_degree_inside_a_mask(nest, rule, multapses):
    """20 × 20 nodes, 10 partners each out of those in a circle: every displacement is equally frequent."""
    layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([20, 20], edge_wrap=True))
    mask = {"circular": {"radius": 0.21}}
    spec = {"rule": rule, rule[6:]: 10, "mask": mask, "allow_multapses": multapses}
    nest.Connect(layer, layer, spec)
    source, target = pairs(nest, layer, layer)
    if not multapses:
        assert len(np.unique(source * 400 + target)) == 4000
    way = np.array(nest.GetPosition(layer))[target] - np.array(nest.GetPosition(layer))[source]
    way = np.round((way - np.round(way)) * 20).astype(int)
    kinds, counts = np.unique(way[:, 0] * 100 + way[:, 1], return_counts=True)
    offsets = [x * 100 + y for x in range(-5, 6) for y in range(-5, 6) if x * x + y * y <= 17]
    assert sorted(kinds) == sorted(offsets)
    assert chi_square(counts, np.full(len(counts), 4000 / len(counts))) > LEVEL


def test_distinct_choices_with_weights():
    """5 nodes out of 9 with weights by distance, for 600 targets: two samples of 3,000 draws."""
    counts = []
    for nest in (reference(), nest_lab):
        nest.ResetKernel()
        nest.rng_seed = 99
        sources = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([9, 1], extent=[9.0, 1.0]))
        targets = nest.Create(
            "iaf_psc_alpha", positions=nest.spatial.free([[0.01 * i, 0.0] for i in range(60)])
        )
        p = nest.spatial_distributions.exponential(nest.spatial.distance, beta=1.5)
        spec = {"rule": "fixed_indegree", "indegree": 5, "p": p, "allow_multapses": False}
        total = np.zeros(9)
        for _ in range(10):
            nest.Connect(sources, targets, spec)
        source, _ = pairs(nest, sources, targets)
        total += np.bincount(source, minlength=9)
        counts.append(total)
        nest.ResetKernel()
    assert counts[0].sum() == counts[1].sum() == 3000
    assert stats.chi2_contingency(np.array(counts)).pvalue > LEVEL, counts


def test_positions_that_are_drawn():
    """20,000 positions in a room: three Kolmogorov-Smirnov tests beside the reference, and no correlation."""
    found = []
    for nest in (reference(), nest_lab):
        nest.ResetKernel()
        nest.rng_seed = 5
        free = nest.spatial.free(
            [nest.random.uniform(-1.0, 1.0), nest.random.normal(0.0, 0.5), nest.random.exponential(0.3)]
        )
        found.append(np.array(nest.GetPosition(nest.Create("iaf_psc_alpha", 20_000, positions=free))))
        nest.ResetKernel()
    for axis in range(3):
        assert stats.ks_2samp(found[0][:, axis], found[1][:, axis]).pvalue > LEVEL
    assert np.abs(np.corrcoef(found[1].T) - np.eye(3)).max() < 4 / np.sqrt(20_000)


def test_weights_with_chance_and_distance():
    """Weights 2 d + noise: noise that is normal, and as in the reference (KS tests, 2,500 weights)."""
    noise = []
    for nest in (reference(), nest_lab):
        nest.ResetKernel()
        nest.rng_seed = 17
        layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([50, 1]))
        weight = 2.0 * nest.spatial.distance + nest.random.normal(0.0, 0.1)
        nest.Connect(layer, layer, {"rule": "pairwise_bernoulli", "p": 1.0}, {"weight": weight})
        source, target = pairs(nest, layer, layer)
        weights = np.array(nest.GetConnections().weight)
        noise.append(weights - 2.0 * np.abs(source - target) / 50)
        nest.ResetKernel()
    assert stats.ks_2samp(*noise).pvalue > LEVEL
    assert stats.kstest(noise[1] / 0.1, "norm").pvalue > LEVEL
