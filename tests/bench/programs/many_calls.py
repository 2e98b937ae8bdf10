"""Networks that scripts build node by node and connection by connection.

Motivation: beginners' loops, and programs that read a network from a file, call `Create` and `Connect` once
per element.
"""

from time import perf_counter


def run(nest):
    """Wall time of 100,000 calls of Create and of 10,000 calls of Connect."""
    nest.ResetKernel()
    start = perf_counter()
    for _ in range(100_000):
        nest.Create("iaf_psc_delta")
    created = perf_counter() - start

    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_delta", 10_001)
    pairs = [(neurons[i], neurons[i + 1]) for i in range(10_000)]
    start = perf_counter()
    for source, target in pairs:
        nest.Connect(source, target)
    connected = perf_counter() - start
    assert nest.num_connections == 10_000
    return {"100,000 single Create (s)": created, "10,000 single Connect (s)": connected}
