"""How many mails a minute one recipient's domain gets: a bucket of tokens for each (trust I13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

AT_ONCE = timedelta(seconds=10)
"""What was saved up in so long a quiet time may leave in one go."""


@dataclass
class Pace:
    """`per_minute` is for all workers together; each of `workers` takes its part of it.

    Held in one worker's memory: a restart may give one more burst, never a higher rate.
    """

    per_minute: int
    workers: int = 1
    _tokens: dict[str, tuple[float, datetime]] = field(default_factory=dict)

    def take(self, recipient: str, now: datetime) -> bool:
        """Whether one more mail may go to this address's domain now; if so, it is counted."""
        domain = domain_of(recipient)
        left = self._left(domain, now)
        self._tokens[domain] = (left - 1 if left >= 1 else left, now)
        return left >= 1

    def crowded(self, now: datetime) -> tuple[str, ...]:
        """The domains that have had their part for now; forgets those that are quiet again."""
        for domain in [one for one in self._tokens if self._left(one, now) >= self._most]:
            del self._tokens[domain]
        return tuple(domain for domain in self._tokens if self._left(domain, now) < 1)

    @property
    def _per_second(self) -> float:
        return self.per_minute / 60 / max(self.workers, 1)

    @property
    def _most(self) -> float:
        return max(self._per_second * AT_ONCE.total_seconds(), 1)

    def _left(self, domain: str, now: datetime) -> float:
        """A clock that jumps back fills nothing and empties nothing."""
        tokens, at = self._tokens.get(domain, (self._most, now))
        passed = max((now - at).total_seconds(), 0)
        return min(tokens + passed * self._per_second, self._most)


def domain_of(recipient: str) -> str:
    """ "example.net" of "Pat@Example.net"."""
    return recipient.rpartition("@")[2].lower()
