"""Learning by e-prop: the whole text of what is refused; threads and interruptions do not matter."""

from __future__ import annotations

import numpy as np
import pytest

import nest_lab as nest

IAF, READOUT = "eprop_iaf_bsshslm_2020", "eprop_readout_bsshslm_2020"
ADAPTIVE = "eprop_iaf_adapt_bsshslm_2020"
RATE = "rate_connection_delayed"
SYNAPSE, FEEDBACK = "eprop_synapse_bsshslm_2020", "eprop_learning_signal_connection_bsshslm_2020"


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    nest.resolution = 1.0
    yield
    nest.ResetKernel()


def refused(call):
    with pytest.raises(nest.NESTError) as caught:
        call()
    return str(caught.value)


def optimizer(**items):
    return lambda: nest.SetDefaults(SYNAPSE, {"optimizer": items})


@pytest.mark.parametrize(
    ("items", "text"),
    [
        (
            {"eta": -1.0},
            "SetDefaults(): eprop_synapse_bsshslm_2020.optimizer.eta is out of bounds. Value: -1. "
            "Allowed: at least 0. Choose a value that is allowed.",
        ),
        (
            {"batch_size": 0},
            "SetDefaults(): eprop_synapse_bsshslm_2020.optimizer.batch_size is out of bounds. Value: 0. "
            "Allowed: at least 1. Choose a value that is allowed.",
        ),
        (
            {"Wmin": 5.0, "Wmax": 1.0},
            "SetDefaults(): eprop_synapse_bsshslm_2020: Wmin must not be above Wmax. Value: 5 pA. "
            "Allowed: Wmin <= Wmax. Lower Wmin or raise Wmax.",
        ),
        (
            {"beta_1": 0.5},
            "SetDefaults(): eprop_synapse_bsshslm_2020.optimizer.beta_1 has no meaning for gradient_descent. "
            "Value: 0.5. Allowed: leaving it out. Set type to 'adam', or leave it out.",
        ),
        (
            {"type": "adam", "beta_2": 1.0},
            "SetDefaults(): eprop_synapse_bsshslm_2020.optimizer.beta_2 is out of bounds. Value: 1. "
            "Allowed: from 0 to 1. Choose a value that is allowed.",
        ),
    ],
)
def test_optimizers(items, text):
    before = nest.GetDefaults(SYNAPSE, "optimizer")
    assert refused(optimizer(**items)) == text
    assert nest.GetDefaults(SYNAPSE, "optimizer") == before


def test_names_are_suggested():
    assert "adam" in refused(optimizer(type="adamm"))
    assert "eta" in refused(optimizer(etta=1.0))
    assert "exponential" in refused(
        lambda: nest.Create(IAF, 1, {"surrogate_gradient_function": "exponentail"})
    )
    assert "cross_entropy" in refused(lambda: nest.Create(READOUT, 1, {"loss": "crossentropy"}))


def test_another_optimizer_begins_anew():
    nest.SetDefaults(SYNAPSE, {"optimizer": {"eta": 0.5}})
    nest.SetDefaults(SYNAPSE, {"optimizer": {"type": "adam", "beta_1": 0.5}})
    told = nest.GetDefaults(SYNAPSE, "optimizer")
    assert told["optimizer"] == "adam"
    assert (told["eta"], told["beta_1"], told["beta_2"]) == (1e-4, 0.5, 0.999)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (
            "eprop_update_interval",
            0.0,
            "nest.eprop_update_interval: eprop_update_interval must be at least the resolution. Value: 0 ms. "
            "Allowed: at least 1 ms. Choose a longer time.",
        ),
        (
            "eprop_learning_window",
            10.5,
            "nest.eprop_learning_window: eprop_learning_window must be a multiple of the resolution. "
            "Value: 10.5 ms. Allowed: multiples of 1 ms. Choose a time on the grid.",
        ),
    ],
)
def test_intervals(name, value, text):
    assert refused(lambda: setattr(nest, name, value)) == text


def test_a_window_longer_than_the_interval():
    nest.eprop_update_interval = 100.0
    nest.Create(IAF)
    assert refused(lambda: nest.Simulate(1.0)) == (
        "Simulate(): eprop_learning_window must not be longer than eprop_update_interval. Value: 1000 ms. "
        "Allowed: at most 100 ms. Shorten the window or lengthen the interval."
    )


