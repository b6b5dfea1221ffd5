"""Programming languages as class attributes spell them, to Pygments' name for them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

from convert.content.tree import classes
from convert.content.vocabulary import names
from convert.text.late import Late

if TYPE_CHECKING:
    from pygments import lexers
else:
    lexers = Late("pygments.lexers")

_PREFIXED = re.compile(
    r"(?:language|lang|highlight-source|highlight-text|highlight|brush|src|sourcecode|codehilite)"
    r"[-_:=](?P<name>[\w+#.-]+)"
)
_OTHER_NAMES = {
    "gdscript3": "gdscript",
    "golang": "go",
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
)
_SHORT = names("c d r go sh js ts cs py rb vb pl hs rs ml kt fs cpp c++ css php xml sql")
"""Programming languages whose names in a ``lang`` attribute are taken as such; other short
values are the languages that people speak."""
_DATA = ("data-lang", "data-language", "data-enlighter-language", "data-code-language")


def language_of(*elements: etree._Element) -> str | None:
    """Return Pygments' first alias for the language that the first of these elements names;
    None where none does, or names one that Pygments does not know."""
    for each in elements:
        # What the element may mean to name, the surest first.
        candidates = [value for name in _DATA if (value := each.get(name))]
        words = classes(each)
        for word, following in zip(words, [*words, ""][1:], strict=True):
            if word in {"brush:", "lang:"}:
                candidates.append(following)
            elif match := _PREFIXED.fullmatch(word.rstrip(";")):
                candidates.append(match["name"])
        if each.tag in {"pre", "code"}:
            spoken = (each.get("lang") or "").lower()
            if len(spoken) > 3 or spoken in _SHORT:
                candidates.append(spoken)
            candidates += words
        elif "sourcecode" in words:
            candidates += words
        for candidate in candidates:
            if alias := known_alias(candidate):
                return alias
    return None


def known_alias(name: str) -> str | None:
    """Return "ocaml" for "OCaml", "common-lisp" for "lisp"; None for what Pygments lacks."""
    plain = name.strip().lower().rstrip(";")
    plain = _OTHER_NAMES.get(plain, plain)
    return None if plain in _NO_LANGUAGE else _aliases().get(plain)


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    # Without plug-ins: what is installed beside us must not shape a prepared entry.
    return {
        alias.lower(): aliases[0]
        for _, aliases, _, _ in lexers.get_all_lexers(plugins=False)
        if aliases
        for alias in aliases
    }
