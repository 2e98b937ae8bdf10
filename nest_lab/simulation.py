"""One network and its clock: the `Simulation`, which of them is current, and the border to the kernel.

A `Simulation` is a place where networks live one after the other; each is a `Network`, from one reset to the
next.
Collections of nodes and connections hold their `Network`, so they know when it was replaced. Whatever the
kernel refuses passes through `public`, the one place where its errors become those of `nest_lab.errors`.
"""

from __future__ import annotations

import functools
import math
import os
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar, copy_context
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeAlias, TypeVar
from weakref import ref

import numpy as np

from nest_lab import _kernel, errors

if TYPE_CHECKING:  # takes 5 ms to import
    from numpy.typing import NDArray

__all__ = ["Network", "Simulation", "current", "public"]

KernelError: Any = _kernel.KernelError
KernelMask: Any = _kernel.Mask
KernelParameter: Any = _kernel.Parameter
Ids: TypeAlias = "range | NDArray[np.int64]"
_MOST_TOLD, _MUCH_TOLD = 10_000, 2_000_000  # calls, and numbers in all of them
_MOST_SINGLE = 1000  # calls that connect a node to another like the last one: programs do so a million times
_MANY_IDS, _MANY_VALUES = 100_000, 1000  # of larger arrays nothing is kept
Progress = Callable[[float, float], None]
P = ParamSpec("P")
R = TypeVar("R")


def _in_short(told: Any, most: int = _MANY_IDS) -> Any:
    """What a program cannot change later; an ellipsis for large arrays, which would take memory."""
    if isinstance(told, Mapping):
        return {name: _in_short(each, _MANY_VALUES) for name, each in told.items()}
    if isinstance(told, np.ndarray):
        return ... if told.size > most else told.copy()
    if isinstance(told, (list, tuple)):
        return ... if len(told) > most else [_in_short(each, _MANY_VALUES) for each in told]
    return told


def _size(told: Any) -> int:
    """How many numbers and names are kept."""
    if isinstance(told, dict):
        return sum(map(_size, told.values()))
    if isinstance(told, list):
        return sum(map(_size, told))
    return told.size if isinstance(told, np.ndarray) else 1


