"""Precise neurons: what the reference does not show, or shows wrong, beside the solution itself."""

from __future__ import annotations

import numpy as np
import pytest

import nest_lab


@pytest.mark.parametrize(("model", "weight"), [("iaf_psc_exp_ps", -3_000.0), ("iaf_psc_delta_ps", -30.0)])
def test_the_lower_limit_holds(model, weight):
    """V_m is never seen below V_min; in the reference a jump of iaf_psc_delta_ps goes below it for a step."""
    nest_lab.ResetKernel()
    neuron = nest_lab.Create(model, params={"V_min": -80.0})
    params = {"spike_times": [1.03, 4.57], "precise_times": True}
    meter = nest_lab.Create("voltmeter", params={"interval": 0.1})
    nest_lab.Connect(nest_lab.Create("spike_generator", params=params), neuron, syn_spec={"weight": weight})
    nest_lab.Connect(meter, neuron)
    nest_lab.Simulate(12.0)
    voltages = meter.get("events")["V_m"]
    assert voltages.min() >= -80.0
    assert voltages.min() < -79.8


def test_input_while_refractory():
    """A spike of 4 mV that comes 1.5 ms before the end of t_ref is worth 4 exp(-0.15) mV at the end."""
    nest_lab.ResetKernel()
    params = {"refractory_input": True, "E_L": -70.0, "V_m": -56.0, "t_ref": 2.0, "tau_m": 10.0}
    neuron = nest_lab.Create("iaf_psc_delta_ps", params=params)
    params = {"spike_times": [1.02, 1.52], "precise_times": True, "spike_weights": [20.0, 4.0]}
    nest_lab.Connect(nest_lab.Create("spike_generator", params=params), neuron, syn_spec={"delay": 1.0})
    recorder = nest_lab.Create("spike_recorder")
    nest_lab.Connect(neuron, recorder)
    nest_lab.Simulate(6.0)
    np.testing.assert_allclose(recorder.get("events")["times"], [2.02], rtol=1e-12)
    # Refractory until 4.02 ms; the rest decays until 6 ms.
    expected = -70.0 + 4.0 * np.exp(-0.15) * np.exp(-0.198)
    assert neuron.get("V_m") == pytest.approx(expected, rel=1e-12)


def test_spike_times_do_not_depend_on_the_step():
    """A constant current crosses the threshold at times that have a closed form, whatever the resolution."""
    threshold, rest, tau = 15.0, 500.0 * 10.0 / 250.0, 10.0
    period = 2.0 - tau * np.log1p(-threshold / rest)
    for h in (0.1, 0.25, 0.5, 1.0):
        nest_lab.ResetKernel()
        nest_lab.resolution = h
        for model in ("iaf_psc_exp_ps", "iaf_psc_delta_ps"):
            neuron, recorder = (
                nest_lab.Create(model, params={"I_e": 500.0}),
                nest_lab.Create("spike_recorder"),
            )
            nest_lab.Connect(neuron, recorder)
            nest_lab.Simulate(100.0)
            times = recorder.get("events")["times"]
            start = nest_lab.biological_time - 100.0
            np.testing.assert_allclose(
                times, start + period * np.arange(1, times.size + 1) - 2.0, rtol=0, atol=1e-11
            )


def test_precise_spikes_find_plastic_synapses():
    """A trace of the postsynaptic neuron counts its spike at its time between grid points."""
    weights = []
    for model in ("parrot_neuron", "parrot_neuron_ps"):
        nest_lab.ResetKernel()
        pre, post = nest_lab.Create("parrot_neuron"), nest_lab.Create(model)
        for times, node in (([5.0, 25.0], pre), ([14.03], post)):
            params = {"spike_times": times, "precise_times": True}
            nest_lab.Connect(nest_lab.Create("spike_generator", params=params), node)
        spec = {"synapse_model": "stdp_synapse", "receptor_type": 1, "weight": 5.0}
        nest_lab.Connect(pre, post, syn_spec=spec)
        nest_lab.Simulate(40.0)
        weights.append(nest_lab.GetConnections(synapse_model="stdp_synapse").get("weight"))
    assert weights[0] != weights[1]
    assert weights[0] == pytest.approx(weights[1], rel=1e-2)
