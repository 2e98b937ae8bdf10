"""Whole sessions in random order: nodes made, connected, changed, run and read again and again.

Neurons are connected to each other before the first run only: in the reference, spikes under way at a
later Connect go through the wrong synapses. (That they do not here is in the contract tests.)
"""

from __future__ import annotations

import numpy as np

from nest_lab.testing import samples, spikes

from . import grid, iaf_psc_alpha, iaf_psc_delta, iaf_psc_exp, scenario, train
from ._connections import table
from ._generators import window
from ._neurons import prefixed

NEURONS = {file.MODEL: file.draw for file in (iaf_psc_alpha, iaf_psc_delta, iaf_psc_exp)}


class Session:
    """The state of a random session; each method is one thing a user may do next."""

    def __init__(self, nest, rng, h):
        self.nest, self.rng, self.h = nest, rng, h
        self.neurons, self.meters = [], []
        self.recorder = nest.Create("spike_recorder")
        self.shortest, self.longest = grid(rng.uniform(h, 2), h), grid(rng.uniform(4, 9), h)
        # The extreme delays cannot change once time has passed, so they are there from the start.
        relay = nest.Create("parrot_neuron", 2)
        nest.Connect(relay[0], relay[1], syn_spec={"delay": self.shortest})
        nest.Connect(relay[1], relay[1], {"rule": "one_to_one"}, {"delay": self.longest, "weight": 0.0})
        nest.Connect(relay, self.recorder, syn_spec={"delay": self.shortest})
        self.parrots = [relay[0]]
        self.trains = ["spike_generator", "spike_train_injector"]
        self.make_neurons()
        self.make_neurons()

    def pick(self, items):
        return items[self.rng.integers(len(items))]

    def delay(self, n=None):
        return grid(self.rng.uniform(self.shortest, self.longest, n), self.h)

    def some(self, nodes):
        """A slice of a collection."""
        step = int(self.rng.integers(1, 3))
        return nodes[int(self.rng.integers(len(nodes))) :: step]

    def make_neurons(self):
        model = self.pick(list(NEURONS))
        n = int(self.rng.integers(1, 6))
        made = self.nest.Create(model, n, params=[NEURONS[model](self.rng, self.h) for _ in range(n)])
        self.nest.Connect(made, self.recorder, syn_spec={"delay": self.delay()})
        self.neurons.append(made)

    def make_parrots(self):
        parrot = self.nest.Create("parrot_neuron")
        self.nest.Connect(parrot, self.recorder, syn_spec={"delay": self.shortest})
        self.parrots.append(parrot)

    def connect(self):
        sources = self.some(self.pick([*self.neurons, *self.parrots]))
        targets = self.some(self.pick(self.neurons))
        shape = (len(targets), len(sources))
        syn_spec = {"weight": self.rng.normal(0, 100, shape), "delay": np.reshape(self.delay(shape), shape)}
        syn_spec["synapse_model"] = self.pick(["static_synapse", "static_synapse_hpc", "static_synapse_lbl"])
        conn_spec = {"rule": "all_to_all", "allow_autapses": bool(self.rng.integers(2))}
        self.nest.Connect(sources, targets, conn_spec, syn_spec)

    def stimulate(self):
        """A generator that is on from about now, or from later on."""
        now = self.nest.biological_time
        times = sorted(set(grid(now + np.array(train(self.rng, self.h, 40, 15)), self.h)))
        current = {"amplitude": self.rng.uniform(-300, 500)} | window(self.rng, self.h, 60)
        values = self.rng.uniform(-200, 400, len(times)).tolist()
        model, params = self.pick(
            [
                (self.pick(self.trains), {"spike_times": times}),
                ("dc_generator", current),
                ("ac_generator", current | {"frequency": self.rng.uniform(5, 200), "offset": 50.0}),
                ("step_current_generator", {"amplitude_times": times, "amplitude_values": values}),
            ]
        )
        generator = self.nest.Create(model, params=params)
        weight = self.rng.uniform(-50, 150) if "spike" in model else 1.0
        self.nest.Connect(
            generator, self.pick(self.neurons), syn_spec={"weight": weight, "delay": self.delay()}
        )
        if "spike" in model:
            self.nest.Connect(generator, self.pick(self.parrots), syn_spec={"delay": self.delay()})

    def measure(self):
        nodes = self.pick(self.neurons)
        names = list(nodes[0].get("recordables"))
        params = {"record_from": names, "interval": grid(self.rng.uniform(self.h, 2), self.h)}
        meter = self.nest.Create("multimeter", params=params | window(self.rng, self.h, 40))
        self.nest.Connect(meter, self.some(nodes), syn_spec={"delay": self.delay()})
        self.meters.append(meter)

    def change(self):
        nodes = self.pick(self.neurons)
        draw = NEURONS[nodes[0].get("model")]
        part = self.some(nodes)
        part.set([draw(self.rng, self.h) for _ in range(len(part))])

    def run(self):
        self.nest.Simulate(grid(self.rng.uniform(self.h, 15), self.h))

    def run_in_parts(self):
        with self.nest.RunManager():
            for length in grid(self.rng.uniform(self.h, 5, 3), self.h):
                self.nest.Run(length)


@scenario(cases=60)
def anything_in_any_order(nest, rng, h):
    session = Session(nest, rng, h)
    result = {}
    always = [session.make_neurons, session.make_parrots, session.measure] + 3 * [session.stimulate]
    for _ in range(15):
        session.pick(always + 4 * [session.connect])()
    session.trains.remove("spike_train_injector")
    for _ in range(25):
        session.pick([*always, session.change, session.run_in_parts] + 4 * [session.run])()
    session.run()
    for i, meter in enumerate(session.meters):
        result |= prefixed(f"meter{i}", samples(meter))
    for i, nodes in enumerate(session.neurons):
        result |= {f"V_m.{i}": np.asarray(nodes.get("V_m")), f"t_spike.{i}": np.asarray(nodes.get("t_spike"))}
    return result | prefixed("spike", spikes(session.recorder)) | prefixed("connections", table(nest))
