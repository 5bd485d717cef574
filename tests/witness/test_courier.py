"""Asking over a real network: nobody keeps a round from ending, whatever it answers."""

from __future__ import annotations

import itertools
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from tests.log.test_cosignature import LOG, ORIGIN
from tests.web.browsing import serving
from tests.witness.parts import TREES, build, head, no_passphrase, signed

from vidimus import wiring
from vidimus.adapters.witness_client import MOST_BYTES, HttpCourier, address
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import open_checkpoint
from vidimus.core.log.policy import Policy, parse
from vidimus.errors import OutsideFailed
from vidimus.operations.ports import Reply
from vidimus.operations.witnessing import Round, ask
from vidimus.web.witness.app import create_app

Talk = Callable[[socket.socket], None]
ROUND = 2.0  # seconds: enough for an honest witness on a busy machine
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@contextmanager
def stranger(talk: Talk) -> Iterator[str]:
    """A server that does to every connection what it likes; gives its address."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)

        def accept() -> None:
            threads = []
            while not stop.is_set():
                with suppress(TimeoutError):
                    caller, _ = listening.accept()
                    threads.append(threading.Thread(target=serve, args=(caller,)))
                    threads[-1].start()
            for each in threads:
                each.join(10)

        def serve(caller: socket.socket) -> None:
            with caller, suppress(OSError):
                caller.settimeout(5)
                talk(caller)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stop.set()
            thread.join(20)


def asked(caller: socket.socket) -> bytes:
    """The whole request: closing before it was read would take the answer back."""
    content = b""
    while True:
        head, divider, body = content.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if divider and (length is None or len(body) >= int(length[1])):
            return content
        more = caller.recv(65536)
        if not more:
            return content
        content += more


def drip(what: bytes) -> Talk:
    def talk(caller: socket.socket) -> None:
        asked(caller)
        for byte in itertools.cycle(what):
            caller.sendall(bytes([byte]))
            time.sleep(0.02)

    return talk


def flood(first: bytes, then: bytes) -> Talk:
    def talk(caller: socket.socket) -> None:
        asked(caller)
        caller.sendall(first)
        for _ in range(2000):
            caller.sendall(then)

    return talk


def once(what: bytes) -> Talk:
    def talk(caller: socket.socket) -> None:
        asked(caller)
        caller.sendall(what)

    return talk


def silent(caller: socket.socket) -> None:
    asked(caller)
    with suppress(TimeoutError):
        while caller.recv(1):
            pass


def mute(caller: socket.socket) -> None:
    """Does not even read."""
    time.sleep(ROUND + 0.5)


STRANGERS: dict[str, tuple[Talk, str]] = {
    "silent": (silent, "did not answer in time"),
    "mute": (mute, "did not answer in time"),
    "drips its status": (drip(b"H"), "did not answer in time"),
    "drips headers": (drip(b"a: b\r\n"), "cannot be asked"),
    "drips a body": (
        lambda caller: (once(OK + b"\r\n")(caller), drip(b"x")(caller))[0],
        "did not answer in time",
    ),
    "continues for ever": (drip(b"HTTP/1.1 100 Continue\r\n\r\n"), "did not answer in time"),
    "closes at once": (lambda caller: None, "cannot be asked"),
    "closes when it was asked": (lambda caller: (asked(caller), None)[1], "cannot be asked"),
    "garbage": (once(b"\x00\xff garbage\r\n\r\n"), "cannot be asked"),
    "a body without an end": (flood(OK + b"\r\n", b"x" * 4096), "answers without an end"),
    "chunks without an end": (
        flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"),
        "answers without an end",
    ),
    "a header without an end": (flood(OK + b"x: ", b"y" * 4096), "cannot be asked"),
    "headers without an end": (flood(OK, b"x: y\r\n" * 100), "cannot be asked"),
    "a false length": (once(OK + b"Content-Length: 99\r\n\r\nx"), "what no witness answers"),
    "a huge length": (
        once(OK + b"Content-Length: 99999999999999\r\n\r\n" + b"x" * 1000),
        "what no witness answers",
    ),
    "elsewhere": (
        once(b"HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"),
        "answers with the status 307",
    ),
}


def policy_of(urls: list[str], keys: list[str]) -> Policy:
    lines = [f"witness w{n} {keys[n]} {url}" for n, url in enumerate(urls)]
    names = " ".join(f"w{n}" for n in range(len(urls)))
    return parse("\n".join([*lines, f"group g 1 {names}", "quorum g", ""]))


def round_of(policy: Policy, seconds: float, sizes: dict[str, int] | None = None) -> Round:
    return ask(
        signed(9),
        policy,
        lambda old, new: merkle.consistency(old, new, TREES["true"].read),
        HttpCourier(seconds),
        sizes={} if sizes is None else sizes,
        now=lambda: int(time.time()),
    )


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_does_not_keep_the_round_from_ending(name: str, tmp_path: Path) -> None:
    """An honest witness is heard beside it, and the round ends when it must."""
    talk, sentence = STRANGERS[name]
    keys = [str(build(tmp_path / each, f"{each}.example.org")) for each in ("a", "b")]
    app = create_app(wiring.open_witness(tmp_path / "a", no_passphrase))
    with serving(app) as honest, stranger(talk) as other:
        started = time.monotonic()
        found = round_of(policy_of([honest, other], keys), ROUND)
        took = time.monotonic() - started
    assert found.witnessed.names == ("w0",) and found.witnessed.met
    assert sentence in found.failures["w1"].sentence
    assert took < ROUND + 4
    assert open_checkpoint(found.checkpoint, LOG.verifier, ORIGIN) == head(9)


def test_real_witnesses_sign_and_their_sizes_are_followed(tmp_path: Path) -> None:
    keys = [str(build(tmp_path / each, f"{each}.example.org")) for each in ("a", "b")]
    apps = [create_app(wiring.open_witness(tmp_path / each, no_passphrase)) for each in ("a", "b")]
    with serving(apps[0]) as one, serving(apps[1]) as two:
        policy = policy_of([f"{one}", two.rstrip("/")], keys)
        sizes: dict[str, int] = {}
        assert round_of(policy, 5, sizes).witnessed.names == ("w0", "w1")
        assert set(sizes.values()) == {9}
        # Forgotten: 409 is followed over the same connection.
        assert round_of(policy, 5).witnessed.names == ("w0", "w1")


def test_a_witness_behind_a_path(tmp_path: Path) -> None:
    """The address in a policy is the submission prefix."""
    seen: list[bytes] = []

    def talk(caller: socket.socket) -> None:
        seen.append(asked(caller))
        caller.sendall(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n")

    keys = [str(build(tmp_path / "a", "a.example.org"))]
    with stranger(talk) as url:
        found = round_of(policy_of([f"{url}/behind/this/"], keys), 5)
    assert found.failures["w0"].sentence == "does not watch this log"
    assert seen[0].startswith(b"POST /behind/this/add-checkpoint HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "witness.example.org",
        "ftp://witness.example.org",
        "file:///etc/passwd",
        "http://",
        "http://[",
        "http://x:99999/",
        "http://x:y/",
        "http://name:secret@witness.example.org/",
        "http://x/?a=b",
        "http://x/#a",
        "http://ex\u00e4mple.org/",
        "http://x/\x7f",
    ],
)
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(OutsideFailed):
        address(url)
    courier = HttpCourier(5)
    courier.send("w", url, b"")
    back = courier.receive()
    assert back is not None and isinstance(back[1], OutsideFailed)
    courier.close()


def test_where_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    courier = HttpCourier(5)
    courier.send("w", f"http://127.0.0.1:{port}", b"")
    back = courier.receive()
    assert back is not None and "Connection refused" in str(back[1])
    courier.close()


def certificate(folder: Path) -> Path:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, None)
    )
    pem = made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "tls.pem").write_bytes(pem)
    return folder / "tls.pem"


def over_tls(pem: Path, talk: Talk) -> Talk:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def secured(caller: socket.socket) -> None:
        with context.wrap_socket(caller, server_side=True) as wrapped:
            talk(wrapped)

    return secured


def over(url: str, seconds: float = 5) -> tuple[Reply | OutsideFailed | None, float]:
    courier = HttpCourier(seconds)
    started = time.monotonic()
    courier.send("w", url.replace("http://127.0.0.1", "https://localhost"), b"old 0\n")
    back = courier.receive()
    courier.close()
    return (None if back is None else back[1]), time.monotonic() - started


def test_tls_is_spoken_and_its_certificate_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    answer = OK + b"Content-Length: 2\r\n\r\nhi"
    with stranger(over_tls(pem, once(answer))) as url:
        back, _ = over(url)
        assert isinstance(back, OutsideFailed), "nobody vouches for this certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert over(url)[0] == Reply(200, "text/plain", b"hi")
    with stranger(over_tls(pem, drip(b"HTTP/1.1 100 Continue\r\n\r\n"))) as url:
        back, took = over(url, 0.5)
        assert back is None and took < 3
    # A handshake that never ends.
    with stranger(drip(b"\x16\x03\x03\x40\x00")) as url:
        back, took = over(url, 0.5)
        assert took < 3 and not isinstance(back, Reply)


def test_an_answer_of_the_largest_size_is_read() -> None:
    body = b"x" * MOST_BYTES
    with stranger(once(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)) as url:
        courier = HttpCourier(5)
        courier.send("w", url, b"")
        assert courier.receive() == ("w", Reply(200, "text/plain", body))
        courier.close()
