"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), streamed item by item.

What it has no field for stands in ``_thicket`` objects, as its extensions do;
docs/formats.md describes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from convert.exporters.feeds.entry import UNKNOWN_TYPE, body_of, person_fields, summary_of, web_uri
from convert.exporters.feeds.exporter import Edition, FeedExporter
from convert.exporters.outline import relations
from convert.model import Content, Entry, Person
from convert.text.addresses import uri
from convert.text.characters import fold
from convert.text.languages import language_tag

VERSION = "https://jsonfeed.org/version/1.1"
_ENCODER = msgspec.json.Encoder()


def write(edition: Edition, path: Path) -> None:
    """Write one feed document, object by object."""
    document = edition.document
    head = _stated(
        version=VERSION,
        title=document.title,
        home_page_url=document.home,
        feed_url=document.address,
        description=document.subtitle,
        next_url=document.link("next") or document.link("prev-archive"),
        # "icon" is the large picture, "favicon" the small one.
        icon=edition.logo,
        favicon=edition.icon,
        language=document.language,
        hubs=[{"type": "WebSub", "url": edition.hub}] if edition.hub else [],
        _thicket=_stated(
            id=document.id,
            updated=document.updated.isoformat(),
            rights=document.rights,
            generator=f"{edition.generator} {edition.version or ''}".strip()
            if edition.generator
            else "",
            current=document.link("current"),
        ),
    )
    with path.open("wb") as stream:
        # The items come last, so that the head can be written before they are known.
        stream.write(_ENCODER.encode(head).removesuffix(b"}"))
        stream.write(b',\n"items":[')
        for at, (entry, content) in enumerate(edition.contents()):
            stream.write(b"\n" if at == 0 else b",\n")
            encoded = _ENCODER.encode(item(edition, entry, content))
            edition.show(entry, "json", encoded.decode)
            stream.write(encoded)
        stream.write(b"\n]}\n")


def item(edition: Edition, entry: Entry, content: Content) -> dict[str, object]:
    """Return one item; its id is the entry's, whatever it looks like."""
    if edition.options.content == "summary":
        body, summary = "", summary_of(entry, content.text)
    else:
        body, summary = body_of(entry, content, edition.view), entry.summary or ""
    # What an item speaks of stands beside its page: alone it would be taken for that.
    related = (each.href for each in entry.links if each.rel == "related")
    external = (uri(href) for href in related if entry.link and href != entry.link)
    fields = _stated(
        id=fold(entry.id),
        url=entry.link and uri(entry.link),
        external_url=next(external, None),
        title=edition.title(entry),
        content_html=body,
        summary=summary,
        image=entry.image and uri(entry.image),
        date_published=entry.published.isoformat() if entry.published else None,
        date_modified=entry.updated.isoformat(),
        authors=[_author(each) for each in edition.entries.authors(entry)],
        tags=[each.term for each in entry.categories if each.term],
        language=language_tag(entry.language),
        attachments=[
            _stated(
                url=uri(file.href),
                mime_type=file.type or UNKNOWN_TYPE,  # required
                title=file.title,
                size_in_bytes=file.length,
                duration_in_seconds=file.duration,
            )
            for file in entry.enclosures
        ],
        _thicket=extension(edition, entry),
    )
    # One of the two contents must be there, empty as it may be.
    return fields if body else fields | {"content_text": summary}


def extension(edition: Edition, entry: Entry) -> dict[str, object]:
    """Return what JSON Feed has no field for."""
    feed = edition.source(entry)
    related = relations(edition.entries, entry)
    detailed = any(each.scheme or each.label for each in entry.categories)
    return _stated(
        user=fold(entry.user),
        source=_stated(
            id=feed.id,
            title=feed.title,
            subtitle=feed.subtitle,
            feed_url=feed.address,
            home_page_url=feed.link,
            updated=feed.updated.isoformat() if feed.updated else None,
            rights=feed.rights,
            icon=feed.logo,
            favicon=feed.icon,
            language=feed.language,
            authors=[_author(each) for each in feed.authors],
        )
        if feed is not None
        else {},
        contributors=[_author(each) for each in entry.contributors],
        links=[
            _stated(
                rel=each.rel,
                url=uri(each.href),
                type=each.type,
                language=each.hreflang,
                title=each.title,
            )
            for each in entry.links
        ],
        rights=entry.rights,
        categories=[
            _stated(term=each.term, scheme=each.scheme, label=each.label)
            for each in entry.categories
        ]
        if detailed
        else [],
        direction="rtl" if entry.direction == "rtl" else "",
        summary_only=not entry.full,
        in_reply_to=_references(related.answers),
        cites=_references(edition.entries.answered(entry)),
        # Who cites an entry changes with time, and no archive does.
        cited_by=[] if edition.document.archive else _references(related.cited_by),
    )


def _stated(**fields: object) -> dict[str, object]:
    """Return the fields that say something: no null, empty text, list or object, no false."""
    return {name: value for name, value in fields.items() if value}


def _author(person: Person) -> dict[str, object]:
    fields = person_fields(person)
    email = _stated(email=fields.get("email"))
    return _stated(
        name=fields["name"],
        url=fields.get("uri"),
        avatar=web_uri(person.icon),
        _thicket=email,
    )


def _references(entries: Iterable[Entry]) -> list[dict[str, object]]:
    return [
        _stated(id=fold(each.id), url=each.link and uri(each.link), title=each.title)
        for each in entries
    ]


EXPORTER = FeedExporter(
    name="jsonfeed",
    summary="JSON Feed 1.1",
    media_type="application/feed+json",
    ending=".json",
    write=write,
)
