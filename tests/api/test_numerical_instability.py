"""A neuron whose equations cannot be solved: the whole text, and a network that can go on."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import re

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors

NUMBER = r"-?[0-9.]+(?:e[+-]?[0-9]+)?"


def network(threads, bad=True):
    """Forty neurons of which two can be made to leave all bounds after 20 ms; and what they spike."""
    nest.ResetKernel()
    nest.local_num_threads = threads
    neurons = nest.Create("aeif_cond_exp", 40, {"I_e": 800.0})
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    rule = {"rule": "fixed_indegree", "indegree": 5}
    nest.Connect(neurons, neurons, rule, {"weight": 2.0, "delay": 1.5})
    if bad:
        params = {"amplitude": -1e9, "start": 20.0}
        nest.Connect(nest.Create("dc_generator", params=params), neurons[[7, 30]])
    return neurons, recorder


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_whole_text(threads):
    network(threads)
    with pytest.raises(errors.NumericalInstability) as caught:
        nest.Simulate(100.0)
    assert isinstance(caught.value, nest.NESTErrors.NumericalInstability)
    assert re.fullmatch(
        r"Simulate\(\): node 8 \(aeif_cond_exp\) left the range of values that make sense on the way to 21\.1 ms\. "
        rf"Value: V_m = {NUMBER} mV\. Allowed: V_m at least -1000 mV\. "
        r"Change the parameters of the node \(now C_m = 281 pF, g_L = 30 nS, a = 4 nS, b = 80\.5 pA, tau_w = 144 ms, "
        r"tau_syn_ex = 0\.2 ms, tau_syn_in = 2 ms, I_e = 800 pA\) or its input, then go on; it keeps its state of 21 ms\.",
        str(caught.value),
    ), str(caught.value)


def test_steps_that_get_shorter_and_shorter():
    nest.ResetKernel()
    neuron = nest.Create("hh_psc_alpha", params={"C_m": 1e-7})
    with pytest.raises(errors.NumericalInstability) as caught:
        nest.Simulate(1.0)
    assert re.fullmatch(
        r"Simulate\(\): node 1 \(hh_psc_alpha\): the integrator needs ever shorter steps on the way to 0\.1 ms\. "
        rf"Value: V_m = {NUMBER} mV\. "
        r"Allowed: a solution in at most 10000 steps, none of them shorter than a 1000000000th of the resolution\. "
        r"Change the parameters of the node \(now C_m = 1e-07 pF, g_Na = 12000 nS, g_K = 3600 nS, g_L = 30 nS, "
        r"tau_syn_ex = 0\.2 ms, tau_syn_in = 2 ms, I_e = 0 pA\) or its input, then go on; it keeps its state of 0 ms\.",
        str(caught.value),
    ), str(caught.value)
    assert neuron.V_m == -65.0
    neuron.C_m = 100.0
    nest.Simulate(10.0)


def test_the_network_goes_on():
    """The clock stands at the end of the slice; the others did what they would have done; the two go on once they can."""
    neurons, recorder = network(2)
    with pytest.raises(errors.NumericalInstability):
        nest.Simulate(100.0)
    stopped = nest.biological_time
    assert 21.0 < stopped <= 22.5 + 1e-9
    assert np.isfinite(neurons.V_m).all()
    events = recorder.events
    _, recorder = network(2, bad=False)
    nest.Simulate(stopped)
    assert events["times"].tolist() == recorder.events["times"].tolist()

    neurons, recorder = network(2)
    with pytest.raises(errors.NumericalInstability):
        nest.Simulate(100.0)
    with pytest.raises(errors.NumericalInstability):  # nothing was changed
        nest.Simulate(10.0)
    neurons[[7, 30]].C_m = 1e9
    now, count = nest.biological_time, recorder.n_events
    nest.Simulate(50.0)
    assert nest.biological_time == pytest.approx(now + 50.0)
    assert recorder.n_events > count


def test_a_frozen_neuron_cannot_fail():
    neurons, _ = network(1)
    neurons[[7, 30]].frozen = True
    nest.Simulate(50.0)


def test_the_result_of_a_failing_run_does_not_depend_on_threads():
    seen = set()
    for threads in (1, 2, 3):
        neurons, recorder = network(threads)
        with pytest.raises(errors.NumericalInstability) as caught:
            nest.Simulate(100.0)
        order = np.lexsort((recorder.events["senders"], recorder.events["times"]))
        spikes = tuple(np.asarray(recorder.events["times"])[order].tolist())
        seen.add((str(caught.value), nest.biological_time, tuple(neurons.V_m), spikes))
    assert len(seen) == 1
