"""Elements and attributes that are no longer of HTML, or not of prepared markup: their meaning
in those that are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.safety import allowlist
from convert.content.structure import roles, tasks
from convert.content.tree import classes, drop_all, leave_blank, rename, selector, unwrap_all
from convert.text.languages import language_tag

_RENAMED = {
    "center": "div",
    "image": "img",
    "legend": "p",
} | dict.fromkeys(sorted(v.BLOCK_WRAPPERS), "div")
# What of these has a meaning here has become a link or a picture before.
_UNWRAPPED = v.names("audio big colgroup data embed input noscript object picture rb rtc video")
_DROPPED = v.names("col iframe param source track")
_BOLD = re.compile(r"\bfont-weight\s*:\s*(?:bold|[6-9]00)")
_ITALIC = re.compile(r"\bfont-style\s*:\s*(?:italic|oblique)")
_STRUCK = re.compile(r"\btext-decoration[a-z-]*\s*:[^;]*line-through")
_MONOSPACE = re.compile(r"\bfont-family\s*:[^;]*(?:monospace|courier|consolas|menlo)")
_RAISED = re.compile(r"\bvertical-align\s*:\s*super")
_LOWERED = re.compile(r"\bvertical-align\s*:\s*sub")
_NOT_BOLD = re.compile(r"\bfont-weight\s*:\s*(?:normal|400)")
_STYLES = (
    (_BOLD, "b"),
    (_ITALIC, "i"),
    (_STRUCK, "s"),
    (_MONOSPACE, "code"),
    (_RAISED, "sup"),
    (_LOWERED, "sub"),
)
_ALIGN = re.compile(r"\btext-align\s*:\s*(?:-\w+-)?(left|right|center|justify|start|end)")
_DIRECTION = re.compile(r"\bdirection\s*:\s*(rtl|ltr)")
_LIST_TYPES = {
    "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A",
    "lower-roman": "i", "upper-roman": "I",
}  # fmt: skip
_LIST_TYPE = re.compile(rf"\blist-style(?:-type)?\s*:[^;]*\b({'|'.join(_LIST_TYPES)})\b")
_LIST_CLASSES = {"loweralpha": "a", "upperalpha": "A", "lowerroman": "i", "upperroman": "I"}
"""Docutils' and Asciidoctor's."""
_CLASS = re.compile(r"(?:^|\s)(?:has-text-align-|text-|align-?)(left|right|center|justify)(?=\s|$)")

_NOT_IN_HEADINGS = v.BLOCKS - {"p", "div", "hr"}
_CLASSES = {tag: row["class"] for tag, row in allowlist.HTML.items() if "class" in row}
_KNOWN = frozenset((*allowlist.HTML, *allowlist.SVG, *allowlist.MATHML, *v.HEADINGS))

# "//" would take the time of a sort, which grows with the square.
_styled = selector("descendant::*[@style]")
_aligned = selector("descendant::*[@align]")
_classed = selector("descendant::*[@class]")
_headed = selector("descendant::*[@role='heading']")
_languages = selector("descendant::*[@lang or @dir]")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Leave no element that prepared markup has no place for, and no ``style`` of meaning."""
    drop_all(tree, list(tree.iter(*_DROPPED)))
    tasks.mark(tree, draft)
    leave_blank(each for each in tree.iter("input") if each.get("type") != "hidden")
    unwrap_all(tree, list(_without_meaning(tree)))
    for element in list(tree.iter(*_CHANGED)):
        _CHANGED[str(element.tag)](element)
    unknown = [each for each in tree.iter() if each.tag not in _KNOWN]
    drop_all(tree, [each for each in unknown if each.tag in allowlist.REMOVED])
    unwrap_all(tree, [each for each in unknown if each.tag not in allowlist.REMOVED])
    for element in _classed(tree):
        if element.tag == "ol" and (kind := _LIST_CLASSES.keys() & set(classes(element))):
            element.set("type", _LIST_CLASSES[min(kind)])
        match = _CLASS.search(name := element.get("class", ""))
        # WordPress lets pictures of these two float; it says nothing of their text.
        if match and match[0].strip() not in {"alignleft", "alignright"}:
            _align(element, match[1])
        elif not ((check := _CLASSES.get(str(element.tag))) and check(name)):
            del element.attrib["class"]
    aligned = _aligned(tree) if draft.holds(" align=") else []
    for element in aligned:
        _align(element, element.get("align", "").strip().lower())
    styled = _styled(tree) if draft.holds(" style=") else []
    for element in styled:
        _style(element, element.get("style", "").lower())
    headed = _headed(tree) if draft.holds("heading") else []
    for element in headed:
        make_heading(element)
    roles.mark(tree, draft)
    for element in _languages(tree):
        if language_tag(element.get("lang", "")) is None:
            element.attrib.pop("lang", "")
        if (direction := element.get("dir", "").strip().lower()) in {"ltr", "rtl", "auto"}:
            element.set("dir", direction)
        else:
            element.attrib.pop("dir", "")


