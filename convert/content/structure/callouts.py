"""Callouts, the boxes that say "note" or "warning", in the dialects of real blogs.

Sphinx, Docutils, MkDocs, Docusaurus, Asciidoctor (``admonition``); GitHub (``markdown-alert``,
and ``[!NOTE]`` where nothing has read it); Obsidian, Quarto, Ghost, Notion, Substack (``callout``);
Bootstrap and themes of Hugo and Jekyll (``alert``, ``notice``, ``hint``); VitePress, Starlight,
Confluence, Zenn, Qiita.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from lxml import etree

from convert.content.draft import Draft
from convert.content.tree import (
    classes,
    drop,
    drop_all,
    is_bare,
    is_blank,
    lone,
    move_content,
    new,
    rename,
    selector,
    text_of,
    unwrap,
)
from convert.content.vocabulary import HEADINGS, names

_WORDS_OF = {
    "note": "note info information notice message primary secondary light dark abstract summary"
    " tldr seealso example quote cite todo question help faq",
    "tip": "tip tips hint success check done idea positive",
    "important": "important",
    "warning": "warning warn attention alert",
    "caution": "caution danger error failure fail missing bug critical negative",
}
KINDS = {word: kind for kind, text in _WORDS_OF.items() for word in text.split()}
"""GitHub's five kinds, by the words that platforms have for them."""
_SURE = names(
    "admonition theme-admonition admonitionblock markdown-alert kg-callout-card callout-block"
    " custom-block hint-container starlight-aside confluence-information-macro mdbook-alerts"
    " hextra-callout nextra-callout book-hint blockquote-tag gb-block-notice rspress-directive"
    " notion-callout attention-header notecard"
)
"""Classes of nothing but callouts."""
_NEEDING_KIND = names(
    "callout bs-callout alert hint notice notices note msg message custom-container aui-message"
    " mw-message-box"
)
"""Classes that are those of callouts where another says of which kind."""
_BARE = names("note tip important warning caution attention danger hint seealso")
"""Classes that are enough alone (Docutils, Org, pandoc), unless all of the text stands inside."""
_COMPOUND = re.compile(
    rf"(?:notice|callout|alert|admonition|admonish|attention|hint|prompt)[-_]+(?:{'|'.join(KINDS)})"
)
"""Kinds in one word with what they are kinds of: ``notice--info``, ``prompt-tip``."""
_LOOK = re.compile(
    "admoni|alert|callout|notice|hint|note|tip|important|warning|caution|attention|danger|seealso"
    "|notecard|custom-|aside|macro|msg|message|panel|prompt|blockquote-tag|rspress|success|info"
)
_PARTS = re.compile(r"[-_]+")
_TITLE = re.compile(
    r"(?:^|[-_])(?:title|heading|header|label|title-(?:inner|container)|panelheader)$"
    r"|^admonitionheading_\w+$"
)
_NO_TITLES = names("aside blockquote ul ol dl table pre details")
_ICON = re.compile(r"icon|fold|toggle|anchor")
_UNSEEN = re.compile(r"screen-?reader|sr-only|visually-?hidden")
_MARK = re.compile(r"\s*\[!([A-Za-z][\w-]{0,30})(?:\|[^\]\n]{0,100})?\][+-]?(?=\s|$)[ \t]*")
_LEADING = 12
"""Characters of what stands for itself before the words of a callout, such as an emoji."""

