"""The live simulation without a browser: what it does when, what it refuses, and what it keeps."""

import math
import os
import signal
import threading
import time

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, NESTError, StaleCollection, UnknownName, WrongState
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import LiveSimulation
from tests.waiting import eventually


def classroom():
    with nest.Simulation():
        return Brunel.preset("classroom").build()


@pytest.fixture
def live():
    live = LiveSimulation(classroom(), {"g": (0.0, 8.0), "eta": (0.0, 4.0)}, speed=None)
    live.frames = []
    live.send = lambda content, buffers=None: live.frames.append((content, buffers))
    yield live
    live.close()


def press(live, do, **what):
    """What a browser sends."""
    live._hear(live, {"do": do, **what}, [])


def refused(kind, action):
    """Text of the error that an action raises."""
    with pytest.raises(kind) as error:
        action()
    return str(error.value)


# -- what it does


def test_run_pause_run_stop(live):
    assert (live.status, live.time) == ("stopped", 0.0)
    live.run()
    assert live.status == "running"
    assert eventually(lambda: live.time > 100.0)
    live.pause()
    then = live.time
    time.sleep(0.05)
    assert (live.status, live.time) == ("paused", then)
    live.run()
    assert eventually(lambda: live.time > then + 100.0)
    live.stop()
    assert live.status == "stopped"
    assert not live._simulation.running
    assert not [thread for thread in threading.enumerate() if thread.name == "nest_lab live"]


@pytest.mark.parametrize(("command", "status"), [("pause", "paused"), ("stop", "stopped")])
def test_who_reads_that_it_stands_has_all_of_it(live, command, status):
    """The last frame comes before the status does: nothing moves after that."""
    told = []
    live.send = lambda content, buffers=None: told.append(content["time"])
    live.observe(lambda change: told.append(change["new"]), "status")
    live.run()
    assert eventually(lambda: live.time > 50.0)
    press(live, command)
    assert eventually(lambda: live.status == status)
    assert told[told.index(status) - 1 :] == [live.time, status]


def test_commands_that_come_too_often_do_no_harm(live):
    live.pause()
    live.stop()
    assert live.status == "stopped"
    live.run()
    live.run()
    live.pause()
    live.pause()
    assert live.status == "paused"
    live.stop()
    live.stop()
    assert (live.status, live.wait()) == ("stopped", True)


def test_stop_is_quick(live):
    live.run()
    times = []
    for command in (live.pause, live.run, live.stop, live.run, live.pause):
        time.sleep(0.1)
        begin = time.perf_counter()
        command()
        times.append(time.perf_counter() - begin)
    assert sorted(times)[-2] < 0.2, times


def test_a_stop_is_not_taken_back_by_who_comes_later(live):
    """A page presses while a cell stops the run: it stops, and what was pressed comes after that."""
    at_work, go_on = threading.Event(), threading.Event()

    def hold(*_):
        at_work.set()
        go_on.wait(10.0)

    end = live.listen(hold)
    live.run()
    assert at_work.wait(10.0)
    stopping = threading.Thread(target=live.stop)
    stopping.start()
    assert eventually(lambda: live._clock._wish == "stopped")
    later = [threading.Thread(target=command) for command in (live.run, live.pause)]
    for each in later:
        each.start()
    end()
    time.sleep(0.1)
    assert live.status == "running"
    go_on.set()
    for each in (stopping, *later):
        each.join(10.0)
        assert not each.is_alive()
    live.stop()
    assert live.status == "stopped"


def test_a_failure_is_shown_once_and_raised_once(live):
    """Whoever hears of it first: who waits, or the page."""
    live.listen(lambda *_: 1 / 0)
    live.run()
    with pytest.raises(ZeroDivisionError):
        live.wait(10.0)
    assert (live.status, live._failure) == ("stopped", "division by zero")
    assert live.wait(10.0)


def test_what_is_refused_after_a_failure_stays(live):
    """Nobody who waits or pauses later puts the failure in its place; the same one again is shown again."""
    same = RuntimeError("no more")

    def fail(*_):
        raise same

    live.listen(fail)
    refusal = (
        "LiveSimulation.step(): the time to run must be above 0. Value: -1 ms. "
        "Allowed: a number above 0 ms. Give the time to run in ms."
    )
    for _ in range(2):
        live.run()
        with pytest.raises(RuntimeError):
            live.wait(10.0)
        assert live._failure == "no more"
        live._hear(None, {"do": "step", "ms": -1.0}, None)
        assert eventually(lambda: live._failure == refusal)
        assert live.wait(10.0)
        live.pause()
        assert live._failure == refusal


