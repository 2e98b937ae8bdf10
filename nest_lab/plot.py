"""Figures of spikes and traces with matplotlib; every function takes axes and returns them.

Nothing here changes matplotlib's settings. Colours come from the colour cycle and the text colour that are in
force, so the figures are legible in a light and in a dark style. matplotlib is imported when a figure is
drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nest_lab.errors import BadValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["boxes", "raster", "traces"]


def _axes(ax: Axes | None, height: float) -> Axes:
    """The axes to draw on, new ones if there are none."""
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.figure(figsize=(6.4, height), layout="constrained").add_subplot()
    return ax


def _pairs(times: ArrayLike, senders: ArrayLike, where: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times and senders as arrays of one length."""
    t, ids = np.asarray(times, dtype=np.float64), np.asarray(senders, dtype=np.int64)
    if t.shape != ids.shape or t.ndim != 1:
        raise BadValue(
            "times and senders must have one entry per event",
            where=where,
            value=f"shapes {t.shape} and {ids.shape}",
            allowed="two arrays of one length",
            todo="Take both from the same recorder: recorder.events['times'] and recorder.events['senders'].",
        )
    return t, ids


def raster(
    times: ArrayLike,
    senders: ArrayLike,
    ax: Axes | None = None,
    hist: bool = False,
    populations: Mapping[str, Any] | None = None,
    *,
    bin: float = 1.0,
    markersize: float | None = None,
    colors: Mapping[str, str] | None = None,
) -> Any:
    """Draw a dot for each spike: time to the right, neuron upwards.

    Parameters
    ----------
    times : array_like, shape (n_spikes,), ms
        Time of each spike.
    senders : array_like, shape (n_spikes,), int
        Its neuron.
    ax : matplotlib.axes.Axes, optional
        Where to draw, a new figure when not given.
    hist : bool
        Whether to draw the mean rate of the neurons below.
    populations : mapping of str to node ids or NodeCollection, optional
        Neurons by population. Only these are drawn, one above the other without gaps, each population in a
        colour of its own. Without it every neuron that fired is drawn at its node id.
    bin : float, ms
        Width of the bins of the rate.
    markersize : float, optional
        Size of a dot in points; chosen by the number of neurons when not given.
    colors : mapping of str to colour, optional
        Colours by population, those of the colour cycle in turn when not given.

    Returns
    -------
    matplotlib.axes.Axes or tuple of two of them
        The raster; with `hist` also the axes of the rate.

    Raises
    ------
    BadValue
        If `times` and `senders` differ in length.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = raster([1.0, 2.0, 3.0], [1, 2, 1], ax=Figure().add_subplot())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('time (ms)', 'neuron')
    """
    t, ids = _pairs(times, senders, "raster()")
    ax = _axes(ax, 4.0)
    n_neurons = _dots(ax, t, ids, populations, markersize, colors or {})
    if populations is None:
        ax.set_ylabel("neuron")
    ax.margins(x=0.01)
    if not hist:
        ax.set_xlabel("time (ms)")
        return ax
    from mpl_toolkits.axes_grid1 import make_axes_locatable  # type: ignore[import-untyped]

    below = make_axes_locatable(ax).append_axes("bottom", size="35%", pad=0.12, sharex=ax)
    ax.tick_params(labelbottom=False)
    _rate(below, t, ids, populations, n_neurons, bin)
    return ax, below


def _members(nodes: Any) -> NDArray[np.int64]:
    """Node ids of a population, however it is given."""
    return np.asarray(nodes.tolist() if hasattr(nodes, "tolist") else list(nodes), dtype=np.int64)


def _dots(
    ax: Axes,
    t: NDArray[np.float64],
    ids: NDArray[np.int64],
    populations: Mapping[str, Any] | None,
    size: float | None,
    colors: Mapping[str, str],
) -> int:
    """Draw the dots and return how many neurons there are."""
    if populations is None:
        n_neurons = len(np.unique(ids))
        ax.plot(t, ids, ".", markersize=size or _dot(n_neurons), color="C0", rasterized=len(t) > 5000)
        return max(n_neurons, 1)
    below = 0
    ticks = []
    size = size or _dot(sum(len(nodes) for nodes in populations.values()))
    for number, (name, nodes) in enumerate(populations.items()):
        members = np.sort(_members(nodes))
        ours = np.isin(ids, members)
        rows = below + np.searchsorted(members, ids[ours])
        color = colors.get(name, f"C{number}")
        ax.plot(t[ours], rows, ".", markersize=size, color=color, label=name, rasterized=ours.sum() > 5000)
        ticks.append((below + (len(members) - 1) / 2, name))
        below += len(members)
    ax.set_ylim(-0.5, max(below, 1) - 0.5)
    ax.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    ax.tick_params(axis="y", length=0)
    return max(below, 1)


def _dot(n_neurons: int) -> float:
    """Size of a dot in points, so that the dots of neighbours hardly touch."""
    return float(np.clip(300.0 / max(n_neurons, 1), 1.0, 6.0))


