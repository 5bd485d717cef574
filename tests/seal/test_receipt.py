"""A receipt is the log's word on one entry, and nothing in it can be turned to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.log.trees import Tree
from tests.seal.test_keys import other_s

from vidimus.core.log import merkle
from vidimus.core.seal import receipt, statement
from vidimus.core.seal.foreign import verify_foreign, verify_foreign_consistency
from vidimus.core.seal.keys import MemorySigner, PublicKey
from vidimus.core.seal.receipt import Growth, Receipt
from vidimus.errors import FormatError, VerificationFailed, VidimusError

OFFICE = MemorySigner(ec.derive_private_key(2031, ec.SECP256R1()))
LOG = MemorySigner(ec.derive_private_key(2032, ec.SECP256R1()))
ED25519_LOG = MemorySigner(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))
ORIGIN = "letters.example.org/log"
TIME = 1_933_000_100


def entry(number: int, subject: str | None = None) -> bytes:
    return statement.write(
        issuer="office:treasury",
        subject=subject or f"letter:2031-{number:04}",
        issued_at=1_933_000_000,
        digest=sha256(f"act {number}".encode()).digest(),
        content_type="application/vnd.vidimus.act+json",
        signer=OFFICE,
    )


ENTRIES = [entry(number) for number in range(20)]
TREE = Tree(ENTRIES)


def written(index: int, size: int, signer: MemorySigner = LOG) -> bytes:
    return receipt.write(
        index=index,
        size=size,
        path=merkle.inclusion(index, size, TREE.read),
        issuer=ORIGIN,
        subject=statement.parse(ENTRIES[index]).subject,
        issued_at=TIME,
        root=merkle.root(size, TREE.read),
        signer=signer,
    )


def grown(old: int, new: int, signer: MemorySigner = LOG) -> bytes:
    return receipt.write_consistency(
        old=old,
        new=new,
        path=merkle.consistency(old, new, TREE.read),
        issuer=ORIGIN,
        issued_at=TIME,
        root=merkle.root(new, TREE.read),
        signer=signer,
    )


GOOD = written(5, 11)
GROWN = grown(6, 11)


@dataclass(frozen=True)
class Replay:
    """Gives a signature that is there already, so that a receipt can be written a second time."""

    alg: int
    kid: bytes
    signature: bytes
    public: PublicKey = LOG.public

    def sign(self, message: bytes) -> bytes:
        return self.signature


def rewritten(read: Receipt) -> bytes:
    """What write() makes of everything that parse() said, and the same signature."""
    return receipt.write(
        index=read.index,
        size=read.size,
        path=read.path,
        issuer=read.issuer,
        subject=read.subject,
        issued_at=read.issued_at,
        root=bytes(32),
        signer=Replay(read.alg, read.kid, read.receipt[-64:]),
    )


def rewritten_growth(read: Growth) -> bytes:
    return receipt.write_consistency(
        old=read.old,
        new=read.new,
        path=read.path,
        issuer=read.issuer,
        issued_at=read.issued_at,
        root=bytes(32),
        signer=Replay(read.alg, read.kid, read.receipt[-64:]),
    )


def header() -> dict[Any, Any]:
    """The protected header of GOOD, to be spoiled."""
    return {
        1: -7,
        4: LOG.kid,
        15: {1: ORIGIN, 2: "letter:2031-0005", 6: TIME, -91620: 11},
        395: 1,
    }


def proof() -> list[Any]:
    return [11, 5, list(merkle.inclusion(5, 11, TREE.read))]


def resigned(protected: object = None, unprotected: object = None, payload: object = None) -> bytes:
    """A COSE_Sign1 of one's own over the right root, with a good signature by the log."""
    protected = header() if protected is None else protected
    encoded = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    if unprotected is None:
        unprotected = {396: {-1: [cbor2.dumps(proof())]}}
    root = merkle.root(11, TREE.read)
    signature = LOG.sign(cbor2.dumps(["Signature1", encoded, b"", root]))
    return cbor2.dumps(cbor2.CBORTag(18, [encoded, unprotected, payload, signature]))


