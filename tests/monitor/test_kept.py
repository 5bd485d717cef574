"""What was found once is not forgotten; and what is told is enough to understand it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.acts.world import A, World, key, log_key, log_signer, released_letter
from tests.monitor.served import Clock, Face, Served, face, public
from tests.monitor.test_follow import monitoring
from tests.trust.chains import following, root_of

from vidimus import wiring
from vidimus.adapters.monitor_state import MonitorState
from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal
from vidimus.core.acts.vocabulary import Hold, LogKey, RevokeKey, Withdraw
from vidimus.core.trust import root as roots
from vidimus.errors import NotFound

MIN = ("p-min", "ministry")


def lay(found: World, folder: Path, signer: str | None = None) -> Path:
    """The files of a log in a folder."""
    files = face(found)
    if signer is not None:
        files |= Face(public(found), (log_signer(signer),)).files()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def said(*arguments: object) -> tuple[int, str]:
    terminal = Terminal(io.BytesIO(), io.StringIO(), io.StringIO())
    status = main([str(each) for each in arguments], terminal)
    assert isinstance(terminal.out, io.StringIO) and isinstance(terminal.err, io.StringIO)
    return status, terminal.out.getvalue() + terminal.err.getvalue()


def forked(log: Path, state: Path, tmp_path: Path) -> None:
    """A round that finds a fork, after one that finds nothing."""
    mine = released_letter()
    theirs = mine.copy()
    mine.do(*MIN, Hold(A))
    theirs.do(*MIN, Withdraw(A))
    assert said("monitor", lay(mine, log), "--state", state)[0] == 0
    status, told = said("monitor", lay(theirs, tmp_path / "theirs"), "--state", state)
    assert status == 1 and "!! forked-tree" in told
    assert "the head that is served is not accepted" in told
    assert "finding is kept" not in told


def test_a_conviction_is_kept_until_somebody_puts_it_aside(tmp_path: Path) -> None:
    """A fork is a fork for ever, also where a later round is shown nothing but good files."""
    log, state = tmp_path / "log", tmp_path / "state"
    forked(log, state, tmp_path)
    for _ in range(2):
        status, told = said("monitor", log, "--state", state)
        assert status == 1
        assert f"!! 1 finding is kept in {state / 'evidence'}; the gravest: forked-tree/" in told
    status, told = said("monitor", log, "--state", state, "--json")
    kept = json.loads(told.splitlines()[-1])["kept"]
    assert (kept["count"], kept["convictions"]) == (1, 1)
    assert said("monitor", "--state", state, "--acknowledge", "forked-tree/none")[0] == 2
    assert said("monitor", "--state", state, "--acknowledge", kept["gravest"])[0] == 0
    status, told = said("monitor", log, "--state", state)
    assert status == 0 and "!!" not in told
    # Its evidence stays, and what is found again is said again.
    assert (state / "evidence" / kept["gravest"] / "fork.json").is_file()
    assert said("monitor", tmp_path / "theirs", "--state", state)[0] == 1


def test_nothing_is_put_aside_where_no_monitor_was(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        wiring.acknowledge(tmp_path / "nowhere", ["forked-tree/x"])
    assert not (tmp_path / "nowhere").exists()


def test_what_is_kept_is_where_the_folder_is_now(tmp_path: Path) -> None:
    """A state that was moved names its own evidence, and not where that lay once."""
    log, state, moved = tmp_path / "log", tmp_path / "state", tmp_path / "moved"
    forked(log, state, tmp_path)
    state.rename(moved)
    _, told = said("monitor", tmp_path / "theirs", "--state", moved)
    assert "!! still forked-tree" in told and f"evidence: {moved}/evidence/forked-tree/" in told


def test_evidence_that_rests_on_the_monitors_word_is_not_exit_status_0(tmp_path: Path) -> None:
    log, state = tmp_path / "log", tmp_path / "state"
    forked(log, state, tmp_path)
    (fork,) = (state / "evidence" / "forked-tree").iterdir()
    assert said("monitor", "--evidence", fork, "--trust", log / "trust.json")[0] == 0
    found = released_letter()
    said("monitor", lay(found, tmp_path / "less"), "--state", state)
    (back,) = (state / "evidence" / "rolled-back-tree").iterdir()
    status, told = said("monitor", "--evidence", back, "--trust", log / "trust.json")
    assert status == 3 and "the monitor alone has seen" in told


def test_a_line_on_authority_says_what_happened(tmp_path: Path) -> None:
    """Who was appointed to what, whose key was revoked, which version of the trust."""
    found = released_letter()
    found.root(RevokeKey("p-press", key("p-press"), len(found.log) - 1))
    both = (LogKey(log_key()), LogKey(log_key("log-2")))
    found.root(following(found, log_keys=both))
    state = MonitorState(tmp_path)
    state.close()
    with monitoring(tmp_path, Served(face(found)), Clock(found.now)) as monitor:
        monitor.round()
        lines = [line for _, line in monitor._state.untold() if line["type"] == "authority"]
    by_act = {str(line["act"]): line for line in lines}
    assert all(line["what"] and line["concerns"] for line in lines)
    appointed = by_act["appoint"]
    concerned = appointed["concerns"]
    assert isinstance(concerned, dict)
    assert f"({concerned['person']}) to {concerned['office']}" in str(appointed["what"])
    assert key("p-press") in str(by_act["revoke_key"]["what"])
    assert "the key of p-press counts up to entry" in str(by_act["revoke_key"]["what"])
    assert str(by_act["trust"]["what"]).startswith("version 2 of the trust, founders p-root")
    assert log_key("log-2") in str(by_act["trust"]["what"])
    _, told = said("monitor", lay(found, tmp_path / "log"), "--state", tmp_path / "other")
    assert "        the key of p-press counts up to entry" in told


def test_an_office_that_the_log_does_not_know_is_said_to_be_none(tmp_path: Path) -> None:
    log = lay(released_letter(), tmp_path / "log")
    watch = ("--watch", "minstry", "--watch", "ministry")
    _, told = said("monitor", log, "--state", tmp_path / "state", *watch)
    assert "--watch minstry: this log knows no office" in told
    assert "--watch ministry:" not in told


def test_a_head_that_is_missing_is_told_from_one_that_is_refused(tmp_path: Path) -> None:
    found = released_letter()
    log, trust = lay(found, tmp_path / "log"), tmp_path / "trust.json"
    trust.write_bytes(roots.write(root_of(found)))
    lay(found, log, "somebody")
    options = ("--state", tmp_path / "state", "--trust", trust)
    status, told = said("monitor", log, *options)
    assert status == 1 and "the head that is served is not accepted" in told
    (log / "checkpoint").unlink()
    _, told = said("monitor", log, *options)
    assert "no head could be read" in told
