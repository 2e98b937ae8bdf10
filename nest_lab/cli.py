"""``nest-lab``: run a network of the gallery, list the gallery, run a PyNEST program."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import platform
import shlex
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import nest_lab as nest
from nest_lab.errors import BadType, BadValue, NESTError, UnknownName, compose

if TYPE_CHECKING:
    from nest_lab.gallery import Parameters, ReferenceNetwork, Results

__all__ = ["main"]

_WRONG_ARGUMENT, _FAILED, _INTERRUPTED = 2, 1, 130
_SEEDS = 2**32 - 1
_OPTION = "parameter "  # with this, the name of a parameter that is an option differs from other options


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments, those of the process when not given.

    Returns
    -------
    int
        Exit code: 0 when all was done, 1 when it failed, 2 for wrong arguments, 130 after Ctrl-C.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        options = _parse(arguments)
        return int(options.run(options))
    except _ArgumentError as error:
        print(error, file=sys.stderr)
        return _WRONG_ARGUMENT
    except NESTError as error:
        if not error.where.startswith("nest-lab"):  # on the command line nobody called a function
            error.where = shlex.join(["nest-lab", *arguments[:1]])
        print(error, file=sys.stderr)
        return _WRONG_ARGUMENT


# -- arguments


class _ArgumentError(Exception):
    """What argparse refuses, in words."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors have five parts, and name the nearest option."""

    def error(self, message: str) -> NoReturn:
        raise _ArgumentError(
            compose(
                where=self.prog,
                what=message,
                allowed=" ".join(self.format_usage().split()[1:]),
                todo=f"See {self.prog} --help.",
            )
        )

    def options(self) -> list[str]:
        """Names of all options."""
        return [
            option for action in self._actions for option in action.option_strings if option.startswith("--")
        ]


def _named(arguments: Sequence[str]) -> dict[str, type[ReferenceNetwork[Any]]]:
    """Networks that arguments name; all of the gallery if they name none."""
    from nest_lab import gallery

    names = [name for name in gallery.names() if name in arguments] or gallery.names()
    return {name: gallery.get(name) for name in names}


def _add_options(run: _Parser, networks: Mapping[str, type[ReferenceNetwork[Any]]]) -> None:
    """Add an option for each parameter that a network offers as one."""
    offered: dict[str, type[Parameters]] = {}
    for network in networks.values():
        for name in network.parameters_class.options:
            offered.setdefault(name, network.parameters_class)
    for name, parameters in offered.items():
        facts = parameters.facts(name)
        unit = f", {facts['unit']}" if facts["unit"] else ""
        how: dict[str, Any] = {
            "metavar": "|".join(facts["choices"]) or ("N" if facts["type"] is int else "X")
        }
        if facts["type"] is bool:
            how = {"action": "store_const", "const": "true"}
        text = f"{facts['doc']}{unit}: the same as --set {name}={how.get('const', '…')}"
        run.add_argument(f"--{name.replace('_', '-')}", dest=_OPTION + name, help=text, **how)


def _options(options: argparse.Namespace) -> dict[str, str]:
    """Parameters that were given as options of their own."""
    given = {name.removeprefix(_OPTION): value for name, value in vars(options).items() if _OPTION in name}
    return {name: value for name, value in given.items() if value is not None}


