"""What every neuron model is put through; the files of the models give the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nest_lab.testing import samples, spikes

from . import grid, train

Draw = Callable[[np.random.Generator, float], dict[str, float]]

READOUTS = ["V_m", "Ca", "t_spike", "archiver_length", "post_trace", "t_ref", "V_th", "E_L"]


def prefixed(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}.{name}": value for name, value in values.items()}


def membrane(rng: np.random.Generator, h: float) -> dict[str, float]:
    """Parameters shared by the integrate-and-fire neurons, in physiological bounds, no round numbers."""
    E_L = rng.uniform(-80, -60)
    V_th = E_L + rng.uniform(5, 20)
    return {
        "C_m": rng.uniform(50, 500),
        "tau_m": rng.uniform(3, 40),
        "t_ref": rng.uniform(0, 4),
        "E_L": E_L,
        "V_th": V_th,
        "V_reset": V_th - rng.uniform(1, 30),
        "V_m": rng.uniform(E_L - 10, V_th + 3),
        "I_e": rng.uniform(-100, 600),
    }


def observe(nest: Any, neurons: Any, h: float) -> Callable[[], dict[str, Any]]:
    """Record everything the neurons offer; call the result after the simulation."""
    recordables = list(neurons[0].get("recordables"))
    meter = nest.Create("multimeter", params={"record_from": recordables, "interval": h})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, neurons)
    nest.Connect(neurons, recorder)

    def result() -> dict[str, Any]:
        states = {name: np.asarray(neurons.get(name)) for name in READOUTS}
        return (
            prefixed("trace", samples(meter)) | prefixed("spike", spikes(recorder)) | prefixed("get", states)
        )

    return result


def drive(nest: Any, neurons: Any, rng: np.random.Generator, h: float, until: float) -> None:
    """Spike trains of both signs with different delays, and a current that switches on and off."""
    for sign in (1, -1):
        for _ in range(2):
            generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, until, 30)})
            weights = sign * rng.uniform(0, 300, (len(neurons), 1))
            delays = np.reshape(grid(rng.uniform(h, 6, len(neurons)), h), (-1, 1))
            nest.Connect(generator, neurons, "all_to_all", {"weight": weights, "delay": delays})
    start, stop = sorted(grid(rng.uniform(0, until, 2), h))
    current = nest.Create(
        "dc_generator", params={"amplitude": rng.uniform(-300, 500), "start": start, "stop": stop + h}
    )
    nest.Connect(current, neurons, syn_spec={"delay": grid(rng.uniform(h, 3), h)})


def random_parameters(
    nest: Any, rng: np.random.Generator, h: float, model: str, draw: Draw
) -> dict[str, Any]:
    """Eight neurons with a parameter set each, driven by spikes and currents."""
    neurons = nest.Create(model, 8, params=[draw(rng, h) for _ in range(8)])
    result = observe(nest, neurons, h)
    drive(nest, neurons, rng, h, 150)
    nest.Simulate(150.0)
    return result()


def changed_parameters(
    nest: Any, rng: np.random.Generator, h: float, model: str, draw: Draw
) -> dict[str, Any]:
    """Parameters and state set anew between runs of uneven length."""
    neurons = nest.Create(model, 4, params=[draw(rng, h) for _ in range(4)])
    result = observe(nest, neurons, h)
    drive(nest, neurons, rng, h, 100)
    for _ in range(4):
        nest.Simulate(grid(rng.uniform(5, 40), h))
        neurons.set([draw(rng, h) for _ in range(4)])
    nest.Simulate(20.0)
    return result()


def one_parameter_at_a_time(
    nest: Any, rng: np.random.Generator, h: float, model: str, draw: Draw
) -> dict[str, Any]:
    """Each parameter alone away from its default, so that a wrong one is named by its sender."""
    first, second = draw(rng, h), draw(rng, h)
    settings = [{name: value} for values in (first, second) for name, value in values.items()]
    low = nest.GetDefaults(model)
    # The reset must lie below the threshold, whichever of the two is drawn.
    if "V_reset" in low:
        settings = [s for s in settings if s.get("V_reset", low["V_reset"]) < s.get("V_th", low["V_th"])]
    neurons = nest.Create(model, len(settings), params=settings)
    result = observe(nest, neurons, h)
    drive(nest, neurons, rng, h, 80)
    nest.Simulate(80.0)
    return result()


def recurrent(nest: Any, rng: np.random.Generator, h: float, model: str, draw: Draw) -> dict[str, Any]:
    """A network with a weight and a delay for each pair, and autapses."""
    n = 12
    neurons = nest.Create(model, n, params=[draw(rng, h) for _ in range(n)])
    result = observe(nest, neurons, h)
    weights = np.round(rng.normal(0, 80, (n, n)), 3)
    delays = np.reshape(grid(rng.uniform(h, 5, n * n), h), (n, n))
    nest.Connect(neurons, neurons, "all_to_all", {"weight": weights, "delay": delays})
    nest.Connect(neurons, neurons, "one_to_one", {"weight": weights[0], "delay": delays[0]})
    drive(nest, neurons, rng, h, 100)
    nest.Simulate(100.0)
    return result()
