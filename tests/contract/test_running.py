"""A run can be watched, stopped and continued; it never holds Python up, and never writes to the terminal."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

from nest_lab._kernel import KernelError, Simulation

LATENCY = 0.1  # s, promised for stop() and Ctrl-C
SLACK = 0.15  # s, for the scheduler of a busy machine


def busy(threads=1, n=2_000):
    """A network that keeps a core busy for a while; returns it and its recorder."""
    simulation = Simulation(threads=threads, seed=5)
    neurons = range(1, simulation.create("iaf_psc_exp", n, {"I_e": 370.0}) + n)
    noise = simulation.create("poisson_generator", 1, {"rate": 8_000.0})
    recorder = simulation.create("spike_recorder", 1)
    simulation.connect(range(noise, noise + 1), neurons, {}, {"weight": 20.0, "delay": 1.5})
    spec = {"rule": "fixed_indegree", "indegree": 100}
    simulation.connect(neurons, neurons, spec, {"weight": -5.0, "delay": 1.5})
    simulation.connect(neurons, range(recorder, recorder + 1), {}, {"delay": 1.5})
    return simulation, recorder


def spikes(simulation, recorder):
    events = simulation.get([recorder], ["events"])[0][0]
    order = np.lexsort((events["senders"], events["times"]))
    return np.asarray(events["times"])[order].tobytes(), np.asarray(events["senders"])[order].tobytes()


@pytest.mark.parametrize("threads", [1, 2])
def test_stop_and_continue(threads):
    """Stopped three times from another thread, each time within 100 ms; the spikes are those of one run."""
    simulation, recorder = busy(threads)
    simulation.run(10.0)
    latencies = []
    for _ in range(3):
        returned = {}

        def run(returned=returned):
            returned["end"] = simulation.run(1e6)
            returned["at"] = time.perf_counter()

        worker = threading.Thread(target=run)
        worker.start()
        time.sleep(0.15)
        assert simulation.running
        asked = time.perf_counter()
        simulation.stop()
        worker.join(10)
        assert returned["end"] is False
        assert not simulation.running
        latencies.append(returned["at"] - asked)
    assert max(latencies) < LATENCY + SLACK, latencies
    stopped = simulation.time
    assert 10.0 < stopped < 1e6
    assert stopped / 0.1 == pytest.approx(round(stopped / 0.1), abs=1e-6)
    assert simulation.run(5.0) is True
    whole, other = busy(threads)
    whole.run(round(stopped + 5.0, 1))
    assert whole.steps == simulation.steps
    assert spikes(simulation, recorder) == spikes(whole, other)


def test_stop_without_a_run_is_harmless():
    """A stop that comes too late does not end the next run."""
    simulation, _ = busy(n=50)
    simulation.stop()
    assert simulation.run(20.0) is True
    assert simulation.time == pytest.approx(20.0)


def test_ctrl_c_and_continue():
    """SIGINT raises KeyboardInterrupt within 100 ms, from a state that goes on as if nothing had happened."""
    simulation, recorder = busy()
    sent = []

    def interrupt():
        time.sleep(0.3)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        worker = threading.Thread(target=interrupt)
        worker.start()
        with pytest.raises(KeyboardInterrupt):
            simulation.run(1e6)
        caught = time.perf_counter()
        worker.join()
    finally:
        signal.signal(signal.SIGINT, old)
    assert caught - sent[0] < LATENCY + SLACK
    stopped = simulation.time
    assert 0 < stopped < 1e6
    assert simulation.run(3.0) is True
    whole, other = busy()
    whole.run(round(stopped + 3.0, 1))
    assert spikes(simulation, recorder) == spikes(whole, other)


def test_python_goes_on_during_a_run():
    """The global interpreter lock is free: another Python thread counts on while the kernel runs."""
    simulation, _ = busy()
    stamps, done = [], threading.Event()

    def count():
        while not done.is_set():
            stamps.append(time.perf_counter())
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    started = time.perf_counter()
    while time.perf_counter() - started < 0.5:
        simulation.run(200.0)
    ended = time.perf_counter()
    done.set()
    counter.join()
    inside = [t for t in stamps if started < t < ended]
    assert len(inside) > 50
    # Held, the lock would leave one gap as long as the run.
    assert np.diff([started, *inside, ended]).max() < 0.5 * (ended - started)


def test_nothing_is_written_to_the_terminal(capfd):
    simulation, recorder = busy(threads=2, n=200)
    simulation.run(50.0, lambda done, total: None)
    with pytest.raises(KernelError):
        simulation.create("no_such_model", 1)
    simulation.connections(None, None, None, None)
    simulation.get([recorder], ["events"])
    assert capfd.readouterr() == ("", "")


def test_progress_is_throttled_and_complete():
    """At most ten calls a second, growing, and the last one says that all is done."""
    simulation, _ = busy()
    calls = []
    simulation.run(3.0)
    started = time.perf_counter()
    simulation.run(500.0, lambda done, total: calls.append((time.perf_counter(), done, total)))
    seconds = time.perf_counter() - started
    assert 1 <= len(calls) <= 10 * seconds + 2
    assert all(total == 500.0 for _, _, total in calls)
    done = [d for _, d, _ in calls]
    assert done == sorted(done)
    assert done[0] >= 0
    assert done[-1] == pytest.approx(500.0)


def test_an_error_in_the_progress_callback_ends_the_run():
    """It reaches the caller, and the simulation can go on."""
    simulation, recorder = busy()

    def fail(done, total):
        raise ZeroDivisionError("in the callback")

    with pytest.raises(ZeroDivisionError, match="in the callback"):
        simulation.run(400.0, fail)
    stopped = simulation.time
    assert not simulation.running
    assert simulation.run(5.0) is True
    whole, other = busy()
    whole.run(round(stopped + 5.0, 1))
    assert spikes(simulation, recorder) == spikes(whole, other)


def test_the_callback_may_use_the_simulation():
    """Progress is called without the lock: reading and setting from it does not block."""
    simulation, _ = busy(n=500)
    seen = []

    def look(done, total):
        seen.append((simulation.time, simulation.get([1], ["V_m"])[0][0]))
        simulation.set([1], {"I_e": 380.0})

    simulation.run(300.0, look)
    assert seen


def test_parameters_can_be_changed_during_a_run():
    """A call from another thread is served at the next step; the structure may not change meanwhile."""
    simulation, _ = busy()
    worker = threading.Thread(target=simulation.run, args=(1e6,))
    worker.start()
    try:
        time.sleep(0.1)
        started = time.perf_counter()
        simulation.set(range(1, 2_001), {"I_e": 100.0})
        assert simulation.get([1, 2_000], ["I_e"])[0].tolist() == [100.0, 100.0]
        first, later = simulation.time, 0.0
        assert time.perf_counter() - started < LATENCY + SLACK
        for change in (
            lambda: simulation.create("iaf_psc_exp", 1),
            lambda: simulation.connect(range(1, 2), range(2, 3), {}, {}),
            lambda: simulation.run(1.0),
        ):
            with pytest.raises(KernelError) as caught:
                change()
            assert caught.value.kind == "State"
        time.sleep(0.05)
        later = simulation.time
        assert later > first
    finally:
        simulation.stop()
        worker.join(10)


@pytest.mark.parametrize("ms", [-1.0, 0.05, float("nan"), float("inf")])
def test_impossible_times_are_refused(ms):
    simulation, _ = busy(n=20)
    with pytest.raises(KernelError) as caught:
        simulation.run(ms)
    assert caught.value.kind == "BadValue"
    assert simulation.time == 0.0
    assert simulation.run(0.0) is True


def test_order_of_prepare_run_cleanup():
    simulation, _ = busy(n=20)
    for call in (simulation.cleanup,):
        with pytest.raises(KernelError) as caught:
            call()
        assert caught.value.kind == "State"
    simulation.prepare()
    with pytest.raises(KernelError) as caught:
        simulation.prepare()
    assert caught.value.kind == "State"
    simulation.run(1.0)
    simulation.cleanup()
    assert not simulation.prepared


def test_what_is_frozen_stands_still_and_is_deaf(neuron, takes):
    """It goes on from where it stood, as if the spikes that arrived in between had not been there."""
    if not neuron["recordables"] or neuron["stochastic"] or not takes(neuron["name"], "spike_generator"):
        pytest.skip("nothing to compare")
    names = [r["name"] for r in neuron["recordables"]]

    def trace(frozen):
        s = Simulation(threads=1)
        node = s.create(neuron["name"], 1)
        times = [3.0, 5.0, 8.5] + ([21.0, 25.5, 33.0] if frozen else [])
        source = s.create("spike_generator", 1, {"spike_times": times})
        meter = s.create("multimeter", 1, {"record_from": names, "interval": s.resolution})
        s.connect([source], [node], {}, {"weight": 30.0, "delay": 1.0, "receptor_type": neuron["spike_receptor"]})
        s.connect([meter], [node], {}, {"delay": 1.0})
        s.run(20.0)
        if frozen:
            s.set([node], {"frozen": True})
            s.run(20.0)
            s.set([node], {"frozen": False})
        s.run(20.0)
        events = s.get([meter], ["events"])[0][0]
        since = events["times"] > (40.0 if frozen else 20.0)
        return {name: events[name][since] for name in names}

    frozen, free = trace(True), trace(False)
    for name in names:
        np.testing.assert_array_equal(frozen[name], free[name], err_msg=name)
        assert len(free[name]) > 150
