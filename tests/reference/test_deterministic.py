"""Deterministic models agree with the reference simulator, trace by trace: to 1e-9 relative, or 1e-3 of the trace's range where
equations are solved step by step with error control."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from nest_lab.testing import assert_agree

HERE = Path(__file__).parent


def load_scenarios():
    """The package beside this file; pytest's own import does not know it."""
    name = "reference_scenarios"
    if name not in sys.modules:
        folder = HERE / "deterministic"
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name].all_cases()


@pytest.mark.parametrize("case", load_scenarios(), ids=lambda case: case.__name__)
def test_agrees_with_the_reference(case, agreement):
    # The number of threads must not matter, so the cases take them in turn.
    threads = 1 + case.number % 3
    agreement.add(
        case, assert_agree(case, resolution=case.resolution, threads=threads, of_range=case.of_range)
    )
