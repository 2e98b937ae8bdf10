"""A neuron with dendrites in full and reduced to few compartments, with the same synapses and spikes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

import nest_lab as nest
from nest_lab.gallery._base import Parameters, ReferenceNetwork, Results, Statistic, node_ids, parameter
from nest_lab.gallery._cable import Membrane, Morphology, Reduction, Tree, discretise, read_swc, reduce

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "MORPHOLOGY",
    "Dendrites",
    "DendritesParameters",
    "Membrane",
    "Morphology",
    "Reduction",
    "Tree",
    "coincidence",
    "discretise",
    "draw",
    "read_swc",
    "reduce",
]

#: Path of a small synthetic morphology in SWC format.
MORPHOLOGY = Path(__file__).with_suffix(".swc")

Floats = NDArray[np.float64]
_Voltages = tuple[Floats, Floats, dict[int, Floats]]  # times, at the soma, and at each synapse
_WINDOW = 4.0  # ms; spikes that are nearer than this coincide, as in the publication
_FULL = "the full model, which the reduced one stands for"


@dataclass(frozen=True, kw_only=True)
class DendritesParameters(Parameters):
    """Parameters of the neuron, of its reduction, and of its synapses."""

    options: ClassVar[tuple[str, ...]] = ("sites",)

    sites: int = parameter(5, "", "number of synapses, each at the tip of a dendrite", lower=1, upper=11)
    forks: bool = parameter(True, "", "presence of reduced compartments where dendrites branch")
    spacing: float = parameter(
        150.0, "um", "length of cable between two compartments of the reduced model, at most", lower=1.0
    )
    longest: float = parameter(
        15.0, "um", "largest length of cable between two compartments of the full model", lower=1.0
    )
    C_m: float = parameter(
        1.0, "uF/cm^2", "capacitance of the membrane", lower=0.0, lower_open=True, upper=100.0
    )
    g_L: float = parameter(
        100.0, "uS/cm^2", "leak conductance of the membrane", lower=0.0, lower_open=True, upper=1e5
    )
    R_a: float = parameter(
        100.0, "Ohm*cm", "resistivity of the inside of dendrites", lower=0.0, lower_open=True, upper=1e4
    )
    E_rest: float = parameter(-75.0, "mV", "resting potential", lower=-120.0, upper=0.0)
    gbar_Na: float = parameter(
        0.0, "mS/cm^2", "conductance of sodium channels in the dendrites", lower=0.0, upper=1e6
    )
    gbar_K: float = parameter(
        0.0, "mS/cm^2", "conductance of potassium channels in the dendrites", lower=0.0, upper=1e6
    )
    gbar_Na_soma: float = parameter(
        800.0, "mS/cm^2", "conductance of sodium channels in the soma", lower=0.0, upper=1e6
    )
    gbar_K_soma: float = parameter(
        300.0, "mS/cm^2", "conductance of potassium channels in the soma", lower=0.0, upper=1e6
    )
    weight: float = parameter(1.0, "nS", "peak conductance that a spike opens in AMPA receptors", lower=0.0)
    NMDA_ratio: float = parameter(
        2.0, "", "peak conductance of NMDA receptors relative to that of AMPA receptors", lower=0.0
    )
    stimulus: str = parameter(
        "poisson",
        "",
        "pattern of the spikes: at random, or a volley to one synapse after the other",
        choices=("poisson", "volleys"),
    )
    rate: float = parameter(
        50.0, "spikes/s", "rate of the random spikes to each synapse", lower=0.0, live=(0.0, 200.0)
    )
    volley: int = parameter(1, "", "number of spikes in a volley", lower=1, upper=1000)
    interval: float = parameter(1.0, "ms", "time between the spikes of a volley", lower=0.1)
    pause: float = parameter(150.0, "ms", "time from a volley to the next", lower=1.0)
    recorded: float = parameter(
        2000.0, "ms", "time from the beginning during which voltages are recorded", lower=1.0
    )
    resolution: float = parameter(0.025, "ms", "time step", lower=0.001)

    @property
    def membrane(self) -> Membrane:
        """What the neuron is made of."""
        names = (
            "C_m",
            "g_L",
            "R_a",
            "E_rest",
            "gbar_Na",
            "gbar_K",
            "gbar_Na_soma",
            "gbar_K_soma",
        )
        return Membrane(**{name: getattr(self, name) for name in names})


class Dendrites(ReferenceNetwork[DendritesParameters]):
    r"""A neuron with dendrites, and the same neuron reduced to few compartments [1]_.

    The morphology is cut into as many compartments as the cable equation needs: the full model. The reduced
    one has a compartment at the soma, at each synapse, on the way between them every `spacing` and, if
    `forks` is set, where dendrites branch; its conductances and capacitances are those that give it the
    impedances and the slowest time constant of the full one. Both are neurons of the model ``cm_default`` and
    get the same spikes.

    =========== =================================================================
    preset      what it shows
    =========== =================================================================
    EPSPs       one spike to one synapse after the other; no channels but synapses
    NMDA-spikes twelve spikes to one synapse after the other: dendritic spikes
    spikes      random spikes to all synapses; the soma fires
    active      the same with sodium and potassium channels in the dendrites
    =========== =================================================================

    Parameters
    ----------
    parameters : DendritesParameters, optional
        Its parameters.
    morphology : str or pathlib.Path, optional
        File in SWC format; a small synthetic neuron when not given.
    **arguments
        As for `ReferenceNetwork`.

    Attributes
    ----------
    morphology : Morphology
        The points of the file.
    points : list of int
        Numbers of the points with a synapse.
    full : Tree
        Compartments of the full model.
    reduction : Reduction
        The reduced model.

    See Also
    --------
    ReferenceNetwork : The parameters of the class, and its methods.

    References
    ----------
    .. [1] Wybo WAM, Jordan J, Ellenberger B, Marti Mengual U, Nevian T, Senn W (2021). Data-driven reduction
           of dendritic morphologies with preserved dendro-somatic responses. eLife 10:e60936.
           doi:10.7554/eLife.60936

    Examples
    --------
    >>> neuron = Dendrites.preset("EPSPs").build().simulate(800.0)
    >>> len(neuron.full), len(neuron.reduction.tree)
    (144, 11)
    >>> results = neuron.results()
    >>> epsp = results["soma_26"]
    >>> bool(abs(epsp.value / epsp.predicted - 1.0) < 0.02)
    True
    """

    title = "A neuron with dendrites, in full and reduced to few compartments"
    citation = (
        "Wybo WAM, Jordan J, Ellenberger B, Marti Mengual U, Nevian T, Senn W (2021). Data-driven reduction "
        "of dendritic morphologies with preserved dendro-somatic responses. eLife 10:e60936"
    )
    doi = "10.7554/eLife.60936"
    parameters_class = DendritesParameters
    presets: ClassVar[Mapping[str, Parameters]] = {
        "EPSPs": DendritesParameters(
            stimulus="volleys", NMDA_ratio=0.0, gbar_Na_soma=0.0, gbar_K_soma=0.0, weight=0.5
        ),
        "NMDA-spikes": DendritesParameters(
            stimulus="volleys",
            volley=12,
            interval=0.5,
            weight=0.5,
            NMDA_ratio=4.0,
            gbar_Na_soma=0.0,
            gbar_K_soma=0.0,
        ),
        "spikes": DendritesParameters(),
        "active": DendritesParameters(gbar_Na=10.0, gbar_K=5.0, rate=40.0),
    }

    def __init__(
        self,
        parameters: DendritesParameters | None = None,
        *,
        morphology: str | Path | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(parameters, **arguments)
        self.morphology = read_swc(MORPHOLOGY if morphology is None else morphology)
        tips = self.morphology.tips()
        chosen = np.linspace(0, len(tips) - 1, min(self.parameters.sites, len(tips)))
        self.points = [tips[int(i)] for i in chosen]

    def _build(self) -> None:
        p = self.parameters
        nest.resolution = p.resolution
        points = [*self.points, *self.morphology.between(self.points, p.spacing)]
        self.full = discretise(self.morphology, p.membrane, points, p.longest)
        self.reduction = reduce(self.full, points, forks=p.forks)
        self.trees = {"full": self.full, "reduced": self.reduction.tree}
        self.populations = {name: self._neuron(tree) for name, tree in self.trees.items()}
        self.meters = {name: self._meter(name, tree) for name, tree in self.trees.items()}
        self._stimulate()
        self.recorder = nest.Create("spike_recorder")
        for neuron in self.populations.values():
            nest.Connect(neuron, self.recorder)

    def _neuron(self, tree: Tree) -> Any:
        """A neuron with the compartments of a tree and a synapse at each point."""
        synapse = {"receptor_type": "AMPA_NMDA", "params": {"NMDA_ratio": self.parameters.NMDA_ratio}}
        neuron = nest.Create("cm_default")
        neuron.compartments = tree.compartments()
        neuron.receptors = [{"comp_idx": tree.sites[point], **synapse} for point in self.points]
        return neuron

    def _meter(self, name: str, tree: Tree) -> Any:
        """A multimeter at the soma and at each synapse."""
        p = self.parameters
        what = [f"v_comp{i}" for i in (0, *(tree.sites[point] for point in self.points))]
        meter = nest.Create(
            "multimeter",
            params={"record_from": what, "interval": max(p.resolution, 0.1), "stop": p.recorded},
        )
        nest.Connect(meter, self.populations[name])
        return meter

    def _stimulate(self) -> None:
        """Give each synapse of both neurons the same spikes."""
        p = self.parameters
        n = len(self.points)
        if p.stimulus == "poisson":
            self.noise = nest.Create("poisson_generator", params={"rate": p.rate})
            sources = nest.Create("parrot_neuron", n)
            nest.Connect(self.noise, sources)
        else:
            sources = nest.Create("spike_generator", n)
            volley = p.interval * np.arange(p.volley)
            for source, start in zip(sources, self.onsets, strict=True):
                times = np.rint((start + volley) / p.resolution) * p.resolution
                source.spike_times = np.maximum.accumulate(times).tolist()
        for neuron in self.populations.values():
            for receptor, source in enumerate(sources):
                synapse = {"weight": 1e-3 * p.weight, "delay": 1.0, "receptor_type": receptor}
                nest.Connect(source, neuron, syn_spec=synapse)

    @property
    def onsets(self) -> Floats:
        """Times at which the volleys are sent, one to each point; they arrive 1 ms later."""
        first = min(20.0, self.parameters.pause / 2)
        return np.asarray(first + self.parameters.pause * np.arange(len(self.points)))

    def _apply(self, changed: DendritesParameters) -> None:
        if changed.stimulus == "poisson":
            self.noise.rate = changed.rate

    def voltages(self, name: str) -> _Voltages:
        """Voltages that were recorded in one of the neurons.

        Parameters
        ----------
        name : {'full', 'reduced'}
            Which one.

        Returns
        -------
        times : ndarray, shape (n,), ms
            When.
        soma : ndarray, shape (n,), mV
            At the soma.
        synapses : dict of int to ndarray, shape (n,), mV
            By number of the point, where the synapses are.

        Raises
        ------
        WrongState
            If it was not built.
        """
        self._needs_build("voltages()")
        events, sites = self.meters[name].events, self.trees[name].sites
        at = {point: np.asarray(events[f"v_comp{sites[point]}"]) for point in self.points}
        return np.asarray(events["times"]), np.asarray(events["v_comp0"]), at

    # -- results

    def _results(self, start: float, stop: float) -> Results:
        events = self.recorder.events
        times, senders = events["times"], events["senders"]
        populations = {name: node_ids(neuron) for name, neuron in self.populations.items()}
        voltages = {name: self.voltages(name) for name in self.trees}
        measured = (
            self._random(times, senders, populations, voltages, start, stop)
            if self.parameters.stimulus == "poisson"
            else self._volleys(voltages, stop)
        )
        statistics = [
            Statistic(
                "impedance_error",
                "largest difference of an impedance, relative to input impedances",
                self.reduction.error,
                "",
            ),
            *measured,
        ]
        figures: dict[str, Callable[[Figure], None]] = {
            "Voltages in both models": partial(self._draw_voltages, voltages),
            "Morphology and compartments": self._draw_trees,
            "Impedances in both models": self._draw_impedances,
        }
        notes = [
            f"The full model has {len(self.full)} compartments, the reduced one {len(self.reduction.tree)}."
        ]
        if stop > self.parameters.recorded:
            notes.append(
                f"Voltages were recorded during the first {self.parameters.recorded:g} ms: see recorded."
            )
        if self.parameters.stimulus == "volleys" and stop < self.onsets[-1] + self.parameters.pause:
            notes.append(f"Only {int((self.onsets < stop).sum())} of {len(self.points)} volleys were sent.")
        return Results(times, senders, populations, start, stop, statistics, figures, notes)

    def _volleys(self, voltages: Mapping[str, _Voltages], stop: float) -> list[Statistic]:
        """Peaks after each volley, at the soma and at the synapse, in both models."""
        peaks: dict[str, list[Statistic]] = {"soma": [], "synapse": [], "shape": []}
        times, soma, at = voltages["full"]
        _, reduced_soma, reduced_at = voltages["reduced"]
        for point, onset in zip(self.points, self.onsets, strict=True):
            during = (times > onset) & (times <= onset + self.parameters.pause)
            if onset >= stop or not during.any():
                continue
            rest, name = self.parameters.E_rest, f"point {point}"
            for place, ours, theirs in (
                ("soma", reduced_soma[during] - rest, soma[during] - rest),
                ("synapse", reduced_at[point][during] - rest, at[point][during] - rest),
            ):
                title = f"peak at the {place} after a volley"
                peak, expected = float(ours.max()), float(theirs.max())
                known = ("mV", expected, None, _FULL, "", name)
                peaks[place].append(Statistic(f"{place}_{point}", title, peak, *known))
                if place == "soma" and expected > 0.0:
                    title = "largest difference of the voltage at the soma, relative to the peak"
                    worst = float(np.abs(ours - theirs).max()) / expected
                    peaks["shape"].append(Statistic(f"shape_{point}", title, worst, "", population=name))
        return [statistic for several in peaks.values() for statistic in several]

    def _random(
        self,
        times: Any,
        senders: Any,
        populations: Mapping[str, range],
        voltages: Mapping[str, _Voltages],
        start: float,
        stop: float,
    ) -> list[Statistic]:
        """Spikes and voltages of both models."""
        kept = times > start
        trains = {name: np.sort(times[kept & np.isin(senders, ids)]) for name, ids in populations.items()}
        rates = {name: 1000.0 * len(train) / (stop - start) for name, train in trains.items()}
        recorded, soma, _ = voltages["full"]
        _, reduced_soma, _ = voltages["reduced"]
        # A spike that comes a little later would count as a difference of 100 mV.
        calm = (recorded > start) & (np.maximum(soma, reduced_soma) < -50.0)
        spread = float(np.std(soma[calm])) if calm.any() else np.nan
        difference = float(np.sqrt(np.mean((soma - reduced_soma)[calm] ** 2))) if calm.any() else np.nan
        factor = coincidence(trains["full"], trains["reduced"], stop - start, _WINDOW)
        apart = f"spikes that coincide within {_WINDOW:g} ms, beyond chance (1: all)"
        below = "root mean square difference of the voltages at the soma, below -50 mV"
        return [
            Statistic("rate", "firing rate", rates["reduced"], "spikes/s", rates["full"], None, _FULL),
            Statistic("coincidence", apart, factor, ""),
            Statistic("difference", below, difference, "mV"),
            Statistic("spread", "standard deviation of the voltage at the soma there", spread, "mV"),
        ]

    def _draw_voltages(self, voltages: Mapping[str, _Voltages], figure: Figure) -> None:
        """The soma, and two of the synapses, in both models."""
        p = self.parameters
        shown = self.points[:: max(len(self.points) - 1, 1)][:2]
        axes = figure.subplots(1 + len(shown), 1, sharex=True)
        full, reduced = voltages["full"], voltages["reduced"]
        last = full[0][-1] if len(full[0]) else 0.0
        length = min(last, 500.0) if p.stimulus == "poisson" else last
        some = full[0] > last - length
        for ax, place in zip(axes, (None, *shown), strict=True):
            for (times, soma, at), style, label in (
                (full, {"linewidth": 2.5, "alpha": 0.45}, f"full, {len(self.full)} compartments"),
                (
                    reduced,
                    {"linewidth": 1.1, "linestyle": "--"},
                    f"reduced, {len(self.reduction.tree)} compartments",
                ),
            ):
                voltage = soma if place is None else at[place]
                ax.plot(times[some], voltage[some], label=label, **style)
            ax.set_ylabel(f"{'soma' if place is None else f'point {place}'}\n(mV)")
            ax.margins(x=0.01)
        axes[-1].set_xlabel("time (ms)")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False)
        figure.align_ylabels(axes)

    def _draw_trees(self, figure: Figure) -> None:
        """The morphology with the points that have a compartment of their own in the reduced model."""
        figure.set_size_inches(7.2, 5.0)
        draw(self.morphology, figure.subplots(), self.reduction.points, self.points)

    def _draw_impedances(self, figure: Figure) -> None:
        """Every impedance in the reduced model against that in the full one."""
        ax = figure.subplots()
        full, reduced = self.reduction.impedances, self.reduction.reduced_impedances
        own = np.eye(len(full), dtype=bool)
        ax.axline((0.0, 0.0), slope=1.0, color="0.5", linewidth=1.0, zorder=0)
        for chosen, label in ((~own, "between two points"), (own, "at one point")):
            ax.plot(full[chosen], reduced[chosen], "o", markersize=4.5, label=label)
        ax.set(xlabel="impedance in the full model (MOhm)", ylabel="in the reduced model (MOhm)")
        ax.set_aspect("equal")
        ax.legend(frameon=False)


def draw(
    morphology: Morphology,
    ax: Axes | None = None,
    points: Sequence[int] = (),
    synapses: Sequence[int] = (),
) -> Axes:
    """Draw a morphology, seen along the z axis.

    Parameters
    ----------
    morphology : Morphology
        What to draw.
    ax : matplotlib.axes.Axes, optional
        Where to draw, a new figure when not given.
    points : sequence of int
        Numbers of points to mark as compartments.
    synapses : sequence of int
        Numbers of points to mark as synapses, with their numbers.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> cell = read_swc(MORPHOLOGY)
    >>> draw(cell, Figure().add_subplot(), synapses=cell.tips()).get_ylabel()
    'y (um)'
    """
    import matplotlib.pyplot as plt
    from matplotlib.collections import LineCollection

    if ax is None:
        ax = plt.figure(figsize=(6.4, 5.0), layout="constrained").add_subplot()
    x, y = morphology.positions[:, 0], morphology.positions[:, 1]
    ids = np.arange(1, len(x))
    place = morphology.positions[:, :2]
    # thin dendrites would not be seen at their true width
    widths = 1.0 + 2.0 * morphology.radii[ids]
    pieces = np.stack([place[morphology.parents[ids]], place[ids]], axis=1)
    ax.add_collection(LineCollection(list(pieces), linewidths=widths, color="0.55", capstyle="round"))
    ax.plot(x[0], y[0], "o", color="0.55", markersize=14.0)
    for chosen, style in (
        (points, {"marker": "o", "markersize": 7.0, "color": "C0", "label": "compartment"}),
        (synapses, {"marker": "*", "markersize": 9.0, "color": "C1", "label": "with a synapse"}),
    ):
        at = [morphology.index(point, "draw()") for point in chosen]
        if at:
            ax.plot(x[at], y[at], linestyle="none", **style)  # type: ignore[arg-type]
    for point in synapses:
        i = morphology.index(point, "draw()")
        ax.annotate(f"{point}", (x[i], y[i]), xytext=(6.0, 4.0), textcoords="offset points")
    ax.set(xlabel="x (um)", ylabel="y (um)", aspect="equal")
    ax.margins(x=0.25, y=0.1)
    if len(points) or len(synapses):
        ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def coincidence(one: ArrayLike, other: ArrayLike, duration: float, window: float = _WINDOW) -> float:
    r"""Share of the spikes of two trains that coincide, beyond what chance would give.

    .. math:: \Gamma = \frac{N_{coinc} - 2 \nu \Delta N_1}{(N_1 + N_2)/2} \, \frac{1}{1 - 2 \nu \Delta}

    with the rate :math:`\nu` of the second train and the window :math:`\Delta`.

    Parameters
    ----------
    one, other : array_like, shape (n,), ms
        Sorted times of spikes.
    duration : float, ms
        How long they were recorded.
    window : float, ms
        How far apart spikes may be that coincide.

    Returns
    -------
    float
        1 for trains of which all spikes coincide, 0 for independent ones; `nan` without spikes.

    References
    ----------
    Kistler WM, Gerstner W, van Hemmen JL (1997). Reduction of the Hodgkin-Huxley equations to a
    single-variable threshold model. Neural Computation 9:1015-1045. doi:10.1162/neco.1997.9.5.1015

    Examples
    --------
    >>> coincidence([10.0, 50.0], [11.0, 49.0], 1000.0)
    1.0
    >>> coincidence([10.0, 50.0], [11.0, 80.0], 1000.0)
    0.491869918699187
    """
    first, second = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    by_chance = 2.0 * window * len(second) / duration
    if not len(first) + len(second) or by_chance >= 1.0:
        return float("nan")
    together, j = 0, 0
    for time in first:  # each spike coincides with one at most
        while j < len(second) and second[j] < time - window:
            j += 1
        if j < len(second) and second[j] <= time + window:
            together, j = together + 1, j + 1
    expected = by_chance * len(first)
    return (together - expected) / (0.5 * (len(first) + len(second))) / (1.0 - by_chance)
