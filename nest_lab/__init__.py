"""NEST Lab: a laboratory for spiking neural networks, with the functions of PyNEST on a kernel of its own.

``import nest_lab as nest`` and existing PyNEST programs run as they are. Kernel attributes are attributes of
the module: ``nest.resolution = 0.05``, ``nest.num_connections``. `Simulation` is one network with its clock;
several live side by side, and ``with simulation:`` makes one the current one.

Examples
--------
>>> import nest_lab as nest
>>> nest.ResetKernel()
>>> neurons = nest.Create("iaf_psc_alpha", 10, {"I_e": 400.0})
>>> recorder = nest.Create("spike_recorder")
>>> nest.Connect(neurons, recorder)
>>> nest.Simulate(100.0)
>>> recorder.n_events
30
"""

# ruff: noqa: F401, F403  (collecting names is what this module is for)

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nest_lab import api, errors, models
from nest_lab.api import *
from nest_lab.api import kernel as _attributes
from nest_lab.api import (
    logic,
    math,
    random,
    raster_plot,
    spatial,
    spatial_distributions,
    visualization,
    voltage_trace,
)
from nest_lab.errors import NESTError, NESTErrors
from nest_lab.simulation import Simulation, current

__version__ = "0.1.0"
__all__ = [
    "NESTError",
    "NESTErrors",
    "NestModule",
    "Simulation",
    "current",
    "logic",
    "math",
    "random",
    "raster_plot",
    "spatial",
    "spatial_distributions",
    "visualization",
    "voltage_trace",
    *api.__all__,
]

userdict: dict[Any, Any] = {}


class _Topic(ModuleType):
    """A module of the interface, which knows the nearest right name."""

    def __getattr__(self, name: str) -> Any:
        topic = self.__name__.rpartition(".")[2]
        if name.startswith("_"):
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        raise errors.UnknownName(
            "there is no attribute of this name",
            where=f"nest.{topic}.{name}",
            value=repr(name),
            wrong=name,
            candidates=self.__all__,
        )


# `import nest_lab.random` finds what `nest_lab.random` is.
for _module in (
    logic,
    math,
    random,
    raster_plot,
    spatial,
    spatial_distributions,
    visualization,
    voltage_trace,
):
    sys.modules[f"{__name__}.{_module.__name__.rpartition('.')[2]}"] = _module
    if type(_module) is ModuleType:  # others can be called
        _module.__class__ = _Topic


class NestModule(ModuleType):
    """The class of the package: a module with the kernel attributes of the current simulation as its own."""

    def __getattr__(self, name: str) -> Any:
        # only called for what is not there otherwise
        if name in _attributes.ATTRIBUTES:
            return _attributes.read_attribute(name)
        if name == "kernel_status":
            return _attributes.GetKernelStatus()
        if name.startswith("_"):
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        raise errors.UnknownName(
            "there is no attribute of this name",
            where=f"nest.{name}",
            value=repr(name),
            wrong=name,
            candidates=[known for known in dir(self) if not known.startswith("_")],
            todo="dir(nest) lists all.",
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _attributes.ATTRIBUTES:
            _attributes.write_attribute(name, value)
        elif name in vars(self) or name.startswith("_") or isinstance(value, ModuleType):
            super().__setattr__(name, value)  # a submodule that is imported, or a function that is replaced
        else:
            raise _attributes.unknown_attribute(name, f"nest.{name}")

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *_attributes.ATTRIBUTES, "kernel_status"})


if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...


sys.modules[__name__].__class__ = NestModule
