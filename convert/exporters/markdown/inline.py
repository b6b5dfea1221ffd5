"""The inline markup of a body: emphasis, links, code, formulas, notes, and what stays HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from lxml import etree

from convert.exporters.markdown.escape import Shield, in_attribute, in_element
from convert.exporters.markdown.formulas import apart, formula


def words(text: str) -> frozenset[str]:
    """Return the words of a text, as a set."""
    return frozenset(text.split())


_SIGNS = {"em": "*", "strong": "**", "del": "~~"}
_EMPHASIS = {"em": "em", "i": "em", "dfn": "em", "cite": "em", "var": "em"} | {
    "strong": "strong",
    "b": "strong",
    "del": "del",
    "s": "del",
}
_AS_HTML = words("abbr ins kbd mark q rb rp rt ruby samp small sub sup u")
_EDGE = re.compile(r"([\x02\x03][a-z]+\x04)")
"""Where emphasis begins (02) and ends (03): settled when a whole run is known."""


class Inline:
    """Writes inline content, shielded.  A line break is a line feed until ``broken``."""

    def __init__(
        self,
        shield: Shield,
        anchors: frozenset[str],
        drawing: Callable[[etree._Element], str],
        notes: frozenset[str],
    ) -> None:
        self._shield = shield
        self._notes = notes
        self._anchors = anchors
        self._drawing = drawing
        self._writers: dict[str, Callable[[etree._Element], str]] = {
            "a": self._link,
            "br": lambda each: "\n",
            "code": self._code,
            "img": self._picture,
            "svg": self._picture,
            "math": lambda each: self._shield.piece(inert(each)),
            "wbr": lambda each: "",
        }

    def text(self, text: str | None) -> str:
        """Return text, shielded."""
        return self._shield.text(text) if text else ""

    def run(self, each: etree._Element, *, one_line: bool = False, strong: bool = False) -> str:
        """Return all that an element holds, settled; ``one_line`` where Markdown has no line
        breaks."""
        content = self._content(each)
        if strong and content.strip():
            content = f"\x02strong\x04{content.strip(' ')}\x03strong\x04"
        if one_line:
            # A heading or a cell is one line of Markdown: a break in it can only be HTML.
            content = content.strip(" \n").replace("\n", self._shield.piece("<br />"))
            return self._signed(content)
        return self.settled(content)

    def element(self, each: etree._Element) -> str:
        """Return one inline element, without its tail."""
        tag = str(each.tag)
        writer = self._writers.get(tag)
        if writer is not None:
            return self.anchor(each) + writer(each)
        content = self._content(each)
        if tag in _EMPHASIS and content.strip():
            content = _around(content, f"\x02{_EMPHASIS[tag]}\x04", f"\x03{_EMPHASIS[tag]}\x04")
        # A reader of footnotes raises their numbers itself.
        elif tag in _AS_HTML and not (len(each) == 1 and note_of(each[0]) in self._notes):
            title = each.get("title")
            attribute = f' title="{in_attribute(title)}"' if title and tag == "abbr" else ""
            start, end = f"<{tag}{attribute}>", f"</{tag}>"
            content = self._shield.piece(start) + content + self._shield.piece(end)
        return self.anchor(each) + content

    def anchor(self, each: etree._Element) -> str:
        """Return a place to link to, where something does."""
        name = each.get("id")
        if not name or name not in self._anchors:
            return ""
        return self._shield.piece(f'<a id="{in_attribute(name)}"></a>')

    def settled(self, run: str) -> str:
        """Return the run as the start of a block."""
        return self._shield.started(self._signed(run))

    def _signed(self, run: str) -> str:
        """Return the run with Markdown's signs for emphasis where a reader would take them for
        that (CommonMark §6.2), and HTML where not."""
        if "\x02" not in run:
            return self._shield.parted(run)
        parts = _EDGE.split(run)
        pairs: list[tuple[int, int]] = []
        unclosed: list[int] = []
        for at in range(1, len(parts), 2):
            if parts[at][0] == "\x02":
                unclosed.append(at)
            else:
                pairs.append((unclosed.pop(), at))
        pairs.sort()
        signed: dict[int, bool] = {}
        around: list[tuple[int, str]] = []
        for start, end in pairs:
            sign = _SIGNS[parts[start][1:-1]]
            while around and around[-1][0] < start:
                around.pop()
            nested = any(other[0] == sign[0] for _, other in around)
            signed[start] = signed[end] = (
                # Two signs side by side would be read as one.
                not (not parts[start - 1] and signed.get(start - 2, False))
                and not (not parts[end + 1] and signed.get(end + 2, False))
                and bool(parts[start + 1])
                and bool(parts[end - 1])
                and not (nested and sign == "~~")
                and self._flanked(parts, start, end, nested=nested)
            )
            if signed[start]:
                around.append((end, sign))
        for start, end in pairs:
            name = parts[start][1:-1]
            sign = _SIGNS[name]
            opening, closing = (sign, sign) if signed[start] else (f"<{name}>", f"</{name}>")
            parts[start], parts[end] = self._shield.piece(opening), self._shield.piece(closing)
        return self._shield.parted("".join(parts))

    def _flanked(self, parts: list[str], start: int, end: int, *, nested: bool) -> bool:
        """Return whether the signs can open and close, and within emphasis of the same sign
        whether the first can do nothing but open."""
        edge = self._shield.edge
        inner, final = edge(parts[start + 1], last=False), edge(parts[end - 1], last=True)
        # With no text between, the neighbour is a mark that has become HTML.
        outer = edge(parts[start - 1], last=True) or (">" if start > 1 else "")
        following = edge(parts[end + 1], last=False) or ("<" if end + 2 < len(parts) else "")
        could_close = _flanks(outer, inner)
        return _flanks(inner, outer) and _flanks(final, following) and not (nested and could_close)

    def _content(self, each: etree._Element) -> str:
        content = [self.text(each.text)]
        for part in each:
            content += (self.element(part), self.text(part.tail))
        return "".join(content)

    def _link(self, each: etree._Element) -> str:
        note = note_of(each)
        if note in self._notes:
            return self._shield.piece(f"[^{note}]")
        content = self._content(each)
        href = each.get("href")
        if not href:
            return content
        if not content.strip():
            # A link without words could be neither seen nor followed.
            content = self.text(href)
        end = self._shield.piece(f"]({destination(href)}{_title(each)})")
        return _around(self._shield.linked(content), self._shield.piece("["), end)

    def _picture(self, each: etree._Element) -> str:
        if each.tag == "svg":
            text = " ".join("".join(map(str, each.itertext())).split())
            alt, source, title = text or each.get("aria-label"), self._drawing(each), ""
        else:
            alt, source, title = each.get("alt"), each.get("src") or "", _title(each)
        if not source:
            return self.text(alt)
        address = _of_picture(destination(source))
        return self._shield.piece(f"![{in_attribute(alt or '')}]({address}{title})")

    def _code(self, each: etree._Element) -> str:
        stored = "".join(map(str, each.itertext()))
        text = " ".join(stored.split())
        # In a cell a bar ends even code (GFM §4.10).
        cell = next(each.iterancestors("td", "th"), None) is not None
        if each.get("class") == "tex" and text:
            block = each.get("data-math-style") == "display"
            maths = formula(stored, block=block, cell=cell)
            if maths is not None:
                before, after = apart(each)
                return self._shield.piece(f"{before}{maths}{after}")
        elif len(each):
            start, end = self._shield.piece("<code>"), self._shield.piece("</code>")
            return start + self._content(each) + end
        self._shield.has_code = True
        unread = next(each.iterancestors("details"), None) is not None
        return self._shield.piece(code_span(text, cell=cell, unread=unread)) if text else ""


def broken(run: str) -> str:
    """Return the run as the converter takes it: its line breaks as elements, none at its ends."""
    run = run.strip(" \n")
    return re.sub(r" *\n *", "<br>", run) if "\n" in run else run


def destination(address: str) -> str:
    """Return an address as a link's destination (CommonMark §6.3): nothing in it ends it
    early, and nothing in it is an entity or a template's sign."""
    encoded = re.sub(
        r"[\x00-\x20\x7f<>()\"\\`{}|^$]|\s",
        lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode()),
        address,
    )
    # A lone per cent, of which two would be a comment to Obsidian, is "%25" to every browser.
    encoded = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", encoded)
    return re.sub(r"&(?=#|\w+;)", "&amp;", encoded)


