"""The public check tells nobody that a draft exists (design, section 6): it has never opened one.

What is unreleased must get, byte for byte, the answer for a text that nobody ever saw.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.operations.ministry import OTHER, TEXT, THIRD, UNKNOWN, Ministry, build

from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import rfc3339
from vidimus.errors import NotFound

ROOT = Path(__file__).resolve().parents[2]
PDF_LINE = 60


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ministry, dict[str, str]]:
    """A ministry with one public letter, and with secrets of every kind: name → text."""
    m = build(tmp_path_factory.mktemp("secrets") / "registry")
    m.released(THIRD)
    drafted = m.draft(TEXT)
    m.do("dan", "share", letter=drafted, to="A reader")
    signed = m.signed(OTHER)
    abandoned = m.draft("An abandoned plan, " + OTHER[30:])
    m.do("dan", "abandon", letter=abandoned)
    revised = m.draft("To whom it may concern, in its first version: " + TEXT[60:])
    m.do("dan", "revise", letter=revised, text="In its second version quite other words. " + OTHER)
    # The clock of the exercise stands, so that two checks are of one moment.
    (m.folder / "public" / "clock.txt").write_text(rfc3339(m.clock.now()) + "\n")
    return m, {
        "a draft": TEXT,
        "a signed letter": OTHER,
        "an abandoned letter": "An abandoned plan, " + OTHER[30:],
        "an older version": "To whom it may concern, in its first version: " + TEXT[60:],
        "its last version": "In its second version quite other words. " + OTHER,
        "a part of a draft": TEXT[6:200],
        "a draft with one word changed": TEXT.replace("14 March", "15 March"),
        "draft": drafted,
        "signed": signed,
    }


FORMS = ((), ("--json",), ("--from", "ministry"), ("--json", "--from", "archive"))
KINDS = (
    *("a draft", "a signed letter", "an abandoned letter", "an older version"),
    *("its last version", "a part of a draft", "a draft with one word changed"),
)


def run(folder: Path, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    status = main([*arguments, "--registry", str(folder)], Terminal(io.BytesIO(stdin), out, err))
    return status, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_gets_the_bytes_of_a_text_never_seen(
    secrets: tuple[Ministry, dict[str, str]], kind: str, form: tuple[str, ...]
) -> None:
    """Issue: byte for byte that for a text never seen, as text and as JSON."""
    m, texts = secrets
    never = run(m.folder, "check", "-", *form, stdin=UNKNOWN.encode())
    assert run(m.folder, "check", "-", *form, stdin=texts[kind].encode()) == never
    assert never[0] in (1, 3)
    assert not never[2]
    # And the public letter is known, so this is no desk that knows nothing.
    assert run(m.folder, "check", "-", *form, stdin=THIRD.encode())[1] != never[1]


def test_the_office_itself_is_told(secrets: tuple[Ministry, dict[str, str]]) -> None:
    m, texts = secrets
    for kind in KINDS:
        status, said, _ = run(m.folder, "check", "-", "--staff", stdin=texts[kind].encode())
        assert status == 1
        assert "DRAFT_NEVER_RELEASED" in said or "ALTERED" in said


def test_a_pdf_of_a_draft_gets_the_bytes_of_any_pdf(
    secrets: tuple[Ministry, dict[str, str]], tmp_path: Path
) -> None:
    m, _ = secrets
    answers = []
    for name, text in (("secret", TEXT), ("never", UNKNOWN)):
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(pdf(text))
        answers.append(run(m.folder, "check", str(file), "--json"))
    assert answers[0] == answers[1]
    assert json.loads(answers[0][1])["headline"] == "NO_RECORD"


def test_the_number_of_a_draft_is_no_number(secrets: tuple[Ministry, dict[str, str]]) -> None:
    """/c/<id> of a draft is not found, in the very words for an id that nobody has."""
    m, texts = secrets
    never = "ABCDEFGHIJKLMNOP"
    said = []
    for name in (never, texts["draft"], texts["signed"]):
        with pytest.raises(NotFound) as error:
            m.desk.letter(name)
        said.append((error.value.fact.replace(name, "N"), error.value.hint))
    assert said[0] == said[1] == said[2]


def test_the_log_page_shows_of_a_draft_that_something_was_sealed(
    secrets: tuple[Ministry, dict[str, str]],
) -> None:
    m, _ = secrets
    sealed = [each for each in m.desk.log_lines(0, m.registry.log.head().size) if each.sealed]
    assert len(sealed) == 10
    assert {(each.kind, each.office, each.letter) for each in sealed} == {("", "", "")}
    _, said, _ = run(m.folder, "log", "show")
    lines = [re.sub(r"^ *\d+  \S+ ", "", line) for line in said.splitlines() if "sealed" in line]
    assert set(lines) == {" (sealed)"}
    # What the entry itself says is of the registry, and of a number that is random.
    statements = [run(m.folder, "debug", "entry", str(each.index))[1] for each in sealed]
    issuers = {json.loads(each)["issuer"] for each in statements}
    assert issuers == {m.registry.settings.origin}
    assert len({json.loads(each)["subject"] for each in statements}) == len(sealed)


PUBLIC: dict[str, Callable[[dict[str, str]], list[str]]] = {
    "check": lambda texts: ["check", texts["file"], "--json"],
    "log show": lambda texts: ["log", "show"],
    "log proof": lambda texts: ["log", "proof", "3"],
    "log checkpoint": lambda texts: ["log", "checkpoint"],
    "log verify": lambda texts: ["log", "verify", "--public"],
    "debug entry": lambda texts: ["debug", "entry", "20"],
}


@pytest.mark.parametrize("loss", ["deleted", "garbage"])
def test_the_public_desk_works_without_the_office(
    secrets: tuple[Ministry, dict[str, str]], tmp_path: Path, loss: str
) -> None:
    """Computed without opening the drafts: there are none any more, and nothing changes."""
    m, texts = secrets
    file = tmp_path / "draft.txt"
    file.write_text(texts["a draft"])
    given = {**texts, "file": str(file)}
    before = {name: run(m.folder, *line(given)) for name, line in PUBLIC.items()}
    folder = tmp_path / "registry"
    shutil.copytree(m.folder, folder)
    for each in (folder / "office").iterdir():
        each.write_bytes(os.urandom(4096))
    if loss == "deleted":
        shutil.rmtree(folder / "office")
        shutil.rmtree(folder / "people")
    assert {name: run(folder, *line(given)) for name, line in PUBLIC.items()} == before


WATCHER = """
import sys
seen = []
def watch(event, details):
    if event in ("open", "os.listdir", "os.scandir", "sqlite3.connect", "subprocess.Popen"):
        seen.append(f"{event} {details[0]}")
