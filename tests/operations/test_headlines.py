"""Each headline is reached by real acts, in the order of the design; and what each answer says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.operations.ministry import OTHER, TEXT, UNKNOWN, Ministry, build

from vidimus.cli.shown import answer as lines
from vidimus.core.acts.kinds import Reason
from vidimus.core.copies import wording
from vidimus.core.copies.answers import EXIT_STATUS, Answer, Headline
from vidimus.errors import UsageError

ALTERED = TEXT.replace("will\nnot leave", "will\nleave")
PART = TEXT[TEXT.index("the northern") : TEXT.index("Traffic")]
assert ALTERED != TEXT


def stands(m: Ministry) -> str:
    return m.released()


def on_hold(m: Ministry) -> str:
    name = m.released()
    m.do("cleo", "hold", letter=name, reason="A pilot asks.")
    return name


def corrected(m: Ministry) -> str:
    name, new = m.released(), m.released(OTHER)
    m.do("ben", "correct", letter=name, successor=new)
    return name


def superseded(m: Ministry) -> str:
    name, new = m.released(), m.released(OTHER)
    m.do("ben", "supersede", letter=name, successor=new)
    return name


def withdrawn(m: Ministry) -> str:
    name = m.released()
    m.do("ben", "withdraw", letter=name)
    return name


def revoked(m: Ministry) -> str:
    """Signed with a key that, it turns out, counted no longer."""
    last = m.registry.log.head().size - 1
    name = m.released()
    key = m.keys["ben"].public.to_text()
    m.do("ada", "revoke_key", person="ben", key=key, last_index=last)
    m.keys["ben"] = m.keys["eve"]
    key = m.keys["ben"].public.to_text()
    m.do("ada", "appoint", person="ben", name="Ben Birch", key=key, office="ministry")
    return name


def ratified(m: Ministry) -> str:
    name = revoked(m)
    m.do("ben", "ratify", letter=name, reason="It was meant.")
    return name


def acknowledged(m: Ministry) -> str:
    name = m.draft()
    m.do("ben", "acknowledge_draft", letter=name)
    return name


def disowned(m: Ministry) -> str:
    name = m.released()
    m.do("ben", "disown", letter=name, code=Reason.NOT_AUTHORISED, reason="No such decision.")
    return name


def disowned_draft(m: Ministry) -> str:
    name = acknowledged(m)
    m.do("ben", "disown", letter=name, code=Reason.SENT_IN_ERROR)
    return name


def forged(m: Ministry) -> str:
    done = m.do("ben", "declare_forged", office="ministry", title="A forgery", text=TEXT)
    return done.act.subject


def nothing(m: Ministry) -> str:
    return ""


def drafted(m: Ministry) -> str:
    m.draft()
    return ""


def old_version(m: Ministry) -> str:
    """The letter went out in other words, and then its first draft leaked."""
    name = m.draft()
    m.do("dan", "revise", letter=name, text=OTHER)
    m.do("ben", "sign", letter=name)
    m.do("cleo", "release", letter=name)
    m.do("ben", "acknowledge_draft", letter=name, version=1)
    return name


def two_alike(m: Ministry) -> str:
    """Two letters that share a paragraph, of which one fell."""
    m.released()
    name = m.released(TEXT.replace("Sir,", "Madam,"))
    m.do("ben", "withdraw", letter=name)
    return name


H = Headline
REACHED: dict[str, tuple[Callable[[Ministry], str], str, Headline]] = {
    "altered": (stands, ALTERED, H.ALTERED),
    "forged": (forged, TEXT, H.DECLARED_FORGED),
    "forged, and altered": (forged, ALTERED, H.ALTERED),
    "disowned": (disowned, TEXT, H.DISOWNED),
    "disowned draft": (disowned_draft, TEXT, H.DISOWNED),
    "disowned, and altered": (disowned, ALTERED, H.ALTERED),
    "acknowledged": (acknowledged, TEXT, H.DRAFT_NEVER_RELEASED),
    "the draft of a released letter": (old_version, TEXT, H.DRAFT_NEVER_RELEASED),
    "the letter whose draft leaked": (old_version, OTHER, H.STANDS),
    "signed in vain": (revoked, TEXT, H.SIGNER_WITHOUT_AUTHORITY),
    "signed in vain, and altered": (revoked, ALTERED, H.ALTERED),
    "withdrawn": (withdrawn, TEXT, H.WITHDRAWN),
    "withdrawn, a part": (withdrawn, PART, H.WITHDRAWN),
    "superseded": (superseded, TEXT, H.SUPERSEDED),
    "corrected": (corrected, TEXT, H.CORRECTED),
    "the correction": (corrected, OTHER, H.STANDS),
    "on hold": (on_hold, TEXT, H.ON_HOLD),
    "two alike": (two_alike, PART, H.CANNOT_TELL),
    "three words": (stands, "not leave the", H.CANNOT_TELL),
    "ratified": (ratified, TEXT, H.RATIFIED),
    "stands": (stands, TEXT, H.STANDS),
    "a part": (stands, PART, H.PART_STANDS),
    "unknown": (stands, UNKNOWN, H.NOT_RELEASED),
    "secret": (drafted, TEXT, H.NOT_RELEASED),
}


@pytest.mark.parametrize("name", REACHED)
def test_a_headline_is_reached_by_real_acts(m: Ministry, name: str) -> None:
    """Design 1: the first that applies wins."""
    does, text, headline = REACHED[name]
    m.do("ada", "cover", office="ministry", cls="paper")
    letter = does(m)
    answer = m.check(text)
    assert answer.headline is headline, answer.reasons
    m.verify()
    require_an_honest_answer(m, answer)
    if answer.letter is None:
        assert headline in (H.NOT_RELEASED, H.CANNOT_TELL)
        return
    if headline is not H.CANNOT_TELL and name not in ("the correction",):
        assert answer.letter.id == letter
    # The letter's own page says what the check of its text says.
    page = m.desk.letter(answer.letter.id)
    if (
        text in (TEXT, OTHER)
        and headline is not H.CANNOT_TELL
        and name != "the draft of a released letter"
    ):
        assert page.answer.headline is headline
        assert page.answer.letter == answer.letter


def test_an_office_that_promised_nothing_cannot_say(m: Ministry) -> None:
    assert m.check(UNKNOWN, office="archive").headline is H.NO_RECORD


def test_every_headline_is_reached_above() -> None:
    reached = {headline for _, _, headline in REACHED.values()} | {H.NO_RECORD}
    assert reached == set(Headline)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (disowned, [H.DISOWNED]),
        (withdrawn, [H.WITHDRAWN, ("disown", H.DISOWNED)]),
        (on_hold, [H.ON_HOLD, ("clear", H.STANDS), ("withdraw", H.WITHDRAWN)]),
        (
            ratified,
            [H.RATIFIED, ("hold", H.ON_HOLD), ("clear", H.RATIFIED), ("disown", H.DISOWNED)],
        ),
        (revoked, [H.SIGNER_WITHOUT_AUTHORITY, ("hold", H.SIGNER_WITHOUT_AUTHORITY)]),
        (revoked, [H.SIGNER_WITHOUT_AUTHORITY, ("withdraw", H.SIGNER_WITHOUT_AUTHORITY)]),
    ],
)
def test_the_strongest_headline_wins(
    m: Ministry, first: Callable[[Ministry], str], then: list[object]
) -> None:
    """Design 1: strongest first; what is stronger hides what is weaker, and never the reverse."""
    name = first(m)
    for step in then:
        if isinstance(step, tuple):
            verb, headline = step
            more = {"code": Reason.WRONG_TEXT} if verb == "disown" else {"reason": "so"}
            m.do("ben", verb, letter=name, **more)
        else:
            headline = step
        assert m.check().headline is headline
    order = list(Headline)
    assert [each.value for each in order] == [
        *("ALTERED", "DECLARED_FORGED", "DISOWNED", "DRAFT_NEVER_RELEASED"),
        *("SIGNER_WITHOUT_AUTHORITY", "WITHDRAWN", "SUPERSEDED", "CORRECTED", "ON_HOLD"),
        *("CANNOT_TELL", "RATIFIED", "STANDS", "PART_STANDS", "NOT_RELEASED", "NO_RECORD"),
    ]


# --- what every answer says -------------------------------------------------------------------

NEVER = re.compile(
    r"\b(authentic\w*|verified|official|true|false|trusted|safe)\b|%|✓|✔", re.IGNORECASE
)


def require_an_honest_answer(m: Ministry, answer: Answer) -> None:
    """Design 1: as-of, reasons, what was not checked; and no word that promises too much."""
    document = answer.to_json()
    exercise = m.registry.settings.exercise
    assert document["exercise"] is exercise
    assert document["as_of"]["tree_size"] == m.registry.log.head().size
    assert document["reasons"]
    assert document["not_checked"]
    assert document["checked"]
    assert answer.exit_status == EXIT_STATUS.get(answer.headline, 1)
    # The letter's own words are its own; everything else is ours.
    said = json.dumps({**document, "exercise": None, "text": None}, ensure_ascii=False)
    assert not NEVER.search(said), NEVER.search(said)
    shown = "\n".join(lines(document))
    assert not NEVER.search(shown), NEVER.search(shown)
    assert shown.startswith("*** EXERCISE") is exercise
    assert answer.sentence.startswith(wording.EXERCISE) is exercise


@pytest.mark.parametrize("name", REACHED)
def test_an_exercise_says_so_in_every_answer(tmp_path: Path, name: str) -> None:
    """Issue: an exercise can never be taken for a live one, on any page or in any answer."""
    does, text, headline = REACHED[name]
    for exercise in (True, False):
        m = build(tmp_path / str(exercise), exercise=exercise)
        m.do("ada", "cover", office="ministry", cls="paper")
        does(m)
        answer = m.check(text)
        assert answer.headline is headline
        assert answer.exercise is exercise
        assert answer.sentence.startswith(wording.EXERCISE) is exercise
        assert answer.registry.endswith("/exercise") is exercise
        assert m.desk.registry().exercise is exercise


def test_no_later_moment_can_be_asked_for(m: Ministry) -> None:
    with pytest.raises(UsageError) as error:
        m.check(at=m.clock.time + timedelta(seconds=1))
    assert "future" in error.value.fact


# --- what the office promised -----------------------------------------------------------------

COVERAGE: dict[str, tuple[Callable[[Ministry], object], str | None, Headline, str]] = {
    # name: (what is promised besides, --from, headline, what the sentence names)
    "papers are not promised": (lambda m: None, None, H.NO_RECORD, "Not promised for “Paper”"),
    "papers are not promised, and it says who": (
        lambda m: None,
        "ministry",
        H.NO_RECORD,
        "Not promised for “Paper”",
    ),
    "the ministry promised all": (
        lambda m: m.do("ada", "cover", office="ministry", cls="paper"),
        "ministry",
        H.NOT_RELEASED,
        "“Letter”",
    ),
    "and nobody else writes letters": (
        lambda m: m.do("ada", "cover", office="ministry", cls="paper"),
        None,
        H.NOT_RELEASED,
        "“Memo”",
    ),
    "but the archive does": (
        lambda m: (m.do("ada", "cover", office="ministry", cls="paper"), archive(m)),
        None,
        H.NO_RECORD,
        "Say from which office",
    ),
    "which is not what was asked": (
        lambda m: (m.do("ada", "cover", office="ministry", cls="paper"), archive(m)),
        "ministry",
        H.NOT_RELEASED,
        "Ministry of Coasts registers",
    ),
    "the archive promised nothing": (lambda m: archive(m), "archive", H.NO_RECORD, "No promise"),
    "an office that writes no letters": (lambda m: None, "archive", H.NO_RECORD, "No promise"),
    "an office below": (lambda m: None, "ministry/press", H.NO_RECORD, "No promise"),
    "an office that is not here": (lambda m: None, "moon", H.NO_RECORD, "No office here"),
    "a promise for later": (
        lambda m: m.do(
            "ada", "cover", office="ministry", cls="paper", since=m.clock.time + timedelta(days=9)
        ),
        "ministry",
        H.NO_RECORD,
        "Not promised for “Paper”",
    ),
}


def archive(m: Ministry) -> None:
    m.do(
        "ada",
        "define_class",
        cls="extract",
        title="Extract",
        office="archive",
        rule="digital",
        signers=("archive",),
        releasers=("archive",),
    )


@pytest.mark.parametrize("name", COVERAGE)
def test_a_promise_decides_what_no_text_of_ours_means(m: Ministry, name: str) -> None:
    """Design 1: NOT_RELEASED where every letter is promised, NO_RECORD where it is not."""
    does, office, headline, named = COVERAGE[name]
    does(m)
    answer = m.check(UNKNOWN, office=office)
    assert answer.headline is headline, answer.sentence
    assert named in answer.sentence
    assert answer.letter is None


def test_a_promise_that_rests_on_a_revoked_key_is_none(m: Ministry) -> None:
    size = m.registry.log.head().size
    m.do("ben", "cover", office="ministry", cls="paper")
    assert m.check(UNKNOWN).headline is H.NOT_RELEASED
    key = m.keys["ben"].public.to_text()
    m.do("ada", "revoke_key", person="ben", key=key, last_index=size - 1)
    assert m.check(UNKNOWN).headline is H.NO_RECORD


def test_a_promise_kept_counts_from_its_day(m: Ministry) -> None:
    later = m.clock.time + timedelta(days=9)
    m.do("ada", "cover", office="ministry", cls="paper", since=later)
    assert m.check(UNKNOWN).headline is H.NO_RECORD
    m.clock.time = later
    assert m.check(UNKNOWN).headline is H.NOT_RELEASED
    assert m.check(UNKNOWN, at=later - timedelta(seconds=1)).headline is H.NO_RECORD
