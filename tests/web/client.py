"""A client in the place of a browser.

Starlette's own warns at import that a successor of httpx exists; we know."""

from __future__ import annotations

import warnings
from typing import Any

from starlette.exceptions import StarletteDeprecationWarning

with warnings.catch_warnings():
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

__all__ = ["TestClient", "as_browser"]


def as_browser(fields: dict[str, str], file: tuple[str, bytes] = ("", b"")) -> dict[str, Any]:
    """A form as browsers send it: a file field left empty arrives as a file without a name."""
    lines = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, (filename, content) in {"file": file, "photo": ("", b"")}.items():
        lines.append(
            f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n".encode()
            + content
            + b"\r\n"
        )
    return {
        "content": b"".join(lines) + b"--edge--\r\n",
        "headers": {"content-type": "multipart/form-data; boundary=edge"},
    }