@pytest.mark.parametrize("signer", [LOG, ED25519_LOG])
def test_every_entry_of_every_size_has_a_receipt_that_holds(signer: MemorySigner) -> None:
    """Size 1 too, where the path is empty and the grammar of RFC 9942 would have none."""
    for size in (1, 2, 3, 7, 8, 20):
        for index in range(size):
            made = written(index, size, signer)
            read = receipt.verify(made, ENTRIES[index], signer.public)
            assert read == receipt.parse(made)
            assert (read.issuer, read.size, read.index) == (ORIGIN, size, index)
            assert (read.subject, read.issued_at) == (f"letter:2031-{index:04}", TIME)
            assert read.root(ENTRIES[index]) == merkle.root(size, TREE.read)
            assert rewritten(read) == made
            assert len(made) < 600


@pytest.mark.parametrize("signer", [LOG, ED25519_LOG])
def test_growth_between_any_two_sizes_has_a_receipt_that_holds(signer: MemorySigner) -> None:
    for new in (2, 3, 8, 20):
        for old in range(1, new):
            made = grown(old, new, signer)
            old_root = merkle.root(old, TREE.read)
            read = receipt.verify_consistency(made, old, old_root, signer.public)
            assert read == receipt.parse_consistency(made)
            assert (read.issuer, read.old, read.new) == (ORIGIN, old, new)
            assert read.root(old_root) == merkle.root(new, TREE.read)
            assert rewritten_growth(read) == made


def test_the_bytes_are_those_of_the_standard() -> None:
    """RFC 9942 sections 5.2 and 5.3, taken apart by a decoder that is not ours."""
    tagged = cbor2.loads(GOOD)
    assert tagged.tag == 18
    protected, unprotected, payload, signature = tagged.value
    assert cbor2.loads(protected) == header()
    assert cbor2.loads(unprotected[396][-1][0]) == proof()
    assert (set(unprotected), set(unprotected[396])) == ({396}, {-1})
    assert (payload, len(signature)) == (None, 64)
    assert resigned() == GOOD
    growth = cbor2.loads(GROWN).value
    assert cbor2.loads(growth[0])[15] == {1: ORIGIN, 2: ORIGIN, 6: TIME, -91620: 11}
    path = list(merkle.consistency(6, 11, TREE.read))
    assert cbor2.loads(growth[1][396][-2][0]) == [6, 11, path]


def mutations(good: bytes) -> Iterator[bytes]:
    """Every byte changed in every bit and to both its neighbours."""
    for at, byte in enumerate(good):
        for other in {byte ^ (1 << bit) for bit in range(8)} | {byte - 1 & 255, byte + 1 & 255}:
            yield good[:at] + bytes([other]) + good[at + 1 :]


def test_no_byte_of_a_receipt_or_of_its_entry_can_be_changed() -> None:
    for changed in mutations(GOOD):
        with pytest.raises((FormatError, VerificationFailed)):
            receipt.verify(changed, ENTRIES[5], LOG.public)
    for changed in mutations(ENTRIES[5]):
        with pytest.raises((FormatError, VerificationFailed)):
            receipt.verify(GOOD, changed, LOG.public)


def test_no_byte_of_a_receipt_of_growth_can_be_changed() -> None:
    old_root = merkle.root(6, TREE.read)
    for changed in mutations(GROWN):
        with pytest.raises((FormatError, VerificationFailed)):
            receipt.verify_consistency(changed, 6, old_root, LOG.public)
    for changed in mutations(old_root):
        with pytest.raises(VerificationFailed):
            receipt.verify_consistency(GROWN, 6, changed, LOG.public)
    with pytest.raises(VerificationFailed):
        receipt.verify_consistency(GROWN, 5, old_root, LOG.public)


def test_a_stranger_cannot_make_a_receipt_say_another_size() -> None:
    """Spec, section 2: RFC 9942 leaves the size unsigned, and one path fits several sizes."""
    made = written(0, 5)
    read = receipt.parse(made)
    assert merkle.inclusion_root(0, 8, merkle.leaf_hash(ENTRIES[0]), read.path) == read.root(
        ENTRIES[0]
    )
    with pytest.raises(VerificationFailed):
        receipt.verify(rewritten(replace(read, size=8)), ENTRIES[0], LOG.public)


def test_a_receipt_for_one_entry_is_none_for_another_of_the_same_tree() -> None:
    """One signature covers the root of them all: the subject tells whose receipt it is."""
    read = receipt.parse(GOOD)
    path = merkle.inclusion(6, 11, TREE.read)
    for subject in ("letter:2031-0005", "letter:2031-0006"):
        moved = rewritten(replace(read, index=6, path=path, subject=subject))
        with pytest.raises(VerificationFailed):
            receipt.verify(moved, ENTRIES[6], LOG.public)


