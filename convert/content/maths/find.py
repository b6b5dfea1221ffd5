"""Formulas become MathML that keeps its TeX, whichever tool of the web had them.

Recognised are KaTeX, MathJax 2 and 3, ``script type="math/tex"``, MathML with or without TeX,
the images of TeX that WordPress and others make, elements that say they hold TeX, and TeX
between delimiters in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

from convert.content.draft import Draft
from convert.content.maths import asciimath, katex, mathjax
from convert.content.maths.commands import only_typesets
from convert.content.maths.plain import find_in_text
from convert.content.maths.tex import Display, formula, is_deep, try_formula, with_tex
from convert.content.tree import (
    classes,
    drop,
    emerge,
    inside,
    is_blank,
    listed,
    lone,
    new,
    replace,
    selector,
    text_of,
)
from convert.content.vocabulary import HEADINGS, PHRASING, PHRASING_ONLY

_HINTS = cast(
    "Callable[[etree._Element], bool]",
    etree.XPath(
        "boolean(.//math or .//script"
        " or .//@class[contains(., 'katex') or contains(., 'math') or contains(., 'Math')"
        " or contains(., 'mjx') or contains(., 'MJX') or starts-with(., 'stem')]"
        " or .//*[@data-math-style or @data-tex or @data-latex or @data-equation or @data-formula"
        " or @data-math or @data-value]"
        " or .//img[contains(@src, 'tex') or contains(@src, 'math') or contains(@src, 'cht=tx')"
        " or contains(@src, 'codecogs') or contains(@class, 'tex') or contains(@class, 'formula')])"
    ),
)
"""Whether any element has to do with formulas: only where one of ``_CUES`` stands in the markup."""
_CUES = ("<math", "<script", "<img", "data-", "katex", "math", "mjx", '"stem')
_KATEX = selector(
    ".//span[contains(concat(' ', normalize-space(@class), ' '), ' katex ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' katex-display ')]"
)
_RENDERED = selector(
    ".//*[self::span or self::div][contains(@class, 'MathJax') or contains(@class, 'mjx-chtml')"
    " or contains(@class, 'MJX')]"
)
_REFUSED = selector(".//span[contains(@class, 'katex-error')]")
_SCRIPTS = selector(".//script[starts-with(@type, 'math/')]")
_MARKED = selector(
    ".//*[self::span or self::div or self::p or self::code or self::pre]"
    "[contains(@class, 'math') or @data-math-style or code[contains(@class, 'math')]]"
)
_IMAGES = selector(
    ".//img[contains(@src, 'latex') or contains(@src, 'cht=tx') or contains(@src, 'equation?tex=')"
    " or contains(@src, 'codecogs') or contains(@src, 'math')"
    " or contains(@src, 'tex.cgi') or contains(@src, 'upmath') or contains(@class, 'latex')"
    " or contains(@class, 'tex') or contains(@class, 'formula') or contains(@class, 'math')"
    " or contains(@class, 'ql-img')] | .//div[contains(@class, 'math')]//img"
)
_STATED = selector(
    ".//*[self::span or self::div or self::p][@data-tex or @data-latex or @data-equation"
    " or @data-formula or @data-math or @data-value]"
)
_TEX_ENCODINGS = frozenset({"application/x-tex", "tex", "latex", "text/x-tex", "text/x-latex"})
_STYLED = re.compile(r"\{?\\(?:displaystyle|textstyle)\b\s*(.*)", re.DOTALL)
_SIZED = re.compile(r"^(?:\s*\\(?:inline|large|huge|small|dpi\{\d+\}|bg_\w+|fn_\w+)(?![a-z]))+\s*")
"""What codecogs.com reads as the look of its picture."""
_LIKE_TEX = re.compile(r"[\\^_{}=+<>|]|^\w{1,2}$")
_OF_TEX = frozenset(
    {"latex", "tex", "org-latex", "ql-img-inline-formula", "ql-img-displayed-formula"}
    | {"ql-img-displayed-equation"}
)
_HOLDERS = (PHRASING | PHRASING_ONLY | {"center", "font"}) - {"a", "summary"}


def mark(tree: etree._Element, draft: Draft) -> None:
    """Give each formula the form of docs/prepared-markup.md."""
    if draft.holds(*_CUES) and _HINTS(tree):
        for _, select, rewrite in TOOLS:
            for element in select(tree):
                rewrite(element)
    if draft.holds("$", "\\", "[/"):
        find_in_text(tree, draft.options.dollar_math)
    for maths in reversed(listed(tree, "math")):  # so that each parts only what is before it
        if maths.get("display") != "block":
            continue
        # A formula that stands alone leaves the paragraph; where it cannot, it runs along.
        if inside(maths, "a", *HEADINGS, "summary", "code", "pre"):
            maths.set("display", "inline")
        else:
            emerge(maths, _HOLDERS, draft.note)


def unpack(rendered: etree._Element) -> None:
    """Replace what KaTeX or MathJax drew by the MathML that it holds; without any it stays."""
    if rendered.getparent() is None:
        return
    maths = next(rendered.iter("math"), None)
    if maths is None and rendered.get("data-mathml"):
        maths = _parsed(rendered.get("data-mathml") or "")
    if maths is None:
        drawn = rendered.find(".//span[@class='katex-html']")
        maths = katex.read(drawn) if drawn is not None else mathjax.read(rendered)
    if maths is None:
        return
    if "display" in " ".join(classes(rendered)):
        maths.set("display", "block")
    maths.tail = None
    replace(rendered, maths)


def _parsed(markup: str) -> etree._Element | None:
    """Return the ``math`` of markup that was kept as text, or None where it is none."""
    # Twenty times the longest TeX: more is no formula that a page would show.
    if len(markup) > 100_000:
        return None
    plain = re.sub(r'\sxmlns(?::\w+)?="[^"]*"', "", markup)
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(plain, parser)  # noqa: TID251 - an attribute of strangers
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if root.tag != "math" or is_deep(root) else root


def read_script(script: etree._Element) -> None:
    """Take ``<script type="math/tex; mode=display">``, and drop what MathJax drew of it before."""
    before = script.getprevious()
    while before is not None and is_blank(before.tail):
        if not any(name.startswith(("mathjax", "mjx")) for name in classes(before)):
            break
        drawn, before = before, before.getprevious()
        drop(drawn)
    display: Display = "block" if "display" in (script.get("type") or "") else "inline"
    kind = (script.get("type") or "").lower()
    if "mml" in kind:
        maths = _parsed(text_of(script).strip())
        if maths is not None:
            replace(script, maths)
    elif "asciimath" in kind:
        # AsciiMath is no TeX: nothing here reads it, so it is shown as it was typed.
        replace(script, new("code", text_of(script).strip()))
    else:
        # kramdown hides its TeX from XML parsers in a CDATA section behind a comment of TeX.
        tex = re.sub(r"^% <!\[CDATA\[|%\s*\]\]>$", "", text_of(script).strip()).strip()
        if tex:
            replace(script, formula(tex, display))


def read_image(image: etree._Element) -> None:
    """Turn an image of TeX into the formula; MediaWiki has one beside its MathML, which goes."""
    tex = _tex_of_image(image)
    if tex is None:
        return
    names = " ".join(classes(image))
    if "mwe-math-fallback" in names:
        before = image.getprevious()
        if before is not None and next(before.iter("math"), None) is not None:
            drop(image)
            return
    parent = image.getparent()
    tex, delimited = _undelimited(tex)
    alone = (
        parent is not None
        and parent.tag in {"p", "div", "center"}
        and lone(parent) is not None
        and not text_of(parent).strip()
    )
    styled = _STYLED.fullmatch(tex) or "display" in names or image.get("eeimg") == "2"
    in_block = alone and (styled or delimited in {"\\[", "$$"} or _is_in_maths(image))
    displayed = in_block or "displayed" in names
    maths = try_formula(_unstyled(tex), "block" if displayed else "inline")
    if maths is not None:
        replace(image, maths)


def _tex_of_image(image: etree._Element) -> str | None:
    """Return the TeX that an image shows: from its address, else from the alt text."""
    src = image.get("src") or ""
    try:
        parts = urlsplit(src)
    except ValueError:
        return None
    host = parts.hostname or ""
    for name in ("latex", "chl", "math", "from", "tex"):
        values = parse_qs(parts.query).get(name)
        # latex.php?latex=… (WordPress), chart?cht=tx&chl=… (Google) and their like.
        if values and ("tex" in src or "math" in src or "cht=tx" in src):
            return values[0]
    # These take the TeX as the whole query, without a name, or as the end of the path.
    if "codecogs.com" in host or parts.path.endswith(("mimetex.cgi", "mathtex.cgi")):
        tex = _SIZED.sub("", unquote(parts.query))
    elif host.endswith("upmath.me"):
        tex = unquote(parts.path.rpartition("/")[2])
    else:
        tex = _described(image)
    return tex or None


def _described(image: etree._Element) -> str:
    """Return the TeX that the alt text of an image is."""
    alt = (image.get("alt") or "").strip()
    names = classes(image)
    if not _OF_TEX.isdisjoint(names) or any("mwe-math" in one for one in names):
        return alt
    in_maths = "math" in names or _is_in_maths(image)
    return alt if in_maths and _LIKE_TEX.search(alt) else ""


def _is_in_maths(image: etree._Element) -> bool:
    """Tell whether an image is all that a block for formulas holds (Sphinx)."""
    above = image.getparent()
    if above is not None and above.tag == "p" and lone(above) is not None:
        above = above.getparent()
    return (
        above is not None
        and above.tag == "div"
        and "math" in classes(above)
        and lone(above) is not None
        and not text_of(above).strip()
    )


def _undelimited(tex: str) -> tuple[str, str]:
    """Return what is between the delimiters of a formula, and the first; "" where it has none."""
    text = tex.strip()
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$")):
        if (
            text.startswith(opening)
            and text.endswith(closing)
            and len(text) > len(opening) + len(closing)
        ):
            return text[len(opening) : -len(closing)], opening
    return text, ""


def _unstyled(tex: str) -> str:
    """Return ``x`` of ``{\\displaystyle x}``: display is an attribute here."""
    plain = tex.strip()
    styled = _STYLED.fullmatch(plain)
    if styled is None:
        return plain
    inner = styled[1].rstrip()
    return inner[:-1].rstrip() if plain.startswith("{") and inner.endswith("}") else inner


def read_marked(marked: etree._Element) -> None:
    """Turn the text of an element whose class says TeX (GitHub, GitLab, remark, Pandoc)."""
    names = classes(marked)
    code = marked[0] if marked.tag == "pre" and len(marked) == 1 else None
    if code is not None and code.tag == "code":
        names += classes(code)
    elif len(marked):
        return
    text = text_of(marked).strip()
    fenced = marked.tag in {"pre", "code"}
    says_so = {"language-math", "math-inline", "math-display", "js-render-math"} & {*names}
    if not text or not (says_so or marked.get("data-math-style") or "math" in names):
        return
    if fenced and not (says_so or marked.get("data-math-style")):
        return
    block = marked.tag in {"pre", "div"} or any("display" in name for name in names)
    display: Display = "block" if block or marked.get("data-math-style") == "display" else "inline"
    text, delimited = _undelimited(text)
    if delimited in {"\\[", "$$"}:
        display = "block"
    if says_so or delimited or marked.get("data-math-style") or re.search(r"[\\^_{]", text):
        if marked.tag == "code" and inside(marked, "pre"):
            return
        replace(marked, formula(text, display))


def read_stated(holder: etree._Element) -> None:
    """Take the formula that an attribute states, where the element shows nothing or draws it."""
    names = " ".join([*classes(holder), holder.get("data-type") or "", str(holder.tag)])
    named = ("data-tex", "data-latex", "data-equation", "data-formula", "data-math")
    stated = map(holder.get, named)
    tex = next(filter(None, stated), "")
    if not tex and ("math" in names or "formula" in names):
        tex = holder.get("data-value") or ""
    # Quill puts U+FEFF on both sides of what it draws.
    shown = text_of(holder).strip().strip("\ufeff")
    if tex and (not shown or any(word in names for word in ("math", "equation", "ql-formula"))):
        block = holder.tag in {"div", "p"} or "block" in names or "display" in names
        plain, delimited = _undelimited(tex)
        replace(holder, formula(plain, "block" if block or delimited == "\\[" else "inline"))


def read_refused(refused: etree._Element) -> None:
    """Turn what KaTeX could not read and another tool can."""
    maths = try_formula(text_of(refused), "inline")
    if maths is not None:
        replace(refused, maths)


def normalise(maths: etree._Element) -> None:
    """Put the presentation of a ``math`` in one ``mrow``, and TeX beside it where it is known."""
    if inside(maths, "math", "pre", "code") or maths.getparent() is None:
        return
    block = "block" in {maths.get("display"), maths.get("mode")} or maths.get("mode") == "display"
    display: Display = "block" if block else "inline"
    stated = [
        text_of(each)
        for each in maths.iter("annotation")
        if (each.get("encoding") or "").lower() in _TEX_ENCODINGS
    ]
    alt = maths.get("alttext") or ""
    # What is no TeX tells the formula in words.
    if re.search(r"[\\^_{]", alt) or _signs(alt) == _signs("".join(map(text_of, _shown(maths)))):
        stated.append(alt)
    # MediaWiki's {\displaystyle x} is x; a style that an author wrote stays.
    stated = [_unstyled(each) if each.lstrip().startswith("{") else each.strip() for each in stated]
    stated = [each for each in stated if each]
    # What MathML shows is harmless, whatever an annotation beside it would do.
    tex = next(filter(only_typesets, stated), None)
    _keep_loose_text(maths)
    shown = _shown(maths)
    if not shown:
        if stated:
            replace(maths, formula(tex or stated[0], display))
        else:
            drop(maths)
        return
    for annotation in listed(maths, "annotation", "annotation-xml"):
        drop(annotation)
    row = shown[0] if len(shown) == 1 and shown[0].tag == "mrow" else None
    if row is None:
        row = new("mrow")
        row.extend(shown)
    row.tail = None
    if tex is not None:
        plain = with_tex(row, tex, display)
    else:
        plain = new("math", display=display)
        plain.extend(shown if shown[0].getparent() is row and row not in shown else [row])
    for name in ("id", "dir"):
        if maths.get(name):
            plain.set(name, str(maths.get(name)))
    replace(maths, plain)


def _keep_loose_text(maths: etree._Element) -> None:
    """Make an element of each text between the parts of a formula."""
    if not len(maths) and (text := (maths.text or "").strip()):
        # MediaWiki's own element of this name holds TeX.
        turned = try_formula(text, "inline") if re.search(r"[\\^_{=+]|^\w$", text) else None
        maths.text = None
        maths.extend(list(turned) if turned is not None else [new("mtext", text)])
        return
    for above in (maths, *maths.iterchildren("semantics")):
        if not is_blank(above.text):
            above.insert(0, new("mtext", above.text))
            above.text = None
        for each in list(above):
            if not is_blank(each.tail):
                words, each.tail = each.tail, None
                each.addnext(new("mtext", words))


def _shown(maths: etree._Element) -> list[etree._Element]:
    semantics = maths[0] if len(maths) == 1 and maths[0].tag == "semantics" else maths
    return [part for part in semantics if part.tag not in {"annotation", "annotation-xml"}]


def _signs(text: str) -> str:
    return "".join(text.replace("−", "-").split())


Select = Callable[[etree._Element], list[etree._Element]]

TOOLS: tuple[tuple[str, Select, Callable[[etree._Element], None]], ...] = (
    ("KaTeX", _KATEX, unpack),
    ("scripts", _SCRIPTS, read_script),
    ("MathJax 2", _RENDERED, unpack),
    ("images", _IMAGES, read_image),
    ("marked text", _MARKED, read_marked),
    ("attributes", _STATED, read_stated),
    ("AsciiMath", asciimath.find, asciimath.read),
    ("errors of KaTeX", _REFUSED, read_refused),
    ("MathML", lambda tree: listed(tree, "math"), normalise),
)
"""Where elements hold formulas, and what is made of each, one tool after the other."""
