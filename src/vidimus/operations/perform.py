"""The one way in which anything ever happens: an act is allowed, signed, logged, answered.

    may this person, in this office, on this day?  →  sign  →  append  →  answer

A crash before `append` leaves at most a sealed document that nothing names, which the
next act drops; a crash after it leaves an act that counts, answered or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.kinds import SEALED
from vidimus.core.acts.standing import REPEATABLE, Entry, apply
from vidimus.core.acts.vocabulary import Act, Body, CoSignature, Found
from vidimus.core.copies.fingerprints import fingerprints
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.seal import statement
from vidimus.errors import NotAllowed, OutsideFailed
from vidimus.operations.ports import Addition, Head, IndexedText
from vidimus.operations.registry import Actor, Registry, raw_at, same_log

# A clock that goes back a little is a clock being set; more than this is a broken one.
TOLERATED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Wording:
    """A registered text, to be put into an index together with the act."""

    letter: str
    version: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The act is on the log, durably."""

    act: Act
    index: int
    checkpoint: str


def perform(
    registry: Registry,
    actor: Actor,
    body: Body,
    *,
    wordings: Sequence[Wording] = (),
    provided: Callable[[], object] = lambda: None,
) -> Done:
    """Do it, or raise NotAllowed with what would be allowed, and change nothing.

    `provided` looks at what the act needs beyond the fold, and raises where it is missing.
    It is asked when nobody else can write any more: between an earlier look and the act
    somebody could take the same reference, or withdraw the successor.
    """
    with registry.office.writing():
        same_log(registry.settings, registry.log, registry.office.remembered())
        registry.office.settle(registry.log.index_of)
        folding = registry.state()
        provided()
        index = folding.size
        act = Act(
            registry=registry.settings.origin,
            person=actor.person,
            office=actor.office,
            at=_now(registry, folding.time),
            body=body,
        )
        act = _cosigned(act, actor)
        raw, document = _written(registry, act, actor)
        entry = _believed(registry, index, raw, document, act, actor)
        apply(folding.authority, folding.letters.get(act.subject), entry)
        if act in folding.present and act.kind not in REPEATABLE:
            # The fold would take no notice of it, so it must not be answered as done.
            raise NotAllowed(
                "this very act is on the log already",
                hint="an act of the next second is another one",
            )

        sealed = act.kind in SEALED
        digest = documents.digest(document)
        texts = tuple(
            IndexedText(w.letter, w.version, w.language, w.text, fingerprints(w.text), index)
            for w in wordings
        )
        leaf = merkle.leaf_hash(raw)
        added = merkle.added(index, leaf, registry.log.subtree)
        checkpoint = _checkpoint(registry, index + 1, added)
        if sealed:
            registry.office.put(digest, document, texts)
        registry.log.append(
            Addition(
                index=index,
                raw=raw,
                digest=digest,
                time=int(act.at.timestamp()),
                subject="" if sealed else act.subject,
                document=None if sealed else document,
                subtrees=added,
                checkpoint=checkpoint,
                texts=() if sealed else texts,
            )
        )
        # The act counts already. If this cannot be kept any more (a full disk), the next
        # act keeps it; nobody may hear that something failed which is on the log.
        with suppress(OutsideFailed):
            registry.office.remember(Head(index + 1, checkpoint))
        folding.add(entry)
    return Done(act, index, checkpoint)


def _now(registry: Registry, last: datetime | None) -> datetime:
    now = registry.clock.now().astimezone(UTC).replace(microsecond=0)
    if last is None or now >= last:
        return now
    if last - now > TOLERATED:
        raise OutsideFailed(
            f"the clock says {now:%Y-%m-%d %H:%M:%S}, but the log has an act of"
            f" {last:%Y-%m-%d %H:%M:%S}",
            hint="set the clock of this machine; acts cannot be dated back",
        )
    return last


def _cosigned(act: Act, actor: Actor) -> Act:
    if len(actor.signers) == 1:
        return act
    message = documents.approved_part(act)
    further = tuple(
        CoSignature(each.public.to_text(), documents.to_base64(each.sign(message)))
        for each in actor.signers[1:]
    )
    return replace(act, cosigned=further)


def _written(registry: Registry, act: Act, actor: Actor) -> tuple[bytes, bytes]:
    """The entry for the log, and the document that it names."""
    document = documents.write(act)
    at = int(act.at.timestamp())
    raw = statement.write(
        issuer=entries.issuer_of(act),
        subject=entries.subject_of(act),
        issued_at=at,
        digest=documents.digest(document),
        content_type=documents.ACT_TYPE,
        signer=actor.signers[0],
    )
    if act.kind not in SEALED:
        return raw, document
    document = documents.write_sealed(documents.Sealed(act, registry.random(32), raw))
    outer = statement.write(
        issuer=registry.settings.origin,
        subject=statement.sealed_subject(registry.random(16)),
        issued_at=at,
        digest=documents.digest(document),
        content_type=documents.SEALED_TYPE,
        signer=registry.seal_signer,
    )
    return outer, document


def _believed(
    registry: Registry, index: int, raw: bytes, document: bytes, act: Act, actor: Actor
) -> Entry:
    """Our own bytes, read back the way everybody else will read them."""
    authority = registry.state().authority
    key = actor.signers[0].public.to_text()
    if not isinstance(act.body, Found) and authority.keys.get(key) != act.person:
        # Not known here: let the fold say so, which knows how to put it.
        return Entry(index, act.at, key, act)
    return entries.verified(index, raw, document, authority, raw_at(registry.log))


def _checkpoint(registry: Registry, size: int, added: Sequence[tuple[int, int, bytes]]) -> str:
    fresh = {(level, n): value for level, n, value in added}

    def read(level: int, n: int) -> bytes:
        return fresh.get((level, n)) or registry.log.subtree(level, n)

    checkpoint = Checkpoint(registry.settings.origin, size, merkle.root(size, read))
    return sign_checkpoint(checkpoint, registry.log_signer)
