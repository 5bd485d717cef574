"""A mail server for tests: it takes what it is told to take, and keeps it."""

from __future__ import annotations

import datetime
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Catcher(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.context = context
        self.mail: list[tuple[str, bytes]] = []  # to whom, and the whole message
        self.refused: set[str] = set()  # addresses that nobody knows here
        self.hang_up_after = 10**9  # messages
        self.greeting = "220 catcher"

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Talk(socketserver.StreamRequestHandler):
    server: Catcher

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say(self.server.greeting)
        to, safe = "", self.server.context is None
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word.startswith("EHLO"):
                self.say("250-catcher")
                self.say("250-8BITMIME" if self.server.context is None else "250-STARTTLS")
                self.say("250 SIZE 100000")
            elif word == "STARTTLS" and self.server.context is not None:
                self.say("220 go on")
                try:
                    wrapped = self.server.context.wrap_socket(self.connection, server_side=True)
                except OSError:
                    return
                self.rfile, self.wfile = wrapped.makefile("rb"), wrapped.makefile("wb", 0)
                self.request, safe = wrapped, True  # for whoever closes it
            elif word.startswith("RCPT TO:"):
                to = line[9:].split(">")[0]
                known = to not in self.server.refused
                self.say("250 ok" if known else "550 nobody of that name here")
            elif word == "DATA" and safe:
                if len(self.server.mail) >= self.server.hang_up_after:
                    return
                self.say("354 go on")
                body = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    body += part
                self.server.mail.append((to, body.replace(b"\r\n..", b"\r\n.")))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok" if safe or word != "DATA" else "530 STARTTLS first")

    def finish(self) -> None:
        super().finish()
        self.request.close()


@contextmanager
def catching(folder: Path | None = None) -> Iterator[Catcher]:
    """Given a folder, with TLS: its certificate lies there as ca.pem."""
    context = None
    if folder is not None:
        _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "ca.pem", folder / "ca.key")
    with Catcher(context) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "catcher")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(made.public_bytes(pem))
    (folder / "ca.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
