"""Prepared markup to Markdown: CommonMark with GitHub's tables and strike-through, footnotes
as ``[^1]`` and formulas as ``$…$``.

Each element is written as the few blocks that html-to-markdown lays out (paragraphs, headings,
lists, quotes, tables); text and inline markup are shielded from it, because it takes text that
looks like Markdown for Markdown.  What Markdown has no sign for stays as inert HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from html_to_markdown import ConversionOptions, convert
from lxml import etree

from convert.exporters.markdown import inline
from convert.exporters.markdown.escape import Shield
from convert.exporters.markdown.inline import Inline

_OPTIONS = ConversionOptions(
    heading_style="atx",
    bullets="-",
    autolinks=False,
    newline_style="backslash",
    compact_tables=True,
    extract_metadata=False,
)
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
        self._notes = _taken_notes(root)
        self._shield = Shield()
        self._inline = Inline(self._shield, linked, drawing, frozenset(self._notes))

    def markdown(self) -> str:
        """The whole body, with its notes at the end; "" where it is empty."""
        unreferred = [note for name, note in self._notes.items() if name not in self._referred]
        blocks = self._flow(self._root)
        if unreferred:
            blocks += _list("ol", (self._flow(note, bare=True) for note in unreferred))
        definitions = [
            _definition(name, self._laid_out(self._flow(note)))
            for name, note in self._notes.items()
            if name in self._referred
        ]
        return "\n\n".join(part for part in (self._laid_out(blocks), *definitions) if part)

    def _laid_out(self, blocks: str) -> str:
        if not blocks:
            return ""
        laid = convert(blocks, _OPTIONS).content or ""
        return self._shield.restored(_tidy(laid.replace(_GAP, "")))

    def _flow(self, parent: etree._Element, *, bare: bool = False) -> str:
        """The blocks of an element; runs of inline content between them become paragraphs.
        ``bare`` leaves the first run as it is: a tight list item."""
        made: list[str] = []
        last = ""
        for tag, block in self._parts(parent):
            if tag == last and tag in {"ul", "ol"}:
                # Two lists in a row are one list to Markdown (CommonMark §5.3).
                made.append(f"<p>{self._shield.piece('<!-- -->')}</p>")
            elif made and (tag == "blockquote" or last in {"blockquote", "ul", "ol", "dl"}):
                # The converter puts no empty lines around quotes, nor after lists in them.
                made.append(f"<p>{_GAP}</p>")
            made.append(block if tag or made or not bare else _unwrapped(block))
            last = tag
        return "".join(made)

    def _parts(self, parent: etree._Element) -> Iterator[tuple[str, str]]:
        """Each block's name and content; "" names a run of inline content."""
        run = self._inline.text(parent.text)
        for each in parent:
            if each.tag in _BLOCKS:
                yield from _run(self._inline.settled(run))
                content = ""
                if each.tag in _GROUPS:
                    yield from _run(self._inline.anchor(each))
                    yield from self._parts(each)
                else:
                    content = self._block(each)
                if content:
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
        content = self._structure(each, tag)
        return (f"<p>{anchor}</p>" if anchor else "") + content

    def _structure(self, each: etree._Element, tag: str) -> str:
        writer = {
            "ul": self._items,
            "ol": self._items,
            "dl": lambda each: _list("ul", self._definitions(each)),
            "blockquote": lambda each: f"<blockquote>{self._flow(each)}</blockquote>",
            "pre": lambda each: f"<p>{self._shield.piece(inline.code_block(each))}</p>",
            "hr": lambda each: f"<p>{self._shield.piece('***')}</p>",
            "table": self._table,
            "details": self._details,
        }[tag]
        return writer(each)

    def _items(self, each: etree._Element) -> str:
        # The converter takes the text after an empty item for its content.
        empty = self._shield.piece("<span></span>")
        items = (
            self._inline.anchor(item) + (self._flow(item, bare=True) or empty)
            for item in each
            if item.tag == "li"
        )
        return _list(str(each.tag), items, each.get("start"))

    def _definitions(self, each: etree._Element) -> Iterator[str]:
        """A list item for each term (or group of terms) with what describes it."""
        current = ""
        described = True
        for part in _terms(each):
            if part.tag == "dt":
                if described and current:
                    yield current
                    current = ""
                run = self._inline.run(part, one_line=True, strong=True)
                current += f"<p>{self._inline.anchor(part)}{run}</p>"
                described = False
            else:
                current += f"<p>{_GAP}</p>{self._flow(part)}"
                described = True
        if current:
            yield current

    def _details(self, each: etree._Element) -> str:
        summary = next((part for part in each if part.tag == "summary"), None)
        words = "" if summary is None else "".join(map(str, summary.itertext()))
        if summary is not None:
            tail = summary.tail
            each.remove(summary)
            each.text = (each.text or "") + (tail or "")
        opened = self._shield.piece(f"<details><summary>{inline.entities(words)}</summary>")
        closed = self._shield.piece("</details>")
        gap = f"<p>{_GAP}</p>"
        return f"<p>{opened}</p>{gap}{self._flow(each)}{gap}<p>{closed}</p>"

    def _table(self, table: etree._Element) -> str:
        rows = [list(row) for row in table.iter("tr")]
        if not _is_plain(table, rows):
            return f"<p>{self._shield.piece(inline.inert(table))}</p>"
        caption = table.find("caption")
        before = "" if caption is None else f"<p>{self._inline.run(caption)}</p>"
        written = [[self._cell(cell) for cell in row] for row in rows]
        headed = table.find("thead/tr") is not None or all(each.tag == "th" for each in rows[0])
        return f"{before}<p>{self._shield.piece(_grid(written, headed=headed))}</p>"

    def _cell(self, cell: etree._Element) -> str:
        holder = cell[0] if len(cell) == 1 and cell[0].tag == "p" else cell
        return self._shield.restored(self._inline.run(holder, one_line=True)).strip()