def test_a_run_of_a_given_length(live):
    """It ends by itself, in whole steps, and a pause keeps what is left of it."""
    live.run(250.3)
    assert live.wait(10.0)
    assert (live.status, live.time) == ("stopped", 250.3)
    live.speed = 200.0
    live.run(100.0)
    assert live.wait(0.05) is False
    live.pause()
    assert 250.3 < live.time < 350.3
    live.speed = None
    live.run()
    live.wait()
    assert (live.status, live.time) == ("stopped", 350.3)


def test_steps(live):
    """A step ends in a pause, also in the middle of a run."""
    live.step()
    live.step(0.1)
    assert (live.status, live.time) == ("paused", 10.1)
    live.stop()
    live.speed = 200.0
    live.run(100.0)
    live.pause()
    live.speed = None
    then = live.time
    live.step(5.0)
    assert (live.status, live.time) == ("paused", pytest.approx(then + 5.0))
    live.run()
    live.wait()
    assert (live.status, live.time) == ("stopped", pytest.approx(110.1))


def test_the_pieces_make_no_difference(live):
    """The spikes are those of a run in one go."""
    live.run(300.0)
    live.wait()
    network = classroom().simulate(300.0)
    times, senders = network.take_spikes()
    assert len(live._view.times) == len(times)
    assert sum(live.rates.values()) == pytest.approx(
        sum(
            1000.0 / 300.0 * np.isin(senders, nodes.tolist()).sum() / len(nodes)
            for nodes in network.populations.values()
        )
    )


def test_speed(live):
    """So many ms of model time in a second, and the change takes effect at once."""
    live.speed = 100.0
    live.run()
    begin, then = time.perf_counter(), live.time
    time.sleep(1.0)
    reached = (live.time - then) / (time.perf_counter() - begin)
    assert 70.0 < reached < 120.0
    live.speed = None
    assert eventually(lambda: live.time > 1000.0, 3.0)


def test_parameters_change_while_it_runs(live):
    live.run()
    assert eventually(lambda: live.time > 600.0)
    before = live.rates["excitatory"]
    live.set(g=3.0, eta=2.0)
    assert live.values == {"g": 3.0, "eta": 2.0}
    changed = live.time
    assert eventually(lambda: live.time > changed + 600.0)
    assert live.rates["excitatory"] > 4 * before
    assert live.status == "running"


def test_reset(live):
    """A new network at 0 ms that has the values of the knobs."""
    live.step(50.0)
    live.set(g=4.0)
    live.reset()
    assert (live.status, live.time, live.values["g"]) == ("stopped", 0.0, 4.0)
    with live._simulation:
        assert nest.GetDefaults("inhibitory", "weight") == -4.0
    assert all(math.isnan(rate) for rate in live.rates.values())
    live.run(20.0)
    live.wait()
    assert live.time == 20.0


def test_an_interrupt_pauses(live):
    """Ctrl-C ends the wait; the run can go on."""
    live.run()
    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    killer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    try:
        killer.start()
        with pytest.raises(KeyboardInterrupt):
            live.wait()
    finally:
        signal.signal(signal.SIGINT, old)
    assert live.status == "paused"
    then = live.time
    live.run()
    assert eventually(lambda: live.time > then)


def test_closing_ends_the_run(live):
    live.run()
    live.close()
    assert live.status == "stopped"
    assert not live._simulation.running


# -- other users of the same simulation


def test_the_network_can_be_used_in_a_pause(live):
    """Its results are those of the time that the widget did not read."""
    live.step(50.0)
    network = live._network.simulate(400.0)
    results = network.results()
    assert (results.start, results.stop) == (100.0, 450.0)
    assert results["rate"].value == pytest.approx(18.0, abs=6.0)
    live.step(50.0)
    assert live.time == 500.0


