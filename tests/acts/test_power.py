"""Nobody acts with powers that he lacks: judged at the log index, under the key of the office."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.acts import histories
from tests.acts.world import (
    CROWN,
    ORIGIN,
    A,
    B,
    World,
    canonical,
    founding,
    key,
    letter_class,
    released_letter,
    sealed_over,
    signer,
    text,
    world,
    written,
)

from vidimus.core.acts import document as documents
from vidimus.core.acts.kinds import ROOT, Kind, Reason, SignatureRule
from vidimus.core.acts.lifecycle import State
from vidimus.core.acts.power import NEEDED, Capacity
from vidimus.core.acts.vocabulary import (
    AcknowledgeDraft,
    Act,
    Appoint,
    Body,
    Clear,
    Correct,
    CoSignature,
    Cover,
    DeclareForged,
    Delegate,
    Disown,
    Draft,
    End,
    Establish,
    Hold,
    Ratify,
    Release,
    Revoke,
    RevokeKey,
    Root,
    Supersede,
    Withdraw,
)

LATER = timedelta(days=1)
OTHER = ("p-other", "other")
MIN, PRESS, DESK, DEPUTY = histories.MIN, histories.PRESS, histories.DESK, histories.DEPUTY


def bodies(found: World) -> list[Body]:
    """Everything that somebody might want to do to the ministry and its letter."""
    now, words = found.now, (text("evil"), canonical("evil"))
    facts = ("ministry", "letter", "REF 1", "A letter", "en")
    return [
        Establish("ministry/evil", "Evil", "ministry"),
        Establish("evil", "Evil"),
        Appoint("p-evil", "Evil", "ministry", key("p-evil"), now),
        Appoint("p-evil", "Evil", "ministry/press", key("p-evil"), now),
        Appoint("p-min", "Evil", "other", key("p-evil"), now),
        End("p-min", "ministry", now),
        End("p-press", "ministry/press", now),
        Delegate("p-evil", "Evil", key("p-evil"), "ministry", "letter", now),
        Revoke("p-deputy", "ministry", "letter"),
        RevokeKey("p-min", key("p-min"), 0),
        RevokeKey("p-press", key("p-press"), 0),
        letter_class(rule=SignatureRule.NONE),
        letter_class(office="other", signers=("other",), releasers=("other",)),
        Cover("ministry", "letter", now),
        Draft(B, 1, *facts[:2], *facts[2:], *words),
        Release(B, 1, *facts, *words, (), ()),
        replace(founding(1), roots=(Root("p-evil", "Evil", key("p-evil")),)),
        Hold(A),
        Clear(A),
        Correct(A, B),
        Supersede(A, B),
        Withdraw(A),
        Disown(A, Reason.FORGED),
        Ratify(A),
        AcknowledgeDraft(A, 1, *facts, text("one"), canonical("one")),
        DeclareForged(B, "ministry", "A fake", "en", text("one"), canonical("one")),
    ]


# (person, office that he claims, key): strangers, people in other offices than their own,
# people of other offices, one founder alone, the right name with the wrong key.
POWERLESS = [
    ("p-evil", "ministry", "p-evil"),
    ("p-evil", ROOT, "p-evil"),
    ("p-min", "ministry", "p-evil"),
    ("p-min", "ministry", "p-other"),
    ("p-min", "ministry", "seal"),
    ("p-root-a", ROOT, "p-evil"),
    ("p-root-a", ROOT, "p-root-a"),
    ("p-root-a", "ministry", "p-root-a"),
    ("p-other", "other", "p-other"),
    ("p-other", "ministry", "p-other"),
    ("p-other", ROOT, "p-other"),
    ("p-min", "other", "p-min"),
    ("p-min", ROOT, "p-min"),
    ("p-press", "ministry", "p-press"),
    ("p-desk", "ministry/press", "p-desk"),
    ("p-deputy", "ministry/press", "p-deputy"),
]


def picture(found: World) -> object:
    return found.folding.authority, dict(found.folding.letters)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(POWERLESS), st.integers(0, 25), st.booleans()), max_size=15)
)
def test_no_sequence_of_acts_without_power_changes_anything(
    tries: list[tuple[tuple[str, str, str], int, bool]],
) -> None:
    found = released_letter()
    before = picture(found)
    for (person, office, seed), n, cosigned in tries:
        # The evil co-sign for each other; one true founder may be among them.
        with_others = ("p-evil", "p-root-a", "p-other") if cosigned else ()
        every = bodies(found)
        found.do(person, office, every[n % len(every)], seed=seed, cosign=with_others)
    assert picture(found) == before
    assert found.public().letters[A].state is State.RELEASED


OWN = st.sampled_from(
    [
        lambda w, n: Establish(f"other/sub-{n}", "Sub", "other"),
        lambda w, n: Appoint("p-evil", "Evil", "other/sub", key("p-evil"), w.now),
        lambda w, n: Appoint("p-min", "Min", "other/sub", key("p-min"), w.now),
        lambda w, n: Appoint("p-new", "New", "other/sub", key(f"p-evil-{n}"), w.now),
        lambda w, n: letter_class(
            cls=f"own-{n}",
            office="other",
            rule=SignatureRule.NONE,
            signers=("other", "other/sub"),
            releasers=("other", "other/sub"),
            second_person=False,
        ),
        lambda w, n: letter_class(
            cls=f"other-{n}", office="other", signers=("ministry",), releasers=("other",)
        ),
        lambda w, n: Cover("other", f"own-{n}", w.now),
        lambda w, n: Delegate("p-evil", "Evil", key("p-evil"), "other", f"own-{n}", w.now),
        lambda w, n: bodies(w)[n * 5 % 26],
        lambda w, n: bodies(w)[n * 5 + 1],
        lambda w, n: bodies(w)[n * 5 + 2],
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(OWN, st.integers(0, 4), st.integers(0, 3)), max_size=15))
def test_whoever_heads_another_office_gains_nothing_over_this_one(tries: list) -> None:  # type: ignore[type-arg]
    """With all that his own office lets him do: appoint, define classes, delegate."""
    found = released_letter()
    actors = (
        (OTHER, "p-other"),
        (("p-evil", "other/sub"), "p-evil"),
        (("p-new", "other/sub"), "p-evil-1"),
        (("p-evil", "ministry"), "p-evil"),
    )
    before = found.letter()
    for body, n, who in tries:
        (person, office), seed = actors[who]
        found.do(person, office, body(found, n), seed=seed)
    assert found.letter() == before
    assert B not in found.folding.letters
    authority = found.folding.authority
    size, now = found.folding.size, found.now
    for person in ("p-evil", "p-new", "p-other"):
        for office in ("ministry", "ministry/press", "ministry/desk"):
            assert authority.holds(person, office, size, now) is None
            assert authority.delegated(person, office, "letter", size, now) is None
    for person, office in (MIN, PRESS, DESK):
        assert authority.holds(person, office, size, now, key=key(person)) is not None
    assert authority.rule("letter", size) == letter_class()


def test_a_head_cannot_make_a_key_for_somebody_who_has_one() -> None:
    found = world()
    assert not found.valid(found.appoint("p-min", "other/sub", by=OTHER, seed="p-evil"))
    assert not found.valid(found.do("p-min", "ministry", Hold(A), seed="p-evil"))


def test_a_key_slipped_in_before_its_person_came_does_not_count_in_his_office() -> None:
    """The head of a small office appoints tomorrow's minister today, with a key of his own."""
    found = released_letter()
    assert found.valid(found.appoint("p-next", "other/sub", by=OTHER, seed="p-evil"))
    assert found.valid(found.root(End("p-min", "ministry", found.now)))
    assert found.valid(found.appoint("p-next", "ministry"))
    before = found.letter(), found.folding.authority
    for body in (
        Withdraw(A),
        Hold(A),
        End("p-next", "ministry", found.now),
        End("p-press", "ministry/press", found.now),
        RevokeKey("p-next", key("p-next"), 3),
        Appoint("p-evil", "Evil", "ministry/press", key("p-evil-2"), found.now),
    ):
        for office in ("ministry", "other/sub"):
            assert not found.valid(found.do("p-next", office, body, seed="p-evil"))
    assert before == (found.letter(), found.folding.authority)
    found.draft(B)
    assert not found.valid(found.sign(B, ("p-next", "ministry"), seed="p-evil"))
    assert found.valid(found.sign(B, ("p-next", "ministry")))
    # The key still is what it was given for, and whoever holds it may resign there.
    assert found.valid(
        found.do("p-next", "other/sub", End("p-next", "other/sub", found.now), seed="p-evil")
    )


