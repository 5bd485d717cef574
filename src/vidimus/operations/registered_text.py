"""The text of a letter to be registered, from a text file or from a PDF's own text."""

from __future__ import annotations

from vidimus.core.copies.page import Copy, Source
from vidimus.core.copies.shown import Registered
from vidimus.errors import Unreadable
from vidimus.operations.ports import Progress, Reader, silent


def text_of(source: bytes, reader: Reader, *, progress: Progress = silent) -> str:
    """Raises Unreadable for a picture, and for a PDF that shows other words than it holds."""
    copy = reader.read((source,), progress=progress)
    reader.done((source,))
    if copy.kind == "text":
        return source.decode("utf-8-sig")
    if any(page.source is Source.PICTURE for page in copy.pages):
        raise Unreadable(
            "a page of this is a picture, and what is read from a picture is not exact",
            hint="register the text itself, or the PDF that it was printed from",
        )
    # What the bare install has no libraries for, is asked for only where it is needed.
    from vidimus.core.copies.recognise import compare

    text = _joined(copy)
    shown = compare(copy, Registered("", 1, "", text))
    if shown.differences:
        first = shown.differences[0]
        raise Unreadable(
            f"the PDF shows other words than it holds: “{first.copy}” for “{first.registered}”",
            hint="register the text itself",
        )
    return text


def _joined(copy: Copy) -> str:
    """Words in lines, lines in pages, as they are printed."""
    lines: list[str] = []
    for page in copy.pages:
        number = None
        for word in page.words:
            if word.line != number:
                lines.append(word.text)
                number = word.line
            else:
                lines[-1] += f" {word.text}"
    return "\n".join(lines) + "\n"
