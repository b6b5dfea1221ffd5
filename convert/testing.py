"""For the tests of exporters, ours and others': sets made in memory, and the judge ``check``."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lxml import etree

from convert.entryset import EntrySet
from convert.model import Citation, Entry, Prepared


@dataclasses.dataclass(frozen=True)
class MemoryBodies:
    """Bodies in a mapping by digest; satisfies ``convert.entryset.Bodies``."""

    prepared: Mapping[str, Prepared]

    def load(self, digests: Iterable[str]) -> Iterator[Prepared]:
        """The prepared entries of these digests, in that order."""
        return (self.prepared[digest] for digest in digests)


def prepared(
    key: str,
    body: str = "<div><p>Hello.</p></div>",
    *,
    title: str = "A title",
    date: str = "2024-05-06T07:08:09",
    text: str | None = None,
    **fields: object,
) -> Prepared:
    """A prepared entry for tests; ``key`` is "user/name", ``date`` UTC."""
    when = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    words = text if text is not None else _words(body)
    known: dict[str, object] = {
        "key": key,
        "id": f"https://{key}",
        "user": key.split("/", maxsplit=1)[0],
        "title": title,
        "updated": when,
        "published": when,
        "link": f"https://example.org/{key}",
        "path": f"{key}.json",
        "digest": hashlib.sha256(f"{key}\n{title}\n{body}".encode()).hexdigest(),
        "words": len(words.split()),
        "size": len(body.encode()),
    }
    return Prepared(entry=Entry(**(known | fields)), body=body, text=words)  # type: ignore[arg-type]


def entry_set(
    entries: Sequence[Prepared],
    *,
    citations: Mapping[str, tuple[Citation, ...]] | None = None,
    **fields: object,
) -> EntrySet:
    """An entry set in memory, in the order given."""
    cited = dict(citations or {})
    cited_by: dict[str, tuple[str, ...]] = {}
    for key, found in cited.items():
        for citation in found:
            cited_by[citation.key] = (*cited_by.get(citation.key, ()), key)
    known: dict[str, object] = {
        "id": "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "name": "eeg",
        "title": "The group",
        "entries": tuple(each.entry for each in entries),
        "bodies": MemoryBodies({each.entry.digest: each for each in entries}),
        "citations": cited,
        "cited_by": cited_by,
    }
    return EntrySet(**(known | fields))  # type: ignore[arg-type]


def _words(body: str) -> str:
    return " ".join("".join(map(str, etree.fromstring(body).itertext())).split())