def _rate(
    ax: Axes,
    t: NDArray[np.float64],
    ids: NDArray[np.int64],
    populations: Mapping[str, Any] | None,
    n_neurons: int,
    bin: float,
) -> None:
    """Draw the mean rate of the neurons of a raster."""
    if populations is not None:
        t = t[np.isin(ids, np.concatenate([_members(nodes) for nodes in populations.values()]))]
    if len(t):
        first = (np.ceil(t.min() / bin - 1e-6) - 1) * bin
        n_bins = max(int(np.ceil((t.max() - first) / bin - 1e-6)), 1)
        edges = first + bin * np.arange(n_bins + 1)
        # A spike at the edge of two bins belongs to the earlier one, although its time is not exact in
        # binary.
        counts, _ = np.histogram(t, edges + 1e-6 * bin)
        ax.stairs(counts * (1000.0 / (bin * n_neurons)), edges, fill=True, color="C0", alpha=0.75)
    ax.set(xlabel="time (ms)", ylabel="rate\n(spikes/s)", ylim=(0.0, None))


def boxes(
    values: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    label: str = "",
    colors: Mapping[str, str] | None = None,
    marks: Mapping[str, float] | None = None,
    mark: str = "published",
    legend: bool = True,
) -> Axes:
    """Draw a box for the values of each population, the first at the top.

    A box reaches from the first quartile to the third, its line is the median, its dot the mean, and its
    whiskers reach to the last values within 1.5 times its length.

    Parameters
    ----------
    values : mapping of str to array_like, shape (n,)
        Numbers by population; `nan` is left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw, a new figure when not given.
    label : str
        What the numbers are, with their unit.
    colors : mapping of str to colour, optional
        Colours by population, that of the text when not given.
    marks : mapping of str to float, optional
        A number to mark beside the box of each population.
    mark : str
        What the marks are, for the legend.
    legend : bool
        Whether to say what lines, dots and marks are.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = boxes({"E": [1.0, 2.0, 3.0], "I": [2.0, 4.0]}, ax=Figure().add_subplot(), label="rate")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['E', 'I']
    """
    ax = _axes(ax, 3.0)
    import matplotlib as mpl

    ink = mpl.rcParams["text.color"]
    names = list(values)
    for row, name in enumerate(names):
        data = np.asarray(values[name], dtype=np.float64)
        color = (colors or {}).get(name, ink)
        _box(ax, data[np.isfinite(data)], row, color, ink)
    if marks:
        rows = [row for row, name in enumerate(names) if name in marks]
        ax.plot([marks[names[row]] for row in rows], rows, "D", color="none", markeredgecolor=ink, label=mark)
    if legend:
        shown = dict(zip(*ax.get_legend_handles_labels()[::-1], strict=True))  # each label once
        ax.legend(
            shown.values(),
            shown,
            frameon=False,
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=3,
            borderpad=0.1,
            columnspacing=1.0,
            handletextpad=0.3,
            handlelength=1.0,
        )
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel=label, ylim=(max(len(names), 1) - 0.5, -0.5))
    ax.tick_params(axis="y", length=0)
    return ax


def _box(ax: Axes, data: NDArray[np.float64], row: int, color: str, ink: str) -> None:
    """Draw the box of one population."""
    from matplotlib.cbook import boxplot_stats

    if not len(data):
        return
    (stats,) = boxplot_stats(data)
    ax.hlines(row, stats["whislo"], stats["whishi"], color=color, linewidth=1.2)
    ax.barh(row, stats["q3"] - stats["q1"], left=stats["q1"], height=0.6, color=color)
    ax.vlines(stats["med"], row - 0.3, row + 0.3, color=ink, linewidth=1.5, label="median")
    ax.plot(stats["mean"], row, "o", color=ink, markersize=4.0, label="mean")


def traces(
    times: ArrayLike,
    values: ArrayLike,
    senders: ArrayLike | None = None,
    ax: Axes | None = None,
    unit: str = "mV",
    *,
    name: str = "",
) -> Axes:
    """Draw recorded quantities against time, one line per neuron.

    Parameters
    ----------
    times : array_like, shape (n,), ms
        Time of each sample.
    values : array_like, shape (n,)
        Recorded value.
    senders : array_like, shape (n,), int, optional
        Its neuron; one line for all when not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw, a new figure when not given.
    unit : str
        Unit of the values.
    name : str
        What is drawn, for the label of the axis.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn.

    Raises
    ------
    BadValue
        If the arrays differ in length.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = traces([1.0, 2.0], [-70.0, -69.0], ax=Figure().add_subplot(), name="V_m")
    >>> ax.get_ylabel()
    'V_m (mV)'
    """
    t, y = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    ids = np.zeros(len(t), dtype=np.int64) if senders is None else np.asarray(senders, dtype=np.int64)
    if not t.shape == y.shape == ids.shape or t.ndim != 1:
        raise BadValue(
            "times, values and senders must have one entry per sample",
            where="traces()",
            value=f"shapes {t.shape}, {y.shape} and {ids.shape}",
            allowed="arrays of one length",
            todo="Take them from one recorder, e.g. multimeter.events['times'] and multimeter.events['V_m'].",
        )
    ax = _axes(ax, 3.0)
    neurons = np.unique(ids)
    for neuron in neurons:
        ours = ids == neuron
        order = np.argsort(t[ours], kind="stable")
        label = None if senders is None else f"neuron {neuron}"
        ax.plot(t[ours][order], y[ours][order], linewidth=1.2, label=label)
    ax.set(xlabel="time (ms)", ylabel=" ".join(part for part in (name, f"({unit})" if unit else "") if part))
    if senders is not None and 1 < len(neurons) <= 10:
        ax.legend(frameon=False)
    ax.margins(x=0.01)
    return ax
