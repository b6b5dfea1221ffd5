"""The cover: a picture of the set itself.

Above, the title; below, every entry as a dot, by time from left to right and by person from
top to bottom, with a line to each entry that it cites.  No clock, no chance and no font of
the machine is in it, so that the same set has the same cover everywhere.
"""

from __future__ import annotations

import dataclasses
import io
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, features

from convert.entryset import EntrySet
from convert.errors import UsageError
from convert.exporters import outline
from convert.exporters.epub.fonts import Font, cover_fonts
from convert.exporters.epub.metadata import identifier
from convert.exporters.epub.options import EpubOptions
from convert.model import Problem
from convert.pictures.renditions import UnusablePicture, decoding
from convert.text import files
from convert.text.characters import fold
from convert.text.late import Late

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont
else:
    # They load FreeType, which reads the environment then.
    ImageDraw, ImageFont = Late("PIL.ImageDraw"), Late("PIL.ImageFont")

WIDTH, HEIGHT = 1_600, 2_560
MARGIN = 130
LEADING = 1.16
CHART = (MARGIN, 1_260, WIDTH - MARGIN, 2_080)
"""Left, top, right and bottom of the picture of the set."""

# Ground, title, other words, dots, lines.  Each pair of ground and words has a contrast of
# over 7 to 1 (WCAG 2.2, 1.4.6).
PALETTES = (
    ("#17352f", "#f6f1e3", "#d9d3bf", "#e9b44c", "#5d8a7c"),
    ("#1d2b45", "#f4f1ea", "#cfd3dd", "#e58f65", "#566b94"),
    ("#3a1f2b", "#f7efe8", "#dcc9c9", "#e7b35a", "#8a5a6c"),
    ("#22313a", "#f3f3ee", "#cbd5d8", "#8fc1a9", "#587480"),
    ("#2c2a45", "#f3f0f7", "#d3cfe2", "#e8a87c", "#6c689a"),
    ("#123a45", "#f3f4ee", "#c9d8d8", "#f0c05a", "#4f8590"),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CoverImage:
    """A picture for the cover."""

    content: bytes
    media_type: str
    suffix: str


def cover_image(
    entries: EntrySet, options: EpubOptions, warn: Callable[[Problem], None]
) -> CoverImage:
    """Return the user's picture, or the one that we draw.

    Raises UsageError where the user's file is no picture.
    """
    if options.cover:
        return own_cover(Path(options.cover))
    fonts = cover_fonts(Path(options.fonts) if options.fonts else None)
    drawn = _Cover(entries, fonts)
    drawn.draw()
    if drawn.missing:
        warn(
            Problem(
                path="cover",
                field="fonts",
                reason=f"no font for {drawn.missing[0]!r}: it is not on the cover;"
                " name a folder with one (fonts = …), or a picture (cover = …)",
            )
        )
    out = io.BytesIO()
    # Letters have hard edges: colours at half the resolution would blur them.
    drawn.image.save(out, "JPEG", quality=88, subsampling=0, optimize=True)
    return CoverImage(content=out.getvalue(), media_type="image/jpeg", suffix=".jpg")


def own_cover(path: Path) -> CoverImage:
    """Return the picture in a user's file.  Raises UsageError where no JPEG or PNG can be read."""
    try:
        content = files.read(path)
    except OSError as error:
        raise UsageError(f"cover: {path}: {error.strerror}; name a JPEG or PNG file") from error
    try:
        with decoding(), Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            kind = image.format
            image.load()  # to the end: what is cut short is no cover
    except (OSError, UnusablePicture) as error:
        raise UsageError(f"cover: {path}: no JPEG or PNG picture can be read there") from error
    if kind == "PNG":
        return CoverImage(content=content, media_type="image/png", suffix=".png")
    return CoverImage(content=content, media_type="image/jpeg", suffix=".jpg")


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Room:
    """How much room a text has: sizes to try, the largest first, lines, and their height."""

    sizes: Sequence[int]
    lines: int
    height: int = 400


class _Cover:
    """A cover while it is drawn.  ``missing`` are the texts for which no font was found."""

    def __init__(self, entries: EntrySet, fonts: Sequence[Font]) -> None:
        # Chosen by identity: a book keeps its colours however much it grows.
        choice = int(identifier(entries)[-8:], 16) % len(PALETTES)
        self.ground, self.ink, self.pale, self.dot, self.thread = PALETTES[choice]
        self.entries = entries
        self.fonts = fonts
        self.image = Image.new("RGB", (WIDTH, HEIGHT), self.ground)
        self.missing: list[str] = []

    def draw(self) -> None:
        """Draw title and subtitle from the top, people and period from the bottom, and the set
        between them."""
        at = 230
        title = outline.publication_title(self.entries)
        at = self._text(title, at, self.ink, _Room(sizes=range(260, 90, -10), lines=4, height=720))
        if volume := outline.volume_name(self.entries):
            at = self._text(volume, at + 30, self.dot, _Room(sizes=(120, 90, 70), lines=1))
        subtitle = fold(self.entries.subtitle)
        self._text(subtitle, at + 40, self.pale, _Room(sizes=range(84, 55, -6), lines=3))
        self._draw_set()
        foot = CHART[3] + 70
        years = outline.period(self.entries, self.entries.language)
        foot = self._text(years, foot, self.ink, _Room(sizes=(110, 90), lines=1))
        # Names stand in one line: those of the font that can draw the most of them.
        names = outline.everyone(self.entries)
        drawn = [frozenset(name for name in names if _can_draw(font, name)) for font in self.fonts]
        best = max(drawn, key=len, default=frozenset[str]())
        people = outline.credit(self.entries, most=6, shown=best.__contains__)
        self._text(people, foot + 30, self.pale, _Room(sizes=range(66, 40, -6), lines=3))

    def _text(self, text: str, top: int, colour: str, room: _Room) -> int:
        """Draw a text as large as the room allows; return where it ends."""
        if not text:
            return top
        font = next((font for font in self.fonts if _can_draw(font, text)), None)
        if font is None:
            self.missing.append(text)
            return top
        classes = [unicodedata.bidirectional(each) for each in text]
        right = next((each for each in classes if each in ("L", "R", "AL")), "L") != "L"
        # Shaping only for the scripts that need it: Raqm is not on every machine.
        shaped = bool({"R", "AL"} & {*classes}) and features.check("raqm")
        engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
        set_in, broken = _fitted(text, font, room, engine)
        draw = ImageDraw.Draw(self.image)
        step = round(set_in.size * LEADING)
        for number, words in enumerate(broken):
            across = WIDTH - MARGIN if right else MARGIN
            anchor = "ra" if right else "la"
            draw.text((across, top + number * step), words, colour, set_in, anchor)
        return top + len(broken) * step

    def _draw_set(self) -> None:
        """Draw a dot for each entry, time across and people down as they began, and a line for
        each citation; at twice the size: lines have no steps then."""
        left, top, right, bottom = CHART
        scale, edge = 2, 80
        chart = Image.new("RGB", ((right - left) * scale, (bottom - top) * scale), self.ground)
        draw = ImageDraw.Draw(chart)
        entries = sorted(self.entries, key=lambda entry: (entry.date, entry.key))
        row = {user: at for at, user in enumerate(dict.fromkeys(each.user for each in entries))}
        times = [entry.date.timestamp() for entry in entries] or [0.0]
        span = max(1.0, times[-1] - times[0])
        places = {}
        for entry, time in zip(entries, times, strict=False):
            along = (time - times[0]) / span if len(entries) > 1 else 0.5
            down = (row[entry.user] + 0.5) / len(row)
            x = edge + round(along * (chart.width - 2 * edge))
            places[entry.key] = (x, edge + round(down * (chart.height - 2 * edge)))
        radius = max(10, min(70, 240 // max(1, round(len(places) ** 0.5))))
        thick = max(3, radius // 6)
        for key, (x, y) in places.items():
            for citation in self.entries.citations.get(key, ()):
                if citation.key in places and citation.key != key:
                    draw.line(_arc((x, y), places[citation.key]), self.thread, width=thick)
        for x, y in places.values():
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), self.dot)
        small = chart.resize((right - left, bottom - top), Image.Resampling.LANCZOS)
        self.image.paste(small, (left, top))


def _arc(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[float, float]]:
    """Return a flat bow between two dots, so that lines along one row part from each other."""
    (x0, y0), (x1, y1) = start, end
    across, down = (x0 + x1) / 2 - (y1 - y0) * 0.12, (y0 + y1) / 2 - abs(x1 - x0) * 0.12
    steps = [at / 24 for at in range(25)]
    return [
        (
            (1 - t) ** 2 * x0 + 2 * t * (1 - t) * across + t**2 * x1,
            (1 - t) ** 2 * y0 + 2 * t * (1 - t) * down + t**2 * y1,
        )
        for t in steps
    ]


def _fitted(
    text: str, font: Font, room: _Room, engine: ImageFont.Layout
) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return the text broken into lines and the font in the largest size in which it fits; cut
    off in the smallest."""
    for size in room.sizes:
        sized = ImageFont.truetype(str(font.path), size, layout_engine=engine)
        broken = _broken(text, sized)
        fits = all(sized.getlength(words) <= WIDTH - 2 * MARGIN for words in broken)
        if fits and len(broken) <= room.lines and len(broken) * size * LEADING <= room.height:
            return sized, broken
    short = [_shortened(words, sized) for words in broken[: room.lines]]
    if len(broken) > room.lines:
        short[-1] = _shortened(f"{short[-1]}…", sized)
    return sized, short


def _broken(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """Return lines that are as wide as the cover allows, broken at spaces, or anywhere in scripts
    that have none."""
    words = text.split()
    glue = " "
    if len(words) == 1 and any(unicodedata.east_asian_width(each) in "WF" for each in text):
        words, glue = list(text), ""
    broken = [words[0]]
    for word in words[1:]:
        longer = f"{broken[-1]}{glue}{word}"
        if font.getlength(longer) <= WIDTH - 2 * MARGIN:
            broken[-1] = longer
        else:
            broken.append(word)
    return broken


def _shortened(text: str, font: ImageFont.FreeTypeFont) -> str:
    while len(text) > 1 and font.getlength(text) > WIDTH - 2 * MARGIN:
        text = text[:-2].rstrip() + "…"
    return text


def _can_draw(font: Font, text: str) -> bool:
    return all(ord(each) in font.characters for each in text if not each.isspace())
