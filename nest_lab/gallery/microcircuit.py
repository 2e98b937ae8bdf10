r"""The microcircuit of Potjans & Diesmann (2014): four layers of cortex under a square millimetre of surface.

Numbers of the tables are constants of this file, in the order of `POPULATIONS`; what a user may want to
change is a parameter.

Scaling
-------
A neuron of population i gets from the neurons of population j, on average, :math:`K_{ij}` synapses of weight
:math:`w_{ij}` at :math:`\nu_j` spikes/s each, and :math:`K_i` external ones of weight w at :math:`\nu_{bg}`.
A spike brings the charge :math:`w\,\tau_{syn}`, so its current has the mean and, for independent Poisson
spikes, the variance

.. math:: \mu_i = \tau_{syn} \Big(\sum_j K_{ij} w_{ij} \nu_j + K_i w \nu_{bg}\Big), \quad
          \sigma_i^2 = \frac{\tau_{syn}}{2} \Big(\sum_j K_{ij} w_{ij}^2 \nu_j + K_i w^2 \nu_{bg}\Big) .

With the share :math:`\kappa` of the synapses, weights of :math:`w/\sqrt\kappa` keep the variance,
:math:`\kappa K (w/\sqrt\kappa)^2 = K w^2`, and leave :math:`\sqrt\kappa\,\mu_i` of the mean,
:math:`\kappa K w/\sqrt\kappa = \sqrt\kappa\,K w`. The rest is given as a constant current

.. math:: I_i = (1 - \sqrt\kappa)\,\mu_i ,

for which the rates :math:`\nu_j` of the full network must be known. An external current is not scaled, so
with ``drive="dc"`` the external term of :math:`\mu_i` is a current as a whole. What is not kept are
correlations, which grow as each of fewer neurons weighs more [2]_.

References
----------
.. [1] Potjans TC, Diesmann M (2014). The cell-type specific cortical microcircuit: relating structure and
       activity in a full-scale spiking network model. Cerebral Cortex 24:785-806. doi:10.1093/cercor/bhs358
.. [2] van Albada SJ, Helias M, Diesmann M (2015). Scalability of asynchronous networks is limited by
       one-to-one mapping between effective connectivity and correlations. PLOS Computational Biology
       11:e1004490. doi:10.1371/journal.pcbi.1004490
.. [3] Romaro C, Najman FA, Lytton WW, Roque AC, Dura-Bernal S (2021). NetPyNE implementation and scaling of
       the Potjans-Diesmann cortical microcircuit model. Neural Computation 33:1993-2032.
       doi:10.1162/neco_a_01400
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
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

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "EXTERNAL_INDEGREES",
    "FULL_RATES",
    "POPULATIONS",
    "PROBABILITIES",
    "SIZES",
    "THALAMIC_PROBABILITIES",
    "THALAMIC_SIZE",
    "Microcircuit",
    "MicrocircuitParameters",
    "synapse_numbers",
]

Floats = NDArray[np.float64]

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
"""Excitatory and inhibitory neurons of layers 2/3, 4, 5 and 6; the order of all arrays of this module."""

LABELS = {name: name.replace("L23", "L2/3") for name in POPULATIONS}
COLORS = {name: "C0" if name.endswith("E") else "C1" for name in POPULATIONS}
EXCITATORY = np.array([name.endswith("E") for name in POPULATIONS])

SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
"""Number of neurons, Potjans & Diesmann (2014), table 5."""

PROBABILITIES = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000],
        [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
    ]
)
"""Probability that two neurons are connected, of targets (rows) from sources (columns), table 5."""

EXTERNAL_INDEGREES = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
"""Synapses of each neuron from outside of the circuit, table 5."""

THALAMIC_SIZE = 902
"""Number of thalamic neurons, table 5."""

THALAMIC_PROBABILITIES = np.array([0.0, 0.0, 0.0983, 0.0619, 0.0, 0.0, 0.0512, 0.0196])
"""Probability that a neuron is connected to a thalamic one, table 5."""

FULL_RATES = np.array([0.943, 3.026, 4.368, 5.882, 7.733, 8.664, 1.096, 7.851])
"""Mean rates of the full-scale network with Poisson drive in the reference simulator, spikes/s."""

OPTIMIZED_V_m = (
    np.array([-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43]),
    np.array([5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48]),
)
"""Mean and standard deviation of the membrane potential in the steady state of the full-scale network, mV."""

ORIGINAL_V_m = (np.full(8, -58.0), np.full(8, 10.0))
"""Mean and standard deviation of the first membrane potentials in Potjans & Diesmann (2014), table 4, mV."""

_BIN = 3.0  # ms; synchrony and correlations are of counts in these bins, as in the publications
_PAIRS = 200  # neurons of each population of which all pairs are looked at
_THEORY = (
    "mean-field theory of Fourcaud & Brunel (2002), which takes all input for independent Poisson spikes"
)
_FULL = "full-scale simulation with the reference simulator"
_ROMARO = "full-scale simulation of Romaro et al. (2021)"


@dataclass(frozen=True)
class _Published:
    """What full-scale simulations showed, by population; irregularity and synchrony of reference [3]_."""

    cv: Floats
    synchrony: Floats
    tables: str

    @property
    def correlation(self) -> Floats:
        """Mean correlation that the published synchrony means.

        Synchrony is variance over mean of the counts of 1,000 neurons, each of which has about 1 by itself,
        so it is 1 + 999 times the mean correlation.
        """
        return np.round((self.synchrony - 1.0) / 999.0, 4)  # the synchrony has one digit after the point


_PUBLISHED = {
    "poisson": _Published(
        np.array([0.938, 0.916, 0.891, 0.873, 0.847, 0.809, 0.924, 0.819]),
        np.array([2.9, 1.8, 3.0, 1.7, 4.4, 1.1, 1.2, 1.0]),
        "tables A.3 and A.5",
    ),
    "dc": _Published(
        np.array([0.936, 0.909, 0.875, 0.862, 0.820, 0.775, 0.923, 0.788]),
        np.array([5.1, 3.3, 5.5, 2.7, 8.0, 2.0, 1.5, 1.3]),
        "tables A.4 and A.6",
    ),
}


def synapse_numbers(probability: Any, n_sources: Any, n_targets: Any) -> Any:
    r"""Number of synapses after which two neurons are connected, once or more often, with a probability.

    .. math:: K = \frac{\ln(1 - C)}{\ln(1 - 1/(N_{pre} N_{post}))}

    as sources and targets are drawn with replacement.

    Parameters
    ----------
    probability : array_like
        Probability C.
    n_sources, n_targets : array_like, int
        Number of neurons.

    Returns
    -------
    ndarray, float
        Number of synapses, not rounded.

    References
    ----------
    Potjans & Diesmann (2014), eq. 1. doi:10.1093/cercor/bhs358

    Examples
    --------
    >>> round(float(synapse_numbers(0.1009, 20683, 20683)))
    45499806
    """
    # log1p, since 1 - 1e-9 would leave seven digits of 1e-9
    pairs = np.asarray(n_sources, dtype=np.float64) * np.asarray(n_targets, dtype=np.float64)
    return np.log1p(-np.asarray(probability)) / np.log1p(-1.0 / pairs)


@dataclass(frozen=True, kw_only=True)
class MicrocircuitParameters(Parameters):
    """Parameters of Potjans & Diesmann (2014), tables 4 and 5; ``scale`` stands for N_scale and K_scale."""

    together: ClassVar[Mapping[str, tuple[str, ...]]] = {"scale": ("N_scale", "K_scale")}
    options: ClassVar[tuple[str, ...]] = ("scale", "drive", "thalamus")
    sized_by: ClassVar[tuple[str, ...]] = ("scale", "N_scale", "K_scale")

    N_scale: float = parameter(
        1.0, "", "number of neurons relative to the full one", lower=0.0, upper=1.0, lower_open=True
    )
    K_scale: float = parameter(
        1.0,
        "",
        "number of synapses of each neuron relative to the full one; mean and variance of its input are kept",
        lower=0.0,
        upper=1.0,
        lower_open=True,
    )
    drive: str = parameter(
        "poisson",
        "",
        "kind of the external input, spikes or a current of the same mean",
        choices=("poisson", "dc"),
    )
    bg_rate: float = parameter(8.0, "spikes/s", "rate of each external synapse", lower=0.0, live=(6.0, 10.0))
    initial: str = parameter(
        "optimized",
        "",
        "way to draw the first membrane potentials: of the steady state, or of one distribution for all",
        choices=("optimized", "original"),
    )
    thalamus: bool = parameter(False, "", "presence of a pulse of spikes from the thalamus")
    th_rate: float = parameter(15.0, "spikes/s", "rate of each thalamic neuron in the pulse", lower=0.0)
    th_start: float = parameter(700.0, "ms", "beginning of the pulse", lower=0.0)
    th_duration: float = parameter(10.0, "ms", "duration of the pulse", lower=0.0)
    PSP: float = parameter(
        0.15, "mV", "amplitude of an excitatory postsynaptic potential", lower=0.0, upper=1e4
    )
    g: float = parameter(
        -4.0, "", "weight of inhibitory synapses relative to excitatory ones", lower=-1e4, upper=0.0
    )
    L4E_to_L23E: float = parameter(
        2.0,
        "",
        "weight of the synapses from L4E to L23E relative to other excitatory ones",
        lower=0.0,
        upper=1e4,
    )
    weight_sd: float = parameter(
        0.1, "", "standard deviation of the weights relative to their mean", lower=0.0, upper=100.0
    )
    delay_ex: float = parameter(1.5, "ms", "mean delay of excitatory synapses", lower=0.0, lower_open=True)
    delay_in: float = parameter(0.75, "ms", "mean delay of inhibitory synapses", lower=0.0, lower_open=True)
    delay_sd: float = parameter(0.5, "", "standard deviation of the delays relative to their mean", lower=0.0)
    tau_m: float = parameter(10.0, "ms", "membrane time constant", lower=0.0, upper=1e6, lower_open=True)
    tau_syn: float = parameter(
        0.5, "ms", "time constant of the synaptic currents", lower=0.0, upper=1e6, lower_open=True
    )
    C_m: float = parameter(250.0, "pF", "membrane capacitance", lower=0.0, lower_open=True)
    E_L: float = parameter(-65.0, "mV", "resting potential", lower=-1e4, upper=1e4)
    V_th: float = parameter(-50.0, "mV", "threshold", lower=-1e4, upper=1e4)
    V_reset: float = parameter(-65.0, "mV", "potential after a spike", lower=-1e4, upper=1e4)
    t_ref: float = parameter(2.0, "ms", "refractory time", lower=0.0)
    resolution: float = parameter(0.1, "ms", "time step", lower=0.001)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Number of neurons of each population, at least one, shape (8,)."""
        return np.maximum(np.rint(SIZES * self.N_scale).astype(np.int64), 1)

    @property
    def indegrees(self) -> Floats:
        """Mean number of synapses of a neuron from each population in the full network, shape (8, 8)."""
        return np.asarray(synapse_numbers(PROBABILITIES, SIZES[None, :], SIZES[:, None]) / SIZES[:, None])

    @property
    def synapses(self) -> NDArray[np.int64]:
        """Number of synapses between the populations of this network, shape (8, 8)."""
        return np.rint(self.indegrees * self.K_scale * self.sizes[:, None]).astype(np.int64)

    @property
    def demand(self) -> dict[str, int]:
        """Bytes at least: each connection has a weight of its own."""
        return least(int(self.sizes.sum()), int(self.synapses.sum()), each=6)

    @property
    def thalamic_size(self) -> int:
        """Number of thalamic neurons of this network, at least one."""
        return max(round(THALAMIC_SIZE * self.N_scale), 1)

    @property
    def thalamic_indegrees(self) -> Floats:
        """Mean number of synapses of a neuron from the thalamus in the full network, shape (8,)."""
        return np.asarray(synapse_numbers(THALAMIC_PROBABILITIES, THALAMIC_SIZE, SIZES) / SIZES)

    @property
    def PSC(self) -> float:
        r"""Amplitude of the excitatory postsynaptic current in the full network, pA.

        The current :math:`w e^{-t/\tau_{syn}}` lets the potential rise to

        .. math:: \mathrm{PSP} = \frac{w\,\tau_{syn}\tau_m}{C_m(\tau_m-\tau_{syn})}
                  \left(e^{-t/\tau_m} - e^{-t/\tau_{syn}}\right), \quad
                  t = \frac{\tau_m\tau_{syn}}{\tau_m-\tau_{syn}} \ln\frac{\tau_m}{\tau_{syn}} ,

        which is :math:`w\,\tau_{syn}/C_m \cdot (\tau_m/\tau_{syn})^{-\tau_{syn}/(\tau_m-\tau_{syn})}`.

        Examples
        --------
        >>> round(MicrocircuitParameters().PSC, 1)
        87.8
        """
        ratio = self.tau_m / self.tau_syn
        # at equal time constants the power has the limit 1/e
        decay = math.exp(-1.0) if ratio == 1.0 else math.exp(-math.log(ratio) / (ratio - 1.0))
        return self.PSP * self.C_m / (self.tau_syn * decay)

    @property
    def full_weights(self) -> Floats:
        """Mean weights between the populations of the full network, shape (8, 8), pA."""
        weights = np.tile(np.where(EXCITATORY, self.PSC, self.g * self.PSC), (8, 1))
        weights[POPULATIONS.index("L23E"), POPULATIONS.index("L4E")] *= self.L4E_to_L23E
        return weights

    @property
    def weights(self) -> Floats:
        """Mean weights between the populations of this network, shape (8, 8), pA."""
        return self.full_weights / math.sqrt(self.K_scale)

    @property
    def external_weight(self) -> float:
        """Weight of the external and of the thalamic synapses of this network, pA."""
        return self.PSC / math.sqrt(self.K_scale)

    @property
    def external_rates(self) -> Floats:
        """Spikes/s that each neuron gets from outside with Poisson drive, shape (8,)."""
        return self.bg_rate * EXTERNAL_INDEGREES * self.K_scale

    @property
    def currents(self) -> Floats:
        """Constant current of the neurons, for what of their mean input is not spikes, shape (8,), pA."""
        charge = self.tau_syn * 1e-3  # s; weight in pA and rate in spikes/s give pA
        lost = 1.0 - math.sqrt(self.K_scale)
        recurrent = charge * (self.indegrees * self.full_weights) @ FULL_RATES
        external = charge * EXTERNAL_INDEGREES * self.PSC * self.bg_rate
        return np.asarray(lost * recurrent + (external if self.drive == "dc" else lost * external))

    @property
    def thalamic_currents(self) -> Floats:
        """Constant current that keeps the mean of the thalamic input during the pulse, shape (8,), pA."""
        lost = 1.0 - math.sqrt(self.K_scale)
        return lost * self.tau_syn * 1e-3 * self.thalamic_indegrees * self.PSC * self.th_rate

    def predict(self) -> list[analysis.Stationary]:
        r"""Stationary state of each population in the diffusion approximation.

        Mean and strength of the input are :math:`\tau_m/C_m` times :math:`\mu_i` and
        :math:`\sqrt{2\tau_m\tau_{syn}}/C_m` times :math:`\sigma_i` of the module's documentation.

        Returns
        -------
        list of analysis.Stationary
            Rate, variability and input, in the order of `POPULATIONS`.

        Examples
        --------
        >>> [round(state.rate, 1) for state in MicrocircuitParameters().predict()]
        [0.8, 2.8, 4.4, 5.8, 7.2, 8.5, 1.2, 7.8]
        """
        jump = self.tau_syn / self.C_m  # mV per pA
        mean = self.indegrees * self.K_scale * self.weights * jump
        square = self.indegrees * self.K_scale * (self.weights * jump) ** 2 * (1.0 + self.weight_sd**2)
        spikes = self.external_rates if self.drive == "poisson" else np.zeros(8)
        constant = self.currents * self.tau_m / self.C_m
        tau = self.tau_m * 1e-3

        def inputs(rates: Floats) -> tuple[Floats, Floats]:
            mu = constant + tau * (mean @ rates + self.external_weight * jump * spikes)
            return mu, np.sqrt(tau * (square @ rates + (self.external_weight * jump) ** 2 * spikes))

        return analysis.self_consistent_populations(
            inputs,
            len(POPULATIONS),
            tau_m=self.tau_m,
            V_th=self.V_th - self.E_L,
            V_reset=self.V_reset - self.E_L,
            t_ref=self.t_ref,
            tau_syn=self.tau_syn,
        )


