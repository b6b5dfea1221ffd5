"""How pages are made, and all of them but the entries': front, parts, indexes, contents."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from functools import partial

from convert.contract import ExportContext
from convert.exporters import outline
from convert.exporters.epub.metadata import identifier, summary
from convert.exporters.epub.options import EpubOptions
from convert.exporters.epub.package import Contents, Landmark, web_address
from convert.exporters.epub.plan import Index, Part, Plan
from convert.exporters.outline import shown_address
from convert.model import Entry
from convert.text.characters import fold, legal
from convert.text.languages import direction, language_tag
from convert.text.phrases import count_entries, format_date, join_names, say

TITLE_PAGE, COLOPHON, COVER, NAVIGATION = (
    "title.xhtml",
    "colophon.xhtml",
    "cover.xhtml",
    "nav.xhtml",
)
LONG = 1_500
"""Characters of the names of all people, beyond which the title page names a few."""
FEW = 12


@dataclasses.dataclass(frozen=True, kw_only=True)
class Page:
    """What every page says of itself."""

    title: str
    language: str
    direction: str
    kobo: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Line:
    """An entry in a list; ``language`` is set where it is not the book's, ``href`` None where
    nothing is known of where the entry is."""

    title: str
    href: str | None
    language: str | None = None
    names: str = ""
    date: str = ""
    volume: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LineGroup:
    """The entries under one heading of an index, as its template shows them."""

    id: str
    title: str
    first: bool
    link: str | None
    shown_link: str
    lines: tuple[Line, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class SourceLine:
    """Where entries were read from.  ``date`` is that of the commit, in words."""

    title: str
    link: str | None
    commit: str
    date: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class VolumeLine:
    """A volume of the publication; ``here`` where it is this book."""

    title: str
    here: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pages:
    """Makes the markup of pages."""

    plan: Plan
    context: ExportContext

    @property
    def language(self) -> str:
        """The language of the book and of the words that we add."""
        return self.plan.entries.language

    @property
    def options(self) -> EpubOptions:
        """The options of the book."""
        options: EpubOptions = self.context.options
        return options

    def page(self, template: str, title: str, /, **values: object) -> str:
        """Return a page in the book's language."""
        return self.render(template, self.frame(title), **values)

    def frame(self, title: str, language: str | None = None, way: str | None = None) -> Page:
        """Return what a page says of itself; the book's language unless it states one."""
        tag = language or self.language
        return Page(
            title=title or say(self.language, "untitled"),
            language=tag,
            direction=way or direction(tag),
            kobo=self.options.device == "kobo",
        )

    def render(self, template: str, page: Page, /, **values: object) -> str:
        """Return a template of templates/epub, as clean XML."""
        words = partial(say, self.language)
        markup = self.context.templates.render(
            f"epub/{template}.xhtml", page=page, say=words, **values
        )
        return legal(markup)

    def cover(self, image: str) -> str:
        """Return the page that shows the cover."""
        entries = self.plan.entries
        words = (
            outline.book_title(entries),
            fold(entries.subtitle),
            outline.period(entries, entries.language),
            outline.credit(entries),
        )
        title = say(self.language, "cover")
        return self.page("cover", title, cover=image, alt=". ".join(filter(None, words)))

    def title_page(self) -> str:
        """Return the page with title, volume, years and people."""
        entries = self.plan.entries
        everyone = join_names(outline.everyone(entries), self.language)
        return self.page(
            "title",
            outline.book_title(entries),
            title=outline.publication_title(entries),
            subtitle=fold(entries.subtitle),
            volume=outline.volume_name(entries),
            period=outline.period(entries, entries.language),
            people=everyone if len(everyone) <= LONG else outline.credit(entries, most=FEW),
            publisher=fold(self.options.publisher or ""),
        )

    def colophon(self) -> str:
        """Return the page that says where the texts come from and whose they are."""
        entries, tongue = self.plan.entries, self.language
        return self.page(
            "colophon",
            say(tongue, "colophon"),
            summary=summary(entries),
            sources=[
                SourceLine(
                    title=source.title,
                    link=web_address(source.address),
                    commit=source.commit,
                    date=format_date(source.committed, tongue) if source.committed else "",
                )
                for source in outline.sources(entries)
            ],
            rights=outline.rights(entries),
            owners=outline.owners(entries),
            volumes=[
                VolumeLine(title=fold(each.title), here=each == entries.volume)
                for each in entries.volumes
            ],
            made_with=say(
                tongue, "made_with", name=f"thicket-convert {self.context.version}".strip()
            ),
            identifier=identifier(entries),
        )

    def part(self, part: Part, icon: str | None) -> str:
        """Return the page that opens a part."""
        count = count_entries(self.language, len(part.entries))
        homepage = web_address(part.user.homepage) if part.user else None
        return self.page(
            "part",
            part.title,
            about=f"{count}, {outline.period(part.entries, self.language)}",
            icon=icon,
            homepage=homepage,
            shown_homepage=shown_address(homepage or ""),
        )

    def index(self, index: Index) -> Iterator[tuple[str, str]]:
        """Yield the files of an index with their markup."""
        # Under a person every entry would repeat the heading.
        named = index.name != "people"
        title = say(self.language, index.name)
        for at, page in enumerate(index.pages):
            groups = [
                LineGroup(
                    id=section.id,
                    title=section.group.title,
                    first=section.first,
                    link=(link := web_address(section.group.link)),
                    shown_link=shown_address(link or ""),
                    lines=tuple(self.line(entry, names=named) for entry in section.entries),
                )
                for section in page.sections
            ]
            yield page.file, self.page("index", title, groups=groups, first=at == 0)

    def navigation(self, contents: Sequence[Contents], landmarks: Sequence[Landmark]) -> str:
        """Return the navigation document (EPUB 3.3, 7)."""
        return self.page(
            "nav",
            say(self.language, "contents"),
            contents=contents,
            landmarks=landmarks,
        )

    def line(self, entry: Entry, *, names: bool = True, date: bool = True) -> Line:
        """Return the entry as a list shows it, in this volume or in another."""
        entries = self.plan.entries
        elsewhere = entries.elsewhere.get(entry.key)
        href = self.plan.files.get(entry.key)
        return Line(
            title=outline.title_of(entries, entry),
            href=href or web_address(entry.link),
            language=self.other_language(entry),
            names=outline.byline(entries, entry) if names else "",
            date=format_date(entry.date, self.language) if date else "",
            volume=say(self.language, "in_volume", volume=fold(elsewhere.volume.title))
            if elsewhere and not href
            else "",
        )

    def other_language(self, entry: Entry) -> str | None:
        """Return the entry's language where it is not the book's."""
        tag = language_tag(entry.language)
        return tag if tag != self.language else None

    def contents(self) -> tuple[Contents, ...]:
        """Return the table of contents."""
        plan, tongue = self.plan, self.language
        lines = [
            Contents(title=say(tongue, "title_page"), href=TITLE_PAGE),
            Contents(title=say(tongue, "colophon"), href=COLOPHON),
        ]
        for part in plan.parts:
            below = tuple(
                Contents(
                    title=outline.title_of(plan.entries, entry),
                    href=plan.files[entry.key],
                    language=self.other_language(entry),
                )
                for entry in part.entries
            )
            if part.file:
                lines.append(Contents(title=part.title, href=part.file, below=below))
            else:
                lines.extend(below)
        lines.extend(
            Contents(title=say(tongue, index.name), href=index.pages[0].file)
            for index in self.indexes
        )
        return tuple(lines)

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes that are not empty."""
        plan = self.plan
        return tuple(
            index for index in (plan.people, plan.categories, plan.chronology) if index.pages
        )

    def landmarks(self) -> tuple[Landmark, ...]:
        """Return the places that reading systems look for; "text" is where reading starts."""
        tongue = self.language
        places = [
            Landmark(kind="cover", guide="cover", title=say(tongue, "cover"), href=COVER),
            Landmark(
                kind="titlepage", guide="title-page", title=say(tongue, "title_page"),
                href=TITLE_PAGE,
            ),
            Landmark(kind="toc", guide="toc", title=say(tongue, "contents"), href=NAVIGATION),
        ]  # fmt: skip
        # EPUB 3.3 calls it bodymatter, EPUB 2 text: where a book opens the first time.
        part = self.plan.parts[0]
        start = part.file or (self.plan.files[part.entries[0].key] if part.entries else None)
        if start:
            places.append(
                Landmark(kind="bodymatter", guide="text", title=say(tongue, "start"), href=start)
            )
        if self.indexes:
            index = self.indexes[0]
            places.append(
                Landmark(
                    kind="index", guide="index", title=say(tongue, index.name),
                    href=index.pages[0].file,
                )
            )  # fmt: skip
        return tuple(places)
