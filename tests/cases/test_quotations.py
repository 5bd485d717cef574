"""A newspaper quotes a letter: rightly, wrongly, and so that it only seems right."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from bench.copies import typeset
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vidimus
from vidimus import wiring
from vidimus.cli.shown import answer as lines
from vidimus.core.copies import wording
from vidimus.core.copies.answers import EXIT_STATUS, Answer, Headline, Part
from vidimus.core.copies.words import MODALS, NEGATIONS
from vidimus.operations import story as stories
from vidimus.operations.desk import Desk

H = Headline
EXAMPLE = Path(vidimus.__file__).parent / "example"
ROTA = (EXAMPLE / "rota.txt").read_text(encoding="utf-8")
BOATS = "The boats Heron and Lapwing will not enter the Old Basin between 21:00 and 05:00."
BUOYS = (
    "They may anchor at the eastern buoys for up to 48 hours, and they must give notice to your"
    " pilots at least 6 hours before they sail."
)
COSTS = "The costs of pilotage remain at 1,250 crowns for each passage and are paid by this Group."
HOLDS = "This arrangement holds until 30 September 2031 unless either side ends it in writing."
MAYOR = "We have waited for this day for longer than anybody here remembers."
assert all(each in ROTA for each in (BOATS, BUOYS, COSTS, HOLDS))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("quoted") / "registry"
    wiring.play(stories.read((EXAMPLE / "story.yaml").read_bytes()), EXAMPLE, folder)
    return wiring.public_desk(folder)


def check(desk: Desk, text: str) -> Answer:
    return desk.check((text.encode(),)).answer


def stands(answer: Answer) -> bool:
    return EXIT_STATUS.get(answer.headline, 1) == 0


RIGHT = {
    "a sentence": f"The commander wrote: “{BOATS}” The pilots were relieved.",
    "straight marks": f'The commander wrote: "{BOATS}" The pilots were relieved.',
    "guillemets": f"Il a écrit : « {BOATS} » Voilà.",
    "German marks": f"Er schrieb: „{BOATS}“ So ist es.",
    "single marks": f"He wrote: '{BOATS}' That is all.",
    "Arabic around it": f"قال القائد: «{BOATS}» وانتهى الأمر",
    "an attribution inside": "“The boats Heron and Lapwing,” the letter said, “will not enter the"
    " Old Basin between 21:00 and 05:00.”",
    "an attribution after a word": "“They,” it said, “may anchor at the eastern buoys for up to 48"
    " hours.”",
    "a changed letter": "It says that “[t]he boats Heron and Lapwing will not enter the Old Basin”.",
    "nothing grave left out": f"“{COSTS.replace('for each passage', '…')}”, it says.",
    "a word put in": "The boats “will [now] not enter the Old Basin between 21:00 and 05:00”.",
    "for another word": f"“{COSTS.replace('this Group', '[the patrol]')}”, it says.",
    "two sentences": f"“{BOATS}” And further on: “{COSTS}”",
    "in another order": f"“{COSTS}” is at the end; before that: “{BOATS}”",
    "two letters": f"“{BOATS}” And the notice: “Vessels that draw more than 5.5 metres must not use"
    " it at low water.”",
    "paragraphs": f"“{BOATS} {BUOYS}\n\n“{COSTS} {HOLDS}”\n\nThe pilots welcomed it.",
    "a word of irony": f"It is called a “victory”. “{BOATS}”",
    "rightly led up to": "The boats will not “enter the Old Basin between 21:00 and 05:00”, it says.",
    "rightly led on": "The arrangement, it says, “holds until 30 September 2031 unless either side"
    " ends it in writing”, as both had agreed.",
    "a must before the marks": "And the boats must “give notice to your pilots at least 6 hours"
    " before they sail”.",
    "the whole letter": f"He read it out: “{ROTA}” And sat down.",
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_quotation_of_a_standing_letter_stands_as_a_part(desk: Desk, name: str) -> None:
    answer = check(desk, RIGHT[name])
    assert answer.headline is H.PART_STANDS, answer.sentence
    assert not answer.differences
    assert wording.QUOTES_MINE in answer.not_checked
    for each in answer.quotations:
        assert each.headline in (H.PART_STANDS, None)
        assert each.headline is None or (each.letter and each.at and each.context)


# Name, text, headline, and what is said of it.
WRONG: dict[str, tuple[str, Headline, str]] = {
    "no not": (f"“{BOATS.replace('not ', '')}” it says.", H.ALTERED, "“not” is missing"),
    "another number": (f"“{BUOYS.replace('48', '84')}” it says.", H.ALTERED, "“84”"),
    "may for must": (f"“{BUOYS.replace('must', 'may')}” it says.", H.ALTERED, "“must”"),
    "dots for not": (
        f"“{BOATS.replace(' not ', ' … ')}” it says.",
        H.ALTERED,
        "“not” is left out",
    ),
    "an attribution for not": (
        "“The boats Heron and Lapwing will,” it said, “enter the Old Basin between 21:00 and"
        " 05:00.”",
        H.ALTERED,
        "“not” is left out",
    ),
    "own words for a number": (
        "They “may anchor at the eastern buoys for up to” 84 “hours, and they must give notice to"
        " your pilots”.",
        H.ALTERED,
        "“48” is left out",
    ),
    "a not put in": (
        f"“{BUOYS.replace('must give', 'must [not] give')}” it says.",
        H.ALTERED,
        "[not]",
    ),
    "one of two": (
        f"“{BOATS}” And: “{BUOYS.replace('48', '72')}”",
        H.ALTERED,
        "Quotation 2 of 2",
    ),
    "a grave sentence left out": (
        f"“{BOATS} […] {COSTS}” it says.",
        H.CANNOT_TELL,
        "what is left out may change what it says",
    ),
    "a grave end left out": (
        "“The boats Heron and Lapwing will not enter the Old Basin […]. They may anchor at the"
        " eastern buoys.”",
        H.CANNOT_TELL,
        "“between 21:00 and 05:00.”",
    ),
    "torn from its not": (
        "The boats may “enter the Old Basin between 21:00 and 05:00”.",
        H.CANNOT_TELL,
        "will not",
    ),
    "torn from its unless": (
        "And “are paid by this Group. This arrangement holds until 30 September 2031.”",
        H.CANNOT_TELL,
        "unless either side",
    ),
    "turned about": (
        "They “must give notice to your pilots at least 6 hours”, it says, “may anchor at the"
        " eastern buoys for up to 48 hours”.",
        H.CANNOT_TELL,
        "as they are in no letter",
    ),
    "a number of one's own, far off": (
        "They “may anchor at the eastern buoys for up to”, as the commander told reporters at the"
        " harbour on Monday, 84 “hours, and they must give notice to your pilots”.",
        H.ALTERED,
        "“48” is left out",
    ),
    "two sentences made one": (
        "“The costs of pilotage remain at 1,250 crowns for each passage … until 30 September 2031"
        " unless either side ends it in writing.”",
        H.CANNOT_TELL,
        "what is left out",
    ),
    "two sentences made one, without dots": (
        "“The costs of pilotage remain at 1,250 crowns for each passage”, it says, “until 30"
        " September 2031 unless either side ends it in writing.”",
        H.CANNOT_TELL,
        "what is left out",
    ),
    "two letters made one": (
        "“The boats Heron and Lapwing will not enter the Old Basin”, it says, “that draw more than"
        " 5.5 metres must not use it at low water”.",
        H.CANNOT_TELL,
        "as they are in no letter",
    ),
    "a short misquotation beside": (
        f"“{BOATS}” But they may “anchor for 72 hours”.",
        H.CANNOT_TELL,
        "anchor for 72 hours",
    ),
    "a short no beside": (f"“{BOATS}” But “never” to the west.", H.CANNOT_TELL, "never"),
    "a mark left over": (f"“{BOATS}” and “They may anchor", H.CANNOT_TELL, "opens or closes"),
    "outside of the marks": (
        f"“{BOATS}” It says, too, that they may anchor at the eastern buoys for up to 72 hours"
        " and no longer.",
        H.CANNOT_TELL,
        "outside the quotation marks",
    ),
    "beside the marks": (
        "The boats “will not enter the Old Basin between 21:00” and 07:00, it says.",
        H.CANNOT_TELL,
        "beside the quotation marks",
    ),
    "another number beside the marks": (
        "They “may anchor at the eastern buoys for up to” 84 hours, it says.",
        H.CANNOT_TELL,
        "hangs on “48 hours,",
    ),
    "may for must beside the marks": (
        "They may “give notice to your pilots at least 6 hours before they sail”.",
        H.CANNOT_TELL,
        "hangs on “They may anchor",
    ),
    "somebody else's words": (f"“{BOATS}” The mayor: “{MAYOR}”", H.NOT_RELEASED, "Quotation 2"),
    "corrected since": (
        "“Vessels that draw more than 7.5 metres must not use it at low water”, they say.",
        H.CORRECTED,
        "corrected on",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_misquotation_is_seen_as_one(desk: Desk, name: str) -> None:
    """Issue 4: located in the letter that it quotes, and its deviations shown."""
    text, headline, said = WRONG[name]
    answer = check(desk, text)
    assert answer.headline is headline, answer.sentence
    assert said in answer.sentence
    assert not stands(answer)


def test_what_is_left_out_stands_in_the_passage(desk: Desk) -> None:
    answer = check(desk, RIGHT["nothing grave left out"])
    (quotation,) = answer.quotations
    assert quotation.paragraph == 6
    assert [(run.part, run.text) for run in quotation.context] == [
        (Part.QUOTED, "The costs of pilotage remain at 1,250 crowns"),
        (Part.OMITTED, "for each passage"),
        (Part.QUOTED, "and are paid by this Group."),
    ]
    assert "left out: “for each passage”" in quotation.said
    shown = "\n".join(lines(answer.to_json()))
    assert "[left out: for each passage]" in shown
    assert "paragraph 6, words 72 to 88" in shown


def test_a_word_in_brackets_stands_beside_the_one_it_is_for(desk: Desk) -> None:
    answer = check(desk, f"“{COSTS.replace('each passage', '[every] passage')}”, it says.")
    assert answer.headline is H.PART_STANDS
    assert "“[every]” stands for “each”" in answer.quotations[0].said
    assert "[each; in brackets: every]" in "\n".join(lines(answer.to_json()))


def test_two_letters_are_both_named(desk: Desk) -> None:
    answer = check(desk, RIGHT["two letters"])
    letters = [each.letter.reference for each in answer.quotations if each.letter]
    assert letters == ["NPG-2031-07", "NPG-2031-09"]
    assert "2 quotations, of 2 letters" in answer.sentence


def test_differing_words_are_marked_in_the_pasted_text(desk: Desk) -> None:
    text = f"They write: “{BUOYS.replace('48', '84')}”"
    (difference,) = check(desk, text).differences
    start, stop = difference.copy_at
    assert text.split()[start:stop] == ["84"]


def test_a_letter_with_a_quotation_in_it_is_the_letter(desk: Desk) -> None:
    """Nobody hides an altered letter by putting quotation marks around a sentence of it."""
    marked = ROTA.replace(BOATS, f"“{BOATS}”")
    assert check(desk, marked).headline is H.STANDS
    assert check(desk, f"“{ROTA}”").headline is H.STANDS
    altered = marked.replace("48 hours", "84 hours")
    assert check(desk, altered).headline is H.ALTERED
    for sentence in (BOATS, COSTS, HOLDS):
        text = ROTA.replace(sentence, f"“{sentence}”").replace("48 hours", "84 hours")
        assert not stands(check(desk, text))


def test_a_draft_that_fell_is_told_from_a_quotation(desk: Desk) -> None:
    text = (
        "It announced: “the Northern Patrol Group will be moving its vessels during the coming"
        " days and weeks, to prepare for leaving the Outer Roads”."
    )
    answer = check(desk, text)
    assert answer.headline is H.DISOWNED
    misquoted = check(desk, text.replace("to prepare for", "after"))
    assert misquoted.headline is H.ALTERED


def test_signs_that_turn_words_about_never_stand(desk: Desk) -> None:
    assert not stands(
        check(desk, f"It says “{BOATS.replace('21:00', chr(0x202E) + '21:00')}” now.")
    )


def test_many_quotations_are_not_all_looked_for(desk: Desk) -> None:
    answer = check(desk, " And: ".join([f"“{BOATS}”"] * 40))
    assert answer.headline is H.CANNOT_TELL
    assert "more quotations than" in answer.sentence


SENTENCES = (BOATS, BUOYS, COSTS)
MARKS = st.sampled_from(["“{}”", '"{}"', "«{}»", "‘{}’", "„{}“"])
AROUND = st.sampled_from(
    [
        "{}",
        "The letter says {} and no more.",
        "OUTER ROADS, Monday – {}, the commander wrote. The mayor was glad.",
        "{} – so it is written.",
        "He called it “relief”. It reads {}.",
    ]
)
OTHERS = ["not", "never", "shall", "49", "west", "Anna", "without", "2032", "seldom"]


def mutated(words: list[str], chance: random.Random) -> list[str]:
    """One word dropped, put in, changed for another one, or two of them turned about."""
    at = chance.randrange(1, len(words) - 1)
    how = chance.choice(("drop", "add", "change", "turn"))
    if how == "drop":
        return words[:at] + words[at + 1 :]
    if how == "add":
        return [*words[:at], chance.choice(OTHERS), *words[at:]]
    if how == "change":
        return [*words[:at], chance.choice(OTHERS), *words[at + 1 :]]
    return [*words[: at - 1], words[at], words[at - 1], *words[at + 1 :]]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SENTENCES), MARKS, AROUND, st.integers(0, 2**32))
def test_no_misquotation_stands(
    desk: Desk, sentence: str, marks: str, around: str, seed: int
) -> None:
    chance = random.Random(seed)
    words = mutated(sentence.split(), chance)
    if [w.lower() for w in words] == [w.lower() for w in sentence.split()]:
        return
    answer = check(desk, around.format(marks.format(" ".join(words))))
    assert not stands(answer), answer.sentence


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([" … ", " [...] ", " (…) ", "” he said, “", "” – “", "”, and “"]),
    st.integers(0, 2**32),
)
def test_nothing_grave_is_left_out_unseen(desk: Desk, gap: str, seed: int) -> None:
    """A negation, a number, a modal verb that is gone without dots or with them never stands."""
    chance = random.Random(seed)
    words = f"{BOATS} {BUOYS} {COSTS}".split()
    start = chance.randrange(0, len(words) - 20)
    cut = start + chance.randrange(8, 12)
    size = chance.randrange(1, 5)
    gone = [word.strip(".,").lower() for word in words[cut : cut + size]]
    grave = set(gone) & (NEGATIONS | MODALS) or any(c.isdigit() for c in "".join(gone))
    before, after = words[start:cut], words[cut + size : cut + size + 10]
    if not grave or before[-1].endswith(".") or after[0][0].isupper():
        return
    answer = check(desk, f"It reads “{' '.join(before)}{gap}{' '.join(after)}” there.")
    assert not stands(answer), answer.sentence


# --- a picture of a newspaper -------------------------------------------------------------------


def picture(text: str) -> bytes:
    (image,) = typeset.page_images(typeset.letter_pdf(text), dpi=200)
    held = io.BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


PAPER = (
    "OUTER ROADS, 5 February. The patrol has told the harbour of its plans. Its boats “will not"
    " enter the Old Basin between 21:00 and 05:00”, the commander wrote. “They may anchor at the"
    " eastern buoys for up to 48 hours,” the letter goes on, and the pilots are glad to read it."
    "\n\n“The costs of pilotage remain at 1,250 crowns for each passage and are paid by this"
    " Group.” The mayor spoke of a relief for everybody who lives around the harbour."
)


def test_a_picture_of_a_newspaper_is_a_text_that_quotes(desk: Desk) -> None:
    """Issue 4, tried as: a paragraph in a newspaper."""
    answer = desk.check((picture(PAPER),)).answer
    assert answer.headline is H.PART_STANDS, answer.sentence
    assert [each.headline for each in answer.quotations] == [H.PART_STANDS] * 3


def test_a_misquotation_in_a_picture_has_its_place_on_the_page(desk: Desk) -> None:
    answer = desk.check((picture(PAPER.replace("48 hours", "84 hours")),)).answer
    assert answer.headline is H.ALTERED, answer.sentence
    (difference,) = answer.differences
    assert (difference.registered, difference.copy) == ("48", "84")
    assert difference.box is not None


def test_two_marks_on_a_paper_make_nobody_elses_words_of_the_rest(desk: Desk) -> None:
    """A sentence put under a letter is not a journalist's because the letter bears marks."""
    marked = f"“{ROTA.strip()}”\n\nAll earlier letters are void, and the fee is 9,000 crowns."
    assert not stands(desk.check((picture(marked),)).answer)
