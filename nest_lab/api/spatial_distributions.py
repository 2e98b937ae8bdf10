"""``nest.spatial_distributions``: functions of distances, for example by which connections thin out."""

from __future__ import annotations

import math
from typing import Any

from nest_lab import errors
from nest_lab.api.parameter import Parameter, as_number, as_parameter
from nest_lab.simulation import KernelParameter, public

__all__ = ["exponential", "gabor", "gamma", "gaussian", "gaussian2D"]

_TODO = "Use nest.spatial.distance, for example."


def _profile(name: str, arguments: list[Any], constants: dict[str, Any]) -> Parameter:
    """Make a function of Parameters with some constants, all of which are finite."""
    expressions = [as_parameter(each, f"argument {i + 1}", _TODO) for i, each in enumerate(arguments)]
    values = [as_number(value, key) for key, value in constants.items()]
    for key, value in zip(constants, values, strict=True):
        if not math.isfinite(value):
            raise errors.BadValue(
                f"{key} must be finite",
                value=f"{value:g}",
                allowed="finite numbers",
                todo="Replace nan and inf.",
            )
    return Parameter(getattr(KernelParameter, f"{name}_profile")(expressions, values))


def _refuse_unless(right: bool, name: str, value: float, allowed: str) -> None:
    if not right:
        raise errors.BadValue(
            f"{name} must be {allowed}", value=f"{value:g}", allowed=allowed, todo="Choose another value."
        )


def _refuse_not_positive(**constants: Any) -> None:
    for name, value in constants.items():
        _refuse_unless(as_number(value, name) > 0, name, value, "above 0")


@public("spatial_distributions.exponential()")
def exponential(x: Parameter, beta: float = 1.0) -> Parameter:
    """Exponential decay, exp(-x / beta).

    Parameters
    ----------
    x : Parameter
        What it is a function of, for example ``nest.spatial.distance``.
    beta : float
        Where it has fallen to 1/e.

    Returns
    -------
    Parameter

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nodes = nest.Create("iaf_psc_alpha", positions=nest.spatial.free([[0.0, 0.0], [3.0, 4.0]]))
    >>> falling = nest.spatial_distributions.exponential(nest.spatial.distance, beta=5.0)
    >>> nest.Connect(nodes, nodes, {"rule": "pairwise_bernoulli", "p": falling})
    """
    _refuse_not_positive(beta=beta)
    return _profile("exponential", [x], {"beta": beta})


@public("spatial_distributions.gaussian()")
def gaussian(x: Parameter, mean: float = 0.0, std: float = 1.0) -> Parameter:
    """Bell curve of height 1, exp(-(x - mean)² / (2 std²)).

    Parameters
    ----------
    x : Parameter
        What it is a function of, for example ``nest.spatial.distance``.
    mean : float
        Where it is 1.
    std : float
        Its width.

    Returns
    -------
    Parameter

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.
    """
    _refuse_not_positive(std=std)
    return _profile("gaussian", [x], {"mean": mean, "std": std})


@public("spatial_distributions.gaussian2D()")
def gaussian2D(
    x: Parameter,
    y: Parameter,
    mean_x: float = 0.0,
    mean_y: float = 0.0,
    std_x: float = 1.0,
    std_y: float = 1.0,
    rho: float = 0.0,
) -> Parameter:
    """Bell surface of height 1: a bivariate normal density without its factor.

    Parameters
    ----------
    x, y : Parameter
        What it is a function of, for example ``nest.spatial.distance.x`` and ``nest.spatial.distance.y``.
    mean_x, mean_y : float
        Where it is 1.
    std_x, std_y : float
        Its widths.
    rho : float
        Correlation of x and y, between -1 and 1.

    Returns
    -------
    Parameter

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.
    """
    _refuse_not_positive(std_x=std_x, std_y=std_y)
    _refuse_unless(abs(as_number(rho, "rho")) < 1, "rho", rho, "between -1 and 1")
    constants = {"mean_x": mean_x, "mean_y": mean_y, "std_x": std_x, "std_y": std_y, "rho": rho}
    return _profile("gaussian2d", [x, y], constants)


@public("spatial_distributions.gamma()")
def gamma(x: Parameter, kappa: float = 1.0, theta: float = 1.0) -> Parameter:
    """Density of the gamma distribution, x^(kappa - 1) exp(-x / theta) / (theta^kappa Γ(kappa)).

    Parameters
    ----------
    x : Parameter
        What it is a function of, for example ``nest.spatial.distance``.
    kappa : float
        Its shape.
    theta : float
        Its scale.

    Returns
    -------
    Parameter

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.
    """
    _refuse_not_positive(kappa=kappa, theta=theta)
    return _profile("gamma", [x], {"kappa": kappa, "theta": theta})


@public("spatial_distributions.gabor()")
def gabor(
    x: Parameter,
    y: Parameter,
    theta: float = 0.0,
    gamma: float = 1.0,
    std: float = 1.0,
    lam: float = 1.0,
    psi: float = 0.0,
) -> Parameter:
    """Gabor function without its negative half: a wave under a bell.

    With the coordinates turned by `theta`, ``a = x cos θ + y sin θ`` and ``b = y cos θ - x sin θ``, it is
    ``max(0, cos(360° b / lam + psi)) exp(-(gamma² a² + b²) / (2 std²))``.

    Parameters
    ----------
    x, y : Parameter
        What it is a function of, for example the parts of the way from a source to a target.
    theta : float, degrees
        Orientation.
    gamma : float
        Ratio of the axes.
    std : float
        Width of the bell.
    lam : float
        Wavelength.
    psi : float, degrees
        Phase.

    Returns
    -------
    Parameter

    Raises
    ------
    errors.BadType, errors.BadValue
        An argument is not right.
    """
    _refuse_not_positive(gamma=gamma, std=std, lam=lam)
    return _profile("gabor", [x, y], {"theta": theta, "gamma": gamma, "std": std, "lam": lam, "psi": psi})
