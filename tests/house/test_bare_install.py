"""The bare install: the project alone, with what its own metadata asks for and no extra.

It verifies bundles, proofs, receipts and logs that were made elsewhere; what it cannot do, it
says, with the extra that brings it. The environment is made once, under build/.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.evidence.cases import Cases, dumps, make
from tests.operations.ministry import OTHER

from vidimus import wiring
from vidimus.core.acts.document import from_base64
from vidimus.core.seal import receipt

ROOT = Path(__file__).resolve().parents[2]
BARE = ROOT / "build" / "bare"
LOCK = ROOT / "requirements" / "run.lock"


@pytest.fixture(scope="module")
def bare() -> Path:
    """The python of an environment that holds nothing but the bare install."""
    python = BARE / "bin" / "python"
    # The project anew when it changed; the environment when its dependencies did.
    lock, mine = _digest(LOCK, ROOT / "pyproject.toml"), _digest(*_source())
    if _stamped("lock") != lock:
        shutil.rmtree(BARE, ignore_errors=True)
        venv.create(BARE, with_pip=False)
        _install_project()
        _install_locked(_needed())
        _stamp("lock", lock)
    elif _stamped("project") != mine:
        _install_project()
    _stamp("project", mine)
    return python


def _source() -> list[Path]:
    files = (ROOT / "src").rglob("*")
    return sorted(each for each in files if each.is_file() and "__pycache__" not in each.parts)


def _digest(*paths: Path) -> str:
    content = hashlib.sha256(sys.version.encode())
    for path in paths:
        content.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return content.hexdigest()


def _stamped(name: str) -> str:
    stamp = BARE / f"stamp-{name}"
    return stamp.read_text() if stamp.exists() else ""


def _stamp(name: str, digest: str) -> None:
    (BARE / f"stamp-{name}").write_text(digest)


def _install_project() -> None:
    shutil.rmtree(BARE / "wheel", ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(BARE / "wheel")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = (BARE / "wheel").glob("*.whl")
    assert _install("--no-index", "--force-reinstall", str(wheel))


def _install(*what: str) -> bool:
    pip = [sys.executable, "-m", "pip", "--python", str(BARE / "bin" / "python"), "install"]
    quiet = ["--no-deps", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*pip, *quiet, *what], capture_output=True, text=True, check=False)
    return done.returncode == 0


def _needed() -> set[str]:
    """The distributions that the installed project asks for without an extra, and theirs."""
    site = next((BARE / "lib").glob("python*/site-packages"))
    (mine,) = metadata.distributions(name="vidimus", path=[str(site)])
    waiting, found = [*(mine.requires or ())], set[str]()
    while waiting:
        wanted = Requirement(waiting.pop())
        name = canonicalize_name(wanted.name)
        if name not in found and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += metadata.requires(name) or ()
    return found


def _install_locked(names: set[str]) -> None:
    """From the lock, with its hashes; where no network is, from the environment of this test."""
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK.read_text())
    wanted = [each for each in blocks if canonicalize_name(each.partition("==")[0]) in names]
    assert len(wanted) == len(names), "the lock lacks what the project asks for: run `make lock`"
    listed = BARE / "requirements.txt"
    listed.write_text("\n".join(wanted))
    options = ("--require-hashes", "--only-binary", ":all:", "--retries", "0", "--timeout", "10")
    if _install(*options, "-r", str(listed)):
        return
    # These very files were held against the lock's hashes when this environment was made.
    site = next((BARE / "lib").glob("python*/site-packages"))
    for name in names:
        for file in metadata.files(name) or ():
            target = site / file
            if ".." not in file.parts:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), target)


@dataclass
class Evidence:
    folder: Path
    cases: Cases


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """A registry and what it gives to strangers, made with everything that there is."""
    folder = tmp_path_factory.mktemp("bare")
    cases = make(folder / "registry")
    good = cases.bundle(cases.stands)
    (folder / "stands.json").write_bytes(good)
    (folder / "withdrawn.json").write_bytes(cases.bundle(cases.withdrawn))
    (folder / "broken.json").write_bytes(good.replace(b"Birch", b"Larch"))
    value = json.loads(good)
    (folder / "trust.json").write_bytes(dumps(value["trust"]))
    own = next(each for each in value["entries"] if each["receipts"])
    (folder / "entry.cose").write_bytes(from_base64(own["entry"]))
    (folder / "receipt.cbor").write_bytes(from_base64(own["receipts"][0]))
    both = receipt.transparent(from_base64(own["entry"]), [from_base64(own["receipts"][0])])
    (folder / "transparent.cose").write_bytes(both)
    desk = wiring.public_desk(cases.m.folder)
    (folder / "entry.tlog-proof").write_text(desk.proof(own["index"]))
    (folder / "letter.txt").write_text(OTHER)
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    return Evidence(folder, cases)


def run(bare: Path, made: Evidence, *arguments: str) -> tuple[int, str, str]:
    command = [str(bare), "-I", "-m", "vidimus", *arguments]
    done = subprocess.run(command, cwd=made.folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


TRUST = ("--trust", "trust.json")


def test_nothing_is_there_but_what_the_project_asks_for(bare: Path) -> None:
    code = "from importlib.metadata import distributions as d; print(*{each.name for each in d()})"
    done = subprocess.run([str(bare), "-I", "-c", code], capture_output=True, text=True, check=True)
    assert set(map(canonicalize_name, done.stdout.split())) == {*_needed(), "vidimus"}
    assert not {"numpy", "pyyaml", "starlette", "rapidfuzz"} & _needed()


@pytest.mark.parametrize(
    ("arguments", "status", "shown"),
    [
        (["check", "--bundle", "stands.json"], 3, "CANNOT_TELL"),
        (["check", "--bundle", "stands.json", *TRUST], 0, "you named with --trust"),
        (["check", "--bundle", "stands.json", "--json", *TRUST], 0, '"headline": "STANDS"'),
        (["check", "--bundle", "withdrawn.json", *TRUST], 1, "WITHDRAWN"),
        (["log", "verify", "--registry", "registry"], 0, "entries hold"),
        (["log", "verify", "--public", "--registry", "registry"], 0, "entries hold"),
        (["log", "show", "--registry", "registry"], 0, "release"),
        (["log", "checkpoint", "--registry", "registry"], 0, "letters.ministry.example"),
        (["authority", "--registry", "registry"], 0, "Ada Ash"),
        (["--help"], 0, "COMMAND"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_it_verifies_what_others_made(
    bare: Path, made: Evidence, arguments: list[str], status: int, shown: str
) -> None:
    """Issue 3: the bare install verifies bundles, proofs, receipts and logs."""
    got, said, noted = run(bare, made, *arguments)
    assert (got, noted) == (status, "")
    assert shown in " ".join(said.split())


def test_it_checks_a_proof(bare: Path, made: Evidence) -> None:
    key = made.cases.m.registry.settings.log_key
    command = ("log", "check-proof", "entry.tlog-proof", "entry.cose", "--log-key", key)
    got, said, noted = run(bare, made, *command)
    assert (got, noted) == (0, "")
    assert "it holds" in said


def test_it_checks_a_receipt(bare: Path, made: Evidence) -> None:
    for files in (("entry.cose", "receipt.cbor"), ("transparent.cose",)):
        got, said, noted = run(bare, made, "log", "check-receipt", *files, "--trust", "trust.json")
        assert (got, noted) == (0, "")
        assert "it holds" in said


def test_it_follows_a_log_from_its_files(bare: Path, made: Evidence) -> None:
    wiring.publish(made.folder / "registry")
    place = ("registry/public/log", "--trust", "trust.json", "--state", "state")
    for read in (made.cases.m.registry.log.head().size, 0):
        got, said, noted = run(bare, made, "monitor", *place)
        assert (got, noted) == (0, "")
        assert f"signed), {read} of them now" in said


def test_it_refuses_what_was_changed(bare: Path, made: Evidence) -> None:
    got, said, noted = run(bare, made, "check", "--bundle", "broken.json")
    assert (got, said) == (1, "")
    assert noted.startswith("vidimus: false: ")


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["check", "letter.txt", "--bundle", "stands.json"], "copies"),
        (["check", "letter.txt", "--registry", "registry"], "copies"),
        (["check", "photo.png", "--bundle", "stands.json"], "copies"),
        (["debug", "read", "photo.png"], "reading"),
        (["play", "letter.txt", "--registry", "another"], "stories"),
        (["serve", "--registry", "registry"], "web"),
        (["key", "show", "pkcs11:token=A?module-path=/bin/true"], "token"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else each,
)
def test_what_it_cannot_do_it_says_with_the_extra_that_brings_it(
    bare: Path, made: Evidence, arguments: list[str], extra: str
) -> None:
    got, said, noted = run(bare, made, *arguments)
    assert (got, said) == (3, "")
    assert f"vidimus[{extra}]" in noted
    assert "defect" not in noted
