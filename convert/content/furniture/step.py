"""The step that takes furniture away, by one list of rules."""

from __future__ import annotations

from lxml import etree

from convert.content.draft import Draft
from convert.content.furniture.rules import RULES
from convert.content.tree import text_of


def mark(tree: etree._Element, draft: Draft) -> None:
    """Take all furniture away; note in the draft what it said, by rule.

    Where a rule would leave no word of a body, that is no furniture.
    """
    for rule in RULES:
        if rule.called and rule.called.isdisjoint(draft.called):
            continue
        if not draft.holds(*rule.cues):
            continue
        going = dict.fromkeys(rule.find(tree, draft))
        outer = [each for each in going if not any(map(going.__contains__, each.iterancestors()))]
        said = [" ".join(text_of(each).split()) for each in outer]
        said = [""] * len(said) if rule.keeps_words else said
        letters = len("".join("".join(said).split()))
        if not outer or (letters and letters == len("".join(text_of(tree).split()))):
            continue
        draft.removed.setdefault(rule.name, []).extend(said)
        rule.take(tree, outer)
