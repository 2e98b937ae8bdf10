"""A wheel built here works where there is no compiler, and is light to import."""

import platform
import zipfile
from pathlib import Path

import pytest

import nest_lab
from nest_lab import _kernel

ROOT = Path(__file__).parents[2]
# What a wheel carries, on whatever machine it was made.
ALL = {"v2", "v3", "v4"} if platform.machine().lower() in {"x86_64", "amd64"} else {"generic"}

SIMULATE = """
import hashlib
import numpy as np
import nest_lab as nest

nest.local_num_threads = 2
neurons = nest.Create("iaf_psc_exp", 400, {"V_m": nest.random.normal(-60.0, 5.0)})
noise = nest.Create("poisson_generator", params={"rate": 9000.0})
recorder, meter = nest.Create("spike_recorder"), nest.Create("multimeter", params={"record_from": ["V_m"]})
nest.Connect(noise, neurons, syn_spec={"weight": 40.0})
nest.Connect(neurons, neurons, {"rule": "fixed_indegree", "indegree": 40},
             {"weight": nest.random.lognormal(2.0, 0.5), "delay": nest.random.uniform(0.5, 3.0)})
nest.Connect(neurons, recorder)
nest.Connect(meter, neurons[:20])
nest.Simulate(300.0)
spikes, trace = recorder.events, meter.events
assert len(spikes["times"]) > 400
columns = [spikes["times"], spikes["senders"], trace["times"], trace["senders"], trace["V_m"]]
print(hashlib.sha256(b"".join(np.ascontiguousarray(c).tobytes() for c in columns)).hexdigest())
"""

IMPORT = """
import sys
import nest_lab
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
heavy = {"matplotlib", "pandas", "neo", "elephant", "scipy", "tqdm", "ipywidgets", "nest_lab.widgets"}
print(peak * 1024 / 1e6, ",".join(sorted(heavy & set(sys.modules))))
"""


def test_contents(wheel):
    """The wheel holds package, widgets, licence and one kernel per instruction set, and no sources."""
    names = zipfile.ZipFile(wheel).namelist()
    for folder, prefix in (("nest_lab", ""), ("widgets", "nest_lab/")):
        here = {
            f"{prefix}{p.relative_to(ROOT)}"
            for p in (ROOT / folder).rglob("*")
            if p.suffix in {".py", ".js", ".css"}
        }
        assert here <= set(names)
    assert {name.split("/")[2] for name in names if "/native." in name} == ALL
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".hpp", ".cpp", ".c"))]
    assert not [
        name
        for name in names
        if name.split("/")[0] not in {"nest_lab", f"nest_lab-{nest_lab.__version__}.dist-info"}
    ]


def test_metadata(wheel):
    """Numpy is all that the core needs; the licence is stated as an SPDX expression."""
    archive = zipfile.ZipFile(wheel)
    (file,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    lines = archive.read(file).decode().splitlines()
    needed = [line for line in lines if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert [line.split()[1].split(">")[0] for line in needed] == ["numpy"]
    assert "License-Expression: GPL-2.0-or-later" in lines


def test_runs_without_a_compiler(environment):
    """The simulation and the command line work."""
    assert len(environment.python(SIMULATE)) == 64
    assert "brunel" in environment.run("nest-lab", "list")


def test_import_is_light(environment):
    """`import nest_lab` takes under 60 MB, and brings nothing along that it does not need."""
    megabytes, *brought = environment.python(IMPORT).split()
    assert brought == []
    assert float(megabytes) < 60


def test_results_do_not_depend_on_the_instruction_set(environment):
    """Every kernel that this CPU can run computes the same bits."""
    from nest_lab._kernel import cpu

    usable = [isa for isa in _kernel._runnable(cpu.best()) if isa in ALL]
    results = {isa: environment.python(SIMULATE, NEST_LAB_ISA=isa) for isa in usable}
    assert len(set(results.values())) == 1, results
    found = {
        environment.python("from nest_lab import _kernel; print(_kernel.isa)", NEST_LAB_ISA=isa)
        for isa in usable
    }
    assert len(found) == len(usable)


def test_unknown_instruction_set(environment):
    """A wrong NEST_LAB_ISA is refused with what would work."""
    usable = environment.python(
        "from nest_lab import _kernel as k;"
        "print(', '.join(i for i in k._runnable(k.cpu.best()) if i in k._builds()))"
    )
    cpu = environment.python("from nest_lab._kernel import cpu; print(cpu.best())")
    done = environment.try_run("python", "-c", "import nest_lab", NEST_LAB_ISA="v9")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: importing nest_lab on a CPU of instruction set '{cpu}': the environment variable "
        "NEST_LAB_ISA asks for a kernel that is not in this installation. Value: 'v9'. "
        f"Allowed here: {usable}. "
        "Unset NEST_LAB_ISA to take the fastest one."
    )


BUILDS = {isa: Path(isa) for isa in ("v2", "v3", "v4")}


@pytest.mark.parametrize(("best", "chosen"), [("v4", "v4"), ("v3", "v3"), ("v2", "v2")])
def test_the_fastest_kernel_is_chosen(best, chosen):
    """A CPU gets the newest instruction set that it has."""
    assert _kernel._choose(BUILDS, best, None) == Path(chosen)


def test_a_kernel_may_be_missing():
    """A build for one instruction set is used where it can run, and an older one can be asked for."""
    assert _kernel._choose({"v2": Path("v2")}, "v4", "") == Path("v2")
    assert _kernel._choose(BUILDS, "v4", "v2") == Path("v2")
    assert _kernel._choose({"generic": Path("generic")}, "generic", None) == Path("generic")


def test_unsupported_instruction_set():
    """What the CPU lacks is refused before an illegal instruction ends the process."""
    with pytest.raises(ImportError) as caught:
        _kernel._choose(BUILDS, "v3", "v4")
    assert str(caught.value) == (
        "importing nest_lab on a CPU of instruction set 'v3': the environment variable NEST_LAB_ISA "
        "asks for a kernel that is not supported by this CPU. Value: 'v4'. Allowed here: v3, v2. "
        "Unset NEST_LAB_ISA to take the fastest one."
    )


def test_no_kernel_for_this_cpu():
    """A CPU for which nothing was built is told how to build."""
    with pytest.raises(ImportError) as caught:
        _kernel._choose(BUILDS, "v1", None)
    assert str(caught.value) == (
        "importing nest_lab on a CPU of instruction set 'v1': there is no compiled kernel that it can run. "
        "Installed: v2, v3, v4. Allowed here: v1. Build it here from the source folder: pip install ."
    )
