from __future__ import annotations

import numpy as np

from nest_lab.testing import samples

from . import grid, scenario
from ._generators import window
from ._neurons import prefixed


@scenario(cases=16)
def windows(nest, rng, h):
    """Which samples are kept, and how many of them are there at the end of each run."""
    neurons = nest.Create("iaf_psc_exp", 2, params={"I_e": [400.0, 500.0]})
    nest.Connect(neurons, neurons, syn_spec={"delay": grid(rng.uniform(h, 3), h), "weight": 30.0})
    meters = []
    for _ in range(4):
        drawn = {"interval": grid(rng.uniform(h, 3), h), "offset": grid(rng.uniform(h, 4), h)}
        if rng.random() < 0.5:
            del drawn["offset"]
        drawn |= {"record_from": ["V_m", "I_syn_ex"]} | window(rng, h, 30)
        meters.append(nest.Create("multimeter", params=drawn))
        nest.Connect(meters[-1], neurons, syn_spec={"delay": grid(rng.uniform(h, 3), h)})
    result = {}
    for part in range(5):
        nest.Simulate(grid(rng.uniform(0.5, 10), h))
        for i, meter in enumerate(meters):
            result |= prefixed(f"{part}.{i}", samples(meter)) | {f"{part}.{i}.n": meter.get("n_events")}
        if part == 2:
            meters[0].set(n_events=0)
    return result


@scenario(cases=8)
def prepared_runs(nest, rng, h):
    """Prepare, several Runs and Cleanup give the samples that Simulate gives."""
    neuron = nest.Create("iaf_psc_alpha", params={"I_e": 600.0})
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": h})
    nest.Connect(meter, neuron, syn_spec={"delay": grid(rng.uniform(h, 3), h)})
    nest.Connect(neuron, neuron, syn_spec={"delay": grid(rng.uniform(h, 3), h)})
    counts = []
    nest.Prepare()
    for length in grid(rng.uniform(0.5, 10, 4), h):
        nest.Run(length)
        counts.append(meter.get("n_events"))
    nest.Cleanup()
    return samples(meter) | {"counts": counts, "last": meter.get("n_events"), "time": nest.biological_time}


@scenario(cases=4)
def connected_while_running(nest, rng, h):
    neurons = nest.Create("iaf_psc_delta", 2, params={"I_e": 300.0})
    nest.Connect(neurons, neurons, syn_spec={"delay": grid(2.5, h)})
    nest.Simulate(grid(rng.uniform(1, 10), h))
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": h})
    nest.Connect(meter, neurons, syn_spec={"delay": nest.min_delay})
    nest.Simulate(grid(rng.uniform(1, 10), h))
    return samples(meter)


@scenario(cases=4)
def times_in_steps(nest, rng, h):
    neuron = nest.Create("iaf_psc_delta", params={"I_e": 300.0})
    meter = nest.Create(
        "multimeter", params={"record_from": ["V_m"], "interval": grid(0.7, h), "time_in_steps": True}
    )
    nest.Connect(meter, neuron)
    nest.Simulate(20.0)
    return {name: np.asarray(values) for name, values in meter.get("events").items()}


@scenario(cases=1, resolutions=(0.1,))
def empty(nest, rng, h):
    """No recordable, and no run."""
    neuron = nest.Create("iaf_psc_delta")
    blind, early = nest.Create("multimeter"), nest.Create("multimeter", params={"record_from": ["V_m"]})
    nest.Connect(blind, neuron)
    nest.Connect(early, neuron)
    before = early.get("events")
    nest.Simulate(5.0)
    return prefixed("blind", blind.get("events")) | prefixed("before", before) | {"n": blind.get("n_events")}
