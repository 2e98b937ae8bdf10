"""A ring of areas, each a network of Brunel (2000) that sends a share of its excitation to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab import analysis, plot
from nest_lab.gallery._base import (
    Parameters,
    ReferenceNetwork,
    Results,
    Statistic,
    least,
    node_ids,
    parameter,
)
from nest_lab.gallery.brunel import (
    Brunel,
    BrunelParameters,
    connect,
    copy_synapses,
    populations,
    reported,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Ring", "RingParameters", "lagged_correlation", "rate_ring"]

Floats = NDArray[np.floating[Any]]

_THEORY = "mean-field theory of Brunel (2000) for all areas together, which knows no volleys"
_PACKET = "spikes of a neuron as the packet comes by, beyond the usual"
_BIN = 0.5  # ms; a volley is about as short
_VOLLEY = 0.2  # of the neurons of an area in a bin: far above what fluctuations of an irregular state reach
_HALF = 1.5  # ms around the arrival of a packet in which spikes count as its own
_ROUNDS = 2  # times around the ring that a packet is followed


@dataclass(frozen=True, kw_only=True)
class RingParameters(BrunelParameters):
    """Parameters of the ring; those of an area are the parameters of `Brunel`, by default its fig. 8 C."""

    options: ClassVar[tuple[str, ...]] = ("areas", "coupling", "pulse", "order")
    sized_by: ClassVar[tuple[str, ...]] = ("areas", "order", "epsilon")

    areas: int = parameter(4, "", "number of areas", lower=1, upper=1000)
    coupling: float = parameter(
        0.05,
        "",
        "share of the excitatory inputs of a neuron that come from the area before",
        lower=0.0,
        upper=1.0,
    )
    gain: float = parameter(
        1.0,
        "",
        "strength of a connection between areas relative to one inside an area",
        lower=0.0,
        upper=1e4,
        live=(0.0, 4.0),
    )
    D_between: float = parameter(10.0, "ms", "transmission delay between areas", lower=0.0, lower_open=True)
    boost: float = parameter(
        1.0,
        "",
        "external rate of the first area relative to that of the others",
        lower=0.0,
        live=(0.5, 2.0),
    )
    pulse: int = parameter(
        0,
        "",
        "spikes of the packet that every neuron of the first area gets, 0 for none",
        lower=0,
        upper=1_000_000,
    )
    pulse_time: float = parameter(500.0, "ms", "middle of the packet", lower=0.0)
    pulse_sd: float = parameter(0.5, "ms", "standard deviation of the spikes in the packet", lower=0.0)

    @property
    def demand(self) -> dict[str, int]:
        """Bytes at least, of all areas."""
        neurons = self.areas * (self.N_E + self.N_I)
        return least(neurons, neurons * (self.C_E + self.C_I))

    @property
    def C_between(self) -> int:
        """Excitatory inputs of each neuron that come from the area before."""
        return round(self.coupling * self.C_E)

    @property
    def round_trip(self) -> float:
        """Time that a spike needs at least to come around the ring, ms."""
        return self.areas * self.D_between

    @property
    def volley(self) -> float:
        """Jump of a neuron, in mV, when all neurons of the area before have fired at once."""
        return self.gain * self.C_between * self.J

    @property
    def external_rates(self) -> Floats:
        """External spikes/s of a neuron of each area."""
        return self.rate_ext * np.concatenate(([self.boost], np.ones(self.areas - 1)))

    def couplings(self) -> tuple[Floats, Floats]:
        """What spikes of each area do to a neuron of each area, in units of J.

        Returns
        -------
        drift, diffusion : ndarray, shape (areas, areas)
            Sums of the weights, and of their squares, of the inputs of a neuron of the area of the row from
            the area of the column.
        """
        within, before = np.eye(self.areas), np.roll(np.eye(self.areas), 1, axis=0)
        own = self.C_E - self.C_between
        drift = (own - self.g * self.C_I) * within + self.gain * self.C_between * before
        diffusion = (own + self.g**2 * self.C_I) * within + self.gain**2 * self.C_between * before
        return drift, diffusion

    def predict_areas(self) -> list[analysis.Stationary]:
        r"""Stationary state of each area, in the diffusion approximation.

        .. math:: \mu_a = \tau_m J [\nu_{ext,a} + ((1-s) C_E - g C_I)\,\nu_a + w s C_E\,\nu_{a-1}], \quad
                  \sigma_a^2 = \tau_m J^2 [\nu_{ext,a} + ((1-s) C_E + g^2 C_I)\,\nu_a + w^2 s C_E\,\nu_{a-1}]

        where s is `coupling` and w is `gain`. If all areas get the same, they have the same rate; with `gain`
        1 that of a single area, whatever `coupling` is. `predict` is the state of a single area.

        Returns
        -------
        list of analysis.Stationary
            Rate, variability and input of each area.

        References
        ----------
        Brunel (2000), eqs. 4, 5 and 22. doi:10.1023/A:1008925309027

        Examples
        --------
        The theory's rate of a single area is 38.0 spikes/s in the publication.

        >>> [round(state.rate, 1) for state in RingParameters(coupling=0.3).predict_areas()]
        [37.9, 37.9, 37.9, 37.9]
        """
        drift, diffusion = self.couplings()
        external = self.external_rates

        def inputs(rates: Floats) -> Any:
            return self.noise(external + drift @ rates, external + diffusion @ rates)

        return analysis.self_consistent_populations(inputs, self.areas, **self.neuron)


def rate_ring(p: RingParameters, time: float = 100.0) -> tuple[Floats, Floats]:
    """Let a ring of rate neurons find the rates of the areas: each area is one ``siegert_neuron``.

    It is simulated beside the current simulation, which stays as it is. Rates need no time from one area to
    the next, so that only the state in which they rest is that of the spiking ring.

    Parameters
    ----------
    p : RingParameters
        Of the ring.
    time : float, unit ms
        Model time; the populations have a time constant of 1 ms.

    Returns
    -------
    times : ndarray, shape (n,), unit ms
        When.
    rates : ndarray, shape (n, areas), unit spikes/s
        Rate of each area.

    References
    ----------
    Hahne J, Dahmen D, Schuecker J, Frommer A, Bolten M, Helias M, Diesmann M (2017). Integration of
    continuous-time dynamics in a spiking neural network simulator. Frontiers in Neuroinformatics 11:34.
    doi:10.3389/fninf.2017.00034

    Examples
    --------
    >>> p = RingParameters(coupling=0.3, boost=1.5)
    >>> times, rates = rate_ring(p)
    >>> bool(np.allclose(rates[-1], [state.rate for state in p.predict_areas()], rtol=1e-4))
    True
    """
    with nest.Simulation():
        meter = _rate_neurons(p)
        nest.Simulate(time)
        events = meter.events
        order = np.lexsort((events["senders"], events["times"]))
        when, rates = (np.asarray(events[name])[order] for name in ("times", "rate"))
        return when.reshape(-1, p.areas)[:, 0], rates.reshape(-1, p.areas)


def _rate_neurons(p: RingParameters) -> Any:
    """Make the ring of rate neurons, and a multimeter for their rates."""
    neuron = {"theta": p.neuron["V_th"], **{name: p.neuron[name] for name in ("V_reset", "tau_m", "t_ref")}}
    areas = nest.Create("siegert_neuron", p.areas, params={**neuron, "tau": 1.0})
    # what does not change has the rate that it is given, whatever it gets
    external = nest.Create("siegert_neuron", p.areas, params=[{"mean": rate} for rate in p.external_rates])
    tau = p.tau_m * 1e-3
    for sources, drift, diffusion in (
        (areas, *p.couplings()),
        (external, np.eye(p.areas), np.eye(p.areas)),
    ):
        for row, column in zip(*np.nonzero(diffusion), strict=True):
            synapse = {
                "synapse_model": "diffusion_connection",
                "drift_factor": tau * p.J * drift[row, column],
                "diffusion_factor": tau * p.J**2 * diffusion[row, column],
            }
            nest.Connect(sources[int(column)], areas[int(row)], "all_to_all", synapse)
    meter = nest.Create("multimeter", params={"record_from": ["rate"], "interval": 0.1})
    nest.Connect(meter, areas)
    return meter


def lagged_correlation(some: Floats, others: Floats, lags: NDArray[np.int64]) -> Floats:
    """Correlation of two series, the second taken later by each of the lags.

    Parameters
    ----------
    some, others : ndarray, shape (n,)
        Values in bins of one width.
    lags : ndarray, shape (m,), int
        Shifts in bins, at least 0 and below n - 1.

    Returns
    -------
    ndarray, shape (m,)
        Pearson's coefficients, `nan` for a series that does not vary.

    Examples
    --------
    >>> lagged_correlation(np.array([0.0, 1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0, 0.0]), np.array([0, 1]))
    array([-0.33333333,  1.        ])
    """
    n = len(some)
    pairs = ((some[: n - lag], others[lag:]) for lag in lags.tolist())
    return np.array([np.corrcoef(a, b)[0, 1] if a.std() * b.std() > 0.0 else np.nan for a, b in pairs])


class Ring(ReferenceNetwork[RingParameters]):
    r"""A ring of areas, each of which is a sparse random network [1]_ and sends excitation to the next.

    Of the :math:`C_E` excitatory inputs of a neuron the share `coupling` comes from the area before, with a
    delay that is longer than the one inside an area: 10 ms are 35 mm of fibre at the 3.5 m/s that are taken
    for the connections between areas of the visual cortex [2]_. Inhibition stays in its area. The number of
    inputs is the same for any coupling, and so is the rate in the mean-field theory.

    What the theory does not know are volleys. If all neurons of an area fire at once, they lift those of the
    next by the share `coupling` of :math:`C_E J`, before inhibition comes. Where that is enough to make most
    of them fire, a volley goes around the ring for ever, as in a chain of groups of neurons [3]_ whose end is
    tied to its beginning; where it is not, a volley dies after a few areas.

    ========= ========================================================
    preset    areas
    ========= ========================================================
    apart     each alone: four times the network of Brunel, fig. 8 C
    coupled   fluctuations pass from each to the next, rates as before
    volleys   volleys go around
    classroom 4 areas of 1,000 neurons, below the border
    ========= ========================================================

    See Also
    --------
    ReferenceNetwork : The parameters of the class, and its methods.

    References
    ----------
    .. [1] Brunel N (2000). Dynamics of sparsely connected networks of excitatory and inhibitory spiking
           neurons. Journal of Computational Neuroscience 8:183-208. doi:10.1023/A:1008925309027
    .. [2] Schmidt M, Bakker R, Shen K, Bezgin G, Diesmann M, van Albada SJ (2018). A multi-scale
           layer-resolved spiking network model of resting-state dynamics in macaque visual cortical areas.
           PLOS Computational Biology 14:e1006359. doi:10.1371/journal.pcbi.1006359
    .. [3] Diesmann M, Gewaltig MO, Aertsen A (1999). Stable propagation of synchronous spiking in cortical
           neural networks. Nature 402:529-533. doi:10.1038/990101

    Examples
    --------
    >>> network = Ring.preset("classroom", areas=3).build().simulate(200.0)
    >>> {name: len(neurons) for name, neurons in network.populations.items()}
    {'area 1': 1000, 'area 2': 1000, 'area 3': 1000}
    """

    title = "Ring of areas, each a sparse random network that excites the next"
    citation = Brunel.citation
    doi = Brunel.doi
    parameters_class = RingParameters
    presets: ClassVar[Mapping[str, Parameters]] = {
        "apart": RingParameters(coupling=0.0),
        "coupled": RingParameters(),
        "volleys": RingParameters(coupling=0.2),
        "classroom": RingParameters(order=200, J=1.0, g=5.0, eta=1.0, V_reset=0.0, coupling=0.1),
    }

    def _build(self) -> None:
        p = self.parameters
        nest.resolution = p.resolution
        areas = [populations(p) for _ in range(p.areas)]
        self.populations = {
            f"area {number + 1}": area["excitatory"] + area["inhibitory"] for number, area in enumerate(areas)
        }
        copy_synapses(excitatory=p.J, inhibitory=-p.g * p.J, between=p.gain * p.J)
        for number, (area, neurons) in enumerate(zip(areas, self.populations.values(), strict=True)):
            connect(area["excitatory"], neurons, p.C_E - p.C_between, "excitatory", p.D)
            connect(area["inhibitory"], neurons, p.C_I, "inhibitory", p.D)
            connect(areas[number - 1]["excitatory"], neurons, p.C_between, "between", p.D_between)
        self.external = []
        for rate, neurons in zip(p.external_rates, self.populations.values(), strict=True):
            self.external.append(nest.Create("poisson_generator", params={"rate": float(rate)}))
            nest.Connect(self.external[-1], neurons, syn_spec={"weight": p.J, "delay": p.D})
        if p.pulse:
            packet = {"activity": p.pulse, "sdev": p.pulse_sd, "pulse_times": [p.pulse_time]}
            generator = nest.Create("pulsepacket_generator", params=packet)
            nest.Connect(generator, self.populations["area 1"], syn_spec={"weight": p.J, "delay": p.D})
        self.recorder = nest.Create("spike_recorder")
        for neurons in self.populations.values():
            nest.Connect(neurons, self.recorder, syn_spec={"delay": p.D})

    def _apply(self, changed: RingParameters) -> None:
        nest.SetDefaults("inhibitory", {"weight": -changed.g * changed.J})
        nest.SetDefaults("between", {"weight": changed.gain * changed.J})
        for generator, rate in zip(self.external, changed.external_rates, strict=True):
            generator.rate = float(rate)

    def _results(self, start: float, stop: float) -> Results:
        p = self.parameters
        events = self.recorder.get("events")
        times, senders = np.asarray(events["times"]), np.asarray(events["senders"])
        ids = {name: node_ids(nodes) for name, nodes in self.populations.items()}
        activity = self._activity(start, stop)
        lags, correlation = self._neighbours(list(activity.values()))
        each = {name: analysis.rates(times, senders, some, start, stop) for name, some in ids.items()}
        packet = self._packet(times, senders, list(ids.values()), start, stop)
        statistics = [
            *self._by_area(times, senders, ids, each, start, stop),
            *self._of_the_ring(list(activity.values()), lags, correlation),
            *(
                Statistic(f"packet_{step + 1}", _PACKET, value, "", population=_visit(step, p.areas))
                for step, value in enumerate(packet)
            ),
        ]
        figures: dict[str, Callable[[Figure], None]] = {
            "Spikes and rates by area": partial(self._draw_raster, times, senders, ids, stop),
            "An area and the next": partial(_draw_correlation, lags, correlation, p.D_between),
            "Rates beside the theory": partial(
                _draw_rates, each, [state.rate for state in p.predict_areas()]
            ),
        }
        if len(packet):
            figures["What becomes of the packet"] = partial(_draw_packet, packet, p.areas)
        return Results(times, senders, ids, start, stop, statistics, figures, self._notes(activity))

    @property
    def _bin(self) -> float:
        """Width of the bins of rates, ms."""
        return max(_BIN, self.parameters.resolution)

    def _activity(self, start: float, stop: float) -> dict[str, analysis.PopulationRate]:
        """Rate of each area in time."""
        events = self.recorder.get("events")
        times, senders = np.asarray(events["times"]), np.asarray(events["senders"])
        found = {}
        for name, nodes in self.populations.items():
            ids = node_ids(nodes)
            ours = times[_of(senders, ids)]
            found[name] = analysis.population_rate(ours, len(ids), start, stop, bin=self._bin)
        return found

    def _by_area(
        self,
        times: Any,
        senders: Any,
        ids: Mapping[str, range],
        each: Mapping[str, analysis.Distribution],
        start: float,
        stop: float,
    ) -> list[Statistic]:
        """Rate and irregularity of each area, beside the theory and what is published of an area alone."""
        p = self.parameters
        known, theory = self._reported(), p.predict_areas()
        rates = [
            Statistic(
                f"rate_{number + 1}",
                "mean firing rate",
                each[name].mean,
                "spikes/s",
                state.rate,
                known.rate,
                _THEORY,
                known.source,
                name,
            )
            for number, (name, state) in enumerate(zip(ids, theory, strict=True))
        ]
        irregularity = [
            Statistic(
                f"cv_{number + 1}",
                "mean CV of the inter-spike intervals",
                analysis.cv_isi(times, senders, some, start, stop).mean,
                "",
                state.cv,
                predicted_by=_THEORY,
                population=name,
            )
            for number, ((name, some), state) in enumerate(zip(ids.items(), theory, strict=True))
        ]
        return rates + irregularity

    def _reported(self) -> Any:
        """What was published about an area, if each is alone and gets what the published network gets."""
        p = self.parameters
        alone = p.coupling == 0.0 and p.boost == 1.0 and p.pulse == 0
        own = {name: getattr(p, name) for name in BrunelParameters.names()}
        return reported(BrunelParameters(**own) if alone else p)

    def _neighbours(self, activity: Sequence[analysis.PopulationRate]) -> tuple[Floats, Floats]:
        """Correlation of the rates of an area and the next, mean of all pairs, against the lag in ms."""
        p = self.parameters
        most = min(round(2.0 * p.D_between / self._bin), len(activity[0].values) - 2)
        lags = np.arange(max(most, 0) + 1)
        pairs = [
            lagged_correlation(before.values, after.values, lags)
            for before, after in zip([activity[-1], *activity[:-1]], activity, strict=True)
        ]
        return lags * self._bin, np.mean(pairs, axis=0)

    def _of_the_ring(
        self, activity: Sequence[analysis.PopulationRate], lags: Floats, correlation: Floats
    ) -> list[Statistic]:
        """How steady the rates are, and how the areas hang together."""
        p = self.parameters
        known = bool(np.isfinite(correlation).all())
        best = int(np.argmax(correlation)) if known else 0
        steady = float(np.mean([one.modulation for one in activity]))
        independent = float(np.mean([one.independent for one in activity]))
        return [
            Statistic(
                "modulation",
                f"standard deviation over mean of the rate of an area, bins of {self._bin:g} ms",
                steady,
                "",
                independent,
                predicted_by="as many independent Poisson neurons",
            ),
            Statistic(
                "volleys",
                f"share of the spikes in bins in which more than {_VOLLEY:.0%} of an area fires",
                _volleys(activity),
                "",
            ),
            Statistic(
                "correlation",
                "correlation of the rates of an area and the next, at the best lag",
                float(correlation[best]) if known else float("nan"),
                "",
            ),
            Statistic(
                "lag",
                "this lag",
                float(lags[best]) if known else float("nan"),
                "ms",
                p.D_between if p.C_between else None,
                predicted_by="delay between areas" if p.C_between else "",
            ),
        ]

    def _packet(
        self, times: Any, senders: Any, ids: Sequence[range], start: float, stop: float
    ) -> list[float]:
        """Spikes per neuron where the packet arrives, beyond what neurons fire in such a time on average.

        The average is that before the packet.
        """
        p = self.parameters
        if not p.pulse or not start < p.pulse_time - _HALF:
            return []
        found: list[float] = []
        centre = p.pulse_time + p.D
        while len(found) < _ROUNDS * p.areas and centre + _HALF <= stop:
            area = ids[len(found) % p.areas]
            around = times[_of(senders, area) & (np.abs(times - centre) < _HALF)]
            usual = analysis.rates(times, senders, area, start, p.pulse_time - _HALF).mean
            found.append(len(around) / len(area) - usual * 2.0 * _HALF * 1e-3)
            # the next area is hit by what is there, which may be a little late
            centre = (float(around.mean()) if len(around) else centre) + p.D_between
        return found

    def _notes(self, activity: Mapping[str, analysis.PopulationRate]) -> list[str]:
        """What a reader must know of volleys."""
        p = self.parameters
        notes = [
            f"If all neurons of an area fire at once, those of the next jump by {p.volley:g} mV; from rest "
            f"it is {p.V_th - p.E_L:g} mV to the threshold. A volley goes around in {p.round_trip:g} ms."
        ]
        if _volleys(list(activity.values())) > 0.1:
            notes.append("Volleys go around: what is expected of the rates does not hold.")
        return notes

    def _draw_raster(
        self, times: Any, senders: Any, ids: Mapping[str, range], stop: float, figure: Figure
    ) -> None:
        """Some neurons of each area as dots, and below it the rate of each area in the same colour."""
        p = self.parameters
        start = max((p.pulse_time - 50.0 if p.pulse and p.pulse_time < stop else stop - 200.0), 0.0)
        stop = min(start + 200.0, stop)
        shown = (times > start) & (times <= stop)
        when, who = times[shown], senders[shown]
        some = {name: nodes[:: max(len(nodes) // 40, 1)][:40] for name, nodes in ids.items()}
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        plot.raster(when, who, ax=above, populations=some, markersize=2.0)
        above.set(xlabel="", ylabel="40 neurons of each")
        for number, (name, nodes) in enumerate(ids.items()):
            activity = analysis.population_rate(when[_of(who, nodes)], len(nodes), start, stop, bin=self._bin)
            below.plot(activity.times, activity.values, color=f"C{number}", linewidth=1.0, label=name)
        below.set(xlabel="time (ms)", ylabel="rate of the area\n(spikes/s)", ylim=(0.0, None))


def _visit(step: int, areas: int) -> str:
    """Where a packet is after so many steps."""
    return f"area {step % areas + 1}" + (", second time" if step >= areas else "")


def _of(senders: Any, ids: range) -> Any:
    """Which of the spikes are of these neurons."""
    return (senders >= ids.start) & (senders < ids.stop)


def _volleys(activity: Sequence[analysis.PopulationRate]) -> float:
    """Share of the spikes of all areas that are fired in volleys, `nan` without spikes."""
    counts = np.array([one.counts for one in activity])
    many = counts > _VOLLEY * activity[0].n_neurons
    return float(counts[many].sum() / counts.sum()) if counts.any() else float("nan")


def _draw_correlation(lags: Floats, correlation: Floats, delay: float, figure: Figure) -> None:
    """Correlation of neighbours against the lag."""
    ax = figure.subplots()
    ax.plot(lags, correlation, color="C0")
    ax.axvline(delay, color="C1", linestyle="--", label=f"delay between areas, {delay:g} ms")
    ax.axhline(0.0, color="0.5", linewidth=0.8)
    ax.set(
        xlabel="lag of the next area (ms)", ylabel="correlation of the rates", xlim=(0.0, lags[-1] or None)
    )
    ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderpad=0.1)


def _draw_rates(each: Mapping[str, analysis.Distribution], theory: Sequence[float], figure: Figure) -> None:
    """Rates of the neurons of each area, with what the theory says."""
    marks = dict(zip(each, theory, strict=True))
    values = {name: one.values for name, one in each.items()}
    colors = {name: f"C{number}" for number, name in enumerate(each)}
    ax = figure.subplots()
    plot.boxes(values, ax, label="firing rate (spikes/s)", colors=colors, marks=marks, mark="theory")
    ax.set_xlim(0.0, None)


def _draw_packet(packet: Sequence[float], areas: int, figure: Figure) -> None:
    """Spikes per neuron at each stop of the packet."""
    ax = figure.subplots()
    steps = np.arange(len(packet))
    ax.bar(steps, packet, color=[f"C{step % areas}" for step in steps])
    ax.axhline(0.0, color="0.5", linewidth=0.8)
    ax.set_xticks(steps, [f"{step % areas + 1}" for step in steps])
    ax.set(xlabel="area, in the order of the visits", ylabel="spikes per neuron\nbeyond the usual")
