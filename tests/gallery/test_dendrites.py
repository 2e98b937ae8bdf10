"""The reduced neuron beside the full one: synaptic potentials, dendritic spikes, and trains of spikes."""

import json
from itertools import pairwise

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import cli, gallery
from nest_lab.errors import WrongState
from nest_lab.gallery.dendrites import MORPHOLOGY, Dendrites, coincidence, read_swc


def volleys(**changes):
    """A run of all volleys."""
    neuron = Dendrites.preset(changes.pop("preset", "EPSPs"), **changes).build()
    return neuron.simulate(float(neuron.onsets[-1] + neuron.parameters.pause))


@pytest.mark.parametrize("preset", ["EPSPs", "NMDA-spikes"])
def test_the_reduced_neuron_answers_as_the_full_one(preset):
    """A tenth of the compartments: peaks within 4 %, the soma at each moment within 5 % of its peak."""
    neuron = volleys(preset=preset)
    results = neuron.results()
    assert len(neuron.reduction.tree) < len(neuron.full) / 10
    assert results["impedance_error"].value < 1e-12
    for point in neuron.points:
        for place in ("soma", "synapse"):
            peak = results[f"{place}_{point}"]
            assert peak.value == pytest.approx(peak.predicted, rel=0.04)
        assert results[f"shape_{point}"].value < 0.05


def test_more_compartments_are_better():
    errors = []
    for spacing in (1000.0, 150.0, 50.0):
        results = volleys(spacing=spacing).results()
        peaks = [s.value / s.predicted - 1.0 for s in results if s.predicted and s.name.startswith("synapse")]
        errors.append(max(map(abs, peaks)))
    assert errors[0] > 0.1 > 0.04 > errors[1] > errors[2]
    assert errors[2] < 0.01


def test_the_full_model_is_fine_enough():
    """Half the length of the compartments changes the peaks by less than 0.5 %."""
    coarse, fine = (volleys(longest=longest).results() for longest in (15.0, 7.5))
    for statistic in coarse:
        if statistic.predicted:
            assert statistic.predicted == pytest.approx(fine[statistic.name].predicted, rel=5e-3)


def test_potentials_add_where_they_are_small():
    """A tenth of the conductance makes a tenth of the potential: the cable is linear."""
    large, small = (volleys(weight=weight).results() for weight in (0.01, 0.001))
    for statistic in large:
        if statistic.predicted:
            assert statistic.value == pytest.approx(10.0 * small[statistic.name].value, rel=0.01)


def test_an_nmda_spike_is_all_or_none():
    """In a linear dendrite twice the spikes make twice the potential, and less with saturation.

    With NMDA receptors the potential at the soma grows 2.8-fold from 6 to 12 spikes, and then hardly.
    """
    grown = {}
    for ratio in (0.0, 4.0):
        peaks = []
        for n in (6, 12, 24):
            neuron = Dendrites.preset("NMDA-spikes", volley=n, NMDA_ratio=ratio, pause=100.0)
            peaks.append(neuron.build().simulate(220.0).results()["soma_26"].predicted)
        grown[ratio] = peaks[1] / peaks[0], peaks[2] / peaks[1]
    assert grown[0.0][0] < 1.8
    assert grown[4.0][0] > 2.5
    assert grown[4.0][1] < 1.3


@pytest.mark.slow
def test_both_neurons_fire_the_same_spikes():
    """Ten seconds: rates within 10 %, and four of five spikes coincide beyond chance (4 ms).

    Where a spike comes a little later, the potentials after it differ, too.
    """
    neuron = Dendrites.preset("spikes", seed=3, recorded=10_000.0).build().simulate(10_000.0)
    results = neuron.results()
    assert results["rate"].value == pytest.approx(results["rate"].predicted, rel=0.1)
    assert results["rate"].value > 3.0
    assert results["coincidence"].value > 0.8
    assert results["difference"].value < 0.5 * results["spread"].value


def test_dendrites_rest_where_they_should():
    """Channels carry current at rest; the leak is set so that nothing moves, in both models."""
    neuron = Dendrites.preset("active", rate=0.0).build().simulate(200.0)
    for name in ("full", "reduced"):
        _, soma, at = neuron.voltages(name)
        assert np.abs(np.concatenate([soma, *at.values()]) + 75.0).max() < 1e-6


def test_coincidence():
    assert coincidence([], [], 100.0) != coincidence([], [], 100.0)  # nan
    regular = np.arange(50.0, 10_000.0, 100.0)
    assert coincidence(regular, regular + 3.9, 10_000.0) == 1.0
    assert coincidence(regular, regular + 4.1, 10_000.0) == pytest.approx(-0.08 / 0.92)
    generator = np.random.default_rng(1)
    one, other = (np.sort(generator.uniform(0.0, 1e6, 10_000)) for _ in range(2))
    assert coincidence(one, other, 1e6) == pytest.approx(0.0, abs=0.02)


def test_a_file_of_ones_own(tmp_path):
    lines = [
        "1 1 0 0 0 10 -1",
        "2 3 10 0 0 1 1",
        "3 3 60 0 0 1 2",
        "4 3 110 40 0 0.5 3",
        "5 3 110 -40 0 0.5 3",
    ]
    file = tmp_path / "mine.swc"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    neuron = Dendrites.preset("EPSPs", morphology=file).build().simulate(330.0)
    assert neuron.points == [4, 5]
    results = neuron.results()
    assert results["soma_4"].predicted == pytest.approx(results["soma_5"].predicted, rel=1e-6)


def test_before_build():
    with pytest.raises(WrongState) as error:
        Dendrites().voltages("full")
    assert str(error.value) == (
        "Dendrites.voltages(): the network has no nodes yet. Value: not built. "
        "Allowed: a network after build(). Call build() first."
    )


def test_notes_say_what_is_missing():
    neuron = Dendrites.preset("EPSPs").build().simulate(200.0)
    assert neuron.results().notes == [
        "The full model has 144 compartments, the reduced one 11.",
        "Only 2 of 5 volleys were sent.",
    ]


def test_the_rate_changes_in_the_built_network():
    neuron = Dendrites.preset("spikes").build()
    neuron.set_parameter("rate", 10.0)
    with neuron.simulation:
        assert neuron.noise.rate == 10.0
    assert neuron.controls() == {"rate": (0.0, 200.0)}


@pytest.mark.parametrize("preset", Dendrites.presets)
def test_on_the_command_line(preset, tmp_path):
    command = [
        "run",
        "dendrites",
        "--regime",
        preset,
        "--time",
        "300",
        "--sites",
        "2",
        "--out",
        str(tmp_path),
    ]
    assert cli.main(command) == 0
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["statistics"]["impedance_error"]["value"] < 1e-12
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("<svg") == 3


def test_the_shipped_file_is_found():
    assert gallery.get("dendrites") is Dendrites
    points = read_swc(MORPHOLOGY)
    assert all(before < after for before, after in pairwise(points.ids))
    assert nest.GetDefaults("cm_default")["V_th"] == -55.0
