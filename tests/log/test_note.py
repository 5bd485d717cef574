"""Notes: signed texts that have one form, and signatures that are believed only when checked."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.log import checkpoint, lines, note, proof
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.errors import FormatError, UsageError, VerificationFailed

ORIGIN = "letters.example.org/log"
LOG = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
WITNESS = note.Signer.of("witness.example.net", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
TEXT = "one line\n\nand one after a blank line: é\n"
SIGNED = note.sign(TEXT, LOG)
HEAD = Checkpoint(ORIGIN, 7, b"\x07" * 32)
SIGNED_HEAD = checkpoint.sign_checkpoint(HEAD, LOG)
PROOF = str(proof.Proof(5, (b"\x01" * 32, b"\x02" * 32), SIGNED_HEAD, b"more"))


def line(signer: note.Signer, text: str = TEXT) -> str:
    """The signature line alone."""
    return note.sign(text, signer).removeprefix(text + "\n")


def test_what_is_signed_opens() -> None:
    opened = note.open(SIGNED, [LOG.verifier])
    assert opened.text == TEXT
    assert [signature.name for signature in opened.signatures] == [ORIGIN]
    assert str(opened) == SIGNED


@pytest.mark.parametrize(
    "vkey",
    [
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
    ],
)
def test_published_verifier_keys_are_read_and_written_back(vkey: str) -> None:
    assert str(note.Verifier.parse(vkey)) == vkey


def test_unknown_signatures_are_ignored_and_known_ones_returned() -> None:
    """C2SP signed-note: verifiers MUST ignore signatures from unknown keys."""
    both = SIGNED + line(WITNESS)
    assert len(note.open(both, [LOG.verifier]).signatures) == 1
    assert len(note.open(both, [LOG.verifier, WITNESS.verifier]).signatures) == 2
    assert note.open(both, [WITNESS.verifier]).text == TEXT


def test_a_bad_signature_by_a_known_key_condemns_the_whole_note() -> None:
    """C2SP signed-note: if one from a known key fails, clients SHOULD reject the whole note."""
    forged = SIGNED + line(WITNESS, "another text\n")
    assert note.open(forged, [LOG.verifier]).text == TEXT
    with pytest.raises(VerificationFailed):
        note.open(forged, [LOG.verifier, WITNESS.verifier])
    # Also when a good one by the same key stands above it.
    with pytest.raises(VerificationFailed):
        note.open(SIGNED + line(LOG, "another text\n"), [LOG.verifier])


@pytest.mark.parametrize("length", [1, 63, 65, 200])
def test_a_known_key_with_a_signature_of_another_length_is_false(length: int) -> None:
    signature = note.Signature(ORIGIN, LOG.verifier.key_id, b"\x01" * length)
    with pytest.raises(VerificationFailed):
        note.open(TEXT + "\n" + str(signature), [LOG.verifier])


def test_a_checkpoint_is_signed_by_the_key_of_its_log_alone() -> None:
    """Spec, section 4: one key cannot speak for two logs."""
    with pytest.raises(UsageError):
        checkpoint.sign_checkpoint(HEAD, WITNESS)
    with pytest.raises(UsageError):
        checkpoint.open_checkpoint(SIGNED_HEAD, LOG.verifier, "elsewhere.example.org/log")


@pytest.mark.parametrize(
    "head",
    [
        Checkpoint(ORIGIN, -1, b"\x07" * 32),
        Checkpoint(ORIGIN, 2**63, b"\x07" * 32),
        Checkpoint(ORIGIN, 7, b"\x07" * 31),
        Checkpoint(ORIGIN, 0, b"\x07" * 32),
    ],
)
def test_a_checkpoint_that_could_not_be_read_is_not_signed(head: Checkpoint) -> None:
    with pytest.raises(FormatError):
        checkpoint.sign_checkpoint(head, LOG)


def test_a_note_signed_by_nobody_known_is_refused() -> None:
    with pytest.raises(VerificationFailed):
        note.open(SIGNED, [WITNESS.verifier])
    with pytest.raises(VerificationFailed):
        note.open(SIGNED, [])
    with pytest.raises(UsageError):
        note.open(SIGNED, [LOG.verifier, LOG.verifier])


def test_a_repeated_signature_counts_once() -> None:
    assert len(note.open(SIGNED + line(LOG), [LOG.verifier]).signatures) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "",
        TEXT,
        SIGNED[:-1],
        SIGNED + "\n",
        SIGNED.replace("\n", "\r\n"),
        SIGNED.replace("— ", "- "),
        SIGNED.replace("— ", "– "),
        SIGNED.replace("— ", "—"),
        SIGNED.replace("— ", "—\u00a0"),
        SIGNED.replace("— ", "—  "),
        SIGNED.replace("=\n", "\n"),
        SIGNED.replace("=\n", "==\n"),
        SIGNED.replace("one line", "one\tline"),
        SIGNED.replace("one line", "one\x00line"),
        SIGNED.replace(ORIGIN, "a+b"),
        SIGNED + "— name AAAA\n",
        SIGNED + "— name\n",
        SIGNED + "— AAAAAAAA\n",
        SIGNED + line(WITNESS) * 100,
        TEXT + "\n",
        "a\ud800\n\n" + line(LOG),
    ],
)
def test_only_the_one_form_is_a_note(bad: str) -> None:
    with pytest.raises(FormatError):
        note.open(bad, [LOG.verifier])


@pytest.mark.parametrize("text", ["", "no newline", "a\r\n", "a\x00\n", "a\ud800\n"])
def test_what_could_not_be_read_is_not_signed(text: str) -> None:
    with pytest.raises(FormatError):
        note.sign(text, LOG)


def test_a_verifier_key_has_one_text() -> None:
    vkey = str(LOG.verifier)
    assert note.Verifier.parse(vkey) == LOG.verifier
    name, key_id, encoded = vkey.split("+", 2)
    for bad in (
        "",
        name,
        f"{name}+{key_id}",
        f"{name}+{key_id.upper()}x+{encoded}",
        f"{name}+00000000+{encoded}",
        f"other+{key_id}+{encoded}",
        f"{name} +{key_id}+{encoded}",
        f"+{key_id}+{encoded}",
        vkey + "\n",
        vkey + "=",
        f"{name}+{key_id}+{lines.to_base64(bytes([4]) + LOG.verifier.key)}",
        f"{name}+{key_id}+{lines.to_base64(bytes([1]) + LOG.verifier.key[:31])}",
        f"{name}+{key_id}+{lines.to_base64(bytes([1]) + bytes(32))}",
    ):
        with pytest.raises(FormatError):
            note.Verifier.parse(bad)


@given(st.text())
def test_any_text_is_a_note_or_malformed_or_false(text: str) -> None:
    for attempt in (text, text + "\n\n" + line(LOG), SIGNED[:40] + text + SIGNED[40:]):
        try:
            opened = note.open(attempt, [LOG.verifier])
        except (FormatError, VerificationFailed):
            continue
        assert opened.text == TEXT


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"])))
def test_whatever_can_be_signed_opens_to_the_same_text(text: str) -> None:
    assert note.open(note.sign(text + "\n", LOG), [LOG.verifier]).text == text + "\n"


@given(st.text(alphabet="0123456789+-_ \n٣a=/", max_size=25))
def test_a_number_and_a_base64_have_one_text(text: str) -> None:
    for read, write in (
        (lines.from_decimal, lines.to_decimal),
        (lines.from_base64, lines.to_base64),
    ):
        try:
            value = read(text)
        except FormatError:
            continue
        assert write(value) == text  # type: ignore[operator]


@pytest.mark.parametrize(
    "text", ["", "07", "+7", "-0", "1_0", " 7", "7\n", "٣", "9" * 19, str(2**63), "9" * 9999]
)
def test_a_forgiven_number_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        lines.from_decimal(text)


def test_numbers_beyond_63_bits_are_not_written() -> None:
    assert lines.from_decimal(lines.to_decimal(2**63 - 1)) == 2**63 - 1
    for number in (-1, 2**63):
        with pytest.raises(FormatError):
            lines.to_decimal(number)


@given(st.integers(0, len(SIGNED_HEAD) - 1), st.characters())
def test_a_changed_character_is_never_another_checkpoint(at: int, character: str) -> None:
    """Fuzzing a signed checkpoint gives the same tree head, malformed or false."""
    changed = SIGNED_HEAD[:at] + character + SIGNED_HEAD[at + 1 :]
    try:
        assert checkpoint.open_checkpoint(changed, LOG.verifier, ORIGIN) == HEAD
    except (FormatError, VerificationFailed):
        pass
    else:
        assert changed == SIGNED_HEAD


@given(st.text(max_size=300))
def test_any_text_is_a_checkpoint_or_malformed(text: str) -> None:
    """Spec, section 4: a verifier refuses any text that it would not itself write."""
    for attempt in (text, f"{ORIGIN}\n{text}\n", f"{ORIGIN}\n7\n{text}\n"):
        try:
            read = checkpoint.parse(attempt)
        except FormatError:
            continue
        assert str(read) == attempt


@given(st.integers(0, len(PROOF)), st.text(max_size=5), st.integers(0, 3))
def test_any_text_is_a_proof_or_malformed(at: int, inserted: str, removed: int) -> None:
    for attempt in (inserted, PROOF[:at] + inserted + PROOF[at + removed :]):
        try:
            read = proof.parse(attempt)
        except FormatError:
            continue
        assert str(read) == attempt
        with pytest.raises((FormatError, VerificationFailed)):
            proof.check_proof(read, b"an entry", LOG.verifier, ORIGIN)
