"""Highlighted code: Pygments' tokens as few spans with short classes, and their style sheet."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

from convert.content.tree import append_text, new
from convert.content.views.view import View

MAX_HIGHLIGHTED = 200_000
"""Characters beyond which code stays plain: it is data, and would become a million boxes."""

# Short class of each kind of token that is shown; what is not here stays plain.  Every colour
# has at least 4.5 to 1 (WCAG 2.2, 1.4.3) on white and 3 to 1 on black, none has a background,
# and weight or slant repeat what the colour says.
STYLES: tuple[tuple[_TokenType, str, str], ...] = (
    (Token.Comment, "c", "color: #6b6b6b; font-style: italic"),
    (Token.Keyword, "k", "color: #3a63c8; font-weight: bold"),
    (Token.Keyword.Type, "kt", "color: #3a63c8; font-style: italic"),
    (Token.Literal.String, "s", "color: #2d7d46"),
    (Token.Literal.Number, "m", "color: #a85a00"),
    (Token.Name.Function, "nf", "color: #8a4fb5"),
    (Token.Name.Class, "nc", "color: #8a4fb5; font-weight: bold"),
    (Token.Name.Tag, "nt", "color: #3a63c8; font-weight: bold"),
    (Token.Name.Attribute, "na", "color: #8a4fb5"),
    (Token.Name.Decorator, "nd", "color: #8a4fb5; font-style: italic"),
    (Token.Generic.Deleted, "gd", "color: #b8403a; text-decoration: line-through"),
    (Token.Generic.Inserted, "gi", "color: #2d7d46; font-weight: bold"),
    (Token.Generic.Heading, "gh", "font-weight: bold"),
    (Token.Generic.Prompt, "gp", "color: #6b6b6b; font-weight: bold"),
)
# A multi-line comment: each line's text, and what lies between two of them.
_PIECES = re.compile(r"[^\S\n]*\n\s*|(?:(?!\s*\n)[^\n])+|\s+")
_CLASSES = {kind: name for kind, name, _ in STYLES}


def highlight_css() -> str:
    """Return the style sheet for ``View(code="highlighted")``; for print, e-ink and dark pages."""
    return "".join(f"pre code .{name} {{ {style}; }}\n" for _, name, style in STYLES)


def highlight(root: etree._Element, view: View) -> None:
    """Put spans into every code block of a known language; the text stays what it is."""
    for block in root.iter("pre"):
        language = block.get("data-language")
        code = block[0] if len(block) == 1 and block[0].tag == "code" else None
        if not language or code is None or len(code) or len(code.text or "") > MAX_HIGHLIGHTED:
            continue
        text = code.text or ""
        try:
            lexer: Lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        except ClassNotFound:
            continue
        # The text is cut into runs of one class, "" for none, which no run carries across lines.
        runs: list[tuple[str, str]] = []
        for _, kind, value in lexer.get_tokens_unprocessed(text):
            name = _class_of(kind)
            for piece in _PIECES.findall(value) if name and "\n" in value else (value,):
                shown = name if piece.strip() else ""
                joins = piece.isspace() and "\n" not in piece
                if runs and (joins or runs[-1][0] == shown):
                    runs[-1] = (runs[-1][0], runs[-1][1] + piece)
                else:
                    runs.append((shown, piece))
        if "".join(run for _, run in runs) != text:
            continue  # a lexer that loses characters shows nothing
        code.text = None
        for name, run in runs:
            if name:
                code.append(new("span", run, class_=name))
            else:
                append_text(code, run)


@lru_cache(maxsize=512)
def _class_of(kind: _TokenType) -> str:
    at: _TokenType | None = kind
    while at is not None:
        if at in _CLASSES:
            return _CLASSES[at]
        at = at.parent
    return ""
