"""What MathJax drew, as SVG or in boxes of HTML, becomes the MathML that it says or shows.

Each part is called after the element of MathML that it draws: ``data-mml-node`` in drawings,
``<mjx-msup>`` in MathJax 3 and 4, ``class="mjx-msup"`` in MathJax 2.  Between them are boxes
that only lay out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from convert.content.draft import Draft
from convert.content.maths.built import element_of, group
from convert.content.maths.signs import signs_of
from convert.content.maths.tex import is_deep
from convert.content.tree import drop, inside, is_blank, new, replace, selector
from convert.content.vocabulary import DRAWN_MATHS, OWN, names

MOST_BOXES = 5_000
_TOKENS = names("mi mn mo mtext ms")
_SCRIPTED = names("msub msup msubsup munder mover munderover")
_ROWS = names("texatom mrow mstyle mpadded merror math mfenced semantics maction texmathchoice")
_ELEMENTS = (
    _TOKENS
    | _SCRIPTED
    | _ROWS
    | names("mfrac msqrt mroot mtable mtd menclose mphantom mspace mmultiscripts mglyph")
)
_LINES = names("mtr mlabeledtr")
_GLYPHS = frozenset({"use", "path"})
"""What draws one sign, in a token or without."""
_SILENT = names("surd nstrut dstrut tstrut strut spacer line vsize assistive-mml mark speech")
_SLOTS = {
    "num": "over", "numerator": "over", "den": "under", "denominator": "under", "base": "base",
    "op": "base", "over": "over", "sup": "over", "under": "under", "sub": "under", "root": "root",
}  # fmt: skip
"""Boxes that say which child of its element they hold."""
# Neither ".//" nor a union: libxml2 takes time by the square of what they find.
_DRAWN = selector(
    f"descendant::*[self::{OWN}[@data-own = 'mjx-container' or @data-own = 'mjx-math']"
    " or self::svg[descendant::g[@data-mml-node = 'math']]]"
    f"[not(ancestor::{OWN}[@data-own = 'mjx-container'])]"
)
_HEIGHT = re.compile(r"translate\(\s*-?[\d.]+[,\s]+(-?[\d.]+)")
_WIDTH = re.compile(r"(?:^|;)\s*width:\s*(\d[\d.]*em)")
_SIDE = re.compile(r"text-align:\s*(left|right)")
_ROOT_SIGN = "√"


class _UnknownError(Exception):
    """An element whose parts do not tell their places."""


def read(drawn: etree._Element) -> etree._Element | None:
    """Return ``math`` of what MathJax drew; None where it is nothing, endless or unknown."""
    if sum(1 for _ in drawn.iter()) > MOST_BOXES:
        return None
    roots = [each for each in drawn.iter() if kind(each) == "math"]
    if not roots:
        return None
    try:
        # MathJax 4 draws a formula in several where a line may end.
        parts = [part for each in roots for part in _row(each)]
    except _UnknownError:
        return None
    root = roots[0]
    maths = element_of("math", parts)
    if not parts or is_deep(maths):
        return None
    if any("true" in {each.get("display"), each.get("data-display")} for each in (drawn, root)):
        maths.set("display", "block")
    numbered = any(map(_is_labels, root.iter()))
    # Where a drawing stands alone, each piece of one formula states all of it.
    tex = root.get("data-latex") if drawn.tag != "svg" else None
    if tex and (not numbered or "\\tag" in tex):
        maths.append(new("annotation", tex, encoding="application/x-tex"))
    if spoken := root.get("aria-label"):
        maths.set("alttext", spoken)
    return maths


def undraw(tree: etree._Element, draft: Draft) -> None:
    """Replace what MathJax 3 or 4 drew by the formula; a drawing that cannot be read stays one."""
    if not draft.holds("mjx-", "data-mml-node"):
        return
    for drawn in _DRAWN(tree):
        if drawn.getparent() is None or inside(drawn, "pre", "math"):
            continue
        maths = next(drawn.iter("math"), None)
        if maths is not None:
            if drawn.get("data-display") == "true":
                maths.set("display", "block")
        elif drawn.get("data-own") != "mjx-container" and _is_said_after(drawn):
            drop(drawn)
            continue
        else:
            maths = read(drawn)
        if maths is not None:
            maths.tail = None
            replace(drawn, maths)
        elif next(drawn.iter("svg"), None) is None:
            # Its signs at least, in their order.
            tokens = (each for each in drawn.iter() if kind(each) in _TOKENS)
            words = "".join(signs_of(each).text for each in tokens)
            if words.strip():
                replace(drawn, new("code", words))


def _is_said_after(drawing: etree._Element) -> bool:
    """Tell whether a drawing is followed by the same in MathML, for those who cannot see."""
    following = drawing.getnext()
    if following is None or not is_blank(drawing.tail):
        return False
    return following.tag == "math" or next(following.iter("math"), None) is not None


def kind(box: etree._Element) -> str:
    """Return what a box draws, in lower case; "" where it says nothing."""
    name = box.get("data-mml-node") or box.get("data-own") or ""
    if not name and box.tag == "span":
        listed = (box.get("class") or "").split()
        name = next((each for each in listed if each.startswith(DRAWN_MATHS)), "")
    return name.removeprefix(DRAWN_MATHS).lower()


def _row(box: etree._Element) -> list[etree._Element]:
    """Return what the parts of a box show, side by side."""
    return [part for _, each in _inside(box) for part in _shown(each)]


def _inside(box: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield the parts of a box through what only lays out, each with the place that it states."""
    for child in box:
        name = kind(child)
        # Of two limits the lower is drawn with its base, in a box.
        nested = name == "munder" and kind(box) == "box"
        if name in _SILENT or _is_labels(child):
            continue
        if name in _SLOTS:
            yield _SLOTS[name], child
        elif child.tag in _GLYPHS or (name in _ELEMENTS and not nested):
            yield "", child
        else:
            yield from _inside(child)


