"""Asking witnesses over HTTP: all at once, and nobody for longer than the round lasts.

A witness is a stranger: it may answer nothing, or for ever, or a byte a second. Each request
has a thread; when the round ends, whatever still runs has its connection cut, and its answer
is dropped. Redirects are not followed, since the policy says where a witness is.
"""

from __future__ import annotations

import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from vidimus.errors import OutsideFailed
from vidimus.operations.ports import Reply

SECONDS = 5.0
MOST_BYTES = 64 * 1024  # of an answer; a signature line has a few hundred

_PORTS = {"http": 80, "https": 443}


def address(url: str) -> SplitResult:
    """The parts of a witness's address, its submission prefix. Raises OutsideFailed."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("not http:// or https:// with a host")
        if parts.username is not None or not url.isascii() or not url.isprintable():
            raise ValueError("not an address without a password")
        _ = parts.port  # raises, if it is none
    except ValueError as error:
        raise OutsideFailed(f"has an address in the policy that is none: {url[:80]!r}") from error
    return parts


class HttpCourier:
    """A Courier for one round, which begins when it is made."""

    def __init__(
        self, seconds: float = SECONDS, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds
        self._back: queue.SimpleQueue[tuple[str, Reply | OutsideFailed]] = queue.SimpleQueue()
        self._lines: dict[str, _Line] = {}

    def send(self, name: str, url: str, body: bytes) -> None:
        line = self._lines.setdefault(name, _Line())

        def run() -> None:
            try:
                reply: Reply | OutsideFailed = line.post(url, body, self._left())
            except OutsideFailed as error:
                reply = error
            self._back.put((name, reply))

        # A daemon, since looking up a name can hang for longer than anybody waits for it.
        threading.Thread(target=run, daemon=True, name=f"witness {name}").start()

    def receive(self) -> tuple[str, Reply | OutsideFailed] | None:
        try:
            return self._back.get(timeout=self._left())
        except queue.Empty:
            return None

    def close(self) -> None:
        for line in self._lines.values():
            line.cut()

    def _left(self) -> float:
        return max(0.001, self._end - self._monotonic())


class _Line:
    """A connection to one witness, kept for its second question, and cut from outside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._socket: socket.socket | None = None
        self._busy = False
        self._over = False

    def post(self, url: str, body: bytes, seconds: float) -> Reply:
        with self._lock:
            self._busy = True
        done = False
        try:
            parts = address(url)
            connection = self._connected(parts, seconds)
            connection.request("POST", f"{parts.path.rstrip('/')}/add-checkpoint", body)
            with connection.getresponse() as response:
                content = response.read(MOST_BYTES + 1)
                if len(content) > MOST_BYTES:
                    raise OutsideFailed("answers without an end")
                done = True
                return Reply(response.status, response.headers.get("Content-Type", ""), content)
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = getattr(error, "strerror", None) or type(error).__name__
            raise OutsideFailed(f"cannot be asked: {said}") from error
        finally:
            with self._lock:
                self._busy = False
                if self._over or not done:
                    self._close()

    def cut(self) -> None:
        with self._lock:
            self._over = True
            if not self._busy:
                self._close()
            elif self._socket is not None:
                _shut(self._socket)

    def _connected(self, parts: SplitResult, seconds: float) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)
            return self._connection
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(host, port, timeout=seconds)
        plain = self._hold(socket.create_connection((host, port), seconds))
        # Head and body are sent apart; together they would wait for each other.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock, self._connection = plain, connection
        if secure:
            context = ssl.create_default_context()
            # The handshake apart, so that a witness that drips can be cut off in it too.
            wrapped = context.wrap_socket(
                plain, server_hostname=host, do_handshake_on_connect=False
            )
            connection.sock = self._hold(wrapped)
            wrapped.do_handshake()
        return connection

    def _hold(self, opened: socket.socket) -> socket.socket:
        with self._lock:
            self._socket = opened
            if self._over:
                opened.close()
                raise OutsideFailed("did not answer in time")
        return opened

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._socket is not None:
            self._socket.close()
        self._connection = self._socket = None


def _shut(held: socket.socket) -> None:
    try:
        # Not the method of a TLS socket, which would pull its state from under its reader.
        socket.socket.shutdown(held, socket.SHUT_RDWR)
    except OSError:
        return  # it was gone already
