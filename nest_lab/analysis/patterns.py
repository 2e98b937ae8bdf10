"""Patterns of spikes that are more than chance, by Elephant: SPADE, and unitary events."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from nest_lab.analysis._result import Floats, Ids, Result, above, elephant
from nest_lab.analysis.pairs import spike_trains
from nest_lab.errors import BadValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Pattern", "Patterns", "UnitaryEvents", "spade", "unitary_events"]


@dataclass(frozen=True)
class Pattern:
    """Spikes of several neurons that come again and again with the same delays.

    Attributes
    ----------
    neurons : tuple of int
        Node ids, in the order in which they fire.
    lags : tuple of float, ms
        Delay of each after the first.
    times : ndarray, shape (n_occurrences,), ms
        When it began.
    p_value : float
        Probability of a pattern of this size and number by chance, `nan` if no surrogates were made.
    """

    neurons: tuple[int, ...]
    lags: tuple[float, ...]
    times: Floats
    p_value: float


@dataclass(frozen=True)
class Patterns(Result):
    """What SPADE found.

    Attributes
    ----------
    patterns : sequence of Pattern
        The most frequent first.
    bin, window : float, ms
        Width of a bin, and the longest pattern.
    surrogates : int
        Number of surrogates that were tested.
    alpha : float
        Level of significance.
    start, stop : float, ms
        The interval.
    """

    patterns: Sequence[Pattern]
    bin: float
    window: float
    surrogates: int
    alpha: float
    start: float
    stop: float

    def __len__(self) -> int:
        return len(self.patterns)

    def facts(self) -> list[tuple[str, str]]:
        """What it is and its most important numbers, with their units."""
        tested = f"{self.surrogates} surrogates, level {self.alpha:g}" if self.surrogates else "not tested"
        rows = [
            ("patterns", f"{len(self.patterns)}"),
            ("bins, window", f"{self.bin:g} ms, {self.window:g} ms"),
            ("significance", tested),
        ]
        for each in self.patterns[:5]:
            who = ", ".join(f"{n} +{lag:g} ms" for n, lag in zip(each.neurons, each.lags, strict=True))
            rows.append((who, f"{len(each.times)} times, p = {each.p_value:.3g}"))
        return rows

    def _draw(self, ax: Axes) -> None:
        """Draw the spikes of each pattern, with a line for each occurrence."""
        known = sorted({neuron for each in self.patterns for neuron in each.neurons})
        for number, each in enumerate(self.patterns[:10]):
            rows = np.asarray([known.index(neuron) for neuron in each.neurons])
            for which, begin in enumerate(each.times):
                label = f"{len(each.times)} times" if which == 0 else None
                ax.plot(
                    begin + np.asarray(each.lags),
                    rows,
                    "o-",
                    color=f"C{number}",
                    markersize=3.0,
                    lw=0.8,
                    label=label,
                )
        if known:
            ax.set_yticks(range(len(known)), [str(neuron) for neuron in known])
            ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=5, borderpad=0.1)
        else:
            ax.text(0.5, 0.5, "no patterns", transform=ax.transAxes, ha="center", va="center")
            ax.set_yticks([])
        ax.set(xlabel="time (ms)", ylabel="neuron", xlim=(self.start, self.stop))


def spade(
    times: ArrayLike,
    senders: ArrayLike,
    neurons: ArrayLike,
    start: float,
    stop: float,
    *,
    bin: float = 3.0,
    window: float = 30.0,
    min_spikes: int = 2,
    min_occurrences: int = 3,
    surrogates: int = 0,
    alpha: float = 0.05,
    dither: float = 15.0,
    seed: int = 1,
    **options: Any,
) -> Patterns:
    """Find spike patterns that repeat, and test them against surrogates.

    Parameters
    ----------
    times, senders, neurons, start, stop
        As for `rates`; the effort grows fast, so give some dozens of neurons.
    bin : float, ms
        Width of the bins.
    window : float, ms
        Longest pattern, a multiple of `bin`.
    min_spikes, min_occurrences : int
        Smaller and rarer patterns are left out.
    surrogates : int
        Number of surrogates with dithered spikes; 0 for no test.
    alpha : float
        Level of significance, corrected for multiple tests.
    dither : float, ms
        Spikes of surrogates are moved by up to this.
    seed : int
        Of the surrogates.
    **options
        More that ``elephant.spade.spade`` takes.

    Returns
    -------
    Patterns
        Those that are significant, or all if there was no test.

    Raises
    ------
    BadValue
        If a number is out of bounds.

    References
    ----------
    Quaglio P, Yegenoglu A, Torre E, Endres DM, Grün S (2017). Detection and evaluation of spatio-temporal
    spike patterns in massively parallel spike train data with SPADE. Frontiers in Computational
    Neuroscience 11:41. doi:10.3389/fncom.2017.00041

    Examples
    --------
    >>> begins = [100.0, 300.0, 500.0]
    >>> found = spade(begins + [t + 6.0 for t in begins], [1] * 3 + [2] * 3, [1, 2], 0.0, 600.0)
    >>> found.patterns[0].neurons, found.patterns[0].lags, len(found.patterns[0].times)
    ((1, 2), (0.0, 6.0), 3)
    """
    import quantities as pq

    where = "spade()"
    above("bin", bin, 0.0, "ms", where)
    above("window", window, 0.0, "ms", where)
    for name, number, lowest in (
        ("min_spikes", min_spikes, 1),
        ("min_occurrences", min_occurrences, 1),
        ("surrogates", surrogates, -1),
        ("seed", seed, -1),
    ):
        above(name, number, lowest, "", where)
        if int(number) != number or number >= 2**32:
            raise BadValue(
                f"{name} must be a whole number",
                where=where,
                value=f"{number!r}",
                allowed=f"{lowest + 1}, {lowest + 2}, … below 2**32",
                todo=f"Choose another {name}.",
            )
    ids = np.unique(np.asarray(neurons, dtype=np.int64))
    trains = spike_trains(times, senders, ids, start, stop)
    n_window = max(round(window / bin), 1)
    found: list[dict[str, Any]] = []
    if sum(len(train) for train in trains) >= min_spikes:
        with elephant(), contextlib.redirect_stdout(io.StringIO()), _seeded(seed):
            from elephant.spade import spade as mine

            found = mine(
                trains,
                bin * pq.ms,
                n_window,
                min_spikes=min_spikes,
                min_occ=min_occurrences,
                n_surr=surrogates,
                alpha=alpha if surrogates else None,
                dither=dither * pq.ms,
                **options,
            )["patterns"]
    patterns = [_pattern(each, ids, bool(surrogates)) for each in found]
    patterns.sort(key=lambda each: (-len(each.times), -len(each.neurons), each.neurons, each.lags))
    return Patterns(patterns, bin, n_window * bin, surrogates, alpha, start, stop)


@contextlib.contextmanager
def _seeded(seed: int) -> Any:
    """Seed the random numbers that Elephant takes, and put those of the user back."""
    before = np.random.get_state()  # noqa: NPY002  (Elephant's are the old ones)
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def _pattern(found: dict[str, Any], ids: Ids, tested: bool) -> Pattern:
    """A pattern as Elephant describes it."""
    lags = np.concatenate(([0.0], np.asarray(found["lags"].rescale("ms").magnitude, dtype=np.float64)))
    who = ids[np.asarray(found["neurons"], dtype=np.int64)]
    order = np.lexsort((who, lags))
    times = np.sort(np.asarray(found["times"].rescale("ms").magnitude, dtype=np.float64))
    value = found.get("pvalue", -1.0)
    return Pattern(
        tuple(who[order].tolist()),
        tuple(lags[order].tolist()),
        times,
        float(value) if tested and value is not None and value >= 0.0 else float("nan"),
    )


@dataclass(frozen=True)
class UnitaryEvents(Result):
    """Coincidences beyond chance in a sliding window, over trials.

    Attributes
    ----------
    times : ndarray, shape (n_windows,), ms
        Middle of each window after the beginning of a trial.
    surprise : ndarray, shape (n_windows,)
        Joint surprise: positive for more coincidences than by chance, 0 for as many, `nan` where there are
        too few spikes to tell.
    empirical, expected : ndarray, shape (n_windows,)
        Number of coincidences in all trials, and that of independent neurons of the same rates.
    level : float
        Surprise above which a window is significant.
    neurons : ndarray, shape (n_neurons,), int
        Node ids.
    n_trials : int
        Number of trials.
    bin, window : float, ms
        Width of a bin and of the sliding window.
    """

    times: Floats
    surprise: Floats
    empirical: Floats
    expected: Floats
    level: float
    neurons: Ids
    n_trials: int
    bin: float
    window: float

    @property
    def significant(self) -> Floats:
        """Middles of the windows with more coincidences than by chance, ms."""
        return self.times[self.surprise > self.level]

    def facts(self) -> list[tuple[str, str]]:
        """What it is and its most important numbers, with their units."""
        rows = [
            ("neurons, trials", f"{len(self.neurons)}, {self.n_trials}"),
            ("bins, window", f"{self.bin:g} ms, {self.window:g} ms"),
            ("significant windows", f"{len(self.significant)} of {len(self.times)}"),
        ]
        if not np.isnan(self.surprise).all():
            best = int(np.nanargmax(self.surprise))
            rows.append(("highest surprise", f"{self.surprise[best]:.3g} at {self.times[best]:g} ms"))
        return rows

    def _draw(self, ax: Axes) -> None:
        """Draw the surprise."""
        ax.plot(self.times, self.surprise, color="C0")
        ax.fill_between(
            self.times, self.level, self.surprise, where=self.surprise > self.level, color="C3", alpha=0.4
        )
        ax.axhline(self.level, color="C1", linestyle="--", label="significant")
        ax.axhline(0.0, color="0.5", linewidth=0.8)
        ax.set(xlabel="time in the trial (ms)", ylabel="joint surprise", xlim=(self.times[0], self.times[-1]))
        ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderpad=0.1)


def unitary_events(
    times: ArrayLike,
    senders: ArrayLike,
    neurons: ArrayLike,
    starts: ArrayLike,
    length: float,
    *,
    bin: float = 5.0,
    window: float = 100.0,
    step: float = 5.0,
    alpha: float = 0.05,
) -> UnitaryEvents:
    """Look for coincidences of all given neurons that are more than chance.

    Parameters
    ----------
    times, senders : array_like
        As for `rates`.
    neurons : array_like of int
        Two or more node ids.
    starts : array_like, shape (n_trials,), ms
        Beginning of each trial.
    length : float, ms
        Length of a trial; an incomplete last window is left out.
    bin : float, ms
        Spikes of one bin are coincident.
    window, step : float, ms
        Length of the sliding window and by how much it is moved, multiples of `bin`.
    alpha : float
        Level of significance, between 0 and 1.

    Returns
    -------
    UnitaryEvents
        Of ``elephant.unitary_event_analysis.jointJ_window_analysis``.

    Raises
    ------
    BadValue
        If a number is out of bounds, or there are fewer than two neurons, or no trials.

    References
    ----------
    Grün S, Diesmann M, Aertsen A (2002). Unitary events in multiple single-neuron spiking activity: II.
    Nonstationary data. Neural Computation 14:81-119. doi:10.1162/089976602753284464

    Examples
    --------
    >>> starts = np.arange(20) * 200.0
    >>> together = (starts[:, np.newaxis] + [52.0, 102.0, 152.0]).ravel()
    >>> found = unitary_events(np.repeat(together, 2), np.tile([1, 2], 60), [1, 2], starts, 200.0)
    >>> len(found.significant) == len(found.times)
    True
    """
    import quantities as pq

    where = "unitary_events()"
    for name, value in (("bin", bin), ("window", window), ("step", step), ("length", length)):
        above(name, value, 0.0, "ms", where)
    ids, trials = np.unique(np.asarray(neurons, dtype=np.int64)), np.asarray(starts, dtype=np.float64)
    whole = all(abs(value / bin - round(value / bin)) < 1e-6 for value in (window, step))
    if len(ids) < 2 or not trials.size or not whole or window > length or not 0.0 < alpha < 1.0:
        raise BadValue(
            "unitary events need neurons, trials and windows that fit",
            where=where,
            value=f"{len(ids)} neurons, {trials.size} trials of {length:g} ms, window {window:g} ms, "
            f"step {step:g} ms, alpha {alpha:g}",
            allowed="2 neurons and 1 trial at least, "
            f"multiples of {bin:g} ms below the length, alpha in 0 … 1",
            todo="Give more neurons or trials, or other windows.",
        )
    width, move = round(window / bin), max(round(step / bin), 1)
    n_bins = int(np.floor(length / bin + 1e-9))
    n_bins -= (n_bins - width) % move  # Elephant would add a window that reaches beyond the end
    data = [_trial(times, senders, ids, float(begin), bin, n_bins) for begin in trials.ravel()]
    with elephant():
        from elephant.unitary_event_analysis import jointJ, jointJ_window_analysis

        with np.errstate(divide="ignore", invalid="ignore"):
            found = jointJ_window_analysis(
                data,
                bin_size=1.0 * pq.ms,
                win_size=width * pq.ms,
                win_step=move * pq.ms,
                t_start=0.0 * pq.ms,
                t_stop=n_bins * pq.ms,
            )
            level = float(np.ravel(jointJ(alpha))[0])
    surprise = np.asarray(found["Js"], dtype=np.float64)[:, 0]
    return UnitaryEvents(
        np.arange(len(surprise)) * step + window / 2.0,
        surprise,
        np.asarray(found["n_emp"], dtype=np.float64)[:, 0],
        np.asarray(found["n_exp"], dtype=np.float64)[:, 0],
        level,
        ids,
        int(trials.size),
        bin,
        window,
    )


def _trial(
    times: ArrayLike, senders: ArrayLike, ids: Ids, begin: float, bin: float, n_bins: int
) -> list[Any]:
    """Spike trains of one trial whose unit is the bin: of other multiples Elephant loses or adds one."""
    import neo

    return [
        neo.SpikeTrain(np.clip((train.magnitude - begin) / bin, 0.0, n_bins), units="ms", t_stop=n_bins)
        for train in spike_trains(times, senders, ids, begin, begin + n_bins * bin)
    ]
