"""The live simulation as a person meets it: in JupyterLab, by mouse and keyboard."""

import time

import pytest

from tests.browser.live import WIDGET, Live
from tests.waiting import eventually

BUSY = """
import time

end = time.perf_counter() + 20.0
while time.perf_counter() < end:  # holds Python all the time
    sum(range(1000))
"""


# What the kernel has of the page goes to files: a cell that is run moves the page.
FOLLOWED = """
import time
from pathlib import Path
from threading import Thread
from nest_lab.widgets import _recent

def follow():
    while True:
        late = float(Path("late.txt").read_text() or 0.0)
        _recent.perf_counter = lambda: time.perf_counter() - late  # frames seem to have been sent so long ago
        Path("interval.txt").write_text(str(live._frames.interval))
        time.sleep(0.05)

Path("late.txt").write_text("0.0")
Thread(target=follow, daemon=True).start()
"""


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    name = lab.write(
        "live.ipynb",
        WIDGET,
        BUSY,
        "live.wait()",
        "print(live.status, live.values['g'])",
        FOLLOWED,
    )
    notebook = open_notebook(name)
    notebook.run(0)
    return notebook


@pytest.fixture
def live(notebook):
    live = Live(notebook)
    live.canvas.wait_for()
    live.canvas.scroll_into_view_if_needed()
    if live.button("Stop").is_enabled():
        live.button("Stop").click()
        live.is_now("stopped")
    yield live
    assert notebook.errors == []


def test_the_tutorial_shows_a_raster(lab, open_notebook, measured):
    """Open the notebook, run all cells, press Run: spikes within 1.5 s."""
    notebook = open_notebook("30_networks/brunel.ipynb")
    notebook.menu("Run", "Run All Cells")
    live = Live(notebook)
    live.canvas.wait_for(timeout=180_000)  # how long the cells before it take is told by others
    live.canvas.scroll_into_view_if_needed()
    pressed = time.perf_counter()
    live.button("Run").press("Enter")
    assert eventually(lambda: live.dots()[0] > 0)
    first = time.perf_counter() - pressed
    measured("seconds to the first raster", first)
    live.page.wait_for_timeout(1500)
    notebook.picture("tutorial")
    live.button("Stop").click()
    live.is_now("stopped")
    assert first < 1.5
    assert notebook.errors == []


def flows(live):
    """Whether frames come as often as usual."""
    frames = live.frames
    live.page.wait_for_timeout(500)
    return live.frames >= frames + 4


def test_the_raster_moves_while_the_kernel_is_busy(notebook, live, measured):
    """Another cell computes; frames come, pixels change, and the buttons work all the same."""
    live.button("Run").click()
    live.is_now("running")
    assert eventually(lambda: flows(live))  # a page that was just loaded takes its time
    notebook.run(1)
    assert eventually(lambda: notebook.busy)
    begin, frames, (_, where) = time.perf_counter(), live.frames, live.dots()
    live.page.wait_for_timeout(2000)
    speed = (live.frames - frames) / (time.perf_counter() - begin)
    assert live.dots()[1] != where
    measured("frames per second while a cell computes", speed)
    notebook.picture("busy")
    paused = live.latency("Pause", "paused")
    time_then = live.time
    live.page.wait_for_timeout(200)
    assert live.time == time_then
    assert notebook.busy
    measured("ms to pause while a cell computes", paused)
    assert speed > 5.0
    assert paused < 500.0  # both want the interpreter
    notebook.menu("Kernel", "Interrupt Kernel")
    assert eventually(lambda: not notebook.busy)


def test_it_stops_and_pauses_at_once(live, measured):
    """Within 200 ms of the click."""
    slowest = {}
    for name, status in (("Pause", "paused"), ("Stop", "stopped")):
        tries = []
        for _ in range(3):
            live.latency("Run", "running")
            live.page.wait_for_timeout(150)
            tries.append(live.latency(name, status))
        slowest[name] = sorted(tries)[1]
    measured("ms to pause and to stop", slowest)
    assert max(slowest.values()) < 200.0


def test_a_slider_changes_the_rate(live):
    """By the keyboard: less inhibition, more spikes; then back."""
    live.root.get_by_label("Speed").select_option(label="1,000 ms/s (real time)")
    live.button("Run").click()
    assert eventually(lambda: live.time > 600.0)
    assert eventually(lambda: 10.0 < live.rate < 30.0)
    slider = live.root.get_by_role("slider", name="g")
    for _ in range(3):
        slider.press("PageDown")  # a tenth of the range
    assert eventually(lambda: live.rate > 60.0)
    assert slider.input_value() == "2.6"
    for _ in range(3):
        slider.press("PageUp")
    assert eventually(lambda: live.rate < 30.0)
    live.root.get_by_label("Speed").select_option(label="200 ms/s")


def test_an_error_stands_beside_its_control(notebook, live):
    """With the words of the network; the last valid value stays, and the next valid one clears it."""
    number = live.root.get_by_role("textbox", name="g, as a number")
    number.fill("-1")
    number.press("Enter")
    wrong = live.root.locator(".knob").first.get_by_role("alert")
    wrong.filter(has_text="bounds").wait_for()
    assert wrong.inner_text() == (
        "BrunelParameters.g is out of bounds. Value: -1. Allowed: a number 0 … 10000. "
        "g is the strength of an inhibitory input relative to an excitatory one."
    )
    assert number.get_attribute("aria-invalid") == "true"
    notebook.picture("error")
    notebook.run(3)
    assert eventually(lambda: notebook.output(3) == "stopped 5.0")
    number.fill("4.8")
    number.press("Enter")
    wrong.wait_for(state="hidden")
    assert live.root.get_by_role("slider", name="g").input_value() == "4.8"


