"""What holds for every file, so that nobody has to remember it."""

import re
import tomllib
from importlib import import_module
from inspect import getdoc, isroutine

import pytest

import nest_lab
from tests.tidy.tree import ROOT, below, files, modules, name_of, without_comments

MODELS = below("kernel/models", ".hpp")


@pytest.mark.parametrize("path", MODELS, ids=name_of)
def test_one_file_is_one_model(path):
    """The one struct of a model's file bears the file's name."""
    structs = re.findall(r"^struct (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert structs == [path.stem]


def test_every_model_file_is_registered_by_its_name():
    """The registry has exactly the models that have a file, and their variants."""
    nest_lab.ResetKernel()  # copies of models are in the list, too
    have_files = {path.stem for path in MODELS if path.parent.name not in ("rule", "growth_curve")}
    registry = nest_lab.models.registry
    assert have_files == {name for name in nest_lab.Models() if not registry[name].variant_of}
    assert {model.variant_of for model in registry.values()} - {""} <= have_files


@pytest.mark.parametrize(
    "path", below("kernel/src", ".hpp", ".cpp") + below("kernel/backend", ".hpp", ".cpp"), ids=name_of
)
def test_the_kernel_names_no_model(path):
    """What is common to models asks for capabilities, so that a new model needs no change there."""
    models = "|".join(model.stem for model in MODELS if model.parent.name != "rule")
    code = without_comments(path.read_text(encoding="utf-8"))
    outside = re.sub(
        r'"(?:\\.|[^"\\\n])*"', '""', code
    )  # a message may give an example, a role may bear the name
    assert re.findall(rf'"(?:{models})"', code) + re.findall(rf"(?<!Role::)\b(?:{models})\b", outside) == []


def texts():
    """Files that hold text."""
    return [path for path in files() if b"\0" not in path.read_bytes()]


# Written so that no pattern matches itself.
FORBIDDEN = {
    "a path of one machine": r"""(?<![\w.:/}~-])/(?:tmp|work|root|home|Users|mnt|opt|scratch)/[\w.]""",
    "a package registry": r"""(?:pythonhosted|registry\.\w+|pypi)\.(?:org|com)/(?:simple|packages|-/)""",
    "an address of a machine": r"""\b(?:10|127|192\.168)\.\d{1,3}\.\d{1,3}(?:\.\d{1,3})?:\d{2,5}\b""",
    "a merge left unfinished": r"""^(?:<{7}|>{7}) """,
    "work left for later": r"""\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b""",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_in_the_tree_is(what):
    """Nothing depends on where it was written."""
    pattern = re.compile(FORBIDDEN[what], re.MULTILINE)
    found = [
        f"{name_of(path)}: {match[0]!r}"
        for path in texts()
        if (match := pattern.search(path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_lines_end_as_they_should():
    """Text files are UTF-8 with Unix line ends and end with one."""
    wrong = [
        name_of(p)
        for p in texts()
        if (data := p.read_bytes()) and (b"\r" in data or not data.endswith(b"\n"))
    ]
    assert not wrong


@pytest.mark.parametrize("name", sorted(nest_lab.__all__))
def test_public_names_are_documented(name):
    """Every public name says what it is."""
    value = getattr(nest_lab, name)
    if isinstance(value, type) or isroutine(value):
        assert getdoc(value), f"nest_lab.{name} has no docstring"


@pytest.mark.parametrize("module", sorted(modules()))
def test_lists_of_public_names_are_true(module):
    """What `__all__` of a module names is there."""
    text = modules()[module].read_text(encoding="utf-8")
    if "__all__" in text:
        loaded = import_module(module)
        assert [name for name in loaded.__all__ if not hasattr(loaded, name)] == []


def test_the_code_map_names_every_room():
    """The README's code map knows every folder of the root, and every folder and module of `nest_lab`."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tops = {path.relative_to(ROOT).parts[0] for path in files() if len(path.relative_to(ROOT).parts) > 1}
    inside = {path.relative_to(ROOT / "nest_lab").parts[0] for path in below("nest_lab", ".py")}
    folders = {f"{top}/" for top in tops if not top.startswith(".")} | {
        name if name.endswith(".py") else f"{name}/" for name in inside if not name.startswith("_")
    }
    assert [name for name in sorted(folders) if not re.search(rf"(?<![\w/.]){re.escape(name)}", readme)] == []


def test_version_stands_in_one_place():
    """The version of the project file is that of the package and of the change log."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert nest_lab.__version__ == version
    assert re.search(
        r"^## \[?([\w.]+)\]?", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )[1] in {
        version,
        "Unreleased",
    }


def test_the_example_of_the_readme_runs():
    """The program a newcomer copies does what it says."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    nest_lab.ResetKernel()
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert len(names["recorder"].events["times"]) > 1000


def test_the_commands_of_the_readme_exist():
    """Every `make` command that the README names is an entrance."""
    readme, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", readme, re.MULTILINE))
    assert named == set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
