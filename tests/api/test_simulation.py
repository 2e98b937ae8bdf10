"""Simulations side by side, in the background, stopped, watched and reset."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors
from tests.waiting import eventually

LONG = 10_000_000.0  # ms; nobody waits for it


def driven(simulation, n=200):
    """Neurons that fire, and their recorder."""
    with simulation:
        neurons = nest.Create("iaf_psc_alpha", n, {"I_e": 500.0})
        recorder = nest.Create("spike_recorder")
        nest.Connect(neurons, recorder)
    return neurons, recorder


def test_side_by_side():
    one, other = nest.Simulation(resolution=0.5, seed=3, threads=1), nest.Simulation(seed=4, threads=1)
    with one:
        a = nest.Create("iaf_psc_alpha", 3)
        nest.Simulate(10.0)
        assert nest.resolution == 0.5
        with other:
            assert nest.current() is other
            assert (nest.resolution, nest.network_size, nest.rng_seed) == (0.1, 0, 4)
            b = nest.Create("iaf_psc_exp", 2)
        assert nest.current() is one
        assert (nest.network_size, nest.biological_time) == (3, 10.0)
    assert (one.network_size, other.network_size, one.time, other.time) == (3, 2, 10.0, 0.0)
    assert nest.current() not in (one, other)
    a.V_m, b.V_m = -60.0, -50.0  # collections keep to their simulation
    nest.Connect(a, a)
    assert one.kernel.num_connections == 9
    assert (a.V_m, b.V_m) == ((-60.0,) * 3, (-50.0,) * 2)
    assert a.simulation is one


def test_nodes_of_two_simulations_do_not_mix():
    with nest.Simulation():
        a = nest.Create("iaf_psc_alpha")
    with nest.Simulation():
        b = nest.Create("iaf_psc_alpha")
    text = (
        "these nodes live in different simulations, or one of them was reset. Value: nodes of 2 networks. "
        "Allowed: nodes of one network. Create them in the same simulation."
    )
    for where, call in (("Connect()", lambda: nest.Connect(a, b)), ("NodeCollection + other", lambda: a + b)):
        with pytest.raises(nest.NESTError) as caught:
            call()
        assert str(caught.value) == f"{where}: {text}"
    assert a != b


def test_same_seed_same_spikes():
    def spikes(seed):
        with nest.Simulation(seed=seed):
            neurons = nest.Create("iaf_psc_delta", 10)
            noise, recorder = (
                nest.Create("poisson_generator", params={"rate": 20_000.0}),
                nest.Create("spike_recorder"),
            )
            nest.Connect(noise, neurons, syn_spec={"weight": 1.0})
            nest.Connect(neurons, recorder)
            nest.Simulate(200.0)
            return sorted(zip(recorder.events["times"], recorder.events["senders"], strict=True))

    assert spikes(1) == spikes(1) != spikes(2)
    assert spikes(1)


def test_run_and_repr():
    simulation = nest.Simulation(threads=1)
    driven(simulation, 3)
    assert simulation.run(5.0)
    assert repr(simulation) == "Simulation(4 nodes, 3 connections, 5 ms, resolution 0.1 ms, 1 threads)"


def test_background_run_can_be_watched_changed_and_stopped():
    simulation = nest.Simulation(threads=1)
    neurons, _ = driven(simulation)
    seen = []
    forget = simulation.on_progress(lambda done, total: seen.append((done, total)))
    simulation.start(LONG)
    assert eventually(lambda: len(seen) >= 2)
    assert simulation.running
    neurons.I_e = 0.0
    assert neurons.I_e == (0.0,) * len(neurons)
    assert not simulation.wait(timeout=0.01)
    started = time.monotonic()
    simulation.stop()
    assert not simulation.wait()
    assert time.monotonic() - started < 0.5
    assert not simulation.running
    stopped = simulation.time
    assert 0 < stopped < LONG
    assert all(0 <= done <= total == LONG for done, total in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    forget()
    number = len(seen)
    assert simulation.run(10.0)
    assert simulation.time == pytest.approx(stopped + 10.0)
    assert len(seen) == number


def test_what_goes_wrong_in_the_background_is_raised_by_wait():
    simulation = nest.Simulation(threads=1)

    def fail(done, total):
        raise OSError("the disk is full")

    forget = simulation.on_progress(fail)
    driven(simulation)
    simulation.start(LONG)
    with pytest.raises(OSError, match="the disk is full"):
        simulation.wait()
    forget()
    assert simulation.wait()  # once
    simulation.start(-1.0)
    with pytest.raises(errors.BadValue, match=r"^Simulation\.wait\(\): "):
        simulation.wait()


def test_one_run_at_a_time():
    simulation = nest.Simulation(threads=1)
    driven(simulation)
    simulation.start(LONG)
    assert eventually(lambda: simulation.kernel.running)
    with simulation:
        for where, call in (
            ("Simulation.run()", lambda: simulation.run(1.0)),
            ("Simulation.start()", lambda: simulation.start(1.0)),
        ):
            with pytest.raises(errors.WrongState) as caught:
                call()
            assert str(caught.value) == (
                f"{where}: this simulation is running already. Value: running. Allowed: one run at a time. "
                "Call wait() or stop() of the simulation first."
            )
        with pytest.raises(errors.WrongState, match=r"^Simulate\(\): this simulation is running already\."):
            nest.Simulate(1.0)
        with pytest.raises(errors.WrongState, match=r"^Create\(\): "):
            nest.Create("iaf_psc_alpha")
    simulation.stop()
    simulation.wait()


def test_reset_ends_a_background_run():
    simulation = nest.Simulation(threads=1)
    neurons, _ = driven(simulation)
    simulation.start(LONG)
    assert eventually(lambda: simulation.kernel.running)
    simulation.reset()
    assert not simulation.running
    assert (simulation.time, simulation.network_size) == (0.0, 0)
    with pytest.raises(errors.StaleCollection):
        _ = neurons.V_m


def test_callbacks_find_the_simulation_of_the_caller():
    simulation, found = nest.Simulation(threads=1), []
    driven(simulation)
    simulation.on_progress(lambda done, total: found.append(nest.current()))
    with simulation:
        simulation.start(LONG)
    assert eventually(lambda: found)
    simulation.stop()
    simulation.wait()
    assert set(found) == {simulation}


def test_events_since():
    simulation = nest.Simulation(threads=1)
    _, recorder = driven(simulation, 5)
    index, parts = 0, []
    for _ in range(4):
        simulation.run(30.0)
        events, index = simulation.events_since(recorder, index)
        parts.append(events)
    everything = recorder.events
    assert index == len(everything["times"]) > 10
    for name, values in everything.items():
        assert np.array_equal(np.concatenate([part[name] for part in parts]), values)
    recorder.n_events = 0
    simulation.run(30.0)
    events, again = simulation.events_since(recorder, index)
    assert again == len(events["times"]) == recorder.n_events > 0
    with simulation:
        simulation_nodes = nest.GetNodes()[:2]
    with pytest.raises(errors.BadValue) as caught:
        simulation.events_since(simulation_nodes)
    assert str(caught.value).startswith(
        "Simulation.events_since(): one recorder is read at a time. Value: 2 nodes."
    )


def test_reset_frees_the_network_though_collections_are_around():
    simulation = nest.Simulation(threads=1)
    with simulation:
        neurons = nest.Create("iaf_psc_alpha", 10)
        nest.Connect(neurons, neurons)
        connections = nest.GetConnections()
        kernel = weakref.ref(simulation.kernel) if hasattr(type(simulation.kernel), "__weakref__") else None
        nest.ResetKernel()
    gc.collect()
    assert kernel is None or kernel() is None
    assert (len(neurons), len(connections)) == (10, 100)
    assert str(neurons) == "NodeCollection(<of a replaced network>, size=10, first=1, last=10)"
    assert str(connections) == "The synapse collection belongs to a network that was replaced."


def test_reset_returns_to_what_the_simulation_was_made_with():
    with nest.Simulation(resolution=0.2, seed=9, threads=1) as simulation:
        nest.rng_seed = 10
        nest.print_time = True
        nest.SetDefaults("iaf_psc_alpha", {"tau_m": 3.0})
        nest.ResetKernel()
        assert nest.current() is simulation
        assert (nest.resolution, nest.rng_seed, nest.local_num_threads, nest.print_time) == (0.2, 9, 1, False)
        assert nest.GetDefaults("iaf_psc_alpha", "tau_m") == 10.0


def test_one_simulation_is_the_current_one_of_two_threads():
    """Blocks of two threads need not end in the order in which they began."""
    simulation = nest.Simulation()
    inside, leave = threading.Event(), threading.Event()
    seen = []

    def other():
        with simulation:
            inside.set()
            leave.wait(10)
            seen.append(nest.current() is simulation)
        seen.append(nest.current() is simulation)

    with nest.Simulation() as outer:
        with simulation:
            thread = threading.Thread(target=other)
            thread.start()
            inside.wait(10)
        assert nest.current() is outer
        leave.set()
        thread.join(10)
    assert seen == [True, False]


def test_threads_have_the_simulation_of_the_process():
    found = []
    with nest.Simulation():
        thread = threading.Thread(target=lambda: found.append(nest.current()))
        thread.start()
        thread.join()
    assert found == [nest.current()]


INTERRUPTED = """
import sys, time
import nest_lab as nest
nest.local_num_threads = 2
neurons = nest.Create("iaf_psc_alpha", 1000, {"I_e": 500.0})
recorder = nest.Create("spike_recorder")
nest.Connect(neurons, recorder)
start = getattr(nest.current(), sys.argv[1], None)
print("ready", flush=True)
try:
    if start:
        start(1e7)
        nest.current().wait()
    else:
        nest.Simulate(1e7)
except KeyboardInterrupt:
    stopped = nest.biological_time
    assert 0 < stopped < 1e7
    assert not nest.current().running
    nest.Simulate(50.0)
    assert abs(nest.biological_time - stopped - 50.0) < 1e-6
    assert recorder.events["times"].max() <= nest.biological_time
    print("continued", flush=True)
"""


@pytest.mark.parametrize("how", ["Simulate", "start"])
def test_ctrl_c(how):
    """Ctrl-C raises KeyboardInterrupt soon, and the simulation goes on afterwards."""
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, how], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        time.sleep(0.5)
        sent = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout.readline() == "continued\n", process.stderr.read()
        assert (
            time.monotonic() - sent < 1.0
        )  # 100 ms to stop, then 50 ms of model time and an exchange with us
        assert process.wait(20) == 0
