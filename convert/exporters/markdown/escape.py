"""Text that is not Markdown, kept apart from Markdown that is.

A converter cannot tell an asterisk that an author wrote from one that means emphasis.  So
each character of the text that could mean something is swapped for a stand-in from Unicode's
private planes before the conversion, and comes back afterwards, escaped if it can begin
anything in any program that reads Markdown: CommonMark and its dialects, pandoc, kramdown,
Python-Markdown, MyST, MDX, Obsidian, and the template engines that read a file before them.
Finished Markdown (a code block, a formula, the end of a link) travels the same way, as one
stand-in for the whole piece.
"""

from __future__ import annotations

import re
from functools import lru_cache

PUNCTUATION = 0xF0000
"""The stand-in of an ASCII character is this plus its code."""
_FIRST, _LAST = 0xF0100, 0x10FFFD
"""The stand-ins of whole pieces."""

JOINER = "<span></span>"
"""What parts two signs that mean something side by side, and shows nothing."""


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
        if "www." in text:
            text = _WWW.sub(lambda match: self.piece("www&#46;"), text)
        return text.translate(_STAND_INS)

    def started(self, run: str) -> str:
        """Return the run with nothing at the start of its lines that could begin a block."""
        if "\n" not in run and not _START.match(run):
            return run
        return _START.sub(
            lambda match: match[1] + self.piece(_written(_read(match[2]), _BACKSLASHED_FIRST)), run
        )

    def linked(self, run: str) -> str:
        """Return the run as the text of a link, which a bracket would end."""
        if run in {"x", "X"}:
            return self.piece(f"&#{ord(run)};")  # at the start of a list, the box of a task
        # Python-Markdown does not mind a backslash in the definition of a link.
        return run.replace(_STAND_INS[ord("]")], self.piece("&#93;"))

    def parted(self, run: str) -> str:
        """Return the run with an empty element between two pieces of code, whose signs would
        become one."""
        if not self.has_code:
            return run
        return _PIECES.sub(
            lambda pair: (
                pair[0] + self.piece(JOINER)
                if self.edge(pair[0], last=True) == "`" == self.edge(pair[1], last=False)
                else pair[0]
            ),
            run,
        )

    def piece(self, markdown: str) -> str:
        """Return one stand-in for finished Markdown; "" for none, which would hide the start of
        a line.  More than one line only for a block that is alone in its paragraph."""
        if not markdown:
            return ""
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
            return self._pieces[ord(character) - _FIRST][-1 if last else 0]
        return _read(character)

    def _original(self, stand_in: re.Match[str]) -> str:
        """Return what a stand-in stands for: a piece, or a character, escaped where it could
        begin something."""
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
        before = _read(text[at - 1]) if at else ""
        if character == "#" and not _NO_TAG_AFTER.match(before) and _TAG.match(text, at + 1):
            return "\\#"
        begins = _BEGINS.get(character)
        if begins is not None and not begins.match(text, at + 1):
            return character
        inside = character == "_" and before.isalnum() and _WORD.match(text, at + 1)
        if inside or (character == "@" and before.isalnum()):
            return character
        written = _written(character, _BACKSLASHED)
        parted = _PARTED.get(character)
        return written + JOINER if parted is not None and parted.match(text, at + 1) else written


def as_text(text: str) -> str:
    """Return text as Markdown that reads as that text, on one line of its own or in another."""
    shield = Shield()
    return shield.restored(shield.started(shield.text(text.strip())))


def as_link_text(text: str) -> str:
    """Return text as Markdown between the brackets of a link."""
    shield = Shield()
    return shield.restored(shield.linked(shield.text(text.strip())))


def in_element(text: str) -> str:
    """Return text inside an HTML element: every character that HTML, Markdown or a template
    could take for its own as a number, on one line."""
    # Pandoc reads what cells hold as blocks.
    first = _ITEM.match(text)
    if first:
        return f"{in_element(first[1])}&#{ord(first[2])};{_IN_ELEMENT.sub(_number, first[3])}"
    return _IN_ELEMENT.sub(_number, text)


def in_attribute(text: str) -> str:
    """Return text inside an attribute of HTML, or as the title or alternative of a link, on one
    line, its white space single spaces."""
    return _IN_ATTRIBUTE.sub(_number, " ".join(text.split()))


def _number(sign: re.Match[str]) -> str:
    return f"&#{ord(sign[0])};"


def _written(character: str, backslashed: str) -> str:
    """Return a sign that means nothing.  All programs know references to characters; they know
    a backslash before a few signs only, and print it before the others."""
    return f"\\{character}" if character in backslashed else f"&#{ord(character)};"


@lru_cache(maxsize=512)
def _read(character: str) -> str:
    code = ord(character)
    return chr(code - PUNCTUATION) if PUNCTUATION <= code < _FIRST else character


def _shielded(pattern: str) -> re.Pattern[str]:
    """Return a pattern that meets stand-ins where it names a shielded character: ``‹=›``."""
    return re.compile(re.sub("‹(.)›", lambda sign: chr(PUNCTUATION + ord(sign[1])), pattern))


