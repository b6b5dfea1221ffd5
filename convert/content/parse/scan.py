"""The first look at raw markup: linear in time, before any parser sees it.

An HTML parser's work can grow with the square of what it is given: deep nests, formatting
that is never closed and opens again in each paragraph, thousands of attributes.  ``scan``
takes away the tags (never the text) that would make it so, and settles what the parsers
after it would read differently from a browser: raw text, comments, CDATA, elements of SVG
and MathML that stand outside of ``svg`` and ``math``.
"""

from __future__ import annotations

import dataclasses
import functools
import html
import re
from collections import Counter
from collections.abc import Collection

from convert.content.draft import TOO_DEEP, Note, note_nothing
from convert.content.parse import nontags
from convert.content.parse.attributes import LONG, NOWHERE, carried, rewritten
from convert.content.parse.limits import (
    MAX_FORMATTING,
    MAX_OPEN,
    MAX_REOPENED,
    WEIGHT,
    is_shallow,
)
from convert.content.parse.tokens import PLAIN_NAMES, PLAIN_TAG, SAYS, TOKEN
from convert.content.vocabulary import (
    DRAWN_LABEL,
    FORMATTING,
    HTML,
    KNOWN_HTML,
    MATHML,
    MATHML_TOKENS,
    OPTIONAL_END,
    OTHER_NAMES,
    OWN,
    RAW_TEXT,
    SHEET,
    SKIPPED,
    SVG_CASE,
    TEX_SCRIPT,
    UNREADABLE,
    VOID,
)

MAX_TAGS = 400_000

_SHORT_TAG = 200
_MOST_NAMED = 5
_CODE = re.compile(r"[{}();=]")
_FIRST_WORDS = 80
"""Characters by which prose is told from a program, or from a style."""
_CHARACTERS = re.compile(r"<!\[CDATA\[|\]\]>")
_DOCUMENT = re.compile(r"<(?:html|head)[\s>]", re.IGNORECASE)
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in RAW_TEXT | SKIPPED}
_SEEN = frozenset({"plaintext", "textarea", "title", "xmp"})
_MATHS_TYPE = re.compile(r"""\btype\s*=\s*["']?\s*math/""", re.IGNORECASE)


def scan(markup: str, note: Note = note_nothing, *, xml: bool = False) -> str:
    """Return markup that any HTML parser reads in linear time, and as a browser would.

    ``note`` is told what had to go for that.
    With ``xml``, ``<p/>`` is an empty element and the line break after ``<pre>`` is text.
    """
    if not xml:
        # In most entries all tags are well known, plainly written and well nested: to see that
        # there is nothing to settle is many times faster than to scan.
        tags = PLAIN_TAG.findall(markup)
        plain = len(tags) == markup.count("<") < MAX_TAGS and PLAIN_NAMES.issuperset(tags)
        if plain and not NOWHERE.search(markup) and is_shallow(tags, len(markup)):
            return markup
    scanning = _Scan(markup, xml)
    result = scanning.run()
    for reason in scanning.notes:
        note(reason)
    return result


