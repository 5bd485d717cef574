"""One act, one document: what `write` writes is all that `read` reads."""

from __future__ import annotations

import json
import re
import unicodedata
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from unicodedata import ucd_3_2_0

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.acts.world import ORIGIN, START, founding, key, log_key, released_letter

from vidimus.core.acts import document as documents
from vidimus.core.acts.document import Sealed, read, read_sealed, write, write_sealed
from vidimus.core.acts.kinds import Kind
from vidimus.core.acts.shapes import SLUG
from vidimus.core.acts.vocabulary import BODIES, Act, CoSignature, Hold
from vidimus.errors import FormatError

MOMENTS = st.datetimes(
    datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=0))


# One of each shape at least, among them the shortest and those with every odd sign.
SHAPED = (
    *("a", "0", "p-ines", "ministry/press", "x-1/y-2/z"),
    *("AAAAAAAAAAAAAAAA", "Q2M7Z5KQ3M7Z5KQ3", "ab" * 32, "0" * 64),
    *(key("p-min"), "ed25519:" + "A" * 43, log_key(), "A" * 86, "-_" * 43),
    *("en", "sr-Latn-RS", "live", "exercise"),
)
SIGNS = (
    "aZ 09-_.,;:'\"\\/{}[]<>&\n\u2028"
    "\u00e4\u00df\u00e9\u0308\u0416\u4e2d\u05d0\u0633\u200c\u2026\ue000\U0001f600"
)


def texts(shape: re.Pattern[str]) -> st.SearchStrategy[str]:
    """Texts of this shape. The long ones are kept short."""
    if not shape.pattern.startswith(r"[^\x00"):
        return st.sampled_from([each for each in SHAPED if shape.fullmatch(each)])
    signs = [each for each in SIGNS if shape.fullmatch(each * 2)]
    made = st.text(st.sampled_from(signs), min_size=2, max_size=20)
    return made.map(lambda text: ucd_3_2_0.normalize("NFC", text))


def values(hint: Any) -> st.SearchStrategy[Any]:
    inner = [each for each in get_args(hint) if each is not type(None)]
    if type(None) in get_args(hint):
        return st.none() | values(inner[0])
    if get_origin(hint) is tuple:
        return st.lists(values(inner[0]), max_size=3).map(tuple)
    if get_origin(hint) is Annotated:
        return texts(hint.__metadata__[0])
    if hint is datetime:
        return MOMENTS
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(0, 2**53 - 1)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    hints = get_type_hints(hint, include_extras=True)
    return st.builds(hint, **{each.name: values(hints[each.name]) for each in fields(hint)})


def acts(kind: Kind) -> st.SearchStrategy[Act]:
    return st.builds(
        Act,
        registry=st.just(ORIGIN),
        person=texts(SLUG),
        office=texts(SLUG),
        at=MOMENTS,
        body=values(BODIES[kind]),
        cosigned=values(tuple[CoSignature, ...]),
    )


ANY = st.sampled_from(sorted(Kind)).flatmap(acts)
HOLD = Act(ORIGIN, "p-ines", "ministry/press", START, Hold("AAAAAAAAAAAAAAAA", "Ünd so"))


def test_every_kind_of_act_has_a_body() -> None:
    assert set(BODIES) == set(Kind)


@pytest.mark.parametrize("kind", sorted(Kind))
def test_an_act_is_read_as_it_was_written(kind: Kind) -> None:
    @settings(max_examples=15, deadline=None)
    @given(acts(kind))
    def holds(act: Act) -> None:
        document = write(act)
        assert read(document) == act
        assert write(read(document)) == document

    holds()


