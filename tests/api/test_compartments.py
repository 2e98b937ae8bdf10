"""Neurons with compartments: building them, and every way of building them wrong, with the whole text."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors

ROOT = {"parent_idx": -1}
TREE = [ROOT, {"parent_idx": 0}, {"parent_idx": 1}]
RECEPTORS = [{"comp_idx": 1, "receptor_type": "AMPA"}, {"comp_idx": 2, "receptor_type": "NMDA"}]


@pytest.fixture
def cm():
    nest.ResetKernel()
    nest.local_num_threads = 1
    cm = nest.Create("cm_default")
    cm.compartments = TREE
    cm.receptors = RECEPTORS
    return cm


@pytest.fixture
def empty():
    nest.ResetKernel()
    return nest.Create("cm_default")


def test_what_is_read_back(cm):
    assert cm.get("compartments") == [{"comp_idx": i, "parent_idx": i - 1} for i in range(3)]
    assert cm.receptors[1] == {"comp_idx": 2, "receptor_idx": 1, "receptor_type": "NMDA"}
    assert str(cm.receptors[:1]) == "({'comp_idx': 1, 'receptor_idx': 0, 'receptor_type': 'AMPA'},)"
    assert set(cm.recordables) == {
        *(f"{name}{i}" for name in ("v_comp", "m_Na_", "h_Na_", "n_K_") for i in range(3)),
        "g_r_AMPA_0",
        "g_d_AMPA_0",
        "g_r_NMDA_1",
        "g_d_NMDA_1",
    }
    assert "add_compartments" not in cm.get()
    assert cm.compartments.get_tuple() == tuple(cm.get("compartments"))


def test_adding_one_by_one_and_many(cm):
    cm.compartments += {"parent_idx": 2}
    cm.compartments += [{"parent_idx": 3}, {"parent_idx": 0}]
    cm.compartments = [*cm.compartments, {"parent_idx": 5}]
    cm.receptors += [{"comp_idx": 6, "receptor_type": "GABA"}]
    assert [each["parent_idx"] for each in cm.compartments] == [-1, 0, 1, 2, 3, 0, 5]
    cm.receptors += {"comp_idx": 0, "receptor_type": "NMDA"}
    assert [each["receptor_idx"] for each in cm.receptors] == [3, 0, 1, 2]  # by compartment


def test_adding_to_several_neurons():
    nest.ResetKernel()
    cells = nest.Create("cm_default", 3)
    cells.compartments += TREE
    cells.compartments += ROOT | {"parent_idx": 2}
    assert [[each["parent_idx"] for each in one] for one in cells.compartments] == [[-1, 0, 1, 2]] * 3


def test_setting_what_is_read_changes_nothing(cm):
    before = cm.get()
    cm.compartments = cm.compartments
    cm.set(compartments=cm.get("compartments"), receptors=cm.get("receptors"))
    assert cm.get() == before


def test_receptors_may_be_named_before_their_compartments():
    nest.ResetKernel()
    cm = nest.Create("cm_default", params={"receptors": RECEPTORS, "compartments": TREE})
    assert len(cm.receptors) == 2


def test_reversal_potential_alone(empty):
    """The reference refuses e_K where e_Na is left out, and says map::at for e_Na alone."""
    empty.compartments = [
        ROOT | {"params": {"gbar_K": 1.0, "e_K": -90.0}},
        {"parent_idx": 0, "params": {"e_Na": 60.0}},
    ]
    assert len(empty.compartments) == 2


def test_receptors_added_after_connecting_and_running(cm):
    """What is under way arrives where it was sent, also when ports are added meanwhile."""
    generator = nest.Create("spike_generator", params={"spike_times": [1.0, 8.0]})
    nest.Connect(generator, cm, syn_spec={"receptor_type": 1, "weight": 0.1, "delay": 5.0})
    meter = nest.Create("multimeter", params={"record_from": ["g_d_NMDA_1", "v_comp0"], "interval": 0.1})
    nest.Connect(meter, cm)
    nest.Simulate(3.0)
    cm.compartments += {"parent_idx": 0}
    cm.receptors += [{"comp_idx": 3, "receptor_type": "AMPA"}] * 3
    current = nest.Create("dc_generator", params={"amplitude": 10.0})
    nest.Connect(current, cm, syn_spec={"receptor_type": 3})
    nest.Simulate(27.0)
    g, times = meter.events["g_d_NMDA_1"], np.round(meter.events["times"], 6)
    assert (g[times < 6.0] == 0).all()
    assert (g[times >= 6.0] > 0).all()
    assert meter.events["v_comp0"].max() > -69.0


@pytest.mark.parametrize("n", [2, 3, 7, 16, 25, 600])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_neuron_does_not_depend_on_those_beside_it(n, threads):
    """Every bit is the same alone and in blocks of any width, whatever the trees and numbers of the others."""

    def traces(cells, of):
        current = nest.Create("dc_generator", params={"amplitude": 30.0, "start": 2.0})
        nest.Connect(current, cells)
        meter = nest.Create("multimeter", params={"record_from": list(of[0].recordables), "interval": 0.1})
        nest.Connect(meter, of)
        nest.Simulate(15.0)
        events = meter.events
        order = np.lexsort((events["times"], events["senders"]))
        return np.array([events[name][order] for name in of[0].recordables]), events["senders"][order]

    def tree(i):
        active = {"gbar_Na": 15.0 + 0.1 * i, "gbar_K": 3.0, "C_m": 1.0 + 0.01 * i, "g_C": 0.3}
        return [ROOT | {"params": active}, {"parent_idx": 0, "params": active}, {"parent_idx": 1}]

    def create(many, threads):
        nest.ResetKernel()
        nest.local_num_threads = threads
        return nest.Create("cm_default", many)

    cells = create(2 * n, threads)
    for i in range(n):
        cells[2 * i].compartments = tree(i)
        cells[2 * i + 1].compartments = TREE[: 1 + i % 3]
    together, senders = traces(cells, cells[::2])
    for i in sorted({0, 1, n // 2, n - 1}):
        alone = create(1, 1)
        alone.compartments = tree(i)
        assert np.array_equal(traces(alone, alone)[0], together[:, senders == 2 * i + 1])


def state():
    values = nest.GetNodes().get()
    # Which thread owns a node is decided anew whenever the connections are built.
    nodes = {name: each for name, each in values.items() if name not in {"thread", "vp"}}
    return repr(nodes), repr(nest.GetConnections().get()), repr(nest.GetDefaults("cm_default"))


BUILDING = [
    # compartments
    ("cm.compartments = [{'parent_idx': 3}]", "empty", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[0] must be the root. Value: parent_idx 3. Allowed: -1 for the first compartment. List compartments from the root outwards."),
    ("cm.compartments = [ROOT, {'parent_idx': 2}, {'parent_idx': 0}]", "empty", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[1]: its parent does not exist yet. Value: parent_idx 2. Allowed: 0. List compartments from the root outwards."),
    ("cm.compartments += {'parent_idx': 3}", "cm", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[3]: its parent does not exist yet. Value: parent_idx 3. Allowed: 0 to 2. List compartments from the root outwards."),
    ("cm.compartments += {'parent_idx': -2}", "cm", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[3]: its parent does not exist yet. Value: parent_idx -2. Allowed: 0 to 2. List compartments from the root outwards."),
    ("cm.compartments += ROOT", "cm", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[3]: there is a root already. Value: parent_idx -1. Allowed: 0 to 2. A neuron is one tree: give a parent."),
    ("cm.compartments = TREE + TREE", "cm", errors.WrongState, "NodeCollection.compartments: cm_default.compartments are set already. Value: 3 compartments. Allowed: setting them once, adding at any time. Add to them: compartments += [...], or set add_compartments."),
    ("cm.compartments = [{'params': {}}]", "empty", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[0] needs parent_idx. Value: no parent_idx. Allowed: parent_idx in each of them. Give -1 for the root, else the number of the compartment it grows from."),
    ("cm.compartments = [{'parent_idx': -1.0}]", "empty", errors.BadType, "NodeCollection.compartments: cm_default.compartments[0].parent_idx must be a whole number. Value: -1. Allowed: a whole number. Give a whole number."),
    ("cm.compartments = [{'parent': -1}]", "empty", errors.UnknownName, "NodeCollection.compartments: cm_default.compartments[0] has no key of this name. Value: 'parent'. Allowed: 'params', 'parent_idx'. Did you mean 'parent_idx'? Check the spelling."),
    ("cm.compartments = [ROOT | {'params': {'gbar_Nb': 1.0}}]", "empty", errors.UnknownName, "NodeCollection.compartments: cm_default.compartments[0].params has no parameter of this name. Value: 'gbar_Nb'. Allowed: 'gbar_Na', 'gbar_K' or one of 7 others. Did you mean 'gbar_Na'? Check the spelling."),
    ("cm.compartments = [ROOT | {'params': 3.0}]", "empty", errors.BadType, "NodeCollection.compartments: cm_default.compartments[0].params must be a dictionary. Value: 3. Allowed: a dictionary. Give a dictionary."),
    ("cm.compartments = [ROOT | {'params': {'C_m': 'big'}}]", "empty", errors.BadType, "NodeCollection.compartments: cm_default.compartments[0].params.C_m must be a number. Value: 'big'. Allowed: a number. Give a number."),
    ("cm.compartments = [ROOT | {'params': {'C_m': 0.0}}]", "empty", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[0].params.C_m is out of bounds. Value: 0 nF. Allowed: above 0 nF. Choose a value that is allowed."),
    ("cm.compartments = [ROOT | {'params': {'e_L': float('nan')}}]", "empty", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[0].params.e_L must be finite. Value: nan mV. Allowed: a finite number in mV. Give a finite number."),
    ("cm.compartments = [ROOT, {'parent_idx': 0, 'params': {'g_C': 0.0}}]", "empty", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[1].params.g_C is out of bounds. Value: 0 uS. Allowed: above 0 uS, except at the root. Give the conductance to the parent."),
    ("cm.compartments = [ROOT, {'parent_idx': 0, 'params': {'g_C': -1.0}}]", "empty", errors.BadValue, "NodeCollection.compartments: cm_default.compartments[1].params.g_C is out of bounds. Value: -1 uS. Allowed: at least 0 uS. Choose a value that is allowed."),
    ("cm.compartments = 3", "empty", errors.BadType, "NodeCollection.compartments: cm_default.compartments must be a list of dictionaries. Value: 3. Allowed: a list of dictionaries. Give a list of dictionaries."),
    ("cm.compartments += 3", "cm", errors.BadType, "Elements: elements are dictionaries. Value: 3. Allowed: a dictionary or a list of dictionaries. Write for example += [{...}]."),
    ("nest.Create('cm_default', 2, {'compartments': [{'parent_idx': 7}]})", "cm", errors.BadValue, "Create(): cm_default.compartments[0] must be the root. Value: parent_idx 7. Allowed: -1 for the first compartment. List compartments from the root outwards."),
    ("nest.SetDefaults('cm_default', {'compartments': TREE, 'receptors': [{'comp_idx': 3, 'receptor_type': 'AMPA'}]})", "cm", errors.BadValue, "SetDefaults(): cm_default.receptors[0]: its compartment does not exist. Value: comp_idx 3. Allowed: 0 to 2. Add the compartment first."),
    # receptors
    ("cm.receptors += {'comp_idx': 3, 'receptor_type': 'AMPA'}", "cm", errors.BadValue, "NodeCollection.receptors: cm_default.receptors[2]: its compartment does not exist. Value: comp_idx 3. Allowed: 0 to 2. Add the compartment first."),
    ("cm.receptors = {'comp_idx': 0, 'receptor_type': 'AMPA'}", "empty", errors.BadValue, "NodeCollection.receptors: cm_default.receptors[0]: its compartment does not exist. Value: comp_idx 0. Allowed: none: there are no compartments yet. Add the compartment first."),
    ("cm.receptors = RECEPTORS[:1]", "cm", errors.WrongState, "NodeCollection.receptors: cm_default.receptors are set already. Value: 2 receptors. Allowed: setting them once, adding at any time. Add to them: receptors += [...], or set add_receptors."),
    ("cm.receptors += {'comp_idx': 0, 'receptor_type': 'NDMA'}", "cm", errors.UnknownName, "NodeCollection.receptors: cm_default.receptors[2]: there is no kind of receptor of this name. Value: 'NDMA'. Allowed: 'AMPA', 'AMPA_NMDA', 'GABA', 'NMDA'. Did you mean 'NMDA'? Check the spelling."),
    ("cm.receptors += {'comp_idx': 0}", "cm", errors.BadValue, "NodeCollection.receptors: cm_default.receptors[2] needs receptor_type. Value: no receptor_type. Allowed: receptor_type in each of them. Give the name of a kind of receptor, for example 'AMPA'."),
    ("cm.receptors += {'receptor_type': 'AMPA'}", "cm", errors.BadValue, "NodeCollection.receptors: cm_default.receptors[2] needs comp_idx. Value: no comp_idx. Allowed: comp_idx in each of them. Give the number of its compartment."),
    ("cm.receptors += {'comp_idx': 0, 'receptor_type': 'AMPA', 'params': {'tau_d_GABA': 2.0}}", "cm", errors.UnknownName, "NodeCollection.receptors: cm_default.receptors[2].params has no parameter of this name. Value: 'tau_d_GABA'. Allowed: 'e_AMPA', 'tau_d_AMPA', 'tau_r_AMPA'. Did you mean 'tau_d_AMPA'? Check the spelling."),
    ("cm.receptors += {'comp_idx': 0, 'receptor_type': 'AMPA', 'params': {'tau_r_AMPA': 3.0}}", "cm", errors.BadValue, "NodeCollection.receptors: cm_default.receptors[2].params: rise and decay must have different time constants. Value: 3 ms. Allowed: tau_r and tau_d that differ. Change one of them a little."),
    ("cm.receptors += [{'comp_idx': 0, 'receptor_type': 'GABA'}, {'comp_idx': 0, 'receptor_type': 'AMPA', 'params': {'tau_d_AMPA': 0.0}}]", "cm", errors.BadValue, "NodeCollection.receptors: cm_default.receptors[3].params.tau_d_AMPA is out of bounds. Value: 0 ms. Allowed: above 0 ms. Choose a value that is allowed."),
    # connections and recorders
    ("nest.Connect(meter, cm)", "cm", errors.UnknownName, "Connect(): cm_default has no recordable of this name. Value: 'v_comp3'. Allowed: 'v_comp2', 'v_comp1', 'v_comp0' or one of 13 others. Did you mean 'v_comp2'? Check the spelling."),
    ("nest.Connect(cm, cm, syn_spec={'receptor_type': 2})", "cm", errors.CannotConnect, "Connect(): node 1 (cm_default) has no port of this receptor_type. Value: receptor_type 2. Allowed: receptor_type 0 to 1: the node has 2 ports. Choose one of its ports, or give the node more of them before connecting."),
    ("nest.Connect(cm, cm)", "empty", errors.CannotConnect, "Connect(): node 1 (cm_default) has no port of this receptor_type. Value: receptor_type 0. Allowed: none: the node has no ports. Choose one of its ports, or give the node more of them before connecting."),
    ("nest.Connect(current, cm, syn_spec={'receptor_type': 3})", "cm", errors.CannotConnect, "Connect(): node 1 (cm_default) has no port of this receptor_type. Value: receptor_type 3. Allowed: receptor_type 0 to 2: the node has 3 ports. Choose one of its ports, or give the node more of them before connecting."),
    ("nest.Simulate(1.0)", "empty", errors.WrongState, "Simulate(): cm_default has no compartments. Value: node 1. Allowed: at least one compartment. Set compartments, for example to [{'parent_idx': -1}]."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "fixture", "kind", "text"), BUILDING, ids=[case[0] for case in BUILDING])
def test_bad_input(request, code, fixture, kind, text):
    cm = request.getfixturevalue(fixture)
    names = {"cm": cm, "nest": nest, "ROOT": ROOT, "TREE": TREE, "RECEPTORS": RECEPTORS}
    names["meter"] = nest.Create("multimeter", params={"record_from": ["v_comp3"]})
    names["current"] = nest.Create("dc_generator")
    before = state()
    with pytest.raises(kind) as caught:
        exec(code, names)
    assert str(caught.value) == text
    assert state() == before


def test_a_neuron_that_goes_to_infinity_is_named(cm):
    """A negative weight is a negative conductance; what cannot be solved is said, and the others go on."""
    other = nest.Create("cm_default", params={"compartments": TREE})
    generator = nest.Create("spike_generator", params={"spike_times": [1.0]})
    nest.Connect(generator, cm, syn_spec={"receptor_type": 0, "weight": -12.0})
    with pytest.raises(errors.NumericalInstability) as caught:
        nest.Simulate(20.0)
    assert str(caught.value).startswith(
        "Simulate(): node 1 (cm_default) left the range of values that make sense"
    )
    assert "Allowed: v_comp from -1e+06 to 1e+06 mV. Change the parameters of the node or its input" in str(
        caught.value
    )
    assert other.t_spike == -1.0
