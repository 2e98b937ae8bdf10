"""``nest.logic``: choices between Parameters."""

from __future__ import annotations

from nest_lab.api.math import _expression
from nest_lab.api.parameter import Parameter, operand
from nest_lab.simulation import KernelParameter, public

__all__ = ["conditional"]


@public("logic.conditional()")
def conditional(
    condition: Parameter, param_if_true: Parameter | float, param_if_false: Parameter | float
) -> Parameter:
    """Choose by a condition that is worked out anew for each node or connection.

    Parameters
    ----------
    condition : Parameter
        Holds where it is not 0; comparisons of Parameters give 0 or 1.
    param_if_true, param_if_false : Parameter or float
        The value where it holds, and where it does not.

    Returns
    -------
    Parameter

    Examples
    --------
    >>> import nest_lab as nest
    >>> conditional(nest.random.uniform() < 0.5, -1.0, 1.0).GetValue() in (-1.0, 1.0)
    True
    """
    choice = KernelParameter.conditional(
        _expression(condition), operand(param_if_true), operand(param_if_false)
    )
    return Parameter(choice)
