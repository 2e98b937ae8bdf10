"""What widgets with a clock have in common: their runs are held, ended and waited for in one way."""

from __future__ import annotations

from nest_lab.widgets._base import Widget
from nest_lab.widgets._clock import Clock

__all__ = ["Clocked"]


class Clocked(Widget):
    """A widget that a clock runs.

    A subclass sets `_clock`; as long as it has none, nothing runs.
    """

    _clock: Clock | None = None

    def pause(self) -> None:
        """Hold the run, within 100 ms; `run` goes on with it."""
        if self._clock is not None:
            self._clock.pause()

    def stop(self) -> None:
        """End the run, within 100 ms; the next `run` begins a new one."""
        if self._clock is not None:
            self._clock.stop()

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

    def _do_pause(self) -> None:
        self.pause()

    def _do_stop(self) -> None:
        self.stop()

    def close(self) -> None:
        """End the run and remove the widget from all pages."""
        Clocked.stop(self)
        super().close()