_boxes = selector(
    "descendant::*[@class][self::div or self::aside or self::section or self::figure or self::p"
    " or self::blockquote]"
)
_written = cast(
    "Callable[[etree._Element], list[str]]", etree.XPath(".//text()[not(ancestor::svg)]")
)
_quotes = selector("descendant::blockquote[contains(., '[!')]")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make every callout ``<aside class="callout-KIND">``, its title ``<p class="callout-title">``
    with ``<strong>`` inside."""
    if not any(map(_LOOK.search, draft.called)):
        return
    for box in _boxes(tree):
        if _LOOK.search(box.get("class", "").lower()) and (kind := _kind(box)):
            settle(box, kind)


def mark_signs(tree: etree._Element) -> None:
    """Make callouts of the quotes of an arranged tree that begin with the sign of one."""
    for quote in _quotes(tree):
        read_sign(quote)
    for box in list(tree.iter("aside")):
        inner = lone(box)
        if inner is not None and inner.tag == "aside" and box.get("class") and inner.get("class"):
            unwrap(box)  # of two callouts that are one, the inner one


def _kind(box: etree._Element) -> str | None:
    """Return which of the five kinds of callout an element is; None for anything else."""
    words = classes(box)
    kinds = [
        KINDS[last]
        for word in words
        if word not in _NEEDING_KIND and word not in _SURE
        if (last := _PARTS.split(word)[-1]) in KINDS
    ]
    # "theme-admonition-tip alert--success": what colours it may say less.
    kind = next((each for each in kinds if each != "note"), "note")
    if (stated := box.get("data-callout") or box.get("data-callout-type")) is not None:
        return KINDS.get(stated.strip().lower(), kind)
    kind = KINDS.get(box.get("data-type", "").strip().lower(), kind)
    sure = not _SURE.isdisjoint(words) or any(map(_COMPOUND.fullmatch, words))
    if sure or (kinds and len(words) > 1 and not _NEEDING_KIND.isdisjoint(words)):
        return kind
    if box.tag == "aside":
        return next((KINDS[word] for word in reversed(words) if word in KINDS), None)
    return None if box.tag == "p" else kind_by_look(box)


def kind_by_look(box: etree._Element) -> str | None:
    """Return the kind of a box whose class is used for much else, too: one with a title, or with
    a class of its own; what stands around the whole text is none."""
    words = classes(box)
    titled = _find_title(box) is not None
    if "callout" in words or "panel" in words:
        return "note" if box.tag == "figure" or titled else None
    bare = next((KINDS[word] for word in words if word in _BARE), None)
    alone = len(words) == 1 and not (box.get("id") or box.get("role"))
    return bare if (alone or titled) and not holds_all(box) else None


def holds_all(box: etree._Element) -> bool:
    """Tell whether there is no text but that in a box."""
    above = box.getparent()
    while above is not None and is_blank(above.text) and lone(above) is not None:
        if not is_blank(box.tail):
            return False
        box, above = above, above.getparent()
    return above is None


def _find_title(box: etree._Element) -> etree._Element | None:
    """Return the element before all other text that says what a box is called."""
    for each in box.iterdescendants():
        if each.tag in HEADINGS or any(map(_TITLE.search, classes(each))):
            return each if text_of(each).strip() else None
        if each.tag == "p" or (each.tag == "div" and not is_blank(each.text)):
            words = "".join(_written(each)).strip(" :!.\n").lower()
            return each if words in KINDS and is_blank(each.tail) else None
        if each.tag in _NO_TITLES or not (is_blank(each.text) and is_blank(each.tail)):
            return None
    return None


def settle(box: etree._Element, kind: str) -> None:
    """Give a callout its form: the title first, no icon."""
    inner = lone(box)
    if inner is not None and is_blank(box.text) and is_blank(inner.tail) and _kind(inner):
        unwrap(box)  # two classes of one callout, each with an element of its own
        return
    said = box.get("aria-label") or ""
    if "admonitionblock" in classes(box):
        said = open_table(box) or said
    rename(box, "aside")
    box.set("class", f"callout-{kind}")
    title = _find_title(box)
    if title is not None:
        _put_title(box, title)
    elif said.strip():
        _put_title(box, new("p", said.strip()))
    drop_all(
        box,
        [
            each
            for each in box.iterdescendants("i", "div", "span", "button")
            if _ICON.search(each.get("class") or "")
            and not text_of(each).strip()
            and next(each.iter("img"), None) is None
        ],
    )
    join_sign(box)


def open_table(box: etree._Element) -> str:
    """Leave what is in the two cells of Asciidoctor's table; return what its icon is called."""
    table = next(box.iter("table"), None)
    cells = [] if table is None else list(table.iter("td"))[:2]
    if table is None or len(cells) < 2 or "icon" not in classes(cells[0]):
        return ""
    icon = next(cells[0].iter("i", "img"), None)
    said = "" if icon is None else icon.get("title") or icon.get("alt") or ""
    if text_of(cells[0]).strip():
        said = ""
    for cell in cells:
        if said and cell is cells[0]:
            continue
        cell.tag = "div"
        table.addprevious(cell)
    drop(table)
    return said


