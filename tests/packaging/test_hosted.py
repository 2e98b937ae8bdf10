"""What mybinder.org and a JupyterHub make of `binder/`, in the order in which repo2docker takes its files.

The environment is a real one, from PyPI, with the wheel of this tree. It runs in a container without Docker
(`container.py`) where the system lets a program have namespaces of its own; elsewhere the limits are those
that `start` and this test set.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
import venv
from pathlib import Path

import pytest

from tests.tidy.tree import files

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
BINDER = ROOT / "binder"
NOTEBOOKS = ("tutorials/30_networks/brunel.ipynb", "tutorials/50_analysis/balanced_state.ipynb")
PREFIX = "/user/a.student/"
GIGABYTE = 1_000_000_000
LIMITS = {"cpu.max": "150000 100000", "memory.max": str(GIGABYTE), "memory.current": "200000000"}

pytestmark = pytest.mark.slow


def lines(name):
    """What a file lists, without comments."""
    text = (BINDER / name).read_text(encoding="utf-8")
    return [found for line in text.splitlines() if (found := line.partition("#")[0].strip())]


def descendants(process):
    """Process ids of a process and of all that it started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended meanwhile
    found = [process]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def memory_of(processes):
    """What they use together, bytes; what several share is counted once."""
    total = 0
    for process in processes:
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += 1024 * sum(map(int, re.findall(r"^Pss: +(\d+)", rollup, re.MULTILINE)))
    return total


