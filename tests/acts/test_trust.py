"""Founders and the registry's own keys over time: the act `trust` (spec/trust.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.acts.world import (
    CROWN,
    FOUNDERS,
    A,
    B,
    World,
    founding,
    key,
    log_key,
    released_letter,
    sealed_over,
    signer,
    world,
    written,
)

from vidimus.core.acts import document as documents
from vidimus.core.acts.founding import first_trust
from vidimus.core.acts.kinds import ROOT
from vidimus.core.acts.vocabulary import (
    Act,
    Appoint,
    CoSignature,
    Establish,
    LogKey,
    OwnKey,
    RevokeKey,
    Root,
    Trust,
)
from vidimus.core.log.note import Signer

ROOTS = founding().roots
FOURTH = Root("p-root-d", "P-Root-D", key("p-root-d"))


def trust(found: World, **changes: Any) -> Trust:
    """The next version, as it is now but for the changes."""
    now = found.folding.authority.trust
    return replace(now, version=now.version + 1, **changes)


def establish(found: World, by: str, *cosign: str) -> bool:
    """Can these founders do something together?"""
    body = Establish(f"o-{len(found.log)}", "An office")
    return found.valid(found.root(body, by=by, cosign=cosign))


def in_force(found: World) -> Trust:
    """The trust by all entries and by the public ones alone; they must agree."""
    assert found.public().authority.trust == found.folding.authority.trust
    assert found.office().authority.trust == found.folding.authority.trust
    return found.folding.authority.trust


def test_the_founding_is_version_1() -> None:
    found = world()
    assert in_force(found) == Trust(
        1, ROOTS, 2, (LogKey(log_key()),), (OwnKey(key("receipt")),), (OwnKey(key("seal")),)
    )
    assert found.folding.authority.chain == (0,)


def test_a_founding_without_a_key_for_receipts_is_one() -> None:
    found = World()
    assert found.valid(found.root(replace(founding(), receipt_key=None)))
    assert in_force(found).receipt_keys == ()
    assert found.valid(found.root(trust(found)))
    assert found.valid(found.root(trust(found, receipt_keys=(OwnKey(key("receipt")),))))


@pytest.mark.parametrize(
    "broken",
    [
        replace(founding(), log_key="letters.example.org/log+00000000+" + "A" * 44),
        replace(founding(), log_key=log_key().replace("letters", "papers")),
        replace(founding(), receipt_key=key("seal")),
        replace(founding(), receipt_key=key("p-root-a")),
        replace(founding(), receipt_key="es256:" + "A" * 44),
    ],
)
def test_a_founding_names_keys_that_work_each_for_one_purpose(broken: Any) -> None:
    found = World()
    assert not found.valid(found.root(broken))


def test_a_log_key_bears_the_name_of_the_log() -> None:
    """Spec 3: a log's key speaks for one log, so its name is the log's origin."""
    other = Signer.of("other.example/log", Ed25519PrivateKey.from_private_bytes(b"7" * 32))
    found = World()
    assert not found.valid(found.root(replace(founding(), log_key=str(other.verifier))))


# --- keys over time ---------------------------------------------------------------------------


def test_a_new_key_counts_beside_the_old_one_and_then_alone() -> None:
    """Rotation with an overlap: added in one version, the older one ended in another."""
    found = world()
    both = (LogKey(log_key()), LogKey(log_key("log-2")))
    added = found.root(trust(found, log_keys=both))
    assert found.valid(added)
    assert in_force(found).log_keys == both
    ended = (LogKey(log_key(), len(found.log)), LogKey(log_key("log-2")))
    finished = found.root(trust(found, log_keys=ended))
    assert found.valid(finished)
    assert in_force(found).log_keys == ended
    assert found.folding.authority.chain == (0, added, finished)


def test_a_lost_key_is_replaced_in_one_act() -> None:
    found = world()
    keys = (LogKey(log_key(), len(found.log)), LogKey(log_key("log-2")))
    assert found.valid(found.root(trust(found, log_keys=keys)))


def two_log_keys(until: int | None = None) -> World:
    found = world()
    keys = (LogKey(log_key()), LogKey(log_key("log-2")))
    assert found.valid(found.root(trust(found, log_keys=keys)))
    if until is not None:
        keys = (LogKey(log_key(), until), LogKey(log_key("log-2")))
        assert found.valid(found.root(trust(found, log_keys=keys)))
    return found


@pytest.mark.parametrize(
    "keys",
    [
        (),
        (LogKey(log_key("log-2")),),
        (LogKey(log_key("log-2")), LogKey(log_key(), 10)),
        (LogKey(log_key(), 10),),
        (LogKey(log_key(), 10), LogKey(log_key("log-2"), 10)),
        (LogKey(log_key(), 11), LogKey(log_key("log-2"))),
        (LogKey(log_key()), LogKey(log_key("log-2"))),
        (LogKey(log_key(), 10), LogKey(log_key("log-2")), LogKey(log_key("log-3"), 10)),
        (LogKey(log_key(), 10), LogKey(log_key("log-2")), LogKey(log_key("log-2"))),
    ],
    ids=[
        "none", "the first left out", "another order", "the last left out", "none current",
        "put off", "lifted", "a new one that has ended", "one twice",
    ],
)  # fmt: skip
def test_history_stays(keys: tuple[LogKey, ...]) -> None:
    """Spec 2: no key leaves the list, no end is put off or lifted, one key counts on."""
    found = two_log_keys(until=10)
    assert not found.valid(found.root(trust(found, log_keys=keys)))
    assert in_force(found).version == 3


def test_an_end_may_come_forward() -> None:
    """The key turns out to have been stolen earlier than was thought."""
    found = two_log_keys(until=10)
    keys = (LogKey(log_key(), 7), LogKey(log_key("log-2")))
    assert found.valid(found.root(trust(found, log_keys=keys)))


def test_no_end_lies_in_the_future() -> None:
    found = two_log_keys()
    size = len(found.log)
    for until, good in ((size + 2, False), (size + 1, True)):
        keys = (LogKey(log_key(), until), LogKey(log_key("log-2")))
        twin = found.copy()
        assert twin.valid(twin.root(trust(found, log_keys=keys))) is good, until


@pytest.mark.parametrize(
    "changes",
    [
        {"receipt_keys": (OwnKey(key("receipt")), OwnKey(key("seal")))},
        {"seal_keys": (OwnKey(key("seal")), OwnKey(key("p-min")))},
        {"seal_keys": (OwnKey(key("seal")), OwnKey(key("p-root-a")))},
        {"receipt_keys": ()},
        {"seal_keys": (OwnKey(key("seal"), 3),)},
        {"roots": (*ROOTS, Root("p-x", "X", key("seal")))},
        {"roots": (*ROOTS, Root("p-x", "X", key("p-min")))},
        {"roots": (*ROOTS, Root("p-root-a", "A", key("p-root-a-2")))},
        {"roots": ROOTS[:1]},
        {"threshold": 0},
        {"threshold": 4},
        {"version": 1},
        {"version": 3},
    ],
)
def test_a_version_that_cannot_work_is_none(changes: dict[str, Any]) -> None:
    found = world()
    body = replace(trust(found), **changes)
    assert not found.valid(found.root(body, cosign=("p-root-b", "p-root-c")))
    assert in_force(found).version == 1


def test_nobody_is_given_a_key_that_was_ever_the_registrys() -> None:
    found = world()
    seals = (OwnKey(key("seal"), 5), OwnKey(key("seal-2")))
    assert found.valid(found.root(trust(found, seal_keys=seals)))
    for own in (key("seal"), key("seal-2"), key("receipt")):
        body = Appoint("p-new", "New", "ministry/press", own, found.now)
        assert not found.valid(found.root(body))


# --- sealed entries -----------------------------------------------------------------------------


def reseal(found: World, act: Act, seed: str) -> int:
    """Append this sealed act, sealed with another key."""
    _raw, document = written(act, act.person)
    return found.append(*sealed_over(document, int(act.at.timestamp()), seed))


def test_a_sealing_key_counts_up_to_its_last_entry() -> None:
    """Spec 3: a sealed entry bears a key that counts for its index."""
    found = world()
    seals = (OwnKey(key("seal"), len(found.log)), OwnKey(key("seal-2")))
    assert found.valid(found.root(trust(found, seal_keys=seals)))
    found.draft(A)
    assert A not in found.folding.letters, "sealed with the key that has ended"
    act = documents.read_sealed(found.log[-1].document).act
    assert found.valid(reseal(found, act, "seal-2"))
    assert A in found.folding.letters


def test_a_letter_that_rests_on_an_entry_of_the_old_key_is_released() -> None:
    """Rotation breaks nothing that is under way: the old key counts for the older entries."""
    found = world()
    found.draft(A)
    signed = found.sign(A)
    seals = (OwnKey(key("seal"), len(found.log)), OwnKey(key("seal-2")))
    assert found.valid(found.root(trust(found, seal_keys=seals)))
    assert found.valid(found.release([signed], A))
    assert found.public().letters[A].released == 1


def test_what_was_released_before_stays_released() -> None:
    found = released_letter()
    before = found.letter(A), found.public().letters[A]
    seals = (OwnKey(key("seal"), 3), OwnKey(key("seal-2")))
    keys = (LogKey(log_key(), 3), LogKey(log_key("log-2")))
    assert found.valid(found.root(trust(found, seal_keys=seals, log_keys=keys)))
    assert (found.letter(A), found.public().letters[A]) == before


# --- founders -----------------------------------------------------------------------------------


def test_the_founders_before_must_approve() -> None:
    found = world()
    body = trust(found, roots=(*ROOTS, FOURTH))
    assert not found.valid(found.root(body, cosign=()))
    assert not found.valid(found.root(body, cosign=("p-root-d",))), "one of before, one of now"
    assert found.valid(found.root(body, cosign=("p-root-b",)))


def test_the_founders_named_now_must_approve() -> None:
    """Else two people could hand the registry to somebody who knows nothing of it."""
    found = world()
    fifth = Root("p-root-e", "E", key("p-root-e"))
    body = trust(found, roots=(FOURTH, fifth))
    for cosign, good in (
        (("p-root-b",), False),
        (("p-root-b", "p-root-d"), False),
        (("p-root-d", "p-root-e"), False),
        (("p-root-b", "p-root-d", "p-root-e"), True),
    ):
        twin = found.copy()
        assert twin.valid(twin.root(body, cosign=cosign)) is good, cosign


def test_a_higher_threshold_holds_for_the_version_that_brings_it() -> None:
    found = world()
    body = trust(found, threshold=3)
    assert not found.valid(found.root(body, cosign=("p-root-b",)))
    assert found.valid(found.root(body, cosign=("p-root-b", "p-root-c")))
    assert not establish(found, "p-root-a", "p-root-b")
    assert establish(found, "p-root-a", "p-root-b", "p-root-c")


def test_a_lower_threshold_takes_as_many_as_before_to_bring() -> None:
    found = world()
    body = trust(found, threshold=1)
    assert not found.valid(found.root(body, cosign=()))
    assert found.valid(found.root(body, cosign=("p-root-b",)))
    assert establish(found, "p-root-c")


def test_a_founder_who_was_dropped_has_no_power_afterwards() -> None:
    found = world()
    body = trust(found, roots=ROOTS[1:])
    assert found.valid(found.root(body, by="p-root-a", cosign=("p-root-b", "p-root-c")))
    assert not establish(found, "p-root-a", "p-root-b", "p-root-c")
    assert not establish(found, "p-root-b", "p-root-a")
    assert establish(found, "p-root-b", "p-root-c")


def test_a_new_founder_has_power_from_there_on() -> None:
    found = world()
    assert not establish(found, "p-root-d", "p-root-b")
    assert not establish(found, "p-root-b", "p-root-d")
    assert found.valid(found.root(trust(found, roots=(*ROOTS, FOURTH))))
    assert establish(found, "p-root-d", "p-root-b")
    assert establish(found, "p-root-b", "p-root-d")


def test_a_founder_changes_keys_and_counts_on_each_side_with_its_own() -> None:
    """Spec 2: somebody may be in both versions with two keys; each side counts its own."""
    found = world()
    again = Root("p-root-a", "P-Root-A", key("p-root-a-2"))
    body = trust(found, roots=(again, ROOTS[1]))
    assert not found.valid(found.root(body, cosign=("p-root-b",))), "the new key did not approve"
    assert not found.valid(found.root(body, cosign=("p-root-a-2",))), "one person is not two"
    assert found.valid(found.root(body, cosign=("p-root-b", "p-root-a-2")))
    assert not establish(found, "p-root-a", "p-root-b"), "the old key approves nothing more"
    index = found.do(
        "p-root-a", ROOT, Establish("new", "New"), seed="p-root-a-2", cosign=("p-root-b",)
    )
    assert found.valid(index)


def test_one_founder_with_two_keys_is_one_founder() -> None:
    found = world()
    again = Root("p-root-a", "P-Root-A", key("p-root-a-2"))
    assert not found.valid(
        found.root(trust(found, roots=(*ROOTS, again)), cosign=("p-root-b", "p-root-a-2"))
    )


def test_a_revoked_key_approves_no_version() -> None:
    found = world()
    stolen = RevokeKey("p-root-b", key("p-root-b"), 1)
    index = found.root(stolen, cosign=("p-root-c",))
    assert found.valid(index)
    assert found.folding.authority.chain == (0, index), "whoever holds the chain must know"
    keys = (LogKey(log_key()), LogKey(log_key("evil")))
    assert not found.valid(found.root(trust(found, log_keys=keys), cosign=("p-root-b",)))
    assert found.valid(found.root(trust(found, log_keys=keys), cosign=("p-root-c",)))


def test_a_revoked_key_makes_nobody_a_founder() -> None:
    found = world()
    stolen = RevokeKey("p-min", key("p-min"), 8)
    assert found.valid(found.root(stolen))
    minister = Root("p-min", "P-Min", key("p-min"))
    assert not found.valid(found.root(trust(found, roots=(*ROOTS, minister))))


def test_a_founders_approval_is_for_one_version_alone() -> None:
    """A co-signature over one act says nothing about another."""
    found = world()
    found.root(trust(found), cosign=("p-root-b",))
    theirs = documents.read(found.log[-1].document).cosigned
    act_body = trust(found)
    assert not found.valid(found.do("p-root-a", ROOT, act_body, cosigned=theirs))
    forged = CoSignature(key("p-root-b"), documents.to_base64(signer("p-evil").sign(b"x")))
    assert not found.valid(found.do("p-root-a", ROOT, act_body, cosigned=(forged,)))


def test_only_founders_change_the_trust() -> None:
    found = world()
    for person, office in (CROWN, ("p-min", "ministry")):
        assert not found.valid(found.do(person, office, trust(found)))
    assert not found.valid(found.do("p-min", ROOT, trust(found), cosign=FOUNDERS))


# --- founders, and keys that turn out to have been stolen ----------------------------------------


def thiefs_version() -> tuple[World, int]:
    """Somebody with b's stolen key made himself a founder; a was fooled into approving."""
    found = world()
    thief = Root("p-thief", "Thief", key("p-thief"))
    index = found.root(trust(found, roots=(*ROOTS, thief)), cosign=("p-root-b",))
    assert found.valid(index)
    assert establish(found, "p-thief", "p-root-b")
    return found, index


