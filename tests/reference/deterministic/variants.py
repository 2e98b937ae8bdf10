"""The further names of synapses that change: the same numbers, and labels that connections are found by."""

from __future__ import annotations

import numpy as np

from . import scenario

COMPACT = [
    "eprop_synapse_bsshslm_2020_hpc",
    "eprop_synapse_hpc",
    "clopath_synapse_hpc",
    "quantal_stp_synapse_hpc",
    "stdp_dopamine_synapse_hpc",
    "stdp_pl_synapse_hom_hpc",
    "stdp_synapse_hom_hpc",
    "stdp_synapse_hpc",
    "stdp_triplet_synapse_hpc",
    "tsodyks2_synapse_hpc",
    "tsodyks_synapse_hpc",
    "urbanczik_synapse_hpc",
]
LABELLED = [
    "clopath_synapse_lbl",
    "quantal_stp_synapse_lbl",
    "stdp_dopamine_synapse_lbl",
    "stdp_pl_synapse_hom_lbl",
    "stdp_synapse_hom_lbl",
    "stdp_synapse_lbl",
    "stdp_triplet_synapse_lbl",
    "tsodyks2_synapse_lbl",
    "tsodyks_synapse_lbl",
    "urbanczik_synapse_lbl",
]
# Targets that these ask more of than spikes, and synapses that draw, are compared elsewhere by their first
# names.
RUN = [
    m
    for m in COMPACT + LABELLED
    if not m.startswith(("eprop", "clopath", "quantal", "stdp_dop", "urbanczik"))
]


@scenario(cases=2)
def weights(nest, rng, h):
    """Weights and spikes of a network whose connections have the further names."""
    times = np.unique(np.round(rng.uniform(1, 300, 40) / h) * h).round(6)
    found = {}
    for model in RUN:
        nest.ResetKernel()
        nest.resolution = h
        sources = nest.Create("spike_generator", 3, {"spike_times": times})
        parrots, neurons = nest.Create("parrot_neuron", 3), nest.Create("iaf_psc_exp", 2, {"I_e": 420.0})
        nest.Connect(sources, parrots, "one_to_one", {"delay": np.array([1.0, 2.0, 3.5])})
        label = {"synapse_label": 4} if model.endswith("_lbl") else {}
        nest.Connect(
            parrots, neurons, "all_to_all", {"synapse_model": model, "weight": 60.0, "delay": 1.5} | label
        )
        nest.Simulate(300.0)
        connections = nest.GetConnections(synapse_model=model)
        found[f"{model}.weight"] = connections.get("weight")
        found[f"{model}.V_m"] = neurons.get("V_m")
        if label:
            found[f"{model}.label"] = connections.get("synapse_label")
            found[f"{model}.found"] = [len(nest.GetConnections(synapse_label=each)) for each in (4, 5)]
    return found


@scenario(cases=1, resolutions=(0.1,))
def told(nest, rng, h):
    """What a connection of each name tells about itself; its place in memory is each simulator's own."""
    found = {}
    for model in COMPACT + LABELLED:
        # Those that learn take a network of their own; another may have no receptor in the reference.
        if model.startswith("eprop") or model == "urbanczik_synapse_hpc":
            continue
        nest.ResetKernel()
        spec = {"synapse_model": model} | ({"synapse_label": 7} if model.endswith("_lbl") else {})
        kind = next((kind for begin, kind in TARGETS.items() if model.startswith(begin)), "iaf_psc_exp")
        if model.startswith("stdp_dopamine"):
            nest.SetDefaults(model, {"volume_transmitter": nest.Create("volume_transmitter")})
        source, target = nest.Create("iaf_psc_exp"), nest.Create(kind)
        if model.startswith("urbanczik"):
            spec["receptor_type"] = nest.GetDefaults(kind, "receptor_types")["dendritic_exc"]
        nest.Connect(source, target, syn_spec=spec)
        status = nest.GetConnections(source, target).get()
        found[f"{model}.keys"] = sorted(key for key in status if key != "sizeof")
        numbers = {key: x for key, x in status.items() if isinstance(x, (int, float, str))}
        if "receptor_type" in spec:  # of which the reference shows a number of its own
            del numbers["receptor"]
        found |= {f"{model}.{key}": x for key, x in numbers.items() if key not in ("sizeof", "synapse_id")}
    return found


TARGETS = {"clopath": "aeif_psc_delta_clopath", "urbanczik": "pp_cond_exp_mc_urbanczik"}
