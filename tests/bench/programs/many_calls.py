"""Networks that scripts build node by node and connection by connection.

Motivation: beginners' loops, and programs that read a network from a file, call `Create` and `Connect` once
per element.
"""

from pathlib import Path
from time import perf_counter


def memory():
    """What this process holds now, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def run(nest):
    """Wall time of 100,000 calls of Create, of 32,000 calls of Connect, and of the first step after them."""
    nest.ResetKernel()
    start = perf_counter()
    for _ in range(100_000):
        nest.Create("iaf_psc_delta")
    created = perf_counter() - start

    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_delta", 16_001)
    pairs = [(neurons[i], neurons[i + 1]) for i in range(16_000)]
    before, start = memory(), perf_counter()
    for source, target in pairs:
        nest.Connect(source, target)
        nest.Connect(source, target, "one_to_one", {"weight": 2.0, "delay": 1.5})
    connected, held = perf_counter() - start, memory() - before
    nest.Simulate(0.1)
    built = perf_counter() - start
    assert nest.num_connections == 32_000
    return {
        "100,000 single Create (s)": created,
        "32,000 single Connect (s)": connected,
        "32,000 single Connect and the first step (s)": built,
        "bytes per single Connect before the first step": held / 32_000,
    }
