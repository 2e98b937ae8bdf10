"""A sweep as a person meets it in JupyterLab: run, cancel, go on, open a cell by mouse and by keyboard."""

import pytest

CELL = """
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import Sweep

grid = {"g": (3.0, 8.0, 3), "D": [0.01, 1.5, 3.0]}
sweep = Sweep(Brunel.preset("classroom", order=50), grid, duration=100_000.0, workers=1)
sweep
"""


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(
        lab.write("sweep.ipynb", CELL, "print(sweep.table()[['g', 'D']].values.tolist())")
    )
    notebook.run(0)
    notebook.page.locator(".nest-lab-sweep canvas").first.wait_for()
    return notebook


@pytest.fixture
def root(notebook):
    yield notebook.page.locator(".nest-lab-sweep")
    assert notebook.errors == []


def status(root, pattern, seconds=120):
    """Wait until the line beside the bar of progress says so."""
    root.page.wait_for_function(
        "([root, pattern]) => new RegExp(pattern).test(root.querySelector('.bar output').innerText)",
        arg=[root.element_handle(), pattern],
        timeout=1000 * seconds,
    )


def place(root, column, row):
    """Where a cell of three by three is on the canvas."""
    box = root.locator("canvas").first.bounding_box()
    width = box["width"] - 66 - 110
    return {"x": 66 + width * (column + 0.5) / 3, "y": 10 + 290 * (1 - (row + 0.5) / 3)}


def test_what_is_refused_stands_beside_its_control(root):
    """And the map stays as it was."""
    low = root.get_by_label("From", exact=True).first
    low.fill("-3")
    low.press("Enter")
    wrong = root.get_by_role("alert").filter(has_text="BrunelParameters.g is out of bounds. Value: -3.0.")
    wrong.wait_for()
    assert low.get_attribute("aria-invalid") == "true"
    low.fill("3")
    low.press("Enter")
    wrong.wait_for(state="hidden")


def test_run_cancel_and_continue(notebook, root):
    """Results come one after the other; failed cells do not stop the others; a cancelled sweep goes on."""
    button = root.locator("button.main")
    button.press("Enter")
    status(root, r"^running, [4-8] of 9 cells, 3 failed")
    button.click()
    status(root, r"^cancelled, [4-8] of 9 cells, 3 failed")
    assert button.inner_text() == "Continue"
    notebook.picture("sweep-cancelled")
    button.click()
    status(root, r"^done, 9 of 9 cells, 3 failed")
    assert button.is_disabled()
    notebook.run(1)
    notebook.page.wait_for_function("() => document.body.innerText.includes('[8.0, 3.0]]')")


def test_cells_are_opened(notebook, root):
    """By the mouse and by the keyboard; a cell that failed says why."""
    canvas, about = root.locator("canvas").first, root.locator(".about")
    canvas.click(position=place(root, 1, 2))
    root.get_by_role("heading", name="g = 5.5, D = 3 ms").wait_for()
    root.locator("tbody tr").nth(1).wait_for()
    assert about.inner_text().startswith("g = 5.5, D = 3 ms: mean firing rate ")
    canvas.press("ArrowLeft")
    canvas.press("ArrowDown")
    canvas.press("Enter")
    root.get_by_role("heading", name="g = 3, D = 1.5 ms").wait_for()
    canvas.press("ArrowDown")
    assert "Connect(): a delay must be at least the resolution." in about.inner_text()
    notebook.picture("sweep-light")
    root.get_by_label("Colours").select_option("cv")
    root.get_by_label("logarithmic").check()
    canvas.press("ArrowUp")
    notebook.page.wait_for_function(
        "root => root.querySelector('.about').innerText.includes('mean CV of the inter-spike intervals 0.')",
        arg=root.element_handle(),
    )
    notebook.theme("JupyterLab Dark")
    notebook.page.wait_for_function(
        "root => getComputedStyle(root).color.match(/\\d+/g).slice(0, 3).every((part) => part > 150)",
        arg=root.element_handle(),
    )
    notebook.page.wait_for_timeout(1000)
    notebook.picture("sweep-dark")
    notebook.theme("JupyterLab Light")


def test_the_picture_is_saved(root):
    with root.page.expect_download() as download:
        root.get_by_role("button", name="SVG").click()
    assert download.value.suggested_filename == "Sweep.svg"
