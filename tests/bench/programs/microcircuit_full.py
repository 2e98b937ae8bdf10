"""The cortical microcircuit at full size, 77,169 neurons and 299 million synapses; how time grows with size.

Motivation: no figure near real time is published for fewer than 128 cores. The reference simulator needs
15 GB and minutes for it, and more than two threads: it takes part only if NEST_LAB_BENCH_FULL is set.
"""

import os
from time import perf_counter

from tests.bench.programs import microcircuit


def run(nest):
    """Figures at full size, on two threads and on one, and between a tenth and the whole."""
    if nest.__name__ != "nest_lab":
        if not os.environ.get("NEST_LAB_BENCH_FULL"):
            return {}
        return microcircuit.run(nest, scale=1.0, drives=("poisson",), time=500.0, threads=4)
    figures = microcircuit.run(nest, scale=1.0)
    two = figures["microcircuit, scale 1, poisson: simulate 1 s (s)"]
    _, one, _ = microcircuit.measure(nest, 1.0, "poisson", threads=1)
    figures["microcircuit, scale 1: one thread over two"] = one / two
    for scale in (0.2, 0.5):
        _, time, _ = microcircuit.measure(nest, scale, "poisson")
        figures[f"microcircuit, scale {scale:g}, poisson: simulate 1 s (s)"] = time
    nest.ResetKernel()
    nest.Create("iaf_psc_exp", 100)
    nest.Connect(nest.Create("parrot_neuron"), nest.Create("parrot_neuron"), syn_spec={"delay": 0.1})
    nest.Simulate(1.0)
    start = perf_counter()
    nest.Simulate(1000.0)
    step = (perf_counter() - start) / 10_000
    figures["a step of 0.1 ms of an idle network of 100 neurons (µs)"] = 1e6 * step
    return figures
