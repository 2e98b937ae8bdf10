"""`LearningCurve` without a browser: runs, holds, goes on; what it shows, and what it refuses."""

import time

import numpy as np
import pytest

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, UnknownName, WrongState
from nest_lab.gallery.brunel import Brunel
from nest_lab.gallery.eprop_evidence import EpropEvidence
from nest_lab.gallery.eprop_regression import EpropRegression

pytest.importorskip("anywidget")
from nest_lab.widgets import LearningCurve
from tests.waiting import eventually

SMALL = {"n_in": 20, "n_rec": 10, "steps": 100, "eta": 3e-4}


@pytest.fixture
def live():
    widget = LearningCurve(EpropRegression(**SMALL).build())
    yield widget
    widget.close()


def test_a_run_of_some_iterations(live):
    """Losses are those of a run without the widget, and the curves show them."""
    live.run(6)
    assert live.wait(60.0)
    assert live.network.losses == EpropRegression(**SMALL).build().learn(6).losses
    assert live.status == "stopped"
    assert live._iterations == 6
    loss, readout = live._curves
    assert (loss["name"], loss["x"]) == ("loss", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert loss["lines"]["loss"] == pytest.approx(live.network.losses, rel=1e-6)
    assert list(readout["lines"]) == ["target", "readout"]
    assert str(live) == f"EpropRegression: stopped after 6 iterations, loss {live.network.losses[-1]:.3g}"


def test_it_goes_on_after_a_pause_and_after_a_stop(live):
    live.run()
    assert eventually(lambda: live._iterations >= 2)
    live.pause()
    held = list(live.network.losses)
    assert live.status == "paused"
    time.sleep(0.05)
    assert live.network.losses == held
    live.run()
    assert eventually(lambda: live._iterations >= len(held) + 2)
    live.stop()
    assert live.status == "stopped"
    live.run(2)
    live.wait(60.0)
    losses = live.network.losses
    assert len(losses) >= len(held) + 4
    assert losses == EpropRegression(**SMALL).build().learn(len(losses)).losses


def test_the_learning_rate_turns_while_it_learns(live):
    """With none the weights stay as they are, and so do the losses."""
    assert live.values == {"eta": 3e-4}
    (facts,) = live._knobs
    assert (facts["name"], facts["low"], facts["high"], facts["step"]) == ("eta", 0.0, 5e-3, 1e-4)
    live.run()
    assert eventually(lambda: live._iterations >= 3)
    live.set(eta=0.0)
    assert live.values == {"eta": 0.0}
    assert live.network.parameters.eta == 0.0
    known = len(live.network.losses)
    assert eventually(lambda: len(live.network.losses) >= known + 5)
    live.stop()
    losses = live.network.losses
    assert losses[0] != losses[2]
    assert len(set(losses[known + 2 :])) == 1


def test_a_learning_rate_that_is_refused(live):
    """It says so beside the slider, and the last one stays; a reset keeps what the sliders have."""
    live._hear(None, {"do": "set", "name": "eta", "value": -1.0}, None)
    assert eventually(lambda: live._errors)
    assert live._errors == {
        "eta": "EpropRegressionParameters.eta is out of bounds. Value: -1.0. Allowed: a number, at least 0. "
        "eta is the learning rate of the gradient descent."
    }
    assert live.values == {"eta": 3e-4}
    live._hear(None, {"do": "set", "name": "eta", "value": 1e-3}, None)
    assert eventually(lambda: live.values == {"eta": 1e-3})
    assert live._errors == {}
    live.reset()
    assert live.values == {"eta": 1e-3}
    with pytest.raises(UnknownName) as error:
        live.set(etta=1.0)
    assert str(error.value) == (
        "LearningCurve.set(): there is no control of this name. Value: 'etta'. Allowed: 'eta'. Did you mean "
        "'eta'? Name it in LearningCurve(controls=...)."
    )


def test_controls_can_be_chosen():
    network = EpropRegression(**SMALL).build()
    live = LearningCurve(network, controls={"eta": (0.0, 1e-3)})
    assert live._knobs[0]["high"] == 1e-3
    assert LearningCurve(network, controls=[]).values == {}
    with pytest.raises(UnknownName) as error:
        LearningCurve(network, controls=["n_rec"])
    assert str(error.value).startswith(
        "LearningCurve(controls=...): there is no parameter of this name that can change while it runs. "
    )


def test_memory_does_not_grow_with_the_run(live):
    """The recorder holds the spikes of two iterations at most, and results can be had all the same."""
    live.run(12)
    live.wait(60.0)
    assert live.network.recorder.n_events > 0
    assert live.network.recorder.get("events")["times"].min() > 9 * 100
    assert live.network.results()["iterations"].value == 12


def test_results_of_evidence():
    short = {"n_batch": 4, "n_cues": 3, "cue": 20, "spacing": 10, "delay": 30, "recall": 30, "n_group": 5}
    live = LearningCurve(EpropEvidence(**short).build())
    live.run(3)
    live.wait(60.0)
    assert [curve["name"] for curve in live._curves] == ["errors", "loss", "readout"]
    figure = live.figure()
    assert [ax.get_ylabel() for ax in figure.axes] == ["share of trials", "loss, cross-entropy", "signal"]
    live.close()


def test_what_is_not_finite_is_left_out(live):
    live.network.losses += [1.0, np.inf, np.nan]
    assert live._shown()[0]["lines"]["loss"] == [1.0, None, None]
    live.network.losses.clear()


def test_reset(live):
    live.run(2)
    live.wait(60.0)
    losses = list(live.network.losses)
    live.reset()
    assert live.network.losses == []
    assert (live._iterations, len(live._curves)) == (0, 1)
    live.run(2)
    live.wait(60.0)
    assert live.network.losses == losses
    nest.ResetKernel()  # by somebody else: it gets a simulation of its own
    live.reset()
    live.run(2)
    live.wait(60.0)
    assert live.network.losses == losses
    assert live.network.simulation is not nest.current()


def test_the_browser_is_heard(live):
    live._hear(None, {"do": "run", "iterations": 1}, None)
    live.wait(60.0)
    assert len(live.network.losses) == 1
    live._hear(None, {"do": "run", "iterations": "many"}, None)
    assert live._failure == (
        "EpropRegressionParameters.iterations must be a whole number, at least 1. Value: 'many'. Allowed: a "
        "whole number, at least 1. iterations is the number of iterations that learn() and the command line "
        "make unless told otherwise."
    )
    live._hear(None, {"do": "run"}, None)
    assert live._failure == ""
    live._hear(None, {"do": "stop"}, None)
    assert live.status == "stopped"


def test_refused():
    with pytest.raises(BadType) as error:
        LearningCurve(Brunel())
    assert str(error.value).startswith("LearningCurve(): there is nothing that learns. Value: <")
    assert str(error.value).endswith(
        "(Brunel). Allowed: a built network of the gallery that has losses. Write "
        "LearningCurve(EpropRegression().build())."
    )
    with pytest.raises(WrongState) as error:
        LearningCurve(EpropRegression())
    assert str(error.value) == (
        "LearningCurve(): the network has no nodes yet. Value: not built. Allowed: a network after build(). "
        "Call build() first."
    )
    network = EpropRegression(**SMALL).build()
    network.simulation.start(1e6)
    assert eventually(lambda: network.simulation.time > 0.0)
    with pytest.raises(WrongState, match=r"^LearningCurve\(\): a network that runs cannot be taken over"):
        LearningCurve(network)
    network.simulation.stop()
    network.simulation.wait()
    live = LearningCurve(network)
    with pytest.raises(BadValue):
        live.run(0)
    live.run()
    with pytest.raises(WrongState):
        live.run(3)
    live.close()
