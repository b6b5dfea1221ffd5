"""Pictures made fit for an output: kind, size, turn, colours, weight.  Pure; Pillow does it.

The bytes decide what a picture is, never its address or what a server says of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import io
import math
import mmap
import platform
import warnings
from collections.abc import Iterator
from pathlib import Path

import msgspec
from lxml import etree
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError, features

from convert.content import SHARED, code_of
from convert.content.safety import svg
from convert.content.safety.svg import Drawing, UnsafeSvg, looks_like_svg, sanitise
from convert.contract import Rendition, RenditionRequest
from convert.model import Value

MAX_PIXELS = 50_000_000
"""The most pixels of a picture that is decoded; a decoded pixel takes up to four bytes."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "ICO")
"""What Pillow may try: the kinds that browsers show.  Others have decoders that run programs
(EPS) or a long history of holes."""
_CONTENT = Path(svg.__file__).parent.parent
FILES = (
    Path(__file__),
    *sorted((_CONTENT / "safety").glob("*.py")),
    *(_CONTENT / f"{name}.py" for name in ("tree", "vocabulary")),
    *SHARED,
)
LIBRARIES = ("babel", "idna", "lxml", "msgspec", "pillow")
CODE = (
    code_of(*FILES),
    platform.python_version(),
    str(etree.LIBXML_VERSION),
    *map(importlib.metadata.version, LIBRARIES),
    *(str(features.version(each)) for each in ("jpg", "zlib", "zlib_ng", "webp", "avif")),
)
"""Our own code and the libraries: what shapes a verdict and the bytes of a rendition beside
picture and request.  Not the whole of it: pictures are made fit again only where it must be."""
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
_QUALITY = {"print": 92, "ereader": 85, "web": 85, "original": 92}
_FEW_COLOURS = 256
_FEW_GREYS = 32
_SMALLEST_SIDE = 48
_TOO_MANY = f"has more than {MAX_PIXELS:,} pixels"
_ORIENTATION = 0x0112
"""The tag of Exif that says which way is up."""


_ROOM = 32_000_000
_ROOM_OF_A_PIXEL = 16
"""Bytes of memory with which a decoder finds no fault but the picture's own: some say of one that
it is broken where they have no memory for it.  Measured: libjpeg 7 a pixel, all others fewer."""
_ROOM_OF_A_BYTE_OF_SVG = 40
"""The same for a parser; measured: 25."""


class UnusablePicture(Exception):
    """Not a picture, or not one that may be decoded; the message says why.

    ``passing`` where that is no fault of the picture: there was no memory for it.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


class Original(Value, frozen=True, kw_only=True):
    """What is known of a picture as fetched.  ``format`` is Pillow's name, or "SVG"."""

    format: str
    width: int
    height: int


