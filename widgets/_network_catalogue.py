"""What a network can be made of, from the registry, as the page of an editor needs it.

`catalogue` has names and single lines of all models; `details` of one model has its parameters, which would
be too much for all of them at once. A new model is there as soon as it is compiled.
"""

from __future__ import annotations

import inspect
import math
from functools import cache
from typing import Any

import numpy as np

import nest_lab as nest
from nest_lab.widgets._knobs import slider
from nest_lab.widgets._network_values import functions

__all__ = ["catalogue", "details"]

_KINDS = ("stimulator", "neuron", "recorder", "other")


@cache
def catalogue() -> dict[str, Any]:
    """Names of all that a network can be made of.

    Returns
    -------
    dict
        ``kinds``: for each kind of node its models; ``synapses``; ``rules`` with their arguments;
        ``distributions`` with theirs; ``settings`` of the simulation. Each entry has a ``name`` and a
        ``doc``. A model also says what it takes part in: ``records`` if a multimeter can record from it,
        ``meter`` if it is one, ``receptors`` if it has some. Treat it as constant.

    Examples
    --------
    >>> found = catalogue()
    >>> sorted(found["kinds"])
    ['neuron', 'other', 'recorder', 'stimulator']
    >>> [each["name"] for each in found["rules"]][:2]
    ['all_to_all', 'fixed_indegree']
    """
    known = nest.models.registry
    return {
        "kinds": {
            kind: [_brief(model) for model in known.values() if model.element_type == kind] for kind in _KINDS
        },
        "synapses": [_brief(model) for model in known.values() if model.element_type == "synapse"],
        "rules": [_rule(rule) for rule in nest.models.rules.values()],
        "distributions": [_distribution(each) for each in functions().values()],
        "settings": _settings(),
    }


@cache
def details(model: str) -> dict[str, Any]:
    """All that is known of one model.

    Parameters
    ----------
    model : str
        Name of a model of nodes or synapses.

    Returns
    -------
    dict
        As in `catalogue`, with the whole ``doc``, ``params``, ``recordables`` and ``receptors``. Each
        parameter has ``name``, ``type``, ``default``, ``unit``, ``doc``, ``bounds`` in words, ``lower`` and
        ``upper`` (None if there is none), ``low`` and ``high`` of a slider, and what is true of it of
        ``state``, ``readonly``, ``shared``, ``fixed``. Treat it as constant.

    Raises
    ------
    UnknownModel
        There is no such model.

    Examples
    --------
    >>> tau_m = next(each for each in details("iaf_psc_exp")["params"] if each["name"] == "tau_m")
    >>> tau_m["default"], tau_m["unit"], tau_m["bounds"]
    (10.0, 'ms', '> 0 ms')
    """
    known = nest.models.registry[model]
    numbered = [(f"{name}0", each) for name, each in known.numbered.items()]
    return _brief(known) | {
        "doc": known.doc.strip(),
        "params": [_field(each) for each in known.parameters.values()],
        "recordables": [
            {"name": name, "unit": each.unit, "doc": each.doc}
            for name, each in (*known.recordables.items(), *numbered)
        ],
        "receptors": dict(known.receptors),
        "needs": _plain(known.needs),
        "weight_unit": known.weight_unit,
    }


def _brief(model: Any) -> dict[str, Any]:
    """What is said of each model."""
    found: dict[str, Any] = {"name": model.name, "doc": model.summary}
    if model.variant_of:
        found["variant_of"] = model.variant_of
    flags = {
        "records": bool(model.recordables or model.numbered),
        "meter": "record_from" in model.parameters,
        "spiking": model.spiking,
        "plastic": model.plastic,
    }
    found |= {name: True for name, holds in flags.items() if holds}
    return found | ({"receptors": dict(model.receptors)} if model.receptors else {})


def _field(field: Any) -> dict[str, Any]:
    """What is said of each parameter."""
    found = {
        name: getattr(field, name) for name in ("name", "type", "unit", "doc", "bounds", "lower", "upper")
    }
    found["default"] = _plain(field.default)
    flags = ("state", "readonly", "shared", "fixed", "writeonly", "lower_open", "upper_open")
    found |= {name: True for name in flags if getattr(field, name)}
    if field.when:
        found["when"] = list(field.when)
    if field.items:
        found["items"] = [_field(each) for each in field.items.values()]
    if field.type in ("float", "int") and isinstance(field.default, (int, float)):
        low, high = slider(field)
        if low < high and max(abs(low), abs(high)) < 1e15:  # none for an end of time
            found |= {"low": low, "high": high}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _rule(rule: Any) -> dict[str, Any]:
    """A rule: its arguments, those that must be given, and flags that must have one value."""
    return {
        "name": rule.name,
        "doc": rule.doc.strip(),
        "params": [
            _field(each) | ({"required": True} if each.default is None else {})
            for each in rule.parameters.values()
        ],
        "needs": dict(rule.needs),
    }


def _distribution(function: Any) -> dict[str, Any]:
    """A function that values are worked out with."""
    empty = inspect.Parameter.empty
    return {
        "name": function.name,
        "group": function.group,
        "spatial": function.spatial,
        "doc": function.doc,
        "params": [
            {"name": name, **({"required": True} if default is empty else {"default": _plain(default)})}
            for name, default in function.arguments.items()
        ],
    }


def _settings() -> list[dict[str, Any]]:
    """What can be set of the simulation, of what most networks need."""
    with nest.Simulation():
        names = ("resolution", "rng_seed", "local_num_threads")
        values = {"time": 1000.0} | {name: getattr(nest, name) for name in names}
    docs = {
        "time": ("ms", "How long it runs"),
        "resolution": ("ms", "Time step"),
        "rng_seed": ("", "Seed of all random numbers, 1 … 2³² - 1"),
        "local_num_threads": ("", "Number of threads; results do not depend on it"),
    }
    return [
        {"name": name, "unit": unit, "doc": doc, "default": values[name]}
        for name, (unit, doc) in docs.items()
    ]
