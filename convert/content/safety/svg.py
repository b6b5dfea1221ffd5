"""Drawings made safe: they load, run and link to nothing, and come to an end.

A stand-alone file is held against the allow-list for SVG inside of entries
(``safety/allowlist.py``); it may also have style sheets, as most drawings do, as long as they
load nothing.  ``Weights`` finds what repeats itself: ten copies of ten copies of ten copies …
fit in a few lines and keep whoever draws them busy for years.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from lxml import etree

from convert.content.safety.allowlist import SVG
from convert.content.tree import append_text

NAMESPACE = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
MAX_BYTES = 8_000_000
MAX_DRAWN = 200_000
"""The most elements that a drawing may come to, once all that it repeats is drawn."""
MAX_CHAIN = 300
"""The most elements inside one another, through what they name as well."""
_XLINK_HREF = f"{{{XLINK}}}href"
_STYLE = f"{{{NAMESPACE}}}style"
_CSS_LOADS = re.compile(
    # A backslash can spell anything, so it is refused rather than understood.
    r"\\|@(?:import|font-face|namespace)|expression|javascript:|-moz-binding|behavior"
    r"|image\(|image-set\(|src\s*:|<|url\((?!\s*['\"]?#[A-Za-z_][\w.-]*['\"]?\s*\))",
    re.IGNORECASE,
)
_NAMED = re.compile(r"url\(\s*['\"]?#([\w.-]+)", re.IGNORECASE)
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"\s]+)")
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
    """Tell whether the root of this markup is ``svg``, by a look at the first bytes only."""
    text = re.sub(r"<!--.*?-->|<\?.*?\?>", "", _text(content[:8192]), flags=re.DOTALL)
    declared = r"<!DOCTYPE\s+[\w:]*svg\b[^>\[]*(?:\[[^\]]*\]\s*)?>"
    text = re.sub(declared, "", text, flags=re.IGNORECASE)
    return bool(re.match(r"\s*<(?:[A-Za-z][\w.-]*:)?svg[\s>/]", text))


def sanitise(content: bytes) -> Drawing:
    """Return the drawing with only what the allow-list names; raise UnsafeSvg."""
    source = _parse(content)
    if etree.QName(source).namespace not in (NAMESPACE, None) or _local(source) != "svg":
        raise UnsafeSvg("is not an SVG picture")
    prefixes: dict[Any, str] = {None: NAMESPACE, "xlink": XLINK}  # None: without a prefix
    root = etree.Element(f"{{{NAMESPACE}}}svg", nsmap=prefixes)
    _copy_attributes(source, root)
    _copy_children(source, root)
    # A sheet may name gradients and filters; what else it names could be drawn anywhere.
    light = {
        str(each.get("id"))
        for each in root.iter()
        if _local(each) in {"linearGradient", "radialGradient", "filter"}
    }
    for sheet in list(root.iter(_STYLE)):
        parent = sheet.getparent()
        if parent is not None and not set(_NAMED.findall(sheet.text or "")) <= light:
            parent.remove(sheet)
    if Weights(root).too_heavy(root):
        raise UnsafeSvg("is an SVG picture that repeats itself without end")
    width, height = (_pixels(root.get(name)) for name in ("width", "height"))
    if not (width and height):
        number = r"[-+\d.eE]+[\s,]+"
        box = re.fullmatch(
            rf"\s*{number}{number}([\d.]+)[\s,]+([\d.]+)\s*", root.get("viewBox") or ""
        )
        width, height = (_pixels(box[1]), _pixels(box[2])) if box else (0, 0)
    written = etree.tostring(root, encoding="utf-8", xml_declaration=True)
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
        return etree.fromstring(text.encode("utf-8", "replace"), parser)  # noqa: TID251 - any file
    except etree.XMLSyntaxError as error:
        raise UnsafeSvg(f"is an SVG picture that is not well-formed ({error.msg})") from error


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _copy_children(source: etree._Element, target: etree._Element) -> None:
    """Copy what is allowed; a link leaves its children, anything else nothing."""
    has_words = _local(target) in {"text", "tspan", "textPath", "title", "desc"}
    append_text(target, source.text if has_words else None)
    for child in source:
        if isinstance(child.tag, str) and etree.QName(child).namespace in (NAMESPACE, None):
            name = _local(child)
            if name == "style":
                sheet = "".join(map(str, child.itertext()))
                if not _CSS_LOADS.search(sheet):
                    etree.SubElement(target, _STYLE).text = sheet
            elif name in SVG:
                copy = etree.SubElement(target, f"{{{NAMESPACE}}}{name}")
                _copy_attributes(child, copy)
                _copy_children(child, copy)
            elif name == "a":
                _copy_children(child, target)
        append_text(target, child.tail if has_words else None)


def _copy_attributes(source: etree._Element, target: etree._Element) -> None:
    row = SVG[_local(target)]
    for name, value in sorted((str(name), str(value)) for name, value in source.items()):
        plain = "href" if name == _XLINK_HREF else name
        checked: str | None = None
        if plain == "style":
            checked = None if _CSS_LOADS.search(value) else value
        elif plain == "class":
            checked = value if _CLASS.fullmatch(value) else None
        elif plain in row:
            checked = row[plain](value)
        if checked is not None:
            # Readers made before SVG 2 know only the older name.
            target.set(_XLINK_HREF if plain == "href" else plain, checked)


def _pixels(length: str | None) -> int:
    """Return a length in CSS pixels (CSS Values 4 §6.2), rounded; 0 where it is relative."""
    match = re.fullmatch(r"\s*(\d{0,7}(?:\.\d{1,9})?)(px|pt|pc|in|mm|cm)?\s*", length or "")
    if match is None or not match[1]:
        return 0
    scale = {"pt": 4 / 3, "pc": 16.0, "in": 96.0, "mm": 96 / 25.4, "cm": 96 / 2.54}
    return round(float(match[1]) * scale.get(match[2] or "px", 1.0))


class Weights:
    """The weights of all elements of one tree; references may lead anywhere in it."""

    def __init__(self, tree: etree._Element) -> None:
        self._by_id: dict[str, etree._Element] = {}
        for element in tree.iter():
            if element.get("id"):
                self._by_id.setdefault(str(element.get("id")), element)
        self._counted: dict[etree._Element, tuple[int, int]] = {}
        """Of each element how many it comes to, and how deep they stand in one another."""

    def too_heavy(self, element: etree._Element) -> bool:
        """Tell whether it comes to more than MAX_DRAWN elements, repeats itself, or is nested
        deeper than MAX_CHAIN through what it names."""
        self._count(element)
        drawn, deep = self._counted[element]
        return drawn > MAX_DRAWN or deep > MAX_CHAIN

    def _count(self, element: etree._Element) -> None:
        """Count an element and all that it draws, each once."""
        begun: dict[etree._Element, list[etree._Element]] = {}
        waiting = [element]
        while waiting:
            at = waiting[-1]
            if at in self._counted:
                waiting.pop()
            elif at not in begun:
                begun[at] = [*at, *self._named_by(at)]
                waiting += [each for each in begun[at] if each not in begun]
            else:
                # What is begun and not counted is above: it repeats itself.
                circle = (MAX_DRAWN + 1, 0)
                parts = [self._counted.get(each, circle) for each in begun[at]]
                drawn = 1 + sum(number for number, _ in parts)
                deep = 1 + max((depth for _, depth in parts), default=0)
                self._counted[at] = (min(drawn, MAX_DRAWN + 1), deep)

    def _named_by(self, element: etree._Element) -> list[etree._Element]:
        """Return what its attributes draw again: by ``use``, as a pattern, a mask …"""
        link = str(element.get("href") or element.get(_XLINK_HREF) or "")
        names = [link[1:]] if link.startswith("#") else []
        for value in element.values():
            names += _REFERENCE.findall(str(value))
        return [self._by_id[name] for name in names if name in self._by_id]
