from __future__ import annotations

import numpy as np

from nest_lab.testing import samples, spikes

from . import grid, scenario, train
from ._connections import table
from ._neurons import prefixed

PLAIN = ("static_synapse", "static_synapse_hpc", "static_synapse_lbl")
HOMOGENEOUS = ("static_synapse_hom_w", "static_synapse_hom_w_hpc", "static_synapse_hom_w_lbl")


def fed(nest, rng, h, target_model):
    """Parrots that fire in two volleys, 0–20 ms and 30–50 ms, and the neurons they will be connected to."""
    sources, targets = nest.Create("parrot_neuron", 5), nest.Create(target_model, 4)
    for parrot in sources:
        first, second = train(rng, h, 20, 10), train(rng, h, 20, 10)
        times = sorted({*first, *grid(np.array(second) + 30.0, h)})
        generator = nest.Create("spike_generator", params={"spike_times": times})
        nest.Connect(generator, parrot, syn_spec={"delay": 1.0})
    return sources, targets


@scenario(cases=12)
def weights_and_delays(nest, rng, h):
    """Each synapse model carries its own weight over its own delay, through all three shapes of arrays."""
    model = PLAIN[rng.integers(3)]
    sources, targets = fed(nest, rng, h, "iaf_psc_exp")
    syn_spec = {"synapse_model": model, "weight": rng.normal(0, 100, (4, 5))}
    syn_spec["delay"] = np.reshape(grid(rng.uniform(h, 8, 20), h), (4, 5))
    nest.Connect(sources, targets, "all_to_all", syn_spec)
    one = {"synapse_model": model, "weight": rng.normal(0, 100, 4), "delay": grid(rng.uniform(h, 8, 4), h)}
    nest.Connect(sources[:4], targets, "one_to_one", one)
    nest.Connect(sources, targets, syn_spec={"synapse_model": model, "weight": 3, "delay": grid(2.0, h)})
    meter = nest.Create("multimeter", params={"record_from": ["V_m", "I_syn_ex", "I_syn_in"], "interval": h})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, targets)
    nest.Connect(targets, recorder)
    before = table(nest, source=sources, target=targets)
    nest.Simulate(30.0)
    # Between the volleys no spike is under way, so it does not matter when a synapse looks up its weight.
    connections = nest.GetConnections(sources[:2], targets[1:])
    pairs = list(zip(connections.source, connections.target, strict=True))
    new = {pair: float(weight) for pair, weight in zip(sorted(set(pairs)), rng.normal(0, 50, 6), strict=True)}
    connections.set(weight=[new[pair] for pair in pairs])
    nest.Simulate(30.0)
    after = table(nest, source=sources, target=targets)
    tables = prefixed("before", before) | prefixed("after", after)
    return tables | samples(meter) | prefixed("spike", spikes(recorder))


@scenario(cases=8)
def weights_between_runs(nest, rng, h):
    """While spikes are under way: they leave with the weight that is there when the slice after theirs
    begins.

    Runs end in the middle of a slice, and with it.
    """
    targets = nest.Create("iaf_psc_delta", 3, {"V_th": 1e6, "tau_m": 1e3})
    parrot = nest.Create("parrot_neuron")
    times = grid(np.arange(1, round(60 / h)) * h, h)
    generator = nest.Create("spike_generator", params={"spike_times": times})
    nest.Connect(generator, parrot, syn_spec={"delay": 4 * h})  # a slice
    nest.CopyModel("static_synapse_hom_w", "shared", {"weight": 1.0, "delay": 6 * h})
    for i, model in enumerate(("static_synapse", "static_synapse_lbl", "shared")):
        spec = {"synapse_model": model} | ({} if model == "shared" else {"weight": 1.0, "delay": (4 + i) * h})
        nest.Connect(parrot, targets[i], syn_spec=spec)
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": h})
    nest.Connect(meter, targets)
    for steps in rng.integers(1, 9, 12):
        nest.Simulate(grid(steps * h, h))
        weight = rng.uniform(-5, 5)
        for i in range(2):
            nest.GetConnections(parrot, targets[i]).set(weight=weight)
        nest.SetDefaults("shared", {"weight": weight})
    nest.Simulate(grid(40 * h, h))
    return samples(meter)


