"""Sources that flush: when weights follow the gradient without a spike, and what that leaves as it is."""

from __future__ import annotations

import numpy as np
import pytest

import nest_lab
from nest_lab.testing import reference

H = 0.5  # ms


def learn(nest, flush, **optimizer):
    """Weights after each of some runs, and what was delivered."""
    nest.ResetKernel()
    nest.resolution = H
    relay = nest.Create("parrot_neuron", 1, {"flush_event_send_interval": flush})
    neuron = nest.Create("eprop_iaf", 1, {"C_m": 1.0, "E_L": 0.0, "V_m": 0.0, "V_th": 0.8, "kappa": 0.9})
    neuron.flush_event_send_interval = flush
    readout = nest.Create("eprop_readout", 1, {"C_m": 1.0, "E_L": 0.1})
    recorder = nest.Create("weight_recorder")
    nest.SetDefaults("eprop_synapse", {"optimizer": {"eta": 1e-2} | optimizer})
    nest.CopyModel("eprop_synapse", "seen", {"weight_recorder": recorder})
    spec = {"synapse_model": "seen", "delay": H}
    nest.Connect(relay, neuron, syn_spec=spec | {"weight": 0.5})
    nest.Connect(neuron, readout, syn_spec=spec | {"weight": 0.3})
    feedback = {"synapse_model": "eprop_learning_signal_connection", "delay": H, "weight": 1.0}
    nest.Connect(readout, neuron, syn_spec=feedback)
    times = np.arange(1, 160) * H
    for receptor, values in ((1, np.ones(159)), (2, np.sin(times))):
        course = {"amplitude_times": times.tolist(), "amplitude_values": values.tolist()}
        rate = {"synapse_model": "rate_connection_delayed", "delay": H, "receptor_type": receptor}
        nest.Connect(nest.Create("step_rate_generator", params=course), readout, syn_spec=rate)
    for node, spikes, weight in ((relay, [5.0, 25.0, 60.0], 1.0), (neuron, [10.0, 30.0], 5.0)):
        generator = nest.Create("spike_generator", params={"spike_times": spikes})
        nest.Connect(generator, node, syn_spec={"delay": H, "weight": weight})
    weights = []
    for ms in (3.5, 9.0, 0.5, 30.0, 26.0, 0.5, 0.5, 10.0):
        nest.Simulate(ms)
        weights.append(nest.GetConnections(synapse_model="seen").weight)
    return np.array(weights), recorder.events["weights"]


@pytest.mark.parametrize("flush", [0.3, 3.0, 7.0, 7.2, 33.0])
@pytest.mark.parametrize(
    "optimizer", [{}, {"type": "adam", "batch_size": 3}, {"optimize_each_step": False}], ids=str
)
def test_weights_between_spikes(flush, optimizer):
    """At the end of a run they are those of the last spike or flush; spikes find what they would anyway."""
    theirs, mine = learn(reference(), flush, **optimizer), learn(nest_lab, flush, **optimizer)
    np.testing.assert_allclose(mine[0], theirs[0], rtol=1e-9)
    np.testing.assert_allclose(mine[1], theirs[1], rtol=1e-9)
    silent = learn(nest_lab, np.inf, **optimizer)
    np.testing.assert_allclose(mine[1], silent[1], rtol=1e-9)
    assert np.array_equal(mine[0], silent[0]) == (optimizer == {"optimize_each_step": False})


def test_memory_is_bounded():
    """A source that spiked once would have its target remember all the time since."""
    kept = {}
    for flush in (np.inf, 10.0):
        nest_lab.ResetKernel()
        nest_lab.resolution = 1.0
        relay = nest_lab.Create("parrot_neuron", 1, {"flush_event_send_interval": flush})
        neuron = nest_lab.Create("eprop_iaf")
        nest_lab.Connect(relay, neuron, syn_spec={"synapse_model": "eprop_synapse"})
        generator = nest_lab.Create("spike_generator", params={"spike_times": [2.0]})
        nest_lab.Connect(generator, relay)
        meter = nest_lab.Create("multimeter", params={"record_from": ["eprop_history_duration"]})
        nest_lab.Connect(meter, neuron)
        nest_lab.Simulate(3000.0)
        kept[flush] = meter.events["eprop_history_duration"].max()
    assert kept[np.inf] > 2900.0
    assert kept[10.0] < 600.0
