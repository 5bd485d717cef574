"""The command line: exit statuses, the JSON contract, keys, proofs, and never a traceback."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.operations.ministry import OTHER, TEXT, THIRD, UNKNOWN, Ministry, build, no_passphrase

from vidimus import wiring
from vidimus.adapters import key_files
from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import EXIT_STATUS, Headline
from vidimus.core.log.note import Verifier
from vidimus.core.log.proof import check_proof
from vidimus.core.log.proof import parse as parse_proof
from vidimus.errors import Conflict, FormatError, NotFound, OutsideFailed, UsageError

ROOT = Path(__file__).resolve().parents[2]
ALTERED = TEXT.replace("will\nnot leave", "will\nleave")


@pytest.fixture(scope="module")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    m = build(tmp_path_factory.mktemp("ministry") / "registry")
    m.do("ada", "cover", office="ministry", cls="paper")
    m.released(TEXT)
    m.do("ben", "withdraw", letter=m.released(OTHER))
    m.draft(THIRD)
    wiring.move_clock(m.folder, m.clock.now())
    return m


def run(
    *arguments: str, stdin: bytes = b"", secret: Callable[[str], str] | None = None
) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(io.BytesIO(stdin), out, err)
    if secret is not None:
        terminal.secret = secret
    status = main(arguments, terminal)
    return status, out.getvalue(), err.getvalue()


# --- check ------------------------------------------------------------------------------------

CASES = {
    TEXT: Headline.STANDS,
    TEXT[6:200]: Headline.PART_STANDS,
    ALTERED: Headline.ALTERED,
    OTHER: Headline.WITHDRAWN,
    THIRD: Headline.NOT_RELEASED,
    UNKNOWN: Headline.NOT_RELEASED,
    "Too short": Headline.CANNOT_TELL,
}


@pytest.mark.parametrize("text", CASES)
def test_check_says_it_by_its_exit_status_too(ministry: Ministry, text: str) -> None:
    """Design 9: 0 it stands, 1 it does not, 2 usage or unreadable, 3 cannot say."""
    registry = ["--registry", str(ministry.folder)]
    status, said, noted = run("check", "-", *registry, stdin=text.encode())
    headline = CASES[text]
    assert headline.value in said.splitlines()
    assert status == EXIT_STATUS.get(headline, 1)
    assert noted == ""
    status, said, _ = run("check", "-", *registry, "--json", stdin=text.encode())
    assert status == EXIT_STATUS.get(headline, 1)
    require_contract(json.loads(said), headline)


def require_contract(document: dict[str, Any], headline: Headline) -> None:
    """Design 9: names are the contract; fields may be added, none renamed."""
    assert document["headline"] == headline.value
    assert isinstance(document["sentence"], str)
    text = document["text"]
    assert {"answer", "version", "language", "seen", "differences", "unread"} <= set(text)
    assert {"words", "of"} <= set(text["seen"])
    for each in (*text["differences"], *text["unread"]):
        assert {"kind", "registered", "copy", "page", "box"} <= set(each)
    for axis in ("text", "authority", "release", "standing"):
        assert isinstance(document[axis]["answer"], str)
    assert isinstance(document["as_of"]["tree_size"], int)
    assert document["as_of"]["time"].endswith("Z")
    for name in ("checked", "not_checked", "reasons"):
        assert document[name]
        assert all(isinstance(each, str) for each in document[name])
    letter = document["letter"]
    if headline in (Headline.NOT_RELEASED, Headline.NO_RECORD, Headline.CANNOT_TELL):
        assert letter is None
    else:
        assert {"id", "reference", "office", "class", "date"} <= set(letter)


def test_the_document_of_a_secret_and_of_a_fake_has_the_same_fields(ministry: Ministry) -> None:
    """Design 9: letter is null, and nothing else differs."""
    answers = [
        json.loads(
            run("check", "-", "--json", "--registry", str(ministry.folder), stdin=t.encode())[1]
        )
        for t in (TEXT, THIRD, UNKNOWN)
    ]
    assert answers[1] == answers[2]
    assert set(answers[0]) == set(answers[1])
    for axis in ("text", "authority", "release", "standing", "as_of"):
        assert set(answers[0][axis]) == set(answers[1][axis])


def test_several_files_are_one_copy(ministry: Ministry, tmp_path: Path) -> None:
    half = TEXT.index("Traffic")
    (tmp_path / "1").write_text(TEXT[:half])
    (tmp_path / "2").write_text(TEXT[half:])
    registry = ["--registry", str(ministry.folder)]
    assert run("check", str(tmp_path / "1"), str(tmp_path / "2"), *registry)[0] == 0
    said = run("check", str(tmp_path / "1"), *registry)[1]
    assert "PART_STANDS" in said


# --- proofs -----------------------------------------------------------------------------------


def test_every_entry_has_a_proof_that_anybody_can_check(ministry: Ministry) -> None:
    """Spec log, section 5: with the log's key and the entry alone."""
    settings = wiring.settings(ministry.folder)
    verifier = Verifier.parse(settings.log_key)
    size = ministry.registry.log.head().size
    for index in range(size):
        status, said, _ = run("log", "proof", str(index), "--registry", str(ministry.folder))
        assert status == 0
        entry = run("debug", "entry", str(index), "--registry", str(ministry.folder))[1]
        raw = bytes.fromhex(json.JSONDecoder().raw_decode(entry)[0]["entry"])
        proof = parse_proof(said)
        assert proof.index == index
        head = check_proof(proof, raw, verifier, settings.origin)
        assert head.size == size
    checkpoint = run("log", "checkpoint", "--registry", str(ministry.folder))[1]
    assert said.endswith(checkpoint)