@scenario(cases=6)
def delays_between_runs(nest, rng, h):
    """Spikes leave with the delay that is there when the slice after theirs begins; by plastic ones, too."""
    models = ("static_synapse", "static_synapse_lbl", "stdp_synapse", "tsodyks2_synapse")
    targets = nest.Create("iaf_psc_exp", len(models), {"V_th": 1e6})
    parrot = nest.Create("parrot_neuron")
    times = grid(np.sort(rng.choice(np.arange(1, 200), 60, replace=False)) * h, h)
    generator = nest.Create("spike_generator", params={"spike_times": times})
    nest.Connect(generator, parrot, syn_spec={"delay": grid(3 * h, h)})  # a slice
    for target, model in zip(targets, models, strict=True):
        for steps in (4, 9):
            spec = {"synapse_model": model, "weight": float(steps), "delay": grid(steps * h, h)}
            nest.Connect(parrot, target, syn_spec=spec)
    meter = nest.Create("multimeter", params={"record_from": ["I_syn_ex"], "interval": h})
    nest.Connect(meter, targets)
    for steps in rng.integers(1, 16, 12):
        nest.Simulate(grid(steps * h, h))
        delay = grid(rng.integers(3, 10) * h, h)
        for connection in nest.GetConnections(parrot, targets):
            if connection.weight == 4.0:
                connection.set(delay=delay)
    nest.Simulate(grid(60 * h, h))
    return samples(meter)


@scenario(cases=6)
def homogeneous_weight(nest, rng, h):
    """One weight for all, from CopyModel and SetDefaults, also for connections that are already there."""
    model = HOMOGENEOUS[rng.integers(3)]
    nest.CopyModel(model, "shared", {"weight": rng.uniform(10, 100), "delay": grid(rng.uniform(h, 4), h)})
    sources, targets = fed(nest, rng, h, "iaf_psc_alpha")
    nest.Connect(sources, targets, syn_spec="shared")
    nest.Connect(sources[:4], targets, "one_to_one", {"synapse_model": "shared", "delay": grid(3.0, h)})
    nest.Connect(sources, targets, syn_spec={"synapse_model": model, "delay": grid(rng.uniform(h, 4), h)})
    meter = nest.Create("multimeter", params={"record_from": ["V_m", "I_syn_ex"], "interval": h})
    nest.Connect(meter, targets)
    nest.Simulate(30.0)
    nest.SetDefaults("shared", {"weight": -40.0})
    nest.Simulate(30.0)
    shared = table(nest, ("source", "target", "delay"), synapse_model="shared")
    return shared | samples(meter) | {"default": nest.GetDefaults("shared")["weight"]}


@scenario(cases=4)
def copied_models(nest, rng, h):
    """Defaults of a copy hold for connections made after them; a given value goes before a default."""
    nest.CopyModel("static_synapse", "strong", {"weight": 40.0, "delay": grid(2.5, h)})
    neurons = nest.Create("iaf_psc_exp", 2)
    nest.Connect(neurons, neurons, syn_spec="strong")
    nest.Connect(neurons, neurons, syn_spec={"synapse_model": "strong", "weight": 7.0})
    nest.SetDefaults("strong", {"delay": grid(3.5, h), "weight": 41.0})
    nest.Connect(neurons, neurons, "one_to_one", "strong")
    nest.SetDefaults("static_synapse", {"weight": 5.0})
    nest.Connect(neurons[0], neurons[1])
    nest.Connect(neurons[0], neurons[1], syn_spec="strong")
    return table(nest) | {"strong": nest.GetDefaults("strong")["num_connections"]}


@scenario(cases=4)
def delays_between_steps(nest, rng, h):
    """Delays are rounded to the nearest step, halves upwards."""
    delays = [h, 1.4 * h, 1.5 * h, 1.6 * h, 2.5 * h, 3.49 * h, 3.51 * h, 0.5 * h, 0.9 * h]
    n = len(delays)
    neurons = nest.Create("iaf_psc_exp", 2 * n)
    nest.Connect(neurons[:n], neurons[n:], "one_to_one", {"delay": np.round(delays, 6).tolist()})
    first = table(nest)
    nest.GetConnections().set(delay=np.round(np.array(delays) + h, 6).tolist())
    return prefixed("made", first) | prefixed("set", table(nest))


@scenario(cases=1, resolutions=(0.1,))
def labels(nest, rng, h):
    neurons = nest.Create("iaf_psc_exp", 3)
    for model, label in (("static_synapse_lbl", 3), ("static_synapse_hom_w_lbl", 4)):
        nest.Connect(neurons, neurons, "one_to_one", {"synapse_model": model, "synapse_label": label})
    nest.Connect(neurons[0], neurons[1], syn_spec={"synapse_model": "static_synapse_lbl"})
    keys = ("source", "target", "synapse_label", "synapse_model")
    by_label = {f"n{label}": len(nest.GetConnections(synapse_label=label)) for label in (3, 4, 5)}
    return table(nest, keys) | by_label


@scenario(cases=1, resolutions=(0.1,))
def keys_of_a_connection(nest, rng, h):
    """What a connection of each model tells about itself; its place in memory is each simulator's own."""
    result = {}
    for model in PLAIN + HOMOGENEOUS:
        nest.ResetKernel()
        neurons = nest.Create("iaf_psc_exp", 2)
        nest.Connect(neurons[0], neurons[1], syn_spec=model)
        told = nest.GetConnections().get()
        result |= {f"{model}.keys": sorted(told)}
        result |= {f"{model}.{key}": told[key] for key in told if key not in ("sizeof", "synapse_id")}
    return result
