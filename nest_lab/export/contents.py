"""The first page of a folder of tutorials, made from what the notebooks say of themselves.

A notebook says its title, level, duration and summary, and which cell draws its thumbnail, in its metadata
under ``nest_lab``; the widgets it uses are in its code, the literature is in its text. The page is written as
``index.ipynb``, which JupyterLab shows as a page, and as ``README.md``, which is shown beside a list of
files.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from nest_lab.errors import BadValue

__all__ = ["Tutorial", "index", "page", "read", "stale", "update"]

LEVELS = ("beginner", "intermediate", "advanced")
THUMBNAILS = "thumbnails"
_SIZE = (440, 300)  # pixels at most, twice as many as the page shows
_MARGIN = 8
_COLOURS = 64  # enough for lines and letters, and a file below 30 kB
_WIDGETS = re.compile(r"from nest_lab\.widgets import ([\w, ]+)")
_ENTRY = re.compile(r"^\* (.+?) \((\d{4})\)\..*?\((https://doi\.org/[^\s]+)\)\s*$", re.MULTILINE | re.DOTALL)
_BEFORE = re.compile(r"before this: .*?\(([^)]+)\.ipynb\)")  # the notebook to read first
_SOURCE = "Source"  # key in a thumbnail that says of which code it is the figure


@dataclass(frozen=True)
class Tutorial:
    """What a notebook says of itself.

    Attributes
    ----------
    path : Path
        The notebook.
    folder : str
        Name of its folder.
    title, level, summary : str
        As in its metadata.
    minutes : int
        How long it takes to work through.
    widgets : tuple of str
        Classes of ``nest_lab.widgets`` that it uses.
    literature : tuple of (str, str)
        Short citation and address of each publication.
    thumbnail : str
        Id of the cell that draws the figure.
    code : tuple of str
        Its code up to this figure.
    before : str
        File name, without suffix, of the notebook that it says comes before it, '' if there is none.
    """

    path: Path
    folder: str
    title: str
    level: str
    summary: str
    minutes: int
    widgets: tuple[str, ...]
    literature: tuple[tuple[str, str], ...]
    thumbnail: str
    code: tuple[str, ...]
    before: str = ""

    @property
    def picture(self) -> Path:
        """Where its thumbnail is."""
        return self.path.parents[1] / THUMBNAILS / f"{self.path.stem}.png"

    @property
    def source(self) -> str:
        """What tells the code of the figure from any other."""
        return hashlib.sha256("\0".join(self.code).encode()).hexdigest()[:16]


def read(path: Path) -> Tutorial:
    """Read what a notebook says of itself.

    Parameters
    ----------
    path : Path
        The notebook.

    Returns
    -------
    Tutorial
        What it is.

    Raises
    ------
    BadValue
        If it is no notebook, or does not say what it is.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        facts: Mapping[str, Any] = notebook["metadata"]["nest_lab"]
        cells = [(cell["cell_type"], cell["id"], "".join(cell["source"])) for cell in notebook["cells"]]
        title, level, summary, drawing = (
            str(facts[key]) for key in ("title", "level", "summary", "thumbnail")
        )
        minutes = int(facts["minutes"])
        if level not in LEVELS:
            raise ValueError(f"there is no level '{level}'")
        if drawing not in (name for _, name, _ in cells):
            raise ValueError(f"it has no cell '{drawing}'")
    except (KeyError, ValueError, TypeError) as error:
        raise BadValue(
            f"this notebook does not say what it is: {_reason(error)}",
            where="contents.read()",
            value=f"'{path.name}'",
            allowed="a notebook with title, level, minutes, summary and thumbnail in its metadata nest_lab",
            todo=f"The level is {', '.join(LEVELS[:-1])} or {LEVELS[-1]}, "
            "the thumbnail the id of a cell that draws a figure.",
        ) from None
    last = [name for _, name, _ in cells].index(drawing)
    code = [text for kind, _, text in cells if kind == "code"]
    text = "\n".join(text for kind, _, text in cells if kind == "markdown")
    before = _BEFORE.search(text)
    return Tutorial(
        path,
        path.parent.name,
        title,
        level,
        summary,
        minutes,
        tuple(dict.fromkeys(re.findall(r"\w+", ",".join(_WIDGETS.findall("\n".join(code)))))),
        tuple(_literature(text)),
        drawing,
        tuple(text for kind, _, text in cells[: last + 1] if kind == "code"),
        Path(before[1]).name if before else "",
    )