def test_a_reset_by_somebody_else(live):
    """It says that its network is gone; reset gives it a simulation of its own."""
    live.step(20.0)
    other = live._simulation
    with other:
        nest.ResetKernel()
        neurons = nest.Create("iaf_psc_exp", 3)
    assert refused(StaleCollection, live.run) == (
        "LiveSimulation.run(): these nodes or connections belong to a network that was replaced by "
        "ResetKernel(). Value: a collection from before. Allowed: collections made since then. "
        "Create the nodes again, and connect them again, after the reset."
    )
    live.reset()
    live.step(20.0)
    assert live.time == 20.0
    assert (other.time, len(neurons.V_m)) == (0.0, 3)


def test_a_reset_during_the_run(live):
    live.run()
    assert eventually(lambda: live.time > 50.0)
    with live._simulation:
        nest.ResetKernel()
    assert eventually(lambda: live.status == "stopped")
    assert "was replaced by ResetKernel()" in live._failure
    with pytest.raises(StaleCollection):
        live.wait()
    assert live.wait() is True  # it was said


def test_somebody_else_stops_it(live):
    live.run()
    assert eventually(lambda: live.time > 50.0)
    assert eventually(lambda: live._simulation.stop() or live.status == "stopped")


# -- what it keeps


def test_memory_stays_what_it_is(live):
    """Spikes are taken out of the recorder and forgotten when they leave the window."""
    live.run(2_000.0)
    live.wait()
    kept = len(live._view.times)
    for _ in range(5):
        live.run(4_000.0)
        live.wait()
        assert live._network.recorder.n_events == 0
    view = live._view
    assert len(view.times) == len(view.rows) < 2 * kept
    assert view.times.min() > live.time - 500.0
    assert view._counts.shape[1] <= 500.0 / view.bin + 2
    past = live._clock._past
    assert past[-1][0] - past[0][0] <= 1.0  # s of wall time


def test_only_some_neurons_are_shown_but_all_are_counted():
    live = LiveSimulation(classroom(), speed=None, neurons=50)
    live.step(200.0)
    assert {name: len(ids) for name, ids in live._view.shown.items()} == {"excitatory": 40, "inhibitory": 10}
    assert 5.0 < live.rates["excitatory"] < 40.0
    assert live._view.rows.max() < 50
    assert live._caption() == "50 of 1,000 neurons"
    live.close()


# -- the browser


def test_frames(live):
    """New spikes only, as binary numbers; everything for one who looks for the first time."""
    live.run(400.0)
    live.wait()
    assert len(live.frames) >= 2
    spikes = sum(len(buffers[0]) for _, buffers in live.frames)
    assert spikes == len(live._view.times)
    content, (times, rows, rate) = live.frames[-1]
    assert (times.dtype, rows.dtype, rate.dtype) == (np.float32, np.uint32, np.float32)
    assert content["time"] == 400.0
    assert rate.mean() == pytest.approx(np.dot([0.8, 0.2], content["rates"]), rel=1e-5)
    press(live, "look", page="a", view="1")
    content, (times, rows, _) = live.frames[-1]
    assert content["fresh"] is True
    assert len(times) == len(rows) == spikes
    assert times.min() > -500.0
    assert times.max() <= 0.0


@pytest.mark.parametrize(("interval", "least", "most"), [(0.085, 9, 16), (0.05, 13, 26), (0.5, 1, 4)])
def test_frames_come_as_often_as_the_page_says(live, interval, least, most):
    """Twelve times a second, twenty for one that draws quickly, few for one that is late."""
    press(live, "pace", page="a", view="1", interval=interval)
    live.run()
    time.sleep(0.3)  # pieces get their length
    begin, frames = time.perf_counter(), len(live.frames)
    time.sleep(1.0)
    sent = len(live.frames) - frames
    live.pause()
    assert least <= sent / (time.perf_counter() - begin) <= most


def test_what_a_page_says_holds_after_a_reset(live):
    press(live, "pace", page="a", view="1", interval=0.5)
    live.reset()
    live.run()
    time.sleep(0.2)
    frames = len(live.frames)
    time.sleep(1.0)
    live.pause()
    assert len(live.frames) - frames <= 5


def test_spikes_go_to_the_page_in_the_order_of_time(live):
    """It looks for those of its window by halves."""
    live._view.add(np.array([3.0, 1.0, 2.0]), np.array([1, 2, 3]), 5.0)
    (times, _) = live._view.new(everything=False)
    assert times.tolist() == [-4.0, -3.0, -2.0]


