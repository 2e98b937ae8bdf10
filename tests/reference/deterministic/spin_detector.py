from __future__ import annotations

import numpy as np

from . import grid, scenario, train
from ._generators import window


@scenario(cases=8)
def states(nest, rng, h):
    """One spike is a 0, two are a 1, whatever weight and delay; windows; times in steps.

    Behind relays the reference now and then leaves out a 0, so the generators are connected to the detectors themselves.
    """
    detectors = nest.Create("spin_detector", 3, params=[window(rng, h, 30) for _ in range(3)])
    detectors[1].set(time_in_steps=True)
    for _ in range(2):
        times = train(rng, h, 40, 30)
        params = {"spike_times": times, "spike_multiplicities": rng.choice([1, 2, 3], len(times)).tolist()}
        generator = nest.Create("spike_generator", params=params)
        nest.Connect(generator, detectors, syn_spec={"delay": grid(rng.uniform(h, 3), h), "weight": -3.0})
    nest.Simulate(25.0)
    nest.Simulate(25.0)
    result = {}
    for i, detector in enumerate(detectors):
        events = detector.get("events")
        order = np.lexsort((events["senders"], events["times"]))
        result |= {f"{i}.{name}": np.asarray(values)[order] for name, values in events.items()}
        result[f"{i}.n_events"] = detector.get("n_events")
    return result
