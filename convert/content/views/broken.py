"""Formulas that are wider than their place, in pieces that a line may end between."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from convert.content.tree import new
from convert.content.vocabulary import names

SMALLEST = 0.65
"""How much smaller than the text a piece may be that cannot be cut: 6.5 pt in text of 10 pt."""
_WRAPPERS = names("math semantics mrow mstyle mpadded")
_RELATIONS = names("= ≠ < > ≤ ≥ ≈ ≡ ∼ ≃ ≅ → ← ↔ ⇒ ⇐ ⇔ ↦ ∈ ∉ ⊂ ⊆ ⊃ ⊇ ⊢ ⊨ ≔ := ⟶ ⟹ ⟺ ∝ ≪ ≫ ≺ ≻")
_OPERATORS = names("+ − - ± ∓ × ⋅ ∪ ∩ ∧ ∨ ⊕ ⊗ ∖ ∘ * ∗")
_OPENING = names("( [ { ⟨ ⌊ ⌈")
_CLOSING = names(") ] } ⟩ ⌋ ⌉")
_WITH_WHAT_IS_BEFORE = _CLOSING | names(", ; . | ‖ ! ′")
_LEVELS = (_RELATIONS, _OPERATORS, None)
"""Before what a line may begin; where there is neither, between any two parts."""


_EM = re.compile(r"-?[\d.]+(?=em)")

Draw = Callable[[Sequence[etree._Element]], etree._Element | None]
"""Draws parts side by side; None where that would take too long."""


class TooWideError(Exception):
    """A part that cannot be cut would be too small to read."""


def pieces(
    parts: Sequence[etree._Element], widest: float, draw: Draw, level: int = 0
) -> Iterator[etree._Element]:
    """Yield drawings of what stands side by side, none wider than ``widest`` em, and ``br`` between
    the rows of a table.

    Raises ``TooWideError``.
    """
    drawing = draw(parts)
    width = width_of(drawing) if drawing is not None else math.inf
    if drawing is not None and width <= widest:
        yield drawing
        return
    only = parts[0] if len(parts) == 1 else None
    if only is not None and only.tag in _WRAPPERS:
        inner = [each for each in only if each.tag not in {"annotation", "annotation-xml"}]
        yield from pieces(inner, widest, draw)
    elif only is not None and only.tag == "mtable":
        for row in only:
            if row.getprevious() is not None:
                yield new("br")
            yield from pieces([part for cell in row for part in cell], widest, draw)
    else:
        groups = _groups(parts, level)
        while len(groups) == 1 and level + 1 < len(_LEVELS):
            level += 1
            groups = _groups(parts, level)
        if len(groups) > 1:
            for group in groups:
                yield from pieces(group, widest, draw, level)
        elif drawing is not None and widest / width >= SMALLEST:
            for name in ("width", "height", "style"):
                drawing.set(name, _scaled(drawing.get(name) or "", widest / width))
            yield drawing
        else:
            raise TooWideError


def width_of(drawing: etree._Element) -> float:
    """Return the width of a drawn formula in em."""
    return float((drawing.get("width") or "0").removesuffix("em"))


def _scaled(lengths: str, factor: float) -> str:
    return _EM.sub(lambda length: f"{float(length[0]) * factor:.3f}", lengths)


def _groups(parts: Sequence[etree._Element], level: int) -> list[list[etree._Element]]:
    """Return the parts in groups, each but the first beginning with a sign of a level."""
    signs = _LEVELS[level]
    groups: list[list[etree._Element]] = [[]]
    depth = 0
    opened = True
    for part in parts:
        sign = (part.text or "").strip() if part.tag == "mo" else ""
        if signs is None:
            held = opened or sign in _WITH_WHAT_IS_BEFORE
        else:
            held = depth > 0 or sign not in signs
        if held or not groups[-1]:
            groups[-1].append(part)
        else:
            if sign:
                part.set("form", "infix")  # the first of a row would be a sign before a number
            groups.append([part])
        opened = sign in _OPENING
        depth += opened - (sign in _CLOSING)
    return groups
