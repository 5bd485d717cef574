"""What stands in quotation marks, and where it stands in a letter, spec/matching.md section 8."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, registered, typed

from vidimus.core.copies import passage as passages
from vidimus.core.copies.answers import Kind
from vidimus.core.copies.canonical import words
from vidimus.core.copies.cut import cut
from vidimus.core.copies.passage import Passage
from vidimus.core.copies.quotation import Quote, Quoted, quoted
from vidimus.core.copies.tokens import registered_tokens

REGISTERED = registered(LETTER)


def read(text: str) -> Quoted:
    found = quoted(typed(text))
    assert found is not None
    return found


def spoken(text: str) -> list[str]:
    return [" ".join(word.text for word in quote.body.words) for quote in read(text).quotes]


def one(text: str) -> Quote:
    (quote,) = read(text).quotes
    return quote


WORDS = "The staff will not leave before then"


@pytest.mark.parametrize(
    "marked",
    [
        f"“{WORDS}”",
        f'"{WORDS}"',
        f"„{WORDS}“",
        f"„{WORDS}”",
        f"”{WORDS}”",
        f"«{WORDS}»",
        f"« {WORDS} »",
        f"»{WORDS}«",
        f"‹{WORDS}›",
        f"‘{WORDS}’",
        f"'{WORDS}'",
        f"‚{WORDS}‘",
        f"「{WORDS}」",
        f"``{WORDS}''",
    ],
)
def test_the_marks_of_many_languages(marked: str) -> None:
    found = read(f"It said {marked} on Monday.")
    assert spoken(f"It said {marked} on Monday.") == [WORDS]
    assert not found.loose
    outside = " ".join(word.text for word in found.outside.words)
    assert "It said" in outside
    assert "on Monday." in outside
    assert "staff" not in outside


def test_an_apostrophe_opens_and_closes_nothing() -> None:
    assert spoken("She said ‘the pilots’ boats don’t leave the harbour’ and left.") == [
        "the pilots’ boats don’t leave the harbour"
    ]
    assert quoted(typed("The class of '98 and the pilots' boats won't leave, it's said.")) is None
    assert quoted(typed("It is 12\" long and 5' wide, as many of the boats are.")) is None


def test_an_arabic_quotation() -> None:
    text = "قال الكتاب: «لن يغادر الموظفون قبل الرابع عشر من مايو» وأضاف أن الأمر محسوم"
    assert spoken(text) == ["لن يغادر الموظفون قبل الرابع عشر من مايو"]


@pytest.mark.parametrize(("opened", "closed"), [("“", "”"), ('"', '"'), ("«", "»")])
def test_a_quotation_of_several_paragraphs_is_one(opened: str, closed: str) -> None:
    """Each paragraph opens anew, and the last one alone closes."""
    text = f"He wrote: {opened}The first part is here.\n\n{opened}The second is there.{closed} Yes."
    assert spoken(text) == ["The first part is here. The second is there."]


def test_dots_and_brackets_are_whoever_quotes() -> None:
    quote = one("It says “The staff […] will not (...) leave [the town] before … then [sic] so”.")
    assert " ".join(word.text for word in quote.body.words) == (
        "The staff will not leave before then so"
    )
    assert [(mark.at, mark.left_out) for mark in quote.marks] == [
        (2, True),
        (4, True),
        (5, False),
        (6, True),
        (7, False),
    ]


def test_a_bracket_in_a_word_is_a_letter_changed() -> None:
    assert spoken("It says “[T]he staff will leave [t]own today.”") == [
        "The staff will leave town today."
    ]


def test_marks_inside_a_quotation_are_the_letters_own() -> None:
    assert spoken('It says “the "old" staff will not leave ‘today’ or then” here.') == [
        'the "old" staff will not leave ‘today’ or then'
    ]


@pytest.mark.parametrize("put_in", ["not", "never", "may", "14", "unless", "in May", "two"])
def test_a_word_that_turns_a_sentence_over_stays_bracket_or_not(put_in: str) -> None:
    """Whoever puts “[not]” into a quotation quotes something else."""
    assert put_in in " ".join(spoken(f"It says “the staff will [{put_in}] leave before then”."))


@pytest.mark.parametrize(
    "text",
    [
        "No quotation at all, and nothing that looks like one of them.",
        f"“{WORDS}”",
        f'  "{WORDS}"  ',
        "A “victory” for the “staff” of the mission, said everybody there.",
        f"“{WORDS}",
    ],
)
def test_a_text_that_quotes_nothing_long_is_only_a_text(text: str) -> None:
    """A letter in quotation marks is the letter; a word in them is somebody's irony."""
    assert quoted(typed(text)) is None


@pytest.mark.parametrize(
    "text",
    [f"“{WORDS}” and “so on", f'"{WORDS}" and "so on', f"and so on” with “{WORDS}”"],
)
def test_a_mark_left_over_is_said(text: str) -> None:
    assert read(text).loose


# --- in the letter ----------------------------------------------------------------------------


def found(text: str) -> Passage | None:
    return passages.find(one(f"They say {text} today."), REGISTERED)


def test_a_passage_is_located_in_words_and_paragraph() -> None:
    shown = found("“The staff will not leave before 14 May 2031, and 1,250 of them shall remain”")
    assert shown is not None
    lo, hi = passages.word_range(shown, (shown.start, shown.stop))
    said = " ".join(words(LETTER)[lo:hi])
    assert said.startswith("The staff will not")
    assert said.endswith("shall remain")
    assert passages.paragraph(shown) == 3
    assert cut(shown) == "in Northville until the harbour is closed."


