"""What it costs to look at a network while it runs.

Motivation: a widget that reads spikes twelve times a second must not slow the simulation down by a tenth,
and a notebook that imports it must not wait for a second. There is no browser: what is sent is counted only
(`live_browser.py` has one).
"""

import subprocess
import sys
from time import perf_counter

STRETCH = 1000.0  # ms of model time


def seconds(action):
    """Wall time of an action, s."""
    begin = perf_counter()
    action()
    return perf_counter() - begin


def imported(before="pass"):
    """Wall time of the import of a widget after something else in a fresh process, s; the least of five."""
    code = f"import time; {before}; t = time.perf_counter(); from nest_lab.widgets import LiveSimulation; "
    command = [sys.executable, "-c", f"{code}print(time.perf_counter() - t)"]
    return min(float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(5))


def run(nest):
    """Figures of the network with 12,500 neurons, with and without the widget in turn."""
    if nest.__name__ != "nest_lab":
        return {}
    from nest_lab.gallery.brunel import Brunel
    from nest_lab.widgets import LiveSimulation

    network = Brunel.preset("AI").build()
    live = LiveSimulation(network, speed=None)
    frames = []
    live.send = lambda content, buffers=None: frames.append(sum(memoryview(b).nbytes for b in buffers))
    live.step(200.0)
    alone = looked_at = 0.0
    for _ in range(3):
        alone += seconds(lambda: network.simulate(STRETCH))
        network.take_spikes()
        live.stop()
        live.run(STRETCH)
        looked_at += seconds(live.wait)
    live.run()
    frames.clear()
    live.wait(2.0)
    shown = len(frames)
    stop = 1000.0 * seconds(live.stop)
    live.close()
    return {
        "import of a widget (s)": imported(),
        "import of a widget in the kernel of a notebook (s)": imported("import ipykernel.zmqshell"),
        "Brunel, 12,500 neurons, 1 s, while it is looked at (s)": looked_at / 3,
        "cost of looking at it (%)": 100.0 * (looked_at / alone - 1.0),
        "frames per second": shown / 2.0,
        "kB per frame": sum(frames) / max(len(frames), 1) / 1000.0,
        "from stop to standstill (ms)": stop,
    }
