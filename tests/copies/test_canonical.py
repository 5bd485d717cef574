"""The canonical text, spec/matching.md section 1."""

from __future__ import annotations

import hashlib
import textwrap
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, sentences

from vidimus.core.copies.canonical import canonical, digest, words


@given(st.text())
def test_canonical_text_is_its_own_canonical_text(text: str) -> None:
    """Spec 1: a text has one name, however often it is copied."""
    assert canonical(canonical(text)) == canonical(text)


@given(
    st.text(
        st.sampled_from("aé\u0301가½²-\u00ad\n\u200b—–'`´… \ufb01\u1161\u0327\ud800"), max_size=30
    )
)
def test_canonical_text_is_stable_for_what_composes_and_vanishes(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
    canonical(text).encode()


@pytest.mark.parametrize(
    ("before", "after"), [("a", "b"), ("9", "9"), ("-", "\n"), ("e", "\u0301")]
)
def test_every_character_that_nfkc_changes_is_stable(before: str, after: str) -> None:
    """Unicode's compatibility forms hide marks, numbers and joiners of their own."""
    for char in map(chr, range(0x80, 0x20000)):
        if unicodedata.normalize("NFKC", char) != char or not char.isprintable():
            text = canonical(before + char + after)
            assert canonical(text) == text, hex(ord(char))


@given(sentences, st.integers(10, 100))
def test_a_text_wrapped_anew_keeps_its_name(some: list[str], width: int) -> None:
    text = " ".join(some)
    again = "\r\n".join(textwrap.wrap(text, width, break_on_hyphens=False))
    assert digest(again) == digest(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  troops\r\nwill “move”…", 'The troops will "move"...'),
        ("move-\nment", "movement"),
        ("move- \n  ment", "movement"),
        ("move\u00ad\nment and move\u00adment", "movement and movement"),
        ("CH-\n47", "CH-47"),
        ("Jean-\nPaul", "Jean-Paul"),
        ("1939–\n1945", "1939-1945"),
        ("one\n- two\n- three", "one - two - three"),
        ("so—they said — left -- at once", "so - they said - left - at once"),
        ("n\u200bot \u202enow\u202c \ufeffhere", "not now here"),
        ("don’t don´t don`t", "don't don't don't"),
        ("１２３ ﬁle", "123 file"),
        ("1½ and 10² but CO₂", "1 1/2 and 10^2 but CO2"),
        ("كتــاب", "كتاب"),
        ("", ""),
    ],
)
def test_what_the_eye_takes_for_one_text_has_one_canonical_text(text: str, expected: str) -> None:
    assert canonical(text) == expected


def test_case_and_meaning_stay() -> None:
    """Spec 1: nothing that can be read is folded away."""
    assert (
        len({digest(t) for t in ("May", "may", "1½", "11/2", "10²", "102", "re-sign", "resign")})
        == 8
    )


def test_the_digest_is_sha256_of_the_canonical_text() -> None:
    assert digest("a\nb") == hashlib.sha256(b"a b").digest()
    assert (
        digest(LETTER).hex() == "d344c87b9fe3af6dcfc8f3c263c65f6503754709af9501d661d4dcdb6b831f48"
    )


@pytest.mark.parametrize(
    "marks",
    [
        "\u0301",
        "\u0301\u0327",
        "".join(map(chr, range(0x34F, 0x300, -1))),
        "\u0344",
        "\u0301\u200b",
    ],
    ids=["one", "two", "many", "two in one", "with nothing between"],
)
def test_marks_without_end_cost_no_more_than_letters(marks: str) -> None:
    """Spec 1.2: ordering a long run of marks takes quadratic time, so it is cut."""
    text = "a" + marks * (1_000_000 // len(marks))
    started = time.process_time()
    folded = canonical(text)
    assert time.process_time() - started < 2
    assert len(folded) <= 31 and canonical(folded) == folded


@given(
    st.text(st.sampled_from("ae\u0301\u0327\u0344\u0f73\u1fed\u00b4\u200b\u00ad\n"), max_size=90)
)
def test_canonical_text_with_marks_in_a_row_is_stable(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


def test_thirty_marks_in_a_row_all_stay() -> None:
    """Spec 1.2: no text that a person wrote changes its name by the limit."""
    for text in ("x" + "\u0316" * 30, "Việt Nam", "क्षत्रिय", "בְּרֵאשִׁית"):
        assert canonical(text) == unicodedata.normalize("NFKC", text)
    assert canonical("x" + "\u0316" * 31) == "x" + "\u0316" * 30


def test_words_are_those_of_the_canonical_text() -> None:
    assert words("We  will\n not\u00a0go re-\nturning") == ("We", "will", "not", "go", "returning")
