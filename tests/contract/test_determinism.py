"""Results do not depend, to the bit, on threads, slices, the partition of a run, or how nodes were made."""

from __future__ import annotations

import hashlib
import threading

import numpy as np
import pytest

from nest_lab._kernel import Parameter, Simulation

END = 60.0
# Samples of the last slice are handed out by the next run, so the recorders are compared up to here.
SEEN = END - 3.0


@pytest.fixture(scope="module")
def expected():
    """Fingerprint of the plain network of each model: one thread, one run."""
    known = {}

    def fingerprint(network, model):
        if model["name"] not in known:
            plain = network(model)
            plain.run(END)
            known[model["name"]] = plain.fingerprint(SEEN)
        return known[model["name"]]

    return fingerprint


def test_there_is_something_to_compare(driven, network, expected):
    spikes, values, _ = expected(network, driven)
    assert spikes > 50
    assert values > 1000 * (1 + len(driven["recordables"])) or not driven["recordables"]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads(driven, network, expected, threads):
    other = network(driven, threads=threads)
    assert other.simulation.threads == threads
    other.run(END)
    assert other.fingerprint(SEEN) == expected(network, driven)


@pytest.mark.parametrize("parts", [[10.0] * 6, [0.1, 0.2, 0.7, 1.5, 20.0, 37.5], [0.1] * 600])
def test_partition_of_the_run(driven, network, expected, parts):
    other = network(driven, threads=2)
    for part in parts:
        other.run(part)
    assert other.simulation.time == pytest.approx(END, abs=1e-9)
    assert other.fingerprint(SEEN) == expected(network, driven)


@pytest.mark.parametrize("min_delay", [0.1, 0.5, 1.5])
def test_slice_length(driven, network, expected, min_delay):
    other = network(driven, threads=2, extrema=(min_delay, 40.0))
    assert other.simulation.min_delay == pytest.approx(min_delay)
    other.run(END)
    assert other.fingerprint(SEEN) == expected(network, driven)


def test_prepared_runs(driven, network, expected):
    other = network(driven)
    other.simulation.prepare()
    assert other.simulation.prepared
    for _ in range(3):
        other.run(20.0)
    other.simulation.cleanup()
    assert other.fingerprint(SEEN) == expected(network, driven)


def test_nodes_made_one_by_one(driven, network, expected):
    other = network(driven, one_by_one=True)
    other.run(END)
    assert other.fingerprint(SEEN) == expected(network, driven)


def test_another_seed_gives_other_spikes(driven, network, expected):
    other = network(driven, seed=2)
    other.run(END)
    assert other.fingerprint(SEEN) != expected(network, driven)


def test_side_by_side(driven, network, expected):
    """Two simulations in turn, and two at once in two Python threads, do not disturb each other."""
    first, second = network(driven), network(driven, seed=2)
    for _ in range(6):
        first.run(10.0)
        second.run(10.0)
    assert first.fingerprint(SEEN) == expected(network, driven)
    alone = network(driven, seed=2)
    alone.run(END)
    assert second.fingerprint(SEEN) == alone.fingerprint(SEEN)

    pair = network(driven), network(driven, seed=2)
    workers = [threading.Thread(target=one.run, args=(END,)) for one in pair]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert pair[0].fingerprint(SEEN) == expected(network, driven)
    assert pair[1].fingerprint(SEEN) == alone.fingerprint(SEEN)


def test_set_parameters_do_not_depend_on_threads(driven, network):
    """Parameters changed between runs, on slices of the nodes."""
    prints = set()
    for threads in (1, 2, 3):
        one = network(driven, threads=threads)
        one.run(20.0)
        for source in one.sources:
            name = "rate" if "rate" in one.simulation.get_all_names(_model(one, source)) else "mean"
            one.simulation.set([source], {name: 700.0})
        known = {p["name"] for p in driven["params"]}
        voltage = "V_m" if "V_m" in known else "V_th"
        if voltage in known:
            one.simulation.set(range(1, 40, 3), {voltage: np.linspace(-75, -60, 13)})
        one.run(40.0)
        prints.add(one.fingerprint(SEEN))
    assert len(prints) == 1


def _model(network, node):
    return network.simulation.runs([node])[0][0]


@pytest.mark.parametrize("target", ["iaf_psc_delta", "iaf_psc_delta_ps"])
def test_generators_do_not_depend_on_threads(generator, target, turn_on):
    """Six chunks of neurons, so that there are three threads; weights, parameters and nodes change."""
    voltages = set()
    for threads, parts in ((1, [30.0]), (2, [0.1, 0.3, 7.6, 22.0]), (3, [30.0]), (3, [10.0, 20.0])):
        simulation = Simulation(threads=threads, seed=4)
        n = 1_600
        neurons = range(1, simulation.create(target, n, {"V_th": 1e9, "tau_m": 20.0}) + n)
        source = turn_on(simulation, generator)
        if "rate" in {p["name"] for p in generator["params"]}:
            simulation.set([source], {"rate": 5e3})
        recorder = simulation.create("spike_recorder", 1)
        both = range(source, source + 1), neurons
        simulation.connect(
            *both, {}, {"weight": Parameter.normal(0.0, 1.0), "delay": Parameter.uniform(0.5, 3.0)}
        )
        simulation.connect(*both, {"rule": "fixed_total_number", "N": 500}, {"weight": -0.5, "delay": 1.5})
        if generator["spiking"]:
            simulation.connect(range(source, source + 1), range(recorder, recorder + 1), {}, {})
        for part in parts:
            simulation.run(part)
        found = simulation.connections(*both, None, None)
        found.select(np.arange(0, len(found), 7)).set("weight", 2.0)
        simulation.create("parrot_neuron", 300)
        simulation.set([source], {"start": 5.0})
        simulation.run(10.0)
        found = simulation.connections(*both, None, None)
        found.select(np.arange(0, len(found), 5)).set("delay", 2.5)
        simulation.run(5.3)
        digest = hashlib.sha256(np.ascontiguousarray(simulation.get(neurons, ["V_m"])[0]).tobytes())
        events = simulation.get([recorder], ["events"])[0][0]
        digest.update(np.asarray(events["times"], float).tobytes())
        assert len(np.unique(simulation.get(neurons, ["V_m"])[0])) > 100
        voltages.add(digest.hexdigest())
    assert len(voltages) == 1
