"""The end of messages by one way: a page with a button, and one click of a mail program."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.services.outgoing import stopping
from scheduler.services.own import links
from scheduler.web import own_link
from scheduler.web.own_words import words_for

bp = own_link.open_to_all(Blueprint("unsubscribe", __name__, url_prefix="/u"), own_csrf=False)
"""RFC 8058: the POST of a mail program brings no cookie and no number of a form. Whoever has the
link may end the messages, and nothing else."""


@bp.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Scanners open links: nothing ends until the button is pressed (trust I22)."""
    return _page(token, done=False)


@bp.post("/<token>")
def stop(token: str) -> ResponseReturnValue:
    """Twice is as good as once."""
    stopping.stop(own_link.opened(token, links.OFF), now=utcnow())
    return _page(token, done=True)


def _page(token: str, *, done: bool) -> str:
    what = stopping.about(own_link.opened(token, links.OFF))
    t = words_for(what.site, what.language)
    return render_template("p/off.html", t=t, token=token, channel=what.channel, done=done)
