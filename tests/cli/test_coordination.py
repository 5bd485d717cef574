"""vidimus coordinate, answer, override, owed, ready: what they take and refuse by themselves.

What they print is in tests/scripts/coordination.txt.
"""

from __future__ import annotations

import argparse

import pytest
from tests.cli.test_commands import run
from tests.operations.ministry import BEGIN, Ministry, build

from vidimus import wiring
from vidimus.cli import coordination
from vidimus.core.acts.kinds import Position


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    coordination.add(parser.add_subparsers())
    return parser.parse_args(arguments)


def test_words_belong_to_the_comment_before_them() -> None:
    args = parsed(
        *("answer", "MC-1", "nonconcur", "--version", "3"),
        *("--comment", "One.", "--on", "a", "--before", "b", "--after", "c"),
        *("--comment", "Two."),
    )
    assert args.comments == (
        {"text": "One.", "quote": "a", "before": "b", "after": "c"},
        {"text": "Two."},
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--on", "words", "--comment", "too late"),
        ("--comment", "One.", "--on", "a", "--on", "b"),
        ("--before", "b"),
    ],
)
def test_words_without_a_comment_are_refused(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed("answer", "MC-1", "nonconcur", "--version", "3", *arguments)
    assert "after the --comment that it belongs to" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("nonconcur",), ("maybe", "--version", "3")])
def test_an_answer_says_to_what_and_how(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((SystemExit, argparse.ArgumentError)):
        parsed("answer", "MC-1", *words)


@pytest.fixture(scope="module")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    m = build(tmp_path_factory.mktemp("coordination") / "registry")
    name = m.draft()
    late = BEGIN.replace(hour=12)
    m.do("dan", "coordinate", letter=name, ask=("archive",), optional=("ministry",), until=late)
    m.clock.pass_(days=1)
    wiring.move_clock(m.folder, m.clock.now())
    return m


def test_who_is_late_is_told_and_who_need_not_answer_is_not(ministry: Ministry) -> None:
    status, out, _err = run("owed", "--registry", str(ministry.folder))
    assert status == 0
    assert "2031-03-03 12:00  overdue   archive" in out
    assert "ministry  " not in out
    assert run("owed", "--office", "ministry/press", "--registry", str(ministry.folder))[
        1
    ].endswith("nobody owes an answer\n")


def test_an_office_that_is_not_there_owes_nothing_and_that_is_said(ministry: Ministry) -> None:
    status, _out, err = run("owed", "--office", "nowhere", "--registry", str(ministry.folder))
    assert (status, err.count("there is no office “nowhere”")) == (2, 1)


def test_ready_says_no_with_its_exit_status(ministry: Ministry) -> None:
    folder = ("--registry", str(ministry.folder))
    status, out, _err = run("ready", "MC-1", *folder)
    assert status == 1
    assert "blocked  archive: owes its answer since 2031-03-03 12:00" in out
    assert run("ready", "MC-1", "--by", "cleo", *folder)[0] == 2
    assert run("ready", "MC-9", *folder)[0] == 2


def test_the_words_of_the_command_line_are_the_three_positions() -> None:
    assert set(coordination.POSITIONS.values()) == set(Position)
