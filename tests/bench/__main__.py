"""`python3 -m scheduler bench [suite ...] [--quick] [--json FILE]`: measure, print, write JSON.

Exit code 1 where a ratio or an exactness goal is missed. A suite is a module of this package with
`run(quick: bool) -> list[Figure]`.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from tests.bench.figures import Figure, as_json, machine, table

SUITES = ("propose", "scale", "simulate", "reaccommodate", "book", "http", "messages")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m scheduler bench")
    parser.add_argument("suite", nargs="*", default=["all"], choices=[*SUITES, "all"])
    parser.add_argument("--quick", action="store_true", help="fewer and smaller instances")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    chosen = parser.parse_args(arguments)
    names = SUITES if "all" in chosen.suite else chosen.suite
    print(" ".join(f"{key}={value}" for key, value in machine().items()))
    found: dict[str, list[Figure]] = {}
    for name in names:
        print(f"{name}: load average {os.getloadavg()[0]:.1f}", flush=True)
        found[name] = importlib.import_module(f"tests.bench.{name}").run(quick=chosen.quick)
        print(table(name, found[name]), flush=True)
    if chosen.json:
        chosen.json.write_text(as_json(found) + "\n")
    missed = [one for figures in found.values() for one in figures if one.verdict == "MISSED"]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
