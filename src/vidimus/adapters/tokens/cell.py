"""A process of its own that holds a token's module: questions in, answers out, one line each.

    {"do":"find","uri":"pkcs11:…"}            {"label":"OFFICE","pin":true,"pad":false,"last":false}
    {"do":"open","pin":"…"}                   {"point":"04…","id":"…","stays":true}
    {"do":"make","pin":"…","label":"ada"}     {"point":"04…","id":"…","stays":true}
    {"do":"sign","digest":"…"}                {"signature":"…"}

An error is {"error":CODE,"fact":…,"hint":…}, as in errors.py. When nobody asks any more, it
logs out, closes the session and ends.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pkcs11
from pkcs11 import exceptions as told

from vidimus.adapters.tokens import uri as uris
from vidimus.adapters.tokens.session import TokenSession
from vidimus.errors import NotFound, OutsideFailed, VidimusError

LONGEST = 64 * 1024  # bytes of a line

_GONE = (
    *(told.DeviceRemoved, told.TokenNotPresent, told.TokenNotRecognised, told.SlotIDInvalid),
    *(told.SessionHandleInvalid, told.SessionClosed),
    *(told.ObjectHandleInvalid, told.KeyHandleInvalid),
)
_DECLINED = (told.FunctionRejected, told.FunctionCancelled)

Library = Callable[[str], Any]


class Cell:
    """Answers one caller about one token."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._session: TokenSession | None = None

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Never raises: what goes wrong is an answer, too."""
        try:
            return self._answered(asked)
        except VidimusError as error:
            failed = error
        except RuntimeError as error:  # every error of the library is one
            failed = self._of(error)
        return {"error": failed.code, "fact": failed.fact, "hint": failed.hint}

    def end(self) -> None:
        if self._session is not None:
            self._session.close()

    def _answered(self, asked: dict[str, Any]) -> dict[str, Any]:
        do = asked["do"]
        if do == "find":
            uri = uris.parse(asked["uri"])
            self._session = TokenSession(self._loaded(uri.module or ""), uri)
            return {"label": self._session.label, **self._session.asks()}
        assert self._session is not None, "the token is found first"
        if do == "sign":
            return {"signature": self._session.sign(bytes.fromhex(asked["digest"])).hex()}
        self._session.open(asked["pin"], writing=do == "make")
        point = self._session.make(asked["label"]) if do == "make" else self._session.find()
        return {"point": point.hex(), "id": self._session.id.hex(), "stays": self._session.stays}

    def _loaded(self, module: str) -> Any:
        if not Path(module).is_file():
            raise NotFound(
                f"there is no PKCS#11 module {module}",
                hint="module-path= names the library of the token's maker; of many cards it is"
                " opensc-pkcs11.so",
            )
        try:
            return self._library(module)
        except RuntimeError as error:
            raise OutsideFailed(
                f"{module} does not work as a PKCS#11 module ({type(error).__name__})",
                hint="module-path= names the library of the token's maker",
            ) from error

    def _of(self, error: RuntimeError) -> VidimusError:
        where = f"“{self._session.label}”" if self._session is not None else "there"
        if isinstance(error, _GONE):
            return OutsideFailed(
                f"the token {where} is gone: pulled out, or no longer the same",
                hint="nothing was signed; plug it in and do it again",
            )
        if isinstance(error, _DECLINED):
            return OutsideFailed(
                f"it was declined on the token {where}", hint="nothing was signed; do it again"
            )
        # Only the name: the words are the library's, and might repeat what it was given.
        return OutsideFailed(
            f"the token {where} failed: {type(error).__name__}",
            hint="nothing was signed; unplug it, plug it in and do it again",
        )


def serve(questions: BinaryIO, answers: BinaryIO, library: Library) -> None:
    cell = Cell(library)
    try:
        while line := questions.readline(LONGEST):
            answers.write(json.dumps(cell.answer(json.loads(line))).encode() + b"\n")
            answers.flush()
    finally:
        cell.end()


def main(library: Library | None = None) -> None:
    # An interruption is the caller's to tell; a dump of the memory would hold the PIN.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a module prints must not be taken for an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers, library or pkcs11.lib)
    # Not through the interpreter's end: some modules crash or hang when they are unloaded.
    os._exit(0)


if __name__ == "__main__":
    main()
