"""Copies read from pictures, spec/matching.md section 6: doubts, and what settles them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, layered, look, misread, picture, printed, registered

from vidimus.core.copies.answers import Kind
from vidimus.core.copies.page import Box, Copy, Evidence, Page, Question, Source, Word
from vidimus.core.copies.recognise import (
    Comparison,
    compare,
    nearest,
    questions,
    recognise,
    settle,
)
from vidimus.errors import UsageError

OURS = registered(LETTER)


def settled(copy: Copy, *shown: str) -> Comparison:
    compared = compare(copy, OURS)
    return settle(copy, compared, look(shown, questions(copy, compared)))


def test_a_picture_read_without_a_fault_leaves_no_doubt() -> None:
    compared = compare(picture(LETTER), OURS)
    assert compared.whole and not compared.unread and not compared.differences


def test_a_differing_word_is_a_doubt_until_the_pixels_are_asked() -> None:
    """Never nothing: a caller who forgets to settle holds doubts, not a clean copy."""
    copy = picture(LETTER.replace("not leave", "now leave"))
    compared = compare(copy, OURS)
    assert [(d.registered, d.copy) for d in compared.unread] == [("not", "now")]
    assert not compared.differences
    assert settle(copy, compared, ()) == compared


@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.05, 0.1, 0.15]))
def test_misreadings_are_noise_when_the_picture_shows_the_registered_words(
    seed: int, share: float
) -> None:
    copy = picture(misread(LETTER, seed, share))
    (compared,) = recognise(copy, [OURS])
    after = settle(copy, compared, look([LETTER], questions(copy, compared)))
    assert not after.differences
    assert after.noise + len(after.unread) >= len(compared.unread)
    assert len(after.unread) <= len(compared.unread) // 4


ALTERATIONS = [
    ("1,250", "1,350"),
    ("14 May", "17 May"),
    ("14 May", "14 June"),
    ("will not leave", "will now leave"),
    ("will not leave", "will leave"),
    ("We respect", "We do not respect"),
    ("$10.5", "$18.5"),
    ("shall remain", "may remain"),
    ("Ada Example", "Eva Example"),
    ("public", "enemy"),
]


@given(
    st.sampled_from(ALTERATIONS),
    st.integers(0, 10_000),
    st.sampled_from([0.0, 0.03, 0.08, 0.15]),
)
def test_an_alteration_never_vanishes_in_the_noise(
    alteration: tuple[str, str], seed: int, share: float
) -> None:
    """The one error that is never made. The noise spares the altered words alone."""
    old, new = alteration
    shown = LETTER.replace(old, new)
    parts = [misread(part, seed, share) for part in LETTER.split(old)]
    copy = picture(new.join(parts))
    compared = compare(copy, OURS)
    assert compared.unread
    after = settle(copy, compared, look([shown], questions(copy, compared)))
    assert after.differences or after.unread
    if share == 0:
        assert after.differences and not after.unread
        kinds = {d.kind for d in after.differences}
        assert kinds & {Kind.NEGATION, Kind.NUMBER, Kind.DATE, Kind.AMOUNT, Kind.MODAL} or (
            kinds & {Kind.NAME, Kind.WORD}
        )


@given(st.text(max_size=60), st.floats(), st.lists(st.floats(), max_size=6), st.integers(0, 500))
def test_no_evidence_however_strange_clears_an_altered_number(
    read: str, confidence: float, scores: list[float], seed: int
) -> None:
    """Only pixels that support the registered number, and a reader who read it, clear it."""
    copy = picture(misread(LETTER, seed, 0.02).replace("1,250", "1,350"))
    compared = compare(copy, OURS)
    said = Evidence(read, confidence, tuple(scores))
    after = settle(copy, compared, [said] * len(questions(copy, compared)))
    if any(d.registered == "1,250" for d in compared.unread) and "1,250" not in read:
        both = (*after.differences, *after.unread)
        assert any(d.registered == "1,250" for d in both)


@pytest.mark.parametrize(
    ("scores", "read", "outcome"),
    [
        # (registered, read); a changed digit scores 13 to 18
        ((-30.0, -15.0), "of 1,350 of", "altered"),
        ((-30.0, -15.0), "of 1,250 of", "unread"),  # the second engine contradicts
        ((-30.0, -15.0), "of 1,9S0 of", "unread"),
        ((-90.0, -15.0), "of 1,9S0 of", "altered"),
        ((-18.0, -15.0), "of 1,350 of", "unread"),
        ((-18.0, -15.0), "of 1,250 of", "unread"),  # not clear enough for a number
        ((-15.0, -18.0), "of 1,250 of", "noise"),
        ((-15.0, -18.0), "of 1,350 of", "unread"),
        ((-15.0, -18.0), "", "unread"),
        ((), "of 1,350 of", "altered"),
        ((), "of 1,250 of", "unread"),
        ((), "", "unread"),
        ((float("nan"), 0.0), "", "unread"),
    ],
)
def test_a_number_is_settled_by_all_witnesses_together(
    scores: tuple[float, ...], read: str, outcome: str
) -> None:
    text = "the Mission has a staff of 1,250 of all ranks and all grades in the north"
    copy = picture(text.replace("1,250", "1,350"))
    compared = compare(copy, registered(text))
    read = text.replace("of 1,250 of", read) if read else ""
    after = settle(copy, compared, [Evidence(read, 0.95, scores)])
    counts = {"altered": len(after.differences), "unread": len(after.unread), "noise": after.noise}
    assert counts == {"altered": 0, "unread": 0, "noise": 0} | {outcome: 1}


def test_a_question_shows_the_line_both_ways() -> None:
    copy = picture("We will now leave the town\nbefore the end of May")
    compared = compare(copy, registered("We will not leave the town before the end of May"))
    (asked,) = questions(copy, compared)
    assert asked == Question(
        1,
        Box(100, 100, 360, 130),
        ("We will not leave the town", "We will now leave the town"),
    )


def test_several_doubts_on_a_line_are_each_asked_about() -> None:
    copy = picture("We will now leave tbe town\nbefore the end of May")
    compared = compare(copy, registered("We will not leave the town before the end of May"))
    (asked,) = questions(copy, compared)
    assert asked.candidates == (
        "We will not leave the town",
        "We will now leave tbe town",
        "We will not leave tbe town",
        "We will now leave the town",
    )


def test_evidence_for_other_questions_is_refused() -> None:
    copy = picture(LETTER.replace("not leave", "now leave"))
    with pytest.raises(UsageError):
        settle(copy, compare(copy, OURS), [Evidence("", 0.0), Evidence("", 0.0)])


def test_specks_are_noise_but_a_letter_is_not() -> None:
    """Spec 6: an added word with letters or digits is never ignored."""
    assert not compare(picture("| ~\n" + LETTER + "\n— . |"), OURS).unread
    assert compare(picture(LETTER + "\nX"), OURS).unread
    assert compare(picture(LETTER.replace("10.5", "$ 10.5")), OURS).unread


def test_an_added_sentence_is_found_in_a_picture() -> None:
    shown = LETTER.replace("\n\nDuring", "\nThis letter replaces all others.\n\nDuring")
    after = settled(picture(shown), shown)
    assert [d.kind for d in after.differences] == [Kind.ADDED]


def test_a_crop_is_a_part() -> None:
    lines = LETTER.split("\n")
    (compared,) = recognise(picture("\n".join(lines[6:12])), [OURS])
    assert not compared.unread and not compared.differences and not compared.whole
    assert 0 < compared.seen_words < compared.of_words


def test_words_that_the_edge_of_the_picture_cuts_off_are_not_seen() -> None:
    text = "We will leave the town of Northville before the end of May in good order with all"
    words = list(
        printed("We will leave the town of Nort\nthe end of May in good order with all", 0.9)
    )
    page = Page(1, Source.PICTURE, tuple(words), "ocr", 400, 200)
    compared = compare(Copy("image", (page,)), registered(text))
    assert not compared.differences and not compared.whole
    assert all("Nort" in d.copy for d in compared.unread)  # half a word stays a doubt


def test_a_line_that_the_reader_passed_over_is_a_doubt_and_asked_about() -> None:
    lines = LETTER.split("\n")
    shown = printed(LETTER, 0.95)
    words = tuple(word for word in shown if word.line != 7)
    copy = Copy("image", (Page(1, Source.PICTURE, words, "ocr", 1400, 2000),))
    compared = compare(copy, OURS)
    (doubt,) = compared.unread
    assert doubt.registered == lines[7]
    (asked,) = questions(copy, compared)
    assert asked.box.top < 100 + 40 * 7 + 15 < asked.box.bottom
    there = settle(copy, compared, [Evidence(lines[7], 0.9, (-5.0, -90.0))])
    assert there.whole and not there.unread
    assert settle(copy, compared, [Evidence("", 0.0, ())]).unread


def test_pages_may_come_in_any_order_and_some_may_be_missing() -> None:
    lines = LETTER.split("\n")
    first, second, third = "\n".join(lines[:8]), "\n".join(lines[8:13]), "\n".join(lines[13:])
    (compared,) = recognise(picture(third, first, second), [OURS])
    assert compared.whole and not compared.unread
    (compared,) = recognise(picture(first, third), [OURS])
    assert not compared.whole and not compared.unread and not compared.differences


def test_two_pictures_that_overlap_are_one_copy() -> None:
    lines = LETTER.split("\n")
    compared = compare(picture("\n".join(lines[:12]), "\n".join(lines[9:])), OURS)
    assert compared.whole and not compared.unread


@pytest.mark.parametrize(
    "shown", [LETTER.replace("not leave", "leave"), LETTER.replace("14", "17")]
)
def test_a_pdf_that_shows_other_words_than_it_hides_is_found(shown: str) -> None:
    """The trap: an altered picture over an invisible layer that holds the original."""
    copy = layered(LETTER, shown)
    (compared,) = recognise(copy, [OURS])
    assert compared.unread
    after = settled(copy, shown)
    assert len(after.differences) == 1 and not after.unread


def test_a_pdf_that_shows_less_than_it_hides_is_a_part() -> None:
    compared = compare(layered(LETTER, "\n".join(LETTER.split("\n")[:12])), OURS)
    assert not compared.whole and not compared.differences


def test_a_pdf_that_shows_something_else_altogether_is_not_clean() -> None:
    compared = compare(layered(LETTER, "We give up the whole of the town tomorrow at noon"), OURS)
    assert compared.unread and compared.seen_words == 0


def test_a_pdf_whose_layer_is_altered_is_altered_whatever_it_shows() -> None:
    after = settled(layered(LETTER.replace("not leave", "leave"), LETTER), LETTER)
    assert [d.kind for d in after.differences] == [Kind.NEGATION]


def test_two_drafts_that_differ_in_one_not_are_told_apart_or_tie() -> None:
    other = registered(LETTER.replace("not leave", "leave"), 2)
    for ours, theirs in ((OURS, other), (other, OURS)):
        (only,) = recognise(picture(misread(ours.text, 3, 0.01)), [theirs, ours])[:1]
        assert only.registered == ours
    lines = LETTER.split("\n")
    unseen = recognise(picture("\n".join(lines[10:])), [OURS, other])
    assert {c.registered.version for c in unseen} == {1, 2}


def test_a_digit_that_reading_confuses_leaves_a_tie_that_the_pixels_decide() -> None:
    other = registered(LETTER.replace("1,250", "1,280"), 2)
    text = LETTER.replace("1,250", "1,280")
    copy = picture(LETTER.replace("1,250", "1,230"))  # an 8 misread
    tied = recognise(copy, [OURS, other])
    assert len(tied) == 2
    after = [settle(copy, c, look([text], questions(copy, c))) for c in tied]
    assert nearest(after)[0].registered == other


def test_boxes_show_where_the_words_stand() -> None:
    copy = picture("We will now leave the town\nbefore the end May")
    compared = compare(copy, registered("We will not leave the town before the end of May"))
    changed, missing = compared.unread
    assert changed.box == Box(180, 100, 210, 130)
    assert missing.box == Box(240, 140, 250, 170)  # between "end" and "May"


@given(st.lists(st.builds(Word, st.text(max_size=8), st.integers(0, 5)), max_size=40))
def test_nothing_that_a_reader_returns_stops_a_comparison(words: list[Word]) -> None:
    page = Page(1, Source.PICTURE, (*words, *printed(LETTER, 0.5)[20:60]))
    copy = Copy("image", (page,))
    compared = compare(copy, OURS)
    asked = questions(copy, compared)
    settle(copy, compared, [Evidence("", 0.0)] * len(asked))
