"""Links of a heading to itself, which are there to be copied."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from convert.content import vocabulary as v
from convert.content.furniture.rule import Rule
from convert.content.tree import text_of

_SIGNS = frozenset("#¶§🔗⚓🔖∞☍⛓¤\u200b\u200d\u2060\ufeff\ufe0e\ufe0f \t\r\n\u00a0")
"""Signs that stand for a link, and what may stand beside them."""


def _signs(tree: etree._Element) -> Iterator[etree._Element]:
    for heading in tree.iter(*v.HEADINGS):
        for anchor in heading.iter("a"):
            is_drawn = next(anchor.iter("img", "svg"), None) is not None
            is_sign = _SIGNS.issuperset(text_of(anchor)) and not is_drawn
            if "#" in anchor.get("href", "") and is_sign:
                yield anchor


RULES = (Rule("heading-sign", "Sphinx, Docusaurus, markdown-it-anchor", ("<h",), _signs),)
