"""What all tests share."""

import os
import warnings

import pytest

os.environ["MPLBACKEND"] = "agg"  # figures without a screen, in this process and those it starts


@pytest.fixture
def silent():
    """No messages, and no warnings of the reference about functions it calls old."""
    import nest_lab

    before = nest_lab.verbosity
    nest_lab.verbosity = nest_lab.VerbosityLevel.FATAL
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    nest_lab.verbosity = before
