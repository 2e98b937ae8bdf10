"""Mistakes that students make: what is wrong, with which value, what is allowed, and the nearest right name."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import re

import pytest

import nest_lab as nest
from nest_lab import errors

# fmt: off
MISTAKES = [
    ('nest.Create("iaf_psc_alhpa")', errors.UnknownModel, "Create(): there is no node model of this name. Value: 'iaf_psc_alhpa'. Allowed: 'iaf_psc_alpha', 'iaf_psc_delta', 'iaf_psc_exp' or one of N others. Did you mean 'iaf_psc_alpha'? Check the spelling."),
    ('nest.Create("iaf_psc_alpha", "10")', errors.BadType, "Create(): the number of nodes must be a whole number. Value: '10' (str). Allowed: 1, 2, …. Give a whole number."),
    ('nest.Create("iaf_psc_alpha", params={"tau_m": -1.0})', errors.BadValue, 'Create(): iaf_psc_alpha.tau_m is out of bounds. Value: -1 ms. Allowed: above 0 ms. Choose a value that is allowed.'),
    ('nest.Create("iaf_psc_alpha", params={"tau_m": "fast"})', errors.BadType, "Create(): iaf_psc_alpha.tau_m must be a number. Value: 'fast'. Allowed: a number. Give a number."),
    ('nest.Create("iaf_psc_alpha", 3, {"V_m": [-70.0, -65.0]})', errors.BadValue, 'Create(): iaf_psc_alpha.V_m: there must be one value for all nodes or one for each. Value: 2 values for 3 nodes. Allowed: 1 or 3 values. Give as many values as nodes, or a single one.'),
    ('neurons.Vm', errors.UnknownName, "NodeCollection.Vm: iaf_psc_alpha has no property of this name. Value: 'Vm'. Allowed: 'V_m' or one of N others. Did you mean 'V_m'? Check the spelling."),
    ('neurons.tau_m = None', errors.BadType, 'NodeCollection.tau_m: tau_m has a type that no parameter has. Value: None. Allowed: a number, True or False, a string, a dictionary, or a list of these. Convert the value first.'),
    ('nest.Connect(neurons, neurons, "fixed_indegre")', errors.BadRule, "Connect(): there is no connection rule of this name. Value: 'fixed_indegre'. Allowed: 'all_to_all', 'fixed_indegree', 'fixed_outdegree', 'fixed_total_number', 'one_to_one', 'pairwise_bernoulli', 'pairwise_poisson', 'symmetric_pairwise_bernoulli'. Did you mean 'fixed_indegree'? Check the spelling."),
    ('nest.Connect(neurons, neurons, {"rule": "fixed_indegree"})', errors.BadRule, "Connect(): fixed_indegree needs indegree. Value: no indegree. Allowed: indegree in conn_spec. Write {'rule': 'fixed_indegree', 'indegree': ...}."),
    ('nest.Connect(neurons, neurons, {"rule": "pairwise_bernoulli", "p": 10})', errors.BadRule, 'Connect(): pairwise_bernoulli: p must be a probability. Value: 10. Allowed: from 0 to 1. Give the probability that a pair is connected.'),
    ('nest.Connect(neurons, neurons, syn_spec={"wieght": 2.0})', errors.UnknownName, "Connect(): syn_spec of static_synapse has no key of this name. Value: 'wieght'. Allowed: 'delay', 'post_synaptic_element', 'pre_synaptic_element', 'receptor_type', 'synapse_label', 'synapse_model', 'weight'. Did you mean 'weight'? Check the spelling."),
    ('nest.Connect(neurons, neurons, syn_spec={"synapse_model": "stdp_synaps"})', errors.UnknownModel, "Connect(): there is no synapse model of this name. Value: 'stdp_synaps'. Allowed: 'stdp_synapse', 'stdp_synapse_lbl', 'stdp_synapse_hpc' or one of N others. Did you mean 'stdp_synapse'? Check the spelling."),
    ('nest.Connect(neurons, neurons, syn_spec={"delay": 0.01})', errors.BadDelay, 'Connect(): a delay must be at least the resolution. Value: 0.01 ms. Allowed: at least 0.1 ms. Raise the delay, or choose a finer resolution before nodes are created.'),
    ('nest.Connect(neurons, neurons, syn_spec={"weight": [1.0, 2.0]})', errors.BadValue, 'Connect(): the array of weights has the wrong shape for all_to_all. Value: (2,). Allowed: (3, 3). Give one value for each connection.'),
    ('nest.Connect(neurons, meter)', errors.CannotConnect, 'Connect(): a multimeter cannot be a target. Value: iaf_psc_alpha to multimeter. Allowed: a multimeter as the source. Turn it round: Connect(multimeter, nodes).'),
    ('nest.Connect(recorder, neurons)', errors.CannotConnect, 'Connect(): a spike_recorder cannot be a source. Value: spike_recorder. Allowed: a recorder of spikes as the target. Connect the nodes to the recorder: Connect(nodes, recorder).'),
    ('nest.Connect(neurons, "recorder")', errors.BadType, "Connect(): node ids must be a list of whole numbers. Value: 'recorder' (str). Allowed: a list, tuple, range or 1-dimensional array of int. Give the ids, or a NodeCollection."),
    ('nest.Create("multimeter", params={"record_from": "V_m", "intervall": 1.0})', errors.UnknownName, "Create(): multimeter has no parameter of this name. Value: 'intervall'. Allowed: 'interval' or one of N others. Did you mean 'interval'? Check the spelling."),
    ('bad = nest.Create("multimeter", params={"record_from": ["V_n"]}); nest.Connect(bad, neurons)', errors.UnknownName, "Connect(): iaf_psc_alpha has no recordable of this name. Value: 'V_n'. Allowed: 'I_syn_ex', 'I_syn_in', 'V_m'. Did you mean 'V_m'? Check the spelling."),
    ('nest.Connect(neurons, nest.Create("iaf_cond_exp"), syn_spec={"receptor_type": 7})', errors.CannotConnect, 'Connect(): iaf_cond_exp has no such receptor_type for spikes. Value: receptor_type 7. Allowed: receptor_type 0. Leave receptor_type out for the default, 0.'),
    ('nest.resoluton = 0.1', errors.UnknownName, "nest.resoluton: there is no kernel attribute of this name. Value: 'resoluton'. Allowed: 'resolution' or one of N others. Did you mean 'resolution'? nest.GetKernelStatus() shows all."),
    ('nest.resolution = 0.3', errors.WrongState, 'nest.resolution: the resolution cannot change once there are nodes. Value: 0.3 ms. Allowed: before the first Create. Call ResetKernel first, then set the resolution.'),
    ('nest.Simulate("100")', errors.BadType, "Simulate(): the time to run must be a number. Value: '100' (str). Allowed: a multiple of the resolution, in ms. Give the model time in ms."),
    ('nest.Simulate(0.15)', errors.BadValue, 'Simulate(): the time to simulate must be a multiple of the resolution. Value: 0.15 ms. Allowed: multiples of 0.1 ms. Round the time, or choose a finer resolution before nodes are created.'),
    ('nest.SetDefaults("iaf_psc_alpha", {"tau": 1.0})', errors.UnknownName, "SetDefaults(): iaf_psc_alpha has no parameter of this name. Value: 'tau'. Allowed: 'tau_m', 'tau_Ca' or one of N others. Did you mean 'tau_m'? Check the spelling."),
    ('nest.GetDefaults("iaf_psc_alpha", "taum")', errors.UnknownName, "GetDefaults(): iaf_psc_alpha has no parameter of this name. Value: 'taum'. Allowed: 'tau_m', 'tau_minus', 'tau_Ca' or one of N others. Did you mean 'tau_m'?"),
    ('neurons[10]', errors.BadIndex, 'NodeCollection[...]: the position is outside of the collection. Value: 10. Allowed: -3 … 2. Check len() of the collection.'),
    ('nest.random.unifrom(0, 1)', errors.UnknownName, "nest.random.unifrom: there is no attribute of this name. Value: 'unifrom'. Allowed: 'exponential', 'lognormal', 'normal', 'uniform', 'uniform_int'. Did you mean 'uniform'?"),
    ('nest.random.uniform(2.0, 1.0)', errors.BadValue, 'random.uniform(): uniform.max must be above min = 2. Value: 1. Allowed: above min = 2. Exchange min and max, or give a number in place of the Parameter.'),
    ('nest.Conect(neurons, neurons)', errors.UnknownName, "nest.Conect: there is no attribute of this name. Value: 'Conect'. Allowed: 'Connect', 'Disconnect', 'GetConnections' or one of N others. Did you mean 'Connect'? dir(nest) lists all."),
    ('old = neurons; nest.ResetKernel(); old.V_m', errors.StaleCollection, 'NodeCollection.V_m: these nodes or connections belong to a network that was replaced by ResetKernel(). Value: a collection from before. Allowed: collections made since then. Create the nodes again, and connect them again, after the reset.'),
    ('neurons.get("events")', errors.UnknownName, "NodeCollection.get(): iaf_psc_alpha has no property of this name. Value: 'events'. Allowed: 'C_m', 'Ca', 'E_L' or one of N others. Check the spelling."),
    ('nest.Create("poisson_generator", params={"rate": -5.0})', errors.BadValue, 'Create(): poisson_generator.rate is out of bounds. Value: -5 spikes/s. Allowed: from 0 to 1e+09 spikes/s. Choose a value that is allowed.'),
    ('nest.Create("spike_generator", params={"spike_times": [3.0, 1.0]})', errors.BadValue, 'Create(): spike_generator: Spike times must be sorted in non-descending order. Value: 1 ms after 3 ms. Allowed: times in ascending order. Sort the times, for example with numpy.sort.'),
    ('nest.CopyModel("iaf_psc_alpha", "iaf_psc_exp")', errors.BadValue, "CopyModel(): this model name is already in use. Value: 'iaf_psc_exp'. Allowed: a new name. Choose another name."),
]
# fmt: on


@pytest.mark.parametrize(("program", "kind", "text"), MISTAKES, ids=[program for program, *_ in MISTAKES])
def test_the_text_says_what_is_wrong(program, kind, text):
    """The whole text; only how many other names there are is left open, because models are added."""
    nest.ResetKernel()
    names = {
        "nest": nest,
        "neurons": nest.Create("iaf_psc_alpha", 3),
        "meter": nest.Create("multimeter", params={"record_from": ["V_m"]}),
        "recorder": nest.Create("spike_recorder"),
    }
    with pytest.raises(kind) as caught:
        exec(program, names)
    assert re.sub(r"one of \d+ others", "one of N others", str(caught.value)) == text
    nest.ResetKernel()


def test_what_is_not_there_is_not_there():
    neurons = nest.Create("iaf_psc_alpha", 3)
    assert not hasattr(neurons, "x")
    assert not hasattr(nest, "Conect")
    assert not hasattr(nest.random, "unifrom")
    assert hasattr(neurons, "V_m")
