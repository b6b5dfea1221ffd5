"""Links: addresses made absolute and clean, anchors by name made ids."""

from __future__ import annotations

from typing import cast
from urllib.parse import unquote

from lxml import etree

from convert.content.draft import Draft
from convert.text.addresses import absolute, clean_address, same_address_key

_CITING = ("blockquote", "q", "del", "ins")
_REPLIES = frozenset(("u-in-reply-to", "in-reply-to"))


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make every ``href`` an absolute address, or ``#`` and the raw id of an element here, or
    take it away; note in the draft what the entry says it replies to."""
    page = same_address_key(draft.base) if draft.base else None
    ids = frozenset(map(str, cast("list[str]", tree.xpath("//@id | //a/@name"))))
    for anchor in tree.iter("a"):
        if (name := anchor.get("name")) and not anchor.get("id"):
            anchor.set("id", name)
        href = anchor.get("href")
        if href is None:
            continue
        address = _address(href, draft.base, page, ids)
        if address is None:
            del anchor.attrib["href"]
            continue
        anchor.set("href", address)
        named = f"{anchor.get('class', '')} {anchor.get('rel', '')}".split()
        if not _REPLIES.isdisjoint(named) and address.startswith("http"):
            draft.answers.append(address)
    for quoting in tree.iter(*_CITING):
        cite = quoting.get("cite")
        if cite is not None:
            quoting.set("cite", absolute(cite, draft.base) or "")


def _address(href: str, base: str | None, page: str | None, ids: frozenset[str]) -> str | None:
    href = href.strip()
    if href.startswith("#"):
        fragment = unquote(href[1:])
        if fragment in ids or href[1:] in ids:
            return href
        if fragment.lower() in {"", "top"} or base is None:
            return None
        return clean_address(base.partition("#")[0] + href)
    address = absolute(href, base, mail=True)
    if address is None or "#" not in address or page is None:
        return address
    fragment = address.partition("#")[2]
    if (fragment in ids or unquote(fragment) in ids) and same_address_key(address) == page:
        return f"#{fragment}"
    return address
