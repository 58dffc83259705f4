"""Who is doing this: handed to every service, so that nothing is done by nobody."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.errors import NotAllowed
from scheduler.services.rights import RIGHTS


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A signed-in person, or the command line (`user_id` None) acting for an organisation."""

    organisation_id: int
    user_id: int | None
    name: str
    rights: frozenset[str]

    def may(self, right: str) -> bool:
        return right in self.rights

    def require(self, right: str) -> None:
        """Raises NotAllowed."""
        if not self.may(right):
            raise NotAllowed


def command_line(organisation_id: int, name: str = "command line") -> Actor:
    """Whoever can run commands on the machine may do everything."""
    everything = frozenset().union(*RIGHTS.values())
    return Actor(organisation_id=organisation_id, user_id=None, name=name, rights=everything)
