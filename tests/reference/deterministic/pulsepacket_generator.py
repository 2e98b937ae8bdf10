from __future__ import annotations

import numpy as np

from . import grid, scenario
from ._generators import probe_spikes, window

MODEL = "pulsepacket_generator"


@scenario(cases=8)
def packets_without_width(nest, rng, h):
    """All spikes of a packet at once, between grid points and on them; windows.

    The reference decides slice by slice (min_delay) what lies before stop, so slices are one step long here.
    """
    nest.Connect(*nest.Create("parrot_neuron", 2), syn_spec={"delay": h})
    params = []
    for _ in range(4):
        times = np.sort(np.append(rng.uniform(-2, 40, 6), grid(rng.uniform(0, 40, 6), h)))
        drawn = {"pulse_times": times.tolist(), "activity": int(rng.integers(0, 5)), "sdev": 0.0}
        params.append(drawn | window(rng, h, 40))
    result = probe_spikes(nest, nest.Create(MODEL, 4, params=params), rng, h)
    nest.Simulate(50.0)
    return result()


@scenario(cases=4)
def every_step(nest, rng, h):
    """A packet at each step shows both edges of the window."""
    nest.Connect(*nest.Create("parrot_neuron", 2), syn_spec={"delay": h})
    times = grid(np.arange(1, 60) * h, h)
    params = [{"pulse_times": times, "activity": 2} | window(rng, h, 40 * h) for _ in range(4)]
    result = probe_spikes(nest, nest.Create(MODEL, 4, params=params), rng, h)
    nest.Simulate(grid(80 * h, h))
    return result()


@scenario(cases=4)
def changed_while_running(nest, rng, h):
    """New packets replace the old ones."""
    generators = nest.Create(MODEL, 2, params={"pulse_times": [3.0, 20.0, 30.0], "activity": 3})
    result = probe_spikes(nest, generators, rng, h)
    for _ in range(3):
        nest.Simulate(grid(rng.uniform(1, 8), h))
        now = nest.biological_time
        generators.set([{"pulse_times": np.sort(now + 0.3 + rng.uniform(0, 9, 4)).tolist()} for _ in range(2)])
    nest.Simulate(15.0)
    return result()
