"""What a model offers to record is recorded, with the values that the node shows."""

from __future__ import annotations

import numpy as np
import pytest

from nest_lab._kernel import KernelError, Simulation


def test_recordables_are_recorded(recordable):
    """Each alone and all together; a sample for each step; finite; as the node itself says afterwards."""
    names = [r["name"] for r in recordable["recordables"]]
    simulation = Simulation(threads=1)
    node = simulation.create(recordable["name"], 1)
    first = node + 1
    for record_from in ([name] for name in names):
        simulation.create("multimeter", 1, {"record_from": record_from, "interval": 0.1})
    simulation.create("multimeter", 1, {"record_from": names, "interval": 0.1})
    meters = range(first, first + len(names) + 1)
    simulation.connect(meters, range(node, node + 1), {}, {"delay": 0.1})
    simulation.run(5.0)
    shown = {
        name: simulation.get([node], [name])[0][0]
        for name in names
        if name in _readable(simulation, recordable)
    }
    simulation.run(1.0)
    together = simulation.get([meters[-1]], ["events"])[0][0]
    assert set(together) == {"times", "senders", *names}
    np.testing.assert_allclose(together["times"], np.arange(1, 60) * 0.1, rtol=1e-12)
    assert (np.asarray(together["senders"]) == node).all()
    for meter, name in zip(meters, names, strict=False):
        alone = simulation.get([meter], ["events"])[0][0]
        assert np.isfinite(alone[name]).all()
        assert np.array_equal(alone[name], together[name])
        if name in shown:
            assert together[name][49] == shown[name]


def _readable(simulation, model):
    return set(simulation.get_all_names(model["name"]))


def test_nodes_list_their_recordables(recordable):
    simulation = Simulation(threads=1)
    node = simulation.create(recordable["name"], 1)
    listed = simulation.get([node], ["recordables"])[0][0]
    assert sorted(listed) == sorted(r["name"] for r in recordable["recordables"])


def test_recordables_of_parts_carry_numbers(numbered):
    """A node lists what its own parts offer, all of it can be recorded, and a new node has no parts yet."""
    simulation = Simulation(threads=1)
    bare = simulation.create(numbered["name"], 1)
    node = simulation.create(numbered["name"], 1, numbered["needs"])
    stems = {r["name"] for r in numbered["numbered"]}
    (none,), (names,) = (simulation.get([each], ["recordables"])[0] for each in (bare, node))
    assert len(none) == 0
    assert names
    assert {name.rstrip("0123456789") for name in names} <= stems
    assert not stems & set(names)
    simulation.set([bare], numbered["needs"])
    meter = simulation.create("multimeter", 1, {"record_from": list(names), "interval": 0.1})
    simulation.connect(range(meter, meter + 1), range(node, node + 1), {}, {"delay": 0.1})
    simulation.run(5.0)
    events = simulation.get([meter], ["events"])[0][0]
    assert all(np.isfinite(events[name]).all() for name in names)


def test_unknown_recordable_is_refused(recordable):
    """Refused when it is connected, with the names that there are; nothing is connected."""
    simulation = Simulation(threads=1)
    node = simulation.create(recordable["name"], 1)
    meter = simulation.create("multimeter", 1, {"record_from": ["V_x"]})
    with pytest.raises(KernelError) as caught:
        simulation.connect(range(meter, meter + 1), range(node, node + 1), {}, {})
    assert caught.value.wrong == "V_x"
    assert set(caught.value.candidates) == {r["name"] for r in recordable["recordables"]}
    assert simulation.num_connections == 0


def test_refractoriness_holds(spiking, takes):
    """Whatever the drive, two spikes of a neuron are further apart than its refractory time."""
    if "t_ref" not in {p["name"] for p in spiking["params"]} or not takes(spiking["name"], "dc_generator"):
        pytest.skip("no refractory time, or no current input")
    if spiking["population"]:
        pytest.skip("a node of many neurons: each has its refractory time, the node has none")
    lower = next(p for p in spiking["params"] if p["name"] == "t_ref")
    # On the grid a spike needs a step more than the refractory time, between grid points none.
    least = -1e-9 if spiking["precise"] else 0.1 - 1e-9
    for t_ref in (0.0, 0.25, 1.0, 3.7):
        if t_ref == 0 and lower["lower_open"]:
            continue
        simulation = Simulation(threads=1)
        neurons = range(1, simulation.create(spiking["name"], 5, {"t_ref": t_ref}) + 5)
        current = simulation.create("dc_generator", 1, {"amplitude": 1e5})
        noise = simulation.create("poisson_generator", 1, {"rate": 1e5})
        recorder = simulation.create("spike_recorder", 1)
        simulation.connect(range(current, current + 1), neurons, {}, {})
        spec = {"weight": 1e4, "receptor_type": spiking["spike_receptor"]}
        simulation.connect(range(noise, noise + 1), neurons, {}, spec)
        simulation.connect(neurons, range(recorder, recorder + 1), {}, {})
        simulation.run(200.0)
        events = simulation.get([recorder], ["events"])[0][0]
        for neuron in neurons:
            times = np.asarray(events["times"])[np.asarray(events["senders"]) == neuron]
            assert len(times) > 20
            assert np.diff(times).min() > t_ref + least
