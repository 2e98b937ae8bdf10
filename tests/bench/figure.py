"""Draws the figures of the benchmarks: how much less time work takes, how time grows with the network."""

from __future__ import annotations

import re

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt

OURS, THEIRS = "#0072B2", "#D55E00"
SCALE = re.compile(r"microcircuit, scale ([\d.]+), poisson: simulate 1 s \(s\)")


def factors(results, ours, theirs):
    """Names and factors of what both simulators did, the largest last."""
    both = {
        name: row[theirs] / row[ours]
        for name, row in results.items()
        if row.get(ours) and row.get(theirs) and "rate (" not in name and "different results" not in name
    }
    return sorted(both.items(), key=lambda item: item[1])


def draw_factors(axes, results, ours, theirs, label):
    """One bar for each work: the time or memory of the reference over ours."""
    pairs = factors(results, ours, theirs)
    values = [value for _, value in pairs]
    bars = axes.barh(range(len(pairs)), [value - 1 for value in values], left=1, color=OURS, height=0.7)
    axes.bar_label(bars, [f"{value:.3g}" for value in values], padding=3, fontsize=8)
    axes.set_yticks(range(len(pairs)), [name for name, _ in pairs], fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(min(1.0, *values) / 2, max(values) * 3)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.axvline(1, color="0.3", linewidth=0.8)
    axes.set_xlabel(f"{label} needs so many times more")
    axes.set_title("Work that both simulators did", loc="left", fontsize=10)


def draw_scaling(axes, results, labels):
    """Time for a second of the microcircuit over its size; where the dashed line is, it runs in real time."""
    for (simulator, label), colour, marker in zip(labels.items(), (OURS, THEIRS), "os", strict=False):
        points = sorted(
            (float(found[1]), row[simulator])
            for name, row in results.items()
            if (found := SCALE.fullmatch(name)) and row.get(simulator)
        )
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=label)
    axes.axhline(1, color="0.3", linestyle="--", linewidth=0.8, label="real time")
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = (0.1, 0.2, 0.5, 1.0)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    axes.set_xlabel("size of the cortical microcircuit (1 = 77,169 neurons, 299 million synapses)")
    axes.set_ylabel("time for 1 s of model time (s)")
    axes.legend(frameon=False, fontsize=8)
    axes.set_title("Poisson drive, 0.1 ms, spikes of all neurons recorded", loc="left", fontsize=10)


def draw(results, labels, about, file):
    """Write the figure of results ``{figure: {simulator: value}}`` to a file.

    `labels` names the simulators, ours first; `about` says on what machine they ran.
    """
    scaling = any(SCALE.fullmatch(name) for name in results)
    simulators = list(labels)
    compare = len(simulators) == 2 and factors(results, *simulators)
    if not scaling and not compare:
        return False
    heights = ([max(1.5, 0.22 * len(compare))] if compare else []) + ([3.2] if scaling else [])
    figure, axes = plt.subplots(
        len(heights),
        figsize=(9, sum(heights) + 1.4),
        height_ratios=heights,
        layout="constrained",
        squeeze=False,
    )
    panels = list(axes[:, 0])
    if compare:
        draw_factors(panels.pop(0), results, *simulators, labels[simulators[1]])
    if scaling:
        draw_scaling(panels.pop(0), results, labels)
    for panel in axes[:, 0]:
        panel.spines[["top", "right"]].set_visible(False)
    figure.supxlabel(about, fontsize=7, color="0.4")
    figure.savefig(file)
    plt.close(figure)
    return True
