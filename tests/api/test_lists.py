"""Parameters that are lists: what they take and refuse, with the whole text of every error."""

from __future__ import annotations

import numpy as np
import pytest

import nest_lab as nest

PORTS, GIF, AEIF = "iaf_psc_exp_multisynapse", "gif_psc_exp", "aeif_cond_alpha_multisynapse"


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def refused(call):
    with pytest.raises(nest.NESTError) as caught:
        call()
    return str(caught.value)


def ports(n=2, **params):
    return nest.Create(PORTS, params={"tau_syn": [1.0 + k for k in range(n)]} | params)


@pytest.mark.parametrize(
    ("model", "params", "text"),
    [
        (
            GIF,
            {"tau_sfa": [10.0, 20.0], "q_sfa": [1.0]},
            "Create(): gif_psc_exp: tau_sfa and q_sfa must have the same number of elements. Value: 2 and "
            "1 elements. "
            "Allowed: lists of one length. Set them together, with lists of the same length.",
        ),
        (
            GIF,
            {"tau_stc": [10.0]},
            "Create(): gif_psc_exp: tau_stc and q_stc must have the same number of elements. Value: 1 and "
            "0 elements. "
            "Allowed: lists of one length. Set them together, with lists of the same length.",
        ),
        (
            "gif_pop_psc_exp",
            {"tau_sfa": [10.0, 20.0]},
            "Create(): gif_pop_psc_exp: tau_sfa and q_sfa must have the same number of elements. Value: 2 "
            "and 1 "
            "elements. Allowed: lists of one length. Set them together, with lists of the same length.",
        ),
        (
            AEIF,
            {"E_rev": [0.0, -80.0]},
            "Create(): aeif_cond_alpha_multisynapse: tau_syn and E_rev must have the same number of "
            "elements. Value: 1 "
            "and 2 elements. Allowed: lists of one length. Set them together, with lists of the same length.",
        ),
        (
            PORTS,
            {"tau_syn": [1.0, -2.0]},
            "Create(): iaf_psc_exp_multisynapse.tau_syn is out of bounds. Value: -2 ms. Allowed: above 0 ms. "
            "Choose a value that is allowed.",
        ),
        (
            PORTS,
            {"tau_syn": [1.0, float("nan")]},
            "Create(): iaf_psc_exp_multisynapse.tau_syn must be finite. Value: nan ms. Allowed: above 0 ms. "
            "Give a finite number.",
        ),
        (
            PORTS,
            {"tau_syn": "2.0"},
            "Create(): iaf_psc_exp_multisynapse.tau_syn must be a list of numbers. Value: '2.0'. Allowed: a "
            "list of "
            "numbers. Give a list of numbers.",
        ),
        (
            PORTS,
            {"tau_syn": [1.0] * 10_001},
            "Create(): iaf_psc_exp_multisynapse.tau_syn is too long. Value: 10001 elements. Allowed: at "
            "most 10000 "
            "elements. Give fewer.",
        ),
    ],
)
def test_lists_that_are_refused(model, params, text):
    assert refused(lambda: nest.Create(model, params=params)) == text
    assert nest.network_size == 0
    assert refused(lambda: nest.SetDefaults(model, params)) == text.replace("Create()", "SetDefaults()")


def test_a_number_is_a_list_of_one():
    neuron = nest.Create(GIF, params={"tau_sfa": 10.0, "q_sfa": 2})
    assert (neuron.tau_sfa.tolist(), neuron.q_sfa.tolist()) == ([10.0], [2.0])
    neuron.set(q_sfa=-3)
    assert neuron.q_sfa.tolist() == [-3.0]
    assert "tau_sfa is out of bounds. Value: -1 ms." in refused(lambda: neuron.set(tau_sfa=-1))
    assert neuron.tau_sfa.tolist() == [10.0]


def test_lists_are_set_together_or_one_by_one():
    neuron = nest.Create(GIF, params={"tau_sfa": [10.0, 20.0], "q_sfa": [1.0, 2.0]})
    neuron.set(tau_sfa=[30.0, 40.0])
    neuron.set(q_sfa=[3.0, -4.0])
    assert neuron.tau_sfa.tolist() == [30.0, 40.0]
    assert neuron.q_sfa.tolist() == [3.0, -4.0]
    refused(lambda: neuron.set(tau_sfa=[1.0]))
    neuron.set(tau_sfa=[1.0], q_sfa=[5.0])
    assert (neuron.tau_sfa.tolist(), neuron.q_sfa.tolist()) == ([1.0], [5.0])


