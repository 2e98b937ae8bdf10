"""Interactive latency: what a user waits for at a notebook, beside plain Python on the same machine.

`make bench` has the seconds. Here every limit is a number of turns of a loop of Python, measured right before
and after: a slow machine is slow at both.
"""

from __future__ import annotations

import time

import numpy as np
import pytest

import nest_lab as nest

pytestmark = pytest.mark.clock
TURNS = 100_000  # of the loop that is measured


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def shortest(function, repeat):
    """Least seconds of some runs: what else the machine does can only add."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return min(times)


def loop():
    """What the limits count."""
    total = 0.0
    for number in range(TURNS):
        total += number * 0.5
    return total


def turns(function, repeat=5):
    """How many turns of the loop take as long as a call."""
    before = shortest(loop, 5)
    took = shortest(function, repeat)
    return took / max(before, shortest(loop, 5)) * TURNS


def test_one_neuron_for_a_second():
    def one():
        nest.ResetKernel()
        neuron = nest.Create("iaf_psc_alpha", params={"I_e": 400.0})
        recorder = nest.Create("spike_recorder")
        nest.Connect(neuron, recorder)
        nest.Simulate(1000.0)
        assert len(recorder.events["times"]) > 10

    assert turns(one, 20) < 60_000


def test_reading_a_parameter_of_10000_nodes():
    neurons = nest.Create("iaf_psc_alpha", 10_000)
    assert turns(lambda: neurons.get("V_m"), 20) < 12_000


def test_reading_a_million_weights():
    neurons = nest.Create("iaf_psc_alpha", 1000)
    nest.Connect(neurons, neurons, syn_spec={"weight": nest.random.normal(1.0, 0.1)})
    connections = nest.GetConnections()
    assert len(connections) == 1_000_000
    assert turns(lambda: connections.get("weight")) < 2_500_000
    assert np.mean(connections.weight) == pytest.approx(1.0, abs=0.01)


def test_many_small_calls():
    def creates():
        nest.ResetKernel()
        for _ in range(10_000):
            nest.Create("iaf_psc_alpha")

    assert turns(creates, 3) < 10_000 * 400
    neurons = nest.Create("iaf_psc_alpha", 10_000)
    nodes = list(neurons)

    def connects():
        for source, target in zip(nodes, nodes[1:] + nodes[:1], strict=True):
            nest.Connect(source, target)

    assert turns(connects, 1) < 10_000 * 100
    assert nest.num_connections == 10_000
