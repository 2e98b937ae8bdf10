"""Who may import whom: the invariants of the code map in the README.

Each layer names what it may import of the project. A module of `nest_lab` that is not named here is a front:
like the gallery it stands on the public API.
"""

import re

import pytest

from tests.tidy.tree import below, imports, includes, modules, name_of

PUBLIC = "public API"  # names of `nest_lab` itself, its errors, its units and its tables
KERNEL_SIDE = {"_kernel", "errors", "units", "simulation", "models", "recording", "tables"}
MAY_IMPORT = {
    "_kernel": {"_kernel"},
    "errors": {"errors"},
    "units": {"units", "errors"},
    "tables": {"tables"},
    "simulation": KERNEL_SIDE,
    "models": KERNEL_SIDE,
    "recording": KERNEL_SIDE | {PUBLIC},
    "api": {"api", "simulation", "models", "units", "errors", "tables"},
    "": {"api", "simulation", "models", "units", "errors"},  # nest_lab/__init__.py
    "gallery": {PUBLIC, "gallery", "plot", "analysis"},
    "cli": {PUBLIC, "gallery", "export", "analysis", "plot", "nestml"},
    "widgets": {PUBLIC, "widgets", "plot", "analysis"},
}
ONLY_WHEN_USED = {
    "matplotlib",
    "pandas",
    "neo",
    "elephant",
    "nixio",
    "quantities",
    "tqdm",
    "ipywidgets",
    "anywidget",
    "scipy",
    "h5py",
    "pydot",
    "pyarrow",
    "pynwb",
}


def layer(module):
    """First name below `nest_lab`, or '' for the package itself."""
    return module.split(".")[1] if "." in module else ""


def imported_layers(path):
    """(layer, line) of each import of the project in a file; public names count as PUBLIC."""
    for module, name, _, line in imports(path):
        if module == "nest_lab" and name is not None and f"nest_lab.{name}" in modules():
            yield name, line
        elif module == "nest_lab":
            yield PUBLIC, line
        elif module.startswith("nest_lab."):
            yield layer(module), line


def may_import(own):
    """Layers that a layer may import."""
    allowed = MAY_IMPORT.get(own, {PUBLIC, own})
    return allowed | {"errors", "units", "tables"} if PUBLIC in allowed else allowed


@pytest.mark.parametrize("module", sorted(modules()))
def test_python_layers(module):
    """A module imports only from the layers below it."""
    own = layer(module)
    allowed = may_import(own)
    wrong = [
        f"line {line}: {found}" for found, line in imported_layers(modules()[module]) if found not in allowed
    ]
    assert not wrong, f"{module} may import {sorted(allowed)}, but: {wrong}"


@pytest.mark.parametrize("module", sorted(name for name in modules() if layer(name) == "widgets"))
def test_widgets_are_independent(module):
    """A widget knows no other widget, only what they share."""
    for target, name, _, line in imports(modules()[module]):
        full = f"{target}.{name}" if target == "nest_lab.widgets" and name else target
        if full.startswith("nest_lab.widgets.") and module != "nest_lab.widgets":
            assert full.split(".")[2].startswith("_"), f"line {line}: {module} imports the widget {full}"


@pytest.mark.parametrize("module", sorted(modules()))
def test_names_with_an_underscore_stay_in_their_package(module):
    """What begins with an underscore belongs to one package; the kernel to `simulation` and `models`."""
    for target, name, _, line in imports(modules()[module]):
        full = [*target.split("."), *([name] if name else [])]
        private = next(
            (i for i, part in enumerate(full) if part.startswith("_") and not part.startswith("__")), None
        )
        if full[0] == "nest_lab" and private is not None:
            owner = modules().get(".".join(full[:private]))
            package = full[: private - (owner is not None and owner.name != "__init__.py")]
            inside = module.split(".")[: len(package)] == package
            assert inside, f"line {line}: {module} imports {'.'.join(full)}"


@pytest.mark.parametrize(
    "module", sorted(name for name in modules() if layer(name) in {"", "api", *KERNEL_SIDE})
)
def test_the_core_needs_numpy_only(module):
    """`import nest_lab` is quick, because whatever else is needed is imported where it is used."""
    for target, _, at_once, line in imports(modules()[module]):
        assert not (at_once and target.split(".")[0] in ONLY_WHEN_USED), (
            f"line {line}: {module} imports {target} at once"
        )


def allowed_include(path, text):
    """Whether a kernel file may include this."""
    parts = path.parts[path.parts.index("kernel") + 1 :]
    name, quoted = text[1:-1], text[0] == '"'
    if not quoted and "/" not in name and not name.startswith(("Python", "cuda")):
        return True  # standard library
    own, include = rf'"{"/".join(parts[:-1])}/\w+\.hpp"|"\w+\.hpp"', r"<nest_lab/\w+\.hpp>"
    system = r"<(sys|linux)/\w+\.h>"
    cuda = r"<cuda\w*(/\w+)?\.h>"
    place = {
        "models": include,
        "include": rf'"\w+\.hpp"|{system}',
        "src": rf'"src/\w+\.hpp"|{include}|{system}|"backend/\w+/\w+\.hpp"',
        "backend": rf"{own}|{include}|{system}" + (f"|{cuda}" if "gpu" in parts else ""),
        "python": rf'{own}|{include}|"src/simulation\.hpp"|<Python\.h>|<pybind11/\w+\.h>',
        "bench": rf'{own}|{include}|"(src|backend/\w+|models/\w+)/\w+\.hpp"',
    }[parts[0]]
    return re.fullmatch(place, text) is not None


@pytest.mark.parametrize("path", below("kernel", ".hpp", ".cpp", ".c", ".cu"), ids=name_of)
def test_kernel_layers(path):
    """Models see `nest_lab/...` only, Python is known in `python` only, CUDA in `backend/gpu` only."""
    wrong = [f"line {line}: {text}" for text, line in includes(path) if not allowed_include(path, text)]
    assert not wrong, f"{name_of(path)} may not include: {wrong}"


@pytest.mark.parametrize("path", below("tutorials", ".ipynb"), ids=name_of)
def test_tutorials_use_public_names(path):
    """A tutorial imports `nest_lab` under the name that PyNEST programs use, and its widgets."""
    import json

    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    for line in re.findall(r"^\s*(?:import|from)\s+nest_lab.*$", code, re.MULTILINE):
        assert re.match(r"\s*(import nest_lab as nest\b|(import|from) nest_lab\.(?!_)\w+)", line), line
    assert not re.search(r"\bnest_lab\.(_\w+|simulation|models|api)\b", code)
