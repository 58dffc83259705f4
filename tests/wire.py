"""A browser without script that speaks real HTTP to a running server, for `tests.desk.Desk`."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any

from tests.desk import Desk


@dataclass
class Answer:
    """As much of a response as `Desk` reads."""

    status_code: int
    headers: Message
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def mimetype(self) -> str:
        return self.headers.get_content_type()

    @property
    def location(self) -> str:
        return str(self.headers["Location"])


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class WireClient:
    """Keeps cookies, follows nothing by itself."""

    def __init__(self, address: str) -> None:
        self._address = address
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(jar, _StayHere)

    def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        return self._ask(url, None, headers)

    def post(self, url: str, data: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return self._ask(url, urllib.parse.urlencode(data or {}, doseq=True).encode(), headers)

    def _ask(self, url: str, body: bytes | None, headers: dict[str, str] | None) -> Answer:
        full = urllib.parse.urljoin(self._address, url)
        request = urllib.request.Request(full, data=body, headers=headers or {})
        try:
            with self._opener.open(request, timeout=60) as found:
                return Answer(found.status, found.headers, found.read())
        except urllib.error.HTTPError as found:
            with found:
                return Answer(found.code, found.headers, found.read())


class WireDesk(Desk):
    """Somebody at the desk, signed in over the network."""

    def __init__(self, address: str, email: str, password: str) -> None:
        self.client = WireClient(address)  # type: ignore[assignment]
        self.page = ""
        self.get("/login")
        answer = self.client.post(
            "/login", data={"email": email, "password": password, "csrf_token": self.csrf()}
        )
        assert answer.status_code == 302, answer.text
