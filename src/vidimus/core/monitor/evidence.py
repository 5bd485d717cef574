"""Judging a finding again, from its files alone: on a machine without network, by anybody.

    FOLDER/finding.json          what was found, in words; believed for nothing
    FOLDER/entry.cose            an entry; entry.json: its document
    FOLDER/entry.tlog-proof      … and the proof that the signed tree has it at its index
    FOLDER/earlier.*, revoking.* further entries of the same sort
    FOLDER/fork.json             two signed histories (core/log/fork.py)
    FOLDER/claim.json            a false word of the log on a subject (core/log/false_claim.py)
    FOLDER/*.checkpoint          signed heads as they were served

`check` says what the files prove with the keys of a trust root, in sentences, and raises
where they do not prove what they are there for. Where a kind of finding rests on what the
monitor alone has seen (that a file was missing, that a server answered so), it says that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from vidimus.core.acts import document as documents
from vidimus.core.acts.standing import LATE
from vidimus.core.acts.vocabulary import RevokeKey
from vidimus.core.log import claim as claims
from vidimus.core.log import false_claim, fork, merkle, note, proof
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.lines import from_base64, to_base64
from vidimus.core.log.merkle import Hash
from vidimus.core.log.witnessed import witnessed
from vidimus.core.monitor.finding import Kind
from vidimus.core.monitor.replay import subject_of
from vidimus.core.seal import statement
from vidimus.core.seal.keys import PublicKey
from vidimus.core.seal.statement import Statement
from vidimus.core.trust import root as roots
from vidimus.core.trust.keys import log_verifiers, open_checkpoint
from vidimus.core.trust.policy import policy_of
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import FormatError, VerificationFailed

Files = Mapping[str, bytes]

MOST_FILES = 16
LONGEST = 8 * 1024 * 1024  # bytes of one of them


# --- making it ----------------------------------------------------------------------------------


def entry_files(
    name: str, index: int, raw: bytes, document: bytes | None, path: tuple[Hash, ...], signed: str
) -> dict[str, bytes]:
    """An entry, its document, and the proof that it is on the log."""
    text = str(proof.Proof(index=index, path=path, checkpoint=signed))
    files = {f"{name}.cose": raw, f"{name}.tlog-proof": text.encode()}
    if document is not None:
        files[f"{name}.json"] = document
    return files


def place_file(index: int, leaf: Hash, path: tuple[Hash, ...]) -> bytes:
    """Which leaf a tree has at an index; the tree is named by another file."""
    value = {"index": index, "leaf": to_base64(leaf), "path": [to_base64(each) for each in path]}
    return json.dumps(value, indent=1).encode() + b"\n"


# --- judging it ---------------------------------------------------------------------------------


def check(kind: Kind, files: Files, trust: TrustRoot) -> tuple[str, ...]:
    """What these files prove, in sentences. Raises FormatError or VerificationFailed."""
    return CHECKS[kind](files, trust)


def _rewritten(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    if "served.json" in files:
        index, said, who = _entry("entry", files, trust)
        if documents.digest(_file(files, "served.json")) == said.digest:
            raise VerificationFailed("the document that was served is the one that it names")
        return (who, f"The document that was served for entry {index} is another one.")
    served = _file(files, "served.cose")
    if "entry.cose" in files:
        index, _, who = _entry("entry", files, trust)
        if _file(files, "entry.cose") == served:
            raise VerificationFailed("the entry that was served is the one in the tree")
        return (who, f"Other bytes were served as entry {index} (served.cose).")
    head, signers = _head("signed.checkpoint", files, trust)
    index, leaf, path = _place("leaf.json", files)
    merkle.check_inclusion(index, head.size, leaf, path, head.root)
    if merkle.leaf_hash(served) == leaf:
        raise VerificationFailed("the entry that was served is the one in the tree")
    return (
        f"{signers} signed a tree of {head.size} entries. It has another entry {index} than the"
        " one that was served (served.cose).",
    )


def _claimed(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    if "past.json" in files:
        return _other_tree(files, trust)
    if "claim.note" in files:
        return _larger_claim(files, trust)
    keys = _keys(trust)
    refuted = false_claim.check(false_claim.read(_file(files, "claim.json")), keys)
    return (
        f"{_names(refuted.signers)} signed a claim on its tree of {refuted.claim.size} entries.",
        f"The same tree refutes it: {refuted.why}.",
    )


def _claim(files: Files, trust: TrustRoot) -> claims.Claim:
    text = _text(files, "claim.note")
    size = claims.parse(note.parse(text).text).size
    return claims.open_claim(text, log_verifiers(trust.trust, size), trust.origin)


def _larger_claim(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    """The claim is of a tree whose tiles were not served: the entry is shown in a smaller one."""
    claim = _claim(files, trust)
    index, said, who = _entry("entry", files, trust)
    on = {name for name, indices in claim.subjects if index in indices}
    subject = subject_of(said, trust.origin)
    left_out = subject in dict(claim.subjects) and subject not in on
    if index >= claim.size or not (left_out or on - {subject}):
        raise VerificationFailed(f"what the claim says of entry {index} is so")
    return (
        who,
        f"The log's key signed a claim on a tree of {claim.size} entries that says otherwise of"
        f" entry {index}. If that tree goes on from this one, the claim is false; if not, that"
        " is a fork.",
    )


def _other_tree(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    claim = _claim(files, trust)
    head, signers = _head("signed.checkpoint", files, trust)
    _, root, path = _place("past.json", files)
    if claim.size > head.size:
        raise VerificationFailed("the claim is of a larger tree than the checkpoint")
    merkle.check_consistency(claim.size, head.size, root, head.root, path)
    if root == claim.root:
        raise VerificationFailed("the claim is of the same tree")
    return (
        f"{signers} signed a tree of {head.size} entries, and the log's key a claim on a tree of"
        f" {claim.size} entries that is not its beginning.",
    )


def _stale(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    claim = _claim(files, trust)
    head, signers = _head("seen.checkpoint", files, trust)
    if claim.size >= head.size:
        raise VerificationFailed("the claim is of a tree as large as the one seen before it")
    return (
        f"{signers} signed a tree of {head.size} entries, and the log's key a claim on a tree of"
        f" {claim.size}. That is as it should be.",
        "That the claim was served after the larger tree, the monitor alone has seen.",
    )


def _forked(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    proved = fork.check(fork.read(_file(files, "fork.json")), _keys(trust))
    sides = (
        f"{_names(side.signers)} signed a tree of {side.checkpoint.size} entries with the root"
        f" {side.checkpoint.root.hex()}."
        for side in proved.sides
    )
    return (*sides, f"Both cannot be: {proved.why}.")


def _rolled_back(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    (seen, signers), (served, _) = (
        _head(f"{name}.checkpoint", files, trust) for name in ("seen", "served")
    )
    if served.size >= seen.size:
        raise VerificationFailed("the tree that was served is not smaller than the one seen before")
    return (
        f"{signers} signed a tree of {seen.size} entries and one of {served.size}. That is as it"
        " should be.",
        "That the smaller one was served after the larger one, the monitor alone has seen.",
    )


def _revoked(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    if "served.checkpoint" in files:
        try:
            open_checkpoint(_text(files, "served.checkpoint"), trust.trust)
        except VerificationFailed as error:
            return (f"By the registry's own word: {error.fact}.",)
        raise VerificationFailed("this checkpoint is signed with a key that counts")
    index, said, who = _entry("entry", files, trust)
    if "revoking.cose" not in files:
        return (who, *_retired_seal(index, said, trust))
    at, _, whose = _entry("revoking", files, trust)
    body = documents.read(_file(files, "revoking.json")).body
    if not isinstance(body, RevokeKey):
        raise VerificationFailed(f"entry {at} revokes no key")
    if PublicKey.from_text(body.key).kid != said.kid:
        raise VerificationFailed(f"entry {at} revokes another key than the one of entry {index}")
    if index <= body.last_index:
        raise VerificationFailed(f"the key counts up to entry {body.last_index}")
    return (
        who,
        whose,
        f"It says that this key of {body.person} counts up to entry {body.last_index} only.",
    )


def _retired_seal(index: int, said: Statement, trust: TrustRoot) -> tuple[str, ...]:
    for each in trust.trust.seal_keys:
        if PublicKey.from_text(each.key).kid == said.kid:
            if each.until is None or index <= each.until:
                raise VerificationFailed("this sealing key counts there")
            return (f"By the registry's own word its key seals up to entry {each.until} only.",)
    raise VerificationFailed("no sealing key of the registry made this entry")


def _back_dated(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    """By the log's own order alone.

    That a smaller tree was cosigned at some time says nothing of when it was the newest: a
    witness signs the size that it knows again, at any time and for anybody.
    """
    index, said, who = _entry("entry", files, trust)
    before, earlier, whose = _entry("earlier", files, trust)
    if before >= index or earlier.issued_at - said.issued_at <= LATE.total_seconds():
        raise VerificationFailed(f"entry {before} does not show that entry {index} is late")
    bears = f"It bears the time {_moment(said.issued_at)}."
    return (who, bears, whose, f"That one bears the time {_moment(earlier.issued_at)}.")


def _on_the_log(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    index, _, who = _entry("entry", files, trust)
    return (who, f"Why entry {index} counts for nothing, who reads the log up to it can see.")


def _malformed(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    """An entry that may not even be a statement: only that it is on the log is shown."""
    raw = _file(files, "entry.cose")
    index, signers = _proved("entry", raw, files, trust)
    return (
        f"{signers} signed a tree that has these bytes as entry {index} (entry.cose).",
        f"Why entry {index} counts for nothing, who reads the log up to it can see.",
    )


def _unsigned(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    try:
        open_checkpoint(_text(files, "served.checkpoint"), trust.trust)
    except (FormatError, VerificationFailed) as error:
        return (f"What was served is no checkpoint of this log: {error.fact}.",)
    raise VerificationFailed("this checkpoint is signed with a key that counts")


def _unwitnessed(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    head, signers = _head("served.checkpoint", files, trust)
    text = _text(files, "served.checkpoint")
    policy = policy_of(trust.trust, head.size)
    names = witnessed(text, policy).names if policy is not None else ()
    confirming = ", ".join(names) or "none"
    return (
        f"{signers} signed a tree of {head.size} entries.",
        f"Of the witnesses that the founders named, these confirm it: {confirming}.",
    )


def _trust_changed(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    pinned = roots.read(_file(files, "pinned.json"))
    if "served.json" not in files:
        raise VerificationFailed("nothing stands beside the pinned trust root")
    try:
        roots.extend(pinned, roots.read(_file(files, "served.json")))
    except (FormatError, VerificationFailed) as error:
        return (
            f"The trust root that was served does not go on from the pinned one: {error.fact}.",
        )
    raise VerificationFailed("the trust root that was served goes on from the pinned one")


def _nothing(files: Files, trust: TrustRoot) -> tuple[str, ...]:
    return ("That something could not be read, the monitor alone has seen.",)


CHECKS: dict[Kind, Callable[[Files, TrustRoot], tuple[str, ...]]] = {
    Kind.REWRITTEN: _rewritten,
    Kind.HIDDEN: _claimed,
    Kind.FALSE_CLAIM: _claimed,
    Kind.STALE_CLAIM: _stale,
    Kind.FORKED: _forked,
    Kind.ROLLED_BACK: _rolled_back,
    Kind.REVOKED_KEY: _revoked,
    Kind.BACK_DATED: _back_dated,
    Kind.NO_EFFECT: _on_the_log,
    Kind.FALSE_ENTRY: _malformed,
    Kind.OPEN_SEAL: _on_the_log,
    Kind.UNREADABLE: _nothing,
    Kind.UNSIGNED: _unsigned,
    Kind.UNWITNESSED: _unwitnessed,
    Kind.TRUST_CHANGED: _trust_changed,
}


# --- its parts ----------------------------------------------------------------------------------


def _keys(trust: TrustRoot) -> fork.Keys:
    return lambda size: log_verifiers(trust.trust, size)


def _file(files: Files, name: str) -> bytes:
    if name not in files:
        raise VerificationFailed(f"the evidence lacks the file {name}")
    return files[name]


def _text(files: Files, name: str) -> str:
    try:
        return _file(files, name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{name} is not UTF-8") from error


def _head(name: str, files: Files, trust: TrustRoot) -> tuple[Checkpoint, str]:
    head, signer = open_checkpoint(_text(files, name), trust.trust)
    return head, _names((signer,))


def _entry(name: str, files: Files, trust: TrustRoot) -> tuple[int, Statement, str]:
    """Its index, what it says, and a sentence: who signed that it is on the log."""
    raw = _file(files, f"{name}.cose")
    index, signers = _proved(name, raw, files, trust)
    said = statement.parse(raw)
    if f"{name}.json" in files and documents.digest(files[f"{name}.json"]) != said.digest:
        raise VerificationFailed(f"{name}.json is not the document that {name}.cose names")
    digest = sha256(raw).hexdigest()[:16]
    return (
        index,
        said,
        f"{signers} signed a tree that has entry {index} ({name}.cose, {digest}…), issued by"
        f" {said.issuer}.",
    )


def _proved(name: str, raw: bytes, files: Files, trust: TrustRoot) -> tuple[int, str]:
    found = proof.parse(_text(files, f"{name}.tlog-proof"))
    head, signer = open_checkpoint(found.checkpoint, trust.trust)
    merkle.check_inclusion(found.index, head.size, merkle.leaf_hash(raw), found.path, head.root)
    return found.index, _names((signer,))


def _place(name: str, files: Files) -> tuple[int, Hash, tuple[Hash, ...]]:
    try:
        value = json.loads(_text(files, name))
        index, leaf, path = value["index"], value["leaf"], value["path"]
        if type(index) is not int or not isinstance(path, list) or len(path) > 64:
            raise ValueError("an index and a path were expected")
        return index, from_base64(leaf), tuple(map(from_base64, path))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError(f"malformed evidence: {name}: {error}") from error


def _names(signers: tuple[note.Verifier, ...]) -> str:
    return " and ".join(f"{each.name} (key {each.key_id.hex()})" for each in signers)


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
