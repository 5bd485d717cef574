"""A server that keeps a monitor waiting."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

import pytest

from vidimus.adapters import static_source
from vidimus.errors import OutsideFailed


def test_a_head_that_drips_keeps_no_monitor_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then is in time for the socket, and never the end of an answer."""
    monkeypatch.setattr(static_source, "LONGEST_WAIT", 1.0)
    monkeypatch.setattr(static_source, "SECONDS", 5.0)
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def drip(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.sendall(b"HTTP/1.1 200 OK\r\nX-More: ")
            while not over.wait(0.05):
                client.sendall(b"x")

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    source = static_source.HttpSource(f"http://127.0.0.1:{listening.getsockname()[1]}")
    began = time.monotonic()
    try:
        with pytest.raises(OutsideFailed):
            source.read("checkpoint")
        assert time.monotonic() - began < 5
    finally:
        over.set()
        listening.close()
        source.close()
