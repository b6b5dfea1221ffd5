"""Fields that hold the source of a program: to be highlighted by a script, or to be copied."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from lxml import etree

from convert.content.draft import Draft
from convert.content.furniture.rule import Rule, words_of
from convert.content.tree import inside

_BLANKS_AND_NUMBERS = re.compile(r"[\s\d]+")
_MOST_FIELDS = 200
"""Beyond so many nobody wrote a field for each block of code."""
_LEVELS = 4
_LONGER = 6
"""How many times longer than the source a box is that holds it once more, with its tools."""
_MOST_TEXT = 2_000


def find_repeated(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield fields whose text is that of the code beside them; other source becomes code."""
    for field in itertools.islice(list(tree.iter("textarea")), _MOST_FIELDS):
        words = words_of(field)
        if field.get("data-torchlight-original") is not None or _stands_beside(field):
            yield field
        elif field.get("name") == "code" or words & {"code", "crayon-plain"} or "brush:" in words:
            field.tag = "pre"
            field.set("class", f"code {field.get('class', '')}".strip())


def _stands_beside(field: etree._Element) -> bool:
    """Tell whether the code that a field holds stands in the same box, its numbers aside."""
    source = _BLANKS_AND_NUMBERS.sub("", field.text or "")
    if not source:
        return False
    most = _LONGER * len(field.text or "") + _MOST_TEXT
    for box in itertools.islice(field.iterancestors("pre", "figure", "div"), _LEVELS):
        pieces: list[str] = []
        length = 0
        for piece in map(str, box.itertext()):
            pieces.append(piece)
            length += len(piece)
            if length > most:
                return False
        if _BLANKS_AND_NUMBERS.sub("", "".join(pieces)).count(source) > 1:
            return inside(field, "pre") or next(box.iter("pre", "table", "code"), None) is not None
    return False


RULES = (
    Rule(
        "source of code",
        "Torchlight, Crayon, SyntaxHighlighter",
        ("<textarea",),
        find_repeated,
    ),
)
