"""How the kernel is built where there is little memory."""

import re
import subprocess
import sys
from pathlib import Path

import pybind11
import pytest

KERNEL = Path(__file__).parents[2] / "kernel"
INSIDE = 'mount --bind "$0" /sys/fs/cgroup && exec "$@"'


@pytest.mark.parametrize(
    ("limits", "least", "most"),
    [
        ({"cpu.max": "max 100000", "memory.max": "max"}, 1, 4096),
        ({"cpu.max": "50000 100000", "memory.max": "max"}, 1, 1),
        ({"cpu.max": "max 100000", "memory.max": "1500000000"}, 1, 1),
        ({"cpu.max": "max 100000", "memory.max": "1000000"}, 1, 1),
    ],
)
def test_no_more_is_compiled_at_once_than_a_container_has_room_for(namespaces, tmp_path, limits, least, most):
    """Else a build of a hosted lab is ended by the system: ninja counts all of its processors."""
    if not namespaces:
        pytest.skip("no namespaces here")
    for name, text in limits.items():
        (tmp_path / name).write_text(f"{text}\n")
    tools = Path(sys.executable).parent
    configure = [
        *(tools / "cmake", "-G", "Ninja", "-S", KERNEL, "-B", tmp_path / "build", "-DNEST_LAB_ISA=native"),
        *(f"-DPython_EXECUTABLE={sys.executable}", f"-Dpybind11_DIR={pybind11.get_cmake_dir()}"),
        f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}",
    ]
    words = [*namespaces, "sh", "-c", INSIDE, tmp_path, *configure]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rules = (tmp_path / "build/CMakeFiles/rules.ninja").read_text()
    assert least <= int(re.search(r"pool compile\n  depth = (\d+)", rules)[1]) <= most
    assert "pool = compile" in (tmp_path / "build/build.ninja").read_text()
