"""The explorer of neuron models as a person meets it: in JupyterLab, by mouse and keyboard."""

import time

import pytest

from tests.waiting import eventually

CELL = """
from nest_lab.widgets import ModelExplorer

explorer = ModelExplorer("aeif_cond_exp")
explorer
"""


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("explorer.ipynb", CELL, "print(explorer.model, explorer.values['a'])"))
    notebook.run(0)
    return notebook


@pytest.fixture
def root(notebook):
    root = notebook.page.locator(".nest-lab-explorer")
    root.locator(".bar output").filter(has_text="spikes in").wait_for()
    yield root
    assert notebook.errors == []


def spikes(root):
    """The number of spikes that is shown."""
    return int(root.locator(".bar output").inner_text().split()[0])


def frames(root):
    """How often each picture was drawn."""
    return [int(each.get_attribute("data-frames") or 0) for each in root.locator("canvas").all()]


def test_trace_curve_and_phase_plane(notebook, root):
    """All three are there at once."""
    assert spikes(root) > 5
    assert not root.get_by_label("Receptor").is_visible()  # of this model none has a name
    assert eventually(lambda: all(n > 0 for n in frames(root)))
    root.scroll_into_view_if_needed()
    notebook.picture("explorer")


def test_a_slider_changes_the_trace(notebook, root, measured):
    """By the keyboard: more current, more spikes."""
    before = spikes(root)
    slider = root.get_by_role("slider", name="current", exact=True)
    begin = time.perf_counter()
    slider.press("PageUp")
    assert eventually(lambda: spikes(root) > before)
    measured("s from a key to the new trace", time.perf_counter() - begin)


def test_what_is_refused_is_said_beside_its_knob(notebook, root):
    """With the words of the kernel; the trace stays, and the next valid value clears it."""
    before = spikes(root)
    number = root.get_by_role("textbox", name="tau_w, as a number")
    number.fill("-3")
    number.press("Enter")
    field = notebook.page.get_by_role("textbox", name="tau_w, as a number")
    wrong = root.locator(".knob").filter(has=field).get_by_role("alert")
    wrong.filter(has_text="out of bounds").wait_for()
    assert wrong.inner_text() == (
        "Create(): aeif_cond_exp.tau_w is out of bounds. Value: -3 ms. Allowed: above 0 ms. "
        "Choose a value that is allowed."
    )
    notebook.picture("explorer-error")
    assert spikes(root) == before
    number.fill("100")
    number.press("Enter")
    wrong.wait_for(state="hidden")


def test_another_model_in_the_dark(notebook, root):
    """Chosen by the keyboard; knobs and input are its own."""
    notebook.theme("JupyterLab Dark")
    root.get_by_role("combobox", name="Model").select_option("izhikevich")
    root.get_by_role("slider", name="d", exact=True).wait_for()
    root.get_by_role("combobox", name="Inject").select_option("spikes")
    root.get_by_role("slider", name="weight of a spike").wait_for()
    root.get_by_role("combobox", name="Inject").select_option("current")
    root.get_by_role("slider", name="weight of a spike").wait_for(state="detached")
    assert eventually(lambda: root.locator("canvas").nth(2).is_visible())
    notebook.page.wait_for_timeout(1000)
    root.scroll_into_view_if_needed()
    notebook.picture("explorer-dark")
    notebook.run(1)
    notebook.page.wait_for_function("() => document.body.innerText.includes('izhikevich 0.02')")
    notebook.theme("JupyterLab Light")


def test_rates_and_receptors(notebook, root):
    """Rate neurons get rates; where receptors have names, one is chosen."""
    root.get_by_role("combobox", name="Model").select_option("lin_rate_ipn")
    assert eventually(lambda: root.get_by_role("combobox", name="Inject").input_value() == "rate")
    root.get_by_role("combobox", name="Model").select_option("pp_cond_exp_mc_urbanczik")
    receptor = root.get_by_role("combobox", name="Receptor")
    receptor.wait_for()
    root.get_by_role("combobox", name="Inject").select_option("spikes")
    receptor.select_option("dendritic_exc")
    assert eventually(lambda: receptor.input_value() == "dendritic_exc")
    notebook.page.wait_for_timeout(1000)
    root.scroll_into_view_if_needed()
    notebook.picture("explorer-receptor")


def test_a_model_without_input_says_why(notebook, root):
    root.get_by_role("combobox", name="Model").select_option("siegert_neuron")
    root.locator(".why").first.filter(has_text="takes no current").wait_for()
    notebook.picture("explorer-nothing")
