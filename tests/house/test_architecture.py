"""The import rule of ARCHITECTURE, and what keeps modules small and well named.

    cli, web → wiring → operations, adapters → core

Every file is parsed, none is imported: the rule holds for code that no test runs, too.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "vidimus"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Which parts of the house each part may import from; itself always.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "errors": (),
    "core": ("errors",),
    "operations": ("core", "errors"),
    "adapters": ("core", "errors", "operations.ports"),
    "cli": ("wiring", "operations", "core", "errors"),
    "web": ("wiring", "operations", "core", "errors"),
    "wiring": ("adapters", "operations", "core", "errors", "cli", "web"),
    "__main__": ("cli",),
}
INSTEAD: dict[str, str] = {
    "core": "core is pure: take the value as an argument, and let an operation fetch it",
    "operations": "say what you need as a Protocol in operations/ports.py; wiring.py hands it in",
    "adapters": "move the shared rule down into core, or the port into operations/ports.py",
    "cli": "ask wiring.py for it; a command must not know which adapter answers",
    "web": "ask wiring.py for it; a page must not know which adapter answers",
    "wiring": "there is no such part of the house",
    "__main__": "`python -m vidimus` only calls cli.main",
    "errors": "errors.py stands at the bottom and imports nothing of ours",
}

# Core may compute and nothing else. These reach a file, a network, a clock, chance or a screen.
IMPURE = (
    *("os", "pathlib", "shutil", "tempfile", "glob", "fileinput", "mmap", "sqlite3"),
    *("socket", "ssl", "select", "http", "urllib.request", "webbrowser"),
    *("time", "random", "secrets", "platform", "getpass"),
    *("asyncio", "threading", "multiprocessing", "subprocess", "signal", "ctypes", "logging"),
)
PURE_PACKAGES = frozenset({"cryptography", "cbor2", "rfc8785", "numpy", "rapidfuzz"})
IMPURE_CALLS = frozenset({"open", "input", "print", "exec", "eval", "__import__", "breakpoint"})
# Innocent modules, but these of their functions read the clock or draw lots.
IMPURE_ATTRIBUTES = frozenset({"now", "utcnow", "today", "uuid1", "uuid4", "default_rng"})

LONGEST = 400
BANNED_WORDS = frozenset({"helper", "helpers", "util", "utils", "manager", "common", "misc"})


def name_of(path: Path) -> str:
    """src/vidimus/core/log/note.py → core.log.note"""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(name: str) -> str:
    return name.split(".", maxsplit=1)[0]


def imports(tree: ast.Module, name: str, *, package: bool = False) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of everything imported, however deep in the file.

    `from x import y` gives x.y, since y may be a module.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = ["vidimus", *name.split(".")]
                up = node.level - 1 if package else node.level
                above = ".".join(here[: len(here) - up])
                base = f"{above}.{base}" if base else above
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def forbidden_imports(source: str, name: str, *, package: bool = False) -> list[str]:
    part = part_of(name)
    found = []
    for line, imported in imports(ast.parse(source), name, package=package):
        top = part_of(imported)
        if top == "vidimus":
            inner = imported.removeprefix("vidimus").removeprefix(".")
            allowed = (part, *MAY_IMPORT.get(part, ()))
            if inner and not any(f"{inner}.".startswith(f"{other}.") for other in allowed):
                found.append(f"line {line}: {part} imports vidimus.{inner}; {INSTEAD[part]}")
        elif part == "core" and (
            any(f"{imported}.".startswith(f"{impure}.") for impure in IMPURE)
            or (top not in sys.stdlib_module_names and top not in PURE_PACKAGES)
        ):
            found.append(f"line {line}: core imports {imported}; {INSTEAD['core']}")
    return found


def impure_calls(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in IMPURE_CALLS:
            found.append(f"line {node.lineno}: core calls {called.id}(); {INSTEAD['core']}")
        if isinstance(called, ast.Attribute) and called.attr in IMPURE_ATTRIBUTES:
            found.append(f"line {node.lineno}: core calls .{called.attr}(); {INSTEAD['core']}")
    return found


def each_module(rule: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{name_of(path)}-{rule}")


def test_there_is_something_to_look_at() -> None:
    """An empty list of modules would let every rule below pass."""
    assert {part_of(name_of(path)) for path in MODULES} >= {"core", "errors", "operations"}


@each_module("imports")
def test_imports_go_down_only(path: Path) -> None:
    """cli, web → wiring → operations, adapters → core; operations never import adapters."""
    name = name_of(path) or "errors"  # the package itself imports nothing of ours either
    assert part_of(name) in MAY_IMPORT, (
        f"{path.relative_to(ROOT)} is in no part of the house: put it into one of "
        f"{', '.join(MAY_IMPORT)}, or add the part to MAY_IMPORT with a decision record"
    )
    problems = forbidden_imports(path.read_text(), name, package=path.name == "__init__.py")
    assert not problems, f"{path.relative_to(ROOT)}: " + "; ".join(problems)


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=name_of)
def test_core_is_pure(path: Path) -> None:
    """Values in, values out. No file, network, clock, randomness, screen."""
    problems = impure_calls(path.read_text())
    assert not problems, f"{path.relative_to(ROOT)}: " + "; ".join(problems)


@each_module("size")
def test_no_module_is_long(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= LONGEST, (
        f"{path.relative_to(ROOT)} has {lines} lines: a module is one idea, about 150 lines; "
        "find the second idea in it and give it a file"
    )


@each_module("name")
def test_modules_are_named_for_what_they_hold(path: Path) -> None:
    words = set(path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "_").split("_"))
    banned = words & BANNED_WORDS
    assert not banned, (
        f"{path.relative_to(ROOT)}: {', '.join(banned)} says nothing; name it for its idea"
    )


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("core.log.note", "import os.path"),
        ("core.log.note", "def f():\n    from pathlib import Path"),
        ("core.log.note", "import requests"),
        ("core.log.note", "from vidimus.operations import ports"),
        ("core.log.note", "from ...adapters import sqlite"),
        ("operations.check", "from vidimus.adapters.sqlite import store"),
        ("operations.check", "from vidimus import adapters"),
        ("operations.check", "from .. import wiring"),
        ("adapters.sqlite.store", "from vidimus.operations import check"),
        ("adapters.sqlite.store", "from vidimus.operations.portsmouth import x"),
        ("cli.check", "import vidimus.adapters.reading"),
        ("web.check", "from vidimus.cli import main"),
        ("errors", "from vidimus.core import acts"),
    ],
)
def test_the_rule_refuses(name: str, source: str) -> None:
    """The rule above is itself tested: what it must refuse, it refuses, and says what to do."""
    (problem,) = forbidden_imports(source, name)
    assert INSTEAD[part_of(name)] in problem


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("core.log.note", "import hashlib\nfrom vidimus.errors import FormatError"),
        ("core.log.note", "from urllib.parse import quote\nimport io"),
        ("core.log.note", "from .checkpoint import parse"),
        ("core.seal.statement", "from cryptography.hazmat.primitives import hashes"),
        ("operations.check", "from vidimus.operations.ports import Clock\nimport os"),
        ("adapters.sqlite.store", "from vidimus.operations.ports import Clock\nimport sqlite3"),
        ("adapters.sqlite.store", "from vidimus.operations import ports"),
        ("cli.main", "from vidimus import wiring"),
        ("wiring", "from vidimus.adapters import sqlite"),
    ],
)
def test_the_rule_allows(name: str, source: str) -> None:
    assert forbidden_imports(source, name) == []


@pytest.mark.parametrize(
    "source", ["open('x')", "datetime.now(UTC)", "print(1)", "uuid.uuid4()", "rng.default_rng(1)"]
)
def test_an_impure_call_is_seen(source: str) -> None:
    assert impure_calls(source)
