"""MathML written as TeX, for formulas that came without: what is shown, and nothing that acts."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from lxml import etree

from convert.content.maths.commands import only_typesets
from convert.content.maths.tex import MAX_TEX
from convert.content.tree import text_of
from convert.content.vocabulary import names
from convert.text.late import Late

if TYPE_CHECKING:
    from latex2mathml import symbols_parser
else:
    symbols_parser = Late("latex2mathml.symbols_parser")

MOST_ELEMENTS = 2_000
"""Elements of a formula beyond which it has no TeX."""

_SIGNS = names(
    # what every engine knows, whichever of a sign's names comes first in a table
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi"
    " pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta"
    " Lambda Xi Pi Sigma Upsilon Phi Psi Omega pm mp times div ast star circ bullet cdot cap cup"
    " uplus sqcap sqcup vee wedge setminus wr diamond triangleleft triangleright oplus ominus"
    " otimes oslash odot dagger ddagger amalg leq geq ll gg prec succ preceq succeq subset supset"
    " subseteq supseteq sqsubseteq sqsupseteq in ni notin equiv sim simeq approx cong neq doteq"
    " propto models vdash dashv perp mid parallel bowtie asymp leftarrow to leftrightarrow"
    " Leftarrow Rightarrow Leftrightarrow mapsto hookleftarrow hookrightarrow uparrow downarrow"
    " Uparrow Downarrow updownarrow nearrow searrow swarrow nwarrow longrightarrow"
    " longleftarrow Longrightarrow Longleftarrow Longleftrightarrow longmapsto rightharpoonup"
    " rightleftharpoons forall exists nexists neg emptyset nabla partial infty aleph hbar ell wp"
    " Re Im angle top bot flat natural sharp ldots cdots vdots ddots sum prod coprod int oint iint"
    " iiint bigcap bigcup bigvee bigwedge bigoplus bigotimes bigodot biguplus langle rangle lfloor"
    " rfloor lceil rceil therefore because square lesssim gtrsim subsetneq supsetneq nleq ngeq"
    " trianglelefteq unlhd leqslant geqslant complement varnothing"
)
_OWN = {
    "{": "\\{", "}": "\\}", "%": "\\%", "&": "\\&", "#": "\\#", "$": "\\$", "_": "\\_",
    "\\": "\\backslash", "~": "\\sim", "^": "\\wedge", "`": "\\text{\\textquoteleft}",
    "−": "-", "∗": "*", "‖": "\\Vert", "∥": "\\parallel", "∣": "\\mid", "′": "'", "″": "''",
    "‴": "'''", "⟨": "\\langle", "⟩": "\\rangle", "〈": "\\langle", "〉": "\\rangle",
    "…": "\\ldots",
    "⋯": "\\cdots", "→": "\\to", "⟶": "\\longrightarrow", "¬": "\\neg", "∅": "\\emptyset",
    "ℝ": "\\mathbb{R}", "ϵ": "\\epsilon", "ε": "\\varepsilon", "ϕ": "\\phi", "φ": "\\varphi",
    "µ": "\\mu", "≔": ":=", "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u200b": "",
    "\u00a0": "\\ ", "∖": "\\setminus", "⊂": "\\subset", "≠": "\\neq", "◻": "\\square",
    "⋅": "\\cdot", "⊄": "\\not\\subset",
}  # fmt: skip
_FUNCTIONS = names(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf"
    " limsup ln log max min sec sin sinh sup tan tanh Pr"
)
_LIMITED = names(
    "\\sum \\prod \\coprod \\bigcap \\bigcup \\bigvee \\bigwedge \\bigoplus \\bigotimes \\bigodot"
    " \\biguplus \\lim \\liminf \\limsup \\max \\min \\sup \\inf \\det \\gcd \\Pr \\int \\oint"
    " \\iint \\iiint"
)
"""What carries scripts above and below by itself."""
_OVER = {
    "^": "hat", "ˆ": "hat", "\u0302": "hat", "¯": "overline", "‾": "overline", "ˉ": "overline",
    "_": "overline", "―": "overline", "\u0304": "overline", "\u0305": "overline", "-": "overline",
    "~": "tilde", "˜": "tilde", "\u0303": "tilde", "→": "vec", "\u20d7": "vec",
    "˙": "dot", ".": "dot", "\u0307": "dot", "¨": "ddot", "..": "ddot", "\u0308": "ddot",
    "ˇ": "check", "˘": "breve", "´": "acute", "˚": "mathring", "⏞": "overbrace", "︷": "overbrace",
    "←": "overleftarrow", "↔": "overleftrightarrow",
}  # fmt: skip
_WIDE = {"hat": "widehat", "tilde": "widetilde", "vec": "overrightarrow"}
_UNDER = {
    "_": "underline", "¯": "underline", "‾": "underline", "\u0332": "underline", "⏟": "underbrace",
    "︸": "underbrace",
}  # fmt: skip
_VARIANTS = {
    "normal": "mathrm", "bold": "mathbf", "double-struck": "mathbb", "script": "mathcal",
    "bold-script": "mathcal", "fraktur": "mathfrak", "bold-fraktur": "mathfrak",
    "sans-serif": "mathsf", "bold-sans-serif": "mathsf", "monospace": "mathtt",
    "bold-italic": "boldsymbol",
}  # fmt: skip
_STYLES = (
    ("DOUBLE-STRUCK", "mathbb"), ("FRAKTUR", "mathfrak"), ("BLACK-LETTER", "mathfrak"),
    ("SCRIPT", "mathcal"), ("MONOSPACE", "mathtt"), ("SANS-SERIF", "mathsf"),
    ("BOLD ITALIC", "boldsymbol"), ("BOLD", "mathbf"),
)  # fmt: skip
"""Words in the names of letters that Unicode has for each style."""
_IN_TEXT = {
    "\\": "\\textbackslash{}", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}",
    "`": "\\textquoteleft{}", **{sign: f"\\{sign}" for sign in "{}$%#&_"},
}  # fmt: skip
_ENCLOSED = {
    "box": "boxed", "roundedbox": "boxed", "top": "overline", "bottom": "underline",
    "updiagonalstrike": "cancel", "downdiagonalstrike": "bcancel", "radical": "sqrt",
}  # fmt: skip
_OPENING = names("( [ { | ‖ ⟨ 〈 ⌊ ⌈ ∣ ∥")
_CLOSING = names(") ] } | ‖ ⟩ 〉 ⌋ ⌉ ∣ ∥")
_TALL = ("mfrac", "mtable", "munder", "munderover", "msqrt", "mroot")
_RELATIONS = names(
    "= < > + - := \\pm \\times \\div \\mp \\leq \\geq \\ll \\gg \\neq \\equiv \\sim \\simeq"
    " \\approx \\cong \\to \\leftarrow \\Rightarrow \\Leftarrow \\Leftrightarrow \\mapsto \\in"
    " \\notin \\subset \\subseteq \\cap \\cup \\wedge \\vee \\vdash \\models"
)
"""Operators that stand between spaces."""
_LENGTH = re.compile(r"(\d*\.?\d+)\s*(em|ex|px|pt)?")
_ATOM = re.compile(r"\\[A-Za-z]+|\\[{}%&#_]|[^\\{}^_'\s]", re.DOTALL)


def tex_of(formula: etree._Element) -> str | None:
    """Return the TeX of a valid formula in MathML; None where it is out of bounds."""
    if sum(1 for _ in formula.iter()) > MOST_ELEMENTS:
        return None
    tex = _row(list(formula)).strip()
    return tex if tex and len(tex) <= MAX_TEX and only_typesets(tex) else None


@functools.cache
def _commands() -> Mapping[str, str]:
    codes = symbols_parser.parse_symbols()
    known = ((f"\\{name}", codes.get(f"\\{name}")) for name in sorted(_SIGNS))
    return {chr(int(code, 16)): name for name, code in known if code} | _OWN


def _write(each: etree._Element) -> str:
    write = _WRITERS.get(str(each.tag))
    if write is not None:
        return write(each)
    return _row([child for child in each if child.tag != "annotation"])


def _row(parts: Sequence[etree._Element]) -> str:
    """Return elements side by side; brackets around what is tall grow with it."""
    written = [_write(each) for each in parts]
    tall = [
        0,
        *itertools.accumulate(next(each.iter(*_TALL), None) is not None for each in parts),
    ]
    if not tall[-1]:
        return _joined(written)
    opened: list[int] = []
    for at, part in enumerate(parts):
        sign = _bracket(part)
        if sign in _OPENING and not (sign in _CLOSING and opened):
            opened.append(at)
        elif sign in _CLOSING:
            start = opened.pop() if opened else None
            if start is not None and tall[at] > tall[start]:
                written[start] = f"\\left{_fence(written[start])}"
                written[at] = f"\\right{_fence(written[at])}"
            elif start is None and at == len(parts) - 1:
                written = ["\\left.", *written[:-1], f"\\right{_fence(written[-1])}"]
    if opened == [0]:
        written = [f"\\left{_fence(written[0])}", *written[1:], "\\right."]
    return _joined(written)


def _fence(tex: str) -> str:
    """Return what a bracket is called where it grows: a relation does not."""
    return {"\\mid": "|", "\\parallel": "\\Vert"}.get(tex, tex)


def _bracket(each: etree._Element) -> str:
    grows = each.tag == "mo" and each.get("stretchy") != "false"
    return text_of(each).strip() if grows else ""


def _joined(written: Sequence[str]) -> str:
    """Return pieces of TeX one after the other, with the spaces that commands need."""
    tex = ""
    for at, piece in enumerate(written):
        if not piece:
            continue
        if at and piece in _RELATIONS:
            tex = f"{tex.rstrip()} {piece} " if tex.strip() else f"{piece} "
        elif re.search(r"\\[A-Za-z]+\Z", tex) and re.match(r"[A-Za-z]", piece):
            tex += f" {piece}"
        else:
            tex += piece
    return tex.rstrip() if not tex.endswith("\\ ") else tex


def _grouped(each: etree._Element) -> str:
    tex = _write(each).strip()
    return "{" + ("\\prime" * len(tex) if tex and not tex.strip("'") else tex) + "}"


def _base(each: etree._Element) -> str:
    """Return what carries scripts: as it is where it is one sign, else in braces."""
    tex = _write(each)
    return tex if _ATOM.fullmatch(tex) else f"{{{tex}}}"


def write_identifier(each: etree._Element) -> str:
    """Return letters: a function, a word, or signs in the style that they state."""
    text = "".join(text_of(each).split())
    if text in _FUNCTIONS:
        return f"\\{text}"
    command = _VARIANTS.get((each.get("mathvariant") or "").lower(), "")
    if len(text) > 1 and text.isalpha() and text.isascii():
        return f"\\{command or 'mathrm'}{{{text}}}"
    signs = "".join(map(_letter, text)).strip()
    return f"\\{command}{{{signs}}}" if command and text.isalnum() and text.isascii() else signs


def _letter(sign: str) -> str:
    """Return one sign: a command, a letter in its style, or as it is."""
    command = _commands().get(sign)
    if command is not None:
        return f"{command} " if command[-1:].isalpha() and command[0] == "\\" else command
    plain = unicodedata.normalize("NFKC", sign)
    name = unicodedata.name(sign, "")
    styled = name.startswith(("MATHEMATICAL", "DOUBLE-STRUCK", "BLACK-LETTER", "SCRIPT"))
    if plain == sign or len(plain) != 1 or not (styled and plain.isalnum()):
        return sign
    style = next((style for word, style in _STYLES if word in name), "")
    letter = _letter(plain).strip()
    return f"\\{style}{{{letter}}}" if style else letter


def write_operator(each: etree._Element) -> str:
    """Return a sign between others, or the word that stands for one."""
    text = text_of(each).strip()
    if text in _FUNCTIONS:
        return f"\\{text}"
    if len(text) > 1 and text.isalpha() and text.isascii():
        return f"\\operatorname{{{text}}}"
    return "".join(map(_letter, text)).strip(" ") or ("\\ " if "\u00a0" in text else "")


def write_number(each: etree._Element) -> str:
    """Return digits; a comma between them is no list's."""
    return "".join(map(_letter, text_of(each).strip())).strip().replace(",", "{,}")


