"""The sessions in the README and in docs/ are run, so that they cannot go stale."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.cli import transcripts

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("for-*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LETTER = """Sir,

the northern patrol will be repositioned to the outer harbour over the coming days. We will
not leave the inner harbour before 14 March.

Ben Example
Minister
"""


def session(path: Path) -> str:
    """All sessions of a page in order, in the form of a transcript."""
    blocks = BLOCK.findall(path.read_text(encoding="utf-8"))
    lines = "\n".join(blocks).replace("\n…", "\n[...]").splitlines()
    return "\n".join(line for line in lines if line)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.stem)
def test_what_a_page_shows_is_what_happens(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command in order, and what it prints; … stands for lines left out."""
    monkeypatch.chdir(tmp_path)
    for name in ("VIDIMUS_REGISTRY", "VIDIMUS_BY", "VIDIMUS_AS", "VIDIMUS_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "letter.txt").write_text(LETTER, encoding="utf-8")
    for step in transcripts.read(session(path)).steps:
        status, said = transcripts.run(step)
        shown = "\n".join(said)
        assert transcripts.matches(step.expected, said), f"{step.command}\n{shown}"
        assert status == step.status, f"{step.command}: exit {status}\n{shown}"


def test_the_pages_for_offices_and_monitors_have_sessions() -> None:
    shown = {path.stem for path in DOCS if BLOCK.search(path.read_text(encoding="utf-8"))}
    assert {"README", "for-offices", "for-monitors"} <= shown
