"""Who founds a registry and which keys it has: the first word on it, and every later one.

    found     entry 0: the first founders, the first keys
    trust     version 2, 3, …: other founders, further keys, an end for older ones

As a root of TUF (specification 1.0, section 5.3.4): the founders before approve a new
version, and so do the founders whom it names. What was listed stays listed, and what an
older key signed while it counted holds (spec/trust.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vidimus.core.acts.approval import approving_roots
from vidimus.core.acts.authority import Authority, Grounds, Vouched
from vidimus.core.acts.kinds import ROOT
from vidimus.core.acts.recording import with_key
from vidimus.core.acts.vocabulary import Found, LogKey, OwnKey, Root, Trust
from vidimus.core.log.note import Verifier
from vidimus.core.seal.keys import PublicKey
from vidimus.core.trust.keys import log_key_text
from vidimus.errors import FormatError, NotAllowed

if TYPE_CHECKING:
    from vidimus.core.acts.standing import Entry


def first_trust(body: Found) -> Trust:
    """Version 1, as the founding says it."""
    receipts = () if body.receipt_key is None else (OwnKey(body.receipt_key),)
    return Trust(
        1,
        body.roots,
        body.threshold,
        (LogKey(body.log_key),),
        receipts,
        (OwnKey(body.seal_key),),
    )


def founded(authority: Authority, entry: Entry, body: Found) -> Authority:
    """The authority after the founding. Raises NotAllowed."""
    if authority.founded is not None or entry.index != 0:
        raise NotAllowed("a registry is founded once, by its first entry")
    keys = {root.key: root.person for root in body.roots}
    if keys.get(entry.key) != entry.act.person or entry.act.office != ROOT:
        raise NotAllowed("a founder must sign the founding")
    if entry.act.at != entry.time:
        raise NotAllowed("the act bears another time than its entry on the log")
    trust = first_trust(body)
    _possible(trust, entry.act.registry, keys)
    for text in keys:
        try:
            PublicKey.from_text(text)
        except FormatError as error:
            raise NotAllowed(f"nobody can sign with this key: {error.fact}") from error
    approved(keys, body.threshold, {}, entry)
    return replace(
        authority,
        registry=entry.act.registry,
        founded=body,
        trust=trust,
        chain=(entry.index,),
        founding_keys=frozenset(keys),
        keys=keys,
        vouched=dict.fromkeys(keys, Vouched(entry.index)),
    )


def trusted(authority: Authority, entry: Entry, body: Trust, grounds: Grounds) -> Authority:
    """The authority after a new version of the trust. Raises NotAllowed.

    `grounds` are the approvals of the founders before.
    """
    before, index = authority.trust, entry.index
    if body.version != before.version + 1:
        raise NotAllowed(
            f"this is version {body.version}, and version {before.version} is in force",
            hint=f"the next is version {before.version + 1}",
        )
    keys = authority.keys
    for root in body.roots:
        if root not in before.roots:
            keys = with_key(replace(authority, keys=keys), root.key, root.person, by_root=True)
    _possible(body, authority.registry, keys)
    for what, old, new, latest in (
        ("log", before.log_keys, body.log_keys, index + 1),
        ("receipt", before.receipt_keys, body.receipt_keys, index + 1),
        ("seal", before.seal_keys, body.seal_keys, index),
    ):
        _continued(what, old, new, latest)
    # The founders named now must want it too: else nobody may be able to act any more.
    named = authority.founders(body.roots, index)
    approved(named, body.threshold, {}, entry, "the founders whom it names")
    stay = {
        each.key for each in before.roots if authority.counts(authority.rooted.get(each.key, ()))
    }
    rooted = {
        each.key: authority.rooted.get(each.key, ()) if each.key in stay else grounds
        for each in body.roots
    }
    # Who is no founder any more has no founder's key either; where an appointment names that
    # key, it still counts there.
    gone = {each.key for each in before.roots} - set(rooted)
    vouched = {key: since for key, since in authority.vouched.items() if key not in gone}
    authority = replace(authority, vouched=vouched)
    for key, rests in rooted.items():
        authority = replace(authority, vouched=authority.vouching(key, index, rests))
    return replace(
        authority,
        trust=body,
        chain=(*authority.chain, index),
        founding_keys=authority.founding_keys.union(rooted),
        rooted={key: rests for key, rests in rooted.items() if rests},
        keys=keys,
    )


def approved(
    founders: Mapping[str, str],
    threshold: int,
    rooted: Mapping[str, Grounds],
    entry: Entry,
    whose: str = "the founders",
) -> Grounds:
    """The approvals that reached the threshold: what they approve rests on each. NotAllowed."""
    approving = approving_roots(founders, entry.act, entry.key)
    if len(approving) < threshold:
        raise NotAllowed(
            f"{len(approving)} of {whose} approved this, {threshold} must",
            hint="let more founders act together: --by a,b",
        )
    keys = list(approving.values())[:threshold]
    return tuple((entry.index, key) for key in keys if key != entry.key) + tuple(
        link for key in keys for link in rooted.get(key, ())
    )


def _possible(trust: Trust, registry: str, people: Mapping[str, str]) -> None:
    """Founders who can act together, and keys of the registry's own, each for one purpose."""
    roots = trust.roots
    if not _all_differ(roots):
        raise NotAllowed("the founders must be different people with different keys")
    if not len(roots) >= trust.threshold >= 1:
        raise NotAllowed(
            f"{trust.threshold} of {len(roots)} founders cannot act together",
            hint="the threshold is at least 1, and no more than there are founders",
        )
    own = []
    try:
        for log_key in trust.log_keys:
            if Verifier.parse(log_key.key).name != registry:
                raise NotAllowed(
                    "a key of the log bears another name than the log",
                    hint=f"its name must be {registry}, so that it speaks for no other",
                )
            own.append(log_key_text(log_key.key))
        for each in (*trust.receipt_keys, *trust.seal_keys):
            own.append(PublicKey.from_text(each.key).to_text())
    except FormatError as error:
        raise NotAllowed(f"nobody can sign with this key: {error.fact}") from error
    if not set(people).isdisjoint(own):
        raise NotAllowed("the registry has keys of its own, and with those nobody acts")
    if len(set(own)) != len(own):
        raise NotAllowed(
            "one key is listed twice among the registry's own",
            hint="checkpoints, receipts and seals are each signed with a key for this alone",
        )


