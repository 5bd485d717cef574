"""The keys that sign statements: their one text, their name, their signatures.

    es256:A2dxx8A2...       base64url of the 33 bytes of the compressed point (SEC 1, 2.3.3)
    ed25519:Wlzs...         base64url of the 32 bytes of RFC 8032

See spec/statement.md, section 3. A key's name (`kid`) is its COSE key thumbprint, SHA-256,
RFC 9679: two registries that hold the same key give it the same name.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vidimus.core.seal import cbor
from vidimus.errors import FormatError, VerificationFailed

ES256 = -7
EDDSA = -8
SIGNATURE_SIZE = 64

_NAMES = {ES256: "es256", EDDSA: "ed25519"}
_ALGS = {name: alg for alg, name in _NAMES.items()}

# The order of the P-256 group (SEC 2, section 2.4.2).
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_ECDSA = ec.ECDSA(SHA256())

_FIELD = 2**255 - 19
_D = -121665 * pow(121666, -1, _FIELD) % _FIELD
# The y of the eight points of small order on edwards25519: 0, 1, -1 and the two of order 8.
# Whoever "holds" such a key holds none: signatures by it can be made for any message.
_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER = {0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key to verify by. `raw`: 33 bytes (compressed point) for ES256, 32 for Ed25519."""

    alg: int
    raw: bytes

    def __post_init__(self) -> None:
        _load(self.alg, self.raw)

    @classmethod
    def of(cls, key: ec.EllipticCurvePublicKey | Ed25519PublicKey) -> PublicKey:
        if isinstance(key, Ed25519PublicKey):
            return cls(EDDSA, key.public_bytes_raw())
        if not isinstance(key.curve, ec.SECP256R1):
            raise FormatError(f"a key on the curve {key.curve.name}", hint="use P-256 or Ed25519")
        return cls(ES256, key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))

    def to_text(self) -> str:
        return f"{_NAMES[self.alg]}:{base64.urlsafe_b64encode(self.raw).decode().rstrip('=')}"

    @classmethod
    def from_text(cls, text: str) -> PublicKey:
        """Read a key; only the exact text `to_text()` would write. Raises FormatError."""
        return _of_text(text)

    @property
    def kid(self) -> bytes:
        """The COSE key thumbprint with SHA-256, 32 bytes."""
        return _thumbprint(self.alg, self.raw)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a COSE signature (RFC 9053 section 2). Raises VerificationFailed."""
        key = _load(self.alg, self.raw)
        try:
            require_signature_form(self.alg, signature)
            if isinstance(key, Ed25519PublicKey):
                key.verify(signature, message)
            else:
                r, s = _halves(signature)
                key.verify(encode_dss_signature(r, s), message, _ECDSA)
        except FormatError as error:
            raise VerificationFailed(error.fact, hint=error.hint) from error
        except InvalidSignature as error:
            raise VerificationFailed(
                f"the signature by the key {self.kid.hex()[:16]}… does not hold"
            ) from error


class Signer(Protocol):
    """Whoever can sign for a key: a file, a token, a key service.

    `sign` gives a COSE signature of 64 bytes: r || s for ES256, RFC 8032 for Ed25519.
    """

    @property
    def alg(self) -> int: ...

    @property
    def kid(self) -> bytes: ...

    @property
    def public(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class MemorySigner:
    """Signs with a private key held in memory. Where it came from is an adapter's business."""

    private: ec.EllipticCurvePrivateKey | Ed25519PrivateKey
    # Computed once: a log asks its key's name for every receipt.
    public: PublicKey = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "public", PublicKey.of(self.private.public_key()))

    @property
    def alg(self) -> int:
        return ES256 if isinstance(self.private, ec.EllipticCurvePrivateKey) else EDDSA

    @property
    def kid(self) -> bytes:
        return self.public.kid

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(message)
        # RFC 6979: no randomness to run out of, and a repeated act is the same bytes again.
        der = self.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return one_form(ES256, r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def one_form(alg: int, signature: bytes) -> bytes:
    """The signature in the one form that is accepted. Raises FormatError.

    With (r, s) anybody can write (r, n - s), an equally valid ECDSA signature of the same
    bytes: a second entry for one act that its signer never made. Only the low s counts;
    tokens and key services that give the high one are put right here.
    """
    if alg == ES256 and len(signature) == SIGNATURE_SIZE:
        r, s = _halves(signature)
        signature = r.to_bytes(32, "big") + min(s, (_P256_ORDER - s) % 2**256).to_bytes(32, "big")
    require_signature_form(alg, signature)
    return signature


def require_signature_form(alg: int, signature: bytes) -> None:
    """Refuse what `one_form` would not give, without knowing the key. Raises FormatError.

    Ed25519 needs no such rule here: RFC 8032 bounds S, and its verification compares R as bytes.
    """
    if len(signature) != SIGNATURE_SIZE:
        raise FormatError(f"malformed signature: {len(signature)} bytes, not 64")
    if alg == ES256:
        r, s = _halves(signature)
        if not 0 < r < _P256_ORDER or not 0 < s <= _P256_ORDER // 2:
            raise FormatError(
                "malformed signature: r or s is out of range",
                hint="s must be the lower of its two values",
            )


def require_ed25519_point(raw: bytes) -> None:
    """Refuse bytes that are not an Ed25519 key in its one form (RFC 8032 section 5.1.3).

    OpenSSL takes any 32 bytes and finds out at the first verification, or never.
    """
    if len(raw) != 32:
        raise FormatError(f"malformed key: {len(raw)} bytes, not 32")
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _FIELD:
        raise FormatError("malformed key: not in its one form")
    if y in _SMALL_ORDER:
        raise FormatError("malformed key: a point of small order, for which anybody can sign")
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _FIELD) % _FIELD
    if pow(x_squared, (_FIELD - 1) // 2, _FIELD) != 1:
        raise FormatError("malformed key: not a point on the curve")


# A log names few keys, and each of them thousands of times.
@lru_cache(maxsize=4096)
def _of_text(text: str) -> PublicKey:
    name, _, encoded = text.partition(":")
    if name not in _ALGS or len(encoded) > 44:
        raise FormatError(
            f"malformed key: {text[:60]!r}", hint=f"begins with one of {', '.join(_ALGS)}"
        )
    try:
        raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"malformed key: {text!r} is not base64url") from error
    key = PublicKey(_ALGS[name], raw)
    if key.to_text() != text:
        raise FormatError(f"malformed key: {text!r} is not in its one form")
    return key


# Decompressing a point costs as much as verifying; an office signs many acts with one key.
@lru_cache(maxsize=4096)
def _load(alg: int, raw: bytes) -> ec.EllipticCurvePublicKey | Ed25519PublicKey:
    if alg == EDDSA:
        require_ed25519_point(raw)
        return Ed25519PublicKey.from_public_bytes(raw)
    if alg != ES256:
        raise FormatError(f"malformed key: unknown algorithm {alg}", hint="-7 ES256 or -8 EdDSA")
    if len(raw) != 33 or raw[0] not in (2, 3):
        raise FormatError("malformed key: not a compressed point of 33 bytes")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError as error:
        raise FormatError("malformed key: not a point on the curve") from error


@lru_cache(maxsize=4096)
def _thumbprint(alg: int, raw: bytes) -> bytes:
    """RFC 9679 section 4: the required parameters alone, uncompressed, encoded in one form."""
    key = _load(alg, raw)
    if isinstance(key, Ed25519PublicKey):
        return sha256(cbor.encode({1: 1, -1: 6, -2: raw})).digest()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return sha256(cbor.encode({1: 2, -1: 1, -2: point[1:33], -3: point[33:]})).digest()


def _halves(signature: bytes) -> tuple[int, int]:
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