def test_a_key_that_an_office_gave_counts_where_it_was_named() -> None:
    found = world()
    assert found.valid(found.appoint("p-new", "ministry/press", by=MIN))
    assert found.valid(found.appoint("p-new", "ministry/desk", by=MIN))
    for office in ("ministry/press", "ministry/desk"):
        authority = found.folding.authority
        assert authority.holds("p-new", office, 99, found.now, key=key("p-new"))


def test_a_key_from_the_founders_counts_in_every_office_from_then_on() -> None:
    found = world()
    assert found.valid(found.appoint("p-press", "ministry/press", seed="p-press-2"))
    given_at = len(found.log) - 1
    holds = found.folding.authority.holds
    assert holds(*PRESS, given_at + 1, found.now, key=key("p-press-2"))
    assert not holds(*PRESS, given_at, found.now, key=key("p-press-2"))
    assert found.valid(found.do(*PRESS, RevokeKey("p-press", key("p-press"), 3), seed="p-press-2"))


def test_a_delegate_lends_on_nothing() -> None:
    found = world()
    body = Delegate("p-evil", "Evil", key("p-evil"), "ministry", "letter", found.now)
    assert not found.valid(found.do(*DEPUTY, body))
    assert found.valid(found.do(*MIN, body))


def test_a_delegate_signs_this_class_only() -> None:
    found = world()
    found.draft(A)
    found.do(*CROWN, letter_class(cls="treaty"))
    found.draft(B, cls="treaty")
    assert found.valid(found.sign(A, DEPUTY))
    assert not found.valid(found.sign(B, DEPUTY))


