"""What witnesses say of the tree that evidence is of: which one they saw, and never when.

A cosignature says “I have seen nothing larger”, and not “there is nothing larger”. A witness
signs the last tree that it saw for anybody who asks, again and at any time, with that time;
so whoever holds an old bundle can get fresh cosignatures for it. Here their times count for
nothing, neither for the age of evidence nor in words. See spec/bundle.md, section 2.
"""

from __future__ import annotations

from vidimus.core.log.policy import Policy
from vidimus.core.log.witnessed import UNCONFIRMED, Told, Witnessed, told


def seen(policy: Policy | None, found: Witnessed | None, size: int, of: int) -> Told:
    """What to say of the witnesses of a log of `of` entries.

    `found` is of a checkpoint of that very log with `size` entries; None: there is none.
    """
    if policy is None or not policy.witnesses or not policy.demands:
        return told(policy, 0, None, of, 0)
    if found is None or not found.met:
        who = f"{len(found.names) if found is not None else 0} of {len(policy.witnesses)}"
        return Told(f"Too few witnesses signed it, {who}: {UNCONFIRMED}", met=False)
    who = f"{len(found.names)} of {len(policy.witnesses)} witnesses"
    if size < of:
        return Told(
            f"{who} signed that they saw this log with {size:,} entries, and here it has {of:,}:"
            " nobody else confirms what came in between.",
            met=False,
        )
    return Told(
        f"{who} signed that they saw this very log of {of:,} entries, as it was shown to others."
        " That says nothing of its age: they sign what they saw last, at any time, for anybody"
        " who asks.",
        met=True,
    )
