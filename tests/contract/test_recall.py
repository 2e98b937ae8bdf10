"""Synapses that ask for what their targets remember: the same weights to the bit, however they are run."""

from __future__ import annotations

import numpy as np
import pytest

from nest_lab._kernel import Simulation, models

N, END = 30, 60.0


ASKING = [pytest.param(m, id=m["name"]) for m in models() if m["element_type"] == "synapse" and m["asks_for"]]


def network(synapse, threads=1, extrema=None):
    """Sources of random spikes, and neurons that also learn from each other; most synapses differ."""
    target = next(m for m in models() if m["recalls"] == synapse["asks_for"] and m["spiking"])
    s = Simulation(threads=threads, seed=5)
    neurons = range(1, s.create(target["name"], N) + N)
    relays = range(N + 1, N + 1 + 20)
    s.create("parrot_neuron", 20)
    if extrema:
        s.set_delay_extrema(*extrema)
    port = {"receptor_type": target["spike_receptor"]}
    noise = s.create("poisson_generator", 1, {"rate": 30.0})
    s.connect([noise], relays, {}, {"delay": 1.5})
    drive = s.create("poisson_generator", 1, {"rate": 2000.0})
    s.connect([drive], neurons, {}, {"weight": 20.0, "delay": 1.5} | port)
    rng = np.random.default_rng(2)
    for sources in (relays, neurons):
        shape = (N, 5)
        spec = {
            "synapse_model": synapse["name"],
            "weight": rng.uniform(0.5, 3, shape),
            "delay": np.round(rng.integers(15, 60, shape) * 0.1, 1),
        }
        s.connect(sources, neurons, {"rule": "fixed_indegree", "indegree": 5}, spec | port)
        spec |= {"weight": 1.0, "delay": 2.0}
        s.connect(sources, neurons, {"rule": "fixed_indegree", "indegree": 3}, spec | port)
    recorder = s.create("spike_recorder", 1)
    s.connect(neurons, [recorder], {}, {"delay": 1.5})
    return s, neurons, recorder


def outcome(s, recorder, name):
    connections = s.connections(None, None, name, None)
    events = s.get([recorder], ["events"])[0][0]
    order = np.lexsort((events["senders"], events["times"]))
    keep = np.asarray(events["times"])[order] < END - 7
    columns = (connections.source(), connections.target(), connections.delay(), connections.weight())
    table = np.array(columns)
    values = [np.asarray(connections.get(p["name"])) for p in synapse_members(name)]
    order_of = np.lexsort(table)
    return [table[:, order_of], *(v[order_of] for v in values), np.asarray(events["times"])[order][keep]]


def synapse_members(name):
    model = next(m for m in models() if m["name"] == name)
    known = {"weight", "delay", "receptor_type"}
    return [p for p in model["params"] if p["name"] not in known and p["type"] == "float"]


def equal(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.fixture(scope="module")
def expected():
    known = {}

    def of(synapse):
        if synapse["name"] not in known:
            s, _, recorder = network(synapse)
            before = s.connections(None, None, synapse["name"], None).weight().copy()
            s.run(END)
            known[synapse["name"]] = outcome(s, recorder, synapse["name"])
            after = s.connections(None, None, synapse["name"], None).weight()
            assert (before != after).mean() > 0.5, "hardly anything has been learnt"
        return known[synapse["name"]]

    return of


@pytest.mark.parametrize("asking", ASKING)
@pytest.mark.parametrize("threads", [2, 3])
def test_threads(asking, threads, expected):
    s, _, recorder = network(asking, threads)
    s.run(END)
    assert equal(outcome(s, recorder, asking["name"]), expected(asking))


@pytest.mark.parametrize("asking", ASKING)
@pytest.mark.parametrize("parts", [[10.0] * 6, [0.1, 0.2, 0.7, 1.5, 20.0, 37.5], [0.3] * 200])
def test_pieces(asking, parts, expected):
    """However a run is cut, and when connections that are made on the way change the layout."""
    s, _, recorder = network(asking, 2)
    for k, part in enumerate(parts):
        s.run(part)
        if k == 2:  # a connection that carries nothing, so that the layout is made anew
            extra = s.create("parrot_neuron", 1)
            s.connect([extra], range(extra, extra + 1), {}, {"delay": 5.0})
    assert equal(outcome(s, recorder, asking["name"]), expected(asking))


@pytest.mark.parametrize("asking", ASKING)
def test_slices(asking, expected):
    """How long a slice is decides when weights are brought up to date, not what neurons do."""
    s, _, recorder = network(asking, 2, extrema=(0.1, 20.0))
    s.run(END)
    assert np.array_equal(outcome(s, recorder, asking["name"])[-1], expected(asking)[-1])
