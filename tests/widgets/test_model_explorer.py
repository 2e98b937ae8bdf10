"""The explorer of neuron models without a browser: over all of them, and what it refuses."""

import numpy as np
import pytest

pytest.importorskip("anywidget")

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, NumericalInstability, UnknownModel, UnknownName
from nest_lab.widgets import ModelExplorer
from nest_lab.widgets._experiment import Experiment, accepted, suggested

NEURONS = [name for name, model in nest.models.registry.items() if model.element_type == "neuron"]


def refused(kind, action):
    """Text of the error that an action raises."""
    with pytest.raises(kind) as error:
        action()
    return str(error.value)


def press(explorer, do, **what):
    """What a browser sends."""
    explorer._hear(explorer, {"do": do, **what}, [])


@pytest.mark.parametrize("model", NEURONS)
def test_every_model_works_or_says_why_not(model):
    """It shows a trace; a curve, or why it takes no input; a phase plane, or a reason."""
    explorer = ModelExplorer(model)
    facts = nest.models.registry[model]
    trace = explorer.trace
    assert list(trace.values) or not (facts.recordables or facts.numbered)
    assert all(np.isfinite(values).all() for values in trace.values.values())
    whys = []
    for kind in ("current", "spikes", "rate"):
        receptor, why = accepted(model, kind)
        assert (receptor is None) == (kind not in explorer._inputs) == bool(why)
        whys.append(why)
    assert explorer._notes["input"] == ("\n".join(whys) if explorer.input == "nothing" else "")
    if explorer.input == "nothing":
        assert explorer.curve is None
    else:
        assert len(explorer.curve.amounts) >= 7
        assert np.isfinite(explorer.curve.responses).all()
    assert (explorer.plane is None) == bool(explorer._notes["plane"])
    for knob in explorer._knobs:
        assert knob["low"] < knob["high"], knob
        if knob["group"] == "parameters":
            field = facts.parameters[knob["name"]]
            assert (knob["unit"], knob["doc"]) == (field.unit, field.doc)
            assert field.lower is None or knob["low"] >= field.lower
            assert field.upper is None or knob["high"] <= field.upper
    explorer.close()


@pytest.mark.parametrize("model", NEURONS)
@pytest.mark.parametrize("kind", ["current", "spikes", "rate"])
def test_the_input_makes_it_fire(model, kind):
    """What is injected at first is enough for some spikes, if any strength is."""
    if accepted(model, kind)[0] is None or not nest.models.registry[model].spiking:
        return
    amount, highest, weight = suggested(model, kind)
    assert 0.0 < amount <= highest
    assert weight > 0.0


def test_the_curve_is_that_of_the_theory():
    """Rate of a leaky integrate-and-fire neuron, Lapicque's formula, to within a spike in the second."""
    explorer = ModelExplorer("iaf_psc_exp", tau_m=20.0)
    fields = nest.models.registry["iaf_psc_exp"].defaults
    resistance = 20.0 / fields["C_m"]
    drive = resistance * explorer.curve.amounts
    distance, reset = fields["V_th"] - fields["E_L"], fields["V_reset"] - fields["E_L"]
    with np.errstate(divide="ignore", invalid="ignore"):
        climb = 20.0 * np.log((drive - reset) / (drive - distance))
    interval = fields["t_ref"] + 0.1 * np.ceil(climb / 0.1)  # spikes are on the grid
    expected = np.where(drive > distance, 1000.0 / interval, 0.0)
    assert np.abs(explorer.curve.responses - expected).max() <= 1.0
    assert explorer.curve.responses.max() > 50.0


def test_the_phase_plane_is_that_of_the_equations():
    """The measured flow of Izhikevich's neuron is his equation's (2003, doi:10.1109/TNN.2003.820440)."""
    explorer = ModelExplorer("izhikevich", "current")
    explorer.set(current=10.0)
    plane = explorer.plane
    assert plane.names == ("V_m", "U_m")
    v, u = np.meshgrid(plane.x, plane.y)
    known = np.isfinite(plane.dx)
    assert known.mean() > 0.9
    dv, du = 0.04 * v**2 + 5.0 * v + 140.0 - u + 10.0, 0.02 * (0.2 * v - u)
    assert np.abs(plane.dx - dv)[known].max() < 0.01 * np.abs(dv).max()
    assert np.abs(plane.dy - du)[known].max() < 0.01 * np.abs(du).max()


