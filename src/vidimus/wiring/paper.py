"""Paper from a registry's folder: letters set, sealed, signed and listed.

DIR/office/templates/CLASS.typ     how a class looks; default.typ for the others
DIR/office/fonts/                  fonts of the office's own
DIR/office/paper/NUMBER.jsonl      the copies of a letter that were made
DIR/office/seal-9f2c….crt          the certificate of a seal key, by the key's name
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vidimus.adapters.durable import write_whole
from vidimus.adapters.key_files import Passphrase
from vidimus.core.seal.keys import Signer
from vidimus.core.seal.paper import host_of
from vidimus.errors import OutsideFailed
from vidimus.operations.paper import PdfSigner, Press, Printed, print_copies, print_draft
from vidimus.operations.ports import Progress, silent
from vidimus.operations.registry import Registry, same_log
from vidimus.wiring.desks import office, public_desk
from vidimus.wiring.evidence import bundle_of
from vidimus.wiring.folder import Folder


def print_letter(
    path: Path,
    letter: str,
    passphrase: Passphrase,
    out: Path,
    *,
    copies: int,
    receivers: Sequence[str] = (),
    timestamps: str | None = None,
    progress: Progress = silent,
) -> Printed:
    """Numbered copies of a released letter, in `out`."""
    # Only who prints needs the libraries of paper; the bare install has none of them.
    from vidimus.adapters.paper.shelf import CopyShelf

    registry = office(path, passphrase)
    # A log that was put back would have forgotten a withdrawal.
    same_log(registry.settings, registry.log, registry.office.remembered())
    folder = Folder(path).office.parent
    return print_copies(
        registry,
        public_desk(path),
        press(path, registry, timestamps),
        lambda number: CopyShelf(out, folder / "paper" / f"{number}.jsonl"),
        letter=letter,
        copies=copies,
        receivers=receivers,
        bundle=lambda number: bundle_of(path, registry, number, progress=progress),
        progress=progress,
    )


def print_coordination(
    path: Path, letter: str, passphrase: Passphrase, out: Path, *, receivers: Sequence[str] = ()
) -> tuple[str, ...]:
    """The coordination copies of a draft that the log holds, in `out`; their names."""

    def put(name: str, content: bytes) -> None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutsideFailed(f"{out} cannot be made: {error.strerror}") from error
        write_whole(out / name, content)

    registry = office(path, passphrase)
    set_by = press(path, registry).typesetter
    return print_draft(registry, set_by, put, letter=letter, receivers=receivers)


def press(path: Path, registry: Registry, timestamps: str | None = None) -> Press:
    """Typst and pyHanko, for this office."""
    from vidimus.adapters.paper.typesetting import Typesetting

    folder = Folder(path).office.parent

    def signer(key: Signer) -> PdfSigner:
        from vidimus.adapters.paper.signing import PdfSealing

        name = host_of(registry.settings.origin)
        certificate = _certificate(folder, registry, key)
        return PdfSealing(key, certificate, name=name, timestamps=timestamps)

    return Press(Typesetting(folder / "templates", folder / "fonts"), signer)


def _certificate(folder: Path, registry: Registry, key: Signer) -> bytes:
    """The one of this key; made at the first paper that it seals."""
    from vidimus.adapters.paper.certificate import issued

    file = folder / f"seal-{key.kid.hex()[:16]}.crt"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        made = issued(key, registry.settings.origin, registry.clock.now())
        write_whole(file, made)
        return made
    except OSError as error:
        raise OutsideFailed(f"{file} cannot be read: {error.strerror}") from error
