"""The comparison with the reference notices what it must: each alteration of the reference is caught.

Both sides are the reference simulator here, one of them altered, so this holds without nest_lab's kernel.
"""

from __future__ import annotations

import numpy as np
import pytest

from nest_lab.testing import Difference, assert_agree, compare, reference

from .test_deterministic import load_scenarios


class Altered:
    """The reference simulator with one function or one parameter of one model changed."""

    def __init__(self, **replacements):
        object.__setattr__(self, "_nest", reference())
        object.__setattr__(self, "_replacements", replacements)

    def __getattr__(self, name):
        function = getattr(self._nest, name)
        replacement = self._replacements.get(name)
        return function if replacement is None else lambda *args, **kw: replacement(function, *args, **kw)

    def __setattr__(self, name, value):
        setattr(self._nest, name, value)


def parameter(model, name, change):
    """Create as usual, but with one parameter of one model changed."""

    def create(function, created, *args, **kw):
        nodes = function(created, *args, **kw)
        if created == model:
            nodes.set([{name: change(value)} for value in np.ravel(nodes.get(name)).tolist()])
        return nodes

    return Altered(Create=create)


def spike_list(model, name):
    """Create as usual, but with all ones in one list of a generator."""

    def create(function, created, *args, **kw):
        nodes = function(created, *args, **kw)
        for node in nodes if created == model else []:
            if len(node.get(name)):
                node.set({"spike_times": node.get("spike_times"), name: np.ones_like(node.get(name))})
        return nodes

    return Altered(Create=create)


def synapse(name, change):
    def connect(function, pre, post, conn_spec=None, syn_spec=None):
        if isinstance(syn_spec, dict) and name in syn_spec:
            syn_spec = syn_spec | {name: change(np.asarray(syn_spec[name], float))}
        return function(pre, post, conn_spec, syn_spec)

    return Altered(Connect=connect)


def longer(function, time):
    return function(round(time + reference().resolution, 6))


def little(value):
    """A change of 1e-8 relative, ten times the tolerance."""
    return value * (1 + 1e-8) + 1e-8


def step(value):
    return round(value + reference().resolution, 6)


