"""Coordination as people do it: what each verb takes, what it refuses, and who owes what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.operations.ministry import BEGIN, OTHER, TEXT, Ministry
from tests.operations.test_verbs import refused

from vidimus import wiring
from vidimus.core.acts.asking import Comment
from vidimus.core.acts.document import MOST_LISTED
from vidimus.core.acts.kinds import Kind, Position
from vidimus.core.acts.readiness import State, ready
from vidimus.core.acts.vocabulary import Release
from vidimus.core.copies.anchor import places
from vidimus.core.copies.answers import Headline
from vidimus.core.copies.canonical import canonical
from vidimus.errors import FormatError, UsageError
from vidimus.operations import preparing, readiness

SOON = BEGIN + timedelta(days=2)
NO, YES, BUT = Position.NONCONCUR, Position.CONCUR, Position.CONCUR_WITH_COMMENT


def asked(m: Ministry, *offices: str, text: str = TEXT) -> str:
    name = m.draft(text)
    m.do("dan", "coordinate", letter=name, ask=offices or ("archive",), until=SOON)
    return name


def test_from_asking_to_release_and_the_release_names_it_all(m: Ministry) -> None:
    name = m.draft()
    asks = m.do("dan", "coordinate", letter=name, ask=("archive",), until=SOON).index
    no = m.do("gus", "answer", letter=name, position=NO, version=1, comment="Why?").index
    over = m.do("ben", "override", letter=name, office="archive", reason="It is urgent.").index
    m.do("ben", "sign", letter=name)
    body = m.do("cleo", "release", letter=name).act.body
    assert isinstance(body, Release)
    assert {asks, no, over} <= set(body.rests_on)
    assert m.check().headline is Headline.STANDS
    m.verify()


def test_each_office_may_have_a_date_of_its_own(m: Ministry) -> None:
    name = m.draft()
    m.do(
        *("dan", "coordinate"),
        letter=name,
        ask=("archive:2031-03-04", "ministry/press"),
        optional=("ministry:2031-03-04T12:00:00Z",),
        until=SOON,
    )
    found = {each.office: (each.until, each.required) for each in m.letter(name).coordination.asked}
    assert found == {
        "archive": (BEGIN.replace(day=4, hour=0), True),
        "ministry/press": (SOON, True),
        "ministry": (BEGIN.replace(day=4, hour=12), False),
    }


def test_asking_nobody_or_until_never_is_no_asking(m: Ministry) -> None:
    name = m.draft()
    refused(m, lambda m: m.do("dan", "coordinate", letter=name, until=SOON), UsageError)
    refused(m, lambda m: m.do("dan", "coordinate", letter=name, ask=("archive",)), UsageError)
    bad = ("archive:tomorrow",)
    refused(m, lambda m: m.do("dan", "coordinate", letter=name, ask=bad), FormatError)


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        (Comment("No.", "the southern patrol"), "does not stand so in version 1"),
        (Comment("No.", "harbour"), "stands in version 1 2 times"),
        (Comment("No.", "harbour", "outer", "before"), "does not stand so in version 1"),
        (Comment("No.", "\u00ad"), "does not stand so in version 1"),
    ],
)
def test_what_is_quoted_stands_in_the_version_in_one_place(
    m: Ministry, comment: Comment, words: str
) -> None:
    name = asked(m)
    error = refused(
        m, lambda m: m.do("gus", "answer", letter=name, position=NO, version=1, comments=(comment,))
    )
    assert words in error.fact


def test_a_quote_may_run_over_a_line_and_be_told_by_its_neighbours(m: Ministry) -> None:
    name = asked(m)
    comments = (
        Comment("Until when?", "We will not leave"),
        Comment("Which pier?", "harbour", before="outer"),
        Comment("Which pier?", "harbour", after="before 14"),
        Comment("Too short."),
    )
    m.do("gus", "answer", letter=name, position=BUT, version=1, comments=comments)
    (answer,) = m.letter(name).coordination.answers
    assert answer.comments == comments


def test_words_may_be_pasted_from_anywhere(m: Ministry) -> None:
    """From a PDF with soft hyphens, from a browser with odd spaces, from a Mac."""
    name = asked(m)
    pasted = Comment(
        "Wo ko\u0308nnen sie ankern?", "re\u00adpositioned\u00a0to the\nouter\tharbour"
    )
    m.do("gus", "answer", letter=name, position=NO, version=1, comments=(pasted,))
    (answer,) = m.letter(name).coordination.answers
    assert answer.comments == (
        Comment("Wo k\u00f6nnen sie ankern?", "repositioned to the outer harbour"),
    )


def test_words_are_quoted_to_say_something_of_them(m: Ministry) -> None:
    name = asked(m)
    quoting = {"letter": name, "position": YES, "version": 1, "on": "harbour"}
    refused(m, lambda m: m.do("gus", "answer", **quoting), UsageError)


@given(st.text(max_size=40), st.data())
def test_a_passage_with_all_that_is_around_it_stands_in_one_place(
    text: str, data: st.DataObject
) -> None:
    whole = canonical(text)
    if not whole:
        assert places(text, "x") == ()
        return
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start + 1, len(whole)))
    parts = whole[:start], whole[start:end], whole[end:]
    if canonical("".join(parts)) == whole and all(canonical(p) == p for p in parts):
        assert places(text, parts[1], parts[0], parts[2]) == (start,)


def test_an_answer_is_for_the_version_that_was_read(m: Ministry) -> None:
    name = asked(m)
    m.do("dan", "revise", letter=name, text=OTHER)
    refused(m, lambda m: m.do("gus", "answer", letter=name, position=YES, version=1))
    refused(m, lambda m: m.do("gus", "answer", letter=name, position=YES, version=3))
    refused(m, lambda m: m.do("dan", "coordinate", letter=name, ask=("ministry",), version=1))


def test_the_coordination_stays_inside(m: Ministry) -> None:
    """Sealed: outside nobody learns that anybody was asked, nor by the length of an entry."""
    name = asked(m)
    m.do("gus", "answer", letter=name, position=NO, version=1, comment="Because of the barges.")
    m.do("ben", "override", letter=name, office="archive", reason="The barges are gone.")
    m.do("ben", "sign", letter=name)
    m.do("cleo", "release", letter=name)
    public = b"".join(path.read_bytes() for path in (m.folder / "public").iterdir())
    assert b"barges" not in public
    assert b"nonconcur" not in public
    size = m.registry.log.head().size
    assert len({len(each.raw) for each in m.registry.log.entries(size - 6, size - 1)}) == 1


def test_what_is_open_is_open_in_another_process_too(m: Ministry) -> None:
    name = asked(m)
    m.do("gus", "answer", letter=name, position=NO, version=1, comment="No.")
    again = wiring.office(m.folder, lambda _name: b"")
    letter = again.letter(name)
    assert letter == m.letter(name)
    assert not ready(readiness.list_of(again, m.letter(name)), Kind.SIGN)


def test_who_owes_what_is_told_overdue_first(m: Ministry) -> None:
    late, soon = asked(m, "archive"), asked(m, "archive", "ministry/press", text=OTHER)
    m.do("dan", "coordinate", letter=soon, ask=("archive",), until=SOON + timedelta(days=5))
    m.do("dan", "coordinate", letter=soon, optional=("ministry",), until=SOON)
    m.clock.pass_(days=3)

    def owed(office: str | None = None) -> list[tuple[str, str, bool]]:
        found = readiness.owed(m.registry, office)
        return [(each.letter.id, each.turn.office, each.overdue) for each in found]

    assert owed() == [
        (late, "archive", True),
        (soon, "ministry/press", True),
        (soon, "archive", False),
    ]
    assert owed("ministry/press") == [(soon, "ministry/press", True)]
    m.do("dan", "revise", letter=late, text=TEXT + "P.S.")
    assert owed()[-1] == (late, "archive", False)  # to be asked again
    m.do("dan", "abandon", letter=late)
    m.do("gus", "answer", letter=soon, position=YES, version=1)
    assert owed("archive") == []


def test_a_release_of_very_much_talk_names_what_it_rests_on(m: Ministry) -> None:
    """A list of an act has at most 1,000 members; nobody can talk a letter to death."""
    name = asked(m)
    m.do("gus", "answer", letter=name, position=YES, version=1)
    m.do("ben", "sign", letter=name)
    letter = m.letter(name)
    talked = replace(letter, sealed=(*letter.sealed, *range(10_000, 12_000)))
    before = {each.index for each in letter.coordination.asked + letter.coordination.answers}

    rests = preparing._rests_on(m.registry, talked, {letter.signatures[0].index})
    assert len(rests) == MOST_LISTED
    assert before | {letter.versions[0].index} <= set(rests)


def test_the_signature_that_fell_does_not_keep_back_the_one_that_stands(m: Ministry) -> None:
    name = m.draft()
    lent = {"person": "eve", "name": "Eve Elm", "key": m.keys["eve"].public.to_text()}
    m.do("ben", "delegate", office="ministry", cls="letter", **lent)
    m.do("eve as ministry", "sign", letter=name)
    m.do("ben", "sign", letter=name)
    m.do("ben", "revoke", person="eve", office="ministry", cls="letter")
    items = readiness.list_of(m.registry, m.letter(name), releaser=("cleo", "ministry/press"))
    assert [each.state for each in items] == [State.MET] * 3
    m.do("cleo", "release", letter=name)
    assert m.check().headline is Headline.STANDS
