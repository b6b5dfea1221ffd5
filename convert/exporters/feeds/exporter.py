"""One exporter for each format of feed, told apart by a few facts and a function."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from convert.content.views import View
from convert.contract import ExportContext, OutputFile
from convert.entryset import EntrySet
from convert.exporters.feeds.documents import FeedDocument, Plan
from convert.exporters.feeds.entry import PAGE_TYPE, web_uri
from convert.exporters.feeds.options import FeedOptions
from convert.exporters.feeds.sources import SourceFeeds
from convert.exporters.outline import byline
from convert.model import Content, Entry, Feed
from convert.needs import Needs
from convert.text.addresses import uri

GENERATOR = "thicket-convert"
# Readers that know no annotation show it as text, behind the formula.
_MATH: dict[str, Literal["presentation", "image", "tex"]] = {
    "mathml": "presentation",
    "image": "image",
    "text": "tex",
}


class Edition:
    """One feed document with all that its file is written from."""

    def __init__(
        self,
        document: FeedDocument,
        entries: EntrySet,
        sources: SourceFeeds,
        context: ExportContext,
        media_type: str,
    ) -> None:
        self.document = document
        self.entries = entries
        self.options: FeedOptions = context.options
        self.media_type = media_type
        self.icon = web_uri(self.options.icon)
        self.logo = web_uri(self.options.logo)
        self.hub = web_uri(self.options.hub)
        self.generator = GENERATOR if self.options.generator else ""
        # An archive must stay as it is when a newer version writes it again.
        self.version = None if document.archive else context.version
        images = self.options.images
        formulas = self.options.formulas
        self.view = View(
            images="link" if images == "embed" else images,
            math=_MATH[formulas],
            drawings="svg" if formulas == "mathml" else "image",
        )
        self.show = context.show
        self._sources = sources

    def contents(self) -> Iterator[tuple[Entry, Content]]:
        """Yield the entries of the document with their bodies."""
        return self.entries.contents(self.document.entries)

    def source(self, entry: Entry) -> Feed | None:
        """Return the feed that an entry came from."""
        return self._sources.of(entry, settled=self.document.archive)

    def title(self, entry: Entry) -> str:
        """Return how an entry is called in this feed."""
        if self.options.entry_title == "title":
            return entry.title
        return ": ".join(filter(None, (byline(self.entries, entry), entry.title)))

    @property
    def has_faces(self) -> bool:
        """Whether the face of a person whom the document names is known."""
        for entry in self.document.entries:
            source = self.source(entry)
            people = (*self.entries.authors(entry), *entry.contributors)
            if any(each.icon for each in (*people, *(source.authors if source else ()))):
                return True
        return False

    def links(self) -> list[dict[str, str]]:
        """Return the links of the document, as Atom has them."""
        document = self.document
        links = [
            ("self", document.address, {"type": self.media_type}),
            ("alternate", document.home, {"type": PAGE_TYPE}),
            ("hub", self.hub, {}),
            *((link.rel, link.href, {}) for link in document.links),
        ]
        return [{"rel": rel, "href": uri(href)} | more for rel, href, more in links if href]


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeedExporter:
    """A format of feed: see ``convert.contract.Exporter``.  ``write`` writes a file."""

    name: str
    summary: str
    media_type: str
    ending: str
    write: Callable[[Edition, Path], None]
    Options = FeedOptions

    def suffix(self, options: Any) -> str:
        """Return the same for all options: always a file."""
        return self.ending

    def unavailable(self) -> str | None:
        """Return None: nothing is missing, feedgen is a dependency."""
        return None

    def needs(self, options: Any) -> Needs:
        """Return the site that a feed belongs to, and of RSS where its entries came from: a channel
        must have a link."""
        return Needs(outputs=("site",), origins="addresses" if self.name == "rss" else "nothing")

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """Yield the feed, its pages, and those of authors and categories; or one archive."""
        plan = Plan(entries, context, self.ending)
        return self._files(plan.documents(), entries, context)

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """Yield the feed to subscribe to, which leads to the archives."""
        plan = Plan(entries, context, self.ending)
        return self._files(plan.live_documents(), entries, context)

    def listed(self, entries: EntrySet, context: ExportContext) -> Sequence[Entry]:
        """Return the entries of the feed to subscribe to."""
        return Plan(entries, context, self.ending).live

    def _files(
        self, documents: Iterable[FeedDocument], entries: EntrySet, context: ExportContext
    ) -> Iterator[OutputFile]:
        sources = SourceFeeds(entries)
        context.staging.mkdir(parents=True, exist_ok=True)
        for document in documents:
            # A file name for a path of several segments.
            path = context.staging / uuid.uuid5(uuid.NAMESPACE_URL, document.path).hex
            self.write(Edition(document, entries, sources, context, self.media_type), path)
            yield OutputFile(path=document.path, content=path)
