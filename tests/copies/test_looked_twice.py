"""A page that one engine reads, and reads again: what it then may say, and what not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.copies.letters import LETTER, picture, registered

from vidimus.core.copies.answers import Difference, Kind
from vidimus.core.copies.asked import BESIDE
from vidimus.core.copies.legible import FALLBACK, SHAKY, weighed
from vidimus.core.copies.page import Copy, Evidence
from vidimus.core.copies.recognise import compare, questions, settle

OURS = registered(LETTER)


def alone(text: str, confidence: float = 0.97) -> Copy:
    """A picture that the fallback read."""
    (page,) = picture(text, confidence=confidence).pages
    return Copy("image", (replace(page, engine=FALLBACK),))


def looked(old: str, new: str, ratio: float, sure: float = 0.97, read: str | None = None) -> str:
    """What becomes of `new`, read for `old` by the engine that is asked again."""
    copy = alone(LETTER.replace(old, new), sure)
    compared = compare(copy, OURS)
    said = [
        Evidence(each.candidates[1] if read is None else read, 0.95, (-20.0, -20.0 + ratio))
        for each in questions(copy, compared)
    ]
    after = settle(copy, compared, said)
    return "altered" if after.differences else "unread" if after.unread else "noise"


@pytest.mark.parametrize(
    ("old", "new", "ratio", "outcome"),
    [
        ("1,250", "1,350", 8.0, "altered"),
        ("1,250", "1,350", 6.0, "unread"),  # its own misreadings score as much
        ("1,250", "1.250", 30.0, "altered"),
        ("1,250", "1.250", 8.0, "unread"),  # a comma and a full stop are a pixel apart
        ("shall remain", "may remain", 30.0, "altered"),
        ("shall remain", "shail remain", 8.0, "unread"),
        (
            "shall remain",
            "shail remain",
            0.0,
            "unread",
        ),  # a word that matters is never waved through
        ("public,", "publlc,", 0.5, "noise"),
        ("public,", "publlc,", 4.0, "unread"),
        ("your office", "your offices", 0.5, "unread"),  # both are words
        ("of the coming", "of thee coming", 0.5, "unread"),
    ],
)
def test_an_engine_that_agrees_with_itself_needs_clear_scores(
    old: str, new: str, ratio: float, outcome: str
) -> None:
    assert old in LETTER
    assert looked(old, new, ratio) == outcome


def test_both_looks_may_differ_in_a_comma_and_agree_on_the_digits() -> None:
    assert looked("1,250", "1.350", 12.0, read="2031, and 1,350 of them") == "altered"
    assert looked("1,250", "1.350", 12.0, read="2031, and 1,250 of them") == "unread"
    assert looked("1,250", "1.250", 12.0, read="2031, and 1250 of them") == "unread"


def test_what_prints_alike_is_no_alteration() -> None:
    text = LETTER.replace("Ada Example", "Ila Example")
    copy = picture(text.replace("Ila", "lla"))
    compared = compare(copy, registered(text))
    (asked,) = questions(copy, compared)
    said = [Evidence(asked.candidates[1], 0.95, (-23.0, -20.0))]
    assert settle(copy, compared, said).whole
    # A digit is no letter.
    assert looked("1,250", "I,250", 3.0) == "unread"


def test_a_missing_word_is_missed_though_its_neighbour_was_misread() -> None:
    assert looked("not leave", "leave", 40.0, read="movement. The staff wiil leave before 14") == (
        "altered"
    )
    assert looked("not leave", "leave", 40.0, read="movement. The staff before 14") == "unread"


def test_an_unsure_look_accuses_nobody_and_clears_nobody() -> None:
    assert looked("1,250", "1,350", 18.0, sure=0.6) == "unread"
    copy = alone(LETTER.replace("any", "many"))
    compared = compare(copy, OURS)
    said = [Evidence("x", 0.45, (-20.0, -23.0)) for _ in questions(copy, compared)]
    assert settle(copy, compared, said).unread == compared.unread


def test_two_engines_clear_no_word_by_a_look_that_read_nothing() -> None:
    """ "many" for "any": the strip was crooked, and its scores favoured the registered word."""
    copy = picture(LETTER.replace("public", "publics"))
    compared = compare(copy, OURS)
    said = [Evidence("x", 0.45, (-20.0, -23.0)) for _ in questions(copy, compared)]
    assert settle(copy, compared, said).unread


def test_a_doubt_is_shown_with_its_neighbours_alone() -> None:
    copy = picture(LETTER.replace("sovereignty", "sovereignity"))
    (asked,) = questions(copy, compare(copy, OURS))
    assert asked.candidates[1] == "deference to the sovereignity of your country,"
    assert len(asked.candidates[0].split()) == 2 * BESIDE + 1


def test_a_copy_read_very_badly_is_asked_about_line_by_line() -> None:
    """Else it might ask more than a reader answers at once (Limits.questions)."""
    line = "aa bb cc dd ee ff gg hh ii jj kk ll mm nn oo pp qq rr ss tt"
    text = "\n".join(f"{line} {number}" for number in range(100, 250))
    read = text.replace("aa", "ax").replace("jj", "jx")
    part = "\n".join(read.split("\n")[:9])
    few = questions(picture(part), compare(picture(part), registered(text)))
    assert len(few) == 2 * 9
    many = questions(picture(read), compare(picture(read), registered(text)))
    assert len(many) == 150


def test_a_word_lost_at_the_end_of_a_line_is_looked_for_up_to_the_margin() -> None:
    lines = LETTER.split("\n")
    at = next(i for i, line in enumerate(lines) if line.endswith("without a"))
    lines[at] = lines[at].removesuffix(" a")
    copy = picture("\n".join(lines))
    first, second = questions(copy, compare(copy, OURS))
    assert first.box.right > max(w.box.right for w in copy.pages[0].words if w.line == at and w.box)
    assert second.box.top > first.box.top


def test_a_reference_is_the_same_whether_a_space_stood_before_it() -> None:
    text = "Ref. NM/2031/117\n" + LETTER
    copy = picture(text.replace("Ref. NM", "Ref.NM"))
    assert not compare(copy, registered(text)).unread
    assert compare(picture(text.replace("Ref. NM/2031", "Ref.NM/203.1")), registered(text)).unread


@pytest.mark.parametrize(("doubts", "told"), [(3, True), (8, True), (60, False)])
def test_a_clear_alteration_is_told_among_doubts_until_the_page_fails(
    doubts: int, told: bool
) -> None:
    words = LETTER.split()
    read = [f"{word}q" if at < doubts else word for at, word in enumerate(words)]
    number = Difference(Kind.NUMBER, "1,250", "1,350", (58, 59), (58, 59))
    for copy, kept in ((alone(" ".join(read)), told), (picture(" ".join(read)), doubts < SHAKY)):
        compared = replace(compare(copy, OURS), differences=(number,))
        altered, unread = weighed(copy, compared)
        assert altered == ((number,) if kept else ())
        assert number in (*altered, *unread)
