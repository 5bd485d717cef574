"""A statement is the bytes that we would write, or it is nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.seal.test_keys import other_s

from vidimus.core.seal import statement
from vidimus.core.seal.keys import MemorySigner, PublicKey
from vidimus.core.seal.statement import Statement
from vidimus.errors import FormatError, VerificationFailed

OFFICE = MemorySigner(ec.derive_private_key(2031, ec.SECP256R1()))
REGISTRY = MemorySigner(Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
ACT = "application/vnd.vidimus.act+json"
DIGEST = sha256(b"an act").digest()


def written(
    signer: MemorySigner = OFFICE,
    issuer: str = "office:treasury",
    subject: str = "letter:2031-0042",
    issued_at: int = 1_933_000_000,
    digest: bytes = DIGEST,
    content_type: str = ACT,
) -> bytes:
    return statement.write(
        issuer=issuer,
        subject=subject,
        issued_at=issued_at,
        digest=digest,
        content_type=content_type,
        signer=signer,
    )


GOOD = written()


@dataclass(frozen=True)
class Replay:
    """Gives a signature that is there already, so that an entry can be written a second time."""

    alg: int
    kid: bytes
    signature: bytes
    public: PublicKey = OFFICE.public

    def sign(self, message: bytes) -> bytes:
        return self.signature


def rewritten(read: Statement) -> bytes:
    """What write() makes of everything that parse() said, and the same signature."""
    return statement.write(
        issuer=read.issuer,
        subject=read.subject,
        issued_at=read.issued_at,
        digest=read.digest,
        content_type=read.content_type,
        signer=Replay(read.alg, read.kid, read.entry[-64:]),
    )


def resigned(header: object, payload: object = DIGEST, unprotected: object = None) -> bytes:
    """A COSE_Sign1 with a header of one's own, and a good signature by the office."""
    protected = header if isinstance(header, bytes) else cbor2.dumps(header)
    signature = OFFICE.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected or {}, payload, signature]))


def header() -> dict[int, object]:
    """The header of GOOD, to be spoiled."""
    return {
        1: -7,
        4: OFFICE.kid,
        15: {1: "office:treasury", 2: "letter:2031-0042", 6: 1_933_000_000},
        16: "application/vnd.vidimus.statement+cose",
        258: -16,
        259: ACT,
    }


@pytest.mark.parametrize("signer", [OFFICE, REGISTRY])
def test_what_is_written_is_read_back_and_verified(signer: MemorySigner) -> None:
    entry = written(signer)
    read = statement.verify(entry, signer.public)
    assert read == statement.parse(entry)
    assert read == Statement(
        issuer="office:treasury",
        subject="letter:2031-0042",
        issued_at=1_933_000_000,
        alg=signer.alg,
        kid=signer.kid,
        digest=DIGEST,
        content_type=ACT,
        entry=entry,
    )
    assert rewritten(read) == entry


def test_the_bytes_are_a_cose_sign1_with_a_hash_envelope() -> None:
    """RFC 9052 section 4.2, RFC 9995 section 4: taken apart by a decoder that is not ours."""
    tagged = cbor2.loads(GOOD)
    assert tagged.tag == 18
    protected, unprotected, payload, signature = tagged.value
    assert cbor2.loads(protected) == header()
    assert (dict(unprotected), payload, len(signature)) == ({}, DIGEST, 64)
    assert resigned(header()) == GOOD


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({1: -9}, "the newer number of the same algorithm: two forms of one statement"),
        ({1: -35}, "an algorithm that we do not know"),
        ({1: "ES256"}, "an algorithm by name"),
        ({2: [258]}, "a critical header"),
        ({3: "application/json"}, "label 3, which RFC 9995 forbids here"),
        ({4: b"short"}, "a key id that is no thumbprint"),
        ({4: None}, "no key id"),
        ({15: {1: "a", 2: "b"}}, "no time"),
        ({15: {1: "a", 2: "b", 6: 1, 7: b"x"}}, "a claim more"),
        ({15: {1: "a", 2: "b", 6: 1.5}}, "half a second"),
        ({15: {1: "a", 2: "b", 6: True}}, "a truth for a time"),
        ({15: {1: "a", 2: "b", 6: -1}}, "a time before 1970"),
        ({15: {1: "a", 2: "b", 6: 253_402_300_800}}, "a time that no calendar here has"),
        ({15: {1: "", 2: "b", 6: 1}}, "an empty issuer"),
        ({15: {1: "a b", 2: "b", 6: 1}}, "a space"),
        ({15: {1: "a\n", 2: "b", 6: 1}}, "a newline"),
        ({15: {1: "оffice:treasury", 2: "b", 6: 1}}, "a Cyrillic letter that looks Latin"),
        ({15: {1: b"a", 2: "b", 6: 1}}, "an issuer in bytes"),
        ({15: {1: "a" * 256, 2: "b", 6: 1}}, "an endless issuer"),
        ({15: []}, "claims that are a list"),
        ({16: "application/cose"}, "another type"),
        ({258: -44}, "SHA-512"),
        ({259: "text"}, "no media type"),
        ({259: "Application/JSON"}, "capitals: two spellings of one type"),
        ({259: 50}, "a CoAP number"),
        ({260: "https://example.org/"}, "a location"),
        ({"vidimus": 1}, "a header of one's own"),
    ],
)
def test_a_signed_statement_with_any_other_header_is_refused(
    changes: dict[object, object], why: str
) -> None:
    """Spec, section 4: exactly six labels; the good signature does not help."""
    spoiled = {k: v for k, v in {**header(), **changes}.items() if v is not None}
    with pytest.raises(FormatError):
        statement.verify(resigned(spoiled), OFFICE.public)
        pytest.fail(f"accepted {why}")


