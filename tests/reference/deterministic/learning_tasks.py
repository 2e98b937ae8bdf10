"""The tasks of Bellec et al. (2020), doi:10.1038/s41467-020-17236-y, made small.

Several iterations of each.
"""

from __future__ import annotations

import numpy as np

from nest_lab.testing import samples, spikes

from . import scenario
from ._eprop import FEEDBACK, READOUT, SYNAPSE, eligible
from ._neurons import prefixed

NEURON, ADAPTIVE = "eprop_iaf_bsshslm_2020", "eprop_iaf_adapt_bsshslm_2020"
PAIRS = {"rule": "all_to_all", "allow_autapses": False}
RATE = {"synapse_model": "rate_connection_delayed", "delay": 1.0}
ADAM = {"type": "adam", "eta": 5e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}


def intervals(nest, interval, window):
    nest.SetKernelStatus(
        {
            "eprop_update_interval": float(interval),
            "eprop_learning_window": float(window),
            "eprop_reset_neurons_on_update": True,
        }
    )


def relays(nest, fires):
    """Relays that spike in the steps (columns) in which their row is true."""
    nodes = nest.Create("parrot_neuron", len(fires))
    for node, row in zip(nodes, fires, strict=True):
        times = [float(t) for t in np.flatnonzero(row) + 1]
        nest.Connect(nest.Create("spike_generator", params={"spike_times": times}), node)
    return nodes


def project(nest, rng, sources, targets, size, *, model=SYNAPSE, **spec):
    weights = rng.normal(size=(len(targets), len(sources))) * size
    nest.Connect(sources, targets, PAIRS, {"synapse_model": model, "delay": 1.0, "weight": weights} | spec)


def aim(nest, readouts, courses):
    """Rates that are the targets of the readouts."""
    for readout, values in zip(readouts, courses, strict=True):
        times = [float(t) for t in np.arange(len(values)) + 4]
        course = {"amplitude_times": times, "amplitude_values": [float(x) for x in values]}
        nest.Connect(
            nest.Create("step_rate_generator", params=course), readout, syn_spec=RATE | {"receptor_type": 2}
        )


def told(nest, meters, recorder):
    result = prefixed("spike", spikes(recorder))
    for name, meter in meters.items():
        result |= prefixed(name, samples(meter))
    connections = nest.GetConnections(synapse_model=SYNAPSE)
    columns = {key: np.atleast_1d(connections.get(key)) for key in ("source", "target", "weight")}
    order = np.lexsort((columns["target"], columns["source"]))
    return result | {f"synapse.{key}": column[order] for key, column in columns.items()}


def watch(nest, **groups):
    """Multimeters and a spike recorder: every signal of learning."""
    names = {
        "hidden": ["V_m", "surrogate_gradient", "learning_signal"],
        "outputs": ["V_m", "readout_signal", "readout_signal_unnorm", "target_signal", "error_signal"],
    }
    meters = {}
    for group, nodes in groups.items():
        meters[group] = nest.Create("multimeter", params={"interval": 1.0, "record_from": names[group]})
        nest.Connect(meters[group], nodes)
    recorder = nest.Create("spike_recorder")
    nest.Connect(groups["hidden"], recorder)
    return meters, recorder


@scenario(cases=3, resolutions=(1.0,))
def sine_waves(nest, rng, h):
    """Regression: a readout learns a sum of sine waves from frozen noise, for six iterations."""
    steps, iterations = 100, 6
    intervals(nest, steps, steps)
    frozen = rng.random((10, steps)) < 0.1
    frozen[:, 0] = False
    inputs = relays(nest, np.tile(frozen, iterations))
    hidden = nest.Create(NEURON, 12, eligible(rng, c_reg=3.0, f_target=20.0))
    outputs = nest.Create(READOUT, 1, {"C_m": 1.0, "tau_m": 30.0, "regular_spike_arrival": False})
    nest.SetDefaults(SYNAPSE, {"optimizer": {"type": "gradient_descent", "eta": 1e-3}})
    project(nest, rng, inputs, hidden, 0.5, tau_m_readout=30.0)
    project(nest, rng, hidden, hidden, 0.3, tau_m_readout=30.0)
    project(nest, rng, hidden, outputs, 0.3, tau_m_readout=30.0)
    project(nest, rng, outputs, hidden, 1.0, model=FEEDBACK)
    t = np.arange(steps) / steps
    course = sum(rng.uniform(0.5, 2) * np.sin(2 * np.pi * (k * t + rng.random())) for k in (1, 2, 3, 5))
    aim(nest, outputs, np.tile(course / np.abs(course).max(), iterations)[None])
    meters, recorder = watch(nest, hidden=hidden, outputs=outputs)
    nest.Simulate(float(iterations * steps + 5))
    return told(nest, meters, recorder)


def cues(rng, steps, left):
    """Spikes of three cells each for cues on the left, on the right, for recall, and for noise."""
    rates = np.full((4, steps), 0.02)
    rates[:2] = 0
    for i, side in enumerate(left):
        rates[0 if side else 1, 5 + 15 * i : 15 + 15 * i] = 0.4
    rates[2, -30:] = 0.4
    return rng.random((12, steps)) < np.repeat(rates, 3, axis=0)


@scenario(cases=3, resolutions=(1.0,))
def evidence_accumulation(nest, rng, h):
    """Classification: on which side were more cues?

    Three iterations in batches of two, with regular and adaptive neurons.
    """
    steps, window, batches, iterations = 120, 30, 2, 3
    intervals(nest, steps, window)
    sides = rng.random((batches * iterations, 3)) < 0.5
    fires = np.concatenate([cues(rng, steps, left) for left in sides], axis=1)
    fires[:, ::steps] = False
    inputs = relays(nest, fires)
    common = {"c_reg": 3.0, "f_target": 20.0, "t_ref": 2.0}
    regular = nest.Create(NEURON, 6, eligible(rng, **common))
    adaptive = nest.Create(ADAPTIVE, 6, eligible(rng, adapt_beta=0.01, adapt_tau=100.0, **common))
    hidden = regular + adaptive
    readout = {"C_m": 1.0, "tau_m": 20.0, "regular_spike_arrival": False, "loss": "cross_entropy"}
    outputs = nest.Create(READOUT, 2, readout)
    nest.SetDefaults(SYNAPSE, {"average_gradient": True, "optimizer": ADAM | {"batch_size": batches}})
    project(nest, rng, inputs, hidden, 0.8, tau_m_readout=20.0)
    project(nest, rng, hidden, hidden, 0.3, tau_m_readout=20.0)
    project(nest, rng, hidden, outputs, 0.3, tau_m_readout=20.0)
    project(nest, rng, outputs, hidden, 1.0, model=FEEDBACK)
    nest.Connect(outputs, outputs, PAIRS, RATE | {"receptor_type": 1})
    right = np.repeat(sides.sum(axis=1) < 2, steps).astype(float)
    aim(nest, outputs, np.stack([1 - right, right]))
    meters, recorder = watch(nest, hidden=hidden, outputs=outputs)
    nest.Simulate(float(batches * iterations * steps + 5))
    return told(nest, meters, recorder)
