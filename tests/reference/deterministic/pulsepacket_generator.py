from __future__ import annotations

import numpy as np

from . import grid, scenario
from ._generators import probe_spikes

MODEL = "pulsepacket_generator"


@scenario(cases=8)
def packets_without_width(nest, rng, h):
    """All spikes of a packet at once, between grid points and on them.

    No windows: in the reference their edges depend on the length of slices; see test_generators.py.
    """
    params = []
    for _ in range(4):
        times = np.sort(np.append(rng.uniform(-2, 40, 6), grid(rng.uniform(0, 40, 6), h)))
        params.append({"pulse_times": times.tolist(), "activity": int(rng.integers(0, 5)), "sdev": 0.0})
    result = probe_spikes(nest, nest.Create(MODEL, 4, params=params), rng, h)
    nest.Simulate(50.0)
    return result()


@scenario(cases=4)
def changed_while_running(nest, rng, h):
    """New packets replace the old ones."""
    generators = nest.Create(MODEL, 2, params={"pulse_times": [3.0, 20.0, 30.0], "activity": 3})
    result = probe_spikes(nest, generators, rng, h)
    for _ in range(3):
        nest.Simulate(grid(rng.uniform(1, 8), h))
        now = nest.biological_time
        generators.set(
            [{"pulse_times": np.sort(now + 0.3 + rng.uniform(0, 9, 4)).tolist()} for _ in range(2)]
        )
    nest.Simulate(15.0)
    return result()