ALTERATIONS = {
    **{
        f"{model}.{name}": (model, parameter(model, name, little))
        for model, names in {
            "iaf_psc_delta": ("C_m", "tau_m", "E_L", "V_m", "V_min", "I_e", "V_reset"),
            "iaf_psc_exp": ("C_m", "tau_m", "E_L", "V_m", "tau_syn_ex", "tau_syn_in", "I_e", "V_reset"),
            "iaf_psc_alpha": (
                "C_m",
                "tau_m",
                "E_L",
                "V_m",
                "tau_syn_ex",
                "tau_syn_in",
                "I_e",
                "V_reset",
                "V_min",
            ),
            "ac_generator": ("amplitude", "offset", "frequency", "phase"),
            "dc_generator": ("amplitude",),
            "noise_generator": ("mean",),
        }.items()
        for name in names
    },
    **{
        f"{model}.{name} one step later": (model, parameter(model, name, step))
        for model, names in {
            "iaf_psc_delta": ("t_ref",),
            "iaf_psc_exp": ("t_ref",),
            "iaf_psc_alpha": ("t_ref",),
            "dc_generator": ("start", "origin"),
            "ac_generator": ("start", "origin"),
            "step_current_generator": ("start", "origin"),
            "noise_generator": ("start", "origin", "dt"),
            "spike_generator": ("start", "origin"),
            "spike_train_injector": ("start", "origin"),
            "spike_recorder": ("start", "origin"),
            "multimeter": ("start", "origin", "interval"),
            "voltmeter": ("start", "origin", "interval"),
        }.items()
        for name in names
    },
    "threshold 1e-3 mV higher": ("iaf_psc_exp", parameter("iaf_psc_exp", "V_th", lambda v: v + 1e-3)),
    "refractory input dropped": (
        "iaf_psc_delta",
        parameter("iaf_psc_delta", "refractory_input", lambda v: False),
    ),
    "multiplicities dropped": ("spike_generator", spike_list("spike_generator", "spike_multiplicities")),
    "spike weights dropped": ("spike_generator", spike_list("spike_generator", "spike_weights")),
    "multiplicities of the injector dropped": (
        "spike_train_injector",
        spike_list("spike_train_injector", "spike_multiplicities"),
    ),
    "weights 1e-8 larger": ("static_synapse", synapse("weight", little)),
    "delays one step longer": ("static_synapse", synapse("delay", lambda d: d + reference().resolution)),
    "delays one step longer, recurrent": (
        "iaf_psc_alpha",
        synapse("delay", lambda d: d + reference().resolution),
    ),
    "one step too many": ("kernel", Altered(Simulate=longer)),
    "one step too many, parrots": ("parrot_neuron", Altered(Simulate=longer)),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_alteration_is_caught(name):
    file, altered = ALTERATIONS[name]
    cases = [case for case in load_scenarios() if case.__name__.startswith(f"{file}.")]
    assert cases
    caught = 0
    for case in cases:
        try:
            assert_agree(case, resolution=case.resolution, candidate=altered)
        except AssertionError:
            caught += 1
            break
    assert caught, f"no scenario of {file} notices: {name}"


def test_the_reference_agrees_with_itself():
    for case in load_scenarios()[::25]:
        assert_agree(case, resolution=case.resolution, candidate=reference())


def test_report_names_the_arrays_that_part():
    def scenario(nest):
        neuron = nest.Create("iaf_psc_delta")
        neuron.set(V_m=-60.0 if nest is reference() else -61.0)
        return {"V_m": [-70.0, neuron.get("V_m")], "same": [1, 2], "id": neuron.tolist()}

    with pytest.raises(AssertionError) as caught:
        assert_agree(scenario, candidate=Altered())
    assert str(caught.value) == (
        "scenario at 0.1 ms: nest_lab and the reference simulator part in 1 of 3 arrays "
        "(allowed: 1e-09 relative)\n"
        "  V_m: 1 of 2 values differ, first at [1]: expected -60.0, got -61.0; "
        "largest relative difference 1.6e-02"
    )


@pytest.mark.parametrize(
    ("expected", "actual", "reason"),
    [
        ([1.0, 2.0], [1.0, 2.0 + 1e-9], None),
        ([1.0, 2.0], [1.0, 2.0 + 1e-8], "1 of 2 values differ, first at [1]: expected 2.0, got 2.00000001; "
         "largest relative difference 5.0e-09"),
        ([-70.0, 1e-13], [-70.0, 2e-13], None),  # what is left of 70 mV after cancellation
        ([-70.0, 1e-8], [-70.0, 2e-8], "1 of 2 values differ, first at [1]: expected 1e-08, got 2e-08; "
         "largest relative difference 1.4e-08"),
        ([np.nan, np.inf], [np.nan, np.inf], None),
        ([np.nan, 1.0], [1.0, np.nan], "2 of 2 values differ, first at [0]: expected nan, got 1.0; "
         "largest relative difference inf"),
        ([1, 2], [1, 3], "1 of 2 values differ, first at [1]: expected 2, got 3"),
        (["a"], ["b"], "1 of 1 values differ, first at [0]: expected 'a', got 'b'"),
        ([0.1, 0.3, 0.4], [0.1, 0.4],
         "expected shape (3,), got (2,); first parted at [1]: expected 0.3, got 0.4"),
        ([0.1], [0.1, 0.4], "expected shape (1,), got (2,); first parted at [1]: expected the end, got 0.4"),
        ([[1.0]], [1.0], "expected shape (1, 1), got (1,)"),
        ([], [], None),
    ],
)  # fmt: skip
def test_compare(expected, actual, reason):
    assert [d.reason for d in compare({"x": expected}, {"x": actual})] == ([reason] if reason else [])


def test_compare_names():
    assert compare({"x": [1], "y": [2]}, {"y": [2], "z": [3]}) == [
        Difference("x", "is missing"),
        Difference("z", "is not in the reference"),
    ]
