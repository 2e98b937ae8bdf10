"""What a person at a notebook waits for, many times an hour.

Motivation: a slider redraws smoothly only if one neuron's second takes a few milliseconds, and a look at the
state of a network must not cost more than its simulation.
"""

from statistics import median
from time import perf_counter

import numpy as np


def milliseconds(action, repeats):
    """Median wall time of `action` over `repeats` calls, in ms, after one call that warms up."""
    action()
    times = []
    for _ in range(repeats):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return 1000.0 * median(times)


def run(nest):
    """Figures of small jobs, each the median of several in this process."""

    def one_neuron():
        nest.ResetKernel()
        neuron = nest.Create("iaf_psc_alpha", params={"I_e": 380.0})
        meter = nest.Create("multimeter", params={"record_from": ["V_m"]})
        nest.Connect(meter, neuron)
        nest.Simulate(1000.0)
        assert len(meter.events["V_m"]) == 999

    figures = {"one neuron for 1 s: create, simulate, read (ms)": milliseconds(one_neuron, 50)}

    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_delta", 10_000)
    figures[".get('V_m') of 10,000 nodes (ms)"] = milliseconds(lambda: neurons.get("V_m"), 10)
    figures[".get() of 10,000 nodes (ms)"] = milliseconds(neurons.get, 10)
    figures[".get(output='pandas') of 10,000 nodes (ms)"] = milliseconds(
        lambda: neurons.get(output="pandas"), 5
    )
    nodes = list(neurons)
    start = perf_counter()
    for _ in range(5):
        for node in nodes:
            node.V_m = -65.0
    figures["50,000 single sets of a parameter (s)"] = perf_counter() - start

    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_delta", 1000)
    nest.Connect(neurons, neurons, "all_to_all", {"weight": nest.random.uniform(0.0, 1.0), "delay": 1.5})
    connections = nest.GetConnections()
    assert len(connections) == 1_000_000
    figures["weights of 1 M connections (ms)"] = milliseconds(lambda: connections.get("weight"), 3)
    figures["GetConnections() of 1 M connections (ms)"] = milliseconds(nest.GetConnections, 3)
    weights = np.asarray(connections.get("weight"))
    assert 0.0 <= weights.min() < 0.001
    assert 0.999 < weights.max() < 1.0

    for _ in range(9):
        nest.Connect(neurons, neurons, "all_to_all", {"weight": 1.0, "delay": 1.5})
    figures["GetConnections() of 10 M connections (ms)"] = milliseconds(nest.GetConnections, 3)
    assert len(nest.GetConnections()) == 10_000_000
    return figures