# --- keys -------------------------------------------------------------------------------------


def test_a_key_is_readable_by_its_owner_only_from_its_first_byte_on(tmp_path: Path) -> None:
    """Issue: keys are files (0600), whatever the umask says."""
    before = os.umask(0)
    try:
        made, person = wiring.new_person(tmp_path / "people", "ada", "Ada Ash", b"secret")
    finally:
        os.umask(before)
    key = made.with_suffix(".key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert b"ENCRYPTED" in key.read_bytes()
    assert key_files.signer(key, lambda _: (b"secret",)).public.to_text() == person.key
    assert wiring.person(tmp_path, "ada") == person
    assert wiring.person(tmp_path, str(made)) == person


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o700 | 0o010, 0o666])
def test_a_key_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    made, _ = wiring.new_person(tmp_path, "ada", "Ada Ash", None)
    key = made.with_suffix(".key")
    key.chmod(mode)
    with pytest.raises(UsageError) as error:
        key_files.load(key, no_passphrase)
    assert error.value.hint == f"chmod 600 {key}"


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    def pem(key: Any, passphrase: bytes | None = None) -> bytes:
        how: Any = serialization.NoEncryption()
        if passphrase:
            how = serialization.BestAvailableEncryption(passphrase)
        content: bytes = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how
        )
        return content

    good = pem(ec.generate_private_key(ec.SECP256R1()), b"secret")
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    contents = {
        b"": FormatError,
        b"\xff" * 100: FormatError,
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n": FormatError,
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n": (
            UsageError
        ),
        good[:100]: UsageError,
        good.replace(b"A", b"B"): UsageError,
        pem(ec.generate_private_key(ec.SECP384R1())): FormatError,
        pem(rsa.generate_private_key(65537, 2048)): FormatError,
        public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ): FormatError,
    }
    for number, (content, kind) in enumerate(contents.items()):
        path = tmp_path / f"{number}.key"
        path.touch(0o600)
        path.write_bytes(content)
        with pytest.raises(kind):
            key_files.load(path, lambda _: (b"secret",))
    with pytest.raises(NotFound):
        key_files.load(tmp_path / "none.key", no_passphrase)
    with pytest.raises(NotFound):
        key_files.load_person(tmp_path / "none.pub")
    (tmp_path / "folder.key").mkdir(0o700)
    with pytest.raises(OutsideFailed):
        key_files.load(tmp_path / "folder.key", no_passphrase)
    for content in (
        b"",
        b"[]",
        b"{}",
        b'{"person":"a","name":"b","key":"c"}',
        b"[" * 9999,
        b"\xff",
    ):
        (tmp_path / "x.pub").write_bytes(content)
        with pytest.raises(FormatError):
            key_files.load_person(tmp_path / "x.pub")


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    made, _ = wiring.new_person(tmp_path, "ada", "Ada Ash", None)
    before = made.with_suffix(".key").read_bytes()
    with pytest.raises(Conflict):
        wiring.new_person(tmp_path, "ada", "Ada Ash", None)
    made.unlink()
    with pytest.raises(Conflict):
        wiring.new_person(tmp_path, "ada", "Ada Ash", None)
    assert made.with_suffix(".key").read_bytes() == before
    # And where the public half would not fit, the private one is not made either.
    (tmp_path / "ben.pub").touch()
    with pytest.raises(Conflict):
        wiring.new_person(tmp_path, "ben", "Ben Birch", None)
    assert not (tmp_path / "ben.key").exists()


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ("", "A"),
        ("Ada", "A"),
        ("a/b", "A"),
        ("..", "A"),
        ("ada", ""),
        ("ada", "A\nB"),
        ("ada", "A" * 301),
    ],
)
def test_an_odd_name_makes_no_key(tmp_path: Path, person: str, name: str) -> None:
    with pytest.raises(UsageError):
        wiring.new_person(tmp_path / "people", person, name, None)
    assert not (tmp_path / "people").exists()


