"""Sources send one spike at a time: what is sent at once the reference takes for one event.

Bins are an even number of steps wide: with odd ones the reference writes beyond its histograms and the
process ends. Slices are one step long: within a longer one the reference takes spikes out of order and
forgets some at the edges.
"""

from __future__ import annotations

import numpy as np

from . import grid, scenario, train
from ._generators import window

HISTOGRAMS = ("histogram", "histogram_correction", "count_histogram", "n_events")


def result(detectors):
    found = {f"{i}.{key}": np.asarray(d.get(key)) for i, d in enumerate(detectors) for key in HISTOGRAMS}
    # What rounding took depends on the order of the additions: it is nought in comparison, in both.
    for key in [key for key in found if key.endswith("correction")]:
        sums = found[key.replace("histogram_correction", "histogram")]
        found[key] = np.abs(found[key]) <= 1e-15 * np.abs(sums) + 1e-300
    return found


def sources(nest, rng, h, detectors, n=2, quiet=()):
    """Trains with single weights; none around times at which the reference counts a step late."""
    nest.Connect(*nest.Create("parrot_neuron", 2), syn_spec={"delay": h})
    for receptor in (0, 1):
        for _ in range(n):
            times = [t for t in train(rng, h, 300, 150) if all(abs(t - q) > 5 for q in quiet)]
            generator = nest.Create("spike_generator", params={"spike_times": times})
            relay = nest.Create("parrot_neuron")
            nest.Connect(generator, relay, syn_spec={"delay": grid(rng.uniform(h, 3), h)})
            spec = {
                "weight": rng.uniform(-2, 2),
                "receptor_type": receptor,
                "delay": grid(rng.uniform(1, 3), h),
            }
            nest.Connect(generator, detectors, syn_spec=spec)
            nest.Connect(relay, detectors, syn_spec=spec | {"weight": 1.0})


@scenario(cases=8)
def lags(nest, rng, h):
    """Bins of several widths, single weights and sums of them, windows and times that count."""
    params = []
    for _ in range(6):
        width = grid(2 * h * rng.integers(1, 4), h)
        bins = {"delta_tau": width, "tau_max": float(np.round(width * rng.integers(1, 12), 6))}
        times = sorted(grid(rng.uniform(0, 300, 2), h))
        counted = {"Tstart": times[0], "Tstop": times[1]} if rng.random() < 0.5 else {}
        params.append(bins | counted | window(rng, h, 200))
    detectors = nest.Create("correlation_detector", 6, params=params)
    sources(nest, rng, h, detectors)
    nest.Simulate(200.0)
    nest.Simulate(150.0)
    return result(detectors)


@scenario(cases=4)
def started_anew(nest, rng, h):
    """Setting n_events to nought forgets all."""
    detectors = nest.Create(
        "correlation_detector", 2, params={"delta_tau": grid(4 * h, h), "tau_max": grid(20 * h, h)}
    )
    sources(nest, rng, h, detectors, quiet=(100.0, 200.0))
    nest.Simulate(100.0)
    detectors.n_events = [0, 0]
    nest.Simulate(100.0)
    return result(detectors)
