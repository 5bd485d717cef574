"""One session with one key on one token, by the maker's module. Runs inside the cell only.

    found  →  opened (logged in, the key found or made)  →  sign …  →  closed

PKCS #11 v2.40 and 3.0 (OASIS); EC keys as its section 2.3 of the current mechanisms says:
CKM_ECDSA signs a digest and gives r || s.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass, TokenFlag
from pkcs11 import exceptions as told
from pkcs11.types import PROTECTED_AUTH

from vidimus.adapters.tokens.uri import TokenUri, encoded
from vidimus.errors import Conflict, FormatError, NotAllowed, NotFound, OutsideFailed, UsageError

P256 = bytes.fromhex("06082a8648ce3d030107")  # the DER of its object identifier, SEC 2
POINT = 65  # bytes of an uncompressed point on it
MOST_SHOWN = 8
# What a module says, by the attribute asked for, where it does not have it.
_LACKS = (
    *(told.AttributeTypeInvalid, told.AttributeSensitive, told.FunctionFailed),
    *(KeyError, IndexError),
)
_TRIES = (
    (TokenFlag.USER_PIN_LOCKED, "it is locked now", "its security officer can set a new PIN"),
    (TokenFlag.USER_PIN_FINAL_TRY, "one try is left before it locks", "be sure before you try"),
    (
        TokenFlag.USER_PIN_COUNT_LOW,
        "it counts wrong ones, and locks after some",
        "how many tries are left, this token does not say",
    ),
)


class TokenSession:
    """`library` is what `pkcs11.lib` gives; whoever hands it in loaded the module."""

    def __init__(self, library: Any, uri: TokenUri) -> None:
        self._library = library
        self._uri = uri
        self._token = _one_token(library, uri)
        self._session: Any = None
        self._key: Any = None
        self._again: str | None = None

    @property
    def label(self) -> str:
        return str(self._token.label)

    def asks(self) -> dict[str, bool]:
        """What there is to know before a PIN is asked for. Raises NotAllowed where none helps."""
        flags = self._token.flags
        if flags & TokenFlag.USER_PIN_LOCKED:
            raise _locked(self.label)
        if flags & TokenFlag.LOGIN_REQUIRED and not flags & TokenFlag.USER_PIN_INITIALIZED:
            raise NotAllowed(
                f"the token “{self.label}” has no PIN yet", hint="set one with its maker's tool"
            )
        pad = bool(flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH)
        return {
            "pin": bool(flags & TokenFlag.LOGIN_REQUIRED) and not pad,
            "pad": pad,
            "last": bool(flags & TokenFlag.USER_PIN_FINAL_TRY),
        }

    def open(self, pin: str | None, *, writing: bool = False) -> None:
        """Log in, once. A wrong PIN is never tried again here."""
        asked = self.asks()
        try:
            self._session = self._token.open(
                rw=writing, user_pin=PROTECTED_AUTH if asked["pad"] else pin
            )
        except told.PinLocked:
            raise _locked(self.label) from None
        except (told.PinIncorrect, told.PinInvalid, told.PinLenRange):
            raise self._wrong() from None
        except told.PinExpired:
            raise NotAllowed(
                f"the PIN of the token “{self.label}” has expired",
                hint="set a new one with its maker's tool",
            ) from None
        self._again = pin

    def find(self) -> bytes:
        """The key that the URI means; gives its public point, uncompressed."""
        keys = list(self._session.get_objects(self._template(ObjectClass.PRIVATE_KEY)))
        if not keys:
            there = list(self._session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
            raise NotFound(
                f"the token “{self.label}” has no such private key",
                hint=f"there are: {_named(there)}",
            )
        if len(keys) > 1:
            raise UsageError(
                f"{len(keys)} private keys on the token “{self.label}” are meant by this URI",
                hint=f"say more of the one: {_named(keys)}",
            )
        (self._key,) = keys
        kind = _value(self._key, Attribute.KEY_TYPE)
        if kind != KeyType.EC:
            raise FormatError(
                f"the key on the token “{self.label}” is of another kind"
                f" ({getattr(kind, 'name', 'unknown')})",
                hint="only keys on the curve P-256 sign here",
            )
        if _value(self._key, Attribute.SIGN) is False:
            raise NotAllowed(
                f"the key on the token “{self.label}” is not made for signing",
                hint="take another one, or: vidimus key new PERSON --token URI",
            )
        # Only a key that wants the PIN before each signature has it kept, for as long as this
        # session lasts; every other PIN is forgotten here.
        if _value(self._key, Attribute.ALWAYS_AUTHENTICATE) is not True:
            self._again = None
        return self._point()

    def make(self, label: str) -> bytes:
        """A new key that cannot leave the token. Never a second one of the same name."""
        id = self._uri.id if self._uri.id is not None else secrets.token_bytes(16)
        for attribute, value in ((Attribute.LABEL, label), (Attribute.ID, id)):
            wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, attribute: value}
            if list(self._session.get_objects(wanted)):
                raise Conflict(
                    f"the token “{self.label}” has a key of that name already",
                    hint="name another with object=, or use that one: vidimus key adopt",
                )
        try:
            curve = self._session.create_domain_parameters(
                KeyType.EC, {Attribute.EC_PARAMS: P256}, local=True
            )
            public, private = curve.generate_keypair(
                store=True,
                id=id,
                label=label,
                capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
                private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )
        except (told.FunctionNotSupported, told.MechanismInvalid) as error:
            raise OutsideFailed(
                f"the token “{self.label}” makes no P-256 keys by this module",
                hint="make one with its maker's tool, then: vidimus key adopt",
            ) from error
        kept = (Attribute.SENSITIVE, True), (Attribute.EXTRACTABLE, False)
        if any(_value(private, each) is not wanted for each, wanted in kept):
            for each in (public, private):
                with suppress(RuntimeError):
                    each.destroy()
            raise OutsideFailed(
                f"the token “{self.label}” made a key that could be taken out of it",
                hint="it was removed again; such a token holds no key of a signatory",
            )
        self._uri = TokenUri(self._uri.text, object=label, id=id)
        return self.find()

    @property
    def id(self) -> bytes:
        found = _value(self._key, Attribute.ID)
        return found if isinstance(found, bytes) else b""

    @property
    def stays(self) -> bool:
        """The token says that the key was made in it and never left it."""
        said = (Attribute.NEVER_EXTRACTABLE, Attribute.ALWAYS_SENSITIVE)
        return all(_value(self._key, each) is True for each in said)

    def sign(self, digest: bytes) -> bytes:
        """r || s over a SHA-256 digest, as the token gives it; whoever asked verifies it."""
        more = {} if self._again is None else {"pin": self._again}
        signature = self._key.sign(digest, mechanism=Mechanism.ECDSA, **more)
        return bytes(signature)

    def close(self) -> None:
        """Log out and close; what fails here fails because it is over already."""
        self._again = None
        session, self._session = self._session, None
        with suppress(RuntimeError):
            if session is not None:
                session.close()
        with suppress(RuntimeError):
            self._library.finalize()

    def _wrong(self) -> UsageError | NotAllowed:
        try:
            flags = self._token.slot.get_token().flags
        except RuntimeError:
            flags = 0
        fact = f"this is not the PIN of the token “{self.label}”"
        for flag, tries, hint in _TRIES:
            if flags & flag:
                return UsageError(f"{fact}; {tries}", hint=hint)
        return UsageError(fact, hint="how many tries are left, this token does not say")

    def _template(self, kind: ObjectClass) -> dict[Attribute, Any]:
        wanted: dict[Attribute, Any] = {Attribute.CLASS: kind}
        if self._uri.object is not None:
            wanted[Attribute.LABEL] = self._uri.object
        if self._uri.id is not None:
            wanted[Attribute.ID] = self._uri.id
        return wanted

    def _point(self) -> bytes:
        """From the public key of the same id, else from the certificate of the same id."""
        same: dict[Attribute, Any] = {Attribute.ID: self.id}
        if not self.id:
            same = {Attribute.LABEL: _value(self._key, Attribute.LABEL) or ""}
        publics = self._session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, **same})
        points = {each for each in map(_of_public, list(publics)) if each is not None}
        if not points:
            found = self._session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE, **same})
            points = {each for each in map(_of_certificate, list(found)) if each is not None}
        params = _value(self._key, Attribute.EC_PARAMS)
        if params not in (None, P256) or (b"" in points):
            raise FormatError(
                f"the key on the token “{self.label}” lies on another curve",
                hint="only keys on the curve P-256 sign here",
            )
        if len(points) != 1:
            raise NotFound(
                f"the token “{self.label}” shows "
                + ("several public keys" if points else "no public key")
                + " of this private key",
                hint="its public key or certificate must lie beside it, with the same id",
            )
        return points.pop()


def _one_token(library: Any, uri: TokenUri) -> Any:
    there = []
    for slot in library.get_slots(token_present=True):
        with suppress(told.TokenNotPresent, told.TokenNotRecognised):
            token = slot.get_token()
            if token.flags & TokenFlag.TOKEN_INITIALIZED:
                there.append(token)
    wanted = [each for each in there if _is(each, uri)]
    if not wanted:
        labels = ", ".join(f"“{each.label}”" for each in there[:MOST_SHOWN])
        raise NotFound(
            f"the token of {uri.shown} is not there",
            hint=f"there are: {labels}" if there else "plug it in; this module sees none at all",
        )
    if len(wanted) > 1:
        serials = ", ".join(f"serial={_serial(each)}" for each in wanted[:MOST_SHOWN])
        raise UsageError(
            f"{len(wanted)} tokens are meant by {uri.shown}", hint=f"say which: {serials}"
        )
    return wanted[0]


def _is(token: Any, uri: TokenUri) -> bool:
    pairs = (
        (uri.token, token.label),
        (uri.serial, _serial(token)),
        (uri.manufacturer, token.manufacturer_id),
        (uri.model, token.model),
        (uri.slot, token.slot.slot_id),
    )
    return all(wanted is None or wanted == is_ for wanted, is_ in pairs)


def _serial(token: Any) -> str:
    return bytes(token.serial).decode("ascii", "replace").strip()


def _locked(label: str) -> NotAllowed:
    return NotAllowed(
        f"the PIN of the token “{label}” is locked after too many wrong ones",
        hint="its security officer can set a new PIN; until then another key must sign",
    )


def _value(found: Any, attribute: Attribute) -> Any:
    try:
        return found[attribute]
    except _LACKS:
        return None


def _named(keys: Iterable[Any]) -> str:
    names = []
    for each in keys:
        id = _value(each, Attribute.ID) or b""
        label = _value(each, Attribute.LABEL) or ""
        names.append(f"object={encoded(label)};id={encoded(id)}")
    more = " …" if len(names) > MOST_SHOWN else ""
    return (", ".join(names[:MOST_SHOWN]) + more) or "none"


def _of_public(found: Any) -> bytes | None:
    """Its point; b"" for one on another curve, None for no EC key."""
    if _value(found, Attribute.KEY_TYPE) != KeyType.EC:
        return None
    point = _value(found, Attribute.EC_POINT)
    if not isinstance(point, bytes):
        return None
    # In an OCTET STRING since v2.20; some tokens give the point alone.
    if len(point) == POINT + 2 and point[:2] == bytes((4, POINT)):
        point = point[2:]
    if _value(found, Attribute.EC_PARAMS) not in (None, P256):
        return b""
    return point if len(point) == POINT and point[0] == 4 else b""


def _of_certificate(found: Any) -> bytes | None:
    value = _value(found, Attribute.VALUE)
    try:
        key = x509.load_der_x509_certificate(value or b"").public_key()
    except ValueError:
        return None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return None
    if not isinstance(key.curve, ec.SECP256R1):
        return b""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
