"""Learning signals of e-prop from spike to spike, which the reference simulator does not always show."""

from __future__ import annotations

import numpy as np
import pytest

import nest_lab
from nest_lab.testing import reference


def learning_signals(nest):
    """Learning signal, and error of the readout, step by step."""
    nest.ResetKernel()
    nest.resolution = 1.0
    rng = np.random.default_rng(3)
    relay = nest.Create("parrot_neuron")
    times = [float(t) for t in np.flatnonzero(rng.random(100) < 0.1) + 1]
    nest.Connect(nest.Create("spike_generator", params={"spike_times": times}), relay)
    neuron = nest.Create("eprop_iaf", 1, {"C_m": 1.0, "E_L": 0.0, "V_m": 0.0, "V_th": 0.5})
    readout = nest.Create("eprop_readout", 1, {"C_m": 1.0})
    nest.Connect(relay, neuron, syn_spec={"synapse_model": "eprop_synapse"})
    nest.Connect(neuron, readout, syn_spec={"weight": 0.7})
    feedback = {"synapse_model": "eprop_learning_signal_connection", "weight": 1.3}
    nest.Connect(readout, neuron, syn_spec=feedback)
    window = nest.Create("step_rate_generator", params={"amplitude_times": [1.0], "amplitude_values": [1.0]})
    spec = {"synapse_model": "rate_connection_delayed", "receptor_type": 1}
    nest.Connect(window, readout, syn_spec=spec)
    meters = []
    for node, name in ((neuron, "learning_signal"), (readout, "error_signal")):
        meters.append(nest.Create("multimeter", params={"interval": 1.0, "record_from": [name]}))
        nest.Connect(meters[-1], node)
    nest.Simulate(101.0)
    return np.asarray(meters[0].events["learning_signal"]), np.asarray(meters[1].events["error_signal"])


def test_learning_signals():
    """The weighted error of the step before; in the reference, too, where it does not show 0."""
    theirs, _ = learning_signals(reference())
    mine, error = learning_signals(nest_lab)
    assert mine[1:] == pytest.approx(1.3 * error[:-1], rel=1e-12)
    shown = theirs != 0
    assert 70 < shown.sum() < 100
    np.testing.assert_allclose(mine[shown], theirs[shown], rtol=1e-9)
