"""The registry as Python objects, help, and units."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import pytest

import nest_lab as nest
from nest_lab import errors, models, units


@pytest.mark.parametrize("name", sorted(models.registry))
def test_model(name):
    """Every model shows what it is: summary, parameters with units, recordables."""
    model = models.registry[name]
    assert nest.models[name] is model
    assert model.summary
    html, text = model._repr_html_(), str(model)
    for each in (*model.parameters.values(), *model.recordables.values()):
        assert each.name in html
        assert each.name in text
        assert each.doc
    assert "color:#" not in html.replace(" ", "")  # colours are those of the page, dark or light
    assert nest.help(name, return_text=True) == text


@pytest.mark.parametrize(
    "name", sorted(name for name in models.registry if models.registry[name].element_type != "synapse")
)
def test_defaults_are_those_of_new_nodes(name):
    nest.ResetKernel()
    node = nest.Create(name)
    for parameter, value in models.registry[name].defaults.items():
        seen = node.get(parameter)
        assert (
            list(seen) == list(value)
            if hasattr(value, "__len__") and not isinstance(value, str)
            else seen == value
        )


def test_units_are_known_to_neo():
    quantities = pytest.importorskip("quantities")
    for model in models.registry.values():
        for each in (*model.parameters.values(), *model.recordables.values()):
            assert quantities.Quantity(1.0, units.quantities_name(each.unit)) is not None, (model.name, each)


def test_units():
    assert units.parameter_unit("iaf_psc_exp", "tau_m") == "ms"
    assert units.parameter_unit("iaf_psc_exp", "element_type") == ""
    assert units.recordable_unit("iaf_psc_exp", "V_m") == "mV"
    assert units.quantities_name("spikes/s") == "1/s"


def test_bounds_are_readable():
    assert models.registry["iaf_psc_exp"].parameters["tau_m"].bounds == "> 0 ms"
    assert models.Field("p", lower=0.0, upper=1.0).bounds == "≥ 0 and ≤ 1"
    assert models.Field("x").bounds == ""


def test_unknown_names():
    with pytest.raises(errors.UnknownModel) as caught:
        nest.models["iaf_psc_alhpa"]
    assert str(caught.value) == (
        "nest_lab.models: there is no model of this name. Value: 'iaf_psc_alhpa'. Allowed: 'iaf_psc_alpha', "
        f"'iaf_psc_delta', 'iaf_psc_exp' or one of {len(models.registry) - 3} others. Did you mean 'iaf_psc_alpha'?"
    )
    with pytest.raises(errors.UnknownName) as caught:
        units.recordable_unit("iaf_psc_exp", "V_n")
    assert str(caught.value) == (
        "nest_lab.models['iaf_psc_exp'].recordable(): iaf_psc_exp has no recordable of this name. Value: 'V_n'. "
        "Allowed: 'I_syn_ex', 'I_syn_in', 'V_m'. Did you mean 'V_m'?"
    )
    with pytest.raises(errors.UnknownName) as caught:
        units.recordable_unit("parrot_neuron", "V_m")
    assert str(caught.value) == (
        "nest_lab.models['parrot_neuron'].recordable(): parrot_neuron has no recordable of this name. Value: 'V_m'. "
        "Allowed: none: this model has nothing to record."
    )


def test_the_module_is_the_mapping():
    assert set(nest.models) == set(models.registry)
    assert "iaf_psc_exp" in nest.models
    assert len(nest.models) == len(models.registry)
    assert "iaf_psc_exp" in nest.models._repr_html_()
    assert repr(models.rules).startswith(f"<{len(models.rules)} rules: all_to_all, ")


def test_help(capsys):
    nest.ResetKernel()
    nest.help("iaf_psc_exp")
    printed = capsys.readouterr().out
    assert printed.startswith("iaf_psc_exp (neuron)\n")
    assert "tau_syn_ex" in printed
    assert nest.help(nest.Create, return_text=True).startswith("Create(model")
    assert "indegree" in nest.help("fixed_indegree", return_text=True)
    nest.CopyModel("iaf_psc_exp", "mine")
    assert nest.help("mine", return_text=True).startswith("mine is a copy of iaf_psc_exp;")
    nest.help()
    assert "nest.node_models" in capsys.readouterr().out
    with pytest.raises(errors.UnknownModel, match=r"^help\(\): .* Did you mean 'iaf_psc_exp'\?"):
        nest.help("iaf_psc_epx")
    nest.ResetKernel()


def test_a_registry_answers_as_a_dictionary():
    registry = nest.models.registry
    assert registry.get("iaf_psc_exp") is registry["iaf_psc_exp"]
    assert registry.get("iaf_psc_exq") is None
    assert registry.get(["iaf_psc_exp"], 1) == 1
    with pytest.raises(nest.errors.UnknownModel, match="Did you mean 'iaf_psc_exp'"):
        registry["iaf_psc_exq"]
