"""Put nest_lab beside the reference simulator and say exactly where the two part.

The truth of a deterministic model is the simulator the field already trusts. A *scenario* is a function that
takes a PyNEST module and returns named arrays; it is run once with ``nest`` (the package ``nest-simulator``)
and once with ``nest_lab``, each on a fresh kernel, and the arrays are compared value by value.

The two live side by side in one process. ``nest-simulator`` is needed only by the functions that run it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Agreement",
    "Difference",
    "Scenario",
    "assert_agree",
    "compare",
    "reference",
    "run",
    "samples",
    "spikes",
]

Scenario = Callable[[Any], Mapping[str, ArrayLike]]
"""A function of a PyNEST module that returns named arrays."""


@dataclass(frozen=True)
class Difference:
    """One array of a scenario in which two simulators part.

    Attributes
    ----------
    name : str
        Name of the array in the result of the scenario.
    reason : str
        What differs: the names, the shape, the type, or the values.
    index : tuple of int or None
        First place where the values part, None if the arrays cannot be laid side by side.
    largest : float
        Largest relative difference, `nan` if the arrays cannot be laid side by side.
    """

    name: str
    reason: str
    index: tuple[int, ...] | None = None
    largest: float = float("nan")

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


@dataclass(frozen=True)
class Agreement:
    """How close two simulators came, at the worst of all real numbers of a scenario.

    Attributes
    ----------
    relative : float
        Largest relative difference, as `compare` takes it.
    of_range : float
        Largest difference as a part of the range of its array.
    """

    relative: float = 0.0
    of_range: float = 0.0


def reference() -> ModuleType:
    """Import the reference simulator without its greeting.

    Returns
    -------
    module
        The package ``nest`` of the distribution ``nest-simulator``.

    Raises
    ------
    ImportError
        When it is not installed, or when ``nest`` means nest_lab in this process.
    """
    # The reference prints on import, and writes to file descriptor 1 where no capture would see it.
    os.environ.setdefault("PYNEST_QUIET", "1")
    todo = "Install it with: pip install 'nest_lab[test]'."
    try:
        import nest
    except ImportError as error:
        raise ImportError(f"nest_lab.testing.reference: the package 'nest' is not there. {todo}") from error
    if not hasattr(nest, "ll_api"):
        raise ImportError(
            "nest_lab.testing.reference: 'nest' means nest_lab in this process, not the reference simulator. "
            "Start a process that does not call nest_lab.install_as_nest()."
        )
    module: ModuleType = nest
    return module


def run(
    scenario: Scenario, simulator: Any, *, resolution: float = 0.1, threads: int = 1
) -> dict[str, NDArray[Any]]:
    """Run a scenario on a fresh kernel.

    Parameters
    ----------
    scenario : callable
        Takes the simulator, returns named arrays.
    simulator : module
        ``nest_lab`` or ``nest``, or anything with their functions.
    resolution : float, ms
        Time step of the kernel.
    threads : int
        Number of threads of the kernel.

    Returns
    -------
    dict of str to ndarray
        What the scenario returned, as arrays.
    """
    simulator.ResetKernel()
    if hasattr(simulator, "ll_api"):
        simulator.verbosity = simulator.VerbosityLevel.ERROR
    simulator.local_num_threads = threads
    simulator.resolution = resolution
    try:
        return {name: np.asarray(values) for name, values in scenario(simulator).items()}
    finally:
        simulator.ResetKernel()


def spikes(recorder: Any) -> dict[str, NDArray[Any]]:
    """Sort the spikes of a recorder by time and then by sender.

    Parameters
    ----------
    recorder : NodeCollection
        One spike recorder.

    Returns
    -------
    dict
        ``times`` (ms) and ``senders``. The order of the raw events depends on threads and slices; this one
        does not.
    """
    events = recorder.get("events")
    order = np.lexsort((events["senders"], events["times"]))
    return {
        "times": np.asarray(events["times"], float)[order],
        "senders": np.asarray(events["senders"], np.int64)[order],
    }


def samples(meter: Any) -> dict[str, NDArray[Any]]:
    """Sort the samples of a multimeter by sender and then by time.

    Parameters
    ----------
    meter : NodeCollection
        One multimeter or voltmeter.

    Returns
    -------
    dict
        ``times`` (ms), ``senders`` and one array for each recorded quantity.
    """
    events = meter.get("events")
    order = np.lexsort((events["times"], events["senders"]))
    result = {name: np.asarray(values, float)[order] for name, values in events.items()}
    result["senders"] = result["senders"].astype(np.int64)
    return result


def compare(
    expected: Mapping[str, ArrayLike],
    actual: Mapping[str, ArrayLike],
    *,
    rtol: float = 1e-9,
    of_range: float = 0.0,
) -> list[Difference]:
    """Compare named arrays value by value.

    Whole numbers, truth values and texts must be equal. Two real numbers agree when they differ by no more
    than `rtol` times the larger of them. A number near zero has lost its leading digits to cancellation (a
    membrane potential that crosses 0 mV), so a magnitude below a hundredth of the largest of its array counts
    as that hundredth.

    Parameters
    ----------
    expected : mapping of str to array_like
        Result of the reference.
    actual : mapping of str to array_like
        Result to judge.
    rtol : float
        Largest relative difference allowed.
    of_range : float
        Real numbers also agree when they differ by no more than this part of the range of their array.

    Returns
    -------
    list of Difference
        Empty when the two agree.

    Examples
    --------
    >>> compare({"V_m": [-70.0, -65.0]}, {"V_m": [-70.0, -65.0]})
    []
    >>> print(compare({"V_m": [-70.0, -65.0]}, {"V_m": [-70.0, -64.0]})[0])
    V_m: 1 of 2 values differ, first at [1]: expected -65.0, got -64.0; largest relative difference 1.5e-02
    """
    missing = [Difference(name, "is missing") for name in expected if name not in actual]
    extra = [Difference(name, "is not in the reference") for name in actual if name not in expected]
    both = (
        _difference(name, np.asarray(expected[name]), np.asarray(actual[name]), rtol, of_range)
        for name in expected.keys() & actual.keys()
    )
    return missing + extra + sorted((d for d in both if d is not None), key=lambda d: d.name)


def _difference(
    name: str, expected: NDArray[Any], actual: NDArray[Any], rtol: float, of_range: float
) -> Difference | None:
    if expected.shape != actual.shape:
        return Difference(name, _shapes(expected, actual))
    if expected.size == 0:
        return None
    real = expected.dtype.kind == "f" or actual.dtype.kind == "f"
    if not real or expected.dtype.kind not in "biuf" or actual.dtype.kind not in "biuf":
        wrong, relative = np.asarray(expected != actual), np.zeros(expected.shape)
    else:
        relative = _relative(expected.astype(float), actual.astype(float))
        wrong = ~(relative <= rtol)
        if of_range > 0:
            wrong &= ~(np.abs(expected - actual) <= of_range * np.ptp(expected))
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    reason = (
        f"{int(wrong.sum())} of {wrong.size} values differ, first at {list(index)}: "
        f"expected {expected[index].item()!r}, got {actual[index].item()!r}"
    )
    largest = float(relative.max())
    if real:
        reason += f"; largest relative difference {largest:.1e}"
    return Difference(name, reason, index, largest)


def _agreement(expected: Mapping[str, NDArray[Any]], actual: Mapping[str, NDArray[Any]]) -> Agreement:
    relative = of_range = 0.0
    for name in expected:
        a, b = expected[name], actual[name]
        if a.dtype.kind != "f" or b.dtype.kind not in "fiu" or a.size == 0:
            continue
        relative = max(relative, float(_relative(a, b.astype(float)).max()))
        if (spread := float(np.ptp(a))) > 0:
            of_range = max(of_range, float(np.abs(a - b).max()) / spread)
    return Agreement(relative, of_range)


def _relative(expected: NDArray[Any], actual: NDArray[Any]) -> NDArray[Any]:
    """Relative difference, with a hundredth of the largest magnitude as the smallest yardstick."""
    finite = np.abs(expected[np.isfinite(expected)])
    floor = 0.01 * finite.max() if finite.size else 0.0
    yardstick = np.maximum(np.maximum(np.abs(expected), np.abs(actual)), floor)
    same = (expected == actual) | (np.isnan(expected) & np.isnan(actual))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.abs(expected - actual) / yardstick
    return np.where(same, 0.0, np.where(np.isnan(relative), np.inf, relative))


def _shapes(expected: NDArray[Any], actual: NDArray[Any]) -> str:
    """Why two shapes differ; for spike trains also where the first one is missing or too many."""
    reason = f"expected shape {expected.shape}, got {actual.shape}"
    if expected.ndim != 1 or actual.ndim != 1:
        return reason
    shared = min(expected.size, actual.size)
    if expected.dtype.kind == "f" and actual.dtype.kind == "f":
        part = np.flatnonzero(_relative(expected[:shared], actual[:shared]) > 1e-9)
    else:
        part = np.flatnonzero(expected[:shared] != actual[:shared])
    first = int(part[0]) if part.size else shared
    here = [repr(a[first].item()) if first < a.size else "the end" for a in (expected, actual)]
    return f"{reason}; first parted at [{first}]: expected {here[0]}, got {here[1]}"


def assert_agree(
    scenario: Scenario,
    *,
    rtol: float = 1e-9,
    of_range: float = 0.0,
    resolution: float = 0.1,
    threads: int = 1,
    candidate: Any = None,
) -> Agreement:
    """Assert that nest_lab gives what the reference simulator gives.

    Parameters
    ----------
    scenario : callable
        Takes a PyNEST module, returns named arrays. It runs on a fresh kernel of each simulator.
    rtol, of_range : float
        Largest difference allowed, see `compare`.
    resolution : float, ms
        Time step of both kernels.
    threads : int
        Number of threads of nest_lab; the reference always uses one.
    candidate : module, optional
        What to judge instead of ``nest_lab``.

    Returns
    -------
    Agreement
        How close they came.

    Raises
    ------
    AssertionError
        With one line for each array that differs.
    """
    if candidate is None:
        import nest_lab as candidate
    expected = run(scenario, reference(), resolution=resolution)
    actual = run(scenario, candidate, resolution=resolution, threads=threads)
    differences = compare(expected, actual, rtol=rtol, of_range=of_range)
    if differences:
        lines = "\n  ".join(str(difference) for difference in differences)
        raise AssertionError(
            f"{getattr(scenario, '__name__', 'scenario')} at {resolution} ms: nest_lab and the reference "
            f"simulator part in {len(differences)} of {len(expected)} arrays (allowed: {rtol:g} relative"
            f"{f', or {of_range:g} of the range' if of_range else ''})"
            f"\n  {lines}"
        )
    return _agreement(expected, actual)
