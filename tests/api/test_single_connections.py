"""Connections made one call at a time are those that one call makes, whatever is called in between."""

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors

N = 60


@pytest.fixture
def neurons():
    nest.ResetKernel()
    return nest.Create("iaf_psc_exp", N)


def table():
    connections = nest.GetConnections()
    names = ["source", "target", "synapse_id", "weight", "delay", "receptor"]
    return np.array([connections.get(name) for name in names]).T


def edges(seed=1):
    """Pairs, weights of both signs and delays; some pairs more than once."""
    random = np.random.default_rng(seed)
    source, target = random.integers(0, N, (2, 400))
    return source, target, random.choice([-50.0, 20.0, 25.0], 400), random.integers(5, 30, 400) / 10


def spikes(neurons):
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    neurons.I_e = np.linspace(300.0, 900.0, N)
    nest.Simulate(200.0)
    assert recorder.n_events > 300
    return recorder.events


@pytest.mark.parametrize("rule", ["all_to_all", "one_to_one"])
def test_as_in_one_call(neurons, rule):
    source, target, weight, delay = edges()
    nest.Connect(source + 1, target + 1, "one_to_one", {"weight": weight, "delay": delay})
    together, their_spikes = table(), spikes(neurons)
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_exp", N)
    for s, t, w, d in zip(source, target, weight, delay, strict=True):
        nest.Connect(neurons[s], neurons[t], rule, {"weight": w, "delay": float(d)})
    np.testing.assert_array_equal(table(), together)
    ours = spikes(neurons)
    for name in ("times", "senders"):
        np.testing.assert_array_equal(ours[name], their_spikes[name])


def test_what_comes_later_stays_later(neurons):
    """Of several connections of a pair the order is that of the calls."""
    for weight in (1.0, 2.0, 3.0):
        nest.Connect(neurons[0], neurons[1], syn_spec={"weight": weight})
        nest.Connect(neurons[:2], neurons[1], syn_spec={"weight": 10.0 * weight})
    assert nest.GetConnections(neurons[0], neurons[1]).weight == [1.0, 10.0, 2.0, 20.0, 3.0, 30.0]


def test_what_is_given_and_what_is_usual(neurons):
    nest.Connect(neurons[0], neurons[1])
    nest.Connect(neurons[1], neurons[2])
    nest.Connect(neurons[2], neurons[3], syn_spec={"delay": 2})
    nest.Connect(neurons[3], neurons[4], {"rule": "one_to_one"}, {"weight": np.float64(3.5)})
    nest.Connect(neurons[4], neurons[5], {"rule": "one_to_one"}, {"weight": 4})
    connections = nest.GetConnections()
    assert connections.weight == [1.0, 1.0, 1.0, 3.5, 4.0]
    assert connections.delay == [1.0, 1.0, 2.0, 1.0, 1.0]


def test_usual_values_of_the_moment(neurons):
    """Other defaults count from the next call on."""
    nest.Connect(neurons[0], neurons[1])
    nest.SetDefaults("static_synapse", {"weight": 7.0, "delay": 3.0})
    nest.Connect(neurons[1], neurons[2])
    nest.Connect(neurons[2], neurons[3])
    assert nest.GetConnections().weight == [1.0, 7.0, 7.0]
    assert nest.GetConnections().delay == [1.0, 3.0, 3.0]


def test_a_weight_for_all(neurons):
    nest.SetDefaults("static_synapse_hom_w", {"weight": 2.0})
    for k in range(3):
        nest.Connect(neurons[k], neurons[k + 1], "one_to_one", "static_synapse_hom_w")
    nest.SetDefaults("static_synapse_hom_w", {"weight": 5.0})
    nest.Connect(neurons[3], neurons[4], "one_to_one", "static_synapse_hom_w")
    assert nest.GetConnections().weight == [5.0] * 4


def test_two_models_take_turns(neurons):
    nest.CopyModel("static_synapse", "other", {"weight": 9.0})
    for k in range(3):
        nest.Connect(neurons[k], neurons[k + 1])
        nest.Connect(neurons[k + 1], neurons[k], syn_spec="other")
    nest.Connect(neurons[5], neurons[6], syn_spec={"synapse_model": "other", "weight": 1.5})
    assert nest.GetConnections(synapse_model="static_synapse").weight == [1.0] * 3
    assert nest.GetConnections(synapse_model="other").weight == [9.0, 9.0, 9.0, 1.5]


