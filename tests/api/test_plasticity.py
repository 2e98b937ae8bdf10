"""Plastic synapses by the PyNEST functions: whole texts of errors, all or nothing, recorders of weights."""

from __future__ import annotations

import numpy as np
import pytest

import nest_lab as nest


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()


def text(call, *arguments, **named):
    with pytest.raises(nest.NESTError) as caught:
        call(*arguments, **named)
    return str(caught.value)


def pair(**given):
    neurons = nest.Create("parrot_neuron", 2)
    nest.Connect(neurons[0], neurons[1], syn_spec={"synapse_model": "stdp_synapse"} | given)
    return nest.GetConnections()


def test_from_a_device():
    noise, neuron = nest.Create("poisson_generator"), nest.Create("iaf_psc_exp")
    assert text(nest.Connect, noise, neuron, syn_spec="stdp_synapse") == (
        "Connect(): an stdp_synapse cannot start at a poisson_generator. Value: poisson_generator. "
        "Allowed: neurons as sources. Put a parrot_neuron between: the device to the parrot with "
        "static_synapse, the parrot to the targets."
    )
    assert nest.num_connections == 0


def test_to_a_recorder():
    recorder, neuron = nest.Create("spike_recorder"), nest.Create("iaf_psc_exp")
    assert text(nest.Connect, neuron, recorder, syn_spec="stdp_synapse") == (
        "Connect(): an stdp_synapse cannot end at a spike_recorder, which does not spike. "
        "Value: spike_recorder. Allowed: neurons as targets. Use static_synapse for it."
    )


def test_what_all_connections_share():
    neurons = nest.Create("parrot_neuron", 2)
    spec = {"synapse_model": "stdp_pl_synapse_hom", "mu": 0.3}
    assert text(nest.Connect, neurons, neurons, syn_spec=spec) == (
        "Connect(): stdp_pl_synapse_hom has one mu for all its connections. Value: a value for some. "
        "Allowed: no mu. Set it with SetDefaults('stdp_pl_synapse_hom', {'mu': ...}) or CopyModel."
    )
    assert nest.num_connections == 0


def test_a_wrong_name():
    neurons = nest.Create("parrot_neuron", 2)
    spec = {"synapse_model": "stdp_synapse", "tau_plsu": 10.0}
    message = text(nest.Connect, neurons, neurons, syn_spec=spec)
    assert message.startswith(
        "Connect(): syn_spec of stdp_synapse has no key of this name. Value: 'tau_plsu'."
    )
    assert "Did you mean 'tau_plus'?" in message


def test_signs_that_do_not_go_together():
    assert text(pair, weight=-1.0) == (
        "Connect(): stdp_synapse: weight and Wmax must have the same sign. Value: -1. "
        "Allowed: both negative, or none. Set the two together."
    )
    connections = pair(weight=5.0)
    assert "same sign" in text(connections.set, weight=-3.0)
    assert connections.weight == 5.0
    connections.set(weight=-3.0, Wmax=-7.0)
    assert (connections.weight, connections.Wmax) == (-3.0, -7.0)
    assert "same sign" in text(nest.SetDefaults, "stdp_synapse", {"weight": -1.0})
    assert nest.GetDefaults("stdp_synapse", "weight") == 1.0


def test_all_or_nothing():
    connections = pair()
    assert "out of bounds" in text(connections.set, {"alpha": 3.0, "tau_plus": -1.0})
    assert connections.alpha == 1.0


def test_random_values_are_looked_at():
    """An expression that can leave the bounds is refused where it does, before anything is connected."""
    neurons = nest.Create("parrot_neuron", 30)
    spec = {"synapse_model": "tsodyks_synapse", "U": nest.random.normal(0.5, 0.5)}
    assert "tsodyks_synapse.U is out of bounds" in text(nest.Connect, neurons, neurons, syn_spec=spec)
    assert nest.num_connections == 0
    spec["U"] = nest.math.redraw(nest.random.normal(0.5, 0.5), 0.0, 1.0)
    nest.Connect(neurons, neurons, syn_spec=spec)
    assert nest.num_connections == 900
    assert len(set(nest.GetConnections().U)) > 800


def test_a_recorder_of_weights_is_named_by_the_model():
    recorder, neurons = nest.Create("weight_recorder"), nest.Create("parrot_neuron", 2)
    assert text(nest.Connect, neurons, recorder) == (
        "Connect(): a weight_recorder is not connected. Value: weight_recorder. Allowed: the weight_recorder "
        "of a synapse model. SetDefaults('static_synapse', {'weight_recorder': recorder})."
    )
    assert text(nest.SetDefaults, "stdp_synapse", {"weight_recorder": neurons[0]}) == (
        "SetDefaults(): stdp_synapse.weight_recorder must be one node, a weight_recorder. Value: a "
        "parrot_neuron. Allowed: a weight_recorder, or an empty NodeCollection. Create a weight_recorder "
        "and give it."
    )
    nest.SetDefaults("stdp_synapse", {"weight_recorder": recorder})
    assert nest.GetDefaults("stdp_synapse", "weight_recorder") == recorder
    nest.SetDefaults("stdp_synapse", {"weight_recorder": nest.NodeCollection()})
    assert len(nest.GetDefaults("stdp_synapse", "weight_recorder")) == 0


