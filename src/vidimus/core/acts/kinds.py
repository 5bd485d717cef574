"""The words of the vocabulary of acts: which there are, and what kinds of rule and reason."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The vocabulary. Groups as in the design, section 4."""

    FOUND = "found"
    TRUST = "trust"
    ESTABLISH = "establish"
    APPOINT = "appoint"
    END = "end"
    DELEGATE = "delegate"
    REVOKE = "revoke"
    REVOKE_KEY = "revoke_key"
    DEFINE_CLASS = "define_class"
    COVER = "cover"

    DRAFT = "draft"
    REVISE = "revise"
    SHARE = "share"
    COORDINATE = "coordinate"
    ANSWER = "answer"
    OVERRIDE = "override"
    SIGN = "sign"
    ABANDON = "abandon"

    RELEASE = "release"

    HOLD = "hold"
    CLEAR = "clear"
    CORRECT = "correct"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"
    DISOWN = "disown"
    RATIFY = "ratify"
    ACKNOWLEDGE_DRAFT = "acknowledge_draft"
    DECLARE_FORGED = "declare_forged"


# Their documents stay inside; the log holds a salted commitment only.
SEALED = frozenset(
    {
        Kind.DRAFT,
        Kind.REVISE,
        Kind.SHARE,
        Kind.COORDINATE,
        Kind.ANSWER,
        Kind.OVERRIDE,
        Kind.SIGN,
        Kind.ABANDON,
    }
)

# Acts that only ever lower a letter. They count even when the key that made them is
# revoked later: undoing them would raise a fallen letter (docs/decisions/0006).
LOWERING = frozenset(
    {
        Kind.HOLD,
        Kind.CORRECT,
        Kind.SUPERSEDE,
        Kind.WITHDRAW,
        Kind.DISOWN,
        Kind.ACKNOWLEDGE_DRAFT,
        Kind.DECLARE_FORGED,
    }
)

AUTHORITY = "authority"  # the subject of acts that speak of no letter
ROOT = "root"  # the office of those who founded the registry


class SignatureRule(StrEnum):
    """How a letter of a class is signed. "Unsigned" is not "draft": a note may need none."""

    DIGITAL = "digital"
    INK = "ink"
    INITIALS = "initials"
    NONE = "none"


class Method(StrEnum):
    """How this signature was made: with the signer's own key, or by hand and attested."""

    KEY = "key"
    INK = "ink"


METHODS: dict[SignatureRule, frozenset[Method]] = {
    SignatureRule.DIGITAL: frozenset({Method.KEY}),
    SignatureRule.INK: frozenset({Method.INK}),
    SignatureRule.INITIALS: frozenset({Method.KEY, Method.INK}),
    SignatureRule.NONE: frozenset(),
}


class Position(StrEnum):
    """The three formal answers of an office that was asked about a version."""

    CONCUR = "concur"
    CONCUR_WITH_COMMENT = "concur_with_comment"
    NONCONCUR = "nonconcur"


class Reason(StrEnum):
    """Why an office disowns what bears its name."""

    NOT_AUTHORISED = "not-authorised"
    SENT_IN_ERROR = "sent-in-error"
    RELEASED_TOO_EARLY = "released-too-early"
    WRONG_TEXT = "wrong-text"
    FORGED = "forged"
