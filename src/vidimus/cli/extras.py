"""What the bare install leaves out, and the extra of pyproject.toml that brings it.

Bare, the program verifies: bundles, proofs, receipts, logs. It compares no copy, reads no
picture, serves no page and plays no story.
"""

from __future__ import annotations

from vidimus.errors import OutsideFailed

EXTRAS = {
    "numpy": ("copies", "comparing a copy with registered texts"),
    "rapidfuzz": ("copies", "comparing a copy with registered texts"),
    "zxingcpp": ("reading", "reading a PDF or a picture"),
    "PIL": ("reading", "reading a PDF or a picture"),
    "typst": ("paper", "typesetting a letter"),
    "segno": ("paper", "typesetting a letter"),
    "pyhanko": ("paper", "signing a PDF, and judging its signatures"),
    "pkcs11": ("token", "signing with a key on a token"),
    "yaml": ("stories", "playing a story"),
    "starlette": ("web", "serving pages"),
    "uvicorn": ("web", "serving pages"),
    "jinja2": ("web", "serving pages"),
    "python_multipart": ("web", "serving pages"),
}


def missing(error: ModuleNotFoundError) -> OutsideFailed | None:
    """What to tell about this library; None for one that no extra brings."""
    found = EXTRAS.get((error.name or "").partition(".")[0])
    if found is None:
        return None
    extra, purpose = found
    return OutsideFailed(
        f"{purpose} takes a library that is not installed here: {error.name}",
        hint=f"install the extra “{extra}”: pip install 'vidimus[{extra}]'",
    )
