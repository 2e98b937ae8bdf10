"""``nest.random``: values drawn anew for each node or connection, reproducibly from ``nest.rng_seed``."""

from __future__ import annotations

from nest_lab.api.parameter import CreateParameter, Parameter
from nest_lab.simulation import public

__all__ = ["exponential", "lognormal", "normal", "uniform", "uniform_int"]


@public("random.uniform()")
def uniform(min: float = 0.0, max: float = 1.0) -> Parameter:
    """Evenly distributed in ``[min, max)``.

    Parameters
    ----------
    min, max : float
        Bounds, in the unit of what is drawn.

    Returns
    -------
    Parameter

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> V_m = nest.Create("iaf_psc_alpha", 1000, {"V_m": nest.random.uniform(-70.0, -60.0)}).V_m
    >>> all(-70.0 <= V < -60.0 for V in V_m)
    True
    """
    return CreateParameter("uniform", {"min": min, "max": max})


@public("random.uniform_int()")
def uniform_int(max: int) -> Parameter:
    """Draw whole numbers 0 … max - 1, all equally likely.

    Parameters
    ----------
    max : int
        How many numbers there are to draw from.

    Returns
    -------
    Parameter
    """
    return CreateParameter("uniform_int", {"max": max})


@public("random.normal()")
def normal(mean: float = 0.0, std: float = 1.0) -> Parameter:
    """Normally distributed.

    Parameters
    ----------
    mean, std : float
        Mean and standard deviation, in the unit of what is drawn.

    Returns
    -------
    Parameter

    See Also
    --------
    nest.math.redraw : Draws again until the value is between bounds.
    """
    return CreateParameter("normal", {"mean": mean, "std": std})


@public("random.exponential()")
def exponential(beta: float = 1.0) -> Parameter:
    """Exponentially distributed.

    Parameters
    ----------
    beta : float
        Mean, in the unit of what is drawn.

    Returns
    -------
    Parameter
    """
    return CreateParameter("exponential", {"beta": beta})


@public("random.lognormal()")
def lognormal(mean: float = 0.0, std: float = 1.0) -> Parameter:
    """Lognormally distributed: its logarithm is normal.

    Parameters
    ----------
    mean, std : float
        Mean and standard deviation of the logarithm.

    Returns
    -------
    Parameter
    """
    return CreateParameter("lognormal", {"mean": mean, "std": std})
