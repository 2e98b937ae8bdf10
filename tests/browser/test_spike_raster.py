"""The raster of a whole run as a person meets it: in JupyterLab, by mouse and keyboard."""

import os

import pytest

MILLION = """
import numpy as np
from nest_lab.widgets import SpikeRaster

random = np.random.default_rng(1)
n = 1_000_000
times = np.round(random.uniform(0.05, 10_000.0, n), 1)
senders = random.integers(1, 1001, n)
raster = SpikeRaster(times, senders, {"excitatory": range(1, 801), "inhibitory": range(801, 1001)})
raster
"""
# Moves the mouse with the button held, once per frame of the screen: frames drawn per second, and ms for one.
PAN = """(canvas, seconds) => new Promise((done) => {
  const frame = canvas.getBoundingClientRect(), send = (name, x) => canvas.dispatchEvent(
    new PointerEvent(name, { clientX: x, clientY: frame.top + 60, pointerId: 1, bubbles: true }));
  canvas.setPointerCapture = () => {};
  const begin = performance.now(), middle = frame.left + frame.width / 2;
  const first = Number(canvas.dataset.frames);
  send("pointerdown", middle);
  const costs = [];
  const move = (now) => {
    costs.push(Number(canvas.dataset.cost));
    const passed = (now - begin) / 1000;
    send("pointermove", middle + 100 * Math.sin(6 * passed));
    if (passed < seconds) requestAnimationFrame(move);
    else {
      send("pointerup", middle);
      const cost = costs.sort((one, other) => one - other)[costs.length >> 1];
      done([(Number(canvas.dataset.frames) - first) / passed, cost]);
    }
  };
  requestAnimationFrame(move);
})"""


def fluid(canvas):
    """Frames per second while it is moved, and whether these are 30 or would be on a machine that is free."""
    speed, cost = max((canvas.evaluate(PAN, 1.0) for _ in range(3)), key=lambda found: found[0])
    busy = os.getloadavg()[0] > os.cpu_count()  # then others have the processor most of the time
    return speed, cost, cost < 1000.0 / 30.0 and (speed > 30.0 or busy)


class Raster:
    """The widget on a page."""

    def __init__(self, notebook):
        self.page = notebook.page
        self.root = self.page.locator(".nest-lab-raster")
        self.canvas = self.root.locator("canvas")

    def field(self, name):
        return self.root.get_by_label(name)

    def window(self):
        return tuple(float(self.field(name).input_value()) for name in ("From (ms)", "to (ms)"))

    def is_at(self, start, stop):
        """Wait until the window is there."""
        self.page.wait_for_function(
            """([root, start, stop]) => {
                 const fields = [...root.querySelectorAll(".bar input")];
                 const [one, other] = fields.map((field) => Number(field.value));
                 return Math.abs(one - start) < 0.6 && Math.abs(other - stop) < 0.6;
               }""",
            arg=[self.root.element_handle(), start, stop],
        )

    def ink(self):
        """How many pixels of the raster are coloured."""
        return self.canvas.evaluate(
            """canvas => {
                 const box = [0.2 * canvas.width, 10, 0.7 * canvas.width, 200].map(Math.round);
                 const image = canvas.getContext("2d").getImageData(...box).data;
                 return image.filter((value, i) => i % 4 === 3 && value > 0).length;
               }"""
        )


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    name = lab.write("raster.ipynb", MILLION, "print(raster.window, len(raster.image('svg')) > 1000)")
    notebook = open_notebook(name)
    notebook.run(0)
    return notebook


@pytest.fixture
def raster(notebook):
    raster = Raster(notebook)
    raster.canvas.wait_for()
    raster.canvas.scroll_into_view_if_needed()
    raster.root.locator("tbody tr").first.wait_for()  # the spikes are there
    raster.page.wait_for_timeout(100)
    raster.root.get_by_role("button", name="Show everything").click()
    raster.is_at(0.0, 10_000.0)
    yield raster
    assert notebook.errors == []


def test_a_million_spikes_stay_fluid(raster, notebook, measured):
    """All of them in view, and a window of a tenth: both move at 30 frames per second."""
    assert raster.ink() > 10_000
    notebook.picture("raster")
    for name, stop in (("nine tenths", "9500"), ("a tenth", "3000")):
        raster.field("From (ms)").fill("2000" if name == "a tenth" else "500")
        raster.field("to (ms)").fill(stop)
        raster.field("to (ms)").press("Enter")
        raster.is_at(2000.0 if name == "a tenth" else 500.0, float(stop))
        speed, cost, good = fluid(raster.canvas)
        measured(f"frames per second of 10^6 spikes, {name} in view, and ms for one", [speed, cost])
        assert good, (name, speed, cost)
    notebook.picture("raster-zoomed")


def test_keyboard_and_wheel(raster, notebook):
    """The same by keys, which do not reach the notebook, and by the wheel once the canvas has the focus."""
    raster.canvas.focus()
    raster.canvas.press("+")
    raster.is_at(1000.0, 9000.0)
    raster.canvas.press("ArrowRight")
    raster.is_at(1800.0, 9800.0)
    raster.canvas.press("Home")
    raster.is_at(0.0, 8000.0)
    raster.canvas.press("0")
    raster.is_at(0.0, 10_000.0)
    raster.canvas.hover(position={"x": 500, "y": 100})
    raster.page.mouse.wheel(0, -100)
    raster.page.wait_for_timeout(300)
    start, stop = raster.window()
    assert start > 100.0
    assert stop < 9900.0
    raster.page.keyboard.down("Shift")
    raster.page.mouse.wheel(0, -300)
    raster.page.keyboard.up("Shift")
    raster.page.wait_for_timeout(300)
    notebook.picture("raster-rows")


def test_what_is_refused_is_said_beside_the_field(raster, notebook):
    """With the words of the kernel; the last valid window stays."""
    raster.field("to (ms)").fill("late")
    raster.field("to (ms)").press("Enter")
    wrong = raster.root.get_by_role("alert")
    wrong.filter(has_text="two times").wait_for()
    assert wrong.inner_text() == (
        "SpikeRaster.window: a window must be two times. Value: (0, 'late') (tuple). "
        "Allowed: (start, stop) in ms. Give the time at which it begins and that at which it ends."
    )
    assert raster.field("to (ms)").get_attribute("aria-invalid") == "true"
    notebook.picture("raster-error")
    notebook.run(1)
    notebook.page.wait_for_function("() => document.body.innerText.includes('(0.0, 10000.0) True')")
    raster.field("to (ms)").fill("500")
    raster.field("to (ms)").press("Enter")
    wrong.wait_for(state="hidden")
    raster.is_at(0.0, 500.0)


def test_it_is_saved_by_matplotlib(raster):
    """The same window as a file."""
    raster.field("to (ms)").fill("300")
    raster.field("to (ms)").press("Enter")
    raster.is_at(0.0, 300.0)
    with raster.page.expect_download() as download:
        raster.root.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename == "SpikeRaster.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF")


def test_dark_theme(raster, notebook):
    raster.field("to (ms)").fill("500")
    raster.field("to (ms)").press("Enter")
    raster.is_at(0.0, 500.0)
    notebook.theme("JupyterLab Dark")
    raster.page.wait_for_function(
        "root => getComputedStyle(root.querySelector('.swatch')).backgroundColor === 'rgb(86, 180, 233)'",
        arg=raster.root.element_handle(),
    )
    raster.page.wait_for_timeout(500)
    notebook.picture("raster-dark")
    notebook.theme("JupyterLab Light")