def test_wrong_ports():
    neuron, relay = ports(2), nest.Create("parrot_neuron")
    for receptor in (0, 3):
        assert refused(
            lambda receptor=receptor: nest.Connect(relay, neuron, syn_spec={"receptor_type": receptor})
        ) == (
            f"Connect(): node 1 ({PORTS}) has no port of this receptor_type. Value: receptor_type "
            f"{receptor}. Allowed: "
            "receptor_type 1 to 2: the node has 2 ports. Choose one of its ports, or give the node more of "
            "them before "
            "connecting."
        )
    one, none = ports(1), ports(0)
    assert "Allowed: receptor_type 1: the node has 1 port." in refused(lambda: nest.Connect(relay, one))
    assert "Allowed: none: the node has no ports." in refused(lambda: nest.Connect(relay, none))
    # One node with too few ports among others: nothing is connected.
    refused(lambda: nest.Connect(relay, neuron + one, syn_spec={"receptor_type": 2}))
    assert nest.num_connections == 0
    current = nest.Create("dc_generator")
    refused(lambda: nest.Connect(current, neuron, syn_spec={"receptor_type": 1}))
    nest.Connect(current, neuron)


def test_ports_in_use_stay():
    neuron, relay = ports(3), nest.Create("parrot_neuron")
    assert not neuron.has_connections
    neuron.set(tau_syn=[1.0, 2.0])
    nest.Connect(relay, neuron, syn_spec={"receptor_type": 1})
    assert neuron.has_connections
    assert refused(lambda: neuron.set(tau_syn=[1.0])) == (
        f"NodeCollection.set(): {PORTS}: tau_syn cannot become shorter, because connections end at elements "
        "of the node. Value: 1 element. Allowed: 2 elements or more. Set tau_syn before connecting."
    )
    neuron.set(tau_syn=[4.0, 5.0, 6.0])
    nest.Connect(relay, neuron, syn_spec={"receptor_type": 3})
    nest.Simulate(2.0)
    assert neuron.n_synapses == 3


def test_what_is_recorded_stays():
    """The reference ends the process here."""
    neuron = ports(3)
    meter = nest.Create("multimeter", params={"record_from": ["I_syn_3"]})
    assert "I_syn_4" in refused(
        lambda: nest.Connect(nest.Create("multimeter", params={"record_from": ["I_syn_4"]}), neuron)
    )
    nest.Connect(meter, neuron)
    assert "because a recorder reads the elements of the node" in refused(lambda: neuron.set(tau_syn=[1.0]))
    nest.Simulate(3.0)
    assert meter.events["I_syn_3"].tolist() == [0.0, 0.0]


def test_more_ports_while_spikes_are_under_way():
    """Input that left before the node got more ports arrives at the port it was sent to."""
    neuron, seen = ports(2, V_th=1e6), []
    generator = nest.Create("spike_generator", params={"spike_times": [1.0]})
    nest.Connect(generator, neuron, syn_spec={"receptor_type": 2, "weight": 70.0, "delay": 5.0})
    meter = nest.Create("multimeter", params={"record_from": ["I_syn_1", "I_syn_2"], "interval": 0.1})
    nest.Connect(meter, neuron)
    nest.Simulate(3.0)
    neuron.set(tau_syn=[1.0 + k for k in range(200)])
    nest.Connect(generator, neuron, syn_spec={"receptor_type": 200, "weight": 1.0})
    nest.Simulate(5.0)
    seen = meter.events
    assert seen["I_syn_2"].max() == 70.0
    assert seen["times"][np.argmax(seen["I_syn_2"])] == pytest.approx(6.0)
    assert seen["I_syn_1"].max() == 0.0


def test_conductances_are_not_negative():
    neuron = nest.Create(AEIF, params={"tau_syn": [1.0, 2.0], "E_rev": [0.0, -80.0]})
    relay = nest.Create("parrot_neuron", 100)
    spec = {"receptor_type": 2, "weight": -3.0}
    assert refused(lambda: nest.Connect(relay, neuron, syn_spec=spec)) == (
        f"Connect(): {AEIF} takes no negative weights: they are conductances. Value: a weight of -3. "
        f"Allowed: 0 or "
        "more. Inhibit through a port with a low reversal potential."
    )
    nest.Connect(relay, neuron, syn_spec=spec | {"weight": nest.random.normal(5.0, 0.5)})
    refused(lambda: nest.Connect(relay, neuron, syn_spec=spec | {"weight": nest.random.normal(1.0, 1.0)}))


def test_a_rate_without_end_is_an_error():
    neuron = nest.Create(
        "pp_psc_delta", params={"dead_time": 0.0, "I_e": 1e6, "c_3": 1.0, "with_reset": False}
    )
    text = refused(lambda: nest.Simulate(100.0))
    assert text.startswith("Simulate(): pp_psc_delta: the rate has become too high. Value: ")
    assert text.endswith(
        "Allowed: at most 1e+06 spikes. Lower the input or the gain, or give the neuron a dead_time."
    )
    assert neuron.dead_time == 0.0


def test_a_frozen_node_stands_still():
    neurons = nest.Create(GIF, 2, {"tau_sfa": [9.0], "q_sfa": [3.0], "lambda_0": 1e9, "V_T_star": -80.0})
    nest.Simulate(20.0)
    before = neurons[0].get(["V_m", "E_sfa"])
    neurons[0].frozen = True
    nest.Simulate(20.0)
    assert neurons[0].get(["V_m", "E_sfa"]) == before
    neurons[0].frozen = False
    nest.Simulate(0.1)
    assert neurons[0].E_sfa != before["E_sfa"]
