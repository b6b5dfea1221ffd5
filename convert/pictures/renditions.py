"""Pictures made fit for an output: kind, size, turn, colours, weight.  Pure; Pillow does it.

The bytes decide what a picture is, never its address or what a server says of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import warnings
from collections.abc import Iterator

import msgspec
import PIL
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError, features

from convert.content.safety.svg import Drawing, UnsafeSvg, looks_like_svg, sanitise
from convert.contract import Rendition, RenditionRequest
from convert.model import Value
from convert.squeezing import squeeze

MAX_PIXELS = 50_000_000
"""The most pixels of a picture that is decoded; a decoded pixel takes up to four bytes."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "ICO")
"""What Pillow may try: the kinds that browsers show.  Others have decoders that run programs
(EPS) or a long history of holes."""
VERSION = " ".join(
    [
        "1",
        PIL.__version__,
        *(str(features.version(each)) for each in ("jpg", "zlib", "webp", "avif")),
    ]
)
"""Stands for all that shapes the bytes of a rendition beside picture and request."""
_TYPES = {
    "JPEG": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "GIF": ("image/gif", ".gif"),
    "WEBP": ("image/webp", ".webp"),
    "AVIF": ("image/avif", ".avif"),
    "BMP": ("image/bmp", ".bmp"),
    "ICO": ("image/vnd.microsoft.icon", ".ico"),
    "SVG": ("image/svg+xml", ".svg"),
}
_METADATA = ("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif", "photoshop", "comment")
_TOO_MANY = f"has more than {MAX_PIXELS:,} pixels"
_ORIENTATION = 0x0112
"""The tag of Exif that says which way is up."""


class UnusablePicture(Exception):
    """Not a picture, or not one that may be decoded; the message says why."""


class Original(Value, frozen=True, kw_only=True):
    """What is known of a picture as fetched.  ``format`` is Pillow's name, or "SVG"."""

    format: str
    width: int
    height: int