def test_a_new_passphrase_is_typed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Tty())
    said: list[str] = []

    def typed(*words: str) -> Callable[[str], str]:
        given = iter(words)

        def secret(prompt: str) -> str:
            said.append(prompt)
            try:
                return next(given)
            except StopIteration:
                raise EOFError from None

        return secret

    line = ["key", "new", "ada", "--name", "Ada Ash", "--out", str(tmp_path)]
    assert run(*line, secret=typed("one", "two"))[0] == 2
    assert run(*line, secret=typed("", ""))[0] == 2
    assert run(*line, secret=typed())[0] == 2
    assert run(*line, secret=typed("one"))[0] == 2
    assert run(*line, secret=typed("x" * 1001, "x" * 1001))[0] == 2
    assert list(tmp_path.iterdir()) == []
    assert run(*line, secret=typed("one", "one"))[0] == 0
    assert key_files.load(tmp_path / "ada.key", lambda _: (b"one",))
    assert not any("one" in each for each in said if each.startswith("passphrase"))


# --- making registries ------------------------------------------------------------------------


def test_what_init_began_and_did_not_end_is_no_registry(tmp_path: Path) -> None:
    """And a mistake in the command leaves nothing behind that stands in the way."""
    line = ["init", str(tmp_path / "r"), "--origin", "a.example/exercise", "--exercise"]
    assert run(*line, "--no-passphrase")[0] == 2
    assert not (tmp_path / "r").exists()
    assert run(*line, "--no-passphrase", "--time", "2031-01-01T09:00:00Z")[0] == 0
    assert run(*line, "--no-passphrase", "--time", "2031-01-01T09:00:00Z")[0] == 2
    live = ["init", str(tmp_path / "live"), "--origin", "a.example", "--no-passphrase"]
    assert run(*live, "--time", "2031-01-01T09:00:00Z")[0] == 2
    assert not (tmp_path / "live").exists()
    (tmp_path / "file").touch()
    assert run("init", str(tmp_path / "file"), "--origin", "a.example", "--no-passphrase")[0] == 3


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "5",
        "{}",
        '{"v": 1}',
        '{"v": 1, "mode": "live", "origin": 5, "log_key": 7}',
        '{"v": 1, "mode": "live", "origin": "a.example", "log_key": "x"}',
        '{"v": 1, "mode": ["live"], "origin": "a.example", "log_key": "x"}',
        '{"v": 2, "mode": "live", "origin": "a.example", "log_key": "x"}',
        "[" * 100_000,
        b"\xff\xfe",
        b"\x00" * 100,
    ],
)
@pytest.mark.parametrize("command", [("check", "-"), ("log", "show"), ("log", "verify"), ("list",)])
def test_damaged_settings_are_said_to_be_damaged(
    tmp_path: Path, content: str | bytes, command: tuple[str, ...]
) -> None:
    path = wiring.Folder(tmp_path).settings
    path.parent.mkdir()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    status, said, noted = run(*command, "--registry", str(tmp_path), stdin=TEXT.encode())
    assert (status, said) == (2, "")
    assert noted.startswith("vidimus: malformed: ")
    assert "damaged" in noted
    assert len(noted) < 1000


# --- bad input --------------------------------------------------------------------------------