def _parsers(arguments: Sequence[str]) -> tuple[_Parser, dict[str, _Parser]]:
    """The parser of the program, and those of its commands, for the networks that the arguments name."""
    networks = _named(arguments[1:]) if arguments[:1] == ["run"] else {}
    top = _Parser(
        prog="nest-lab", description="A laboratory for spiking neural networks.", allow_abbrev=False
    )
    top.add_argument("--version", action="version", version=f"nest-lab {nest.__version__}")
    commands = top.add_subparsers(dest="command", metavar="command", required=True)

    run = commands.add_parser(
        "run", help="build, simulate and describe a network of the gallery", allow_abbrev=False
    )
    run.add_argument("network", nargs="?", help="its name, as in `nest-lab list`")
    presets = "; ".join(f"for {name} {', '.join(network.presets)}" for name, network in networks.items())
    run.add_argument("--regime", metavar="NAME", help=f"published parameter set: {presets}")
    run.add_argument("--classroom", action="store_true", help="small parameter set that runs fast anywhere")
    _add_options(run, networks)
    run.add_argument(
        "--time", metavar="MS", help="model time in ms (default: 1000, or what the network needs)"
    )
    run.add_argument(
        "--seed", metavar="S", default="1", help="seed of the random numbers (default: %(default)s)"
    )
    run.add_argument("--threads", metavar="T", help="number of threads (default: all that may be used)")
    run.add_argument(
        "--set", metavar="NAME=VALUE", nargs="+", action="extend", default=[], help="change parameters"
    )
    run.add_argument(
        "--out",
        metavar="DIR",
        required=True,
        help="folder for report.html, raster.png, spikes.nix, summary.json",
    )
    run.set_defaults(run=_run)

    show = commands.add_parser(
        "list", help="show the gallery, or the parameters of a network", allow_abbrev=False
    )
    show.add_argument("network", nargs="?", help="name of a network")
    show.set_defaults(run=_list)

    script = commands.add_parser("exec", help="run a PyNEST program on this simulator", allow_abbrev=False)
    script.add_argument("script", help="the program")
    script.add_argument("arguments", nargs=argparse.REMAINDER, help="its arguments")
    script.set_defaults(run=_exec)
    return top, {"run": run, "list": show, "exec": script}


def _parse(arguments: list[str]) -> argparse.Namespace:
    """Arguments as options; refuses what is not known, with the nearest name."""
    top, commands = _parsers(arguments)
    if arguments and not arguments[0].startswith("-") and arguments[0] not in commands:
        raise UnknownName(
            "there is no such command",
            where="nest-lab",
            value=f"'{arguments[0]}'",
            wrong=arguments[0],
            candidates=list(commands),
            todo="See nest-lab --help.",
        )
    options, unknown = top.parse_known_args(arguments)
    if unknown:
        command = commands[options.command]
        wrong = unknown[0].partition("=")[0]
        raise UnknownName(
            "there is no such option" if wrong.startswith("-") else "there is an argument too many",
            where=command.prog,
            value=f"'{wrong}'",
            wrong=wrong,
            candidates=command.options(),
            todo=f"See {command.prog} --help.",
        )
    return options


def _whole(text: str, option: str, lower: int, upper: float, todo: str) -> int:
    """A whole number from the command line."""
    allowed = (
        f"a whole number {lower} … {int(upper)}"
        if math.isfinite(upper)
        else f"a whole number, at least {lower}"
    )
    try:
        value = int(text)
    except ValueError:
        raise BadType(
            f"{option} must be {allowed}", where="nest-lab run", value=repr(text), allowed=allowed, todo=todo
        ) from None
    if not lower <= value <= upper:
        raise BadValue(
            f"{option} is out of bounds", where="nest-lab run", value=text, allowed=allowed, todo=todo
        )
    return value


def _duration(text: str, resolution: float) -> float:
    """Model time from the command line, ms."""
    facts = {
        "where": "nest-lab run",
        "value": f"{text!r} ms",
        "allowed": f"a multiple of the resolution, at least {resolution:g} ms",
        "todo": "Give the model time in ms, e.g. --time 1000.",
    }
    try:
        value = float(text)
    except ValueError:
        raise BadType("--time must be a number", **facts) from None
    steps = value / resolution if math.isfinite(value) else 0.0
    if steps < 0.5 or abs(steps - round(steps)) > 1e-6:
        raise BadValue("--time cannot be simulated in steps of the resolution", **facts)
    return value


def _assignments(items: Sequence[str], parameters: type[Parameters]) -> dict[str, Any]:
    """Parameters from ``name=value``."""
    known = [*parameters.together, *parameters.names()]
    changes: dict[str, Any] = {}
    for item in items:
        name, equals, text = item.partition("=")
        if not equals:
            raise BadValue(
                "--set must be a name and a value",
                where="nest-lab run",
                value=repr(item),
                allowed="NAME=VALUE",
                todo=f"Write --set {name if name in known else known[0]}=….",
            )
        if name not in known:
            raise UnknownName(
                "there is no parameter of this name",
                where="nest-lab run --set",
                value=f"'{name}'",
                wrong=name,
                candidates=known,
                todo="nest-lab list NETWORK shows all of them.",
            )
        changes[name] = _literal(text)
    return changes


