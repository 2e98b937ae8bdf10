from __future__ import annotations

import numpy as np

from nest_lab.testing import samples, spikes

from . import grid, scenario, train
from ._neurons import prefixed

MODEL = "cm_default"
KINDS = ("AMPA", "GABA", "NMDA", "AMPA_NMDA")
SINGULAR = (-35.013, -50.013, -75.013, 25.0)  # voltages at which a rate is 0/0 as it is written


def membrane(rng):
    return {
        "C_m": rng.uniform(0.1, 2.0),
        "g_C": rng.uniform(0.05, 1.0),
        "g_L": rng.uniform(0.01, 0.3),
        "e_L": rng.uniform(-80, -65),
        "v_comp": rng.uniform(-80, -50),
    }


def compartment(rng, parent, active=0.5):
    """Any of the parameters may be left out; the reference wants both reversal potentials or none."""
    params = {name: value for name, value in membrane(rng).items() if rng.random() < 0.8}
    if rng.random() < active:
        params |= {"gbar_Na": rng.uniform(1, 20), "gbar_K": rng.uniform(0.5, 5)}
        if rng.random() < 0.5:
            params |= {"e_Na": rng.uniform(45, 60), "e_K": rng.uniform(-95, -80)}
    return {"parent_idx": parent, "params": params}


def tree(rng, n):
    parents = [-1, *(int(rng.integers(0, i)) for i in range(1, n))]
    return [compartment(rng, parent) for parent in parents]


def receptor(rng, n, kind):
    def times(name):
        return {f"tau_r_{name}": rng.uniform(0.1, 1.5), f"tau_d_{name}": rng.uniform(2, 60)}

    params = {f"e_{kind}": rng.uniform(-90, 10)}
    if kind == "AMPA_NMDA":
        params |= times("AMPA") | times("NMDA") | {"NMDA_ratio": rng.uniform(0, 3)}
    else:
        params |= times(kind)
    chosen = {name: value for name, value in params.items() if rng.random() < 0.7}
    return {"comp_idx": int(rng.integers(n)), "receptor_type": kind, "params": chosen}


def receptors(rng, n, number):
    return [receptor(rng, n, KINDS[i % 4]) for i in range(number)]


def observe(nest, neurons, h):
    """Record all that each node offers; call the result after the simulation."""
    meters = []
    for node in neurons:
        meters.append(
            nest.Create("multimeter", params={"record_from": list(node.recordables), "interval": h})
        )
        nest.Connect(meters[-1], node)
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)

    def result():
        traces = {}
        for i, meter in enumerate(meters):
            traces |= prefixed(f"trace{i}", samples(meter))
        state = {name: np.asarray(neurons.get(name)) for name in ("V_th", "t_spike", "Ca")}
        return traces | prefixed("spike", spikes(recorder)) | prefixed("get", state)

    return result


def drive(nest, node, rng, h, until, compartments, ports, since=0.0, runs=()):
    """Spikes to all ports and three currents; spikes are on the way neither before `since` nor between runs.

    The reference forgets the spikes on their way to a cm_default when a run ends.
    """
    for port in range(ports):
        times = [t for t in train(rng, h, until, 20) if t > since + h]
        times = [t for t in times if not any(end - 4.5 - h < t <= end + h for end in runs)]
        generator = nest.Create("spike_generator", params={"spike_times": times})
        spec = {"weight": rng.uniform(0.01, 0.3), "delay": grid(rng.uniform(h, 4), h), "receptor_type": port}
        nest.Connect(generator, node, syn_spec=spec)
    for number in rng.integers(0, compartments, 3).tolist():
        start, stop = sorted(grid(rng.uniform(since, until, 2), h))
        params = {"amplitude": rng.uniform(-1, 4), "start": start, "stop": stop + h}
        spec = {"weight": rng.uniform(0.5, 2), "delay": grid(rng.uniform(h, 4), h), "receptor_type": number}
        nest.Connect(nest.Create("dc_generator", params=params), node, syn_spec=spec)


