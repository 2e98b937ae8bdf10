"""What every model with precise spike times is put through."""

from __future__ import annotations

import numpy as np

from nest_lab.testing import samples, spikes

from . import grid, train
from ._neurons import prefixed


def precise_times(rng, until, n):
    """Times between grid points, ascending."""
    return np.sort(rng.uniform(0.01, until, n)).tolist()


def observe(nest, neurons, h):
    """Spikes at their times, the voltage at every step, and the state at the end."""
    recorder, steps = nest.Create("spike_recorder", 2)
    steps.time_in_steps = True
    nest.Connect(neurons, recorder)
    nest.Connect(neurons, steps)
    recordables = neurons[0].get().get("recordables", ())
    meter = nest.Create("multimeter", params={"record_from": list(recordables), "interval": h})
    if recordables:
        nest.Connect(meter, neurons)

    def result():
        states = {name: np.asarray(neurons.get(name)) for name in ("Ca", "t_spike", *recordables)}
        # The time itself agrees to 1e-9 ms; the offset alone has lost the digits of the step.
        whole = {name: np.asarray(values) for name, values in steps.get("events").items()}
        sent = np.sort(whole["times"] * h - whole["offsets"])
        return (
            prefixed("spike", spikes(recorder))
            | prefixed("trace", samples(meter) if recordables else {})
            | prefixed("get", states)
            | {"steps.sent": sent, "steps.times": np.sort(whole["times"])}
        )

    return result


def drive(nest, neurons, rng, h, until, scale=1.0):
    """Trains on the grid and between, of both signs, and a current that switches on and off."""
    n = len(neurons)
    for sign in (1, -1):
        for params in (
            {"spike_times": precise_times(rng, until, 40), "precise_times": True},
            {"spike_times": train(rng, h, until, 30)},
        ):
            generator = nest.Create("spike_generator", params=params)
            delays = np.reshape(grid(rng.uniform(h, 6, n), h), (-1, 1))
            synapses = {"weight": scale * sign * rng.uniform(0, 300, (n, 1)), "delay": delays}
            nest.Connect(generator, neurons, "all_to_all", synapses)
    start, stop = sorted(grid(rng.uniform(0, until, 2), h))
    current = {"amplitude": rng.uniform(-300, 500), "start": start, "stop": stop + h}
    nest.Connect(
        nest.Create("dc_generator", params=current), neurons, syn_spec={"delay": grid(rng.uniform(h, 3), h)}
    )


def random_parameters(nest, rng, h, model, draw, scale=1.0):
    neurons = nest.Create(model, 8, params=[draw(rng, h) for _ in range(8)])
    result = observe(nest, neurons, h)
    drive(nest, neurons, rng, h, 150, scale)
    for part in (50.0, grid(33.3, h), grid(66.7, h)):
        nest.Simulate(part)
    return result()


def changed_parameters(nest, rng, h, model, draw, scale=1.0):
    neurons = nest.Create(model, 4, params=[draw(rng, h) for _ in range(4)])
    result = observe(nest, neurons, h)
    drive(nest, neurons, rng, h, 100, scale)
    for _ in range(4):
        nest.Simulate(grid(rng.uniform(5, 30), h))
        # A refractory time that is under way ends as it began; in the reference a new t_ref moves its end.
        neurons.set([{k: v for k, v in draw(rng, h).items() if k != "t_ref"} for _ in range(4)])
    nest.Simulate(20.0)
    return result()


def recurrent(nest, rng, h, model, draw, scale=1.0):
    """Precise neurons, ordinary ones and parrots of both kinds, all connected."""
    n = 8
    neurons = nest.Create(model, n, params=[draw(rng, h) for _ in range(n)])
    grid_neurons = nest.Create("iaf_psc_exp", 3, params={"I_e": 420.0})
    relays = nest.Create("parrot_neuron_ps", 2) + nest.Create("parrot_neuron", 2)
    result, others = observe(nest, neurons, h), nest.Create("spike_recorder")
    weights = scale * np.round(rng.normal(0, 80, (n, n)), 3)
    delays = np.reshape(grid(rng.uniform(h, 5, n * n), h), (n, n))
    nest.Connect(neurons, neurons, "all_to_all", {"weight": weights, "delay": delays})
    nest.Connect(neurons, grid_neurons, "all_to_all", {"weight": 50.0, "delay": grid(1.5, h)})
    nest.Connect(grid_neurons, neurons, "all_to_all", {"weight": scale * -30.0, "delay": grid(1.0, h)})
    nest.Connect(neurons[:3], relays, "all_to_all", {"delay": grid(2.0, h)})
    nest.Connect(relays, neurons, "all_to_all", {"weight": scale * 20.0, "delay": grid(1.2, h)})
    nest.Connect(grid_neurons + relays, others)
    drive(nest, neurons, rng, h, 100, scale)
    nest.Simulate(100.0)
    return result() | prefixed("others", spikes(others))
