"""Networks that exercise any model of the registry, whatever its name."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pytest

from nest_lab._kernel import KernelError, Simulation, models

SPIKES = {"poisson_generator", "spike_generator"}
# Weights below are in pA or nS; in other units these factors make the drive about as strong.
SCALE = {"": 1.0, "mV": 0.1, "uS": 1e-4}


@cache
def registry() -> dict[str, dict[str, object]]:
    """All models by name; the kernel takes 10 ms to describe them."""
    return {m["name"]: m for m in models()}


def receptor(model: str, generator: str) -> dict[str, int]:
    """The receptor_type at which a model takes what a generator sends."""
    first = registry()[model]["spike_receptor"]
    return {"receptor_type": first} if generator in SPIKES else {}


def needs(model: str) -> dict[str, object]:
    """What has to be set before a node can run."""
    return registry()[model]["needs"]


def accepts(model: str, generator: str, **spec: float) -> bool:
    """Whether nodes of a model take input from a generator, with these synapses."""
    simulation = Simulation(threads=1)
    generator_id = simulation.create(generator, 1)
    node = simulation.create(model, 1, needs(model))
    try:
        simulation.connect(
            range(generator_id, node), range(node, node + 1), {}, receptor(model, generator) | spec
        )
    except KernelError as error:
        assert error.kind == ("BadValue" if spec else "IllegalConnection"), error  # noqa: PT017
        return False
    return True


# What switches a generator on, whatever its model.
ON = {
    "rate": 1e6,
    "amplitude": 100.0,
    "offset": 100.0,
    "mean": 100.0,
    "amplitude_values": [100.0],
    "amplitude_times": [0.1],
    "rate_values": [1e6],
    "rate_times": [0.1],
    "activity": 1000,
}
ON["spike_times"] = ON["pulse_times"] = np.round(np.arange(0.1, 30.0, 0.1), 1)


def switched_on(simulation, generator):
    """A node of a generator that is on from the first step; one that passes spikes on is given some."""
    params = {name: value for name, value in ON.items() if name in {p["name"] for p in generator["params"]}}
    try:
        node = simulation.create(generator["name"], 1, params)
    except KernelError as error:
        # Some can go no faster than one spike per step and component.
        assert error.kind == "BadValue"  # noqa: PT017
        node = simulation.create(generator["name"], 1, params | {"rate": 1e4})
    if generator["inputs"]:
        source = simulation.create("poisson_generator", 1, {"rate": 1e6})
        simulation.connect(range(source, source + 1), range(node, node + 1), {}, {"delay": 0.1})
    return node


def third_factor(simulation, synapse):
    """Make the device that a synapse model needs to be connected, if any."""
    if not synapse["modulator"]:
        return None
    device = simulation.create(next(m["name"] for m in models() if m["modulates"]), 1)
    simulation.set_defaults(synapse["name"], {synapse["modulator"]: [device]})
    return device


class Network:
    """Neurons of one model with random synapses, Poisson and constant drive, and recorders of all there is.

    The parts are made in a fixed order, so that two networks that should agree draw the same random numbers.
    """

    def __init__(self, model, n=40, threads=1, seed=1, one_by_one=False, resolution=0.1, extrema=None):
        self.simulation = s = Simulation(resolution=resolution, seed=seed, threads=threads)
        if one_by_one:
            first = [s.create(model["name"], 1, model["needs"]) for _ in range(n)]
            assert first == list(range(1, n + 1))
        else:
            assert s.create(model["name"], n, model["needs"]) == 1
        self.neurons = range(1, n + 1)
        if extrema:
            s.set_delay_extrema(*extrema)
        self._parameters(model)
        self._drive(model)
        self._connect(model)
        self._record(model)

    def _parameters(self, model):
        rng = np.random.default_rng(7)
        if any(p["name"] == "spike_times" for p in model["params"]):
            self.simulation.set(self.neurons, {"spike_times": ON["spike_times"]})
        if any(p["name"] == "V_m" and p["type"] == "float" for p in model["params"]):
            default = self.simulation.get_defaults(model["name"])["V_m"]
            self.simulation.set(self.neurons, {"V_m": default + rng.uniform(0, 3, len(self.neurons))})

    def _drive(self, model):
        s = self.simulation
        self.sources = []
        for generator, params, weight in (
            ("poisson_generator", {"rate": 2_000.0}, 40.0),
            ("noise_generator", {"mean": 400.0, "std": 200.0, "dt": 0.5}, 1.0),
        ):
            source = s.create(generator, 1, params)
            if accepts(model["name"], generator):
                spec = {"weight": weight * SCALE[model["weight_unit"]], "delay": 1.5}
                spec |= receptor(model["name"], generator)
                s.connect(range(source, source + 1), self.neurons, {}, spec)
                self.sources.append(source)

    def _connect(self, model):
        if not accepts(model["name"], "spike_generator") or not model["spiking"]:
            return
        s, n = self.simulation, len(self.neurons)
        rng = np.random.default_rng(8)
        delays = np.round(rng.integers(3, 60, (n, 10)) * 0.5, 6)
        weights = rng.normal(0, 60, (n, 10)) * SCALE[model["weight_unit"]]
        synapses = {"weight": weights, "delay": delays}
        synapses |= receptor(model["name"], "spike_generator")
        if not accepts(model["name"], "spike_generator", weight=-1.0):
            synapses["weight"] = 0.1 * np.abs(synapses["weight"])  # without inhibition they must be weak
        if accepts(model["name"], "noise_generator"):
            s.connect(self.neurons, self.neurons, {"rule": "fixed_indegree", "indegree": 10}, synapses)
        else:
            # A relay repeats what it gets, for ever in a loop; so the first half feeds the second.
            half = n // 2
            synapses = {name: v[:half] if np.ndim(v) else v for name, v in synapses.items()}
            spec = {"rule": "fixed_indegree", "indegree": 10}
            s.connect(self.neurons[:half], self.neurons[half:], spec, synapses)

    def _record(self, model):
        s = self.simulation
        self.recorder = s.create("spike_recorder", 1)
        if model["spiking"]:
            s.connect(self.neurons, range(self.recorder, self.recorder + 1), {}, {"delay": 1.5})
        self.meter = None
        if model["recordables"] or model["numbered"]:
            names = list(s.get([1], ["recordables"])[0][0])
            self.meter = s.create("multimeter", 1, {"record_from": names, "interval": s.resolution})
            # Of a large network one in some: samples of all would take longer than the run.
            some = self.neurons[:: max(1, len(self.neurons) // 40)]
            s.connect(range(self.meter, self.meter + 1), some, {}, {"delay": 1.5})

    def run(self, ms):
        return self.simulation.run(ms)

    def threads_used(self):
        """How many threads the neurons are on: a small network is on one, whatever it may use."""
        return len(set(self.simulation.get(self.neurons, ["thread"])[0]))

    def spikes(self):
        """Times and senders, sorted."""
        events = self.simulation.get([self.recorder], ["events"])[0][0]
        order = np.lexsort((events["senders"], events["times"]))
        return np.asarray(events["times"])[order], np.asarray(events["senders"])[order]

    def traces(self, until):
        """What was recorded up to a time, sorted by sender and time."""
        if self.meter is None:
            return {}
        events = self.simulation.get([self.meter], ["events"])[0][0]
        order = np.lexsort((events["times"], events["senders"]))
        order = order[np.asarray(events["times"])[order] <= until + 1e-6]
        return {name: np.asarray(values)[order] for name, values in sorted(events.items())}

    def fingerprint(self, until):
        """A hash of every spike and every sample to the last bit, and the number of spikes."""
        spikes, traces = self.spikes(), self.traces(until)
        digest = hashlib.sha256()
        for values in (*spikes, *traces.values()):
            digest.update(np.ascontiguousarray(values).tobytes())
        return len(spikes[0]), sum(map(len, traces.values())), digest.hexdigest()


def pytest_generate_tests(metafunc):
    """Fill `model`, `neuron`, `spiking`, `recordable` … with the models that have the capability."""
    everything = models()
    sets = {
        "model": everything,
        "node": [m for m in everything if m["element_type"] != "synapse"],
        "neuron": [m for m in everything if m["element_type"] == "neuron"],
        "spiking": [m for m in everything if m["element_type"] == "neuron" and m["spiking"]],
        "recordable": [m for m in everything if m["recordables"]],
        "numbered": [m for m in everything if m["numbered"]],
        "generator": [m for m in everything if m["element_type"] == "stimulator"],
        "synapse": [m for m in everything if m["element_type"] == "synapse"],
        "plastic": [m for m in everything if m["plastic"] and not m["variant_of"]],
        "variant": [m for m in everything if m["plastic"] and m["variant_of"]],
        "spike_synapse": [m for m in everything if m["element_type"] == "synapse" and not m["carries"]],
        "coupling": [m for m in everything if m["carries"]],
        "coupled": [m for m in everything if m["element_type"] == "neuron" and (m["emits"] or m["takes"])],
        "driven": [
            m
            for m in everything
            if m["element_type"] == "neuron"
            and m["spiking"]
            and any(accepts(m["name"], drive) for drive in ("poisson_generator", "noise_generator"))
        ],
    }
    for name, chosen in sets.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, [pytest.param(m, id=m["name"]) for m in chosen])


@pytest.fixture
def network():
    return Network


@pytest.fixture
def turn_on():
    return switched_on


@pytest.fixture
def takes():
    return accepts
