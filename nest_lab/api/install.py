"""`Install`: compiled extensions of the reference simulator, which cannot be loaded here."""

from __future__ import annotations

from typing import Any, NoReturn

from nest_lab import errors
from nest_lab.simulation import current, public

__all__ = ["Install"]


@public("Install()")
def Install(module_name: str) -> NoReturn:
    """Refuse to load a compiled extension of the reference simulator.

    Such a module is machine code for the kernel of the reference simulator. ``nest.modules`` stays empty,
    and all
    else of a program that only tries to load one runs on.

    Parameters
    ----------
    module_name : str
        Name of the module.

    Raises
    ------
    errors.CannotInstall
        Always; a ``NESTErrors.DynamicModuleManagementError``.
    errors.BadType
        The name is not text.

    Examples
    --------
    >>> import nest_lab as nest
    >>> try:
    ...     nest.Install("mymodule")
    ... except nest.NESTErrors.DynamicModuleManagementError as error:
    ...     print(error.what)
    a compiled extension of the reference simulator cannot be loaded by another kernel
    """
    raise errors.CannotInstall(
        "a compiled extension of the reference simulator cannot be loaded by another kernel",
        value=repr(_name(module_name)),
        allowed=f"the {len(current().kernel.model_names())} models that are built in",
        todo="nest.Models() lists the models; what is missing is added as a header in kernel/models.",
    )


def _name(module_name: Any) -> str:
    if isinstance(module_name, str):
        return module_name
    raise errors.BadType(
        "the name of a module must be text",
        value=f"{module_name!r} ({type(module_name).__name__})",
        allowed="a name",
        todo="Put it in quotes.",
    )
