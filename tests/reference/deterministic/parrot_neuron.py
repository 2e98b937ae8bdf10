from __future__ import annotations

import numpy as np

from nest_lab.testing import spikes

from . import grid, scenario, train
from ._neurons import prefixed


@scenario(cases=8)
def repeats(nest, rng, h):
    """Chains of parrots with several inputs, whatever the weight; receptor 1 is heard but not repeated."""
    parrots = nest.Create("parrot_neuron", 6)
    recorder = nest.Create("spike_recorder")
    nest.Connect(parrots, recorder)
    for _ in range(3):
        times = train(rng, h, 60, 25)
        params = {"spike_times": times, "spike_multiplicities": rng.integers(0, 4, len(times)).tolist()}
        generator = nest.Create("spike_generator", params=params)
        delays = np.reshape(grid(rng.uniform(h, 5, 3), h), (3, 1))
        weights = np.array([[1.0], [0.0], [-3.0]])
        nest.Connect(generator, parrots[:3], "all_to_all", {"delay": delays, "weight": weights})
        nest.Connect(generator, parrots[3], syn_spec={"receptor_type": 1})
    nest.Connect(parrots[:3], parrots[3:], "one_to_one", {"delay": grid(rng.uniform(h, 5, 3), h)})
    nest.Connect(parrots[:2], parrots[5])
    nest.Simulate(80.0)
    state = {name: np.asarray(parrots.get(name)) for name in ("t_spike", "Ca", "archiver_length")}
    return spikes(recorder) | prefixed("get", state)


@scenario(cases=4)
def a_ring_never_ends(nest, rng, h):
    """A parrot that hears itself and its neighbour."""
    parrots = nest.Create("parrot_neuron", 3)
    recorder = nest.Create("spike_recorder")
    nest.Connect(parrots, recorder)
    generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, 4, 3)})
    nest.Connect(generator, parrots[0])
    nest.Connect(parrots[0], parrots[1], syn_spec={"delay": grid(2.3, h)})
    nest.Connect(parrots[1], parrots[2], syn_spec={"delay": grid(1.1, h)})
    nest.Connect(parrots[2], parrots[0], syn_spec={"delay": grid(3.2, h)})
    for length in grid(rng.uniform(1, 20, 3), h):
        nest.Simulate(length)
    return spikes(recorder)


@scenario(cases=4)
def forced_spikes_are_not_for_this_model(nest, rng, h):
    parrot = nest.Create("parrot_neuron", params={"ignore_and_spike": True, "ignore_and_spike_interval": 5.0})
    recorder = nest.Create("spike_recorder")
    generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, 30, 10)})
    nest.Connect(generator, parrot)
    nest.Connect(parrot, recorder)
    nest.Simulate(40.0)
    return spikes(recorder)
