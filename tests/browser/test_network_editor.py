"""The editor of networks as a person meets it: in JupyterLab, by mouse and keyboard."""

import json
import re
import time

import pytest

from tests.waiting import eventually

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
RECEPTORS = """
from nest_lab.widgets import NetworkEditor

compartments = NetworkEditor(speed=None)
compartments.add("poisson_generator")
compartments.add("pp_cond_exp_mc_urbanczik")
compartments
"""


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


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("editor.ipynb", WIDGET, SPIKES, PROGRAM, STATE))
    notebook.run(0)
    return notebook


@pytest.fixture
def editor(notebook):
    editor = Editor(notebook)
    editor.svg.wait_for()
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


def test_what_is_refused_is_said_beside_its_field(notebook, editor):
    """In the words of the kernel; the network stays, and the next valid value clears it."""
    editor.node("pop1").click()
    tau = editor.field("tau_m (ms)")
    tau.fill("-3")
    tau.press("Enter")
    row = editor.root.locator(".row").filter(
        has=editor.page.get_by_role("textbox", name="tau_m (ms)", exact=True)
    )
    wrong = row.get_by_role("alert")
    wrong.filter(has_text="out of bounds").wait_for()
    assert wrong.inner_text() == (
        "pop1: iaf_psc_alpha.tau_m is out of bounds. Value: -3 ms. Allowed: above 0 ms. "
        "Choose a value that is allowed."
    )
    assert tau.get_attribute("aria-invalid") == "true"
    assert tau.input_value() == "-3"
    notebook.picture("editor-error")
    tau.fill("20")
    tau.press("Enter")
    wrong.wait_for(state="hidden")
    editor.tab("Code")
    editor.root.locator("pre.code").filter(has_text="'tau_m': 20.0").wait_for()


def test_a_time_without_an_end_is_infinite(editor):
    """Not the largest number that there is."""
    editor.node("stim1").click()
    assert editor.field("stop (ms)").get_attribute("placeholder") == "∞"


def test_undo_and_redo_by_keyboard(notebook, editor):
    code = editor.root.locator("pre.code")
    editor.tab("Code")
    editor.node("pop1").focus()
    editor.page.keyboard.press("Control+z")
    code.filter(has_not_text="tau_m").wait_for(state="attached")
    editor.page.keyboard.press("Control+z")  # the weight
    code.filter(has_not_text="'weight'").wait_for(state="attached")
    editor.page.keyboard.press("Control+Shift+z")
    editor.page.keyboard.press("Control+Shift+z")
    code.filter(has_text="'tau_m': 20.0").wait_for()
    assert editor.button("↷ Redo").is_disabled()
    assert (
        editor.root.get_by_role("button", name="↶ Undo").get_attribute("title") == "Undo: set tau_m (Ctrl+Z)"
    )


def test_a_distribution_is_chosen(notebook, editor):
    editor.node("pop1").click()
    editor.root.get_by_role("combobox", name="How V_m is given").select_option("uniform")
    low = editor.field("V_m, min")
    low.fill("-70")
    low.press("Enter")
    high = editor.field("V_m, max")
    high.fill("-56")
    high.press("Enter")
    editor.tab("Edit")
    high.scroll_into_view_if_needed()
    notebook.picture("editor-distribution")
    editor.tab("Code")
    editor.root.locator("pre.code").filter(has_text="nest.random.uniform(min=-70.0, max=-56.0)").wait_for()
    notebook.picture("editor-code")


def test_the_program_gives_the_same_spikes(notebook, editor):
    """What the Code tab shows, executed, and what the editor ran."""
    editor.button("Run").click()
    editor.is_now("running")
    editor.is_now("stopped")
    notebook.run(1)
    notebook.run(2)
    assert eventually(lambda: notebook.output(2).endswith("True"))
    assert int(notebook.output(2).split()[0]) > 1000


def test_a_node_is_moved_by_mouse_and_by_keys(notebook, editor):
    node = editor.node("rec1")
    x, y = editor.middle(node.locator(":scope > :first-child"))
    editor.drag((x, y), (x, y + 120))
    assert eventually(lambda: editor.middle(node.locator(":scope > :first-child"))[1] > y + 100)
    before = node.get_attribute("transform")
    node.focus()
    editor.page.keyboard.press("ArrowDown")
    assert eventually(lambda: node.get_attribute("transform") != before)


def test_everything_by_keyboard(notebook, editor):
    """Add, connect, record, duplicate, delete."""
    editor.tab("Add")
    editor.root.get_by_role("radio", name="Recorders").press("Space")
    search = editor.root.get_by_role("searchbox")
    search.fill("multimeter")
    search.press("Enter")
    editor.node("rec2").wait_for()
    editor.node("rec2").focus()
    editor.page.keyboard.press("c")
    editor.root.locator(".say").filter(has_text="Choose the node").wait_for()
    editor.node("pop1").focus()
    editor.page.keyboard.press("Enter")
    editor.edge("rec2", "pop1").wait_for()
    editor.node("rec2").press("Enter")
    assert editor.root.get_by_role("checkbox", name="V_m").is_checked()
    editor.root.get_by_role("checkbox", name="I_syn_ex").press("Space")
    editor.tab("Code")
    editor.root.locator("pre.code").filter(has_text="'I_syn_ex'").wait_for()
    editor.node("pop1").press("Control+d")
    editor.node("pop2").wait_for()
    editor.node("pop2").press("Delete")
    editor.node("pop2").wait_for(state="detached")


