"""A witness over HTTP: the statuses, the limits, and what a monitor reads."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.log.test_cosignature import LOG, ORIGIN
from tests.web.browsing import serving
from tests.web.client import TestClient
from tests.witness.parts import HASH, Caller, body, build, head, no_passphrase, signed, time_of

from vidimus import wiring
from vidimus.core.log import note
from vidimus.core.log.checkpoint import open_checkpoint
from vidimus.core.log.cosignature import CosignatureVerifier
from vidimus.core.log.witness import LONGEST_REQUEST, write
from vidimus.web.witness.app import LIMITS, create_app

STRANGER = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x04" * 32))


@pytest.fixture
def key(tmp_path: Path) -> CosignatureVerifier:
    return build(tmp_path / "w")


@pytest.fixture
def client(tmp_path: Path, key: CosignatureVerifier) -> Iterator[TestClient]:
    with TestClient(create_app(wiring.open_witness(tmp_path / "w", no_passphrase))) as made:
        yield made


def test_a_log_is_cosigned_as_it_grows_over_one_connection(
    tmp_path: Path, key: CosignatureVerifier
) -> None:
    """C2SP tlog-witness: 200 with signature lines; witnesses SHOULD support keep-alive."""
    app = create_app(wiring.open_witness(tmp_path / "w", no_passphrase))
    with serving(app) as address, Caller(address) as caller:
        old = 0
        for size in (1, 2, 7, 7, 100):
            before = int(time.time())
            status, kind, answer = caller.post(body(old, size))
            assert (status, kind) == (200, "text/plain; charset=utf-8")
            assert before <= time_of(answer, size, "true", key) <= time.time()
            old = size
        status, kind, answer = caller.post(body(7, 101))
        assert (status, kind, answer) == (409, "text/x.tlog.size", b"100\n")


def test_each_status_over_http(client: TestClient) -> None:
    """The table of tests/log/test_witness.py, one of each, at the door."""
    other = signed(7).replace(ORIGIN, "other.example.org")
    for sent, status in (
        (b"", 400),
        (b"old 0\n\nnonsense\n", 400),
        (b"\xff\xfe", 400),
        (body(0, 7) + b"\n", 400),
        (write(0, (), other).encode(), 404),
        (body(0, 7, signer=STRANGER), 403),
        (write(8, (), signed(7)).encode(), 400),
        (write(5, (), signed(7)).encode(), 409),
        (write(0, [bytes(32)], signed(7)).encode(), 422),
        (body(0, 7), 200),
        (body(7, 9, "forked"), 422),
        (body(7, 7, "forked"), 422),
        (body(0, 9), 409),
        (body(7, 9), 200),
    ):
        answer = client.post("/add-checkpoint", content=sent)
        assert answer.status_code == status, answer.text
        assert answer.text.endswith("\n")
        if status == 409:
            assert answer.headers["content-type"] == "text/x.tlog.size"


def test_a_monitor_reads_the_latest(client: TestClient, key: CosignatureVerifier) -> None:
    """GET <prefix>/<sha256 of the origin>/checkpoint: with the log's and the witness's lines."""
    assert client.get(f"/{HASH}/checkpoint").status_code == 404
    for old, size in ((0, 5), (5, 9)):
        assert client.post("/add-checkpoint", content=body(old, size)).status_code == 200
        answer = client.get(f"/{HASH}/checkpoint")
        assert answer.status_code == 200
        assert open_checkpoint(answer.text, LOG.verifier, ORIGIN) == head(size)
        lines = note.parse(answer.text).signatures
        assert key.verify(str(head(size)), lines[-1]) > 0
    for other in (HASH.upper(), HASH[:-1], sha256(b"other").hexdigest(), "x", "%2e%2e"):
        assert client.get(f"/{other}/checkpoint").status_code == 404


def test_other_methods_and_addresses_are_refused(client: TestClient) -> None:
    assert client.get("/add-checkpoint").status_code == 405
    assert client.put("/add-checkpoint").status_code == 405
    assert client.post(f"/{HASH}/checkpoint").status_code == 405
    assert client.get("/").status_code == 404
    # What the standard leaves optional, we do not have.
    assert client.post("/sign-subtree").status_code == 404


def test_a_key_that_is_trusted_or_not_any_more_counts_at_once(
    tmp_path: Path, client: TestClient
) -> None:
    """Keys are changed by another process, while the witness serves."""
    folder = tmp_path / "w"
    assert client.post("/add-checkpoint", content=body(0, 5, signer=STRANGER)).status_code == 403
    wiring.watch(folder, [STRANGER.verifier], None)
    assert client.post("/add-checkpoint", content=body(0, 5, signer=STRANGER)).status_code == 200
    wiring.unwatch(folder, LOG.verifier, None)
    assert client.post("/add-checkpoint", content=body(5, 6)).status_code == 403
    wiring.unwatch(folder, STRANGER.verifier, None)
    assert client.post("/add-checkpoint", content=body(5, 6)).status_code == 404
    # What was cosigned is not forgotten with the keys.
    wiring.watch(folder, [LOG.verifier], None)
    assert client.post("/add-checkpoint", content=body(0, 6)).text == "5\n"


def test_too_long_too_slow_too_often(tmp_path: Path, key: CosignatureVerifier) -> None:
    witness = wiring.open_witness(tmp_path / "w", no_passphrase)
    limits = replace(LIMITS, body_seconds=0.3, bucket=6.0, refill=0.001)
    with serving(create_app(witness, limits=limits)) as address:
        with Caller(address) as caller:
            assert caller.post(b"x" * (LONGEST_REQUEST + 1))[0] == 413
        host, port = address.split("/")[2].split(":")
        with socket.create_connection((host, int(port)), timeout=10) as slow:
            slow.sendall(
                b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nold"
            )
            assert slow.recv(100).startswith(b"HTTP/1.1 408")
        with Caller(address) as caller:
            seen = [caller.post(b"old 0\n")[0] for _ in range(5)]
            assert seen == [400, 400, 400, 400, 429]


def test_a_memory_that_is_lost_is_not_made_anew(tmp_path: Path, key: CosignatureVerifier) -> None:
    """An empty one would let the witness cosign a second history."""
    folder = tmp_path / "w"
    witness = wiring.open_witness(folder, no_passphrase)
    with TestClient(create_app(witness)) as client:
        assert client.post("/add-checkpoint", content=body(0, 5)).status_code == 200
    for name in ("witness.sqlite", "witness.sqlite-wal", "witness.sqlite-shm"):
        (folder / name).unlink(missing_ok=True)
    with pytest.raises(Exception, match="is lost") as raised:
        wiring.open_witness(folder, no_passphrase)
    assert "do not restore an older copy" in raised.value.hint  # type: ignore[attr-defined]
    # Also where it went while the server ran, and its threads open the file anew.
    with TestClient(create_app(witness)) as client:
        answer = client.post("/add-checkpoint", content=body(0, 5, "forked"))
        assert answer.status_code in (503, 409), answer.text
    (folder / "witness.sqlite").touch()
    with pytest.raises(Exception, match="is lost"):
        wiring.watched(folder)
