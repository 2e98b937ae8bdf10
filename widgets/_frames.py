"""When the page of a widget that runs gets its next frame."""

from __future__ import annotations

import math
import threading
from time import perf_counter

__all__ = ["Frames"]

_USUAL = 0.085  # s of wall time between two frames, if no page says what it takes: twelve per second
_SHORTEST, _REST = 0.05, 2.0  # s; twenty per second at most, one in two seconds for a page that is not seen


class Frames:
    """Says when a frame is due.

    A page says how much time there should be between two frames when that changes: less for one that draws
    quickly, more for one that is late, or not in view (`_frames.js`). It does not answer each frame, because
    a notebook takes more time for an answer than for the frame. Of several views that with the most frames
    counts.
    """

    def __init__(self) -> None:
        self._last = -math.inf  # wall time of the last frame
        self._lock = threading.Lock()  # pages speak in another thread than the one that runs
        self._wishes: dict[tuple[str, str], float] = {}

    @property
    def interval(self) -> float:
        """Wall time between two frames, s."""
        with self._lock:
            return min(self._wishes.values(), default=_USUAL)

    @property
    def piece(self) -> float:
        """Wall time that the simulation may run without a look at anything, s."""
        return min(self.interval, _USUAL)

    def due(self) -> bool:
        """Whether it is time for the next frame, or so soon that the one after it would be late."""
        return perf_counter() - self._last >= 0.75 * self.interval

    def sent(self) -> None:
        """A frame is being sent."""
        self._last = perf_counter()

    def wish(self, page: str, view: str, interval: float | None) -> None:
        """Note what a view of a page says.

        Parameters
        ----------
        page, view : str
            Which one. A page that is gone cannot say so; the next one stands for that.
        interval : float or None, s
            Between two frames; None if the view is gone.
        """
        with self._lock:
            self._wishes = {(p, v): wish for (p, v), wish in self._wishes.items() if p == page and v != view}
            if interval is not None:
                self._wishes[page, view] = min(max(interval, _SHORTEST), _REST)
