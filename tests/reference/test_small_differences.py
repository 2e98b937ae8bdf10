"""Where the reference loses a sample or a neuron: what it does, and what is right."""

from __future__ import annotations

import numpy as np
import pytest

import nest_lab
from nest_lab.testing import reference, run


@pytest.mark.parametrize(("interval", "offset"), [(3.0, 1.0), (1.0, 1.0), (2.0, 1.0), (3.0, 2.0), (2.0, 5.0)])
def test_samples_begin_at_the_offset(interval, offset):
    """NEST 3.10 leaves out the first sample where the offset is one step, and only there."""

    def times(nest):
        neuron = nest.Create("iaf_psc_exp")
        params = {"record_from": ["V_m"], "interval": interval, "offset": offset}
        meter = nest.Create("multimeter", params=params)
        nest.Connect(meter, neuron)
        nest.Simulate(12.0)
        return {"times": meter.events["times"]}

    ours, theirs = (run(times, each, resolution=1.0)["times"] for each in (nest_lab, reference()))
    assert ours.tolist() == np.arange(offset, 12.0, interval).tolist()
    assert theirs.tolist() == ours[1 if offset == 1.0 else 0 :].tolist()


@pytest.mark.parametrize("model", ["iaf_psc_delta_ps", "iaf_psc_exp_ps"])
@pytest.mark.parametrize("t_ref", [0.5, 5.0])
def test_a_refractory_time_that_is_set_meanwhile(model, t_ref):
    """It holds from the next spike on, as it does without precise times in both simulators."""

    def fired(nest, model=model):
        neuron = nest.Create(model, params={"t_ref": 2.0})
        recorder = nest.Create("spike_recorder")
        nest.Connect(neuron, recorder)
        arrivals = {"spike_times": [2.0, 3.5, 5.0, 6.5, 8.0, 9.5, 11.0]}
        weight = 20.0 if "delta" in model else 9000.0
        nest.Connect(nest.Create("spike_generator", params=arrivals), neuron, syn_spec={"weight": weight})
        nest.Simulate(4.0)
        neuron.t_ref = t_ref
        nest.Simulate(16.0)
        return {"times": recorder.events["times"]}

    def plain(nest):
        return fired(nest, model.removesuffix("_ps"))

    ours, theirs = (run(fired, each, resolution=0.5)["times"] for each in (nest_lab, reference()))
    second = ours[1] - ours[0]
    assert 2.0 <= second < 4.0  # the old one
    assert np.diff(ours)[1:].min() >= t_ref
    for simulator in (nest_lab, reference()):
        steps = run(plain, simulator, resolution=0.5)["times"]
        assert 2.0 <= steps[1] - steps[0] < 4.0
    if t_ref < 2.0:
        assert len(theirs) == 1


@pytest.mark.parametrize("model", ["stdp_synapse_hom", "stdp_pl_synapse_hom", "stdp_dopamine_synapse"])
@pytest.mark.parametrize("delivered", [False, True])
def test_a_time_constant_that_changes_for_all_connections(model, delivered):
    """The presynaptic trace decays with the old one until then, and with the new one after it.

    NEST 3.10 takes the new one for all of the time since it last worked out a synapse: since the last spike
    of the source or, with dopamine, the last delivery, if that was later.
    """
    source, target, before, after = [10.0, 60.0], [20.0, 40.0], 20.0, 50.0
    delay, changed, lag = 1.0, 30.0, 0.1

    def program(nest):
        cells = [nest.Create("parrot_neuron") for _ in range(2)]
        for cell, times in zip(cells, (source, target), strict=True):
            generator = nest.Create("spike_generator", params={"spike_times": times})
            nest.Connect(generator, cell, syn_spec={"delay": lag})
        common = {"tau_plus": before}
        if "dopamine" in model:
            interval = 1 if delivered else 10000
            transmitter = nest.Create("volume_transmitter", params={"deliver_interval": interval})
            common |= {"volume_transmitter": transmitter, "b": -1.0, "tau_c": 1e9, "A_minus": 0.0}
        elif "pl" in model:
            common |= {"lambda": 1.0, "mu": 0.0, "alpha": 0.0}
        else:
            common |= {"lambda": 0.01, "mu_plus": 0.0, "alpha": 0.0, "Wmax": 100.0}
        nest.CopyModel(model, "mine", common)
        spec = {"synapse_model": "mine", "delay": delay, "weight": 10.0, "receptor_type": 1}
        nest.Connect(cells[0], cells[1], syn_spec=spec)
        nest.Simulate(changed)
        nest.SetDefaults("mine", {"tau_plus": after})
        nest.Simulate(40.0)
        connection = nest.GetConnections(cells[0], cells[1])
        grown = connection.c if "dopamine" in model else connection.weight - 10.0
        return {"Kplus": connection.Kplus, "grown": grown}

    def elapsed(t):  # since the first spike of the source, in time constants
        first = source[0] + lag
        return (min(t, changed) - first) / before + max(t - changed, 0.0) / after

    Kplus = 1.0 + np.exp(-elapsed(source[1] + lag))
    grown = sum(np.exp(-elapsed(t + lag + delay)) for t in target)
    ours, theirs = (run(program, each) for each in (nest_lab, reference()))
    assert ours["Kplus"] == pytest.approx(Kplus, rel=1e-9)
    assert ours["grown"] == pytest.approx(grown, rel=1e-6)  # of a weight of 10
    if "dopamine" in model and delivered:  # its trace is shown as it is at the last delivery
        assert theirs["grown"] == pytest.approx(grown, rel=1e-6)
    else:
        assert theirs["Kplus"] == pytest.approx(1.0 + np.exp(-(source[1] - source[0]) / after), rel=1e-9)


@pytest.mark.parametrize("model", ["iaf_psc_delta_ps", "iaf_psc_exp_ps"])
@pytest.mark.parametrize("V_m", [-55.0, -40.0])
def test_a_potential_set_to_threshold_while_refractory(model, V_m):
    """It fires at once, with precise times and without, in both simulators, and is refractory anew."""

    def fired(nest, model=model):
        neuron = nest.Create(model, params={"I_e": 600.0, "t_ref": 2.0})
        recorder = nest.Create("spike_recorder")
        nest.Connect(neuron, recorder)
        nest.Simulate(10.5)
        neuron.V_m = V_m
        nest.Simulate(20.0)
        return {"times": recorder.events["times"]}

    ours, theirs = (run(fired, each)["times"] for each in (nest_lab, reference()))
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert ours[0] < 10.0
    assert ours[1] == pytest.approx(10.5, abs=1e-9)
    for simulator in (nest_lab, reference()):
        assert run(lambda nest: fired(nest, model.removesuffix("_ps")), simulator)["times"][1] == 10.6
