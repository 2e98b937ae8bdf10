"""What the page of an editor offers to choose from: the registry, in an order that suits people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nest_lab as nest
from nest_lab.widgets import _network_catalogue as registry

__all__ = ["choices", "facts"]

_FIRST = ("poisson_generator", "dc_generator", "iaf_psc_alpha", "spike_recorder", "voltmeter", "multimeter")
_ELSEWHERE = {"record_from", "label", "frozen"}  # chosen in another way, or of no use here
_FILES = {"record_to", "file_extension", "precision", "time_in_steps", "stimulus_source"}


def choices() -> dict[str, Any]:
    """Everything there is to choose; the common first.

    Returns
    -------
    dict
        ``models`` with ``name``, ``kind`` and ``summary``; ``synapses`` and ``rules``; ``distributions``.
    """
    found = registry.catalogue()
    place = {name: number for number, name in enumerate(_FIRST)}
    models = [
        {"name": each["name"], "kind": kind, "summary": each["doc"]}
        for kind, entries in found["kinds"].items()
        for each in entries
    ]
    synapses = [{"name": each["name"], "summary": each["doc"]} for each in found["synapses"]]
    return {
        "models": sorted(models, key=lambda each: (place.get(each["name"], len(place)), each["name"])),
        "synapses": sorted(synapses, key=lambda each: (each["name"] != "static_synapse", each["name"])),
        "rules": [{**each, "summary": each["doc"].partition("\n")[0]} for each in found["rules"]],
        "distributions": [
            {name: each[name] for name in ("name", "spatial", "doc")}
            for each in found["distributions"]
            if each["group"] in ("random", "spatial_distributions")
        ],
        "settings": found["settings"],
    }


def facts(model: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What the page needs to know of one model.

    Parameters
    ----------
    model : str
        Its name.
    defaults : mapping of str to object
        Of a copy, where they differ from those of the model.

    Returns
    -------
    dict
        ``summary``, ``params``, ``recordables``, ``receptors``, and
        whether it is a ``meter`` that is told what to record.
    """
    if model not in nest.models.registry:
        return {"summary": "", "params": [], "recordables": [], "receptors": {}, "meter": False}
    found = registry.details(model)
    return {
        "summary": nest.models.registry[model].summary,
        "params": [
            {**each, "default": defaults.get(each["name"], each.get("default"))}
            for each in found["params"]
            if _shown(each)
        ],
        "recordables": found["recordables"],
        "receptors": found["receptors"],
        "meter": found.get("meter", False),
    }


def _shown(param: dict[str, Any]) -> bool:
    """Whether a parameter has a field in the form."""
    fixed = any(param.get(flag) for flag in ("readonly", "writeonly", "shared", "fixed"))
    return not fixed and param["type"] != "nodes" and param["name"] not in _ELSEWHERE | _FILES