def test_who_became_founder_by_a_stolen_key_is_none_once_it_is_revoked() -> None:
    found, index = thiefs_version()
    stolen = RevokeKey("p-root-b", key("p-root-b"), index - 1)
    assert found.valid(found.root(stolen, cosign=("p-root-c",)))
    assert not establish(found, "p-thief", "p-root-a")
    assert not establish(found, "p-root-a", "p-thief")
    assert establish(found, "p-root-a", "p-root-c"), "those of the founding act on"


def test_what_such_a_founder_gave_falls_with_him() -> None:
    found, index = thiefs_version()
    body = Appoint("p-straw", "Straw", "ministry/press", key("p-straw"), found.now)
    assert found.valid(found.root(body, by="p-thief", cosign=("p-root-c",)))
    held = ("p-straw", "ministry/press", len(found.log) + 1, found.now)
    assert found.folding.authority.holds(*held) is not None
    stolen = RevokeKey("p-root-b", key("p-root-b"), index - 1)
    assert found.valid(found.root(stolen, cosign=("p-root-c",)))
    assert found.folding.authority.holds(*held) is None


def test_an_honest_founder_of_such_a_version_is_confirmed_by_the_next() -> None:
    """The key was revoked far back, and what it approved in honesty is approved again."""
    found = world()
    index = found.root(trust(found, roots=(*ROOTS, FOURTH)), cosign=("p-root-b",))
    stolen = RevokeKey("p-root-b", key("p-root-b"), index - 1)
    assert found.valid(found.root(stolen, cosign=("p-root-c",)))
    assert not establish(found, "p-root-d", "p-root-a")
    assert not found.valid(found.root(trust(found), cosign=("p-root-d",)))
    assert found.valid(found.root(trust(found), cosign=("p-root-c",)))
    assert establish(found, "p-root-d", "p-root-a")


