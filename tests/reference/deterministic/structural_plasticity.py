"""Growth of synaptic elements, and connections between pairs of neurons, where nothing is left to chance.

In the reference, every end of a run cuts the integration of curved growth, so these runs are in one piece; and
it makes no update that does not lie on a multiple of the shortest delay, so intervals here do.
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


def neuron(nest, rng, names):
    return nest.Create(
        "iaf_psc_alpha",
        params={
            "I_e": rng.uniform(400, 600),
            "tau_Ca": rng.uniform(30, 300),
            "beta_Ca": rng.uniform(0.05, 0.3),
            "synaptic_elements": {name: element(rng, CURVES[k % 3]) for k, name in enumerate(names)},
        },
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
    neurons = [neuron(nest, rng, ["a", "b", "c"]) for _ in range(2)]
    nest.Simulate(grid(300.0, h))
    return {
        f"{k}.{name}": value
        for k, each in enumerate(neurons)
        for name, value in numbers(each.get("synaptic_elements")).items()
    }


@scenario(cases=8, resolutions=(0.1, 0.25, 1.0))
def one_pair(nest, rng, h):
    """Connections from one neuron to another come and go, one at a time, and so do spikes through them."""
    nest.structural_plasticity_update_interval = 5.0
    nest.CopyModel("static_synapse", "grown", {"weight": rng.uniform(50, 200), "delay": 1.0})
    nest.structural_plasticity_synapses = {
        "s": {"synapse_model": "grown", "pre_synaptic_element": "axon", "post_synaptic_element": "dendrite"}
    }
    curve = CURVES[int(rng.integers(3))]

    def growing(rate):
        return {"growth_curve": curve, "growth_rate": rate, "eps": rng.uniform(0.3, 0.5), "z": 2.0}

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
