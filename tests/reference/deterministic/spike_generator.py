from __future__ import annotations

import numpy as np

from . import grid, scenario, train
from ._generators import connect_late, probe_spikes, window

MODEL = "spike_generator"


@scenario(cases=12)
def windows(nest, rng, h):
    """Multiplicities, weights, equal times, start, stop and origin."""
    params = []
    for _ in range(4):
        times = sorted(train(rng, h, 40, 20) + train(rng, h, 40, 5))
        drawn = {
            "spike_times": times,
            "spike_multiplicities": rng.integers(0, 4, len(times)).tolist(),
            "spike_weights": rng.uniform(-2, 2, len(times)).tolist(),
        }
        if rng.random() < 0.5:
            del drawn["spike_multiplicities"]
        if rng.random() < 0.5:
            del drawn["spike_weights"]
        params.append(drawn | window(rng, h, 40))
    result = probe_spikes(nest, nest.Create(MODEL, 4, params=params), rng, h)
    nest.Simulate(50.0)
    return result()


@scenario(cases=8)
def every_step(nest, rng, h):
    """A spike at each step shows both edges of the window."""
    times = grid(np.arange(1, 60) * h, h)
    params = [{"spike_times": times} | window(rng, h, 40 * h) for _ in range(4)]
    result = probe_spikes(nest, nest.Create(MODEL, 4, params=params), rng, h)
    nest.Simulate(grid(80 * h, h))
    return result()


@scenario(cases=8)
def changed_while_running(nest, rng, h):
    """New times replace the old ones; those that are past are not made up for."""
    generators = nest.Create(MODEL, 3, params=[{"spike_times": train(rng, h, 60, 30)} for _ in range(3)])
    result = probe_spikes(nest, generators, rng, h)
    for _ in range(3):
        nest.Simulate(grid(rng.uniform(1, 15), h))
        now = nest.biological_time
        around = [now, now + h, *(now + np.array(train(rng, h, 20, 10)))]
        generators.set([{"spike_times": sorted(grid(around + train(rng, h, 60, 5), h))} for _ in range(3)])
    nest.Simulate(15.0)
    return result()


@scenario(cases=8)
def times_off_the_grid(nest, rng, h):
    """Rounded up where that is allowed, kept where times are precise, moved on where they are now."""
    times = np.cumsum(rng.uniform(0, 4, 10)).tolist()
    params = [
        {"allow_offgrid_times": True, "spike_times": times},
        {"precise_times": True, "spike_times": times},
        {"shift_now_spikes": True, "spike_times": [0.0, 0.0, *train(rng, h, 30, 5)]},
    ]
    generators = nest.Create(MODEL, 3, params=params)
    result = probe_spikes(nest, generators, rng, h)
    nest.Simulate(30.0)
    read = {f"times.{i}": generators[i].get("spike_times") for i in range(3)}
    generators[2].set(shift_now_spikes=True, spike_times=[30.0, 31.0])
    nest.Simulate(10.0)
    return result() | read


@scenario(cases=8)
def connected_late(nest, rng, h):
    params = [{"spike_times": train(rng, h, 50, 60)} for _ in range(3)]
    return connect_late(nest, rng, h, "spike_generator", params)