def _literal(text: str) -> Any:
    """A number or a truth value, else the text, which the parameter then refuses."""
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _chosen(options: argparse.Namespace) -> tuple[type[ReferenceNetwork[Any]], str, Any]:
    """The network, the name of its preset ('' for the default) and its parameters."""
    from nest_lab import gallery

    items, name = list(options.set), options.network
    if name is None and items and "=" not in items[-1]:
        name = items.pop()  # `--set g=4 brunel`: the name of the network went with the parameters
    if name is None:
        raise BadValue(
            "the name of a network is missing",
            where="nest-lab run",
            value="none",
            allowed=", ".join(gallery.names()),
            todo="Write nest-lab run NETWORK --out DIR.",
        )
    network = gallery.get(name)
    if options.classroom and options.regime is not None:
        raise BadValue(
            "--classroom and --regime both choose a parameter set",
            where="nest-lab run",
            value=f"--classroom --regime {options.regime}",
            allowed="one of them",
            todo="Leave one out.",
        )
    preset = "classroom" if options.classroom else options.regime or ""
    if preset and preset not in network.presets:
        raise UnknownName(
            f"{name} has no parameter set of this name",
            where="nest-lab run",
            value=f"'{preset}'",
            wrong=preset,
            candidates=list(network.presets),
            todo="nest-lab list shows them.",
        )
    items = [f"{parameter}={value}" for parameter, value in _options(options).items()] + items
    parameters = network.presets[preset] if preset else network.parameters_class()
    return network, preset, parameters.replace(**_assignments(items, network.parameters_class))


# -- run


@dataclass
class _Folder:
    """The output folder: files are made in a hidden one inside it, and moved when all are complete."""

    path: Path
    half: Path
    made: bool

    @classmethod
    def prepare(cls, name: str) -> _Folder:
        """Make the folder, or find out that it cannot be used, before anything is simulated."""
        path = Path(name)
        made = not path.exists()
        try:
            path.mkdir(parents=True, exist_ok=True)
            half = Path(tempfile.mkdtemp(prefix=".nest-lab-", dir=path))
        except OSError as error:
            raise BadValue(
                f"the output folder cannot be used: {error.strerror}",
                where="nest-lab run",
                value=f"--out {name}",
                allowed="a folder that exists or can be made, and can be written to",
                todo="Choose another folder.",
            ) from None
        return cls(path, half, made)

    def publish(self) -> None:
        """Replace the files of an earlier run."""
        for file in sorted(self.half.iterdir()):
            file.replace(self.path / file.name)

    def clean(self) -> None:
        """Leave nothing behind but what was published."""
        shutil.rmtree(self.half, ignore_errors=True)
        if self.made and not any(self.path.iterdir()):
            self.path.rmdir()


@dataclass
class _Run:
    """What is known of one run."""

    network: ReferenceNetwork[Any]
    name: str
    preset: str
    requested: float
    simulated: float
    timings: dict[str, float]
    command: str

    @property
    def interrupted(self) -> bool:
        """Whether it ended early."""
        return self.simulated < self.requested - 1e-9


def _run(options: argparse.Namespace) -> int:
    """``nest-lab run``."""
    kind, preset, parameters = _chosen(options)
    options.time = f"{parameters.duration:.10g}" if options.time is None else options.time
    duration = _duration(options.time, getattr(parameters, "resolution", 0.1))
    seed = _whole(options.seed, "--seed", 1, _SEEDS, "Give another seed.")
    threads = (
        None
        if options.threads is None
        else _whole(options.threads, "--threads", 1, math.inf, "Give the number of threads.")
    )
    folder = _Folder.prepare(options.out)
    try:
        network = kind(parameters, seed=seed, threads=threads)
        run = _simulate(network, options, preset, duration)
        if run is None:
            print(
                "nest-lab run: interrupted before anything was simulated; nothing was written.",
                file=sys.stderr,
            )
            return _INTERRUPTED
        _write(run, folder)
    except KeyboardInterrupt:
        print("nest-lab run: interrupted again while writing; nothing was written.", file=sys.stderr)
        return _INTERRUPTED
    except OSError as error:
        text = compose(
            where="nest-lab run",
            what=f"the results could not be written: {error.strerror}",
            value=f"--out {options.out}",
            allowed="a folder with free space that can be written to",
            todo="Make room, or choose another folder. Files of an earlier run were not touched.",
        )
        print(text, file=sys.stderr)
        return _FAILED
    finally:
        folder.clean()
    return _INTERRUPTED if run.interrupted else 0


