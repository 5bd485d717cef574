"""scittles (vcon-dev/scittles, MIT): a transparency service in Python over SQLite.

It checks no issuer's signature, and registers one statement after the other with two commits
for each. It is run from a checkout that somebody has made ready; nothing of it is here:

    VIDIMUS_SCITTLES=/path/to/checkout           with its environment in .venv there, or
    VIDIMUS_SCITTLES_PYTHON=/path/to/python      another interpreter that has what it needs

Once as it comes, with spans and logs to standard output, which goes nowhere; and once with all
of that off, so that nobody can say that it was its printing that we measured.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT, PYTHON = "VIDIMUS_SCITTLES", "VIDIMUS_SCITTLES_PYTHON"
PATIENCE = 30.0  # seconds until it must answer

# Its own main() has uvicorn log every request.
SILENT = """
import asyncio, sys, uvicorn
from src.main import create_app, settings
uvicorn.run(asyncio.run(create_app()), host=settings.host, port=settings.port,
            access_log=False, log_level="error")
"""
OFF = {
    "SCITT_OTEL_ENABLED": "false",
    "SCITT_OTEL_EXPORTER": "none",
    "SCITT_LOG_LEVEL": "ERROR",
}


def absent() -> str | None:
    """Why it cannot be measured here; None where it can."""
    checkout = os.environ.get(CHECKOUT)
    if not checkout:
        return f"scittles is absent: {CHECKOUT} names no checkout of it"
    if not (Path(checkout) / "src" / "main.py").is_file():
        return f"scittles is absent: {checkout} is no checkout of it"
    if not _python(Path(checkout)).is_file():
        return f"scittles is absent: {_python(Path(checkout))} is no interpreter"
    return None


def _python(checkout: Path) -> Path:
    return Path(os.environ.get(PYTHON) or checkout / ".venv" / "bin" / "python")


@contextmanager
def served(*, silent: bool) -> Iterator[int]:
    """It runs, on loopback alone, with an empty log in a folder of its own; gives the port."""
    checkout = Path(os.environ[CHECKOUT]).absolute()
    port = _free_port()
    with tempfile.TemporaryDirectory() as scratch:
        settings = {
            "DB_PATH": f"{scratch}/transparency.db",
            "SCITT_STORAGE_BACKEND": "sqlite",
            "SCITT_HOST": "127.0.0.1",
            "SCITT_PORT": str(port),
        }
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        child = subprocess.Popen(
            [str(_python(checkout)), *(("-c", SILENT) if silent else ("-m", "src.main"))],
            cwd=checkout,
            env=kept | settings | (OFF if silent else {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _answers(port, child)
            yield port
        finally:
            child.terminate()
            child.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(port: int, child: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("bench: scittles does not start; try it in its checkout by hand")
