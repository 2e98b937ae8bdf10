"""The loop over the neurons of a model works on several of them at once.

The compiler gives that up silently: twice for a call that was not inlined any more, once for a branch around
an exponential. Results stay the same, and a network takes three times as long.
"""

import re
import subprocess
from collections import Counter, defaultdict

import pytest

from tests.tidy.tree import ROOT, below

TEXTS = {path.stem: path.read_text() for path in below("kernel/models/neuron", ".hpp")}
# Models whose step is plain arithmetic, also for accelerators, and says whether a neuron spikes. Those that
# learn in intervals are not there yet; they spend their time on synapses.
PLAIN = [m for m, t in TEXTS.items() if "NL_HD static bool step(" in t and "learning_shift" not in t]
EQUATIONS = [m for m, t in TEXTS.items() if "static constexpr int equations" in t]
OBJECTS = {
    folder: sorted(folder.rglob("*.o"))
    for folder in sorted(ROOT.glob("build/CMakeFiles/run_v[34]_models.dir"))
}
FUNCTION = re.compile(r"(NeuronStep|OdeLanes)<nl::(\w+)>(.*)>:\n")
PACKED = re.compile(r"\tv(?:mul|add|sub)pd\s.*%[yz]mm")


@pytest.fixture(scope="module", params=OBJECTS or [None], ids=lambda folder: folder and folder.stem)
def packed(request):
    """Numbers of packed additions and multiplications: {model: {function: number}}."""
    if request.param is None:
        pytest.skip("not built for x86-64-v3 or v4 in build/")
    count = defaultdict(Counter)
    for path in OBJECTS[request.param]:
        found = None
        command = ["objdump", "-d", "--no-show-raw-insn", "-C", path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listing:
            for line in listing.stdout:
                if line.endswith(">:\n"):
                    found = FUNCTION.search(line)
                    if found:
                        count[found[2]][found[1] + found[3]] += 0
                elif found and PACKED.search(line):
                    count[found[2]][found[1] + found[3]] += 1
    return count


@pytest.mark.parametrize("model", PLAIN)
def test_several_neurons_at_once(packed, model):
    assert sum(n for function, n in packed[model].items() if function.startswith("NeuronStep")) > 0


@pytest.mark.parametrize("model", EQUATIONS)
def test_equations_of_several_neurons_at_once(packed, model):
    slopes = {function: n for function, n in packed[model].items() if "::slopes<" in function}
    assert slopes
    assert all(slopes.values()), slopes
