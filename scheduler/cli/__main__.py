"""`python3 -m scheduler.cli`, which `python3 -m scheduler` hands over to."""

from __future__ import annotations

import sys

from scheduler.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