def _reason(error: Exception) -> str:
    """What is wrong, of an error in reading."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno} is not JSON"
    return f"there is no {error} in it" if isinstance(error, KeyError) else str(error)


def _literature(text: str) -> list[tuple[str, str]]:
    """Short citation and address of each publication in the section on literature."""
    found = []
    for item in re.split(r"^(?=\* )", text.partition("### Literature")[2], flags=re.MULTILINE):
        if entry := _ENTRY.match(item.strip()):
            authors, year, address = entry.groups()
            # "van Vreeswijk C" without its initials
            names = [
                re.sub(r" [A-Z-]+$", "", name.strip()) for name in authors.rpartition(": ")[2].split(",")
            ]
            short = (
                names[0]
                if len(names) == 1
                else " & ".join(names)
                if len(names) == 2
                else f"{names[0]} et al."
            )
            found.append((f"{short} {year}", address))
    return found


def index(folder: Path) -> list[Tutorial]:
    """Find the tutorials of a folder.

    Parameters
    ----------
    folder : Path
        Its subfolders begin with a number.

    Returns
    -------
    list of Tutorial
        By subfolder and level; first those with the fewest to read before them, then by duration.

    Raises
    ------
    BadValue
        If there is none, or one of them does not say what it is.
    """
    found = [read(path) for path in folder.glob("[0-9]*/*.ipynb")]
    if not found:
        raise BadValue(
            "there are no tutorials in this folder",
            where="contents.index()",
            value=f"'{folder}'",
            allowed="a folder with notebooks in subfolders such as 00_start",
            todo="Name the folder tutorials of the project, or a copy of it.",
        )
    order = {one: (one.folder, LEVELS.index(one.level), _depth(one, found)) for one in found}
    return sorted(found, key=lambda one: (*order[one], one.minutes, one.title))


def _depth(tutorial: Tutorial, among: Sequence[Tutorial]) -> int:
    """How many notebooks come before this one, at most all, should they name each other in a circle."""
    before = {one.path.stem: one.before for one in among}
    name, depth = tutorial.before, 0
    while name in before and depth < len(before):
        name, depth = before[name], depth + 1
    return depth


def page(tutorials: Sequence[Tutorial]) -> str:
    """Make the page.

    Parameters
    ----------
    tutorials : sequence of Tutorial
        From `index`.

    Returns
    -------
    str
        Markdown, with paths relative to the folder of the tutorials.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    rooms = [
        (folder.partition("_")[2].replace("_", " ").capitalize(), list(some))
        for folder, some in groupby(tutorials, attrgetter("folder"))
    ]
    template = files(__package__).joinpath("contents.md.jinja").read_text(encoding="utf-8")
    return environment.from_string(template).render(rooms=rooms, thumbnails=THUMBNAILS)


