"""A template that extends another: whose phases it has, and in which order (domain E)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduler.planning.reading.plain import Problem, ProtocolInvalid

Plain = dict[str, Any]
DEEPEST = 5


def resolved(plain: Plain, parents: Mapping[str, Plain], *, depth: int = DEEPEST) -> Plain:
    """The template without `extends`: the parent's fields under its own; its phases replace those
    with the same id; it begins at its own first phase and follows `next`; phases that cannot be
    reached are dropped.

    Raises ProtocolInvalid for an unknown parent or a chain that never ends.
    """
    if "extends" not in plain:
        return plain
    parent = plain["extends"]
    if not isinstance(parent, str) or parent not in parents or depth == 0:
        raise ProtocolInvalid(
            [Problem(("extends",), "There is no template of this name to extend.")]
        )
    base = resolved(parents[parent], parents, depth=depth - 1)
    merged = {**base, **{key: value for key, value in plain.items() if key != "extends"}}
    return merged | {"phases": _phases(base.get("phases"), plain.get("phases"))}


def _phases(inherited: Any, own: Any) -> Any:
    """The chain of phases from the child's first one."""
    if own is None:
        return inherited
    listed = [phase for phases in (inherited, own) if isinstance(phases, list) for phase in phases]
    if not all(isinstance(phase, dict) and isinstance(phase.get("id"), str) for phase in listed):
        return own  # reading it names the fault
    by_id = {phase["id"]: phase for phase in listed}
    chain: list[Plain] = []
    following = own[0]["id"] if own else None
    while isinstance(following, str) and following in by_id:
        chain.append(by_id.pop(following))
        following = chain[-1].get("next")
    return chain