def _align(element: etree._Element, how: str) -> None:
    how = {"middle": "center", "start": "left", "end": "right"}.get(how, how)
    element.attrib.pop("class", "")
    if element.tag in v.PHRASING or (element.tag == "table" and how != "center"):
        return  # inline content has no lines of its own, tables float
    if how in {"left", "center", "right", "justify"}:
        element.set("class", f"align-{how}")


def _style(element: etree._Element, style: str) -> None:
    if match := _ALIGN.search(style):
        _align(element, match[1])
    if (match := _DIRECTION.search(style)) and not element.get("dir"):
        element.set("dir", match[1])
    # Google Docs wraps all that is pasted from it in a b that says it is not bold.
    if element.tag in {"b", "strong"} and _NOT_BOLD.search(style):
        rename(element, "span")
    if element.tag == "ol" and (match := _LIST_TYPE.search(style)):
        element.set("type", _LIST_TYPES[match[1]])
    if element.tag == "span":
        for pattern, tag in _STYLES:
            if pattern.search(style):
                _put_inside(element, tag)


def _put_inside(element: etree._Element, tag: str) -> None:
    """Wrap all that is in an element."""
    inner = etree.Element(tag)
    inner.text, element.text = element.text, None
    inner.extend(list(element))
    element.append(inner)


def make_heading(element: etree._Element) -> None:
    """Make a heading of what says that it is one (WAI-ARIA: of level 2 where it says no other)."""
    level = element.get("aria-level", "").strip()
    if element.tag in {"div", "p", *v.HEADINGS} and next(
        element.iter(*_NOT_IN_HEADINGS), element
    ) is (element):
        element.tag = f"h{min(6, int(level))}" if level.isdecimal() and int(level) else "h2"


def rename_old(element: etree._Element) -> None:
    """Give an element that HTML no longer has the name of the one that took its place."""
    if element.tag == "center":
        element.set("class", "align-center")
    element.tag = _RENAMED[str(element.tag)]


def open_section(element: etree._Element) -> None:
    """Leave no section but that of the footnotes."""
    if element.get("role") != "doc-endnotes":
        element.tag = "div"


def _without_meaning(tree: etree._Element) -> Iterator[etree._Element]:
    """Yield the elements that say no more than the text in them."""
    yield from tree.iter(*_UNWRAPPED)
    for override in tree.iter("bdo"):
        if override.get("dir", "").strip().lower() not in {"ltr", "rtl"}:
            yield override
    for time in tree.iter("time"):
        if allowlist.TIME(time.get("datetime", "")) is None:  # no program can read it (§4.5.14)
            yield time
    for block in tree.iter("pre"):
        for line_break in block.iter("br"):
            line_break.text = "\n"
            yield line_break


def drop_value(element: etree._Element) -> None:
    """Leave a number only to the items of numbered lists (§4.4.8)."""
    if element.get("value") is None:
        return
    parent = element.getparent()
    if parent is None or parent.tag != "ol":
        del element.attrib["value"]


def keep_monospace(element: etree._Element) -> None:
    """Make code of what was ``font`` with a monospaced face."""
    face = element.get("face", "").lower()
    if "courier" in face or "mono" in face:
        _put_inside(element, "code")


def show_tex(element: etree._Element) -> None:
    """Show the TeX of a script that no step has taken."""
    rename(element, "code", keep=())
    element.set("class", "tex")


_CHANGED: dict[str, Callable[[etree._Element], None]] = {
    **dict.fromkeys(_RENAMED, rename_old),
    "section": open_section,
    "span": keep_monospace,
    "li": drop_value,
    "script": show_tex,
}
"""What becomes of the elements of each name."""
