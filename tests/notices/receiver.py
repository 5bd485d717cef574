"""A newsroom's server: it keeps what arrives, and answers as a test wants it to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Message:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def entry(self) -> int:
        return int(json.loads(self.body)["data"]["entry"])

    @property
    def act(self) -> str:
        return str(json.loads(self.body)["data"]["act"])


# What is answered to a message: a status, or bytes that are sent as they are, slowly.
Answer = Callable[[Message], "int | tuple[int, dict[str, str]]"]


@dataclass
class Receiver:
    url: str
    answer: Answer = lambda _message: 204
    got: list[Message] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int, seconds: float = 20) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, seconds), self.got

    def once(self) -> list[Message]:
        """Without what came again: as the standard asks of a receiver."""
        return list({each.id: each for each in reversed(self.got)}.values())[::-1]


@contextmanager
def receiving(answer: Answer = lambda _message: 204) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            message = Message(self.path, headers, self.rfile.read(length))
            with made.arrived:
                made.got.append(message)
                made.arrived.notify_all()
            answered = made.answer(message)
            status, more = answered if isinstance(answered, tuple) else (answered, {})
            with suppress(OSError):
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = Receiver(f"http://127.0.0.1:{server.server_port}/hook", answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping(piece: bytes, pause: float = 0.05) -> Iterator[str]:
    """A server that answers without an end; gives its address."""
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)

    def serve() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                line, _ = listening.accept()
                with line, suppress(OSError):
                    line.recv(65536)
                    line.sendall(b"HTTP/1.1 200 OK\r\n")
                    while not over.wait(pause):
                        line.sendall(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        over.set()
        thread.join()
        listening.close()
