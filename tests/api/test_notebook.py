"""Where people work: in a real ipykernel, with a bar, in threads, after interrupts and resets."""

import time
from queue import Empty

import pytest

manager = pytest.importorskip("jupyter_client.manager")
pytest.importorskip("ipykernel")


class Notebook:
    """A kernel as a notebook has it: cells go in, what they show comes out."""

    def __init__(self, kernel, client):
        self.kernel, self.client = kernel, client

    def begin(self, code):
        self.cell = self.client.execute(code)

    def next(self, timeout=60.0):
        """The next thing that the cell shows."""
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=timeout)
            except Empty:
                pytest.fail("the notebook hangs")
            if message["parent_header"].get("msg_id") == self.cell:
                return message["msg_type"], message["content"]

    def wait_for(self, kind):
        while self.next()[0] != kind:
            pass

    def end(self, timeout=60.0):
        """What the cell showed, by the kind of message."""
        shown = []
        while True:
            kind, content = self.next(timeout)
            if kind == "status" and content["execution_state"] == "idle":
                return shown
            shown.append((kind, content))

    def run(self, code):
        self.begin(code)
        shown = self.end()
        errors = [content for kind, content in shown if kind == "error"]
        assert not errors, errors[0]["ename"] + ": " + errors[0]["evalue"]
        return shown

    def value(self, code):
        (result,) = [content for kind, content in self.run(code) if kind == "execute_result"]
        return result["data"]["text/plain"]


@pytest.fixture(scope="module")
def notebook():
    kernel, client = manager.start_new_kernel(kernel_name="python3")
    try:
        yield Notebook(kernel, client)
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)


@pytest.fixture(autouse=True)
def network(notebook):
    notebook.run(
        "import nest_lab as nest\nnest.ResetKernel()\n"
        "neurons = nest.Create('iaf_psc_alpha', 100, {'I_e': 500.0})\n"
        "recorder = nest.Create('spike_recorder')\nnest.Connect(neurons, recorder)"
    )


def test_the_bar_is_a_display_and_nothing_hangs(notebook):
    shown = notebook.run("nest.print_time = True\nnest.Simulate(100.0)")
    assert any(kind == "display_data" and "Simulating" in str(content) for kind, content in shown)
    assert not [content for kind, content in shown if kind == "stream" and content["name"] == "stdout"]
    assert notebook.value("nest.biological_time") == "100.0"


def test_in_a_thread(notebook):
    code = (
        "from threading import Thread\nnest.print_time = True\n"
        "thread = Thread(target=nest.Simulate, args=(200.0,))\nthread.start()\nthread.join(30.0)\n"
        "(thread.is_alive(), nest.biological_time, recorder.n_events > 0)"
    )
    assert notebook.value(code) == "(False, 200.0, True)"


@pytest.mark.parametrize("bar", [False, True])
def test_twice_after_an_interrupt(notebook, bar):
    """The button with the square stops a run, again and again; each time the network can be used as it is."""
    notebook.run(f"nest.print_time = {bar}")
    for _ in range(2):
        notebook.begin("print('begins')\nnest.Simulate(1e8)")
        notebook.wait_for("stream")
        time.sleep(0.5)
        notebook.kernel.interrupt_kernel()
        shown = notebook.end(timeout=10.0)
        assert [content["ename"] for kind, content in shown if kind == "error"] == ["KeyboardInterrupt"]
        assert notebook.value("0.0 < nest.biological_time < 1e8") == "True"
        code = "t = nest.biological_time\nnest.Simulate(50.0)\nround(nest.biological_time - t, 6)"
        assert notebook.value(code) == "50.0"
    assert notebook.value("bool(recorder.events['times'].max() <= nest.biological_time)") == "True"


def test_a_reset_in_a_run_manager(notebook):
    """The block ends quietly, and what comes after it works."""
    notebook.run(
        "with nest.RunManager():\n    nest.Run(10.0)\n"
        "    nest.ResetKernel()\n    nest.Create('iaf_psc_alpha')"
    )
    assert notebook.value("nest.Simulate(5.0)\nnest.biological_time") == "5.0"
    notebook.run("with nest.RunManager():\n    nest.Run(10.0)")
    assert notebook.value("nest.biological_time") == "15.0"


def test_an_error_in_a_run_manager_is_shown(notebook):
    """Not one of the manager."""
    notebook.begin("with nest.RunManager():\n    nest.ResetKernel()\n    1 / 0")
    assert [content["ename"] for kind, content in notebook.end() if kind == "error"] == ["ZeroDivisionError"]


def test_an_error_names_the_nearest_name(notebook):
    notebook.begin("nest.Create('iaf_psc_alhpa')")
    (error,) = [content for kind, content in notebook.end() if kind == "error"]
    assert error["ename"] == "UnknownModel"
    assert "'iaf_psc_alpha'" in error["evalue"]
