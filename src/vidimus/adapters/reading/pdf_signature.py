"""Does the one signature of a PDF hold, and by which key? By pyHanko, in the cell.

pyHanko is asked about a file only after the structural rule has passed (`core/seal/pdf_structure`):
alone it accepts some files that were changed after they were signed. Nothing may have been added,
whatever the signature itself allows. The certificate is not believed, and nobody is asked about
it: it is the wrapping of a key, and whose key that is the log tells.
"""

from __future__ import annotations

import logging
import warnings
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from vidimus.core.seal.keys import PublicKey
from vidimus.core.seal.pdf_structure import Seal

HOLDS, BROKEN, UNKNOWN = Seal.HOLDS.value, Seal.BROKEN.value, Seal.UNKNOWN.value


def look(content: bytes) -> tuple[str, str]:
    """HOLDS and the key's text; BROKEN; or UNKNOWN, where it could not be verified.

    Whatever pyHanko raises, and whatever is missing here, is UNKNOWN.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logging.disable(logging.CRITICAL)
            return _look(content)
    except Exception:
        return UNKNOWN, ""
    finally:
        logging.disable(logging.NOTSET)


def _look(content: bytes) -> tuple[str, str]:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    (embedded,) = PdfFileReader(BytesIO(content), strict=True).embedded_signatures
    certificate = embedded.signer_cert
    trusted = ValidationContext(
        trust_roots=[certificate], allow_fetching=False, revocation_mode="soft-fail"
    )
    status = validate_pdf_signature(embedded, signer_validation_context=trusted)
    if not status.intact or not status.valid:
        return BROKEN, ""
    if (
        status.coverage is not SignatureCoverageLevel.ENTIRE_FILE
        or status.modification_level not in (None, ModificationLevel.NONE)
        or status.docmdp_ok is False
    ):
        return BROKEN, ""
    key = load_der_public_key(certificate.public_key.dump())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return UNKNOWN, ""  # of a kind that no register here has
    return HOLDS, PublicKey.of(key).to_text()
