"""Where the parts of a registry lie on a disk, and what `vidimus init` writes there.

DIR/public/registry.json   the log's name and key, live or exercise
DIR/public/log.sqlite      the log, public documents and texts: the commit point
DIR/public/log.words/      the index of words of the public texts; made of them alone
DIR/public/clock.txt       the story's time, in an exercise
DIR/office/office.sqlite   sealed documents and drafts; never opened by the public desk
DIR/office/office.words/   the same of the drafts
DIR/office/{log,seal,receipt}.key  the registry's own keys, log-2.key … the later ones
DIR/people/*.key, *.pub    people's keys, where they are kept on this machine
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from vidimus.adapters import key_files
from vidimus.adapters.clock import StoryClock, SystemClock
from vidimus.adapters.durable import write_whole
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.office_store import SqliteOffice
from vidimus.core.acts.shapes import ORIGIN
from vidimus.core.acts.vocabulary import LogKey
from vidimus.core.log import note
from vidimus.errors import Conflict, FormatError, NotFound, OutsideFailed, UsageError
from vidimus.operations.ports import Clock
from vidimus.operations.registry import Settings

# An exercise says so in the name of its log, which every checkpoint and statement carries.
EXERCISE = "/exercise"


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
    def receipt_key(self) -> Path:
        return self.path / "office" / "receipt.key"

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
    key_files.save(folder.receipt_key, key_files.new_es256(), passphrase)
    first = LogKey(str(note.Signer.of(origin, log_key).verifier))
    settings = Settings(origin, exercise, (first,))
    if start is not None:
        StoryClock(folder.clock).move(start)
    SqliteLog(folder.log, create=True).head()
    SqliteOffice(folder.office, create=True).settle(lambda _digest: None)
    # Last, because it is what makes the folder a registry.
    write_settings(path, settings)
    return settings


def write_settings(path: Path, settings: Settings) -> None:
    keys = [
        {"key": each.key} | ({} if each.until is None else {"until": each.until})
        for each in settings.log_keys
    ]
    mode = "exercise" if settings.exercise else "live"
    content = {"log_keys": keys, "mode": mode, "origin": settings.origin, "v": 2}
    text = json.dumps(content, sort_keys=True, indent=1) + "\n"
    write_whole(Folder(path).settings, text.encode())


def settings(path: Path) -> Settings:
    folder = Folder(path)
    try:
        value = json.loads(folder.settings.read_text(encoding="utf-8"))
        if isinstance(value, dict) and value.get("v") == 1 and "log_key" in value:
            # As written before keys could change.
            value = value | {"v": 2, "log_keys": [{"key": value["log_key"]}]}
            del value["log_key"]
        if not isinstance(value, dict) or set(value) != {"v", "mode", "origin", "log_keys"}:
            raise ValueError("other fields than “vidimus init” writes")
        if value["v"] != 2 or value["mode"] not in ("live", "exercise"):
            raise ValueError("another version, or neither live nor an exercise")
        if not isinstance(value["origin"], str) or not ORIGIN.fullmatch(value["origin"]):
            raise ValueError("its origin is no name for a log")
        keys = tuple(map(_log_key, value["log_keys"]))
        found = Settings(value["origin"], value["mode"] == "exercise", keys)
        if found.exercise != found.origin.endswith(EXERCISE):
            raise ValueError(f"only the name of an exercise ends in {EXERCISE}")
        if not keys or any(note.Verifier.parse(each.key).name != found.origin for each in keys):
            raise ValueError("it has no key that bears the name of the log")
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


def _log_key(value: Any) -> LogKey:
    if not isinstance(value, dict) or not {"key"} <= set(value) <= {"key", "until"}:
        raise ValueError("a key of the log has a key, and may have an end")
    until = value.get("until")
    if not isinstance(value["key"], str) or (until is not None and type(until) is not int):
        raise ValueError("a key of the log is no text, or its end no number")
    return LogKey(value["key"], until)


def settings_or_none(path: Path, *, exercise: bool) -> Settings | None:
    """The settings, if there is such a registry."""
    try:
        found = settings(path)
    except (NotFound, FormatError):
        return None
    return found if found.exercise is exercise else None


def clock(path: Path, found: Settings) -> Clock:
    return StoryClock(Folder(path).clock) if found.exercise else SystemClock()


def move_clock(path: Path, time: datetime) -> None:
    """In an exercise, it is this time now."""
    if not settings(path).exercise:
        raise UsageError(
            "only an exercise has a clock that can be set", hint="leave --time away here"
        )
    StoryClock(Folder(path).clock).move(time)
