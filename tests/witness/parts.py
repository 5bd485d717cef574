"""A log with two histories, a witness in a folder, and a server of it that can be killed."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from tests.log.test_cosignature import LOG, ORIGIN
from tests.log.trees import Tree

from vidimus import wiring
from vidimus.core.log import merkle, note
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.log.cosignature import CosignatureVerifier
from vidimus.core.log.note import Signer
from vidimus.core.log.witness import write

ROOT = Path(__file__).resolve().parents[2]
NAME = "witness.example.org/w1"
HASH = sha256(ORIGIN.encode()).hexdigest()
SIZE = 300
SHARED = 5  # entries that both histories have
TREES = {
    history: Tree([f"{history if n >= SHARED else ''} {n}".encode() for n in range(SIZE)])
    for history in ("true", "forked")
}


def root(size: int, history: str = "true") -> bytes:
    return merkle.root(size, TREES[history].read)


def head(size: int, history: str = "true") -> Checkpoint:
    return Checkpoint(ORIGIN, size, root(size, history))


def signed(size: int, history: str = "true", signer: Signer = LOG) -> str:
    return sign_checkpoint(head(size, history), signer)


def body(old: int, size: int, history: str = "true", signer: Signer = LOG) -> bytes:
    proof = merkle.consistency(old, size, TREES[history].read)
    return write(old, proof, signed(size, history, signer)).encode()


def time_of(answer: bytes | str, size: int, history: str, key: CosignatureVerifier) -> int:
    """The time of the cosignature in a body of 200."""
    text = answer if isinstance(answer, str) else answer.decode()
    (line,) = note.parse_signatures(text)
    return key.verify(str(head(size, history)), line)


def build(folder: Path, name: str = NAME) -> CosignatureVerifier:
    """A witness that watches the log."""
    made = wiring.new_witness(folder, name, None)
    wiring.watch(folder, [LOG.verifier], None)
    return made


def no_passphrase(_name: str) -> tuple[bytes, ...]:
    raise AssertionError("nothing is encrypted here")


class Caller:
    """One connection that is kept, as the standard would have it."""

    def __init__(self, address: str) -> None:
        self._line = http.client.HTTPConnection(address.split("/")[2], timeout=30)

    def post(self, content: bytes) -> tuple[int, str, bytes]:
        self._line.request("POST", "/add-checkpoint", content)
        answer = self._line.getresponse()
        return answer.status, answer.headers["content-type"], answer.read()

    def get(self, path: str) -> tuple[int, str, bytes]:
        self._line.request("GET", path)
        answer = self._line.getresponse()
        return answer.status, answer.headers["content-type"], answer.read()

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_error: object) -> None:
        self._line.close()


@contextmanager
def running(folder: Path, *, roomy: bool = False) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`vidimus witness serve` in a process of its own, and its address.

    With `roomy` nobody is told that they ask too often.
    """
    arguments = ["-m", "vidimus", "witness", "serve", str(folder), "--port", "0"]
    if roomy:
        arguments = ["-m", "tests.witness.roomy", str(folder)]
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))},
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert "http://" in said, said
        yield process, said.split()[2]
    finally:
        with suppress(OSError):
            process.kill()
        process.wait()
        process.stdout.close()
