"""What spec/notices.md shows is what the code makes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from tests.notices.test_states import page, telling

from vidimus.core.acts.kinds import Kind
from vidimus.core.copies.answers import Headline
from vidimus.core.notices import atom, templates, webhook
from vidimus.core.notices.states import DONE, MSG_TYPE, PUB_STATUS, Successor, Telling

SPEC = (Path(__file__).parents[2] / "spec" / "notices.md").read_text(encoding="utf-8")
SECRET = bytes(range(32))
SENT = 1_930_554_000


def example() -> Telling:
    return telling(
        act=Kind.CORRECT,
        headline=Headline.CORRECTED,
        index=1042,
        title="Tides",
        office="coasts",
        office_title="Ministry of Coasts",
        letter="ABCDEFGH23456723",
        reason="High water is at seven.",
        sentence="Genuine and released; this is the older wording, corrected on 2031-03-05.",
        successor=Successor("IJKLMNOP23456723", "MC-2", "usable"),
        earlier=((1031, datetime(2031, 3, 4, 9, tzinfo=UTC)),),
    )


def shown(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", SPEC, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_entry_of_the_specification_is_the_one_that_is_written() -> None:
    feed = atom.write(page(example())).decode()
    begin, end = feed.index("<entry>"), feed.index("</entry>") + len("</entry>\n")
    assert shown("xml") == feed[begin:end]


def test_the_message_of_the_specification_is_the_one_that_is_sent() -> None:
    as_of = webhook.AsOf(1043, bytes(32), example().time)
    body = webhook.body(example(), as_of, "https://letters.example.org/")
    assert json.loads(shown("json")) == json.loads(body)
    headers = webhook.headers(SECRET, webhook.message_id("sub-1", example()), SENT, body)
    for name, value in headers.items():
        assert f"{name}: {value}" in shown("text")


def test_the_tables_of_the_specification_are_those_of_the_code() -> None:
    rows = {
        row[0].strip(" `"): row[1].strip(" `")
        for row in (line.strip("|").split("|") for line in SPEC.splitlines() if line[:2] == "| ")
        if len(row) == 2
    }
    for headline, status in PUB_STATUS.items():
        assert rows[headline.value] == status
    for act, kind in MSG_TYPE.items():
        assert rows[templates.NAMES[act]] == kind
    for field, said in templates.FIELDS.items():
        assert rows[f"{{{field}}}"] == said
    assert set(templates.NAMES) == set(DONE)
