"""Requests read by llhttp, within bounds: uvicorn's own protocol for httptools has none.

It keeps whatever comes of a head that never ends, queues every request that was sent behind
another one, and takes trailers for headers. Here

- a head, or what else comes without being body, is at most 64 KiB long until it ends;
- at most a hundred requests wait behind the one that is being answered;
- there is one Host, as RFC 9112 section 3.2 demands;
- what stands behind a chunked body is dropped, as RFC 9110 section 6.5.1 allows;
- a request that offers another protocol keeps its body: h11 reads it.

Who goes beyond is answered with 400 if nothing else is under way on this connection, and it
is closed. How long a head may take is the business of `server.py`.
"""

from __future__ import annotations

from typing import Any

import httptools
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vidimus.web.limits import LONGEST_HEAD

MOST_WAITING = 100  # one read of 256 KiB holds 14,000 requests


class Bounded(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *known: Any, **named: Any) -> None:
        super().__init__(*known, **named)
        self._open = 0  # bytes since the last end of a head, piece of a body, end of a request
        self._in_head, self._hosts = False, 0
        self._deaf = False  # to be closed: nothing more is read of it

    def data_received(self, data: bytes) -> None:
        self._open += len(data)
        while data and not self._deaf:
            try:
                self._unset_keepalive_if_required()
                self.parser.feed_data(data)
                data = b""
            except httptools.HttpParserUpgrade as found:
                self._pass_on(data[found.args[0] :])
            except httptools.HttpParserError:
                self.send_400_response("Invalid HTTP request received.")
        if self._open > LONGEST_HEAD and not self._deaf:
            self.send_400_response("The head of this request is too long.")

    def _pass_on(self, rest: bytes) -> None:
        """To h11, with the head that was read and whatever came behind it.

        It offers another protocol, which nobody speaks here, so it is an ordinary request
        (RFC 9110 section 7.8); llhttp reads no body of such a one.
        """
        self._deaf = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
            return
        version = self.parser.get_http_version().encode()
        head = [self.parser.get_method(), b" ", self.url, b" HTTP/", version, b"\r\n"]
        for name, value in self.headers:
            head += [name, b": ", value, b"\r\n"]
        other = H11Protocol(self.config, self.server_state, self.app_state)
        self.connections.discard(self)
        other.connection_made(self.transport)
        self.transport.set_protocol(other)
        other.data_received(b"".join((*head, b"\r\n", rest)))

    def send_400_response(self, msg: str) -> None:
        self._deaf = True
        last = self.cycle
        if last is None or last.response_complete:
            super().send_400_response(msg)
        elif not last.more_body:
            # What came whole is answered, in its order; then the connection is closed.
            last.keep_alive = False
        elif last.response_started or self.pipeline:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        self._in_head, self._hosts = True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            super().on_header(name, value)
            self._hosts += self.headers[-1][0] == b"host"

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        if len(self.pipeline) >= MOST_WAITING:
            raise ValueError("too many requests at once")
        if self._hosts > 1 or (self._hosts == 0 and self.parser.get_http_version() == "1.1"):
            raise ValueError("not one host")
        self._in_head, self._open = False, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._open = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._open = 0
        super().on_message_complete()
