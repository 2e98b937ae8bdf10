"""`Parameter`: a number that is drawn or computed for each node or connection, and arithmetic with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any, NoReturn

from nest_lab import errors
from nest_lab.simulation import KernelParameter, current, public

__all__ = ["CreateParameter", "Parameter"]


def as_number(value: Any, what: str) -> float:
    """Take a number, refuse anything else."""
    if type(value) is not bool and isinstance(value, Real):
        return float(value)
    raise errors.BadType(
        f"{what} must be a number",
        value=f"{value!r} ({type(value).__name__})",
        allowed="a number",
        todo="Give a number.",
    )


class Parameter:
    """A value that is worked out anew for each node or connection it is given to.

    Made by `nest.random`, `nest.math` and `nest.logic`, and by arithmetic and comparison of such values with
    each other and with numbers. A comparison gives 1 where it holds and 0 where it does not.

    Parameters
    ----------
    expression : object
        The expression of the kernel; use the functions above to make one.

    Examples
    --------
    >>> import nest_lab as nest
    >>> 2 * nest.random.uniform(1.0, 2.0) - 1
    Parameter(((2 * uniform(min=1, max=2)) - 1))
    """

    __slots__ = ("_expression",)
    __hash__ = None  # type: ignore[assignment]  # == makes an expression
    __array_ufunc__ = None  # numpy numbers leave the arithmetic to this class

    def __init__(self, expression: Any) -> None:
        if not isinstance(expression, KernelParameter):
            raise errors.BadType(
                "a Parameter is not made from a value",
                where="Parameter()",
                value=f"{expression!r} ({type(expression).__name__})",
                allowed="what nest.random, nest.math, nest.logic and CreateParameter() give",
                todo="Write CreateParameter('constant', {'value': ...}) for a constant.",
            )
        self._expression = expression

    def __repr__(self) -> str:
        return f"Parameter({self._expression!r})"

    def __add__(self, other: Any) -> Parameter:
        return Parameter(self._expression + operand(other))

    def __radd__(self, other: Any) -> Parameter:
        return Parameter(operand(other) + self._expression)

    def __sub__(self, other: Any) -> Parameter:
        return Parameter(self._expression - operand(other))

    def __rsub__(self, other: Any) -> Parameter:
        return Parameter(operand(other) - self._expression)

    def __mul__(self, other: Any) -> Parameter:
        return Parameter(self._expression * operand(other))

    def __rmul__(self, other: Any) -> Parameter:
        return Parameter(operand(other) * self._expression)

    def __truediv__(self, other: Any) -> Parameter:
        return Parameter(self._expression / operand(other))

    def __rtruediv__(self, other: Any) -> Parameter:
        return Parameter(operand(other) / self._expression)

    @public("Parameter ** exponent")
    def __pow__(self, exponent: Any) -> Parameter:
        return Parameter(self._expression ** as_number(exponent, "the exponent"))

    def __neg__(self) -> Parameter:
        return Parameter(-self._expression)

    def __pos__(self) -> Parameter:
        return self

    def __lt__(self, other: Any) -> Parameter:
        return Parameter(self._expression < operand(other))

    def __le__(self, other: Any) -> Parameter:
        return Parameter(self._expression <= operand(other))

    def __gt__(self, other: Any) -> Parameter:
        return Parameter(self._expression > operand(other))

    def __ge__(self, other: Any) -> Parameter:
        return Parameter(self._expression >= operand(other))

    def __eq__(self, other: object) -> Parameter:  # type: ignore[override]
        return Parameter(self._expression == operand(other))

    def __ne__(self, other: object) -> Parameter:  # type: ignore[override]
        return Parameter(self._expression != operand(other))

    @public("Parameter.GetValue()")
    def GetValue(self) -> float:
        """Work the value out once, with random numbers of the current simulation.

        Returns
        -------
        float

        Examples
        --------
        >>> import nest_lab as nest
        >>> 1.0 <= nest.random.uniform(1.0, 2.0).GetValue() < 2.0
        True
        """
        return float(current().kernel.draw(self._expression, 1)[0])

    def is_spatial(self) -> bool:
        """Whether the value depends on positions in space."""
        return False

    @public("Parameter.apply()")
    def apply(self, spatial_nc: Any, positions: Any = None) -> tuple[float, ...]:
        """Work the value out for each node of a collection.

        Parameters
        ----------
        spatial_nc : NodeCollection
            The nodes; they need no positions as long as the value does not depend on them.
        positions : None
            Positions of targets; there are none yet.

        Returns
        -------
        tuple of float
            One value per node.
        """
        if positions is not None:
            raise errors.BadValue(
                "this value does not depend on positions",
                value="positions",
                allowed="no positions",
                todo="Leave them out.",
            )
        return tuple(spatial_nc.simulation.kernel.draw(self._expression, len(spatial_nc)).tolist())


def operand(value: Any) -> Any:
    """Return what the kernel calculates with: an expression; that of a number is a constant."""
    if isinstance(value, Parameter):
        return value._expression
    try:
        return KernelParameter.constant(as_number(value, "what a Parameter is combined with"))
    except errors.NESTError as error:
        error.where = "arithmetic with a Parameter"
        error.allowed = "a number or another Parameter"
        error.todo = "Combine it with numbers and Parameters only."
        raise


def unwrap(params: Mapping[str, Any]) -> dict[str, Any]:
    """Put the expressions of the kernel in the place of Parameters, and ids in the place of nodes."""
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: Any) -> Any:
    if type(value) is Parameter:
        return value._expression
    nodes = hasattr(value, "_ids") and hasattr(value, "tolist")
    return value.tolist() if nodes else value


@public("CreateParameter()")
def CreateParameter(parametertype: str, specs: Mapping[str, Any]) -> Parameter:
    """Make a parameter by the name of its kind.

    Parameters
    ----------
    parametertype : {'constant', 'uniform', 'uniform_int', 'normal', 'exponential', 'lognormal'}
        The kind.
    specs : dict
        Its arguments: ``value``; ``min`` and ``max``; ``max``; ``mean`` and ``std``; ``beta``; ``mean`` and
        ``std``.

    Returns
    -------
    Parameter

    Raises
    ------
    errors.UnknownName
        There is no such kind, or it has no such argument.
    errors.BadType, errors.BadValue
        An argument is no number, or out of its bounds.

    Examples
    --------
    >>> CreateParameter("constant", {"value": 3.0}).GetValue()
    3.0
    """
    defaults: dict[str, dict[str, float | None]] = {
        "constant": {"value": None},
        "uniform": {"min": 0.0, "max": 1.0},
        "uniform_int": {"max": None},
        "normal": {"mean": 0.0, "std": 1.0},
        "exponential": {"beta": 1.0},
        "lognormal": {"mean": 0.0, "std": 1.0},
    }
    if parametertype not in defaults:
        raise errors.UnknownName(
            "there is no kind of parameter of this name",
            value=repr(parametertype),
            wrong=str(parametertype),
            candidates=defaults,
        )
    known = defaults[parametertype]
    for name in specs:
        if name not in known:
            raise errors.UnknownName(
                f"the parameter '{parametertype}' has no argument of this name",
                value=repr(name),
                wrong=str(name),
                candidates=known,
            )
    values = {
        name: as_number(specs.get(name, default), f"{parametertype}.{name}")
        for name, default in known.items()
    }
    if parametertype == "uniform_int" and values["max"] % 1:
        raise errors.BadType(
            "uniform_int.max must be a whole number",
            value=repr(specs["max"]),
            allowed="1, 2, …",
            todo="Round it.",
        )
    _check_arguments(parametertype, values)
    arguments = [int(v) if parametertype == "uniform_int" else v for v in values.values()]
    return Parameter(getattr(KernelParameter, parametertype)(*arguments))


def _check_arguments(kind: str, values: Mapping[str, float]) -> None:
    """Refuse arguments that no distribution has."""

    def refuse(name: str, need: str, todo: str) -> NoReturn:
        value = f"{values[name]:g}"
        raise errors.BadValue(f"{kind}.{name} must be {need}", value=value, allowed=need, todo=todo)

    for name, value in values.items():
        if not math.isfinite(value):
            refuse(name, "finite", "Give a finite number.")
    if kind == "uniform" and not values["min"] < values["max"]:
        refuse(
            "max",
            f"above min = {values['min']:g}",
            "Exchange min and max, or give a number in place of the Parameter.",
        )
    if kind in ("normal", "lognormal") and not values["std"] > 0:
        refuse("std", "above 0", "Give a positive standard deviation, or a number in place of the Parameter.")
    if kind == "exponential" and values["beta"] < 0:
        refuse(
            "beta", "at least 0", "Change the sign of the Parameter instead: -nest.random.exponential(...)."
        )
    if kind == "uniform_int" and not values["max"] > 0:
        refuse("max", "above 0", "Give the number of values to draw from.")