@pytest.mark.parametrize("label", [1, 4, 15, 16, 258, 259])
def test_no_header_may_be_missing(label: int) -> None:
    spoiled = {k: v for k, v in header().items() if k != label}
    with pytest.raises(FormatError):
        statement.parse(resigned(spoiled))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (b"", "nothing"),
        (GOOD + b"\x00", "a byte after the end"),
        (GOOD + GOOD, "two statements"),
        (GOOD[:-1], "a byte too few"),
        (GOOD[1:], "no tag"),
        (b"\xd8\x12" + GOOD[1:], "a long tag"),
        (b"\xd8\x62" + GOOD[1:], "the tag of COSE_Sign"),
        (b"\xd9\xd9\xf7" + GOOD, "a tag around it"),
        (resigned(header(), unprotected={4: OFFICE.kid}), "an unprotected header"),
        (resigned(header(), unprotected={394: [b"receipt"]}), "a receipt, which is for copies"),
        (resigned(header(), payload=None), "a detached payload"),
        (resigned(header(), payload=b"the act itself"), "the document for the digest"),
        (resigned(b""), "no protected header"),
        (resigned(b"\xa0"), "an empty protected header"),
        (resigned(b"\xbf" + cbor2.dumps(header())[1:] + b"\xff"), "a map without length"),
        (resigned(b"\xa7" + cbor2.dumps(header())[1:] + b"\x01\x26"), "the algorithm twice"),
        (resigned(dict(reversed(header().items()))), "keys out of order"),
        (GOOD.replace(b"\x01\x26", b"\x01\x38\x06", 1), "a long integer"),
        (GOOD[:-64] + other_s(GOOD[-64:]), "the mirrored signature"),
        (b"\xd2\x84" + b"\x00" * 70_000, "more than an entry bundle can carry"),
        (written(issuer="a" * 255)[:-64] + b"\x00" * 64, "a signature of zeros"),
    ],
)
def test_only_the_bytes_that_we_would_write_are_a_statement(entry: bytes, why: str) -> None:
    with pytest.raises(FormatError):
        statement.verify(entry, OFFICE.public)
        pytest.fail(f"accepted {why}")


def test_a_statement_by_another_key_is_false() -> None:
    with pytest.raises(VerificationFailed):
        statement.verify(GOOD, REGISTRY.public)
    # Even if it claims to be by the office's.
    impostor = Replay(
        OFFICE.alg, OFFICE.kid, MemorySigner(ec.derive_private_key(9, ec.SECP256R1())).sign(b"")
    )
    claimed = statement.parse(GOOD)
    forged = statement.write(
        issuer=claimed.issuer,
        subject=claimed.subject,
        issued_at=claimed.issued_at,
        digest=claimed.digest,
        content_type=claimed.content_type,
        signer=impostor,
    )
    with pytest.raises(VerificationFailed):
        statement.verify(forged, OFFICE.public)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "office:treasure"},
        {"subject": "letter:2031-0043"},
        {"issued_at": 1_933_000_001},
        {"digest": sha256(b"another act").digest()},
        {"content_type": "application/vnd.vidimus.ack+json"},
    ],
)
def test_everything_that_a_statement_says_is_signed(change: dict[str, object]) -> None:
    forged = rewritten(replace(statement.parse(GOOD), **change))  # type: ignore[arg-type]
    with pytest.raises(VerificationFailed):
        statement.verify(forged, OFFICE.public)


