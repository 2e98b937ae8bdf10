"""Work in the background of which only the latest counts, as when a slider is dragged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import thread_time

__all__ = ["Latest"]

_REST = 5.0  # s between two results at most, so that what is shown is never much older


class Latest:
    """Does a piece of work again, in a thread of its own, whenever it is asked to.

    What is asked while it is at work makes it begin anew when it has come to its end, once.

    Parameters
    ----------
    work : callable
        What to do. It gets a function that tells whether its result is still wanted.
    changed : callable
        Called with whether it is at work, and with what went wrong, if anything did; in any thread.
    share : float
        Part of one processor that it may take; it rests for the other part, but not for more than 5 s.
    """

    def __init__(
        self,
        work: Callable[[Callable[[], bool]], None],
        changed: Callable[[bool, Exception | None], None],
        *,
        share: float = 1.0,
    ) -> None:
        self._work, self._changed, self._share = work, changed, share
        self._turn = threading.Condition(threading.RLock())
        self._wanted = self._done = 0
        self._waiting = 0  # threads that wait for what was asked
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None

    def ask(self) -> None:
        """Have it done; returns at once."""
        with self._turn:
            self._wanted += 1
            begin = self._thread is None
            if begin:
                self._thread = threading.Thread(target=self._go, name="nest_lab widget", daemon=True)
                self._changed(True, None)
                self._thread.start()

    def wait(self) -> None:
        """Wait until everything that was asked for is done.

        Raises
        ------
        Exception
            What went wrong in it.
        """
        with self._turn:
            self._waiting += 1
            self._turn.notify_all()
            try:
                self._turn.wait_for(lambda: self._done == self._wanted)
            finally:
                self._waiting -= 1
            if self._failure is not None:
                raise self._failure

    def _go(self) -> None:
        while (number := self._next()) is not None:
            begin, failure = thread_time(), None
            try:
                self._work(lambda number=number: number == self._wanted)  # type: ignore[misc]
            except Exception as error:
                failure = error
                self._changed(True, error)
            took = thread_time() - begin
            with self._turn:
                self._done, self._failure = number, failure
                self._turn.notify_all()
                self._turn.wait_for(lambda: self._waiting, min(took / self._share - took, _REST))

    def _next(self) -> int | None:
        """What is wanted and not done, None at the end."""
        with self._turn:
            if self._done != self._wanted:
                return self._wanted
            self._thread = None
            self._changed(False, self._failure)
            return None
