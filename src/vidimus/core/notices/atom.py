"""Atom feeds of tellings: RFC 4287, in pages as RFC 5005 section 4 has them.

    <entry>
      <id>https://letters.example.org/c/ABCDEFGH23456723#entry-1042</id>
      <title type="text">MC-1: Repositioning – withdrawn</title>
      <updated>2031-03-05T09:00:00Z</updated>
      …

All that is in a feed follows from the log, and from the address where its pages are: made again,
it is the same, byte for byte. See spec/notices.md, section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vidimus.core.copies.answers import rfc3339
from vidimus.core.notices.states import EXERCISE, Telling

NAMESPACE = "tag:vidimus.org,2026:notice:1"
MEDIA_TYPE = "application/atom+xml"
WINDOW = 1024  # entries of the log in one archived page

# What XML 1.0 has no sign for (production 2); a title cannot hold most of it, a feed none.
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\r": "&#13;"}


@dataclass(frozen=True, slots=True)
class Page:
    """One document of a feed. Addresses are paths below that of the pages."""

    origin: str
    exercise: bool
    address: str  # of the public pages, with a slash at its end
    title: str
    feed: str  # path of the feed that is subscribed to: feed.atom
    path: str  # path of this page: feed.atom, or feed/3.atom
    about: str  # path of the page for people
    begun: datetime  # the time of the log's first entry, for a feed that tells nothing yet
    tellings: tuple[Telling, ...]  # oldest first
    archive: bool = False
    complete: bool = False  # all that there is to tell is in this page
    older: str | None = None  # path of the archived page before it

    @property
    def updated(self) -> datetime:
        return max((each.time for each in self.tellings), default=self.begun)


def write(page: Page) -> bytes:
    mark = EXERCISE if page.exercise else ""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:fh="http://purl.org/syndication/history/1.0"'
        f' xmlns:v="{NAMESPACE}">',
        f"<id>{text(f'https://{page.origin}/{page.feed}')}</id>",
        f'<title type="text">{text(mark + page.title)}</title>',
        f"<updated>{rfc3339(page.updated)}</updated>",
        f"<author><name>{text(page.origin)}</name></author>",
        _link("self", page.address + page.path, MEDIA_TYPE),
        _link("alternate", page.address + page.about, "text/html"),
    ]
    if page.archive:
        lines += [_link("current", page.address + page.feed, MEDIA_TYPE), "<fh:archive/>"]
    if page.complete:
        lines.append("<fh:complete/>")
    if page.older is not None:
        lines.append(_link("prev-archive", page.address + page.older, MEDIA_TYPE))
    lines.append(f"<v:exercise>{str(page.exercise).lower()}</v:exercise>")
    # Newest first, as readers expect it; an order of its own Atom does not know.
    for each in reversed(page.tellings):
        lines += _entry(page, each)
    lines.append("</feed>")
    return ("\n".join(lines) + "\n").encode()


def _entry(page: Page, told: Telling) -> list[str]:
    cap = told.cap()
    mark = EXERCISE if told.exercise and not told.sentence.startswith("EXERCISE") else ""
    said = f"{mark}{told.sentence}" + (f" “{told.reason}”" if told.reason else "")
    lines = [
        "<entry>",
        f"<id>{text(told.id)}</id>",
        f'<title type="text">{text(told.heading)}</title>',
        f"<updated>{rfc3339(told.time)}</updated>",
        f"<published>{rfc3339(told.time)}</published>",
        f"<author><name>{text(told.office_title)}</name></author>",
        _link("alternate", f"{page.address}c/{told.letter}", "text/html"),
        _link("via", f"{page.address}log/{told.index}", "text/html"),
        f'<summary type="text">{text(said)}</summary>',
    ]
    for scheme, term in (
        ("act", told.act),
        ("headline", told.headline.value),
        ("pubStatus", told.pub_status),
        ("status", cap["status"]),
        ("msgType", cap["msgType"]),
    ):
        lines.append(f'<category scheme="{NAMESPACE}:{scheme}" term="{text(term)}"/>')
    lines += [
        f"<v:reference>{text(told.reference)}</v:reference>",
        f"<v:uri>{text(told.uri)}</v:uri>",
        f"<v:entry>{told.index}</v:entry>",
    ]
    instead = told.replacement()
    if instead is not None:
        lines.append(_link("related", f"{page.address}c/{told.successor.id}", "text/html"))  # type: ignore[union-attr]
        lines.append(
            f'<v:replacedBy pubStatus="{text(instead["pubStatus"])}"'
            f' evolvedFrom="{text(instead["evolvedFrom"])}">{text(instead["uri"])}</v:replacedBy>'
        )
    lines.append(
        f'<v:cap identifier="{text(cap["identifier"])}" sender="{text(cap["sender"])}"'
        f' sent="{cap["sent"]}" references="{text(cap["references"])}"/>'
    )
    lines.append("</entry>")
    return lines


def text(said: str) -> str:
    """As it may stand between tags, and in quotes."""
    plain = ILLEGAL.sub("\ufffd", said)
    return "".join(ESCAPES.get(sign, sign) for sign in plain)


def _link(rel: str, href: str, media: str) -> str:
    return f'<link rel="{rel}" type="{media}" href="{text(href)}"/>'


def windows(size: int) -> tuple[int, int]:
    """Of a log of this size: where the feed that is subscribed to begins, and how many pages
    are archived. It holds the last full page too, so that it is never nearly empty.
    """
    full = size // WINDOW
    return max(0, full - 1) * WINDOW, full


def within(tellings: Sequence[Telling], office: str) -> tuple[Telling, ...]:
    """Those on letters of this office alone, and not of those below it."""
    return tuple(each for each in tellings if each.office == office)
