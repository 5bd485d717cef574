"""What arrives, read strictly: whatever the bytes, an answer or a refusal, never a breakdown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web import town as towns
from tests.web.client import TestClient

from vidimus.core.copies.answers import rfc3339
from vidimus.errors import UsageError
from vidimus.web.check.intake import MOMENT, moment

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_what_we_write_as_a_moment_is_read_as_that_moment(time: datetime) -> None:
    assert moment(rfc3339(time)) == time.replace(microsecond=0)


@given(st.text(max_size=40) | st.from_regex(MOMENT, fullmatch=True))
def test_a_moment_is_read_in_utc_or_refused(typed: str) -> None:
    try:
        read = moment(typed)
    except UsageError as error:
        assert error.hint
    else:
        assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "typed",
    ["2031-04-02", "2031-04-02T25:00Z", "2031-13-02T10:00Z", "٢٠٣١-04-02T10:00Z",
     "2031-04-02T10:00Zjunk", "+2031-04-02T10:00Z", "2031-04-02T10:00+24:00", "now", "1_000"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        moment(typed)


def test_a_moment_without_a_zone_is_utc() -> None:
    assert moment("2031-04-02T10:00") == datetime(2031, 4, 2, 10, tzinfo=UTC)
    assert moment("2031-04-02T10:00:30.5+02:00") == datetime(2031, 4, 2, 8, 0, 30, tzinfo=UTC)


@QUICK
@given(
    st.binary(max_size=300),
    st.sampled_from(["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]),
)
def test_no_body_breaks_the_form(client: TestClient, body: bytes, kind: str) -> None:
    answer = client.post("/check", content=body, headers={"content-type": kind})
    assert 400 <= answer.status_code < 500


@QUICK
@given(st.lists(st.tuples(
    st.sampled_from([b"--b", b"--b--", b"\r\n", b"Content-Disposition: form-data; name=\"text\"",
                     b"Content-Disposition: form-data; name=\"f\"; filename=\"x\"", b"a word",
                     b"Content-Disposition: form-data", b":", b"\0", b"\xff"]),
    st.booleans()), max_size=14))  # fmt: skip
def test_no_damaged_form_breaks_it(client: TestClient, parts: list[tuple[bytes, bool]]) -> None:
    body = b"".join(part + (b"\r\n" if end else b"") for part, end in parts)
    kind = {"content-type": "multipart/form-data; boundary=b"}
    assert client.post("/check", content=body, headers=kind).status_code < 500


@QUICK
@given(st.text(max_size=200))
def test_any_text_gets_an_answer_or_a_refusal(client: TestClient, text: str) -> None:
    answer = client.post("/", data={"text": text})
    assert answer.status_code in (200, 400, 422)


@QUICK
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_path_gets_a_page(client: TestClient, name: str) -> None:
    for path in ("/c/", "/log/"):
        try:
            answer = client.get(path + name)
        except Exception as error:  # what the client itself refuses to send
            assert type(error).__name__ == "InvalidURL"
        else:
            assert answer.status_code in (200, 307, 308, 404)


def test_a_file_sent_as_a_form_is_told_how_to_be_sent(client: TestClient) -> None:
    """As curl --data-binary does without a Content-Type; its words are not repeated."""
    answer = client.post(
        "/check",
        content=towns.TEXTS["stands"].encode(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 400
    assert "Content-Type" in answer.json()["detail"]
    assert "Harbour" not in answer.text


def test_a_field_given_twice_must_say_the_same(client: TestClient) -> None:
    same = client.post("/check?office=harbour", data={"text": towns.UNKNOWN, "office": "harbour"})
    assert same.json()["headline"] == "NOT_RELEASED"
    other = client.post("/check?office=museum", data={"text": towns.UNKNOWN, "office": "harbour"})
    assert other.status_code == 400
