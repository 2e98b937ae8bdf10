"""Pattern generation by e-prop, after Bellec et al. (2020): a readout learns to draw a sum of sine waves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.gallery._base import Parameters, Statistic, parameter
from nest_lab.gallery._eprop import FEEDBACK, PAIRS, LearningNetwork, LearningParameters, single

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["TENSORFLOW_LOSSES", "EpropRegression", "EpropRegressionParameters"]

Floats = NDArray[np.float64]

# losses of the first five iterations for seed 1, of the authors' program for TensorFlow as it was run for the
# test of e-prop in the test suite of NEST
TENSORFLOW_LOSSES = (101.964363098144, 103.466735839843, 103.340606689453, 103.680244445800, 104.412780761718)


@dataclass(frozen=True, kw_only=True)
class EpropRegressionParameters(LearningParameters):
    """Parameters of the pattern generation task; the defaults are those of the program of the authors."""

    sized_by: ClassVar[tuple[str, ...]] = ("n_in", "n_rec", "steps")

    n_in: int = parameter(100, "", "number of inputs", lower=1)
    n_rec: int = parameter(100, "", "number of recurrent neurons", lower=2)
    steps: int = parameter(1000, "ms", "length of the pattern", lower=20)
    p_in: float = parameter(0.05, "", "probability that an input fires in a step", lower=0.0, upper=1.0)
    V_th: float = parameter(0.03, "mV", "threshold", lower=0.0, lower_open=True)
    tau_m: float = parameter(30.0, "ms", "time constant of neurons and readout", lower=0.0, lower_open=True)
    eta: float = parameter(1e-4, "", "learning rate of the gradient descent", lower=0.0, live=(0.0, 5e-3))

    @property
    def sequence(self) -> int:
        """Steps of a sequence."""
        return self.steps

    @property
    def neurons(self) -> tuple[int, int]:
        """Number of inputs and of recurrent neurons."""
        return self.n_in, self.n_rec

    @property
    def window(self) -> int:
        """Steps in which there is an error to learn from: all."""
        return self.steps

    @property
    def batch(self) -> int:
        """Sequences after which weights change."""
        return 1


class EpropRegression(LearningNetwork[EpropRegressionParameters]):
    r"""Recurrent network of integrate-and-fire neurons that learns to draw a pattern in time [1]_.

    Inputs fire with the same random spikes in each iteration. They excite recurrent neurons, whose spikes a
    readout :math:`y` filters. It shall follow :math:`y^*`, a sum of four sine waves with periods of 1,000,
    500, 333 and 200 ms. The loss of an iteration is

    .. math:: E = \frac{1}{2} \sum_t (y_t - y^*_t)^2 ,

    and a synapse changes by :math:`-\eta \sum_t L_{jt}\,\bar e_{jit}`: what it remembers of its spikes, the
    eligibility trace, times the learning signal that its neuron gets from the readout through fixed random
    weights. ``classroom`` learns faster, in 100 iterations.

    See Also
    --------
    ReferenceNetwork : The parameters of the class, and its methods.

    References
    ----------
    .. [1] Bellec G, Scherr F, Subramoney A, Hajek E, Salaj D, Legenstein R, Maass W (2020). A solution to the
           learning dilemma for recurrent networks of spiking neurons. Nature Communications 11:3625.
           doi:10.1038/s41467-020-17236-y

    Examples
    --------
    >>> network = EpropRegression(seed=1).build().learn(2)
    >>> [round(loss, 4) for loss in network.losses]
    [101.9644, 103.4667]
    """

    title = "Learning by e-prop: a pattern in time"
    parameters_class = EpropRegressionParameters
    presets: ClassVar[Mapping[str, Parameters]] = {
        "published": EpropRegressionParameters(iterations=2000),
        "classroom": EpropRegressionParameters(eta=3e-3),
    }
    _loss_label = "loss, half the squared error"

    def _create(self) -> None:
        p, rng = self.parameters, self._rng
        common = {"C_m": 1.0, "E_L": 0.0, "V_m": 0.0, "tau_m": p.tau_m, "regular_spike_arrival": False}
        inputs = nest.Create("parrot_neuron", p.n_in)
        self.recurrent = nest.Create(
            "eprop_iaf_bsshslm_2020",
            p.n_rec,
            common
            | {
                "V_th": p.V_th,
                "t_ref": 0.0,
                "c_reg": p.c_reg,
                "f_target": p.f_target,
                "surrogate_gradient_function": "piecewise_linear",
                "surrogate_gradient_height": 0.3 / p.V_th,
                "surrogate_gradient_width": p.V_th,
            },
        )
        self.readouts = nest.Create("eprop_readout_bsshslm_2020", 1, common)
        self.populations = {"input": inputs, "recurrent": self.recurrent}
        self._learner(type="gradient_descent", batch_size=1, eta=p.eta)
        drawn = {name: rng.randn(n, p.n_rec) for name, n in (("in", p.n_in), ("rec", p.n_rec))}
        drawn |= {"out": rng.randn(p.n_rec, 1), "feedback": rng.randn(p.n_rec, 1)}
        few = np.sqrt(p.n_rec)
        self._learn_between(inputs, self.recurrent, drawn["in"].T / np.sqrt(p.n_in), p.tau_m)
        self._learn_between(self.recurrent, self.recurrent, drawn["rec"].T / few, p.tau_m)
        self._learn_between(self.recurrent, self.readouts, drawn["out"].T / few, p.tau_m)
        feedback = {"weight": single(drawn["feedback"] / few)}
        nest.Connect(self.readouts, self.recurrent, PAIRS, FEEDBACK | feedback)

    def _begin(self) -> None:
        p, rng = self.parameters, self._rng
        self._frozen = (rng.rand(p.steps, p.n_in) < p.p_in).T
        self._frozen[:, 0] = False
        self._pattern = _waves(rng, p.steps)

    def _draw(self) -> tuple[NDArray[np.bool_], Floats]:
        return self._frozen, self._pattern[None]

    def _loss(self, readout: Floats, target: Floats) -> float:
        return float(0.5 * np.sum((readout - target) ** 2))

    def _learned(self) -> list[Statistic]:
        iterations, first, last = super()._learned()
        published: tuple[float | None, str] = None, ""
        if self.seed == 1 and self.parameters.replace(iterations=100) == EpropRegressionParameters():
            published = TENSORFLOW_LOSSES[0], "program of the authors for TensorFlow, in the tests of NEST"
        first = Statistic(first.name, first.title, first.value, "", None, published[0], "", published[1])
        return [iterations, first, last]

    def _draw_readout(self, figure: Figure) -> None:
        axes = figure.subplots(1, 2, sharey=True)
        shown = ((1, *self.first), (len(self.losses), self.readout, self.target))
        for ax, (number, readout, target) in zip(axes, shown, strict=True):
            for signal, style in ((target, {"color": "C1", "linestyle": "--"}), (readout, {"color": "C0"})):
                label = "target" if style.get("linestyle") else "readout"
                ax.plot(signal.reshape(-1, self.parameters.steps).T, label=label, **style)
            ax.set(title=f"iteration {number}" if self.losses else "", xlabel="time in the sequence (ms)")
        axes[0].set_ylabel("signal")
        figure.legend(*axes[1].get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False)


def _waves(rng: np.random.RandomState, steps: int) -> Floats:
    """Sine waves of random size and phase, added up; the first value is 0 and the largest 1 or -1."""
    periods = np.array([1.0, 0.5, 0.333, 0.2]) * steps
    sizes = rng.uniform(0.5, 2.0, len(periods))
    phases = rng.uniform(0.0, 2.0 * np.pi, len(periods))
    turns = np.linspace(0.0, 2.0 * np.pi * (steps // periods), steps)
    course = np.sin(phases + turns) @ sizes
    course -= course[0]
    size: float = np.abs(course).max()
    return np.asarray(course / max(size, 1e-6))
