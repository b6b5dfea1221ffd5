"""The pages before the text: cover, title page, colophon."""

from __future__ import annotations

import dataclasses

from convert.exporters import outline
from convert.exporters.epub.metadata import identifier, summary
from convert.exporters.epub.pages import Pages
from convert.exporters.epub.text import web_address
from convert.text.characters import fold
from convert.text.phrases import format_date, join_names, say

LONG = 1_500
"""Characters of the names of all people, beyond which the title page names a few."""
FEW = 12


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


def cover_page(pages: Pages, image: str) -> str:
    """The page that shows the cover."""
    entries = pages.plan.entries
    words = (
        outline.book_title(entries),
        fold(entries.subtitle),
        outline.period(entries, entries.language),
        outline.credit(entries),
    )
    title = say(pages.language, "cover")
    return pages.page("cover", title, cover=image, alt=". ".join(filter(None, words)))


def title_page(pages: Pages) -> str:
    """Title, volume, years and people."""
    entries = pages.plan.entries
    everyone = join_names(outline.everyone(entries), pages.language)
    return pages.page(
        "title",
        outline.book_title(entries),
        title=outline.publication_title(entries),
        subtitle=fold(entries.subtitle),
        volume=outline.volume_name(entries),
        period=outline.period(entries, entries.language),
        people=everyone if len(everyone) <= LONG else outline.credit(entries, most=FEW),
        publisher=fold(pages.options.publisher or ""),
    )


def colophon(pages: Pages) -> str:
    """Where the texts come from, whose they are, and what made the book."""
    entries, tongue = pages.plan.entries, pages.language
    return pages.page(
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
        made_with=say(tongue, "made_with", name=f"thicket-convert {pages.context.version}".strip()),
        identifier=identifier(entries),
    )
