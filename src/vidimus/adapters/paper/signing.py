"""A PDF of ours gets the office's seal: PAdES B-B, or B-T with a time-stamp, by pyHanko.

One signature that certifies the file and allows no change after it (DocMDP, P=1: ISO 32000-2,
section 12.8.2.2), over one range of bytes from the first to the last. The key is whatever can
sign: a file, a token. pyHanko never sees it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from io import BytesIO
from typing import Any, TypeVar

from asn1crypto import x509
from asn1crypto.algos import SignedDigestAlgorithm
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers import Signer as CmsSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from vidimus.adapters.paper import certificate as certificates
from vidimus.core.seal.keys import Signer
from vidimus.errors import FormatError, OutsideFailed

FIELD = "Seal"
SECONDS = 20  # for the time-stamp service
# Room in the file for the signature, in bytes: 1,100 are used, and 6,000 with a time-stamp.
ROOM, ROOM_WITH_TIME = 3_000, 12_000
_ES256 = {"algorithm": "sha256_ecdsa"}
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
_HEX = re.compile(rb"<[0-9a-fA-F]*>")
T = TypeVar("T")


class _ByUs(CmsSigner):
    """pyHanko's door for keys that it does not hold."""

    def __init__(self, signer: Signer, certificate: x509.Certificate) -> None:
        super().__init__(
            signing_cert=certificate, signature_mechanism=SignedDigestAlgorithm(_ES256)
        )
        self._signer = signer

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if digest_algorithm != "sha256":
            raise SigningError("the seal key signs SHA-256")
        return bytes(72) if dry_run else certificates.der(self._signer.sign(data))


class PdfSealing:
    """With one key and its certificate, for as many files as there are."""

    def __init__(
        self,
        signer: Signer,
        certificate: bytes,
        *,
        name: str,
        timestamps: str | TimeStamper | None = None,
    ) -> None:
        """`timestamps`: the address of an RFC 3161 service. Raises FormatError."""
        self._signer = _ByUs(signer, certificates.read(certificate, signer.public))
        self._name = name
        self._stamper = (
            HTTPTimeStamper(timestamps, timeout=SECONDS)
            if isinstance(timestamps, str)
            else timestamps
        )

    def sign(self, pdf: bytes) -> bytes:
        """Raises OutsideFailed when the time-stamp service fails: then nothing is signed."""
        # PDF/A wants the new part on a line of its own, and Typst ends its file without one.
        content = BytesIO(pdf + b"\n")
        try:
            writer = IncrementalPdfFileWriter(content)
            metadata = PdfSignatureMetadata(
                field_name=FIELD,
                name=self._name,
                md_algorithm="sha256",
                subfilter=SigSeedSubFilter.PADES,
                certify=True,
                docmdp_permissions=MDPPerm.NO_CHANGES,
            )
            signing = PdfSigner(metadata, self._signer, timestamper=self._stamper)
            made = _run(
                signing.async_sign_pdf(
                    writer, bytes_reserved=2 * (ROOM_WITH_TIME if self._stamper else ROOM)
                )
            )
        except TimestampRequestError as error:
            raise OutsideFailed(
                f"the time-stamp service failed: {error}",
                hint="try again later, or leave --timestamp away: the seal holds without",
            ) from error
        except (PdfError, SigningError, ValueError) as error:
            raise FormatError(f"this PDF cannot be sealed: {error}") from error
        signed: bytes = made.getvalue()
        require_one_range(signed)
        return signed


def require_one_range(pdf: bytes) -> None:
    """One signature over everything but itself, and that is hex. Raises FormatError.

    What a general reader waves through, nobody shall find in a file of ours.
    """
    ranges = _RANGE.findall(pdf)
    if len(ranges) != 1:
        raise FormatError(f"{len(ranges)} signatures in a file that has one")
    start, first, second, rest = map(int, ranges[0])
    if (start, second + rest) != (0, len(pdf)):
        raise FormatError("a signature that does not cover the whole file")
    if _HEX.fullmatch(pdf[first:second]) is None:
        raise FormatError("something else than a signature stands in its gap")


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
