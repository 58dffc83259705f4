"""`doctor`: what is wrong with the configuration, and how to mend it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from config import Settings
from scheduler.cli import database_check, mail_check, replies_check, settings_check
from scheduler.cli.words import say


def run(arguments: Sequence[str]) -> int:
    """0 if nothing needs mending, else 1."""
    parser = argparse.ArgumentParser(
        prog="scheduler doctor",
        description="Check the settings, the database, the mail server and the worker. "
        "Changes nothing and sends nothing.",
    )
    parser.parse_args(arguments)
    settings, problems = Settings.examine(os.environ)
    unusable = {one.name for one in problems}
    say("Settings")
    found = settings_check.findings(settings, problems, os.environ)
    for one in found:
        one.tell()
    say("\nWhat they lead to")
    reached = []
    if "DATABASE_URL" not in unusable:
        reached += database_check.findings(settings.database_url)
    if "SMTP_URL" not in unusable:
        reached += mail_check.findings(settings.smtp_url, settings.data_dir)
    if "IMAP_URL" not in unusable:
        reached += replies_check.findings(settings.imap_url)
    for one in reached:
        one.tell()
    return _verdict(sum(one.level == "wrong" for one in (*found, *reached)))


def _verdict(wrong: int) -> int:
    if not wrong:
        say("\nEverything is in order.")
        return 0
    say(f"\n{'One thing needs' if wrong == 1 else f'{wrong} things need'} mending.")
    return 1