def examine(content: bytes) -> Original:
    """Return what the bytes are; decode them once to be sure.  Raises UnusablePicture."""
    if looks_like_svg(content):
        drawing = _drawing(content)
        return Original(format="SVG", width=drawing.width, height=drawing.height)
    with _opened(content) as image, decoding(_ROOM_OF_A_PIXEL * image.width * image.height):
        original = Original(format=_format(image), width=image.width, height=image.height)
        # Decoding at an eighth of the size still reads every byte of a JPEG.
        image.draft(None, (image.width // 8, image.height // 8))
        image.load()
    return original


def make(content: bytes, request: RenditionRequest) -> Rendition | None:
    """Return the picture as the request wants it, or None where it cannot be had so.

    Raises UnusablePicture, and MemoryError.
    """
    if looks_like_svg(content):
        drawing = _drawing(content)
        if request.raster or (request.max_bytes and len(drawing.content) > request.max_bytes):
            return None
        return _rendition(drawing.content, "SVG", drawing.width, drawing.height)
    with _opened(content) as image, decoding(_ROOM_OF_A_PIXEL * image.width * image.height):
        if _fits(content, image, request):
            return _rendition(content, _format(image), image.width, image.height)
        if (
            image.format == "JPEG"
            and _keeps_pixels(image, request)
            and image.getexif().get(_ORIENTATION, 1) == 1
        ):
            # With its own quantisation tables it loses its metadata and next to nothing else.
            out, profile = io.BytesIO(), image.info.get("icc_profile")
            nothing = {"comment": b"", "xmp": b""}
            image.save(out, "JPEG", quality="keep", optimize=True, icc_profile=profile, **nothing)
            if request.max_bytes is None or out.tell() <= request.max_bytes:
                return _rendition(out.getvalue(), "JPEG", image.width, image.height)
        upright = _decoded(image, request.longest_side)
    return _squeezed(upright, request)


def key(digest: str, request: RenditionRequest) -> str:
    """Return the name under which a rendition of the picture of that digest is remembered."""
    encoded = msgspec.json.encode(request, order="deterministic")
    return hashlib.sha256(f"{digest}\n{CODE}\n".encode() + encoded).hexdigest()


def _drawing(content: bytes) -> Drawing:
    room = _ROOM_OF_A_BYTE_OF_SVG * len(content)
    with decoding(room):
        try:
            return sanitise(content)
        except UnsafeSvg as error:
            raise UnusablePicture(str(error), passing=not _has_room(room)) from error


def _opened(content: bytes) -> Image.Image:
    """Open a picture without decoding it; raise UnusablePicture that says what it is instead."""
    try:
        with decoding():
            image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnusablePicture as error:
        if not isinstance(error.__cause__, UnidentifiedImageError):
            raise
        start = content[:512].lstrip().lower()
        if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")):
            raise UnusablePicture("is an HTML page, not a picture") from error
        reason = "is no picture of a kind that is known" if content else "is empty"
        raise UnusablePicture(reason) from error
    if image.width * image.height > MAX_PIXELS:
        raise UnusablePicture(_TOO_MANY)
    return image


@contextlib.contextmanager
def decoding(room: int = 0) -> Iterator[None]:
    """Turn whatever a decoder raises into UnusablePicture.

    Damaged files bring errors of every kind: struct, index, value, memory.  They are the
    picture's own where there are so many bytes of ``room``, and nothing of the machine failed.
    """
    # WeasyPrint, where it is loaded, lets Pillow take half a picture for a whole one.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    # Pillow's own limit holds for pictures within a picture too (a PNG in an ICO); it warns at
    # this many pixels and refuses twice as many.
    usual, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except UnusablePicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnusablePicture(_TOO_MANY) from error
    except MemoryError as error:
        raise UnusablePicture("needs more memory than a picture may take", passing=True) from error
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        of_machine = isinstance(error, OSError) and error.errno is not None
        passing = of_machine or not _has_room(room)
        raise UnusablePicture(f"is a damaged picture ({reason})", passing=passing) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
        Image.MAX_IMAGE_PIXELS = usual


def _has_room(room: int) -> bool:
    """Return whether there is memory for so many bytes, and for a few more."""
    try:
        # Of the system: what Python has freed may not be free for a decoder's threads.
        mmap.mmap(-1, _ROOM + room, access=mmap.ACCESS_COPY).close()
    except (OSError, MemoryError):
        return False
    return True


def _format(image: Image.Image) -> str:
    # An MPO is a JPEG with further pictures behind it; Pillow opens it as such.
    return "JPEG" if image.format in ("MPO", None) else image.format


def _fits(content: bytes, image: Image.Image, request: RenditionRequest) -> bool:
    """Return whether the bytes can go out as they came."""
    if request.max_bytes is not None and len(content) > request.max_bytes:
        return False
    if request.use == "original" and request.longest_side is None and not request.grey:
        return True
    formats = {"JPEG", "PNG", "GIF"} | ({"WEBP"} if request.use == "web" else set())
    # A page shows one frame; an e-reader plays a GIF but no animated PNG.
    still_only = request.use == "print" or (request.use == "ereader" and image.format == "PNG")
    return (
        image.format in formats
        and not (still_only and getattr(image, "is_animated", False))
        # A GIF's comment stays: written anew, it would lose its frames.
        and not any(image.info.get(name) for name in _METADATA if image.format != "GIF")
        and _keeps_pixels(image, request)
    )


def _keeps_pixels(image: Image.Image, request: RenditionRequest) -> bool:
    """Return whether size and colours may stay as they are."""
    return (
        not request.grey
        and image.mode not in ("CMYK", "I", "F")
        and not image.mode.startswith("I;16")
        and max(image.size) <= (request.longest_side or max(image.size))
    )


def _decoded(image: Image.Image, longest_side: int | None) -> Image.Image:
    """Return the first frame: upright, eight bits a channel, in RGB, RGBA or L.

    A JPEG is decoded at no more than it takes to be well resized to ``longest_side``.  An
    ICC profile stays where its colours do; everything else that a camera noted goes.
    """
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA", "L") else None
    if longest_side is not None:
        part = min(1.0, 2 * longest_side / max(image.size))
        image.draft(None, (int(image.width * part), int(image.height * part)))
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I;16"):
        # Pillow clips at 255 rather than scaling; the high byte is the value.
        high = 0 if image.mode.endswith("B") else 1
        plain = Image.frombytes("L", image.size, image.tobytes()[high::2])
    elif image.mode in ("I", "F"):
        plain = image.point(lambda value: value / 256).convert("L")
    elif image.has_transparency_data:
        plain = _in_mode(image, "RGBA")
        if plain.getchannel("A").getextrema() == (255, 255):
            plain = plain.convert("RGB")
    else:
        plain = _in_mode(image, "L" if image.mode in ("L", "1") else "RGB")
    plain.info = {"icc_profile": profile} if profile else {}
    return plain


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    # A conversion to the same mode would be a copy, and a decoded picture may fill 200 MB.
    return image if image.mode == mode else image.convert(mode)


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


def _squeezed(image: Image.Image, request: RenditionRequest) -> Rendition:
    """Encode a picture (RGB, RGBA or L) in the best way that fits the budget.

    PNG where it is drawn or see-through, JPEG where it is a photograph; then JPEG of less
    quality, on white; then fewer pixels, down to 48, which is given even over the budget.
    """
    budget = math.inf if request.max_bytes is None else request.max_bytes
    drawn = image.mode == "RGBA"
    colours = None if drawn else image.convert("RGB").getcolors(_FEW_COLOURS)
    if colours is not None:
        # No grey photograph has more than 256 greys, so a drawing must have far fewer.
        # A lossy format gives its greys a tinge.
        grey = all(max(each) - min(each) < 8 for _, each in colours if isinstance(each, tuple))
        drawn = not grey or len(colours) <= _FEW_GREYS
    if request.grey:
        image = image.convert("LA").convert("RGBA") if image.mode == "RGBA" else image.convert("L")
        image.info = {}  # a profile of colours says nothing of greys
    image = _resized(image, request.longest_side or max(image.size))
    profile = image.info.get("icc_profile")
    if drawn:
        out = io.BytesIO()
        _with_palette(image).save(out, "PNG", optimize=True, icc_profile=profile)
        if out.tell() <= budget:
            return _rendition(out.getvalue(), "PNG", *image.size)
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    qualities = [_QUALITY[request.use], 75, 60]
    while True:
        for quality in qualities:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True, icc_profile=profile)
            weight = out.tell()
            if weight <= budget or weight > 4 * budget:
                break  # it fits, or no quality worth having is that much lighter
        side = max(image.size)
        if weight <= budget or side <= _SMALLEST_SIDE:
            return _rendition(out.getvalue(), "JPEG", *image.size)
        part = min(0.8, math.sqrt(budget / weight))
        image = _resized(image, max(int(side * part), _SMALLEST_SIDE))
        qualities = [75, 60]


def _with_palette(image: Image.Image) -> Image.Image:
    """Return a picture with a palette where that loses nothing: a third of the weight."""
    if image.mode != "RGB" or image.getcolors(_FEW_COLOURS) is None:
        return image
    paletted = image.quantize(_FEW_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return paletted if paletted.convert("RGB").tobytes() == image.tobytes() else image


def _resized(image: Image.Image, side: int) -> Image.Image:
    """Return a picture with its longer side within ``side``; never enlarge it."""
    if max(image.size) <= side:
        return image
    sized = image.copy()
    sized.thumbnail((side, side), Image.Resampling.LANCZOS)
    return sized
