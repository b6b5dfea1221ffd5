"""OPML 2.0: the group's subscription list, the feeds of each member under the member's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from email.utils import format_datetime
from typing import Annotated, Any

import msgspec
from lxml import etree

from convert.contract import ExportContext, ExporterOptions, OutputFile
from convert.entryset import EntrySet
from convert.exporters.feeds import options as feed
from convert.model import Feed, User
from convert.text.languages import language_tag


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
        """Always a file."""
        return ".opml"

    def unavailable(self) -> str | None:
        """Nothing is missing."""
        return None

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """One list."""
        yield OutputFile(path=context.path, content=_list(entries, context))

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """The list of the whole publication."""
        yield from self.export(entries, context)


EXPORTER = OpmlExporter()


def _list(entries: EntrySet, context: ExportContext) -> bytes:
    root = etree.Element("opml", version="2.0", nsmap={"thicket": feed.THICKET_NS})
    head = etree.SubElement(root, "head")
    title = context.options.title or entries.title or entries.name
    etree.SubElement(head, "title").text = feed.clean(title)
    updated = feed.newest(entries.entries, context.now).astimezone(dt.UTC)
    etree.SubElement(head, "dateModified").text = format_datetime(updated, usegmt=True)
    etree.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    body = etree.SubElement(root, "body")
    for user, feeds in _subscriptions(entries):
        member = etree.SubElement(body, "outline", text=feed.clean(user.name) or user.username)
        member.set(f"{{{feed.THICKET_NS}}}user", feed.clean(user.username))
        if feed.is_web(user.homepage):
            member.set("htmlUrl", str(user.homepage))
        for each in feeds:
            etree.SubElement(member, "outline", _subscription(user, each))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return written


def _subscriptions(entries: EntrySet) -> Iterator[tuple[User, list[Feed]]]:
    """Every member with a feed, by name, and the feeds: those of the list of users, then
    those that the member's entries came from."""
    used: dict[str, dict[str, None]] = {user: {} for user in entries.users}
    for entry in entries.entries:
        used.setdefault(entry.user, {})
        if entry.source:
            used[entry.user][entry.source] = None
    known = _by_address(entries)
    users = [entries.users.get(name) or User(username=name) for name in used]
    for user in sorted(users, key=lambda user: (user.name.casefold(), user.username)):
        named = dict.fromkeys((*user.feeds, *sorted(used[user.username])))
        feeds = {
            each.address: each
            for name in named
            if feed.is_web((each := known.get(name, Feed(id=name, address=name))).address)
        }
        if feeds:
            yield user, list(feeds.values())


def _by_address(entries: EntrySet) -> Mapping[str, Feed]:
    """The feeds by id, and by their own address."""
    found = {each.address: each for each in entries.feeds.values() if each.address}
    return found | dict(entries.feeds)


def _subscription(user: User, each: Feed) -> dict[str, str]:
    """An outline of type rss, which stands for every format of feed (OPML 2.0)."""
    title = feed.clean(each.title) or feed.clean(user.name)
    stated = {"type": "rss", "text": title, "title": title, "xmlUrl": str(each.address)}
    page = each.link or user.homepage
    if feed.is_web(page):
        stated["htmlUrl"] = str(page)
    if each.subtitle:
        stated["description"] = feed.clean(each.subtitle)
    if language := language_tag(each.language):
        stated["language"] = language
    return stated
