"""Sweeps without a browser: the numbers, what is stopped and taken up again, and what fails."""

import multiprocessing
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip("anywidget")

from nest_lab import gallery
from nest_lab.errors import BadType, BadValue, UnknownName, WrongState
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import SpikeRaster, Sweep
from nest_lab.widgets import _cells as cells
from tests.waiting import eventually

SMALL = Brunel.preset("classroom", order=20, seed=5)
GRID = {"g": [4.0, 6.0], "eta": (1.0, 2.0, 2)}
TIME = 60.0  # ms


class Dying(Brunel):
    """Ends its process when inhibition is strong."""

    def _build(self):
        if self.parameters.g > 5.0:
            os._exit(3)
        super()._build()


class Broken(Brunel):
    """Has a mistake of its own."""

    def _build(self):
        if self.parameters.g > 5.0:
            raise ZeroDivisionError("no such luck")
        super()._build()


def slowly(when):
    """A network that runs for ever where a condition on its parameters holds."""

    class Slow(Brunel):
        def simulate(self, time, *, progress=None):
            return super().simulate(1e8 if when(self.parameters) else time, progress=progress)

    return Slow(SMALL.parameters)


def refused(kind, action):
    """Text of the error that an action raises."""
    with pytest.raises(kind) as error:
        action()
    return str(error.value)


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def finished(network, grid, executor, **arguments):
    """A sweep that has come to its end."""
    sweep = Sweep(network, grid, duration=TIME, executor=executor, **arguments)
    sweep.run()
    assert sweep.wait(300.0)
    return sweep


@pytest.fixture(scope="module")
def done():
    """A small one, for tests that only look."""
    with ThreadPoolExecutor(2) as executor:
        return finished(SMALL, GRID, executor)


@pytest.mark.slow
def test_the_numbers_do_not_depend_on_the_workers(done):
    """They are those of the network alone, with any executor; so are the spikes."""
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(3) as three:
        others = [
            finished(SMALL, GRID, one),
            finished(SMALL, GRID, three),
            finished(SMALL, GRID, None, workers=1),
            finished(SMALL, GRID, None, workers=2),
        ]
    for other in others:
        assert other.table().equals(done.table())
    for g in (4.0, 6.0):
        network = Brunel.preset("classroom", order=20, seed=5, g=g, eta=2.0).build().simulate(TIME)
        results = network.results()
        for sweep in (done, *others):
            cell = sweep.cell(g=g, eta=2.0)
            assert {each.name: each.value for each in cell.statistics} == {
                each.name: each.value for each in results.statistics
            }
            order = np.argsort(results.times, kind="stable")
            assert cell.times.tolist() == results.times[order].tolist()
            assert sorted(zip(cell.times, cell.senders, strict=True)) == sorted(
                zip(results.times, results.senders, strict=True)
            )
    assert multiprocessing.active_children() == []


def test_the_table(done):
    """A row for each cell, from left to right and from below to above, with units."""
    table = done.table()
    assert table.columns.tolist() == [
        "g", "eta", "seed", "rate", "cv", "frequency", "peak", "modulation", "error",
    ]  # fmt: skip
    assert table[["g", "eta"]].values.tolist() == [[4.0, 1.0], [6.0, 1.0], [4.0, 2.0], [6.0, 2.0]]
    assert set(table["seed"]) == {5}
    assert set(table["error"]) == {""}
    assert table.attrs["units"]["rate"] == "spikes/s"
    assert done.map().ravel().tolist() == table["rate"].tolist()
    assert done.map("modulation").ravel().tolist() == table["modulation"].tolist()
    assert (done.status, done.progress, done._states) == ("done", (4, 4), "dddd")
    assert str(done).startswith(
        "Brunel: done, 4 of 4 cells\n  g: 4 … 6, 2 values\n  eta: 1 … 2, 2 values\n  mean firing rate: "
    )
    another = finished(
        Brunel.preset("classroom", order=20, seed=6), {"g": [4.0], "eta": [1.0]}, None, workers=1
    )
    assert another.table()["rate"][0] != table["rate"][0]


