"""Whoever connects and asks nothing."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from contextlib import ExitStack
from typing import Any

import pytest

from vidimus.web import server as web
from vidimus.web.server import listen, server


async def _app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def _closed(held: socket.socket) -> bool:
    try:
        return held.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize("begin", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-More: "])
@pytest.mark.parametrize("many", [False, True])
def test_it_is_closed(monkeypatch: pytest.MonkeyPatch, many: bool, begin: bytes) -> None:
    """After ten seconds, and after one where there are many; who asks is answered meanwhile."""
    monkeypatch.setattr(web, "MOST_IDLE", 5 if many else 1000)
    monkeypatch.setattr(web, "PATIENCE", 1000 if many else 1)
    with listen("127.0.0.1", 0) as listening, ExitStack() as held:
        running = server(_app, lambda _address: None)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            port = listening.getsockname()[1]
            idle = [
                held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
                for _ in range(8 if many else 2)
            ]
            for each in idle:
                each.sendall(begin)
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            for _ in range(4):
                client.request("GET", "/")
                with client.getresponse() as answer:
                    assert (answer.status, answer.read()) == (204, b"")
                time.sleep(0.4)
            client.close()
            assert all(map(_closed, idle))
        finally:
            running.should_exit = True
            thread.join()
