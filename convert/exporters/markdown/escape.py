"""Text that is not Markdown, kept apart from Markdown that is.

A converter cannot tell an asterisk that an author wrote from one that means emphasis.  So
each character of the text that could mean something is swapped for a stand-in from Unicode's
private planes before the conversion, and comes back afterwards, escaped where it stands in a
place that would give it a meaning.  Finished Markdown (a code block, a formula, the end of a
link) travels the same way, as one stand-in for the whole piece.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

PUNCTUATION = 0xF0000
"""The stand-in of an ASCII character is this plus its code."""
_FIRST, _LAST = 0xF0100, 0x10FFFD
"""The stand-ins of whole pieces."""

_ALWAYS = frozenset("\\`*[]<|~$")
"""Escaped wherever they stand: CommonMark 0.31 §2.4 allows it for all of ASCII's punctuation."""
_SHIELDED = "".join(sorted(_ALWAYS)) + "_&>{}%#=+^!"
_START = re.compile(
    r"(^|\n)( *\d{0,10})([-:.)" + "".join(chr(PUNCTUATION + ord(sign)) for sign in "+=#>") + "])"
)
"""What could begin a block at the start of a line: a list, a heading's underline (CommonMark
§4, §5.2), a definition of Pandoc or kramdown.  The text of a run is one line."""


class Shield:
    """The stand-ins of one Markdown file.  ``has_code`` is for those who add inline code."""

    def __init__(self) -> None:
        self.has_code = False
        self._pieces: list[str] = []
        self._stand_ins: dict[str, str] = {}

    def text(self, text: str) -> str:
        """Return the text with a stand-in for every character that Markdown or HTML could take
        for its own; white space becomes single spaces."""
        if _UNEVEN.search(text):
            text = _SPACE.sub(" ", text)
        if not text.isascii():
            # What the text has of the stand-ins' own, and white space that would be trimmed.
            text = _RARE.sub(lambda match: self.piece(match[0]), text)
        return text.translate(_STAND_INS)

    def started(self, run: str) -> str:
        """Return the run with nothing at the start of its lines that could begin a block."""
        if "\n" not in run and not _START.match(run):
            return run
        return _START.sub(
            lambda match: match[1] + match[2] + self.piece("\\" + _read(match[3])), run
        )

    def parted(self, run: str) -> str:
        """Return the run with an empty element between two pieces of code, whose signs would
        become one."""
        if not self.has_code:
            return run
        return _PIECES.sub(
            lambda pair: (
                pair[0] + self.piece("<span></span>")
                if self.edge(pair[0], last=True) == "`" == self.edge(pair[1], last=False)
                else pair[0]
            ),
            run,
        )

    def piece(self, markdown: str) -> str:
        """Return one stand-in for finished Markdown.  More than one line only for a block that
        is alone in its paragraph."""
        if markdown in self._stand_ins:
            return self._stand_ins[markdown]
        if _FIRST + len(self._pieces) > _LAST:
            # A body of 130,000 different formulas: their words stay, as text.
            return markdown.translate(_STAND_INS)
        stand_in = chr(_FIRST + len(self._pieces))
        self._pieces.append(markdown)
        self._stand_ins[markdown] = stand_in
        return stand_in

    def restored(self, markdown: str) -> str:
        """Return the Markdown with everything back in its place."""
        return _STAND_IN.sub(self._original, markdown)

    def edge(self, shielded: str, *, last: bool) -> str:
        """Return the first or last character that a reader of the finished Markdown will
        meet."""
        if not shielded:
            return ""
        character = shielded[-1 if last else 0]
        if ord(character) >= _FIRST:
            piece = self._pieces[ord(character) - _FIRST]
            return piece[-1 if last else 0] if piece else ""
        return _read(character)

    def _original(self, stand_in: re.Match[str]) -> str:
        """Return what a stand-in stands for: a piece, or a character, escaped where its
        neighbours give it a meaning."""
        text, at = stand_in.string, stand_in.start()
        code = ord(stand_in[0])
        if code >= _FIRST:
            piece = self._pieces[code - _FIRST]
            if "\n" not in piece:
                return piece
            # Each line of a block under the quotes and lists that its first stands in.
            prefix = re.sub(r"[^> ]", " ", text[text.rfind("\n", 0, at) + 1 : at])
            return re.sub(
                r"\n(.*)",
                lambda line: "\n" + (prefix + line[1] if line[1] else prefix.rstrip()),
                piece,
            )
        character = chr(code - PUNCTUATION)
        if character == "<":
            # Old readers of Markdown know no backslash before it.
            return "&lt;"
        has_meaning = _HAS_MEANING.get(character)
        if character in _ALWAYS or (
            has_meaning is not None
            and has_meaning(
                _read(text[at - 1]) if at else "\n",
                _read(text[at + 1]) if at + 1 < len(text) else "\n",
            )
        ):
            return "\\" + character
        return character


def as_text(text: str) -> str:
    """Return text as Markdown that reads as that text, on one line of its own or in another."""
    shield = Shield()
    return shield.restored(shield.started(shield.text(text.strip())))


# Whether the neighbours, before and after, give a sign a meaning.
# Braces and per cent: Liquid, Hugo's shortcodes, attributes of kramdown and Pandoc.
_HAS_MEANING: dict[str, Callable[[str, str], bool]] = {
    "_": lambda before, after: not (before.isalnum() and after.isalnum()),
    "&": lambda before, after: after == "#" or after.isalpha(),
    "{": lambda before, after: before == "{" or after in "{%:.#",
    "}": lambda before, after: before in "}%" or after == "}",
    "%": lambda before, after: before == "{" or after == "}",
    "#": lambda before, after: after in " #\n" or before in "# \n",
    "=": lambda before, after: "=" in {before, after},
    "+": lambda before, after: "+" in {before, after},
    # A whole piece may be the start of a link: a picture's, or a note's of Pandoc.
    "^": lambda before, after: before == "^" or after in "^[" or after >= chr(_FIRST),
    "!": lambda before, after: after == "[" or after >= chr(_FIRST),
}


@lru_cache(maxsize=512)
def _read(character: str) -> str:
    code = ord(character)
    return chr(code - PUNCTUATION) if PUNCTUATION <= code < _FIRST else character


_STAND_INS = {ord(character): chr(PUNCTUATION + ord(character)) for character in _SHIELDED}
_UNEVEN = re.compile(r"[\t\n\r\f\v]|  ")
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_RARE = re.compile(
    "[\u0085\u00a0\u1680\u2000-\u200d\u2028-\u202f\u205f\u2060\u3000\ufeff\U000f0000-\U0010ffff]"
)
_STAND_IN = re.compile("[\U000f0000-\U0010fffd]")
_PIECES = re.compile("[\U000f0100-\U0010fffd](?=([\U000f0100-\U0010fffd]))")
