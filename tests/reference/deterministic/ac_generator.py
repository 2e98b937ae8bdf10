from __future__ import annotations

from . import grid, scenario
from ._generators import connect_late, probe_current, window


def draw(rng, h, closed=False):
    return {
        "amplitude": rng.uniform(-300, 300),
        "offset": rng.uniform(-100, 100),
        "frequency": rng.uniform(0, 300),
        "phase": rng.uniform(-400, 400),
    } | window(rng, h, 30, closed)


@scenario(cases=12)
def windows(nest, rng, h):
    result = probe_current(
        nest, nest.Create("ac_generator", 4, params=[draw(rng, h) for _ in range(4)]), rng, h
    )
    nest.Simulate(45.0)
    return result()


@scenario(cases=8)
def changed_while_running(nest, rng, h):
    """Frequency and phase set anew: the phase is that of the absolute time."""
    generators = nest.Create("ac_generator", 3, params={"amplitude": 50.0, "frequency": 20.0})
    result = probe_current(nest, generators, rng, h)
    for _ in range(3):
        nest.Simulate(grid(rng.uniform(1, 10), h))
        generators.set([draw(rng, h, True) for _ in range(3)])
    nest.Simulate(20.0)
    return result()


@scenario(cases=4)
def long_run(nest, rng, h):
    """The rotation must not drift: 2,000 periods."""
    params = {"amplitude": 100.0, "frequency": 1000.0 / grid(7.3, h), "phase": 33.0}
    generator = nest.Create("ac_generator", 1, params=params)
    neuron = nest.Create("iaf_psc_delta", params={"V_th": 1e9})
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": grid(97.0, h)})
    nest.Connect(generator, neuron)
    nest.Connect(meter, neuron)
    nest.Simulate(grid(10_000.0, h))
    return dict(meter.get("events"))


@scenario(cases=8)
def connected_late(nest, rng, h):
    params = [draw(rng, h) | {"start": 0.0, "stop": 100.0} for _ in range(3)]
    return connect_late(nest, rng, h, "ac_generator", params)
