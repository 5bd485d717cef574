"""One round of a monitor: look at the head, read on, read again, ask, and remember.

monitor = Monitor(source, state, clock, offices=("ministry",), pinned=trust_root)
done = monitor.round()
done.exit_status          0 clean, 1 something was found, 3 something could not be read
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from vidimus.core.acts.kinds import AUTHORITY, ROOT
from vidimus.core.acts.standing import LATE, Entry
from vidimus.core.monitor.finding import IN_THE_DARK, LASTING, Finding, Kind
from vidimus.core.monitor.mirror import Kept, Row, Standing
from vidimus.core.monitor.replay import Replay
from vidimus.core.monitor.signed_tree import SignedTree
from vidimus.core.trust import root as roots
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import NotFound, OutsideFailed, UsageError, VerificationFailed, VidimusError
from vidimus.operations.monitor import comparing, heads, trusting
from vidimus.operations.monitor.context import LETTERS, Watch, frontier
from vidimus.operations.monitor.ports import Source, State
from vidimus.operations.monitor.reading import entry_of, read_on
from vidimus.operations.ports import Clock, Progress, silent


@dataclass(frozen=True, slots=True)
class Round:
    """What a round came to. `signed` is the size of the head that was served, if any was."""

    origin: str
    exercise: bool
    size: int
    read: int
    signed: int | None
    root: bytes
    time: datetime
    found: tuple[tuple[Finding, Kept], ...]
    over: tuple[str, ...]
    notes: tuple[str, ...]
    condemned: bool  # a head was served, and is not accepted
    kept: Standing | None  # what was found in all rounds

    @property
    def later(self) -> bool:
        """Is something kept that this round did not find?"""
        keys = {finding.key for finding, _ in self.found if finding.kind not in LASTING}
        kept = self.kept
        return kept is not None and (kept.gravest not in keys or kept.count > len(keys))

    @property
    def exit_status(self) -> int:
        kinds = {finding.kind for finding, _ in self.found}
        if kinds - IN_THE_DARK or (self.kept is not None and self.kept.convictions):
            return 1
        return 3 if kinds else 0


class Monitor:
    """Begins where the state ends. Raises OutsideFailed if that is damaged or cannot be kept."""

    def __init__(
        self,
        source: Source,
        state: State,
        clock: Clock,
        *,
        offices: Collection[str] = (),
        pinned: TrustRoot | None = None,
        letters: int = LETTERS,
        progress: Progress = silent,
    ) -> None:
        self._source = source
        self._state = state
        self._clock = clock
        self._offices = frozenset(offices)
        self._letters = letters
        self._progress = progress
        self.pinned_now = False
        self._trust = self._pin(pinned)
        self._watch: Watch | None = None

    @property
    def trust(self) -> TrustRoot:
        return self._watch.trust if self._watch is not None else self._trust

    def _pin(self, given: TrustRoot | None) -> TrustRoot:
        """The trust root that all is held against: kept, given, or taken now and said so."""
        kept = self._state.get("trust")
        if kept is not None:
            known = roots.read(kept)
            return known if given is None else _further(known, given)
        if given is None:
            try:
                given = roots.read(self._source.read(trusting.TRUST))
            except NotFound as error:
                raise UsageError(
                    f"{self._source.address} serves no trust root",
                    hint="give the one of the office, from a place that you believe: --trust FILE",
                ) from error
            self.pinned_now = True
        self._state.put("trust", roots.write(given))
        self._state.commit()
        return given

    def round(self) -> Round:
        """One round. What it found and told is on the disk when it returns."""
        try:
            return self._round(self._watching())
        except BaseException:
            # What is in memory may be ahead of what was kept: begin from there the next time.
            self._watch = None
            self._state.roll_back()
            raise

    def _round(self, watch: Watch) -> Round:
        watch.found, watch.notes = {}, []
        before, seen_before = watch.frontier.size, self._state.newest()
        trusting.renew_trust(watch)
        looked = heads.look(watch)
        served = {finding.kind for finding, _ in watch.found.values()} - {Kind.TRUST_CHANGED}
        condemned = looked is None and bool(served - IN_THE_DARK)
        if looked is not None:
            tree = looked.tree or self._tree_again(watch, looked)
            if tree is not None:
                read_on(watch, looked, tree)
            if watch.frontier.size == looked.head.size:
                _require_root(watch, looked.head.root)
            trusting.hold_trust_against_log(watch)
            heads.ask_witnesses(watch, looked)
        self._state.commit()
        whole = looked is not None and watch.frontier.size == looked.head.size
        if whole:
            _name_unknown(watch)
        comparing.read_again(watch, whole)
        asked = comparing.ask(watch, seen_before)
        if looked is not None and watch.source.answers:
            heads.look(watch)  # a second look: it may show somebody else's tree
        # What was not looked at in this round did not end in it.
        unseen = {Kind.UNWITNESSED: looked is None, Kind.STALE_CLAIM: not asked}
        ended = LASTING - {kind for kind, so in unseen.items() if so}
        over = self._state.over(watch.found, ended)
        for key in over:
            self._state.tell({"type": "over", "key": key})
        self._state.commit()
        size = watch.frontier.size
        return Round(
            origin=watch.trust.origin,
            exercise=watch.exercise,
            size=size,
            read=size - before,
            signed=looked.head.size if looked is not None else None,
            root=watch.frontier.root(size),
            time=watch.now(),
            found=tuple(watch.found.values()),
            over=tuple(over),
            notes=tuple(watch.notes),
            condemned=condemned,
            kept=self._state.standing(),
        )

    @staticmethod
    def _tree_again(watch: Watch, looked: heads.Looked) -> SignedTree | None:
        """The tree of a head that was seen before and not read to its end, because of a gap."""
        if watch.frontier.size == looked.head.size:
            return None
        return heads.tree_of(watch, looked.head)

    # --- from what is remembered ------------------------------------------------------------------

    def _watching(self) -> Watch:
        if self._watch is None:
            replay = Replay(self._trust.origin)
            self._watch = Watch(
                source=self._source,
                state=self._state,
                clock=self._clock,
                trust=roots.read(self._state.get("trust") or b""),
                replay=replay,
                frontier=frontier(self._state),
                offices=self._offices,
                letters=self._letters,
                progress=self._progress,
            )
            _resume(self._watch)
        return self._watch


def _resume(watch: Watch) -> None:
    """Authority is folded again from one's own copy; letters wait until they are asked for."""
    for row in watch.state.acts((AUTHORITY,)):
        watch.replay.restore(_again(row, watch))
    recent: list[tuple[datetime, Entry]] = []
    for row in watch.state.latest():
        if row.clock is None:
            continue
        then = datetime.fromtimestamp(row.clock, UTC)
        if recent and then < recent[0][0] - LATE:
            break
        recent.append((then, _again(row, watch)))
    time, latest = (watch.state.get("time") or b"-1 -1").decode().split(" ")
    watch.replay.resume(
        watch.frontier.size,
        datetime.fromtimestamp(int(time), UTC) if int(time) >= 0 else None,
        int(latest),
        list(reversed(recent)),
    )


