"""What a network remembers of what it was told."""

import numpy as np
import pytest

import nest_lab as nest


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def told():
    return nest.current().network.told


def test_calls_are_remembered_in_order():
    """With what was given, not what it became; a refused call is not among them."""
    drawn = nest.random.uniform(0.0, 1.0)
    cells = nest.Create("iaf_psc_exp", 3, {"V_m": drawn})
    rule = {"rule": "fixed_indegree", "indegree": 2}
    nest.Connect(cells, cells, rule, {"weight": 2.0})
    rule["indegree"] = 5  # a program uses its dictionary again
    with pytest.raises(nest.NESTError):
        nest.Connect(cells, cells, {"rule": "fixed_indegree"})
    with pytest.raises(nest.NESTError):
        nest.Create("iaf_psc_exp", 3, {"tau_m": -1.0})
    create, connect = told()
    assert create == ("Create", "iaf_psc_exp", 1, 3, {"V_m": drawn}, None) or create[4]["V_m"] is drawn
    assert connect[0] == "Connect"
    assert connect[3:] == ({"rule": "fixed_indegree", "indegree": 2}, {"weight": 2.0})


def test_large_arrays_are_not_kept():
    """They would take memory for nothing."""
    cells = nest.Create("iaf_psc_exp", 2000, {"I_e": np.zeros(2000)})
    nest.Create("iaf_psc_exp", positions=nest.spatial.free([[0.0, 0.1 * i] for i in range(2000)]))
    nest.Connect(cells, cells, "one_to_one", {"weight": np.ones(2000)})
    assert told()[0][4] == {"I_e": ...}
    assert told()[1][5] is ...
    assert told()[2][4] == {"weight": ...}


def test_what_is_too_much_is_forgotten():
    """Loops of beginners cost neither time nor memory; a reset begins anew."""
    for _ in range(10_001):
        nest.Create("parrot_neuron")
    assert told() is None
    nest.ResetKernel()
    assert told() == []


def test_what_stands_in_a_list_is_kept_as_it_was():
    values = [{"V_m": -60.0}, {"V_m": -61.0}]
    nest.Create("iaf_psc_exp", 2, values)
    values[0]["V_m"] = -1.0
    assert told()[0][4] == [{"V_m": -60.0}, {"V_m": -61.0}]


def test_many_calls_with_arrays_are_forgotten():
    """A thousand calls with a hundred thousand ids would be a gigabyte."""
    cells = nest.Create("parrot_neuron", 50_000)
    some = cells[np.arange(0, 50_000, 2)]
    for _ in range(100):
        nest.Connect(some, cells[0])
        if told() is None:
            return
    raise AssertionError