def test_power_ends_on_the_effective_day_and_not_on_the_day_it_is_announced() -> None:
    found = released_letter()
    found.root(End("p-min", "ministry", found.now + LATER))
    assert found.valid(found.do(*MIN, Hold(A)))
    assert not found.valid(found.do(*MIN, Withdraw(A), later=LATER))


def test_power_begins_on_the_effective_day() -> None:
    found = released_letter()
    found.appoint("p-next", "ministry", effective=found.now + LATER)
    assert not found.valid(found.do("p-next", "ministry", Hold(A)))
    assert found.valid(found.do("p-next", "ministry", Hold(A), later=LATER))


def test_power_ends_at_its_until() -> None:
    found = released_letter()
    until = found.now + LATER
    found.appoint("p-next", "ministry", until=until)
    found.now = until - timedelta(minutes=2)
    assert found.valid(found.do("p-next", "ministry", Hold(A)))
    assert not found.valid(found.do("p-next", "ministry", Withdraw(A)))  # at `until` itself
    assert found.now == until


def test_a_later_appointment_with_an_end_ends_the_older_one_too() -> None:
    found = released_letter()
    found.appoint("p-min", "ministry", until=found.now + LATER)
    assert found.valid(found.do(*MIN, Hold(A)))
    assert not found.valid(found.do(*MIN, Withdraw(A), later=2 * LATER))


