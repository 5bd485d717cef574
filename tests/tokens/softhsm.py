"""Tokens made of software: SoftHSM 2, in folders of the test's own."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import serialization

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/*/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
PIN = "271828"


def module() -> str:
    found = next((each for place in PLACES for each in sorted(glob.glob(place))), None)  # noqa: PTH207
    if found is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not here: sudo apt-get install softhsm2")
    return found


class SoftHsm:
    """A folder of tokens, and the file with the PIN that opens each."""

    def __init__(self, folder: Path, setenv: Callable[[str, str], None]) -> None:
        self.module = module()
        self.tokens = folder / "tokens"
        self.tokens.mkdir()
        self.pin = folder / "pin"
        self.pin.touch(0o600)
        self.pin.write_text(PIN + "\n")
        conf = folder / "softhsm2.conf"
        conf.write_text(
            f"directories.tokendir = {self.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        setenv("SOFTHSM2_CONF", str(conf))

    def token(self, label: str) -> None:
        self._call("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "31415926")

    def put(self, token: str, label: str, id: str, key: object) -> None:
        """A private key from outside, with its public one."""
        pem = self.tokens.parent / f"{label}-{id}.pem"
        pem.write_bytes(
            key.private_bytes(  # type: ignore[attr-defined]
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self._call(
            *("--import", str(pem), "--token", token, "--label", label, "--id", id, "--pin", PIN)
        )

    def uri(
        self, token: str, object: str | None = None, *, pin: bool = True, more: str = ""
    ) -> str:
        name = f";object={quote(object, safe='')}" if object is not None else ""
        source = f"&pin-source={self.pin}" if pin else ""
        return f"pkcs11:token={quote(token, safe='')}{name}?module-path={self.module}{source}"

    def pull_out(self) -> None:
        self.tokens.rename(self.tokens.with_name("pulled"))

    def plug_in(self) -> None:
        self.tokens.with_name("pulled").rename(self.tokens)

    def _call(self, *arguments: str) -> None:
        subprocess.run(
            ["softhsm2-util", *arguments], check=True, capture_output=True, env=dict(os.environ)
        )
