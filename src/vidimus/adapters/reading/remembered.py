"""One reading for all who ask about the same copy: at the same time, or while it goes round.

    name      SHA-256 of the files, in order, and of all else that the reading depends on
    slot      lives while somebody asks about the copy: it is read once, by the first; if he
              fails, the next one tries, and nobody gets another's error
    held      what was read of a copy that very many ask about (`gate.py`), for some minutes

Held are words, boxes, how each page was straightened, and what looking again at a line showed.
Never a picture, which is drawn anew from the file that a visitor brings; never who asked;
nothing on a disk. An answer is not held: it depends on the log, and is made anew each time.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from vidimus.adapters.reading.gate import Gate
from vidimus.adapters.reading.reader import CellReader, Plans, digest
from vidimus.adapters.reading.sniff import Kind, sniff
from vidimus.core.copies.page import Copy, Evidence, Page, Question
from vidimus.errors import VidimusError
from vidimus.operations.ports import Progress, silent

MOST_HELD = 256  # copies
MOST_BYTES = 64 * 1024 * 1024  # of all of them, estimated
WORD_BYTES = 400  # a Word with its Box and its two numbers, as CPython 3.11 lays them out
EVIDENCE_BYTES = 1_000  # a Question with its candidates, and the Evidence
MOST_EVIDENCE = 2_000  # lines looked at again, of one copy
IDLE = 600.0  # seconds after the last question
LONGEST = 3600.0  # … and after the reading, however many ask
LOOK = 0.5  # seconds between looks whether somebody who waits has left


@dataclass(slots=True)
class Known:
    """What was read of one copy, without its pictures."""

    copy: Copy
    plans: Plans
    read_at: float
    used_at: float
    evidence: dict[Question, Evidence] = field(default_factory=dict)

    def weight(self) -> int:
        return 2_000 + sum(map(_weight, self.copy.pages)) + EVIDENCE_BYTES * len(self.evidence)


@dataclass(slots=True)
class _Slot:
    asking: int = 0  # how many ask about this copy at this moment
    reading: threading.Lock = field(default_factory=threading.Lock)
    known: Known | None = None
    copy: Copy | None = None  # with its pictures, which also stand in the files of all who ask


class Remembering:
    """A reader, and what the web door asks besides (`operations.ports.Shared`)."""

    def __init__(
        self,
        reader: CellReader,
        *,
        monotonic: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self.reader = reader
        self._monotonic = monotonic
        self._gate = Gate(monotonic, random)
        self._lock = threading.Lock()
        self._slots: dict[bytes, _Slot] = {}
        self._held: OrderedDict[bytes, Known] = OrderedDict()
        self._edition = ""
        self._forgetting: threading.Timer | None = None

    # --- Reader -----------------------------------------------------------------------------

    def read(self, parts: Sequence[bytes], *, progress: Progress = silent) -> Copy:
        name = self.name(parts)
        if not name:
            return self.reader.read(parts, progress=progress)
        with self._slot(name) as slot, _alone(slot, progress):
            known = self._recalled(name, slot)
            if known is not None:
                return slot.copy or known.copy
            copy, plans = self.reader.look(parts, progress)
            now = self._monotonic()
            slot.known, slot.copy = Known(_without_pictures(copy), plans, now, now), copy
            self._hold(name, slot.known)
            return copy

    def reread(self, parts: Sequence[bytes], questions: Sequence[Question]) -> tuple[Evidence, ...]:
        name = self.name(parts) if questions else b""
        if not name:
            return self.reader.reread(parts, questions)
        with self._slot(name) as slot, _alone(slot, silent):
            known = self._recalled(name, slot)
            if known is None:
                return self.reader.reread(parts, questions)
            new = list(dict.fromkeys(each for each in questions if each not in known.evidence))
            given = self.reader.again(parts, new, known.plans) if new else ()
            found = dict(zip(new, given, strict=True))
            answers = tuple(known.evidence.get(q) or found[q] for q in questions)
            if len(known.evidence) + len(found) <= MOST_EVIDENCE:
                known.evidence.update(found)
            return answers

    def done(self, parts: Sequence[bytes]) -> None:
        # Whoever is still behind is answered from the slot, and hardly ever asks a new question.
        self.reader.done(parts)

    # --- Shared -----------------------------------------------------------------------------

    def name(self, parts: Sequence[bytes]) -> bytes:
        try:
            if all(sniff(part) is Kind.TEXT for part in parts):
                return b""
        except VidimusError:
            return b""  # refused before it is read
        if not self._edition:
            self._edition = self.reader.edition()
        return hashlib.sha256(self._edition.encode() + b"\0" + digest(parts)).digest()

    def at_hand(self, name: bytes) -> bool:
        with self._lock:
            self._forget()
            return name in self._held

    @contextmanager
    def awaited(self, name: bytes) -> Iterator[None]:
        self._gate.arrived(name)
        with self._slot(name):
            yield

    def pictured(self, parts: Sequence[bytes], copy: Copy, *, progress: Progress = silent) -> Copy:
        if all(page.image is not None or not page.width for page in copy.pages):
            return copy
        with self._slot(self.name(parts)) as slot, _alone(slot, progress):
            if slot.copy is None:
                plans = slot.known.plans if slot.known is not None else {}
                slot.copy = self.reader.draw(parts, copy, plans, progress)
            return slot.copy

    # ----------------------------------------------------------------------------------------

    @contextmanager
    def _slot(self, name: bytes) -> Iterator[_Slot]:
        with self._lock:
            slot = self._slots.setdefault(name, _Slot(known=self._held.get(name)))
            slot.asking += 1
        try:
            yield slot
        finally:
            with self._lock:
                slot.asking -= 1
                if not slot.asking:
                    del self._slots[name]

    def _recalled(self, name: bytes, slot: _Slot) -> Known | None:
        with self._lock:
            self._forget()
            known = slot.known or self._held.get(name)
            fresh = known is not None and self._monotonic() - known.read_at < LONGEST
            slot.known = known if fresh else None
        if slot.known is not None:
            slot.known.used_at = self._monotonic()
            self._hold(name, slot.known)
        return slot.known

    def _hold(self, name: bytes, known: Known) -> None:
        if known.weight() * 4 > MOST_BYTES or not self._gate.is_open(name):
            return
        with self._lock:
            self._held[name] = known
            self._held.move_to_end(name)
            self._forget()
            while len(self._held) > MOST_HELD or _total(self._held.values()) > MOST_BYTES:
                self._held.popitem(last=False)
            self._wake()

    def _forget(self) -> None:
        now = self._monotonic()
        for name, known in list(self._held.items()):
            if now - known.used_at >= IDLE or now - known.read_at >= LONGEST:
                del self._held[name]

    def _wake(self) -> None:
        """Forget in time also where nobody asks any more."""
        if self._forgetting is None and self._held:
            self._forgetting = threading.Timer(IDLE / 10, self._woken)
            self._forgetting.daemon = True
            self._forgetting.start()

    def _woken(self) -> None:
        with self._lock:
            self._forgetting = None
            self._forget()
            self._wake()


@contextmanager
def _alone(slot: _Slot, progress: Progress) -> Iterator[None]:
    """Wait for whoever reads this copy now; `progress` may end the waiting."""
    while not slot.reading.acquire(timeout=LOOK):
        progress("waiting for the same copy to be read", None)
    try:
        yield
    finally:
        slot.reading.release()


def _without_pictures(copy: Copy) -> Copy:
    return replace(copy, pages=tuple(replace(page, image=None) for page in copy.pages))


def _weight(page: Page) -> int:
    words = (page.words, page.witness, page.hidden, page.faint, page.struck, page.beside)
    return sum(WORD_BYTES + 2 * len(word.text) for each in words for word in each)


def _total(held: Iterable[Known]) -> int:
    return sum(known.weight() for known in held)
