"""A witness in a process of its own that lets everybody ask as often as they like."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from tests.witness.parts import no_passphrase

from vidimus import wiring
from vidimus.web.server import serve
from vidimus.web.witness.app import LIMITS, create_app


def ready(address: str) -> None:
    sys.stdout.write(f"roomy at {address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    witness = wiring.open_witness(Path(sys.argv[1]), no_passphrase)
    app = create_app(witness, limits=replace(LIMITS, bucket=1e9))
    serve(app, "127.0.0.1", 0, ready)
