"""Reading on from where one was: bundle by bundle, each checked before it is looked at.

A bundle that cannot be read, and a document that is missing, end the reading there: what
stands behind a gap cannot be judged, for it may rest on what is in it. The position stays,
the gap is a finding, and the next round tries again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby

from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.standing import LATE, Entry
from vidimus.core.acts.vocabulary import RevokeKey
from vidimus.core.copies.answers import rfc3339
from vidimus.core.log import merkle, tiles
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.tiles import WIDTH
from vidimus.core.monitor import exhibits, telling
from vidimus.core.monitor.finding import Finding, Kind
from vidimus.core.monitor.mirror import Bundle, Row
from vidimus.core.monitor.replay import Gap, Judged, Problem, again
from vidimus.core.monitor.signed_tree import OtherEntry, SignedTree
from vidimus.core.seal.keys import PublicKey
from vidimus.errors import VidimusError
from vidimus.operations.monitor.context import Watch
from vidimus.operations.monitor.heads import Looked, overlaid, signers

MOST_UNSETTLED = 1000  # entries that are named beside a revocation
TOUCHED = 64  # subjects that are compared with what the server says of them
COMMIT_EVERY = 2048  # entries, so that the disk is not waited for after each bundle
# Two clocks, and whatever keeps a checkpoint for a minute on its way.
SKEW = timedelta(minutes=2)


def read_on(watch: Watch, looked: Looked, tree: SignedTree) -> None:
    """Read everything up to this head, or up to the first gap."""
    Reading(watch, looked.head, looked.note, tree).run()


class Reading:
    def __init__(self, watch: Watch, head: Checkpoint, note: str, tree: SignedTree) -> None:
        self._watch = watch
        self._head = head
        self._note = note
        self._tree = tree
        self._signers = signers(watch, note, head.size)
        self._fresh: list[Row] = []  # of the bundle in hand, not written yet
        self._earlier = _earlier_heads(watch, head.size)
        self._sizes = [size for size, _ in self._earlier]
        self._late: list[tuple[int, str]] = []  # entries that came late, and what to say of each

    def run(self) -> None:
        watch, size = self._watch, self._head.size
        start = watch.frontier.size
        began, committed = watch.clock.now(), start
        for bundle in watch.source.bundles(tiles.new_bundles(start, size)):
            if not self._take(bundle):
                break
            done = watch.frontier.size
            if done - committed >= COMMIT_EVERY:
                self._tell_late()
                watch.state.commit()
                committed = done
            seconds = (watch.clock.now() - began).total_seconds()
            rate = f", {(done - start) / seconds:,.0f} entries/s" if seconds > 0 else ""
            watch.progress(f"entry {done:,} of {size:,}{rate}", done / size)
        self._tell_late()
        watch.state.commit()

    def _take(self, bundle: Bundle) -> bool:
        """One bundle; False where the reading ends."""
        if bundle.error is not None:
            fact = bundle.error.fact if isinstance(bundle.error, VidimusError) else "unknown"
            self._dark(bundle.n, fact)
            return False
        width = min(WIDTH, self._head.size - bundle.n * WIDTH)
        try:
            raws = tiles.read_entries(bundle.entries, bundle.width)[:width]
            documents = tiles.read_documents(bundle.documents, bundle.width)[:width]
            rows = self._tree.bundle(bundle.n, [merkle.leaf_hash(each) for each in raws])
        except OtherEntry as other:
            self._rewritten(bundle.n, other, raws[other.index % WIDTH])
            return False
        except VidimusError as error:
            self._dark(bundle.n, error.fact)
            return False
        begin = self._watch.frontier.size % WIDTH if self._continues(bundle.n) else 0
        judged = self._judge(bundle.n * WIDTH + begin, raws[begin:], documents[begin:])
        if judged < len(raws) - begin:
            # Only what stands before the gap is read; the rest of the bundle was not.
            raws = raws[: begin + judged]
            rows = [row[: len(raws) >> level] for level, row in enumerate(rows)]
        watch = self._watch
        subtrees = watch.frontier.grow(bundle.n, rows) if raws else []
        watch.state.take(self._fresh, subtrees)
        _keep_time(watch)
        self._fresh = []
        watch.replay.forget(watch.letters)
        return begin + judged == width

    def _continues(self, n: int) -> bool:
        return self._watch.frontier.size // WIDTH == n

    # --- judging ------------------------------------------------------------------------------

    def _judge(self, start: int, raws: Sequence[bytes], documents: Sequence[bytes | None]) -> int:
        """Judge these entries; gives how many there are before the first gap."""
        replay = self._watch.replay
        signed = [replay.read(raw) for raw in raws]
        replay.verify_ahead(signed)
        self._load([str(replay.subject(each)) for each in signed])
        for at, (raw, said, document) in enumerate(zip(raws, signed, documents, strict=True)):
            index = start + at
            try:
                judged = replay.judge(index, said, document, self._raw)
            except Gap as gap:
                self._gap(index, raw, document, gap)
                return at
            row = Row(index, raw, document, judged.subject, self._clock(judged))
            self._fresh.append(row)
            for problem in judged.problems:
                self._problem(judged, problem, row)
            self._look_late(judged)
            self._look_ahead(judged, row)
            if judged.entry is not None and judged.effect:
                self._tell(judged.entry)
            if judged.subject:
                self._touch(judged.subject)
        return len(raws)

    def _clock(self, judged: Judged) -> int | None:
        time = self._watch.replay.folding.time
        took = judged.effect and judged.entry is not None and time is not None
        return int(time.timestamp()) if took and time is not None else None

    def _load(self, subjects: Sequence[str]) -> None:
        """Have the letters at hand that are about to be acted on."""
        watch = self._watch
        asked = watch.replay.missing(each for each in subjects if each not in ("", AUTHORITY))
        if not asked:
            return
        for _subject, rows in groupby(watch.state.acts(asked), lambda row: row.subject):
            watch.replay.load(entry_of(row, watch) for row in rows)

    def _raw(self, index: int) -> bytes:
        return self._row(index).raw

    def _row(self, index: int) -> Row:
        """An entry that was read, be it in this very bundle."""
        if self._fresh and index >= self._fresh[0].index:
            return self._fresh[index - self._fresh[0].index]
        return self._watch.row(index)

    def _touch(self, subject: str) -> None:
        touched = self._watch.touched
        touched.pop(subject, None)
        touched[subject] = None
        if len(touched) > TOUCHED:
            del touched[next(iter(touched))]

    # --- what is told -----------------------------------------------------------------------------

    def _tell(self, entry: Entry) -> None:
        watch, act = self._watch, entry.act
        if act.subject == AUTHORITY:
            line: dict[str, object] = {
                "type": "authority",
                "what": telling.told(act.body),
                "concerns": telling.concerns(act.body),
            }
            if isinstance(act.body, RevokeKey):
                line["unsettles"] = self._made_with(act.body, entry.index)
        elif not watch.offices:
            return
        else:
            authority = watch.replay.authority
            letter = watch.replay.folding.letters[act.subject]
            names = {act.office, letter.office}
            names |= {authority.title(each) for each in names}
            if not names & watch.offices:
                return
            line = {"type": "act", "in_the_name_of": letter.office}
        line |= {
            "index": entry.index,
            "time": rfc3339(entry.time),
            "act": act.kind.value,
            "letter": "" if act.subject == AUTHORITY else act.subject,
            "person": act.person,
            "office": act.office,
        }
        watch.state.tell(line)

    def _made_with(self, body: RevokeKey, index: int) -> list[int]:
        """Entries behind the last that the key counts for: they lose what they gave."""
        kid = PublicKey.from_text(body.key).kid
        found: list[int] = []
        for row in chain(self._watch.state.rows(body.last_index + 1, index), self._fresh):
            said = self._watch.replay.read(row.raw)
            if body.last_index < row.index < index and said and said.statement.kid == kid:
                found.append(row.index)
            if len(found) == MOST_UNSETTLED:
                break
        return found

    # --- what is found ----------------------------------------------------------------------------

    def _look_late(self, judged: Judged) -> None:
        """Does it bear a time at which the log was served without it?

        That accuses nobody: files that are copied to a mirror once an hour are all like that.
        """
        if judged.said is None or self._watch.exercise:
            return  # the clock of an exercise is its own
        place = bisect_right(self._sizes, judged.index)
        if place == 0:
            return
        size, last = self._earlier[place - 1]
        time = datetime.fromtimestamp(judged.said.issued_at, UTC)
        if time >= last - LATE - SKEW or any(p.kind is Kind.BACK_DATED for p in judged.problems):
            return
        fact = (
            f"entry {judged.index} bears the time {time:%Y-%m-%d %H:%M:%S}, and at"
            f" {last:%Y-%m-%d %H:%M:%S} a tree of {size} entries was served without it"
        )
        self._late.append((judged.index, fact))

    def _look_ahead(self, judged: Judged, row: Row) -> None:
        """Does it bear a time that has not come yet? What is before it on the log is late then."""
        if judged.said is None or self._watch.exercise:
            return
        time, now = datetime.fromtimestamp(judged.said.issued_at, UTC), self._watch.now()
        if time <= now + LATE:
            return
        fact = (
            f"entry {row.index} bears the time {time:%Y-%m-%d %H:%M:%S}, and it is"
            f" {now:%Y-%m-%d %H:%M:%S} by this machine's clock"
        )
        self._problem(judged, Problem(Kind.FUTURE, fact), row)

    def _tell_late(self) -> None:
        """One line for all of them, in the same transaction as the entries."""
        if not self._late:
            return
        (index, fact), more = self._late[0], len(self._late) - 1
        if more:
            fact += f"; so with {more} more, up to entry {self._late[-1][0]}"
        line = {"type": "remark", "index": index, "fact": f"published late, or dated back: {fact}"}
        self._watch.state.tell(line)
        self._late.clear()

    def _problem(self, judged: Judged, problem: Problem, row: Row) -> None:
        files = self._files("entry", row)
        if problem.kind is Kind.BACK_DATED:
            # The log's own order shows it: the entry before it that bears the latest time.
            files |= self._files("earlier", self._row(self._watch.replay.latest))
        if problem.kind is Kind.REVOKED_KEY and judged.entry is not None:
            revoking = self._watch.replay.revoking.get(judged.entry.key)
            if revoking is not None:
                files |= self._files("revoking", self._row(revoking))
        by = self._signers
        # A false entry names an issuer, and that is all.
        if judged.said is not None and problem.kind is not Kind.FALSE_ENTRY:
            by = (*by, judged.said.issuer)
        name = f"{row.index}"
        self._watch.find(Finding(problem.kind, name, problem.fact, by, row.index, files))

    def _files(self, name: str, row: Row) -> dict[str, bytes]:
        frontier = self._watch.frontier
        read = overlaid(frontier.read, frontier.size, self._tree.read)
        return self._watch.entry_files(name, row, self._head, self._note, read)

    def _rewritten(self, n: int, other: OtherEntry, served: bytes) -> None:
        watch, index = self._watch, other.index
        files = {"served.cose": served}
        if index < watch.frontier.size:
            files |= self._files("entry", watch.row(index))
        else:
            path = merkle.inclusion(index, self._head.size, self._tree.read)
            files["leaf.json"] = exhibits.place_file(index, other.leaf, path)
            files["signed.checkpoint"] = self._note.encode()
        fact = f"{other.fact} of {self._head.size} entries"
        found = Finding(Kind.REWRITTEN, f"{index}", fact, (), index, files, self._signers)
        watch.find(found)

    def _gap(self, index: int, raw: bytes, document: bytes | None, gap: Gap) -> None:
        if document is None:
            self._watch.find(Finding(Kind.UNREADABLE, f"document-{index}", gap.fact, (), index))
            return
        row = Row(index, raw, None, "", None)
        files = {**self._files("entry", row), "served.json": document}
        name, by = f"document-{index}", self._signers
        self._watch.find(Finding(Kind.REWRITTEN, name, gap.fact, (), index, files, by))

    def _dark(self, n: int, fact: str) -> None:
        name = tiles.entries_path(n).removeprefix("tile/").replace("/", "-")
        start = max(self._watch.frontier.size, n * WIDTH)
        self._watch.find(
            Finding(
                Kind.UNREADABLE, name, f"entries from {start} on cannot be read: {fact}", (), start
            )
        )


def entry_of(row: Row, watch: Watch) -> Entry:
    """An act from one's own copy, where it was verified before it was written down."""
    return again(row.index, row.raw, row.document or b"", watch.replay.authority)


def _earlier_heads(watch: Watch, size: int) -> list[tuple[int, datetime]]:
    """Sizes that were served before, the smallest first, and when they were served last.

    Only those that an entry still to be read can be compared with.
    """
    found: list[tuple[int, datetime]] = []
    seen = watch.state.newest(size - 1)
    while seen is not None:
        found.append((seen.head.size, seen.last))
        if seen.head.size <= watch.frontier.size:
            break
        seen = watch.state.newest(seen.head.size - 1)
    return found[::-1]


def _keep_time(watch: Watch) -> None:
    time = watch.replay.time
    if time is not None:
        value = f"{int(time.timestamp())} {watch.replay.latest}"
        watch.state.put("time", value.encode())
