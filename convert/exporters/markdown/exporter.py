"""Markdown: a folder with a file for each entry, for wikis, static sites and note-takers.

Each file is the entry's key with ``.md``; entries link to each other by relative paths.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from lxml import etree

from convert.content.views import Picture, View, element
from convert.contract import (
    ExportContext,
    ExporterOptions,
    ImagePolicy,
    OutputFile,
    RenditionRequest,
)
from convert.entryset import EntrySet
from convert.exporters.markdown.body import Body
from convert.exporters.markdown.escape import as_link_text, as_text
from convert.exporters.markdown.front_matter import Field, front_matter
from convert.exporters.markdown.inline import destination
from convert.exporters.outline import (
    author_names,
    book_title,
    byline,
    categories_of,
    parts,
    relations,
    title_of,
)
from convert.model import Content, Entry, Volume
from convert.needs import Needs
from convert.text.names import digest
from convert.text.phrases import format_date, say

_ORIGINAL = RenditionRequest(use="original")


class MarkdownOptions(ExporterOptions, frozen=True, kw_only=True):
    """What Markdown can be asked for."""

    images: Annotated[
        ImagePolicy, msgspec.Meta(description="pictures: as files, as links, or not at all")
    ] = "embed"
    front_matter: Annotated[
        bool, msgspec.Meta(description="begin each file with its metadata as YAML")
    ] = True
    heading: Annotated[
        bool, msgspec.Meta(description="the title as the first heading of each file")
    ] = True


class MarkdownExporter:
    """``--to markdown``: see ``convert.contract.Exporter``."""

    name = "markdown"
    summary = "Markdown: a file an entry, with YAML front matter, and an index"
    media_type = "text/markdown"
    Options = MarkdownOptions

    def suffix(self, options: Any) -> str:
        """Return "": a folder."""
        return ""

    def unavailable(self) -> str | None:
        """Return None: html-to-markdown is a dependency."""
        return None

    def needs(self, options: Any) -> Needs:
        """Return pictures, and its own outputs: volumes link to each other."""
        return Needs(outputs=(self.name,), pictures=True)

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """Yield a file for each entry, its pictures, and the index."""
        folder = _Folder(entries, context)
        for entry, content in entries.contents():
            page = folder.page(entry, content)
            context.show(entry, "md", partial(str, page))
            yield _file(context, f"{entry.key}.md", page)
            yield from folder.new_pictures()
        yield _file(context, "index.md", folder.index())

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """Yield an index of the volumes."""
        yield _file(context, "index.md", _Folder(entries, context).volumes())


EXPORTER = MarkdownExporter()


def _file(context: ExportContext, path: str, text: str) -> OutputFile:
    return OutputFile(path=f"{context.folder}/{path}", content=text.encode())


class _Folder:
    """The files of one folder and the links between them."""

    def __init__(self, entries: EntrySet, context: ExportContext) -> None:
        self.entries = entries
        self.context = context
        self.options: MarkdownOptions = context.options
        # By key: the places in an entry that others link to.
        self._anchors: dict[str, set[str]] = {}
        for citations in entries.citations.values():
            for citation in citations:
                if citation.fragment:
                    self._anchors.setdefault(citation.key, set()).add(citation.fragment)
        self._pictures: dict[str, bytes] = {}
        self._written: set[str] = set()

    def page(self, entry: Entry, content: Content) -> str:
        """Return one entry: metadata, title, body, and what it answers or who refers to it."""
        language = self.entries.language
        view = View(
            citation=partial(self._citation, entry.key),
            picture=partial(self._picture, entry),
            images=self.options.images,
            math="tex",
            language=language,
        )
        anchors = frozenset(self._anchors.get(entry.key, ()))
        related = relations(self.entries, entry)
        texts = [f"# {as_text(entry.title)}"] if self.options.heading and entry.title else []
        drawing = partial(self._drawing, entry)
        texts.append(Body(element(content, view), anchors, drawing).markdown())
        for phrase, others in (
            ("in_reply_to", related.answers),
            ("referenced_by", related.cited_by),
        ):
            links = [line for other in others if (line := self._line(entry.key, other))]
            if links:
                texts.append("\n".join([f"## {as_text(say(language, phrase))}", "", *links]))
        text = "\n\n".join(part for part in texts if part) + "\n"
        if self.options.front_matter:
            return f"{front_matter(self._fields(entry))}\n{text}"
        # Python-Markdown takes a first line with a colon for metadata, pandoc one of per cents.
        return text if text.startswith("#") else f"\n{text}"

    def new_pictures(self) -> Iterator[OutputFile]:
        """Yield the pictures of the last page that no page before it had."""
        for path, content in self._pictures.items():
            yield OutputFile(path=f"{self.context.folder}/{path}", content=content)
        self._pictures.clear()

    def index(self) -> str:
        """Return all entries by year, in the order of the set."""
        lines = self._head()
        for year in parts(self.entries, "year"):
            lines += ["", f"## {year.title}", ""]
            lines += [self._line("index", entry) for entry in year.entries]
        return "\n".join(lines) + "\n"

    def volumes(self) -> str:
        """Return a list of all volumes."""
        lines = [*self._head(), ""]
        for volume in self.entries.volumes:
            path = posixpath.relpath(f"{self._volume_folder(volume)}/index.md", self.context.folder)
            lines.append(f"- [{as_link_text(volume.title)}]({destination(quote(path))})")
        return "\n".join(lines) + "\n"

    def _head(self) -> list[str]:
        subtitle = as_text(self.entries.subtitle)
        return [f"# {as_text(book_title(self.entries))}", *(["", subtitle] if subtitle else [])]

    def _line(self, start: str, entry: Entry) -> str:
        """Return a list item that leads to an entry: its title, authors and day."""
        target = self._citation(start, entry.key, "") or entry.link
        title = title_of(self.entries, entry)
        names = as_text(byline(self.entries, entry))
        day = as_text(format_date(entry.date, self.entries.language))
        head = f"[{as_link_text(title)}]({destination(target)})" if target else as_text(title)
        return f"- {head} ({names}, {day})"

    def _fields(self, entry: Entry) -> dict[str, Field]:
        feed = self.entries.feed(entry)
        source = {"id": feed.id, "title": feed.title, "link": feed.link or ""} if feed else {}
        return {
            "title": entry.title,
            "date": entry.date,
            "updated": entry.updated,
            "authors": author_names(self.entries, entry),
            "contributors": [person.name for person in entry.contributors],
            "categories": [title for _, title in categories_of(entry)],
            "link": entry.link or "",
            "id": entry.id,
            "key": entry.key,
            "language": entry.language or "",
            "direction": entry.direction if entry.direction == "rtl" else "",
            "summary": entry.summary or "",
            "rights": entry.rights or "",
            "source": {name: text for name, text in source.items() if text},
            "enclosures": [each.href for each in entry.enclosures],
            "cites": [each.key for each in self.entries.answered(entry)],
            "cited_by": [each.key for each in self.entries.citing(entry)],
        }

    def _citation(self, start: str, key: str, fragment: str) -> str | None:
        """Return the way from one file to an entry's, in this volume or in another."""
        if key in self.entries.by_key:
            folder = self.context.folder
        elif key in self.entries.elsewhere:
            # Another volume is a folder beside this one.
            folder = self._volume_folder(self.entries.elsewhere[key].volume)
        else:
            return None
        here = posixpath.dirname(f"{self.context.folder}/{start}")
        path = quote(posixpath.relpath(f"{folder}/{key}.md", here))
        return f"{path}#{fragment}" if fragment else path

    def _volume_folder(self, volume: Volume) -> str:
        planned = (
            each.path
            for each in self.context.outputs
            if each.exporter == MarkdownExporter.name and each.volume == volume
        )
        return next(planned, volume.name)

    def _picture(self, entry: Entry, ref: str, address: str | None) -> Picture | None:
        original = self.context.images.rendition(ref, _ORIGINAL)
        if original is None:
            return None
        # 96 bits of the digest: the same picture of two entries is one file, no two others are.
        path = f"images/{original.digest[:24]}{original.suffix}"
        return Picture(src=self._add(path, original.content, entry))

    def _drawing(self, entry: Entry, svg: etree._Element) -> str:
        """Make a file of a picture drawn in the text, as Markdown's readers keep no SVG; return
        the way to it."""
        content = etree.tostring(svg, encoding="utf-8", with_tail=False)
        return self._add(f"images/{digest(content.decode(), 24)}.svg", content, entry)

    def _add(self, path: str, content: bytes, entry: Entry) -> str:
        """Note a picture, once; return the way to it from the file of an entry."""
        if path not in self._written:
            self._written.add(path)
            self._pictures[path] = content
        return posixpath.relpath(path, posixpath.dirname(entry.key))
