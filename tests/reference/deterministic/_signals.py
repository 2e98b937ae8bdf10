"""Networks that are coupled by continuous signals, without noise.

The interval of the reference's waveform relaxation is one step, so that its values are exchanged as often as
ours; delays and runs are whole multiples of its slices, because it loses what was put out in the first part of a
slice that a run ends in.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nest_lab.testing import samples

from . import grid


def every_step(nest: Any, h: float) -> None:
    """Let the reference exchange values in every step, exactly."""
    nest.wfr_comm_interval = h
    nest.wfr_tol = 1e-13
    nest.wfr_max_iterations = 50


def observe(nest: Any, neurons: Any, h: float) -> Any:
    names = list(neurons[0].get("recordables"))
    meter = nest.Create("multimeter", params={"record_from": names, "interval": h})
    nest.Connect(meter, neurons)
    return meter


def network(
    nest: Any, rng: np.random.Generator, h: float, neurons: Any, strength: float = 0.3
) -> dict[str, Any]:
    """All to all, delayed and at once, with weights of both signs; rates set between two runs."""
    every_step(nest, h)
    n = len(neurons)
    meter = observe(nest, neurons, h)
    for model in ("rate_connection_delayed", "rate_connection_instantaneous"):
        synapse = {"synapse_model": model, "weight": rng.normal(0, strength, (n, n))}
        if model.endswith("delayed"):
            synapse["delay"] = np.reshape(grid(rng.uniform(h, 5, n * n), h), (n, n))
        nest.Connect(neurons, neurons, "all_to_all", synapse)
    nest.Simulate(40.0)
    neurons.set(rate=rng.normal(0, 1, n).tolist())
    nest.Simulate(20.0)
    return samples(meter) | {"rates": np.asarray(neurons.get("rate"))}
