"""What would help when no plan exists: every relaxation is tried, those that work are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from scheduler.planning.explain import count_words, day_words
from scheduler.planning.opening import MIDNIGHT
from scheduler.planning.plan import WayOut
from scheduler.planning.request import SeriesRequest, TimeWindow
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.search import Search
from scheduler.planning.searching.where import half_of_day, window_words

WIDER_HOURS = (1, 2, 3)
GAP_DAYS = (1, 2, 3)
SPAN_DAYS = (2, 4, 7, 14)
OTHER_HALF = {
    "mornings": ("In the afternoon", TimeWindow(starts_from=time(12))),
    "afternoons": ("In the morning", TimeWindow(starts_until=time(12))),
}


@dataclass(frozen=True)
class Relaxation:
    """One change of the request; the steps of a kind go from small to large."""

    kind: str
    words: str
    request: SeriesRequest
    needs_provider: bool = False


def ways_out(
    book: OfferBook, request: SeriesRequest, effort: Effort, stopped_by: str = ""
) -> tuple[WayOut, ...]:
    """One way per kind, the smallest step of it that works; what needs no provider first, then by
    cost under the relaxed request.

    Where the spacing alone has no plan (`stopped_by` H16), hours and chairs cannot help and are not
    tried.
    """
    found: dict[str, WayOut] = {}
    kinds: dict[str, list[Relaxation]] = {}
    for relaxed in relaxations(request):
        if stopped_by != "H16" or relaxed.needs_provider or relaxed.kind == "weekday_set":
            kinds.setdefault(relaxed.kind, []).append(relaxed)
    for place, steps in enumerate(kinds.values()):
        share = Effort(effort.left // (len(kinds) - place))
        before = share.left
        _try_kind(book, steps, share, found)
        effort.spend(before - share.left)
    if not found:
        for relaxed in _pairs(request):
            if not found and effort.lasts:
                _try(book, relaxed, effort, found)
    return tuple(sorted(found.values(), key=lambda way: (way.needs_provider, way.plan.cost)))


def _try_kind(
    book: OfferBook, steps: list[Relaxation], effort: Effort, found: dict[str, WayOut]
) -> None:
    """The widest step first: where it does not help, no smaller one does."""
    *smaller, widest = steps
    known: dict[str, WayOut] = {}
    _try(book, widest, effort, known)
    for relaxed in smaller if known else ():
        if effort.lasts and relaxed.kind not in found:
            _try(book, relaxed, effort, found)
    for kind, way in known.items():
        found.setdefault(kind, way)


def _try(book: OfferBook, relaxed: Relaxation, effort: Effort, found: dict[str, WayOut]) -> None:
    request = relaxed.request
    if request.wishes.start is None:
        request = replace(request, wishes=replace(request.wishes, start=time(9)))
    plan = Search(book, request, effort).best(relaxed.kind)
    if plan:
        sentence = f"{relaxed.words}: a plan from {day_words(plan.first_on)} works."
        found[relaxed.kind] = WayOut(
            relaxed.kind, sentence, plan, relaxed.request, relaxed.needs_provider
        )


def relaxations(request: SeriesRequest) -> Iterator[Relaxation]:
    """Every single change that is tried, in the order of trying."""
    yield from _days(request)
    yield from _hours(request)
    yield from _calendar(request)
    yield from _spacing(request)


def _days(request: SeriesRequest) -> Iterator[Relaxation]:
    if ANY_DAY not in request.sets:
        sets = (*request.sets, ANY_DAY)
        relaxed = replace(request, weekday_sets=sets)
        yield Relaxation("weekday_set", "On other weekdays than the template's", relaxed)
    if request.patient.weekdays not in (ANY_DAY, frozenset()):
        limits = replace(request.patient, weekdays=ANY_DAY)
        relaxed = replace(request, patient=limits)
        yield Relaxation("patient_days", "On days that the patient did not name", relaxed)


def _hours(request: SeriesRequest) -> Iterator[Relaxation]:
    window = request.patient.window
    if window.is_open:
        return
    for hours in WIDER_HOURS:
        wider = widened(window, hours)
        words = f"With {window_words(wider)}"
        yield Relaxation("window", words, _with_window(request, wider))
    if half_of_day(window):
        words, other = OTHER_HALF[half_of_day(window)]
        yield Relaxation("half", words, _with_window(request, other))
    yield Relaxation("window", "At any time of the day", _with_window(request, TimeWindow()))


def _calendar(request: SeriesRequest) -> Iterator[Relaxation]:
    if request.latest_on is not None:
        relaxed = replace(request, latest_on=None)
        yield Relaxation("later", f"After {day_words(request.latest_on)}", relaxed)
    if request.chair_kind is not None:
        yield Relaxation("chair_kind", "In any kind of chair", replace(request, chair_kind=None))


def _spacing(request: SeriesRequest) -> Iterator[Relaxation]:
    """Limits of the template: only a provider may pass them (domain H5, H6, H7)."""
    spacing, gap = request.spacing, request.spacing.gap
    many = len(request.shapes) + len(request.after) + len(request.before) > 1
    if not many:
        return
    if spacing.months:
        gap = replace(gap, hard_min=0, hard_max=None)  # calendar months have no longer gap to ask
    for days in GAP_DAYS if gap.hard_max is not None else ():
        longest = gap.hard_max + days if gap.hard_max is not None else None
        words = f"With a gap of up to {count_words(longest or 0, 'day')}"
        longer = replace(spacing, gap=replace(gap, hard_max=longest))
        yield Relaxation("gap_max", words, replace(request, spacing=longer), True)
    if gap.hard_min > 1:
        words = f"With a gap of {count_words(gap.hard_min - 1, 'day')}"
        shorter = replace(spacing, gap=replace(gap, hard_min=gap.hard_min - 1))
        yield Relaxation("gap_min", words, replace(request, spacing=shorter), True)
    for days in SPAN_DAYS if spacing.max_days is not None else ():
        most = (spacing.max_days or 0) + days
        longer = replace(spacing, max_days=most)
        words = f"Within {count_words(most, 'day')} from first to last"
        yield Relaxation("span", words, replace(request, spacing=longer), True)
    if spacing.max_per_7d is not None:
        more = replace(spacing, max_per_7d=spacing.max_per_7d + 1)
        words = f"With {count_words(spacing.max_per_7d + 1, 'visit')} in 7 days"
        yield Relaxation("per_week", words, replace(request, spacing=more), True)


def _pairs(request: SeriesRequest) -> Iterator[Relaxation]:
    """Where no single change helps: everything that needs no provider, then the template's too."""
    desk = request
    for _ in range(5):
        wide = [one for one in relaxations(desk) if not one.needs_provider]
        if not wide:
            break
        desk = wide[-1].request
    if desk != request:
        words = "On any weekday, at any hour, in any chair"
        yield Relaxation("all_wishes", words, desk)
    for relaxed in _spacing(desk):
        yield replace(relaxed, kind="all", words=f"Without the wishes, and {_lower(relaxed.words)}")


def widened(window: TimeWindow, hours: int) -> TimeWindow:
    """Each limit `hours` wider; one that would pass midnight is gone."""
    return TimeWindow(
        starts_from=_shifted(window.starts_from, -hours),
        starts_until=_shifted(window.starts_until, hours),
        arrives_from=_shifted(window.arrives_from, -hours),
        leaves_by=_shifted(window.leaves_by, hours),
    )


def _shifted(wall: time | None, hours: int) -> time | None:
    if wall is None or (wall == MIDNIGHT and hours > 0):
        return None
    day = datetime(2000, 1, 1, wall.hour, wall.minute)  # noqa: DTZ001  wall time, no zone
    moved = day + timedelta(hours=hours)
    return moved.time() if moved.date() == day.date() else None


def _with_window(request: SeriesRequest, window: TimeWindow) -> SeriesRequest:
    return replace(request, patient=replace(request.patient, window=window))


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
