"""The log's door for statements that arrive signed: many at once, each one answered.

    registrar = Registrar(registry)
    registrar.register([submission, …])     # each Registered or refused, all durable

One transaction and one signed head for all that wait: a disk is asked to keep a promise a
few dozen times a second, however many registrations come. What is answered is included,
durable, and can be read from then on. `Gathering` collects what several clients send.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.standing import Entry
from vidimus.core.acts.vocabulary import Found
from vidimus.core.log import merkle
from vidimus.core.seal import receipt, statement
from vidimus.core.seal.keys import PublicKey, Signer
from vidimus.errors import (
    Damaged,
    FormatError,
    NotAllowed,
    NotFound,
    OutsideFailed,
    VerificationFailed,
    VidimusError,
)
from vidimus.operations import arriving
from vidimus.operations.admission import Admission, Wording
from vidimus.operations.admission import now as present
from vidimus.operations.ports import Stored
from vidimus.operations.registry import RESTORE, Registry, filed_under

MOST_AT_ONCE = 256  # acts in one transaction
MOST_WAITING = 2_048


@dataclass(frozen=True, slots=True)
class Submission:
    """A statement as it came, the document that it names, and a text if the act needs one."""

    raw: bytes
    document: bytes
    text: bytes | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """It is on the log as entry `index`; `new` is False when it was there before."""

    index: int
    receipt: bytes
    new: bool = True


Outcome = Registered | VidimusError


@dataclass(frozen=True, slots=True)
class _Taken:
    """Admitted, and not yet written."""

    place: int
    index: int
    subject: str


class Registrar:
    """Registers for one registry. One thread at a time calls `register`; `receipt` any."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def register(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Each one's outcome, in order. What fails does not keep the others from the log."""
        outcomes: dict[int, Outcome] = {}
        waiting = deque(enumerate(submissions))
        while waiting:
            try:
                with self._registry.office.writing():
                    self._admit(waiting, outcomes)
            except VidimusError as error:
                # The disk or the log failed: nobody whose act was not answered is on it.
                if isinstance(error, VerificationFailed):
                    error = Damaged(error.fact, hint=error.hint)  # ours, and not a statement's
                for place, _submission in enumerate(submissions):
                    outcomes.setdefault(place, error)
                break
        return [outcomes[place] for place in range(len(submissions))]

    def _admit(self, waiting: deque[tuple[int, Submission]], outcomes: dict[int, Outcome]) -> None:
        """Take as many as can go together, and write them."""
        admission = Admission(self._registry)
        touched: set[str] = set()
        taken: list[_Taken] = []
        # Nobody hears anything before all is written: a refusal may rest on an act that is
        # not on the log yet, and will not be if the disk fails.
        said: dict[int, Outcome] = {}
        while waiting and len(taken) < MOST_AT_ONCE:
            place, submission = waiting[0]
            try:
                found = self._admitted(admission, submission, touched)
            except _Together:
                break
            except OutsideFailed:
                raise
            except VidimusError as error:
                said[place] = error
            else:
                if isinstance(found, Registered):
                    said[place] = found
                else:
                    taken.append(_Taken(place, *found))
            waiting.popleft()
        if not taken:
            outcomes.update(said)
            return
        # Before it is written: nobody may hear that something failed which is on the log.
        size, root, now = admission.size, admission.root(), self._now()
        signer = self._registry.own.for_receipts(admission.authority.trust, size)
        admission.commit()
        for each in taken:
            written = receipt.write(
                index=each.index,
                size=size,
                path=admission.inclusion(each.index),
                issuer=self._registry.settings.origin,
                subject=each.subject,
                issued_at=now,
                root=root,
                signer=signer,
            )
            said[each.place] = Registered(each.index, written)
        outcomes.update(said)

    def _admitted(
        self, admission: Admission, submission: Submission, touched: set[str]
    ) -> Registered | tuple[int, str]:
        found = statement.parse(submission.raw)
        filed = filed_under(self._registry.settings.origin, found)
        known = admission.index_of(found.digest, filed, found.issued_at)
        if known is not None:
            return self._known(known, submission.raw)
        if admission.holds(found.digest):
            raise _Together  # sent twice at once: the second one waits, and hears the same
        wordings: tuple[Wording, ...] = ()

        def provided(entry: Entry) -> None:
            nonlocal wordings
            if isinstance(entry.act.body, Found):
                raise NotAllowed("a registry is founded inside, before its door is open")
            # Ours first: who signed is not told to set his clock because this one went back.
            present(self._registry, admission.time)
            arriving.require_present(self._registry, entry)
            # What the registry is asked about must be on the log, not just on the way there.
            looked_up = arriving.subjects(entry.act.body)
            if len(looked_up) > 1 and looked_up & touched:
                raise _Together
            subject = entry.act.subject
            letter = None if subject == AUTHORITY else admission.letter(subject)
            wordings = arriving.require(self._registry, entry.act, _texts(submission))
            arriving.require_allowed_now(self._registry, entry, admission.authority, letter)
            touched.update(looked_up)

        entry = admission.admit(
            submission.raw, submission.document, provided=provided, wordings=lambda: wordings
        )
        return entry.index, found.subject

    def _known(self, index: int, raw: bytes) -> Registered:
        """Sent a second time, as when the answer got lost: the same answer, and no second act."""
        for stored in self._registry.log.entries(index, index + 1):
            if stored.raw == raw:
                return Registered(index, self.receipt(index), new=False)
        raise NotAllowed(
            f"this very act is on the log already, as entry {index}, under another signature"
        )

    def receipt(self, index: int) -> bytes:
        """A fresh receipt for any entry. Raises NotFound."""
        log, settings = self._registry.log, self._registry.settings
        # Before the head is read: a receipt says that the log had this size at this time, and
        # an act that comes in between must not be older than that.
        now, head = self._now(), log.head()
        if not 0 <= index < head.size:
            raise NotFound(
                f"the log has no entry {index}", hint=f"it has entries 0 to {head.size - 1}"
            )
        stored = self._stored(index)
        try:
            signed = settings.open(head.checkpoint)
            path = merkle.inclusion(index, head.size, log.subtree)
            leaf = merkle.leaf_hash(stored.raw)
            # Nothing is vouched for that the signed head does not hold.
            merkle.check_inclusion(index, head.size, leaf, path, signed.root)
        except (FormatError, NotFound, VerificationFailed) as error:
            raise Damaged(
                f"entry {index} cannot be vouched for: {error.fact}", hint=RESTORE
            ) from error
        return receipt.write(
            index=index,
            size=head.size,
            path=path,
            issuer=settings.origin,
            subject=statement.parse(stored.raw).subject,
            issued_at=now,
            root=signed.root,
            signer=self._signer(head.size),
        )

    def transparent(self, index: int) -> bytes:
        """The statement with a fresh receipt attached: RFC 9943 section 7. Raises NotFound."""
        vouched = self.receipt(index)
        return receipt.transparent(self._stored(index).raw, [vouched])

    def _stored(self, index: int) -> Stored:
        for stored in self._registry.log.entries(index, index + 1):
            return stored
        raise Damaged(f"entry {index} of the log is missing", hint=RESTORE)

    def receipt_keys(self) -> list[PublicKey]:
        """The keys of receipts: the one in use first, then all that ever were."""
        present = self._registry.receipt_signer.public
        known = [PublicKey.from_text(key) for key in self._registry.receipt_keys()]
        return [present, *(key for key in reversed(known) if key != present)]

    def _signer(self, size: int) -> Signer:
        return self._registry.own.for_receipts(self._registry.history.latest.trust, size)

    def _now(self) -> int:
        return int(self._registry.clock.now().timestamp())


