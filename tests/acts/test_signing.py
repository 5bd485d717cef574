"""Nothing goes out unsigned where it needs a signature, nor by one person alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.acts.histories import DEPUTY, DESK, MIN, PRESS
from tests.acts.world import (
    CROWN,
    ORIGIN,
    A,
    B,
    World,
    canonical,
    key,
    letter_class,
    released_letter,
    sealed_over,
    text,
    world,
    written,
)

from vidimus.core.acts import document as documents
from vidimus.core.acts.kinds import Method, SignatureRule
from vidimus.core.acts.lifecycle import State
from vidimus.core.acts.vocabulary import Act, Delegate, End, Opened, Release, Revoke, Sign
from vidimus.errors import VerificationFailed


def signed(cls: str = "letter") -> tuple[World, int]:
    found = world()
    found.draft(cls=cls)
    index = found.sign(attested=DESK) if cls == "ink" else found.sign()
    assert found.valid(index)
    return found, index


def unreleased(found: World) -> bool:
    """In the office's view: a registry does not put on the log what its office refuses."""
    return found.letter().released is None and found.letter().state is not State.RELEASED


def unseen(found: World) -> bool:
    """Nor does anybody outside believe it, whatever the registry puts on the log."""
    return unreleased(found) and A not in found.public().letters


def test_a_letter_of_a_class_that_needs_a_signature_is_not_released_without() -> None:
    found = world()
    found.draft()
    assert not found.valid(found.release([])) and unseen(found)


def test_a_signature_that_is_on_the_log_and_not_opened_releases_nothing() -> None:
    found, _ = signed()
    assert not found.valid(found.release([])) and unseen(found)


def test_a_signature_on_one_version_does_not_release_the_next() -> None:
    found, first = signed()
    found.revise()
    assert found.letter().state is State.DRAFT and not found.letter().signatures
    assert not found.valid(found.release([first]))
    assert not found.valid(found.release([first], version=1))
    assert unreleased(found)
    assert found.valid(found.release([found.sign()]))
    assert found.letter().released == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"text": text("evil")},
        {"canonical": canonical("evil")},
        {"language": "de"},
        {"title": "Another"},
        {"reference": "REF 2"},
        {"office": "other"},
        {"cls": "note"},
        {"rests_on": (10_000,)},
    ],
)
def test_a_signature_releases_the_letter_that_was_signed_and_no_other(
    changes: dict[str, object],
) -> None:
    found, index = signed()
    assert not found.valid(found.release([index], **changes)) and unreleased(found)


@pytest.mark.parametrize("changes", [{"version": 2}, {"version": 0}, {"letter": B}])
def test_nor_another_letter_or_version(changes: dict[str, object]) -> None:
    found, index = signed()
    body = replace(found.released([index]), **changes)  # type: ignore[arg-type]
    assert not found.valid(found.do(*PRESS, body)) and unseen(found)
    assert B not in found.folding.letters


def test_one_signature_counts_once() -> None:
    found, index = signed()
    assert not found.valid(found.release([index, index]))


@pytest.mark.parametrize("ended", ["tenure", "delegation", "class"])
def test_a_signature_falls_with_the_power_it_was_given_in(ended: str) -> None:
    """Design, section 4: on the effective day a person's pending signatures fall."""
    found = world()
    found.draft()
    index = found.sign(by=DEPUTY if ended == "delegation" else MIN)
    assert found.valid(index)
    if ended == "tenure":
        found.root(End("p-min", "ministry", found.now))
    elif ended == "delegation":
        found.do(*MIN, Revoke("p-deputy", "ministry", "letter"))
    else:
        found.do(*CROWN, letter_class(signers=("ministry/press",)))
    assert not found.valid(found.release([index])) and unreleased(found)


