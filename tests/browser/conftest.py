"""A real Jupyter server and a real browser, once for all tests; neither leaves this machine."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import nbformat
import pytest

from tests.waiting import PATIENCE, eventually

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out" / "browser"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
PREFIX = "/user/a.student/"  # as below a JupyterHub: what forgets the prefix is not found
MISSED = pytest.StashKey[str]()


def missing(config, reason):
    """Skip, and say why at the end, too; where all tests must run, fail."""
    text = f"the browser tests did not run: {reason}"
    if IN_CI:
        pytest.fail(text)
    config.stash[MISSED] = text
    pytest.skip(text)


def pytest_terminal_summary(terminalreporter, config):
    """Say what was missed where nobody overlooks it."""
    if text := config.stash.get(MISSED, ""):
        terminalreporter.section("not everything was tested", red=True, bold=True)
        terminalreporter.line(text, red=True, bold=True)


def executable(config):
    """The browser of the system."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return missing(config, "there is no Chromium on this machine. Install it (Debian: apt install chromium).")


@pytest.fixture(scope="session")
def browser(pytestconfig):
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing(pytestconfig, "the package playwright is not installed. Install this project's extra 'test'.")
    path = executable(pytestconfig)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


def environment(folder):
    """No settings of the user, and this package for the kernels as it is for the tests."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    own = {name: str(folder / name.lower()) for name in names}
    own["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "settings")
    path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)
    clean = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    return {**clean, **own, "PYTHONPATH": path, "JUPYTER_NO_CONFIG": "1"}


class Lab:
    """A running JupyterLab, and other applications of its server."""

    def __init__(self, folder, applications=(), patience=PATIENCE):
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.token = secrets.token_hex(16)
        settings = folder / "settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')  # do not ask
        self.folder = folder / "tutorials"
        shutil.copytree(ROOT / "tutorials", self.folder)
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
        command += [f"--port={self.port}", "--ServerApp.port_retries=0", f"--ServerApp.base_url={PREFIX}"]
        command += [f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.folder}"]
        command += ["--expose-app-in-browser"]
        command += [f"--ServerApp.jpserver_extensions={name}=True" for name in applications]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        self.log = (folder / "lab.log").open("w+")
        self.process = subprocess.Popen(command, env=environment(folder), stdout=self.log, stderr=self.log)
        try:
            assert eventually(self._answers, patience), (
                f"JupyterLab did not answer within {patience:g} s\n{self.text()}"
            )
        except BaseException:
            self.close()  # nobody else could
            raise

    def url(self, path):
        """Address of a page."""
        return f"http://127.0.0.1:{self.port}{PREFIX}{path}?token={self.token}"

    def write(self, name, *cells):
        """A notebook with these cells of code."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(notebook, self.folder / name)
        return name

    def _answers(self):
        assert self.process.poll() is None, self.text()
        try:
            urllib.request.urlopen(self.url("api"), timeout=1.0).close()
        except OSError:
            return False
        return True

    def kernels(self):
        """What the server says of its kernels."""
        with urllib.request.urlopen(self.url("api/kernels")) as answer:
            return json.load(answer)

    def end_kernels(self):
        """End all kernels, whatever they do: they would be at work beside the tests that follow."""
        for kernel in self.kernels():
            request = urllib.request.Request(self.url(f"api/kernels/{kernel['id']}"), method="DELETE")
            urllib.request.urlopen(request).close()

    def text(self):
        """What it wrote."""
        self.log.seek(0)
        return self.log.read()

    def close(self):
        """End it and its kernels."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory, browser):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def measured():
    """Keep a figure that a test measured, beside the pictures."""
    figures = {}
    yield figures.__setitem__
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")


class Notebook:
    """A notebook on a page of the browser."""

    def __init__(self, browser, lab, path):
        self.page = browser.new_page(viewport={"width": 1280, "height": 1050})
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.set_default_timeout(1000 * PATIENCE)
        own = path.replace("/", "-").removesuffix(".ipynb")  # a workspace without the other notebooks
        self.page.goto(lab.url(f"lab/workspaces/{own}/tree/{path}"))
        # what is run before is lost
        self.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
        self.page.keyboard.press("Control+b")  # room for the notebook

    def menu(self, menu, entry):
        """Choose something in the menu of JupyterLab."""
        self.page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{menu}$")).click()
        self.page.locator(".lm-Menu-item").get_by_text(entry, exact=True).click()

    def theme(self, name):
        """Change the theme, and wait until the page is there again."""
        self.page.evaluate(
            "theme => { jupyterapp.commands.execute('apputils:change-theme', { theme }); }", name
        )
        self.page.wait_for_function(
            "theme => document.body.dataset.jpThemeName === theme "
            "&& !document.querySelector('#jupyterlab-splash, .splash-fade')",
            arg=name,
        )

    def run(self, number):
        """Run a cell; do not wait for its end."""
        self.select(number)
        self.page.keyboard.press("Control+Enter")

    def select(self, number):
        """Go to a cell."""
        self.page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".cm-content").click()

    def output(self, number):
        """Text below a cell, once there is some."""
        found = self.page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-OutputArea-output")
        return found.first.inner_text().strip()

    @property
    def busy(self):
        """Whether a cell is running. (The indicator also speaks of messages of widgets.)"""
        return self.page.locator(".jp-InputPrompt", has_text="[*]:").count() > 0

    def wait_until(self, busy):
        """Wait until a cell runs, or none."""
        self.page.locator(".jp-InputPrompt", has_text="[*]:").first.wait_for(
            state="visible" if busy else "hidden"
        )

    def picture(self, name):
        """Keep a picture of the page."""
        OUT.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=OUT / f"{name}.png")


@pytest.fixture(scope="module")
def open_notebook(browser, lab):
    """Open a notebook; its page and its kernel are closed after the tests of the file."""
    opened = []

    def open_one(path):
        opened.append(Notebook(browser, lab, path))
        return opened[-1]

    yield open_one
    for each in opened:
        each.page.close()
    lab.end_kernels()


@pytest.fixture(scope="session")
def pictures():
    """The folder of the pictures."""
    OUT.mkdir(parents=True, exist_ok=True)
    return OUT
