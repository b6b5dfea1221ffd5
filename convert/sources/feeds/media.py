"""The files of an entry: enclosures of Atom and RSS, Media RSS, the extensions of podcasts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml import etree
from msgspec.structs import replace

from convert.content import fields
from convert.model import Enclosure
from convert.sources import clean
from convert.sources.feeds.links import is_file, relation
from convert.sources.feeds.vocabulary import Parts, attribute, reference, text_of

_FLASH = "application/x-shockwave-flash"
"""The player of a page and no file, which nothing plays any more."""
_RECORDED = ("audio/", "video/")
_FACE = re.compile(
    r"https?://(?:(?:[\w-]+\.)?gravatar\.com/avatar/|avatars\d*\.githubusercontent\.com/)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\.([a-z0-9]{3,4})(?:[?#]|$)", re.IGNORECASE)
_TYPES = {
    **{name: f"image/{name}" for name in ("avif", "gif", "jpeg", "png", "webp")},
    "jpg": "image/jpeg",
    "svg": "image/svg+xml",
    "swf": _FLASH,
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    # Media RSS's own names for what a file is.
    "image": "image/jpeg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
}
"""What a file is that does not say it, by the end of its address, else by its medium."""
_SOURCE = re.compile(r"""\b(?:src|href)\s*=\s*["']([^"'<>]++)""", re.IGNORECASE)


def enclosures(parts: Parts, shown: str) -> tuple[Enclosure, ...]:
    """Return the files of an entry, each once, without the pictures of Media RSS that stand in
    its text ``shown``; a picture has what is said for it as its title."""
    duration = seconds(parts.text("itunes:duration"))
    media = [each for each in _media(parts) if not _FACE.match(each.href)]
    if any(map(_is_picture, media)):
        in_text = {_place(html.unescape(each)) for each in _SOURCE.findall(shown)}
        media = [each for each in media if not (_is_picture(each) and _place(each.href) in in_text)]
    stated = (
        *parts.all("enclosure"),
        *(each for each in parts.all("link") if relation(each) == "enclosure"),
        *(each for each in parts.all("content") if is_file(each)),
    )
    enclosed: dict[str, Enclosure] = {}
    for each in (*(_enclosure(parts, each) for each in stated), *media):
        if each.href and each.type != _FLASH:
            enclosed.setdefault(each.href, each)
    files = enclosed.values()
    # That of an episode; where nothing is called a recording, any file but a picture may be one.
    recordings = {each.href for each in files if (each.type or "").startswith(_RECORDED)}
    lasting = recordings or {each.href for each in files if not _is_picture(each)}
    return tuple(
        replace(each, duration=each.duration or (duration if each.href in lasting else None))
        for each in files
    )


def image(parts: Parts) -> str | None:
    """Return the address of the picture that stands for an entry: the largest of its thumbnails,
    else that of an episode, else the largest of its media."""
    around = [*_around(parts)]
    contents = [(each, within) for within in around for each in within.all("media:content")]
    around += [within.within(each) for each, within in contents]
    thumbnails = [(each, within) for within in around for each in within.all("media:thumbnail")]
    named = [(each, parts) for each in parts.all("itunes:image", "itunes:link", "image")]
    pictures = [
        (each, within) for each, within in contents if _is_picture(_enclosure(within, each))
    ]
    for candidates in (sorted(thumbnails, key=_size), named, sorted(pictures, key=_size)):
        for element, within in candidates:
            address = within.address(element, reference(element))
            if address and not _FACE.match(address):
                return address
    return None


def face(parts: Parts) -> str | None:
    """Return the address of a face, which WordPress and GitHub have among the media."""
    media = parts.all("media:content", "media:thumbnail")
    addresses = (attribute(each, "url") for each in media)
    return next((clean.web(each) for each in addresses if _FACE.match(each)), None)


def seconds(value: str) -> int | None:
    """Return seconds, from a number or H:MM:SS as podcasts write it."""
    parts = value.strip().partition(".")[0].split(":")
    if len(parts) > 3 or not all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
        return None
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return total or None


def _around(parts: Parts) -> Iterator[Parts]:
    """Yield what media may be in: the entry, and each of its groups."""
    yield parts
    yield from map(parts.within, parts.all("media:group"))


def _media(parts: Parts) -> Iterator[Enclosure]:
    for within in _around(parts):
        files = [(each, _enclosure(within, each)) for each in within.all("media:content")]
        pictures = [each for each in files if _is_picture(each[1])]
        # A group is one thing in several forms: of pictures the largest is enough.
        largest = min(pictures, key=_size, default=None) if within is not parts else None
        for each in files:
            element, file = each
            if largest is None or each is largest or not _is_picture(file):
                described = within.within(element)
                only = within if len(files) == 1 or within is not parts else described
                title, caption = (
                    _line(described, name) or _line(only, name)
                    for name in ("media:title", "media:description")
                )
                title = caption or title if _is_picture(file) else title
                yield replace(file, title=clean.optional(title))


def _line(parts: Parts, name: str) -> str:
    for element in parts.all(name):
        kind = attribute(element, "type").lower()
        kind = "html" if "html" in kind else fields.LITERAL if kind == "plain" else "text"
        if line := fields.line(text_of(element), kind):
            return clean.literal(line) or ""
    return ""


def _enclosure(parts: Parts, element: etree._Element) -> Enclosure:
    """Return a file as an element names it; its address as it is where nothing resolves it."""
    written = reference(element)
    href = parts.address(element, written) or clean.line(written)
    # Feeds write "", "0", "unknown" and "1,234" into what RSS 2.0 demands.
    length = re.sub(r"(?<=\d)[,_ .](?=\d{3})", "", attribute(element, "length", "filesize"))
    suffix = _SUFFIX.search(href)
    guessed = _TYPES.get(suffix[1].lower() if suffix else "") or _TYPES.get(
        attribute(element, "medium").lower()
    )
    return Enclosure(
        href=href,
        type=clean.optional(attribute(element, "type").lower()) or guessed,
        length=int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None,
        title=clean.literal(attribute(element, "title")),
        duration=seconds(attribute(element, "duration")),
    )


def _is_picture(file: Enclosure) -> bool:
    return (file.type or "").startswith("image/")


def _size(candidate: tuple[etree._Element, object]) -> int:
    """Return what is the less, the larger a picture is."""
    sides = (attribute(candidate[0], name) for name in ("width", "height"))
    width, height = (int(side) if re.fullmatch(r"[0-9]{1,6}", side) else 0 for side in sides)
    return -(width or height) * (height or width)


def _place(address: str) -> str:
    """Return what addresses of one picture have in common: WordPress asks for sizes."""
    return re.sub(r"^https?:|[?#].*$", "", address.strip(), flags=re.DOTALL)