sys.addaudithook(watch)
from vidimus.cli.main import run
try:
    run()
finally:
    print("\\n".join(seen), file=sys.stderr)
"""


@pytest.mark.parametrize("name", PUBLIC)
def test_the_public_desk_opens_no_file_of_the_office(
    secrets: tuple[Ministry, dict[str, str]], tmp_path: Path, name: str
) -> None:
    """Seen from inside by Python's audit hook, and from outside, where there is strace."""
    m, texts = secrets
    file = tmp_path / "draft.txt"
    file.write_text(texts["a draft"])
    line = [*PUBLIC[name]({**texts, "file": str(file)}), "--registry", str(m.folder)]
    command = [sys.executable, "-c", WATCHER, *line]
    trace = tmp_path / "trace"
    if shutil.which("strace"):
        command = ["strace", "-f", "-e", "trace=%file", "-o", str(trace), *command]
    done = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    seen = done.stderr + (trace.read_text(errors="replace") if trace.exists() else "")
    assert str(m.folder / "public" / "log.sqlite") in seen
    assert str(m.folder / "office") not in seen
    assert str(m.folder / "people") not in seen


def pdf(text: str) -> bytes:
    """A PDF of one page that says this in Helvetica; plain enough to write by hand."""
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > PDF_LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    shown = " T* ".join(f"({line.replace('(', '').replace(')', '')}) Tj" for line in lines)
    page = f"BT /F1 12 Tf 16 TL 72 760 Td {shown} ET".encode("latin-1", "replace")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n"
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
