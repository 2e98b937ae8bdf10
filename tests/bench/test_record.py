"""Figures of one kind of machine do not take the place of another's."""

import re

from tests.bench.record import HERE, record


def known(isa, commit):
    """What stands beside figures of an instruction set."""
    return {"machine": "a laptop", "isa": isa, "commit": commit, "rounds": 3, "date": "2026-01-01"}


def test_only_the_section_of_the_same_instruction_set_is_replaced(tmp_path):
    picture = tmp_path / "bench.svg"
    picture.write_text("<svg/>")
    record(known("v3", "aaaaaaa"), "| old |", picture, tmp_path)
    record(known("v4", "bbbbbbb"), "| other |", None, tmp_path)
    record(known("v3", "ccccccc"), "| new |", picture, tmp_path)
    text = (tmp_path / "RESULTS.md").read_text()
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Benchmarks",
        "## x86-64-v4 (AVX-512)",
        "## x86-64-v3 (AVX2)",
    ]
    assert all(word in text for word in ("bbbbbbb", "| other |", "ccccccc", "| new |"))
    assert not any(word in text for word in ("aaaaaaa", "| old |"))
    assert text.count("](RESULTS-v3.svg)") == 1
    assert (tmp_path / "RESULTS-v3.svg").read_text() == "<svg/>"
    assert "RESULTS-v4.svg" not in text


def test_recorded_figures_are_there():
    """The pictures that RESULTS.md shows lie beside it."""
    text = (HERE / "RESULTS.md").read_text()
    pictures = {path.name for path in HERE.glob("*.svg")}
    assert pictures
    assert set(re.findall(r"\]\((.+)\)", text)) == pictures
