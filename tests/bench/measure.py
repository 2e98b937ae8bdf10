"""Runs one program on one simulator in this process and writes its figures to a file.

Called by `python -m tests.bench`, which starts a fresh process for each measurement:
``python -m tests.bench.measure SIMULATOR PROGRAM FILE [PART]``, with a part where a program has several.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter


def peak_memory():
    """The most memory this process has held so far, in bytes."""
    # Not getrusage: its figure survives exec, so that it can be the parent's.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("tests.bench: /proc/self/status has no VmHWM; the benchmarks need Linux")


def main(simulator, program, file, *part):
    """Import the simulator, which is measured as well, and run the program."""
    start = perf_counter()
    nest = import_module(simulator)
    figures = {
        "import (ms)": 1000.0 * (perf_counter() - start),
        "memory after import (MB)": peak_memory() / 1e6,
    }
    if program != "import":
        figures = import_module(f"tests.bench.programs.{program}").run(nest, *part)
    Path(file).write_text(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