def test_signals_beside_spikes_in_the_dark(notebook, editor):
    notebook.theme("JupyterLab Dark")
    editor.button("Run").click()
    editor.is_now("running")
    editor.is_now("stopped")
    assert editor.root.locator(".activity canvas").nth(1).is_visible()
    notebook.picture("editor-dark")
    editor.root.locator(".activity canvas").nth(1).scroll_into_view_if_needed()
    notebook.picture("editor-dark-signals")
    editor.node("pop1").click()
    notebook.picture("editor-dark-node")
    notebook.theme("JupyterLab Light")


def test_export_and_import(notebook, editor, tmp_path):
    """A project of NEST Desktop goes out and comes back; a broken one is refused, and nothing is lost."""
    with editor.page.expect_download() as download:
        editor.button("Export").click()
    file = tmp_path / "network.json"
    download.value.save_as(file)
    assert [node["model"] for node in json.loads(file.read_text())["network"]["nodes"]] == [
        "poisson_generator",
        "iaf_psc_alpha",
        "spike_recorder",
        "multimeter",
    ]
    broken = tmp_path / "broken.json"
    broken.write_text(file.read_text()[:200])
    choose = editor.root.locator("input[type=file]")
    choose.set_input_files(broken)
    editor.root.get_by_role("alert").filter(has_text="line").wait_for()
    assert editor.node("pop1").is_visible()
    notebook.picture("editor-broken-file")
    editor.node("pop1").press("Delete")
    editor.node("pop1").wait_for(state="detached")
    choose.set_input_files(file)
    editor.edge("stim1", "pop1").or_(
        editor.svg.get_by_role("button", name=re.compile("^Neurons"))
    ).first.wait_for()
    editor.page.keyboard.press("Escape")
    editor.root.get_by_role("button", name="↶ Undo").click()
    editor.root.get_by_role("button", name="↶ Undo").click()
    editor.edge("stim1", "pop1").wait_for()


def test_a_page_that_is_loaded_again_shows_it_again(notebook, editor):
    """Network and activity."""
    notebook.page.keyboard.press("Control+s")
    editor.page.wait_for_timeout(500)
    editor.page.reload()
    editor.node("pop1").wait_for()
    editor.edge("stim1", "pop1").wait_for()
    editor.tab("Activity")
    assert eventually(lambda: editor.dots() > 100)


def test_what_is_saved_in_the_notebook_is_shown_without_its_kernel(lab, notebook, editor):
    """The drawing and the program are in the file, if JupyterLab saves the state of widgets."""
    page = editor.page
    page.evaluate("() => jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')")
    page.keyboard.press("Control+s")
    file = lab.folder / "editor.ipynb"
    assert eventually(lambda: "application/vnd.jupyter.widget-state+json" in file.read_text())
    notebook.menu("Kernel", "Shut Down Kernel")
    assert eventually(lambda: not lab.kernels())
    for _ in range(3):
        page.reload()
        # JupyterLab does not look into the file where its new kernel is late: jupyter-widgets/ipywidgets#3773
        missed = page.get_by_text("Error displaying widget: model not found")
        editor.edge("stim1", "pop1").or_(missed).wait_for()
        if eventually(editor.edge("stim1", "pop1").is_visible, 5.0):
            break
    editor.tab("Code")
    editor.root.locator("pre.code").filter(has_text="pop1 = nest.Create(").wait_for()
    notebook.picture("editor-saved")


def test_a_receptor_is_chosen_by_its_name(lab, open_notebook):
    """A connection drawn by mouse ends at the first that takes it; a list has names and numbers."""
    notebook = open_notebook(lab.write("receptors.ipynb", RECEPTORS))
    notebook.run(0)
    editor = Editor(notebook)
    editor.svg.wait_for()
    editor.svg.scroll_into_view_if_needed()
    editor.connect("stim1", "pop1")
    editor.edge("stim1", "pop1").locator(".wide").click(force=True)
    chosen = editor.root.get_by_role("combobox", name="receptor_type")
    chosen.scroll_into_view_if_needed()
    names = ["soma_exc", "soma_inh", "dendritic_exc", "dendritic_inh", "soma_curr", "dendritic_curr"]
    assert chosen.locator("option").all_inner_texts() == [
        "default: 0",
        *(f"{name} ({number})" for number, name in enumerate(names, 1)),
    ]
    assert chosen.input_value() == "1"
    chosen.select_option("dendritic_exc (3)")
    notebook.picture("editor-receptor")
    editor.tab("Code")
    code = editor.root.locator("pre.code")
    code.filter(has_text="# receptor_type 3 is dendritic_exc").wait_for()
    notebook.picture("editor-receptor-code")
    editor.tab("Edit")
    chosen.select_option("soma_curr (5)")  # takes no spikes
    row = editor.root.locator(".row").filter(has=editor.page.locator("select[aria-label=receptor_type]"))
    row.get_by_role("alert").filter(has_text="Allowed: 1 (soma_exc), 2 (soma_inh)").wait_for()
    assert chosen.get_attribute("aria-invalid") == "true"
    notebook.theme("JupyterLab Dark")
    notebook.picture("editor-receptor-dark")
    notebook.theme("JupyterLab Light")
    chosen.select_option("soma_inh (2)")
    row.get_by_role("alert").filter(has_text="Allowed").wait_for(state="hidden")
    code.filter(has_text="# receptor_type 2 is soma_inh").wait_for(state="attached")
    assert notebook.errors == []
