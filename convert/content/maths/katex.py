"""What KaTeX drew without saying it in MathML: boxes one above the other, read as what they show.

A list of boxes (``vlist``) begins with the lowest; its class ``vlist-t2`` says that it reaches
below the line.
"""

from __future__ import annotations

from lxml import etree

from convert.content.maths.built import element_of, group
from convert.content.tree import classes, new, text_of
from convert.content.vocabulary import names

MOST_BOXES = 5_000
_SILENT = names("strut pstrut vlist-s nulldelimiter mspace frac-line hide-tail accent-body eqn-num")
_VARIANTS = {
    "mathbb": "double-struck", "mathcal": "script", "mathscr": "script", "mathfrak": "fraktur",
    "mathbf": "bold", "boldsymbol": "bold-italic", "mathsf": "sans-serif", "mathtt": "monospace",
    "mathrm": "normal",
}  # fmt: skip
_ACCENTS = {
    "^": "^", "ˆ": "^", "~": "~", "˜": "~", "ˉ": "¯", "¯": "¯", "⃗": "→", "˙": "˙", "¨": "¨",
    "ˇ": "ˇ", "˘": "˘", "ˊ": "´", "ˋ": "`", "˚": "˚",
}  # fmt: skip


def read(drawn: etree._Element) -> etree._Element | None:
    """Return ``math`` of what a ``katex-html`` shows; None where it is empty or endless."""
    if sum(1 for _ in drawn.iter()) > MOST_BOXES:
        return None
    parts = _row(drawn)
    if not parts:
        return None
    maths = new("math")
    maths.extend(parts)
    return maths


def _row(box: etree._Element) -> list[etree._Element]:
    """Return what the parts of a box show, side by side."""
    parts: list[etree._Element] = []
    if not len(box):
        token = _token(box)
        return [] if token is None else [token]
    for child in box:
        own = names_of(child)
        if own & _SILENT:
            continue
        if "msupsub" in own:
            base = parts.pop() if parts else new("mrow")
            parts.append(_scripts(base, child))
        elif "mfrac" in own:
            over, under = _ends(child)
            attributes = {} if "frac-line" in _all_names(child) else {"linethickness": "0"}
            parts.append(element_of("mfrac", [over, under], **attributes))
        elif "sqrt" in own:
            parts.append(_root(child))
        elif "accent" in own:
            parts.append(_accent(child))
        elif "overline" in own or "underline" in own:
            tag = "mover" if "overline" in own else "munder"
            (inner, *_) = _boxes(child) or [child]
            parts.append(
                element_of(tag, [group(_row(inner)), new("mo", "¯" if tag == "mover" else "_")])
            )
        elif "op-limits" in own:
            parts.append(_limits(child))
        elif "mtable" in own:
            parts.append(_table(child))
        elif "text" in own:
            parts.append(new("mtext", text_of(child)))
        else:
            parts += _row(child)
    return parts


def _token(box: etree._Element) -> etree._Element | None:
    text = text_of(box).replace("\u200b", "").replace("\u2061", "")
    if not text.strip():
        return None
    text = text.strip()
    if text.replace(".", "").isdigit():
        return new("mn", text)
    if not text.isalpha():
        return new("mo", text)
    token = new("mi", text)
    variant = next((_VARIANTS[each] for each in classes(box) if each in _VARIANTS), "")
    if variant and (len(text) == 1 or variant != "normal"):
        token.set("mathvariant", variant)
    return token


def _scripts(base: etree._Element, box: etree._Element) -> etree._Element:
    scripts = [group(_row(each)) for each in _boxes(box)]
    if len(scripts) == 2:
        return element_of("msubsup", [base, *scripts])
    below = "vlist-t2" in _all_names(box, deep=2)
    return element_of("msub" if below else "msup", [base, *scripts]) if scripts else base


def _root(box: etree._Element) -> etree._Element:
    degrees: list[etree._Element] = []
    bodies: list[etree._Element] = []
    for child in box:
        (degrees if "root" in names_of(child) else bodies).append(child)
    inner = [part for each in bodies for one in _boxes(each)[:1] for part in _row(one)]
    if degrees:
        return element_of("mroot", [group(inner), group(_row(degrees[0]))])
    return element_of("msqrt", inner)


def _accent(box: etree._Element) -> etree._Element:
    boxes = _boxes(box)
    sign = "".join(text_of(each) for each in box.iter() if "accent-body" in names_of(each)).strip()
    inner = group(_row(boxes[0])) if boxes else new("mrow")
    return element_of("mover", [inner, new("mo", _ACCENTS.get(sign, sign or "→"))])


def _limits(box: etree._Element) -> etree._Element:
    boxes = _boxes(box)
    at = next((at for at, each in enumerate(boxes) if "mop" in _all_names(each)), 0)
    parts = [group(_row(each)) for each in boxes]
    base, low, high = parts[at], parts[:at], parts[at + 1 :]
    if low and high:
        return element_of("munderover", [base, low[0], high[0]])
    return element_of("munder" if low else "mover", [base, *(low or high)]) if low or high else base


def _table(box: etree._Element) -> etree._Element:
    columns = [_boxes(each) for each in box if "col-align-" in (each.get("class") or "")]
    table = new("mtable")
    for row in range(max(map(len, columns), default=0)):
        line = etree.SubElement(table, "mtr")
        for column in columns:
            cell = etree.SubElement(line, "mtd")
            cell.extend(_row(column[row]) if row < len(column) else [])
    return table


def _ends(box: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Return the highest and the lowest of the boxes of a fraction."""
    boxes = [each for each in _boxes(box) if "frac-line" not in _all_names(each)]
    parts = [group(_row(each)) for each in boxes] or [new("mrow")]
    return parts[-1], parts[0]


def _boxes(box: etree._Element) -> list[etree._Element]:
    """Return the boxes of the first list in a box, the lowest first."""
    first = next((each for each in box.iter("span") if "vlist" in names_of(each)), None)
    return [] if first is None else list(first)


def names_of(box: etree._Element) -> frozenset[str]:
    """Return the classes of a box."""
    return frozenset(classes(box))


def _all_names(box: etree._Element, deep: int = 0) -> set[str]:
    """Return the classes of what is in a box; of its first child alone down to a depth."""
    if deep:
        below: set[str] = set()
        while deep and len(box):
            box = box[0]
            below |= names_of(box)
            deep -= 1
        return below
    return {name for each in box.iter() for name in names_of(each)}
