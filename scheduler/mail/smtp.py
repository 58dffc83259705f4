"""Delivers to a mail server, and tells one bad address from a server in trouble (trust I13)."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress

from scheduler.invites.clean_text import one_line
from scheduler.mail.parcel import NobodyThere, NotNow, Parcel, Receipt, Refused, ServerTrouble
from scheduler.mail.smtp_url import Server

TIMEOUT_SECONDS = 10.0
_NOBODY = re.compile(r"55[013](?![ -][245]\.)|55\d[ -]5\.1\.")
"""No such user: 550, 551, 553 (RFC 5321 4.2.3) without a finer code, or 5.1.x (RFC 3463 3.2); a
full mailbox or a policy is no wrong address."""
FAULTS = (OSError, smtplib.SMTPException)
PERMANENT = 500


class SmtpTransport:
    """One connection, kept while there is something to send."""

    def __init__(self, server: Server, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.server = server
        self.timeout_seconds = timeout_seconds
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect, encrypt, sign in. Whatever fails here stops everything: ServerTrouble."""
        if self._smtp is not None:
            return
        try:
            self._smtp = self._connect()
            self._sign_in(self._smtp)
        except FAULTS as error:
            self._hang_up()
            raise ServerTrouble(_words(error)) from error

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        name = "localhost" if server.on_this_machine else None
        if server.tls == "implicit":
            return smtplib.SMTP_SSL(
                server.host,
                server.port,
                local_hostname=name,
                timeout=self.timeout_seconds,
                context=self._context(),
            )
        return smtplib.SMTP(
            server.host, server.port, local_hostname=name, timeout=self.timeout_seconds
        )

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self.server.tls == "starttls":
            smtp.starttls(context=self._context())
        if self.server.user:
            smtp.login(self.server.user, self.server.password)

    def _context(self) -> ssl.SSLContext:
        """Certificates and host names are checked, always."""
        return ssl.create_default_context(cafile=self.server.ca_file)

    def send(self, parcel: Parcel) -> Receipt:
        self.open()
        self._ask(lambda smtp: smtp.mail(parcel.sender), on_no=ServerTrouble)
        self._ask(lambda smtp: smtp.rcpt(parcel.recipient), on_no=NobodyThere)
        said = self._ask(lambda smtp: _data(smtp, parcel.data), on_no=Refused, uncertain=True)
        return Receipt(said=one_line(said, 300))

    def _ask(
        self,
        command: Callable[[smtplib.SMTP], tuple[int, bytes]],
        *,
        on_no: type[Refused] | type[ServerTrouble],
        uncertain: bool = False,
    ) -> str:
        """One step of the dialogue; what was answered. `uncertain`: silence may hide a yes."""
        smtp = self._smtp
        if smtp is None:
            raise NotNow("The connection was closed.")
        try:
            code, text = command(smtp)
        except FAULTS as error:
            self._hang_up()
            raise NotNow(_words(error), uncertain=uncertain) from error
        answer = f"{code} {text.decode(errors='replace')}"
        if code < 400:
            return answer
        self._start_over(code)
        if code < PERMANENT:
            raise NotNow(answer)
        raise (Refused if on_no is NobodyThere and not _NOBODY.match(answer) else on_no)(answer)

    def _start_over(self, code: int) -> None:
        """After a no the dialogue begins anew; after 421 the server hangs up."""
        try:
            if self._smtp is not None and code != 421:
                self._smtp.rset()
                return
        except FAULTS:
            pass
        self._hang_up()

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(*FAULTS):
                self._smtp.quit()
        self._hang_up()

    def probe(self) -> None:
        self.open()
        self._ask(lambda smtp: smtp.noop(), on_no=ServerTrouble)
        self.close()

    def _hang_up(self) -> None:
        """Without a word: a server that is silent would be waited for once more."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(*FAULTS):
                smtp.close()


def _data(smtp: smtplib.SMTP, data: bytes) -> tuple[int, bytes]:
    """A no before the text is an answer like any other."""
    try:
        return smtp.data(data)
    except smtplib.SMTPDataError as error:
        text = error.smtp_error
        return error.smtp_code, text if isinstance(text, bytes) else text.encode()


def _words(error: BaseException) -> str:
    """For staff: what went wrong, without a Python name where there is a better one."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        shown = text.decode(errors="replace") if isinstance(text, bytes) else text
        return f"{error.smtp_code} {shown}"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "The mail server did not answer in time."
    return str(error) or type(error).__name__
