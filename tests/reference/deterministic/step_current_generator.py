from __future__ import annotations

import numpy as np

from . import grid, scenario, train
from ._generators import connect_late, probe_current, window


def draw(rng, h):
    times = train(rng, h, 40, 8)
    return {"amplitude_times": times, "amplitude_values": rng.uniform(-300, 300, len(times)).tolist()}


@scenario(cases=12)
def windows(nest, rng, h):
    params = [draw(rng, h) | window(rng, h, 30) for _ in range(4)]
    generators = nest.Create("step_current_generator", 4, params=params)
    result = probe_current(nest, generators, rng, h)
    nest.Simulate(45.0)
    return result()


@scenario(cases=8)
def changed_while_running(nest, rng, h):
    """New lists, with times in the past, while the old amplitude is on."""
    generators = nest.Create("step_current_generator", 3, params=[draw(rng, h) for _ in range(3)])
    result = probe_current(nest, generators, rng, h)
    for _ in range(3):
        nest.Simulate(grid(rng.uniform(1, 12), h))
        generators.set([draw(rng, h) for _ in range(3)])
    nest.Simulate(10.0)
    generators.set(amplitude_times=[], amplitude_values=[])
    nest.Simulate(10.0)
    return result()


@scenario(cases=8)
def off_grid_times(nest, rng, h):
    times = np.cumsum(rng.uniform(1.01 * h, 5, 6)).tolist()
    params = {
        "allow_offgrid_times": True,
        "amplitude_times": times,
        "amplitude_values": [1e2, 3e2, 0, 5.0, -60, 7],
    }
    params["amplitude_values"] = [float(value) for value in params["amplitude_values"]]
    generator = nest.Create("step_current_generator", params=params)
    result = probe_current(nest, generator, rng, h)
    nest.Simulate(40.0)
    return result() | {"amplitude_times": generator.get("amplitude_times")}


@scenario(cases=8)
def connected_late(nest, rng, h):
    return connect_late(nest, rng, h, "step_current_generator", [draw(rng, h) for _ in range(3)])
