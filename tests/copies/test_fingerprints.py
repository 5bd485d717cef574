"""Fingerprints, spec/matching.md section 3."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, misread, sentences

from vidimus.core.copies import grams, grams_plain
from vidimus.core.copies.canonical import canonical
from vidimus.core.copies.fingerprints import (
    CONFUSED,
    GAP,
    GRAM,
    SAMPLE,
    asked,
    fingerprints,
    kept,
    letters,
    run_together,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "v1" / "fingerprints.json"


def test_published_fingerprints_never_change() -> None:
    """Every registry stores them: another number would lose every letter registered before."""
    for vector in json.loads(VECTORS.read_text()):
        assert letters(vector["text"]) == vector["letters"]
        assert list(fingerprints(vector["text"])) == vector["sampled"]
        assert list(fingerprints(vector["text"], every=True)) == vector["every"]


@given(st.text())
def test_fingerprints_are_sorted_distinct_and_fit_a_signed_integer(text: str) -> None:
    every = fingerprints(text, every=True)
    assert list(every) == sorted(set(every))
    assert all(0 <= n < 2**63 for n in every)
    assert fingerprints(text) == tuple(n for n in every if n % SAMPLE == 0)


@given(sentences, st.integers(0, 100), st.integers(1, 100))
def test_a_piece_has_no_fingerprint_that_the_whole_has_not(
    some: list[str], start: int, length: int
) -> None:
    """Spec 3: sampling looks at the gram alone, so a piece finds its letter."""
    piece = " ".join(some[start : start + length])
    assert set(fingerprints(piece)) <= set(fingerprints(" ".join(some)))


def test_what_reading_confuses_has_the_same_fingerprints() -> None:
    assert fingerprints("The modern illness of 1850") == fingerprints("Thc modem i11nc55 of l8SO")


def test_wrapping_case_and_accents_do_not_count() -> None:
    assert fingerprints("À LA\nCARTE du jour, cafe-\nteria") == fingerprints(
        "a la carte du jour cafeteria"
    )


def test_other_scripts_are_kept() -> None:
    assert letters("Письмо 5") == "письмоs"
    assert len(fingerprints("سوف تغادر القوات البلاد", every=True)) == 20 - GRAM + 1


def test_a_badly_read_letter_keeps_enough_fingerprints_to_be_found() -> None:
    whole = set(fingerprints(LETTER))
    found = set(fingerprints(misread(LETTER, 1, 0.1)))
    assert len(whole & found) > len(whole) / 5


@given(sentences, st.integers(1, 80), st.integers(0, 60), st.sampled_from((1, 300)))
def test_a_copy_is_looked_for_by_what_is_kept_of_its_letter(
    some: list[str], length: int, start: int, times: int
) -> None:
    """spec/words.md 1: of every letter the same share, so that none has more votes than it is."""
    whole = " ".join(some * times)
    piece = " ".join((some * times)[start : start + length])
    assert set(kept(whole)) == {n for n in fingerprints(whole, every=True) if n % 2 == 0}
    assert set(asked(piece)) <= set(kept(piece))
    assert set(fingerprints(piece)) <= set(asked(piece))


def test_a_quarter_of_a_short_letter_is_found_after_many_misreadings() -> None:
    short = LETTER[:300]
    quarter = misread(short[:75], 1, 0.1)
    assert len(set(asked(quarter)) & set(kept(short))) >= 5


# What changes beside what: letters and marks that compose, a sigma at the end, joined words.
AWKWARD = "aeiAZrnvv059 -\n\r\t'`\x00\x1c\xad\u0301\u0345½²ﬁΣσςİıßﷺ\u0640\u200d가가𝚺\ud800語ك"


@given(
    st.text(AWKWARD, max_size=12)
    | st.text(max_size=12)
    | st.builds("{0}{1}{0}".format, st.just("A quarter of it. "), st.text(AWKWARD, max_size=2))
)
def test_the_letters_of_a_text_are_those_of_its_canonical_form(text: str) -> None:
    """Spec 3.1: however they are found out."""
    lowered = unicodedata.normalize("NFKD", canonical(text).lower())
    classed = "".join(filter(str.isalnum, lowered)).translate(CONFUSED)
    assert letters(text) == classed.replace("rn", "m").replace("vv", "w")
    assert letters(text) == letters(canonical(text))


@given(st.lists(st.text([chr(code) for code in range(128)], max_size=20), max_size=9))
def test_texts_that_run_together_keep_their_letters_apart(texts: list[str]) -> None:
    together = run_together(text.encode() for text in texts)
    assert together.split(bytes([GAP])) == [letters(text).encode() for text in texts or [""]]


def test_too_short_a_text_has_none() -> None:
    assert fingerprints("12345678", every=True) == ()


@given(st.text() | st.text("ab19 ", max_size=200), st.integers(1, 12), st.integers(1, 7))
def test_without_numpy_the_numbers_are_the_same(text: str, gram: int, sample: int) -> None:
    """A registry is verified on the bare install by the fingerprints that another one stored."""
    assert grams_plain.hashed(text, gram, sample) == grams.hashed(text, gram, sample)


@given(st.lists(st.text("ab19é語", max_size=60), max_size=9), st.integers(1, 12), st.integers(1, 3))
def test_many_texts_at_once_have_the_grams_that_each_has(
    texts: list[str], gram: int, sample: int
) -> None:
    """An index that is made again is the one that was made text by text."""
    found, owners = grams.hashed_many(texts, gram, sample)
    for at, text in enumerate(texts):
        assert tuple(sorted(set(found[owners == at].tolist()))) == grams.hashed(text, gram, sample)