def test_a_run_of_a_given_length_shows_its_progress(live):
    live.button("Reset").click()
    assert eventually(lambda: live.time == 0.0)
    live.root.get_by_label("Run for (ms)").fill("300")
    live.button("Run").click()
    live.root.get_by_role("progressbar").wait_for()
    live.is_now("stopped")
    assert live.time == 300.0
    live.root.get_by_label("Run for (ms)").fill("")
    live.button("Step 10 ms").click()
    live.is_now("paused")
    assert live.time == 310.0


def test_an_interrupt_of_the_kernel_leaves_it_usable(notebook, live):
    """A cell that waits for the run is interrupted: the run pauses, and goes on when asked to."""
    live.button("Run").click()
    notebook.run(2)
    assert eventually(lambda: notebook.busy)
    live.page.wait_for_timeout(300)
    notebook.menu("Kernel", "Interrupt Kernel")
    live.is_now("paused")
    assert "KeyboardInterrupt" in notebook.output(2)
    then = live.time
    live.button("Run").click()
    assert eventually(lambda: live.time > then + 20.0)


def test_dark_theme(notebook, live):
    """Text and axes are light on dark, and the colours of the populations are the light ones."""
    live.button("Run").click()
    notebook.theme("JupyterLab Dark")
    colour = "root => getComputedStyle(root).color.match(/\\d+/g).slice(0, 3).map(Number)"
    assert eventually(lambda: min(live.root.evaluate(colour)) > 150)
    swatch = live.root.locator(".swatch").first
    assert eventually(
        lambda: swatch.evaluate("s => getComputedStyle(s).backgroundColor") == "rgb(86, 180, 233)"
    )
    live.page.wait_for_timeout(2000)
    notebook.picture("dark")
    notebook.theme("JupyterLab Light")
    assert eventually(lambda: max(live.root.evaluate(colour)) < 100)


def test_a_page_that_is_loaded_again_shows_it_again(notebook, live):
    """The kernel went on meanwhile, and the raster is full at once."""
    live.button("Run").click()
    live.is_now("running")
    notebook.page.keyboard.press("Control+s")
    live.page.wait_for_timeout(500)
    live.page.reload()
    live.canvas.wait_for()
    live.is_now("running")
    assert eventually(lambda: live.dots()[0] > 500)


@pytest.fixture
def interval(notebook, lab, live):
    """Tells how much time the kernel has between two frames, s, as the page told it."""
    file = lab.folder / "interval.txt"
    if not file.exists():
        notebook.run(4)
        assert eventually(file.exists)
        live.canvas.scroll_into_view_if_needed()
    return lambda: float(file.read_text() or "nan")


def test_what_is_out_of_sight_gets_few_frames(live, interval):
    """And as many as before when it comes back."""
    live.button("Run").click()
    live.is_now("running")
    live.root.evaluate("root => { root.style.marginBottom = '3000px'; }")
    live.page.locator(".jp-CodeCell").last.scroll_into_view_if_needed()
    assert eventually(lambda: interval() == 2.0)
    drawn = live.frames
    live.page.wait_for_timeout(1000)
    assert live.frames <= drawn + 1
    live.root.evaluate("root => { root.style.marginBottom = ''; }")
    live.canvas.scroll_into_view_if_needed()
    assert eventually(lambda: live.frames > drawn + 5)
    assert eventually(lambda: interval() <= 0.085)


def test_a_page_that_cannot_keep_up_gets_fewer_frames(lab, live, interval):
    """They come to it 0.6 s late, say the clocks; afterwards it gets all again."""
    live.button("Run").click()
    live.is_now("running")
    drawn = live.frames
    assert eventually(lambda: live.frames > drawn + 10)
    (lab.folder / "late.txt").write_text("0.6")
    assert eventually(lambda: interval() > 0.5)
    (lab.folder / "late.txt").write_text("0.0")
    assert eventually(lambda: interval() <= 0.085)


def test_a_widget_that_is_removed_pauses(notebook, live):
    """Nobody could stop it any more."""
    live.button("Run").click()
    live.is_now("running")
    notebook.select(0)
    for key in ("Escape", "d", "d"):
        notebook.page.keyboard.press(key)
    live.root.wait_for(state="detached")
    notebook.run(2)
    assert eventually(lambda: notebook.output(2).startswith("paused"))


def test_12500_neurons_at_ten_frames_per_second(lab, open_notebook, measured):
    """The published network, as fast as it can."""
    cell = WIDGET.replace('"classroom"', '"AI"').replace("4.0)}", "4.0)}, speed=None")
    notebook = open_notebook(lab.write("large.ipynb", cell))
    notebook.run(0)
    live = Live(notebook)
    live.canvas.wait_for(timeout=180_000)  # how long the cells before it take is told by others
    live.canvas.scroll_into_view_if_needed()
    live.button("Run").click()
    assert eventually(lambda: live.time > 500.0)
    begin, frames, model = time.perf_counter(), live.frames, live.time
    live.page.wait_for_timeout(3000)
    seconds = time.perf_counter() - begin
    measured("frames per second, 12,500 neurons", (live.frames - frames) / seconds)
    measured("model ms per second, 12,500 neurons", (live.time - model) / seconds)
    notebook.picture("large")
    measured("ms to stop, 12,500 neurons", stop := live.latency("Stop", "stopped"))
    assert (live.frames - frames) / seconds > 10.0
    assert stop < 200.0
