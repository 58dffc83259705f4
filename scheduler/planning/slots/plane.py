"""Bit planes: one int says which slots are free, for one chair or for all chairs of a day at once.

Bit s stands for slot s. In a plane of several chairs, chair c has bits [c*width, c*width + slots)
and width = slots + 1: the guard bit above each chair stays 0, so no run crosses into the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache


def ones(first: int, until: int) -> int:
    """Bits [first, until) set; nothing where until <= first."""
    return (1 << until) - (1 << first) if until > first else 0


def erode(free: int, length: int) -> int:
    """Starts from which `length` consecutive slots are free: bit s of the result is slot s."""
    have = 1
    while have < length:
        step = min(have, length - have)
        free &= free >> step
        have += step
    return free


@lru_cache(maxsize=256)
def columns(chairs: int, width: int) -> int:
    """Slot 0 of each chair: multiplying a one-chair mask by this repeats it for every chair."""
    return sum(1 << (chair * width) for chair in range(chairs))


def plane_of(masks: Sequence[int], width: int) -> int:
    """One chair's mask after the other, as a plane; each mask is less than 1 << width."""
    digits = [format(mask, f"0{width}b") for mask in reversed(masks)]
    return int("".join(digits) or "0", 2)


def fold(plane: int, chairs: int, width: int) -> int:
    """Slots that at least one chair has; a one-chair mask."""
    while chairs > 1:
        half = (chairs + 1) // 2
        cut = half * width
        plane = (plane >> cut) | (plane & ((1 << cut) - 1))
        chairs = half
    return plane


def slots(mask: int) -> Iterator[int]:
    """The set bits, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def lowest(mask: int) -> int:
    """The lowest set bit; -1 if there is none."""
    return (mask & -mask).bit_length() - 1


def at_or_below(mask: int, slot: int) -> int:
    """The highest set bit that is <= slot; -1 if there is none."""
    return (mask & ((1 << (slot + 1)) - 1)).bit_length() - 1 if slot >= 0 else -1


def at_or_above(mask: int, slot: int) -> int:
    """The lowest set bit that is >= slot; -1 if there is none."""
    slot = max(slot, 0)
    rest = mask >> slot
    return slot + lowest(rest) if rest else -1
