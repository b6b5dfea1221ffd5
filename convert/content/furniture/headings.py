"""Links of a heading to itself, which are there to be copied."""

from __future__ import annotations

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
from convert.content.links import is_feed
from convert.content.tree import ids_of, inside, is_blank, selector, text_of, unwrap_all
from convert.content.vocabulary import names
from convert.text.addresses import absolute, same_address_key

_SIGNS = frozenset(
    "#¶§🔗⚓🖇📎🔖∞☍⛓¤»→↩ \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\uf0c1"
)
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
    r"(?:#\s*)?(?:[\w\s-]+ permalink\Z|perma(?:nent[ -])?link\s*(?:\W*\Z|[:“#]|(?:to|for)\b)"
    r"|(?:direct|copy) link\b"
    r"|(?:copy )?link to (?:this|section)\b|section titled\b)",
    re.IGNORECASE,
)
"""What only such a link says."""
_MAY_SAY = re.compile(r"(?:#\s*)?(?:link|anchor|chain|copy|navigate|jump)\b", re.IGNORECASE)
"""What it may say where something else tells that it is one."""
_HOLDERS = (*v.HEADINGS, "dt", "caption", "figcaption", "summary", "legend")
_LONGEST = 400
"""Characters of a line that a link for copying stands beside."""
_linked = selector(".//a[contains(@href, '#')]")
_BOX = re.compile(r"\b(?:heading|caption|rubric|eqno)\b", re.IGNORECASE)


class _Body:
    """What tells where the links of a body lead."""

    def __init__(self, tree: etree._Element, draft: Draft) -> None:
        self.ids = ids_of(tree)
        self.base = draft.base
        self._own: dict[str, bool] = {}
        self._places: dict[etree._Element, tuple[str, frozenset[str]]] = {}

    def place(self, holder: etree._Element) -> tuple[str, frozenset[str]]:
        """Return the letters of a line, and the ids that lead to it."""
        if holder not in self._places:
            near = [*holder.iter(), *holder.iterancestors(), holder.getprevious()]
            self._places[holder] = _letters(text_of(holder)), _ids(near)
        return self._places[holder]

    def leads_here(self, anchor: etree._Element, holder: etree._Element) -> bool:
        """Tell whether a link leads to what it stands in."""
        address, _, fragment = anchor.get("href", "").strip().partition("#")
        if address and not self.is_own(address):
            return False
        line, ids = self.place(holder)
        wanted = {fragment, unquote(fragment), f"user-content-{fragment}"}
        wanted |= {each.removeprefix("user-content-") for each in wanted}
        if not wanted.isdisjoint(ids) or not wanted.isdisjoint(_ids(anchor.iter())):
            return True
        if not self.ids.isdisjoint({fragment, unquote(fragment)}):
            return False
        slug = _letters(unquote(fragment))
        is_slug = bool(slug) and (slug in line or line in slug)
        return is_slug or _letters(text_of(anchor)) != line or _is_known(anchor)

    def is_own(self, address: str) -> bool:
        """Tell whether an address is that of the entry's page, or of its feed."""
        if address not in self._own:
            whole, base = absolute(address, self.base), self.base
            own = whole is not None and base is not None
            if own and same_address_key(str(whole)) != same_address_key(str(base)):
                same_host = str(base).split("/")[2:3] == str(whole).split("/")[2:3]
                own = same_host and is_feed(str(whole))
            self._own[address] = own
        return self._own[address]


def find_signs(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield the links beside the words of a heading that lead to it and say nothing."""
    body: _Body | None = None
    boxes: dict[etree._Element, bool] = {}
    for anchor in _linked(tree):
        if not is_sign(anchor):
            continue
        holder = next(anchor.iterancestors(*_HOLDERS), None)
        if holder is None and _is_known(anchor):
            holder = heading_beside(anchor)
        for above in anchor.iterancestors("div", "p", "span") if holder is None else ():
            if above not in boxes:
                is_box = above.get("role") == "heading" or _BOX.search(above.get("class", ""))
                boxes[above] = bool(is_box) and len(text_of(above)) < _LONGEST
            if boxes[above]:
                holder = above
                break
        if holder is None and _is_known(anchor):
            place = anchor.get("href", "").partition("#")[2]
            lines = anchor.iterancestors("p", "li", "dd", "td")
            holder = next((line for line in lines if place and line.get("id") == place), None)
        if holder is None:
            continue
        body = body or _Body(tree, draft)
        words = _letters(text_of(anchor))
        is_whole = words and words == body.place(holder)[0] and holder in anchor.iterancestors()
        if not is_whole and body.leads_here(anchor, holder):
            yield anchor


def find_whole(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield the links to a heading itself that are around all its words."""
    body: _Body | None = None
    seen: set[etree._Element] = set()
    for anchor in _linked(tree):
        heading = next(anchor.iterancestors(*v.HEADINGS), None)
        if heading is None or heading in seen:
            continue
        seen.add(heading)
        words = _letters(text_of(anchor))
        if words and words == _letters(text_of(heading)):
            body = body or _Body(tree, draft)
            if body.leads_here(anchor, heading):
                yield anchor


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


def heading_beside(anchor: etree._Element) -> etree._Element | None:
    """Return the heading directly before or after a link."""
    near = (anchor.getprevious(), anchor.getnext())
    return next((each for each in near if each is not None and each.tag in v.HEADINGS), None)


def _ids(elements: Iterable[etree._Element | None]) -> frozenset[str]:
    called = [each.get("id") or each.get("name") for each in elements if each is not None]
    return frozenset(str(each) for each in called if each)


def _is_known(anchor: etree._Element) -> bool:
    return not _CLASSES.isdisjoint(words_of(anchor))


def is_sign(anchor: etree._Element) -> bool:
    """Tell whether a link shows a sign or an icon, and what it says is for reading aloud."""
    if inside(anchor, "sup") or anchor.get("role") == "doc-noteref":
        return False
    is_known = _is_known(anchor)
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
        heading = next(anchor.iterancestors(*_HOLDERS), heading_beside(anchor))
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
