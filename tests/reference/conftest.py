"""The table of agreement: how close each model comes to the reference simulator, as the tests found it."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path

import pytest

import nest_lab

collect_ignore_glob = ["spatial/*"]  # programs that run in processes of their own
HERE = Path(__file__).parent
FILE = HERE / "AGREEMENT.md"
RECORDERS = {"multimeter", "spike_recorder", "voltmeter"}  # they are in every test
HEAD = """# Agreement with the reference simulator

Written by `python -m pytest tests/reference/test_deterministic.py --agreement`: each model of NEST Lab beside
NEST 3.10 from PyPI. A case is a network with drawn parameters and input, run on both; compared are all
spikes, traces, weights and other values, number by number. The largest difference is that of the worst number
of all cases, rounded up; it is relative where equations are integrated exactly, and a part of the range of
the trace where both simulators solve them step by step. Names of tests say where models are compared in
distribution, or with solutions of high accuracy.

| model | kind | cases | largest difference | allowed | other tests |
|---|---|--:|--:|--:|---|
"""


class Table:
    """Collects what the scenarios found."""

    def __init__(self):
        self.cases = defaultdict(int)
        self.worst = defaultdict(float)
        self.allowed = {}

    def add(self, case, found):
        """Note one case of the model whose file it stands in."""
        model = case.__name__.partition(".")[0]
        self.cases[model] += 1
        of_range = case.of_range > 0
        self.worst[model, of_range] = max(
            self.worst[model, of_range], found.of_range if of_range else found.relative
        )
        self.allowed[model, of_range] = f"{case.of_range:g} of range" if of_range else "1e-09 relative"

    def text(self):
        """The whole file."""
        others = {
            path.stem: path.read_text()
            for path in sorted([*HERE.glob("test_*.py"), *HERE.glob("deterministic/*.py")])
            if path.stem not in {"test_deterministic", "test_defaults"} and path.stem not in RECORDERS
        }
        rows = []
        for model, kind in kinds().items():
            tests = ", ".join(
                name
                for name, text in others.items()
                if name != model and model not in RECORDERS and f'"{model}"' in text
            )
            found = [(self.worst[key], self.allowed[key]) for key in self.allowed if key[0] == model]
            worst = ", ".join(rounded_up(value) for value, _ in found)
            rows.append(
                f"| {model} | {kind} | {self.cases[model] or ''} | {worst} | "
                f"{', '.join(text for _, text in found)} | {tests} |"
            )
        return HEAD + "\n".join(rows) + "\n"


def kinds():
    """Kind of each model of the registry, by kind and name."""
    kind = {model: nest_lab.GetDefaults(model)["element_type"] for model in nest_lab.node_models}
    kind |= dict.fromkeys(nest_lab.synapse_models, "synapse")
    return dict(sorted(kind.items(), key=lambda item: (item[1], item[0])))


def rounded_up(value):
    """The next power of ten."""
    return "0" if value == 0 else f"{10.0 ** math.ceil(math.log10(value)):.0e}"


def pytest_addoption(parser):
    """The option by which the table is written."""
    parser.addoption("--agreement", action="store_true", help="write tests/reference/AGREEMENT.md")


@pytest.fixture(scope="session")
def agreement(request):
    """Where the scenarios note how close they came; written at the end if that was asked for."""
    table = Table()
    yield table
    if request.config.getoption("--agreement", default=False):
        FILE.write_text(table.text())
