"""Which registered words each page shows, and which the whole copy shows."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, layered, look, picture, registered

from vidimus.core.copies.canonical import words
from vidimus.core.copies.comparison import places
from vidimus.core.copies.page import Copy, Page, Source, Word
from vidimus.core.copies.recognise import compare, questions, settle

OURS = registered(LETTER)
EVERY = words(LETTER)


def pages(*texts: str) -> Copy:
    """Typed texts, a page each."""
    return Copy(
        "text",
        tuple(
            Page(n, Source.TYPED, tuple(Word(word, 0) for word in text.split()))
            for n, text in enumerate(texts, 1)
        ),
    )


def cut(*ranges: tuple[int, int]) -> Copy:
    return pages(*(" ".join(EVERY[a:b]) for a, b in ranges))


@given(st.lists(st.integers(1, len(EVERY) // 20 - 1), max_size=4))
def test_each_page_has_its_place(cuts: list[int]) -> None:
    at = [0, *(20 * cut for cut in sorted(set(cuts))), len(EVERY)]
    ranges = list(pairwise(at))
    assert places(cut(*ranges), OURS) == tuple(ranges)
    assert places(cut(*ranges[::-1]), OURS) == tuple(ranges[::-1])


def test_a_gap_between_pages_an_overlap_and_a_page_twice_all_show() -> None:
    for ranges in (((0, 40), (41, 90)), ((0, 60), (40, 90)), ((30, 60), (30, 60))):
        assert places(cut(*ranges), OURS) == ranges


def test_a_page_of_something_else_has_no_place() -> None:
    copy = pages("zzz yyy xxx", " ".join(EVERY), "")
    assert places(copy, OURS) == ((0, 0), (0, len(EVERY)))


def test_a_page_number_has_no_place() -> None:
    first, second = LETTER.split("\n\nDuring")
    copy = picture(first + "\nPage 1 of 2", "During" + second + "\nPage 2 of 2")
    (_, end), (start, last) = places(copy, OURS)
    assert (end, last) == (start, len(EVERY))


def test_words_in_doubt_are_not_seen_until_they_are_settled() -> None:
    """Comparison.seen: what the copy certainly shows, or certainly replaces."""
    at = EVERY.index("1,250")
    for shown, seen in (("1,250", True), ("1,350", True), ("1,850", False)):
        copy = picture(LETTER.replace("1,250", "1,350"))
        compared = compare(copy, OURS)
        assert not compared.seen[at] and compared.seen_words == len(EVERY) - 1
        text = LETTER.replace("1,250", shown)
        after = settle(copy, compared, look([text], questions(copy, compared)))
        assert bool(after.seen[at]) == seen
        assert bool(after.unread) != seen


def test_a_missing_word_is_never_seen() -> None:
    for copy in (pages(LETTER.replace("not leave", "leave")), layered(LETTER, LETTER)):
        compared = compare(copy, OURS)
        assert compared.whole == (copy.kind == "pdf")
    shown = LETTER.replace("not leave", "leave")
    copy = picture(shown)
    compared = compare(copy, OURS)
    after = settle(copy, compared, look([shown], questions(copy, compared)))
    assert after.differences and not after.seen[EVERY.index("not")]


def test_page_numbers_count_at_the_edges_of_a_paper_page_alone() -> None:
    first, second = LETTER.split("and 1,250 of")
    cuts = first + "and", "1,250 of" + second
    assert not compare(picture(cuts[0] + "\nPage 1 of 2", cuts[1] + "\n- 2 -"), OURS).unread
    assert not compare(picture("Page 1 of 2\ncopy 3 of 12\n" + cuts[0], cuts[1]), OURS).unread
    inside = compare(picture("\nPage 1 of 2\n".join(cuts)), OURS)
    assert inside.unread and not inside.furniture