def test_the_chain_knows_of_a_revocation_that_comes_after_its_owner_left() -> None:
    """It takes down who came in by that key, and whoever holds the chain alone must know."""
    found = world()
    index = found.root(trust(found, roots=(*ROOTS[::2], FOURTH)), cosign=("p-root-b", "p-root-c"))
    stolen = RevokeKey("p-root-b", key("p-root-b"), index - 1)
    revoked = found.root(stolen, cosign=("p-root-c",))
    assert found.valid(revoked)
    assert found.folding.authority.chain == (0, index, revoked)
    assert not establish(found, "p-root-d", "p-root-a")


def test_a_version_stays_when_a_key_that_approved_it_is_revoked() -> None:
    """Its keys have signed the log by then; the next version puts right what is wrong in it."""
    found = two_log_keys()
    stolen = RevokeKey("p-root-b", key("p-root-b"), 1)
    assert found.valid(found.root(stolen, cosign=("p-root-c",)))
    assert [each.until for each in in_force(found).log_keys] == [None, None]
    ended = (LogKey(log_key()), LogKey(log_key("log-2"), 1))
    assert found.valid(found.root(trust(found, log_keys=ended), cosign=("p-root-c",)))


def test_the_key_of_a_dropped_founder_counts_only_where_an_appointment_names_it() -> None:
    """A founder's key counts in every office of its owner, as long as it is a founder's."""
    found = world()
    assert found.valid(found.appoint("p-root-c", "ministry/press", seed="p-root-c-office"))
    assert found.valid(found.appoint("p-root-c", "other"))
    press, other = ("p-root-c", "ministry/press"), ("p-root-c", "other")
    assert found.folding.authority.vouches(key("p-root-c"), len(found.log))
    assert found.valid(found.root(trust(found, roots=ROOTS[:2])))
    authority, size = found.folding.authority, len(found.log)
    assert authority.holds(*press, size, found.now, key=key("p-root-c")) is None
    assert authority.holds(*press, size, found.now, key=key("p-root-c-office")) is not None
    assert authority.holds(*other, size, found.now, key=key("p-root-c")) is not None


