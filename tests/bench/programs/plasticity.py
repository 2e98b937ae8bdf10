"""Brunel (2000) at 12,500 neurons with STDP between the excitatory ones.

Motivation: every spike goes through the 1,000 plastic synapses of its source, each of which reads what its
target remembers. Depression is set so that the initial weight is in balance, and the network keeps firing at
about 30 spikes/s. Bytes per synapse are what a process grows by while ten million synapses are built, in a
process for each model: memory that was freed would be used again.
doi:10.1162/neco.2007.19.6.1437
"""

from time import perf_counter

import numpy as np

from tests.bench.measure import peak_memory
from tests.bench.programs.brunel import (
    ETA,
    EXCITATORY,
    IN_EXCITATORY,
    IN_INHIBITORY,
    INHIBITORY,
    NEURON,
    G,
    J,
)

PARTS = ("network", "stdp_synapse", "stdp_pl_synapse_hom")
TIME = 1000.0  # ms
RECORDED = 1000
BALANCE = J**-0.6  # of potentiation, J^0.4, and depression, alpha J


def build(nest):
    """Build the network; the recorder is returned."""
    excitatory = nest.Create("iaf_psc_delta", EXCITATORY, params=NEURON)
    inhibitory = nest.Create("iaf_psc_delta", INHIBITORY, params=NEURON)
    neurons = excitatory + inhibitory
    threshold_rate = 1000.0 * NEURON["V_th"] / (J * NEURON["tau_m"])
    noise = nest.Create("poisson_generator", params={"rate": ETA * threshold_rate})
    recorder = nest.Create("spike_recorder")
    nest.Connect(noise, neurons, "all_to_all", {"weight": J, "delay": 1.5})
    nest.CopyModel("stdp_pl_synapse_hom", "plastic", {"alpha": BALANCE, "lambda": 0.01})
    from_excitatory = {"rule": "fixed_indegree", "indegree": IN_EXCITATORY}
    from_inhibitory = {"rule": "fixed_indegree", "indegree": IN_INHIBITORY}
    nest.Connect(
        excitatory, excitatory, from_excitatory, {"synapse_model": "plastic", "weight": J, "delay": 1.5}
    )
    nest.Connect(excitatory, inhibitory, from_excitatory, {"weight": J, "delay": 1.5})
    nest.Connect(inhibitory, neurons, from_inhibitory, {"weight": -G * J, "delay": 1.5})
    nest.Connect(neurons[:RECORDED], recorder)
    return recorder


def bytes_per_synapse(nest, model):
    """Growth of the process for 10,000 neurons with 1,000 synapses each."""
    nest.ResetKernel()
    nest.local_num_threads = 2
    neurons = nest.Create("iaf_psc_delta", 10_000)
    nest.Simulate(0.1)
    before = resident_memory()
    spec = {"synapse_model": model, "delay": 0.1}  # the run has fixed it
    nest.Connect(neurons, neurons, {"rule": "fixed_outdegree", "outdegree": 1000}, spec)
    nest.Simulate(0.1)
    return (resident_memory() - before) / 1e7


def resident_memory():
    """Memory this process holds now, in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def run(nest, part):
    """Figures of one run of one second on two threads, or bytes per synapse of one model."""
    if part != "network":
        return {f"Bytes per synapse, {part}": bytes_per_synapse(nest, part)}
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
        "Brunel 12,500 with STDP: simulate 1 s (s)": simulated - built,
        "Brunel 12,500 with STDP: build (s)": built - start,
        "Brunel 12,500 with STDP: peak memory (GB)": peak_memory() / 1e9,
        "Brunel 12,500 with STDP: rate (spikes/s)": spikes / RECORDED / (TIME / 1000.0),
    }
