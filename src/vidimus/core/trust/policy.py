"""The registry's own word on its witnesses, as one policy with the log keys that count.

    log letters.example.org/log+7be1…            from the keys in force at this size
    witness north witness.example.org/w1+5f3a…   as the founders approved it
    quorum north

See spec/trust.md, section 3. `Trust.witnesses` holds the policy without its `log` lines,
which would have to be written anew with every change of a key.
"""

from __future__ import annotations

from vidimus.core.acts.vocabulary import Trust
from vidimus.core.log import policy as policies
from vidimus.core.log.lines import LIMIT
from vidimus.core.log.policy import Policy
from vidimus.core.trust.keys import log_verifiers
from vidimus.errors import FormatError


def policy_of(trust: Trust, size: int = LIMIT - 1) -> Policy | None:
    """Who must have seen a tree of this size; with the keys that have no end, if none is given.

    None where the founders named no witnesses. Raises FormatError for a policy that cannot be
    read: the log takes any text for one, and then its answers are witnessed by nobody.
    """
    if trust.witnesses is None:
        return None
    lines = "".join(f"log {each}\n" for each in log_verifiers(trust, size))
    return policies.parse(lines + trust.witnesses)


def require_policy(witnesses: str) -> None:
    """What the founders are about to approve must be a policy without a log of its own."""
    if policies.parse(witnesses).logs:
        raise FormatError(
            "the policy names a log",
            hint="leave the “log” lines away: the log's keys stand beside it",
        )
