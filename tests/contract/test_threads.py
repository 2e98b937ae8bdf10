"""Networks large enough for three threads: threads, cuts of a run and slices change no bit of any model.

A small network runs on one thread whatever it may use, so these ask each time how many there were. Models
coupled by continuous signals: test_signals.py; connections that grow: tests/reference/test_structure.py.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pytest

from nest_lab._kernel import KernelError, Simulation, models

from .conftest import third_factor

N = 1_300
CUTS = [0.1, 0.2, 0.7, 1.5]


@pytest.fixture(scope="module")
def expected():
    """What a network gives on one thread in one run."""
    known = {}

    def result(key, run):
        if key not in known:
            known[key] = run(threads=1)
        return known[key]

    return result


@pytest.mark.parametrize("threads", [2, 3])
def test_neurons(neuron, network, takes, expected, threads):
    """Spikes of all and everything that some offer; two threads in short slices, three in a run with cuts."""
    # A node that stands for a population takes as long as some hundred others.
    end = 2.5 if neuron["population"] else 12.0

    def run(threads):
        one = network(neuron, n=N, threads=threads, extrema=(0.1, 40.0) if threads == 2 else None)
        sources = ("poisson_generator", "noise_generator")
        if neuron["spiking"] and not any(takes(neuron["name"], source) for source in sources):
            relay(one)
        cuts = CUTS if threads == 3 else []
        for part in (*cuts, end - sum(cuts)):
            one.run(part)
        assert one.threads_used() == threads
        return one.fingerprint(end - 1.5)

    spikes, values, _ = plain = expected(neuron["name"], run)
    assert spikes + values > 1000
    assert run(threads) == plain


def relay(network):
    """What takes no input is not cut in parts for threads; those that listen to it are."""
    s = network.simulation
    relays = range(first := s.create("parrot_neuron", N), first + N)
    s.connect(network.neurons, relays, {"rule": "one_to_one"}, {"delay": 1.5})
    s.connect(relays, [network.recorder], {}, {"delay": 1.5})
    network.neurons = relays


@cache
def fitting(name):
    """The plainest model with a membrane that a synapse model for spikes connects to itself."""
    synapse = next(m for m in models() if m["name"] == name)
    known = [m for m in models() if m["element_type"] == "neuron" and m["spiking"] and not m["population"]]
    for m in sorted(known, key=lambda m: (len(m["params"]), m["name"])):
        if not any(r["name"].startswith("V_m") for r in m["recordables"]):
            continue
        simulation = Simulation(threads=1)
        simulation.create(m["name"], 2, m["needs"])
        third_factor(simulation, synapse)
        try:
            # Synapses that learn deliver after one step.
            spec = {"synapse_model": name, "delay": simulation.resolution}
            spec["receptor_type"] = m["spike_receptor"]
            simulation.connect(range(1, 2), range(2, 3), {}, spec)
        except KernelError:
            continue
        return m
    raise AssertionError(f"nothing takes a {name}")


class Synapses:
    """Neurons driven by strong noise, in a loop of synapses of one model, each with its weight and delay."""

    def __init__(self, synapse, threads, extrema=None):
        model, name = fitting(synapse["name"]), synapse["name"]
        self.simulation = s = Simulation(seed=5, threads=threads)
        # Where nothing else teaches, weights follow the rate alone.
        regular = {p["name"]: 10.0 for p in model["params"] if p["name"] == "c_reg"}
        self.neurons = range(1, s.create(model["name"], N, model["needs"] | regular) + N)
        s.eprop_learning_window = s.eprop_update_interval = 10.0
        if extrema:
            s.set_delay_extrema(*extrema)
        noise, self.recorder = s.create("poisson_generator", 1, {"rate": 8e3}), s.create("spike_recorder", 1)
        port = {"receptor_type": model["spike_receptor"]}
        s.connect([noise], self.neurons, {}, {"weight": 300.0, "delay": 1.0} | port)
        if (device := third_factor(s, synapse)) is not None:
            s.connect(range(1, 4), [device], {}, {"delay": 2.0})
        spec = (
            {"synapse_model": name}
            | port
            | ({} if synapse["common_weight"] else {"weight": random((N, 8), 1, 20)})
        )
        spec["delay"] = s.resolution if synapse["learns"] else np.round(random((N, 8), 1, 6), 1)
        s.connect(self.neurons, self.neurons, {"rule": "fixed_indegree", "indegree": 8}, spec)
        s.connect(self.neurons, [self.recorder], {}, {})

    def spikes(self, until):
        events = self.simulation.get([self.recorder], ["events"])[0][0]
        times, senders = (np.asarray(events[name]) for name in ("times", "senders"))
        order = np.lexsort((senders, times))
        order = order[times[order] <= until]
        return len(order), hashlib.sha256(times[order].tobytes() + senders[order].tobytes()).hexdigest()

    def connections(self):
        """All values of all connections; those of a pair are in no order."""
        found = self.simulation.connections(None, None, None, None)
        names = [n for n in found.names() if n not in ("synapse_model", "port", "target_thread", "sizeof")]
        columns = [np.asarray(found.get(name), float) for name in names]
        return np.array(columns)[:, np.lexsort(columns)]


def random(shape, low, high):
    return np.random.default_rng(9).uniform(low, high, shape)


@pytest.mark.parametrize("threads", [2, 3])
def test_synapses(spike_synapse, expected, threads):
    """Spikes and all values of all connections; two threads in one run, three in a run with cuts."""

    def run(threads):
        one = Synapses(spike_synapse, threads)
        cuts = CUTS if threads == 3 else []
        for part in (*cuts, 25.0 - sum(cuts)):
            one.simulation.run(part)
        assert len(set(one.simulation.get(one.neurons, ["thread"])[0])) == threads
        return one.spikes(24.0), one.connections()

    (count, spikes), values = expected(spike_synapse["name"], run)
    assert count > N
    if spike_synapse["plastic"]:
        fresh = Synapses(spike_synapse, 1)
        assert (fresh.connections() != values).any()
    again = run(threads)
    assert again[0] == (count, spikes)
    np.testing.assert_array_equal(again[1], values)


def test_slices_of_synapses(spike_synapse):
    """Spikes do not depend on slices. Values are those of the last slice, which is another one then."""
    # A third factor comes in shortest delays and weights are rounded on the way, which in time moves a spike.
    until = 5.0 if spike_synapse["modulator"] else 22.0
    found = set()
    shortest = 0.1 if spike_synapse["learns"] else 0.5
    for threads, extrema in ((1, None), (2, (0.1, 40.0)), (3, (shortest, 40.0))):
        one = Synapses(spike_synapse, threads, extrema)
        one.simulation.run(25.0)
        found.add(one.spikes(until))
    assert len(found) == 1
