"""Updates come at random times; where they come in every step, the rest of the model is deterministic."""

from __future__ import annotations

import numpy as np

from nest_lab.testing import samples, spikes

from . import grid, scenario, train
from ._neurons import prefixed

MODEL = "mcculloch_pitts_neuron"
ALWAYS = {"tau_m": 1e-6}


def observe(nest, neurons, h):
    meter = nest.Create("multimeter", params={"record_from": ["S", "h"], "interval": h})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, neurons)
    nest.Connect(neurons, recorder)

    def result():
        states = {name: np.asarray(neurons.get(name)) for name in ("S", "h", "Ca", "t_spike", "theta")}
        return (
            prefixed("trace", samples(meter)) | prefixed("spike", spikes(recorder)) | prefixed("get", states)
        )

    return result


@scenario(cases=8)
def driven(nest, rng, h):
    """One, two, three and four spikes at once, of both signs, and a current that switches on and off."""
    neurons = nest.Create(MODEL, 6, params=[ALWAYS | {"theta": rng.uniform(-5, 5)} for _ in range(6)])
    result = observe(nest, neurons, h)
    for _ in range(4):
        times = train(rng, h, 60, 40)
        params = {
            "spike_times": times,
            "spike_multiplicities": rng.choice([0, 1, 1, 2, 2, 3, 4], len(times)).tolist(),
        }
        generator = nest.Create("spike_generator", params=params)
        synapses = {
            "weight": rng.uniform(-5, 5, (6, 1)),
            "delay": np.reshape(grid(rng.uniform(h, 4, 6), h), (6, 1)),
        }
        nest.Connect(generator, neurons, "all_to_all", synapses)
    start, stop = sorted(grid(rng.uniform(0, 60, 2), h))
    current = {"mean": rng.uniform(-10, 10), "std": 0.0, "start": start, "stop": stop + h, "dt": h}
    nest.Connect(nest.Create("noise_generator", params=current), neurons, syn_spec={"delay": grid(1.3, h)})
    for _ in range(3):
        nest.Simulate(grid(rng.uniform(5, 25), h))
        neurons.set([{"theta": rng.uniform(-5, 5)} for _ in range(6)])
    nest.Simulate(10.0)
    return result()


@scenario(cases=8)
def recurrent(nest, rng, h):
    """A network with every format of weights; neurons of negative threshold start it."""
    n = 20
    neurons = nest.Create(MODEL, n, params=[ALWAYS | {"theta": rng.uniform(-2, 4)} for _ in range(n)])
    result = observe(nest, neurons, h)
    weights = rng.normal(0, 2, (n, n))
    delays = np.reshape(grid(rng.uniform(h, 5, n * n), h), (n, n))
    nest.Connect(neurons[:10], neurons, "all_to_all", {"weight": weights[:, :10], "delay": delays[:, :10]})
    nest.Connect(neurons[10:], neurons[:10], "all_to_all", {"weight": -1.25, "delay": grid(1.5, h)})
    nest.Connect(
        neurons[10:],
        neurons[10:],
        "all_to_all",
        {"weight": np.round(weights[10:, 10:]), "delay": grid(2.0, h)},
    )
    nest.Simulate(60.0)
    return result()
