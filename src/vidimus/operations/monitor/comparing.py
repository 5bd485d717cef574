"""Does the server show everybody the same log? Old files once more, and its own signed answers.

Files that never change are read again a few at a time, and compared with one's own copy byte
by byte. And the server is asked what the log holds on a subject: it answers with a claim
signed by the log's key, so that a word too few is evidence.
"""

from __future__ import annotations

from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.shapes import LETTER_ID
from vidimus.core.log import claim as claims
from vidimus.core.log import false_claim, note, tiles
from vidimus.core.log.claim import Claim
from vidimus.core.log.tiles import WIDTH, TileReader
from vidimus.core.monitor import ended, exhibits
from vidimus.core.monitor.finding import Finding, Kind
from vidimus.core.monitor.mirror import Bundle, Seen
from vidimus.core.trust.keys import log_verifiers
from vidimus.errors import FormatError, NotFound, VerificationFailed, VidimusError
from vidimus.operations.monitor.context import Watch
from vidimus.operations.monitor.heads import ended_finding, signers

REREAD = 16  # bundles a round: a log of 4,096 entries is read again each time
ASKED_AT_ONCE = 16  # subjects in one question; the server takes twenty
MOST_NAMED = 20  # entries that a stale claim is silent on
FURTHER = 32  # subjects a round that nobody spoke of lately


# --- old files once more --------------------------------------------------------------------------


def read_again(watch: Watch, up_to_date: bool) -> None:
    """The next few bundles, round and round, against one's own copy.

    The last one, which is not full, only when all was read: else the log has grown, and may
    have dropped it for a larger one.
    """
    seen = watch.state.newest(watch.frontier.size)
    full = (watch.frontier.size + (WIDTH - 1 if up_to_date else 0)) // WIDTH
    if seen is None or full == 0:
        return
    first = int((watch.state.get("again") or b"0").decode()) % full
    wanted = [(first + step) % full for step in range(min(REREAD, full))]
    pairs = [(n, min(WIDTH, watch.frontier.size - n * WIDTH)) for n in wanted]
    for n, bundle in zip(wanted, watch.source.bundles(pairs), strict=True):
        _compare(watch, n, bundle, seen)
    watch.state.put("again", str((wanted[-1] + 1) % full).encode())


def _compare(watch: Watch, n: int, bundle: Bundle, seen: Seen) -> None:
    try:
        if bundle.error is not None:
            raise bundle.error
        raws = tiles.read_entries(bundle.entries, bundle.width)
        documents = tiles.read_documents(bundle.documents, bundle.width)
    except VidimusError as error:
        name = f"again-{tiles.entries_path(n).removeprefix('tile/').replace('/', '-')}"
        fact = f"entries from {n * WIDTH} on, read before, cannot be read again: {error.fact}"
        watch.find(Finding(Kind.UNREADABLE, name, fact, (), n * WIDTH))
        return
    stop = min(watch.frontier.size, (n + 1) * WIDTH)
    for row, raw, document in zip(watch.state.rows(n * WIDTH, stop), raws, documents, strict=False):
        changed: tuple[str, str, bytes] | None = None
        if raw != row.raw:
            changed = f"{row.index}", "as it is served now", raw
            what = "served.cose"
        elif document != row.document:
            changed = (
                f"document-{row.index}",
                "with the document that is served now",
                document or b"",
            )
            what = "served.json"
        if changed is None or row.index >= seen.head.size:
            continue
        name, how, content = changed
        files = watch.entry_files("entry", row, seen.head, seen.note, watch.frontier.read)
        fact = f"entry {row.index}, {how}, is not the one that was read before"
        by = signers(watch, seen.note, seen.head.size)
        files = {**files, what: content}
        watch.find(Finding(Kind.REWRITTEN, name, fact, (), row.index, files, by))


# --- the server's signed answers ------------------------------------------------------------------


def ask(watch: Watch, before: Seen | None) -> bool:
    """Hold the log's claims on subjects against one's own index; False if that was not done.

    `before` is the largest head of earlier rounds. A server that has shown it can speak of it
    by now; one that does not may keep an old claim for what came since.
    """
    if not watch.source.answers:
        watch.notes.append("only files were read: what a server answers was not compared")
        return False
    after = (watch.state.get("asked") or b"").decode()
    further = list(watch.state.subjects(after, FURTHER))
    watch.state.put("asked", (further[-1] if len(further) == FURTHER else "").encode())
    names = [AUTHORITY, *watch.touched, *further]
    wanted = [name for name in dict.fromkeys(names) if _is_subject(name)]
    for begin in range(0, len(wanted), ASKED_AT_ONCE):
        part = sorted(wanted[begin : begin + ASKED_AT_ONCE])
        if not _ask(watch, part, before):
            return False
    watch.touched.clear()
    return True


def _is_subject(name: str) -> bool:
    return name == AUTHORITY or LETTER_ID.fullmatch(name) is not None


