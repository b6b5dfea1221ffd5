"""How much a drawing comes to once all that it repeats is drawn.

Ten copies of ten copies of ten copies … fit in a few lines and keep whoever draws them busy
for years.
"""

from __future__ import annotations

import re

from lxml import etree

MAX_DRAWN = 200_000
"""The most elements that a drawing may come to."""
_XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"\s]+)")


class Weights:
    """The weights of all elements of one tree; references may lead anywhere in it."""

    def __init__(self, tree: etree._Element) -> None:
        self._by_id: dict[str, etree._Element] = {}
        for element in tree.iter():
            if element.get("id"):
                self._by_id.setdefault(str(element.get("id")), element)
        self._known: dict[etree._Element, int] = {}
        self._above: set[etree._Element] = set()

    def too_heavy(self, element: etree._Element) -> bool:
        """Whether it comes to more than MAX_DRAWN elements, or repeats itself."""
        try:
            return self._count(element) > MAX_DRAWN
        except RecursionError:
            self._above.clear()
            return True

    def _count(self, element: etree._Element) -> int:
        if element in self._above:
            return MAX_DRAWN + 1
        if element not in self._known:
            self._above.add(element)
            total = 1
            for each in (*element, *self._repeated(element)):
                total += self._count(each)
            self._above.discard(element)
            self._known[element] = total
        return self._known[element]

    def _repeated(self, element: etree._Element) -> list[etree._Element]:
        """What its attributes have drawn again: by ``use``, as a pattern, mask, marker …"""
        link = str(element.get("href") or element.get(_XLINK) or "")
        names = [link[1:]] if link.startswith("#") else []
        for value in element.values():
            names += _REFERENCE.findall(str(value))
        return [self._by_id[name] for name in names if name in self._by_id]