def test_intervals_stay_during_a_simulation():
    nest.Create(IAF)
    nest.Simulate(1.0)
    assert refused(lambda: nest.set(eprop_update_interval=500.0)).startswith(
        "set(): the intervals of learning cannot change once the network has run. Value: 1 ms simulated. "
    )


def test_what_cannot_be_connected():
    parrot, neuron, readout, plain = (
        nest.Create(m) for m in ("parrot_neuron", IAF, READOUT, "iaf_psc_delta")
    )

    def connect(source, target, **spec):
        return refused(lambda: nest.Connect(source, target, syn_spec=spec))

    assert connect(parrot, neuron, synapse_model=SYNAPSE, delay=2.0) == (
        "Connect(): the delay of an eprop_synapse_bsshslm_2020 must be one step of the resolution. "
        "Value: 2 ms. "
        "Allowed: 1 ms. Give this delay: gradients are aligned for it."
    )
    assert "does not learn by gradients" in connect(parrot, plain, synapse_model=SYNAPSE)
    assert "does not put out the signal" in connect(neuron, neuron, synapse_model=FEEDBACK)
    assert "does not take the signal" in connect(readout, plain, synapse_model=FEEDBACK)
    assert "receptor_type" in connect(readout, readout, synapse_model=RATE)
    assert "cannot start at" in connect(nest.Create("spike_generator"), neuron, synapse_model=SYNAPSE)
    assert nest.num_connections == 0
    nest.Connect(parrot, neuron, syn_spec={"synapse_model": SYNAPSE})
    assert "must be one step" in refused(lambda: nest.GetConnections().set(delay=3.0))


@pytest.mark.parametrize(
    ("source", "target", "spec", "text"),
    [
        (
            READOUT,
            READOUT,
            {"synapse_model": RATE, "receptor_type": 3},
            "eprop_readout_bsshslm_2020 has no such receptor_type for the signal rate. "
            "Value: receptor_type 3. Allowed: receptor_type 1, 2. Give one of these as receptor_type.",
        ),
        (
            "step_rate_generator",
            READOUT,
            {"synapse_model": RATE},
            "eprop_readout_bsshslm_2020 has no such receptor_type for the signal rate. "
            "Value: receptor_type 0. Allowed: receptor_type 1, 2. Give one of these as receptor_type.",
        ),
        (
            READOUT,
            IAF,
            {"synapse_model": FEEDBACK, "receptor_type": 1},
            "eprop_iaf_bsshslm_2020 has no such receptor_type for the signal learning signal. "
            "Value: receptor_type 1. Allowed: receptor_type 0. Give one of these as receptor_type.",
        ),
        (
            "parrot_neuron",
            IAF,
            {"synapse_model": SYNAPSE, "receptor_type": 1},
            "eprop_iaf_bsshslm_2020 has no such receptor_type for spikes. Value: receptor_type 1. "
            "Allowed: receptor_type 0. "
            "Leave receptor_type out for the default, 0.",
        ),
        (
            READOUT,
            IAF,
            {"synapse_model": SYNAPSE},
            "an eprop_readout_bsshslm_2020 sends no spikes, which is what this synapse model carries. "
            "Value: eprop_readout_bsshslm_2020 to eprop_iaf_bsshslm_2020. Allowed: sources that spike. "
            "Choose a synapse model that carries its signal, rate.",
        ),
        (
            "parrot_neuron",
            IAF,
            {"synapse_model": SYNAPSE, "weight": 1000.0},
            "eprop_synapse_bsshslm_2020: the weight is above Wmax. Value: 1000 pA. Allowed: Wmin to Wmax. "
            "Lower the weight or raise Wmax.",
        ),
        (
            "parrot_neuron",
            IAF,
            {"synapse_model": SYNAPSE, "tau_m_readout": 0.0},
            "eprop_synapse_bsshslm_2020.tau_m_readout is out of bounds. Value: 0 ms. Allowed: above 0 ms. "
            "Choose a value that is allowed.",
        ),
    ],
)
def test_receptors_and_values_of_connections(source, target, spec, text):
    ends = nest.Create(source), nest.Create(target)
    assert refused(lambda: nest.Connect(*ends, syn_spec=spec)) == "Connect(): " + text
    assert nest.num_connections == 0