def test_a_signature_that_fell_does_not_rise_with_a_new_tenure() -> None:
    found, index = signed()
    found.root(End("p-min", "ministry", found.now))
    found.appoint("p-min", "ministry")
    assert not found.valid(found.release([index])) and unreleased(found)
    # Nor with a delegation that is given again.
    found, _ = signed()
    found.revise()
    index = found.sign(by=DEPUTY)
    found.do(*MIN, Revoke("p-deputy", "ministry", "letter"))
    again = Delegate("p-deputy", "D", key("p-deputy"), "ministry", "letter", found.now)
    assert found.valid(found.do(*MIN, again))
    assert not found.valid(found.release([index])) and unreleased(found)


def test_a_release_goes_by_the_rule_of_its_own_day() -> None:
    found, index = signed("ink")
    found.do(*CROWN, letter_class(cls="ink", rule=SignatureRule.DIGITAL))
    assert not found.valid(found.release([index])) and unreleased(found)


def test_the_rule_of_a_letter_is_that_of_the_day_of_its_release() -> None:
    """A class that needed no signature when the draft was registered may need one now."""
    found = world()
    found.draft(cls="note", by=PRESS)
    found.do(*CROWN, letter_class(cls="note", signers=("ministry/press",)))
    assert not found.valid(found.release([]))
    assert found.valid(found.release([found.sign(by=PRESS)], by=DESK))
    assert found.letter().rule is SignatureRule.DIGITAL
    assert found.public().letters[A].rule is SignatureRule.DIGITAL


# --- a second person ---------------------------------------------------------------------------


def test_the_only_signer_cannot_release() -> None:
    found, index = signed()
    assert not found.valid(found.release([index], by=MIN)) and unreleased(found)
    assert found.valid(found.release([index], by=PRESS))


def test_one_of_two_signers_may_release() -> None:
    found, first = signed()
    found.appoint("p-co", "ministry")
    second = found.sign(by=("p-co", "ministry"))
    assert found.valid(found.release([first, second], by=MIN))


def test_who_lent_the_power_to_sign_is_not_the_second_person() -> None:
    """Else a head with a delegate of straw could send a letter out all alone."""
    found = world()
    found.draft()
    lent = found.sign(by=DEPUTY)
    assert not found.valid(found.release([lent], by=MIN))
    assert found.valid(found.release([lent]))


def test_an_office_does_not_define_its_own_classes() -> None:
    """Else it could lift its own rule, and send out unsigned what needs a signature."""
    found = world()
    rule = letter_class(rule=SignatureRule.NONE, second_person=False)
    assert not found.valid(found.do(*MIN, rule))
    assert not found.valid(found.do(*MIN, letter_class(cls="loose", rule=SignatureRule.NONE)))


def test_whoever_attests_a_signature_by_hand_is_not_the_one_to_release_it() -> None:
    """Else one person with a made-up scan sends out a minister's letter all alone."""
    found, index = signed("ink")
    assert not found.valid(found.release([index], by=DESK)) and unreleased(found)
    assert found.valid(found.release([index], by=PRESS))


def test_whoever_drafted_a_note_alone_is_not_the_one_to_release_it() -> None:
    found = world()
    found.draft(cls="note", by=PRESS)
    assert not found.valid(found.release([], by=PRESS)) and unreleased(found)
    assert found.valid(found.release([], by=DESK))


def test_a_class_may_do_without_the_second_person() -> None:
    found, index = signed()
    found.do(*CROWN, letter_class(second_person=False))
    assert found.valid(found.release([index], by=MIN))


# --- signing ---------------------------------------------------------------------------------


def test_a_colleague_who_may_not_sign_attests_what_was_signed_by_hand() -> None:
    found, index = signed("ink")
    assert found.letter().signatures[0].signer == "p-min"
    assert "attested by P-Desk" in found.letter().signatures[0].because
    assert found.valid(found.release([index]))
    assert found.public().letters[A].signatures == found.letter().signatures


@pytest.mark.parametrize(
    "changes",
    [
        {"signer": "p-press"},
        {"signer_office": "ministry/press"},
        {"method": Method.INK},
        {"method": Method.INK, "scan": "ab" * 32},
        {"canonical": canonical("evil")},
        {"version": 2},
        {"office": "other"},
        {"cls": "note"},
    ],
)
def test_one_signs_what_is_there_with_ones_own_key(changes: dict[str, object]) -> None:
    found = world()
    found.draft()
    assert not found.valid(found.sign(**changes))


