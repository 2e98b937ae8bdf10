"""``nest.math``: functions of Parameters."""

from __future__ import annotations

from typing import Any

from nest_lab import errors
from nest_lab.api.parameter import Parameter, as_number
from nest_lab.simulation import KernelParameter, public

__all__ = ["cos", "exp", "max", "min", "redraw", "sin"]


def _expression(parameter: Any) -> Any:
    if not isinstance(parameter, Parameter):
        raise errors.BadType(
            "the first argument must be a Parameter",
            value=f"{parameter!r} ({type(parameter).__name__})",
            allowed="what nest.random, nest.math and nest.logic give",
            todo="Use Python's math module for plain numbers.",
        )
    return parameter._expression


@public("math.exp()")
def exp(parameter: Parameter) -> Parameter:
    """Exponential function of a Parameter."""
    return Parameter(KernelParameter.exp(_expression(parameter)))


@public("math.sin()")
def sin(parameter: Parameter) -> Parameter:
    """Sine of a Parameter in radians."""
    return Parameter(KernelParameter.sin(_expression(parameter)))


@public("math.cos()")
def cos(parameter: Parameter) -> Parameter:
    """Cosine of a Parameter in radians."""
    return Parameter(KernelParameter.cos(_expression(parameter)))


@public("math.min()")
def min(parameter: Parameter, value: float) -> Parameter:
    """Give the smaller one of a Parameter and a number."""
    return Parameter(KernelParameter.min(_expression(parameter), as_number(value, "the second argument")))


@public("math.max()")
def max(parameter: Parameter, value: float) -> Parameter:
    """Give the larger one of a Parameter and a number."""
    return Parameter(KernelParameter.max(_expression(parameter), as_number(value, "the second argument")))


@public("math.redraw()")
def redraw(parameter: Parameter, min: float, max: float) -> Parameter:
    """Draw a Parameter again until it lies in ``[min, max]``.

    Parameters
    ----------
    parameter : Parameter
        What is drawn.
    min, max : float
        The bounds, in the unit of what is drawn.

    Returns
    -------
    Parameter

    Raises
    ------
    errors.BadValue
        `min` is above `max`, or the bounds are never met.

    Examples
    --------
    >>> import nest_lab as nest
    >>> 0.0 <= redraw(nest.random.normal(1.0, 0.5), 0.0, 2.0).GetValue() <= 2.0
    True
    """
    low, high = as_number(min, "min"), as_number(max, "max")
    if not low < high:
        raise errors.BadValue(
            "min must be below max",
            value=f"min = {low:g}, max = {high:g}",
            allowed="min < max",
            todo="Exchange them.",
        )
    return Parameter(KernelParameter.redraw(_expression(parameter), low, high))
