"""From a request to what is asked: the parts of a copy, the office, the moment.

    multipart/form-data                      files (any name), text, office, at
    application/x-www-form-urlencoded        text, office, at
    application/pdf, image/*, text/plain     the copy itself; office and at in the query

Everything stays in memory, within limits that hold before and while it arrives; file
names are dropped unread. A field that is not known is refused: a misspelt `ofice` that was
ignored would change the answer in silence.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from vidimus.errors import FormatError, TooLarge, UsageError
from vidimus.web.check.line import Gone
from vidimus.web.limits import Limits
from vidimus.web.shell.problems import LATE_BODY, UNSUPPORTED, Refused, busy, too_large

PATIENCE = 4  # times the limit: a larger body is cut off while it is sent
FIELDS = ("text", "office", "at")
NAME = re.compile(r"[A-Za-z0-9_-]{1,30}")
RAW = re.compile(r"application/pdf|application/octet-stream|text/plain|image/[a-z0-9.+-]+")
# RFC 3339, section 5.6; the T may be a space and seconds may be left out, as forms do.
MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the desk."""

    parts: tuple[bytes, ...]
    office: str | None = None
    at: datetime | None = None
    # As they were typed, to fill the form again after an error.
    text: str = ""
    at_typed: str = ""


class InMemory(MultiPartParser):
    spool_max_size = 1 << 40  # never to a file: nothing of a check touches a disk


class Intake:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0  # bytes of all bodies that are in memory now

    async def read(self, request: Request) -> tuple[Asked, int]:
        """What is asked, and how many bytes must be given back with `release`."""
        if _length(request) > self._limits.body_bytes:
            await self._discard(request)
            raise Refused(too_large(self._limits.body_bytes))
        counter = [0]
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async with aclosing(self._stream(request, counter)) as stream:
                    return await self._asked(request, stream), counter[0]
        except BaseException as error:
            self.release(counter[0])
            if isinstance(error, TimeoutError):
                raise Refused(LATE_BODY) from error
            if isinstance(error, Refused) and error.problem.status == 413:
                await self._discard(request)
            if isinstance(error, ClientDisconnect):
                raise Gone from error
            raise

    def release(self, size: int) -> None:
        self._held -= size

    async def _discard(self, request: Request) -> None:
        """Let what is refused run past, unkept: most browsers show an answer only after they
        have sent everything, and a broken connection otherwise."""
        if "expect" in request.headers or _length(request) > PATIENCE * self._limits.body_bytes:
            return
        passed = 0
        # RuntimeError is how Starlette says that everything had arrived already.
        with suppress(TimeoutError, ClientDisconnect, RuntimeError):
            async with asyncio.timeout(self._limits.body_seconds):
                async for chunk in request.stream():
                    passed += len(chunk)
                    if passed > PATIENCE * self._limits.body_bytes:
                        return

    async def _stream(self, request: Request, counter: list[int]) -> AsyncGenerator[bytes, None]:
        async for chunk in request.stream():
            if counter[0] + len(chunk) > self._limits.body_bytes:
                raise Refused(too_large(self._limits.body_bytes))
            if self._held + len(chunk) > self._limits.bodies_bytes:
                raise Refused(busy("too many copies are arriving at this moment", 20))
            counter[0] += len(chunk)
            self._held += len(chunk)
            yield chunk

    async def _asked(self, request: Request, stream: AsyncGenerator[bytes, None]) -> Asked:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        fields: list[tuple[str, str]] = list(request.query_params.multi_items())
        parts: list[bytes] = []
        if kind == "multipart/form-data":
            try:
                parser = InMemory(
                    request.headers,
                    stream,
                    max_files=self._limits.files,
                    max_fields=len(FIELDS) * 2,
                    max_part_size=self._limits.text_bytes,
                )
                items = (await parser.parse()).multi_items()
            except MultiPartException as error:
                raise _form_refused(error, self._limits) from error
            for name, value in items:
                if isinstance(value, UploadFile):
                    content = await value.read()
                    await value.close()
                    # A file field left empty arrives as a file without a name.
                    if content or value.filename:
                        parts.append(content)
                else:
                    fields.append((name, value))
        elif kind == "application/x-www-form-urlencoded":
            try:
                form = FormParser(
                    request.headers,
                    stream,
                    max_fields=len(FIELDS) * 2,
                    max_part_size=self._limits.text_bytes,
                )
                items = (await form.parse()).multi_items()
            except MultiPartException as error:
                raise _form_refused(error, self._limits) from error
            fields += [(name, value) for name, value in items if isinstance(value, str)]
        elif RAW.fullmatch(kind):
            parts.append(b"".join([chunk async for chunk in stream]))
        else:
            raise Refused(UNSUPPORTED)
        return _question(parts, fields)


def _length(request: Request) -> int:
    """As the client says it; 0 if it does not. What arrives is counted besides."""
    said = request.headers.get("content-length", "")
    return int(said[:20]) if said.isascii() and said.isdigit() else 0


def _question(parts: list[bytes], fields: Iterable[tuple[str, str]]) -> Asked:
    given: dict[str, str] = {}
    for name, value in fields:
        if name not in FIELDS:
            # Whoever sends a file as a form has its words for a name: they are not repeated.
            called = f"no field “{name}”" if NAME.fullmatch(name) else "no field of that name"
            raise UsageError(
                f"there is {called} here",
                hint=f"the fields are: {', '.join(FIELDS)}; a file that is sent by itself needs"
                " its Content-Type, such as application/pdf or text/plain",
            )
        if not value.strip():
            continue
        if given.setdefault(name, value) != value:
            raise UsageError(f"“{name}” was given twice", hint="give it once")
    text = given.get("text", "")
    if text:
        parts.append(text.encode("utf-8", "surrogatepass"))
    if not parts:
        raise UsageError(
            "there is nothing to check: no file and no text was given",
            hint="choose a file, take a photo, or paste the words of the letter",
        )
    typed = given.get("at", "").strip()
    return Asked(
        parts=tuple(parts),
        office=given.get("office", "").strip() or None,
        at=moment(typed) if typed else None,
        text=text,
        at_typed=typed,
    )


def moment(typed: str) -> datetime:
    """A moment in RFC 3339; without a zone it is UTC."""
    found = MOMENT.fullmatch(typed)
    hint = "write it as 2031-04-02T14:30:00Z"
    if found is None:
        raise UsageError(f"“{typed[:40]}” is no moment in time", hint=hint)
    day, minute, second, zone = found.groups()
    # An offset of 24 hours or a 30 February match the pattern, and are no moments.
    try:
        zone = "+00:00" if zone in (None, "Z", "z") else zone
        return datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"“{typed[:40]}” is no moment in time", hint=hint) from error


def _form_refused(error: MultiPartException, limits: Limits) -> FormatError | TooLarge:
    said = error.message
    if said.startswith("Too many files"):
        return TooLarge(
            f"more than {limits.files} files were given", hint="send the pages in question only"
        )
    if "exceeded maximum size" in said:
        return TooLarge(
            f"the text is longer than {limits.text_bytes:,} bytes",
            hint="paste the part in question, or send it as a file",
        )
    if said.startswith("Too many fields"):
        return TooLarge("too many fields were given", hint=f"the fields are: {', '.join(FIELDS)}")
    return FormatError(
        "the form arrived damaged", hint="send it again, as multipart/form-data with a boundary"
    )
