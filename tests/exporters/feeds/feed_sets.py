"""A small set that shows all that a feed can say, and the way to export it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from convert.contract import ExportContext, OutputFile, PlannedOutput, Rendition, RenditionRequest
from convert.entryset import EntrySet
from convert.model import (
    Category,
    Citation,
    Elsewhere,
    Enclosure,
    Feed,
    Link,
    Person,
    Prepared,
    User,
    Volume,
)
from convert.testing import entry_set, prepared
from convert.text.templates import TemplateFolder

NOW = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)


@dataclasses.dataclass(frozen=True)
class NoImages:
    """No picture could be had."""

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        """Nothing."""
        return None


def context(
    options: Any,
    staging: Path,
    path: str = "eeg.atom",
    folder: str = "eeg",
    outputs: tuple[PlannedOutput, ...] = (),
    images: Any = None,
) -> ExportContext:
    """A context whose clock stands still."""
    return ExportContext(
        now=NOW,
        options=options,
        path=path,
        folder=folder,
        staging=staging,
        templates=TemplateFolder(None),
        images=images or NoImages(),
        warn=lambda problem: None,
        outputs=outputs,
        version="1.2.3",
    )


def contents(files: Iterable[OutputFile]) -> dict[str, bytes]:
    """What stands in each file, by path; no path twice."""
    found: dict[str, bytes] = {}
    for file in files:
        assert file.path not in found
        found[file.path] = (
            file.content.read_bytes() if isinstance(file.content, Path) else file.content
        )
    return found


def exported(
    exporter: Any, entries: EntrySet, staging: Path, suffix: str, **options: Any
) -> dict[str, bytes]:
    """The files of one export, by path."""
    chosen = exporter.Options(**options)
    return contents(exporter.export(entries, context(chosen, staging, f"eeg{suffix}")))


ANIL_FEED = Feed(
    id="https://anil.example/feed",
    title="Anil & co",
    subtitle="A <blog>",
    updated=dt.datetime(2025, 1, 2, tzinfo=dt.UTC),
    address="https://anil.example/feed.xml",
    link="https://anil.example/",
    rights="© Anil",
    icon="https://anil.example/i.png",
    language="en",
    authors=(Person(name="Anil"),),
)


def sample_entries() -> list[Prepared]:
    """Entries that use every field of the model."""
    return [
        prepared(
            "anil/2024-05-06-answer",
            "<div><p>An answer to <a href='https://bea.example/question'>a question</a>, "
            "<em>with</em> &lt;tags&gt; &amp; a <a href='#fn-1'>place</a> "
            "<img src='image:000000000000000000000000' alt='A tree' "
            "data-address='https://anil.example/tree.png'/></p>"
            "<math display='block'><mi>x</mi></math><p id='fn-1'>There.</p></div>",
            title="Answer <b>&amp;</b> “quotes”",
            date="2024-05-06T07:08:09",
            published=dt.datetime(2024, 5, 5, 23, 59, 58, tzinfo=dt.UTC),
            id="https://anil.example/answer",
            link="https://anil.example/answer",
            summary="Short & sweet",
            authors=(
                Person(
                    name="Anil",
                    uri="https://anil.example/",
                    icon="https://anil.example/face.png",
                ),
                Person(name="Eve", email="eve@example.org"),
            ),
            contributors=(Person(name="Carl"),),
            categories=(
                Category(term="ocaml", scheme="https://anil.example/tags", label="OCaml"),
                Category(term="C & C"),
            ),
            rights="CC BY",
            source=ANIL_FEED.id,
            enclosures=(
                Enclosure(
                    href="https://anil.example/cover.jpg", type="image/jpeg", title="A heron"
                ),
                Enclosure(
                    href="https://anil.example/a.mp3",
                    type="audio/mpeg",
                    length=1234,
                    title="Talk",
                    duration=61,
                ),
                Enclosure(href="https://anil.example/b.pdf"),
            ),
            links=(
                Link(rel="via", href="https://carl.example/found", title="Carl"),
                Link(rel="license", href="https://licence.example/by"),
                Link(
                    rel="alternate",
                    href="https://anil.example/antwort",
                    type="text/html",
                    hreflang="de",
                ),
                Link(rel="related", href="https://eve.example/", type="text/html"),
                Link(rel="replies", href="https://anil.example/answer#comments"),
            ),
            image="https://anil.example/heron.jpg",
            language="en-GB",
        ),
        prepared(
            "bea/2023-03-04-question",
            "<div><p>שאלה</p></div>",
            title="שאלה",
            date="2023-03-04T05:06:07",
            id="bea:q 1 <>",
            link="https://bea.example/question",
            language="he",
            direction="rtl",
        ),
        prepared(
            "bea/2022-01-01-short",
            "<div><p>Only a summary.</p></div>",
            title="",
            date="2022-01-01T00:00:00",
            id="tag:bea.example,2022:short",
            link="https://bea.example/short",
            published=None,
            summary="Only a summary.",
            full=False,
        ),
        prepared(
            "bea/2021-01-01-homeless",
            "<div><p>Nowhere.</p></div>",
            title="No address",
            date="2021-01-01T00:00:00",
            id="urn:uuid:00000000-0000-0000-0000-000000000001",
            link=None,
        ),
    ]


def sample(**fields: Any) -> EntrySet:
    """The set of these entries: the first answers the second."""
    known: dict[str, Any] = {
        "subtitle": "All of us",
        "rights": "Each author's own",
        "users": {
            "anil": User(username="anil", display_name="Anil", homepage="https://anil.example/"),
            "bea": User(
                username="bea",
                display_name="Béa",
                homepage="https://bea.example/",
                icon="https://bea.example/face.png",
                feeds=("https://bea.example/rss",),
            ),
        },
        "feeds": {ANIL_FEED.id: ANIL_FEED},
        "citations": {
            "anil/2024-05-06-answer": (
                Citation(
                    address="https://bea.example/question",
                    key="bea/2023-03-04-question",
                    reply=True,
                ),
            )
        },
    }
    return entry_set(sample_entries(), **(known | fields))


def volumes_of(entries: EntrySet) -> tuple[EntrySet, ...]:
    """The set cut by year, the oldest first."""
    years = sorted({entry.date.year for entry in entries})
    volumes = tuple(
        Volume(
            label=str(year),
            name=f"eeg-{year}",
            title=f"The group, {year}",
            number=number,
            total=len(years),
        )
        for number, year in enumerate(years, start=1)
    )
    by_year = {volume.label: volume for volume in volumes}
    return tuple(
        dataclasses.replace(
            entries,
            entries=tuple(e for e in entries if str(e.date.year) == volume.label),
            volume=volume,
            volumes=volumes,
            elsewhere={
                e.key: Elsewhere(entry=e, volume=by_year[str(e.date.year)])
                for e in entries
                if str(e.date.year) != volume.label
            },
        )
        for volume in volumes
    )
