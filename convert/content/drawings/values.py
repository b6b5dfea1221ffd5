"""What style sheets say of drawings, as the attributes of SVG say it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from convert.content.safety.allowlist import SVG, SVG_STYLE
from convert.content.vocabulary import names
from convert.text.late import Late

tinycss2 = Late("tinycss2")
_color5 = Late("tinycss2.color5")
_COLOURS = names("color fill flood-color lighting-color stop-color stroke")
_OPACITIES = frozenset(name for name in SVG_STYLE if name.endswith("opacity"))
_GEOMETRY = names("cx cy height r rx ry width x y")
"""Properties of SVG 2 that are attributes of shapes (§7 to §10)."""
_LABELS = names(
    "align-items display height justify-content line-height margin-left"
    " margin-top max-width padding-left padding-top text-align white-space width"
)
"""Properties that only tell where the label of a drawing stands, or how large a drawing is."""
_FONT = re.compile(
    r"(?P<before>(?:(?:normal|italic|oblique|bold|bolder|lighter|small-caps|[1-9]00)\s+)*)"
    r"(?P<size>[\d.]+(?:px|pt|em|rem|ex|%)|(?:x+-)?(?:small|large)|medium)"
    r"(?:\s*/\s*[\w.%]+)?\s+(?P<family>.+)",
    re.IGNORECASE,
)
_URL = re.compile(r"url\(\s*['\"]?(#[^)'\"]*)['\"]?\s*\)\s*([\w#]*)")
_PLAIN_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}|none|inherit|context-(?:fill|stroke)")
_TURN = {"deg": 1.0, "": 1.0, "turn": 360.0, "grad": 0.9, "rad": 57.29577951308232}
_MEASURE = re.compile(r"([-+]?(?:\d*\.)?\d+(?:e[-+]?\d+)?)(px|deg|grad|rad|turn|)", re.IGNORECASE)
_FUNCTION = re.compile(r"(matrix|translate[XY]?|scale[XY]?|rotate|skew[XY])\(([^()]*)\)")
_MAX_VALUE = 1_000

Stated = tuple[str, str, bool]
"""The name of a property, its value as written, and whether it is important."""


@functools.lru_cache(maxsize=4096)
def stated(style: str) -> tuple[Stated, ...]:
    """Return the declarations of a ``style`` attribute, or of a rule."""
    return tuple(declared(tinycss2.parse_blocks_contents(style)))


def declared(parsed: list[Any]) -> Iterator[Stated]:
    """Yield the declarations among what tinycss2 has parsed."""
    for each in parsed:
        if each.type == "declaration":
            value = tinycss2.serialize(each.value).strip()
            if len(value) <= _MAX_VALUE:
                name = each.name if each.name.startswith("--") else each.lower_name
                yield name, value, each.important


@functools.lru_cache(maxsize=4096)
def attributes(name: str, value: str) -> tuple[tuple[str, str], ...]:
    """Return the attributes that a declaration stands for; none where it is no valid one."""
    if name == "font":
        font = _FONT.fullmatch(value)
        if font is None:
            return ()
        before = font["before"].lower()
        weight = re.search(r"bold\w*|lighter|\d+", before)
        style = re.search(r"italic|oblique", before)
        return (
            ("font-style", style[0] if style else "normal"),
            ("font-weight", weight[0] if weight else "normal"),
            ("font-size", font["size"]),
            *attributes("font-family", font["family"]),
        )
    if name == "marker":
        ends = ("marker-start", "marker-mid", "marker-end")
        return tuple(each for end in ends for each in attributes(end, value))
    if name.startswith("background"):
        behind = None if "url(" in value else colour(value)
        return (("background", behind),) if behind else ()
    if name in _LABELS or name in _GEOMETRY:
        return ((name, value),)
    settled: str | None = value
    if name not in SVG_STYLE and name != "transform":
        settled = None
    elif name in _COLOURS:
        settled = colour(value)
    elif "url(" in value:
        named = _URL.fullmatch(value)
        settled = f"url({named[1]})" if named else None
    elif name in _OPACITIES and value.endswith("%"):
        number = _MEASURE.fullmatch(value[:-1])
        settled = f"{float(number[1]) / 100:g}" if number else None
    elif name == "font-family":
        settled = re.sub(r"\s*,\s*", ", ", re.sub(r"['\"]", "", value))
    elif name == "transform":
        settled = transform(value)
    elif name == "stroke-dasharray":
        settled = value.replace("px", "")
    settled = SVG["path"][name](settled) if settled else None
    return ((name, settled),) if settled else ()


def colour(value: str) -> str | None:
    """Return a colour or paint as all that draw know it; None where it is none."""
    if (named := _URL.match(value)) is not None:
        fallback = colour(named[2]) if named[2] else None
        return f"url({named[1]})" + (f" {fallback}" if fallback else "")
    settled: str | None = value
    if not _PLAIN_COLOUR.fullmatch(value):
        try:
            parsed = _color5.parse_color(value)
            if parsed is None or isinstance(parsed, str):
                return "currentColor" if parsed else None
            shares = [*parsed.to("srgb")]
        except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
            return None
        red, green, blue = (max(0, min(255, round(255 * (part or 0)))) for part in shares[:3])
        if value.isalpha():
            settled = value.lower() if shares[3] else "none"
        elif shares[3] >= 1:
            settled = f"#{red:02x}{green:02x}{blue:02x}"
        else:
            settled = f"rgba({red}, {green}, {blue}, {round(shares[3], 3):g})"
    return settled


def transform(value: str) -> str | None:
    """Return a transform of CSS as the attribute takes it: without units, in degrees."""
    functions: list[str] = []
    end = 0
    for function in _FUNCTION.finditer(value):
        if value[end : function.start()].strip(" ,"):
            return None
        end = function.end()
        numbers = []
        for part in re.split(r"[\s,]+", function[2].strip()):
            measure = _MEASURE.fullmatch(part)
            if measure is None:
                return None
            turned = float(measure[1]) * _TURN.get(measure[2].lower(), 1.0)
            numbers.append(f"{turned:.6g}")
        name = function[1]
        if name in {"translateX", "translateY", "scaleX", "scaleY"}:
            still = "0" if name.startswith("translate") else "1"
            numbers = [numbers[0], still] if name.endswith("X") else [still, numbers[0]]
            name = name[:-1]
        functions.append(f"{name}({' '.join(numbers)})")
    return " ".join(functions) if functions and not value[end:].strip() else None
