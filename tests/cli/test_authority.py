"""vidimus authority show: who may do what on a day, by the log of then and by that of today."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_commands import run
from tests.operations.ministry import BEGIN, Ministry, build

from vidimus import wiring
from vidimus.errors import UsageError
from vidimus.operations.who import Asked, Who, asked_at

LETTER = {"cls": "letter", "office": "ministry"}


@pytest.fixture(scope="module")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    """Ben's end is announced on the 5th and comes on the 10th; fay acts for him in between.

    On the 12th it turns out that gus had been minister since the 11th.
    """
    m = build(tmp_path_factory.mktemp("ministry") / "registry")

    def key(name: str) -> str:
        return m.keys[name].public.to_text()

    m.clock.pass_(hours=1)
    m.do("ben", "delegate", person="dan", name="Dan Dorn", key=key("dan"), **LETTER)
    m.clock.time = datetime(2031, 3, 5, 9, tzinfo=UTC)
    m.do("ada", "end", person="ben", office="ministry", effective=day(10, 17, 30))
    m.clock.time = datetime(2031, 3, 10, 9, tzinfo=UTC)
    m.do(
        "ada",
        "appoint",
        person="fay",
        name="Fay Fir",
        key=key("fay"),
        office="ministry",
        effective=day(10, 17, 30),
        until=day(11),
        acting=True,
        basis="Vacancies Act, § 3",
    )
    m.clock.time = datetime(2031, 3, 12, 9, tzinfo=UTC)
    appoint = {"person": "gus", "name": "Gus Gorse", "key": key("gus"), "office": "ministry"}
    m.do("ada", "appoint", effective=day(11), **appoint)
    m.clock.pass_(days=1)
    wiring.move_clock(m.folder, m.clock.now())
    return m


def day(number: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2031, 3, number, hour, minute, tzinfo=UTC)


def show(m: Ministry, *more: str, office: str = "ministry") -> dict[str, Any]:
    status, said, _ = run("authority", "show", office, "--registry", str(m.folder), "--json", *more)
    assert status == 0
    found = json.loads(said)
    assert isinstance(found, dict)
    return found


def spans(found: dict[str, Any], person: str, cls: str = "letter") -> list[tuple[str, str]]:
    (answer,) = [a for a in found["answers"] if (a["person"], a["class"]) == (person, cls)]
    return [(each["since"], each["answer"]) for each in answer["spans"]]


def test_a_day_tells_each_change_with_its_minute(ministry: Ministry) -> None:
    """Issue 5: dates without a time mean the whole day."""
    found = show(ministry, "--at", "2031-03-10", "--class", "letter")
    midnight, change = "2031-03-10T00:00:00Z", "2031-03-10T17:30:00Z"
    assert spans(found, "ben") == [(midnight, "may"), (change, "may not")]
    assert spans(found, "fay") == [(midnight, "may not"), (change, "may")]
    # His delegation falls with him, at that very minute.
    assert spans(found, "dan") == [(midnight, "may"), (change, "may not")]
    (fallen,) = [each for each in found["steps"] if each["about"] == "delegation"]
    assert fallen["status"] == "fallen"
    status, said, _ = run(
        *("authority", "show", "ministry", "--registry", str(ministry.folder)),
        *("--at", "2031-03-10", "--class", "letter", "--person", "dan"),
    )
    assert status == 0
    assert "from 2031-03-10 00:00 UTC: Dan Dorn (dan), class “letter”: may:" in said
    assert "from 2031-03-10 17:30 UTC: Dan Dorn (dan), class “letter”: may not, because" in said
    assert "*** EXERCISE" in said


def test_announced_and_effective_are_apart(ministry: Ministry) -> None:
    """It was announced that he leaves: that did not end his powers that day."""
    assert spans(show(ministry, "--at", "2031-03-06"), "ben") == [("2031-03-06T00:00:00Z", "may")]
    found = show(ministry, "--at", "2031-03-06T12:00:00Z", "--person", "ben")
    (step,) = [each for each in found["steps"] if each["about"] == "tenure"]
    assert "its end is announced for 2031-03-10 17:30 UTC (entry " in step["says"]


def test_what_was_said_afterwards_counts_only_as_known_now(ministry: Ministry) -> None:
    at = ("--at", "2031-03-11T12:00:00Z", "--person", "gus", "--class", "letter")
    then, now = show(ministry, *at), show(ministry, *at, "--as-known-now")
    assert spans(then, "gus")[0][1] == "may not" and spans(now, "gus")[0][1] == "may"
    assert then["as_of"]["tree_size"] < now["as_of"]["tree_size"]
    assert "by everything known today, Gus Gorse (gus) may" in then["otherwise"][0]
    assert "by the log of that time, Gus Gorse (gus) may not" in now["otherwise"][0]
    assert "announced later is not looked at" in then["judged_by"]
    assert "announced or revoked only afterwards" in now["judged_by"]
    (step,) = [each for each in now["steps"] if each["about"] == "tenure"]
    assert "not announced by the time asked about" in step["says"]


def test_each_step_names_an_entry_that_says_so(ministry: Ministry) -> None:
    found = show(ministry, "--at", "2031-03-10")
    size = found["as_of"]["tree_size"]
    named = {entry for each in found["steps"] for entry in each["entries"]}
    assert named and max(named) < size
    assert [each["person"] for each in found["held"] if each["acting"]] == ["fay"]
    acting = [each for each in found["steps"] if "acting" in each["says"]]
    assert "on the basis “Vacancies Act, § 3”" in acting[0]["says"]
    for entry in named:
        status, said, _ = run(
            *("log", "proof", str(entry), "--registry", str(ministry.folder)),
        )
        assert status == 0 and f"index {entry}" in said


def test_the_list_stays_as_it_was(ministry: Ministry) -> None:
    status, said, _ = run("authority", "--registry", str(ministry.folder))
    assert status == 0
    assert "Gus Gorse (gus), since 2031-03-11" in said
    assert "class letter" in said
    # The folder may stand before the word “show” as well.
    status, said, _ = run("authority", "--registry", str(ministry.folder), "show", "archive")
    assert status == 0 and "State Archive" in said


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (("ministy",), "not-found", "did you mean ministry"),
        (("nothing-like-it",), "not-found", "known: archive, ministry"),
        (("ministry", "--class", "leter"), "not-found", "did you mean letter"),
        (("ministry", "--person", "bem"), "not-found", "did you mean ben"),
        (("ministry", "--act", "appoint"), "usage", "one of: sign, release"),
        (("ministry", "--at", "10.3.2031"), "malformed", "2031-04-09T10:00:00Z"),
        (("ministry", "--at", "2031-13-01"), "malformed", "2031-04-09T10:00:00Z"),
        (("ministry", "--at", "2031-04-01"), "usage", "--as-known-now"),
        (("root",), "usage", "vidimus authority"),
    ],
)
def test_what_cannot_be_asked_is_an_error_with_what_can(
    ministry: Ministry, arguments: tuple[str, ...], code: str, hint: str
) -> None:
    status, said, noted = run("authority", "show", *arguments, "--registry", str(ministry.folder))
    assert (status, said) == (2, "")
    assert noted.startswith(f"vidimus: {code}: ") and hint in noted


def test_a_day_to_come_is_judged_by_what_is_announced(ministry: Ministry) -> None:
    found = show(ministry, "--at", "2031-04-01", "--as-known-now", "--person", "gus")
    assert spans(found, "gus") == [("2031-04-01T00:00:00Z", "may")]
    assert found["otherwise"] == []


def test_an_office_that_was_established_later_is_said_to_be_none_then(ministry: Ministry) -> None:
    found = show(ministry, "--at", "2031-03-01", "--person", "ben", "--class", "letter")
    (span,) = found["answers"][0]["spans"]
    assert span["failing"] == "the office is established" and span["entries"] == []


def test_the_whole_day_agrees_with_each_of_its_moments(ministry: Ministry) -> None:
    """Whatever the day says from some minute on, it says when asked about that minute."""
    asking = Who(ministry.desk)
    for number in (3, 5, 10, 11, 12):
        asked = Asked("ministry", cls="letter", at=asked_at(f"2031-03-{number:02}"))
        for told in asking.ask(asked).explanation.answers:
            for at in (day(number, hour) for hour in range(0, 24, 3)):
                (said,) = [span for span in told if span.since <= at][-1:]
                text = at.isoformat().replace("+00:00", "Z")
                one = Asked("ministry", cls="letter", person=said.answer.person, at=asked_at(text))
                ((alone,),) = asking.ask(one).explanation.answers
                assert alone.answer.same_as(said.answer)


def test_a_statement_that_was_overtaken_is_seen_when_the_log_has_it(tmp_path: Path) -> None:
    """Statements may overtake each other by five minutes: the log as of a time ends before the
    first that is later, and so the day tells the second at which the log itself has it."""
    m = build(tmp_path / "registry")
    m.clock.pass_(hours=1)
    m.draft()
    first = m.clock.time
    m.clock.time = first - timedelta(seconds=100)
    m.do("ada", "end", person="ben", office="ministry")
    m.clock.time = first + timedelta(minutes=10)
    asked = Asked("ministry", cls="letter", person="ben", at=asked_at("2031-03-03"))
    ((*_before, last),) = Who(m.desk).ask(asked).explanation.answers
    assert not last.answer.may and last.since == first


def test_a_day_of_very_many_changes_is_asked_about_by_the_minute(ministry: Ministry) -> None:
    asked = Asked("ministry", at=asked_at(BEGIN.date().isoformat()))
    with pytest.raises(UsageError, match="more than 5 things") as raised:
        Who(ministry.desk, most=5).ask(asked)
    assert "ask about a moment of it" in raised.value.hint


def test_more_answers_than_anybody_reads_are_asked_for_one_by_one(ministry: Ministry) -> None:
    few = Who(ministry.desk, most_answers=4)
    with pytest.raises(UsageError, match="too many to read"):
        few.ask(Asked("ministry"))
    assert few.ask(Asked("ministry", person="ben", cls="letter")).explanation.answers
