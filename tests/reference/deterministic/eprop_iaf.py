from __future__ import annotations

from typing import Any

import numpy as np

from nest_lab.testing import samples, spikes

from . import scenario
from ._eprop import eligible
from ._neurons import prefixed

MODEL, READOUT = "eprop_iaf", "eprop_readout"
SYNAPSE, FEEDBACK = "eprop_synapse", "eprop_learning_signal_connection"
SURROGATES = ["piecewise_linear", "exponential", "fast_sigmoid_derivative", "arctan_derivative"]
DESCENT = {"type": "gradient_descent", "eta": 5e-4, "Wmin": -20.0, "Wmax": 20.0}
ADAM = {"type": "adam", "eta": 1e-4, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-5}
PAIRS = {"rule": "all_to_all", "allow_autapses": False}


def neuron(rng: np.random.Generator, **fixed: Any) -> dict[str, Any]:
    """Parameters of a recurrent neuron that spikes now and then."""
    params = eligible(rng, V_th=rng.uniform(0.5, 1.5), kappa=rng.uniform(0.5, 0.99))
    del params["regular_spike_arrival"]
    return params | {"kappa_reg": rng.uniform(0.5, 0.99), "c_reg": 0.5, "f_target": 20.0} | fixed


def neurons(rng: np.random.Generator, **fixed: Any) -> list[dict[str, Any]]:
    return [neuron(rng, **fixed) for _ in range(6)]


def learn(
    nest: Any,
    rng: np.random.Generator,
    h: float,
    recurrent: list[dict[str, Any]],
    *,
    optimizer: dict[str, Any] = DESCENT,
    readout: dict[str, Any] | None = None,
    windows: tuple[float, ...] = (1.0,),
    steps: int = 200,
    rate: float = 0.1,
    flush: float = np.inf,
) -> dict[str, Any]:
    """Traces, spikes, and the weights at the end.

    The learning window takes the values in `windows` in turn. Sources flush every `flush` ms of silence.
    """
    relays, readouts, n = 5, 2, len(recurrent)
    if nest.__name__ == "nest":
        # The reference compares a rate in spikes/ms with f_target in spikes per step.
        recurrent = [params | {"f_target": params["f_target"] / h} for params in recurrent]
    inputs = nest.Create("parrot_neuron", relays, {"flush_event_send_interval": flush})
    hidden = nest.Create(MODEL, n, [params | {"flush_event_send_interval": flush} for params in recurrent])
    plain = {"C_m": 1.0, "tau_m": 20.0, "E_L": 0.1, "V_m": 0.0, "I_e": 0.001}
    outputs = nest.Create(READOUT, readouts, plain | (readout or {}))
    if optimizer["type"] == "gradient_descent":
        # Gradients are sums over steps; potentials are not to run away where there are many.
        optimizer = optimizer | {"eta": optimizer["eta"] * h}
    nest.SetDefaults(SYNAPSE, {"optimizer": optimizer})
    for sources, targets, size in ((inputs, hidden, 0.7), (hidden, hidden, 0.1), (hidden, outputs, 0.3)):
        weights = rng.normal(size=(len(targets), len(sources))) * size
        weights = np.abs(weights) if sources == inputs else weights
        nest.Connect(sources, targets, PAIRS, {"synapse_model": SYNAPSE, "delay": h, "weight": weights})
    weights = rng.normal(size=(n, readouts))
    nest.Connect(outputs, hidden, PAIRS, {"synapse_model": FEEDBACK, "delay": h, "weight": weights})
    part = steps // len(windows)
    window = [float(t) for t in np.round((np.arange(len(windows)) * part + 1) * h, 6)]
    times = [float(t) for t in np.round(np.arange(1, steps) * h, 6)]
    aims = [(1, window, list(windows), outputs)]
    aims += [(2, times, [float(x) for x in rng.normal(size=steps - 1)], output) for output in outputs]
    for receptor, at, values, targets in aims:
        course = {"amplitude_times": at, "amplitude_values": values}
        spec = {"synapse_model": "rate_connection_delayed", "delay": h, "receptor_type": receptor}
        nest.Connect(nest.Create("step_rate_generator", params=course), targets, syn_spec=spec)
    for relay in inputs:
        fires = np.flatnonzero(rng.random(steps) < rate) + 1
        generator = nest.Create(
            "spike_generator", params={"spike_times": [float(t) for t in np.round(fires * h, 6)]}
        )
        nest.Connect(generator, relay, syn_spec={"delay": h})
    # The reference shows a learning signal of 0 in the step after an update: see test_eprop_signals.py.
    shown = {"hidden": (hidden, ["V_m", "surrogate_gradient"])}
    shown["outputs"] = (outputs, ["V_m", "readout_signal", "target_signal", "error_signal"])
    meters = {}
    for name, (nodes, names) in shown.items():
        meters[name] = nest.Create("multimeter", params={"interval": h, "record_from": names})
        nest.Connect(meters[name], nodes)
    recorder = nest.Create("spike_recorder")
    nest.Connect(hidden, recorder)
    nest.Simulate(round((steps + 2) * h, 6))
    result = prefixed("spike", spikes(recorder))
    for name, meter in meters.items():
        result |= prefixed(name, samples(meter))
    connections = nest.GetConnections(synapse_model=SYNAPSE)
    told = {key: np.atleast_1d(connections.get(key)) for key in ("source", "target", "weight")}
    order = np.lexsort((told["target"], told["source"]))
    return result | {f"synapse.{key}": column[order] for key, column in told.items()}


