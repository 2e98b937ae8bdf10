from __future__ import annotations

import numpy as np

from nest_lab.testing import samples

from . import scenario
from ._signals import every_step, observe

MODEL = "siegert_neuron"


def draw(rng):
    theta = rng.uniform(10, 20)
    return {
        "tau": rng.uniform(0.5, 10),
        "tau_m": rng.uniform(5, 20),
        "tau_syn": rng.choice([0.0, 0.5, 2.0]),
        "t_ref": rng.uniform(0, 3),
        "theta": theta,
        "V_reset": theta - rng.uniform(5, 20),
        "mean": rng.uniform(-1, 3),
        "rate": rng.uniform(0, 20),
    }


@scenario(cases=8)
def populations(nest, rng, h):
    """Populations with excitation, inhibition and a drive, on their way to a fixed point."""
    every_step(nest, h)
    drive = nest.Create(MODEL, 1, {"mean": 1000.0, "theta": 1e6, "rate": 1000.0})
    neurons = nest.Create(MODEL, 6, [draw(rng) for _ in range(6)])
    meter = observe(nest, neurons, h)
    for sources, drift, diffusion in ((drive, 0.014, 0.02), (neurons, 0.03, 0.02)):
        shape = (6, len(sources))
        factors = {
            "drift_factor": rng.normal(0 if sources is neurons else drift, drift / 4, shape),
            "diffusion_factor": rng.uniform(0.5, 1, shape) * diffusion,
            "receptor_type": int(rng.integers(2)),
        }
        nest.Connect(sources, neurons, "all_to_all", {"synapse_model": "diffusion_connection"} | factors)
    nest.Simulate(100.0)
    connections = nest.GetConnections(source=drive)
    connections.drift_factor = 0.02
    nest.Simulate(50.0)
    told = {name: connections.get(name) for name in ("drift_factor", "diffusion_factor", "delay", "receptor")}
    return samples(meter) | told | {"rates": np.asarray(neurons.get("rate"))}
