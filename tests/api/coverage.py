"""Which public names of the reference are there. ``python -m tests.api.coverage`` writes `COVERAGE.md`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nest_lab

FILE = Path(__file__).with_name("COVERAGE.md")
MODULES = ("random", "math", "logic", "spatial", "spatial_distributions", "raster_plot", "voltage_trace")

# What the reference says of itself, in a process of its own: here the names are ours.
ASK = """
import inspect, json, nest
def public(m):
    names = getattr(m, "__all__", dir(m))
    return sorted(n for n in names if n[0] != "_" and not inspect.ismodule(getattr(m, n)))
attribute = type(type(nest).rng_seed)
kernel = set(nest.kernel_status) | {n for n, a in vars(type(nest)).items() if isinstance(a, attribute)}
found = {"kernel attributes": sorted(kernel - {"kernel_status"})}
functions = {n for n in dir(nest) if n[0] != "_"} - kernel
found["functions, classes and modules"] = sorted(functions)
for name in MODULES:
    found["nest." + name] = public(getattr(nest, name))
found["connection rules"] = sorted(nest.connection_rules)
found["growth curves"] = sorted(nest.growth_curves)
found["recording backends"] = sorted(nest.recording_backends)
print("\\n" + json.dumps(found))
"""

# Names that are not there, or do nothing, on purpose.
ON_PURPOSE = {
    "cycle_time_log": "not even the reference can tell it without a build of its own",
    "ll_api": "the inside of the reference; there is no interpreter in between here",
    "server": "needs packages of its own in the reference; a server comes later",
    "set_communicator": "for several processes",
}


def of_the_reference():
    """Names by section."""
    code = f"MODULES = {MODULES!r}\n{ASK}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def is_there(section, name):
    """Whether the name can be used here."""
    if section == "kernel attributes":
        return name in nest_lab.GetKernelStatus() or hasattr(nest_lab, name)
    lists = {
        "connection rules": "connection_rules",
        "growth curves": "growth_curves",
        "recording backends": "recording_backends",
    }
    if section in lists:
        return name in getattr(nest_lab, lists[section])
    module = getattr(nest_lab, section[5:], None) if section.startswith("nest.") else nest_lab
    return hasattr(module, name)


def table():
    """Rows of section, name and state."""
    for section, names in of_the_reference().items():
        for name in names:
            state = "works" if is_there(section, name) else "missing"
            if name in ON_PURPOSE:
                state = f"differs: {ON_PURPOSE[name]}"
            yield section, name, state


def page():
    """The page as text."""
    rows = list(table())
    lines = [
        "# What of the interface of NEST 3.10 is there",
        "",
        "Written by `python -m tests.api.coverage`. That results are the same is what other tests say.",
    ]
    for section in dict.fromkeys(row[0] for row in rows):
        states = {name: state for s, name, state in rows if s == section}
        works = [f"`{name}`" for name, state in states.items() if state == "works"]
        missing = [f"`{name}`" for name, state in states.items() if state == "missing"]
        title = f"`{section}`" if section.startswith("nest.") else section[0].upper() + section[1:]
        lines += ["", f"## {title}: {len(works)} of {len(states)}", ""]
        lines += [f"Missing: {', '.join(missing)}.", ""] if missing else []
        lines += [f"- `{n}` {state}." for n, state in states.items() if state.startswith("differs")]
        lines += [""] if lines[-1] else []
        lines += [f"Works: {', '.join(works)}." if works else "Nothing works yet."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