def test_an_appointment_of_long_ago_that_is_written_down_late_ends_nothing() -> None:
    found = released_letter()
    year = timedelta(days=365)
    found.appoint("p-min", "ministry", effective=found.now - 2 * year, until=found.now - year)
    assert found.valid(found.do(*MIN, Hold(A)))


def test_a_new_appointment_after_the_end_counts_and_one_before_does_not() -> None:
    found = released_letter()
    found.appoint("p-min", "ministry")
    found.root(End("p-min", "ministry", found.now))
    assert not found.valid(found.do(*MIN, Hold(A)))
    found.appoint("p-min", "ministry")
    assert found.valid(found.do(*MIN, Hold(A)))


def test_a_delegation_falls_with_its_giver_and_a_new_tenure_does_not_raise_it() -> None:
    """Design, section 4: on the effective day a person's delegations fall."""
    found = world()
    found.draft(A)
    found.root(End("p-min", "ministry", found.now))
    assert not found.valid(found.sign(A, DEPUTY))
    found.appoint("p-min", "ministry")
    assert not found.valid(found.sign(A, DEPUTY))
    assert found.valid(found.sign(A, MIN))


def test_a_renewal_without_a_break_keeps_the_delegations() -> None:
    found = world()
    found.draft(A)
    found.appoint("p-min", "ministry")
    assert found.valid(found.sign(A, DEPUTY))


def test_a_revoked_delegation_is_gone() -> None:
    found = world()
    found.draft(A)
    assert found.valid(found.do(*MIN, Revoke("p-deputy", "ministry", "letter")))
    assert not found.valid(found.sign(A, DEPUTY))


def test_a_statement_for_another_registry_does_nothing_here() -> None:
    found = released_letter()
    index = found.do(*MIN, Withdraw(A), registry="elsewhere.example.org/log")
    assert not found.valid(index) and found.letter().state is State.RELEASED


def test_a_signature_for_another_registry_is_none_here() -> None:
    """The same people and keys, say in an exercise; even where this log took it in."""
    found = world()
    found.draft()
    found.now += timedelta(minutes=1)
    here = found.copy()
    here.sign()
    sealed = documents.read_sealed(here.log[-1].document)
    foreign = replace(sealed.act, registry="exercise.example.org/log")
    _, document = written(foreign, "p-min")
    assert not found.valid(found.append(*sealed_over(document, int(foreign.at.timestamp()))))
    assert not found.valid(found.release([len(found.log) - 1]))


def test_an_old_statement_put_on_the_log_again_does_nothing() -> None:
    found = released_letter()
    before = picture(found)
    for logged in list(found.log):
        assert not found.valid(found.append(logged.raw, logged.document))
    assert picture(found) == before


@pytest.mark.parametrize("taken", ["appointment", "clearance"])
def test_a_statement_of_this_very_second_counts_once(taken: str) -> None:
    """End and appointment within one second: the appointment again is no new tenure."""
    found, at_once = released_letter(), timedelta(0)
    if taken == "appointment":
        first = found.appoint("p-new", "ministry/press")
        found.do("p-root-a", ROOT, End("p-new", "ministry/press", found.now), later=at_once,
                 cosign=("p-root-b",))  # fmt: skip
    else:
        found.do(*MIN, Hold(A))
        first = found.do(*MIN, Clear(A), later=at_once)
        found.do(*PRESS, Hold(A), later=at_once)
    before = picture(found)
    logged = found.log[first]
    assert not found.valid(found.append(logged.raw, logged.document))
    assert picture(found) == before


def test_what_only_lowers_is_never_refused_for_having_been_said_before() -> None:
    found, at_once = released_letter(), timedelta(0)
    found.do(*MIN, Hold(A))
    found.do(*MIN, Clear(A), later=at_once)
    assert found.valid(found.do(*MIN, Hold(A), later=at_once))


