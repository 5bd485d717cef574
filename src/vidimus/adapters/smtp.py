"""Sending e-mail through the office's own server: SMTP with STARTTLS, or TLS from the start.

The server's certificate is checked. Without TLS only a server on this machine is spoken to.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from vidimus.errors import FormatError, OutsideFailed

SECURITIES = ("starttls", "tls", "none")
HERE = ("localhost", "127.0.0.1", "::1")
SECONDS = 20.0  # for each step of the conversation


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None  # of an authority of the office's own

    def __post_init__(self) -> None:
        if self.security not in SECURITIES:
            raise FormatError(
                f"“{self.security[:40]}” is no security of mail", hint=f"one of: {SECURITIES}"
            )
        if self.security == "none" and self.host not in HERE:
            raise FormatError(
                f"mail to {self.host} would go in the clear",
                hint="security: starttls or tls; none is for a server on this machine",
            )


class Smtp:
    """A Notifier."""

    def __init__(
        self, server: MailServer, now: Callable[[], datetime], *, seconds: float = SECONDS
    ) -> None:
        self._server = server
        self._now = now
        self._seconds = seconds

    @contextmanager
    def session(self) -> Iterator[Mailing]:
        with _told(f"the mail server {self._server.host} cannot be used"):
            connection = self._connected()
        try:
            yield Mailing(connection, self._server, self._now)
        finally:
            # Every message was answered for; whether the server hears the goodbye is its affair.
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context(cafile=server.ca_file)
        connection: smtplib.SMTP
        if server.security == "tls":
            connection = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._seconds, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=self._seconds)
        try:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user is not None and server.password is not None:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


class Mailing:
    def __init__(
        self, connection: smtplib.SMTP, server: MailServer, now: Callable[[], datetime]
    ) -> None:
        self._connection = connection
        self._server = server
        self._now = now

    def send(self, to: str, subject: str, text: str) -> None:
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(self._now())
        message["Message-ID"] = make_msgid(domain=self._server.sender.rpartition("@")[2])
        # RFC 3834: nobody's absence notice should answer it.
        message["Auto-Submitted"] = "auto-generated"
        # Whatever lies on the way, names in any script arrive.
        message.set_content(text, cte="quoted-printable")
        with _told(f"the message to {to} was not taken"):
            self._connection.send_message(message)


@contextmanager
def _told(fact: str) -> Iterator[None]:
    """What the mail server or the way to it said, in one line."""
    try:
        yield
    except (OSError, smtplib.SMTPException) as error:
        said = _said(error)
        raise OutsideFailed(
            f"{fact}: {said}", hint="nothing is lost: what did not go is sent at the next run"
        ) from error


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reason = next(iter(error.recipients.values()))
        return f"{code} {reason.decode(errors='replace')}"[:200]
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        return f"{error.smtp_code} {text}"[:200]
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
