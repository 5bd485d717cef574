"""CBOR has one form here, and nothing in it can surprise."""

from __future__ import annotations

import datetime
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.seal import cbor
from vidimus.errors import FormatError

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(-(2**64), 2**64 - 1) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


@given(VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    try:
        encoded = cbor.encode(value)
    except FormatError:
        return  # nested too deep
    assert plain(cbor.decode(encoded)) == value
    assert plain(cbor.decode(cbor.encode(value, tag=18), tag=18)) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_the_one_form_or_malformed(encoded: bytes) -> None:
    for tag in (None, 18):
        try:
            value = cbor.decode(encoded, tag=tag)
        except FormatError:
            continue
        assert cbor.encode(value, tag=tag) == encoded


@given(VALUES, st.data())
def test_a_changed_byte_is_another_value_or_malformed(value: object, data: st.DataObject) -> None:
    try:
        encoded = bytearray(cbor.encode(value))
    except FormatError:
        return
    encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = cbor.decode(bytes(encoded))
    except FormatError:
        return
    assert cbor.encode(read) == bytes(encoded)


@pytest.mark.parametrize(
    ("encoded", "why"),
    [
        ("", "nothing"),
        ("0100", "a second item"),
        ("1801", "a long head"),
        ("1b0000000000000001", "a very long head"),
        ("a201010102", "the same key twice"),
        ("a202000100", "keys out of order"),
        ("a2613100186400", "text before a longer integer"),
        ("9fff", "an array without length"),
        ("bfff", "a map without length"),
        ("5f4100ff", "a byte string in pieces"),
        ("5bffffffffffffffff", "a length beyond the end"),
        ("9affffffff", "a count beyond the end"),
        ("61ff", "text that is not UTF-8"),
        ("63eda080", "a surrogate"),
        ("f90000", "a float"),
        ("fb7ff8000000000000", "not a number"),
        ("f7", "undefined"),
        ("f0", "a simple value"),
        ("a1f500", "a key that is true"),
        ("a14100" + "00", "a key that is a byte string"),
        ("a18000", "a key that is an array"),
        ("c074323031332d30332d32315432303a30343a30305a", "a date"),
        ("c11a514b67b0", "a time"),
        ("c24101", "a big number that is small"),
        ("c249010000000000000000", "a big number"),
        ("d8236161", "a regular expression"),
        ("d81c81d81d00", "a list that holds itself"),
        ("d90100826161d81900", "a string reference"),
        ("d2" + "01", "a tag that nobody asked for"),
        ("d9d9f701", "the tag that says: this is CBOR"),
        ("d90102820102", "a set"),
        ("81" * 9 + "01", "too deep"),
        ("81" * 5000 + "01", "far too deep"),
    ],
)
def test_every_other_form_is_refused(encoded: str, why: str) -> None:
    """Spec, section 2: one value, one encoding; no tag but the one that the caller names."""
    with pytest.raises(FormatError):
        cbor.decode(bytes.fromhex(encoded))
        pytest.fail(f"accepted {why}")


def test_shared_references_are_refused_before_they_multiply() -> None:
    """Tags 28 and 29 let 200 bytes stand for 2**40 items."""
    bomb = "d81c8101" + "".join(f"d81c82d81d18{n:02x}d81d18{n:02x}" for n in range(40))
    with pytest.raises(FormatError):
        cbor.decode(bytes.fromhex("98" + "29" + bomb))


def test_keys_are_in_bytewise_order_of_their_encodings() -> None:
    """RFC 8949 section 4.2.1, with its own example: 10, 100, -1, "z", "aa"."""
    written = cbor.encode({"aa": 0, "z": 0, -1: 0, 100: 0, 10: 0})
    assert written.hex() == "a5" + "0a00" + "186400" + "2000" + "617a00" + "62616100"
    # The older rule, length first, would put -1 before 100.
    assert cbor2.dumps({-1: 0, 100: 0}, canonical=True).hex() == "a22000186400"


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        2**64,
        -(2**64) - 1,
        datetime.date(2031, 4, 2),
        {1, 2},
        {b"key": 1},
        {True: 1},
        cbor2.CBORTag(1, 1),
        cbor2.undefined,
        object(),
        "\ud800",
        {"\ud800": 1},
        [[[[[[[[[1]]]]]]]]],
    ],
)
def test_what_could_not_be_read_is_not_written(value: object) -> None:
    with pytest.raises(FormatError):
        cbor.encode(value)


def test_a_tag_must_be_the_one_named() -> None:
    assert cbor.decode(cbor.encode([1], tag=18), tag=18) == [1]
    for encoded in (cbor.encode([1]), cbor.encode([1], tag=17), b"", b"\xd2", b"\xd8\x12\x81\x01"):
        with pytest.raises(FormatError):
            cbor.decode(encoded, tag=18)
    with pytest.raises(FormatError):
        cbor.decode(cbor.encode([1], tag=18))
