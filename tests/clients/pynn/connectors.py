"""Connectors, with random numbers of NumPy, so that the connections are the same wherever they are made."""

import numpy as np


def main(sim):
    sim.setup(timestep=0.1, min_delay=0.5, max_delay=8.0, spike_precision="on_grid")
    from pyNN.random import NumpyRNG, RandomDistribution

    def rng():
        return NumpyRNG(seed=8734, parallel_safe=True)

    places = sim.space.Grid2D(aspect_ratio=1.0, dx=10.0, dy=10.0)
    a = sim.Population(16, sim.IF_cond_exp(), structure=places, label="a")
    b = sim.Population(9, sim.IF_curr_alpha(), structure=places, label="b")
    fixed = sim.StaticSynapse(weight=0.01, delay=1.0)
    drawn = sim.StaticSynapse(
        weight=RandomDistribution("uniform", (0.01, 0.02), rng=rng()),
        delay=RandomDistribution("uniform", (0.6, 4.0), rng=rng()),
    )
    of_distance = sim.StaticSynapse(weight=lambda d: 0.02 * np.exp(-d / 30), delay=lambda d: 0.6 + 0.01 * d)
    connectors = {
        "all": (a, b, sim.AllToAllConnector(), drawn),
        "all but self": (a, a, sim.AllToAllConnector(allow_self_connections=False), fixed),
        "one": (a, a, sim.OneToOneConnector(), drawn),
        "probability": (a, b, sim.FixedProbabilityConnector(0.4, rng=rng()), drawn),
        "number before": (a, b, sim.FixedNumberPreConnector(5, rng=rng()), fixed),
        "number after": (a, b, sim.FixedNumberPostConnector(4, rng=rng()), drawn),
        "repeats": (b, b, sim.FixedNumberPreConnector(12, with_replacement=True, rng=rng()), drawn),
        "total": (a, b, sim.FixedTotalNumberConnector(40, rng=rng()), fixed),
        "list": (a, b, sim.FromListConnector([(0, 0, 0.1, 1.5), (3, 8, 0.2, 2.5), (15, 2, 0.3, 0.7)]), None),
        "array": (a, b, sim.ArrayConnector(np.arange(144).reshape(16, 9) % 5 == 0), drawn),
        "distance": (a, b, sim.DistanceDependentProbabilityConnector("d < 25", rng=rng()), of_distance),
        "index": (a, b, sim.IndexBasedProbabilityConnector(Even(), rng=rng()), fixed),
    }
    found = {}
    made = {}
    for name, (pre, post, connector, synapse) in connectors.items():
        made[name] = sim.Projection(
            pre, post, connector, synapse, receptor_type="inhibitory" if post is a else None
        )
    made["view"] = sim.Projection(a[2:9:3], b[1:4], sim.AllToAllConnector(), drawn)
    # Last of all: what it looks at is kept by PyNN, and not good any more in the reference when more is
    # connected.
    made["clone"] = sim.Projection(a, b, sim.CloneConnector(made["probability"]), fixed)
    del made["probability"]
    for name, projection in made.items():
        found[f"{name}.list"] = sorted(projection.get(["weight", "delay"], format="list"))
        found[f"{name}.array"] = projection.get("weight", format="array")
        found[f"{name}.number"] = len(projection)
    first = made["list"][0]
    found["one connection"] = first.weight, first.delay, int(first.presynaptic_cell) - int(a[0])
    made["all"].set(weight=0.03, delay=2.0)
    made["one"].set(weight=np.diag(np.arange(16) * 1e-3 + 1e-3))
    found["set"] = made["all"].get(["weight", "delay"], format="array")
    found["set each"] = sorted(made["one"].get(["weight"], format="list"))
    found["limits"] = sim.get_min_delay(), sim.get_time_step()
    sim.run(10.0)
    sim.end()
    return found


class Even:
    """A pair is connected if the sum of its indices is even."""

    def __new__(cls):
        from pyNN.connectors import IndexBasedExpression

        class Sum(IndexBasedExpression):
            def __call__(self, i, j):
                return ((i + j) % 2 == 0).astype(float)

        return Sum()