_GAP = "\U000f0000"
"""A paragraph that leaves nothing but the empty lines around it."""


def _tidy(laid: str) -> str:
    """The lines without spaces at their ends, and one empty line (of a quote) in a row."""
    lines: list[str] = []
    for line in map(str.rstrip, laid.split("\n")):
        if not (lines and line == lines[-1] and not line.strip(" >")):
            lines.append(line)
    return "\n".join(lines).strip("\n")


def _run(run: str) -> Iterator[tuple[str, str]]:
    if run.strip(" \n"):
        yield "", f"<p>{inline.broken(run)}</p>"


def _unwrapped(paragraph: str) -> str:
    return paragraph.removeprefix("<p>").removesuffix("</p>")


def _list(tag: str, items: Iterator[str], start: str | None = None) -> str:
    first = f' start="{int(start)}"' if start and start.isdecimal() and len(start) < 10 else ""
    return f"<{tag}{first}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"


def _terms(each: etree._Element) -> Iterator[etree._Element]:
    """The ``dt`` and ``dd`` of a list, those in ``div`` groups too."""
    for part in each:
        if part.tag == "div":
            yield from _terms(part)
        elif part.tag in {"dt", "dd"}:
            yield part


def _is_plain(table: etree._Element, rows: list[list[etree._Element]]) -> bool:
    """Whether GitHub's tables can say it all: no cell spans others or holds blocks."""
    cells = [cell for row in rows for cell in row]
    return (
        bool(cells)
        and all(rows)
        and not any(cell.get("colspan") or cell.get("rowspan") for cell in cells)
        and not any(
            each.tag in _BLOCKS
            for cell in cells
            for each in cell.iter(etree.Element)
            if not (each.tag == "p" and len(cell) == 1 and cell[0] is each and not cell.text)
        )
    )


def _grid(rows: list[list[str]], *, headed: bool) -> str:
    """A table of GitHub's (GFM §4.10), which cannot do without a head."""
    width = max(map(len, rows))
    head, *body = rows if headed else [[], *rows]
    lines = [head, ["---"] * width, *body]
    return "\n".join(f"| {' | '.join(line + [''] * (width - len(line)))} |" for line in lines)


def _definition(name: str, text: str) -> str:
    """A footnote: further lines stand four to the right.

    A note of one word would be the definition of a link to a reader that knows no notes
    (CommonMark §4.7); an empty element in front keeps it a note.
    """
    if re.match(r"[^ \t]+(?:[ \t]+[\"'(].*)?$", text.partition("\n")[0]):
        text = f"<span></span>{text}"
    return f"[^{name}]: " + re.sub(r"\n(?=[^\n])", "\n    ", text)


def _taken_notes(root: etree._Element) -> dict[str, etree._Element]:
    """The notes by name, in order; they leave the tree, and the links back leave them."""
    notes: dict[str, etree._Element] = {}
    for section in [each for each in root if each.get("role") == "doc-endnotes"]:
        for note in section.iterfind("ol/li"):
            for back in [each for each in note.iter("a") if each.get("role") == "doc-backlink"]:
                _remove_back(back)
            notes[inline.note_name(note.get("id"))] = note
        root.remove(section)
    return notes


def _remove_back(back: etree._Element) -> None:
    """A link back, and the space that the view puts before it."""
    before, above = back.getprevious(), back.getparent()
    if before is not None:
        before.tail = (before.tail or "").removesuffix("\u00a0")
    elif above is not None:
        above.text = (above.text or "").removesuffix("\u00a0")
    if above is not None:
        above.remove(back)
