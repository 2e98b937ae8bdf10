"""Existing programs run unmodified: `import nest` and its submodules mean this package."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

import nest_lab

PROGRAM = """
import os, sys
import nest
import nest.random as draw
import nest.raster_plot
from nest import Create, NodeCollection
from nest.random import uniform
import helper

nest.set_verbosity("M_WARNING")
nest.ResetKernel()
nest.SetKernelStatus({"resolution": 0.1, "print_time": False, "overwrite_files": True})
neurons = nest.Create("iaf_psc_alpha", 10, {"V_m": uniform(-70.0, -60.0), "I_e": 400.0})
recorder = Create("spike_recorder")
nest.Connect(neurons, recorder)
nest.Simulate(100.0)
n_events = nest.GetStatus(recorder, "n_events")[0]
assert __name__ == "__main__"
print(nest.__name__, n_events > 0, draw is nest.random, nest.raster_plot.from_device.__name__, sys.argv[1:],
      os.path.basename(sys.argv[0]), helper.VALUE, isinstance(neurons, NodeCollection))
"""
EXPECTED = "nest_lab True True from_device ['--fast', '3'] program.py 7 True\n"


@pytest.fixture
def program(tmp_path):
    (tmp_path / "helper.py").write_text("VALUE = 7\n")
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def python(*arguments, **options):
    """Run Python in a process of its own."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, **options)


def test_run_script(program, tmp_path):
    code = f"from nest_lab.api import run_script; run_script({str(program)!r}, ['--fast', '3'])"
    result = python("-W", "error", "-c", code, cwd=tmp_path.parent)
    assert result.returncode == 0, result.stderr
    assert result.stdout == EXPECTED


def test_command(program):
    result = python("-m", "nest_lab.cli", "exec", str(program), "--fast", "3")
    assert result.returncode == 0, result.stderr
    assert result.stdout == EXPECTED


def test_argv_and_path_are_put_back(program):
    code = textwrap.dedent(f"""
        import sys
        from nest_lab.api import run_script
        before = list(sys.argv), list(sys.path)
        names = run_script({str(program)!r}, ["--fast", "3"])
        assert (sys.argv, sys.path) == before
        assert len(names["neurons"]) == 10
    """)
    assert python("-c", code).returncode == 0


def test_every_submodule_is_the_same_module():
    code = textwrap.dedent("""
        import nest_lab
        nest_lab.install_as_nest()
        nest_lab.install_as_nest()
        import nest
        import nest.math, nest.logic, nest.voltage_trace, nest.errors
        import nest.api.nodes, nest.units
        assert nest is nest_lab and nest.math is nest_lab.math and nest.errors is nest_lab.errors
        import nest_lab.api.nodes, nest_lab.random
        assert nest.api.nodes.NodeCollection is nest_lab.NodeCollection
        assert nest_lab.units.__name__ == nest_lab.units.__spec__.name == "nest_lab.units"
        try:
            import nest.nothing
        except ModuleNotFoundError as error:
            print(error)
    """)
    result = python("-c", code)
    assert result.returncode == 0, result.stderr
    assert "nothing" in result.stdout


def test_refused_after_the_reference_was_imported():
    from nest_lab.testing import reference

    simulator = reference()
    with pytest.raises(nest_lab.NESTError) as caught:
        nest_lab.install_as_nest()
    assert str(caught.value) == (
        "install_as_nest(): 'nest' is imported already and is not this package. "
        f"Value: {simulator.__file__}. Allowed: before the first `import nest`. "
        "Call it at the start of the program, in a new process."
    )
    assert sys.modules["nest"] is simulator


def test_missing_file(tmp_path):
    missing = str(tmp_path / "missing.py")
    with pytest.raises(FileNotFoundError) as caught:
        nest_lab.run_script(missing)
    assert str(caught.value) == (
        f"run_script(): there is no such file. Value: {missing!r}. Allowed: the path of a Python program. "
        "Check the path and the folder you are in."
    )


def test_errors_of_a_script_reach_the_caller(tmp_path):
    script = tmp_path / "wrong.py"
    script.write_text("import nest\nnest.Create('iaf_psc_alhpa')\n")
    result = python("-c", f"from nest_lab.api import run_script; run_script({str(script)!r})")
    assert result.returncode == 1
    assert "Did you mean 'iaf_psc_alpha'?" in result.stderr


def test_star_import():
    code = (
        "from nest_lab import *\nprint(Create('iaf_psc_alpha', 2).V_m, random.uniform(), math.exp.__name__)"
    )
    result = python("-c", code)
    assert result.stdout == "(-70.0, -70.0) Parameter(uniform(min=0, max=1)) exp\n", result.stderr
