"""Runs programs of the folder `pynn`: ``python run_pynn.py {nest_lab|nest} out.pickle [name ...]``."""

import logging
import pickle
import runpy
import sys
import traceback
import warnings
from pathlib import Path

PROGRAMS = Path(__file__).with_name("pynn")


def main(simulator, out, *names):
    """Write what each program finds, or the text of what it raises."""
    if simulator == "nest_lab":
        import nest_lab

        nest_lab.install_as_nest()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    import pyNN.nest as sim

    found = {}
    for path in sorted(PROGRAMS.glob("*.py")):
        if not names or path.stem in names:
            try:
                found[path.stem] = runpy.run_path(str(path))["main"](sim)
            except Exception:
                found[path.stem] = traceback.format_exc()
    with open(out, "wb") as file:
        pickle.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
