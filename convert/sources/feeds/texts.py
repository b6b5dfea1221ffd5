"""Text constructs (RFC 4287 §3.1), and which of them are an entry's content and summary."""

from __future__ import annotations

import base64
import binascii
import functools
import html
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lxml import etree

from convert.content import fields
from convert.content.parse import nontags
from convert.content.parse.plaintext import to_markup
from convert.content.vocabulary import HTML, KNOWN_HTML
from convert.sources.feeds import markup
from convert.sources.feeds.vocabulary import Parts, address, attribute

Note = Callable[[str, str], None]
"""Takes the name of an element and what is said of it."""

# In the order in which they count.
_TITLES = ("dc:title", "itunes:title")
SUBTITLES = (
    *("subtitle", "tagline", "description", "info", "abstract", "dc:description"),
    *("itunes:subtitle", "itunes:summary", "feedburner:browserfriendly"),
)
RIGHTS = ("rights", "copyright", "dc:rights")
_CONTENTS = ("content", "content:encoded", "fullitem", "xhtml:body", "body", "xhtml:div")
_SUMMARIES = ("summary", "excerpt:encoded", "description", "abstract")
_OTHERS = (
    *("dc:description", "dcterms:abstract", "itunes:summary", "itunes:subtitle"),
    "blogger:metadescription",
)

