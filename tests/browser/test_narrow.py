"""Widgets on a page with little room, as beside an open file browser."""

import pytest

CELL = """
import nest_lab as nest
from IPython.display import display
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import ModelExplorer, NetworkEditor, PlasticityView, SpikeRaster, Sweep

with nest.Simulation():
    raster = SpikeRaster(Brunel.preset("classroom").build().simulate(200.0))
with nest.Simulation():
    before, after = nest.Create("parrot_neuron", 5), nest.Create("iaf_psc_alpha", 5)
    nest.Connect(before, after, syn_spec={"synapse_model": "stdp_synapse"})
    view = PlasticityView(nest.GetConnections(before, after))
sweep = Sweep(Brunel.preset("classroom"), {"g": [3.0, 6.0], "eta": [1.0, 2.0]}, duration=200.0)
display(raster, view, ModelExplorer(), sweep, NetworkEditor(), NetworkEditor())
"""
WIDGETS = {"raster": 240, "plasticity": 600, "explorer": 240, "sweep": 240}  # px that a chart has at least


@pytest.fixture(scope="module")
def notebook(lab, open_notebook):
    notebook = open_notebook(lab.write("narrow.ipynb", CELL))
    notebook.page.set_viewport_size({"width": 430, "height": 1000})
    notebook.run(0)
    return notebook


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_chart_keeps_its_room(notebook, widget):
    """Also beside widgets whose style sheets come later; the page scrolls."""
    canvas = notebook.page.locator(f".nest-lab-{widget} canvas").first
    canvas.scroll_into_view_if_needed()
    notebook.page.wait_for_function(
        "([canvas, least]) => canvas.clientWidth >= least && Number(canvas.dataset.frames) > 0",
        arg=[canvas.element_handle(), WIDGETS[widget]],
    )
    notebook.picture(f"narrow-{widget}")
    assert notebook.errors == []


def test_words_beside_the_axes_of_a_sweep_are_readable(notebook):
    """They go below the fields rather than into a column of single words."""
    words = notebook.page.locator(".nest-lab-sweep .axes > div > .faint").first
    assert words.bounding_box()["width"] > 150.0


@pytest.mark.parametrize("widget", ["raster", "explorer", "sweep", "editor"])
def test_no_control_is_cut(notebook, widget):
    """Fields, buttons and choices end where the widget does."""
    root = notebook.page.locator(f".nest-lab-{widget}").first
    root.scroll_into_view_if_needed()
    beyond = root.evaluate(
        """root => [...root.querySelectorAll("button, input, select, label")]
             .filter((each) => each.offsetParent && each.getBoundingClientRect().right
                               > root.getBoundingClientRect().right + 0.5)
             .map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert beyond == []


def test_widgets_of_a_page_do_not_share_names(notebook):
    """Neither ids, by which labels find their fields, nor groups of choices."""
    ids = notebook.page.locator(".nest-lab [id]").evaluate_all("all => all.map((each) => each.id)")
    assert len(ids) == len(set(ids)) > 20
    chosen = notebook.page.locator(".nest-lab-editor .kinds input:checked")
    assert chosen.count() == notebook.page.locator(".nest-lab-editor").count() == 2