@scenario(cases=16, resolutions=(0.1, 0.05, 0.25, 0.025))
def random_trees(nest, rng, h):
    """Trees of 1 to 12 compartments, each in a neuron of its own, driven by spikes and currents."""
    neurons = nest.Create(MODEL, 4)
    sizes = rng.integers(1, 13, len(neurons)).tolist()
    for node, n in zip(neurons, sizes, strict=True):
        node.compartments = tree(rng, n)
        node.receptors = receptors(rng, n, 8)
        drive(nest, node, rng, h, 60, n, 8)
    result = observe(nest, neurons, h)
    nest.Simulate(60.0)
    return result()


@scenario(cases=4)
def neurons_of_three_trees(nest, rng, h):
    """Neurons of one tree work together, whatever their number, their order and their parameters."""
    neurons = nest.Create(MODEL, 60)
    parents = [[-1, 0, 1, 1, 0], [-1], [-1, 0, 0, 0]]
    for i, node in enumerate(neurons):
        shape = parents[(0, 1, 0, 2, 0)[i % 5]]
        node.compartments = [compartment(rng, parent, active=float(i % 2)) for parent in shape]
        node.receptors = [receptor(rng, len(shape), "AMPA"), receptor(rng, 1, "GABA")]
        drive(nest, node, rng, h, 30, len(shape), 2)
    result = observe(nest, neurons, h)
    nest.Simulate(30.0)
    return result()


@scenario(cases=4)
def grown_between_runs(nest, rng, h):
    """What is added later begins where its parameters say; what was there goes on."""
    nest.set(min_delay=h, max_delay=10.0)
    cm = nest.Create(MODEL)
    cm.compartments = tree(rng, 2)
    cm.receptors = receptors(rng, 2, 2)
    drive(nest, cm, rng, h, 60, 2, 2, runs=(20, 40))
    first = observe(nest, cm, h)
    nest.Simulate(20.0)
    cm.compartments += [compartment(rng, 1), compartment(rng, 2)]
    cm.receptors += receptors(rng, 4, 4)
    drive(nest, cm, rng, h, 60, 4, 6, since=21, runs=(40,))
    second = observe(nest, cm, h)
    nest.Simulate(20.0)
    cm.set({"add_compartments": compartment(rng, 0), "V_th": -62.0})
    nest.Simulate(20.0)
    return prefixed("first", first()) | prefixed("second", second())


@scenario(cases=4)
def recurrent(nest, rng, h):
    """A network of neurons with dendrites, all of one tree, excited by noise that is the same in both."""
    cells = nest.Create(MODEL, 12)
    soma = {"C_m": 1.0, "g_C": 0.0, "g_L": 0.1, "gbar_Na": 17.0, "gbar_K": 5.0}
    cells.compartments = [
        {"parent_idx": -1, "params": soma},
        {"parent_idx": 0, "params": {"C_m": 0.3, "g_C": 0.5, "g_L": 0.03}},
        {"parent_idx": 1, "params": {"C_m": 0.2, "g_C": 0.2, "g_L": 0.02}},
    ]
    cells.receptors = [
        {"comp_idx": 0, "receptor_type": "GABA"},
        {"comp_idx": 1, "receptor_type": "AMPA"},
        {"comp_idx": 2, "receptor_type": "AMPA_NMDA"},
    ]
    for i, cell in enumerate(cells):
        generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, 100, 60)})
        nest.Connect(generator, cell, syn_spec={"weight": 0.12, "delay": grid(1.0, h), "receptor_type": 1})
        for port in (0, 1, 2):
            to = cells[(i + 1 + port) % len(cells)]
            spec = {"weight": rng.uniform(0.01, 0.1), "delay": grid(rng.uniform(1, 3), h)}
            nest.Connect(cell, to, syn_spec=spec | {"receptor_type": port})
    result = observe(nest, cells, h)
    nest.Simulate(100.0)
    return result()


