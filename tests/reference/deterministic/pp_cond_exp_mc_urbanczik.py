from __future__ import annotations

import numpy as np

from . import _equations, grid, scenario, train

MODEL = "pp_cond_exp_mc_urbanczik"
PORTS = {"soma_exc": 20, "soma_inh": 20, "dendritic_exc": 300, "dendritic_inh": 300}


def compartment(rng):
    E_L = rng.uniform(-75, -65)
    return {
        "C_m": rng.uniform(100, 400),
        "g_L": rng.uniform(10, 40),
        "E_L": E_L,
        "V_m": E_L + rng.uniform(-5, 5),
        "E_ex": rng.uniform(-5, 5),
        "E_in": rng.uniform(-90, -75),
        "tau_syn_ex": rng.uniform(0.5, 6),
        "tau_syn_in": rng.uniform(0.5, 10),
    }


def draw(rng):
    soma = compartment(rng) | {"I_e": rng.uniform(0, 200)}
    couplings = {"g_sp": rng.uniform(100, 700), "g_ps": rng.choice([0.0, rng.uniform(0, 200)])}
    return couplings | {"soma": soma, "dendritic": compartment(rng)}


def drive(nest, rng, h, neurons, until):
    """Spikes at each port, and a current into the soma that switches on and off."""
    ports = nest.GetDefaults(MODEL)["receptor_types"]
    for name, weight in PORTS.items():
        generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, until, 30)})
        shape = (len(neurons), 1)
        weights, delays = (
            rng.uniform(0.2, 1, shape) * weight,
            np.reshape(grid(rng.uniform(h, 6, shape), h), shape),
        )
        spec = {"weight": weights, "delay": delays, "receptor_type": ports[name]}
        nest.Connect(generator, neurons, "all_to_all", spec)
    start, stop = sorted(grid(rng.uniform(0, until, 2), h))
    params = {"amplitude": rng.uniform(-100, 300), "start": start, "stop": stop + h}
    spec = {"delay": grid(rng.uniform(h, 3), h), "receptor_type": ports["soma_curr"]}
    nest.Connect(nest.Create("dc_generator", params=params), neurons, syn_spec=spec)


@scenario(cases=8, of_range=1e-3)
def silent(nest, rng, h):
    """The potentials, without spikes; parts of the dictionaries are changed on the way."""
    neurons = nest.Create(MODEL, 6, params=[draw(rng) | {"phi_max": 0.0} for _ in range(6)])
    result = _equations.observe(nest, neurons, h)
    drive(nest, rng, h, neurons, 100)
    nest.Simulate(60.0)
    neurons.set(soma={"I_e": rng.uniform(0, 200), "g_L": 35.0})
    neurons[2].set(dendritic={"V_m": -50.0})
    nest.Simulate(40.0)
    told = {
        f"{name}.{key}": [group[key] for group in neurons.get(name)]
        for name in ("soma", "dendritic")
        for key in ("V_m", "g_L", "I_e")
    }
    return result() | told


@scenario(cases=4, of_range=1e-3)
def certain(nest, rng, h):
    """At a rate so high, and so steep, that there is a spike as soon as there may be one."""
    params = {"phi_max": 1e3 / h, "beta": 10.0, "theta": -45.0}
    refs = [0.0, 20 * h, 20.6 * h, 33.5 * h][1:]
    neurons = nest.Create(MODEL, 3, params=[params | {"t_ref": t_ref} for t_ref in refs])
    result = _equations.observe(nest, neurons, h)
    times = grid(np.arange(5, 200, 50) * h, h)
    generator = nest.Create("spike_generator", params={"spike_times": times})
    spec = {"weight": 900.0 / h, "delay": h, "receptor_type": 1}
    neurons.set(soma={"tau_syn_ex": 4 * h, "tau_syn_in": 3.0})
    nest.Connect(generator, neurons, syn_spec=spec)
    nest.Simulate(220 * h)
    taken = result()
    assert len(taken["spike.times"]) >= 12
    return taken
