"""What cannot be coupled, and settings of the waveform relaxation: the whole text, and that nothing changed."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import pytest

import nest_lab as nest
from nest_lab import errors
from nest_lab._kernel import models


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def names(side, signal):
    """Models that put out or take a signal, as an error lists them."""
    return ", ".join(sorted(m["name"] for m in models() if m[side] == signal))


PREPARED = """
rate = nest.Create("lin_rate_ipn", 2)
spiking = nest.Create("iaf_psc_exp", 2)
gap = nest.Create("hh_psc_alpha_gap", 2)
population = nest.Create("siegert_neuron", 2)
astrocyte = nest.Create("astrocyte_lr_1994", 2)
recorder = nest.Create("spike_recorder")
delayed, instant = ({"synapse_model": f"rate_connection_{x}"} for x in ("delayed", "instantaneous"))
diffusion, junction, sic = ({"synapse_model": x} for x in ("diffusion_connection", "gap_junction", "sic_connection"))
all_to_all, paired = "all_to_all", "one_to_one"
"""

REFUSED = [
    (
        "nest.Connect(rate, spiking, all_to_all, delayed)",
        errors.CannotConnect,
        lambda: (
            f"Connect(): an iaf_psc_exp does not take the signal that rate_connection_delayed carries (rate). Value: lin_rate_ipn to iaf_psc_exp. Allowed: {names('takes', 'rate')}. Choose another synapse model, or other nodes."
        ),
    ),
    (
        "nest.Connect(spiking, rate, all_to_all, instant)",
        errors.CannotConnect,
        lambda: (
            f"Connect(): an iaf_psc_exp does not put out the signal that rate_connection_instantaneous carries (rate). Value: iaf_psc_exp as source. Allowed: {names('emits', 'rate')}. Choose another synapse model, or other nodes."
        ),
    ),
    (
        "nest.Connect(rate, gap, all_to_all, delayed)",
        errors.CannotConnect,
        lambda: (
            f"Connect(): an hh_psc_alpha_gap does not take the signal that rate_connection_delayed carries (rate). Value: lin_rate_ipn to hh_psc_alpha_gap. Allowed: {names('takes', 'rate')}. Choose another synapse model, or other nodes."
        ),
    ),
    (
        "nest.Connect(rate, population, all_to_all, delayed)",
        errors.CannotConnect,
        lambda: (
            f"Connect(): a siegert_neuron does not take the signal that rate_connection_delayed carries (rate). Value: lin_rate_ipn to siegert_neuron. Allowed: {names('takes', 'rate')}. Choose another synapse model, or other nodes."
        ),
    ),
    (
        "nest.Connect(astrocyte, spiking, all_to_all, sic)",
        errors.CannotConnect,
        lambda: (
            f"Connect(): an iaf_psc_exp does not take the signal that sic_connection carries (slow inward current). Value: astrocyte_lr_1994 to iaf_psc_exp. Allowed: {names('takes', 'slow inward current')}. Choose another synapse model, or other nodes."
        ),
    ),
    (
        "nest.Connect(gap, recorder, all_to_all, junction)",
        errors.CannotConnect,
        lambda: (
            f"Connect(): a spike_recorder does not take the signal that gap_junction carries (membrane potential). Value: hh_psc_alpha_gap to spike_recorder. Allowed: {names('takes', 'membrane potential')}. Choose another synapse model, or other nodes."
        ),
    ),
    (
        "nest.Connect(rate, spiking)",
        errors.CannotConnect,
        lambda: (
            "Connect(): a lin_rate_ipn sends no spikes, which is what this synapse model carries. Value: lin_rate_ipn to iaf_psc_exp. Allowed: sources that spike. Choose a synapse model that carries its signal, rate."
        ),
    ),
    (
        "nest.Connect(rate, recorder)",
        errors.CannotConnect,
        lambda: (
            "Connect(): a lin_rate_ipn sends no spikes, which is what this synapse model carries. Value: lin_rate_ipn to spike_recorder. Allowed: sources that spike. Choose a synapse model that carries its signal, rate."
        ),
    ),
    (
        "nest.Connect(gap, gap, paired, junction)",
        errors.CannotConnect,
        lambda: (
            "Connect(): a gap_junction connects both ways, but this makes it in one direction only. Value: rule one_to_one without make_symmetric. Allowed: one_to_one or symmetric_pairwise_bernoulli with make_symmetric, or all_to_all from a population to itself. Write {'rule': 'one_to_one', 'make_symmetric': True}."
        ),
    ),
    (
        "nest.Connect(gap[0], gap[1], all_to_all, junction)",
        errors.CannotConnect,
        lambda: (
            "Connect(): a gap_junction connects both ways, but this makes it in one direction only. Value: rule all_to_all without make_symmetric. Allowed: one_to_one or symmetric_pairwise_bernoulli with make_symmetric, or all_to_all from a population to itself. Write {'rule': 'one_to_one', 'make_symmetric': True}."
        ),
    ),
    (
        "nest.Connect(gap, gap, {'rule': 'all_to_all', 'make_symmetric': True}, junction)",
        errors.BadRule,
        lambda: (
            "Connect(): make_symmetric is not possible with this rule. Value: rule all_to_all. Allowed: one_to_one or symmetric_pairwise_bernoulli. Connect both ways in two calls."
        ),
    ),
    (
        "nest.Connect(rate, rate, all_to_all, instant | {'delay': 2.0})",
        errors.BadValue,
        lambda: (
            "Connect(): rate_connection_instantaneous has no delay. Value: a delay. Allowed: no delay. Leave delay out: the signal arrives at once."
        ),
    ),
    (
        "nest.Connect(population, population, all_to_all, diffusion | {'weight': 2.0})",
        errors.BadValue,
        lambda: (
            "Connect(): diffusion_connection has no weight. Value: a weight. Allowed: drift_factor and diffusion_factor. Give drift_factor and diffusion_factor instead."
        ),
    ),
    (
        "nest.Connect(population, population, all_to_all, diffusion | {'drift': 2.0})",
        errors.UnknownName,
        lambda: (
            "Connect(): syn_spec of diffusion_connection has no key of this name. Value: 'drift'. Allowed: 'delay', 'diffusion_factor', 'drift_factor' or one of 6 others. Check the spelling."
        ),
    ),
    (
        "nest.Connect(population, population, all_to_all, diffusion | {'drift_factor': float('nan')})",
        errors.BadValue,
        lambda: (
            "Connect(): drift_factors must be finite. Value: nan. Allowed: finite numbers. Replace nan and inf."
        ),
    ),
    (
        "nest.Connect(rate, rate, all_to_all, delayed | {'receptor_type': 1})",
        errors.CannotConnect,
        lambda: (
            "Connect(): lin_rate_ipn has no such receptor_type for the signal rate. Value: receptor_type 1. Allowed: receptor_type 0. Give one of these as receptor_type."
        ),
    ),
    (
        "nest.SetDefaults('gap_junction', {'delay': 2.0})",
        errors.BadValue,
        lambda: (
            "SetDefaults(): gap_junction.delay cannot be set. Value: a value for it. Allowed: reading only. Leave it out."
        ),
    ),
    (
        "nest.use_wfr = False",
        errors.WrongState,
        lambda: (
            "nest.use_wfr: use_wfr cannot change once there are nodes. Value: False. Allowed: before the first Create. Call ResetKernel first, then set use_wfr."
        ),
    ),
    (
        "nest.wfr_comm_interval = 0.05",
        errors.BadValue,
        lambda: (
            "nest.wfr_comm_interval: wfr_comm_interval must be at least the resolution. Value: 0.05 ms. Allowed: at least 0.1 ms. Choose a longer interval."
        ),
    ),
    (
        "nest.wfr_tol = -1.0",
        errors.BadValue,
        lambda: (
            "nest.wfr_tol: wfr_tol must be finite and not negative. Value: -1. Allowed: 0 or more. Choose for example 0.0001."
        ),
    ),
    (
        "nest.wfr_max_iterations = 0",
        errors.BadValue,
        lambda: (
            "nest.wfr_max_iterations: wfr_max_iterations must be positive. Value: 0. Allowed: 1 or more. Choose for example 15."
        ),
    ),
    (
        "nest.wfr_interpolation_order = 2",
        errors.BadValue,
        lambda: (
            "nest.wfr_interpolation_order: there is no wfr_interpolation_order of this value. Value: 2. Allowed: 0, 1 or 3. Choose 3, the most accurate one."
        ),
    ),
]


def state():
    status = {k: v for k, v in nest.GetKernelStatus().items() if not k.startswith(("time_", "memory"))}
    return repr(status) + repr(nest.GetConnections().get())


@pytest.mark.parametrize(("program", "kind", "text"), REFUSED, ids=lambda x: x if isinstance(x, str) else "")
def test_refused(program, kind, text):
    known = {"nest": nest}
    exec(PREPARED, known)
    before = state()
    with pytest.raises(nest.NESTError) as caught:
        exec(program, known)
    assert isinstance(caught.value, kind)
    assert str(caught.value) == text()
    assert state() == before


def test_connections_of_other_kinds_keep_what_they_lack():
    """Weights and delays of connections that have none cannot be set afterwards either."""
    known = {"nest": nest}
    exec(PREPARED, known)
    nest.Connect(known["population"], known["population"], "all_to_all", known["diffusion"])
    connections = nest.GetConnections()
    with pytest.raises(errors.BadValue, match="diffusion_connection has no weight"):
        connections.weight = 2.0
    with pytest.raises(errors.BadValue, match="diffusion_connection has no delay"):
        connections.delay = 2.0
    connections.drift_factor = [1.0, 2.0, 3.0, 4.0]
    assert connections.drift_factor == [1.0, 2.0, 3.0, 4.0]


def test_interval_of_relaxation_stands_for_a_delay():
    """Connections without a delay count as long as wfr_comm_interval, or as a step without relaxation."""
    for kernel, expected in (({}, 1.0), ({"wfr_comm_interval": 0.5}, 0.5), ({"use_wfr": False}, 0.1)):
        nest.ResetKernel()
        nest.set(**kernel)
        rate = nest.Create("lin_rate_ipn", 2)
        assert rate[0].node_uses_wfr is kernel.get("use_wfr", True)
        nest.Connect(rate, rate, "all_to_all", {"synapse_model": "rate_connection_instantaneous"})
        assert (nest.min_delay, nest.max_delay) == (expected, expected)
    with pytest.raises(errors.WrongState, match="no meaning while use_wfr is off"):
        nest.wfr_comm_interval = 0.5
