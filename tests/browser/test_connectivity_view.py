"""Connections as a person meets them in JupyterLab."""

import pytest

CELL = """
import nest_lab as nest
from nest_lab.widgets import ConnectivityView

with nest.Simulation():
    excitatory = nest.Create("iaf_psc_exp", positions=nest.spatial.grid([20, 20]))
    inhibitory = nest.Create("iaf_psc_exp", positions=nest.spatial.grid([10, 10]))
    near = {"rule": "pairwise_bernoulli", "p": 0.5, "mask": {"circular": {"radius": 0.2}}}
    nest.Connect(excitatory, excitatory, near, {"weight": 10.0, "delay": 2.0})
    nest.Connect(inhibitory, excitatory, near, {"weight": -50.0})
view = ConnectivityView({"excitatory": excitatory, "inhibitory": inhibitory})
view
"""


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("connections.ipynb", CELL, "print(view.quantity, view.neuron)"))
    notebook.run(0)
    return notebook


def test_matrix_and_map(notebook):
    """Colours are chosen by the keyboard; what is refused stands beside its field, and the dark is dark."""
    root = notebook.page.locator(".nest-lab-connectivity")
    root.locator("tbody tr").nth(1).wait_for()
    root.get_by_label("Colours").select_option("weight")
    field = root.get_by_label("Targets of neuron")
    field.fill("210")
    field.press("Enter")
    notebook.page.wait_for_timeout(1000)
    root.scroll_into_view_if_needed()
    notebook.picture("connections")
    field.fill("9999")
    field.press("Enter")
    wrong = root.get_by_role("alert")
    wrong.filter(has_text="Allowed: one of 500 neurons, 1 … 500").wait_for()
    notebook.run(1)
    notebook.page.wait_for_function("() => document.body.innerText.includes('weight 210')")
    field.fill("55")
    field.press("Enter")
    wrong.wait_for(state="hidden")
    notebook.theme("JupyterLab Dark")
    notebook.page.wait_for_function(
        "root => getComputedStyle(root).color.match(/\\d+/g).slice(0, 3).every((part) => part > 150)",
        arg=root.element_handle(),
    )
    root.scroll_into_view_if_needed()
    notebook.page.wait_for_timeout(1000)
    notebook.picture("connections-dark")
    notebook.theme("JupyterLab Light")
    assert notebook.errors == []