def _of_picture(destination: str) -> str:
    """Return the address of a picture; pandoc would frame the page of one that ends in .html,
    and not where its dot is a reference (RFC 3986 §6.2.2.2)."""
    ending = re.match(r"([^?#]*)\.(\w+)(?=[?#]|$)", destination)
    if ending is None or ending[2].lower() in _PICTURES:
        return destination
    return f"{ending[1]}%2E{destination[ending.start(2) :]}"


def code_span(text: str, *, cell: bool = False, unread: bool = False) -> str:
    """Return inline code (CommonMark §6.1); as HTML where a template engine would take it for
    its own, where kramdown and Python-Markdown leave Markdown ``unread``, and where a bar would
    end the ``cell``: pandoc and Python-Markdown show a backslash before it."""
    acts = _ACTS_IN_CODE.search(text) or _QUERY.match(text)
    if acts or (cell and "|" in text) or (unread and _ACTS_AS_TEXT.search(text)):
        return f"<code>{in_element(text)}</code>"
    ticks = "`" * (max(map(len, re.findall(r"`+", text)), default=0) + 1)
    padded = f" {text} " if text[0] == "`" or text[-1] == "`" else text
    return f"{ticks}{padded}{ticks}"


def code_block(each: etree._Element) -> str:
    """Return a ``pre``: fenced (CommonMark §4.5); as HTML where it holds links, what a template
    engine would take for its own even in code, or in a list or quote, where Python-Markdown
    and kramdown see no fences, what would act as text."""
    text = "".join(map(str, each.itertext()))
    acts = _ACTS_AS_TEXT.search(text) is not None
    nested = next(each.iterancestors("li", "blockquote", "dd", "details"), None) is not None
    if (
        _ACTS_IN_CODE.search(text)
        or (nested and (acts or _BEGINS_A_BLOCK.search(text)))
        or next(each.iter("a", "img"), None) is not None
    ):
        return inert(each)
    # Kramdown itself, without GitHub's dialect, knows tildes only.
    sign = "~" if acts else "`"
    fence = sign * max(3, max(map(len, re.findall(f"{sign}+", text)), default=0) + 1)
    language = re.sub(r"[^\w+#.-]", "", language_of(each))
    return f"{fence}{language}\n{text.removesuffix(chr(10))}\n{fence}"


