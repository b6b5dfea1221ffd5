"""feedparser's own test feeds: the values that they name, wherever our model has the field."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from source_reading import NoNetwork, Outcome, read_source

from convert.content import fields
from convert.contract import SourceContext
from convert.errors import SourceError
from convert.model import Feed, Link, StoredEntry
from convert.sources.feeds import identity, load
from convert.sources.feeds.source import SOURCE

Key = tuple[str | int, ...]
Named = Feed | StoredEntry

MEDIA_TYPES = {"text": "text/plain", "html": "text/html"}
TEXTS: dict[str, Callable[[Named], tuple[object, object]]] = {
    "title": lambda of: (of.title, getattr(of, "title_type", None)),
    "subtitle": lambda of: (of.subtitle if isinstance(of, Feed) else of.summary, None),
    "summary": lambda of: (of.summary or of.content, of.summary_type),  # type: ignore[union-attr]
    "content": lambda of: (of.content, of.content_type),  # type: ignore[union-attr]
    "rights": lambda of: (of.rights, None),
}
"""A text and its type, where our model has one for it."""
SAME = {
    "tagline": "subtitle",
    "info": "subtitle",
    "description": "summary",
    "copyright": "rights",
    "guid": "id",
    "url": "uri",
    "href": "uri",
    "author_detail": "authors",
}
NOT_OURS = object()
# An entry has one language, that of what it shows: here its summary, and not its title.
MISSES = ("wellformed/lang/entry_title_xml_lang_inherit_4.xml",)


def value_of(read: Outcome, key: Key) -> object:
    """What we read for a value of feedparser's; NOT_OURS where our model has no field for it."""
    feed = next(iter(read.reading.feeds.values()), None)
    of: Named | None = feed
    first, *rest = key
    if first == "entries":
        of, rest = read.entries[int(rest[0])], rest[1:]
        if rest[0] == "source":
            of, rest = read.reading.feeds[of.source or ""], rest[1:]
    elif first != "feed":
        return NOT_OURS
    assert of is not None
    name, *rest = rest
    detail = str(name).removesuffix("_detail")
    name = SAME.get(str(name), SAME.get(detail, detail))
    if name == "summary" and isinstance(of, Feed):
        name = "subtitle"
    if name in TEXTS:
        return text_value(of, name, [each for each in rest if each != 0])
    if name in {"authors", "contributors"} and hasattr(of, name):
        number = rest.pop(0) if rest and isinstance(rest[0], int) else 0
        person = getattr(of, name)[number]
        if not rest:
            known = {"name": person.name, "email": person.email, "href": person.uri}
            return {part: known[part] for part in known if known[part]}
        return getattr(person, SAME.get(str(rest[0]), str(rest[0])))
    if name == "author":
        person = of.authors[0]
        return f"{person.name} ({person.email})" if person.email else person.name
    return other_value(of, name, rest)


def text_value(of: Named, name: str, rest: list[str | int]) -> object:
    value, kind = TEXTS[name](of)
    part = rest[0] if rest else "value"
    if part == "value":
        return value
    if part == "type":
        return MEDIA_TYPES.get(str(kind), NOT_OURS)
    # An entry has one language and one base, those of what it shows.
    if isinstance(of, Feed) or name == "rights":
        return NOT_OURS
    return getattr(of, str(part))