@settings(max_examples=40, deadline=None)
@given(ANY, st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_a_sealed_act_is_read_as_it_was_written(act: Act, salt: bytes, statement: bytes) -> None:
    sealed = Sealed(act, salt, statement)
    assert read_sealed(write_sealed(sealed)) == sealed


@settings(max_examples=40, deadline=None)
@given(ANY)
def test_white_space_and_another_order_are_refused(act: Act) -> None:
    """Spec 2.1: a reader MUST refuse any bytes that `write` would not have written."""
    document = write(act)
    value = json.loads(document)
    turned = dict(reversed(value.items()))
    for other in (
        json.dumps(value, ensure_ascii=False).encode(),
        json.dumps(turned, ensure_ascii=False, separators=(",", ":")).encode(),
        document + b"\n",
        b" " + document,
        b"\xef\xbb\xbf" + document,
        document.decode().encode("utf-16"),
        document[:-1],
        document + b"{}",
    ):
        with pytest.raises(FormatError):
            read(other)


DOCUMENT = write(HOLD)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":1.0'),
        (b'"v":1', b'"v":true'),
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":1e0'),
        (b'"v":1', b'"v":"1"'),
        (b'"v":1', b'"v":null'),
        (b'"v":1', b'"v":1,"v":1'),
        (b'"v":1', b'"v":1,"x":1'),
        (b'"v":1', b'"v":NaN'),
        (b'"v":1', b'"v":' + b"9" * 5000),
        (b'"v":1', b'"v":' + b"[" * 900 + b"]" * 900),
        (b'"v":1', b'"v":' + b"[" * 20000 + b"]" * 20000),
        (b',"v":1', b""),
        (b'"act":"hold"', b'"act":"holds"'),
        (b'"act":"hold"', b'"act":["hold"]'),
        (b'"act":"hold"', b'"act":{}'),
        (b'"act":"hold"', b'"act":"clear","act":"hold"'),
        (b'"act":"hold"', b'"act":"release"'),
        (b"T09:00:00Z", b"T09:00:00+00:00"),
        (b"T09:00:00Z", b"T10:00:00+01:00"),
        (b"T09:00:00Z", b"T09:00:00"),
        (b"T09:00:00Z", b"T09:00:00.0Z"),
        (b"T09:00:00Z", b"T09:00:60Z"),
        (b"T09:00:00Z", b"t09:00:00z"),
        (b"T09:00:00Z", b" 09:00:00Z"),
        (b"2031-01-01", b"2031-1-1"),
        (b"2031-01-01", b"2031-02-30"),
        (b"2031-01-01", b"0000-01-01"),
        (b"2031-01-01", "٢٠٣١-01-01".encode()),
        ("Ünd".encode(), b"\\u00dcnd"),
        ("Ünd".encode(), "U\u0308nd".encode()),
        ("Ünd".encode(), b"\\ud800"),
        ("Ünd".encode(), b"\xff"),
        ("Ünd".encode(), b"\\u0000"),
        ("Ünd".encode(), "\u202eU".encode()),
        ("Ünd".encode(), "\u200bU".encode()),
        ("Ünd so".encode(), b""),
        ("Ünd so".encode(), b"x" * 4001),
        ('"reason":"Ünd so"'.encode(), b'"reason":null'),
        ('"reason":"Ünd so"'.encode(), b'"reason":7'),
        (b'"letter":"AAAAAAAAAAAAAAAA"', b'"letter":"AAAAAAAAAAAAAAA1"'),
        (b'"letter":"AAAAAAAAAAAAAAAA"', b'"letter":"AAAAAAAAAAAAAAAA\\n"'),
        (b'"letter":"AAAAAAAAAAAAAAAA",', b""),
        (b'"person":"p-ines"', b'"person":"P-Ines"'),
        (b'"person":"p-ines"', '"person":"р-ines"'.encode()),
        (b'"person":"p-ines"', b'"person":"p-ines","x":1'),
        (b'"by":{', b'"by":[],"b":{'),
        (b'"registry":"letters', b'"registry":"https://letters'),
        (b'"by":', b'"cosigned":[],"by":'),
    ],
)
def test_no_other_way_to_write_an_act_is_accepted(old: bytes, new: bytes) -> None:
    """Spec 2.1. One act with two documents would have two digests."""
    assert DOCUMENT.count(old) == 1
    with pytest.raises(FormatError) as refused:
        read(DOCUMENT.replace(old, new))
    assert len(refused.value.fact) < 300


