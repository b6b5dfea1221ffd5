"""Bodies of entries for print: addresses as notes, citations with pages, code that fits.

Nothing here knows the engine that lays the pages out: the result is XHTML, classes and
``data-*`` attributes, and what they look like is the style sheet's.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Literal
from urllib.parse import urlsplit

from lxml import etree

from convert.content import tree
from convert.content.views import View, element
from convert.content.views.numbers import ordinals
from convert.content.views.pictures import ICON
from convert.entryset import EntrySet
from convert.exporters.outline import shown_address
from convert.exporters.pdf import drawings
from convert.exporters.pdf.code import break_lines, thin_out
from convert.exporters.pdf.nests import add_class, limit_indents
from convert.exporters.pdf.page import Page
from convert.exporters.pdf.strings import UNBROKEN, divide, loosen
from convert.exporters.pdf.tables import fit_tables
from convert.model import Content, Entry
from convert.text.names import anchor
from convert.text.phrases import say

LinkStyle = Literal["notes", "footnotes", "inline", "none"]
_LIST_TYPES = {
    "a": "lower-alpha",
    "A": "upper-alpha",
    "i": "lower-roman",
    "I": "upper-roman",
}
LONGEST = 60
"""Characters of a word in a plain block: what has none to break at stalls line breaking."""
BLOCK = 400
"""Words of a plain block: line breaking takes more than twice as long for twice the text."""
_NO_FOOTNOTES = frozenset({"h3", "h4", "h5", "h6", "caption", "figcaption", "td", "th", "li"})
_words_beside = etree.XPath(
    # Numbers of addresses, and what goes to the foot of the page, are none.
    ".//text()[normalize-space()][not(ancestor::*[local-name()='svg'] or ancestor::sup[@class='n']"
    " or ancestor::span[contains(@class, 'footnote')])][1]"
)
"""Words in a paragraph beside those of a drawing."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Body:
    """The body of one entry, ready for the page.

    ``markup`` is XHTML without the root; ``notes`` the addresses that its numbers 1, 2, 3 …
    stand for; ``problems`` what could not be done.
    """

    markup: str
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Press:
    """How all bodies of one volume are set."""

    entries: EntrySet
    view: View
    links: LinkStyle
    page: Page

    def body(self, entry: Entry, content: Content) -> Body:
        """Return the body of one entry."""
        # No other entry has this before its ids.
        view = dataclasses.replace(self.view, prefix=f"{anchor(entry.key)}.")
        root = element(content, view)
        language = entry.language or self.entries.language
        image = say(language, "image")
        for pre in root.iter("pre"):
            thin_out(pre)
            if next(pre.iterancestors("td", "th"), None) is None:  # a cell is narrower
                break_lines(pre, self.page.code_columns)
        for each in root.iter("ol"):
            count(each)
        for picture in list(root.iter("img")):
            _describe(picture, image)
        for drawing in list(root.iter("{*}svg")):
            drawings.settle(drawing)
            if drawing.find("{*}title") is None:  # the tags are made from it
                namespace = etree.QName(drawing).namespace
                title = etree.Element(etree.QName(namespace, "title"))
                title.text = drawing.get("aria-label") or image
                drawing.insert(0, title)
        numbers: dict[str, int] = {}
        for link in list(root.iter("a")):
            self._set_link(link, language, numbers)
        _number_footnotes(root)
        for paragraph in root.iter("p"):
            # A picture without words beside it is set in the middle.
            drawn = sum(1 for _ in paragraph.iter("img", "{*}svg"))
            if drawn == 1 and not _words_beside(paragraph):
                add_class(paragraph, "alone")
        if UNBROKEN.search(tree.text_of(root)):
            loosen(root)
            divide(root)
        limit_indents(root)
        problems = tuple(dict.fromkeys(fit_tables(root, self.page)))
        # A page folds nothing: what folds stands open, under its summary as a line.
        for details in list(root.iter("details")):
            details.tag = "div"
            details.set("class", "details")
        for summary in list(root.iter("summary")):
            summary.tag = "p"
            summary.set("class", "summary")
        return Body(markup=_inner(root), notes=tuple(numbers), problems=problems)

    def simple(self, content: Content) -> Body:
        """Return an entry's words in plain blocks, for the engine that cannot set its body."""
        root = tree.new("div")
        for line in content.text.split("\n"):
            words = (
                word[at : at + LONGEST]
                for word in line.split()
                for at in range(0, len(word), LONGEST)
            )
            while block := " ".join(itertools.islice(words, BLOCK)):
                root.append(tree.new("p", block))
        return Body(markup=_inner(root))

    def _set_link(self, link: etree._Element, language: str, numbers: dict[str, int]) -> None:
        """Print where a link leads.  ``numbers`` are those of the addresses seen so far."""
        href = link.get("href") or ""
        words = tree.text_of(link).strip()
        if not words and link.find(".//img") is None:
            tree.rename(link, "span", keep=("id",))
        elif href.startswith("entry:"):
            key, _, fragment = href.removeprefix("entry:").partition("#")
            self._set_citation(link, language, key, fragment)
        elif not href or href.startswith("#") or shown_address(words) == shown_address(href):
            return  # the text says it already
        elif self.links == "inline":
            _put_after(link, tree.new("span", f" ({shown_address(href)})", class_="address"))
        elif self.links == "footnotes" and not any(
            # A footnote would be set twice there, or inside another footnote.
            above.tag in _NO_FOOTNOTES or "footnote" in (above.get("class") or "")
            for above in link.iterancestors()
        ):
            mark = tree.new("span", shown_address(href), class_="footnote address", data_number="")
            _put_after(link, mark)
        elif self.links != "none":
            number = numbers.setdefault(href, len(numbers) + 1)
            _put_after(link, tree.new("sup", str(number), class_="n"))

    def _set_citation(self, link: etree._Element, language: str, key: str, fragment: str) -> None:
        cited = self.entries.find(key)
        if key in self.entries.by_key:
            link.set("class", "cite")
            link.set("data-entry", anchor(key))
            link.set("href", f"#{anchor(key)}" + (f".{fragment}" if fragment else ""))
            link.set("data-see", f" ({say(language, 'see_page')} ")
        elif cited is not None and key in self.entries.elsewhere:
            if cited.link:
                link.set("href", cited.link)
            else:
                del link.attrib["href"]
            volume = say(language, "in_volume", volume=self.entries.elsewhere[key].volume.title)
            _put_after(link, tree.new("span", f" ({volume})", class_="elsewhere"))
        else:
            tree.rename(link, "span", keep=("id",))


