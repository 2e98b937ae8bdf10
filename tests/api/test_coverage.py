"""COVERAGE.md says which names of the reference are there."""

import pytest

from tests.api import coverage


@pytest.mark.slow
def test_the_page_is_what_is_there():
    """`python -m tests.api.coverage` writes it anew."""
    assert coverage.FILE.read_text(encoding="utf-8") == coverage.page()


def test_reasons_are_needed():
    """A name that has come to work needs no reason any more."""
    for name in coverage.ON_PURPOSE:
        assert not hasattr(coverage.nest_lab, name)