@pytest.mark.parametrize(
    ("attested", "changes"),
    [
        (MIN, {}),  # by the signer
        (("p-other", "other"), {}),
        (DESK, {"scan": None}),
        (DESK, {"signer": "p-press", "signer_office": "ministry/press"}),
        (DESK, {"signer": "p-evil"}),
        (DESK, {"method": Method.KEY}),
    ],
)
def test_a_signature_by_hand_takes_a_witness_and_a_scan(
    attested: tuple[str, str], changes: dict[str, object]
) -> None:
    found = world()
    found.draft(cls="ink")
    assert not found.valid(found.sign(attested=attested, **changes))


def test_nobody_signs_twice() -> None:
    found, _ = signed()
    assert not found.valid(found.sign())


# --- what a release opens ----------------------------------------------------------------------


def test_what_is_opened_must_stand_on_the_log_where_it_is_said_to() -> None:
    """Spec 7.3: a statement that was never logged has no index by which to judge it."""
    found = world()
    found.draft()
    at = found.now + timedelta(minutes=1)
    latest = found.letter().latest
    body = Sign(
        A, 1, latest.canonical, "ministry", "letter", "p-min", "ministry", Method.KEY
    )  # fmt: skip
    _, document = written(Act(ORIGIN, *MIN, at, body), "p-min")
    found.now = at
    for index in range(len(found.log)):
        release = replace(found.released([]), opens=(Opened(index, document.decode()),))
        assert not found.valid(found.do(*PRESS, release))
    assert unreleased(found)
    logged = found.append(*sealed_over(document, int(at.timestamp())))
    assert "earlier time" not in str(found.refusal(logged))


def test_an_entry_that_is_opened_bears_the_seal_of_this_registry() -> None:
    found, index = signed()
    document = found.log[index].document
    at = int(documents.read_sealed(document).act.at.timestamp())
    forged = found.append(*sealed_over(document, at, seed="p-press"))
    release = replace(found.released([]), opens=(Opened(forged, document.decode()),))
    assert not found.valid(found.do(*PRESS, release)) and unreleased(found)


def test_nobody_is_believed_to_open_an_entry_that_is_not_there() -> None:
    found, index = signed()
    body = found.released([index])
    for wrong in (index + 1, index - 1, 10_000, 0):
        moved = replace(body, opens=(replace(body.opens[0], index=wrong),))
        assert not found.valid(found.do(*PRESS, moved))
    assert unreleased(found)


@pytest.mark.parametrize("kind", ["draft", "junk", "surrogate"])
def test_only_a_signature_opens_as_one(kind: str) -> None:
    found, index = signed()
    junk = {"draft": found.log[index - 1].document.decode(), "junk": "{}", "surrogate": "\ud800 "}
    body = replace(found.released([]), opens=(Opened(index - 1, junk[kind]),))
    entry = replace(found.entry(index), index=len(found.log))
    act = replace(entry.act, person="p-press", office="ministry/press", body=body)
    before = len(found.folding.refused)
    found.folding.add(replace(entry, act=act, key=key("p-press"), document=None))
    assert len(found.folding.refused) == before + 1
    assert found.letter().released is None


def test_the_lookup_says_what_is_wrong() -> None:
    found, index = signed()
    raw_of_release = released_letter()
    opened: Release = documents.read(raw_of_release.log[-1].document).body  # type: ignore[assignment]
    assert opened.opens[0].index == index
    with pytest.raises(VerificationFailed, match="never committed"):
        other = found.copy()
        other.revise()
        body = replace(found.released([index]), opens=(replace(opened.opens[0], index=index + 1),))
        raw, document = written(Act(ORIGIN, *PRESS, found.now, body), "p-press")
        other.log.append(replace(other.log[-1], raw=raw, document=document, sealed=False))
        other.entry(len(other.log) - 1)