_BACKSLASHED = "`*_+!"
_BACKSLASHED_FIRST = "-.)#+>!"
_ALWAYS = "\\`*[{<|~$^"
"""What begins something whatever follows: code, emphasis, links, attributes and templates,
HTML, tables, formulas, raised letters.  ``\\[`` would itself begin a formula where those of
LaTeX are read, ``\\(`` likewise."""
_SPOILT = (
    "(?:"
    + "|".join(f"‹{sign}›" for sign in _ALWAYS)
    + r"|(?<![^\W_])‹_›|‹_›(?![^\W_])|(?<![^\W_])‹@›|‹=›‹=›|‹+›‹+›|‹%›‹%›|‹&›\w{2,30};)"
)
"""What is escaped in an address: programs that make links of addresses, as GitHub does, show
all references to characters and backslashes in them as they stand."""
_BEGINS = {
    "&": _shielded("(?:‹#›[0-9]+|‹#›[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);"),
    "_": _shielded(""),
    "@": _shielded(f"[\\w‹{{›{chr(_FIRST)}-{chr(_LAST)}]"),  # pandoc's citations
    "%": _shielded("[‹%›‹>›]"),  # Obsidian's comments; what EJS takes for an end
    "=": _shielded("‹=›"),
    "+": _shielded("‹+›"),
    "#": _shielded("[‹#›}]|\n|$"),  # the end of a heading; of a comment, to Nunjucks
    # A piece may be the start of a link.
    "!": re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]"),
    # A picture's name (:smile:), but not 10:20:30; an address that would be spoilt.
    ":": _shielded(
        r"(?:[\w‹_›‹+›-]{0,50}[A-Za-z][\w‹_›‹+›-]{0,50}|[‹+›-]1|100|1234)‹:›|//\S{0,200}?" + _SPOILT
    ),
    # Nothing in the middle of a line; but the converter would take them for its own.
    "]": re.compile("(?!)"),
    ">": re.compile("(?!)"),
}
"""What else begins something, by what it would have to be followed by."""
_PARTED = {
    # Programs that find TeX in the finished page look at one run of text at a time.
    "\\": re.compile("[A-Za-z]"),
    # Pandoc looks for the boxes of a list of tasks in what it has already read.
    "[": _shielded("[ xX]‹]›"),
}
"""Signs that an element must part from what follows, as a reference does not hide them."""
_WORD = re.compile(r"[^\W_]")
_TAG = _shielded(r"(?:[\d/-]|‹_›)*[^\W\d]")
"""What follows the sign of a tag of Obsidian: not digits alone …"""
_NO_TAG_AFTER = re.compile(r"[\w/&=?#.:-]")
"""… and what stands before a sign that is none."""
_START = _shielded(
    # The number of a list: 1. 1) a. a) iv. (a) (@)
    r"((?:^|\n) *(?:(?:\d{1,10}|[A-Za-z]|[ivxlcdm]{2,6}|\((?:\w{1,10}|‹@›\w*))"
    r"(?=[.)](?:[ \n]|$)))?)"
    # The first sign of a list or rule, of a heading or its underline, of a quote, a definition,
    # a block (:::), a comment (MyST), an admonition (!!!, ???), a block of pymdownx (///), a
    # target of MyST ((x)=), a module of JavaScript (MDX).
    r"([.)](?=[ \n]|$)|-(?=[- \n]|$)|‹+›(?=[‹+›\- \n]|$)|[‹=›‹#›‹>›‹:›‹%›]|‹!›(?=‹!›)|\?(?=\?)"
    r"|/(?=//)|\((?=[^()\n]*\)‹=›)|[ie](?=(?:(?<=i)mport|(?<=e)xport) ))"
)
"""What could begin a block at the start of a line.  The text of a run is one line."""
_STAND_INS = {ord(sign): chr(PUNCTUATION + ord(sign)) for sign in [*_ALWAYS, *_BEGINS]}
_EMOJI = r"(?:[\w+-]{0,50}[A-Za-z][\w+-]{0,50}|[+-]1|100|1234):"
_IN_ATTRIBUTE = re.compile('["$%&*<>@\\[\\\\\\]^_`{|}~]|:(?=' + _EMOJI + ")")
_IN_ELEMENT = re.compile(
    _IN_ATTRIBUTE.pattern + r"|['\x00-\x1f]|(?<=-)-|(?<=\.)\.|(?<==)=|(?<=\+)\+|:(?=//)|(?<=www)\."
)
_ITEM = re.compile(r"(\s*(?:\(?[\w@]{1,10}(?=[.)]))?)([#:+=%/?().!-])(.*)", re.DOTALL)
_UNEVEN = re.compile(r"[\t\n\r\f\v]|  ")
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_RARE = re.compile(
    "[\u0085\u00a0\u1680\u2000-\u200d\u2028-\u202f\u205f\u2060\u3000\ufeff\U000f0000-\U0010ffff]"
)
_STAND_IN = re.compile("[\U000f0000-\U0010fffd]")
_WWW = re.compile(
    r"(?<![\w/])www\.(?=\S{0,200}?" + re.sub("‹(.)›", lambda one: re.escape(one[1]), _SPOILT) + ")"
)
"""The start of such an address without a scheme, before its signs have stand-ins."""
_PIECES = re.compile("[\U000f0100-\U0010fffd](?=([\U000f0100-\U0010fffd]))")
