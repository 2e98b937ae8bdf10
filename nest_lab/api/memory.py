"""How much memory the network will take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from nest_lab.models import kernel_build
from nest_lab.simulation import current, public

__all__ = ["MemoryEstimate", "estimate_memory"]

_STATUS = Path("/proc/self/statm")  # in pages: size, resident


class MemoryEstimate(Mapping[str, int]):
    """Bytes by part, as `estimate_memory` returns them.

    Parameters
    ----------
    parts : dict of str to int
        Bytes of ``process`` (what this process holds now), ``synapses``, ``index of rows``, ``building``
        (needed only while rows are made) and ``input``.
    available : int
        Bytes that the system, or the container, has left.

    Attributes
    ----------
    available : int
        Bytes that the system, or the container, has left.
    """

    def __init__(self, parts: dict[str, int], available: int) -> None:
        self._parts = dict(parts)
        self.available = available

    def __getitem__(self, name: str) -> int:
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def peak(self) -> int:
        """Bytes of this process at the most, once everything is built."""
        return sum(self._parts.values())

    @property
    def fits(self) -> bool:
        """Whether what has to be added is available."""
        return self.peak - self._parts["process"] <= self.available

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {_text(size)}" for name, size in self._parts.items() if size)
        verdict = "" if self.fits else ": it does not fit"
        return f"{_text(self.peak)} at the peak ({parts}); {_text(self.available)} available{verdict}"

    __repr__ = __str__


def _text(size: float) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _resident() -> int:
    """Bytes this process holds now."""
    import resource

    if _STATUS.exists():
        return int(_STATUS.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


@public("estimate_memory()")
def estimate_memory() -> MemoryEstimate:
    """How much memory the network takes once it is built, before anything of it is.

    Connections are kept as they were said until they are needed. This tells what they will need then; it
    takes milliseconds, for a network of any size. What recorders will hold is not in it: that grows with the
    time simulated, 12 bytes per spike.

    Returns
    -------
    MemoryEstimate
        Bytes by part; ``peak`` is their sum, ``available`` what the system has left, ``fits`` whether that is
        enough.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_psc_exp", 10_000)
    >>> weight = nest.random.normal(20.0, 2.0)
    >>> nest.Connect(neurons, neurons, {"rule": "fixed_indegree", "indegree": 1000}, {"weight": weight})
    >>> nest.estimate_memory()["synapses"]  # 10 million times 6 bytes
    60000000
    """
    return MemoryEstimate({"process": _resident(), **current().kernel.estimate()}, kernel_build()["memory"])
