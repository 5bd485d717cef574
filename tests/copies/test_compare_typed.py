"""Exact copies against registered texts, spec/matching.md section 4."""

from __future__ import annotations

import re
import textwrap

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, VOCABULARY, layered, registered, sentences, typed

from vidimus.core.copies.answers import Kind
from vidimus.core.copies.canonical import canonical, words
from vidimus.core.copies.recognise import Comparison, compare, recognise, split


def reported(copy: str, text: str = LETTER) -> list[tuple[str, str, str]]:
    return [
        (d.kind.value, d.registered, d.copy)
        for d in compare(typed(copy), registered(text)).differences
    ]


def plain(text: str) -> str:
    """What a copy says, by another road than the comparison's own: letters and digits alone."""
    return re.sub(r"[\W_]", "", canonical(text).lower())


def sound(comparison: Comparison, copy: str, text: str) -> None:
    """No difference means the same letters in the same order; whole means all of them."""
    if comparison.differences or comparison.unread:
        return
    if comparison.whole:
        assert plain(copy) == plain(text)
    else:
        assert plain(copy) in plain(text)


@given(sentences, st.integers(20, 90))
def test_a_text_wrapped_anew_is_the_same_and_whole(some: list[str], width: int) -> None:
    text = " ".join(some)
    again = "\n".join(textwrap.wrap(text, width, break_on_hyphens=False))
    compared = compare(typed(again), registered(text))
    assert compared.whole and not compared.differences and not compared.unread
    assert compared.distance == 0


@given(sentences, st.data())
def test_any_replaced_word_is_reported_alone(some: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(some) - 1))
    other = data.draw(st.sampled_from(VOCABULARY))
    assume(plain(other) != plain(some[at]))
    copy = [*some[:at], other, *some[at + 1 :]]
    compared = compare(typed(" ".join(copy)), registered(" ".join(some)))
    assert compared.differences
    assert len(compared.differences) == 1 or at in (0, len(some) - 1)


@given(sentences, st.data())
def test_any_dropped_word_is_reported_or_not_seen(some: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(some) - 1))
    copy = " ".join([*some[:at], *some[at + 1 :]])
    compared = compare(typed(copy), registered(" ".join(some)))
    assert not compared.whole
    sound(compared, copy, " ".join(some))
    if some[at] not in (*some[:at], *some[at + 1 :]) and 3 < at < len(some) - 4:
        (only,) = compared.differences
        assert (only.registered, only.copy, only.at) == (some[at], "", (at, at + 1))


@given(sentences, st.data())
def test_any_added_word_is_reported(some: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(some)))
    word = data.draw(st.sampled_from([*VOCABULARY, "zzz", "7", "€", "Ж", "字", "\ue123"]))
    copy = " ".join([*some[:at], word, *some[at:]])
    assert compare(typed(copy), registered(" ".join(some))).differences


@given(st.data())
def test_any_changed_letter_is_reported(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(LETTER) - 1))
    assume(LETTER[at].isalnum())
    char = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789аеоіé٣"))
    assume(char != LETTER[at].lower())
    assert compare(typed(LETTER[:at] + char + LETTER[at + 1 :]), registered(LETTER)).differences


@given(
    st.lists(
        st.sampled_from(["a", "no", "not", "table", "ice", "10", "0", "re-", "b", "c-d"]),
        max_size=25,
    ),
    st.lists(
        st.sampled_from(["a", "no", "not", "table", "ice", "10", "0", "re-", "b", "c-d"]),
        max_size=25,
    ),
)
def test_silence_means_the_same_letters_whatever_the_texts(
    ours: list[str], theirs: list[str]
) -> None:
    text, copy = " ".join(ours), "\n".join(theirs)
    sound(compare(typed(copy), registered(text)), copy, text)


@given(
    sentences, st.lists(st.tuples(st.integers(0, 200), st.sampled_from(VOCABULARY)), max_size=12)
)
def test_silence_means_the_same_letters_after_many_edits(
    some: list[str], edits: list[tuple[int, str]]
) -> None:
    copy = list(some)
    for place, word in edits:
        at = place % (len(copy) + 1)
        copy[at : at + place % 3] = [word] * (place % 2)
    sound(
        compare(typed(" ".join(copy)), registered(" ".join(some))), " ".join(copy), " ".join(some)
    )


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_that_unicode_holds_stops_a_comparison(copy: str, text: str) -> None:
    compare(typed(copy), registered(text))
    recognise(typed(LETTER[:300] + copy), [registered(LETTER)])