def write_text(each: etree._Element) -> str:
    """Return words, with every sign that TeX would read made harmless."""
    text = " ".join(text_of(each).split(" ")).replace("\n", " ").replace("\t", " ")
    quote = '"' if each.tag == "ms" else ""
    said = "".join(_IN_TEXT.get(sign, sign) for sign in text.replace("\u00a0", " "))
    if not said.strip():
        return "\\ " if said else ""
    return f"\\text{{{quote}{said}{quote}}}"


def write_space(each: etree._Element) -> str:
    """Return the space that is nearest to a width."""
    match = _LENGTH.match(each.get("width") or "")
    if match is None:
        return ""
    ems = float(match[1]) / {"ex": 2, "px": 16, "pt": 12}.get(match[2] or "em", 1)
    sizes = ((1.5, "\\qquad"), (0.5, "\\quad"), (0.25, "\\;"), (0.05, "\\,"))
    return next((command for size, command in sizes if ems >= size), "")


def write_fraction(each: etree._Element) -> str:
    """Return one part over another, with or without a line."""
    over, under = _grouped(each[0]), _grouped(each[1])
    if re.fullmatch(r"0+(?:\.0+)?(?:[a-z%]+)?", each.get("linethickness") or ""):
        return f"{{{over} \\atop {under}}}"
    if each.get("bevelled") == "true":
        return f"{over}/{under}"
    return f"\\frac{over}{under}"


