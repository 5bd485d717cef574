"""Which of many texts are worth comparing, spec/words.md section 4."""

from __future__ import annotations

from collections import Counter
from math import log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, misread

from vidimus.core.copies import narrow
from vidimus.core.copies.fingerprints import classes
from vidimus.core.copies.narrow import RUN, shared

FORM = (
    "To {name}. Reference {ref}. You are informed that the harbour dues for the quay that you rent"
    " come to {sum} crowns, to be paid before {day} at the office of the keeper, who also hears"
    " whoever holds that they are wrong. For the keeper of the harbour: the clerk."
)


def form(number: int) -> str:
    name = ("Ada Quist", "Bo Lindqvist", "Cleo Marr", "Dan Osei")[number % 4]
    return FORM.format(
        name=f"{name} {number}",
        ref=f"HD-{7 * number:04}",
        sum=913 + 17 * number,
        day=f"{number % 28 + 1} May",
    )


def first(read: str, texts: list[str]) -> int:
    _, weighed = shared(read, texts)
    return int(weighed.argmax())


def test_the_letter_is_known_among_hundreds_of_its_form() -> None:
    texts = [form(number) for number in range(300)]
    for number in range(0, 300, 23):
        assert first(misread(texts[number], number, 0.05), texts) == number


def test_the_version_that_has_the_word_shares_more() -> None:
    other = LETTER.replace(" not ", " ")
    assert other != LETTER
    for texts in ([LETTER, other], [other, LETTER]):
        counts, _ = shared(LETTER, texts)
        assert counts[texts.index(LETTER)] > counts[texts.index(other)]


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=8))
def test_no_text_shares_more_than_it_has_or_was_asked_for(read: str, texts: list[str]) -> None:
    """Any text: half pairs and all. A text shares everything with itself."""
    counts, weighed = shared(read, [*texts, read])
    assert len(counts) == len(weighed) == len(texts) + 1
    assert (counts <= counts[-1]).all() and (weighed <= weighed[-1]).all()
    assert (counts >= 0).all()


@given(
    st.text("ab1iÉ語 ", max_size=30),
    st.lists(st.text("ab1iÉ語 ", max_size=30) | st.text("abi1 ", max_size=30), max_size=8),
)
def test_each_run_that_a_text_has_is_counted_once(read: str, texts: list[str]) -> None:
    """And one that few have weighs more. Of ASCII and of other letters alike."""
    asked = runs(read)
    has = [runs(text) & asked for text in texts]
    held = Counter(run for each in has for run in each)
    weights = {run: log1p(len(texts) / count) for run, count in held.items()}
    counts, weighed = shared(read, texts)
    assert counts.tolist() == [len(each) for each in has]
    for weight, each in zip(weighed.tolist(), has, strict=True):
        assert abs(weight - 1000 * sum(weights[run] for run in each)) < 1


def runs(text: str) -> set[str]:
    folded = classes(text)
    return {folded[at : at + RUN] for at in range(len(folded) - RUN + 1)}


def test_a_run_over_the_end_of_a_text_is_in_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the texts are looked at in several portions."""
    for most in (4_000_000, 4):
        monkeypatch.setattr(narrow, "_MOST", most)
        assert shared("abcdefghkm", ["abcde", "fghkm", "abcdef"])[0].tolist() == [0, 0, 1]
