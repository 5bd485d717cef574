"""The X.509 certificate of a seal key, issued by that key itself.

Readers of PDFs want a certificate before they look at a signature. Nobody is asked to trust
this one: whether the key is the register's, the trust root says, and nothing else.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from asn1crypto import algos, core, keys, pem, x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vidimus.core.seal.keys import ES256, PublicKey, Signer
from vidimus.errors import FormatError

# It says nothing about how long the key counts (the trust root does), and none shall run out
# while papers are kept.
YEARS = timedelta(days=36525)
_ES256 = {"algorithm": "sha256_ecdsa"}


def issued(signer: Signer, origin: str, at: datetime) -> bytes:
    """A certificate in PEM for the key of this signer. Raises FormatError."""
    if signer.alg != ES256:
        raise FormatError("a PDF is sealed with ES256", hint="make a seal key on P-256")
    name = x509.Name.build({"organization_name": origin[:64], "common_name": "Seal"})
    begins = at.astimezone(UTC).replace(microsecond=0)
    raw = _public(signer.public).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int.from_bytes(hashlib.sha256(raw).digest()[:16]),
            "signature": _ES256,
            "issuer": name,
            "validity": {
                "not_before": _time(begins),
                "not_after": _time(begins + YEARS),
            },
            "subject": name,
            "subject_public_key_info": keys.PublicKeyInfo.load(raw),
            "extensions": [
                _extension("basic_constraints", {"ca": False}),
                _extension("key_usage", {"digital_signature", "non_repudiation"}),
                _extension("key_identifier", signer.kid[:20], critical=False),
            ],
        }
    )
    made = x509.Certificate(
        {
            "tbs_certificate": body,
            "signature_algorithm": algos.SignedDigestAlgorithm(_ES256),
            "signature_value": core.OctetBitString(der(signer.sign(body.dump()))),
        }
    )
    armored: bytes = pem.armor("CERTIFICATE", made.dump())
    return armored


def read(content: bytes, key: PublicKey) -> x509.Certificate:
    """The certificate in this file, if it is of this key. Raises FormatError."""
    try:
        _, _, raw = pem.unarmor(content)
        certificate = x509.Certificate.load(raw, strict=True)
        given = certificate.public_key.dump()
    except (ValueError, TypeError) as error:
        raise FormatError(
            "this is no certificate", hint="remove the file; it is made anew"
        ) from error
    own = _public(key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if given != own:
        raise FormatError(
            "this certificate is of another key", hint="remove the file; it is made anew"
        )
    return certificate


def der(signature: bytes) -> bytes:
    """r ‖ s, as COSE has it, in the form of X.509 and CMS (RFC 3279 section 2.2.3)."""
    return encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))


def _public(key: PublicKey) -> EllipticCurvePublicKey:
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key.raw)


def _time(at: datetime) -> x509.Time:
    # RFC 5280 section 4.1.2.5: two digits for the year until 2049.
    return x509.Time({"utc_time" if at.year < 2050 else "general_time": at})


def _extension(name: str, value: object, *, critical: bool = True) -> dict[str, object]:
    return {"extn_id": name, "critical": critical, "extn_value": value}
