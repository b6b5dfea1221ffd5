"""Prepared markup to Markdown: CommonMark with GitHub's tables and strike-through, footnotes
as ``[^1]`` and formulas as ``$…$``.

Each element is written as the few blocks that html-to-markdown lays out (paragraphs, headings,
lists, quotes, tables); text and inline markup are shielded from it, because it takes text that
looks like Markdown for Markdown.  What Markdown has no sign for stays as inert HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

from convert.content.tree import is_blank, text_of
from convert.content.views.numbers import label, ordinals, runs
from convert.exporters.markdown import inline
from convert.exporters.markdown.escape import JOINER, Shield
from convert.exporters.markdown.inline import Inline
from convert.text.late import Late

if TYPE_CHECKING:
    import html_to_markdown
else:
    html_to_markdown = Late("html_to_markdown")

_BLOCKS = inline.words(
    "p h2 h3 h4 h5 h6 ul ol dl blockquote pre table figure figcaption hr div section details aside"
)

_GROUPS = inline.words("figure div section aside")
"""Blocks whose parts stand as if there were none."""


class Body:
    """One body in the making.

    ``anchors`` are the ids that something elsewhere links to; ``drawing`` gives the address
    of a picture drawn in the text, once it is a file.
    """

    def __init__(
        self,
        root: etree._Element,
        anchors: frozenset[str],
        drawing: Callable[[etree._Element], str],
    ) -> None:
        self._root = root
        self._referred = inline.referred_notes(root)
        linked = anchors | inline.linked_ids(root)
        self._notes = _take_notes(root)
        self._shield = Shield()
        self._inline = Inline(self._shield, linked, drawing, frozenset(self._notes))

    def markdown(self) -> str:
        """Return the whole body, with its notes at the end; "" where it is empty."""
        blocks = self._flow(self._root)
        unreferred = [note for name, note in self._notes.items() if name not in self._referred]
        if unreferred:
            blocks += _list("ol", (self._flow(note, bare=True) for note in unreferred))
        parts = [self._laid_out(blocks)]
        for name, note in self._notes.items():
            if name in self._referred:
                text = self._laid_out(self._flow(note))
                # A note of one word would be the definition of a link to a reader that knows no
                # notes (CommonMark §4.7); an empty element in front keeps it a note.
                if re.match(r"[^ \t]+(?:[ \t]+[\"'(].*)?$", text.partition("\n")[0]):
                    text = f"{JOINER}{text}"
                parts.append(f"[^{name}]: " + re.sub(r"\n(?=[^\n])", "\n    ", text))
        return "\n\n".join(part for part in parts if part)

    def _laid_out(self, blocks: str) -> str:
        """Return the blocks as Markdown: no spaces at the ends of lines, and one empty line (of
        a quote) in a row."""
        if not blocks:
            return ""
        markdown = (html_to_markdown.convert(blocks, _options()).content or "").replace(_GAP, "")
        lines: list[str] = []
        for line in map(str.rstrip, markdown.split("\n")):
            if not (
                lines
                and not line.strip(" >")
                and (line == lines[-1] or lines[-1].endswith(_JOINED))
            ):
                lines.append(line)
        lines = [line.removesuffix(_JOINED) for line in lines]
        return self._shield.restored("\n".join(lines).strip("\n"))

    def _flow(self, parent: etree._Element, *, bare: bool = False) -> str:
        """Return the blocks of an element; runs of inline content between them become
        paragraphs.  ``bare`` leaves the first run as it is: a tight list item."""
        blocks: list[str] = []
        last = ""
        for tag, block in self._parts(parent):
            if tag == last and tag in {"ul", "ol"}:
                # Two lists in a row are one list to Markdown (CommonMark §5.3); the comment that
                # it recommends between them is an error in MDX.
                blocks.append(f"<p>{self._shield.piece(_PARTING)}</p>")
            elif blocks and (tag == "blockquote" or last in {"blockquote", "ul", "ol", "dl"}):
                # The converter puts no empty lines around quotes, nor after lists in them.
                blocks.append(f"<p>{_GAP}</p>")
            loose = tag or blocks or not bare
            blocks.append(block if loose else block.removeprefix("<p>").removesuffix("</p>"))
            last = tag
        return "".join(blocks)

    def _parts(self, parent: etree._Element) -> Iterator[tuple[str, str]]:
        """Yield each block's name and content; "" names a run of inline content."""
        run = self._inline.text(parent.text)
        for each in parent:
            if each.tag in _BLOCKS:
                yield from _run(self._inline.settled(run))
                content = ""
                if each.tag in _GROUPS and not (each.get("class") or "").startswith("callout-"):
                    yield from _run(self._inline.anchor(each))
                    yield from self._parts(each)
                else:
                    content = self._block(each)
                if content:
                    written_as = _LIST_OR_QUOTE.search(content)
                    if written_as is not None and each.tag in {"ol", "dl", "aside"}:
                        yield written_as[1], content
                    else:
                        yield str(each.tag), content
                run = self._inline.text(each.tail)
            else:
                run += self._inline.element(each) + self._inline.text(each.tail)
        yield from _run(self._inline.settled(run))

    def _block(self, each: etree._Element) -> str:
        tag = str(each.tag)
        anchor = self._inline.anchor(each)
        if tag in {"p", "figcaption"}:
            return "".join(content for _, content in _run(anchor + self._inline.run(each)))
        if tag[0] == "h" and tag != "hr":
            run = anchor + self._inline.run(each, one_line=True)
            return f"<{tag}>{run}</{tag}>" if run.strip() else ""
        writers: dict[str, Callable[[etree._Element], str]] = {
            "ul": self._items,
            "ol": self._items,
            "dl": lambda each: _list("ul", self._definitions(each)),
            "blockquote": lambda each: f"<blockquote>{self._flow(each)}</blockquote>",
            "aside": self._callout,
            "pre": lambda each: f"<p>{self._shield.piece(inline.code_block(each))}</p>",
            "hr": lambda each: f"<p>{self._shield.piece('***')}</p>",
            "table": self._table,
            "details": self._details,
        }
        return (f"<p>{anchor}</p>" if anchor else "") + writers[tag](each)

    def _items(self, each: etree._Element) -> str:
        items = [item for item in each if item.tag == "li"]
        if each.tag == "ul":
            return _list("ul", map(self._item, items))
        numbers = ordinals(each)
        counting = runs(numbers)
        sayable = each.get("type", "1") == "1" and all(0 <= at < _MOST_NUMBER for at in numbers)
        if sayable and len(counting) <= max(2, len(items) // 2):
            return f"<p>{self._shield.piece(_PARTING)}</p>".join(
                _list("ol", map(self._item, items[run.start : run.stop]), numbers[run.start])
                for run in counting
            )
        for item, number in zip(items, numbers, strict=True):
            # A list of CommonMark (§5.2) counts on from its first number, in digits.
            bare = len(item) and item[0].tag == "p" and is_blank(item.text)
            holder = item[0] if bare else item
            holder.text = f"{label(number, each.get('type'))}. {(holder.text or '').lstrip()}"
        return _list("ul", map(self._item, items))

    def _item(self, item: etree._Element) -> str:
        # The converter takes the text after an empty item for its content.
        content = self._flow(item, bare=True) or self._shield.piece(JOINER)
        anchor = self._inline.anchor(item)
        box = _BOX.match(content)
        if box is None:
            return anchor + content
        sign = self._shield.piece("[ ]" if box[2] == "☐" else "[x]")
        return f"{box[1] or ''}{sign} {anchor}{content[box.end() :]}"

    def _definitions(self, each: etree._Element) -> Iterator[str]:
        """Yield a list item for each term (or group of terms) with what describes it."""
        current = ""
        described = True
        for part in _terms(each):
            if part.tag == "dt":
                if described and current:
                    yield current
                    current = ""
                run = self._inline.run(part, one_line=True, strong=True)
                term = self._inline.anchor(part) + run
                current += f"<p>{term}</p>" if term.strip() else ""
                described = False
            else:
                # An item may not begin with two empty lines (CommonMark §5.2).
                current += (f"<p>{_GAP}</p>" if current else "") + self._flow(part)
                described = True
        if current:
            yield current

    def _callout(self, each: etree._Element) -> str:
        """Return a quote that GitHub, Obsidian, Hugo and pandoc show as a callout; GitHub only one
        that stands in nothing else, with a title of its own before the others."""
        kind = (each.get("class") or "").removeprefix("callout-")
        first = next(iter(each), None)
        title = first if first is not None and first.get("class") == "callout-title" else None
        sign = ""
        if next(each.iterancestors("li", "dd", "blockquote", "aside"), None) is None:
            if title is not None and text_of(title).strip().lower() == kind:
                each.remove(title)
            joined = len(each) and each[0].tag == "p"
            sign = self._shield.piece(f"[!{kind.upper()}]") + (_JOINED if joined else "")
        start = f"<p>{sign}</p>" if sign else ""
        return f"<blockquote>{start}{self._flow(each)}</blockquote>"

    def _details(self, each: etree._Element) -> str:
        line = "<summary></summary>"
        summary = next((part for part in each if part.tag == "summary"), None)
        if summary is not None:
            line = inline.inert(summary)
            tail = summary.tail
            each.remove(summary)
            each.text = (each.text or "") + (tail or "")
        # Empty lines around what is inside: only so is it read as Markdown (CommonMark §4.6).
        # MDX wants the tag that stays open alone on its line.
        start = self._shield.piece(f"<details>\n{line}")
        end = self._shield.piece("</details>")
        gap = f"<p>{_GAP}</p>"
        return f"<p>{start}</p>{gap}{self._flow(each)}{gap}<p>{end}</p>"

    def _table(self, table: etree._Element) -> str:
        """Return a table of GitHub's (GFM §4.10), which cannot do without a head; as HTML
        where that cannot say it all."""
        rows = [list(row) for row in table.iter("tr")]
        cells = [cell for row in rows for cell in row]
        # A grid has a cell in each place: one long row would make it far larger than the table.
        ragged = len(rows) * max(map(len, rows), default=0) > 4 * len(cells) + _MOST_EMPTY
        if ragged or not all(rows) or not cells or not all(map(_is_plain, cells)):
            return f"<p>{self._shield.piece(inline.inert(table))}</p>"
        caption = table.find("caption")
        before = "" if caption is None else f"<p>{self._inline.run(caption)}</p>"
        lines = []
        for row in rows:
            holders = (cell[0] if len(cell) == 1 and cell[0].tag == "p" else cell for cell in row)
            texts = (self._inline.run(holder, one_line=True) for holder in holders)
            # The grid is one piece, and a piece holds finished Markdown.
            lines.append([self._shield.restored(text).strip() for text in texts])
        width = max(map(len, lines))
        if table.find("thead/tr") is None and any(each.tag != "th" for each in rows[0]):
            lines.insert(0, [])
        lines.insert(1, ["---"] * width)
        grid = "\n".join(f"| {' | '.join(line + [''] * (width - len(line)))} |" for line in lines)
        return f"{before}<p>{self._shield.piece(grid)}</p>"


_MOST_EMPTY = 10_000
_MOST_NUMBER = 10**9
"""A number of a list has at most nine digits (CommonMark §5.2)."""
_PARTING = "<div></div>"
_BOX = re.compile("(<p>)?([☐☑]) +(?=[^ ])")
"""What an item of a list of tasks begins with."""
_LIST_OR_QUOTE = re.compile("<(ul|ol|blockquote)[ >]")
_GAP = "\U000f0000"
"""A paragraph that leaves nothing but the empty lines around it."""
_JOINED = "\U000f0001"
"""The end of a paragraph that no empty line parts from the next."""


def _run(run: str) -> Iterator[tuple[str, str]]:
    if run.strip(" \n"):
        yield "", f"<p>{inline.broken(run)}</p>"


def _list(tag: str, items: Iterable[str], start: int = 1) -> str:
    first = "" if start == 1 else f' start="{start}"'
    return f"<{tag}{first}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"


def _terms(each: etree._Element) -> Iterator[etree._Element]:
    """Yield the ``dt`` and ``dd`` of a list, those in ``div`` groups too."""
    for part in each:
        if part.tag == "div":
            yield from _terms(part)
        elif part.tag in {"dt", "dd"}:
            yield part


def _is_plain(cell: etree._Element) -> bool:
    """Return whether a cell spans no others and holds no blocks, or nothing but a paragraph."""
    if cell.get("colspan") or cell.get("rowspan"):
        return False
    alone = cell[0] if len(cell) == 1 and cell[0].tag == "p" and not cell.text else None
    return not any(each.tag in _BLOCKS and each is not alone for each in cell.iter(etree.Element))


def _take_notes(root: etree._Element) -> dict[str, etree._Element]:
    """Take the notes out of the tree, and the links back out of the notes; return them by
    name, in order."""
    notes: dict[str, etree._Element] = {}
    for section in [each for each in root if each.get("role") == "doc-endnotes"]:
        for note in section.iterfind("ol/li"):
            for back in [each for each in note.iter("a") if each.get("role") == "doc-backlink"]:
                # The view puts a space before it.
                before, above = back.getprevious(), back.getparent()
                if before is not None:
                    before.tail = (before.tail or "").removesuffix("\u00a0")
                elif above is not None:
                    above.text = (above.text or "").removesuffix("\u00a0")
                if above is not None:
                    above.remove(back)
            notes[inline.note_name(note.get("id"))] = note
        root.remove(section)
    return notes


@cache
def _options() -> html_to_markdown.ConversionOptions:
    return html_to_markdown.ConversionOptions(
        heading_style="atx",
        bullets="-",
        autolinks=False,
        # Spaces at the ends of lines are stripped: a break must be something else.
        newline_style="backslash",
        compact_tables=True,
        extract_metadata=False,
    )
