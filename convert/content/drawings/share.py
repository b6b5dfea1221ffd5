"""What drawings of one entry use of each other, copied into each: sprites, glyphs, gradients."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator

from lxml import etree

from convert.content.draft import Draft

MAX_COPIED = 20_000
"""The most elements that are copied in one entry."""
MAX_CHARACTERS = 2_000_000
"""The most characters of attributes in them."""
_PAINT = re.compile(r"url\(\s*['\"]?#([^)'\"]*)['\"]?\s*\)")


def named_by(element: etree._Element) -> Iterator[str]:
    """Yield the ids that an element of a drawing refers to."""
    for name, value in element.items():
        text = str(value)
        if name == "href":
            if text.startswith("#"):
                yield text[1:]
        elif "url(" in text:
            yield from _PAINT.findall(text)


def copy_in(drawings: list[etree._Element], draft: Draft) -> None:
    """Copy into each drawing what it refers to in others, with all that this refers to."""
    own = [
        {str(each.get("id")): each for each in reversed(list(svg.iter())) if each.get("id")}
        for svg in drawings
    ]
    everywhere = {name: each for ids in reversed(own) for name, each in ids.items()}
    left = [MAX_COPIED, MAX_CHARACTERS]
    for svg, ids in zip(drawings, own, strict=True):
        waiting = list(svg.iter())
        copies: list[etree._Element] = []
        while waiting:
            for name in named_by(waiting.pop()):
                meant = everywhere.get(name)
                if name in ids or meant is None:
                    continue
                inside = list(meant.iter())
                left[0] -= len(inside)
                left[1] -= sum(len(str(value)) for each in inside for value in each.values())
                if min(left) < 0:
                    draft.note(
                        f"what drawings use of each other comes to more than {MAX_COPIED:,}"
                        f" elements or {MAX_CHARACTERS:,} characters; the rest is left out"
                    )
                    return
                copied = copy.deepcopy(meant)
                copied.tail = None
                if copied.tag == "svg":
                    copied.tag = "symbol"
                copies.append(copied)
                for each in copied.iter():
                    if each.get("id"):
                        ids.setdefault(str(each.get("id")), each)
                    waiting.append(each)
        if copies:
            shared = etree.SubElement(svg, "defs")
            shared.extend(copies)
