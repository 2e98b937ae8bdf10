"""Growth of synaptic elements, and connections between pairs of neurons, where nothing is left to chance.

In the reference, every end of a run cuts the integration of curved growth, so these runs are in one piece;
and it makes no update that does not lie on a multiple of the shortest delay, so intervals here do.
"""

from __future__ import annotations

from nest_lab.testing import samples

from . import grid, scenario
from ._neurons import prefixed

CURVES = ("linear", "gaussian", "sigmoid")


def element(rng, curve):
    params = {
        "growth_curve": curve,
        "growth_rate": rng.uniform(-0.02, 0.05),
        "z": rng.uniform(0, 3),
        "tau_vacant": rng.uniform(0.05, 0.5),
        "continuous": bool(rng.integers(2)),
        "eps": rng.uniform(0.2, 0.9),
    }
    if curve == "gaussian":
        params["eta"] = rng.uniform(-0.1, 0.15)
    if curve == "sigmoid":
        params["psi"] = rng.uniform(0.02, 0.3)
    return params


def calcium(rng):
    return {"tau_Ca": rng.uniform(30, 300), "beta_Ca": rng.uniform(0.05, 0.3)}


def neuron(nest, rng, elements, model="iaf_psc_alpha"):
    return nest.Create(
        model, params={"I_e": rng.uniform(400, 600), "synaptic_elements": elements} | calcium(rng)
    )


def numbers(elements):
    return {
        f"{name}.{key}": float(value)
        for name, one in elements.items()
        for key, value in one.items()
        if not isinstance(value, str)
    }


@scenario(cases=8)
def growth(nest, rng, h):
    """All curves, driven by spikes, without updates."""
    neurons = [
        neuron(nest, rng, {name: element(rng, c) for name, c in zip("abc", CURVES, strict=True)})
        for _ in range(2)
    ]
    nest.Simulate(grid(300.0, h))
    return {
        f"{k}.{name}": value
        for k, each in enumerate(neurons)
        for name, value in numbers(each.get("synaptic_elements")).items()
    }


@scenario(cases=6)
def growth_by_precise_spikes(nest, rng, h):
    """Calcium enters between grid points, and counts from then on; a linear curve, which is exact."""
    grown = neuron(nest, rng, {"a": element(rng, "linear") | {"z": 9.0}}, "iaf_psc_exp_ps")
    nest.Simulate(grid(300.0, h))
    return numbers(grown.get("synaptic_elements")) | {"Ca": grown.get("Ca")}


@scenario(cases=6)
def changes_between_runs(nest, rng, h):
    """What calcium decays by, and elements grow by, holds from when it is set.

    With a linear curve, which no end of a run cuts.
    """
    grown = neuron(nest, rng, {"a": element(rng, "linear") | {"z": 30.0}})
    other = nest.Create("iaf_psc_alpha", params={"I_e": rng.uniform(400, 600)} | calcium(rng))  # no elements
    found = {}
    for k in range(5):
        nest.Simulate(grid(rng.uniform(20, 90), h))
        for node in (grown, other):
            change = calcium(rng) | {"Ca": rng.uniform(0, 2)}
            node.set({name: value for name, value in change.items() if rng.integers(2)})
        grown.set(synaptic_elements_param={"a": {"growth_rate": rng.uniform(-0.02, 0.05)}})
        levels = {"Ca": [grown.get("Ca"), other.get("Ca")]}
        found |= prefixed(k, numbers(grown.get("synaptic_elements")) | levels)
    return found


@scenario(cases=4)
def connections_that_are_removed(nest, rng, h):
    """Disconnect gives elements back, and what grows later takes them."""
    nest.CopyModel("static_synapse", "grown")
    ends = {"pre_synaptic_element": "axon", "post_synaptic_element": "dendrite"}
    nest.structural_plasticity_synapses = {"s": {"synapse_model": "grown"} | ends}
    nest.structural_plasticity_update_interval = 10.0
    still = {"z": 3.0 + rng.uniform(), "growth_rate": 0.0, "tau_vacant": rng.uniform(0.01, 0.1)}
    pre, post = (
        nest.Create("iaf_psc_alpha", params={"synaptic_elements": {name: still}}) for name in ends.values()
    )
    nest.EnableStructuralPlasticity()
    found = {}
    for k in range(3):
        nest.Simulate(grid(25.0, h))
        for step in range(k + 1):
            nest.Disconnect(pre, post, syn_spec={"synapse_model": "grown"})
            state = [numbers(node.get("synaptic_elements")) for node in (pre, post)]
            found |= prefixed(f"{k}.{step}", state[0] | state[1] | {"connections": nest.num_connections})
    return found


def pair(nest, rng, model, eps):
    nest.structural_plasticity_update_interval = 5.0
    nest.CopyModel(model, "grown", {"weight": rng.uniform(50, 200), "delay": 1.0})
    nest.structural_plasticity_synapses = {
        "s": {"synapse_model": "grown", "pre_synaptic_element": "axon", "post_synaptic_element": "dendrite"}
    }
    curve = CURVES[int(rng.integers(3))]

    def growing(rate):
        return {"growth_curve": curve, "growth_rate": rate, "eps": rng.uniform(*eps), "z": 2.0}

    calcium = {"tau_Ca": 60.0, "beta_Ca": 0.3}
    pre = nest.Create("iaf_psc_alpha", params=calcium | {"I_e": rng.uniform(450, 600)})
    post = nest.Create("iaf_psc_alpha", params=calcium | {"I_e": rng.uniform(300, 420)})
    pre.set(synaptic_elements={"axon": growing(rng.uniform(0.03, 0.08))})
    post.set(synaptic_elements={"dendrite": growing(rng.uniform(0.03, 0.08))})
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": 1.0})
    nest.Connect(meter, post)
    nest.EnableStructuralPlasticity()
    nest.Simulate(400.0)
    state = numbers(pre.get("synaptic_elements")) | numbers(post.get("synaptic_elements"))
    return samples(meter) | prefixed("get", state | {"connections": float(nest.num_connections)})


@scenario(cases=8, resolutions=(0.1, 0.25, 1.0))
def one_pair(nest, rng, h):
    """Connections from one neuron to another come and go, one at a time, and so do spikes through them."""
    return pair(nest, rng, "static_synapse", (0.3, 0.5))


@scenario(cases=4, resolutions=(0.1, 0.25))
def one_pair_with_resources(nest, rng, h):
    """Connections only come, and have a state of their own: which of several goes would be left to chance."""
    return pair(nest, rng, "tsodyks2_synapse", (3.0, 5.0))


@scenario(cases=2)
def connections_that_take_elements(nest, rng, h):
    """Connect counts elements, and raises their number to that of the connections."""
    nodes = nest.Create(
        "iaf_psc_alpha", 3, {"synaptic_elements": {"a": {"z": 1.5}, "d": {"growth_curve": "sigmoid"}}}
    )
    spec = {"synapse_model": "static_synapse", "pre_synaptic_element": "a", "post_synaptic_element": "d"}
    nest.Connect(nodes[:2], nodes, "all_to_all", spec)
    return {
        f"{k}.{name}": value
        for k, each in enumerate(nodes.get("synaptic_elements"))
        for name, value in numbers(each).items()
    }
