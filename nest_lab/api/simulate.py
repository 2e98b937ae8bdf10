"""Running the clock: `Simulate`, and `Prepare`, `Run`, `Cleanup` for a run in pieces; with a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nest_lab import errors
from nest_lab.api.messages import VerbosityLevel, message
from nest_lab.simulation import Progress, Simulation, current, public

__all__ = ["Cleanup", "Prepare", "Run", "RunManager", "Simulate"]


@public("Simulate()")
def Simulate(t: float) -> None:
    """Run the current simulation.

    Ctrl-C ends it within 100 ms; the next call continues.

    Parameters
    ----------
    t : float, ms
        Model time to run, a multiple of the resolution.

    Raises
    ------
    errors.BadValue
        `t` is negative, not finite, or not a multiple of the resolution.
    errors.WrongState
        `Prepare` was called and not yet `Cleanup`, or a run is going on.
    KeyboardInterrupt
        After Ctrl-C.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nest.Simulate(10.0)
    >>> nest.biological_time
    10.0
    """
    simulation = current()
    if simulation.kernel.prepared:
        raise errors.WrongState(
            "the simulation is prepared for Run()",
            value="prepared",
            allowed="Run(), or Simulate() after Cleanup()",
            todo="Call Run() here, or Cleanup() before.",
        )
    simulation.refuse_second_run()
    _advance(simulation, t)


@public("Prepare()")
def Prepare() -> None:
    """Get ready for `Run`.

    Raises
    ------
    errors.WrongState
        It is ready already.
    """
    kernel = current().kernel
    if kernel.prepared:
        raise errors.WrongState(
            "the simulation is prepared already",
            value="prepared",
            allowed="Run(), Cleanup()",
            todo="Leave it out.",
        )
    kernel.prepare()


@public("Run()")
def Run(t: float) -> None:
    """Run after `Prepare`; may be called any number of times before `Cleanup`.

    Parameters
    ----------
    t : float, ms
        Model time to run, a multiple of the resolution.

    Raises
    ------
    errors.BadValue
        `t` is negative, not finite, or not a multiple of the resolution.
    errors.WrongState
        `Prepare` was not called.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> with nest.RunManager():
    ...     for _ in range(3):
    ...         nest.Run(10.0)
    >>> nest.biological_time
    30.0
    """
    simulation = current()
    if not simulation.kernel.prepared:
        raise _not_prepared()
    simulation.refuse_second_run()
    _advance(simulation, t)


@public("Cleanup()")
def Cleanup() -> None:
    """End what `Prepare` began.

    Raises
    ------
    errors.WrongState
        `Prepare` was not called.
    """
    kernel = current().kernel
    if not kernel.prepared:
        raise _not_prepared()
    kernel.cleanup()


@contextmanager
def RunManager() -> Iterator[None]:
    """Call `Prepare` before a block and `Cleanup` after it.

    After a `ResetKernel` in the block nothing is left to clean up.
    """
    network = current().network
    Prepare()
    try:
        yield
    finally:
        if not network.replaced and network.kernel.prepared:
            network.kernel.cleanup()


def _not_prepared() -> errors.NESTError:
    return errors.WrongState(
        "the simulation is not prepared",
        value="not prepared",
        allowed="after Prepare() and before Cleanup()",
        todo="Call Prepare() before, or use `with nest.RunManager():`, or Simulate().",
    )


def _advance(simulation: Simulation, t: Any) -> None:
    listeners = simulation.progress_callback()
    if not simulation.settings.get("print_time", False):
        simulation.advance(t, listeners)
        _tell_unconverged(simulation)
        return
    with _bar(simulation) as show:

        def report(done: float, total: float) -> None:
            show(done, total)
            if listeners is not None:
                listeners(done, total)

        if simulation.advance(t, report):
            show(float(t), float(t))
    _tell_unconverged(simulation)


def _tell_unconverged(simulation: Simulation) -> None:
    if steps := simulation.kernel.unconverged:
        message(
            f"In {steps} steps coupled waveforms still changed by more than wfr_tol after wfr_max_iterations "
            "repetitions.",
            VerbosityLevel.WARNING,
        )


@contextmanager
def _bar(simulation: Simulation) -> Iterator[Progress]:
    """Show how far a run has come: a bar of tqdm, else a line on the error output."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        yield _line
        print(file=sys.stderr)
        return
    bar = tqdm(total=0.0, unit="ms", desc=f"from {simulation.time:g} ms", bar_format=_FORMAT)

    def show(done: float, total: float) -> None:
        bar.total = total
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        bar.close()


_FORMAT = "Simulating {desc} {percentage:3.0f}%|{bar}| {n:g}/{total:g} ms [{elapsed}<{remaining}]"


def _line(done: float, total: float) -> None:
    print(f"\rSimulating {done:g} of {total:g} ms", end="", file=sys.stderr, flush=True)
