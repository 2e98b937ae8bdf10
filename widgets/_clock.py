"""The clock of a live widget: runs a simulation in a thread of its own, piece by piece.

The kernel lets go of Python while it runs, so a notebook goes on meanwhile. A piece takes as long as a page
that keeps up waits for a frame, less than a tenth of a second; between two pieces the recorder is read,
parameters change, and pauses take effect.
"""

from __future__ import annotations

import atexit
import math
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from nest_lab.errors import BadType, BadValue, NESTError, WrongState, at
from nest_lab.widgets._frames import Frames

__all__ = ["Clock"]

_MEMORY = 1.0  # s of wall time that speeds are averaged over
_LATE = 0.25  # s that a paced run may be late before it gives up catching up
_TURN = 0.002  # s between two looks whether it is the turn of a clock among those of one simulation


class Clock:
    """Runs a simulation in the background, at a chosen speed.

    Parameters
    ----------
    simulation : nest_lab.Simulation
        What to run.
    read : callable
        Called after each piece, in the thread that runs.
    changed : callable
        Called after `status` has changed, in any thread.
    speed : float, ms/s, optional
        Model time per second of wall time; as fast as possible when not given.
    longest : float, ms
        Longest piece.
    owner : str
        The widget that it is of, for errors.
    frames : Frames, optional
        How often that is shown what is read.

    Attributes
    ----------
    failure : Exception or None
        What ended the last run, if it did not end well.
    total : float or None, ms
        How long the run is, None if it goes on until it is stopped.
    """

    def __init__(
        self,
        simulation: Any,
        *,
        read: Callable[[], None],
        changed: Callable[[], None],
        speed: float | None = None,
        longest: float = 100.0,
        owner: str = "LiveSimulation",
        frames: Frames | None = None,
    ) -> None:
        self._owner = owner
        self.simulation = simulation
        self.failure: BaseException | None = None
        self._raised = False  # whether somebody has got it
        self.total: float | None = None
        self._home = simulation.network  # until the next reset
        self._queue = _queues.setdefault(self._home, deque())
        self._at_work = False  # whether the simulation runs for this clock
        self._read, self._changed = read, changed
        self._longest, self._frames = longest, frames or Frames()
        self._turn = threading.Condition(threading.RLock())
        self._status = self._wish = "stopped"
        self._speed = speed
        self._errands: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._begin = 0  # step at which the run began
        self._until: int | None = None  # step at which it pauses
        self._piece = 1.0  # ms
        self._due = 0.0  # wall time at which the model is due where it is
        self._thread: threading.Thread | None = None
        self._past: deque[tuple[float, float, float]] = (
            deque()
        )  # wall time at the end, s at work, ms of model
        _all.add(self)

    # -- what it is like

    @property
    def status(self) -> str:
        """``'running'``, ``'paused'`` or ``'stopped'``."""
        return self._status

    @property
    def speed(self) -> float | None:
        """Model time per second of wall time that is wanted, ms/s; None for as fast as possible."""
        return self._speed

    @speed.setter
    def speed(self, speed: float | None) -> None:
        with self._turn:
            self._speed = speed
            self._turn.notify_all()

    @property
    def replaced(self) -> bool:
        """Whether the simulation was reset since."""
        return bool(self._home.replaced)

    @property
    def done(self) -> float:
        """Model time since the run began, ms."""
        resolution = self.simulation.resolution
        return float(round((self._steps() - self._begin) * resolution, 6))

    @property
    def real_time_factor(self) -> float:
        """Wall time the computation takes per model time; `nan` before the first run."""
        model = sum(ms for _, _, ms in self._past)
        return 1000.0 * sum(work for _, work, _ in self._past) / model if model else math.nan

    @property
    def pace(self) -> float:
        """Model time per wall time in the last second, ms/s; `nan` before the first run."""
        if len(self._past) < 2:
            return math.nan
        past = list(self._past)
        wall = past[-1][0] - past[0][0]
        return sum(ms for _, _, ms in past[1:]) / wall if wall > 0.0 else math.nan

    # -- commands; all from any thread

    def run(self, ms: float | None = None) -> None:
        """Begin to run, or go on after a pause.

        Parameters
        ----------
        ms : float, ms, optional
            How long, a multiple of the resolution; until it is stopped when not given. After a pause the run
            that was begun goes on.
        """
        if ms is not None:
            ms = self._whole(ms, f"{self._owner}.run()")
        with self._turn:
            self._settle()
            if ms is not None and self._status != "stopped":
                raise WrongState(
                    "a run of a given length begins when nothing runs",
                    where=f"{self._owner}.run()",
                    value=self._status,
                    allowed="stopped",
                    todo="Call stop() first, or run() without a length to go on after a pause.",
                )
            self._start(ms, f"{self._owner}.run()")
        self._changed()

    def go_on(self) -> bool:
        """Go on with the run, if there is one.

        Returns
        -------
        bool
            Whether there is one: who looks at `status` first may see one that ends before it can go on.
        """
        with self._turn:
            self._settle()
            if self._status == "stopped":
                return False
            self._start(None, f"{self._owner}.run()")
        self._changed()
        return True

    def step(self, ms: float) -> None:
        """Begin to run for a while and then pause.

        Parameters
        ----------
        ms : float, ms
            How long, a multiple of the resolution.
        """
        ms = self._whole(ms, f"{self._owner}.step()")
        with self._turn:
            self._settle()
            if self._status == "running":
                raise WrongState(
                    "a step begins when nothing runs",
                    where=f"{self._owner}.step()",
                    value="running",
                    allowed="paused or stopped",
                    todo="Call pause() first.",
                )
            until = self._steps() + round(ms / self.simulation.resolution)
            self._start(None, f"{self._owner}.step()", until)
        self._changed()

    def _start(self, ms: float | None, where: str, until: int | None = None) -> None:
        """Let the thread go on, or begin one; to the step of the next pause, if there is to be one."""
        try:
            self._home.refuse_replaced()
        except NESTError as error:
            raise at(error, where) from None
        if self._ending:
            return  # the thread that runs asks for it itself
        begin = self._status == "stopped"
        self._wish = self._status = "running"
        if until is not None:
            self._until = until
        if begin:
            self.total, self.failure, self._raised = ms, None, False
            self._begin = self._steps()
            self._thread = threading.Thread(target=self._work, name="nest_lab live", daemon=True)
            self._thread.start()
        self._turn.notify_all()

    def pause(self) -> None:
        """Hold the run, if there is one, and return when it stands still."""
        self._interrupt("paused")
        self._changed()

    def stop(self) -> None:
        """End the run, if there is one, and return when it stands still."""
        thread = self._interrupt("stopped")
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing runs, as `Clocked.wait` says; what went wrong in the run is raised once."""
        try:
            with self._turn:
                still = self._turn.wait_for(lambda: self._status != "running", timeout)
        except KeyboardInterrupt:
            self.pause()
            raise
        if still and self.failure is not None and not self._raised:
            self._raised = True
            raise self.failure
        return still

    def ask(self, errand: Callable[[], Any]) -> Future[Any]:
        """Have something done while the simulation stands still, at once or between two pieces.

        Parameters
        ----------
        errand : callable
            What to do. It is done in the thread that runs while there is one.

        Returns
        -------
        concurrent.futures.Future
            What it gives, or raises.
        """
        future: Future[Any] = Future()
        with self._turn:
            self._errands.append((errand, future))
            if self._status != "running":
                self._do_errands()
        return future

    # -- the thread that runs

    def _work(self) -> None:
        try:
            while self._go_on():
                pass
        except BaseException as error:  # raised by wait(), and shown
            self.failure = error
        self._leave()
        with self._turn:
            self._wish = self._status = "stopped"
            self._until = None
            self._do_errands()
            self._turn.notify_all()
        self._changed()

    def _go_on(self) -> bool:
        """Do one piece, or wait for the end of a pause; False at the end of the run."""
        with self._turn:
            self._do_errands()
            stepped = self._stepped()
            if stepped:
                self._until = None
                self._wish = self._status = "paused"
                self._turn.notify_all()
        if stepped:
            self._changed()
        with self._turn:
            while self._wish == "paused":
                self._stand_still()
            left = self._left()
            if self._wish == "stopped" or (left <= 0.0 and not self._stepped()):
                return False
        if left <= 0.0:  # another clock of the simulation came that far
            return True
        if not self._has_turn():
            self._sleep(_TURN)
            return True
        if self.simulation.running:  # somebody else uses it
            self._sleep(0.01)
            return True
        begin = perf_counter()
        piece = self._next(left)
        whole = self._run_piece(piece)
        work = perf_counter() - begin
        self._read()
        self._leave()
        self._learn(begin, work, piece)
        if not whole and self._wish == "running":
            return False  # somebody else called stop() of the simulation
        if self._speed is not None:
            self._keep_pace(begin, piece)
        return True

    def _has_turn(self) -> bool:
        """Whether this clock may run the simulation; those of one simulation do a piece each in turn."""
        with _lock:
            if self not in self._queue:
                self._queue.append(self)
            return self._queue[0] is self

    def _leave(self) -> None:
        """Let the next clock of the simulation have its turn."""
        with _lock:
            if self in self._queue:
                self._queue.remove(self)

    def _run_piece(self, piece: float) -> bool:
        """Run the simulation; whether it came to the end of the piece."""
        self._home.refuse_replaced()  # what took its place is not to be run
        self._at_work = True
        try:
            whole = bool(self.simulation.run(piece))
        finally:
            self._at_work = False
        self._home.refuse_replaced()
        return whole

    def _stand_still(self) -> None:
        """Say that it is paused, and wait for a command or an errand."""
        self._leave()
        self._past.clear()
        self._status = "paused"
        self._turn.notify_all()
        self._turn.wait()
        self._do_errands()

    def _stepped(self) -> bool:
        """Whether it is where a step ends."""
        return self._until is not None and self._steps() >= self._until

    def _left(self) -> float:
        """Model time until the next end or pause, ms."""
        ends = [math.inf if self.total is None else self.total - self.done]
        if self._until is not None:
            ends.append((self._until - self._steps()) * self.simulation.resolution)
        return min(ends)

    def _next(self, left: float) -> float:
        """Length of the next piece, ms."""
        step = self.simulation.resolution
        wanted = min(self._piece, self._longest, left)
        if self._speed is not None:
            wanted = min(wanted, self._speed * self._frames.piece)
        return float(round(max(round(wanted / step), 1) * step, 6))

    def _learn(self, begin: float, work: float, piece: float) -> None:
        """Choose the length of pieces so that there is one for each frame; note how fast it goes."""
        took = perf_counter() - begin
        self._piece = piece * min(max(self._frames.piece / max(took, 1e-6), 0.2), 2.0)
        self._past.append((perf_counter(), work, piece))
        while self._past[-1][0] - self._past[0][0] > _MEMORY:
            self._past.popleft()

    def _keep_pace(self, begin: float, piece: float) -> None:
        """Sleep until the model is no longer ahead of the wall clock."""
        speed = self._speed
        if speed is None:
            return
        self._due = (begin if self._due < begin - _LATE else self._due) + piece / speed
        while (ahead := self._due - perf_counter()) > 0.0 and self._wish == "running":
            if self._speed != speed:
                self._due = perf_counter()
                return
            self._sleep(ahead)

    def _sleep(self, seconds: float) -> None:
        """Sleep, but be there for errands and commands."""
        with self._turn:
            if not self._errands and self._wish == "running":
                self._turn.wait(seconds)
            self._do_errands()

    def _do_errands(self) -> None:
        """Do what was asked for; the simulation stands still."""
        while self._errands:
            errand, future = self._errands.popleft()
            try:
                future.set_result(errand())
            except Exception as error:
                future.set_exception(error)

    # -- parts

    @property
    def _ending(self) -> bool:
        """Whether the run is being stopped; no other command takes that back, as who stops it waits."""
        return self._wish == "stopped" and self._status != "stopped"

    def _settle(self) -> None:
        """Wait for the end of a run that is being stopped."""
        if threading.current_thread() is not self._thread:
            self._turn.wait_for(lambda: not self._ending)

    def _interrupt(self, wish: str) -> threading.Thread | None:
        """Hold or end the run and return when it stands still; its thread."""
        with self._turn:
            thread = self._thread
            if self._status == "stopped":
                return thread
            if not self._ending:
                self._wish = wish
            self._until = None
            self._turn.notify_all()
            while thread is not threading.current_thread() and self._status not in (self._wish, "stopped"):
                if self._at_work:  # what somebody else runs goes on
                    self.simulation.stop()  # again and again, as one that comes before the run begins is lost
                self._turn.wait(0.01)
            return thread

    def _steps(self) -> int:
        steps: int = round(self.simulation.time / self.simulation.resolution)
        return steps

    def _whole(self, ms: float, where: str) -> float:
        """A time to run, in whole steps."""
        step = self.simulation.resolution
        ms = positive(ms, "time to run", "ms", where)
        if abs(ms / step - round(ms / step)) > 1e-6:
            raise BadValue(
                "the time to run must be a multiple of the resolution",
                where=where,
                value=f"{ms:g} ms",
                allowed=f"multiples of {step:g} ms",
                todo="Round it.",
            )
        return ms


def positive(value: Any, what: str, unit: str, where: str) -> float:
    """A number above 0, or an error.

    Parameters
    ----------
    value : object
        What was given.
    what, unit, where : str
        What it is, its unit, and where it was given.

    Returns
    -------
    float

    Raises
    ------
    BadType, BadValue
        It is no number, or not above 0, or not finite.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadType(
            f"the {what} must be a number",
            where=where,
            value=f"{value!r} ({type(value).__name__})",
            allowed=f"a number above 0 {unit}",
            todo=f"Give the {what} in {unit}.",
        ) from None
    if not 0.0 < number < math.inf:
        raise BadValue(
            f"the {what} must be above 0",
            where=where,
            value=f"{number:g} {unit}",
            allowed=f"a number above 0 {unit}",
            todo=f"Give the {what} in {unit}.",
        )
    return number


_all: WeakSet[Clock] = WeakSet()
_lock = threading.Lock()
_queues: WeakKeyDictionary[Any, deque[Clock]] = WeakKeyDictionary()  # who runs next, by network


@atexit.register
def _stop_all() -> None:
    """End all runs before Python ends, which a thread of the kernel must not outlive."""
    for clock in list(_all):
        clock.stop()
