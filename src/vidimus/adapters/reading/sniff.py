"""What a file is, by its first bytes. Its name is never looked at.

Five kinds are read; every other kind that we can name is refused by its name, because
"not supported" tells nobody what to do next.
"""

from __future__ import annotations

from enum import StrEnum

from vidimus.errors import FormatError, Unreadable, VidimusError


class Kind(StrEnum):
    TEXT = "text"
    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    HEIC = "heic"


PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.WEBP, Kind.HEIC})

PICTURE_HINT = "save it as PNG or JPEG, or send a PDF, and try again"
TEXT_HINT = "open it, and send it as a PDF or paste its text"

# (offset, bytes, what it is, what to do)
REFUSED: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"GIF87a", "a GIF picture", PICTURE_HINT),
    (0, b"GIF89a", "a GIF picture", PICTURE_HINT),
    (0, b"II*\0", "a TIFF picture", PICTURE_HINT),
    (0, b"MM\0*", "a TIFF picture", PICTURE_HINT),
    (0, b"II+\0", "a TIFF picture", PICTURE_HINT),
    (0, b"MM\0+", "a TIFF picture", PICTURE_HINT),
    (0, b"\xff\x0a", "a JPEG XL picture", PICTURE_HINT),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL picture", PICTURE_HINT),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", PICTURE_HINT),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture", PICTURE_HINT),
    (0, b"8BPS", "a Photoshop picture", PICTURE_HINT),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls, .ppt)", TEXT_HINT),
    (0, b"{\\rtf", "an RTF document", TEXT_HINT),
    (0, b"%!PS", "a PostScript file", "convert it to PDF and try again"),
    (0, b"\x1f\x8b", "a gzip archive", "unpack it and send the letter itself"),
    (0, b"BZh", "a bzip2 archive", "unpack it and send the letter itself"),
    (0, b"\xfd7zXZ\0", "an xz archive", "unpack it and send the letter itself"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it and send the letter itself"),
    (0, b"Rar!\x1a\x07", "a RAR archive", "unpack it and send the letter itself"),
    (0, b"\x7fELF", "a program", "send the letter as text, PDF or picture"),
    (0, b"MZ", "a Windows program", "send the letter as text, PDF or picture"),
    (0, b"ID3", "a sound file", "send the letter as text, PDF or picture"),
    (0, b"OggS", "a sound or video file", "send the letter as text, PDF or picture"),
    (0, b"\x1aE\xdf\xa3", "a video", "send a photo of the letter instead"),
    (257, b"ustar", "a tar archive", "unpack it and send the letter itself"),
)
# These first bytes can also open a plain text ("BMW wrote ..."), so they only count in a
# file that is not text.
REFUSED_UNLESS_TEXT = frozenset({b"MZ", b"ID3", b"BZh", b"8BPS", b"OggS"})

ZIP_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"word/", "a Word document (.docx)"),
    (b"xl/", "an Excel workbook (.xlsx)"),
    (b"ppt/", "a PowerPoint file (.pptx)"),
    (b"application/vnd.oasis.opendocument.text", "an OpenDocument text (.odt)"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"application/epub+zip", "an e-book (.epub)"),
    (b"META-INF/MANIFEST.MF", "a Java archive (.jar)"),
)
# ISO 23008-12, 10.2: the brands of HEVC-coded pictures, and the general one.
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
MARKUP = ((b"<!doctype html", "a web page"), (b"<html", "a web page"), (b"<svg", "an SVG drawing"))


def sniff(content: bytes) -> Kind:
    """The kind of a file that we read; refuses every other with a name and a way out."""
    if not content:
        raise Unreadable("the file is empty", hint="send the file again, or paste the text")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Kind.WEBP
    if content[4:8] == b"ftyp":
        return _iso_media(content)
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        raise _zip(content)
    if content.lstrip(b"\xef\xbb\xbf\r\n\t \f")[:5] == b"%PDF-":
        return Kind.PDF
    textual = looks_like_text(content[:4096])
    # ISO 32000-2, Annex I: readers accept the header within the first 1024 bytes.
    if not textual and b"%PDF-" in content[:1024]:
        return Kind.PDF
    for offset, magic, name, hint in REFUSED:
        if content[offset : offset + len(magic)] == magic and not (
            textual and magic in REFUSED_UNLESS_TEXT
        ):
            raise FormatError(f"this is {name}, which is not read here", hint=hint)
    if not textual and content[:2] == b"BM":
        raise FormatError("this is a BMP picture, which is not read here", hint=PICTURE_HINT)
    start = content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for tag, name in MARKUP:
        if start.startswith(tag) or (start.startswith(b"<?xml") and tag in start):
            raise FormatError(
                f"this is {name}, which is not read here",
                hint="open it in a browser, and paste its text or print it to a PDF",
            )
    return Kind.TEXT


def looks_like_text(start: bytes) -> bool:
    """No NUL and valid UTF-8, but for a character cut off at the end."""
    if b"\0" in start:
        return False
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(start) - 3 and error.reason == "unexpected end of data"
    return True


def _iso_media(content: bytes) -> Kind:
    """The ftyp box: its major brand, then a version, then the compatible brands."""
    size = min(int.from_bytes(content[:4], "big"), 256, len(content))
    brands = [content[8:12], *(content[i : i + 4] for i in range(16, size - 3, 4))]
    if any(brand in (b"avif", b"avis") for brand in brands):
        raise FormatError("this is an AVIF picture, which is not read here", hint=PICTURE_HINT)
    if any(brand in HEIC_BRANDS for brand in brands):
        return Kind.HEIC
    raise FormatError(
        "this is a video or another media file, which is not read here",
        hint="send a photo of the letter instead",
    )


def _zip(content: bytes) -> VidimusError:
    # The names of a zip's members stand in clear in its local headers and its directory.
    names = content[:8192] + content[-16384:]
    for mark, name in ZIP_KINDS:
        if mark in names:
            return FormatError(f"this is {name}, which is not read here", hint=TEXT_HINT)
    return FormatError(
        "this is a zip archive, whatever its name says",
        hint="unpack it and send the letter itself: text, PDF or picture",
    )
