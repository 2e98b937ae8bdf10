"""Currents from generators into every neuron that has a potential: when they begin to act, and how much."""

from __future__ import annotations

import numpy as np

from nest_lab.testing import samples

from . import grid, scenario
from ._neurons import prefixed

# Of what these do with a current, more is in their own files.
MODELS = (
    *("eprop_iaf", "eprop_readout"),
    *("eprop_iaf_bsshslm_2020", "eprop_iaf_adapt_bsshslm_2020", "eprop_readout_bsshslm_2020"),
    *(
        "iaf_psc_delta",
        "iaf_psc_exp",
        "iaf_psc_alpha",
        "iaf_psc_exp_ps",
        "iaf_psc_delta_ps",
        "mat2_psc_exp",
        "izhikevich",
    ),
)


@scenario(cases=4, resolutions=(0.1, 1.0, 0.2, 0.5))
def switched_on_and_off(nest, rng, h):
    start, stop = grid([2.0, 9.0], h)
    times, values = grid([3.0, 6.0, 11.0], h), rng.uniform(-3, 6, 3)
    generators = [
        nest.Create("dc_generator", params={"amplitude": rng.uniform(1, 8), "start": start, "stop": stop}),
        nest.Create("step_current_generator", params={"amplitude_times": times, "amplitude_values": values}),
    ]
    meters = {}
    for model in MODELS:
        neurons = nest.Create(model, 2)
        for generator, neuron in zip(generators, neurons, strict=True):
            nest.Connect(
                generator,
                neuron,
                syn_spec={"weight": rng.uniform(0.5, 2), "delay": grid(rng.uniform(h, 3), h)},
            )
        meters[model] = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": h})
        nest.Connect(meters[model], neurons)
    for length in (4.0, 5.0, 11.0):
        nest.Simulate(grid(length, h))
    result = {}
    for model, meter in meters.items():
        taken = samples(meter)
        assert np.ptp(taken["V_m"]) > 0
        result |= prefixed(model, taken)
    return result
