"""Rendering: templates with the facts that stand on every page.

Every page says what registry it speaks of, how large its log is, and whether the whole is
an exercise. Templates escape everything; a name that they do not know is an error.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from vidimus.core.copies.answers import rfc3339
from vidimus.errors import VidimusError
from vidimus.operations.desk import Desk, RegistryFacts
from vidimus.web.check.headlines import anchor
from vidimus.web.shell.problems import Problem


def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("vidimus.web", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["when"] = when
    made.filters["linked"] = linked
    made.filters["day"] = lambda moment: f"{moment:%Y-%m-%d}"
    made.filters["grouped"] = grouped
    made.filters["anchor"] = anchor
    made.filters["thousands"] = lambda number: f"{number:,}"
    return made


def when(moment: datetime) -> Markup:
    """A moment as people read it, with the exact one for programs."""
    exact = rfc3339(moment)
    return Markup('<time datetime="{}">{} UTC</time>').format(exact, exact[:16].replace("T", " "))


_PLACES = re.compile(
    r"\bentry (?P<entry>0|[1-9][0-9]{0,15})\b|(?P<day>\d{4}-\d\d-\d\d(?: \d\d:\d\d UTC)?)", re.ASCII
)


def linked(text: str) -> Markup:
    """An answer's words, with each entry of the log a link, and no date broken over lines."""

    def replaced(found: re.Match[str]) -> str:
        if found["day"]:
            return f'<span class="whole">{found["day"]}</span>'
        return f'<a href="/log/{found["entry"]}">entry {found["entry"]}</a>'

    # Escaped first: the pattern holds no character that escaping writes but digits, and
    # those of an escape ("&#39;") follow neither "entry " nor look like a day.
    return Markup(_PLACES.sub(replaced, str(escape(text))))


def grouped(letter_id: str) -> str:
    """ABCD-EFGH-2345-6723, as it is printed on paper."""
    return "-".join(letter_id[i : i + 4] for i in range(0, len(letter_id), 4))


class Pages:
    """Turns a template's name and its values into a response."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._templates = environment()

    def html(
        self,
        name: str,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        facts: RegistryFacts | None = None,
        exercise: bool = False,
        **values: Any,
    ) -> Response:
        """A page. `exercise` can only add the banner: no page may lose it."""
        facts = facts or self._facts()
        text = self._templates.get_template(name).render(
            facts=facts, exercise=exercise or self.exercise(facts), **values
        )
        return HTMLResponse(text, status, headers)

    def problem(self, request: Request, problem: Problem) -> Response:
        """A page for people, a problem document for programs."""
        if wants_json(request):
            return JSONResponse(
                problem.to_json(exercise=self.exercise(self._facts())),
                problem.status,
                problem.headers,
                media_type="application/problem+json",
            )
        return self.html(
            "shell/error.html", status=problem.status, headers=problem.headers, problem=problem
        )

    def exercise(self, facts: RegistryFacts | None) -> bool:
        return self._desk.settings.exercise or (facts is not None and facts.exercise)

    def _facts(self) -> RegistryFacts | None:
        """The registry's facts, or None where the registry itself is what fails."""
        try:
            return self._desk.registry()
        except VidimusError:
            return None


def wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return request.url.path in ("/check", "/openapi.json") or (
        "json" in accepted and "text/html" not in accepted
    )
