"""Connections that are more than pairs agree with the reference simulator in distribution, and with themselves in bits.

Degrees and numbers of connections of both simulators are samples of the same kind: two-sample chi-square and t tests,
plausible at p above 1e-4. The seed is fixed: a test passes always or never.
"""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import nest_lab
from nest_lab import errors
from nest_lab.testing import reference

PLAUSIBLE, IMPLAUSIBLE = 1e-4, 1e-6
FACTOR = "third_factor_bernoulli_with_pool"


@pytest.fixture(params=["nest_lab", "reference"])
def simulator(request):
    module = reference() if request.param == "reference" else nest_lab
    fresh(module)
    yield module
    module.ResetKernel()


def fresh(module, seed=20_001, threads=1):
    module.ResetKernel()
    if module is not nest_lab:
        module.verbosity = module.VerbosityLevel.ERROR
    module.rng_seed = seed
    module.local_num_threads = threads


def edges(module, pre=None, post=None):
    found = module.GetConnections(pre, post)
    return np.array(list(found.sources()), int), np.array(list(found.targets()), int)


def pooled(counts, expected, least=10):
    """Chi-square of counts, neighbours pooled until enough are expected in each class."""
    sums, o, e = [], 0.0, 0.0
    for observed, wanted in zip(counts, expected, strict=True):
        o, e = o + observed, e + wanted
        if e >= least:
            sums.append((o, e))
            o = e = 0.0
    sums[-1] = (sums[-1][0] + o, sums[-1][1] + e)
    observed, wanted = np.array(sums).T
    return stats.chisquare(observed, wanted * observed.sum() / wanted.sum()).pvalue


