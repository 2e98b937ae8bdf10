"""Deterministic scenarios, one file per model or topic; a new file is found by itself.

A scenario is a function ``(nest, rng, h)`` with the decorator `scenario`. It is run once per case. Its random
numbers depend only on its name and the number of the case, so that both simulators get the same parameters.
"""

from __future__ import annotations

import importlib
import pkgutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

RESOLUTIONS = (0.1, 0.05, 0.25, 1.0)

_scenarios: list[Case] = []


@dataclass(frozen=True)
class Case:
    """One scenario with one set of random numbers at one resolution."""

    function: Callable[[Any, np.random.Generator, float], dict[str, Any]]
    number: int
    resolution: float
    of_range: float = 0.0  # allowed difference as a part of a trace's range; 0: 1e-9 relative

    @property
    def __name__(self) -> str:
        return f"{self.function.__module__.rpartition('.')[2]}.{self.function.__name__}[{self.number}]"

    def __call__(self, nest: Any) -> dict[str, Any]:
        seed = [zlib.crc32(self.__name__.partition("[")[0].encode()), self.number]
        return self.function(nest, np.random.default_rng(seed), self.resolution)


def scenario(
    cases: int = 4, resolutions: tuple[float, ...] = RESOLUTIONS, of_range: float = 0.0
) -> Callable[..., Any]:
    """Register a scenario with this many cases, which take the resolutions in turn.

    Give `of_range` where both simulators solve equations step by step, with errors of their own.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _scenarios.extend(
            Case(function, i, resolutions[i % len(resolutions)], of_range) for i in range(cases)
        )
        return function

    return register


def all_cases() -> list[Case]:
    """Every case of every file in this folder."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return list(_scenarios)


def grid(value: Any, h: float) -> Any:
    """The nearest multiple of the step, at least one step; a plain float or a list of them."""
    steps = np.maximum(np.rint(np.asarray(value, float) / h), 1)
    # Rounded decimals: 0.30000000000000004 is not what a person writes.
    return np.round(steps * h, 6).tolist()


def train(rng: np.random.Generator, h: float, until: float, n: int) -> list[float]:
    """A sorted spike train of up to n different times on the grid, in (0, until]."""
    return sorted(set(grid(rng.uniform(0, until, n), h)))
