"""Fonts: those that a user wants in the book, and those that draw the cover.

A book brings no fonts unless asked to: readers have their own, and their users a choice.
The cover is drawn with a font that comes with a library we need anyway, so that it looks the
same on every machine.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from convert.errors import UsageError
from convert.exporters.epub.package import Package
from convert.model import Problem
from convert.text import files

MEDIA_TYPES = {
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
"""Core media types of EPUB 3.3, 3.2, by suffix."""
RESTRICTED = 0x0002
"""OpenType, OS/2 fsType: must not be embedded."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Font:
    """What a font file says of itself."""

    path: Path
    family: str
    weight: int
    italic: bool
    fixed: bool
    restricted: bool
    characters: frozenset[int]


@lru_cache(maxsize=64)
def read_font(path: Path) -> Font | None:
    """Return the font in a file; None where it is none."""
    from fontTools.ttLib import TTFont, TTLibError  # noqa: PLC0415 - listing must stay quick

    try:
        with TTFont(io.BytesIO(files.read(path)), lazy=True) as font:
            os2, names = font["OS/2"], font["name"]
            return Font(
                path=path,
                family=names.getDebugName(16) or names.getDebugName(1) or path.stem,
                weight=max(1, min(1000, int(os2.usWeightClass))),
                italic=bool(os2.fsSelection & 1),
                fixed=bool(font["post"].isFixedPitch),
                restricted=os2.fsType & 0x000F == RESTRICTED,
                characters=frozenset(font.getBestCmap() or ()),
            )
    except (TTLibError, OSError, KeyError, AttributeError, ValueError, AssertionError):
        return None


def fonts_in(folder: Path) -> Iterator[Font]:
    """Yield the fonts of a folder by their names.  Raises UsageError where it is none."""
    if not folder.is_dir():
        raise UsageError(f"fonts: {folder}: no such folder")
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.suffix.lower() in MEDIA_TYPES and (font := read_font(path)) is not None:
            yield font


def cover_fonts(folder: Path | None) -> tuple[Font, ...]:
    """Return the fonts that may draw the cover, the preferred first: the user's, then a serif and a
    sans that come with our formula renderer."""
    fonts = list(fonts_in(folder)) if folder else []
    fonts.sort(key=lambda font: (font.fixed, font.italic, abs(font.weight - 400)))
    for package, name in (
        ("ziamath", "fonts/STIXTwoMath-Regular.ttf"),
        ("ziafont", "fonts/DejaVuSans.ttf"),
    ):
        # Found without importing it: that would cost more than the whole cover.
        spec = find_spec(package)
        places = (spec.submodule_search_locations if spec else None) or ()
        fonts.extend(font for place in places if (font := read_font(Path(place) / name)))
    return tuple(fonts)


def add_fonts(folder: Path, package: Package, warn: Callable[[Problem], None]) -> str:
    """Put the fonts of a folder into the book; return the style rules that use them."""
    faces: list[str] = []
    families: dict[bool, str] = {}
    for font in fonts_in(folder):
        if font.restricted:
            reason = "its licence bits forbid embedding; the book goes without it"
            warn(Problem(path=str(font.path.name), field="fonts", reason=reason))
            continue
        suffix = font.path.suffix.lower()
        name = f"fonts/f{len(faces) + 1}{suffix}"
        package.add(name, files.read(font.path), MEDIA_TYPES[suffix])
        letters = (each for each in font.family if each.isprintable() and each not in '"\\<>{}')
        family = f'"{"".join(letters)}"'
        families.setdefault(font.fixed, family)
        faces.append(
            f"@font-face {{ font-family: {family}; font-weight: {font.weight};"
            f" font-style: {'italic' if font.italic else 'normal'}; src: url({name}); }}"
        )
    if not faces:
        reason = "no .otf, .ttf, .woff or .woff2 font there; readers use their own"
        warn(Problem(path=str(folder.name), field="fonts", reason=reason))
    if False in families:
        faces.append(f"body {{ font-family: {families[False]}, serif; }}")
    if True in families:
        faces.append(
            f"pre, code, kbd, samp {{ font-family: {families[True]}, monospace, monospace; }}"
        )
    return "".join(f"{face}\n" for face in faces)