def test_a_cell_fails_with_the_message_of_the_kernel(threads):
    """And the others go on."""
    sweep = finished(SMALL, {"g": [4.0, 6.0], "D": [0.01, 1.5]}, threads)
    message = (
        "Connect(): a delay must be at least the resolution. Value: 0.01 ms. Allowed: at least 0.1 ms. Raise "
        "the delay, or choose a finer resolution before nodes are created."
    )
    assert sweep._states == "ffdd"
    assert sweep._messages == {"0": message, "1": message}
    assert sweep.table()["error"].tolist() == [message, message, "", ""]
    assert np.isfinite(sweep.map()).tolist() == [[False, False], [True, True]]
    assert sweep.status == "done"
    assert "4 of 4 cells, 2 of them failed" in str(sweep)
    assert f"It failed: {message}" in refused(WrongState, lambda: sweep.cell(g=4.0, D=0.01))
    sweep._hear(sweep, {"do": "open", "number": 0}, [])
    assert f"It failed: {message}" in sweep._refused["cell"]
    other = finished(Broken(SMALL.parameters), GRID, threads)
    assert other._states == "dfdf"
    assert other._messages["1"] == "ZeroDivisionError: no such luck"


@pytest.mark.slow
def test_a_process_that_dies_takes_no_other_cell_with_it():
    sweep = finished(Dying(SMALL.parameters), GRID, None, workers=2)
    assert sweep._states == "dfdf"
    assert sweep._messages["1"].startswith("The process that simulated it ended: ")
    assert sweep.table()["rate"].notna().tolist() == [True, False, True, False]


def test_cancelled_and_continued(threads):
    """What is under way is stopped, what is done stays, and only the rest is simulated later."""
    slow = [True]
    sweep = Sweep(slowly(lambda p: slow[0] and p.g > 5.0), GRID, duration=TIME, executor=threads)
    sweep.run()
    assert eventually(lambda: sum(isinstance(each, cells.Cell) for each in sweep._results.values()) >= 1)
    assert eventually(lambda: len(sweep._jobs.running) >= 1)
    assert sweep.status == "running"
    assert "the sweep is running" in refused(WrongState, sweep.run)
    assert "the sweep is running" in refused(WrongState, lambda: sweep.set_axis(0, "g"))
    begin = time.perf_counter()
    sweep.cancel()
    took = time.perf_counter() - begin
    assert took < 5.0, took  # a tenth of a second where the machine is free
    assert sweep.status == "cancelled"
    kept = dict(sweep._results)
    assert 1 <= len(kept) < 4
    assert set(sweep._states) == {"d", "w"}
    slow[0] = False
    sweep.run()
    sweep.wait()
    assert sweep.status == "done"
    assert all(sweep._results[key] is result for key, result in kept.items())
    assert np.isfinite(sweep.map()).all()
    sweep.reset()
    assert (sweep.status, sweep.progress) == ("ready", (0, 4))


@pytest.mark.slow
def test_processes_are_stopped_too():
    sweep = Sweep(SMALL, GRID, duration=1e8, workers=2)
    sweep.run()
    assert eventually(lambda: len(multiprocessing.active_children()) == 2)
    assert not sweep.wait(1.0)
    sweep.cancel()
    assert (sweep.status, sweep.progress) == ("cancelled", (0, 4))
    assert multiprocessing.active_children() == []


PROGRAM = """
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import Sweep

if __name__ == "__main__":
    sweep = Sweep(Brunel.preset("classroom"), ("g", "eta"), duration=1e8)
    sweep.run()
    while len(sweep._jobs.running) < 1:
        pass
"""


@pytest.mark.slow
def test_a_program_ends_although_a_sweep_runs(tmp_path):
    """What is under way would take hours, and nobody could see it."""
    (tmp_path / "program.py").write_text(PROGRAM)
    subprocess.run([sys.executable, "program.py"], cwd=tmp_path, check=True, timeout=120.0)


UNGUARDED = """
from nest_lab.gallery.brunel import Brunel
from nest_lab.widgets import Sweep

sweep = Sweep(Brunel.preset("classroom", order=25), ("g", "eta"), duration=200.0, workers=2)
sweep.run()
try:
    sweep.wait()
finally:
    print(sweep.status, sweep.progress[0], sweep._refused["run"])
"""


