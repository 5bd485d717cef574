"""What holds on every page: headers, limits, queue, errors, and the banner of an exercise."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.web import town as towns
from tests.web.client import TestClient
from tests.web.conftest import ROOMY
from tests.web.reading import words

from vidimus.web.app import create_app
from vidimus.web.limits import Limits
from vidimus.web.shell.guard import Buckets, client_of


def every_page(town: towns.Town) -> list[tuple[str, str, dict[str, str]]]:
    """(method, path, form) of every kind of page there is, errors too."""
    return [
        ("GET", "/", {}),
        *(("POST", "/", {"text": text}) for text in towns.TEXTS.values()),
        ("POST", "/", {"text": towns.ALTERED}),
        ("POST", "/", {"text": towns.UNKNOWN}),
        ("POST", "/", {"text": ""}),
        ("POST", "/", {"text": "x", "at": "never"}),
        *(("GET", f"/c/{number}", {}) for number in town.letters.values()),
        ("GET", "/c/AAAABBBBCCCCDDDD", {}),
        ("GET", "/log", {}),
        ("GET", "/log?before=20", {}),
        ("GET", "/log/0", {}),
        ("GET", "/log/20", {}),
        ("GET", "/words", {}),
        ("GET", "/log/999", {}),
        ("GET", "/nothing", {}),
        ("PUT", "/", {}),
        ("DELETE", "/log", {}),
    ]


def opened(desk: Any, limits: Limits = ROOMY, **more: Any) -> TestClient:
    return TestClient(create_app(desk, limits=limits, **more), follow_redirects=False)


def test_every_page_of_an_exercise_says_so_at_its_top_and_its_end(exercise: towns.Town) -> None:
    """An exercise can never be taken for a live register."""
    with opened(exercise.desk) as client:
        for method, path, form in every_page(exercise):
            page = client.request(method, path, data=form or None).text
            assert "<title>EXERCISE" in page, path
            assert '<html lang="en" class="exercise">' in page, path
            said = words(page[page.index("<body>") :])
            assert said.startswith("Skip to the content EXERCISE – not real"), path
            assert said.endswith("EXERCISE – not real"), path
            # In the block of the answers too, which is what people cut out and pass on.
            marked = "<strong>EXERCISE</strong> – not real</p>\n" + '<dl class="answers">'
            assert page.count(marked) == page.count('<dl class="answers">'), path


def test_programs_are_told_of_an_exercise_too(exercise: towns.Town) -> None:
    with opened(exercise.desk) as client:
        assert client.post("/check", data={"text": towns.UNKNOWN}).json()["exercise"] is True
        assert client.post("/check", data={"text": ""}).json()["exercise"] is True
        assert client.get("/openapi.json").json()["x-exercise"] is True
        assert "Disallow: /\n" in client.get("/robots.txt").text


def test_no_page_of_a_live_register_speaks_of_an_exercise(
    client: TestClient, town: towns.Town
) -> None:
    for method, path, form in every_page(town):
        assert "exercise" not in client.request(method, path, data=form or None).text.lower(), path


def test_every_answer_carries_the_security_headers(client: TestClient, town: towns.Town) -> None:
    others = [("GET", path, {}) for path in ("/checkpoint", "/log/1.tlog-proof",
              "/log/1.json", "/log/1.cose", "/openapi.json",
              "/robots.txt", "/favicon.ico", "/static/style.css", "/static/nothing")]  # fmt: skip
    for method, path, form in [*every_page(town), *others]:
        headers = client.request(method, path, data=form or None).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; img-src data:")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in headers


def test_pages_hold_no_inline_style_or_script(client: TestClient, town: towns.Town) -> None:
    """The policy forbids them; a page that needs one would be broken in silence."""
    for method, path, form in every_page(town):
        page = client.request(method, path, data=form or None).text
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count('<script src="/static/')


def test_every_page_is_a_whole_document_with_landmarks(
    client: TestClient, town: towns.Town
) -> None:
    for method, path, form in every_page(town):
        answer = client.request(method, path, data=form or None)
        assert answer.headers["content-type"] == "text/html; charset=utf-8", path
        assert answer.text.startswith('<!doctype html>\n<html lang="en">'), path
        for landmark in ("<header", "<nav", '<main id="content"', "<footer"):
            assert landmark in answer.text, path
        assert answer.text.count("<h1") == 1, path


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/log",
        "/log/3",
        "/log/3.json",
        "/log/3.cose",
        "/words",
        "/checkpoint",
        "/openapi.json",
        "/robots.txt",
    ],
)
def test_head_is_answered_like_get_without_a_body(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.headers["content-type"]) == (200, got.headers["content-type"])


def test_a_page_that_is_not_there_and_a_way_that_is_not_open(client: TestClient) -> None:
    assert client.get("/nothing").status_code == 404
    answer = client.get("/check")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["code"] == "method-not-allowed"
    assert client.put("/log").status_code == 405


def test_a_body_is_refused_by_its_length_before_it_is_read(town: towns.Town) -> None:
    limits = replace(ROOMY, body_bytes=1000)
    read = 0

    def body() -> Iterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * 1000

    with opened(town.desk, limits) as client:
        answer = client.post("/check", content=b"x" * 1001, headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
        # Without a length, it is refused while it streams.
        answer = client.post("/check", content=body(), headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
        page = client.post("/", data={"text": "word " * 500})
        assert page.status_code == 413
        assert "<h1" in page.text


def test_a_form_holds_so_many_files_and_fields_and_no_more(town: towns.Town) -> None:
    limits = replace(ROOMY, files=3, text_bytes=100)
    with opened(town.desk, limits) as client:
        four = [("file", (f"{i}.txt", b"some words")) for i in range(4)]
        assert client.post("/check", files=four).status_code == 413
        assert client.post("/check", files={"a": ("a.txt", b"x")}, data={
            f"f{i}": "x" for i in range(9)}).status_code == 413  # fmt: skip
        answer = client.post("/check", data={"text": "x" * 101})
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
        answer = client.post(
            "/check", files={"a": ("a.txt", b"some words")}, data={"text": "x" * 101}
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


class Slow:
    """The town's desk, whose checks wait until they are let go."""

    def __init__(self, desk: Any, check: Callable[[], Any]) -> None:
        self._desk = desk
        self._check = check

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    def check(self, *args: Any, **more: Any) -> Any:
        self._check()
        return self._desk.check(*args, **more)


