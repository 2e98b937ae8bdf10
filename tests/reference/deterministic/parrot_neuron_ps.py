from __future__ import annotations

import numpy as np

from nest_lab.testing import spikes

from . import grid, scenario, train
from ._neurons import prefixed
from ._precise import observe, precise_times


@scenario(cases=8)
def repeats(nest, rng, h):
    """Chains of parrots; times between grid points stay, weights do not matter, receptor 1 is not repeated."""
    parrots = nest.Create("parrot_neuron_ps", 6)
    result, ordinary = observe(nest, parrots, h), nest.Create("parrot_neuron", 2)
    recorder = nest.Create("spike_recorder")
    for _ in range(3):
        times = train(rng, h, 60, 25)
        on_grid = {"spike_times": times, "spike_multiplicities": rng.integers(0, 4, len(times)).tolist()}
        between = {"spike_times": precise_times(rng, 60, 25), "precise_times": True}
        for params in (on_grid, between):
            generator = nest.Create("spike_generator", params=params)
            delays = np.reshape(grid(rng.uniform(h, 5, 3), h), (3, 1))
            weights = np.array([[1.0], [0.0], [-3.0]])
            nest.Connect(generator, parrots[:3], "all_to_all", {"delay": delays, "weight": weights})
            nest.Connect(generator, parrots[3], syn_spec={"receptor_type": 1})
    nest.Connect(parrots[:3], parrots[3:], "one_to_one", {"delay": grid(rng.uniform(h, 5, 3), h)})
    nest.Connect(parrots[:2], ordinary, "one_to_one", {"delay": grid(1.5, h)})
    nest.Connect(ordinary, recorder)
    nest.Simulate(80.0)
    return result() | prefixed("ordinary", spikes(recorder))
