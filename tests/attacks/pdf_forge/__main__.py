"""Write the vectors: `python -m tests.attacks.pdf_forge`."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.pdf_forge.forged import VECTORS

FOLDER = Path(__file__).parents[3] / "vectors" / "v1" / "pdf"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, make in VECTORS.items():
        (FOLDER / f"{name}.pdf").write_bytes(make())


if __name__ == "__main__":
    main()
