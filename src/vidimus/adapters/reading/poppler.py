"""A second PDF reader, poppler, as its programs: what it reads in a file, and what it shows of it.

One file can be built so that two readers take it for two texts: a table that only one of them
believes, an object that stands there twice, a letter that one of them draws otherwise. So each
page that pdfium drew and read is drawn and read again, and what differs is named.

    words     of both text layers, as heaps; what one has alone must be the other's, in pieces
    picture   of both; where one has ink and the other none near it, the words there are named.
              Type that is not in the file is drawn by each with its own; then the words are
              read from the second picture, and must be those of the first

No file is written: the PDF goes in by standard input, and its pages come out as PGM.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from vidimus.adapters.reading import light
from vidimus.adapters.reading.eye import in_colour
from vidimus.adapters.reading.types import Image
from vidimus.core.copies.page import Box, Word

PAGE_SECONDS = 20.0  # for one page; pdfium needs a tenth of one
TEXT_SECONDS = 30.0
MOST_TEXT = 32 * 1024 * 1024
INK = 40  # levels of 255 from the paper
NEAR = 2  # pixels by which two readers may draw one letter apart
PIECE = 5  # pixels of ink that the other has nowhere near, which are no rounding
BESIDE = 60  # the same, where no word is
TURNED = 4.0  # levels between two pictures of one page, if both are the right way up
OUTGROWN = 0.6  # heights of a word, by which its letters in other type may reach beyond it
MOST_NAMED = 20  # words of a page
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
_PGM = re.compile(rb"P5\s+(\d{1,5})\s+(\d{1,5})\s+255\s")
_LEFTWARD = re.compile("[\u0590-\u08ff]")
_LAM_ALEF = re.compile("[\u0622\u0623\u0625\u0627\u0644\u0671]+")
_HYPHEN = re.compile(r"(?<=[^\W\d])-")


@dataclass(frozen=True, slots=True)
class Seen:
    """How a page is in the second reader. `failed`: it could not read or show it."""

    words: tuple[Word, ...] = ()  # that one of the two shows or reads, and the other does not
    failed: bool = False


@dataclass(slots=True)
class Poppler:
    """Its programs. It remembers the text of the last file that it was asked about."""

    text_program: str
    picture_program: str
    type_program: str
    _texts: dict[int, tuple[str, ...] | None] = field(default_factory=dict)

    @classmethod
    def find(cls) -> Poppler | None:
        text, picture, of_type = map(shutil.which, ("pdftotext", "pdftoppm", "pdffonts"))
        return cls(text, picture, of_type) if text and picture and of_type else None

    def otherwise(
        self,
        content: bytes,
        index: int,
        image: Image,
        layer: Sequence[Word],
        witness: Sequence[Word],
        eye: Callable[[Image], Sequence[Word]],
    ) -> Seen:
        """Page `index` of this file, against what pdfium made of it.

        `witness` are the words that were read from pdfium's picture, in its pixels; `eye`
        reads words from a picture.
        """
        pages = self._text(content)
        if pages is None or index >= len(pages):
            return Seen(failed=True)
        found = list(_read_otherwise(layer, pages[index].split()))
        grey = light.grey(image)
        shown = self._alike(content, index, grey)
        if shown is None:
            return Seen(tuple(found), failed=True)
        apart = _apart(grey, shown)
        if apart.any():
            known = layer or witness
            marked = [word for word in known if _marked(apart, word)]
            foreign = self._foreign_type(content)
            if foreign:
                found += _shown_otherwise(apart, layer, witness, eye(in_colour(shown)))
                found += [word for word in marked if _through(apart, word)]
            else:
                found += marked
            found += _beside(apart, (*layer, *witness), OUTGROWN if foreign else 0.2)
        return Seen(tuple(dict.fromkeys(found))[:MOST_NAMED])

    def _text(self, content: bytes) -> tuple[str, ...] | None:
        name = hash(content)
        if name not in self._texts:
            self._texts.clear()
            command = [self.text_program, "-cropbox", "-q", "-enc", "UTF-8", "-", "-"]
            given = _run(command, content, TEXT_SECONDS)
            text = (
                None
                if given is None or len(given) > MOST_TEXT
                else given.decode("utf-8", "replace")
            )
            self._texts[name] = None if text is None else tuple(text.split("\f"))
        return self._texts[name]

    def _foreign_type(self, content: bytes) -> bool:
        """Whether some type of the file is not in it, or nobody can tell."""
        listed = _run([self.type_program, "-"], content, TEXT_SECONDS)
        rows = (listed or b"").decode("utf-8", "replace").splitlines()
        at = rows[0].find("emb ") if len(rows) > 1 else -1
        return at < 0 or any(row[at : at + 3] != "yes" for row in rows[2:])

    def _alike(self, content: bytes, index: int, grey: Image) -> Image | None:
        """The page as poppler shows it, turned and as large as pdfium's picture."""
        height, width = grey.shape
        best: Image | None = None
        for wide, high in ((width, height), (height, width)):
            shown = self._picture(content, index, wide, high)
            if shown is None:
                return None
            for turns in range(4):
                turned = np.ascontiguousarray(np.rot90(shown, turns))
                if turned.shape != grey.shape:
                    continue
                if not _apart(grey, turned).any():
                    return turned
                if best is None or _distance(grey, turned) < _distance(grey, best):
                    best = turned
            if best is not None and _distance(grey, best) < TURNED:
                break
        return best

    def _picture(self, content: bytes, index: int, width: int, height: int) -> Image | None:
        page = str(index + 1)
        command = [self.picture_program, "-cropbox", "-q", "-gray", "-f", page, "-l", page]
        command += ["-scale-to-x", str(width), "-scale-to-y", str(height), "-"]
        given = _run(command, content, PAGE_SECONDS)
        head = _PGM.match(given) if given is not None else None
        if given is None or head is None:
            return None
        # Of a page that /Rotate lays on its side it takes the one for the other.
        wide, high = int(head[1]), int(head[2])
        pixels = np.frombuffer(given, np.uint8, offset=head.end())
        if {wide, high} != {width, height} or pixels.size != wide * high:
            return None
        return pixels.reshape(high, wide)


