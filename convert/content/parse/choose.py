"""Which of an entry's fields is its body, and what kind of markup that is."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from lxml import etree

from convert.content.draft import Draft, Note, note_nothing
from convert.content.parse import markdown
from convert.content.parse.parse import read_xhtml, tidy
from convert.content.parse.plaintext import to_markup
from convert.model import StoredEntry

_KINDS = {
    "html": "html",
    "text/html": "html",
    "xhtml": "xhtml",
    "application/xhtml+xml": "xhtml",
    "text": "text",
    "text/plain": "text",
    "plain": "text",
    "markdown": "markdown",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
}
_TAG = re.compile(r"<[A-Za-z/!?]")
_ESCAPED = re.compile(r"\s*&(?:amp;)?(?:lt|#60|#x3c);[A-Za-z!]", re.IGNORECASE)
_WHOLE = re.compile(
    r"\s*<(?:!doctype|!--|(?:article|div|section|p|h[1-6]|ul|ol|table|blockquote|figure|pre"
    r"|a|img|span|strong|em|b|i|font|center|html|body|br|hr)\b)",
    re.IGNORECASE,
)
_CDATA = re.compile(r"\s*<!\[CDATA\[(.*)\]\]>\s*", re.DOTALL)


class Chosen(NamedTuple):
    """The field that is the body: its markup, its type as stored, and its name."""

    markup: str
    kind: str
    field: str


def choose(stored: StoredEntry) -> Chosen:
    """Return the content; the summary where there is none; else an empty text."""
    if stored.content and stored.content.strip():
        return Chosen(stored.content, stored.content_type, "content")
    if stored.summary and stored.summary.strip():
        return Chosen(stored.summary, stored.summary_type, "summary")
    return Chosen("", "text", "content")


def read(chosen: Chosen, draft: Draft) -> etree._Element:
    """Return the tree of a body of any type, and note its markup in the draft; an unknown type is
    read as text, with a warning."""
    kind = kind_of(chosen.kind)
    if kind is None:
        draft.warn(
            f"{chosen.field}_type",
            f"{chosen.kind[:40]!r} is not known; read as plain text (known are text, html,"
            " xhtml, markdown)",
        )
    markup = to_xhtml(chosen.markup, kind or "text", draft.note)
    draft.markup = markup.lower()
    return read_xhtml(markup)


def kind_of(media_type: str) -> str | None:
    """Return "html", "xhtml", "markdown" or "text" for a type as stored; None for another."""
    return _KINDS.get(media_type.partition(";")[0].strip().lower())


def to_xhtml(markup: str, kind: str, note: Note = note_nothing) -> str:
    """Return as ``tidy`` does markup of a known kind: "html", "xhtml", "markdown" or "text"."""
    if kind == "text":
        return tidy(to_markup(markup), note)
    if kind == "markdown":
        return tidy(markdown.render(markup), note)
    if kind == "xhtml":
        return tidy(markup, note, xml=True)
    if whole := _CDATA.fullmatch(markup):
        markup = whole[1]
    if not _TAG.search(markup):
        text = html.unescape(markup)
        if _ESCAPED.match(markup):
            # Markup that was escaped once (or twice) too often, unless it is text about markup.
            plain = text if _WHOLE.match(text) else html.unescape(text)
            if _WHOLE.match(plain) and plain.rstrip().endswith(">"):
                return tidy(plain, note)
        return tidy(to_markup(text), note)
    return tidy(markup, note)