BAD = {
    "weight": (float("nan"), errors.BadValue, "weights must be finite"),
    "delay": (0.01, errors.BadDelay, "a delay must be at least the resolution"),
    "receptor_type": (3, errors.CannotConnect, "iaf_psc_exp has no such receptor_type for spikes"),
    "synapse_model": ("static_synaps", errors.UnknownModel, "static_synapse"),
    "wieght": (1.0, errors.UnknownName, "weight"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_one_among_good_ones(neurons, name):
    """It is refused like the first one, and nothing is half done."""
    value, kind, text = BAD[name]
    good = {"weight": 2.0, "delay": 1.0}
    for k in range(3):
        nest.Connect(neurons[k], neurons[k + 1], syn_spec=good)
    with pytest.raises(kind, match=text):
        nest.Connect(neurons[3], neurons[4], syn_spec=good | {name: value})
    nest.Connect(neurons[3], neurons[4], syn_spec=good)
    assert nest.GetConnections().get("source") == [1, 2, 3, 4]


def test_negative_weights_where_they_are_conductances():
    nest.ResetKernel()
    neurons = nest.Create("iaf_cond_exp", 3)
    several = nest.Create("iaf_psc_exp_multisynapse", 2, [{"tau_syn": [2.0]}, {"tau_syn": [2.0, 4.0]}])
    one = {"weight": 1.0, "receptor_type": 1}
    nest.Connect(several[0], several[1], syn_spec=one)
    nest.Connect(several[1], several[1], syn_spec=one | {"receptor_type": 2})
    with pytest.raises(errors.CannotConnect, match="no port of this receptor_type"):
        nest.Connect(several[0], several[0], syn_spec=one | {"receptor_type": 2})
    nest.Connect(neurons[0], neurons[1], syn_spec={"weight": -1.0})  # inhibition, of this model
    assert nest.num_connections == 3


def test_delays_after_a_run(neurons):
    """A run fixes the shortest and the longest delay; one by one they are held to them too."""
    for k in range(3):
        nest.Connect(neurons[k], neurons[k + 1], syn_spec={"delay": 1.0 + k})
    nest.Simulate(1.0)
    nest.Connect(neurons[4], neurons[5], syn_spec={"delay": 2.0})
    with pytest.raises(errors.BadDelay, match="between min_delay and max_delay"):
        nest.Connect(neurons[5], neurons[6], syn_spec={"delay": 0.5})
    assert nest.num_connections == 4


def test_nodes_of_another_network(neurons):
    nest.Connect(neurons[0], neurons[1])
    with nest.Simulation():
        strangers = nest.Create("iaf_psc_exp", 3)
        with pytest.raises(errors.NESTError, match="different"):
            nest.Connect(neurons[1], strangers[2])
    nest.ResetKernel()
    with pytest.raises(errors.StaleCollection):
        nest.Connect(neurons[1], neurons[2])


def test_a_collection_from_before_is_found_again(neurons):
    nest.Connect(neurons[0], neurons[1], syn_spec={"weight": 4.0})
    nest.Connect(neurons[1], neurons[2], syn_spec={"weight": 5.0})
    kept = nest.GetConnections()
    nest.Connect(neurons[2], neurons[3], syn_spec={"weight": 6.0})
    assert (kept.weight, nest.num_connections) == ([4.0, 5.0], 3)


def test_returned_connections(neurons):
    for k in range(3):
        made = nest.Connect(neurons[k], neurons[k + 1], return_synapsecollection=True)
        assert (made.source, made.target) == (k + 1, k + 2)


def test_time_is_counted(neurons):
    for k in range(50):
        nest.Connect(neurons[k], neurons[k + 1])
    assert nest.time_construction_connect_cpu > 0.0
    assert 0.0 < nest.time_construction_connect < 1.0


@pytest.mark.parametrize("count", [0, 1, 5])
@pytest.mark.parametrize(
    ("rule", "name"),
    [("fixed_indegree", "indegree"), ("fixed_outdegree", "outdegree"), ("fixed_total_number", "N")],
)
def test_a_rule_says_how_often_one_pair_is_connected(neurons, rule, name, count):
    for _ in range(2):
        nest.Connect(neurons[0], neurons[1], {"rule": rule, name: count})
    assert nest.num_connections == len(nest.GetConnections()) == 2 * count


def test_what_a_rule_needs_is_asked_for_each_time(neurons):
    nest.Connect(neurons[0], neurons[1], {"rule": "fixed_indegree", "indegree": 1})
    for spec in ("fixed_indegree", {"rule": "fixed_indegree"}):
        with pytest.raises(nest.NESTError, match="fixed_indegree needs indegree"):
            nest.Connect(neurons[0], neurons[1], spec)
    assert nest.num_connections == 1