def _run(command: Sequence[str], content: bytes, seconds: float) -> bytes | None:
    """What it writes, or None where it fails. The cell's own limits hold for it, too."""
    try:
        done = subprocess.run(
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env=ENVIRONMENT,
            cwd="/",
            check=False,
            # A cache that it may not write must be refused to it, and not end it (SIGXFSZ).
            restore_signals=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def _read_otherwise(layer: Sequence[Word], theirs: Sequence[str]) -> list[Word]:
    """The words that one of two text layers has alone."""
    ours = [(folded(word.text), word) for word in layer]
    others = [folded(word) for word in theirs]
    more = Counter(key for key, _ in ours) - Counter(others)
    less = Counter(others) - Counter(key for key, _ in ours)
    left, right = [], []
    for key, word in ours:
        if more[key] > 0:
            more[key] -= 1
            left.append((key, word))
    for key in others:
        if less[key] > 0:
            less[key] -= 1
            right.append(key)
    if _same_in_pieces([key for key, _ in left], right):
        return []
    loose = [_leftward(key) for key, _ in left], [_leftward(key) for key in right]
    if any(map(_LEFTWARD.search, (*right, *(key for key, _ in left)))) and _same_in_pieces(*loose):
        return []
    place = left[0][1] if left else (layer[0] if layer else None)
    found = [word for _, word in left]
    box = place.box if place is not None else None
    line = place.line if place is not None else 0
    found += [Word(key, line, box or Box(0, 0, 1, 1)) for key in right if key]
    return found


def _same_in_pieces(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether both are the same letters, cut into words in other places."""
    one, other = "".join(ours), "".join(theirs)
    if one == other:
        return True
    if sorted(one) != sorted(other):
        return False
    return all(key in other for key in ours) or all(key in one for key in theirs)


def _leftward(text: str) -> str:
    """Words that run leftward, as both readers may give them.

    Poppler turns the two letters of a lam with an alef about, runs a number into the word
    beside it, and sets a full stop before the word that it follows.
    """
    kept = "".join(c for c in text if unicodedata.category(c)[0] != "P")
    return _LAM_ALEF.sub(lambda run: "".join(sorted(run[0])), kept)


def folded(text: str) -> str:
    """Without what two readers of one text layer write in two ways."""
    text = unicodedata.normalize("NFKC", text).replace("\u00ad", "").replace("\u2010", "-")
    kept = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Cs", "Co"))
    return _HYPHEN.sub("", kept.replace("\ufffd", ""))


def _ink(grey: Image) -> Image:
    paper = int(np.bincount(grey.ravel(), minlength=256).argmax())
    return (cv2.absdiff(grey, np.full_like(grey, paper)) > INK).astype(np.uint8)


def _apart(one: Image, other: Image) -> Image:
    """1 where one of them has ink and the other has none near it."""
    ours, theirs = _ink(one), _ink(other)
    around = np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)
    near = [np.asarray(cv2.dilate(each, around), np.uint8) for each in (ours, theirs)]
    alone = (ours & (1 - near[1])) | (theirs & (1 - near[0]))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(alone, connectivity=8)
    large = np.zeros(count, np.uint8)
    large[1:] = stats[1:, cv2.CC_STAT_AREA] >= PIECE
    return np.asarray(large[labels], np.uint8)


def _distance(one: Image, other: Image) -> float:
    size = (max(1, one.shape[1] // 8), max(1, one.shape[0] // 8))
    small = [cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (one, other)]
    return float(cv2.absdiff(*small).mean())


def _shown_otherwise(
    apart: Image, layer: Sequence[Word], witness: Sequence[Word], seen: Sequence[Word]
) -> list[Word]:
    """Words that only one of the two pictures shows, where the pictures differ."""
    found = []
    for word in seen:
        if _marked(apart, word) and not _among(word, (*witness, *layer)):
            found.append(word)
    for word in layer:
        if _marked(apart, word) and not _among(word, seen) and _among(word, witness):
            found.append(word)
    return found


def _beside(apart: Image, words: Sequence[Word], around: float) -> list[Word]:
    """Ink that one of them alone shows where no word stands, nor near it (in heights of a word)."""
    free = apart.copy()
    for word in words:
        if word.box is not None:
            b = word.box
            rim = round(around * (b.bottom - b.top))
            free[max(0, b.top - rim) : b.bottom + rim, max(0, b.left - rim) : b.right + rim] = 0
    if int(free.sum()) < BESIDE:
        return []
    rows, columns = np.flatnonzero(free.any(axis=1)), np.flatnonzero(free.any(axis=0))
    box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return [Word("…", 0, box)]


def _marked(apart: Image, word: Word) -> bool:
    b = word.box
    return b is not None and bool(apart[b.top : b.bottom, b.left : b.right].any())


def _through(apart: Image, word: Word) -> bool:
    """Whether a stroke goes through it: in other type, letters differ by less."""
    b = word.box
    if b is None:
        return False
    across = apart[b.top : b.bottom, b.left : b.right].any(axis=0).astype(np.int8)
    ends = np.flatnonzero(np.diff(across, prepend=0, append=0))
    longest = int((ends[1::2] - ends[::2]).max(initial=0))
    return longest >= max(0.5 * (b.right - b.left), 0.8 * (b.bottom - b.top))


def _among(word: Word, others: Sequence[Word]) -> bool:
    """Whether one of them, or several side by side, are this word in its place."""
    text = folded(word.text)
    here = [each for each in others if _touch(word, each)]
    joined = "".join(folded(each.text) for each in here)
    return not text or any(folded(each.text) == text for each in here) or text in joined


def _touch(one: Word, other: Word) -> bool:
    a, b = one.box, other.box
    return (
        a is not None and b is not None
        and a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom
    )  # fmt: skip
