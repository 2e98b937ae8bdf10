"""What widgets with a clock have in common: their runs are held, ended and waited for in one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from nest_lab.widgets._base import Widget
from nest_lab.widgets._clock import Clock

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
        """Wait for the end of the run or the next pause.

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
        return self._clock is None or self._clock.wait(timeout)

    def _notice(self) -> None:
        """Say what the clock does now."""
        if self._clock is None:
            return
        if self._clock.failure is not None:
            self._failure = str(self._clock.failure)  # first: who sees that it stopped can see why
        self.status = self._clock.status

    def _heard_of(self, name: str, what: Mapping[str, Any], refused: str | None) -> None:
        if refused is not None:
            self._failure = refused

    def _do_reset(self) -> None:
        self.reset()

    def _do_pause(self) -> None:
        self.pause()

    def _do_stop(self) -> None:
        self.stop()

    def close(self) -> None:
        """End the run and remove the widget from all pages."""
        Clocked.stop(self)
        super().close()
