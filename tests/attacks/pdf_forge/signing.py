"""A signature in a PDF (ISO 32000-2, 12.8; ETSI EN 319 142-1), the same bytes every time.

The CMS (RFC 5652) is put together here because libraries put the time of day into it. The key is
a test key: its private number is the SHA-256 of “vidimus test key: paper”.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.attacks.pdf_forge.book import (
    FIELD,
    PAGE,
    PAGES,
    SIGNATURE,
    Doc,
    appended,
    startxref,
    written,
)

ROOM = 2000  # hexadecimal digits
RANGE = "/ByteRange [0 0000000000 0000000000 0000000000]"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def key(name: str = "paper") -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(hashlib.sha256(f"vidimus test key: {name}".encode()).digest())
    return ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())


def certificate(name: str = "paper") -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Ministry of Coasts ({name})")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(name).public_key())
        .serial_number(2031)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2060, 1, 1, tzinfo=UTC))
        .add_extension(usage, critical=True)
        .sign(key(name), hashes.SHA256(), ecdsa_deterministic=True)
        .public_bytes(Encoding.DER)
    )


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(size)]) + size + body


def _oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    out = bytearray([40 * first + second])
    for number in rest:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | number & 0x7F)
        out += bytes(reversed(groups))
    return _der(6, bytes(out))


_DATA, _SIGNED = _oid("1.2.840.113549.1.7.1"), _oid("1.2.840.113549.1.7.2")
_SHA256 = _der(0x30, _oid("2.16.840.1.101.3.4.2.1"))
_ECDSA = _der(0x30, _oid("1.2.840.10045.4.3.2"))
_KIND, _DIGEST = _oid("1.2.840.113549.1.9.3"), _oid("1.2.840.113549.1.9.4")
_WHOSE = _oid("1.2.840.113549.1.9.16.2.47")


def cms(covered: bytes, name: str = "paper") -> bytes:
    """SignedData without its content, with the attributes that PAdES B-B asks for."""
    own = certificate(name)
    read = x509.load_der_x509_certificate(own)
    kind = _der(0x30, _KIND, _der(0x31, _DATA))
    digest = _der(0x30, _DIGEST, _der(0x31, _der(4, hashlib.sha256(covered).digest())))
    whose = _der(0x30, _der(0x30, _der(0x30, _der(4, hashlib.sha256(own).digest()))))
    attributes = sorted([kind, digest, _der(0x30, _WHOSE, _der(0x31, whose))])
    signature = key(name).sign(
        _der(0x31, *attributes), ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    )
    serial = _der(2, read.serial_number.to_bytes(2))
    signer = _der(
        0x30, _der(2, b"\x01"), _der(0x30, read.issuer.public_bytes(), serial), _SHA256,
        _der(0xA0, *attributes), _ECDSA, _der(4, signature),
    )  # fmt: skip
    data = _der(
        0x30, _der(2, b"\x01"), _der(0x31, _SHA256), _der(0x30, _DATA), _der(0xA0, own),
        _der(0x31, signer),
    )  # fmt: skip
    return _der(0x30, _SIGNED, _der(0xA0, data))


def prepared(doc: Doc, *, certified: int | None = 1) -> dict[int, bytes]:
    """The objects of a file with a place for a signature, which allows so much after it."""
    doc.page += f" /Annots [{FIELD} 0 R]" if "/Annots" not in doc.page else ""
    perms = f"/Perms << /DocMDP {SIGNATURE} 0 R >>" if certified else ""
    doc.catalogue += f" /AcroForm << /Fields [{FIELD} 0 R] /SigFlags 3 >> {perms}"
    return doc.objects() | {SIGNATURE: signature(certified), FIELD: widget(SIGNATURE)}


def signature(certified: int | None = 1) -> bytes:
    allows = (
        "/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams"
        f" << /Type /TransformParams /V /1.2 /P {certified} >> >>]"
    )
    return (
        f"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached {RANGE}"
        f" /Contents <{'0' * ROOM}> {allows if certified else ''} >>"
    ).encode()


def widget(value: int, name: str = "Seal") -> bytes:
    return (
        f"<< /Type /Annot /Subtype /Widget /FT /Sig /T ({name}) /V {value} 0 R /F 132"
        f" /Rect [0 0 0 0] /P {PAGE} 0 R >>"
    ).encode()


def filled(content: bytes, name: str = "paper") -> bytes:
    """The last signature of the file, filled in over the whole of it."""
    begin = content.rindex(b"/Contents <" + b"0" * ROOM) + 10
    stop = begin + ROOM + 2
    told = b"/ByteRange [0 %010d %010d %010d]" % (begin, stop, len(content) - stop)
    content = content[:begin].replace(RANGE.encode(), told) + content[begin:]
    made = cms(content[:begin] + content[stop:], name).hex().upper().encode()
    return content[: begin + 1] + made.ljust(ROOM, b"0") + content[stop - 1 :]


def signed(doc: Doc | None = None, *, certified: int | None = 1, trailer: str = "") -> bytes:
    return filled(written(prepared(doc or Doc(), certified=certified), trailer))


__all__ = ["PAGES", "appended", "filled", "signed", "startxref"]
