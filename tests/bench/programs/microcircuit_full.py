"""The cortical microcircuit at full size, 77,169 neurons and 299 million synapses; how time grows with size.

Motivation: no figure near real time is published for fewer than 128 cores, and a laptop has other work to do.
The reference simulator needs 15 GB and minutes for it, and more than two threads: it takes part only if
NEST_LAB_BENCH_FULL is set.
"""

import os
import subprocess
import sys
from contextlib import contextmanager
from time import perf_counter

import numpy as np

from nest_lab.gallery.microcircuit import MicrocircuitParameters
from tests.bench.programs import microcircuit

NAME = "microcircuit, scale 1"


@contextmanager
def busy_process():
    """Another process that keeps one of our cores busy."""
    core = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, {{{core}}}); print(flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def events(recorder):
    """Number of spikes that reached a neuron: each one times the mean number of targets in its population."""
    p = MicrocircuitParameters()
    first = np.concatenate([[1], 1 + np.cumsum(p.sizes)])
    spikes, _ = np.histogram(recorder.events["senders"], bins=first)
    return float(spikes @ (p.synapses.sum(axis=0) / p.sizes))


def full_size(nest):
    """Figures at full size: two threads, one, and two beside a busy process."""
    figures = microcircuit.run(nest, scale=1.0, drives=("dc", "poisson"))
    two = figures[f"{NAME}, poisson: simulate 1 s (s)"]
    with busy_process():
        start = perf_counter()
        nest.Simulate(microcircuit.TIME)
        beside = perf_counter() - start
    _, one, recorder = microcircuit.measure(nest, 1.0, "poisson", threads=1)
    figures[f"{NAME}, poisson: beside a busy process over alone"] = beside / two
    figures[f"{NAME}, poisson: one thread over two"] = one / two
    figures[f"{NAME}, poisson: events per second and core (million)"] = events(recorder) / two / 2e6
    return figures


def idle_step(nest):
    """Microseconds of a step of 0.1 ms in which nothing happens to 100 neurons."""
    nest.ResetKernel()
    nest.Create("iaf_psc_exp", 100)
    nest.Connect(nest.Create("parrot_neuron"), nest.Create("parrot_neuron"), syn_spec={"delay": 0.1})
    nest.Simulate(1.0)
    start = perf_counter()
    nest.Simulate(1000.0)
    return 1e6 * (perf_counter() - start) / 10_000


def run(nest):
    """Figures at full size, and between a tenth and the whole."""
    if nest.__name__ != "nest_lab":
        if not os.environ.get("NEST_LAB_BENCH_FULL"):
            return {}
        return microcircuit.run(nest, scale=1.0, drives=("poisson",), time=500.0, threads=4)
    figures = full_size(nest)
    for scale in (0.2, 0.5):
        _, time, _ = microcircuit.measure(nest, scale, "poisson")
        figures[f"microcircuit, scale {scale:g}, poisson: simulate 1 s (s)"] = time
    figures["a step of 0.1 ms of an idle network of 100 neurons (µs)"] = idle_step(nest)
    return figures
