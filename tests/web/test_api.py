"""POST /check, and the description that programs are built from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bench.copies import typeset
from jsonschema import Draft202012Validator
from starlette.routing import Route
from tests.web import town as towns
from tests.web.client import TestClient
from tests.web.test_check_page import HEADLINES, TEXTS

from vidimus.core.copies.answers import Headline
from vidimus.web.app import create_app
from vidimus.wiring.service import public_face_of

PDF = typeset.letter_pdf(towns.TEXTS["stands"])


def validator(document: dict[str, Any], name: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("name", HEADLINES)
def test_it_answers_what_the_desk_answers_and_the_description_describes_it(
    client: TestClient, town: towns.Town, name: str
) -> None:
    """Design, section 9: names are the contract."""
    office = "harbour" if name == "unknown there" else None
    answer = client.post("/check", data={"text": TEXTS[name], "office": office or ""})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == town.desk.check([TEXTS[name].encode()], office=office).answer.to_json()
    assert answer.json()["headline"] == HEADLINES[name]
    document = client.get("/openapi.json").json()
    validator(document, "Answer").validate(answer.json())
    strict = validator({"components": closed(document["components"])}, "Answer")
    strict.validate(answer.json())


def closed(part: Any) -> Any:
    """The same schemas, refusing every field that they do not describe."""
    if isinstance(part, dict):
        inner = {key: closed(value) for key, value in part.items()}
        return {**inner, "additionalProperties": False} if "properties" in part else inner
    return [closed(each) for each in part] if isinstance(part, list) else part


def test_a_pdf_answer_with_boxes_is_described_too(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    answer = client.post(
        "/check",
        content=typeset.letter_pdf(towns.ALTERED),
        headers={"content-type": "application/pdf"},
    ).json()
    assert answer["headline"] == "ALTERED"
    assert all(len(each["box"]) == 4 for each in answer["text"]["differences"])
    validator({"components": closed(document["components"])}, "Answer").validate(answer)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (towns.TEXTS["stands"].encode(), "text/plain"),
        (towns.TEXTS["stands"].encode(), "text/plain; charset=utf-8"),
        (PDF, "application/pdf"),
        (PDF, "application/octet-stream"),
    ],
)
def test_the_copy_itself_can_be_the_body(client: TestClient, content: bytes, kind: str) -> None:
    answer = client.post("/check", content=content, headers={"content-type": kind})
    assert answer.json()["headline"] == "STANDS"


def test_office_and_moment_can_stand_in_the_query(client: TestClient) -> None:
    asked = {"content": towns.UNKNOWN.encode(), "headers": {"content-type": "text/plain"}}
    assert client.post("/check?office=harbour", **asked).json()["headline"] == "NOT_RELEASED"
    early = client.post("/check?at=2031-04-01T10:00:30%2B02:00", **asked).json()
    assert early["as_of"]["time"] == "2031-04-01T08:00:30Z"


def test_several_files_are_one_copy(client: TestClient) -> None:
    first, rest = towns.TEXTS["stands"].split("\n\n", 1)
    parts = [("pages", ("1.txt", first.encode())), ("pages", ("2.txt", rest.encode()))]
    assert client.post("/check", files=parts).json()["headline"] == "STANDS"


def test_a_secret_draft_and_a_fake_get_the_same_bytes(client: TestClient) -> None:
    """Design, section 9: the same document for a secret draft as for a fake."""
    answers = [
        client.post("/check", data={"text": text, "office": "harbour"})
        for text in (towns.TEXTS["secret"], towns.UNKNOWN)
    ]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["headline"] == "NOT_RELEASED"


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"data": {"text": ""}}, 400, "usage"),
        ({"data": {"text": "words", "color": "red"}}, 400, "usage"),
        ({"data": {"text": "words", "at": "2031-02-30T00:00:00Z"}}, 400, "usage"),
        ({"data": {"text": "words", "at": "0001-01-01T00:00:00+23:59"}}, 400, "usage"),
        ({"data": {"text": "words", "at": "9999-12-31T23:59:59-12:00"}}, 400, "usage"),
        ({"data": {"text": "words", "at": "2099-01-01T00:00:00Z"}}, 400, "usage"),
        ({"files": {"f": ("x", b"PK\x03\x04...")}}, 400, "malformed"),
        ({"files": {"f": ("x", b"")}}, 422, "unreadable"),
        ({"content": b"x", "headers": {"content-type": "video/mp4"}}, 415,
         "unsupported-media-type"),
        ({"content": b"x"}, 415, "unsupported-media-type"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "malformed"),
        ({"content": b"junk", "headers": {"content-type": "multipart/form-data; boundary=a"}},
         400, "malformed"),
        ({"content": b"%PDF-1.7 broken", "headers": {"content-type": "application/pdf"}},
         None, None),
    ],
)  # fmt: skip
def test_an_error_is_a_problem_document(
    client: TestClient, request_: dict[str, Any], status: int | None, code: str | None
) -> None:
    """RFC 9457: type, title, detail, status; our code beside them."""
    answer = client.post("/check", **request_)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    document = client.get("/openapi.json").json()
    validator({"components": closed(document["components"])}, "Problem").validate(problem)
    assert problem["status"] == answer.status_code
    assert 400 <= answer.status_code < 500
    assert str(answer.status_code) in document["paths"]["/check"]["post"]["responses"]
    if status is not None:
        assert (answer.status_code, problem["code"]) == (status, code)
    assert problem["title"]


def test_every_way_in_is_described(client: TestClient, town: towns.Town) -> None:
    document = client.get("/openapi.json").json()
    app = create_app(town.desk, face=public_face_of(town.desk))
    there = {
        (re.sub(":(path|int)", "", route.path.replace("{name}", "{id}")), method.lower())
        for route in app.routes
        if isinstance(route, Route) and not route.path.startswith("/C/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {
        (path, method) for path, methods in document["paths"].items() for method in methods
    }
    assert there == described


def test_every_field_is_described(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    def walk(part: Any, place: str) -> list[str]:
        bare = []
        if isinstance(part, dict):
            for name, field in part.get("properties", {}).items():
                if "description" not in field and "$ref" not in field:
                    bare.append(f"{place}.{name}")
            for key, value in part.items():
                bare += walk(value, f"{place}.{key}")
        elif isinstance(part, list):
            for number, value in enumerate(part):
                bare += walk(value, f"{place}[{number}]")
        return bare

    assert walk(document, "") == []
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema["description"], name


def test_the_description_knows_every_headline(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    headline = schemas["Answer"]["properties"]["headline"]
    assert headline["enum"] == [each.value for each in Headline]
    assert all(each.value in headline["description"] for each in Headline)


def test_no_other_site_may_ask_in_a_visitors_name(client: TestClient) -> None:
    answer = client.post(
        "/check", data={"text": towns.UNKNOWN}, headers={"origin": "https://elsewhere.example"}
    )
    assert not [name for name in answer.headers if name.startswith("access-control")]
