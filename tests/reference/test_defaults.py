"""Models have the keys and the default values of the reference simulator."""

from __future__ import annotations

import numpy as np
import pytest

import nest_lab
from nest_lab.testing import reference

# Sizes in memory and numbers that count a simulator's own list of models.
OWN = {"elementsize", "sizeof", "capacity", "available", "instantiations", "model_id", "synapse_modelid"}


# The reference shows memory here that it never wrote: another number in each process.
NEVER_WRITTEN = {"diffusion_connection": {"weight"}}
# It takes this in spikes/s and shows it in spikes/ms, so that what it shows cannot be given back.
E_PROP = ("eprop_iaf", "eprop_iaf_bsshslm_2020", "eprop_iaf_adapt_bsshslm_2020")
OTHER_UNIT = {name: {"f_target"} for name in E_PROP}


def models():
    nest_lab.ResetKernel()
    return [*nest_lab.node_models, *nest_lab.synapse_models]


def plain(value):
    """As something that compares: arrays and tuples as lists, collections by their ids, also inside."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if hasattr(value, "tolist"):
        return np.asarray(value.tolist()).ravel().tolist()
    return list(value) if isinstance(value, tuple) else value


def differences(expected, actual):
    missing = dict.fromkeys(expected.keys() - actual.keys(), "missing")
    # Not every model of the reference tells its size.
    extra = dict.fromkeys(actual.keys() - expected.keys() - OWN, "not in the reference")
    values = {
        key: (plain(expected[key]), plain(actual[key]))
        for key in (expected.keys() & actual.keys()) - OWN
        if plain(expected[key]) != plain(actual[key])
    }
    return missing | extra | values


@pytest.mark.parametrize("model", models())
def test_defaults(model):
    nest = reference()
    nest.ResetKernel()
    nest_lab.ResetKernel()
    found = differences(nest.GetDefaults(model), nest_lab.GetDefaults(model))
    known = NEVER_WRITTEN.get(model, set()) | OTHER_UNIT.get(model, set())
    assert {key: values for key, values in found.items() if key not in known} == {}


@pytest.mark.parametrize("model", models())
def test_types_of_defaults(model):
    """A float where the reference has a float, a list of texts where it has one."""
    nest = reference()
    nest.ResetKernel()
    nest_lab.ResetKernel()
    expected, actual = nest.GetDefaults(model), nest_lab.GetDefaults(model)

    def kind(value):
        return "array" if hasattr(value, "tolist") else type(value).__name__

    shared = expected.keys() & actual.keys()
    wrong = {
        key: (kind(expected[key]), kind(actual[key]))
        for key in shared
        if kind(expected[key]) != kind(actual[key])
    }
    assert wrong == {}


@pytest.mark.parametrize("model", [m for m in models() if m in nest_lab.node_models])
def test_status_of_a_node(model):
    """A node shows the keys and values of the reference right after Create."""
    nest = reference()
    status = []
    for simulator in (nest, nest_lab):
        simulator.ResetKernel()
        simulator.local_num_threads = 1
        status.append(simulator.Create(model).get())
    expected, actual = ({k: v for k, v in s.items() if k != "events"} for s in status)
    # Where a node of the reference is kept depends on how many of its kind there are.
    left_out = {"thread_local_id"} | OTHER_UNIT.get(model, set())
    assert {k: v for k, v in differences(expected, actual).items() if k not in left_out} == {}
    for events in (s["events"] for s in status if "events" in s):
        assert all(len(values) == 0 for values in events.values())


@pytest.mark.parametrize("model", [m for m in models() if m in nest_lab.node_models])
def test_what_the_reference_lets_one_set(model):
    """The keys that the reference takes back with their default values are the keys that are taken here."""
    nest = reference()
    nest.ResetKernel()
    nest_lab.ResetKernel()
    defaults = nest.GetDefaults(model)
    nodes = {simulator: simulator.Create(model) for simulator in (nest, nest_lab)}
    accepted = {nest: set(), nest_lab: set()}
    for key in defaults.keys() & nest_lab.GetDefaults(model).keys():
        for simulator, node in nodes.items():
            try:
                node.set({key: nest_lab.GetDefaults(model)[key] if simulator is nest_lab else defaults[key]})
            except Exception:
                continue
            accepted[simulator].add(key)
    # Parameters that the reference shows and refuses even with the value they have.
    empty = {"refractory_input", "individual_spike_trains"}
    try:
        nodes[nest].set({"no such name": 1.0})
    except Exception:
        pass
    else:  # a model of the reference that takes any name without a word
        accepted[nest] &= {
            p.name for p in nest_lab.models.registry[model].parameters.values() if not p.readonly
        }
    # An empty list has no type in the reference, so it refuses some of its own defaults.
    empty |= {key for key in defaults if hasattr(defaults[key], "__len__") and len(defaults[key]) == 0}
    assert accepted[nest] - empty == accepted[nest_lab] - empty


def test_every_model_has_a_test():
    """Somewhere in this folder each model of the registry is put beside the reference by name."""
    from pathlib import Path

    text = "".join(path.read_text() for path in Path(__file__).parent.rglob("*.py"))
    assert [model for model in models() if f'"{model}"' not in text] == []


def test_every_model_is_in_the_table_of_agreement():
    """Of which each line says how close a model comes, or where else it is tested."""
    from pathlib import Path

    lines = (Path(__file__).parent / "AGREEMENT.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")]
    listed = {row[0]: row for row in rows[1:]}
    assert sorted(listed) == sorted(models())
    assert [model for model, row in listed.items() if not (row[2] or row[5])] == []
