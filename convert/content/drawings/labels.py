"""Labels of drawings, which are HTML in a ``foreignObject``, set as text in their places."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping

from lxml import etree

from convert.content.drawings.values import colour
from convert.content.tree import drop, new, replace, selector
from convert.content.vocabulary import BLOCKS, DRAWN_LABEL, PARTS

_LABELS = selector(f".//g[@{DRAWN_LABEL} = 'foreignobject']")
_BREAKING = BLOCKS | PARTS - {"td", "th"} | {"div", "center", "section"}
_BOLD = frozenset(("b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"))
_SLANTED = frozenset(("i", "em", "cite", "dfn", "var"))
_MONOSPACED = frozenset(("code", "pre", "kbd", "samp", "tt"))
_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "small": 0.83, "sub": 0.83, "sup": 0.83}
_NUMBER = re.compile(r"\s*(-?(?:\d*\.)?\d{1,9})\s*(px|pt|em|rem|%|)\s*")
_PLACES = {"left": "start", "center": "middle", "right": "end", "end": "end"}
_PLACES |= {"start": "start", "flex-start": "start", "flex-end": "end"}
USUAL_SIZE = 16.0
USUAL_HEIGHT = 1.2
_WIDTH = 0.52
"""The width of a letter in its height, on average; of an ideograph it is 1."""
_UP = 0.78
"""How far above its foot a line of text is in the middle, as a part of its height."""

Said = Mapping[etree._Element, Mapping[str, str]]


@dataclasses.dataclass(frozen=True)
class Run:
    """Words of one look: their attributes of SVG."""

    text: str
    look: tuple[tuple[str, str], ...]


def set_as_text(svg: etree._Element, said: Said) -> None:
    """Turn each label into lines of text."""
    for label in _LABELS(svg):
        lines, box = _Reader(said).read(label)
        group = new("g")
        for name in ("id", "transform", "opacity", "visibility"):
            if label.get(name):
                group.set(name, str(label.get(name)))
        group.extend(box.set_lines(lines))
        if len(group):
            replace(label, group)
        else:
            drop(label)


@dataclasses.dataclass
class _Box:
    """Where the lines of a label stand."""

    left: float
    top: float
    width: float
    height: float
    size: float
    line: float
    across: str = ""
    down: str = "start"
    wraps: bool = True

    def set_lines(self, lines: list[list[Run]]) -> Iterator[etree._Element]:
        """Yield a ``text`` for each line."""
        letters = self.width / (self.size * _WIDTH) if self.size else 0
        if self.wraps and letters >= 4:
            lines = [each for line in lines for each in _wrapped(line, letters)]
        rest = self.height - len(lines) * self.line
        top = self.top + rest * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.down]
        anchor = self.across or ("start" if self.wraps else "middle")
        x = self.left + self.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        for at, line in enumerate(lines):
            y = top + at * self.line + (self.line - self.size) / 2 + self.size * _UP
            text = new("text", x=f"{x:.4g}", y=f"{y:.4g}", font_size=f"{self.size:.4g}")
            if anchor != "start":
                text.set("text-anchor", anchor)
            text.attrib.update([("stroke", "none")])
            first = line[0].look
            common = first if all(each.look == first for each in line) else ()
            text.attrib.update(common)
            if common:
                text.text = "".join(each.text for each in line).strip()
            else:
                for each in line:
                    span = new("tspan", each.text)
                    span.attrib.update(each.look)
                    text.append(span)
            yield text


def _wrapped(line: list[Run], letters: float) -> Iterator[list[Run]]:
    """Yield a line as lines of about so many letters, broken between words."""
    now: list[Run] = []
    long = 0.0
    for run in line:
        for word in re.findall(r"\s*\S+\s*$|\s*\S+|\s+", run.text):
            width = sum(1.0 if each < "\u2e80" else 1 / _WIDTH for each in word.strip())
            if now and long + width > letters and word.strip():
                yield now
                now, long, word = [], 0.0, word.lstrip()  # noqa: PLW2901
            if now and now[-1].look == run.look:
                now[-1] = Run(now[-1].text + word, run.look)
            else:
                now.append(Run(word, run.look))
            long += width + (word != word.strip())
    if now:
        yield now


@dataclasses.dataclass
class _Reader:
    """Reads one label: its lines, and where its styles put them."""

    said: Said
    lines: list[list[Run]] = dataclasses.field(default_factory=lambda: [[]])

    def read(self, label: etree._Element) -> tuple[list[list[Run]], _Box]:
        """Return its lines, and the box that they stand in."""
        size, colour_, look = self._outside(label)
        self._size, self._line, self._across, self._down = size, USUAL_HEIGHT, "", "start"
        self._wraps = True
        left, top = _pixels(label, "x"), _pixels(label, "y")
        width, height = _pixels(label, "width"), _pixels(label, "height")
        for inner in label.iter("tspan"):
            stated = self.said.get(inner, {})
            if stated.get("display") == "flex":
                # draw.io: the middle of a box of no height, moved to where the label is.
                left += _length(stated.get("margin-left"), size)
                top += _length(stated.get("padding-top"), size) + _length(
                    stated.get("margin-top"), size
                )
                width = _length(stated.get("width"), size) or width
                height = _length(stated.get("height"), size) or height
                self._down = _PLACES.get(stated.get("align-items", "").split(" ")[-1], "start")
                across = stated.get("justify-content", "").split(" ")[-1]
                self._across = _PLACES.get(across, "")
                break
        self._walk(label, {**look, "fill": colour_}, size, is_pre=False)
        lines = [line for each in self.lines if (line := _trimmed(each))]
        step = self._line * self._size if self._line < 6 else self._line
        box = _Box(left, top, width, height, self._size, step, self._across, self._down)
        box.wraps = self._wraps
        return lines, box

    def _outside(self, label: etree._Element) -> tuple[float, str, dict[str, str]]:
        """Return the size and colour of text where a label stands."""
        size = 0.0
        fill = ""
        for each in label.iterancestors():
            size = size or _length(each.get("font-size"), USUAL_SIZE)
            fill = fill or str(each.get("color") or "")
        return size or USUAL_SIZE, fill or "#000", {}

    def _walk(
        self, element: etree._Element, look: dict[str, str], size: float, *, is_pre: bool
    ) -> None:
        name = element.get(DRAWN_LABEL) or ""
        stated = self.said.get(element, {})
        if stated.get("display") == "none":
            return
        if name == "br":
            self.lines.append([])
            return
        if name in _BREAKING:
            self.lines.append([])
        look, size = self._looks(name, stated, look, size)
        is_pre = is_pre or name == "pre" or stated.get("white-space", "").startswith("pre")
        if name == "li":
            self._say("• ", look, size, is_pre=False)
        self._say(element.text, look, size, is_pre=is_pre)
        for child in element:
            self._walk(child, look, size, is_pre=is_pre)
            self._say(child.tail, look, size, is_pre=is_pre)
        if name in _BREAKING:
            self.lines.append([])
        elif name in {"td", "th"}:
            self._say(" ", look, size, is_pre=False)

    def _looks(
        self, name: str, stated: Mapping[str, str], look: dict[str, str], size: float
    ) -> tuple[dict[str, str], float]:
        """Return the look and size of what stands in an element of a label."""
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
        if stated.get("color") and (fill := colour(stated["color"])) is not None:
            look["fill"] = look["fill"] if fill == "currentColor" else fill
        size *= _SIZES.get(name, 1.0)
        size = _length(stated.get("font-size"), size) if "font-size" in stated else size
        if stated.get("text-align") in _PLACES:
            self._across = _PLACES[stated["text-align"]]
        if stated.get("white-space") == "nowrap":
            self._wraps = False
        line = _NUMBER.fullmatch(stated.get("line-height", ""))
        if line is not None and float(line[1]) > 0:
            self._line = float(line[1]) / (100 if line[2] == "%" else 1)
        return look, size

    def _say(self, text: str | None, look: dict[str, str], size: float, *, is_pre: bool) -> None:
        if not text:
            return
        self._size = size if text.strip() and size else self._size
        written = tuple(sorted(look.items()))
        for at, part in enumerate(text.split("\n") if is_pre else [re.sub(r"\s+", " ", text)]):
            if at:
                self.lines.append([])
            if part:
                self.lines[-1].append(Run(part, written))


def _trimmed(line: list[Run]) -> list[Run]:
    """Return a line without the blanks at its ends; nothing where it has no words."""
    if not "".join(each.text for each in line).strip():
        return []
    while not line[0].text.strip():
        line = line[1:]
    while not line[-1].text.strip():
        line = line[:-1]
    first, last = line[0], line[-1]
    if first is last:
        return [Run(first.text.strip(), first.look)]
    return [Run(first.text.lstrip(), first.look), *line[1:-1], Run(last.text.rstrip(), last.look)]


def _pixels(element: etree._Element, name: str) -> float:
    """Return a measure of a label; 0 where it is a share of something."""
    number = _NUMBER.fullmatch(element.get(name) or "")
    return float(number[1]) if number is not None and number[2] != "%" else 0.0


def _length(text: str | None, size: float) -> float:
    """Return a length in pixels, where text has this size; 0 where it is none."""
    number = _NUMBER.fullmatch(text or "")
    if number is None:
        return 0.0
    factors = {"px": 1.0, "": 1.0, "pt": 4 / 3, "em": size, "rem": USUAL_SIZE, "%": size / 100}
    return float(number[1]) * factors[number[2]]