def _simulate(
    network: ReferenceNetwork[Any], options: argparse.Namespace, preset: str, duration: float
) -> _Run | None:
    """Build and simulate; None when Ctrl-C came before the first step was made."""
    begin = time.perf_counter()
    try:
        network.build()
        built = time.perf_counter()
        with network.simulation:
            print(f"{nest.network_size:,} nodes, {nest.num_connections:,} connections", file=sys.stderr)
        network.simulate(duration, progress=True)
    except KeyboardInterrupt:
        if not network.built or not network.simulation.time > 0.0:
            return None
        print("nest-lab run: interrupted; what was simulated until now is written.", file=sys.stderr)
    simulated = float(network.simulation.time)
    timings = {"build": built - begin, "simulate": time.perf_counter() - built}
    name = next(word for word in (options.network, *options.set[::-1]) if word)
    return _Run(network, name, preset, duration, simulated, timings, _command(options, name, network))


def _command(options: argparse.Namespace, name: str, network: ReferenceNetwork[Any]) -> str:
    """What to type to get the same again."""
    words = ["nest-lab", "run", name]
    words += ["--classroom"] if options.classroom else ["--regime", options.regime] if options.regime else []
    for parameter, value in _options(options).items():
        flag = network.parameters.facts(parameter)["type"] is bool
        words += [f"--{parameter.replace('_', '-')}", *([] if flag else [value])]
    words += ["--time", options.time, "--seed", str(network.seed)]
    items = [item for item in options.set if "=" in item]
    return shlex.join([*words, *(["--set", *items] if items else []), "--out", options.out])


def _write(run: _Run, folder: _Folder) -> None:
    """Write the four files, then replace those of an earlier run."""
    from nest_lab import export
    from nest_lab.export import report

    begin = time.perf_counter()
    results = run.network.results()
    parameters = run.network.parameters.table()
    export.save(folder.half / "spikes.nix", run.network, name=run.name, pooled=True)
    drawings = list(results.figures.items())
    (folder.half / "raster.png").write_bytes(report.draw_png(drawings[0][1], height=5.0))
    page = report.Report(
        title=run.network.title,
        subtitle=f"Network “{run.name}” of the gallery"
        + (f", parameter set “{run.preset}”" if run.preset else ""),
        citation=run.network.citation,
        doi=run.network.doi,
        notes=_notes(run, results),
        facts=_facts(run, results),
        pictures=[
            report.Picture(title, report.draw_svg(draw, f"{number}", height=4.6 if number == 0 else 3.0))
            for number, (title, draw) in enumerate(drawings)
        ],
        statistics=[dataclasses.asdict(statistic) for statistic in results],
        parameters=parameters,
        versions=_versions(),
        command=run.command,
    )
    (folder.half / "report.html").write_text(report.render(page), encoding="utf-8")
    run.timings["write"] = time.perf_counter() - begin
    summary = json.dumps(_summary(run, results), indent=2, ensure_ascii=False, allow_nan=False)
    (folder.half / "summary.json").write_text(summary + "\n", encoding="utf-8")
    names = sorted(file.name for file in folder.half.iterdir())
    folder.publish()
    _tell(run, results, folder, names)


def _notes(run: _Run, results: Results) -> list[str]:
    """What a reader of the report must know first."""
    if not run.interrupted:
        return list(results.notes)
    cut = f"The run was interrupted: {run.simulated:g} ms of {run.requested:g} ms were simulated."
    return [cut, *results.notes]


def _facts(run: _Run, results: Results) -> dict[str, str]:
    """The most important figures of a run, for people."""
    with run.network.simulation:
        connections, threads = nest.num_connections, nest.local_num_threads
    n_neurons = sum(len(ids) for ids in results.populations.values())
    seconds = run.timings["simulate"]
    return {
        "Neurons": f"{n_neurons:,}",
        "Connections": f"{connections:,}",
        "Simulated": f"{run.simulated:,g} ms",
        "Statistics from": f"{results.start:,g} ms on",
        "Spikes": f"{len(results.times):,}",
        "Build": f"{run.timings['build']:.2f} s",
        "Simulation": f"{seconds:.2f} s, {threads} thread{'s' if threads != 1 else ''}",
        "Seed": f"{run.network.seed}",
    }


