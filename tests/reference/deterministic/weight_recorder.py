from __future__ import annotations

import numpy as np

from nest_lab.testing import spikes

from . import _plasticity as put
from . import grid, scenario, train
from ._neurons import prefixed

PLASTIC = (
    "stdp_synapse",
    "stdp_pl_synapse_hom",
    "stdp_triplet_synapse",
    "tsodyks_synapse",
    "tsodyks2_synapse",
)
STATIC = ("static_synapse", "static_synapse_hom_w")


def recorded(recorder):
    """Events in order; which place in memory a connection has is each simulator's own."""
    events = recorder.get("events")
    keys = ("times", "senders", "targets", "receptors", "weights")
    order = np.lexsort(tuple(np.round(events[key], 9) for key in reversed(keys)))
    return {key: np.asarray(events[key])[order] for key in keys} | {"n": recorder.get("n_events")}


@scenario(cases=8)
def deliveries(nest, rng, h):
    """Every delivery of every model, read in several pieces."""
    recorder = nest.Create("weight_recorder")
    sources, targets = put.relays(nest, rng, h, 4, 150.0), put.relays(nest, rng, h, 3, 150.0)
    for model in PLASTIC + STATIC:
        nest.CopyModel(model, f"{model}_seen", {"weight_recorder": recorder, "weight": rng.uniform(1, 50)})
        delays = np.reshape(grid(rng.uniform(h, 5, 12), h), (3, 4))
        nest.Connect(
            sources, targets, syn_spec={"synapse_model": f"{model}_seen", "receptor_type": 1, "delay": delays}
        )
    result = {}
    for part in range(4):
        nest.Simulate(grid(rng.uniform(10, 50), h))
        result |= prefixed(str(part), recorded(recorder))
    return result


@scenario(cases=4)
def narrowed_down(nest, rng, h):
    """Some senders, some targets, a window of time, and a new start."""
    sources, targets = put.relays(nest, rng, h, 4, 150.0), put.relays(nest, rng, h, 3, 150.0)
    start, stop = sorted(grid(rng.uniform(0, 150, 2), h))
    recorder = nest.Create(
        "weight_recorder",
        params={"senders": sources[:2], "targets": targets[1:], "start": start, "stop": stop + h},
    )
    everything = nest.Create("weight_recorder")
    nest.CopyModel("stdp_synapse", "first", {"weight_recorder": recorder})
    nest.CopyModel("stdp_synapse", "second", {"weight_recorder": everything, "weight": 20.0})
    for model in ("first", "second"):
        nest.Connect(
            sources, targets, syn_spec={"synapse_model": model, "receptor_type": 1, "delay": grid(1.3, h)}
        )
    nest.Simulate(60.0)
    result = prefixed("half", recorded(recorder))
    everything.n_events = 0
    nest.Simulate(100.0)
    return result | prefixed("first", recorded(recorder)) | prefixed("second", recorded(everything))


@scenario(cases=4)
def recorder_given_later(nest, rng, h):
    """A static synapse that is recorded for a while delivers the same; generators are not recorded."""
    recorder = nest.Create("weight_recorder")
    generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, 90, 20)})
    sources = put.relays(nest, rng, h, 3, 90.0, (28, 32))
    neurons = nest.Create("iaf_psc_exp", 2, params={"I_e": 400.0})
    nest.CopyModel("static_synapse", "mine", {"weight": rng.uniform(50, 200), "delay": grid(1.5, h)})
    nest.Connect(sources, neurons, syn_spec="mine")
    nest.Connect(generator, neurons, syn_spec="mine")
    spike_recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, spike_recorder)
    nest.Simulate(30.0)
    nest.SetDefaults("mine", {"weight_recorder": recorder})
    told = nest.GetDefaults("mine", "weight_recorder").tolist()
    nest.Simulate(70.0)
    return recorded(recorder) | prefixed("spike", spikes(spike_recorder)) | {"told": told}
