"""The one way in which a person acts here: an act is allowed, signed, logged, answered.

    may this person, in this office, on this day?  →  sign  →  append  →  answer

A crash before `commit` leaves at most a sealed document that nothing names, which the
next act drops; a crash after it leaves an act that counts, answered or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.kinds import SEALED
from vidimus.core.acts.standing import Entry
from vidimus.core.acts.vocabulary import Act, Body, CoSignature, Found
from vidimus.core.seal import statement
from vidimus.operations.admission import Admission, Wording, now
from vidimus.operations.registry import Actor, Registry


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
        admission = Admission(registry)
        provided()
        act = Act(
            registry=registry.settings.origin,
            person=actor.person,
            office=actor.office,
            at=now(registry, admission.time),
            body=body,
        )
        act = _cosigned(act, actor)
        raw, document = _written(registry, act, actor)
        entry = admission.admit(
            raw, document, wordings=lambda: wordings, unknown=_unknown(admission, act, actor)
        )
        checkpoint = admission.commit()
    return Done(act, entry.index, checkpoint)


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
    return seal(registry, act, raw, at)


def seal(registry: Registry, act: Act, raw: bytes, at: int) -> tuple[bytes, bytes]:
    """What the log holds of a sealed act: a commitment that names nobody."""
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


def _unknown(admission: Admission, act: Act, actor: Actor) -> Entry | None:
    """An entry by a key that is not known here, which the fold refuses and says why."""
    key = actor.signers[0].public.to_text()
    if isinstance(act.body, Found) or admission.authority.keys.get(key) == act.person:
        return None
    return Entry(admission.size, act.at, key, act)
