"""A token that does what no real one may do, in the real cell: `python -P double.py WHAT`.

It stands in for the maker's module alone, and speaks as python-pkcs11 does. Its key is always
the same, so that a test knows the public one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType, ObjectClass, TokenFlag
from pkcs11 import exceptions as told
from pkcs11.types import PROTECTED_AUTH

from vidimus.adapters.tokens.session import P256
from vidimus.core.seal.keys import PublicKey

PIN = "1234"
SECRET = ec.derive_private_key(0x1D0C, ec.SECP256R1())
OTHER = ec.derive_private_key(0x0D0C, ec.SECP256R1())
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PUBLIC = PublicKey.of(SECRET.public_key())
COMMAND = (sys.executable, "-P", str(Path(__file__).resolve()))
USUAL = TokenFlag.TOKEN_INITIALIZED | TokenFlag.LOGIN_REQUIRED | TokenFlag.USER_PIN_INITIALIZED


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Found(dict[Attribute, Any]):
    """A thing on the token, by its attributes."""

    what = ""

    def __getitem__(self, attribute: Attribute) -> Any:
        if attribute not in self:
            raise told.AttributeTypeInvalid
        return super().__getitem__(attribute)

    def sign(self, digest: bytes, mechanism: Any, pin: str | None = None) -> bytes:
        if self.what in ("pulled out", "declined"):
            raise told.DeviceRemoved if self.what == "pulled out" else told.FunctionRejected
        if self.what == "slow":
            time.sleep(60)
        if self.what == "crash":
            os._exit(11)
        if self.what == "talks":
            raise told.GeneralError("the PIN 1234 was given")
        if self.what == "each time" and pin != PIN:
            raise told.UserNotLoggedIn
        key = OTHER if self.what == "another key" else SECRET
        der = key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        r, s = decode_dss_signature(der)
        s = max(s, ORDER - s)  # the high one, always
        size = 31 if self.what == "short" else 32
        signature = (r >> 8 * (32 - size)).to_bytes(size, "big") + s.to_bytes(32, "big")
        return bytes(64) if self.what == "zeros" else signature


def things(what: str) -> list[Found]:
    private = Found(
        {
            Attribute.CLASS: ObjectClass.PRIVATE_KEY,
            Attribute.LABEL: "ben",
            Attribute.ID: b"\x01",
            Attribute.KEY_TYPE: KeyType.RSA if what == "rsa" else KeyType.EC,
            Attribute.SIGN: what != "for decrypting",
            Attribute.ALWAYS_AUTHENTICATE: what == "each time",
        }
    )
    private.what = what
    inner = point(SECRET)
    public = Found(
        {
            Attribute.CLASS: ObjectClass.PUBLIC_KEY,
            Attribute.LABEL: "ben",
            Attribute.ID: b"\x01",
            Attribute.KEY_TYPE: KeyType.EC,
            Attribute.EC_PARAMS: P256,
            Attribute.EC_POINT: inner if what == "bare point" else bytes((4, 65)) + inner,
        }
    )
    if what == "no public key":
        return [private]
    if what == "off the curve":
        public[Attribute.EC_POINT] = bytes((4, 65, 4)) + bytes(64)
    if what == "two public keys":
        return [private, public, Found(public | {Attribute.EC_POINT: point(OTHER)})]
    if what == "certificate":
        seal = Found(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.ID: b"\x01",
                Attribute.VALUE: certificate(),
            }
        )
        return [private, seal]
    return [private, public]


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ben Birch")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(SECRET.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2031, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2032, 1, 1, tzinfo=UTC))
    )
    return built.sign(SECRET, hashes.SHA256()).public_bytes(Encoding.DER)


class Session:
    def __init__(self, what: str) -> None:
        self._things = things(what)

    def get_objects(self, wanted: dict[Attribute, Any]) -> Iterator[Found]:
        for each in self._things:
            if all(each.get(name) == value for name, value in wanted.items()):
                yield each

    def close(self) -> None:
        if mark := os.environ.get("DOUBLE_MARK"):
            Path(mark).write_text("logged out")


class Token:
    label, serial, manufacturer_id, model = "Double", b"1", "Nobody", "None"
    slot: Slot

    def __init__(self, what: str) -> None:
        self._what = what
        more = {
            "locked": TokenFlag.USER_PIN_LOCKED,
            "last try": TokenFlag.USER_PIN_FINAL_TRY,
            "no PIN yet": ~TokenFlag.USER_PIN_INITIALIZED,
            "pad": TokenFlag.PROTECTED_AUTHENTICATION_PATH,
        }.get(what, TokenFlag(0))
        self.flags = USUAL & more if what == "no PIN yet" else USUAL | more
        if what == "open to all":
            self.flags = TokenFlag.TOKEN_INITIALIZED

    def open(self, rw: bool, user_pin: Any) -> Session:
        if self._what == "pulled out at login":
            raise told.TokenNotPresent
        if self._what == "expired":
            raise told.PinExpired
        wanted = {"pad": PROTECTED_AUTH, "open to all": None}.get(self._what, PIN)
        if user_pin != wanted:
            if self._what == "locks":
                self.slot.locks()
                raise told.PinLocked
            self.slot.count()
            raise told.PinIncorrect
        return Session(self._what)


class Slot:
    slot_id = 0

    def __init__(self, what: str) -> None:
        self._token = Token(what)
        self._token.slot = self
        self._what = what

    def get_token(self) -> Token:
        return self._token

    def count(self) -> None:
        counted = {
            "counts": TokenFlag.USER_PIN_COUNT_LOW,
            "counts to one": TokenFlag.USER_PIN_FINAL_TRY,
            "counts to none": TokenFlag.USER_PIN_LOCKED,
        }
        self._token.flags |= counted.get(self._what, TokenFlag(0))

    def locks(self) -> None:
        self._token.flags |= TokenFlag.USER_PIN_LOCKED


class Library:
    def __init__(self, what: str) -> None:
        if what == "no module":
            raise told.PKCS11Error("OS exception while loading")
        if what == "prints":
            sys.stdout.write('{"point":"00","id":""}\n')
            sys.stdout.flush()
            os.write(1, b"a module that talks\n")
        self._slots = [Slot(what)] * (2 if what == "two tokens" else 1)

    def get_slots(self, token_present: bool) -> list[Slot]:
        return self._slots

    def finalize(self) -> None:
        pass


if __name__ == "__main__":
    from vidimus.adapters.tokens import cell

    cell.main(lambda module: Library(" ".join(sys.argv[1:])))
