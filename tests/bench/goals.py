"""What is to be reached, in one place (planner, "Numbers to reach"); suites import it."""

from __future__ import annotations

SOLVER_RATIO = 0.01
"""The best plan against CP-SAT from 12 chairs on: build and solve, 2 workers."""
SOLVER_RATIO_HUNDRED = 0.001

BEST_P95_MS, TOP_FIVE_P95_MS, ALL_STARTS_MS = 2.5, 4.0, 0.5
"""100 chairs x 8 weeks, near-day load 92 %."""
ANY_ANSWER_MS = 250.0
"""Whatever is asked, of whatever calendar."""

CHAIRS_EXPONENT, DAYS_EXPONENT, SLOTS_EXPONENT = 0.5, 1.1, 0.7
"""How the time of the best plan grows: chairs 10 to 300, days 28 to 224, slots 60 to 600."""

DECIDED_PER_SECOND = {"sqlite": 400.0, "postgresql": 500.0}
SLOWEST_MS = {16: 250.0, 64: 500.0}
"""p99 of the slowest desk, by the number of desks."""

PLANS_PAGE_MS = BOARD_PAGE_MS = 150.0

RESETTLE_HUNDRED_MS, RESETTLE_TWENTY_MS = 2_000.0, 250.0
"""Every visit of a 100-chair day, and of a 20-chair day, finds another place."""
PLACED_SHORT_PERCENT = 3.0
"""Placements short of the best known."""

OF_THE_DAY_BOUND_PERCENT, OFF_THE_WISH_RATIO = 92.0, 0.45
"""Simulated at 12 chairs, demand 0.9 to 1.3 of capacity: used chair time, and the deviation from
the wished time against first fit's; no fewer visits are placed than by first fit."""

LEASE_FIFTY_THOUSAND_S = 25.0
"""Select, check again and lease 50,000 due messages."""
SENT_PER_SECOND = {"sqlite": 100.0, "postgresql": 200.0}
"""Rendered and handed to a mail server on loopback: one worker, and two."""
WORKER_GROWTH_MB = 8.0
