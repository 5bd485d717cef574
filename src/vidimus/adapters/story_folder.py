"""Where a story's people, texts and clock come from: the folder it lies in, and the registry's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vidimus.core.seal.keys import MemorySigner
from vidimus.errors import FormatError, NotFound, OutsideFailed, TooLarge, UsageError

LONGEST_TEXT = 2_000_000  # bytes


@dataclass(slots=True)
class StoryTexts:
    """The texts of a story: written in it, or in files beside it, and nowhere else."""

    folder: Path
    inline: Mapping[str, str]
    files: Mapping[str, str]
    _read: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        if name in self.inline:
            return self.inline[name]
        if name not in self.files:
            known = ", ".join(sorted({*self.inline, *self.files})) or "none"
            raise NotFound(f"the story has no text “{name}”", hint=f"it has: {known}")
        if name not in self._read:
            self._read[name] = self._from_file(self.files[name])
        return self._read[name]

    def _from_file(self, name: str) -> str:
        # A story is often somebody else's: it may not read the rest of this disk.
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise UsageError(
                f"the story's text {name} lies outside the story's folder",
                hint="put it beside the story",
            )
        try:
            if path.stat().st_size > LONGEST_TEXT:
                raise TooLarge(f"{name} has {path.stat().st_size} bytes; at most {LONGEST_TEXT}")
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise OutsideFailed(f"the story's text {name} cannot be read: {error}") from error
        except UnicodeDecodeError as error:
            raise FormatError(f"the story's text {name} is not UTF-8") from error


@dataclass(frozen=True, slots=True)
class KeptPerson:
    name: str
    key: str
    signer: MemorySigner


@dataclass(slots=True)
class FolderStage:
    """A Stage: people get a key of their own when the story begins."""

    people: Mapping[str, KeptPerson]
    texts: StoryTexts
    clock: Callable[[datetime], None]

    def person(self, name: str) -> tuple[str, str]:
        kept = self._kept(name)
        return kept.name, kept.key

    def signers(self, people: tuple[str, ...]) -> tuple[MemorySigner, ...]:
        return tuple(self._kept(each).signer for each in people)

    def move_clock(self, time: datetime) -> None:
        self.clock(time)

    def text(self, name: str) -> str:
        return self.texts.text(name)

    def _kept(self, name: str) -> KeptPerson:
        if name not in self.people:
            raise NotFound(f"nobody in the story is called “{name}”", hint="add it to its people")
        return self.people[name]
