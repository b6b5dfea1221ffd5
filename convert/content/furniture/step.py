"""The step that takes furniture away, by one list of rules."""

from __future__ import annotations

import re

from lxml import etree

from convert.content.draft import Draft
from convert.content.furniture.rules import RULES
from convert.content.tree import text_of

# Two patterns that begin with letters: one with a choice there takes five times as long.
_CLASSES = re.compile(r"""class\s*+=\s*+["']?+([^"'<>]++)""")
_IDS = re.compile(r"""\sid\s*+=\s*+["']?+([^"'<>]++)""")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Take all furniture away; note in the draft what it said, by rule.

    Where a rule would leave no word of a body, that is no furniture.
    """
    called: frozenset[str] | None = None
    for rule in RULES:
        if not draft.holds(*rule.cues):
            continue
        if rule.called:
            if called is None:
                names = [*_CLASSES.findall(draft.markup), *_IDS.findall(draft.markup)]
                called = frozenset(" ".join(names).split())
            if rule.called.isdisjoint(called):
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
