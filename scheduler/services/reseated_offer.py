"""Late chair binding in offers: a plan that fits once other visits change chairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from scheduler.planning.daybook import Day
from scheduler.planning.explain import count_words, day_words
from scheduler.planning.plan import Proposal, WayOut
from scheduler.planning.reseat_plan import RESEAT, plan_reseated
from scheduler.services.reseating import who_stays
from scheduler.services.series_request import Prepared


def with_reseating(
    proposal: Proposal, prepared: Prepared, days: Mapping[date, Day], *, now: datetime
) -> Proposal:
    """Where the chairs leave no plan (H1): a plan by re-seating as the first way out, as it keeps
    every wish; it is the plan itself if that was accepted, or if nobody has to change.

    Reads only: nobody changes chairs before it is booked.
    """
    if proposal.stopped is None or proposal.stopped.rule != "H1" or not days:
        return proposal
    request = prepared.request
    found = plan_reseated(days, request, who_stays(prepared.site, list(days), now=now))
    if found is None:
        return proposal
    if prepared.query.reseat or not found.changes:
        return Proposal(plans=(found.plan,), proven=False)
    visits = count_words(found.changes, "visit")
    sentence = (
        f"Fits after re-seating {visits}, times unchanged: "
        f"a plan from {day_words(found.plan.first_on)} works."
    )
    way = WayOut(RESEAT, sentence, found.plan, request)
    return replace(proposal, ways_out=(way, *proposal.ways_out))
