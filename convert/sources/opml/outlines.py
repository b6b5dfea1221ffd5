"""OPML 2.0 subscription lists, those of the real web included."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from lxml import etree

from convert.model import Value
from convert.sources import clean, xml_scan, xml_text
from convert.sources.feeds.document import BadFeed, RefusedFeed
from convert.text.languages import language_tag

_USER = "{urn:thicket-convert:feed}user"
_ADDRESS = re.compile(r"\bxmlUrl\s*=\s*[\"']([^\"'<>]{1,2000})[\"']", re.IGNORECASE)


class Outline(Value, frozen=True, kw_only=True):
    """One subscription: the feed's address, its name, and the page it belongs to."""

    address: str
    name: str = ""
    user: str = ""
    link: str | None = None
    language: str | None = None


class FeedList(Value, frozen=True, kw_only=True):
    """A list and what had to be mended; ``unusable`` counts outlines without a web address."""

    title: str = ""
    outlines: tuple[Outline, ...] = ()
    mended: tuple[str, ...] = ()
    unusable: int = 0


def read(content: bytes) -> FeedList:
    """The subscriptions in the order of the list, each address once.

    Raises BadFeed where it is no OPML or refused.
    """
    try:
        source = xml_text.read(content)
    except xml_text.RefusedXML as error:
        raise RefusedFeed(str(error)) from error
    scan = xml_scan.scan(source.text)
    mended = list(source.mended)
    if scan.broken is not None:
        mended.append(f"is not well-formed ({scan.broken}); what can be read is")
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(source.text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise BadFeed(f"is no list of feeds: {error.msg}") from error
    if root is None or _local(root) != "opml":
        raise BadFeed("is no list of feeds: the first element must be <opml>")
    outlines: dict[str, Outline] = {}
    unusable = 0
    for attributes in _subscriptions(root, source.text if scan.broken else ""):
        outline = _outline(attributes)
        if outline is None:
            unusable += 1
        else:
            outlines.setdefault(outline.address, outline)
    title = root.findtext("{*}head/{*}title")
    return FeedList(
        title=clean.line(title),
        outlines=tuple(outlines.values()),
        mended=tuple(mended),
        unusable=unusable,
    )


def _subscriptions(root: etree._Element, broken: str) -> Iterator[dict[str, str]]:
    """The attributes of the outlines with an xmlUrl, names in lower case; after them the
    addresses that stand in the broken text and that no parser could reach."""
    reached = set()
    for element in root.iter("{*}outline"):
        attributes = {str(key).lower(): str(value) for key, value in element.attrib.items()}
        if "xmlurl" in attributes:
            reached.add(attributes["xmlurl"])
            parent = element.getparent()
            if parent is not None and parent.get(_USER):
                # A list of ours: an outline for each member, with the member's feeds in it.
                attributes |= {"user": str(parent.get(_USER)), "title": str(parent.get("text"))}
            yield attributes
    for found in _ADDRESS.finditer(broken):
        address = html.unescape(found[1])
        if address not in reached:
            yield {"xmlurl": address}


def _outline(attributes: Mapping[str, str]) -> Outline | None:
    address = clean.web(_http(attributes["xmlurl"]))
    if address is None:
        return None
    return Outline(
        address=address,
        name=clean.line(attributes.get("title")) or clean.line(attributes.get("text")),
        user=clean.line(attributes.get("user")),
        link=clean.web(attributes.get("htmlurl")),
        language=language_tag(attributes.get("language")),
    )


def _http(address: str) -> str:
    """The old ``feed:`` scheme stands for http."""
    plain = address.strip()
    for prefix in ("feed://", "feed:"):
        if plain.lower().startswith(prefix):
            rest = plain[len(prefix) :]
            return rest if rest.startswith("http") else f"http://{rest}"
    return plain


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()