def bad_lines(folder: Path, m: Ministry) -> dict[str, list[str]]:
    (folder / "empty").touch()
    (folder / "binary").write_bytes(bytes(range(256)) * 40)
    (folder / "latin").write_bytes("Für Könige".encode("latin-1"))
    (folder / "zeros").write_bytes(bytes(5000))
    (folder / "zip.pdf").write_bytes(b"PK\x03\x04" + b"x" * 100)
    (folder / "spaces").write_text(" \n\t " * 100)
    (folder / "escape").write_text("A letter with \x1b[31m in it")
    registry = ["--registry", str(m.folder)]
    lost = shutil.copytree(m.folder, folder / "lost")
    (lost / "public" / "log.sqlite").unlink()
    garbage = shutil.copytree(m.folder, folder / "garbage")
    for each in (garbage / "public").glob("log.sqlite*"):
        each.write_bytes(b"garbage" * 1000)
    keyless = shutil.copytree(m.folder, folder / "keyless")
    (keyless / "office" / "log.key").unlink()
    other = shutil.copytree(m.folder, folder / "other")
    (other / "office" / "log.key").write_bytes((m.folder / "office" / "seal.key").read_bytes())
    return {
        **{
            name: ["check", str(folder / name), *registry]
            for name in ("empty", "binary", "latin", "zeros", "zip.pdf", "spaces", "escape", "none")
        },
        "a folder": ["check", str(folder), *registry],
        "a folder as a story": ["play", str(folder), "--registry", str(folder / "new")],
        "no story": ["play", str(folder / "none"), "--registry", str(folder / "new")],
        "binary story": ["play", str(folder / "binary"), "--registry", str(folder / "new")],
        "no registry": ["check", str(folder / "latin"), "--registry", str(folder / "nowhere")],
        "a file as a registry": ["log", "show", "--registry", str(folder / "empty")],
        "a very long name": ["check", "x" * 5000, *registry],
        "a lost log": ["log", "show", "--registry", str(lost)],
        "a lost log, and an act": ["found", "--by", "ada", "--registry", str(lost)],
        "a log of garbage": ["log", "verify", "--registry", str(garbage)],
        "no key of the log": ["list", "--registry", str(keyless)],
        "another key for the log": ["list", "--registry", str(other)],
        "no such letter": ["show", "MC-99", *registry],
        "no letter at all": ["show", "", *registry],
        "an odd letter": ["show", "\x1b[31m\u202eMC", *registry],
        "no such entry": ["log", "proof", "999", *registry],
        "a great entry": ["debug", "entry", "999999999999999", *registry],
        "no such person": ["appoint", "nobody", "--office", "archive", "--by", "ada", *registry],
        "an odd person": ["hold", "MC-1", "--by", "../../etc/passwd", *registry],
        "an odd time": ["check", str(folder / "latin"), "--at", "9999-99-99", *registry],
        "a time before all": ["check", str(folder / "empty"), "--at", "0001-01-01", *registry],
        "an odd port": ["serve", "--port", "9" * 5000, *registry],
        "a huge number": [
            *("share", "MC-1", "--to", "X", "--copy", "9" * 5000, "--by", "dan"),
            *registry,
        ],
        "a passphrase that is a folder": [
            *("init", str(folder / "p"), "--origin", "a.example"),
            *("--passphrase-file", str(folder)),
        ],
    }


BAD = (
    *("empty", "binary", "latin", "zeros", "zip.pdf", "spaces", "escape", "none", "a folder"),
    *("a folder as a story", "no story", "binary story", "no registry", "a file as a registry"),
    *("a very long name", "a lost log", "a lost log, and an act", "a log of garbage"),
    *("no key of the log", "another key for the log", "no such letter", "no letter at all"),
    *("an odd letter", "no such entry", "a great entry", "no such person", "an odd person"),
    *("an odd time", "a time before all", "an odd port", "a huge number"),
    "a passphrase that is a folder",
)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_fact_and_never_a_traceback(
    ministry: Ministry, tmp_path: Path, name: str
) -> None:
    """Issue: a clear refusal (fact, hint, status 2), within bounded time and memory."""
    before = ministry.snapshot()
    status, said, noted = run(*bad_lines(tmp_path, ministry)[name])
    assert status in (2, 3)
    assert said == ""
    assert noted.startswith("vidimus: ")
    assert all(line.startswith("vidimus: ") for line in noted.splitlines())
    assert len(noted) < 2000
    assert "\x1b" not in noted
    assert "\u202e" not in noted
    assert ministry.snapshot() == before


def test_the_bad_lines_are_all_tried(ministry: Ministry, tmp_path: Path) -> None:
    assert set(bad_lines(tmp_path, ministry)) == set(BAD)


