"""Links of a heading to itself, which are there to be copied."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import cast
from urllib.parse import unquote

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.furniture.rule import (
    READ_ALOUD,
    Rule,
    drop_tidily,
    is_silent,
    text_without,
    words_of,
)
from convert.content.tree import inside, is_blank, selector, text_of, unwrap_all
from convert.content.vocabulary import names
from convert.text.addresses import absolute, same_address_key

_SIGNS = frozenset("#¶§🔗⚓🖇📎🔖∞☍⛓¤»→↩ \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f")
"""Signs that stand for a link, and what may stand beside them."""
_CLASSES = names(
    "headerlink header-link heading-link heading-anchor header-anchor headeranchor-link anchor"
    " anchorjs-link anchor-link anchorlink anchor-heading anchor-icon hash-link hashlink permalink"
    " permalink-widget heading-permalink heading__anchor heading-hash toc-anchor toclink"
    " sl-anchor-link subheading-anchor deep-link deeplink direct-link docs-anchor octicon-link"
    " self-link section-link quarto-xref-anchor hanchor td-heading-self-link hx-anchor"
    " subject-anchor autolink autolink-heading anchor-before anchor-after title-anchor"
)
_SAYS_SO = re.compile(
    r"(?:#\s*)?(?:[\w\s-]+ permalink\Z|perma(?:nent[ -])?link|(?:direct|copy) link\b"
    r"|(?:copy )?link to (?:this|section)\b|section titled\b)",
    re.IGNORECASE,
)
"""What only such a link says."""
_MAY_SAY = re.compile(r"(?:#\s*)?(?:link|anchor|chain|copy|navigate|jump)\b", re.IGNORECASE)
"""What it may say where something else tells that it is one."""
_FEED = re.compile(r"(?:feed|rss|atom|index|news)(?:\.\w+)?/?$|\.(?:xml|rss|atom|rdf)$", re.I)
_HOLDERS = (*v.HEADINGS, "dt", "caption", "figcaption", "summary", "legend")
_LONGEST = 400
"""Characters of a line that a link for copying stands beside."""
_boxes = selector("//*[@role='heading' or ((self::div or self::p or self::span) and @class)]")
_linked = selector(".//a[contains(@href, '#')]")
_BOX = re.compile(r"\b(?:heading|caption|rubric)\b", re.IGNORECASE)


@dataclasses.dataclass
class _Place:
    """A heading, or another line that may have a link to itself."""

    words: str
    """Its letters and digits."""
    ids: frozenset[str]
    """The ids that lead to it."""


class _Body:
    """What tells where the links of a body lead."""

    def __init__(self, tree: etree._Element, draft: Draft) -> None:
        self.ids = frozenset(map(str, cast("list[str]", tree.xpath("//@id | //a/@name"))))
        self.base = draft.base
        self._own: dict[str, bool] = {}

    def leads_here(self, anchor: etree._Element, place: _Place) -> bool:
        """Tell whether a link leads to what it stands in."""
        address, _, fragment = anchor.get("href", "").strip().partition("#")
        if address and not self.is_own(address):
            return False
        if not place.ids.isdisjoint({fragment, unquote(fragment)}):
            return True
        if not self.ids.isdisjoint({fragment, unquote(fragment)}):
            return False
        words = _letters(text_of(anchor))
        slug = _letters(unquote(fragment))
        is_slug = bool(slug) and (slug in place.words or place.words in slug)
        return is_slug or words != place.words or not _CLASSES.isdisjoint(words_of(anchor))

    def is_own(self, address: str) -> bool:
        """Tell whether an address is that of the entry's page, or of its feed."""
        if address not in self._own:
            whole, base = absolute(address, self.base), self.base
            own = whole is not None and base is not None
            if own and same_address_key(str(whole)) != same_address_key(str(base)):
                same_host = str(base).split("/")[2:3] == str(whole).split("/")[2:3]
                own = same_host and _FEED.search(str(whole).partition("?")[0]) is not None
            self._own[address] = own
        return self._own[address]