@given(st.integers(0, 120), st.integers(12, 120))
def test_a_piece_is_a_part(start: int, length: int) -> None:
    """Words missing before and after a piece were not seen; they are no alteration."""
    every = words(LETTER)
    piece = every[start : start + length]
    assume(len(piece) >= 12)
    (compared,) = recognise(typed(" ".join(piece)), [registered(LETTER)])
    assert not compared.differences
    assert compared.whole == (len(piece) == len(every))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("will not leave", "will leave", ("negation", "not", "")),
        ("We respect", "We do not respect", ("negation", "", "do not")),
        ("14 May", "15 May", ("date", "14", "15")),
        ("14 May", "14 June", ("date", "May", "June")),
        ("1,250", "1.250", ("number", "1,250", "1.250")),
        ("$10.5", "$105", ("amount", "$10.5", "$105")),
        ("12 %", "21 %", ("amount", "12", "21")),
        ("shall remain", "may remain", ("modal verb", "shall", "may")),
        ("in Northville", "in Southville", ("name", "Northville", "Southville")),
        ("Ada Example", "Eva Example", ("name", "Ada", "Eva")),
        ("deference", "reference", ("word", "deference", "reference")),
        ("this?", "this.", ("word", "this?", "this.")),
        ("is necessary", "is unnecessary", ("negation", "necessary", "unnecessary")),
        ("Nobody may", "N\u043ebody may", ("negation", "Nobody", "N\u043ebody")),
        ("a safe and", "a safe, costly and", ("added", "", "costly")),
        ("million", "billion", ("number", "million,", "billion,")),
    ],
)
def test_each_difference_has_its_kind(old: str, new: str, expected: tuple[str, str, str]) -> None:
    assert reported(LETTER.replace(old, new)) == [expected]


@pytest.mark.parametrize(
    ("text", "old", "new", "kind"),
    [
        ("we move 2,017 persons to the north by road", "2,017", "2,018", "number"),
        ("we move them in 2017 to the north by road", "2017", "2018", "date"),
        ("after 48 hours 105 vehicles go to the north", "105", "115", "number"),
        ("after 48 hours 105 vehicles go to the north", "48", "49", "amount"),
        ("it costs USD 105 and goes to the north", "105", "115", "amount"),
    ],
)
def test_a_unit_belongs_to_the_number_before_it(text: str, old: str, new: str, kind: str) -> None:
    (only,) = compare(typed(text.replace(old, new)), registered(text)).differences
    assert only.kind.value == kind


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("country, and", "country and"),
        ("district; such", "district: such"),
        ("12 %", "12%"),
        ("Dear Minister", "DEAR MINISTER"),
        ("repositioning", "repo-\nsitioning"),
        ("harbour", "har\u00adbour"),
        ("movement", "move\u200bment"),
        ("country, and", "country,and"),
        ("movement. The", "movement.The"),
        ("Dear Minister,", "Dear Minister:"),
        ("Northern Mission\n", "Northern Mission.\n"),
        ("Northern Mission\n", "Northern Mission. "),
        ("manner.\n", "manner\n"),
        ("onward", "on-\nward"),
        ("Nobody", "Ｎｏｂｏｄｙ"),
    ],
)
def test_what_changes_no_meaning_is_no_difference(old: str, new: str) -> None:
    assert reported(LETTER.replace(old, new)) == []


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        (
            "We put before you notable findings of the year",
            "We put before you no table findings of the year",
        ),
        ("We gave them notice of the move last week", "We gave them not ice of the move last week"),
        ("The staff of 1000 left the town at noon", "The staff of 10 00 left the town at noon"),
        (
            "It was an atypical answer of the head office",
            "It was an a typical answer of the head office",
        ),
        (
            "We resign all the rights that we hold there",
            "We re-sign all the rights that we hold there",
        ),
        (
            "The power is 10² units in every second case",
            "The power is 102 units in every second case",
        ),
        ("The loss was 5 units in every second case", "The loss was -5 units in every second case"),
        (
            "The loss was 5 units in every second case",
            "The loss was (5) units in every second case",
        ),
        (
            "Write to us at desk@mission.example for the rest",
            "Write to us at desk@missionexample for the rest",
        ),
        (
            "We're leaving the town with all of our staff",
            "Were leaving the town with all of our staff",
        ),
    ],
)
def test_a_small_mark_that_turns_a_sentence_is_reported(text: str, copy: str) -> None:
    assert reported(copy, text)
    assert reported(text, copy)


def test_a_quotation_with_one_wrong_word_is_found_and_compared() -> None:
    (compared,) = recognise(typed("“in due reference to the sovereignty”"), [registered(LETTER)])
    (only,) = compared.differences
    assert (only.registered, only.copy) == ("deference", "reference")
    assert words(LETTER)[slice(*only.at)] == ("deference",)
    assert not compared.whole


