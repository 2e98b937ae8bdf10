"""Continuous coupling of differential equations, beside the reference and an accurate solution.

Adaptive solvers agree to 1e-3 of a trace's range, or better where it is said; where a system can be solved by other
means (DOP853 of SciPy with a relative tolerance of 1e-12) it is shown which of the simulators is closer to it.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import solve_ivp

import nest_lab
from nest_lab.testing import reference, samples, spikes

H = 0.1  # ms


def fresh(simulator, **kernel):
    simulator.ResetKernel()
    if simulator is not nest_lab:
        simulator.verbosity = simulator.VerbosityLevel.FATAL
    simulator.set(**kernel)
    return simulator


def both(scenario, threads=1):
    """Traces of the reference and of nest_lab, and nothing left behind."""
    nest = reference()
    results = []
    for simulator in (nest, nest_lab):
        results.append(scenario(simulator))
        simulator.ResetKernel()
    return results


def difference(expected, actual):
    """Largest difference of each trace as a fraction of its range."""
    assert expected.keys() == actual.keys()
    return {
        name: np.abs(np.asarray(actual[name]) - expected[name]).max() / max(np.ptp(expected[name]), 1e-12)
        for name in expected
        if name not in ("times", "senders")
    }


# -- gap_junction between hh_psc_alpha_gap ----------------------------------------------------------

GAP = {"synapse_model": "gap_junction"}
GAP_RECORDABLES = ("V_m", "Act_m", "Inact_h", "Act_n", "Inact_p", "I_syn_ex", "I_syn_in")
CURRENTS = (900.0, 0.0, -50.0)  # pA
WEIGHTS = (30.0, 5.0)  # nS: first to second, second to third


def gap_chain(nest, until=20.0, h=H, quiet=0.0, **kernel):
    """Three neurons in a row that are driven differently, after a time at rest."""
    fresh(nest, resolution=h, **kernel)
    neurons = nest.Create("hh_psc_alpha_gap", 3)
    meter = nest.Create("multimeter", params={"record_from": list(GAP_RECORDABLES), "interval": h})
    nest.Connect(meter, neurons)
    for i, weight in enumerate(WEIGHTS):
        nest.Connect(
            neurons[i],
            neurons[i + 1],
            {"rule": "one_to_one", "make_symmetric": True},
            GAP | {"weight": weight},
        )
    nest.Simulate(quiet)
    neurons.set([{"I_e": current} for current in CURRENTS])
    nest.Simulate(until + 2.0)
    traces = samples(meter)
    seen = traces["times"] <= until + 1e-6
    return {name: values[seen] for name, values in traces.items()}


def channel(V):
    """Rates of opening and closing of m, h, n, p (Mancilla et al. 2007)."""

    def linoid(x, width):
        return width * np.where(np.abs(x / width) < 1e-9, 1.0, (x / width) / -np.expm1(-x / width))

    return (
        (40.0 * linoid(V - 75.5, 13.5), 1.2262 * np.exp(-V / 42.248)),
        (0.0035 * np.exp(-V / 24.186), 0.017 * linoid(V + 51.25, 5.2)),
        (0.014 * linoid(V + 44.0, 2.3), 0.0043 * np.exp(-(V + 44.0) / 34.0)),
        (linoid(V - 95.0, 11.8), 0.025 * np.exp(-V / 22.222)),
    )


def solved_chain(until, h):
    """The potentials of the chain to 12 digits, sample by sample."""
    coupling = np.zeros((3, 3))
    for i, weight in enumerate(WEIGHTS):
        coupling[i, i + 1] = coupling[i + 1, i] = weight

    def slope(_, y):
        V, m, h, n, p = y.reshape(5, 3)
        ionic = 10.0 * (V + 70.0) + 4500.0 * m**3 * h * (V - 74.0) + (9.0 * n**4 + 9000.0 * p**2) * (V + 90.0)
        gaps = coupling @ V - coupling.sum(axis=1) * V
        gates = [a * (1 - x) - b * x for (a, b), x in zip(channel(V), (m, h, n, p), strict=True)]
        return np.concatenate([(-ionic + gaps + np.array(CURRENTS)) / 40.0, *gates])

    rest = nest_lab.GetDefaults("hh_psc_alpha_gap")
    start = [np.full(3, rest[name]) for name in ("V_m", "Act_m", "Inact_h", "Act_n", "Inact_p")]
    times = np.round(np.arange(1, round(until / h) + 1) * h, 6)
    solution = solve_ivp(
        slope, (0.0, until), np.concatenate(start), "DOP853", times, rtol=1e-12, atol=1e-12, max_step=0.05
    )
    return solution.y[:3].ravel()  # by neuron, then time, as `samples` has it


@pytest.mark.parametrize("order", [0, 1, 3])
def test_gap_junctions(order):
    """Traces agree for every order of interpolation; the reference relaxes over 1 ms, we over a step."""
    expected, actual = both(lambda nest: gap_chain(nest, wfr_interpolation_order=order, wfr_tol=1e-7))
    assert max(difference(expected, actual).values()) < 1e-5
    assert (actual["V_m"] > 0).any()


def test_gap_junctions_without_relaxation():
    """A step sees the potentials that the one before has led to; the reference sees none in its first."""
    expected, actual = both(lambda nest: gap_chain(nest, use_wfr=False, quiet=1.0))
    assert max(difference(expected, actual).values()) < 1e-5


def test_gap_junctions_approach_the_solution():
    """Closer with a smaller tolerance and a higher order; then as close as the reference.

    What is left then is how well a polynomial follows the upstroke of a spike, the same in both: at 0.1 ms badly.
    """
    h, until = 0.02, 8.0
    solution = solved_chain(until, h)

    def error(simulator, **kernel):
        V_m = gap_chain(simulator, until, h, **kernel)["V_m"]
        return np.abs(V_m - solution).max() / np.ptp(solution)

    errors = {tol: error(nest_lab, wfr_tol=tol) for tol in (1.0, 1e-4, 1e-8)}
    theirs = {tol: error(reference(), wfr_tol=tol) for tol in (1e-4, 1e-8)}
    linear, constant = (error(nest_lab, wfr_tol=1e-8, wfr_interpolation_order=order) for order in (1, 0))
    apart = error(nest_lab, use_wfr=False)
    reference().ResetKernel()
    nest_lab.ResetKernel()
    assert errors[1e-8] < 1e-4
    assert errors[1e-8] < errors[1e-4] < errors[1.0]
    # The reference makes one more step after the last change, so that it needs a smaller tolerance less.
    assert errors[1e-4] < 1.05 * theirs[1e-4]
    assert errors[1e-8] < 1.001 * min(theirs.values())
    assert errors[1e-8] < 0.2 * linear < 0.2 * constant
    assert apart > 100 * errors[1e-8]


def gap_network(nest, threads=1, parts=(40.0,), extrema=None):
    """Gap junctions, spikes and currents together."""
    fresh(nest, resolution=H, local_num_threads=threads, wfr_tol=1e-7)
    rng = np.random.default_rng(5)
    if extrema:
        nest.set(min_delay=extrema[0], max_delay=extrema[1])
    n = 20
    neurons = nest.Create("hh_psc_alpha_gap", n, params={"I_e": rng.uniform(200, 700, n).tolist()})
    train = nest.Create("spike_generator", params={"spike_times": [3.0, 5.5, 11.0, 18.0]})
    nest.Connect(train, neurons, "all_to_all", {"weight": rng.uniform(-200, 400, (n, 1)), "delay": 1.5})
    for _ in range(2):
        order = rng.permutation(n) + neurons[0].global_id
        spec = {"rule": "one_to_one", "make_symmetric": True}
        nest.Connect(
            nest.NodeCollection(sorted(order[:10])),
            nest.NodeCollection(sorted(order[10:])),
            spec,
            GAP | {"weight": 3.0},
        )
    nest.Connect(neurons[:5], neurons[5:], "all_to_all", {"weight": 20.0, "delay": 2.0})
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": H})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, neurons, syn_spec={"delay": 1.0})
    nest.Connect(neurons, recorder, syn_spec={"delay": 1.0})
    for part in parts:
        nest.Simulate(part)
    traces = samples(meter)
    seen = traces["times"] <= 38.0
    return {name: values[seen] for name, values in traces.items()} | {
        f"spike {name}": values for name, values in spikes(recorder).items()
    }


def test_a_network_with_gap_junctions_and_spikes():
    expected, actual = both(gap_network)
    assert len(actual["spike times"]) > 10
    np.testing.assert_allclose(actual["spike times"], expected["spike times"], rtol=1e-12)
    assert np.array_equal(expected["spike senders"], actual["spike senders"])
    assert np.abs(actual["V_m"] - expected["V_m"]).max() < 1e-4 * np.ptp(expected["V_m"])


@pytest.mark.parametrize("parts", [[10.0, 0.3, 29.7], [0.1] * 400])
def test_parts_and_slices_do_not_matter_to_gap_junctions(parts):
    plain = gap_network(nest_lab, extrema=(1.0, 2.0))
    other = gap_network(nest_lab, parts=parts, extrema=(0.1, 2.0))
    assert all(np.array_equal(plain[name], other[name]) for name in plain)


# -- astrocyte_lr_1994, sic_connection, aeif_cond_alpha_astro ------------------------------------------


def astrocytes(nest, until=400.0):
    """Astrocytes above and below the threshold of the slow current, and neurons that get it."""
    fresh(nest, resolution=H)
    rng = np.random.default_rng(8)
    names = ("Ca_tot", "IP3_0", "Kd_IP3_1", "Kd_IP3_2", "Kd_act", "Kd_inh", "Km_SERCA", "k_IP3R", "rate_IP3R")
    names += ("rate_L", "rate_SERCA", "ratio_ER_cyt", "tau_IP3", "delta_IP3", "SIC_scale")
    defaults = nest.GetDefaults("astrocyte_lr_1994")
    params = [{name: defaults[name] * rng.uniform(0.7, 1.5) for name in names} for _ in range(6)]
    for i, each in enumerate(params):
        each |= {"Ca_astro": 0.05 + 0.1 * i, "IP3": rng.uniform(0.1, 1.0), "h_IP3R": rng.uniform(0.3, 0.9)}
    astro = nest.Create("astrocyte_lr_1994", 6, params=params)
    neurons = nest.Create("aeif_cond_alpha_astro", 4, params={"I_e": [0.0, 400.0, 700.0, 900.0]})
    times = np.unique(rng.integers(1, 3000, 60)) * H
    train = nest.Create("spike_generator", params={"spike_times": np.round(times, 1)})
    nest.Connect(train, astro, "all_to_all", {"weight": rng.uniform(50, 500, (6, 1)), "delay": 1.0})
    nest.Connect(train, neurons, "all_to_all", {"weight": rng.uniform(1, 20, (4, 1)), "delay": 1.5})
    current = nest.Create("dc_generator", params={"amplitude": 1e-4, "start": 100.0, "stop": 200.0})
    nest.Connect(current, astro, syn_spec={"weight": np.linspace(-2, 5, 6).reshape(6, 1), "delay": 1.0})
    weights = rng.uniform(-5, 10, (4, 6))
    delays = np.round(rng.integers(5, 40, (4, 6)) * H, 6)
    nest.Connect(
        astro, neurons, "all_to_all", {"synapse_model": "sic_connection", "weight": weights, "delay": delays}
    )
    nest.Connect(neurons, astro, "all_to_all", {"weight": 10.0, "delay": 1.0})
    results = {}
    for label, nodes in (("astro", astro), ("neuron", neurons)):
        record = list(nodes[0].get("recordables"))
        meter = nest.Create("multimeter", params={"record_from": record, "interval": H})
        nest.Connect(meter, nodes, syn_spec={"delay": 1.0})
        results[label] = meter
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    nest.Simulate(until)
    traces = {
        f"{label} {name}": values
        for label, meter in results.items()
        for name, values in samples(meter).items()
    }
    return traces | {f"spike {name}": values for name, values in spikes(recorder).items()}


def test_astrocytes():
    """IP3, calcium, receptors, slow inward current and the neurons that it moves."""
    expected, actual = both(astrocytes)
    assert np.array_equal(expected["spike senders"], actual["spike senders"])
    assert len(actual["spike times"]) > 20
    np.testing.assert_allclose(actual["spike times"], expected["spike times"], atol=H * 1.01)
    for name in ("astro IP3", "astro Ca_astro", "astro h_IP3R", "neuron I_SIC"):
        assert np.ptp(expected[name]) > 0
        assert np.abs(actual[name] - expected[name]).max() < 1e-3 * np.ptp(expected[name]), name
    assert np.median(np.abs(actual["neuron V_m"] - expected["neuron V_m"])) < 1e-3 * np.ptp(
        expected["neuron V_m"]
    )


def test_an_astrocyte_approaches_the_solution():
    """Closer to an accurate solution than the reference."""
    start = {"Ca_astro": 0.2, "IP3": 0.9, "h_IP3R": 0.8, "IP3_0": 0.6}
    until = 5000.0

    def run(nest):
        fresh(nest, resolution=H)
        node = nest.Create("astrocyte_lr_1994", params=start)
        nest.Simulate(until)
        return np.array([node.get(name) for name in ("Ca_astro", "IP3", "h_IP3R")])

    p = nest_lab.GetDefaults("astrocyte_lr_1994") | start

    def slope(_, y):
        Ca, IP3, h = y
        gradient = (p["Ca_tot"] - Ca) / p["ratio_ER_cyt"] - Ca
        open_ = IP3 / (IP3 + p["Kd_IP3_1"]) * Ca / (Ca + p["Kd_act"]) * h
        channel_ = p["ratio_ER_cyt"] * p["rate_IP3R"] * open_**3 * gradient
        pump = p["rate_SERCA"] * Ca**2 / (p["Km_SERCA"] ** 2 + Ca**2)
        opening = p["k_IP3R"] * p["Kd_inh"] * (IP3 + p["Kd_IP3_1"]) / (IP3 + p["Kd_IP3_2"])
        return [
            channel_ + p["ratio_ER_cyt"] * p["rate_L"] * gradient - pump,
            (p["IP3_0"] - IP3) / p["tau_IP3"],
            opening * (1 - h) - p["k_IP3R"] * Ca * h,
        ]

    y0 = [start["Ca_astro"], start["IP3"], start["h_IP3R"]]
    solution = solve_ivp(slope, (0.0, until), y0, "DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
    expected, actual = both(run)
    assert np.abs(actual - solution).max() < 1e-9
    assert np.abs(actual - solution).max() <= np.abs(expected - solution).max() + 1e-12


# -- noise of rate neurons ---------------------------------------------------------------------------------


@pytest.mark.parametrize("simulator", ["nest_lab", "reference"])
@pytest.mark.parametrize(
    ("model", "name", "sigma"),
    [("lin_rate_ipn", "rate", 0.7), ("tanh_rate_opn", "noisy_rate", 0.7)],
)
def test_noise_of_rate_neurons(simulator, model, name, sigma):
    """Stationary variance of 4000 neurons: Ornstein-Uhlenbeck sigma^2/2, or white noise sigma^2 tau/h.

    Chi-square test of the variance: plausible (p above 1e-4) for the definition, not (below 1e-6) for 15 % more.
    """
    nest = fresh(reference() if simulator == "reference" else nest_lab, resolution=H, rng_seed=31)
    n, tau = 4000, 5.0
    neurons = nest.Create(model, n, {"sigma": sigma, "tau": tau})
    nest.Simulate(60.0)
    values = np.asarray(neurons.get(name))
    variance = sigma**2 / 2 if model.endswith("ipn") else sigma**2 * tau / H
    nest.ResetKernel()

    def plausibility(v):
        x = (values**2).sum() / v
        return 2 * min(stats.chi2.sf(x, n), stats.chi2.cdf(x, n))

    assert plausibility(variance) > 1e-4
    assert plausibility(1.15 * variance) < 1e-6
    assert stats.kstest(values / np.sqrt(variance), "norm").pvalue > 1e-4