def test_models_with_other_numbers_of_variables_say_so():
    assert ModelExplorer("iaf_psc_exp").plane is None
    explorer = ModelExplorer("hh_psc_alpha")
    assert explorer.plane is None
    assert explorer._notes["plane"] == (
        "A phase plane needs two variables that move; here these do: V_m, Act_m, Inact_h, Act_n."
    )


def test_the_network_of_the_user_is_not_touched():
    nest.ResetKernel()
    neurons = nest.Create("iaf_psc_alpha", 3)
    nest.SetDefaults("iaf_psc_alpha", {"tau_m": 11.0})
    explorer = ModelExplorer("iaf_psc_alpha")
    explorer.set(tau_m=30.0)
    explorer.wait()
    assert nest.network_size == 3
    assert nest.biological_time == 0.0
    assert nest.GetDefaults("iaf_psc_alpha", "tau_m") == 11.0
    assert neurons[0].tau_m == 10.0


def test_what_is_refused_is_shown_beside_its_knob():
    """With the words of the kernel; the last valid value and its trace stay, and the next one clears it."""
    explorer = ModelExplorer("iaf_psc_exp")
    before = explorer.trace
    press(explorer, "set", name="C_m", value=-1.0)
    assert explorer._errors == {
        "C_m": "Create(): iaf_psc_exp.C_m is out of bounds. Value: -1 pF. Allowed: above 0 pF. "
        "Choose a value that is allowed."
    }
    press(explorer, "set", name="tau_m", value="slow")
    assert "must be a number" in explorer._errors["tau_m"]
    press(explorer, "set", name="current", value=float("nan"))
    assert "current" in explorer._errors
    press(explorer, "set", name="duration", value=1e9)
    assert "Allowed: 10 … 10,000 ms" in explorer._errors["duration"]
    assert explorer.values["C_m"] == 250.0
    assert explorer.trace is before
    press(explorer, "set", name="C_m", value=200.0)
    press(explorer, "set", name="tau_m", value=12.0)
    assert set(explorer._errors) == {"current", "duration"}
    assert explorer.values["C_m"] == 200.0
    assert explorer.trace is not before


def test_what_a_program_gives_is_refused_too():
    explorer = ModelExplorer("izhikevich")
    assert refused(UnknownName, lambda: explorer.set(aa=1.0)).startswith(
        "ModelExplorer.set(): izhikevich has no such knob. Value: 'aa'."
    )
    assert "Did you mean 'iaf_psc_alpha'?" in refused(UnknownModel, lambda: ModelExplorer("iaf_psc_alhpa"))
    assert refused(UnknownName, lambda: ModelExplorer("stdp_synapse")).startswith(
        "ModelExplorer(): this is not a neuron model. Value: 'stdp_synapse' (synapse)."
    )
    assert refused(BadValue, lambda: explorer.choose("parrot_neuron", "current")).startswith(
        "ModelExplorer(): parrot_neuron does not take this input. Value: 'current'. Allowed: 'spikes'. "
    )
    assert (explorer.model, explorer.input) == ("izhikevich", "current")
    assert refused((BadType, BadValue), lambda: explorer.set(a="x"))
    press(explorer, "choose", model="nobody")
    assert "there is no model of this name" in explorer._wrong


def test_rates_go_into_rate_neurons():
    """A linear one settles where the rate puts it; what takes no rates says so."""
    explorer = ModelExplorer("lin_rate_ipn", sigma=0.0, rate=2.0)
    assert explorer._inputs == ["rate"]
    times, rate = explorer.trace.times, explorer.trace.values["rate"]
    assert np.abs(rate[times <= 50.0]).max() == 0.0
    assert rate[-1] == pytest.approx(2.0, rel=1e-6)
    assert explorer.curve.responses == pytest.approx(explorer.curve.amounts, abs=1e-6)
    assert refused(BadValue, lambda: explorer.choose("iaf_psc_exp", "rate")).startswith(
        "ModelExplorer(): iaf_psc_exp does not take this input. Value: 'rate'. Allowed: 'current' or "
        "'spikes'. "
    )