class Microcircuit(ReferenceNetwork[MicrocircuitParameters]):
    r"""Four layers of cortex under 1 mm² of surface, with the connectivity found in experiments [1]_.

    Each layer has an excitatory and an inhibitory population of leaky integrate-and-fire neurons with
    exponential synaptic currents; 77,169 neurons and 299 million synapses in all. Neurons differ in their
    connections only, and yet each population has a rate of its own, as in the living animal.

    =========== ==========================================================
    preset      network
    =========== ==========================================================
    full        as published, with external input of Poisson spikes
    dc          as published, with external input of constant currents
    thalamic    as published, with a pulse from the thalamus at 700 ms
    classroom   a tenth of the neurons with a tenth of the synapses each
    =========== ==========================================================

    ``Microcircuit(scale=0.1)`` has a tenth of the neurons and, of each neuron, a tenth of the synapses. Mean
    and variance of their input stay what they are, as the module's documentation derives; correlations grow.

    See Also
    --------
    ReferenceNetwork : The parameters of the class, and its methods.

    References
    ----------
    .. [1] Potjans TC, Diesmann M (2014). The cell-type specific cortical microcircuit: relating structure
           and activity in a full-scale spiking network model. Cerebral Cortex 24:785-806.
           doi:10.1093/cercor/bhs358

    Examples
    --------
    >>> network = Microcircuit(scale=0.02, seed=1).build().simulate(300.0)
    >>> [len(neurons) for neurons in network.populations.values()]
    [414, 117, 438, 110, 97, 21, 288, 59]
    >>> 0.5 < network.results()["rate_L4E"].value < 10.0
    True
    """

    title = "Cortical microcircuit of four layers"
    citation = (
        "Potjans TC, Diesmann M (2014). The cell-type specific cortical microcircuit: relating structure and "
        "activity in a full-scale spiking network model. Cerebral Cortex 24:785-806"
    )
    doi = "10.1093/cercor/bhs358"
    parameters_class = MicrocircuitParameters
    presets: ClassVar[Mapping[str, Parameters]] = {
        "full": MicrocircuitParameters(),
        "dc": MicrocircuitParameters(drive="dc"),
        "thalamic": MicrocircuitParameters(thalamus=True),
        "classroom": MicrocircuitParameters(N_scale=0.1, K_scale=0.1),
    }

    def _build(self) -> None:
        p = self.parameters
        nest.resolution = p.resolution
        self._create()
        synapses, weights = p.synapses, p.weights
        for row, target in enumerate(POPULATIONS):
            for column, source in enumerate(POPULATIONS):
                self._connect(
                    self.populations[source],
                    self.populations[target],
                    int(synapses[row, column]),
                    float(weights[row, column]),
                    p.delay_ex if EXCITATORY[column] else p.delay_in,
                )
        self.external: dict[str, Any] = self._poisson() if p.drive == "poisson" else {}
        if p.thalamus:
            self._pulse()
        self.recorder = nest.Create("spike_recorder")
        for neurons in self.populations.values():
            nest.Connect(neurons, self.recorder)

    def _create(self) -> None:
        """Make the neurons."""
        p = self.parameters
        shared = {name: getattr(p, name) for name in ("tau_m", "C_m", "E_L", "V_th", "V_reset", "t_ref")}
        shared |= {"tau_syn_ex": p.tau_syn, "tau_syn_in": p.tau_syn}
        means, deviations = OPTIMIZED_V_m if p.initial == "optimized" else ORIGINAL_V_m
        for number, name in enumerate(POPULATIONS):
            potential = nest.random.normal(float(means[number]), float(deviations[number]))
            params = {**shared, "V_m": potential, "I_e": float(p.currents[number])}
            self.populations[name] = nest.Create("iaf_psc_exp", int(p.sizes[number]), params=params)

    def _connect(self, sources: Any, targets: Any, number: int, weight: float, delay: float) -> None:
        """Draw synapses between two populations, with weights of one sign and delays of a step at least."""
        p = self.parameters
        if number == 0:
            return
        synapse: dict[str, Any] = {"weight": weight, "delay": delay}
        if p.weight_sd > 0.0 and weight != 0.0:
            sign = (0.0, math.inf) if weight > 0.0 else (-math.inf, 0.0)
            drawn = nest.random.normal(weight, abs(weight) * p.weight_sd)
            synapse["weight"] = nest.math.redraw(drawn, min=sign[0], max=sign[1])
        if p.delay_sd > 0.0:
            drawn = nest.random.normal(delay, delay * p.delay_sd)
            synapse["delay"] = nest.math.redraw(drawn, min=p.resolution, max=math.inf)
        nest.Connect(sources, targets, {"rule": "fixed_total_number", "N": number}, synapse)

    def _poisson(self) -> dict[str, Any]:
        """Connect a Poisson generator to each population, of which each neuron gets spikes of its own."""
        p = self.parameters
        generators = {}
        for name, rate in zip(POPULATIONS, p.external_rates, strict=True):
            generators[name] = nest.Create("poisson_generator", params={"rate": float(rate)})
            synapse = {"weight": p.external_weight, "delay": p.delay_ex}
            nest.Connect(generators[name], self.populations[name], syn_spec=synapse)
        return generators

    def _pulse(self) -> None:
        """Connect the thalamus, which fires for a moment."""
        p = self.parameters
        when = {"start": p.th_start, "stop": p.th_start + p.th_duration}
        self.thalamus = nest.Create("parrot_neuron", p.thalamic_size)
        generator = nest.Create("poisson_generator", params={"rate": p.th_rate, **when})
        nest.Connect(generator, self.thalamus)
        numbers = np.rint(p.thalamic_indegrees * p.K_scale * p.sizes).astype(np.int64)
        for name, number, current in zip(POPULATIONS, numbers, p.thalamic_currents, strict=True):
            neurons = self.populations[name]
            self._connect(self.thalamus, neurons, int(number), p.external_weight, p.delay_ex)
            if current > 0.0:
                nest.Connect(
                    nest.Create("dc_generator", params={"amplitude": float(current), **when}), neurons
                )

    def _apply(self, changed: MicrocircuitParameters) -> None:
        for number, name in enumerate(POPULATIONS):
            self.populations[name].I_e = float(changed.currents[number])
            if name in self.external:
                self.external[name].rate = float(changed.external_rates[number])

    def _results(self, start: float, stop: float) -> Results:
        events = self.recorder.events
        times, senders = events["times"], events["senders"]
        populations = {name: node_ids(nodes) for name, nodes in self.populations.items()}
        measured = {
            name: _Measured.of(times, senders, np.asarray(ids), start, stop)
            for name, ids in populations.items()
        }
        theory = dict(zip(POPULATIONS, self.parameters.predict(), strict=True))
        statistics = [
            statistic for quantity in _QUANTITIES for statistic in self._compared(quantity, measured, theory)
        ]
        figures: dict[str, Callable[[Figure], None]] = {
            "Spikes by layer": partial(self._draw_raster, times, senders, populations, stop),
            "Rates, irregularity and correlation by population": partial(self._draw_boxes, measured),
            "Distributions by layer": partial(self._draw_distributions, measured),
        }
        notes = self._notes(measured, stop - start)
        return Results(times, senders, populations, start, stop, statistics, figures, notes)

    def _notes(self, measured: Mapping[str, _Measured], duration: float) -> list[str]:
        """What must be known of a small network and of a short time."""
        p = self.parameters
        notes = []
        silent = [LABELS[name] for name in POPULATIONS if measured[name].rate.mean == 0.0]
        if silent and p.drive == "dc" and p.K_scale < 1.0:
            notes.append(
                f"Silent: {', '.join(silent)}. With a constant current and {p.K_scale:g} of the synapses, a "
                "silent network stays silent, as the current that stands for the missing inhibition does not "
                "end with the spikes. Take drive=poisson, or K_scale of at least 0.2."
            )
        elif p.K_scale < 1.0:
            notes.append(
                f"A neuron has {p.K_scale:g} of its synapses, and each is {1.0 / math.sqrt(p.K_scale):.2g} "
                "times as strong: mean and variance of its input are kept if the rates are. What is expected "
                "is that of this network, what is published that of the full one."
            )
        if duration < 10_000.0:
            notes.append(
                f"The CV is that of neurons with at least three intervals in {duration:,g} ms. Long "
                "intervals do not fit into a short time, so it is too small where rates are low."
            )
        return notes

    @property
    def _as_published(self) -> bool:
        """Whether published figures are about this network, at whatever scale."""
        same = {"scale": 1.0, "drive": "poisson", "initial": "optimized", "resolution": 0.1}
        pulse = {"th_rate": 15.0, "th_start": 700.0, "th_duration": 10.0}  # without effect if there is none
        return self.parameters.replace(**same, **pulse) == MicrocircuitParameters()

    def _compared(
        self,
        quantity: _Quantity,
        measured: Mapping[str, _Measured],
        theory: Mapping[str, analysis.Stationary],
    ) -> list[Statistic]:
        """One quantity of each population, beside what theory says and what was published."""
        published = self._published(quantity)
        return [
            Statistic(
                f"{quantity.name}_{name}",
                quantity.title,
                quantity.mean(measured[name]),
                quantity.unit,
                quantity.predicted(theory[name]),
                published.get(name),
                _THEORY if quantity.predicted(theory[name]) is not None else "",
                quantity.source(self.parameters.drive) if name in published else "",
                LABELS[name],
            )
            for name in POPULATIONS
        ]

    def _published(self, quantity: _Quantity) -> dict[str, float]:
        """What was published about a quantity, by population; nothing if there is nothing."""
        values = quantity.published(self.parameters.drive) if self._as_published else None
        return {} if values is None else dict(zip(POPULATIONS, values.tolist(), strict=True))

    def _draw_raster(
        self, times: Any, senders: Any, populations: Mapping[str, range], stop: float, figure: Figure
    ) -> None:
        """The same share of the neurons of each population as dots, layer 2/3 at the top."""
        p = self.parameters
        share = max(sum(len(ids) for ids in populations.values()) / 1000.0, 1.0)
        some = {
            LABELS[name]: populations[name][: max(round(len(populations[name]) / share), 1)]
            for name in reversed(POPULATIONS)
        }
        pulse = p.thalamus and p.th_start < stop
        start = max(p.th_start - 100.0, 0.0) if pulse else max(stop - 400.0, 0.0)
        stop = min(start + 400.0, stop)
        shown = (times > start) & (times <= stop)
        figure.set_size_inches(7.2, 5.6)  # high enough for the labels of the small populations
        ax = figure.subplots()
        colors = {LABELS[name]: color for name, color in COLORS.items()}
        plot.raster(times[shown], senders[shown], ax=ax, populations=some, markersize=1.8, colors=colors)
        n_neurons = sum(len(ids) for ids in populations.values())
        ax.set(ylabel=f"{sum(map(len, some.values())):,} of {n_neurons:,} neurons", xlim=(start, stop))
        if pulse:
            label = f"thalamic pulse, {p.th_duration:g} ms"
            ax.axvspan(
                p.th_start, p.th_start + p.th_duration, color="C2", alpha=0.3, linewidth=0, label=label
            )
            ax.legend(handles=ax.patches, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0))

    def _draw_boxes(self, measured: Mapping[str, _Measured], figure: Figure) -> None:
        """A box per population for each quantity, with published means."""
        figure.set_size_inches(7.2, 3.8)
        colors = {LABELS[name]: color for name, color in COLORS.items()}
        axes = figure.subplots(1, len(_QUANTITIES), sharey=True)
        for ax, quantity in zip(axes, _QUANTITIES, strict=True):
            values = {LABELS[name]: quantity.values(measured[name]).values for name in POPULATIONS}
            published = {LABELS[name]: value for name, value in self._published(quantity).items()}
            plot.boxes(values, ax, label=quantity.axis, colors=colors, marks=published, legend=False)
        figure.legend(*_once(axes), loc="outside upper right", ncols=3, handlelength=1.0, frameon=False)

    def _draw_distributions(self, measured: Mapping[str, _Measured], figure: Figure) -> None:
        """Histograms over neurons, or pairs of them: a column per layer, a row per quantity."""
        figure.set_size_inches(7.2, 5.4)
        axes = figure.subplots(len(_QUANTITIES), 4, sharex="row")
        for row, quantity in zip(axes, _QUANTITIES, strict=True):
            published = self._published(quantity)
            known = [quantity.values(measured[name]).known for name in POPULATIONS]
            edges = _edges(np.concatenate(known), quantity.values(measured["L4E"]).step)
            for ax, pair in zip(row, zip(POPULATIONS[::2], POPULATIONS[1::2], strict=True), strict=True):
                for name in pair:
                    _draw_shares(ax, quantity.values(measured[name]).known, edges, name, published.get(name))
                ax.set(ylim=(0.0, None), yticks=[])
                ax.spines["left"].set_visible(False)
            row[0].set_ylabel("share of " + ("pairs" if quantity.name == "correlation" else "neurons"))
            figure.align_ylabels(axes[:, 0])
            row[1].set_xlabel(quantity.axis, x=1.1)
        for ax, name in zip(axes[0], POPULATIONS[::2], strict=True):
            ax.set_title(LABELS[name][:-1])
        figure.legend(*_once(axes.flat), loc="outside lower center", ncols=4, frameon=False)