def test_buttons(live):
    press(live, "run")
    assert live.status == "running"
    press(live, "pause")
    assert live.status == "paused"
    press(live, "step", ms=10.0)
    assert eventually(lambda: live.status == "paused")
    press(live, "speed", value=500.0)
    assert (live.speed, live._clock.speed) == (500.0, 500.0)
    press(live, "stop")
    press(live, "reset")
    assert (live.status, live.time) == ("stopped", 0.0)
    press(live, "run", ms=20.0)
    assert eventually(lambda: live.status == "stopped")
    assert live.time == 20.0


def test_what_is_refused_is_shown_where_it_was_pressed(live):
    """The message of the network beside the control, its value stays; the next valid value clears it."""
    press(live, "set", name="g", value=-1)
    expected = (
        "BrunelParameters.g is out of bounds. Value: -1. Allowed: a number 0 … 10000. "
        "g is the strength of an inhibitory input relative to an excitatory one."
    )
    assert (live._errors, live.values["g"]) == ({"g": expected}, 5.0)
    press(live, "set", name="g", value="much")
    assert live._errors["g"] == (
        "BrunelParameters.g must be a number 0 … 10000. Value: 'much'. Allowed: a number 0 … 10000. "
        "g is the strength of an inhibitory input relative to an excitatory one."
    )
    press(live, "set", name="g", value=4.5)
    assert (live._errors, live.values["g"]) == ({}, 4.5)
    press(live, "run", ms="long")
    assert live._failure == (
        "LiveSimulation.run(): the time to run must be a number. Value: 'long' (str). "
        "Allowed: a number above 0 ms. Give the time to run in ms."
    )
    press(live, "run", ms=1.0)
    assert live._failure == ""


def test_a_widget_nobody_sees_pauses(live):
    """Removed from the page; but not while another view of it is there."""
    press(live, "look", page="a", view="1")
    press(live, "look", page="a", view="2")
    press(live, "run")
    press(live, "leave", page="a", view="1")
    assert live.status == "running"
    press(live, "look", page="b", view="1")  # loaded again: the first page is gone
    press(live, "leave", page="b", view="1")
    assert live.status == "paused"


# -- without a browser


def test_it_prints(live):
    assert str(live) == (
        "Brunel: stopped at 0.0 ms\n  excitatory: 800 neurons, no rate yet\n"
        "  inhibitory: 200 neurons, no rate yet\n  g = 5\n  eta = 1"
    )
    live.step(300.0)
    assert "Brunel: paused at 300.0 ms\n  excitatory: 800 neurons, " in str(live)
    assert live._repr_mimebundle_()[0]["text/plain"] == str(live)


def test_the_same_view_as_a_figure(live):
    live.step(300.0)
    above, below = live.figure().axes
    assert above.get_title() == "Brunel: paused at 300.0 ms"
    assert above.get_ylabel() == "1,000 neurons"
    assert [label.get_text() for label in above.get_yticklabels()] == ["excitatory", "inhibitory"]
    assert (below.get_xlabel(), below.get_ylabel()) == ("time (ms)", "rate\n(spikes/s)")
    assert below.get_xlim() == (0.0, 500.0)
    assert sum(len(line.get_xdata()) for line in above.lines) == len(live._view.times)


def test_a_figure_before_the_first_step(live):
    assert len(live.figure().axes) == 2


# -- any simulation, and any parameter


@pytest.fixture
def simulation():
    with nest.Simulation() as simulation:
        neurons = nest.Create("iaf_psc_alpha", 20, {"I_e": 400.0})
        nest.Create("parrot_neuron", 2)
        noise = nest.Create("poisson_generator", params={"rate": 1000.0})
        nest.CopyModel("static_synapse_hom_w", "input", {"weight": 10.0})
        nest.Connect(noise, neurons, syn_spec={"synapse_model": "input"})
        nest.Connect(neurons, neurons, syn_spec={"weight": 1.0})
    return simulation, neurons, noise


