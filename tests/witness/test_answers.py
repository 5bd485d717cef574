"""What an answer says of witnesses: who saw the log, or aloud since when nobody did."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.operations.ministry import OTHER, build
from tests.witness.parts import running
from tests.witness.test_registry import install, new_witness, run

from vidimus import wiring
from vidimus.core.copies import wording
from vidimus.core.copies.answers import Answer, Headline
from vidimus.errors import VerificationFailed


def said(answer: Answer) -> tuple[list[str], list[str]]:
    """What it says of witnesses among what was checked, and among what was not."""
    checked = [each for each in answer.checked if "itnessed" in each]
    not_checked = [each for each in answer.not_checked if "itness" in each]
    return checked, not_checked


def test_a_missing_quorum_degrades_every_answer_aloud_and_blocks_nothing(tmp_path: Path) -> None:
    """Issue: “not witnessed since …”; the letter stands all the same, and can be withdrawn."""
    m = build(tmp_path / "office")
    letter = m.released()
    assert said(m.check()) == ([], [wording.UNWITNESSED])
    key = new_witness(tmp_path / "north", m)
    with running(tmp_path / "north") as (_, north):
        install(m, tmp_path, f"witness north {key} {north}\nquorum north\n")
        checked, not_checked = said(m.check())
        assert not checked and not_checked[0].startswith("Not witnessed yet")
        assert run("log", "ask-witnesses", "--registry", m.folder)[0] == 0
        checked, not_checked = said(m.check())
        assert checked[0].startswith("Witnessed by 1 of 1") and not not_checked
    m.draft(OTHER)
    checked, not_checked = said(m.check())
    assert not checked and not_checked[0].startswith("Not witnessed since")
    assert m.check().headline is Headline.STANDS
    assert said(m.desk.letter(letter).answer) == (checked, not_checked)
    m.do("ben", "withdraw", letter=letter)
    assert m.check().headline is Headline.WITHDRAWN


def test_a_log_that_the_witnesses_did_not_see_answers_nothing(tmp_path: Path) -> None:
    """Whoever put another log in its place, with all its keys, has the witnesses against him."""
    m, other = build(tmp_path / "office"), build(tmp_path / "other")
    m.released()
    key = new_witness(tmp_path / "north", m)
    with running(tmp_path / "north") as (_, north):
        install(m, tmp_path, f"witness north {key} {north}\nquorum north\n")
        run("log", "ask-witnesses", "--registry", m.folder)
    kept = m.registry.log.witnessed()
    assert kept is not None
    other.registry.log.keep_witnessed(kept, 1)
    install(other, tmp_path, f"witness north {key}\nquorum north\n")
    with pytest.raises(VerificationFailed):
        wiring.public_desk(other.folder).check((OTHER.encode(),))
