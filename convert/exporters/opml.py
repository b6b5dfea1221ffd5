"""OPML 2.0: the group's subscription list, by folder and by member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from email.utils import format_datetime
from typing import Annotated, Any

import msgspec
from lxml import etree

from convert.contract import ExportContext, ExporterOptions, OutputFile
from convert.entryset import EntrySet
from convert.exporters.outline import NAMESPACE, publication_title, updated, web_address
from convert.model import Feed, Problem, User
from convert.needs import Needs
from convert.text.addresses import uri
from convert.text.characters import fold
from convert.text.languages import language_tag

_USER, _NAME = f"{{{NAMESPACE}}}user", f"{{{NAMESPACE}}}name"


class OpmlOptions(ExporterOptions, frozen=True, kw_only=True):
    """What a subscription list can be asked for."""

    title: Annotated[
        str | None, msgspec.Meta(description="title of the list; default: the publication's")
    ] = None


class OpmlExporter:
    """``--to opml``: see ``convert.contract.Exporter``."""

    name = "opml"
    summary = "OPML 2.0 subscription list: the feeds of every member"
    media_type = "text/x-opml"
    Options = OpmlOptions

    def suffix(self, options: Any) -> str:
        """Return that of a file."""
        return ".opml"

    def unavailable(self) -> str | None:
        """Return None: nothing is missing."""
        return None

    def needs(self, options: Any) -> Needs:
        """Return that it needs nothing beside the entries, and of these the feeds."""
        return Needs(only_feeds=True)

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """Yield one list."""
        root = etree.Element("opml", version="2.0", nsmap={"thicket": NAMESPACE})
        head = etree.SubElement(root, "head")
        title = fold(context.options.title or "") or publication_title(entries)
        etree.SubElement(head, "title").text = title
        moment = updated(entries, context.now).astimezone(dt.UTC)
        etree.SubElement(head, "dateModified").text = format_datetime(moment, usegmt=True)
        etree.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
        root.append(subscriptions(entries))
        if next(root.iter("outline"), None) is None:
            reason = "names no feed: none of what was read tells the address of one"
            context.warn(Problem(path=context.path, reason=reason))
        content = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
        yield OutputFile(path=context.path, content=content)

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """Yield the list of the whole publication."""
        yield from self.export(entries, context)


EXPORTER = OpmlExporter()


def subscriptions(entries: EntrySet) -> etree._Element:
    """Return the body of the list: the folders, then the members, those whose feeds all lie in
    folders left out."""
    body = etree.Element("body")
    in_folders: dict[str, list[etree._Element]] = {}
    members: list[etree._Element] = []
    seen: set[str] = set()
    for user, feeds in _by_member(entries):
        name = fold(user.name) or user.username
        member = etree.Element("outline", {"text": name, _USER: fold(user.username)})
        if home := web_address(user.homepage):
            member.set("htmlUrl", uri(home))
        for address, feed in feeds.items():
            seen.add(address)
            outline = _outline(address, feed, name, user.homepage)
            if folders := _folders(feed):
                # Readers take what a feed lies in for its folder: the member stands beside it.
                outline.set(_USER, fold(user.username))
                outline.set(_NAME, name)
                in_folders.setdefault(folders[0], []).append(outline)
            else:
                member.append(outline)
        members += [member] if len(member) else []
    for feed in sorted(entries.feeds.values(), key=lambda each: each.id):
        address = web_address(feed.address) or ""
        # Of a feed of a list that never answered nothing but its address is known, so that
        # is its id, and not whose it is.
        if address and feed.id == feed.address and address not in seen:
            outline = _outline(address, feed, address, None)
            place = (
                in_folders.setdefault(folders[0], []) if (folders := _folders(feed)) else members
            )
            place.append(outline)
    outlines = {"": body}
    for path in sorted(in_folders, key=lambda path: (path.casefold(), path)):
        above = ""
        for part in path.split("/"):
            here = f"{above}/{part}".strip("/")
            if here not in outlines:
                outlines[here] = etree.SubElement(outlines[above], "outline", text=part)
            above = here
        outlines[path].extend(in_folders[path])
    body.extend(members)
    return body


def _folders(feed: Feed) -> list[str]:
    """Return the folders of a feed, as in "Science/Birds"."""
    parts = ([fold(part) for part in each.term.split("/")] for each in feed.categories)
    return [path for each in parts if (path := "/".join(filter(None, each)))]


def _outline(address: str, feed: Feed, name: str, homepage: str | None) -> etree._Element:
    """Return the outline of a feed; ``name`` and ``homepage`` are its member's, for want of own."""
    title = fold(feed.title) or name
    # The type "rss" stands for every format of feed (OPML 2.0).
    fields = {"type": "rss", "text": title, "title": title, "xmlUrl": uri(address)}
    page = web_address(feed.link or homepage)
    further = {
        "htmlUrl": page and uri(page),
        "description": fold(feed.subtitle or ""),
        "language": language_tag(feed.language),
        # OPML 2.0: commas between paths, which therefore hold none.
        "category": ",".join(f"/{each}" for each in _folders(feed) if "," not in each),
    }
    fields |= {key: text for key, text in further.items() if text}
    return etree.Element("outline", fields)


def _by_member(entries: EntrySet) -> Iterator[tuple[User, Mapping[str, Feed]]]:
    """Yield every member with a feed, by name, and the feeds by address: those of the list of
    users, then those that the member's entries came from."""
    used: dict[str, dict[str, None]] = {user: {} for user in entries.users}
    for entry in entries:
        used.setdefault(entry.user, {})
        if entry.source:
            used[entry.user][entry.source] = None
    # A list of users names feeds by address, entries theirs by id.
    known = {each.address: each for each in entries.feeds.values() if each.address}
    known |= entries.feeds
    users = [entries.users.get(name) or User(username=name) for name in used]
    for user in sorted(users, key=lambda user: (user.name.casefold(), user.username)):
        names = dict.fromkeys((*user.feeds, *sorted(used[user.username])))
        feeds = [known.get(name, Feed(id=name, address=name)) for name in names]
        by_address = {
            address: feed for feed in feeds if (address := web_address(feed.address)) is not None
        }
        if by_address:
            yield user, by_address
