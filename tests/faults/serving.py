"""`vidimus log serve` and `vidimus serve` in processes of their own, and those who call them."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.faults.parts import PYTHONPATH

from vidimus.core.seal import problem

ENVIRONMENT = {**os.environ, "PYTHONPATH": PYTHONPATH, "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass
class Server:
    process: subprocess.Popen[str]
    address: str
    _said: IO[str]

    def said(self) -> str:
        """What it wrote to standard error so far."""
        self._said.seek(0)
        return self._said.read()


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "vidimus", *arguments]


def vidimus(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        command(*arguments),
        env=ENVIRONMENT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@contextmanager
def serving(folder: Path, *, log: bool = True) -> Iterator[Server]:
    """It is killed at the end, if it is still there."""
    arguments = (*(("log", "serve") if log else ("serve",)), "--registry", str(folder))
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command(*arguments, "--port", "0"),
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            said.seek(0)
            assert "http://" in line, said.read()
            yield Server(process, line.split("http://")[1].split("/")[0], said)
        finally:
            with suppress(OSError):
                process.kill()
            process.wait()
            process.stdout.close()


class Caller:
    """One connection that is kept; after the server's end every call is a ConnectionError."""

    def __init__(self, address: str) -> None:
        self._line = http.client.HTTPConnection(address, timeout=60)

    def post(self, body: bytes) -> tuple[int, bytes]:
        return self.ask("POST", "/entries", body, "application/cose")

    def get(self, path: str) -> tuple[int, bytes]:
        return self.ask("GET", path)

    def ask(
        self, method: str, path: str, body: bytes | None = None, media: str = ""
    ) -> tuple[int, bytes]:
        try:
            self._line.request(method, path, body, {"content-type": media} if media else {})
            answer = self._line.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, OSError) as error:
            self._line.close()
            raise ConnectionError("it is gone") from error

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_error: object) -> None:
        self._line.close()


def told(body: bytes) -> str:
    """The detail of a problem; a hint stands in it in brackets."""
    title, detail = problem.read(body)
    assert title and detail
    return detail
