"""Kernel attributes: ``nest.resolution``, ``nest.rng_seed`` … and the functions that read and set them.

`ATTRIBUTES` holds each of them once: how it is read, how it is set, and what it is. The names and types are
those of the reference simulator. Some of its attributes steer machinery that does not exist here, because the
results never depend on it; they keep what they are given, and say once that it has no effect.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from nest_lab import errors, models
from nest_lab.api.messages import VerbosityLevel, message, set_verbosity, verbosity
from nest_lab.api.nodes import names_of
from nest_lab.api.parameter import unwrap
from nest_lab.simulation import KernelError, Simulation, current, public

__all__ = ["GetKernelStatus", "ResetKernel", "SetKernelStatus", "get", "set"]

_set_of_names = frozenset  # `set` is a function of PyNEST here
_TICS_PER_MS = 1000  # the reference's clock; the resolution is a multiple of its tic
_SEEDS = "1 … 4294967295"
_MOST_THREADS = 256


class Attribute(NamedTuple):
    """One kernel attribute.

    Attributes
    ----------
    read : callable
        Gives its value for a simulation.
    write : callable or None
        Sets it for a simulation; None if it is read only.
    doc : str
        What it is, with its unit.
    """

    read: Callable[[Simulation], Any]
    write: Callable[[Simulation, Any], None] | None
    doc: str


# -- what may be assigned


def _refused(name: str, need: str, value: Any, todo: str) -> errors.NESTError:
    kind = (
        errors.BadType if not isinstance(value, (int, float)) or isinstance(value, bool) else errors.BadValue
    )
    return kind(
        f"{name} must be {need}", value=f"{value!r} ({type(value).__name__})", allowed=need, todo=todo
    )


def _number(name: str, value: Any, unit: str = "") -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise _refused(name, f"a number{f' of {unit}' if unit else ''}", value, "Give a number.")
    return float(value)


def _whole(name: str, value: Any) -> int:
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise errors.BadType(
            f"{name} must be a whole number",
            value=f"{value!r} ({type(value).__name__})",
            allowed="a whole number",
            todo="Round it." if isinstance(value, float) else "Give a whole number.",
        ) from None


def _whole_of_64_bits(name: str, value: Any) -> int:
    number = _whole(name, value)
    if abs(number) >= 2**63:
        raise errors.BadValue(
            f"{name} is larger than the kernel counts",
            value=str(number),
            allowed="a whole number of 64 bits",
            todo="Give a smaller one.",
        )
    return number


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise errors.BadType(
            f"{name} must be True or False",
            value=f"{value!r} ({type(value).__name__})",
            allowed="True, False",
            todo="Give a truth value.",
        )
    return bool(value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise errors.BadType(
            f"{name} must be text",
            value=f"{value!r} ({type(value).__name__})",
            allowed="text",
            todo="Put it in quotes.",
        )
    return value


def _anything(_: str, value: Any) -> Any:
    return value


_CHECKS: dict[type, Callable[[str, Any], Any]] = {
    bool: _truth,
    int: _whole_of_64_bits,
    float: _number,
    str: _text,
}


# -- the kinds of attributes


def _constant(value: Any, doc: str) -> Attribute:
    return Attribute(lambda _: value, None, doc)


def _kept(name: str, default: Any, why: str) -> Attribute:
    """Something of the reference that has no effect here."""
    check = _CHECKS.get(type(default), _anything)

    def write(simulation: Simulation, value: Any) -> None:
        value = check(name, value)
        if value != simulation.settings.get(name, default):
            message(f"nest.{name} has no effect: {why}.", VerbosityLevel.INFO)
        simulation.settings[name] = value

    def read(simulation: Simulation) -> Any:
        return simulation.settings.get(name, default)

    return Attribute(read, write, f"No effect: {why}.")


def _setting(name: str, default: Any, doc: str) -> Attribute:
    """Something that only the Python side knows."""

    def write(simulation: Simulation, value: Any) -> None:
        simulation.settings[name] = _CHECKS[type(default)](name, value)

    return Attribute(lambda simulation: simulation.settings.get(name, default), write, doc)


def _set_resolution(simulation: Simulation, value: Any) -> None:
    simulation.kernel.resolution = _number("resolution", value, "ms")


def _set_seed(simulation: Simulation, value: Any) -> None:
    seed = _whole("rng_seed", value)
    if not 1 <= seed <= 2**32 - 1:
        raise errors.BadValue(
            "rng_seed must be a positive whole number of 32 bits",
            value=str(seed),
            allowed=_SEEDS,
            todo="Choose another seed.",
        )
    simulation.kernel.seed = seed


def _set_threads(name: str) -> Callable[[Simulation, Any], None]:
    def write(simulation: Simulation, value: Any) -> None:
        threads = _whole(name, value)
        if not 1 <= threads <= _MOST_THREADS:
            raise errors.BadValue(
                f"{name} is out of bounds",
                value=str(threads),
                allowed=f"from 1 to {_MOST_THREADS}",
                todo="Choose the number of cores.",
            )
        if threads != simulation.kernel.threads:
            simulation.kernel.threads = threads

    return write


def _set_delay_extremum(simulation: Simulation, value: Any) -> None:
    raise errors.BadValue(
        "min_delay and max_delay can only be set together",
        value=f"{value!r} ms",
        allowed="both of them in one call",
        todo="Write nest.set(min_delay=..., max_delay=...).",
    )


def _of_kernel(name: str, kind: type, doc: str) -> Attribute:
    """Something that the kernel holds under the same name, and checks."""

    def write(simulation: Simulation, value: Any) -> None:
        setattr(simulation.kernel, name, _CHECKS[kind](name, value))

    return Attribute(lambda simulation: getattr(simulation.kernel, name), write, doc)


def _set_data_path(simulation: Simulation, value: Any) -> None:
    folder = _text("data_path", os.fspath(value) if isinstance(value, os.PathLike) else value)
    if folder and not os.path.isdir(folder):
        raise errors.BadValue(
            "data_path must be a folder",
            value=repr(folder),
            allowed="a folder that exists, or '' for the current one",
            todo="Make the folder first, e.g. with os.makedirs().",
        )
    simulation.kernel.data_path = folder


def _set_time(simulation: Simulation, value: Any) -> None:
    if _number("biological_time", value, "ms") != 0:
        raise errors.BadValue(
            "the clock can only be set to 0",
            value=f"{value} ms",
            allowed="0 ms",
            todo="Simulate() up to the time you want.",
        )
    if simulation.time != 0:
        raise errors.WrongState(
            "the clock cannot be turned back while there are nodes with a history",
            value=f"{simulation.time:g} ms",
            allowed="0 ms, before the first Simulate()",
            todo="Call ResetKernel() and build the network again.",
        )


_RNG_TYPE = "Philox_32"  # what the kernel uses: Philox4x32-10
_RNG_TYPES = [_RNG_TYPE, "Philox_64", "Threefry_32", "Threefry_64", "mt19937", "mt19937_64"]


def _set_rng_type(_: Simulation, value: Any) -> None:
    errors.refuse_other("random number generator", value, _RNG_TYPES)
    if value != _RNG_TYPE:
        message(f"nest.rng_type stays '{_RNG_TYPE}': {_RANDOM}.", VerbosityLevel.INFO)


def _set_structural_interval(simulation: Simulation, value: Any) -> None:
    simulation.kernel.structural_interval = _number("structural_plasticity_update_interval", value, "ms")


def _set_structural_synapses(simulation: Simulation, value: Any) -> None:
    name = "structural_plasticity_synapses"
    if not isinstance(value, Mapping) or not all(isinstance(each, Mapping) for each in value.values()):
        raise errors.BadType(
            f"{name} must be a dictionary of dictionaries",
            value=f"{value!r} ({type(value).__name__})",
            allowed="names, each with the specification of its connections",
            todo="Write {'name': {'synapse_model': ..., 'pre_synaptic_element': ..., "
            "'post_synaptic_element': ...}}.",
        )
    simulation.kernel.structural_synapses = {str(label): unwrap(each) for label, each in value.items()}


def _tics_per_step(simulation: Simulation) -> int:
    return round(simulation.resolution * _TICS_PER_MS)


def _memory(simulation: Simulation) -> int:
    parts: dict[str, int] = simulation.kernel.memory()
    return sum(parts.values()) // 1024


def _names(synapse: bool) -> Callable[[Simulation], list[str]]:
    def read(simulation: Simulation) -> list[str]:
        return sorted(
            name for name, kind in simulation.kernel.model_names() if (kind == "synapse") == synapse
        )

    return read


def _build_info(_: Simulation) -> dict[str, Any]:
    """How this was built, by the keys of the reference."""
    import os
    import platform
    import sys

    package = sys.modules[__name__.partition(".")[0]]
    build = models.kernel_build()
    folder = os.path.dirname(os.path.abspath(str(package.__file__)))
    return {
        "built": "",
        "datadir": folder,
        "docdir": folder,
        "exitcode": 0,
        "have_boost": False,
        "have_gsl": False,
        "have_hdf5": False,
        "have_libneurosim": False,
        "have_mpi": False,
        "have_music": False,
        "have_sionlib": False,
        "have_threads": True,
        "host": f"{platform.machine()}-{sys.platform}",
        "hostcpu": platform.machine(),
        "hostos": sys.platform,
        "hostvendor": "",
        "instruction_set": build["isa"],
        "ndebug": True,
        "prefix": folder,
        "test_exitcodes": {},
        "threads_model": "standard",
        "version": package.__version__,
    }


_BUFFERS = "the kernel sizes its own buffers"
_RANDOM = "random numbers come from a counter-based generator, so that they do not depend on threads"

ATTRIBUTES: dict[str, Attribute] = {
    "T_max": Attribute(lambda s: s.latest, None, "Latest time that can be told, ms."),
    "T_min": Attribute(lambda s: -s.latest, None, "Earliest time that can be told, ms."),
    "adaptive_target_buffers": _kept("adaptive_target_buffers", True, _BUFFERS),
    "biological_time": Attribute(lambda s: s.time, _set_time, "Model time, ms."),
    "buffer_size_spike_data": _kept("buffer_size_spike_data", 2, _BUFFERS),
    "buffer_size_target_data": _kept("buffer_size_target_data", 2, _BUFFERS),
    "build_info": Attribute(_build_info, None, "How this was built."),
    "connection_rules": Attribute(lambda _: sorted(models.rules), None, "Names of the connection rules."),
    "data_path": Attribute(lambda s: s.kernel.data_path, _set_data_path, "Folder of the files of recorders."),
    "data_prefix": _of_kernel("data_prefix", str, "What the names of files of recorders begin with."),
    "dict_miss_is_error": _kept("dict_miss_is_error", True, "unknown names are always refused"),
    "eprop_learning_window": _of_kernel(
        "eprop_learning_window", float, "Time at the end of each update interval in which errors count, ms."
    ),
    "eprop_reset_neurons_on_update": _of_kernel(
        "eprop_reset_neurons_on_update",
        bool,
        "Whether neurons that learn by e-prop begin each interval anew.",
    ),
    "eprop_update_interval": _of_kernel(
        "eprop_update_interval", float, "Time between updates of weights by e-prop, ms."
    ),
    "growth_curves": Attribute(
        lambda _: sorted(models.growth_curves), None, "Names of the growth curves of structural plasticity."
    ),
    "growth_factor_buffer_spike_data": _kept("growth_factor_buffer_spike_data", 1.5, _BUFFERS),
    "growth_factor_buffer_target_data": _kept("growth_factor_buffer_target_data", 1.5, _BUFFERS),
    "keep_source_table": _kept(
        "keep_source_table", True, "connections can always be read and take no table of sources"
    ),
    "local_num_threads": Attribute(
        lambda s: s.kernel.threads, _set_threads("local_num_threads"), "Number of threads."
    ),
    "local_spike_counter": Attribute(lambda s: s.kernel.spike_count, None, "Number of spikes so far."),
    "max_buffer_size_target_data": _kept("max_buffer_size_target_data", 16777216, _BUFFERS),
    "max_delay": Attribute(lambda s: s.kernel.max_delay, _set_delay_extremum, "Longest delay, ms."),
    "max_num_syn_models": _constant(511, "Number of synapse models there can be."),
    "max_update_time": _constant(float("-inf"), "Longest time an update took, ms; not measured."),
    "memory_size": Attribute(_memory, None, "Memory of the network, kB."),
    "min_delay": Attribute(lambda s: s.kernel.min_delay, _set_delay_extremum, "Shortest delay, ms."),
    "min_update_time": _constant(float("inf"), "Shortest time an update took, ms; not measured."),
    "modules": _constant([], "Names of the modules that were installed."),
    "mpi_rank": _constant(0, "Number of this process among all."),
    "ms_per_tic": _constant(1 / _TICS_PER_MS, "Smallest unit of time, ms."),
    "network_size": Attribute(lambda s: s.kernel.num_nodes, None, "Number of nodes."),
    "node_models": Attribute(_names(synapse=False), None, "Names of the neuron and device models."),
    "num_connections": Attribute(lambda s: s.kernel.num_connections, None, "Number of connections."),
    "num_processes": _constant(1, "Number of processes."),
    "off_grid_spiking": Attribute(
        lambda s: s.kernel.precise, None, "Whether there are nodes that spike between grid points."
    ),
    "overwrite_files": _setting("overwrite_files", False, "Whether files of recorders may replace others."),
    "prepared": Attribute(lambda s: s.kernel.prepared, None, "Whether Run() can be called."),
    "print_time": _setting("print_time", False, "Whether Simulate() and Run() show a progress bar."),
    "recording_backends": _constant(["ascii", "memory", "screen"], "Where recorders can write to."),
    "recv_buffer_size_secondary_events": _constant(0, "Size of a buffer of the reference; there is none."),
    "resolution": Attribute(lambda s: s.resolution, _set_resolution, "Time step, ms."),
    "rng_seed": Attribute(lambda s: s.kernel.seed, _set_seed, "Seed of all random numbers, 1 … 2³² - 1."),
    "rng_type": Attribute(lambda _: _RNG_TYPE, _set_rng_type, f"Always '{_RNG_TYPE}': {_RANDOM}."),
    "rng_types": _constant(_RNG_TYPES, "Names that rng_type accepts."),
    "send_buffer_size_secondary_events": _constant(0, "Size of a buffer of the reference; there is none."),
    "spike_buffer_grow_extra": _kept("spike_buffer_grow_extra", 0.5, _BUFFERS),
    "spike_buffer_resize_log": Attribute(
        lambda _: {name: np.array([]) for name in ("global_max_spikes_sent", "new_buffer_size", "times")},
        None,
        "When buffers of the reference grew; there are none.",
    ),
    "spike_buffer_shrink_limit": _kept("spike_buffer_shrink_limit", 0.2, _BUFFERS),
    "spike_buffer_shrink_spare": _kept("spike_buffer_shrink_spare", 0.1, _BUFFERS),
    "stimulation_backends": _constant([], "Where stimulators can read from."),
    "structural_plasticity_synapses": Attribute(
        lambda s: s.kernel.structural_synapses,
        _set_structural_synapses,
        "Connections that structural plasticity makes: synapse model and the elements they join, by a name.",
    ),
    "structural_plasticity_update_interval": Attribute(
        lambda s: s.kernel.structural_interval,
        _set_structural_interval,
        "Time between changes of connections by structural plasticity, ms.",
    ),
    "synapse_models": Attribute(_names(synapse=True), None, "Names of the synapse models."),
    "tics_per_ms": _constant(float(_TICS_PER_MS), "Number of smallest units of time in a ms."),
    "tics_per_step": Attribute(_tics_per_step, None, "Number of smallest units of time in a step."),
    "time_communicate_prepare": _constant(np.zeros(1), "Seconds spent on communication; there is none."),
    "time_communicate_prepare_cpu": _constant(np.zeros(1), "The same of the processor."),
    "time_construction_connect": Attribute(
        lambda s: s.timers["connect"], None, "Seconds spent in Connect()."
    ),
    "time_construction_connect_cpu": Attribute(
        lambda s: s.timers["connect_cpu"], None, "The same of the processor."
    ),
    "time_construction_create": Attribute(lambda s: s.timers["create"], None, "Seconds spent in Create()."),
    "time_construction_create_cpu": Attribute(
        lambda s: s.timers["create"], None, "The same, also on the clock of the wall."
    ),
    "time_simulate": Attribute(lambda s: s.timers["simulate"], None, "Seconds spent running."),
    "time_simulate_cpu": Attribute(
        lambda s: s.timers["simulate_cpu"], None, "Seconds of the processor spent running."
    ),
    "to_do": _constant(0, "Steps left of a run; a run is over when it can be asked."),
    "total_num_virtual_procs": Attribute(
        lambda s: s.kernel.threads,
        _set_threads("total_num_virtual_procs"),
        "Number of threads of all processes.",
    ),
    "update_time_limit": _kept(
        "update_time_limit", float("inf"), "use Ctrl-C or Simulation.stop() to end a run"
    ),
    "use_compressed_spikes": _kept("use_compressed_spikes", True, _BUFFERS),
    "use_wfr": _of_kernel("use_wfr", bool, "Whether steps are repeated until coupled waveforms agree."),
    "verbosity": Attribute(
        lambda _: verbosity(), lambda _, level: set_verbosity(level), "Least level of messages shown."
    ),
    "wfr_comm_interval": _of_kernel(
        "wfr_comm_interval",
        float,
        "What connections without a delay contribute to min_delay and max_delay, ms.",
    ),
    "wfr_interpolation_order": _of_kernel(
        "wfr_interpolation_order", int, "Order of the polynomials that waveforms are made of: 0, 1 or 3."
    ),
    "wfr_max_iterations": _of_kernel("wfr_max_iterations", int, "How often a step is repeated at most."),
    "wfr_tol": _of_kernel(
        "wfr_tol", float, "Largest change of a waveform at which repeating ends, in its unit."
    ),
}


def read_attribute(name: str) -> Any:
    """Return the value of a kernel attribute of the current simulation."""
    try:
        return ATTRIBUTES[name].read(current())
    except (errors.NESTError, KernelError) as error:
        raise errors.at(error, f"nest.{name}") from None


def write_attribute(name: str, value: Any) -> None:
    """Set a kernel attribute of the current simulation."""
    _write(current(), {name: value}, f"nest.{name}")


def unknown_attribute(name: str, where: str) -> errors.NESTError:
    """Say that there is no such kernel attribute, and which one is near."""
    return errors.UnknownName(
        "there is no kernel attribute of this name",
        where=where,
        value=repr(name),
        wrong=str(name),
        candidates=sorted(ATTRIBUTES),
        todo="nest.GetKernelStatus() shows all.",
    )


def _write(simulation: Simulation, values: Mapping[str, Any], where: str) -> None:
    """Set kernel attributes; all of them, or none when one is refused."""
    for name in values:
        if name not in ATTRIBUTES:
            raise unknown_attribute(name, where)
        if ATTRIBUTES[name].write is None:
            raise errors.ReadOnly(
                f"{name} can only be read",
                where=where,
                value=f"{values[name]!r}",
                allowed="reading it",
                todo=f"{ATTRIBUTES[name].doc} Leave it out.",
            )
    try:
        _apply(simulation, dict(values))
    except (errors.NESTError, KernelError) as error:
        raise errors.at(error, where) from None


def _apply(simulation: Simulation, values: dict[str, Any]) -> None:
    before: dict[str, Any] = {}
    try:
        if "min_delay" in values and "max_delay" in values:
            low, high = (
                _number("min_delay", values.pop("min_delay"), "ms"),
                _number("max_delay", values.pop("max_delay"), "ms"),
            )
            if "resolution" in values:  # delays are multiples of it
                before["resolution"] = simulation.resolution
                _set_resolution(simulation, values.pop("resolution"))
            simulation.kernel.set_delay_extrema(low, high)
        for name, value in values.items():
            attribute = ATTRIBUTES[name]
            before[name] = attribute.read(simulation)
            assert attribute.write is not None
            attribute.write(simulation, value)
    except (errors.NESTError, KernelError):
        for name, old in reversed(before.items()):
            write = ATTRIBUTES[name].write
            if write is not None and ATTRIBUTES[name].read(simulation) != old:
                write(simulation, old)
        raise


@public("GetKernelStatus()")
def GetKernelStatus(keys: Any = None) -> Any:
    """Read kernel attributes.

    Parameters
    ----------
    keys : str or sequence of str, optional
        One name or several; all when left out.

    Returns
    -------
    object, tuple or dict
        One value, a tuple of values, or all values by name.

    Raises
    ------
    errors.UnknownName
        There is no such attribute; the error names the nearest one.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nest.GetKernelStatus("resolution"), nest.GetKernelStatus(["network_size", "rng_seed"])
    (0.1, (0, 143202461))
    """
    simulation = current()
    if keys is None:
        return {name: attribute.read(simulation) for name, attribute in ATTRIBUTES.items()}
    names = names_of(keys)
    for name in names:
        if name not in ATTRIBUTES:
            raise unknown_attribute(name, "")
    values = tuple(ATTRIBUTES[name].read(simulation) for name in names)
    return values[0] if isinstance(keys, str) else values


@public("SetKernelStatus()")
def SetKernelStatus(params: Mapping[str, Any]) -> None:
    """Set kernel attributes; all of them, or none when one is refused.

    Parameters
    ----------
    params : dict
        Values by name.

    Raises
    ------
    errors.UnknownName
        There is no such attribute; the error names the nearest one.
    errors.ReadOnly, errors.BadType, errors.BadValue, errors.WrongState
        An attribute cannot be set, not to this value, or not now.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nest.SetKernelStatus({"resolution": 0.5, "rng_seed": 7})
    >>> nest.resolution, nest.rng_seed
    (0.5, 7)
    >>> nest.ResetKernel()
    """
    if not isinstance(params, Mapping):
        raise errors.BadType(
            "kernel attributes must come by name",
            value=f"{params!r} ({type(params).__name__})",
            allowed="a dictionary",
            todo="Write SetKernelStatus({'name': value}).",
        )
    _write(current(), params, "SetKernelStatus()")


def set(**kwargs: Any) -> None:
    """Set kernel attributes by keyword; see `SetKernelStatus`.

    Parameters
    ----------
    **kwargs
        Values by name, e.g. ``nest.set(resolution=0.5, rng_seed=7)``.
    """
    _write(current(), kwargs, "set()")


@public("get()")
def get(*args: Any) -> Any:
    """Read kernel attributes; see `GetKernelStatus`.

    Parameters
    ----------
    *args : str or sequence of str
        One name or several; all when left out.

    Returns
    -------
    object, tuple or dict
    """
    return GetKernelStatus(*args)


@public("ResetKernel()")
def ResetKernel() -> None:
    """Start the current simulation again, with an empty network.

    Collections made before say so when they are used.

    Examples
    --------
    >>> import nest_lab as nest
    >>> _ = nest.Create("iaf_psc_alpha")
    >>> nest.ResetKernel()
    >>> nest.network_size
    0
    """
    current().reset()
