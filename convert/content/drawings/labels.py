"""Labels of drawings, which are HTML in a ``foreignObject``, set as text in their places."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping

from lxml import etree

from convert.content.draft import Draft
from convert.content.drawings.lines import LETTER, Run, trimmed, wrapped
from convert.content.drawings.parts import Said
from convert.content.drawings.values import colour
from convert.content.tree import drop, new, replace, selector
from convert.content.vocabulary import BLOCKS, DRAWN_LABEL, PARTS, names

_LABELS = selector(f".//g[@{DRAWN_LABEL} = 'foreignobject']")
_BREAKING = (BLOCKS | PARTS | {"center", "foreignobject", "text", "title"}) - {"td", "th"}
_BOLD = names("b strong th h1 h2 h3 h4 h5 h6")
_SLANTED = names("i em cite dfn var")
_MONOSPACED = names("code pre kbd samp tt")
_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "small": 0.83, "sub": 0.83, "sup": 0.83}
_NUMBER = re.compile(r"\s*(-?(?:\d*\.)?\d{1,9})\s*(px|pt|em|rem|%|)\s*")
_PLACES = {"left": "start", "start": "start", "flex-start": "start", "center": "middle"}
_PLACES |= {"right": "end", "end": "end", "flex-end": "end"}
_SHARES = {"start": 0.0, "middle": 0.5, "end": 1.0}
_BEFORE = {"li": "• ", "td": " ", "th": " "}
USUAL_SIZE = 16.0
"""The pixels of text where nothing is said, as in browsers."""
_MOST_LINES = 6.0
"""A greater ``line-height`` is one of pixels, not of sizes of text."""
_FOOT = 0.78
"""How far below its top the letters of a line stand, as a part of their size."""
_FEWEST_LETTERS = 4


def set_as_text(svg: etree._Element, said: Said, draft: Draft) -> None:
    """Turn each label of a drawing into lines of text."""
    for element in _LABELS(svg):
        label = _Label(element, said)
        group = new("g")
        for name in ("id", "transform", "opacity", "visibility"):
            if element.get(name):
                group.set(name, str(element.get(name)))
        group.extend(label.set_lines())
        if len(group):
            replace(element, group)
        else:
            drop(element)


@dataclasses.dataclass
class _Label:
    """One label: its lines, and where its styles put them."""

    element: etree._Element
    said: Said
    size: float = 0.0
    height: float = 1.2
    """That of a line, as a part of its size."""
    across: str = ""
    down: str = "start"
    wraps: bool = True
    behind: str = ""
    """The colour behind it."""
    lines: list[list[Run]] = dataclasses.field(default_factory=lambda: [[]])

    def set_lines(self) -> Iterator[etree._Element]:
        """Yield a ``text`` for each line."""
        fill = None
        for each in self.element.iterancestors():
            self.size = self.size or _length(each.get("font-size"), USUAL_SIZE)
            fill = fill or each.get("color")
        self.size = self.size or USUAL_SIZE
        left, top, width, height = self._box()
        self._read(self.element, {"fill": str(fill or "#000")}, self.size, is_pre=False)
        lines = [line for each in self.lines if (line := trimmed(each))]
        letters = width / (self.size * LETTER)
        if self.wraps and letters >= _FEWEST_LETTERS:
            lines = [each for line in lines for each in wrapped(line, letters)]
        step = self.height * self.size if self.height < _MOST_LINES else self.height
        box_top = top
        top += (height - len(lines) * step) * _SHARES[self.down]
        anchor = self.across or ("start" if self.wraps else "middle")
        stroked = any(each.get("stroke") for each in self.element.iterancestors())
        if lines and self.behind and width and height:
            yield backdrop(self.behind, left, box_top, width, height)
        for at, line in enumerate(lines):
            foot = top + at * step + (step - self.size) / 2 + self.size * _FOOT
            text = new("text", x=f"{left + width * _SHARES[anchor]:.4g}", y=f"{foot:.4g}")
            text.set("font-size", f"{self.size:.4g}")
            if anchor != "start":
                text.set("text-anchor", anchor)
            if stroked:
                text.set("stroke", "none")
            if len({run.look for run in line}) == 1:
                text.attrib.update(line[0].look)
                text.text = "".join(run.text for run in line)
            else:
                for run in line:
                    span = new("tspan", run.text)
                    span.attrib.update(run.look)
                    text.append(span)
            yield text

    def _box(self) -> tuple[float, float, float, float]:
        """Return the box of the lines: left, top, width, height.

        draw.io moves one without height to the middle of what is labelled.
        """
        left, top, width, height = (
            _length(self.element.get(name), 0.0) for name in ("x", "y", "width", "height")
        )
        for inner in self.element.iter("tspan"):
            stated = self.said.get(inner, {})
            if stated.get("display") == "flex":
                left += _length(stated.get("margin-left"), self.size)
                top += _length(stated.get("padding-top"), self.size)
                top += _length(stated.get("margin-top"), self.size)
                width = _length(stated.get("width"), self.size) or width
                height = _length(stated.get("height"), self.size) or height
                self.down = _PLACES.get(stated.get("align-items", "").split(" ")[-1], "start")
                across = stated.get("justify-content", "").split(" ")[-1]
                self.across = _PLACES.get(across, "")
                break
        return left, top, width, height

    def _read(
        self, element: etree._Element, look: dict[str, str], size: float, *, is_pre: bool
    ) -> None:
        name = element.get(DRAWN_LABEL) or ""
        stated = self.said.get(element, {})
        if stated.get("display") == "none":
            return
        if name in _BREAKING or name == "br":
            self.lines.append([])
        look, size = self._looks(name, stated, look, size)
        is_pre = is_pre or name == "pre" or stated.get("white-space", "").startswith("pre")
        self._say(_BEFORE.get(name), look, size, is_pre=False)
        self._say(element.text, look, size, is_pre=is_pre)
        for child in element:
            self._read(child, look, size, is_pre=is_pre)
            self._say(child.tail, look, size, is_pre=is_pre)
        if name in _BREAKING:
            self.lines.append([])

    def _looks(
        self, name: str, stated: Mapping[str, str], look: dict[str, str], size: float
    ) -> tuple[dict[str, str], float]:
        """Return the look and size of what stands in an element; note how its lines stand."""
        look = dict(look)
        if name in _BOLD:
            look["font-weight"] = "bold"
        if name in _SLANTED:
            look["font-style"] = "italic"
        if name in _MONOSPACED:
            look["font-family"] = "monospace"
        for each in ("font-weight", "font-style", "font-family"):
            if each in stated:
                look[each] = stated[each]
        fill = colour(stated["color"]) if "color" in stated else None
        if fill is not None and fill != "currentColor":
            look["fill"] = fill
        size *= _SIZES.get(name, 1.0)
        if "font-size" in stated:
            size = _length(stated["font-size"], size)
        self.behind = self.behind or stated.get("background", "").replace("none", "")
        self.across = _PLACES.get(stated.get("text-align", ""), self.across)
        if stated.get("white-space") == "nowrap":
            self.wraps = False
        if (height := _length(stated.get("line-height"), 1.0)) > 0:
            self.height = height
        return look, size

    def _say(self, text: str | None, look: dict[str, str], size: float, *, is_pre: bool) -> None:
        if not text:
            return
        # draw.io has a size of 0 around the words.
        self.size = size if text.strip() and size > 0 else self.size
        written = tuple(sorted(look.items()))
        for at, part in enumerate(text.split("\n") if is_pre else [re.sub(r"\s+", " ", text)]):
            if at:
                self.lines.append([])
            if part:
                self.lines[-1].append(Run(part, written))


def backdrop(colour: str, left: float, top: float, width: float, height: float) -> etree._Element:
    """Return the rectangle that is the background of something."""
    sides = {"x": left, "y": top, "width": width, "height": height}
    written = {name: f"{side:.6g}" for name, side in sides.items()}
    return new("rect", fill=colour, stroke="none", **written)


def _length(text: str | None, size: float) -> float:
    """Return a length in pixels, where text has this size; 0 where it is none."""
    number = _NUMBER.fullmatch(text or "")
    if number is None:
        return 0.0
    factors = {"px": 1.0, "": 1.0, "pt": 4 / 3, "em": size, "rem": USUAL_SIZE, "%": size / 100}
    return float(number[1]) * factors[number[2]]
