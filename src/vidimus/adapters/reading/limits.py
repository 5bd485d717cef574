"""What a stranger's file may cost. Every number that bounds reading stands here.

The memory limit is of address space (RLIMIT_AS), not of use: onnxruntime and OpenCV
together map about one gigabyte before they touch a pixel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

MEBI = 1024 * 1024
CLOCKED = ("seconds", "page_seconds")  # not of whole numbers


@dataclass(frozen=True, slots=True)
class Limits:
    file_bytes: int = 32 * MEBI  # of each file
    total_bytes: int = 64 * MEBI  # of all files of one copy
    files: int = 60
    words: int = 100_000  # of a typed text, or of a PDF's text layer
    characters: int = 1_000_000  # the same, for those who write without spaces
    pages: int = 60  # of all PDFs of one copy together
    side_pixels: int = 20_000  # of a picture, before anything is decoded
    pixels: int = 60_000_000
    work_side: int = 3_200  # longer pictures are made smaller before they are read
    image_side: int = 1_600  # of the page image that is given back
    questions: int = 400  # lines looked at again in one call
    seconds: float = 180.0  # of wall-clock time for a whole copy, kept by the parent
    page_seconds: float = 60.0  # the same for one page: a slow one must not hold a place longer
    cpu_seconds: int = 180  # of one process; Tesseract's is counted apart
    memory_bytes: int = 3 * 1024 * MEBI

    def to_json(self) -> dict[str, float]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, float]) -> Limits:
        names = {field.name for field in fields(cls)}
        if set(values) != names:
            raise ValueError("limits: not the fields that were expected")
        kept = {n: float(v) if n in CLOCKED else int(v) for n, v in values.items()}
        return cls(**kept)  # type: ignore[arg-type]
