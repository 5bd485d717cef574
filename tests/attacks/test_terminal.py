"""What a stranger wrote is shown on a terminal, and never obeyed."""

from __future__ import annotations

import io

from vidimus.cli.terminal import Terminal


def test_nothing_that_is_said_steers_the_terminal() -> None:
    """Neither on standard output nor in a note beside it."""
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(io.BytesIO(), out, err)
    for say in (terminal.say, terminal.note):
        say("a\x1b[2Jb\x9bc\u202ed\x07e\r")
    for said in (out.getvalue(), err.getvalue()):
        assert said == "a\\u001b[2Jb\\u009bc\\u202ed\\u0007e\\u000d\n"
