"""Variants of plastic synapses, which differ in what they keep and not in what they do."""

from __future__ import annotations

import numpy as np
import pytest

from nest_lab._kernel import models

from .test_plasticity import network


def test_a_variant_does_what_its_model_does(variant):
    """Spikes, and what was delivered and when, bit by bit."""
    if variant["learns"] or variant["asks_for"]:
        pytest.skip("ends at neurons of a kind of its own")
    results = []
    for synapse in (next(m for m in models() if m["name"] == variant["variant_of"]), variant):
        s, recorder = network(synapse, 2)
        s.run(20.0)
        events = s.get([recorder], ["events"])[0][0]
        results.append([s.spike_count, *(np.asarray(events[name]) for name in sorted(events))])
    assert len(results[0][1]) > 100
    for a, b in zip(*results, strict=True):
        assert np.array_equal(a, b)