def test_a_receipt_of_growth_is_none_of_inclusion_and_the_other_way_round() -> None:
    with pytest.raises(FormatError):
        receipt.parse(GROWN)
    with pytest.raises(FormatError):
        receipt.parse_consistency(GOOD)


def test_a_receipt_by_another_key_is_false() -> None:
    impostor = MemorySigner(ec.derive_private_key(9, ec.SECP256R1()))
    for key in (OFFICE.public, ED25519_LOG.public):
        with pytest.raises(VerificationFailed):
            receipt.verify(GOOD, ENTRIES[5], key)
    read = receipt.parse(written(5, 11, impostor))
    claimed = rewritten(replace(read, kid=LOG.kid))
    with pytest.raises(VerificationFailed):
        receipt.verify(claimed, ENTRIES[5], LOG.public)


def test_a_statement_is_no_receipt_and_a_receipt_no_statement() -> None:
    """Both sign 32 bytes: only their headers keep one from passing as the other."""
    with pytest.raises(FormatError):
        receipt.parse(ENTRIES[5])
    with pytest.raises(FormatError):
        statement.parse(GOOD)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({1: -9}, "the newer number of the same algorithm"),
        ({1: -35}, "an algorithm that we do not know"),
        ({2: [395]}, "a critical header"),
        ({3: "application/cbor"}, "a content type"),
        ({4: b"kid"}, "a key id that is no thumbprint"),
        ({4: None}, "no key id"),
        ({16: "application/vnd.vidimus.statement+cose"}, "a type"),
        ({395: 2}, "another structure"),
        ({395: True}, "a truth for a structure"),
        ({395: None}, "no structure"),
        ({15: {1: ORIGIN, 2: "letter:2031-0005", 6: TIME}}, "no size"),
        ({15: {1: ORIGIN, 2: "letter:2031-0005", 6: TIME, -91620: 12}}, "two sizes"),
        ({15: {1: ORIGIN, 2: "letter:2031-0005", 6: TIME, -91620: 11.0}}, "a broken size"),
        ({15: {1: ORIGIN, 2: "letter:2031-0005", -91620: 11}}, "no time"),
        ({15: {1: ORIGIN, 2: "letter:2031-0005", 6: -1, -91620: 11}}, "a time before 1970"),
        ({15: {1: ORIGIN, 2: "a b", 6: TIME, -91620: 11}}, "a space"),
        ({15: {1: "", 2: "letter:2031-0005", 6: TIME, -91620: 11}}, "no log"),
        ({15: {1: ORIGIN, 2: "x", 4: 9, 6: TIME, -91620: 11}}, "an expiry"),
        ({15: []}, "claims that are a list"),
        ({"vidimus": 1}, "a header of one's own"),
    ],
)
def test_a_signed_receipt_with_any_other_header_is_refused(
    changes: dict[object, object], why: str
) -> None:
    """Spec, section 1: exactly four labels and four claims; the good signature does not help."""
    spoiled = {k: v for k, v in {**header(), **changes}.items() if v is not None}
    with pytest.raises(FormatError):
        receipt.verify(resigned(spoiled), ENTRIES[5], LOG.public)
        pytest.fail(f"accepted {why}")


