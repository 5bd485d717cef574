"""The office's signature on a file: others find it sound, and nothing can be changed after it."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from tests.paper.conftest import LETTER, Office
from tests.paper.test_typesetting import setting, sheet

from vidimus.adapters.paper import certificate
from vidimus.adapters.paper.signing import PdfSealing, require_one_range
from vidimus.core.seal.keys import MemorySigner
from vidimus.errors import FormatError, OutsideFailed

KEY = MemorySigner(ec.derive_private_key(2031, ec.SECP256R1()))
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CERTIFICATE = certificate.issued(KEY, "letters.example.org/log", BEGIN)


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return setting(tmp_path_factory.mktemp("set")).typeset(sheet(LETTER, bundle=b"{}"))


@pytest.fixture(scope="module")
def signed(unsigned: bytes) -> bytes:
    return PdfSealing(KEY, CERTIFICATE, name="letters.example.org").sign(unsigned)


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here: sudo apt-get install {package}")
    return found


def said(*command: str | Path) -> str:
    ran = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return (ran.stdout + ran.stderr).decode(errors="replace")


def sound(pdf: bytes) -> tuple[bool, str]:
    """What pyHanko finds, with our certificate as the one that it trusts."""
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    trusted = certificate.read(CERTIFICATE, KEY.public)
    context = ValidationContext(trust_roots=[trusted], allow_fetching=False)
    status = asyncio.run(async_validate_pdf_signature(signature, context, context))
    return status.bottom_line, status.pretty_print_details()


def byte_range(pdf: bytes) -> list[int]:
    (found,) = re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", pdf)
    return [int(each) for each in found]


def test_one_signature_covers_all_and_allows_nothing_more(unsigned: bytes, signed: bytes) -> None:
    """spec/paper.md, 4.4."""
    start, first, second, rest = byte_range(signed)
    assert (start, second + rest) == (0, len(signed))
    assert re.fullmatch(rb"<[0-9a-fA-F]+>", signed[first:second])
    assert signed.startswith(unsigned + b"\n")
    assert re.search(rb"/TransformMethod\s*/DocMDP", signed)
    assert re.search(rb"/TransformParams\s*<<[^>]*/P 1\b", signed)
    assert b"/ETSI.CAdES.detached" in signed
    whole, details = sound(signed)
    assert whole, details


def test_poppler_finds_it_sound(signed: bytes, tmp_path: Path) -> None:
    tool = program("pdfsig", "poppler-utils")
    (tmp_path / "a.pdf").write_bytes(signed)
    told = said(tool, tmp_path / "a.pdf")
    assert "Signature is Valid." in told
    assert "Total document signed" in told and "Not total" not in told


def test_qpdf_finds_it_sound(signed: bytes, tmp_path: Path) -> None:
    tool = program("qpdf", "qpdf")
    (tmp_path / "a.pdf").write_bytes(signed)
    assert "No syntax or stream encoding errors found" in said(tool, "--check", tmp_path / "a.pdf")


def test_mupdf_finds_it_sound(signed: bytes, tmp_path: Path) -> None:
    tool = program("mutool", "mupdf-tools")
    (tmp_path / "a.pdf").write_bytes(signed)
    assert "The document is unchanged since signing." in said(
        tool, "sign", "-v", tmp_path / "a.pdf"
    )


def test_openssl_finds_it_sound(signed: bytes, tmp_path: Path) -> None:
    tool = program("openssl", "openssl")
    _, first, second, _ = byte_range(signed)
    cms = bytes.fromhex(signed[first + 1 : second - 1].decode())
    for name, content in (
        ("cms", cms),
        ("content", signed[:first] + signed[second:]),
        ("crt", CERTIFICATE),
    ):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "other").write_bytes(signed[:first] + signed[second:-1] + b"X")

    def verified(content: str) -> str:
        return said(
            *(tool, "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms"),
            *("-content", tmp_path / content, "-CAfile", tmp_path / "crt", "-purpose", "any"),
            *("-out", tmp_path / "out"),
        )

    assert "successful" in verified("content")
    assert "successful" not in verified("other")


def test_the_copies_of_a_letter_are_so_signed(office: Office, tmp_path: Path) -> None:
    tool = program("pdfsig", "poppler-utils")
    (crt,) = (office.folder / "office").glob("seal-*.crt")
    own = office.m.registry.seal_signer
    assert crt.name == f"seal-{own.kid.hex()[:16]}.crt"
    assert certificate.read(crt.read_bytes(), own.public)
    for number in (1, 5):
        require_one_range(office.pdf(number))
        (tmp_path / "a.pdf").write_bytes(office.pdf(number))
        assert "Signature is Valid." in said(tool, tmp_path / "a.pdf")


def test_a_changed_byte_is_found(signed: bytes) -> None:
    at = signed.index(b"/Title")
    assert not sound(signed[:at] + b"/Tytle" + signed[at + 6 :])[0]


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda pdf: pdf + b"\n1 0 obj\n<<>>\nendobj\n",
        lambda pdf: pdf + pdf[-400:],
        lambda pdf: re.sub(rb"/ByteRange \[0 ", b"/ByteRange [1 ", pdf),
        lambda pdf: re.sub(rb"/Contents <(.)", rb"/Contents <(", pdf),
        lambda pdf: pdf.replace(b"/ByteRange", b"/ByteRanga"),
        lambda pdf: pdf + b"/ByteRange [0 1 2 3]",
    ],
)
def test_our_rule_refuses_what_general_readers_let_pass(signed: bytes, spoilt: object) -> None:
    require_one_range(signed)
    assert callable(spoilt)
    with pytest.raises(FormatError):
        require_one_range(spoilt(signed))


def test_a_time_stamp_goes_into_the_signature(unsigned: bytes) -> None:
    private = rsa.generate_private_key(65537, 2048)
    raw = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    service = DummyTimeStamper(
        tsa_cert=_time_certificate(private, raw),
        tsa_key=asn1_keys.PrivateKeyInfo.load(der),
        certs_to_embed=SimpleCertificateStore(),
    )
    made = PdfSealing(KEY, CERTIFICATE, name="x", timestamps=service).sign(unsigned)
    require_one_range(made)
    (signature,) = PdfFileReader(BytesIO(made)).embedded_signatures
    beside = [each["type"].native for each in signature.signer_info["unsigned_attrs"]]
    assert beside == ["signature_time_stamp_token"]
    assert made.count(b"/ByteRange") == 1


def test_without_its_time_stamp_service_nothing_is_signed(unsigned: bytes) -> None:
    sealing = PdfSealing(KEY, CERTIFICATE, name="x", timestamps="http://127.0.0.1:9/")
    with pytest.raises(OutsideFailed, match="time-stamp service"):
        sealing.sign(unsigned)


def test_the_certificate_is_of_the_key_or_is_refused() -> None:
    other = MemorySigner(ec.derive_private_key(7, ec.SECP256R1()))
    with pytest.raises(FormatError, match="another key"):
        PdfSealing(other, CERTIFICATE, name="x")
    with pytest.raises(FormatError, match="no certificate"):
        PdfSealing(KEY, b"nothing", name="x")
    with pytest.raises(FormatError, match="ES256"):
        certificate.issued(
            MemorySigner(Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)), "x", BEGIN
        )


def test_openssl_reads_the_certificate(tmp_path: Path) -> None:
    tool = program("openssl", "openssl")
    (tmp_path / "crt").write_bytes(CERTIFICATE)
    assert ": OK" in said(tool, "verify", "-CAfile", tmp_path / "crt", tmp_path / "crt")


def _time_certificate(private: rsa.RSAPrivateKey, raw: bytes) -> x509.Certificate:
    from cryptography import x509 as crypto
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    name = crypto.Name([crypto.NameAttribute(NameOID.COMMON_NAME, "Time")])
    made = (
        crypto.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(BEGIN)
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(crypto.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(private, SHA256())
    )
    assert raw
    return x509.Certificate.load(made.public_bytes(Encoding.DER))
