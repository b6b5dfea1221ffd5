"""The step that takes furniture away, by one list of rules."""

from __future__ import annotations

from lxml import etree

from convert.content.draft import Draft
from convert.content.furniture.rules import RULES
from convert.content.tree import text_of


def mark(tree: etree._Element, draft: Draft) -> None:
    """Take all furniture away; note in the draft what it said, by rule."""
    for rule in RULES:
        if not draft.holds(*rule.cues):
            continue
        going = list(dict.fromkeys(rule.find(tree, draft)))
        if going:
            said = [" ".join(text_of(each).split()) for each in going]
            draft.removed.setdefault(rule.name, []).extend(said)
            rule.take(tree, going)
