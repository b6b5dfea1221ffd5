"""A decoded picture as JPEG or PNG: no larger than asked for, within a budget of bytes."""

from __future__ import annotations

import dataclasses
import io
import math
from typing import Literal

from PIL import Image

from convert.contract import RenditionRequest

_QUALITY = {"print": 92, "ereader": 85, "web": 85, "original": 92}
_FEW_COLOURS = 256
_FEW_GREYS = 32
_SMALLEST_SIDE = 48


@dataclasses.dataclass(frozen=True)
class Squeezed:
    """An encoded picture; ``width`` and ``height`` in pixels."""

    content: bytes
    format: Literal["JPEG", "PNG"]
    width: int
    height: int


def squeeze(image: Image.Image, request: RenditionRequest) -> Squeezed:
    """The picture (RGB, RGBA or L) in the best way that fits the budget.

    PNG where it is drawn or see-through, JPEG where it is a photograph; then JPEG of less
    quality, on white; then fewer pixels, down to 48, which is given even over the budget.
    """
    drawn = _is_drawn(image)
    shown = _greyed(image) if request.grey else image
    sized = _resized(shown, request.longest_side or max(shown.size))
    if drawn:
        made = _png(sized)
        if request.max_bytes is None or len(made.content) <= request.max_bytes:
            return made
    return _photograph(_on_white(sized), _QUALITY[request.use], request.max_bytes)


def _photograph(image: Image.Image, quality: int, budget: int | None) -> Squeezed:
    """As JPEG: the best quality and size within the budget."""
    qualities = [quality, 75, 60]
    while True:
        for each in qualities:
            made = _jpeg(image, each)
            if budget is None or len(made.content) <= budget:
                return made
            if len(made.content) > 4 * budget:
                break  # no quality worth having is that much lighter
        side = max(image.size)
        if budget is None or side <= _SMALLEST_SIDE:
            return made
        part = min(0.8, math.sqrt(budget / len(made.content)))
        image = _resized(image, max(int(side * part), _SMALLEST_SIDE))
        qualities = [75, 60]


def _is_drawn(image: Image.Image) -> bool:
    if image.mode == "RGBA":
        return True
    colours = image.convert("RGB").getcolors(_FEW_COLOURS)
    if colours is None:
        return False
    # No grey photograph has more than 256 greys, so a drawing must have far fewer.
    # A lossy format gives its greys a tinge.
    grey = all(max(each) - min(each) < 8 for _, each in colours if isinstance(each, tuple))
    return not grey or len(colours) <= _FEW_GREYS


def _greyed(image: Image.Image) -> Image.Image:
    grey = image.convert("LA").convert("RGBA") if image.mode == "RGBA" else image.convert("L")
    grey.info = {}  # a profile of colours says nothing of greys
    return grey


def _resized(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    sized = image.copy()
    sized.thumbnail((side, side), Image.Resampling.LANCZOS)
    return sized


def _png(image: Image.Image) -> Squeezed:
    out = io.BytesIO()
    _few(image).save(out, "PNG", optimize=True, icc_profile=image.info.get("icc_profile"))
    return Squeezed(out.getvalue(), "PNG", *image.size)


def _few(image: Image.Image) -> Image.Image:
    """With a palette where that loses nothing: a third of the weight."""
    if image.mode != "RGB" or image.getcolors(_FEW_COLOURS) is None:
        return image
    paletted = image.quantize(_FEW_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return paletted if paletted.convert("RGB").tobytes() == image.tobytes() else image


def _jpeg(image: Image.Image, quality: int) -> Squeezed:
    out = io.BytesIO()
    profile = image.info.get("icc_profile")
    image.save(out, "JPEG", quality=quality, optimize=True, icc_profile=profile)
    return Squeezed(out.getvalue(), "JPEG", *image.size)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image).convert("RGB")
    flat.info = dict(image.info)
    return flat
