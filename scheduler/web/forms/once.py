"""A form whose second sending, a double click or a reload, has no second effect (trust I5)."""

from __future__ import annotations

import secrets

from wtforms import HiddenField

from scheduler.web.forms.base import Form


def _fresh() -> str:
    return secrets.token_urlsafe(24)


class OnceForm(Form):
    """`form_token` goes to the service, which remembers what its first use made."""

    form_token = HiddenField(default=_fresh)
