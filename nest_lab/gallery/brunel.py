"""The network of Brunel (2000): two populations, random sparse connections, and four ways to fire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

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

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Brunel", "BrunelParameters", "connect", "copy_synapses", "populations", "reported"]

_THEORY = "mean-field theory of Brunel (2000), which takes all input for Poisson spikes"
_BIN = 0.5  # ms; resolves the fast oscillation, whose period is about four delays


@dataclass(frozen=True, kw_only=True)
class BrunelParameters(Parameters):
    """Parameters of model A of Brunel (2000); the defaults are fig. 8 C."""

    options: ClassVar[tuple[str, ...]] = ("order",)
    sized_by: ClassVar[tuple[str, ...]] = ("order", "epsilon")

    order: int = parameter(
        2500,
        "",
        "number of inhibitory neurons; there are four times as many excitatory ones",
        lower=1,
        upper=10**9,
    )
    epsilon: float = parameter(
        0.1,
        "",
        "connection probability; each neuron has as many inputs of each kind as this gives",
        lower=0.0,
        upper=1.0,
    )
    J: float = parameter(
        0.1, "mV", "jump of the membrane potential at an excitatory input", lower=0.0, upper=1e4
    )
    g: float = parameter(
        5.0,
        "",
        "strength of an inhibitory input relative to an excitatory one",
        lower=0.0,
        upper=1e4,
        live=(0.0, 8.0),
    )
    eta: float = parameter(
        2.0,
        "",
        "external rate relative to the one that just reaches the threshold",
        lower=0.0,
        live=(0.0, 4.0),
    )
    D: float = parameter(1.5, "ms", "transmission delay", lower=0.0, lower_open=True)
    tau_m: float = parameter(20.0, "ms", "membrane time constant", lower=0.0, upper=1e6, lower_open=True)
    C_m: float = parameter(
        1.0,
        "pF",
        "membrane capacitance; it has no effect on inputs that are jumps",
        lower=0.0,
        lower_open=True,
    )
    E_L: float = parameter(0.0, "mV", "resting potential", lower=-1e4, upper=1e4)
    V_reset: float = parameter(10.0, "mV", "potential after a spike", lower=-1e4, upper=1e4)
    V_th: float = parameter(20.0, "mV", "threshold", lower=-1e4, upper=1e4)
    t_ref: float = parameter(2.0, "ms", "refractory time", lower=0.0)
    resolution: float = parameter(0.1, "ms", "time step", lower=0.001)

    @property
    def N_E(self) -> int:
        """Number of excitatory neurons."""
        return 4 * self.order

    @property
    def N_I(self) -> int:
        """Number of inhibitory neurons."""
        return self.order

    @property
    def C_E(self) -> int:
        """Excitatory inputs of each neuron."""
        return round(self.epsilon * self.N_E)

    @property
    def C_I(self) -> int:
        """Inhibitory inputs of each neuron."""
        return round(self.epsilon * self.N_I)

    @property
    def demand(self) -> dict[str, int]:
        """Bytes at least: the neurons of a kind share the weight of their connections."""
        neurons = self.N_E + self.N_I
        return least(neurons, neurons * (self.C_E + self.C_I))

    @property
    def rate_threshold(self) -> float:
        """External spikes/s per neuron that alone bring the mean potential to the threshold."""
        return 1000.0 * (self.V_th - self.E_L) / (self.J * self.tau_m) if self.J > 0.0 else 0.0

    @property
    def rate_ext(self) -> float:
        """External spikes/s per neuron, those of all its external synapses together."""
        return self.eta * self.rate_threshold

    def predict(self) -> analysis.Stationary:
        r"""Stationary state in the diffusion approximation.

        .. math:: \mu = \tau_m J [\nu_{ext} + (C_E - g C_I)\,\nu], \quad
                  \sigma^2 = \tau_m J^2 [\nu_{ext} + (C_E + g^2 C_I)\,\nu]

        where :math:`\nu_{ext}` is `rate_ext`, and both populations have the rate :math:`\nu` as they get the
        same input.

        Returns
        -------
        analysis.Stationary
            Rate, variability and input.

        References
        ----------
        Brunel (2000), eqs. 4, 5 and 22. doi:10.1023/A:1008925309027

        Examples
        --------
        The theory's rate in the asynchronous irregular state is 38.0 spikes/s in the publication.

        >>> round(BrunelParameters(g=5.0, eta=2.0).predict().rate, 1)
        37.9
        """

        def inputs(rate: float) -> tuple[float, float]:
            mu, sigma = self.noise(
                self.rate_ext + (self.C_E - self.g * self.C_I) * rate,
                self.rate_ext + (self.C_E + self.g**2 * self.C_I) * rate,
            )
            return float(mu), float(sigma)

        return analysis.self_consistent(inputs, **self.neuron)

    @property
    def neuron(self) -> dict[str, float]:
        """Facts of a neuron that the theory needs, potentials above the one at rest."""
        above = {"V_th": self.V_th - self.E_L, "V_reset": self.V_reset - self.E_L}
        return {"tau_m": self.tau_m, "t_ref": self.t_ref, **above}

    def noise(self, drift: Any, diffusion: Any) -> tuple[Any, Any]:
        r"""White noise that stands for the input of a neuron.

        Parameters
        ----------
        drift, diffusion : float or ndarray, unit spikes/s
            Sums over all inputs of the rate, times the weight relative to J, and times its square.

        Returns
        -------
        mu, sigma : float or ndarray, unit mV
            Mean :math:`\tau_m J a` above rest of a drift a, and strength :math:`J\sqrt{\tau_m b}` of a
            diffusion b.
        """
        tau = self.tau_m * 1e-3
        return tau * self.J * drift, self.J * np.sqrt(tau * diffusion)


@dataclass(frozen=True)
class _Published:
    """What the publication reports of its own simulations of fig. 8, in spikes/s and Hz."""

    rate: float | None = None
    frequency: float | None = None

    @property
    def source(self) -> str:
        """Where it stands."""
        return "simulations of Brunel (2000), fig. 8" if self.rate is not None else ""


_PUBLISHED = {
    "SI-fast": _Published(rate=60.7, frequency=180.0),
    "AI": _Published(rate=37.7),
    "SI-slow": _Published(rate=5.5, frequency=22.0),
}


def reported(parameters: Parameters) -> _Published:
    """What the publication reports of the network with these very parameters.

    Parameters
    ----------
    parameters : Parameters
        Those of a network.

    Returns
    -------
    object
        With `rate` in spikes/s, `frequency` in Hz, each None where nothing is reported, and `source`.
    """
    for name, published in _PUBLISHED.items():
        if Brunel.presets[name] == parameters:
            return published
    return _Published()


def populations(p: BrunelParameters) -> dict[str, Any]:
    """Create the neurons of a network.

    Parameters
    ----------
    p : BrunelParameters
        Its parameters.

    Returns
    -------
    dict of str to NodeCollection
        Excitatory and inhibitory neurons, with node ids that follow each other.
    """
    neuron = {name: getattr(p, name) for name in ("tau_m", "C_m", "E_L", "V_reset", "V_th", "t_ref")}
    # Potentials are spread out, so that the first spikes are not a volley that takes long to die away.
    neuron["V_m"] = nest.random.uniform(p.V_reset, p.V_th)
    return {
        "excitatory": nest.Create("iaf_psc_delta", p.N_E, params=neuron),
        "inhibitory": nest.Create("iaf_psc_delta", p.N_I, params=neuron),
    }


def copy_synapses(**weights: float) -> None:
    """Make a synapse model of each kind.

    One weight for all connections of a kind costs no memory, and changes in one place while the network runs.

    Parameters
    ----------
    **weights : float, unit mV
        Weight by the name of the kind.
    """
    for kind, weight in weights.items():
        nest.CopyModel("static_synapse_hom_w", kind, {"weight": weight})


def connect(sources: Any, targets: Any, indegree: int, kind: str, delay: float) -> None:
    """Give each target as many inputs from random sources.

    Parameters
    ----------
    sources, targets : NodeCollection
        Neurons.
    indegree : int
        Number of inputs of each target.
    kind : str
        Synapse model, from `copy_synapses`.
    delay : float, unit ms
        Transmission delay.
    """
    rule = {"rule": "fixed_indegree", "indegree": indegree}
    nest.Connect(sources, targets, rule, {"synapse_model": kind, "delay": delay})


class Brunel(ReferenceNetwork[BrunelParameters]):
    r"""Sparse random network of excitatory and inhibitory integrate-and-fire neurons [1]_.

    Each neuron obeys :math:`\tau_m \dot V = E_L - V` and jumps by J at an excitatory and by -gJ at an
    inhibitory spike. It gets :math:`C_E` inputs from random excitatory neurons, :math:`C_I` from random
    inhibitory ones, and external spikes of a Poisson process of its own. Both populations have the same
    parameters (model A). The balance g and the external rate eta decide between four states:

    ======== === === ==========================================================
    preset   g   eta neurons and population
    ======== === === ==========================================================
    SR       3   2   synchronous, regular: all fire together, near saturation
    SI-fast  6   4   synchronous, irregular: fast oscillation that few join
    AI       5   2   asynchronous, irregular: the population rate is steady
    SI-slow  4.5 0.9 synchronous, irregular: slow oscillation, very low rates
    ======== === === ==========================================================

    ``classroom`` is a network of 1,000 neurons that runs faster than real time on any machine.

    See Also
    --------
    ReferenceNetwork : The parameters of the class, and its methods.

    References
    ----------
    .. [1] Brunel N (2000). Dynamics of sparsely connected networks of excitatory and inhibitory
           spiking neurons. Journal of Computational Neuroscience 8:183-208. doi:10.1023/A:1008925309027

    Examples
    --------
    >>> network = Brunel.preset("classroom", seed=1).build().simulate(300.0)
    >>> len(network.populations["excitatory"]), len(network.populations["inhibitory"])
    (800, 200)
    >>> bool(10.0 < network.results()["rate"].value < 40.0)
    True
    """

    title = "Sparse random network of excitatory and inhibitory neurons"
    citation = (
        "Brunel N (2000). Dynamics of sparsely connected networks of excitatory and inhibitory spiking "
        "neurons. Journal of Computational Neuroscience 8:183-208"
    )
    doi = "10.1023/A:1008925309027"
    parameters_class = BrunelParameters
    presets: ClassVar[Mapping[str, Parameters]] = {
        "SR": BrunelParameters(g=3.0, eta=2.0),
        "SI-fast": BrunelParameters(g=6.0, eta=4.0),
        "AI": BrunelParameters(g=5.0, eta=2.0),
        "SI-slow": BrunelParameters(g=4.5, eta=0.9),
        "classroom": BrunelParameters(order=200, J=1.0, g=5.0, eta=1.0, V_reset=0.0),
    }

    def _build(self) -> None:
        p = self.parameters
        nest.resolution = p.resolution
        self.populations = populations(p)
        everyone = self.populations["excitatory"] + self.populations["inhibitory"]
        copy_synapses(excitatory=p.J, inhibitory=-p.g * p.J)
        connect(self.populations["excitatory"], everyone, p.C_E, "excitatory", p.D)
        connect(self.populations["inhibitory"], everyone, p.C_I, "inhibitory", p.D)
        self.external = nest.Create("poisson_generator", params={"rate": p.rate_ext})
        nest.Connect(self.external, everyone, syn_spec={"weight": p.J, "delay": p.D})
        self.recorder = nest.Create("spike_recorder")
        nest.Connect(everyone, self.recorder, syn_spec={"delay": p.D})

    def _apply(self, changed: BrunelParameters) -> None:
        if changed.g != self.parameters.g:
            nest.SetDefaults("inhibitory", {"weight": -changed.g * changed.J})
        if changed.eta != self.parameters.eta:
            self.external.rate = changed.rate_ext

    def _results(self, start: float, stop: float) -> Results:
        p = self.parameters
        events = self.recorder.events
        times, senders = events["times"], events["senders"]
        populations = {name: node_ids(nodes) for name, nodes in self.populations.items()}
        everyone = np.concatenate([np.asarray(ids) for ids in populations.values()])
        theory, published = p.predict(), reported(p)

        rate = analysis.rates(times, senders, everyone, start, stop)
        cv = analysis.cv_isi(times, senders, everyone, start, stop)
        activity = analysis.population_rate(times, len(everyone), start, stop, bin=max(_BIN, p.resolution))
        power = analysis.spectrum(activity)
        frequency, height = power.peak()
        statistics = [
            Statistic(
                "rate",
                "mean firing rate",
                rate.mean,
                "spikes/s",
                theory.rate,
                published.rate,
                _THEORY,
                published.source,
            ),
            Statistic("cv", "mean CV of the inter-spike intervals", cv.mean, "", theory.cv, None, _THEORY),
            Statistic(
                "frequency",
                "frequency of the population rate",
                frequency,
                "Hz",
                None,
                published.frequency,
                "",
                published.source,
            ),
            Statistic("peak", "power at this frequency, relative to independent neurons", height, ""),
            Statistic(
                "modulation",
                f"standard deviation over mean of the population rate, bins of {activity.bin:g} ms",
                activity.modulation,
                "",
                activity.independent,
                None,
                "as many independent Poisson neurons",
            ),
        ]
        figures: dict[str, Callable[[Figure], None]] = {
            "Spikes and population rate": partial(self._draw_raster, times, senders, populations, stop),
            "Spectrum of the population rate": lambda figure: _alone(figure, power.plot),
            "Rates and intervals beside the theory": partial(_draw_distributions, rate, cv, theory),
        }
        return Results(times, senders, populations, start, stop, statistics, figures)

    def _draw_raster(
        self, times: Any, senders: Any, populations: Mapping[str, range], stop: float, figure: Figure
    ) -> None:
        """Some neurons of each population as dots, and the rate of the whole network below, as in fig. 8."""
        some = {name: ids[:: max(len(ids) // 50, 1)][:50] for name, ids in populations.items()}
        some["inhibitory"] = some["inhibitory"][:13]  # one for four, as in the network
        n_neurons = sum(len(ids) for ids in populations.values())
        start = max(stop - 300.0, 0.0)
        shown = (times > start) & (times <= stop)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        plot.raster(times[shown], senders[shown], ax=above, populations=some)
        shown_neurons = sum(len(ids) for ids in some.values())
        above.set(xlabel="", ylabel=f"{shown_neurons} of {n_neurons:,} neurons")
        analysis.population_rate(
            times[shown], n_neurons, start, stop, bin=max(_BIN, self.parameters.resolution)
        ).plot(below)


def _alone(figure: Figure, draw: Callable[[Any], Any]) -> None:
    """Draw on the only axes of a figure."""
    draw(figure.subplots())


def _draw_distributions(
    rate: analysis.Distribution, cv: analysis.Distribution, theory: analysis.Stationary, figure: Figure
) -> None:
    """Rates and CVs of the neurons, with the mean and with what the theory says."""
    left, right = figure.subplots(1, 2)
    rate.plot(left, theory.rate)
    cv.plot(right, theory.cv)
