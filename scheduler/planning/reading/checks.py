"""What must fit together in a template beyond its single fields."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.planning import discreet
from scheduler.planning.laying import is_open_ended
from scheduler.planning.phase import Phase, counts
from scheduler.planning.protocol import Protocol
from scheduler.planning.reading.plain import Problem
from scheduler.planning.schedules import DailyRun, Every, Offsets


def check(protocol: Protocol) -> list[Problem]:
    """Problems between fields; the fields themselves have been read without one."""
    return [
        *_public(protocol),
        *_names(protocol),
        *_profile_rules(protocol),
        *_followers(protocol),
        *_phases(protocol),
    ]


def _public(protocol: Protocol) -> Iterator[Problem]:
    """Patients' calendars and mails show this title (trust I17)."""
    if telling := discreet.tell_tales(protocol.public_title):
        yield Problem(
            ("title", "public"), f"Patients' calendars show this. Leave out {telling[0]}."
        )


def _names(protocol: Protocol) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, phase in enumerate(protocol.phases):
        if phase.id in seen:
            yield Problem(("phases", place, "id"), f"Two phases are called {phase.id}.")
        seen.add(phase.id)


def _profile_rules(protocol: Protocol) -> Iterator[Problem]:
    known = {profile.name for profile in protocol.profiles}
    for place, rule in enumerate(protocol.profile_rules):
        last = place == len(protocol.profile_rules) - 1
        key = "use" if rule.when else "else"
        if rule.use not in known:
            yield Problem(("profile_rules", place, key), f"There is no visit profile {rule.use}.")
        if (rule.when is None) != last:
            message = "The last rule is 'else': it applies when no other does."
            yield Problem(("profile_rules", place, key), message)
    for place, phase in enumerate(protocol.phases):
        if phase.profile is not None and phase.profile not in known:
            yield Problem(
                ("phases", place, "profile"), f"There is no visit profile {phase.profile}."
            )


def _followers(protocol: Protocol) -> Iterator[Problem]:
    """`next` names a phase and never leads back."""
    following = {phase.id: phase.next for phase in protocol.phases}
    for place, phase in enumerate(protocol.phases):
        if phase.next is not None and phase.next not in following:
            yield Problem(("phases", place, "next"), f"There is no phase {phase.next}.")
            continue
        seen, at = {phase.id}, phase.next
        while at is not None and at not in seen:
            seen.add(at)
            at = following.get(at)
        if at == phase.id:
            yield Problem(
                ("phases", place, "next"),
                "This leads back to the phase itself; a series must come to an end.",
            )


def _phases(protocol: Protocol) -> Iterator[Problem]:
    for place, phase in enumerate(protocol.phases):
        for problem in (*_reviews(phase), *_extension(phase), *_open_order(phase), *_cycle(phase)):
            yield Problem(("phases", place, *problem.path), problem.message)
        for problem in _reference(protocol, place, phase):
            yield Problem(("phases", place, *problem.path), problem.message)


def _reviews(phase: Phase) -> Iterator[Problem]:
    most = counts(phase).maximum
    for place, review in enumerate(phase.reviews):
        if review.after is not None and review.after > most and phase.schedule.kind != "on_demand":
            yield Problem(("reviews", place, "after"), f"The phase has at most {most} visits.")


def _extension(phase: Phase) -> Iterator[Problem]:
    if phase.extend is None:
        return
    if phase.schedule.kind in ("on_demand", "offsets"):
        yield Problem(("extend",), "Only a phase with a number of visits can be extended.")
    elif phase.extend.max_count < counts(phase).ordered_above:
        message = f"The phase already has up to {counts(phase).ordered_above} visits."
        yield Problem(("extend", "max_count"), message)


def _open_order(phase: Phase) -> Iterator[Problem]:
    """A phase without end needs a provider who looks at it again (domain H13)."""
    if is_open_ended(phase) and phase.renew is None:
        yield Problem(("renew",), "A phase without an end must say when a provider renews it.")


def _cycle(phase: Phase) -> Iterator[Problem]:
    run = phase.schedule
    if isinstance(run, DailyRun) and run.cycle is not None and phase.span.max_days is not None:
        yield Problem(("span",), "A phase of cycles repeats; leave the limit of its days empty.")


def _reference(protocol: Protocol, place: int, phase: Phase) -> Iterator[Problem]:
    """A visit that later ones count from must exist, in an earlier phase."""
    schedule = phase.schedule
    key = "first_ref" if isinstance(schedule, Every) else "ref"
    ref = (
        schedule.first_ref
        if isinstance(schedule, Every)
        else schedule.ref
        if isinstance(schedule, Offsets)
        else None
    )
    if ref is None or "#" not in ref:
        if ref == "phase_prev_last" and place == 0:
            yield Problem(("schedule", key), "The first phase has no phase before it.")
        return
    name, number = ref.split("#")
    named = next((one for one in protocol.phases[:place] if one.id == name), None)
    if named is None:
        yield Problem(("schedule", key), f"There is no earlier phase {name}.")
    elif int(number) > counts(named).maximum:
        yield Problem(("schedule", key), f"{name} has only {counts(named).maximum} visits.")
