"""What a person sees of a network that runs: in JupyterLab, in a real browser, with 12,500 neurons.

Motivation: frames that are sent and not drawn are of no use, and the browser takes its processor time from
the same machine. Limits: spikes within 1.5 s of the click, 10 frames per second, a tenth of the simulation's
speed, 200 ms until it stands. Where there is no browser there are no figures.
"""

import shutil
import tempfile
from pathlib import Path
from time import perf_counter

LOOKED_AT = """
import time
import nest_lab as nest
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import LiveSimulation

network = Brunel.preset("AI").build()
live = LiveSimulation(network, speed=None)
live
"""
COST = """
def seconds(action, *arguments):
    begin = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - begin

ratios, looked_at = [], 0.0
for _ in range(9):
    live.stop()
    alone = seconds(network.simulate, 3000.0)
    network.take_spikes()
    live.run(3000.0)
    seen = seconds(live.wait)
    ratios.append(seen / alone)
    looked_at += seen
print(sorted(ratios)[len(ratios) // 2], looked_at)
"""
TUTORIAL = "30_networks/brunel.ipynb"


def until(condition):
    """Wait until something holds; for how long, s."""
    begin = perf_counter()
    while not condition():
        if perf_counter() - begin > 120.0:
            raise TimeoutError("the page did not do within 120 s what it should")
    return perf_counter() - begin


def first_raster(notebook, live):
    """From the click in the tutorial to the first spikes, s."""
    notebook.menu("Run", "Run All Cells")
    live.canvas.wait_for(timeout=120_000)
    live.canvas.scroll_into_view_if_needed()
    notebook.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=120_000)
    live.button("Run").click()
    seconds = until(lambda: live.dots()[0] > 0)
    live.button("Stop").click()
    return seconds


def while_it_runs(notebook, live):
    """Frames per second, what looking costs (%), and from the click to standstill (ms)."""
    notebook.run(0)
    live.canvas.wait_for(timeout=120_000)
    live.canvas.scroll_into_view_if_needed()
    begin = live.frames
    notebook.run(1)
    until(lambda: notebook.page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output").count())
    ratio, looked_at = map(float, notebook.output(1).split())
    drawn = (live.frames - begin) / looked_at  # what is not drawn is no frame
    live.canvas.scroll_into_view_if_needed()
    live.button("Run").click()
    live.page.wait_for_timeout(1000)
    begin, frames = perf_counter(), live.frames
    live.page.wait_for_timeout(5000)
    speed = (live.frames - frames) / (perf_counter() - begin)
    tries = []
    for _ in range(5):
        tries.append(live.latency("Stop", "stopped"))
        live.latency("Run", "running")
        live.page.wait_for_timeout(500)
    live.button("Stop").click()
    return min(speed, drawn), 100.0 * (ratio - 1.0), sorted(tries)[2]


def run(nest):
    """Figures of the tutorial and of the network with 12,500 neurons."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if nest.__name__ != "nest_lab" or path is None:
        return {}
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import Lab, Notebook
    from tests.browser.live import Live

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        lab = Lab(Path(folder))
        try:
            tutorial = Notebook(browser, lab, TUTORIAL)
            first = first_raster(tutorial, Live(tutorial))
            tutorial.page.close()
            notebook = Notebook(browser, lab, lab.write("large.ipynb", LOOKED_AT, COST))
            speed, cost, stop = while_it_runs(notebook, Live(notebook))
        finally:
            lab.close()
            browser.close()
    return {
        "from Run to the first raster, tutorial on Brunel's network (s)": first,
        "frames per second in a browser, 12,500 neurons": speed,
        "cost of looking at it in a browser (%)": cost,
        "from Stop to standstill in a browser (ms)": stop,
    }
