"""`Elements`: what a node consists of, to which more can be added, such as `Compartments` and `Receptors`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from nest_lab import errors
from nest_lab.simulation import Ids

__all__ = ["Compartments", "Receptors"]


class Elements(tuple[Any, ...]):
    """Elements of a node, such as its compartments: one dictionary each; of several nodes, a list for each.

    What is added to it is added to the nodes when it is assigned to them, as ``+=`` does::

        neuron.compartments += [{"parent_idx": 0}]

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neuron = nest.Create("cm_default", params={"compartments": [{"parent_idx": -1}]})
    >>> neuron.compartments += {"parent_idx": 0}
    >>> print(neuron.compartments)
    ({'comp_idx': 0, 'parent_idx': -1}, {'comp_idx': 1, 'parent_idx': 0})
    """

    added: list[dict[str, Any]]
    _ids: Ids | None

    def __new__(cls, values: Any, ids: Ids | None = None) -> Self:
        """Hold the values of nodes with these ids."""
        elements = super().__new__(cls, values)
        elements.added, elements._ids = [], ids
        return elements

    def __add__(self, other: Any) -> Elements:
        given = [other] if isinstance(other, Mapping) else other
        if not isinstance(given, (list, tuple)) or not all(isinstance(each, Mapping) for each in given):
            raise errors.BadType(
                "elements are dictionaries",
                where="Elements",
                value=repr(other),
                allowed="a dictionary or a list of dictionaries",
                todo="Write for example += [{...}].",
            )
        of_many = self and isinstance(self[0], list)
        sum_ = type(self)([[*each, *given] for each in self] if of_many else [*self, *given], self._ids)
        sum_.added = [*self.added, *map(dict, given)]
        return sum_

    def get_tuple(self) -> tuple[Any, ...]:
        """The elements as a plain tuple."""
        return tuple(self)

    def belongs_to(self, ids: Ids) -> bool:
        """Whether these are the elements of the nodes with these ids."""
        return self._ids is not None and list(self._ids) == list(ids)


class Compartments(Elements):
    """Compartments of a node, as ``node.compartments`` gives them."""


class Receptors(Elements):
    """Receptors of a node, as ``node.receptors`` gives them."""


def elements_named(name: str) -> type[Elements]:
    """Return the class of the elements that a node has under this name."""
    return next((kind for kind in Elements.__subclasses__() if kind.__name__.lower() == name), Elements)
