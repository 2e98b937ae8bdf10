from __future__ import annotations

from . import _neurons, scenario
from ._neurons import observe

MODEL = "iaf_psc_alpha"


def draw(rng, h):
    synapses = {"tau_syn_ex": rng.uniform(0.3, 12), "tau_syn_in": rng.uniform(0.3, 12)}
    return _neurons.membrane(rng, h) | synapses | {"V_min": rng.uniform(-110, -75)}


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
def equal_time_constants(nest, rng, h):
    """Synapse and membrane with the same and with nearly the same time constant."""
    tau = rng.uniform(2, 20)
    # Not 1e-6: there the reference itself is off by some 1e-9, measured against 40 digits.
    apart = [0.0, 1e-12, 1e-9, 1e-3, -1e-9, -1e-3]
    params = [{"tau_m": tau, "tau_syn_ex": tau + d, "tau_syn_in": tau - d, "V_th": 1e6} for d in apart]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = observe(nest, neurons, h)
    _neurons.drive(nest, neurons, rng, h, 60)
    nest.Simulate(60.0)
    return result()


@scenario(cases=4)
def edges(nest, rng, h):
    """Threshold and refractory time at their edges; currents go on while the membrane is clamped."""
    params = [
        {"V_m": -55.0, "E_L": -55.0},
        {"V_m": -55.0},
        {"V_m": -30.0, "t_ref": 10.0},
        *({"I_e": 4000.0, "t_ref": steps * h} for steps in (0, 0.4, 0.5, 0.6, 1, 2.4, 2.5, 2.6)),
    ]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = observe(nest, neurons, h)
    _neurons.drive(nest, neurons, rng, h, 20)
    nest.Simulate(10.0)
    neurons.set(V_m=-40.0)
    nest.Simulate(20.0)
    return result()


@scenario(cases=4)
def forced_spikes_are_not_for_this_model(nest, rng, h):
    """The keys of ignore_and_spike are there, the model does not heed them."""
    neurons = nest.Create(MODEL, 2, params={"I_e": 600.0, "ignore_and_spike": [False, True]})
    neurons.set(ignore_and_spike_interval=3.0, ignore_and_spike_offset=2.0)
    result = observe(nest, neurons, h)
    nest.Simulate(40.0)
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
