"""Interactive latency: what a user waits for at a notebook, with room for a busy machine."""

from __future__ import annotations

import time

import numpy as np
import pytest

import nest_lab as nest

pytestmark = pytest.mark.clock
ROOM = 2.0  # `make bench` measures without it


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def seconds(function, repeat=5):
    """Shortest of some runs."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return min(times)


def test_one_neuron_for_a_second():
    def one():
        nest.ResetKernel()
        neuron = nest.Create("iaf_psc_alpha", params={"I_e": 400.0})
        recorder = nest.Create("spike_recorder")
        nest.Connect(neuron, recorder)
        nest.Simulate(1000.0)
        assert len(recorder.events["times"]) > 10

    assert seconds(one, 20) < 1.5e-3 * ROOM


def test_reading_a_parameter_of_10000_nodes():
    neurons = nest.Create("iaf_psc_alpha", 10_000)
    assert seconds(lambda: neurons.get("V_m")) < 1e-3 * ROOM


def test_reading_a_million_weights():
    neurons = nest.Create("iaf_psc_alpha", 1000)
    nest.Connect(neurons, neurons, syn_spec={"weight": nest.random.normal(1.0, 0.1)})
    connections = nest.GetConnections()
    assert len(connections) == 1_000_000
    assert seconds(lambda: connections.get("weight")) < 30e-3 * ROOM
    assert np.mean(connections.weight) == pytest.approx(1.0, abs=0.01)


def test_many_small_calls():
    def creates():
        nest.ResetKernel()
        for _ in range(100_000):
            nest.Create("iaf_psc_alpha")

    assert seconds(creates, 2) < 1.0 * ROOM
    neurons = nest.Create("iaf_psc_alpha", 10_000)
    nodes = list(neurons)

    def connects():
        for source, target in zip(nodes, nodes[1:] + nodes[:1], strict=True):
            nest.Connect(source, target)

    assert seconds(connects, 1) < 1.0 * ROOM
    assert nest.num_connections == 10_000
