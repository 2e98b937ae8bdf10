from __future__ import annotations

import numpy as np

from . import _neurons, grid, scenario
from ._neurons import observe

MODEL = "iaf_psc_delta"


def draw(rng, h):
    return _neurons.membrane(rng, h) | {
        "V_min": rng.uniform(-110, -75),
        "refractory_input": bool(rng.integers(2)),
    }


@scenario(cases=16)
def random_parameters(nest, rng, h):
    return _neurons.random_parameters(nest, rng, h, MODEL, draw)


@scenario(cases=8)
def changed_parameters(nest, rng, h):
    return _neurons.changed_parameters(nest, rng, h, MODEL, draw)


@scenario(cases=4)
def one_parameter_at_a_time(nest, rng, h):
    return _neurons.one_parameter_at_a_time(nest, rng, h, MODEL, draw)


@scenario(cases=8)
def recurrent(nest, rng, h):
    return _neurons.recurrent(nest, rng, h, MODEL, draw)


@scenario(cases=8)
def refractory_input(nest, rng, h):
    """Spikes on each step around the refractory period of a neuron that fires at once."""
    neurons = nest.Create(
        MODEL, 2, params={"V_m": -40.0, "V_reset": -70.0, "t_ref": rng.uniform(0, 4), "I_e": 0.0}
    )
    neurons.set(refractory_input=[False, True])
    result = observe(nest, neurons, h)
    times = grid(np.arange(1, 60) * h, h)
    generator = nest.Create("spike_generator", params={"spike_times": times})
    nest.Connect(generator, neurons, syn_spec={"weight": rng.uniform(0, 1), "delay": h})
    nest.Simulate(10.0)
    return result()


@scenario(cases=8)
def forced_spikes(nest, rng, h):
    """Spikes by the clock, not by the threshold (ignore_and_spike): switched on, changed and off again."""
    neurons = nest.Create(MODEL, 4, params={"I_e": [0.0, 450.0, 900.0, 5000.0], "t_ref": rng.uniform(0, 3)})
    result = observe(nest, neurons, h)
    nest.Simulate(grid(rng.uniform(1, 10), h))
    forced = {
        "ignore_and_spike_interval": rng.uniform(0.3, 6),
        "ignore_and_spike_offset": rng.uniform(0.3, 6),
    }
    neurons.set(ignore_and_spike=True, **forced)
    nest.Simulate(grid(rng.uniform(1, 30), h))
    neurons.set(ignore_and_spike_interval=rng.uniform(0.3, 6))
    nest.Simulate(grid(rng.uniform(1, 30), h))
    neurons.set(ignore_and_spike=False)
    nest.Simulate(20.0)
    return result()


@scenario(cases=4)
def floor(nest, rng, h):
    """V_min below, between and above reset, start and threshold."""
    floors = [-1000.0, -75.0, -65.0, -60.0, -55.0, -50.0]
    neurons = nest.Create(MODEL, 6, params={"V_min": floors, "V_m": -57.0, "I_e": rng.uniform(-2000, -100)})
    result = observe(nest, neurons, h)
    nest.Simulate(20.0)
    neurons.set(I_e=900.0, V_m=-40.0)
    nest.Simulate(30.0)
    return result()


@scenario(cases=4)
def edges(nest, rng, h):
    """Threshold and refractory time at their edges."""
    params = [
        {"V_m": -55.0, "E_L": -55.0},
        {"V_m": -55.0},
        {"V_m": -30.0},
        *({"I_e": 4000.0, "t_ref": steps * h} for steps in (0, 0.4, 0.5, 0.6, 1, 2.4, 2.5, 2.6)),
    ]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = observe(nest, neurons, h)
    nest.Simulate(20.0)
    return result()


@scenario(cases=4)
def threshold_crossed_while_refractory(nest, rng, h):
    """The threshold is tested in each step, also when V_m was set during the refractory period."""
    neurons = nest.Create(MODEL, 2, params={"V_m": -40.0, "t_ref": 20.0})
    result = observe(nest, neurons, h)
    nest.Simulate(5.0)
    neurons.set(V_m=[-40.0, -60.0])
    nest.Simulate(30.0)
    return result()


@scenario(cases=4)
def frozen(nest, rng, h):
    """A frozen neuron stands still, records nothing and fires nothing."""
    neurons = nest.Create(MODEL, 3, params={"I_e": 700.0, "frozen": [False, True, False]})
    result = observe(nest, neurons, h)
    nest.Simulate(15.0)
    neurons.set(frozen=[True, False, False])
    nest.Simulate(15.0)
    neurons.set(frozen=False)
    nest.Simulate(15.0)
    return result()