def test_the_example_of_the_specification() -> None:
    """spec/matching.md, "An example"."""
    text = (
        "In due deference to the sovereignty of your country, the staff will not\n"
        "leave before 14 May 2031, and 1,250 of them shall remain."
    )
    copy = "“… the staff will leave before 14 May\n2031, and 1.250 of them shall re-\nmain.”"
    assert canonical(copy) == (
        '"... the staff will leave before 14 May 2031, and 1.250 of them shall remain."'
    )
    (compared,) = recognise(typed(copy), [registered(text)])
    assert [(d.kind.value, d.registered, d.copy, d.at[0]) for d in compared.differences] == [
        ("negation", "not", "", 12),
        ("number", "1,250", "1.250", 19),
    ]
    assert compared.seen.index(3) == 9


def test_a_quotation_with_three_wrong_words_is_found() -> None:
    copy = "The staff would not leave until 14 May 2031 and 1,250 of us"
    (compared,) = recognise(typed(copy), [registered(LETTER)])
    assert [(d.registered, d.copy) for d in compared.differences] == [
        ("will", "would"),
        ("before", "until"),
        ("them", "us"),
    ]


def test_a_paragraph_taken_out_is_missing() -> None:
    paragraphs = LETTER.split("\n\n")
    copy = "\n\n".join(paragraphs[:3] + paragraphs[4:])
    (only,) = compare(typed(copy), registered(LETTER)).differences
    assert only.kind is Kind.MISSING
    assert canonical(only.registered) == canonical(paragraphs[3])


def test_paragraphs_in_another_order_are_reported() -> None:
    paragraphs = LETTER.split("\n\n")
    paragraphs[2], paragraphs[3] = paragraphs[3], paragraphs[2]
    assert compare(typed("\n\n".join(paragraphs)), registered(LETTER)).differences


@pytest.mark.parametrize("added", ["Page 1 of 2", "copy 3 of 12", "PAGE 2/2", "Seite 1 von 2"])
def test_page_numbers_are_furniture(added: str) -> None:
    copy = LETTER.replace("\n\nThe cost", f"\n{added}\n\nThe cost")
    compared = compare(typed(copy), registered(LETTER))
    assert compared.whole and not compared.differences and compared.furniture


@pytest.mark.parametrize("added", ["Page 7 of 9", "copy 3 of 12", "Page 14"])
@pytest.mark.parametrize("words_around", ["not leave", "the coming", "14 May", "Head of"])
def test_a_page_number_in_a_running_sentence_was_added(added: str, words_around: str) -> None:
    """Spec 4: when in doubt, it was added. Nobody reads it as a page number there."""
    first, second = words_around.split()
    copy = LETTER.replace(words_around, f"{first}\n{added}\n{second}")
    compared = compare(typed(copy), registered(LETTER))
    assert compared.differences and not compared.furniture
    compared = compare(typed(copy[: copy.index(added) + len(added)]), registered(LETTER))
    assert compared.differences and not compared.furniture


@pytest.mark.parametrize("added", ["Page 3 of 2", "2/3", "17", "copy that", "Page 1 of 2 is false"])
def test_whatever_only_looks_like_furniture_is_reported(added: str) -> None:
    copy = LETTER.replace("\n\nThe cost", f"\n{added}\n\nThe cost")
    assert compare(typed(copy), registered(LETTER)).differences


def test_furniture_that_is_part_of_the_letter_is_compared() -> None:
    text = LETTER + "\nThis letter has one annex:\ncopy 3 of 12"
    assert compare(typed(text.replace("3 of", "4 of")), registered(text)).differences
    assert not compare(typed(text), registered(text)).differences


def test_lines_that_the_caller_prints_on_every_copy_are_furniture() -> None:
    copy = typed(LETTER + "\nletters.example/C/ABCD-1")
    assert compare(copy, registered(LETTER)).differences
    assert not compare(copy, registered(LETTER), ["letters.example/C/ABCD-1"]).differences


def test_arabic_is_compared_without_its_optional_vowels() -> None:
    text = "لن تغادر القوات البلاد قبل نهاية شهر آذار من هذا العام"
    assert reported("لَن تغـــادر القوات البلاد قبل نهاية شهر آذار من هذا العام", text) == []
    assert reported("تغادر القوات البلاد قبل نهاية شهر نيسان من هذا العام", text)[-1][0] == "date"


def test_scripts_without_spaces_are_compared_by_character() -> None:
    text = "我们的部队不会在五月十四日之前离开这个国家，请你们放心。"
    assert reported("我们的部队不会在五月\n十四日之前离开这个国家，请你们放心。", text) == []
    assert reported(text.replace("不会", "会"), text) == [("missing", "不", "")]


def test_two_drafts_show_where_they_part() -> None:
    with_not, without = registered(LETTER), registered(LETTER.replace("not leave", "leave"), 2)
    (only,) = split(with_not, without)
    assert (only.kind, only.registered, only.copy) == (Kind.NEGATION, "not", "")
    assert split(with_not, with_not) == ()


def test_a_layer_without_a_picture_says_so() -> None:
    assert compare(layered(LETTER, None), registered(LETTER)).unwitnessed
    assert not compare(layered(LETTER, LETTER), registered(LETTER)).unwitnessed
