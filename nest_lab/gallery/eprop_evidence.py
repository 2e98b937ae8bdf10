"""Evidence accumulation by e-prop, after Bellec et al. (2020): say on which side there were more cues."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

import nest_lab as nest
from nest_lab.gallery._base import Curve, Parameters, Statistic, parameter
from nest_lab.gallery._eprop import FEEDBACK, PAIRS, RATE, LearningNetwork, LearningParameters, single

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["TENSORFLOW_LOSSES", "EpropEvidence", "EpropEvidenceParameters"]

Floats = NDArray[np.float64]

# losses of the first five iterations for seed 1 and batches of one, of the authors' program for TensorFlow
# as it was run for the test of e-prop in the test suite of NEST
TENSORFLOW_LOSSES = (0.741152524948, 0.740388214588, 0.665785133838, 0.663644134998, 0.729429066181)
_SIDES = ("left", "right")


@dataclass(frozen=True, kw_only=True)
class EpropEvidenceParameters(LearningParameters):
    """Parameters of the evidence accumulation task; the defaults are those of the program of the authors."""

    options: ClassVar[tuple[str, ...]] = ("iterations", "n_batch", "n_cues", "delay", "eta")
    sized_by: ClassVar[tuple[str, ...]] = (
        *("n_batch", "n_cues", "cue", "spacing", "delay", "recall"),
        *("n_group", "n_regular", "n_adaptive"),
    )

    n_batch: int = parameter(64, "", "number of trials after which weights change", lower=1)
    n_cues: int = parameter(7, "", "number of cues in a trial; odd, so that one side has more", lower=1)
    cue: int = parameter(100, "ms", "duration of a cue", lower=1)
    spacing: int = parameter(50, "ms", "pause before a cue", lower=1)
    delay: int = parameter(1050, "ms", "time between the last cue and the decision", lower=0)
    recall: int = parameter(150, "ms", "time of the decision", lower=1)
    n_group: int = parameter(10, "", "number of inputs for each of: left, right, recall, noise", lower=1)
    p_in: float = parameter(0.04, "", "probability that an input fires in a step", lower=0.0, upper=1.0)
    p_minor: float = parameter(
        0.3, "", "probability that a cue is on the side that is rarer in the trial", lower=0.0, upper=0.5
    )
    n_regular: int = parameter(50, "", "number of neurons with a fixed threshold", lower=1)
    n_adaptive: int = parameter(50, "", "number of neurons whose threshold adapts", lower=1)
    V_th: float = parameter(0.6, "mV", "threshold", lower=0.0, lower_open=True)
    tau_m: float = parameter(20.0, "ms", "time constant of neurons and readouts", lower=0.0, lower_open=True)
    t_ref: float = parameter(5.0, "ms", "refractory time", lower=0.0)
    tau_a: float = parameter(2000.0, "ms", "time constant of the adaptation", lower=0.0, lower_open=True)
    adaptation: float = parameter(
        1.7,
        "",
        "adaptation of the threshold by a spike, relative to what the spike's input leaves",
        lower=0.0,
    )
    eta: float = parameter(5e-3, "", "learning rate of Adam", lower=0.0, live=(0.0, 2e-2))

    @property
    def sequence(self) -> int:
        """Steps of a trial."""
        return self.n_cues * (self.spacing + self.cue) + self.delay + self.recall

    @property
    def neurons(self) -> tuple[int, int]:
        """Number of inputs and of recurrent neurons."""
        return 4 * self.n_group, self.n_regular + self.n_adaptive

    @property
    def window(self) -> int:
        """Steps of the decision, the only ones in which there is an error to learn from."""
        return self.recall

    @property
    def batch(self) -> int:
        """Trials after which weights change."""
        return self.n_batch


class EpropEvidence(LearningNetwork[EpropEvidenceParameters]):
    r"""Recurrent network with adaptive neurons that learns to say on which side there were more cues [1]_.

    As in an experiment with mice in a virtual corridor, cues come on the left and on the right, then nothing
    happens for a while, and then there is a decision to make: at which side were more cues? Neurons with a
    threshold that adapts,

    .. math:: A_{j,t} = V_{th} + \beta a_{j,t}, \quad a_{j,t+1} = e^{-\Delta t/\tau_a} a_{j,t} + z_{j,t} ,

    remember for as long as :math:`\tau_a`. Two readouts give the probabilities :math:`\pi_k` of the answers
    by the softmax function, and the loss is the cross-entropy :math:`-\sum_k \pi^*_k \log\pi_k`, as a mean
    over the steps of the decision and over the trials of an iteration. Every trial is a new one, so the
    errors in an iteration are those of a network that has not seen its trials before.

    ``classroom`` has three cues and a short delay, and learns in 40 iterations.

    Attributes
    ----------
    errors : list of float
        Share of wrong answers in each iteration.

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
    >>> network = EpropEvidence(n_batch=1, seed=1).build().learn(2)
    >>> [round(loss, 5) for loss in network.losses]
    [0.74115, 0.74039]
    """

    title = "Learning by e-prop: accumulation of evidence"
    parameters_class = EpropEvidenceParameters
    presets: ClassVar[Mapping[str, Parameters]] = {
        "published": EpropEvidenceParameters(iterations=500),
        "classroom": EpropEvidenceParameters(n_batch=32, n_cues=3, delay=100, eta=1e-2, iterations=40),
    }
    _loss_label = "loss, cross-entropy"

    def _create(self) -> None:
        p, rng = self.parameters, self._rng
        n_in, n_rec = p.neurons
        common = {"C_m": 1.0, "E_L": 0.0, "V_m": 0.0, "tau_m": p.tau_m}
        neuron = common | {
            "V_th": p.V_th,
            "t_ref": p.t_ref,
            "c_reg": p.c_reg,
            "f_target": p.f_target,
            "regular_spike_arrival": True,
            "surrogate_gradient_function": "piecewise_linear",
            "surrogate_gradient_height": 0.3 / p.V_th,
            "surrogate_gradient_width": p.V_th,
        }
        beta = p.adaptation * math.expm1(-1.0 / p.tau_a) / math.expm1(-1.0 / p.tau_m)
        inputs = nest.Create("parrot_neuron", n_in)
        regular = nest.Create("eprop_iaf_bsshslm_2020", p.n_regular, neuron)
        slow = {"adapt_beta": beta, "adapt_tau": p.tau_a, "adaptation": 0.0}
        adaptive = nest.Create("eprop_iaf_adapt_bsshslm_2020", p.n_adaptive, neuron | slow)
        answers = common | {"loss": "cross_entropy", "regular_spike_arrival": False}
        self.readouts = nest.Create("eprop_readout_bsshslm_2020", 2, answers)
        self.recurrent = regular + adaptive
        self.populations = {"input": inputs, "regular": regular, "adaptive": adaptive}
        adam = {"type": "adam", "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
        nest.SetDefaults("eprop_synapse_bsshslm_2020", {"average_gradient": True})
        self._learner(**adam, batch_size=p.n_batch, eta=p.eta)
        drawn = {name: rng.randn(n, n_rec).T / math.sqrt(n) for name, n in (("in", n_in), ("rec", n_rec))}
        limit = math.sqrt(6.0 / (n_rec + 2))
        out, feedback = rng.uniform(-limit, limit, (n_rec, 2)).T, rng.randn(n_rec, 2)
        self._learn_between(inputs, self.recurrent, drawn["in"], p.tau_m)
        self._learn_between(self.recurrent, self.recurrent, drawn["rec"], p.tau_m)
        self._learn_between(self.recurrent, self.readouts, out, p.tau_m)
        nest.Connect(self.readouts, self.recurrent, PAIRS, FEEDBACK | {"weight": single(feedback)})
        nest.Connect(self.readouts, self.readouts, PAIRS, RATE | {"receptor_type": 1})

    def _begin(self) -> None:
        self.errors: list[float] = []

    def _draw(self) -> tuple[NDArray[np.bool_], Floats]:
        p, rng = self.parameters, self._rng
        shares = np.array([p.p_minor, 1.0 - p.p_minor], dtype=np.float32)
        rarer = rng.choice([0, 1], p.n_batch)
        cues = np.array([rng.choice([0, 1], p.n_cues, p=shares[[side, 1 - side]]) for side in rarer])
        chances = np.zeros((p.n_batch, p.sequence, 4, p.n_group))
        for number, sides in enumerate(cues.T):
            begin = number * (p.spacing + p.cue) + p.spacing
            for trial, side in enumerate(sides):
                chances[trial, begin : begin + p.cue, side] = p.p_in
        chances[:, -p.recall :, 2] = p.p_in
        chances[:, :, 3] = p.p_in / 4.0
        fires = rng.rand(chances.size).reshape(chances.shape) < chances
        fires[:, 0] = False
        right = np.repeat(2 * cues.sum(axis=1) > p.n_cues, p.sequence).astype(float)
        return fires.reshape(-1, 4 * p.n_group).T, np.stack((1.0 - right, right))

    def _loss(self, readout: Floats, target: Floats) -> float:
        decision = slice(-self.parameters.recall, None)
        given, right = readout[:, :, decision], target[:, :, decision]
        wrong = given.mean(axis=2).argmax(axis=0) != right.mean(axis=2).argmax(axis=0)
        self.errors.append(float(wrong.mean()))
        return float(-(right * np.log(given)).sum(axis=0).mean())

    def curves(self) -> list[Curve]:
        """Share of wrong answers and loss of each iteration, and the readouts in the last trial."""
        curves = super().curves()
        share = {"wrong answers": np.array(self.errors), "chance": np.full(len(self.errors), 0.5)}
        return [Curve("errors", "iteration", "share of trials", curves[0].x, share), *curves]

    def below_chance(self, iterations: int) -> float:
        """Probability to make as few errors by guessing as were made in the last iterations.

        Parameters
        ----------
        iterations : int
            How many; their trials are new ones, and independent of each other.

        Returns
        -------
        float
            p-value of the one-sided binomial test against a half.
        """
        from scipy import stats

        p = self.parameters
        errors = self.errors[-iterations:]
        wrong = round(sum(errors) * p.n_batch)
        return float(stats.binomtest(wrong, len(errors) * p.n_batch, alternative="less").pvalue)

    def _learned(self) -> list[Statistic]:
        p, errors = self.parameters, self.errors
        few = max(len(errors) // 10, 1)
        iterations, first, last = super()._learned()
        published: tuple[float | None, str] = None, ""
        if (
            self.seed == 1
            and p.replace(iterations=100, n_batch=64) == EpropEvidenceParameters()
            and p.n_batch == 1
        ):
            published = TENSORFLOW_LOSSES[0], "program of the authors for TensorFlow, in the tests of NEST"
        first = Statistic(first.name, first.title, first.value, "", None, published[0], "", published[1])
        wrong = Statistic(
            "error_last",
            f"share of wrong answers in the last {few * p.n_batch} trials",
            float(np.mean(errors[-few:])) if errors else math.nan,
            "",
        )
        return [iterations, first, last, wrong]

    def _draw_losses(self, figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        numbers = np.arange(1, len(self.losses) + 1)
        left.plot(numbers, self.losses, ".-")
        left.set(xlabel="iteration", ylabel=self._loss_label, ylim=(0.0, None))
        right.plot(numbers, self.errors, ".-", label="new trials")
        right.axhline(0.5, color="C1", linestyle="--", label="chance")
        right.set(xlabel="iteration", ylabel="share of wrong answers", ylim=(0.0, 1.0))
        right.legend(frameon=False)

    def _draw_readout(self, figure: Figure) -> None:
        axes = figure.subplots(1, 2, sharey=True)
        decision = slice(-self.parameters.recall, None)
        shown = ((1, *self.first), (len(self.losses), self.readout, self.target))
        for ax, (number, readout, target) in zip(axes, shown, strict=True):
            for trials, name, color in (
                (target[1, :, -1] < 0.5, "left", "C0"),
                (target[1, :, -1] > 0.5, "right", "C1"),
            ):
                for count, course in enumerate(readout[1][trials][:, decision]):
                    ax.plot(
                        course,
                        color=color,
                        linewidth=0.8,
                        label=f"more on the {name}" if count == 0 else None,
                    )
            ax.set(
                title=f"iteration {number}" if self.losses else "",
                xlabel="time in the decision (ms)",
                ylim=(0, 1),
            )
        axes[0].set_ylabel("probability of “right”")
        shown = axes[1].get_legend_handles_labels()
        figure.legend(*shown, loc="outside upper right", ncols=2, frameon=False)
