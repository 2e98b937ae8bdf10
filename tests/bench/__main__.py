"""Benchmarks: each file in `tests/bench/programs` on each simulator, side by side in one table.

Every measurement is a process of its own, and so is each of the PARTS of a program that has some; the
simulators take turns, so that a slow moment of the machine hits both; a figure is the median of the rounds.
``python -m tests.bench --help`` shows what can be chosen.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from tests.bench.figure import draw
from tests.bench.record import about, record

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DISTRIBUTION = {"nest_lab": "nest-lab", "nest": "nest-simulator"}


def programs():
    """Names of all programs; the import of the simulator is one that every program contains."""
    return [
        "import",
        *sorted(path.stem for path in (HERE / "programs").glob("*.py") if path.stem != "__init__"),
    ]


def working():
    """Seconds of processor time that the machine has spent so far, and all there were."""
    times = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return sum(times) - times[3] - times[4], sum(times)


def rest(patience=10.0):
    """Wait until nothing else is at work, so that no process pays for the one before."""
    end = monotonic() + patience
    busy, total = working()
    while monotonic() < end:
        sleep(0.5)
        (before, of), (busy, total) = (busy, total), working()
        if busy - before < 0.05 * (total - of):
            return


def measure(simulator, program):
    """Figures of one program on one simulator, from fresh processes."""
    module = None if program == "import" else import_module(f"tests.bench.programs.{program}")
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        for part in getattr(module, "PARTS", [None]):
            command = [sys.executable, "-m", "tests.bench.measure", simulator, program, str(file)]
            if part:
                command.append(part)
            rest()
            done = subprocess.run(
                command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            if done.returncode != 0:
                raise RuntimeError(f"{program} failed on {simulator}:\n{done.stderr[-4000:]}")
            figures |= json.loads(file.read_text())
    return figures


def progress(text):
    """Show in the last line of a terminal what is being measured."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def measure_all(simulators, names, rounds):
    """Medians over the rounds, {figure: {simulator: value}} in the order of the programs, and what failed."""
    values, failures = {}, []
    for name in names:
        try:
            for round_ in range(rounds):
                for simulator in simulators:
                    progress(f"{name}, round {round_ + 1} of {rounds}, {simulator}")
                    for figure, value in measure(simulator, name).items():
                        values.setdefault(figure, {}).setdefault(simulator, []).append(value)
        except RuntimeError as error:  # the other programs have taken long enough
            failures.append(str(error))
    progress("")
    return {figure: {s: median(v) for s, v in row.items()} for figure, row in values.items()}, failures


def table(results, labels):
    """The results as a Markdown table, with the factor between two simulators."""
    simulators = list(labels)
    head = ["figure", *labels.values()]
    rows = []
    for figure, row in results.items():
        cells = [f"{row[s]:.3g}" if s in row else "–" for s in simulators]  # not everything has a counterpart
        if len(simulators) == 2:
            ours, theirs = (row.get(s, 0.0) for s in simulators)
            cells.append(f"{theirs / ours:.3g}" if ours and theirs else "")
        rows.append([figure, *cells])
    if len(simulators) == 2:
        head.append("factor")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(row):
        return (
            "| "
            + " | ".join(
                c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
            )
            + " |"
        )

    rule = "|" + "|".join("-" * (w + 1) + ("-" if i == 0 else ":") for i, w in enumerate(widths)) + "|"
    return "\n".join([line(head), rule, *map(line, rows)])


def main():
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=3, help="measurements of which the median is taken (default 3)"
    )
    parser.add_argument("--only", nargs="+", choices=programs(), default=programs(), help="programs to run")
    parser.add_argument(
        "--simulators", nargs="+", choices=list(DISTRIBUTION), help="default: those installed"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bench.json", help="where the figures go")
    parser.add_argument("--record", action="store_true", help="also keep them in tests/bench/RESULTS.md")
    options = parser.parse_args()
    simulators = options.simulators or [s for s in DISTRIBUTION if find_spec(s)]

    results, failures = measure_all(simulators, options.only, options.rounds)
    known = about(options.rounds)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({**known, "figures": results}, indent=1) + "\n")
    labels = {s: f"{DISTRIBUTION[s]} {metadata.version(DISTRIBUTION[s])}" for s in simulators}
    text = table(results, labels)
    caption = f"{known['machine']}; median of {options.rounds}"
    print(f"{text}\n\n{caption}")
    picture = options.out.with_suffix(".svg")
    drawn = draw(results, labels, f"{caption}; commit {known['commit']}", picture)
    if options.record:
        record(known, text, drawn and picture)
    if failures:
        raise SystemExit("\n".join(["tests.bench: not all could be measured.", *failures]))


if __name__ == "__main__":
    main()
