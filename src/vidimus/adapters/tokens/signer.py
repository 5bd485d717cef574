"""A key on a token as a Signer, new keys, and the cell that holds the module.

The caller's side of `cell.py`. Whatever the module does, it ends within a time that is known:
an act is signed while nobody else can write, and others wait half a minute for that.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from types import TracebackType
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec

from vidimus import errors
from vidimus.adapters.tokens import pins
from vidimus.adapters.tokens.uri import TokenUri
from vidimus.core.seal.keys import ES256, PublicKey, one_form
from vidimus.errors import FormatError, NotAllowed, OutsideFailed, UsageError, VerificationFailed

# Asked for the PIN of a named token, and told whether it is the last try.
Pin = Callable[[str, bool], str]
COMMAND = (sys.executable, "-P", "-m", "vidimus.adapters.tokens.cell")
MODULE_VARIABLE = "VIDIMUS_TOKEN_MODULE"
OPEN_SECONDS = 60.0  # a PIN may be typed on the device
SIGN_SECONDS = 20.0  # a finger may be wanted; below what other writers wait for (sqlite)
END_SECONDS = 3.0
LONGEST = 64 * 1024
_RAISED = {
    each.code: each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, errors.VidimusError)
}


class TokenSigner:
    """Signs with a key that never leaves its token, until `close`; see `Signer`."""

    def __init__(
        self,
        uri: TokenUri,
        pin: Pin,
        *,
        make: str | None = None,
        command: Sequence[str] = COMMAND,
        seconds: float = SIGN_SECONDS,
    ) -> None:
        """Asks for the PIN where the token wants one. `make` is the label of a new key."""
        self.uri = uri
        self._seconds = seconds
        self._cell = _Cell(command, uri)
        try:
            found = self._cell.ask({"do": "find", "uri": _with_module(uri)}, OPEN_SECONDS)
            secret = _pin(uri, found, pin)
            asked = {"do": "open"} if make is None else {"do": "make", "label": make}
            opened = self._cell.ask({**asked, "pin": secret}, OPEN_SECONDS)
            self.public = _public(opened["point"], found["label"])
            self.id = bytes.fromhex(opened["id"])
            # By the token's own word, which nobody else can check.
            self.stays: bool = opened["stays"]
        except BaseException:
            self.close()
            raise
        self.label: str = found["label"]

    @property
    def alg(self) -> int:
        return ES256

    @property
    def kid(self) -> bytes:
        return self.public.kid

    def sign(self, message: bytes) -> bytes:
        """CKM_ECDSA over the SHA-256, with the low s; verified before anybody sees it."""
        digest = sha256(message).hexdigest()
        given = self._cell.ask({"do": "sign", "digest": digest}, self._seconds)["signature"]
        try:
            signature = one_form(ES256, bytes.fromhex(given))
            self.public.verify(message, signature)
        except (FormatError, VerificationFailed) as error:
            raise OutsideFailed(
                f"the token “{self.label}” gave a signature that does not hold by the public key"
                " that it shows",
                hint="nothing was signed; the public key beside the private one may be another's",
            ) from error
        return signature

    def close(self) -> None:
        """Logs out and ends the session; may be said twice."""
        self._cell.end()

    def __enter__(self) -> TokenSigner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Cell:
    def __init__(self, command: Sequence[str], uri: TokenUri) -> None:
        if find_spec("pkcs11") is None:
            # Told here, where the door knows which extra brings it.
            raise ModuleNotFoundError("No module named 'pkcs11'", name="pkcs11")
        self._shown = uri.shown
        self._heard = b""
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise OutsideFailed(
                f"the process for the token could not be started: {error.strerror}",
                hint="check that Python can start processes here",
            ) from error

    def ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Its answer, or the error that it is. Without one in time the cell is ended."""
        try:
            answer = self._answered(question, seconds)
        except BaseException:
            self._kill()
            raise
        if "error" in answer:
            raised = _RAISED.get(answer["error"], OutsideFailed)
            raise raised(str(answer["fact"]), hint=str(answer["hint"]))
        return answer

    def _answered(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None
        if into.closed:
            raise OutsideFailed(
                f"the session with the token of {self._shown} was ended already",
                hint="nothing was signed; do it again",
            )
        with suppress(BrokenPipeError):  # it ended, and what it said before that is read below
            into.write(json.dumps(question).encode() + b"\n")
        until = time.monotonic() + seconds
        while b"\n" not in self._heard:
            if not select.select([out], [], [], max(0.0, until - time.monotonic()))[0]:
                raise OutsideFailed(
                    f"the token of {self._shown} gave no answer within {seconds:.0f} seconds",
                    hint="nothing was signed; does it wait for a finger? Else plug it in anew",
                )
            more = os.read(out.fileno(), LONGEST)
            if not more or len(self._heard) > LONGEST:
                raise self._broken()
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        try:
            answer = json.loads(line)
        except ValueError as error:
            raise self._broken() from error
        if not isinstance(answer, dict):
            raise self._broken()
        return answer

    def _broken(self) -> OutsideFailed:
        return OutsideFailed(
            f"the module of the token of {self._shown} broke down",
            hint="nothing was signed; plug the token in anew, or ask its maker",
        )

    def end(self) -> None:
        """Ask no more, so that it logs out; and where it does not end by itself, end it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()

    def _kill(self) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _with_module(uri: TokenUri) -> str:
    module = uri.module or os.environ.get(MODULE_VARIABLE, "")
    if not module.startswith("/"):
        raise UsageError(
            "which module speaks with this token?" if not module else "module-path is not absolute",
            hint="…?module-path=/usr/lib/…/opensc-pkcs11.so, or the one of the token's maker;"
            f" or ${MODULE_VARIABLE}",
        )
    if uri.module:
        return uri.text
    between = "&" if "?" in uri.text else "?"
    return f"{uri.text}{between}module-path={quote(module)}"


def _pin(uri: TokenUri, found: dict[str, Any], pin: Pin) -> str | None:
    if not found["pin"]:
        return None
    if uri.pin_source is None:
        return pins.checked(pin(found["label"], found["last"]), "what was typed")
    if found["last"]:
        # A file that is wrong once is wrong again, and whoever runs this may be a timer.
        raise NotAllowed(
            f"a wrong PIN was tried on the token “{found['label']}”, and one try is left",
            hint="a file may not spend it: leave pin-source away and type the PIN",
        )
    return pins.from_source(uri.pin_source)


def _public(point: str, label: str) -> PublicKey:
    try:
        curve = ec.SECP256R1()
        key = ec.EllipticCurvePublicKey.from_encoded_point(curve, bytes.fromhex(point))
    except ValueError as error:
        raise FormatError(f"the public key on the token “{label}” is no point of P-256") from error
    return PublicKey.of(key)
