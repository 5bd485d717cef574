"""Which pages a PDF has, and what is drawn on them: whether it says so in one way only.

    catalogue → /Pages → /Kids … → pages       (ISO 32000-2, 7.7.3)
    /Count of each branch, /Parent of each page, and the first page of a linearised file

What a viewer does where these contradict each other is its own affair, so nobody can tell which
pages people see. The same holds for a small picture in the midst of a drawing (8.9.7), whose
end is found by its size or by the letters EI.
"""

from __future__ import annotations

import re

from vidimus.core.seal.pdf_objects import File, Ref, Value, inflated
from vidimus.errors import VidimusError

MOST_PAGES = 5_000
DEEPEST = 100  # branches above a page; writers make three or four
MOST_DRAWN = 16 * 1024 * 1024  # bytes of drawings
_BEGIN = re.compile(rb"(?:^|(?<=[\s\]>)]))BI(?=[\s/])")
_END = re.compile(rb"(?<=[\s>])EI(?=\s|Q|\Z)")
_DRAWN = ("/Form", None)


def otherwise_paged(file: File) -> bool:
    roots = [trailer["/Root"] for trailer in file.trailers if "/Root" in trailer]
    catalogue = file.last(roots[-1]) if roots else None
    if not isinstance(catalogue, dict):
        return False  # a viewer that mends it looks for the catalogue, as we do not
    pages: list[Value] = []
    if not _agrees(file, catalogue.get("/Pages"), None, pages, set()):
        return True
    first = file.bodies[0].value if file.bodies else None
    if isinstance(first, dict) and "/Linearized" in first:
        named = first.get("/O")
        return bool(pages) and isinstance(pages[0], Ref) and named != pages[0].number
    return False


def _agrees(
    file: File, at: Value, above: Value, pages: list[Value], met: set[Value], depth: int = 0
) -> bool:
    """Whether this branch has as many pages as it says, each once and under the right parent."""
    if not isinstance(at, Ref) or at in met or len(met) > MOST_PAGES or depth > DEEPEST:
        return False
    met.add(at)
    node = file.last(at)
    if not isinstance(node, dict):
        return False
    if above is not None and node.get("/Parent") != above:
        return False
    kids = file.last(node.get("/Kids"))
    if kids is None:
        pages.append(at)
        return node.get("/Type") != "/Pages"
    before = len(pages)
    if not isinstance(kids, list):
        return False
    if not all(_agrees(file, each, at, pages, met, depth + 1) for each in kids):
        return False
    return file.last(node.get("/Count")) == len(pages) - before


def ambiguous(content: bytes, file: File) -> bool:
    """Whether a drawing has a picture in its midst that may end in several places."""
    left = MOST_DRAWN
    for body in file.bodies:
        if body.stream is None or not isinstance(body.value, dict):
            continue
        if body.value.get("/Subtype") not in _DRAWN or "/Length1" in body.value:
            continue
        try:
            drawn = inflated(body.value, content[body.stream[0] : body.stream[1]], left)
        except VidimusError:
            continue  # in another packing, or too large: what is drawn there was read by its page
        left -= len(drawn)
        begins = len(_BEGIN.findall(drawn))
        if begins and len(_END.findall(drawn)) != begins:
            return True
    return False
