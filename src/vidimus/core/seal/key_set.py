"""Public keys as COSE writes them: one COSE_Key, and the set that a log answers with.

    {1: 2, 2: kid, 3: -7, -1: 1, -2: x, -3: y}       P-256, for ES256
    {1: 1, 2: kid, 3: -8, -1: 6, -2: x}              Ed25519, for EdDSA

RFC 9052 section 7, RFC 9053 section 7; the key id is the thumbprint of RFC 9679. SCRAPI serves
them at /.well-known/scitt-keys, one of them under the base64url of its key id. See
spec/receipt.md, section 4.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vidimus.core.seal import cbor
from vidimus.core.seal.keys import EDDSA, ES256, PublicKey
from vidimus.errors import FormatError

# A log changes its keys every few years, not every day.
MOST_KEYS = 1_000
LONGEST = 200_000

# Key parameters, and their values for the two sorts of key.
_KTY, _KID, _ALG, _CRV, _X, _Y = 1, 2, 3, -1, -2, -3
_OKP, _EC2 = 1, 2
_P256, _ED25519 = 1, 6


def write_key(key: PublicKey) -> bytes:
    """One COSE_Key: the answer for one key id."""
    return cbor.encode(_parameters(key))


def parse_key(encoded: bytes) -> PublicKey:
    """Read a COSE_Key; only the exact bytes that `write_key()` would write. Raises FormatError."""
    _require_short(encoded)
    return _key(cbor.decode(encoded))


def write(keys: Iterable[PublicKey]) -> bytes:
    """A COSE_KeySet, in the order given: the key in use first, retired ones after it."""
    parameters = [_parameters(key) for key in keys]
    _require_set([one[_KID] for one in parameters])
    return cbor.encode(parameters)


def parse(encoded: bytes) -> tuple[PublicKey, ...]:
    """Read a COSE_KeySet; only the exact bytes that `write()` would write. Raises FormatError."""
    _require_short(encoded)
    listed = cbor.decode(encoded)
    if not isinstance(listed, list | tuple):
        raise FormatError("malformed key set: not an array")
    keys = tuple(map(_key, listed))
    _require_set([key.kid for key in keys])
    return keys


def name(key: PublicKey) -> str:
    """The key's place in a URL: its key id in base64url without padding (SCRAPI section 2.2)."""
    return base64.urlsafe_b64encode(key.kid).decode().rstrip("=")


def _parameters(key: PublicKey) -> dict[int, Any]:
    if key.alg == EDDSA:
        return {_KTY: _OKP, _KID: key.kid, _ALG: EDDSA, _CRV: _ED25519, _X: key.raw}
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.raw).public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )
    return {
        _KTY: _EC2,
        _KID: key.kid,
        _ALG: ES256,
        _CRV: _P256,
        _X: point[1:33],
        _Y: point[33:],
    }


def _key(parameters: object) -> PublicKey:
    if not isinstance(parameters, Mapping):
        raise FormatError("malformed key: not a map")
    x, y = parameters.get(_X), parameters.get(_Y, b"")
    if not isinstance(x, bytes) or not isinstance(y, bytes) or len(x) != 32:
        raise FormatError("malformed key: no coordinates of 32 bytes")
    key = PublicKey(ES256, bytes([2 + (y[-1] & 1)]) + x) if y else PublicKey(EDDSA, x)
    # A private part, another use, a key id of one's own choice, another point: all other bytes.
    if cbor.encode(parameters) != write_key(key):
        raise FormatError("malformed key: not in its one form")
    return key


def _require_set(kids: list[bytes]) -> None:
    if not 0 < len(kids) <= MOST_KEYS:
        raise FormatError(f"malformed key set: {len(kids)} keys, not 1 to {MOST_KEYS}")
    if len(set(kids)) != len(kids):
        raise FormatError("malformed key set: a key stands in it twice")


def _require_short(encoded: bytes) -> None:
    if len(encoded) > LONGEST:
        raise FormatError(f"malformed key set: {len(encoded)} bytes, more than {LONGEST}")
