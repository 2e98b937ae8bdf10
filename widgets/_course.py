"""How the numbers of many synapses develop: statistics in time, in bounded memory for a run of any length."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVELS", "Course", "distribution"]

Floats = NDArray[np.float64]
LEVELS = (5, 25, 50, 75, 95)  # percentiles
_POINTS = 600  # at most; then every second is forgotten
_BINS = 40  # of a histogram


class Course:
    """Mean, percentiles, extremes and some single values at up to 600 points of time.

    When there are more, every second one is forgotten, and points come half as often from then on. The last
    point is always that of now.

    Attributes
    ----------
    first, last : ndarray, shape (n,)
        All values at the beginning, and those of now.
    """

    def __init__(self) -> None:
        self._rows: list[Floats] = []
        self._apart = 0.0  # ms between two points, at least
        self.first = self.last = np.empty(0)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, time: float, values: Floats, singles: Floats) -> None:
        """Take in what is now.

        Parameters
        ----------
        time : float, ms
            When; not before the last one.
        values : ndarray, shape (n,)
            Of all synapses that are looked at; what is not finite is left out.
        singles : ndarray, shape (n_singles,)
            Of those that are shown one by one; may become more.
        """
        known = values[np.isfinite(values)]
        self.last = known
        if not self._rows:
            self.first = known
        row = np.concatenate(([time], _described(known), singles))
        before, last = ([-math.inf, -math.inf] + [float(each[0]) for each in self._rows[-2:]])[-2:]
        if self._rows and (time <= last or last - before < 0.999 * self._apart):
            self._rows[-1] = row  # the last point moves on until it is far enough from the one before
        else:
            self._rows.append(row)
        if len(self._rows) > _POINTS:
            self._rows = [*self._rows[:-1:2], self._rows[-1]]
            span = time - float(self._rows[0][0])
            self._apart = max(2.0 * self._apart, 2.0 * span / _POINTS)

    @property
    def table(self) -> Floats:
        """One row per point: time, lowest, highest, mean, percentiles, then the single ones."""
        width = max((len(row) for row in self._rows), default=4 + len(LEVELS))
        found = np.full((len(self._rows), width), math.nan)
        for row, each in zip(found, self._rows, strict=True):
            row[: len(each)] = each
        return found


def _described(values: Floats) -> Any:
    """Lowest, highest, mean and percentiles."""
    if not len(values):
        return np.full(3 + len(LEVELS), math.nan)
    return [values.min(), values.max(), values.mean(), *np.percentile(values, LEVELS)]


def distribution(course: Course) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Histograms with bins in common.

    Parameters
    ----------
    course : Course
        Its values at the beginning and now.

    Returns
    -------
    edges : ndarray, shape (n_bins + 1,)
    first, last : ndarray, shape (n_bins,), int
        Synapses in each bin at the beginning and now.
    """
    both = np.concatenate((course.first, course.last))
    low, high = (float(both.min()), float(both.max())) if len(both) else (0.0, 1.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        room = 0.05 * abs(high) or 0.5
        low, high = low - room, high + room
    edges = np.linspace(low, high, _BINS + 1)
    return edges, np.histogram(course.first, edges)[0], np.histogram(course.last, edges)[0]
