"""Statistics of a simulation that runs, as a person meets them in JupyterLab."""

import pytest

CELL = """
import nest_lab as nest
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import LiveSimulation, RatePanel

with nest.Simulation():
    live = LiveSimulation(Brunel.preset("classroom").build(), {"g": (0.0, 8.0)}, speed=1000.0)
RatePanel(live)
"""
DONE = """
with nest.Simulation():
    network = Brunel.preset("classroom").build().simulate(1000.0)
panel = RatePanel(network)
panel
"""


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("rates.ipynb", CELL, "live.run()", "live.stop()", DONE))
    notebook.run(0)
    return notebook


def rate(root):
    return float(root.locator("tbody tr").first.locator("td").nth(1).inner_text().replace("–", "nan"))


def test_it_follows_the_simulation(notebook):
    """The table changes while it runs."""
    root = notebook.page.locator(".nest-lab-rates")
    root.locator("canvas").first.wait_for()
    notebook.run(1)
    notebook.page.wait_for_function(
        "root => Number(root.querySelector('tbody td:nth-child(3)').innerText) > 10",
        arg=root.element_handle(),
    )
    frames = int(root.locator("canvas").first.get_attribute("data-frames"))
    notebook.page.wait_for_function(
        "([root, frames]) => Number(root.querySelector('canvas').dataset.frames) > frames",
        arg=[root.element_handle(), frames],
    )
    notebook.picture("rates-live")
    notebook.run(2)
    assert notebook.errors == []


def test_a_window_that_is_none_is_refused_beside_the_field(notebook):
    """And the last valid one stays; by the keyboard, in the dark too."""
    notebook.run(3)
    root = notebook.page.locator(".nest-lab-rates").nth(1)
    root.locator("tbody tr").nth(1).wait_for()
    before = rate(root)
    root.get_by_label("to (ms)").fill("-1")
    root.get_by_label("to (ms)").press("Enter")
    wrong = root.get_by_role("alert")
    wrong.filter(has_text="RatePanel.window: a window must begin before it ends.").wait_for()
    assert rate(root) == before
    root.get_by_label("to (ms)").fill("500")
    root.get_by_label("to (ms)").press("Enter")
    wrong.wait_for(state="hidden")
    notebook.theme("JupyterLab Dark")
    notebook.page.wait_for_function(
        "root => getComputedStyle(root.querySelector('.swatch')).backgroundColor === 'rgb(86, 180, 233)'",
        arg=root.element_handle(),
    )
    root.scroll_into_view_if_needed()
    notebook.page.wait_for_timeout(500)
    notebook.picture("rates-dark")
    notebook.theme("JupyterLab Light")
    assert notebook.errors == []
