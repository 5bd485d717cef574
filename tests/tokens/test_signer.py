"""What a token may do to us: each is an error with a fact and a hint, and nothing is signed.

The module is a double; the cell, its pipes and the signer are the real ones.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from tests.tokens import double

from vidimus.adapters.tokens.signer import Pin, TokenSigner
from vidimus.adapters.tokens.uri import parse
from vidimus.core.seal.keys import require_signature_form
from vidimus.errors import FormatError, NotAllowed, NotFound, OutsideFailed, UsageError

HERE = Path(double.__file__).resolve()
MESSAGE = b"a statement"


def opened(
    what: str, pin: str | Pin = double.PIN, *, object: str = "ben", seconds: float = 20.0
) -> TokenSigner:
    uri = parse(f"pkcs11:token=Double;object={object}?module-path={HERE}")
    asked = pin if callable(pin) else lambda _token, _last: str(pin)
    return TokenSigner(uri, asked, command=(*double.COMMAND, *what.split()), seconds=seconds)


def nobody(token: str, last: bool) -> str:
    raise AssertionError("nobody may be asked for a PIN here")


def test_a_signature_is_verified_and_in_its_one_form() -> None:
    """Decision 10: only the low s counts; the double gives the high one, always."""
    with opened("good") as signer:
        assert signer.public == double.PUBLIC
        assert (signer.alg, signer.kid) == (double.PUBLIC.alg, double.PUBLIC.kid)
        for message in (MESSAGE, b"", b"x" * 100_000):
            signature = signer.sign(message)
            require_signature_form(signer.alg, signature)
            double.PUBLIC.verify(message, signature)


@pytest.mark.parametrize("what", ["bare point", "certificate", "each time", "prints"])
def test_tokens_differ_and_sign_all_the_same(what: str) -> None:
    with opened(what) as signer:
        assert signer.public == double.PUBLIC
        signer.sign(MESSAGE)


@pytest.mark.parametrize("what", ["pad", "open to all"])
def test_where_the_token_asks_itself_nobody_is_asked_here(what: str) -> None:
    with opened(what, nobody) as signer:
        signer.sign(MESSAGE)


@pytest.mark.parametrize(
    ("what", "fact"),
    [
        ("pulled out", "gone"),
        ("declined", "declined"),
        ("another key", "does not hold"),
        ("short", "does not hold"),
        ("zeros", "does not hold"),
        ("crash", "broke down"),
        ("talks", "failed: GeneralError"),
    ],
)
def test_what_goes_wrong_mid_signature_is_said_and_gives_no_signature(what: str, fact: str) -> None:
    with opened(what) as signer:
        with pytest.raises(OutsideFailed) as error:
            signer.sign(MESSAGE)
        assert fact in error.value.fact
        assert error.value.hint.startswith("nothing was signed")
        assert double.PIN not in error.value.fact + error.value.hint


def test_a_slow_token_is_not_waited_for() -> None:
    """An act is signed while nobody else can write."""
    with opened("slow", seconds=0.5) as signer:
        began = time.monotonic()
        with pytest.raises(OutsideFailed, match=r"no answer within"):
            signer.sign(MESSAGE)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("what", "kind", "fact"),
    [
        ("locked", NotAllowed, "locked"),
        ("no PIN yet", NotAllowed, "no PIN yet"),
        ("two tokens", UsageError, "2 tokens"),
        ("no module", OutsideFailed, "does not work as a PKCS#11 module"),
    ],
)
def test_what_can_be_known_before_a_pin_is_typed_is_said_before(
    what: str, kind: type[Exception], fact: str
) -> None:
    with pytest.raises(kind, match=fact):
        opened(what, nobody)


@pytest.mark.parametrize(
    ("what", "kind", "fact"),
    [
        ("rsa", FormatError, "of another kind (RSA)"),
        ("off the curve", FormatError, "no point of P-256"),
        ("for decrypting", NotAllowed, "not made for signing"),
        ("no public key", NotFound, "no public key"),
        ("two public keys", NotFound, "several public keys"),
        ("expired", NotAllowed, "has expired"),
        ("pulled out at login", OutsideFailed, "gone"),
    ],
)
def test_a_key_that_cannot_sign_here_is_refused_when_it_is_opened(
    what: str, kind: type[Exception], fact: str
) -> None:
    with pytest.raises(kind) as error:
        opened(what)
    assert fact in str(error.value)


@pytest.mark.parametrize(
    ("what", "tries"),
    [
        ("good", ""),
        ("counts", "; it counts wrong ones, and locks after some"),
        ("counts to one", "; one try is left before it locks"),
        ("counts to none", "; it is locked now"),
    ],
)
def test_a_wrong_pin_is_tried_once_and_the_tries_left_are_told(what: str, tries: str) -> None:
    asked: list[str] = []

    def wrong(token: str, last: bool) -> str:
        asked.append(token)
        return "wrong pin"

    with pytest.raises(UsageError) as error:
        opened(what, wrong)
    assert asked == ["Double"]
    assert error.value.fact == f"this is not the PIN of the token “Double”{tries}"
    assert error.value.hint and "wrong pin" not in error.value.fact + error.value.hint


def test_a_pin_that_locks_is_told() -> None:
    with pytest.raises(NotAllowed, match=r"is locked"):
        opened("locks", "wrong")


def test_the_last_try_is_told_before_and_never_spent_on_a_file(tmp_path: Path) -> None:
    """A file that is wrong once is wrong again, and whoever runs it may be a timer."""
    asked: list[bool] = []

    def typed(token: str, last: bool) -> str:
        asked.append(last)
        return double.PIN

    opened("last try", typed).close()
    opened("good", typed).close()
    assert asked == [True, False]
    pin = tmp_path / "pin"
    pin.touch(0o600)
    pin.write_text(double.PIN)
    for what, kind in (("good", None), ("last try", NotAllowed)):
        uri = parse(f"pkcs11:token=Double?module-path={HERE}&pin-source={pin}")
        command = (*double.COMMAND, *what.split())
        if kind is None:
            TokenSigner(uri, nobody, command=command).close()
            continue
        with pytest.raises(kind, match=r"one try is left"):
            TokenSigner(uri, nobody, command=command)


def test_an_empty_pin_is_no_try() -> None:
    for empty in ("", "\0", "1" * 300):
        with pytest.raises(UsageError, match=r"gives no PIN"):
            opened("locks", empty)


def test_the_session_is_logged_out_and_its_process_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "mark"
    monkeypatch.setenv("DOUBLE_MARK", str(mark))
    signer = opened("good")
    number = signer._cell._process.pid
    signer.close()
    assert mark.read_text() == "logged out"
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
    signer.close()
    with pytest.raises(OutsideFailed):
        signer.sign(MESSAGE)


def test_a_module_must_be_named_and_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIDIMUS_TOKEN_MODULE", raising=False)
    for text, kind in (
        ("pkcs11:token=Double", UsageError),
        ("pkcs11:token=Double?module-path=here.so", UsageError),
        ("pkcs11:token=Double?module-path=/none/of/this.so", NotFound),
    ):
        with pytest.raises(kind) as error:
            TokenSigner(parse(text), nobody, command=(*double.COMMAND, "good"))
        assert error.value.hint
    monkeypatch.setenv("VIDIMUS_TOKEN_MODULE", str(HERE))
    uri = parse("pkcs11:token=Double")
    TokenSigner(uri, lambda _t, _l: double.PIN, command=(*double.COMMAND, "good")).close()
    with pytest.raises(NotFound) as missing:
        opened("good", object="nobody")
    assert missing.value.hint == "there are: object=ben;id=%01"
