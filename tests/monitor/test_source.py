"""Files from an address: within limits, tried again where that helps, and never believed."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.acts.world import A, released_letter
from tests.monitor.served import Clock, face

from vidimus.adapters import static_source
from vidimus.adapters.monitor_state import MonitorState
from vidimus.adapters.static_source import FolderSource, HttpSource
from vidimus.core.acts.vocabulary import Clear, Hold
from vidimus.core.log import tiles
from vidimus.errors import NotFound, OutsideFailed, TooLarge, UsageError
from vidimus.operations.monitor.rounds import Monitor

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server of files that answers as it likes."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/log"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def source(answer: Answer) -> Iterator[HttpSource]:
    with serving(answer) as address:
        made = HttpSource(address)
        try:
            yield made
        finally:
            made.close()


def give(
    handler: BaseHTTPRequestHandler, status: int, content: bytes = b"", **headers: str
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


def files(held: dict[str, bytes]) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        content = held.get(handler.path.removeprefix("/log/"))
        if content is None:
            give(handler, 404)
        else:
            give(handler, 200, gzip.compress(content, 1), Content_Encoding="gzip")

    return answer


def test_a_log_is_followed_over_http(tmp_path: Path) -> None:
    """Packed files, connections that stay open, and the server's own answers asked for."""
    found = released_letter()
    for step in range(600):
        found.do("p-min", "ministry", Clear(A) if step % 2 else Hold(A))
    held = face(found, 400)
    state = MonitorState(tmp_path)
    with source(files(held)) as remote:
        monitor = Monitor(remote, state, Clock(found.now))
        done = monitor.round()
        assert (done.exit_status, done.size) == (0, 400)
        assert any("signs no claims" in each for each in done.notes)
        held.clear()
        held |= face(found)
        assert (monitor.round().size, monitor.round().read) == (len(found.log), 0)
    state.close()


def test_what_is_not_there_is_told_from_what_cannot_be_had() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        give(handler, {"/log/none": 404, "/log/gone": 410, "/log/no": 403}[handler.path])

    with source(answer) as remote:
        for path in ("none", "gone"):
            with pytest.raises(NotFound):
                remote.read(path)
        with pytest.raises(OutsideFailed, match="403"):
            remote.read("no")


def test_a_server_that_is_busy_is_asked_again() -> None:
    asked: list[float] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(time.monotonic())
        if len(asked) == 1:
            give(handler, 429, Retry_After="1")
        else:
            give(handler, 200, b"here")

    with source(answer) as remote:
        assert remote.read("x") == b"here"
    assert asked[1] - asked[0] >= 1


def test_a_body_that_is_cut_short_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"only this")
        handler.close_connection = True

    monkeypatch.setattr(static_source, "RETRIES", 2)
    with source(answer) as remote, pytest.raises(OutsideFailed, match="cut short"):
        remote.read("x")


def test_a_packed_body_that_is_cut_short_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(bytes(range(256)) * 40)[:-9]
    monkeypatch.setattr(static_source, "RETRIES", 2)
    with (
        source(lambda handler: give(handler, 200, packed, Content_Encoding="gzip")) as remote,
        pytest.raises(OutsideFailed, match="cut short"),
    ):
        remote.read("x")


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_without_an_end_is_not_read_to_it(
    packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a few bytes unpack to very many."""
    monkeypatch.setattr(static_source, "LONGEST", 1_000_000)
    content = gzip.compress(bytes(50_000_000)) if packed else bytes(2_000_000)
    coding = {"Content_Encoding": "gzip"} if packed else {}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        try:
            give(handler, 200, content, **coding)
        except OSError:
            handler.close_connection = True  # whoever reads has gone away

    with source(answer) as remote, pytest.raises(TooLarge):
        remote.read("x")


def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_source, "LONGEST_WAIT", 0.3)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        try:
            for _ in range(50):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass
        handler.close_connection = True

    with source(answer) as remote, pytest.raises(OutsideFailed, match="too slowly"):
        remote.read("x")


def test_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_source, "RETRIES", 1)
    with serving(lambda handler: give(handler, 404)) as address:
        pass
    remote = HttpSource(address)
    with pytest.raises(OutsideFailed):
        remote.read("checkpoint")
    (bundle,) = remote.bundles([(0, 4)])
    assert isinstance(bundle.error, OutsideFailed)
    remote.close()


def test_it_goes_where_it_is_sent_and_not_for_ever() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/log/x":
            give(handler, 302, Location="/elsewhere/x")
        elif handler.path == "/elsewhere/x":
            give(handler, 200, b"here")
        else:
            give(handler, 302, Location=handler.path)

    with source(answer) as remote:
        assert remote.read("x") == b"here"
        with pytest.raises(OutsideFailed, match="redirections"):
            remote.read("round")


def test_what_is_no_http_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_source, "RETRIES", 1)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"\x00\xffnonsense\r\n\r\n")
        handler.close_connection = True

    with source(answer) as remote, pytest.raises(OutsideFailed):
        remote.read("x")


@pytest.mark.parametrize("address", ["ftp://x/y", "https://", "http://[", "http://a:b/"])
def test_what_is_no_address_of_a_log(address: str) -> None:
    with pytest.raises(UsageError):
        static_source.source(address)


def test_bundles_come_in_order_whoever_is_faster() -> None:
    """Fetched four at a time, the first ones slowest."""
    held = {}
    for n in range(12):
        held[tiles.entries_path(n)] = tiles.write_entries([b"%d" % n] * 256)
        held[tiles.acts_path(n)] = tiles.write_documents([b"%d" % n] * 256)
    plain = files(held)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        n = int(handler.path[-3:])
        time.sleep(0.02 * (3 - n % 4))
        plain(handler)

    with source(answer) as remote:
        found = list(remote.bundles((n, 256) for n in range(13)))
    assert [each.n for each in found] == list(range(13))
    assert all(tiles.read_entries(each.entries, 256)[0] == b"%d" % each.n for each in found[:12])
    assert isinstance(found[12].error, NotFound)


def test_where_the_partial_bundle_is_gone_the_full_one_is_read(tmp_path: Path) -> None:
    held = {
        tiles.entries_path(0): tiles.write_entries([b"e"] * 256),
        tiles.acts_path(0): tiles.write_documents([None] * 256),
    }
    for name, content in held.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with source(files(held)) as remote:
        for each in (remote, FolderSource(tmp_path)):
            (bundle,) = each.bundles([(0, 7)])
            assert (bundle.width, bundle.error) == (256, None)