@scenario(cases=4)
def gradient_descent(nest, rng, h):
    return learn(nest, rng, h, neurons(rng))


@scenario(cases=4)
def sum_of_gradients(nest, rng, h):
    return learn(nest, rng, h, neurons(rng), optimizer=DESCENT | {"optimize_each_step": False})


@scenario(cases=4)
def adam(nest, rng, h):
    return learn(nest, rng, h, neurons(rng), optimizer=ADAM)


@scenario(cases=4)
def adam_of_sums(nest, rng, h):
    return learn(nest, rng, h, neurons(rng), optimizer=ADAM | {"optimize_each_step": False, "batch_size": 3})


@scenario(cases=4)
def batches(nest, rng, h):
    """Gradients of five steps are averaged."""
    return learn(nest, rng, h, neurons(rng), optimizer=ADAM | {"batch_size": 5})


@scenario(cases=4)
def surrogates(nest, rng, h):
    params = [
        neuron(
            rng,
            surrogate_gradient_function=SURROGATES[i % 4],
            surrogate_gradient_height=rng.uniform(0.1, 1),
            surrogate_gradient_width=rng.uniform(0.1, 2),
            t_ref=float(rng.integers(0, 4)) * h,
        )
        for i in range(8)
    ]
    return learn(nest, rng, h, params)


@scenario(cases=4)
def cutoff(nest, rng, h):
    """Filters that only decay some time after a spike."""
    params = [neuron(rng, eprop_isi_trace_cutoff=float(rng.integers(1, 10)) * h) for _ in range(6)]
    return learn(nest, rng, h, params, readout={"eprop_isi_trace_cutoff": 4 * h})


@scenario(cases=4)
def cutoff_of_adam(nest, rng, h):
    """The same where updates go on without gradients."""
    params = [neuron(rng, eprop_isi_trace_cutoff=float(rng.integers(1, 10)) * h) for _ in range(6)]
    return learn(nest, rng, h, params, optimizer=ADAM, readout={"eprop_isi_trace_cutoff": 4 * h})


@scenario(cases=4)
def cutoff_of_sums(nest, rng, h):
    params = [neuron(rng, eprop_isi_trace_cutoff=float(rng.integers(1, 10)) * h) for _ in range(6)]
    optimizer = ADAM | {"optimize_each_step": False, "batch_size": 2}
    return learn(nest, rng, h, params, optimizer=optimizer, readout={"eprop_isi_trace_cutoff": 4 * h})


@scenario(cases=4)
def windows(nest, rng, h):
    """Errors count now and then, once by half."""
    return learn(nest, rng, h, neurons(rng), windows=(0.0, 1.0, 0.0, 0.5))


@scenario(cases=4)
def dense_input(nest, rng, h):
    """Sources that spike in steps one after the other."""
    params = neurons(rng, V_min=-0.2, I_e=0.001)
    return learn(nest, rng, h, params, rate=0.6, steps=100, optimizer=DESCENT | {"Wmin": -3.0, "Wmax": 3.0})


@scenario(cases=4)
def flushes(nest, rng, h):
    """Gradients are followed while sources are silent: the last weights are those of the last flush."""
    return learn(nest, rng, h, neurons(rng), rate=0.02, flush=float(rng.integers(1, 12)) * h)


@scenario(cases=4)
def flushes_of_adam(nest, rng, h):
    return learn(
        nest,
        rng,
        h,
        neurons(rng),
        rate=0.02,
        flush=(rng.integers(1, 12) - 0.5) * h,
        optimizer=ADAM | {"batch_size": 3},
    )


@scenario(cases=4)
def flushes_and_cutoff(nest, rng, h):
    params = [neuron(rng, eprop_isi_trace_cutoff=float(rng.integers(1, 10)) * h) for _ in range(6)]
    return learn(
        nest,
        rng,
        h,
        params,
        rate=0.02,
        flush=float(rng.integers(1, 6)) * h,
        readout={"eprop_isi_trace_cutoff": 4 * h},
    )


@scenario(cases=4)
def flushes_and_sums(nest, rng, h):
    """Where gradients count as a sum, weights wait for the next spike all the same."""
    optimizer = DESCENT | {"optimize_each_step": False}
    return learn(nest, rng, h, neurons(rng), rate=0.05, flush=7 * h, optimizer=optimizer)