def _versions() -> dict[str, str]:
    """Software that had a part in the results."""
    used = {name: metadata.version(name) for name in ("numpy", "scipy", "neo", "nixio", "matplotlib")}
    system = f"{platform.system()} {platform.machine()}"
    return {"nest-lab": nest.__version__, "Python": platform.python_version(), **used, "on": system}


def _finite(value: Any) -> Any:
    """JSON knows no nan and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _summary(run: _Run, results: Results) -> dict[str, Any]:
    """Everything about a run that a program may want to know."""
    with run.network.simulation:
        size = {"nodes": int(nest.network_size), "connections": int(nest.num_connections)}
        threads = int(nest.local_num_threads)
    return {
        "network": run.name,
        "preset": run.preset or None,
        "title": run.network.title,
        "doi": run.network.doi,
        "parameters": {
            row["name"]: {key: row[key] for key in ("value", "unit", "doc")}
            for row in run.network.parameters.table()
        },
        "seed": run.network.seed,
        "threads": threads,
        "size": {**size, "neurons": {name: len(ids) for name, ids in results.populations.items()}},
        "time": {
            "unit": "ms",
            "requested": run.requested,
            "simulated": run.simulated,
            "statistics_from": results.start,
        },
        "interrupted": run.interrupted,
        "notes": list(results.notes),
        "spikes": len(results.times),
        "statistics": {
            statistic.name: {
                key: _finite(value) for key, value in dataclasses.asdict(statistic).items() if key != "name"
            }
            for statistic in results
        },
        "timings": {"unit": "s", **{name: round(value, 4) for name, value in run.timings.items()}},
        "versions": _versions(),
        "command": run.command,
    }


def _tell(run: _Run, results: Results, folder: _Folder, names: Sequence[str]) -> None:
    """Say on the terminal what came out."""

    def shown(value: float | None) -> str:
        return "–" if value is None or not math.isfinite(value) else f"{value:.4g}"

    rows = [("", "measured", "expected", "published", "")]
    for s in results:
        title = f"{s.title}, {s.population}" if s.population else s.title
        rows.append((title, shown(s.value), shown(s.predicted), shown(s.published), s.unit))
    _print_table(rows, right={1, 2, 3})
    for note in results.notes:
        print(f"\n{textwrap.fill(note, 100)}")
    print(f"\n{folder.path}{os.sep}: {', '.join(names)}")


def _print_table(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> None:
    """Print columns of text."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


# -- list and exec


def _shown(value: Any) -> str:
    """Value of a parameter."""
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _list(options: argparse.Namespace) -> int:
    """``nest-lab list``."""
    from nest_lab import gallery

    if options.network is None:
        rows = [("network", "presets", "doi", "what it is")]
        for name in gallery.names():
            network = gallery.get(name)
            rows.append((name, ", ".join(network.presets), network.doi, network.title))
        _print_table(rows)
        return 0
    network = gallery.get(options.network)
    print(f"{network.title}, doi:{network.doi}\n")
    facts = [("parameter", "default", "unit", "allowed", "what it is")]
    for row in network.parameters_class().table():
        facts.append((row["name"], _shown(row["value"]), row["unit"], row["allowed"], row["doc"]))
    _print_table(facts, right={1})
    for name, members in network.parameters_class.together.items():
        print(f"\n{name}=… sets {' and '.join(members)}.")
    changed = {
        name: [row for row in preset.table() if row["value"] != row["default"]]
        for name, preset in network.presets.items()
    }
    print()
    _print_table(
        [("preset", "differs from the defaults in")]
        + [
            (name, ", ".join(f"{row['name']}={_shown(row['value'])}" for row in rows) or "nothing")
            for name, rows in changed.items()
        ]
    )
    return 0


def _exec(options: argparse.Namespace) -> int:
    """``nest-lab exec``."""
    try:
        nest.run_script(options.script, options.arguments)
    except FileNotFoundError as error:
        if Path(options.script).is_file():
            raise  # it is the program that misses a file
        print(error, file=sys.stderr)
        return _WRONG_ARGUMENT
    return 0


if __name__ == "__main__":
    sys.exit(main())
