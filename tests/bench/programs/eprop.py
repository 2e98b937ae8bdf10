"""Learning by e-prop: the pattern generation task of Bellec et al. (2020), doi:10.1038/s41467-020-17236-y.

Motivation: gradients of 20,100 plastic synapses over intervals of 1,000 steps. 100 inputs with frozen noise,
100 recurrent neurons and a readout, steps of 1 ms, 20 intervals of 1 s, gradient descent, two threads.
"""

from time import perf_counter

import numpy as np

INPUTS, HIDDEN, STEPS, INTERVALS = 100, 100, 1_000, 20
NEURON = {"C_m": 1.0, "E_L": 0.0, "V_m": 0.0, "tau_m": 30.0, "regular_spike_arrival": False}
RECURRENT = NEURON | {"V_th": 0.03, "t_ref": 0.0, "c_reg": 300.0, "f_target": 10.0}
SYNAPSE = {"synapse_model": "eprop_synapse_bsshslm_2020", "delay": 1.0, "tau_m_readout": 30.0}
FEEDBACK = {"synapse_model": "eprop_learning_signal_connection_bsshslm_2020", "delay": 1.0}
PAIRS = {"rule": "all_to_all", "allow_autapses": False}


def sines(rng):
    """Four sine waves of different periods, added up."""
    course = np.zeros(STEPS)
    for period in (1000, 500, 333, 200):
        phase = rng.uniform(0, 2 * np.pi)
        course += rng.uniform(0.5, 2) * np.sin(phase + np.linspace(0, 2 * np.pi * (STEPS // period), STEPS))
    course -= course[0]
    return course / np.abs(course).max()


def run(nest):
    """Seconds to learn, and how far the loss falls."""
    nest.ResetKernel()
    nest.set(resolution=1.0, eprop_update_interval=float(STEPS), eprop_learning_window=float(STEPS))
    nest.local_num_threads = 2
    rng = np.random.default_rng(1)
    generators = nest.Create("spike_generator", INPUTS)
    inputs = nest.Create("parrot_neuron", INPUTS)
    hidden = nest.Create("eprop_iaf_bsshslm_2020", HIDDEN, RECURRENT)
    readout = nest.Create("eprop_readout_bsshslm_2020", 1, NEURON)
    target = nest.Create("step_rate_generator")
    nest.SetDefaults(SYNAPSE["synapse_model"], {"optimizer": {"type": "gradient_descent", "eta": 1e-4}})

    def weights(rows, columns):
        return rng.normal(size=(rows, columns)) / np.sqrt(columns)

    nest.Connect(generators, inputs, "one_to_one", {"delay": 1.0})
    nest.Connect(inputs, hidden, PAIRS, SYNAPSE | {"weight": weights(HIDDEN, INPUTS)})
    nest.Connect(hidden, hidden, PAIRS, SYNAPSE | {"weight": weights(HIDDEN, HIDDEN)})
    nest.Connect(hidden, readout, PAIRS, SYNAPSE | {"weight": weights(1, HIDDEN)})
    nest.Connect(readout, hidden, PAIRS, FEEDBACK | {"weight": weights(HIDDEN, 1) / 10})
    nest.Connect(
        target,
        readout,
        syn_spec={"synapse_model": "rate_connection_delayed", "delay": 1.0, "receptor_type": 2},
    )
    starts = np.arange(INTERVALS) * STEPS
    for generator in generators:
        fires = np.flatnonzero(rng.random(STEPS) < 0.05)
        fires = fires[fires > 0]
        generator.spike_times = (fires[None, :] + starts[:, None] + 1.0).ravel()
    course = sines(rng)
    target.set(
        amplitude_times=np.arange(INTERVALS * STEPS) + 4.0, amplitude_values=np.tile(course, INTERVALS)
    )
    meter = nest.Create("multimeter", params={"record_from": ["error_signal"], "interval": 1.0})
    nest.Connect(meter, readout)
    start = perf_counter()
    nest.Simulate(INTERVALS * STEPS + 5.0)
    seconds = perf_counter() - start
    error = np.asarray(meter.get("events")["error_signal"])[4 : 4 + INTERVALS * STEPS].reshape(
        INTERVALS, STEPS
    )
    loss = 0.5 * (error**2).sum(axis=1)
    return {
        "e-prop, 20,100 synapses, 20 intervals of 1,000 steps (s)": seconds,
        "loss of the last interval relative to the first": loss[-1] / loss[0],
    }