# -- third factors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "pool_size", "pool_type", "n_third"),
    [(0.4, 5, "random", 200), (0.4, 1, "block", 200), (0.4, 4, "block", 1600), (1.0, 200, "random", 200)],
)
def test_degrees_with_pools(simulator, p, pool_size, pool_type, n_third):
    """Primary, third-in and third-out degrees of 300 sources and 400 targets against their definition.

    The degrees of all sources and targets are binomial with the pairs' probability; of the third connections of one
    target the share that each node of the pool gets is uniform.
    """
    nest = simulator
    pre, post, third = (nest.Create("parrot_neuron", n) for n in (300, 400, n_third))
    spec = {"rule": FACTOR, "p": p, "pool_size": pool_size, "pool_type": pool_type}
    nest.TripartiteConnect(pre, post, third, {"rule": "pairwise_bernoulli", "p": 0.2}, spec)
    first = {"pre": pre[0].global_id, "post": post[0].global_id, "third": third[0].global_id}
    s, t = edges(nest, pre, post)
    s_in, t_in = edges(nest, pre, third)
    s_out, t_out = edges(nest, third, post)

    def binomial(ids, first_id, size, n, probability):
        degree = np.bincount(ids - first_id, minlength=size)
        classes = np.arange(n + 1)
        expected = size * stats.binom.pmf(classes, n, probability)
        return pooled(np.bincount(degree, minlength=n + 1), expected)

    for ids, start, size, n in ((s, "pre", 300, 400), (t, "post", 400, 300)):
        assert binomial(ids, first[start], size, n, 0.2) > PLAUSIBLE
    for ids, start, size, n in ((s_in, "pre", 300, 400), (t_out, "post", 400, 300)):
        assert binomial(ids, first[start], size, n, 0.2 * p) > PLAUSIBLE
        assert binomial(ids, first[start], size, n, 0.2 * p * 1.1) < IMPLAUSIBLE
    # every third node hears as often as it speaks
    assert np.array_equal(np.sort(t_in), np.sort(s_out))
    if p == 1.0:
        assert len(s_in) == len(s)
    uniform = 0.0
    seen = np.zeros(n_third, int)
    for k in range(400):
        mine = s_out[t_out == first["post"] + k] - first["third"]
        members, counts = np.unique(mine, return_counts=True)
        assert len(members) <= pool_size
        if pool_type == "block":
            allowed = [k // 2] if pool_size == 1 else range(4 * k, 4 * k + 4)
            assert set(members.tolist()) <= set(allowed)
        elif pool_size == 5:
            seen[members] += 1
        shares = np.append(counts, np.zeros(pool_size - len(counts)))
        uniform += ((shares - shares.mean()) ** 2 / shares.mean()).sum()
    if pool_size > 1:
        assert PLAUSIBLE < stats.chi2.sf(uniform, 400 * (pool_size - 1)) < 1 - PLAUSIBLE
    if pool_size == 5:  # 400 pools of 5 out of 200: each node is in a binomial number of them
        expected = 200 * stats.binom.pmf(np.arange(401), 400, 5 / 200)
        assert pooled(np.bincount(seen, minlength=401), expected) > PLAUSIBLE


@pytest.mark.parametrize(
    "rule",
    [
        {"rule": "all_to_all"},
        {"rule": "fixed_indegree", "indegree": 7},
        {"rule": "fixed_outdegree", "outdegree": 7},
        {"rule": "fixed_total_number", "N": 3000},
        {"rule": "pairwise_bernoulli", "p": 0.1},
        {"rule": "one_to_one"},
    ],
    ids=lambda rule: rule["rule"],
)
def test_third_factors_of_any_rule_do_not_depend_on_threads(rule):
    """Each third connection follows from one primary connection: sources and targets match."""
    nest, made = nest_lab, []
    for threads in (1, 2, 3):
        fresh(nest, threads=threads)
        pre, post, third = (nest.Create("parrot_neuron", n) for n in (700, 700, 300))
        weights = {"weight": nest.random.uniform(1.0, 2.0), "delay": nest.random.uniform(1.0, 3.0)}
        specs = {"primary": {"weight": 3.0}, "third_in": weights, "third_out": {"delay": 2.0} | weights}
        nest.TripartiteConnect(pre, post, third, rule, {"rule": FACTOR, "p": 0.3, "pool_size": 3}, specs)
        found = nest.GetConnections()
        made.append([np.asarray(found.get(name)) for name in ("source", "target", "weight", "delay")])
        primary = np.bincount(edges(nest, pre, post)[0], minlength=1701)
        s_in, t_in = edges(nest, pre, third)
        s_out, t_out = edges(nest, third, post)
        assert len(s_in) == len(s_out) > 0
        assert (np.bincount(s_in, minlength=1701) <= primary).all()
        assert (
            np.bincount(t_out, minlength=1701) <= np.bincount(edges(nest, pre, post)[1], minlength=1701)
        ).all()
        assert np.array_equal(np.sort(t_in), np.sort(s_out))
    for other in made[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(made[0], other, strict=True))


def test_the_older_call_is_the_same():
    """Everything in conn_spec gives what the two rules give."""
    nest, made = nest_lab, []
    for old in (True, False):
        fresh(nest)
        pre, post, third = (nest.Create("parrot_neuron", n) for n in (30, 40, 20))
        pool = {"pool_size": 2, "pool_type": "random"}
        specs = {"third_in": {"weight": 3.0}}
        if old:
            spec = {"rule": "tripartite_bernoulli_with_pool", "p_primary": 0.3, "p_third_if_primary": 0.5}
            nest.TripartiteConnect(pre, post, third, spec | pool, specs)
        else:
            nest.TripartiteConnect(
                pre,
                post,
                third,
                {"rule": "pairwise_bernoulli", "p": 0.3},
                {"rule": FACTOR, "p": 0.5} | pool,
                specs,
            )
        made.append(nest.GetConnections().get(["source", "target", "weight"]))
    assert made[0] == made[1]


def test_several_synapses_replay_the_same_pairs():
    nest = nest_lab
    fresh(nest)
    pre, post, third = (nest.Create("parrot_neuron", n) for n in (30, 40, 20))
    both = nest.CollocatedSynapses({"weight": 1.0}, {"weight": 2.0})
    specs = {"primary": both, "third_out": both}
    nest.TripartiteConnect(
        pre, post, third, {"rule": "fixed_indegree", "indegree": 3}, {"rule": FACTOR}, specs
    )
    for ends, count in (((pre, post), 240), ((pre, third), 120), ((third, post), 240)):
        found = nest.GetConnections(*ends)
        assert len(found) == count
        if count == 240:
            pairs = np.array([found.get("source"), found.get("target"), found.get("weight")]).T
            one, two = (pairs[pairs[:, 2] == w][:, :2] for w in (1.0, 2.0))
            assert np.array_equal(one[np.lexsort(one.T)], two[np.lexsort(two.T)])


POOL = f'{{"rule": "{FACTOR}", '
TRIPARTITE = [
    ('"all_to_all", ' + POOL + '"p": 2.0}', errors.BadRule, "third_factor_bernoulli_with_pool: p must be a probability. Value: 2. Allowed: from 0 to 1. Give the probability that a primary connection gets a third node."),
    ('"all_to_all", ' + POOL + '"pool_size": 9}', errors.BadRule, "third_factor_bernoulli_with_pool: pool_size does not fit the third population. Value: 9. Allowed: from 1 to 4, the number of third nodes. Choose smaller pools, or give more third nodes."),
    ('"all_to_all", ' + POOL + '"pool_size": 0}', errors.BadRule, "third_factor_bernoulli_with_pool: pool_size must be positive. Value: 0. Allowed: 1 or more. Give the number of third nodes that a target may get connections from."),
    ('"all_to_all", ' + POOL + '"pool_type": "blok"}', errors.BadRule, "third_factor_bernoulli_with_pool: there is no pool_type of this name. Value: 'blok'. Allowed: 'block', 'random'. Did you mean 'block'? Check the spelling."),
    ('"all_to_all", ' + POOL + '"pool_type": "block", "pool_size": 2}', errors.BadRule, "third_factor_bernoulli_with_pool: blocks do not fit the populations. Value: pool_size 2, 3 targets, 4 third nodes. Allowed: pool_size 1 and a multiple of 4 targets, or pool_size times targets third nodes. Choose sizes that fit, or pool_type 'random'."),
    ('"all_to_all", ' + POOL + '"pol_size": 2}', errors.UnknownName, "third_factor_conn_spec of third_factor_bernoulli_with_pool has no key of this name. Value: 'pol_size'. Allowed: 'p', 'pool_size', 'pool_type', 'rule'. Did you mean 'pool_size'? Check the spelling."),
    ('"all_to_all", {"rule": "all_to_all"}', errors.BadRule, "there is no third-factor rule of this name. Value: 'all_to_all'. Allowed: 'third_factor_bernoulli_with_pool'. Check the spelling."),
    ('"all_to_all", {"p": 0.3}', errors.BadRule, "third_factor_conn_spec does not say which rule. Value: a dictionary with 'p'. Allowed: a dictionary with the name of a third-factor rule as 'rule'. Write {'rule': 'third_factor_bernoulli_with_pool', 'p': 0.5}."),
    (f'"{FACTOR}", "{FACTOR}"', errors.BadRule, "a rule for a third factor makes no connections by itself. Value: 'third_factor_bernoulli_with_pool'. Allowed: a rule that connects sources and targets. Give it to TripartiteConnect as third_factor_conn_spec, with another rule as conn_spec."),
    (f'{{"rule": "one_to_one", "make_symmetric": True}}, "{FACTOR}"', errors.BadRule, "make_symmetric is not possible with a third factor. Value: make_symmetric=True. Allowed: False. Connect both ways in two calls."),
    (f'"all_to_all", "{FACTOR}", {{"third": {{}}}}', errors.UnknownName, "syn_specs has no key of this name. Value: 'third'. Allowed: 'primary', 'third_in', 'third_out'. Did you mean 'third_in'? Check the spelling."),
    (f'"all_to_all", "{FACTOR}", {{"third_in": {{"weight": [1.0, 2.0]}}}}', errors.BadValue, "third_factor_bernoulli_with_pool takes no array of weights. Value: an array of shape (2,). Allowed: a number or a parameter. Give one value, or a random parameter such as nest.random.uniform()."),
    (f'"all_to_all", "{FACTOR}", {{"third_in": {{"delay": 0.01}}}}', errors.BadDelay, "a delay must be at least the resolution. Value: 0.01 ms. Allowed: at least 0.1 ms. Raise the delay, or choose a finer resolution before nodes are created."),
    (f'"all_to_all", "{FACTOR}", {{"third_out": {{"receptor_type": 9}}}}', errors.CannotConnect, "parrot_neuron has no such receptor_type for spikes. Value: receptor_type 9. Allowed: receptor_type 0 or 1. Give one of these as receptor_type."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "kind", "text"), TRIPARTITE, ids=[case[0] for case in TRIPARTITE])
def test_bad_third_factors_connect_nothing(arguments, kind, text):
    nest = nest_lab
    fresh(nest)
    nodes = {"a": nest.Create("parrot_neuron", 3), "b": nest.Create("parrot_neuron", 3)}
    nodes["c"] = nest.Create("parrot_neuron", 4)
    with pytest.raises(kind) as caught:
        eval(f"nest.TripartiteConnect(a, b, c, {arguments})", {"nest": nest} | nodes)
    assert str(caught.value) == f"TripartiteConnect(): {text}"
    assert nest.num_connections == 0


# -- structural plasticity -------------------------------------------------------------------------


def grow(nest, seed, threads=1, pieces=(1000.0,), multapses=True, model="static_synapse", n=60):
    """A network that connects itself: neurons with excitatory and inhibitory elements; connections over time."""
    fresh(nest, seed, threads)
    nest.structural_plasticity_update_interval = 10.0
    for name, weight in (("ex", 10.0), ("in", -10.0)):
        of_model = model if name == "ex" else "static_synapse"
        nest.CopyModel(of_model, f"syn_{name}", {"weight": weight, "delay": 1.0})
    nest.structural_plasticity_synapses = {
        name: {
            "synapse_model": f"syn_{name}",
            "pre_synaptic_element": f"axon_{name}",
            "post_synaptic_element": f"dendrite_{name}",
            "allow_autapses": False,
        }
        | ({} if multapses else {"allow_multapses": False})
        for name in ("ex", "in")
    }

    def curve(rate, **more):
        return {"growth_curve": "gaussian", "growth_rate": rate, "eta": 0.0, "eps": 0.2} | more

    calcium = {"tau_Ca": 500.0, "beta_Ca": 0.005, "I_e": 380.0}
    dendrites = {"dendrite_ex": curve(0.02), "dendrite_in": curve(0.01, growth_curve="linear", eta=None)}
    del dendrites["dendrite_in"]["eta"]
    groups = []
    for name, size in (("ex", n - 10), ("in", 10)):
        elements = dendrites | {f"axon_{name}": curve(0.05 if name == "in" else 0.02, z=2.0)}
        groups.append(nest.Create("iaf_psc_alpha", size, calcium | {"synaptic_elements": elements}))
    noise = nest.Create("poisson_generator", params={"rate": 5000.0})
    for group in groups:
        nest.Connect(noise, group, syn_spec={"weight": 10.0})
    nest.EnableStructuralPlasticity()
    counts = []
    for piece in pieces:
        nest.Simulate(piece)
        counts.append(nest.num_connections)
    return counts, groups


def test_connections_over_time():
    """Means of the number of connections at five times over 12 runs each, Welch's t at each time."""
    samples = [
        [grow(nest, 100 + k, pieces=(200.0,) * 5)[0] for k in range(12)] for nest in (nest_lab, reference())
    ]
    ours, theirs = np.array(samples, float)
    assert theirs.mean(0)[-1] > theirs.mean(0)[0] + 50
    for time in range(5):
        assert stats.ttest_ind(ours[:, time], theirs[:, time], equal_var=False).pvalue > PLAUSIBLE, (
            ours.mean(0), theirs.mean(0)
        )  # fmt: skip


def test_pairs_are_drawn_evenly(simulator):
    """200 axons of 5 elements meet 100 dendrites of 30: in- and outdegrees, and pairs, against their definition."""
    nest = simulator
    nest.structural_plasticity_update_interval = 10.0
    nest.structural_plasticity_synapses = {
        "s": {"synapse_model": "static_synapse", "pre_synaptic_element": "a", "post_synaptic_element": "d"}
    }
    still = {"growth_rate": 0.0}
    pre = nest.Create("parrot_neuron", 200, {"synaptic_elements": {"a": still | {"z": 5.5}}})
    post = nest.Create("parrot_neuron", 100, {"synaptic_elements": {"d": still | {"z": 30.0}}})
    nest.EnableStructuralPlasticity()
    nest.Simulate(5.0)
    s, t = edges(nest, pre, post)
    assert np.array_equal(np.bincount(s)[1:], np.full(200, 5))  # the smaller side is used up
    degree = np.bincount(t - 201, minlength=100)
    # 1000 of 3000 elements: hypergeometric, with variance 30 * 1/3 * 2/3 * 2000/2999 * 3000/2970 or so
    spread = ((degree - 10.0) ** 2).sum() / (30 / 3 * 2 / 3 * (2970 / 2999))
    assert PLAUSIBLE < stats.chi2.sf(spread, 99) < 1 - PLAUSIBLE
    # and no source prefers targets: 10 x 10 groups
    table = np.histogram2d(s, t, bins=(10, 10))[0]
    assert PLAUSIBLE < stats.chi2_contingency(table).pvalue < 1 - PLAUSIBLE


def test_all_that_is_too_much_goes_at_once():
    """As in the papers; the reference raises the elements again, and all but one come back at once."""
    left = []
    for nest in (nest_lab, reference()):
        fresh(nest)
        nest.structural_plasticity_update_interval = 10.0
        nest.structural_plasticity_synapses = {
            "s": {
                "synapse_model": "static_synapse",
                "pre_synaptic_element": "a",
                "post_synaptic_element": "d",
            }
        }
        still = {"growth_rate": 0.0, "tau_vacant": 1e-9}
        pre = nest.Create("parrot_neuron", 20, {"synaptic_elements": {"a": still | {"z": 10.5}}})
        nest.Create("parrot_neuron", 50, {"synaptic_elements": {"d": still | {"z": 10.5}}})
        nest.EnableStructuralPlasticity()
        nest.Simulate(5.0)
        pre.set({"synaptic_elements_param": {"a": {"growth_rate": -0.8}}})
        nest.Simulate(10.0)
        left.append((nest.num_connections, pre[0].get("synaptic_elements")["a"]["z_connected"]))
    assert left == [(120, 6), (180, 9)]


def test_multapses_can_be_excluded():
    nest = nest_lab
    _, groups = grow(nest, 1, multapses=False, pieces=(400.0,))
    s, t = edges(nest, groups[0], None)
    pairs = s * 1000 + t
    assert len(pairs) > 50
    assert len(np.unique(pairs)) == len(pairs)
    assert (s != t).all()


def state(nest, groups):
    found = nest.GetConnections()
    columns = [np.asarray(found.get(name)) for name in ("source", "target", "weight", "delay")]
    order = np.lexsort(columns)
    elements = [
        sorted((k, v["z"], v["z_connected"]) for k, v in each.items())
        for g in groups
        for each in g.synaptic_elements
    ]
    return [c[order].tolist() for c in columns], elements, [g.V_m for g in groups], nest.local_spike_counter


@pytest.mark.parametrize("model", ["static_synapse", "stdp_synapse"])
def test_results_do_not_depend_on_threads_or_pieces(model):
    """The same bits: connections, elements, membranes and spikes, of neurons enough for three threads."""
    n = 1_400
    whole = state(nest_lab, grow(nest_lab, 3, 1, (250.0,), model=model, n=n)[1])
    assert len(set(whole[0][2])) > (50 if model == "stdp_synapse" else 1)  # weights
    for threads, pieces in ((2, (250.0,)), (3, (0.1, 99.9, 55.5, 4.4, 90.1)), (1, (50.0,) * 5)):
        groups = grow(nest_lab, 3, threads, pieces, model=model, n=n)[1]
        assert len(set(groups[0].get("thread"))) == threads
        assert state(nest_lab, groups) == whole


def count_elements(nest, groups):
    """Assert that z_connected is the number of connections of each element."""
    for name in ("ex", "in"):
        found = nest.GetConnections(synapse_model=f"syn_{name}")
        sources = np.bincount(list(found.sources()), minlength=70)
        targets = np.bincount(list(found.targets()), minlength=70)
        for group in groups:
            for id, elements in zip(group.tolist(), group.synaptic_elements, strict=True):
                if f"axon_{name}" in elements:
                    assert elements[f"axon_{name}"]["z_connected"] == sources[id]
                assert elements[f"dendrite_{name}"]["z_connected"] == targets[id]


def test_connections_are_counted():
    """z_connected is the number of connections of each element; handles from before a run are found again or told lost."""
    nest = nest_lab
    _, groups = grow(nest, 5, pieces=(300.0,))
    count_elements(nest, groups)
    nest.DisableStructuralPlasticity()
    before = nest.num_connections
    nest.Simulate(100.0)
    assert nest.num_connections == before


def test_connections_that_are_removed_are_counted():
    """However they are removed; the reference does not count those of a SynapseCollection."""
    nest = nest_lab
    _, groups = grow(nest, 5, pieces=(200.0,))
    found = nest.GetConnections(synapse_model="syn_ex")
    found[::2].disconnect()
    pairs = nest.GetConnections(synapse_model="syn_ex")[:3]
    for source, target in zip(pairs.sources(), pairs.targets(), strict=True):
        ends = (nest.NodeCollection([node]) for node in (source, target))
        nest.Disconnect(*ends, syn_spec={"synapse_model": "syn_ex"})
    count_elements(nest, groups)
    nest.Simulate(100.0)
    count_elements(nest, groups)


def test_no_more_elements_are_given_back_than_were_taken():
    """Connect without elements takes none, so the connections it makes have none to give."""
    nest = nest_lab
    fresh(nest)
    nest.structural_plasticity_synapses = {
        "s": {"synapse_model": "static_synapse", "pre_synaptic_element": "a", "post_synaptic_element": "d"}
    }
    nodes = nest.Create("iaf_psc_alpha", 2, {"synaptic_elements": {"a": {"z": 1.5}, "d": {"z": 1.5}}})
    nest.Connect(nodes[0], nodes[1], syn_spec={"pre_synaptic_element": "a", "post_synaptic_element": "d"})
    for _ in range(2):
        nest.Connect(nodes[0], nodes[1])
    nest.GetConnections().disconnect()
    for elements in nodes.synaptic_elements:
        assert [each["z_connected"] for each in elements.values()] == [0, 0]


def test_calcium_of_binary_neurons():
    """A transition, which is told as one spike or two at once, is one event for calcium and for elements."""
    nest = nest_lab
    fresh(nest)
    linear = {"growth_rate": -1.0, "eps": 1.0, "z": 1000.0}  # dz/dt = Ca - 1
    params = {"synaptic_elements": {"a": linear}, "tau_Ca": 50.0, "beta_Ca": 0.5, "theta": 0.0, "tau_m": 5.0}
    neuron = nest.Create("mcculloch_pitts_neuron", params=params)
    noise = nest.Create("noise_generator", params={"std": 10.0, "dt": 4.0})
    nest.Connect(noise, neuron)
    recorder = nest.Create("spin_detector")
    nest.Connect(neuron, recorder)
    nest.Simulate(200.0)
    times, ups = recorder.get("events", "times"), recorder.get("events", "state")
    assert set(ups) == {0, 1}
    decayed = np.exp(-(200.0 - np.asarray(times)) / 50.0)
    assert neuron.Ca == pytest.approx(0.5 * decayed.sum(), rel=1e-9)
    grown = (50.0 * 0.5 * (1 - decayed)).sum() - 200.0
    assert neuron.synaptic_elements["a"]["z"] == pytest.approx(1000.0 + grown, rel=1e-9)


ELEMENTS = [
    ("3", errors.BadType, "iaf_psc_alpha.synaptic_elements must be a dictionary. Value: another type. Allowed: a dictionary of elements, each a dictionary of parameters. Write for example {'name': {'growth_rate': 0.001}}."),
    ('{"a": 3}', errors.BadType, "iaf_psc_alpha.synaptic_elements.a must be a dictionary. Value: another type. Allowed: a dictionary of parameters. Write for example {'a': {'growth_rate': 0.001}}."),
    ('{"a": {"growth_curve": "gausian"}}', errors.BadValue, "iaf_psc_alpha.synaptic_elements.a: there is no growth curve of this name. Value: 'gausian'. Allowed: 'gaussian', 'linear', 'sigmoid'. Did you mean 'gaussian'? Check the spelling."),
    ('{"a": {"growth_rat": 1.0}}', errors.UnknownName, "iaf_psc_alpha.synaptic_elements.a has no parameter of this name. Value: 'growth_rat'. Allowed: 'continuous', 'eps', 'growth_curve', 'growth_rate', 'tau_vacant', 'z', 'z_connected'. Did you mean 'growth_rate'? Check the spelling."),
    ('{"a": {"z": -1.0}}', errors.BadValue, "iaf_psc_alpha.synaptic_elements.a.z is out of bounds. Value: -1. Allowed: at least 0. Choose a value that is allowed."),
    ('{"a": {"eps": 0.0}}', errors.BadValue, "iaf_psc_alpha.synaptic_elements.a.eps is out of bounds. Value: 0. Allowed: above 0. Choose a value that is allowed."),
    ('{"a": {"growth_curve": "gaussian", "eta": 0.7}}', errors.BadValue, "iaf_psc_alpha.synaptic_elements.a: eta and eps must differ. Value: 0.7. Allowed: a value other than eta. Move one of them."),
    ('{"a": {"z_connected": 2}}', errors.BadValue, "iaf_psc_alpha.synaptic_elements.a.z_connected cannot be set. Value: a value for it. Allowed: 0, the number of its connections. Leave it out: it counts connections."),
]  # fmt: skip


@pytest.mark.parametrize(("value", "kind", "text"), ELEMENTS, ids=[case[0] for case in ELEMENTS])
def test_bad_elements(value, kind, text):
    nest = nest_lab
    fresh(nest)
    neuron = nest.Create("iaf_psc_alpha", 2, {"synaptic_elements": {"b": {"z": 2.0}}})
    before = neuron.synaptic_elements
    for call in ("neuron.set(synaptic_elements={})", 'nest.Create("iaf_psc_alpha", 1, {{"synaptic_elements": {}}})', 'nest.SetDefaults("iaf_psc_alpha", {{"synaptic_elements": {}}})'):  # fmt: skip
        with pytest.raises(kind) as caught:
            eval(call.format(value), {"nest": nest, "neuron": neuron})
        assert str(caught.value).partition("(): ")[2] == text
    assert neuron.synaptic_elements == before
    assert nest.GetDefaults("iaf_psc_alpha")["synaptic_elements"] == {}
    assert nest.network_size == 2


SETTINGS = [
    ("nest.structural_plasticity_update_interval = 0.0", errors.BadValue, "nest.structural_plasticity_update_interval: structural_plasticity_update_interval must be a positive multiple of the resolution. Value: 0 ms. Allowed: multiples of 0.1 ms. Choose for example 100.0."),
    ('nest.structural_plasticity_synapses = {"s": 3}', errors.BadType, "nest.structural_plasticity_synapses: structural_plasticity_synapses must be a dictionary of dictionaries. Value: {'s': 3} (dict). Allowed: names, each with the specification of its connections. Write {'name': {'synapse_model': ..., 'pre_synaptic_element': ..., 'post_synaptic_element': ...}}."),
    ('nest.structural_plasticity_synapses = {"s": {}}', errors.BadValue, "nest.structural_plasticity_synapses: structural_plasticity_synapses: 's' names no synaptic elements. Value: no pre_synaptic_element, no post_synaptic_element. Allowed: the names of both. Say which elements the connections grow from and to."),
    ('nest.structural_plasticity_synapses = {"s": {"pre_synaptic_element": "a"}}', errors.BadValue, "nest.structural_plasticity_synapses: connections take synaptic elements on both sides or on none. Value: 'a' and ''. Allowed: pre_synaptic_element and post_synaptic_element. Give both, or leave both out."),
]  # fmt: skip


@pytest.mark.parametrize(("program", "kind", "text"), SETTINGS, ids=[case[0] for case in SETTINGS])
def test_bad_settings(program, kind, text):
    nest = nest_lab
    fresh(nest)
    with pytest.raises(kind) as caught:
        exec(program, {"nest": nest})
    assert str(caught.value) == text
    assert nest.structural_plasticity_synapses == {}
    assert nest.structural_plasticity_update_interval == 10000.0


def test_elements_are_defaults_of_models():
    nest = nest_lab
    fresh(nest)
    nest.SetDefaults("iaf_psc_alpha", {"synaptic_elements": {"a": {"z": 2.5}}})
    nest.CopyModel("iaf_psc_alpha", "mine")
    nest.CopyModel("iaf_psc_alpha", "other", {"synaptic_elements": {"b": {"z": 1.5}}})
    assert nest.GetDefaults("mine")["synaptic_elements"]["a"]["z"] == 2.5
    assert [list(nest.Create(m).synaptic_elements) for m in ("iaf_psc_alpha", "mine", "other", "parrot_neuron")] == [["a"], ["a"], ["b"], []]  # fmt: skip


def test_third_factors_may_couple_continuously():
    """Third connections of other kinds than the primary one: the rates of third nodes follow those of the sources."""
    nest = nest_lab
    fresh(nest)
    neurons, third = nest.Create("lin_rate_ipn", 20), nest.Create("lin_rate_ipn", 10)
    rate = {"synapse_model": "rate_connection_delayed", "delay": 2.0}
    specs = {"primary": rate, "third_in": rate, "third_out": "rate_connection_instantaneous"}
    rule = {"rule": "pairwise_bernoulli", "p": 0.5}
    nest.TripartiteConnect(neurons, neurons, third, rule, {"rule": FACTOR, "p": 0.5, "pool_size": 3}, specs)
    heard, answered = edges(nest, neurons, third), edges(nest, third, neurons)
    assert len(heard[0]) == len(answered[0]) > 0
    assert np.array_equal(np.sort(heard[1]), np.sort(answered[0]))
    assert set(nest.GetConnections(third, neurons).synapse_model) == {"rate_connection_instantaneous"}
    before = nest.num_connections
    with pytest.raises(errors.CannotConnect):
        nest.TripartiteConnect(neurons, neurons, third, rule, FACTOR, {"primary": rate, "third_in": rate})
    assert nest.num_connections == before
    nest.Simulate(20.0)