def _ask(watch: Watch, subjects: list[str], before: Seen | None) -> bool:
    path = f"subjects/{','.join(subjects)}"
    try:
        content = watch.source.read(path)
    except NotFound:
        watch.notes.append("the server signs no claims on subjects: its answers were not compared")
        return False
    except VidimusError as error:
        watch.find(Finding(Kind.UNREADABLE, "subjects", f"no claim can be read: {error.fact}"))
        return False
    try:
        text = content.decode("utf-8")
        size = claims.parse(note.parse(text).text).size
        keys = log_verifiers(watch.trust.trust, size)
        claim = claims.open_claim(text, keys, watch.trust.origin)
        for subject in subjects:
            _hold(watch, claim, subject, text)
        _require_recent(watch, claim, text, before)
    except (UnicodeDecodeError, FormatError, VerificationFailed) as error:
        if _by_an_ended_key(watch, content):
            return False
        fact = error.fact if isinstance(error, VidimusError) else "it is not text"
        watch.find(
            Finding(
                Kind.UNREADABLE,
                "claim",
                f"the claim that is served is none: {fact}",
                (),
                None,
                {"claim.note": content},
            )
        )
        return False
    return True


def _by_an_ended_key(watch: Watch, content: bytes) -> bool:
    try:
        found = ended.claim(content.decode("utf-8"), watch.trust)
    except (UnicodeDecodeError, VidimusError):
        return False
    watch.find(ended_finding(found, "claim.note", content))
    return True


def _hold(watch: Watch, claim: Claim, subject: str, text: str) -> None:
    own = watch.frontier.size
    if claim.size <= own and watch.frontier.root(claim.size) != claim.root:
        _other_tree(watch, claim, text)
        return
    said = {index for index in claim.indices(subject) if index < own}
    have = {index for index in watch.state.about(subject) if index < claim.size}
    for index in sorted(have ^ said):
        hidden = index in have
        fact = (
            f"the log's key signed that there is no entry {index} on {subject}, and there is"
            if hidden
            else f"the log's key signed that entry {index} is on {subject}, and it is not"
        )
        _refute(watch, claim, index, Kind.HIDDEN if hidden else Kind.FALSE_CLAIM, fact, text)


def _require_recent(watch: Watch, claim: Claim, text: str, before: Seen | None) -> None:
    """A claim of a tree that is too small is silent on all that came since, and yet true."""
    newest = watch.state.newest()
    if before is None or claim.size >= before.head.size:
        if newest is not None and claim.size < newest.head.size:
            said = (
                f"the server's claims are of {claim.size} entries, and its head is of"
                f" {newest.head.size}: the next round asks again"
            )
            if said not in watch.notes:
                watch.notes.append(said)
        return
    stop = min(before.head.size, watch.frontier.size)
    silent = sorted(
        index
        for subject, _ in claim.subjects
        for index in watch.state.about(subject)
        if claim.size <= index < stop
    )
    fact = (
        f"the claim that is served is of a tree of {claim.size} entries, and one of"
        f" {before.head.size} was served in an earlier round"
    )
    if silent:
        fact += f": it is silent on entry {', '.join(map(str, silent[:MOST_NAMED]))}"
    files = {"claim.note": text.encode(), "seen.checkpoint": before.note.encode()}
    by = signers(watch, text, claim.size)
    index = silent[0] if silent else None
    name = f"{claim.size}" if index is None else f"{claim.size}-without-{index}"
    watch.find(Finding(Kind.STALE_CLAIM, name, fact, by, index, files))


def _refute(watch: Watch, claim: Claim, index: int, kind: Kind, fact: str, text: str) -> None:
    row, keys = watch.row(index), log_verifiers(watch.trust.trust, claim.size)
    by = tuple(f"{each.name} (key {each.key_id.hex()})" for each in keys)
    # The log may have grown since it was read; then its own tiles lead to the claim's root.
    ahead = claim.size > watch.frontier.size
    read = TileReader(claim.size, watch.source.read) if ahead else watch.frontier.read
    try:
        found = false_claim.of(text, index, row.raw, read)
        false_claim.check(found, lambda _size: keys)
        files = {"claim.json": false_claim.write(found)}
        if row.document is not None:
            files["entry.json"] = row.document
    except VidimusError:
        seen = watch.state.newest(watch.frontier.size)
        if not ahead or seen is None or seen.head.size <= index:
            raise
        # They cannot be read. That the entry is on the log can be shown all the same.
        files = watch.entry_files("entry", row, seen.head, seen.note, watch.frontier.read)
        files["claim.note"] = text.encode()
    watch.find(Finding(kind, f"{index}-in-{claim.size}", fact, by, index, files))


def _other_tree(watch: Watch, claim: Claim, text: str) -> None:
    seen = watch.state.newest(watch.frontier.size)
    if seen is None or seen.head.size < claim.size:
        return  # the next head that was read up to says it
    root = watch.frontier.root(claim.size)
    path = watch.frontier.consistency(claim.size, seen.head.size)
    files = {
        "claim.note": text.encode(),
        "signed.checkpoint": seen.note.encode(),
        "past.json": exhibits.place_file(claim.size, root, path),
    }
    fact = (
        f"the log's key signed a claim on a tree of {claim.size} entries that is not the one of"
        " its checkpoints"
    )
    by = signers(watch, seen.note, seen.head.size)
    watch.find(Finding(Kind.FALSE_CLAIM, f"tree-{claim.size}", fact, by, None, files))
