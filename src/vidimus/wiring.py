"""Settings → adapters → operations: the only file that knows everything.

DIR/public/registry.json   the log's name and key, live or exercise
DIR/public/log.sqlite      the log, public documents and texts: the commit point
DIR/public/clock.txt       the story's time, in an exercise
DIR/office/office.sqlite   sealed documents and drafts; never opened by the public desk
DIR/office/{log,seal}.key  the registry's own keys
DIR/people/*.key, *.pub    people's keys, where they are kept on this machine
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vidimus.adapters import key_files, remote
from vidimus.adapters.clock import StoryClock, SystemClock
from vidimus.adapters.key_files import Passphrase, Person
from vidimus.adapters.reading.reader import CellReader
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.office_store import SqliteOffice
from vidimus.adapters.story_folder import FolderStage, KeptPerson, StoryTexts
from vidimus.core.acts.shapes import ORIGIN, SLUG, Line
from vidimus.core.copies.answers import rfc3339
from vidimus.core.log import note
from vidimus.core.seal import statement
from vidimus.core.seal.keys import PublicKey
from vidimus.errors import (
    Conflict,
    FormatError,
    NotFound,
    OutsideFailed,
    UsageError,
    VerificationFailed,
)
from vidimus.operations.desk import Desk
from vidimus.operations.play import Played
from vidimus.operations.play import play as play_story
from vidimus.operations.ports import Clock, Progress, Reader, Stored, silent
from vidimus.operations.registry import Actor, Registry, Settings
from vidimus.operations.staff_desk import StaffDesk
from vidimus.operations.story import Story
from vidimus.operations.verify import Verified, verify

# An exercise says so in the name of its log, which every checkpoint and statement carries.
EXERCISE = "/exercise"
LINE = get_args(Line)[1]


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the parts of a registry lie."""

    path: Path

    @property
    def settings(self) -> Path:
        return self.path / "public" / "registry.json"

    @property
    def log(self) -> Path:
        return self.path / "public" / "log.sqlite"

    @property
    def clock(self) -> Path:
        return self.path / "public" / "clock.txt"

    @property
    def office(self) -> Path:
        return self.path / "office" / "office.sqlite"

    @property
    def log_key(self) -> Path:
        return self.path / "office" / "log.key"

    @property
    def seal_key(self) -> Path:
        return self.path / "office" / "seal.key"

    @property
    def people(self) -> Path:
        return self.path / "people"


def init(
    path: Path,
    *,
    origin: str,
    exercise: bool,
    passphrase: bytes | None,
    start: datetime | None = None,
) -> Settings:
    """Make an empty registry with its own keys. Nothing is on its log yet."""
    folder = Folder(path)
    if not ORIGIN.fullmatch(origin) or len(origin) > 120:
        raise UsageError(
            f"“{origin}” is no name for a log", hint="as in letters.example.org/office"
        )
    if exercise != origin.endswith(EXERCISE):
        raise UsageError(
            f"the name of an exercise ends in {EXERCISE}, and that of a live registry does not",
            hint=f"{origin.removesuffix(EXERCISE)}{EXERCISE if exercise else ''}",
        )
    if folder.settings.exists():
        raise Conflict(f"{path} holds a registry already", hint="choose another folder")
    if exercise and start is None:
        raise UsageError("an exercise begins at its story's time", hint="--time TIME")
    if start is not None and not exercise:
        raise UsageError("only an exercise has a clock of its own", hint="leave --time away here")
    try:
        for part, mode in (("public", 0o755), ("office", 0o700), ("people", 0o700)):
            (path / part).mkdir(parents=True, exist_ok=True, mode=mode)
    except OSError as error:
        raise OutsideFailed(f"{path} cannot be made: {error}") from error
    log_key = key_files.new_ed25519()
    key_files.save(folder.log_key, log_key, passphrase)
    key_files.save(folder.seal_key, key_files.new_es256(), passphrase)
    settings = Settings(origin, exercise, str(note.Signer.of(origin, log_key).verifier))
    if start is not None:
        StoryClock(folder.clock).move(start)
    SqliteLog(folder.log, create=True).head()
    SqliteOffice(folder.office, create=True).settle(lambda _digest: None)
    # Last, because it is what makes the folder a registry.
    mode_name = "exercise" if exercise else "live"
    content = {"log_key": settings.log_key, "mode": mode_name, "origin": origin, "v": 1}
    _write(folder.settings, json.dumps(content, sort_keys=True, indent=1) + "\n")
    return settings


