"""A network that learns by e-prop: relays with fixed trains, recurrent neurons, readouts and targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from nest_lab.testing import samples, spikes

from ._neurons import prefixed

READOUT = "eprop_readout_bsshslm_2020"
SYNAPSE = "eprop_synapse_bsshslm_2020"
FEEDBACK = "eprop_learning_signal_connection_bsshslm_2020"
DESCENT = {"type": "gradient_descent", "eta": 2e-3}


def eligible(rng: np.random.Generator, **fixed: Any) -> dict[str, Any]:
    """Parameters of a recurrent neuron that spikes now and then."""
    return {
        "C_m": 1.0,
        "E_L": 0.0,
        "V_m": 0.0,
        "V_th": rng.uniform(0.03, 0.08),
        "tau_m": rng.uniform(15, 35),
        "t_ref": 0.0,
        "regular_spike_arrival": False,
    } | fixed


def learn(
    nest: Any,
    rng: np.random.Generator,
    h: float,
    model: str,
    recurrent: list[dict[str, Any]],
    *,
    readout: dict[str, Any] | None = None,
    optimizer: dict[str, Any] | None = None,
    average: bool = False,
    intervals: int = 3,
    steps: int = 60,
    window: int | None = None,
    reset: bool = True,
    first_spike: int = 2,
    relays: int = 5,
    readouts: int = 2,
    tau_readout: float = 25.0,
    record: bool = True,
    asleep: int = 0,
    gap: bool = False,
) -> dict[str, Any]:
    """Traces, spikes, and the weights at the end, in the task of Bellec et al. (2020), made small.

    `first_spike` is the first step of an interval in which inputs spike; every other one is silent in the
    first `asleep` intervals. With a `gap` all are silent in the second and the third interval, and in the
    fourth one they spike in its first step only, where spikes are lost.
    """
    nest.eprop_update_interval = steps * h
    nest.eprop_learning_window = (window or steps) * h
    nest.eprop_reset_neurons_on_update = reset
    plain = {"C_m": 1.0, "tau_m": tau_readout, "regular_spike_arrival": False} | (readout or {})
    entropy = plain.get("loss") == "cross_entropy"
    n = len(recurrent)
    inputs = nest.Create("parrot_neuron", relays)
    hidden = nest.Create(model, n, recurrent)
    outputs = nest.Create(READOUT, readouts, plain)
    targets = nest.Create("step_rate_generator", readouts)
    nest.SetDefaults(SYNAPSE, {"optimizer": optimizer or DESCENT, "average_gradient": average})

    def weights(rows: int, columns: int, scale: float) -> Any:
        return rng.normal(size=(rows, columns)) * scale

    spec = {"synapse_model": SYNAPSE, "delay": h, "tau_m_readout": tau_readout}
    pairs = {"rule": "all_to_all", "allow_autapses": False}
    size = 1.0 if plain["regular_spike_arrival"] is False else 0.04
    nest.Connect(inputs, hidden, pairs, spec | {"weight": np.abs(weights(n, relays, size))})
    nest.Connect(hidden, hidden, pairs, spec | {"weight": weights(n, n, 0.3 * size)})
    nest.Connect(hidden, outputs, pairs, spec | {"weight": weights(readouts, n, size)})
    feedback = {"synapse_model": FEEDBACK, "delay": h, "weight": weights(n, readouts, 1.0)}
    nest.Connect(outputs, hidden, pairs, feedback)
    rate = {"synapse_model": "rate_connection_delayed", "delay": h}
    nest.Connect(targets, outputs, "one_to_one", rate | {"receptor_type": 2})
    if entropy:
        nest.Connect(outputs, outputs, pairs, rate | {"receptor_type": 1})

    task = intervals * steps
    at = np.arange(task)
    for number, relay in enumerate(inputs):
        fires = rng.random(steps) < 0.15
        fires[: first_spike - 1] = False
        awake = np.tile(fires, intervals) & (at >= (number % 2) * asleep * steps)
        if gap:
            awake[steps : 4 * steps] = False
            awake[3 * steps] = True
        times = [float(t) for t in np.round((at[awake] + 1) * h, 6)]
        generator = nest.Create("spike_generator", params={"spike_times": times})
        nest.Connect(generator, relay, syn_spec={"delay": h})
    course = rng.normal(size=(readouts, steps))
    if entropy:
        course = np.eye(readouts)[rng.integers(0, readouts, steps)].T
    for target, values in zip(targets, course, strict=True):
        times = [float(t) for t in np.round((at + 4) * h, 6)]
        target.set(amplitude_times=times, amplitude_values=[float(x) for x in np.tile(values, intervals)])
    # One more spike of every source, so that the last interval has its update.
    last = nest.Create("spike_generator", params={"spike_times": [round((task + 3) * h, 6)]})
    nest.Connect(last, inputs + hidden, syn_spec={"weight": 1000.0, "delay": h})

    result: dict[str, Any] = {}
    meters = []
    if record:
        shown = nest.GetDefaults(model, "recordables"), nest.GetDefaults(READOUT, "recordables")
        for nodes, names in zip((hidden, outputs), shown, strict=True):
            # How much is remembered is each simulator's own.
            kept = [str(name) for name in names if name != "eprop_history_duration"]
            meters.append(nest.Create("multimeter", params={"interval": h, "record_from": kept}))
            nest.Connect(meters[-1], nodes)
    recorder = nest.Create("spike_recorder")
    nest.Connect(hidden, recorder)
    nest.Simulate(round((task + 6) * h, 6))
    for name, meter in zip(("hidden", "outputs"), meters, strict=False):
        result |= prefixed(name, samples(meter))
    connections = nest.GetConnections(synapse_model=SYNAPSE)
    told = {key: np.atleast_1d(connections.get(key)) for key in ("source", "target", "weight")}
    order = np.lexsort((told["target"], told["source"]))
    result |= {f"synapse.{key}": column[order] for key, column in told.items()}
    return result | prefixed("spike", spikes(recorder))
