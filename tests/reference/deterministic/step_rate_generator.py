from __future__ import annotations

import numpy as np

from nest_lab.testing import samples

from . import scenario
from ._neurons import prefixed


def watched(nest, h, generator):
    meter = nest.Create("multimeter", params={"interval": h, "record_from": ["rate"]})
    nest.Connect(meter, generator)
    return meter


def steps_of(rng, h, first, last, number):
    return [float(t) for t in np.sort(rng.choice(np.arange(first, last), number, replace=False)) * h]


@scenario(cases=8)
def rates(nest, rng, h):
    """Steps with and without a window of activity."""
    result = {}
    meters = {}
    for name, window in (("open", {}), ("window", {"start": 20 * h, "stop": 60 * h, "origin": 3 * h})):
        course = {"amplitude_times": steps_of(rng, h, 1, 90, 6), "amplitude_values": list(rng.normal(size=6))}
        meters[name] = watched(nest, h, nest.Create("step_rate_generator", params=course | window))
    nest.Simulate(100 * h)
    for name, meter in meters.items():
        result |= prefixed(name, samples(meter))
    return result


@scenario(cases=8)
def new_steps(nest, rng, h):
    """Lists that are set while the network rests, times between steps among them."""
    course = {"amplitude_times": steps_of(rng, h, 1, 90, 6), "amplitude_values": list(rng.normal(size=6))}
    generator = nest.Create("step_rate_generator", params=course)
    meter = watched(nest, h, generator)
    nest.Simulate(50 * h)
    times = [t + 0.3 * h for t in steps_of(rng, h, 55, 90, 4)]
    generator.set(
        allow_offgrid_times=True,
        amplitude_times=times,
        amplitude_values=list(rng.normal(size=4)),
    )
    nest.Simulate(50 * h)
    return samples(meter)
