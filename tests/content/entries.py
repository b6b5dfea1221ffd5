"""Stored entries for the tests of preparation."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from convert.content import PrepareOptions, prepare
from convert.model import Category, Person, Prepared, StoredEntry

OPTIONS = PrepareOptions()
LINK = "https://blog.example/2024/entry"


def stored(content: str | None, kind: str = "html", **fields: object) -> StoredEntry:
    """A stored entry of nothing but a body."""
    known: dict[str, object] = {
        "path": "ann/entry.json",
        "user": "ann",
        "id": "urn:x:entry",
        "updated": dt.datetime(2024, 5, 6, tzinfo=dt.UTC),
        "link": LINK,
        "content": content,
        "content_type": kind,
    }
    return StoredEntry(**(known | fields))  # type: ignore[arg-type]  # fields are as they must be


def prepared(content: str | None, kind: str = "html", **fields: object) -> Prepared:
    """What is made of a body."""
    return prepare(stored(content, kind, **fields), OPTIONS)


def body(content: str, kind: str = "html", **fields: object) -> str:
    """The inside of a prepared body, without the root."""
    text = prepared(content, kind, **fields).body
    return "" if text == "<div/>" else text.removeprefix("<div>").removesuffix("</div>")


def planet(folder: Path) -> tuple[StoredEntry, ...]:
    """The entries of a Thicket folder, read as plainly as can be."""
    found = []
    for path in sorted(folder.glob("*/*.json")):
        read = json.loads(path.read_text(encoding="utf-8"))
        author = read["author"] or {}
        found.append(
            StoredEntry(
                path=f"{path.parent.name}/{path.name}",
                user=path.parent.name,
                id=read["id"],
                updated=dt.datetime.fromisoformat(read["updated"]).replace(tzinfo=dt.UTC),
                title=read["title"] or "",
                link=read["link"],
                summary=read["summary"],
                content=read["content"],
                content_type=read["content_type"],
                authors=(Person(name=author.get("name") or "", uri=author.get("uri")),),
                categories=tuple(Category(term=str(term)) for term in read["categories"] or ()),
            )
        )
    return tuple(found)