@contextmanager
def asking(client: TestClient, count: int) -> Iterator[list[int]]:
    """So many checks under way at once; their statuses when all are done."""
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(client.post("/check", data={"text": towns.UNKNOWN}).status_code)

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    yield statuses
    for thread in threads:
        thread.join(30)


def test_beyond_the_queue_people_are_told_to_come_back(town: towns.Town) -> None:
    """Two at once, so many waiting; the next one gets 503 at once, with Retry-After."""
    limits = replace(ROOMY, at_once=1, waiting=1)
    go, begun = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        go.wait(30)

    with opened(Slow(town.desk, wait), limits) as client:
        with asking(client, 1) as first:
            begun.wait(30)
            with asking(client, 1) as second:
                for _ in range(200):
                    answer = client.post("/check", data={"text": ""})
                    if answer.status_code == 503:
                        break
                assert answer.status_code == 503
                assert int(answer.headers["retry-after"]) > 0
                assert answer.json()["code"] == "busy"
                assert client.get("/").status_code == 200, "pages do not wait behind checks"
                go.set()
        assert first == second == [200]
        assert client.post("/check", data={"text": towns.UNKNOWN}).status_code == 200


def test_a_check_that_takes_too_long_is_given_up(town: towns.Town) -> None:
    go = threading.Event()
    limits = replace(ROOMY, check_seconds=0.01)
    with opened(Slow(town.desk, lambda: go.wait(30) and None), limits) as client:
        answer = client.post("/check", data={"text": towns.UNKNOWN})
        go.set()
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")


def test_an_unforeseen_error_shows_and_logs_nothing_of_the_letter(
    town: towns.Town, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("the secret words of the letter")

    with caplog.at_level(logging.DEBUG), opened(Slow(town.desk, fail)) as client:
        page = client.post("/", data={"text": "words of a letter"})
        answer = client.post("/check", data={"text": "words of a letter"})
    assert page.status_code == answer.status_code == 500
    assert "Something broke here" in page.text
    assert answer.json()["code"] == "broken"
    for said in (page.text, answer.text, caplog.text):
        assert "secret words" not in said
        assert "words of a letter" not in said
        assert "Traceback" not in said
    assert "RuntimeError at" in caplog.text


def test_a_client_that_asks_too_often_waits(town: towns.Town) -> None:
    now = 0.0
    limits = Limits(bucket=20, refill=1, check_cost=10)
    with opened(town.desk, limits, monotonic=lambda: now) as client:
        assert client.post("/check", data={"text": towns.UNKNOWN}).status_code == 200
        assert client.post("/check", data={"text": towns.UNKNOWN}).status_code == 200
        answer = client.post("/check", data={"text": towns.UNKNOWN})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "11")
        assert answer.json()["code"] == "too-many-requests"
        assert client.get("/").status_code == 429
        now = 10.0
        assert client.post("/check", data={"text": towns.UNKNOWN}).status_code == 200


def test_a_household_of_ipv6_addresses_is_one_client() -> None:
    first = client_of({"client": ("2001:db8:1:2::1", 1)})
    assert (
        first
        == client_of({"client": ("2001:db8:1:2:ffff::9", 1)})
        != client_of({"client": ("2001:db8:1:3::1", 1)})
    )


def test_the_memory_of_clients_is_bounded() -> None:
    buckets = Buckets(Limits(clients=5), lambda: 0.0)
    for number in range(100):
        buckets.take(str(number), 1)
    assert len(buckets._levels) == 5


def test_making_the_app_starts_nothing(town: towns.Town) -> None:
    before = threading.active_count()
    create_app(town.desk)
    assert threading.active_count() == before
