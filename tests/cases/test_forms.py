"""A permit of one's own, a neighbour's permit, and a permit with a better price: what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.copies.test_form import CROWNS, DAYS, NAMES, letter
from tests.operations.ministry import Ministry, build

from vidimus.cli.shown import answer as lines
from vidimus.core.copies.answers import EXIT_STATUS, Headline, TextAnswer

H = Headline
LETTERS = (
    letter("MC-1"),
    letter("MC-2", "Bob Farrow", "3 June 2031", "65"),
    letter("MC-3", "Cora Dunn Vale", "1 July 2031", "40"),
)
SECRET = letter("MC-4", "Dora Moss", "8 May 2031", "55")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    m = build(Path(tmp_path_factory.mktemp("forms")) / "registry")
    m.do("ada", "cover", office="ministry", cls="paper")
    for text in LETTERS:
        m.released(text)
    m.draft(SECRET)
    return m


def test_another_letter_of_the_form_is_accused_of_nothing(office: Ministry) -> None:
    """Issue 4: of the same form as …; this one is not registered, with the differing words."""
    answer = office.check(letter("MC-9", "Emil", "9 May 2031", "90"))
    assert answer.headline is H.NOT_RELEASED
    assert answer.text is TextAnswer.NONE
    assert answer.letter is None
    assert answer.form is not None
    assert answer.form.letters == 3
    assert answer.form.told
    assert "Of the same form as the letter MC-" in answer.sentence
    assert "none that was released has these words" in answer.sentence
    assert {each.copy for each in answer.differences} >= {"MC-9", "Emil", "90"}
    shown = "\n".join(lines(answer.to_json()))
    assert "Filled in otherwise:" in shown
    assert "Altered" not in shown


def test_without_a_promise_it_cannot_be_said(tmp_path: Path) -> None:
    m = build(tmp_path / "registry")
    for text in LETTERS:
        m.released(text)
    assert m.check(letter("MC-9")).headline is H.NO_RECORD
    assert m.check(letter("MC-9"), office="archive").form is not None


def test_a_secret_letter_of_the_form_gets_what_a_fake_gets(office: Ministry) -> None:
    """Design 6: no oracle. What is said is computed from released letters alone."""
    said = office.check(SECRET).to_json()
    fake = office.check(SECRET.replace("MC-4", "MC-5")).to_json()
    assert str(said).replace("MC-4", "MC-5") == str(fake)


@pytest.mark.parametrize(
    "copy",
    [
        letter("MC-1", crowns="4"),
        letter("MC-2", "Ann Elder", "5 May 2031", "40"),
        letter("MC-9").replace("must not", "must"),
        letter("MC-1").replace("shall be paid", "may be paid"),
    ],
)
def test_a_registered_reference_over_other_words_is_altered(office: Ministry, copy: str) -> None:
    answer = office.check(copy)
    assert answer.headline is H.ALTERED
    assert answer.form is None


def test_whose_reference_it_bears_that_letter_it_is_held_against(office: Ministry) -> None:
    answer = office.check(letter("MC-2", "Ann Elder", "5 May 2031", "40"))
    assert answer.letter is not None
    assert answer.letter.reference == "MC-2"
    assert [each.registered for each in answer.differences][-1] == "65"


def test_a_part_that_all_share_names_how_many_and_which(office: Ministry) -> None:
    part = letter()[letter().index("The berth must") : letter().index("Ben")]
    answer = office.check(part)
    assert answer.headline is H.PART_STANDS
    assert "3 released letters have these words" in answer.sentence
    assert len(answer.alternatives) == 3


def test_one_that_fell_among_those_that_share_a_part_makes_it_unsure(tmp_path: Path) -> None:
    m = build(tmp_path / "registry")
    names = [m.released(text) for text in LETTERS]
    m.do("ben", "withdraw", letter=names[1])
    part = letter()[letter().index("The berth must") : letter().index("Ben")]
    assert m.check(part).headline is H.CANNOT_TELL


def test_a_letter_and_its_correction_are_no_form(tmp_path: Path) -> None:
    """One matter in two wordings: a third wording is not one more letter, but other words."""
    m = build(tmp_path / "registry")
    old, new = m.released(letter("MC-1")), m.released(letter("MC-2", crowns="65"))
    assert m.check(letter("MC-9", crowns="90")).form is not None
    m.do("ben", "correct", letter=old, successor=new)
    assert m.check(letter("MC-9", crowns="90")).headline is H.ALTERED


def test_a_single_letter_with_another_date_is_altered(tmp_path: Path) -> None:
    m = build(tmp_path / "registry")
    m.released(letter())
    assert m.check(letter(day="6 May 2031")).headline is H.ALTERED
    assert m.check(letter("MC-9")).headline is H.ALTERED


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["MC-1", "MC-2", "MC-3", "MC-4", "MC-77"]),
    NAMES,
    DAYS,
    CROWNS,
    st.sampled_from([("must not", "must"), ("shall", "may"), ("else", "else")]),
)
def test_nothing_that_differs_ever_stands(
    office: Ministry, reference: str, name: str, day: str, crowns: str, word: tuple[str, str]
) -> None:
    answer = office.check(letter(reference, name, day, crowns).replace(*word))
    assert answer.differences
    assert EXIT_STATUS.get(answer.headline, 1) != 0
