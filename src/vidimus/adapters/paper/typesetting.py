"""A sheet becomes a PDF: tagged, PDF/A-3a and PDF/UA-1, the same bytes for the same sheet.

Typst sets it, by `page.typ` beside this file, which holds what every page of ours has, and by
the office's template for its class of letters: DIR/office/templates/CLASS.typ, else default.typ
there, else the one beside this file. No template can take the seal away or move it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, Literal

import typst

from vidimus.adapters.paper.code import code
from vidimus.core.seal.sheet import Block, Sheet, pieces
from vidimus.errors import FormatError, OutsideFailed

STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]
BUNDLE = "evidence.bundle.json"
_HERE = Path(__file__).parent
_SERIF = "Libertinus Serif"  # inside Typst, as the captions' font is
# The first of these that is here sets what runs to the left. All are free.
LEFTWARD = (
    "Noto Naskh Arabic", "Amiri", "Scheherazade New", "Noto Sans Arabic", "Noto Serif Hebrew",
    "Noto Sans Hebrew", "DejaVu Sans",
)  # fmt: skip
_NO_GLYPH = "could not be displayed"


class Typesetting:
    """For one office. It reads fonts once, and templates for every sheet."""

    def __init__(self, templates: Path, fonts: Path, *, leftward: Sequence[str] = LEFTWARD) -> None:
        self._known = leftward
        self._templates = templates
        self._font_folder = fonts
        self._page = (_HERE / "page.typ").read_bytes()
        self._fonts: dict[bool, typst.Fonts] = {}

    def typeset(self, sheet: Sheet) -> bytes:
        """Raises FormatError for a broken template, OutsideFailed for a missing font."""
        system = sheet.reads_leftward
        families = [_SERIF]
        if system:
            families += self._leftward()
        try:
            return self._compiled(sheet, families, system=system)
        except typst.TypstError as error:
            if _NO_GLYPH not in error.message:
                raise self._broken(sheet.cls, error) from error
        # Letters of another script: perhaps a font of this machine has them.
        try:
            return self._compiled(sheet, families, system=True)
        except typst.TypstError as error:
            if _NO_GLYPH not in error.message:
                raise self._broken(sheet.cls, error) from error
            raise OutsideFailed(
                f"no font here has all letters of this text: {error.message}",
                hint=f"put one that has them into {self._font_folder}, or install a package such"
                " as fonts-noto-core",
            ) from error

    def _compiled(self, sheet: Sheet, families: Sequence[str], *, system: bool) -> bytes:
        root, name = self._template(sheet.cls)
        inputs = {"letter": json.dumps(_values(sheet, families)), "template": f"/{name}"}
        if sheet.bundle is not None:
            inputs["bundle"] = sheet.bundle.decode()
        compiler = typst.Compiler(
            input=self._page, root=str(root), font_paths=self._loaded(system=system)
        )
        made = compiler.compile(
            input=self._page,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=[*STANDARDS],
            timestamp=sheet.made.astimezone(UTC),
        )
        assert isinstance(made, bytes)
        return made

    def _template(self, cls: str) -> tuple[Path, str]:
        """The folder and the name. Classes may be called a/b; files are called a-b.typ."""
        for name in (f"{cls.replace('/', '-')}.typ", "default.typ"):
            if (self._templates / name).is_file():
                return self._templates, name
        return _HERE, "default.typ"

    def _loaded(self, *, system: bool) -> typst.Fonts:
        if system not in self._fonts:
            folders = [str(self._font_folder)] if self._font_folder.is_dir() else []
            self._fonts[system] = typst.Fonts(include_system_fonts=system, font_paths=folders)
        return self._fonts[system]

    def _leftward(self) -> list[str]:
        fonts = self._loaded(system=True)
        here = set(fonts.families())
        own = {
            each.family
            for each in fonts.fonts()
            if each.path is not None and Path(each.path).is_relative_to(self._font_folder)
        }
        found = [*sorted(own), *(each for each in self._known if each in here)]
        if not found:
            raise OutsideFailed(
                "this text runs to the left, and no font for it is here",
                hint="install one, as in: sudo apt-get install fonts-noto-core; or put one, such"
                f" as Noto Naskh Arabic, into {self._font_folder}",
            )
        return found

    def _broken(self, cls: str, error: typst.TypstError) -> FormatError:
        root, name = self._template(cls)
        where = root / name
        further = "; ".join(each for each in error.hints if each)
        return FormatError(
            f"the template {where.name} cannot be set: {_on_one_line(error)}",
            hint=further or f"mend {where}; docs/for-offices.md says what a template holds",
        )


def _on_one_line(error: typst.TypstError) -> str:
    """Typst's own words, with the line of the template that it points to."""
    drawn = [each.strip(" │") for each in error.diagnostic.splitlines()]
    place = next((each for each in drawn if "┌─" in each), "").replace("┌─", "").strip()
    # Only the file's name, the line and the column: the path is this machine's own.
    return f"{error.message} ({place.rpartition('/')[2]})" if place else str(error.message)


def _values(sheet: Sheet, families: Sequence[str]) -> dict[str, Any]:
    language, region = _tongue(sheet.language)
    seal = None
    if sheet.seal is not None:
        drawn = code(sheet.seal)
        says = f"Seal of this letter, {sheet.number}, {sheet.copy}. Check it at {sheet.host}."
        seal = {"picture": drawn.svg, "side": drawn.side, "alt": says, "host": sheet.host}
    about = f"The evidence on this letter. Check it with: vidimus check --bundle {BUNDLE}"
    return {
        "title": sheet.title,
        "reference": sheet.reference,
        "office": sheet.office,
        "class": sheet.cls,
        "date": f"{sheet.made:%Y-%m-%d}",
        "made": [sheet.made.year, sheet.made.month, sheet.made.day],
        "language": language,
        "region": region,
        "leftward": sheet.leftward,
        "fonts": list(families),
        "above": sheet.above,
        "number": sheet.number,
        "copy": sheet.copy,
        "seal": seal,
        "bundle": {"name": BUNDLE, "says": about} if sheet.bundle is not None else None,
        "blocks": [_block(each, language, leftward=sheet.leftward) for each in sheet.blocks],
    }


def _block(block: Block, language: str, *, leftward: bool) -> dict[str, Any]:
    # A paragraph in another direction than its letter is in another language; which one, nobody
    # has said. Readers aloud need some name for it.
    tongue = language if block.leftward == leftward else ("ar" if block.leftward else "en")
    lines = [pieces(each) for each in block.lines]
    return {"lines": lines, "leftward": block.leftward, "language": tongue, "item": block.item}


def _tongue(language: str) -> tuple[str, str | None]:
    """Typst wants language and region apart, and no script."""
    name, *further = language.split("-")
    region = next((each for each in further if len(each) == 2 and each.isupper()), None)
    return name, region