def test_a_simulation_with_knobs_of_its_own(simulation):
    """Populations are found by model; ranges, units and help come from the registry."""
    simulation, neurons, noise = simulation
    with simulation:
        recurrent = nest.GetConnections(neurons, neurons)
    controls = {
        "noise": (noise, "rate", 0.0, 5000.0),
        "time constant": (neurons, "tau_m"),
        "coupling": (recurrent, "weight", -5.0, 5.0),
        "input": ("input", "weight", 0.0, 20.0),
    }
    live = LiveSimulation(simulation, controls, speed=None)
    assert live.values == {"noise": 1000.0, "time constant": 10.0, "coupling": 1.0, "input": 10.0}
    facts = {each["name"]: each for each in live._knobs}
    assert facts["noise"]["unit"] == "spikes/s"
    assert facts["noise"]["doc"] == nest.models["poisson_generator"].parameters["rate"].doc
    assert (facts["time constant"]["low"], facts["time constant"]["high"]) == (0.0, 20.0)
    live.run()
    live.set(noise=2000.0, **{"time constant": 12.0}, coupling=-1.0, input=15.0)
    live.pause()
    with simulation:
        assert (noise.rate, neurons.tau_m[3], recurrent.weight[5]) == (2000.0, 12.0, -1.0)
        assert nest.GetDefaults("input", "weight") == 15.0
    assert [each["name"] for each in live._populations] == ["iaf_psc_alpha", "parrot_neuron"]
    assert not live._can_reset
    press(live, "set", name="time constant", value=-1.0)
    assert live._errors["time constant"].startswith("NodeCollection.set(): ")
    assert live.values["time constant"] == 12.0
    live.close()


def test_the_current_simulation():
    nest.ResetKernel()
    nest.Create("iaf_psc_alpha", 2, {"I_e": 1000.0})
    live = LiveSimulation(speed=None)
    live.step(100.0)
    assert live.rates["iaf_psc_alpha"] > 20.0
    live.close()


# -- what it refuses


def test_bad_commands(live):
    assert refused(BadValue, lambda: live.run(-5.0)) == (
        "LiveSimulation.run(): the time to run must be above 0. Value: -5 ms. Allowed: a number above 0 ms. "
        "Give the time to run in ms."
    )
    assert refused(BadValue, lambda: live.step(0.25)) == (
        "LiveSimulation.step(): the time to run must be a multiple of the resolution. Value: 0.25 ms. "
        "Allowed: multiples of 0.1 ms. Round it."
    )
    assert refused(BadType, lambda: setattr(live, "speed", "fast")) == (
        "LiveSimulation.speed: the speed must be a number. Value: 'fast' (str). "
        "Allowed: a number above 0 ms/s. Give the speed in ms/s."
    )
    assert refused(UnknownName, lambda: live.set(et=1.0)) == (
        "LiveSimulation.set(): there is no control of this name. Value: 'et'. Allowed: 'eta', 'g'. "
        "Did you mean 'eta'? Name it in LiveSimulation(controls=...)."
    )
    assert refused(BadValue, lambda: live.set(g=-1.0)).startswith("BrunelParameters.g is out of bounds.")
    assert live.values["g"] == 5.0
    live.run()
    assert refused(WrongState, lambda: live.run(10.0)) == (
        "LiveSimulation.run(): a run of a given length begins when nothing runs. Value: running. "
        "Allowed: stopped. Call stop() first, or run() without a length to go on after a pause."
    )
    assert refused(WrongState, lambda: live.step(10.0)) == (
        "LiveSimulation.step(): a step begins when nothing runs. Value: running. "
        "Allowed: paused or stopped. Call pause() first."
    )
    assert live.status == "running"


def test_only_a_network_of_the_gallery_can_be_built_again(simulation):
    live = LiveSimulation(simulation[0])
    assert refused(WrongState, live.reset) == (
        "LiveSimulation.reset(): only a network of the gallery can be built again. Value: a simulation. "
        "Allowed: a network with build(). Run the cell that builds it once more, and make a new "
        "LiveSimulation."
    )
    assert refused(UnknownName, lambda: live.set(g=1.0)) == (
        "LiveSimulation.set(): there is no control of this name. Value: 'g'. Allowed: none: this widget was "
        "made without controls. Name it in LiveSimulation(controls=...)."
    )


