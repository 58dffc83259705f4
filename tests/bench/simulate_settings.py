"""The simulation with other settings: `python3 -m tests.bench.simulate_settings --chairs 24 ...`.

Prints one Markdown row for each demand and way to book.
"""

from __future__ import annotations

import argparse
import sys
from datetime import time

from tests.bench.instances import MIX, ClinicSettings
from tests.bench.simulate import BOOKERS, averaged
from tests.bench.simulate_clinic import SimulationSettings

LENGTHS = {
    "usual": MIX,
    "short": ((45, 40), (60, 40), (90, 20)),
    "long": ((105, 70), (185, 30)),
    "mixed": ((30, 20), (75, 30), (150, 30), (240, 20)),
}
HEAD = "| demand | booked by | of the bound | bound | wait | off the wish | placed |"


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    clinic = ClinicSettings(
        chairs=asked.chairs,
        closes=time(asked.closes),
        mix=LENGTHS[asked.mix],
        patients_per_nurse=asked.patients_per_nurse,
        nurse_share=100 // asked.patients_per_nurse,
        grid=asked.grid,
    )
    sys.stdout.write(f"{HEAD}\n|---|---|---|---|---|---|---|\n")
    for demand in asked.demand:
        settings = SimulationSettings(
            clinic=clinic, demand=demand, weeks=asked.weeks, singles_percent=asked.singles
        )
        for name in asked.by:
            one = averaged(BOOKERS[name], settings, asked.seeds)
            sys.stdout.write(
                f"| {demand} % | {name} | {one.utilisation:.1f} % | {one.bound:.1f} % "
                f"| {one.wait:.1f} d | {one.deviation:.0f} min | {one.placed:.1f} % |\n"
            )
            sys.stdout.flush()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.simulate_settings")
    parser.add_argument("--chairs", type=int, default=12)
    parser.add_argument("--closes", type=int, default=18, help="hour; the clinic opens at 8")
    parser.add_argument("--mix", choices=LENGTHS, default="usual")
    parser.add_argument("--patients-per-nurse", type=int, default=4)
    parser.add_argument("--grid", type=int, default=5, help="minutes")
    parser.add_argument("--demand", type=int, nargs="+", default=[90, 100, 110, 130])
    parser.add_argument("--singles", type=int, default=10, help="percent of the visits")
    parser.add_argument("--weeks", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--by", nargs="+", choices=BOOKERS, default=list(BOOKERS))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
