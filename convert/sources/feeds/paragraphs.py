"""Lines that an author wrote without paragraphs, as WordPress shows them: a blank line parts
paragraphs, a single break is one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

MARKUP = (
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<raw>pre|script|style|svg|math|textarea)\b[^<>]*+>.*?(?:</(?P=raw)\s*>|\Z)"
    r"|</?[A-Za-z](?:[^<>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+>"
)
"""A comment, an element that is kept as it is, a tag; for (?is)."""

_TOKEN = re.compile(rf"{MARKUP}|[^<]++|<", re.IGNORECASE | re.DOTALL)
_RAW = re.compile(r"<(?:pre|style|script)\b", re.IGNORECASE)
_NAME = re.compile(r"</?([A-Za-z][\w-]*)")
_BREAKS = re.compile(r"[ \t]*\n[ \t\n]*")
_PARTS = frozenset((
    *("table", "thead", "tfoot", "tbody", "colgroup", "tr", "dl", "ul", "ol", "menu", "select"),
    *("map", "hgroup"),
))  # fmt: skip
"""Blocks that hold no text of their own."""
_FLOWS = frozenset((
    *("td", "th", "div", "dd", "li", "form", "blockquote", "section", "article", "aside", "header"),
    *("footer", "nav", "figure", "details", "main", "center", "fieldset"),
))  # fmt: skip
"""Blocks that hold paragraphs."""
_LINES = frozenset((
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption", "figcaption", "summary"),
    *("legend", "address"),
))  # fmt: skip
"""Blocks that hold text and no paragraphs."""
_EMPTY = frozenset(("hr", "col", "area"))
_BLOCKS = _PARTS | _FLOWS | _LINES | _EMPTY | {"pre", "style", "script"}


class _Run:
    """Text between two blocks: paragraphs, each of lines, each of text and inline tags."""

    def __init__(self) -> None:
        self._paragraphs: list[list[list[str]]] = [[[]]]
        self._speaks = [False]
        self._after_break = False

    def add(self, piece: str) -> None:
        """Add a text, a tag or a comment."""
        name = _name(piece)
        if name == "br":
            # Two are how editors write a new paragraph.
            line = "".join(self._paragraphs[-1][-1])
            self._break(paragraph=self._after_break and not line.strip())
            self._after_break = True
        elif piece.startswith("<!--") or name:
            self._paragraphs[-1][-1].append(piece)
            self._speaks[-1] |= bool(name)
        else:
            at = 0
            for breaks in _BREAKS.finditer(piece):
                self._add_words(piece[at : breaks.start()])
                self._break(paragraph=breaks[0].count("\n") > 1)
                at = breaks.end()
            self._add_words(piece[at:])

    def paragraphs(self) -> Iterator[tuple[str, bool]]:
        """Yield each paragraph as markup, and whether it shows anything; none that is empty."""
        for lines, speaks in zip(self._paragraphs, self._speaks, strict=True):
            shown = [text for line in lines if (text := "".join(line).strip())]
            if shown:
                yield "<br>\n".join(shown), speaks

    def _add_words(self, words: str) -> None:
        if words:
            self._paragraphs[-1][-1].append(words)
        if words.strip():
            self._speaks[-1] = True
            self._after_break = False

    def _break(self, *, paragraph: bool) -> None:
        if paragraph:
            self._paragraphs.append([[]])
            self._speaks.append(False)
            self._after_break = False
        else:
            self._paragraphs[-1].append([])


def of_lines(text: str) -> str:
    """Return markup with the paragraphs and breaks that WordPress makes of lines.

    Text in a heading or the like gets breaks alone, text in a list or a division paragraphs where
    there are several; what is preformatted stays.
    """
    shown: list[str] = []
    opened: list[str] = []
    within: Counter[str] = Counter()
    run = _Run()
    for piece in (each[0] for each in _TOKEN.finditer(text)):
        name = _name(piece)
        if name not in _BLOCKS:
            run.add(piece)
            continue
        shown += _in_block(run, opened[-1] if opened else "")
        run = _Run()
        shown.append(piece)
        if piece.startswith("</"):
            while within[name] and opened:
                closed = opened.pop()
                within[closed] -= 1
                if closed == name:
                    break
        elif not (name in _EMPTY or piece.endswith("/>") or _RAW.match(piece)):
            # HTML ends a paragraph where a block begins, and an item where the next one does.
            if opened and (opened[-1] == "p" or opened[-1] == name == "li"):
                within[opened.pop()] -= 1
            opened.append(name)
            within[name] += 1
    shown += _in_block(run, opened[-1] if opened else "")
    return "".join(shown).strip()


def _in_block(run: _Run, block: str) -> Iterator[str]:
    """Yield a run as it stands in a block; "" is the entry itself."""
    paragraphs = [*run.paragraphs()]
    if block in _LINES:
        yield ("</p>\n<p>" if block == "p" else "<br>\n").join(text for text, _ in paragraphs)
        return
    alone = block in _PARTS or (block in _FLOWS - {"blockquote"} and len(paragraphs) < 2)
    for text, speaks in paragraphs:
        yield text if alone or not speaks else f"<p>{text}</p>\n"


def _name(piece: str) -> str:
    """Return the name of a tag in lower case; "" for text and comments."""
    match = _NAME.match(piece)
    return match[1].lower() if match else ""
