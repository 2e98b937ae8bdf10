"""Clock, collections and parameters of the kernel."""

from __future__ import annotations

import numpy as np

from nest_lab.testing import samples

from . import grid, scenario


@scenario(cases=4)
def clock(nest, rng, h):
    nest.Create("iaf_psc_delta")
    times = [nest.biological_time]
    for length in grid(rng.uniform(h, 20, 4), h):
        nest.Simulate(length)
        times.append(nest.biological_time)
    with nest.RunManager():
        nest.Run(grid(3.0, h))
        times.append(nest.biological_time)
    nest.Simulate(0.0)
    return {"times": [*times, nest.biological_time], "resolution": nest.resolution}


@scenario(cases=4)
def default_delay(nest, rng, h):
    """A fresh kernel, then the first connection by default."""
    before = [nest.min_delay, nest.max_delay]
    neurons = nest.Create("iaf_psc_delta", 2)
    nest.Connect(neurons, neurons)
    return {"before": before, "after": [nest.min_delay, nest.max_delay], "delay": nest.GetConnections().delay}


@scenario(cases=1, resolutions=(0.1,))
def parameters_of_many(nest, rng, h):
    """One value for all, one for each, a dictionary for each; read back by name and by slice."""
    neurons = nest.Create("iaf_psc_exp", 4, params={"V_m": [-60.0, -61.0, -62.0, -63.0], "I_e": 5})
    neurons[1:3].set(tau_m=[11.0, 12.0])
    neurons[::3].I_e = 7.0
    neurons[0].set({"C_m": 100.0})
    both = neurons + nest.Create("parrot_neuron", 2)
    names = ["V_m", "I_e", "tau_m", "C_m"]
    return {name: np.asarray(neurons.get(name)) for name in names} | {
        "one": neurons[2].get("V_m"),
        "models": [node.get("model") for node in both],
        "ids": both.tolist(),
        "size": nest.network_size,
    }


@scenario(cases=1, resolutions=(0.1,))
def copies_of_node_models(nest, rng, h):
    nest.CopyModel("iaf_psc_exp", "driven", {"I_e": 450.0})
    nest.CopyModel("multimeter", "fine", {"interval": 0.5, "record_from": ["V_m"]})
    nest.SetDefaults("iaf_psc_exp", {"tau_m": 17.0})
    neurons = nest.Create("driven", 2) + nest.Create("iaf_psc_exp")
    meter = nest.Create("fine")
    nest.Connect(meter, neurons)
    nest.SetDefaults("driven", {"V_th": -50.0})
    late = nest.Create("driven")
    nest.Simulate(20.0)
    return samples(meter) | {
        "model": [node.get("model") for node in neurons],
        "tau_m": neurons.get("tau_m"),
        "V_th": [neurons[0].get("V_th"), late.get("V_th")],
        "type": nest.GetDefaults("driven")["type_id"],
    }
