"""The first page of the tutorials is what the notebooks say of themselves, and nobody keeps a list.

To bring it up to date: ``nest-lab tutorials``.
"""

import html
import json
import re
import shutil
from pathlib import Path

import pytest

from nest_lab import cli
from nest_lab.errors import BadValue

pytest.importorskip("jinja2")
PIL = pytest.importorskip("PIL.Image")

from nest_lab.export import contents  # noqa: E402

TUTORIALS = Path(__file__).parents[2] / "tutorials"
FOUND = contents.index(TUTORIALS)


def test_the_page_is_up_to_date():
    """Written again it would be the same, and each thumbnail is of the code that is in the notebook."""
    assert contents.stale(TUTORIALS) == []
    assert cli.main(["tutorials", str(TUTORIALS), "--check"]) == 0


def test_every_notebook_is_on_the_page():
    """In both forms of the page, which are one text; links and pictures lead to files."""
    text = (TUTORIALS / "README.md").read_text(encoding="utf-8")
    (cell,) = json.loads((TUTORIALS / "index.ipynb").read_text(encoding="utf-8"))["cells"]
    assert "".join(cell["source"]) == text
    targets = re.findall(r'(?:href|src)="([^"]+)"', text)
    local = {target for target in targets if not target.startswith("https://doi.org/10.")}
    assert all((TUTORIALS / target).is_file() for target in local)
    notebooks = {path.relative_to(TUTORIALS).as_posix() for path in TUTORIALS.glob("*/*.ipynb")}
    assert {target for target in local if target.endswith(".ipynb")} == notebooks
    assert len(FOUND) == len(notebooks)


@pytest.mark.parametrize("tutorial", FOUND, ids=lambda one: one.path.stem)
def test_a_row_tells_all_that_a_notebook_says(tutorial):
    text = (TUTORIALS / "README.md").read_text(encoding="utf-8")
    (row,) = [row for row in text.split("<tr>") if f"/{tutorial.path.name}" in row]
    for part in (tutorial.title, tutorial.level.capitalize(), f"{tutorial.minutes} minutes"):
        assert part in row
    assert all(name in row for name in tutorial.widgets)
    notebook = json.loads(tutorial.path.read_text(encoding="utf-8"))
    written = "\n".join(
        "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"
    )
    bullets = re.findall(r"^\* ", written.partition("### Literature")[2], re.MULTILINE)
    assert len(tutorial.literature) == len(bullets) >= 1
    assert all(address in row and short in html.unescape(row) for short, address in tutorial.literature)


@pytest.mark.parametrize("tutorial", FOUND, ids=lambda one: one.path.stem)
def test_a_thumbnail_is_small(tutorial):
    """In bytes and in pixels, so that a page of them is there at once; and not empty."""
    assert tutorial.picture.stat().st_size < 30_000
    with PIL.open(tutorial.picture) as image:
        assert image.width == 440
        assert 100 < image.height <= 300
        assert len(image.convert("RGB").getcolors(maxcolors=1 << 20)) > 4


def test_rooms_are_in_order():
    text = (TUTORIALS / "README.md").read_text(encoding="utf-8")
    rooms = [path.name for path in sorted(TUTORIALS.glob("[0-9]*")) if path.is_dir()]
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == [name.partition("_")[2].capitalize() for name in rooms]


def test_what_comes_before_stands_above():
    """Who reads a room from the top meets nothing that needs what stands below it."""
    names = [one.path.stem for one in FOUND]
    pairs = [(one.before, one.path.stem) for one in FOUND if one.before]
    assert len(pairs) >= 2
    assert {before for before, _ in pairs} <= set(names)
    assert [pair for pair in pairs if names.index(pair[0]) > names.index(pair[1])] == []


def test_notebooks_that_name_each_other_stand_somewhere(tmp_path):
    for name, other in (("one", "two"), ("two", "one")):
        path = write(tmp_path, name)
        text = path.read_text(encoding="utf-8").replace("# T\\n", f"# T\\nbefore this: [O]({other}.ipynb)\\n")
        path.write_text(text, encoding="utf-8")
    assert [(one.path.stem, one.before) for one in contents.index(tmp_path)] == [
        ("one", "two"),
        ("two", "one"),
    ]