@pytest.mark.parametrize("value", ["true", "1.0", "-1", "9007199254740992", '"1"', "null", "[1]"])
def test_a_version_is_a_whole_number_and_nothing_like_one(value: str) -> None:
    found = released_letter()
    document = found.log[-1].document
    assert b'"version":1}' in document
    with pytest.raises(FormatError):
        read(document.replace(b'"version":1}', f'"version":{value}}}'.encode()))


@pytest.mark.parametrize("value", ["1", "0", '"true"', "null", "[]"])
def test_acting_is_yes_or_no(value: str) -> None:
    found = released_letter()
    document = next(each.document for each in found.log if b'"acting":false' in each.document)
    with pytest.raises(FormatError):
        read(document.replace(b'"acting":false', f'"acting":{value}'.encode()))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_random_bytes_are_refused_as_malformed_and_not_otherwise(junk: bytes) -> None:
    for reader in (read, read_sealed):
        with pytest.raises(FormatError):
            reader(junk)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
)


@settings(max_examples=150, deadline=None)
@given(ANY, st.integers(0, 50), JSON)
def test_any_json_in_any_place_is_read_or_refused_as_malformed(
    act: Act, place: int, junk: object
) -> None:
    value = json.loads(write(act))
    places: list[tuple[Any, Any]] = []

    def walk(at: Any) -> None:
        inner = at.items() if isinstance(at, dict) else enumerate(at)
        for name, each in inner:
            places.append((at, name))
            if isinstance(each, dict | list):
                walk(each)

    walk(value)
    at, name = places[place % len(places)]
    at[name] = junk
    document = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    with suppress(FormatError):
        assert write(read(document)) == document


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**16), st.integers(0, 255))
def test_a_document_with_one_byte_changed_is_another_act_or_none(at: int, byte: int) -> None:
    for document in (DOCUMENT, released_letter().log[-1].document):
        place = at % len(document)
        changed = document[:place] + bytes([byte]) + document[place + 1 :]
        try:
            act = read(changed)
        except FormatError:
            continue
        assert changed == document or act != read(document)


def test_a_time_in_another_zone_is_written_in_utc() -> None:
    east = START.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert write(replace(HOLD, at=east)) == DOCUMENT


def test_a_time_without_a_zone_is_not_guessed() -> None:
    with pytest.raises(FormatError):
        write(replace(HOLD, at=START.replace(tzinfo=None)))


def test_texts_of_later_unicode_versions_are_left_alone() -> None:
    """Spec 2.4: so that no two readers disagree on whether a document counts."""
    garay = "\U00010d6a\U00010d69"  # combining marks of Unicode 16
    assert read(write(replace(HOLD, body=Hold("AAAAAAAAAAAAAAAA", garay)))).body == Hold(
        "AAAAAAAAAAAAAAAA", garay
    )
    assert unicodedata.unidata_version >= "14"


def test_the_largest_document_is_64_kb() -> None:
    with pytest.raises(FormatError):
        read(DOCUMENT.replace("Ünd so".encode(), b"x" * documents.MAX_DOCUMENT))


@pytest.mark.parametrize(
    "text", ["A", "AA=", "AA==", "A A", "AB", "+/+/", "AA\n", "ÄÄ", "", "AAA", "AAE"]
)
def test_base64_has_one_form(text: str) -> None:
    try:
        assert documents.to_base64(documents.from_base64(text)) == text
    except FormatError:
        assert text not in ("", "AAA", "AAE")


@pytest.mark.parametrize("short", [b"", b"x" * 31, b"x" * 33])
def test_a_salt_has_32_bytes(short: bytes) -> None:
    with pytest.raises(FormatError):
        read_sealed(write_sealed(Sealed(HOLD, short, b"")))


def test_what_a_co_signer_signs_is_no_document() -> None:
    """Spec 5.6: no signature over the one can be passed off as one over the other."""
    act = Act(ORIGIN, "p-root-a", "root", START, founding())
    approved = documents.approved_part(act)
    with pytest.raises(FormatError):
        read(approved)
    cosigned = replace(act, cosigned=(CoSignature(key("p-root-b"), "A" * 86),))
    assert documents.approved_part(cosigned) == approved
    assert write(cosigned) != write(act)
