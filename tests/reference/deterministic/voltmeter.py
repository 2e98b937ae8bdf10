from __future__ import annotations

from nest_lab.testing import samples

from . import grid, scenario
from ._generators import window


@scenario(cases=8)
def windows(nest, rng, h):
    neurons = nest.Create("iaf_psc_exp", 3, params={"I_e": [400.0, 500.0, 600.0]})
    params = {"interval": grid(rng.uniform(h, 3), h)} | window(rng, h, 30)
    meter = nest.Create("voltmeter", params=params)
    nest.Connect(meter, neurons)
    nest.Simulate(40.0)
    return samples(meter) | {"record_from": meter.get("record_from")}
