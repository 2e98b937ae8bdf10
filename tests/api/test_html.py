"""What a notebook shows of collections and simulations: small tables, however many nodes there are."""

from __future__ import annotations

import re

import pytest

import nest_lab as nest


@pytest.fixture(autouse=True)
def clean():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def cells(html):
    """Rows of all tables as lists of texts."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.S)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S) for row in rows]


def test_nodes_of_one_model():
    neurons = nest.Create("iaf_psc_exp", 1000, {"V_m": [-70.0] * 999 + [-60.0]})
    rows = cells(neurons._repr_html_())
    assert rows[:2] == [["model", "number", "ids"], ["iaf_psc_exp", "1,000", "1 … 1000"]]
    table = {row[0]: row[1:] for row in rows[2:]}
    assert table["V_m"][:2] == ["-70 … -60, mean -69.99", "mV"]
    assert table["tau_m"][:2] == ["10", "ms"]
    assert len(rows) < 40


def test_one_node_and_a_device():
    html = nest.Create("poisson_generator", params={"rate": 5.0})._repr_html_()
    assert "<strong>1 node</strong>" in html
    assert ["rate", "5", "spikes/s"] in [row[:3] for row in cells(html)]


def test_many_models_are_cut():
    nodes = sum((nest.Create(model) for model in nest.node_models[:40]), nest.NodeCollection())
    html = nodes._repr_html_()
    assert "… and 28 more stretches" in html
    assert html.count("<table") == 4


def test_text_is_escaped():
    assert "&lt;b&gt;" in nest.Create("spike_recorder", params={"label": "<b>"})._repr_html_()


def test_few_connections_are_listed():
    neurons = nest.Create("iaf_psc_exp", 2)
    nest.Connect(neurons, neurons, "one_to_one", {"weight": 2.5, "delay": 1.5})
    rows = cells(nest.GetConnections()._repr_html_())
    assert rows == [
        ["source", "target", "synapse_model", "weight", "delay (ms)"],
        ["1", "1", "static_synapse", "2.5", "1.5"],
        ["2", "2", "static_synapse", "2.5", "1.5"],
    ]


def test_many_connections_are_summarised():
    neurons = nest.Create("iaf_psc_exp", 100)
    nest.Connect(neurons, neurons, syn_spec={"weight": nest.random.uniform(1.0, 2.0)})
    nest.Connect(neurons[:10], neurons, syn_spec={"synapse_model": "stdp_synapse", "delay": 2.0})
    html = nest.GetConnections()._repr_html_()
    rows = {row[0]: row[1:] for row in cells(html)}
    assert rows["static_synapse"][:3] == ["10,000", "100", "100"]
    assert re.fullmatch(r"1\.0\d* … (1\.99\d*|2), mean 1\.(49\d*|50?\d*)", rows["static_synapse"][3])
    assert rows["stdp_synapse"] == ["1,000", "10", "100", "1", "2"]
    assert "<strong>11,000 connections</strong>" in html


def test_empty_and_replaced_collections_say_so():
    assert "&lt;empty&gt;" in nest.NodeCollection()._repr_html_()
    assert "does not contain any connections" in nest.GetConnections()._repr_html_()
    neurons = nest.Create("iaf_psc_exp", 2)
    nest.Connect(neurons, neurons)
    connections = nest.GetConnections()
    nest.ResetKernel()
    assert "replaced" in neurons._repr_html_()
    assert "replaced" in connections._repr_html_()


def test_simulation():
    nest.Create("iaf_psc_exp", 3)
    nest.Create("spike_recorder")
    nest.Simulate(10.0)
    rows = cells(nest.current()._repr_html_())
    for row in (["model time", "10 ms"], ["nodes", "4"], ["iaf_psc_exp", "3"], ["spike_recorder", "1"]):
        assert row in rows


def test_large_collections_are_shown_at_once():
    neurons = nest.Create("iaf_psc_exp", 300_000)
    nest.Connect(neurons, neurons, {"rule": "fixed_indegree", "indegree": 5})
    connections = nest.GetConnections()
    assert len(neurons._repr_html_()) < 20_000
    assert len(connections._repr_html_()) < 2_000
