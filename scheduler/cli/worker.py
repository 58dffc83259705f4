"""`worker`: delivers what is due until it is stopped."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from config import Settings
from scheduler import create_app
from scheduler.cli.db import refuse_old_database
from scheduler.cli.words import CommandFailed, say
from scheduler.mail.transport import transport_from
from scheduler.worker.runner import run_forever


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="scheduler worker",
        description="Deliver messages until stopped. Several workers may run; they share the work.",
    )
    parser.parse_args(arguments)
    settings = Settings.from_environ(os.environ)
    try:
        transport = transport_from(settings.smtp_url, settings.data_dir)
    except ValueError as error:
        raise CommandFailed(f"SMTP_URL: {error}") from None
    app = create_app(settings)
    refuse_old_database(app)
    say("The worker delivers what is due. Ctrl-C ends it.")
    run_forever(app.app_context, transport)
    say("The worker has ended.")
    return 0
