"""The body of an entry as the pages of a book hold it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from lxml import etree

from convert.content import tree
from convert.content.views import Picture, View, element, render
from convert.exporters.epub.formula import formula_png
from convert.exporters.epub.kobo import add_spans
from convert.exporters.epub.options import EpubOptions
from convert.exporters.epub.plan import PREFIX
from convert.exporters.epub.split import link_pieces, may_be_large, pieces, whole
from convert.exporters.widths import measure_all, total
from convert.model import Content, Entry
from convert.text.characters import legal

_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
_TAG_WITH_LANGUAGE = re.compile(r'<[A-Za-z][^<>]*\slang="[^<>]*>')
_LANG = re.compile(r'\slang="([^"]*)"')
MANY = 6
"""Cells of a row that may make a table too wide for a small screen."""
SCROLLED = 40.0
"""Em of the words of a table that is scrolled: on a small screen nobody could read them broken."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class BodyMaker:
    """Renders bodies for one device."""

    options: EpubOptions
    language: str
    citation: Callable[[str, str], str | None]
    picture: Callable[[str, str | None], Picture | None]
    put: Callable[[bytes, str, str], str]
    """Takes a picture that we drew (bytes, media type, suffix); its name in the book."""

    def locate(self, content: Content) -> Mapping[str, int]:
        """Return which piece of a body holds each id; ``bodies`` cuts it in the same places."""
        view = dataclasses.replace(self._view, citation=lambda key, fragment: None)
        return pieces(self._element(content, view)).where

    def bodies(self, entry: Entry, content: Content, files: Sequence[str]) -> Iterator[str]:
        """Yield the markup of each of the entry's files."""
        device, xhtml = self.options.device, content.xhtml
        if not (
            device == "kobo"
            or (device == "kindle" and "<math" in xhtml)
            or may_be_large(entry.size)
            or "<details" in xhtml
            or ' href="#' in xhtml
            or _has_wide_table(xhtml)
        ):
            # Most bodies need nothing but their view, and no tree of their own.
            yield _finished(render(content, self._view))
            return
        root = self._element(content, self._view)
        # The plan knows of one file only: a body that is over the limit now stays whole.
        cut = pieces(root) if len(files) > 1 else whole(root)
        link_pieces(cut, files)
        for piece in cut.roots:
            if device == "kobo":
                add_spans(piece)
            # No element but the void ones is self-closing: readers that parse pages as HTML
            # take "<td/>" for a start tag.
            for each in piece.iter(etree.Element):
                if not len(each) and each.text is None and each.tag not in _VOID:
                    each.text = ""
            text = legal(piece.text or "").replace("&", "&amp;").replace("<", "&lt;")
            yield _finished(
                text + "".join(etree.tostring(child, encoding="unicode") for child in piece)
            )

    @property
    def _view(self) -> View:
        kindle = self.options.device == "kindle"
        return View(
            citation=self.citation,
            picture=self.picture,
            # A book may not show pictures from elsewhere (EPUB 3.3, 3.6): they become links.
            images="drop" if self.options.images == "drop" else "embed",
            # Kindle's converter drops MathML; elsewhere it scales and is read aloud.
            math="svg" if kindle else "mathml",
            code="highlighted" if self.options.highlight else "plain",
            notes="popup",
            prefix=PREFIX,
            language=self.language,
        )

    def _element(self, content: Content, view: View) -> etree._Element:
        """Return the tree of a body: what folds stands open, as most readers cannot open it,
        and for Kindle each drawn formula is a picture that says its TeX."""
        root = element(content, view)
        if _has_wide_table(content.xhtml):
            for table, columns in measure_all(root).items():
                inner = next(table.iterancestors("td", "th"), None) is not None
                if total(columns).least > SCROLLED and not inner:
                    # What scrolls has to be reached without a mouse.
                    tree.wrap(table, "div").attrib.update({"class": "wide", "tabindex": "0"})
        for details in list(root.iter("details")):
            tree.rename(details, "div")
            details.set("class", "details")
        for summary in list(root.iter("summary")):
            # A summary may hold a heading, which a paragraph may not.
            tree.rename(summary, "div")
            summary.set("class", "summary")
        if self.options.device == "kindle":
            for drawing in list(root.iter("{http://www.w3.org/2000/svg}svg", "svg")):
                words = drawing.get("aria-label")
                pixels = formula_png(drawing) if words else None
                if pixels is not None and words:
                    size = f"width: {drawing.get('width')}; height: {drawing.get('height')};"
                    image = tree.new("img", src=self.put(pixels, "image/png", ".png"), alt=words)
                    image.set("style", f"{size} {drawing.get('style') or ''}".strip())
                    tree.replace(drawing, image)
        return root


def _has_wide_table(xhtml: str) -> bool:
    """Tell, without a tree, whether a row has many cells."""
    return "<table" in xhtml and any(
        row.count("<td") + row.count("<th") > MANY for row in xhtml.split("<tr")
    )


def _finished(markup: str) -> str:
    """Return the markup with what every body needs: characters that XML allows, ``xml:lang`` beside
    every ``lang``, as readers of EPUB 2 know only the former, and code from left to right,
    which a style sheet may not say (EPUB 3.3, 6.3.1.2)."""
    markup = legal(markup)
    if ' lang="' in markup:
        markup = _TAG_WITH_LANGUAGE.sub(
            lambda tag: _LANG.sub(r'\g<0> xml:lang="\1"', tag[0]), markup
        )
    return re.sub(r"<pre(?![^>]* dir=)", '<pre dir="ltr"', markup)