def test_connections_of_several_models():
    """What a model does not have is None, as in the reference."""
    connections = pair()
    nest.Connect(nest.GetNodes()[0], nest.GetNodes()[1], syn_spec={"weight": 2.0})
    connections = nest.GetConnections()
    assert connections.get("Kplus") == [None, 0.0]
    assert connections.get(["weight", "alpha"]) == {"weight": [2.0, 1.0], "alpha": [None, 1.0]}


def test_estimate_counts_plastic_synapses():
    neurons = nest.Create("iaf_psc_exp", 1000)
    rule = {"rule": "fixed_indegree", "indegree": 100}
    nest.Connect(
        neurons, neurons, rule, {"synapse_model": "stdp_synapse", "alpha": nest.random.uniform(0.5, 2.0)}
    )
    estimate = nest.estimate_memory()
    # Target and weight, alpha, and the trace and the time of the last spike, which then differ as well.
    assert estimate["synapses"] == pytest.approx(1e5 * (10 + 3 * 8))


def test_weights_stay_what_they_were_given():
    neurons = nest.Create("iaf_psc_exp", 3)
    weights = np.random.default_rng(1).uniform(1, 2, (3, 3))
    nest.Connect(neurons, neurons, "all_to_all", {"synapse_model": "stdp_synapse", "weight": weights})
    assert np.array_equal(nest.GetConnections().weight, weights.T.ravel())


def test_no_volume_transmitter():
    neurons = nest.Create("parrot_neuron", 2)
    assert text(nest.Connect, neurons, neurons, syn_spec="stdp_dopamine_synapse") == (
        "Connect(): stdp_dopamine_synapse has no volume_transmitter, which all its connections need. "
        "Value: none. Allowed: a volume_transmitter. Create a volume_transmitter and "
        "SetDefaults('stdp_dopamine_synapse', {'volume_transmitter': it}) first."
    )
    assert nest.num_connections == 0


def test_a_wrong_volume_transmitter():
    model = "stdp_dopamine_synapse"
    neurons, transmitters = nest.Create("parrot_neuron", 2), nest.Create("volume_transmitter", 2)
    message = (
        "SetDefaults(): stdp_dopamine_synapse.volume_transmitter must be one node, a volume_transmitter. "
        "Value: {}. Allowed: a volume_transmitter. Create a volume_transmitter and give it."
    )
    assert text(nest.SetDefaults, model, {"volume_transmitter": neurons[0]}) == message.format(
        "a parrot_neuron"
    )
    assert text(nest.SetDefaults, model, {"volume_transmitter": transmitters}) == message.format("2 nodes")
    nest.SetDefaults(model, {"volume_transmitter": transmitters[0]})
    assert nest.GetDefaults(model, "volume_transmitter") == transmitters[0]
    assert text(nest.SetDefaults, model, {"volume_transmitter": nest.NodeCollection()}) == message.format(
        "0 nodes"
    )
    spec = {"synapse_model": model, "volume_transmitter": transmitters[1]}
    assert text(nest.Connect, neurons, neurons, syn_spec=spec).startswith(
        "Connect(): stdp_dopamine_synapse has one volume_transmitter for all its connections."
    )
    assert nest.num_connections == 0


def test_bounds_of_dopamine():
    assert text(nest.SetDefaults, "stdp_dopamine_synapse", {"Wmin": 300.0}) == (
        "SetDefaults(): stdp_dopamine_synapse: Wmin must not be larger than Wmax. Value: 300. "
        "Allowed: at most Wmax. Set the two together."
    )
    assert nest.GetDefaults("stdp_dopamine_synapse", "Wmin") == 0.0
    assert text(nest.Create, "volume_transmitter", params={"deliver_interval": 0}).startswith(
        "Create(): volume_transmitter.deliver_interval "
    )


def test_a_transmitter_is_no_source():
    transmitter, neurons = nest.Create("volume_transmitter"), nest.Create("parrot_neuron", 2)
    assert "sends no spikes" in text(nest.Connect, transmitter, neurons)
    assert "cannot end at a volume_transmitter" in text(
        nest.Connect, neurons, transmitter, syn_spec="stdp_synapse"
    )
    assert nest.num_connections == 0


def test_without_dopamine_nothing_changes():
    """A frozen transmitter delivers nothing; without a base line and dopamine weights stay as they are."""
    neurons, transmitter = (
        nest.Create("iaf_psc_exp", 2, params={"I_e": 500.0}),
        nest.Create("volume_transmitter"),
    )
    transmitter.frozen = True
    nest.Connect(neurons, transmitter)
    nest.SetDefaults("stdp_dopamine_synapse", {"volume_transmitter": transmitter})
    nest.Connect(neurons, neurons, syn_spec={"synapse_model": "stdp_dopamine_synapse", "weight": 7.0})
    nest.Simulate(200.0)
    connections = nest.GetConnections(neurons, neurons)
    assert any(connections.c)
    assert connections.weight == [7.0] * 4
    transmitter.frozen = False
    nest.Simulate(200.0)
    assert connections.weight != [7.0] * 4
