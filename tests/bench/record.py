"""Keeps what was measured last in `RESULTS.md`: one section for each instruction set."""

import datetime
import os
import platform
import re
import subprocess
from pathlib import Path

from nest_lab._kernel import cpu

HERE = Path(__file__).parent
TITLES = {"v4": "x86-64-v4 (AVX-512)", "v3": "x86-64-v3 (AVX2)", "v2": "x86-64-v2 (SSE 4.2)"}
HEAD = """# Benchmarks

What `make bench ARGS=--record` measured last, for each instruction set on which it was called.
The factor says how many times less NEST Lab needs.
"""


def processor():
    """What the system calls the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def machine():
    """What the figures depend on, in one line."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{processor()}, {TITLES.get(cpu.best(), cpu.best())}, {len(os.sched_getaffinity(0))} cores, "
        f"{memory:.0f} GiB, Python {platform.python_version()}"
    )


def commit():
    """The commit that was measured; a plus sign says that files had been changed since."""

    def git(*words):
        return subprocess.run(["git", *words], cwd=HERE, capture_output=True, text=True).stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "none") + ("+" if git("status", "--porcelain") else "")


def about(rounds):
    """What must be known beside the figures."""
    return {
        "machine": machine(),
        "isa": cpu.best(),
        "commit": commit(),
        "rounds": rounds,
        "date": str(datetime.date.today()),
    }


def section(known, table, figure):
    """The section of RESULTS.md for one instruction set."""
    return (
        f"\n## {TITLES.get(known['isa'], known['isa'])}\n\n"
        f"Recorded on {known['date']}, commit {known['commit']}. Machine: {known['machine']}. "
        f"Medians of {known['rounds']} processes each.\n\n"
        + (f"![The same as a figure]({figure})\n\n" if figure else "")
        + f"{table}\n"
    )


def record(known, table, drawn, folder=HERE):
    """Put the table, and the figure `drawn` if any, into the place of those of this instruction set."""
    figure = drawn and f"RESULTS-{known['isa']}.svg"
    if drawn:
        (folder / figure).write_bytes(drawn.read_bytes())
    file = folder / "RESULTS.md"
    _, *old = re.split(r"(?=\n## )", file.read_text()) if file.exists() else [""]
    new = section(known, table, figure)
    heading = new.splitlines()[1]
    others = [each for each in old if each.splitlines()[1] != heading]
    file.write_text(HEAD + "".join(sorted([new, *others], reverse=True)))
