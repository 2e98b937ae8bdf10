"""A widget that shows a window of time: where it begins and ends can be moved and scaled."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import traitlets

from nest_lab.errors import BadType, BadValue
from nest_lab.widgets._drawn import Drawn

__all__ = ["Windowed"]


class Windowed(Drawn):
    """A widget with a window of time.

    Attributes
    ----------
    window : (float, float), ms
        Where the picture begins and ends. What is not a time before another is refused, and the last valid
        window stays.
    """

    window = traitlets.Any((0.0, 1.0)).tag(sync=True)
    _whole = traitlets.Any((0.0, 1.0)).tag(sync=True)  # all there is to see, ms
    _heard = traitlets.Unicode("").tag(sync=True)  # the last message of the page that was seen to
    _least = traitlets.Float(0.1).tag(sync=True)  # width of the narrowest window, ms

    @traitlets.validate("window")
    def _valid_window(self, proposal: Any) -> tuple[float, float]:
        return _interval(proposal["value"], f"{type(self).__name__}.window")

    def _read_again(self, take_over: Callable[[], None]) -> None:
        """Take over what there is now; the window stays, or grows with the end."""
        followed = self.window[1] == self._whole[1]
        take_over()
        if followed:
            self.window = (self.window[0], self._whole[1])

    def _begin_and_end(self, what: str) -> str:
        """The window in words, and what there is to see."""
        (start, stop), (begin, end) = self.window, self._whole
        return f"{what} from {start:,.1f} to {stop:,.1f} ms (of {begin:,.1f} to {end:,.1f} ms)"

    def _do_window(self, start: Any, stop: Any, number: str = "") -> None:
        with self.hold_sync():  # the page gets all in one
            self._heard = number
            self.window = (start, stop)
            self._wrong = ""


def _interval(given: Any, where: str) -> tuple[float, float]:
    """Two times in ascending order."""
    try:
        start, stop = (float(time) for time in given)
    except (TypeError, ValueError):
        raise BadType(
            "a window must be two times",
            where=where,
            value=f"{given!r} ({type(given).__name__})",
            allowed="(start, stop) in ms",
            todo="Give the time at which it begins and that at which it ends.",
        ) from None
    if not -math.inf < start < stop < math.inf:
        raise BadValue(
            "a window must begin before it ends",
            where=where,
            value=f"{start:g} … {stop:g} ms",
            allowed="two finite times, the earlier first",
            todo="Give the time at which it begins and that at which it ends.",
        )
    return start, stop