@dataclass(frozen=True)
class _Measured:
    """What was measured in one population."""

    rate: analysis.Distribution
    cv: analysis.Distribution
    correlation: analysis.Distribution
    mean_correlation: float

    @classmethod
    def of(cls, times: Any, senders: Any, ids: NDArray[np.int64], start: float, stop: float) -> _Measured:
        """Measure the spikes with ``start < t <= stop``; the interval is cut to whole bins for counts."""
        few = ids[: min(_PAIRS, len(ids))]
        width = min(_BIN, stop - start)
        return cls(
            analysis.rates(times, senders, ids, start, stop),
            analysis.cv_isi(times, senders, ids, start, stop),
            analysis.correlations(times, senders, few, start, stop, bin=width),
            analysis.mean_correlation(times, senders, ids, start, stop, bin=width),
        )


@dataclass(frozen=True)
class _Quantity:
    """Something that is measured in each population and was published."""

    name: str
    title: str
    unit: str
    axis: str
    values: Callable[[_Measured], analysis.Distribution]
    mean: Callable[[_Measured], float]
    predicted: Callable[[analysis.Stationary], float | None]
    published: Callable[[str], Floats | None]
    source: Callable[[str], str]


_QUANTITIES = (
    _Quantity(
        "rate",
        "mean firing rate",
        "spikes/s",
        "firing rate (spikes/s)",
        lambda measured: measured.rate,
        lambda measured: measured.rate.mean,
        lambda theory: theory.rate,
        lambda drive: FULL_RATES if drive == "poisson" else None,
        lambda drive: _FULL,
    ),
    _Quantity(
        "cv",
        "mean CV of the inter-spike intervals",
        "",
        "CV of the intervals",
        lambda measured: measured.cv,
        lambda measured: measured.cv.mean,
        lambda theory: theory.cv,
        lambda drive: _PUBLISHED[drive].cv,
        lambda drive: f"{_ROMARO}, {_PUBLISHED[drive].tables}",
    ),
    _Quantity(
        "correlation",
        f"mean correlation of spike counts in {_BIN:g} ms",
        "",
        f"correlation of counts in {_BIN:g} ms",
        lambda measured: measured.correlation,
        lambda measured: measured.mean_correlation,
        lambda theory: None,
        lambda drive: _PUBLISHED[drive].correlation,
        lambda drive: f"from the synchrony in the {_ROMARO}, {_PUBLISHED[drive].tables}",
    ),
)