def examine(content: bytes) -> Original:
    """What the bytes are, decoded once to be sure.  Raises UnusablePicture."""
    if looks_like_svg(content):
        drawing = _drawing(content)
        return Original(format="SVG", width=drawing.width, height=drawing.height)
    with _opened(content) as image, _decoding():
        found = Original(format=_format(image), width=image.width, height=image.height)
        # Decoding at an eighth of the size still reads every byte of a JPEG.
        image.draft(None, (image.width // 8, image.height // 8))
        image.load()
    return found


def make(content: bytes, request: RenditionRequest) -> Rendition | None:
    """The picture as the request wants it, or None where it cannot be had so.

    Raises UnusablePicture.
    """
    if looks_like_svg(content):
        return _svg(content, request)
    with _opened(content) as image, _decoding():
        if request.use == "original" and request.longest_side is None and not request.grey:
            if request.max_bytes is None or len(content) <= request.max_bytes:
                return _as_fetched(content, image)
        elif _fits(content, image, request):
            return _as_fetched(content, image)
        bare = _without_metadata(image, request)
        if bare is not None:
            return bare
        upright = _decoded(image, request.longest_side)
    made = squeeze(upright, request)
    return _rendition(made.content, made.format, made.width, made.height)


def _drawing(content: bytes) -> Drawing:
    try:
        return sanitise(content)
    except UnsafeSvg as error:
        raise UnusablePicture(str(error)) from error


def _svg(content: bytes, request: RenditionRequest) -> Rendition | None:
    drawing = _drawing(content)
    if request.raster or (request.max_bytes and len(drawing.content) > request.max_bytes):
        return None
    return _rendition(drawing.content, "SVG", drawing.width, drawing.height)


def _opened(content: bytes) -> Image.Image:
    try:
        with _decoding():
            image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnusablePicture as error:
        if isinstance(error.__cause__, Image.DecompressionBombError):
            raise UnusablePicture(_TOO_MANY) from error
        if isinstance(error.__cause__, UnidentifiedImageError):
            raise UnusablePicture(_what(content)) from error
        raise
    if image.width * image.height > MAX_PIXELS:
        raise UnusablePicture(_TOO_MANY)
    return image


def _what(content: bytes) -> str:
    start = content[:512].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")):
        return "is an HTML page, not a picture"
    return "is no picture of a kind that is known" if content else "is empty"


@contextlib.contextmanager
def _decoding() -> Iterator[None]:
    """Decoders meet damaged files with errors of every kind: struct, index, value, memory.

    WeasyPrint, where it is loaded, lets Pillow take half a picture for a whole one.
    """
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnusablePicture:
        raise
    except Exception as error:
        raise UnusablePicture(f"is a damaged picture ({_line(error)})") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _format(image: Image.Image) -> str:
    # An MPO is a JPEG with further pictures behind it; Pillow opens it as such.
    return "JPEG" if image.format in ("MPO", None) else image.format


def _fits(content: bytes, image: Image.Image, request: RenditionRequest) -> bool:
    """Whether the bytes can go out as they came."""
    formats = {"JPEG", "PNG", "GIF"} | ({"WEBP"} if request.use == "web" else set())
    still_only = request.use == "print" or (request.use == "ereader" and image.format == "PNG")
    return (
        image.format in formats
        and not (still_only and getattr(image, "is_animated", False))
        and not any(image.info.get(name) for name in _METADATA if image.format != "GIF")
        and _keeps_pixels(image, request)
        and len(content) <= (request.max_bytes or len(content))
    )


def _keeps_pixels(image: Image.Image, request: RenditionRequest) -> bool:
    """Whether size and colours may stay as they are."""
    return (
        not request.grey
        and image.mode not in ("CMYK", "I", "F")
        and not image.mode.startswith("I;16")
        and max(image.size) <= (request.longest_side or max(image.size))
    )


def _without_metadata(image: Image.Image, request: RenditionRequest) -> Rendition | None:
    """A JPEG with its own quantisation tables, so that it loses next to nothing; None where
    it must be turned, resized or made lighter anyway."""
    if image.format != "JPEG" or not _keeps_pixels(image, request):
        return None
    if image.getexif().get(_ORIENTATION, 1) != 1:
        return None
    out = io.BytesIO()
    profile = image.info.get("icc_profile")
    image.save(
        out, "JPEG", quality="keep", optimize=True, comment=b"", xmp=b"", icc_profile=profile
    )
    if request.max_bytes is not None and out.tell() > request.max_bytes:
        return None
    return _rendition(out.getvalue(), "JPEG", image.width, image.height)


def _as_fetched(content: bytes, image: Image.Image) -> Rendition:
    return _rendition(content, _format(image), image.width, image.height)


def _decoded(image: Image.Image, longest_side: int | None) -> Image.Image:
    """The first frame: upright, eight bits a channel, in RGB, RGBA or L.

    A JPEG is decoded at no more than it takes to be well resized to ``longest_side``.  An
    ICC profile stays where its colours do; everything else that a camera noted goes.
    """
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA", "L") else None
    if longest_side is not None:
        part = min(1.0, 2 * longest_side / max(image.size))
        image.draft(None, (int(image.width * part), int(image.height * part)))
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    plain = _plain(image)
    plain.info = {"icc_profile": profile} if profile else {}
    return plain


def _plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        # Pillow clips at 255 rather than scaling; the high byte is the value.
        high = 0 if image.mode.endswith("B") else 1
        return Image.frombytes("L", image.size, image.tobytes()[high::2])
    if image.mode in ("I", "F"):
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return _without_needless_alpha(_in_mode(image, "RGBA"))
    return _in_mode(image, "L" if image.mode in ("L", "1") else "RGB")


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    # A conversion to the same mode would be a copy, and a decoded picture may fill 200 MB.
    return image if image.mode == mode else image.convert(mode)


def _without_needless_alpha(image: Image.Image) -> Image.Image:
    opaque = image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB") if opaque else image


def _rendition(content: bytes, kind: str, width: int, height: int) -> Rendition:
    media_type, suffix = _TYPES[kind]
    return Rendition(
        content=content,
        media_type=media_type,
        suffix=suffix,
        width=width,
        height=height,
        digest=hashlib.sha256(content).hexdigest(),
    )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def key(digest: str, request: RenditionRequest) -> str:
    """The name under which a rendition of the picture of that digest is remembered."""
    asked = msgspec.json.encode(request, order="deterministic")
    return hashlib.sha256(f"{digest}\n{VERSION}\n".encode() + asked).hexdigest()
