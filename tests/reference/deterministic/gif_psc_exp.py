"""The parts of the model in which chance has no say: no spikes at all, or a threshold that is practically
sharp."""

from __future__ import annotations

import numpy as np

from nest_lab.testing import samples, spikes

from . import _neurons, grid, scenario
from ._neurons import prefixed

MODEL = "gif_psc_exp"


def draw(rng, h, adaptations=2, sharp=True):
    """Parameters of a neuron whose threshold is so narrow (1e-9 mV) that spikes come from V_m alone."""
    E_L = rng.uniform(-80, -60)
    V_T = E_L + rng.uniform(5, 20)
    return {
        "C_m": rng.uniform(50, 300),
        "g_L": rng.uniform(2, 15),
        "E_L": E_L,
        "V_T_star": V_T,
        "V_reset": V_T - rng.uniform(1, 20),
        "V_m": rng.uniform(E_L - 5, V_T + 3),
        "t_ref": rng.uniform(0, 5),
        "I_e": rng.uniform(-30, 200),
        "tau_syn_ex": rng.uniform(0.3, 9),
        "tau_syn_in": rng.uniform(0.3, 9),
        "Delta_V": 1e-9,
        "lambda_0": 1.0 if sharp else 0.0,
        "tau_sfa": rng.uniform(3, 200, adaptations).tolist(),
        "q_sfa": rng.uniform(-1, 5, adaptations).tolist(),
        "tau_stc": rng.uniform(3, 200, adaptations + 1).tolist(),
        "q_stc": rng.uniform(-5, 30, adaptations + 1).tolist(),
    }


def observe(nest, neurons, h):
    """Record everything; the events of all neurons, and what they say of themselves at the end."""
    names = list(neurons[0].get("recordables"))
    meter = nest.Create("multimeter", params={"record_from": names, "interval": h})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, neurons)
    nest.Connect(neurons, recorder)

    def result():
        states = {name: np.asarray(neurons.get(name)) for name in ("V_m", "E_sfa", "I_stc", "Ca", "t_spike")}
        return (
            prefixed("trace", samples(meter)) | prefixed("spike", spikes(recorder)) | prefixed("get", states)
        )

    return result


@scenario(cases=16)
def sharp_threshold(nest, rng, h):
    """Neurons with 0, 1, 2 and 4 adaptations in one population."""
    params = [draw(rng, h, n) for n in (2, 2, 0, 1, 4, 2, 1, 0)]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = observe(nest, neurons, h)
    _neurons.drive(nest, neurons, rng, h, 150)
    nest.Simulate(150.0)
    return result()


@scenario(cases=8)
def same_parameters(nest, rng, h):
    """All nodes alike: the constants are shared."""
    neurons = nest.Create(MODEL, 5, params=draw(rng, h, 3))
    result = observe(nest, neurons, h)
    _neurons.drive(nest, neurons, rng, h, 150)
    nest.Simulate(150.0)
    return result()


@scenario(cases=4)
def below_threshold(nest, rng, h):
    params = [draw(rng, h, 2, sharp=False) for _ in range(6)]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = observe(nest, neurons, h)
    _neurons.drive(nest, neurons, rng, h, 100)
    nest.Simulate(100.0)
    return result()


@scenario(cases=4)
def recurrent(nest, rng, h):
    n = 10
    neurons = nest.Create(MODEL, n, params=[draw(rng, h) for _ in range(n)])
    result = observe(nest, neurons, h)
    weights = np.round(rng.normal(0, 80, (n, n)), 3)
    delays = np.reshape(grid(rng.uniform(h, 5, n * n), h), (n, n))
    nest.Connect(neurons, neurons, "all_to_all", {"weight": weights, "delay": delays})
    _neurons.drive(nest, neurons, rng, h, 100)
    nest.Simulate(100.0)
    return result()


@scenario(cases=4)
def refractory_edges(nest, rng, h):
    """Firing in every step it may: with no refractory time the potential is not reset."""
    steps = (0, 0.4, 0.5, 0.6, 1, 1.4, 1.5, 2.5, 10)
    params = [
        {"lambda_0": 1e12, "V_T_star": -80.0, "t_ref": k * h, "tau_sfa": [5.0], "q_sfa": [0.1]} for k in steps
    ]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = observe(nest, neurons, h)
    nest.Simulate(20.0)
    return result()
