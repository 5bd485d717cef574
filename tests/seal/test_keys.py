"""A key has one text, one name, and signatures in one form."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.seal import keys
from vidimus.core.seal.keys import EDDSA, ES256, MemorySigner, PublicKey
from vidimus.errors import FormatError, VerificationFailed

OFFICE = MemorySigner(ec.derive_private_key(2031, ec.SECP256R1()))
LOG = MemorySigner(Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P = 2**255 - 19
MESSAGE = b"The office is not in a position to approve the request."


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def other_s(signature: bytes) -> bytes:
    """The signature that anybody can make of an ECDSA signature."""
    return signature[:32] + (ORDER - int.from_bytes(signature[32:])).to_bytes(32)


@pytest.mark.parametrize("signer", [OFFICE, LOG])
def test_a_key_is_read_back_from_its_text(signer: MemorySigner) -> None:
    text = signer.public.to_text()
    assert PublicKey.from_text(text) == signer.public
    assert PublicKey.of(signer.private.public_key()) == signer.public
    assert (signer.alg, signer.kid) == (signer.public.alg, signer.public.kid)


def test_the_name_of_a_key_is_its_cose_thumbprint() -> None:
    """RFC 9679 section 6, the worked example; and the key of RFC 8032 section 7.1, test 1."""
    numbers = ec.EllipticCurvePublicNumbers(
        0x65EDA5A12577C2BAE829437FE338701A10AAA375E1BB5B5DE108DE439C08551D,
        0x1E52ED75701163F7F9E40DDF9F341B3DC9BA860AF7E0CA7CA7E9EECD0084D19C,
        ec.SECP256R1(),
    )
    assert PublicKey.of(numbers.public_key()).kid.hex() == (
        "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"
    )
    ed25519 = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert PublicKey(EDDSA, ed25519).kid.hex() == (
        "866eefbd6718c8846cd7ddfe43fc74ab1daac4538ff8514ea2ec2d410a415743"
    )


@pytest.mark.parametrize("signer", [OFFICE, LOG])
def test_a_signature_holds_for_its_message_and_key_alone(signer: MemorySigner) -> None:
    signature = signer.sign(MESSAGE)
    assert len(signature) == 64
    signer.public.verify(MESSAGE, signature)
    stranger = MemorySigner(ec.derive_private_key(7, ec.SECP256R1()))
    for key, message in (
        (signer.public, MESSAGE.replace(b"not ", b"")),
        (stranger.public, MESSAGE),
    ):
        with pytest.raises(VerificationFailed):
            key.verify(message, signature)
    for bit in range(0, 512, 3):
        flipped = (int.from_bytes(signature) ^ (1 << bit)).to_bytes(64)
        with pytest.raises(VerificationFailed):
            signer.public.verify(MESSAGE, flipped)


@pytest.mark.parametrize("signer", [OFFICE, LOG])
def test_signing_twice_gives_the_same_bytes(signer: MemorySigner) -> None:
    """RFC 6979, RFC 8032: core has no randomness, and a repeated act is the same entry."""
    assert signer.sign(MESSAGE) == signer.sign(MESSAGE)


def test_the_other_signature_that_anybody_can_make_is_refused() -> None:
    """Spec, section 3: of s and n - s only the lower counts, or one act had two entries."""
    signature = OFFICE.sign(MESSAGE)
    mirrored = other_s(signature)
    # Plain ECDSA would accept it: that is the attack.
    private = OFFICE.private
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    private.public_key().verify(
        keys.encode_dss_signature(int.from_bytes(mirrored[:32]), int.from_bytes(mirrored[32:])),
        MESSAGE,
        ec.ECDSA(keys.SHA256()),
    )
    with pytest.raises(VerificationFailed):
        OFFICE.public.verify(MESSAGE, mirrored)
    assert keys.one_form(ES256, mirrored) == signature
    assert keys.one_form(ES256, signature) == signature


@pytest.mark.parametrize(
    ("r", "s"), [(0, 1), (1, 0), (ORDER, 1), (1, ORDER), (1, ORDER // 2 + 1), (2**256 - 1, 1)]
)
def test_numbers_out_of_range_are_no_signature(r: int, s: int) -> None:
    signature = r.to_bytes(32) + s.to_bytes(32)
    with pytest.raises(FormatError):
        keys.require_signature_form(ES256, signature)
    with pytest.raises(VerificationFailed):
        OFFICE.public.verify(MESSAGE, signature)


@given(st.binary(max_size=80))
def test_any_bytes_as_a_signature_are_false(signature: bytes) -> None:
    for key in (OFFICE.public, LOG.public):
        with pytest.raises(VerificationFailed):
            key.verify(MESSAGE, signature)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "es256",
        "es256:",
        "ES256:" + b64url(OFFICE.public.raw),
        "es256:" + b64url(OFFICE.public.raw) + "\n",
        " es256:" + b64url(OFFICE.public.raw),
        "es256:" + b64url(b"\x04" + OFFICE.public.raw[1:]),
        "es256:" + b64url(b"\x00" * 33),
        "es256:" + b64url(b"\x02" + b"\xff" * 32),
        "es256:" + b64url(OFFICE.public.raw[:32]),
        "es256:" + b64url(LOG.public.raw),
        "ed25519:" + b64url(LOG.public.raw) + "=",
        "ed25519:" + b64url(LOG.public.raw)[:-1],
        "ed25519:" + b64url(LOG.public.raw)[:-1] + "/",
        "ed25519:" + b64url(OFFICE.public.raw),
        "ed25519:é" + b64url(LOG.public.raw)[1:],
        "rsa:" + b64url(LOG.public.raw),
        "es256:" + "A" * 100_000,
    ],
)
def test_only_the_one_text_is_a_key(text: str) -> None:
    with pytest.raises(FormatError):
        PublicKey.from_text(text)


def test_the_spare_bits_of_the_last_character_must_be_zero() -> None:
    """43 characters of base64url hold 258 bits; a key has 256."""
    text = LOG.public.to_text()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    at = alphabet.index(text[-1])
    for spare in (1, 2, 3):
        with pytest.raises(FormatError):
            PublicKey.from_text(text[:-1] + alphabet[at + spare])


def test_a_point_off_the_p256_curve_is_refused() -> None:
    refused = 0
    for x in range(1, 40):
        try:
            PublicKey(ES256, b"\x02" + x.to_bytes(32))
        except FormatError:
            refused += 1
    assert 5 < refused < 35, "about half of all x have no point"


def test_a_point_off_the_edwards_curve_is_refused() -> None:
    """RFC 8032 section 5.1.3; OpenSSL alone would take these bytes as a key."""
    off = next(y for y in range(2, 50) if not on_edwards(y))
    raw = off.to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(raw)
    with pytest.raises(FormatError):
        PublicKey(EDDSA, raw)
    on = next(y for y in range(2, 50) if on_edwards(y))
    PublicKey(EDDSA, on.to_bytes(32, "little"))
    with pytest.raises(FormatError):  # the same point written a second way, or no point at all
        PublicKey(EDDSA, (on + P).to_bytes(32, "little") if on + P < 2**255 else b"\xff" * 32)


D = -121665 * pow(121666, -1, P) % P


def on_edwards(y: int) -> bool:
    return pow((y * y - 1) * pow(D * y * y + 1, -1, P), (P - 1) // 2, P) in (0, 1)


def add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """RFC 8032 section 5.1: addition on the twisted Edwards curve."""
    (a, b), (c, d) = one, other
    cross = D * a * b * c * d
    return (
        (a * d + b * c) * pow(1 + cross, -1, P) % P,
        (b * d + a * c) * pow(1 - cross, -1, P) % P,
    )


def test_the_points_of_small_order_are_refused_and_are_all_of_them() -> None:
    """Eight times any point of small order is the identity; the curve has eight such points."""
    points = set()
    for y in keys._SMALL_ORDER:
        x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        root = pow(x2, (P + 3) // 8, P)
        if root * root % P != x2:
            root = root * pow(2, (P - 1) // 4, P) % P
        assert root * root % P == x2
        for x in (root, -root % P):
            total = (0, 1)
            for _ in range(8):
                total = add(total, (x, y))
            assert total == (0, 1)
            points.add((x, y))
        for sign in (0, 1):
            with pytest.raises(FormatError):
                PublicKey(EDDSA, (y | sign << 255).to_bytes(32, "little"))
    assert len(points) == 8


@given(st.text(max_size=60))
def test_any_text_is_a_key_or_malformed(text: str) -> None:
    for attempt in (text, "es256:" + text, "ed25519:" + text):
        try:
            key = PublicKey.from_text(attempt)
        except FormatError:
            continue
        assert key.to_text() == attempt


@given(st.binary(min_size=31, max_size=34), st.sampled_from([ES256, EDDSA, -9, 0]))
def test_any_bytes_are_a_key_or_malformed(raw: bytes, alg: int) -> None:
    try:
        key = PublicKey(alg, raw)
    except FormatError:
        return
    assert PublicKey.from_text(key.to_text()) == key
    assert len(key.kid) == 32


def test_other_curves_are_refused() -> None:
    with pytest.raises(FormatError):
        PublicKey.of(ec.derive_private_key(5, ec.SECP384R1()).public_key())
