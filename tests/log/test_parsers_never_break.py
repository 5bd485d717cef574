"""Whatever bytes a stranger sends, a parser answers with what it read, or with a VidimusError.

No other exception, no endless work, and where a thing has one form, no second one.
`make soak` runs it twenty times as long.
"""

from __future__ import annotations

import ast
import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.log import parsers
from tests.log.parsers import PARSERS, Parser

from vidimus.errors import VidimusError

CORE = Path(__file__).parents[2] / "src" / "vidimus" / "core"

# What has broken parsers elsewhere: separators, other digits, surrogates, numbers without end,
# JSON and CBOR that nests, promises a length, repeats or has no end.
NASTY = (
    b"", b"\n", b"\n\n", b"\r\n", b"\0", b" ", b"+", b"=", b"-", b"-1", b"1_0", b"0x1", b"1e9",
    b"\xe2\x80\x94 ", b"\xe2\x80\x94 a AAAA\n", "٣".encode(), "７".encode(), b"\xc2\x85",
    b"\xe2\x80\xa8", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b'"', b"{}", b"[]",
    b"null", b"true", b"NaN", b"Infinity", b'{"v":1,"v":1}', b"9" * 5000, b"[" * 50_000,
    b'{"a":' * 20_000, b"\n" * 5000, b"=" * 5000, b"A" * 70_000,
    b"\xd2", b"\x84", b"\xa0", b"\xf6", b"\xf7", b"\xf9\x7e\x00", b"\xfb" + b"\xff" * 8,
    b"\x1b" + b"\xff" * 8, b"\x3b" + b"\xff" * 8, b"\x5b" + b"\xff" * 8, b"\x7b" + b"\x7f" * 8,
    b"\x9b" + b"\x7f" * 8, b"\xbb" + b"\x7f" * 8, b"\x9f", b"\xbf\xff", b"\x5f\x41\x00\xff",
    b"\x81" * 20_000, b"\xa1\x00" * 20_000, b"\xd8\x1c\x81\xd8\x1d\x00", b"\xc2\x41\x01",
    b"\xc0\x60", b"\xd8\x23\x61(", b"\xa2\x01\x01\x01\x02", b"\xa2\x01\x01\xf5\x02",
    b"\xa1\x80\x00", b"\xa1\xa0\x00", b"\xd8\x1e\x82\x01\x00",
    b"\xc4\x82\x1b" + b"\xff" * 8 + b"\x01",
)  # fmt: skip

each_parser = pytest.mark.parametrize("name", PARSERS)


def withstands(parser: Parser, content: bytes) -> None:
    with contextlib.suppress(VidimusError):
        given = parser.given(content)
        found = parser.read(given)
        if parser.back is not None:
            assert parser.back(found) == given


@st.composite
def mutants(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Good bytes, up to four times cut, flipped, doubled, or mixed with others."""
    content = draw(st.sampled_from(seeds)) if seeds else b""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 80)))
        piece = content[start:end]
        match draw(st.integers(0, 6)):
            case 0:
                new = draw(st.binary(max_size=12))
            case 1:
                new = draw(st.sampled_from(NASTY))
            case 2:
                new = piece + piece
            case 3:
                new = b""
            case 4 if piece:
                new = bytes([piece[0] ^ 1 << draw(st.integers(0, 7))]) + piece[1:]
            case 5 if piece:
                new = bytes([(piece[0] + draw(st.sampled_from((1, -1)))) % 256]) + piece[1:]
            case _:
                other = draw(st.sampled_from(seeds)) if seeds else b""
                at = draw(st.integers(0, len(other)))
                new = other[at : at + 80]
        content = content[:start] + new + content[end:]
    return content


@each_parser
def test_a_parser_reads_its_own_good_bytes(name: str) -> None:
    """Else all that follows would only ever be refused at the door."""
    parser = PARSERS[name]
    read = 0
    for seed in parser.seeds:
        with contextlib.suppress(VidimusError):
            parser.read(parser.given(seed))
            read += 1
        withstands(parser, seed)
    assert read


@each_parser
def test_a_parser_withstands_what_broke_others(name: str) -> None:
    parser = PARSERS[name]
    seeds = parser.seeds[:2]
    for nasty in NASTY:
        withstands(parser, nasty)
        for seed in seeds:
            middle = len(seed) // 2
            withstands(parser, seed + nasty)
            withstands(parser, nasty + seed)
            withstands(parser, seed[:middle] + nasty + seed[middle:])


@each_parser
def test_a_parser_withstands_bytes_cut_short(name: str) -> None:
    """At every length, of what it would have read whole."""
    parser = PARSERS[name]
    seed = parser.seeds[0]
    for end in range(0, len(seed), max(1, len(seed) // 300)):
        withstands(parser, seed[:end])


@each_parser
@given(data=st.data())
def test_a_parser_withstands_changed_bytes(name: str, data: st.DataObject) -> None:
    withstands(PARSERS[name], data.draw(mutants(PARSERS[name].seeds)))


@each_parser
@given(content=st.binary(max_size=200))
def test_a_parser_withstands_any_bytes(name: str, content: bytes) -> None:
    withstands(PARSERS[name], content)


READS = re.compile(r"(parse|read|open|decode|detach|glance|take_apart|from)(_\w+)?")
# Not parsers, or tried through the one that calls them.
# The seal on paper in tests/seal/test_paper.py, PDFs in tests/attacks/test_pdf_structure.py.
TRIED_BESIDE = {"edge.Edge.read", "note.read_vkey", "paper.read", "pdf_objects.read"}


def readers() -> list[str]:
    """module.function, or module.Class.method, of all that reads bytes or text."""
    found = []
    for folder in ("log", "seal", "trust", "evidence"):
        for path in sorted((CORE / folder).glob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                inside = node.body if isinstance(node, ast.ClassDef) else [node]
                for each in inside:
                    if isinstance(each, ast.FunctionDef) and READS.fullmatch(each.name):
                        owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                        found.append(f"{path.stem}.{owner}{each.name}")
    return found


def test_no_parser_was_forgotten() -> None:
    """Whoever adds one finds this test red, and puts it into parsers.py."""
    tried = Path(parsers.__file__).read_text(encoding="utf-8")
    found = readers()
    assert len(found) > 30
    # A method is named with its class, a function with its module.
    said = {name: name.partition(".")[2] if name.count(".") == 2 else name for name in found}
    assert {name for name in found if said[name] not in tried} == TRIED_BESIDE
