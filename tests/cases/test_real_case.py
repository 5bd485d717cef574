"""The letter of 6 January 2020, hour by hour, on its real text.

The text lies outside the repository (it is not ours to ship); where it is absent, these
tests skip and say so. People appear by their offices only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bench.copies.camera import photo
from bench.copies.typeset import letter_pdf, page_images

from vidimus import wiring
from vidimus.core.copies.answers import Answer, Headline, StandingAnswer, TextAnswer
from vidimus.operations import story as stories
from vidimus.operations.desk import Desk

SEED = Path(os.environ.get("VIDIMUS_SEED", Path(__file__).parents[3] / "shared" / "seed"))

pytestmark = pytest.mark.skipif(
    not (SEED / "letter.txt").exists(),
    reason="the real letter is not here: set VIDIMUS_SEED to the folder that holds letter.txt",
)

STORY = """
story: The day of the letter
origin: letters.defense.example/exercise
people:
  founder: The founder of the register
  secretary: The Secretary
  chairman: The Chairman
  command: The combatant commander
  general: The commanding general of the task force
  officer: An action officer
  public: The public affairs officer
texts:
  letter: {{file: letter.txt}}
acts:
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: found, founders: [founder]}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: establish, office: secretary, title: Secretary of Defense}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: establish, office: secretary/chairman, title: Chairman of the Joint Chiefs, under: secretary}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: establish, office: secretary/chairman/command, title: Combatant Command, under: secretary/chairman}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: establish, office: task-force, title: Commanding General Task Force Iraq, under: secretary/chairman/command}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: establish, office: task-force/staff, title: Staff of the task force, under: task-force}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: establish, office: task-force/public-affairs, title: Public affairs, under: task-force}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: appoint, person: secretary, office: secretary}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: appoint, person: chairman, office: secretary/chairman}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: appoint, person: command, office: secretary/chairman/command}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: appoint, person: general, office: task-force}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: appoint, person: officer, office: task-force/staff}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: appoint, person: public, office: task-force/public-affairs}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: define_class, class: letter, title: Letters, office: task-force, rule: digital, signers: [task-force], releasers: [task-force/public-affairs]}}
  - {{at: "2019-12-01T12:00:00Z", by: founder as root, do: cover, class: letter, office: task-force, since: "2019-12-01"}}
  - {{at: "2020-01-06T08:00:00Z", by: officer as task-force/staff, do: draft, letter: memo, office: task-force, class: letter, reference: "TF-1", title: Movement of forces, text: letter}}
  - {{at: "2020-01-06T09:00:00Z", by: officer as task-force/staff, do: share, letter: memo, to: The ministry of defence, copy: "1", of: "1"}}
  - {{at: "2020-01-06T17:00:00Z", check: letter, expect: NOT_RELEASED}}
  - {{at: "2020-01-06T21:30:00Z", by: chairman as secretary/chairman, do: acknowledge_draft, letter: memo, reason: "A draft, unsigned, and a mistake."}}
  - {{at: "2020-01-06T21:31:00Z", check: letter, expect: DRAFT_NEVER_RELEASED}}
  - {{at: "2020-01-06T22:00:00Z", by: secretary as secretary, do: disown, letter: memo, code: sent-in-error, reason: There has been no decision to leave.}}
  - {{at: "2020-01-06T22:01:00Z", check: letter, expect: DISOWNED}}
