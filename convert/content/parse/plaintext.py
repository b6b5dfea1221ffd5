"""Plain text as markup: paragraphs, lines, addresses."""

from __future__ import annotations

import re
from html import escape

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_INDENTED = re.compile(r"(?:(?: {4}|\t)[^\n]*(?:\n|$))+")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}*_…»”’]", re.IGNORECASE)
_FULL_LINE = 50
"""Lines at least this long (in characters) were wrapped by an editor, not by the author."""


def to_markup(text: str) -> str:
    """Plain text as HTML: paragraphs at blank lines, addresses as links.

    Lines stay apart unless all but the last of a paragraph are so long that an editor must
    have wrapped them; what is indented by four spaces or a tab is preformatted.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return "".join(_block(block) for block in _BLANK_LINES.split(text) if block.strip())


def _block(block: str) -> str:
    block = block.rstrip()
    if _INDENTED.fullmatch(block):
        return f"<pre>\n{escape(block, quote=False)}</pre>"
    lines = [line.strip() for line in block.split("\n")]
    wrapped = all(len(line) >= _FULL_LINE for line in lines[:-1])
    between = "\n" if wrapped else "<br>"
    return f"<p>{between.join(_linked(line) for line in lines)}</p>"


def _linked(line: str) -> str:
    pieces: list[str] = []
    at = 0
    for found in _ADDRESS.finditer(line):
        address = escape(found.group())
        pieces += [
            escape(line[at : found.start()], quote=False),
            f'<a href="{address}">{address}</a>',
        ]
        at = found.end()
    return "".join([*pieces, escape(line[at:], quote=False)])
