"""Signals as a person meets them: in JupyterLab, by mouse and keyboard."""

import pytest

from tests.browser.test_spike_raster import fluid

RECORDED = """
import nest_lab as nest
from nest_lab.widgets import TraceView

with nest.Simulation() as simulation:
    neurons = nest.Create("aeif_cond_exp", 4, {"I_e": [600.0, 700.0, 800.0, 900.0]})
    meter = nest.Create("multimeter", params={"record_from": ["V_m", "w"], "interval": 0.1})
    nest.Connect(meter, neurons)
simulation.run(1000.0)
view = TraceView(meter, neurons=3)
view
"""
MILLION = """
import numpy as np
from nest_lab.widgets import TraceView

times = np.arange(1, 1_000_001) * 0.1
long = TraceView({"times": times, "V_m": -70.0 + 10.0 * np.sin(times / 37.0) ** 20 + 0.1 * np.sin(times)})
long
"""


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("traces.ipynb", RECORDED, MILLION, "print(view.window)"))
    notebook.run(0)
    return notebook


@pytest.fixture
def root(notebook):
    root = notebook.page.locator(".nest-lab-traces").first
    root.locator("canvas").wait_for()
    root.scroll_into_view_if_needed()
    yield root
    assert notebook.errors == []


def is_at(root, start, stop):
    """Wait until the window is there, and the table has its numbers."""
    root.page.wait_for_function(
        """([root, start, stop]) => {
             const [one, other] = [...root.querySelectorAll(".bar input")].map((each) => Number(each.value));
             return Math.abs(one - start) < 0.6 && Math.abs(other - stop) < 0.6;
           }""",
        arg=[root.element_handle(), start, stop],
    )


def test_the_numbers_follow_the_window(notebook, root):
    """Typed, by keys, and back; units stand on the axes and in the table."""
    root.locator("tbody tr").nth(5).wait_for()
    notebook.picture("traces")
    assert "mV" in root.locator("tbody tr").first.inner_text()
    root.get_by_label("From (ms)").fill("200")
    root.get_by_label("to (ms)").fill("300")
    root.get_by_label("to (ms)").press("Enter")
    is_at(root, 200.0, 300.0)
    notebook.picture("traces-zoomed")
    root.locator("canvas").press("ArrowRight")
    is_at(root, 210.0, 310.0)
    root.locator("canvas").press("0")
    is_at(root, 0.1, 999.0)


def test_what_is_refused_is_said_beside_the_field(notebook, root):
    root.get_by_label("to (ms)").fill("-5")
    root.get_by_label("to (ms)").press("Enter")
    wrong = root.get_by_role("alert")
    wrong.filter(has_text="before it ends").wait_for()
    assert "Value: 0.1 … -5 ms" in wrong.inner_text()
    notebook.run(2)
    notebook.page.wait_for_function("() => document.body.innerText.includes('(0.1, 999.0')")
    root.get_by_label("to (ms)").fill("500")
    root.get_by_label("to (ms)").press("Enter")
    wrong.wait_for(state="hidden")


def test_dark_theme(notebook, root):
    notebook.theme("JupyterLab Dark")
    notebook.page.wait_for_function(
        "root => getComputedStyle(root.querySelector('.swatch')).backgroundColor === 'rgb(86, 180, 233)'",
        arg=root.element_handle(),
    )
    notebook.page.wait_for_timeout(500)
    notebook.picture("traces-dark")
    notebook.theme("JupyterLab Light")


def test_a_million_samples_stay_fluid(notebook, root, measured):
    """All of them in view but the ends, moved at 30 frames per second."""
    notebook.run(1)
    long = notebook.page.locator(".nest-lab-traces").nth(1)
    long.locator("tbody tr").wait_for()
    long.scroll_into_view_if_needed()
    long.get_by_role("button", name="Zoom in").click()
    long.page.wait_for_timeout(500)
    speed, cost, good = fluid(long.locator("canvas"))
    measured("frames per second of 10^6 samples, and ms for one", [speed, cost])
    notebook.picture("traces-long")
    assert good, (speed, cost)