def test_a_notebook_shows_how_far_a_run_has_come():
    """`print_time` once hung notebooks; nbval runs this one."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in TUTORIALS.glob("*/*.ipynb")}
    assert [name for name, text in texts.items() if "nest.print_time = True" in text] == ["microcircuit"]


FIGURE = "import matplotlib.pyplot as plt\nplt.figure(figsize=(3, 2)).add_subplot().plot([1, 2, 1]);"


def write(folder, name, code=FIGURE, **changes):
    """A small notebook in a folder of tutorials."""
    facts = {
        "title": "T",
        "level": "beginner",
        "minutes": 10,
        "summary": "S & Co.",
        "thumbnail": "figure",
    } | changes
    text = (
        "# T\n### Literature\n"
        "* van Vreeswijk C, Sompolinsky H (1996). *A.* B.\n  [doi:10.1/a](https://doi.org/10.1/a)\n"
        "* Brunel N (2000). *C.* [doi:10.1/b](https://doi.org/10.1/b)\n"
        "* How it ends: Doe J-P (2003). *E.* [doi:10.1/d](https://doi.org/10.1/d)\n"
        "* Li YX, van der Rinzel J, Other A-B (1994). *D.* [doi:10.1/c](https://doi.org/10.1/c)\n"
    )
    cells = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": text},
        {
            "cell_type": "code",
            "id": "figure",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": code,
        },
        {
            "cell_type": "code",
            "id": "widget",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": "from nest_lab.widgets import SpikeRaster, TraceView",
        },
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    path = folder / "10_some_room" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True, parents=True)
    whole = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "nest_lab": facts},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_new_notebook_comes_on_the_page_by_itself(tmp_path, capsys):
    """It is run up to its figure; a changed figure is drawn again, and one that nobody has goes."""
    write(tmp_path, "one")
    assert cli.main(["tutorials", str(tmp_path), "--check"]) == 1
    assert not (tmp_path / "README.md").exists()
    assert cli.main(["tutorials", str(tmp_path)]) == 0
    assert "one.png" in capsys.readouterr().out
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    for part in (
        "## Some room",
        "S &amp; Co.",
        "SpikeRaster, TraceView",
        ">van Vreeswijk &amp; Sompolinsky 1996</a>",
    ):
        assert part in text
    assert ">Brunel 2000</a>" in text
    assert ">Li et al. 1994</a>" in text
    assert ">Doe 2003</a>" in text
    assert cli.main(["tutorials", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""  # nothing to do

    before = (tmp_path / "thumbnails" / "one.png").read_bytes()
    write(tmp_path, "one", FIGURE.replace("[1, 2, 1]", "[2, 1, 2]"))
    assert contents.stale(tmp_path) == [tmp_path / "thumbnails" / "one.png"]
    contents.update(tmp_path)
    assert (tmp_path / "thumbnails" / "one.png").read_bytes() != before

    shutil.rmtree(tmp_path / "10_some_room")
    write(tmp_path, "two")
    contents.update(tmp_path)
    assert [path.name for path in (tmp_path / "thumbnails").iterdir()] == ["two.png"]


BAD = {
    "there is no level 'easy'": {"level": "easy"},
    "it has no cell 'first'": {"thumbnail": "first"},
    "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'": {
        "minutes": None
    },
}


@pytest.mark.parametrize("reason", BAD)
def test_a_notebook_that_does_not_say_what_it_is(tmp_path, capsys, reason):
    write(tmp_path, "one", **BAD[reason])
    assert cli.main(["tutorials", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"nest-lab tutorials: this notebook does not say what it is: {reason}. "
        "Value: 'one.ipynb'. Allowed: a notebook with title, level, minutes, summary and thumbnail in its "
        "metadata nest_lab. The level is beginner, intermediate or advanced, the thumbnail the id of a "
        "cell that draws a figure.\n"
    )
    assert not (tmp_path / "README.md").exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{\n  oops", "line 2 is not JSON"), ('{"cells": []}', "there is no 'metadata' in it")],
)
def test_a_broken_notebook(tmp_path, text, reason):
    write(tmp_path, "one").write_text(text, encoding="utf-8")
    with pytest.raises(BadValue, match=re.escape(f"this notebook does not say what it is: {reason}. ")):
        contents.stale(tmp_path)
    assert not (tmp_path / "README.md").exists()


def test_a_folder_without_tutorials(tmp_path):
    with pytest.raises(BadValue) as error:
        contents.index(tmp_path)
    assert str(error.value) == (
        f"contents.index(): there are no tutorials in this folder. Value: '{tmp_path}'. Allowed: a folder "
        "with notebooks in subfolders such as 00_start. Name the folder tutorials of the project, or a copy "
        "of it."
    )


@pytest.mark.slow
def test_a_thumbnail_that_is_none(tmp_path):
    """Nothing is written, not even what would be right."""
    write(tmp_path, "one", "1 + 1")
    with pytest.raises(BadValue) as error:
        contents.update(tmp_path)
    assert str(error.value) == (
        "contents.update(): the cell of the thumbnail draws no figure. Value: 'figure' in 'one.ipynb'. "
        "Allowed: the id of a cell that shows a figure of matplotlib. Name another cell in the metadata."
    )
    assert not (tmp_path / "README.md").exists()
