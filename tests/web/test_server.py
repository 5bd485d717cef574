"""Listening: an address one can open, and an error one can understand."""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
import urllib.request
from dataclasses import replace

import pytest
from tests.web import town as towns
from tests.web.browsing import serving
from tests.web.conftest import ROOMY
from tests.web.test_door import Slow

from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal
from vidimus.errors import OutsideFailed, UsageError
from vidimus.web.app import create_app
from vidimus.web.server import address_of, listen


def test_ready_is_told_an_address_that_answers(
    town: towns.Town, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(create_app(town.desk)) as address:
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.status == 200
            assert "server" not in answer.headers
    out, err = capfd.readouterr()
    assert "GET" not in out + err, "who asked for what is nobody's business"


@pytest.mark.parametrize("chunked", [False, True])
def test_whoever_sends_too_much_reads_why(town: towns.Town, chunked: bool) -> None:
    """A connection that breaks while it sends would leave a browser with no page at all."""
    limits = replace(ROOMY, body_bytes=1_000_000)
    body = b"x" * 3_000_000
    with serving(create_app(town.desk, limits=limits)) as address:
        caller = http.client.HTTPConnection(address.split("/")[2], timeout=30)
        caller.request(
            "POST",
            "/",
            body=iter([body]) if chunked else body,
            headers={"Content-Type": "text/plain"},
            encode_chunked=chunked,
        )
        answer = caller.getresponse()
        assert answer.status == 413
        assert b"This request is larger than 1,000,000 bytes" in answer.read()
        caller.close()


def test_a_request_whose_head_does_not_end_is_not_taken_in(town: towns.Town) -> None:
    """All that has come of one is kept until it ends."""
    with serving(create_app(town.desk)) as address:
        host, port = address.split("/")[2].split(":")
        with socket.create_connection((host, int(port)), timeout=30) as caller:
            caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            sent = 0
            with pytest.raises(OSError):
                while sent < 50_000_000:
                    sent += caller.send(b"X-More: %s\r\n" % (b"x" * 8_000))


def test_a_visitor_who_left_is_not_waited_for(town: towns.Town) -> None:
    """Of two checks in a queue of one, that of the visitor who left is never begun."""
    begun, go = [], threading.Event()

    def wait() -> None:
        begun.append(1)
        go.wait(30)

    app = create_app(Slow(town.desk, wait), limits=replace(ROOMY, at_once=1, waiting=1))
    with serving(app) as address:
        host, port = address.split("/")[2].split(":")
        request = (
            b"POST /check HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
            b"Content-Length: 10\r\n\r\nsome words"
        )
        first = socket.create_connection((host, int(port)))
        first.sendall(request)
        while not begun:
            time.sleep(0.01)
        second = socket.create_connection((host, int(port)))
        second.sendall(request)
        time.sleep(0.2)
        second.close()
        # The place in the queue is free again as soon as somebody looked.
        ask = urllib.request.Request(
            address + "check", data=b"some words", headers={"Content-Type": "text/plain"}
        )
        time.sleep(2.5)
        threading.Timer(0.3, go.set).start()
        with urllib.request.urlopen(ask, timeout=30) as answer:
            assert answer.status == 200
        first.close()
    assert len(begun) == 2


def test_a_port_that_is_taken_is_an_error_with_a_hint() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OutsideFailed) as raised:
            listen("127.0.0.1", port)
    assert str(port) in raised.value.fact
    assert "--port" in raised.value.hint
    assert "PORT=…" in raised.value.hint


def test_no_address_is_printed_before_the_socket_is_ours(town: towns.Town) -> None:
    """Somebody else's page stands at that address; nobody may be sent there."""
    said = io.StringIO()
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        arguments = ["serve", "--registry", str(town.folder), "--port", str(port)]
        status = main(arguments, Terminal(io.BytesIO(), said, said))
    assert status == 3
    assert "http://" not in said.getvalue()
    assert "vidimus: outside-failed: cannot listen on 127.0.0.1" in said.getvalue()


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_is_a_number_of_sixteen_bits(port: int) -> None:
    with pytest.raises(UsageError):
        listen("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_an_error() -> None:
    with pytest.raises(OutsideFailed):
        listen("192.0.2.1", 0)


def test_an_address_of_version_six_stands_in_brackets() -> None:
    try:
        listening = listen("::1", 0)
    except OutsideFailed:
        pytest.skip("no IPv6 on this machine")
    with listening:
        assert address_of(listening).startswith("http://[::1]:")
