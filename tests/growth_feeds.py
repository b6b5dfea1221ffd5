"""Feeds and lists in which one element repeats, of every kind that their readers know."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from feedparser import mixin

from convert.sources.feeds import json_feed, vocabulary, xml_feed
from convert.sources.feeds.document import Received
from convert.sources.opml import outlines

Read = Callable[[int], object]
_PARSER = mixin._FeedParserMixin
_OURS = {
    space: address if address.startswith("urn:") else f"http://{address}"
    for address, space in vocabulary.SPACES.items()
}
_SPACES = {prefix: uri for uri, prefix in _PARSER.namespaces.items()} | _OURS
_SPACES = {prefix: uri for prefix, uri in _SPACES.items() if prefix not in {"", "xml"}}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
_ATTRIBUTES = (
    'term="{0}" text="{0}" href="https://a.example/{0}" url="https://a.example/{0}" rel="x{0}"'
)
_AROUND = (
    '<feed xmlns="http://www.w3.org/2005/Atom" {1}><id>x</id><entry><id>a</id>{0}</entry></feed>',
    '<feed xmlns="http://www.w3.org/2005/Atom" {1}><id>x</id>{0}<entry><id>a</id></entry></feed>',
    '<rss version="2.0" {1}><channel><item><guid>a</guid>{0}</item></channel></rss>',
    '<rss version="2.0" {1}><channel>{0}<item><guid>a</guid></item></channel></rss>',
)


def _elements() -> Iterator[str]:
    """What feedparser knows, and what our own readers name with its vocabulary."""
    for path in Path(xml_feed.__file__).parent.glob("*.py"):
        names = re.findall(r'"(\w+):([\w-]+)"', path.read_text(encoding="utf-8"))
        yield from (f"{space}:{local}" for space, local in names if space in _OURS)
    for method in dir(_PARSER):
        start, _, name = method.removeprefix("_").partition("_")
        if start in {"start", "end"} and name:
            space, _, local = name.partition("_")
            yield f"{space}:{local}" if local and space in _SPACES else name


ELEMENTS = tuple(sorted({*_elements(), "nobodys"}))


def many(form: str, size: int, around: str = "{0}", attributes: str = "") -> str:
    """Return a document of about that size, with ``form`` (and its number in it) as often."""
    units = (form.replace("{0}", str(number)) for number in range(max(1, size // len(form))))
    return around.replace("{1}", attributes or _DECLARED).replace("{0}", "".join(units))


def xml(form: str, around: str = _AROUND[0], base: str = "") -> Read:
    """Return what reads a feed of such elements; ``base`` is repeated to a tenth of its size."""

    def read(size: int) -> object:
        attributes = base.replace("{0}", "x/" * (size // 20))
        return read_xml(many(form, size, around, attributes))

    return read


def read_xml(text: str) -> object:
    """Return what a feed holds."""
    return xml_feed.read(Received(name="x", content=text.encode(), max_body=10**9))


def readers(element: str) -> Iterator[Read]:
    """Yield what reads feeds that repeat the element in each place, with each kind of content."""
    for around in _AROUND:
        yield xml(f"<{element}>{{0}}@a.example</{element}>", around)
        yield xml(f"<{element} {_ATTRIBUTES}/>", around)
        yield xml(f"<{element} {_ATTRIBUTES}>{{0}}</{element}>", around)


def _list(key: str, value: object, where: str = "item") -> Read:
    def read(size: int) -> object:
        form = json.dumps(value)
        values = [
            json.loads(form.replace("{0}", str(number))) for number in range(size // len(form))
        ]
        more: dict[str, Any] = {}
        item: dict[str, Any] = {"id": "a", "content_text": "x", "_thicket": more}
        feed: dict[str, Any] = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "x",
            "items": [item],
        }
        {"item": item, "feed": feed, "more": more}[where][key] = values
        return _read_json(json.dumps(feed))

    return read


def _read_json(text: str) -> object:
    return json_feed.read(Received(name="x", content=text.encode(), max_body=10**9))


def _opml(form: str) -> Read:
    return lambda size: outlines.read(
        many(
            form, size, "<opml><body>{0}<outline xmlUrl='https://a.example/'/></body></opml>"
        ).encode()
    )


_PERSON = {"name": "n{0}", "url": "https://a.example/{0}"}
USUAL: dict[str, Read] = {
    **{
        f"{form} {'in Atom' if around == _AROUND[0] else 'in RSS'}": xml(form, around)
        for around in (_AROUND[0], _AROUND[2])
        for form in (
            '<category term="{0}"/>', "<category>{0}</category>", "<dc:subject>{0}</dc:subject>",
            '<link rel="x{0}" href="https://a.example/{0}"/>',
            '<link rel="enclosure" href="https://a.example/{0}"/>',
            '<enclosure url="https://a.example/{0}"/>', '<media:content url="https://a.example/{0}"/>',
            "<author><name>{0}</name></author>", "<dc:creator>{0}</dc:creator>",
            "<contributor><name>{0}</name></contributor>", "<source><id>{0}</id></source>",
            "<content>{0}</content>", "<itunes:keywords>{0},x{0}</itunes:keywords>",
        )
    },
    "one element of keywords": xml(
        "{0},", _AROUND[0].replace("{0}", "<media:keywords>{0}</media:keywords>")
    ),
    "entries": xml("<entry><id>{0}</id></entry>", _AROUND[1]),
    "a long base": xml('<link href="{0}"/>', base='xml:base="https://a.example/{0}"'),
    "bases in each other": xml('<a xml:base="{0}/">', base='xml:base="https://a.example/"'),
    "tags": _list("tags", "{0}"),
    "authors": _list("authors", _PERSON),
    "authors of a feed": _list("authors", _PERSON, "feed"),
    "attachments": _list("attachments", {"url": "https://a.example/{0}"}),
    "categories of ours": _list("categories", {"term": "{0}"}, "more"),
    "contributors of ours": _list("contributors", _PERSON, "more"),
    "answers of ours": _list("in_reply_to", {"id": "urn:x:{0}"}, "more"),
    "items": _list("items", {"id": "{0}", "content_text": "x"}, "feed"),
    "items of a feed that ends too early": lambda size: _read_json(
        many(
            '{"id": "{0}",\t"title": "a\n",\n"tags": []},', size,
            '{"version": "jsonfeed.org/version/1.1", "items": [{0}',
        )
    ),
    "outlines": _opml('<outline text="{0}" xmlUrl="https://a.example/{0}"/>'),
    "outlines in each other": _opml('<outline text="{0}"><outline xmlUrl="https://a.example/{0}"/></outline>'),
    "folders of one feed": _opml(
        '<outline text="{0}"><outline xmlUrl="https://a.example/" category="{0}"/></outline>'
    ),
}  # fmt: skip
"""By name what reads feeds and lists of the elements that are common in them."""
