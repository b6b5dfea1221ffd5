"""OPML 2.0 subscription lists, those of the real web included."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import msgspec
from lxml import etree

from convert.errors import ConvertError
from convert.model import Category, Value
from convert.sources import clean, xml_text
from convert.text.addresses import feed_address
from convert.text.languages import language_tag

_USER = "{urn:thicket-convert:feed}user"
_NAME = "{urn:thicket-convert:feed}name"
_MOST_FOLDERS = 100
"""Of one feed: each list repeats them."""
_END = re.compile(r"</\s*(?:\w+:)?opml\s*>", re.IGNORECASE)
_ADDRESS = re.compile(r"\bxmlUrl\s*=\s*[\"']([^\"'<>]{1,2000})[\"']", re.IGNORECASE)


class BadList(ConvertError):
    """Bytes that are no OPML; the message does not name the list."""


class Outline(Value, frozen=True, kw_only=True):
    """One subscription: the feed's address, its name, the page it belongs to, and the folders that
    the list has it in ("Science/Birds"), which are its categories."""

    address: str
    name: str = ""
    user: str = ""
    link: str | None = None
    language: str | None = None
    categories: tuple[Category, ...] = ()
    icon: str | None = None


class FeedList(Value, frozen=True, kw_only=True):
    """A list and what had to be mended; ``unusable`` counts outlines without a web address.

    ``is_cut`` where its end is missing.
    """

    title: str = ""
    outlines: tuple[Outline, ...] = ()
    mended: tuple[str, ...] = ()
    unusable: int = 0
    is_cut: bool = False


def read(content: bytes) -> FeedList:
    """Return the subscriptions in the order of the list, each address once, with all its folders.

    Raises BadList where it is no OPML, RefusedXML.
    """
    source = xml_text.read(content)
    scan = xml_text.scan(source.text)
    mended = list(source.mended)
    if scan.broken is not None:
        mended.append(f"is not well-formed ({scan.broken}); what can be read is")
    # Bare quotes and ampersands in titles are common: what a parser can recover is read.
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(source.text.encode(), parser)  # noqa: TID251 - a file of strangers
    except etree.XMLSyntaxError as error:
        raise BadList(f"is no list of feeds: {error.msg}") from error
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise BadList("is no list of feeds: the first element must be <opml>")
    outlines: dict[str, Outline] = {}
    unusable = 0
    for attributes, folder in _subscriptions(root, source.text if scan.broken else ""):
        address = clean.web(feed_address(attributes["xmlurl"].strip()))
        if address is None:
            unusable += 1
            continue
        titles = {name: attributes.get(name) for name in ("title", "text")}
        mended += [f"{name} of {address}: {reason}" for name, reason in clean.cuts(titles)]
        outline = Outline(
            address=address,
            # OPML 2.0 demands ``text``; where there is a title, it is the feed's.
            name=clean.title(attributes.get("title")) or clean.title(attributes.get("text")) or "",
            user=clean.line(attributes.get("user")),
            link=clean.web(attributes.get("htmlurl")),
            language=language_tag(attributes.get("language")),
        )
        first = outlines.setdefault(address, outline)
        folders = (
            *first.categories,
            *categories(folder, *attributes.get("category", "").split(",")),
        )
        outlines[address] = msgspec.structs.replace(
            first, categories=tuple(dict.fromkeys(folders))[:_MOST_FOLDERS]
        )
    title = root.findtext("{*}head/{*}title")
    mended += [f"{name}: {reason}" for name, reason in clean.cuts({"title": title})]
    return FeedList(
        title=clean.title(title) or "",
        outlines=tuple(outlines.values()),
        mended=tuple(mended),
        unusable=unusable,
        is_cut=scan.broken is not None and not _END.search(source.text),
    )


def categories(*folders: str) -> tuple[Category, ...]:
    """Return folders as categories: OPML 2.0 writes "/Science/Birds" for one in another."""
    names = ("/".join(filter(None, map(str.strip, each.split("/")))) for each in folders)
    return tuple(Category(term=term) for each in names if (term := clean.title(each)))


def _subscriptions(root: etree._Element, broken: str) -> Iterator[tuple[dict[str, str], str]]:
    """Yield the attributes of the outlines with an xmlUrl, names in lower case, and the folder of
    each; after them the addresses that stand in the broken text and that no parser could reach."""
    reached = set()
    inside: dict[etree._Element | None, str] = {}
    for element in root.iter("{*}outline"):
        attributes = {str(key).lower(): str(value) for key, value in element.attrib.items()}
        parent = element.getparent()
        folder = inside[element] = inside.get(parent, "")
        if "xmlurl" in attributes:
            reached.add(attributes["xmlurl"])
            # A list of ours: an outline for each member, with the member's feeds in it; where
            # they lie in folders they name their member themselves.
            if element.get(_USER):
                name = element.get(_NAME) or attributes.get("title", "")
                attributes |= {"user": str(element.get(_USER)), "title": name}
            elif parent is not None and parent.get(_USER):
                attributes |= {"user": str(parent.get(_USER)), "title": str(parent.get("text"))}
            yield attributes, folder
        elif not element.get(_USER):
            name = attributes.get("text") or attributes.get("title") or ""
            inside[element] = clean.title(f"{folder}/{name}") or ""
    for match in _ADDRESS.finditer(broken):
        address = html.unescape(match[1])
        if address not in reached:
            yield {"xmlurl": address}, ""
