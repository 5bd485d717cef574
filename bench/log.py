"""The log in process: appending against the signature check alone; proofs, receipts, tiles.

    of a log of …    a second   p50 ms   p99 ms   bytes
    in process …     entries/s   µs an entry   × the floor   CPU µs   × the floor

The floor is what cannot be left out: the check of the issuer's signature and the hash of the
leaf. `appended` is a verified statement in the tree and on the disk, 1,024 with one signed head, in
a new log and in one that is long already. The others take 256, as the door does: `admitted` also
reads the act, asks who holds the power, and folds its letter, a known one; `registered` is all that
the door for programs does, with a receipt for each. Real statements, all of them. The clock on the
wall waits for the disk, and CPU time does not.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, process_time

from bench.long_log import ALPHABET, BATCH, LongLog
from bench.town import Town, build
from vidimus import wiring
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.core.acts.vocabulary import Hold
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.log.edge import Edge
from vidimus.core.log.tiles import WIDTH, Bundle, Tile
from vidimus.core.seal import statement
from vidimus.operations.admission import Admission
from vidimus.operations.face import Face
from vidimus.operations.ports import Addition
from vidimus.operations.registrar import Registrar, Submission

ROUNDS = 3
LETTERS = ROUNDS * BATCH
BULK = 1_024
STATEMENTS = 4 * BULK
SIZE = 100_000  # of the log that is asked; bench/growth.py asks longer ones
ASKED = 300
NEW, OLD = "appended, a new log", f"appended, after {SIZE:,} others"

Acts = Sequence[tuple[bytes, bytes]]


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        log = LongLog(Path(scratch) / "long")
        log.grow(SIZE)
        asking(log)
        appending(build(Path(scratch) / "registry", letters=LETTERS), log, Path(scratch))


# --- appending ----------------------------------------------------------------------------------


def appending(town: Town, long: LongLog, scratch: Path) -> None:
    """Each step on acts of its own, all steps in each round; the best round of each counts."""
    registrar = Registrar(town.registry)
    register(registrar, [town.act("release", letter) for letter in town.letters])
    chance = random.Random(4)
    spent: dict[str, list[float]] = {}
    worked: dict[str, list[float]] = {}

    def step(name: str, acts: Acts, work: Callable[[Acts], None]) -> None:
        start, began = perf_counter(), process_time()
        work(acts)
        spent.setdefault(name, []).append((perf_counter() - start) / len(acts))
        worked.setdefault(name, []).append((process_time() - began) / len(acts))

    for at in range(ROUNDS):
        letters = town.letters[at * BATCH : (at + 1) * BATCH]
        held = [town.act("hold", letter) for letter in letters]
        step("floor", held, lambda acts: floor(town, acts))
        step("registered", held, lambda acts: register(registrar, acts))
        cleared = [town.act("clear", letter) for letter in letters]
        step("floor", cleared, lambda acts: floor(town, acts))
        step("admitted", cleared, lambda acts: admit(town, acts))
        fresh = SqliteLog(scratch / f"{at}.sqlite", create=True)
        many = [town.written("cleo", Hold(_letter(chance))) for _ in range(STATEMENTS)]
        for name, log in ((NEW, fresh), (OLD, SqliteLog(long.file))):
            log.head()  # opened
            step("floor", many, lambda acts: floor(town, acts))
            step(name, many, lambda acts, log=log: append(town, acts, log))  # type: ignore[misc]
            log.close()
        step("floor", many, lambda acts: floor(town, acts))
    title = "in process"
    print(f"\n{title:<36}{'entries/s':>12}", end="")
    print(f"{'µs':>10}{'× floor':>10}{'CPU µs':>10}{'× floor':>10}")
    for name in ("floor", NEW, OLD, "admitted", "registered"):
        print(f"{name:<36}{1 / min(spent[name]):>12,.0f}", end="")
        for taken in (spent, worked):
            least = min(taken[name])
            print(f"{1e6 * least:>10.1f}{least / min(taken['floor']):>10.2f}", end="")
        print()
    print("the floor of the issue: appended within 1.3 × of the floor")


def _letter(chance: random.Random) -> str:
    """The store asks nobody whether there is such a letter."""
    return "".join(chance.choices(ALPHABET, k=16))


def floor(town: Town, acts: Acts) -> None:
    key = town.keys["cleo"].public
    for raw, _ in acts:
        statement.verify(raw, key)
        merkle.leaf_hash(raw)


def append(town: Town, acts: Acts, log: SqliteLog) -> None:
    """Verified, into the tree, under one signed head for each batch, and onto the disk."""
    key = town.keys["cleo"].public
    settings, signer = town.registry.settings, town.registry.log_signer
    edge = Edge(log.head().size, log.subtree)
    letters = f"{settings.origin}/c/"
    for start in range(0, len(acts), BULK):
        additions = []
        for raw, document in acts[start : start + BULK]:
            said = statement.verify(raw, key)
            subject = said.subject.removeprefix(letters)
            index, subtrees = edge.size, edge.add(merkle.leaf_hash(raw))
            at = said.issued_at
            additions.append(
                Addition(index, raw, said.digest, at, subject, document, subtrees, signed=at)
            )
        head = Checkpoint(settings.origin, edge.size, edge.root())
        log.append(additions, sign_checkpoint(head, signer))
        edge.settle()


def admit(town: Town, acts: Acts) -> None:
    for start in range(0, len(acts), BATCH):
        with town.registry.office.writing():
            admission = Admission(town.registry)
            for raw, document in acts[start : start + BATCH]:
                admission.admit(raw, document)
            admission.commit()


def register(registrar: Registrar, acts: Acts) -> None:
    for start in range(0, len(acts), BATCH):
        some = [Submission(*act) for act in acts[start : start + BATCH]]
        for outcome in registrar.register(some):
            if isinstance(outcome, Exception):
                raise SystemExit(f"bench: a real act was refused: {outcome}")


# --- asking -------------------------------------------------------------------------------------


def asking(log: LongLog) -> None:
    store = SqliteLog(log.file, writable=False)
    registrar = Registrar(log.town.registry)
    face = Face(store, wiring.settings(log.folder).open)
    chance = random.Random(3)

    def full() -> int:
        return chance.randrange(SIZE // WIDTH)

    questions: dict[str, Callable[[], int]] = {
        "a proof": lambda: len(str(face.proof(chance.randrange(SIZE)))),
        "a receipt": lambda: len(registrar.receipt(chance.randrange(SIZE))),
        "a tile of leaves": lambda: len(face.file(Tile(0, full(), WIDTH).path)),
        "a tile above them": lambda: len(face.file(Tile(1, 0, WIDTH).path)),
        "a bundle of 256 entries": lambda: len(face.file(Bundle("entries", full(), WIDTH).path)),
        "a bundle of 256 documents": lambda: len(face.file(Bundle("acts", full(), WIDTH).path)),
    }
    title = f"of a log of {SIZE:,}"
    print(f"{title:<36}{'a second':>12}{'p50 ms':>10}{'p99 ms':>10}{'bytes':>10}")
    for name, ask in questions.items():
        spent, size = [], 0
        for _ in range(ASKED):
            start = perf_counter()
            size = ask()
            spent.append(perf_counter() - start)
        spent.sort()
        middle, worst = 1000 * spent[ASKED // 2], 1000 * spent[int(0.99 * ASKED)]
        print(f"{name:<36}{ASKED / sum(spent):>12,.0f}{middle:>10.2f}{worst:>10.2f}{size:>10,}")
    print("each one held against the signed root before it is handed out")


if __name__ == "__main__":
    main()
