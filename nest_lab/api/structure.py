"""Connections that are more than pairs: `TripartiteConnect`, and structural plasticity."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter, process_time
from typing import Any

from nest_lab import errors
from nest_lab.api.connect import CollocatedSynapses, _named_rule, _rule, _synapses
from nest_lab.api.nodes import NodeCollection, same_network
from nest_lab.simulation import current, public

__all__ = ["DisableStructuralPlasticity", "EnableStructuralPlasticity", "TripartiteConnect"]

_SIDES = ("primary", "third_in", "third_out")
# Rules by which earlier versions of PyNEST said everything at once: the primary rule, the third-factor rule,
# and which argument of which of the two theirs are.
_WHOLE = {
    "tripartite_bernoulli_with_pool": (
        "pairwise_bernoulli",
        "third_factor_bernoulli_with_pool",
        {"p_primary": "p", "allow_autapses": "allow_autapses", "allow_multapses": "allow_multapses"},
        {"p_third_if_primary": "p", "pool_size": "pool_size", "pool_type": "pool_type"},
    )
}


@public("TripartiteConnect()")
def TripartiteConnect(
    pre: NodeCollection,
    post: NodeCollection,
    third: NodeCollection,
    conn_spec: Mapping[str, Any] | str,
    third_factor_conn_spec: Mapping[str, Any] | str | None = None,
    syn_specs: Mapping[str, Any] | None = None,
) -> None:
    """Connect nodes by a rule, and bring nodes of a third population into some of the connections.

    A connection from a source to a target may get a third node: then the source is connected to this, and
    this to the target. All three kinds are ordinary connections afterwards.

    Parameters
    ----------
    pre, post, third : NodeCollection
        Sources, targets and third nodes.
    conn_spec : dict or str
        The rule for the primary connections, as in `Connect`. With ``tripartite_bernoulli_with_pool`` it says
        everything: ``p_primary``, ``p_third_if_primary``, ``pool_size`` and ``pool_type``.
    third_factor_conn_spec : dict or str
        The rule for the third nodes: ``third_factor_bernoulli_with_pool`` gives each connection one with
        probability ``p`` (1 when left out), out of a pool of ``pool_size`` nodes (all) that belongs to its
        target; ``pool_type`` is ``random`` or ``block``.
    syn_specs : dict, optional
        What `Connect` takes as ``syn_spec``, for each of ``primary``, ``third_in`` (sources to third nodes)
        and ``third_out`` (third nodes to targets). Weights and delays are numbers or Parameters, not arrays.

    Raises
    ------
    errors.BadRule, errors.BadType, errors.BadValue, errors.BadDelay, errors.UnknownName, errors.UnknownModel
        An argument is not right; then nothing is connected.
    errors.CannotConnect
        These nodes cannot be connected like this.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> neurons, glia = nest.Create("iaf_psc_exp", 10), nest.Create("parrot_neuron", 10)
    >>> nest.TripartiteConnect(neurons, neurons, glia, "all_to_all",
    ...     {"rule": "third_factor_bernoulli_with_pool", "pool_size": 1, "pool_type": "block"})
    >>> len(nest.GetConnections(neurons, neurons)), len(nest.GetConnections(glia, neurons))
    (100, 100)
    """
    wall, cpu = perf_counter(), process_time()
    for what, nodes in (("pre", pre), ("post", post), ("third", third)):
        _refuse_no_nodes(what, nodes)
    network = same_network(pre, post, third)
    rule = _rule(conn_spec)
    if rule["rule"] in _WHOLE:
        if syn_specs is None and _is_synapses(third_factor_conn_spec):
            syn_specs, third_factor_conn_spec = third_factor_conn_spec, None  # type: ignore[assignment]
        rule, third_rule = _parts(rule, third_factor_conn_spec)
    else:
        third_rule = _third_rule(third_factor_conn_spec)
    synapses = _sides(syn_specs)
    network.changing()
    network.kernel.connect_tripartite(pre._ids, post._ids, third._ids, rule, third_rule, synapses)
    network.used.update(
        each.get("synapse_model", "static_synapse") for side in synapses.values() for each in side
    )
    timers = network.simulation.timers
    timers["connect"] += perf_counter() - wall
    timers["connect_cpu"] += process_time() - cpu


def _refuse_no_nodes(what: str, nodes: Any) -> None:
    if not isinstance(nodes, NodeCollection):
        raise errors.BadType(
            f"{what} must be nodes",
            value=f"{nodes!r} ({type(nodes).__name__})",
            allowed="a NodeCollection",
            todo="Make one with NodeCollection([ids]).",
        )
    if not nodes:
        raise errors.CannotConnect(
            f"there are no nodes in {what}",
            value="an empty collection",
            allowed="1 or more nodes",
            todo="Create nodes first.",
        )


def _is_synapses(given: Any) -> bool:
    return isinstance(given, Mapping) and bool(given) and set(given) <= set(_SIDES)


def _parts(rule: dict[str, Any], third_rule: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Primary rule and third-factor rule, from one that says both."""
    name = rule["rule"]
    if third_rule is not None:
        raise errors.BadRule(
            f"'{name}' says everything about third factors",
            value=f"third_factor_conn_spec={third_rule!r}",
            allowed="None",
            todo="Leave it out, or give another rule as conn_spec.",
        )
    primary, factor, of_primary, of_factor = _WHOLE[name]
    known = of_primary | of_factor
    for key in rule:
        if key != "rule" and key not in known:
            raise errors.UnknownName(
                f"conn_spec of {name} has no key of this name",
                value=repr(key),
                wrong=str(key),
                candidates=["rule", *known],
                todo="Check the spelling.",
            )
    return (
        {"rule": primary, "p": 1.0} | {new: rule[old] for old, new in of_primary.items() if old in rule},
        {"rule": factor} | {new: rule[old] for old, new in of_factor.items() if old in rule},
    )


