"""Acts signed on real tokens, SoftHSM's, from the command line; and tokens that fail meanwhile."""

from __future__ import annotations

import io
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.operations.ministry import OTHER, TEXT, Ministry, build
from tests.tokens import double
from tests.tokens.softhsm import PIN, SoftHsm

from vidimus.adapters.tokens.signer import TokenSigner
from vidimus.adapters.tokens.uri import parse
from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal
from vidimus.errors import OutsideFailed

LETTER = "MC-1\n\nSir,\n\nthe northern patrol stays where it is.\n\nBen Birch, Minister\n"


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> SoftHsm:
    patch = pytest.MonkeyPatch()
    made = SoftHsm(tmp_path_factory.mktemp("hsm"), patch.setenv)
    for label in ("Minister's token", "Press; token"):
        made.token(label)
    return made


MINISTER, PRESS = "Minister's token", "Press; token"


def appoint(m: Ministry, key: str) -> None:
    m.do("ada", "appoint", person="fin", name="Fin Fir", key=key, office="ministry")


def run(*line: str, secret: Callable[[str], str] | None = None) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(io.BytesIO(), out, err)
    if secret is not None:
        terminal.secret = secret
    status = main(line, terminal)
    return status, out.getvalue(), err.getvalue()


def done(*line: str) -> str:
    status, said, noted = run(*line)
    assert (status, noted) == (0, ""), noted
    return said