def find_signs(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield the links beside the words of a heading that lead to it and say nothing."""
    body: _Body | None = None
    for holder in holders(tree):
        links = [*_linked(holder), *beside(holder)]
        if not links:
            continue
        body = body or _Body(tree, draft)
        place = _place(holder, links)
        for anchor in links:
            if is_sign(anchor) and body.leads_here(anchor, place):
                yield anchor


def find_whole(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield the links to a heading itself that are around all its words."""
    body: _Body | None = None
    for heading in tree.iter(*v.HEADINGS):
        links = _linked(heading)
        if links and _letters(text_of(links[0])):
            body = body or _Body(tree, draft)
            place = _place(heading, links)
            is_whole = _letters(text_of(links[0])) == place.words
            if is_whole and body.leads_here(links[0], place):
                yield links[0]


def take_signs(tree: etree._Element, anchors: Iterable[etree._Element]) -> None:
    """Drop the links; what their headings are called by stays on the headings."""
    anchors = list(anchors)
    _name_headings(tree, anchors)
    drop_tidily(tree, anchors)


def take_whole(tree: etree._Element, anchors: Iterable[etree._Element]) -> None:
    """Unwrap the links; what their headings are called by stays on the headings."""
    anchors = list(anchors)
    _name_headings(tree, anchors)
    unwrap_all(tree, anchors)


def holders(tree: etree._Element) -> Iterator[etree._Element]:
    """Yield headings, and what else has such links: terms, captions, boxes around a heading."""
    yield from tree.iter(*_HOLDERS)
    for each in _boxes(tree):
        is_box = each.get("role") == "heading" or _BOX.search(each.get("class", ""))
        if is_box and not inside(each, *v.HEADINGS) and len(text_of(each)) < _LONGEST:
            yield each


def beside(holder: etree._Element) -> list[etree._Element]:
    """Return the links directly before and after a heading that only copy its address."""
    near = (holder.getprevious(), holder.getnext()) if holder.tag in v.HEADINGS else ()
    return [
        each
        for each in near
        if each is not None and each.tag == "a" and not _CLASSES.isdisjoint(words_of(each))
    ]


def _place(holder: etree._Element, links: list[etree._Element]) -> _Place:
    near = [*holder.iter(), *links, *holder.iterancestors(), holder.getprevious()]
    called = [each.get("id") or each.get("name") for each in near if each is not None]
    ids = frozenset(str(each).removeprefix("user-content-") for each in called if each)
    return _Place(_letters(text_of(holder)), ids.union(f"user-content-{each}" for each in ids))


def is_sign(anchor: etree._Element) -> bool:
    """Tell whether a link shows a sign or an icon, and what it says is for reading aloud."""
    if inside(anchor, "sup") or anchor.get("role") == "doc-noteref":
        return False
    is_known = not _CLASSES.isdisjoint(words_of(anchor))
    drawn = list(anchor.iter("svg"))
    if _SIGNS.issuperset(text_without(anchor, drawn)):
        alt = " ".join(each.get("alt", "") for each in anchor.iter("img")).strip()
        label = alt or f"{anchor.get('aria-label', '')} {anchor.get('title', '')}".strip()
        is_icon = next(anchor.iter("svg", "img", "i", "span"), None) is not None
        if alt and not (is_known or _SIGNS.issuperset(alt)):
            return _says_so(alt)
        return is_known or is_icon or not is_blank(text_of(anchor)) or _says_so(label)
    spoken = [each for each in anchor.iter() if not READ_ALOUD.isdisjoint(words_of(each))]
    if spoken and anchor not in spoken and _SIGNS.issuperset(text_without(anchor, spoken + drawn)):
        return True
    text = text_of(anchor).strip()
    return bool(_SAYS_SO.match(text)) or bool(
        _MAY_SAY.match(text) and len(text) < _SHORT and (is_known or is_silent(anchor))
    )


_SHORT = 20
"""Characters of a label that is no heading itself."""


def _says_so(label: str) -> bool:
    return _SAYS_SO.match(label) is not None or _MAY_SAY.match(label) is not None


def _name_headings(tree: etree._Element, anchors: list[etree._Element]) -> None:
    """Leave the names that links may lead to on the headings, which have them on their pages."""
    taken = {str(each) for each in cast("list[str]", tree.xpath("//@id"))}
    for anchor in anchors:
        near = (anchor.getprevious(), anchor.getnext())
        headings = (each for each in near if each is not None and each.tag in v.HEADINGS)
        heading = next(anchor.iterancestors(*_HOLDERS), next(headings, None))
        if heading is None or heading.get("id"):
            continue
        within = [
            str(name) for each in anchor.iter() if (name := each.get("id") or each.get("name"))
        ]
        fragment = unquote(anchor.get("href", "").partition("#")[2])
        if fragment and fragment not in taken:
            within.insert(0, fragment)
        if within:
            heading.set("id", within[0])
            taken.add(within[0])


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w", text.casefold()))


RULES = (
    Rule(
        "heading sign",
        "Sphinx, Docusaurus, GitHub, markdown-it-anchor, rehype-autolink-headings, AnchorJS",
        ("#",),
        find_signs,
        take_signs,
    ),
    Rule(
        "heading to itself",
        "mdBook, Asciidoctor, ocaml.org",
        ("#",),
        find_whole,
        take_whole,
        keeps_words=True,
    ),
)
