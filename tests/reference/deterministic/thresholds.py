"""Thresholds that are never reached: the neurons of the reference's programs that never spike.

Neurons that learn interval by interval are not among them: there the reference has no number for V_m at all.
Nor are neurons without a membrane.
"""

from __future__ import annotations

import numpy as np

from nest_lab._kernel import models
from nest_lab.testing import samples

from . import grid, scenario, train
from ._neurons import prefixed

# What drives a neuron far beyond a usual threshold, by the unit of its weights.
STRENGTH = {"": 1.0, "mV": 0.02, "uS": 1e-3}


def thresholds(model):
    return [p["name"] for p in model["params"] if p["never"]]


def solved(model):
    """Whether its equations are solved step by step: it has conductances."""
    quantities = [*model["recordables"], *model["numbered"]]
    return any(each["unit"] in ("nS", "uS") for each in quantities) or bool(model["numbered"])


MODELS = [
    m
    for m in models()
    if thresholds(m) and m["learns"] != "by intervals"
    if m["numbered"] or "V_m" in {each["name"] for each in m["recordables"]}
]


def unreached(nest, rng, h, chosen):
    """All that such neurons show, with a strong current and, unless they draw lots, spikes."""
    found = {}
    for model in chosen:
        nest.ResetKernel()
        nest.resolution = h
        strength = STRENGTH[model["weight_unit"]]
        never = dict.fromkeys(thresholds(model), float("inf"))
        neurons = nest.Create(model["name"], 3, params={**model["needs"], **never})
        nest.Connect(nest.Create("dc_generator", params={"amplitude": 1500.0}), neurons)
        if not model["stochastic"]:
            generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, 60, 20)})
            spec = {"weight": 400.0 * strength, "delay": grid(1.0, h)}
            nest.Connect(generator, neurons, syn_spec=spec | {"receptor_type": model["spike_receptor"]})
        names = list(neurons[0].get("recordables"))
        meter = nest.Create("multimeter", params={"record_from": names, "interval": h})
        nest.Connect(meter, neurons)
        nest.Simulate(grid(100.0, h))
        shown = {name: np.nan_to_num(values, posinf=1e9) for name, values in samples(meter).items()}
        found |= prefixed(model["name"], shown)
        for name in never:
            assert np.isinf(neurons.get(name)).all()
    return found


@scenario(cases=4)
def exact(nest, rng, h):
    return unreached(nest, rng, h, [m for m in MODELS if not solved(m)])


@scenario(cases=3, resolutions=(0.1, 0.05, 0.25), of_range=1e-3)
def solved_step_by_step(nest, rng, h):
    return unreached(nest, rng, h, [m for m in MODELS if solved(m)])
