"""What widgets with a clock have in common: their runs are held, ended and waited for in one way."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import traitlets

from nest_lab.widgets._base import Widget
from nest_lab.widgets._clock import Clock, positive
from nest_lab.widgets._frames import Frames

__all__ = ["Clocked"]


class Clocked(Widget):
    """A widget that a clock runs.

    A subclass sets `_clock`, which calls `_notice`; as long as it has none, nothing runs. It has a ``reset``.

    Attributes
    ----------
    status : {'stopped', 'running', 'paused'}
        What it does.
    """

    status = traitlets.Unicode("stopped").tag(sync=True)
    _failure = traitlets.Unicode("").tag(sync=True)  # what was refused, or ended the run
    _clock: Clock | None = None
    _failure_told: BaseException | None = None  # the failure of a run that `_failure` told last

    @cached_property
    def _frames(self) -> Frames:
        """When what its clocks read is shown."""
        return Frames()

    def pause(self) -> None:
        """Hold the run, within 100 ms; `run` goes on with it."""
        if self._clock is not None:
            self._clock.pause()

    def stop(self) -> None:
        """End the run, within 100 ms; the next `run` begins a new one."""
        if self._clock is not None:
            self._clock.stop()

    def reset(self) -> None:
        """Go back to the beginning."""
        raise NotImplementedError

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run or the next pause, and until all of it is shown.

        Parameters
        ----------
        timeout : float, s, optional
            How long to wait at most.

        Returns
        -------
        bool
            Whether nothing runs any more.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C or an interrupt of the kernel, which pauses the run.
        Exception
            Whatever went wrong in the run.
        """
        if self._clock is None:
            return True
        try:
            still = self._clock.wait(timeout)
            if still:
                self._clock.ask(self._show_all).result()  # the clock says so a moment before all is read
        finally:
            self._agree()
        return still

    def _show_all(self) -> None:
        """Show what has come so far; nothing runs."""

    def _notice(self) -> None:
        """Say what the clock does now; what it came to, if it stands still."""
        if self._clock is None:
            return
        if self._clock.status != "running":
            self._clock.ask(self._show_all)  # before: what is on the page when it says so is the last
        self._agree()

    def _agree(self) -> None:
        """Let `status` be what the clock does, of which several threads may hear at once."""
        failure = None if self._clock is None else self._clock.failure
        if failure is not None and failure is not self._failure_told:  # what was refused since then stays
            self._failure = str(failure)  # first: who sees that it stopped can see why
        self._failure_told = failure
        while self._clock is not None and self.status != (status := self._clock.status):
            self.status = status

    def _heard_of(self, name: str, what: Mapping[str, Any], refused: str | None) -> None:
        if refused is not None:
            self._failure = refused

    def _do_reset(self) -> None:
        self.reset()

    def _do_pause(self) -> None:
        self.pause()

    def _do_stop(self) -> None:
        self.stop()

    def _do_pace(self, page: str, view: str, interval: Any) -> None:
        """A page says how much time there should be between two frames, s; None if the view is gone."""
        if interval is not None:
            interval = positive(interval, "time between two frames", "s", type(self).__name__)
        self._frames.wish(str(page), str(view), interval)

    def close(self) -> None:
        """End the run and remove the widget from all pages."""
        Clocked.stop(self)
        super().close()
