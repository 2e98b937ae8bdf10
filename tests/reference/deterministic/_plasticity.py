"""What every plastic synapse is put through; the files of the models give the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nest_lab.testing import samples, spikes

from . import grid, train
from ._neurons import prefixed

Draw = Callable[[np.random.Generator], dict[str, float]]

POST = ["tau_minus", "tau_minus_triplet", "archiver_length", "post_trace"]


def relays(
    nest: Any, rng: np.random.Generator, h: float, n: int, until: float, quiet: tuple[float, float] = (0, 0)
) -> Any:
    """Parrots with a random train each, which may have a pause."""
    parrots = nest.Create("parrot_neuron", n)
    for parrot in parrots:
        times = [t for t in train(rng, h, until, 25) if not quiet[0] < t < quiet[1]]
        generator = nest.Create("spike_generator", params={"spike_times": times})
        nest.Connect(generator, parrot, syn_spec={"delay": grid(1.0, h)})
    return parrots


def values(connections: Any, keys: list[str]) -> dict[str, Any]:
    """Values of connections sorted by source, target and delay."""
    told = {key: np.atleast_1d(connections.get(key)) for key in ("source", "target", "delay", *keys)}
    order = np.lexsort((told["delay"], told["target"], told["source"]))
    return {key: column[order] for key, column in told.items()}


def pairs(
    nest: Any,
    rng: np.random.Generator,
    h: float,
    model: str,
    keys: list[str],
    draw: Draw,
    common: dict[str, float] | None = None,
    change: Callable[[], dict[str, float]] = dict,
) -> dict[str, Any]:
    """Sources and targets with random trains, all pairs connected, each synapse with values of its own.

    What `change` gives is set between runs, for all connections.
    """
    until, n_sources, n_targets = 200.0, 4, 3
    nest.CopyModel(model, "mine", common or {})
    sources, targets = relays(nest, rng, h, n_sources, until), relays(nest, rng, h, n_targets, until)
    for target in targets:
        target.set(tau_minus=rng.uniform(5, 50), tau_minus_triplet=rng.uniform(50, 150))
    drawn = [draw(rng) for _ in range(n_sources * n_targets)]
    syn_spec: dict[str, Any] = {"synapse_model": "mine", "receptor_type": 1}
    for key in drawn[0]:
        syn_spec[key] = np.reshape([each[key] for each in drawn], (n_targets, n_sources))
    syn_spec["delay"] = np.reshape(grid(rng.uniform(h, 6, len(drawn)), h), (n_targets, n_sources))
    nest.Connect(sources, targets, "all_to_all", syn_spec)
    # and some that agree in everything
    plain = {key: drawn[0][key] for key in drawn[0]} | {"delay": grid(1.7, h)}
    nest.Connect(sources, targets, "all_to_all", {"synapse_model": "mine", "receptor_type": 1} | plain)
    connections = nest.GetConnections(sources, targets)
    result = prefixed("before", values(connections, keys))
    for part in range(5):
        nest.Simulate(grid(rng.uniform(10, 60), h))
        result |= prefixed(str(part), values(connections, keys))
        result |= {f"{part}.archiver_length": targets.get("archiver_length")}
        nest.SetDefaults("mine", change())
    return result


def received(
    nest: Any, rng: np.random.Generator, h: float, model: str, keys: list[str], draw: Draw
) -> dict[str, Any]:
    """What the synapses deliver to neurons, as their currents show it, and the weights after it."""
    sources = relays(nest, rng, h, 5, 150.0)
    neurons = nest.Create("iaf_psc_exp", 3, params={"I_e": 420.0, "tau_minus": 15.0})
    drawn = [draw(rng) for _ in range(15)]
    syn_spec: dict[str, Any] = {"synapse_model": model}
    for key in drawn[0]:
        syn_spec[key] = np.reshape([each[key] for each in drawn], (3, 5))
    syn_spec["delay"] = np.reshape(grid(rng.uniform(h, 4, 15), h), (3, 5))
    nest.Connect(sources, neurons, "all_to_all", syn_spec)
    meter = nest.Create("multimeter", params={"record_from": ["I_syn_ex", "I_syn_in"], "interval": h})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, neurons)
    nest.Connect(neurons, recorder)
    nest.Simulate(160.0)
    told = values(nest.GetConnections(sources, neurons), keys)
    return prefixed("synapse", told) | samples(meter) | prefixed("spike", spikes(recorder))


def recurrent(
    nest: Any, rng: np.random.Generator, h: float, model: str, keys: list[str], draw: Draw
) -> dict[str, Any]:
    """A network in which the synapses change the spikes that change them; autapses and pairs twice."""
    n = 12
    neurons = nest.Create("iaf_psc_exp", n, params={"I_e": 400.0, "V_m": -60.0})
    neurons.set(I_e=rng.uniform(380, 500, n).tolist())
    drawn = [draw(rng) for _ in range(n * n)]
    syn_spec: dict[str, Any] = {"synapse_model": model}
    for key in drawn[0]:
        syn_spec[key] = np.reshape([each[key] for each in drawn], (n, n))
    syn_spec["delay"] = np.reshape(grid(rng.uniform(h, 5, n * n), h), (n, n))
    nest.Connect(neurons, neurons, "all_to_all", syn_spec)
    nest.Connect(neurons, neurons, "one_to_one", {"synapse_model": model, "delay": grid(6.0, h)} | drawn[0])
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    result: dict[str, Any] = {}
    for part in range(3):
        nest.Simulate(grid(rng.uniform(30, 60), h))
        result |= prefixed(str(part), values(nest.GetConnections(synapse_model=model), keys))
    return result | prefixed("spike", spikes(recorder))


def changed(
    nest: Any, rng: np.random.Generator, h: float, model: str, keys: list[str], draw: Draw
) -> dict[str, Any]:
    """Values set between runs, while spikes are under way, and connections removed and added.

    A new connection does not carry what its source sent before; in the reference it may: hence the pause.
    """
    sources, targets = (relays(nest, rng, h, 3, 200.0, (108, 122)) for _ in range(2))
    spec = {"synapse_model": model, "receptor_type": 1}
    for source in sources:
        for target in targets:
            nest.Connect(source, target, syn_spec=spec | draw(rng) | {"delay": grid(rng.uniform(h, 3), h)})
    # so that the longest delay does not change later
    nest.Connect(sources[0], targets[0], syn_spec={"receptor_type": 1, "delay": grid(4.0, h)})
    result: dict[str, Any] = {}
    for part, duration in enumerate((41, 37, 41, 40)):
        nest.Simulate(float(duration))
        connections = nest.GetConnections(sources, targets, model)
        result |= prefixed(f"{part}.before", values(connections, keys))
        told = values(connections, [])
        for source, target, delay in sorted(set(zip(*(told.values()), strict=True))):
            if rng.random() < 0.5:
                new = draw(rng)
                for one in nest.GetConnections(node(sources, source), node(targets, target), model):
                    if abs(one.delay - delay) < 1e-9:
                        one.set(new)
        if part == 1:
            nest.GetConnections(sources[0], targets[1], model).disconnect()
        if part == 2:
            # With a trace it would also see what the targets still remember of the time before it.
            without = {key: 0.0 for key in keys if key.startswith("Kplus")}
            late = spec | draw(rng) | without | {"delay": grid(4.0, h)}
            nest.Connect(sources[0], targets, syn_spec=late)
        result |= prefixed(f"{part}.after", values(nest.GetConnections(sources, targets, model), keys))
    return result


def node(nodes: Any, number: int) -> Any:
    """One of the nodes by its id."""
    return nodes[nodes.tolist().index(number)]


def told(nest: Any, model: str) -> dict[str, Any]:
    """What a connection of a model tells about itself; its place in memory is each simulator's own."""
    neurons = nest.Create("iaf_psc_exp", 2)
    nest.Connect(neurons[0], neurons[1], syn_spec=model)
    status = nest.GetConnections().get()
    result = {"keys": sorted(key for key in status if key != "sizeof")}
    return result | {key: status[key] for key in status if key not in ("sizeof", "synapse_id")}
