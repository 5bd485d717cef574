"""A log as long as one likes: its entries are simulated, and the tree and the store are real.

    log = LongLog(folder)            # a real registry with its founding acts and a few letters
    log.grow(1_000_000)              # through merkle.Edge and SqliteLog, 256 at a time

An entry has the very bytes of a statement, all but its signature, which is random: nobody
could make ten million in a quarter of an hour otherwise. Of ten entries one is sealed; a
letter is spoken of two or three times. Texts are left out, since finding them is measured by
itself.
"""

from __future__ import annotations

import random
import string
from collections import deque
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

from bench.town import Town, build
from vidimus import wiring
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.log.edge import Edge
from vidimus.core.seal import layout, statement
from vidimus.operations.ports import Addition
from vidimus.operations.registrar import Registrar, Submission

BATCH = 256
LETTERS = 64  # real ones, released and ready for real acts
SEALED = 0.1
AGAIN = 0.6  # of the entries speak of a letter that was spoken of before
ALPHABET = string.ascii_uppercase + "234567"


# How many entries it was, the seconds that they took, and the CPU seconds.
Grown = tuple[int, float, float]


class LongLog:
    def __init__(self, folder: Path, seed: int = 2031) -> None:
        self.folder = folder
        self.town: Town = build(folder, letters=LETTERS)
        self.registrar = Registrar(self.town.registry)
        self.real("release")
        self._chance = random.Random(seed)
        self._known: deque[str] = deque(maxlen=5_000)
        self._hold = self._template("hold")
        self._draft = self._template("sealed")

    @property
    def file(self) -> Path:
        return wiring.Folder(self.folder).log

    def real(self, kind: str) -> Grown:
        """A real act on each real letter through the registrar, all in one batch."""
        acts = [self.town.act(kind, letter) for letter in self.town.letters]
        start, worked = perf_counter(), process_time()
        outcomes = self.registrar.register([Submission(*act) for act in acts])
        spent = perf_counter() - start, process_time() - worked
        wrong = [each for each in outcomes if isinstance(each, Exception)]
        if wrong:
            raise SystemExit(f"bench: a real act was refused: {wrong[0]}")
        return len(acts), *spent

    def grow(self, size: int) -> Grown:
        """Append simulated entries up to this size; counted are tree, heads and store alone."""
        log = SqliteLog(self.file)
        signer = self.town.registry.log_signer
        edge = Edge(log.head().size, log.subtree)
        first, spent, worked = edge.size, 0.0, 0.0
        while edge.size < size:
            self._time = int(self.town.registry.clock.now().timestamp())
            made = list(islice(self._entries(edge.size), min(BATCH, size - edge.size)))
            start, began = perf_counter(), process_time()
            additions = [
                Addition(
                    index, raw, digest, self._time, subject, document,
                    edge.add(merkle.leaf_hash(raw)), signed=self._time,
                )
                for index, raw, digest, subject, document in made
            ]  # fmt: skip
            head = Checkpoint(self.town.registry.settings.origin, edge.size, edge.root())
            log.append(additions, sign_checkpoint(head, signer))
            edge.settle()
            spent, worked = spent + perf_counter() - start, worked + process_time() - began
        log.close()
        return edge.size - first, spent, worked

    def _entries(self, index: int) -> Iterator[tuple[int, bytes, bytes, str, bytes | None]]:
        chance = self._chance
        while True:
            if chance.random() < SEALED:
                raw, document = self._filled(self._draft, chance.randbytes(16).hex()[:22])
                yield index, raw, sha256(document).digest(), "", None
            else:
                if self._known and chance.random() < AGAIN:
                    letter = chance.choice(self._known)
                else:
                    letter = "".join(chance.choices(ALPHABET, k=16))
                    self._known.append(letter)
                raw, document = self._filled(self._hold, letter)
                yield index, raw, sha256(document).digest(), letter, document
            index += 1

    def _filled(self, template: tuple[bytes, bytes, bytes], subject: str) -> tuple[bytes, bytes]:
        """The entry and its document with this subject, another digest and no true signature."""
        before, after, document = template
        chance = self._chance
        written = document.replace(b"LETTER", subject.encode())
        written = written[:-1] + b',"n":"%s"}' % chance.randbytes(16).hex().encode()
        # Both halves small enough to be those of a signature (core/seal/keys.py).
        halves = b"\x01" + chance.randbytes(31) + b"\x01" + chance.randbytes(31)
        tail = sha256(written).digest() + b"\x58\x40" + halves
        # What the statement says of its time is what the log will say of it (06 1a …).
        after = after[:2] + self._time.to_bytes(4, "big") + after[6:]
        return before + subject.encode() + after + tail, written

    def _template(self, kind: str) -> tuple[bytes, bytes, bytes]:
        """An entry cut in two around its subject, without digest and signature; a document."""
        if kind == "hold":
            raw, document = self.town.act("hold", self.town.letters[0])
            subject = self.town.letters[0].letter
            found = layout.take_apart(raw, statement.TYP)
        else:
            drafted = self.town.drafted[self.town.letters[0].letter]
            (stored,) = self.town.registry.log.entries(drafted, drafted + 1)
            raw, document = stored.raw, b'{"sealed":"LETTER"}'
            found = layout.take_apart(raw, statement.TYP)
            subject = found.subject if found is not None else ""
        if found is None:
            raise SystemExit("bench: a statement of ours does not lie as it should")
        before, _, after = raw.partition(subject.encode())
        after = after[: -(32 + 2 + 64)]  # digest, the signature's head, signature
        return before, after, document.replace(subject.encode(), b"LETTER")