def _notebook(text: str) -> str:
    """A notebook that is nothing but a page."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    cell = {"cell_type": "markdown", "id": "page", "metadata": {}, "source": text.splitlines(keepends=True)}
    facts = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": [cell], "metadata": facts, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _files(folder: Path, tutorials: Sequence[Tutorial]) -> dict[Path, str]:
    """What shall be in the files of the page."""
    text = page(tutorials)
    return {folder / "README.md": text, folder / "index.ipynb": _notebook(text)}


def stale(folder: Path) -> list[Path]:
    """Find the files that are not, or no longer, what the notebooks say.

    Parameters
    ----------
    folder : Path
        Of the tutorials.

    Returns
    -------
    list of Path
        Pages that would be written anew, thumbnails that are missing or of other code, and thumbnails that
        belong to no notebook.
    """
    tutorials = index(folder)
    pages = [path for path, text in _files(folder, tutorials).items() if not _says(path, text)]
    pictures = [one.picture for one in tutorials if _drawn_from(one.picture) != one.source]
    strangers = {*(folder / THUMBNAILS).glob("*")} - {one.picture for one in tutorials}
    return [*pages, *pictures, *sorted(strangers)]


def update(folder: Path) -> list[Path]:
    """Write the page, and draw the thumbnails that are not of the code that is in the notebooks now.

    A notebook is run up to its figure for that; the others are not run.

    Parameters
    ----------
    folder : Path
        Of the tutorials.

    Returns
    -------
    list of Path
        Files that were written or removed.

    Raises
    ------
    BadValue
        If a notebook does not say what it is, or the cell that it names draws no figure.
    OSError
        If a file cannot be written.
    """
    tutorials = index(folder)
    wrong = stale(folder)
    drawn = {one.picture: _draw(one) for one in tutorials if one.picture in wrong}
    texts = {path: text.encode() for path, text in _files(folder, tutorials).items() if path in wrong}
    (folder / THUMBNAILS).mkdir(exist_ok=True)
    for path, data in (drawn | texts).items():
        path.write_bytes(data)
    for path in wrong:
        if path not in drawn and path not in texts:
            path.unlink()
    return wrong


def _says(path: Path, text: str) -> bool:
    """Whether a file has this text."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _drawn_from(path: Path) -> str:
    """Of which code a thumbnail is the figure, '' if it is not there or does not say."""
    from PIL import Image

    if not path.is_file():
        return ""
    with Image.open(path) as image:
        return str(image.info.get(_SOURCE, ""))


def _draw(tutorial: Tutorial) -> bytes:
    """Run a notebook up to its figure, and make the figure small."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(tutorial.path, as_version=4)  # type: ignore[no-untyped-call]
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"][: len(tutorial.code)]
    where = {"metadata": {"path": str(tutorial.path.parent)}}
    # figures go into the notebook, whatever is set for programs
    own = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    NotebookClient(notebook, timeout=600, resources=where).execute(env=own)
    pictures = [output.get("data", {}).get("image/png") for output in notebook.cells[-1].outputs]
    shown = [data for data in pictures if data]
    if not shown:
        raise BadValue(
            "the cell of the thumbnail draws no figure",
            where="contents.update()",
            value=f"'{tutorial.thumbnail}' in '{tutorial.path.name}'",
            allowed="the id of a cell that shows a figure of matplotlib",
            todo="Name another cell in the metadata.",
        )
    return _small(base64.b64decode(shown[0]), tutorial.source)


def _small(png: bytes, source: str) -> bytes:
    """A figure on a white card that is as wide as all others, and as high as it needs."""
    from PIL import Image, ImageChops, PngImagePlugin

    with Image.open(io.BytesIO(png)) as image:
        figure = image.convert("RGBA")
    figure.thumbnail((_SIZE[0] - 2 * _MARGIN, _SIZE[1] - 2 * _MARGIN), Image.Resampling.LANCZOS)
    card = Image.new("RGBA", _SIZE, "white")
    card.alpha_composite(figure, ((_SIZE[0] - figure.width) // 2, (_SIZE[1] - figure.height) // 2))
    flat = card.convert("RGB")
    drawn = ImageChops.difference(flat, Image.new("RGB", _SIZE, "white")).getbbox() or (0, 0, *_SIZE)
    flat = flat.crop((0, max(drawn[1] - _MARGIN, 0), _SIZE[0], min(drawn[3] + _MARGIN, _SIZE[1])))
    told = PngImagePlugin.PngInfo()
    told.add_text(_SOURCE, source)
    data = io.BytesIO()
    flat.quantize(_COLOURS).save(data, format="png", optimize=True, pnginfo=told)
    return data.getvalue()
