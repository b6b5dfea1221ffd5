"""The body of an entry as the pages of a book hold it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

from lxml import etree

from convert.content.views import Picture, View, element, render
from convert.exporters.epub.formula import formula_png
from convert.exporters.epub.kobo import add_spans
from convert.exporters.epub.options import EpubOptions
from convert.exporters.epub.plan import PREFIX
from convert.exporters.epub.split import link_pieces, may_be_large, pieces, whole
from convert.exporters.epub.text import with_xml_lang
from convert.model import Content, Entry
from convert.text.characters import legal

SVG = "{http://www.w3.org/2000/svg}"
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})


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
        """Which piece of a body holds each id.  ``bodies`` cuts it in the same places."""
        view = dataclasses.replace(self._view, citation=_nowhere)
        return pieces(self._element(content, view)).where

    def bodies(self, entry: Entry, content: Content, files: Sequence[str]) -> Iterator[str]:
        """The markup of each of the entry's files."""
        if self._is_plain(entry, content.xhtml):
            yield _finished(render(content, self._view))
            return
        root = self._element(content, self._view)
        found = pieces(root) if len(files) > 1 else whole(root)
        link_pieces(found, files)
        for piece in found.roots:
            if self.options.device == "kobo":
                add_spans(piece)
            yield _finished(_inner(piece))

    @property
    def _view(self) -> View:
        kindle = self.options.device == "kindle"
        return View(
            citation=self.citation,
            picture=self.picture,
            # A book may not show pictures from elsewhere (EPUB 3.3, 3.6): they become links.
            images="drop" if self.options.images == "drop" else "embed",
            math="svg" if kindle else "mathml",
            code="highlighted" if self.options.highlight else "plain",
            notes="popup",
            prefix=PREFIX,
            language=self.language,
        )

    def _is_plain(self, entry: Entry, xhtml: str) -> bool:
        """Whether the body needs nothing but its view."""
        return (
            self.options.device != "kobo"
            and not (self.options.device == "kindle" and "<math" in xhtml)
            and not may_be_large(entry.size)
            and "<details" not in xhtml
            and ' href="#' not in xhtml
        )

    def _show_formulas(self, root: etree._Element) -> None:
        """Each drawn formula as a picture that says its TeX."""
        for drawing in list(root.iter(f"{SVG}svg", "svg")):
            words = drawing.get("aria-label")
            content = formula_png(drawing) if words else None
            if content is None:
                continue
            size = f"width: {drawing.get('width')}; height: {drawing.get('height')};"
            image = etree.Element("img")
            image.set("src", self.put(content, "image/png", ".png"))
            image.set("alt", words or "")
            image.set("style", f"{size} {drawing.get('style') or ''}".strip())
            image.tail = drawing.tail
            parent = drawing.getparent()
            if parent is not None:
                parent.replace(drawing, image)

    def _element(self, content: Content, view: View) -> etree._Element:
        root = element(content, view)
        _open_details(root)
        if self.options.device == "kindle":
            self._show_formulas(root)
        return root


def _nowhere(key: str, fragment: str) -> str | None:
    return None


def _finished(markup: str) -> str:
    # Code reads from left to right in every language, and a style sheet may not say so
    # (EPUB 3.3, 6.3.1.2).
    return with_xml_lang(legal(markup)).replace("<pre", '<pre dir="ltr"')


def _open_details(root: etree._Element) -> None:
    """What opens at a click on the web stands open: most readers cannot open it."""
    for details in root.iter("details"):
        details.tag = "div"
        details.attrib.clear()
        details.set("class", "details")
    for summary in root.iter("summary"):
        # A summary may hold a heading, which a paragraph may not.
        summary.tag = "div"
        summary.attrib.clear()
        summary.set("class", "summary")


def _inner(root: etree._Element) -> str:
    """The markup within the root; no element but the void ones is self-closing, which
    readers that parse pages as HTML take for a start tag."""
    for each in root.iter(etree.Element):
        if not len(each) and each.text is None and each.tag not in _VOID:
            each.text = ""
    text = legal(root.text or "").replace("&", "&amp;").replace("<", "&lt;")
    return text + "".join(etree.tostring(child, encoding="unicode") for child in root)
