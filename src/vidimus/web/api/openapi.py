"""The OpenAPI 3.1 description of this door, by hand. A test holds real answers against it."""

from __future__ import annotations

from typing import Any

from vidimus.operations.desk import RegistryFacts
from vidimus.web.api.schemas import SCHEMAS, ref
from vidimus.web.limits import Limits

PROBLEMS = {
    "400": "The copy or the question is malformed.",
    "408": "The copy did not arrive in time.",
    "413": "Beyond a limit.",
    "415": "This kind of body is not read here.",
    "422": "Well formed, but nothing in it can be read.",
    "429": "Too many requests from this address; see Retry-After.",
    "500": "Something broke at this end.",
    "503": "Busy, a tool failed, or this register does not hold; see Retry-After.",
}
FIELDS = {
    "office": {
        "type": "string",
        "description": "The office that the copy claims to come from. It decides which promise"
        " counts when no text is like the copy.",
    },
    "at": {
        "type": "string",
        "format": "date-time",
        "description": "Answer as of this earlier moment (RFC 3339).",
    },
}
TEXT = {"type": "string", "description": "The words of the letter, pasted."}
NOT_FOUND = {"404": "No such page; the same for a letter that is not public."}


def description(facts: RegistryFacts, limits: Limits) -> dict[str, Any]:
    warning = "EXERCISE. Nothing here is real. " if facts.exercise else ""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{warning}Vidimus of {facts.origin}",
            "version": "1.0",
            "summary": f"{warning}Check a copy of a letter against the register.",
            "description": "It shows what was registered. It does not show that a content is"
            " right. Nothing that is sent is stored or logged.\n\n"
            f"Limits: {limits.body_bytes:,} bytes a request; {limits.files} files;"
            f" {limits.text_bytes:,} bytes of pasted text; {limits.at_once} checks at once and"
            f" {limits.waiting} waiting; {limits.check_seconds:.0f} seconds a check;"
            f" {limits.refill / limits.check_cost:g} checks a second for each address, and"
            f" {limits.bucket / limits.check_cost:.0f} in a row.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "x-exercise": facts.exercise,
        "servers": [{"url": "/", "description": facts.origin}],
        "paths": {
            "/check": {"post": _check()},
            "/": {
                "get": _page("The form, and what this register covers.", _fill()),
                "post": _post_page(),
            },
            "/c/{id}": {
                "get": _page("A public letter.", [_in_path("id", "Its number.")], NOT_FOUND)
            },
            "/log": {"get": _page("The log, newest entry first.", [_before()], NOT_FOUND)},
            "/log/{index}": {
                "get": _page(
                    "One entry of the log.", [_in_path("index", "Its number, from 0.")], NOT_FOUND
                )
            },
            "/log/{index}.tlog-proof": {
                "get": _text(
                    "A proof that the entry is on the log (C2SP tlog-proof).",
                    [_in_path("index", "Its number, from 0.")],
                )
            },
            "/log/{index}.json": {
                "get": _got(
                    "The document of a public entry, byte for byte; of a sealed one, not found.",
                    [_in_path("index", "Its number, from 0.")],
                    "application/json",
                    NOT_FOUND,
                )
            },
            "/log/{index}.cose": {
                "get": _got(
                    "The entry itself, byte for byte (COSE_Sign1).",
                    [_in_path("index", "Its number, from 0.")],
                    "application/cose",
                    NOT_FOUND,
                )
            },
            "/authority": {"get": _page("Who holds what, by the log.", [])},
            "/authority/{office}": {
                "get": _page(
                    "Why somebody may or may not act for this office, step by step.",
                    [_in_path("office", "Its name."), *map(_asked, _OF_AUTHORITY)],
                    NOT_FOUND,
                )
            },
            "/feed.atom": {"get": _atom("What became of letters, the newest first.", [])},
            "/feed/{number}.atom": {"get": _atom("An older part of it.", [_PART])},
            "/offices/{office}/feed.atom": {
                "get": _atom("The same, of one office.", [_in_path("office", "Its name.")])
            },
            "/offices/{office}/feed/{number}.atom": {
                "get": _atom("An older part of it.", [_in_path("office", "Its name."), _PART])
            },
            "/c/{id}/feed.atom": {
                "get": _atom("What became of one letter.", [_in_path("id", "Its number.")])
            },
            "/c/{id}/state.json": {
                "get": _got(
                    "The state of one letter, in the words of ninjs and CAP (spec/notices.md).",
                    [_in_path("id", "Its number.")],
                    "application/json",
                    NOT_FOUND,
                )
            },
            "/words": {"get": _page("What each answer means, and what not.", [])},
            "/checkpoint": {
                "get": _text("The signed size and root of the log (C2SP checkpoint).", [])
            },
            "/tile/{rest}": {
                "get": _got(
                    "Hashes of the tree, or a bundle of entries (C2SP tlog-tiles).",
                    [_in_path("rest", "As in 0/x001/067.p/8, or entries/000.p/3.")],
                    "application/octet-stream",
                    NOT_FOUND,
                )
            },
            "/acts/{rest}": {
                "get": _got(
                    "The documents of the entries in the bundle of the same name.",
                    [_in_path("rest", "As in 000.p/3.")],
                    "application/octet-stream",
                    NOT_FOUND,
                )
            },
            "/trust.json": {
                "get": _got(
                    "The trust root: the founding, and every key that the log ever had.",
                    [],
                    "application/json",
                    NOT_FOUND,
                )
            },
            "/openapi.json": {
                "get": {
                    "summary": "This description.",
                    "operationId": "openapi",
                    "responses": {
                        "200": {
                            "description": "OpenAPI 3.1.",
                            "content": {"application/json": {"schema": {"type": "object"}}},
                        }
                    },
                }
            },
            "/robots.txt": {"get": _text("What a search engine may look at.", [])},
            "/favicon.ico": {
                "get": {
                    "summary": "The sign of this site.",
                    "operationId": "favicon",
                    "responses": {"308": {"description": "It is at /static/icon.svg."}},
                }
            },
        },
        "components": {"schemas": SCHEMAS},
    }


