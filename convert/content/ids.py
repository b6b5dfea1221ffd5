"""Ids: valid, each only once, and every reference inside the body leads to one."""

from __future__ import annotations

import re
import zlib
from urllib.parse import unquote

from lxml import etree

from convert.addresses import clean_address
from convert.content.draft import Draft
from convert.content.tree import selector, unwrap

_VALID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_RUN = re.compile(r"[^A-Za-z0-9_.-]+")
_PAINT = re.compile(r"url\(\s*['\"]?#([^)'\"]*)['\"]?\s*\)")
_ids = selector("//*[@id]")
_references = selector("//*[@href[starts-with(., '#')]]")
_paints = selector("//svg//@*[contains(., 'url(')]/..")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Renames ids where it must, and all that refers to them; dead references go."""
    renamed = _rename(tree)
    for element in _references(tree):
        _refer(element, renamed, draft.base)
    for element in _paints(tree):
        for name, value in element.items():
            if "url(" in (text := str(value)):
                element.set(name, _PAINT.sub(lambda found: _paint(found[1], renamed), text))


def anchor_id(text: str) -> str:
    """A valid id for any text; valid ones stay as they are.

    What is not ASCII is told apart by a check sum.
    """
    if _VALID.fullmatch(text):
        return text
    readable = _RUN.sub("-", text).strip("-")
    if not text.isascii() or not readable:
        readable = f"{readable}-{zlib.crc32(text.encode('utf-8', 'replace')):08x}".lstrip("-")
    return readable if _VALID.fullmatch(readable) else f"id-{readable}"


def _rename(tree: etree._Element) -> dict[str, str]:
    """Makes ids unique, those of footnotes first; gives the new one of each old one."""
    elements = _ids(tree)
    renamed: dict[str, str] = {}
    taken: set[str] = set()
    for element in sorted(elements, key=lambda each: not _is_note(each)):
        old = str(element.get("id"))
        new = anchor_id(old)
        if not old or old in renamed or element.tag in {"br", "wbr"}:
            del element.attrib["id"]
            continue
        number = 1
        unique = new
        while unique in taken:
            number += 1
            unique = f"{new}-{number}"
        taken.add(unique)
        renamed[old] = unique
        if unique != old:
            element.set("id", unique)
    return renamed


def _is_note(element: etree._Element) -> bool:
    if element.get("role") == "doc-noteref":
        return True
    section = element.getparent()
    section = section.getparent() if section is not None and element.tag == "li" else None
    return section is not None and section.get("role") == "doc-endnotes"


def _refer(element: etree._Element, renamed: dict[str, str], base: str | None) -> None:
    old = element.get("href", "")[1:]
    new = renamed.get(old) or renamed.get(unquote(old))
    if new is not None:
        element.set("href", f"#{new}")
        return
    address = clean_address(f"{base.partition('#')[0]}#{old}") if base and old else None
    if element.tag == "a" and address is not None:
        element.set("href", address)
        return
    del element.attrib["href"]
    if element.tag == "a":
        unwrap(element)


def _paint(old: str, renamed: dict[str, str]) -> str:
    return f"url(#{renamed[old]})" if old in renamed else "none"
