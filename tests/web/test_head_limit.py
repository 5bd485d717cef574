"""What a connection may cost before anybody knows what it wants: over real sockets."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send
from tests.web.browsing import serving

from vidimus.web.limits import LONGEST_HEAD

pytest.importorskip("httptools")

MIB = 1024 * 1024


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells what it was asked: path, length of the body, headers as they are after the body."""
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    names = [name.decode() for name, _ in scope["headers"]]
    body = json.dumps([scope["path"], length, names]).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(echo) as where:
        yield where


@contextlib.contextmanager
def calling(address: str) -> Iterator[socket.socket]:
    host, port = address.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), timeout=30) as caller:
        yield caller


def heard(caller: socket.socket) -> bytes:
    """All until the other side closes."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := caller.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def answers(caller: socket.socket, count: int) -> list[list[object]]:
    """So many answers of `echo`, in order, on a connection that stays open."""
    found: list[list[object]] = []
    with caller.makefile("rb") as lines:
        for _ in range(count):
            assert lines.readline() == b"HTTP/1.1 200 OK\r\n"
            length = 0
            while (line := lines.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                length = int(value) if name == b"content-length" else length
            found.append(json.loads(lines.read(length)))
    return found


def memory() -> int:
    """Of this process, which is the server's too, in bytes."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


def sent_until_closed(caller: socket.socket, piece: bytes) -> int:
    sent = 0
    with contextlib.suppress(OSError):
        while sent < 50 * MIB:
            sent += caller.send(piece)
    return sent


ENDLESS = {
    "one header": (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"x" * 8_000),
    "many headers": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-More: %s\r\n" % (b"x" * 8_000)),
    "the name of a header": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"x" * 8_000),
    "the address": (b"GET /", b"x" * 8_000),
    "empty lines": (b"", b"\r\n" * 4_000),
    "the name of a chunk": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;",
        b"x" * 8_000,
    ),
    "trailers": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        b"X-More: %s\r\n" % (b"x" * 8_000),
    ),
    "a second head": (
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nX: ",
        b"x" * 8_000,
    ),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_never_ends_is_closed_and_costs_others_nothing(address: str, what: str) -> None:
    begin, piece = ENDLESS[what]
    before = memory()
    with calling(address) as caller:
        caller.sendall(begin)
        assert sent_until_closed(caller, piece) < 20 * MIB, "the rest is in the kernels' buffers"
    assert memory() - before < 8 * MIB
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200


def test_a_head_up_to_the_limit_is_read_and_a_longer_one_is_told_so(address: str) -> None:
    """In pieces, as a slow line brings it."""
    for length, status in ((LONGEST_HEAD - 1_000, b"200"), (LONGEST_HEAD + 1_000, b"400")):
        with calling(address) as caller:
            caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ")
            for _ in range(length // 1_000):
                caller.sendall(b"x" * 1_000)
            if status == b"200":
                caller.sendall(b"\r\n\r\n")
            assert heard(caller).startswith(b"HTTP/1.1 " + status)


def test_large_bodies_are_not_heads(address: str) -> None:
    size = 5 * MIB
    head = b"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size
    chunk = b"%x\r\n%s\r\n" % (MIB, b"x" * MIB)
    chunked = b"POST /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with calling(address) as caller:
        caller.sendall(head + b"x" * size)
        assert answers(caller, 1)[0][:2] == ["/large", size]
        caller.sendall(chunked + 5 * chunk + b"0\r\n\r\n")
        assert answers(caller, 1)[0][:2] == ["/chunked", size]


def test_requests_sent_behind_each_other_are_answered_in_order(address: str) -> None:
    requests = [
        b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (n, 10 * n, b"x" * 10 * n)
        for n in range(80)
    ]
    with calling(address) as caller:
        for _ in range(5):  # a connection is good for more than one limit
            caller.sendall(b"".join(requests))
            found = answers(caller, len(requests))
            assert [each[:2] for each in found] == [[f"/{n}", 10 * n] for n in range(80)]


def test_a_flood_of_requests_is_answered_in_part_and_then_closed(address: str) -> None:
    """Each of 27 bytes becomes some thousand in memory."""
    before = memory()
    with calling(address) as caller:
        with contextlib.suppress(OSError):
            caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100_000)
        said = heard(caller)
    assert memory() - before < 16 * MIB
    assert 0 < said.count(b"HTTP/1.1 200 OK") == said.count(b"HTTP/1.1") < 10_000


def test_what_came_whole_is_answered_before_nonsense_closes_the_connection(address: str) -> None:
    with calling(address) as caller:
        caller.sendall(
            b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n"
        )
        said = heard(caller)
    assert said.count(b"HTTP/1.1 200 OK") == said.count(b"HTTP/1.1") == 2
    assert b"connection: close" in said.lower()


@pytest.mark.parametrize("hosts", [b"", b"Host: x\r\nHost: y\r\n"])
def test_a_request_names_one_host(address: str, hosts: bytes) -> None:
    """RFC 9112 section 3.2: without one, or with two, it MUST be answered with 400."""
    with calling(address) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\n" + hosts + b"\r\n")
        assert heard(caller).startswith(b"HTTP/1.1 400")


def test_nonsense_in_a_body_is_answered_with_400(address: str) -> None:
    with calling(address) as caller:
        caller.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
        assert heard(caller).startswith(b"HTTP/1.1 400")


def test_trailers_are_no_headers(address: str) -> None:
    """RFC 9110 section 6.5.1: nobody may smuggle a header past whoever looked at the head."""
    with calling(address) as caller:
        caller.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"5\r\nhello\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
        )
        assert answers(caller, 1) == [["/", 5, ["host", "transfer-encoding"]]]


def test_an_offer_of_another_protocol_is_passed_over(address: str) -> None:
    """RFC 9110 section 7.8. Some clients offer HTTP/2 with their first request, body and all."""
    offer = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    with calling(address) as caller:
        caller.sendall(
            b"POST /offer HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" + offer + b"\r\nhello"
            b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        found = answers(caller, 2)
        assert [each[:2] for each in found] == [["/offer", 5], ["/next", 0]]
        caller.sendall(
            b"POST /again HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" + offer + b"\r\nhel"
        )
        caller.sendall(b"lo")
        assert answers(caller, 1)[0][:2] == ["/again", 5]


@pytest.mark.parametrize(
    "two",
    [b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Content-Length: 5\r\nContent-Length: 6"],
)
def test_a_body_of_two_lengths_is_refused(address: str, two: bytes) -> None:
    """RFC 9112 section 6.3: what a proxy before us read differently would be a second request."""
    with calling(address) as caller:
        caller.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + two + b"\r\n\r\n0\r\n\r\n")
        assert heard(caller).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("line", [b"CONNECT x:1 HTTP/1.1", b"OPTIONS * HTTP/1.1", b"GET  HTTP/1.1"])
def test_whatever_is_asked_the_server_goes_on(address: str, line: bytes) -> None:
    with calling(address) as caller:
        caller.sendall(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert heard(caller).startswith(b"HTTP/1.1")
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200


def test_without_httptools_h11_reads() -> None:
    """In a process of its own, where it cannot be imported."""
    code = (
        "import sys; sys.modules['httptools'] = None\n"
        "from vidimus.web import server; print(server.protocol())"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert found.stdout == "h11\n", found.stderr