def public(where: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function that users call: what the kernel refuses in it is raised as an error of this package.

    Parameters
    ----------
    where : str
        What the user called, e.g. ``Create()``; where such functions call each other, the outermost is named.

    Returns
    -------
    callable
        A decorator.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except (errors.NESTError, KernelError) as error:
                raise errors.at(error, where) from None

        return call

    return mark


class _Replaced:
    """Stands where the kernel of a replaced network was, and says so whatever is asked of it."""

    def __init__(self, by: str) -> None:
        self._by = by

    def __getattr__(self, name: str) -> Any:
        self.complain()

    def complain(self) -> NoReturn:
        """Say that the network was replaced."""
        raise errors.StaleCollection(
            f"these nodes or connections belong to a network that was replaced by {self._by}",
            value="a collection from before",
            allowed="collections made since then",
            todo="Create the nodes again, and connect them again, after the reset.",
        )


class Network:
    """What a `Simulation` holds from one reset to the next.

    Parameters
    ----------
    kernel : object
        The simulation of the kernel.
    simulation : Simulation
        Where this network lives.

    Attributes
    ----------
    kernel : object
        The simulation of the kernel; after a reset, something that raises `errors.StaleCollection`.
    keys : dict of str to frozenset of str
        Status keys of the models that were asked for so far.
    holders : set of weakref.ref
        What holds connections of the kernel, see `hold`.
    used : set of str
        Synapse models that connections were made with.
    streams : object
        What writes events that do not stay in memory, once a recorder has such events.
    singles : int
        Of how many single calls of `Connect` more is kept what they were told.
    told : list of tuple or None
        What `Create` and `Connect` were told, in order, so that an editor can show it; None when that became
        too much to keep. Ends that are an ellipsis stand for one call or more of which nothing is kept.
    """

    __slots__ = (
        "__weakref__",
        "_told",
        "holders",
        "kernel",
        "keys",
        "simulation",
        "singles",
        "streams",
        "told",
        "used",
    )

    def __init__(self, kernel: Any, simulation: Simulation) -> None:
        self.kernel = kernel
        self.simulation = simulation
        self.keys: dict[str, frozenset[str]] = {}
        self.used: set[str] = set()
        self.streams: Any = None
        self.told: list[tuple[Any, ...]] | None = []
        self._told = 0  # numbers in it
        self.singles = _MOST_SINGLE  # so many more are noted
        self.holders: set[ref[Any]] = set()  # not a WeakSet: a single Connect asks whether there are any

    def hold(self, holder: Any) -> None:
        """Take note of what holds connections of the kernel, as long as it lives.

        It has the methods ``remember``, called before connections change, ``renew``, called before their
        values do, and ``release``, called at a reset.
        """
        self.holders.add(ref(holder, self.holders.discard))

    def holding(self) -> list[Any]:
        """Return all that holds connections of the kernel."""
        return [holder for each in tuple(self.holders) if (holder := each()) is not None]

    def note(self, *call: Any) -> None:
        """Keep what a function was told; nothing any more when it becomes too much."""
        if self.told is not None:
            self.told.append((*map(_in_short, call),))
            self._told += sum(map(_size, self.told[-1]))
            if len(self.told) > _MOST_TOLD or self._told > _MUCH_TOLD:
                self.told = None

    def note_single(self, sources: Ids, targets: Ids, conn_spec: Any, syn_spec: Any) -> None:
        """Keep what a single Connect() was told; when no `singles` are left, that there are more of them."""
        self.singles -= 1
        ends = (sources, targets) if self.singles else (..., ...)
        self.note("Connect", *ends, conn_spec, syn_spec)

    def changing(self, removing: bool = False) -> None:
        """Tell all holders that connections are about to be added, or removed."""
        self.refuse_replaced()
        if self.holders:  # beginners' loops connect a hundred thousand times
            for holder in self.holding():
                holder.remember(removing)

    def settle(self) -> None:
        """Have all holders find their connections again if there was a change, before values change."""
        for holder in self.holding():
            holder.renew()

    def replace(self, by: str) -> None:
        """Let go of the kernel, so that its memory is free even while collections are still around."""
        self.kernel = _Replaced(by)
        for holder in self.holding():
            holder.release()

    @property
    def replaced(self) -> bool:
        """Whether there was a reset since."""
        return isinstance(self.kernel, _Replaced)

    def refuse_replaced(self) -> None:
        """Raise `errors.StaleCollection` if there was a reset since."""
        if isinstance(self.kernel, _Replaced):
            self.kernel.complain()

    def keys_of(self, model: str) -> frozenset[str]:
        """Names of everything a node of a model can be asked for."""
        known = self.keys.get(model)
        if known is None:
            known = self.keys[model] = frozenset(self.kernel.get_all_names(model))
        return known


class Simulation:
    """A network with its clock, random numbers and threads; several live side by side in one process.

    The functions of PyNEST work on the current simulation. Used as a context manager, a simulation is the
    current one in its block; collections keep to the simulation they were made in, wherever they are used.

    Parameters
    ----------
    resolution : float, ms
        Time step.
    seed : int
        Seed of all random numbers, 1 … 2³² - 1.
    threads : int
        Number of threads; 0 takes as many as this process may use.

    Notes
    -----
    The environment variables ``NEST_DATA_PATH``, if there is such a folder, and ``NEST_DATA_PREFIX`` say
    where the
    files of recorders go, until ``data_path`` and ``data_prefix`` are set.

    Attributes
    ----------
    settings : dict
        What was set of the kernel attributes that only the Python side knows, such as ``print_time``.
    timers : dict of str to float
        Seconds spent so far in ``create``, ``connect`` and ``simulate``, and those of the processor in
        ``..._cpu``.

    Examples
    --------
    >>> import nest_lab as nest
    >>> with nest.Simulation(resolution=0.5) as fast, nest.Simulation() as other:
    ...     neuron = nest.Create("iaf_psc_alpha")
    >>> fast.resolution, other.resolution, len(neuron), fast.network_size
    (0.5, 0.1, 1, 0)
    """

    def __init__(self, resolution: float = 0.1, seed: int = 143202461, threads: int = 0) -> None:
        self._arguments = {"resolution": resolution, "seed": seed, "threads": threads}
        self._done: threading.Event | None = None  # of a run in the background; None once its end was noticed
        self._failure: BaseException | None = None
        self._finished = False
        self._listeners: list[Progress] = []
        self._begin()

    def _begin(self, old: Network | None = None) -> None:
        """Begin with an empty network, instead of an old one."""
        try:
            kernel = _kernel.Simulation(**self._arguments)
        except KernelError as error:
            raise errors.at(error, "Simulation()") from None
        folder = os.environ.get("NEST_DATA_PATH", "")
        kernel.data_path = folder if os.path.isdir(folder) else ""
        kernel.data_prefix = os.environ.get("NEST_DATA_PREFIX", "")
        if old is not None:  # before the new one is there: no thread may take that one for the old one
            old.replace("ResetKernel()")
        self.network = Network(kernel, self)
        self.settings: dict[str, Any] = {}
        self.timers = dict.fromkeys(("create", "connect", "connect_cpu", "simulate", "simulate_cpu"), 0.0)

    @property
    def kernel(self) -> Any:
        """The kernel's simulation that is behind this one now."""
        return self.network.kernel

    def reset(self) -> None:
        """Start again with an empty network and the settings this simulation was made with.

        A run in the background is stopped. Collections made before say so when they are used.
        """
        if self._done is not None:
            self.stop()
            self._done.wait()
            self._done = None
        self._begin(self.network)

    # -- which simulation is the current one

    def __enter__(self) -> Simulation:
        _inner.set((*_inner.get(), self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _inner.set(_inner.get()[:-1])

    # -- what it is like

    @property
    def resolution(self) -> float:
        """Time step, ms."""
        return float(self.kernel.resolution)

    @property
    def latest(self) -> float:
        """Latest time the clock can tell, ms: 2⁶⁰ tics of 0.001 ms, as in the reference."""
        resolution = self.resolution
        return 2**60 // round(resolution * 1000) * resolution

    @property
    def time(self) -> float:
        """Model time, ms."""
        return float(self.kernel.time)

    @property
    def network_size(self) -> int:
        """Number of nodes."""
        return int(self.kernel.num_nodes)

    @property
    def memory_reserve(self) -> float:
        """Bytes of memory that recorders leave free: a run stops before less is available."""
        return float(self.kernel.memory_reserve)

    @memory_reserve.setter
    def memory_reserve(self, size: float) -> None:
        self.kernel.memory_reserve = float(size)

    @property
    def running(self) -> bool:
        """Whether the clock is running, in any thread."""
        return bool(self.kernel.running) or (self._done is not None and not self._done.is_set())

    def __repr__(self) -> str:
        kernel = self.kernel
        return (
            f"Simulation({kernel.num_nodes} nodes, {kernel.num_connections} connections, {kernel.time:g} ms, "
            f"resolution {kernel.resolution:g} ms, {kernel.threads} threads)"
        )

    def _repr_html_(self) -> str:
        from nest_lab.tables import framed, table

        kernel = self.kernel
        facts = [
            ["model time", f"{kernel.time:g} ms"],
            ["resolution", f"{kernel.resolution:g} ms"],
            ["nodes", f"{kernel.num_nodes:,}"],
            ["connections", f"{kernel.num_connections:,}"],
            ["delays", f"{kernel.min_delay:g} … {kernel.max_delay:g} ms"],
            ["threads", f"{kernel.threads}"],
            ["seed", f"{kernel.seed}"],
        ]
        used = [
            [name, f"{kernel.instances(name):,}"]
            for name, kind in kernel.model_names()
            if kind != "synapse" and kernel.instances(name)
        ]
        nodes = [table("Nodes", ["model", "number"], used)] if used else []
        return framed("Simulation", "running" if self.running else "", [table("", [], facts), *nodes])

    # -- running

    @public("Simulation.run()")
    def run(self, ms: float) -> bool:
        """Run for a while and return when it is over.

        Parameters
        ----------
        ms : float, ms
            Model time to run, a multiple of the resolution.

        Returns
        -------
        bool
            True when it ran to its end, False when `stop` ended it.

        Raises
        ------
        errors.BadValue
            `ms` is negative, not finite or not a multiple of the resolution.
        errors.WrongState
            It is running already.
        KeyboardInterrupt
            After Ctrl-C; the network is consistent, and another `run` continues.

        Examples
        --------
        >>> simulation = Simulation()
        >>> simulation.run(10.0), simulation.time
        (True, 10.0)
        """
        self.refuse_second_run()
        return self.advance(ms, self.progress_callback())

    def progress_callback(self) -> Progress | None:
        """Return what calls all that `on_progress` was given, None if there is nothing."""
        return self._report if self._listeners else None

    def advance(self, ms: float, progress: Progress | None = None) -> bool:
        """Run in this thread, with one callback instead of those of `on_progress`; see `run`."""
        import time

        if not isinstance(ms, (int, float, np.integer, np.floating)) or isinstance(ms, bool):
            raise errors.BadType(
                "the time to run must be a number",
                value=f"{ms!r} ({type(ms).__name__})",
                allowed="a multiple of the resolution, in ms",
                todo="Give the model time in ms.",
            )
        if math.isfinite(ms) and ms > self.latest:
            raise errors.BadValue(
                "the time to run is beyond what the clock can tell",
                value=f"{ms:g} ms",
                allowed=f"at most {self.latest:g} ms",
                todo="Give the model time in ms.",
            )
        self.network.settle()  # weights may change in the run
        if self.kernel.structural_plasticity:
            self.network.changing(removing=True)
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            if self.kernel.streaming():
                return self._advance_streaming(float(ms), progress)
            return bool(self.kernel.run(float(ms), progress))
        finally:
            self.timers["simulate"] += time.perf_counter() - wall
            self.timers["simulate_cpu"] += time.process_time() - cpu

    def _advance_streaming(self, ms: float, progress: Progress | None) -> bool:
        """Run while what recorders get goes to files or to the screen, several times a second."""
        from nest_lab.recording import Streams  # few need it

        streams = self.network.streams = self.network.streams or Streams(self.network)
        streams.open()

        def report(done: float, total: float) -> None:
            streams.write()
            if progress is not None:
                progress(done, total)

        finished = bool(self.kernel.run(ms, report))
        streams.write(last=self.time > 0)
        return finished

    @public("Simulation.start()")
    def start(self, ms: float) -> None:
        """Run in the background; parameters can be read and set meanwhile.

        Parameters
        ----------
        ms : float, ms
            Model time to run, a multiple of the resolution.

        Raises
        ------
        errors.WrongState
            It is running already.

        See Also
        --------
        wait : Waits for the end and raises what went wrong, also a bad `ms`.

        Examples
        --------
        >>> simulation = Simulation()
        >>> simulation.start(10.0)
        >>> simulation.wait(), simulation.time
        (True, 10.0)
        """
        self.refuse_second_run()
        self._failure = None
        self._finished = False
        self._done = done = threading.Event()
        self.kernel.expect_run()
        context = copy_context()  # callbacks find the same current simulation as the caller
        threading.Thread(
            target=context.run, args=(self._work, ms, done), name="nest_lab simulation", daemon=True
        ).start()

    def _work(self, ms: float, done: threading.Event) -> None:
        try:
            self._finished = self.advance(ms, self.progress_callback())
        except BaseException as error:  # delivered by wait()
            self._failure = error
        finally:
            done.set()

    @public("Simulation.wait()")
    def wait(self, timeout: float | None = None) -> bool:
        """Wait for a run that `start` began.

        Parameters
        ----------
        timeout : float, s, optional
            How long to wait at most.

        Returns
        -------
        bool
            True when the run has come to its end, False when `stop` ended it or it is still running.

        Raises
        ------
        Exception
            Whatever went wrong in the run or in a callback, once.
        KeyboardInterrupt
            After Ctrl-C, which also stops the run.
        """
        if self._done is None:
            return True
        try:
            if not self._done.wait(timeout):
                return False
        except KeyboardInterrupt:
            self.stop()
            self._done.wait()
            self._done = None
            raise
        self._done = None
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return self._finished

    def stop(self) -> None:
        """End the run that is going on, at a step boundary, from any thread; another run continues it."""
        self.kernel.stop()

    def refuse_second_run(self) -> None:
        """Raise `errors.WrongState` while a run is going on, and what went wrong in one nobody waited for."""
        if self.running:
            raise errors.WrongState(
                "this simulation is running already",
                value="running",
                allowed="one run at a time",
                todo="Call wait() or stop() of the simulation first.",
            )
        if self._done is not None:
            self.wait()

    # -- watching

    def on_progress(self, callback: Progress) -> Callable[[], None]:
        """Have a function called with ``(done, total)`` in ms while `run` or `start` is at work.

        Parameters
        ----------
        callback : callable
            Called at most ten times a second, in the thread that runs, while other threads may use the
            simulation.
            What it raises ends the run and is raised by `run` or `wait`.

        Returns
        -------
        callable
            Call it to end the watching.
        """
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    def _report(self, done: float, total: float) -> None:
        for listener in tuple(self._listeners):
            listener(done, total)

    @public("Simulation.events_since()")
    def events_since(self, node: Any, index: int = 0) -> tuple[dict[str, NDArray[Any]], int]:
        """Read what a recorder got since the last time.

        Parameters
        ----------
        node : NodeCollection of one node, or int
            The recorder.
        index : int
            Number of events seen so far: the second result of the last call. When the recorder was emptied
            since (``n_events = 0``), reading starts again.

        Returns
        -------
        events : dict of str to ndarray
            As in ``node.events``, from the given event on.
        index : int
            What to give the next time.

        Examples
        --------
        >>> import nest_lab as nest
        >>> with nest.Simulation() as simulation:
        ...     neuron = nest.Create("iaf_psc_alpha", params={"I_e": 1000.0})
        ...     recorder = nest.Create("spike_recorder")
        ...     nest.Connect(neuron, recorder)
        ...     _ = simulation.run(20.0)
        ...     events, seen = simulation.events_since(recorder)
        ...     _ = simulation.run(10.0)
        ...     later, seen = simulation.events_since(recorder, seen)
        >>> len(events["times"]) + len(later["times"]) == seen
        True
        """
        ids = node.tolist() if hasattr(node, "tolist") else [node]
        if len(ids) != 1:
            raise errors.BadValue(
                "one recorder is read at a time",
                value=f"{len(ids)} nodes",
                allowed="1 node",
                todo="Index the collection.",
            )
        kernel = self.kernel
        total = kernel.get(range(ids[0], ids[0] + 1), ["n_events"])[0][0]
        first = index if 0 <= index <= total else 0
        events: dict[str, NDArray[Any]] = kernel.events(ids[0], first)
        return events, first + len(events["senders"])


# The simulations of the `with` blocks around, the innermost last: each thread has its own.
_inner: ContextVar[tuple[Simulation, ...]] = ContextVar("nest_lab_simulation", default=())
_outer: list[Simulation] = []  # the simulation outside of all `with` blocks, once it is needed
_making = threading.Lock()


def current() -> Simulation:
    """Return the simulation that the functions of PyNEST work on.

    Returns
    -------
    Simulation
        That of the innermost ``with simulation:`` block, else the one of this process.
    """
    inner = _inner.get()
    if inner:
        return inner[-1]
    if not _outer:
        with _making:
            if not _outer:
                _outer.append(Simulation())
    return _outer[0]
