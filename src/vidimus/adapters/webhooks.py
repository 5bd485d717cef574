"""Posting a message to an address that a stranger gave us.

It is asked for where it leads before anything is sent, and the connection goes to the address
that was looked at, and to no other: a name that is looked up twice can mean two machines. What
lies in our own network is refused (OWASP, “Server-Side Request Forgery”), redirects are not
followed, and neither a slow answer nor a long one holds us for more than `SECONDS`.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from vidimus.core.notices.subscriber import Posted
from vidimus.errors import OutsideFailed, UsageError

SECONDS = 10.0
MOST_BYTES = 64 * 1024  # of an answer; nobody reads it, but an answer is read to its end
MOST_ADDRESSES = 4  # of one name that are tried
LONGEST_URL = 2000

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

# (host, port) → the addresses that it has, as text. Raises OSError.
Resolve = Callable[[str, int], list[str]]


def require_url(url: str, *, private: bool) -> SplitResult:
    """The parts of an address to post to. Raises UsageError for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"“{url[:80]}” is no address: {error}") from error
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if parts.scheme not in _PORTS or not parts.hostname or not plain or port == 0:
        raise UsageError(f"“{url[:80]}” is no address", hint="https://news.example/hooks/letters")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise UsageError("an address has no user, password or “#” here")
    if parts.scheme == "http" and not private:
        raise UsageError(
            "this address has no TLS: anybody on the way could hold a message back",
            hint="https://…; http:// is for your own network alone: --allow-private",
        )
    return parts


def outside(text: str) -> bool:
    """Is this an address of the public internet, and of nobody's own network?"""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        # Four ways to write an IPv4 address as one of IPv6; a gateway would lead there.
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None:
            inner = address.teredo[1]
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None and not outside(str(inner)):
            return False
        if address.is_site_local:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class HttpPost:
    """A Post. Several threads may use it at once."""

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        resolve: Resolve = resolved,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds = seconds
        self._resolve = resolve
        self._context = context

    def __call__(self, url: str, headers: dict[str, str], body: bytes, *, private: bool) -> Posted:
        try:
            parts = require_url(url, private=private)
        except UsageError as error:
            raise OutsideFailed(error.fact) from error
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        addresses = self._addresses(host, port, private)
        line = _Line(time.monotonic() + self._seconds)
        # A slow reader of ours would wait for each byte anew; this ends all of it.
        timer = threading.Timer(self._seconds, line.cut)
        timer.daemon = True
        timer.start()
        try:
            return self._posted(line, parts, addresses, port, headers, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if line.over:
                raise OutsideFailed(
                    f"it did not answer within {self._seconds:.0f} seconds"
                ) from error
            said = getattr(error, "strerror", None) or type(error).__name__
            raise OutsideFailed(f"it cannot be reached: {said}") from error
        finally:
            timer.cancel()
            line.close()

    def _addresses(self, host: str, port: int, private: bool) -> list[str]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise OutsideFailed(f"the name {host[:80]} leads nowhere") from error
        if not found:
            raise OutsideFailed(f"the name {host[:80]} leads nowhere")
        # All of them: one that leads inside tells enough about whoever made the name.
        if not private and not all(map(outside, found)):
            raise OutsideFailed(
                f"{host[:80]} leads into a network of its own, and is not asked",
                hint="if that is meant, add it again with --allow-private",
            )
        return found[:MOST_ADDRESSES]

    def _posted(
        self,
        line: _Line,
        parts: SplitResult,
        addresses: list[str],
        port: int,
        headers: dict[str, str],
        body: bytes,
    ) -> Posted:
        host = parts.hostname or ""
        connection = http.client.HTTPConnection(host, port)
        if parts.port is None:
            connection.port = 80  # so that the Host header names no port
        connection.sock = line.connected(addresses, port)
        if parts.scheme == "https":
            context = self._context or ssl.create_default_context()
            connection.sock = line.wrapped(context, host)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {**headers, "user-agent": "vidimus"})
        with connection.getresponse() as response:
            status, asked = response.status, response.headers.get("retry-after", "")
            # The status is all that counts; what follows is not worth an error.
            response.read1(MOST_BYTES)
        wait = float(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else None
        return Posted(status, wait)


class _Line:
    """The socket of one message, that another thread can cut."""

    def __init__(self, end: float) -> None:
        self._end = end
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.over = False

    def connected(self, addresses: list[str], port: int) -> socket.socket:
        last: OSError = OSError("no address")
        for each in addresses:
            left = self._end - time.monotonic()
            if left <= 0:
                break
            try:
                return self._hold(socket.create_connection((each, port), left))
            except OSError as error:
                last = error
        raise last

    def wrapped(self, context: ssl.SSLContext, host: str) -> socket.socket:
        assert self._socket is not None
        plain = self._socket
        wrapped = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        self._hold(wrapped)
        wrapped.do_handshake()
        return wrapped

    def cut(self) -> None:
        with self._lock:
            self.over = True
            if self._socket is not None:
                try:
                    # Not the method of a TLS socket, which would pull its state from its reader.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
                except OSError:
                    return  # it was gone already

    def close(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()

    def _hold(self, opened: socket.socket) -> socket.socket:
        with self._lock:
            self._socket = opened
            if self.over:
                opened.close()
                raise OSError("too late")
        return opened