@pytest.mark.parametrize(
    ("times", "values", "text"),
    [
        (
            [2.0, 1.0],
            [1.0, 2.0],
            "step_rate_generator.amplitude_times must increase strictly. Value: 1 ms after 2 ms. "
            "Allowed: increasing times. Sort the times and drop repeated ones.",
        ),
        (
            [2.5],
            [1.0],
            "step_rate_generator.amplitude_times must be multiples of the resolution. Value: 2.5 ms. "
            "Allowed: multiples of 1 ms. Round the times, or set allow_offgrid_times to True.",
        ),
        (
            [2.0],
            [],
            "step_rate_generator: amplitude_times and amplitude_values must be of one length. "
            "Value: 1 times and 0 values. Allowed: equal lengths. Set both in one call.",
        ),
        (
            [0.0],
            [1.0],
            "step_rate_generator.amplitude_times is out of bounds. Value: 0 ms. Allowed: above 0 ms. "
            "Choose a value that is allowed.",
        ),
    ],
)
def test_rates_in_steps(times, values, text):
    params = {"amplitude_times": times, "amplitude_values": values}
    assert refused(lambda: nest.Create("step_rate_generator", 1, params)) == "Create(): " + text


@pytest.mark.parametrize("delay", [1, 2, 5])
def test_rates_arrive_with_their_delay(delay):
    """Beside the exact solution.

    In the reference simulator rates arrive a step early, or with a delay of one step too late.
    """
    times, values = [5, 6, 9], [1.0, 0.0, 2.0]
    params = {"amplitude_times": [float(t) for t in times], "amplitude_values": values}
    neuron = nest.Create("lin_rate_ipn", 1, {"sigma": 0.0, "mu": 0.0, "tau": 5.0})
    generator = nest.Create("step_rate_generator", params=params)
    nest.Connect(generator, neuron, syn_spec={"synapse_model": RATE, "delay": float(delay), "weight": 0.5})
    meter = nest.Create("multimeter", params={"record_from": ["rate"], "interval": 1.0})
    nest.Connect(meter, neuron)
    nest.Simulate(25.0)
    put_out = np.zeros(40)  # by time
    for time, value in zip(times, values, strict=True):
        put_out[time:] = value
    expected, rate = [], 0.0
    for time in np.arange(1, 25):
        arrived = put_out[time - delay] if time >= delay else 0.0
        rate = np.exp(-0.2) * rate - np.expm1(-0.2) * 0.5 * arrived
        expected.append(rate)
    np.testing.assert_allclose(meter.events["rate"], expected, rtol=1e-12, atol=1e-300)


def test_kernel_status():
    """The intervals go through SetKernelStatus as in PyNEST."""
    wanted = {
        "eprop_update_interval": 10.0,
        "eprop_learning_window": 5.0,
        "eprop_reset_neurons_on_update": False,
    }
    nest.SetKernelStatus(wanted)
    assert nest.GetKernelStatus(list(wanted)) == tuple(wanted.values())
    assert refused(lambda: nest.SetKernelStatus({"eprop_reset_neurons_on_update": 3})) == (
        "SetKernelStatus(): eprop_reset_neurons_on_update must be True or False. Value: 3 (int). "
        "Allowed: True, False. Give a truth value."
    )
    assert refused(lambda: nest.SetKernelStatus({"eprop_learning_window": float("nan")})) == (
        "SetKernelStatus(): eprop_learning_window must be at least the resolution. Value: nan ms. "
        "Allowed: at least 1 ms. Choose a longer time."
    )
    assert nest.GetKernelStatus(list(wanted)) == tuple(wanted.values())


