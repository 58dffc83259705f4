"""The invented clinic: the same for the same `now`, made by the rules that bookings obey."""

from __future__ import annotations
