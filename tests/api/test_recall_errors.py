"""Synapses that ask for what their targets remember, and dictionaries of parameters: the whole text of what is refused."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import pytest

import nest_lab as nest
from nest_lab import errors


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


PREPARED = """
relay = nest.Create("parrot_neuron")
plain = nest.Create("iaf_psc_delta")
clopath = nest.Create("aeif_psc_delta_clopath")
urbanczik = nest.Create("pp_cond_exp_mc_urbanczik")
recorder = nest.Create("spike_recorder")
generator, current = nest.Create("spike_generator"), nest.Create("dc_generator")
"""

REFUSED = [
    (
        "nest.Connect(relay, plain, syn_spec='clopath_synapse')",
        errors.CannotConnect,
        "Connect(): a clopath_synapse cannot end at an iaf_psc_delta, which does not remember filtered potentials. Value: iaf_psc_delta. Allowed: aeif_psc_delta_clopath. Use static_synapse for it, or another model of neurons.",
    ),
    (
        "nest.Connect(relay, urbanczik, syn_spec={'synapse_model': 'clopath_synapse', 'receptor_type': 3})",
        errors.CannotConnect,
        "Connect(): a clopath_synapse cannot end at a pp_cond_exp_mc_urbanczik, which does not remember filtered potentials. Value: pp_cond_exp_mc_urbanczik. Allowed: aeif_psc_delta_clopath. Use static_synapse for it, or another model of neurons.",
    ),
    (
        "nest.Connect(relay, clopath, syn_spec='urbanczik_synapse')",
        errors.CannotConnect,
        "Connect(): an urbanczik_synapse cannot end at an aeif_psc_delta_clopath, which does not remember the error of the dendritic prediction. Value: aeif_psc_delta_clopath. Allowed: pp_cond_exp_mc_urbanczik. Use static_synapse for it, or another model of neurons.",
    ),
    (
        "nest.Connect(relay, recorder, syn_spec='clopath_synapse')",
        errors.CannotConnect,
        "Connect(): a clopath_synapse cannot end at a spike_recorder, which does not remember filtered potentials. Value: spike_recorder. Allowed: aeif_psc_delta_clopath. Use static_synapse for it, or another model of neurons.",
    ),
    (
        "nest.Connect(generator, clopath, syn_spec='clopath_synapse')",
        errors.CannotConnect,
        "Connect(): a clopath_synapse cannot start at a spike_generator. Value: spike_generator. Allowed: neurons as sources. Put a parrot_neuron between: the device to the parrot with static_synapse, the parrot to the targets.",
    ),
    (
        "nest.Connect(relay, urbanczik)",
        errors.CannotConnect,
        "Connect(): pp_cond_exp_mc_urbanczik has no such receptor_type for spikes. Value: receptor_type 0. Allowed: 1 (soma_exc), 2 (soma_inh), 3 (dendritic_exc), 4 (dendritic_inh). Give one of these as receptor_type.",
    ),
    (
        "nest.Connect(current, urbanczik)",
        errors.CannotConnect,
        "Connect(): pp_cond_exp_mc_urbanczik takes no current at this receptor_type. Value: receptor_type 0. Allowed: 5 (soma_curr), 6 (dendritic_curr). Give one of these as receptor_type.",
    ),
    (
        "nest.Connect(relay, urbanczik, syn_spec={'receptor_type': 2, 'weight': -2.0})",
        errors.BadValue,
        "Connect(): pp_cond_exp_mc_urbanczik takes no negative weights here: they are conductances. Value: a weight of -2 at receptor_type 2. Allowed: 0 or more. Inhibit through a port with a low reversal potential.",
    ),
    (
        "nest.Connect(relay, clopath, syn_spec={'synapse_model': 'clopath_synapse', 'weight': -1.0})",
        errors.BadValue,
        "Connect(): clopath_synapse: weight and Wmin must have the same sign. Value: -1. Allowed: both negative, or none. Set the two together.",
    ),
    (
        "nest.SetDefaults('clopath_synapse', {'Wmax': -1.0})",
        errors.BadValue,
        "SetDefaults(): clopath_synapse: weight and Wmax must have the same sign. Value: 1. Allowed: both negative, or none. Set the two together.",
    ),
    (
        "nest.SetDefaults('urbanczik_synapse', {'Wmin': 3.0, 'Wmax': 2.0})",
        errors.BadValue,
        "SetDefaults(): urbanczik_synapse: Wmin must not be above Wmax. Value: 3. Allowed: Wmin <= Wmax. Lower Wmin or raise Wmax.",
    ),
    (
        "clopath.V_th_max = -60.0",
        errors.BadValue,
        "NodeCollection.V_th_max: aeif_psc_delta_clopath: V_th_max must not be below V_th_rest. Value: -60 mV. Allowed: V_th_rest <= V_th_max. Raise V_th_max or lower V_th_rest.",
    ),
    (
        "clopath.V_peak = -55.0",
        errors.BadValue,
        "NodeCollection.V_peak: aeif_psc_delta_clopath: V_peak must not be below V_th_rest. Value: -55 mV. Allowed: V_th_rest <= V_peak. Raise V_peak or lower V_th_rest.",
    ),
    (
        "clopath.delay_u_bars = -1.0",
        errors.BadValue,
        "NodeCollection.delay_u_bars: aeif_psc_delta_clopath.delay_u_bars is out of bounds. Value: -1 ms. Allowed: from 0 to 10000 ms. Choose a value that is allowed.",
    ),
    (
        "urbanczik.set(soma={'C_m': 0.0})",
        errors.BadValue,
        "NodeCollection.set(): pp_cond_exp_mc_urbanczik.soma.C_m is out of bounds. Value: 0 pF. Allowed: above 0 pF. Choose a value that is allowed.",
    ),
    (
        "urbanczik.set(soma={'C_n': 1.0})",
        errors.UnknownName,
        "NodeCollection.set(): pp_cond_exp_mc_urbanczik.soma has no item of this name. Value: 'C_n'. Allowed: 'C_m' or one of 8 others. Did you mean 'C_m'? Check the spelling.",
    ),
    (
        "urbanczik.set(soma={'g_L': 0.0}, g_sp=0.0)",
        errors.BadValue,
        "NodeCollection.set(): pp_cond_exp_mc_urbanczik: g_sp and g_L of the soma must not both be 0. Value: 0 nS. Allowed: g_sp + g_L > 0. Raise one of them.",
    ),
]


@pytest.mark.parametrize(("code", "kind", "message"), REFUSED, ids=[code for code, _, _ in REFUSED])
def test_refused(code, kind, message):
    names = {"nest": nest}
    exec(PREPARED, names)
    before = {name: names[name].get() for name in ("clopath", "urbanczik")}
    with pytest.raises(kind) as caught:
        exec(code, names)
    assert str(caught.value) == message
    assert nest.num_connections == 0
    assert {name: names[name].get() for name in before} == before
