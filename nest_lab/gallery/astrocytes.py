"""Neurons and astrocytes: calcium in one cell, and synchrony in a network of tripartite synapses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab import analysis, plot
from nest_lab.errors import BadValue
from nest_lab.gallery._base import (
    Parameters,
    ReferenceNetwork,
    Results,
    Statistic,
    least,
    node_ids,
    parameter,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Astrocytes", "AstrocytesParameters", "equilibrium", "oscillates", "oscillation_range"]

Floats = NDArray[np.float64]
_BIN = 100.0  # ms; the slow inward current rises and falls within hundreds of milliseconds
_KINETICS = ("k_IP3R", "rate_IP3R", "rate_L", "rate_SERCA")


# -- one astrocyte


def _kinetics(IP3: float) -> tuple[Callable[[float, float], float], Callable[[float, float], float]]:
    """Rates of change of calcium and of the gate, as functions of both, for constant IP3."""
    p = nest.GetDefaults("astrocyte_lr_1994")
    m = IP3 / (IP3 + p["Kd_IP3_1"])
    recovery = p["Kd_inh"] * (IP3 + p["Kd_IP3_1"]) / (IP3 + p["Kd_IP3_2"])

    def calcium(Ca: float, h: float) -> float:
        gradient = (p["Ca_tot"] - Ca) / p["ratio_ER_cyt"] - Ca
        open_ = (m * Ca / (Ca + p["Kd_act"]) * h) ** 3
        pumped = p["rate_SERCA"] * Ca**2 / (Ca**2 + p["Km_SERCA"] ** 2)
        return float(p["ratio_ER_cyt"] * (p["rate_IP3R"] * open_ + p["rate_L"]) * gradient - pumped)

    def gate(Ca: float, h: float) -> float:
        return float(p["k_IP3R"] * (recovery * (1.0 - h) - Ca * h))

    return calcium, gate


def equilibrium(IP3: float) -> tuple[float, float]:
    """Calcium and gate of an astrocyte at which nothing changes, for a constant concentration of IP3.

    Parameters
    ----------
    IP3 : float, uM
        Concentration of IP3, 0 … 2.

    Returns
    -------
    Ca : float, uM
        Concentration of calcium.
    h : float
        Share of IP3 receptors that calcium does not inhibit.

    Raises
    ------
    BadValue
        If the concentration is out of bounds.

    References
    ----------
    Li YX, Rinzel J (1994). Equations for InsP3 receptor-mediated [Ca2+]i oscillations derived from a detailed
    kinetic model. Journal of Theoretical Biology 166:461-473. doi:10.1006/jtbi.1994.1041

    Examples
    --------
    >>> Ca, h = equilibrium(0.4)
    >>> round(Ca, 4), round(h, 4)
    (0.1858, 0.6901)
    """
    from scipy.optimize import brentq

    if not 0.0 <= IP3 <= 2.0:
        what = "the concentration of IP3 is out of bounds"
        raise BadValue(what, where="equilibrium()", value=f"{IP3:g} uM", allowed="0 … 2 uM")
    calcium, gate = _kinetics(IP3)

    def resting(Ca: float) -> float:
        """The gate changes linearly with itself."""
        return gate(Ca, 0.0) / (gate(Ca, 0.0) - gate(Ca, 1.0))

    Ca = float(brentq(lambda x: calcium(x, resting(x)), 1e-3, 1.0, xtol=1e-14))
    return Ca, resting(Ca)


def oscillates(IP3: float) -> bool:
    """Whether calcium goes away from its equilibrium, for a constant concentration of IP3.

    Parameters
    ----------
    IP3 : float, uM
        Concentration of IP3, 0 … 2.

    Returns
    -------
    bool
        Whether the equilibrium is unstable; then calcium oscillates.

    Examples
    --------
    >>> [oscillates(IP3) for IP3 in (0.16, 0.5, 0.8)]
    [False, True, False]
    """
    return _growth(IP3) > 0.0


def _growth(IP3: float) -> float:
    """Sum of the eigenvalues at the equilibrium, 1/ms: positive if it is unstable, as they are a pair."""
    Ca, h = equilibrium(IP3)
    calcium, gate = _kinetics(IP3)
    step = 1e-6
    return (calcium(Ca + step, h) - calcium(Ca - step, h) + gate(Ca, h + step) - gate(Ca, h - step)) / (
        2.0 * step
    )


def oscillation_range() -> tuple[float, float]:
    """Concentrations of IP3 between which calcium oscillates: the two Hopf bifurcations.

    Returns
    -------
    lowest, highest : float, uM
        With the constants of Li and Rinzel.

    References
    ----------
    De Pittà M, Volman V, Levine H, Pioggia G, De Rossi D, Ben-Jacob E (2008). Coexistence of amplitude and
    frequency modulations in intracellular calcium dynamics. Physical Review E 77:030903.
    doi:10.1103/PhysRevE.77.030903

    Examples
    --------
    >>> "{:.3f} and {:.3f}".format(*oscillation_range())
    '0.355 and 0.637'
    """
    from scipy.optimize import brentq

    return float(brentq(_growth, 0.2, 0.45)), float(brentq(_growth, 0.55, 0.9))


# -- the network


@dataclass(frozen=True, kw_only=True)
class AstrocytesParameters(Parameters):
    """Parameters of the network."""

    options: ClassVar[tuple[str, ...]] = ("w_SIC",)
    sized_by: ClassVar[tuple[str, ...]] = ("N_E", "N_I", "N_A", "p")

    N_E: int = parameter(160, "", "number of excitatory neurons", lower=1, upper=10**9)
    N_I: int = parameter(40, "", "number of inhibitory neurons", lower=1, upper=10**9)
    N_A: int = parameter(
        8, "", "number of astrocytes, each with as many neurons around it", lower=1, upper=10**9
    )
    p: float = parameter(0.1, "", "connection probability", lower=0.0, upper=1.0)
    p_third: float = parameter(
        0.5, "", "share of the excitatory connections that an astrocyte listens to", lower=0.0, upper=1.0
    )
    J: float = parameter(1.0, "nS", "peak conductance of an excitatory input", lower=0.0)
    g: float = parameter(4.0, "", "strength of an inhibitory input relative to an excitatory one", lower=0.0)
    rate_ext: float = parameter(
        1000.0, "spikes/s", "rate of the external spikes to each neuron", lower=0.0, live=(0.0, 2000.0)
    )
    J_ext: float = parameter(1.8, "nS", "peak conductance of an external input", lower=0.0)
    U: float = parameter(0.5, "", "share of the resources that a spike uses", lower=0.0, upper=1.0)
    tau_rec: float = parameter(200.0, "ms", "recovery time of resources", lower=0.0, lower_open=True)
    w_SIC: float = parameter(
        4.0, "", "weight of the slow inward current from an astrocyte", lower=0.0, live=(0.0, 8.0)
    )
    delta_IP3: float = parameter(0.0006, "uM", "IP3 that a spike adds in an astrocyte", lower=0.0)
    speed: float = parameter(
        5.0,
        "",
        "factor by which the kinetics of astrocytes are faster than published",
        lower=0.1,
        upper=100.0,
    )
    D: float = parameter(1.0, "ms", "transmission delay", lower=0.1)
    resolution: float = parameter(0.2, "ms", "time step", lower=0.01)

    @property
    def demand(self) -> dict[str, int]:
        """Bytes at least, with as many connections as there are in the mean."""
        neurons = self.N_E + self.N_I
        return least(neurons + self.N_A, round(self.p * neurons**2))


class Astrocytes(ReferenceNetwork[AstrocytesParameters]):
    r"""A network of neurons and astrocytes, which are joined by tripartite synapses [1]_.

    Excitatory neurons are connected at random. Into a share of these connections steps an astrocyte, the one
    that the target belongs to: the source's spikes also make IP3 in the astrocyte, IP3 sets calcium free, and
    where calcium exceeds a threshold a **slow inward current** flows into the target. All neurons of an
    astrocyte get their current from the same calcium, which makes them fire together.

    The kinetics of the astrocytes are those of Li and Rinzel [2]_ with all rates times `speed`: what takes
    minutes in a cell is seen in seconds, and concentrations and bifurcations are the same.

    =========== ============================================
    preset      what it is
    =========== ============================================
    uncoupled   the astrocytes listen, but do not answer
    weak        half of the slow inward current
    strong      with slow inward current
    overexcited so much IP3 that calcium does not oscillate
    =========== ============================================

    See Also
    --------
    ReferenceNetwork : The parameters of the class, and its methods.

    References
    ----------
    .. [1] Jiang HJ, Aćimović J, Manninen T, Ahokainen I, Stapmanns J, Lehtimäki M, Diesmann M, van Albada SJ,
           Plesser HE, Linne ML (2025). Modeling neuron-astrocyte interactions in neural networks using
           distributed simulation. PLOS Computational Biology 21:e1013503. doi:10.1371/journal.pcbi.1013503
    .. [2] Li YX, Rinzel J (1994). Equations for InsP3 receptor-mediated [Ca2+]i oscillations derived from a
           detailed kinetic model. Journal of Theoretical Biology 166:461-473. doi:10.1006/jtbi.1994.1041

    Examples
    --------
    >>> network = Astrocytes.preset("strong", N_E=40, N_I=10, N_A=2).build().simulate(200.0)
    >>> network.astrocytes[0].model
    'astrocyte_lr_1994'
    >>> sorted(network.populations)
    ['excitatory', 'inhibitory']
    """

    title = "Network of neurons and astrocytes with tripartite synapses"
    citation = (
        "Jiang HJ, Aćimović J, Manninen T, Ahokainen I, Stapmanns J, Lehtimäki M, Diesmann M, van Albada SJ, "
        "Plesser HE, Linne ML (2025). Modeling neuron-astrocyte interactions in neural networks using "
        "distributed simulation. PLOS Computational Biology 21:e1013503"
    )
    doi = "10.1371/journal.pcbi.1013503"
    parameters_class = AstrocytesParameters
    presets: ClassVar[Mapping[str, Parameters]] = {
        "uncoupled": AstrocytesParameters(w_SIC=0.0),
        "weak": AstrocytesParameters(w_SIC=2.0),
        "strong": AstrocytesParameters(),
        "overexcited": AstrocytesParameters(delta_IP3=0.002),
    }

    def __init__(
        self, parameters: AstrocytesParameters | None = None, *, seed: int = 1, **arguments: Any
    ) -> None:
        super().__init__(parameters, seed=seed, **arguments)
        p = self.parameters
        if (p.N_E + p.N_I) % p.N_A:
            raise BadValue(
                "neurons cannot be divided among the astrocytes",
                where="Astrocytes()",
                value=f"{p.N_E + p.N_I} neurons, {p.N_A} astrocytes",
                allowed="a multiple of N_A neurons",
                todo="Change N_E, N_I or N_A.",
            )

    def _build(self) -> None:
        p = self.parameters
        nest.resolution = p.resolution
        neuron = {"tau_syn_ex": 2.0, "tau_syn_in": 4.0}
        self.populations = {
            "excitatory": nest.Create("aeif_cond_alpha_astro", p.N_E, params=neuron),
            "inhibitory": nest.Create("aeif_cond_alpha_astro", p.N_I, params=neuron),
        }
        everyone = self.populations["excitatory"] + self.populations["inhibitory"]
        self._make_astrocytes()
        depressing = {"synapse_model": "tsodyks_synapse", "U": p.U, "tau_rec": p.tau_rec, "tau_psc": 2.0}
        nest.TripartiteConnect(
            self.populations["excitatory"],
            everyone,
            self.astrocytes,
            {
                "rule": "tripartite_bernoulli_with_pool",
                "p_primary": p.p,
                "p_third_if_primary": p.p_third,
                "pool_size": 1,
                "pool_type": "block",
            },
            syn_specs={
                "primary": {**depressing, "weight": p.J, "delay": p.D},
                "third_in": {**depressing, "weight": 1.0, "delay": p.D},
                "third_out": {"synapse_model": "sic_connection", "weight": p.w_SIC, "delay": p.D},
            },
        )
        inhibition = {"weight": -p.g * p.J, "delay": p.D}
        random = {"rule": "pairwise_bernoulli", "p": p.p}
        nest.Connect(self.populations["inhibitory"], everyone, random, inhibition)
        self.external = nest.Create("poisson_generator", params={"rate": p.rate_ext})
        nest.Connect(self.external, everyone, syn_spec={"weight": p.J_ext, "delay": p.D})
        self.recorder = nest.Create("spike_recorder")
        nest.Connect(everyone, self.recorder)

    def _make_astrocytes(self) -> None:
        """Create the astrocytes with different beginnings, and a multimeter for the first minute."""
        p = self.parameters
        usual = nest.GetDefaults("astrocyte_lr_1994")
        kinetics = {name: usual[name] * p.speed for name in _KINETICS}
        kinetics |= {"tau_IP3": usual["tau_IP3"] / p.speed, "delta_IP3": p.delta_IP3}
        self.astrocytes = nest.Create("astrocyte_lr_1994", p.N_A, params=kinetics)
        self.astrocytes.IP3 = nest.random.uniform(usual["IP3_0"], 0.4)
        interval = max(p.resolution, 10.0)
        what = {"record_from": ["IP3", "Ca_astro"], "interval": interval, "stop": 60_000.0}
        self.meter = nest.Create("multimeter", params=what)
        nest.Connect(self.meter, self.astrocytes)

    def _apply(self, changed: AstrocytesParameters) -> None:
        if changed.rate_ext != self.parameters.rate_ext:
            self.external.rate = changed.rate_ext
        if changed.w_SIC != self.parameters.w_SIC:
            nest.GetConnections(synapse_model="sic_connection").weight = changed.w_SIC

    def domains(self) -> list[range]:
        """Node ids of the neurons of each astrocyte.

        Returns
        -------
        list of range
            One for each astrocyte.
        """
        self._needs_build("domains()")
        p = self.parameters
        first, size = self.populations["excitatory"][0].global_id, (p.N_E + p.N_I) // p.N_A
        return [range(first + k * size, first + (k + 1) * size) for k in range(p.N_A)]

    def calcium(self) -> tuple[Floats, Floats, Floats]:
        """What was recorded in the astrocytes, during the first minute.

        Returns
        -------
        times : ndarray, shape (n,), ms
            When.
        IP3, calcium : ndarray, shape (n, N_A), uM
            Concentrations in each astrocyte.
        """
        self._needs_build("calcium()")
        events = self.meter.events
        order = np.lexsort((events["senders"], events["times"]))
        shape = (-1, self.parameters.N_A)
        times, IP3, Ca = (np.asarray(events[name])[order] for name in ("times", "IP3", "Ca_astro"))
        return times.reshape(shape)[:, 0], IP3.reshape(shape), Ca.reshape(shape)

    def _results(self, start: float, stop: float) -> Results:
        events = self.recorder.events
        times, senders = events["times"], events["senders"]
        populations = {name: node_ids(nodes) for name, nodes in self.populations.items()}
        domains = self.domains()
        everyone = range(domains[0].start, domains[-1].stop)
        # whole bins, and the time in which the astrocytes come from where they began is left out
        from_ = max(start, stop / 3.0)
        width = min(_BIN, stop - from_)
        local = [analysis.mean_correlation(times, senders, ids, from_, stop, bin=width) for ids in domains]
        overall = analysis.mean_correlation(times, senders, everyone, from_, stop, bin=width)
        sampled, IP3, Ca = self.calcium()
        late = sampled > from_
        low, high = oscillation_range()
        statistics = [
            Statistic(
                "rate",
                "mean firing rate",
                analysis.rates(times, senders, everyone, start, stop).mean,
                "spikes/s",
            ),
            Statistic(
                "local_synchrony",
                f"mean correlation of spike counts in {width:g} ms, neurons of one astrocyte",
                float(np.nanmean(local)) if np.isfinite(local).any() else float("nan"),
                "",
            ),
            Statistic(
                "synchrony", f"mean correlation of spike counts in {width:g} ms, all neurons", overall, ""
            ),
            Statistic("IP3", "mean IP3 in the astrocytes", _mean(IP3[late]), "uM"),
            Statistic(
                "calcium_swing",
                "standard deviation of calcium over time, mean of the astrocytes",
                _mean(Ca[late].std(axis=0)) if late.any() else float("nan"),
                "uM",
            ),
        ]
        figures: dict[str, Callable[[Figure], None]] = {
            "Spikes by astrocyte, and calcium": partial(
                self._draw, times, senders, domains, (sampled, Ca), stop
            ),
            "Calcium and IP3": partial(_draw_phase, IP3, Ca),
        }
        notes = [
            f"Statistics of synchrony are of the time after {from_:g} ms. With constant IP3 calcium "
            f"oscillates between {low:.3f} and {high:.3f} uM."
        ]
        return Results(times, senders, populations, start, stop, statistics, figures, notes)

    def _draw(
        self,
        times: Any,
        senders: Any,
        domains: list[range],
        calcium: tuple[Floats, Floats],
        stop: float,
        figure: Figure,
    ) -> None:
        """Spikes of the neurons of three astrocytes, and the calcium of these, in the same colours."""
        some = {f"astrocyte {k + 1}": domains[k] for k in range(min(len(domains), 3))}
        start = max(stop - 10_000.0, 0.0)
        shown = (times > start) & (times <= stop)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        plot.raster(times[shown], senders[shown], ax=above, populations=some, markersize=2.0)
        above.set(xlabel="", ylabel="neurons of")
        sampled, Ca = calcium
        kept = sampled > start
        for k in range(len(some)):
            below.plot(sampled[kept], Ca[kept, k], color=f"C{k}")
        threshold = nest.GetDefaults("astrocyte_lr_1994")["SIC_th"]
        below.axhline(threshold, color="0.5", linestyle="--", linewidth=1.0, label="threshold of the current")
        below.set(xlabel="time (ms)", ylabel="calcium (uM)", ylim=(0.0, None))
        below.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.97), borderpad=0.0)


def _mean(values: Floats) -> float:
    """Mean, `nan` of nothing."""
    return float(values.mean()) if values.size else float("nan")


def _draw_phase(IP3: Floats, Ca: Floats, figure: Figure) -> None:
    """Calcium against IP3 in each astrocyte, and where calcium oscillates if IP3 is constant."""
    ax = figure.subplots()
    ax.axvspan(*oscillation_range(), color="C2", alpha=0.15, linewidth=0, label="oscillates at constant IP3")
    lines = ax.plot(IP3, Ca, linewidth=0.8, color="C0", alpha=0.7)
    if lines:
        lines[0].set_label("astrocytes")
    ax.set(xlabel="IP3 (uM)", ylabel="calcium (uM)", ylim=(0.0, None))
    ax.legend(frameon=False)
