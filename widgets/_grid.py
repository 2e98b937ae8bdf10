"""The grid of a sweep: two parameters of a network of the gallery, and their values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nest_lab.errors import BadType, BadValue, UnknownName

__all__ = ["Axis", "axes_of", "described", "numbers_of", "refuse_same", "refuse_too_many"]

_POINTS = 8  # of an axis, unless told otherwise
_MOST = 10_000  # cells


class Axis:
    """A parameter of a network and its values, checked one by one.

    Parameters
    ----------
    parameters : Parameters
        Of the network.
    name : str
        Which one.
    values : tuple or array_like, optional
        ``(low, high)``, ``(low, high, n)``, or all of them; a range that suits it when not given.
    where : str
        For errors.

    Attributes
    ----------
    name, unit, doc : str
        What it is.
    values : tuple of float
        In the order in which they are shown.
    """

    def __init__(self, parameters: Any, name: Any, values: Any, where: str) -> None:
        known = numbers_of(parameters)
        if name not in known:
            raise UnknownName(
                "there is no parameter of this name that is a number",
                where=where,
                value=repr(name),
                wrong=str(name),
                candidates=known,
            )
        facts = parameters.facts(name)
        self.name, self.unit, self.doc = str(name), facts["unit"], facts["doc"]
        whole = facts["type"] is int
        given = _range_of(parameters, name) if values is None else values
        self.values = _spread(given, name, whole, where)
        for value in self.values:
            parameters.replace(**{name: value})  # refused here if it is so whatever the other one is

    @property
    def label(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def range(self) -> str:
        """From where to where, without the unit."""
        return f"{self.values[0]:g} … {self.values[-1]:g}" if len(self.values) > 1 else f"{self.values[0]:g}"

    def facts(self) -> dict[str, Any]:
        """What the page needs to know."""
        return {"name": self.name, "unit": self.unit, "doc": self.doc, "values": [*self.values]}


def _spread(given: Any, name: str, whole: bool, where: str) -> tuple[float, ...]:
    """All values of an axis, of a range or as they are given."""
    many = isinstance(given, tuple) and len(given) in (2, 3)
    try:
        numbers = np.atleast_1d(np.asarray(given, dtype=np.float64))
    except (TypeError, ValueError):
        numbers = np.full((0, 0), math.nan)
    count = numbers[2] if many and len(numbers) == 3 else _POINTS
    if (
        numbers.ndim != 1
        or not len(numbers)
        or not np.isfinite(numbers).all()
        or (many and not 1 <= count == int(count))
    ):
        raise BadType(
            f"the values of {name} must be numbers",
            where=where,
            value=repr(given),
            allowed="(low, high), (low, high, number of points), or a list of values",
            todo=f"Write {{'{name}': (low, high)}}.",
        )
    if many:
        if count > _MOST:
            raise BadValue(
                f"there are too many values of {name}",
                where=where,
                value=f"{count:g}",
                allowed=f"at most {_MOST:,} cells in all",
                todo="Take fewer points.",
            )
        numbers = np.linspace(numbers[0], numbers[1], int(count))
    if whole:
        numbers = np.rint(numbers)
    chosen = dict.fromkeys(
        float(f"{number:.12g}") for number in numbers
    )  # ends of other ranges give the same cells
    return tuple(int(value) if whole else value for value in chosen)


def numbers_of(parameters: Any) -> list[str]:
    """Names of the parameters that are numbers; what sets several at once first."""
    names = [*parameters.together, *parameters.names()]
    live = [name for name in names if parameters.facts(name)["live"] is not None]
    numbers = [name for name in names if parameters.facts(name)["type"] in (int, float)]
    return list(dict.fromkeys([*live, *numbers]))  # what is known to matter comes first


def described(parameters: Any, name: str) -> dict[str, Any]:
    """What the page needs to know of a parameter that can be chosen."""
    facts = parameters.facts(name)
    return {"name": name, "unit": facts["unit"], "doc": facts["doc"]}


def _range_of(parameters: Any, name: str) -> tuple[float, float]:
    """Ends of an axis: the range of the slider, near bounds, or around the value."""
    facts = parameters.facts(name)
    if facts["live"] is not None:
        low, high = facts["live"]
        return (
            float(low) if not facts["lower_open"] or low > facts["lower"] else float(high) / _POINTS
        ), float(high)
    members = parameters.together.get(name, (name,))
    value = float(getattr(parameters, members[0]))
    reach = 0.5 * abs(value) or 1.0
    low, high = max(value - reach, facts["lower"]), min(value + reach, facts["upper"])
    return (low if not facts["lower_open"] or low > facts["lower"] else high / _POINTS), high


def axes_of(parameters: Any, given: Any) -> tuple[Axis, Axis]:
    """The two axes."""
    two = [*given] if isinstance(given, Iterable) and not isinstance(given, str) else []
    if len(two) != 2:
        raise BadType(
            "a sweep has two parameters",
            where="Sweep()",
            value=f"{given!r} ({type(given).__name__})",
            allowed="two names, or a dictionary of two ranges",
            todo="Write Sweep(Brunel, {'g': (3.0, 8.0), 'eta': (0.5, 4.0)}).",
        )
    values = given if isinstance(given, Mapping) else dict.fromkeys(two)
    x, y = (Axis(parameters, name, values.get(name), "Sweep()") for name in two)
    refuse_same(x, y, "Sweep()")
    return x, y


def refuse_same(x: Axis, y: Axis, where: str) -> None:
    """Refuse axes of one parameter."""
    if x.name == y.name:
        raise BadValue(
            "the two axes of a sweep must be different parameters",
            where=where,
            value=f"'{x.name}' twice",
            allowed="two different ones",
            todo="Choose another one for this axis, or change the other axis first.",
        )


def refuse_too_many(x: Axis, y: Axis, where: str) -> None:
    """Refuse more cells than can be looked at."""
    n = len(x.values) * len(y.values)
    if n > _MOST:
        raise BadValue(
            "there are too many cells",
            where=where,
            value=f"{len(x.values)} times {len(y.values)} = {n:,}",
            allowed=f"at most {_MOST:,}",
            todo="Take fewer points.",
        )