def _all_differ(roots: Sequence[Root]) -> bool:
    return len({each.person for each in roots}) == len({each.key for each in roots}) == len(roots)


def _continued(
    what: str,
    old: Sequence[LogKey | OwnKey],
    new: Sequence[LogKey | OwnKey],
    latest: int,
) -> None:
    """Each key of before at its place, with an end no later than its own; further ones behind."""
    for place, before in enumerate(old):
        if place >= len(new) or new[place].key != before.key:
            raise NotAllowed(
                f"number {place + 1} of the {what} keys is another than before",
                hint="a key is never taken off the list: what it signed must still be verified",
            )
        after = new[place]
        if after == before:
            continue
        if before.until is not None and (after.until is None or after.until > before.until):
            raise NotAllowed(
                f"a {what} key that counts up to {before.until} would count longer",
                hint="an end is never put off; make a new key",
            )
        if after.until is not None and after.until > latest:
            raise NotAllowed(
                f"a {what} key would count up to {after.until}, and the log reaches {latest}",
                hint="end it no later than now",
            )
    if any(each.until is not None for each in new[len(old) :]):
        raise NotAllowed(f"a new {what} key that has ended already")
    if new and all(each.until is not None for each in new):
        raise NotAllowed(
            f"no {what} key would count any more", hint="add a new one before the last one ends"
        )