def network(threads, parts, optimizer, loss):
    """Weights and spikes of a network that has learnt for six intervals."""
    nest.ResetKernel()
    nest.set(
        resolution=1.0, eprop_update_interval=40.0, eprop_learning_window=40.0, local_num_threads=threads
    )
    rng = np.random.default_rng(5)
    recurrent = {"C_m": 1.0, "E_L": 0.0, "V_m": 0.0, "V_th": 0.05, "tau_m": 30.0, "t_ref": 0.0}
    recurrent |= {"regular_spike_arrival": False, "c_reg": 2.0, "f_target": 20.0}
    inputs = nest.Create("parrot_neuron", 40)
    slow = {"adapt_beta": 0.01, "adapt_tau": 50.0}
    hidden = nest.Create(IAF, 200, recurrent) + nest.Create(ADAPTIVE, 100, recurrent | slow)
    readout = {"C_m": 1.0, "tau_m": 20.0, "regular_spike_arrival": False, "loss": loss}
    outputs = nest.Create(READOUT, 3, readout)
    targets = nest.Create("step_rate_generator", 3)
    nest.SetDefaults(SYNAPSE, {"optimizer": optimizer})
    spec = {"synapse_model": SYNAPSE, "delay": 1.0, "tau_m_readout": 20.0}
    for sources, ends, size in ((inputs, hidden, 0.5), (hidden, hidden, 0.1), (hidden, outputs, 0.3)):
        weights = rng.normal(size=(len(ends), len(sources))) * size
        nest.Connect(sources, ends, "all_to_all", spec | {"weight": weights})
    weights = rng.normal(size=(300, 3))
    nest.Connect(outputs, hidden, "all_to_all", {"synapse_model": FEEDBACK, "weight": weights})
    rate = {"synapse_model": RATE, "delay": 1.0}
    nest.Connect(targets, outputs, "one_to_one", rate | {"receptor_type": 2})
    if loss == "cross_entropy":
        pairs = {"rule": "all_to_all", "allow_autapses": False}
        nest.Connect(outputs, outputs, pairs, rate | {"receptor_type": 1})
    for target in targets:
        target.set(amplitude_times=np.arange(1.0, 240.0), amplitude_values=rng.normal(size=239))
    for relay in inputs:
        times = np.flatnonzero(rng.random(240) < 0.1) + 1.0
        nest.Connect(nest.Create("spike_generator", params={"spike_times": times}), relay)
    recorder = nest.Create("spike_recorder")
    nest.Connect(hidden, recorder)
    for part in parts:
        nest.Simulate(part)
    told = nest.GetConnections(synapse_model=SYNAPSE)
    order = np.lexsort((told.target, told.source))
    return np.asarray(told.weight)[order], np.asarray(recorder.events["times"])


DESCENT = {"type": "gradient_descent", "eta": 1e-3}
ADAM = {"type": "adam", "eta": 1e-3, "batch_size": 2}


@pytest.mark.parametrize(
    ("optimizer", "loss"),
    [(DESCENT, "mean_squared_error"), (ADAM, "cross_entropy")],
    ids=["regression", "classification"],
)
def test_threads_and_parts_do_not_matter(optimizer, loss):
    weights, spikes = network(1, [245.0], optimizer, loss)
    assert len(spikes) > 1000
    assert len(np.unique(weights)) > 50_000
    for threads, parts in ((2, [245.0]), (3, [245.0]), (2, [41.0, 1.0, 3.0, 100.0, 100.0])):
        again = network(threads, parts, optimizer, loss)
        assert again[0].tobytes() == weights.tobytes()
        assert again[1].tobytes() == spikes.tobytes()


def test_learning_makes_the_loss_smaller():
    """A constant target, which a readout comes nearer to from interval to interval."""
    nest.set(eprop_update_interval=50.0, eprop_learning_window=50.0)
    source = nest.Create("parrot_neuron")
    times = np.arange(400) + 2.0
    nest.Connect(nest.Create("spike_generator", params={"spike_times": times[times % 2 == 0]}), source)
    readout = nest.Create(READOUT, 1, {"tau_m": 10.0, "regular_spike_arrival": False})
    target = nest.Create("step_rate_generator", 1, {"amplitude_times": [1.0], "amplitude_values": [0.5]})
    nest.SetDefaults(SYNAPSE, {"optimizer": {"eta": 0.02}})
    nest.Connect(source, readout, syn_spec={"synapse_model": SYNAPSE, "weight": 0.0})
    nest.Connect(target, readout, syn_spec={"synapse_model": RATE, "receptor_type": 2})
    meter = nest.Create("multimeter", params={"record_from": ["error_signal"], "interval": 1.0})
    nest.Connect(meter, readout)
    nest.Simulate(405.0)
    loss = (np.asarray(meter.events["error_signal"])[4:404] ** 2).reshape(8, 50).sum(axis=1)
    assert np.all(np.diff(loss) < 0)
    assert loss[-1] < 0.5 * loss[0]


