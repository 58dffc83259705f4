"""Hands text messages and calls to a provider over HTTPS, and tells its answers apart (I13)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse
from urllib3.util import parse_url

from scheduler.clock import utcnow
from scheduler.mail.parcel import NotNow, Parcel, Receipt, Refused, ServerTrouble
from scheduler.phone import signing

TIMEOUT_SECONDS = 10.0
LONGEST_ANSWER = 64 * 1024
HERE = ("localhost", "127.0.0.1", "::1")
NOT_US = (401, 403)
"""The provider does not know us: that concerns every message."""
LATER = (408, 425, 429)
NOTHING_LEFT = (NewConnectionError, NameResolutionError, ConnectTimeoutError)
"""The request was never sent, so it cannot have been taken."""


class WebhookTransport:
    """One POST per message. No redirect is followed, certificates are always checked, and plain
    http goes to this machine only."""

    def __init__(
        self,
        url: str,
        secret: str,
        timeout_seconds: float = TIMEOUT_SECONDS,
        clock: Callable[[], datetime] = utcnow,
        ca_file: str | None = None,
    ) -> None:
        self.url, self.secret = _checked(url), secret
        self.timeout_seconds = timeout_seconds
        self._clock = clock
        self._ca_file = ca_file
        self._pool: PoolManager | None = None

    def open(self) -> None:
        """Connections are made when they are needed; nothing can fail here."""
        if self._pool is None:
            self._pool = PoolManager(
                num_pools=1,
                timeout=Timeout(total=self.timeout_seconds),
                retries=False,
                cert_reqs="CERT_REQUIRED",
                ca_certs=self._ca_file,
            )

    def send(self, parcel: Parcel) -> Receipt:
        key = str(json.loads(parcel.data)["id"])
        status, text = self._post(parcel.data, {"Idempotency-Key": key})
        if 200 <= status < 300:
            return Receipt(said=f"{status}", reference=_reference(text))
        answer = f"{status} {text.decode(errors='replace')}"
        if status in NOT_US or 300 <= status < 400:
            raise ServerTrouble(f"The provider sends us away: {answer}")
        if status in LATER or status >= 500:
            raise NotNow(answer, uncertain=status >= 500 or status == 408)
        raise Refused(answer)

    def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.clear()

    def probe(self) -> None:
        """An empty list of messages: a provider that knows us answers anything but 401 or 403."""
        try:
            status, _ = self._post(b"[]", {})
        except NotNow as trouble:
            raise ServerTrouble(trouble.why) from trouble
        finally:
            self.close()
        if status in NOT_US or 300 <= status < 400 or status >= 500:
            raise ServerTrouble(f"The provider answered {status}.")

    def _post(self, body: bytes, more: dict[str, str]) -> tuple[int, bytes]:
        """Status and the beginning of the answer. Raises NotNow, ServerTrouble."""
        self.open()
        signed = signing.headers(self.secret, body, now=self._clock())
        headers = {"Content-Type": "application/json", **signed, **more}
        try:
            return self._ask(body, headers)
        except (SSLError, LocationValueError) as error:
            raise ServerTrouble(_words(error)) from error
        except NOTHING_LEFT as error:
            raise ServerTrouble(_words(error)) from error
        except (HTTPError, OSError) as error:
            raise NotNow(_words(error), uncertain=True) from error

    def _ask(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        pool = self._pool
        if pool is None:
            raise ServerTrouble("The connection was closed.")
        response: BaseHTTPResponse = pool.request(
            "POST", self.url, body=body, headers=headers, redirect=False, preload_content=False
        )
        try:
            return response.status, response.read(LONGEST_ANSWER)
        finally:
            response.release_conn()


def _checked(url: str) -> str:
    """Raises ValueError with a sentence for the person who set it."""
    parts = parse_url(url)
    host = (parts.host or "").strip("[]")
    if host and (parts.scheme == "https" or (parts.scheme == "http" and host in HERE)):
        return url
    raise ValueError("PHONE_URL must be an https address.")


def _reference(text: bytes) -> str:
    """The provider's own number for the message; none if it gave none that can be read."""
    try:
        given = json.loads(text).get("id", "")
    except (ValueError, AttributeError):
        return ""
    return str(given)[:120]


def _words(error: BaseException) -> str:
    """For staff: what went wrong, without an address or a Python name where there is a better."""
    if isinstance(error, NOTHING_LEFT):
        return "The provider cannot be reached."
    if isinstance(error, SSLError):
        return "The provider's certificate is not accepted."
    if "timed out" in str(error):
        return "The provider did not answer in time."
    return "The connection to the provider broke."
