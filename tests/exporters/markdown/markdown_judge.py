"""Markdown as its readers see it: rendered, then parsed as a browser does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import html5lib
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

_ACTIVE = (
    "script iframe object embed form input button textarea select meta link base style frame"
    " frameset applet audio video svg"
)
ACTIVE = frozenset(_ACTIVE.split())
ADDRESSES = ("href", "src", "cite", "action", "formaction", "poster", "srcset", "xlink:href")


@lru_cache(maxsize=2)
def reader(*, extended: bool) -> MarkdownIt:
    """CommonMark as it stands, which takes front matter for text, or with the extensions that
    our files use.  Trusts every address: it is for the files to hold none that act."""
    made = MarkdownIt("commonmark", {"html": True})
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    if extended:
        made.enable(["table", "strikethrough"]).use(footnote_plugin).use(front_matter_plugin)
        made.use(dollarmath_plugin, allow_space=True, allow_digits=False, double_inline=True)
    return made


def page(markdown: str, *, extended: bool = True) -> Any:
    """The tree that a browser makes of the rendered file."""
    return html5lib.parse(
        reader(extended=extended).render(markdown), treebuilder="lxml", namespaceHTMLElements=False
    )


def active(markdown: str) -> list[str]:
    """What in a file would act, read in either way."""
    return [
        problem
        for extended in (False, True)
        for problem in _active(page(markdown, extended=extended))
    ]


def acting(markup: str) -> list[str]:
    """What in a piece of HTML would act."""
    return list(_active(html5lib.parse(markup, treebuilder="lxml", namespaceHTMLElements=False)))


def acting_in_page(markup: str) -> list[str]:
    """What would act in a page that a program made of Markdown, but for what it adds itself."""
    # A tree holds no control characters, not even those that a browser would take.
    readable = re.sub(r"&#(\d+|[xX][0-9a-fA-F]+);?", _readable, markup)
    readable = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", "", readable)
    tree = html5lib.parse(readable, treebuilder="lxml", namespaceHTMLElements=False)
    return list(_active(tree.find(".//body"), rendered=True))


def _readable(reference: re.Match[str]) -> str:
    number = reference[1]
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    return "" if code < 0x20 and code not in {9, 10, 13} else reference[0]


def _active(tree: Any, *, rendered: bool = False) -> Iterator[str]:
    # A program sets the columns of tables.
    allowed = "(?:https?|ftp|gopher|irc|mailto|news|tel|xmpp):"
    columns = r"(?:(?:text-align|width): ?[\w%.]+;?\s*)+" if rendered else "(?!)"
    for each in tree.iter():
        if not isinstance(each.tag, str):
            continue
        if each.tag in ACTIVE:
            yield f"<{each.tag}>"
        for name, value in each.attrib.items():
            address = re.sub(r"[\x00-\x20]", "", value).lower()
            styled = name == "style" and not re.fullmatch(columns, value)
            if str(name).startswith("on") or name == "srcdoc" or styled:
                yield f"{each.tag} {name}"
            if name in ADDRESSES and re.match(rf"(?!{allowed})[a-z][a-z0-9+.-]*:", address):
                yield f"{each.tag} {name}={value}"


def words(markdown: str) -> str:
    """The text of the rendered file and the alt texts of its pictures, without white space."""
    tree = page(markdown)
    body = tree.find(".//body") if tree.getroot().tag != "body" else tree
    return squeezed(" ".join(_texts(body)))


def squeezed(text: str) -> str:
    """The text without white space: it may be laid out anew."""
    return "".join(text.split())


def _texts(each: Any) -> Iterator[str]:
    if each.get("aria-hidden") == "true":
        return
    if each.tag == "img":
        yield each.get("alt") or ""
    if each.text:
        yield each.text
    for child in each:
        if isinstance(child.tag, str):
            yield from _texts(child)
        if child.tail:
            yield child.tail


EVIL = re.compile("evil", re.I)
_TEXTS = {"alt", "title"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "section", "main"}


def evils(markup: str) -> list[str]:
    """What of an attack (called ``evil``) has become more than text in a rendered page."""
    tree = html5lib.parse(markup, treebuilder="lxml", namespaceHTMLElements=False)
    body = tree.find(".//body")
    found = [
        f"<script> {each.text}" for each in tree.iter("script") if EVIL.search(each.text or "")
    ]
    for each in body.iter():
        if not isinstance(each.tag, str):
            if EVIL.search(each.text or ""):
                found.append(f"<!--{each.text}-->")
            continue
        if EVIL.search(each.tag):
            found.append(f"<{each.tag}>")
        found += (
            f"{each.tag} {name}={value}"
            for name, value in each.attrib.items()
            if _is_evil(each.tag, str(name), value)
        )
    return [*found, *_active(body, rendered=True)]


def _is_evil(tag: str, name: str, value: str) -> bool:
    if EVIL.search(name):
        return True
    if not EVIL.search(value) or name in _TEXTS:
        return False
    # The addresses of the attacks are meant to be links; a heading's id is made of its words.
    if name == "data-cites":  # pandoc's mark of what could be a citation, in a title
        return tag != "span"
    if name in {"href", "src"}:
        return not re.match(r"https?://|mailto:|#|\.\./|[\w/%.-]+$", value)
    return not (name == "id" and tag in _HEADINGS and value != "evilid")


def letters(markup: str) -> str:
    """The letters and digits of a page's text and of the alternatives to its pictures: what no
    program may take away, however it sets quotes and dashes."""
    tree = html5lib.parse(markup, treebuilder="lxml", namespaceHTMLElements=False)
    return "".join(re.findall(r"[A-Za-z0-9]", " ".join(_texts(tree.find(".//body")))))
