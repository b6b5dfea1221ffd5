"""The options that Atom, RSS and JSON Feed have in common."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from convert.contract import ExporterOptions
from convert.errors import UsageError
from convert.text.addresses import check_address
from convert.text.languages import check_language


class FeedOptions(ExporterOptions, frozen=True, kw_only=True):
    """What every feed format can be asked for."""

    title: Annotated[
        str | None, msgspec.Meta(description="title of the feed; default: the publication's")
    ] = None
    subtitle: Annotated[str | None, msgspec.Meta(description="one line under the title")] = None
    icon: Annotated[str | None, msgspec.Meta(description="address of a small square icon")] = None
    logo: Annotated[
        str | None, msgspec.Meta(description="address of a picture twice as wide as high")
    ] = None
    rights: Annotated[str | None, msgspec.Meta(description="rights in the feed as a whole")] = None
    generator: Annotated[bool, msgspec.Meta(description="say which program made the feed")] = True
    language: Annotated[
        str | None, msgspec.Meta(description="language of the feed, as in en or pt-BR")
    ] = None
    base_url: Annotated[
        str | None,
        msgspec.Meta(
            description="address at which the output will be published; makes its links absolute"
        ),
    ] = None
    hub: Annotated[
        str | None, msgspec.Meta(description="address of a WebSub hub that tells of news")
    ] = None
    content: Annotated[
        Literal["full", "summary"],
        msgspec.Meta(description="the whole of each entry, or a summary"),
    ] = "full"
    formulas: Annotated[
        Literal["mathml", "image", "text"],
        msgspec.Meta(
            description="formulas as MathML, as pictures within the feed, or as their TeX; drawings"
            " in the text are SVG with mathml, else such pictures"
        ),
    ] = "mathml"
    entry_title: Annotated[
        Literal["title", "author"],
        msgspec.Meta(description="call an entry by its title, or author: title (Ann: Herons)"),
    ] = "title"
    each: Annotated[
        tuple[Literal["author", "category"], ...],
        msgspec.Meta(description="also a feed for each author, each category"),
    ] = ()
    page_size: Annotated[
        int, msgspec.Meta(ge=0, description="entries on a page of the feed; 0: all on one")
    ] = 0
    archives: Annotated[
        bool,
        msgspec.Meta(
            description="volumes by year or number are the archives (RFC 5005) of the feed"
        ),
    ] = True

    @property
    def in_several_files(self) -> str:
        """Pages and further feeds are files of their own."""
        pages = "page_size" if self.page_size else ""
        return super().in_several_files or ("each" if self.each else pages)

    @property
    def makes_archives(self) -> bool:
        """Archives are volumes that are filled one after the other (``collection.volumes``)."""
        return self.archives and re.fullmatch(r"year|[1-9]\d*", self.volumes) is not None

    def check(self) -> None:
        """Raise UsageError where an address or the language is none, or a feed would be cut into
        pages and into archives."""
        super().check()
        if self.page_size and self.makes_archives:
            raise UsageError(
                f"page_size: volumes = {self.volumes} cuts the feed into archives, which are its"
                " pages; leave one of both out, or set archives = false"
            )
        for name in ("icon", "logo", "base_url", "hub", "language"):
            if text := getattr(self, name):
                try:
                    (check_language if name == "language" else check_address)(text)
                except UsageError as error:
                    raise UsageError(f"{name}: {error}") from error