@pytest.mark.slow
def test_a_program_without_a_guard_is_told_so(tmp_path):
    """It neither begins itself again and again nor waits for ever."""
    (tmp_path / "program.py").write_text(UNGUARDED)
    ended = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, timeout=120.0, capture_output=True, text=True
    )
    told = (
        "Sweep.run(): the processes of a sweep ended while they began. Value: most likely a program without "
        'a guard. Allowed: what begins a sweep stands below: if __name__ == "__main__":. Write that line '
        "above what the program does, or give executor=ThreadPoolExecutor(2)."
    )
    assert ended.returncode == 1
    assert ended.stdout == f"cancelled 0 {told}\n"
    assert ended.stderr.splitlines()[-1] == f"nest_lab.errors.WrongState: {told}"
    assert "a process that a sweep began reads the program again" in ended.stderr


def test_an_interrupt_cancels_it(threads):
    """Of the cell that waits; it can go on."""
    sweep = Sweep(slowly(lambda p: True), GRID, duration=TIME, executor=threads)
    sweep.run()
    join = sweep._jobs.join

    def interrupted(timeout=None):
        sweep._jobs.join = join
        raise KeyboardInterrupt

    sweep._jobs.join = interrupted
    with pytest.raises(KeyboardInterrupt):
        sweep.wait()
    assert (sweep.status, sweep.progress) == ("cancelled", (0, 4))


def test_cells_that_stay_are_kept_when_an_axis_changes(threads):
    sweep = finished(SMALL, GRID, threads)
    first = sweep.cell(g=6.0, eta=2.0)
    sweep.look_at(g=6.0, eta=2.0)
    sweep._hear(sweep, {"do": "axis", "which": 0, "name": "g", "ends": [5, 6, 2]}, [])
    assert (sweep._states, sweep.progress, sweep._opened) == ("wdwd", (2, 4), -1)
    assert sweep.cell(g=6.0, eta=2.0) is first
    sweep.run()
    sweep.wait()
    assert sweep.axes["g"].tolist() == [5.0, 6.0]
    sweep.set_axis(1, "order", (10, 20, 3))
    assert sweep.axes["order"].tolist() == [10.0, 15.0, 20.0]
    assert sweep.progress == (0, 6)


def test_the_raster_of_a_cell(done):
    """The page gets the spikes of the network, and a `SpikeRaster` takes them too."""
    frames = []
    done.send = lambda content, buffers=None: frames.append((content, buffers))
    done._hear(done, {"do": "open", "number": 3}, [])
    cell = done.cell(g=6.0, eta=2.0)
    (content, (times, rows)) = frames[-1]
    assert content["origin"] + times * content["unit"] == pytest.approx(cell.times, abs=1e-6)
    assert len(rows) == len(cell.times)
    assert (done._opened, done._about_opened, done.window) == (3, "g = 6, eta = 2", (0.0, TIME))
    raster = SpikeRaster(cell)
    assert list(raster.rates) == ["excitatory", "inhibitory"]
    assert raster.rates == dict(zip(raster.rates, done._rates, strict=True))


def test_memory_of_a_cell_is_bounded(monkeypatch):
    """Of more neurons and spikes than can be kept, some neurons of each population and the last spikes."""
    monkeypatch.setattr(cells, "_NEURONS", 40)
    monkeypatch.setattr(cells, "_SPIKES", 30)
    task = cells.Task(Brunel, SMALL.parameters, 5, 200.0, 100.0, "")
    cell = cells.simulate(task)
    assert [len(ids) for ids in cell.populations.values()] == [32, 8]
    assert cell.everyone == 100
    assert 0 < len(cell.times) <= 30
    results = Brunel(SMALL.parameters, seed=5).build().simulate(200.0).results()
    ours = np.isin(results.senders, np.concatenate(list(cell.populations.values())))
    expected = results.times[ours & (results.times > cell.start)]
    assert sorted(expected) == cell.times.tolist()
    assert cell["rate"].value == results["rate"].value  # statistics are of all


