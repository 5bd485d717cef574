"""The URI of a key on a token (RFC 7512), and the file with its PIN."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidimus.adapters.tokens import pins
from vidimus.adapters.tokens.uri import TokenUri, encoded, is_uri, parse
from vidimus.errors import NotFound, OutsideFailed, UsageError, VidimusError


def test_every_part_is_read() -> None:
    uri = parse(
        "pkcs11:token=Office%20A;serial=0f;manufacturer=M;model=X;slot-id=7;object=a%3Bb;id=%00%ff"
        ";type=private?module-path=/usr/lib/m.so&pin-source=file:/p"
    )
    assert (uri.token, uri.serial, uri.manufacturer, uri.model) == ("Office A", "0f", "M", "X")
    assert (uri.slot, uri.object, uri.id) == (7, "a;b", b"\x00\xff")
    assert (uri.module, uri.pin_source) == ("/usr/lib/m.so", "file:/p")
    assert "?" not in uri.shown and "/p" not in uri.shown


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40), st.binary())
def test_whatever_a_key_is_called_it_is_found_by_it(label: str, id: bytes) -> None:
    text = f"pkcs11:object={encoded(label)};id={encoded(id)}"
    assert (parse(text).object, parse(text).id) == (label, id)
    exact = parse("pkcs11:model=m?module-path=/m").exact(label, label, id)
    assert (exact.token, exact.object, exact.id or None) == (label, label, id or None)
    assert (exact.model, exact.module) == ("m", "/m")


@given(st.text(max_size=60))
def test_any_other_text_is_refused_with_an_error_of_ours(text: str) -> None:
    try:
        assert isinstance(parse("pkcs11:" + text), TokenUri)
    except VidimusError as error:
        assert error.fact


@pytest.mark.parametrize(
    "rest",
    [
        *("token", "token=a;token=b", "tokens=a", "token=a b", "token=ä", "token=%zz", "token=%ff"),
        *("token=a;", ";", "slot-id=x", "slot-id=+1", "slot-id=１", "token=a%00", "=", "TOKEN=a"),
        *("type=public", "?module-name=x", "?module-path", "token=a?pin-source=a&pin-source=b"),
        *("library-version=3", "x" * 3000, "token=a?module-path=/a#b", "object=a/b"),
    ],
)
def test_a_part_that_is_not_understood_chooses_no_key(rest: str) -> None:
    """Half of a name would choose a key all the same, and perhaps another one."""
    with pytest.raises(VidimusError):
        parse("pkcs11:" + rest)


@pytest.mark.parametrize(
    "rest", ["token=a?pin-value=271828", "token=a;pin-value=271828", "?pin-value=271828&x=1"]
)
def test_a_pin_in_the_uri_is_refused_and_not_repeated(rest: str) -> None:
    """Everybody on the machine sees what stands on a command line."""
    with pytest.raises(UsageError) as error:
        parse("pkcs11:" + rest)
    assert "271828" not in error.value.fact + error.value.hint


@pytest.mark.parametrize("rest", ["token=271828;pin-valu=271828", "token=a?pin-source=27 1828"])
def test_no_error_repeats_a_value(rest: str) -> None:
    with pytest.raises(VidimusError) as error:
        parse("pkcs11:" + rest)
    assert "1828" not in error.value.fact + error.value.hint


def test_what_is_a_uri_is_no_file() -> None:
    assert is_uri("pkcs11:token=a") and is_uri("PKCS11:")
    assert not is_uri("ada.key") and not is_uri("./pkcs11:token=a")


def pin_file(folder: Path, content: bytes, mode: int = 0o600) -> str:
    file = folder / "a pin"
    file.touch(mode)
    file.write_bytes(content)
    file.chmod(mode)
    return str(file)


@pytest.mark.parametrize("content", [b"12 34", b"12 34\n", b"12 34\r\n", b"12 34\nsecond"])
def test_the_first_line_is_the_pin(tmp_path: Path, content: bytes) -> None:
    path = pin_file(tmp_path, content)
    quoted = path.replace(" ", "%20")
    for source in (path, f"file:{quoted}", f"file://{quoted}", f"file://localhost{quoted}"):
        assert pins.from_source(source) == "12 34"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o666])
def test_a_pin_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    path = pin_file(tmp_path, b"1234", mode)
    with pytest.raises(UsageError) as error:
        pins.from_source(path)
    assert error.value.hint == f"chmod 600 {path}"


@pytest.mark.parametrize("content", [b"", b"\n1234", b"\xff\xfe", b"1" * 300, b"12\x0034"])
def test_what_can_be_no_pin_is_never_tried(tmp_path: Path, content: bytes) -> None:
    """A token counts wrong tries, and locks."""
    with pytest.raises(VidimusError) as error:
        pins.from_source(pin_file(tmp_path, content))
    assert "1234" not in error.value.fact and error.value.__cause__ is None


def test_only_a_file_can_hold_it(tmp_path: Path) -> None:
    for source in (
        "",
        "pin",
        "|pass show pin",
        "https://a.example/pin",
        "file://host/pin",
        "/a\0b",
    ):
        with pytest.raises(UsageError):
            pins.from_source(source)
    with pytest.raises((UsageError, OutsideFailed)):
        pins.from_source(str(tmp_path))
    with pytest.raises(NotFound):
        pins.from_source(str(tmp_path / "none"))