# --- as a process -----------------------------------------------------------------------------


def shell(m: Ministry, line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = f"{sys.executable} -m vidimus"
    return subprocess.run(
        ["bash", "-c", line.replace("vidimus", command, 1)],
        env=os.environ
        | {"PYTHONPATH": str(ROOT / "src"), "VIDIMUS_REGISTRY": str(m.folder)}
        | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("vidimus log show >&-", 0),
        ("vidimus log show 2>&- >&-", 0),
        ("vidimus log show <&-", 0),
        ("vidimus check - <&-", 2),
        ("vidimus log show >/dev/full", 3),
        ("vidimus show nothing 2>/dev/full", None),
        ("vidimus log show | true", 0),
        ("vidimus nonsense", 2),
        ("vidimus", 2),
        ("vidimus log proof -1", 2),
    ],
)
def test_whatever_is_done_to_its_streams_there_is_no_traceback(
    ministry: Ministry, line: str, status: int | None
) -> None:
    done = shell(ministry, line)
    assert status is None or done.returncode == status, done.stderr
    for said in (done.stdout, done.stderr):
        assert "Traceback" not in said
        assert "defect" not in said
        assert "Exception ignored" not in said


def test_every_letter_is_shown_on_every_terminal(ministry: Ministry) -> None:
    """With escapes for what its encoding cannot say, and no defect."""
    (ministry.folder.parent / "altered.txt").write_text(ALTERED.replace("pilots", "пилоты"))
    line = f"vidimus check {ministry.folder.parent / 'altered.txt'}"
    done = shell(ministry, line, PYTHONIOENCODING="ascii")
    assert done.returncode == 1, done.stderr
    assert "\\u043f" in done.stdout


