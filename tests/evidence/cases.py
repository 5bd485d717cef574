"""A small registry and the evidence made from it, and ways to change evidence."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785
from tests.operations.ministry import OTHER, TEXT, THIRD, Ministry, build, no_passphrase

from vidimus import wiring
from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal
from vidimus.core.acts.kinds import Reason

FOURTH = "To the harbour master. " + OTHER.replace("lamps", "lanterns")


@dataclass
class Cases:
    """`stands` replaced `replaced`; `withdrawn` was taken back after `before` was made."""

    m: Ministry
    stands: str
    replaced: str
    withdrawn: str
    disowned: str
    before: dict[str, Any]  # the bundle on `withdrawn`, from before that

    def bundle(self, letter: str) -> bytes:
        return wiring.make_bundle(self.m.folder, letter, no_passphrase)[1]


def make(folder: Path) -> Cases:
    m = build(folder)
    replaced = m.released(TEXT)
    withdrawn = m.released(THIRD)
    disowned = m.draft(FOURTH)
    m.do("ben", "acknowledge_draft", letter=disowned)
    before = json.loads(wiring.make_bundle(m.folder, withdrawn, no_passphrase)[1])
    stands = m.released(OTHER)
    m.do("ben", "supersede", letter=replaced, successor=stands)
    m.do("ben", "disown", letter=disowned, code=Reason.SENT_IN_ERROR)
    m.do("ben", "withdraw", letter=withdrawn)
    m.draft("A draft that nobody outside may know of, and on it stand some words of its own.")
    return Cases(m, stands, replaced, withdrawn, disowned, before)


def dumps(value: Any) -> bytes:
    return rfc8785.dumps(value)


def run(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    status = main(list(arguments), Terminal(io.BytesIO(stdin), out, err))
    return status, out.getvalue(), err.getvalue()
