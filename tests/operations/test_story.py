"""Stories: what their files may say, and that playing one is the same as acting."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.operations.ministry import build, no_passphrase

from vidimus import wiring
from vidimus.adapters import key_files
from vidimus.adapters.clock import StoryClock
from vidimus.adapters.story_folder import FolderStage, KeptPerson, StoryTexts
from vidimus.core.acts.document import time as read_time
from vidimus.core.copies.answers import Headline, rfc3339
from vidimus.errors import (
    Conflict,
    FormatError,
    NotAllowed,
    NotFound,
    OutsideFailed,
    TooLarge,
    UsageError,
    VidimusError,
)
from vidimus.operations import plain_yaml
from vidimus.operations import story as stories
from vidimus.operations.desk import Desk
from vidimus.operations.play import play
from vidimus.operations.story import Check, Step, Story, read

EXAMPLE = Path(stories.__file__).parents[1] / "example"
FOUND = '  - {at: "2031-01-01T09:00:00Z", by: ada as root, do: found, founders: [ada]}\n'
HEAD = "story: A story\norigin: letters.example.org/exercise\npeople: {ada: Ada Ash}\n"
SHORT = f"{HEAD}acts:\n{FOUND}"


def story(**changes: Any) -> bytes:
    value = yaml.load(SHORT, plain_yaml._Plain) | changes
    return yaml.safe_dump({k: v for k, v in value.items() if v is not None}).encode()


def act(minute: int = 0, **fields: Any) -> dict[str, Any]:
    return {"at": f"2031-01-01T09:{minute:02}:00Z", "by": "ada as root", **fields}


def test_the_shortest_story() -> None:
    found = read(SHORT.encode())
    assert found == Story(
        title="A story",
        origin="letters.example.org/exercise",
        people={"ada": "Ada Ash"},
        texts={},
        steps=(
            Step(
                1,
                datetime(2031, 1, 1, 9, tzinfo=UTC),
                ("ada",),
                "root",
                "found",
                {"founders": ["ada"]},
            ),
        ),
        ends=None,
    )


def test_every_value_is_the_text_that_was_written() -> None:
    """No guesses: YAML would make a number of 007, a truth of no, and a date of a day."""
    source = SHORT + (
        "  - {at: 2031-01-01T09:01:00Z, by: ada as root, do: hold, letter: no, reason: 007}\n"
        "texts: {no: 2031-01-01, null: ~, 1.5: on}\n"
    )
    found = read(source.encode())
    step = found.steps[1]
    assert isinstance(step, Step)
    assert step.fields == {"letter": "no", "reason": "007"}
    assert {name: text.content for name, text in found.texts.items()} == {
        "no": "2031-01-01",
        "null": "~",
        "1.5": "on",
    }


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "the story"),
    "a list": ("- a", "the story"),
    "no YAML": ("a: [", "line"),
    "not UTF-8": (b"story: \xff", "malformed"),
    "a zero": (b"story: a\x00b", "malformed"),
    "an alias": ("a: &x 1\nb: *x", "aliases"),
    "an anchor": ("a: &x 1", "aliases"),
    "a tag": ("a: !!int 1", "tag"),
    "a tag of Python": ("a: !!python/object/apply:os.system [id]", "tag"),
    "a binary": ("a: !!binary x", "tag"),
    "a bad timestamp": ("a: !!timestamp x", "tag"),
    "two documents": (SHORT + "---\n" + SHORT, "malformed"),
    "a key that is a list": ("? [a]\n: b", "malformed"),
    "a double": (SHORT + "story: another\n", "story is given twice"),
    "a double in an act": (
        HEAD + "acts:\n  - {at: x, at: y, by: ada as root, do: found}\n",
        "at is given twice",
    ),
    "nested deeply": ("[" * 5000, "nested too deeply"),
    "an unknown field": (story(author="Ada"), "author is not known"),
    "no title": (story(story=None), "story"),
    "no origin": (story(origin=None), "origin"),
    "an odd origin": (story(origin="Letters of the Office"), "origin"),
    "no acts": (story(acts=[]), "acts"),
    "acts that are none": (story(acts="found"), "acts"),
    "an act that is none": (story(acts=["found"]), "act 1"),
    "no time": (story(acts=[act(at=None)]), "act 1: at"),
    "half a time": (story(acts=[act(at="2031-01-01")]), "act 1: at"),
    "a time that is none": (story(acts=[act(at="2031-02-30T09:00:00Z")]), "act 1: at"),
    "nobody": (story(acts=[act(by=None, do="found")]), "act 1: by"),
    "nowhere": (story(acts=[act(by="ada", do="found")]), "act 1: by"),
    "nothing done": (story(acts=[act()]), "act 1: do"),
    "a mapping for a text": (story(acts=[act(do="hold", letter={"a": "b"})]), "letter"),
    "a list for a text": (story(acts=[act(do="hold", letter=["x"])]), "letter"),
    "a list for a name": (story(acts=[act(do="draft", letter=["x"])]), "letter"),
    "a list for a person": (story(acts=[act(do="appoint", person=["ada"])]), "person"),
    "a list of lists": (story(acts=[act(do="found", founders=[["ada"]])]), "founders"),
    "times out of order": (
        story(acts=[act(5, do="found"), act(4, do="found")]),
        "act 2 comes before act 1",
    ),
    "an end before the end": (
        story(acts=[act(5, do="found")], ends="2031-01-01T09:00:00Z"),
        "ends before",
    ),
    "an end that is none": (story(ends="soon"), "not a time"),
    "a check of nothing": (
        story(acts=[{"at": "2031-01-01T09:00:00Z", "check": []}]),
        "act 1",
    ),
    "a check with too much": (
        story(acts=[{"at": "2031-01-01T09:00:00Z", "check": "a", "by": "ada as root"}]),
        "by is not known",
    ),
    "a headline that is none": (
        story(acts=[{"at": "2031-01-01T09:00:00Z", "check": "a", "expect": "FAKE"}]),
        "FAKE",
    ),
    "a check from a list": (
        story(acts=[{"at": "2031-01-01T09:00:00Z", "check": "a", "from": ["x"]}]),
        "from",
    ),
    "an odd person": (story(people={"Ada Ash": "ada"}), "Ada Ash"),
    "a person without a name": (story(people={"ada": ""}), "ada"),
    "people in a list": (story(people=["ada"]), "people"),
    "a text of lists": (story(texts={"a": ["b"]}), "text a"),
    "a text from elsewhere": (story(texts={"a": {"url": "b"}}), "url is not known"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_story_is_refused_with_its_place(name: str) -> None:
    source, named = REFUSED[name]
    with pytest.raises(FormatError) as error:
        read(source if isinstance(source, bytes) else source.encode())
    assert named in error.value.fact


def test_a_story_that_is_too_long_is_not_read() -> None:
    with pytest.raises(TooLarge):
        read(b"#" * 1_000_001)


def test_a_story_of_many_names_is_read_in_time() -> None:
    """Quadratic work hides in looking for doubles."""
    begun = datetime.now(UTC)
    with pytest.raises(FormatError):
        read(("{" + ",".join(f"a{n}" for n in range(30_000)) + "}").encode())
    assert datetime.now(UTC) - begun < timedelta(seconds=20)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_story_or_malformed(source: bytes) -> None:
    with pytest.raises(FormatError):
        read(source)


VALUES = st.recursive(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(["ada as root", "found", "2031-01-01T09:00:00Z", "STANDS", "ada", "a"]),
        st.none(),
        st.integers(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
TOP = ["story", "origin", "people", "texts", "acts", "ends"]
FIELDS = ["at", "by", "do", "check", "expect", "from", "letter", "text"]


@given(
    st.dictionaries(st.sampled_from(TOP), VALUES, max_size=4),
    st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5), max_size=3),
)
@settings(max_examples=200, deadline=None)
def test_a_story_is_read_or_malformed_and_nothing_else(
    changes: dict[str, Any], acts: list[dict[str, Any]]
) -> None:
    value = yaml.load(SHORT, plain_yaml._Plain)
    value["acts"] += [act() | each for each in acts]
    source = yaml.safe_dump(value | changes, allow_unicode=True)
    try:
        found = read(source.encode("utf-8", "surrogatepass"))
    except FormatError:
        return
    assert found.steps
    assert all(isinstance(each, Step | Check) for each in found.steps)
    times = [each.at for each in found.steps]
    assert times == sorted(times)


# --- playing ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("example") / "registry"
    found = read((EXAMPLE / "story.yaml").read_bytes())
    return folder, wiring.play(found, EXAMPLE, folder)


def test_the_example_holds_from_end_to_end(example: tuple[Path, Any]) -> None:
    folder, played = example
    found = read((EXAMPLE / "story.yaml").read_bytes())
    assert len(played.answers) == sum(isinstance(each, Check) for each in found.steps)
    for check, answer in played.answers:
        assert answer.headline is check.expect
        assert answer.exercise
    assert wiring.verify_log(folder, False).refused == ()
    assert rfc3339(wiring.public_desk(folder).clock.now()) == rfc3339(found.ends)


def test_at_answers_what_was_answered_then(example: tuple[Path, Any]) -> None:
    """Issue: --at TIME answers as of an earlier moment, exactly as a check then did."""
    folder, played = example
    desk = wiring.public_desk(folder)
    stage = texts()
    for check, answer in played.answers:
        again = desk.check((stage.text(check.text).encode(),), office=check.of, at=check.at).answer
        assert again == answer


def texts() -> StoryTexts:
    found = read((EXAMPLE / "story.yaml").read_bytes())
    return StoryTexts(
        EXAMPLE,
        {name: each.content for name, each in found.texts.items() if each.content is not None},
        {name: each.file for name, each in found.texts.items() if each.file is not None},
    )


def test_at_answers_at_every_entry_what_a_fresh_check_gave(tmp_path: Path) -> None:
    """After each act of the example all its texts are checked; and at the end, again, by --at."""
    found = read((EXAMPLE / "story.yaml").read_bytes())
    wiring.init(
        tmp_path / "r",
        origin=found.origin,
        exercise=True,
        passphrase=None,
        start=found.steps[0].at,
    )
    desk = wiring.public_desk(tmp_path / "r")
    stage = texts()
    asked = {name: stage.text(name).encode() for name in found.texts}
    fresh: list[tuple[datetime, str, Any]] = []
    kept = {
        name: KeptPerson(
            full,
            wiring.new_person(tmp_path / "r" / "people", name, full, None)[1].key,
            key_files.signer(tmp_path / "r" / "people" / f"{name}.key", no_passphrase),
        )
        for name, full in found.people.items()
    }

    def moved(time: datetime) -> None:
        # Just before the clock moves on: everything as of the act before.
        if desk.log.head().size > (fresh[-1][2].tree_size if fresh else 0):
            now = desk.clock.now()
            fresh.extend((now, name, desk.check((text,)).answer) for name, text in asked.items())
        wiring.move_clock(tmp_path / "r", time)

    play(
        found,
        wiring.office(tmp_path / "r", no_passphrase),
        desk,
        FolderStage(kept, stage, moved),
    )
    sizes = set()
    for time, name, answer in fresh:
        assert desk.check((asked[name],), at=time).answer == answer
        sizes.add(answer.tree_size)
    assert sizes == set(range(1, 33))
    before = desk.check((asked["rota"],), at=found.steps[0].at - timedelta(seconds=1)).answer
    assert (before.headline, before.tree_size) == (Headline.NO_RECORD, 0)


def test_a_story_is_not_played_into_a_live_registry(tmp_path: Path) -> None:
    """Design: an exercise can never be taken for a live one."""
    m = build(tmp_path / "live", exercise=False)
    before = m.snapshot()
    found = read(SHORT.encode())
    with pytest.raises(NotAllowed):
        play(found, m.registry, m.desk, FolderStage({}, texts(), lambda _: None))
    with pytest.raises(Conflict):
        wiring.play(found, EXAMPLE, m.folder)
    with pytest.raises(UsageError):
        live = read(SHORT.replace("/exercise", "/log").encode())
        wiring.play(live, EXAMPLE, tmp_path / "new")
    assert m.snapshot() == before
    with pytest.raises(UsageError):
        wiring.move_clock(m.folder, datetime(2031, 1, 1, tzinfo=UTC))


PLAYED: dict[str, tuple[dict[str, Any], type[VidimusError], str]] = {
    "an act that is none": ({"do": "sing"}, UsageError, "no act is called"),
    "an unknown field": ({"do": "establish", "colour": "red"}, UsageError, "colour"),
    "a missing field": ({"do": "establish", "office": "x"}, UsageError, "title"),
    "a letter that is not there": ({"do": "hold", "letter": "x"}, NotFound, "no letter"),
    "a text that is not there": (
        {"do": "declare_forged", "office": "x", "title": "X", "text": "y"},
        NotFound,
        "no text",
    ),
    "a person that is not there": (
        {"do": "appoint", "person": "ben", "office": "x"},
        NotFound,
        "nobody",
    ),
    "an actor that is not there": (
        {"by": "ben as root", "do": "establish", "office": "x", "title": "X"},
        NotFound,
        "nobody",
    ),
    "a number that is none": (
        {"do": "share", "letter": "x", "to": "y", "copy": "first"},
        NotFound,
        "no letter",
    ),
    "a threshold that is none": (
        {"do": "found", "founders": ["ada"], "threshold": "1_0"},
        FormatError,
        "threshold",
    ),
    "a threshold beyond all": (
        {"do": "found", "founders": ["ada"], "threshold": "9" * 5000},
        FormatError,
        "threshold",
    ),
    "founders in a row": ({"do": "found", "founders": "ada"}, UsageError, "founders"),
    "a power that is none": (
        {"do": "define_class", "class": "c", "title": "C", "office": "x", "rule": "blood"}
        | {"signers": "x", "releasers": "x"},
        FormatError,
        "rule",
    ),
    "a refusal": ({"do": "cover", "class": "c", "office": "x"}, NotAllowed, "c"),
}


@pytest.mark.parametrize("name", PLAYED)
def test_an_error_names_the_act_that_made_it(tmp_path: Path, name: str) -> None:
    fields, kind, named = PLAYED[name]
    source = story(acts=[*yaml.load(SHORT, plain_yaml._Plain)["acts"], act(1) | fields])
    with pytest.raises(kind) as error:
        wiring.play(read(source), tmp_path, tmp_path / "r")
    assert error.value.fact.startswith("act 2")
    assert named in error.value.fact
    assert str(error.value) == error.value.fact
    # What was performed before stays, and holds.
    assert wiring.verify_log(tmp_path / "r", False).size == 1


def test_an_expectation_that_fails_says_what_was_answered(tmp_path: Path) -> None:
    check = {"at": "2031-01-01T09:30:00Z", "check": "a", "expect": "STANDS"}
    acts = [*yaml.load(SHORT, plain_yaml._Plain)["acts"], check]
    source = story(acts=acts, texts={"a": "Five words and no more."})
    with pytest.raises(UsageError) as error:
        wiring.play(read(source), tmp_path, tmp_path / "r")
    assert "expects STANDS" in error.value.fact


def test_the_texts_of_a_story_are_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff")
    (tmp_path / "b.txt").write_bytes(b"b" * 2_000_001)
    (tmp_path / "c.txt").write_text("Grüße")
    found = StoryTexts(tmp_path, {}, {"a": "a.txt", "b": "b.txt", "c": "c.txt", "d": "d.txt"})
    assert found.text("c") == "Grüße"
    for name, kind in (("a", FormatError), ("b", TooLarge), ("d", OutsideFailed), ("e", NotFound)):
        with pytest.raises(kind):
            found.text(name)


# --- the clock --------------------------------------------------------------------------------


def test_the_clock_of_an_exercise_goes_forward_only(tmp_path: Path) -> None:
    clock = StoryClock(tmp_path / "clock.txt")
    with pytest.raises(OutsideFailed):
        clock.now()
    noon = read_time("2031-01-01T12:00:00Z")
    for time in (noon, noon, noon + timedelta(hours=1)):
        clock.move(time)
        assert clock.now() == time
    with pytest.raises(UsageError):
        clock.move(noon)
    assert [each.name for each in tmp_path.iterdir()] == ["clock.txt"]
    for damage in (b"", b"noon", b"2031-01-01T12:00:00", b"\xff"):
        (tmp_path / "clock.txt").write_bytes(damage)
        with pytest.raises(OutsideFailed):
            clock.now()


def test_a_desk_without_its_clock_says_so(example: tuple[Path, Any], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(example[0], tmp_path / "r"))
    (folder / "public" / "clock.txt").write_bytes(b"")
    desk: Desk = wiring.public_desk(folder)
    with pytest.raises(OutsideFailed):
        desk.check((b"Some words of a letter that nobody wrote.",))