def _is_labels(box: etree._Element) -> bool:
    return kind(box) in {"labels", "label"} or (
        box.get("data-labels") == "true" and box.tag in {"svg", "g"}
    )


def _shown(box: etree._Element) -> list[etree._Element]:
    """Return what a part is in MathML: nothing, one element, or several."""
    read_part = read_token if box.tag in _GLYPHS else _READERS.get(kind(box))
    if read_part is not None:
        return read_part(box)
    parts = _row(box)
    return [group(parts)] if parts else []


def read_token(box: etree._Element) -> list[etree._Element]:
    """Return letters, digits, words or an operator; nothing where no sign is drawn."""
    text, variant = signs_of(box)
    name = kind(box) or ("mi" if text.isalpha() else "mn" if text.isdigit() else "mo")
    token = new(name, text)
    if variant and name in {"mi", "mn"}:
        token.set("mathvariant", variant)
    return [token] if text.strip("\u200b") else []


def refuse(box: etree._Element) -> list[etree._Element]:
    """Raise ``_UnknownError``: the places of the parts cannot be told."""
    raise _UnknownError


def _one(box: etree._Element) -> etree._Element:
    """Return what a part that has a place of its own shows, as one element."""
    return group(_shown(box) if kind(box) in _ELEMENTS else _row(box))


def _style(box: etree._Element) -> str:
    return box.get("style") or box.get("data-style") or ""


def read_scripts(box: etree._Element) -> list[etree._Element]:
    """Return a base with what is below and above; boxes say which is which, or their order."""
    name = kind(box)
    placed: dict[str, etree._Element] = {}
    loose: list[etree._Element] = []
    for slot, each in _inside(box):
        if slot:
            placed[slot] = each
        else:
            loose.append(each)
    if "base" not in placed and loose:
        placed["base"], *scripts = loose
        if len(scripts) == 1:
            placed["over" if name in {"msup", "mover"} else "under"] = scripts[0]
        elif scripts:
            # The upper one comes first beside the base, and says its height in drawings.
            lower = max(scripts[:2], key=_depth)
            placed["under"] = lower
            placed["over"] = scripts[0] if lower is scripts[1] else scripts[1]
    base, over, under = (placed.get(each) for each in ("base", "over", "under"))
    around = [_one(each) for each in (under, over) if each is not None]
    if base is None or not around:
        return _row(box)
    limits = name in {"munder", "mover", "munderover"}
    if limits and len(around) == 2:
        tag = "munderover"
    elif limits:
        tag = "mover" if under is None else "munder"
    else:
        tag = "msubsup" if len(around) == 2 else "msup" if under is None else "msub"
    return [element_of(tag, [_one(base), *around])]


