"""Layers of different sizes, one with joined edges: masks and distances between them; fixed degrees."""

import nest

nest.set_verbosity("M_ERROR")


def show(*values):
    print("|", *values)


def table(found):
    rows = sorted(zip(found.source, found.target, found.weight, strict=True))
    show(len(rows), rows)


for joined in (False, True):
    for spec in ({}, {"use_on_source": True}):
        nest.ResetKernel()
        small = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([3, 3], extent=[1.0, 1.0]))
        large = nest.Create(
            "iaf_psc_exp", positions=nest.spatial.grid([4, 4], extent=[2.0, 2.0], edge_wrap=joined)
        )
        mask = {"rectangular": {"lower_left": [-0.1, -0.9], "upper_right": [0.8, 0.33]}}
        rule = {"rule": "pairwise_bernoulli", "p": 1.0, "mask": mask} | spec
        nest.Connect(small, large, rule, {"weight": nest.spatial.distance})
        table(nest.GetConnections(small, large))
        nest.Connect(large, small, rule, {"weight": nest.spatial.distance})
        table(nest.GetConnections(large, small))
        show(nest.Distance(small[1], large))
        show(nest.Distance(large[1], small))

for rule, key in (("fixed_indegree", "indegree"), ("fixed_outdegree", "outdegree")):
    nest.ResetKernel()
    layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([5, 5], edge_wrap=True))
    mask = {"rectangular": {"lower_left": [-0.21, -0.21], "upper_right": [0.21, 0.01]}}
    spec = {"rule": rule, key: 6, "mask": mask, "allow_multapses": False}  # all that there are
    nest.Connect(layer, layer, spec, {"weight": nest.spatial.distance.y})
    table(nest.GetConnections())

for part in (slice(0, 3), slice(5, 12)):  # a part of a layer is one
    nest.ResetKernel()
    layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([4, 4], edge_wrap=True))
    rule = {"rule": "pairwise_bernoulli", "p": 1.0, "mask": {"circular": {"radius": 0.3}}}
    nest.Connect(layer[part], layer, rule, {"weight": nest.spatial.distance})
    table(nest.GetConnections())
    nest.ResetKernel()
    layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([4, 4], edge_wrap=True))
    nest.Connect(layer, layer[part], rule, {"weight": nest.spatial.distance})
    table(nest.GetConnections())
    show(nest.GetPosition(layer[part]))
