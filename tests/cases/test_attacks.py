"""What an attacker tried, and got through once: none of it may ever stand again."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

import vidimus
from vidimus import wiring
from vidimus.core.copies.answers import EXIT_STATUS, Answer, Headline
from vidimus.errors import VerificationFailed
from vidimus.operations import story as stories
from vidimus.operations.desk import Desk

EXAMPLE = Path(vidimus.__file__).parent / "example"
ROTA = (EXAMPLE / "rota.txt").read_text(encoding="utf-8")
DEPTH = (EXAMPLE / "depth-1.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attacks") / "registry"
    wiring.play(stories.read((EXAMPLE / "story.yaml").read_bytes()), EXAMPLE, folder)
    return folder


@pytest.fixture(scope="module")
def desk(folder: Path) -> Desk:
    return wiring.public_desk(folder)


def check(desk: Desk, *parts: str) -> Answer:
    return desk.check(tuple(part.encode() for part in parts)).answer


def stands(answer: Answer) -> bool:
    return EXIT_STATUS.get(answer.headline, 1) == 0


def test_a_not_between_two_pages_cannot_be_dropped(desk: Desk) -> None:
    """Two pieces that leave out what stands between them say the opposite."""
    before, after = ROTA.split(" not ", 1)
    assert not stands(check(desk, before, after))


def test_a_sentence_between_two_pages_cannot_be_dropped(desk: Desk) -> None:
    first, second = ROTA.split("The costs of pilotage", 1)
    assert not stands(check(desk, first, second.split(".", 1)[1]))


def test_pieces_in_another_order_do_not_stand(desk: Desk) -> None:
    first, second = ROTA.split("The costs of pilotage", 1)
    assert not stands(check(desk, "The costs of pilotage" + second, first))


def test_a_page_shown_twice_does_not_stand(desk: Desk) -> None:
    assert not stands(check(desk, ROTA, ROTA))


def test_pages_in_their_order_stand(desk: Desk) -> None:
    """The same two pieces as they belong together, and one of them alone."""
    first, second = ROTA.split("The costs of pilotage", 1)
    second = "The costs of pilotage" + second
    assert check(desk, first, second).headline is Headline.STANDS
    assert check(desk, second).headline is Headline.PART_STANDS


def test_pages_that_overlap_do_not_stand(desk: Desk) -> None:
    """“They may / enter the Old Basin”: from the end of one piece one reads on elsewhere."""
    first = ROTA[: ROTA.index("They may") + len("They may")]
    second = ROTA[ROTA.index("enter the Old Basin") :]
    assert not stands(check(desk, first, second))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("will not enter", "will not. Enter"),
        ("will not enter", "will not‽ Enter"),
        ("will not enter", "will not⸮ Enter"),
        ("in writing.", "in writing‽"),
    ],
)
def test_a_sentence_cannot_be_made_to_end_elsewhere(desk: Desk, was: str, now: str) -> None:
    """In typed text, whatever script the mark is of."""
    assert was in ROTA
    assert check(desk, ROTA.replace(was, now)).headline is Headline.ALTERED


def test_a_quotation_may_break_off_but_not_end_a_sentence_that_goes_on(desk: Desk) -> None:
    part = ROTA[: ROTA.index("They may anchor at the eastern buoys") + 36]
    assert check(desk, part).headline is Headline.PART_STANDS
    assert not stands(check(desk, part + "."))
    whole = "This arrangement holds until 30 September 2031 unless either side ends it in writing"
    assert stands(check(desk, whole))
    assert stands(check(desk, whole + "."))


TAMPERED = {
    "the subject of the correction": "UPDATE entries SET subject = 'AAAAAAAAAAAAAAAA'"
    " WHERE idx = (SELECT max(idx) FROM entries WHERE subject = {letter})",
    "the correction itself": "DELETE FROM entries WHERE idx ="
    " (SELECT max(idx) FROM entries WHERE subject = {letter})",
    "its place": "UPDATE entries SET idx = 9999 WHERE idx ="
    " (SELECT max(idx) FROM entries WHERE subject = {letter})",
    "its document": "UPDATE entries SET document = NULL WHERE idx ="
    " (SELECT max(idx) FROM entries WHERE subject = {letter})",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=list(TAMPERED))
def test_a_fallen_letter_does_not_rise_in_an_edited_store(
    folder: Path, desk: Desk, tmp_path: Path, statement: str
) -> None:
    """The desk believes no index: what it read has the root that was signed, or nothing counts."""
    letter = check(desk, DEPTH).letter
    assert letter is not None
    copy = tmp_path / "registry"
    shutil.copytree(folder, copy)
    with sqlite3.connect(copy / "public" / "log.sqlite") as connection:
        connection.execute(statement.format(letter=f"'{letter.id}'"))
    connection.close()
    try:
        answer = check(wiring.public_desk(copy), DEPTH)
    except VerificationFailed:
        return
    assert answer.headline is Headline.CORRECTED


def test_an_older_log_put_in_place_of_the_newest_is_noticed(folder: Path, tmp_path: Path) -> None:
    """A running desk has seen more; it does not go back."""
    copy = tmp_path / "registry"
    shutil.copytree(folder, copy)
    served = wiring.public_desk(copy)
    assert check(served, DEPTH).headline is Headline.CORRECTED
    log = served.log
    head = log.head()

    class Older:
        def __getattr__(self, name: str) -> object:
            return getattr(log, name)

        def head(self) -> object:
            return type(head)(head.size - 1, head.checkpoint)

    served.acts._log = Older()  # type: ignore[attr-defined]
    with pytest.raises(VerificationFailed):
        check(served, DEPTH)
