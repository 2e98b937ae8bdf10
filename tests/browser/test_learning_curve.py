"""The learning curve as a person meets it: in JupyterLab, by mouse and keyboard."""

import pytest

from tests.waiting import eventually

WIDGET = """
import nest_lab as nest
from nest_lab.gallery.eprop_regression import EpropRegression
from nest_lab.widgets import LearningCurve

with nest.Simulation():
    live = LearningCurve(EpropRegression.preset("classroom").build())
live
"""


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("learning.ipynb", WIDGET))
    notebook.run(0)
    return notebook


@pytest.fixture
def root(notebook):
    root = notebook.page.locator(".nest-lab-learning")
    root.locator("canvas").first.wait_for()
    yield root
    assert notebook.errors == []


def iterations(root):
    """How many there were, as the page shows it."""
    return int(root.locator("output").inner_text().split("after ")[1].split(" ")[0].replace(",", ""))


def ink(root, number):
    """How much is drawn on a canvas."""
    return (
        root.locator("canvas")
        .nth(number)
        .evaluate(
            """canvas => {
             const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
             let count = 0;
             for (let i = 3; i < data.length; i += 4) if (data[i]) count++;
             return count;
           }"""
        )
    )


def test_the_curve_grows_is_held_and_goes_on(notebook, root):
    assert iterations(root) == 0
    root.get_by_role("button", name="Run", exact=True).press("Enter")
    assert eventually(lambda: iterations(root) >= 3)
    assert root.locator("canvas").count() == 2
    root.get_by_role("button", name="Pause", exact=True).click()
    root.locator("output").filter(has_text="paused").wait_for()
    held = iterations(root)
    root.page.wait_for_timeout(300)
    assert iterations(root) == held
    drawn = ink(root, 0)
    root.get_by_role("button", name="Run", exact=True).click()
    assert eventually(lambda: iterations(root) >= held + 3)
    root.get_by_role("button", name="Stop", exact=True).click()
    root.locator("output").filter(has_text="stopped").wait_for()
    assert ink(root, 0) != drawn
    notebook.picture("learning-light")
    notebook.theme("JupyterLab Dark")
    root.page.wait_for_timeout(2000)  # until the page is drawn anew
    notebook.picture("learning-dark")
    notebook.theme("JupyterLab Light")


def test_the_learning_rate_has_a_slider(root):
    """By the keyboard and as a number; what is refused stands beside it."""
    number = root.get_by_label("eta, as a number")
    assert float(number.input_value()) == 3e-3
    number.fill("0.001")
    number.press("Enter")
    slider = root.get_by_role("slider", name="eta")
    assert eventually(lambda: float(slider.input_value()) == 1e-3)
    slider.press("ArrowRight")
    assert eventually(lambda: float(number.input_value()) == 1.1e-3)
    number.fill("-1")
    number.press("Enter")
    assert eventually(lambda: "eta is out of bounds" in root.locator(".knob .wrong").inner_text())
    number.fill("0.003")
    number.press("Enter")
    assert eventually(lambda: root.locator(".knob .wrong").inner_text() == "")


def test_a_run_of_a_number_of_iterations(root):
    before = iterations(root)
    root.get_by_label("Iterations").fill("2")
    root.get_by_role("button", name="Run", exact=True).click()
    assert eventually(lambda: iterations(root) == before + 2)
    root.locator("output").filter(has_text="stopped").wait_for()
    root.get_by_label("Iterations").fill("some")
    root.get_by_role("button", name="Run", exact=True).click()
    wrong = root.get_by_role("alert").first
    assert eventually(lambda: "must be a whole number" in wrong.inner_text())
    root.get_by_label("Iterations").fill("")


def test_reset(root):
    root.get_by_role("button", name="Reset", exact=True).click()
    assert eventually(lambda: iterations(root) == 0)
    assert eventually(lambda: root.locator("canvas").count() == 1)
