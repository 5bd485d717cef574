"""Judging a finding again, from its files alone: on a machine without network, by anybody.

    FOLDER/finding.json          what was found, in words; believed for nothing but its kind
    FOLDER/trust.json            the newest trust root that the monitor had verified by then
    FOLDER/entry.cose            an entry; entry.json: its document
    FOLDER/entry.tlog-proof      … and the proof that the signed tree has it at its index
    FOLDER/earlier.*, revoking.* further entries of the same sort
    FOLDER/fork.json             two signed histories (core/log/fork.py)
    FOLDER/claim.json            a false word of the log on a subject (core/log/false_claim.py)
    FOLDER/claim.note            a word of the log on a subject, as it was served
    FOLDER/*.checkpoint          signed heads as they were served

`check` says what the files prove with the keys of a trust root, in sentences, and raises
where they do not prove what they are there for. Anybody can put files into a folder. So
where a finding rests on what the monitor alone has seen (that these bytes were served, that
a smaller tree came later), it says that, and is not `proved`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.standing import LATE
from vidimus.core.acts.vocabulary import RevokeKey, Trust
from vidimus.core.log import false_claim, merkle
from vidimus.core.log.witnessed import witnessed
from vidimus.core.monitor import ended
from vidimus.core.monitor.exhibits import Exhibits, Files, Logged, moment, names
from vidimus.core.monitor.finding import Kind
from vidimus.core.monitor.replay import subject_of
from vidimus.core.seal import statement
from vidimus.core.seal.keys import PublicKey
from vidimus.core.trust import root as roots
from vidimus.core.trust.keys import open_checkpoint
from vidimus.core.trust.policy import policy_of
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import FormatError, VerificationFailed

MOST_FILES = 16
LONGEST = 8 * 1024 * 1024  # bytes of one of them


@dataclass(frozen=True, slots=True)
class Shown:
    """What the files show. `proved`: signatures show all of it, and nobody need be believed."""

    sentences: tuple[str, ...]
    proved: bool


def check(kind: Kind, files: Files, trust: TrustRoot) -> Shown:
    """What these files show, in sentences. Raises FormatError or VerificationFailed."""
    return CHECKS[kind](Exhibits(files, trust))


def newest(given: TrustRoot, files: Files) -> TrustRoot:
    """The trust root given, or the one among the files if it goes on from that.

    Keys come and go: a finding of today may need keys that an older file does not know.
    """
    if "trust.json" not in files:
        return given
    found = roots.read(files["trust.json"])
    try:
        return roots.extend(given, found)
    except VerificationFailed as error:
        try:
            return roots.extend(found, given)
        except VerificationFailed:
            raise VerificationFailed(
                f"the trust root in this folder does not go on from yours: {error.fact}",
                hint="this is evidence about another registry, or one of the two is false",
            ) from error


def _proves(*sentences: str) -> Shown:
    return Shown(sentences, True)


def _alone(seen: str, *sentences: str) -> Shown:
    """Something here rests on the word of whoever made the folder."""
    return Shown((*sentences, f"{seen}, the monitor alone has seen."), False)


def _rewritten(given: Exhibits) -> Shown:
    """What was served is signed by nobody as this entry: anybody could have made it up."""
    if "served.json" in given:
        entry = given.entry("entry")
        if documents.digest(given.file("served.json")) == entry.said.digest:
            raise VerificationFailed("the document that was served is the one that it names")
        seen = f"That another document (served.json) was served for entry {entry.index}"
        return _alone(seen, entry.who, "served.json is signed by nobody.")
    served = given.file("served.cose")
    if "entry.cose" in given:
        entry = given.entry("entry")
        if given.file("entry.cose") == served:
            raise VerificationFailed("the entry that was served is the one in the tree")
        index, who = entry.index, entry.who
    else:
        head, signers = given.head("signed.checkpoint")
        index, leaf, path = given.place("leaf.json")
        merkle.check_inclusion(index, head.size, leaf, path, head.root)
        if merkle.leaf_hash(served) == leaf:
            raise VerificationFailed("the entry that was served is the one in the tree")
        who = f"{signers} signed a tree of {head.size} entries. It has another entry {index}."
    return _alone(
        f"That other bytes (served.cose) were served as entry {index}",
        who,
        f"served.cose, as entry {index}, is signed by nobody.",
    )


def _claimed(given: Exhibits) -> Shown:
    if "past.json" in given:
        return _other_tree(given)
    if "claim.note" in given:
        return _larger_claim(given)
    refuted = false_claim.check(false_claim.read(given.file("claim.json")), given.keys)
    return _proves(
        f"{names(refuted.signers)} signed a claim on its tree of {refuted.claim.size} entries.",
        f"The same tree refutes it: {refuted.why}.",
    )


def _larger_claim(given: Exhibits) -> Shown:
    """The claim is of a tree whose tiles were not served: the entry is shown in a smaller one."""
    claim, entry = given.claim(), given.entry("entry")
    on = {name for name, indices in claim.subjects if entry.index in indices}
    subject = subject_of(entry.said, given.trust.origin)
    left_out = subject in dict(claim.subjects) and subject not in on
    if entry.index >= claim.size or not (left_out or on - {subject}):
        raise VerificationFailed(f"what the claim says of entry {entry.index} is so")
    return _proves(
        entry.who,
        f"The log's key signed a claim on a tree of {claim.size} entries that says otherwise of"
        f" entry {entry.index}. If that tree goes on from this one, the claim is false; if not,"
        " that is a fork.",
    )


def _other_tree(given: Exhibits) -> Shown:
    claim = given.claim()
    head, signers = given.head("signed.checkpoint")
    _, root, path = given.place("past.json")
    if claim.size > head.size:
        raise VerificationFailed("the claim is of a larger tree than the checkpoint")
    merkle.check_consistency(claim.size, head.size, root, head.root, path)
    if root == claim.root:
        raise VerificationFailed("the claim is of the same tree")
    return _proves(
        f"{signers} signed a tree of {head.size} entries, and the log's key a claim on a tree of"
        f" {claim.size} entries that is not its beginning.",
    )


def _stale(given: Exhibits) -> Shown:
    claim = given.claim()
    head, signers = given.head("seen.checkpoint")
    if claim.size >= head.size:
        raise VerificationFailed("the claim is of a tree as large as the one seen before it")
    return _alone(
        "That the claim was served after the larger tree",
        f"{signers} signed a tree of {head.size} entries, and the log's key a claim on a tree of"
        f" {claim.size}. That is as it should be.",
    )


def _forked(given: Exhibits) -> Shown:
    proved = given.fork()
    sides = (
        f"{names(side.signers)} signed a tree of {side.checkpoint.size} entries with the root"
        f" {side.checkpoint.root.hex()}."
        for side in proved.sides
    )
    return _proves(*sides, f"Both cannot be: {proved.why}.")


def _rolled_back(given: Exhibits) -> Shown:
    (seen, signers), (served, _) = (given.head(f"{name}.checkpoint") for name in ("seen", "served"))
    if served.size >= seen.size:
        raise VerificationFailed("the tree that was served is not smaller than the one seen before")
    return _alone(
        "That the smaller one was served after the larger one",
        f"{signers} signed a tree of {seen.size} entries and one of {served.size}. That is as it"
        " should be.",
    )


def _revoked(given: Exhibits) -> Shown:
    if "served.checkpoint" in given:
        return _by_an_ended_key(ended.checkpoint(given.text("served.checkpoint"), given.trust))
    if "claim.note" in given:
        return _by_an_ended_key(ended.claim(given.text("claim.note"), given.trust))
    entry = given.entry("entry")
    if "revoking.cose" not in given:
        return _retired_seal(given, entry)
    revoking = given.entry("revoking")
    body = documents.read(given.file("revoking.json")).body
    if not isinstance(body, RevokeKey):
        raise VerificationFailed(f"entry {revoking.index} revokes no key")
    statement.verify(given.file("entry.cose"), PublicKey.from_text(body.key))
    if entry.index <= body.last_index:
        raise VerificationFailed(f"the key counts up to entry {body.last_index}")
    return _proves(
        entry.who,
        revoking.who,
        f"It says that this key of {body.person} counts up to entry {body.last_index} only.",
    )


def _by_an_ended_key(found: ended.Ended) -> Shown:
    return _proves(
        f"{names(found.signers)} signed {found.what}.",
        f"By the registry's own word that counts up to a tree of {found.until} entries only.",
    )


def _retired_seal(given: Exhibits, entry: Logged) -> Shown:
    for each in given.trust.trust.seal_keys:
        key = PublicKey.from_text(each.key)
        if key.kid == entry.said.kid:
            statement.verify(given.file("entry.cose"), key)
            if each.until is None or entry.index <= each.until:
                raise VerificationFailed("this sealing key counts there")
            by = f"By the registry's own word its key seals up to entry {each.until} only."
            return _proves(entry.who, by)
    raise VerificationFailed("no sealing key of the registry made this entry")


def _back_dated(given: Exhibits) -> Shown:
    """By the log's own order alone.

    That a smaller tree was cosigned at some time says nothing of when it was the newest: a
    witness signs the size that it knows again, at any time and for anybody.
    """
    entry, earlier = given.entry("entry"), given.entry("earlier")
    late = earlier.said.issued_at - entry.said.issued_at > LATE.total_seconds()
    if earlier.index >= entry.index or not late:
        raise VerificationFailed(
            f"entry {earlier.index} does not show that entry {entry.index} is late"
        )
    return _proves(
        entry.who,
        f"It bears the time {moment(entry.said.issued_at)}.",
        earlier.who,
        f"That one bears the time {moment(earlier.said.issued_at)}.",
    )


def _ahead(given: Exhibits) -> Shown:
    entry = given.entry("entry")
    bears = f"It bears the time {moment(entry.said.issued_at)}."
    return _alone("That this time had not come when the entry was served", entry.who, bears)


def _no_effect(given: Exhibits) -> Shown:
    entry = given.entry("entry")
    return _alone("That it does", entry.who, _why(entry.index))


def _why(index: int) -> str:
    return f"Why entry {index} counts for nothing, who reads the log up to it can see."


def _malformed(given: Exhibits) -> Shown:
    raw = given.file("entry.cose")
    index, signers = given.on_the_log("entry", raw)
    who = f"{signers} signed a tree that has these bytes as entry {index} (entry.cose)."
    try:
        statement.read(raw)
    except FormatError as error:
        return _proves(who, f"They are no statement: {error.fact}.")
    return _alone("That it does", who, _why(index))


def _open_seal(given: Exhibits) -> Shown:
    entry = given.entry("entry")
    given.file("entry.json")
    if not entries.is_sealed(entry.said):
        raise VerificationFailed(f"entry {entry.index} is not sealed")
    return _alone(
        "That it lies open to everybody",
        entry.who,
        f"Entry {entry.index} is sealed, and entry.json is its document.",
    )


def _unsigned(given: Exhibits) -> Shown:
    try:
        open_checkpoint(given.text("served.checkpoint"), given.trust.trust)
    except (FormatError, VerificationFailed) as error:
        return _alone(
            "That it was served as one",
            f"served.checkpoint is no checkpoint of this log: {error.fact}.",
        )
    raise VerificationFailed("this checkpoint is signed with a key that counts")


def _unwitnessed(given: Exhibits) -> Shown:
    head, signers = given.head("served.checkpoint")
    policy = policy_of(given.trust.trust, head.size)
    confirming = witnessed(given.text("served.checkpoint"), policy).names if policy else ()
    return _alone(
        "That no more of them were served with it",
        f"{signers} signed a tree of {head.size} entries.",
        "Of the witnesses that the founders named, these confirm it here:"
        f" {', '.join(confirming) or 'none'}.",
    )


def _trust_changed(given: Exhibits) -> Shown:
    pinned = roots.read(given.file("pinned.json"))
    if pinned.links[0] != given.trust.links[0]:
        raise VerificationFailed("pinned.json is the trust root of another founding than yours")
    if "served.json" not in given:
        raise VerificationFailed("nothing stands beside the pinned trust root")
    seen = "That served.json was served as the trust root"
    try:
        served = roots.read(given.file("served.json"))
        roots.extend(pinned, served)
    except (FormatError, VerificationFailed) as error:
        fact = f"served.json does not go on from pinned.json: {error.fact}."
    else:
        raise VerificationFailed("the trust root that was served goes on from the pinned one")
    try:
        version = _two_of(pinned, roots.read(given.file("served.json")))
    except (FormatError, VerificationFailed):
        version = None
    if version is None:
        return _alone(seen, fact)
    return _proves(fact, f"The founders signed two texts as version {version} of the trust.")


def _two_of(one: TrustRoot, other: TrustRoot) -> int | None:
    """The version that is in both, signed, with two texts.

    At which entries they stand is signed by nobody here, and links can be left out.
    """
    if one.links[0] != other.links[0]:
        return None
    texts = [_versions(one), _versions(other)]
    both = texts[0].keys() & texts[1].keys()
    return min((each for each in both if texts[0][each] != texts[1][each]), default=None)


def _versions(root: TrustRoot) -> dict[int, Trust]:
    bodies = (link.act.body for link in root.links)
    return {each.version: each for each in bodies if isinstance(each, Trust)}


def _nothing(_given: Exhibits) -> Shown:
    return _alone("That something could not be read")


CHECKS: dict[Kind, Callable[[Exhibits], Shown]] = {
    Kind.REWRITTEN: _rewritten,
    Kind.HIDDEN: _claimed,
    Kind.FALSE_CLAIM: _claimed,
    Kind.STALE_CLAIM: _stale,
    Kind.FORKED: _forked,
    Kind.ROLLED_BACK: _rolled_back,
    Kind.REVOKED_KEY: _revoked,
    Kind.BACK_DATED: _back_dated,
    Kind.FUTURE: _ahead,
    Kind.NO_EFFECT: _no_effect,
    Kind.FALSE_ENTRY: _malformed,
    Kind.OPEN_SEAL: _open_seal,
    Kind.UNREADABLE: _nothing,
    Kind.UNSIGNED: _unsigned,
    Kind.UNWITNESSED: _unwitnessed,
    Kind.TRUST_CHANGED: _trust_changed,
}
