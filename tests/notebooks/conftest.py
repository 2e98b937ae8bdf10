"""Notebooks are run once, by nbval. After its last cell a test looks at what that took."""

import os
import time
from pathlib import Path

import psutil
import pytest

MINUTE, GIGABYTE = 60.0, 1_000_000  # s, kB: those of a hosted classroom


class SmallMachine(pytest.Item):
    """A notebook ran in less than 60 s and 1 GB, silently but for a bar if it asked for one."""

    def __init__(self, *, cells, **kwargs):
        super().__init__(**kwargs)
        self.cells = cells

    def runtest(self):
        process = psutil.Process(self.parent.kernel.km.provisioner.pid)
        # not getrusage: a process that is started inherits the peak of the one that starts it
        status = Path(f"/proc/{process.pid}/status").read_text()
        memory = int(status.split("VmHWM:")[1].split()[0])
        assert memory < GIGABYTE, f"{memory} kB"
        self.look_at_the_clock(process)
        for cell in self.cells:
            noise = [out.text for out in getattr(cell, "test_outputs", []) if out.get("name") == "stderr"]
            assert noise == [], cell.name
        wanted = any("nest.print_time = True" in cell.cell.source for cell in self.cells)
        bars = [
            out
            for cell in self.cells
            for out in getattr(cell, "test_outputs", [])
            if "Simulating" in str(out)
        ]
        assert bool(bars) == wanted

    @staticmethod
    def look_at_the_clock(process):
        """Where others have the processors most of the time, wall time says nothing about the notebook."""
        seconds, cores = time.time() - process.create_time(), os.cpu_count()
        used = sum(process.cpu_times()[:2])
        assert used < MINUTE * cores, f"{used:.0f} s on {cores} cores"
        assert seconds < MINUTE or os.getloadavg()[1] > cores + 1, f"{seconds:.0f} s"

    def reportinfo(self):
        return self.path, None, f"{self.path.name}: runs on a small machine"


def pytest_collection_modifyitems(items):
    """Put the test behind the last cell of each notebook, where its kernel is still there."""
    cells = {}
    for item in items:
        if type(item).__name__ == "IPyNbCell":
            cells.setdefault(item.parent, []).append(item)
    for notebook, own in cells.items():
        test = SmallMachine.from_parent(notebook, name="small machine", cells=own)
        items.insert(items.index(own[-1]) + 1, test)
