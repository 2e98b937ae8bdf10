"""Connections without a browser: the matrix, the map, the numbers, and what is refused."""

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, StaleCollection, UnknownName
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import ConnectivityView


def refused(kind, action):
    """Text of the error that an action raises."""
    with pytest.raises(kind) as error:
        action()
    return str(error.value)


@pytest.fixture
def layers():
    with nest.Simulation() as simulation:
        one = nest.Create("iaf_psc_exp", positions=nest.spatial.grid([5, 5]))
        other = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([2, 2]))
        near = {"rule": "pairwise_bernoulli", "p": 1.0, "mask": {"circular": {"radius": 0.25}}}
        nest.Connect(one, one, near, {"weight": 2.0, "delay": 1.5})
        nest.Connect(one[:1], other, syn_spec={"weight": -3.0})
        nest.Connect(one[:1], other, syn_spec={"weight": 5.0})
    return simulation, one, other


def test_the_matrix_is_that_of_the_connections(layers):
    """Targets by sources; where two connections fall in a cell it is their mean."""
    simulation, one, other = layers
    view = ConnectivityView({"one": one, "other": other})
    with simulation:
        found = nest.GetConnections()
        source, target, weight = (np.asarray(found.get(key)) for key in ("source", "target", "weight"))
    counts, sums = np.zeros((29, 29)), np.zeros((29, 29))
    np.add.at(counts, (target - 1, source - 1), 1)
    np.add.at(sums, (target - 1, source - 1), weight)
    assert np.array_equal(view.matrix(), counts)
    with np.errstate(invalid="ignore"):
        assert np.array_equal(view.matrix("weight"), sums / counts, equal_nan=True)
    assert view._rows[1] == {
        "from": "one",
        "to": "other",
        "connections": 8,
        "density": 8 / 100,
        "weight": 1.0,
        "delay": 1.0,
    }


def test_populations_in_another_order_than_their_ids(layers):
    _, one, other = layers
    view = ConnectivityView({"other": other, "one": one})
    assert view.matrix()[:4, 4].tolist() == [2.0] * 4
    assert view.matrix()[:, :4].sum() == 0.0


def test_the_map_shows_the_targets(layers):
    _, one, other = layers
    view = ConnectivityView({"one": one, "other": other})
    view.neuron = 13
    assert view.targets().tolist() == [8, 12, 13, 14, 18]
    frames = []
    view.send = lambda content, buffers=None: frames.append((content, buffers))
    view._hear(view, {"do": "neuron", "neuron": 1}, [])
    (matrix, _), (map_, (places, chosen)) = frames
    assert (matrix["cells"], map_["what"]) == (29, "map")
    assert places.shape == (29, 2)
    assert np.flatnonzero(chosen == 1).tolist() == [1, 5, 25, 26, 27, 28]


def test_a_network_of_the_gallery():
    """More neurons than cells: all connections are counted."""
    with nest.Simulation():
        network = Brunel.preset("classroom").build()
    view = ConnectivityView(network)
    assert not view._spatial
    assert view.matrix().shape == (240, 240)
    assert view.matrix().sum() == 100_000
    assert [row["density"] for row in view._rows] == [0.1] * 4
    assert str(view).splitlines()[1] == (
        "  excitatory to excitatory: 64,000 connections, density 0.100, mean weight 1, mean delay 1.5 ms"
    )
    assert view.image("png").startswith(b"\x89PNG")


def test_no_connections():
    with nest.Simulation():
        view = ConnectivityView(nest.Create("iaf_psc_exp", 3))
    assert str(view) == "0 connections of 3 neurons"
    view.quantity = "weight"
    assert view.image("svg").startswith(b"<?xml")


def test_update(layers):
    simulation, one, other = layers
    view = ConnectivityView({"one": one, "other": other})
    with simulation:
        nest.Connect(other, one)
    view.update()
    assert view._rows[-1]["connections"] == 100
    shown = str(view)
    simulation.reset()
    assert "was replaced by ResetKernel()" in refused(StaleCollection, view.update)
    assert str(view) == shown


def test_what_is_refused_leaves_what_is_shown(layers):
    _, one, _ = layers
    view = ConnectivityView(one)
    view._hear(view, {"do": "neuron", "neuron": 99}, [])
    assert view._wrong == (
        "ConnectivityView.neuron: this neuron is not shown. Value: neuron 99. "
        "Allowed: one of 25 neurons, 1 … 25. Give the node id of one of the neurons."
    )
    view._hear(view, {"do": "neuron", "neuron": "any"}, [])
    assert "a neuron is given by its node id. Value: 'any'" in view._wrong
    view._hear(view, {"do": "choose", "quantity": "wieght"}, [])
    assert "Did you mean 'weight'?" in view._wrong
    assert (view.neuron, view.quantity) == (1, "connections")
    view._hear(view, {"do": "choose", "quantity": "delay"}, [])
    assert (view.quantity, view._wrong) == ("delay", "")
    assert "there are no neurons in this" in refused(BadType, lambda: ConnectivityView(3))
    assert "there are no neurons in this" in refused(BadType, lambda: ConnectivityView({}))
    assert refused(UnknownName, lambda: view.matrix("colour")).startswith("ConnectivityView.matrix(): ")
    assert "not shown" in refused(BadValue, lambda: setattr(view, "neuron", 0))


def test_the_same_as_a_figure(layers):
    _, one, other = layers
    view = ConnectivityView({"one": one, "other": other})
    matrix, places, bar = view.figure().axes
    assert (matrix.get_xlabel(), matrix.get_ylabel()) == ("from", "to")
    assert [label.get_text() for label in matrix.get_yticklabels()] == ["one", "other"]
    assert len(places.lines[1].get_xdata()) == len(view.targets())
    assert bar.get_ylabel() == "connections"