def test_an_act_dated_back_or_with_another_time_than_its_entry_does_nothing() -> None:
    found = released_letter()
    assert not found.valid(found.do(*MIN, Withdraw(A), at=found.now - LATER))
    act = Act(ORIGIN, *MIN, found.now + LATER, Withdraw(A))
    raw, _ = written(replace(act, at=found.now), "p-min")
    assert not found.valid(found.append(raw, documents.write(act)))


# --- the founders ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cosign", "counts"),
    [
        ((), False),
        (("p-root-b",), True),
        (("p-root-c", "p-root-b"), True),
        (("p-root-a",), False),  # the same founder twice
        (("p-root-a", "p-root-a"), False),
        (("p-min",), False),  # no founder
        (("p-min", "p-root-c"), True),
    ],
)
def test_the_founders_act_when_enough_of_them_approve(
    cosign: tuple[str, ...], counts: bool
) -> None:
    found = world()
    index = found.root(Establish("new", "New"), cosign=cosign)
    assert found.valid(index) is counts
    assert ("new" in found.folding.authority.offices) is counts


def test_a_forged_co_signature_approves_nothing() -> None:
    found = world()
    body = Establish("new", "New")
    good = found.copy()
    good.root(body)
    theirs = documents.read(good.log[-1].document).cosigned[0]
    other = documents.to_base64(signer("p-root-b").sign(b"something else"))
    forged = documents.to_base64(signer("p-evil").sign(b"something else"))
    for cosigned in (
        (CoSignature(theirs.key, other),),
        (CoSignature(theirs.key, forged),),
        (CoSignature(key("p-root-c"), theirs.signature),),
        (replace(theirs, signature="A" * 86),),
    ):
        assert not found.valid(found.do("p-root-a", ROOT, body, cosigned=cosigned))
    # The true one, over this act and time, is for this act alone.
    other_body = Establish("evil", "Evil")
    assert not found.valid(found.do("p-root-a", ROOT, other_body, cosigned=(theirs,)))


def test_the_key_of_a_founder_that_was_revoked_approves_nothing() -> None:
    found = world()
    stolen = RevokeKey("p-root-b", key("p-root-b"), 1)
    assert found.valid(found.root(stolen, cosign=("p-root-c",)))
    assert not found.valid(found.root(Establish("new", "New"), cosign=("p-root-b",)))
    assert found.valid(found.root(Establish("new", "New"), cosign=("p-root-c",)))


@pytest.mark.parametrize(
    "broken",
    [
        replace(founding(), threshold=0),
        replace(founding(), threshold=4),
        replace(founding(), roots=founding().roots[:1] * 2),
        replace(founding(), seal_key=key("p-root-a")),
        replace(founding(), seal_key="es256:" + "A" * 44),
        replace(founding(), roots=(*founding().roots, Root("p-x", "X", "ed25519:" + "A" * 43))),
    ],
)
def test_a_founding_that_cannot_work_is_none(broken: Body) -> None:
    found = World()
    found.root(broken)
    assert found.folding.authority.founded is None


def test_a_registry_is_founded_once() -> None:
    found = world()
    assert not found.valid(found.root(founding(1)))
    assert found.folding.authority.founded == founding()


@pytest.mark.parametrize("text", ["es256:" + "A" * 44, "ed25519:" + "A" * 43, key("seal")])
def test_nobody_is_given_a_key_that_nobody_holds_or_the_registry_holds(text: str) -> None:
    found = world()
    body = Appoint("p-new", "New", "ministry/press", text, found.now)
    assert not found.valid(found.root(body))


def test_every_kind_but_the_founding_says_what_it_takes() -> None:
    assert set(NEEDED) == set(Kind) - {Kind.FOUND}
    # The founders rule over offices. Over letters they have no say.
    letters = {kind for kind, needed in NEEDED.items() if Capacity.ROOT in needed}
    assert letters <= {
        Kind.ESTABLISH, Kind.APPOINT, Kind.END, Kind.DEFINE_CLASS, Kind.COVER, Kind.REVOKE,
        Kind.REVOKE_KEY, Kind.TRUST,
    }  # fmt: skip
