"""The part of the model that is no chance: when it draws, and what it does without deviation."""

from __future__ import annotations

import numpy as np

from nest_lab.testing import samples

from . import grid, scenario
from ._generators import probe_current, window


@scenario(cases=8)
def without_deviation(nest, rng, h):
    params = [{"mean": rng.uniform(-300, 300), "dt": grid(rng.uniform(h, 4), h)} for _ in range(4)]
    params = [p | window(rng, h, 30) for p in params]
    generators = nest.Create("noise_generator", 4, params=params)
    result = probe_current(nest, generators, rng, h)
    nest.Simulate(grid(rng.uniform(5, 30), h))
    generators.set(mean=rng.uniform(-300, 300))
    nest.Simulate(30.0)
    return result()


@scenario(cases=12)
def times_of_the_draws(nest, rng, h):
    """When the current changes, whatever it changes to."""
    neuron = nest.Create(
        "iaf_psc_delta", params={"V_th": 1e15, "tau_m": 1e9, "C_m": 1.0, "E_L": 0.0, "V_m": 0.0}
    )
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": h})
    nest.Connect(meter, neuron)
    params = {"std": 10.0, "dt": grid(rng.uniform(2 * h, 4), h)} | window(rng, h, 30)
    generator = nest.Create("noise_generator", params=params)
    nest.Connect(generator, neuron, syn_spec={"delay": grid(rng.uniform(h, 4), h)})
    for length in grid(rng.uniform(1, 20, 3), h):
        nest.Simulate(length)
    trace = samples(meter)
    current = np.diff(trace["V_m"])
    return {"changes": trace["times"][2:][np.abs(np.diff(current)) > 1e-3 * h]}