def _put_title(box: etree._Element, title: etree._Element) -> None:
    """Put the words of an element first in a box, as its title."""
    drop_icons(title)
    heading = new("p", class_="callout-title")
    for name in ("id", "lang", "dir"):
        if value := title.get(name):
            heading.set(name, value)
    strong = etree.SubElement(heading, "strong")
    etree.strip_tags(title, "p", "div", "strong", "b", *HEADINGS)
    move_content(title, strong)
    strong.text = (strong.text or "").lstrip() or None
    if title.getparent() is not None:
        title.tail = (title.tail or "").lstrip()  # "Note: text"
        drop(title)
    box.insert(0, heading)
    heading.tail, box.text = box.text, None


def drop_icons(title: etree._Element) -> None:
    """Take away what is drawn beside a title, and what says for those who only hear what it is."""
    words = "".join(_written(title)).strip()
    going = []
    for each in title.iterdescendants("svg", "img", "i", "div", "span", "button", "a"):
        text = text_of(each).strip()
        called, alt = each.get("class") or "", (each.get("alt") or "").strip(" []").lower()
        unseen = text != words and _UNSEEN.search(called)
        is_icon = _ICON.search(called) or (each.tag == "img" and (not alt or alt in KINDS))
        tells = next(each.iter("img"), None) is not None and not is_icon
        if words and (each.tag == "svg" or unseen or not (text or tells)):
            going.append(each)
    drop_all(title, going)


def join_sign(box: etree._Element) -> None:
    """Put a sign that stands in a block of its own before the words of the next (Ghost, Notion)."""
    first = next((each for each in box if each.get("class") != "callout-title"), None)
    if first is None or first.tag not in {"div", "span"} or not is_blank(first.tail):
        return
    sign, following = text_of(first).strip(), first.getnext()
    if not sign or len(sign) > _LEADING or any(map(str.isalnum, sign)) or following is None:
        return
    while following.tag in {"div", "p"} and is_blank(following.text) and not is_bare(following):
        if following[0].tag not in {"div", "p"}:
            break
        following = following[0]
    if following.tag in {"div", "p"}:
        following.text = f"{sign} {(following.text or '').lstrip()}"
        drop(first)


def read_sign(quote: etree._Element) -> None:
    """Make a callout of a quote that begins with ``[!NOTE]`` or ``[!tip]- Title``."""
    first = quote[0] if is_blank(quote.text) and not is_bare(quote) else quote
    sign = _MARK.match(first.text or "")
    if sign is None or first.tag != "p":
        return
    title = etree.Element("span")
    first.text = (first.text or "")[sign.end() :]
    cut_line(first, title)
    if not text_of(title).strip():
        title.text = sign[1].replace("-", " ").capitalize()
    rename(quote, "aside")
    quote.set("class", f"callout-{KINDS.get(sign[1].lower(), 'note')}")
    first.text = (first.text or "").lstrip()
    if is_bare(first) and not first.text:
        drop(first)
    _put_title(quote, title)


def cut_line(holder: etree._Element, line: etree._Element) -> None:
    """Move what stands before the first end of a line to another element."""
    before, ended, after = (holder.text or "").partition("\n")
    line.text, holder.text = before, after
    while not ended and len(holder):
        child = holder[0]
        tail, child.tail = child.tail or "", None
        if child.tag == "br":
            drop(child)
            holder.text = tail.lstrip("\n")
            return
        line.append(child)
        child.tail, ended, holder.text = tail.partition("\n")
