from __future__ import annotations

from . import grid, scenario
from ._generators import connect_late, probe_current, window


@scenario(cases=12)
def windows(nest, rng, h):
    params = [{"amplitude": rng.uniform(-300, 300)} | window(rng, h, 30) for _ in range(4)]
    result = probe_current(nest, nest.Create("dc_generator", 4, params=params), rng, h)
    nest.Simulate(45.0)
    return result()


@scenario(cases=8)
def changed_while_running(nest, rng, h):
    generators = nest.Create("dc_generator", 3, params={"amplitude": 50.0})
    result = probe_current(nest, generators, rng, h)
    for _ in range(4):
        nest.Simulate(grid(rng.uniform(1, 10), h))
        generators.set([{"amplitude": rng.uniform(-300, 300)} | window(rng, h, 40, True) for _ in range(3)])
    nest.Simulate(10.0)
    return result()


@scenario(cases=4)
def connected_while_running(nest, rng, h):
    first = nest.Create("dc_generator", params={"amplitude": 50.0})
    result = probe_current(nest, first, rng, h)
    nest.Simulate(grid(rng.uniform(1, 10), h))
    late = nest.Create("dc_generator", params={"amplitude": 80.0})
    nest.Connect(late, nest.NodeCollection([2, 3]), syn_spec={"delay": nest.min_delay})
    nest.Simulate(10.0)
    return result()


@scenario(cases=4)
def frozen(nest, rng, h):
    generators = nest.Create("dc_generator", 2, params={"amplitude": 90.0, "frozen": [False, True]})
    result = probe_current(nest, generators, rng, h)
    nest.Simulate(grid(rng.uniform(2, 9), h))
    generators.set(frozen=[True, False])
    nest.Simulate(20.0)
    return {name: values for name, values in result().items() if name.startswith("neuron")}


@scenario(cases=8)
def connected_late(nest, rng, h):
    params = [{"amplitude": rng.uniform(-300, 300)} for _ in range(3)]
    return connect_late(nest, rng, h, "dc_generator", params)
