"""The cortical microcircuit of Potjans & Diesmann (2014) at a tenth of its size, on two threads.

Motivation: the network on which this field compares simulators. Delays and weights are random, rows are
short, and a step must meet all threads, since the shortest delay is one step. doi:10.1093/cercor/bhs358
"""

from time import perf_counter

import numpy as np

from nest_lab.gallery.microcircuit import EXCITATORY, MicrocircuitParameters, OPTIMIZED_V_m
from tests.bench.measure import peak_memory

SCALE = 0.1
TIME = 1000.0  # ms


def connect(nest, p, populations):
    """All connections between the populations, as Table 5 of the publication has them."""
    for row, target in enumerate(populations):
        for column, source in enumerate(populations):
            weight = float(p.weights[row, column])
            mean = p.delay_ex if EXCITATORY[column] else p.delay_in
            bounds = {"min": 0.0} if weight > 0 else {"max": 0.0}
            synapse = {
                "weight": nest.math.redraw(
                    nest.random.normal(weight, abs(weight) * 0.1), **{"min": -np.inf, "max": np.inf, **bounds}
                ),
                "delay": nest.math.redraw(nest.random.normal(mean, 0.5 * mean), min=0.1, max=np.inf),
            }
            if number := int(p.synapses[row, column]):
                nest.Connect(source, target, {"rule": "fixed_total_number", "N": number}, synapse)


def build(nest, scale, drive):
    """The network with its drive; returns the recorder of all spikes."""
    p = MicrocircuitParameters(N_scale=scale, K_scale=scale, drive=drive)
    neuron = {name: getattr(p, name) for name in ("C_m", "tau_m", "t_ref", "E_L", "V_th", "V_reset")}
    neuron |= {"tau_syn_ex": p.tau_syn, "tau_syn_in": p.tau_syn}
    populations = []
    for size, current, mean, deviation in zip(p.sizes, p.currents, *OPTIMIZED_V_m, strict=True):
        start = {"V_m": nest.random.normal(float(mean), float(deviation)), "I_e": float(current)}
        populations.append(nest.Create("iaf_psc_exp", int(size), params=neuron | start))
    recorder = nest.Create("spike_recorder")
    for population in populations:
        nest.Connect(population, recorder)
    if drive == "poisson":
        for population, rate in zip(populations, p.external_rates, strict=True):
            generator = nest.Create("poisson_generator", params={"rate": float(rate)})
            nest.Connect(generator, population, syn_spec={"weight": p.external_weight, "delay": p.delay_ex})
    connect(nest, p, populations)
    return recorder


def measure(nest, scale, drive, time=TIME, threads=2):
    """Seconds to build (from the first Connect to the first step) and to simulate, and the recorder."""
    nest.ResetKernel()
    nest.resolution = 0.1
    nest.local_num_threads = threads
    start = perf_counter()
    recorder = build(nest, scale, drive)
    nest.Prepare()
    nest.Run(0.1)
    built = perf_counter()
    nest.Run(time)
    simulated = perf_counter()
    nest.Cleanup()
    return built - start, simulated - built, recorder


def run(nest, scale=SCALE, drives=("poisson", "dc"), **options):
    """Figures for each drive."""
    figures = {}
    for drive in drives:
        name = f"microcircuit, scale {scale:g}, {drive}"
        build_time, time, recorder = measure(nest, scale, drive, **options)
        rate = recorder.n_events / MicrocircuitParameters(N_scale=scale, K_scale=scale).sizes.sum()
        figures |= {
            f"{name}: simulate 1 s (s)": time / options.get("time", TIME) * TIME,
            f"{name}: build (s)": build_time,
            f"{name}: peak memory (GB)": peak_memory() / 1e9,
            f"{name}: rate (spikes/s)": rate / (options.get("time", TIME) / 1000.0),
        }
    return figures