def write_root(each: etree._Element) -> str:
    """Return a root with its degree."""
    return f"\\sqrt[{{{_write(each[1])}}}]{_grouped(each[0])}"


def write_scripts(each: etree._Element) -> str:
    """Return a base with what is below and above, beside it."""
    scripts = "_^" if len(each) == 3 else "_" if each.tag == "msub" else "^"
    written = (
        f"{sign}{_grouped(part)}" for sign, part in zip(scripts, list(each)[1:], strict=True)
    )
    return "".join([_base(each[0]), *written])


def write_under_over(each: etree._Element) -> str:
    """Return a base with what is under and over it: limits, accents, braces or signs."""
    under = each[1] if each.tag != "mover" else None
    over = each[-1] if each.tag != "munder" else None
    tex = _write(each[0]).strip()
    if tex in _LIMITED or tex.startswith(("\\underbrace", "\\overbrace", "\\operatorname")):
        low = f"_{_grouped(under)}" if under is not None else ""
        return tex + low + (f"^{_grouped(over)}" if over is not None else "")
    if over is not None:
        command = _OVER.get(text_of(over).strip()) if over.tag in {"mo", "mi"} else None
        if command is not None:
            wide = _ATOM.fullmatch(tex) is None
            tex = f"\\{_WIDE.get(command, command) if wide else command}{{{tex}}}"
        else:
            tex = f"\\overset{_grouped(over)}{{{tex}}}"
    if under is not None:
        command = _UNDER.get(text_of(under).strip()) if under.tag in {"mo", "mi"} else None
        tex = f"\\{command}{{{tex}}}" if command else f"\\underset{_grouped(under)}{{{tex}}}"
    return tex


