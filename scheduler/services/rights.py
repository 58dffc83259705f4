"""Who may do what: the one table of roles and rights. What is not listed is not allowed."""

from __future__ import annotations

_DESK = {
    "see_board", "find_patient", "edit_patient", "book", "move", "cancel", "see_protocols",
    "see_messages", "send_now", "see_tasks", "work_task", "record_attendance",
}  # fmt: skip
_NURSE = {
    "see_board", "find_patient", "see_protocols", "see_messages", "see_tasks", "work_task",
    "record_attendance",
}  # fmt: skip
_PROVIDER = _DESK | {
    "override_gap", "approve_protocol", "edit_preparation", "lift_suspension", "see_reports",
}  # fmt: skip
_MANAGER = _DESK | {
    "edit_capacity", "override_capacity", "edit_protocol", "edit_preparation", "edit_texts",
    "see_reports",
}  # fmt: skip

RIGHTS: dict[str, frozenset[str]] = {
    "desk": frozenset(_DESK),
    "nurse": frozenset(_NURSE),
    "provider": frozenset(_PROVIDER),
    "manager": frozenset(_MANAGER),
    "admin": frozenset(_MANAGER | {"manage_people"}),
}
ROLES = tuple(RIGHTS)
OWN = frozenset({"answer_own", "move_own"})
"""What a patient with a link may do, with what is theirs alone."""


def rights_of(roles: list[str]) -> frozenset[str]:
    """Everything that at least one of the roles may do; an unknown role gives nothing."""
    return frozenset().union(*(RIGHTS.get(role, frozenset()) for role in roles))
