"""The loop over the neurons of a model works on several of them at once.

The compiler gives that up silently: once for a call that was not inlined any more, once for a branch around
an exponential. Results stay the same, and a network takes three times as long.
"""

import re
import subprocess
from collections import Counter

import pytest

from tests.tidy.tree import ROOT, below

TEXTS = {path.stem: path.read_text() for path in below("kernel/models/neuron", ".hpp")}
# Models whose step is plain arithmetic, also for accelerators, and says whether a neuron spikes. Those that
# learn in intervals are not there yet; they spend their time on synapses.
PLAIN = [m for m, t in TEXTS.items() if "NL_HD static bool step(" in t and "learning_shift" not in t]
OBJECTS = sorted(ROOT.glob("build/CMakeFiles/run_v3_models.dir/**/*.o"))
PACKED = re.compile(r"\tv(?:mul|add|sub)pd\s.*%ymm")


@pytest.fixture(scope="module")
def packed():
    """Numbers of packed additions and multiplications in the code of each neuron model."""
    if not OBJECTS:
        pytest.skip("not built for x86-64-v3 in build/")
    count = Counter()
    for path in OBJECTS:
        model = None
        command = ["objdump", "-d", "--no-show-raw-insn", "-C", path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listing:
            for line in listing.stdout:
                if line.endswith(">:\n"):
                    found = re.search(r"NeuronStep<nl::(\w+)>", line)
                    model = found and found.group(1)
                elif model and PACKED.search(line):
                    count[model] += 1
    return count


@pytest.mark.parametrize("model", PLAIN)
def test_several_neurons_at_once(packed, model):
    assert packed[model] > 0
