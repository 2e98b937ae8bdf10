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
        ("one_to_one", [1, 2, 3], "Connect(): there must be one receptor_type for each connection. Value: shape (3,). Allowed: shape (2,), one for each pair. Give as many values as connections, or a single one."),
        ("all_to_all", [1, 2], "Connect(): there must be one receptor_type for each connection. Value: shape (2,). Allowed: shape (2, 2), targets by sources. Give as many values as connections, or a single one."),
        ("one_to_one", [1.5, 2.0], "Connect(): receptor_type must be whole numbers. Value: [1.5, 2.0]. Allowed: whole numbers. Give values of this type."),
        ({"rule": "fixed_indegree", "indegree": 2}, [1, 2], "Connect(): an array of receptors needs pairs that are known beforehand. Value: 'fixed_indegree'. Allowed: 'one_to_one' with as many sources as targets, or 'all_to_all'. Give one receptor_type for all."),
    ],
)  # fmt: skip
def test_receptors_that_are_refused_leave_nothing(rule, receptors, text):
    sources, targets = _ports()
    with pytest.raises(nest.NESTError) as caught:
        nest.Connect(sources, targets, rule, {"receptor_type": receptors})
    assert str(caught.value) == text
    assert nest.num_connections == 0
