"""A cell that shows widgets and is run again and again: what is no longer shown leaves nothing behind."""

import pytest

MADE = """
import threading
import nest_lab as nest
from IPython.display import display
from nest_lab.gallery.brunel import Brunel
from nest_lab.gallery.eprop_regression import EpropRegression
from nest_lab.widgets import *

with nest.Simulation():
    network = Brunel.preset("classroom").build()
    result = network.simulate(200.0)
with nest.Simulation():
    cells, meter = nest.Create("iaf_psc_alpha", 5, {"I_e": 400.0}), nest.Create("voltmeter")
    nest.Connect(meter, cells)
    nest.Connect(cells, cells, syn_spec={"synapse_model": "stdp_synapse"})
    nest.Simulate(100.0)
    traces, weights = TraceView(meter), PlasticityView(nest.GetConnections(cells, cells))
    squares = ConnectivityView({"cells": cells})
learns = LearningCurve(EpropRegression(n_in=5, n_rec=5, steps=20).build())
editor = NetworkEditor()
editor._do_example()
sweep = Sweep(Brunel.preset("classroom"), {"g": [3.0, 6.0], "eta": [1.0, 2.0]}, duration=50.0)
shown = [LiveSimulation(network), SpikeRaster(result), RatePanel(result), traces, weights, squares]
shown += [ModelExplorer("iaf_psc_alpha"), learns, editor, sweep]
"""
SHOW = "display(*shown)"
HELD = """
print(threading.active_count(), sum(len(each._msg_callbacks.callbacks) for each in shown))
print(*(len(each._frames._wishes) for each in (shown[0], learns, editor)))
print(*(len(each._views) for each in (shown[0], editor)))
"""
TIMES = 20


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("rerun.ipynb", MADE, SHOW, HELD, "print(1)"))
    notebook.run(0)
    notebook.page.wait_for_function("!document.querySelector('.jp-InputPrompt').innerText.includes('*')")
    return notebook


def again(notebook, number, times=1):
    """Run a cell, wait for its end and for what it shows."""
    for _ in range(times):
        before = notebook.page.locator(".jp-InputPrompt").nth(number).inner_text()
        notebook.page.evaluate(
            """number => {
                 const notebook = jupyterapp.shell.currentWidget.content;
                 notebook.activeCellIndex = number;
                 jupyterapp.commands.execute("notebook:run-cell");
               }""",
            number,
        )
        prompt = (
            f"document.querySelectorAll('.jp-CodeCell')[{number}].querySelector('.jp-InputPrompt').innerText"
        )
        notebook.page.wait_for_function(f"before => /\\d/.test({prompt}) && {prompt} !== before", arg=before)
        if number == 1:
            notebook.page.wait_for_function("document.querySelectorAll('.nest-lab').length === 10")
            notebook.page.wait_for_timeout(300)


def held(notebook):
    """What the page holds after its garbage was collected, and what the kernel says."""
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Performance.enable")
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
        notebook.page.wait_for_timeout(200)
    values = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    again(notebook, 2)
    canvases = notebook.page.locator("canvas").count()
    return (
        canvases,
        values["JSEventListeners"],
        values["Nodes"],
        values["JSHeapUsedSize"] / 1e6,
        notebook.output(2),
    )


def test_a_cell_that_is_run_again_leaves_nothing_behind(notebook, measured):
    """Of ten widgets no more than of a line of text, for which the notebook itself keeps something, too."""
    again(notebook, 3, 3)
    first = held(notebook)
    again(notebook, 3, TIMES)
    second = held(notebook)
    again(notebook, 1, 3)
    third = held(notebook)
    again(notebook, 1, TIMES)
    last = held(notebook)
    assert (last[0], last[4]) == (third[0], third[4])  # canvases, and what the kernel holds
    text, widgets = (
        [(new - old) / TIMES for old, new in zip(*pair, strict=True)]
        for pair in ((first[1:4], second[1:4]), (third[1:4], last[1:4]))
    )
    for name, one, other in zip(("listeners", "nodes", "MB"), text, widgets, strict=True):
        measured(f"{name} that a run of a cell leaves behind: of text, of ten widgets", [one, other])
    assert widgets[0] < text[0] + 20.0  # there were 280 more
    assert widgets[1] < text[1] + 60.0  # 2,200 more
    assert widgets[2] < text[2] + 0.15
    assert notebook.errors == []
