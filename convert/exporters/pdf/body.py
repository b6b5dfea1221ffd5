"""Bodies of entries for print: addresses as notes, citations with pages, code that fits.

Nothing here knows the engine that lays the pages out: the result is XHTML, classes and
``data-*`` attributes, and what they look like is the style sheet's.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Literal
from urllib.parse import urlsplit

from lxml import etree

from convert.content.views import View, element
from convert.entryset import EntrySet
from convert.exporters.outline import shown_address
from convert.exporters.pdf.code import break_lines, thin_out
from convert.model import Content, Entry
from convert.text.names import anchor
from convert.text.phrases import say

LinkStyle = Literal["notes", "footnotes", "inline", "none"]
MAX_SPAN = 100
"""Most columns or rows that a cell of a printed table spans; more is an attack or a slip."""
WIDE = 6
"""A table of more columns is set smaller."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Body:
    """The body of one entry, ready for the page.

    ``markup`` is XHTML without the root; ``notes`` the addresses that its numbers 1, 2, 3 …
    stand for.
    """

    markup: str
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Press:
    """How all bodies of one volume are set.  ``columns`` is the length of a line of code."""

    entries: EntrySet
    view: View
    links: LinkStyle
    columns: int

    def body(self, entry: Entry, content: Content) -> Body:
        """The body of one entry."""
        view = dataclasses.replace(self.view, prefix=prefix(entry))
        root = element(content, view)
        notes = _Notes(self.links)
        for pre in root.iter("pre"):
            thin_out(pre)
            break_lines(pre, self.columns)
        for table in list(root.iter("table")):
            _fit_table(table)
        for picture in list(root.iter("img")):
            _describe(picture, entry, self.entries.language)
        for drawing in list(root.iter("{*}svg")):
            _title(drawing, say(entry.language or self.entries.language, "image"))
        for link in list(root.iter("a")):
            self._set_link(link, entry, notes)
        _number_footnotes(root)
        for paragraph in root.iter("p"):
            if _is_picture(paragraph):
                paragraph.set("class", f"{paragraph.get('class') or ''} alone".strip())
        _fit_details(root)
        return Body(markup=inner(root), notes=tuple(notes.numbers))

    def simple(self, content: Content) -> Body:
        """The words of an entry in plain blocks, for the engine that cannot set its body."""
        root = etree.Element("div")
        for line in content.text.split("\n"):
            words = (word[at : at + LONGEST] for word in line.split() for at in _cuts(word))
            for block in _blocks(words):
                etree.SubElement(root, "p").text = block
        return Body(markup=inner(root))

    def _set_link(self, link: etree._Element, entry: Entry, notes: _Notes) -> None:
        href = link.get("href") or ""
        if not "".join(map(str, link.itertext())).strip() and link.find(".//img") is None:
            _unwrap(link)
        elif href.startswith("entry:"):
            key, _, fragment = href.removeprefix("entry:").partition("#")
            self._set_citation(link, entry, key, fragment)
        elif href and not href.startswith("#"):
            notes.set(link, href)

    def _set_citation(self, link: etree._Element, entry: Entry, key: str, fragment: str) -> None:
        language = entry.language or self.entries.language
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
            volume = self.entries.elsewhere[key].volume.title
            where = etree.Element("span")
            where.set("class", "elsewhere")
            where.text = f" ({say(language, 'in_volume', volume=volume)})"
            _put_after(link, where)
        else:
            _unwrap(link)


LONGEST = 60
"""Characters of a word in a plain block: what has none to break at stalls line breaking."""
BLOCK = 400
"""Words of a plain block: line breaking takes more than twice as long for twice the text."""


def _cuts(word: str) -> range:
    return range(0, len(word), LONGEST)


def _blocks(words: Iterable[str]) -> Iterator[str]:
    waiting = iter(words)
    while block := " ".join(itertools.islice(waiting, BLOCK)):
        yield block


def entry_citation(key: str, fragment: str) -> str | None:
    """For ``View.citation``: leaves citations as they are, for ``Press`` to set."""
    return f"entry:{key}" + (f"#{fragment}" if fragment else "")


def prefix(entry: Entry) -> str:
    """What stands before the ids of an entry's body; no other entry has it."""
    return anchor(entry.key) + "."


def inner(root: etree._Element) -> str:
    """The markup between the tags of the root."""
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    return text[text.index(">") + 1 : text.rindex("<")] if text.endswith(f"</{root.tag}>") else ""


