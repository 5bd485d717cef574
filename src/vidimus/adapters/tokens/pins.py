"""The PIN of a token from a file: pin-source of RFC 7512, section 2.3.

A PIN never stands on the command line, in a setting or in an error; nothing here keeps it.
"""

from __future__ import annotations

import os
import stat
from urllib.parse import unquote

from vidimus.errors import FormatError, NotFound, OutsideFailed, UsageError

LONGEST = 255  # bytes; no token takes more


def from_source(source: str) -> str:
    """The first line of the file. Raises UsageError where others can read it."""
    path = _path(source)
    try:
        # Looked at and read through one handle: it cannot be changed for another in between.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise UsageError(f"the PIN file {path} is not a file")
            if stat.S_IMODE(mode) & 0o077:
                raise UsageError(
                    f"others on this machine can read the PIN file {path}", hint=f"chmod 600 {path}"
                )
            content = file.read(4 * LONGEST)
    except FileNotFoundError as error:
        raise NotFound(f"there is no PIN file {path}", hint="pin-source=/path/of/it") from error
    except OSError as error:
        raise OutsideFailed(f"the PIN file {path} cannot be read: {error.strerror}") from error
    try:
        pin = content.split(b"\n")[0].rstrip(b"\r").decode("utf-8")
    except UnicodeDecodeError:
        # Not chained: such an error repeats the bytes.
        raise FormatError(f"the PIN file {path} is not UTF-8") from None
    return checked(pin, f"the PIN file {path}")


def checked(pin: str, where: str) -> str:
    """An empty PIN is not tried: to some modules it means “ask on the device”, to some a try."""
    if not pin:
        raise UsageError(f"{where} gives no PIN", hint="its first line is the PIN")
    if len(pin.encode()) > LONGEST or "\0" in pin:
        raise UsageError(f"{where} gives no PIN that a token could have")
    return pin


def _path(source: str) -> str:
    path = source
    if source.startswith("file:"):
        path = unquote(source.removeprefix("file:"))
        if path.startswith("//"):
            host, _, rest = path[2:].partition("/")
            path = f"/{rest}" if host in ("", "localhost") else ""
    if not path.startswith("/") or "\0" in path:
        raise UsageError("pin-source names no file", hint="pin-source=/path/of/a/file, mode 600")
    return path
