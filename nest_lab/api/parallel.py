"""Several processes: there is always one."""

from __future__ import annotations

from nest_lab.api.messages import VerbosityLevel, message
from nest_lab.simulation import current, public

__all__ = ["GetLocalVPs", "NumProcesses", "Rank", "SetAcceptableLatency", "SetMaxBuffered", "SyncProcesses"]


def NumProcesses() -> int:
    """Return the number of processes.

    Returns
    -------
    int
    """
    return 1


def Rank() -> int:
    """Return the number of this process among all.

    Returns
    -------
    int
    """
    return 0


def SyncProcesses() -> None:
    """Wait for all processes."""


@public("GetLocalVPs()")
def GetLocalVPs() -> range:
    """Numbers of the threads of this process.

    Returns
    -------
    range
    """
    return range(current().kernel.threads)


def SetAcceptableLatency(port_name: str, latency: float) -> None:
    """Do nothing, and say so: there is no MUSIC, which couples simulators.

    Parameters
    ----------
    port_name : str
        Name of a MUSIC port.
    latency : float, ms
        Its latency.
    """
    message(f"SetAcceptableLatency('{port_name}', …) has no effect: {_NO_MUSIC}.", VerbosityLevel.INFO)


def SetMaxBuffered(port_name: str, size: int) -> None:
    """Do nothing, and say so: there is no MUSIC, which couples simulators.

    Parameters
    ----------
    port_name : str
        Name of a MUSIC port.
    size : int
        Size of its buffer.
    """
    message(f"SetMaxBuffered('{port_name}', …) has no effect: {_NO_MUSIC}.", VerbosityLevel.INFO)


_NO_MUSIC = "there are no MUSIC ports"
