"""The structural rule: what a strict reader finds in a PDF, whatever is done to it."""

from __future__ import annotations

import time
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.attacks.pdf_forge import book
from tests.attacks.pdf_forge.book import Doc, stream, written
from tests.attacks.pdf_forge.forged import VECTORS
from tests.attacks.pdf_forge.signing import signed

from vidimus.core.seal import pdf_objects, pdf_structure
from vidimus.core.seal.pdf_structure import SENTENCES, UNSURE, Finding, look
from vidimus.errors import FormatError, TooLarge, VidimusError

MADE = {name: make() for name, make in VECTORS.items()}
NAMES = sorted(MADE)


def test_our_own_form_has_no_findings() -> None:
    """Rule 20: one signature, over all of a file that cannot show anything else."""
    assert look(Doc().written()) == pdf_structure.Structure(0, ())
    made = look(signed())
    assert made == pdf_structure.Structure(1, ())
    assert made.sound


def test_a_signature_in_a_revision_of_its_own_is_sound() -> None:
    """As signers write it: the letter, and behind it the signature and nothing else."""
    from tests.attacks.pdf_forge.book import CATALOGUE, FIELD, PAGE, SIGNATURE, appended
    from tests.attacks.pdf_forge.signing import filled, prepared

    objects = prepared(Doc())
    later = {number: objects[number] for number in (CATALOGUE, PAGE, SIGNATURE, FIELD)}
    content = filled(appended(Doc().written(), later))
    assert look(content).sound
    assert Finding.REVISED in look(appended(content, {PAGE: objects[PAGE]})).findings


UNSOUND = [
    name
    for name in NAMES
    if name.startswith(("usf-", "swa-", "isa-", "shadow-", "eaa-", "ssa-"))
    # These are whole; what is wrong with them is not their form.
    and name not in ("swa-of-other-bytes", "swa-by-a-stranger", "shadow-prepared")
]


@pytest.mark.parametrize("name", UNSOUND)
def test_no_attack_on_a_signature_passes_the_rule(name: str) -> None:
    found = look(MADE[name])
    assert found.signatures >= 1
    assert not found.sound, found


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("usf-range-missing", Finding.NO_RANGE),
        ("usf-range-nought", Finding.NOT_WHOLE),
        ("usf-contents-null", Finding.GAP),
        ("usf-contents-nought", Finding.GAP),
        ("swa-not-to-the-end", Finding.NOT_WHOLE),
        ("swa-two-over-one", Finding.SEVERAL_SIGNATURES),
        ("isa-page-replaced", Finding.REVISED),
        ("isa-without-table", Finding.LOOSE),
        ("isa-without-end", Finding.LOOSE),
        ("isa-startxref-malformed", Finding.UNREADABLE),
        ("numbers-twice", Finding.TWICE_NUMBERED),
        ("numbers-other-generation", Finding.TWICE_NUMBERED),
        ("entries-twice-escaped", Finding.UNREADABLE),
        ("encrypted-other-text", Finding.ENCRYPTED),
        ("script-on-opening", Finding.SCRIPT),
        ("script-on-printing", Finding.ACTION),
        ("form-xfa", Finding.XFA),
        ("note-field", Finding.FIELDS),
        ("note-free-text", Finding.NOTES),
        ("note-locked-link", Finding.NOTES),
        ("layers-by-zoom", Finding.HIDDEN_LAYERS),
        ("layers-second-setting", Finding.HIDDEN_LAYERS),
        ("attached-other-text", Finding.ATTACHED),
        ("stream-outside", Finding.OUTSIDE),
        ("picture-alternates", Finding.ALTERNATES),
        ("pages-uncounted", Finding.PAGES),
        ("pages-twice", Finding.PAGES),
        ("linearised-other-first-page", Finding.PAGES),
        ("stream-picture-or-drawing", Finding.AMBIGUOUS),
        ("table-wrong-place", Finding.TABLE),
    ],
)
def test_each_finding_has_its_attack(name: str, finding: Finding) -> None:
    assert finding in look(MADE[name]).findings


