"""Plastic synapses as a person meets them in JupyterLab: the histogram moves while a simulation runs."""

import pytest

CELL = """
import nest_lab as nest
from nest_lab.widgets import LiveSimulation, PlasticityView

with nest.Simulation() as simulation:
    noise = nest.Create("poisson_generator", params={"rate": 40.0})
    before, after = nest.Create("parrot_neuron", 400), nest.Create("parrot_neuron", 400)
    nest.Connect(noise, before + after)
    nest.CopyModel("stdp_synapse", "soft", {"alpha": 1.5, "Wmax": 1.0})
    spec = {"synapse_model": "soft", "weight": nest.random.uniform(0.0, 1.0), "receptor_type": 1}
    nest.Connect(before, after, "one_to_one", spec)
    view = PlasticityView(nest.GetConnections(before, after), ["weight", "Kplus"])
    live = LiveSimulation(speed=2000.0)
view
"""
BUSY = """
with simulation:
    nest.Simulate(20_000_000.0)
"""


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("plasticity.ipynb", CELL, "live.run()", "live.stop()", BUSY))
    notebook.run(0)
    return notebook


def frames(root):
    return int(root.locator("canvas").get_attribute("data-frames") or 0)


def grows(notebook, root):
    """Wait until something new was drawn, and the end of the window was moved."""
    before, end = frames(root), float(root.get_by_label("to (ms)").input_value())
    notebook.page.wait_for_function(
        "([root, frames, end]) => Number(root.querySelector('canvas').dataset.frames) > frames + 2 "
        "&& Number(root.querySelectorAll('input')[1].value) > end",
        arg=[root.element_handle(), before, end],
    )


def test_it_moves_while_a_simulation_runs(notebook):
    """In the background, and also while a cell is busy; another quantity is chosen meanwhile."""
    root = notebook.page.locator(".nest-lab-plasticity")
    root.locator("tbody tr").nth(10).wait_for()
    notebook.run(1)
    grows(notebook, root)
    notebook.page.wait_for_timeout(3000)
    root.scroll_into_view_if_needed()
    notebook.picture("plasticity-live")
    notebook.run(2)
    notebook.run(3)
    notebook.wait_until(busy=True)
    grows(notebook, root)
    assert notebook.busy
    root.get_by_label("Quantity").select_option("Kplus")
    root.get_by_text("Presynaptic trace right after the last spike").wait_for()
    assert notebook.busy
    notebook.page.keyboard.press("Escape")
    notebook.menu("Kernel", "Interrupt Kernel")
    notebook.wait_until(busy=False)
    assert notebook.errors == []


def test_keyboard_refusal_and_the_dark(notebook):
    root = notebook.page.locator(".nest-lab-plasticity")
    root.get_by_label("Quantity").select_option("weight")
    end = root.get_by_label("to (ms)")
    whole = float(end.input_value())
    root.locator("canvas").press("+")
    notebook.page.wait_for_function(
        "([root, whole]) => Number(root.querySelectorAll('input')[1].value) < whole",
        arg=[root.element_handle(), whole],
    )
    end.fill("-1")
    end.press("Enter")
    wrong = root.get_by_role("alert")
    wrong.filter(has_text="PlasticityView.window: a window must begin before it ends.").wait_for()
    end.fill(str(float(root.get_by_label("from (ms)").input_value()) + 1000.0))
    end.press("Enter")
    wrong.wait_for(state="hidden")
    root.locator("canvas").press("0")
    notebook.theme("JupyterLab Dark")
    notebook.page.wait_for_function(
        "root => getComputedStyle(root.querySelector('.swatch')).backgroundColor === 'rgb(86, 180, 233)'",
        arg=root.element_handle(),
    )
    root.scroll_into_view_if_needed()
    notebook.page.wait_for_timeout(500)
    notebook.picture("plasticity-dark")
    notebook.theme("JupyterLab Light")
    assert notebook.errors == []