ROOT = merkle.root(11, TREE.read)
PROOF = cbor2.dumps(proof())


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (b"", "nothing"),
        (GOOD + b"\x00", "a byte after the end"),
        (GOOD[:-1], "a byte too few"),
        (GOOD[1:], "no tag"),
        (b"\xd8\x12" + GOOD[1:], "a long tag"),
        (b"\xd9\xd9\xf7" + GOOD, "a tag around it"),
        (GOOD[:-64] + other_s(GOOD[-64:]), "the mirrored signature"),
        (resigned(payload=ROOT), "the root attached"),
        (resigned(payload=b""), "an empty payload"),
        (resigned(b""), "no protected header"),
        (resigned(b"\xbf" + cbor2.dumps(header())[1:] + b"\xff"), "a map without length"),
        (resigned(b"\xa5" + cbor2.dumps(header())[1:] + b"\x01\x26"), "the algorithm twice"),
        (resigned(dict(reversed(header().items()))), "keys out of order"),
        (resigned(unprotected={}), "no proof"),
        (resigned(unprotected={396: {}}), "no kind of proof"),
        (resigned(unprotected={396: {-1: []}}), "an empty list of proofs"),
        (resigned(unprotected={396: {-1: [PROOF, PROOF]}}), "a proof twice"),
        (resigned(unprotected={396: {-1: [proof()]}}), "a proof that is not wrapped"),
        (resigned(unprotected={396: {-1: PROOF}}), "a proof without a list"),
        (resigned(unprotected={396: {-1: [PROOF], -2: [PROOF]}}), "another proof beside it"),
        (resigned(unprotected={395: 1, 396: {-1: [PROOF]}}), "the structure in two places"),
        (resigned(unprotected={4: LOG.kid, 396: {-1: [PROOF]}}), "one more header"),
        (resigned(unprotected={396: {-1: [PROOF + b"\x00"]}}), "a byte after the proof"),
        (resigned(unprotected={396: {-1: [cbor2.dumps([11, 5])]}}), "a proof without a path"),
        (resigned(unprotected={396: {-1: [cbor2.dumps([11, 5, []])]}}), "an empty path"),
        (resigned(unprotected={396: {-1: [cbor2.dumps([11, 5, [b"x"] * 4])]}}), "short hashes"),
        (resigned(unprotected={396: {-1: [cbor2.dumps([11, 11, []])]}}), "an index too high"),
        (resigned(unprotected={396: {-1: [cbor2.dumps([11, -1, []])]}}), "an index below zero"),
        (resigned(unprotected={396: {-1: [cbor2.dumps([0, 0, []])]}}), "an empty tree"),
        (resigned(unprotected={396: {-1: [cbor2.dumps([2**63, 5, []])]}}), "no such tree"),
        (resigned(unprotected=[]), "a list for a header"),
        (b"\xd2\x84" + b"\x81" * 4_000 + b"\x00", "deep nesting"),
        (b"\xd2\x84" + b"\x00" * 70_000, "an endless receipt"),
    ],
)
def test_only_the_bytes_that_we_would_write_are_a_receipt(made: bytes, why: str) -> None:
    with pytest.raises(FormatError):
        receipt.verify(made, ENTRIES[5], LOG.public)
        pytest.fail(f"accepted {why}")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_receipt_or_refused(junk: bytes) -> None:
    """Nothing but a VidimusError comes out of any reader here."""
    for made in (junk, b"\xd2\x84" + junk, GOOD[: len(junk)] + junk):
        for read in (
            lambda made: receipt.verify(made, ENTRIES[5], LOG.public),
            lambda made: receipt.verify(GOOD, made, LOG.public),
            lambda made: receipt.verify_consistency(made, 6, bytes(32), LOG.public),
            lambda made: verify_foreign(made, ENTRIES[5], [LOG.public]),
            lambda made: verify_foreign_consistency(made, 6, bytes(32), [LOG.public]),
            receipt.detach,
        ):
            with pytest.raises((FormatError, VerificationFailed)):
                read(made)


@given(st.integers(0, len(GOOD)), st.binary(max_size=4), st.integers(0, 4))
def test_a_mutated_receipt_is_malformed_or_what_we_would_write(
    at: int, inserted: bytes, removed: int
) -> None:
    made = GOOD[:at] + inserted + GOOD[at + removed :]
    try:
        read = receipt.parse(made)
    except FormatError:
        return
    assert rewritten(read) == made


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.integers(-4, 4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([1, 4, 15, 395]), SCALARS),
    st.dictionaries(st.sampled_from([1, 2, 6, -91620]), SCALARS),
    st.lists(SCALARS, max_size=3),
    VALUES,
)
def test_any_well_formed_parts_are_a_receipt_of_ours_or_malformed(
    changes: dict[int, object], claims: dict[int, object], numbers: list[object], loose: object
) -> None:
    whole = header() | {15: {**header()[15], **claims}} | changes
    spoiled = cbor2.dumps([*numbers, *proof()[len(numbers) :]])
    for made in (
        resigned(whole),
        resigned(whole, {396: {-1: [spoiled]}}),
        resigned(unprotected={396: {-1: [spoiled]}}),
        resigned(unprotected={396: loose}),
        resigned(unprotected={396: {-1: loose}}),
        resigned(unprotected=loose),
    ):
        try:
            read = receipt.parse(made)
        except FormatError:
            read = None
        if read:
            assert rewritten(read) == made
        try:
            verify_foreign(made, ENTRIES[5], [LOG.public])
        except VidimusError:
            assert not read


NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255)


