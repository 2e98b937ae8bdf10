"""Bad input of every kind: the whole text of the error, and that nothing was half applied."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import re

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors

PREPARED = """
n = nest.Create("iaf_psc_alpha", 10)
p = nest.Create("parrot_neuron", 3)
s = nest.Create("spike_recorder")
g = nest.Create("poisson_generator")
d = nest.Create("dc_generator")
nest.Connect(n[:5], n[:5], "one_to_one", {"weight": 2.0})
nest.CopyModel("static_synapse", "mine", {"weight": 3.0})
"""


def state():
    """All there is to see of the simulation, as text."""
    status = {
        name: value
        for name, value in nest.GetKernelStatus().items()
        if not name.startswith(("time_", "memory"))
    }
    nodes = nest.GetNodes()
    return [
        repr(status),
        repr(nodes),
        # Which thread owns a node is decided anew whenever the connections are built.
        *(
            f"{name}: {values}"
            for name, values in (nodes.get() if nodes else {}).items()
            if name not in {"thread", "vp"}
        ),
        repr(nest.GetConnections().get()),
        *(repr(nest.GetDefaults(model)) for model in nest.Models()),
    ]


def some_of(wrong, names):
    """The valid names as an error shows them, from a list that grows with the models."""
    names = sorted(names)
    near = errors.nearest(wrong, names)
    if len(names) <= 8:
        return ", ".join(map(repr, names))
    return f"{', '.join(map(repr, near or names[:3]))} or one of {len(names) - len(near or names[:3])} others"


def settable(model):
    """Names that can be set on nodes of a model."""
    return [each.name for each in nest.models.registry[model].parameters.values() if not each.readonly]


def keys_of(model):
    return list(nest.Create(model).get())


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def refusal(program):
    """The error of a program of which only the last line goes wrong; it leaves everything as it was."""
    names = {"nest": nest, "np": np}
    *before, last = program.split("\n")
    exec(PREPARED + "\n".join(before), names)
    was = state()
    with pytest.raises(nest.NESTError) as caught:
        exec(last, names)
    if "ResetKernel" not in last:
        assert state() == was, "it was half applied"
    return caught.value


NAMES = [
    (
        'nest.Create("iaf_psc_alhpa", 2)',
        errors.UnknownModel,
        lambda: (
            f"Create(): there is no node model of this name. Value: 'iaf_psc_alhpa'. Allowed: {some_of('iaf_psc_alhpa', nest.node_models)}. Did you mean 'iaf_psc_alpha'? Check the spelling."
        ),
    ),
    (
        'nest.CopyModel("iaf_psc_alhpa", "x")',
        errors.UnknownModel,
        lambda: (
            f"CopyModel(): there is no model of this name. Value: 'iaf_psc_alhpa'. Allowed: {some_of('iaf_psc_alhpa', [name for name in nest.Models() if name != 'mine'] + ['mine'])}. Did you mean 'iaf_psc_alpha'? Check the spelling."
        ),
    ),
    (
        'nest.Create("iaf_psc_alpha", 2, {"E_L": -60.0, "tau_mm": 3.0})',
        errors.UnknownName,
        lambda: (
            f"Create(): iaf_psc_alpha has no parameter of this name. Value: 'tau_mm'. Allowed: {some_of('tau_mm', settable('iaf_psc_alpha'))}. Did you mean 'tau_m'? Check the spelling."
        ),
    ),
    (
        'n.set({"E_L": -60.0, "tau_mm": 3.0})',
        errors.UnknownName,
        lambda: (
            f"NodeCollection.set(): iaf_psc_alpha has no parameter of this name. Value: 'tau_mm'. Allowed: {some_of('tau_mm', settable('iaf_psc_alpha'))}. Did you mean 'tau_m'? Check the spelling."
        ),
    ),
    (
        "n.V_mm",
        errors.UnknownName,
        lambda: (
            f"NodeCollection.V_mm: iaf_psc_alpha has no property of this name. Value: 'V_mm'. Allowed: {some_of('V_mm', keys_of('iaf_psc_alpha'))}. Did you mean 'V_m'? Check the spelling."
        ),
    ),
    (
        "(n + p).tau_Caa",
        errors.UnknownName,
        lambda: (
            f"NodeCollection.tau_Caa: no node of the collection has this parameter. Value: 'tau_Caa'. Allowed: {some_of('tau_Caa', {*keys_of('iaf_psc_alpha'), *keys_of('parrot_neuron')})}. Did you mean 'tau_Ca'?"
        ),
    ),
    (
        "(n + p).V_m = -60.0",
        errors.UnknownName,
        lambda: (
            f"NodeCollection.V_m: parrot_neuron has no parameter of this name. Value: 'V_m'. Allowed: {some_of('V_m', settable('parrot_neuron'))}. Check the spelling."
        ),
    ),
    (
        's.get("events", "timse")',
        errors.UnknownName,
        lambda: (
            "NodeCollection.get(): 'events' has no such key. Value: 'timse'. Allowed: 'senders', 'times'. Did you mean 'times'?"
        ),
    ),
    (
        'm = nest.Create("multimeter", params={"record_from": ["V_n"]})\nnest.Connect(m, n)',
        errors.UnknownName,
        lambda: (
            "Connect(): iaf_psc_alpha has no recordable of this name. Value: 'V_n'. Allowed: 'I_syn_ex', 'I_syn_in', 'V_m'. Did you mean 'V_m'? Check the spelling."
        ),
    ),
    (
        'nest.Connect(n, n, "fixed_indegre")',
        errors.BadRule,
        lambda: (
            f"Connect(): there is no connection rule of this name. Value: 'fixed_indegre'. Allowed: {some_of('fixed_indegre', nest.connection_rules)}. Did you mean 'fixed_indegree'? Check the spelling."
        ),
    ),
    (
        'nest.Connect(n, n, {"rule": "fixed_indegree", "indegree": 3, "allow_multapse": False})',
        errors.UnknownName,
        lambda: (
            "Connect(): conn_spec of fixed_indegree has no key of this name. Value: 'allow_multapse'. Allowed: 'allow_autapses', 'allow_multapses', 'allow_oversized_mask', 'indegree', 'mask', 'p', 'rule', 'use_on_source'. Did you mean 'allow_multapses'? Check the spelling."
        ),
    ),
    (
        'nest.Connect(n, n, "all_to_all", {"wieght": 3.0})',
        errors.UnknownName,
        lambda: (
            "Connect(): syn_spec of static_synapse has no key of this name. Value: 'wieght'. Allowed: 'delay', 'post_synaptic_element', 'pre_synaptic_element', 'receptor_type', 'synapse_label', 'synapse_model', 'weight'. Did you mean 'weight'? Check the spelling."
        ),
    ),
    (
        'nest.Connect(n, n, "all_to_all", "static_synpase")',
        errors.UnknownModel,
        lambda: (
            f"Connect(): there is no synapse model of this name. Value: 'static_synpase'. Allowed: {some_of('static_synpase', nest.synapse_models)}. Did you mean 'static_synapse'? Check the spelling."
        ),
    ),
    (
        'nest.GetConnections(synapse_model="static_synpase")',
        errors.UnknownModel,
        lambda: (
            f"GetConnections(): there is no synapse model of this name. Value: 'static_synpase'. Allowed: {some_of('static_synpase', nest.synapse_models)}. Did you mean 'static_synapse'? Check the spelling."
        ),
    ),
    (
        'nest.GetDefaults("iaf_psc_alpha", "tau_mm")',
        errors.UnknownName,
        lambda: (
            f"GetDefaults(): iaf_psc_alpha has no parameter of this name. Value: 'tau_mm'. Allowed: {some_of('tau_mm', nest.GetDefaults('iaf_psc_alpha'))}. Did you mean 'tau_m'?"
        ),
    ),
    (
        'nest.SetDefaults("iaf_psc_alpha", {"E_L": -60.0, "tau_mm": 3.0})',
        errors.UnknownName,
        lambda: (
            f"SetDefaults(): iaf_psc_alpha has no parameter of this name. Value: 'tau_mm'. Allowed: {some_of('tau_mm', settable('iaf_psc_alpha'))}. Did you mean 'tau_m'? Check the spelling."
        ),
    ),
    (
        'nest.CopyModel("iaf_psc_alpha", "x", {"tau_mm": 3.0})',
        errors.UnknownName,
        lambda: (
            f"CopyModel(): x has no parameter of this name. Value: 'tau_mm'. Allowed: {some_of('tau_mm', settable('iaf_psc_alpha'))}. Did you mean 'tau_m'? Check the spelling."
        ),
    ),
]


@pytest.mark.parametrize(
    ("program", "kind", "text"), NAMES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_unknown_names(program, kind, text):
    """The nearest valid names are named."""
    error = refusal(program)
    assert isinstance(error, kind)
    assert str(error) == text()


@pytest.mark.parametrize(
    "use", ["c.weihgt", "c.get('weihgt')", "c.set(weight=1.0, weihgt=2.0)", "c.weihgt = 2.0"]
)
def test_unknown_parameter_of_connections(use):
    where = {"c.get": "SynapseCollection.get()", "c.set": "SynapseCollection.set()"}.get(
        use[:5], "SynapseCollection.weihgt"
    )
    text = str(refusal(f"c = nest.GetConnections()\n{use}"))
    assert re.fullmatch(
        re.escape(f"{where}: connections have no property of this name")
        + r"( that can be set)?\. Value: 'weihgt'\. Allowed: ('weight' or one of \d+ others|'delay', 'weight')\. "
        + r"Did you mean 'weight'\? Check the spelling\.",
        text,
    ), text


VALUES = [
    # wrong types
    ("nest.Create(3)", errors.BadType, "Create(): the name of a model must be text. Value: 3 (int). Allowed: a name. Put it in quotes."),
    ('nest.Create("iaf_psc_alpha", 1.5)', errors.BadType, "Create(): the number of nodes must be a whole number. Value: 1.5 (float). Allowed: 1, 2, …. Round it."),
    ('nest.Create("iaf_psc_alpha", 2, 3)', errors.BadType, "Create(): parameters must come by name. Value: 3 (int). Allowed: a dictionary, or a list of one dictionary per node. Write params={'name': value}."),
    ('n.set({"E_L": -60.0, "tau_m": "long"})', errors.BadType, "NodeCollection.set(): iaf_psc_alpha.tau_m must be a number. Value: 'long'. Allowed: a number. Give a number."),
    ('n.set([{"E_L": -60.0}] * 9 + [{"tau_m": "long"}])', errors.BadType, "NodeCollection.set(): tau_m has a type that no parameter has. Value: [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 'long']. Allowed: a number, True or False, a string, a dictionary, or a list of these. Convert the value first."),
    ("n.set(3)", errors.BadType, "NodeCollection.set(): parameters must come by name. Value: 3 (int). Allowed: a dictionary, a list of one dictionary per node, or keywords. Write nodes.set(name=value)."),
    ("n.frozen = 1", errors.BadType, "NodeCollection.frozen: iaf_psc_alpha.frozen must be True or False. Value: 1. Allowed: True or False. Give True or False."),
    ('nest.Create("multimeter", params={"record_from": 3})', errors.BadType, "Create(): multimeter.record_from must be a list of names. Value: 3. Allowed: a list of names. Give a list of names."),
    ("nest.Connect(n, n, 3)", errors.BadType, "Connect(): conn_spec must name a rule. Value: 3 (int). Allowed: the name of a rule, or a dictionary with it as 'rule'. nest.connection_rules lists the rules."),
    ("nest.Connect(n, n, 'all_to_all', 3)", errors.BadType, "Connect(): syn_spec must name or describe a synapse. Value: 3 (int). Allowed: the name of a synapse model, a dictionary of parameters, or CollocatedSynapses. nest.synapse_models lists the synapse models."),
    ("nest.Connect(n, n, 'all_to_all', {'weight': 'strong'})", errors.BadType, "Connect(): weight must be a number or a parameter. Value: 'strong'. Allowed: a number or a parameter. Give a number, or for example nest.random.uniform()."),
    ("nest.Connect(n, n, {'rule': 'fixed_indegree', 'indegree': 2.5})", errors.BadType, "Connect(): indegree must be a whole number or a parameter. Value: 2.5. Allowed: a whole number or a parameter. Convert it with int()."),
    ("nest.Connect(n, 'a')", errors.BadType, "Connect(): node ids must be a list of whole numbers. Value: 'a' (str). Allowed: a list, tuple, range or 1-dimensional array of int. Give the ids, or a NodeCollection."),
    ("nest.GetConnections(3)", errors.BadType, "GetConnections(): source must be nodes. Value: 3 (int). Allowed: a NodeCollection. Make one with NodeCollection([ids])."),
    ("nest.Disconnect(n)", errors.BadType, "Disconnect(): Disconnect() takes connections, or the nodes at their two ends. Value: NodeCollection. Allowed: a SynapseCollection, or two NodeCollections. Give conn_spec and syn_spec by name."),
    ("nest.GetStatus([1])", errors.BadType, "GetStatus(): the first argument must be nodes or connections. Value: [1] (list). Allowed: a NodeCollection or a SynapseCollection. Make one with NodeCollection([ids]) or GetConnections()."),
    ("nest.GetConnections().weight = 'strong'", errors.BadType, "SynapseCollection.weight: the value of 'weight' must be a number. Value: 'strong' (str). Allowed: a number, a Parameter, or 5 numbers, one per connection. Give a number."),
    ("nest.Simulate('long')", errors.BadType, "Simulate(): the time to run must be a number. Value: 'long' (str). Allowed: a multiple of the resolution, in ms. Give the model time in ms."),
    # out of bounds, and numbers that do not fit
    ('nest.Create("iaf_psc_alpha", 10**20)', errors.BadValue, "Create(): there are more nodes than can have an id. Value: 100000000000000000000 nodes. Allowed: at most 4294967294. Create fewer nodes."),
    ("nest.NodeCollection([-1, 2])", errors.StaleCollection, "NodeCollection(): there is no such node. Value: node id -1. Allowed: ids of existing nodes, from 1 on. Create nodes first, or use ids of this simulation."),
    ("nest.NodeCollection([1, 10**10])", errors.StaleCollection, "NodeCollection(): there is no such node. Value: node id 10000000000. Allowed: ids of existing nodes, from 1 on. Create nodes first, or use ids of this simulation."),
    ('nest.Connect(n, n, syn_spec={"weight": nest.math.redraw(nest.random.uniform(), 5.0, 6.0)})', errors.BadValue, "Connect(): redraw found no value between its limits in 1000 attempts. Value: limits 5 to 6. Allowed: limits that the distribution reaches. Widen the limits, or move the distribution."),
    ('nest.Connect(n, n, syn_spec={"weight": nest.random.uniform() / 0.0})', errors.BadValue, "Connect(): weights must be finite. Value: inf. Allowed: finite numbers. Replace nan and inf."),
    ("g.rate = 1e15", errors.BadValue, "NodeCollection.rate: poisson_generator.rate is out of bounds. Value: 1e+15 spikes/s. Allowed: from 0 to 1e+09 spikes/s. Choose a value that is allowed."),
    ('nest.Create("spike_generator", params={"spike_times": [1.0], "spike_multiplicities": [10**9]})', errors.BadValue, "Create(): spike_generator.spike_multiplicities is out of bounds. Value: 1e+09. Allowed: from 0 to 1e+06. Choose a value that is allowed."),
    ('nest.Create("iaf_psc_alpha", 0)', errors.BadValue, "Create(): the number of nodes must be positive. Value: 0. Allowed: 1 or more. Give how many nodes to create."),
    ('nest.Create("iaf_psc_alpha", 2, {"E_L": -60.0, "tau_m": -1.0})', errors.BadValue, "Create(): iaf_psc_alpha.tau_m is out of bounds. Value: -1 ms. Allowed: above 0 ms. Choose a value that is allowed."),
    ('nest.Create("iaf_psc_alpha", 2, {"tau_m": [1.0, -2.0]})', errors.BadValue, "Create(): iaf_psc_alpha.tau_m is out of bounds. Value: -2 ms. Allowed: above 0 ms. Choose a value that is allowed."),
    ('nest.Create("iaf_psc_alpha", 2, [{"tau_m": 1.0}])', errors.BadType, "Create(): there must be one dictionary of parameters per node. Value: 1 dictionaries. Allowed: 2, the number of nodes. Give one dictionary for all nodes, or one for each."),
    ('n.set({"E_L": -60.0, "tau_m": -1.0})', errors.BadValue, "NodeCollection.set(): iaf_psc_alpha.tau_m is out of bounds. Value: -1 ms. Allowed: above 0 ms. Choose a value that is allowed."),
    ("n.set(tau_m=[5.0] * 9 + [-1.0])", errors.BadValue, "NodeCollection.set(): iaf_psc_alpha.tau_m is out of bounds. Value: -1 ms. Allowed: above 0 ms. Choose a value that is allowed."),
    ("n.set(E_L=-60.0, tau_m=[1.0, 2.0])", errors.BadValue, "NodeCollection.set(): iaf_psc_alpha.tau_m: there must be one value for all nodes or one for each. Value: 2 values for 10 nodes. Allowed: 1 or 10 values. Give as many values as nodes, or a single one."),
    ("n.set(E_L=-60.0, V_th=-80.0)", errors.BadValue, "NodeCollection.set(): iaf_psc_alpha: V_reset must be below V_th. Value: -70 mV. Allowed: V_reset < V_th. Lower V_reset or raise V_th."),
    ("g.rate = -5.0", errors.BadValue, "NodeCollection.rate: poisson_generator.rate is out of bounds. Value: -5 spikes/s. Allowed: from 0 to 1e+09 spikes/s. Choose a value that is allowed."),
    ("s.n_events = 4", errors.BadValue, "NodeCollection.n_events: spike_recorder.n_events can only be set to 0. Value: 4. Allowed: 0. Set it to 0 to forget what was recorded."),
    ('nest.Create("spike_generator", params={"spike_times": [2.0, 1.0]})', errors.BadValue, "Create(): spike_generator: Spike times must be sorted in non-descending order. Value: 1 ms after 2 ms. Allowed: times in ascending order. Sort the times, for example with numpy.sort."),
    ('nest.SetDefaults("iaf_psc_alpha", {"E_L": -60.0, "tau_m": -1.0})', errors.BadValue, "SetDefaults(): iaf_psc_alpha.tau_m is out of bounds. Value: -1 ms. Allowed: above 0 ms. Choose a value that is allowed."),
    ('nest.CopyModel("iaf_psc_alpha", "parrot_neuron")', errors.BadValue, "CopyModel(): this model name is already in use. Value: 'parrot_neuron'. Allowed: a new name. Choose another name."),
    ("nest.Simulate(-1.0)", errors.BadValue, "Simulate(): the time to simulate must be finite and not negative. Value: -1 ms. Allowed: 0 ms or more. Give the time in ms."),
    ("nest.Simulate(0.05)", errors.BadValue, "Simulate(): the time to simulate must be a multiple of the resolution. Value: 0.05 ms. Allowed: multiples of 0.1 ms. Round the time, or choose a finer resolution before nodes are created."),
    ("nest.Simulate(1e300)", errors.BadValue, "Simulate(): the time to run is beyond what the clock can tell. Value: 1e+300 ms. Allowed: at most 1.15292e+15 ms. Give the model time in ms."),
    # rules
    ('nest.Connect(n, n, "fixed_indegree")', errors.BadRule, "Connect(): fixed_indegree needs indegree. Value: no indegree. Allowed: indegree in conn_spec. Write {'rule': 'fixed_indegree', 'indegree': ...}."),
    ('nest.Connect(n, n, {"indegree": 3})', errors.BadRule, "Connect(): conn_spec does not say which rule. Value: a dictionary with 'indegree'. Allowed: a dictionary with the name of a rule as 'rule'. Add it, e.g. {'rule': 'fixed_indegree', 'indegree': 10}; nest.connection_rules lists them."),
    ('nest.Connect(n, n, {"rule": "fixed_indegree", "indegree": 30, "allow_multapses": False})', errors.BadRule, "Connect(): fixed_indegree without multapses: indegree is larger than the number of sources. Value: 30 of 10 sources. Allowed: at most 10. Lower indegree, give more sources, or set allow_multapses to True."),
    ('nest.Connect(n, n, {"rule": "fixed_indegree", "indegree": 10, "allow_multapses": False, "allow_autapses": False})', errors.BadRule, "Connect(): fixed_indegree without autapses: too few sources other than the target itself. Value: 10 of 9 sources. Allowed: at most 9. Lower indegree, give more sources, or allow autapses."),
    ('nest.Connect(n, n, {"rule": "fixed_total_number", "N": 1000, "allow_multapses": False})', errors.BadRule, "Connect(): fixed_total_number: N is larger than the number of different pairs. Value: 1000 of 100 pairs. Allowed: at most 100. Lower N, give more sources or targets, or set allow_multapses to True."),
    ('nest.Connect(n, n, {"rule": "pairwise_bernoulli", "p": 1.5})', errors.BadRule, "Connect(): pairwise_bernoulli: p must be a probability. Value: 1.5. Allowed: from 0 to 1. Give the probability that a pair is connected."),
    ('nest.Connect(n, n, {"rule": "symmetric_pairwise_bernoulli", "p": 0.5, "allow_autapses": False})', errors.BadRule, "Connect(): symmetric_pairwise_bernoulli needs make_symmetric=True. Value: False. Allowed: True. Write 'make_symmetric': True in conn_spec."),
    ('nest.Connect(n, n, {"rule": "symmetric_pairwise_bernoulli", "p": 0.5, "make_symmetric": True})', errors.BadRule, "Connect(): symmetric_pairwise_bernoulli needs allow_autapses=False. Value: True. Allowed: False. Write 'allow_autapses': False in conn_spec."),
    ('nest.Connect(n, n, {"rule": "symmetric_pairwise_bernoulli", "p": 0.5, "make_symmetric": True, "allow_autapses": False, "allow_multapses": False})', errors.BadRule, "Connect(): symmetric_pairwise_bernoulli needs allow_multapses=True. Value: False. Allowed: True. Write 'allow_multapses': True in conn_spec."),
    ('nest.Connect(n, n, {"rule": "symmetric_pairwise_bernoulli", "p": 1.5, "make_symmetric": True, "allow_autapses": False})', errors.BadRule, "Connect(): symmetric_pairwise_bernoulli: p must be a number and a probability. Value: 1.5. Allowed: from 0 to 1. Give the probability that a pair is connected."),
    ('nest.Connect(n, n, {"rule": "fixed_indegree", "indegree": 2, "make_symmetric": True})', errors.BadRule, "Connect(): make_symmetric is not possible with this rule. Value: rule fixed_indegree. Allowed: one_to_one or symmetric_pairwise_bernoulli. Connect both ways in two calls."),
    ('nest.Connect(n, n, {"rule": "pairwise_poisson", "pairwise_avg_num_conns": -0.5})', errors.BadRule, "Connect(): pairwise_poisson: pairwise_avg_num_conns must be a number and not negative. Value: -0.5. Allowed: 0 or more. Give the mean number of connections of a pair."),
    ('nest.Connect(n, n, {"rule": "pairwise_poisson", "pairwise_avg_num_conns": nest.random.uniform()})', errors.BadRule, "Connect(): pairwise_poisson: pairwise_avg_num_conns must be a number and not negative. Value: a random parameter. Allowed: 0 or more. Give the mean number of connections of a pair."),
    ('nest.Connect(n, n, {"rule": "pairwise_poisson", "pairwise_avg_num_conns": 2.0, "allow_multapses": False})', errors.BadRule, "Connect(): pairwise_poisson connects some pairs more than once. Value: allow_multapses=False. Allowed: True. Allow multapses, or use pairwise_bernoulli."),
    ('nest.Connect(n, p, "one_to_one")', errors.BadRule, "Connect(): one_to_one needs as many sources as targets. Value: 10 sources, 3 targets. Allowed: equal numbers. Slice the larger collection, or choose all_to_all."),
    ("nest.Connect([1, 1], [2, 3])", errors.BadRule, "Connect(): node ids that repeat or are out of order can only be connected pair by pair. Value: 'all_to_all'. Allowed: 'one_to_one'. Give conn_spec='one_to_one', or ids in ascending order, each once."),
    ("nest.Connect([1, 1], [2, 3, 4], 'one_to_one')", errors.BadRule, "Connect(): there must be as many sources as targets to connect them pair by pair. Value: 2 sources and 3 targets. Allowed: two lists of the same length. Repeat the ids of one of them."),
    ("nest.Connect(n, n, 'all_to_all', {'weight': [1.0, 2.0]})", errors.BadValue, "Connect(): the array of weights has the wrong shape for all_to_all. Value: (2,). Allowed: (10, 10). Give one value for each connection."),
    ("nest.Connect(n, n, {'rule': 'fixed_indegree', 'indegree': 2}, nest.CollocatedSynapses({'weight': [[1.0, 2.0]] * 10}, {'weight': [[1.0, 2.0]] * 9}))", errors.BadValue, "Connect(): the array of weights has the wrong shape for fixed_indegree. Value: (9, 2). Allowed: (10, 2). Give one value for each connection."),
    ("nest.Connect(n, n, {'rule': 'fixed_indegree', 'indegree': 2}, nest.CollocatedSynapses({'weight': 1.0}, {'weight': float('nan')}))", errors.BadValue, "Connect(): weights must be finite. Value: nan. Allowed: finite numbers. Replace nan and inf."),
    ("nest.Connect(n, n, 'one_to_one', nest.CollocatedSynapses({'weight': 1.0}, {'weight': 4.0}, {'delay': 0.01}))", errors.BadDelay, "Connect(): a delay must be at least the resolution. Value: 0.01 ms. Allowed: at least 0.1 ms. Raise the delay, or choose a finer resolution before nodes are created."),
    # delays
    ("nest.Connect(n, n, 'all_to_all', {'delay': 1e300})", errors.BadDelay, "Connect(): a delay is longer than the kernel keeps spikes. Value: 1e+300 ms. Allowed: at most 6000 ms. Choose a shorter delay."),
    ("nest.Connect(n, n, 'all_to_all', {'delay': -1e300})", errors.BadDelay, "Connect(): a delay must be at least the resolution. Value: -1e+300 ms. Allowed: at least 0.1 ms. Raise the delay, or choose a finer resolution before nodes are created."),
    ("nest.Connect(n[0], n[0], {'rule': 'fixed_indegree', 'indegree': nest.random.uniform_int(1) + 2, 'allow_autapses': False})", errors.BadRule, "Connect(): fixed_indegree without autapses: too few sources other than the target itself. Value: 2 of 0 sources. Allowed: at most 0. Lower indegree, give more sources, or allow autapses."),
    ("nest.Connect(n[0], n[0], {'rule': 'fixed_outdegree', 'outdegree': nest.random.uniform_int(1) + 2, 'allow_autapses': False})", errors.BadRule, "Connect(): fixed_outdegree without autapses: too few targets other than the source itself. Value: 2 of 0 targets. Allowed: at most 0. Lower outdegree, give more targets, or allow autapses."),
    ("nest.Connect(n, n, {'rule': 'fixed_indegree', 'indegree': nest.random.uniform_int(1) + 11, 'allow_multapses': False})", errors.BadRule, "Connect(): fixed_indegree without multapses: indegree is larger than the number of sources. Value: 11 of 10 sources. Allowed: at most 10. Lower indegree, give more sources, or set allow_multapses to True."),
    ("nest.Connect(n, n, {'rule': 'fixed_outdegree', 'outdegree': 11, 'allow_multapses': False})", errors.BadRule, "Connect(): fixed_outdegree without multapses: outdegree is larger than the number of targets. Value: 11 of 10 targets. Allowed: at most 10. Lower outdegree, give more targets, or set allow_multapses to True."),
    ("nest.Connect(n, n, {'rule': 'fixed_outdegree', 'outdegree': nest.random.uniform(-5.0, -3.0)})", errors.BadRule, "Connect(): fixed_outdegree: outdegree must not be negative. Value: -5. Allowed: 0 or more. Give the number of connections each source makes."),
    ("nest.Connect(n, n, {'rule': 'fixed_indegree', 'indegree': nest.random.uniform(-5.0, -3.0)})", errors.BadRule, "Connect(): fixed_indegree: indegree must not be negative. Value: -5. Allowed: 0 or more. Give the number of connections each target receives."),
    ("nest.Connect(n, n, 'all_to_all', {'delay': 0.01})", errors.BadDelay, "Connect(): a delay must be at least the resolution. Value: 0.01 ms. Allowed: at least 0.1 ms. Raise the delay, or choose a finer resolution before nodes are created."),
    ("nest.Connect(n, n, 'one_to_one', {'delay': [1.0] * 9 + [0.01]})", errors.BadDelay, "Connect(): a delay must be at least the resolution. Value: 0.01 ms. Allowed: at least 0.1 ms. Raise the delay, or choose a finer resolution before nodes are created."),
    ("nest.SetDefaults('static_synapse', {'weight': 3.0, 'delay': 0.01})", errors.BadDelay, "SetDefaults(): a delay must be at least the resolution. Value: 0.01 ms. Allowed: at least 0.1 ms. Raise the delay, or choose a finer resolution before nodes are created."),
    ("nest.GetConnections().set(weight=7.0, delay=0.01)", errors.BadDelay, "SynapseCollection.set(): a delay must be at least the resolution. Value: 0.01 ms. Allowed: at least 0.1 ms. Raise the delay, or choose a finer resolution before nodes are created."),
    # not finite
    ("n.set(E_L=-60.0, V_m=float('inf'))", errors.BadValue, "NodeCollection.set(): iaf_psc_alpha.V_m must be finite. Value: inf mV. Allowed: a finite number in mV. Give a finite number."),
    ("n.V_th = float('-inf')", errors.BadValue, "NodeCollection.V_th: iaf_psc_alpha.V_th must be finite. Value: -inf mV. Allowed: a finite number in mV, or inf. Give a finite number."),
    ("nest.Create('aeif_cond_exp', params={'V_th': float('inf')})", errors.BadValue, "Create(): aeif_cond_exp.V_th must be finite. Value: inf mV. Allowed: a finite number in mV. Give a finite number."),
    ("n.V_m = [-60.0] * 9 + [float('nan')]", errors.BadValue, "NodeCollection.V_m: iaf_psc_alpha.V_m must be finite. Value: nan mV. Allowed: a finite number in mV. Give a finite number."),
    ("nest.Connect(n, n, 'all_to_all', {'weight': float('nan')})", errors.BadValue, "Connect(): weights must be finite. Value: nan. Allowed: finite numbers. Replace nan and inf."),
    ("nest.GetConnections().weight = float('inf')", errors.BadValue, "SynapseCollection.weight: weights must be finite. Value: inf. Allowed: finite numbers. Replace nan and inf."),
    ("nest.Simulate(float('nan'))", errors.BadValue, "Simulate(): the time to simulate must be finite and not negative. Value: nan ms. Allowed: 0 ms or more. Give the time in ms."),
    ("nest.random.normal(0.0, float('inf'))", errors.BadValue, "random.normal(): normal.std must be finite. Value: inf. Allowed: finite. Give a finite number."),
    # connections that cannot be
    ("nest.Connect(n, g)", errors.CannotConnect, "Connect(): a poisson_generator takes no input. Value: iaf_psc_alpha to poisson_generator. Allowed: neurons and recorders as targets. Turn the connection round: Connect(poisson_generator, nodes)."),
    ("nest.Connect(s, n)", errors.CannotConnect, "Connect(): a spike_recorder cannot be a source. Value: spike_recorder. Allowed: a recorder of spikes as the target. Connect the nodes to the recorder: Connect(nodes, recorder)."),
    ("nest.Connect(n, nest.NodeCollection())", errors.CannotConnect, "Connect(): there is no postsynaptic node. Value: an empty collection. Allowed: 1 or more nodes. Create nodes first."),
    ("nest.Disconnect(n, n)", errors.CannotConnect, "Disconnect(): there is no such connection. Value: node 6 to node 6 by static_synapse. Allowed: existing connections. Look at GetConnections first; nothing was removed."),
    ("nest.Connect([1, 999], n)", errors.StaleCollection, "Connect(): there is no such node. Value: node id 999. Allowed: 1 to 16. Create nodes first, or use ids of this simulation."),
    # not now
    ("nest.resolution = 0.5", errors.WrongState, "nest.resolution: the resolution cannot change once there are nodes. Value: 0.5 ms. Allowed: before the first Create. Call ResetKernel first, then set the resolution."),
    ("nest.SetKernelStatus({'print_time': True, 'rng_seed': 9, 'local_num_threads': 7})", errors.WrongState, "SetKernelStatus(): local_num_threads cannot change once there are nodes. Value: 7. Allowed: before the first Create. Call ResetKernel first, then set local_num_threads."),
    ("nest.Run(1.0)", errors.WrongState, "Run(): the simulation is not prepared. Value: not prepared. Allowed: after Prepare() and before Cleanup(). Call Prepare() before, or use `with nest.RunManager():`, or Simulate()."),
    ("nest.Prepare()\nnest.Simulate(1.0)", errors.WrongState, "Simulate(): the simulation is prepared for Run(). Value: prepared. Allowed: Run(), or Simulate() after Cleanup(). Call Run() here, or Cleanup() before."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("program", "kind", "text"), VALUES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_values(program, kind, text):
    error = refusal(program)
    assert str(error) == text
    assert isinstance(error, kind)


STALE = (
    "these nodes or connections belong to a network that was replaced by ResetKernel(). Value: a collection from before. "
    "Allowed: collections made since then. Create the nodes again, and connect them again, after the reset."
)


@pytest.mark.parametrize(
    ("use", "where"),
    [
        ("n.V_m", "NodeCollection.V_m"),
        ("n.V_m = 3.0", "NodeCollection.V_m"),
        ("n.get('V_m')", "NodeCollection.get()"),
        ("n.set(V_m=3.0)", "NodeCollection.set()"),
        ("nest.Connect(n, n)", "Connect()"),
        ("nest.Connect(n, new)", "Connect()"),
        ("nest.Connect(new, n)", "Connect()"),
        ("n + new", "NodeCollection + other"),
        ("nest.GetConnections(n)", "GetConnections()"),
        ("nest.GetStatus(n, 'V_m')", "GetStatus()"),
        ("nest.SetStatus(n, {'V_m': 3.0})", "SetStatus()"),
        ("c.weight", "SynapseCollection.weight"),
        ("c.weight = 3.0", "SynapseCollection.weight"),
        ("c.get()", "SynapseCollection.get()"),
        ("c.set(weight=3.0)", "SynapseCollection.set()"),
        ("c[0].weight", "SynapseCollection[...]"),
        ("c.disconnect()", "SynapseCollection.disconnect()"),
        ("nest.Disconnect(c)", "Disconnect()"),
        ("list(c.sources())", "SynapseCollection.sources()"),
    ],
)
def test_collections_from_before_a_reset(use, where):
    names = {"nest": nest}
    exec(
        f"{PREPARED}\nc = nest.GetConnections()\nnest.ResetKernel()\nnew = nest.Create('iaf_psc_alpha', 10)",
        names,
    )
    was = state()
    with pytest.raises(errors.StaleCollection) as caught:
        exec(use, names)
    assert str(caught.value) == f"{where}: {STALE}"
    assert state() == was


@pytest.mark.parametrize(
    ("program", "what", "biggest"),
    [
        ('nest.Create("iaf_psc_alpha", 4_000_000_000)', "nodes of iaf_psc_alpha would not fit into memory", "state and parameters of the nodes"),
        ('a = nest.Create("iaf_psc_alpha", 2_000_000)\nnest.Connect(a, a)', "this network would not fit into memory", r"synapses \(4e\+12\)"),
        ('a = nest.Create("iaf_psc_alpha", 2_000_000)\nnest.Connect(a, a, {"rule": "fixed_indegree", "indegree": 1_000_000})', "this network would not fit into memory", r"synapses \(2e\+12\)"),
        ('a = nest.Create("iaf_psc_alpha", 2_000_000)\nnest.Connect(a, a, {"rule": "pairwise_bernoulli", "p": 0.5})', "this network would not fit into memory", r"synapses \(2e\+12\)"),
        ('a = nest.Create("iaf_psc_alpha", 10)\nnest.Connect(a, a, {"rule": "fixed_indegree", "indegree": 10**30})', "this network would not fit into memory", "building"),
        ('a = nest.Create("iaf_psc_alpha", 10)\nnest.Connect(a, a, {"rule": "fixed_outdegree", "outdegree": 10**30})', "this network would not fit into memory", "building"),
        ('a = nest.Create("iaf_psc_alpha", 10)\nnest.Connect(a, a, {"rule": "fixed_outdegree", "outdegree": nest.random.uniform(0.0, 1e300)})', "this network would not fit into memory", "building"),
    ],
)  # fmt: skip
def test_network_that_does_not_fit_into_memory(program, what, biggest):
    """Checked before anything is allocated; says needed, available, and the biggest part."""
    names = {"nest": nest}
    *before, last = program.split("\n")
    exec("\n".join(before), names)
    was = nest.network_size, nest.num_connections
    with pytest.raises(errors.OutOfMemory) as caught:
        exec(last, names)
    number = r"(?:\d+\.\d\d|[\d.]+e\+\d\d) GB"
    assert re.fullmatch(
        rf"\w+\(\): {what}\. Value: {number} needed; biggest part: {biggest}, {number}\. Allowed: {number} available\. "
        r"Build a smaller network, for example with fewer connections per neuron\.",
        str(caught.value),
    ), str(caught.value)
    assert isinstance(caught.value, MemoryError)
    assert (nest.network_size, nest.num_connections) == was


def test_recorders_that_fill_the_memory_stop_the_run():
    """The run stops before the process would be killed, and goes on once there is room."""
    neurons = nest.Create("parrot_neuron", 10)
    recorder = nest.Create("spike_recorder")
    nest.Connect(nest.Create("poisson_generator", params={"rate": 10.0}), neurons)
    nest.Connect(neurons, recorder)
    simulation = nest.current()
    enough, simulation.memory_reserve = simulation.memory_reserve, 1e15
    with pytest.raises(errors.OutOfMemory) as caught:
        nest.Simulate(1e5)
    stopped = nest.biological_time
    number = r"\d+\.\d\d GB"
    assert re.fullmatch(
        rf"Simulate\(\): memory is nearly full: the run was stopped at [0-9.]+ ms and can go on from there\. Value: "
        rf"{number} available; recorders hold 0\.00 GB\. Allowed: at least 1000000\.00 GB\. Read the recorders and set "
        r"n_events to 0, or record less; then go on\.",
        str(caught.value),
    ), str(caught.value)
    assert 0 < stopped < 1e5
    simulation.memory_reserve = enough
    nest.Simulate(1e5 - stopped)
    assert nest.biological_time == 1e5
    stopped_once = recorder.events["times"].tolist()
    nest.ResetKernel()
    again = nest.Create("parrot_neuron", 10)
    recorder = nest.Create("spike_recorder")
    nest.Connect(nest.Create("poisson_generator", params={"rate": 10.0}), again)
    nest.Connect(again, recorder)
    nest.Simulate(1e5)
    assert recorder.events["times"].tolist() == stopped_once


def test_after_an_error_everything_goes_on():
    """A simulation that refused something gives what it would have given."""

    def spikes(with_errors):
        nest.ResetKernel()
        neurons = nest.Create("iaf_psc_alpha", 20, {"I_e": 450.0})
        recorder = nest.Create("spike_recorder")
        for program in (
            "nest.Connect(neurons, neurons, 'all_to_all', {'delay': 0.01})",
            "neurons.set(E_L=0.0, tau_m=-1.0)",
        ):
            if with_errors:
                with pytest.raises(nest.NESTError):
                    exec(program, {"nest": nest, "neurons": neurons})
        nest.Connect(
            neurons,
            neurons,
            {"rule": "fixed_indegree", "indegree": 5},
            {"weight": nest.random.normal(20.0, 5.0)},
        )
        nest.Connect(neurons, recorder)
        nest.Simulate(100.0)
        return recorder.events["times"].tolist()

    assert spikes(with_errors=True) == spikes(with_errors=False)
