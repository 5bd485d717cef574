"""Feeds, messages and notices of a registry's folder.

DIR/public/address.txt       where the public pages are: https://letters.example.org/
DIR/office/notices/ACT.txt   the office's own text of a notice, as in notices/withdraw.txt
DIR/public/log/feed.atom …   the feeds, beside the other files that are published
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from threading import Event, Thread

from vidimus.adapters import lock
from vidimus.adapters.sqlite.outbox import SqliteOutbox
from vidimus.adapters.tile_files import TileFiles
from vidimus.adapters.webhooks import HttpPost, require_url
from vidimus.core.acts.shapes import LETTER_ID
from vidimus.core.notices import templates, webhook
from vidimus.core.notices.states import Telling
from vidimus.core.notices.subscriber import DeadLetter, Place, Subscriber
from vidimus.errors import (
    Conflict,
    FormatError,
    NotAllowed,
    NotFound,
    OutsideFailed,
    UsageError,
    VidimusError,
)
from vidimus.operations.delivering import Counted, Deliveries, Post
from vidimus.operations.perform import Done
from vidimus.operations.registry import Registry
from vidimus.operations.telling import Tellings, default_address, told_by
from vidimus.wiring.desks import public_desk
from vidimus.wiring.folder import Folder, settings
from vidimus.wiring.publish import public_face

PAUSE = 0.5  # seconds between two looks whether there is something to tell
PUBLISHED = "feed/size"  # up to which entry the feeds are published
MOST_ADDRESS = 300
MOST_AT_ONCE = 1024  # entries of which the feeds are published in one go


def address(path: Path) -> str:
    """Where the public pages are, with a slash at its end. Raises FormatError."""
    file = path / "public" / "address.txt"
    try:
        said = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return default_address(settings(path).origin)
    except (OSError, UnicodeDecodeError) as error:
        raise OutsideFailed(f"{file} cannot be read: {error}") from error
    try:
        parts = require_url(said, private=True)
    except UsageError as error:
        raise FormatError(f"{file}: {error.fact}", hint=_PAGES) from error
    if parts.query or "?" in said or not said.endswith("/") or len(said) > MOST_ADDRESS:
        raise FormatError(f"{file} is no address of pages", hint=_PAGES)
    return said


_PAGES = "one line, with a slash at its end: https://letters.example.org/"


def tellings(path: Path) -> Tellings:
    return Tellings(public_desk(path), address(path))


# --- feeds as files --------------------------------------------------------------------------


def publish_feeds(path: Path, to: Path | None = None) -> int:
    """Bring the feeds beside the published log up to its head; gives how many were written."""
    told, written = tellings(path), 0
    while True:
        more, done = publish_some_feeds(path, told, to)
        written += more
        if done:
            return written


def publish_some_feeds(
    path: Path, told: Tellings, to: Path | None = None, most: int = MOST_AT_ONCE
) -> tuple[int, bool]:
    """The same for so many entries, and whether that was all.

    Of a long log the first time takes a while, and nobody shall wait with the log itself.
    """
    files, written = TileFiles(to or public_face(path)), 0
    with files.writing():
        size, start = told.size(), _published(files)
        if start == size:
            return 0, True
        # An older log than was published: whatever is there, is made anew.
        start = start if start < size else 0
        stop = min(size, start + most)
        for name, content, archived in told.files(start, stop):
            if archived and _same(files, name, content):
                continue
            files.replace(name, content)
            written += 1
        files.sync()
        # After all of them: who was stopped before begins again where he had begun.
        files.replace(PUBLISHED, f"{stop}\n".encode())
        files.sync()
    return written, stop == size


def _published(files: TileFiles) -> int:
    try:
        said = files.read(PUBLISHED)
    except NotFound:
        return 0
    return int(said) if said[:-1].isdigit() and len(said) < 17 else 0


def _same(files: TileFiles, name: str, content: bytes) -> bool:
    try:
        return files.read(name) == content
    except NotFound:
        return False


# --- notices ---------------------------------------------------------------------------------


def notice(path: Path, letter: str, told: Tellings | None = None) -> str:
    """The notice of what was told last of this letter. Raises NotAllowed where nothing was."""
    told = told or tellings(path)
    last = told.present(letter)
    if last is None:
        raise NotAllowed(
            "nothing is public of this letter, so there is nothing to tell of it",
            hint="a notice is made once it is released, acknowledged as a draft or declared forged",
        )
    return _notice(path, told.address, last)


def notice_of(path: Path, registry: Registry, done: Done) -> str | None:
    """The notice of an act done just now; None where it says nothing to the world."""
    made = told_by(registry, done)
    return None if made is None else _notice(path, address(path), made)


def _notice(path: Path, pages: str, last: Telling) -> str:
    name = templates.NAMES[last.act]
    file = Folder(path).office.parent / "notices" / f"{name}.txt"
    try:
        own = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return templates.notice(last, pages)
    except (OSError, UnicodeDecodeError) as error:
        raise OutsideFailed(f"{file} cannot be read: {error}") from error
    return templates.notice(last, pages, own, str(file))


# --- subscribers -----------------------------------------------------------------------------


def outbox(path: Path) -> SqliteOutbox:
    settings(path)
    return SqliteOutbox(Folder(path).office)


def add_subscriber(
    path: Path,
    url: str,
    *,
    letter: str | None = None,
    office: str | None = None,
    secret: str | None = None,
    private: bool = False,
    start: int | None = None,
) -> tuple[Subscriber, str]:
    """Tell this address from now on, or from an entry on; gives the secret that it needs."""
    require_url(url, private=private)
    told = tellings(path)
    size = told.size()
    if letter is not None:
        letter = letter.upper().replace("-", "").strip()
        if not LETTER_ID.fullmatch(letter):
            raise UsageError("a letter is named by its number here", hint="ABCD-EFGH-2345-6723")
    if office is not None and office not in told.offices():
        raise NotFound(f"there is no office “{office[:80]}”")
    if start is not None and start > size:
        raise UsageError(f"the log has {size} entries", hint="leave --from away for “from now on”")
    if any(
        (each.url, each.letter, each.office) == (url, letter, office) for each in outbox(path).all()
    ):
        raise Conflict("this address is told of the same already", hint="vidimus subscribers list")
    raw = webhook.read_secret(secret) if secret is not None else os.urandom(32)
    made = Subscriber(
        id=f"sub-{os.urandom(5).hex()}",
        url=url,
        secret=raw,
        place=Place(size if start is None else start),
        letter=letter,
        office=office,
        private=private,
    )
    outbox(path).add(made)
    return made, webhook.write_secret(raw)


def remove_subscriber(path: Path, name: str) -> None:
    outbox(path).remove(name)


def subscribers(path: Path) -> tuple[tuple[Subscriber, ...], tuple[DeadLetter, ...]]:
    """All of them, and the messages that were given up. Their secrets are left out."""
    found = outbox(path)
    return tuple(replace(each, secret=b"") for each in found.all()), found.dead()


def tell_again(path: Path, name: str) -> int:
    return outbox(path).again(name)


# --- delivery --------------------------------------------------------------------------------


def deliveries(
    path: Path,
    say: Callable[[str], None],
    *,
    post: Post | None = None,
    now: Callable[[], float] = time.time,
) -> Deliveries:
    """Whoever asks for them must be `alone_delivering`. The time is this machine's."""
    return Deliveries(
        tellings(path),
        outbox(path),
        post or HttpPost(),
        now=now,
        chance=SystemRandom().random,
        say=say,
    )