class Image:
    """An environment as repo2docker makes it of a checkout of this project."""

    def __init__(self, folder, wheel):
        self.folder = folder
        self.home = folder / "home"
        self.checkout = self.home / "lab"
        self.bin = folder / "environment" / "bin"
        for path in files():
            copy = self.checkout / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        (self.checkout / "dist").mkdir()
        shutil.copy(wheel, self.checkout / "dist")
        venv.create(self.bin.parent, with_pip=True, symlinks=True)
        self.run("pip", "install", "--quiet", "-r", "binder/requirements.txt")
        self.run("binder/postBuild")
        (self.package,) = self.bin.parent.glob("lib/python*/site-packages/nest_lab")

    def variables(self):
        """The environment variables of a container, and what a mirror of PyPI needs."""
        mirror = re.compile(r"PIP_.*|SSL_CERT_.*|(https?|no)_proxy|LANG|LC_ALL", re.IGNORECASE)
        kept = {name: value for name, value in os.environ.items() if mirror.fullmatch(name)}
        if index := os.environ.get("UV_DEFAULT_INDEX"):
            kept.setdefault("PIP_INDEX_URL", index)
        own = {"HOME": self.home, "REPO_DIR": self.checkout, "CC": "false", "CXX": "false"}
        path = os.pathsep.join([str(self.bin), "/usr/local/bin", "/usr/bin", "/bin"])
        downloads = {
            "PIP_NO_CACHE_DIR": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }  # not once more for each test
        return {**kept, **downloads, **{name: str(value) for name, value in own.items()}, "PATH": path}

    def run(self, *command, **variables):
        """Run a command in the checkout; its output."""
        settings = self.variables() | variables
        done = subprocess.run(command, cwd=self.checkout, env=settings, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def image(wheel, tmp_path_factory):
    return Image(tmp_path_factory.mktemp("image"), wheel)


class Container:
    """A run of a command, by way of `binder/start`, in which all of it may use a gigabyte."""

    def __init__(self, image, namespaces, *command):
        self.variables = image.variables() | {"JUPYTERHUB_SERVICE_PREFIX": PREFIX}
        self.variables |= dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
        self.variables |= {"no_proxy": "127.0.0.1,localhost"}
        words = ["binder/start", *command]
        if namespaces:
            limits = image.folder / "cgroup"
            limits.mkdir(exist_ok=True)
            for name, text in LIMITS.items():
                (limits / name).write_text(f"{text}\n")
            words = [*namespaces, sys.executable, HERE / "container.py", image.package, limits, *words]
        else:
            self.variables |= {"MEM_LIMIT": LIMITS["memory.max"]}
        self.peak = 0
        self._end = threading.Event()
        self.process = subprocess.Popen(
            words,
            cwd=image.checkout,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        watch = threading.Thread(target=self._watch)
        watch.start()
        try:
            self.output, self.errors = self.process.communicate(timeout=400)
        finally:
            self._end.set()
            watch.join()
            self.kill()

    def _watch(self):
        while not self._end.wait(0.2):
            self.peak = max(self.peak, memory_of(descendants(self.process.pid)))
            if self.peak > GIGABYTE:
                self.kill()

    def kill(self):
        for each in reversed(descendants(self.process.pid)) if self.process.poll() is None else ():
            os.kill(each, signal.SIGKILL)


@pytest.fixture(scope="module")
def student(image, namespaces):
    """The session of a student, and what it found."""
    before = snapshot(image.package)
    run = Container(image, namespaces, "python", HERE / "session.py", PREFIX, image.checkout, *NOTEBOOKS)
    assert run.peak < GIGABYTE, "a server and a notebook need more than 1 GB"
    assert run.process.returncode == 0, run.output + run.errors
    return run, json.loads(run.output.splitlines()[-1]), before


def snapshot(folder):
    """Every file, and when it was written."""
    return {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


def test_repo2docker_reads_these_files():
    """A Dockerfile in this folder would be taken instead of all others; names are checked as it does."""
    assert not (BINDER / "Dockerfile").exists()
    assert not any((BINDER / name).exists() for name in ("environment.yml", "Pipfile", "pyproject.toml"))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) for name in lines("apt.txt"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = re.fullmatch(r">=3\.(\d+)", project["requires-python"])
    (runtime,) = lines("runtime.txt")
    assert int(re.fullmatch(r"python-3\.(\d+)", runtime)[1]) >= int(lowest[1])
    for script in ("postBuild", "start"):
        assert os.access(BINDER / script, os.X_OK)
        assert (BINDER / script).read_text(encoding="utf-8").startswith("#!/bin/bash\n")


def test_nothing_is_listed_twice():
    """What the extra `lab` has comes with the wheel."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = re.compile(r"[\w-]+")
    lab = {name.match(line)[0] for line in extras["optional-dependencies"]["lab"]}
    assert lab & {name.match(line)[0] for line in lines("requirements.txt")} == set()


def test_the_image_has_a_wheel_and_no_build_tree(image):
    """The package lies where pip puts it; no sources that would hide it and nothing from a build are left."""
    left = {path.name for path in image.checkout.iterdir()}
    assert {"binder", "tutorials", "README.md"} <= left
    assert not left & {"build", "dist", "kernel", "nest_lab", "widgets"}
    found = image.run(
        "python", "-c", "import nest_lab, nest_lab.widgets.live_simulation; print(nest_lab.__file__)"
    )
    assert Path(found.strip()).parent == image.package
    assert not list(image.checkout.rglob("*.whl"))


def test_fonts_are_listed(image):
    """So that the first figure of a lesson comes at once."""
    assert list(image.home.glob(".cache/matplotlib/fontlist-*.json"))


def test_a_checkout_of_a_person_keeps_its_sources(image, tmp_path):
    """They go in an image only, which repo2docker says by REPO_DIR."""
    shutil.copytree(BINDER, tmp_path / "binder")
    (tmp_path / "nest_lab").mkdir()
    wheels = tmp_path / "dist"
    wheels.mkdir()
    (tmp_path / "bin").mkdir()
    (wheels / "nest_lab-0-py3-none-any.whl").touch()
    for name in ("pip", "python"):  # nothing is installed
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\necho {tmp_path}/prefix\n")
        (tmp_path / "bin" / name).chmod(0o755)
    image.run(tmp_path / "binder" / "postBuild", PATH=f"{tmp_path}/bin:/usr/bin:/bin", REPO_DIR="elsewhere")
    assert (tmp_path / "nest_lab").is_dir()


def test_start_hands_over(image):
    """Words, what they print and the exit code are those of the command."""
    assert image.run("binder/start", "printf", "%s|", "a b", "", "*") == "a b||*|"
    done = subprocess.run([image.checkout / "binder/start", "sh", "-c", "exit 7"], env=image.variables())
    assert done.returncode == 7


def test_start_knows_the_limits_of_the_container(student, namespaces):
    """One and a half processors are two threads; nest_lab sees the same by itself, from the same files."""
    _, found, _ = student
    assert found["memory in the status bar"] == LIMITS["memory.max"]
    assert found["memory of a process"] == GIGABYTE // 1024 * 1024
    if namespaces:
        threads = min(2, len(os.sched_getaffinity(0)))
        assert found["threads of libraries"] == str(threads)
        assert found["threads"] == threads
        assert found["memory"] <= GIGABYTE - int(LIMITS["memory.current"])


def test_what_is_too_much_is_an_error_of_python(image):
    """And not the end of the kernel."""
    code = "import numpy; numpy.ones(150_000_000)"  # 1.2 GB
    command = [image.checkout / "binder/start", "python", "-c", code]
    settings = image.variables() | {"MEM_LIMIT": str(GIGABYTE)}
    done = subprocess.run(command, env=settings, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Unable to allocate 1.12 GiB" in done.stderr.splitlines()[-1]


def test_two_notebooks_run_in_a_gigabyte_without_network(student, namespaces, record_property):
    """Beside the server, and with a package that cannot be written."""
    run, found, before = student
    record_property("peak of all processes, MB", run.peak / 1e6)
    print(f"peak of all processes: {run.peak / 1e6:.0f} MB")
    assert found["notebooks"] == 0, found["said"]
    assert snapshot(Path(found["package"])) == before
    assert found["network"] is False or not namespaces


def test_the_server_is_where_the_hub_expects_it(student):
    """Below the prefix, at the loopback only, and it opens the tutorials."""
    _, found, _ = student
    assert found["first page"].startswith(f"{PREFIX}lab/tree/tutorials"), found["server"]
    assert set(found["listens at"]) <= {"0100007F", "00000000000000000000000001000000"}, found["server"]
    assert found["listens at"]
