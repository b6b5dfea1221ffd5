"""Kobo's own reader (KEPUB): spans by which it finds its place again.

Kobo's guidelines (github.com/kobolabs/epub-spec) say that the suffix .kepub.epub brings the
better engine, with notes that pop up, but that bookmarks and highlights are then lost.  They
are not where each sentence stands in ``<span class="koboSpan" id="kobo.PARAGRAPH.SENTENCE">``,
as in the books of Kobo's own shop.
"""

from __future__ import annotations

import re

from lxml import etree

_SENTENCE = re.compile(r".+?(?:[.!?…。！？]['\"”’»）)]*\s+|[。！？]|$)", re.DOTALL)
_BLOCKS = frozenset(
    {
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "th", "caption",
        "figcaption", "blockquote", "div", "section", "aside", "figure",
    }
)  # fmt: skip
# A span is no child of SVG and MathML, and would part what belongs together in the others.
_WHOLE = frozenset({"pre", "svg", "math", "ruby"})
# Elements whose content model has no place for a span.
_NO_TEXT = frozenset({"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "colgroup"})


def add_spans(root: etree._Element) -> None:
    """Wrap each sentence of the body in place."""
    _Spans().walk(root)


class _Spans:
    """Counts paragraphs and the sentences of each, in the order of the text."""

    def __init__(self) -> None:
        self._paragraph = 0
        self._sentence = 0

    def walk(self, element: etree._Element) -> None:
        if element.tag in _BLOCKS:
            self._paragraph += 1
            self._sentence = 0
        # Before the spans come in: those are not walked again.
        children = list(element)
        fits = element.tag not in _NO_TEXT
        if fits and element.text and element.text.strip():
            spans = self._spans(element.text)
            element.text = None
            element[:0] = spans
        for child in children:
            if etree.QName(child).localname not in _WHOLE:
                self.walk(child)
            if fits and child.tail and child.tail.strip():
                spans = self._spans(child.tail)
                child.tail = None
                for span in reversed(spans):
                    child.addnext(span)

    def _spans(self, text: str) -> list[etree._Element]:
        spans = []
        for sentence in _SENTENCE.findall(text):
            self._sentence += 1
            span = etree.Element("span")
            span.set("class", "koboSpan")
            # Text before the first block belongs to a first paragraph, too.
            span.set("id", f"kobo.{max(self._paragraph, 1)}.{self._sentence}")
            span.text = sentence
            spans.append(span)
        return spans