def other_value(of: Named, name: str, rest: list[str | int]) -> object:
    if name in {"id", "link", "language"}:
        return getattr(of, name)
    if name in {"updated_parsed", "published_parsed", "created_parsed", "updated", "published"}:
        moment = getattr(of, name.removesuffix("_parsed").replace("created", "updated"), NOT_OURS)
        if not isinstance(moment, dt.datetime):
            return moment
        return list(moment.utctimetuple()) if "_" in name else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    if name == "image" and rest == ["href"]:
        return of.logo if isinstance(of, Feed) else of.image
    if isinstance(of, Feed):
        return of.link if (name, rest) == ("links", [0, "href"]) else NOT_OURS
    if name == "tags":
        return getattr(of.categories[int(rest[0])], str(rest[1]))
    if name == "enclosures":
        part = {"url": "href"}.get(str(rest[1]), str(rest[1]))
        return str(getattr(of.enclosures[int(rest[0])], part))
    if name == "links":
        page = Link(rel="alternate", href=of.link or "", type="text/html")
        files = [Link(rel="enclosure", href=each.href, type=each.type) for each in of.enclosures]
        every = [*files, *([page] if of.link else []), *of.links]
        return getattr(every[int(rest[0])], str(rest[1]))
    if name == "license":
        return next(each.href for each in of.links if each.rel == "license")
    return NOT_OURS


def same(found: object, value: object) -> bool:
    """Whether a value is the expected one; we keep plain text of a feed's own markup, and
    the order of attributes that the feed has."""
    if found == value:
        return True
    if not isinstance(value, str) or not isinstance(found, str):
        return False
    if "xmlns" in value:
        canonical = (ElementTree.canonicalize(each) for each in (found, value))
        return len(set(canonical)) == 1
    return found == fields.line(value, "html")


@pytest.mark.corpus
def test_values_that_the_feeds_name(feeds_corpus: Path) -> None:
    folder = feeds_corpus / "feedparser"
    compared = 0
    wrong = []
    for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        expected = json.loads(line)
        if "/sanitize/" in expected["path"] or "/amp/" in expected["path"]:
            continue
        try:
            outcome = read_source(SOURCE, folder / expected["path"])
        except SourceError as error:
            wrong.append((expected["path"], str(error)))
            continue
        for key, operator, value in expected["checks"]:
            if operator != "==":
                continue
            try:
                found = value_of(outcome, tuple(key))
            except (IndexError, StopIteration):
                found = "nothing"
            compared += found is not NOT_OURS
            if found is not NOT_OURS and not same(found, value):
                wrong.append((expected["path"], f"{key}: {value!r}, found {found!r}"))
    assert [path for path, _ in wrong if path not in MISSES] == []
    assert compared > 150
    assert len(wrong) <= 0.02 * compared


@pytest.mark.corpus
def test_an_id_does_not_depend_on_what_else_a_feed_shows(feeds_corpus: Path) -> None:
    context = SourceContext(fetcher=NoNetwork(), warn=lambda _: None)
    rolled = 0
    for path in sorted(each for each in feeds_corpus.rglob("*") if each.is_file()):
        try:
            document = load.from_file(path, context, name=path.name).document
        except SourceError:
            continue
        shown = [(document.feed, each) for each in document.entries]
        whole = identity.identify(shown, lambda *_: False, lambda _: ()).entries
        for start in range(1, len(shown) - 1):
            rolled += 1
            later = identity.identify(shown[start:], lambda *_: False, lambda _: ()).entries
            assert [each and each.id for each in later] == [
                each and each.id for each in whole[start:]
            ], path
    assert rolled > 100


@pytest.mark.corpus
def test_real_feeds(feeds_corpus: Path) -> None:
    counts = {}
    started = time.monotonic()
    for path in sorted((feeds_corpus / "thicket.dev").iterdir()):
        if path.suffix == ".opml":
            continue
        outcome = read_source(SOURCE, path)
        counts[path.name] = len(outcome.entries)
        assert outcome.problems == []
        assert all(each.title and (each.content or each.summary) for each in outcome.entries)
        assert all(each.link and each.authors for each in outcome.entries)
        assert len({each.id for each in outcome.entries}) == len(outcome.entries)
    assert counts == {
        "core.atom": 24,
        "core.xml": 96,
        "oxcaml.atom": 24,
        "tools.xml": 96,
        "weekly.atom": 24,
    }
    assert time.monotonic() - started < 20