@given(st.integers(1, 2**63 - 1), st.data(), NAMES, NAMES, st.integers(0, 253_402_300_799))
@settings(max_examples=50)
def test_whatever_can_be_written_is_read_back(
    size: int, data: st.DataObject, issuer: str, subject: str, issued_at: int
) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = [bytes([n]) * 32 for n in range(merkle.inclusion_length(index, size))]
    about = entry(1, subject)
    root = merkle.inclusion_root(index, size, merkle.leaf_hash(about), path)
    made = receipt.write(
        index=index,
        size=size,
        path=path,
        issuer=issuer,
        subject=subject,
        issued_at=issued_at,
        root=root,
        signer=LOG,
    )
    read = receipt.verify(made, about, LOG.public)
    assert (read.issuer, read.subject, read.issued_at) == (issuer, subject, issued_at)
    assert (read.size, read.index, list(read.path)) == (size, index, path)
    assert len(made) <= receipt.LONGEST
    assert verify_foreign(made, about, [OFFICE.public, LOG.public]).key == LOG.public


@pytest.mark.parametrize(
    "bad",
    [
        {"index": 11},
        {"index": -1},
        {"size": 0},
        {"size": 2**63},
        {"path": []},
        {"path": [bytes(31)] * 4},
        {"issuer": ""},
        {"subject": "two words"},
        {"issued_at": -1},
        {"root": b"short"},
    ],
)
def test_what_could_not_be_read_is_not_signed(bad: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "index": 5,
        "size": 11,
        "path": merkle.inclusion(5, 11, TREE.read),
        "issuer": ORIGIN,
        "subject": "letter:2031-0005",
        "issued_at": TIME,
        "root": ROOT,
        "signer": LOG,
    }
    assert receipt.write(**good) == GOOD
    with pytest.raises(FormatError):
        receipt.write(**good | bad)


@pytest.mark.parametrize(("old", "new"), [(0, 11), (11, 11), (12, 11), (-1, 11)])
def test_growth_leads_from_something_to_more(old: int, new: int) -> None:
    """Spec, section 3: from nothing and to itself there is nothing to prove."""
    with pytest.raises(FormatError):
        receipt.write_consistency(
            old=old, new=new, path=[], issuer=ORIGIN, issued_at=TIME, root=ROOT, signer=LOG
        )


def test_a_signer_that_gives_the_higher_s_is_put_right() -> None:
    @dataclass(frozen=True)
    class Token(Replay):
        def sign(self, message: bytes) -> bytes:
            return other_s(LOG.sign(message))

    assert written(5, 11, Token(LOG.alg, LOG.kid, b"")) == GOOD  # type: ignore[arg-type]


def test_receipts_are_attached_to_a_copy_and_taken_off_again() -> None:
    """RFC 9943 section 7: the entry itself stays as it is in the log."""
    later = written(5, 20)
    for receipts in ((GOOD,), (GOOD, later), (later, b"a stranger's broken one", GOOD)):
        copy = receipt.transparent(ENTRIES[5], receipts)
        assert receipt.detach(copy) == (ENTRIES[5], receipts)
        with pytest.raises(FormatError):
            statement.parse(copy)
    held = cbor2.loads(receipt.transparent(ENTRIES[5], [GOOD])).value[1]
    assert {label: list(value) for label, value in held.items()} == {394: [GOOD]}


@pytest.mark.parametrize("receipts", [[], [b"x"] * 101, ["text"], [bytes(70_000)], [None]])
def test_what_could_not_be_taken_off_is_not_attached(receipts: list[Any]) -> None:
    with pytest.raises(FormatError):
        receipt.transparent(ENTRIES[5], receipts)


def reattached(unprotected: object) -> bytes:
    protected, _, payload, signature = cbor2.loads(ENTRIES[5]).value
    return cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected, payload, signature]))


@pytest.mark.parametrize(
    "copy",
    [
        ENTRIES[5],
        GOOD,
        b"",
        reattached({394: []}),
        reattached({394: GOOD}),
        reattached({394: [cbor2.loads(GOOD)]}),
        reattached({394: [GOOD], 4: b"kid"}),
        reattached({394: [GOOD], "note": "genuine"}),
        reattached({393: [GOOD]}),
        reattached([GOOD]),
        reattached({394: [GOOD]}) + b"\x00",
        receipt.transparent(ENTRIES[5], [GOOD]).replace(b"\x01\x26", b"\x01\x28", 1),
    ],
)
def test_nothing_else_is_a_statement_with_receipts(copy: bytes) -> None:
    with pytest.raises(FormatError):
        receipt.detach(copy)