class _Notes:
    """The addresses of one entry, each numbered once, and the marks in its text."""

    def __init__(self, style: LinkStyle) -> None:
        self.numbers: dict[str, int] = {}
        self._marks: dict[LinkStyle, Callable[[str], etree._Element | None]] = {
            "notes": self._number,
            "footnotes": self._footnote,
            "inline": self._inline,
            "none": lambda address: None,
        }
        self._style = style

    def set(self, link: etree._Element, address: str) -> None:
        words = "".join(map(str, link.itertext())).strip()
        if shown_address(words) == shown_address(address):
            return  # the text says it already
        style = self._style
        if style == "footnotes" and _stands_in(link, _NO_FOOTNOTES):
            style = "notes"
        mark = self._marks[style](address)
        if mark is not None:
            _put_after(link, mark)

    def _number(self, address: str) -> etree._Element:
        number = self.numbers.setdefault(address, len(self.numbers) + 1)
        mark = etree.Element("sup")
        mark.set("class", "n")
        mark.text = str(number)
        return mark

    def _footnote(self, address: str) -> etree._Element:
        mark = etree.Element("span")
        mark.set("class", "footnote address")
        mark.set("data-number", "")
        mark.text = shown_address(address)
        return mark

    def _inline(self, address: str) -> etree._Element:
        mark = etree.Element("span")
        mark.set("class", "address")
        mark.text = f" ({shown_address(address)})"
        return mark


# A footnote inside one of these would be set twice, or inside another footnote.
_NO_FOOTNOTES = frozenset({"h3", "h4", "h5", "h6", "caption", "figcaption", "td", "th", "li"})


def _stands_in(link: etree._Element, tags: frozenset[str]) -> bool:
    return any(
        above.tag in tags or "footnote" in (above.get("class") or "")
        for above in link.iterancestors()
    )


def _is_picture(paragraph: etree._Element) -> bool:
    """Whether a paragraph holds one picture and no words."""
    if "".join(map(str, paragraph.itertext(*_NOT_DRAWN))).strip():
        return False
    return sum(1 for _ in paragraph.iter("img", "{*}svg")) == 1


_NOT_DRAWN = ("p", "a", "span", "em", "strong", "b", "i")


def _number_footnotes(root: etree._Element) -> None:
    """The notes at the feet of pages count from 1 in each entry, addresses among them."""
    numbers: dict[str, str] = {}
    for count, note in enumerate(root.iterfind(".//span[@data-number]"), start=1):
        note.set("data-number", str(count))
        numbers[f"#{note.get('id')}"] = str(count)
    for again in root.iterfind(".//a[@class='footnote-again']"):
        number = numbers.get(str(again.get("href")))
        if number is not None:
            again.text = number
            del again[:]


def _describe(picture: etree._Element, entry: Entry, language: str) -> None:
    """PDF/UA-1 7.3: every figure has words that stand for it."""
    if (picture.get("alt") or "").strip():
        return
    caption = next(
        (figure.find(".//figcaption") for figure in picture.iterancestors("figure")), None
    )
    words = "" if caption is None else " ".join("".join(map(str, caption.itertext())).split())
    name = urlsplit(picture.get("src") or "").path.rsplit("/", maxsplit=1)[-1]
    spoken = say(entry.language or language, "image")
    title = (picture.get("title") or "").strip()
    picture.set("alt", words or title or (spoken if len(name) == 24 else f"{spoken}: {name}"))


def _title(drawing: etree._Element, fallback: str) -> None:
    """A drawing's words as its ``<title>``, which the tags are made from."""
    if drawing.find("{*}title") is None:
        title = etree.Element(etree.QName(etree.QName(drawing).namespace, "title"))
        title.text = drawing.get("aria-label") or fallback
        drawing.insert(0, title)


def _fit_table(table: etree._Element) -> None:
    """A head that repeats from page to page, spans within reason, a class for wide ones."""
    widest = 0
    for row in table.iter("tr"):
        columns = 0
        for cell in row:
            for name in ("colspan", "rowspan"):
                value = cell.get(name)
                if value is not None:
                    cell.set(name, str(max(1, min(MAX_SPAN, int(value) if value.isdigit() else 1))))
            columns += int(cell.get("colspan") or 1)
        widest = max(widest, columns)
    if widest > WIDE:
        table.set("class", f"{table.get('class') or ''} wide".strip())
    first = next(table.iter("tr"), None)
    if table.find("thead") is None and first is not None and _is_head(first):
        head = etree.Element("thead")
        above = first.getparent()
        if above is not None:
            table.insert(_place_of_head(table), head)
            head.append(first)
            if above is not table and not len(above):
                table.remove(above)


def _is_head(row: etree._Element) -> bool:
    return len(row) > 0 and all(cell.tag == "th" and not cell.get("rowspan") for cell in row)


def _place_of_head(table: etree._Element) -> int:
    return sum(1 for each in table if each.tag in ("caption", "colgroup", "col"))


def _fit_details(root: etree._Element) -> None:
    """A page folds nothing: what folds stands open, under its summary as a line."""
    for details in root.iter("details"):
        details.tag = "div"
        details.set("class", "details")
    for summary in root.iter("summary"):
        summary.tag = "p"
        summary.set("class", "summary")


def _put_after(link: etree._Element, mark: etree._Element) -> None:
    mark.tail, link.tail = link.tail, None
    link.addnext(mark)


def _unwrap(link: etree._Element) -> None:
    """A link that leads nowhere or says nothing stays as the place of its id."""
    for name in link.attrib:
        if name != "id":
            del link.attrib[name]
    link.tag = "span"
