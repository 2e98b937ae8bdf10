"""`print_time`: a bar of tqdm, or a line where there is none; standard output stays as it is."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nest_lab as nest


@pytest.fixture(autouse=True)
def fresh():
    """A network that takes a moment to run."""
    nest.ResetKernel()
    yield
    nest.ResetKernel()


def test_bar(capfd):
    pytest.importorskip("tqdm")
    nest.print_time = True
    neurons = nest.Create("iaf_psc_alpha", 20_000)
    assert neurons.V_m[0] == -70.0
    nest.Simulate(100.0)
    out, err = capfd.readouterr()
    assert out == ""
    assert "Simulating from 0 ms" in err
    assert "100/100 ms" in err
    assert nest.biological_time == 100.0
    with nest.RunManager():
        nest.Run(10.0)
    assert "Simulating from 100 ms" in capfd.readouterr().err


def test_off_by_default(capfd):
    nest.Create("iaf_psc_alpha", 100)
    nest.Simulate(100.0)
    assert capfd.readouterr() == ("", "")


def test_line_without_tqdm(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    nest.print_time = True
    nest.Create("iaf_psc_alpha", 100)
    nest.Simulate(100.0)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.endswith("\rSimulating 100 of 100 ms\n")


def test_error_ends_the_bar(capfd):
    nest.print_time = True
    with pytest.raises(nest.NESTError):
        nest.Simulate(-1.0)
    nest.Simulate(1.0)
    assert nest.biological_time == 1.0


def test_listeners_are_called_as_well():
    seen = []
    forget = nest.current().on_progress(lambda done, total: seen.append((done, total)))
    nest.print_time = True
    nest.Create("iaf_psc_alpha", 20_000, {"I_e": 500.0})
    nest.Simulate(500.0)
    forget()
    assert seen
    assert all(total == 500.0 for _, total in seen)


def test_nothing_is_written_to_file_descriptor_1():
    code = (
        "import nest_lab as nest\n"
        "n = nest.Create('iaf_psc_alpha', 10, {'I_e': 500.0})\n"
        "nest.Connect(n, nest.Create('spike_recorder'))\n"
        "nest.print_time = True\nnest.Simulate(20.0)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == ""
