from __future__ import annotations

import numpy as np

from . import grid, scenario, train
from ._generators import window


@scenario(cases=8)
def states(nest, rng, h):
    """One spike is a 0, two are a 1, whatever weight and delay; windows; times in steps.

    Slices are one step long: in a longer one the reference leaves out a 0 that another event of the node follows.
    """
    nest.Connect(*nest.Create("parrot_neuron", 2), syn_spec={"delay": h})
    detectors = nest.Create("spin_detector", 3, params=[window(rng, h, 30) for _ in range(3)])
    detectors[1].set(time_in_steps=True)
    for detector in detectors:
        times = train(rng, h, 40, 30)
        params = {"spike_times": times, "spike_multiplicities": rng.choice([1, 2, 3], len(times)).tolist()}
        generator = nest.Create("spike_generator", params=params)
        nest.Connect(generator, detector, syn_spec={"delay": grid(rng.uniform(h, 3), h), "weight": -3.0})
    nest.Simulate(25.0)
    nest.Simulate(25.0)
    result = {}
    for i, detector in enumerate(detectors):
        events = detector.get("events")
        order = np.lexsort((events["senders"], events["times"]))
        result |= {f"{i}.{name}": np.asarray(values)[order] for name, values in events.items()}
        result[f"{i}.n_events"] = detector.get("n_events")
    return result
