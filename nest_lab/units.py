"""Units as the models of the kernel write them, and as the package ``quantities`` of Neo reads them.

Inside, everything is in ms, mV, pA, pF, nS and spikes/s. The registry says in which unit each parameter and
each recordable is; nothing here lists models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["parameter_unit", "quantities_name", "recordable_unit", "with_unit"]

# Only what ``quantities`` spells differently or does not know; everything else is the same there.
_SPELLED = {"": "dimensionless", "1": "dimensionless", "spikes/s": "1/s", "deg": "degree", "Ohm": "ohm"}


_models: Mapping[str, Any] = {}


def learn(models: Mapping[str, Any]) -> None:
    """Take the registry to look units up in; `nest_lab.models` gives it."""
    global _models
    _models = models


def quantities_name(unit: str) -> str:
    """Name of a unit in ``quantities``.

    Parameters
    ----------
    unit : str
        Unit as the registry writes it.

    Returns
    -------
    str
        What ``quantities.Quantity(1.0, name)`` takes.

    Examples
    --------
    >>> quantities_name("mV"), quantities_name("spikes/s"), quantities_name("")
    ('mV', '1/s', 'dimensionless')
    """
    return _SPELLED.get(unit, unit.replace(" ", "*").replace("^", "**"))


def parameter_unit(model: str, name: str) -> str:
    """Unit of a parameter of a model.

    Parameters
    ----------
    model : str
        Name of a built-in model.
    name : str
        Name of the parameter.

    Returns
    -------
    str
        Empty for what has no unit, also for status keys that are no parameters.

    Raises
    ------
    errors.UnknownModel
        There is no such model.

    Examples
    --------
    >>> parameter_unit("iaf_psc_exp", "tau_m")
    'ms'
    """
    unit: str = getattr(_models[model].parameters.get(name), "unit", "")
    return unit


def recordable_unit(model: str, name: str) -> str:
    """Unit of what a multimeter records from a model.

    Parameters
    ----------
    model : str
        Name of a built-in model.
    name : str
        Name of the recordable.

    Returns
    -------
    str

    Raises
    ------
    errors.UnknownModel
        There is no such model.
    errors.UnknownName
        The model does not have this recordable.

    Examples
    --------
    >>> recordable_unit("iaf_psc_exp", "I_syn_ex")
    'pA'
    """
    unit: str = _models[model].recordable(name).unit
    return unit


def with_unit(value: object, unit: str) -> str:
    """Write a value with its unit.

    Parameters
    ----------
    value : object
        The value.
    unit : str
        The unit; may be empty.

    Returns
    -------
    str

    Examples
    --------
    >>> with_unit(10.0, "ms"), with_unit(3, "")
    ('10.0 ms', '3')
    """
    return f"{value} {unit}" if unit else str(value)
