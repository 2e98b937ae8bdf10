"""Many simulations on a ``concurrent.futures`` executor: one after the other, stopped and taken up again."""

from __future__ import annotations

import atexit
import concurrent.futures.thread  # noqa: F401  (its list is complete before something is added to it)
import multiprocessing
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

from nest_lab.errors import NESTError, WrongState
from nest_lab.widgets._cells import Cell, Task, ignore_interrupts, ready, simulate

__all__ = ["Jobs", "before_exit", "refuse_import"]

_LOOK = 0.1  # s between two looks at what is wanted


def before_exit(function: Callable[[], None]) -> None:
    """Have a function called when Python ends, before executors wait for what is under way.

    `atexit` comes later, so that a program would not end before the simulations; the executors have a list
    of their own, which is read from its end.

    Parameters
    ----------
    function : callable
        What to call.
    """
    getattr(threading, "_register_atexit", atexit.register)(function)


def refuse_import() -> None:
    """Refuse to begin in a process that only reads the program on its way to become a worker.

    Raises
    ------
    WrongState
        The program does not guard what it does, so each worker would begin workers of its own.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):  # as multiprocessing itself asks
        what = "a process that a sweep began reads the program again, and would begin it again"
        raise _unguarded(what, "a program without a guard")


def _unguarded(what: str, value: str) -> NESTError:
    return WrongState(
        what,
        where="Sweep.run()",
        value=value,
        allowed='what begins a sweep stands below: if __name__ == "__main__":',
        todo="Write that line above what the program does, or give executor=ThreadPoolExecutor(2).",
    )


class Jobs:
    """Runs tasks in the background until all are done or it is cancelled.

    What is under way is stopped by a file that the simulations look for several times a second, in whichever
    thread or process of this machine they are.

    Parameters
    ----------
    tasks : mapping of object to Task
        What to do, by key, in this order.
    executor : concurrent.futures.Executor or None
        Where; processes of its own when not given.
    workers : int
        How many of these.
    took : callable
        Called with a key and its result, in the thread that waits for results.
    ended : callable
        Called at the end, with what `failure` is.

    Attributes
    ----------
    failure : NESTError or None
        Why no process could begin; then no task was done.
    """

    def __init__(
        self,
        tasks: Mapping[Hashable, Task],
        executor: Executor | None,
        workers: int,
        took: Callable[[Any, Cell | str | None], None],
        ended: Callable[[NESTError | None], None],
    ) -> None:
        self._waiting = deque(tasks.items())
        self._given, self._workers = executor, workers
        self._took, self._ended = took, ended
        self._suspects: set[Hashable] = set()  # were under way when a process died
        self._flying: dict[Future[Any], tuple[Any, Task]] = {}
        self._cancelled = threading.Event()
        self.failure: NESTError | None = None
        self._thread = threading.Thread(target=self._work, name="nest_lab sweep", daemon=True)
        self._thread.start()

    @property
    def running(self) -> list[Any]:
        """Keys of what is under way."""
        own = self._given is None
        return [key for future, (key, _) in tuple(self._flying.items()) if own or future.running()]

    def cancel(self) -> None:
        """Stop what is under way, and begin nothing more."""
        self._cancelled.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end; whether it has come."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- the thread

    def _work(self) -> None:
        executor = self._given or self._pool()
        try:
            with tempfile.TemporaryDirectory(prefix="nest_lab-") as folder:
                flag = Path(folder, "stop")
                if self._given is None and self._waiting:
                    self._begin(executor)
                while self._waiting or self._flying:
                    if self._cancelled.is_set():
                        self._give_up(flag)
                    executor = self._submit(executor, str(flag))
                    executor = self._collect(executor)
        finally:
            if self._given is None:
                executor.shutdown(wait=True)
            self._ended(self.failure)

    def _pool(self) -> Executor:
        """Processes that begin from nothing: copies would have half of the threads of this one."""
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, mp_context=spawn, initializer=ignore_interrupts)

    def _begin(self, executor: Executor) -> None:
        """Wait for the first process; where none can begin, neither can those that would take their place."""
        try:
            first = [executor.submit(ready) for _ in range(self._workers)]  # they begin side by side
            while not (begun := wait(first, _LOOK, FIRST_COMPLETED).done) and not self._cancelled.is_set():
                pass
            for each in begun:
                each.result()
        except BrokenProcessPool:
            self._waiting.clear()
            self.failure = _unguarded(
                "the processes of a sweep ended while they began", "most likely a program without a guard"
            )
        except RuntimeError:  # Python ends
            self._cancelled.set()

    def _give_up(self, flag: Path) -> None:
        flag.touch()
        self._waiting.clear()
        for future in self._flying:
            future.cancel()

    def _submit(self, executor: Executor, flag: str) -> Executor:
        """Begin as many as there is room for; of suspects one alone."""
        room = 1 if self._suspects else self._workers
        while self._waiting and (self._given is not None or len(self._flying) < room):
            key, task = self._waiting.popleft()
            try:
                future = executor.submit(simulate, replace(task, flag=flag))
            except RuntimeError as error:  # it was shut down, or a process died
                if self._given is None and isinstance(error, BrokenProcessPool):
                    self._waiting.appendleft((key, task))
                    return self._renewed(executor)
                self._took(key, f"{type(error).__name__}: {error}")
                continue
            self._flying[future] = (key, task)
        return executor

    def _collect(self, executor: Executor) -> Executor:
        """Take what is done."""
        done, _ = wait(self._flying, _LOOK, FIRST_COMPLETED)
        broken = False
        for future in done:
            key, task = self._flying.pop(future)
            try:
                self._took(key, future.result())
                self._suspects.discard(key)
            except CancelledError:
                self._took(key, None)
            except BrokenProcessPool as error:
                broken = True
                if self._given is not None or key in self._suspects:
                    self._suspects.discard(key)
                    self._took(key, f"The process that simulated it ended: {error}")
                else:  # this one or a neighbour ended it; once more, alone
                    self._suspects.add(key)
                    self._waiting.appendleft((key, task))
            except Exception as error:  # it could not be sent, for example
                self._took(key, f"{type(error).__name__}: {error}")
        return self._renewed(executor) if broken and not self._flying else executor

    def _renewed(self, executor: Executor) -> Executor:
        """Processes of its own take the place of those that died."""
        if self._given is not None:
            return executor
        executor.shutdown(wait=True)
        return self._pool()