def test_one_flipped_bit_anywhere_is_malformed_or_false() -> None:
    """Every bit of the entry is under the signature, or is fixed by the format."""
    for bit in range(len(GOOD) * 8):
        flipped = (int.from_bytes(GOOD) ^ (1 << bit)).to_bytes(len(GOOD))
        with pytest.raises((FormatError, VerificationFailed)):
            statement.verify(flipped, OFFICE.public)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_statement_or_malformed(junk: bytes) -> None:
    for entry in (junk, b"\xd2\x84" + junk, GOOD[: len(junk)] + junk):
        with pytest.raises((FormatError, VerificationFailed)):
            statement.verify(entry, OFFICE.public)


@given(st.integers(0, len(GOOD)), st.binary(max_size=4), st.integers(0, 4))
def test_a_mutated_statement_is_malformed_or_what_we_would_write(
    at: int, inserted: bytes, removed: int
) -> None:
    entry = GOOD[:at] + inserted + GOOD[at + removed :]
    try:
        read = statement.parse(entry)
    except FormatError:
        return
    assert rewritten(read) == entry


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.text()


@given(
    st.dictionaries(st.sampled_from([1, 4, 15, 16, 258, 259]), SCALARS),
    st.dictionaries(st.sampled_from([1, 2, 6]), SCALARS),
    SCALARS | st.just(DIGEST),
)
def test_any_well_formed_header_is_ours_or_malformed(
    changes: dict[int, object], claims: dict[int, object], payload: object
) -> None:
    whole = header() | {15: {**header()[15], **claims}} | changes  # type: ignore[dict-item]
    entry = resigned(whole, payload)
    try:
        read = statement.parse(entry)
    except FormatError:
        return
    assert rewritten(read) == entry


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255),
    st.integers(0, 253_402_300_799),
    st.binary(min_size=32, max_size=32),
)
def test_whatever_can_be_written_is_read_back(
    issuer: str, subject: str, issued_at: int, digest: bytes
) -> None:
    entry = written(OFFICE, issuer, subject, issued_at, digest)
    read = statement.verify(entry, OFFICE.public)
    assert (read.issuer, read.subject, read.issued_at, read.digest) == (
        issuer, subject, issued_at, digest,
    )  # fmt: skip
    assert len(entry) < 1_000


@pytest.mark.parametrize(
    "bad",
    [
        {"issuer": ""},
        {"subject": "two words"},
        {"issued_at": -1},
        {"digest": b"short"},
        {"content_type": "json"},
    ],
)
def test_what_could_not_be_read_is_not_signed(bad: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        written(**bad)  # type: ignore[arg-type]


def test_a_signer_that_gives_the_higher_s_is_put_right() -> None:
    """Tokens and key services know no low-s rule; the entry has it all the same."""

    @dataclass(frozen=True)
    class Token(Replay):
        def sign(self, message: bytes) -> bytes:
            return other_s(OFFICE.sign(message))

    token = Token(OFFICE.alg, OFFICE.kid, b"")
    entry = written(token)  # type: ignore[arg-type]
    assert entry == GOOD
    statement.verify(entry, OFFICE.public)


@pytest.mark.parametrize("signature", [b"", b"\x30\x45" + b"\x02" * 69, b"\x01" * 63])
def test_a_signer_that_gives_no_cose_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(FormatError):
        written(Replay(OFFICE.alg, OFFICE.kid, signature))  # type: ignore[arg-type]


@given(
    st.binary(min_size=16, max_size=16),
    st.binary(max_size=5_000),
    st.integers(65_536, 2**32 - 1),
)
def test_sealed_entries_are_all_of_one_length(
    randomness: bytes, document: bytes, issued_at: int
) -> None:
    """Nobody outside learns which office drafts, what, or how much (times: 1970 to 2106)."""
    entry = written(
        REGISTRY,
        "registry:example",
        statement.sealed_subject(randomness),
        issued_at,
        sha256(document).digest(),
        "application/vnd.vidimus.sealed",
    )
    first = written(
        REGISTRY,
        "registry:example",
        statement.sealed_subject(bytes(16)),
        1_933_000_000,
        DIGEST,
        "application/vnd.vidimus.sealed",
    )
    assert len(entry) == len(first)


def test_a_sealed_subject_takes_all_its_randomness() -> None:
    with pytest.raises(FormatError):
        statement.sealed_subject(b"too little")
    assert len({statement.sealed_subject(bytes([n]) * 16) for n in range(256)}) == 256
