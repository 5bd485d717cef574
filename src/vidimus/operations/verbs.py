"""What people do, one function for each verb; the command line and the stories call these.

Each takes the registry, whoever acts, and plain values by the names that spec/acts.md and
the command line use, and gives `Done` or raises with what would be allowed. What an act
needs beyond the fold (a free reference, a standing successor) is looked at there.
"""

from __future__ import annotations

from collections.abc import Callable

from vidimus.operations import afterlife, coordinating, empowering, preparing, trusting
from vidimus.operations.perform import Done

VERBS: dict[str, Callable[..., Done]] = {
    each.__name__: each
    for each in (
        empowering.found,
        trusting.trust,
        empowering.establish,
        empowering.appoint,
        empowering.end,
        empowering.delegate,
        empowering.revoke,
        empowering.revoke_key,
        empowering.define_class,
        empowering.cover,
        preparing.draft,
        preparing.revise,
        preparing.share,
        coordinating.coordinate,
        coordinating.answer,
        coordinating.override,
        preparing.sign,
        preparing.abandon,
        preparing.release,
        afterlife.hold,
        afterlife.clear,
        afterlife.correct,
        afterlife.supersede,
        afterlife.withdraw,
        afterlife.disown,
        afterlife.ratify,
        afterlife.acknowledge_draft,
        afterlife.declare_forged,
    )
}
