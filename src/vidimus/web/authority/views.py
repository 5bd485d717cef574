"""GET /authority and /authority/{office}: who may do what by the log, step by step.

The same as `vidimus authority` and `vidimus authority show`. Only what is public is told: the
acts on authority are, and no letter is looked at.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vidimus.core.acts.authority import Appointment
from vidimus.core.acts.facts import concerned
from vidimus.core.acts.kinds import Kind
from vidimus.operations.desk import Desk
from vidimus.operations.who import NAMES, Asked, Who, asked_act, asked_at
from vidimus.web.authority.timeline import timeline
from vidimus.web.shell.pages import Pages


class AuthorityViews:
    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._who = Who(desk)
        self._pages = pages

    def routes(self) -> list[Route]:
        return [
            Route("/authority", self.offices, methods=["GET"]),
            Route("/authority/{office:path}", self.office, methods=["GET"]),
        ]

    def offices(self, _request: Request) -> Response:
        authority, size, now = self._who.offices()
        # One pass over all tenures: a country has many thousands of both.
        holders: dict[str, list[Appointment]] = {office: [] for office in authority.offices}
        for person, office in sorted(authority.tenures):
            held = authority.holds(person, office, size, now)
            if held is not None:
                holders[office].append(held)
        rows = [(authority.offices[office], holders[office]) for office in sorted(holders)]
        return self._pages.html("authority/offices.html", rows=rows, size=size, time=now)

    def office(self, request: Request) -> Response:
        """What a form left empty was not asked."""
        given = {name: value.strip() for name, value in request.query_params.items()}
        at, act = given.get("at", ""), given.get("act", "")
        asked = Asked(
            request.path_params["office"],
            asked_act(act) if act else Kind.SIGN,
            given.get("class") or None,
            given.get("person") or None,
            asked_at(at) if at else None,
            given.get("known") == "now",
        )
        told = self._who.ask(asked)
        authority, _size, _now = self._who.offices()
        people = {*concerned(authority, asked.office), *((asked.person,) if asked.person else ())}
        return self._pages.html(
            "authority/office.html",
            exercise=told.exercise,
            told=told,
            asked=asked,
            at=at,
            act=asked.kind.value.replace("_", "-"),
            acts=tuple(NAMES),
            classes=sorted(authority.classes),
            people=sorted(people),
            drawing=timeline(told.bars, told.time),
        )