def test_a_letter_from_draft_to_release_with_two_tokens(
    hsm: SoftHsm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every key of a person lies on a token; no private key of theirs is on the disk."""
    office, letter = tmp_path / "office", tmp_path / "letter.txt"
    letter.write_text(LETTER)
    monkeypatch.setenv("VIDIMUS_REGISTRY", str(office))
    run("init", str(office), "--origin", "letters.coasts.example/office", "--no-passphrase")
    done("key", "new", "ada", "--name", "Ada Ash", "--token", hsm.uri(PRESS))
    said = done("key", "new", "ben", "--name", "Ben Birch", "--token", hsm.uri(MINISTER))
    assert "cannot be taken out" in said
    done("key", "new", "cleo", "--name", "Cleo Cedar", "--token", hsm.uri(PRESS, "cleo's key"))
    assert not list((office / "people").glob("*.key"))
    for file in (office / "people").glob("*.token"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert PIN not in file.read_text()

    done("found", "--by", "ada")
    for line in (
        ("establish", "ministry", "--title", "Ministry of Coasts"),
        ("establish", "ministry/press", "--title", "Press office", "--under", "ministry"),
        ("appoint", "ben", "--office", "ministry"),
        ("appoint", "cleo", "--office", "ministry/press"),
        (
            *("define-class", "letter", "--title", "Letters", "--office", "ministry"),
            *("--rule", "digital", "--signers", "ministry", "--releasers", "ministry/press"),
        ),
    ):
        done(*line, "--by", "ada")
    draft = ("draft", str(letter), "--office", "ministry", "--class", "letter")
    done(*draft, "--reference", "MC-1", "--title", "The patrol", "--by", "ben")
    # Named on the command line as a key file would be; without its file beside the registry.
    (office / "people" / "ben.token").rename(tmp_path / "ben.token")
    assert run("sign", "MC-1", "--by", "ben")[0] == 2
    done("sign", "MC-1", "--by", "ben", "--key", hsm.uri(MINISTER, "ben"))
    done("release", "MC-1", "--by", "cleo")
    assert done("check", str(letter)).startswith("STANDS")
    assert "9 entries hold" in done("log", "verify")

    # A wrong key on a right token is a stranger's key.
    done("key", "new", "eve", "--name", "Eve Elm", "--token", hsm.uri(MINISTER))
    status, _, noted = run("withdraw", "MC-1", "--by", "ben", "--key", hsm.uri(MINISTER, "eve"))
    assert (status, noted.partition(": ")[2].partition(":")[0]) == (1, "not-allowed")
    assert done("check", str(letter)).startswith("STANDS")


def test_the_pin_is_typed_once_for_each_key_and_is_no_passphrase(
    hsm: SoftHsm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def typed(prompt: str) -> str:
        asked.append(prompt)
        return PIN

    passphrases = tmp_path / "passphrases"
    passphrases.write_text("one\ntwo\n")
    monkeypatch.setenv("VIDIMUS_PASSPHRASE_FILE", str(passphrases))
    out = ("--out", str(tmp_path / "people"))
    uri = hsm.uri(MINISTER, "typed", pin=False)
    status, _, noted = run("key", "new", "fay", "--name", "Fay Fir", "--token", uri, *out)
    assert (status, "nobody is there to be asked" in noted) == (2, True)

    class Typing(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Typing())
    line = ("key", "new", "fay", "--name", "Fay Fir", "--token", uri, *out)
    assert run(*line, secret=typed)[0] == 0
    assert asked == [f"PIN of the token {MINISTER}: "]
    shown = run("key", "show", uri, secret=typed)[1]
    assert shown.splitlines()[0] in (tmp_path / "people" / "fay.pub").read_text()

    def ended(prompt: str) -> str:
        raise EOFError

    assert run("key", "show", uri, secret=ended)[0] == 2
    status, _, noted = run("key", "show", uri, secret=lambda _: "wrong pin")
    assert status == 2 and "not the PIN" in noted and "tries" in noted and "wrong pin" not in noted
    assert run("key", "show", uri, secret=typed)[0] == 0


def test_founders_approve_with_tokens_and_a_new_one_by_its_uri(
    hsm: SoftHsm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = tmp_path / "office"
    monkeypatch.setenv("VIDIMUS_REGISTRY", str(office))
    run("init", str(office), "--origin", "letters.coasts.example/office", "--no-passphrase")
    for person, token in (("hal", MINISTER), ("ivy", PRESS)):
        done("key", "new", person, "--name", f"{person} A", "--token", hsm.uri(token))
    out = ("--out", str(tmp_path / "elsewhere"))
    done("key", "new", "joy", "--name", "Joy A", "--token", hsm.uri(PRESS), *out)
    founding = ("--founders", "hal,ivy", "--threshold", "2")
    assert run("found", "--by", "hal", *founding)[0] == 1
    done("found", "--by", "hal,ivy", *founding)
    changed = ("founders", f"hal,{tmp_path / 'elsewhere' / 'joy.pub'}", "--by", "hal,ivy")
    assert run(*changed)[0] == 1
    done(*changed, "--with", hsm.uri(PRESS, "joy"))
    assert "2 entries hold" in done("log", "verify")


LOOK = """
import sys, pkcs11
from pkcs11 import Attribute as A, KeyType, ObjectClass
found = pkcs11.lib(sys.argv[1]).get_token(token_label=sys.argv[2])
with found.open(rw=True, user_pin=sys.argv[3]) as session:
    if sys.argv[5:]:
        curve = session.create_domain_parameters(
            KeyType.EC, {A.EC_PARAMS: bytes.fromhex("06082a8648ce3d030107")}, local=True
        )
        more = {A.ALWAYS_AUTHENTICATE: True}
        curve.generate_keypair(store=True, id=b"again", label=sys.argv[4], private_template=more)
    (key,) = session.get_objects({A.CLASS: ObjectClass.PRIVATE_KEY, A.LABEL: sys.argv[4]})
    print(key[A.SENSITIVE], key[A.ALWAYS_SENSITIVE], key[A.EXTRACTABLE], key[A.NEVER_EXTRACTABLE])
    try:
        key[A.VALUE]
    except pkcs11.AttributeSensitive:
        print("kept")
"""


def looked(hsm: SoftHsm, token: str, label: str, *more: str) -> list[str]:
    """In a process of its own, as any program that has the PIN could."""
    line = [sys.executable, "-c", LOOK, hsm.module, token, PIN, label, *more]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout.split()


def test_a_key_that_wants_its_pin_before_each_signature_signs(hsm: SoftHsm, tmp_path: Path) -> None:
    """As the signature key of a PIV card does."""
    looked(hsm, MINISTER, "each time", "make")
    line = ("--name", "Kay Kiln", "--token", hsm.uri(MINISTER, "each time"))
    assert "es256:" in done("key", "adopt", "kay", *line, "--out", str(tmp_path / "people"))


def test_a_new_key_stays_on_its_token(hsm: SoftHsm, tmp_path: Path) -> None:
    """Sensitive and not extractable, as the token itself says; and never a second of one name."""
    line = ("key", "new", "gus", "--name", "Gus Gum", "--token", hsm.uri(PRESS))
    done(*line, "--out", str(tmp_path / "a"))
    assert looked(hsm, PRESS, "gus") == ["True", "True", "False", "True", "kept"]
    status, _, noted = run(*line, "--out", str(tmp_path / "b"))
    assert status == 2 and "has a key of that name already" in noted
    assert not list((tmp_path / "b").iterdir())
    assert run(*line, "--out", str(tmp_path / "a"))[0] == 2
    assert run(*line, "--no-passphrase", "--out", str(tmp_path / "c"))[0] == 2
    adopt = ("key", "adopt", "gus", "--name", "Gus Gum", "--token", hsm.uri(PRESS, "gus"))
    done(*adopt, "--out", str(tmp_path / "d"))
    first, again = ((tmp_path / each / "gus.pub").read_text() for each in "ad")
    assert first == again


def test_a_key_that_was_outside_its_token_is_adopted_with_a_note(
    hsm: SoftHsm, tmp_path: Path
) -> None:
    hsm.put(PRESS, "from a file", "0a", ec.generate_private_key(ec.SECP256R1()))
    line = ("--name", "Lea Larch", "--token", hsm.uri(PRESS, "from a file"))
    status, _, noted = run("key", "adopt", "lea", *line, "--out", str(tmp_path))
    assert (status, "was never outside" in noted) == (0, True)


def test_the_file_that_names_a_key_is_its_owners_alone(tmp_path: Path) -> None:
    """It names native code that is run."""
    office = tmp_path / "office"
    run("init", str(office), "--origin", "letters.coasts.example/office", "--no-passphrase")
    token = office / "people" / "ada.token"
    token.parent.mkdir(exist_ok=True)
    line = ("found", "--by", "ada", "--registry", str(office))
    for content, mode, fact in (
        ("pkcs11:token=A?module-path=/none.so", 0o620, "others on this machine"),
        ("pkcs11:token=A?module-path=/none.so", 0o604, "others on this machine"),
        ("pkcs11:token=A?module-path=/none.so\n", 0o600, "there is no PKCS#11 module"),
        ("ada.key", 0o600, "not the URI of a key on a token"),
        ("", 0o600, "not the URI of a key on a token"),
        ("pkcs11:" + "x" * 5000, 0o600, "not the URI of a key on a token"),
    ):
        token.write_text(content)
        token.chmod(mode)
        status, _, noted = run(*line)
        assert status == 2 and fact in noted


def test_keys_that_cannot_be_meant_or_used_are_told(hsm: SoftHsm) -> None:
    hsm.token("Crowded")
    hsm.put("Crowded", "twice", "01", ec.generate_private_key(ec.SECP256R1()))
    hsm.put("Crowded", "twice", "02", ec.generate_private_key(ec.SECP256R1()))
    hsm.put("Crowded", "p384", "03", ec.generate_private_key(ec.SECP384R1()))
    hsm.put("Crowded", "rsa", "04", rsa.generate_private_key(65537, 2048))
    for label, fact in (
        ("twice", "2 private keys"),
        (None, "4 private keys"),
        ("p384", "another curve"),
        ("rsa", "of another kind (RSA)"),
        ("none", "no such private key"),
    ):
        status, said, noted = run("key", "show", hsm.uri("Crowded", label))
        assert (status, said) == (2, "") and fact in noted and "hint: " in noted
    found = re.search(r"object=twice;id=%02", run("key", "show", hsm.uri("Crowded", "twice"))[2])
    assert found
    exact = hsm.uri("Crowded", "twice").replace("object=twice", found[0])
    assert done("key", "show", exact).startswith("es256:")


def test_a_token_or_a_module_that_is_not_there_is_told(hsm: SoftHsm, tmp_path: Path) -> None:
    status, _, noted = run("key", "show", hsm.uri("No such token"))
    assert status == 2 and "is not there" in noted and MINISTER in noted
    text = tmp_path / "text.so"
    text.write_text("no library")
    for module, kind in (("/none.so", "not-found"), (str(text), "outside-failed")):
        status, _, noted = run("key", "show", hsm.uri(MINISTER).replace(hsm.module, module))
        assert status in (2, 3) and noted.startswith(f"vidimus: {kind}: ")


def test_a_token_that_is_pulled_out_mid_signature_leaves_the_log_as_it_was(
    hsm: SoftHsm, tmp_path: Path
) -> None:
    """Issue 5: a clear error, nothing lost, nothing half-done on the log."""
    m = build(tmp_path / "registry")
    letter, released = m.draft(TEXT), m.released(OTHER)
    uri = parse(hsm.uri(MINISTER))
    with TokenSigner(uri, lambda _t, _l: PIN, make="pulled") as signer:
        appoint(m, signer.public.to_text())
        m.keys["fin"] = signer
        before = m.snapshot()
        hsm.pull_out()
        try:
            for verb, subject in (("sign", letter), ("hold", released), ("withdraw", released)):
                with pytest.raises(OutsideFailed, match=r"is gone"):
                    m.do("fin as ministry", verb, letter=subject)
        finally:
            hsm.plug_in()
        assert m.snapshot() == before
    with TokenSigner(parse(hsm.uri(MINISTER, "pulled")), lambda _t, _l: PIN) as m.keys["fin"]:
        m.do("fin as ministry", "sign", letter=letter)
    m.verify()


@pytest.mark.parametrize("what", ["another key", "crash", "slow"])
def test_a_token_that_fails_leaves_the_log_as_it_was_and_the_next_act_goes_on(
    tmp_path: Path, what: str
) -> None:
    m = build(tmp_path / "registry")
    letter = m.draft(TEXT)
    uri = parse(f"pkcs11:token=Double?module-path={Path(double.__file__).resolve()}")
    appoint(m, double.PUBLIC.to_text())
    before = m.snapshot()

    def token(what: str) -> TokenSigner:
        command = (*double.COMMAND, *what.split())
        return TokenSigner(uri, lambda _t, _l: double.PIN, command=command, seconds=1.0)

    with token(what) as m.keys["fin"], pytest.raises(OutsideFailed):
        m.do("fin as ministry", "sign", letter=letter)
    assert m.snapshot() == before
    with token("good") as m.keys["fin"]:
        m.do("fin as ministry", "sign", letter=letter)
    m.verify()
