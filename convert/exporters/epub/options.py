"""What a book can be asked for, and what each device is given."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from convert.contract import ExporterOptions, ImagePolicy, Order, RenditionRequest
from convert.errors import UsageError

Parts = Literal["author", "year", "category", "none"]
Device = Literal["generic", "kobo", "kindle"]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMG]?)i?B", re.IGNORECASE)
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
MAIL_LINE = 57 / 78
"""Bytes of a file in each byte of a mail: base64 puts 57 into a line of 76 and its CR LF
(RFC 2045, 6.8)."""


class EpubOptions(ExporterOptions, frozen=True, kw_only=True):
    """The options of ``--to epub``."""

    order: Annotated[Order, msgspec.Meta(description="which entries come first")] = "oldest"
    images: Annotated[
        ImagePolicy,
        msgspec.Meta(
            description="pictures: in the book, as links to where they live, or only their words"
        ),
    ] = "embed"
    parts: Annotated[
        Parts, msgspec.Meta(description="what the book is divided by, each part with a page")
    ] = "author"
    device: Annotated[
        Device,
        msgspec.Meta(
            description="generic; kobo: .kepub.epub, so that notes pop up; kindle:"
            " .kindle.epub, only what its converter takes"
        ),
    ] = "generic"
    cover: Annotated[
        str | None,
        msgspec.Meta(description="a JPEG or PNG file in place of the cover that we draw"),
    ] = None
    fonts: Annotated[
        str | None,
        msgspec.Meta(description="a folder of fonts (.otf, .ttf, .woff, .woff2) to put in"),
    ] = None
    max_size: Annotated[
        str | None,
        msgspec.Meta(
            description="the most that one file may weigh in a mail, as in 18MB: cuts volumes"
            " and shrinks pictures"
        ),
    ] = None
    highlight: Annotated[
        bool, msgspec.Meta(description="colour code; weight and slant say the same")
    ] = True
    publisher: Annotated[
        str | None, msgspec.Meta(description="who publishes the book; the publication's title")
    ] = None
    description: Annotated[
        str | None, msgspec.Meta(description="what a library shows of the book")
    ] = None

    def __post_init__(self) -> None:
        if self.max_size is not None and self.volumes == "none":
            # Text presses to well under half; the rest of the limit is for pictures.
            limit = int(byte_limit(self.max_size) / 1_000)
            msgspec.structs.force_setattr(self, "volumes", f"{max(limit, 1)}kB")

    def check(self) -> None:
        """Raise UsageError for a cover that is no picture and for fonts that are no folder."""
        super().check()
        if self.cover:
            # Pillow is needed for this option alone.
            from convert.exporters.epub.cover import own_cover  # noqa: PLC0415

            own_cover(Path(self.cover))
        if self.fonts and not Path(self.fonts).is_dir():
            raise UsageError(f"fonts: {self.fonts}: is no folder")

    @property
    def limit(self) -> int | None:
        """The most bytes of the file itself, None where there is no limit."""
        return byte_limit(self.max_size) if self.max_size else None


def byte_limit(size: str) -> int:
    """Return the bytes of a file that weighs ``size`` ("18MB", decimal units) as an attachment.

    Raises UsageError where it is no size.
    """
    parts = _SIZE.fullmatch(size.strip())
    if parts is None:
        raise UsageError(f"max_size: {size!r} is no size; write it as in 18MB or 500kB")
    return int(float(parts[1]) * _UNITS[parts[2].lower()] * MAIL_LINE)


def picture_request(options: EpubOptions) -> RenditionRequest:
    """Return what a picture may be on the device.

    1,680 pixels is the longer side of the screens of the larger readers.  Kobo asks for at
    most 5 MB a picture; much less turns pages faster.  Kindle takes SVG only within narrow
    limits: it gets pixels.
    """
    return RenditionRequest(
        use="ereader",
        longest_side=1_680,
        max_bytes=1_500_000,
        raster=options.device == "kindle",
    )
