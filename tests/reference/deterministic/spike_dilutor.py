from __future__ import annotations

from nest_lab.testing import spikes

from . import grid, scenario, train
from ._neurons import prefixed


@scenario(cases=8)
def everything_passes(nest, rng, h):
    """With p_copy = 1: delays on both sides, multiplicities, several sources, neurons and a recorder as targets."""
    dilutors = nest.Create("spike_dilutor", 2, params=[{"p_copy": 1.0}, {"p_copy": 0.0}])
    parrots = nest.Create("parrot_neuron", 4)
    direct, repeated = nest.Create("spike_recorder", 2)
    relay = nest.Create("parrot_neuron")
    for _ in range(3):
        times = train(rng, h, 40, 20)
        params = {"spike_times": times, "spike_multiplicities": rng.integers(0, 4, len(times)).tolist()}
        generator = nest.Create("spike_generator", params=params)
        nest.Connect(generator, relay, syn_spec={"delay": grid(rng.uniform(h, 4), h)})
        syn_spec = {"delay": grid(rng.uniform(h, 4), h), "weight": rng.uniform(-3, 3)}
        nest.Connect(generator, dilutors, syn_spec=syn_spec)
    nest.Connect(relay, dilutors, syn_spec={"delay": grid(2.0, h)})
    for half, dilutor in zip((parrots[:2], parrots[2:]), dilutors, strict=True):
        nest.Connect(dilutor, half, syn_spec={"delay": grid(rng.uniform(h, 4), h), "weight": -2.0})
    nest.Connect(dilutors, direct)
    nest.Connect(parrots, repeated)
    for _ in range(3):
        nest.Simulate(grid(rng.uniform(5, 25), h))
    return prefixed("direct", spikes(direct)) | prefixed("repeated", spikes(repeated))