class _Together(Exception):
    """It rests on what another act in this transaction changes: it goes into the next one."""


def _texts(submission: Submission) -> arriving.Texts:
    def look(sha: str) -> str | None:
        if submission.text is None or hashlib.sha256(submission.text).hexdigest() != sha:
            return None
        try:
            return submission.text.decode()
        except UnicodeDecodeError:
            return None

    return look


# Told of everything that came of one transaction, by the thread that wrote it.
Deliver = Callable[[Sequence[tuple[object, Outcome]]], None]


@dataclass(slots=True)
class Gathering:
    """Collects what arrives while the last transaction is being written; then writes it all.

    `deliver` is called on the writing thread, once for each transaction.
    """

    registrar: Registrar
    deliver: Deliver
    broken: Callable[[Exception], object] = lambda _error: None  # told of mistakes of ours
    most_waiting: int = MOST_WAITING
    _waiting: deque[tuple[object, Submission]] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _closing: bool = False

    def submit(self, ticket: object, submission: Submission) -> None:
        """Queue one; `ticket` comes back with its outcome. OutsideFailed where too many wait."""
        with self._changed:
            if self._closing or len(self._waiting) >= self.most_waiting:
                raise OutsideFailed(
                    f"{len(self._waiting)} registrations wait already",
                    hint="come back in a few seconds",
                )
            self._waiting.append((ticket, submission))
            self._changed.notify()

    def run(self) -> None:
        """Write until `close`, and then what still waits. The body of a thread."""
        while True:
            with self._changed:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                if not self._waiting:
                    return
                count = min(len(self._waiting), MOST_AT_ONCE)
                batch = [self._waiting.popleft() for _ in range(count)]
            self.deliver(list(zip(_tickets(batch), self._outcomes(batch), strict=True)))

    def _outcomes(self, batch: Sequence[tuple[object, Submission]]) -> Iterable[Outcome]:
        try:
            return self.registrar.register([submission for _, submission in batch])
        except Exception as error:
            # Nobody may wait for ever because of a mistake of ours.
            self.broken(error)
            failed = OutsideFailed("the registration failed here", hint="try again")
            return [failed] * len(batch)

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()


def _tickets(batch: Sequence[tuple[object, Submission]]) -> list[object]:
    return [ticket for ticket, _ in batch]
