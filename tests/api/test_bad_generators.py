"""Bad input of generators, binary neurons and precise neurons: the whole text, and that nothing was changed."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import pytest

import nest_lab as nest
from nest_lab import errors

PARAMETERS = [
    (
        "inhomogeneous_poisson_generator",
        {"rate_times": [1.0], "rate_values": [-5.0]},
        "inhomogeneous_poisson_generator.rate_values is out of bounds. Value: -5 spikes/s. Allowed: from 0 to 1e+09 spikes/s. Choose a value that is allowed.",
    ),
    (
        "inhomogeneous_poisson_generator",
        {"rate_times": [1.0, 2.0], "rate_values": [5.0]},
        "inhomogeneous_poisson_generator: rate_times and rate_values must be of one length. Value: 2 times and 1 values. Allowed: equal lengths. Set both in one call.",
    ),
    (
        "inhomogeneous_poisson_generator",
        {"rate_times": [2.0, 2.0], "rate_values": [5.0, 6.0]},
        "inhomogeneous_poisson_generator.rate_times must increase strictly. Value: 2 ms after 2 ms. Allowed: increasing times. Sort the times and drop repeated ones.",
    ),
    (
        "inhomogeneous_poisson_generator",
        {"rate_times": [0.25], "rate_values": [5.0]},
        "inhomogeneous_poisson_generator.rate_times must be multiples of the resolution. Value: 0.25 ms. Allowed: multiples of 0.1 ms. Round the times, or set allow_offgrid_times to True.",
    ),
    (
        "sinusoidal_poisson_generator",
        {"individual_spike_trains": False},
        "sinusoidal_poisson_generator.individual_spike_trains cannot change once a node is made. Value: False. Allowed: True. Set it with SetDefaults or CopyModel, before Create.",
    ),
    (
        "gamma_sup_generator",
        {"rate": 5e3, "gamma_shape": 3},
        "gamma_sup_generator: rate * gamma_shape is too large for the resolution. Value: 5000 spikes/s times 3. Allowed: at most 10000 spikes/s. Lower the rate, or put more components together (n_proc).",
    ),
    (
        "gamma_sup_generator",
        {"n_proc": 0},
        "gamma_sup_generator.n_proc is out of bounds. Value: 0. Allowed: from 1 to 1e+06. Choose a value that is allowed.",
    ),
    (
        "mip_generator",
        {"p_copy": 1.5},
        "mip_generator.p_copy is out of bounds. Value: 1.5. Allowed: from 0 to 1. Choose a value that is allowed.",
    ),
    (
        "pulsepacket_generator",
        {"activity": -1},
        "pulsepacket_generator.activity is out of bounds. Value: -1. Allowed: from 0 to 1e+06. Choose a value that is allowed.",
    ),
    (
        "poisson_generator_ps",
        {"rate": 1e3, "dead_time": 1.5},
        "poisson_generator_ps: the dead time is longer than the mean interval. Value: 1.5 ms at 1000 spikes/s. Allowed: at most 1 ms. Lower the rate or the dead time.",
    ),
    (
        "correlation_detector",
        {"delta_tau": 0.25},
        "correlation_detector.delta_tau must be a multiple of the resolution. Value: 0.25 ms. Allowed: multiples of 0.1 ms. Choose a bin of a whole number of steps.",
    ),
    (
        "correlation_detector",
        {"tau_max": 5.2},
        "correlation_detector.tau_max must be a multiple of delta_tau. Value: 5.2 ms. Allowed: multiples of 0.5 ms. Set both, tau_max as a whole number of bins.",
    ),
    (
        "correlation_detector",
        {"n_events": [1, 0]},
        "correlation_detector.n_events can only be set to [0, 0]. Value: 2 numbers. Allowed: [0, 0]. Set it to [0, 0] to start anew.",
    ),
    (
        "iaf_psc_exp_ps",
        {"t_ref": 0.0},
        "iaf_psc_exp_ps.t_ref is out of bounds. Value: 0 ms. Allowed: above 0 ms. Choose a value that is allowed.",
    ),
    (
        "iaf_psc_delta_ps",
        {"V_min": -60.0},
        "iaf_psc_delta_ps: V_min must not be above V_reset. Value: -60 mV. Allowed: V_min <= V_reset. Lower V_min or raise V_reset.",
    ),
]


@pytest.mark.parametrize(
    ("model", "params", "text"), PARAMETERS, ids=lambda x: x if isinstance(x, str) else None
)
def test_parameters(model, params, text):
    """Refused on a node, and in Create, with the same text; the node stays as it was."""
    nest.ResetKernel()
    node = nest.Create(model)
    before = {name: str(value) for name, value in node.get().items()}
    for call, where in (
        (lambda: node.set(params), "NodeCollection.set()"),
        (lambda: nest.Create(model, params=params), "Create()"),
    ):
        with pytest.raises(errors.BadValue) as caught:
            call()
        assert str(caught.value) == f"{where}: {text}"
    assert {name: str(value) for name, value in node.get().items()} == before
    assert nest.network_size == 1


CONNECTIONS = [
    (
        "iaf_psc_exp",
        "mcculloch_pitts_neuron",
        0,
        "a mcculloch_pitts_neuron takes transitions of binary neurons, not spikes. Value: iaf_psc_exp to mcculloch_pitts_neuron. Allowed: binary neurons, and models that relay them. Drive it with a current, or with a spike_generator: two spikes at once for up, one for down.",
    ),
    (
        "mcculloch_pitts_neuron",
        "iaf_psc_exp",
        0,
        "an iaf_psc_exp takes spikes, not transitions of binary neurons. Value: mcculloch_pitts_neuron to iaf_psc_exp. Allowed: sources of spikes. Use a spin_detector to record binary neurons.",
    ),
    (
        "iaf_psc_exp",
        "correlation_detector",
        2,
        "correlation_detector has no such receptor_type for spikes. Value: receptor_type 2. Allowed: receptor_type 0 to 1. Give one of these as receptor_type.",
    ),
    (
        "iaf_psc_exp",
        "spike_dilutor",
        1,
        "spike_dilutor has no such receptor_type for spikes. Value: receptor_type 1. Allowed: receptor_type 0. Give one of these as receptor_type.",
    ),
    (
        "iaf_psc_exp",
        "gamma_sup_generator",
        0,
        "a gamma_sup_generator takes no input. Value: iaf_psc_exp to gamma_sup_generator. Allowed: neurons and recorders as targets. Turn the connection round: Connect(gamma_sup_generator, nodes).",
    ),
    (
        "dc_generator",
        "spin_detector",
        0,
        "a spin_detector records spikes, not currents. Value: dc_generator to spin_detector. Allowed: sources that spike. Use a multimeter: Connect(multimeter, generator).",
    ),
]


@pytest.mark.parametrize(("source", "target", "receptor", "text"), CONNECTIONS)
def test_connections(source, target, receptor, text):
    nest.ResetKernel()
    nodes = nest.Create(source), nest.Create(target)
    with pytest.raises(errors.CannotConnect) as caught:
        nest.Connect(*nodes, syn_spec={"receptor_type": receptor})
    assert str(caught.value) == f"Connect(): {text}"
    assert nest.num_connections == 0


def test_past_times_of_a_rate():
    """New times must lie ahead; times that were given when they did may stay."""
    nest.ResetKernel()
    node = nest.Create("inhomogeneous_poisson_generator", params={"rate_times": [1.0], "rate_values": [5.0]})
    nest.Simulate(10.0)
    node.label = "the same times"
    with pytest.raises(errors.BadValue) as caught:
        node.set(rate_times=[10.0], rate_values=[6.0])
    assert str(caught.value) == (
        "NodeCollection.set(): inhomogeneous_poisson_generator.rate_times must lie in the future. "
        "Value: 10 ms. Allowed: after 10 ms. Leave out the times that are past."
    )
    assert list(node.rate_values) == [5.0]
