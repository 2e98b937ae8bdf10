"""The files of the project and what each of them imports."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files():
    """Every file that is, or is about to be, under version control."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return sorted(path for name in names if name and (path := ROOT / name).is_file())


def below(folder, *suffixes):
    """Files in a folder with one of the suffixes."""
    return [path for path in files() if path.is_relative_to(ROOT / folder) and path.suffix in suffixes]


def name_of(path):
    """The path as a test id: relative to the root."""
    return path.relative_to(ROOT).as_posix()


def module_name(path):
    """The name under which a Python file is imported; `widgets` installs as `nest_lab.widgets`."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[0] == "widgets":
        parts = ["nest_lab", *parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules():
    """{name: path} of the Python modules of `nest_lab`, widgets included."""
    return {module_name(path): path for path in below("nest_lab", ".py") + below("widgets", ".py")}


def _type_checking(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(path):
    """What a Python file imports: (module, name or None, whether when it is itself imported, line)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]

    def visit(node, at_once):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None, at_once, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield module, alias.name, at_once, node.lineno
        else:
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _type_checking(
                node
            )
            for child in ast.iter_child_nodes(node):
                yield from visit(child, at_once and not inside)

    return list(visit(tree, True))


def includes(path):
    """What a C or C++ file includes, with its brackets or quotes: (text, line)."""
    pattern = re.compile(r'^\s*#\s*include\s+([<"][^>"]+[>"])')
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(found[1], number) for number, line in enumerate(lines, 1) if (found := pattern.match(line))]


def without_comments(text):
    """C++ source without its comments; string literals stay."""
    pattern = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
    return pattern.sub(lambda found: found[1] or "\n" * found[0].count("\n"), text)
