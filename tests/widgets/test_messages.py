"""What pages send: whatever it is, nothing is raised where nobody would see it."""

import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab import widgets
from nest_lab.gallery.brunel import Brunel
from nest_lab.gallery.eprop_regression import EpropRegression


@pytest.fixture(scope="module")
def made():
    """A widget of each kind."""
    nest.ResetKernel()
    cells, spikes, meter = (
        nest.Create("iaf_psc_alpha", 5, {"I_e": 400.0}),
        nest.Create("spike_recorder"),
        nest.Create("voltmeter"),
    )
    nest.Connect(cells, spikes)
    nest.Connect(meter, cells)
    nest.Connect(cells, cells, syn_spec={"synapse_model": "stdp_synapse"})
    nest.Simulate(100.0)
    return [
        widgets.SpikeRaster(spikes),
        widgets.TraceView(meter),
        widgets.RatePanel(spikes),
        widgets.ConnectivityView({"cells": cells}),
        widgets.PlasticityView(nest.GetConnections(cells, cells)),
        widgets.ModelExplorer("iaf_psc_alpha"),
        widgets.LiveSimulation(Brunel.preset("classroom").build()),
        widgets.LearningCurve(EpropRegression(n_in=5, n_rec=5, steps=20).build()),
        widgets.NetworkEditor(),
        widgets.Sweep(Brunel.preset("classroom"), ("g", "eta"), duration=10.0),
    ]


def refusal(widget):
    """What the page shows of it."""
    said = [getattr(widget, name, "") for name in ("_wrong", "_failure")]
    return "".join([*said, *getattr(widget, "_problems", {}).values()])


def test_every_kind_is_here(made):
    assert {type(widget).__name__ for widget in made} == set(widgets.__all__)


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "run",
        {},
        {"do": None},
        {"do": 3},
        {"do": "explode"},
        {"do": ["run"]},
        {"do": "save"},
        {"do": "save", "format": "png", "wider": True},
        {"do": "_hear"},
        {"do": {}, "path": 5},
        {"do": "save", "path": [1, None]},
    ],
    ids=str,
)
def test_what_no_page_should_send(made, content):
    for widget in made:
        for name in ("_wrong", "_failure"):
            if hasattr(widget, name):
                setattr(widget, name, "")
        if hasattr(widget, "_problems"):
            widget._problems = {}
        widget._hear(widget, content, [])
        text = refusal(widget)
        kind = type(widget).__name__
        assert text.startswith(f"{kind}: the page asks for something that this widget does not do. Value: ")
        assert "Allowed: " in text
        assert text.endswith(". Reload the page: it may be older than the program.")
        widget.comm.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def test_the_view_that_asked_is_named(made):
    """Or each of several views of one widget would hand the file to the user."""
    for widget in made:
        frames = []
        if not hasattr(widget, "_do_save"):
            continue
        widget.send = lambda content, buffers=None, frames=frames: frames.append(content)
        widget._hear(widget, {"do": "save", "format": "png", "page": "this one"}, [])
        assert [frame["page"] for frame in frames if "saved" in frame] == ["this one"]
        del widget.send


def test_a_pace_that_is_none(made):
    """A page says how much time there should be between two frames."""
    clocked = [widget for widget in made if hasattr(widget, "_do_pace")]
    assert len(clocked) == 3
    for widget in clocked:
        before, widget._failure = widget._frames.interval, ""
        if hasattr(widget, "_problems"):
            widget._problems = {}
        widget._hear(widget, {"do": "pace", "page": "p", "view": "v", "interval": "soon"}, [])
        kind = type(widget).__name__
        assert refusal(widget) == (
            f"{kind}: the time between two frames must be a number. Value: 'soon' (str). Allowed: a number "
            "above 0 s. Give the time between two frames in s."
        )
        widget._failure = ""
        widget._hear(widget, {"do": "pace", "page": "p", "view": "v", "interval": float("nan")}, [])
        assert refusal(widget) == (
            f"{kind}: the time between two frames must be above 0. Value: nan s. Allowed: a number above 0 "
            "s. Give the time between two frames in s."
        )
        widget._failure = ""
        assert widget._frames.interval == before
        widget._hear(widget, {"do": "pace", "page": "p", "view": "v", "interval": 0.07}, [])
        assert (refusal(widget), widget._frames.interval) == ("", 0.07)
