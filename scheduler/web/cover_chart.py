"""Staff or equipment needed and there as a drawing: numbers for SVG, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from scheduler.planning.interval import Interval
from scheduler.planning.need import NeedStep, Shortage, highest, shortages
from scheduler.planning.opening import instant, local
from scheduler.web.filters import clock, plural, span

LEFT, RIGHT, TOP, BASE = 46, 886, 8, 60
MOST_TICKS = 13


@dataclass(frozen=True, kw_only=True)
class CoverChart:
    """Path data and positions in a box of 890 by 74; `words` say the same without the picture."""

    need: str
    over: str
    on_duty: str
    lines: tuple[tuple[float, int], ...]
    hours: tuple[tuple[float, str], ...]
    now: float | None
    words: str
    short: tuple[str, ...]


def cover_chart(
    steps: Sequence[NeedStep], zone: ZoneInfo, now: datetime, noun: str = "nurse"
) -> CoverChart:
    """The steps cover hours of one local date without a gap; `noun` is one of what is counted."""
    frame = Interval(steps[0].span.starts_at, steps[-1].span.ends_at)
    scale = _Scale(frame, max(1, *(_ceil(s.need) for s in steps), *(s.on_duty for s in steps)))
    short = tuple(_shortage(one, zone) for one in shortages(steps))
    return CoverChart(
        need=_area([(s.span, 0, s.need) for s in steps if s.need], scale),
        over=_area([(s.span, 100 * s.on_duty, s.need) for s in steps if s.is_short], scale),
        on_duty=_line(steps, scale),
        lines=tuple((scale.y(100 * n), n) for n in range(0, scale.most + 1, 1 + scale.most // 5)),
        hours=_hours(frame, zone, scale),
        now=scale.x(now) if frame.starts_at <= now < frame.ends_at else None,
        words=_words(steps, zone, short, noun),
        short=short,
    )


def amount(hundredths: int) -> str:
    """ "3.7", "4"."""
    return f"{hundredths / 100:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class _Scale:
    frame: Interval
    most: int

    def x(self, at: datetime) -> float:
        part = (at - self.frame.starts_at) / (self.frame.ends_at - self.frame.starts_at)
        return round(LEFT + (RIGHT - LEFT) * part, 1)

    def y(self, hundredths: int) -> float:
        return round(BASE - (BASE - TOP) * hundredths / (100 * self.most), 1)


def _ceil(hundredths: int) -> int:
    return -(-hundredths // 100)


def _area(bars: Sequence[tuple[Interval, int, int]], scale: _Scale) -> str:
    """One rectangle for each (span, from, to)."""
    return "".join(
        f"M{scale.x(span.starts_at)} {scale.y(low)}V{scale.y(high)}"
        f"H{scale.x(span.ends_at)}V{scale.y(low)}Z"
        for span, low, high in bars
    )


def _line(steps: Sequence[NeedStep], scale: _Scale) -> str:
    path = f"M{LEFT} {scale.y(100 * steps[0].on_duty)}"
    for step in steps:
        path += f"V{scale.y(100 * step.on_duty)}H{scale.x(step.span.ends_at)}"
    return path


def _hours(frame: Interval, zone: ZoneInfo, scale: _Scale) -> tuple[tuple[float, str], ...]:
    """Wall hours along the foot; am or pm where it begins and at noon. Few enough to be read."""
    on = local(zone, frame.starts_at).date()
    starts = [(hour, instant(zone, on, time(hour))) for hour in range(24)]
    inside = [(hour, at) for hour, at in starts if frame.starts_at <= at < frame.ends_at]
    every = 1 + len(inside) // MOST_TICKS
    return tuple(
        (scale.x(at), _hour_text(hour, is_first=place == 0))
        for place, (hour, at) in enumerate(inside)
        if hour % every == 0 or place == 0
    )


def _hour_text(hour: int, *, is_first: bool) -> str:
    half = "am" if hour < 12 else "pm"
    return f"{hour % 12 or 12} {half}" if is_first or hour == 12 else str(hour % 12 or 12)


def _shortage(short: Shortage, zone: ZoneInfo) -> str:
    """ "Short 2:40 to 2:50 pm: 3.7 needed, 3 on duty"."""
    when = span(short.span.starts_at, short.span.ends_at, zone)
    return f"Short {when}: {amount(short.worst.need)} needed, {short.worst.on_duty} on duty"


def _words(steps: Sequence[NeedStep], zone: ZoneInfo, short: Sequence[str], noun: str) -> str:
    peak = highest(steps)
    if peak is None:
        return f"No {noun} is needed on this day."
    most = f"{amount(peak.need)} of {plural(peak.on_duty, noun)}"
    at = clock(peak.span.starts_at, zone)
    said = f"{noun.capitalize()}s needed over the day. Highest {most} at {at}."
    return " ".join([said, *(f"{one}." for one in short)])
