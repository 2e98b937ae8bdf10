"""Receptor types that are not there, and nodes that take nothing of the kind: the whole text, and that nothing changed."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors

PREPARED = """
n = nest.Create("iaf_psc_alpha", 2)
ports = nest.Create("iaf_psc_exp_multisynapse", params={"tau_syn": [2.0, 3.0]})
parrot, rate, population = (nest.Create(x) for x in ("parrot_neuron", "lin_rate_ipn", "siegert_neuron"))
current, noise = nest.Create("dc_generator"), nest.Create("poisson_generator")
recorder, meter = nest.Create("spike_recorder"), nest.Create("voltmeter")
"""

NEGATIVE = "Connect(): receptor_type must not be negative. Value: -1. Allowed: 0 or more. Leave receptor_type out for the default of the synapse model."
HUGE = "Connect(): no node has so many receptors. Value: receptor_type {}. Allowed: a receptor_type of the target. Leave receptor_type out for the default of the synapse model."

REFUSED = [
    ("nest.Connect(n, n, syn_spec={'receptor_type': -1})", errors.BadValue, NEGATIVE),
    ("nest.Connect(n[0], n[1], syn_spec={'receptor_type': -1})", errors.BadValue, NEGATIVE),
    ("nest.Connect(n, ports, syn_spec={'synapse_model': 'stdp_synapse', 'receptor_type': -1})", errors.BadValue, NEGATIVE),
    # with 32 bits these are 0 and 1
    ("nest.Connect(n, n, syn_spec={'receptor_type': 2**32})", errors.CannotConnect, HUGE.format(2**32)),
    ("nest.Connect(n, ports, syn_spec={'receptor_type': 2**32 + 1})", errors.CannotConnect, HUGE.format(2**32 + 1)),
    ("nest.Connect(n[0], ports, syn_spec={'receptor_type': 2**32 + 1})", errors.CannotConnect, HUGE.format(2**32 + 1)),
    ("nest.Connect(n, parrot, syn_spec={'receptor_type': 2})", errors.CannotConnect, "Connect(): parrot_neuron has no such receptor_type for spikes. Value: receptor_type 2. Allowed: receptor_type 0 or 1. Give one of these as receptor_type."),
    ("nest.Connect(n, recorder, syn_spec={'receptor_type': 1})", errors.CannotConnect, "Connect(): spike_recorder has no such receptor_type for spikes. Value: receptor_type 1. Allowed: receptor_type 0. Give one of these as receptor_type."),
    ("nest.Connect(meter, ports, syn_spec={'receptor_type': 1})", errors.CannotConnect, "Connect(): a voltmeter asks a node, not one of its receptors. Value: receptor_type 1. Allowed: receptor_type 0. Leave receptor_type out for the default, 0."),
    ("nest.Connect(current, n, syn_spec={'receptor_type': 1})", errors.CannotConnect, "Connect(): iaf_psc_alpha takes no current at this receptor_type. Value: receptor_type 1. Allowed: receptor_type 0. Leave receptor_type out for the default, 0."),
    ("nest.Connect(current, parrot)", errors.CannotConnect, "Connect(): a parrot_neuron takes no currents. Value: dc_generator to parrot_neuron. Allowed: targets that take currents. Leave this target out."),
    ("nest.Connect(n, rate)", errors.CannotConnect, "Connect(): a lin_rate_ipn takes no spikes. Value: iaf_psc_alpha to lin_rate_ipn. Allowed: targets that take spikes. Choose a source and a synapse model of the signal that it takes, rate."),
    ("nest.Connect(noise, population)", errors.CannotConnect, "Connect(): a siegert_neuron takes no spikes. Value: poisson_generator to siegert_neuron. Allowed: targets that take spikes. Choose a source and a synapse model of the signal that it takes, rate of a population."),
    ("nest.Connect(current, rate)", errors.CannotConnect, "Connect(): a lin_rate_ipn takes no currents. Value: dc_generator to lin_rate_ipn. Allowed: targets that take currents. Choose a source and a synapse model of the signal that it takes, rate."),
]  # fmt: skip


@pytest.mark.parametrize(("program", "kind", "text"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused(program, kind, text):
    nest.ResetKernel()
    known = {"nest": nest}
    exec(PREPARED, known)
    before = nest.GetKernelStatus(["min_delay", "max_delay", "num_connections"])
    with pytest.raises(nest.NESTError) as caught:
        exec(program, known)
    assert isinstance(caught.value, kind)
    assert str(caught.value) == text
    assert nest.GetKernelStatus(["min_delay", "max_delay", "num_connections"]) == before


def test_a_limit_may_be_infinite_where_there_is_none_by_default():
    """Programs write V_min = -inf for no floor, and stop = inf for no end."""
    nest.ResetKernel()
    infinity = float("inf")
    for model in nest.node_models:
        for name, field in nest.models[model].parameters.items():
            fallback = field.default
            if field.readonly or not isinstance(fallback, float) or abs(fallback) < 1.7e308:
                continue
            sign = 1.0 if fallback > 0 else -1.0
            node = nest.Create(model, params={name: sign * infinity})
            assert abs(node.get(name)) >= 1.7e308
            with pytest.raises(errors.BadValue, match=f"{name} (must be finite|is out of bounds)"):
                node.set({name: -sign * infinity})


def _ports():
    nest.ResetKernel()
    return nest.Create("iaf_psc_alpha", 2), nest.Create(
        "iaf_psc_exp_multisynapse", 2, {"tau_syn": [1.0, 2.0, 3.0]}
    )


def _table(*names):
    found = nest.GetConnections()
    return sorted(zip(*(found.get(name) for name in ("source", "target", *names)), strict=True))


@pytest.mark.parametrize(
    ("rule", "receptors", "expected"),
    [
        ("one_to_one", [1, 2], [(1, 3, 1), (2, 4, 2)]),
        ("one_to_one", np.array([3, 1]), [(1, 3, 3), (2, 4, 1)]),
        ("all_to_all", [[1, 2], [3, 1]], [(1, 3, 1), (1, 4, 3), (2, 3, 2), (2, 4, 1)]),
        ("all_to_all", np.array([[1, 2], [3, 1]]), [(1, 3, 1), (1, 4, 3), (2, 3, 2), (2, 4, 1)]),
    ],
)
def test_a_receptor_for_each_connection(rule, receptors, expected):
    """As nest-simulator 3.10 takes them, which gives the expected lists."""
    sources, targets = _ports()
    nest.Connect(sources, targets, rule, {"receptor_type": receptors})
    assert _table("receptor") == expected


def test_a_receptor_for_each_pair_of_ids():
    _ports()
    values = {"weight": np.array([1.0, 2.0, 3.0]), "delay": np.ones(3), "receptor_type": np.array([2, 1, 2])}
    nest.Connect(np.array([1, 2, 2]), np.array([3, 4, 3]), "one_to_one", values)
    assert _table("receptor", "weight") == [(1, 3, 2, 1.0), (2, 3, 2, 3.0), (2, 4, 1, 2.0)]


def test_a_receptor_for_each_connection_without_autapses():
    nest.ResetKernel()
    cells = nest.Create("iaf_psc_exp_multisynapse", 2, {"tau_syn": [1.0, 2.0, 3.0]})
    nest.Connect(
        cells, cells, {"rule": "all_to_all", "allow_autapses": False}, {"receptor_type": [[1, 2], [3, 1]]}
    )
    assert _table("receptor") == [(1, 2, 3), (2, 1, 2)]


@pytest.mark.parametrize(
    ("rule", "receptors", "text"),
    [
        ("one_to_one", [1, 9], "Connect(): node 4 (iaf_psc_exp_multisynapse) has no port of this receptor_type. Value: receptor_type 9. Allowed: receptor_type 1 to 3: the node has 3 ports. Choose one of its ports, or give the node more of them before connecting."),
        ("one_to_one", [1, 2, 3], "Connect(): the array of receptor_types has the wrong shape for one_to_one. Value: (3,). Allowed: (2,). Give one value for each connection."),
        ("all_to_all", [1, 2], "Connect(): the array of receptor_types has the wrong shape for all_to_all. Value: (2,). Allowed: (2, 2). Give one value for each connection."),
        ("one_to_one", [1.5, 2.0], "Connect(): receptor_type must be whole numbers. Value: [1.5, 2.0]. Allowed: whole numbers. Give values of this type."),
        ({"rule": "pairwise_bernoulli", "p": 0.5}, [1, 2], "Connect(): pairwise_bernoulli takes no array of receptor_types. Value: an array of shape (2,). Allowed: a number or a parameter. Give one value, or a random parameter such as nest.random.uniform()."),
        ("all_to_all", nest.random.uniform(1.0, 3.0), "Connect(): receptor_type must be whole numbers. Value: uniform(min=1, max=3). Allowed: whole numbers. Give values of this type."),
        ("all_to_all", nest.random.uniform_int(1) + 4, "Connect(): node 3 (iaf_psc_exp_multisynapse) has no port of this receptor_type. Value: receptor_type 4. Allowed: receptor_type 1 to 3: the node has 3 ports. Choose one of its ports, or give the node more of them before connecting."),
    ],
)  # fmt: skip
def test_receptors_that_are_refused_leave_nothing(rule, receptors, text):
    sources, targets = _ports()
    with pytest.raises(nest.NESTError) as caught:
        nest.Connect(sources, targets, rule, {"receptor_type": receptors})
    assert str(caught.value) == text
    assert nest.num_connections == 0


RULES = [
    "all_to_all",
    "one_to_one",
    {"rule": "one_to_one", "make_symmetric": True},
    {"rule": "fixed_indegree", "indegree": 50},
    {"rule": "fixed_outdegree", "outdegree": 50},
    {"rule": "fixed_total_number", "N": 5000},
    {"rule": "pairwise_bernoulli", "p": 0.5},
    {"rule": "pairwise_poisson", "pairwise_avg_num_conns": 0.5},
    {"rule": "symmetric_pairwise_bernoulli", "p": 0.5, "allow_autapses": False, "make_symmetric": True},
]


def _connected(rule, **synapse):
    nest.ResetKernel()
    nest.rng_seed = 5
    cells = nest.Create("iaf_psc_exp_multisynapse", 100, {"tau_syn": [1.0, 2.0, 3.0]})
    nest.Connect(cells, cells, rule, {"receptor_type": 1 + nest.random.uniform_int(3), **synapse})
    return np.array(_table("receptor", "weight"))


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_receptors_that_are_drawn(rule):
    """Each of three receptors at a third of 100 to 10,000 connections: 5 standard deviations of a binomial count."""
    made = _connected(rule, weight=nest.random.uniform(1.0, 2.0))
    share = np.bincount(made[:, 2].astype(int), minlength=4) / len(made)
    assert len(made) >= 100
    assert share[0] == 0
    assert np.abs(share[1:] - 1 / 3).max() < 5 * np.sqrt(2 / 9 / len(made))
    assert abs(made[:, 3].mean() - 1.5) < 5 * np.sqrt(1 / 12 / len(made))
    assert (made == _connected(rule, weight=nest.random.uniform(1.0, 2.0))).all()
    nest.ResetKernel()
    cells = nest.Create("iaf_psc_exp_multisynapse", 100, {"tau_syn": [1.0, 2.0, 3.0]})
    nest.rng_seed = 5
    nest.Connect(cells, cells, rule, {"receptor_type": 1})
    assert abs(nest.num_connections - len(made)) < 5 * np.sqrt(10_000)


def test_receptors_that_depend_on_places():
    """Whole numbers only, so a sum of comparisons."""
    nest.ResetKernel()
    cells = nest.Create(
        "iaf_psc_exp_multisynapse",
        params={"tau_syn": [1.0, 2.0]},
        positions=nest.spatial.grid([4, 1], extent=[4.0, 1.0]),
    )
    near = nest.logic.conditional(nest.spatial.distance < 1.5, 1, 2)
    nest.Connect(cells, cells, syn_spec={"receptor_type": near})
    expected = [(s, t, 1 if abs(s - t) < 1.5 else 2) for s in range(1, 5) for t in range(1, 5)]
    assert _table("receptor") == expected


def test_arrays_for_what_a_rule_draws():
    """Of targets, and within a target in the order in which the rule draws sources; the same pair gets the same of each."""
    nest.ResetKernel()
    cells = nest.Create("iaf_psc_exp_multisynapse", 20, {"tau_syn": [1.0, 2.0, 3.0]})
    receptors = np.arange(40).reshape(20, 2) % 3 + 1
    both = nest.CollocatedSynapses(
        {"weight": receptors * 10.0, "receptor_type": receptors},
        {"synapse_model": "stdp_synapse", "weight": receptors * 1.0, "receptor_type": receptors},
    )
    nest.Connect(cells, cells, {"rule": "fixed_indegree", "indegree": 2}, both)
    static = nest.GetConnections(synapse_model="static_synapse")
    plastic = nest.GetConnections(synapse_model="stdp_synapse")
    assert len(static) == len(plastic) == 40
    for found, factor in ((static, 10.0), (plastic, 1.0)):
        assert np.array_equal(found.get("weight"), factor * np.array(found.get("receptor")))
        for target, row in zip(cells.tolist(), receptors, strict=True):
            there = np.array(found.get("receptor"))[np.array(found.get("target")) == target]
            assert sorted(there) == sorted(row)
    table = [
        sorted(zip(*(x.get(n) for n in ("source", "target", "receptor")), strict=True))
        for x in (static, plastic)
    ]
    assert table[0] == table[1]


def test_several_synapses_are_all_made_or_none():
    """Connections of devices cannot be removed again, so all is checked before anything is made."""
    nest.ResetKernel()
    cells, recorder = nest.Create("iaf_psc_alpha", 2), nest.Create("spike_recorder")
    with pytest.raises(errors.CannotConnect, match="spike_recorder has no such receptor_type"):
        nest.Connect(cells, recorder, "all_to_all", nest.CollocatedSynapses({}, {"receptor_type": 1}))
    assert nest.num_connections == 0


@pytest.mark.parametrize("spec", [{"weight": []}, {"delay": []}, {"receptor_type": []}])
def test_an_empty_list_has_no_value_for_a_connection(spec):
    sources, targets = _ports()
    with pytest.raises(
        errors.BadValue, match=r"wrong shape for all_to_all. Value: \(0,\). Allowed: \(2, 2\)"
    ):
        nest.Connect(sources, targets, "all_to_all", spec)
    assert nest.num_connections == 0