def test_the_two_forms_of_learning_do_not_mix():
    parrot, old, new, readout = (nest.Create(m) for m in ("parrot_neuron", IAF, "eprop_iaf", READOUT))

    def connect(source, target, synapse):
        return refused(lambda: nest.Connect(source, target, syn_spec={"synapse_model": synapse}))

    assert connect(parrot, old, "eprop_synapse") == (
        "Connect(): an eprop_synapse cannot end at an eprop_iaf_bsshslm_2020, "
        "which does not learn by gradients as this synapse does. "
        "Value: eprop_iaf_bsshslm_2020. Allowed: eprop_iaf, eprop_readout. "
        "Use static_synapse for it, or another model of neurons."
    )
    assert "Allowed: eprop_iaf_adapt_bsshslm_2020, " in connect(parrot, new, SYNAPSE)
    assert "does not put out the signal" in connect(readout, new, "eprop_learning_signal_connection")
    assert "does not take the signal" in connect(readout, new, FEEDBACK)
    assert nest.num_connections == 0


def online(threads, parts, optimizer):
    """Weights and spikes of a network that learns from spike to spike."""
    nest.ResetKernel()
    nest.set(resolution=1.0, local_num_threads=threads)
    rng = np.random.default_rng(6)
    params = {"C_m": 1.0, "E_L": 0.0, "V_m": 0.0, "V_th": 1.0, "c_reg": 1.0, "f_target": 20.0}
    inputs = nest.Create("parrot_neuron", 20)
    hidden = nest.Create("eprop_iaf", 300, params | {"eprop_isi_trace_cutoff": 15.0})
    outputs = nest.Create("eprop_readout", 3, {"C_m": 1.0})
    nest.SetDefaults("eprop_synapse", {"optimizer": optimizer})
    spec = {"synapse_model": "eprop_synapse", "delay": 1.0}
    for sources, ends, size in ((inputs, hidden, 0.5), (hidden, hidden, 0.02), (hidden, outputs, 0.1)):
        weights = rng.normal(size=(len(ends), len(sources))) * size
        nest.Connect(sources, ends, "all_to_all", spec | {"weight": weights})
    feedback = {"synapse_model": "eprop_learning_signal_connection", "weight": rng.normal(size=(300, 3))}
    nest.Connect(outputs, hidden, "all_to_all", feedback)
    for receptor, values in ((1, np.ones(200)), (2, rng.normal(size=200))):
        course = {"amplitude_times": np.arange(1.0, 201.0), "amplitude_values": values}
        rate = {"synapse_model": RATE, "receptor_type": receptor}
        nest.Connect(nest.Create("step_rate_generator", params=course), outputs, syn_spec=rate)
    for relay in inputs:
        times = np.flatnonzero(rng.random(200) < 0.2) + 1.0
        nest.Connect(nest.Create("spike_generator", params={"spike_times": times}), relay)
    recorder = nest.Create("spike_recorder")
    nest.Connect(hidden, recorder)
    for part in parts:
        nest.Simulate(part)
    told = nest.GetConnections(synapse_model="eprop_synapse")
    order = np.lexsort((told.target, told.source))
    return np.asarray(told.weight)[order], np.asarray(recorder.events["times"])


@pytest.mark.parametrize("optimizer", [DESCENT, ADAM], ids=["gradient_descent", "adam"])
def test_online_learning_does_not_depend_on_threads_and_parts(optimizer):
    weights, spikes = online(1, [200.0], optimizer)
    assert len(spikes) > 1000
    assert len(np.unique(weights)) > 50_000
    for threads, parts in ((2, [200.0]), (3, [200.0]), (2, [41.0, 1.0, 58.0, 100.0])):
        again = online(threads, parts, optimizer)
        assert again[0].tobytes() == weights.tobytes()
        assert again[1].tobytes() == spikes.tobytes()


def test_without_a_learning_window_nothing_is_learnt():
    parrot, readout = nest.Create("parrot_neuron"), nest.Create("eprop_readout", 1, {"C_m": 1.0})
    nest.Connect(nest.Create("spike_generator", params={"spike_times": [2.0, 5.0, 9.0, 20.0]}), parrot)
    nest.Connect(parrot, readout, syn_spec={"synapse_model": "eprop_synapse", "weight": 2.0})
    nest.Simulate(30.0)
    assert nest.GetConnections(synapse_model="eprop_synapse").weight == 2.0