def language_of(block: etree._Element) -> str:
    """Return the language of a block of code as the author calls it; "" where none is known."""
    code = block.find("code")
    word = "" if code is None else code.get("class") or ""
    return word.removeprefix("language-") or block.get("data-language") or ""


def inert(each: etree._Element) -> str:
    """Return an element and all it holds as HTML on one line, which Markdown leaves alone."""
    tag = str(each.tag)
    attributes = "".join(
        f' {name}="{in_attribute(str(value))}"'
        for name, value in each.attrib.items()
        if name in _ATTRIBUTES and not (name == "class" and tag == "code")
    )
    if tag == "pre" and (language := language_of(each)):
        attributes += f' lang="{in_attribute(language)}"'
    if tag in {"br", "hr", "img", "col", "wbr"}:
        return f"<{tag}{attributes} />"
    content = in_element(each.text or "") + "".join(
        inert(part) + in_element(part.tail or "") for part in each
    )
    return f"<{tag}{attributes}>{content}</{tag}>"


def linked_ids(root: etree._Element) -> frozenset[str]:
    """Return the ids that links of the same body lead to, notes aside."""
    return frozenset(
        (each.get("href") or "")[1:]
        for each in root.iter("a")
        if (each.get("href") or "").startswith("#")
        and each.get("role") not in {"doc-noteref", "doc-backlink"}
    )


def referred_notes(root: etree._Element) -> frozenset[str]:
    """Return the names of the notes that something refers to."""
    return frozenset(note for each in root.iter("a") if (note := note_of(each)) is not None)


def note_of(each: etree._Element) -> str | None:
    """Return the name of the note that a reference leads to; None for any other link."""
    href = each.get("href") or ""
    return note_name(href[1:]) if each.get("role") == "doc-noteref" and href[:1] == "#" else None


def note_name(identity: str | None) -> str:
    """Return the name of a note: "1" for the id "fn-1"."""
    return re.sub(r"[^A-Za-z0-9-]", "-", (identity or "").removeprefix("fn-")) or "0"


_ACTS_IN_CODE = re.compile(r"\{[{%#!]|#\}|<%|%>|%%|-8<-")
"""What begins or ends something for those who read a file before Markdown does, code and all:
Liquid, Hugo, Nunjucks; Templater and ERB; Obsidian's comments; files that MkDocs includes."""
_ACTS_AS_TEXT = re.compile(r"<[A-Za-z/!?]|&#?\w{1,40};|\{ *[:.#@=]|\{[^{}\n]*=|\][(\[:]|\[\^|\[TOC")
"""What code holds of tags, references, attributes, links and notes, for those who take it for
text …"""
_BEGINS_A_BLOCK = re.compile(r"^ *(?:```|~~~|!!!|:::)", re.MULTILINE)
"""… and of blocks, for those who see no fences in lists and quotes."""
_QUERY = re.compile(r"\$?=|r |\{\w+\} ")
"""How inline code begins that Obsidian's Dataview, knitr and Quarto run."""
_PICTURES = words("apng avif bmp gif ico jfif jpeg jpg png svg tif tiff webp")
_ATTRIBUTES = words(
    "alt colspan rowspan scope href src title lang dir width height start span display"
)


def _around(content: str, start: str, end: str) -> str:
    """Return the content between two marks, white space at its ends left outside."""
    bare = content.strip(" \n")
    if not bare:
        return content
    before, _, after = content.partition(bare)
    return before + start + bare + end + after


def _flanks(near: str, far: str) -> bool:
    """Return whether a sign between these characters can open towards the near one, or close
    what it ends; "" is the end of the run."""
    if not near or near.isspace():
        return False
    return (
        unicodedata.category(near)[0] not in "PS"
        or not far
        or far.isspace()
        or unicodedata.category(far)[0] in "PS"
    )


def _title(each: etree._Element) -> str:
    title = each.get("title")
    if not title or not title.strip():
        return ""
    return f' "{in_attribute(title)}"'