def _depth(box: etree._Element) -> tuple[float, bool]:
    height = _HEIGHT.match(box.get("transform") or "")
    # Without heights, the second one: ``max`` takes the first of two that are alike.
    return (-float(height[1]) if height else 0.0, box.getprevious() is not None)


def read_fraction(box: etree._Element) -> list[etree._Element]:
    """Return one part over another, with or without a line."""
    placed = list(_inside(box))
    over, under = ([each for slot, each in placed if slot == it] for it in ("over", "under"))
    if not over and len(placed) == 2:
        over, under = [placed[0][1]], [placed[1][1]]
    if not (over and under):
        return _row(box)
    line = any(kind(each) == "line" or each.tag == "rect" for each in box.iter())
    attributes = {} if line else {"linethickness": "0"}
    return [element_of("mfrac", [_one(over[0]), _one(under[0])], **attributes)]


def read_root(box: etree._Element) -> list[etree._Element]:
    """Return a root, with its degree where one is drawn."""
    held = [each for each in box if kind(each) == "" and each.tag == "g"]
    if held:  # a drawing: what is under the line is a group, beside it the degree and the sign
        inner = _row(held[0])
        others = [part for each in box if kind(each) in _ELEMENTS for part in _shown(each)]
        degrees = [each for each in others if (each.text or "") != _ROOT_SIGN]
    else:
        placed = list(_inside(box))
        inner = [part for slot, each in placed if not slot for part in _shown(each)]
        degrees = [part for slot, each in placed if slot == "root" for part in _row(each)]
    if degrees:
        return [element_of("mroot", [group(inner), group(degrees)])]
    return [element_of("msqrt", inner)]


def read_table(box: etree._Element) -> list[etree._Element]:
    """Return a table, each row with its number at its end; one cell alone is no table."""
    rows = list(_rows(box, labels=False))
    numbers = [_row(each) for each in _rows(box, labels=True)]
    table = new("mtable")
    for row in rows:
        line = etree.SubElement(table, "mtr")
        for _, cell in _inside(row):
            entry = element_of("mtd", _row(cell))
            if side := _SIDE.search(_style(cell)):
                entry.set("columnalign", side[1])
            line.append(entry)
    lines = list(table)
    last = [line[-1] for line in lines if len(line)]
    if last and len(numbers) > len(last):
        raise _UnknownError
    for cell, number in zip(last, numbers, strict=False):
        if number:
            cell.extend([new("mspace", width="2em"), *number])
    if len(lines) == 1 and len(lines[0]) == 1:
        return list(lines[0][0])
    return [table] if last else []


def _rows(box: etree._Element, *, labels: bool) -> Iterator[etree._Element]:
    """Yield the rows of a table, or the numbers that stand beside it."""
    for child in box:
        if _is_labels(child):
            if labels:
                yield from (each for each in child.iter() if kind(each) == "mtd")
        elif kind(child) in _LINES:
            if not labels:
                yield child
        elif kind(child) not in _ELEMENTS:
            yield from _rows(child, labels=labels)


def read_enclosed(box: etree._Element) -> list[etree._Element]:
    """Return what is inside a box or under a stroke."""
    boxes = list(box.iter())
    notation = ""
    if any(kind(each) == "ustrike" or each.tag == "line" for each in boxes):
        notation = "updiagonalstrike"
    elif any(kind(each) == "dstrike" for each in boxes):
        notation = "downdiagonalstrike"
    elif any("border" in _style(each) or each.tag == "rect" for each in boxes):
        notation = "box"
    inner = _row(box)
    return [element_of("menclose", inner, notation=notation)] if notation else inner


_READERS: Mapping[str, Callable[[etree._Element], list[etree._Element]]] = {
    **dict.fromkeys(_TOKENS, read_token),
    **dict.fromkeys(_SCRIPTED, read_scripts),
    "mfrac": read_fraction,
    "msqrt": read_root,
    "mroot": read_root,
    "mtable": read_table,
    "menclose": read_enclosed,
    "mspace": lambda box: [new("mspace", width=w[1])] if (w := _WIDTH.search(_style(box))) else [],
    "mphantom": lambda box: [element_of("mphantom", parts)] if (parts := _row(box)) else [],
    "mmultiscripts": refuse,
    "mglyph": refuse,
}
"""How each part is read; others are rows."""
