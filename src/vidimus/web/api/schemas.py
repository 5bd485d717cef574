"""The schemas of what POST /check answers (JSON Schema 2020-12, as OpenAPI 3.1 takes it)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from vidimus.core.copies.answers import (
    AuthorityAnswer,
    Headline,
    Kind,
    Part,
    ReleaseAnswer,
    StandingAnswer,
    TextAnswer,
)

Schema = dict[str, Any]

HEADLINES: dict[Headline, str] = {
    Headline.ALTERED: "close to a registered text, but words differ",
    Headline.DECLARED_FORGED: "the office has seen this text and says that it is a forgery",
    Headline.DISOWNED: "the office says that this was never authorised",
    Headline.DRAFT_NEVER_RELEASED: "a working draft that the office acknowledged",
    Headline.SIGNER_WITHOUT_AUTHORITY: "its text, but the signer did not hold this power that day",
    Headline.WITHDRAWN: "released, and taken back since",
    Headline.SUPERSEDED: "released, and replaced since",
    Headline.CORRECTED: "released; this is the older wording",
    Headline.ON_HOLD: "released; not to be used while the office checks",
    Headline.CANNOT_TELL: "too poor, too small, or a word that matters could not be read",
    Headline.RATIFIED: "not authorised when sent; confirmed later",
    Headline.STANDS: "signed, released and in force",
    Headline.PART_STANDS: "so is the part that was seen; the rest was not seen",
    Headline.NOT_RELEASED: "no text of ours, where every letter is promised to be registered;"
    " a secret draft and a fake get this same answer",
    Headline.NO_RECORD: "no text of ours, and no promise that covers it; not a sign of a fake",
}


def text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def words(values: type[StrEnum], description: str) -> Schema:
    return text(description, enum=[each.value for each in values])


def whole(description: str, least: int = 0) -> Schema:
    return {"type": "integer", "minimum": least, "description": description}


def texts(description: str) -> Schema:
    return {"type": "array", "items": {"type": "string"}, "description": description}


def record(description: str, fields: dict[str, Schema]) -> Schema:
    """All fields are always there. Later versions may add fields and rename none."""
    return {
        "type": "object",
        "description": description,
        "properties": fields,
        "required": list(fields),
    }


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


EXERCISE: Schema = {
    "type": "boolean",
    "description": "true: the registry is an exercise, and nothing in it is real",
}

DIFFERENCE = record(
    "One place where the copy has other words than the registered text.",
    {
        "kind": words(Kind, "What sort of word differs."),
        "registered": text("The registered words; empty when words were added."),
        "copy": text("The words of the copy; empty when words are missing."),
        "page": whole("Page of the copy.", 1),
        "box": {
            "type": ["array", "null"],
            "items": {"type": "integer"},
            "minItems": 4,
            "maxItems": 4,
            "description": "Left, top, right and bottom in pixels of the page as it was"
            " straightened; null for a text.",
        },
        "at": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "minItems": 2,
            "maxItems": 2,
            "description": "Half-open range of words of the registered text.",
        },
    },
)

LETTER = record(
    "The letter that was recognised.",
    {
        "id": text("Its number.", pattern="^[A-Z2-7]{16}$"),
        "reference": text("The office's own reference; may be empty."),
        "office": text("The office, as `office` takes it."),
        "office_title": text("The office's name."),
        "class": text("The class of letters that it belongs to."),
        "date": text("The day of its release, or of its acknowledgement: YYYY-MM-DD, or empty."),
    },
)

FORM = record(
    "Letters of one form, which share all but what is filled in.",
    {
        "letter": ref("Letter"),
        "letters": whole("Released letters of this form that were looked at.", 2),
        "own_reference": {
            "type": "boolean",
            "description": "Whether the copy shows a reference that is none of theirs.",
        },
    },
)

_RANGE: Schema = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0},
    "minItems": 2,
    "maxItems": 2,
}

QUOTATION = record(
    "One quotation, and the passage that it is of.",
    {
        "text": text("As it was pasted, without its quotation marks."),
        "copy_at": {**_RANGE, "description": "Half-open range of words of the copy."},
        "headline": {
            "type": ["string", "null"],
            "enum": [*(each.value for each in Headline), None],
            "description": "What it comes to by itself; null: too short to be compared.",
        },
        "said": text("What is to be said of its words."),
        "letter": {
            "description": "Null when no public text has these words.",
            "oneOf": [ref("Letter"), {"type": "null"}],
        },
        "version": {"type": ["integer", "null"], "description": "The registered wording."},
        "at": {
            **_RANGE,
            "type": ["array", "null"],
            "description": "Half-open range of words of the registered text.",
        },
        "paragraph": {
            "type": ["integer", "null"],
            "description": "Of the registered text, from 1.",
        },
        "context": {
            "type": "array",
            "items": ref("Run"),
            "description": "The passage with the rest of its sentence, in order.",
        },
    },
)

RUN = record(
    "Registered words in a row.",
    {
        "part": words(Part, "What they are to the quotation."),
        "text": text("The registered words."),
        "copy": text("What the quotation has instead, where it has something else."),
    },
)

MISSING = record(
    "Registered words in a row that the copy does not show.",
    {
        "words": whole("How many, counted as those of `seen` are.", 1),
        "begins": text("The first of them; all of them where they are few."),
        "ends": text("The last of them; empty where `begins` has all."),
        "at": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "minItems": 2,
            "maxItems": 2,
            "description": "Half-open range of words of the registered text.",
        },
        "after_page": {
            "type": ["integer", "null"],
            "description": "The page of the copy that shows what stands before them; null where"
            " the letter begins with them.",
        },
        "before_page": {
            "type": ["integer", "null"],
            "description": "The page of the copy that shows what stands behind them; null where"
            " the letter ends with them.",
        },
        "sheets": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1},
            "description": "The pages of the letter that they stood on, where the numbers printed"
            " on the pages that were seen tell it.",
        },
    },
)

TEXT = record(
    "Is this their text?",
    {
        "answer": words(TextAnswer, "Is this their text?"),
        "version": {
            "type": ["integer", "null"],
            "description": "The registered wording that it was held against.",
        },
        "language": {
            "type": ["string", "null"],
            "description": "The language of that wording (BCP 47).",
        },
        "seen": record(
            "How much of the registered text the copy shows.",
            {
                "words": whole("Registered words that the copy shows."),
                "of": whole("Words of the registered text."),
            },
        ),
        "differences": {
            "type": "array",
            "items": ref("Difference"),
            "description": "Altered words.",
        },
        "unread": {
            "type": "array",
            "items": ref("Difference"),
            "description": "Words that could not be read with certainty.",
        },
        "missing": {
            "type": "array",
            "items": ref("Missing"),
            "description": "What the copy does not show, stretch by stretch, in the letter's order;"
            " without the words of `differences` and `unread`.",
        },
    },
)

SCHEMAS: dict[str, Schema] = {
    "Answer": record(
        "Four answers about a copy, and one headline. It shows what was registered; it never"
        " shows that a content is right.",
        {
            "headline": words(
                Headline,
                "Strongest first; the first that applies: "
                + "; ".join(f"{code.value}: {meaning}" for code, meaning in HEADLINES.items())
                + ".",
            ),
            "sentence": text("The headline as an ordinary person reads it."),
            "exercise": EXERCISE,
            "registry": text("The name of the log that was asked."),
            "letter": {
                "description": "Null when no public text is like the copy.",
                "oneOf": [ref("Letter"), {"type": "null"}],
            },
            "text": ref("Text"),
            "authority": record(
                "Who signed, holding what power on that day?",
                {
                    "answer": words(AuthorityAnswer, "Was it signed with the power to sign it?"),
                    "detail": text("Who, in which office, by which entries of the log."),
                },
            ),
            "release": record(
                "Was it sent out on purpose?",
                {
                    "answer": words(ReleaseAnswer, "Was this wording released?"),
                    "detail": text("When and by whom."),
                },
            ),
            "standing": record(
                "Does it count now?",
                {
                    "answer": words(StandingAnswer, "What the latest acts make of it."),
                    "detail": text("The act that decided, with its entry."),
                    "successor": {
                        "type": ["string", "null"],
                        "description": "The number of the letter that replaces it.",
                    },
                },
            ),
            "as_of": record(
                "What the answer was computed from.",
                {
                    "tree_size": whole("Entries of the log that were counted."),
                    "time": text("The moment it speaks of (UTC).", format="date-time"),
                },
            ),
            "reasons": texts("The reasons, in the order in which they were found."),
            "checked": texts("What was checked."),
            "not_checked": texts("What was not checked, on success too."),
            "alternatives": texts("Other registered texts that fit equally well."),
            "form": {
                "description": "Set when the copy differs from released letters of one form in"
                " filled-in words alone, and is none of them; `text.differences` is against the"
                " nearest of them, and accuses nobody.",
                "oneOf": [ref("Form"), {"type": "null"}],
            },
            "quotations": {
                "type": "array",
                "items": ref("Quotation"),
                "description": "The quotations of letters in a pasted text that is somebody"
                " else's; empty for a copy of a letter. The headline is the weakest of theirs.",
            },
        },
    ),
    "Text": TEXT,
    "Letter": LETTER,
    "Form": FORM,
    "Quotation": QUOTATION,
    "Run": RUN,
    "Difference": DIFFERENCE,
    "Missing": MISSING,
    "Problem": record(
        "What went wrong (RFC 9457).",
        {
            "type": text("The kind of problem, as a URN.", format="uri"),
            "code": text("The kind of problem, in one word."),
            "status": whole("The HTTP status.", 400),
            "title": text("The fact."),
            "detail": text("A hint what to do next; may be empty."),
            "exercise": EXERCISE,
        },
    ),
}