def test_every_finding_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Finding)
    assert all(sentence.endswith(".") and len(sentence) < 120 for sentence in SENTENCES.values())
    assert set(UNSURE) < set(Finding)


def test_what_stands_in_an_object_stream_is_found_as_well() -> None:
    """Names may be written with numbers (7.3.5), and objects packed (7.5.7)."""
    inner = b"20 0 << /S /#4AavaScript /#4aS (x) >> "
    packed = stream(zlib.compress(inner), "/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode")
    content = written(Doc().objects() | {book.FREE: packed})
    assert Finding.SCRIPT in look(content).findings


def test_a_file_that_cannot_be_read_is_searched_for_names() -> None:
    inner = zlib.compress(b"20 0 << /S /JavaScript /JS (x) >> ")
    packed = stream(inner, "/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode")
    content = written(Doc().objects() | {book.FREE: packed}).replace(b"endobj", b"endob", 1)
    assert set(look(content).findings) >= {Finding.UNREADABLE, Finding.SCRIPT}


BOMBS = {
    "deep": b"[" * 100_000,
    "deep dictionaries": b"<</A" * 50_000,
    "wide": b"[" + b"0 " * 1_000_000 + b"]",
    "an open string": b"(" * 1_000_000,
    "a long name": b"/" + b"A" * 1_000_000,
    "a long number": b"9" * 1_000_000,
    "blanks": b" " * 1_000_000,
    "almost references": b"[" + b"1 0 " * 200_000 + b"]",
    "half a hexadecimal string": b"<" + b"0" * 1_000_000,
    "streams without an end": b"<</Length 2 0 R>>stream\nx endobj 1 0 obj\n" * 50_000,
    "streams in streams": b"stream\n" * 300_000 + b"endstream",
    "a stream of blanks": b"<</Length 2 0 R>>stream\n" + b" " * 2_000_000 + b"endstream 1",
    "pages in pages": b"null endobj\n"
    + b"".join(b"%d 0 obj<</Kids[%d 0 R]>>endobj\n" % (n, n + 1) for n in range(2, 9_000))
    + b"trailer<</Root<</Pages 2 0 R>>>>\n1",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_file_takes_long(bomb: str) -> None:
    """Every size is bounded, and no pattern goes back over what it has read."""
    content = b"%PDF-1.7\n1 0 obj\n" + BOMBS[bomb]
    started = time.process_time()
    assert Finding.UNREADABLE in look(content).findings
    assert time.process_time() - started < 4


def test_what_was_packed_small_is_not_unpacked_large() -> None:
    packed = stream(zlib.compress(b"0" * 200_000_000, 9), "/Type /ObjStm /N 1 /First 5"
                    " /Filter /FlateDecode")  # fmt: skip
    with pytest.raises(TooLarge):
        pdf_objects.read(written(Doc().objects() | {book.FREE: packed}))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(NAMES),
    st.lists(
        st.tuples(
            st.floats(0, 1), st.integers(0, 40),
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from([b"<<", b">>", b"obj", b"endobj", b"stream\n", b"[", b"(", b"\\"]),
                st.sampled_from([b"/Kids", b"/Parent 3 0 R", b"/Length 4 0 R", b"1 0 R", b"-1"]),
                st.sampled_from([b"startxref\n0\n%%EOF\n", b"xref\n", b"trailer\n", b"/V 9 0 R"]),
            ),
        ),
        max_size=6,
    ),
)  # fmt: skip
def test_any_bytes_have_a_structure(name: str, changes: list[tuple[float, int, bytes]]) -> None:
    """Nothing but findings comes out of the rule, and nothing but our errors of the reader."""
    content = bytearray(MADE[name])
    for where, gone, put in changes:
        at = int(where * len(content))
        content[at : at + gone] = put
    found = look(bytes(content))
    assert list(found.findings) == [each for each in Finding if each in found.findings]
    try:
        pdf_objects.read(bytes(content))
    except VidimusError as error:
        assert isinstance(error, FormatError | TooLarge)
        assert error.hint
        assert Finding.UNREADABLE in found.findings
