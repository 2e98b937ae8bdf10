"""Connections as sorted tables."""

from __future__ import annotations

from typing import Any

import numpy as np


def table(
    nest: Any, keys: tuple[str, ...] = ("source", "target", "weight", "delay"), **which: Any
) -> dict[str, Any]:
    """The connections with these properties, sorted by all of them, and the kernel's own figures."""
    found = nest.GetConnections(**which)
    columns = {key: np.atleast_1d(np.asarray(found.get(key))) if len(found) else np.array([]) for key in keys}
    order = np.lexsort(tuple(reversed(list(columns.values()))))
    figures = {"n": nest.num_connections, "min_delay": nest.min_delay, "max_delay": nest.max_delay}
    return {key: column[order] for key, column in columns.items()} | figures
