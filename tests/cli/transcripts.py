"""Transcripts of the command line that are manual and test in one (as age's testscripts).

    # What stands behind a number sign, and empty lines, are prose.

    $ vidimus sign MC-1 --by ben                a command; what follows is all that it prints
    sign: entry 8, by ben as ministry, [TIME] UTC
    [ID]  signed             version 1   MC-1  Repositioning

    $ vidimus release MC-1 --by ben
    vidimus: not-allowed: …
    [exit 1]                                     its exit status, where it is not 0

    -- letter.txt --                             from here on: files that lie there before
    Sir, …

[ID], [TIME], [DAY], [HASH], [SPOKEN] and [KEY] stand for what is another one every time, [...]
on a line of its own for any lines. `vidimus` runs in this process, everything else in a shell.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal

VARIES = {
    "[ID]": r"[A-Z2-7]{4}(?:-?[A-Z2-7]{4}){3}",
    "[TIME]": r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\dZ)?",
    "[DAY]": r"\d{4}-\d\d-\d\d",
    "[HASH]": r"[0-9a-f]{64}",
    "[SPOKEN]": r"[0-9a-f]{4}(?: [0-9a-f]{4}){7}",
    "[KEY]": r"(?:es256:|[\w./]+\+[0-9a-f]{8}\+|)[A-Za-z0-9+/_=-]{40,}",
}
FILE = re.compile(r"-- (\S+) --")
STATUS = re.compile(r"\[exit (\d+)\]")


@dataclass
class Step:
    line: int
    command: str
    expected: list[str] = field(default_factory=list)
    status: int = 0


@dataclass
class Script:
    steps: list[Step]
    files: dict[str, str]


def read(text: str) -> Script:
    steps: list[Step] = []
    files: dict[str, str] = {}
    inside: str | None = None
    open_ = False
    for number, line in enumerate(text.splitlines(), 1):
        if found := FILE.fullmatch(line):
            inside = found[1]
            files[inside] = ""
        elif inside is not None:
            files[inside] += line + "\n"
        elif line.startswith("$ "):
            steps.append(Step(number, line[2:]))
            open_ = True
        elif not open_ or line.startswith("# "):
            # Prose begins at a number sign and ends at the next command.
            open_ = False
            assert not line or line.startswith("#"), f"line {number} is neither prose nor output"
        elif status := STATUS.fullmatch(line):
            steps[-1].status = int(status[1])
        else:
            steps[-1].expected.append(line)
    for step in steps:
        while step.expected and not step.expected[-1]:
            step.expected.pop()
    return Script(steps, files)


def run(step: Step) -> tuple[int, list[str]]:
    """Exit status and lines printed, both streams together, as on a terminal."""
    words = shlex.split(step.command, comments=True)
    if words[0] == "export":
        name, _, value = words[1].partition("=")
        os.environ[name] = value
        return 0, []
    if words[0] != "vidimus":
        done = subprocess.run(
            step.command.replace("python ", f"{sys.executable} ", 1),
            shell=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, [line.rstrip() for line in done.stdout.splitlines()]
    stdin, into = b"", None
    if ">" in words:
        into = Path(words[words.index(">") + 1])
        del words[words.index(">") :]
    if "<" in words:
        stdin = Path(words[words.index("<") + 1]).read_bytes()
        del words[words.index("<") :]
    said, noted = io.StringIO(), io.StringIO()
    terminal = Terminal(io.BytesIO(stdin), said if into is None else noted, said)
    with redirect_stdout(said), redirect_stderr(said):  # argparse speaks for itself
        try:
            status = main(words[1:], terminal)
        except SystemExit as ended:
            status = int(ended.code or 0)
    if into is not None:
        into.write_text(noted.getvalue())
    return status, [line.rstrip() for line in said.getvalue().splitlines()]


def matches(expected: list[str], said: list[str]) -> bool:
    pattern = ""
    for line in expected:
        if line == "[...]":
            pattern += r"(?:[^\n]*\n)*?"
            continue
        escaped = re.escape(line.rstrip())
        for name, shape in VARIES.items():
            escaped = escaped.replace(re.escape(name), shape)
        pattern += escaped + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in said)) is not None


def recorded(script: Script, text: str) -> str:
    """The script with what its commands print now: run once, read well, then committed."""
    lines = text.splitlines()
    # The clock of an exercise is its own, so that its times are known.
    exercise = re.search(r"--exercise --time|^story:", text, re.MULTILINE) is not None
    out: list[str] = []
    starts = {step.line: step for step in script.steps}
    skipping = False
    for number, line in enumerate(lines, 1):
        if FILE.fullmatch(line):
            out += lines[number - 1 :]
            break
        if number in starts:
            step = starts[number]
            status, said = run(step)
            # What was written by hand, with [...] for instance, stays as long as it is so.
            kept = bool(step.expected) and matches(step.expected, said)
            shown = step.expected if kept else [_generic(each, exercise) for each in said]
            out += ([""] if out and out[-1] else []) + [line, *shown]
            out += [f"[exit {status}]"] if status else []
            skipping = True
        elif line.startswith("# ") or not skipping:
            out += [""] if skipping and out[-1] else []
            skipping = False
            out.append(line)
    return "\n".join(_spaced(out)) + "\n"


def _spaced(lines: list[str]) -> list[str]:
    return [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]


def _generic(line: str, exercise: bool) -> str:
    for name, shape in VARIES.items():
        if not exercise or name not in ("[TIME]", "[DAY]"):
            line = re.sub(rf"(?<![\w+]){shape}", name, line)
    return line
