"""Claims: the log's signed word that these are all entries on a subject."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.log import claim, merkle, note
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.log.checkpoint import parse as parse_checkpoint
from vidimus.core.log.claim import Claim
from vidimus.errors import FormatError, TooLarge, UsageError, VerificationFailed

ORIGIN = "letters.example.org/log"
LOG = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
OTHER = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
ELSEWHERE = note.Signer.of("elsewhere.example", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
HEAD = Checkpoint(ORIGIN, 9, b"\x07" * 32)
LETTER = "QF3MZJ2K7XW4TB5A"
CLAIM = claim.claim(HEAD, {"authority": (0, 1, 2), LETTER: (3, 6), "A" * 16: ()})
SIGNED = claim.sign_claim(CLAIM, LOG)

subjects = st.one_of(st.just("authority"), st.text("ABCXYZ234567", min_size=16, max_size=16))


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    size = draw(st.integers(1, 2**63 - 1))
    names = draw(st.lists(subjects, min_size=1, max_size=6, unique=True))
    left = sorted(draw(st.sets(st.integers(0, size - 1), max_size=20)))
    shares: dict[str, list[int]] = {name: [] for name in names}
    for index in left:
        shares[draw(st.sampled_from(names))].append(index)
    return claim.claim(Checkpoint(ORIGIN, size, draw(st.binary(min_size=32, max_size=32))), shares)


def test_the_form_is_the_one_of_the_document() -> None:
    """Spec log, section 7: sorted subjects, each with its entries."""
    assert str(CLAIM).split("\n") == [
        "vidimus.org/subjects@v1",
        ORIGIN,
        "9",
        "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        "A" * 16,
        f"{LETTER} 3 6",
        "authority 0 1 2",
        "",
    ]


@given(claims())
def test_what_is_claimed_is_read_back(made: Claim) -> None:
    assert claim.parse(str(made)) == made
    assert (
        claim.open_claim(claim.sign_claim(made, LOG), [OTHER.verifier, LOG.verifier], ORIGIN)
        == made
    )


@given(claims(), st.data())
def test_one_text_for_one_claim(made: Claim, data: st.DataObject) -> None:
    """Spec log, section 1: what is read is written back as the same text, or refused."""
    text = str(made)
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from([*"\n 0+1A/=é\x00\t", "", "00", "authority"]))
    changed = text[:at] + put + text[at + data.draw(st.integers(0, 2)) :]
    try:
        read = claim.parse(changed)
    except FormatError:
        return
    assert str(read) == changed


@given(st.text(max_size=300))
def test_any_text_is_a_claim_or_malformed(text: str) -> None:
    for each in (text, f"{claim.HEADER}\n{text}"):
        with suppress(FormatError):
            assert str(claim.parse(each)) == each


ROOT = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
HEADLINES = f"{claim.HEADER}\n{ORIGIN}\n9\n{ROOT}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADLINES,  # on no subject
        f"{HEADLINES}authority 0 1",  # no newline at its end
        f"{HEADLINES}authority 0 1\n\n",
        f"{HEADLINES}\n",
        f"{HEADLINES}authority  0\n",
        f"{HEADLINES}authority 0 \n",
        f"{HEADLINES}authority 00\n",
        f"{HEADLINES}authority +1\n",
        f"{HEADLINES}authority 1 0\n",
        f"{HEADLINES}authority 1 1\n",
        f"{HEADLINES}authority 9\n",  # beyond the size
        f"{HEADLINES}authority 99999999999999999999\n",
        f"{HEADLINES}authority 0\nauthority 1\n",
        f"{HEADLINES}authority 0\n{LETTER} 3\n",  # not in order
        f"{HEADLINES}{LETTER} 3\nauthority 3\n",  # one entry, two subjects
        f"{HEADLINES}{LETTER.lower()} 3\n",
        f"{HEADLINES}{LETTER[:15]} 3\n",
        f"{HEADLINES}root 3\n",
        HEADLINES.replace("@v1", "@v2") + "authority 0\n",
        HEADLINES.replace("\n9\n", "\n09\n") + "authority 0\n",
        HEADLINES.replace(ROOT, "BwcH") + "authority 0\n",
        HEADLINES.replace("\n9\n", "\n0\n") + "authority\n",  # an empty tree with another root
        HEADLINES.replace(ORIGIN, "") + "authority 0\n",
        HEADLINES + "".join(f"{'A' * 12}{n // 24:>02}{n % 24:>02}\n" for n in range(1001)),
    ],
)
def test_a_text_that_would_not_be_written_is_malformed(text: str) -> None:
    with pytest.raises(FormatError):
        claim.parse(text)


def test_a_claim_on_an_empty_log_is_possible() -> None:
    empty = claim.claim(Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT), {"authority": ()})
    assert claim.parse(str(empty)) == empty


def test_a_claim_is_no_checkpoint_and_a_checkpoint_no_claim() -> None:
    """One key signs both: neither note may ever pass for the other."""
    with pytest.raises(FormatError):
        parse_checkpoint(str(CLAIM))
    with pytest.raises(FormatError):
        claim.open_claim(sign_checkpoint(HEAD, LOG), [LOG.verifier], ORIGIN)


def test_only_the_logs_own_keys_open_a_claim() -> None:
    assert claim.open_claim(SIGNED, [LOG.verifier], ORIGIN) == CLAIM
    with pytest.raises(VerificationFailed):
        claim.open_claim(SIGNED, [OTHER.verifier], ORIGIN)
    with pytest.raises(VerificationFailed):
        claim.open_claim(SIGNED.replace(" 3 6", " 3"), [LOG.verifier], ORIGIN)
    with pytest.raises(UsageError):
        claim.open_claim(SIGNED, [ELSEWHERE.verifier], ORIGIN)
    with pytest.raises(UsageError):
        claim.sign_claim(CLAIM, ELSEWHERE)


def test_a_claim_of_another_log_is_refused() -> None:
    foreign = note.sign(str(CLAIM).replace(ORIGIN, "elsewhere.example"), LOG)
    with pytest.raises(VerificationFailed):
        claim.open_claim(foreign, [LOG.verifier], ORIGIN)


@pytest.mark.parametrize("change", [{"size": 8}, {"root": b"\x08" * 32}, {"origin": "x"}])
def test_a_claim_of_another_tree_is_not_the_checkpoints(change: dict[str, Any]) -> None:
    fields = {"origin": ORIGIN, "size": 9, "root": b"\x07" * 32}
    claim.require_same_head(CLAIM, Checkpoint(**fields))
    with pytest.raises(VerificationFailed):
        claim.require_same_head(CLAIM, Checkpoint(**(fields | change)))


def test_what_a_claim_does_not_speak_of_is_not_nothing() -> None:
    """Silence on a subject must never read as “no entries”."""
    assert CLAIM.indices(LETTER) == (3, 6)
    assert CLAIM.indices("A" * 16) == ()
    with pytest.raises(VerificationFailed):
        CLAIM.indices("B" * 16)


def test_more_than_a_note_holds_is_refused() -> None:
    many = claim.claim(Checkpoint(ORIGIN, 2**40, b"\x07" * 32), {"authority": range(200_000)})
    with pytest.raises(TooLarge):
        claim.sign_claim(many, LOG)
    names = {
        f"{'A' * 13}{chr(65 + n // 676)}{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}": ()
        for n in range(1001)
    }
    with pytest.raises(TooLarge):
        claim.sign_claim(claim.claim(HEAD, names), LOG)
