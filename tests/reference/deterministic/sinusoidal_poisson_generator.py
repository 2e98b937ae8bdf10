from __future__ import annotations

import numpy as np

from nest_lab.testing import samples

from . import grid, scenario
from ._generators import window
from ._neurons import prefixed

MODEL = "sinusoidal_poisson_generator"


def parameters(rng):
    return {
        "rate": rng.uniform(0, 100),
        "amplitude": rng.uniform(-200, 200),
        "frequency": rng.uniform(0, 200),
        "phase": rng.uniform(-360, 360),
    }


@scenario(cases=8)
def the_rate(nest, rng, h):
    """What a multimeter sees of the rate, with windows, and with parameters that change."""
    generators = nest.Create(MODEL, 5, params=[parameters(rng) | window(rng, h, 40) for _ in range(5)])
    meter = nest.Create("multimeter", params={"record_from": ["rate"], "interval": h})
    nest.Connect(meter, generators)
    result = {}
    for run in range(3):
        nest.Simulate(grid(rng.uniform(5, 20), h))
        result |= prefixed(f"get.{run}", {name: np.asarray(generators.get(name)) for name in ("y_0", "y_1")})
        generators.set([parameters(rng) for _ in range(5)])
    nest.Simulate(10.0)
    return prefixed("meter", samples(meter)) | result
