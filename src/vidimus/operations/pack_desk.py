"""A desk over a pack: the ordinary one, as of the moment that the log signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from vidimus.core.copies.answers import Answer
from vidimus.core.copies.verdict import LogFacts
from vidimus.core.evidence.pack import Cover, Front, Signed, sign
from vidimus.core.evidence.seen import seen
from vidimus.core.log import note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.witnessed import witnessed
from vidimus.core.trust import root as roots
from vidimus.core.trust.keys import open_checkpoint
from vidimus.core.trust.policy import policy_of
from vidimus.errors import FormatError, NotFound, UsageError, VerificationFailed
from vidimus.operations.bundle import trust_root
from vidimus.operations.bundle_desk import Moment, settings_of
from vidimus.operations.desk import Desk
from vidimus.operations.evidence import Evidence, stood
from vidimus.operations.own_index import OwnIndex
from vidimus.operations.ports import LogStore, Places, Reader
from vidimus.operations.witnessing import confirmed


class PackDesk(Desk):
    """Made by `opened`, which holds the pack's log against its cover first."""

    def _as_of(self, at: datetime | None) -> tuple[int, datetime]:
        moment = self.clock.now()
        if at is not None and at > moment:
            raise UsageError(
                f"this pack is of {moment:%Y-%m-%d %H:%M} UTC and knows nothing of later moments",
                hint="ask without a time, or ask the register itself",
            )
        return super()._as_of(at)

    def _beside(self, answer: Answer, facts: LogFacts) -> Answer:
        # What witnesses say of a pack stands with the rest that is said of it (`evidence`).
        earlier = answer.time < self.clock.now()  # as of a time that was asked for
        return stood(answer, "this answer does not say" if earlier else "this pack cannot know")


def front(
    own: OwnIndex, log: LogStore, chain: tuple[int, ...], time: datetime, signer: note.Signer
) -> Callable[[int, bytes, int], bytes]:
    """What stands before the body of a pack of this log, for a body of length, digest, unpacked.

    `log` is a copy that nobody writes in; `chain` are the entries that the trust rests on.
    """
    head = own.signed()
    if head is None:
        raise NotFound("this log is empty", hint="found the registry first")
    root = trust_root(own, chain, head)
    kept, witnessed = log.head(), log.witnessed()
    if witnessed is not None and witnessed.size == head.size:
        kept = witnessed
    said = int(time.timestamp())

    def made(length: int, digest: bytes, unpacked: int) -> bytes:
        cover = Cover(head.origin, head.size, head.root, said, length, digest, unpacked)
        return bytes(Front(sign(cover, signer), roots.write(root), kept.checkpoint))

    return made


def opened(signed: Signed, log: LogStore, places: Places, reader: Reader) -> PackDesk:
    """Raises FormatError or VerificationFailed unless the log in it is the one that was signed."""
    settings = settings_of(signed.root)
    own = OwnIndex(settings, log, places)
    desk = PackDesk(settings, log, own, clock=Moment(signed.time), reader=reader)
    if own.signed() != signed.head:
        raise VerificationFailed("the log in the pack is of another size than its cover")
    chain = tuple(each.index for each in signed.root.links if each.index < signed.head.size)
    if desk.facts(()).authority.chain != chain:
        raise VerificationFailed(
            "the log in it knows of other founders or keys than the trust root",
            hint="its trust root is too old; fetch the pack again",
        )
    for link in signed.root.links:
        if link.index < signed.head.size and own.raw_at(link.index) != link.entry:
            raise VerificationFailed(
                f"entry {link.index} of the log is not the one that the trust root has there",
                hint="keep the pack and the trust root: they show two logs under one name",
            )
    return desk


def evidence(signed: Signed, log: LogStore) -> Evidence:
    """What is to be said beside every answer of this desk."""
    trust = signed.root.trust

    def opener(text: str) -> Checkpoint:
        return open_checkpoint(text, trust)[0]

    try:
        policy = policy_of(trust, signed.head.size)
    except FormatError:
        policy = None
    # That it is the tree that they saw is held against the log; when they did is not told.
    confirmed(log, opener, policy, asked=signed.head.size, at=signed.cover.time)
    kept = log.witnessed()
    if policy is None or kept is None:
        told = seen(policy, None, 0, signed.head.size)
    else:
        found = witnessed(kept.checkpoint, policy)
        told = seen(policy, found, opener(kept.checkpoint).size, signed.head.size)
    checked = [
        "The pack's every byte was held against the digest that the log signed, and each of its"
        f" {signed.head.size} entries against the signed root."
    ]
    return Evidence("pack", signed.time, signed.root, signed.pinned, told, checked)
