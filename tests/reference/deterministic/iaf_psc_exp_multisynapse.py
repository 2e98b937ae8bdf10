from __future__ import annotations

import numpy as np

from . import _neurons, grid, scenario, train
from ._neurons import observe

MODEL = "iaf_psc_exp_multisynapse"


def draw(rng, h, ports=3):
    return _neurons.membrane(rng, h) | {"tau_syn": rng.uniform(0.3, 12, ports).tolist()}


def drive_ports(nest, neurons, rng, h, until):
    """Spike trains with weights of both signs to each port that all neurons have, and a current."""
    ports = min(np.size(tau) for tau in np.atleast_1d(np.array(neurons.get("tau_syn"), object)))
    for port in range(1, ports + 1):
        generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, until, 30)})
        weights = rng.uniform(-150, 300, (len(neurons), 1))
        delays = np.reshape(grid(rng.uniform(h, 6, len(neurons)), h), (-1, 1))
        synapses = {"weight": weights, "delay": delays, "receptor_type": port}
        nest.Connect(generator, neurons, "all_to_all", synapses)
    start, stop = sorted(grid(rng.uniform(0, until, 2), h))
    params = {"amplitude": rng.uniform(-300, 500), "start": start, "stop": stop + h}
    current = nest.Create("dc_generator", params=params)
    nest.Connect(current, neurons, syn_spec={"delay": grid(rng.uniform(h, 3), h)})


def status(neurons):
    """What each node says of its ports."""
    return {
        f"{i}.{name}": np.asarray(node.get(name))
        for i, node in enumerate(neurons)
        for name in ("tau_syn", "n_synapses", "has_connections", "recordables")
    }


@scenario(cases=16)
def random_parameters(nest, rng, h):
    neurons = nest.Create(MODEL, 8, params=[draw(rng, h) for _ in range(8)])
    result = observe(nest, neurons, h)
    drive_ports(nest, neurons, rng, h, 150)
    nest.Simulate(150.0)
    return result() | status(neurons)


@scenario(cases=8)
def changed_parameters(nest, rng, h):
    neurons = nest.Create(MODEL, 4, params=[draw(rng, h) for _ in range(4)])
    result = observe(nest, neurons, h)
    drive_ports(nest, neurons, rng, h, 100)
    for _ in range(4):
        nest.Simulate(grid(rng.uniform(5, 40), h))
        neurons.set([draw(rng, h) for _ in range(4)])
    nest.Simulate(20.0)
    return result()


@scenario(cases=12)
def numbers_of_ports(nest, rng, h):
    """Nodes of one population with 0, 1, 2, ... ports, each port reached by itself, among neurons of
    another kind."""
    numbers = [1, 5, 2, 0, 9, 1, 3]
    nest.Create("iaf_psc_exp", 3)
    neurons = nest.Create(MODEL, len(numbers), params=[draw(rng, h, n) for n in numbers])
    others = nest.Create("iaf_psc_alpha", 2)
    meters = []
    for node in neurons:
        names = list(node.get("recordables"))
        meters.append(nest.Create("multimeter", params={"record_from": names, "interval": h}))
        nest.Connect(meters[-1], node)
    for node, ports in zip(neurons, numbers, strict=True):
        for port in range(1, ports + 1):
            generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, 40, 8)})
            spec = {
                "weight": rng.uniform(-100, 300),
                "receptor_type": port,
                "delay": grid(rng.uniform(h, 4), h),
            }
            nest.Connect(generator, node, syn_spec=spec)
            nest.Connect(generator, others, syn_spec={"weight": rng.uniform(-100, 300), "delay": 1.0})
            if ports > 1:
                nest.Connect(node, neurons[4], syn_spec=spec | {"receptor_type": 1 + port % 9})
    nest.Simulate(50.0)
    events = {
        f"{i}.{name}": np.asarray(values)
        for i, meter in enumerate(meters)
        for name, values in meter.get("events").items()
    }
    return events | status(neurons) | {"others": np.asarray(others.get("V_m"))}


@scenario(cases=4)
def recurrent(nest, rng, h):
    """A network with a weight, a delay and a port for each pair, and autapses."""
    n = 12
    neurons = nest.Create(MODEL, n, params=[draw(rng, h, 4) for _ in range(n)])
    result = observe(nest, neurons, h)
    for port in range(1, 5):
        weights = np.round(rng.normal(0, 60, (n, n)), 3)
        delays = np.reshape(grid(rng.uniform(h, 5, n * n), h), (n, n))
        spec = {"weight": weights, "delay": delays, "receptor_type": port}
        nest.Connect(neurons, neurons, "all_to_all", spec)
    drive_ports(nest, neurons, rng, h, 100)
    nest.Simulate(100.0)
    return result()


@scenario(cases=4)
def more_ports_before_connecting(nest, rng, h):
    """Lists that change in length between runs, as long as nothing is connected; currents begin anew."""
    nest.SetKernelStatus({"min_delay": h, "max_delay": 10.0})  # the reference fixes them at the first run
    neurons = nest.Create(MODEL, 3, params=draw(rng, h, 2))
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    seen = {}
    for k, ports in enumerate((1, 4, 4, 2)):
        nest.Simulate(7.0)
        neurons.set(tau_syn=rng.uniform(0.3, 9, ports).tolist())
        seen |= {f"{k}.{name}": value for name, value in status(neurons).items()}
        seen[f"{k}.V_m"] = np.asarray(neurons.get("V_m"))
    result = observe(nest, neurons, h)
    drive_ports(nest, neurons, rng, h, 60)
    nest.Simulate(60.0)
    return result() | seen


@scenario(cases=2)
def defaults_and_copies(nest, rng, h):
    nest.SetDefaults(MODEL, {"tau_syn": [1.0, 2.0, 3.0], "V_th": -60.0})
    nest.CopyModel(MODEL, "two_ports", {"tau_syn": [4.0, 0.5]})
    neurons = nest.Create(MODEL) + nest.Create("two_ports", 2)
    result = observe(nest, nest.Create("two_ports", 2), h)
    defaults = {
        f"{name}.{key}": np.asarray(nest.GetDefaults(name, key))
        for name in (MODEL, "two_ports")
        for key in ("tau_syn", "n_synapses", "recordables", "V_th")
    }
    drive_ports(nest, neurons, rng, h, 30)
    nest.Simulate(30.0)
    return result() | status(neurons) | defaults


@scenario(cases=4)
def refractory_edges(nest, rng, h):
    """Refractory times that are not multiples of the step."""
    steps = (0, 0.4, 0.5, 0.6, 1, 1.4, 1.5, 2.5, 10)
    params = [{"I_e": 4000.0, "t_ref": k * h, "tau_syn": [2.0, 3.0]} for k in steps]
    neurons = nest.Create(MODEL, len(params), params=params)
    result = observe(nest, neurons, h)
    drive_ports(nest, neurons, rng, h, 20)
    nest.Simulate(20.0)
    return result()
