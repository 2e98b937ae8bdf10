from __future__ import annotations

import numpy as np

from nest_lab.testing import spikes

from . import grid, scenario, train
from ._generators import window
from ._neurons import prefixed


@scenario(cases=12)
def windows(nest, rng, h):
    """Which spikes are kept, whatever delay and weight lead to the recorder."""
    sources = nest.Create(
        "spike_generator", 3, params=[{"spike_times": train(rng, h, 40, 60)} for _ in range(3)]
    )
    parrots = nest.Create("parrot_neuron", 3)
    nest.Connect(sources, parrots, "one_to_one", {"delay": grid(rng.uniform(h, 4, 3), h)})
    recorders = nest.Create("spike_recorder", 4, params=[window(rng, h, 40) for _ in range(4)])
    syn_spec = {"delay": np.reshape(grid(rng.uniform(h, 4, 12), h), (4, 3)), "weight": -7.0}
    nest.Connect(parrots, recorders, "all_to_all", syn_spec)
    nest.Connect(sources[0], recorders[0])
    nest.Connect(parrots[0], recorders[0])
    result = {}
    for part in range(4):
        nest.Simulate(grid(rng.uniform(1, 15), h))
        for i, recorder in enumerate(recorders):
            result |= prefixed(f"{part}.{i}", spikes(recorder)) | {f"{part}.{i}.n": recorder.get("n_events")}
        if part == 1:
            recorders[1].set(n_events=0)
    return result


@scenario(cases=4)
def times_in_steps(nest, rng, h):
    params = {"spike_times": np.cumsum(rng.uniform(0, 3, 12)).tolist(), "precise_times": True}
    source = nest.Create("spike_generator", params=params)
    parrot = nest.Create("parrot_neuron")
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    nest.Connect(source, parrot)
    nest.Connect(parrot + source, recorder)
    nest.Simulate(30.0)
    events = recorder.get("events")
    order = np.lexsort((events["times"], events["senders"]))
    return {name: np.asarray(events[name])[order] for name in events}


@scenario(cases=4)
def empty(nest, rng, h):
    recorder = nest.Create("spike_recorder")
    before = recorder.get("events")
    nest.Simulate(5.0)
    return prefixed("before", before) | prefixed("after", recorder.get("events"))
