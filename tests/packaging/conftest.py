"""One wheel, built once, in an environment of its own; and what containers are made of."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """A wheel of this tree; where `make` has built before, its objects are used again."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--config-settings", "build-dir=build"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        *options,
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    (file,) = folder.glob("*.whl")
    return file


class Environment:
    """A fresh environment with numpy and the wheel, and with nothing that could compile."""

    def __init__(self, folder, wheel):
        self.folder = folder
        self.bin = folder / "bin"
        venv.create(folder, with_pip=False, symlinks=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--python",
            str(self.bin / "python"),
        ]
        subprocess.run([*command, "install", "--quiet", "--no-index", "--no-deps", str(wheel)], check=True)
        (site,) = folder.glob("lib/python*/site-packages")
        for part in Path(numpy.__file__).parents[1].glob("numpy*"):
            (site / part.name).symlink_to(part)

    def run(self, *command, **variables):
        """Run a program of the environment, away from the source tree; its output."""
        done = self.try_run(*command, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def try_run(self, *command, **variables):
        """Run a program of the environment and return what `subprocess.run` does."""
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
        settings = {
            "PATH": str(self.bin),
            "HOME": str(self.folder),
            "CC": "false",
            "CXX": "false",
            **kept,
            **variables,
        }
        words = [str(self.bin / command[0]), *command[1:]]
        return subprocess.run(words, cwd=self.folder, env=settings, capture_output=True, text=True)

    def python(self, code, **variables):
        """Run Python code there."""
        return self.run("python", "-W", "error", "-c", code, **variables)


@pytest.fixture(scope="session")
def environment(wheel, tmp_path_factory):
    """An environment into which the wheel was installed."""
    return Environment(tmp_path_factory.mktemp("environment"), wheel)


@pytest.fixture(scope="session")
def namespaces():
    """How a program gets namespaces of its own; nothing where that is not allowed."""
    command = ["unshare", "--map-root-user", "--mount", "--net"]
    allowed = (
        shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0
    )
    return command if allowed else []