def test_what_is_refused():
    """By the constructor, and beside the controls, where the last valid state stays."""
    assert refused(BadType, lambda: Sweep("brunel", GRID)) == (
        "Sweep(): there is no network to sweep over. Value: 'brunel' (str). Allowed: a network of the "
        "gallery, or its class. Write Sweep(Brunel.preset('classroom'), ('g', 'eta'))."
    )
    assert "there is no network to sweep over" in refused(BadType, lambda: Sweep(int, GRID))
    assert "Did you mean 'eta'?" in refused(UnknownName, lambda: Sweep(SMALL, ["g", "etta"]))
    assert "a sweep has two parameters" in refused(BadType, lambda: Sweep(SMALL, "g"))
    assert "must be different parameters" in refused(BadValue, lambda: Sweep(SMALL, ["g", "g"]))
    assert refused(BadValue, lambda: Sweep(SMALL, {"g": (-1.0, 3.0), "eta": None})).startswith(
        "BrunelParameters.g is out of bounds. Value: -1.0. Allowed: a number 0 … 10000."
    )
    assert "the values of g must be numbers" in refused(
        BadType, lambda: Sweep(SMALL, {"g": "x", "eta": None})
    )
    many = {"g": (1.0, 2.0, 200), "eta": (1.0, 2.0, 200)}
    assert "200 times 200 = 40,000" in refused(BadValue, lambda: Sweep(SMALL, many))
    assert "this is no executor" in refused(BadType, lambda: Sweep(SMALL, GRID, executor=2))
    assert "the model time must be above 0" in refused(BadValue, lambda: Sweep(SMALL, GRID, duration=0))
    local = type("Local", (Brunel,), {"__module__": "__main__"})
    assert "is not known in other processes. Value: Local of __main__." in refused(
        BadValue, lambda: Sweep(local, GRID)
    )
    sweep = Sweep(SMALL, GRID)
    shown = str(sweep)
    for ends, text in (
        ([-1, 3, 2], "BrunelParameters.g is out of bounds. Value: -1.0."),
        (["x", 3, 2], "Sweep.set_axis(): the values of g must be numbers. Value: ('x', 3, 2)."),
        ([1, 3, 0.5], "Sweep.set_axis(): the values of g must be numbers."),
        ([1, 3, 1e9], "Sweep.set_axis(): there are too many values of g. Value: 1e+09."),
    ):
        sweep._hear(sweep, {"do": "axis", "which": 0, "name": "g", "ends": ends}, [])
        assert sweep._refused["0"].startswith(text)
        assert str(sweep) == shown
    sweep._hear(sweep, {"do": "axis", "which": 0, "name": "g", "ends": [1, 3, 3]}, [])
    assert sweep._refused == {}
    sweep._hear(sweep, {"do": "duration", "duration": "long"}, [])
    assert sweep._refused["duration"].startswith("Sweep(duration=...): the model time must be a number.")
    assert "known once there are results" in refused(UnknownName, lambda: sweep.map("rate"))
    assert "Allowed: g = 1, 2, 3." in refused(BadValue, lambda: sweep.cell(g=1.5, eta=1.0))


def test_the_choice_of_the_figure(done, threads):
    assert "Did you mean 'rate'?" in refused(UnknownName, lambda: done.map("rat"))
    done._hear(done, {"do": "figure", "name": "cv"}, [])
    assert done._values == [None if np.isnan(each) else each for each in done.map("cv").ravel()]
    done._hear(done, {"do": "figure", "name": "rats"}, [])
    assert "Did you mean 'rate'?" in done._refused["figure"]
    assert done.figure_of == "cv"
    done.figure_of = "rate"
    chosen = finished(SMALL, {"g": [4.0], "eta": [1.0]}, threads, figure="frequency")
    assert chosen.figure_of == "frequency"
    wrong = finished(SMALL, {"g": [4.0], "eta": [1.0]}, threads, figure="speed")
    assert wrong.figure_of == "rate"
    assert "no statistic of this name" in wrong._refused["figure"]


def test_every_network_of_the_gallery_can_be_swept():
    """Parameters, ranges and units come from its class; numbers only."""
    for name in gallery.names():
        network = gallery.get(name)
        numbers = [each["name"] for each in Sweep(network, _first_two(network))._choices]
        for each in numbers:
            assert network.parameters_class.facts(each)["type"] in (int, float)
            other = next(one for one in numbers if one != each)
            axes = Sweep(network, [each, other]).axes
            assert all(len(values) >= 1 for values in axes.values())


def _first_two(network):
    names = [
        n for n in network.parameters_class.names() if network.parameters_class.facts(n)["type"] is float
    ]
    return names[:2]


def test_the_same_as_a_figure(done):
    done._hear(done, {"do": "open", "number": 0}, [])
    figure = done.figure()
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert figure.axes[0].get_xlabel() == "g"
    assert {"eta", "mean firing rate (spikes/s)", "100 neurons"} <= set(labels)
    assert done.image("pdf").startswith(b"%PDF")
    empty = Sweep(SMALL, GRID)
    assert len(empty.figure().axes) == 1
