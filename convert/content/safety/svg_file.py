"""Stand-alone SVG files made safe: drawings that load, run and link to nothing.

The allow-list of elements and attributes is the one for SVG inside of entries
(``content/allowlist.py``); a file may also have style sheets, as most drawings do, as long
as they load nothing.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from lxml import etree

from convert.content.safety.allowlist import SVG
from convert.content.safety.svg_weight import Weights

NAMESPACE = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
MAX_BYTES = 8_000_000
_CSS_LOADS = re.compile(
    # A backslash can spell anything, so it is refused rather than understood.
    r"\\|@(?:import|font-face|namespace)|expression|javascript:|-moz-binding|behavior"
    r"|image\(|image-set\(|src\s*:|<|url\((?!\s*['\"]?#[A-Za-z_][\w.-]*['\"]?\s*\))",
    re.IGNORECASE,
)
_NAMED = re.compile(r"url\(\s*['\"]?#([\w.-]+)", re.IGNORECASE)
_CLASS = re.compile(r"[\w .-]*")


class UnsafeSvg(Exception):
    """The file cannot be made safe, or is no SVG at all; the message says why."""


@dataclasses.dataclass(frozen=True)
class Drawing:
    """A clean SVG file; ``width`` and ``height`` in CSS pixels, 0 where it does not say."""

    content: bytes
    width: int
    height: int


def looks_like_svg(content: bytes) -> bool:
    """Whether the root of this markup is ``svg``; looks at the first bytes only."""
    text = re.sub(r"<!--.*?-->|<\?.*?\?>", "", _text(content[:8192]), flags=re.DOTALL)
    declared = r"<!DOCTYPE\s+[\w:]*svg\b[^>\[]*(?:\[[^\]]*\]\s*)?>"
    text = re.sub(declared, "", text, flags=re.IGNORECASE)
    return bool(re.match(r"\s*<(?:[A-Za-z][\w.-]*:)?svg[\s>/]", text))


def sanitise(content: bytes) -> Drawing:
    """The drawing with only what the allow-list names; raises UnsafeSvg."""
    root = _parse(content)
    if etree.QName(root).namespace not in (NAMESPACE, None) or _local(root) != "svg":
        raise UnsafeSvg("is not an SVG picture")
    clean = _copied(root)
    _without_heavy_sheets(clean)
    if Weights(clean).too_heavy(clean):
        raise UnsafeSvg("is an SVG picture that repeats itself without end")
    width, height = _size(clean)
    written = etree.tostring(clean, encoding="utf-8", xml_declaration=True)
    return Drawing(written, width, height)


def _text(content: bytes) -> str:
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(name, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _parse(content: bytes) -> etree._Element:
    if len(content) > MAX_BYTES:
        raise UnsafeSvg(f"is an SVG picture of more than {MAX_BYTES:,} bytes")
    text = _text(content)
    # Judged before the parser sees it: entities grow while they are parsed.
    if re.search(r"<!ENTITY", text, re.IGNORECASE):
        raise UnsafeSvg("is an SVG picture that defines entities")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise UnsafeSvg(f"is an SVG picture that is not well-formed ({error.msg})") from error


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _copied(source: etree._Element) -> etree._Element:
    """A new tree of what is allowed; a link leaves its children, anything else nothing."""
    prefixes: dict[Any, str] = {None: NAMESPACE, "xlink": XLINK}  # None: without a prefix
    root = etree.Element(f"{{{NAMESPACE}}}svg", nsmap=prefixes)
    _copy_attributes(source, root)
    _copy_children(source, root)
    return root


def _copy_children(source: etree._Element, target: etree._Element) -> None:
    words = _local(target) in {"text", "tspan", "textPath", "title", "desc"}
    _add_text(target, source.text if words else None)
    for child in source:
        if isinstance(child.tag, str):
            _copy_child(child, target)
        _add_text(target, child.tail if words else None)


def _copy_child(child: etree._Element, target: etree._Element) -> None:
    if etree.QName(child).namespace not in (NAMESPACE, None):
        return
    name = _local(child)
    if name == "style":
        sheet = "".join(map(str, child.itertext()))
        if not _CSS_LOADS.search(sheet):
            etree.SubElement(target, f"{{{NAMESPACE}}}style").text = sheet
    elif name in SVG:
        copy = etree.SubElement(target, f"{{{NAMESPACE}}}{name}")
        _copy_attributes(child, copy)
        _copy_children(child, copy)
    elif name == "a":
        _copy_children(child, target)


def _copy_attributes(source: etree._Element, target: etree._Element) -> None:
    row = SVG[_local(target)]
    for name, value in sorted((str(name), str(value)) for name, value in source.items()):
        plain = "href" if name == f"{{{XLINK}}}href" else name
        kept: str | None = None
        if plain == "style":
            kept = None if _CSS_LOADS.search(value) else value
        elif plain == "class":
            kept = value if _CLASS.fullmatch(value) else None
        elif plain in row:
            kept = row[plain](value)
        if kept is not None:
            # Readers made before SVG 2 know only the older name.
            target.set(f"{{{XLINK}}}href" if plain == "href" else plain, kept)


def _add_text(target: etree._Element, text: str | None) -> None:
    if not text:
        return
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text


def _without_heavy_sheets(root: etree._Element) -> None:
    """A sheet may name gradients and filters; what else it names could be drawn anywhere."""
    light = {
        str(each.get("id"))
        for each in root.iter()
        if _local(each) in {"linearGradient", "radialGradient", "filter"}
    }
    for sheet in list(root.iter(f"{{{NAMESPACE}}}style")):
        parent = sheet.getparent()
        if parent is not None and not set(_NAMED.findall(sheet.text or "")) <= light:
            parent.remove(sheet)


def _size(root: etree._Element) -> tuple[int, int]:
    sides = tuple(_pixels(root.get(name)) for name in ("width", "height"))
    if all(sides):
        return sides[0], sides[1]
    box = re.fullmatch(
        r"\s*[-+\d.eE]+[\s,]+[-+\d.eE]+[\s,]+([\d.]+)[\s,]+([\d.]+)\s*", root.get("viewBox") or ""
    )
    return (_pixels(box[1]), _pixels(box[2])) if box else (0, 0)


def _pixels(length: str | None) -> int:
    """A length in CSS pixels (CSS Values 4 §6.2), rounded; 0 where it is relative."""
    found = re.fullmatch(r"\s*(\d{0,7}(?:\.\d{1,9})?)(px|pt|pc|in|mm|cm)?\s*", length or "")
    if found is None or not found[1]:
        return 0
    scale = {"pt": 4 / 3, "pc": 16.0, "in": 96.0, "mm": 96 / 25.4, "cm": 96 / 2.54}
    return round(float(found[1]) * scale.get(found[2] or "px", 1.0))
