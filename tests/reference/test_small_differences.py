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
