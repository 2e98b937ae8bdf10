"""Every tutorial says what it is, and keeps no noise.

That its cells run without error, and that the results in it are true, is compared by nbval (see `make test`).
`conftest.py` sees to it that they do so within a minute and a gigabyte.
"""

import ast
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")

TUTORIALS = Path(__file__).parents[2] / "tutorials"
NOTEBOOKS = sorted(TUTORIALS.glob("[0-9]*/*.ipynb"))
COMPARED = "nbval-check-output"
PUBLISHED = "published-number"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.relative_to(TUTORIALS).as_posix())
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_tutorials():
    assert len(NOTEBOOKS) >= 2


def test_a_tutorial_says_what_it_is(notebook):
    """What a table of contents needs: title, level, duration, and the cell whose figure is the thumbnail."""
    nbformat.validate(notebook)
    facts = notebook.metadata["nest_lab"]
    assert notebook.cells[0].source.startswith(f"# {facts['title']}\n")
    assert facts["level"] in {"beginner", "intermediate", "advanced"}
    assert 5 <= facts["minutes"] <= 120
    assert f"about {facts['minutes']} minutes" in notebook.cells[0].source
    assert facts["level"].capitalize() in notebook.cells[0].source
    assert facts["summary"]
    assert facts["thumbnail"] in {cell.id for cell in code(notebook)}


def test_a_tutorial_teaches(notebook):
    """It asks before it answers, and has exercises with hidden solutions and literature."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert text.count("> **Question.**") >= 3
    for part in ("## Exercises", "## What you know now", "### Literature", "doi.org/10."):
        assert part in text
    assert text.count("<details>") == text.count("</details>") >= 1
    solutions = [cell for cell in code(notebook) if "solution" in cell.metadata.get("tags", [])]
    assert solutions
    hidden = {"source_hidden": True, "outputs_hidden": True}
    assert all(cell.metadata["jupyter"] == hidden for cell in solutions)


def test_a_tutorial_has_something_to_touch(notebook):
    """A widget, which the notebook shows."""
    widgets = re.findall(
        r"from nest_lab\.widgets import (\w+)", "\n".join(cell.source for cell in code(notebook))
    )
    assert widgets
    assert any(f"{name}(" in cell.source for name in widgets for cell in code(notebook))


def test_links_lead_somewhere(path, notebook):
    """To files that exist, or to publications."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert target.startswith("https://doi.org/10.") or (path.parent / target).is_file(), target


def test_outputs_are_kept_where_they_are_compared(notebook):
    """A cell that prints a result of science is compared with what is in the file; others keep nothing."""
    compared = [cell for cell in code(notebook) if COMPARED in cell.metadata.get("tags", [])]
    assert compared
    assert all(cell.outputs for cell in compared)
    for cell in code(notebook):
        # nbval compares a cell only when it bears a number; the same for all: running again changes nothing
        assert cell.execution_count == (1 if cell.outputs else None)
        assert COMPARED in cell.metadata.get("tags", []) or not cell.outputs


def test_a_tutorial_asserts_a_published_number(notebook):
    """A cell shows it and asserts it, and says beside the assertion which of the literature it is from."""
    cells = [cell for cell in code(notebook) if PUBLISHED in cell.metadata.get("tags", [])]
    assert cells
    entries = notebook.cells[-1].source.partition("### Literature")[2].split("\n* ")[1:]
    for cell in cells:
        assert COMPARED in cell.metadata["tags"], cell.id
        assertions = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Assert)]
        assert assertions, cell.id
        for name, year in re.findall(r"#.*?([^\W\d_]+)(?: et al\.)? \((\d{4})\)", cell.source):
            assert any(name in entry and f"({year})" in entry for entry in entries), (cell.id, name, year)
        assert re.search(r"assert .*#.* \(\d{4}\)", cell.source), cell.id
