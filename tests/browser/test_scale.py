"""A page that is zoomed, or moved to another screen: charts stay sharp, and the mouse is where it is."""

import pytest

from tests.browser.test_spike_raster import Raster

CELL = """
import nest_lab as nest
from IPython.display import display
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import LiveSimulation, SpikeRaster, Sweep

with nest.Simulation():
    network = Brunel.preset("classroom").build()
    raster = SpikeRaster(network.simulate(200.0))
live = LiveSimulation(network)
sweep = Sweep(Brunel.preset("classroom"), {"g": [3.0, 4.0, 5.0, 6.0], "eta": [1.0, 2.0]}, duration=50.0)
display(raster, live, sweep)
"""
SHARP = """canvas => canvas.width === Math.round(canvas.clientWidth * devicePixelRatio)
             && canvas.height === Math.round(canvas.clientHeight * devicePixelRatio)"""


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("scale.ipynb", CELL))
    notebook.run(0)
    notebook.page.locator(".nest-lab-sweep canvas").first.wait_for()
    return notebook


@pytest.fixture
def screen(notebook):
    """Another screen, or zoom."""
    session = notebook.page.context.new_cdp_session(notebook.page)

    def move_to(scale):
        width, height = notebook.page.viewport_size.values()
        # Of the scale alone the emulation does not tell the page; charts have their largest width here.
        size = {"width": width - round(10 * scale), "height": height}
        session.send(
            "Emulation.setDeviceMetricsOverride", {**size, "deviceScaleFactor": scale, "mobile": False}
        )
        assert notebook.page.evaluate("devicePixelRatio") == scale

    yield move_to
    move_to(1)
    session.detach()


@pytest.mark.parametrize("widget", ["raster", "live", "sweep"])
def test_charts_are_as_sharp_as_the_screen(notebook, screen, widget):
    canvas = notebook.page.locator(f".nest-lab-{widget} canvas").first
    canvas.scroll_into_view_if_needed()
    for scale in (2, 1.25, 1):
        screen(scale)
        notebook.page.wait_for_function(f"canvas => ({SHARP})(canvas)", arg=canvas.element_handle())
        if scale == 2:
            notebook.picture(f"scale-{widget}")
    assert notebook.errors == []


def test_the_mouse_moves_the_window_as_far_as_it_moves(notebook, screen):
    raster = Raster(notebook)
    raster.canvas.scroll_into_view_if_needed()
    raster.field("From (ms)").fill("50")
    raster.field("to (ms)").fill("150")
    raster.field("to (ms)").press("Enter")
    raster.is_at(50.0, 150.0)
    width = raster.canvas.bounding_box()["width"] - 108 - 24  # of the chart in the picture
    screen(2)
    box = raster.canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    notebook.page.mouse.move(x - width / 10, y, steps=5)
    notebook.page.mouse.up()
    raster.is_at(60.0, 160.0)


def test_the_mouse_is_in_the_cell_that_is_chosen(notebook, screen):
    """The third of four columns, the upper of two rows."""
    screen(2)
    canvas = notebook.page.locator(".nest-lab-sweep canvas").first
    canvas.scroll_into_view_if_needed()
    chosen = {}
    for scale in (2, 1):
        screen(scale)
        box = canvas.bounding_box()
        notebook.page.mouse.move(box["x"] + 5, box["y"] + 5)
        notebook.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 100)
        about = canvas.get_attribute("aria-describedby")
        chosen[scale] = notebook.page.locator(f"#{about}").inner_text()
    assert chosen[1] == chosen[2] == "g = 5, eta = 2: no result yet"
