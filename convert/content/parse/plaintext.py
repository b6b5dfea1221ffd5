"""Plain text as markup: paragraphs, lines, addresses."""

from __future__ import annotations

import re
from html import escape

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_INDENTED = re.compile(r"(?:(?: {4}|\t)[^\n]*(?:\n|$))+")
_ADDRESS = re.compile(r"(https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}*_…»”’])", re.IGNORECASE)
_FULL_LINE = 50
"""Lines at least this long (in characters) were wrapped by an editor, not by the author."""


def to_markup(text: str) -> str:
    """Return plain text as HTML: paragraphs at blank lines, addresses as links.

    Lines stay apart unless all but the last of a paragraph are so long that an editor must
    have wrapped them; what is indented by four spaces or a tab is preformatted.
    """
    blocks: list[str] = []
    lines_only = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    for block in map(str.rstrip, _BLANK_LINES.split(lines_only)):
        if _INDENTED.fullmatch(block):
            blocks.append(f"<pre>\n{escape(block, quote=False)}</pre>")
        elif block:
            lines = [line.strip() for line in block.split("\n")]
            pieces = _ADDRESS.split("\n".join(lines))
            for at in range(1, len(pieces), 2):  # "https://a.example/b_(c)" ends with its bracket
                after = pieces[at + 1]
                closing = len(after) - len(after.lstrip(")"))
                inside = min(closing, pieces[at].count("(") - pieces[at].count(")"))
                if inside > 0:
                    pieces[at : at + 2] = pieces[at] + ")" * inside, after[inside:]
            pieces[::2] = [escape(words, quote=False) for words in pieces[::2]]
            pieces[1::2] = [f'<a href="{escape(one)}">{escape(one)}</a>' for one in pieces[1::2]]
            paragraph = "".join(pieces)
            if any(len(line) < _FULL_LINE for line in lines[:-1]):
                paragraph = paragraph.replace("\n", "<br>")
            blocks.append(f"<p>{paragraph}</p>")
    return "".join(blocks)
