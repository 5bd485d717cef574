"""Settings → adapters → operations: the only part of the house that knows everything.

The doors (`cli`, `web`) ask here for what they need and learn no adapter's name.
"""

from vidimus.adapters.durable import write_whole
from vidimus.wiring.acting import Secrets, actor, joined, new_token_person, signing_key
from vidimus.wiring.desks import (
    office,
    public_desk,
    reader,
    remote_check,
    serve,
    staff_desk,
)
from vidimus.wiring.evidence import Pin, make_bundle, make_pack, open_bundle, open_pack, pin
from vidimus.wiring.folder import (
    EXERCISE,
    Folder,
    clock,
    init,
    move_clock,
    settings,
    settings_or_none,
)
from vidimus.wiring.index import index_sizes, rebuild_index
from vidimus.wiring.keys import add_own_key, opener, renew, set_aside, trust_root
from vidimus.wiring.monitor import (
    Monitoring,
    acknowledge,
    check_evidence,
    monitor,
    monitor_folder,
)
from vidimus.wiring.paper import print_coordination, print_letter
from vidimus.wiring.people import new_person, person, play
from vidimus.wiring.publish import public_face, publish
from vidimus.wiring.service import alone, log_service, serve_log
from vidimus.wiring.telling import (
    add_subscriber,
    alone_delivering,
    deliver_on,
    deliver_once,
    deliveries,
    delivering,
    notice,
    notice_of,
    outbox,
    publish_feeds,
    publish_some_feeds,
    remove_subscriber,
    subscribers,
    tell_again,
    tellings,
)
from vidimus.wiring.verifying import verify_log
from vidimus.wiring.witness import (
    new_witness,
    open_witness,
    serve_witness,
    unwatch,
    watch,
    watch_root,
    watched,
    witness_evidence,
    witness_key,
)
from vidimus.wiring.witnessing import (
    ask_witnesses,
    asking,
    install_witnesses,
    witness_policy,
    witness_rounds,
)

__all__ = [
    "EXERCISE",
    "Folder",
    "Monitoring",
    "Pin",
    "Secrets",
    "acknowledge",
    "actor",
    "add_own_key",
    "add_subscriber",
    "alone",
    "alone_delivering",
    "ask_witnesses",
    "asking",
    "check_evidence",
    "clock",
    "deliver_on",
    "deliver_once",
    "deliveries",
    "delivering",
    "index_sizes",
    "init",
    "install_witnesses",
    "joined",
    "log_service",
    "make_bundle",
    "make_pack",
    "monitor",
    "monitor_folder",
    "move_clock",
    "new_person",
    "new_token_person",
    "new_witness",
    "notice",
    "notice_of",
    "office",
    "open_bundle",
    "open_pack",
    "open_witness",
    "opener",
    "outbox",
    "person",
    "pin",
    "play",
    "print_coordination",
    "print_letter",
    "public_desk",
    "public_face",
    "publish",
    "publish_feeds",
    "publish_some_feeds",
    "reader",
    "rebuild_index",
    "remote_check",
    "remove_subscriber",
    "renew",
    "serve",
    "serve_log",
    "serve_witness",
    "set_aside",
    "settings",
    "settings_or_none",
    "signing_key",
    "staff_desk",
    "subscribers",
    "tell_again",
    "tellings",
    "trust_root",
    "unwatch",
    "verify_log",
    "watch",
    "watch_root",
    "watched",
    "witness_evidence",
    "witness_key",
    "witness_policy",
    "witness_rounds",
    "write_whole",
]
