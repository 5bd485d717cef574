"""What may not stand in any file of the repository, and links that must lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
IGNORED = frozenset({".git", ".venv", "build", "__pycache__", ".hypothesis", "node_modules"})

# Each pattern is written so that it does not find itself in this file.
FORBIDDEN: dict[str, tuple[re.Pattern[str], str]] = {
    "a path of one machine": (
        re.compile(r"(?<![\w.:/}~-])/(?:work|root|home/\w+|Users/\w+)/"),
        "use a path relative to the repository",
    ),
    "the host of a package registry": (
        re.compile(
            r"(?:pypi|pythonhosted|npmjs|deb\.debian|archive\.ubuntu|crates)[.](?:org|com|io)"
        ),
        "name the package; everyone's own settings say where it comes from",
    ),
    "work left undone": (
        re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b"),
        "do it, or write an issue; nothing half-built is committed",
    ),
}
# A lock is made of names, versions and hashes. What looks like a pattern in it is chance.
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def tracked() -> list[Path]:
    """Files under version control; in an unpacked archive, every file that is not made."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True
        )
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [
            Path(folder) / name
            for folder, folders, names in os.walk(ROOT)
            if not folders.__setitem__(slice(None), [f for f in folders if f not in IGNORED])
            for name in names
        ]
    return [path for path in paths if path.is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            yield path, content.decode("utf-8", errors="replace")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    pattern, instead = FORBIDDEN[what]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(HASH.sub("", line))
    ]
    assert not found, f"{what}; {instead}:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "open('/" + "work/main/x')"),
        ("a path of one machine", "cd /" + "root/vidimus"),
        ("the host of a package registry", "https://pypi" + ".org/simple"),
        ("work left undone", "# TO" + "DO: later"),
    ],
)
def test_the_patterns_find(what: str, line: str) -> None:
    assert FORBIDDEN[what][0].search(line)


@pytest.mark.parametrize(
    "line",
    [f"{before}/{name}/today" for name in ("work", "root") for before in ("docs", "~", "$X")],
)
def test_ordinary_paths_are_no_machine_paths(line: str) -> None:
    assert not FORBIDDEN["a path of one machine"][0].search(line)


@pytest.mark.parametrize("name", ["run", "test"])
def test_the_lock_names_no_hosts_and_pins_everything_by_hash(name: str) -> None:
    """pip refuses what has another hash, wherever it was fetched from (decision 0001)."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash)", text, re.MULTILINE), "an option in the lock"
    logical = text.replace("\\\n", " ")
    requirements = [
        line for line in logical.splitlines() if line and not line.lstrip().startswith("#")
    ]
    assert len(requirements) > 20
    for requirement in requirements:
        assert re.match(
            r"^[a-z0-9][a-z0-9.-]*==[\w.]+( ; [^\\]+?)? +--hash=sha256:", requirement
        ), f"not pinned with a hash: {requirement[:80]}; run `make lock`"


def test_the_tests_run_on_what_people_run() -> None:
    """Every version in run.lock stands in test.lock: setting up for tests serves both."""

    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.lock").read_text()
        return set(re.findall(r"^[a-z0-9][a-z0-9.-]*==[\w.]+", text, re.MULTILINE))

    assert pins("run") <= pins("test"), "run `make lock`"


LINK = re.compile(
    r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE
)
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def links(markdown: str) -> Iterator[str]:
    """Where the links of a Markdown text lead; what stands in code is no link."""
    for found in LINK.finditer(CODE.sub("", markdown)):
        yield found[1] or found[2]


def anchors(markdown: str) -> set[str]:
    """The fragment of each heading, as code hosts make it."""
    prose = re.sub(r"^(```|~~~).*?^\1", "", markdown, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_in_the_docs_leads_somewhere() -> None:
    """A link to a file of this repository, and to a heading in it, resolves."""
    broken = []
    for path, text in texts():
        if path.suffix != ".md":
            continue
        for link in links(text):
            if re.match(r"[a-z][a-z0-9+.-]*:", link):
                continue
            target, _, fragment = unquote(link).partition("#")
            there = (path.parent / target).resolve() if target else path
            if not there.exists() or not there.is_relative_to(ROOT):
                broken.append(f"{path.relative_to(ROOT)}: {link}: there is no such file")
            elif fragment and there.suffix == ".md" and fragment not in anchors(there.read_text()):
                broken.append(f"{path.relative_to(ROOT)}: {link}: there is no such heading")
    assert not broken, "\n".join(broken)


def test_links_are_found_where_they_are_and_not_in_code() -> None:
    markdown = (
        'See [a](docs/a.md), ![b](<b.png> "title"), `[c](no)`.\n\n[d]: d.md\n```\n[e](no)\n```\n'
    )
    assert list(links(markdown)) == ["docs/a.md", "b.png", "d.md"]
    assert anchors("# What it is, and is not\n## `vidimus check`\n") == {
        "what-it-is-and-is-not",
        "vidimus-check",
    }
