"""The transcripts in tests/scripts are what happens. VIDIMUS_RECORD=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.cli import transcripts

SCRIPTS = sorted((Path(__file__).parents[1] / "scripts").glob("*.txt"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_transcript_is_what_happens(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("VIDIMUS_REGISTRY", "VIDIMUS_BY", "VIDIMUS_AS", "VIDIMUS_PASSPHRASE_FILE"):
        monkeypatch.setenv(name, "")  # so that it is put back afterwards
    monkeypatch.setenv("COLUMNS", "100")
    text = path.read_text(encoding="utf-8")
    script = transcripts.read(text)
    for name, content in script.files.items():
        Path(name).write_text(content, encoding="utf-8")
    if os.environ.get("VIDIMUS_RECORD"):
        path.write_text(transcripts.recorded(script, text), encoding="utf-8")
        return
    for step in script.steps:
        status, said = transcripts.run(step)
        shown = "\n".join(said)
        where = f"{path.name}:{step.line}: {step.command}"
        assert transcripts.matches(step.expected, said), f"{where}\n{shown}"
        assert status == step.status, f"{where}: exit {status}\n{shown}"


def test_there_are_transcripts() -> None:
    assert len(SCRIPTS) >= 6


def test_a_transcript_is_matched_line_by_line() -> None:
    script = transcripts.read(
        "# prose\n\n$ a b\none\n[ID]  x\n\n[exit 2]\n# more\n\n$ c\n-- f --\nz\n"
    )
    first, second = script.steps
    assert (first.command, first.expected, first.status) == ("a b", ["one", "[ID]  x"], 2)
    assert (second.command, second.expected, second.status) == ("c", [], 0)
    assert script.files == {"f": "z\n"}
    said = ["one", "ABCD-EFGH-IJKL-MNOP  x"]
    assert transcripts.matches(first.expected, said)
    assert transcripts.matches(["one", "[...]"], said)
    for other in ([], said[:1], [*said, "two"], ["one", "abcd  x"]):
        assert not transcripts.matches(first.expected, other)