def test_a_defect_says_that_it_is_ours(ministry: Ministry, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import vidimus.cli.log as l; l.run_show = lambda *_: 1 / 0;"
        " import sys; sys.argv = ['vidimus', 'log', 'show'];"
        " from vidimus.cli.main import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 70
    assert done.stderr.startswith("vidimus: defect: ZeroDivisionError")
    assert "Traceback" not in done.stderr


# --- the words of strangers -------------------------------------------------------------------


def test_a_copy_cannot_steer_the_terminal(ministry: Ministry) -> None:
    """What turns the direction of writing is shown, and not obeyed."""
    text = TEXT.replace("not leave", "\u202enot leave\u202c")
    registry = ["--registry", str(ministry.folder)]
    for form in ([], ["--json"]):
        _, said, _ = run("check", "-", *registry, *form, stdin=text.encode())
        assert "\u202e" not in said
    assert json.loads(said)["headline"]


# --- another registry's server ----------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[dict[str, Any]]:
    """A stranger's server, which answers what it is told to."""
    told: dict[str, Any] = {"status": 200, "body": b"", "asked": []}

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told["asked"].append(self.rfile.read(int(self.headers["Content-Length"])))
            if told.get("raw"):
                self.wfile.write(told["raw"])
                return
            self.send_response(told["status"])
            self.send_header("Content-Length", str(len(told["body"])))
            self.end_headers()
            self.wfile.write(told["body"])

        def log_message(self, *_: Any) -> None:
            pass

    running = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    told["address"] = f"http://127.0.0.1:{running.server_port}"
    yield told
    running.shutdown()
    thread.join()
    running.server_close()


def test_a_servers_answer_is_shown_like_ones_own(
    ministry: Ministry, server: dict[str, Any]
) -> None:
    for text in CASES:
        own = run("check", "-", "--json", "--registry", str(ministry.folder), stdin=text.encode())
        shown = run("check", "-", "--registry", str(ministry.folder), stdin=text.encode())
        server["body"] = own[1].encode()
        line = ["check", "-", "--registry", server["address"], "--from", "ministry"]
        assert run(*line, stdin=text.encode()) == shown
        assert json.loads(run(*line, "--json", stdin=text.encode())[1]) == json.loads(own[1])
        assert text.encode() in server["asked"][-1]
        assert b'name="office"\r\n\r\nministry' in server["asked"][-1]


def answers(good: dict[str, Any]) -> Iterator[tuple[bytes, int]]:
    yield b"", 2
    yield b"<html>", 2
    yield b"[]", 2
    yield b"5", 2
    yield b"[" * 100_000, 2
    yield b" " * (4 * 1024 * 1024 + 1), 2
    for name in good:
        yield json.dumps({k: v for k, v in good.items() if k != name}).encode(), 2
        yield json.dumps(good | {name: 5 if name in ("letter", "form") else None}).encode(), 2
        yield json.dumps(good | {name: {"answer": ["x"]}}).encode(), 2
    yield json.dumps(good | {"headline": "AUTHENTIC"}).encode(), 2
    yield json.dumps(good | {"exercise": "no"}).encode(), 2


def test_a_servers_answer_of_another_shape_is_refused(
    ministry: Ministry, server: dict[str, Any]
) -> None:
    own = run("check", "-", "--json", "--registry", str(ministry.folder), stdin=TEXT.encode())[1]
    for body, status in answers(json.loads(own)):
        server["body"] = body
        got = run("check", "-", "--registry", server["address"], stdin=TEXT.encode())
        assert got[0] == status, (body[:200], got)
        assert got[1] == ""
        assert got[2].startswith("vidimus: malformed: ")


def test_a_servers_words_cannot_steer_the_terminal(
    ministry: Ministry, server: dict[str, Any]
) -> None:
    own = run("check", "-", "--json", "--registry", str(ministry.folder), stdin=TEXT.encode())[1]
    evil = "\x1b[2J\x9b31m\u202eSTANDS"
    server["body"] = json.dumps(json.loads(own) | {"sentence": evil, "reasons": [evil]}).encode()
    for form in ([], ["--json"]):
        _, said, _ = run("check", "-", "--registry", server["address"], *form, stdin=TEXT.encode())
        assert not {"\x1b", "\x9b", "\u202e"} & set(said)


@pytest.mark.parametrize(
    ("status", "body", "exit_status"),
    [
        (400, b'{"title": "no", "detail": "because"}', 2),
        (413, b'{"title": "too large"}', 2),
        (422, b'{"title": "unreadable"}', 2),
        (500, b'{"title": "broken"}', 3),
        (500, b"<html>", 3),
        (404, b"[]", 3),
        (418, b'["title"]', 3),
    ],
)
def test_a_servers_refusal_is_passed_on(
    server: dict[str, Any], status: int, body: bytes, exit_status: int
) -> None:
    server["status"], server["body"] = status, body
    got = run("check", "-", "--registry", server["address"], stdin=TEXT.encode())
    assert got[0] == exit_status
    assert got[2].startswith("vidimus: ")


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"nonsense\r\n\r\n", 3), (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", 2)],
)
def test_a_server_that_speaks_nonsense_is_not_believed(
    server: dict[str, Any], raw: bytes, status: int
) -> None:
    server["raw"] = raw
    got = run("check", "-", "--registry", server["address"], stdin=TEXT.encode())
    assert got[:2] == (status, "")
    assert got[2].startswith("vidimus: ")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://[", "http://", "http://x y/"])
def test_an_address_where_nobody_is(address: str) -> None:
    got = run("check", "-", "--registry", address, stdin=TEXT.encode())
    assert got[0] == 3
    assert got[2].startswith("vidimus: outside-failed: ")


# --- the example ------------------------------------------------------------------------------


def test_the_example_never_deletes_what_is_not_its_own(tmp_path: Path, ministry: Ministry) -> None:
    """Refuse rather than damage."""
    mine = shutil.copytree(ministry.folder, tmp_path / "mine")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("mine")
    for folder in (mine, tmp_path / "notes"):
        before = sorted(folder.rglob("*"))
        status, _, noted = run("example", "--folder", str(folder))
        assert (status, noted.split(":")[1]) == (2, " conflict")
        assert sorted(folder.rglob("*")) == before


def test_the_example_is_played_once_and_mended_when_it_was_interrupted(tmp_path: Path) -> None:
    line = ["example", "--folder", str(tmp_path / "example")]
    (tmp_path / "example").mkdir()
    assert run(*line)[2].startswith("playing the example")
    first = wiring.verify_log(tmp_path / "example", False).root
    status, said, noted = run(*line)
    assert (status, noted) == (0, "")
    assert "DISOWNED" in said
    assert wiring.verify_log(tmp_path / "example", False).root == first
    # Interrupted anywhere, it is made anew.
    (tmp_path / "example" / "played.sha256").unlink()
    (tmp_path / "example" / "public" / "registry.json").unlink()
    assert run(*line)[2].startswith("playing the example")
    assert wiring.verify_log(tmp_path / "example", False).root != first
