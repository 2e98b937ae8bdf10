"""What an editor offers to choose from, as its page takes it: models, rules, synapses, and their parameters."""

from __future__ import annotations

import math
from typing import Any

import nest_lab as nest

__all__ = ["catalogue", "details"]

_KINDS = ("stimulator", "neuron", "recorder")
_HIDDEN = {
    "record_from",
    "frozen",
    "label",
    "file_extension",
    "precision",
    "record_to",
    "time_in_steps",
    "stimulus_source",
}
_FIRST = ("poisson_generator", "dc_generator", "iaf_psc_alpha", "spike_recorder", "voltmeter", "multimeter")
_DRAWN = ["uniform", "normal", "lognormal", "exponential"]


def catalogue() -> dict[str, Any]:
    """Everything there is to choose.

    Returns
    -------
    dict
        ``models``, ``synapses`` and ``rules``, each with name and summary, and names of ``distributions``.
    """
    registry = nest.models.registry
    models = [
        {
            "name": name,
            "kind": model.element_type if model.element_type in _KINDS else "neuron",
            "summary": model.summary,
        }
        for name, model in registry.items()
        if model.element_type != "synapse"
    ]
    place = {name: number for number, name in enumerate(_FIRST)}
    models.sort(key=lambda each: (place.get(each["name"], len(place)), each["name"]))
    synapses = [
        {"name": name, "summary": model.summary}
        for name, model in registry.items()
        if model.element_type == "synapse"
    ]
    synapses.sort(key=lambda each: (each["name"] != "static_synapse", each["name"]))
    rules = [
        {
            "name": name,
            "summary": rule.doc.partition("\n")[0],
            "params": [_field(each) for each in rule.parameters.values()],
        }
        for name, rule in nest.models.rules.items()
    ]
    return {"models": models, "synapses": synapses, "rules": rules, "distributions": _DRAWN}


def details(model: str) -> dict[str, Any]:
    """What one model is.

    Parameters
    ----------
    model : str
        Its name.

    Returns
    -------
    dict
        ``summary``, ``params``, ``recordables``, and whether it ``records`` what it is told to.
    """
    facts = nest.models.registry.get(model)
    if facts is None:
        return {"summary": "", "params": [], "recordables": [], "records": False}
    shown = [each for each in facts.parameters.values() if each.name not in _HIDDEN and not _unfit(each)]
    recordables = [
        {"name": each.name, "unit": each.unit, "doc": each.doc} for each in facts.recordables.values()
    ]
    return {
        "summary": facts.summary,
        "params": [_field(each) for each in shown],
        "recordables": recordables,
        "records": "record_from" in facts.parameters,
    }


def _unfit(field: Any) -> bool:
    """Whether a field of a form is nothing for a parameter."""
    return field.readonly or field.writeonly or field.shared or field.type == "nodes"


def _field(field: Any) -> dict[str, Any]:
    return {
        "name": field.name,
        "unit": field.unit,
        "doc": field.doc,
        "type": field.type,
        "bounds": field.bounds,
        "state": field.state,
        "default": _plain(field.default),
    }


def _plain(value: Any) -> Any:
    """As JSON has it; infinite numbers as text."""
    if isinstance(value, float) and (not math.isfinite(value) or abs(value) > 1e300):
        return "∞" if value > 0 else "−∞"
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value.tolist() if hasattr(value, "tolist") else value
