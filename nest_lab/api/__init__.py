"""The PyNEST functions, one module per topic; `nest_lab` has all of them by the names they have in PyNEST."""

# ruff: noqa: F401, F403  (collecting names is what this module is for)

from __future__ import annotations

from nest_lab.api import (
    connect,
    elements,
    install,
    kernel,
    layer_files,
    layer_plots,
    layers,
    logic,
    masks,
    math,
    memory,
    messages,
    models,
    nodes,
    output,
    parallel,
    parameter,
    random,
    raster_plot,
    script,
    simulate,
    sonata,
    spatial,
    spatial_distributions,
    status,
    structure,
    visualization,
    voltage_trace,
)
from nest_lab.api.connect import *
from nest_lab.api.elements import *
from nest_lab.api.install import *
from nest_lab.api.kernel import *
from nest_lab.api.layer_files import *
from nest_lab.api.layer_plots import *
from nest_lab.api.layers import *
from nest_lab.api.masks import *
from nest_lab.api.memory import *
from nest_lab.api.messages import *
from nest_lab.api.models import *
from nest_lab.api.nodes import *
from nest_lab.api.output import *
from nest_lab.api.parallel import *
from nest_lab.api.parameter import *
from nest_lab.api.script import *
from nest_lab.api.simulate import *
from nest_lab.api.sonata import *
from nest_lab.api.status import *
from nest_lab.api.structure import *

_TOPICS = (
    connect,
    elements,
    install,
    kernel,
    layer_files,
    layer_plots,
    layers,
    masks,
    memory,
    messages,
    models,
    nodes,
    output,
    parallel,
    parameter,
    script,
    simulate,
    sonata,
    status,
    structure,
)
__all__ = [name for topic in _TOPICS for name in topic.__all__]
