"""One measured figure and its goal; figures as a table and as JSON, with the machine beside
them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass

SLACK = 3
"""An absolute figure only warns, and only when it is this many times over its goal: machines
differ.
A ratio or an exactness goal fails at once."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`value` is at most `goal`, if there is one; at least, if more is better. `strict`: a ratio or
    an exactness goal."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    strict: bool = False
    more_is_better: bool = False
    conditions: str = ""

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        value, goal = (self.goal, self.value) if self.more_is_better else (self.value, self.goal)
        if value <= goal:
            return "ok"
        if self.strict:
            return "MISSED"
        return "off" if value <= SLACK * goal else "warning"


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def table(suite: str, figures: Iterable[Figure]) -> str:
    rows = [f"{suite}"]
    for one in figures:
        goal = "" if one.goal is None else f"goal {_number(one.goal)}"
        value = f"{_number(one.value)} {one.unit}"
        rows.append(f"  {one.name:<52} {value:>16}  {goal:<14} {one.verdict:<8} {one.conditions}")
    return "\n".join(rows)


def as_json(suites: dict[str, list[Figure]]) -> str:
    figures = {
        suite: [{**asdict(one), "verdict": one.verdict} for one in found]
        for suite, found in suites.items()
    }
    return json.dumps({"machine": machine(), "suites": figures}, indent=2)


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.4g}"