def _again(row: Row, watch: Watch) -> Entry:
    try:
        return entry_of(row, watch)
    except VidimusError as error:
        raise OutsideFailed(
            f"entry {row.index} in the monitor's own copy cannot be read: {error.fact}",
            hint="its state is damaged: begin anew in another folder",
        ) from error


def _name_unknown(watch: Watch) -> None:
    """Whoever mistypes an office would wait for its acts for ever."""
    offices = watch.replay.authority.offices.values()
    known = {ROOT, *(each.id for each in offices), *(each.title for each in offices)}
    for name in sorted(watch.offices - known):
        watch.notes.append(f"--watch {name}: this log knows no office of that id or title")


def _require_root(watch: Watch, root: bytes) -> None:
    """Each bundle led to the signed root; so must one's own tree of all of them."""
    if watch.frontier.root(watch.frontier.size) != root:
        raise OutsideFailed(
            "the monitor's own tree is not the one that it has read",
            hint="its state is damaged: begin anew in another folder",
        )


def _further(known: TrustRoot, given: TrustRoot) -> TrustRoot:
    """Of the trust root that was kept and the one given now, the one that goes on further."""
    try:
        return roots.extend(known, given)
    except VerificationFailed:
        pass
    try:
        roots.extend(given, known)
        return known
    except VerificationFailed as error:
        raise VerificationFailed(
            f"this state was begun with another trust root: {error.fact}",
            hint="which of the two is the office's? then give each monitor a folder of its own",
        ) from error