@scenario(cases=4)
def rates_at_their_singularities(nest, rng, h):
    """Where numerator and denominator of a rate vanish together, and not far from it.

    Next to it the reference takes the value at the singularity; see `test_compartments.py` for what is right.
    """
    voltages = [v + d for v in SINGULAR for d in (0.0, 0.1, -0.4, 0.46)]
    cm = nest.Create(MODEL, len(voltages))
    for node, v in zip(cm, voltages, strict=True):
        params = {"C_m": 1e4, "v_comp": v, "gbar_Na": 1.0, "gbar_K": 1.0}
        node.compartments = [{"parent_idx": -1, "params": params}]
    result = observe(nest, cm, h)
    nest.Simulate(20.0)
    return result()


@scenario(cases=4)
def channels_that_are_not_there(nest, rng, h):
    """Gates stand still where the conductance is 1e-9 or less."""
    cm = nest.Create(MODEL)
    cm.compartments = [
        {"parent_idx": i - 1, "params": {"gbar_Na": g, "gbar_K": k, "v_comp": -50.0 - i}}
        for i, (g, k) in enumerate([(1.0, 0.0), (0.0, 1.0), (1e-9, 1e-9), (1.1e-9, 1.1e-9), (0.0, 0.0)])
    ]
    result = observe(nest, cm, h)
    nest.Simulate(20.0)
    return result()


@scenario(cases=4)
def ways_to_build(nest, rng, h):
    """Create, set, one dictionary, tuples, defaults and copies of the model; and what is read back."""
    parts = {"compartments": tree(rng, 3), "receptors": receptors(rng, 3, 4), "V_th": -50.0}
    built = nest.Create(MODEL, 2, params=parts)
    single = nest.Create(MODEL)
    single.compartments = compartment(rng, -1)
    single.compartments += compartment(rng, 0)
    single.receptors = receptor(rng, 2, "NMDA")
    each = nest.Create(MODEL, 2)
    each.set([{"compartments": tree(rng, 2)}, {"compartments": tuple(tree(rng, 4))}])
    nest.SetDefaults(MODEL, {"compartments": tree(rng, 2)})
    by_default = nest.Create(MODEL)
    nest.CopyModel(MODEL, "pyramidal", {"receptors": receptors(rng, 2, 1)})
    copied = nest.Create("pyramidal", 2)
    copied.compartments += [compartment(rng, 1)]
    # In the reference what is built by default has no recordables.
    result = observe(nest, built + single + each + copied, h)
    nodes = built + single + each + by_default + copied
    nest.Simulate(10.0)
    read = {
        f"read{i}": [
            str(sorted(part.items())) for name in ("compartments", "receptors") for part in node.get(name)
        ]
        for i, node in enumerate(nodes)
    }
    names = {f"names{i}": list(node.recordables) for i, node in enumerate(nodes) if node != by_default}
    return result() | read | names


@scenario(cases=4)
def frozen(nest, rng, h):
    """A frozen neuron stands still among others of its tree; forced spikes are not for this model."""
    cm = nest.Create(MODEL, 5)
    cm.compartments = tree(rng, 3)
    cm.receptors = receptors(rng, 3, 4)
    for node in cm:
        drive(nest, node, rng, h, 40, 3, 4, runs=(20,))
    result = observe(nest, cm, h)
    cm[1].frozen = True
    cm[3].set(ignore_and_spike=True, ignore_and_spike_interval=3.0)
    nest.Simulate(20.0)
    cm[1].frozen = False
    cm[2].frozen = True
    nest.Simulate(20.0)
    return result()


@scenario(cases=4)
def thresholds(nest, rng, h):
    """A spike is a crossing from below, at any threshold, also from just below at the start."""
    cm = nest.Create(MODEL, 6, params={"V_th": [-55.0, -60.0, -30.0, 0.0, -50.0, -49.9]})
    params = {"C_m": 1.0, "g_L": 0.1, "e_L": -40.0, "v_comp": -50.0, "gbar_Na": 10.0, "gbar_K": 5.0}
    cm.compartments = [{"parent_idx": -1, "params": params}]
    result = observe(nest, cm, h)
    nest.Simulate(20.0)
    cm[4].V_th = -60.0
    nest.Simulate(20.0)
    return result()
