"""The life of a letter, as one table: from this state, by this act, to that state.

What is not in the table is not allowed. Who may do it is `authority.py`; what else must
hold (a signature, a second person) is `standing.py`.
"""

from __future__ import annotations

from enum import StrEnum

from vidimus.core.acts.kinds import Kind
from vidimus.errors import NotAllowed


class State(StrEnum):
    DRAFT = "draft"
    SIGNED = "signed"
    ABANDONED = "abandoned"
    RELEASED = "released"
    ON_HOLD = "on hold"
    RATIFIED = "ratified"
    RATIFIED_ON_HOLD = "ratified, on hold"
    CORRECTED = "corrected"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    DISOWNED = "disowned"
    # Disowned, and never to be ratified: it was no released letter, or had fallen before.
    REPUDIATED = "disowned for good"
    DECLARED_FORGED = "declared forged"


NEXT: dict[tuple[State, Kind], State] = {
    (State.DRAFT, Kind.REVISE): State.DRAFT,
    (State.DRAFT, Kind.SHARE): State.DRAFT,
    (State.DRAFT, Kind.COORDINATE): State.DRAFT,
    (State.DRAFT, Kind.ANSWER): State.DRAFT,
    (State.DRAFT, Kind.OVERRIDE): State.DRAFT,
    (State.DRAFT, Kind.SIGN): State.SIGNED,
    (State.DRAFT, Kind.ABANDON): State.ABANDONED,
    # Only for a class that needs no signature, or where the release opens one.
    (State.DRAFT, Kind.RELEASE): State.RELEASED,
    # An acknowledged draft. It never was a letter, so nobody can ratify it into one.
    (State.DRAFT, Kind.DISOWN): State.REPUDIATED,
    # A new version is unsigned, whatever the old one was.
    (State.SIGNED, Kind.REVISE): State.DRAFT,
    (State.SIGNED, Kind.SHARE): State.SIGNED,
    # Nobody is asked any more, but whoever was asked may still say no: that holds the release.
    (State.SIGNED, Kind.ANSWER): State.SIGNED,
    (State.SIGNED, Kind.OVERRIDE): State.SIGNED,
    (State.SIGNED, Kind.SIGN): State.SIGNED,
    (State.SIGNED, Kind.ABANDON): State.ABANDONED,
    (State.SIGNED, Kind.RELEASE): State.RELEASED,
    (State.SIGNED, Kind.DISOWN): State.REPUDIATED,
    (State.ABANDONED, Kind.DISOWN): State.REPUDIATED,
    # A released letter is public for ever; each of these adds a fact and removes none.
    (State.RELEASED, Kind.HOLD): State.ON_HOLD,
    (State.RELEASED, Kind.CORRECT): State.CORRECTED,
    (State.RELEASED, Kind.SUPERSEDE): State.SUPERSEDED,
    (State.RELEASED, Kind.WITHDRAW): State.WITHDRAWN,
    (State.RELEASED, Kind.DISOWN): State.DISOWNED,
    # Only where the signature turned out to be without authority.
    (State.RELEASED, Kind.RATIFY): State.RATIFIED,
    (State.ON_HOLD, Kind.CLEAR): State.RELEASED,
    (State.ON_HOLD, Kind.CORRECT): State.CORRECTED,
    (State.ON_HOLD, Kind.SUPERSEDE): State.SUPERSEDED,
    (State.ON_HOLD, Kind.WITHDRAW): State.WITHDRAWN,
    (State.ON_HOLD, Kind.DISOWN): State.DISOWNED,
    (State.DISOWNED, Kind.RATIFY): State.RATIFIED,
    # Only where the ratification itself rests on a key revoked since.
    (State.RATIFIED, Kind.RATIFY): State.RATIFIED,
    (State.RATIFIED, Kind.HOLD): State.RATIFIED_ON_HOLD,
    (State.RATIFIED, Kind.CORRECT): State.CORRECTED,
    (State.RATIFIED, Kind.SUPERSEDE): State.SUPERSEDED,
    (State.RATIFIED, Kind.WITHDRAW): State.WITHDRAWN,
    # Confirmed once and disowned again: enough.
    (State.RATIFIED, Kind.DISOWN): State.REPUDIATED,
    (State.RATIFIED_ON_HOLD, Kind.CLEAR): State.RATIFIED,
    (State.RATIFIED_ON_HOLD, Kind.CORRECT): State.CORRECTED,
    (State.RATIFIED_ON_HOLD, Kind.SUPERSEDE): State.SUPERSEDED,
    (State.RATIFIED_ON_HOLD, Kind.WITHDRAW): State.WITHDRAWN,
    (State.RATIFIED_ON_HOLD, Kind.DISOWN): State.REPUDIATED,
    # What has fallen stays fallen: from here a letter can only fall further.
    (State.CORRECTED, Kind.SUPERSEDE): State.SUPERSEDED,
    (State.CORRECTED, Kind.WITHDRAW): State.WITHDRAWN,
    (State.CORRECTED, Kind.DISOWN): State.REPUDIATED,
    (State.SUPERSEDED, Kind.WITHDRAW): State.WITHDRAWN,
    (State.SUPERSEDED, Kind.DISOWN): State.REPUDIATED,
    (State.WITHDRAWN, Kind.DISOWN): State.REPUDIATED,
}

# An old draft may leak long after the letter went out in other words; to say so changes
# nothing about the letter.
NEXT |= {
    (state, Kind.ACKNOWLEDGE_DRAFT): state for state in State if state is not State.DECLARED_FORGED
}

# From these no act leads back to standing; a property test walks the table to hold it.
FALLEN = frozenset(
    {State.CORRECTED, State.SUPERSEDED, State.WITHDRAWN, State.REPUDIATED, State.DECLARED_FORGED}
)
STANDING = frozenset({State.RELEASED, State.RATIFIED})
PREPARATION = frozenset({State.DRAFT, State.SIGNED, State.ABANDONED})


def allowed(state: State) -> tuple[Kind, ...]:
    return tuple(kind for (start, kind) in NEXT if start is state)


def next_state(state: State, kind: Kind) -> State:
    """Raises NotAllowed with the acts that are allowed from here."""
    try:
        return NEXT[state, kind]
    except KeyError:
        names = ", ".join(each.value.replace("_", "-") for each in allowed(state))
        raise NotAllowed(
            f"cannot {kind.value.replace('_', ' ')} a letter in the state “{state}”",
            hint=f"from here you can: {names or 'nothing, this state is final'}",
        ) from None
