"""What RFC 4287 asks of a feed: its grammar (appendix B), and what no grammar can say."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import html5lib
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
THREAD = "{http://purl.org/syndication/thread/1.0}"
BASE = "{http://www.w3.org/XML/1998/namespace}base"
GRAMMAR = etree.RelaxNG(etree.parse(str(Path(__file__).parents[2] / "data" / "atom.rng")))

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def problems(document: bytes) -> list[str]:
    """Everything that is wrong with an Atom feed document, each with its clause."""
    root = etree.fromstring(document)
    found: list[str] = []
    if not GRAMMAR.validate(root):
        found += [f"appendix B: {error.message}" for error in GRAMMAR.error_log]
    entries = root.findall(f"{ATOM}entry")
    for holder in [root, *entries]:
        found += _links(holder)
        found += _dates(holder)
    for entry in entries:
        found += _entry(root, entry)
    seen = Counter(
        (entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated")) for entry in entries
    )
    found += [f"4.1.1: {key} twice" for key, count in seen.items() if count > 1]
    for each in root.iter(f"{ATOM}id"):
        if not _IRI.fullmatch(each.text or ""):
            found.append(f"4.2.6: the id {each.text!r} is no absolute IRI")
    return found + _history(root)


def _links(holder: etree._Element) -> list[str]:
    links = holder.findall(f"{ATOM}link")
    found = [
        f"4.2.7.1: {link.get('href')!r} is no address"
        for link in links
        if re.search(r"[\s<>\"{}|\\^`]|[^\x00-\x7f]", link.get("href") or " ")
    ]
    alternates = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in links
        if link.get("rel", "alternate") == "alternate"
    )
    found += [f"4.1.1: two alternates {key}" for key, count in alternates.items() if count > 1]
    if sum(link.get("rel") == "self" for link in links) > 1:
        found.append("4.1.1: two links to itself")
    return found


def _dates(holder: etree._Element) -> list[str]:
    return [
        f"3.3: {each.text!r} is no date of RFC 3339"
        for name in ("updated", "published")
        for each in holder.findall(f"{ATOM}{name}")
        if not _RFC3339.fullmatch(each.text or "")
    ]


def _entry(root: etree._Element, entry: etree._Element) -> list[str]:
    found = []
    holders = [entry, root, *entry.findall(f"{ATOM}source")]
    if not any(holder.findtext(f"{ATOM}author/{ATOM}name", "").strip() for holder in holders):
        found.append("4.1.2: an entry without author")
    content = entry.find(f"{ATOM}content")
    alternates = [
        link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"
    ]
    if content is None and not alternates:
        found.append("4.1.2: neither content nor an alternate link")
    if content is not None and content.get("src") and entry.find(f"{ATOM}summary") is None:
        found.append("4.1.2: content elsewhere without summary")
    for source in entry.findall(f"{ATOM}source"):
        found += [
            f"4.2.11: a source without {name}"
            for name in ("id", "title", "updated")
            if source.find(f"{ATOM}{name}") is None
        ]
    for reply in entry.findall(f"{THREAD}in-reply-to"):
        if not _IRI.fullmatch(reply.get("ref", "")):
            found.append("RFC 4685 3: in-reply-to without ref")
    for name in ("content", "summary"):
        for body in entry.findall(f"{ATOM}{name}"):
            if body.get("type") == "html":
                found += _references(body)
    return found


def _references(body: etree._Element) -> list[str]:
    """§3.1.1.2 with §2: references resolve against ``xml:base`` to something absolute."""
    tree = html5lib.parseFragment(body.text or "", treebuilder="lxml", namespaceHTMLElements=False)
    base = body.get(BASE) or ""
    found = []
    for top in tree:
        for each in top.iter() if isinstance(top, etree._Element) else ():
            for name in ("href", "src", "cite"):
                value = each.get(name)
                if value is not None and not urlsplit(urljoin(base, value)).scheme:
                    found.append(f"2: the reference {value!r} is relative to nothing")
    return found


def _history(root: etree._Element) -> list[str]:
    """RFC 5005 §3 and §4."""
    relations = [link.get("rel") for link in root.findall(f"{ATOM}link")]
    found = [
        f"RFC 5005: two links {relation}"
        for relation in ("first", "last", "next", "previous", "prev-archive", "current")
        if relations.count(relation) > 1
    ]
    if root.find(f"{HISTORY}archive") is not None:
        if "current" not in relations:
            found.append("RFC 5005 4: an archive without the current feed")
        if {"next-archive", "next", "previous"} & set(relations):
            found.append("RFC 5005 4: an archive that points to what comes later")
    return found