def _third_rule(spec: Any) -> dict[str, Any]:
    todo = "Write {'rule': 'third_factor_bernoulli_with_pool', 'p': 0.5}."
    return _named_rule(spec, "third_factor_conn_spec", "third-factor rule", todo=todo, without=todo)


def _sides(syn_specs: Any) -> dict[str, list[dict[str, Any]]]:
    """Synapses of the three kinds of connections."""
    given = {} if syn_specs is None else syn_specs
    if not isinstance(given, Mapping):
        raise errors.BadType(
            "syn_specs must be a dictionary",
            value=f"{syn_specs!r} ({type(syn_specs).__name__})",
            allowed="a dictionary with 'primary', 'third_in' and 'third_out'",
            todo="Write {'primary': {'weight': 2.0}}; what is left out is static_synapse.",
        )
    for side in given:
        if side not in _SIDES:
            raise errors.UnknownName(
                "syn_specs has no key of this name",
                value=repr(side),
                wrong=str(side),
                candidates=_SIDES,
                todo="Check the spelling.",
            )
    sides = {side: _synapses(given.get(side)) for side in _SIDES}
    for side, synapses in sides.items():
        if not synapses:
            raise errors.BadValue(
                f"syn_specs names no synapse for '{side}'",
                value=f"{CollocatedSynapses.__name__}()",
                allowed="1 or more synapses",
                todo="Leave it out for static_synapse.",
            )
    return sides


@public("EnableStructuralPlasticity()")
def EnableStructuralPlasticity() -> None:
    """Let connections come and go during runs.

    What connects to what is set by ``nest.structural_plasticity_synapses``, how often by
    ``nest.structural_plasticity_update_interval``, and how the elements grow by ``synaptic_elements`` of the
    neurons. Updates are at all multiples of the interval, the first at the beginning of a run.

    Examples
    --------
    >>> import nest_lab as nest
    >>> nest.ResetKernel()
    >>> nest.structural_plasticity_update_interval = 10.0
    >>> nest.structural_plasticity_synapses = {
    ...     "grown": {"pre_synaptic_element": "axon", "post_synaptic_element": "dendrite"}}
    >>> neurons = nest.Create("iaf_psc_exp", 2, {"synaptic_elements": {
    ...     "axon": {"growth_rate": 0.1}, "dendrite": {"growth_rate": 0.1}}})
    >>> nest.EnableStructuralPlasticity()
    >>> nest.Simulate(50.0)
    >>> nest.num_connections
    8
    """
    current().kernel.structural_plasticity = True


@public("DisableStructuralPlasticity()")
def DisableStructuralPlasticity() -> None:
    """Keep connections as they are; elements grow on."""
    current().kernel.structural_plasticity = False