@pytest.mark.parametrize(
    ("text", "words", "kind", "inside"),
    [
        ("“The staff will … leave before 14 May 2031”", "not", Kind.NEGATION, True),
        ("“The staff will not leave … and 1,250 of them shall remain”", "2031", Kind.DATE, True),
        ("“Nobody may enter … without a permit.”", "the depot", None, True),
        ("“The staff will not leave … 14 May 2031, and 1,250”", "before", Kind.MISSING, True),
        ("“The cost is $10.5 million […]. Nobody may enter the depot”", "12", Kind.AMOUNT, False),
        ("“We respect the decision … Will your office answer this?”", "departure", None, False),
    ],
)
def test_what_is_left_out_is_weighed(
    text: str, words: str, kind: Kind | None, inside: bool
) -> None:
    shown = found(text)
    assert shown is not None
    (gone,) = shown.omissions
    assert words in passages.said(shown, gone.at)
    assert (gone.kind, gone.inside) == (kind, inside)
    assert shown.unbroken


def test_a_word_that_no_mark_explains_is_not_found() -> None:
    assert found("“The staff will leave before 14 May 2031”") is None
    assert found("“The staff will not leave before 15 … May 2031”") is None


def test_a_full_stop_before_the_mark_is_the_papers() -> None:
    """Many papers set it there; then the rest of the sentence is looked at."""
    shown = found("“The staff will not leave before 14 May 2031.”")
    assert shown is not None
    assert cut(shown) is not None
    shown = found("“We respect the decision that ordered.”")
    assert shown is not None
    assert cut(shown) is None


@pytest.mark.parametrize(
    ("text", "torn"),
    [
        ("“leave before 14 May 2031, and 1,250 of them”", "The staff will not"),
        ("“may enter the depot without a permit”", "Nobody"),
        ("“1,250 of them shall remain in Northville”", "until the harbour is closed."),
        ("“We respect the decision that ordered our departure”", None),
        ("“more flights around the central district”", None),
    ],
)
def test_a_quotation_torn_from_its_no_is_known(text: str, torn: str | None) -> None:
    shown = found(text)
    assert shown is not None
    assert (torn or "None") in str(cut(shown))


def test_words_outside_that_are_nearly_the_letters_are_seen() -> None:
    text = (
        "“We respect the decision that ordered our departure”, they say. The staff will leave"
        " before 14 May 2031, and 1,250 of them shall remain."
    )
    ranges = list(passages.unquoted(registered_tokens(LETTER), read(text).outside))
    assert ranges
    text = text.replace("will leave", "will not leave")
    assert not list(passages.unquoted(registered_tokens(LETTER), read(text).outside))


PLAIN = LETTER.replace("\n", " ").split()


@given(st.integers(0, len(PLAIN) - 30), st.integers(8, 30), st.data())
def test_dots_between_the_letters_own_words_never_hide_a_grave_one(
    start: int, length: int, data: st.DataObject
) -> None:
    """Whatever is left out, the report names it; and calls it grave if it is."""
    cut = data.draw(st.integers(4, length - 4))
    size = data.draw(st.integers(1, 6))
    first, gone, last = (
        PLAIN[start : start + cut],
        PLAIN[start + cut : start + cut + size],
        PLAIN[start + cut + size : start + length],
    )
    if len(last) < 4 or len(first) + len(last) < 8:
        return
    shown = found(f"“{' '.join(first)} … {' '.join(last)}”")
    if shown is None:
        return  # a sign or a stop at the cut: then it is compared as any other copy
    missing = " ".join(passages.said(shown, each.at) for each in shown.omissions).split()
    assert len(missing) <= len(gone)
    grave = {"not", "Nobody", "without", "may", "will", "shall", "until"} & set(gone)
    grave |= {each for each in gone if any(char.isdigit() for char in each)}
    if set(missing) >= grave and grave:
        assert any(each.kind is not None for each in shown.omissions)


@given(st.text("“”\"'‘’«»„[]().… aNo1\n", max_size=60))
def test_no_marks_break_the_reader(text: str) -> None:
    """An odd quotation mark raises nothing; every word is inside one quotation, or outside."""
    copy = typed(f"{text} “the staff will not leave before then” {text}")
    result = quoted(copy)
    if result is None:
        return
    places = [p for quote in result.quotes for p in quote.body.places] + [*result.outside.places]
    assert all(0 <= place < len(copy.pages[0].words) for place in places)
    for quote in result.quotes:
        assert len(quote.body.words) == len(quote.body.places)
        assert quote.segments[-1][1] == len(quote.body.words)
        passages.find(quote, REGISTERED)


LIST = registered(
    """Notice to all pilots of the harbour. It is forbidden to do any of the following:
- to anchor at the eastern buoys for more than two days in a row;
- to enter the Old Basin before the morning gun has been fired
Questions are answered at the counter of the harbour office every day.""",
    letter="L",
)


def test_an_item_of_a_list_hangs_on_what_leads_to_it() -> None:
    shown = passages.find(
        one("He may “enter the Old Basin before the morning gun has been fired” now."), LIST
    )
    assert shown is not None
    assert "forbidden" in str(cut(shown))


def test_marks_that_look_like_quotation_marks_are_some() -> None:
    assert spoken(f"It said ❝{WORDS}❞ and ＂{WORDS}＂.") == [WORDS, WORDS]


@pytest.mark.parametrize(
    "hostile",
    ["“ ", "‘a ", '"a ', "« ", "`` ", "'a ", "[.] ", "“a” ", "„a “b ", "’ ", "“[a]b” ", "» "],
)
def test_very_many_marks_cost_no_more_than_a_moment(hostile: str) -> None:
    """Whoever sends a hundred thousand marks must not keep a core busy."""
    copy = typed(hostile * 15_000 + f" “{WORDS}” " + f"“{'… a ' * 2_000}”")
    began = time.process_time()
    quoted(copy)
    assert time.process_time() - began < 8  # measured: 1 at most
