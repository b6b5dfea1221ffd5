"""How deep elements may nest, and how often they may open again."""

from __future__ import annotations

from convert.content.vocabulary import FORMATTING, OPTIONAL_END, PHRASING, VOID

MAX_OPEN = 200
"""Open elements, those with optional end tags not counted: tags deeper than that are dropped."""
# A parser opens unclosed formatting again in each block (§13.2.4.3): 12 of them in 100,000
# paragraphs would be 1,200,000 elements.
MAX_FORMATTING = 12
MAX_REOPENED = 20_000
WEIGHT = 1_000
"""Characters of attributes that count as one more element where they are repeated."""
_NEUTRAL = VOID | OPTIONAL_END | {f"/{name}" for name in OPTIONAL_END}


def is_shallow(tags: list[str], length: int) -> bool:
    """Tell whether each end tag ("/p") ends what was opened last, within the limits."""
    opened: list[str] = []
    unclosed = reopened = 0
    for name in tags:
        if name in _NEUTRAL:
            reopened += unclosed
        elif name[0] != "/":
            opened.append(name)
            if name in FORMATTING:
                unclosed += 1
            elif name not in PHRASING:
                reopened += unclosed
            if len(opened) > MAX_OPEN or unclosed > MAX_FORMATTING:
                return False
        elif not opened or opened.pop() != name[1:]:
            return False
        elif name[1:] in FORMATTING:
            unclosed -= 1
    # All the markup could be one attribute of what is opened again.
    return reopened * (1 + length // WEIGHT) < MAX_REOPENED