_KINDS = {
    "text": "text",
    "plain": "text",
    "text/plain": "text",
    "html": "html",
    "text/html": "html",
    "xhtml": "xhtml",
    "application/xhtml+xml": "xhtml",
}
_MARKUP = frozenset(("html", "xhtml"))
_MARKED = frozenset(("text", "html", "xhtml", "image/svg+xml", "application/mathml+xml"))
"""Types of which elements in the construct are the markup."""
_OF_HTML = frozenset(
    ("content:encoded", "excerpt:encoded", "fullitem", "description", "dc:description")
)
"""Elements that hold HTML where they do not say what they hold."""
_OF_XHTML = frozenset(("body", "xhtml:body", "xhtml:div"))
_TAG = re.compile(r"</?([A-Za-z][\w:-]*+)[^<>]*+>")
_ANY_TAG = re.compile(r"<(?P<name>/?[A-Za-z][^\s/<>]*+)(?P<rest>[^<>]*+)>")
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|(?P<open>\Z))|<(script|style)\b.*?(?:</\2\b[^>]*>|(?P<endless>\Z))",
    re.IGNORECASE | re.DOTALL,
)
_CLOSED = re.compile(r"</[A-Za-z]|<(?:br|hr|img|wbr)\b|&(?:#\w+|[A-Za-z]\w*);", re.IGNORECASE)
_BEGUN = re.compile(r"<[A-Za-z/!?]")
_SHOWN = re.compile(
    # A picture of one pixel counts readers.
    r"<img\b(?!(?=[^<>]*\swidth\s*=\s*[\"']?[01]\b)[^<>]*\sheight\s*=\s*[\"']?[01]\b)"
    r"|<(?:picture|video|audio|iframe|embed|object|svg|math|canvas|input)\b",
    re.IGNORECASE,
)
_SIGN = re.compile(r"[^\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]")
"""What a reader sees of a text."""
_SECTION = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_MOST_WRAPPED = 2
"""Sections in each other, in text that was escaped as well."""
_ALTERNATIVE = re.compile(r"<img\b[^<>]*?\salt\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')", re.IGNORECASE)
_BASE = re.compile(r"<base\b[^<>]*?\shref\s*=\s*[\"']([^\"'<>]+)", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_MOST_COMPARED = 20
"""Further texts that are looked for in the first one; in a feed there are one or two."""
_SAME = 0.8
"""The share of words that two texts have in common of which one is the other in another form."""


class Text(NamedTuple):
    """A text construct: "html", "xhtml" where it stands in the feed as elements, "text" or another
    type as stated; what references in it resolve against, and its language; whether tags in it
    are text for certain."""

    value: str
    type: str
    base: str | None = None
    language: str | None = None
    is_literal: bool = False

    @property
    def is_markup(self) -> bool:
        """Whether tags in it are tags."""
        return self.type in _MARKUP

    @property
    def line_type(self) -> str:
        """The type of it as a line: there what is called text may be HTML all the same."""
        if self.is_literal and fields.line(self.value) != fields.line(self.value, fields.LITERAL):
            return fields.LITERAL
        return self.type

    @property
    def words(self) -> list[str]:
        """The words that a reader sees."""
        return _WORD.findall(_seen(self.value, " ") if self.is_markup else self.value)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see, as in ``<p>&nbsp;</p>``."""
        if not self.is_markup:
            return not _SIGN.search(self.value)
        return not _SHOWN.search(self.value) and not _SIGN.search(_seen(self.value))


class Body(NamedTuple):
    """What an entry says: its content and its summary, either of which may be missing."""

    content: Text | None
    summary: Text | None


class Reader:
    """Reads the text constructs of an entry or a feed; ``note`` takes what is left out."""

    def __init__(self, parts: Parts, note: Note = lambda field, reason: None) -> None:
        self._parts = parts
        self._note = note

    def title(self) -> Text | None:
        """Return the title; one that is but a picture is what is said for that."""
        titles = [*self._texts(self._parts.in_order("title"))]
        if len({" ".join(each.words) for each in titles}) > 1:
            self._note("title", "there are several: the first is read")
        title = titles[0] if titles else self.first(_TITLES) or self._of_groups("media:title")
        if title is None or not title.is_markup or _seen(title.value):
            return title
        said = " ".join(each[1] or each[2] for each in _ALTERNATIVE.finditer(title.value))
        return title._replace(value=said) if said else None

    def line(self, names: Iterable[str]) -> str | None:
        """Return the first of these elements that says something as one line of plain text."""
        text = self.first(names)
        return (fields.line(text.value, text.line_type) or None) if text else None

    def first(self, names: Iterable[str]) -> Text | None:
        """Return the first of these elements that says something."""
        elements = ((name, each) for name in names for each in self._parts.all(name))
        return next(self._texts(elements), None)

    def body(self) -> Body:
        """Return what an entry says in its own elements; where these say nothing, what other
        vocabularies say of it.

        Of several contents the one in the language of the feed comes first, of these the one that
        is markup, of these the fullest; what others say beyond that follows it.  Of several
        summaries all but the shortest are content.
        """
        contents = [*self._texts(self._parts.in_order(*_CONTENTS))]
        summaries = [*self._texts(self._parts.in_order(*_SUMMARIES))]
        is_foreign = len({each.language for each in summaries}) > 1
        if not (contents or is_foreign):
            summaries.sort(key=lambda each: len(each.words))
        summary = summaries[0] if summaries else self.first(_OTHERS)
        if summary is None and not contents:
            # Of a film or a recording this is the text; of a picture in a text it is not.
            summary = self._of_groups("media:description")
        # Of summaries in several languages each is to be seen.
        others = summaries if is_foreign else summaries[1:]
        return Body(joined([*contents, *others], self._parts.language, self._note), summary)

    def _of_groups(self, name: str) -> Text | None:
        groups = map(self._parts.within, self._parts.all("media:group"))
        texts = (each.first((name,)) for each in (self, *map(Reader, groups)))
        return next((text for text in texts if text), None)

    def _texts(self, elements: Iterable[tuple[str, etree._Element]]) -> Iterator[Text]:
        for name, element in elements:
            alternatives = self._parts.within(element).all(name) if len(element) else ()
            if alternatives:  # Atom 0.3's multipart/alternative
                texts = [text for each in alternatives if (text := self._read(name, each))]
                yield from sorted(texts, key=lambda text: not text.is_markup)[:1]
            elif text := self._read(name, element):
                yield text

    def _read(self, name: str, element: etree._Element) -> Text | None:
        """Return what an element says; None where it says nothing that a text can show."""
        stated = attribute(element, "type").lower().partition(";")[0].strip()
        kind = _KINDS.get(stated, stated) or ("html" if name in _OF_HTML else "text")
        base, language = self._parts.base_of(element), self._parts.language_of(element)
        may_be_markup = self._parts.rss and not stated and not name.startswith("media:")
        if len(element) and (kind in _MARKED or name in _OF_XHTML or markup.is_shown(element[0])):
            value, kind = markup.inside(element, base, division=stated == "xhtml"), "xhtml"
        else:
            lines = (str(each).strip() for each in element.itertext())
            value = "\n".join(filter(None, lines))
            if _is_encoded(element, kind) and (decoded := _decoded(value)) is not None:
                try:
                    value, may_be_markup = decoded.decode().strip(), True
                except UnicodeDecodeError:
                    self._note(name, f"is of the type {kind[:40]} and no text: left out")
                    return None
            for _ in range(_MOST_WRAPPED):
                if value.startswith("<![CDATA[") and value.endswith("]]>"):
                    # Whoever wrote this meant XML to read it.
                    value = _SECTION.sub(r"\1", value).strip()
                    may_be_markup = not name.startswith("media:")
            if kind not in _KINDS.values() and not kind.startswith("text/"):
                kind = "text"
            if kind == "xhtml" or (kind == "text" and may_be_markup):
                kind = "html" if _looks_like_markup(value) else "text"
        if kind in _MARKUP and (stated_base := _BASE.search(value)):
            base = address(html.unescape(stated_base[1]), base or self._parts.home) or base
        text = Text(value, kind, base, language, kind == "text" and not may_be_markup)
        return None if text.is_empty else text


def joined(texts: list[Text], language: str | None, note: Note) -> Text | None:
    """Return one text for all, none of which says again what stands in it: first what is in the
    language of the feed, of that what is markup."""

    def rank(text: Text) -> tuple[bool, bool, int]:
        spoken, wanted = (tag and tag.partition("-")[0] for tag in (text.language, language))
        foreign = bool(spoken and wanted and spoken != wanted)
        return foreign, not text.is_markup, -len(text.words)

    if len(texts) < 2:
        return next(iter(texts), None)
    first, *others = sorted(texts, key=rank)
    words = first.words
    # Plain text spells out what markup has in its tags, such as addresses.
    whole, vocabulary = f" {' '.join(words)} ", {*words, *_WORD.findall(first.value)}
    pieces = [first]
    seen = {whole}
    for number, other in enumerate(others):
        words = other.words
        running = f" {' '.join(words)} "
        if running in seen or (number < _MOST_COMPARED and running in whole):
            continue
        seen.add(running)
        new = len(set(words) - vocabulary)
        if other.language == first.language and new <= (1 - _SAME) * len(set(words)):
            note("content", "is there in two forms; one is read")
        else:
            pieces.append(other)
    if len(pieces) == 1:
        return first
    divisions = []
    for text in pieces:
        value = text.value if text.is_markup else to_markup(text.value)
        tag = f'<div lang="{text.language}">' if text.language else "<div>"
        divisions.append(f"{tag}{value}</div>")
    return first._replace(value="".join(divisions), type="html")


def _seen(value: str, between: str = "") -> str:
    """Return the text of HTML, with that of which preparation says what becomes of it."""

    def ended(match: re.Match[str]) -> str:
        return match[0] if match["open"] is not None or match["endless"] is not None else ""

    def untagged(match: re.Match[str]) -> str:
        name, rest = match["name"].lower(), match["rest"]
        unknown = name.removeprefix("/") not in HTML
        return match[0] if unknown and nontags.is_text(name, rest, names()) else between

    @functools.cache
    def names() -> frozenset[str]:
        return nontags.written(value)

    return html.unescape(_ANY_TAG.sub(untagged, _UNSEEN.sub(ended, value))).strip()


def _is_encoded(element: etree._Element, kind: str) -> bool:
    """Tell whether a construct holds base64 (RFC 4287 §4.1.3.3; Atom 0.3's ``mode``)."""
    if attribute(element, "mode").lower() == "base64":
        return True
    is_text = kind in _KINDS.values() or kind.startswith("text/")
    return not is_text and not kind.endswith(("/xml", "+xml"))


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _looks_like_markup(value: str) -> bool:
    """Tell whether text is HTML that does not say so: what it has of tags are HTML's."""
    if not _CLOSED.search(value) or _BEGUN.search(_TAG.sub("", value)):
        return False
    return all(name.lower() in KNOWN_HTML for name in _TAG.findall(value))
