"""Every refusal by a server is a problem that a client can read."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidimus import errors
from vidimus.core.seal import problem
from vidimus.core.seal.problem import KINDS
from vidimus.errors import FormatError, VidimusError


def test_the_titles_of_scrapi_are_these() -> None:
    """draft-ietf-scitt-scrapi-11, sections 2, 2.2, 2.3.3, 2.3.4 and 2.4.3."""
    assert {
        "Malformed request": 400,
        "No such key": 404,
        "Bad Signature Algorithm": 400,
        "Confirmation Missing": 400,
        "Payload Missing": 400,
        "Rejected": 400,
        "Invalid locator": 400,
        "Too Many Requests": 429,
        "Not Found": 404,
        "Registration Failed": 404,
    }.items() <= {title: kind.status for title, kind in KINDS.items()}.items()
    assert all(kind.detail and 400 <= kind.status < 600 for kind in KINDS.values())


def test_the_bytes_are_those_of_the_standard() -> None:
    """RFC 9290 section 2: -1 is the title, -2 the detail."""
    encoded = problem.problem("Rejected", "cannot withdraw a draft letter")
    assert cbor2.loads(encoded) == {-1: "Rejected", -2: "cannot withdraw a draft letter"}
    assert encoded.hex().startswith("a2206852656a6563746564" + "21781e63616e6e6f74")


@given(st.text(), st.text(max_size=5_000))
def test_any_fact_can_be_told_and_read(title: str, detail: str) -> None:
    """Lone surrogates, control signs and endless texts included: telling must not fail."""
    told = problem.read(problem.problem(title, detail))
    assert all(sign.isprintable() for text in told for sign in text)
    assert all(len(text) <= problem.LONGEST for text in told)
    if detail.isprintable() and len(detail) <= problem.LONGEST:
        assert told[1] == detail
    assert problem.problem("\ud800", "a\nb\x1b[31m") == problem.problem(" ", "a b [31m")


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({}, ("", "")),
        ({-1: "Rejected"}, ("Rejected", "")),
        ({-2: "why", -3: "urn:x", -4: 400, "org.example": {1: 2}}, ("", "why")),
        ({-1: cbor2.CBORTag(38, ["de", "Abgelehnt"]), -2: "why"}, ("", "why")),
        ({-1: 5, -2: b"why"}, ("", "")),
    ],
)
def test_problems_by_others_are_read_as_far_as_they_can_be(
    told: object, read: tuple[str, str]
) -> None:
    """RFC 9290 section 2: every entry is optional, and unknown ones are passed over."""
    assert problem.read(cbor2.dumps(told)) == read


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x80",
        b"\xa0\x00",
        b"\xbf\xff",
        b"\xa2\x20\x60\x20\x60",
        b"\xa1\xfb" + bytes(9),
        b"\xa1" * 100,
        bytes(50_000),
        cbor2.dumps({1.5: "x"}),
    ],
)
def test_what_is_no_problem_is_malformed(encoded: bytes) -> None:
    with pytest.raises(FormatError):
        problem.read(encoded)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_problem_or_malformed(junk: bytes) -> None:
    try:
        title, detail = problem.read(junk)
    except FormatError:
        return
    assert isinstance(title, str)
    assert isinstance(detail, str)


def test_every_error_of_ours_has_a_title() -> None:
    sorts = [
        sort
        for sort in vars(errors).values()
        if isinstance(sort, type) and issubclass(sort, VidimusError) and sort is not VidimusError
    ]
    assert len(sorts) >= 9
    for sort in sorts:
        assert problem.kind_of(sort("a fact")) is not problem.INTERNAL
        assert problem.kind_of(type("Narrower", (sort,), {})("a fact")) is problem.kind_of(
            sort("a fact")
        )
    assert problem.kind_of(errors.NotAllowed("no")) is problem.REJECTED
    assert problem.kind_of(VidimusError("what?")) is problem.INTERNAL
