"""The package of the widgets: found by file, imported late, written for browsers without a network."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("anywidget")

from nest_lab import widgets
from nest_lab.errors import UnknownName

FILES = sorted(Path(next(iter(widgets.__path__))).glob("*.*"))
LIMIT = 0.6  # s, promised for the import
NOISE = 2.0  # a busy machine


def test_a_widget_is_found_by_its_file():
    """The class of `live_simulation.py` is `LiveSimulation`; no list names it."""
    assert "LiveSimulation" in dir(widgets)
    assert set(dir(widgets)) == {
        "".join(part.capitalize() for part in path.stem.split("_"))
        for path in FILES
        if path.suffix == ".py" and not path.stem.startswith("_")
    }
    for name in dir(widgets):
        assert getattr(widgets, name).__module__.startswith("nest_lab.widgets.")


def test_unknown_widget():
    with pytest.raises(UnknownName) as error:
        _ = widgets.LiveSimulatoin
    assert str(error.value) == (
        "nest_lab.widgets: there is no widget of this name. Value: 'LiveSimulatoin'. "
        f"Allowed: 'LiveSimulation' or one of {len(dir(widgets)) - 1} others. Did you mean 'LiveSimulation'? "
        "dir(nest_lab.widgets) lists all."
    )


def test_javascript_and_style_come_from_the_files():
    """What is shared first, then that of the widget; nothing is fetched from elsewhere."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in FILES if path.suffix in {".js", ".css"}}
    for module in pkgutil.iter_modules(widgets.__path__):
        if module.name.startswith("_"):
            continue
        widget = getattr(widgets, "".join(part.capitalize() for part in module.name.split("_")))
        stems = ["_base", *widget._uses, module.name]
        assert widget._esm == "\n".join(texts[f"{stem}.js"] for stem in stems)
        assert widget._css == "\n".join(
            texts.get(f"{stem}.css", "") for stem in stems if f"{stem}.css" in texts
        )
    for name, text in texts.items():
        assert not re.search(r"https?://|@import|\bimport\s*[({\"'*]|\brequire\(", text), name


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(widgets.__path__)])
def test_examples(name):
    """The examples of the documentation are true."""
    assert doctest.testmod(importlib.import_module(f"nest_lab.widgets.{name}")).failed == 0


def test_the_import_is_quick():
    """The package needs nothing until a widget is asked for, and a widget comes in 600 ms."""
    code = (
        "import sys, time; begin = time.perf_counter(); import nest_lab.widgets as widgets; "
        "assert not {'anywidget', 'ipywidgets', 'matplotlib'} & set(sys.modules); "
        "widgets.LiveSimulation; assert 'matplotlib' not in sys.modules; print(time.perf_counter() - begin)"
    )
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(times) < LIMIT * NOISE, times
