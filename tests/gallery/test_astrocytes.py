"""Calcium of one astrocyte beside SciPy and published bifurcations; synchrony of a tripartite network."""

import json

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import cli
from nest_lab.errors import BadValue
from nest_lab.gallery.astrocytes import Astrocytes, equilibrium, oscillates, oscillation_range

scipy_integrate = pytest.importorskip("scipy.integrate")

LEVELS = (0.30, 0.34, 0.37, 0.45, 0.55, 0.62, 0.69, 0.75)  # uM of IP3
TIME = 300_000.0  # ms


def li_rinzel(_, y, IP3):
    """The equations as they are published, in s and uM, with their own names (Li & Rinzel 1994)."""
    C, h = y
    c0, c1, v1, v2, v3, k3 = 2.0, 0.185, 6.0, 0.11, 0.9, 0.1
    d1, d2, d3, d5, a2 = 0.13, 1.049, 0.9434, 0.08234, 0.2
    reticulum = (c0 - C) / c1
    m_inf, n_inf, Q2 = IP3 / (IP3 + d1), C / (C + d5), d2 * (IP3 + d1) / (IP3 + d3)
    channel = c1 * v1 * (m_inf * n_inf * h) ** 3 * (reticulum - C)
    return [channel + c1 * v2 * (reticulum - C) - v3 * C**2 / (C**2 + k3**2), a2 * (Q2 - (Q2 + C) * h)]


@pytest.fixture(scope="module")
def traces():
    """Calcium at each level of IP3, for five minutes: times in ms, ours, and SciPy's."""
    nest.ResetKernel()
    nest.resolution = 2.0
    cells = nest.Create("astrocyte_lr_1994", len(LEVELS), {"IP3": LEVELS, "IP3_0": LEVELS})
    meter = nest.Create("multimeter", params={"record_from": ["Ca_astro"], "interval": 100.0})
    nest.Connect(meter, cells)
    nest.Simulate(TIME + 2.0)
    events = meter.events
    ours = events["Ca_astro"][np.lexsort((events["senders"], events["times"]))].reshape(-1, len(LEVELS))
    times = np.unique(events["times"])
    start = nest.GetDefaults("astrocyte_lr_1994", ["Ca_astro", "h_IP3R"])
    theirs = [
        scipy_integrate.solve_ivp(
            li_rinzel,
            (0.0, TIME / 1e3),
            start,
            args=(IP3,),
            method="DOP853",
            rtol=1e-11,
            atol=1e-13,
            t_eval=times / 1e3,
        ).y[0]
        for IP3 in LEVELS
    ]
    return times, ours, np.array(theirs).T


def test_calcium_is_that_of_the_published_equations(traces):
    """Within 1e-7 of the range of a trace, at each moment of five minutes."""
    _, ours, theirs = traces
    assert ours.shape == theirs.shape
    assert (np.abs(ours - theirs).max(axis=0) < 1e-7 * np.ptp(theirs, axis=0)).all()


def test_calcium_oscillates_between_two_levels_of_ip3(traces):
    """In the last minute it swings, or has come to rest; both simulations and the theory agree on where."""
    times, ours, theirs = traces
    late = times > TIME - 60_000.0
    for k, IP3 in enumerate(LEVELS):
        swings = [np.ptp(values[late, k]) for values in (ours, theirs)]
        assert (min(swings) > 0.05) == oscillates(IP3)
        if not oscillates(IP3):
            assert max(swings) < 0.02
            assert ours[-1, k] == pytest.approx(equilibrium(IP3)[0], rel=0.01)


def test_the_bifurcations_are_the_published_ones():
    """Oscillations from 0.355 to 0.637 uM of IP3, De Pittà et al. (2008)."""
    assert oscillation_range() == pytest.approx((0.355, 0.637), abs=5e-4)


def test_periods_are_those_of_the_published_equations(traces):
    """About 12 s, as for the oscillations that are seen in cells."""
    times, ours, theirs = traces
    for k, IP3 in enumerate(LEVELS):
        if IP3 not in (0.45, 0.55):
            continue
        periods = []
        for values in (ours[times > TIME / 3, k], theirs[times > TIME / 3, k]):
            middle = (values.max() + values.min()) / 2
            (up,) = np.nonzero((values[1:] > middle) & (values[:-1] <= middle))
            periods.append(100.0 * np.diff(up).mean())  # recorded every 100 ms
        assert periods[0] == pytest.approx(periods[1], rel=2e-3)
        assert 11_000.0 < periods[0] < 13_000.0


def test_ip3_out_of_bounds():
    with pytest.raises(BadValue) as error:
        equilibrium(-0.1)
    assert str(error.value) == (
        "equilibrium(): the concentration of IP3 is out of bounds. Value: -0.1 uM. Allowed: 0 … 2 uM."
    )


