"""Every plastic synapse: no bit depends on threads and slices, and what is set is what is there."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from nest_lab._kernel import KernelError, Simulation, models

from .conftest import SCALE, accepts, third_factor

N, HALF, END = 1800, 900, 40.0  # nodes enough for three threads


def neuron():
    """The plainest model with a membrane that spikes by what it receives and draws no random numbers."""
    fitting = (
        m
        for m in models()
        if m["spiking"] and not m["stochastic"] and not m["precise"] and m["element_type"] == "neuron"
        if {"V_m", "I_e"} <= {p["name"] for p in m["params"]} and accepts(m["name"], "noise_generator")
    )
    return min(fitting, key=lambda m: len(m["params"]))


@pytest.fixture(autouse=True)
def at_any_neuron(plastic):
    """Synapses that ask their neurons for more have networks of their own, beside the reference."""
    if plastic["learns"] or plastic["asks_for"]:
        pytest.skip("ends at neurons of a kind of its own")


def members(synapse):
    """Parameters and state of a connection of its own, without those that all synapses have."""
    general = {"weight", "delay", "receptor_type", "synapse_label"}
    return [p for p in synapse["params"] if p["name"] not in general and not p["shared"]]


def network(synapse, threads=1, extrema=None):
    """Neurons in a loop of plastic synapses with weights and delays of their own; all is recorded."""
    s = Simulation(seed=5, threads=threads)
    rng = np.random.default_rng(9)
    model = neuron()
    s.create(model["name"], N)
    unit = SCALE[model["weight_unit"]]
    if extrema:
        s.set_delay_extrema(*extrema)
    noise = s.create("poisson_generator", 1, {"rate": 1000.0})
    s.connect([noise], range(1, N + 1), {}, {"weight": 60.0 * unit, "delay": 1.5})
    if (device := third_factor(s, synapse)) is not None:
        s.connect(range(1, 4), [device], {}, {"delay": 2.0})
    recorder = s.create("weight_recorder", 1)
    s.copy_model(synapse["name"], "recorded", {"weight_recorder": [recorder]})
    spec = {"synapse_model": "recorded", "weight": rng.uniform(0.5, 50, (N, 12)) * unit}
    spec["delay"] = np.round(rng.integers(3, 30, (N, 12)) * 0.5, 6)
    s.connect(range(1, HALF + 1), range(1, N + 1), {"rule": "fixed_indegree", "indegree": 12}, spec)
    plain = {"synapse_model": synapse["name"], "weight": 5.0 * unit, "delay": 1.5}
    s.connect(range(HALF + 1, N + 1), range(1, N + 1), {"rule": "fixed_outdegree", "outdegree": 7}, plain)
    s.connect(range(1, 200), range(2, 201), {"rule": "one_to_one"}, plain)
    return s, recorder


def state(s, recorder):
    """A hash of all values of all connections and of all that was recorded."""
    digest = hashlib.sha256()
    connections = s.connections(None, None, None, None)
    # Two of one pair and model are as good as each other: all columns tell the order.
    names = [n for n in connections.names() if n not in ("synapse_model", "port", "target_thread", "sizeof")]
    columns = [np.asarray(connections.get(n), float) for n in names]
    order = np.lexsort(columns)
    for column in columns:
        digest.update(column[order].tobytes())
    events = s.get([recorder], ["events"])[0][0]
    for name in sorted(events):
        if name != "ports":
            digest.update(np.ascontiguousarray(events[name]).tobytes())
    return s.spike_count, len(events["times"]), digest.hexdigest()


@pytest.fixture(scope="module")
def expected():
    known = {}

    def of(synapse):
        if synapse["name"] not in known:
            s, recorder = network(synapse)
            s.run(END)
            known[synapse["name"]] = state(s, recorder)
        return known[synapse["name"]]

    return of


def test_there_is_something_to_compare(plastic, expected):
    spikes, events, _ = expected(plastic)
    assert spikes > 1000
    assert events > 1000


@pytest.mark.parametrize("threads", [2, 3])
def test_threads(plastic, expected, threads):
    s, recorder = network(plastic, threads)
    s.run(END)
    assert state(s, recorder) == expected(plastic)


def test_partition_of_the_run(plastic, expected):
    s, recorder = network(plastic, 2)
    for part in (0.1, 0.7, 1.2, 13.3, 4.7, 20.0):
        s.run(part)
    assert state(s, recorder) == expected(plastic)


def time_constants(synapse):
    return [p for p in synapse["params"] if p["shared"] and p["type"] == "float" and p["unit"] == "ms"]


def test_time_constants_that_change(plastic):
    """No bit depends on threads; and what changes back before time goes on has not changed."""
    if not time_constants(plastic):
        pytest.skip("its connections share no time constant")
    other = {p["name"]: 0.3 * p["default"] for p in time_constants(plastic)}
    back = {p["name"]: p["default"] for p in time_constants(plastic)}

    def run(threads, changes, part=7.3):
        s, recorder = network(plastic, threads, (0.5, 40.0))
        for change in changes:
            s.run(part)  # in the middle of a slice
            for model in ("recorded", plastic["name"]):
                for values in change:
                    s.set_defaults(model, values)
        s.run(part)
        return s, recorder

    changes = [[other], [back], [], [other]]
    changed, first = run(1, changes), run(1, [[], [], [], []])
    assert state(*changed) == state(*run(3, changes))
    assert state(*changed) != state(*first)
    # Decays in two parts are rounded twice.
    weights = [
        each[0].connections(None, None, None, None).weight() for each in (first, run(2, [[other, back]] * 4))
    ]
    np.testing.assert_allclose(weights[1], weights[0], rtol=1e-9)


@pytest.mark.parametrize("min_delay", [0.2, 0.5])
def test_slice_length(plastic, min_delay):
    """Spikes and what was delivered; weights are those of the last whole slice, which is another one."""
    # A third factor comes in shortest delays, and weights on the way are rounded: by 3e-14 in the first 10
    # ms, before this network makes other spikes of it.
    end = 10.0 if plastic["modulator"] else END
    results = []
    for extrema in (None, (min_delay, 40.0)):
        s, recorder = network(plastic, 2, extrema)
        s.run(end)
        events = s.get([recorder], ["events"])[0][0]
        seen = np.asarray(events["times"]) <= end - 2.0
        results.append(
            [s.spike_count, *(np.asarray(events[n])[seen] for n in sorted(events) if n != "ports")]
        )
    for a, b in zip(*results, strict=True):
        assert np.array_equal(a, b) or (plastic["modulator"] and np.allclose(a, b, rtol=1e-9, atol=0))


def test_values_round_trip(plastic):
    """What Connect and set were given comes back: one number, a number for each, an expression."""
    rng = np.random.default_rng(1)
    for p in members(plastic):
        low, high = (
            p["lower"] if p["lower"] is not None else 0.0,
            p["upper"] if p["upper"] is not None else 50.0,
        )
        draw = (
            rng.integers(1, 9, (3, 3))
            if p["type"] == "int"
            else rng.uniform(low, min(high, low + 20.0), (3, 3))
        )
        if p["name"] not in ("x", "y"):  # which have to go together
            draw = draw if p["type"] == "int" else draw + 1e-3 * (high > 1)
        elif p["name"] == "y":
            draw = 0.0 * draw
        else:
            draw = draw / 50.0
        s = Simulation(threads=1)
        s.create("parrot_neuron", 3)
        third_factor(s, plastic)
        spec = {"synapse_model": plastic["name"], "delay": 1.0}
        s.connect(range(1, 4), range(1, 4), {"rule": "all_to_all"}, spec | {p["name"]: draw.astype(float)})
        c = s.connections(None, None, None, None)
        got = np.asarray(c.get(p["name"]))
        assert np.array_equal(got, draw[c.target() - 1, c.source() - 1]), p["name"]
        c.set(p["name"], float(draw[0, 0]))
        assert set(np.asarray(c.get(p["name"])).tolist()) == {draw[0, 0].item()}
        c.set(p["name"], draw.ravel().astype(float))
        assert np.array_equal(c.get(p["name"]), draw.ravel())


def test_bounds_are_refused(plastic):
    """By Connect and by set, before anything changes; also in an array and in an expression."""
    for p in members(plastic):
        bad = [np.nan, np.inf]
        if p["lower"] is not None:
            bad.append(p["lower"] - (1 if p["type"] == "int" else 1e-3))
        if p["upper"] is not None:
            bad.append(p["upper"] + (1 if p["type"] == "int" else 1e-3))
        s = Simulation(threads=1)
        s.create("parrot_neuron", 2)
        third_factor(s, plastic)
        s.connect(range(1, 3), range(1, 3), {}, {"synapse_model": plastic["name"]})
        c = s.connections(None, None, None, None)
        before = np.asarray(c.get(p["name"])).tolist()
        for value in bad:
            for given in (value, np.full((2, 2), value)):
                with pytest.raises(KernelError) as caught:
                    s.connect(
                        range(1, 3), range(1, 3), {}, {"synapse_model": plastic["name"], p["name"]: given}
                    )
                assert caught.value.kind in ("BadValue", "BadType"), p["name"]
                assert caught.value.todo.endswith(".")
            with pytest.raises(KernelError):
                c.set(p["name"], value)
        assert s.num_connections == 4
        assert np.asarray(c.get(p["name"])).tolist() == before


def test_what_all_share_is_set_by_defaults(plastic):
    shared = [p["name"] for p in plastic["params"] if p["shared"] and p["type"] == "float"]
    s = Simulation(threads=1)
    s.create("parrot_neuron", 2)
    third_factor(s, plastic)
    s.connect(range(1, 3), range(1, 3), {}, {"synapse_model": plastic["name"]})
    c = s.connections(None, None, None, None)
    for name in shared:
        assert name not in c.names()
        with pytest.raises(KernelError, match="for all its connections"):
            s.connect(range(1, 3), range(1, 3), {}, {"synapse_model": plastic["name"], name: 1.0})
        with pytest.raises(KernelError, match="for all its connections"):
            c.set(name, 1.0)


def test_devices_are_refused(plastic):
    """A device has no spikes that a plastic synapse could carry; nothing is connected."""
    for source in [m for m in models() if m["element_type"] in ("stimulator", "recorder")]:
        s = Simulation(threads=1)
        device, node = s.create(source["name"], 1), s.create("parrot_neuron", 1)
        third_factor(s, plastic)
        with pytest.raises(KernelError) as caught:
            s.connect([device], [node], {}, {"synapse_model": plastic["name"]})
        assert caught.value.kind == "IllegalConnection"
        assert all((caught.value.what, caught.value.value, caught.value.allowed, caught.value.todo))
        assert s.num_connections == 0


def test_nodes_made_later_change_nothing(plastic, expected):
    """Rows, memories of the targets and what was sent ahead move to another layout of the threads."""
    counts = []
    for later in (False, True):
        s, recorder = network(plastic, 2)
        s.run(20.3)
        if later:
            s.create(neuron()["name"], 700)
        s.run(END - 20.3)
        events = s.get([recorder], ["events"])[0][0]
        weights = np.sort(np.asarray(s.connections(None, None, "recorded", None).weight()))
        counts.append((s.spike_count, weights, np.asarray(events["times"])))
    assert counts[0][0] == counts[1][0]
    np.testing.assert_allclose(counts[0][1], counts[1][1], rtol=1e-9)
    assert np.array_equal(counts[0][2], counts[1][2])
