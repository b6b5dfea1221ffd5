"""The words by which highlighters, blogs and their plug-ins call what stands in and around code."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from convert.content.tree import classes, text_of
from convert.content.vocabulary import names

WRAPPERS = names(
    "chroma code-block code-block-container code-block-wrapper code-frame code-toolbar"
    " code-wrapper codeblock codehilite coderay codecontent cnblogs_code crayon-syntax"
    " dp-highlighter expressive-code gatsby-highlight hljs highlight highlighter-rouge"
    " js-code-highlight listingblock sourcecode src-block syntaxhighlighter org-src-container"
    " theme-code-block vp-adaptive-theme wp-block-code wp-block-syntaxhighlighter-code"
    " literal-block-wrapper line-numbers-mode"
)
"""Boxes around blocks of code."""
CODE_CLASSES = WRAPPERS | names(
    "code prettyprint programlisting src screen literal-block crayon-plain mermaid ql-syntax brush:"
)
NUMBERS = re.compile(r"\s*\d{1,6}(?:\s+\d{1,6})*\s*")
_NUMBERED = re.compile(
    r"(?:^|\s)(?:\S*[_-])?(?:blob-num|crayon-nums?(?:-content)?|gl|gutter|hljs-ln-numbers|ln|lnt"
    r"|line-?(?:no|nos|nr|num|nums|number|numbers)(?:-rows|-wrapper|_\w+)?|linenodiv"
    r"|pre-numbering|react-syntax-highlighter-line-number|codelinenumber_\w+)(?=\s|$)"
)
_NO_SELECTION = re.compile(r"(?:^|[\s;-])user-select\s*:\s*none", re.IGNORECASE)
_MONOSPACE = re.compile(
    r"\bfont(?:-family)?\s*:[^;]*(?:mono|courier|consolas|menlo|monaco|fixedsys|source code"
    r"|fira code|lucida console)",
    re.IGNORECASE,
)
_UNSELECTABLE = names("select-none user-select-none no-select noselect unselectable")
_POPUP = re.compile(
    r"(?:^|\s)(?:twoslash-(?:popup|completion)-\S+|v-popper__popper|error-behind)(?=\s|$)"
)
_LABEL = re.compile(r"(?:^|[\s_-])label(?=[\s_-]|$)")
_TELLS_LANGUAGE = re.compile(r"(?:^|[\s_-])(?:lang|language)(?=[\s_-]|$)|codelang|codelanguage")
_NAMING = re.compile(r"title|file|name|caption|path|tab")
_TOOLS = re.compile(
    r"tool|copy|copied|clipboard|button|btn|action|panel|tooltip|feedback|(?:^|\s)(?:bar|menu)"
    r"(?=\s|$)"
)
_COPY = names(
    "copy copy! copied copied! kopieren kopiert kopiert! copier copié copié! copiar copiado"
    " copiado! copia copiato copiato! kopiëren kopiera kopiuj kopyala копировать скопировано"
    " 复制 复制代码 已复制 拷贝 複製 複製代碼 コピー コピーしました 복사 복사됨"
)
_COPY_MORE = re.compile(
    r"(?:(?:click|tap) to copy|cop(?:y|ied) ?(?:the |this )?(?:code|snippet|text|command)?"
    r"(?: to (?:the |your )?clipboard)?[!.]?|toggle (?:word|line|text) ?wrap|wrap(?: lines)?"
    r"|expand(?: code)?|collapse(?: code)?|(?:enter|exit) fullscreen(?: mode)?"
    r"|view (?:plain|source)|open in new window|print)"
)


@lru_cache(maxsize=4096)
def is_numbered(words: str) -> bool:
    """Tell whether a class attribute calls line numbers."""
    return _NUMBERED.search(words.lower()) is not None


def is_unselectable(words: str | None, style: str | None) -> bool:
    """Tell whether what has these attributes cannot be selected, and so not be copied."""
    if style and _NO_SELECTION.search(style):
        return True
    return bool(words) and not _UNSELECTABLE.isdisjoint((words or "").lower().split())


@lru_cache(maxsize=4096)
def is_suspect(words: str | None, style: str | None) -> bool:
    """Tell whether what has these attributes may be no code: most spans have the same few."""
    named = words or ""
    return is_numbered(named) or is_popup(named) or is_unselectable(words, style)


@lru_cache(maxsize=4096)
def is_popup(words: str) -> bool:
    """Tell whether a class attribute calls what is shown over code while a pointer is there."""
    return _POPUP.search(words.lower()) is not None


def is_column(text: str) -> bool:
    """Tell whether a text is nothing but numbers, or nothing."""
    return not text.strip() or text.replace(" ", "").isdecimal() or bool(NUMBERS.fullmatch(text))


def is_called_language(each: etree._Element) -> bool:
    """Tell whether the class of an element says that it names the language."""
    return _TELLS_LANGUAGE.search(" ".join(classes(each))) is not None


def is_called_label(each: etree._Element) -> bool:
    """Tell whether an element is called a label, which may name the language."""
    return is_called_language(each) or _LABEL.search(" ".join(classes(each))) is not None


def is_called_name(each: etree._Element) -> bool:
    """Tell whether an element is called the title of a block of code, or its file."""
    return each.tag == "figcaption" or _NAMING.search(" ".join(classes(each))) is not None


def is_called_tool(each: etree._Element) -> bool:
    """Tell whether an element is called a tool for its readers."""
    return _TOOLS.search(" ".join(classes(each))) is not None


def says_copy(each: etree._Element) -> bool:
    """Tell whether an element says what only a button does, such as "Copied!"."""
    said = " ".join(text_of(each).lower().split())
    return said in _COPY or bool(_COPY_MORE.fullmatch(said))


def is_monospace(each: etree._Element) -> bool:
    """Tell whether an element is set in a font for code."""
    if each.tag == "code" or "font-mono" in classes(each):
        return True
    return _MONOSPACE.search(each.get("style") or "") is not None


def is_folding(summary: etree._Element) -> bool:
    """Tell whether a summary only says how many lines it folds."""
    parent = summary.getparent()
    return parent is not None and "ec-section" in classes(parent)


def is_counting(each: etree._Element) -> bool:
    """Tell whether an element inside of code holds the numbers of its lines."""
    counts = is_numbered(each.get("class") or "") or each.get("data-line-number") is not None
    # Org puts a colon after each, others a dot or a bar.
    return counts and each.tag not in {"td", "th"} and is_column(text_of(each).rstrip(" :.|"))


def count_up(numbers: list[str]) -> bool:
    """Tell whether these are numbers that follow one another, from any."""
    if not all(each.isascii() and each.isdecimal() and len(each) < 7 for each in numbers):
        return False
    return all(int(each) == int(numbers[0]) + at for at, each in enumerate(numbers))
