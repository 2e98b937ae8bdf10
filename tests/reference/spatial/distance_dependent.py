"""Weights, delays and probabilities that depend on positions, and what the network does with them."""

import nest

nest.set_verbosity("M_ERROR")


def show(*values):
    print("|", *values)


def table(found):
    rows = zip(found.source, found.target, found.weight, found.delay, strict=True)
    for source, target, weight, delay in sorted(rows):
        show(source, target, weight, delay)


layer = nest.Create(
    "iaf_psc_exp",
    params={"I_e": 500.0 + 300.0 * nest.spatial.pos.x, "V_m": -65.0 + 2.0 * nest.spatial.pos.y},
    positions=nest.spatial.grid([4, 4], extent=[2.0, 2.0], edge_wrap=True),
)
show(layer.I_e, layer.V_m)
layer[3:7].tau_m = 10.0 + nest.math.max(nest.spatial.pos.x, 0.0)
show(layer.tau_m)
distance, source, target = nest.spatial.distance, nest.spatial.source_pos, nest.spatial.target_pos
near = nest.logic.conditional(distance < 0.8, 1.0, 0.0)
nest.Connect(
    layer,
    layer,
    {"rule": "pairwise_bernoulli", "p": near, "allow_autapses": False},
    {"weight": 100.0 * nest.spatial_distributions.gaussian(distance, std=0.5), "delay": 1.0 + distance},
)
table(nest.GetConnections())
recorder = nest.Create("spike_recorder")
nest.Connect(layer, recorder)
nest.Simulate(100.0)
events = recorder.get("events")
show(len(events["times"]), sorted(zip(events["times"], events["senders"], strict=True))[:40])

nest.ResetKernel()
layer = nest.Create(
    "iaf_psc_exp", positions=nest.spatial.free([[0.0, 0.0], [0.3, 0.4], [-1.0, 0.5], [0.7, -0.7]])
)
nest.Connect(
    layer,
    layer,
    {"rule": "pairwise_bernoulli", "p": 1.0, "mask": {"circular": {"radius": 1.2}}},
    {
        "weight": source.x + 10.0 * source.y + 100.0 * target.x + 1000.0 * target.y,
        "delay": nest.math.max(distance.x + 2.0 * distance.y, 0.5),
    },
)
table(nest.GetConnections())