def test_the_receptor_can_be_chosen():
    """Of a model whose receptors have names; knobs keep their values."""
    explorer = ModelExplorer("pp_cond_exp_mc_urbanczik", "spikes")
    assert explorer._receptors == ["soma_exc", "soma_inh", "dendritic_exc", "dendritic_inh"]
    assert explorer.receptor == "soma_exc"
    explorer.set(**{"weight of a spike": 3.0, "duration": 200.0})
    soma = explorer.trace.values["V_m.s"]
    press(explorer, "choose", receptor="soma_inh")
    assert (explorer.receptor, explorer.input, explorer._wrong) == ("soma_inh", "spikes", "")
    assert explorer.values["weight of a spike"] == 3.0
    assert explorer.trace.values["V_m.s"].mean() < soma.mean() - 0.1
    assert refused(UnknownName, lambda: explorer.choose(receptor="soma_exk")).startswith(
        "ModelExplorer(): pp_cond_exp_mc_urbanczik has no such receptor for this input. Value: 'soma_exk'. "
        "Allowed: 'dendritic_exc', 'dendritic_inh', 'soma_exc', 'soma_inh'. Did you mean 'soma_exc'?"
    )
    assert explorer.receptor == "soma_inh"
    explorer.choose(input="current")
    assert explorer._receptors == ["soma_curr", "dendritic_curr"]
    assert refused(UnknownName, lambda: ModelExplorer("iaf_psc_exp", receptor="soma")) == (
        "ModelExplorer(): iaf_psc_exp has no such receptor for this input. Value: 'soma'. Allowed: none: its "
        "receptors have no names. Leave it out for the usual one."
    )


def test_parameters_stay_when_another_input_is_chosen():
    explorer = ModelExplorer("iaf_psc_exp", tau_m=15.0)
    explorer.choose(input="spikes")
    assert (explorer.input, explorer.values["tau_m"]) == ("spikes", 15.0)
    assert "weight of a spike" in explorer.values
    explorer.choose("iaf_psc_alpha")
    assert (explorer.input, explorer.values["tau_m"]) == ("current", 10.0)


def test_a_run_that_fails_keeps_the_last_picture():
    """A solution that leaves what makes sense: its error is shown, and the trace before stays."""
    explorer = ModelExplorer("aeif_cond_exp")
    before = explorer.trace
    explorer.set(current=-1e7)
    with pytest.raises(NumericalInstability) as error:
        explorer.wait()
    assert explorer._wrong == str(error.value)
    assert explorer._trace is before
    explorer.set(current=500.0)
    assert (explorer.trace is not before, explorer._wrong) == (True, "")


def test_the_page_gets_everything():
    explorer = ModelExplorer("aeif_cond_exp")
    explorer.wait()
    frames = []
    explorer.send = lambda content, buffers=None: frames.append((content, buffers))
    press(explorer, "look")
    trace, plane, curve = frames
    assert [panel["name"] for panel in trace[0]["panels"]] == ["V_m", "w"]
    assert len(trace[1]) == 3
    assert plane[0]["labels"] == ["V_m (mV)", "w (pA)"]
    assert curve[0]["labels"] == ["current (pA)", "rate (spikes/s)"]


def test_without_a_browser(tmp_path):
    explorer = ModelExplorer("aeif_cond_exp")
    assert "aeif_cond_exp: " in str(explorer)
    assert "phase plane of V_m and w" in str(explorer)
    assert explorer.save(tmp_path / "explorer.pdf").read_bytes().startswith(b"%PDF")
    assert ModelExplorer("lin_rate_ipn").image("png").startswith(b"\x89PNG")
    assert ModelExplorer("parrot_neuron").image("png").startswith(b"\x89PNG")


def test_an_experiment_in_a_few_lines():
    """A stronger current, more spikes."""
    weak, strong = (
        len(Experiment("iaf_psc_exp", None, "current", amount).trace().spikes) for amount in (500.0, 900.0)
    )
    assert weak < strong
