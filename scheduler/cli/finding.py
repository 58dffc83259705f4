"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scheduler.cli.words import say

Level = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """`mend` says what to do; only "wrong" makes the report fail."""

    level: Level
    name: str
    what: str
    mend: str = ""

    def tell(self) -> None:
        say(f"  {self.level:5}  {self.name:21}  {self.what}")
        if self.mend:
            say(f"{'':32}{self.mend}")
