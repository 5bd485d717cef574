"""Keys as COSE writes them: one form, and a key id that is no choice of anybody."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.seal import key_set
from vidimus.core.seal.keys import MemorySigner, PublicKey
from vidimus.errors import FormatError

P256 = [MemorySigner(ec.derive_private_key(n, ec.SECP256R1())).public for n in range(1, 9)]
ED25519 = [
    MemorySigner(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)).public for n in range(4)
]
KEYS = [*P256, *ED25519]


def test_one_key_in_the_bytes_of_the_standard() -> None:
    """RFC 9052 section 7.1, RFC 9053 sections 7.1 and 7.2; the key of RFC 9679 section 6."""
    x = "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
    y = "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"
    kid = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"
    key = PublicKey(-7, bytes.fromhex("02" + x))
    encoded = key_set.write_key(key)
    assert encoded.hex() == f"a60102025820{kid}0326200121" + f"5820{x}22" + f"5820{y}"
    assert cbor2.loads(key_set.write_key(ED25519[1])) == {
        1: 1, 2: ED25519[1].kid, 3: -8, -1: 6, -2: ED25519[1].raw,
    }  # fmt: skip
    assert key_set.name(key) == "SWvYr63zB-WwjGSwQhv53AFSijRKQ72oj63RZp2iU-w"


@given(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
def test_a_set_is_read_back_in_its_order(keys: list[PublicKey]) -> None:
    encoded = key_set.write(keys)
    assert key_set.parse(encoded) == tuple(keys)
    assert [key_set.parse_key(key_set.write_key(key)) for key in keys] == keys
    assert cbor2.loads(encoded) == [cbor2.loads(key_set.write_key(key)) for key in keys]


def spoiled(key: PublicKey, changes: dict[Any, Any]) -> bytes:
    parameters = cbor2.loads(key_set.write_key(key)) | changes
    kept = {label: value for label, value in parameters.items() if value is not None}
    return cbor2.dumps({label: kept[label] for label in sorted(kept, key=cbor2.dumps)})


@pytest.mark.parametrize("key", [P256[0], ED25519[0]])
@pytest.mark.parametrize(
    "changes",
    [
        {1: 3},
        {1: None},
        {2: b"kid1"},
        {2: None},
        {2: P256[1].kid},
        {3: -9},
        {3: None},
        {4: [2]},
        {-1: 2},
        {-1: None},
        {-2: None},
        {-2: b""},
        {-2: bytes(32)},
        {-2: bytes(31)},
        {-2: "x"},
        {-3: True},
        {-3: b"\x01"},
        {-3: bytes(32)},
        {-4: bytes(32)},
        {"note": 1},
    ],
)
def test_no_other_key_is_one(key: PublicKey, changes: dict[Any, Any]) -> None:
    """Spec, section 4: a private part, another use or a key id of one's own is refused."""
    with pytest.raises(FormatError):
        key_set.parse_key(spoiled(key, changes))
    with pytest.raises(FormatError):
        key_set.parse(b"\x81" + spoiled(key, changes))


def test_the_other_point_of_the_same_x_is_another_key() -> None:
    parameters = cbor2.loads(key_set.write_key(P256[0]))
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    mirrored = (prime - int.from_bytes(parameters[-3])).to_bytes(32)
    with pytest.raises(FormatError):
        key_set.parse_key(spoiled(P256[0], {-3: mirrored}))


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x80",
        b"\xa0",
        b"\x81\x80",
        b"\x81\x00",
        key_set.write(KEYS) + b"\x00",
        b"\x9f" + key_set.write_key(P256[0]) + b"\xff",
        b"\x82" + key_set.write_key(P256[0]) * 2,
        b"\x98\x01" + key_set.write_key(P256[0]),
        b"\x81" * 5_000,
        bytes(300_000),
    ],
)
def test_no_other_set_is_one(encoded: bytes) -> None:
    with pytest.raises(FormatError):
        key_set.parse(encoded)
    with pytest.raises(FormatError):
        key_set.parse_key(encoded)


def test_a_set_is_not_empty_and_holds_no_key_twice() -> None:
    for keys in ([], [P256[0], P256[0]]):
        with pytest.raises(FormatError):
            key_set.write(keys)


@given(st.sampled_from(KEYS), st.data())
def test_a_changed_byte_is_another_key_or_malformed(key: PublicKey, data: st.DataObject) -> None:
    encoded = bytearray(key_set.write([key]))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(FormatError):
        # Any change breaks the key id or what it is the digest of.
        key_set.parse(bytes(encoded))


@given(st.binary(max_size=200))
def test_any_bytes_are_keys_or_malformed(junk: bytes) -> None:
    for encoded in (junk, key_set.write(KEYS)[: len(junk)] + junk):
        for read in (key_set.parse, key_set.parse_key):
            with pytest.raises(FormatError):
                read(encoded)