def _edges(values: NDArray[Any], step: float) -> Floats:
    """Edges of about 20 bins for nearly all of the values, each with equally many possible ones."""
    if not len(values):
        return np.linspace(0.0, 1.0, 21)
    low, high = np.quantile(values, [0.005, 0.995])
    if not step > 0.0:
        return np.linspace(low, max(high, low + 1e-9), 21)
    width = step * max(round((high - low) / step / 20), 1)
    return np.arange(low - step / 2, high + width, width)


def _draw_shares(ax: Axes, values: NDArray[Any], edges: Floats, name: str, published: float | None) -> None:
    """Draw the distribution of one population, and its published mean."""
    kind = "excitatory" if name.endswith("E") else "inhibitory"
    if len(values):
        counts, _ = np.histogram(values, edges)
        ax.stairs(counts / len(values), edges, color=COLORS[name], linewidth=1.3, label=kind)
    if published is not None:
        label = f"{kind}, published mean"
        ax.axvline(published, color=COLORS[name], linestyle="--", linewidth=1.0, label=label)


def _once(axes: Iterable[Axes]) -> tuple[list[Any], list[str]]:
    """What is to be said in a legend of several axes: handles and labels, each label once."""
    shown: dict[str, Any] = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            shown.setdefault(label, handle)
    return list(shown.values()), list(shown)