def test_a_tripartite_synapse_makes_a_slow_inward_current():
    """Spikes make IP3, IP3 makes calcium, and the current is the logarithm of what is above the threshold."""
    nest.ResetKernel()
    source = nest.Create("poisson_generator", params={"rate": 200.0})
    parrot = nest.Create("parrot_neuron")
    astrocyte = nest.Create("astrocyte_lr_1994", params={"delta_IP3": 0.0005})
    neuron = nest.Create("aeif_cond_alpha_astro")
    nest.Connect(source, parrot)
    nest.Connect(parrot, astrocyte)
    nest.Connect(astrocyte, neuron, syn_spec={"synapse_model": "sic_connection", "weight": 3.0, "delay": 1.0})
    inside = nest.Create("multimeter", params={"record_from": ["Ca_astro", "IP3"], "interval": 1.0})
    outside = nest.Create("multimeter", params={"record_from": ["I_SIC", "V_m"], "interval": 1.0})
    nest.Connect(inside, astrocyte)
    nest.Connect(outside, neuron)
    nest.Simulate(20_000.0)
    Ca, current = inside.events["Ca_astro"], outside.events["I_SIC"]
    assert inside.events["IP3"].max() > 0.5
    expected = 3.0 * np.log(np.maximum((Ca - 0.19669) * 1000.0, 1.0))
    assert expected.max() > 10.0
    # what the neuron has is what the astrocyte sent 1 ms (one sample) ago, in steps of 0.1 ms
    assert np.abs(current[1:] - expected[:-1]).max() < 0.02 * expected.max()


COUPLINGS = (0.0, 2.0, 4.0)


@pytest.fixture(scope="module")
def networks():
    """Nine seconds with each strength of the slow inward current, and with too much IP3."""
    found = {w: Astrocytes(w_SIC=w).build().simulate(9000.0).results() for w in COUPLINGS}
    found["overexcited"] = Astrocytes.preset("overexcited").build().simulate(9000.0).results()
    return found


@pytest.mark.slow
def test_synchrony_rises_with_the_coupling(networks):
    """Mean correlation of counts in 100 ms over 6 s, pairs of neurons of one astrocyte (8 x 300 pairs).

    Without coupling its standard error is about 1/sqrt(60 * 8 * 25) = 0.01: neurons share no input.
    """
    local = [networks[w]["local_synchrony"].value for w in COUPLINGS]
    assert abs(local[0]) < 0.03
    assert local[1] > local[0] + 0.03
    assert local[2] > local[1] + 0.08


@pytest.mark.slow
def test_synchrony_is_local(networks):
    """Neurons of one astrocyte are more alike than others, as Jiang et al. (2025) found."""
    assert networks[4.0]["local_synchrony"].value > 1.2 * networks[4.0]["synchrony"].value


@pytest.mark.slow
def test_too_much_ip3_ends_the_oscillation(networks):
    """Above the second bifurcation calcium is high and still; neurons fire more, but not together."""
    strong, over = networks[4.0], networks["overexcited"]
    assert over["IP3"].value > oscillation_range()[1]
    assert over["rate"].value > strong["rate"].value
    assert over["calcium_swing"].value < 0.5 * strong["calcium_swing"].value
    assert over["local_synchrony"].value < 0.5 * strong["local_synchrony"].value


def test_connections():
    """An astrocyte is where its target belongs, and each tripartite synapse has all three connections."""
    network = Astrocytes(N_E=80, N_I=20, N_A=4).build()
    sic = nest.GetConnections(synapse_model="sic_connection")
    depressing = {"synapse_model": "tsodyks_synapse"}
    into = nest.GetConnections(target=network.astrocytes, **depressing)
    primary = nest.GetConnections(network.populations["excitatory"], **depressing)
    assert len(sic) == len(into) > 100
    assert len(primary) - len(into) == pytest.approx(800, rel=0.15)
    first, domains = network.astrocytes[0].global_id, network.domains()
    assert [len(ids) for ids in domains] == [25] * 4
    for astrocyte, neuron in zip(sic.get("source"), sic.get("target"), strict=True):
        assert neuron in domains[astrocyte - first]


def test_the_coupling_changes_in_the_built_network():
    network = Astrocytes(N_E=40, N_I=10, N_A=2).build()
    network.set_parameter("w_SIC", 1.5)
    network.set_parameter("rate_ext", 500.0)
    with network.simulation:
        assert set(nest.GetConnections(synapse_model="sic_connection").get("weight")) == {1.5}
        assert network.external.rate == 500.0


def test_neurons_must_fit_the_astrocytes():
    with pytest.raises(BadValue) as error:
        Astrocytes(N_A=7)
    assert str(error.value) == (
        "Astrocytes(): neurons cannot be divided among the astrocytes. Value: 200 neurons, 7 astrocytes. "
        "Allowed: a multiple of N_A neurons. Change N_E, N_I or N_A."
    )


def test_on_the_command_line(tmp_path):
    command = ["run", "astrocytes", "--w-SIC", "2", "--time", "600", "--set", "N_E=40", "N_I=10", "N_A=2"]
    assert cli.main([*command, "--out", str(tmp_path)]) == 0
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert set(summary["statistics"]) == {"rate", "local_synchrony", "synchrony", "IP3", "calcium_swing"}
    assert "between 0.355 and 0.637 uM" in summary["notes"][0]
