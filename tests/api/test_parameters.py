"""Random and computed values: drawn per node and per connection, reproducibly, with the right distribution."""

# ruff: noqa: E501  (the whole text of an error is one line)

from __future__ import annotations

import numpy as np
import pytest

import nest_lab as nest
from nest_lab import errors

N = 20_000


@pytest.fixture(autouse=True)
def fresh():
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def values(parameter, n=N):
    return np.array(nest.Create("iaf_psc_alpha", n, {"V_m": parameter}).V_m)


@pytest.mark.parametrize(
    ("parameter", "mean", "std"),
    [
        (nest.random.uniform(1.0, 3.0), 2.0, 2 / np.sqrt(12)),
        (nest.random.normal(-60.0, 5.0), -60.0, 5.0),
        (nest.random.exponential(2.0), 2.0, 2.0),
        (nest.random.lognormal(0.5, 0.25), np.exp(0.5 + 0.25**2 / 2), None),
        (nest.random.uniform_int(5), 2.0, np.sqrt(2)),
        (2 * nest.random.uniform() - 1, 0.0, 2 / np.sqrt(12)),
        (nest.random.normal() + nest.random.normal(), 0.0, np.sqrt(2)),  # two draws, not one
        (nest.logic.conditional(nest.random.uniform() < 0.25, 1.0, 0.0), 0.25, None),
    ],
    ids=repr,
)
def test_moments(parameter, mean, std):
    """Mean and standard deviation of 20,000 draws lie within 5 standard errors."""
    drawn = values(parameter)
    scale = drawn.std()
    assert abs(drawn.mean() - mean) < 5 * scale / np.sqrt(N)
    if std is not None:
        assert abs(scale / std - 1) < 5 / np.sqrt(N)


def test_redraw_stays_inside():
    drawn = values(nest.math.redraw(nest.random.normal(0.0, 1.0), -0.5, 1.0))
    assert drawn.min() >= -0.5
    assert drawn.max() <= 1.0
    assert drawn.std() > 0.3


def test_each_call_draws_anew_and_the_seed_decides():
    parameter = nest.random.normal()
    first, second = values(parameter, 10), values(parameter, 10)
    assert not np.array_equal(first, second)
    nest.ResetKernel()
    assert np.array_equal(values(parameter, 10), first)
    nest.ResetKernel()
    nest.rng_seed = 2
    assert not np.array_equal(values(parameter, 10), first)


def test_weights_and_delays():
    neurons = nest.Create("iaf_psc_alpha", 100)
    synapse = {"weight": nest.random.normal(20.0, 2.0), "delay": nest.random.uniform(1.0, 2.0)}
    nest.Connect(neurons, neurons, {"rule": "fixed_indegree", "indegree": 20}, synapse)
    weights, delays = (np.array(each) for each in nest.GetConnections().get(["weight", "delay"]).values())
    assert len(np.unique(weights)) > 1900
    assert abs(weights.mean() - 20.0) < 0.25
    assert delays.min() >= 1.0
    assert delays.max() <= 2.0
    assert np.allclose(delays * 10, np.round(delays * 10))  # on the grid of the resolution


def test_apply():
    neurons = nest.Create("iaf_psc_alpha", 3)
    drawn = nest.random.uniform(5.0, 6.0).apply(neurons)
    assert isinstance(drawn, tuple)
    assert len(set(drawn)) == 3
    assert all(5.0 <= x < 6.0 for x in drawn)


def test_set_on_connections():
    neurons = nest.Create("iaf_psc_alpha", 10)
    nest.Connect(neurons, neurons)
    connections = nest.GetConnections()
    connections.weight = nest.random.uniform(3.0, 4.0)
    assert len(set(connections.weight)) > 90


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: nest.random.normal("a"), "random.normal(): normal.mean must be a number. Value: 'a' (str). "
         "Allowed: a number. Give a number."),
        (lambda: nest.random.uniform_int(2.5), "random.uniform_int(): uniform_int.max must be a whole number. "
         "Value: 2.5. Allowed: 1, 2, …. Round it."),
        (lambda: nest.random.uniform() + "a", "arithmetic with a Parameter: what a Parameter is combined with must be a "
         "number. Value: 'a' (str). Allowed: a number or another Parameter. Combine it with numbers and Parameters only."),
        (lambda: nest.random.uniform() ** nest.random.uniform(), "Parameter ** exponent: the exponent must be a number. "
         "Value: Parameter(uniform(min=0, max=1)) (Parameter). Allowed: a number. Give a number."),
        (lambda: nest.math.exp(1), "math.exp(): the first argument must be a Parameter. Value: 1 (int). Allowed: what "
         "nest.random, nest.math and nest.logic give. Use Python's math module for plain numbers."),
        (lambda: nest.Parameter(3), "Parameter(): a Parameter is not made from a value. Value: 3 (int). Allowed: what "
         "nest.random, nest.math, nest.logic and CreateParameter() give. Write CreateParameter('constant', "
         "{'value': ...}) for a constant."),
        (lambda: nest.CreateParameter("unifrom", {}), "CreateParameter(): there is no kind of parameter of this name. "
         "Value: 'unifrom'. Allowed: 'uniform', 'uniform_int' or one of 11 others. Did you mean 'uniform'?"),
        (lambda: nest.CreateParameter("uniform", {"mni": 1.0}), "CreateParameter(): the parameter 'uniform' has no "
         "argument of this name. Value: 'mni'. Allowed: 'max', 'min'. Did you mean 'min'?"),
    ],
)  # fmt: skip
def test_refused(call, text):
    with pytest.raises(errors.NESTError) as caught:
        call()
    assert str(caught.value) == text
