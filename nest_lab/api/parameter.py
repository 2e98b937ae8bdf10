"""`Parameter`: a number that is drawn or computed for each node or connection, and arithmetic with it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from numbers import Real
from typing import Any, NoReturn

import numpy as np

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

    Made by `nest.random`, `nest.math`, `nest.logic` and `nest.spatial`, and by arithmetic and comparison of
    such values with each other and with numbers. A comparison gives 1 where it holds and 0 where it does not.

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
        return bool(self._expression.needs)

    @public("Parameter.apply()")
    def apply(self, spatial_nc: Any, positions: Any = None) -> tuple[float, ...]:
        """Work the value out for each node of a collection, or for ways from a node.

        Parameters
        ----------
        spatial_nc : NodeCollection
            The nodes; they need positions if the value depends on them. With `positions` it is one node.
        positions : sequence of sequence of float, optional
            Positions of targets, in the layer of the node, which is the source then.

        Returns
        -------
        tuple of float
            One value per node, or per position.

        Raises
        ------
        errors.BadType, errors.BadValue
            The value depends on positions that are not there, or the positions are not right.

        Examples
        --------
        >>> import nest_lab as nest
        >>> nest.ResetKernel()
        >>> free = nest.spatial.free([[0.0, 0.0]], extent=[9.0, 9.0])
        >>> node = nest.Create("iaf_psc_alpha", positions=free)
        >>> nest.spatial.distance.apply(node, [[3.0, 4.0], [0.0, 1.0]])
        (5.0, 1.0)
        """
        if not hasattr(spatial_nc, "_ids"):
            raise errors.BadType(
                "spatial_nc must be a collection of nodes",
                value=f"{spatial_nc!r} ({type(spatial_nc).__name__})",
                allowed="a NodeCollection",
                todo="Give what Create() gave.",
            )
        kernel = spatial_nc.simulation.kernel
        if positions is None:
            return tuple(kernel.draw_at(self._expression, spatial_nc._ids).tolist())
        return tuple(kernel.draw_ways(self._expression, *_ways(spatial_nc, positions)).tolist())


def _ways(source: Any, positions: Any) -> tuple[int, Any]:
    """Id of one node in space, and points in its layer."""
    if len(source) != 1:
        raise errors.BadValue(
            "positions of targets need one source",
            value=f"{len(source)} nodes",
            allowed="1 node that has a position",
            todo="Index the collection.",
        )
    dimensions = source.simulation.kernel.layer(source._ids)["dimensions"]
    try:
        points = np.asarray(positions, dtype=float)
    except (TypeError, ValueError):
        points = np.zeros(0)
    if points.ndim != 2 or points.shape[1] != dimensions:
        raise errors.BadType(
            "positions must be a list of points of the layer",
            value=f"{type(positions).__name__} of shape {points.shape}",
            allowed=f"a list of points of {dimensions} numbers each",
            todo="Put a single point into a list.",
        )
    return source.tolist()[0], points


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


def as_parameter(value: Any, what: str, todo: str) -> Any:
    """Take a Parameter, refuse anything else, and return its expression."""
    if isinstance(value, Parameter):
        return value._expression
    raise errors.BadType(
        f"{what} must be a Parameter",
        value=f"{value!r} ({type(value).__name__})",
        allowed="what nest.random, nest.math, nest.logic and nest.spatial give",
        todo=todo,
    )


def unwrap(params: Mapping[str, Any]) -> dict[str, Any]:
    """Put the expressions of the kernel in the place of Parameters, and ids in the place of nodes."""
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Parameter):
        return value._expression
    nodes = hasattr(value, "_ids") and hasattr(value, "tolist")
    return value.tolist() if nodes else value


@public("CreateParameter()")
def CreateParameter(parametertype: str, specs: Mapping[str, Any]) -> Parameter:
    """Make a parameter by the name of its kind.

    Parameters
    ----------
    parametertype : str
        The kind: ``constant``, ``uniform``, ``uniform_int``, ``normal``, ``exponential``, ``lognormal``, or
        of those that depend on space ``position``, ``distance``, ``exp_distribution``, ``gaussian``,
        ``gaussian2d``, ``gamma`` and ``gabor``.
    specs : dict
        Its arguments: ``value``; ``min`` and ``max``; ``max``; ``mean`` and ``std``; ``beta``; ``mean`` and
        ``std``; ``dimension`` and ``synaptic_endpoint`` (0 for a node, 1 for the source, 2 for the target);
        ``dimension`` (0 for the whole distance, or 1, 2 or 3); for all others those of the function of
        ``nest.spatial_distributions``.

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
    errors.refuse_other("kind of parameter", parametertype, [*defaults, *_IN_SPACE])
    if parametertype in _IN_SPACE:
        return _parameter_in_space(parametertype, specs)
    known = defaults[parametertype]
    _refuse_unknown(parametertype, specs, known)
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


def _refuse_unknown(kind: str, specs: Mapping[str, Any], known: Collection[str]) -> None:
    for name in specs:
        if name not in known:
            raise errors.UnknownName(
                f"the parameter '{kind}' has no argument of this name",
                value=repr(name),
                wrong=str(name),
                candidates=sorted(known),
            )


# Kinds that depend on space: the function of nest.spatial_distributions, and names of its arguments.
_IN_SPACE: dict[str, tuple[str, tuple[str, ...]]] = {
    "position": ("", ("dimension", "synaptic_endpoint")),
    "distance": ("", ("dimension",)),
    "exp_distribution": ("exponential", ("x", "beta")),
    "gaussian": ("gaussian", ("x", "mean", "std")),
    "gaussian2d": ("gaussian2D", ("x", "y", "mean_x", "mean_y", "std_x", "std_y", "rho")),
    "gamma": ("gamma", ("x", "kappa", "theta")),
    "gabor": ("gabor", ("x", "y", "theta", "gamma", "std", "lam", "psi")),
}


def _parameter_in_space(kind: str, specs: Mapping[str, Any]) -> Parameter:
    from nest_lab.api import spatial, spatial_distributions  # which stand on this module

    function, known = _IN_SPACE[kind]
    _refuse_unknown(kind, specs, known)
    if function:
        for name in ("x", "y"):
            if name in known and name not in specs:
                raise errors.BadValue(
                    f"the parameter '{kind}' needs {name}",
                    value=f"a dictionary with {', '.join(map(repr, specs)) or 'nothing'}",
                    allowed=f"a dictionary with '{name}'",
                    todo=f"Write {{'{name}': nest.spatial.distance}}, for example.",
                )
        made: Parameter = getattr(spatial_distributions, function)(**specs)
        return made
    dimension = specs.get("dimension", 0)
    if kind == "distance":
        return spatial.distance.n(dimension)
    ends = (spatial.pos, spatial.source_pos, spatial.target_pos)
    end = specs.get("synaptic_endpoint", 0)
    if end not in range(len(ends)):
        raise errors.BadValue(
            "synaptic_endpoint says which node is meant",
            value=repr(end),
            allowed="0 for a node, 1 for the source, 2 for the target",
            todo="Choose one of them.",
        )
    return ends[end].n(dimension)


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
