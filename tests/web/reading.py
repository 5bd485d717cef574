"""What a page says, without its tags; for tests that look at words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Words that would be a verdict of another kind than the one we can give (design, section 1).
VERDICTS = re.compile(
    r"\b(authentic\w*|verified|official\w*|true|false|trusted|safe)\b|\d\s?%|✓|✔|☑|✅",
    re.IGNORECASE,
)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("style", "script")
        self.words += [value for name, value in attrs if name in ("aria-label", "alt") and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)


def words(page: str) -> str:
    reader = _Words()
    reader.feed(page)
    return " ".join(" ".join(reader.words).split())