def _write(path: Path, content: str) -> None:
    """All of it, on the disk, or nothing."""
    beside = path.with_suffix(".new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        # Sync the folder too: after a power cut the file may exist without its name.
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise OutsideFailed(f"{path} cannot be written: {error}") from error


def settings(path: Path) -> Settings:
    folder = Folder(path)
    try:
        value = json.loads(folder.settings.read_text(encoding="utf-8"))
        if not isinstance(value, dict) or set(value) != {"v", "mode", "origin", "log_key"}:
            raise ValueError("other fields than “vidimus init” writes")
        if value["v"] != 1 or value["mode"] not in ("live", "exercise"):
            raise ValueError("another version, or neither live nor an exercise")
        if not isinstance(value["origin"], str) or not ORIGIN.fullmatch(value["origin"]):
            raise ValueError("its origin is no name for a log")
        if not isinstance(value["log_key"], str):
            raise ValueError("its key is no text")
        found = Settings(value["origin"], value["mode"] == "exercise", value["log_key"])
        if found.exercise != found.origin.endswith(EXERCISE):
            raise ValueError(f"only the name of an exercise ends in {EXERCISE}")
        note.Verifier.parse(found.log_key)
    except FileNotFoundError as error:
        raise NotFound(
            f"there is no registry in {path}", hint="make one with: vidimus init DIR"
        ) from error
    except OSError as error:
        raise OutsideFailed(f"{folder.settings} cannot be read: {error}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise FormatError(
            f"{folder.settings} is damaged: {error}", hint="restore it from a backup"
        ) from error
    return found


def settings_or_none(path: Path, *, exercise: bool) -> Settings | None:
    """The settings, if there is such a registry."""
    try:
        found = settings(path)
    except (NotFound, FormatError):
        return None
    return found if found.exercise is exercise else None


def clock(path: Path, found: Settings) -> Clock:
    return StoryClock(Folder(path).clock) if found.exercise else SystemClock()


def reader() -> Reader:
    return CellReader()


def public_desk(path: Path) -> Desk:
    """What anybody may ask. It opens the public folder, read only, and nothing else."""
    found = settings(path)
    log = SqliteLog(Folder(path).log, writable=False)
    return Desk(found, log, clock=clock(path, found), reader=reader())


def office(path: Path, passphrase: Passphrase) -> Registry:
    """The office's access, with the registry's own keys."""
    found = settings(path)
    folder = Folder(path)
    log_key = key_files.load(folder.log_key, passphrase)
    if not isinstance(log_key, Ed25519PrivateKey):
        raise FormatError(f"{folder.log_key.name} is not an Ed25519 key")
    log_signer = note.Signer.of(found.origin, log_key)
    if str(log_signer.verifier) != found.log_key:
        raise FormatError(f"{folder.log_key.name} is not the key of this log")
    return Registry(
        found,
        SqliteLog(folder.log),
        SqliteOffice(folder.office),
        log_signer=log_signer,
        seal_signer=key_files.signer(folder.seal_key, passphrase),
        clock=clock(path, found),
        random=os.urandom,
    )


def staff_desk(registry: Registry) -> StaffDesk:
    return StaffDesk(registry, reader=reader())


def verify_log(path: Path, as_outsider: bool, *, progress: Progress = silent) -> Verified:
    """Verify the whole log; as an outsider, without the office's file."""
    folder = Folder(path)
    # A copy of the public folder alone is verified from outside. Where there is an office,
    # its documents must be there too: that they are lost is what one wants to hear.
    inside = None
    if not as_outsider and folder.office.parent.exists():
        inside = SqliteOffice(folder.office)

    def opener(stored: Stored) -> bytes | None:
        if inside is None:
            return None
        document = inside.document(statement.parse(stored.raw).digest)
        if document is None:
            raise VerificationFailed(
                f"the sealed document of entry {stored.index} is missing",
                hint="restore the office's file from a backup",
            )
        return document

    log = SqliteLog(folder.log, writable=False)
    return verify(settings(path), log, opener, progress=progress)


def remote_check(
    address: str, parts: Sequence[bytes], *, office: str | None, at: datetime | None
) -> dict[str, Any]:
    """The answer of another registry's server; it sees the copy."""
    return remote.check(address, parts, office=office, at=rfc3339(at) if at else None)


def move_clock(path: Path, time: datetime) -> None:
    """In an exercise, it is this time now."""
    if not settings(path).exercise:
        raise UsageError(
            "only an exercise has a clock that can be set", hint="leave --time away here"
        )
    StoryClock(Folder(path).clock).move(time)


# --- people and their keys ----------------------------------------------------------------


def new_person(
    folder: Path, person: str, name: str, passphrase: bytes | None
) -> tuple[Path, Person]:
    """A key of their own for somebody; gives the file to hand over, and what is in it."""
    if not SLUG.fullmatch(person) or "/" in person:
        raise UsageError(
            f"“{person}” is no short name", hint="lower-case letters, digits and hyphens"
        )
    if not LINE.fullmatch(name):
        raise UsageError("a name is one line of at most 300 characters", hint="--name NAME")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OutsideFailed(f"{folder} cannot be made: {error}") from error
    if (folder / f"{person}.pub").exists():
        raise Conflict(f"{folder / person}.pub exists already", hint="move it away first")
    key = key_files.new_es256()
    key_files.save(folder / f"{person}.key", key, passphrase)
    made = Person(person, name, PublicKey.of(key.public_key()).to_text())
    key_files.save_person(folder / f"{person}.pub", made)
    return folder / f"{person}.pub", made


def person(path: Path, name: str) -> Person:
    """Somebody to be appointed: a name in the registry's folder, or a .pub file."""
    given = Path(name)
    file = given if given.suffix == ".pub" else Folder(path).people / f"{name}.pub"
    return key_files.load_person(file)


def actor(
    path: Path,
    people: list[str],
    office_name: str,
    passphrase: Passphrase,
    key: Path | None = None,
) -> Actor:
    """Whoever acts, with their keys; several people only where founders act together."""
    signers = []
    for index, name in enumerate(people):
        file = key if key is not None and index == 0 else Folder(path).people / f"{name}.key"
        signers.append(key_files.signer(file, passphrase))
    return Actor(people[0], office_name, tuple(signers))


def play(story: Story, story_folder: Path, path: Path, *, progress: Progress = silent) -> Played:
    """Play a story into a new exercise registry, whose people get keys of their own there."""
    init(
        path,
        origin=story.origin,
        exercise=True,
        passphrase=None,  # an exercise has nothing to protect, and its keys no value
        start=story.steps[0].at,
    )
    folder = Folder(path)
    people = {}
    for name, full in story.people.items():
        made = new_person(folder.people, name, full, None)[1]
        key = key_files.signer(folder.people / f"{name}.key", _no_passphrase)
        people[name] = KeptPerson(full, made.key, key)
    texts = StoryTexts(
        story_folder,
        {name: each.content for name, each in story.texts.items() if each.content is not None},
        {name: each.file for name, each in story.texts.items() if each.file is not None},
    )
    stage = FolderStage(people, texts, lambda time: move_clock(path, time))
    return play_story(
        story, office(path, _no_passphrase), public_desk(path), stage, progress=progress
    )


def _no_passphrase(name: str) -> tuple[bytes, ...]:
    raise UsageError(f"{name} is encrypted; the keys of an exercise are not")


def serve(path: Path, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the public pages until interrupted."""
    # Only who serves needs the web's libraries; the bare install has none of them.
    from vidimus.web.app import create_app
    from vidimus.web.server import serve as serve_app

    serve_app(create_app(public_desk(path)), host, port, ready)
