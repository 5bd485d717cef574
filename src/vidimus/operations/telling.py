"""What the log tells the world, entry by entry: for feeds, for messages and for notices.

    tellings.at(1042)            what this entry says, of one letter or of several
    tellings.history(letter)     all that was told of one letter
    tellings.feed()              the Atom feed, made of the last entries

It stands on the public desk, so that nothing sealed can be in it: what nobody may ask there, it
cannot tell. An entry always tells the same, so what it told once is kept in memory for a while.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from vidimus.core.acts import document as documents
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.shapes import LETTER_ID
from vidimus.core.copies.verdict import LogFacts
from vidimus.core.notices import atom
from vidimus.core.notices.atom import WINDOW
from vidimus.core.notices.states import Telling, told
from vidimus.core.notices.webhook import AsOf
from vidimus.core.seal.glance import glance
from vidimus.errors import NotFound
from vidimus.operations.desk import Desk
from vidimus.operations.perform import Done
from vidimus.operations.ports import Stored
from vidimus.operations.registry import Registry

KEPT = 4 * WINDOW  # entries of which we remember what they told
BLOCK = 256


def default_address(origin: str) -> str:
    """Where the public pages are, for a registry that says nothing else."""
    return f"https://{origin}/"


def told_by(registry: Registry, done: Done) -> Telling | None:
    """What an act tells that was done just now; None where it is nobody's business.

    From the office's own fold, so that it takes no longer in a long log than in a short one. Of
    that, only what is public on the log goes into it.
    """
    name = done.act.subject
    letter = registry.letter(name)
    if letter is None:
        return None
    following = registry.letter(letter.successor) if letter.successor is not None else None
    settings = registry.settings
    facts = LogFacts(
        registry=settings.origin,
        exercise=settings.exercise,
        size=done.index + 1,
        time=done.act.at,
        authority=registry.authority(),
        letters={each.id: each for each in (letter, following) if each is not None},
    )
    return told(name, facts, done.index)


class Tellings:
    """One for each server or command; any thread may ask it."""

    def __init__(self, desk: Desk, address: str) -> None:
        """`address` is that of the public pages, with a slash at its end."""
        self.desk = desk
        self.address = address
        self._lock = threading.RLock()
        self._kept: OrderedDict[int, tuple[Telling, ...]] = OrderedDict()
        self._letters: dict[str, int] = {}  # letters that were ever public → their first entry
        self._seen = 0  # entries that were looked through for letters

    def size(self) -> int:
        signed = self.desk.acts.signed()
        return signed.size if signed is not None else 0

    def as_of(self) -> AsOf:
        """How far the log goes. Raises NotFound for an empty one."""
        head = self.desk.head()
        return AsOf(head.size, head.root, self._time(head.size - 1))

    def between(self, start: int, stop: int) -> Iterator[Telling]:
        """What these entries tell, in their order."""
        for index in range(start, stop):
            yield from self.at(index)

    def at(self, index: int) -> tuple[Telling, ...]:
        with self._lock:
            if index not in self._kept:
                # Whoever asks for one asks for its neighbours next.
                first = index // BLOCK * BLOCK
                for stored in self.desk.face.entries(max(first, index), first + BLOCK):
                    if stored.index not in self._kept:
                        self._kept[stored.index] = self._told(stored)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            if index not in self._kept:
                raise NotFound(f"the log has no entry {index}")
            return self._kept[index]

    def history(self, letter: str) -> tuple[Telling, ...]:
        """All that was told of one letter, oldest first; nothing for one that is not public."""
        with self._lock:
            size = self.size()
            if not size or not LETTER_ID.fullmatch(letter):
                return ()
            found = self.desk.facts_at((letter,), size, self._time(size - 1)).letters.get(letter)
            if found is None or not found.public_versions:
                return ()
            spoken = {each.index for each in found.events}
            spoken |= {each for each in self.desk.revoking(size) if each > min(spoken)}
            made = (self._of(letter, each) for each in sorted(spoken))
            return tuple(each for each in made if each is not None)

    def present(self, letter: str) -> Telling | None:
        """What was told of it last; of a released letter, not what was said of its drafts."""
        history = self.history(letter)
        own = tuple(each for each in history if not each.draft) or history
        return own[-1] if own else None

    # --- feeds -----------------------------------------------------------------------------

    def feed(self, office: str | None = None) -> bytes:
        """The feed that one subscribes to: of the whole register, or of one office.

        Raises NotFound for an office that is not there.
        """
        size = self.size()
        start, _full = atom.windows(size)
        return self._page(office, start, size, None)

    def archive(self, number: int, office: str | None = None) -> bytes:
        """An archived page, which never changes. Raises NotFound for one that is not full yet."""
        if not 0 <= number < atom.windows(self.size())[1]:
            raise NotFound(f"no page {number} of the feed is archived yet")
        return self._page(office, number * WINDOW, (number + 1) * WINDOW, number)

    def letter_feed(self, letter: str) -> bytes:
        """All that was told of one letter. Raises NotFound, for a draft as for none."""
        history = self.history(letter)
        if not history:
            raise NotFound(f"no public letter has the number {letter[:40]}")
        last = history[-1]
        page = atom.Page(
            origin=last.origin,
            exercise=last.exercise,
            address=self.address,
            title=f"{last.reference or last.letter}: {last.title}",
            feed=f"c/{letter}/feed.atom",
            path=f"c/{letter}/feed.atom",
            about=f"c/{letter}",
            begun=last.time,
            tellings=history,
            complete=True,
        )
        return atom.write(page)

    def offices(self) -> tuple[str, ...]:
        return self._offices_at(self.size())

    def _offices_at(self, size: int) -> tuple[str, ...]:
        if not size:
            return ()
        return tuple(self.desk.facts_at((), size, self._time(size - 1)).authority.offices)

    def _page(self, office: str | None, start: int, stop: int, number: int | None) -> bytes:
        folder, title = "", "Letters of this register"
        begun = self._time(0) if stop else datetime.fromtimestamp(0, UTC)
        facts = self.desk.facts_at((), stop, begun)
        if office is not None:
            known = self.desk.facts_at((), self.size(), begun).authority.offices
            if office not in known:
                raise NotFound(f"there is no office “{office[:80]}” in this register")
            # As it was called by the end of this page: an archived one never changes.
            folder, title = f"offices/{office}/", f"Letters of {facts.authority.title(office)}"
        found: Sequence[Telling] = tuple(self.between(start, stop))
        if office is not None:
            found = atom.within(found, office)
        before = start // WINDOW - 1
        page = atom.Page(
            origin=facts.registry,
            exercise=facts.exercise,
            address=self.address,
            title=f"{title} ({facts.registry})",
            feed=f"{folder}feed.atom",
            path=f"{folder}feed.atom" if number is None else f"{folder}feed/{number}.atom",
            about=f"?office={quote(office)}" if office is not None else "",
            begun=begun,
            tellings=tuple(found),
            archive=number is not None,
            older=f"{folder}feed/{before}.atom" if before >= 0 else None,
        )
        return atom.write(page)

    def files(self, start: int, stop: int) -> Iterator[tuple[str, bytes, bool]]:
        """(path, content, archived) of all that the entries from `start` up to `stop` change.

        For whoever has the feeds as of `start`; of an office that is new, all its pages. The
        feeds that are subscribed to come last, when `stop` is the size of the log: what they
        point to is there by then.
        """
        offices, before = self._offices_at(stop), self._offices_at(start)
        for office in (None, *offices):
            folder = "" if office is None else f"offices/{office}/"
            first = 0 if office is not None and office not in before else start // WINDOW
            for number in range(first, atom.windows(stop)[1]):
                yield f"{folder}feed/{number}.atom", self.archive(number, office), True
        for letter in sorted({each.letter for each in self.between(start, stop)}):
            yield f"c/{letter}/feed.atom", self.letter_feed(letter), False
        if stop < self.size():
            return
        for office in offices:
            yield f"offices/{office}/feed.atom", self.feed(office), False
        if stop:
            yield "feed.atom", self.feed(), False

    # --- from the log ----------------------------------------------------------------------

    def _told(self, stored: Stored) -> tuple[Telling, ...]:
        if stored.document is None:
            return ()
        subject = documents.read(stored.document).subject
        if subject == AUTHORITY:
            if stored.index not in self.desk.revoking(stored.index + 1):
                return ()
            names = self._public(stored.index)
        else:
            names = (subject,)
        made = (self._of(name, stored.index) for name in names)
        return tuple(each for each in made if each is not None)

    def _of(self, letter: str, index: int) -> Telling | None:
        time = self._time(index)
        after = self.desk.facts_at((letter,), index + 1, time)
        if letter in after.letters and any(
            each.index == index for each in after.letters[letter].events[-1:]
        ):
            return told(letter, after, index)
        return told(letter, after, index, self.desk.facts_at((letter,), index, time))

    def _public(self, stop: int) -> tuple[str, ...]:
        """The letters that anything public was said of before this entry, in that order.

        A revocation may concern any of them, so all are looked at; that is seldom.
        """
        of_letters = f"{self.desk.settings.origin}/c/"
        for stored in self.desk.log.entries(self._seen, stop):
            subject = glance(stored.raw).subject
            _before, _found, name = subject.partition(of_letters)
            if stored.document is not None and LETTER_ID.fullmatch(name):
                self._letters.setdefault(name, stored.index)
            self._seen = stored.index + 1
        return tuple(name for name, first in self._letters.items() if first < stop)

    def _time(self, index: int) -> datetime:
        for stored in self.desk.face.entries(index, index + 1):
            return datetime.fromtimestamp(glance(stored.raw).issued_at, UTC)
        raise NotFound(f"the log has no entry {index}")
