"""Which text a copy is a copy of, spec/matching.md section 5."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from tests.copies.letters import LETTER, picture, registered, sentences, typed

from vidimus.core.copies.canonical import words
from vidimus.core.copies.page import Copy, Evidence
from vidimus.core.copies.recognise import (
    TOO_SHORT,
    Registered,
    nearest,
    questions,
    recognise,
    settle,
)

OTHER = """The quarterly report of the harbour office was sent to all the members on Tuesday. It
counts the ships that came in from the south, the goods that they carried, and the days that
they had to wait for a berth, and it asks the members for their remarks by the end of June."""


def test_another_text_is_not_recognised() -> None:
    assert recognise(typed(OTHER), [registered(LETTER)]) == ()
    assert recognise(picture(OTHER), [registered(LETTER)]) == ()


@given(sentences)
def test_words_thrown_together_are_no_copy(some: list[str]) -> None:
    assert recognise(typed(" ".join(some)), [registered(LETTER)]) == ()


def test_the_opening_and_the_close_of_a_form_do_not_make_a_copy() -> None:
    lines = LETTER.split("\n")
    form = "\n".join([*lines[:5], OTHER, *lines[-4:]])
    assert recognise(typed(form), [registered(LETTER)]) == ()


@pytest.mark.parametrize("count", range(TOO_SHORT))
def test_too_few_words_say_nothing(count: int) -> None:
    assert recognise(typed(" ".join(words(LETTER)[20 : 20 + count])), [registered(LETTER)]) == ()


def test_the_nearer_version_wins() -> None:
    versions = [registered(LETTER.replace("14 May", f"{day} May"), day) for day in range(10, 20)]
    (only,) = recognise(typed(LETTER), versions)
    assert only.registered.version == 14
    assert not only.differences


def test_versions_that_a_part_cannot_tell_apart_are_all_named() -> None:
    versions = [registered(LETTER.replace("14 May", f"{day} May"), day) for day in (10, 14)]
    part = LETTER[LETTER.index("The cost") :]
    assert {c.registered.version for c in recognise(typed(part), versions)} == {10, 14}


def test_a_word_that_neither_version_has_leaves_both() -> None:
    versions = [registered(LETTER.replace("14 May", f"{day} May"), day) for day in (10, 14)]
    copy = LETTER.replace("14 May", "29 May")
    found = recognise(typed(copy), versions)
    assert {c.registered.version for c in found} == {10, 14}
    assert all(c.differences for c in found)


def test_the_whole_of_one_version_comes_before_a_part_of_another() -> None:
    longer = registered(LETTER + "\n\nAnnexes: the plan of the move and the list of all goods.", 2)
    first, second = recognise(typed(LETTER), [longer, registered(LETTER)])
    assert first.whole and first.registered.version == 1
    assert not second.whole and second.registered.version == 2
    (only,) = recognise(typed(longer.text), [registered(LETTER), longer])
    assert only.registered.version == 2


def _versions(old: str, *new: str) -> list[Registered]:
    return [registered(LETTER.replace(old, each), at) for at, each in enumerate(new, 1)]


def _named(copy: Copy, versions: list[Registered]) -> list[int]:
    return [each.registered.version for each in nearest(recognise(copy, versions))]


def test_a_misread_digit_is_evidence_of_the_digit_it_looks_like() -> None:
    """Spec, section 5: 1,350 is read as 1,850 far sooner than 1,250 is, where 1,150 never is."""
    versions = _versions("1,250", "1,150", "1,350")
    read = LETTER.replace("1,250", "1,850").replace("movement", "rnovemcnt")
    assert _named(picture(read), versions) == [2]
    assert _named(picture(read), versions[::-1]) == [2]


def test_a_digit_that_looks_like_both_leaves_both() -> None:
    versions = _versions("1,250", "1,350", "1,650")
    read = LETTER.replace("1,250", "1,850").replace("movement", "rnovemcnt")
    assert sorted(_named(picture(read), versions)) == [1, 2]


def test_the_likelier_of_two_versions_comes_first() -> None:
    versions = _versions("1,250", "1,350", "1,650")
    read = LETTER.replace("1,250", "1,6S0").replace("movement", "rnovemcnt")
    assert _named(picture(read), versions)[0] == 2
    assert _named(picture(read), versions[::-1])[0] == 2


def test_a_copy_that_may_stand_is_no_version_s_alone_by_a_digit_that_is_confused() -> None:
    """What is read without a fault may be the other version, read with one."""
    versions = _versions("1,250", "1,380", "1,330")
    assert _named(picture(LETTER.replace("1,250", "1,380")), versions) == [1, 2]


def test_what_the_pixels_left_open_is_not_settled_by_the_shape_of_a_letter() -> None:
    versions = _versions("1,250", "1,380", "1,330")
    copy = picture(LETTER.replace("1,250", "1,380").replace("movement", "rnovemcnt"))
    found = []
    for each in recognise(copy, versions):
        asked = questions(copy, each)
        blind = [Evidence("", 0.0, ()) for _ in asked]
        found.append(settle(copy, each, blind))
    assert all(doubt.asked for each in found for doubt in each.doubts)
    assert [each.registered.version for each in nearest(found)] == [1, 2]


def test_an_altered_word_is_no_evidence_of_either_version() -> None:
    versions = _versions("Northville", "Halmar", "Liham")
    read = LETTER.replace("Northville", "Dubrovin").replace("movement", "rnovemcnt")
    assert sorted(_named(picture(read), versions)) == [1, 2]


@pytest.mark.parametrize(
    "copy",
    [
        "troops " * 100_000,
        "the of " * 50_000,
        LETTER + " word" * 100_000,
        " ".join(f"w{i}" for i in range(100_000)),
        (LETTER + " ") * 700,
    ],
    ids=["one word", "two words", "a long tail", "all different", "repeated"],
)
def test_no_copy_costs_more_than_some_seconds(copy: str) -> None:
    """The limit is generous, for slow machines; what it forbids is quadratic time."""
    versions = [registered(LETTER.replace("14 May", f"{day} May"), day) for day in range(10)]
    versions.append(registered("the of troops " * 1000, 99))
    started = time.process_time()
    recognise(typed(copy), versions)
    assert time.process_time() - started < 15


def test_many_page_numbers_cost_no_more_than_some_seconds() -> None:
    """Every line that may be furniture is held against the text; not the text against each."""
    text = registered(" ".join(f"w{i} reads." for i in range(20_000)))
    copy = "\n".join(f"w{i} reads.\nPage {i % 900 + 1} of 999" for i in range(20_000))
    started = time.process_time()
    recognise(typed(copy), [text])
    assert time.process_time() - started < 15


def test_a_word_over_a_hundred_thousand_lines_costs_no_more_than_some_seconds() -> None:
    started = time.process_time()
    recognise(typed("a-\n" * 300_000), [registered(LETTER * 700)])
    assert time.process_time() - started < 15