@dataclasses.dataclass
class _Scan:
    markup: str
    xml: bool
    out: list[str] = dataclasses.field(default_factory=list)
    open: list[str] = dataclasses.field(default_factory=list)
    formatting: dict[str, list[int]] = dataclasses.field(default_factory=dict)
    """Open formatting elements by name: what each weighs when it is opened again."""
    unclosed: int = 0
    """How many they are."""
    weight: int = 0
    """What all of them weigh."""
    dropped: Counter[str] = dataclasses.field(default_factory=Counter)
    reopened: int = 0
    """Formatting elements that parsers opened again in new blocks, so far, at most."""
    foreign: str = ""
    """"svg" or "math" while inside of one."""
    notes: dict[str, None] = dataclasses.field(default_factory=dict)
    """What had to go, each once."""
    label: int = 0
    """How many elements are open around the HTML of a ``foreignObject``, with it; 0 outside."""
    endless: set[str] = dataclasses.field(default_factory=set)
    """Names that no end tag has from here on."""

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """All names that stand in tags."""
        return nontags.written(self.markup)

    @functools.cached_property
    def is_document(self) -> bool:
        """Whether this is a whole page, whose title is none of its text."""
        return _DOCUMENT.search(self.markup) is not None

    def run(self) -> str:
        markup, out = self.markup, self.out
        at = tags = 0
        search = TOKEN.search
        while token := search(markup, at):
            start, at = token.span()
            if start > (last := token.pos):
                out.append(markup[last:start])
            name = token["name"]
            if name is None:
                if token["nothing"]:
                    # Such as <?php, </3 or a declaration of XML, which are to be seen.
                    out.append(f"&lt;{token['nothing']}")
                elif token["cdata"]:
                    out.append(html.escape(token["cdata"], quote=False))
                elif token["endless"] is not None:
                    self._leave_out("a comment", markup[start + len("<!--") :])
                continue
            tags += 1
            if tags > MAX_TAGS:
                self.notes[f"more than {MAX_TAGS:,} tags; what follows is only its text"] = None
                continue
            rest = token["plain"] if token["plain"] is not None else token["odd"]
            named = f"{token['end']}{name.lower()}"
            # A tag that the end of an excerpt cuts off is one.
            is_cut = token["close"] == "" and len(rest.split()) < 2
            is_html = name.lower() in HTML
            is_markup = self.xml or self.foreign or (is_html and (not rest or is_cut))
            if not is_markup and nontags.is_text(named, rest, self._beside(token, is_html)):
                # Markup may begin in what has no end where it should.
                short = at - start <= _SHORT_TAG and token["close"] != ""
                out.append("&lt;" if short else html.escape(token[0], quote=False))
                at = start + 1 if short else at
                continue
            if token["close"] == "":
                continue
            if token["end"]:
                self._end(name.lower())
            else:
                at = self._start(name.lower(), token, at)
        out.append(markup[at:])
        return "".join(out)

    def _beside(self, token: re.Match[str], is_html: bool) -> Collection[str]:
        """Return the names of what may be the other half of a tag: in code none of a bare one."""
        name, end, (start, at) = token["name"], token["end"], token.span()
        if is_html or not self.is_code or (end and f"/{name.lower()}" not in self.names):
            return self.names
        # One of somebody's own shows nothing there where nothing is in it.
        is_empty = self.markup.startswith(f"</{name}>", start if end else at)
        is_empty = is_empty and (not end or self.markup.endswith(f"<{name}>", 0, start))
        return self.names if "-" in name and not is_empty else self.open

    @property
    def is_code(self) -> bool:
        """Whether what follows stands in a program."""
        return "pre" in self.open or bool(self.formatting.get("code"))

    def _leave_out(self, what: str, text: str) -> None:
        if re.search(r"\w", text):
            self.notes[f"{what} that nothing ends; what follows is left out"] = None

    def _start(self, name: str, token: re.Match[str], at: int) -> int:
        """Write a start tag, where it may stay; return where to read on."""
        if self.foreign and not self.label:
            self._leave_foreign(name)
        if name in _RAW_END and not (name == "title" and self.foreign):
            return self._raw(name, token, at)
        name = OTHER_NAMES.get(name, name)
        if not (self._known(name) or (self.label and name in KNOWN_HTML)):
            # Two cards of somebody's own beside each other are two words, but in code.
            is_next = "-" in name and self.markup.endswith(f"</{name}>", 0, token.start())
            if name == "option" or (is_next and not self.is_code):
                self.out.append(" ")
            if name != "option" and not self.foreign:
                self._own(name, token)
            return at
        rest = token["plain"]
        if rest is None or len(rest) > LONG:
            rest = rewritten(rest if rest is not None else token["odd"], self.notes)
        if name == "a":
            rest = NOWHERE.sub(rf"\1{UNREADABLE}", rest)
        closed = rest.endswith("/")
        if self.label or (self.foreign == "svg" and name == "foreignobject"):
            self._label(name, rest)
            return at
        if name in VOID or (closed and (self.foreign or name in {"svg", "math"})):
            self.out.append(f"<{name}{rest}>")
        elif closed and self.xml:
            self.out.append(f"<{name}{rest[:-1]}></{name}>")
        elif self._may_open(name, 1 + len(rest) // WEIGHT):
            self.out.append(f"<{name}{rest}>")
            if name == "pre" and self.xml and self.markup.startswith("\n", at):
                self.out.append("\n")
        return at

    def _own(self, name: str, token: re.Match[str]) -> None:
        """Write an element of somebody's own that says something: by an attribute, or its name."""
        written = token["plain"] if token["plain"] is not None else token["odd"]
        if not nontags.says(name, written):
            if len(self.notes) < _MOST_NAMED:
                self.notes |= dict.fromkeys(nontags.strange(name, is_code=self.is_code))
        elif written.endswith("/") or name in VOID:
            self.out.append(f"<{carried(name, written, self.notes)}></{OWN}>")
        elif self._may_open(name, 1 + len(written) // WEIGHT):
            self.out.append(f"<{carried(name, written, self.notes)}>")

    def _label(self, name: str, rest: str) -> None:
        """Open an element of a drawing's label, or the label, written as one of SVG."""
        tag = "tspan" if self.label else "g"
        if len(self.open) >= MAX_OPEN:
            self.dropped[name] += 1
            self.notes[TOO_DEEP] = None
            return
        self.out.append(f'<{tag} {DRAWN_LABEL}="{name}"{rest.rstrip("/")}>')
        if name in VOID or (self.xml and rest.endswith("/")):
            self.out.append(f"</{tag}>")
        else:
            self.open.append(name)
            self.label = self.label or len(self.open)

    def _end_label(self, name: str) -> None:
        """End an element of a label; the label, where the drawing around it goes on."""
        if name not in self.open[0 if name in SVG_CASE else self.label - 1 :]:
            return
        while len(self.open) >= self.label:
            opened = self.open.pop()
            self.out.append("</tspan>" if len(self.open) >= self.label else "</g>")
            if opened == name:
                break
        if len(self.open) < self.label:
            self.label = 0
            if name != "foreignobject":
                self._end(name)

    def _shown(self, name: str, rest: str, text: str) -> str:
        """Return what is seen of an element whose content is no markup."""
        if name == "textarea" and not self.foreign:
            return f"<textarea{rest}>{text.replace('<', '&lt;')}</textarea>"
        if name == "textarea" or (name == "title" and not self.is_document):
            return text.replace("<", "&lt;")
        if name in {"xmp", "plaintext"}:
            return f"<pre>\n{html.escape(text, quote=False)}</pre>"
        return html.escape(text, quote=False) if name == "iframe" and "src" not in rest else ""

    def _script(self, rest: str, text: str) -> None:
        """Write a script that has TeX in it, or leads to what it would show."""
        if _MATHS_TYPE.search(rest):
            inside = text if self.xml else html.escape(text, quote=False)
            self.out.append(f"<{TEX_SCRIPT}{rest}>{inside}</{TEX_SCRIPT}>")
        elif not self.foreign:
            self.out.append(f"<{carried('script', rest, self.notes)}></{OWN}>")

    def _sheet(self, text: str) -> None:
        """Write a style sheet, which may be one of drawings."""
        text = html.unescape(_CHARACTERS.sub("", text)) if self.foreign or self.xml else text
        tag = "metadata" if self.foreign else SHEET  # no other may stand in a drawing
        self.out.append(f'<{tag} {DRAWN_LABEL}="style">{html.escape(text, quote=False)}</{tag}>')

    def _known(self, name: str) -> bool:
        if self.foreign == "svg":
            return name in SVG_CASE or name == "foreignobject"
        if self.foreign == "math":
            return name in MATHML
        return name in KNOWN_HTML

    def _may_open(self, name: str, weight: int) -> bool:
        if name in FORMATTING and not self.foreign:
            if self.unclosed >= MAX_FORMATTING:
                self.dropped[name] += 1
                reason = f"more than {MAX_FORMATTING} elements such as <{name}> inside one another"
                self.notes[f"{reason}; the inner ones are only their text"] = None
                return False
            self.formatting.setdefault(name, []).append(weight)
            self.unclosed += 1
            self.weight += weight
        elif name not in OPTIONAL_END:
            self._reopen()
            if len(self.open) >= MAX_OPEN:
                self.dropped[name] += 1
                self.notes[TOO_DEEP] = None
                return False
            self.open.append(name)
            if name in {"svg", "math"}:
                self.foreign = self.foreign or name
        else:
            self._reopen()
        return True

    def _reopen(self) -> None:
        """Count what a parser opens again in a new element; close it where that is too much."""
        if not self.unclosed:
            return
        self.reopened += self.weight
        if self.reopened > MAX_REOPENED:
            names = ", ".join(f"<{name}>" for name in sorted(self.formatting))
            reason = (
                f"{names} that nothing closes would open again more than {MAX_REOPENED:,} times"
            )
            self.notes[f"{reason}; closed"] = None
            for name, opened in sorted(self.formatting.items()):
                self.out.append(f"</{name}>" * len(opened))
            self.formatting.clear()
            self.unclosed = self.weight = 0

    def _end(self, name: str) -> None:
        name = OTHER_NAMES.get(name, name)
        if self.dropped[name]:
            self.dropped[name] -= 1
            return
        if name == "template" and self.is_code:
            self.out.append("&lt;/template&gt;")
        if self.label:
            self._end_label(name)
            return
        if self.foreign and name not in self.open:
            return  # a browser would leave the picture at </p>
        if name in FORMATTING and not self.foreign:
            if opened := self.formatting.get(name):
                self.weight -= opened.pop()
                self.unclosed -= 1
        elif name in self.open:
            while self.open.pop() != name:
                pass
            if self.foreign and self.foreign not in self.open:
                self.foreign = ""
        elif name not in OPTIONAL_END and name != "br":
            return
        self.out.append(f"</{name if self.foreign or self._known(name) else OWN}>")

    def _leave_foreign(self, name: str) -> None:
        """End ``svg`` or ``math`` before an element of HTML, as browsers do (§13.2.6.5)."""
        if self._known(name) or name in RAW_TEXT | SKIPPED or name not in KNOWN_HTML:
            return
        if self.foreign == "math" and self.open[-1] in MATHML_TOKENS:
            return  # HTML inside a token of MathML: its tags go, its text stays
        outermost = self.open.index(self.foreign)
        for each in reversed(self.open[outermost:]):
            self.out.append(f"</{each}>")
            self.dropped[each] = 0
        del self.open[outermost:]
        self.foreign = ""

    def _raw(self, name: str, token: re.Match[str], at: int) -> int:
        """Write what is to stay of an element whose content is no markup; return where it ends."""
        written = token["plain"] if token["plain"] is not None else token["odd"]
        rest = rewritten(written, self.notes)
        if name == "iframe":
            self.out.append(f"<iframe{rest.rstrip('/')}></iframe>")
        # Browsers show a template that is the inside of an element around it.
        if (self.xml and rest.endswith("/")) or (name == "template" and "shadowroot" in rest):
            return at
        if name == "template" and self.is_code:
            self.out.append("&lt;")
            return token.start() + 1
        if name == "plaintext" and not self.xml:
            self.endless.add(name)
        end = None if name in self.endless else _RAW_END[name].search(self.markup, at)
        if end is None:
            self.endless.add(name)
            is_bare = name in {"script", "style", "title"} and not rest.strip()
            if is_bare and not _CODE.search(self.markup, at, at + _FIRST_WORDS):
                self.out.append("&lt;")
                return token.start() + 1
        text = self.markup[at : end.start() if end else len(self.markup)]
        if name == "script" and "=" in rest:
            self._script(rest, text)
        elif name == "style" and "svg" in self.names:
            self._sheet(text)
        else:
            self.out.append(self._shown(name, rest, text))
            if end and name in SKIPPED and not self.foreign and SAYS.search(text):
                self.notes[f"what stands in <{name}> is shown by no browser; left out"] = None
        if end is None:
            if name not in _SEEN and not _MATHS_TYPE.search(rest):
                self._leave_out(f"<{name}>", text)
            return len(self.markup)
        return self.markup.find(">", end.end()) + 1 or len(self.markup)