def test_first_trust_reads_the_founding_as_it_is() -> None:
    assert first_trust(founding()).seal_keys == (OwnKey(key("seal")),)
    assert first_trust(replace(founding(), receipt_key=None)).receipt_keys == ()


# --- keys that a void appointment gave ------------------------------------------------------


def test_a_key_that_a_void_appointment_gave_does_not_rise_with_the_next_one() -> None:
    """The thief of a founder's key gives the minister a key; the minister is appointed again."""
    found = world()
    given = found.appoint("p-min", "ministry", seed="p-thiefs-key")
    assert found.valid(given)
    stolen = RevokeKey("p-root-b", key("p-root-b"), given - 1)
    assert found.valid(found.root(stolen, cosign=("p-root-c",)))
    body = Appoint("p-min", "P-Min", "ministry", key("p-min-2"), found.now)
    assert found.valid(found.root(body, cosign=("p-root-c",)))
    found.draft(B, by=("p-min", "ministry"))
    authority, size = found.folding.authority, len(found.log)
    held = ("p-min", "ministry", size, found.now)
    assert authority.holds(*held, key=key("p-min-2")) is not None
    assert authority.holds(*held, key=key("p-thiefs-key")) is None


def test_one_approval_is_one_however_often_it_stands_there() -> None:
    """As in TUF's clients once (GHSA-r7vq-6425-j94w): one key's signature filled a threshold."""
    found = world()
    new = (FOURTH, Root("p-root-e", "E", key("p-root-e")))
    body = trust(found, roots=new)
    twice = ("p-root-b", "p-root-d", "p-root-d")
    assert not found.valid(found.root(body, cosign=twice))
    assert not found.valid(found.root(trust(found), cosign=("p-root-a", "p-root-a")))