ends: "2020-01-06T23:00:00Z"
"""

NOON = datetime(2020, 1, 6, 17, tzinfo=UTC)
ACKNOWLEDGED = datetime(2020, 1, 6, 21, 45, tzinfo=UTC)
DISOWNED = datetime(2020, 1, 6, 22, 30, tzinfo=UTC)

STAGES = [
    (NOON, Headline.NOT_RELEASED),
    (ACKNOWLEDGED, Headline.DRAFT_NEVER_RELEASED),
    (DISOWNED, Headline.DISOWNED),
]


@pytest.fixture(scope="module")
def letter() -> str:
    return (SEED / "letter.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("day") / "registry"
    story = stories.read(STORY.format().encode())
    wiring.play(story, SEED, folder)
    return wiring.public_desk(folder)


@pytest.fixture(scope="module")
def copies(letter: str) -> Iterator[dict[str, bytes]]:
    """The text, a PDF of it, and a photograph: perspective, uneven light, blur, JPEG."""
    pdf = letter_pdf(letter)
    page = page_images(pdf, dpi=200)[0]
    yield {"text": letter.encode(), "pdf": pdf, "photo": photo(page, 7, "medium")}


@pytest.mark.parametrize("form", ["text", "pdf", "photo"])
@pytest.mark.parametrize(("at", "headline"), STAGES)
def test_at_every_hour_every_copy_gets_the_answer_of_that_hour(
    desk: Desk, copies: dict[str, bytes], form: str, at: datetime, headline: Headline
) -> None:
    """Design 1: NOT_RELEASED at noon, a draft once acknowledged, DISOWNED after the act."""
    answer = desk.check((copies[form],), at=at).answer
    assert answer.headline is headline
    assert answer.exercise
    if headline is Headline.NOT_RELEASED:
        assert answer.letter is None
    else:
        assert answer.text is TextAnswer.SAME
        assert answer.letter is not None
        assert answer.letter.reference == "TF-1"


def test_after_the_disowning_the_facts_of_the_log_stand_beside_it(desk: Desk, letter: str) -> None:
    """Design 4: disowning never hides what the log shows."""
    answer = desk.check((letter.encode(),)).answer
    assert answer.standing is StandingAnswer.DISOWNED
    assert "sent-in-error" in answer.standing_detail
    assert "Secretary of Defense" in answer.standing_detail
    file = desk.letter(answer.letter.id if answer.letter else "")
    assert [event.kind.value for event in file.letter.events] == ["acknowledge_draft", "disown"]


def pairs(answer: Answer) -> set[tuple[str, str]]:
    return {(each.registered, each.copy) for each in answer.differences}


@pytest.mark.parametrize(
    ("was", "printed", "expected"),
    [
        ("in due deference", "in due reference", ("deference", "reference")),
        ("in due deference", "in deference", ("due", "")),
        ("sovereign decision", "sovereign authority", ("decision", "authority")),
    ],
)
def test_the_misquotations_of_that_day_are_shown_as_the_altered_words_that_they_are(
    desk: Desk, letter: str, was: str, printed: str, expected: tuple[str, str]
) -> None:
    """Newspapers printed the sentence in other words; the words are named, no more."""
    sentence = next(each.strip() for each in letter.replace("\n", " ").split(". ") if was in each)
    answer = desk.check((sentence.replace(was, printed).encode(),)).answer
    assert answer.headline is Headline.ALTERED
    assert pairs(answer) == {expected}


def test_the_sentence_as_it_was_written_is_a_part_of_the_draft(desk: Desk, letter: str) -> None:
    """The same sentence, quoted right, is what the letter is: here, disowned."""
    sentence = next(
        each.strip() for each in letter.replace("\n", " ").split(". ") if "sovereign" in each
    )
    answer = desk.check((sentence.encode(),)).answer
    assert answer.headline is Headline.DISOWNED
    assert answer.text is TextAnswer.PART


def test_an_altered_photograph_is_altered(desk: Desk, letter: str) -> None:
    """One word in the picture: nobody must take it for the paper."""
    changed = letter.replace("We respect", "We reject")
    page = page_images(letter_pdf(changed), dpi=200)[0]
    answer = desk.check((photo(page, 11, "mild"),)).answer
    assert answer.headline is Headline.ALTERED
    assert ("respect", "reject") in pairs(answer)
    difference = next(each for each in answer.differences if each.copy == "reject")
    assert difference.box is not None
