"""The editor of networks as a person meets it: in JupyterLab, by mouse and keyboard."""

import json
import re
import time

import pytest

WIDGET = """
from nest_lab.widgets import NetworkEditor

editor = NetworkEditor()
editor
"""
SPIKES = """
def spikes(recorder):
    events = recorder.events
    return sorted(zip(events["times"].tolist(), events["senders"].tolist()))

editor.wait()
ours = spikes(editor.recorders["rec1"])
"""
PROGRAM = """
import re

scope = {}
exec(editor.script(), scope)
print(len(ours), ours == spikes(scope["rec1"]))
"""
STATE = "print(editor)"


class Editor:
    """The widget on a page."""

    def __init__(self, notebook):
        self.notebook, self.page = notebook, notebook.page
        self.root = self.page.locator(".nest-lab-editor")
        self.svg = self.root.locator("svg.graph")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def tab(self, name):
        self.root.get_by_role("tab", name=name).click()

    def field(self, name):
        return self.root.get_by_role("textbox", name=name, exact=True)

    def node(self, label):
        return self.svg.get_by_role("button", name=re.compile(rf"^(Stimulator|Neurons|Recorder) {label},"))

    def edge(self, source, target):
        return self.svg.get_by_role("button", name=re.compile(f"^Connection from {source} to {target}"))

    def is_now(self, status):
        self.root.locator(".clock output").first.filter(has_text=status).wait_for()

    def add(self, kind, model):
        """Choose a model from the list."""
        self.tab("Add")
        self.root.get_by_role("radio", name=kind).check()
        self.root.get_by_role("searchbox").fill(model)
        self.root.locator(f'.list [data-model="{model}"]').click()

    def drag(self, begin, end):
        """Press the mouse at one place and let go at another."""
        mouse = self.page.mouse
        mouse.move(*begin)
        mouse.down()
        mouse.move((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2 + 5, steps=4)
        mouse.move(*end, steps=4)
        mouse.up()

    def middle(self, locator):
        box = locator.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def connect(self, source, target):
        """Drag from the handle of a node to another node."""
        outline = self.node(target).locator(":scope > :first-child")
        self.drag(self.middle(self.node(source).locator(".port")), self.middle(outline))

    def dots(self):
        """Coloured pixels of the raster."""
        return self.root.locator(".activity canvas").first.evaluate(
            """canvas => {
                 const box = [0.25 * canvas.width, 10, 0.7 * canvas.width, 150].map(Math.round);
                 const image = canvas.getContext("2d").getImageData(...box).data;
                 let count = 0;
                 for (let i = 3; i < image.length; i += 4) if (image[i]) count++;
                 return count;
               }"""
        )


def eventually(condition, seconds=20.0):
    """Whether something becomes true in time."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("editor.ipynb", WIDGET, SPIKES, PROGRAM, STATE))
    notebook.run(0)
    return notebook


@pytest.fixture
def editor(notebook):
    editor = Editor(notebook)
    editor.svg.wait_for(timeout=30_000)
    editor.svg.scroll_into_view_if_needed()
    yield editor
    assert notebook.errors == []


def test_an_empty_editor_says_what_to_do(notebook, editor):
    editor.root.get_by_role("heading", name="Build a network").wait_for()
    assert editor.button("Start with an example").is_visible()
    notebook.picture("editor-empty")


def test_a_network_is_built_by_mouse(notebook, editor):
    """A stimulator, neurons and a recorder from the list; two connections by dragging."""
    editor.add("Stimulators", "poisson_generator")
    editor.node("stim1").wait_for()
    editor.add("Neurons", "iaf_psc_alpha")
    editor.node("pop1").wait_for()
    editor.add("Recorders", "spike_recorder")
    editor.node("rec1").wait_for()
    editor.connect("stim1", "pop1")
    editor.edge("stim1", "pop1").wait_for()
    editor.connect("pop1", "rec1")
    editor.edge("pop1", "rec1").wait_for()
    editor.node("pop1").click()
    number = editor.field("Number")
    number.fill("100")
    number.press("Enter")
    editor.svg.get_by_text("100", exact=True).wait_for()
    notebook.picture("editor-node")
    editor.edge("stim1", "pop1").locator(".wide").click(force=True)
    weight = editor.field("weight")
    weight.fill("10")
    weight.press("Enter")
    notebook.picture("editor-connection")


def test_it_runs_beside_its_drawing(notebook, editor, measured):
    pressed = time.perf_counter()
    editor.button("Run").click()
    assert eventually(lambda: editor.dots() > 100)
    measured("seconds from Run to the first spikes of an edited network", time.perf_counter() - pressed)
    editor.is_now("stopped")
    notebook.picture("editor-activity")
