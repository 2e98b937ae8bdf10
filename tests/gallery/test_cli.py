"""`nest-lab`: what it writes, what it says to wrong arguments, and what an interrupted run leaves behind."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import nest_lab
from nest_lab import cli, gallery
from nest_lab.export import load
from nest_lab.gallery.brunel import Brunel

FILES = ["raster.png", "report.html", "spikes.nix", "summary.json"]


def names(folder):
    return sorted(file.name for file in folder.iterdir())


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """What a run of the classroom network wrote."""
    folder = tmp_path_factory.mktemp("out") / "new" / "classroom"
    code = cli.main(
        [
            "run",
            "brunel",
            "--classroom",
            "--time",
            "500",
            "--seed",
            "3",
            "--threads",
            "1",
            "--out",
            str(folder),
        ]
    )
    assert code == 0
    return folder


def test_four_files(classroom):
    assert names(classroom) == FILES
    assert (classroom / "raster.png").read_bytes().startswith(b"\x89PNG")


def test_the_summary_is_what_the_network_says(classroom):
    summary = json.loads((classroom / "summary.json").read_text(encoding="utf-8"))
    network = Brunel.preset("classroom", seed=3).build().simulate(500.0)
    results = network.results()
    assert summary["network"] == "brunel"
    assert summary["preset"] == "classroom"
    assert summary["seed"] == 3
    assert summary["threads"] == 1
    assert summary["interrupted"] is False
    assert summary["time"] == {"unit": "ms", "requested": 500.0, "simulated": 500.0, "statistics_from": 100.0}
    assert summary["size"]["neurons"] == {"excitatory": 800, "inhibitory": 200}
    assert summary["size"]["connections"] == 102000
    assert summary["spikes"] == len(results.times)
    assert summary["parameters"]["J"] == {
        "value": 1.0,
        "unit": "mV",
        "doc": "jump of the membrane potential at an excitatory input",
    }
    assert list(summary["parameters"]) == network.parameters.names()
    for statistic in results:
        shown = summary["statistics"][statistic.name]
        assert (shown["value"], shown["unit"], shown["predicted"]) == (
            statistic.value,
            statistic.unit,
            statistic.predicted,
        )
    assert set(summary["timings"]) == {"unit", "build", "simulate", "write"}
    assert summary["versions"]["nest-lab"] == nest_lab.__version__
    assert summary["command"].startswith("nest-lab run brunel --classroom --time 500 --seed 3 --out ")


def test_the_spikes_are_those_of_the_network(classroom):
    network = Brunel.preset("classroom", seed=3).build().simulate(500.0)
    block = load(classroom / "spikes.nix")
    channels, times = block.segments[0].spiketrains.multiplexed
    events = network.recorder.events
    ours, theirs = np.lexsort((channels, times.magnitude)), np.lexsort((events["senders"], events["times"]))
    assert np.array_equal(channels[ours], events["senders"][theirs])
    assert np.array_equal(times.magnitude[ours], events["times"][theirs])
    assert len(block.segments[0].spiketrains) == 1000
    assert float(block.annotations["J"].rescale("mV")) == 1.0


def test_the_report_tells_the_same(classroom):
    page = (classroom / "report.html").read_text(encoding="utf-8")
    statistics = json.loads((classroom / "summary.json").read_text(encoding="utf-8"))["statistics"]
    for statistic in statistics.values():
        assert statistic["title"] in page
    assert f"<strong>{statistics['rate']['value']:.4g}</strong>" in page
    assert page.count("<svg") == 3
    assert "doi.org/10.1023/A:1008925309027" in page
    assert "interrupted" not in page


def test_a_run_replaces_an_earlier_one(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("stays", encoding="utf-8")
    (tmp_path / "summary.json").write_text("old", encoding="utf-8")
    for seed in ("1", "2"):
        command = ["run", "brunel", "--classroom", "--time", "100", "--seed", seed, "--out", str(tmp_path)]
        assert cli.main(command) == 0
    assert names(tmp_path) == sorted(["mine.txt", *FILES])
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["seed"] == 2
    assert "mean firing rate" in capsys.readouterr().out


def test_parameters_from_the_command_line(tmp_path):
    command = [
        "run",
        "--regime",
        "SR",
        "--order",
        "50",
        "--time",
        "50",
        "--set",
        "g=3.5",
        "eta=1.5",
        "--out",
        str(tmp_path),
    ]
    assert cli.main([*command, "--set", "D=0.5", "brunel"]) == 0
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    values = {name: row["value"] for name, row in summary["parameters"].items()}
    assert (values["order"], values["g"], values["eta"], values["D"]) == (50, 3.5, 1.5, 0.5)
    assert summary["preset"] == "SR"
    assert (
        "nest-lab run brunel --regime SR --order 50 --time 50 --seed 1 --set g=3.5 eta=1.5 D=0.5"
        in summary["command"]
    )


def test_threads_do_not_matter(tmp_path):
    """The files of two runs differ in how long they took, not in what came out."""
    summaries = []
    for threads in ("1", "2"):
        folder = tmp_path / threads
        assert (
            cli.main(
                ["run", "brunel", "--classroom", "--time", "200", "--threads", threads, "--out", str(folder)]
            )
            == 0
        )
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        summaries.append({key: summary[key] for key in ("statistics", "spikes", "parameters")})
    assert summaries[0] == summaries[1]


USAGE = (
    "nest-lab run [-h] [--regime NAME] [--classroom] [--order N] [--time MS] [--seed S] [--threads T] "
    "[--set NAME=VALUE [NAME=VALUE ...]] --out DIR [network]"
)
WRONG = {
    "rnu": "nest-lab: there is no such command. Value: 'rnu'. Allowed: 'exec', 'list', 'run', "
    "'tutorials'. Did you "
    "mean 'run'? "
    "See nest-lab --help.",
    "run brunel": f"nest-lab run: the following arguments are required: --out. Allowed: {USAGE}. See "
    f"nest-lab run --help.",
    "run brunel --out": f"nest-lab run: argument --out: expected one argument. Allowed: {USAGE}. See "
    f"nest-lab run --help.",
    "run --out OUT": "nest-lab run: the name of a network is missing. Value: none. "
    f"Allowed: {', '.join(gallery.names())}. Write nest-lab run NETWORK --out DIR.",
    "run brunle --out OUT": "nest-lab run: there is no network of this name in the gallery. Value: 'brunle'. "
    f"Allowed: {', '.join(map(repr, gallery.names()))}. Did you mean 'brunel'? "
    "The networks are listed by nest-lab list.",
    "run brunel --ordr 3 --out OUT": "nest-lab run: there is no such option. Value: '--ordr'. "
    "Allowed: '--order' or one of 8 others. Did you mean '--order'? See nest-lab run --help.",
    "run brunel extra --out OUT": "nest-lab run: there is an argument too many. Value: 'extra'. "
    "Allowed: '--classroom', '--help', '--order' or one of 6 others. See nest-lab run --help.",
    "run brunel --regime SI-fats --out OUT": "nest-lab run: brunel has no parameter set of this name. "
    "Value: 'SI-fats'. Allowed: 'AI', 'SI-fast', 'SI-slow', 'SR', 'classroom'. Did you mean 'SI-fast'? "
    "nest-lab list shows them.",
    "run brunel --regime AI --classroom --out OUT": "nest-lab run: --classroom and --regime both choose "
    "a parameter "
    "set. Value: --classroom --regime AI. Allowed: one of them. Leave one out.",
    "run brunel --set taum=3 --out OUT": "nest-lab run --set: there is no parameter of this name. "
    "Value: 'taum'. "
    "Allowed: 'tau_m' or one of 12 others. Did you mean 'tau_m'? nest-lab list NETWORK shows all of them.",
    "run brunel --set tau_m --out OUT": "nest-lab run: --set must be a name and a value. Value: 'tau_m'. "
    "Allowed: NAME=VALUE. Write --set tau_m=….",
    "run brunel --set tau_m=-3 --out OUT": "nest-lab run: BrunelParameters.tau_m is out of bounds. "
    "Value: -3 ms. "
    "Allowed: a number above 0 … 1e+06 ms. tau_m is the membrane time constant.",
    "run brunel --set g=much --out OUT": "nest-lab run: BrunelParameters.g must be a number 0 … 10000. "
    "Value: 'much'. "
    "Allowed: a number 0 … 10000. g is the strength of an inhibitory input relative to an excitatory one.",
    "run brunel --set g=nan --out OUT": "nest-lab run: BrunelParameters.g is out of bounds. Value: nan. "
    "Allowed: a number 0 … 10000. g is the strength of an inhibitory input relative to an excitatory one.",
    "run brunel --order 2.5 --out OUT": "nest-lab run: BrunelParameters.order must be a whole number "
    "1 … 1e+09. "
    "Value: 2.5. Allowed: a whole number 1 … 1e+09. order is the number of inhibitory neurons; there "
    "are four "
    "times as many excitatory ones.",
    "run brunel --time long --out OUT": "nest-lab run: --time must be a number. Value: 'long' ms. "
    "Allowed: a multiple of the resolution, at least 0.1 ms. Give the model time in ms, e.g. --time 1000.",
    "run brunel --time 0.25 --out OUT": "nest-lab run: --time cannot be simulated in steps of the "
    "resolution. "
    "Value: '0.25' ms. Allowed: a multiple of the resolution, at least 0.1 ms. "
    "Give the model time in ms, e.g. --time 1000.",
    "run brunel --time inf --out OUT": "nest-lab run: --time cannot be simulated in steps of the resolution. "
    "Value: 'inf' ms. Allowed: a multiple of the resolution, at least 0.1 ms. "
    "Give the model time in ms, e.g. --time 1000.",
    "run brunel --seed 0 --out OUT": "nest-lab run: --seed is out of bounds. Value: 0. "
    "Allowed: a whole number 1 … 4294967295. Give another seed.",
    "run brunel --seed x --out OUT": "nest-lab run: --seed must be a whole number 1 … 4294967295. "
    "Value: 'x'. "
    "Allowed: a whole number 1 … 4294967295. Give another seed.",
    "run brunel --threads 0 --out OUT": "nest-lab run: --threads is out of bounds. Value: 0. "
    "Allowed: a whole number, at least 1. Give the number of threads.",
    "list brunle": "nest-lab list: there is no network of this name in the gallery. Value: 'brunle'. "
    f"Allowed: {', '.join(map(repr, gallery.names()))}. Did you mean 'brunel'? "
    "The networks are listed by nest-lab list.",
    "exec missing.py": "run_script(): there is no such file. Value: 'missing.py'. "
    "Allowed: the path of a Python program. Check the path and the folder you are in.",
    "exec": "nest-lab exec: the following arguments are required: script, arguments. "
    "Allowed: nest-lab exec [-h] script ... See nest-lab exec --help.",
    "--verbose": "nest-lab: the following arguments are required: command. "
    "Allowed: nest-lab [-h] [--version] command ... See nest-lab --help.",
}


@pytest.mark.parametrize("command", WRONG)
def test_wrong_arguments(command, tmp_path, capsys):
    out = tmp_path / "out"
    assert cli.main([str(out) if word == "OUT" else word for word in command.split()]) == 2
    shown = capsys.readouterr()
    assert shown.err.strip() == WRONG[command]
    assert shown.out == ""
    assert not out.exists()


def test_a_folder_that_cannot_be_used_is_refused_before_the_simulation(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Brunel, "build", lambda self: pytest.fail("it was built"))
    (tmp_path / "file").write_text("", encoding="utf-8")
    for name in ("file", "file/below"):
        path = tmp_path / name
        assert cli.main(["run", "brunel", "--out", str(path)]) == 2
        reason = "File exists" if name == "file" else "Not a directory"
        assert capsys.readouterr().err.strip() == (
            f"nest-lab run: the output folder cannot be used: {reason}. Value: --out {path}. "
            "Allowed: a folder that exists or can be made, and can be written to. Choose another folder."
        )


def test_a_full_disk_leaves_the_files_of_an_earlier_run(tmp_path, capsys, monkeypatch):
    (tmp_path / "summary.json").write_text("old", encoding="utf-8")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nest_lab.export.save", full)
    assert cli.main(["run", "brunel", "--classroom", "--time", "50", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.strip().splitlines()[-1] == (
        f"nest-lab run: the results could not be written: No space left on device. Value: --out {tmp_path}. "
        "Allowed: a folder with free space that can be written to. Make room, or choose another folder. "
        "Files of an earlier run were not touched."
    )
    assert names(tmp_path) == ["summary.json"]
    assert (tmp_path / "summary.json").read_text(encoding="utf-8") == "old"


def start(*arguments):
    """The program, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "nest_lab.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def test_ctrl_c_writes_what_was_simulated(tmp_path):
    process = start("run", "brunel", "--classroom", "--time", "10000000", "--out", str(tmp_path))
    assert "connections" in process.stderr.readline()
    time.sleep(1.0)
    begin = time.perf_counter()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.perf_counter() - begin < 30.0
    assert "nest-lab run: interrupted; what was simulated until now is written." in err
    assert "Traceback" not in err
    assert "mean firing rate" in out
    assert names(tmp_path) == FILES
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["interrupted"] is True
    assert 0.0 < summary["time"]["simulated"] < summary["time"]["requested"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    simulated = summary["time"]["simulated"]
    assert f"The run was interrupted: {simulated:g} ms of 1e+07 ms were simulated." in page


def test_ctrl_c_before_the_first_step_writes_nothing(tmp_path, capsys, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Brunel, "build", interrupted)
    assert cli.main(["run", "brunel", "--out", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err == (
        "nest-lab run: interrupted before anything was simulated; nothing was written.\n"
    )
    assert not (tmp_path / "out").exists()


def test_list_shows_every_network(capsys):
    assert cli.main(["list"]) == 0
    shown = capsys.readouterr().out
    assert "brunel" in shown
    assert "SR, SI-fast, AI, SI-slow, classroom" in shown
    assert Brunel.doi in shown


def test_list_shows_parameters(capsys):
    assert cli.main(["list", "brunel"]) == 0
    shown = capsys.readouterr().out
    for row in Brunel.parameters_class().table():
        assert f"\n{row['name']} " in shown
        assert row["doc"] in shown
    assert "SI-slow    g=4.5, eta=0.9" in shown


def test_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"nest-lab {nest_lab.__version__}\n"


def test_exec_runs_a_program(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nimport nest\nn = nest.Create('parrot_neuron', int(sys.argv[1]))\n"
        "print(nest.__name__, len(n), sys.argv[1:], __name__)\nsys.exit(7)\n",
        encoding="utf-8",
    )
    process = start("exec", str(program), "3", "--out", "x")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (7, "nest_lab 3 ['3', '--out', 'x'] __main__\n", "")


@pytest.mark.skipif(importlib.util.find_spec("tqdm") is None, reason="tqdm is an extra")
def test_a_bar_on_the_terminal_and_nothing_of_it_on_standard_output(tmp_path):
    process = start("run", "brunel", "--classroom", "--time", "300", "--out", str(tmp_path))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "1,002 nodes, 102,000 connections" in err
    assert "100%" in err
    assert "%" not in out