def write_around(each: etree._Element) -> str:
    """Return a base with scripts in pairs after it, and perhaps before it."""
    parts = list(each)[1:]
    at = next((at for at, part in enumerate(parts) if part.tag == "mprescripts"), len(parts))
    before, after = parts[at + 1 :], parts[:at]
    return f"{_pairs(before, '{}')}{_pairs(after, _base(each[0]))}"


def _pairs(parts: Sequence[etree._Element], base: str) -> str:
    written = []
    for low, high in zip(parts[::2], parts[1::2], strict=True):
        scripts = f"_{_grouped(low)}" if low.tag != "none" else ""
        scripts += f"^{_grouped(high)}" if high.tag != "none" else ""
        written.append(scripts)
    return f"{base}{'{}'.join(filter(None, written))}" if any(written) else base.removesuffix("{}")


def write_table(each: etree._Element) -> str:
    """Return rows of cells; an array where they are set to one side."""
    stated = (each.get("columnalign") or "").split()
    rows = [list(row) for row in each]
    columns = max(map(len, rows), default=0)
    letters = ""
    for column in range(columns):
        default = stated[min(column, len(stated) - 1)] if stated else "center"
        cells = [row[column].get("columnalign") or default for row in rows if column < len(row)]
        letters += cells[0][:1] if cells[0] in {"left", "right"} else "c"
    lines = " \\\\ ".join(" & ".join(map(_write, row)) for row in rows)
    if set(letters) <= {"c"}:
        return f"\\begin{{matrix}}{lines}\\end{{matrix}}"
    return f"\\begin{{array}}{{{letters}}}{lines}\\end{{array}}"


def write_fenced(each: etree._Element) -> str:
    """Return a list between brackets."""
    signs = (each.get("separators", ",") or "").strip()
    written = []
    for at, child in enumerate(each):
        if at and signs:
            written.append(_letter(signs[min(at - 1, len(signs) - 1)]))
        written.append(_write(child))
    opening, closing = each.get("open", "("), each.get("close", ")")
    fences = [_letter(sign).strip() if len(sign) == 1 else "." for sign in (opening, closing)]
    return f"\\left{fences[0]} {_joined(written)} \\right{fences[1]}"


def write_enclosed(each: etree._Element) -> str:
    """Return what is inside a box, a line or a stroke."""
    tex = _row(list(each))
    for notation in (each.get("notation") or "").split():
        if notation in _ENCLOSED:
            tex = f"\\{_ENCLOSED[notation]}{{{tex}}}"
    return tex


_WRITERS: Mapping[str, Callable[[etree._Element], str]] = {
    "mi": write_identifier,
    "mn": write_number,
    "mo": write_operator,
    "mtext": write_text,
    "ms": write_text,
    "mspace": write_space,
    "mfrac": write_fraction,
    "msqrt": lambda each: f"\\sqrt{{{_row(list(each))}}}",
    "mroot": write_root,
    "msub": write_scripts,
    "msup": write_scripts,
    "msubsup": write_scripts,
    "munder": write_under_over,
    "mover": write_under_over,
    "munderover": write_under_over,
    "mmultiscripts": write_around,
    "mtable": write_table,
    "mfenced": write_fenced,
    "menclose": write_enclosed,
    "mphantom": lambda each: f"\\phantom{{{_row(list(each))}}}",
}
"""How each element of MathML is written; others are rows."""