def entry_citation(key: str, fragment: str) -> str | None:
    """Leave citations as they are, for ``Press`` to set: a ``View.citation``."""
    return f"entry:{key}" + (f"#{fragment}" if fragment else "")


def _inner(root: etree._Element) -> str:
    """Return the markup between the tags of the root."""
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    return text[text.index(">") + 1 : text.rindex("<")] if text.endswith(f"</{root.tag}>") else ""


def _put_after(link: etree._Element, mark: etree._Element) -> None:
    mark.tail, link.tail = link.tail, None
    link.addnext(mark)


def count(each: etree._Element) -> None:
    """Say in CSS which numbers the items of a list have, as its attributes say it to browsers
    alone."""
    numbers = ordinals(each)
    if numbers == list(range(1, len(numbers) + 1)) and each.get("type") is None:
        return
    before = numbers[0] - 1 if numbers else 0
    kind = _LIST_TYPES.get(each.get("type", ""), "decimal")
    each.set("style", f"counter-reset: list-item {before}; list-style-type: {kind}")
    for item, number in zip(each.iterchildren("li"), numbers, strict=True):
        item.set("style", f"counter-increment: list-item {number - before}")
        before = number


def _number_footnotes(root: etree._Element) -> None:
    """Count the notes at the feet of pages from 1 in each entry, addresses among them."""
    numbers: dict[str, str] = {}
    for count, note in enumerate(root.iterfind(".//span[@data-number]"), start=1):
        note.set("data-number", str(count))
        numbers[f"#{note.get('id')}"] = str(count)
    for again in root.iterfind(".//a[@class='footnote-again']"):
        number = numbers.get(str(again.get("href")))
        if number is not None:
            again.text = number
            del again[:]


def _describe(picture: etree._Element, fallback: str) -> None:
    """Give a picture words that stand for it: PDF/UA-1, 7.3 wants them for every figure; and an
    icon its size."""
    if 0 < int(picture.get("width") or 0) <= ICON:  # the engine reads no width but that of CSS
        picture.set("style", f"width: {picture.get('width')}px")
    if (picture.get("alt") or "").strip():
        return
    caption = next(
        (figure.find(".//figcaption") for figure in picture.iterancestors("figure")), None
    )
    words = "" if caption is None else " ".join(tree.text_of(caption).split())
    # A name of 24 characters is our own for a picture and tells nobody anything.
    name = urlsplit(picture.get("src") or "").path.rsplit("/", maxsplit=1)[-1]
    title = (picture.get("title") or "").strip()
    picture.set("alt", words or title or (fallback if len(name) == 24 else f"{fallback}: {name}"))