BAD = {
    "speed": (
        lambda: LiveSimulation(classroom(), speed=-1.0),
        "LiveSimulation(speed=...): the speed must be above 0. Value: -1 ms/s. Allowed: a number above 0 "
        "ms/s. Give the speed in ms/s.",
    ),
    "not built": (
        lambda: LiveSimulation(Brunel.preset("classroom")),
        "LiveSimulation(): the network has no nodes yet. Value: not built. Allowed: a network after build(). "
        "Call build() first.",
    ),
    "no network": (
        lambda: LiveSimulation(42),
        "LiveSimulation(): there is nothing to run. Value: 42 (int). Allowed: a built network of the "
        "gallery, a Simulation, or None for the current one. Write "
        "LiveSimulation(Brunel.preset('classroom').build()).",
    ),
    "empty": (
        lambda: LiveSimulation(nest.Simulation()),
        "LiveSimulation(): there are no neurons to look at. Value: 0 nodes, none of which is a neuron. "
        "Allowed: a simulation with neurons. Create them first, e.g. nest.Create('iaf_psc_exp', 100).",
    ),
    "unknown control": (
        lambda: LiveSimulation(classroom(), {"G": (0.0, 8.0)}),
        "LiveSimulation(controls=...): there is no parameter of this name that can change while it runs. "
        "Value: 'G'. Allowed: 'eta', 'g'. Did you mean 'g'? Say what to change: "
        "controls={'external rate': (generator, 'rate', 0.0, 20000.0)}.",
    ),
    "range": (
        lambda: LiveSimulation(classroom(), {"g": (8.0, 0.0)}),
        "LiveSimulation(controls=...): the range of the control 'g' must ascend. Value: (8, 0). "
        "Allowed: two finite numbers, the lowest first. Swap them, or choose others.",
    ),
    "no range": (
        lambda: LiveSimulation(classroom(), {"g": 3.0}),
        "LiveSimulation(controls=...): the range of the control 'g' must be two numbers. Value: 3.0 (float). "
        "Allowed: (lowest, highest). Write controls={'g': (lowest, highest)}.",
    ),
    "no names": (
        lambda: LiveSimulation(classroom(), "g"),
        "LiveSimulation(controls=...): controls must come by name. Value: 'g' (str). Allowed: a dictionary "
        "of ranges, or a list of names. Write controls={'name': (lowest, highest)}.",
    ),
    "window": (
        lambda: LiveSimulation(classroom(), window=0.0),
        "LiveSimulation(window=...): the window must be above 0. Value: 0 ms. Allowed: a number above 0 ms. "
        "Give the window in ms.",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_arguments(what):
    action, text = BAD[what]
    assert refused(NESTError, action) == text


def test_a_range_that_does_not_follow(simulation):
    simulation, neurons, _ = simulation
    with simulation:
        neurons.E_L = 0.0
    assert refused(BadValue, lambda: LiveSimulation(simulation, {"rest": (neurons, "E_L")})) == (
        "LiveSimulation(controls=...): the range of the control 'rest' does not follow from its value. "
        "Value: 0 mV. Allowed: (nodes, 'parameter', lowest, highest). Give the lowest and the highest value."
    )


def test_a_network_that_runs_is_not_taken_over():
    network = classroom()
    network.simulation.start(1e6)
    assert eventually(lambda: network.simulation.time > 0.0)
    try:
        assert refused(WrongState, lambda: LiveSimulation(network)) == (
            "LiveSimulation(): a network that runs cannot be taken over. Value: running. Allowed: a network "
            "that does not run. Call wait() or stop() of the simulation first."
        )
    finally:
        network.simulation.stop()
        network.simulation.wait()


def test_two_widgets_run_one_simulation(simulation):
    """A piece each in turn; what is paused, stopped or asked of one leaves the other as it is."""
    simulation, *_ = simulation
    one, other = (LiveSimulation(simulation, speed=None) for _ in range(2))
    one.run()
    other.run()
    begin = time.perf_counter()
    shown = {one: [], other: []}
    for widget, frames in shown.items():
        widget.send = lambda content, buffers=None, frames=frames: frames.append(content)
    while one.time < 300.0 or min(map(len, shown.values())) < 3:
        assert time.perf_counter() - begin < 60.0
        assert (one.status, other.status) == ("running", "running"), (one._failure, other._failure)
    one.pause()
    assert (one.status, other.status) == ("paused", "running")
    assert one.rates["iaf_psc_alpha"] > 10.0
    one.step(10.0)
    assert (one.status, other.status) == ("paused", "running")
    one.stop()
    other.stop()
    assert (one.wait(), other.wait()) == (True, True)
