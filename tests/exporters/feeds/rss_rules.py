"""What RSS 2.0 and the RSS Advisory Board's best practices profile ask of a feed."""

from __future__ import annotations

import re
from collections import Counter
from email.utils import parsedate_to_datetime

import html5lib
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"

_CHANNEL = (
    "title link description language copyright managingEditor webMaster pubDate lastBuildDate"
    " category generator docs cloud ttl image rating textInput skipHours skipDays item"
)
_ITEM = "title link description author category comments enclosure guid pubDate source"
_DATE = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d"
    r" (?:GMT|[+-]\d{4})"
)


def problems(document: bytes) -> list[str]:
    """Everything that is wrong with an RSS document, each with the element concerned."""
    root = etree.fromstring(document)
    if root.tag != "rss" or root.get("version") != "2.0":
        return ["rss: not RSS 2.0"]
    channels = root.findall("channel")
    if len(channels) != 1:
        return ["channel: there must be one"]
    channel = channels[0]
    found = [
        f"channel: {name} must be there once"
        for name in ("title", "link", "description")
        if len(channel.findall(name)) != 1 or not channel.findtext(name)
    ]
    found += _unknown(channel, _CHANNEL, many={"item", "category"})
    found += _dates(channel)
    selves = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(selves) > 1:
        found.append("atom:link: two links to itself")
    for link in selves:
        if link.get("type") != "application/rss+xml" or not _web(link.get("href")):
            found.append("atom:link: address and type of the feed itself")
    found += _image(channel)
    items = channel.findall("item")
    for item in items:
        found += _item(item)
    guids = Counter(item.findtext("guid") for item in items)
    return found + [f"guid: {guid} twice" for guid, count in guids.items() if guid and count > 1]


def _item(item: etree._Element) -> list[str]:
    found = _unknown(item, _ITEM, many={"category"})
    if not item.findtext("title") and item.find("description") is None:
        found.append("item: neither title nor description")
    if item.find("description") is None:
        found.append("description: readers show it where they show no content")
    if item.find("pubDate") is None:
        found.append("pubDate: readers sort by it")
    names = [each.tag for each in item]
    if (
        f"{CONTENT}encoded" in names
        and "description" not in names[: names.index(f"{CONTENT}encoded")]
    ):
        found.append("description: it must stand before content:encoded")
    found += _dates(item)
    link = item.findtext("link")
    if link is not None and not _web(link):
        found.append(f"link: {link!r} is no address")
    guid = item.find("guid")
    if guid is None or not guid.text:
        found.append("guid: every item should have one")
    elif guid.get("isPermaLink", "true") == "true" and not _web(guid.text):
        found.append(f"guid: {guid.text!r} is no permanent link")
    for enclosure in item.findall("enclosure"):
        if set(enclosure.attrib) != {"url", "length", "type"}:
            found.append("enclosure: url, length and type, all three")
        elif not enclosure.get("length", "").isdigit() or not _web(enclosure.get("url")):
            found.append("enclosure: a length in bytes and an address")
    for further in item.findall(f"{ATOM}link"):
        if not _web(further.get("href")) or not further.get("rel"):
            found.append(f"atom:link: {further.get('href')!r} is no address")
    for source in item.findall("source"):
        if not _web(source.get("url")) or not source.text:
            found.append("source: an address and a name")
    for author in item.findall("author"):
        if "@" not in (author.text or ""):
            found.append("author: an e-mail address; names go into dc:creator")
    if item.find("author") is None and item.find(f"{DC}creator") is None:
        found.append("dc:creator: nobody wrote it")
    for body in (item.find("description"), item.find(f"{CONTENT}encoded")):
        if body is not None:
            found += _references(body)
    return found


def _unknown(holder: etree._Element, known: str, many: set[str]) -> list[str]:
    names = Counter(str(each.tag) for each in holder if not str(each.tag).startswith("{"))
    found = [f"{name}: not of RSS 2.0" for name in names if name not in known.split()]
    return found + [
        f"{name}: more than once" for name, count in names.items() if count > 1 and name not in many
    ]


def _dates(holder: etree._Element) -> list[str]:
    found = []
    for name in ("pubDate", "lastBuildDate"):
        text = holder.findtext(name)
        if text is not None and not _is_date(text):
            found.append(f"{name}: {text!r} is no date of RFC 822 with four digits of the year")
    return found


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return False
    return "," not in text or text.startswith(f"{when:%a}")


def _image(channel: etree._Element) -> list[str]:
    image = channel.find("image")
    if image is None:
        return []
    same = [image.findtext(name) == channel.findtext(name) for name in ("title", "link")]
    whole = _web(image.findtext("url")) and all(same)
    return [] if whole else ["image: an address, and title and link of the channel"]


def _references(body: etree._Element) -> list[str]:
    """Relative addresses have no base in RSS: the profile asks for whole ones."""
    tree = html5lib.parse(body.text or "", treebuilder="lxml", namespaceHTMLElements=False)
    return [
        f"{body.tag}: the reference {each.get(name)!r} is relative"
        for each in tree.iter()
        for name in ("href", "src")
        if each.get(name) is not None and ":" not in str(each.get(name))
    ]


def _web(address: str | None) -> bool:
    """RFC 3986: an address of a feed is ASCII."""
    found = re.fullmatch(r"https?://[^\s<>\"]+|urn:[^\s]+", address or "", re.ASCII)
    return found is not None and found[0].isascii()
