"""Brunel (2000) at published size: 12,500 neurons and 15.6 million delta synapses, on two threads.

Motivation: the delivery of spikes costs most, and the synapses take most memory. This is the size at which a
laptop is expected to be comfortable. Asynchronous irregular state: g = 5, twice the threshold rate from
outside. doi:10.1023/A:1008925309027
"""

from time import perf_counter

import numpy as np

from tests.bench.measure import peak_memory

EXCITATORY, INHIBITORY = 10_000, 2_500
IN_EXCITATORY, IN_INHIBITORY = 1_000, 250
J, G, ETA = 0.1, 5.0, 2.0  # mV, 1, 1
NEURON = {"C_m": 1.0, "tau_m": 20.0, "t_ref": 2.0, "E_L": 0.0, "V_m": 0.0, "V_reset": 10.0, "V_th": 20.0}
TIME = 1000.0  # ms
RECORDED = 1000


def build(nest, scale=1.0):
    """Build the network with every number of neurons and synapses times `scale`; the recorder is returned."""
    n_ex, n_in = int(EXCITATORY * scale), int(INHIBITORY * scale)
    c_ex, c_in = int(IN_EXCITATORY * scale), int(IN_INHIBITORY * scale)
    weight = J / scale
    threshold_rate = 1000.0 * NEURON["V_th"] / (weight * NEURON["tau_m"])  # spikes/s that hold V_m at V_th

    excitatory = nest.Create("iaf_psc_delta", n_ex, params=NEURON)
    inhibitory = nest.Create("iaf_psc_delta", n_in, params=NEURON)
    neurons = excitatory + inhibitory
    noise = nest.Create("poisson_generator", params={"rate": ETA * threshold_rate})
    recorder = nest.Create("spike_recorder")
    nest.Connect(noise, neurons, "all_to_all", {"weight": weight, "delay": 1.5})
    nest.Connect(
        excitatory, neurons, {"rule": "fixed_indegree", "indegree": c_ex}, {"weight": weight, "delay": 1.5}
    )
    nest.Connect(
        inhibitory,
        neurons,
        {"rule": "fixed_indegree", "indegree": c_in},
        {"weight": -G * weight, "delay": 1.5},
    )
    nest.Connect(neurons[:RECORDED], recorder)
    return recorder


def run(nest):
    """Figures of one run of one second on two threads."""
    nest.ResetKernel()
    nest.local_num_threads = 2
    start = perf_counter()
    recorder = build(nest)
    nest.Prepare()
    built = perf_counter()
    nest.Run(TIME)
    simulated = perf_counter()
    nest.Cleanup()
    spikes = len(np.asarray(recorder.events["times"]))
    return {
        "Brunel 12,500: simulate 1 s (s)": simulated - built,
        "Brunel 12,500: build (s)": built - start,
        "Brunel 12,500: peak memory (GB)": peak_memory() / 1e9,
        "Brunel 12,500: rate (spikes/s)": spikes / RECORDED / (TIME / 1000.0),
    }
