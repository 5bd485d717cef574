"""Attacks on a PDF with more ink: words written in as letters or as shapes, a line through one."""

from __future__ import annotations

from bench.copies.adversary_book import LEADING, LEFT, TOP, WIDE, drawn, shown
from bench.copies.adversary_work import Trick, Work


def written_in(where: str) -> Trick:
    """Words that the eye does see: small above a line, up the margin, pale, large across.

    Mostly as shapes and not as letters, so that no layer of text holds them.
    """

    def trick(work: Work) -> str:
        work.lines()
        sheet, at = work.here()
        chance = work.chance
        word = chance.choice(("not", "void", "draft", "without effect", "never", "until 2032"))
        x, y = LEFT + work.edit.column * WIDE, TOP - at * LEADING
        matrix, colour, size = (1.0, 0.0, 0.0, 1.0, x, y + 8), "0 g", 5.0
        if where == "up the margin":
            matrix, size = (0, 1, -1, 0, chance.choice((30, 570)), max(60, y - 40)), 9.0
        elif where == "pale":
            matrix, size = (1, 0, 0, 1, LEFT, TOP - at * LEADING - 7.5), 7.0
            colour = f"{chance.uniform(0.55, 0.93):.2f} g"
        elif where == "across":
            matrix, size = (0.7, 0.7, -0.7, 0.7, 150, 350), 90.0
            colour = chance.choice(("0.9 0.5 0.5 rg", "0.85 g", "1 0 0 rg"))
            word = chance.choice(("VOID", "DRAFT", "INVALID"))
        elif where == "at the foot":
            matrix, size = (1, 0, 0, 1, LEFT, chance.choice((20, 35, 60))), 7.0
            word = chance.choice(("not in force", "draft of 2 May", "valid until 1 May only"))
        elif where == "at the head":
            matrix, size = (1, 0, 0, 1, chance.choice((300, 430)), 820), 8.0
        if chance.random() < 0.7:
            name = work.book.stencil(drawn(word))
            sheet.resources += f" /XObject << /W {name} >>"
            wide, tall = len(word) * 0.6 * size, 1.2 * size
            a, b, c, d, e, f = matrix
            scaled = f"{a * wide} {b * wide} {c * tall} {d * tall} {e} {f} cm"
            sheet.drawing.append(f"q {colour} {scaled} /W Do Q")
        else:
            placed = " ".join(f"{each:.2f}" for each in matrix)
            sheet.drawing.append(f"q BT {colour} /F1 {size} Tf {placed} Tm {shown(word)} Tj ET Q")
        return work.added(word)

    return trick


def struck(work: Work) -> str:
    """A line through the word."""
    work.lines()
    sheet, at = work.here()
    x, y = LEFT + work.edit.column * WIDE, TOP - at * LEADING + 2.8
    wide = len(work.edit.was) * WIDE
    sheet.drawing.append(f"q 0.8 w {x - 1:.1f} {y:.1f} m {x + wide + 1:.1f} {y:.1f} l S Q")
    rows = list(work.rows)
    edit, text = work.edit, rows[work.edit.row]
    rows[edit.row] = text[: edit.column] + text[edit.column + len(edit.was) :]
    return "\n".join(rows)
