"""Programming languages as class attributes spell them, to Pygments' name for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from convert.content.code.dialects import WRAPPERS
from convert.content.tree import classes
from convert.content.vocabulary import names
from convert.text.late import Late

if TYPE_CHECKING:
    from pygments import lexers
else:
    lexers = Late("pygments.lexers")

_PREFIXED = re.compile(
    r"(?P<how>language|lang|highlight-source|highlight-text|highlight|brush|src|sourcecode"
    r"|codehilite|hl|type)[-_:=](?P<name>[\w+#.-]+)(?:[:{(\[,;].*)?"
)
_SURE = frozenset({"language", "lang", "brush", "highlight-source", "src"})
"""What stands before the name of a language and of nothing else, at a block of code."""
_PARAMETERS = re.compile(r"\bbrush\s*:\s*([\w+#.-]+)")
_WORD = re.compile(r"[a-z0-9][a-z0-9+#._-]{0,39}")
_OTHER_NAMES = {
    "gdscript3": "gdscript",
    "golang": "go",
    "html-basic": "html",
    "ipython3": "python",
    "jscript": "javascript",
    "ml": "ocaml",
    "objective-ocaml": "ocaml",
    "plpgsql": "postgresql",
    "py3": "python",
    "shellsession": "shell-session",
    "viml": "vim",
    "c++": "cpp",
}
_NO_LANGUAGE = frozenset(
    {"text", "plain", "plaintext", "output", "none", "raw", "default", "code", "highlight"}
    | {"generic", "nohighlight", "no-highlight", "undefined", "null", "auto", "unknown", "txt"}
)
_SHORT = names("c d r go sh js ts cs py rb vb pl hs rs ml kt fs cpp c++ css php xml sql")
"""Programming languages whose names in a ``lang`` attribute are taken as such; other short
values are the languages that people speak."""
_DRAWN = names("mermaid plantuml d2 wavedrom ditaa nomnoml markmap")
"""Languages of diagrams, which are known though Pygments knows them not."""
_HIGHLIGHTERS = frozenset({"hljs", "sourcecode"})
"""Classes beside which one other word is the language."""
_DATA = ("data-lang", "data-language", "data-enlighter-language", "data-code-language")


class Language(NamedTuple):
    """What the author calls a language, and what Pygments does, where it knows it."""

    word: str
    alias: str | None


def language_of(*elements: etree._Element) -> Language | None:
    """Return the language that the first of these elements names: the first that Pygments knows,
    else the first that can be nothing else."""
    unknown = None
    for each in elements:
        for candidate, sure in _candidates(each):
            language = called(candidate)
            if language is None:
                continue
            if language.alias is not None or language.word in _DRAWN:
                return language
            if sure and unknown is None:
                unknown = language
    return unknown


def _candidates(each: etree._Element) -> Iterator[tuple[str, bool]]:
    """Yield what an element may mean to name, the surest first, and whether it can mean nothing
    else."""
    is_block = each.tag in {"pre", "code"}
    for name in _DATA:
        if value := each.get(name):
            yield value, is_block
    if parameters := each.get("data-syntaxhighlighter-params"):
        yield from ((name, True) for name in _PARAMETERS.findall(parameters))
    words = classes(each)
    is_wrapper = is_block or not WRAPPERS.isdisjoint(words)
    for word, following in zip(words, [*words, ""][1:], strict=True):
        if word in {"brush:", "lang:"}:
            yield following, is_block
        elif (match := _PREFIXED.fullmatch(word.rstrip(";"))) and (
            match["how"] != "type" or "blob-wrapper" in words
        ):
            yield match["name"], is_wrapper and match["how"] in _SURE
    if is_block:
        spoken = (each.get("lang") or "").lower()
        if len(spoken) > 3 or spoken in _SHORT:
            yield spoken, False
    if is_block or "sourcecode" in words or (each.tag == "figure" and "highlight" in words):
        is_lone = len(words) == 2 and not _HIGHLIGHTERS.isdisjoint(words)
        yield from ((word, is_lone and word not in _HIGHLIGHTERS) for word in words)


@lru_cache(maxsize=1024)
def called(name: str) -> Language | None:
    """Return the language of this name; None where it says that there is none, or is no name."""
    word = name.strip().lower().rstrip(";")
    if word in _NO_LANGUAGE or _WORD.fullmatch(word) is None:
        return None
    return Language(word, known_alias(word))


def known_alias(name: str) -> str | None:
    """Return "ocaml" for "OCaml", "common-lisp" for "lisp"; None for what Pygments lacks."""
    plain = name.strip().lower().rstrip(";")
    plain = _OTHER_NAMES.get(plain, plain)
    return None if plain in _NO_LANGUAGE else _aliases().get(plain)


def is_label(text: str, language: Language | None) -> bool:
    """Tell whether a text says nothing but which language it is: "JavaScript" for ``js``."""
    if language is None:
        return False
    said = text.strip().lower()
    if said == language.word:
        return True
    alias = known_alias(said) or _titles().get(said)
    return alias is not None and alias == language.alias


@lru_cache(maxsize=1)
def _titles() -> dict[str, str]:
    return {
        name.lower(): aliases[0]
        for name, aliases, _, _ in lexers.get_all_lexers(plugins=False)
        if aliases
    }


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    # Without plug-ins: what is installed beside us must not shape a prepared entry.
    return {
        alias.lower(): aliases[0]
        for _, aliases, _, _ in lexers.get_all_lexers(plugins=False)
        if aliases
        for alias in aliases
    }