@contextmanager
def alone_delivering(path: Path) -> Iterator[None]:
    """While this lasts, no other process tells anybody. Raises Conflict."""
    with lock.alone(Folder(path).office.with_suffix(".delivering"), "a delivery"):
        yield


def deliver_once(path: Path, say: Callable[[str], None]) -> Counted:
    """Send all that is due, and wait for the answers."""
    with alone_delivering(path):
        made = deliveries(path, say)
        try:
            made.round()
            made.settle()
        finally:
            made.close()
        return made.counted


def deliver_on(path: Path, say: Callable[[str], None], over: Event, pause: float = PAUSE) -> None:
    """Send what is due until `over`. What fails here is said once, and tried again."""
    with alone_delivering(path):
        made = deliveries(path, say)
        said = ""
        try:
            while not over.wait(pause):
                now = ""
                try:
                    made.round()
                except VidimusError as error:
                    now = error.fact
                if now and now != said:
                    say(f"delivery: {now}")
                said = now
        finally:
            made.close()


@contextmanager
def delivering(path: Path, say: Callable[[str], None], *, pause: float = PAUSE) -> Iterator[None]:
    """While this lasts, a thread tells the subscribers within seconds of each act.

    Where another process does so already, this one waits until that one ends.
    """
    over = Event()

    def run() -> None:
        said = ""
        while not over.is_set():
            now = ""
            try:
                deliver_on(path, say, over, pause)
            except Conflict:
                over.wait(5 * pause)
            except VidimusError as error:
                now = error.fact
                over.wait(5 * pause)
            if now and now != said:
                say(f"delivery: {now}")
            said = now

    thread = Thread(target=run, daemon=True, name="delivery")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
