"""What a command needs of the terminal: where to write, progress, files, passphrases."""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from vidimus.errors import Conflict, NotFound, OutsideFailed, TooLarge, UsageError

# What would steer the terminal, or turn the direction of the writing, is shown and not obeyed:
# words of a stranger's copy and of a stranger's server are printed here. In JSON it means the same.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
MOST_PASSPHRASES = 20  # lines of a passphrase file that are tried
PIN_FILE = "name a file with it in the URI: …?pin-source=/path/of/a/file, mode 600"
MOST_BYTES = 64 * 1024 * 1024  # the reader has its own, finer limits


@dataclass(slots=True)
class Terminal:
    """Standard input, output and error, handed in so that tests can hand in others."""

    stdin: BinaryIO
    out: TextIO
    err: TextIO
    secret: Callable[[str], str] = getpass.getpass
    # What a command opened and must not leave open, as the session with a token.
    at_end: ExitStack = field(default_factory=ExitStack)

    def say(self, line: str = "") -> None:
        self.out.write(_seen(line) + "\n")

    def note(self, line: str) -> None:
        """Something beside the answer: it goes to standard error."""
        self.err.write(_seen(line) + "\n")
        self.err.flush()

    def progress(self, what: str, share: float | None = None) -> None:
        """One line that is written over, on a terminal; nothing where nobody watches."""
        if self.err.isatty():
            done = f" {share:4.0%}" if share is not None else ""
            self.err.write(f"\r\x1b[K  {what}{done}")
            self.err.flush()

    def progress_over(self) -> None:
        if self.err.isatty():
            self.err.write("\r\x1b[K")
            self.err.flush()

    def read(self, name: str) -> bytes:
        """A file, or standard input for “-”."""
        if name == "-":
            content = self.stdin.read(MOST_BYTES + 1)
        else:
            try:
                if Path(name).exists() and not (Path(name).is_file() or Path(name).is_dir()):
                    raise UsageError(
                        f"{name} is a pipe or a device", hint="give a file, or - for a pipe"
                    )
                with Path(name).open("rb") as file:
                    content = file.read(MOST_BYTES + 1)
            except FileNotFoundError as error:
                raise NotFound(f"there is no file {name}") from error
            except IsADirectoryError as error:
                raise UsageError(f"{name} is a folder", hint="give the file itself") from error
            except OSError as error:
                raise OutsideFailed(f"{name} cannot be read: {error.strerror}") from error
        if len(content) > MOST_BYTES:
            raise TooLarge(
                f"{name} is larger than {MOST_BYTES >> 20} MiB",
                hint="give the pages in question only",
            )
        return content

    def write(self, name: str, content: bytes) -> None:
        """A new file, with all of it or not at all; never over an old one."""
        try:
            with Path(name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError as error:
            raise Conflict(f"{name} exists already", hint="-o ANOTHER") from error
        except OSError as error:
            with suppress(OSError):
                Path(name).unlink()
            raise OutsideFailed(f"{name} cannot be written: {error.strerror}") from error

    def passphrase(self, file: str | None) -> Asking:
        """Asks for the passphrase of a key; the lines of a file are tried one after another."""
        return Asking(self, file)

    def new_passphrase(self, file: str | None, none: bool) -> bytes | None:
        """For a new key: None only where that was chosen aloud."""
        if none:
            return None
        if file is None:
            file = os.environ.get("VIDIMUS_PASSPHRASE_FILE") or None
        if file is None and not _somebody():
            raise UsageError(
                "a new key is encrypted with a passphrase, and nobody is there to be asked",
                hint="--passphrase-file FILE, or --no-passphrase to leave it unprotected",
            )
        given = self.passphrase(file)("the new key")[0].rstrip(b"\r")
        if file is None and given != self.typed("once more: "):
            raise UsageError("the two passphrases differ")
        if not given:
            raise UsageError("an empty passphrase protects nothing", hint="or --no-passphrase")
        return given

    def typed(self, prompt: str, instead: str = "--passphrase-file FILE") -> bytes:
        """Without an echo."""
        try:
            return self.secret(prompt).encode()
        except EOFError as error:
            raise UsageError("nothing was typed", hint=instead) from error


@dataclass(frozen=True, slots=True)
class Asking:
    """Whoever is asked for what opens a key: the passphrase of a file, the PIN of a token."""

    terminal: Terminal
    file: str | None

    def __call__(self, name: str) -> tuple[bytes, ...]:
        chosen = self.file or os.environ.get("VIDIMUS_PASSPHRASE_FILE")
        if chosen:
            lines = self.terminal.read(chosen).split(b"\n")[:MOST_PASSPHRASES]
            return tuple(line.rstrip(b"\r") for line in lines)
        if not _somebody():
            raise UsageError(
                f"the key {name} is encrypted, and nobody is there to be asked",
                hint="--passphrase-file FILE",
            )
        return (self.terminal.typed(f"passphrase of {name}: "),)

    def pin(self, token: str, last: bool) -> str:
        """Never from the passphrases: a token counts wrong ones, and locks."""
        if not _somebody():
            raise UsageError(
                f"the token “{token}” wants its PIN, and nobody is there to be asked",
                hint=PIN_FILE,
            )
        note = " (the last try before it locks)" if last else ""
        return self.terminal.typed(f"PIN of the token {_seen(token)}{note}: ", PIN_FILE).decode()

    @property
    def at_end(self) -> ExitStack:
        return self.terminal.at_end


def _somebody() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _seen(line: str) -> str:
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
