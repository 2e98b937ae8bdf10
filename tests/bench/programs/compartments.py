"""Neurons with dendrites: many large ones, a network of small ones, and single cells beside NEURON.

Motivation: what a compartment costs in a step. Channels are arithmetic: six or seven exponentials and three
divisions; a compartment without any moves five numbers in and one out. So a passive compartment should take a
nanosecond or two and one with sodium and potassium about ten, if all lanes of the processor are in use. The
tree is an element before its parent, so a single cell can use the lanes for its channels only.

NEURON 9 comes with `make bench`. Its settings are those it is fastest with: one section of 50 segments with
the mechanism hh, whose rates it takes from tables, fixed step of 0.1 ms, secondorder 0 (backward Euler; other
orders cost one more pass), CVode off, one thread, nothing recorded; what was the option for cache efficiency
is how version 9 always works. Here rates are computed, and the step is that of Crank and Nicolson.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from time import perf_counter

from tests.bench.measure import peak_memory

COMPARTMENTS = 50
PASSIVE = {"C_m": 1.0, "g_C": 0.5, "g_L": 0.1, "e_L": -70.0}
ACTIVE = PASSIVE | {"gbar_Na": 17.0, "gbar_K": 5.0}
DENDRITE = {"C_m": 0.2, "g_C": 0.5, "g_L": 0.02, "e_L": -70.0}  # thin enough to make the root spike
STEP = 0.1  # ms


def cells(nest, n, params, parent):
    """Neurons of 50 compartments, the first of which gets a current that makes an active one spike."""
    neurons = nest.Create("cm_default", n)
    neurons.compartments = [{"parent_idx": parent(i), "params": params} for i in range(COMPARTMENTS)]
    current = nest.Create("dc_generator", params={"amplitude": 20.0})
    nest.Connect(current, neurons, syn_spec={"receptor_type": 0})
    return neurons


def per_step(nest, n, params, time, parent=lambda i: (i - 1) // 2 if i else -1):
    """Microseconds per compartment and step on one thread."""
    nest.ResetKernel()
    nest.local_num_threads = 1
    cells(nest, n, params, parent)
    nest.Simulate(1.0)
    start = perf_counter()
    nest.Simulate(time)
    return 1e6 * (perf_counter() - start) / (n * COMPARTMENTS * time / STEP)


def network(nest):
    """1,000 neurons of 6 compartments with 100 inputs each, on two threads: seconds for one second."""
    nest.ResetKernel()
    nest.local_num_threads = 2
    neurons = nest.Create("cm_default", 1000)
    neurons.compartments = [
        {"parent_idx": parent, "params": ACTIVE if parent < 0 else DENDRITE} for parent in (-1, 0, 1, 1, 0, 4)
    ]
    neurons.receptors = [
        *({"comp_idx": i, "receptor_type": "AMPA_NMDA"} for i in (2, 3, 5)),
        {"comp_idx": 0, "receptor_type": "GABA"},
    ]
    noise = nest.Create("poisson_generator", params={"rate": 2000.0})
    nest.Connect(noise, neurons, syn_spec={"weight": 0.004, "receptor_type": 0})
    for port, weight, inputs in ((0, 0.001, 27), (1, 0.001, 27), (2, 0.001, 26), (3, 0.002, 20)):
        rule = {"rule": "fixed_indegree", "indegree": inputs}
        nest.Connect(neurons, neurons, rule, {"weight": weight, "delay": 1.5, "receptor_type": port})
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    nest.Prepare()
    start = perf_counter()
    nest.Run(1000.0)
    seconds = perf_counter() - start
    nest.Cleanup()
    assert recorder.n_events > 0
    return seconds, recorder.n_events / 1000


NEURON = """
import json
from time import perf_counter
from neuron import h
pc = h.ParallelContext()
pc.nthread(1)
h.CVode().active(0)
h.dt, h.secondorder = %g, 0
def per_step(n, time):
    cells = []
    for _ in range(n):
        cell = h.Section()
        cell.nseg, cell.L, cell.diam = %d, 1000.0, 2.0
        cell.insert("hh")
        clamp = h.IClamp(cell(0.0))
        clamp.dur, clamp.amp = 1e9, 0.5
        cells.append((cell, clamp))
    h.finitialize(-65.0)
    pc.set_maxstep(10)
    pc.psolve(1.0)
    start = perf_counter()
    pc.psolve(1.0 + time)
    return 1e6 * (perf_counter() - start) / (n * %d * time / h.dt)
print(json.dumps([per_step(1, 2000.0), per_step(20, 500.0)]))
"""


def of_neuron():
    """The figures of NEURON for one cell and for twenty, or none."""
    if not find_spec("neuron"):
        return ()
    code = NEURON % (STEP, COMPARTMENTS, COMPARTMENTS)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def run(nest):
    """Figures of large neurons, of a network and of single cells."""
    unit = "(us per compartment and step)"
    fast = nest.__name__ != "nest"  # the reference takes long; its figure does not depend on the time
    figures = {
        f"100 cm_default x 50, Na and K {unit}": per_step(nest, 100, ACTIVE, 1000.0 if fast else 100.0),
        f"100 cm_default x 50, passive {unit}": per_step(nest, 100, PASSIVE, 1000.0 if fast else 200.0),
        "100 cm_default x 50: peak memory (MB)": peak_memory() / 1e6,
    }
    seconds, rate = network(nest)
    figures["1,000 cm_default x 6, 100 inputs: simulate 1 s (s)"] = seconds
    figures["1,000 cm_default x 6, 100 inputs: rate (spikes/s)"] = rate
    chain = {"params": ACTIVE, "parent": lambda i: i - 1}
    for row, n, time in (("One cell", 1, 2000.0), ("Twenty cells", 20, 500.0)):
        figures[f"{row} of 50 compartments {unit}"] = per_step(nest, n, time=time if fast else 200.0, **chain)
    if fast:
        for row, value in zip(("One cell", "Twenty cells"), of_neuron(), strict=False):
            figures[f"{row} of 50 segments, hh, NEURON {unit}"] = value
    return figures
