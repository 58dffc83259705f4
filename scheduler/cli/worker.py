"""`worker`: delivers what is due until it is stopped."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from config import Settings
from scheduler import create_app
from scheduler.cli.db import refuse_old_database
from scheduler.cli.words import CommandFailed, say
from scheduler.worker.runner import run_forever, ticker_from


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="scheduler worker",
        description="Deliver messages until stopped. Several workers may run; they share the work.",
    )
    parser.parse_args(arguments)
    settings = Settings.from_environ(os.environ)
    app = create_app(settings)
    try:
        ticker = ticker_from(settings, app.app_context)
    except ValueError as error:
        raise CommandFailed(str(error)) from None
    refuse_old_database(app)
    say("The worker delivers what is due. Ctrl-C ends it.")
    run_forever(ticker)
    say("The worker has ended.")
    return 0
