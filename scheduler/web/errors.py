"""The one table of our errors' HTTP numbers, and the pages that explain them (house decision 7)."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from scheduler import errors
from scheduler.services.forgetting import forget

log = logging.getLogger(__name__)

STATUS: dict[type[errors.SchedulerError], int] = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.Invalid: 422,
    errors.Stale: 409,
    errors.IllegalChange: 409,
    errors.PlaceTaken: 409,
    errors.NeedsConfirmation: 409,
    errors.PossibleDuplicate: 409,
    errors.SchedulerError: 503,
}


def status_of(error: errors.SchedulerError) -> int:
    """The number of the nearest class in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def init(app: Flask) -> None:
    app.register_error_handler(errors.SchedulerError, _known)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _page(status: int, message: str | None = None, number: str | None = None) -> tuple[str, int]:
    forget()
    known = status if status in (400, 403, 404, 409, 422, 429, 500, 503) else 400
    if request.headers.get("HX-Request"):
        page = render_template("errors/_part.html", status=status, message=message, number=number)
    else:
        page = render_template(f"errors/{known}.html", message=message, number=number)
    return page, status


def _known(error: errors.SchedulerError) -> tuple[str, int]:
    return _page(status_of(error), error.message)


def _csrf(_error: CSRFError) -> tuple[str, int]:
    return _page(
        400, "This form was open for too long. Nothing was saved. Go back and send it again."
    )


def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.code is None or error.code < 400:
        return error  # a redirect
    return _page(error.code, None if error.code in (404, 405) else error.description)


def _unknown(error: Exception) -> tuple[str, int]:
    """Our fault: a number for the person, the traceback for the log. Neither holds form data."""
    number = secrets.token_hex(4)
    log.error("error %s in %s", number, request.endpoint, exc_info=error)
    return _page(500, number=number)
