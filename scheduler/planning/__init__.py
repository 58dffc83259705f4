"""Plans visits: pure rules over plain data, without web, database or clock.

Three steps: days from plain numbers, a question, the plans.

    >>> from datetime import date, time, timedelta
    >>> from scheduler.planning import Part, PlainDay, Question, VisitShape, Wishes
    >>> from scheduler.planning import calendar, propose
    >>> monday = date(2027, 1, 4)
    >>> week = [monday + timedelta(days=n) for n in range(5)]
    >>> days = calendar(
    ...     PlainDay(
    ...         on=on,
    ...         open={1: [(480, 1020)], 2: [(480, 1020)]},  # two chairs, 8:00 to 17:00
    ...         busy={1: [(480, 960)]},  # the first is taken until 16:00
    ...         cover={"nurse": [1] * 108},  # one nurse in each slot of 5 minutes
    ...         slots_from=480,
    ...     )
    ...     for on in week
    ... )
    >>> infusion = Part(name="infusion", minutes=60, nurse=((10, 100), (50, 50)))
    >>> visit = VisitShape(parts=(infusion, Part(name="turnaround", minutes=15)))
    >>> asked = Question(
    ...     visit=visit, earliest_on=monday, count=2, gap=(2, 2, 4), wishes=Wishes(start=time(9))
    ... )
    >>> best = propose(days, asked.request(), k=3).plans[0]
    >>> [(one.on.day, one.chair_id, f"{one.starts_at:%H:%M}") for one in best.visits]
    [(4, 2, '09:00'), (6, 2, '09:00')]
    >>> best.cost, best.terms.day
    (40, 40)

**Units.** Minutes are elapsed minutes since local midnight, spans are half-open, gaps and spans
of a series are differences of local dates, a nurse's attention and a resource's load are
hundredths, instants in answers are aware UTC. `PlainDay`, `SiteFacts` and `Question` say each
field's own; `SeriesRequest` says everything that can be asked.

**Cost**, whole numbers, smaller is better (planner): with E the earliest day and each price from
`Weights`,

    early * (first day - E) + day * sum(day - E) + gap * sum|gap - target|
    + set * place of the weekday set
    + sum over visits of time * (|start - wished start| // 10 min) + chair * (another chair)
      + frag * slivers

and, where a site sets a price, `stagger`, `prime`, `slack` and `tight` (`Weights` says each).

`propose(days, request, k)` gives the true optimum first (`Proposal.proven`), then plans that
differ in weekdays, first day or hour; without any plan `stopped` names the rule and `ways_out`
what helps. It never raises for a request that can be written down. `check_visits` asks the same
rules of chosen places, `why_not` of one place.
"""

from __future__ import annotations

from scheduler.planning.plain_days import PlainDay, SiteFacts, calendar
from scheduler.planning.plan import CostTerms, Plan, PlannedVisit, Proposal, Stopped, WayOut
from scheduler.planning.question import Question
from scheduler.planning.request import (
    FILL_EARLY,
    PATIENT_COMFORT,
    PatientLimits,
    SeriesRequest,
    TimeWindow,
    Weights,
    Wishes,
)
from scheduler.planning.series import ChosenVisit, check_visits, propose, why_not
from scheduler.planning.visit import Part, VisitShape

__all__ = [
    "FILL_EARLY",
    "PATIENT_COMFORT",
    "ChosenVisit",
    "CostTerms",
    "Part",
    "PatientLimits",
    "PlainDay",
    "Plan",
    "PlannedVisit",
    "Proposal",
    "Question",
    "SeriesRequest",
    "SiteFacts",
    "Stopped",
    "TimeWindow",
    "VisitShape",
    "WayOut",
    "Weights",
    "Wishes",
    "calendar",
    "check_visits",
    "propose",
    "why_not",
]