def _check() -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary", "description": "The copy itself."}}
    return {
        "summary": "Check a copy.",
        "description": "Several files are the pages of one copy, in their order: all pictures,"
        " or one PDF, or one text. The answer for a secret draft is that for a fake, byte for"
        " byte but for the moment.",
        "operationId": "check",
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": schema["description"],
                "schema": schema,
            }
            for name, schema in FIELDS.items()
        ],
        "requestBody": {
            "required": True,
            "description": "The copy: files and fields of a form, or its bytes.",
            "content": {
                **_forms(),
                "application/pdf": binary,
                "image/*": binary,
                "text/plain": {"schema": TEXT},
                "application/octet-stream": binary,
            },
        },
        "responses": {
            "200": {
                "description": "The answer, whatever it is.",
                "content": {"application/json": {"schema": ref("Answer")}},
            },
            **{
                status: {
                    "description": meaning,
                    "content": {"application/problem+json": {"schema": ref("Problem")}},
                }
                for status, meaning in PROBLEMS.items()
            },
        },
    }


def _forms() -> dict[str, Any]:
    files = {
        "type": "array",
        "items": {"type": "string", "format": "binary", "description": "One file."},
        "description": "The files of one copy, in order. The field may have any name.",
    }
    fields = {"text": TEXT, **FIELDS}
    return {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "description": "Files, or a pasted text.",
                "properties": {"file": files, **fields},
            }
        },
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "description": "A pasted text.",
                "properties": fields,
                "required": ["text"],
            }
        },
    }


def _page(
    summary: str, parameters: list[dict[str, Any]], more: dict[str, str] | None = None
) -> dict[str, Any]:
    return _got(summary, parameters, "text/html", more or {})


def _atom(summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return _got(summary, parameters, "application/atom+xml", NOT_FOUND)


def _text(summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return _got(summary, parameters, "text/plain", NOT_FOUND)


def _got(
    summary: str, parameters: list[dict[str, Any]], media: str, more: dict[str, str]
) -> dict[str, Any]:
    content = {media: {"schema": {"type": "string", "description": summary}}}
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": summary, "content": content},
            **{status: {"description": meaning} for status, meaning in more.items()},
        },
    }


def _post_page() -> dict[str, Any]:
    return {
        "summary": "Check a copy, and answer with a page.",
        "requestBody": {
            "required": True,
            "description": "As for POST /check, without the raw forms in use by programs.",
            "content": _forms(),
        },
        "responses": {
            "200": {
                "description": "The answer as a page.",
                "content": {"text/html": {"schema": {"type": "string", "description": "HTML"}}},
            },
            **{status: {"description": meaning} for status, meaning in PROBLEMS.items()},
        },
    }


def _fill() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"Fills the form. {schema['description']}",
            "schema": schema,
        }
        for name, schema in FIELDS.items()
    ]


def _before() -> dict[str, Any]:
    return {
        "name": "before",
        "in": "query",
        "required": False,
        "description": "Show the entries below this number.",
        "schema": {"type": "integer", "minimum": 0, "description": "A number of an entry."},
    }


def _in_path(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "description": description},
    }


def _asked(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": _OF_AUTHORITY[name],
        "schema": {"type": "string", "description": _OF_AUTHORITY[name]},
    }


_OF_AUTHORITY = {
    "at": "A day or a moment; now without it.",
    "class": "Letters of this class only.",
    "person": "This person only.",
    "act": "What he would do: sign, release, hold, withdraw …",
    "known": "“now”: judged by everything known today.",
}
_PART = _in_path("number", "Which part, from 0.")
