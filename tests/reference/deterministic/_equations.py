"""What neurons of differential equations are put through; the files of the models give the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nest_lab.testing import samples, spikes

from . import grid, train

Draw = Callable[[np.random.Generator, float], dict[str, Any]]


def drive(
    nest: Any,
    neurons: Any,
    rng: np.random.Generator,
    h: float,
    until: float,
    weight: float,
    current: tuple[float, float] = (-100, 300),
) -> None:
    """Excitatory and inhibitory spikes with a delay for each neuron, and a current that switches on and off."""
    for sign in (1, -1):
        generator = nest.Create("spike_generator", params={"spike_times": train(rng, h, until, 40)})
        weights = sign * rng.uniform(0.2, 1, (len(neurons), 1)) * weight
        delays = np.reshape(grid(rng.uniform(h, 6, len(neurons)), h), (-1, 1))
        nest.Connect(generator, neurons, "all_to_all", {"weight": weights, "delay": delays})
    start, stop = sorted(grid(rng.uniform(0, until, 2), h))
    params = {"amplitude": rng.uniform(*current), "start": start, "stop": stop + h}
    nest.Connect(nest.Create("dc_generator", params=params), neurons, syn_spec={"delay": grid(rng.uniform(h, 3), h)})


def no_upstroke(neurons: Any, senders: Any, taken: dict[str, Any]) -> None:
    """V_m up to V_th + 4 Delta_T only: beyond, it takes 0.1 ms to the peak, and a sample tells time and not potential."""
    ceiling = dict(zip(neurons.global_id, np.add(neurons.V_th, np.multiply(4, neurons.Delta_T)), strict=True))
    taken["V_m"] = np.minimum(taken["V_m"], [ceiling[sender] for sender in senders])


def observe(
    nest: Any, neurons: Any, h: float, seen: Callable[..., None] = lambda *_: None
) -> Callable[[], dict[str, Any]]:
    """Record all there is; call the result after the simulation. `seen` changes what is compared."""
    recordables = list(neurons[0].get("recordables"))
    meter = nest.Create("multimeter", params={"record_from": recordables, "interval": h})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, neurons)
    nest.Connect(neurons, recorder)

    def result() -> dict[str, Any]:
        taken = samples(meter)
        senders, times = taken.pop("senders"), taken.pop("times")
        seen(neurons, senders, taken)
        traces = {f"trace.{name}": values for name, values in taken.items()}
        fired = spikes(recorder)
        return {"senders": senders, "times": times, **traces} | {f"spike.{k}": v for k, v in fired.items()}

    return result


def run(
    nest: Any,
    rng: np.random.Generator,
    h: float,
    model: str,
    draw: Draw,
    weight: float,
    seen: Callable[..., None] = lambda *_: None,
) -> dict[str, Any]:
    """Six neurons with a parameter set each, driven by spikes and currents, changed once on the way."""
    neurons = nest.Create(model, 6, params=[draw(rng, h) for _ in range(6)])
    result = observe(nest, neurons, h, seen)
    drive(nest, neurons, rng, h, 150, weight)
    nest.Simulate(100.0)
    neurons.set(I_e=rng.uniform(0, 200))
    nest.Simulate(50.0)
    return result()
